package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"truce/handlers/intake/pull/pgtest"
)

// warehouse is what an analyst has of a CRM in PostgreSQL.
const warehouse = `CREATE TABLE leads (id text PRIMARY KEY, mql_at timestamptz, email text, owner text, source text, company text, updated_at timestamptz DEFAULT now());
	CREATE TABLE outcomes (lead_id text, status text, at timestamptz, reason text, updated_at timestamptz DEFAULT now(), PRIMARY KEY (lead_id, status));
	CREATE TABLE deals (id text PRIMARY KEY, lead_id text, created_at timestamptz, stage text, closed_at timestamptz, amount numeric, updated_at timestamptz DEFAULT now())`

const warehouseSources = `    leads: {kind: leads, postgres: "URL", query: "select id, mql_at, email, owner, source, company from leads where updated_at >= :since"}
    outcomes: {kind: outcomes, postgres: "URL", query: "select lead_id, status, at, reason from outcomes where updated_at >= :since"}
    deals: {kind: deals, postgres: "URL", query: "select id, lead_id, created_at, stage, closed_at, amount from deals where updated_at >= :since", set: {currency: EUR}, value: {stage: {"Closed won": won, "Closed lost": lost, Open: open}}}
`

// TestAMondayDigestOutOfPostgreSQL goes with the program itself from an empty database and a real server to a digest, through a month of
// changes that nobody touches a file for: each week the digest is that of a load of everything, and in the end that of the same
// rows by CSV.
func TestAMondayDigestOutOfPostgreSQL(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a PostgreSQL and the program some thirty times")
	}
	t.Parallel()
	url := pgtest.Start(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	do := func(sql string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	do(warehouse)
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, []byte("sync:\n  sources:\n"+strings.ReplaceAll(warehouseSources, "URL", url)), 0o600); err != nil {
		t.Fatal(err)
	}
	truce := func(db string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), truceBinary(t), append([]string{"--config", config}, args...)...)
		cmd.Env = []string{"TRUCE_STORAGE_PATH=" + filepath.Join(dir, db), "HOME=" + dir}
		var errs strings.Builder
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("truce %s: %v\n%s%s", strings.Join(args, " "), err, out, errs.String())
		}
		return string(out)
	}
	digest := func(db string) string {
		return truce(db, "digest", "leads", "--from", "2026-01-05", "--to", "2026-03-02", "--as-of", "2026-03-02T09:00:00Z", "--format", "json")
	}
	r := rand.New(rand.NewPCG(20, 7))
	for i := range 120 {
		do(`INSERT INTO leads VALUES ($1, timestamptz '2026-01-05 09:00+00' + $2 * interval '11 hours', $3, $4, $5, $6)`,
			fmt.Sprint("L", i), i, fmt.Sprintf("p%d@lab%d.example", i, i%40), fmt.Sprintf("rep%d@quillwater.example", i%4),
			[]string{"Webinar", "Trade show", "Organic"}[i%3], fmt.Sprint("Lab ", i%40))
	}
	if first := truce("live.db", "sync"); !strings.Contains(first, "120 new") {
		t.Errorf("the first run: %s", first)
	}
	last := ""
	for week := range 4 {
		for range 40 {
			lead := fmt.Sprint("L", r.IntN(120))
			switch r.IntN(4) {
			case 0:
				do(`INSERT INTO outcomes VALUES ($1, $2, timestamptz '2026-02-20 10:00+00' + $3 * interval '1 hour', 'wrong-person')
					ON CONFLICT (lead_id, status) DO UPDATE SET at = excluded.at, updated_at = now()`, lead, []string{"accepted", "rejected"}[r.IntN(2)],
					r.IntN(200))
			case 1:
				do(`INSERT INTO deals VALUES ($1, $2, timestamptz '2026-02-10 10:00+00', 'Open', NULL, $3) ON CONFLICT (id) DO NOTHING`, "D"+lead, lead,
					1000+r.IntN(90000))
			case 2:
				do(`UPDATE deals SET stage = $2, closed_at = timestamptz '2026-02-25 10:00+00', updated_at = now() WHERE id = $1`, "D"+lead,
					[]string{"Closed won", "Closed lost"}[r.IntN(2)])
			case 3:
				do(`UPDATE leads SET owner = $2, company = company || '!', updated_at = now() WHERE id = $1`, lead,
					fmt.Sprintf("rep%d@quillwater.example", r.IntN(4)))
			}
		}
		truce("live.db", "sync")
		fresh := fmt.Sprintf("fresh%d.db", week)
		truce(fresh, "sync")
		live := digest("live.db")
		if whole := digest(fresh); live != whole {
			t.Fatalf("after week %d the digest is not that of a load of everything:\n%s\n%s", week+1, live, whole)
		}
		if live == last {
			t.Errorf("week %d changed nothing of the digest", week+1)
		}
		last = live
	}
	for _, kind := range []string{"leads", "outcomes", "deals"} {
		sql := map[string]string{
			"leads":    `select id, to_char(mql_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as mql_at, email, owner, source, company from leads`,
			"outcomes": `select lead_id, status, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at, reason from outcomes`,
			"deals": `select id, lead_id, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at, case stage when 'Closed won' then 'won' when 'Closed lost' then 'lost' else 'open' end as stage,
				to_char(closed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as closed_at, amount, 'EUR' as currency from deals`}[kind]
		file, err := os.Create(filepath.Join(dir, kind+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.PgConn().CopyTo(t.Context(), file, "COPY ("+sql+") TO STDOUT WITH (FORMAT csv, HEADER)"); err != nil {
			t.Fatal(err)
		}
		file.Close()
		truce("csv.db", "import", kind, file.Name())
	}
	if byCSV := digest("csv.db"); byCSV != last {
		t.Errorf("the same rows by CSV:\n%s\nby sync:\n%s", byCSV, last)
	}
}
