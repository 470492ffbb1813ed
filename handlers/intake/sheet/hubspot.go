package sheet

// HubSpot. Source: the labels of its default properties, which head the columns of an exported view (Companies, Contacts or Deals,
// Export, CSV): HubSpot Knowledge Base "HubSpot's default contact properties", "HubSpot's default deal properties" and
// "Export your records"; the internal names of lead status and deal stage from the CRM API's property reference. Older
// portals still write "Original Source" for "Original Traffic Source" and "Became a ... Date" for "Date entered ...".
// Looked at in November 2026 in stored copies; a portal may rename stages, which is why unknown deal stages are open deals.

import "slices"

func hubspot(kind Kind) []layout {
	name := []way{{columns: []string{"First Name", "Last Name"}}}
	contact := from("Record ID", "Record ID - Contact", "Contact ID")
	entered := func(stage, short string) []string {
		return []string{"Became " + short + " Date", `Date entered "` + stage + ` (Lifecycle Stage Pipeline)"`, "Date entered " + stage}
	}
	mql := entered("Marketing Qualified Lead", "a Marketing Qualified Lead")
	wonMarks, lostMarks := []string{"Is Closed Won", "hs_is_closed_won"}, []string{"Is closed lost", "Is Closed Lost", "hs_is_closed_lost"}
	dealStage := slices.Concat(
		marked(means(map[string]string{"yes": "won"}), wonMarks...),
		marked(means(map[string]string{"yes": "lost"}), lostMarks...),
		both(means(map[string]string{"no no": "opportunity"}), wonMarks, lostMarks),
		marked(means(map[string]string{"no": "opportunity"}), "Is Deal Closed?", "Is Closed", "hs_is_closed"),
		marked(means(map[string]string{"yes": "won", "100%": "won", "100": "won", "no": "lost", "0%": "lost"}), "Deal probability", "hs_deal_stage_probability"),
		[]way{{columns: []string{"Deal Stage"}, values: hubspotStages(), otherwise: "opportunity"}})
	closed := func(columns ...string) []way {
		var ways []way
		for _, c := range columns {
			ways = append(ways, way{columns: []string{c}, when: "won lost"})
		}
		return ways
	}
	dealOwner := from("Deal owner")
	currency := from("Currency", "Deal Currency")
	amount := from("Amount")
	lost := from("Closed Lost Reason")
	associated := []way{{columns: []string{"Associated Contact IDs"}, first: true}, {columns: []string{"Record ID - Contact"}, first: true}}
	companyID := []way{{columns: []string{"Primary Associated Company ID"}}, {columns: []string{"Associated Company IDs"}, first: true}, {columns: []string{"Associated Company ID"}}}
	company := from("Company Name", "Company name", "Associated Company", "Primary Company")

	switch kind {
	case Accounts:
		return []layout{{fields: map[string][]way{
			"id":     from("Record ID", "Record ID - Company", "Company ID"),
			"name":   from("Company name", "Company Name", "Name"),
			"domain": from("Company Domain Name", "Company domain name", "Website URL"),
		}}}
	case Leads:
		return []layout{{fields: map[string][]way{
			"id":            contact,
			"mql_at":        from(append(mql, "Create Date")...),
			"email":         from("Email"),
			"name":          name,
			"company":       company,
			"source":        from("Original Traffic Source", "Original Source", "Original source type"),
			"campaign":      from("Original Traffic Source Drill-Down 1", "Original Source Drill-Down 1"),
			"score":         from("HubSpot Score", "Contact Score", "Lead Score"),
			"owner":         from("Contact owner"),
			"segment":       from("Industry"),
			"account":       companyID,
			"handed_off_at": from("Owner assigned date", "Owner Assigned Date"),
			"merged_ids":    from("Merged contact IDs", "Merged Contact IDs", "Merged object IDs", "hs_merged_object_ids"),
		}}}
	case Outcomes:
		deal := layout{marks: []string{"Deal Stage"}, fields: map[string][]way{
			"lead_id":  associated,
			"deal_id":  from("Record ID", "Deal ID", "Record ID - Deal"),
			"status":   dealStage,
			"at":       append(closed("Close Date"), from("Create Date")...),
			"amount":   amount,
			"currency": currency,
			"reason":   lost,
			"owner":    dealOwner,
		}}
		reached := func(status, stage, short string) []way {
			var ways []way
			for _, c := range entered(stage, short) {
				ways = append(ways, way{columns: []string{c}, when: status})
			}
			return ways
		}
		at := append(reached("won", "Customer", "a Customer"), reached("opportunity", "Opportunity", "an Opportunity")...)
		at = append(at, reached("sql", "Sales Qualified Lead", "a Sales Qualified Lead")...)
		at = append(at, from("Last Activity Date", "Last Modified Date", "Create Date")...)
		leadStatus := way{columns: []string{"Lead Status"}, values: hubspotLeadStatus()}
		fields := map[string][]way{
			"lead_id": contact,
			"status":  {{columns: []string{"Lifecycle Stage"}, values: hubspotLifecycle()}, leadStatus, {constant: NoOutcome}},
			"at":      at,
			"owner":   from("Contact owner"),
		}
		second := map[string][]way{"status": {leadStatus}, "at": from("Date entered current Lead Status", "Lead Status Date", "Last Activity Date", "Last Modified Date", "Create Date")}
		layouts := []layout{deal}
		for _, mark := range []string{"Lifecycle Stage", "Lead Status", "First Name", "Email", "Contact owner"} { // an export may be of chosen columns
			layouts = append(layouts, layout{marks: []string{mark}, fields: fields, second: second})
		}
		return layouts
	case Deals:
		return []layout{{marks: []string{"Deal Stage"}, fields: map[string][]way{
			"id":         from("Record ID", "Deal ID", "Record ID - Deal"),
			"stage":      dealStage,
			"account":    append(companyID, from("Associated Company", "Primary Associated Company")...),
			"lead_id":    associated,
			"amount":     amount,
			"currency":   currency,
			"created_at": from("Create Date"),
			"closed_at":  closed("Close Date"),
			"owner":      dealOwner,
			"product":    from("Deal Type"),
			"reason":     lost,
			"name":       from("Deal Name"),
		}}}
	case Touches:
		return []layout{{marks: []string{"Activity type", "Associated Contact IDs"}, fields: map[string][]way{
			"id":      from("Record ID"),
			"lead_id": associated,
			"at":      from("Activity date"),
			"kind":    {{columns: []string{"Activity type"}, values: touchKinds()}},
			"by":      from("Activity assigned to"),
		}}}
	}
	return nil
}

// hubspotStages is the default sales pipeline, labels and internal names alike under normal.
func hubspotStages() map[string]string {
	return map[string]string{"closedwon": "won", "closedlost": "lost"}
}

// hubspotLifecycle is the default lifecycle stages. Those before Sales took part leave the word to the lead status.
func hubspotLifecycle() map[string]string {
	return map[string]string{
		"subscriber": "", "lead": "", "marketingqualifiedlead": "", "other": "",
		"salesqualifiedlead": "sql", "opportunity": "opportunity", "customer": "won", "evangelist": "won",
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
