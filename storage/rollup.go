package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math/bits"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"truce"
)

// This file keeps the roll-ups: sums of leads by the day they qualified, by source, by campaign and by segment. What a report
// costs then depends on days and groups, not on leads. They change in the transaction of each change of a lead, late and
// corrected data included, and are what counting all leads anew would give: CheckRollUps proves it, RebuildRollUps makes it so.
//
// They hold how leads stand by everything that is known, whatever its date. A report as of a moment before the newest event
// goes to the leads themselves; see Tx.RolledUp.

// The kinds of roll-ups.
const (
	RollTotal    = "total"
	RollSource   = "source"
	RollCampaign = "campaign"
	RollSegment  = "segment"
	RollFault    = "fault" // leads rejected for a source fault; Opportunities are those of them where that proved wrong
	RollOpen     = "open"  // open leads by stage, on the day they came there
	RollMark     = "mark"  // by source, after how many days leads got a mark or lost it (truce.Course); read by Tx.MarkDays
)

// What the database knows of its roll-ups: the zone whose days they are cut by ("" is not kept), and the newest event in them.
const (
	metaRollZone   = "rollup_zone"
	metaRollNewest = "rollup_newest"
)

// maxTuples is how many roll-ups a statement reads or writes.
const maxTuples = 16

// rollChange is a lead that came into the sums (k is 1) or left them (-1).
type rollChange struct {
	lead  *truce.Lead // not to be changed before the commit
	facts truce.Facts
	k     int
}

// plain reports whether the change is no more than a new lead of which nothing has become.
func (c rollChange) plain() bool {
	return c.k == 1 && c.lead.Counted == "" && c.facts.Standing == (truce.Standing{}) && c.facts.Rating == 0 && c.facts.Early == 0
}

// since is the moment since which an open lead stands where it stands.
func (c rollChange) since() time.Time { return since(c.facts.Standing, c.lead.MQLAt) }

func since(s truce.Standing, mql time.Time) time.Time {
	if s.State == truce.NoStatus {
		return mql
	}
	return s.At
}

// stageName is a stage as the name of a row of RollOpen.
func stageName(s truce.Stage) string { return strconv.Itoa(int(s)) }

// rollZone is the zone that cuts the days of the roll-ups, nil where none are kept. It is asked of the database once in a
// transaction: another process may have rebuilt them.
func (tx *Tx) rollZone() (*time.Location, error) {
	if !tx.rollAsked {
		name, err := tx.Meta(metaRollZone)
		if err != nil {
			return nil, err
		}
		if name != "" {
			if tx.rollLoc, err = time.LoadLocation(name); err != nil {
				return nil, fmt.Errorf("the zone of the roll-ups: %w", err)
			}
		}
		tx.rollAsked = true
	}
	return tx.rollLoc, nil
}

// roll notes what a change of a lead does to the sums and returns what is to be remembered of the lead. outcomes and ratings
// are those of the lead now, nil where they have not changed.
func (tx *Tx) roll(before, after truce.Lead, outcomes []truce.Outcome, ratings []truce.RatingOf) (counted string, err error) {
	loc, err := tx.rollZone()
	if err != nil || loc == nil {
		return before.Counted, err
	}
	was, err := readFacts(before.Counted)
	if err != nil {
		return "", fmt.Errorf("lead %s: %w", before.ID, err)
	}
	now := was
	if outcomes != nil || ratings != nil || (before.Owner != after.Owner || before.OwnerID != after.OwnerID) && before.Rating != 0 {
		if outcomes == nil && before.State != truce.NoStatus {
			if outcomes, err = tx.LeadOutcomes(after.ID); err != nil {
				return "", err
			}
		}
		if ratings == nil && before.Rating != 0 {
			if ratings, err = tx.LeadRatings(after.ID); err != nil {
				return "", err
			}
		}
		now = factsOf(truce.LeadCase{Lead: after, Outcomes: outcomes, Ratings: ratings}, loc)
		for _, o := range outcomes {
			tx.rollSeen(o.At)
		}
		for _, r := range ratings {
			tx.rollSeen(r.When())
		}
	}
	tx.rollSeen(after.MQLAt)
	counted = writeFacts(now)
	same := before.ID != "" && counted == before.Counted && before.MQLAt.Equal(after.MQLAt) && before.Source == after.Source &&
		before.Campaign == after.Campaign &&
		before.Segment == after.Segment && before.HasScore == after.HasScore && before.Score == after.Score
	if same {
		return counted, nil
	}
	change := rollChange{&after, now, 1}
	if n := len(tx.rolls); n > tx.rollTry && tx.rolls[n-1].k == 1 && tx.rolls[n-1].lead.ID == before.ID {
		tx.rolls[n-1] = change // what this event has just counted of it is not so any more
		return counted, nil
	}
	if before.ID != "" {
		tx.rolls = append(tx.rolls, rollChange{&before, was, -1})
	}
	tx.rolls = append(tx.rolls, change)
	return counted, nil
}

// factsOf is what is counted of a lead by everything that is known.
func factsOf(lc truce.LeadCase, loc *time.Location) truce.Facts {
	f := lc.Facts(lastMoment)
	f.Course = lc.Course(loc)
	return f
}

// rollNew is roll for a new lead of which nothing has become.
func (tx *Tx) rollNew(l *truce.Lead) error {
	if loc, err := tx.rollZone(); err != nil || loc == nil {
		return err
	}
	tx.rollSeen(l.MQLAt)
	tx.rolls = append(tx.rolls, rollChange{lead: l, k: 1})
	return nil
}

func (tx *Tx) rollSeen(t time.Time) {
	if t.After(tx.rollNewest) {
		tx.rollNewest = t
	}
}

// factsJSON is what is remembered of a lead that is counted. The zero value is "".
type factsJSON struct {
	State   truce.Status     `json:"s,omitempty"`
	At      int64            `json:"t,omitempty"`
	Stage   truce.Stage      `json:"g,omitempty"`
	Silence bool             `json:"q,omitempty"`
	Joined  bool             `json:"j,omitempty"`
	Reason  truce.Reason     `json:"r,omitempty"`
	Said    truce.Said       `json:"d,omitempty"`
	Revenue map[string]int64 `json:"m,omitempty"`
	Rating  truce.Rating     `json:"v,omitempty"`
	Early   truce.Rating     `json:"e,omitempty"`
	Undated bool             `json:"u,omitempty"`
	Fault   bool             `json:"f,omitempty"`
	Wrong   *int64           `json:"w,omitempty"` // the most it has brought; nil is not wrong. The column leads.wrong
	Course  []int            `json:"c,omitempty"` // day, marks, day, marks
}

func writeFacts(f truce.Facts) string {
	j := factsJSON{State: f.State, Stage: f.Stage, Silence: f.BySilence, Joined: f.Joined, Reason: f.Reason, Said: f.Said, Revenue: f.Revenue,
		Rating: f.Rating, Early: f.Early, Undated: f.Undated, Fault: f.Fault}
	if f.Wrong {
		most := truce.Most(f.Revenue)
		j.Wrong = &most
	}
	if !f.At.IsZero() {
		j.At = f.At.UnixMilli()
	}
	for _, t := range f.Course {
		j.Course = append(j.Course, t.Day, int(t.Marks))
	}
	if s := asJSON(j); s != "{}" {
		return s
	}
	return ""
}

func readFacts(s string) (f truce.Facts, err error) {
	if s == "" {
		return f, nil
	}
	var j factsJSON
	if err := json.Unmarshal([]byte(s), &j); err != nil {
		return f, fmt.Errorf("read what is counted of it: %w", err)
	}
	f = truce.Facts{Standing: truce.Standing{State: j.State, Stage: j.Stage, BySilence: j.Silence}, Reason: j.Reason, Said: j.Said,
		Revenue: j.Revenue, Rating: j.Rating, Early: j.Early,
		Undated: j.Undated, Fault: j.Fault, Wrong: j.Wrong != nil, Joined: j.Joined}
	if j.State != truce.NoStatus {
		f.At = time.UnixMilli(j.At).UTC()
	}
	for i := 0; i+1 < len(j.Course); i += 2 {
		f.Course = append(f.Course, truce.Turn{Day: j.Course[i], Marks: truce.Marks(j.Course[i+1])})
	}
	return f, nil
}

// rollKey names a row of the roll-ups.
type rollKey struct {
	kind, name string
	day        int
}

type rollSums map[rollKey]*truce.Sums

func (m rollSums) of(kind, name string, day int) *truce.Sums {
	k := rollKey{kind, name, day}
	if m[k] == nil {
		m[k] = &truce.Sums{}
	}
	return m[k]
}

// add counts a lead k times in all its sums.
func (m rollSums) add(c rollChange, loc *time.Location) {
	l, day := c.lead, truce.DayNumber(c.lead.MQLAt, loc)
	m.of(RollTotal, "", day).Count(*l, c.facts, c.k, loc)
	for _, group := range [...]struct{ kind, name string }{{RollSource, l.Source}, {RollCampaign, l.Campaign}, {RollSegment, l.Segment}} {
		s := m.of(group.kind, group.name, day)
		s.Count(*l, c.facts, c.k, loc)
		s.Beliefs = nil // of the total only
		if group.kind != RollSource {
			s.Parts = nil // of the total and of sources
		}
	}
	if c.facts.Fault {
		s := m.of(RollFault, "", day)
		if s.Leads += c.k; c.facts.Wrong {
			s.Opportunities += c.k
		}
	}
	if len(c.facts.Course) > 0 {
		s := m.of(RollMark, l.Source, day)
		s.Leads += c.k
		truce.EachMark(c.facts.Course, day, func(m truce.Marks, days, n int) {
			s.Wait(truce.Wait{Days: days, End: bits.TrailingZeros8(uint8(m))}, c.k*n)
		})
	}
	if c.facts.Open() {
		m.of(RollOpen, stageName(c.facts.Stage), truce.DayNumber(c.since(), loc)).Leads += c.k
	}
}

// flush writes what the event has changed into the roll-ups; Store.Update calls it when the event is done.
func (tx *Tx) flush() error {
	if len(tx.rolls) == 0 {
		return nil
	}
	loc, err := tx.rollZone()
	if err != nil || loc == nil {
		return err
	}
	if tx.s.later != nil {
		if kept, err := tx.keepBack(loc); kept || err != nil {
			return err
		}
	}
	sums := rollSums{}
	for _, c := range tx.rolls {
		sums.add(c, loc)
	}
	marked, err := tx.touch(daysOf(tx.rolls, loc))
	tx.rolls = nil
	if err != nil {
		return err
	}
	maps.DeleteFunc(sums, func(k rollKey, _ *truce.Sums) bool { return marked[k.dirtyOf()] })
	if err := tx.addRolls(sums); err != nil {
		return err
	}
	return tx.saveNewest()
}

// saveNewest keeps the moment of the newest event in the roll-ups.
func (tx *Tx) saveNewest() error {
	newest, err := tx.rollNewestKnown()
	if err == nil && tx.rollNewest.After(newest) {
		err = tx.SetMeta(metaRollNewest, fmt.Sprint(tx.rollNewest.UnixMilli()))
	}
	return err
}

func sortedRolls(m rollSums) []rollKey {
	return slices.SortedFunc(maps.Keys(m), func(a, b rollKey) int {
		switch {
		case a.kind != b.kind:
			return compareText(a.kind, b.kind)
		case a.day != b.day:
			return a.day - b.day
		}
		return compareText(a.name, b.name)
	})
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// addRolls adds changes to the rows of the roll-ups.
func (tx *Tx) addRolls(changes rollSums) error {
	for keys := range slices.Chunk(sortedRolls(changes), maxTuples) {
		if err := tx.readRolls(keys, func(k rollKey, stored []byte) error {
			if err := unpackInto(stored, changes[k]); err != nil {
				return fmt.Errorf("read the roll-up of %s %q: %w", k.kind, k.name, err)
			}
			return nil
		}); err != nil {
			return err
		}
		put := make([]rollKey, 0, len(keys))
		for _, k := range keys {
			sums := changes[k]
			sums.Tidy()
			if !isZero(*sums) {
				put = append(put, k)
			} else if err := tx.exec(`DELETE FROM rollups WHERE kind = ? AND day = ? AND name = ?`, k.kind, k.day, k.name); err != nil {
				return err
			}
		}
		if err := tx.putRolls(put, func(k rollKey) []byte { return pack(*changes[k]) }); err != nil {
			return err
		}
	}
	return nil
}

// readRolls calls fn with those of the rows that are there.
func (tx *Tx) readRolls(keys []rollKey, fn func(k rollKey, stored []byte) error) error {
	args := make([]any, 0, 3*len(keys))
	for _, k := range keys {
		args = append(args, k.kind, k.day, k.name)
	}
	// CROSS JOIN looks each of them up; IN would read all rows.
	return tx.each(`SELECT kind, day, name, sums FROM (VALUES `+tuples(len(keys), 3)+`) CROSS JOIN rollups ON kind = column1 AND day = column2
		AND name = column3`, args,
		func(scan func(...any) error) error {
			var k rollKey
			var stored sql.RawBytes
			if err := scan(&k.kind, &k.day, &k.name, &stored); err != nil {
				return err
			}
			return fn(k, stored)
		})
}

// putRolls writes rows, whether they are there or not.
func (tx *Tx) putRolls(keys []rollKey, packed func(k rollKey) []byte) error {
	for some := range slices.Chunk(keys, maxTuples) {
		args := make([]any, 0, 4*len(some))
		for _, k := range some {
			args = append(args, k.kind, k.day, k.name, packed(k))
		}
		err := tx.exec(`INSERT INTO rollups (kind, day, name, sums) VALUES `+tuples(len(some), 4)+` ON CONFLICT (kind, day, name) DO UPDATE
			SET sums = excluded.sums`, args...)
		if err != nil {
			return fmt.Errorf("keep the roll-ups of %s %q and others: %w", some[0].kind, some[0].name, err)
		}
	}
	return nil
}

// tuples are the places of rows of values: (?, ?), (?, ?).
func tuples(rows, columns int) string {
	row := "(?" + strings.Repeat(", ?", columns-1) + ")"
	return row + strings.Repeat(", "+row, rows-1)
}

// isZero reports whether no lead is in the sums.
func isZero(s truce.Sums) bool { return s.Leads == 0 }

func (tx *Tx) rollNewestKnown() (t time.Time, err error) {
	s, err := tx.Meta(metaRollNewest)
	if err != nil || s == "" {
		return t, err
	}
	var ms int64
	if _, err := fmt.Sscan(s, &ms); err != nil {
		return t, fmt.Errorf("read the newest event: %w", err)
	}
	return time.UnixMilli(ms), nil
}

// RolledUp reports whether the roll-ups tell what was known at asOf: they are kept, by the days of this zone, and nothing in
// them is dated later.
func (tx *Tx) RolledUp(asOf time.Time, loc *time.Location) (bool, error) {
	zone, err := tx.rollZone()
	if err != nil || zone == nil || zone.String() != loc.String() {
		return false, err
	}
	if missing, err := tx.anyDirty(); missing || err != nil {
		return false, err
	}
	newest, err := tx.rollNewestKnown()
	return err == nil && !newest.After(asOf), err
}

// DisputeCount is how many disputes the leads of one source, campaign and segment have seen.
type DisputeCount struct {
	Source, Campaign, Segment string
	Opened, Upheld            int
}

// DisputeCounts counts the disputes known at asOf of the leads that qualified in [from, to).
func (tx *Tx) DisputeCounts(from, to, asOf time.Time) ([]DisputeCount, error) {
	// CROSS JOIN goes from the few disputes to their leads, and not through all leads of the period.
	list, err := all(tx, func(scan func(...any) error) (c DisputeCount, err error) {
		return c, scan(&c.Source, &c.Campaign, &c.Segment, &c.Opened, &c.Upheld)
	}, `SELECT l.source, l.campaign, l.segment, count(*), coalesce(sum(d.outcome = 'upheld' AND d.closed_at <= ?), 0) FROM disputes d CROSS
		JOIN leads l
		WHERE l.id = d.lead_id AND d.opened_at <= ? AND l.mql_at >= ? AND l.mql_at < ? GROUP BY 1, 2, 3`, millis(asOf), millis(asOf),
		millis(from), millis(to))
	if err != nil {
		return nil, fmt.Errorf("count the disputes of leads: %w", err)
	}
	return list, nil
}

// recount counts all leads anew: the sums, and the newest event.
func (tx *Tx) recount(loc *time.Location) (rollSums, time.Time, error) {
	c := dayCount{sums: rollSums{}}
	err := tx.EachLeadCase(time.UnixMilli(-1<<45), lastMoment, func(lc *truce.LeadCase) error {
		c.sums.add(rollChange{&lc.Lead, factsOf(*lc, loc), 1}, loc)
		c.seen(lc)
		return nil
	})
	return c.sums, c.newest, err
}

// KeepRollUps is PrepareRollUps and CountRollUps.
func (s *Store) KeepRollUps(ctx context.Context, loc *time.Location) error {
	if err := s.PrepareRollUps(ctx, loc); err != nil {
		return err
	}
	return s.CountRollUps(ctx)
}

// PrepareRollUps sees to it that roll-ups are kept by the days of the company's zone from now on. Where there are none yet, or
// for another zone, all days are marked to be counted by CountRollUps; reports read the leads until then.
func (s *Store) PrepareRollUps(ctx context.Context, loc *time.Location) error {
	var zone string
	if err := s.View(ctx, func(tx *Tx) (err error) { zone, err = tx.Meta(metaRollZone); return err }); err != nil {
		return err
	}
	if zone == loc.String() {
		return nil
	}
	return s.markAll(ctx, loc)
}

// CheckRollUps counts all leads anew and returns what the roll-ups say otherwise, at most n lines; none means that they are
// right. It only reads.
func (s *Store) CheckRollUps(ctx context.Context, n int) (wrong []string, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		loc, err := tx.rollZone()
		if err != nil {
			return err
		}
		if loc == nil {
			wrong = append(wrong, "no roll-ups are kept: run truce rebuild")
			return nil
		}
		if missing, err := tx.anyDirty(); err != nil {
			return err
		} else if missing {
			kept, err := tx.count(`SELECT count(*) FROM rollup_days WHERE keeper <> ''`)
			if err != nil {
				return err
			}
			why := "days wait to be counted anew, as after an upgrade, a rebuild or a change of the time zone: a running bot does it within ten " +
				"minutes, truce rebuild does it now"
			if kept > 0 {
				why = "an import has not counted all days yet, or was killed while it did: wait for it, or run truce rebuild"
			}
			wrong = append(wrong, why)
			return nil
		}
		say := func(format string, args ...any) {
			if len(wrong) < n {
				wrong = append(wrong, fmt.Sprintf(format, args...))
			}
		}
		sums, newest, err := tx.recount(loc)
		if err != nil {
			return err
		}
		err = tx.each(`SELECT kind, name, day, sums FROM rollups ORDER BY kind, day, name`, nil, func(scan func(...any) error) error {
			var k rollKey
			var b []byte
			if err := scan(&k.kind, &k.name, &k.day, &b); err != nil {
				return err
			}
			got, err := unpack(b)
			want := sums[k]
			delete(sums, k)
			switch {
			case err != nil:
				say("%s %q on day %d: %v", k.kind, k.name, k.day, err)
			case want == nil:
				say("%s %q on day %d: holds %d leads, there are none", k.kind, k.name, k.day, got.Leads)
			case !slices.Equal(pack(*want), b) || !reflect.DeepEqual(got.Figures.Revenue, want.Figures.Revenue):
				say("%s %q on day %d: holds %d leads, %d won; counted %d leads, %d won", k.kind, k.name, k.day, got.Leads, got.Won, want.Leads,
					want.Won)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, k := range sortedRolls(sums) {
			if !isZero(*sums[k]) {
				say("%s %q on day %d: is missing, counted %d leads", k.kind, k.name, k.day, sums[k].Leads)
			}
		}
		if known, err := tx.rollNewestKnown(); err != nil {
			return err
		} else if known.Before(newest) {
			say("the newest event is of %s, known is %s", newest.UTC().Format(time.RFC3339), known.UTC().Format(time.RFC3339))
		}
		return nil
	})
	return wrong, err
}
