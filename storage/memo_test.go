package storage

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"truce"
)

// TestWhatTheWriterRemembersIsWhatTheTablesHold logs, edits, undoes and merges in an invented order, by two processes, with events that
// fail and a clock that goes back: how often a theme was heard, the themes and the terms are at each moment what somebody reads who
// remembers nothing.
func TestWhatTheWriterRemembersIsWhatTheTablesHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truce.db")
	var ms atomic.Int64
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return begin.Add(time.Duration(ms.Load()) * time.Millisecond) }
	var stores []*Store
	for range 2 {
		s, err := Open(t.Context(), path, clock, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		stores = append(stores, s)
	}
	r := rand.New(rand.NewPCG(22, 4))
	themes := []string{"price", "speed", "trust"}
	err := stores[0].Update(t.Context(), func(tx *Tx) error {
		for n := range 4 {
			if _, err := tx.AddPerson(truce.Person{Name: fmt.Sprint("Rep ", n)}); err != nil {
				return err
			}
		}
		for _, id := range themes {
			if err := tx.AddTheme(truce.Theme{ID: id, Name: id, State: "active"}); err != nil {
				return err
			}
		}
		_, err := tx.UpsertLead(truce.Lead{ID: "1", Company: "Acme AG", MQLAt: tx.Now})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	step := func(tx *Tx) error {
		switch n := r.IntN(20); {
		case n < 11:
			o := truce.Objection{Text: "x", AuthorID: fmt.Sprint("P-", 1+r.IntN(4)), LoggedBy: "P-1", ThemeID: themes[r.IntN(3)],
				Account: []string{"", "Bolt", "bolt ltd", "Cask"}[r.IntN(4)], LeadID: []string{"", "", "1"}[r.IntN(3)]}
			added, err := tx.AddObjection(o)
			fmt.Sscanf(added.ID, "O-%d", &last)
			return err
		case n < 14 && last > 0:
			o, err := tx.Objection(fmt.Sprint("O-", 1+r.IntN(last)))
			if truce.KindOf(err) == truce.NotFound { // of an event that failed
				return nil
			}
			if err != nil {
				return err
			}
			if o.ThemeID = themes[r.IntN(3)]; r.IntN(2) == 0 {
				o.UndoneAt = tx.Now
			}
			return tx.SaveObjection(o)
		case n == 14:
			return tx.RenameTheme(themes[r.IntN(3)], fmt.Sprint("Name ", r.IntN(100)))
		case n == 15:
			_, err := tx.UpsertLead(truce.Lead{ID: "1", Company: fmt.Sprint("Acme ", r.IntN(3)), MQLAt: begin})
			return err
		case n == 16:
			return tx.Audit("P-1", "slack", "look", "x", nil)
		}
		return nil
	}
	undone := errors.New("undone")
	for i := range 600 {
		if ms.Add([]int64{0, 1, 1, 7, 900, -3}[r.IntN(6)]); r.IntN(40) == 0 {
			ms.Add(6 * 24 * 3600 * 1000) // into another month, sooner or later
		}
		err := stores[r.IntN(8)/7].Update(t.Context(), func(tx *Tx) error {
			for range 1 + r.IntN(3) {
				if err := step(tx); err != nil {
					return err
				}
				month := time.Date(tx.Now.Year(), tx.Now.Month(), 1, 0, 0, 0, 0, time.UTC)
				for _, theme := range themes {
					for _, p := range [][2]time.Time{{month, tx.Now.Add(time.Millisecond)}, {month.AddDate(0, -1, 0), month}} {
						got, err := tx.HeardOf(theme, p[0], p[1])
						if err != nil {
							return err
						}
						want := &tally{people: map[string]bool{}, accounts: map[string]bool{}}
						if err := tx.tally(want, theme, p[0], p[1]); err != nil {
							return err
						}
						if w := (Heard{want.times, len(want.people), len(want.accounts)}); got != w {
							return fmt.Errorf("%s in %v was heard %+v, want %+v", theme, p, got, w)
						}
					}
				}
				got, err := tx.Themes()
				if err != nil {
					return err
				}
				kept := tx.s.memo.themes
				tx.s.memo.themes = nil
				want, err := tx.Themes()
				if tx.s.memo.themes = kept; err != nil || !reflect.DeepEqual(got, want) {
					return fmt.Errorf("the themes are %v %v, want %v", got, err, want)
				}
			}
			if r.IntN(5) == 0 {
				return undone
			}
			return nil
		})
		if err != nil && !errors.Is(err, undone) {
			t.Fatalf("event %d: %v", i, err)
		}
	}
}

// TestTermsAgreedOnElsewhereHold has the writer ask for the terms, another process agree on others, and the writer ask again.
func TestTermsAgreedOnElsewhereHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truce.db")
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var stores []*Store
	for range 2 {
		s, err := Open(t.Context(), path, func() time.Time { return now }, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		stores = append(stores, s)
	}
	configured := truce.NewTerms(truce.NewCalendar(time.UTC))
	holds := func() (terms truce.Terms) {
		t.Helper()
		if err := stores[0].Update(t.Context(), func(tx *Tx) (err error) { terms, err = tx.Terms(configured); return err }); err != nil {
			t.Fatal(err)
		}
		return terms
	}
	before := holds()
	err := stores[1].Update(t.Context(), func(tx *Tx) error {
		_, err := tx.execN(`INSERT INTO proposals (id, kind, thing, title, payload, effect, why, proposed_by, at, needs, state, asked_at, in_force_at, version)
			VALUES ('G-1', 'level', 'answer', 'x', '{"value":"1h0m0s"}', '', '', 'P-1', ?1, '[]', 'in force', ?1, ?1, 1)`, millis(now))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	agreed := stores[0].memo.agreed
	holds()
	if len(agreed) != 0 || len(stores[0].memo.agreed) != 1 {
		t.Errorf("before %v (%v), afterwards the writer knows of %v", before.Answer, agreed, stores[0].memo.agreed)
	}
}
