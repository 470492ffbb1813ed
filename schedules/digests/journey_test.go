package digests_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/storage"
)

// TestJourneyIsTrueOfItsMoment holds every stage's facts against a count by hand: who is there, for how long, who went on at equal age,
// what was heard there, also where nobody named the stage; and asks the same of the past.
func TestJourneyIsTrueOfItsMoment(t *testing.T) {
	day := 24 * time.Hour
	at, clock := noon, noon
	s := openStore(t, func() time.Time { return clock })
	ago := func(n int) time.Time { return at.Add(-time.Duration(n) * day) }
	lead := func(tx *storage.Tx, id string, mql time.Time, account string) error {
		_, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: mql, Account: account, Company: account})
		return err
	}
	var ann truce.Person
	write(t, s, func(tx *storage.Tx) (err error) {
		if ann, err = tx.AddPerson(truce.Person{Name: "Ann", Email: "ann@example.com"}); err != nil {
			return err
		}
		for i := range 40 { // came 60 days ago; 12 went on after 10 days, 5 after 40, 3 were sent back
			id := fmt.Sprintf("L%02d", i)
			if err := lead(tx, id, ago(60), fmt.Sprintf("account %d", i)); err != nil {
				return err
			}
			o := truce.Outcome{LeadID: id, Origin: truce.FromImport}
			switch {
			case i < 12:
				o.Status, o.At = truce.SQL, ago(50)
			case i < 17:
				o.Status, o.At = truce.SQL, ago(20)
			case i < 20:
				o.Status, o.At = truce.Rejected, ago(55)
			case i < 22: // nobody's doing proves no stage
				o.Status, o.At, o.Origin = truce.Accepted, ago(40), truce.FromSilence
			default:
				continue
			}
			if _, err := tx.AddOutcome(o); err != nil {
				return err
			}
		}
		if err := lead(tx, "young", ago(3), "young"); err != nil {
			return err
		}
		if _, err := tx.UpsertDeal(truce.Deal{ID: "D1", Name: "alone", Account: "elsewhere", Stage: "Demo", Status: truce.Opportunity,
			CreatedAt: ago(9)}); err != nil {
			return err
		}
		if err := tx.SettleStage(truce.JourneyStage{Name: "evaluation", Exit: "The lab has run our assay once."}); err != nil {
			return err
		}
		for _, e := range []truce.JourneyEntry{
			{Stage: "evaluation", Kind: truce.JourneyBarrier, Text: "no time to validate"},
			{Stage: "evaluation", Kind: truce.JourneyQuestion, Text: "will it read our plates?", Cites: []string{"O-1"}},
		} {
			if _, err := tx.AddJourneyEntry(e); err != nil {
				return err
			}
		}
		return nil
	})
	for i, account := range []string{"Account 1", "Account 2", "Account 3"} { // all three are SQLs
		clock = ago(5)
		write(t, s, func(tx *storage.Tx) error {
			_, err := tx.AddObjection(truce.Objection{ThemeID: "price", Text: "too dear", Account: account, AuthorID: ann.ID, LoggedBy: ann.ID,
				Stage: []string{"", "evaluation", "negotiation"}[i]})
			if err != nil {
				return err
			}
			_, err = tx.AddNote(truce.Note{Kind: truce.NoteStuck, Text: "nobody has time", Account: account, AuthorID: ann.ID, ConfirmedAt: tx.Now})
			return err
		})
	}
	type facts struct {
		Leads, Deals int
		MedianDays   *float64 `json:"median_days"`
		Onward       struct{ K, N int }
		Objections   []struct {
			Theme string
			Count int
		}
		Stuck []struct {
			Why      string
			Accounts int
		}
	}
	type report struct {
		Stages []struct {
			Name    string
			Exit    *string
			Facts   facts
			Entries []struct {
				Text    string
				Assumed bool
			}
			Gaps []struct{ Kind string }
		}
	}
	told := func(asOf time.Time) (r report) {
		read(t, s, func(tx *storage.Tx) error {
			j, err := maker().Journey(tx, asOf)
			if err != nil {
				return err
			}
			text, err := j.JSON()
			if err != nil {
				return err
			}
			return json.Unmarshal(text, &r)
		})
		return r
	}
	line := func(r report, stage string) string {
		for _, s := range r.Stages {
			if s.Name != stage {
				continue
			}
			days := "-"
			if s.Facts.MedianDays != nil {
				days = fmt.Sprint(*s.Facts.MedianDays)
			}
			text := fmt.Sprintf("%d leads, %d deals, %s days, %d of %d", s.Facts.Leads, s.Facts.Deals, days, s.Facts.Onward.K, s.Facts.Onward.N)
			for _, o := range s.Facts.Objections {
				text += fmt.Sprintf(", %s %d", o.Theme, o.Count)
			}
			for _, w := range s.Facts.Stuck {
				text += fmt.Sprintf(", %s (%d)", w.Why, w.Accounts)
			}
			return text
		}
		return "no such stage"
	}
	now := told(at)
	for stage, want := range map[string]string{
		"awareness":     "0 leads, 0 deals, - days, 0 of 0",
		"consideration": "21 leads, 0 deals, 60 days, 12 of 40",
		"evaluation":    "17 leads, 0 deals, 50 days, 0 of 12, price 2, nobody has time (3)",
		"decision":      "0 leads, 1 deals, - days, 0 of 0, price 1",
	} {
		if got := line(now, stage); got != want {
			t.Errorf("%s: %s, want %s", stage, got, want)
		}
	}
	if got, want := line(told(ago(30)), "consideration"), "25 leads, 0 deals, 30 days, 0 of 0"; got != want {
		t.Errorf("30 days before: %s, want %s", got, want)
	}
	for _, s := range now.Stages {
		var kinds []string
		for _, g := range s.Gaps {
			kinds = append(kinds, g.Kind)
		}
		if s.Name == "evaluation" && (s.Exit == nil || strings.Join(kinds, " ") != "answer content assumed" || s.Entries[0].Assumed ||
			!s.Entries[1].Assumed) {
			t.Errorf("evaluation: exit %v, gaps %v, entries %+v", s.Exit, kinds, s.Entries)
		}
	}
	for _, s := range told(ago(1)).Stages {
		if s.Exit != nil || len(s.Entries) > 0 {
			t.Errorf("%s: what was recorded later is on the map of the day before", s.Name)
		}
	}
}
