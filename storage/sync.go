package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file keeps the runs of truce sync: which source was asked for what, and what came.

// SyncRun is one run of one source.
type SyncRun struct {
	ID      string
	Source  string // its name in the configuration
	Kind    string // what its rows are
	BeganAt time.Time
	EndedAt time.Time // zero: under way, or killed
	SinceAt time.Time // what changed from then on was asked for
	MarkAt  time.Time // when it was asked, by the source's own clock where it has one; zero: it was not

	Complete                                  bool // all that was asked for came
	Rows, Added, Changed, Unchanged, Rejected int
	Why                                       string // it is not complete; for people
}

// keepSyncRuns is for how long runs are kept; the last complete one of a source is kept as long as it is the last.
const keepSyncRuns = 90 * 24 * time.Hour

// maxWhy is how much of a reason is kept, in bytes.
const maxWhy = 500

// SyncTurn takes the right to sync this database, until give; truce.Conflict where another process, or another part of this one, has it.
// The kernel frees what a process held that dies.
func (s *Store) SyncTurn() (give func(), err error) { return syncTurn(s.path) }

// BeginSync notes that a source is being asked. The run's id is given it here.
func (tx *Tx) BeginSync(r SyncRun) (SyncRun, error) {
	r.ID, r.BeganAt = truce.NewID(tx.Now), tx.Now
	err := tx.exec(`DELETE FROM sync_runs WHERE source = ? AND began_at < ? AND id <> coalesce((SELECT id FROM sync_runs l WHERE l.source = sync_runs.source
		AND l.kind = sync_runs.kind AND complete = 1 ORDER BY began_at DESC, id DESC LIMIT 1), '')`, r.Source, millis(tx.Now.Add(-keepSyncRuns)))
	if err == nil {
		err = tx.exec(`INSERT INTO sync_runs (id, source, kind, began_at, since_at) VALUES (?, ?, ?, ?, ?)`, r.ID, r.Source, r.Kind, millis(r.BeganAt), r.SinceAt.UnixMilli())
	}
	if err != nil {
		return r, fmt.Errorf("note that %s is asked: %w", r.Source, err)
	}
	return r, nil
}

// EndSync notes how a run ended.
func (tx *Tx) EndSync(r SyncRun) error {
	if len(r.Why) > maxWhy {
		r.Why = r.Why[:maxWhy]
	}
	err := tx.exec(`UPDATE sync_runs SET ended_at = ?, mark_at = ?, complete = ?, rows = ?, added = ?, changed = ?, unchanged = ?, rejected = ?, why = ? WHERE id = ?`,
		millis(tx.Now), millis(r.MarkAt), r.Complete, r.Rows, r.Added, r.Changed, r.Unchanged, r.Rejected, r.Why, r.ID)
	if err != nil {
		return fmt.Errorf("note how %s ended: %w", r.Source, err)
	}
	return nil
}

const syncRunColumns = `id, source, kind, began_at, ended_at, since_at, mark_at, complete, rows, added, changed, unchanged, rejected, why`

func scanSyncRun(scan func(...any) error) (r SyncRun, err error) {
	return r, scan(&r.ID, &r.Source, &r.Kind, moment{&r.BeganAt}, moment{&r.EndedAt}, moment{&r.SinceAt}, moment{&r.MarkAt}, &r.Complete,
		&r.Rows, &r.Added, &r.Changed, &r.Unchanged, &r.Rejected, &r.Why)
}

// LastSync is the newest complete run of a source for rows of a kind; the zero value where there was none.
func (tx *Tx) LastSync(source, kind string) (r SyncRun, err error) {
	list, err := all(tx, scanSyncRun, `SELECT `+syncRunColumns+` FROM sync_runs WHERE source = ? AND kind = ? AND complete = 1 ORDER BY began_at DESC, id DESC LIMIT 1`, source, kind)
	if err != nil {
		return r, fmt.Errorf("look for the last run of %s: %w", source, err)
	}
	if len(list) > 0 {
		r = list[0]
	}
	return r, nil
}

// SyncRuns are the runs of a source that began at since or later, the oldest first.
func (tx *Tx) SyncRuns(source string, since time.Time) ([]SyncRun, error) {
	return all(tx, scanSyncRun, `SELECT `+syncRunColumns+` FROM sync_runs WHERE source = ? AND began_at >= ? ORDER BY began_at, id`, source, since.UnixMilli())
}
