// Command activity measures what a year's activity report costs, against one DuckDB query over the same join, in one run: leads, what
// became of them, and engagements before each lead's landmark, by activity, source, segment and month. Times are processor time of all
// threads, so that the ratio can be believed on a noisy machine.
//
//	cd bench/activity && go run . -leads 1000000 -engagements 3000000
//
// It is a module of its own: DuckDB comes as a library of a hundred megabytes, which nothing else here needs. Both read a file that
// was filled before the clock runs; DuckDB's answer is held against the report's before any figure is told.
package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/marcboeker/go-duckdb"
	_ "github.com/mattn/go-sqlite3"

	"truce"
	"truce/schedules/digests"
	"truce/storage"
)

var (
	from     = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	to       = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	asOf     = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	sources  = []string{"Webinar", "Trade show", "Paid search", "Referral", "Distributor", "Content syndication"}
	segments = []string{"pharma", "biotech", "food", "university"}
)

const (
	activities = 12
	repeat     = 3 // of which the median counts
)

func main() {
	leads := flag.Int("leads", 1_000_000, "how many leads qualified in the year")
	engagements := flag.Int("engagements", 3_000_000, "how many engagements there are")
	profile := flag.String("cpuprofile", "", "where a profile of the report goes")
	dir := flag.String("dir", os.TempDir(), "where the databases go, which are removed at the end")
	flag.Parse()
	if err := run(context.Background(), *leads, *engagements, *dir, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "bench activity:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, leads, engagements int, within, profile string) error {
	dir, err := os.MkdirTemp(within, "truce-bench-activity")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "truce.db")
	store, err := storage.Open(ctx, file, func() time.Time { return asOf }, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer store.Close()
	duck, err := fill(ctx, store, file, filepath.Join(dir, "duck.db"), leads, engagements)
	if err != nil {
		return fmt.Errorf("fill the databases: %w", err)
	}
	defer duck.Close()
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
	}
	var report digests.ActivityReport
	ours, err := median(func() error {
		return store.View(ctx, func(tx *storage.Tx) (err error) {
			report, err = digests.Maker{}.Activities(tx, digests.ActivityRequest{From: from, To: to, AsOf: asOf})
			return err
		})
	})
	if err != nil {
		return err
	}
	pprof.StopCPUProfile()
	var answer map[string]counts
	var links map[string][5]int64
	theirs, err := median(func() (err error) { answer, links, err = ask(ctx, duck); return err })
	if err != nil {
		return err
	}
	for _, a := range report.Activities {
		seen := map[string]float64{}
		for _, l := range a.Links {
			if l.Seen == nil {
				return fmt.Errorf("%s: %s %s is not seen", a.ID, l.ActivityLink.Of, l.What)
			}
			seen[string(l.ActivityLink.Of)+" "+l.What] = *l.Seen
		}
		for i, name := range linked {
			if want := float64(links[a.ID][i]); seen[name] != want {
				return fmt.Errorf("%s: the report has seen %g of %s, DuckDB %g", a.ID, seen[name], name, want)
			}
		}
		if got, want := (counts{a.Won.Exposed.N, a.Won.Exposed.K, a.Won.Unexposed.N, a.Won.Unexposed.K}), answer[a.ID]; got != want {
			return fmt.Errorf("%s: the report says %+v of won, DuckDB %+v", a.ID, got, want)
		}
	}
	fmt.Printf("%d leads, %d engagements, %d activities with five links that are due; the same figures of won and of links: report %v, one DuckDB query %v: %.2f times\n", leads,
		engagements, len(report.Activities), ours.Round(time.Millisecond), theirs.Round(time.Millisecond), ours.Seconds()/theirs.Seconds())
	return nil
}

// counts are leads and events of an activity, engaged and not, in the strata that have both.
type counts struct{ n1, k1, n0, k0 int }

// query is the report's join, for the three outcomes it looks at: one lead of an account, open at its landmark and old enough, engaged or
// not before it by each activity, by stratum.
const query = `WITH leads1 AS (
	SELECT id, email, source, segment, strftime(make_timestamp(mql_at * 1000), '%Y-%m') AS month, mql_at + 30 * 86400000::BIGINT AS landmark,
		mql_at + 210 * 86400000::BIGINT AS until
	FROM leads WHERE mql_at >= ?1 AND mql_at < ?2
	QUALIFY row_number() OVER (PARTITION BY account ORDER BY mql_at, id) = 1),
became AS (
	SELECT l.id, bool_or(o.status IN ('won', 'lost', 'rejected', 'recycled') AND o.at <= l.landmark) AS ended,
		min(o.at) FILTER (o.status = 'won') AS won, min(o.at) FILTER (o.status IN ('sql', 'opportunity', 'won', 'lost')) AS sql
	FROM leads1 l LEFT JOIN outcomes o ON o.lead_id = l.id AND o.at <= ?3 GROUP BY l.id),
met AS (SELECT lead_id, min(at) AS met FROM touches WHERE at <= ?3 GROUP BY lead_id),
open AS (
	SELECT l.*, b.won, b.sql, m.met FROM leads1 l JOIN became b USING (id) LEFT JOIN met m ON m.lead_id = l.id
	WHERE l.until <= ?3 AND NOT coalesce(b.ended, false)),
engaged AS (
	SELECT DISTINCT e.activity, l.id FROM engagements e JOIN leads1 l ON l.id = e.lead_id WHERE e.at < l.landmark),
pairs AS (
	SELECT a.activity, o.source, o.segment, o.month, e.id IS NOT NULL AS is_engaged, o.won, o.sql, o.met, o.landmark, o.until
	FROM activities a CROSS JOIN open o LEFT JOIN engaged e ON e.activity = a.activity AND e.id = o.id),
strata AS (
	SELECT activity, source, segment, month,
		count(*) FILTER (is_engaged AND (won IS NULL OR won > landmark)) AS n1,
		count(*) FILTER (is_engaged AND won > landmark AND won <= until) AS k1,
		count(*) FILTER (NOT is_engaged AND (won IS NULL OR won > landmark)) AS n0,
		count(*) FILTER (NOT is_engaged AND won > landmark AND won <= until) AS k0,
		count(*) FILTER (is_engaged AND (sql IS NULL OR sql > landmark)) AS s1,
		count(*) FILTER (is_engaged AND sql > landmark AND sql <= until) AS sk1,
		count(*) FILTER (NOT is_engaged AND (sql IS NULL OR sql > landmark)) AS s0,
		count(*) FILTER (NOT is_engaged AND sql > landmark AND sql <= until) AS sk0,
		count(*) FILTER (is_engaged AND (met IS NULL OR met > landmark)) AS m1,
		count(*) FILTER (is_engaged AND met > landmark AND met <= until) AS mk1,
		count(*) FILTER (NOT is_engaged AND (met IS NULL OR met > landmark)) AS m0,
		count(*) FILTER (NOT is_engaged AND met > landmark AND met <= until) AS mk0
	FROM pairs GROUP BY ALL),
stages AS (
	SELECT lead_id, bool_or(status IN ('accepted', 'sql', 'opportunity', 'won', 'lost')) AS accepted, bool_or(status = 'won') AS bought,
		bool_or(status IN ('sql', 'opportunity', 'won', 'lost')) AS sql, bool_or(status IN ('opportunity', 'won', 'lost')) AS opened
	FROM outcomes WHERE at < ?4 GROUP BY lead_id),
campaigns AS (
	SELECT l.campaign AS activity, count(*) AS n, count(*) FILTER (s.accepted) AS accepted, count(*) FILTER (s.bought) AS bought
	FROM leads l LEFT JOIN stages s ON s.lead_id = l.id WHERE l.mql_at < ?4 GROUP BY l.campaign),
reached AS (
	SELECT e.activity, count(*) FILTER (s.sql) AS sql, count(*) FILTER (s.opened) AS opened
	FROM (SELECT DISTINCT activity, lead_id FROM engagements WHERE at < ?4) e LEFT JOIN stages s ON s.lead_id = e.lead_id GROUP BY e.activity)
SELECT strata.activity, sum(n1) FILTER (n1 > 0 AND n0 > 0)::BIGINT, sum(k1) FILTER (n1 > 0 AND n0 > 0)::BIGINT,
	sum(n0) FILTER (n1 > 0 AND n0 > 0)::BIGINT, sum(k0) FILTER (n1 > 0 AND n0 > 0)::BIGINT,
	sum(s1 + sk1) FILTER (s1 > 0 AND s0 > 0)::BIGINT, sum(s0 + sk0) FILTER (s1 > 0 AND s0 > 0)::BIGINT,
	sum(m1 + mk1) FILTER (m1 > 0 AND m0 > 0)::BIGINT, sum(m0 + mk0) FILTER (m1 > 0 AND m0 > 0)::BIGINT,
	any_value(c.n)::BIGINT, any_value(c.accepted)::BIGINT, any_value(c.bought)::BIGINT, any_value(r.sql)::BIGINT, any_value(r.opened)::BIGINT
FROM strata LEFT JOIN campaigns c ON c.activity = strata.activity LEFT JOIN reached r ON r.activity = strata.activity
GROUP BY strata.activity`

// linked are the links of each activity in the order in which the query has them, due at the end of the year.
var (
	linked = [...]string{"campaign leads", "campaign accepted", "campaign won", "engaged sql", "engaged opportunities"}
	due    = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

func ask(ctx context.Context, db *sql.DB) (map[string]counts, map[string][5]int64, error) {
	rows, err := db.QueryContext(ctx, query, from.UnixMilli(), to.UnixMilli(), asOf.UnixMilli(), due.UnixMilli())
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	answer, links := map[string]counts{}, map[string][5]int64{}
	for rows.Next() {
		var activity string
		var c counts
		var rest [4]sql.NullInt64
		var l [5]int64
		if err := rows.Scan(&activity, &c.n1, &c.k1, &c.n0, &c.k0, &rest[0], &rest[1], &rest[2], &rest[3], &l[0], &l[1], &l[2], &l[3],
			&l[4]); err != nil {
			return nil, nil, err
		}
		answer[activity], links[activity] = c, l
	}
	return answer, links, rows.Err()
}

// rows of one table go to both databases: SQLite by a statement, DuckDB by an appender.
type table struct {
	insert   *sql.Stmt
	appender *duckdb.Appender
	columns  []int // of a row of SQLite, those that DuckDB has
}

func (t table) add(values ...any) error {
	if _, err := t.insert.Exec(values...); err != nil {
		return err
	}
	row := make([]driver.Value, len(t.columns))
	for i, c := range t.columns {
		row[i] = values[c]
	}
	return t.appender.AppendRow(row...)
}

func fill(ctx context.Context, store *storage.Store, file, duckFile string, leads, engagements int) (*sql.DB, error) {
	err := store.Update(ctx, func(tx *storage.Tx) error {
		for i := range activities {
			name := fmt.Sprintf("Campaign %d", i)
			if _, err := tx.UpsertActivity(truce.Activity{ID: name, Name: name, Side: truce.Marketing, Matches: []string{name}}); err != nil {
				return err
			}
			for _, l := range linked {
				of, what, _ := strings.Cut(l, " ")
				if _, err := tx.UpsertActivityLink(truce.ActivityLink{Activity: name, What: what, Unit: "leads", Expected: 1000,
					Of:   truce.LinkOf(of),
					Date: truce.DateOf(due.AddDate(0, 0, -1))}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	connector, err := duckdb.NewConnector(duckFile, nil)
	if err != nil {
		return nil, err
	}
	duck := sql.OpenDB(connector)
	for _, s := range []string{
		`CREATE TABLE leads (id VARCHAR, account VARCHAR, email VARCHAR, mql_at BIGINT, source VARCHAR, segment VARCHAR, campaign VARCHAR)`,
		`CREATE TABLE outcomes (lead_id VARCHAR, status VARCHAR, at BIGINT)`, `CREATE TABLE touches (lead_id VARCHAR, at BIGINT)`,
		`CREATE TABLE engagements (lead_id VARCHAR, at BIGINT, activity VARCHAR)`, `CREATE TABLE activities (activity VARCHAR)`} {
		if _, err := duck.ExecContext(ctx, s); err != nil {
			return nil, err
		}
	}
	for i := range activities {
		if _, err := duck.ExecContext(ctx, `INSERT INTO activities VALUES (?)`, fmt.Sprintf("Campaign %d", i)); err != nil {
			return nil, err
		}
	}
	db, err := sql.Open("sqlite3", "file:"+file+"?_journal_mode=WAL&_synchronous=OFF&_busy_timeout=5000&_cache_size=-200000")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	conn, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	const batch = 100_000
	r := rand.New(rand.NewPCG(1, 18))
	lead := func(i int) (id string, at time.Time) {
		return fmt.Sprintf("00Q%012d", i), from.Add(time.Duration(float64(i) / float64(leads) * float64(to.Sub(from)))).Truncate(time.Millisecond)
	}
	return duck, each(leads+engagements, batch, func(first, end int) error { return write(ctx, db, conn, r, lead, leads, first, end) })
}

func each(n, batch int, fn func(first, end int) error) error {
	for first := 0; first < n; first += batch {
		if err := fn(first, min(n, first+batch)); err != nil {
			return err
		}
	}
	return nil
}

// write stores the rows from first to end in one transaction: the leads with what became of them, then the engagements.
func write(ctx context.Context, db *sql.DB, duck driver.Conn, r *rand.Rand, lead func(int) (string, time.Time), leads, first, end int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	tables := map[string]table{}
	for name, of := range map[string]struct {
		insert  string
		columns []int
	}{
		"leads": {`INSERT INTO leads (id, account, email_key, mql_at, source, segment, campaign, ref, score, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`, []int{0, 1, 2, 3, 4, 5, 6}},
		"outcomes":    {`INSERT INTO outcomes (lead_id, status, at, origin, recorded_at) VALUES (?, ?, ?, 'import', 0)`, []int{0, 1, 2}},
		"touches":     {`INSERT INTO touches (lead_id, at, id, kind, recorded_at) VALUES (?, ?, ?, 'meeting', 0)`, []int{0, 1}},
		"engagements": {`INSERT INTO engagements (lead_id, at, activity, id, kind, recorded_at) VALUES (?, ?, ?, ?, 'click', 0)`, []int{0, 1, 2}},
	} {
		t := table{columns: of.columns}
		if t.insert, err = tx.PrepareContext(ctx, of.insert); err != nil {
			return err
		}
		if t.appender, err = duckdb.NewAppenderFromConn(duck, "", name); err != nil {
			return err
		}
		tables[name] = t
	}
	for i := first; i < end; i++ {
		if i < leads {
			err = writeLead(tables, r, lead, i)
		} else {
			n := r.IntN(leads)
			id, at := lead(n)
			err = tables["engagements"].add(id, at.Add(time.Duration(r.IntN(90*24))*time.Hour).UnixMilli(),
				fmt.Sprintf("Campaign %d", r.IntN(3*activities)), fmt.Sprintf("e%d", i))
		}
		if err != nil {
			return err
		}
	}
	for _, t := range tables {
		if err := t.appender.Close(); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func writeLead(tables map[string]table, r *rand.Rand, lead func(int) (string, time.Time), i int) error {
	id, at := lead(i)
	err := tables["leads"].add(id, fmt.Sprintf("company %d", r.IntN(2*i+1000)), fmt.Sprintf("p%d@example.com", i), at.UnixMilli(),
		sources[r.IntN(len(sources))], segments[r.IntN(len(segments))],
		fmt.Sprintf("Campaign %d", r.IntN(3*activities)), fmt.Sprintf("L-%d", i+1), 50+20*r.Float64())
	if err != nil {
		return err
	}
	after := func(days int) int64 { return at.Add(time.Duration(1+r.IntN(days*24)) * time.Hour).UnixMilli() }
	if r.IntN(4) == 0 {
		if err := tables["touches"].add(id, after(120), fmt.Sprintf("t%d", i)); err != nil {
			return err
		}
	}
	status := [...]string{"accepted", "accepted", "sql", "rejected", "won", "", ""}[r.IntN(7)]
	if status == "" {
		return nil
	}
	return tables["outcomes"].add(id, status, after(200))
}

func median(f func() error) (time.Duration, error) {
	var list []time.Duration
	for range repeat {
		start := cpu()
		if err := f(); err != nil {
			return 0, err
		}
		list = append(list, cpu()-start)
	}
	slices.Sort(list)
	return list[repeat/2], nil
}

// cpu is the processor time of the process so far, of all threads.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
