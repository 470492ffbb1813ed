package schedules_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/schedules"
	"truce/schedules/digests"
	"truce/storage"
)

// TestSecondLooksOfAQuarter lives a quarter with second looks: they are drawn each week as agreed and of what may be, seen in no
// export and no log before they are over, change no figure of the leads themselves, and give one line of all of them.
func TestSecondLooksOfAQuarter(t *testing.T) {
	w := newWorld(t, 3)
	second := schedules.SecondLooks{Store: w.store, Terms: w.terms}
	ann, ben := w.people[0], w.people[1]
	agree := func() {
		w.update(func(tx *storage.Tx) error {
			on, err := json.Marshal(truce.SecondLookValue(true))
			if err != nil {
				return err
			}
			p, err := truce.NewProposal(truce.SecondLookGround, "", on, nil, nil, w.people[3])
			if err != nil {
				return err
			}
			if p, err = tx.Propose(p, "fake"); err != nil {
				return err
			}
			for _, by := range []truce.Person{w.people[5], w.people[6]} {
				if _, err := tx.MoveProposal(p.ID, "proposal.agree", by.ID, "fake",
					func(p *truce.Proposal, k truce.Keyholders) error { return p.Agree(by.ID, k, tx.Now) }); err != nil {
					return err
				}
			}
			return nil
		})
	}
	n := 0
	week := func(rejected, settled, below int) {
		w.update(func(tx *storage.Tx) error {
			for i := range rejected + settled {
				n++
				l := truce.Lead{ID: fmt.Sprint("C", n), MQLAt: tx.Now, Source: "Webinar", Email: fmt.Sprintf("c%d@x.example", n), OwnerID: ann.ID}
				o := truce.Outcome{LeadID: l.ID, Status: truce.Rejected, At: tx.Now, Origin: truce.FromPerson, PersonID: ann.ID, Reason: "wrong-person"}
				if i >= rejected {
					o.Origin, o.PersonID = truce.FromDispute, ""
				}
				if _, err := tx.UpsertLead(l); err != nil {
					return err
				}
				if _, err := tx.AddOutcome(o); err != nil {
					return err
				}
			}
			for i := range below {
				if _, err := tx.UpsertBelow(truce.Lead{ID: fmt.Sprintf("B%d-%d", n, i), MQLAt: tx.Now, Source: "Webinar", Name: "Bo", Score: 20,
					HasScore: true}); err != nil {
					return err
				}
			}
			return nil
		})
		w.now = w.now.AddDate(0, 0, 7)
		for _, err := range []error{second.Tend(t.Context()), second.Weekly(t.Context(), w.now), second.Weekly(t.Context(), w.now)} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	looks := func() (list []truce.SecondLook) {
		w.update(func(tx *storage.Tx) (err error) { list, err = tx.SecondLooks(tx.Now); return err })
		return list
	}
	exported := func() string {
		var b strings.Builder
		w.update(func(tx *storage.Tx) error {
			for _, table := range []string{"second_looks", "audit"} {
				if err := tx.EachRecord(table, func(values []any) error { _, err := fmt.Fprintln(&b, values...); return err }); err != nil {
					return err
				}
			}
			return nil
		})
		return b.String()
	}
	week(3, 0, 0)
	if got := looks(); len(got) != 0 {
		t.Fatalf("nobody has agreed on second looks: %+v", got)
	}
	agree()
	for range 12 {
		week(5, 3, 2)
	}
	list := looks()
	if len(list) != 36 {
		t.Fatalf("%d looks in twelve weeks, want three a week", len(list))
	}
	for _, l := range list {
		if want := map[truce.SecondLookKind]int{truce.RejectedLook: 5, truce.BelowLook: 2}[l.Kind]; l.Available != want {
			t.Errorf("%+v was drawn of %d, want %d", l, l.Available, want)
		}
		if l.Kind == truce.RejectedLook && l.PersonID == ann.ID {
			t.Errorf("%s went back to who sent it back", l.ID)
		}
	}
	if said := exported(); strings.Contains(said, "S-1") || strings.Contains(said, "secondlook") {
		t.Errorf("an export tells of looks that are not over:\n%s", said)
	}
	before := report(t, w)
	accepted, judged := 0, 0
	for i, l := range list {
		if l.Kind == truce.BelowLook && i%2 == 1 {
			continue // nobody says anything
		}
		verdict := truce.Rejected
		if i%3 == 0 {
			verdict = truce.Accepted
		}
		if l.Kind == truce.RejectedLook {
			judged++
			if verdict == truce.Accepted {
				accepted++
			}
		}
		w.update(func(tx *storage.Tx) error {
			if err := l.Judge(verdict, "wrong-person", "", tx.Now); err != nil {
				return err
			}
			if i == 0 { // it becomes an opportunity, in the CRM
				if _, err := tx.AddOutcome(truce.Outcome{LeadID: l.LeadID, Status: truce.Opportunity, At: tx.Now.Add(time.Hour),
					Origin: truce.FromImport}); err != nil {
					return err
				}
			}
			return tx.SaveSecondLook(l)
		})
	}
	after := report(t, w)
	if before.Leads != after.Leads || before.Accepted != after.Accepted || before.SentBack != after.SentBack {
		t.Errorf("second looks change the figures of leads: %+v, then %+v", before, after)
	}
	w.now = w.now.AddDate(0, 0, 100)
	if err := second.Tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if said := exported(); !strings.Contains(said, "S-1 ") || strings.Contains(said, ben.ID+" ") {
		t.Errorf("what is over is exported, and of nobody:\n%s", said)
	}
	w.update(func(tx *storage.Tx) error {
		rep, err := (digests.Maker{Calendar: w.terms.Calendar, Terms: w.terms}).Report(tx,
			digests.Query{Kind: digests.MonthlyDigest, AsOf: tx.Now})
		if err != nil {
			return err
		}
		text, err := json.Marshal(rep)
		if err != nil {
			return err
		}
		var got struct {
			Second struct {
				Running, Unjudged int
				Rejected          struct {
					Accepted, Opportunity struct {
						K, N      int
						Low, High float64
					}
				}
			} `json:"second_look"`
		}
		if err := json.Unmarshal(text, &got); err != nil {
			return err
		}
		r := got.Second.Rejected
		if r.Accepted.K != accepted || r.Accepted.N != judged || r.Opportunity.K != 1 || r.Opportunity.N != judged || got.Second.Running != 0 ||
			r.Accepted.Low <= 0 || r.Accepted.High >= 1 {
			t.Errorf("the report says %+v, want %d of %d accepted and one opportunity", got.Second, accepted, judged)
		}
		return nil
	})
}

// TestWhoHasAVoidLookIsTold: a look whose lead was merged away, or has a case, ends; its rep is told why, and asked nothing.
func TestWhoHasAVoidLookIsTold(t *testing.T) {
	w := newWorld(t, 3)
	second := schedules.SecondLooks{Store: w.store, Terms: w.terms}
	w.update(func(tx *storage.Tx) error {
		_, err := tx.AddSecondLook(truce.SecondLook{Week: truce.DateOf(tx.Now), Kind: truce.RejectedLook, LeadID: "gone", Ref: "L-77",
			PersonID: w.people[1].ID, At: tx.Now})
		return err
	})
	for range 2 {
		if err := second.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.update(func(tx *storage.Tx) error {
		n := 0
		list, err := tx.Waiting(tx.Now, 100)
		for _, m := range list {
			if strings.Contains(string(m.Body), "L-77") && strings.Contains(string(m.Body), "joined it with another lead") {
				n++
			}
		}
		if n != 1 {
			t.Errorf("the rep was told %d times", n)
		}
		return err
	})
}

// TestWhoHasLeftIsToldOfNoVoidLook: a look that ends because its rep left is told to nobody.
func TestWhoHasLeftIsToldOfNoVoidLook(t *testing.T) {
	w := newWorld(t, 3)
	second := schedules.SecondLooks{Store: w.store, Terms: w.terms}
	w.update(func(tx *storage.Tx) error {
		gone := w.people[1]
		gone.Active = false
		if err := tx.SavePerson(gone); err != nil {
			return err
		}
		_, err := tx.AddSecondLook(truce.SecondLook{Week: truce.DateOf(tx.Now), Kind: truce.RejectedLook, LeadID: "gone", Ref: "L-77",
			PersonID: gone.ID, At: tx.Now})
		return err
	})
	if err := second.Tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.update(func(tx *storage.Tx) error {
		list, err := tx.Waiting(tx.Now, 100)
		for _, m := range list {
			if strings.Contains(string(m.Body), "L-77") {
				t.Errorf("who has left is told %s", m.Body)
			}
		}
		if open, err := tx.OpenSecondLooks(); err != nil || len(open) > 0 {
			t.Errorf("looks under way: %v, %v", open, err)
		}
		return err
	})
}

// TestWhoIsBelowIsErased erases somebody who never qualified.
func TestWhoIsBelowIsErased(t *testing.T) {
	w := newWorld(t, 4)
	w.update(func(tx *storage.Tx) error {
		_, err := tx.UpsertBelow(truce.Lead{ID: "B1", MQLAt: tx.Now, Email: "bo@x.example", Name: "Bo Low", Company: "X"})
		if err != nil {
			return err
		}
		found, err := tx.FindLeads("bo@x.example")
		if err != nil || len(found) != 0 {
			return fmt.Errorf("who never qualified is a lead: %v %w", found, err)
		}
		if found, err = tx.FindBelow("bo@x.example"); err != nil || len(found) != 1 {
			return fmt.Errorf("not found to be erased: %v %w", found, err)
		}
		_, err = tx.EraseLead(found[0], "", "")
		again, err2 := tx.FindBelow("B1")
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		if len(again) != 1 || again[0].Email+again[0].Name+again[0].Company != "" {
			t.Errorf("erased, and yet known: %+v", again)
		}
		return nil
	})
}

type counted struct{ Leads, Accepted, SentBack int }

func report(t *testing.T, w *world) (c counted) {
	t.Helper()
	w.update(func(tx *storage.Tx) error {
		rep, err := (digests.Maker{Calendar: w.terms.Calendar, Terms: w.terms}).Report(tx,
			digests.Query{Kind: digests.LeadsDigest, From: w.now.AddDate(-1, 0, 0), To: w.now, AsOf: tx.Now})
		if err == nil {
			c = counted{rep.Totals.Leads, rep.Totals.Accepted, rep.Totals.Rejected}
		}
		return err
	})
	return c
}
