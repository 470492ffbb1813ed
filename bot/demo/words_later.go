package demo

import "truce"

// This file holds what the colleagues hear and say after the demo's past. All of it is invented.

// laterHeard is what buyers say in the quarter to come; who heard it, and at which company, is dealt out.
var laterHeard = []struct{ theme, stage, text string }{
	{turnaround, "evaluation", "Their lab meeting is at eleven, and our first number comes at noon"},
	{"price", "negotiation", "Wants to pay for the reader over three years"},
	{"budget-timing", "discovery", "New equipment is decided once a year, in March"},
	{"integration", "evaluation", "Asked who maintains the interface once it runs"},
	{"competitor", "evaluation", "Has Competitor X on trial until the end of the month"},
	{"switching-effort", "evaluation", "Would have to write eleven SOPs again"},
	{ffpe, "evaluation", "Their samples are FFPE blocks from the nineties, does it read those?"},
	{"support-service", "reorder", "The loan reader came after three days, not one"},
	{"trust-references", "discovery", "Would like to hear it from somebody at a hospital"},
	{"price", "discovery", "Saw a list price on a reseller's page and stopped there"},
	{turnaround, "evaluation", "The night shift wants results before the handover at six"},
	{"budget-timing", "negotiation", "The purchase order has to wait for the new cost centre"},
	{"ease-of-use", "evaluation", "Three of their technicians are temps, training has to be short"},
	{"supply-delivery", "reorder", "Two kits of the last order came from different lots"},
	{"competitor", "negotiation", "Competitor X put the first year's kits on top for nothing"},
	{"authority-consensus", "evaluation", "The lab wants it, the dean's office has to sign"},
	{"price", "negotiation", "Asks what five readers would cost instead of one"},
	{"integration", "discovery", "Their data goes to a lake, not to a LIMS"},
	{"switching-effort", "negotiation", "Afraid to lose comparability with last year's cohort"},
	{ffpe, "evaluation", "The pathologist asks for FFPE data before anything else"},
	{turnaround, "negotiation", "Wants a guaranteed time to result in the contract"},
	{"budget-timing", "evaluation", "Half of the grant is spent, the other half comes in summer"},
	{"trust-references", "evaluation", "Our names are all in industry, theirs is a university"},
	{"price", "reorder", "Kits are the largest line in their consumables now"},
	{"support-service", "evaluation", "Who comes when it stands still on a Saturday?"},
	{"ease-of-use", "discovery", "The screen looked crowded to them"},
	{"competitor", "discovery", "Saw Competitor Y at a neighbour's and asked for the difference in one sentence"},
	{"integration", "evaluation", "IT wants a security questionnaire filled in first"},
	{turnaround, "discovery", "Compared us with the forty minutes of Competitor X, again"},
	{"switching-effort", "discovery", "The old reader is paid off and works"},
	{"supply-delivery", "negotiation", "Needs lots reserved for a two-year study"},
	{"price", "evaluation", "Could live with the reader, not with the service contract"},
	{"authority-consensus", "negotiation", "Purchasing asks for three quotes by rule"},
	{"budget-timing", "discovery", "Will plan us in for the next fiscal year"},
	{ffpe, "discovery", "Only heard of fresh samples in the talk, theirs are fixed"},
	{"trust-references", "negotiation", "QA asks for an audit report of our plant"},
}

// laterDisputes are the cases to come, and what Marketing answers to those that it declines.
var laterDisputes = []struct {
	source       string
	reason       truce.Reason
	text, answer string
	declined     bool
}{
	{"Content syndication", "wrong-person", "Left the company in spring, says the switchboard.", "", false},
	{"Trade show", "student-competitor", "Works for a distributor of the other reader.", "", false},
	{"Webinar", "outside-icp", "Four people, and they send their samples out.", "They build a lab of their own from January: see the last question " +
		"in the chat.", true},
	{"Content syndication", "outside-icp", "An insurance company; the paper was for a talk.", "", false},
	{"Paid search", "bad-contact-data", "The number belongs to a bakery.", "", false},
	{"Trade show", "wrong-person", "Looks after facilities, not the lab.", "He asked for the core lab's colleague to be called: her name is on the scan.", true},
	{"Content syndication", "student-competitor", "A doctoral student, wants the references.", "", false},
	{"Distributor", "duplicate", "The same lab as a lead of last month.", "Another group of the same house, with a budget of its own.", true},
	{"Content syndication", "wrong-person", "Writes for a trade journal.", "", false},
	{"Evaluation kit", "wrong-territory", "Sits in a country that the distributor looks after.", "", false},
}
