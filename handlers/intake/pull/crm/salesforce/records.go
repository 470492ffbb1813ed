package salesforce

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/handlers/intake/pull/crm"
	"truce/storage"
)

// This file makes of Salesforce's records what Truce knows. Deals and touches speak of a lead by its id, by the contact that it was
// converted to, or by the opportunity.

// Page reads a page of a stream.
func (s *Salesforce) Page(ctx context.Context, q crm.Query) (crm.Page, error) {
	switch q.Stream {
	case users:
		return s.readUsers(ctx)
	case accounts:
		return s.readAccounts(ctx, q)
	case leads:
		return s.readLeads(ctx, q)
	case there:
		return s.readThere(ctx, q, storage.CRMLeads, map[string]string{"": "Lead"})
	case dealsThere:
		return s.readThere(ctx, q, storage.CRMDeals, map[string]string{"": "Opportunity"})
	case touchesThere:
		return s.readThere(ctx, q, storage.CRMTouches, map[string]string{"Task:": "Task", "Event:": "Event"})
	case membersThere:
		return s.readThere(ctx, q, storage.CRMEngagements, map[string]string{"": "CampaignMember"})
	case deals:
		return s.readDeals(ctx, q)
	case roles:
		return s.readRoles(ctx, q)
	case members:
		return s.readMembers(ctx, q)
	}
	return s.readTouches(ctx, q)
}

func (s *Salesforce) readUsers(ctx context.Context) (crm.Page, error) {
	var p crm.Page
	list, err := s.query(ctx, "SELECT Id, Email, Name FROM User WHERE IsActive = true AND UserType = 'Standard' ORDER BY Id")
	for _, r := range list {
		if email := crm.Email(r.get("Email")); email != "" {
			p.People = append(p.People, truce.Person{Email: email, Name: r.get("Name")})
		}
	}
	return p, err
}

func (s *Salesforce) readAccounts(ctx context.Context, q crm.Query) (crm.Page, error) {
	if s.has["Account"] == nil {
		return crm.Page{}, nil
	}
	list, next, err := s.changed(ctx, "Account", "", []string{"Name", "Website"}, q)
	p := crm.Page{Next: next}
	for _, r := range list {
		if !r.is("IsDeleted") {
			p.Accounts = append(p.Accounts, truce.Account{ID: r.get("Id"), Name: r.get("Name"), Domain: r.get("Website")})
		}
	}
	return p, err
}

// The keys by which others speak of a lead.
func byContact(id string) string { return "contact:" + id }
func byDeal(id string) string    { return "deal:" + id }

// readLeads reads leads with the history of their status.
func (s *Salesforce) readLeads(ctx context.Context, q crm.Query) (crm.Page, error) {
	names := append([]string{"Email", "Name", "Company", "Status", "Owner.Email", "CreatedDate", "IsConverted", "ConvertedDate",
		"ConvertedOpportunityId", "ConvertedAccountId", "ConvertedContactId",
		"MasterRecordId", s.cfg.MQLField, s.cfg.Source, s.cfg.Campaign, s.cfg.Score, s.cfg.Segment}, s.cfg.Attributes...)
	list, next, err := s.changed(ctx, "Lead", "", names, q)
	if err != nil {
		return crm.Page{}, err
	}
	var who []string
	for _, r := range list {
		if !r.is("IsDeleted") && r.get(s.cfg.MQLField) != "" {
			who = append(who, r.get("Id"))
		}
	}
	history, err := s.history(ctx, who)
	if err != nil {
		return crm.Page{}, err
	}
	absorbed, err := s.absorbed(ctx, list)
	if err != nil {
		return crm.Page{}, err
	}
	p := crm.Page{Next: next}
	for _, r := range list {
		id := r.get("Id")
		switch {
		case r.is("IsDeleted") && r.get("MasterRecordId") != "": // its survivor says so too, where it is not deleted itself
			p.Merged = append(p.Merged, crm.Merged{ID: id, Into: r.get("MasterRecordId")})
			continue
		case r.is("IsDeleted"):
			p.Gone = append(p.Gone, crm.Gone{Type: storage.CRMLeads, ID: id, Why: "deleted"})
			continue
		case r.get(s.cfg.MQLField) == "":
			p.Leads = append(p.Leads, storage.CRMLead{Lead: truce.Lead{ID: id}, Absorbed: absorbed[id], Why: "unqualified"})
			p.Nothing++
			continue
		}
		l, fault := s.lead(r, history[id])
		if fault != nil {
			p.Faults = append(p.Faults, *fault)
			continue
		}
		l.Absorbed = absorbed[id]
		p.Leads = append(p.Leads, l)
	}
	return p, nil
}

// some is how many ids are asked for at a time: an address must not be too long.
const some = 300

// history is how the status of leads changed, by lead. It is there where the field is tracked.
func (s *Salesforce) history(ctx context.Context, who []string) (map[string][]record, error) {
	all := map[string][]record{}
	if !s.has["LeadHistory"]["NewValue"] {
		return all, nil
	}
	for part := range slices.Chunk(who, some) {
		list, err := s.query(ctx, "SELECT LeadId, Field, OldValue, NewValue, CreatedDate FROM LeadHistory WHERE Field = 'Status' AND LeadId IN "+
			ids(part)+" ORDER BY CreatedDate, Id")
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			all[r.get("LeadId")] = append(all[r.get("LeadId")], r)
		}
	}
	return all, nil
}

// absorbed are the leads that were merged into those of a page, whole chains. A merge changes its loser, which names the survivor.
func (s *Salesforce) absorbed(ctx context.Context, list []record) (map[string][]string, error) {
	all := map[string][]string{}
	into := map[string]string{} // of a loser: the one of the page that it went into
	var ask []string
	for _, r := range list {
		if !r.is("IsDeleted") {
			ask = append(ask, r.get("Id"))
			into[r.get("Id")] = r.get("Id")
		}
	}
	for len(ask) > 0 {
		part := ask[:min(len(ask), some)]
		ask = ask[len(part):]
		losers, err := s.query(ctx, "SELECT Id, MasterRecordId FROM Lead WHERE IsDeleted = true AND MasterRecordId IN "+ids(part)+" ORDER BY Id")
		if err != nil {
			return nil, err
		}
		for _, r := range losers {
			id, master := r.get("Id"), into[r.get("MasterRecordId")]
			if master == "" || into[id] != "" {
				continue
			}
			into[id] = master
			all[master] = append(all[master], id)
			ask = append(ask, id)
		}
	}
	return all, nil
}

// lead makes a lead of one.
func (s *Salesforce) lead(r record, history []record) (l storage.CRMLead, fault *crm.Fault) {
	id := r.get("Id")
	fail := func(field string, err error) {
		if err != nil && fault == nil {
			fault = &crm.Fault{Record: "lead " + id, Field: field, Text: crm.Sentence(err)}
		}
	}
	date := func(record record, field string) time.Time {
		at, err := crm.Moment(record.get(field))
		fail(field, err)
		return at
	}
	l.Lead = truce.Lead{ID: id, MQLAt: date(r, s.cfg.MQLField), Email: crm.Email(r.get("Email")), Name: r.get("Name"),
		Company: r.get("Company"), Source: r.get(s.cfg.Source),
		Segment: r.get(s.cfg.Segment), Owner: truce.FoldEmail(r.get("Owner.Email")), Attrs: map[string]string{}}
	l.SourceNow = l.Source
	if s.cfg.Campaign != "" {
		l.Campaign = r.get(s.cfg.Campaign)
	}
	if s.cfg.Score != "" {
		var err error
		l.Score, l.HasScore, err = crm.Score(r.get(s.cfg.Score))
		fail(s.cfg.Score, err)
	}
	for _, a := range s.cfg.Attributes {
		l.Attrs[a] = r.get(a)
	}
	var entries []crm.Entry
	for i, h := range history {
		if old := h.get("OldValue"); i == 0 && old != "" {
			entries = append(entries, crm.Entry{At: date(r, "CreatedDate"), Value: old})
		}
		entries = append(entries, crm.Entry{At: date(h, "CreatedDate"), Value: h.get("NewValue")})
	}
	if len(history) == 0 && r.get("Status") != "" { // never changed, or not tracked
		entries = append(entries, crm.Entry{At: date(r, "CreatedDate"), Value: r.get("Status")})
	}
	said := s.statuses.Verdicts(entries)
	if r.is("IsConverted") {
		if account := r.get("ConvertedAccountId"); account != "" {
			if l.Account = truce.FoldAccount(account); l.Account != account {
				l.AccountAs = account
			}
		}
		if _, ok := said[truce.SQL]; !ok { // a day, where the history says no moment
			said[truce.SQL] = date(r, "ConvertedDate")
		}
		if c := r.get("ConvertedContactId"); c != "" {
			l.Keys = append(l.Keys, byContact(c))
		}
		if d := r.get("ConvertedOpportunityId"); d != "" {
			l.Keys = append(l.Keys, byDeal(d))
		}
	}
	l.Verdicts = crm.Outcomes(id, l.Owner, said)
	return l, fault
}

// readThere looks whether the records of a type that are known here are there still: who empties the bin leaves no trace. objects are
// Salesforce's names of them, by what stands before their ids here.
func (s *Salesforce) readThere(ctx context.Context, q crm.Query, kind string, objects map[string]string) (crm.Page, error) {
	known, err := q.Known(ctx, kind, q.Cursor, some)
	if err != nil || len(known) == 0 {
		return crm.Page{}, err
	}
	p := crm.Page{Next: known[len(known)-1]}
	for _, begin := range slices.Sorted(maps.Keys(objects)) {
		object := objects[begin]
		var of []string
		for _, id := range known {
			if id, ok := strings.CutPrefix(id, begin); ok {
				of = append(of, id)
			}
		}
		if len(of) == 0 || s.has[object] == nil {
			continue
		}
		list, err := s.query(ctx, "SELECT Id FROM "+object+" WHERE Id IN "+ids(of)+" ORDER BY Id")
		if err != nil {
			return p, err
		}
		found := make(map[string]bool, len(list))
		for _, r := range list {
			found[r.get("Id")] = true
		}
		for _, id := range of {
			if !found[id] {
				p.Gone = append(p.Gone, crm.Gone{Type: kind, ID: begin + id, Why: "deleted"})
			}
		}
	}
	return p, nil
}

// readDeals reads opportunities, and whom they name.
func (s *Salesforce) readDeals(ctx context.Context, q crm.Query) (crm.Page, error) {
	list, next, err := s.changed(ctx, "Opportunity", "", []string{"Name", "StageName", "IsClosed", "IsWon", "Amount", "CurrencyIsoCode",
		"CloseDate", "CreatedDate", "AccountId", "Owner.Email", "Type",
		"Loss_Reason__c", "Closed_Lost_Reason__c"}, q)
	if err != nil {
		return crm.Page{}, err
	}
	var which []string
	for _, r := range list {
		if !r.is("IsDeleted") {
			which = append(which, r.get("Id"))
		}
	}
	who, err := s.contactRoles(ctx, which)
	if err != nil {
		return crm.Page{}, err
	}
	p := crm.Page{Next: next}
	for _, r := range list {
		if r.is("IsDeleted") {
			p.Gone = append(p.Gone, crm.Gone{Type: storage.CRMDeals, ID: r.get("Id"), Why: "deleted"})
			continue
		}
		d, fault := s.deal(r)
		if fault != nil {
			p.Faults = append(p.Faults, *fault)
			continue
		}
		p.Deals = append(p.Deals, storage.CRMDeal{Deal: d, Links: who[d.ID]})
	}
	return p, nil
}

// contactRoles is whom opportunities name: the lead that was converted to one, else its contacts.
func (s *Salesforce) contactRoles(ctx context.Context, which []string) (map[string][]storage.Link, error) {
	all := map[string][]storage.Link{}
	for _, id := range which {
		all[id] = []storage.Link{{Key: byDeal(id)}}
	}
	if s.has["OpportunityContactRole"] == nil {
		return all, nil
	}
	for part := range slices.Chunk(which, some) {
		list, err := s.query(ctx, "SELECT OpportunityId, ContactId FROM OpportunityContactRole WHERE IsDeleted = false AND OpportunityId IN "+
			ids(part)+" ORDER BY Id")
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			id, link := r.get("OpportunityId"), storage.Link{Key: byContact(r.get("ContactId")), Place: 1}
			if !slices.Contains(all[id], link) {
				all[id] = append(all[id], link)
			}
		}
	}
	return all, nil
}

// deal makes a deal of an opportunity. IsWon and IsClosed say how it stands, whatever its stage is called.
func (s *Salesforce) deal(r record) (d truce.Deal, fault *crm.Fault) {
	fail := func(field string, err error) {
		if err != nil && fault == nil {
			fault = &crm.Fault{Record: "opportunity " + r.get("Id"), Field: field, Text: crm.Sentence(err)}
		}
	}
	account := r.get("AccountId")
	d = truce.Deal{ID: r.get("Id"), Name: r.get("Name"), Stage: r.get("StageName"), Status: truce.Opportunity,
		Account: truce.FoldAccount(account), AccountName: account,
		Owner: truce.FoldEmail(r.get("Owner.Email")), Product: r.get("Type")}
	var err error
	d.CreatedAt, err = crm.Moment(r.get("CreatedDate"))
	fail("CreatedDate", err)
	switch {
	case r.is("IsWon"):
		d.Status = truce.Won
	case r.is("IsClosed"):
		d.Status = truce.Lost
		d.Reason, _ = truce.ParseReason(cmp.Or(r.get("Loss_Reason__c"), r.get("Closed_Lost_Reason__c")))
	}
	if d.Status.Ends() {
		d.ClosedAt, err = crm.Moment(r.get("CloseDate"))
		fail("CloseDate", err)
		if d.ClosedAt.IsZero() {
			fail("CloseDate", truce.Errorf(truce.Invalid, "the opportunity is %s and does not say when", d.Status))
		} else if len(r.get("CloseDate")) == len(time.DateOnly) { // a day ends with its last moment
			d.ClosedUntil = d.ClosedAt.Add(24*time.Hour - time.Millisecond)
		}
	} else if d.CreatedAt.IsZero() {
		fail("CreatedDate", truce.Errorf(truce.Invalid, "the opportunity does not say when it was opened"))
	}
	d.Amount, d.HasAmount, err = crm.Money(r.get("Amount"), cmp.Or(r.get("CurrencyIsoCode"), s.cfg.Currency))
	fail("Amount", err)
	return d, fault
}

// readRoles reads anew whom open opportunities name: a contact role alone changes no opportunity.
func (s *Salesforce) readRoles(ctx context.Context, q crm.Query) (crm.Page, error) {
	which, err := q.OpenDeals(ctx, q.Cursor, some)
	if err != nil || len(which) == 0 {
		return crm.Page{}, err
	}
	who, err := s.contactRoles(ctx, which)
	p := crm.Page{Next: which[len(which)-1]}
	for _, id := range which {
		p.Links = append(p.Links, crm.Links{Type: storage.CRMDeals, ID: id, Links: who[id]})
	}
	return p, err
}

// readTouches reads tasks that are done, and events.
func (s *Salesforce) readTouches(ctx context.Context, q crm.Query) (crm.Page, error) {
	object, names := "Task", []string{"WhoId", "Owner.Email", "TaskSubtype", "Type", "IsClosed", "CompletedDateTime", "ActivityDate",
		"CreatedDate"}
	if q.Stream == events {
		object, names = "Event", []string{"WhoId", "Owner.Email", "StartDateTime", "ActivityDateTime", "ActivityDate"}
	}
	if s.has[object] == nil {
		return crm.Page{}, nil
	}
	list, next, err := s.changed(ctx, object, "", names, q)
	p := crm.Page{Next: next}
	for _, r := range list {
		id, kind := object+":"+r.get("Id"), "meeting"
		if object == "Task" {
			kind = taskKind(r)
		}
		at, err := crm.Moment(cmp.Or(r.get("StartDateTime"), r.get("ActivityDateTime"), r.get("CompletedDateTime"), r.get("ActivityDate"),
			r.get("CreatedDate")))
		if err != nil {
			p.Faults = append(p.Faults, crm.Fault{Record: object + " " + r.get("Id"), Field: "date", Text: crm.Sentence(err)})
			continue
		}
		if r.is("IsDeleted") || kind == "" || r.get("WhoId") == "" || at.IsZero() {
			p.Nothing++
			p.Gone = append(p.Gone, crm.Gone{Type: storage.CRMTouches, ID: id})
			continue
		}
		p.Touches = append(p.Touches, storage.CRMTouch{ID: id, Links: who(r.get("WhoId")), At: at, Kind: kind,
			By: truce.FoldEmail(r.get("Owner.Email"))})
	}
	return p, err
}

// who is a lead or a contact, by the beginning of its id.
func who(id string) []storage.Link {
	if strings.HasPrefix(id, "003") {
		return []storage.Link{{Key: byContact(id)}}
	}
	return []storage.Link{{Key: id}}
}

// taskKind is what a task was: "" for what is no touch. A list mail and a cadence's mail were written by nobody.
func taskKind(r record) string {
	if !r.is("IsClosed") {
		return ""
	}
	switch subtype := strings.ToLower(r.get("TaskSubtype")); subtype {
	case "call", "email":
		return map[string]string{"call": "call", "email": "mail"}[subtype]
	case "", "task":
	default: // ListEmail, Cadence, LinkedIn
		return ""
	}
	switch strings.ToLower(r.get("Type")) {
	case "call":
		return "call"
	case "meeting":
		return "meeting"
	case "email":
		return "mail"
	}
	return ""
}

// readMembers reads who answered to campaigns.
func (s *Salesforce) readMembers(ctx context.Context, q crm.Query) (crm.Page, error) {
	if s.has["CampaignMember"] == nil {
		return crm.Page{}, nil
	}
	list, next, err := s.changed(ctx, "CampaignMember", "",
		[]string{"LeadId", "ContactId", "Status", "HasResponded", "FirstRespondedDate", "CreatedDate", "Campaign.Name", "Campaign.Type"}, q)
	p := crm.Page{Next: next}
	for _, r := range list {
		at, err := crm.Moment(cmp.Or(r.get("FirstRespondedDate"), r.get("CreatedDate")))
		if err != nil {
			p.Faults = append(p.Faults, crm.Fault{Record: "campaign member " + r.get("Id"), Field: "FirstRespondedDate", Text: crm.Sentence(err)})
			continue
		}
		if r.is("IsDeleted") || !r.is("HasResponded") || at.IsZero() {
			p.Nothing++
			p.Gone = append(p.Gone, crm.Gone{Type: storage.CRMEngagements, ID: r.get("Id")})
			continue
		}
		e := storage.CRMEngagement{Engagement: truce.Engagement{ID: r.get("Id"), At: at, Kind: r.get("Status"), Activity: r.get("Campaign.Type"),
			Campaign: r.get("Campaign.Name")}}
		if lead := r.get("LeadId"); lead != "" {
			e.Links = append(e.Links, storage.Link{Key: lead})
		}
		if contact := r.get("ContactId"); contact != "" {
			e.Links = append(e.Links, storage.Link{Key: byContact(contact), Place: 1})
		}
		p.Engagements = append(p.Engagements, e)
	}
	return p, err
}
