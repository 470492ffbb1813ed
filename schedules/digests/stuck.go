package digests

import (
	"fmt"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is the block of the leads that stand still.

// stuckBlock is the stage that leads leave more slowly than 13 weeks before, with what reps say of leads that are stuck there; among all
// figures, where open leads stand.
var stuckBlock = Block{
	Name:     "stuck",
	Compares: true,
	How: []cards.Definition{
		{Label: "Slower", How: "of the leads that came to a stage of the journey map in 13 weeks, those that went on within 30 days, against " +
			"the 13 weeks before: all are of one age. It is said where chance makes a difference as large in one of ten thousand looks at most, " +
			"over all stages."},
	},
	Gather: func(d Maker, tx *storage.Tx, s *Study) (err error) {
		if s.Kind != WeeklyDigest || s.Trail.Totals.Leads > workedAtOnce {
			return nil
		}
		kept[slower](s).stage, err = d.slowest(tx, s.AsOf)
		return err
	},
	Card: func(d Maker, s *Study) []chat.Block {
		st := kept[slower](s).stage
		if st == nil {
			return nil // that leads wait somewhere is so in every company
		}
		v := cards.SlowerView{Stage: st.Name, Onward: share(st.Onward), Before: share(st.Before), Days: JourneyWindow}
		if len(st.Stuck) > 0 {
			v.Why, v.Accounts = st.Stuck[0].Text, st.Stuck[0].Accounts
		}
		return cards.Slower(d.period(s.Query), v)
	},
	Figures: func(d Maker, s *Study) []chat.Block {
		return table(cards.Standing(d.stuckViews(s), d.period(s.Query)))
	},
}

// slower is the stage that got slower, and furthest; nil where none did.
type slower struct{ stage *StageReport }

// slowest finds it. It reads all leads.
func (d Maker) slowest(tx *storage.Tx, asOf time.Time) (worst *StageReport, err error) {
	r, err := d.Journey(tx, asOf)
	if err != nil {
		return nil, err
	}
	fall := func(s *StageReport) float64 { return s.Before.Rate() - s.Onward.Rate() }
	for i := range r.Stages {
		if s := &r.Stages[i]; s.Pace == SlowerPace && (worst == nil || fall(s) > fall(worst)) {
			worst = s
		}
	}
	return worst, nil
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
