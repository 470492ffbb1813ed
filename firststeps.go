package truce

// FirstStep is one of the first steps of a company with Truce, from the installation to the first signature under its charter.
type FirstStep struct {
	What    string
	Done    bool
	Command string // what does it, or says how
}

// Begun is how far a company has come.
type Begun struct {
	Sales, Marketing, SalesManagers, MarketingManagers, Sponsors int // people with such a role
	// that there are; answers that are approved, versions of the charter, signatures
	Leads, Outcomes, Objections, Answers, Charters, Signed int
}

// FirstSteps are the ten, in the order in which they are best taken.
func (b Begun) FirstSteps() []FirstStep {
	return []FirstStep{
		{"Truce runs, and you are its admin", true, "truce status"},
		{"Reps and marketers have a role", b.Sales > 0 && b.Marketing > 0, "truce roles"},
		{"Each side has a manager: two keys are two people", b.SalesManagers > 0 && b.MarketingManagers > 0, "truce roles"},
		{"There is a sponsor", b.Sponsors > 0, "truce roles"},
		{"Leads have come from your CRM", b.Leads > 0, "truce status"},
		{"What became of them has come, too", b.Outcomes > 0, "truce status"},
		{"Somebody has logged what a buyer said", b.Objections > 0, "objection"},
		{"A first answer is approved", b.Answers > 0, "objection top"},
		{"The charter is in force", b.Charters > 0, "charter"},
		{"Somebody has signed it", b.Signed > 0, "charter"},
	}
}
