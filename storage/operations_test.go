package storage

import (
	"testing"
	"time"

	"truce"
)

// TestOperationsSayWhyTimeRests has a case wait for Marketing, which is nobody, then somebody.
func TestOperationsSayWhyTimeRests(t *testing.T) {
	s := open(t)
	terms := truce.NewTerms(truce.NewCalendar(time.UTC))
	waits := func(after func(tx *Tx) error) map[Wait]int {
		t.Helper()
		var o Operations
		if err := s.Update(t.Context(), after); err != nil {
			t.Fatal(err)
		}
		if err := s.View(t.Context(), func(tx *Tx) (err error) { o, err = tx.Operations(terms); return err }); err != nil {
			t.Fatal(err)
		}
		return o.Waits
	}
	var mia truce.Person
	got := waits(func(tx *Tx) error {
		ann, err := tx.AddPerson(truce.Person{Name: "Ann", Email: "ann@example.com"})
		if err != nil {
			return err
		}
		if mia, err = tx.AddPerson(truce.Person{Name: "Mia", Email: "mia@example.com"}); err != nil {
			return err
		}
		if _, err := tx.UpsertLead(truce.Lead{ID: "a1", Company: "Northfield", Source: "Webinar", MQLAt: testNow}); err != nil {
			return err
		}
		l, err := tx.Lead("a1")
		if err != nil {
			return err
		}
		_, err = tx.OpenDispute(terms, truce.NewDispute(l, "wrong-person", "she left", ann, tx.Now), "test")
		return err
	})
	if want := (Wait{truce.AnswerPromise, truce.NobodyPause}); got[want] != 1 {
		t.Errorf("with nobody in Marketing: %v", got)
	}
	got = waits(func(tx *Tx) error { return tx.GiveRole(mia.ID, truce.Marketer, "config") })
	if len(got) != 1 || got[Wait{truce.AnswerPromise, truce.NobodyPause}] != 0 {
		t.Errorf("with a marketer: %v", got)
	}
}
