package digests

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// TestRecapSaysInOneLineWhatImportsBrought: whoever gets a recap reads in it what the CRM told of their own leads since the one
// before; what an import brought is no reason for a recap by itself.
func TestRecapSaysInOneLineWhatImportsBrought(t *testing.T) {
	day0 := time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC) // a Monday
	now := day0.Add(-time.Hour)
	store, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "truce.db"), func() time.Time { return now },
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	d := Maker{Calendar: truce.NewCalendar(time.UTC)}
	m := mailer{d, store, slog.New(slog.DiscardHandler)}
	update := func(fn func(tx *storage.Tx) error) {
		t.Helper()
		if err := store.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	var people []truce.Person
	update(func(tx *storage.Tx) (err error) {
		for _, email := range []string{"ann@quill.example", "ben@quill.example"} {
			p, err := tx.AddPerson(truce.Person{Name: strings.TrimSuffix(email, "@quill.example"), Email: email})
			if err != nil {
				return err
			}
			if err := tx.GiveRole(p.ID, truce.Rep, "config"); err != nil {
				return err
			}
			people = append(people, p)
		}
		return tx.SavePromise(truce.Promise{ID: "p1", Kind: truce.TouchPromise, Subject: "L-1", Side: truce.Sales, PersonID: people[0].ID,
			StartedAt: tx.Now, DueAt: tx.Now.Add(time.Hour), RemindAt: tx.Now})
	})
	lead := func(id, owner string, origin truce.Origin) {
		update(func(tx *storage.Tx) error {
			if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: day0, Owner: owner}); err != nil || origin == "" {
				return err
			}
			_, err := tx.AddOutcome(truce.Outcome{LeadID: id, Status: truce.SQL, At: now, Origin: origin})
			return err
		})
	}
	imported := func(added, changed int) {
		update(func(tx *storage.Tx) error {
			return tx.AddImport(storage.Import{Kind: "leads", Origin: "file", Complete: true, Rows: 9, Added: added, Changed: changed,
				Unchanged: 9 - added - changed})
		})
	}
	// recap is what Ann reads on a day, "" for nothing; Ben never hears, because nothing waits for him.
	recap := func(at time.Time) (said string) {
		t.Helper()
		now = at
		if err := m.recaps(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		if err := store.View(t.Context(), func(tx *storage.Tx) error {
			for _, p := range people {
				msg, err := tx.MessageByKey(fmt.Sprintf("recap:%d>%s", now.UnixMilli(), p.ID))
				if truce.KindOf(err) == truce.NotFound {
					continue
				}
				if err != nil {
					return err
				}
				var card chat.Card
				if err := json.Unmarshal(msg.Body, &card); err != nil {
					return err
				}
				said += p.Name + ": " + chat.PlainText(card, 200)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return said
	}
	const line = "From the CRM since"
	lead("owed", "ann@quill.example", "") // L-1, whose first touch waits for Ann all the time
	lead("old", "ann@quill.example", "")
	lead("told", "ann@quill.example", "")
	imported(0, 0)
	if got := recap(day0); !strings.HasPrefix(got, "ann") || strings.Contains(got, line) || strings.Contains(got, "ben") {
		t.Errorf("nothing new came: %q", got)
	}
	now = day0.Add(26 * time.Hour)
	lead("a1", "ann@quill.example", "")
	lead("a2", "ann@quill.example", truce.FromImport)
	lead("b1", "ben@quill.example", "")
	lead("old", "ann@quill.example", truce.FromImport)
	lead("told", "ann@quill.example", truce.FromPerson) // a person said it here: no news
	imported(3, 1)
	want := "From the CRM since Mon 2 Mar 08:30: 2 new leads of yours and news of 1 lead that you had. /lead mine lists them."
	if got := recap(day0.Add(48 * time.Hour)); !strings.Contains(got, want) || strings.Contains(got, "ben") {
		t.Errorf("%q, want %q", got, want)
	}
	if got := recap(day0.Add(72 * time.Hour)); got == "" || strings.Contains(got, line) {
		t.Errorf("it was said: %q", got)
	}
}
