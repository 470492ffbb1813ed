package digests

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

// waitingOf is what waits for a person of all that is owed. A lead waits once: its first touch is said with its verdict.
func waitingOf(p truce.Person, owed []storage.Owed) []Waiting {
	verdicts := map[string]bool{}
	for _, o := range owed {
		verdicts[o.Subject] = verdicts[o.Subject] || o.Kind == "verdict" && owes(p, o)
	}
	var list []Waiting
	for _, o := range owed {
		if owes(p, o) && (o.Kind != "touch" || !verdicts[o.Subject]) {
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
func (d Maker) mine(tx *storage.Tx, r Request) (chat.Card, error) {
	report, err := d.Report(tx, r)
	if err != nil {
		return chat.Card{}, err
	}
	v := cards.RecapView{Period: d.period(r)}
	if f := report.Totals; f.Leads > 0 || r.Person.Has(truce.Rep) {
		v.Totals = &cards.WeekView{Leads: f.Leads, Judged: f.Judged, Open: f.Open, Won: f.Won}
	}
	if v.Items, err = recapItems(tx, report.Waiting, r.AsOf); err != nil {
		return chat.Card{}, err
	}
	return cards.Recap(v), nil
}

// recapItems says what waits and of whom, each with the button that leads there.
func recapItems(tx *storage.Tx, list []Waiting, asOf time.Time) (items []cards.RecapItem, err error) {
	for n, w := range list {
		i, what := cards.RecapItem{Due: w.Due, Overdue: w.Due.Before(asOf)}, w.Subject
		if n < cards.RecapShown {
			title, err := tx.SubjectTitle(w.Subject)
			if err != nil {
				return nil, err
			}
			if title != "" {
				what += " · " + title
			}
		}
		switch w.Kind {
		case "answer":
			i.Text = what + ": waits for Marketing's answer"
		case "owner":
			i.Text = what + ": a colleague would send your lead back. Say first"
		case "evidence":
			i.Text = what + ": Marketing asks you one thing"
		case "reply":
			i.Text = what + ": declined. Accept it or escalate"
		case "ruling":
			i.Text = what + ": waits for your ruling"
		case "verdict":
			i.Text = what + ": accept or reject the lead"
		case "touch":
			i.Text = what + ": waits for a first touch"
		case "rating":
			i.Text = "Rate " + what
		default:
			i.Text = what
		}
		switch w.Kind {
		case "owner", "answer", "evidence", "reply", "ruling":
			i.Buttons = []chat.Button{chat.Press("Open "+w.Subject, "dispute.show", w.Subject)}
		case "verdict":
			i.Buttons = []chat.Button{chat.Press("Accept", "lead.accept", w.Subject).As(chat.Primary), chat.Press("Open "+w.Subject, "lead.show", w.Subject)}
		default:
			i.Buttons = []chat.Button{chat.Press("Open "+w.Subject, "lead.show", w.Subject)}
		}
		items = append(items, i)
	}
	return items, nil
}
