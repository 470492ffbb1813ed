package digests

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is the block of second looks: what other reps said of leads that were sent back, or had not qualified, without
// knowing it. It is one line of all of them, and of nobody.

// secondDays is how far back looks are counted.
const secondDays = 364

// secondLooks are the looks of a year as they stood at a moment. Only what is over is counted.
type secondLooks struct {
	Running, Void, Knew, Unjudged int
	Rejected, Below               secondFigures
}

// secondFigures are the looks of a kind.
type secondFigures struct{ Accepted, Opportunity, Won stats.Weighted }

func (v secondLooks) any() bool {
	return v.Running+v.Void+v.Knew+v.Unjudged+v.Rejected.Accepted.N+v.Below.Accepted.N > 0
}

var secondLookBlock = Block{
	Name: "second_look",
	How: []cards.Definition{{Label: "Second look",
		How: fmt.Sprintf("leads that were sent back for a fault of their source, and leads below the threshold, drawn by a lot each week and "+
			"given to another rep of the same team, who was told neither that nor the score. Those over "+
			"in the last 52 weeks; opportunity and won within %d days, of those given at least that long ago. Each week counts for as many leads "+
			"as its were drawn of; the interval is Wilson's for Kish's effective number. "+
			"Left out: those whose rep knew, said nothing, or left.", truce.SecondLookDays)}},
	Gather: func(_ Maker, tx *storage.Tx, s *Study) (err error) {
		*kept[secondLooks](s), err = readSecondLooks(tx, s.AsOf)
		return err
	},
	Card:    func(_ Maker, s *Study) []chat.Block { return cards.SecondLooks(kept[secondLooks](s).view()) },
	Figures: func(_ Maker, s *Study) []chat.Block { return cards.SecondLooks(kept[secondLooks](s).view()) },
	JSON: func(_ Maker, s *Study) any {
		v := kept[secondLooks](s)
		if !v.any() {
			return nil
		}
		return struct {
			Running  int            `json:"running"`
			Void     int            `json:"void"`
			Knew     int            `json:"knew"`
			Unjudged int            `json:"unjudged"`
			Rejected secondKindJSON `json:"rejected"`
			Below    secondKindJSON `json:"below"`
		}{v.Running, v.Void, v.Knew, v.Unjudged, v.Rejected.json(), v.Below.json()}
	},
}

type secondKindJSON struct {
	Accepted    weightedJSON `json:"accepted"`
	Opportunity weightedJSON `json:"opportunity"`
	Won         weightedJSON `json:"won"`
}

type weightedJSON struct {
	ofJSON
	rateJSON
}

func (f secondFigures) json() secondKindJSON {
	of := func(w stats.Weighted) weightedJSON {
		j := weightedJSON{ofJSON: ofJSON{w.K, w.N}}
		if w.N > 0 {
			j.rateJSON = rateJSON{&w.Share, &w.Low, &w.High}
		}
		return j
	}
	return secondKindJSON{of(f.Accepted), of(f.Opportunity), of(f.Won)}
}

// readSecondLooks counts the looks that were over at a moment.
func readSecondLooks(tx *storage.Tx, asOf time.Time) (v secondLooks, err error) {
	all, err := tx.SecondLooks(asOf)
	if err != nil {
		return v, err
	}
	var ids []string
	for _, l := range all {
		ids = append(ids, l.LeadID)
	}
	ends, err := tx.LookEnds(ids, asOf)
	if err != nil {
		return v, err
	}
	strata := lookStrata{}
	for _, l := range all {
		judged := l.Verdict != truce.NoStatus && !l.VerdictAt.After(asOf)
		switch {
		case !l.Over(asOf):
			v.Running++
		case l.EndedAt.Before(asOf.AddDate(0, 0, -secondDays)):
		case l.Void:
			v.Void++
		case l.Knew == "yes" && !l.KnewAt.After(asOf):
			v.Knew++
		case !judged:
			v.Unjudged++
		default:
			strata.count(l, ends[l.LeadID], asOf)
		}
	}
	v.Rejected, v.Below = strata.of(truce.RejectedLook), strata.of(truce.BelowLook)
	return v, nil
}

// lookStratum is one figure of the looks of a kind and week.
type lookStratum struct {
	kind truce.SecondLookKind
	what truce.Status
	week string
}

type lookStrata map[lookStratum]stats.Sample

// count counts a look that is over and judged; ends is what became of its lead.
func (m lookStrata) count(l truce.SecondLook, ends map[truce.Status]time.Time, asOf time.Time) {
	add := func(what truce.Status, yes bool) {
		key := lookStratum{l.Kind, what, l.Week.String()}
		s := m[key]
		if s.N, s.Of = s.N+1, l.Available; yes {
			s.K++
		}
		m[key] = s
	}
	within := func(s truce.Status) bool { return ends[s].After(l.At) && !ends[s].After(l.Until()) }
	add(truce.Accepted, l.Verdict == truce.Accepted)
	if !l.Until().After(asOf) {
		add(truce.Opportunity, within(truce.Opportunity) || within(truce.Won))
		add(truce.Won, within(truce.Won))
	}
}

// of are the figures of a kind. Sums of floats go by week, so that the same looks give the same bytes.
func (m lookStrata) of(kind truce.SecondLookKind) secondFigures {
	weigh := func(what truce.Status) stats.Weighted {
		keys := slices.Collect(maps.Keys(m))
		slices.SortFunc(keys, func(a, b lookStratum) int { return cmp.Compare(a.week, b.week) })
		var list []stats.Sample
		for _, k := range keys {
			if k.kind == kind && k.what == what {
				list = append(list, m[k])
			}
		}
		return stats.NewWeighted(list)
	}
	return secondFigures{weigh(truce.Accepted), weigh(truce.Opportunity), weigh(truce.Won)}
}

func (v secondLooks) view() cards.SecondLooksView {
	of := func(f secondFigures) (list []cards.SecondFigure) {
		for _, w := range []stats.Weighted{f.Accepted, f.Opportunity, f.Won} {
			list = append(list, cards.SecondFigure{K: w.K, N: w.N, Share: w.Share, Low: w.Low, High: w.High})
		}
		return list
	}
	return cards.SecondLooksView{Rejected: of(v.Rejected), Below: of(v.Below), Running: v.Running, Knew: v.Knew}
}
