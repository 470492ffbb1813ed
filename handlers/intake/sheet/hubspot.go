package sheet

// HubSpot. Source: the labels of its default properties, which head the columns of an exported view (Companies, Contacts or Deals,
// Export, CSV): HubSpot Knowledge Base "HubSpot's default contact properties", "HubSpot's default deal properties" and
// "Export your records"; the internal names of lead status and deal stage from the CRM API's property reference. Older
// portals still write "Original Source" for "Original Traffic Source" and "Became a ... Date" for "Date entered ...".
// Looked at in November 2026 in stored copies; a portal may rename stages, which is why unknown deal stages are open deals.

import "slices"

func hubspot(kind Kind) []layout {
	switch kind {
	case Accounts:
		return hubspotAccounts()
	case Leads:
		return hubspotLeads()
	case Outcomes:
		return hubspotOutcomes()
	case Deals:
		return hubspotDeals()
	case Touches:
		return hubspotTouches()
	}
	return nil
}

func hubspotContact() []way { return from("Record ID", "Record ID - Contact", "Contact ID") }

func hubspotCompany() []way {
	return from("Company Name", "Company name", "Associated Company", "Primary Company")
}

func hubspotCompanyID() []way {
	return []way{{columns: []string{"Primary Associated Company ID"}}, {columns: []string{"Associated Company IDs"}, first: true},
		{columns: []string{"Associated Company ID"}}}
}

// hubspotAssociated is the contact of a deal or an activity: the first of them.
func hubspotAssociated() []way {
	return []way{{columns: []string{"Associated Contact IDs"}, first: true}, {columns: []string{"Record ID - Contact"}, first: true}}
}

// hubspotEntered are the columns that say when a contact came to a lifecycle stage, of newer portals and older ones.
func hubspotEntered(stage, short string) []string {
	return []string{"Became " + short + " Date", `Date entered "` + stage + ` (Lifecycle Stage Pipeline)"`, "Date entered " + stage}
}

// hubspotReached is when a contact came to a lifecycle stage, for those whose status it is.
func hubspotReached(status, stage, short string) []way {
	return only(status, hubspotEntered(stage, short)...)
}

// hubspotClosed is when a deal closed, for those that did.
func hubspotClosed(columns ...string) []way { return only("won lost", columns...) }

// hubspotStage is what a deal came to: by its marks, then by its probability, then by the name of its stage.
func hubspotStage() []way {
	wonMarks, lostMarks := []string{"Is Closed Won", "hs_is_closed_won"}, []string{"Is closed lost", "Is Closed Lost", "hs_is_closed_lost"}
	return slices.Concat(
		marked(means(map[string]string{"yes": "won"}), wonMarks...),
		marked(means(map[string]string{"yes": "lost"}), lostMarks...),
		both(means(map[string]string{"no no": "opportunity"}), wonMarks, lostMarks),
		marked(means(map[string]string{"no": "opportunity"}), "Is Deal Closed?", "Is Closed", "hs_is_closed"),
		marked(means(map[string]string{"yes": "won", "100%": "won", "100": "won", "no": "lost", "0%": "lost"}), "Deal probability",
			"hs_deal_stage_probability"),
		[]way{{columns: []string{"Deal Stage"}, values: hubspotStages(), otherwise: "opportunity"}})
}

func hubspotAccounts() []layout {
	return []layout{{fields: map[string][]way{
		"id":     from("Record ID", "Record ID - Company", "Company ID"),
		"name":   from("Company name", "Company Name", "Name"),
		"domain": from("Company Domain Name", "Company domain name", "Website URL"),
	}}}
}

func hubspotLeads() []layout {
	return []layout{{fields: map[string][]way{
		"id":            hubspotContact(),
		"mql_at":        from(append(hubspotEntered("Marketing Qualified Lead", "a Marketing Qualified Lead"), "Create Date")...),
		"email":         from("Email"),
		"name":          []way{{columns: []string{"First Name", "Last Name"}}},
		"company":       hubspotCompany(),
		"source":        from("Original Traffic Source", "Original Source", "Original source type"),
		"campaign":      from("Original Traffic Source Drill-Down 1", "Original Source Drill-Down 1"),
		"score":         from("HubSpot Score", "Contact Score", "Lead Score"),
		"owner":         from("Contact owner"),
		"segment":       from("Industry"),
		"account":       hubspotCompanyID(),
		"handed_off_at": from("Owner assigned date", "Owner Assigned Date"),
		"merged_ids":    from("Merged contact IDs", "Merged Contact IDs", "Merged object IDs", "hs_merged_object_ids"),
	}}}
}

func hubspotOutcomes() []layout {
	deal := layout{marks: []string{"Deal Stage"}, fields: map[string][]way{
		"lead_id":  hubspotAssociated(),
		"deal_id":  from("Record ID", "Deal ID", "Record ID - Deal"),
		"status":   hubspotStage(),
		"at":       append(hubspotClosed("Close Date"), from("Create Date")...),
		"amount":   from("Amount"),
		"currency": from("Currency", "Deal Currency", "Deal Currency Code", "deal_currency_code"),
		"reason":   from("Closed Lost Reason"),
		"owner":    from("Deal owner"),
	}}
	at := append(hubspotReached("won", "Customer", "a Customer"), hubspotReached("opportunity", "Opportunity", "an Opportunity")...)
	at = append(at, hubspotReached("sql", "Sales Qualified Lead", "a Sales Qualified Lead")...)
	at = append(at, from("Last Activity Date", "Last Modified Date", "Create Date")...)
	leadStatus := way{columns: []string{"Lead Status"}, values: hubspotLeadStatus()}
	fields := map[string][]way{
		"lead_id": hubspotContact(),
		"status":  {{columns: []string{"Lifecycle Stage"}, values: hubspotLifecycle()}, leadStatus, {constant: NoOutcome}},
		"at":      at,
		"owner":   from("Contact owner"),
	}
	second := map[string][]way{"status": {leadStatus}, "at": from("Date entered current Lead Status", "Lead Status Date", "Last Activity Date",
		"Last Modified Date", "Create Date")}
	layouts := []layout{deal}
	// an export may be of chosen columns
	for _, mark := range []string{"Lifecycle Stage", "Lead Status", "First Name", "Email", "Contact owner"} {
		layouts = append(layouts, layout{marks: []string{mark}, fields: fields, second: second})
	}
	return layouts
}

func hubspotDeals() []layout {
	return []layout{{marks: []string{"Deal Stage"}, fields: map[string][]way{
		"id":         from("Record ID", "Deal ID", "Record ID - Deal"),
		"stage":      hubspotStage(),
		"account":    append(hubspotCompanyID(), from("Associated Company", "Primary Associated Company")...),
		"lead_id":    hubspotAssociated(),
		"amount":     from("Amount"),
		"currency":   from("Currency", "Deal Currency", "Deal Currency Code", "deal_currency_code"),
		"created_at": from("Create Date"),
		"closed_at":  hubspotClosed("Close Date"),
		"owner":      from("Deal owner"),
		"product":    from("Deal Type"),
		"reason":     from("Closed Lost Reason"),
		"name":       from("Deal Name"),
	}}}
}

func hubspotTouches() []layout {
	return []layout{{marks: []string{"Activity type", "Associated Contact IDs"}, fields: map[string][]way{
		"id":      from("Record ID"),
		"lead_id": hubspotAssociated(),
		"at":      from("Activity date"),
		"kind":    {{columns: []string{"Activity type"}, values: touchKinds()}},
		"by":      from("Activity assigned to"),
	}}}
}

// hubspotStages is the default sales pipeline, labels and internal names alike under normal.
func hubspotStages() map[string]string {
	return map[string]string{"closedwon": "won", "closedlost": "lost"}
}

// hubspotLifecycle is the default lifecycle stages. Those before Sales took part leave the word to the lead status.
func hubspotLifecycle() map[string]string {
	return map[string]string{
		"subscriber": "", "lead": "", "marketingqualifiedlead": "", "mql": "", "other": "",
		"salesqualifiedlead": "sql", "sql": "sql", "opportunity": "opportunity", "customer": "won", "evangelist": "won",
	}
}

// hubspotLeadStatus is the eight default lead statuses.
func hubspotLeadStatus() map[string]string {
	return map[string]string{
		"new": NoOutcome, "open": NoOutcome, "attemptedtocontact": "accepted", "inprogress": "accepted", "connected": "accepted",
		"opendeal": "opportunity", "unqualified": "rejected", "badtiming": "recycled",
	}
}

// touchKinds is what counts as a touch in CRM activities, in our words. An e-mail logged by a person is personal mail.
func touchKinds() map[string]string {
	return map[string]string{"call": "call", "meeting": "meeting", "email": "mail", "mail": "mail", "event": "meeting", "personalmail": "mail"}
}
