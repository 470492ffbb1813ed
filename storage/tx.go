package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"truce"
)

// Tx is one event's view of the database. It must not leave the function it was given to. Its methods take no context: a
// statement interrupted in a shared transaction would undo everybody's.
type Tx struct {
	Now time.Time // the one time of the event, UTC, whole milliseconds

	s     *Store
	db    runner
	ctx   context.Context
	write bool
	over  bool

	shared bool // others share the transaction: a savepoint "event" stands before this one
	wrote  bool // this event has changed something

	sends bool
	after []func()

	changed    int          // rows, as its statements say
	rolls      []rollChange // what the event has changed in the roll-ups
	rollTry    int          // so many of them were there before a Try: what it does to them might be undone
	rollNewest time.Time
	rollAsked  bool // the zone of the roll-ups
	rollLoc    *time.Location

	sourcesAsked, sourcesNoted bool // whether another source of any lead was noted; see noteTold
}

type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Wanted reports whether others wait for their turn to write: a long event does well to end here and go on in a further one.
func (tx *Tx) Wanted() bool {
	tx.s.mu.Lock()
	defer tx.s.mu.Unlock()
	return len(tx.s.queue) > 0 || tx.s.turn.wanted()
}

// Alone reports whether nobody has to wait for a long event of a relaxed store: nobody does, and nobody else has the database open.
func (tx *Tx) Alone() bool { return tx.s.later != nil && !tx.Wanted() && tx.s.turn.alone() }

// WriteDown writes what a long event has gathered so far, as its end does, so that its memory does not grow with it.
func (tx *Tx) WriteDown() error { return tx.flush() }

// AfterCommit runs f once after the commit, before Update returns, in the writer's goroutine: f is quick and calls no
// Update.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// Try runs fn behind a savepoint: its error undoes what it did, what it wanted done after the commit too, and is returned, and the
// event can go on.
func (tx *Tx) Try(fn func() error) error {
	if err := tx.mayWrite(); err != nil {
		return err
	}
	point := "try"
	if tx.shared && !tx.wrote { // the event's own will do
		point = "event"
	} else if err := tx.s.exec("SAVEPOINT try"); err != nil {
		return err
	}
	after := len(tx.after)
	rolls, outer := len(tx.rolls), tx.rollTry
	tx.rollTry = rolls
	err := fn()
	tx.rollTry = outer
	if err != nil {
		if tx.rolls = tx.rolls[:rolls]; !tx.s.inTx() {
			return errors.Join(err, errLost)
		}
		tx.after = tx.after[:after]
		if err := tx.s.exec("ROLLBACK TO " + point); err != nil {
			return err
		}
	}
	if point == "event" {
		return err
	}
	return errors.Join(err, tx.s.exec("RELEASE try"))
}

// mayWrite refuses what a View or an ended event wants to write.
func (tx *Tx) mayWrite() error {
	if err := tx.check(); err != nil {
		return err
	}
	if !tx.write {
		return errors.New("storage: a View cannot write")
	}
	return nil
}

// check refuses statements after the end, and outside the transaction once it is lost: they would be committed one by one.
func (tx *Tx) check() error {
	if tx.over {
		return errors.New("storage: a Tx was used after its event")
	}
	return nil
}

func (tx *Tx) exec(query string, args ...any) error {
	_, err := tx.execN(query, args...)
	return err
}

// execN runs a statement and tells how many rows it changed.
func (tx *Tx) execN(query string, args ...any) (int64, error) {
	if err := tx.mayWrite(); err != nil {
		return 0, err
	}
	res, err := tx.db.ExecContext(tx.ctx, query, args...)
	if err != nil {
		if !tx.s.inTx() {
			tx.over = true // SQLite rolled everything back: refuse what would now run in autocommit
		}
		return 0, problem("", err)
	}
	n, err := res.RowsAffected()
	if tx.changed += int(n); n > 0 {
		tx.wrote = true
		tx.s.memo.wrote(query, tx.Now)
	}
	return n, err
}

func (tx *Tx) query(query string, args ...any) (*sql.Rows, error) {
	if err := tx.check(); err != nil {
		return nil, err
	}
	tx.reads(query)
	rows, err := tx.db.QueryContext(tx.ctx, query, args...)
	return rows, problem("", err)
}

// reads notes a query that does more than that.
func (tx *Tx) reads(query string) {
	if tx.write && !strings.HasPrefix(query, "SELECT ") && !strings.HasPrefix(query, "PRAGMA ") {
		tx.wrote = true
		tx.s.memo.wrote(query, tx.Now)
	}
}

// row scans the one row of a query; truce.NotFound where there is none.
func (tx *Tx) row(query string, args []any, into ...any) error {
	if err := tx.check(); err != nil {
		return err
	}
	tx.reads(query)
	return problem("", tx.db.QueryRowContext(tx.ctx, query, args...).Scan(into...))
}

// each scans rows one by one: scan is called with the row's Scan, and decides what becomes of it.
func (tx *Tx) each(query string, args []any, fn func(scan func(...any) error) error) error {
	rows, err := tx.query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return problem("", rows.Err())
}

// all collects what scan makes of each row.
func all[T any](tx *Tx, scan func(func(...any) error) (T, error), query string, args ...any) ([]T, error) {
	var list []T
	err := tx.each(query, args, func(s func(...any) error) error {
		v, err := scan(s)
		if err == nil {
			list = append(list, v)
		}
		return err
	})
	return list, err
}

// count is the one number of a query.
func (tx *Tx) count(query string, args ...any) (n int64, err error) {
	return n, tx.row(query, args, &n)
}

// newID is truce.NewID with the ids of one moment in the order in which they were made: what is said first is sent first.
func (tx *Tx) newID() string {
	if ms := tx.Now.UnixMilli(); ms != tx.s.idMoment {
		tx.s.idMoment, tx.s.ids = ms, 0
	}
	tx.s.ids++
	id := truce.NewID(tx.Now)
	return id[:11] + fmt.Sprintf("%04x", tx.s.ids&0xffff) + id[15:]
}

// next draws the next number of a counter: 1, 2, 3...
func (tx *Tx) next(counter string) (int64, error) {
	return tx.count(`INSERT INTO counters (name, n) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1 RETURNING n`, counter)
}

// take keeps a counter from drawing the number in an id that was brought from elsewhere: prefix and number.
func (tx *Tx) take(counter, prefix, id string) error {
	n, err := strconv.ParseInt(strings.TrimPrefix(id, prefix), 10, 64)
	if err != nil || n < 1 || id != fmt.Sprintf("%s%d", prefix, n) {
		return truce.Errorf(truce.Conflict, "%q is not one of our ids, such as %s12", id, prefix)
	}
	return tx.exec(`INSERT INTO counters (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = max(n, excluded.n)`, counter, n)
}

// problem gives driver errors their kind, by code, in this one place.
func problem(doing string, err error) error {
	var se sqlite3.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return &truce.Error{Kind: truce.NotFound, Text: "There is no such thing.", Err: err}
	case errors.As(err, &se) && (se.ExtendedCode == sqlite3.ErrConstraintUnique || se.ExtendedCode == sqlite3.ErrConstraintPrimaryKey):
		return &truce.Error{Kind: truce.Conflict, Text: "That exists already.", Err: err}
	}
	if doing != "" {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return err
}

// millis is a moment as it is stored: integer milliseconds UTC; NULL for the zero time.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// moment scans a stored moment; NULL is the zero time.
type moment struct{ t *time.Time }

func (m moment) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*m.t = time.Time{}
	case int64:
		*m.t = time.UnixMilli(v).UTC()
	default:
		return fmt.Errorf("a moment is stored as %T", v)
	}
	return nil
}

// text scans a string in which NULL is "".
type text struct{ s *string }

func (t text) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*t.s = ""
	case string:
		*t.s = v
	case []byte:
		*t.s = string(v)
	default:
		return fmt.Errorf("a text is stored as %T", v)
	}
	return nil
}

// null stores "" as NULL.
func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// texts are the texts of a query with one column.
func (tx *Tx) texts(query string, args ...any) ([]string, error) {
	return all(tx, func(scan func(...any) error) (s string, err error) { return s, scan(&s) }, query, args...)
}

// asJSON stores a value as JSON text.
func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("storage: %T cannot be JSON: %v", v, err)) // a programmer's mistake: our own types only
	}
	return string(b)
}

// fromJSON scans JSON text; NULL and "" leave the value as it is.
type fromJSON struct{ v any }

func (j fromJSON) Scan(v any) error {
	var s string
	if err := (text{&s}).Scan(v); err != nil || s == "" {
		return err
	}
	return json.Unmarshal([]byte(s), j.v)
}
