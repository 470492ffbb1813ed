package storage

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"truce"
)

// TestWhatIsHeardIsCountedByAccount counts invented objections by each dimension: how often, by how many people and at how many
// accounts are those of plain loops, in which "Acme", "ACME GmbH" and "Acme, Inc." are one account; each row opens to as many as it says.
func TestWhatIsHeardIsCountedByAccount(t *testing.T) {
	s := open(t)
	r := rand.New(rand.NewPCG(14, 3))
	type said struct{ theme, stage, competitor, account, segment, author string }
	var list []said
	spelled := []string{"Acme", "ACME GmbH", "Acme, Inc.", "Bolt", "bolt ltd", ""}
	firm := map[string]string{"Acme": "acme", "ACME GmbH": "acme", "Acme, Inc.": "acme", "Bolt": "bolt", "bolt ltd": "bolt", "": ""}
	err := s.Update(t.Context(), func(tx *Tx) error {
		for _, l := range []truce.Lead{{ID: "1", Company: "Acme AG", Segment: "north"}, {ID: "2", Company: "Cask", Segment: "south"}} {
			l.MQLAt = tx.Now
			if _, err := tx.UpsertLead(l); err != nil {
				return err
			}
		}
		for n := range 4 {
			if _, err := tx.AddPerson(truce.Person{Name: fmt.Sprint("Rep ", n)}); err != nil {
				return err
			}
		}
		for _, id := range []string{"price", "speed"} {
			if err := tx.AddTheme(truce.Theme{ID: id, Name: id, State: "active"}); err != nil {
				return err
			}
		}
		for i := range 200 {
			as := spelled[r.IntN(len(spelled))]
			o := said{[]string{"", "price", "speed"}[r.IntN(3)], []string{"", "evaluation"}[r.IntN(2)], []string{"", "Rival", "rival"}[r.IntN(3)], firm[as],
				"", fmt.Sprint("P-", 1+r.IntN(4))}
			lead := any(nil)
			if r.IntN(4) == 0 {
				lead, o.segment = "2", "south"
				if o.account == "" {
					o.account = "cask"
				}
			}
			if o.account == "acme" && o.segment == "" {
				o.segment = "north"
			}
			list = append(list, o)
			if err := tx.exec(`INSERT INTO objections (id, theme_id, confidence, text, stage, competitor, account, lead_id, author_id, logged_by, created_at)
				VALUES (?, ?, 1, 'x', ?, ?, ?, ?, ?, 'P-1', ?)`, fmt.Sprint("O-", i), o.theme, o.stage, o.competitor, as, lead, o.author,
				millis(tx.Now)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]func(said) string{"theme": func(o said) string { return o.theme }, "stage": func(o said) string { return o.stage },
		"competitor": func(o said) string { return strings.ToLower(o.competitor) },
		"account":    func(o said) string { return o.account }, "segment": func(o said) string { return o.segment }}
	err = s.View(t.Context(), func(tx *Tx) error {
		from, to := tx.Now.Add(-24*time.Hour), tx.Now.Add(24*time.Hour)
		for dimension, key := range keys {
			rows, err := tx.HeardBy(dimension, from, to)
			if err != nil {
				return err
			}
			found := map[string]bool{}
			for _, row := range rows {
				found[row.Key] = true
				times, people, accounts := 0, map[string]bool{}, map[string]bool{}
				for _, o := range list {
					if key(o) != row.Key {
						continue
					}
					if times++; o.account != "" {
						accounts[o.account] = true
					}
					people[o.author] = true
				}
				if row.Times != times || row.People != len(people) || row.Accounts != len(accounts) {
					t.Errorf("by %s: %+v, want %d times, %d people, %d accounts", dimension, row, times, len(people), len(accounts))
				}
				opened, err := tx.ObjectionsBy(dimension, row.Key, from, to)
				if err != nil || len(opened) != row.Times {
					t.Errorf("by %s: %q opens to %d of %d, %v", dimension, row.Key, len(opened), row.Times, err)
				}
			}
			for _, o := range list {
				if k := key(o); k != "" && !found[k] {
					t.Fatalf("by %s: no row of %q", dimension, k)
				}
			}
		}
		h, err := tx.HeardOf("price", from, to)
		if rows, _ := tx.HeardBy("theme", from, to); err == nil {
			for _, row := range rows {
				if row.Key == "price" && (Heard{row.Times, row.People, row.Accounts}) != h {
					t.Errorf("%+v, by theme %+v", h, row)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
