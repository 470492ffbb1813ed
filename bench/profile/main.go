// Command profile measures, in one run, what a profile costs: a replay of all leads under a new profile against one SQL pass over the same
// rows, with the most memory either takes; and an import of leads with a profile in force against one without, in turns. Times are
// processor time of all threads, so that the ratios can be believed on a noisy machine.
//
//	go run ./bench/profile [-rows 1000000]
//
// The pass scans every column that the replay reads, of leads, outcomes and what leads said before, in the order of the leads' ids.
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"truce"
	"truce/schedules/ideal"
	"truce/storage"
)

var begin = time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)

func main() {
	rows := flag.Int("rows", 1_000_000, "how many leads")
	flag.Parse()
	if err := run(context.Background(), *rows); err != nil {
		fmt.Fprintln(os.Stderr, "bench profile:", err)
		os.Exit(1)
	}
}

var profile = truce.Profile{Threshold: 60, Criteria: []truce.Criterion{
	{Attribute: "segment", Test: truce.TestOneOf, Texts: []string{"pharma", "biotech"}, Points: 40},
	{Attribute: "employees", Test: truce.TestRange, Low: 50, High: 500, Points: 20},
	{Attribute: "region", Test: truce.TestEquals, Texts: []string{"emea"}, Points: 20}}}

func run(ctx context.Context, rows int) error {
	dir, err := os.MkdirTemp("", "truce-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var stores [2]*storage.Store // without a profile, and with one
	for i := range stores {
		s, err := storage.Open(ctx, filepath.Join(dir, fmt.Sprintf("%d.db", i)), func() time.Time { return begin.AddDate(1, 0, 0) },
			slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		defer s.Close()
		if i == 1 {
			if err := s.Update(ctx, func(tx *storage.Tx) error { _, err := tx.KeepProfile(profile); return err }); err != nil {
				return err
			}
		}
		stores[i] = s
	}
	took, err := fillInTurns(ctx, stores, rows)
	if err != nil {
		return err
	}
	full := stores[1]
	fmt.Printf("%d leads taken in: %v without a profile, %v with one in force (%+.1f %%)\n", rows, took[0].Round(time.Millisecond),
		took[1].Round(time.Millisecond),
		100*(took[1].Seconds()/took[0].Seconds()-1))
	pass, passHeap, err := measure(func() error { return scan(ctx, filepath.Join(dir, "1.db")) })
	if err != nil {
		return err
	}
	replay, replayHeap, err := measure(func() error {
		return full.View(ctx, func(tx *storage.Tx) error {
			j := &ideal.Judge{Calendar: truce.NewCalendar(time.UTC)}
			r, err := j.Replay(tx, profile, nil, begin.AddDate(0, 0, -1), begin.AddDate(1, 0, 0), begin.AddDate(1, 0, 0))
			if err == nil && r.Leads != rows {
				err = fmt.Errorf("replayed %d of %d leads", r.Leads, rows)
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	fmt.Printf("one SQL pass %v (heap at most %d MB), replay %v (heap at most %d MB): %.2f times\n", pass.Round(time.Millisecond),
		passHeap>>20, replay.Round(time.Millisecond), replayHeap>>20,
		replay.Seconds()/pass.Seconds())
	return nil
}

// scan reads the rows that the replay reads, by SQL alone, and does nothing with them.
func scan(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite3", "file:"+file+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	for _, query := range []string{
		`SELECT id, ref, mql_at, email, company, account, account_told, source, campaign, segment, product, attrs, handed_off_at, icp_fit
			FROM leads ORDER BY id`,
		`SELECT o.lead_id, o.deal_id, o.status, o.at, o.until_at, o.elsewhere_at, o.amount, o.currency, o.reason, o.origin, o.recorded_at
			FROM leads l JOIN outcomes o ON o.lead_id = l.id ORDER BY l.id`,
		`SELECT v.lead_id, v.attribute, v.value, v.until_at FROM leads l JOIN lead_values v ON v.lead_id = l.id ORDER BY l.id`,
	} {
		if err := each(ctx, db, query); err != nil {
			return err
		}
	}
	return nil
}

func each(ctx context.Context, db *sql.DB, query string) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(sql.RawBytes)
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// fillInTurns stores the same leads in two databases, ten thousand in one and then in the other, so that what else the machine does falls
// on both. It is the processor time that each took.
func fillInTurns(ctx context.Context, stores [2]*storage.Store, rows int) (took [2]time.Duration, err error) {
	var of [2]*rand.Rand
	for i := range of {
		of[i] = rand.New(rand.NewPCG(1, 2))
	}
	const turn = 10_000
	for first, n := 0, 0; first < rows; first, n = first+turn, n+1 {
		for k := range stores {
			i := (n + k) % len(stores)
			start := cpu()
			if err := fill(ctx, stores[i], of[i], rows, first, min(rows, first+turn)); err != nil {
				return took, err
			}
			took[i] += cpu() - start
		}
	}
	return took, nil
}

// fill stores leads from one number to another, of which one of five has an outcome.
func fill(ctx context.Context, s *storage.Store, r *rand.Rand, rows, first, end int) error {
	const batch = 1000
	for done := first; done < end; done += batch {
		err := s.Update(ctx, func(tx *storage.Tx) error {
			list := make([]*storage.LeadRow, 0, batch)
			for i := done; i < min(end, done+batch); i++ {
				at := begin.Add(time.Duration(float64(i) / float64(rows) * float64(360*24*time.Hour)))
				list = append(list, &storage.LeadRow{Lead: truce.Lead{ID: fmt.Sprintf("%09x", r.Uint32()) + fmt.Sprint(i), MQLAt: at, HandedOffAt: at,
					Company: fmt.Sprintf("Company %d", i%50000),
					Source:  "Webinar", Segment: []string{"pharma", "biotech", "food"}[i%3]},
					AttrsJSON: fmt.Sprintf(`{"employees":"%d","region":"%s"}`, r.IntN(900), []string{"emea", "apac"}[i%2])})
			}
			if err := tx.UpsertLeads(list, true); err != nil {
				return err
			}
			for i, l := range list {
				if i%5 == 0 {
					if _, err := tx.AddOutcome(truce.Outcome{LeadID: l.ID, Status: truce.Rejected, At: l.MQLAt.Add(time.Hour),
						Origin: truce.FromImport}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// cpu is the processor time of the process so far, of all threads.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure is the processor time that something takes, and the largest heap while it does.
func measure(fn func() error) (took time.Duration, heap uint64, err error) {
	runtime.GC()
	var most atomic.Uint64
	done := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapAlloc))
			select {
			case <-done:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	start := cpu()
	err = fn()
	took = cpu() - start
	close(done)
	<-stopped
	return took, most.Load(), err
}
