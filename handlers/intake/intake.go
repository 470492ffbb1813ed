// Package intake takes in what other systems know of leads and what became of them. Files and hooks go the same way: a row is
// read into a record outside any transaction, and records are stored through the methods of storage.Tx, few in a transaction
// beside a running bot, so that it is never kept waiting. It knows no chat and no HTTP.
//
// A row that cannot be used stops nothing: it is told by line and column, and the rest goes on. The same data twice changes
// nothing, so an import that was cut off is simply run again.
package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// How much shares a transaction: the more, the less each row costs. Where nobody else has the database open, one takes what is
// read for a while. Beside others it ends after some rows, because whoever comes waits for its commit too, and early for who waits.
const (
	batchRows = 1000    // read at a time
	someRows  = 50      // stored between two looks for who waits
	maxBytes  = 4 << 20 // of the rows that are held to be told
	longest   = 1500 * time.Millisecond

	besideRows = 250
	besideTime = 150 * time.Millisecond
)

// The reasons that only the database can give.
const (
	ReasonUnknown sheet.Reason = "not known here"            // a lead or a person that the row speaks of
	ReasonTaken   sheet.Reason = "taken by another one here" // an id of ours, in an export of another database
)

// Options say what a file holds and how to read it.
type Options struct {
	Kind   sheet.Kind
	Sheet  sheet.Options
	Bind   sheet.BindOptions
	Number truce.NumberFormat
	Dates  sheet.Dates // the zone of dates that name none, and their order
	Name   string      // of the file, for the record of imports
	Origin string      // for the same: sync; "" is file
	Exact  bool        // amounts with more decimals than their currency has are faults, not rounded
	Expect int         // rows that the file must have to be whole; 0 is not told
	Part   bool        // others belong to it: whoever reads them keeps the record of the import
	Wait   bool        // rows whose lead is not known yet are not rejected: whoever listens has them wait
	Open   bool        // its end may be where a pipe broke off: only what says its own end is complete
}

// Listener is told what happens during an import, in the order of the file, and only what has been committed.
type Listener interface {
	// Rejected tells a row that was not taken. row.Raw is as it stands in the file, valid during the call.
	Rejected(row sheet.Row, bad *sheet.Bad) error
	// Progress tells how far the import is, after each transaction.
	Progress(s Summary)
}

// Waiter is a Listener that has rows wait for their leads; see Options.Wait.
type Waiter interface {
	// Waits tells a row whose lead, bad.Lead, is not known yet. row is as in Rejected.
	Waits(row sheet.Row, bad *sheet.Bad) error
}

// Summary counts what became of the rows.
type Summary struct {
	Kind      sheet.Kind
	Rows      int // all of them
	Added     int
	Changed   int
	Unchanged int
	Nothing   int // rows that say that nothing has come of their lead yet
	Rejected  int
	Waiting   int                  // rows whose lead is not known yet; see Options.Wait
	Reasons   map[sheet.Reason]int // of the rejected rows
	Owners    []Named              // who own leads or deals and are nobody we know, most rows first
	Taken     []Taken              // the file's words that were taken for one of ours, most rows first
	NotYet    int                  // rows whose date of the stage is empty
	Rounded   int                  // amounts with more decimals than their currency has
	Future    []Future             // dates that have not come yet, by column
	Columns   []Column             // what their names made of them
	Open      bool                 // nothing says that this was all
	Merged    int                  // leads that became part of others
}

// Named is an owner as the CRM says it.
type Named struct {
	Name string
	Rows int
}

// most sorts names, those of the most rows first.
func most(list []Named) {
	slices.SortFunc(list, func(a, b Named) int { return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Name, b.Name)) })
}

// record is a row that was read: what it asks to store.
type record interface {
	// save stores it. A *fault rejects the row and must be returned before anything was written; any other error ends the
	// import. It may be called again after a lost transaction.
	save(tx *storage.Tx) (storage.Change, error)
}

// fault is why a record cannot be stored.
type fault struct {
	field  string // of the schema
	reason sheet.Reason
	err    error
	lead   string // it speaks of this lead, which is not known yet; "" for every other fault
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// File is a file that was opened and whose columns are bound: nothing has been stored.
type File struct {
	opts    Options
	reader  *sheet.Reader
	binding atomic.Pointer[sheet.Binding] // the reading goroutine puts a longer one there
	bound   int                           // columns of it
	kind    reading
	undo    bool // see Check
	owner   sheet.Source
	fresh   bool           // most leads are new, so far
	owners  map[string]int // of the file, with their rows; only the reading goroutine writes it
	notes   *notes         // likewise

	looked   bool // at the first rows
	ahead    []sheet.Row
	aheadErr error // what stood behind them
}

// maxNames is how many different owners or stages are looked at: a company has fewer, and a wrong column may have a million.
const maxNames = 10_000

// note counts a row of a name.
func note(names map[string]int, name string) {
	if name != "" && (len(names) < maxNames || names[name] > 0) {
		names[name]++
	}
}

// Open reads the header of src and binds its columns. Its errors are the person's to mend.
func Open(ctx context.Context, store *storage.Store, src io.Reader, opts Options) (*File, error) {
	r, err := sheet.Open(src, opts.Sheet)
	if err != nil {
		return nil, err
	}
	opts.Bind.Objects, opts.Bind.More = r.Objects(), !r.Whole()
	b, err := sheet.Bind(r.Header(), opts.Kind, opts.Bind)
	if err != nil {
		return nil, err
	}
	f := &File{opts: opts, reader: r, bound: len(r.Header())}
	f.binding.Store(b)
	f.fresh = true
	f.owner, f.owners, f.notes = b.Source("owner"), map[string]int{}, newNotes()
	started, err := startOf(ctx, store)
	if err != nil {
		return nil, err
	}
	if f.kind, err = readingOf(opts.Kind, values{number: opts.Number, dates: opts.Dates, started: started,
		own:    opts.Bind.Preset == sheet.PresetTruce,
		preset: opts.Bind.Preset != "" && opts.Bind.Preset != sheet.PresetTruce, json: r.Objects(), exact: opts.Exact, notes: f.notes,
		now: pastOf(opts.Kind, store.Now())}); err != nil {
		return nil, err
	}
	return f, nil
}

// startOf is when Truce was installed on the database.
func startOf(ctx context.Context, store *storage.Store) (at time.Time, err error) {
	err = store.View(ctx, func(tx *storage.Tx) error {
		text, err := tx.Meta("installed_at")
		if err != nil || text == "" {
			return err
		}
		at, err = time.Parse(time.RFC3339, text)
		return err
	})
	if err != nil {
		return at, fmt.Errorf("read when Truce was installed: %w", err)
	}
	return at, nil
}

// Reader is the file, for its header and for keeping its rejected rows.
func (f *File) Reader() *sheet.Reader { return f.reader }

// Binding is what the file's columns mean, as far as they are known.
func (f *File) Binding() *sheet.Binding { return f.binding.Load() }

// item is a row of a batch, and what became of it.
type item struct {
	line   int
	item   int    // of a JSON array
	raw    []byte // a copy, in the batch
	record record // nil: rejected, or nothing has come of it
	bad    *sheet.Bad
	change storage.Change
}

// batch is rows that were read together. It is used again.
type batch struct {
	items  []item
	raw    []byte // holds the items' bytes
	err    error  // of the file, behind the items
	stored int    // items
}

// Import stores the file's rows. It reads ahead by a batch while the one before is stored. When it fails in between, what the
// listener was told of is stored; the import is run again.
func (f *File) Import(ctx context.Context, store *storage.Store, l Listener) (Summary, error) {
	s, err := f.storeAll(ctx, store, l)
	if err == nil && f.opts.Kind == sheet.Accounts { // by its other names a deal may reach leads
		err = tellLeads(ctx, store)
	}
	if err == nil && f.opts.Kind == sheet.Leads {
		if err = tellLeads(ctx, store); err == nil {
			err = f.mergeAll(ctx, store, &s)
		}
	}
	if err == nil {
		err = f.findOwners(ctx, store, &s)
	}
	s.Open = f.opts.Open && !f.reader.Ends()
	if f.opts.Part {
		return s, err
	}
	// The record is kept of a cut-off import too: what it brought is there.
	note := store.Update(context.WithoutCancel(ctx), func(tx *storage.Tx) error {
		return tx.AddImport(storage.Import{Kind: string(s.Kind), Origin: cmp.Or(f.opts.Origin, "file"), Name: f.opts.Name, Complete: err == nil &&
			!s.Open,
			Rows: s.Rows, Added: s.Added, Changed: s.Changed, Unchanged: s.Unchanged, Rejected: s.Rejected})
	})
	return s, errors.Join(err, note)
}

// tellLeads gives the leads that came after their deals what follows from them.
func tellLeads(ctx context.Context, store *storage.Store) error {
	const some = 200 // deals in a transaction
	for {
		var n int
		err := store.Update(ctx, func(tx *storage.Tx) (err error) { n, err = tx.TellLeads(some); return err })
		if err != nil || n < some {
			return err
		}
	}
}

// findOwners lists the owners whom we cannot tell for lack of their address, and the stages of open deals.
func (f *File) findOwners(ctx context.Context, store *storage.Store, s *Summary) error {
	err := store.View(ctx, func(tx *storage.Tx) error {
		for name, rows := range f.owners {
			if strings.Contains(name, "@") {
				_, err := tx.PersonByEmail(name)
				if err == nil {
					continue
				}
				if truce.KindOf(err) != truce.NotFound {
					return err
				}
			}
			s.Owners = append(s.Owners, Named{name, rows})
		}
		return nil
	})
	most(s.Owners)
	f.notes.tell(s, f.Binding())
	return err
}

// storeAll stores the file's rows.
func (f *File) storeAll(ctx context.Context, store *storage.Store, l Listener) (Summary, error) {
	s := Summary{Kind: f.opts.Kind, Reasons: map[sheet.Reason]int{}}
	ctx, cancel := context.WithCancel(ctx)
	free, full := make(chan *batch, 2), make(chan *batch)
	free <- &batch{}
	free <- &batch{}
	read := make(chan struct{})
	go func() {
		defer close(read)
		f.readAll(ctx, free, full)
	}()
	defer func() {
		cancel()
		<-read
	}()
	for b := range full {
		for b != nil {
			t, began := taking{Summary: Summary{Reasons: map[sheet.Reason]int{}}, b: b, wait: f.opts.Wait}, time.Now()
			err := store.Update(ctx, func(tx *storage.Tx) error { return f.take(tx, &t, free, full) })
			if err != nil && !errors.Is(err, errUndo) {
				return s, err
			}
			if err := t.tell(&s, l); err != nil {
				return s, err
			}
			if t.waited {
				pause(ctx, time.Since(began))
			}
			if b = t.b; b != nil && b.err != nil && len(b.items) == b.stored {
				return s, b.err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return s, err
	}
	if n := f.opts.Expect; n > 0 && s.Rows != n {
		return s, fmt.Errorf("%d rows were to come and %d came: what came is stored, and does not count as all there is", n, s.Rows)
	}
	return s, nil
}

// pause leaves the disk to others for as long as an import has kept them waiting: the commit of who waited takes what it wrote along.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(min(d, besideTime)):
	case <-ctx.Done():
	}
}

// taking is a transaction: what it stores, told when it is committed.
type taking struct {
	Summary
	rejected []item // with bytes of their own
	bytes    int    // of them
	wait     bool   // rows whose lead is not known yet wait
	begun    bool
	waited   bool   // for: somebody wanted to write
	b        *batch // under way; nil when all of it is stored and the file goes on
}

// take stores batches in one transaction: one, or where nobody can be kept waiting, as many as are read for a while.
func (f *File) take(tx *storage.Tx, t *taking, free chan<- *batch, full <-chan *batch) error {
	if t.begun { // batches that are full of other rows by now
		return errors.New("the transaction was lost: run the import again")
	}
	t.begun = true
	for began := time.Now(); ; { // of what others must wait for: the real time, whatever the clock of the events
		if more, err := f.takeBatch(tx, t); more || err != nil {
			return err
		}
		broken := t.b.err != nil
		if !broken {
			free <- t.b
			t.b = nil
		}
		switch {
		case f.undo:
			return errUndo
		case broken || time.Since(began) > longest || t.bytes > maxBytes || !tx.Alone():
			return nil
		}
		if err := tx.WriteDown(); err != nil {
			return err
		}
		select {
		case b, ok := <-full:
			if !ok {
				return nil
			}
			t.b = b
		case <-time.After(longest / 100): // whoever fills the file takes their time
			return nil
		}
	}
}

// takeBatch stores what is left of a batch; more is true where the transaction should end before all of it is stored.
func (f *File) takeBatch(tx *storage.Tx, t *taking) (more bool, err error) {
	beside := !f.undo && !tx.Alone()
	began, rows := time.Now(), 0
	for some := range slices.Chunk(t.b.items[t.b.stored:], someRows) {
		if err := f.save(tx, some); err != nil {
			return false, err
		}
		t.note(some)
		t.b.stored += len(some)
		rows += len(some)
		if f.undo || t.b.stored == len(t.b.items) {
			continue
		}
		if t.waited = tx.Wanted(); t.waited || beside && (rows >= besideRows || time.Since(began) > besideTime) {
			return true, nil
		}
	}
	return false, nil
}

// note counts rows, and keeps what is to be told of them.
func (t *taking) note(items []item) {
	for _, it := range items {
		if t.count(&it, t.wait); it.bad != nil {
			it.raw = slices.Clone(it.raw)
			t.bytes += len(it.raw)
			t.rejected = append(t.rejected, it)
		}
	}
}

// waits reports whether a row that was not taken waits for its lead. One that could not be kept as it came cannot wait.
func (t *taking) waits(it *item) bool { return t.wait && it.bad.Lead != "" && it.raw != nil }

// tell adds what was committed to the sums of the import, and tells it.
func (t *taking) tell(s *Summary, l Listener) error {
	s.Add(t.Summary)
	for _, it := range t.rejected {
		it.bad.Item = it.item
		tell := l.Rejected
		if w, ok := l.(Waiter); ok && t.waits(&it) {
			tell = w.Waits
		}
		if err := tell(sheet.Row{Line: it.line, Item: it.item, Raw: it.raw, Bad: it.bad}, it.bad); err != nil {
			return err
		}
	}
	l.Progress(*s)
	return nil
}

// readAll fills batches until the file or ctx ends; it closes full.
func (f *File) readAll(ctx context.Context, free <-chan *batch, full chan<- *batch) {
	defer close(full)
	for {
		var b *batch
		select {
		case b = <-free:
		case <-ctx.Done():
			return
		}
		end := f.fill(b)
		if len(b.items) > 0 || b.err != nil {
			select {
			case full <- b:
			case <-ctx.Done():
				return
			}
		}
		if end {
			return
		}
	}
}

// fill reads a batch; end is true behind the last row.
func (f *File) fill(b *batch) (end bool) {
	b.items, b.raw, b.err, b.stored = b.items[:0], b.raw[:0], nil, 0
	for len(b.items) < batchRows && len(b.raw) < maxBytes {
		row, err := f.next()
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			b.err = err
			return true
		}
		it := item{line: row.Line, item: row.Item, bad: row.Bad}
		if row.Raw != nil {
			from := len(b.raw)
			b.raw = append(b.raw, row.Raw...)
			it.raw = b.raw[from:len(b.raw):len(b.raw)]
		}
		if it.bad == nil {
			it.record, it.bad = f.read(row)
		}
		b.items = append(b.items, it)
	}
	return false
}

// next is the file's next row. The first rows are looked at together before any is read.
func (f *File) next() (sheet.Row, error) {
	if !f.looked {
		f.looked = true
		for len(f.ahead) < sampled && f.aheadErr == nil {
			row, err := f.reader.Next()
			if f.aheadErr = err; err == nil {
				row.Fields, row.Raw = slices.Clone(row.Fields), slices.Clone(row.Raw)
				f.ahead = append(f.ahead, row)
			}
		}
		f.binding.Store(f.notes.unlike(f.binding.Load(), f.ahead))
	}
	switch {
	case len(f.ahead) > 0:
		row := f.ahead[0]
		f.ahead = f.ahead[1:]
		return row, nil
	case f.aheadErr != nil:
		return sheet.Row{}, f.aheadErr
	}
	return f.reader.Next()
}

// read makes a record of a sound row.
func (f *File) read(row sheet.Row) (record, *sheet.Bad) {
	b, bad := f.bindingOf(row)
	if bad == nil {
		bad = b.Odd(row)
	}
	if bad == nil {
		if b.NotYet(row) {
			f.notes.notYet++
			return nil, nil
		}
		if b.Silent(row) {
			return nil, nil
		}
		bad = b.Missing(row)
	}
	if bad != nil {
		return nil, bad
	}
	rec, bad := f.kind.read(b, row)
	if bad != nil {
		f.notes.refused[bad.Column]++
	} else {
		note(f.owners, f.owner.Of(row))
		f.notes.sound(b, row)
		f.notes.took(b, row, rec)
	}
	return rec, bad
}

// bindingOf is what the columns mean, those included that a JSON file names in this row for the first time.
func (f *File) bindingOf(row sheet.Row) (*sheet.Binding, *sheet.Bad) {
	b := f.binding.Load()
	if len(row.Fields) == f.bound || !slices.ContainsFunc(row.Fields[f.bound:], func(text string) bool { return text != "" }) {
		return b, nil
	}
	longer, err := b.Extend(f.reader.Header())
	if err != nil {
		return nil, &sheet.Bad{Line: row.Line, Reason: sheet.ReasonJSON, Text: strings.TrimSuffix(truce.Sentence(err), "."), Kept: row.Raw != nil}
	}
	f.binding.Store(longer)
	f.bound, f.owner = len(row.Fields), longer.Source("owner")
	return longer, nil
}

// save stores records, and notes in each item what became of it.
func (f *File) save(tx *storage.Tx, items []item) error {
	if f.opts.Kind == sheet.Leads && f.opts.Bind.Preset != sheet.PresetTruce { // whose references may be taken, row by row
		return f.saveLeads(tx, items)
	}
	for i := range items {
		it := &items[i]
		if it.record == nil {
			continue
		}
		it.bad = nil // this may be the second time
		var err error
		if it.change, err = it.record.save(tx); err == nil {
			continue
		}
		var late *fault
		if truce.KindOf(err) == truce.Conflict {
			late = &fault{reason: ReasonTaken, err: err}
		} else if !errors.As(err, &late) {
			return fmt.Errorf("import line %d: %w", it.line, err)
		}
		it.bad = &sheet.Bad{Line: it.line, Column: f.binding.Load().Source(late.field).Column(), Reason: late.reason, Text: late.Error(),
			Lead: late.lead, Kept: it.raw != nil}
	}
	return nil
}

// saveLeads stores leads together.
func (f *File) saveLeads(tx *storage.Tx, items []item) error {
	rows := make([]*storage.LeadRow, 0, len(items))
	for i := range items {
		if l, ok := items[i].record.(*lead); ok {
			rows = append(rows, (*storage.LeadRow)(l))
		}
	}
	if err := tx.UpsertLeads(rows, f.fresh); err != nil {
		return fmt.Errorf("import lines %d to %d: %w", items[0].line, items[len(items)-1].line, err)
	}
	added := 0
	for i := range items {
		if l, ok := items[i].record.(*lead); ok {
			if items[i].change = l.Change; l.Change == storage.Added {
				added++
			}
		} else if b, ok := items[i].record.(*below); ok {
			var err error
			if items[i].change, err = b.save(tx); err != nil {
				return err
			}
		}
	}
	f.fresh = added*2 >= len(rows)
	return nil
}

func (s *Summary) count(it *item, wait bool) {
	s.Rows++
	switch {
	case wait && it.bad != nil && it.bad.Lead != "" && it.raw != nil:
		s.Waiting++
	case it.bad != nil:
		s.Rejected++
		s.Reasons[it.bad.Reason]++
	case it.record == nil:
		s.Nothing++
	case it.change == storage.Added:
		s.Added++
	case it.change == storage.Changed:
		s.Changed++
	default:
		s.Unchanged++
	}
}

// Add adds the counts of further rows.
func (s *Summary) Add(o Summary) {
	s.Rows += o.Rows
	s.Added += o.Added
	s.Changed += o.Changed
	s.Unchanged += o.Unchanged
	s.Nothing += o.Nothing
	s.Rejected += o.Rejected
	s.Waiting += o.Waiting
	for reason, n := range o.Reasons {
		s.Reasons[reason] += n
	}
}

// ByReason are the reasons for which rows were rejected, the most frequent first.
func (s Summary) ByReason() []sheet.Reason {
	list := make([]sheet.Reason, 0, len(s.Reasons))
	for r := range s.Reasons {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b sheet.Reason) int {
		return cmp.Or(cmp.Compare(s.Reasons[b], s.Reasons[a]), cmp.Compare(a, b))
	})
	return list
}
