package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file is about what was paid for leads.

const costColumns = `id, source, campaign, first_day, days, amount, currency, recorded_at`

func scanCost(scan func(...any) error) (c truce.Cost, err error) {
	var first string
	if err = scan(&c.ID, &c.Source, &c.Campaign, &first, &c.Days, &c.Amount.Amount, &c.Amount.Currency, moment{&c.RecordedAt}); err != nil {
		return c, err
	}
	c.First, err = truce.ParseDate(first)
	return c, err
}

// UpsertCost stores a cost; the same id again corrects it.
func (tx *Tx) UpsertCost(c truce.Cost) (Change, error) {
	c.RecordedAt = tx.Now
	change := Added
	list, err := all(tx, scanCost, `SELECT `+costColumns+` FROM costs WHERE id = ?`, c.ID)
	if err != nil {
		return "", fmt.Errorf("read cost %s: %w", c.ID, err)
	}
	if len(list) > 0 {
		if list[0].RecordedAt = c.RecordedAt; list[0] == c {
			return Unchanged, nil
		}
		change = Changed
	}
	err = tx.exec(`INSERT INTO costs (`+costColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET source = excluded.source, campaign = excluded.campaign, first_day = excluded.first_day,
		days = excluded.days,
			amount = excluded.amount, currency = excluded.currency, recorded_at = excluded.recorded_at`,
		c.ID, c.Source, c.Campaign, c.First.String(), c.Days, c.Amount.Amount, c.Amount.Currency, millis(c.RecordedAt))
	if err != nil {
		return "", fmt.Errorf("save cost %s: %w", c.ID, err)
	}
	return change, nil
}

// EachCost calls fn for every cost of which some day is in [from, to), by date, source, campaign and id.
func (tx *Tx) EachCost(from, to truce.Date, fn func(truce.Cost) error) error {
	const longest = 31 // days of a month
	return each(tx, scanCost, func(c truce.Cost) error {
		if c.First.Add(c.Days).Compare(from) <= 0 {
			return nil
		}
		return fn(c)
	}, `SELECT `+costColumns+` FROM costs WHERE first_day > ? AND first_day < ? ORDER BY first_day, source, campaign, id`,
		from.Add(-longest).String(), to.String())
}

// AllCosts is a stretch of days that every cost is in.
func AllCosts() (from, to truce.Date) {
	return truce.Date{Year: 1, Month: time.January, Day: 1}, truce.Date{Year: 9999, Month: time.December, Day: 31}
}

// CostSpan are the first and the last day that any cost is of; ok is false where none is known.
func (tx *Tx) CostSpan() (first, last truce.Date, ok bool, err error) {
	err = each(tx, scanCost, func(c truce.Cost) error {
		end := c.First.Add(c.Days - 1)
		if !ok || c.First.Compare(first) < 0 {
			first = c.First
		}
		if !ok || end.Compare(last) > 0 {
			last = end
		}
		ok = true
		return nil
	}, `SELECT `+costColumns+` FROM costs WHERE first_day = (SELECT min(first_day) FROM costs)
		OR first_day >= (SELECT max(substr(first_day, 1, 7)) FROM costs)`)
	if err != nil {
		return first, last, false, fmt.Errorf("find the days of the costs: %w", err)
	}
	return first, last, ok, nil
}
