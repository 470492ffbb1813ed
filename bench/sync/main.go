// Command sync measures what truce sync costs: rows out of a PostgreSQL database, people and deals out of HubSpot and Salesforce (the
// fakes of the tests), and the same leads by CSV: time, memory, requests. The memory of a run must not grow with its rows.
//
//	go run ./bench/sync -postgres "host=/tmp/pg user=truce dbname=postgres" -rows 5000000
//	go run ./bench/sync -contacts 100000
//	go run ./bench/sync -leads 100000
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
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
	hubspotfake "truce/handlers/intake/pull/crm/hubspot/fake"
	"truce/handlers/intake/pull/crm/salesforce"
	salesforcefake "truce/handlers/intake/pull/crm/salesforce/fake"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

func main() {
	url := flag.String("postgres", "", "address of a database; empty: not measured")
	rows := flag.Int("rows", 1_000_000, "rows of it, and of the CSV")
	contacts := flag.Int("contacts", 0, "contacts of HubSpot; 0: not measured")
	leads := flag.Int("leads", 0, "leads of Salesforce; 0: not measured")
	flag.Parse()
	if err := measure(*url, *rows, *contacts, *leads); err != nil {
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

func measure(url string, rows, contacts, leads int) error {
	if url != "" {
		query := fmt.Sprintf(`SELECT 'L' || n AS id, timestamptz '2026-01-01' + (n %% 300) * interval '1 day' AS mql_at,
			'p' || n || '@x.example' AS email, 'Webinar' AS source, 'c' || n %% 50 AS campaign,
			n %% 100 AS score, 'rep' || n %% 30 || '@x.example' AS owner FROM generate_series(1, %d) n`, rows)
		if err := source("PostgreSQL", pull.Postgres{URL: url, Query: query}, rows); err != nil {
			return err
		}
	}
	if contacts > 0 {
		if err := loads("HubSpot", contacts, ofHubSpot); err != nil {
			return err
		}
		rows = contacts
	}
	if leads > 0 {
		if err := loads("Salesforce", leads, ofSalesforce); err != nil {
			return err
		}
		rows = leads
	}
	return source("CSV", text{rows}, rows)
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
	s := pull.Source{Name: "leads", Asker: asker, Timeout: 6 * time.Hour,
		Options: intake.Options{Kind: sheet.Leads, Dates: sheet.Dates{Location: time.UTC}}}
	got, err := pull.Run(context.Background(), store, s, false, m, slog.New(slog.DiscardHandler))
	fmt.Printf("  %d new in %.1f s, at most %.1f MB held\n", got.Added, time.Since(m.began).Seconds(), float64(m.most)/(1<<20))
	return err
}

// account is one of a CRM with so many people, all leads, a deal and a call for one of ten.
type account interface {
	http.Handler
	Calls() int
	// change makes a hundredth differ.
	change(time int)
	// system is the CRM at an address, and how many requests a second it grants.
	system(url string) (crm.System, float64, error)
}

// loads reads an account that make makes, and then once more, when a hundredth has changed.
func loads(name string, people int, make func(now func() time.Time, people int) account) error {
	ago := time.Hour // what is loaded first was changed before the overlap of the second run
	acc := make(func() time.Time { return time.Now().Add(-ago) }, people)
	ago = 0
	srv := httptest.NewServer(acc)
	defer srv.Close()
	store, end, err := database()
	if err != nil {
		return err
	}
	defer end()
	for i, what := range []string{"first load", "a hundredth changed"} {
		of, pace, err := acc.system(srv.URL)
		if err != nil {
			return err
		}
		fmt.Printf("%s, %d people, %s\n", name, people, what)
		m := &meter{began: time.Now(), every: max(1, people/5)}
		calls := acc.Calls()
		if _, err := crm.Run(context.Background(), store, of, crm.Options{Overlap: time.Minute}, m, slog.New(slog.DiscardHandler)); err != nil {
			return err
		}
		n := acc.Calls() - calls
		fmt.Printf("  %d requests (%.0f for 100,000 people; at %.0f a second %.0f s), %.1f s here, at most %.1f MB held\n", n,
			float64(n)*100_000/float64(people), pace, float64(n)/pace, time.Since(m.began).Seconds(), float64(m.most)/(1<<20))
		acc.change(i)
	}
	return nil
}

// faster makes the pace that a real CRM asks for that of this machine: it is told apart.
const faster = 1_000_000

type hubspotAccount struct {
	*hubspotfake.Account
	ids []string
}

func ofHubSpot(now func() time.Time, people int) account {
	a := hubspotAccount{hubspotfake.New(now), make([]string, people)}
	day := now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)
	for i := range people {
		a.ids[i] = a.Create("contacts", hubspot.DefaultMQL, day, "email", fmt.Sprintf("p%d@x.example", i), "hs_lead_status", "IN_PROGRESS")
		if i%10 == 0 {
			a.Associate("deals", a.Create("deals", "pipeline", "default", "dealstage", "102", "amount", "10", "closedate", day), "contacts",
				a.ids[i])
			a.Associate("calls", a.Create("calls", "hs_timestamp", day), "contacts", a.ids[i])
		}
	}
	return a
}

func (a hubspotAccount) change(time int) {
	for i := 0; i < len(a.ids); i += 100 {
		a.Set("contacts", a.ids[i], "company", strings.Repeat("x", 1+time))
	}
}

func (a hubspotAccount) system(url string) (crm.System, float64, error) {
	h, err := hubspot.New(hubspot.Config{Token: hubspotfake.Token, Address: url})
	if err == nil {
		h.Faster(faster)
	}
	return h, 15, err
}

type salesforceOrg struct {
	*salesforcefake.Org
	ids []string
}

func ofSalesforce(now func() time.Time, people int) account {
	o := salesforceOrg{salesforcefake.New(now), make([]string, people)}
	o.Page = 2000 // as a real one's
	day := now().Add(-24 * time.Hour).UTC()
	for i := range people {
		o.ids[i] = o.Create("Lead", salesforcefake.Record{"Email": fmt.Sprintf("p%d@x.example", i), "Status": "Working - Contacted",
			"MQL_Date__c": day.Format(time.DateOnly), "LeadSource": "Webinar"})
		if i%10 == 0 {
			o.Create("Task", salesforcefake.Record{"WhoId": o.ids[i], "TaskSubtype": "Call", "IsClosed": true,
				"CompletedDateTime": day.Format("2006-01-02T15:04:05.000+0000")})
			o.Convert(o.ids[i], salesforcefake.Record{"StageName": "Prospecting", "Amount": 10.0, "CloseDate": day.Format(time.DateOnly),
				"IsClosed": false, "IsWon": false})
		}
	}
	return o
}

func (o salesforceOrg) change(time int) {
	for i := 1; i < len(o.ids); i += 100 {
		o.Set("Lead", o.ids[i], salesforcefake.Record{"Company": strings.Repeat("x", 1+time)})
	}
}

func (o salesforceOrg) system(url string) (crm.System, float64, error) {
	s, err := salesforce.New(salesforce.Config{Login: url, ClientID: salesforcefake.ClientID, ClientSecret: salesforcefake.ClientSecret,
		MQLField: "MQL_Date__c", Currency: "EUR"})
	if err == nil {
		s.Faster(faster)
	}
	return s, 10, err
}
