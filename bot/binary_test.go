package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"log/slog"

	"truce"
	"truce/bot/slack/slackfake"
	"truce/storage"
)

// This file tests the program as it is installed: the built binary, its signals, its exit statuses, its death.

var binary struct {
	sync.Once
	path string
	err  error
}

// truceBinary builds the program once for all tests of the package.
func truceBinary(t testing.TB) string {
	t.Helper()
	binary.Do(func() {
		dir, err := os.MkdirTemp("", "truce-binary-")
		if err != nil {
			binary.err = err
			return
		}
		binary.path = filepath.Join(dir, "truce")
		out, err := exec.Command("go", "build", "-o", binary.path, ".").CombinedOutput()
		if err != nil {
			binary.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return binary.path
}

func TestMain(m *testing.M) {
	status := m.Run()
	closeBrowser()
	if binary.path != "" {
		os.RemoveAll(filepath.Dir(binary.path))
	}
	os.Exit(status)
}

// process is a running Truce.
type process struct {
	cmd  *exec.Cmd
	addr string
	log  *lockedLog
	done chan error
}

// lockedLog is what the process has said so far.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.WriteString(line + "\n")
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// patience is how long a test waits for what takes a moment on a quiet machine: CI's are shared.
const patience = time.Minute

// start runs the binary and waits until it says where it listens.
func start(t testing.TB, env []string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(truceBinary(t), args...), log: &lockedLog{}, done: make(chan error, 1)}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	p.cmd.Dir = t.TempDir()
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			line := lines.Text()
			if _, rest, ok := strings.Cut(line, "Open http://"); ok {
				found <- strings.TrimSuffix(strings.Fields(rest)[0], "/")
			} else if _, rest, ok := strings.Cut(line, `"truce is running" listen=`); ok {
				found <- strings.Fields(rest)[0]
			}
			p.log.add(line)
		}
		io.Copy(io.Discard, stderr)
		p.done <- p.cmd.Wait()
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.done
	})
	select {
	case p.addr = <-found:
	case err := <-p.done:
		p.done <- err
		t.Fatalf("truce %s ended: %v\n%s", strings.Join(args, " "), err, p.log)
	case <-time.After(patience):
		t.Fatalf("truce %s is not ready after a minute\n%s", strings.Join(args, " "), p.log)
	}
	return p
}

// stop ends the process by signal and returns its exit status.
func (p *process) stop(t testing.TB, sig os.Signal) int {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.done:
		p.done <- err
	case <-time.After(patience):
		t.Fatalf("still running a minute after %s\n%s", sig, p.log)
	}
	return p.cmd.ProcessState.ExitCode()
}

// atAnyHour has a company that works day and night: what Truce starts by itself waits for working hours, and a test that reads it must pass
// on a Saturday, too.
var atAnyHour = []string{"TRUCE_CALENDAR_DAYS=mon-sun", "TRUCE_CALENDAR_HOURS=00:00-23:59"}

// slackEnv configures the bot for a fake Slack over HTTP.
func slackEnv(f *slackfake.Fake, db string) []string {
	return []string{"TRUCE_SLACK_MODE=http", "TRUCE_SLACK_BOT_TOKEN=" + f.BotToken, "TRUCE_SLACK_SIGNING_SECRET=" + f.SigningSecret,
		"TRUCE_SLACK_API_URL=" + f.APIURL(), "TRUCE_STORAGE_PATH=" + db, "TRUCE_HTTP_LISTEN=127.0.0.1:0"}
}

// command posts a signed slash command, as Slack does, and returns the status and the answer.
func command(ctx context.Context, f *slackfake.Fake, addr, trigger, text string) (int, string, error) {
	form := url.Values{"command": {"/objection"}, "text": {text}, "team_id": {f.Team}, "channel_id": {"C1"}, "channel_name": {"general"},
		"user_id": {"U1"}, "user_name": {"rita"}, "trigger_id": {trigger}, "response_url": {f.APIURL()}}
	body := form.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/slack/commands", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	slackfake.Sign(req, f.SigningSecret, body, time.Now())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, string(answer), err
}

// storedIn counts the objections of a database by their texts.
func storedIn(t testing.TB, db string) map[string]int {
	t.Helper()
	store, err := storage.Open(t.Context(), db, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	stored := map[string]int{}
	if err := store.View(t.Context(), func(tx *storage.Tx) error {
		return tx.EachObjection(func(o truce.Objection) error { stored[o.Text]++; return nil })
	}); err != nil {
		t.Fatal(err)
	}
	return stored
}

// TestKillLosesNothingAcknowledged kills the bot twenty times in the middle of captures. Whatever Slack was told is logged
// must be in the database, once.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the bot twenty times")
	}
	f := slackfake.New()
	defer f.Close()
	db := filepath.Join(t.TempDir(), "truce.db")
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	for round := range *killTimes {
		p := start(t, slackEnv(f, db), "run")
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		count := make(chan struct{}, 1000)
		for c := range 4 {
			wg.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					text := fmt.Sprintf("objection number %d of caller %d in round %d", i, c, round)
					status, answer, err := command(ctx, f, p.addr, fmt.Sprintf("t.%d.%d.%d", round, c, i), text)
					if err != nil || status != http.StatusOK || !strings.Contains(answer, text) {
						return // killed, or not acknowledged
					}
					mu.Lock()
					acknowledged[text] = true
					mu.Unlock()
					select {
					case count <- struct{}{}:
					default:
					}
				}
			})
		}
		for range 5 + round%20 { // let some through, each round at another moment
			select {
			case <-count:
			case <-time.After(patience):
				t.Fatalf("round %d: no answers\n%s", round, p.log)
			}
		}
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cancel()
		wg.Wait()
		p.done <- <-p.done
	}
	stored := storedIn(t, db)
	for text := range acknowledged {
		if stored[text] != 1 {
			t.Errorf("acknowledged, and stored %d times: %s", stored[text], text)
		}
	}
	if len(acknowledged) < 10**killTimes {
		t.Errorf("only %d captures were acknowledged in %d rounds", len(acknowledged), *killTimes)
	}
	t.Logf("%d acknowledged captures, %d stored, %d kills", len(acknowledged), len(stored), *killTimes)
}

// TestStopsWhenTold answers what is under way, then ends with status 0.
func TestStopsWhenTold(t *testing.T) {
	t.Parallel()
	f := slackfake.New()
	defer f.Close()
	p := start(t, slackEnv(f, filepath.Join(t.TempDir(), "truce.db")), "run")
	if status, answer, err := command(t.Context(), f, p.addr, "t.1", "they say we are too slow"); err != nil || status != 200 {
		t.Fatalf("%d %s %v", status, answer, err)
	}
	if status := p.stop(t, os.Interrupt); status != exitOK {
		t.Errorf("exit status %d\n%s", status, p.log)
	}
	if strings.Contains(p.log.String(), f.BotToken) || strings.Contains(p.log.String(), f.SigningSecret) {
		t.Error("a secret is in the log")
	}
	if strings.Contains(p.log.String(), "too slow") {
		t.Error("what a rep typed is in the log")
	}
}

func TestTheDemoServesThisMachineOnly(t *testing.T) {
	t.Parallel()
	p := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", demoFile(t), "--now", demoNow)
	get := func(path, host string) (int, string) {
		req := httptest.NewRequest(http.MethodGet, "http://"+p.addr+path, nil)
		req.RequestURI = ""
		if host != "" {
			req.Host = host
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(body)
	}
	if status, body := get("/", ""); status != 200 || !strings.Contains(body, "/objection") || strings.Contains(body, "Set-Cookie") {
		t.Errorf("GET / answers %d", status)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, _ := get(path, ""); status != 200 {
			t.Errorf("GET %s answers %d", path, status)
		}
	}
	for _, path := range []string{"/", "/healthz", "/readyz", "/as/ann/", "/nowhere"} {
		if status, _ := get(path, "evil.example"); status != http.StatusForbidden {
			t.Errorf("a foreign host gets %d for %s", status, path)
		}
	}
	var out, errs bytes.Buffer
	if status := run(t.Context(), []string{"demo", "--listen", "0.0.0.0:0"}, nil, nil, &out, &errs); status != exitUsage {
		t.Errorf("the demo on all addresses: status %d, %s", status, &errs)
	}
}

// TestTheDemoAndACompanyDoNotShareAFile keeps invented data out of a company's database, and the reverse.
func TestTheDemoAndACompanyDoNotShareAFile(t *testing.T) {
	dir := t.TempDir()
	company, invented := filepath.Join(dir, "company.db"), demoFile(t)
	var out, errs bytes.Buffer
	if status := run(t.Context(), []string{"rebuild"}, []string{"TRUCE_STORAGE_PATH=" + company}, nil, &out, &errs); status != exitOK {
		t.Fatalf("rebuild: %d %s", status, &errs)
	}
	if status := run(t.Context(), []string{"demo", "--listen", "127.0.0.1:0", "--data", company}, nil, nil, &out, &errs); status != exitUsage {
		t.Errorf("the demo on a company's file: status %d, %s", status, &errs)
	}
	start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", invented, "--now", demoNow)
	errs.Reset()
	if status := run(t.Context(), []string{"check"}, []string{"TRUCE_STORAGE_PATH=" + invented}, nil, &out, &errs); status != exitUsage {
		t.Errorf("a company on the demo's file: status %d, %s", status, &errs)
	}
	out.Reset()
	if status := run(t.Context(), []string{"digest", "weekly"}, []string{"TRUCE_STORAGE_PATH=" + invented}, nil, &out,
		&errs); status != exitOK || out.Len() == 0 {
		t.Errorf("a digest of the demo's file, which only reads it: status %d, %s%s", status, &out, &errs)
	}
}

func TestExitStatuses(t *testing.T) {
	tests := []struct {
		args []string
		env  []string
		want int
		says string
	}{
		{[]string{"version"}, nil, exitOK, "truce "},
		{[]string{"--help"}, nil, exitOK, "demo"},
		{[]string{"run", "--help"}, nil, exitOK, "Examples"},
		{nil, nil, exitOK, "Usage"},
		{[]string{"nonsense"}, nil, exitUsage, "nonsense"},
		{[]string{"run"}, nil, exitUsage, "truce demo"},
		{[]string{"check", "--config", "nowhere.yaml"}, nil, exitUsage, "nowhere.yaml"},
		{[]string{"manifest", "slack"}, nil, exitOK, "command: /objection"},
		{[]string{"manifest", "slack", "--format", "json"}, []string{"TRUCE_SLACK_MODE=http", "TRUCE_HTTP_PUBLIC_URL=https://truce.example.com"},
			exitOK, "https://truce.example.com/slack/commands"},
		{[]string{"manifest", "teams"}, nil, exitUsage, "app_id"},
		{[]string{"check", "--online"}, nil, exitUsage, "truce demo"},
		{[]string{"check"}, []string{"TRUCE_TIME_ZONE=Mars"}, exitUsage, "TRUCE_TIME_ZONE"},
		{[]string{"check"}, []string{"TRUCE_STORAGE_PATH=/dev/null/x.db"}, exitFailed, "/dev/null"},
	}
	for _, tt := range tests {
		t.Run(strings.Join(append(tt.args, tt.env...), " "), func(t *testing.T) {
			t.Chdir(t.TempDir())
			var out, errs bytes.Buffer
			if got := run(t.Context(), tt.args, tt.env, nil, &out, &errs); got != tt.want {
				t.Errorf("status %d, want %d: %s%s", got, tt.want, &out, &errs)
			}
			if !strings.Contains(out.String()+errs.String(), tt.says) {
				t.Errorf("it does not say %q: %s%s", tt.says, &out, &errs)
			}
			if tt.want != exitOK && out.Len() > 0 {
				t.Errorf("stdout holds more than results: %s", &out)
			}
		})
	}
}
