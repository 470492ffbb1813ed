package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"truce"
	"truce/handlers/intake"
	"truce/handlers/intake/sheet"
)

type importCommand struct {
	Kind    string   `arg:"" help:"What the rows are: leads or outcomes." placeholder:"KIND"`
	File    string   `arg:"" help:"The CSV file, plain or gzip; - is standard input." placeholder:"FILE"`
	Map     []string `help:"Our field = the file's column: id=Lead ID,mql_at=Created Date. Repeatable; a column by its place is #3." placeholder:"A=X,B=Y" sep:"none"`
	Set     []string `help:"Our field = a value for every row: status=won,currency=USD. Repeatable." placeholder:"K=V" sep:"none"`
	Rejects string   `help:"Where rejected rows are kept (default: beside FILE, as NAME.rejected.csv)." placeholder:"FILE"`
}

// Help is shown by "truce import --help".
func (importCommand) Help() string {
	return `Beside a running bot too. The same file twice changes nothing, so an import that was cut off is simply run again. Columns with our
names need no --map; columns that are none of our fields are kept as attributes of the lead. A bad row stops nothing: it is told by its
line on stderr and kept in a file with the same header, to be mended and imported. Exit status 3: done, but rows were rejected.

Leads need id and mql_at; email, name, company, account, source, campaign, score, owner, segment, product and handed_off_at may be there.
Outcomes need lead_id, at, and a status (accepted, rejected, sql, opportunity, won, lost, recycled) or a rating (good, fair, poor);
deal_id, amount, currency, reason, owner and rated_at may be there.

Examples:
  truce import leads leads.csv
  truce import leads leads.csv --map "id=Lead ID,mql_at=Created Date,source=Lead Source"
  truce import outcomes won.csv --map lead_id=mql_id,at=won_date,amount=revenue --set status=won,currency=USD`
}

// Run imports one file.
func (c importCommand) Run(p *program) error {
	opts, err := c.options()
	if err != nil {
		return usage(err)
	}
	cfg, err := p.config()
	if err != nil {
		return err
	}
	opts.Dates.Location = cfg.Location()
	src, err := p.openInput(c.File)
	if err != nil {
		return usage(err)
	}
	defer src.Close()
	log := p.logger(cfg.Log)
	store, err := p.open(cfg, log)
	if err != nil {
		return err
	}
	defer closeStore(store, log)
	f, err := intake.Open(p.ctx, store, src, opts)
	if err != nil {
		return wrong(c.File, err)
	}
	rejects, err := newRejectsFile(c.rejectsPath(), c.File, f.Reader())
	if err != nil {
		return usage(err)
	}
	s, err := f.Import(p.ctx, store, &importListener{w: p.stderr, rejects: rejects})
	err = errors.Join(err, rejects.close())
	if _, werr := fmt.Fprint(p.stdout, summaryText(s)); err == nil {
		err = werr
	}
	if rejects.rows > 0 {
		fmt.Fprintf(p.stderr, "import: rejected rows are in %s; mend them there and import that file the same way\n", rejects.path)
	}
	if err != nil {
		if p.ctx.Err() != nil {
			return fmt.Errorf("import of %s stopped; run it again to go on: what is stored already is left as it is", c.File)
		}
		return wrong(c.File, err)
	}
	if s.Rejected > 0 {
		return &exitError{exitRejected, errors.New("")}
	}
	return nil
}

// wrong names the file in an error, and gives the person's faults their exit status.
func wrong(file string, err error) error {
	err = fmt.Errorf("import %s: %w", file, err)
	if truce.KindOf(err) == truce.Invalid {
		return usage(err)
	}
	return err
}

func (c importCommand) options() (intake.Options, error) {
	o := intake.Options{Kind: sheet.Kind(strings.ToLower(c.Kind))}
	var err error
	if o.Bind.Maps, err = sheet.ParsePairs(c.Map...); err != nil {
		return o, fmt.Errorf("--map: %w", err)
	}
	if o.Bind.Sets, err = sheet.ParsePairs(c.Set...); err != nil {
		return o, fmt.Errorf("--set: %w", err)
	}
	return o, nil
}

// rejectsPath is --rejects, or leads.rejected.csv beside leads.csv.
func (c importCommand) rejectsPath() string {
	if c.Rejects != "" {
		return c.Rejects
	}
	if c.File == "-" {
		return "stdin.rejected.csv"
	}
	name := c.File
	for _, ext := range []string{".gz", ".csv", ".tsv", ".txt"} {
		if len(filepath.Base(name)) > len(ext) && strings.EqualFold(filepath.Ext(name), ext) {
			name = name[:len(name)-len(ext)]
		}
	}
	return name + ".rejected.csv"
}

// openInput opens a file for reading; - is standard input.
func (p *program) openInput(file string) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(p.stdin), nil
	}
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s", file)
	}
	return f, err
}

// rejectsFile keeps rejected rows; it is made with the first one.
type rejectsFile struct {
	path   string
	reader *sheet.Reader
	file   *os.File
	w      *sheet.Rejects
	rows   int
}

// newRejectsFile removes what an earlier import left at path: it would be taken for this one's.
func newRejectsFile(path, input string, r *sheet.Reader) (*rejectsFile, error) {
	if old, err := os.Stat(path); err == nil && old.Mode().IsRegular() {
		if in, err := os.Stat(input); err == nil && os.SameFile(in, old) {
			return nil, fmt.Errorf("the rejected rows would go into %s, the file being read: choose another with --rejects", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("remove the rejected rows of an earlier import: %w", err)
		}
	}
	return &rejectsFile{path: path, reader: r}, nil
}

func (r *rejectsFile) add(row sheet.Row) error {
	if row.Raw == nil {
		return nil // it was too large to keep: the line on stderr says so
	}
	if r.file == nil {
		var err error
		if r.file, err = os.OpenFile(r.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil { // personal data
			return fmt.Errorf("keep the rejected rows: %w", err)
		}
		r.w = sheet.NewRejects(r.file, r.reader)
	}
	r.rows++
	return r.w.Add(row)
}

func (r *rejectsFile) close() error {
	if r.file == nil {
		return nil
	}
	return errors.Join(r.w.Flush(), r.file.Close())
}

// importListener tells the person at the terminal.
type importListener struct {
	w       io.Writer
	rejects *rejectsFile
}

func (l *importListener) Rejected(row sheet.Row, bad *sheet.Bad) error {
	if _, err := fmt.Fprintf(l.w, "import: %s\n", oneLine(bad.Error())); err != nil {
		return err
	}
	return l.rejects.add(row)
}

func (l *importListener) Progress(intake.Summary) {}

// oneLine keeps outside text from breaking the line or steering the terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

// summaryText is what became of the rows, for stdout.
func summaryText(s intake.Summary) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s: %d new, %d changed, %d unchanged, %d rejected\n", s.Rows, s.Kind, s.Added, s.Changed, s.Unchanged, s.Rejected)
	for _, r := range s.ByReason() {
		fmt.Fprintf(&b, "  rejected, %s: %d\n", r, s.Reasons[r])
	}
	if s.Nothing > 0 {
		fmt.Fprintf(&b, "  %d rows say that nothing has come of their lead yet\n", s.Nothing)
	}
	return b.String()
}
