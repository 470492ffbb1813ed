package storage

import (
	"encoding/json"
	"fmt"
	"time"

	"truce"
)

// This file reads whole tables in a fixed order, for exports. Nothing here is held in memory.

// EachLead calls fn for every lead, by id.
func (tx *Tx) EachLead(fn func(truce.Lead) error) error {
	return each(tx, scanLead, fn, `SELECT `+leadColumns+` FROM leads ORDER BY id`)
}

// LeadAttributes are the names of all attributes that leads have, sorted.
func (tx *Tx) LeadAttributes() ([]string, error) {
	return tx.texts(`SELECT DISTINCT a.key FROM leads l, json_each(l.attrs) a WHERE l.attrs <> '{}' ORDER BY a.key`)
}

// EachOutcome calls fn for every outcome, by lead, date, status and deal.
func (tx *Tx) EachOutcome(fn func(truce.Outcome) error) error {
	return each(tx, scanOutcome, fn, `SELECT `+outcomeColumns+` FROM outcomes ORDER BY lead_id, at, status, deal_id`)
}

// EachRating calls fn for every rating, by lead, rater and date.
func (tx *Tx) EachRating(fn func(truce.RatingOf) error) error {
	return each(tx, func(scan func(...any) error) (r truce.RatingOf, err error) {
		return r, scan(&r.LeadID, &r.Rater, &r.Value, moment{&r.At}, moment{&r.RowAt}, &r.Hindsight, moment{&r.RecordedAt})
	}, fn, `SELECT lead_id, rater, value, at, row_at, hindsight, recorded_at FROM ratings ORDER BY lead_id, rater, dated`)
}

// EachTouch calls fn for every touch, by lead, date and kind.
func (tx *Tx) EachTouch(fn func(truce.Touch) error) error {
	return each(tx, func(scan func(...any) error) (t truce.Touch, err error) {
		return t, scan(&t.LeadID, moment{&t.At}, &t.Kind, &t.By)
	}, fn, `SELECT lead_id, at, kind, by_whom FROM touches ORDER BY lead_id, at, kind`)
}

// EachPerson calls fn for every person, those who left included, managers before those they manage.
func (tx *Tx) EachPerson(fn func(truce.Person) error) error {
	return each(tx, scanPerson, fn, `WITH RECURSIVE above (id, depth) AS (
			SELECT id, 0 FROM people WHERE manager_id IS NULL
			UNION ALL SELECT p.id, a.depth + 1 FROM people p JOIN above a ON p.manager_id = a.id WHERE a.depth < 50)
		SELECT `+personColumns+` FROM people p LEFT JOIN above a ON a.id = p.id ORDER BY coalesce(a.depth, 99), length(p.id), p.id`)
}

// EachAnswer calls fn for every answer, with its theme's name, oldest first.
func (tx *Tx) EachAnswer(fn func(a truce.Answer, theme string) error) error {
	return tx.each(`SELECT `+answerColumns+`, coalesce((SELECT t.name FROM themes t WHERE t.id = a.theme_id), a.theme_id) FROM answers a
		ORDER BY length(a.id), a.id`, nil,
		func(scan func(...any) error) error {
			var theme string
			a, err := scanAnswer(func(into ...any) error { return scan(append(into, &theme)...) })
			if err != nil {
				return err
			}
			return fn(a, theme)
		})
}

func each[T any](tx *Tx, scan func(func(...any) error) (T, error), fn func(T) error, query string, args ...any) error {
	return tx.each(query, args, func(s func(...any) error) error {
		v, err := scan(s)
		if err != nil {
			return err
		}
		return fn(v)
	})
}

// RecordColumns are the columns of a table that is exported only; nil where there is no such table.
func RecordColumns(table string) []string {
	if r := recordOf(table); r != nil {
		return r.columns
	}
	return nil
}

// EachRecord calls fn with the rows of such a table. The values are valid during the call: string, int64, time.Time or nil.
func (tx *Tx) EachRecord(table string, fn func(values []any) error) error {
	r := recordOf(table)
	values, into := make([]any, len(r.columns)), make([]any, len(r.columns))
	for i := range values {
		into[i] = &values[i]
	}
	return tx.each(r.query, nil, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		for i, name := range r.columns {
			switch v := values[i].(type) {
			case []byte:
				values[i] = string(v)
			case int64:
				if len(name) > 3 && name[len(name)-3:] == "_at" {
					values[i] = time.UnixMilli(v).UTC()
				}
			}
		}
		return fn(values)
	})
}

// Verdict is what people said here of a lead, for the CRM to know.
type Verdict struct {
	LeadID  string
	Status  truce.Status // the newest that a person or a dispute gave; NoStatus where there is only a rating
	At      time.Time
	Reason  truce.Reason
	Rating  truce.Rating
	Dispute string // D-12 and its outcome: "D-12 upheld"
}

// EachVerdict calls fn for every lead of which people said something here, by id.
func (tx *Tx) EachVerdict(fn func(Verdict) error) error {
	return each(tx, func(scan func(...any) error) (v Verdict, err error) {
		var last *string
		if err = scan(&v.LeadID, &last, &v.Rating, &v.Dispute); err != nil || last == nil {
			return v, err
		}
		var o struct {
			Status truce.Status
			At     int64
			Reason truce.Reason
		}
		if err = json.Unmarshal([]byte(*last), &o); err != nil {
			return v, fmt.Errorf("read the verdict on lead %s: %w", v.LeadID, err)
		}
		v.Status, v.At, v.Reason = o.Status, time.UnixMilli(o.At).UTC(), o.Reason
		return v, nil
	}, fn, `SELECT l.id,
			(SELECT json_object('status', o.status, 'at', o.at, 'reason', o.reason) FROM outcomes o WHERE o.lead_id = l.id
			AND o.origin IN ('person', 'dispute') ORDER BY o.at DESC, o.status LIMIT 1),
			CASE WHEN EXISTS (SELECT 1 FROM ratings r JOIN people p ON p.id = r.rater WHERE r.lead_id = l.id) THEN coalesce(l.rating, 0) ELSE 0 END,
			coalesce((SELECT d.id || ' ' || CASE WHEN d.outcome <> '' THEN d.outcome ELSE d.state END FROM disputes d WHERE d.lead_id = l.id
			ORDER BY d.opened_at DESC LIMIT 1), '')
		FROM leads l WHERE EXISTS (SELECT 1 FROM outcomes o WHERE o.lead_id = l.id AND o.origin IN ('person', 'dispute'))
			OR EXISTS (SELECT 1 FROM ratings r JOIN people p ON p.id = r.rater WHERE r.lead_id = l.id) OR EXISTS (SELECT 1 FROM disputes d
			WHERE d.lead_id = l.id)
		ORDER BY l.id`)
}
