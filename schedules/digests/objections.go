package digests

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// oddsBlock is what objections go with, among all figures.
var oddsBlock = Block{
	Name:     "odds",
	Compares: true,
	How: []cards.Definition{
		{Label: "Objections and wins", How: "accounts where an objection was logged at a stage, against accounts where the same people logged " +
			"other ones at that stage and never this one; each from its first logging on, by its first deal closed after it, over a year, from 20 " +
			"closed on each side. A difference goes with an objection and need not come of it."},
	},
	Gather:  func(d Maker, tx *storage.Tx, s *Study) (err error) { s.Odds, err = d.odds(tx, s.AsOf); return err },
	Figures: func(_ Maker, s *Study) []chat.Block { return cards.Odds(oddsViews(s.Odds)) },
}

// This file holds objections against what was sold: the win rate with an objection against that without it.

// oddsWindow is how far back of a moment objections are looked at.
const oddsWindow = 365 * 24 * time.Hour

// Heard is that a rep logged an objection at a unit: an account, or a lead of no known account.
type Heard struct {
	Theme, Stage, Rep, Unit string
	At                      time.Time
}

// Closed is that a unit bought, or did not.
type Closed struct {
	At  time.Time
	Won bool
}

// Odds is the win rate of units at which a theme was heard at a stage, against those at which it was not.
//
// Both sides are units at which the same reps logged something at that stage: those reps who, at that stage, have logged the
// theme and other ones. With: the theme; without: another one, and the theme never at all. Each is followed from the first
// such logging on, to its first close after it. So neither side is favoured by having lived long enough to be asked, by a
// stage that is nearer to the close, or by who logs at all. Units that have not closed since are in neither.
type Odds struct {
	Theme, Stage string
	Name         string // of the theme
	stats.Comparison
	held   holds // what was claimed of it at weekly looks
	lately *Held // the last of these, where it ended in the last 13 weeks
}

// OddsOf compares every theme at every stage, at the level of claims.go over those that have stats.MinCompareWins closed on
// each side; the others are left out. closes gives a unit's closes, the first one first.
func OddsOf(heard []Heard, closes func(unit string) []Closed) (list []Odds) {
	type key struct{ theme, stage string }
	type logged struct {
		Heard
		unit int
	}
	reps := map[key]map[string]bool{} // who logged a theme at a stage
	others := map[string]map[string]map[string]bool{}
	units, ends := map[string]int{}, [][]Closed{} // by number: how they closed
	had := map[string][]int{}                     // by theme: the units where it was ever heard
	at := map[string][]logged{}                   // by stage
	for _, h := range heard {
		k := key{h.Theme, h.Stage}
		if reps[k] == nil {
			reps[k] = map[string]bool{}
		}
		reps[k][h.Rep] = true
		if others[h.Stage] == nil {
			others[h.Stage] = map[string]map[string]bool{}
		}
		if others[h.Stage][h.Rep] == nil {
			others[h.Stage][h.Rep] = map[string]bool{} // themes
		}
		others[h.Stage][h.Rep][h.Theme] = true
		unit, ok := units[h.Unit]
		if !ok {
			unit = len(units)
			units[h.Unit], ends = unit, append(ends, closes(h.Unit))
		}
		had[h.Theme], at[h.Stage] = append(had[h.Theme], unit), append(at[h.Stage], logged{h, unit})
	}
	var pairs []stats.Pair
	with, without, ever := make([]time.Time, len(units)), make([]time.Time, len(units)), make([]bool, len(units)) // since when
	for _, k := range slices.SortedFunc(maps.Keys(reps), func(a,
		b key) int {
		return cmp.Or(cmp.Compare(a.theme, b.theme), cmp.Compare(a.stage, b.stage))
	}) {
		clear(with)
		clear(without)
		clear(ever)
		for _, unit := range had[k.theme] {
			ever[unit] = true
		}
		maps.DeleteFunc(reps[k], func(rep string, _ bool) bool { return len(others[k.stage][rep]) < 2 })
		for _, h := range at[k.stage] {
			side := with
			if h.Theme != k.theme {
				side = without
			}
			if (h.Theme == k.theme || !ever[h.unit]) && (side[h.unit].IsZero() || h.At.Before(side[h.unit])) && reps[k][h.Rep] {
				side[h.unit] = h.At
			}
		}
		p := stats.Pair{A: wonSince(with, ends), B: wonSince(without, ends)}
		if min(p.A.N, p.B.N) >= stats.MinCompareWins {
			list, pairs = append(list, Odds{Theme: k.theme, Stage: k.stage}), append(pairs, p)
		}
	}
	for i, c := range stats.Compare(stats.MinCompareWins, oddsP, pairs) {
		list[i].Comparison = c
	}
	slices.SortStableFunc(list, func(a, b Odds) int { return cmp.Compare(a.P, b.P) })
	return list
}

// wonSince counts, of the units that have closed since a moment (zero: those it is not asked of), those whose first close was a win.
func wonSince(since []time.Time, closes [][]Closed) (p stats.Proportion) {
	for unit, from := range since {
		if from.IsZero() {
			continue
		}
		for _, c := range closes[unit] {
			if !c.At.After(from) {
				continue
			}
			if p.N++; c.Won {
				p.K++
			}
			break
		}
	}
	return p
}

// odds compares the objections of the year before a moment, and says what was claimed at the weekly looks before it and still is so.
func (d Maker) odds(tx *storage.Tx, asOf time.Time) ([]Odds, error) {
	end := asOf.Add(time.Millisecond)
	looks := mondaysUntil(d.Calendar.Date(asOf))
	logs, err := tx.ObjectionLogs(looks.first.At(0, d.loc()).Add(-oddsWindow), end)
	if err != nil {
		return nil, err
	}
	var heard []Heard
	known := map[string][]Closed{}
	for _, l := range logs {
		unit := "account " + l.Account
		if l.Account == "" {
			unit = "lead " + l.LeadID
		}
		heard = append(heard, Heard{l.Theme, l.Stage, l.Rep, unit, l.At})
		if _, ok := known[unit]; ok {
			continue
		}
		sales, err := tx.Closes(l.Account, l.LeadID, asOf)
		if err != nil {
			return nil, fmt.Errorf("find how %s ended: %w", unit, err)
		}
		known[unit] = nil
		for _, s := range sales {
			known[unit] = append(known[unit], Closed{s.At, s.Status == "won"})
		}
	}
	at := func(end time.Time) []Odds { // of the year before a moment, by the closes before it
		first := sort.Search(len(heard), func(i int) bool { return !heard[i].At.Before(end.Add(-oddsWindow)) })
		last := sort.Search(len(heard), func(i int) bool { return !heard[i].At.Before(end) })
		return OddsOf(heard[first:last], func(unit string) []Closed {
			list := known[unit]
			return list[:sort.Search(len(list), func(i int) bool { return !list[i].At.Before(end) })]
		})
	}
	list := at(end)
	looks.holdOdds(list, func(day truce.Date) []Odds { return at(day.At(0, d.loc())) })
	names, err := tx.ThemeNames()
	for i := range list {
		list[i].Name = cmp.Or(names[list[i].Theme], list[i].Theme)
	}
	return list, err
}

// holdOdds plays over what was claimed of objections at looks.
func (m mondays) holdOdds(list []Odds, at func(day truce.Date) []Odds) {
	type key struct{ theme, stage string }
	sees := make([]map[key]seen, m.n)
	for look := range sees {
		sees[look] = map[key]seen{}
		for _, o := range at(m.at(look)) {
			sees[look][key{o.Theme, o.Stage}] = SeenOf(o.Comparison)
		}
	}
	for i := range list {
		o := &list[i]
		o.held = m.hold(func(look int, _ truce.Date) seen {
			if of, ok := sees[look][key{o.Theme, o.Stage}]; ok {
				return of
			}
			return seen{leans: stats.TooFew}
		})
		if n := len(o.held); n > 0 && o.held[n-1].Ended.Number() >= m.at(m.n-1).Number()-trailDays {
			o.lately = &o.held[n-1]
		}
		o.Verdict = o.held.verdict(o.Verdict, slightly(o.Difference))
	}
}

func oddsViews(list []Odds) (views []cards.OddsView) {
	for _, o := range list {
		v := cards.OddsView{Theme: o.Name, Stage: o.Stage, With: share(o.A), Without: share(o.B)}
		switch o.Verdict {
		case stats.Higher:
			v.Verdict = "higher"
		case stats.Lower:
			v.Verdict = "lower"
		}
		if h, ok := o.held.now(); ok {
			v.Since, v.Before = h.Since.At(0, time.UTC), h.Before
		}
		if h := o.lately; h != nil {
			v.Until = h.Ended.At(0, time.UTC)
			v.Was = &cards.Ended{Said: fmt.Sprintf("“%s” at %s went with a %s win rate", o.Name, o.Stage, higher(h.Higher)),
				Since: h.Since.At(0, time.UTC), Silent: h.Silent}
		}
		views = append(views, v)
	}
	return views
}

// Odds is the win rate with each objection against that without it, as a card.
func (d Maker) Odds(tx *storage.Tx, asOf time.Time) (chat.Card, error) {
	list, err := d.odds(tx, asOf)
	if err != nil {
		return chat.Card{}, err
	}
	return cards.ObjectionOdds(oddsViews(list)), nil
}
