package main

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/bot/config"
	"truce/handlers"
	"truce/storage"
)

// syncing is a folder with a configuration of sources.
func syncing(t *testing.T, sources string) *shell {
	s := newShell(t)
	s.configure(sources)
	return s
}

// configure replaces the configuration's sources.
func (s *shell) configure(sources string) {
	file := s.write("config.yaml", "sync:\n  sources:\n"+strings.ReplaceAll(sources, "DIR", s.dir))
	s.env = append(s.env[:1:1], "TRUCE_HOOKS_TOKEN=a-secret-of-twenty-characters", "PATH="+os.Getenv("PATH"))
	s.config = file
}

func (s *shell) sync(args ...string) (status int, stdout, stderr string) {
	s.t.Helper()
	return s.run(append([]string{"--config", s.config, "sync"}, args...)...)
}

// runs are the runs of a source, the oldest first.
func (s *shell) runs(source string) (list []storage.SyncRun) {
	s.t.Helper()
	s.view(func(tx *storage.Tx) (err error) { list, err = tx.SyncRuns(source, time.Time{}); return err })
	return list
}

func (s *shell) leads() (n int) {
	s.t.Helper()
	for _, id := range []string{"1", "2", "3"} {
		s.view(func(tx *storage.Tx) error {
			if _, err := tx.Lead(id); err == nil {
				n++
			}
			return nil
		})
	}
	return n
}

// TestSyncOfACommand takes what programs say, in the order of the kinds, and asks next time for what has changed since.
func TestSyncOfACommand(t *testing.T) {
	s := syncing(t, `
    a_outcomes: {kind: outcomes, command: [sh, -c, 'echo "$TRUCE_SINCE" >>DIR/since; cat DIR/outcomes.jsonl'], map: {lead_id: lead.id, at: when}, value: {status: {Deal closed: won}}, set: "currency=EUR"}
    leads:
      kind: leads
      command: [cat, DIR/leads.csv]
      map: "id=Lead ID,mql_at=Created"
      date: dmy
`)
	s.write("leads.csv", "Lead ID,Created,Region\n1,03/04/2026,EU\n2,04/04/2026,\n")
	s.write("outcomes.jsonl", `{"lead":{"id":1},"when":"2026-04-05T00:00:00Z","status":"Deal closed","amount":10.5,"other":{"x":1}}`+"\n")
	status, out, errs := s.sync("--dry-run")
	if status != exitOK || !strings.Contains(out, "leads: nothing was stored. 2 leads: 2 new, 0 changed, 0 unchanged, 0 rejected\n") ||
		len(errs) > 0 ||
		!strings.Contains(out, "waiting for their leads, and tried again with each run: 1\n") {
		t.Fatalf("dry run: status %d, %s%s", status, out, errs)
	}
	if _, err := os.Stat(s.path("truce.db")); err == nil {
		t.Fatal("a dry run made a database")
	}
	status, out, errs = s.sync()
	if status != exitOK || errs != "" || !strings.HasPrefix(out, "leads: 2 leads: 2 new, 0 changed, 0 unchanged, 0 rejected\n") ||
		!strings.Contains(out, "a_outcomes: 1 outcome: 1 new") {
		t.Fatalf("status %d, %s%s", status, out, errs)
	}
	s.write("outcomes.jsonl", "")
	if status, out, errs = s.sync("a_outcomes"); status != exitOK || errs != "" ||
		out != "a_outcomes: 0 outcomes: 0 new, 0 changed, 0 unchanged, 0 rejected\n" {
		t.Fatalf("nothing new: status %d, %s%s", status, out, errs)
	}
	if status, _, errs = s.sync("--full"); status != exitOK {
		t.Fatal(errs)
	}
	runs := s.runs("a_outcomes")
	if len(runs) != 3 || !runs[0].Complete || !runs[1].Complete || runs[1].Rows != 0 || runs[1].EndedAt.IsZero() {
		t.Fatalf("runs %+v", runs)
	}
	epoch := "1970-01-01T00:00:00Z"
	want := []string{epoch, epoch, runs[0].MarkAt.Add(-10 * time.Minute).Format(time.RFC3339), epoch}
	if got := strings.Fields(s.read("since")); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("asked since %v, want %v", got, want)
	}
	s.view(func(tx *storage.Tx) error {
		last, err := tx.LastData(time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC))
		if err != nil || last.Before(runs[2].BeganAt) {
			t.Errorf("heard at %s, %v: an empty answer is one too", last, err)
		}
		list, err := tx.ImportsSince(time.Unix(0, 0), last.Add(time.Hour))
		if err != nil || len(list) != 5 || list[0].Origin != "sync" || list[0].Name != "leads" {
			t.Errorf("imports %+v, %v", list, err)
		}
		return nil
	})
}

// TestSyncThatDoesNotComeWhole: what an incomplete run brought is stored, counts as heard of nothing and is asked for again.
func TestSyncThatDoesNotComeWhole(t *testing.T) {
	const leads = `printf "id,mql_at\n1,2026-03-01\n2,2026-03-02\n"`
	for _, c := range []struct {
		name, script, more string
		status             int
		complete           bool
		stored             int
		says               string
	}{
		{"whole", leads, "", exitOK, true, 2, ""},
		{"a bad row", leads + `; echo 3,soon`, "", exitRejected, true, 2, "sync leads: line 4"},
		{"it fails at its end", leads + `; echo "no quota" >&2; exit 7`, "", exitFailed, false, 2, "ended with exit status 7"},
		{"it fails at once", `exit 1`, "", exitFailed, false, 0, "ended with exit status 1"},
		{"it is ended", leads + `; kill -9 $$`, "", exitFailed, false, 2, "signal: killed"},
		{"it takes too long", leads + `; sleep 60`, ", timeout: 1s", exitFailed, false, 0, "had not ended after 1s"},
		{"no such column", `printf "a,b\n1,2\n"`, "", exitFailed, false, 0, "id"},
		{"what it says is in the log", leads + `; echo "asked for 2 rows" >&2`, "", exitOK, true, 2, "asked for 2 rows"},
		{"our secrets are not its", `test -z "$TRUCE_HOOKS_TOKEN" && ` + leads, "", exitOK, true, 2, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := syncing(t, "    leads: {kind: leads, command: [sh, -c, '"+c.script+"']"+c.more+"}\n")
			status, out, errs := s.sync()
			if status != c.status || !strings.Contains(errs, c.says) {
				t.Errorf("status %d, %s%s", status, out, errs)
			}
			if n := s.leads(); c.stored > 0 && n != c.stored {
				t.Errorf("%d leads are stored", n)
			}
			runs := s.runs("leads")
			if len(runs) != 1 || runs[0].Complete != c.complete || (runs[0].Why == "") != c.complete || runs[0].EndedAt.IsZero() {
				t.Fatalf("runs %+v", runs)
			}
			s.view(func(tx *storage.Tx) error {
				last, err := tx.LastImport("leads", time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC))
				if err != nil || last.At.IsZero() == c.complete {
					t.Errorf("heard %+v, %v", last, err)
				}
				r, err := tx.LastSync("leads", "leads")
				if err != nil || r.Complete != c.complete {
					t.Errorf("last complete %+v, %v", r, err)
				}
				return nil
			})
		})
	}
}

// TestSyncAfterAFailure: a source that failed stops no other and is asked again for all since its last complete run.
func TestSyncAfterAFailure(t *testing.T) {
	s := syncing(t, `
    leads: {kind: leads, command: [sh, -c, 'echo $TRUCE_SINCE >>DIR/since; test ! -e DIR/broken && cat DIR/leads.csv']}
    spend: {kind: costs, command: [printf, "source,at,amount,currency\nads,2026-03,100,EUR\n"]}
`)
	s.write("leads.csv", "id,mql_at\n1,2026-03-01\n")
	s.write("broken", "")
	status, out, errs := s.sync()
	if status != exitFailed || !strings.Contains(out, "spend: 1 cost: 1 new") ||
		!strings.Contains(errs, "1 of 2 sources did not come whole") {
		t.Fatalf("status %d, %s%s", status, out, errs)
	}
	os.Remove(s.path("broken"))
	if status, _, errs = s.sync(); status != exitOK {
		t.Fatal(errs)
	}
	if got := s.read("since"); got != "1970-01-01T00:00:00Z\n1970-01-01T00:00:00Z\n" {
		t.Errorf("asked since %s", got)
	}
}

// TestSyncEndsWithItsProgram: who stops Truce stops what it has started, and what that has started.
func TestSyncEndsWithItsProgram(t *testing.T) {
	s := syncing(t, "    leads: {kind: leads, command: [sh, -c, 'sleep 600 & echo $! >DIR/child; printf \"id,mql_at\\n\"; wait']}\n")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"--config", s.config, "sync"}, s.env, strings.NewReader(""), &strings.Builder{}, &strings.Builder{})
	}()
	var child int
	for deadline := time.Now().Add(20 * time.Second); child == 0 && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		b, _ := os.ReadFile(filepath.Join(s.dir, "child"))
		child, _ = strconv.Atoi(strings.TrimSpace(string(b)))
	}
	if status, _, errs := s.sync(); status != exitFailed || !strings.Contains(errs, "another sync") {
		t.Errorf("two at once: status %d, %s", status, errs)
	}
	stop()
	if status := <-done; status != exitFailed {
		t.Errorf("status %d", status)
	}
	for deadline := time.Now().Add(20 * time.Second); alive(child); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("process %d still runs", child)
		}
	}
	if runs := s.runs("leads"); len(runs) != 1 || runs[0].Complete || runs[0].EndedAt.IsZero() {
		t.Errorf("runs %+v", runs)
	}
}

// alive reports whether a process runs; one that has ended and that nobody has waited for does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	b, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return !strings.Contains(string(b), ") Z ")
}

func TestSyncOfWhatIsNotConfigured(t *testing.T) {
	s := newShell(t)
	if status, _, errs := s.run("sync"); status != exitUsage || !strings.Contains(errs, "sync.sources") {
		t.Errorf("status %d, %s", status, errs)
	}
	s = syncing(t, "    leads: {kind: leads, command: [echo]}\n")
	if status, _, errs := s.sync("deals"); status != exitUsage || !strings.Contains(errs, "there are leads") {
		t.Errorf("status %d, %s", status, errs)
	}
	s.configure("    leads: {kind: lead}\n    both: {kind: deals, command: [x], postgres: y, query: z}\n    no: {kind: deals, postgres: y, " +
		"query_file: none.sql}\n    hubspot: {kind: deals, command: [x], timeout: 3}\n")
	status, _, errs := s.sync()
	for _, want := range []string{"sync.sources.leads.kind: must be one of people, accounts, leads", "sync.sources.leads: needs postgres",
		"sync.sources.both: has both", "none.sql",
		"hubspot: must be named", "hubspot.timeout: must be a time"} {
		if status != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("status %d, without %q: %s", status, want, errs)
		}
	}
}

// TestSyncInsideTheBot asks when the clock says so, once, and goes on where a source fails.
func TestSyncInsideTheBot(t *testing.T) {
	s := syncing(t, "    bad: {kind: people, command: [false]}\n    leads: {kind: leads, command: [cat, DIR/leads.csv]}\n  every: '*/10 * * "+
		"* *'\n")
	s.write("leads.csv", "id,mql_at\n1,2026-03-01\n,\n")
	now := time.Date(2026, 3, 2, 9, 5, 0, 0, time.UTC)
	cfg, err := config.Load(s.config, true, s.env)
	if err != nil {
		t.Fatal(err)
	}
	store, err := storage.Open(t.Context(), cfg.Storage.Path, func() time.Time { return now }, testLog)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	list, err := sources(cfg, s.env, cfg.Sync.Names())
	if err != nil {
		t.Fatal(err)
	}
	a := &app{store: store, log: testLog}
	a.syncSources(cfg, nil, list)
	want := []int{0, 1, 1, 2} // runs by then
	for i, at := range []time.Time{now, now.Add(5 * time.Minute), now.Add(6 * time.Minute), now.Add(15 * time.Minute)} {
		now = at
		if _, err := a.syncs.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		err := store.View(t.Context(), func(tx *storage.Tx) error {
			for _, name := range []string{"bad", "leads"} {
				runs, err := tx.SyncRuns(name, time.Time{})
				if err != nil || len(runs) != want[i] || len(runs) > 0 && runs[0].Complete != (name == "leads") {
					t.Errorf("at %s: %s %+v, %v", at, name, runs, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	status, out, errs := s.run("--config", s.config, "check", "--online")
	if status != exitOK || !strings.Contains(out, "ok   sync leads: it can be asked for leads\n") {
		t.Errorf("status %d, %s%s", status, out, errs)
	}
	s.configure("    leads: {kind: leads, command: [DIR/nothing]}\n")
	if status, out, errs = s.run("--config", s.config, "check", "--online"); status != exitFailed ||
		!strings.Contains(out, "FAIL sync leads: ") {
		t.Errorf("status %d, %s%s", status, out, errs)
	}
}

// TestSyncTellsItsAdmins: once per source when it fails, once when it is well; rejected rows are well, a stop is no failure.
func TestSyncTellsItsAdmins(t *testing.T) {
	s := syncing(t, "    leads: {kind: leads, command: [cat, DIR/leads.csv]}\n    deals: {kind: deals, command: [cat, DIR/deals.csv]}\n")
	s.write("config.yaml", s.read("config.yaml")+"roles:\n  admins: [ann@quillwater.example]\n")
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	cfg, err := config.Load(s.config, true, s.env)
	if err != nil {
		t.Fatal(err)
	}
	store, err := storage.Open(t.Context(), cfg.Storage.Path, func() time.Time { return now }, testLog)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := handlers.SetRoster(t.Context(), store, "config", roster(cfg)); err != nil {
		t.Fatal(err)
	}
	list, err := sources(cfg, s.env, cfg.Sync.Names())
	if err != nil {
		t.Fatal(err)
	}
	a := &app{store: store, log: testLog, sources: cfg.Sync.Names()}
	for i, step := range []struct {
		leads, deals string // "" fails
		stopped      bool
		told         []string // of what all runs so far told
	}{
		{leads: "id,mql_at\n1,2026-03-01\n", deals: "id,stage,lead_id,created_at\n"},
		{deals: "", stopped: true},
		{leads: "id,mql_at\n1,2026-03-01\n", told: []string{"sync.trouble deals"}},
		{told: []string{"sync.trouble deals", "sync.trouble leads"}},
		{told: []string{"sync.trouble deals", "sync.trouble leads"}},
		{leads: "id,mql_at\n2,soon\n", told: []string{"sync.trouble deals", "sync.trouble leads", "sync.well leads"}},
		{leads: "id,mql_at\n", deals: "id,stage,lead_id,created_at\nD,open,1,2026-03-01\n",
			told: []string{"sync.trouble deals", "sync.trouble leads", "sync.well leads", "sync.well deals"}},
		{leads: "id,mql_at\n", told: []string{"sync.trouble deals", "sync.trouble leads", "sync.well leads", "sync.well deals",
			"sync.trouble deals"}},
	} {
		now = now.Add(time.Hour)
		for name, text := range map[string]string{"leads.csv": step.leads, "deals.csv": step.deals} {
			if os.Remove(s.path(name)); text != "" {
				s.write(name, text)
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		if step.stopped {
			stop()
		}
		for _, src := range list {
			syncOne(ctx, store, src, testLog)
		}
		stop()
		var told []string
		s.view(func(tx *storage.Tx) error {
			out, err := tx.Waiting(now.Add(time.Hour), 100)
			for _, m := range out {
				var card chat.Card
				if err := json.Unmarshal(m.Body, &card); err != nil {
					t.Fatal(err)
				}
				name := "leads"
				if strings.Contains(card.Summary, "deals") {
					name = "deals"
				}
				told = append(told, card.Key+" "+name)
			}
			return err
		})
		if !slices.Equal(told, step.told) {
			t.Errorf("step %d: told %q, want %q", i, told, step.told)
		}
	}
	w := httptest.NewRecorder()
	a.healthz(w, httptest.NewRequest("GET", "/healthz", nil))
	if got, want := w.Body.String(), "ok\nsync leads: last complete 2026-03-02T17:00:00Z\nsync deals: last complete 2026-03-02T16:00:00Z, "+
		"failing since 2026-03-02T17:00:00Z\n"; got != want {
		t.Errorf("healthz:\n%s", got)
	}
}
