package digests_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// TestProfileBlock: leads of before the first version count as the CRM says, later ones by the version of their hand-off and what was known
// by then; what became known later changes nothing.
func TestProfileBlock(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	at := now
	s := openStore(t, func() time.Time { return at })
	do := func(when time.Time, fn func(*storage.Tx) error) {
		t.Helper()
		at = when
		if err := s.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	profile := func(segment string) truce.Profile {
		return truce.Profile{Threshold: 50, Criteria: []truce.Criterion{{Attribute: "segment", Test: truce.TestEquals, Texts: []string{segment},
			Points: 10}}}
	}
	agree := func(when time.Time, p truce.Profile) {
		do(when, func(tx *storage.Tx) error {
			payload, err := p.MarshalJSON()
			if err != nil {
				return err
			}
			was, err := tx.InForce(truce.ICPGround, "", when)
			if err != nil {
				return err
			}
			by, err := tx.AddPerson(truce.Person{Name: "Mia " + when.Format(time.DateOnly)})
			if err != nil {
				return err
			}
			made, err := truce.NewProposal(truce.ICPGround, "", payload, was, nil, by)
			if err != nil {
				return err
			}
			made.Needs = nil // both keys are another test's matter
			_, err = tx.Propose(made, "test")
			return err
		})
	}
	lead := func(id string, when time.Time, segment string, crm truce.ICPFit) {
		do(when, func(tx *storage.Tx) error {
			_, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: when, HandedOffAt: when, Segment: segment, ICPFit: crm, Company: id})
			return err
		})
	}
	day := func(d int) time.Time { return time.Date(2026, 4, d, 10, 0, 0, 0, time.UTC) }
	lead("A", day(1), "food", truce.InsideICP) // before version 1: as the CRM says
	agree(day(6), profile("pharma"))
	lead("B", day(7), "pharma", truce.OutsideICP) // by version 1
	lead("C", day(8), "", "")                     // not known when it counted
	lead("D", day(8), "food", "")
	agree(day(20), profile("food"))
	lead("E", day(21), "food", "")
	do(day(29), func(tx *storage.Tx) error { // too late
		_, err := tx.UpsertLead(truce.Lead{ID: "C", MQLAt: day(8), Segment: "pharma"})
		return err
	})
	lead("F", now, "food", "") // nothing has passed yet
	do(day(22), func(tx *storage.Tx) error {
		_, err := tx.AddOutcome(truce.Outcome{LeadID: "B", Status: truce.Won, At: day(22), Origin: truce.FromImport})
		if err != nil {
			return err
		}
		return tx.Except(truce.Exception{LeadID: "D", Why: "a reference", By: "P-1", At: day(22), Until: day(22).AddDate(0, 0, 90)})
	})
	at = now
	read(t, s, func(tx *storage.Tx) error {
		d := maker()
		req := digests.Query{Kind: digests.WeeklyDigest, From: day(1).Truncate(24 * time.Hour), To: now.AddDate(0, 0, 1).Truncate(24 * time.Hour),
			AsOf: now}
		rep, err := d.Report(tx, req)
		if err != nil {
			return err
		}
		text, err := json.Marshal(rep)
		want := `"profile":{"version":2,"inside":{"share":{"k":3,"n":5,`
		if err != nil || !strings.Contains(string(text), want) {
			i := max(0, strings.Index(string(text), `"profile"`))
			t.Errorf("no %s in %s, %v", want, string(text)[i:min(len(text), i+600)], err)
		}
		for _, want := range []string{`"won":1,"lost":0,"win_rate":{"k":1,"n":1,`, `"unknown":{"share":{"k":1,"n":5,`,
			`"waiting":1,"exceptions":{"open":1,"won":0,"lost":0},"proposed":null,`} {
			if !strings.Contains(string(text), want) {
				t.Errorf("no %s", want)
			}
		}
		card, err := d.Card(tx, req, true)
		if err != nil {
			return err
		}
		said := strings.Join(strings.Fields(chat.PlainText(card, 100)), " ")
		if want := "Ideal customer (version 2): 3 of 5 leads inside, 1 not known; 1 not decided yet."; !strings.Contains(said, want) {
			t.Errorf("no %q in %s", want, said)
		}
		// As it was before the second version.
		req.AsOf, req.To = day(15), day(16)
		if rep, err = d.Report(tx, req); err != nil {
			return err
		}
		if text, err = json.Marshal(rep); err != nil || !strings.Contains(string(text),
			`"profile":{"version":1,"inside":{"share":{"k":2,"n":4,`) {
			i := max(0, strings.Index(string(text), `"profile"`))
			t.Errorf("as of %v: %v, %s", req.AsOf, err, string(text)[i:min(len(text), i+400)])
		}
		return nil
	})
}

// TestOpenPipelineOffTheProfile: at the end of each week of the quarter, the open opportunities outside the profile of those of which it is
// known; one that was won is open no more, an exception stands apart, and a week that is under way is counted as it stands.
func TestOpenPipelineOffTheProfile(t *testing.T) {
	now := time.Date(2026, 4, 20, 12, 0, 0, 0, time.UTC) // a Monday in the quarter's third week, which began on the 15th
	at := now
	s := openStore(t, func() time.Time { return at })
	do := func(when time.Time, fn func(*storage.Tx) error) {
		t.Helper()
		at = when
		if err := s.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	day := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 10, 0, 0, 0, time.UTC) }
	do(day(1, 5), func(tx *storage.Tx) error {
		_, err := tx.KeepProfile(truce.Profile{Threshold: 50, Criteria: []truce.Criterion{{Attribute: "segment", Test: truce.TestEquals,
			Texts: []string{"pharma"}, Points: 10}}})
		return err
	})
	for _, l := range []struct {
		id, segment string
		opened, won time.Time
	}{
		{"A", "pharma", day(4, 2), time.Time{}},
		{"B", "food", day(3, 20), time.Time{}},
		{"C", "food", day(3, 20), day(4, 9)}, // won in the second week
		{"D", "food", day(4, 10), time.Time{}},
		{"E", "", day(4, 10), time.Time{}},
		{"F", "food", day(4, 10), time.Time{}}, // an exception
	} {
		do(day(3, 2), func(tx *storage.Tx) error {
			_, err := tx.UpsertLead(truce.Lead{ID: l.id, MQLAt: day(3, 2), HandedOffAt: day(3, 2), Segment: l.segment, Source: "webinar"})
			return err
		})
		do(now, func(tx *storage.Tx) error {
			for _, o := range []truce.Outcome{{Status: truce.Opportunity, At: l.opened}, {Status: truce.Won, At: l.won}} {
				if o.LeadID, o.Origin = l.id, truce.FromImport; o.At.IsZero() {
					continue
				}
				if _, err := tx.AddOutcome(o); err != nil {
					return err
				}
			}
			return nil
		})
	}
	do(now, func(tx *storage.Tx) error {
		return tx.Except(truce.Exception{LeadID: "F", Why: "a reference", By: "P-1", At: now, Until: now.AddDate(0, 0, 90)})
	})
	read(t, s, func(tx *storage.Tx) error {
		rep, err := maker().Report(tx, digests.Query{Kind: digests.WeeklyDigest, From: day(4, 13).Truncate(24 * time.Hour),
			To: day(4, 20).Truncate(24 * time.Hour), AsOf: now})
		if err != nil {
			return err
		}
		text, err := json.Marshal(rep)
		if err != nil {
			return err
		}
		for _, want := range []string{`{"week":1,"from":"2026-04-01","outside":{"k":2,"n":3,`, `{"week":2,"from":"2026-04-08","outside":{"k":2,"n":3,`,
			`{"week":3,"from":"2026-04-15","outside":{"k":2,"n":3,`, `"unknown":1,"excepted":1}]`} {
			if i := max(0, strings.Index(string(text), `"open_pipeline"`)); !strings.Contains(string(text), want) {
				t.Errorf("no %s in %s", want, string(text)[i:min(len(text), i+700)])
			}
		}
		return nil
	})
}
