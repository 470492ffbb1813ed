package intake

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"truce/handlers/intake/sheet"
	"truce/storage"
)

// committed is a listener that looks, whenever it is told of rows, whether the last lead of them is stored for others to see.
type committed struct {
	t     *testing.T
	store *storage.Store // another process'
	lines []string       // the file's ids, in their order
	told  []int          // rows, after each transaction
	bad   int
}

func (c *committed) Rejected(sheet.Row, *sheet.Bad) error { c.bad++; return nil }

func (c *committed) Progress(s Summary) {
	c.told = append(c.told, s.Rows)
	if s.Rejected != c.bad {
		c.t.Errorf("%d rows are counted as rejected, and %d were told", s.Rejected, c.bad)
	}
	for at := s.Rows - 1; at >= 0; at-- {
		if id := c.lines[at]; id != "" {
			view(c.t, c.store, func(tx *storage.Tx) error {
				if known, err := tx.HasLead(id); err != nil || !known {
					c.t.Errorf("after %d rows lead %s is not there (%v)", s.Rows, id, err)
				}
				return nil
			})
			return
		}
	}
}

// TestTransactionsOfAnImport: an import that has the database to itself takes many rows in a transaction, beside others it takes
// few, and either way it tells what is committed and nothing else, when its file breaks off too.
func TestTransactionsOfAnImport(t *testing.T) {
	const rows = 4 * batchRows
	broken := errors.New("the disk was pulled out")
	for _, tt := range []struct {
		name   string
		beside bool
		breaks error
		most   int // rows in a transaction
	}{
		{"alone", false, nil, rows},
		{"alone, a file that breaks off", false, broken, rows},
		{"beside others", true, nil, besideRows},
		{"beside others, a file that breaks off", true, broken, besideRows},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := openStore(t)
			if err := store.KeepRollUps(t.Context(), time.UTC); err != nil {
				t.Fatal(err)
			}
			text := leadsFile(rows)
			heard := &committed{t: t, store: store}
			bad := 0
			for i, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n"))[1:] {
				id, _, _ := bytes.Cut(line, []byte(","))
				if i%700 == 650 {
					copy(line[len(id)+1:], "2025-19-")
					id, bad = nil, bad+1
				}
				heard.lines = append(heard.lines, string(id))
			}
			if tt.beside {
				other, err := storage.Open(t.Context(), store.Path(), func() time.Time { return testNow }, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Fatal(err)
				}
				defer other.Close()
				heard.store = other
			}
			var src io.Reader = bytes.NewReader(text)
			if tt.breaks != nil {
				src = io.MultiReader(src, failing{tt.breaks})
			}
			f, err := Open(t.Context(), store, src, Options{Kind: sheet.Leads})
			if err != nil {
				t.Fatal(err)
			}
			var s Summary
			err = store.Relax(t.Context(), func() (err error) { s, err = f.Import(t.Context(), store, heard); return err })
			if !errors.Is(err, tt.breaks) {
				t.Fatal(err)
			}
			if s.Rows != rows || s.Added != rows-bad || s.Rejected != bad || heard.bad != bad {
				t.Errorf("%+v, %d told; %d of %d rows are bad", s, heard.bad, bad, rows)
			}
			last := 0
			for _, n := range heard.told {
				if n-last > tt.most {
					t.Errorf("%d rows in a transaction", n-last)
				}
				last = n
			}
			if !tt.beside && len(heard.told) > rows/batchRows { // a slow machine may take some
				t.Errorf("%d transactions of %d rows", len(heard.told), rows)
			}
			if wrong, err := store.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 {
				t.Errorf("afterwards: %v %q", err, wrong)
			}
		})
	}
}

// TestCheckTellsAFileThatBreaksOff: what a dry run of it has seen is not all there is.
func TestCheckTellsAFileThatBreaksOff(t *testing.T) {
	store, broken := openStore(t), errors.New("the disk was pulled out")
	f, err := Open(t.Context(), store, io.MultiReader(bytes.NewReader(leadsFile(3)), failing{broken}), Options{Kind: sheet.Leads})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := f.Check(t.Context(), store, &heard{}); !errors.Is(err, broken) || s.Rows != 3 {
		t.Errorf("%+v, %v", s, err)
	}
}

// failing is the end of a file that cannot be read on.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
