package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/golden"
	"truce/storage"
)

// company is a database with a configuration beside it, and the command line on it.
type company struct {
	t      *testing.T
	config string
	db     string
	now    time.Time
}

func newCompany(t *testing.T) *company {
	t.Helper()
	dir := t.TempDir()
	c := &company{t: t, config: filepath.Join(dir, "config.yaml"), db: filepath.Join(dir, "truce.db"),
		now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	if err := os.WriteFile(c.config, []byte("storage: {path: "+c.db+"}\nroles: {reps: [ann@example.com]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// run is a truce command on the company's database: its status, stdout and stderr.
func (c *company) run(args ...string) (status int, stdout, stderr string) {
	c.t.Helper()
	var out, errs bytes.Buffer
	status = run(context.Background(), append([]string{"--config", c.config}, args...), nil, strings.NewReader(""), &out, &errs)
	return status, out.String(), errs.String()
}

// fill writes leads into the company's database, past the command line.
func (c *company) fill(fn func(tx *storage.Tx) error) {
	c.t.Helper()
	s, err := storage.Open(c.t.Context(), c.db, func() time.Time { return c.now }, slog.New(slog.DiscardHandler))
	if err != nil {
		c.t.Fatal(err)
	}
	defer s.Close()
	if err := install(c.t.Context(), s, "truce"); err != nil {
		c.t.Fatal(err)
	}
	if err := s.Update(c.t.Context(), fn); err != nil {
		c.t.Fatal(err)
	}
}

func day(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", s)
	if err != nil {
		if t, err = time.Parse(time.DateOnly, s); err != nil {
			panic(err)
		}
	}
	return t
}

// story is a quarter with every kind of lead in it.
func story(tx *storage.Tx) error {
	for _, l := range []truce.Lead{
		{ID: "A1", MQLAt: day("2026-01-05"), Source: "Webinar", Campaign: "Faster panels", Score: 80, HasScore: true, Owner: "ann@example.com",
			Segment: "core facility"},
		{ID: "A2", MQLAt: day("2026-01-06"), Source: "Webinar", Campaign: "Faster panels", Score: 45.5, HasScore: true, Segment: "pharma"},
		{ID: "A3", MQLAt: day("2026-01-07"), Source: "Webinar", Campaign: "", Score: 70, HasScore: true},
		{ID: "B1", MQLAt: day("2026-01-08"), Source: "Trade show", Campaign: "Booth", Score: 20, HasScore: true},
		{ID: "B2", MQLAt: day("2026-02-08"), Source: "Trade show", Campaign: "Booth"},
		{ID: "B3", MQLAt: day("2026-02-09"), Source: "Trade show", Campaign: "Booth", Score: 90, HasScore: true},
		{ID: "C1", MQLAt: day("2026-02-10"), Source: "", Campaign: "Booth", Score: 90, HasScore: true},
		{ID: "C2", MQLAt: day("2026-03-31"), Source: "", Campaign: "Booth", Score: 90, HasScore: true},
		{ID: "D1", MQLAt: day("2026-04-01"), Source: "Webinar", Campaign: "Next quarter"},
	} {
		if _, err := tx.UpsertLead(l); err != nil {
			return err
		}
	}
	usd := func(n int64) truce.Money { return truce.Money{Amount: n, Currency: "USD"} }
	for _, o := range []truce.Outcome{
		{LeadID: "A1", Status: truce.Won, DealID: "d1", At: day("2026-02-05 10:00:00"), Amount: usd(8_500_000), HasAmount: true},
		{LeadID: "A1", Status: truce.Won, DealID: "d2", At: day("2026-02-06 10:00:00"), Amount: truce.Money{Amount: 990, Currency: "EUR"},
			HasAmount: true},
		{LeadID: "A2", Status: truce.Accepted, At: day("2026-01-07")},
		{LeadID: "A2", Status: truce.Lost, DealID: "d3", At: day("2026-01-20"), Reason: "price"},
		{LeadID: "A3", Status: truce.Accepted, At: day("2026-01-08"), Origin: truce.FromSilence},
		{LeadID: "B1", Status: truce.Rejected, At: day("2026-01-09"), Reason: "wrong-person"},
		{LeadID: "B2", Status: truce.Won, DealID: "d4", At: day("2026-02-07"), Amount: usd(0), HasAmount: true}, // before it qualified: valid
		{LeadID: "B3", Status: truce.Lost, DealID: "d5", At: day("2026-02-20")},
		{LeadID: "C1", Status: truce.Recycled, At: day("2026-02-11")},
		{LeadID: "C2", Status: truce.SQL, At: day("2026-05-01")},
	} {
		if o.Origin == "" {
			o.Origin = truce.FromImport
		}
		if _, err := tx.AddOutcome(o); err != nil {
			return err
		}
	}
	for _, r := range []truce.RatingOf{
		{LeadID: "A1", Rater: "ann@example.com", Value: truce.Good, At: day("2026-01-10")},
		{LeadID: "A1", Rater: "boss@example.com", Value: truce.Poor, At: day("2026-01-09")}, // the owner's counts
		{LeadID: "A2", Rater: "ann@example.com", Value: truce.Good, At: day("2026-01-21")},  // after the loss: hindsight
		{LeadID: "A2", Rater: "ben@example.com", Value: truce.Fair, RowAt: day("2026-01-08")},
		{LeadID: "B2", Rater: "ann@example.com", Value: truce.Poor, RowAt: day("2026-02-07"), Hindsight: true},
		{LeadID: "B3", Rater: "ann@example.com", Value: truce.Poor, At: day("2026-02-19")},
	} {
		if _, err := tx.Rate(r); err != nil {
			return err
		}
	}
	return nil
}

func TestDigestJSON(t *testing.T) {
	c := newCompany(t)
	if status, _, errs := c.run("rebuild"); status != 0 { // from here on roll-ups are kept
		t.Fatal(errs)
	}
	c.fill(story)
	args := []string{"digest", "leads", "--from", "2026-01-01", "--to", "2026-04-01", "--as-of", "2026-04-02T00:00:00Z", "--format", "json"}
	status, out, errs := c.run(args...)
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	golden.Check(t, "digest_leads.json", []byte(out))
	if _, again, _ := c.run(args...); again != out {
		t.Error("the same data and moment gave other bytes")
	}
	_, weekly, _ := c.run(append([]string{"digest", "weekly"}, args[2:]...)...)
	if got := strings.Replace(weekly, `"weekly"`, `"leads"`, 1); got != out {
		t.Error("weekly counts otherwise than leads")
	}
	t.Run("a past moment counts no later events", func(t *testing.T) {
		args := append(args[:0:0], args...)
		args[7] = "2026-01-20T00:00:00Z"
		_, out, _ := c.run(args...)
		golden.Check(t, "digest_leads_past.json", []byte(out))
	})
}

func TestDigestRefuses(t *testing.T) {
	c := newCompany(t)
	for _, tt := range []struct{ args, says string }{
		{"leads --from 2026-13-01", "--from"},
		{"leads --from yesterday", "--from"},
		{"leads --from 2026-04-01 --to 2026-01-01", "must be before"},
		{"leads --as-of noon", "--as-of"},
		{"leads --format pdf", "--format"},
		{"mine", "--as"},
		{"mine --as nobody@example.com", "nobody"},
		{"", "leads"},
	} {
		status, out, errs := c.run(append([]string{"digest"}, strings.Fields(tt.args)...)...)
		if status != 2 || out != "" || !strings.Contains(errs, tt.says) {
			t.Errorf("digest %s: status %d, stdout %q, stderr %q; want status 2 and %q", tt.args, status, out, errs, tt.says)
		}
	}
}

// TestAsOf reads a day as all of it, also where the clocks change on it, and a moment as itself.
func TestAsOf(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ given, want string }{
		{"2026-01-19", "2026-01-19T22:59:59.999Z"},
		{"2026-03-29", "2026-03-29T21:59:59.999Z"}, // 23 hours long
		{"2026-10-25", "2026-10-25T22:59:59.999Z"}, // 25 hours long
		{"2026-01-20T00:00:00Z", "2026-01-20T00:00:00Z"},
		{"2026-01-20T00:00:00+01:00", "2026-01-19T23:00:00Z"},
	} {
		got, err := parseAsOf(tt.given, berlin)
		if got := got.Format(time.RFC3339Nano); err != nil || got != tt.want {
			t.Errorf("%s is %s, %v; want %s", tt.given, got, err, tt.want)
		}
	}
	c := newCompany(t)
	c.fill(story)
	lost := func(asOf string) string {
		_, out, errs := c.run("digest", "leads", "--from", "2026-01-01", "--to", "2026-04-01", "--as-of", asOf, "--format", "json")
		var got struct{ Totals struct{ Lost json.Number } }
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%s: %v, %s", asOf, err, errs)
		}
		return got.Totals.Lost.String()
	}
	if before, on := lost("2026-01-19"), lost("2026-01-20"); before != "0" || on != "1" { // A2 was lost on 20 January, at no time of the day
		t.Errorf("%s lost at the end of the day before, %s at the end of the day; want 0 and 1", before, on)
	}
}

func TestDigestOfNothing(t *testing.T) {
	c := newCompany(t)
	for _, format := range []string{"text", "markdown", "html"} {
		status, out, errs := c.run("digest", "leads", "--format", format)
		if status != 0 || !strings.Contains(out, "There are no leads yet") {
			t.Errorf("%s of an empty database: status %d, %q, %q", format, status, out, errs)
		}
	}
	status, out, _ := c.run("digest", "leads", "--format", "json")
	var got struct {
		Totals struct{ Leads *int }
		Rows   *[]any `json:"by_source"`
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || status != 0 || got.Totals.Leads == nil || got.Rows == nil ||
		len(*got.Rows) != 0 {
		t.Errorf("JSON of an empty database: status %d, %v, %s", status, err, out)
	}
}

// TestDigestOfOlist holds real leads against the counts of their README.
func TestDigestOfOlist(t *testing.T) {
	read := func(name string) [][]string {
		f, err := os.Open(filepath.Join("..", "..", "shared", "data", "olist", name))
		if err != nil {
			t.Skip("the data is not beside the project")
		}
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows[1:]
	}
	leads, deals := read("olist_marketing_qualified_leads_dataset.csv"), read("olist_closed_deals_dataset.csv")
	c := newCompany(t)
	c.fill(func(tx *storage.Tx) error {
		for _, r := range leads {
			if _, err := tx.UpsertLead(truce.Lead{ID: r[0], MQLAt: day(r[1]), Campaign: r[2], Source: r[3]}); err != nil {
				return err
			}
		}
		for _, r := range deals {
			o := truce.Outcome{LeadID: r[0], Status: truce.Won, At: day(r[4]), Origin: truce.FromImport}
			if _, err := tx.AddOutcome(o); err != nil {
				return err
			}
		}
		return nil
	})
	status, out, errs := c.run("digest", "leads", "--from", "2017-01-01", "--to", "2019-01-01", "--format", "json")
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	var got struct {
		Totals struct{ Leads, Won, Lost, Open int }
		Rows   []struct {
			Source     string
			Leads, Won int
		} `json:"by_source"`
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Totals.Leads != 8000 || got.Totals.Won != 842 || got.Totals.Lost != 0 || got.Totals.Open != 7158 {
		t.Errorf("totals %+v; want 8000 leads, 842 won, none lost, the others open", got.Totals)
	}
	want := map[string][2]int{"organic_search": {2296, 271}, "paid_search": {1586, 195}, "social": {1350, 75}, "unknown": {1099, 179},
		"direct_traffic": {499, 56},
		"email":          {493, 15}, "referral": {284, 24}, "other": {150, 4}, "display": {118, 6}, "other_publicities": {65, 3},
		"(none)": {60, 14}}
	for _, r := range got.Rows {
		if want[r.Source] != [2]int{r.Leads, r.Won} {
			t.Errorf("%s: %d leads, %d won; want %v", r.Source, r.Leads, r.Won, want[r.Source])
		}
	}
	if len(got.Rows) != len(want) {
		t.Errorf("%d sources, want %d", len(got.Rows), len(want))
	}
}

// TestRebuildAndDeepCheck breaks the sums behind the digests: the deep check finds it, a rebuild mends it.
func TestRebuildAndDeepCheck(t *testing.T) {
	c := newCompany(t)
	if status, _, errs := c.run("rebuild"); status != 0 {
		t.Fatalf("rebuild of an empty database: %d, %q", status, errs)
	}
	if status, out, errs := c.run("check", "--deep"); status != 0 || !strings.Contains(out, "are right") {
		t.Fatalf("deep check of an empty database: %d, %q, %q", status, out, errs)
	}
	c.fill(story)
	if status, out, errs := c.run("check", "--deep"); status != 0 || !strings.Contains(out, "are right") {
		t.Fatalf("deep check: %d, %q, %q", status, out, errs)
	}
	db, err := sql.Open("sqlite3", c.db)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE rollups SET sums = (SELECT sums FROM rollups WHERE kind = 'source' LIMIT 1)`); err != nil {
		t.Fatal(err)
	}
	if status, out, errs := c.run("check", "--deep"); status != 1 || !strings.Contains(out, "FAIL") ||
		!strings.Contains(errs, "truce rebuild") {
		t.Errorf("deep check of wrong sums: %d, %q, %q", status, out, errs)
	}
	if status, _, errs := c.run("rebuild"); status != 0 {
		t.Fatalf("rebuild: %d, %q", status, errs)
	}
	if status, out, errs := c.run("check", "--deep"); status != 0 {
		t.Errorf("deep check after the rebuild: %d, %q, %q", status, out, errs)
	}
}
