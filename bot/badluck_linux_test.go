package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"truce/bot/slack/slackfake"
)

// misfortune is what befalls the bot's machine while people write: begin brings it about, and what begin returns ends it.
type misfortune struct {
	name string
	// folder makes the folder of the database; nil: any.
	folder func(t *testing.T) string
	begin  func(t *testing.T, p *process, db string) (end func())
	// refuses: nothing can be acknowledged while it lasts.
	refuses bool
}

// TestBadLuckLosesNothingAcknowledged fills the disk, takes all descriptors, and locks the file while people write. The same process goes
// on, says of what it could not keep that it did not, or that it is still at it, and when it is over takes what is written. Whatever was
// acknowledged is stored.
func TestBadLuckLosesNothingAcknowledged(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the bot, and lets it suffer for seconds")
	}
	for _, m := range []misfortune{
		{"a full disk", smallDisk, fillDisk, true},
		{"no descriptors", nil, takeDescriptors, false},
		{"a locked file", nil, lockFile, true},
	} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			m.befall(t)
		})
	}
}

func (m misfortune) befall(t *testing.T) {
	f := slackfake.New()
	defer f.Close()
	dir := t.TempDir()
	if m.folder != nil {
		dir = m.folder(t)
	}
	db := filepath.Join(dir, "truce.db")
	p := start(t, slackEnv(f, db), "run")
	w := &writers{fake: f, addr: p.addr, kept: map[string]bool{}}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for c := range 3 {
		wg.Go(func() { w.write(ctx, c) })
	}
	more := func(when string) {
		t.Helper()
		before := w.count()
		for deadline := time.Now().Add(patience); w.count() < before+20; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s only %d were acknowledged in a minute; the last refusal: %s\n%s", when, w.count()-before, w.refusal(), p.log)
			}
		}
	}
	more("before")
	end := m.begin(t, p, db)
	time.Sleep(time.Second) // what was under way
	before := w.count()
	time.Sleep(3 * time.Second)
	during := w.count() - before
	end()
	more("afterwards")
	cancel()
	wg.Wait()
	if m.refuses && during > 0 {
		t.Errorf("%d were acknowledged with %s", during, m.name)
	}
	if refusal := w.refusal(); m.refuses && !strings.Contains(refusal, "Nothing was stored") && !strings.Contains(refusal, "Still working on it") {
		t.Errorf("of what could not be kept was said: %q", refusal)
	}
	if err := p.cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the bot is gone: %v", err)
	}
	if status := p.stop(t, os.Interrupt); status != exitOK {
		t.Errorf("exit status %d\n%s", status, p.log)
	}
	w.judge(t, db)
	t.Logf("%d acknowledged, of these %d in the midst of it; the last refusal: %.120s", w.count(), during, w.refusal())
}

// writers log objections without end, each anew that was not acknowledged: as people do, and as Slack delivers again.
type writers struct {
	fake *slackfake.Fake
	addr string
	mu   sync.Mutex
	kept map[string]bool // what was acknowledged
	said string          // the last answer to what was not
}

func (w *writers) write(ctx context.Context, caller int) {
	client := func(text, trigger string) bool {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		status, answer, err := command(ctx, w.fake, w.addr, trigger, text)
		w.mu.Lock()
		defer w.mu.Unlock()
		if err == nil && status == http.StatusOK && strings.Contains(answer, "Logged") && strings.Contains(answer, text) {
			w.kept[text] = true
			return true
		}
		if err == nil {
			w.said = fmt.Sprintf("%d %s", status, answer)
		}
		return false
	}
	for i := 0; ctx.Err() == nil; i++ {
		text := fmt.Sprintf("objection number %d of caller %d in bad luck", i, caller)
		for n := 0; ctx.Err() == nil && !client(text, fmt.Sprintf("t.%d.%d.%d", caller, i, n)); n++ {
			time.Sleep(50 * time.Millisecond)
		}
	}
}

func (w *writers) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.kept)
}

func (w *writers) refusal() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said
}

// judge holds that what was acknowledged is stored.
func (w *writers) judge(t *testing.T, db string) {
	stored := storedIn(t, db)
	for text := range w.kept {
		if stored[text] == 0 {
			t.Errorf("acknowledged, and not stored: %s", text)
		}
	}
}

// smallDisk is a disk of its own, in memory.
func smallDisk(t *testing.T) string {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); errors.Is(err, unix.EPERM) {
		t.Skip("needs the right to mount a small disk")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func fillDisk(t *testing.T, _ *process, db string) func() {
	file, err := os.Create(filepath.Join(filepath.Dir(db), "other"))
	if err != nil {
		t.Fatal(err)
	}
	piece := make([]byte, 4096)
	for err == nil {
		_, err = file.Write(piece)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	return func() {
		file.Close()
		os.Remove(file.Name())
	}
}

// takeDescriptors lets the process open no more files and connections than it has.
func takeDescriptors(t *testing.T, p *process, _ string) func() {
	pid := p.cmd.Process.Pid
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Skip("there is no /proc")
	}
	var had unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &had); err != nil {
		t.Fatal(err)
	}
	few := had
	few.Cur = uint64(max(8, len(open)-4))
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &few, nil); err != nil {
		t.Fatal(err)
	}
	http.DefaultClient.CloseIdleConnections()
	return func() {
		if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &had, nil); err != nil {
			t.Error(err)
		}
	}
}

// lockFile has another program write without end.
func lockFile(t *testing.T, _ *process, db string) func() {
	other, err := sql.Open("sqlite3", "file:"+db+"?_txlock=immediate&_busy_timeout=10000")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(`UPDATE people SET name = name`); err != nil {
		t.Fatal(err)
	}
	return func() {
		tx.Rollback()
		other.Close()
	}
}
