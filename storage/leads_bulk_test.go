package storage

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"log/slog"

	"truce"
)

// TestUpsertLeadsIsUpsertLead stores the same rows together, whatever was expected of them, and one by one: the databases and
// what is said of each row are the same.
func TestUpsertLeadsIsUpsertLead(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	one, lookedUp, expected := open(t), open(t), open(t)
	for _, s := range []*Store{one, lookedUp, expected} {
		if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
			t.Fatal(err)
		}
		update(t, s, func(tx *Tx) error {
			_, err := tx.AddPerson(truce.Person{Email: "kim@x.example"})
			return err
		})
	}
	for round := range 20 {
		var rows []truce.Lead
		for range 1 + r.IntN(40) {
			l := truce.Lead{ID: fmt.Sprint(r.IntN(60)), MQLAt: day(r.IntN(2)), Email: pick("", "A@x.example"), Company: pick("", "Acme Inc."),
				Source: pick("", "Web", "Ad"),
				Owner:  pick("", "kim@x.example", "Somebody", "nobody@x.example"), Attrs: map[string]string{}}
			if r.IntN(2) == 0 {
				l.Score, l.HasScore = float64(r.IntN(3)), true
			}
			if r.IntN(3) == 0 {
				l.Attrs[pick("a", "b")] = pick("1", "2")
			}
			rows = append(rows, l)
		}
		var want []Change
		update(t, one, func(tx *Tx) error {
			want = want[:0]
			for _, l := range rows {
				c, err := tx.UpsertLead(l)
				if err != nil {
					return err
				}
				want = append(want, c)
			}
			return nil
		})
		for _, s := range []*Store{lookedUp, expected} {
			var list []*LeadRow
			for _, l := range rows {
				attrs := asJSON(l.Attrs)
				l.Attrs = nil
				list = append(list, &LeadRow{Lead: l, AttrsJSON: attrs})
			}
			update(t, s, func(tx *Tx) error { return tx.UpsertLeads(list, s == expected) })
			for i, row := range list {
				if row.Change != want[i] {
					t.Fatalf("round %d, row %d, mostly new %v: %s, want %s", round, i, s == expected, row.Change, want[i])
				}
			}
		}
	}
	dump := func(s *Store) (text string) {
		err := s.View(t.Context(), func(tx *Tx) error {
			return tx.EachLead(func(l truce.Lead) error {
				b, err := json.Marshal(l)
				text += string(b) + "\n"
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for _, s := range []*Store{one, lookedUp, expected} {
		if wrong, err := s.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 {
			t.Errorf("roll-ups: %v %q", err, wrong)
		}
	}
	if want := dump(one); dump(lookedUp) != want || dump(expected) != want {
		t.Errorf("one by one\n%s\nlooked up\n%s\nexpected\n%s", want, dump(lookedUp), dump(expected))
	}
}

// TestAnImportLeavesTurnsToOthers writes without a pause from one store, and now and then from another on the same file: the
// other gets its turn after one transaction or two, not when it is lucky.
func TestAnImportLeavesTurnsToOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truce.db")
	var stores [2]*Store
	for i := range stores {
		s, err := Open(t.Context(), path, time.Now, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		stores[i] = s
	}
	stop, stopped := make(chan struct{}), make(chan error, 1)
	var turns int // of the import; read by its own events only
	go func() {
		for {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			err := stores[0].Update(t.Context(), func(tx *Tx) error {
				turns++
				time.Sleep(5 * time.Millisecond)
				return tx.SetMeta("turns", fmt.Sprint(turns))
			})
			if err != nil {
				stopped <- err
				return
			}
		}
	}()
	read := func(tx *Tx) (n int) {
		text, err := tx.Meta("turns")
		if err == nil {
			fmt.Sscan(text, &n)
		}
		return n
	}
	most := 0
	for range 20 {
		var before, after int
		if err := stores[1].View(t.Context(), func(tx *Tx) error { before = read(tx); return nil }); err != nil {
			t.Fatal(err)
		}
		update(t, stores[1], func(tx *Tx) error { after = read(tx); return tx.SetMeta("other", "x") })
		most = max(most, after-before)
		time.Sleep(7 * time.Millisecond)
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if most > 5 { // one that runs, one that was queued before, and a machine that is busy
		t.Errorf("the other waited for %d transactions of the import", most)
	}
}
