package storage

import (
	"fmt"
	"os"
	"time"

	"truce"
)

// This file says how the database stands, for those who operate it: no person, no lead, no word of anybody.

// Operations is how the database stands at a moment.
type Operations struct {
	Outbox   []OutboxDepth
	Waits    map[Wait]int // how often
	Database int64        // bytes of the file
	Log      int64        // bytes of its write-ahead log
	Backup   time.Time    // when it was last backed up; zero where truce backup never did
}

// OutboxDepth is what waits to be said on a platform.
type OutboxDepth struct {
	Platform string // "slack", "teams"; "channel" for what goes to a channel that may be on several
	Waiting  int
	Oldest   time.Time // when the oldest that is due by now was written down; zero: none is due
}

// Wait is what waits for somebody, and why its time does not run; "" where it does.
type Wait struct {
	Kind truce.PromiseKind
	Why  truce.Pause
}

// Operations reads how the database stands.
func (tx *Tx) Operations(t truce.Terms) (o Operations, err error) {
	if o.Backup, err = tx.LastBackup(); err != nil {
		return o, err
	}
	o.Outbox, err = all(tx, func(scan func(...any) error) (d OutboxDepth, err error) {
		return d, scan(&d.Platform, &d.Waiting, moment{&d.Oldest})
	}, `SELECT platform, count(*), min(CASE WHEN not_before <= ? THEN at END) FROM (
		SELECT at, not_before, CASE
			WHEN `+isChannel+` THEN 'channel'
			WHEN `+isPlace+` THEN coalesce((SELECT substr(v, 1, instr(v, ':') - 1) FROM (SELECT coalesce(json_extract(`+placeOf+
		`, '$.id'), json_extract(`+placeOf+`, '$.user')) AS v)), 'other')
			ELSE coalesce((SELECT substr(user_id, 1, instr(user_id, ':') - 1) FROM identities WHERE person_id = `+personOf+` AND `+isPerson+
		` ORDER BY seen_at DESC LIMIT 1), 'other')
		END AS platform FROM outbox WHERE state = 'waiting') GROUP BY platform ORDER BY platform`, millis(tx.Now))
	if err != nil {
		return o, fmt.Errorf("count what waits to be said: %w", err)
	}
	waits, err := tx.Pending(t, tx.Now)
	if err != nil {
		return o, fmt.Errorf("count what waits: %w", err)
	}
	o.Waits = map[Wait]int{}
	for _, w := range waits {
		o.Waits[Wait{w.Kind, w.Why}]++
	}
	for name, size := range map[string]*int64{"": &o.Database, "-wal": &o.Log} {
		if in, err := os.Stat(tx.s.path + name); err == nil { // there need be no log
			*size = in.Size()
		}
	}
	return o, nil
}
