package digests

import (
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// mine is a person's own report.
func (d Maker) mine(tx *storage.Tx, r Query) (chat.Card, error) {
	report, err := d.Report(tx, r)
	if err != nil {
		return chat.Card{}, err
	}
	v := cards.RecapView{Period: d.period(r)}
	if f := report.Totals; f.Leads > 0 || r.Person.Has(truce.Rep) {
		v.Totals = &cards.WeekView{Leads: f.Leads, Judged: f.Judged, Open: f.Open, Won: f.Won}
	}
	v.Items = report.Waiting
	if !r.AsOf.Before(tx.Now) && r.Person.ID != "" { // of a moment in the past only leads and cases are told
		if v.Proposals, v.Actions, err = tx.WaitsBeside(r.Person, d.Calendar.Date(tx.Now)); err != nil {
			return chat.Card{}, err
		}
	}
	return cards.Recap(v, d.terms()), nil
}

// terms are the promises' terms, by the report's calendar.
func (d Maker) terms() truce.Terms {
	t := d.Terms
	t.Calendar = d.Calendar
	return t
}

// waitingFor is what waited for a person at a moment, each lead once.
func (d Maker) waitingFor(tx *storage.Tx, person string, at time.Time) ([]truce.Pending, error) {
	list, err := tx.Pending(d.terms(), at)
	return truce.PendingFor(list, person), err
}
