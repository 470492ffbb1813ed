package digests

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is the block of the leads that stand still.

// stuckBlock is the stages of the journey map that moved: those that leads leave more slowly than 13 weeks before, the furthest with what
// reps say of leads that are stuck there, and those that they leave faster; among all figures, where open leads stand.
var stuckBlock = Block{
	Name:     "stuck",
	Compares: true,
	How: []cards.Definition{
		{Label: "Slower, faster", How: "of the leads that came to a stage of the journey map in 13 weeks, those that went on within 30 days, against " +
			"the 13 weeks before: all are of one age. It is said where chance makes a difference as large in one of ten thousand looks at most, " +
			"over all stages, and stays said, with its date, until the difference is less than five points."},
	},
	Gather: func(d Maker, tx *storage.Tx, s *Study) (err error) {
		if s.Kind != WeeklyDigest || s.Trail.Totals.Leads > workedAtOnce {
			return nil
		}
		*kept[moved](s), err = d.movedStages(tx, s.AsOf)
		return err
	},
	Card: func(d Maker, s *Study) []chat.Block {
		var list []cards.MovedView
		for _, st := range *kept[moved](s) { // none: that leads wait somewhere is so in every company
			if st.Pace == SamePace {
				continue
			}
			dated := s.dated(st.held)
			v := cards.MovedView{Since: dated.Since, Already: dated.Before, Stage: st.Name, Faster: st.Pace == FasterPace, Onward: share(st.Onward), Before: share(st.Before),
				Days: JourneyWindow}
			if len(st.Stuck) > 0 && st.Pace == SlowerPace {
				v.Why, v.Accounts = st.Stuck[0].Text, st.Stuck[0].Accounts
			}
			list = append(list, v)
		}
		return cards.Moved(d.period(s.Query), list)
	},
	Figures: func(d Maker, s *Study) []chat.Block {
		return table(cards.Standing(d.stuckViews(s), d.period(s.Query)))
	},
}

// moved are the stages that got slower, then those that got faster, the furthest first; and those of which that was said once.
type moved []StageReport

// movedStages finds them. It reads all leads.
func (d Maker) movedStages(tx *storage.Tx, asOf time.Time) (list moved, err error) {
	r, err := d.Journey(tx, asOf)
	if err != nil {
		return nil, err
	}
	for _, s := range r.Stages {
		if s.Pace != SamePace || len(s.held) > 0 {
			list = append(list, s)
		}
	}
	far := func(s StageReport) float64 { return math.Abs(s.Before.Rate() - s.Onward.Rate()) }
	slices.SortStableFunc(list, func(a, b StageReport) int { return cmp.Or(cmp.Compare(a.Pace, b.Pace), cmp.Compare(far(b), far(a))) })
	return list, nil
}

// StuckStage is the open leads at a stage, and how long they have stood there.
type StuckStage struct {
	Stage truce.Stage
	Name  string
	Leads int
	Days  float64 // median since they came there
}

// stages are the open leads by the stage they stand at and the days they have stood there.
type stages map[truce.Stage]map[int]int

func (st stages) add(stage truce.Stage, days, n int) {
	if st[stage] == nil {
		st[stage] = map[int]int{}
	}
	st[stage][max(0, days)] += n
}

func (st stages) list(verdicts bool) []StuckStage {
	first := "no step yet"
	if verdicts {
		first = "no verdict yet"
	}
	var list []StuckStage
	for stage, name := range []string{first, "accepted", "SQL", "opportunity"} {
		if days, n, ok := median(st[truce.Stage(stage)]); ok {
			list = append(list, StuckStage{truce.Stage(stage), name, n, days})
		}
	}
	return list
}

func median(days map[int]int) (m float64, n int, ok bool) {
	counts := make([]stats.Count, 0, len(days))
	for d, k := range days {
		counts = append(counts, stats.Count{Value: float64(d), N: k})
		n += k
	}
	m, ok = stats.QuantileOfCounts(counts, 0.5)
	return m, n, ok
}

func (d Maker) stuckViews(s *Study) (list []cards.StuckView) {
	p := d.period(s.Query)
	p.From, p.To = d.Calendar.Date(s.AsOf).Add(-3*365).At(0, d.loc()), d.Calendar.Date(s.AsOf).Add(1).At(0, d.loc())
	for _, st := range s.Stuck {
		list = append(list, cards.StuckView{Arg: p.Arg("n", leadRowsName, "m", "stage", "st", fmt.Sprint(int(st.Stage))), Stage: st.Name,
			Leads: st.Leads, Days: st.Days})
	}
	return list
}
