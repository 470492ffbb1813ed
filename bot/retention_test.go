package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/storage"
)

func TestWhatIsPastItsTimeGoesAndCountsStay(t *testing.T) {
	s := newShell(t)
	now := time.Now().UTC()
	day := func(ago int) time.Time { return now.AddDate(0, 0, -ago) }
	for _, l := range []struct {
		id, email string
		ago       int
	}{{"old", "old@kestrel.example", 900}, {"both1", "both@kestrel.example", 900}, {"both2", "both@kestrel.example", 20},
		{"bought", "bought@kestrel.example", 900}, {"new", "new@kestrel.example", 20}} {
		row := fmt.Sprintf("id,mql_at,email,name,company,source\n%s,%s,%s,Lena Hart,Kestrel Foods,Webinar\n", l.id,
			day(l.ago).Format(time.DateOnly), l.email)
		if status, _, errs := s.pipe(row, "import", "leads", "-"); status != exitOK {
			t.Fatal(errs)
		}
	}
	won := "lead_id,status,at,amount,currency\nbought,won," + day(800).Format(time.DateOnly) + ",100,EUR\n"
	if status, _, errs := s.pipe(won, "import", "outcomes", "-"); status != exitOK {
		t.Fatal(errs)
	}
	touch := "lead_id,at,kind,by\nold," + day(899).Format(time.RFC3339) + ",call,rita@example.com\nnew," + day(19).Format(time.RFC3339) +
		",call,rita@example.com\n"
	if status, _, errs := s.pipe(touch, "import", "touches", "-"); status != exitOK {
		t.Fatal(errs)
	}
	at := now
	store, err := storage.Open(t.Context(), s.path("truce.db"), func() time.Time { return at }, testLog)
	if err != nil {
		t.Fatal(err)
	}
	said := func(ago int, who, text string) {
		t.Helper()
		at = day(ago)
		if err := store.Update(t.Context(), func(tx *storage.Tx) error {
			p, err := tx.PersonByEmail(who + "@example.com")
			if truce.KindOf(err) == truce.NotFound {
				p, err = tx.AddPerson(truce.Person{Name: who, Email: who + "@example.com", Active: true})
			}
			if err != nil {
				return err
			}
			_, err = tx.AddObjection(truce.Objection{Text: text, AuthorID: p.ID, LoggedBy: p.ID, ThemeID: "price", Confidence: 1})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, who := range []string{"rita", "ben", "rita"} { // on one day, which is in one quarter whatever today is
		said(900, who, "too expensive")
	}
	said(10, "rita", "too expensive")
	at = now
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	state := func() string {
		t.Helper()
		store, err := storage.OpenRead(t.Context(), s.path("truce.db"), func() time.Time { return now }, testLog)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		var b strings.Builder
		if err := store.View(t.Context(), func(tx *storage.Tx) error {
			authors := map[string]bool{}
			n := 0
			if err := tx.EachObjection(func(o truce.Objection) error { authors[o.AuthorID] = true; n++; return nil }); err != nil {
				return err
			}
			for _, id := range []string{"old", "both1", "both2", "bought", "new"} {
				l, err := tx.Lead(id)
				if err != nil {
					return err
				}
				fmt.Fprintf(&b, "%s=%q ", id, l.Email)
			}
			touches, err := tx.LeadTouches("old")
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%d objections of %d authors, old touched by %q", n, len(authors), touches[0].By)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	leads := func() string {
		t.Helper()
		_, out, errs := s.run("digest", "leads", "--format", "json", "--from", day(1000).Format(time.DateOnly), "--to",
			day(1).Format(time.DateOnly))
		var v map[string]any
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			t.Fatalf("%v %s %s", err, out, errs)
		}
		delete(v, "as_of")
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	if status, out, _ := s.run("retention"); status != exitOK || !strings.HasPrefix(out, "Everything is kept") {
		t.Errorf("nothing configured: %d %s", status, out)
	}
	s.env = append(s.env, "TRUCE_RETENTION_AUTHORS=400", "TRUCE_RETENTION_TOUCHES=400", "TRUCE_RETENTION_LEADS=400",
		"TRUCE_RETENTION_AUDIT=400")
	before, figures := state(), leads()
	status, out, errs := s.run("retention", "--dry-run")
	for _, want := range []string{"authors: 3 of before ", "touches: 1 of before ", "leads: 1 of before "} {
		if status != exitOK || !strings.Contains(out, want) {
			t.Errorf("--dry-run: %d, %q is not in %s%s", status, want, out, errs)
		}
	}
	if state() != before {
		t.Error("--dry-run changed something")
	}
	if status, out, errs := s.run("retention"); status != exitOK || !strings.Contains(out, "leads: 1 went") ||
		!strings.Contains(out, "authors: 3 went") {
		t.Errorf("%d %s%s", status, out, errs)
	}
	// Rita is one person of today and one of then; Ben one of then.
	if got, want := state(), `old="" both1="both@kestrel.example" both2="both@kestrel.example" bought="bought@kestrel.example" new="new@kestrel.example" 4 objections of 3 authors, old touched by ""`; got != want {
		t.Errorf("afterwards:\n%s, want\n%s", got, want)
	}
	if got := leads(); got != figures {
		t.Errorf("figures have changed:\n%s\nwas\n%s", got, figures)
	}
	if status, out, _ := s.run("retention"); status != exitOK || out != "Nothing is past its time.\n" {
		t.Errorf("once more: %d %s", status, out)
	}
	s.env = append(s.env, "TRUCE_RETENTION_DIGESTS=3")
	if status, _, errs := s.run("retention"); status != exitUsage || !strings.Contains(errs, "TRUCE_RETENTION_DIGESTS: must be 0") {
		t.Errorf("too short: %d %s", status, errs)
	}
}
