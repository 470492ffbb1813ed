package sheet

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"truce/bot/golden"

	"truce"
)

// TestOddFiles reads every file of testdata/odd; the golden file beside it says what came out.
func TestOddFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/odd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".golden") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			opts := Options{}
			if strings.Contains(file, "windows-1252") {
				opts.Encoding = "windows-1252"
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			header, got, err := read(t, string(text), opts)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			fmt.Fprintf(&out, "%q\n", header)
			for _, row := range got {
				fmt.Fprintf(&out, "%q\n", row)
			}
			golden.Check(t, "odd/"+filepath.Base(file)+".golden", out.String())
		})
	}
}

func TestFilesThatAreNoTable(t *testing.T) {
	for _, c := range []struct {
		name, text string
		opts       Options
		want       string
	}{
		{"empty", "", Options{}, "The file is empty."},
		{"blank", "\n \n,,\n", Options{}, "The file is empty."},
		{"workbook", "PK\x03\x04rest", Options{}, "an Excel workbook or a zip archive"},
		{"old workbook", "\xd0\xcf\x11\xe0rest", Options{}, "an old Excel workbook"},
		{"PDF", "%PDF-1.7", Options{}, "a PDF"},
		{"login page", "\n<!DOCTYPE html><html>", Options{}, "a web page"},
		{"damaged gzip", "\x1f\x8bxx", Options{}, "cannot be unpacked"},
		{"header not UTF-8", "id,n\xe4me\n", Options{}, "The header cannot be read: line 1, column 2: the text is not UTF-8; if the file came " +
			"from Excel on Windows, import it with --encoding windows-1252."},
		{"header with an open quote", "id,\"name\n1,2\n", Options{},
			"The header cannot be read: line 1, column 2: a quote opens here and is never closed."},
		{"too many columns", strings.Repeat("x,", 1000) + "x\n", Options{}, "The file has 1001 columns, the most is 1000."},
		{"unknown encoding", "a\n", Options{Encoding: "ebcdic"}, `--encoding "ebcdic" is not known; it is one of iso-8859-1,`},
		{"unknown delimiter", "a\n", Options{Delimiter: 'x'}, "The delimiter is one of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(strings.NewReader(c.text), c.opts)
			if err == nil || truce.KindOf(err) != truce.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestACutOffGzipGivesItsRowsThenSaysSo(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	for i := range 20000 {
		fmt.Fprintf(w, "%d,%d\n", i, i*7919%10007)
	}
	w.Close()
	r, err := Open(bytes.NewReader(b.Bytes()[:b.Len()/2]), Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for {
		row, err := r.Next()
		if err != nil {
			if truce.KindOf(err) != truce.Invalid || !strings.Contains(err.Error(), "The compressed file is cut off or damaged in line") {
				t.Errorf("got %v", err)
			}
			break
		}
		if row.Bad != nil {
			t.Fatalf("half a row was given: %v", row.Bad)
		}
		rows++
	}
	if rows < 1000 {
		t.Errorf("only %d rows before the cut", rows)
	}
}

// TestOlist reads real files beside the project; it is skipped where they are not.
func TestOlist(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "..", "shared", "data", "olist")
	for _, c := range []struct {
		file string
		kind Kind
		maps string
		sets string
		rows int
	}{
		{"olist_marketing_qualified_leads_dataset.csv", Leads, "id=mql_id,mql_at=first_contact_date,campaign=landing_page_id,source=origin", "",
			8000},
		{"olist_closed_deals_dataset.csv", Outcomes, "lead_id=mql_id,deal_id=mql_id,at=won_date,amount=declared_monthly_revenue,owner=sr_id",
			"status=won,currency=BRL", 842},
	} {
		f, err := os.Open(filepath.Join(dir, c.file))
		if err != nil {
			t.Skip("the Olist data is not here")
		}
		defer f.Close()
		r, err := Open(f, Options{})
		if err != nil {
			t.Fatal(err)
		}
		maps, _ := ParsePairs(c.maps)
		sets, _ := ParsePairs(c.sets)
		b, err := Bind(r.Header(), c.kind, BindOptions{Maps: maps, Sets: sets})
		if err != nil {
			t.Fatal(err)
		}
		at := b.Source("mql_at")
		if c.kind == Outcomes {
			at = b.Source("at")
		}
		rows, empty := 0, 0
		for {
			row, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil || row.Bad != nil {
				t.Fatal(err, row.Bad)
			}
			if bad := b.Missing(row); bad != nil {
				t.Fatal(bad)
			}
			if _, err := (Dates{}).Parse(at.Of(row)); err != nil {
				t.Fatal(at.Bad(row, err))
			}
			if _, _, _, err := ParseAmount(b.Source("amount").Of(row), b.Source("currency").Of(row), truce.NumberPlain); err != nil {
				t.Fatal(err)
			}
			rows++
			if b.Source("source").Of(row) == "" {
				empty++
			}
		}
		if rows != c.rows || c.kind == Leads && empty != 60 {
			t.Errorf("%s: got %d rows, %d without a source; want %d and 60", c.file, rows, empty, c.rows)
		}
	}
}

// generate makes n rows of 8 short columns without keeping them.
func generate(n int, quoted bool) io.Reader {
	r, w := io.Pipe()
	go func() {
		var b bytes.Buffer
		b.WriteString("id,mql_at,email,name,company,source,campaign,score\n")
		for i := range n {
			if quoted {
				fmt.Fprintf(&b, "\"L%07d\",\"2026-01-02 15:04:05\",\"ann%d@example.com\",\"Ann Example\",\"Example, Inc.\",\"webinar\",\"Faster "+
					"panels\",\"72\"\n", i, i)
			} else {
				fmt.Fprintf(&b, "L%07d,2026-01-02 15:04:05,ann%d@example.com,Ann Example,Example Inc.,webinar,Faster panels,72\n", i, i)
			}
			if b.Len() > 1<<16 {
				w.Write(b.Bytes())
				b.Reset()
			}
		}
		w.Write(b.Bytes())
		w.Close()
	}()
	return r
}

func TestMemoryStaysConstant(t *testing.T) {
	peak := func(n int) uint64 {
		r, err := Open(generate(n, false), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var most uint64
		var m runtime.MemStats
		for i := 0; ; i++ {
			if _, err := r.Next(); err == io.EOF {
				return most
			}
			if i%(n/10) == 0 {
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	}
	small, large := peak(10_000), peak(300_000)
	if large > small+(2<<20) {
		t.Errorf("10,000 rows took %d KiB, 300,000 rows %d KiB", small>>10, large>>10)
	}
}

func TestAFieldOf100MBIsRefusedInConstantMemory(t *testing.T) {
	for _, quote := range []string{"", `"`} {
		big := io.MultiReader(strings.NewReader("id,mql_at\n1,"+quote), io.LimitReader(letters{}, 100<<20),
			strings.NewReader(quote+"\n2,2026-01-02\n"))
		r, err := Open(big, Options{})
		if err != nil {
			t.Fatal(err)
		}
		row, err := r.Next()
		if err != nil || row.Bad == nil || row.Bad.Reason != ReasonTooLarge || row.Line != 2 {
			t.Fatalf("got %+v, %v", row.Bad, err)
		}
		row, err = r.Next()
		if err != nil || row.Bad != nil || row.Line != 3 || row.Fields[0] != "2" {
			t.Fatalf("the row behind: got %+v, %v", row, err)
		}
		if len(r.buf) > 16<<20 {
			t.Errorf("the window grew to %d MiB", len(r.buf)>>20)
		}
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func BenchmarkReader(b *testing.B) {
	for _, quoted := range []bool{false, true} {
		const n = 100_000
		text, err := io.ReadAll(generate(n, quoted))
		if err != nil {
			b.Fatal(err)
		}
		name := "plain"
		if quoted {
			name = "quoted"
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := Open(bytes.NewReader(text), Options{})
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					_, err = r.Next()
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
		b.Run(name+"/bound and parsed", func(b *testing.B) {
			for b.Loop() {
				parseAll(b, text)
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
		b.Run(name+"/encoding-csv", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r := csv.NewReader(bytes.NewReader(text))
				r.ReuseRecord = true
				var err error
				for err == nil {
					_, err = r.Read()
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// parseAll does what an importer of leads does before it stores.
func parseAll(tb testing.TB, text []byte) {
	r, err := Open(bytes.NewReader(text), Options{})
	if err != nil {
		tb.Fatal(err)
	}
	bound, err := Bind(r.Header(), Leads, BindOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	at, email, score := bound.Source("mql_at"), bound.Source("email"), bound.Source("score")
	for {
		row, err := r.Next()
		if err == io.EOF {
			return
		}
		if row.Bad != nil || bound.Missing(row) != nil {
			tb.Fatal(row.Bad)
		}
		if _, err := (Dates{}).Parse(at.Of(row)); err != nil {
			tb.Fatal(err)
		}
		if _, err := ParseEmail(email.Of(row)); err != nil {
			tb.Fatal(err)
		}
		if _, _, err := ParseScore(score.Of(row), truce.NumberPlain); err != nil {
			tb.Fatal(err)
		}
	}
}
