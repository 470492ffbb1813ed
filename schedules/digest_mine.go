package schedules

import (
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// Waiting is one thing that waits for a person.
type Waiting struct {
	Kind    string // answer, evidence, reply, ruling, verdict, touch, rating
	Subject string // D-1, or a lead's reference
	Due     time.Time
}

// waitingFor is what waited for a person at a moment, the first due first: what the person owes, and what anybody of the
// person's side owes whom it may fall to.
func waitingFor(tx *storage.Tx, p truce.Person, at time.Time) ([]Waiting, error) {
	owed, err := tx.Owed(at)
	if err != nil {
		return nil, err
	}
	return waitingOf(p, owed), nil
}

// waitingOf is what a person owes of what is owed.
func waitingOf(p truce.Person, owed []storage.Owed) []Waiting {
	var list []Waiting
	for _, o := range owed {
		if owes(p, o) {
			list = append(list, Waiting{o.Kind, o.Subject, o.Due})
		}
	}
	return list
}

func owes(p truce.Person, o storage.Owed) bool {
	switch {
	case o.PersonID != "":
		return o.PersonID == p.ID
	case o.Kind == "ruling" && o.Side == truce.NoSide, o.Kind == "ruling" && o.Side == "sponsor":
		return p.Has(truce.Sponsor)
	case o.Kind == "ruling":
		return p.Manages(o.Side)
	case o.Kind == "answer":
		return p.SpeaksForMarketing()
	}
	return false
}

// mine is a person's own report.
func (d Digests) mine(tx *storage.Tx, r Request) (chat.Card, error) {
	report, err := d.Report(tx, r)
	if err != nil {
		return chat.Card{}, err
	}
	f := report.Totals
	v := cards.RecapView{Period: d.period(r), Items: recapItems(report.Waiting, r.AsOf), Totals: &cards.WeekView{Leads: f.Leads, Judged: f.Judged, Open: f.Open, Won: f.Won}}
	return cards.Recap(v), nil
}

// recapItems says what waits, each with the button that leads there.
func recapItems(list []Waiting, asOf time.Time) (items []cards.RecapItem) {
	for _, w := range list {
		i := cards.RecapItem{Due: w.Due, Overdue: w.Due.Before(asOf)}
		switch w.Kind {
		case "answer":
			i.Text = w.Subject + " waits for Marketing's answer"
		case "evidence":
			i.Text = w.Subject + ": Marketing asks you one thing"
		case "reply":
			i.Text = w.Subject + " was declined: accept it or escalate"
		case "ruling":
			i.Text = w.Subject + " waits for your ruling"
		case "verdict":
			i.Text = w.Subject + ": accept or reject the lead"
		case "touch":
			i.Text = w.Subject + " waits for a first touch"
		case "rating":
			i.Text = "Rate " + w.Subject
		default:
			i.Text = w.Subject
		}
		switch w.Kind {
		case "answer", "evidence", "reply", "ruling":
			i.Buttons = []chat.Button{chat.Press("Open "+w.Subject, "dispute.show", w.Subject)}
		case "verdict":
			i.Buttons = []chat.Button{chat.Press("Accept", "lead.accept", w.Subject).As(chat.Primary), chat.Press("Open "+w.Subject, "lead.show", w.Subject)}
		default:
			i.Buttons = []chat.Button{chat.Press("Open "+w.Subject, "lead.show", w.Subject)}
		}
		items = append(items, i)
	}
	return items
}
