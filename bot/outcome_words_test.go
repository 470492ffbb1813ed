package main

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/storage"
)

// TestWordsOfInterviewsStayWhereTheyMay interviews Dr. Amsel twice, with consent, and somebody without: exports, the inventory
// and a brief hold only what may be said; outcomes that are merged count once; and after Dr. Amsel is erased nobody's name or
// word of theirs is left, while what they named still counts.
func TestWordsOfInterviewsStayWhereTheyMay(t *testing.T) {
	s := newShell(t)
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	store, err := storage.Open(t.Context(), s.path("truce.db"), func() time.Time { return at }, testLog)
	if err != nil {
		t.Fatal(err)
	}
	const allowed, later, secret = "A failed plate cost us the weekend.", "We slept again.", "Our budget was cut in half."
	err = store.Update(t.Context(), func(tx *storage.Tx) error {
		mia, err := tx.AddPerson(truce.Person{Name: "Mia", Email: "mia@quill.example"})
		if err != nil {
			return err
		}
		var outcomes []string
		for i, one := range []struct {
			account, who, email, quote, measure string
			consent                             bool
		}{
			{"Glenrock", "Dr. Amsel", "amsel@glenrock.example", allowed, "the time", true},
			{"Glenrock", "Dr. Amsel", "amsel@glenrock.example", later, "the waiting", true},
			{"Eastlake", "Jo Calder", "jo@eastlake.example", secret, "the cost", false},
		} {
			iv, err := tx.AddInterview(truce.Interview{Account: one.account, Standing: truce.IdealCustomer, Who: one.who, WhoEmail: one.email,
				WhoRole: "lab head", Consent: one.consent, By: mia.ID,
				State: truce.InterviewDone, Questions: truce.InterviewQuestions, Answers: []truce.InterviewAnswer{{Place: 0, Text: one.quote, At: at}},
				FinishedAt: at})
			if err != nil {
				return err
			}
			st, err := tx.AddStatement(truce.OutcomeStatement{InterviewID: iv.ID, Direction: "shorten", Measure: one.measure,
				Object: "until a result", Quote: one.quote})
			if err != nil {
				return err
			}
			o, err := tx.AddInventoryOutcome([]string{"Results sooner", "No waiting", "Cheaper"}[i], mia.ID)
			if err != nil {
				return err
			}
			outcomes = append(outcomes, o)
			if err := tx.GroupStatement(st.ID, o, mia.ID); err != nil {
				return err
			}
		}
		return tx.MergeInventoryOutcome(outcomes[1], outcomes[0])
	})
	if err := errors.Join(err, store.Close()); err != nil {
		t.Fatal(err)
	}
	everything := func() (text string) {
		t.Helper()
		folder := t.TempDir()
		if status, _, errs := s.run("export", "all", "--to", folder, "--format", "jsonl"); status != exitOK {
			t.Fatalf("export: status %d, %s", status, errs)
		}
		files, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(folder + "/" + f.Name())
			if err != nil {
				t.Fatal(err)
			}
			text += string(b)
		}
		for _, args := range [][]string{{"outcome", "inventory"}, {"outcome", "inventory", "--format", "json"}, {"outcome", "brief", "Glenrock"},
			{"outcome", "brief", "Eastlake"}} {
			_, out, errs := s.run(args...)
			text += out + errs
		}
		return text
	}
	holds := func(when, text string, want map[string]bool) {
		t.Helper()
		for words, there := range want {
			if strings.Contains(text, words) != there {
				t.Errorf("%s: %q is there: %v, want %v in\n%s", when, words, !there, there, text)
			}
		}
	}
	holds("at first", everything(), map[string]bool{allowed: true, later: true, "Dr. Amsel": true, secret: false, "Jo Calder": false,
		"jo@eastlake.example": false, "amsel@glenrock.example": false})
	counted := func() string {
		t.Helper()
		_, out, _ := s.run("outcome", "inventory", "--format", "text")
		for line := range strings.Lines(out) {
			if strings.Contains(line, "Results sooner") {
				return strings.Join(strings.Fields(line), " ")
			}
		}
		t.Fatalf("the outcome is gone:\n%s", out)
		return ""
	}
	before := counted()
	if !strings.Contains(before, "1 of 2") { // two interviews of one customer, of two that were merged
		t.Errorf("the merged outcome counts as %s", before)
	}
	if status, out, errs := s.run("erase", "amsel@glenrock.example", "--yes"); status != exitOK || !strings.Contains(out, "I-1, I-2") {
		t.Fatalf("erase: status %d, %s%s", status, out, errs)
	}
	holds("erased", everything(), map[string]bool{allowed: false, later: false, "Amsel": false, "amsel": false, secret: false})
	if after := counted(); after != before {
		t.Errorf("after the person was erased the outcome counts as %s, before as %s", after, before)
	}
	file, err := os.ReadFile(s.path("truce.db"))
	if err != nil {
		t.Fatal(err)
	}
	holds("the file", string(file), map[string]bool{allowed: false, "Dr. Amsel": false, "amsel@glenrock.example": false, secret: true})
}
