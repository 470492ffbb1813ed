package intake

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// importWith imports a file by a preset.
func importWith(t testing.TB, store *storage.Store, preset string, kind sheet.Kind, text string) Summary {
	t.Helper()
	f, err := Open(t.Context(), store, strings.NewReader(text),
		Options{Kind: kind, Bind: sheet.BindOptions{Preset: preset}, Dates: sheet.Dates{Order: sheet.OrderYMD}, Number: truce.NumberUS})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	h := &heard{}
	s, err := f.Import(t.Context(), store, h)
	if err != nil || len(h.lines) > 0 {
		t.Fatalf("%v %v\n%s", err, h.lines, text)
	}
	return s
}

// TestMergedRecords merges random chains, told whole or link by link, by either side, in any order of rows and with or without the absorbed
// rows: what is left is one lead a chain with all that was known and done; the same file again changes nothing.
func TestMergedRecords(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 13))
		store := openStore(t)
		if err := store.RebuildRollUps(t.Context(), time.UTC); err != nil {
			t.Fatal(err)
		}
		const n = 12
		hubspot := seed%2 == 0
		id := func(i int) string {
			if hubspot {
				return fmt.Sprint(1000 + i)
			}
			return fmt.Sprintf("00Q5f00000ABC%02dEAH", i)
		}
		parent := make([]int, n) // what each was merged into; itself: nothing. Later ones absorb earlier ones, so there are no circles
		root := func(i int) int {
			for parent[i] != i {
				i = parent[i]
			}
			return i
		}
		for i := range parent {
			if parent[i] = i; i < n-1 && r.IntN(2) == 0 {
				parent[i] = i + 1 + r.IntN(n-1-i)
			}
		}
		preset, head, outcome := "salesforce", "Id,CreatedDate,Email,Company,MasterRecordId", "Id,Status,LastModifiedDate"
		if hubspot {
			preset, head, outcome = "hubspot", "Record ID,Create Date,Email,Company Name,Merged contact IDs",
				"Record ID,Lead Status,Last Modified Date"
		}
		row := func(i int, merged string) string {
			return fmt.Sprintf("%s,2026-02-%02d,p%d@x.example,Company %d,%s\n", id(i), 1+i, i, i, merged)
		}
		var first strings.Builder
		for i := range n {
			first.WriteString(row(i, ""))
		}
		importWith(t, store, preset, sheet.Leads, head+"\n"+first.String())
		own := map[int]int{} // by root: outcomes of people
		err := store.Update(t.Context(), func(tx *storage.Tx) error {
			p, err := tx.AddPerson(truce.Person{Name: "Ann", Email: "ann@example.com"})
			if err != nil {
				return err
			}
			for i := range n {
				if r.IntN(2) == 0 {
					own[root(i)]++
					if _, err := tx.AddOutcome(truce.Outcome{LeadID: id(i), DealID: fmt.Sprint("d", i), Status: truce.Opportunity, At: testNow,
						Origin: truce.FromPerson, PersonID: p.ID}); err != nil {
						return err
					}
				}
				if _, err := tx.AddTouch(truce.Touch{LeadID: id(i), At: testNow, Kind: "call", By: p.ID}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		absorbed := 0
		for i := range n {
			if parent[i] != i {
				absorbed++
			}
			switch {
			case hubspot: // the survivor lists what it absorbed: directly, or the whole chain
				var list []string
				whole := r.IntN(2) == 0
				for j := range n {
					if j != i && (parent[j] == i || whole && parent[i] == i && root(j) == i) {
						list = append(list, id(j))
					}
				}
				if parent[i] == i || len(list) > 0 || r.IntN(2) == 0 { // a link of the chain is in the file where it says something
					rows = append(rows, row(i, strings.Join(list, ";")))
				}
			case parent[i] != i: // the absorbed one says what it was merged into: the next, or the last
				into := parent[i]
				if r.IntN(2) == 0 {
					into = root(i)
				}
				rows = append(rows, row(i, id(into)[:15]))
			default:
				rows = append(rows, row(i, ""))
			}
		}
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		file := head + "\n" + strings.Join(rows, "")
		f, err := Open(t.Context(), store, strings.NewReader(file),
			Options{Kind: sheet.Leads, Bind: sheet.BindOptions{Preset: preset}, Dates: sheet.Dates{Order: sheet.OrderYMD}, Number: truce.NumberUS})
		if err != nil {
			t.Fatal(err)
		}
		held, err := f.Reconcile(t.Context(), store)
		if err != nil || held.Count(WhyMissing)+held.Count(WhyGone) > 0 {
			t.Errorf("seed %d: reconciled %+v, %v", seed, held, err)
		}
		if !hubspot && held.Count(WhyMerged) < absorbed {
			t.Errorf("seed %d: %d merged of %d", seed, held.Count(WhyMerged), absorbed)
		}
		if s := importWith(t, store, preset, sheet.Leads, file); s.Merged != absorbed {
			t.Errorf("seed %d: %d merged, want %d\n%v\n%s", seed, s.Merged, absorbed, parent, file)
		}
		check := func(when string) {
			t.Helper()
			left := map[string]bool{}
			err := store.View(t.Context(), func(tx *storage.Tx) error {
				if err := tx.EachLead(func(l truce.Lead) error { left[l.ID] = true; return nil }); err != nil {
					return err
				}
				for i := range n {
					if left[id(i)] != (parent[i] == i) {
						t.Errorf("seed %d, %s: lead %d is there: %v, %v", seed, when, i, left[id(i)], parent)
					}
					if now, err := tx.Survivor(id(i)); err != nil || now != id(root(i)) {
						t.Errorf("seed %d, %s: %d has become %s, %v; want %d", seed, when, i, now, err, root(i))
					}
					if parent[i] != i {
						continue
					}
					list, err := tx.LeadOutcomes(id(i))
					if err != nil {
						return err
					}
					if len(list) != own[i] {
						t.Errorf("seed %d, %s: lead %d has %d outcomes, want %d", seed, when, i, len(list), own[i])
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if wrong, err := store.CheckRollUps(t.Context(), 10); err != nil || len(wrong) > 0 {
				t.Errorf("seed %d, %s: the sums are wrong: %v %v", seed, when, wrong, err)
			}
		}
		check("merged")
		if s := importWith(t, store, preset, sheet.Leads, file); s.Merged+s.Added+s.Changed != 0 {
			t.Errorf("seed %d: the same again: %+v", seed, s)
		}
		importWith(t, store, preset, sheet.Leads, head+"\n"+first.String()) // an older list brings nobody back
		check("after an older list")
		// What the CRM says of an absorbed record later is said of the survivor.
		word := "Unqualified"
		importWith(t, store, preset, sheet.Outcomes, outcome+"\n"+fmt.Sprintf("%s,%s,2026-02-20\n", id(0), word))
		own[root(0)]++
		check("after an outcome")
	}
}

// TestACircleOfMerges holds that nobody is lost where a file says nonsense.
func TestACircleOfMerges(t *testing.T) {
	store := openStore(t)
	s := importWith(t, store, "hubspot", sheet.Leads, "Record ID,Create Date,Email,Merged contact "+
		"IDs\n1,2026-02-01,a@x.example,2\n2,2026-02-01,b@x.example,1\n3,2026-02-01,c@x.example,3;99\n")
	if s.Merged != 1 || s.Added != 3 { // 99 was never here; what is said of it is said of 3
		t.Errorf("%+v", s)
	}
}
