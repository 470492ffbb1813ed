package schedules_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/delivery"
	"truce/schedules/digests"
	"truce/storage"
)

// TestOldDataPausesTheClocksOfLeads lets the CRM fall silent: after 24 hours nobody is reminded of a lead and no lead is accepted by
// silence, digests and home pages say so, cases go on; and when data comes again, the clocks run on with the time they had left.
func TestOldDataPausesTheClocksOfLeads(t *testing.T) {
	w := newWorld(t, 1)
	var ann truce.Person
	for _, p := range w.people {
		if p.Has(truce.Rep) {
			ann = p
			break
		}
	}
	imported := func(kind, origin string) {
		w.update(func(tx *storage.Tx) error {
			return tx.AddImport(storage.Import{Kind: kind, Origin: origin, Complete: true})
		})
	}
	lead := func(id string) {
		w.update(func(tx *storage.Tx) error {
			if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: w.now, Source: "Webinar", Company: id, OwnerID: ann.ID,
				HandedOffAt: w.now}); err != nil {
				return err
			}
			l, err := tx.Lead(id)
			l.OwnerID, l.HandedOffAt = ann.ID, w.now
			return errors.Join(err, tx.SaveLead(l))
		})
	}
	verdict := func(id string) (p truce.Promise) {
		w.update(func(tx *storage.Tx) error {
			l, err := tx.Lead(id)
			if err != nil {
				return err
			}
			list, err := tx.Promises(l.Ref)
			for _, q := range list {
				if q.Kind == truce.VerdictPromise {
					p = q
				}
			}
			return err
		})
		return p
	}
	says := func(want bool) {
		t.Helper()
		const words = "No outcomes have come from your CRM since Mon 2 Mar 09:00"
		w.update(func(tx *storage.Tx) error {
			card, err := digests.Maker{Calendar: w.terms.Calendar, Terms: w.terms}.Card(tx,
				digests.Query{Kind: digests.WeeklyDigest, From: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
					To: time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), AsOf: tx.Now}, false)
			if err != nil {
				return err
			}
			home, err := delivery.Subjects(w.terms)["home"](tx, ann.ID)
			for name, c := range map[string]chat.Card{"the digest": card, "the home page": home} {
				if text := chat.PlainText(c, 1000); strings.Contains(text, words) != want {
					t.Errorf("at %s %s says it: %v, want %v\n%s", w.now.Format(time.RFC3339), name, !want, want, text)
				}
			}
			return err
		})
	}
	tick := func() {
		t.Helper()
		if err := w.clocks.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	imported("leads", "file") // nobody feeds outcomes: what Truce is told is all there is
	lead("fed by nobody")
	w.now = w.now.AddDate(0, 0, 7)
	tick()
	if p := verdict("fed by nobody"); p.Result == truce.Paused {
		t.Error("clocks wait for data that has never come")
	}

	w = newWorld(t, 2) // Monday 09:00
	ann = w.people[0]
	imported("outcomes", "file")
	lead("one")
	tick()
	began := verdict("one")
	if began.Result != truce.Running || !began.DueAt.Equal(time.Date(2026, 3, 3, 17, 0, 0, 0, time.UTC)) {
		t.Fatalf("it began as %+v", began)
	}
	says(false)
	w.now = time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC) // 24 hours: not older
	tick()
	if p := verdict("one"); p.Result != truce.Running {
		t.Errorf("paused at 24 hours already: %+v", p)
	}
	imported("leads", "hook") // leads that come by hook say nothing of outcomes that come by file
	w.now = w.now.Add(10 * time.Minute)
	tick()
	if p := verdict("one"); p.Result != truce.Paused || p.Left != 8*time.Hour {
		t.Errorf("after 24 hours: %+v, want it paused with the 8 business hours it had left", p)
	}
	says(true)
	lead("two") // comes meanwhile
	w.now = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	tick()
	w.update(func(tx *storage.Tx) error {
		l, err := tx.Lead("one")
		if err != nil {
			return err
		}
		if l.State != truce.NoStatus {
			t.Errorf("silence moved a lead while data was missing: %s", l.State)
		}
		due, err := tx.PromisesDue(tx.Now, 10)
		remind, err2 := tx.PromisesToRemind(tx.Now, 10)
		if len(due)+len(remind) > 0 {
			t.Errorf("due are %v, to be reminded of %v", due, remind)
		}
		return errors.Join(err, err2)
	})
	imported("touches", "file")
	tick()
	says(false)
	if p := verdict("one"); p.Result != truce.Running || !p.DueAt.Equal(time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("it goes on as %+v, want it due in 8 business hours: Friday 12:00", p)
	}
	if p := verdict("two"); p.Result != truce.Running {
		t.Errorf("the lead that came meanwhile has %+v", p)
	}

	imported("outcomes", "hook") // from now on whatever comes by hook shows that the CRM is heard
	w.now = w.now.Add(20 * time.Hour)
	imported("leads", "hook")
	w.now = w.now.Add(20 * time.Hour)
	tick()
	if p := verdict("two"); p.Result == truce.Paused {
		t.Error("clocks wait although the CRM was heard 20 hours ago")
	}
}
