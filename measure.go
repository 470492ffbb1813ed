package truce

// Measure is a count of leads that digests show: its key in the JSON and in buttons, the label under which every surface shows it, its one
// definition, and both ways to it: out of sums, and lead by lead. So a figure, its column, its explanation and the records it opens to
// cannot come to mean different things.
type Measure struct {
	Key   string
	Label string // heads a column and a drill-down; in a sentence its first letter is small
	Short string // where a column is narrow; "" is the label
	How   string // a sentence's end: "rejected by a person, of ..."
	N     func(Figures) int
	Has   func(Facts) bool // whether a lead is one of them
}

// Title heads a column.
func (m Measure) Title() string {
	if m.Short != "" {
		return m.Short
	}
	return m.Label
}

// The measures. Figures.Count counts the same leads; a test holds both together.
var (
	CountedLeads = Measure{"leads", "Leads", "", "by the date they qualified, in the company's time zone; later corrections count.",
		func(f Figures) int { return f.Leads }, func(Facts) bool { return true }}
	CountedOpen = Measure{"open", "Open", "", "nothing won, lost, rejected or recycled is in force.",
		func(f Figures) int { return f.Open }, func(f Facts) bool { return f.Open() }}
	CountedRejected = Measure{"rejected", "Rejected", "", "a rejection is in force, by whomever or by silence.",
		func(f Figures) int { return f.Rejected }, func(f Facts) bool { return f.State == Rejected }}
	CountedRecycled = Measure{"recycled", "Recycled", "", "given back to Marketing to be nurtured, and that is in force.",
		func(f Figures) int { return f.Recycled }, func(f Facts) bool { return f.State == Recycled }}
	CountedJudged = Measure{"judged", "Judged", "", "a person accepted or rejected them, or a later stage shows that somebody did. What " +
		"came about by silence proves nothing.",
		func(f Figures) int { return f.Judged }, func(f Facts) bool { return f.sentBack() || f.Stage >= StageAccepted }}
	CountedSentBack = Measure{"sent_back", "Sent back", "", "rejected by a person, for whatever reason, of the judged.",
		func(f Figures) int { return f.SentBack }, Facts.sentBack}
	CountedSourceFault = Measure{"source_fault", "Source fault", "",
		"sent back as wrong person, outside ICP, student or competitor, of the judged: only these count against a source. " +
			"If the CRM gives no reasons, every rejection counts, and the column is called Sent back.",
		func(f Figures) int { return f.SourceFaults }, func(f Facts) bool { return f.sentBack() && f.Reason.Info().Kind == SourceFault }}
	CountedAccepted = Measure{"accepted", "Accepted", "", "Sales has accepted them, or a later stage says so (*).",
		func(f Figures) int { return f.Accepted }, func(f Facts) bool { return f.Stage >= StageAccepted }}
	CountedSQL = Measure{"sql", "SQL", "", "they became sales-qualified, or a later stage says so.",
		func(f Figures) int { return f.SQLs }, func(f Facts) bool { return f.Stage >= StageSQL }}
	CountedOpportunities = Measure{"opportunities", "Opportunities", "Opp.", "they became an opportunity, or are won.",
		func(f Figures) int { return f.Opportunities }, func(f Facts) bool { return f.Stage >= StageOpportunity }}
	CountedWon = Measure{"won", "Won", "", "leads of which a deal is won, and counts at this lead: a deal that several leads name counts " +
		"once. What those deals brought is called money.",
		func(f Figures) int { return f.Won }, Facts.Wins}
	CountedLost = Measure{"lost", "Lost", "", "leads of which the deal is lost, and counts at this lead.",
		func(f Figures) int { return f.Lost }, func(f Facts) bool { return f.State == Lost && !f.Joined }}
	CountedClosed = Measure{"closed", "Closed", "", "won or lost.",
		func(f Figures) int { return f.Won + f.Lost }, func(f Facts) bool { return (f.State == Won || f.State == Lost) && !f.Joined }}
	CountedJoined = Measure{"joined", "Joined", "", "ended with a deal that counts at another lead.",
		func(f Figures) int { return f.Joined }, func(f Facts) bool { return f.Joined }}
)

// Measures are all of them, in the order of a lead's way.
func Measures() []Measure {
	return []Measure{CountedLeads, CountedOpen, CountedRejected, CountedRecycled, CountedJudged, CountedSentBack, CountedSourceFault,
		CountedAccepted, CountedSQL, CountedOpportunities,
		CountedWon, CountedLost, CountedClosed, CountedJoined}
}

// MeasureOf is the measure of a key; ok is false where there is none.
func MeasureOf(key string) (m Measure, ok bool) {
	for _, m := range Measures() {
		if m.Key == key {
			return m, true
		}
	}
	return Measure{}, false
}
