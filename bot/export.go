package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"truce/handlers/intake"
	"truce/storage"
)

type exportCommand struct {
	Kind   string `arg:"" help:"people, accounts, leads, touches, engagements, deals, outcomes, orders, costs, activities, activity_links, answers; objections, notes, requests, journey_entries, disputes, proposals, charter, votes, icp_picks, icp_exceptions, promises, second_looks, below_leads, meetings, meeting_presence, meeting_actions, interviews, interview_answers, outcome_statements, inventory_outcomes, audit; verdicts; or all." placeholder:"KIND"`
	Format string `help:"csv or jsonl (JSON Lines)." default:"csv" enum:"csv,jsonl" placeholder:"csv|jsonl"`
	To     string `help:"The file to write (default: standard output); for all, a folder that gets a file of each kind." placeholder:"PATH"`
	For    string `help:"Of verdicts: whose update file it is, salesforce or hubspot." placeholder:"SYSTEM"`

	Replace bool `help:"Put the files in place of those that are there; without it nothing is overwritten."`
}

// Help is shown by "truce export --help".
func (exportCommand) Help() string {
	return `A spreadsheet that opens the CSV runs no formula from it. Imported with --preset truce into an empty database, the first twelve kinds in the
order above give the same database again. Verdicts are what people said here of leads, for the CRM to know.

Examples:
  truce export leads > leads.csv
  truce export all --to export-2026-03-01
  truce export outcomes --format jsonl
  truce export verdicts --for salesforce --to update.csv`
}

// Run exports one kind, or all into a folder.
func (c exportCommand) Run(p *program) error {
	switch {
	case c.Kind == "all" && c.To == "":
		return usage(errors.New("all kinds need a folder: truce export all --to FOLDER"))
	case c.Kind == "verdicts" && c.For == "":
		return usage(fmt.Errorf("verdicts need --for %s", strings.Join(intake.Systems(), " or --for ")))
	case c.Kind == "verdicts" && c.Format != string(intake.CSV):
		return usage(errors.New("verdicts are CSV, as both systems import it: leave out --format"))
	case c.Kind != "verdicts" && c.For != "":
		return usage(errors.New("--for is for verdicts only"))
	}
	cfg, err := p.config()
	if err != nil {
		return err
	}
	log := p.logger(cfg.Log)
	store, end, err := p.look(cfg, log)
	if err != nil {
		return err
	}
	defer end()
	write := func(w io.Writer) (int, error) {
		if c.Kind == "verdicts" {
			return intake.ExportVerdicts(p.ctx, store, c.For, w)
		}
		return intake.Export(p.ctx, store, c.Kind, intake.Format(c.Format), w)
	}
	switch {
	case c.Kind == "all":
		err = c.all(p, store)
	case c.To == "":
		_, err = write(p.stdout)
	default:
		var n int
		n, err = writeFile(c.To, c.Replace, write)
		if err == nil {
			fmt.Fprintf(p.stderr, "export: %d rows in %s\n", n, c.To)
		}
	}
	return refused(err)
}

// all writes a file of each kind, all of one moment.
func (c exportCommand) all(p *program, store *storage.Store) error {
	if err := os.MkdirAll(c.To, 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	path := func(kind string) string { return filepath.Join(c.To, kind+"."+c.Format) }
	for _, kind := range intake.ExportKinds() { // all of them or none
		if err := newFile(path(kind), c.Replace); err != nil {
			return err
		}
	}
	return store.View(p.ctx, func(tx *storage.Tx) error {
		for _, kind := range intake.ExportKinds() {
			path := path(kind)
			n, err := writeFile(path, c.Replace, func(w io.Writer) (int, error) { return intake.ExportIn(tx, kind, intake.Format(c.Format), w) })
			if err != nil {
				return err
			}
			fmt.Fprintf(p.stderr, "export: %d rows in %s\n", n, path)
		}
		return nil
	})
}

// newFile refuses a place where no file can be written, in words that name it: one that is there is its owner's, who may have
// changed it, and is replaced only when that is said.
func newFile(path string, replace bool) error {
	in, err := os.Stat(path)
	switch {
	case err == nil && in.IsDir():
		return usage(fmt.Errorf("%s is a folder: name a file in it", path))
	case err == nil && !replace && in.Mode().IsRegular():
		return usage(fmt.Errorf("%s is there already, and nothing is overwritten: name another file, or add --replace", path))
	}
	if in, err := os.Stat(filepath.Dir(path)); err != nil || !in.IsDir() {
		return usage(fmt.Errorf("there is no folder %s: make it first", filepath.Dir(path)))
	}
	return nil
}

// writeFile writes a file that only its owner can read, whole or not at all. What is no regular file (a pipe, a terminal) is
// written to as it is.
func writeFile(path string, replace bool, write func(w io.Writer) (int, error)) (n int, err error) {
	if err := newFile(path, replace); err != nil {
		return 0, err
	}
	if in, err := os.Stat(path); err == nil && !in.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return 0, err
		}
		n, err := write(f)
		return n, errors.Join(err, f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	w := bufio.NewWriter(f)
	n, err = write(w)
	if err = errors.Join(err, w.Flush(), f.Close()); err != nil || replace {
		if err == nil {
			err = os.Rename(f.Name(), path)
		}
		return n, err
	}
	switch err := os.Link(f.Name(), path); { // unlike a rename it overwrites nothing
	case errors.Is(err, fs.ErrExist):
		return n, newFile(path, replace)
	case err != nil: // a file system without links
		return n, os.Rename(f.Name(), path)
	}
	return n, nil
}
