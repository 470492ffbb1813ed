package sheet

// Pipedrive. Source: its Knowledge Base ("Exporting data from Pipedrive", "Importing: sample import spreadsheets") for the
// "Entity - Field" headers, and public programs that read the list view's CSV for their exact words, which differ from the import
// sheet's ("Deal - Deal created" and "Deal - Currency of Value", where the import sheet says "Deal - Creation date"). The
// exported columns are those the view shows: the ID columns must be chosen. Looked at in November 2026 in stored copies; no
// export of a portal in another language than English was seen. Pipedrive has no MQL date: the creation is taken.

func pipedrive(kind Kind) []layout {
	switch kind {
	case Accounts:
		return pipedriveAccounts()
	case Leads:
		return pipedriveLeads()
	case Outcomes:
		return pipedriveOutcomes()
	case Deals:
		return pipedriveDeals()
	case Touches:
		return pipedriveTouches()
	}
	return nil
}

func pipedrivePerson() []way { return from("Person - ID", "Person - Pipedrive System ID") }

func pipedrivePersonOfDeal() []way {
	return append(from("Deal - Contact person ID"), pipedrivePerson()...)
}

func pipedriveDealID() []way { return from("Deal - ID", "Deal - Pipedrive System ID") }

func pipedriveCreated() []way { return from("Deal - Deal created", "Deal - Creation date") }

func pipedriveEmail() []way {
	return from("Person - Email - Work", "Person - Email (Work)", "Person - Email", "Person - Email - Home", "Person - Email - Other")
}

func pipedriveStatus() []way {
	return []way{{columns: []string{"Deal - Status"},
		values: map[string]string{"won": "won", "lost": "lost", "open": "opportunity", "deleted": NoOutcome}}}
}

func pipedriveClosed() []way {
	return []way{
		{columns: []string{"Deal - Won time"}, when: "won"},
		{columns: []string{"Deal - Lost time"}, when: "lost"},
		{columns: []string{"Deal - Deal closed on"}, when: "won lost"},
		{columns: []string{"Deal - Closed on"}, when: "won lost"},
	}
}

func pipedriveAccounts() []layout {
	return []layout{{fields: map[string][]way{
		"id":     from("Organization - ID", "Organization - Pipedrive System ID"),
		"name":   from("Organization - Name"),
		"domain": from("Organization - Website", "Organization - Domain"),
	}}}
}

func pipedriveLeads() []layout {
	deal := layout{marks: []string{"Deal - ID"}, fields: map[string][]way{
		"id":       append(pipedrivePersonOfDeal(), pipedriveDealID()...),
		"mql_at":   pipedriveCreated(),
		"email":    pipedriveEmail(),
		"name":     from("Deal - Contact person", "Person - Name"),
		"company":  from("Deal - Organization", "Organization - Name"),
		"account":  from("Deal - Organization ID", "Organization - ID"),
		"source":   from("Deal - Source channel", "Deal - Lead source", "Deal - Source origin"),
		"campaign": from("Deal - Source channel ID"),
		"owner":    from("Deal - Owner"),
	}}
	people := layout{marks: []string{"Person - ID"}, fields: map[string][]way{
		"id":      pipedrivePerson(),
		"mql_at":  from("Person - Person created", "Person - Creation date"),
		"email":   pipedriveEmail(),
		"name":    append(from("Person - Name"), way{columns: []string{"Person - First name", "Person - Last name"}}),
		"company": from("Person - Organization", "Organization - Name"),
		"account": from("Person - Organization ID", "Organization - ID"),
		"source":  from("Person - Lead source", "Person - Source"),
		"owner":   from("Person - Owner"),
	}}
	lead := layout{marks: []string{"Lead - Title"}, fields: map[string][]way{
		"id":       from("Lead - ID", "Lead - Pipedrive System ID"),
		"mql_at":   from("Lead - Lead created", "Lead - Creation date"),
		"email":    pipedriveEmail(),
		"name":     from("Lead - Contact person", "Contact person", "Person - Name"),
		"company":  from("Lead - Organization", "Organization", "Organization - Name"),
		"source":   from("Lead - Source channel", "Lead - Source", "Lead - Source origin"),
		"campaign": from("Lead - Source channel ID"),
		"owner":    from("Lead - Owner"),
	}}
	return []layout{deal, people, lead}
}

func pipedriveOutcomes() []layout {
	return []layout{{fields: map[string][]way{
		"lead_id":  append(pipedrivePersonOfDeal(), pipedriveDealID()...),
		"deal_id":  pipedriveDealID(),
		"status":   pipedriveStatus(),
		"at":       append(pipedriveClosed(), pipedriveCreated()...),
		"amount":   from("Deal - Value"),
		"currency": from("Deal - Currency of Value", "Deal - Currency"),
		"reason":   from("Deal - Lost reason"),
		"owner":    from("Deal - Owner"),
	}}}
}

func pipedriveDeals() []layout {
	return []layout{{fields: map[string][]way{
		"id":         pipedriveDealID(),
		"stage":      pipedriveStatus(),
		"account":    from("Deal - Organization ID", "Organization - ID", "Deal - Organization", "Organization - Name"),
		"lead_id":    pipedrivePersonOfDeal(),
		"amount":     from("Deal - Value"),
		"currency":   from("Deal - Currency of Value", "Deal - Currency"),
		"created_at": pipedriveCreated(),
		"closed_at":  pipedriveClosed(),
		"owner":      from("Deal - Owner"),
		"product":    from("Deal - Product name"),
		"reason":     from("Deal - Lost reason"),
		"name":       from("Deal - Title"),
	}}}
}

func pipedriveTouches() []layout {
	activity := func(at string) map[string][]way {
		return map[string][]way{
			"id":      from("Activity - ID", "Activity - Pipedrive System ID"),
			"lead_id": append(from("Activity - Contact person ID"), pipedrivePerson()...),
			"at":      from(at),
			"kind":    {{columns: []string{"Activity - Type"}, values: touchKinds()}},
			"by":      from("Activity - Assigned to user", "Activity - Owner"),
		}
	}
	done := "Activity - Marked as done time" // a planned activity has none and is no touch
	return []layout{{marks: []string{done}, fields: activity(done)}, {fields: activity("Activity - Due date")}}
}
