package pull

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"truce/handlers/intake"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// This file has rows wait whose lead is not known yet: a source is asked for what has changed only, so such a row would not come again.

// someWaiting is how many waiting rows are tried, or let go, at a time.
const someWaiting = 500

// keeping is a listener that has rows wait. The zero store has nothing wait: the rows are let go, for a run that stores nothing.
type keeping struct {
	intake.Listener
	ctx    context.Context
	store  *storage.Store // nil: nothing is kept
	source string
	kind   sheet.Kind
	head   func() string // above the rows
	rows   []storage.Waiting
	err    error // of writing rows down
}

// Waits has a row wait.
func (k *keeping) Waits(row sheet.Row, bad *sheet.Bad) error {
	if k.store == nil {
		return nil
	}
	k.rows = append(k.rows, storage.Waiting{LeadID: bad.Lead, Head: k.head(), Row: string(row.Raw)})
	return nil
}

// Progress writes down what waits: rows are told after each transaction, so few are held.
func (k *keeping) Progress(sum intake.Summary) {
	k.err = errors.Join(k.err, k.keep())
	k.Listener.Progress(sum)
}

// keep writes down what waits.
func (k *keeping) keep() error {
	if len(k.rows) == 0 || k.err != nil {
		return k.err
	}
	err := k.store.Update(k.ctx, func(tx *storage.Tx) error { return tx.AddWaiting(k.source, string(k.kind), k.rows) })
	k.rows = k.rows[:0]
	return err
}

// again tries rows whose leads have come since, and lets those go, and tells them, that have waited too long.
func (s Source) again(ctx context.Context, store *storage.Store, l intake.Listener) (intake.Summary, error) {
	sum := intake.Summary{Kind: s.Kind(), Reasons: map[sheet.Reason]int{}}
	for {
		var rows []storage.Waiting
		err := store.View(ctx, func(tx *storage.Tx) (err error) {
			rows, err = tx.Awaited(s.Name, string(s.Kind()), someWaiting)
			return err
		})
		if err != nil || len(rows) == 0 {
			return sum, err
		}
		for head, some := range byHead(rows) {
			got, err := s.takeAgain(ctx, store, head, some, l)
			if err != nil {
				return sum, fmt.Errorf("take rows whose leads have come: %w", err)
			}
			sum.Add(got)
		}
		if err := store.Update(ctx, func(tx *storage.Tx) error { return tx.EndWaiting(s.Name, string(s.Kind()), rows) }); err != nil {
			return sum, err
		}
	}
}

// byHead parts rows where the lines above them change.
func byHead(rows []storage.Waiting) func(yield func(string, []storage.Waiting) bool) {
	return func(yield func(string, []storage.Waiting) bool) {
		for len(rows) > 0 {
			n := slices.IndexFunc(rows, func(r storage.Waiting) bool { return r.Head != rows[0].Head })
			if n < 0 {
				n = len(rows)
			}
			if !yield(rows[0].Head, rows[:n]) {
				return
			}
			rows = rows[n:]
		}
	}
}

// takeAgain takes rows of one head. What cannot be taken for another reason is told as rejected.
func (s Source) takeAgain(ctx context.Context, store *storage.Store, head string, rows []storage.Waiting,
	l intake.Listener) (intake.Summary, error) {
	end := "\n"
	if head != "" {
		end = head[len(head)-1:]
	}
	var b strings.Builder
	b.WriteString(head)
	for _, r := range rows {
		b.WriteString(r.Row)
		b.WriteString(end)
	}
	o := s.Options
	o.Name, o.Origin, o.Part, o.Sheet.JSON = s.Name, "sync", true, head == ""
	f, err := intake.Open(ctx, store, strings.NewReader(b.String()), o)
	if err != nil {
		return intake.Summary{}, err
	}
	return f.Import(ctx, store, l)
}

// letGo lets rows go that have waited too long, and tells them. It gives how many these are, and how many wait on.
func (s Source) letGo(ctx context.Context, store *storage.Store, l intake.Listener) (gone, left int, err error) {
	for {
		var rows []storage.Waiting
		err := store.Update(ctx, func(tx *storage.Tx) (err error) {
			if rows, err = tx.LongWaiting(s.Name, string(s.Kind()), someWaiting); err == nil {
				err = tx.EndWaiting(s.Name, string(s.Kind()), rows)
			}
			if err == nil {
				left, err = tx.CountWaiting(s.Name, string(s.Kind()))
			}
			return err
		})
		if err != nil || len(rows) == 0 {
			return gone, left, err
		}
		for _, r := range rows {
			bad := &sheet.Bad{Reason: intake.ReasonUnknown, Kept: true,
				Text: fmt.Sprintf("it came on %s and speaks of the lead %q, which has not come in %d days: it is let go",
					r.Since.Format(time.DateOnly), r.LeadID, int(storage.WaitsFor/(24*time.Hour)))}
			if err := l.Rejected(sheet.Row{Raw: []byte(r.Row), Bad: bad}, bad); err != nil {
				return gone, left, err
			}
		}
		gone += len(rows)
	}
}

// waited adds what became of rows that had waited to a run.
func (r *Result) waited(again intake.Summary, gone, left int) {
	if r.Reasons == nil {
		r.Reasons = map[sheet.Reason]int{}
	}
	r.Add(again)
	if gone > 0 {
		r.Rows += gone
		r.Rejected += gone
		r.Reasons[intake.ReasonUnknown] += gone
	}
	r.Waiting = left
}
