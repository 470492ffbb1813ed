package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"truce"
	"truce/handlers/intake/profile"
	"truce/schedules/ideal"
	"truce/storage"
)

type icpCommand struct {
	Show     icpShowCommand     `cmd:"" help:"Show the profile in force."`
	Check    icpCheckCommand    `cmd:"" help:"Say what is wrong with a profile's document, or what a profile says of a lead."`
	Replay   icpReplayCommand   `cmd:"" help:"What a profile would have said of the leads of a period, and what became of them."`
	Evidence icpEvidenceCommand `cmd:"" help:"Which attributes go with accounts that bought again."`
}

type icpCheckCommand struct {
	What    string `arg:"" help:"A profile's document (FILE.yaml), or a lead: its id, e-mail address or our reference." placeholder:"FILE.yaml|LEAD"`
	Profile string `help:"The profile that the lead is held against. Default: the one in force." placeholder:"FILE.yaml"`
	Format  string `help:"text or json, of a lead." enum:"text,json" default:"text"`
}

// Help is shown by "truce icp check --help".
func (icpCheckCommand) Help() string {
	return `A profile is a threshold in percent of all points, and criteria: an attribute, one of equals, one_of, range, contains and exists, and points;
must for what nobody may lack, exclude for what nobody may have. Several criteria of one attribute are tiers: the best that holds counts.

Examples:
  truce icp check profile.yaml
  truce icp check 00Q5f00000A
  truce icp check 00Q5f00000A --profile profile.yaml --format json`
}

// Run checks a document, or a lead.
func (c icpCheckCommand) Run(p *program) error {
	if ext := strings.ToLower(filepath.Ext(c.What)); c.Profile == "" && (ext == ".yaml" || ext == ".yml") {
		prof, err := readProfile(c.What)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.stdout, "%s is right: %d criteria, %d points, inside from %g %%.\n", c.What, len(prof.Criteria), prof.Total(),
			prof.Threshold)
		return err
	}
	cfg, err := p.config()
	if err != nil {
		return err
	}
	var prof truce.Profile
	if c.Profile != "" {
		if prof, err = readProfile(c.Profile); err != nil {
			return err
		}
	}
	store, end, err := p.look(cfg, p.logger(cfg.Log))
	if err != nil {
		return err
	}
	defer end()
	var account truce.Account
	var lead truce.Lead
	err = store.View(p.ctx, func(tx *storage.Tx) error {
		if c.Profile == "" {
			_, in, err := profileInForce(tx, cfg, p.now())
			switch {
			case err != nil:
				return err
			case in == nil:
				return usage(fmt.Errorf("no profile is in force yet: say which with --profile FILE.yaml"))
			}
			prof = *in
		}
		if err := ideal.RefusePeople(tx, prof, p.now()); err != nil {
			return err
		}
		found, err := tx.FindLeads(c.What)
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return truce.Errorf(truce.NotFound, "There is no lead %q. Try its id in the CRM, its e-mail address, or our reference, such as L-12.",
				c.What)
		case len(found) > 1:
			ids := make([]string, len(found))
			for i, l := range found {
				ids[i] = l.ID
			}
			return truce.Errorf(truce.Invalid, "%q is of several leads: %s. Give one of these ids.", c.What, strings.Join(ids, ", "))
		}
		lead = found[0]
		account, err = tx.LeadAccount(lead, cfg.Terms().ICP.Shared)
		return err
	})
	var told *exitError
	switch {
	case errors.As(err, &told):
		return err
	case err != nil:
		return refused(err)
	}
	now := p.now()
	fit := prof.Of(func(name string) string { return cmp.Or(lead.Attribute(name), account.Attribute(name, now)) })
	if c.Format == "json" {
		out, err := json.MarshalIndent(newFitJSON(lead.ID, fit), "", "  ")
		if err == nil {
			_, err = p.stdout.Write(append(out, '\n'))
		}
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s: %s\n%s\n", lead.ID, fit.Fit, fit)
	if err == nil && fit.Decides != "" {
		_, err = fmt.Fprintf(p.stdout, "%s would decide.\n", fit.Decides)
	}
	return err
}

// readProfile reads a document; its faults are told by line and key.
func readProfile(file string) (truce.Profile, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return truce.Profile{}, usage(fmt.Errorf("read the profile: %w", err))
	}
	prof, faults := profile.Read(text)
	if len(faults) == 0 {
		return prof, nil
	}
	lines := make([]string, len(faults))
	for i, f := range faults {
		lines[i] = fmt.Sprintf("%s: %s", file, f)
		if f.Line > 0 {
			_, rest, _ := strings.Cut(f.String(), ": ")
			lines[i] = fmt.Sprintf("%s:%d: %s", file, f.Line, rest)
		}
	}
	return prof, usage(fmt.Errorf("%s", strings.Join(lines, "\n")))
}

// fitJSON is what a profile says of a lead: a contract, see docs/icp.md.
type fitJSON struct {
	Lead     string             `json:"lead"`
	Fit      truce.ICPFit       `json:"fit"`
	Met      int                `json:"met"`
	Open     int                `json:"open"`
	Total    int                `json:"total"`
	Decides  string             `json:"decides,omitempty"`
	Criteria []criterionFitJSON `json:"criteria"`
}

type criterionFitJSON struct {
	Attribute string `json:"attribute"`
	Value     string `json:"value"`
	Points    int    `json:"points"`
	Holds     *bool  `json:"holds"` // null is not known
}

func newFitJSON(lead string, f truce.Fit) fitJSON {
	j := fitJSON{Lead: lead, Fit: f.Fit, Met: f.Met, Open: f.Open, Total: f.Total, Decides: f.Decides, Criteria: []criterionFitJSON{}}
	for _, c := range f.Criteria {
		one := criterionFitJSON{Attribute: c.Attribute, Value: c.Value, Points: c.Points}
		if c.Holds != truce.VerdictUnknown {
			holds := c.Holds == truce.VerdictHolds
			one.Holds = &holds
		}
		j.Criteria = append(j.Criteria, one)
	}
	return j
}
