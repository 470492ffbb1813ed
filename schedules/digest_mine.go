package schedules

import (
	"time"

	"truce"
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
	var list []Waiting
	for _, o := range owed {
		if owes(p, o) {
			list = append(list, Waiting{o.Kind, o.Subject, o.Due})
		}
	}
	return list, nil
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
