package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"truce/bot/slack/slackfake"
)

// manager listens as systemd does, and returns what the service says of itself.
func manager(t *testing.T) (socket string, said <-chan string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "truce-notify-") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket = filepath.Join(dir, "s")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	lines := make(chan string, 100)
	go func() {
		b := make([]byte, 1000)
		for {
			n, err := c.Read(b)
			if err != nil {
				close(lines)
				return
			}
			lines <- string(b[:n])
		}
	}()
	return socket, lines
}

func TestAServiceSaysThatItIsReadyThatItLivesAndThatItStops(t *testing.T) {
	f := slackfake.New()
	defer f.Close()
	socket, said := manager(t)
	env := append(slackEnv(f, filepath.Join(t.TempDir(), "truce.db")), "NOTIFY_SOCKET="+socket, "WATCHDOG_USEC=200000")
	p := start(t, env, "run")
	hear := func(want string) {
		t.Helper()
		for deadline := time.After(patience); ; {
			select {
			case got := <-said:
				if got == want {
					return
				}
			case <-deadline:
				t.Fatalf("%s was not said\n%s", want, p.log)
			}
		}
	}
	hear("READY=1")
	hear("WATCHDOG=1")
	hear("WATCHDOG=1")
	if status := p.stop(t, syscall.SIGTERM); status != exitOK {
		t.Errorf("status %d\n%s", status, p.log)
	}
	hear("STOPPING=1")
}

func TestReadyAsksTheTruceThatRuns(t *testing.T) {
	var ready atomic.Bool
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" || r.Method != http.MethodGet {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		if !ready.Load() {
			http.Error(w, "slack: not connected\ndatabase: the disk is full: make room", http.StatusServiceUnavailable)
		}
	}))
	defer srv.Close()
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		listen string
		ready  bool
		status int
		says   string
	}{
		{"127.0.0.1:" + port, true, exitOK, "ready at 127.0.0.1:" + port},
		{"0.0.0.0:" + port, true, exitOK, "ready at localhost:" + port},
		{"127.0.0.1:" + port, false, exitFailed, "is not ready: slack: not connected; database: the disk is full: make room"},
		{"127.0.0.1:0", true, exitUsage, "can be asked only at a port that is written there"},
		{"127.0.0.1:1", true, exitFailed, "no Truce answers at 127.0.0.1:1"},
	} {
		s := newShell(t)
		s.env = append(s.env, "TRUCE_HTTP_LISTEN="+tt.listen)
		ready.Store(tt.ready)
		status, out, errs := s.run("check", "--ready")
		if status != tt.status || !strings.Contains(out+errs, tt.says) {
			t.Errorf("%s: status %d, %s%s", tt.listen, status, out, errs)
		}
		if _, err := os.Stat(s.path("truce.db")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: a database was made", tt.listen)
		}
	}
}

// TestTheUnitIsOne holds the unit against systemd's own reading of it.
func TestTheUnitIsOne(t *testing.T) {
	text, err := os.ReadFile("../packaging/truce.service")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"Type=notify", "WatchdogSec=60", "NoNewPrivileges=yes", "ProtectSystem=strict"} {
		if !slices.Contains(strings.Split(string(text), "\n"), line) {
			t.Errorf("%s is not in it", line)
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here")
	}
	self, err := os.Executable() // what it starts must be there
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "truce.service")
	here := strings.NewReplacer("/usr/local/bin/truce", self, "User=truce", "DynamicUser=yes").Replace(string(text))
	if err := os.WriteFile(unit, []byte(here), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, "verify", unit).CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "" {
		t.Errorf("%v: %s", err, out)
	}
}

// TestTheImageRuns builds what the container holds and runs it as its user, in a root with nothing else in it. It takes minutes, and the
// rights of root: .ci/run asks for it.
func TestTheImageRuns(t *testing.T) {
	if os.Getenv("TRUCE_IMAGE") != "must" {
		t.Skip("set TRUCE_IMAGE=must")
	}
	if os.Getuid() != 0 {
		t.Fatal("only root may change the root")
	}
	root := filepath.Join(t.TempDir(), "root")
	build := exec.Command("../packaging/rootfs", root)
	build.Env = append(os.Environ(), "VERSION=v9.8.7", "COMMIT=0123456789abcdef", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f := slackfake.New()
	defer f.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := free.Addr().String()
	free.Close()
	inside := func(ctx context.Context, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, "/truce", args...)
		cmd.Dir = "/data"
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		cmd.Env = append(slackEnv(f, "/data/truce.db"), "TRUCE_HTTP_LISTEN="+listen, "TRUCE_TIME_ZONE=Europe/Berlin")
		return cmd
	}
	if out, err := inside(t.Context(), "version").CombinedOutput(); err != nil ||
		!strings.HasPrefix(string(out), "truce v9.8.7 0123456789ab ") {
		t.Errorf("%v: %s", err, out)
	}
	bot := inside(t.Context(), "run")
	var log strings.Builder
	bot.Stderr = &log
	if err := bot.Start(); err != nil {
		t.Fatal(err)
	}
	ready := false
	for range 100 {
		if inside(t.Context(), "check", "--ready").Run() == nil {
			ready = true
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	bot.Process.Signal(syscall.SIGTERM)
	if err := bot.Wait(); err != nil || !ready {
		t.Errorf("ready %s, %v: %s", strconv.FormatBool(ready), err, log.String())
	}
	if out, err := inside(t.Context(), "digest", "leads", "--format", "text").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
