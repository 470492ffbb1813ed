package digests

import (
	"cmp"
	"slices"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
)

// This file is the block of the leads that stand still.

// stuckBlock is the stage where most stand, in the summary, if three accounts or more say why; all stages among all figures.
var stuckBlock = Block{
	Name: "stuck",
	Card: func(d Maker, s *Study) []chat.Block {
		st := stuckViews(s)
		if len(st) == 0 || len(s.Heard.Stuck) == 0 {
			return nil // that leads wait somewhere is so in every company: it is named where the field says why
		}
		worst := slices.MaxFunc(st, func(a, b cards.StuckView) int { return cmp.Compare(float64(a.Leads)*a.Days, float64(b.Leads)*b.Days) })
		worst.Why, worst.Accounts = s.Heard.Stuck[0].Text, s.Heard.Stuck[0].Accounts
		return cards.Stuck(d.period(s.Request), worst)
	},
	Figures: func(d Maker, s *Study) []chat.Block { return table(cards.Standing(stuckViews(s), d.period(s.Request))) },
}

// StuckStage is the open leads at a stage, and how long they have stood there.
type StuckStage struct {
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
			list = append(list, StuckStage{name, n, days})
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

func stuckViews(s *Study) (list []cards.StuckView) {
	for _, st := range s.Stuck {
		list = append(list, cards.StuckView{Stage: st.Name, Leads: st.Leads, Days: st.Days})
	}
	return list
}
