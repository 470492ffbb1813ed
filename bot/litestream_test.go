package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"truce/bot/slack"
)

// litestream skips a test where Litestream is not installed, as in CI: go install github.com/benbjohnson/litestream/cmd/litestream@v0.5.18
func litestream(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	for _, name := range []string{"litestream", "sqlite3", "bash"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip(name + " is not installed")
		}
	}
}

// TestTheLitestreamDrill runs the drill as docs/operations.md has it, line by line.
func TestTheLitestreamDrill(t *testing.T) {
	t.Parallel()
	litestream(t)
	text, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	drill := regexp.MustCompile("(?s)```sh\n(cd \"\\$\\(mktemp -d\\)\".*?)```").FindSubmatch(text)
	if drill == nil {
		t.Fatal("docs/operations.md has no drill")
	}
	dir, programs := t.TempDir(), t.TempDir()
	if err := os.Symlink(truceBinary(t), filepath.Join(programs, "truce")); err != nil {
		t.Fatal(err)
	}
	for n := range 9 {
		name, rows := fmt.Sprintf("more-%d.csv", n), 300
		if n == 0 {
			name, rows = "first.csv", 3000
		}
		var b strings.Builder
		b.WriteString("id,mql_at,email,source\n")
		for i := range rows {
			fmt.Fprintf(&b, "L%d-%d,2026-03-%02d,p%d@x.example,Fair\n", n, i, 1+i%28, i)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	script := "mktemp() { echo " + dir + "; }\n" + string(drill[1]) // the folder is made, with the lists in it
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script)
	cmd.Env = []string{"PATH=" + programs + ":" + os.Getenv("PATH"), "HOME=" + dir}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	sums := regexp.MustCompile(`(?m)^[0-9a-f]{64}`).FindAllString(string(out), -1)
	if len(sums) != 2 || sums[0] != sums[1] || strings.Count(string(out), "300 new") != 8 || !strings.Contains(string(out), "are right") {
		t.Errorf("the dumps have the sums %v\n%s", sums, out)
	}
}

// TestAStandbyTakesOver: while people write, the first machine is lost, bot and Litestream alike. The file that followed is started as
// it is; what was acknowledged a second before the loss is there, and people go on.
func TestAStandbyTakesOver(t *testing.T) {
	t.Parallel()
	litestream(t)
	o := newOffice(t, slack.ModeHTTP)
	o.start()
	folder := t.TempDir()
	replica, standby := "file://"+filepath.Join(folder, "copy"), filepath.Join(folder, "truce.db")
	run := func(args ...string) *exec.Cmd {
		t.Helper()
		cmd := exec.Command("litestream", args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill() })
		return cmd
	}
	first := run("replicate", o.db, replica)
	o.eventually("a copy is there", func() bool { found, _ := filepath.Glob(filepath.Join(folder, "copy/ltx/*/*")); return len(found) > 0 })
	follower := run("restore", "-f", "-follow-interval", "200ms", "-o", standby, replica)
	o.eventually("the standby follows", func() bool { _, err := os.Stat(standby); return err == nil })
	var said []string
	write := func(n int) {
		for range n {
			text := fmt.Sprintf("they say %d times that we are slow", len(said))
			if ack := o.Command("U1", "C1", "/objection "+text); ack.Status != http.StatusOK {
				t.Fatalf("status %d", ack.Status)
			}
			said = append(said, text)
		}
	}
	write(20)
	time.Sleep(5 * time.Second) // a second on a quiet machine
	o.bot.cmd.Process.Kill()
	o.bot.done <- <-o.bot.done
	first.Process.Kill()
	first.Wait()
	follower.Process.Signal(syscall.SIGTERM)
	if err := follower.Wait(); err != nil {
		t.Fatalf("what follows does not end: %v", err)
	}
	o.db, o.env = standby, append(o.env, "TRUCE_STORAGE_PATH="+standby)
	check := exec.Command(truceBinary(t), "check", "--deep")
	check.Env = o.env
	if out, err := check.CombinedOutput(); err != nil {
		t.Fatalf("check --deep: %v\n%s", err, out)
	}
	o.start()
	write(3)
	stored := o.stored()
	for _, text := range said {
		if stored[text] != 1 {
			t.Errorf("acknowledged, and stored %d times: %s", stored[text], text)
		}
	}
}
