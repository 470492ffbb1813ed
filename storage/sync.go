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

// SyncStopped is why a run that somebody stopped is not complete: it is nobody's failure.
const SyncStopped = "it was stopped"

// maxWhy is how much of a reason is kept, in bytes.
const maxWhy = 500

// SyncTurn takes the right to sync this database, until give; truce.Conflict where another process, or another part of this one, has it.
// The kernel frees what a process held that dies.
func (s *Store) SyncTurn() (give func(), err error) { return syncTurn(s.path) }

// BeginSync notes that a source is being asked. The run's id is given it here.
func (tx *Tx) BeginSync(r SyncRun) (SyncRun, error) {
	r.ID, r.BeganAt = truce.NewID(tx.Now), tx.Now
	err := tx.exec(`DELETE FROM sync_runs WHERE source = ? AND began_at < ? AND id <> coalesce((SELECT id FROM sync_runs l
		WHERE l.source = sync_runs.source
		AND l.kind = sync_runs.kind AND complete = 1 ORDER BY began_at DESC, id DESC LIMIT 1), '')`, r.Source, millis(tx.Now.Add(-keepSyncRuns)))
	if err == nil {
		err = tx.exec(`INSERT INTO sync_runs (id, source, kind, began_at, since_at) VALUES (?, ?, ?, ?, ?)`, r.ID, r.Source, r.Kind,
			millis(r.BeganAt), r.SinceAt.UnixMilli())
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
	err := tx.exec(`UPDATE sync_runs SET ended_at = ?, mark_at = ?, complete = ?, rows = ?, added = ?, changed = ?, unchanged = ?,
		rejected = ?, why = ? WHERE id = ?`,
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
	list, err := all(tx, scanSyncRun, `SELECT `+syncRunColumns+` FROM sync_runs WHERE source = ? AND kind = ? AND complete = 1
		ORDER BY began_at DESC, id DESC LIMIT 1`, source, kind)
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
	return all(tx, scanSyncRun, `SELECT `+syncRunColumns+` FROM sync_runs WHERE source = ? AND began_at >= ? ORDER BY began_at, id`, source,
		since.UnixMilli())
}

// SourceState is how a source of truce sync stands.
type SourceState struct {
	Name     string
	Heard    time.Time // its last complete run ended; zero: it had none
	Failing  SyncRun   // the first run that failed since; its zero value: none has
	Why      string    // the newest run failed
	Waiting  int       // rows that wait for their leads
	LastTook time.Duration
}

// SourceStates are how these sources stand, in their order.
func (tx *Tx) SourceStates(names []string) ([]SourceState, error) {
	list := make([]SourceState, 0, len(names))
	for _, name := range names {
		s := SourceState{Name: name}
		complete, err := all(tx, scanSyncRun, `SELECT `+syncRunColumns+` FROM sync_runs WHERE source = ? AND complete = 1
			ORDER BY began_at DESC, id DESC LIMIT 1`, name)
		if err != nil {
			return nil, fmt.Errorf("look how %s stands: %w", name, err)
		}
		since, id := int64(-1), ""
		if len(complete) > 0 {
			s.Heard, since, id = complete[0].EndedAt, complete[0].BeganAt.UnixMilli(), complete[0].ID
			s.LastTook = complete[0].EndedAt.Sub(complete[0].BeganAt)
		}
		failed, err := all(tx, scanSyncRun, `SELECT `+syncRunColumns+` FROM sync_runs WHERE source = ?1 AND complete = 0 AND ended_at IS NOT NULL
			AND why <> ?2
			AND (began_at > ?3 OR began_at = ?3 AND id > ?4) ORDER BY began_at, id`, name, SyncStopped, since, id)
		if err != nil {
			return nil, fmt.Errorf("look how %s stands: %w", name, err)
		}
		if len(failed) > 0 {
			s.Failing, s.Why = failed[0], failed[len(failed)-1].Why
		}
		n, err := tx.count(`SELECT count(*) FROM sync_waiting WHERE source = ?`, name)
		if err != nil {
			return nil, fmt.Errorf("count what waits of %s: %w", name, err)
		}
		s.Waiting = int(n)
		list = append(list, s)
	}
	return list, nil
}

// SyncNews is what the end of a run is worth telling.
type SyncNews struct {
	Failed bool    // the source fails, which it did not before; else it is well again
	First  SyncRun // the first run that failed
	Heard  time.Time
}

// SyncNews tells whether a run that has just ended begins, or ends, a time in which its source fails. ok is false where it does neither.
func (tx *Tx) SyncNews(r SyncRun) (news SyncNews, ok bool, err error) {
	if r.Why == SyncStopped {
		return news, false, nil
	}
	before, err := all(tx, scanSyncRun, `SELECT `+syncRunColumns+` FROM sync_runs WHERE source = ? AND ended_at IS NOT NULL AND why <> ?
		AND id <> ? AND (began_at < ? OR began_at = ? AND id < ?)
		AND began_at >= coalesce((SELECT max(c.began_at) FROM sync_runs c WHERE c.source = sync_runs.source AND c.complete = 1 AND c.id <> ?), 0)
		ORDER BY began_at, id`,
		r.Source, SyncStopped, r.ID, millis(r.BeganAt), millis(r.BeganAt), r.ID, r.ID)
	if err != nil {
		return news, false, fmt.Errorf("look how %s stood: %w", r.Source, err)
	}
	var failed []SyncRun
	for _, b := range before {
		if b.Complete {
			news.Heard = b.EndedAt
			failed = nil
		} else {
			failed = append(failed, b)
		}
	}
	switch {
	case r.Complete && len(failed) > 0:
		news.First = failed[0]
	case !r.Complete && len(failed) == 0:
		news.Failed, news.First = true, r
	default:
		return news, false, nil
	}
	return news, true, nil
}
