//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestAFolderThatCannotBeWrittenIsSaid in one sentence that names it, also where only the file or its folder is closed.
func TestAFolderThatCannotBeWrittenIsSaid(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "closed") // one that another user may look into
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o700); os.RemoveAll(dir) })
	program, err := os.ReadFile(truceBinary(t))
	if err != nil {
		t.Fatal(err)
	}
	closed, made := filepath.Join(dir, "closed"), filepath.Join(dir, "made")
	for path, mode := range map[string]os.FileMode{closed: 0o755, made: 0o777} {
		if err := os.Mkdir(path, mode); err != nil {
			t.Fatal(err)
		}
		os.Chmod(path, mode)
	}
	write := func(path string, b []byte, mode os.FileMode) {
		if err := os.WriteFile(path, b, mode); err != nil {
			t.Fatal(err)
		}
		os.Chmod(path, mode)
	}
	write(filepath.Join(dir, "truce"), program, 0o755)
	write(filepath.Join(made, "truce.db"), nil, 0o444)
	write(filepath.Join(dir, "leads.csv"), []byte("id,mql_at\nL1,2026-03-02\n"), 0o644)
	os.Chmod(closed, 0o555)
	os.Chmod(dir, 0o755)
	for path, want := range map[string]string{
		filepath.Join(closed, "truce.db"):     "truce: the folder " + closed + " cannot be written by the user that Truce runs as (permission denied)",
		filepath.Join(closed, "new/truce.db"): "truce: make the folder of the database",
		filepath.Join(made, "truce.db"):       "truce: the database " + filepath.Join(made, "truce.db") + " cannot be written by the user",
		"/proc/truce.db":                      "/proc",
	} {
		cmd := exec.Command(filepath.Join(dir, "truce"), "import", "leads", filepath.Join(dir, "leads.csv"))
		cmd.Env = []string{"TRUCE_STORAGE_PATH=" + path, "HOME=" + made}
		if cmd.Dir = made; os.Getuid() == 0 { // who may write everything
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		out, err := cmd.CombinedOutput()
		if text := string(out); err == nil || !strings.Contains(text, want) || strings.Count(text, "\n") != 1 || strings.Contains(text, "panic") {
			t.Errorf("%s: %v, %s", path, err, text)
		}
	}
}
