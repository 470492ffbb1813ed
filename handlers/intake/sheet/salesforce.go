package sheet

// Salesforce. Source: the field labels that head the columns of an exported report (Accounts, Leads, Opportunities, Tasks and Events,
// Users; Details Only, CSV) and the API names that Data Loader and the weekly Data Export write, both from the Object
// Reference for the Salesforce Platform (Account, Lead, Opportunity, Order, Task, CampaignMember, User). Lead statuses are the default
// picklists of classic orgs (Open - Not Contacted ...) and of newer ones (New, Working, Nurturing ...); stages other than the
// two closed ones are open. Looked at in November 2026 in stored copies. Salesforce has no MQL date of its own: a custom column
// of that name is taken, else the creation.

import "slices"

func salesforce(kind Kind) []layout {
	switch kind {
	case Accounts:
		return salesforceAccounts()
	case Leads:
		return salesforceLeads()
	case Outcomes:
		return salesforceOutcomes()
	case Deals:
		return salesforceDeals()
	case Orders:
		return salesforceOrders()
	case Engagements:
		return salesforceEngagements()
	case Touches:
		return salesforceTouches()
	case People:
		return salesforcePeople()
	}
	return nil
}

func salesforceOwner(object string) []way {
	return from(object+" Owner", "Owner", "OwnerId", "Owner Name", "Owner ID")
}

func salesforceCreated() []way { return from("Create Date", "Created Date", "CreatedDate") }

func salesforceCurrency() []way {
	return from("CurrencyIsoCode", "Amount Currency", "Opportunity Currency", "Currency")
}

func salesforceReason() []way {
	return from("Closed Lost Reason", "Loss Reason", "Loss_Reason__c", "Closed_Lost_Reason__c")
}

// salesforceIDs are columns of ids, in the long form that both exports share.
func salesforceIDs(columns ...string) []way {
	ways := from(columns...)
	for i := range ways {
		ways[i].change = salesforceID
	}
	return ways
}

// salesforceStage is what an opportunity came to: by its marks, then by its probability, then by the name of its stage.
func salesforceStage() []way {
	closedMarks, wonMarks := []string{"IsClosed", "Closed"}, []string{"IsWon", "Won"}
	return slices.Concat(
		both(means(map[string]string{"yes yes": "won", "no yes": "won", "yes no": "lost", "no no": "opportunity"}), closedMarks, wonMarks),
		marked(means(map[string]string{"yes": "won"}), wonMarks...),
		marked(means(map[string]string{"no": "opportunity"}), closedMarks...),
		marked(means(map[string]string{"100": "won", "100.0": "won", "100%": "won", "no": "lost", "0%": "lost"}), "Probability (%)",
			"Probability"),
		[]way{{columns: []string{"Stage"}, values: salesforceStages(), otherwise: "opportunity"},
			{columns: []string{"StageName"}, values: salesforceStages(), otherwise: "opportunity"}})
}

func salesforceClosed() []way { return []way{{columns: []string{"Close Date"}, when: "won lost"}} }

func salesforceAccounts() []layout {
	return []layout{{fields: map[string][]way{
		"id":     salesforceIDs("Account ID", "AccountId", "Id"),
		"name":   from("Account Name", "Name"),
		"domain": from("Website", "Account Website"),
	}}}
}

func salesforceLeads() []layout {
	return []layout{{marks: []string{"Email"}, fields: map[string][]way{
		"id":            salesforceIDs("Lead ID", "Id"),
		"mql_at":        append(from("MQL Date", "MQL_Date__c", "Marketing Qualified Date"), salesforceCreated()...),
		"email":         from("Email"),
		"name":          append(from("Name", "Lead Name"), way{columns: []string{"First Name", "Last Name"}}),
		"company":       from("Company / Account", "Company"),
		"source":        from("Lead Source"),
		"campaign":      from("Primary Campaign Source", "Campaign Name", "Campaign"),
		"score":         from("Lead Score", "Score", "Pardot Score", "Behavior Score"),
		"owner":         salesforceOwner("Lead"),
		"segment":       from("Industry"),
		"product":       from("Product Interest", "ProductInterest__c"),
		"handed_off_at": from("Hand-off Date", "Assigned Date"),
		"merged_into":   salesforceIDs("MasterRecordId", "Master Record ID"),
	}}}
}

func salesforceOutcomes() []layout {
	status := append(marked(means(map[string]string{"yes": "sql"}), "IsConverted", "Converted"),
		way{columns: []string{"Lead Status"}, values: salesforceLeadStatus()}, way{columns: []string{"Status"}, values: salesforceLeadStatus()})
	converted := []way{{columns: []string{"Converted Date"}, when: "sql opportunity"}}
	lead := map[string][]way{
		"lead_id": salesforceIDs("Lead ID", "Id"),
		"deal_id": salesforceIDs("ConvertedOpportunityId", "Converted Opportunity ID"),
		"rating":  nil, // Hot, Warm, Cold is Marketing's guess, not what Sales found
		"status":  status,
		"at":      append(append(converted, from("Last Modified", "Last Modified Date", "Last Activity")...), salesforceCreated()...),
		"reason":  from("Unqualified Reason", "Disqualification Reason", "Rejection Reason"),
		"owner":   salesforceOwner("Lead"),
	}
	deal := map[string][]way{
		"lead_id":  salesforceIDs("Lead ID", "Original Lead ID", "Converted Lead ID"),
		"deal_id":  salesforceIDs("Opportunity ID", "Id"),
		"status":   salesforceStage(),
		"at":       append(salesforceClosed(), salesforceCreated()...),
		"amount":   from("Amount", "Total Amount"),
		"currency": salesforceCurrency(),
		"reason":   salesforceReason(),
		"owner":    salesforceOwner("Opportunity"),
	}
	return []layout{
		{marks: []string{"Stage"}, fields: deal},
		{marks: []string{"StageName"}, fields: deal},
		{marks: []string{"Lead Status"}, fields: lead},
		{marks: []string{"Status"}, fields: lead},
	}
}

func salesforceDeals() []layout {
	return []layout{{fields: map[string][]way{
		"id":         salesforceIDs("Opportunity ID", "Id"),
		"stage":      salesforceStage(),
		"account":    salesforceIDs("Account ID", "AccountId", "Account Name"),
		"lead_id":    salesforceIDs("Lead ID", "Original Lead ID", "Converted Lead ID"),
		"amount":     from("Amount", "Total Amount"),
		"currency":   salesforceCurrency(),
		"created_at": salesforceCreated(),
		"closed_at":  salesforceClosed(),
		"owner":      salesforceOwner("Opportunity"),
		"product":    from("Product Family", "Product Name", "Type"),
		"reason":     salesforceReason(),
		"name":       from("Opportunity Name", "Name"),
	}}}
}

func salesforceOrders() []layout {
	return []layout{{fields: map[string][]way{
		"id":       from("Order Number", "OrderNumber", "Order ID", "Id"),
		"account":  salesforceIDs("Account ID", "AccountId", "Account Name"),
		"at":       from("Order Start Date", "EffectiveDate", "Activated Date", "ActivatedDate"),
		"amount":   from("Order Amount", "TotalAmount"),
		"currency": from("CurrencyIsoCode", "Order Amount Currency", "Currency"),
	}}}
}

func salesforceEngagements() []layout {
	return []layout{{marks: []string{"Campaign Name", "Member Status"}, fields: map[string][]way{
		"lead_id":  salesforceIDs("Lead ID", "LeadId", "Lead/Contact ID"),
		"email":    from("Email"),
		"at":       from("Member First Responded Date", "First Responded Date", "Member First Associated Date"),
		"kind":     from("Member Status"),
		"activity": from("Campaign Type"),
		"campaign": from("Campaign Name"),
	}}}
}

func salesforceTouches() []layout {
	return []layout{{fields: map[string][]way{
		"id":      from("Activity ID", "Task ID", "Id"),
		"lead_id": salesforceIDs("Lead ID", "WhoId", "Name ID"),
		"at":      from("CompletedDateTime", "Completed Date/Time", "Date", "Due Date", "ActivityDate"),
		"kind":    {{columns: []string{"Task Subtype"}, values: touchKinds()}, {columns: []string{"Type"}, values: touchKinds()}},
		"by":      from("Assigned", "Assigned To", "OwnerId"),
	}}}
}

func salesforcePeople() []layout {
	return []layout{{fields: map[string][]way{
		"email":     from("Email"),
		"name":      append(from("Full Name", "Name"), way{columns: []string{"First Name", "Last Name"}}),
		"manager":   from("Manager Email", "Manager.Email", "Manager"),
		"time_zone": from("Time Zone", "TimeZoneSidKey"),
	}}}
}

func salesforceStages() map[string]string {
	return map[string]string{"closedwon": "won", "closedlost": "lost"}
}

// salesforceLeadStatus is the default picklists. A converted lead was qualified; whether an opportunity came with it the
// opportunities' own export says.
func salesforceLeadStatus() map[string]string {
	return map[string]string{
		"opennotcontacted": NoOutcome, "open": NoOutcome, "new": NoOutcome,
		"workingcontacted": "accepted", "working": "accepted", "contacted": "accepted",
		"nurturing":       "recycled",
		"closedconverted": "sql", "converted": "sql", "qualified": "sql",
		"closednotconverted": "rejected", "unqualified": "rejected",
	}
}

// salesforceID gives the 15 case-sensitive characters that reports show the three check characters that Data Loader and the
// API write behind them, so that both exports name one record alike. Each check character holds, as a number of base 32, which
// of five characters are capitals, the first in the lowest bit. Source: Salesforce Help, "How does the 18 character ID
// work". What is not such an id is left as it is.
func salesforceID(id string) string {
	if len(id) != 15 {
		return id
	}
	const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	digits := 0
	var check [3]byte
	for i := 0; i < 15; i++ {
		c := id[i]
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'A' && c <= 'Z':
			check[i/5] |= 1 << (i % 5)
		case c < 'a' || c > 'z':
			return id
		}
	}
	if digits < 3 { // a word, perhaps an account's name
		return id
	}
	return id + string(base32[check[0]]) + string(base32[check[1]]) + string(base32[check[2]])
}
