package schedules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
)

// This file gathers leads into cohorts: those that qualified in one stretch of time, as they stood at one moment.

// The causes that end a lead's wait, for the incidence of wins.
const (
	causeWon stats.Cause = 1 + iota
	causeLost
	causeRejected
	causeRecycled
)

func causeOf(s truce.Status) stats.Cause {
	switch s {
	case truce.Won:
		return causeWon
	case truce.Lost:
		return causeLost
	case truce.Rejected:
		return causeRejected
	case truce.Recycled:
		return causeRecycled
	}
	return stats.Censored
}

// Wait is how many days of the company's calendar a lead has waited, from the date it qualified to the date of the outcome
// that ended it, or to the date of the look.
type Wait struct {
	Days  int
	Cause stats.Cause
}

// Group is what the leads that share a source, a campaign or an attribute have come to.
type Group struct {
	Name string // "(none)" for an empty one
	truce.Figures
	Waits   map[Wait]int
	Reasons map[truce.Reason]int     // of what was sent back
	Parts   map[string]truce.Figures // by segment, of the leads that have one; for the order of sources
}

func newGroup(name string) *Group {
	return &Group{Name: name, Waits: map[Wait]int{}, Reasons: map[truce.Reason]int{}, Parts: map[string]truce.Figures{}}
}

// Within is the share of the group's leads that had won within so many days of the day they qualified: the cumulative
// incidence of wins with losses, rejections and recycling as competing events. See stats.CumulativeIncidence.
func (g *Group) Within(days int) stats.Estimate { return g.Incidence().At(float64(days)) }

// Incidence is the cumulative incidence of wins in the group.
func (g *Group) Incidence() stats.Incidence {
	return stats.CumulativeIncidence(g.dayCounts(), causeWon)
}

// dayCounts are the waits as a histogram, in an order that is always the same.
func (g *Group) dayCounts() []stats.DayCount {
	list := make([]stats.DayCount, 0, len(g.Waits))
	for w, n := range g.Waits {
		list = append(list, stats.DayCount{Day: w.Days, Cause: w.Cause, N: n})
	}
	slices.SortFunc(list, func(a, b stats.DayCount) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Cause, b.Cause)) })
	return list
}

// Judgement is a cell of the histogram of what was thought of leads beforehand, and what became of them.
type judgement struct {
	score    int64 // in millionths
	hasScore bool
	rating   truce.Rating
	undated  bool
}

// Cohort is the leads that qualified in [From, To), as they stood at the report's moment.
type Cohort struct {
	From, To time.Time
	Totals   *Group
	sources  map[string]*Group
	campaign map[string]*Group
	segments map[string]*Group
	beliefs  map[judgement]*stats.Proportion // K won of N closed
	owner    map[string]bool                 // only these owners' leads; nil is all
}

func newCohort(from, to time.Time) *Cohort {
	return &Cohort{From: from, To: to, Totals: newGroup(""), sources: map[string]*Group{}, campaign: map[string]*Group{}, segments: map[string]*Group{},
		beliefs: map[judgement]*stats.Proportion{}}
}

func (c *Cohort) holds(t time.Time) bool { return !t.Before(c.From) && t.Before(c.To) }

func into(m map[string]*Group, name string) *Group {
	name = truce.SourceName(name)
	g := m[name]
	if g == nil {
		g = newGroup(name)
		m[name] = g
	}
	return g
}

// add counts one lead.
func (c *Cohort) add(lc *truce.LeadCase, f truce.Facts, one truce.Figures, w Wait) {
	l := lc.Lead
	for _, g := range []*Group{c.Totals, into(c.sources, l.Source), into(c.campaign, l.Campaign), into(c.segments, l.Segment)} {
		g.Merge(one)
		g.Waits[w]++
		if one.SentBack > 0 {
			g.Reasons[f.Reason]++
		}
	}
	if l.Segment != "" {
		g := into(c.sources, l.Source)
		part := g.Parts[l.Segment]
		part.Merge(one)
		g.Parts[l.Segment] = part
	}
	if f.State != truce.Won && f.State != truce.Lost || !l.HasScore && f.Early == 0 {
		return
	}
	j := judgement{hasScore: l.HasScore, rating: f.Early, undated: f.Undated}
	if l.HasScore {
		j.score = truce.Millionths(l.Score)
	}
	p := c.beliefs[j]
	if p == nil {
		p = &stats.Proportion{}
		c.beliefs[j] = p
	}
	p.N++
	if f.State == truce.Won {
		p.K++
	}
}

// BySource are the cohort's sources, the most leads first, then by name. ByCampaign and BySegment likewise.
func (c *Cohort) BySource() []*Group   { return ordered(c.sources) }
func (c *Cohort) ByCampaign() []*Group { return ordered(c.campaign) }
func (c *Cohort) BySegment() []*Group  { return ordered(c.segments) }

func ordered(m map[string]*Group) []*Group {
	list := slices.Collect(maps.Values(m))
	slices.SortFunc(list, func(a, b *Group) int { return cmp.Or(cmp.Compare(b.Leads, a.Leads), cmp.Compare(a.Name, b.Name)) })
	return list
}

// gather reads all cohorts in one pass over the leads between the earliest and the latest of them. Leads that qualified
// after asOf were not known then. also, where it is not nil, sees each of the leads read.
func gather(tx *storage.Tx, asOf time.Time, loc *time.Location, also func(*truce.LeadCase, truce.Facts), cohorts ...*Cohort) error {
	var from, to time.Time
	for _, c := range cohorts {
		if c.From.Before(c.To) && (from.IsZero() || c.From.Before(from)) {
			from = c.From
		}
		if c.To.After(to) {
			to = c.To
		}
	}
	if last := asOf.Add(time.Millisecond); to.After(last) {
		to = last
	}
	if !from.Before(to) {
		return nil
	}
	err := tx.EachLeadCase(from, to, func(lc *truce.LeadCase) error {
		facts := lc.Facts(asOf)
		if also != nil {
			also(lc, facts)
		}
		var one truce.Figures
		one.Count(lc.Lead, facts)
		one.CountDisputes(*lc, asOf)
		w := waitOf(lc.Lead.MQLAt, facts.Standing, asOf, loc)
		for _, c := range cohorts {
			if c.holds(lc.Lead.MQLAt) && (c.owner == nil || c.owner[lc.Lead.OwnerID] || lc.Lead.OwnerID == "" && c.owner[lc.Lead.Owner]) {
				c.add(lc, facts, one, w)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count the leads: %w", err)
	}
	return nil
}

// waitOf is how long a lead waited. An outcome dated before its lead qualified took no days.
func waitOf(mql time.Time, s truce.Standing, asOf time.Time, loc *time.Location) Wait {
	if s.Open() {
		return Wait{daysBetween(mql, asOf, loc), stats.Censored}
	}
	return Wait{daysBetween(mql, s.At, loc), causeOf(s.State)}
}

// daysBetween counts the midnights of the zone between two moments, 0 where b came first.
func daysBetween(a, b time.Time, loc *time.Location) int {
	return max(0, int(dayNumber(b.In(loc))-dayNumber(a.In(loc))))
}

// dayNumber numbers the days of the calendar.
func dayNumber(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}
