package digests

import (
	"cmp"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is the block of disputes: what became of them, and how long that took.

// disputesBlock is two tables among all figures.
var disputesBlock = Block{
	Name:  caseRowsName,
	Early: true, // the week's line names those settled
	How: []cards.Definition{
		{Label: "Disputes", How: "by the date they were opened. Upheld and declined were ruled by people; what ended by silence says nothing " +
			"of the lead. Answered, closed: business hours from the opening; nine of ten is the 90th percentile."},
	},
	Gather: Maker.disputes,
	Figures: func(d Maker, s *Study) []chat.Block {
		return cards.DisputesBecame(s.Disputes.view(within(d.period(s.Query), s.Trail)), d.period(s.Query), s.Trail.span())
	},
	Counts: func(d Maker, s *Study) []figure {
		p := within(d.period(s.Query), s.Trail)
		return []figure{disputed("answered", s.Disputes.Answer.N, p), disputed("closed", s.Disputes.Close.N, p)}
	},
	Rows: Maker.caseRows,
}

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
	Name                                                         string
	Opened, Upheld, Declined, Lapsed, Withdrawn, Open, Escalated int // escalated ones are among the others too
}

// add counts a case by its outcome, "" while it is open.
func (t *DisputeTally) add(outcome truce.DisputeOutcome, escalated bool) {
	t.Opened++
	if escalated {
		t.Escalated++
	}
	switch outcome {
	case truce.NoOutcome:
		t.Open++
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
	if !s.Withheld.Marketing {
		b.Answer = times(answer)
	}
	if !s.Withheld.Any() { // both sides' time is in it
		b.Close = times(closing)
	}
	if b.ByReason = tallies(reasons); !s.people["source"] {
		b.BySource = tallies(sources)
	}
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

func (b DisputeStudy) view(p cards.Period) cards.DisputesView {
	rows := func(key string, list []DisputeTally) (rows []cards.DisputeRow) {
		for _, t := range list {
			rows = append(rows, cards.DisputeRow{Arg: p.Arg("n", caseRowsName, key, t.Name), Name: t.Name, Opened: t.Opened, Upheld: t.Upheld,
				Declined: t.Declined, Lapsed: t.Lapsed,
				Withdrawn: t.Withdrawn, Open: t.Open, Escalated: t.Escalated})
		}
		return rows
	}
	return cards.DisputesView{Reasons: rows("y", b.ByReason), Sources: rows("s", b.BySource), Answer: cards.TimesView(b.Answer),
		Close: cards.TimesView(b.Close)}
}
