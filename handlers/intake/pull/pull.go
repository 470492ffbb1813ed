// Package pull asks other systems for what has changed since it asked last, and takes it in as an import does: a source says how it is
// asked, everything behind that is package intake's. A run counts as heard only where all that was asked for has come; what an
// incomplete one brought is stored and asked for again.
package pull

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"truce"
	"truce/handlers/intake"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// Asker is a system that can be asked for rows.
type Asker interface {
	// Ask begins to read the rows that changed at since or later. It stops when ctx ends.
	Ask(ctx context.Context, since time.Time, log *slog.Logger) (*Rows, error)
	// Try asks for as little as shows that Ask would be answered.
	Try(ctx context.Context) error
}

// Rows is rows on their way, as CSV or JSON. Its end is io.EOF only where all rows have come; reading says why they have not.
type Rows struct {
	io.ReadCloser
	At   time.Time // when it was asked, by the source's own clock; zero where it has none
	JSON bool      // it is JSON, even where no row comes
}

// Source is one source as the configuration names it.
type Source struct {
	Name    string
	Asker   Asker
	Timeout time.Duration // of a whole run
	Overlap time.Duration // by which what was asked for already is asked for again: rows may appear late
	Options intake.Options
	Ended   func(tx *storage.Tx, run storage.SyncRun) error // what follows from the end of a run, in its transaction; may be nil
}

// Kind is what the source's rows are.
func (s Source) Kind() sheet.Kind { return s.Options.Kind }

// Result is what a run brought.
type Result struct {
	intake.Summary
	Since   time.Time
	Binding *sheet.Binding // nil where no row came

	Proposed []truce.Proposal // about leads whose source has changed since they came
}

// Epoch is since when a source is asked the first time.
var Epoch = time.Unix(0, 0).UTC()

// Run asks a source for what has changed since its last complete run, less the overlap; full asks for everything. The caller has the right
// to sync (storage.Store.SyncTurn). The error says why the run is not complete; rejected rows are none.
func Run(ctx context.Context, store *storage.Store, s Source, full bool, l intake.Listener, log *slog.Logger) (Result, error) {
	since, err := sinceOf(ctx, store, s, full)
	if err != nil {
		return Result{}, err
	}
	run := storage.SyncRun{Source: s.Name, Kind: string(s.Kind()), SinceAt: since, MarkAt: store.Now()}
	if err := store.Update(ctx, func(tx *storage.Tx) (err error) { run, err = tx.BeginSync(run); return err }); err != nil {
		return Result{}, err
	}
	got, at, err := s.all(ctx, store, since, l, log)
	if run.Complete = err == nil; run.Complete && !at.IsZero() {
		run.MarkAt = at
	}
	switch {
	case ctx.Err() != nil:
		run.Why = storage.SyncStopped
	case err != nil:
		run.Why = truce.Sentence(err)
	}
	run.Rows, run.Added, run.Changed, run.Unchanged, run.Rejected = got.Rows, got.Added, got.Changed, got.Unchanged, got.Rejected
	// That it was cut off is noted too.
	ended := store.Update(context.WithoutCancel(ctx), func(tx *storage.Tx) error {
		if run.Complete && s.Kind() == sheet.Leads {
			made, err := tx.ProposeSources()
			if err != nil {
				return err
			}
			got.Proposed = made
		}
		if err := tx.EndSync(run); err != nil || s.Ended == nil {
			return err
		}
		return s.Ended(tx, run)
	})
	return got, errors.Join(err, ended)
}

// all takes the rows that have waited for leads that are known now, then what the source says.
func (s Source) all(ctx context.Context, store *storage.Store, since time.Time, l intake.Listener, log *slog.Logger) (got Result,
	at time.Time, err error) {
	again, err := s.again(ctx, store, l)
	if err != nil {
		return Result{Summary: again, Since: since}, at, err
	}
	got, at, err = s.read(ctx, store, since, log, func(ctx context.Context, f *intake.File) (intake.Summary, error) {
		if f == nil {
			return intake.Summary{Kind: s.Kind()}, s.heardNothing(ctx, store)
		}
		k := &keeping{Listener: l, ctx: ctx, store: store, source: s.Name, kind: s.Kind(), head: f.Reader().Head}
		sum, err := f.Import(ctx, store, k)
		return sum, errors.Join(err, k.keep())
	})
	gone, left := 0, got.Waiting
	if err == nil {
		gone, left, err = s.letGo(ctx, store, l)
	}
	got.waited(again, gone, left)
	return got, at, err
}

// DryRun is Run that stores nothing.
func DryRun(ctx context.Context, store *storage.Store, s Source, full bool, l intake.Listener, log *slog.Logger) (Result, error) {
	since, err := sinceOf(ctx, store, s, full)
	if err != nil {
		return Result{}, err
	}
	got, _, err := s.read(ctx, store, since, log, func(ctx context.Context, f *intake.File) (intake.Summary, error) {
		if f == nil {
			return intake.Summary{Kind: s.Kind()}, nil
		}
		return f.Check(ctx, store, &keeping{Listener: l})
	})
	return got, err
}

// sinceOf is since when a source is asked.
func sinceOf(ctx context.Context, store *storage.Store, s Source, full bool) (since time.Time, err error) {
	if since = Epoch; full {
		return since, nil
	}
	err = store.View(ctx, func(tx *storage.Tx) error {
		last, err := tx.LastSync(s.Name, string(s.Kind()))
		if err == nil && !last.MarkAt.IsZero() {
			since = last.MarkAt.Add(-s.Overlap)
		}
		return err
	})
	return since, err
}

// read asks, and gives the answer to take: nil where it is empty.
func (s Source) read(ctx context.Context, store *storage.Store, since time.Time, log *slog.Logger,
	take func(context.Context, *intake.File) (intake.Summary, error)) (got Result, at time.Time, err error) {
	got = Result{Summary: intake.Summary{Kind: s.Kind()}, Since: since}
	long := truce.Errorf(truce.Conflict, "it had not ended after %s: ask for less, or give it more time (timeout)", s.Timeout)
	ctx, cancel := context.WithTimeoutCause(ctx, s.Timeout, long)
	defer cancel()
	defer func() {
		if err != nil && errors.Is(context.Cause(ctx), long) {
			err = long
		}
	}()
	answer, err := s.Asker.Ask(ctx, since, log)
	if err != nil {
		return got, at, err
	}
	got.Summary, got.Binding, err = s.takeAnswer(ctx, store, answer, take)
	return got, answer.At, errors.Join(err, answer.Close())
}

func (s Source) takeAnswer(ctx context.Context, store *storage.Store, answer *Rows,
	take func(context.Context, *intake.File) (intake.Summary, error)) (intake.Summary, *sheet.Binding, error) {
	none := intake.Summary{Kind: s.Kind()}
	rows := bufio.NewReaderSize(answer, 64<<10)
	empty, err := nothingComes(rows)
	if err != nil {
		return none, nil, err
	}
	if empty {
		sum, err := take(ctx, nil)
		return sum, nil, err
	}
	o := s.Options
	o.Name, o.Origin, o.Wait, o.Sheet.JSON = s.Name, "sync", true, o.Sheet.JSON || answer.JSON
	f, err := intake.Open(ctx, store, rows, o)
	if err != nil {
		return none, nil, err
	}
	sum, err := take(ctx, f)
	return sum, f.Binding(), err
}

// nothingComes reports whether the answer is empty, blank lines aside.
func nothingComes(r *bufio.Reader) (bool, error) {
	for {
		c, err := r.ReadByte()
		switch {
		case err == io.EOF:
			return true, nil
		case err != nil:
			return false, err
		case c != '\n' && c != '\r' && c != ' ':
			return false, r.UnreadByte()
		}
	}
}

// heardNothing notes that a source was asked and has nothing new: that is news too.
func (s Source) heardNothing(ctx context.Context, store *storage.Store) error {
	err := store.Update(ctx, func(tx *storage.Tx) error {
		return tx.AddImport(storage.Import{Kind: string(s.Kind()), Origin: "sync", Name: s.Name, Complete: true})
	})
	if err != nil {
		return fmt.Errorf("note that %s has nothing new: %w", s.Name, err)
	}
	return nil
}
