package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"truce"
	"truce/bot/config"
	"truce/handlers/intake"
	"truce/handlers/intake/pull/crm"
	"truce/handlers/intake/pull/crm/hubspot"
	"truce/handlers/intake/pull/crm/salesforce"
	"truce/storage"
)

// This file asks CRMs, and writes back to them.

// systems are the CRMs that are configured, those that want wants; nil wants all. It does no network.
func systems(cfg config.Config, want func(name string) bool) (list []crm.System, err error) {
	if h := cfg.HubSpot; h.Enabled() && (want == nil || want("hubspot")) {
		s, err := hubspot.New(hubspot.Config{Token: string(h.Token), Address: h.APIURL, MQLProperty: h.MQLProperty, Source: h.SourceProperty,
			Campaign: h.CampaignProperty, Score: h.ScoreProperty,
			Segment: h.SegmentProperty, Attributes: h.Attributes, Currency: h.Currency, Value: h.Value, CustomerIsWon: h.CustomerIsWon})
		if err != nil {
			return nil, usage(fmt.Errorf("hubspot: %w", err))
		}
		list = append(list, s)
	}
	if f := cfg.Salesforce; f.Enabled() && (want == nil || want("salesforce")) {
		login := f.LoginURL
		if login == "" {
			login = "https://" + f.Domain
		}
		s, err := salesforce.New(salesforce.Config{Login: login, ClientID: f.ClientID, ClientSecret: string(f.ClientSecret), MQLField: f.MQLField,
			Source: f.SourceField, Campaign: f.CampaignField,
			Score: f.ScoreField, Segment: f.SegmentField, Attributes: f.Attributes, Currency: f.Currency, Value: f.Value})
		if err != nil {
			return nil, usage(fmt.Errorf("salesforce: %w", err))
		}
		list = append(list, s)
	}
	return list, nil
}

// crmOptions say how CRMs are asked.
func crmOptions(ctx context.Context, cfg config.Config, store *storage.Store) (o crm.Options, err error) {
	o.Overlap, o.Ended = cfg.Sync.OverlapTime(), tellSync(cfg.Location())
	o.HandOff, err = intake.HandOff(ctx, store)
	return o, err
}

// askCRM asks one CRM and says what came: how many records it rejected.
func (c syncCommand) askCRM(p *program, cfg config.Config, store *storage.Store, s crm.System, log *slog.Logger) (rejected int, err error) {
	o, err := crmOptions(p.ctx, cfg, store)
	if err != nil {
		return 0, err
	}
	o.Full, o.DryRun = c.Full, c.DryRun
	tell := &syncListener{newImportListener(p, nil, nil, -1), s.Name(), p.stderr}
	if c.Write {
		return writeBack(p.ctx, p.stdout, store, s, o, tell)
	}
	var got crm.Result
	began := time.Now() // a stopwatch
	run := func() (err error) {
		got, err = crm.Run(p.ctx, store, s, o, tell, log.With("source", s.Name()))
		return err
	}
	if c.DryRun {
		err = run()
	} else {
		err = store.Relax(p.ctx, run)
	}
	for _, k := range got.Kinds() {
		head := s.Name() + ": "
		if c.DryRun {
			head += "nothing was stored. "
		}
		fmt.Fprint(p.stdout, head+summaryText(*got.ByKind[k]))
	}
	if len(got.Locked) > 0 {
		fmt.Fprintf(p.stdout, "  leads with another source there than they came with, which they keep: %s\n",
			oneLine(strings.Join(got.Locked, ", ")))
	}
	tellProposed(p.stdout, got.Proposed)
	if err == nil && !c.DryRun && len(writing(cfg, []crm.System{s}, false)) > 0 {
		refused, err := writeBack(p.ctx, p.stdout, store, s, o, tell)
		return got.Rejected() + refused, err
	}
	log.Info("a CRM was asked", "source", s.Name(), "pages", got.Pages, "took", time.Since(began).Round(time.Millisecond))
	return got.Rejected(), err
}

// tellProposed says what both sides are asked because a source has changed since its lead came.
func tellProposed(w io.Writer, made []truce.Proposal) {
	for _, m := range made {
		fmt.Fprintf(w, "  both sides are asked in %s: %s\n", m.ID, oneLine(m.Title))
	}
}

// writing are those of the CRMs that are written back to; a dry run shows what would be written to any.
func writing(cfg config.Config, crms []crm.System, dry bool) (list []crm.System) {
	on := map[string]bool{"hubspot": cfg.HubSpot.Write != "", "salesforce": cfg.Salesforce.Write != ""}
	for _, s := range crms {
		if on[s.Name()] || dry {
			list = append(list, s)
		}
	}
	return list
}

// writeBack writes back to a CRM and says what came of it: how many leads it refused.
func writeBack(ctx context.Context, w io.Writer, store *storage.Store, s crm.System, o crm.Options, l intake.Listener) (refused int,
	err error) {
	to, ok := s.(crm.Writer)
	if !ok {
		return 0, nil
	}
	got, err := crm.WriteBack(ctx, store, to, o, l)
	if o.DryRun {
		for _, v := range got.Would {
			fmt.Fprintf(w, "%s: would write lead %s\n", s.Name(), oneLine(v.String()))
		}
		fmt.Fprintf(w, "%s: nothing was written. %s would be\n", s.Name(), countOf(len(got.Would), "lead", "leads"))
		return 0, err
	}
	if got.Sent+got.Refused > 0 {
		fmt.Fprintf(w, "%s: %s written back, %d refused\n", s.Name(), countOf(got.Sent, "lead", "leads"), got.Refused)
	}
	if err != nil {
		err = fmt.Errorf("write back: %w", err)
	}
	return got.Refused, err
}

func countOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// createFields makes the fields that are written, where the CRM lets a program make them.
func (c syncCommand) createFields(p *program, crms []crm.System) error {
	for _, s := range crms {
		h, ok := s.(*hubspot.HubSpot)
		if !ok {
			continue
		}
		made, err := h.CreateFields(p.ctx)
		if err != nil {
			return err
		}
		if len(made) == 0 {
			_, err = fmt.Fprintln(p.stdout, "hubspot: the properties are there already")
		} else {
			_, err = fmt.Fprintf(p.stdout, "hubspot: made the contact properties %s\n", strings.Join(made, ", "))
		}
		return err
	}
	return usage(errors.New("--create-fields is for HubSpot: for Salesforce docs/sync.md lists the five fields"))
}
