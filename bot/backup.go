package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"truce"
	"truce/bot/config"
	"truce/storage"
)

type backupCommand struct {
	File   string `arg:"" help:"Where the backup goes; a file that is there is not overwritten. With --keep a folder, with --verify a backup." placeholder:"FILE"`
	Keep   int    `help:"FILE is a folder: the backup gets its moment as its name, and of such backups the newest N stay." placeholder:"N"`
	Verify bool   `help:"FILE is a backup: read it whole, and say whether it could be restored."`
}

// Help is shown by "truce backup --help".
func (backupCommand) Help() string {
	return `The bot may go on running: the backup is the database as it is at one moment, in one file, checked. It holds personal data; keep it as you
keep the database. With --keep, older backups go only when the new one was read back whole and found right; other files in the folder stay.

Examples:
  truce backup truce-$(date +%F).db
  truce backup --keep 30 /backups
  truce backup --verify /backups/truce-20260301T030000Z.db
  truce restore truce-2026-03-01.db`
}

// Run backs the database up, or verifies a backup.
func (c backupCommand) Run(p *program) error {
	switch {
	case c.Verify && c.Keep != 0:
		return usage(errors.New("--verify reads one backup and --keep makes a new one: give one of them"))
	case c.Keep < 0:
		return usage(fmt.Errorf("--keep %d: how many backups stay, 1 or more", c.Keep))
	case c.Verify:
		return c.verify(p)
	}
	cfg, err := p.config()
	if err != nil {
		return err
	}
	if err := mustBeThere(cfg, "back up"); err != nil {
		return err
	}
	file := c.File
	if c.Keep > 0 {
		if in, err := os.Stat(c.File); err != nil || !in.IsDir() {
			return usage(fmt.Errorf("there is no folder %s: make it first", c.File))
		}
		file = filepath.Join(c.File, p.now().UTC().Format(keptName))
	}
	if err := newFile(file, true); err != nil {
		return err
	}
	if err := storage.Backup(p.ctx, cfg.Storage.Path, file); err != nil {
		return refused(fmt.Errorf("backup: %w", err))
	}
	p.noteBackup(cfg)
	fmt.Fprintf(p.stdout, "%s is a backup of %s\n", file, cfg.Storage.Path)
	if c.Keep == 0 {
		return nil
	}
	if _, err := storage.Verify(p.ctx, file); err != nil {
		return fmt.Errorf("backup %s cannot be relied on, and no older one was removed: %w", file, err)
	}
	return c.removeOlder(p)
}

// keptName is what the backups of --keep are called: their moment in UTC.
const keptName = "truce-20060102T150405Z.db"

// removeOlder removes the oldest of the backups that --keep made. A file that only has such a name, and is no database of Truce's, is
// somebody else's: it stays and is not counted.
func (c backupCommand) removeOlder(p *program) error {
	in, err := os.ReadDir(c.File)
	if err != nil {
		return fmt.Errorf("remove older backups: %w", err)
	}
	var ours []string // oldest first, as ReadDir sorts
	for _, f := range in {
		if _, err := time.Parse(keptName, f.Name()); err != nil || !f.Type().IsRegular() {
			continue
		}
		if _, err := storage.Pending(p.ctx, filepath.Join(c.File, f.Name())); err != nil {
			fmt.Fprintf(p.stderr, "%s stays: it is no backup of Truce's (%v)\n", filepath.Join(c.File, f.Name()), err)
			continue
		}
		ours = append(ours, f.Name())
	}
	for _, name := range ours[:max(0, len(ours)-c.Keep)] {
		if err := os.Remove(filepath.Join(c.File, name)); err != nil {
			return fmt.Errorf("remove an older backup: %w", err)
		}
		fmt.Fprintf(p.stdout, "%s went: %d stay\n", filepath.Join(c.File, name), c.Keep)
	}
	return nil
}

// noteBackup lets the database know that it was backed up. A database that this program would first have to change stays as it is.
func (p *program) noteBackup(cfg config.Config) {
	log := p.logger(cfg.Log)
	look, err := storage.OpenRead(p.ctx, cfg.Storage.Path, p.now, log)
	if err != nil {
		return
	}
	closeStore(look, log)
	store, err := storage.Open(p.ctx, cfg.Storage.Path, p.now, log)
	if err == nil {
		defer closeStore(store, log)
		err = store.Update(p.ctx, func(tx *storage.Tx) error { return tx.NoteBackup() })
	}
	if err != nil {
		log.Warn("the backup is made, but its age will not be shown", "error", err)
	}
}

// verify says whether a backup could be restored.
func (c backupCommand) verify(p *program) error {
	v, err := storage.Verify(p.ctx, c.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usage(fmt.Errorf("there is no file %s", c.File))
	case err != nil:
		return fmt.Errorf("%s cannot be restored: %w", c.File, err)
	}
	last := "nothing was ever written to it"
	if !v.Last.IsZero() {
		last = "last written to " + v.Last.UTC().Format(time.RFC3339)
	}
	older := ""
	if v.Older {
		older = ", by an older Truce: the first start brings it up to date"
	}
	_, err = fmt.Fprintf(p.stdout, "%s is right: %d leads, %s%s\n", c.File, v.Leads, last, older)
	return err
}

type restoreCommand struct {
	File string `arg:"" help:"The backup." placeholder:"FILE"`
}

// Help is shown by "truce restore --help".
func (restoreCommand) Help() string {
	return `The backup becomes the database at storage.path, where there must be none: move the old one away first, with its -wal and -shm files.

Examples:
  truce restore truce-2026-03-01.db
  TRUCE_STORAGE_PATH=/srv/truce/truce.db truce restore /backups/truce-2026-03-01.db`
}

// Run restores a backup into an empty place.
func (c restoreCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.File); errors.Is(err, fs.ErrNotExist) {
		return usage(fmt.Errorf("there is no file %s", c.File))
	}
	if err := storage.Restore(p.ctx, c.File, cfg.Storage.Path); err != nil {
		return refused(fmt.Errorf("restore: %w", err))
	}
	_, err = fmt.Fprintf(p.stdout, "%s is now the database %s\n", c.File, cfg.Storage.Path)
	return err
}

// refused gives what the person can mend its exit status.
func refused(err error) error {
	if k := truce.KindOf(err); k == truce.Invalid || k == truce.Conflict || k == truce.NotFound || errors.Is(err, fs.ErrNotExist) {
		return usage(err)
	}
	return err
}
