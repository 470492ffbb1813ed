package storage

import (
	"database/sql"
	"fmt"
	"time"

	"truce"
)

// This file adds up the roll-ups of many days. A report of a year reads some twenty thousand rows, so what is done for each of
// them decides what the report costs: histograms are kept as plain slices while rows come in, and become maps once at the end.

// RolledGroup is what the rows of one name come to.
type RolledGroup struct {
	Name string
	truce.Sums
	Days []RolledDay // those that have leads, in order
}

// RolledDay is how many leads a row holds, and how many of them are open.
type RolledDay struct{ Day, Leads, Open int }

const rollUpsQuery = `SELECT name, day, sums FROM rollups WHERE kind = ? AND day >= ? AND day < ? ORDER BY day, name`

// RollUps adds up the rows of a kind whose days lie in [from, to), by name; the names come in the order of their first day.
func (tx *Tx) RollUps(kind string, from, to int) ([]RolledGroup, error) {
	u := newUnpacker()
	var sums []*runningSums
	byName := map[string]*runningSums{}
	var name, b sql.RawBytes
	var day int
	err := tx.each(rollUpsQuery, []any{kind, from, to}, func(scan func(...any) error) error {
		if err := scan(&name, &day, &b); err != nil {
			return err
		}
		s := byName[string(name)]
		if s == nil {
			s = &runningSums{group: RolledGroup{Name: string(name)}}
			byName[s.group.Name] = s
			sums = append(sums, s)
		}
		if err := u.read(b); err != nil {
			return fmt.Errorf("%s %q on day %d: %w", kind, name, day, err)
		}
		s.add(u, day)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("add up the roll-ups of %s: %w", kind, err)
	}
	groups := make([]RolledGroup, len(sums))
	for i, s := range sums {
		groups[i] = s.finish()
	}
	return groups, nil
}

// runningSums are sums while rows are added to them.
type runningSums struct {
	group   RolledGroup
	figures figureCells
	waits   [][]int // by the rank of the end, then by days
	parts   map[string]*figureCells
	beliefs map[int64]*beliefCell
	odd     map[truce.Belief]*beliefCell // beliefs that do not fit a key
}

func (s *runningSums) add(u *unpacker, day int) {
	s.figures.add(&u.figures)
	s.group.Days = append(s.group.Days, RolledDay{day, int(u.figures.counts[0]), int(u.figures.counts[1])})
	if s.waits == nil {
		s.waits = make([][]int, truce.JoinedEnd+1)
	}
	for _, w := range u.waits {
		if w.days < 0 || w.days > maxDense {
			s.group.addWait(w)
			continue
		}
		list := s.waits[w.end]
		for len(list) <= int(w.days) {
			list = append(list, 0)
		}
		list[w.days] += int(w.n)
		s.waits[w.end] = list
	}
	for _, r := range u.reasons {
		if s.group.Reasons == nil {
			s.group.Reasons = map[truce.Reason]int{}
		}
		s.group.Reasons[truce.Reason(r.name)] += int(r.n)
	}
	for i := range u.parts {
		if s.parts == nil {
			s.parts = map[string]*figureCells{}
		}
		part := s.parts[u.parts[i].name]
		if part == nil {
			part = &figureCells{}
			s.parts[u.parts[i].name] = part
		}
		part.add(&u.parts[i].figures)
	}
	for i := range u.beliefs {
		s.believe(&u.beliefs[i])
	}
}

// maxDense is the most days of a wait that are counted in a slice: 30 years, more than a lead takes.
const maxDense = 10_950

func (g *RolledGroup) addWait(w waitCell) {
	if g.Waits == nil {
		g.Waits = map[truce.Wait]int{}
	}
	g.Waits[truce.Wait{End: int(w.end), Days: int(w.days)}] += int(w.n)
}

// believe adds a belief. Its parts fit a number, by which a map finds it faster than by themselves.
func (s *runningSums) believe(c *beliefCell) {
	if s.beliefs == nil {
		s.beliefs, s.odd = map[int64]*beliefCell{}, map[truce.Belief]*beliefCell{}
	}
	var sum *beliefCell
	if c.Score > -1<<55 && c.Score < 1<<55 && c.Rating >= 0 && c.Rating < 1<<4 {
		key := c.Score<<6 | int64(c.Rating)<<2
		if c.HasScore {
			key |= 2
		}
		if c.Undated {
			key |= 1
		}
		if sum = s.beliefs[key]; sum == nil {
			sum = &beliefCell{Belief: c.Belief}
			s.beliefs[key] = sum
		}
	} else if sum = s.odd[c.Belief]; sum == nil {
		sum = &beliefCell{Belief: c.Belief}
		s.odd[c.Belief] = sum
	}
	sum.Won, sum.N = sum.Won+c.Won, sum.N+c.N
}

// finish makes the sums that reports read.
func (s *runningSums) finish() RolledGroup {
	g := s.group
	s.figures.addTo(&g.Figures)
	for end, list := range s.waits {
		for days, n := range list {
			if n != 0 {
				g.addWait(waitCell{int32(end), int32(days), int32(n)})
			}
		}
	}
	for name, cells := range s.parts {
		if g.Parts == nil {
			g.Parts = make(map[string]truce.Figures, len(s.parts))
		}
		var part truce.Figures
		cells.addTo(&part)
		g.Parts[name] = part
	}
	if n := len(s.beliefs) + len(s.odd); n > 0 {
		g.Beliefs = make(map[truce.Belief]truce.Tally, n)
		for _, c := range s.beliefs {
			g.Beliefs[c.Belief] = c.Tally
		}
		for _, c := range s.odd {
			g.Beliefs[c.Belief] = c.Tally
		}
	}
	return g
}

// add adds other cells to these.
func (c *figureCells) add(o *figureCells) {
	for i := range c.counts {
		c.counts[i] += o.counts[i]
	}
	c.scoreSum += o.scoreSum
next:
	for _, p := range o.paid {
		for i := range c.paid {
			if c.paid[i].currency == p.currency {
				c.paid[i].leads += p.leads
				c.paid[i].paid += p.paid
				continue next
			}
		}
		c.paid = append(c.paid, p)
	}
}

// MarkDay is how many more leads of a source that qualified on one day (or fewer) have a mark from the end of another day on.
type MarkDay struct {
	Source  string
	MQL, At int // days of the zone's calendar
	Mark    truce.Marks
	N       int
}

// MarkDays calls fn with what has become of the leads that qualified on days in [from, to), as far as sources are judged by it: see
// truce.Course. Where the roll-ups are whole it takes them, whatever they hold of later days: what was known at the end of a day does
// not change with time. Otherwise it reads the leads.
func (tx *Tx) MarkDays(from, to int, loc *time.Location, fn func(MarkDay)) error {
	zone, err := tx.rollZone()
	if err != nil {
		return err
	}
	missing, err := tx.anyDirty()
	if err != nil {
		return err
	}
	if zone == nil || zone.String() != loc.String() || missing {
		return tx.EachLeadCase(startOf(from, loc), startOf(to, loc), func(lc *truce.LeadCase) error {
			day := truce.DayNumber(lc.Lead.MQLAt, loc)
			truce.EachMark(lc.Course(loc), day, func(m truce.Marks, days, n int) { fn(MarkDay{lc.Lead.Source, day, day + days, m, n}) })
			return nil
		})
	}
	u := newUnpacker()
	var name, b sql.RawBytes
	var day int
	err = tx.each(rollUpsQuery, []any{RollMark, from, to}, func(scan func(...any) error) error {
		if err := scan(&name, &day, &b); err != nil {
			return err
		}
		if err := u.read(b); err != nil {
			return fmt.Errorf("marks of %q on day %d: %w", name, day, err)
		}
		d := MarkDay{Source: u.name(name), MQL: day}
		for _, w := range u.waits {
			d.At, d.Mark, d.N = day+int(w.days), 1<<w.end, int(w.n)
			fn(d)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add up what became of leads by source: %w", err)
	}
	return nil
}
