//go:build linux || darwin || freebsd

package storage

import (
	"path/filepath"
	"syscall"
)

// room is how many bytes the disk of a file has left for us.
func room(path string) (int64, bool) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &st); err != nil {
		return 0, false
	}
	return int64(st.Bavail) * int64(st.Bsize), true
}
