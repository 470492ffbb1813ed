package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"truce/handlers/intake/sheet"
	"truce/storage"
)

// This file keeps the rows that an import rejected. People are told to mend them where they are kept, so such a file is theirs as
// soon as it differs by a byte from what was written last: what that was the database remembers, as a checksum.

// rejectsFile keeps rejected rows; it is made with the first one.
type rejectsFile struct {
	ctx    context.Context
	store  *storage.Store
	path   string
	kept   string // a person's file in whose place another is written; "" where there is none
	told   bool   // by --rejects: no other will do
	reader *sheet.Reader
	file   *os.File
	sum    hash.Hash
	w      *sheet.Rejects
	rows   int
}

// newRejectsFile finds a place for the rejected rows of input. What an earlier import left there is removed, because it would be
// taken for this one's; what a person changed or made is not.
func newRejectsFile(ctx context.Context, store *storage.Store, path string, told bool, input string,
	r *sheet.Reader) (*rejectsFile, error) {
	f := &rejectsFile{ctx: ctx, store: store, path: path, told: told, reader: r, sum: sha256.New()}
	if old, err := os.Stat(path); err == nil {
		if in, err := os.Stat(input); err == nil && os.SameFile(in, old) {
			return nil, fmt.Errorf("the rejected rows would go into %s, the file being read: choose another with --rejects", path)
		}
	}
	return f, f.freePlace()
}

// freePlace sees to it that a file can be made at the path, or at the next one that is free.
func (r *rejectsFile) freePlace() error {
	first := r.path
	for n := 1; ; n++ {
		path := first
		if n > 1 {
			ext := filepath.Ext(first)
			path = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(first, ext), n, ext)
		}
		free, err := r.clear(path)
		switch {
		case err != nil:
			return err
		case free:
			r.path = path
			return nil
		case r.told:
			return fmt.Errorf("%s is there already and is not as an import left it: choose another with --rejects, nothing is overwritten", path)
		case r.kept == "":
			r.kept = path
		}
	}
}

// clear removes what Truce wrote at path and nobody changed since; free is false where something else is there.
func (r *rejectsFile) clear(path string) (free bool, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("look for the rejected rows of an earlier import: %w", err)
	case r.told && !info.Mode().IsRegular() && !info.IsDir(): // a pipe, a terminal: nothing is lost there
		return true, nil
	case !info.Mode().IsRegular():
		return false, nil
	}
	now, err := checksum(path)
	if err != nil {
		return false, fmt.Errorf("read the rejected rows of an earlier import: %w", err)
	}
	was := ""
	if err := r.store.View(r.ctx, func(tx *storage.Tx) (err error) { was, err = tx.Meta(rejectsKey(path)); return err }); err != nil {
		return false, fmt.Errorf("look up what an earlier import rejected: %w", err)
	}
	if was != now {
		return false, nil
	}
	if err := os.Remove(path); err != nil {
		return false, fmt.Errorf("remove the rejected rows of an earlier import: %w", err)
	}
	return true, nil
}

// rejectsKey is under which name the database remembers the checksum of a file: not by its path, which may name a person.
func rejectsKey(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	sum := sha256.Sum256([]byte(path))
	return "rejects:" + hex.EncodeToString(sum[:8])
}

func checksum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func (r *rejectsFile) add(row sheet.Row) error {
	if row.Raw == nil {
		return nil // it was too large to keep: the line on stderr says so
	}
	if r.file == nil {
		if err := r.create(); err != nil {
			return fmt.Errorf("keep the rejected rows: %w", err)
		}
		r.w = sheet.NewRejects(io.MultiWriter(r.file, r.sum), r.reader)
	}
	r.rows++
	return r.w.Add(row)
}

// create makes the file, anew: somebody may have made one there since the import began.
func (r *rejectsFile) create() (err error) {
	if info, err := os.Stat(r.path); err == nil && !info.Mode().IsRegular() {
		r.file, err = os.OpenFile(r.path, os.O_WRONLY, 0)
		return err
	}
	for {
		r.file, err = os.OpenFile(r.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // personal data
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := r.freePlace(); err != nil {
			return err
		}
	}
}

func (r *rejectsFile) close() error {
	if r.file == nil {
		return nil
	}
	if err := errors.Join(r.w.Flush(), r.file.Close()); err != nil {
		return err
	}
	err := r.store.Update(context.WithoutCancel(r.ctx), func(tx *storage.Tx) error {
		return tx.SetMeta(rejectsKey(r.path), hex.EncodeToString(r.sum.Sum(nil)))
	})
	if err != nil {
		return fmt.Errorf("remember what was rejected: %w", err)
	}
	return nil
}
