package storage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"truce"
)

// This file counts days anew. A day whose sums are not right is marked, in the transaction that makes it so; as long as one is,
// reports go to the leads themselves. Who counts a day reads its leads beside the writers and then writes its few hundred sums in
// a short transaction, if none of the leads has changed meanwhile; so a bot goes on answering while a million leads are counted, and
// what was cut off goes on where it stopped.

// dirty is a mark: days of one of the two ways by which leads are summed.
type dirty struct {
	what string
	day  int
}

// The two ways.
const (
	byMQL   = "leads" // by the day they qualified
	bySince = "open"  // by the day since which they stand where they stand: RollOpen
)

// anyDirty reports whether the roll-ups are not whole.
func (tx *Tx) anyDirty() (bool, error) {
	n, err := tx.count(`SELECT EXISTS (SELECT 1 FROM rollup_days)`)
	return n > 0, err
}

// mark has days counted anew, whoever keeps something of them back.
func (tx *Tx) mark(days []dirty, deep bool) error {
	for _, d := range days {
		err := tx.exec(`INSERT INTO rollup_days (what, day, deep) VALUES (?, ?, ?) ON CONFLICT (what, day) DO UPDATE
			SET keeper = '', deep = max(deep, excluded.deep),
			changes = changes + 1`, d.what, d.day, deep)
		if err != nil {
			return fmt.Errorf("mark day %d: %w", d.day, err)
		}
	}
	return nil
}

// touch tells the marked ones among days that their leads have changed, and returns them. While all is being built anew
// every day is marked, because a lead that comes from a day that was not counted yet brings what is remembered of it.
func (tx *Tx) touch(days []dirty) (marked map[dirty]bool, err error) {
	marked = map[dirty]bool{}
	if any, err := tx.anyDirty(); err != nil || !any {
		return marked, err
	}
	if n, err := tx.count(`SELECT EXISTS (SELECT 1 FROM rollup_days WHERE deep = 1)`); err != nil {
		return nil, err
	} else if n > 0 {
		for _, d := range days {
			marked[d] = true
		}
		return marked, tx.mark(days, true)
	}
	for _, d := range days {
		n, err := tx.execN(`UPDATE rollup_days SET keeper = '', changes = changes + 1 WHERE what = ? AND day = ?`, d.what, d.day)
		if err != nil {
			return nil, err
		}
		marked[d] = n > 0
	}
	return marked, nil
}

// dirtyOf is the day that a row of the roll-ups goes by.
func (k rollKey) dirtyOf() dirty {
	if k.kind == RollOpen {
		return dirty{bySince, k.day}
	}
	return dirty{byMQL, k.day}
}

// daysOf are the days of changes of leads, each once.
func daysOf(rolls []rollChange, loc *time.Location) []dirty {
	set := map[dirty]bool{}
	for _, c := range rolls {
		set[dirty{byMQL, truce.DayNumber(c.lead.MQLAt, loc)}] = true
		if c.facts.Open() {
			set[dirty{bySince, truce.DayNumber(c.since(), loc)}] = true
		}
	}
	return sortedDays(set)
}

func sortedDays(set map[dirty]bool) []dirty {
	return slices.SortedFunc(maps.Keys(set), func(a, b dirty) int {
		if a.what != b.what {
			return compareText(a.what, b.what)
		}
		return a.day - b.day
	})
}

// openLeads are the states of leads that are open and have begun; in these words the index leads_open_since is used.
const openLeads = `state IN ('accepted', 'sql', 'opportunity')`

// allDays are the days of which there is anything to count.
func (tx *Tx) allDays(loc *time.Location) ([]dirty, error) {
	set := map[dirty]bool{}
	for _, q := range []struct {
		query string
		what  []string
	}{{`SELECT min(mql_at) FROM leads WHERE mql_at >= ?`, []string{byMQL, bySince}},
		{`SELECT min(state_at) FROM leads WHERE ` + openLeads + ` AND state_at >= ?`, []string{bySince}}} {
		for from := time.UnixMilli(-1 << 45); ; {
			var at time.Time
			if err := tx.row(q.query, []any{millis(from)}, moment{&at}); err != nil {
				return nil, err
			}
			if at.IsZero() {
				break
			}
			day := truce.DayNumber(at, loc)
			for _, w := range q.what {
				set[dirty{w, day}] = true
			}
			from = startOf(day+1, loc)
		}
	}
	return sortedDays(set), nil
}

// startOf is the first moment of a numbered day.
func startOf(day int, loc *time.Location) time.Time {
	return truce.Date{Year: 1970, Month: time.January, Day: 1}.Add(day).At(0, loc)
}

// RebuildRollUps counts all leads anew, day by day. It can be stopped: CountRollUps goes on.
func (s *Store) RebuildRollUps(ctx context.Context, loc *time.Location) error {
	if err := s.markAll(ctx, loc); err != nil {
		return err
	}
	return s.CountRollUps(ctx)
}

// markAll has all days counted anew, deeply.
func (s *Store) markAll(ctx context.Context, loc *time.Location) error {
	return s.Update(ctx, func(tx *Tx) error {
		tx.rollAsked, tx.rollLoc = false, nil
		for _, old := range []string{`DELETE FROM rollups`, `DELETE FROM rollup_days`, `DELETE FROM meta WHERE key = '` + metaRollNewest + `'`} {
			if err := tx.exec(old); err != nil {
				return err
			}
		}
		days, err := tx.allDays(loc)
		if err != nil {
			return fmt.Errorf("find the days of all leads: %w", err)
		}
		return errors.Join(tx.mark(days, true), tx.SetMeta(metaRollZone, loc.String()))
	})
}

// maxTries is how often a day is counted, the last time while the writers wait.
const maxTries = 3

// CountRollUps counts the marked days anew until none is left, but for those that somebody goes on marking. An import that is at
// work does this itself; its days may be counted beside it, and are then counted twice.
func (s *Store) CountRollUps(ctx context.Context) error {
	tries := map[dirty]int{}
	for {
		var days []dirtyDay
		var loc *time.Location
		err := s.View(ctx, func(tx *Tx) (err error) {
			if loc, err = tx.rollZone(); err != nil || loc == nil {
				return err
			}
			days, err = tx.dirtyDays()
			return err
		})
		days = slices.DeleteFunc(days, func(d dirtyDay) bool { return tries[d.dirty] > maxTries })
		if err != nil || len(days) == 0 {
			return err
		}
		for len(days) > 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			count := s.countDays
			if tries[days[0].dirty]+1 == maxTries {
				count = s.countNow
			}
			n, err := count(ctx, days, loc)
			if err != nil {
				return fmt.Errorf("count day %d and others anew: %w", days[0].day, err)
			}
			for _, d := range days[:n] {
				tries[d.dirty]++
			}
			days = days[n:]
		}
	}
}

// dirtyDay is a marked day as it was read.
type dirtyDay struct {
	dirty
	deep    bool
	changes int
}

// dirtyDays are the marked days; those by MQL date come first, because counting them deeply may move leads among the others.
func (tx *Tx) dirtyDays() ([]dirtyDay, error) {
	return all(tx, func(scan func(...any) error) (d dirtyDay, err error) {
		return d, scan(&d.what, &d.day, &d.deep, &d.changes)
	}, `SELECT what, day, deep, changes FROM rollup_days ORDER BY what, day`)
}

// countNow counts the first of some days while the writers wait. It takes several together, because while one of them is marked
// deeply a change of another marks that one again.
func (s *Store) countNow(ctx context.Context, days []dirtyDay, loc *time.Location) (counted int, err error) {
	const most = 20
	days = days[:min(len(days), most)]
	return len(days), s.Update(ctx, func(tx *Tx) error {
		for _, d := range days {
			c, err := tx.countOf(d, loc)
			if err == nil {
				err = tx.mend(c.stale, loc)
			}
			if err == nil {
				err = tx.replaceDay(d.dirty, c)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// countDays counts the first of some days, as many as make a transaction of their sums, beside the writers, and writes those
// of which no lead has changed meanwhile.
func (s *Store) countDays(ctx context.Context, days []dirtyDay, loc *time.Location) (counted int, err error) {
	var list []dayCount
	err = s.View(ctx, func(tx *Tx) error {
		for rows := 0; len(list) < len(days) && rows < laterBatch; {
			c, err := tx.countOf(days[len(list)], loc)
			if err != nil {
				return err
			}
			list = append(list, c)
			rows += 1 + len(c.sums)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	var stale []staleLead
	for _, c := range list {
		stale = append(stale, c.stale...)
	}
	for some := range slices.Chunk(stale, laterBatch) {
		if err := s.Update(ctx, func(tx *Tx) error { return tx.mend(some, loc) }); err != nil {
			return 0, err
		}
	}
	return len(list), s.Update(ctx, func(tx *Tx) error {
		for i, c := range list {
			d, changes := days[i], 0
			err := tx.row(`SELECT changes FROM rollup_days WHERE what = ? AND day = ?`, []any{d.what, d.day}, &changes)
			switch {
			case truce.KindOf(err) == truce.NotFound:
				continue // somebody else has counted it
			case err != nil:
				return err
			case changes != d.changes:
				continue // the next round counts it
			}
			if err := tx.replaceDay(d.dirty, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// dayCount is what counting a day gave.
type dayCount struct {
	sums   rollSums
	newest time.Time
	stale  []staleLead
}

// staleLead is a lead beside which something else stands than follows from its outcomes and ratings.
type staleLead struct {
	id, was, counted string
	before, now      truce.Standing
	mql              time.Time
}

// countOf counts a day by what is remembered of its leads, or deeply from their outcomes and ratings.
func (tx *Tx) countOf(d dirtyDay, loc *time.Location) (dayCount, error) {
	switch {
	case d.what == bySince:
		return tx.countOpen(d.day, loc)
	case d.deep:
		return tx.countDeep(d.day, loc)
	}
	return tx.countLeads(d.day, loc)
}

// countLeads counts the leads that qualified on a day.
func (tx *Tx) countLeads(day int, loc *time.Location) (dayCount, error) {
	c := dayCount{sums: rollSums{}}
	plain := newPlainTally(loc)
	err := tx.each(`SELECT mql_at, source, campaign, segment, score, facts FROM leads WHERE mql_at >= ? AND mql_at < ?`,
		[]any{millis(startOf(day, loc)), millis(startOf(day+1, loc))},
		func(scan func(...any) error) error {
			var l truce.Lead
			var score *float64
			var counted string
			if err := scan(moment{&l.MQLAt}, &l.Source, &l.Campaign, &l.Segment, &score, &counted); err != nil {
				return err
			}
			if score != nil {
				l.Score, l.HasScore = *score, true
			}
			if counted == "" && len(plain.names) < maxNames {
				plain.add(&l)
				return nil
			}
			facts, err := readFacts(counted)
			if err == nil {
				c.sums.add(rollChange{&l, facts, 1}, loc)
			}
			return err
		})
	plain.into(c.sums, plain.byDay())
	maps.DeleteFunc(c.sums, func(k rollKey, _ *truce.Sums) bool { return k.kind == RollOpen })
	return c, err
}

// countDeep is countLeads from outcomes and ratings; it finds the leads beside which something else stands.
func (tx *Tx) countDeep(day int, loc *time.Location) (dayCount, error) {
	c := dayCount{sums: rollSums{}}
	from, to := startOf(day, loc), startOf(day+1, loc)
	beside := map[string]staleLead{}
	err := tx.each(`SELECT id, facts, state, state_at, stage, by_silence, mql_at FROM leads WHERE mql_at >= ? AND mql_at < ?`,
		[]any{millis(from), millis(to)}, func(scan func(...any) error) error {
			var l staleLead
			if err := scan(&l.id, &l.was, &l.before.State, moment{&l.before.At}, &l.before.Stage, &l.before.BySilence, moment{&l.mql}); err != nil {
				return err
			}
			if l.was != "" || l.before != (truce.Standing{}) { // of most leads nothing has become
				beside[l.id] = l
			}
			return nil
		})
	if err != nil {
		return c, err
	}
	err = tx.EachLeadCase(from, to, func(lc *truce.LeadCase) error {
		f := factsOf(*lc, loc)
		c.sums.add(rollChange{&lc.Lead, f, 1}, loc)
		c.seen(lc)
		l, counted := beside[lc.Lead.ID], writeFacts(f)
		if l.was != counted || l.before != f.Standing {
			c.stale = append(c.stale, staleLead{lc.Lead.ID, l.was, counted, l.before, f.Standing, lc.Lead.MQLAt})
		}
		return nil
	})
	maps.DeleteFunc(c.sums, func(k rollKey, _ *truce.Sums) bool { return k.kind == RollOpen })
	return c, err
}

func (c *dayCount) seen(lc *truce.LeadCase) {
	note := func(t time.Time) {
		if t.After(c.newest) {
			c.newest = t
		}
	}
	note(lc.Lead.MQLAt)
	for _, o := range lc.Outcomes {
		note(o.At)
	}
	for _, r := range lc.Ratings {
		note(r.When())
	}
}

// countOpen counts the open leads by stage that stand there since a day.
func (tx *Tx) countOpen(day int, loc *time.Location) (dayCount, error) {
	c := dayCount{sums: rollSums{}}
	from, to := millis(startOf(day, loc)), millis(startOf(day+1, loc))
	err := tx.each(`SELECT stage, count(*) FROM leads WHERE `+openLeads+` AND state_at >= ? AND state_at < ? GROUP BY stage
		UNION ALL SELECT 0, count(*) FROM leads WHERE state = '' AND mql_at >= ? AND mql_at < ?`, []any{from, to, from, to},
		func(scan func(...any) error) error {
			var stage truce.Stage
			var n int
			if err := scan(&stage, &n); err != nil {
				return err
			}
			c.sums.of(RollOpen, stageName(stage), day).Leads += n
			return nil
		})
	return c, err
}

// mend writes beside leads what follows from their outcomes and ratings; what has changed meanwhile stays.
func (tx *Tx) mend(list []staleLead, loc *time.Location) error {
	var moved []dirty
	for _, l := range list {
		n, err := tx.execN(`UPDATE leads SET facts = ?, state = ?, state_at = ?, stage = ?, by_silence = ? WHERE id = ? AND facts = ?
			AND state = ?`,
			l.counted, l.now.State, millis(l.now.At), l.now.Stage, l.now.BySilence, l.id, l.was, l.before.State)
		if err != nil {
			return fmt.Errorf("mend lead %s: %w", l.id, err)
		}
		if n > 0 && l.before != l.now {
			for _, s := range []truce.Standing{l.before, l.now} {
				if s.Open() {
					moved = append(moved, dirty{bySince, truce.DayNumber(since(s, l.mql), loc)})
				}
			}
		}
	}
	return tx.mark(moved, false)
}

// replaceDay writes a day's sums in the place of those that are there, and unmarks it.
func (tx *Tx) replaceDay(d dirty, c dayCount) error {
	kinds := []string{RollTotal, RollSource, RollCampaign, RollSegment, RollFault, RollMark}
	if d.what == bySince {
		kinds = []string{RollOpen}
	}
	for _, kind := range kinds {
		if err := tx.exec(`DELETE FROM rollups WHERE kind = ? AND day = ?`, kind, d.day); err != nil {
			return err
		}
	}
	keys := slices.DeleteFunc(sortedRolls(c.sums), func(k rollKey) bool { return isZero(*c.sums[k]) })
	if err := tx.putRolls(keys, func(k rollKey) []byte { return pack(*c.sums[k]) }); err != nil {
		return err
	}
	if c.newest.After(tx.rollNewest) {
		tx.rollNewest = c.newest
	}
	return errors.Join(tx.saveNewest(), tx.exec(`DELETE FROM rollup_days WHERE what = ? AND day = ?`, d.what, d.day))
}
