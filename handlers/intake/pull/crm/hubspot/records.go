package hubspot

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/handlers/intake/pull/crm"
	"truce/storage"
)

// This file makes of HubSpot's objects what Truce knows.

// readCompanies reads companies.
func (h *HubSpot) readCompanies(ctx context.Context, q crm.Query) (crm.Page, error) {
	var p crm.Page
	list, next, err := h.read(ctx, asked{object: companies, properties: []string{"name", "domain"}, changed: "hs_lastmodifieddate"}, q)
	for _, o := range list {
		p.Accounts = append(p.Accounts, truce.Account{ID: o.ID, Name: o.get("name"), Domain: o.get("domain")})
	}
	p.Next = next
	return p, err
}

const mergedIDs = "hs_merged_object_ids"

// readContacts reads contacts. The history is asked for those who are leads.
func (h *HubSpot) readContacts(ctx context.Context, q crm.Query) (crm.Page, error) {
	names := append([]string{"email", "firstname", "lastname", "company", "associatedcompanyid", "hubspot_owner_id", "lifecyclestage",
		"hs_lead_status", mergedIDs, "hs_calculated_merged_vids",
		h.cfg.MQLProperty, h.cfg.Source, h.cfg.Campaign, h.cfg.Score, h.cfg.Segment}, h.cfg.Attributes...)
	a := asked{object: contacts, properties: h.known(names...), history: h.known("lifecyclestage", "hs_lead_status", h.cfg.Source),
		changed: "lastmodifieddate"}
	list, next, err := h.read(ctx, a, q)
	if err != nil {
		return crm.Page{}, err
	}
	var leads []string
	for _, o := range list {
		if o.get(h.cfg.MQLProperty) != "" {
			leads = append(leads, o.ID)
		}
	}
	full, err := h.byID(ctx, a, leads, true)
	if err != nil {
		return crm.Page{}, err
	}
	p := crm.Page{Next: next}
	for _, o := range list {
		if o.get(h.cfg.MQLProperty) == "" {
			p.Leads = append(p.Leads, storage.CRMLead{Lead: truce.Lead{ID: o.ID}, Absorbed: merged(o), Why: "unqualified"})
			p.Nothing++
			continue
		}
		now, there := full[o.ID]
		if !there || now.get(h.cfg.MQLProperty) == "" { // it went, or changed, meanwhile: the next window has it
			continue
		}
		lead, fault := h.contact(now)
		if fault != nil {
			p.Faults = append(p.Faults, *fault)
			continue
		}
		p.Leads = append(p.Leads, lead)
	}
	if !q.Whole { // else they are read anyway
		err = h.moved(ctx, list, &p)
	}
	return p, err
}

// moved reads anew what deals and touches name that speak of contacts into which others were merged: they name the survivor now, which
// changes none of them, and of a chain of merges the survivor says only the last.
func (h *HubSpot) moved(ctx context.Context, list []object, p *crm.Page) error {
	var survivors []string
	for _, o := range list {
		if len(merged(o)) > 0 {
			survivors = append(survivors, o.ID)
		}
	}
	if len(survivors) == 0 {
		return nil
	}
	objects := []string{deals}
	for _, t := range touchTypes {
		objects = append(objects, t.object)
	}
	for _, of := range objects {
		theirs, err := h.associated(ctx, contacts, of, survivors)
		if err != nil {
			return err
		}
		var ids []string
		for _, some := range theirs {
			ids = append(ids, some...)
		}
		slices.Sort(ids)
		if err := h.relink(ctx, of, slices.Compact(ids), p); err != nil {
			return err
		}
	}
	return nil
}

// relink reads anew whom objects name.
func (h *HubSpot) relink(ctx context.Context, of string, ids []string, p *crm.Page) error {
	if len(ids) == 0 {
		return nil
	}
	who, err := h.associated(ctx, of, contacts, ids)
	for _, id := range ids {
		l := crm.Links{Type: storage.CRMDeals, ID: id, Links: links(who[id])}
		if of != deals {
			l.Type, l.ID = storage.CRMTouches, touchID(of, id)
		}
		p.Links = append(p.Links, l)
	}
	return err
}

// merged are the contacts that were merged into one, as far as it says.
func merged(o object) (ids []string) {
	for _, id := range strings.FieldsFunc(o.get(mergedIDs), func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, entry := range strings.Split(o.get("hs_calculated_merged_vids"), ";") { // id:moment, and not always all
		if id, _, ok := strings.Cut(entry, ":"); ok && id != "" && id != o.ID && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// contact makes a lead of a contact.
func (h *HubSpot) contact(o object) (l storage.CRMLead, fault *crm.Fault) {
	fail := func(field string, err error) {
		if err != nil && fault == nil {
			fault = &crm.Fault{Record: "contact " + o.ID, Field: field, Text: crm.Sentence(err)}
		}
	}
	mql, err := crm.Moment(o.get(h.cfg.MQLProperty))
	fail(h.cfg.MQLProperty, err)
	company := o.get("associatedcompanyid")
	l.Lead = truce.Lead{ID: o.ID, MQLAt: mql, Email: crm.Email(o.get("email")),
		Name: strings.TrimSpace(o.get("firstname") + " " + o.get("lastname")), Company: o.get("company"),
		Account: truce.FoldAccount(company), Campaign: o.get(h.cfg.Campaign), Segment: o.get(h.cfg.Segment),
		Owner: h.owner(o.get("hubspot_owner_id")), Attrs: map[string]string{}}
	if l.Account != company {
		l.AccountAs = company
	}
	for _, a := range h.cfg.Attributes {
		l.Attrs[a] = o.get(a)
	}
	l.Score, l.HasScore, err = crm.Score(o.get(h.cfg.Score))
	fail(h.cfg.Score, err)
	sources := h.entries(o, h.cfg.Source, fail)
	slices.SortStableFunc(sources, func(a, b crm.Entry) int { return a.At.Compare(b.At) })
	if i := slices.IndexFunc(sources, func(e crm.Entry) bool { return e.Value != "" }); i >= 0 {
		l.Source = sources[i].Value // it is locked: what it was first
	} else {
		l.Source = o.get(h.cfg.Source)
	}
	l.SourceNow, l.Absorbed = o.get(h.cfg.Source), merged(o)
	l.Verdicts = crm.Outcomes(o.ID, l.Owner, h.lead.Verdicts(h.entries(o, "hs_lead_status", fail)),
		h.stage.Verdicts(h.entries(o, "lifecyclestage", fail)))
	return l, fault
}

// entries are the history of a property; where there is none it says nothing, for a status without a date is no news.
func (h *HubSpot) entries(o object, name string, fail func(string, error)) (list []crm.Entry) {
	for _, e := range slices.Backward(o.History[name]) { // the newest comes first
		at, err := crm.Moment(e.Timestamp)
		fail(name, err)
		list = append(list, crm.Entry{At: at, Value: strings.TrimSpace(e.Value)})
	}
	return list
}

// dealProperties is what is read of a deal.
func dealAsked() asked {
	return asked{object: deals, changed: "hs_lastmodifieddate", associations: []string{contacts, companies}, history: []string{"dealstage"},
		properties: []string{"dealname", "dealstage", "pipeline", "amount", "deal_currency_code", "createdate", "closedate", "hubspot_owner_id",
			"dealtype", "closed_lost_reason", mergedIDs}}
}

// readDeals reads deals with whom and which company they name.
func (h *HubSpot) readDeals(ctx context.Context, q crm.Query) (crm.Page, error) {
	a := dealAsked()
	list, next, err := h.read(ctx, a, q)
	if err != nil || len(list) == 0 {
		return crm.Page{Next: next}, err
	}
	who, err := h.linked(ctx, a, contacts, list, q.Whole)
	if err != nil {
		return crm.Page{}, err
	}
	where, err := h.linked(ctx, a, companies, list, q.Whole)
	if err != nil {
		return crm.Page{}, err
	}
	var undated []string // closed, and not saying when
	for _, o := range list {
		if h.ending(o).status.Ends() && o.get("closedate") == "" {
			undated = append(undated, o.ID)
		}
	}
	dated, err := h.byID(ctx, a, undated, true)
	if err != nil {
		return crm.Page{}, err
	}
	p := crm.Page{Next: next}
	for _, o := range list {
		if d, ok := dated[o.ID]; ok {
			o.History = d.History
		}
		d, fault := h.deal(o, where[o.ID])
		if fault != nil {
			p.Faults = append(p.Faults, *fault)
			continue
		}
		p.Deals = append(p.Deals, storage.CRMDeal{Deal: d, Links: links(who[o.ID])})
		for _, id := range merged(o) {
			p.Gone = append(p.Gone, crm.Gone{Type: storage.CRMDeals, ID: id, Why: "merged"})
		}
	}
	return p, nil
}

// readThere looks whether the leads that are known here are there still: a contact that was merged, or deleted for good, vanishes, and of a
// chain of merges the survivor names only the last link.
func (h *HubSpot) readThere(ctx context.Context, q crm.Query) (crm.Page, error) {
	ids, err := q.Known(ctx, storage.CRMLeads, q.Cursor, page)
	if err != nil || len(ids) == 0 {
		return crm.Page{}, err
	}
	found, err := h.byID(ctx, asked{object: contacts, properties: []string{"hs_object_id"}}, ids, false)
	p := crm.Page{Next: ids[len(ids)-1]}
	for _, id := range ids {
		if _, ok := found[id]; ok || err != nil {
			continue
		}
		var now object
		err = h.client.Do(ctx, "GET", "/crm/objects/"+version+"/"+contacts+"/"+url.PathEscape(id), nil, &now)
		var status *crm.StatusError
		switch {
		case errors.As(err, &status) && status.Status == 404:
			err = nil
			p.Gone = append(p.Gone, crm.Gone{Type: storage.CRMLeads, ID: id, Why: "deleted"})
		case err == nil && now.ID != "" && now.ID != id:
			p.Merged = append(p.Merged, crm.Merged{ID: id, Into: now.ID})
		}
	}
	return p, err
}

// readDealsThere looks whether the deals that are known here are there still: the bin holds what was deleted for ninety days, and what is
// deleted for good is in no list.
func (h *HubSpot) readDealsThere(ctx context.Context, q crm.Query) (crm.Page, error) {
	ids, err := q.Known(ctx, storage.CRMDeals, q.Cursor, page)
	if err != nil || len(ids) == 0 {
		return crm.Page{}, err
	}
	p := crm.Page{Next: ids[len(ids)-1]}
	return p, h.missing(ctx, deals, ids, func(id string) {
		p.Gone = append(p.Gone, crm.Gone{Type: storage.CRMDeals, ID: id, Why: "deleted"})
	})
}

// readTouchesThere looks whether the calls, meetings and mails are there still that are known here.
func (h *HubSpot) readTouchesThere(ctx context.Context, q crm.Query) (crm.Page, error) {
	known, err := q.Known(ctx, storage.CRMTouches, q.Cursor, page)
	if err != nil || len(known) == 0 {
		return crm.Page{}, err
	}
	p := crm.Page{Next: known[len(known)-1]}
	for _, t := range touchTypes {
		var ids []string
		for _, k := range known {
			if id, of := strings.CutPrefix(k, touchID(t.object, "")); of {
				ids = append(ids, id)
			}
		}
		if err := h.missing(ctx, t.object, ids, func(id string) {
			p.Gone = append(p.Gone, crm.Gone{Type: storage.CRMTouches, ID: touchID(t.object, id), Why: "deleted"})
		}); err != nil {
			return p, err
		}
	}
	return p, nil
}

// missing tells of those of some objects that are no more.
func (h *HubSpot) missing(ctx context.Context, object string, ids []string, gone func(id string)) error {
	found, err := h.byID(ctx, asked{object: object, properties: []string{"hs_object_id"}}, ids, false)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, ok := found[id]; !ok {
			gone(id)
		}
	}
	return nil
}

// links are the contacts that a record names.
func links(ids []string) []storage.Link {
	list := make([]storage.Link, 0, len(ids))
	for _, id := range ids {
		list = append(list, storage.Link{Key: id})
	}
	slices.SortFunc(list, func(a, b storage.Link) int { return cmp.Compare(a.Key, b.Key) })
	return slices.Compact(list)
}

// ending is what the stage of a deal means.
func (h *HubSpot) ending(o object) ending {
	if e, ok := h.closed[o.get("pipeline")+"/"+o.get("dealstage")]; ok {
		return e
	}
	return ending{o.get("dealstage"), truce.StageStatus(o.get("dealstage"))}
}

// deal makes a deal of one.
func (h *HubSpot) deal(o object, companies []string) (d truce.Deal, fault *crm.Fault) {
	fail := func(field string, err error) {
		if err != nil && fault == nil {
			fault = &crm.Fault{Record: "deal " + o.ID, Field: field, Text: crm.Sentence(err)}
		}
	}
	end := h.ending(o)
	d = truce.Deal{ID: o.ID, Name: o.get("dealname"), Stage: end.label, Status: end.status, Owner: h.owner(o.get("hubspot_owner_id")),
		Product: o.get("dealtype")}
	if len(companies) > 0 {
		company := slices.Min(companies)
		d.Account, d.AccountName = truce.FoldAccount(company), company
	}
	var err error
	d.CreatedAt, err = crm.Moment(o.get("createdate"))
	fail("createdate", err)
	if d.Status.Ends() {
		d.ClosedAt, err = crm.Moment(o.get("closedate"))
		fail("closedate", err)
		if d.ClosedAt.IsZero() {
			d.ClosedAt = h.entered(o, fail)
		}
		if d.ClosedAt.IsZero() {
			fail("closedate", truce.Errorf(truce.Invalid, "the deal is %s and does not say when", d.Status))
		}
		if d.Status == truce.Lost {
			d.Reason, _ = truce.ParseReason(o.get("closed_lost_reason"))
		}
	} else if d.CreatedAt.IsZero() {
		fail("createdate", truce.Errorf(truce.Invalid, "the deal does not say when it was opened"))
	}
	d.Amount, d.HasAmount, err = crm.Money(o.get("amount"), cmp.Or(o.get("deal_currency_code"), h.company))
	fail("amount", err)
	return d, fault
}

// entered is when a deal came into the stage that it is in.
func (h *HubSpot) entered(o object, fail func(string, error)) (at time.Time) {
	for _, e := range h.entries(o, "dealstage", fail) {
		if e.Value == o.get("dealstage") && e.At.After(at) {
			at = e.At
		}
	}
	return at
}

// readOpenDeals reads anew whom open deals name: that alone does not change a deal.
func (h *HubSpot) readOpenDeals(ctx context.Context, q crm.Query) (crm.Page, error) {
	ids, err := q.OpenDeals(ctx, q.Cursor, found)
	if err != nil || len(ids) == 0 {
		return crm.Page{}, err
	}
	p := crm.Page{Next: ids[len(ids)-1]}
	err = h.relink(ctx, deals, ids, &p)
	return p, err
}

// touchAsked is what is read of a kind of touches.
func touchAsked(object string) asked {
	a := asked{object: object, changed: "hs_lastmodifieddate", associations: []string{contacts},
		properties: []string{"hs_timestamp", "hubspot_owner_id"}}
	switch object {
	case "calls":
		a.properties = append(a.properties, "hs_call_status")
	case "meetings":
		a.properties = append(a.properties, "hs_meeting_start_time", "hs_meeting_outcome")
	case "emails":
		a.properties = append(a.properties, "hs_email_direction", "hs_sequence_id")
	}
	return a
}

// touchID is under which id a touch is kept: those of calls, meetings and mails are parted.
func touchID(object, id string) string { return object + ":" + id }

// readTouches reads calls, meetings and mails that people wrote. What did not take place is none.
func (h *HubSpot) readTouches(ctx context.Context, q crm.Query) (crm.Page, error) {
	a := touchAsked(q.Stream)
	list, next, err := h.read(ctx, a, q)
	if err != nil || len(list) == 0 {
		return crm.Page{Next: next}, err
	}
	who, err := h.linked(ctx, a, contacts, list, q.Whole)
	if err != nil {
		return crm.Page{}, err
	}
	p := crm.Page{Next: next}
	for _, o := range list {
		at, err := crm.Moment(cmp.Or(o.get("hs_meeting_start_time"), o.get("hs_timestamp")))
		if err != nil {
			p.Faults = append(p.Faults, crm.Fault{Record: q.Stream + " " + o.ID, Field: "hs_timestamp", Text: crm.Sentence(err)})
			continue
		}
		if at.IsZero() || len(who[o.ID]) == 0 || !tookPlace(o) {
			p.Nothing++
			p.Gone = append(p.Gone, crm.Gone{Type: storage.CRMTouches, ID: touchID(q.Stream, o.ID)})
			continue
		}
		t := storage.CRMTouch{ID: touchID(q.Stream, o.ID), Links: links(who[o.ID]), At: at, By: h.owner(o.get("hubspot_owner_id"))}
		for _, k := range touchTypes {
			if k.object == q.Stream {
				t.Kind = k.kind
			}
		}
		p.Touches = append(p.Touches, t)
	}
	return p, nil
}

// tookPlace reports whether a call, a meeting or a mail is a touch: of a person, and not called off. A sequence sends by itself.
func tookPlace(o object) bool {
	switch strings.ToUpper(cmp.Or(o.get("hs_meeting_outcome"), o.get("hs_call_status"))) {
	case "CANCELED", "CANCELLED", "NO_SHOW", "RESCHEDULED", "FAILED", "SCHEDULED", "QUEUED":
		return false
	}
	switch strings.ToUpper(o.get("hs_email_direction")) {
	case "", "EMAIL", "FORWARDED_EMAIL":
	default: // INCOMING_EMAIL: the prospect wrote
		return false
	}
	return o.get("hs_sequence_id") == ""
}

// archived reads what is in the bin.
func (h *HubSpot) archived(ctx context.Context, of string, q crm.Query) (crm.Page, error) {
	list, next, err := h.list(ctx, asked{object: of}, q.Cursor, true)
	p := crm.Page{Next: next}
	for _, o := range list {
		g := crm.Gone{Type: storage.CRMTouches, ID: touchID(of, o.ID), Why: "archived"}
		switch of {
		case contacts:
			g.Type, g.ID = storage.CRMLeads, o.ID
		case deals:
			g.Type, g.ID = storage.CRMDeals, o.ID
		}
		p.Gone = append(p.Gone, g)
	}
	return p, err
}
