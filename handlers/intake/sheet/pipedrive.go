package sheet

// Pipedrive. Source: its Knowledge Base ("Exporting data from Pipedrive", "Importing: sample import spreadsheets") for the
// "Entity - Field" headers, and public programs that read the list view's CSV for their exact words, which differ from the import
// sheet's ("Deal - Deal created" and "Deal - Currency of Value", where the import sheet says "Deal - Creation date"). The
// exported columns are those the view shows: the ID columns must be chosen. Looked at in November 2026 in stored copies; no
// export of a portal in another language than English was seen. Pipedrive has no MQL date: the creation is taken.

func pipedrive(kind Kind) []layout {
	person := from("Person - ID", "Person - Pipedrive System ID")
	personOfDeal := append(from("Deal - Contact person ID"), person...)
	dealID := from("Deal - ID", "Deal - Pipedrive System ID")
	owner := from("Deal - Owner")
	status := []way{{columns: []string{"Deal - Status"}, values: map[string]string{"won": "won", "lost": "lost", "open": "opportunity", "deleted": NoOutcome}}}
	created := from("Deal - Deal created", "Deal - Creation date")
	closed := []way{
		{columns: []string{"Deal - Won time"}, when: "won"},
		{columns: []string{"Deal - Lost time"}, when: "lost"},
		{columns: []string{"Deal - Deal closed on"}, when: "won lost"},
		{columns: []string{"Deal - Closed on"}, when: "won lost"},
	}
	amount := from("Deal - Value")
	currency := from("Deal - Currency of Value", "Deal - Currency")
	reason := from("Deal - Lost reason")
	email := from("Person - Email - Work", "Person - Email (Work)", "Person - Email", "Person - Email - Home", "Person - Email - Other")

	switch kind {
	case Accounts:
		return []layout{{fields: map[string][]way{
			"id":     from("Organization - ID", "Organization - Pipedrive System ID"),
			"name":   from("Organization - Name"),
			"domain": from("Organization - Website", "Organization - Domain"),
		}}}
	case Leads:
		deal := layout{marks: []string{"Deal - ID"}, fields: map[string][]way{
			"id":       append(personOfDeal, dealID...),
			"mql_at":   created,
			"email":    email,
			"name":     from("Deal - Contact person", "Person - Name"),
			"company":  from("Deal - Organization", "Organization - Name"),
			"account":  from("Deal - Organization ID", "Organization - ID"),
			"source":   from("Deal - Source channel", "Deal - Lead source", "Deal - Source origin"),
			"campaign": from("Deal - Source channel ID"),
			"owner":    owner,
		}}
		people := layout{marks: []string{"Person - ID"}, fields: map[string][]way{
			"id":      person,
			"mql_at":  from("Person - Person created", "Person - Creation date"),
			"email":   email,
			"name":    append(from("Person - Name"), way{columns: []string{"Person - First name", "Person - Last name"}}),
			"company": from("Person - Organization", "Organization - Name"),
			"account": from("Person - Organization ID", "Organization - ID"),
			"source":  from("Person - Lead source", "Person - Source"),
			"owner":   from("Person - Owner"),
		}}
		lead := layout{marks: []string{"Lead - Title"}, fields: map[string][]way{
			"id":       from("Lead - ID", "Lead - Pipedrive System ID"),
			"mql_at":   from("Lead - Lead created", "Lead - Creation date"),
			"email":    email,
			"name":     from("Lead - Contact person", "Contact person", "Person - Name"),
			"company":  from("Lead - Organization", "Organization", "Organization - Name"),
			"source":   from("Lead - Source channel", "Lead - Source", "Lead - Source origin"),
			"campaign": from("Lead - Source channel ID"),
			"owner":    from("Lead - Owner"),
		}}
		return []layout{deal, people, lead}
	case Outcomes:
		return []layout{{fields: map[string][]way{
			"lead_id":  append(personOfDeal, dealID...),
			"deal_id":  dealID,
			"status":   status,
			"at":       append(closed, created...),
			"amount":   amount,
			"currency": currency,
			"reason":   reason,
			"owner":    owner,
		}}}
	case Deals:
		return []layout{{fields: map[string][]way{
			"id":         dealID,
			"stage":      status,
			"account":    from("Deal - Organization ID", "Organization - ID", "Deal - Organization", "Organization - Name"),
			"lead_id":    personOfDeal,
			"amount":     amount,
			"currency":   currency,
			"created_at": created,
			"closed_at":  closed,
			"owner":      owner,
			"product":    from("Deal - Product name"),
			"reason":     reason,
			"name":       from("Deal - Title"),
		}}}
	case Touches:
		activity := func(at string) map[string][]way {
			return map[string][]way{
				"id":      from("Activity - ID", "Activity - Pipedrive System ID"),
				"lead_id": append(from("Activity - Contact person ID"), person...),
				"at":      from(at),
				"kind":    {{columns: []string{"Activity - Type"}, values: touchKinds()}},
				"by":      from("Activity - Assigned to user", "Activity - Owner"),
			}
		}
		done := "Activity - Marked as done time" // a planned activity has none and is no touch
		return []layout{{marks: []string{done}, fields: activity(done)}, {fields: activity("Activity - Due date")}}
	}
	return nil
}
