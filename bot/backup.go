package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"truce"
	"truce/storage"
)

type backupCommand struct {
	File string `arg:"" help:"Where the backup goes; a file that is there is not overwritten." placeholder:"FILE"`
}

// Help is shown by "truce backup --help".
func (backupCommand) Help() string {
	return `The bot may go on running: the backup is the database as it is at one moment, in one file, checked. It holds personal data; keep it as you
keep the database.

Examples:
  truce backup truce-$(date +%F).db
  truce restore truce-2026-03-01.db`
}

// Run backs the database up.
func (c backupCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	if _, err := os.Stat(cfg.Storage.Path); err != nil {
		return usage(fmt.Errorf("there is no database %s to back up", cfg.Storage.Path))
	}
	if err := newFile(c.File, true); err != nil {
		return err
	}
	log := p.logger(cfg.Log)
	store, err := storage.Open(p.ctx, cfg.Storage.Path, p.now, log)
	if err != nil {
		return err
	}
	defer closeStore(store, log)
	if err := store.Backup(p.ctx, c.File); err != nil {
		return refused(fmt.Errorf("backup: %w", err))
	}
	_, err = fmt.Fprintf(p.stdout, "%s is a backup of %s\n", c.File, cfg.Storage.Path)
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
