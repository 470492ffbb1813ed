package digests

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
	causeJoined // the deal counts at another lead
)

func causeOfEnd(end int) stats.Cause {
	if end == truce.JoinedEnd {
		return causeJoined
	}
	return causeOf(truce.Statuses[end])
}

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

// Group is what the leads that share a source, a campaign or an attribute have come to.
type Group struct {
	Name string // "(none)" for an empty one
	truce.Sums
	Waiting map[int]int // open leads by the days they have waited at the report's moment
	Work    truce.Work  // what Sales has worked; counted by countWorked where it is shown
}

func newGroup(name string) *Group { return &Group{Name: name, Waiting: map[int]int{}} }

// Within is the share of the group's leads that had won within so many days of the day they qualified: the cumulative
// incidence of wins with losses, rejections and recycling as competing events. See stats.CumulativeIncidence.
func (g *Group) Within(days int) stats.Estimate { return g.Incidence().At(float64(days)) }

// Incidence is the cumulative incidence of wins in the group.
func (g *Group) Incidence() stats.Incidence {
	return stats.CumulativeIncidence(g.dayCounts(), causeWon)
}

// dayCounts are the waits as a histogram, in an order that is always the same.
func (g *Group) dayCounts() []stats.DayCount {
	list := make([]stats.DayCount, 0, len(g.Waits)+len(g.Waiting))
	for w, n := range g.Waits {
		list = append(list, stats.DayCount{Day: w.Days, Cause: causeOfEnd(w.End), N: n})
	}
	for days, n := range g.Waiting {
		list = append(list, stats.DayCount{Day: days, Cause: stats.Censored, N: n})
	}
	slices.SortFunc(list, func(a, b stats.DayCount) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Cause, b.Cause)) })
	return list
}

// Cohort is the leads that qualified in [From, To), as they stood at the report's moment.
type Cohort struct {
	From, To time.Time
	Totals   *Group
	sources  map[string]*Group
	campaign map[string]*Group
	segments map[string]*Group
	owner    map[string]bool // only these owners' leads; nil is all
	depth    depth
}

// depth is which groups of a cohort are wanted: what nobody looks at is not added up.
type depth int

const (
	allGroups depth = iota
	sourcesOnly
	totalsOnly
)

// only is the cohort without groups that are not wanted.
func (c *Cohort) only(d depth) *Cohort {
	c.depth = d
	return c
}

func newCohort(from, to time.Time) *Cohort {
	return &Cohort{From: from, To: to, Totals: newGroup(""), sources: map[string]*Group{}, campaign: map[string]*Group{},
		segments: map[string]*Group{}}
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
func (c *Cohort) add(lc *truce.LeadCase, f truce.Facts, asOf time.Time, loc *time.Location) {
	l := lc.Lead
	var disputes truce.Figures
	disputes.CountDisputes(*lc, asOf)
	groups := []*Group{c.Totals}
	if c.depth <= sourcesOnly {
		groups = append(groups, into(c.sources, l.Source))
	}
	if c.depth == allGroups {
		groups = append(groups, into(c.campaign, l.Campaign), into(c.segments, l.Segment))
	}
	for _, g := range groups {
		g.Count(l, f, 1, loc)
		g.Merge(disputes, 1)
		if f.Open() {
			g.Waiting[truce.DaysBetween(l.MQLAt, asOf, loc)]++
		}
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

// fill counts cohorts from the roll-ups where they tell what was known at asOf, else from the leads.
func fill(tx *storage.Tx, asOf time.Time, loc *time.Location, cohorts ...*Cohort) error {
	ok, err := tx.RolledUp(asOf, loc)
	if err != nil {
		return err
	}
	for _, c := range cohorts {
		ok = ok && c.owner == nil && midnight(c.From, loc) && midnight(c.To, loc)
	}
	if !ok {
		return gather(tx, asOf, loc, nil, cohorts...)
	}
	for _, c := range cohorts {
		if err := c.roll(tx, asOf, loc); err != nil {
			return fmt.Errorf("add up the leads from %s: %w", c.From.Format(time.DateOnly), err)
		}
	}
	return nil
}

func midnight(t time.Time, loc *time.Location) bool {
	return t.Equal(truce.DateOf(t.In(loc)).At(0, loc))
}

// roll adds a cohort up from the roll-ups. Nothing in them is dated after asOf.
func (c *Cohort) roll(tx *storage.Tx, asOf time.Time, loc *time.Location) error {
	if !c.From.Before(c.To) {
		return nil
	}
	from, to, today := truce.DayNumber(c.From, loc), truce.DayNumber(c.To, loc), truce.DayNumber(asOf, loc)
	group := map[string]func(name string) *Group{
		storage.RollTotal:    func(string) *Group { return c.Totals },
		storage.RollSource:   func(name string) *Group { return into(c.sources, name) },
		storage.RollCampaign: func(name string) *Group { return into(c.campaign, name) },
		storage.RollSegment:  func(name string) *Group { return into(c.segments, name) },
	}
	kinds := []string{storage.RollTotal}
	if c.depth <= sourcesOnly {
		kinds = append(kinds, storage.RollSource)
	}
	if c.depth == allGroups {
		kinds = append(kinds, storage.RollCampaign, storage.RollSegment)
	}
	for _, kind := range kinds {
		rolled, err := tx.RollUps(kind, from, to)
		if err != nil {
			return err
		}
		for _, r := range rolled {
			g := group[kind](r.Name)
			if g.Leads == 0 {
				g.Sums = r.Sums
			} else {
				g.Add(r.Sums) // "" and "(none)" are one group
			}
			for _, d := range r.Days {
				if d.Open > 0 {
					g.Waiting[max(0, today-d.Day)] += d.Open
				}
			}
		}
	}
	disputes, err := tx.DisputeCounts(c.From, c.To, asOf)
	for _, d := range disputes {
		for kind, name := range map[string]string{storage.RollTotal: "", storage.RollSource: d.Source, storage.RollCampaign: d.Campaign,
			storage.RollSegment: d.Segment} {
			if slices.Contains(kinds, kind) {
				group[kind](name).Merge(truce.Figures{DisputesOpened: d.Opened, DisputesUpheld: d.Upheld}, 1)
			}
		}
	}
	return err
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
		for _, c := range cohorts {
			if c.holds(lc.Lead.MQLAt) && (c.owner == nil || c.owner[lc.Lead.OwnerID] || lc.Lead.OwnerID == "" && c.owner[lc.Lead.Owner]) {
				c.add(lc, facts, asOf, loc)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count the leads: %w", err)
	}
	return nil
}
