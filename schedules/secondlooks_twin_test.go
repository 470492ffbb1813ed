package schedules_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// heard keeps what a person of a world is sent.
type heard struct {
	*world
	user string
	log  []string
}

func (h *heard) Send(ctx context.Context, m chat.Outgoing) (chat.Ref, error) {
	ref, err := h.world.Send(ctx, m)
	if err == nil && m.To.User == h.user {
		h.log = append(h.log, h.now.Format("Mon 15:04 ")+chat.PlainText(m.Card, 1000))
	}
	return ref, err
}

// TestASecondLookIsRemindedOfAsAnyLead lives the same days twice, once with a rep's ordinary lead and once with a second look at it: the
// rep is sent the same messages at the same times, whatever they do, while they are away, and while the CRM's data is missing.
func TestASecondLookIsRemindedOfAsAnyLead(t *testing.T) {
	type day struct {
		after time.Duration
		what  string
	}
	for name, days := range map[string][]day{
		"nobody does anything":         nil,
		"accepted at once":             {{2 * time.Hour, "accept"}},
		"accepted after the reminder":  {{26 * time.Hour, "accept"}},
		"accepted, rated":              {{2 * time.Hour, "accept"}, {50 * time.Hour, "rate"}},
		"touched, then accepted":       {{3 * time.Hour, "touch"}, {27 * time.Hour, "accept"}},
		"sent back":                    {{26 * time.Hour, "reject"}},
		"data is missing, and comes":   {{0, "data"}, {70 * time.Hour, "data"}, {80 * time.Hour, "data"}, {96 * time.Hour, "data"}},
		"data goes missing for good":   {{0, "data"}},
		"messages do not arrive":       {{time.Hour, "lose"}, {60 * time.Hour, "find"}},
		"away from the second morning": {{20 * time.Hour, "leave"}},
	} {
		t.Run(name, func(t *testing.T) {
			var logs [2][]string
			for i := range logs {
				logs[i] = live(t, i == 1, func(w *world, do func(string)) {
					began := w.now
					for _, d := range days {
						w.pass(began.Add(d.after).Sub(w.now), time.Hour)
						do(d.what)
						w.work()
					}
					w.pass(began.AddDate(0, 0, 20).Sub(w.now), time.Hour)
				})
			}
			if strings.Join(logs[0], "\n") != strings.Join(logs[1], "\n") {
				t.Errorf("of an ordinary lead they hear\n%s\nof a second look\n%s", strings.Join(logs[0], "\n"), strings.Join(logs[1], "\n"))
			}
			if name == "nobody does anything" && len(logs[0]) < 2 {
				t.Errorf("they hear only\n%s", strings.Join(logs[0], "\n"))
			}
		})
	}
}

// live has a rep live with a lead, or with a second look at it, and returns what they were sent.
func live(t *testing.T, second bool, days func(*world, func(string))) []string {
	w := newWorld(t, 7)
	ann, ben := w.people[0], w.people[1]
	h := &heard{world: w, user: "fake:" + ann.ID}
	w.delivery.Adapters["fake"] = h
	var look truce.SecondLook
	w.update(func(tx *storage.Tx) error {
		l := truce.Lead{ID: "a1", Company: "Lab", MQLAt: w.now.Add(-48 * time.Hour), Source: "Webinar", OwnerID: ben.ID}
		if _, err := tx.UpsertLead(l); err != nil {
			return err
		}
		l, err := tx.Lead("a1")
		if err != nil {
			return err
		}
		if _, err := tx.UpsertLead(truce.Lead{ID: "a0", Company: "Old", MQLAt: l.MQLAt, Source: "Fair"}); err != nil {
			return err
		}
		if _, err := tx.AddTouch(truce.Touch{LeadID: "a0", At: w.now.Add(-time.Hour), Kind: "call", By: ben.ID}); err != nil {
			return err
		}
		if !second {
			l.OwnerID, l.HandedOffAt = ann.ID, w.now
			return tx.SaveLead(l)
		}
		if _, err := tx.AddOutcome(truce.Outcome{LeadID: l.ID, Status: truce.Rejected, At: w.now.Add(-time.Hour), Origin: truce.FromPerson,
			PersonID: ben.ID, Reason: "wrong-person"}); err != nil {
			return err
		}
		look, err = tx.AddSecondLook(truce.SecondLook{Week: truce.Date{Year: 2026, Month: 3, Day: 2}, Kind: truce.RejectedLook,
			LeadID: l.ID, Ref: l.Ref, PersonID: ann.ID})
		return err
	})
	days(w, func(what string) {
		w.update(func(tx *storage.Tx) error {
			switch what {
			case "data":
				return tx.AddImport(storage.Import{Kind: "outcomes", Origin: "file", Complete: true})
			case "lose", "find":
				w.lost["fake:"+ann.ID] = what == "lose"
				return nil
			case "leave":
				p, err := tx.Person(ann.ID)
				p.LeaveFrom, p.LeaveTo = w.now, w.now.AddDate(0, 0, 5)
				return errors.Join(err, tx.SavePerson(p))
			}
			if second {
				return lookedAt(tx, look.ID, what)
			}
			return ordinary(tx, ann, what)
		})
	})
	return h.log
}

func lookedAt(tx *storage.Tx, id, what string) error {
	l, err := tx.SecondLook(id)
	if err != nil {
		return err
	}
	switch what {
	case "accept":
		err = l.Judge(truce.Accepted, "", "", tx.Now)
	case "reject":
		err = l.Judge(truce.Rejected, "wrong-person", "", tx.Now)
	case "rate":
		l.Rating = truce.Good
	case "touch":
		l.Touch, l.TouchedAt = "call", tx.Now
	default:
		err = fmt.Errorf("%s?", what)
	}
	return errors.Join(err, tx.SaveSecondLook(l))
}

func ordinary(tx *storage.Tx, ann truce.Person, what string) error {
	l, err := tx.Lead("a1")
	if err != nil {
		return err
	}
	o := truce.Outcome{LeadID: l.ID, At: tx.Now, Origin: truce.FromPerson, PersonID: ann.ID}
	kinds := []truce.PromiseKind{truce.VerdictPromise}
	switch what {
	case "accept":
		o.Status = truce.Accepted
	case "reject":
		o.Status, o.Reason = truce.Rejected, "wrong-person"
		kinds = append(kinds, truce.TouchPromise, truce.RatingPromise)
	case "rate":
		_, err := tx.Rate(truce.RatingOf{LeadID: l.ID, Rater: ann.ID, Value: truce.Good, At: tx.Now})
		return errors.Join(err, tx.StopLeadPromises(l.Ref, tx.Now, truce.RatingPromise))
	case "touch":
		_, err := tx.AddTouch(truce.Touch{LeadID: l.ID, At: tx.Now, Kind: "call", By: ann.ID})
		return errors.Join(err, tx.StopLeadPromises(l.Ref, tx.Now, truce.TouchPromise))
	}
	_, err = tx.AddOutcome(o)
	return errors.Join(err, tx.StopLeadPromises(l.Ref, tx.Now, kinds...))
}
