package quillwater

import (
	"math"
	"slices"
	"time"

	"truce"
)

// This file is about the leads that a story is told with: people's own doings decide what becomes of them.

// Want is the lead that a story needs.
type Want struct {
	Source   string       // of this source
	From, To time.Time    // qualified in [From, To)
	Owner    string       // the rep who gets it, by e-mail name; "" leaves the owner
	Reason   truce.Reason // the story sends it back for this reason; "" where it does not
}

// Take picks a lead for a story: the newest of those that fit best, each only once. It then belongs to the rep, and what
// became of it is forgotten, so that the story decides it. Where a small company has none of the source, another one becomes
// one. nil where no lead qualified in that time.
func (c *Company) Take(w Want) *Case {
	best, points := -1, math.MinInt
	for i := range c.Leads {
		l := &c.Leads[i]
		if l.taken {
			continue
		}
		if p := w.points(l); p >= points {
			best, points = i, p
		}
	}
	if best < 0 {
		return nil
	}
	l := &c.Leads[best]
	l.taken = true
	if l.Lead.MQLAt.Before(w.From) || !l.Lead.MQLAt.Before(w.To) {
		l.Lead.MQLAt = w.To.Add(-time.Minute)
	}
	l.Fate, l.Coming = Fate{Engagements: l.Engagements}, Fate{}
	if l.Lead.Source != w.Source {
		if i := slices.IndexFunc(sources, func(s source) bool { return s.name == w.Source }); i >= 0 {
			l.Lead.Source, l.Lead.Campaign, l.Lead.Score = sources[i].name, sources[i].campaigns[0], sources[i].score
		}
	}
	if w.Owner != "" {
		l.Lead.Owner = w.Owner + Domain
	}
	return l
}

// Taken are the ids of the leads that a story has taken.
func (c Company) Taken() (ids []string) {
	for i := range c.Leads {
		if c.Leads[i].taken {
			ids = append(ids, c.Leads[i].Lead.ID)
		}
	}
	return ids
}

// BoughtLater are the core facilities that Sales sent back and that bought all the same, in the order of their leads.
func (c Company) BoughtLater() (names []string) {
	for i := range c.Leads {
		l := &c.Leads[i]
		if n := len(l.Outcomes); coreBack(l) && l.Outcomes[n-1].Status == truce.Won {
			names = append(names, l.Lead.Company)
		}
	}
	return names
}

// points is how well a lead fits: the planted shares hold best when a story sends back what is sent back anyway.
func (w Want) points(c *Case) int {
	p := 0
	if d := c.Lead.MQLAt.Sub(w.To).Abs(); c.Lead.MQLAt.Before(w.From) || !c.Lead.MQLAt.Before(w.To) {
		p -= 1000 + int(d.Hours())
	}
	if c.Lead.Source == w.Source && c.Lead.Campaign != coreKit {
		p += 100
	}
	for _, o := range c.Outcomes {
		switch {
		case o.Status == truce.Rejected && w.Reason != "":
			p += 20
			if o.Reason == w.Reason {
				p += 10
			}
		case o.Status == truce.Rejected:
			p -= 20
		case o.Status.Stage() >= truce.StageSQL:
			p -= 30
		}
	}
	return p
}
