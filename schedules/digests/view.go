package digests

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
)

// This file puts a study into the plain values that cards show.

func (d Maker) period(r Query) cards.Period {
	return cards.Period{Kind: r.Kind, From: r.From, To: r.To, AsOf: r.AsOf, Loc: d.loc(), By: r.By, Withheld: r.Withheld}
}

// money writes the amounts of all currencies, each for itself.
func money(m map[string]int64) []string {
	var list []string
	for _, currency := range slices.Sorted(maps.Keys(m)) {
		list = append(list, truce.Money{Amount: m[currency], Currency: currency}.String())
	}
	return list
}

// roughly writes amounts in whole units of their currency, for a sentence: rounded, half to even.
func roughly(m map[string]int64) []string {
	var list []string
	for _, currency := range slices.Sorted(maps.Keys(m)) {
		list = append(list, truce.Money{Amount: m[currency], Currency: currency}.Whole().String())
	}
	return list
}

func joined(list []string) string {
	s := ""
	for i, v := range list {
		if i > 0 {
			s += ", "
		}
		s += v
	}
	return s
}

// span is the stretch of a cohort.
func (c *Cohort) span() cards.Span { return cards.Span{From: c.From, To: c.To} }

// trailing reports whether the rates rest on more than the period itself.
func (s *Study) trailing() bool { return !s.Trail.From.Equal(s.From) }

// past is what the stretch before the rates' own is called.
func (s *Study) past() string {
	switch days := int((s.Trail.To.Sub(s.Trail.From) + 12*time.Hour) / (24 * time.Hour)); days { // an hour more or less is the clocks'
	case trailDays:
		return "the 13 weeks before"
	case 364, 365, 366:
		return "the year before"
	default:
		return fmt.Sprintf("the %d days before", days)
	}
}

// known reports whether leads are known from a cohort's first day on: a count of leads that nobody imported is none.
func (s *Study) known(c *Cohort) bool {
	return !s.First.IsZero() && s.First.Before(c.From.AddDate(0, 0, 1))
}
