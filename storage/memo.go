package storage

import (
	"fmt"
	"strings"
	"time"

	"truce"
)

// memo is what the writer remembers from one event to the next of what every event asks and few change: the themes, the terms agreed
// on, how often a theme was heard. It holds nothing of who somebody is or what they may see. Only events of the writer use it, each
// within its transaction, in which no other process can write: it is what the tables hold at that moment. It is forgotten when another
// connection has committed since, and when a statement writes into a table that is not known to be of no concern (harmless); what is
// read after that is not kept until the transaction has ended, because it may be undone.
type memo struct {
	version int64 // SQLite's count of what other connections committed
	asked   bool  // this transaction has asked for it
	dirty   bool  // this transaction has written what is kept

	themes []truce.Theme // the active ones; nil: not read yet
	agreed truce.Agreed  // nil: not read yet
	heard  map[heardFrom]*tally
}

// heardFrom is of which theme and from when on, in milliseconds, a tally counts.
type heardFrom struct {
	theme string
	from  int64
}

// maxTallies is how many tallies are kept: of each theme those of two months, several times over.
const maxTallies = 500

// harmless are the tables of whose rows nothing is kept.
var harmless = map[string]bool{"inbox": true, "audit": true, "counters": true, "outbox": true, "posted": true, "runs": true, "standings": true,
	"identities": true, "answer_uses": true, "forms": true, "prefs": true, "notes": true, "clocks": true, "memory": true}

func (m *memo) forget() { m.themes, m.agreed, m.heard = nil, nil, nil }

// begin is called before the first event of each transaction.
func (m *memo) begin() { m.asked, m.dirty = false, false }

// wrote forgets what a statement may have changed.
func (m *memo) wrote(query string, now time.Time) {
	switch table, inserted := written(query); {
	case harmless[table]:
	case table == "objections" && inserted: // now: tallies end before it, unless the clock went back
		for _, t := range m.heard {
			if t.until.After(now) {
				m.heard = nil
				break
			}
		}
	default:
		m.forget()
		m.dirty = true
	}
}

// written is the table that a statement writes into, and whether it only adds rows; "" where that is not plain to see.
func written(query string) (table string, inserted bool) {
	rest, inserted := strings.CutPrefix(query, "INSERT INTO ")
	if !inserted {
		var ok bool
		if rest, ok = strings.CutPrefix(query, "UPDATE "); !ok {
			if rest, ok = strings.CutPrefix(query, "DELETE FROM "); !ok {
				return "", false
			}
		}
	}
	table, _, _ = strings.Cut(rest, " ")
	return table, inserted
}

// memo is what this event may use and add to; nil where there is no such thing.
func (tx *Tx) memo() (*memo, error) {
	if !tx.write || tx.over || tx.s.memo.dirty {
		return nil, nil
	}
	m := &tx.s.memo
	if !m.asked {
		version, err := tx.count(`PRAGMA data_version`)
		if err != nil {
			return nil, fmt.Errorf("ask whether others have committed: %w", err)
		}
		if version != m.version {
			m.forget()
		}
		m.version, m.asked = version, true
	}
	return m, nil
}

// tally is how often, by whom and at which accounts a theme was heard from one moment until another. That one is never later than the
// transaction's: others of the same millisecond may follow.
type tally struct {
	until            time.Time // exclusive
	times            int
	people, accounts map[string]bool
}

// tallyOf is the tally that a count in [from, to) goes on from; nil where there is none.
func (tx *Tx) tallyOf(theme string, from, to time.Time) (*tally, error) {
	m, err := tx.memo()
	if err != nil || m == nil {
		return nil, err
	}
	key := heardFrom{theme, from.UnixMilli()}
	if t := m.heard[key]; t != nil {
		if t.until.After(to) || t.until.After(tx.Now) {
			return nil, nil
		}
		return t, nil
	}
	t := &tally{until: tx.Now, people: map[string]bool{}, accounts: map[string]bool{}}
	if to.Before(t.until) {
		t.until = to
	}
	if t.until.Before(from) {
		return nil, nil
	}
	if err := tx.tally(t, theme, from, t.until); err != nil {
		return nil, err
	}
	if m.heard == nil || len(m.heard) >= maxTallies {
		m.heard = map[heardFrom]*tally{}
	}
	m.heard[key] = t
	return t, nil
}

// goOn counts on in a kept tally until a moment, and gives back what it comes to.
func (tx *Tx) goOn(t *tally, theme string, to time.Time) (Heard, error) {
	last := &tally{people: map[string]bool{}, accounts: map[string]bool{}} // of this very millisecond
	if t.until.Before(to) {
		until := tx.Now
		if to.Before(until) {
			until = to
		}
		err := tx.each(`SELECT o.author_id, o.account, coalesce(l.account, ''), o.created_at < ? FROM objections o LEFT JOIN leads l ON l.id = o.lead_id
			WHERE o.theme_id = ? AND o.created_at >= ? AND o.created_at < ? AND o.undone_at IS NULL`,
			[]any{millis(until), theme, millis(t.until), millis(to)}, func(scan func(...any) error) error {
				var author, named, known string
				var settled bool
				if err := scan(&author, &named, &known, &settled); err != nil {
					return err
				}
				in := last
				if settled {
					in = t
				}
				in.times++
				in.people[author] = true
				if account := heardAt(named, known); account != "" {
					in.accounts[account] = true
				}
				return nil
			})
		if err != nil {
			tx.s.memo.heard = nil // it may have been counted in part
			return Heard{}, err
		}
		t.until = until
	}
	return Heard{Times: t.times + last.times, People: both(t.people, last.people), Accounts: both(t.accounts, last.accounts)}, nil
}

// both is how many there are in one set or the other.
func both(a, b map[string]bool) int {
	n := len(a)
	for v := range b {
		if !a[v] {
			n++
		}
	}
	return n
}
