package demo

// This file holds the words of the demo: what the people of Quillwater Assays heard, said and wrote. All of it is invented.

// answer is an answer of Marketing, and how it fared: one vote for each time somebody said whether it helped.
type answer struct {
	theme, by, body, proof, internal, claim string
	votes                                   []bool
}

var (
	yep, nay = true, false

	answers = []answer{
		{"turnaround-time", "mia", "Time to first result is longer, time to reportable result is shorter: no repeat runs. Ask how often they " +
			"repeat today.",
			"the repeat-rate one-pager", "Do not argue about the 40 minutes: it is true, for one analyte.", "plain",
			[]bool{yep, yep, nay, yep, yep, yep, yep, nay, yep, yep, yep}},
		{"price", "mia", "Compare the cost per reportable sample, not the price of the reader. At forty plates a month the kits have paid for " +
			"it in fourteen months.",
			"the cost worksheet, tab 2", "No discount before the worksheet is filled in together.", "price",
			[]bool{yep, yep, nay, yep, yep, nay, yep}},
		{"competitor", "mia", "Ask which ten analytes they need on one sample, and then for a run from sample to report. Do not compare single " +
			"steps.",
			"the ten-plex protocol", "", "plain", []bool{yep, nay, yep, yep}},
		{"budget-timing", "mia", "The evaluation kit is free and stays through the fiscal year. Data now, the order when the budget opens.",
			"", "Offer it once; a second kit needs Sam.", "plain", []bool{yep, yep, yep, nay, yep}},
		{"switching-effort", "mia", "Run both side by side for two weeks. We bring the plates, you keep your protocol, and you decide on your " +
			"own samples.",
			"the side-by-side plan", "", "plain", []bool{yep, yep, nay}},
		{"integration", "mia", "Results leave as CSV or HL7 on the day of installation. Ask for the name of their LIMS and we show it working.",
			"the interface list", "", "technical", []bool{yep, yep}},
		{"ease-of-use", "mia", "A new technician runs a plate alone after one afternoon. Offer to train two people in their lab.",
			"the training plan", "", "plain", []bool{yep}},
		{"support-service", "mia", "A person answers within two working hours, and a loan reader ships the next day.", "the service leaflet", "",
			"plain", []bool{yep, nay}},
		{"trust-references", "mia", "Name a lab like theirs and offer a call: Harrow Bio and Glenrock Labs have agreed to be asked.", "",
			"Ask before a third call in a month.", "plain", []bool{yep, yep}},
		{"supply-delivery", "mia", "Kits ship within two days from the warehouse in their region, and lots can be reserved for a study.",
			"the lot reservation form", "", "plain", nil},
	}
)

// objection is an objection as a rep logged it. instead is what the rep says worked where the answer did not help.
type objection struct {
	theme, who, account, stage, competitor, text, instead string
}

const turnaround, ffpe = "turnaround-time", "validation-regulatory"

// turnaroundHeard are four of the month before the competitor's launch, then fourteen since, by six reps.
var turnaroundHeard = []objection{
	{turnaround, "carla", "Harrow Bio", "evaluation", "", "Their current reader gives a first number after lunch, ours at four", ""},
	{turnaround, "ben", "Dunmore Institute", "discovery", "", "They think a two-hour incubation is slow", ""},
	{turnaround, "ann", "Oakridge Pharma", "evaluation", "", "Asked why our run takes longer than their ELISA",
		"I asked to see last month's repeats: one plate in five."},
	{turnaround, "dev", "Lakeshore Labs", "discovery", "", "Turnaround is their first question, always", ""},

	{turnaround, "dev", "Kestrel Biosciences", "evaluation", "Competitor X", "Competitor X told them 40 minutes, and we said three hours", ""},
	{turnaround, "ann", "Riverbend Labs", "evaluation", "Competitor X", "They say we are too slow compared with the new reader", ""},
	{turnaround, "carla", "Silverton Pharma", "negotiation", "Competitor X", "Procurement put \"first result\" into the scorecard", ""},
	{turnaround, "elif", "Newbury Research Services", "evaluation", "Competitor X", "Their CRO clients want same-day numbers",
		"Showed them the signed report times of Glenrock Labs."},
	{turnaround, "ben", "Ashgrove Therapeutics", "discovery", "Competitor X", "Saw the launch video, asked why we need three hours", ""},
	{turnaround, "finn", "Brightwater Bio", "evaluation", "", "We take too long for their morning meeting", ""},
	{turnaround, "ann", "Fairhaven University Core", "evaluation", "Competitor X",
		"Users of the core book by the hour, so slow means expensive", ""},
	{turnaround, "carla", "Glenrock Labs", "reorder", "", "Happy with the data, still say it takes half a day", ""},
	{turnaround, "dev", "Westbrook Medicines", "evaluation", "Competitor X", "Twice as long as the demo they saw last week", ""},
	{turnaround, "elif", "Upland Shared Resources", "discovery", "Competitor X", "They measure every vendor by time to first result", ""},
	{turnaround, "ben", "Thornbury Bio", "negotiation", "Competitor X", "The other quote promises results before noon", ""},
	{turnaround, "finn", "Ironbridge Pharma", "evaluation", "Competitor X", "Too slow for their stability protocol, they think", ""},
	{turnaround, "ann", "Cedar Point Labs", "evaluation", "Competitor X", "Asked whether we have a fast mode like the others", ""},
	{turnaround, "dev", "Juniper Therapeutics", "discovery", "Competitor X", "Heard at a meeting that we are the slow ones", ""},
}

// ffpeHeard is new in the field: three accounts, two reps, and no answer.
var ffpeHeard = []objection{
	{ffpe, "elif", "Valemont Institute", "evaluation", "", "Is it validated on FFPE? They only have archived blocks", ""},
	{ffpe, "grace", "Pinecrest Pharma", "evaluation", "", "Want validation data on FFPE before they let us into the study", ""},
	{ffpe, "elif", "Maplewood University", "discovery", "", "\"Validated on FFPE?\" was the only question of the pathologist", ""},
}

var objections = []objection{
	{"price", "hugo", "Quarry Hill Labs", "negotiation", "", "85,000 for a reader is more than they paid for the last two", ""},
	{"budget-timing", "grace", "Yarrow Institute", "evaluation", "", "No budget left this fiscal year, ask again in spring", ""},
	{"switching-effort", "finn", "Harrow Pharma", "evaluation", "",
		"Their protocol is validated on the old reader and nobody wants to redo it", ""},
	{"competitor", "ben", "Eastlake Bio", "negotiation", "Competitor X", "They have a quote from Competitor X on the table", ""},
	{"price", "carla", "Dunmore Institute", "discovery", "", "Asked for an academic price before anything else",
		"Offered the kit first; price came up again only after the data."},
	{"integration", "elif", "Silverton Medicines", "evaluation", "", "It has to talk to their LIMS or IT will say no", ""},
	{"budget-timing", "ann", "Oakridge University", "discovery", "", "The grant is decided in January", ""},
	{"ease-of-use", "hugo", "Kestrel Bio", "evaluation", "", "Afraid that only the postdoc can run it", ""},
	{"price", "dev", "Ashgrove Biosciences", "negotiation", "", "Kits cost more than the ones they make themselves", ""},
	{"trust-references", "grace", "Upland Institute", "discovery", "", "Nobody they know uses one", ""},
	{"switching-effort", "carla", "Brightwater Therapeutics", "evaluation", "", "Ten years of data on the other platform",
		"Offered to run their archive samples on both."},
	{"support-service", "finn", "Newbury Labs", "reorder", "", "Waited four days for an answer in August",
		"Apologised, and gave them the direct number."},
	{"competitor", "elif", "Riverbend Research Services", "evaluation", "Competitor Y",
		"Competitor Y offers the reader for free with a kit contract", "Asked for the kit price in year two."},
	{"price", "ann", "Fairhaven University Core", "negotiation", "", "Wants the reader on a per-plate lease", ""},
	{"budget-timing", "hugo", "Lakeshore Research Services", "negotiation", "", "Signed off, but the money is there only in the new year", ""},
	{"supply-delivery", "grace", "Westbrook Pharma", "reorder", "", "Worried about lot changes in the middle of the study", ""},
	{"authority-consensus", "ben", "Thornbury Biosciences", "evaluation", "",
		"The core director likes it, the three heads of group have to agree", ""},
	{"price", "hugo", "Juniper Bio", "evaluation", "", "Could buy two used readers for that", ""},
	{"competitor", "finn", "Cedar Point Research Services", "evaluation", "Competitor X", "Already trained on the software of Competitor X",
		""},
	{"integration", "dev", "Ironbridge Medicines", "evaluation", "", "Asks for an HL7 interface in writing", ""},
	{"budget-timing", "elif", "Maplewood Institute", "discovery", "", "Next call for equipment money is in four months", ""},
	{"price", "grace", "Valemont University", "discovery", "", "Too expensive for a teaching lab",
		"Sent them to the core facility next door."},
	{"switching-effort", "ann", "Glenrock Research Services", "evaluation", "", "Their SOPs name the old instrument", ""},
	{"trust-references", "ben", "Quarry Hill Research Services", "negotiation", "", "Their QA wants two references in regulated work", ""},
	{"budget-timing", "dev", "Pinecrest Medicines", "evaluation", "", "Capital freeze until the quarter closes",
		"Asked who may lift it, and for what."},
	{"price", "finn", "Harrow Biosciences", "negotiation", "", "Procurement wants ten percent off on principle",
		"Gave training days instead."},
	{"support-service", "carla", "Eastlake Therapeutics", "evaluation", "", "What happens when it breaks on a Friday?", ""},
	{"competitor", "hugo", "Yarrow University", "discovery", "Competitor X", "Saw both at the trade show and liked the other screen better",
		""},
	{"price", "elif", "Newbury Labs", "reorder", "", "Kit price went up since the first order", ""},
	{"budget-timing", "ben", "Dunmore University", "evaluation", "", "Half now, half in the next grant year?", ""},
}

// talk is what people write to each other in channels, and to Truce (place "").
var talk = []struct {
	daysAgo          int
	clock            string
	who, place, text string
}{
	{30, "09:12", "sam", "general", "Morning. From this week on: what you hear on calls goes to Truce with /objection, two seconds, from " +
		"the car if you like. Marketing answers there."},
	{30, "09:20", "mona", "general", "And if a lead is bad, say so with /dispute, with a reason. We answer within two working days, " +
		"promised."},
	{29, "16:45", "hugo", "general", "Logged three in the taxi. It told me what to say on the fourth."},
	{24, "11:30", "mia", "objections", "New one-pager on repeat rates is out, linked in the answer to turnaround time. Tell me on which " +
		"calls it does not work."},
	{21, "14:10", "carla", "general", "Harrow Bio reordered. Third time this year."},
	{16, "10:05", "noor", "general", "Badge scans of the autumn show went out to you with a week's delay, sorry. The next ones come the " +
		"same day."},
	{13, "17:02", "ann", "", "The slide with the repeat runs got us a second meeting at Riverbend Labs."},
	{12, "09:40", "ben", "", "Everybody at the core facilities asks who pays for the kits after the grant ends"},
	{9, "15:15", "sam", "alignment", "Tuesdays are the hole in first touches. Half the team is in the forecast call until noon; I move it."},
	{9, "15:31", "mona", "alignment", "Then we stop sending the newsletter leads on Monday evening."},
	{4, "12:20", "grace", "objections", "Pathologists start to ask about FFPE. Do we have anything?"},
	{6, "10:48", "ann", "", "Procurement at Silverton Pharma now scores time to first result"},
	{5, "13:37", "lucia", "general", "Whitepaper network renews next month. Before we pay again I want to see what came of it."},
	{4, "09:05", "sam", "general", "Thanks for the verdicts last week: 9 of 10 leads had one in time."},
	{3, "16:20", "dev", "objections", "Third account this month that quotes the 40 minutes."},
	{1, "10:15", "mia", "objections", "I am on it: a page on time to reportable result, side by side. Draft tomorrow."},
	{1, "14:50", "ben", "general", "Who has the interface list? Silverton wants HL7 in writing."},
	{1, "14:58", "otto", "general", "It is in the answer to integration: /objection and the first words, it comes up."},
}

// outside are why syndication leads are outside the profile, and what Marketing answered.
var (
	outside = []string{
		"A student association's address at a university: no lab, no budget.",
		"Consultancy, writes market reports and downloads everything.",
		"Hospital pharmacy, they do not run assays at all.",
		"Clicked for the voucher; the company sells cleaning supplies.",
	}
	upheld = []string{
		"Right, the network counts any .edu address. Recycled.",
		"Right. We asked the network to leave consultancies out.",
		"Right, wrong department.",
		"Right. That is the fourth from this list; we look at the contract.",
	}
)
