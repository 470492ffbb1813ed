package digests

import (
	"fmt"
	"math"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is the sponsor's table: what has changed since Truce began, never because of it.

// sinceBlock is the figures of the start beside those of now.
var sinceBlock = Block{
	Name:     "since",
	Compares: true,
	Gather: func(d Maker, tx *storage.Tx, s *Study) (err error) {
		if s.base, s.hasBase, err = readBaseline(tx); err != nil {
			return err
		}
		if err := d.lived(tx, s); err != nil {
			return err
		}
		s.Rules, err = tx.RulesInForce(s.AsOf)
		return err
	},
	How: []cards.Definition{
		{Label: "Since Truce", How: "deals by the day of their close, whenever their lead came: of the year before Truce was installed, " +
			"frozen, and of the last 13 weeks before the period's end. Days to win run from the date the " +
			"first lead that the deal names qualified, and are told of deals closed once leads had been known for as long as eight of ten wins " +
			"take: before that only the fast ones name a lead. Leads won since Truce alone would be the fast ones, too. Beside each stands what it " +
			"is of; other things changed too, so it says nothing of why. Win rates inside and outside the ideal customer profile are of the leads of " +
			"a year: Sales works leads inside more, so a difference says little of the profile."},
		{Label: "Task force held", How: "meetings of the period that somebody said they were at, or of which an item was worked, of those that " +
			"were due and not cancelled. Actions: those due in the period that are done, of all due."},
	},
	Card: func(d Maker, s *Study) []chat.Block { return cards.Since(d.since(s)) },
}

// since are the sponsor's figures beside those of the baseline.
func (d Maker) since(s *Study) (facts []cards.SinceView) {
	base, has := s.base, s.hasBase
	now, p := d.baseline(s), d.period(s.Query)
	closed := p
	closed.From = d.Calendar.Date(s.To).Add(-trailDays).At(0, d.loc())
	sales := closed.Arg("n", saleRowsName)
	for _, f := range []struct {
		name string
		of   func(Baseline) string
		new  bool // there was none before Truce: 0 at the start would be no finding
		arg  string
	}{{"Median days to win, deals by their close", func(b Baseline) string { return b.closeDays() }, false, sales},
		{"Win rate, deals by their close", func(b Baseline) string { return b.winRate() }, false, sales},
		{"Cost per won deal, leads old enough to tell", func(b Baseline) string { return b.Cost }, false, ""},
		{"Repeat rate", func(b Baseline) string { return repeat(b.Repeat, b.RepeatOf) }, false, p.Arg("n", repeatRowsName)},
		{"Disputes settled without a meeting", func(b Baseline) string { return fmt.Sprint(b.Settled) }, true,
			p.Arg("n", caseRowsName, "m", "settled", "e", "1")},
		{"Rules in force", func(b Baseline) string { return fmt.Sprint(b.Rules) }, true, ""}} {
		v := cards.SinceView{Name: f.name, Arg: f.arg, Now: f.of(now)}
		if has && !f.new {
			v.Then = f.of(base)
		}
		facts = append(facts, v)
	}
	facts = append(facts, d.winsByFit(s)...)
	return append(facts, kept[lived](s).facts()...)
}

// winsByFit are the win rates inside and outside the profile in force, of the leads of a year. There was no profile at the start.
func (d Maker) winsByFit(s *Study) (facts []cards.SinceView) {
	p := kept[profileNow](s)
	if p.Version == 0 {
		return nil
	}
	for i, fit := range []truce.ICPFit{truce.InsideICP, truce.OutsideICP} {
		wins := p.Rows[i].wins()
		if wins.N == 0 {
			continue
		}
		said := share(wins).String()
		if wins.N >= stats.MinRate {
			said = measuredAs(wins)
		}
		facts = append(facts, cards.SinceView{Name: "Win rate " + string(fit) + " the ICP, leads of a year", Now: said,
			Arg: d.profileArg(s, fit)})
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
	return measuredAs(p)
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

	// By the day of the close: of the year before Truce in what is frozen, of 13 weeks in what is now.
	ClosedWon  int `json:"closed_won,omitempty"`
	ClosedLost int `json:"closed_lost,omitempty"`
	CloseDays  int `json:"close_days,omitempty"` // median of those won that name a lead
	CloseOf    int `json:"close_of,omitempty"`   // how many those are
}

// closeDays is the median days to win by close date; "" is not measured, or of fewer than ten.
func (b Baseline) closeDays() string {
	if b.CloseOf < stats.MinRate { // a median of few is nobody's
		return ""
	}
	return fmt.Sprintf("%d (%d won with a lead)", b.CloseDays, b.CloseOf)
}

// winRate is the share won of what was closed; "" is not measured.
func (b Baseline) winRate() string {
	p := stats.Proportion{K: b.ClosedWon, N: b.ClosedWon + b.ClosedLost}
	switch {
	case p.N == 0:
		return ""
	case p.N < stats.MinRate:
		return share(p).String()
	}
	return measuredAs(p)
}

// measuredAs is a rate with its interval and what it is of.
func measuredAs(p stats.Proportion) string {
	return fmt.Sprintf("%s (%s; %d of %d)", share(p), share(p).Range(), p.K, p.N)
}

// lived is what the practices have come to: the figures by close date, and the task force of the period.
type lived struct {
	closed      Baseline // its figures by close date alone
	held, due   int      // meetings
	done, acted int      // actions
	any         bool
}

// facts are the lines of the task force.
func (v *lived) facts() (list []cards.SinceView) {
	if !v.any {
		return nil
	}
	list = append(list, cards.SinceView{Name: "Task force held", Now: fmt.Sprintf("%d of %d", v.held, v.due)})
	if v.acted > 0 {
		list = append(list, cards.SinceView{Name: "Actions done of those due", Now: fmt.Sprintf("%d of %d", v.done, v.acted)})
	}
	return list
}

// lived reads the figures by close date and the task force's.
func (d Maker) lived(tx *storage.Tx, s *Study) (err error) {
	v := kept[lived](s)
	from := d.Calendar.Date(s.To).Add(-trailDays).At(0, d.loc())
	if v.closed, err = d.closedBetween(tx, s, from, s.To, s.AsOf); err != nil {
		return err
	}
	meetings, err := tx.Meetings("", s.AsOf)
	if err != nil {
		return err
	}
	for _, m := range meetings {
		if m.At.Before(s.From) || !m.At.Before(s.To) || !m.CancelledAt.IsZero() && !m.CancelledAt.After(s.AsOf) || !m.Over(s.AsOf) {
			continue
		}
		v.any = true
		v.due++
		if m.Held(s.AsOf) {
			v.held++
		}
	}
	actions, err := tx.MeetingActions("", s.AsOf)
	if err != nil {
		return err
	}
	first, end := d.Calendar.Date(s.From), d.Calendar.Date(s.To)
	for _, a := range actions {
		if a.Due.Compare(first) < 0 || a.Due.Compare(end) >= 0 || a.Dropped {
			continue
		}
		v.any = true
		v.acted++
		if !a.ClosedAt.IsZero() {
			v.done++
		}
	}
	return nil
}

// leadsKnown is since when deals can be told by how long they took: the first lead's day and the window of wins after it. Of deals closed
// earlier only those that took less could name a lead. ok is false where no lead is known.
func (d Maker) leadsKnown(tx *storage.Tx, s *Study) (since time.Time, ok bool, err error) {
	first, _, ok, err := tx.LeadSpan()
	if err != nil || !ok {
		return since, false, err
	}
	days := stats.WindowCap
	if s.Grown {
		days = s.Window
	}
	return d.Calendar.Date(first).Add(days).At(0, d.loc()), true, nil
}

// closedBetween are the deals closed in [from, to) as known at asOf.
func (d Maker) closedBetween(tx *storage.Tx, s *Study, from, to, asOf time.Time) (b Baseline, err error) {
	since, known, err := d.leadsKnown(tx, s)
	if err != nil {
		return b, err
	}
	won, err := tx.Closings(truce.Won, from, to, asOf)
	if err != nil {
		return b, err
	}
	lost, err := tx.Closings(truce.Lost, from, to, asOf)
	if err != nil {
		return b, err
	}
	b.ClosedWon, b.ClosedLost = len(won), len(lost)
	var took []float64
	for _, w := range won {
		if known && !w.LeadAt.IsZero() && !w.At.Before(w.LeadAt) && !w.At.Before(since) {
			took = append(took, float64(truce.DaysBetween(w.LeadAt, w.At, d.loc())))
		}
	}
	if days, ok := stats.Median(took); ok {
		b.CloseOf, b.CloseDays = len(took), int(math.RoundToEven(days))
	}
	return b, nil
}

func (d Maker) baseline(s *Study) Baseline {
	b := Baseline{DaysToWin: -1, Settled: s.Settled, Rules: s.Rules, Repeat: s.Repeat.K, RepeatOf: s.Repeat.N, Cost: s.Costs.perWon()}
	if n, ok := stats.DaysQuantile(s.PredictOf.Totals.dayCounts(), causeWon, 0.5); ok {
		b.DaysToWin, b.Wins = n, s.PredictOf.Totals.Won
	}
	c := kept[lived](s).closed
	b.ClosedWon, b.ClosedLost, b.CloseDays, b.CloseOf = c.ClosedWon, c.ClosedLost, c.CloseDays, c.CloseOf
	return b
}
