package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"truce/handlers/intake"
	"truce/handlers/intake/sheet"
)

type reconcileCommand struct {
	File string `arg:"" help:"The CRM's list of leads, as it would be imported; - is standard input." placeholder:"FILE"`
	sheetFlags
	List int `help:"How many leads to list for each reason; 0 lists all." default:"20"`
}

// Help is shown by "truce reconcile --help".
func (reconcileCommand) Help() string {
	return `Says why Truce and the CRM count differently: leads merged in one of them, test leads, rows that cannot be imported, leads that were
never imported or are gone from the CRM. Of the leads here those count that qualified in the span of the file. No lead is changed; the
digests say in their footer what came of it.

Examples:
  truce reconcile leads.csv --preset salesforce
  truce reconcile leads.csv --map "id=Lead ID,mql_at=Created Date" --list 0`
}

// Run compares a list of leads with the database.
func (c reconcileCommand) Run(p *program) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	loc := cfg.Location()
	as := importCommand{Kind: string(sheet.Leads), File: c.File, sheetFlags: c.sheetFlags}
	return as.with(p, "reconcile", func(in input) error {
		r, err := in.Reconcile(p.ctx, in.store)
		if err == nil {
			_, err = fmt.Fprint(p.stdout, reconciledText(r, c.List, loc))
		}
		return err
	})
}

// reconciledText is one sentence and a list for each reason.
func reconciledText(r intake.Reconciled, list int, loc *time.Location) string {
	var b strings.Builder
	var why []string
	for _, w := range intake.Whys {
		if n := r.Count(w); n > 0 {
			why = append(why, fmt.Sprintf("%d %s", n, w))
		}
	}
	fmt.Fprintf(&b, "%d here, %d in your file, %d in both", r.Here, r.File, r.InBoth)
	if len(why) > 0 {
		b.WriteString(": " + strings.Join(why, ", "))
	}
	b.WriteString(".\n")
	for _, w := range intake.Whys {
		n := 0
		for _, d := range r.Differences {
			if d.Why != w {
				continue
			}
			if n++; list > 0 && n > list {
				fmt.Fprintf(&b, "  %s: and %d more (--list 0 lists all)\n", w, r.Count(w)-list)
				break
			}
			place := ""
			if d.Line > 0 && !strings.HasPrefix(d.Detail, "line ") {
				place = fmt.Sprintf("line %d, ", d.Line)
			}
			fmt.Fprintf(&b, "  %s: %s (%s%s)\n", w, oneLine(d.ID), place, oneLine(d.Detail))
		}
	}
	for i, c := range r.Sources {
		if list > 0 && i == list {
			fmt.Fprintf(&b, "  source: and %d more (--list 0 lists all)\n", len(r.Sources)-list)
			break
		}
		where, asked := "your file", ""
		if !c.At.IsZero() {
			where = cmp.Or(c.System, "a list") + " since " + c.At.In(loc).Format(time.DateOnly)
		}
		if c.Proposal != "" {
			asked = "; both sides were asked in " + c.Proposal
		}
		fmt.Fprintf(&b, "  source: %s (it came as %s and keeps that; %s in %s%s)\n", oneLine(c.LeadID), oneLine(c.Was), oneLine(c.Now), oneLine(where),
			asked)
	}
	for i, g := range r.Left {
		if list > 0 && i == list {
			fmt.Fprintf(&b, "  left the CRM: and %d more (--list 0 lists all)\n", len(r.Left)-list)
			break
		}
		kept := "out of the figures"
		if g.Kept {
			kept = "kept, because people judged or disputed it here"
		}
		fmt.Fprintf(&b, "  left the CRM: %s (%s, found %s by truce sync; %s)\n", oneLine(g.LeadID), oneLine(g.Why), g.At.In(loc).Format(time.DateOnly),
			kept)
	}
	return b.String()
}
