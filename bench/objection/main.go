// Command objection measures /objection as Slack meets it: signed HTTP requests to the built binary, a search over the stored texts
// and a durable commit. In the same run it measures two bare Go handlers that do the search and the insert and nothing else
// (one commit an event; commits shared by storage.Store), and, where it is installed, an app on Slack's own framework:
//
//	npm ci --prefix bench/objection/bolt && go run ./bench/objection
//
// All run on loopback, take turns in rounds, and share the machine with the load itself, so ratios of one run tell more than
// absolute figures. It ends by itself, in under three minutes with the default flags.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"truce/bot/slack/slackfake"
)

func main() {
	serve := flag.String("serve", "", "for itself: be a bare handler, shared or per-event")
	db := flag.String("db", "", "for itself: the bare handler's database")
	rounds := flag.Int("rounds", 3, "how often each load is put on each server; medians are reported")
	each := flag.Duration("each", 500*time.Millisecond, "how long each load lasts")
	only := flag.String("only", "", "measure only the servers whose name holds one of these words, with commas between")
	loads := flag.String("loads", "", "put only the loads whose name holds this")
	texts := flag.String("texts", "1000,100000", "how many texts are stored")
	flag.Parse()
	var err error
	if *serve != "" {
		err = serveBare(*db, *serve == "shared")
	} else {
		err = run(os.Stdout, options{rounds: *rounds, each: *each, only: strings.Split(*only, ","), loads: *loads,
			texts: strings.Split(*texts, ",")})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "objection:", err)
		os.Exit(1)
	}
}

// options are what is measured, and for how long.
type options struct {
	rounds int
	each   time.Duration
	only   []string // parts of servers' names
	loads  string   // part of a load's name
	texts  []string // numbers
}

// names reports whether a server is to be measured.
func (o options) names(server string) bool {
	return slices.ContainsFunc(o.only, func(part string) bool { return strings.Contains(server, part) })
}

// level is one kind of load.
type level struct {
	name        string
	conns, rate int
}

var levels = []level{{"1 connection", 1, 0}, {"64 connections", 64, 0}, {"256 connections", 256, 0}, {"500 a second", 512, 500},
	{"2,000 a second", 512, 2000}}

func run(out io.Writer, opt options) error {
	sentences, err := corpus("storage/textindex/testdata/objections.tsv")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "truce-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	truce := filepath.Join(dir, "truce")
	if built, err := exec.Command("go", "build", "-o", truce, "./bot").CombinedOutput(); err != nil {
		return fmt.Errorf("build truce: %w: %s", err, built)
	}
	for _, s := range opt.texts {
		n, err := strconv.Atoi(s)
		if err != nil {
			return fmt.Errorf("-texts: %w", err)
		}
		if err := measure(out, dir, truce, n, sentences, opt); err != nil {
			return fmt.Errorf("%d texts: %w", n, err)
		}
	}
	return nil
}

// measure puts every load on every server, with n stored texts.
func measure(out io.Writer, dir, truce string, n int, sentences []string, opt options) error {
	fake := slackfake.New()
	defer fake.Close()
	seed := filepath.Join(dir, fmt.Sprintf("seed-%d.db", n))
	if err := company(seed, n, sentences); err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	copied := func(name string) string {
		raw, err := os.ReadFile(seed)
		path := filepath.Join(dir, fmt.Sprintf("%s-%d.db", name, n))
		if err == nil {
			err = os.WriteFile(path, raw, 0o600)
		}
		if err != nil {
			panic(err) // our own folder
		}
		return path
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	programs := []struct {
		name, path string
		cmd        *exec.Cmd
		env        []string
	}{
		{"truce", "/slack/commands", exec.Command(truce, "run"),
			[]string{"TRUCE_SLACK_MODE=http", "TRUCE_SLACK_BOT_TOKEN=" + fake.BotToken, "TRUCE_SLACK_SIGNING_SECRET=" + fake.SigningSecret,
				"TRUCE_SLACK_API_URL=" + fake.APIURL(), "TRUCE_STORAGE_PATH=" + copied("truce"), "TRUCE_HTTP_LISTEN=127.0.0.1:0",
				"TRUCE_LOG_LEVEL=info"}},
		{"bare, shared commits", "/slack/commands", exec.Command(self, "-serve", "shared", "-db", copied("shared")), nil},
		{"bare, a commit each", "/slack/commands", exec.Command(self, "-serve", "per-event", "-db", copied("each")), nil},
	}
	const bolt = "bolt and better-sqlite3"
	if _, err := os.Stat("bench/objection/bolt/node_modules/better-sqlite3/build/Release/better_sqlite3.node"); err == nil && opt.names(bolt) {
		lines := make([]string, n)
		for i := range lines {
			lines[i] = text(sentences, i)
		}
		texts := filepath.Join(dir, fmt.Sprintf("texts-%d", n))
		if err := os.WriteFile(texts, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			return err
		}
		node := func() *exec.Cmd { return exec.Command("node", "bench/objection/bolt/app.js") }
		boltEnv := []string{"DB=" + filepath.Join(dir, fmt.Sprintf("bolt-%d.db", n)), "TEXTS=" + texts, "SECRET=" + fake.SigningSecret,
			"API=" + fake.APIURL()}
		first := node() // fills its database, which is not part of its start
		first.Env = append(env, boltEnv...)
		s, err := begin("bolt", "/slack/events", first)
		if err != nil {
			return err
		}
		end(first, s)
		programs = append(programs, struct {
			name, path string
			cmd        *exec.Cmd
			env        []string
		}{bolt, "/slack/events", node(), boltEnv})
	}
	var servers []*server
	for _, p := range programs {
		if !opt.names(p.name) {
			continue
		}
		p.cmd.Env = append(append([]string{}, env...), p.env...)
		s, err := begin(p.name, p.path, p.cmd)
		if err != nil {
			return fmt.Errorf("start %s: %w", p.name, err)
		}
		defer end(p.cmd, s)
		time.Sleep(1500 * time.Millisecond) // what is loaded after ready
		s.idle = resident(s.pid)
		servers = append(servers, s)
	}
	results := map[string]map[string][]result{}
	for _, s := range servers {
		results[s.name] = map[string][]result{}
		load(s, fake.SigningSecret, sentences, 4, 0, opt.each/2) // warm
	}
	for range opt.rounds {
		for _, l := range levels {
			if !strings.Contains(l.name, opt.loads) {
				continue
			}
			for _, s := range servers {
				if hopeless(l, results[s.name][levels[1].name]) {
					continue
				}
				results[s.name][l.name] = append(results[s.name][l.name], load(s, fake.SigningSecret, sentences, l.conns, l.rate, opt.each))
			}
		}
	}
	for _, s := range servers {
		s.rss = resident(s.pid)
	}
	report(out, n, servers, results)
	return nil
}

// hopeless reports that a load is so far above what a server managed at 64 connections that only its queue would be measured.
func hopeless(l level, at64 []result) bool {
	if len(at64) == 0 || l.conns <= 64 {
		return false
	}
	can := middle(at64, func(r result) float64 { return r.perSecond })
	return float64(l.rate) > 2*can || float64(l.conns) > 3*can
}

// begin starts a program and waits until it answers.
func begin(name, path string, cmd *exec.Cmd) (*server, error) {
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	found := make(chan string, 2)
	for _, r := range []io.Reader{stdout, stderr} {
		go func() {
			lines := bufio.NewScanner(r)
			for lines.Scan() {
				if _, addr, ok := strings.Cut(lines.Text(), "listening "); ok {
					found <- addr
				} else if _, addr, ok := strings.Cut(lines.Text(), `"truce is running" listen=`); ok {
					found <- strings.Fields(addr)[0]
				}
			}
			io.Copy(io.Discard, r)
		}()
	}
	s := &server{name: name, path: path, pid: cmd.Process.Pid}
	select {
	case s.addr = <-found:
	case <-time.After(60 * time.Second):
		cmd.Process.Kill()
		return nil, fmt.Errorf("%s does not listen after a minute", name)
	}
	for time.Since(start) < 60*time.Second {
		res, err := http.Get("http://" + s.addr + "/readyz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK || res.StatusCode == http.StatusNotFound { // bolt has no such route
				s.started = time.Since(start)
				return s, nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	cmd.Process.Kill()
	return nil, fmt.Errorf("%s is not ready after a minute", name)
}

func end(cmd *exec.Cmd, _ *server) {
	cmd.Process.Signal(os.Interrupt)
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		cmd.Process.Kill()
		<-done
	}
}

// measured reports whether a load was put on any server.
func measured(l level, results map[string]map[string][]result) bool {
	for _, of := range results {
		if len(of[l.name]) > 0 {
			return true
		}
	}
	return false
}

func report(out io.Writer, n int, servers []*server, results map[string]map[string][]result) {
	fmt.Fprintf(out, "\n%d texts stored\n%-26s %-16s %9s %9s %9s %9s %7s\n", n, "", "", "a second", "p50 ms", "p99 ms", "CPU µs", "failed")
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	for _, l := range levels {
		for _, s := range servers {
			list := results[s.name][l.name]
			if !measured(l, results) {
				continue
			}
			if len(list) == 0 {
				fmt.Fprintf(out, "%-26s %-16s   far above what it can do\n", s.name, l.name)
				continue
			}
			failed := 0
			for _, r := range list {
				failed += r.failed
			}
			fmt.Fprintf(out, "%-26s %-16s %9.0f %9.2f %9.2f %9.0f %7d\n", s.name, l.name,
				middle(list, func(r result) float64 { return r.perSecond }), middle(list, func(r result) float64 { return ms(r.p50) }),
				middle(list, func(r result) float64 { return ms(r.p99) }),
				middle(list, func(r result) float64 { return float64(r.cpu.Microseconds()) }), failed)
		}
	}
	for _, s := range servers {
		fmt.Fprintf(out, "%-26s ready after %4.0f ms, idle %5.1f MiB, after the load %5.1f MiB\n", s.name, ms(s.started), s.idle, s.rss)
	}
	if len(servers) < 2 {
		return
	}
	a := servers[0]
	for _, b := range servers[1:] {
		x, y := results[a.name]["64 connections"], results[b.name]["64 connections"]
		u, v := results[a.name]["500 a second"], results[b.name]["500 a second"]
		at64, p99 := "-", "-"
		if len(x) > 0 && len(y) > 0 {
			at64 = fmt.Sprintf("%.2f, CPU a request at 64 %.2f", middle(x, func(r result) float64 { return r.perSecond })/middle(y,
				func(r result) float64 { return r.perSecond }),
				middle(x, func(r result) float64 { return float64(r.cpu) })/middle(y, func(r result) float64 { return float64(r.cpu) }))
		}
		if len(u) > 0 && len(v) > 0 {
			p99 = fmt.Sprintf("%.2f", middle(u, func(r result) float64 { return float64(r.p99) })/middle(v,
				func(r result) float64 { return float64(r.p99) }))
		}
		fmt.Fprintf(out, "%s to %s: throughput at 64 %s, p99 at 500 a second %s, start %.2f, idle memory %.2f\n", a.name, b.name, at64, p99,
			float64(a.started)/float64(b.started), a.idle/b.idle)
	}
}

// corpus reads the labelled sentences of the search's tests.
func corpus(path string) ([]string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w (run it from the root of the repository)", err)
	}
	var list []string
	for line := range strings.Lines(string(raw)) {
		if f := strings.Split(strings.TrimRight(line, "\n"), "\t"); len(f) == 4 && !strings.HasPrefix(line, "#") {
			list = append(list, f[3])
		}
	}
	return list, nil
}
