package crm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"truce"
	"truce/handlers/intake"
	"truce/handlers/intake/pull"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// Options say how a CRM is asked.
type Options struct {
	Full    bool          // everything, not only what has changed
	DryRun  bool          // nothing is stored
	Overlap time.Duration // by which what was asked for already is asked for again: rows may appear late
	HandOff func(at time.Time) time.Time
	Ended   func(tx *storage.Tx, run storage.SyncRun) error
}

// Result is what a run brought, by what is counted.
type Result struct {
	ByKind map[sheet.Kind]*intake.Summary
	Locked []string // leads with another source there than when they came: a source is locked
	Pages  int

	Proposed []truce.Proposal // about leads whose source has changed there since they came
}

// Rejected is how many records could not be taken.
func (r Result) Rejected() (n int) {
	for _, s := range r.ByKind {
		n += s.Rejected
	}
	return n
}

// Kinds are what came, in the order of imports.
func (r Result) Kinds() (list []sheet.Kind) {
	for _, k := range sheet.Kinds() {
		if r.ByKind[k] != nil {
			list = append(list, k)
		}
	}
	return list
}

// maxLocked is how many leads whose source has changed there are named.
const maxLocked = 200

// staleRun is after how long a run that was killed is not gone on with.
const staleRun = 7 * 24 * time.Hour

// aDay is after how long a daily stream is read again; less than a day, because runs do not begin to the minute.
const aDay = 20 * time.Hour

// Run asks a CRM for what has changed since its last complete run. The caller has the right to sync (storage.Store.SyncTurn). The
// error says why the run is not complete; records that cannot be taken are none.
func Run(ctx context.Context, store *storage.Store, sys System, o Options, l intake.Listener, log *slog.Logger) (Result, error) {
	r := &runner{store: store, sys: sys, o: o, l: l, log: log, Result: Result{ByKind: map[sheet.Kind]*intake.Summary{}}}
	if o.DryRun {
		return r.Result, r.all(ctx)
	}
	run := storage.SyncRun{Source: sys.Name(), Kind: sys.Name(), SinceAt: pull.Epoch, MarkAt: store.Now()}
	if err := store.Update(ctx, func(tx *storage.Tx) (err error) { run, err = tx.BeginSync(run); return err }); err != nil {
		return r.Result, err
	}
	err := r.all(ctx)
	run.Complete = err == nil
	if !r.now.IsZero() {
		run.MarkAt = r.now
	}
	switch {
	case ctx.Err() != nil:
		run.Why = storage.SyncStopped
	case err != nil:
		run.Why = truce.Sentence(err)
	}
	for _, s := range r.ByKind {
		run.Rows, run.Added, run.Changed = run.Rows+s.Rows, run.Added+s.Added, run.Changed+s.Changed
		run.Unchanged, run.Rejected = run.Unchanged+s.Unchanged, run.Rejected+s.Rejected
	}
	ended := store.Update(context.WithoutCancel(ctx), func(tx *storage.Tx) error {
		if err := r.noteImports(tx, run.Complete); err != nil {
			return err
		}
		if run.Complete {
			made, err := tx.ProposeSources()
			if err != nil {
				return err
			}
			r.Proposed = made
		}
		if err := tx.EndSync(run); err != nil || o.Ended == nil {
			return err
		}
		return o.Ended(tx, run)
	})
	return r.Result, errors.Join(err, ended)
}

// runner is a run.
type runner struct {
	Result
	store *storage.Store
	sys   System
	o     Options
	l     intake.Listener
	log   *slog.Logger
	now   time.Time // the CRM's
	whole []string  // streams that it has read whole, from their beginning
}

// noteImports keeps the record of what came, as that of an import: what is complete counts as heard, also where nothing was new.
func (r *runner) noteImports(tx *storage.Tx, complete bool) error {
	kinds := map[sheet.Kind]bool{}
	for _, s := range r.sys.Streams() {
		kinds[s.Kind] = true
	}
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		s := r.of(k)
		if !complete && s.Rows == 0 {
			continue
		}
		err := tx.AddImport(storage.Import{Kind: string(k), Origin: "sync", Name: r.sys.Name(), Complete: complete,
			Rows: s.Rows, Added: s.Added, Changed: s.Changed, Unchanged: s.Unchanged, Rejected: s.Rejected})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) of(k sheet.Kind) *intake.Summary {
	if r.ByKind[k] == nil {
		r.ByKind[k] = &intake.Summary{Kind: k, Reasons: map[sheet.Reason]int{}}
	}
	return r.ByKind[k]
}

// all reads the streams.
func (r *runner) all(ctx context.Context) error {
	now, err := r.sys.Begin(ctx)
	if err != nil {
		return err
	}
	if r.now = now.UTC().Truncate(time.Millisecond); now.IsZero() {
		r.now = r.store.Now()
	}
	for _, s := range r.sys.Streams() {
		for again, full := true, r.o.Full; again; full = false { // what was gone on with ends before now
			if again, err = r.stream(ctx, s, full); err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
		}
	}
	return nil
}

// stream reads a stream to its end. again is true where it went on with an older run, which asked for less than there is now.
func (r *runner) stream(ctx context.Context, s Stream, full bool) (again bool, err error) {
	var at storage.CRMStream
	if err := r.store.View(ctx, func(tx *storage.Tx) (err error) { at, err = tx.CRMStream(r.sys.Name(), s.Name); return err }); err != nil {
		return false, err
	}
	going := !at.BeganAt.IsZero() && r.now.Sub(at.BeganAt) < staleRun && (at.Whole || !full) && at.Cursor != "" && !s.Always
	switch {
	case s.Daily && !going && !full && !at.EndedAt.IsZero() && r.now.Sub(at.EndedAt) < aDay:
		return false, nil
	case len(s.Checks) > 0 && !going && !slices.ContainsFunc(s.Checks, func(of string) bool { return !slices.Contains(r.whole, of) }):
		at.Mark, at.EndedAt = r.now, r.now
		return false, r.note(ctx, at)
	case !going:
		at.BeganAt, at.Cursor, at.Until = r.now, "", r.now
		at.Whole = full || at.Mark.IsZero() || s.Daily || s.Always
		at.Since = at.Mark.Add(-r.o.Overlap)
		if at.Whole {
			at.Since = time.Time{}
			at.Load++
		}
	}
	absent := 0
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		page, err := r.sys.Page(ctx, Query{Stream: s.Name, Since: at.Since, Until: at.Until, Whole: at.Whole, Cursor: at.Cursor,
			OpenDeals: r.openDeals, Known: r.known})
		if err != nil {
			return false, err
		}
		if page.Next != "" && page.Next == at.Cursor {
			return false, truce.Errorf(truce.Invalid, "its pages do not go on: %q came twice", page.Next)
		}
		r.Pages++
		if absent += len(page.Gone); len(s.Checks) > 0 && !full {
			if err := r.believable(ctx, page.Gone, absent); err != nil {
				return false, err
			}
		}
		if at.Cursor = page.Next; at.Cursor == "" {
			at.Mark, at.EndedAt, at.BeganAt = at.Until, r.now, time.Time{}
		}
		if err := r.take(ctx, s, at, page); err != nil {
			return false, err
		}
		if page.Next == "" {
			break
		}
	}
	if at.Whole && !going {
		r.whole = append(r.whole, s.Name)
	}
	if at.Whole && s.Purges != "" {
		if err := r.purge(ctx, s, at.Load); err != nil {
			return false, err
		}
	}
	return going && at.Until.Before(r.now), nil
}

// fewAbsent are believed to be deleted whatever there is besides; of more than that, at most one in manyAbsent of what is known.
const fewAbsent, manyAbsent = 50, 10

// believable refuses to take records for deleted that are only not to be seen any more, where they are so many that a lost permission is
// likelier: a CRM says of both that there is nothing. Who has deleted them says so by reading all anew.
func (r *runner) believable(ctx context.Context, gone []Gone, absent int) error {
	if absent <= fewAbsent || len(gone) == 0 {
		return nil
	}
	known := 0
	err := r.store.View(ctx, func(tx *storage.Tx) (err error) { known, err = tx.CRMCount(r.sys.Name(), gone[0].Type); return err })
	if err != nil || absent <= known/manyAbsent {
		return err
	}
	return truce.Errorf(truce.Invalid, "%d and more of what is known here cannot be seen there any more, and nothing of them is taken for deleted. "+
		"Has Truce's user there lost a permission? Give it back; or, where all that was deleted, run truce sync %s --full once", absent, r.sys.Name())
}

// note keeps how far a stream has come, where nothing of it was read.
func (r *runner) note(ctx context.Context, at storage.CRMStream) error {
	if r.o.DryRun {
		return nil
	}
	return r.store.Update(ctx, func(tx *storage.Tx) error { return tx.SaveCRMStream(at) })
}

func (r *runner) openDeals(ctx context.Context, after string, n int) (ids []string, err error) {
	err = r.store.View(ctx, func(tx *storage.Tx) (err error) { ids, err = tx.OpenDeals(r.sys.Name(), after, n); return err })
	return ids, err
}

func (r *runner) known(ctx context.Context, kind, after string, n int) (ids []string, err error) {
	err = r.store.View(ctx, func(tx *storage.Tx) (err error) { ids, err = tx.CRMKnown(r.sys.Name(), kind, after, n); return err })
	return ids, err
}

// errDry undoes what a dry run would have stored.
var errDry = errors.New("nothing is stored")

// take stores a page, and how far the stream has been read, together.
func (r *runner) take(ctx context.Context, s Stream, at storage.CRMStream, page Page) error {
	var t taken
	err := r.store.Update(ctx, func(tx *storage.Tx) error {
		t = taken{o: r.o, byKind: map[sheet.Kind]*intake.Summary{}}
		if err := t.page(tx, r.sys.Name(), at.Load, page); err != nil {
			return err
		}
		if r.o.DryRun {
			return errDry
		}
		return tx.SaveCRMStream(at)
	})
	if err != nil && !(r.o.DryRun && errors.Is(err, errDry)) {
		return err
	}
	for k, sum := range t.byKind {
		r.of(k).Add(*sum)
	}
	r.Locked = append(r.Locked, t.locked[:min(len(t.locked), maxLocked-len(r.Locked))]...)
	sum := r.of(s.Kind)
	sum.Nothing += page.Nothing
	sum.Rows += page.Nothing
	for _, f := range page.Faults {
		sum.Rows++
		sum.Rejected++
		sum.Reasons["a record of the CRM"]++
		bad := &sheet.Bad{Column: f.Field, Reason: "a record of the CRM", Text: f.Record + ", " + f.Field + ": " + f.Text}
		if err := r.l.Rejected(sheet.Row{Bad: bad}, bad); err != nil {
			return err
		}
	}
	r.l.Progress(*sum)
	return r.tellLeads(ctx)
}

// tellLeads gives leads that came after deals of their accounts what follows from them.
func (r *runner) tellLeads(ctx context.Context) error {
	const some = 200
	for !r.o.DryRun {
		var n int
		err := r.store.Update(ctx, func(tx *storage.Tx) (err error) { n, err = tx.TellLeads(some); return err })
		if err != nil || n < some {
			return err
		}
	}
	return nil
}

// purge lets records go that a load of everything has not seen: they were deleted for good.
func (r *runner) purge(ctx context.Context, s Stream, load int64) error {
	const some = 200
	for !r.o.DryRun {
		var ids []string
		err := r.store.Update(ctx, func(tx *storage.Tx) (err error) {
			if ids, err = tx.Unseen(r.sys.Name(), s.Purges, load, some); err != nil {
				return err
			}
			c := tx.CRM(r.sys.Name(), load)
			for _, id := range ids {
				if s.Purges == storage.CRMLeads {
					_, err = c.Gone(id, "deleted")
				} else {
					_, err = c.NoMore(s.Purges, id)
				}
				if err != nil {
					return err
				}
			}
			return c.End()
		})
		if err != nil || len(ids) == 0 {
			return err
		}
		r.of(s.Kind).Changed += len(ids)
	}
	return r.tellLeads(ctx)
}

// taken is what became of a page.
type taken struct {
	o      Options
	byKind map[sheet.Kind]*intake.Summary
	locked []string
}

func (t *taken) count(k sheet.Kind, c storage.Change) {
	s := t.byKind[k]
	if s == nil {
		s = &intake.Summary{Kind: k, Reasons: map[sheet.Reason]int{}}
		t.byKind[k] = s
	}
	s.Rows++
	switch c {
	case storage.Added:
		s.Added++
	case storage.Changed:
		s.Changed++
	default:
		s.Unchanged++
	}
}

// page stores a page.
func (t *taken) page(tx *storage.Tx, system string, load int64, p Page) error {
	c := tx.CRM(system, load)
	for _, who := range p.People {
		change, err := c.Person(who)
		if err != nil {
			return err
		}
		t.count(sheet.People, change)
	}
	for _, a := range p.Accounts {
		change, err := tx.UpsertAccount(a, time.Time{})
		if err != nil {
			return err
		}
		t.count(sheet.Accounts, change)
	}
	if err := t.leads(c, p); err != nil {
		return err
	}
	for _, d := range p.Deals {
		change, err := c.Deal(d)
		if err != nil {
			return err
		}
		t.count(sheet.Deals, change)
	}
	for _, l := range p.Links {
		if _, err := c.Relink(l.Type, l.ID, l.Links); err != nil {
			return err
		}
	}
	for _, touch := range p.Touches {
		change, err := c.Touch(touch)
		if err != nil {
			return err
		}
		t.count(sheet.Touches, change)
	}
	for _, e := range p.Engagements {
		change, err := c.Engagement(e)
		if err != nil {
			return err
		}
		t.count(sheet.Engagements, change)
	}
	return c.End()
}

// leads stores the leads of a page, and lets go what is gone.
func (t *taken) leads(c *storage.CRM, p Page) error {
	for _, l := range p.Leads {
		if t.o.HandOff != nil && !l.MQLAt.IsZero() {
			l.HandedOffAt = t.o.HandOff(l.MQLAt)
		}
		change, locked, err := c.Lead(l)
		if err != nil {
			return err
		}
		if locked {
			t.locked = append(t.locked, l.ID)
		}
		if !l.MQLAt.IsZero() || change != storage.Unchanged {
			t.count(sheet.Leads, change)
		}
	}
	for _, m := range p.Merged {
		merged, err := c.Merged(m.ID, m.Into)
		if err != nil {
			return err
		}
		if merged {
			t.count(sheet.Leads, storage.Changed)
		}
	}
	for _, g := range p.Gone {
		kind, gone, err := sheet.Leads, false, error(nil)
		switch g.Type {
		case storage.CRMLeads:
			gone, err = c.Gone(g.ID, g.Why)
		case storage.CRMDeals:
			kind = sheet.Deals
			gone, err = c.NoMore(g.Type, g.ID)
		default:
			kind = sheet.Touches
			gone, err = c.NoMore(g.Type, g.ID)
		}
		if err != nil {
			return err
		}
		if gone {
			t.count(kind, storage.Changed)
		}
	}
	return nil
}
