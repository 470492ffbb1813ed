package storage

import (
	"context"
	"errors"
	"time"

	"truce"
)

// This file keeps the roll-ups through a large import. A thousand leads of a year touch thousands of sums, and writing these with
// each transaction would cost several times what the leads do. So a relaxed store adds the changes up and writes them at its end.
// Meanwhile the database says that its roll-ups are not whole, in the transactions that make them so: reports go to the leads
// themselves, and what others change is not written but noted as missing. If anything is missing in the end, or an earlier
// import was killed, all leads are counted anew.

const (
	metaRollMissing = "rollup_missing:"          // and who keeps back what
	metaRollSkipped = metaRollMissing + "others" // others had changes meanwhile
	metaRollEnd     = "rollup_missing;"          // behind all these keys
	laterFrom       = 2_000                      // changes of leads, from which on they are kept back
	laterMost       = 100_000                    // sums kept back; beyond it they are counted anew in the end
	laterBatch      = 500                        // sums in a transaction
)

// later is what a relaxed store keeps back. Only the writer's goroutine uses it.
type later struct {
	key    string // says in the database that something is kept back
	seen   int    // changes of leads so far
	on     bool
	lost   bool // the sums kept back are not what is missing: count anew
	sums   rollSums
	newest time.Time
}

// rollsMissing reports whether the roll-ups are not whole.
func (tx *Tx) rollsMissing() (bool, error) {
	n, err := tx.count(`SELECT count(*) FROM meta WHERE key >= ? AND key < ?`, metaRollMissing, metaRollEnd)
	return n > 0, err
}

// keepBack is flush for a relaxed store; false: the changes are few, write them now.
func (tx *Tx) keepBack(loc *time.Location) (bool, error) {
	l := tx.s.later
	n := len(tx.rolls)
	if !l.on && l.seen+n < laterFrom {
		tx.AfterCommit(func() { l.seen += n })
		return false, nil
	}
	there, err := tx.Meta(l.key)
	if err != nil {
		return false, err
	}
	if there == "" {
		if err := tx.SetMeta(l.key, tx.Now.Format(time.RFC3339)); err != nil {
			return false, err
		}
	}
	rolls, newest := tx.rolls, tx.rollNewest
	tx.rolls = nil
	tx.AfterCommit(func() {
		if l.on && there == "" { // somebody has counted anew what is kept back here
			l.lost = true
		}
		l.on = true
		if newest.After(l.newest) {
			l.newest = newest
		}
		if l.lost = l.lost || len(l.sums) > laterMost; l.lost {
			l.sums = nil
			return
		}
		for _, c := range rolls {
			l.sums.add(c, loc)
		}
	})
	return true, nil
}

// writeLater ends what keepBack began: the roll-ups are whole afterwards.
func (s *Store) writeLater(ctx context.Context, l *later) error {
	var loc *time.Location
	var anew bool
	var keys []rollKey
	err := s.Update(ctx, func(tx *Tx) (err error) {
		if loc, err = tx.rollZone(); err != nil || loc == nil {
			return err
		}
		own, err := tx.Meta(l.key)
		if err != nil {
			return err
		}
		n, err := tx.count(`SELECT count(*) FROM meta WHERE key >= ? AND key < ?`, metaRollMissing, metaRollEnd)
		anew = l.on && (l.lost || own == "" || n > 1) || !l.on && n > 0
		keys = sortedRolls(l.sums)
		return err
	})
	if err != nil || loc == nil {
		return err
	}
	for !anew && l.on {
		batch := keys[:min(len(keys), laterBatch)]
		keys = keys[len(batch):]
		err := s.Update(ctx, func(tx *Tx) error {
			// Others may have had changes since.
			n, err := tx.count(`SELECT count(*) FROM meta WHERE key >= ? AND key < ?`, metaRollMissing, metaRollEnd)
			if anew = n != 1; anew || err != nil {
				return err
			}
			for _, k := range batch {
				if err := tx.addRoll(k, *l.sums[k]); err != nil {
					return err
				}
			}
			if len(keys) > 0 {
				return nil
			}
			tx.rollNewest = l.newest
			return errors.Join(tx.saveNewest(), tx.exec(`DELETE FROM meta WHERE key = ?`, l.key))
		})
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			break
		}
	}
	if anew {
		return s.RebuildRollUps(ctx, loc)
	}
	return nil
}

func newLater(now time.Time) *later {
	return &later{key: metaRollMissing + truce.NewID(now), sums: rollSums{}}
}
