// Command sync measures what truce sync costs: rows out of a PostgreSQL database, contacts and deals out of HubSpot (the fake of
// the tests), and the same leads by CSV: time, memory, requests. The memory of a run must not grow with its rows.
//
//	go run ./bench/sync -postgres "host=/tmp/pg user=truce dbname=postgres" -rows 5000000
//	go run ./bench/sync -contacts 100000
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"truce/handlers/intake"
	"truce/handlers/intake/pull"
	"truce/handlers/intake/pull/crm"
	"truce/handlers/intake/pull/crm/hubspot"
	"truce/handlers/intake/pull/crm/hubspot/fake"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

func main() {
	url := flag.String("postgres", "", "address of a database; empty: not measured")
	rows := flag.Int("rows", 1_000_000, "rows of it, and of the CSV")
	contacts := flag.Int("contacts", 0, "contacts of HubSpot; 0: not measured")
	flag.Parse()
	if err := measure(*url, *rows, *contacts); err != nil {
		fmt.Fprintln(os.Stderr, "sync:", err)
		os.Exit(1)
	}
}

// meter tells the memory in use while an import goes on.
type meter struct {
	began time.Time
	next  int
	every int
	most  uint64
	total int
}

func (m *meter) Rejected(sheet.Row, *sheet.Bad) error { return nil }

// Progress reads the heap now and then, after a collection: what is left is what the run holds.
func (m *meter) Progress(s intake.Summary) {
	if m.total = s.Rows; s.Rows < m.next {
		return
	}
	m.next += m.every
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	m.most = max(m.most, stats.HeapInuse)
	fmt.Printf("  %9d rows  %6.1f s  %5.1f MB held\n", s.Rows, time.Since(m.began).Seconds(), float64(stats.HeapInuse)/(1<<20))
}

// text is a source of leads as CSV.
type text struct{ rows int }

func (t text) Ask(context.Context, time.Time, *slog.Logger) (*pull.Rows, error) {
	r, w := io.Pipe()
	go func() {
		fmt.Fprintln(w, "id,mql_at,email,source,campaign,score,owner")
		for i := range t.rows {
			fmt.Fprintf(w, "L%d,2026-%02d-%02d,p%d@x.example,Webinar,c%d,%d,rep%d@x.example\n", i, 1+i%12, 1+i%28, i, i%50, i%100, i%30)
		}
		w.Close()
	}()
	return &pull.Rows{ReadCloser: r}, nil
}

func (t text) Try(context.Context) error { return nil }

func measure(url string, rows, contacts int) error {
	if url != "" {
		query := fmt.Sprintf(`SELECT 'L' || n AS id, timestamptz '2026-01-01' + (n %% 300) * interval '1 day' AS mql_at,
			'p' || n || '@x.example' AS email, 'Webinar' AS source, 'c' || n %% 50 AS campaign,
			n %% 100 AS score, 'rep' || n %% 30 || '@x.example' AS owner FROM generate_series(1, %d) n`, rows)
		if err := source("PostgreSQL", pull.Postgres{URL: url, Query: query}, rows); err != nil {
			return err
		}
	}
	if contacts == 0 {
		return source("CSV", text{rows}, rows)
	}
	if err := account(contacts); err != nil {
		return err
	}
	return source("CSV", text{contacts}, contacts)
}

// database is a new one, which end takes away.
func database() (*storage.Store, func(), error) {
	dir, err := os.MkdirTemp("", "bench-sync-")
	if err != nil {
		return nil, nil, err
	}
	store, err := storage.Open(context.Background(), filepath.Join(dir, "truce.db"), time.Now, slog.New(slog.DiscardHandler))
	if err == nil {
		err = store.PrepareRollUps(context.Background(), time.UTC)
	}
	return store, func() { store.Close(); os.RemoveAll(dir) }, err
}

func source(name string, asker pull.Asker, rows int) error {
	store, end, err := database()
	if err != nil {
		return err
	}
	defer end()
	fmt.Printf("%s, %d leads\n", name, rows)
	m := &meter{began: time.Now(), every: max(1, rows/5)}
	s := pull.Source{Name: "leads", Asker: asker, Timeout: time.Hour,
		Options: intake.Options{Kind: sheet.Leads, Dates: sheet.Dates{Location: time.UTC}}}
	got, err := pull.Run(context.Background(), store, s, false, m, slog.New(slog.DiscardHandler))
	fmt.Printf("  %d new in %.1f s, at most %.1f MB held\n", got.Added, time.Since(m.began).Seconds(), float64(m.most)/(1<<20))
	return err
}

// account reads an account of so many contacts, all leads, a deal and a call for one of ten; and then once more, when a hundredth
// has changed.
func account(contacts int) error {
	ago := time.Hour // what is loaded first was changed before the overlap of the second run
	acc := fake.New(func() time.Time { return time.Now().Add(-ago) })
	day := time.Now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)
	ids := make([]string, contacts)
	for i := range contacts {
		ids[i] = acc.Create("contacts", hubspot.DefaultMQL, day, "email", fmt.Sprintf("p%d@x.example", i), "hs_lead_status", "IN_PROGRESS")
		if i%10 == 0 {
			acc.Associate("deals", acc.Create("deals", "pipeline", "default", "dealstage", "102", "amount", "10", "closedate", day), "contacts",
				ids[i])
			acc.Associate("calls", acc.Create("calls", "hs_timestamp", day), "contacts", ids[i])
		}
	}
	ago = 0
	srv := httptest.NewServer(acc)
	defer srv.Close()
	store, end, err := database()
	if err != nil {
		return err
	}
	defer end()
	for _, what := range []string{"first load", "a hundredth changed"} {
		h, err := hubspot.New(hubspot.Config{Token: fake.Token, Address: srv.URL})
		if err != nil {
			return err
		}
		h.Faster(1_000_000) // the pace of the real one is told apart
		fmt.Printf("HubSpot, %d contacts, %s\n", contacts, what)
		m := &meter{began: time.Now(), every: max(1, contacts/5)}
		calls := acc.Calls()
		if _, err := crm.Run(context.Background(), store, h, crm.Options{Overlap: time.Minute}, m, slog.New(slog.DiscardHandler)); err != nil {
			return err
		}
		n := acc.Calls() - calls
		fmt.Printf("  %d requests (%.0f for 100,000 contacts; at 15 a second %.0f s), %.1f s here\n", n, float64(n)*100_000/float64(contacts),
			float64(n)/15, time.Since(m.began).Seconds())
		for i := 0; i < contacts; i += 100 {
			acc.Set("contacts", ids[i], "company", strings.Repeat("x", 1+i%5))
		}
	}
	return nil
}
