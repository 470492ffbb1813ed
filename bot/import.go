package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"truce"
	"truce/bot/config"
	"truce/handlers/intake"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

type importCommand struct {
	Kind string `arg:"" help:"What the rows are: people, accounts, leads, touches, engagements, deals, outcomes, orders, costs, activities, activity_links or answers." placeholder:"KIND"`
	File string `arg:"" help:"The file, CSV, JSON Lines or a JSON array, plain or gzip; - is standard input." placeholder:"FILE"`
	sheetFlags
	Rejects string `help:"Where rejected rows are kept (default: FILE.rejected.csv or .jsonl)." placeholder:"FILE"`
	DryRun  bool   `help:"Read and check the whole file, say what would be done, and store nothing."`

	ExpectRows int    `help:"How many rows there are: with fewer or more it is no complete import (exit status 1)." placeholder:"N"`
	End        string `help:"The file's last line, such as \"#end\": without it the file was cut off, and it is no complete import (exit status 1)." placeholder:"LINE"`
}

// sheetFlags say how a file is to be read.
type sheetFlags struct {
	Preset    string   `help:"The system whose export it is: hubspot, salesforce, pipedrive, or truce for an export of ours." placeholder:"NAME"`
	Map       []string `help:"Our field = the file's column: id=Lead ID,mql_at=Created Date. Repeatable; a column by its place is #3." placeholder:"A=X,B=Y" sep:"none"`
	Set       []string `help:"Our field = a value for every row: status=won,currency=USD. Repeatable." placeholder:"K=V" sep:"none"`
	Value     []string `help:"Their word = ours, field by field: status:Deal closed=won,status:Parked=recycled. Repeatable; empty says nothing." placeholder:"FIELD:X=Y" sep:"none"`
	Number    string   `help:"How numbers are written: us (1,234.5) or eu (1.234,5). Without it no comma is guessed at." placeholder:"us|eu"`
	Date      string   `help:"The order of 01/02/2026: dmy, mdy or ymd; ms for milliseconds since 1970. Without it only dates that can mean one day are taken." placeholder:"dmy|mdy|ymd|ms"`
	Records   string   `help:"The file holds messages of a Singer tap or an Airbyte source: their records are read." placeholder:"singer|airbyte"`
	Stream    string   `help:"Of which stream, where there are several." placeholder:"NAME"`
	Exact     bool     `help:"Reject amounts with more decimals than their currency has. Without it they are rounded half to even, and counted."`
	Encoding  string   `help:"The file's encoding, where it is neither UTF-8 nor UTF-16: windows-1252..." placeholder:"NAME"`
	Delimiter string   `help:"What parts the columns: a comma, a semicolon, tab or |. Without it the header tells." placeholder:"CHAR"`
}

// Help is shown by "truce import --help".
func (importCommand) Help() string {
	return `Beside a running bot too. CSV, JSON Lines (an object a line) or a JSON array of objects: the content tells which. The same file twice changes nothing, so an import that was cut off is simply run again. Columns with our
names need no --map; columns that are none of our fields are kept as attributes of the lead or the account. A bad row stops nothing: it is told by its
line on stderr and kept in a file with the same header, to be mended and imported. Exit status 3: done, but rows were rejected.

People, accounts, leads, touches, engagements, deals, outcomes, orders, costs, activities, activity_links, answers is the order to begin with. Accounts need an id, leads id and mql_at. Outcomes
need lead_id, at, and a status (accepted, rejected, sql, opportunity, won, lost, recycled) or a rating (good, fair, poor). Costs need a source or
a campaign, a day or a month, and an amount. --dry-run shows what each column would be; docs/import.md has every field and a page for HubSpot, Salesforce, Pipedrive and others.

Examples:
  truce import leads leads.csv --dry-run
  truce import leads leads.jsonl.gz
  truce import accounts companies.csv --preset hubspot
  truce import deals deals.csv --preset hubspot --set currency=EUR
  truce import leads leads.csv --map "id=Lead ID,mql_at=Created Date,source=Lead Source"
  truce import costs spend.csv --map "source=Channel,at=Month,amount=Spend" --set currency=USD
  truce import outcomes won.csv --map lead_id=mql_id,at=won_date,amount=revenue --set status=won,currency=USD`
}

// Run imports one file.
func (c importCommand) Run(p *program) error {
	return c.with(p, "import", func(in input) error {
		if c.DryRun {
			return c.dryRun(p, in)
		}
		return c.store(p, in)
	})
}

// input is a file whose columns are bound, and the database that it is for.
type input struct {
	*intake.File
	store *storage.Store
	read  *countingReader
	size  int64 // bytes; -1 where they cannot be known
}

// with opens the file and the database for fn; doing is what fails when that does.
func (c importCommand) with(p *program, doing string, fn func(in input) error) error {
	opts, err := c.options()
	if err != nil {
		return usage(err)
	}
	cfg, err := p.config()
	if err != nil {
		return err
	}
	opts.Dates.Location = cfg.Location()
	src, size, err := p.openInput(c.File)
	if err != nil {
		return usage(err)
	}
	defer src.Close()
	opts.Expect, opts.Open = c.ExpectRows, c.File == "-" && c.End == "" && c.ExpectRows == 0
	var from io.Reader = src
	if c.End != "" {
		from = newEndReader(src, c.End)
	}
	log := p.logger(cfg.Log)
	open := func(cfg config.Config, log *slog.Logger) (*storage.Store, func(), error) {
		store, err := p.openAny(cfg, log)
		return store, func() { closeStore(store, log) }, err
	}
	if _, err := os.Stat(cfg.Storage.Path); errors.Is(err, fs.ErrNotExist) && (c.DryRun || doing != "import") {
		if doing != "import" {
			return usage(fmt.Errorf("there is no database %s yet: import first", cfg.Storage.Path))
		}
		open = p.openNowhere // what is only tried leaves nothing behind
	}
	store, end, err := open(cfg, log)
	if err != nil {
		return err
	}
	defer end()
	read := &countingReader{r: from}
	f, err := intake.Open(p.ctx, store, read, opts)
	if err == nil {
		err = fn(input{f, store, read, size})
	}
	var told *exitError
	switch {
	case err == nil || errors.As(err, &told):
		return err
	case truce.KindOf(err) == truce.Invalid:
		err = usage(err)
	}
	return fmt.Errorf("%s %s: %w", doing, c.File, err)
}

// store imports what with opened.
func (c importCommand) store(p *program, in input) error {
	rejects, err := newRejectsFile(p.ctx, in.store, c.rejectsPath(in.File), c.Rejects != "", c.File, in.Reader())
	if err != nil {
		return usage(err)
	}
	tell := newImportListener(p, rejects, in.read, in.size)
	var s intake.Summary
	err = in.store.Relax(p.ctx, func() (err error) { s, err = in.Import(p.ctx, in.store, tell); return err })
	tell.done()
	err = errors.Join(err, rejects.close())
	if _, werr := fmt.Fprint(p.stdout, summaryText(s), guessesText(in.Binding())); err == nil {
		err = werr
	}
	if rejects.rows > 0 {
		fmt.Fprintf(p.stderr, "import: rejected rows are in %s; mend them there and import that file the same way\n", rejects.path)
	}
	if rejects.rows > 0 && rejects.kept != "" {
		fmt.Fprintf(p.stderr, "import: %s is not as an import left it, so it is yours and was not touched\n", rejects.kept)
	}
	if err == nil && s.Open {
		fmt.Fprintf(p.stderr, "import: where a pipe breaks off cannot be seen, so this does not count as all that the CRM knows: end it with a "+
			"line of its own (--end LINE), or say how many rows come (--expect-rows N)\n")
	}
	if err != nil {
		if p.ctx.Err() != nil {
			return errors.New("it was stopped; run it again to go on: what is stored already is left as it is")
		}
		return err
	}
	return rejectedStatus(s)
}

// rejectedStatus is exit status 3 where rows were rejected.
func rejectedStatus(s intake.Summary) error {
	if s.Rejected > 0 {
		return &exitError{exitRejected, errors.New("")}
	}
	return nil
}

// dryRun says what the columns mean and what is wrong with the rows.
func (c importCommand) dryRun(p *program, in input) error {
	fmt.Fprintf(p.stdout, "%s: %s, %s\n", c.File, in.Reader().Encoding(), in.Reader().Form())
	s, err := in.Check(p.ctx, in.store, &importListener{w: p.stderr})
	for _, l := range in.Binding().Plan() {
		fmt.Fprintf(p.stdout, "  %-14s from %s\n", l.Field, oneLine(l.From))
	}
	if names := in.Binding().AttributeNames(); len(names) > 0 && in.Kind().KeepsAttributes() {
		fmt.Fprintf(p.stdout, "  kept as attributes: %s\n", oneLine(strings.Join(names, ", ")))
	}
	fmt.Fprint(p.stdout, guessesText(in.Binding()))
	if _, werr := fmt.Fprintf(p.stdout, "Nothing was stored. %s", summaryText(s)); err == nil {
		err = werr
	}
	if err != nil {
		return err
	}
	return rejectedStatus(s)
}

// guessesText is what columns that are bound to nothing look like.
func guessesText(b *sheet.Binding) string {
	var text strings.Builder
	for _, g := range b.Guesses() {
		fmt.Fprintf(&text, "  %s (say so with --map)\n", oneLine(g))
	}
	return text.String()
}

func (c importCommand) options() (intake.Options, error) {
	o := intake.Options{Kind: sheet.Kind(strings.ToLower(c.Kind)), Exact: c.Exact, Bind: sheet.BindOptions{Preset: strings.ToLower(c.Preset)}}
	o.Sheet = sheet.Options{Encoding: c.Encoding, Guarded: sheet.Guarded(o.Bind.Preset)}
	if o.Name = filepath.Base(c.File); c.File == "-" {
		o.Name = ""
	}
	name := strings.TrimSuffix(strings.ToLower(o.Name), ".gz")
	o.Sheet.JSON = slices.Contains([]string{".jsonl", ".ndjson", ".json"}, filepath.Ext(name))
	var err error
	if o.Sheet.Delimiter, err = delimiter(c.Delimiter); err != nil {
		return o, err
	}
	if o.Number, err = truce.ParseNumberFormat(c.Number); err != nil {
		return o, err
	}
	o.Sheet.Number = o.Number
	if o.Sheet.Records, err = sheet.ParseRecords(strings.ToLower(c.Records)); err != nil {
		return o, err
	}
	o.Sheet.Stream = c.Stream
	if o.Dates.Order, err = sheet.ParseDateOrder(c.Date); err != nil {
		return o, err
	}
	if o.Bind.Maps, err = sheet.ParsePairs(c.Map...); err != nil {
		return o, fmt.Errorf("--map: %w", err)
	}
	for _, m := range o.Bind.Maps {
		o.Sheet.Paths = append(o.Sheet.Paths, m.Value)
	}
	if o.Bind.Sets, err = sheet.ParsePairs(c.Set...); err != nil {
		return o, fmt.Errorf("--set: %w", err)
	}
	if o.Bind.Values, err = sheet.ParsePairs(c.Value...); err != nil {
		return o, fmt.Errorf("--value: %w", err)
	}
	return o, nil
}

// delimiter reads --delimiter; 0 is not told.
func delimiter(text string) (byte, error) {
	switch strings.ToLower(text) {
	case "":
		return 0, nil
	case ",", "comma":
		return ',', nil
	case ";", "semicolon":
		return ';', nil
	case "\t", `\t`, "tab":
		return '\t', nil
	case "|", "pipe":
		return '|', nil
	}
	return 0, fmt.Errorf("--delimiter is , ; tab or |, not %q", text)
}

// rejectsPath is --rejects, or leads.csv.rejected.csv beside leads.csv; what is kept of JSON is JSON Lines.
func (c importCommand) rejectsPath(f *intake.File) string {
	if c.Rejects != "" {
		return c.Rejects
	}
	ending := ".rejected.csv"
	if f.Reader().Objects() {
		ending = ".rejected.jsonl"
	}
	if c.File == "-" {
		return "stdin" + ending
	}
	return c.File + ending
}

// openInput opens a file for reading; - is standard input. size is its bytes, -1 where they cannot be known.
func (p *program) openInput(file string) (src io.ReadCloser, size int64, err error) {
	if file == "-" {
		return io.NopCloser(p.stdin), -1, nil
	}
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fmt.Errorf("there is no file %s", file)
	}
	if err != nil {
		return nil, 0, err
	}
	size = -1
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		size = info.Size()
	}
	return f, size, nil
}
