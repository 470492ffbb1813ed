// Digest measures what a report costs: from the roll-ups, from the leads as the report reads them for a past moment, and as one
// grouping query of SQLite; and what keeping the roll-ups adds to writing. One run measures all, so that the ratios can be
// believed on a noisy machine; times are processor time.
//
//	go run ./bench/digest -leads 10000,100000,1000000 -dir /tmp
//
// With -file it measures the digests with all figures over the database of a demo, by processor time:
//
//	truce demo --data /tmp/large.db --leads 100000 --now 2026-03-02T11:30:00Z   # stop it when it is ready
//	go run ./bench/digest -file /tmp/large.db -as-of 2026-03-02T11:30:00Z
//
// With -csv it leaves leads.csv beside each database, which duckdb.mjs measures the same query on.
package main

import (
	"bufio"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"truce"
	"truce/schedules/digests"
	"truce/storage"
)

var (
	today   = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	sources = []string{"Webinar", "Trade show", "Content syndication", "Paid search", "Evaluation kit", "Referral", "Distributor",
		"Rep-sourced"}
	campaigns = 40
)

const (
	span   = 1095 // days over which the leads qualified
	repeat = 7    // of which the median counts
)

func main() {
	sizes := flag.String("leads", "10000,100000,1000000", "how many leads, comma-separated")
	dir := flag.String("dir", os.TempDir(), "where the databases go")
	csv := flag.Bool("csv", false, "also write leads.csv for duckdb.mjs")
	again := flag.Bool("again", false, "measure the databases of a run before: ten million leads take half an hour to make")
	file := flag.String("file", "", "measure nothing but the digests with all figures over this database, which truce demo has made")
	asOf := flag.String("as-of", "2026-03-02T11:30:00Z", "its present")
	profile := flag.String("cpuprofile", "", "with -file: where the processor profile goes")
	flag.Parse()
	if *file != "" {
		at, err := time.Parse(time.RFC3339, *asOf)
		if err == nil {
			err = whole(context.Background(), os.Stdout, *file, at, *profile)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if err := run(context.Background(), os.Stdout, *sizes, *dir, *csv, *again); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, sizes, dir string, csv, again bool) error {
	fmt.Fprintln(out, "leads | report of a year from roll-ups | the same from the leads | one query of SQLite | weekly digest, roll-ups | "+
		"rebuild | roll-up rows")
	for _, s := range strings.Split(sizes, ",") {
		n, err := strconv.Atoi(s)
		if err != nil {
			return err
		}
		if err := measure(ctx, out, n, dir, csv, again); err != nil {
			return fmt.Errorf("%d leads: %w", n, err)
		}
	}
	return upkeep(ctx, out, dir)
}

func open(ctx context.Context, path string) (*storage.Store, error) {
	return storage.Open(ctx, path, func() time.Time { return today }, slog.New(slog.DiscardHandler))
}

func measure(ctx context.Context, out io.Writer, n int, dir string, csv, again bool) error {
	path := filepath.Join(dir, fmt.Sprintf("truce-bench-%d.db", n))
	if !again {
		if err := storage.Remove(path); err != nil {
			return err
		}
	}
	store, err := open(ctx, path)
	if err != nil {
		return err
	}
	defer store.Close()
	var rebuilt time.Duration
	if !again {
		list := ""
		if csv {
			list = filepath.Join(dir, fmt.Sprintf("truce-bench-%d.csv", n))
		}
		if err := invent(path, list, n); err != nil {
			return fmt.Errorf("invent leads: %w", err)
		}
		start := time.Now()
		if err := store.RebuildRollUps(ctx, time.UTC); err != nil {
			return err
		}
		rebuilt = time.Since(start)
	}
	report := func(loc *time.Location) func() error {
		return func() error {
			return store.View(ctx, func(tx *storage.Tx) error {
				_, err := digests.NewReport(tx, digests.LeadsDigest, today.AddDate(-1, 0, 0), today, today, loc)
				return err
			})
		}
	}
	rolled, err := median(report(time.UTC))
	if err != nil {
		return err
	}
	raw, err := median(report(time.FixedZone("elsewhere", 0))) // the roll-ups are not of this zone
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	query, err := median(func() error { return drain(db, yearQuery) })
	if err != nil {
		return err
	}
	maker := digests.Maker{Calendar: truce.NewCalendar(time.UTC)}
	digest, err := median(func() error {
		return store.View(ctx, func(tx *storage.Tx) error {
			_, err := maker.Card(tx, digests.Query{Kind: digests.LeadsDigest, AsOf: today}, false)
			return err
		})
	})
	if err != nil {
		return err
	}
	var rows int
	if err := db.QueryRow(`SELECT count(*) FROM rollups`).Scan(&rows); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d | %s | %s | %s | %s | %s | %d\n", n, rolled, raw, query, digest, rebuilt.Round(10*time.Millisecond), rows)
	return err
}

// yearQuery counts a year by source and by campaign from the leads' stored standing: fewer figures than the report's.
const yearQuery = `SELECT source, count(*), sum(state = ''), sum(state = 'won'), sum(state = 'lost'), sum(state = 'rejected'),
	sum(stage >= 1), avg(score),
		sum((SELECT sum(o.amount) FROM outcomes o WHERE o.lead_id = l.id AND o.status = 'won'))
	FROM leads l WHERE mql_at >= 1748736000000 AND mql_at < 1780272000000 GROUP BY source
	UNION ALL SELECT campaign, count(*), sum(state = ''), sum(state = 'won'), sum(state = 'lost'), sum(state = 'rejected'), sum(stage >= 1),
	avg(score), 0
	FROM leads l WHERE mql_at >= 1748736000000 AND mql_at < 1780272000000 GROUP BY campaign`

func drain(db *sql.DB, query string) error {
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
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
	return list[repeat/2].Round(10 * time.Microsecond), nil
}

// invent writes leads with outcomes past the store's methods, as fast as SQLite takes them: in the order of their days, as a CRM has
// them, some thousand in a transaction so that the log stays short.
func invent(path, list string, n int) error {
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=OFF&_busy_timeout=5000&_cache_size=-400000")
	if err != nil {
		return err
	}
	defer db.Close()
	var tx *sql.Tx
	var lead, outcome *sql.Stmt
	begin := func() (err error) {
		if tx, err = db.Begin(); err != nil {
			return err
		}
		lead, err = tx.Prepare(`INSERT INTO leads (id, ref, mql_at, source, campaign, segment, score, state, state_at, stage, created_at,
			updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`)
		if err != nil {
			return err
		}
		outcome, err = tx.Prepare(`INSERT INTO outcomes (lead_id, status, at, amount, currency, reason, origin, recorded_at)
			VALUES (?, ?, ?, ?, ?, ?, 'import', 0)`)
		return err
	}
	if err := begin(); err != nil {
		return err
	}
	var csv *bufio.Writer
	if list != "" {
		f, err := os.Create(list)
		if err != nil {
			return err
		}
		defer f.Close()
		csv = bufio.NewWriter(f)
		defer csv.Flush()
		fmt.Fprintln(csv, "id,mql_at,source,campaign,score,state,state_at,stage,amount")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		if i%100_000 == 99_999 {
			if err := tx.Commit(); err != nil {
				return err
			}
			if err := begin(); err != nil {
				return err
			}
		}
		mql := today.AddDate(0, 0, i*span/n-span).Add(time.Duration(r.IntN(24)) * time.Hour)
		id, source, campaign, score := fmt.Sprintf("00Q%09d", i), sources[r.IntN(len(sources))], fmt.Sprint("Campaign ", r.IntN(campaigns)),
			r.IntN(101)
		state, at, stage, amount := "", time.Time{}, 0, 0
		say := func(status string, days int, money any, reason string) error {
			state, at = status, mql.AddDate(0, 0, days)
			if at.After(today) {
				at = today
			}
			currency := ""
			if money != nil {
				currency = "USD"
			}
			_, err := outcome.Exec(id, status, at.UnixMilli(), money, currency, reason)
			return err
		}
		var err error
		switch x := r.IntN(100); {
		case x < 15:
			err = say("rejected", 1+r.IntN(5), nil, "wrong-person")
		case x < 70:
			stage = 1
			err = say("accepted", 1+r.IntN(5), nil, "")
		}
		if err == nil && stage == 1 && r.IntN(4) == 0 {
			stage = 3
			if r.IntN(3) == 0 {
				amount = 100_000 + r.IntN(9_000_000)
				err = say("won", 10+r.IntN(150), amount, "")
			} else {
				err = say("lost", 10+r.IntN(150), nil, "price")
			}
		}
		if err != nil {
			return err
		}
		var atMS any
		if !at.IsZero() {
			atMS = at.UnixMilli()
		}
		if _, err := lead.Exec(id, fmt.Sprint("L-", i+1), mql.UnixMilli(), source, campaign, []string{"pharma", "core"}[r.IntN(2)], score, state,
			atMS, stage); err != nil {
			return err
		}
		if csv != nil {
			fmt.Fprintf(csv, "%s,%d,%s,%s,%d,%s,%v,%d,%d\n", id, mql.UnixMilli(), source, campaign, score, state, atMS, stage, amount)
		}
	}
	return tx.Commit()
}

// upkeep writes the same leads and outcomes with and without roll-ups, in transactions of 1,000 rows, in the order of their
// dates as exports come, and in no order.
func upkeep(ctx context.Context, out io.Writer, dir string) error {
	const n = 20_000
	for _, sorted := range []bool{true, false} {
		var took [2]time.Duration
		for turn := range 6 {
			keep := turn%2 == 1
			d, err := write(ctx, filepath.Join(dir, "truce-bench-upkeep.db"), n, keep, sorted)
			if err != nil {
				return err
			}
			if i := turn % 2; took[i] == 0 || d < took[i] {
				took[i] = d
			}
		}
		order := map[bool]string{true: "by date", false: "in no order"}[sorted]
		fmt.Fprintf(out, "upkeep: %d leads and outcomes %s: bare %s, with roll-ups %s, %.2f times (best of 3)\n", n, order,
			took[0].Round(time.Millisecond), took[1].Round(time.Millisecond),
			took[1].Seconds()/took[0].Seconds())
	}
	return nil
}

func write(ctx context.Context, path string, n int, keep, sorted bool) (time.Duration, error) {
	if err := storage.Remove(path); err != nil {
		return 0, err
	}
	s, err := open(ctx, path)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	if keep {
		if err := s.KeepRollUps(ctx, time.UTC); err != nil {
			return 0, err
		}
	}
	r := rand.New(rand.NewPCG(4, 4))
	ago := make([]int, n)
	for i := range ago {
		ago[i] = 1 + r.IntN(365*24)
	}
	if sorted {
		slices.Sort(ago)
		slices.Reverse(ago)
	}
	start := cpu()
	for from := 0; from < n; from += 1000 {
		err := s.Update(ctx, func(tx *storage.Tx) error {
			for i := from; i < from+1000; i++ {
				mql := today.Add(-time.Duration(ago[i]) * time.Hour)
				l := truce.Lead{ID: fmt.Sprintf("00Q%09d", i), MQLAt: mql, Source: sources[i%len(sources)],
					Campaign: fmt.Sprint("Campaign ", i%campaigns), Score: float64(i % 101), HasScore: true}
				if _, err := tx.UpsertLead(l); err != nil {
					return err
				}
				o := truce.Outcome{LeadID: l.ID, Status: truce.Statuses[i%len(truce.Statuses)], At: mql.AddDate(0, 0, i%40), Origin: truce.FromImport}
				if _, err := tx.AddOutcome(o); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return cpu() - start, nil
}

// cpu is the processor time this process has used: on a machine that others use too it says more than the clock on the wall.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // RUSAGE_SELF is always known
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
