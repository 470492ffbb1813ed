// Command import measures, in one run, `truce import leads` against `sqlite3 .import` of the same file into a table with the
// same indexes: rows a second, processor time, memory. Beside the import it sends events as a running bot does, and tells how
// long they waited. Then it starts the bot on the database of all these leads.
//
//	go build -o truce ./bot && go run ./bench/import [-rows 1000000] [-rounds 1]
//
// The leads' ids are in no order, the hardest case for an index. Both databases are WAL with synchronous=FULL; sqlite3 takes the
// file in one transaction, Truce in one every second or two, beside a bot every 250 rows, with validation, references, owners and
// look-ups. The columns of Truce's table that the file does not have (a reference with its own unique index, the folded address
// and account, moments, state) and the sums behind the digests are extra work on its side only.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"truce"
	"truce/storage"
)

func main() {
	rows := flag.Int("rows", 1_000_000, "how many leads")
	rounds := flag.Int("rounds", 1, "how often each is measured, in turn")
	binary := flag.String("truce", "./truce", "the program to measure")
	dir := flag.String("dir", "", "where the files go (default: a temporary folder)")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *rows, *rounds, *binary, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "bench import:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, rows, rounds int, binary, dir string) error {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	if dir == "" {
		if dir, err = os.MkdirTemp("", "truce-bench"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	file := filepath.Join(dir, "leads.csv")
	if err := generate(file, rows); err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d leads, %d MB\n", rows, info.Size()>>20)
	database := filepath.Join(dir, "truce.db")
	env := append(os.Environ(), "TRUCE_STORAGE_PATH="+database)
	for range rounds {
		cli, err := sqliteImport(ctx, dir, file)
		if err != nil {
			return fmt.Errorf("sqlite3: %w", err)
		}
		tell(w, "sqlite3 .import", rows, cli, measured{})
		if err := storage.Remove(database); err != nil {
			return err
		}
		ours, err := program(ctx, env, binary, "import", "leads", file)
		if err != nil {
			return fmt.Errorf("truce import: %w", err)
		}
		tell(w, "truce import", rows, ours, cli)
	}
	again, err := program(ctx, env, binary, "import", "leads", file)
	if err != nil {
		return fmt.Errorf("truce import again: %w", err)
	}
	tell(w, "the same file again", rows, again, measured{})

	if err := start(ctx, w, env, binary); err != nil {
		return fmt.Errorf("start the bot: %w", err)
	}
	beside := filepath.Join(dir, "beside.db")
	return waits(ctx, w, beside, binary, file, rows)
}

// measured is what a program took.
type measured struct {
	wall, cpu time.Duration
	memory    int64 // kB at its largest
}

func program(ctx context.Context, env []string, name string, args ...string) (measured, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = env
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return measured{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	// Looked at while it runs: what the kernel tells of a child that has ended counts the parent's memory before the exec too.
	var memory int64
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil {
				return measured{}, fmt.Errorf("%w: %s", err, out.String())
			}
			return measured{wall: time.Since(began), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), memory: memory}, nil
		case <-look.C:
			memory = max(memory, status(cmd.Process.Pid, "VmHWM:"))
		}
	}
}

func tell(w io.Writer, what string, rows int, m, against measured) {
	rate := func(d time.Duration) float64 { return float64(rows) / d.Seconds() }
	fmt.Fprintf(w, "%-20s %8.0f rows/s  %5.1f s wall  %5.1f s cpu  %4d MB", what, rate(m.wall), m.wall.Seconds(), m.cpu.Seconds(),
		m.memory>>10)
	if against.wall > 0 {
		fmt.Fprintf(w, "  = %.2f of its rows/s, %.2f of its rows per cpu second, %.1f times its memory", rate(m.wall)/rate(against.wall),
			rate(m.cpu)/rate(against.cpu),
			float64(m.memory)/float64(against.memory))
	}
	fmt.Fprintln(w)
}

const schema = `PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
CREATE TABLE leads (id TEXT PRIMARY KEY, mql_at TEXT, email TEXT, name TEXT, company TEXT, source TEXT, campaign TEXT, score REAL,
owner TEXT, segment TEXT);
CREATE INDEX leads_mql ON leads (mql_at);
CREATE INDEX leads_email ON leads (email) WHERE email <> '';
CREATE INDEX leads_account ON leads (company) WHERE company <> '';
CREATE INDEX leads_owner_text ON leads (owner) WHERE owner <> '';
CREATE INDEX leads_owner_fold ON leads (lower(owner)) WHERE owner <> '';
CREATE INDEX leads_nobodys ON leads (mql_at) WHERE owner = '';`

func sqliteImport(ctx context.Context, dir, file string) (measured, error) {
	database := filepath.Join(dir, "cli.db")
	if err := storage.Remove(database); err != nil {
		return measured{}, err
	}
	if out, err := exec.CommandContext(ctx, "sqlite3", database, schema).CombinedOutput(); err != nil {
		return measured{}, fmt.Errorf("%w: %s", err, out)
	}
	return program(ctx, nil, "sqlite3", database, "PRAGMA synchronous=FULL", fmt.Sprintf(".import --csv --skip 1 '%s' leads", file))
}

func generate(file string, rows int) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "id,mql_at,email,name,company,source,campaign,score,owner,segment")
	r := rand.New(rand.NewPCG(7, 7))
	for range rows {
		person, company := r.IntN(rows*2), r.IntN(rows/3+1)
		fmt.Fprintf(w, "%016x%016x,2025-%02d-%02d %02d:%02d:%02d,person%d@company%d.example,Person %d,Company %d Ltd,Source %d,Campaign "+
			"%d,%d,rep%d,Segment %d\n",
			r.Uint64(), r.Uint64(), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), person, company, person, company, r.IntN(8),
			r.IntN(200), r.IntN(101),
			r.IntN(40), r.IntN(12))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// start tells how long the bot takes until it answers, and its memory when it has nothing to do.
func start(ctx context.Context, w io.Writer, env []string, binary string) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr := ln.Addr().String()
	ln.Close()
	cmd := exec.CommandContext(ctx, binary, "run")
	// Teams needs nothing from the network until somebody writes.
	cmd.Env = append(env, "TRUCE_HTTP_LISTEN="+addr, "TRUCE_TEAMS_APP_ID=00000000-0000-0000-0000-000000000001",
		"TRUCE_TEAMS_APP_PASSWORD=not-a-secret", "TRUCE_TEAMS_TENANT_ID=00000000-0000-0000-0000-000000000002")
	var errs strings.Builder
	cmd.Stderr = &errs
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	}()
	for time.Since(began) < 30*time.Second {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/healthz", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				fmt.Fprintf(w, "start to /healthz    %v\n", time.Since(began).Round(time.Millisecond))
				time.Sleep(5 * time.Second)
				fmt.Fprintf(w, "idle memory          %d MB\n", status(cmd.Process.Pid, "VmRSS:")>>10)
				return nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return fmt.Errorf("it does not answer: %s", errs.String())
}

// status is a line of what the system tells of a process, in kB; 0 where it does not.
func status(pid int, name string) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n
		}
	}
	return 0
}

// waits sends events of the size of an /objection, twenty a second, to a store of ours while the program imports into the same
// file, and tells how long they took; before that the same without an import.
func waits(ctx context.Context, w io.Writer, database, binary, file string, rows int) error {
	if err := storage.Remove(database); err != nil {
		return err
	}
	store, err := storage.Open(ctx, database, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer store.Close()
	var person truce.Person
	err = store.Update(ctx, func(tx *storage.Tx) (err error) {
		if err := tx.SetMeta("installed_at", tx.Now.Format(time.RFC3339)); err != nil {
			return err
		}
		if err := tx.SetMeta("made_by", "truce"); err != nil {
			return err
		}
		person, err = tx.AddPerson(truce.Person{Name: "Kim"})
		return err
	})
	if err != nil {
		return err
	}
	n := 0
	event := func() (time.Duration, error) {
		n++
		began := time.Now()
		err := store.Update(ctx, func(tx *storage.Tx) error {
			id := "bench:" + strconv.Itoa(n)
			if _, _, err := tx.Seen(id); err != nil {
				return err
			}
			if _, err := tx.AddObjection(truce.Objection{Text: "they say we are too slow " + id, AuthorID: person.ID,
				LoggedBy: person.ID}); err != nil {
				return err
			}
			if err := tx.Audit(person.ID, "bench", "objection.log", id, nil); err != nil {
				return err
			}
			return tx.Done(id, "said")
		})
		return time.Since(began), err
	}
	measure := func(what string, until <-chan error) error {
		var took []time.Duration
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case err := <-until:
				slices.Sort(took)
				at := func(q float64) time.Duration {
					return took[min(len(took)-1, int(q*float64(len(took))))].Round(100 * time.Microsecond)
				}
				fmt.Fprintf(w, "%-20s %d events: p50 %v, p99 %v, longest %v\n", what, len(took), at(0.5), at(0.99), at(1))
				return err
			case <-tick.C:
				d, err := event()
				if err != nil {
					return err
				}
				took = append(took, d)
			}
		}
	}
	done := make(chan error, 1)
	go func() { time.Sleep(5 * time.Second); done <- nil }()
	if err := measure("an event alone", done); err != nil {
		return err
	}
	go func() {
		m, err := program(ctx, append(os.Environ(), "TRUCE_STORAGE_PATH="+database), binary, "import", "leads", file)
		if err == nil {
			tell(w, "beside a bot", rows, m, measured{})
		}
		done <- err
	}()
	return measure("beside an import", done)
}
