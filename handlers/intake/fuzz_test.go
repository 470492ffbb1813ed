package intake

import (
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

var testNow = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// openStore opens a database of its own for a test, on which Truce was installed at testNow.
func openStore(t testing.TB) *storage.Store {
	t.Helper()
	s, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "truce.db"), func() time.Time { return testNow },
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	err = s.Update(t.Context(), func(tx *storage.Tx) error { return tx.SetMeta("installed_at", testNow.Format(time.RFC3339)) })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// heard keeps what a listener was told.
type heard struct {
	lines []string
	rows  int
}

func (h *heard) Rejected(row sheet.Row, bad *sheet.Bad) error {
	h.lines = append(h.lines, bad.Error())
	return nil
}

func (h *heard) Progress(s Summary) { h.rows = s.Rows }

// importText imports a file given as its text.
func importText(t testing.TB, store *storage.Store, kind sheet.Kind, text string) (Summary, *heard, error) {
	t.Helper()
	f, err := Open(t.Context(), store, strings.NewReader(text),
		Options{Kind: kind, Dates: sheet.Dates{Order: sheet.OrderDMY}, Number: truce.NumberUS})
	if err != nil {
		return Summary{}, nil, err
	}
	h := &heard{}
	s, err := f.Import(t.Context(), store, h)
	return s, h, err
}

// FuzzImport throws whole files at a real store: every row is counted once, every rejected one is told, and what was taken
// is the same after a second time.
func FuzzImport(f *testing.F) {
	for _, seed := range []struct{ leads, outcomes string }{
		{"id,mql_at,score\na,2026-03-01,5\nb,2026-03-02,\n",
			"lead_id,at,status,rating,amount,currency\na,2026-03-01,won,good,1.50,USD\nz,2026-03-01,lost,,,\n"},
		{"id;mql_at;Région\n\"a\n\";1.3.2026;\"x\"\"y\"\n;;\n", "lead_id\tat\trating\na\t2026-03-01T10:00:00Z\t3\n"},
		{"id,mql_at,handed_off_at,owner\na,2026-03-09,2026-03-10,kim@x.example\na,2026-03-09,,\n",
			"lead_id,at,status,reason\na,01/02/2026,rejected,=cmd()\na,01/02/2026,rejected,no budget\n"},
		{"id,id\n", "\xff\xfe"},
	} {
		f.Add(seed.leads, seed.outcomes)
	}
	store := openStore(f)
	f.Fuzz(func(t *testing.T, leads, outcomes string) {
		for _, file := range []struct {
			kind sheet.Kind
			text string
		}{{sheet.Leads, leads}, {sheet.Outcomes, outcomes}} {
			s, h, err := importText(t, store, file.kind, file.text)
			if err != nil {
				if truce.KindOf(err) != truce.Invalid {
					t.Fatalf("%s: %v", file.kind, err)
				}
				continue
			}
			if s.Rows != s.Added+s.Changed+s.Unchanged+s.Nothing+s.Rejected || s.Rejected != len(h.lines) {
				t.Fatalf("%+v with %d lines told", s, len(h.lines))
			}
			again, _, err := importText(t, store, file.kind, file.text)
			if err != nil || again.Added > 0 || again.Rejected != s.Rejected {
				t.Fatalf("the second time %+v, %v; the first %+v", again, err, s)
			}
		}
	})
}

// FuzzReceive throws bodies at the hooks: a request is taken whole or not at all, and the second time nothing is new.
func FuzzReceive(f *testing.F) {
	f.Add("leads", []byte(`[{"id":"a","mql_at":"2026-03-01","score":5,"attributes":{"x":"y"}},{"id":"b","mql_at":1772445600000}]`))
	f.Add("outcomes", []byte(`{"lead_id":"a","at":"2026-03-01","status":"won","rating":"good","amount":1.5,"currency":"EUR"}`))
	f.Add("touches", []byte(`{"lead_id":"a","at":"2026-03-01","kind":{"x":[1]}}`))
	f.Add("deals", []byte(`{"id":"d","account":"A","stage":"won","closed_at":"2026-03-01"} `))
	store := openStore(f)
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		got, err := Receive(t.Context(), store, sheet.Kind(kind), body, "", nil)
		var faults ItemFaults
		if err != nil {
			if !errors.As(err, &faults) && truce.KindOf(err) != truce.Invalid {
				t.Fatal(err)
			}
			if got != (Received{}) {
				t.Fatalf("refused, but %+v", got)
			}
			return
		}
		again, err := Receive(t.Context(), store, sheet.Kind(kind), body, "", nil)
		if err != nil || again.Added > 0 {
			t.Fatalf("the second time %+v, %v; the first %+v", again, err, got)
		}
	})
}
