package digests

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/schedules/stats"
	"truce/storage"
)

// This file computes the blocks that go by their own dates: disputes, promises, what was heard, what was earned.

// DisputeStudy is the cases of a stretch of time. Times are in business hours.
type DisputeStudy struct {
	Opened, Upheld, Declined, Lapsed, Withdrawn, Escalated int // dated in the period
	Open                                                   int // at its end
	Answer, Close                                          Times
	ByReason, BySource                                     []DisputeTally // the most cases first
}

// Times are durations of one kind: how many, the median and the 90th percentile, in hours.
type Times struct {
	N            int
	Median, High float64
}

// DisputeTally is what became of the cases of one reason or source that were opened in the trailing 13 weeks. Upheld and Declined
// were ruled by people; Lapsed ended by somebody's silence.
type DisputeTally struct {
	Name                                                   string
	Opened, Upheld, Declined, Lapsed, Withdrawn, Escalated int
}

// add counts a case by its outcome, "" while it is open.
func (t *DisputeTally) add(outcome truce.DisputeOutcome, escalated bool) {
	t.Opened++
	if escalated {
		t.Escalated++
	}
	switch outcome {
	case truce.NoOutcome:
	case truce.Upheld:
		t.Upheld++
	case truce.Declined:
		t.Declined++
	case truce.Withdrawn, truce.KeptByOwner:
		t.Withdrawn++
	default:
		t.Lapsed++
	}
}

func (d Maker) disputes(tx *storage.Tx, s *Study) error {
	lines, err := tx.DisputeLines(s.Trail.From, s.AsOf.Add(time.Millisecond))
	if err != nil {
		return err
	}
	var answer, closing []float64
	reasons, sources := map[string]*DisputeTally{}, map[string]*DisputeTally{}
	b := &s.Disputes
	known := func(t time.Time) bool { return !t.IsZero() && !t.After(s.AsOf) }
	within := func(t, from time.Time) bool { return known(t) && !t.Before(from) && t.Before(s.To) }
	for _, l := range lines {
		if within(l.OpenedAt, s.From) {
			b.Opened++
			if l.Escalated {
				b.Escalated++
			}
		}
		if !known(l.ClosedAt) {
			b.Open++
		}
		if within(l.OpenedAt, s.Trail.From) {
			outcome := truce.NoOutcome
			if known(l.ClosedAt) {
				outcome = truce.DisputeOutcome(l.Outcome)
			}
			for m, name := range map[*map[string]*DisputeTally]string{&reasons: l.Reason.Info().Label, &sources: truce.SourceName(l.Source)} {
				if (*m)[name] == nil {
					(*m)[name] = &DisputeTally{Name: name}
				}
				(*m)[name].add(outcome, l.Escalated)
			}
		}
		if within(l.AnsweredAt, s.Trail.From) {
			answer = append(answer, d.Calendar.Between(l.OpenedAt, l.AnsweredAt).Hours())
		}
		if within(l.ClosedAt, s.Trail.From) {
			closing = append(closing, d.Calendar.Between(l.OpenedAt, l.ClosedAt).Hours())
		}
		if !within(l.ClosedAt, s.From) {
			continue
		}
		if !l.Escalated && (l.Outcome == "upheld" || l.Outcome == "declined") {
			s.Settled++
		}
		switch l.Outcome {
		case "upheld":
			b.Upheld++
		case "declined":
			b.Declined++
		case "withdrawn", "kept": // neither was left to Marketing
			b.Withdrawn++
		default:
			b.Lapsed++ // upheld or declined by nobody's decision
		}
	}
	b.Answer, b.Close = times(answer), times(closing)
	b.ByReason, b.BySource = tallies(reasons), tallies(sources)
	return nil
}

func times(hours []float64) Times {
	t := Times{N: len(hours)}
	t.Median, _ = stats.Median(hours)
	t.High, _ = stats.Quantile(hours, 0.9)
	return t
}

func tallies(m map[string]*DisputeTally) []DisputeTally {
	var list []DisputeTally
	for _, t := range m {
		list = append(list, *t)
	}
	slices.SortFunc(list, func(a, b DisputeTally) int {
		return cmp.Or(cmp.Compare(b.Opened, a.Opened), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func (b DisputeStudy) view() cards.DisputesView {
	rows := func(list []DisputeTally) (rows []cards.DisputeRow) {
		for _, t := range list {
			rows = append(rows, cards.DisputeRow(t))
		}
		return rows
	}
	return cards.DisputesView{Reasons: rows(b.ByReason), Sources: rows(b.BySource), Answer: cards.TimesView(b.Answer), Close: cards.TimesView(b.Close)}
}

// PromiseStudy is how a side kept promises of one kind in the trailing 13 weeks: kept of due, by the date they were due.
type PromiseStudy struct {
	Side   truce.Side
	Kind   string
	Kept   stats.Proportion
	Past   stats.Proportion // the 13 weeks before
	Target float64          // 0: none was promised
	ByDay  [7]stats.Proportion
	Worst  int // the weekday (Sunday is 0) that stands out below all others, by the day the promise began; -1: none
}

// promised are the promises of a summary, in its order. A rating is asked for and cannot be broken.
var promised = []struct {
	side truce.Side
	kind string
}{{truce.Sales, "touch"}, {truce.Sales, "verdict"}, {truce.Sales, "reply"}, {truce.Sales, "evidence"}, {truce.Sales, "ruling"}, {truce.Marketing, "answer"},
	{truce.Marketing, "ruling"}, {"sponsor", "ruling"}}

func (d Maker) promises(tx *storage.Tx, s *Study) error {
	lines, err := tx.PromiseLines(s.TrailPast.From, s.To)
	if err != nil {
		return err
	}
	type key struct {
		side truce.Side
		kind string
	}
	found := map[key]*PromiseStudy{}
	for _, l := range lines {
		kept, due := keptAt(l, s.AsOf)
		if !due {
			continue
		}
		k := key{l.Side, l.Kind}
		if found[k] == nil {
			found[k] = &PromiseStudy{Side: l.Side, Kind: l.Kind, Target: d.Targets.InTimeShare, Worst: -1}
		}
		p := found[k]
		if l.DueAt.Before(s.Trail.From) {
			p.Past.N++
			p.Past.K += kept
			continue
		}
		p.Kept.N++
		p.Kept.K += kept
		day := &p.ByDay[l.StartedAt.In(d.loc()).Weekday()]
		day.N++
		day.K += kept
	}
	for _, k := range promised {
		p := found[key(k)]
		if p == nil || p.Kept.N == 0 {
			continue
		}
		var rows []stats.Row
		var days []int
		for day, r := range p.ByDay {
			if r.N > 0 {
				rows, days = append(rows, stats.Row{Total: r}), append(days, day)
			}
		}
		if t := stats.CompareRows(stats.MinRate, rows); t.Lowest.Row >= 0 && t.Lowest.Order == stats.OrderHolds && rows[t.Lowest.Row].Total.N >= stats.MinCompare {
			p.Worst = days[t.Lowest.Row]
		}
		s.Promises = append(s.Promises, *p)
	}
	return nil
}

// keptAt is how a promise stood at a moment: kept or not, if it was due by then at all.
func keptAt(l storage.PromiseLine, asOf time.Time) (kept int, due bool) {
	ended := !l.Ended.IsZero() && !l.Ended.After(asOf) && l.Result != ""
	switch {
	case ended && l.Result == "kept":
		return 1, true
	case ended && (l.Result == "late" || l.Result == "lapsed"):
		return 0, true
	case ended:
		return 0, false // paused, or not owed any more
	case l.Ended.IsZero() && l.Result != "":
		return 0, false
	}
	return 0, l.DueAt.Before(asOf)
}

// HeardStudy is what the field heard.
type HeardStudy struct {
	Volume, Past int // objections in the period and in the one before
	New          []storage.ThemeHeard
	Rising       []RisingTheme
	Stuck        []Reasoned // why leads are stuck, from three accounts on
	Messages     []Reasoned // what resonates: used with Accounts, of which MovedOn took the next step
}

// RisingTheme is a theme heard more often per listener than four weeks before.
type RisingTheme struct {
	storage.ThemeHeard
	Before int
	Ratio  float64
}

// Reasoned is a note's text with the accounts it came from.
type Reasoned struct {
	Text              string
	Accounts, MovedOn int
}

func (d Maker) heard(tx *storage.Tx, s *Study) error {
	h := &s.Heard
	end := s.To
	if last := s.AsOf.Add(time.Millisecond); end.After(last) {
		end = last
	}
	day := d.Calendar.Date(end)
	back := func(days int) time.Time { return day.Add(-days).At(0, d.loc()) }
	now, err := tx.ThemesHeard(back(stats.RisingPeriodDays), end)
	if err != nil {
		return err
	}
	before, err := tx.ThemesHeard(back(2*stats.RisingPeriodDays), back(stats.RisingPeriodDays))
	if err != nil {
		return err
	}
	listeners, err := tx.Loggers(back(stats.RisingPeriodDays), end)
	if err != nil {
		return err
	}
	listened, err := tx.Loggers(back(2*stats.RisingPeriodDays), back(stats.RisingPeriodDays))
	if err != nil {
		return err
	}
	was := map[string]storage.ThemeHeard{}
	for _, t := range before {
		was[t.ID] = t
	}
	for _, t := range now {
		if !t.First.Before(s.From) && t.First.Before(s.To) {
			h.New = append(h.New, t)
			continue
		}
		a := stats.Heard{Accounts: t.Accounts, Reps: t.Reps, Loggers: listeners}
		b := stats.Heard{Accounts: was[t.ID].Accounts, Reps: was[t.ID].Reps, Loggers: listened}
		if stats.Rising(a, b) {
			ratio, _, _ := stats.RateRatio(a, b)
			h.Rising = append(h.Rising, RisingTheme{t, was[t.ID].Accounts, ratio})
		}
	}
	if list, err := tx.Objections(s.From, minTime(s.To, end)); err != nil {
		return err
	} else {
		h.Volume = len(list)
	}
	if list, err := tx.Objections(s.Before.From, s.Before.To); err != nil {
		return err
	} else {
		h.Past = len(list)
	}
	return d.notes(tx, s, end)
}

// Rising are the themes heard at more accounts per active logger in the 28 days before at than in the 28 days before those, by
// the test of package stats. It satisfies handlers.Rising.
func Rising(tx *storage.Tx, at time.Time) (map[string]bool, error) {
	from, before := at.AddDate(0, 0, -stats.RisingPeriodDays), at.AddDate(0, 0, -2*stats.RisingPeriodDays)
	now, err := tx.ThemesHeard(from, at)
	if err != nil {
		return nil, err
	}
	was, err := tx.ThemesHeard(before, from)
	if err != nil {
		return nil, err
	}
	listeners, err := tx.Loggers(from, at)
	if err != nil {
		return nil, err
	}
	listened, err := tx.Loggers(before, from)
	if err != nil {
		return nil, err
	}
	rising := map[string]bool{}
	for _, t := range now {
		past := stats.Heard{Loggers: listened}
		for _, w := range was {
			if w.ID == t.ID {
				past.Accounts, past.Reps = w.Accounts, w.Reps
			}
		}
		rising[t.ID] = stats.Rising(stats.Heard{Accounts: t.Accounts, Reps: t.Reps, Loggers: listeners}, past)
	}
	return rising, nil
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// notes gathers the field notes of the trailing 13 weeks that say the same.
func (d Maker) notes(tx *storage.Tx, s *Study, end time.Time) error {
	list, err := tx.FieldNotes(s.Trail.From, end)
	if err != nil {
		return err
	}
	type said struct {
		text     string
		accounts map[string]time.Time // when first said of the account
	}
	gathered := map[truce.NoteKind]map[string]*said{truce.NoteStuck: {}, truce.NoteResonates: {}}
	for _, n := range list {
		m := gathered[n.Kind]
		account := truce.FoldAccount(n.Account)
		if m == nil || account == "" {
			continue
		}
		key := truce.FoldAccount(n.Text)
		if m[key] == nil {
			m[key] = &said{n.Text, map[string]time.Time{}}
		}
		if _, ok := m[key].accounts[account]; !ok {
			m[key].accounts[account] = n.CreatedAt
		}
	}
	for kind, m := range gathered {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			r := Reasoned{Text: m[key].text, Accounts: len(m[key].accounts)}
			if r.Accounts < manyAccounts {
				continue
			}
			if kind == truce.NoteStuck {
				s.Heard.Stuck = append(s.Heard.Stuck, r)
				continue
			}
			for account, at := range m[key].accounts {
				ok, err := tx.MovedOn(account, at, s.AsOf)
				if err != nil {
					return err
				}
				if ok {
					r.MovedOn++
				}
			}
			s.Heard.Messages = append(s.Heard.Messages, r)
		}
	}
	byAccounts := func(a, b Reasoned) int {
		return cmp.Or(cmp.Compare(b.Accounts, a.Accounts), cmp.Compare(a.Text, b.Text))
	}
	slices.SortFunc(s.Heard.Stuck, byAccounts)
	slices.SortFunc(s.Heard.Messages, byAccounts)
	return nil
}
