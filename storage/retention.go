package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file lets go of personal data that is older than the company wants to keep it. What figures rest on stays: how often, when,
// and of how many people; not who.

// Retention is for how many days personal data is kept, by kind; 0 keeps it.
type Retention struct {
	Drafts  int // field notes that nobody confirmed: they go
	Authors int // who said an objection or a field note: nobody's name stands there then, a quarter at a time
	Touches int // who made a call, a meeting, a mail
	Audit   int // who did what, and with which words; that it was done stays
	Digests int // digests and messages that were one person's
	Leads   int // who a lead without a deal is: as truce erase does
}

// Expired is what is past its time, of one kind.
type Expired struct {
	Kind   string // as in the configuration
	What   string // as people read it
	Rows   int
	Before time.Time // what is older goes
}

// leadsAtOnce is how many leads Expire erases in one transaction: each is looked for in everything that was said.
const leadsAtOnce = 50

// anybody is a person who is more than the place where one was.
const anybody = `EXISTS (SELECT 1 FROM people p WHERE p.id = %[1]s AND (p.active = 1 OR p.email <> '' OR EXISTS (SELECT 1 FROM identities i
	WHERE i.person_id = p.id)))`

// expirable are leads that are past their time with all of their address, and have neither a deal nor an open case.
const expirable = `FROM leads l WHERE l.mql_at < ?1 AND (l.name <> '' OR l.email <> '')
	AND NOT EXISTS (SELECT 1 FROM leads n WHERE (n.id = l.id OR l.email_key <> '' AND n.email_key = l.email_key) AND (n.mql_at >= ?1
		OR EXISTS (SELECT 1 FROM deals d WHERE d.lead_id = n.id) OR EXISTS (SELECT 1 FROM outcomes o WHERE o.lead_id = n.id AND (o.deal_id <> ''
		OR o.status IN ('opportunity', 'won')))
		OR EXISTS (SELECT 1 FROM disputes c WHERE c.lead_id = n.id AND c.state <> 'closed')))`

// simply are the kinds that a count and some statements do: ?1 is the moment before which it goes.
var simply = []struct {
	kind, what, count string
	do                []string
}{
	{"drafts", "field notes that nobody confirmed", `SELECT count(*) FROM notes WHERE confirmed_at IS NULL AND created_at < ?1`,
		[]string{`DELETE FROM notes WHERE confirmed_at IS NULL AND created_at < ?1`}},
	{"touches", "names beside calls, meetings and mails", `SELECT count(*) FROM touches WHERE at < ?1 AND by_whom <> ''`,
		[]string{`UPDATE touches SET by_whom = '' WHERE at < ?1 AND by_whom <> ''`}},
	{"audit", "names and words in the log", `SELECT count(*) FROM audit WHERE at < ?1 AND (person_id <> '' OR detail <> '')`,
		[]string{`UPDATE audit SET person_id = '', network = '', detail = '' WHERE at < ?1 AND (person_id <> '' OR detail <> '')`}},
	{"digests", "digests and messages of one person", `SELECT (SELECT count(*) FROM digests WHERE person_id <> '' AND at < ?1)
			+ (SELECT count(*) FROM outbox WHERE state <> 'waiting' AND body <> '' AND ` + isPerson + ` AND at < ?1)`,
		[]string{`DELETE FROM digests WHERE person_id <> '' AND at < ?1`,
			`UPDATE outbox SET body = '' WHERE state <> 'waiting' AND body <> '' AND ` + isPerson + ` AND at < ?1`}},
}

// days is how long a kind is kept.
func (r Retention) days(kind string) int {
	return map[string]int{"drafts": r.Drafts, "authors": r.Authors, "touches": r.Touches, "audit": r.Audit, "digests": r.Digests,
		"leads": r.Leads}[kind]
}

// Expired is what is past its time; loc is the company's zone, whose days count.
func (tx *Tx) Expired(r Retention, loc *time.Location) (list []Expired, err error) {
	add := func(kind, what, count string, before time.Time) error {
		n, err := tx.count(count, millis(before))
		if err != nil {
			return fmt.Errorf("count %s past their time: %w", what, err)
		}
		list = append(list, Expired{Kind: kind, What: what, Rows: int(n), Before: before})
		return nil
	}
	for _, k := range simply {
		if days := r.days(k.kind); days > 0 {
			if err := add(k.kind, k.what, k.count, tx.daysAgo(days, loc)); err != nil {
				return nil, err
			}
		}
	}
	if r.Authors > 0 {
		count := `SELECT (SELECT count(*) FROM objections WHERE created_at < ?1 AND (` + fmt.Sprintf(anybody, "author_id") + ` OR ` +
			fmt.Sprintf(anybody, "logged_by") + `))
			+ (SELECT count(*) FROM notes WHERE created_at < ?1 AND ` + fmt.Sprintf(anybody, "author_id") + `)`
		if err := add("authors", "authors of objections and field notes", count, tx.quarterBefore(r.Authors, loc)); err != nil {
			return nil, err
		}
	}
	if r.Leads > 0 {
		if err := add("leads", "people whom leads without a deal are", `SELECT count(*) `+expirable, tx.daysAgo(r.Leads, loc)); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Expire lets go of what is past its time, of leads no more than some at once: Expired says what is left. What it says of what went
// is written into the log.
func (tx *Tx) Expire(r Retention, loc *time.Location) (gone []Expired, err error) {
	due, err := tx.Expired(r, loc)
	if err != nil {
		return nil, err
	}
	for _, e := range due {
		if e.Rows == 0 {
			continue
		}
		if err := tx.overwriteFreed(); err != nil {
			return nil, err
		}
		switch e.Kind {
		case "authors":
			err = tx.expireAuthors(e.Before, loc)
		case "leads":
			e.Rows, err = tx.expireLeads(e.Before)
		default:
			for _, k := range simply {
				for _, s := range k.do {
					if k.kind == e.Kind && err == nil {
						err = tx.exec(s, millis(e.Before))
					}
				}
			}
		}
		if err != nil {
			return nil, fmt.Errorf("let go of %s: %w", e.What, err)
		}
		if err := tx.Audit("", "", "retention."+e.Kind, e.Kind,
			map[string]any{"rows": e.Rows, "before": e.Before.UTC().Format(time.RFC3339)}); err != nil {
			return nil, err
		}
		gone = append(gone, e)
	}
	return gone, nil
}

// expireAuthors puts somebody without a name in the place of each author, another for each quarter: how many different people said
// something in a quarter stays right.
func (tx *Tx) expireAuthors(before time.Time, loc *time.Location) error {
	var first time.Time
	if err := tx.row(`SELECT min(at) FROM (SELECT min(created_at) AS at FROM objections UNION ALL SELECT min(created_at)
		FROM notes)`, nil, moment{&first}); err != nil {
		return err
	}
	for from := quarterOf(first, loc); from.Before(before); from = from.AddDate(0, 3, 0) {
		span := []any{millis(from), millis(from.AddDate(0, 3, 0))}
		people, err := all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) }, `SELECT DISTINCT id FROM (
			SELECT author_id AS id FROM objections WHERE created_at >= ?1 AND created_at < ?2 UNION SELECT logged_by FROM objections
			WHERE created_at >= ?1 AND created_at < ?2
			UNION SELECT author_id FROM notes WHERE created_at >= ?1 AND created_at < ?2) WHERE `+fmt.Sprintf(anybody, "id")+` ORDER BY id`, span...)
		if err != nil {
			return err
		}
		for _, id := range people {
			n, err := tx.next("person")
			if err != nil {
				return err
			}
			nobody := fmt.Sprintf("P-%d", n)
			for _, s := range []string{
				`INSERT INTO people (id, name, side, active, created_at) SELECT ?4, 'A colleague', side, 0, ?1 FROM people WHERE id = ?3`,
				`UPDATE objections SET author_id = ?4 WHERE author_id = ?3 AND created_at >= ?1 AND created_at < ?2`,
				`UPDATE objections SET logged_by = ?4 WHERE logged_by = ?3 AND created_at >= ?1 AND created_at < ?2`,
				`UPDATE notes SET author_id = ?4 WHERE author_id = ?3 AND created_at >= ?1 AND created_at < ?2`,
			} {
				if err := tx.exec(s, append(span, id, nobody)...); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// expireLeads erases who some leads are, the oldest first.
func (tx *Tx) expireLeads(before time.Time) (n int, err error) {
	ids, err := all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) },
		`SELECT l.id `+expirable+` ORDER BY l.mql_at, l.id LIMIT ?2`, millis(before), leadsAtOnce)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		l, err := tx.Lead(id)
		if err != nil {
			return n, err
		}
		if l.Name == "" && l.Email == "" { // with another of its address
			continue
		}
		e, err := tx.EraseLead(l, "", "")
		if err != nil {
			return n, err
		}
		n += len(e.Refs)
	}
	return n, nil
}

// daysAgo is the start of a day of the company.
func (tx *Tx) daysAgo(days int, loc *time.Location) time.Time {
	return truce.DateOf(tx.Now.In(loc)).Add(-days).At(0, loc)
}

// quarterBefore is the start of the quarter in which the day was.
func (tx *Tx) quarterBefore(days int, loc *time.Location) time.Time {
	return quarterOf(tx.daysAgo(days, loc), loc)
}

func quarterOf(t time.Time, loc *time.Location) time.Time {
	t = t.In(loc)
	return time.Date(t.Year(), t.Month()-(t.Month()-1)%3, 1, 0, 0, 0, 0, loc)
}
