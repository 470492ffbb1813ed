package storage

import (
	"context"
	"time"

	"truce"
)

// This file keeps the roll-ups through a large import. A thousand leads of a year touch thousands of sums, and writing these with
// each transaction would cost several times what the leads do. So a relaxed store marks the days it touches, adds the leads that
// are merely new up in memory, and writes these sums in the end. Days of which it changes more, or others something, are counted
// anew then; so are all days where an import was killed. What is held in memory does not grow with the file.

const (
	laterFrom  = 2_000   // changes of leads, from which on they are kept back
	laterMost  = 200_000 // cells kept back; beyond it their days are counted anew in the end
	laterBatch = 500     // sums, or leads, in a transaction
)

// later is what a relaxed store keeps back. Only the writer's goroutine uses it.
type later struct {
	key   string // the keeper of its days
	seen  int    // changes of leads so far
	on    bool
	pages int          // how long the log may grow; see committed
	open  int          // changes noted here that are not committed, or never were: then nothing of plain is to be trusted
	mine  map[int]bool // days marked with key, both ways: all that is missing of them is in plain
	anew  map[int]bool // days that are counted anew in the end
	plain *plainTally  // nil before the first
}

func newLater(now time.Time) *later {
	return &later{key: truce.NewID(now), mine: map[int]bool{}, anew: map[int]bool{}}
}

// keepBack is flush for a relaxed store; false: the changes are few, write them now.
func (tx *Tx) keepBack(loc *time.Location) (bool, error) {
	l := tx.s.later
	rolls := tx.rolls
	if !l.on && l.seen+len(rolls) < laterFrom {
		l.seen += len(rolls)
		return false, nil
	}
	tx.rolls = nil
	b, err := tx.batchOf(l, rolls, loc)
	if err != nil {
		return false, err
	}
	if err := tx.mark(b.again, false); err != nil {
		return false, err
	}
	for _, d := range b.fresh {
		if err := tx.exec(`INSERT INTO rollup_days (what, day, keeper) VALUES (?, ?, ?), (?, ?, ?)`, byMQL, d, l.key, bySince, d,
			l.key); err != nil {
			return false, err
		}
	}
	if err := tx.saveNewest(); err != nil {
		return false, err
	}
	// At once, because the event may go on and hold no leads meanwhile.
	l.keep(b, rolls, loc)
	l.open++
	tx.AfterCommit(func() { l.open-- })
	return true, nil
}

// laterDays are the days of a transaction's changes.
type laterDays struct {
	fresh []int        // to be kept back from now on
	anew  map[int]bool // to be counted anew in the end
	again []dirty      // the marks that this takes
}

// batchOf sorts the days of changes. The leads of a day and those that stand somewhere since that day are kept back both or
// neither, because a new lead is among both.
func (tx *Tx) batchOf(l *later, rolls []rollChange, loc *time.Location) (b laterDays, err error) {
	if b.anew, err = tx.taken(l); err != nil {
		return b, err
	}
	for _, c := range rolls {
		if !c.plain() {
			for _, d := range daysOf([]rollChange{c}, loc) {
				b.anew[d.day] = true
			}
		}
	}
	full := l.plain != nil && l.plain.full()
	known := map[int]bool{}
	days := daysOf(rolls, loc)
	for _, d := range days {
		if known[d.day] || l.mine[d.day] || b.anew[d.day] {
			continue
		}
		known[d.day] = true
		marked, err := tx.count(`SELECT count(*) FROM rollup_days WHERE what IN (?, ?) AND day = ?`, byMQL, bySince, d.day)
		if err != nil {
			return b, err
		}
		if l.anew[d.day] || full || marked > 0 {
			b.anew[d.day] = true
		} else {
			b.fresh = append(b.fresh, d.day)
		}
	}
	again := map[dirty]bool{}
	for _, d := range days {
		if b.anew[d.day] {
			again[d] = true
		}
	}
	for day := range b.anew {
		if l.mine[day] {
			again[dirty{byMQL, day}], again[dirty{bySince, day}] = true, true
		}
	}
	b.again = sortedDays(again)
	return b, nil
}

// taken are those days of ours that somebody else has marked or counted since.
func (tx *Tx) taken(l *later) (map[int]bool, error) {
	gone := map[int]bool{}
	n, err := tx.count(`SELECT count(*) FROM rollup_days WHERE keeper = ?`, l.key)
	if err != nil || int(n) == 2*len(l.mine) {
		return gone, err
	}
	left := map[int]int{}
	err = tx.each(`SELECT day FROM rollup_days WHERE keeper = ?`, []any{l.key}, func(scan func(...any) error) error {
		var day int
		err := scan(&day)
		left[day]++
		return err
	})
	for day := range l.mine {
		if left[day] < 2 {
			gone[day] = true
		}
	}
	return gone, err
}

// keep notes what is about to be committed.
func (l *later) keep(b laterDays, rolls []rollChange, loc *time.Location) {
	l.on = true
	for _, day := range b.fresh {
		l.mine[day] = true
	}
	for day := range b.anew {
		delete(l.mine, day)
		l.anew[day] = true
	}
	if l.plain == nil {
		l.plain = newPlainTally(loc)
	}
	for _, c := range rolls {
		if c.plain() && l.mine[truce.DayNumber(c.lead.MQLAt, loc)] {
			l.plain.add(c.lead)
		}
	}
}

// writeLater ends what keepBack began: the roll-ups are whole afterwards.
func (s *Store) writeLater(ctx context.Context, l *later) error {
	if l.plain != nil && l.open == 0 {
		for keys := l.plain.byDay(); len(keys) > 0; {
			n := someDays(keys)
			if err := s.Update(ctx, func(tx *Tx) error { return tx.addKept(l, keys[:n]) }); err != nil {
				return err
			}
			keys = keys[n:]
		}
	}
	return s.CountRollUps(ctx)
}

// someDays is how many of the keys are of the first days, whole days of about laterBatch sums together.
func someDays(keys []plainKey) int {
	n := 0
	for n < len(keys) && (n < laterBatch || keys[n].day() == keys[n-1].day()) {
		n++
	}
	return n
}

// addKept adds what was kept back of some days, and unmarks them. A day that somebody else has marked or counted meanwhile is
// counted anew.
func (tx *Tx) addKept(l *later, keys []plainKey) error {
	all, sums := rollSums{}, rollSums{}
	l.plain.into(all, keys)
	days := map[dirty]bool{}
	for k := range all {
		days[k.dirtyOf()] = true
	}
	for d := range days {
		n, err := tx.execN(`DELETE FROM rollup_days WHERE what = ? AND day = ? AND keeper = ?`, d.what, d.day, l.key)
		if err != nil {
			return err
		}
		if days[d] = n > 0; n > 0 {
			continue
		}
		if err := tx.mark([]dirty{d}, false); err != nil {
			return err
		}
	}
	for k, s := range all {
		if days[k.dirtyOf()] {
			sums[k] = s
		}
	}
	return tx.addRolls(sums)
}
