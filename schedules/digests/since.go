package digests

import (
	"fmt"

	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is the sponsor's table: what has changed since Truce began, never because of it.

// sinceBlock is the figures of the start beside those of now.
var sinceBlock = Block{
	Name: "since",
	Gather: func(d Maker, tx *storage.Tx, s *Study) (err error) {
		if s.base, s.hasBase, err = readBaseline(tx); err != nil {
			return err
		}
		s.Rules, err = tx.RulesInForce(s.AsOf)
		return err
	},
	Card: func(d Maker, s *Study) []chat.Block { return cards.Since(d.since(s)) },
}

// since are the sponsor's figures beside those of the baseline.
func (d Maker) since(s *Study) (facts []cards.SinceView) {
	base, has := s.base, s.hasBase
	now := d.baseline(s)
	for _, f := range []struct {
		name string
		of   func(Baseline) string
		new  bool // there was none before Truce: 0 at the start would be no finding
	}{{"Median days to win, of the leads of a year", func(b Baseline) string { return days(b.DaysToWin, b.Wins) }, false}, {"Cost per won deal", func(b Baseline) string { return b.Cost }, false},
		{"Repeat rate", func(b Baseline) string { return repeat(b.Repeat, b.RepeatOf) }, false}, {"Disputes settled without a meeting", func(b Baseline) string { return fmt.Sprint(b.Settled) }, true},
		{"Rules in force", func(b Baseline) string { return fmt.Sprint(b.Rules) }, true}} {
		v := cards.SinceView{Name: f.name, Now: f.of(now)}
		if has && !f.new {
			v.Then = f.of(base)
		}
		facts = append(facts, v)
	}
	return facts
}

// repeat is the repeat rate in words; "" is not measured.
func repeat(again, of int) string {
	if of == 0 {
		return ""
	}
	p := stats.Proportion{K: again, N: of}
	if p.N < stats.MinRate {
		return share(p).String()
	}
	return fmt.Sprintf("%s (%d of %d)", share(p), again, of)
}

// days is a median with the wins it is of; those frozen by early versions do not say.
func days(n, wins int) string {
	switch {
	case n < 0:
		return ""
	case wins == 0:
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d (%d won)", n, wins)
}

// Baseline is what the sponsor's figures were at the start, frozen.
type Baseline struct {
	DaysToWin int `json:"days_to_win"` // median among the leads won; -1 is not measured
	Wins      int `json:"wins,omitempty"`
	Settled   int `json:"settled"` // disputes that people settled between rep and Marketing
	Rules     int `json:"rules"`
	Repeat    int `json:"repeat"` // accounts that ordered again, of RepeatOf old enough
	RepeatOf  int `json:"repeat_of"`

	Cost string `json:"cost_per_won,omitempty"` // per won deal, in words; "" is not measured
}

func (d Maker) baseline(s *Study) Baseline {
	b := Baseline{DaysToWin: -1, Settled: s.Settled, Rules: s.Rules, Repeat: s.Repeat.K, RepeatOf: s.Repeat.N, Cost: s.Costs.perWon()}
	if n, ok := stats.DaysQuantile(s.PredictOf.Totals.dayCounts(), causeWon, 0.5); ok {
		b.DaysToWin, b.Wins = n, s.PredictOf.Totals.Won
	}
	return b
}
