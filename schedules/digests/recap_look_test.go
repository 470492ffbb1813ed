package digests

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// TestASecondLookStandsInTheMorningsRecapAsAnyLead has a rep read the recaps of two days with an ordinary lead, and with a second look at
// the same one: nothing may tell them apart.
func TestASecondLookStandsInTheMorningsRecapAsAnyLead(t *testing.T) {
	ordinary, looked := recapsOfTwoDays(t, false), recapsOfTwoDays(t, true)
	if len(ordinary) == 0 {
		t.Fatal("an ordinary lead is in no recap")
	}
	if fmt.Sprint(ordinary) != fmt.Sprint(looked) {
		t.Errorf("of an ordinary lead the recaps say\n%v\nof a second look\n%v", ordinary, looked)
	}
}

func recapsOfTwoDays(t *testing.T, second bool) (said []string) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) // a Monday
	store, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "truce.db"), func() time.Time { return now },
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	d := Maker{Calendar: truce.NewCalendar(time.UTC)}
	d.Terms = truce.NewTerms(d.Calendar)
	m := mailer{d, store, slog.New(slog.DiscardHandler)}
	var ann truce.Person
	err = store.Update(t.Context(), func(tx *storage.Tx) (err error) {
		if ann, err = tx.AddPerson(truce.Person{Name: "Ann", Email: "ann@quill.example"}); err != nil {
			return err
		}
		if err := tx.GiveRole(ann.ID, truce.Rep, "config"); err != nil {
			return err
		}
		if err := tx.Identify(ann.ID, "web:ann", "Ann", "member"); err != nil {
			return err
		}
		l := truce.Lead{ID: "a1", Company: "Lab", MQLAt: now.AddDate(0, 0, -2), Source: "Webinar"}
		if _, err := tx.UpsertLead(l); err != nil {
			return err
		}
		if l, err = tx.Lead("a1"); err != nil {
			return err
		}
		if second {
			_, err = tx.AddSecondLook(truce.SecondLook{Week: truce.Date{Year: 2026, Month: 3, Day: 2}, Kind: truce.RejectedLook, LeadID: l.ID,
				Ref: l.Ref, PersonID: ann.ID})
			return err
		}
		l.OwnerID, l.HandedOffAt = ann.ID, now
		if err := tx.SaveLead(l); err != nil {
			return err
		}
		return tx.BeginLead(d.Terms, l.ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, hour := range []int{9, 24 + 8} { // on the day itself, and on the next morning, before a reminder
		now = time.Date(2026, 3, 2, hour, 30, 0, 0, time.UTC)
		if err := m.recaps(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		err := store.View(t.Context(), func(tx *storage.Tx) error {
			msg, err := tx.MessageByKey(fmt.Sprintf("recap:%d>%s", now.UnixMilli(), ann.ID))
			if truce.KindOf(err) == truce.NotFound {
				return nil
			}
			var card chat.Card
			if err == nil {
				err = json.Unmarshal(msg.Body, &card)
			}
			said = append(said, chat.PlainText(card, 200))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return said
}
