package schedules

import (
	"cmp"
	"fmt"
	"time"

	"truce"
	"truce/schedules/delivery"
	"truce/storage"
)

// Peace holds back what Truce would start by itself until its reader has time for it: in their working hours, outside their
// quiet hours and leave, and no more than a few a day. Answers, cases and reminders of deadlines are never held back.
type Peace struct {
	Calendar truce.Calendar
	Budget   Budget
}

// Budget is how many messages Truce may start, by the role of their reader. Zero is the product's own figure.
type Budget struct {
	Rep, Marketer, Manager int // a day
	Sponsor                int // a week
}

// Hold is when the message may leave; zero lets it go now. It is a delivery.Hold.
func (p Peace) Hold(tx *storage.Tx, m storage.Message) (time.Time, error) {
	switch m.Kind {
	case storage.Notice, storage.DigestSent, storage.Recap:
	default:
		return time.Time{}, nil
	}
	id, ok := m.To.Person()
	if !ok || delivery.ToldAdmins(m) {
		return time.Time{}, nil // a channel's readers look when they like; what keeps Truce from working cannot wait
	}
	who, err := tx.Person(id)
	if err != nil {
		return time.Time{}, err
	}
	calendar := p.Calendar
	if loc, err := time.LoadLocation(who.Zone); who.Zone != "" && err == nil {
		calendar = calendar.In(loc)
	}
	if calendar.Loc == nil {
		calendar.Loc = time.UTC
	}
	quiet, err := quietOf(tx, id)
	if err != nil {
		return time.Time{}, err
	}
	at := tx.Now
	if at, err = p.afford(tx, who, calendar, at); err != nil {
		return time.Time{}, err
	}
	for range 20 { // each rule may move it into the time of another
		was := at
		if who.OnLeave(at) {
			if who.LeaveTo.IsZero() {
				return tx.Now.Add(24 * time.Hour), nil // nobody knows until when: look again tomorrow
			}
			at = who.LeaveTo
		}
		if open, ok := calendar.Add(at, 0); ok && !calendar.Open(at) {
			at = open
		}
		if end, ok := quiet.Until(at.In(calendar.Loc)); ok {
			at = end
		}
		if at.Equal(was) {
			break
		}
	}
	if at.Equal(tx.Now) {
		return time.Time{}, nil
	}
	return at, nil
}

// afford is at, or the next day (for the sponsor the next week) where the budget is spent.
func (p Peace) afford(tx *storage.Tx, who truce.Person, calendar truce.Calendar, at time.Time) (time.Time, error) {
	limit, since, next := cmp.Or(p.Budget.Rep, 2), calendar.StartOfDay(at), calendar.Date(at).Add(1).At(0, calendar.Loc)
	switch {
	case who.Has(truce.Sponsor):
		limit, since, next = cmp.Or(p.Budget.Sponsor, 1), calendar.StartOfWeek(at), calendar.Week(at, 1)
	case who.Has(truce.SalesManager, truce.MarketingManager):
		limit = cmp.Or(p.Budget.Manager, 2)
	case who.Has(truce.Marketer):
		limit = cmp.Or(p.Budget.Marketer, 3)
	}
	n, err := tx.SentTo(who.ID, since)
	if err != nil {
		return at, fmt.Errorf("count what %s got: %w", who.ID, err)
	}
	if int(n) >= limit {
		return next, nil
	}
	return at, nil
}

func quietOf(tx *storage.Tx, person string) (truce.Quiet, error) {
	s, err := tx.Pref(person, truce.PrefQuiet)
	if err != nil || s == "" {
		return truce.Quiet{}, err
	}
	q, err := truce.ParseQuiet(s)
	if err != nil {
		return truce.Quiet{}, nil // a setting of another version holds nothing back
	}
	return q, nil
}
