package truce

import (
	"slices"
	"strings"
	"time"
)

// Status is an outcome of a lead: a step on its path, or the end of it.
type Status string

// The statuses, in the order in which they win a tie of dates, last first.
const (
	Recycled    Status = "recycled"
	Rejected    Status = "rejected"
	Accepted    Status = "accepted"
	SQL         Status = "sql"
	Opportunity Status = "opportunity"
	Lost        Status = "lost"
	Won         Status = "won"
	NoStatus    Status = "" // nothing has become of it yet
)

// Statuses are all statuses; a later one wins a tie of dates.
var Statuses = []Status{Recycled, Rejected, Accepted, SQL, Opportunity, Lost, Won}

// ParseStatus reads a status; case and surrounding blanks do not matter.
func ParseStatus(s string) (Status, error) {
	st := Status(strings.ToLower(strings.TrimSpace(s)))
	if slices.Contains(Statuses, st) {
		return st, nil
	}
	return "", Errorf(Invalid, "%q is not a status: accepted, rejected, sql, opportunity, won, lost or recycled", s)
}

// Rank is the status's place in a tie: won > lost > opportunity > sql > accepted > rejected > recycled > none.
func (s Status) Rank() int { return slices.Index(Statuses, s) }

// Ends reports whether a lead with this outcome in force is no longer open.
func (s Status) Ends() bool { return s == Won || s == Lost || s == Rejected || s == Recycled }

// Stage is how far down the funnel a lead has come. A later stage implies the earlier ones.
type Stage int

// The stages.
const (
	StageMQL Stage = iota
	StageAccepted
	StageSQL
	StageOpportunity
)

// Stage is the stage that an outcome proves.
func (s Status) Stage() Stage {
	switch s {
	case Accepted:
		return StageAccepted
	case SQL:
		return StageSQL
	case Opportunity, Won, Lost:
		return StageOpportunity
	}
	return StageMQL
}

// Outcome is what became of a lead, once. Outcomes are keyed by lead, deal and status: the same key again corrects it.
type Outcome struct {
	LeadID     string
	DealID     string
	Status     Status
	At         time.Time // its own date; may lie before the lead's MQL date
	Until      time.Time // of a close dated without a time: the last moment of its day, at which it takes its place among others
	Elsewhere  time.Time // since when another lead's outcome counts for this close of their deal; zero: this one does. The store's own
	Amount     Money     // of a deal; see HasAmount
	HasAmount  bool      // false: not known, which is not zero
	Reason     Reason
	Note       string
	Owner      string // as the CRM says it
	Origin     Origin
	PersonID   string // who said so, where it was said here
	RecordedAt time.Time
}

// Origin is where an outcome came from.
type Origin string

// The origins.
const (
	FromImport  Origin = "import"
	FromPerson  Origin = "person"
	FromSilence Origin = "silence" // a deadline passed: never in acceptance or quality figures
	FromDispute Origin = "dispute"
	FromAccount Origin = "account" // it follows from a deal that names no lead, only the lead's account
)

// Place is the moment by which an outcome takes its place among the others of its lead: its date, or the end of its day where a
// close has no time.
func (o Outcome) Place() time.Time {
	if o.Until.After(o.At) && (o.Status == Won || o.Status == Lost) {
		return o.Until
	}
	return o.At
}

// after reports whether an outcome is in force over another one: it is later, or of the higher rank at the same moment.
func (o Outcome) after(p Outcome) bool {
	return o.Place().After(p.Place()) || o.Place().Equal(p.Place()) && o.Status.Rank() > p.Status.Rank()
}

// over is after, but for what silence wrote, which is over nothing that anybody said, whenever it was said.
func (o Outcome) over(p Outcome) bool {
	if silence := o.Origin == FromSilence; silence != (p.Origin == FromSilence) {
		return !silence
	}
	return o.after(p)
}

// ended reports whether an opening is that of a deal that has closed by asOf, on whatever date: CRMs back-date closes, but a deal
// is never open again without its close being taken back.
func (o Outcome) ended(outcomes []Outcome, asOf time.Time) bool {
	return o.Status == Opportunity && o.DealID != "" && slices.ContainsFunc(outcomes, func(p Outcome) bool {
		return p.DealID == o.DealID && (p.Status == Won || p.Status == Lost) && !p.At.After(asOf)
	})
}

// Counts reports whether the outcome counts for its deal at asOf; otherwise another lead's does, so that a deal counts once.
func (o Outcome) Counts(asOf time.Time) bool { return o.Elsewhere.IsZero() || o.Elsewhere.After(asOf) }

// Standing is the state of a lead that its outcomes give at a moment.
type Standing struct {
	State     Status // the outcome in force; NoStatus where there is none
	At        time.Time
	Stage     Stage // the furthest stage reached by somebody's doing
	BySilence bool  // the state in force is what silence made of it: nobody decided it
}

// Open reports whether no won, lost, rejected or recycled is in force.
func (s Standing) Open() bool { return !s.State.Ends() }

// Stand computes a lead's standing from its outcomes dated at or before asOf: the latest by its own date is in force, and
// ties go to the higher rank; but the close of a deal is in force over its own opening, and one without a time counts as the end
// of its day. Outcomes dated later are not counted, and what silence wrote counts only where nobody has said anything: it stands
// beside what people said, whenever they said it.
func Stand(outcomes []Outcome, asOf time.Time) Standing {
	var s Standing
	var in Outcome // the one in force
	for _, o := range outcomes {
		if o.At.After(asOf) {
			continue
		}
		if (s.State == NoStatus || o.over(in)) && !o.ended(outcomes, asOf) {
			in, s.State, s.At, s.BySilence = o, o.Status, o.At, o.Origin == FromSilence
		}
		if o.Origin != FromSilence { // nobody decided it: it proves no stage
			s.Stage = max(s.Stage, o.Status.Stage())
		}
	}
	return s
}

// Rating is how good a lead was, in the words of the one who spoke with it.
type Rating int

// The ratings, as they are averaged.
const (
	Poor Rating = 1
	Fair Rating = 2
	Good Rating = 3
)

// ParseRating reads good, fair, poor or 3, 2, 1.
func ParseRating(s string) (Rating, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "good", "3":
		return Good, nil
	case "fair", "2":
		return Fair, nil
	case "poor", "1":
		return Poor, nil
	}
	return 0, Errorf(Invalid, "%q is not a rating: good, fair or poor (3, 2, 1)", s)
}

func (r Rating) String() string {
	switch r {
	case Good:
		return "good"
	case Fair:
		return "fair"
	case Poor:
		return "poor"
	}
	return ""
}

// RatingOf is one rating of a lead by one rater, who may correct it.
type RatingOf struct {
	LeadID     string
	Rater      string // a person's id, or the owner as the CRM says it
	Value      Rating
	At         time.Time // its own date; zero is undated
	RowAt      time.Time // the date of the row it came in
	Hindsight  bool      // undated, in a row that also closed the lead
	RecordedAt time.Time
}

// When is the date that as-of goes by: the rating's own, else that of the row it came in.
func (r RatingOf) When() time.Time {
	if r.At.IsZero() {
		return r.RowAt
	}
	return r.At
}

// Lead is a marketing-qualified lead as the CRM handed it over, and where it stands.
type Lead struct {
	ID          string // the CRM's, case-sensitive
	Ref         string // ours: L-12
	MQLAt       time.Time
	Email       string
	Name        string
	Company     string
	Account     string    // folded company, or the CRM's account: what joins leads and deals
	AccountAs   string    // the CRM's account as it tells it, where folding it changes it; see AccountTold
	KnownAt     time.Time // of a row of an import: since when what it says is known; zero: since it came. Not kept
	Source      string    // locked when the lead is created; "" shows as "(none)"
	Campaign    string
	Segment     string
	Product     string
	Score       float64
	HasScore    bool
	ICPFit      ICPFit
	Owner       string // as the CRM says it
	OwnerID     string // the person, where known
	Attrs       map[string]string
	HandedOffAt time.Time // zero: before Truce's start, no clock
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Standing
	Rating  Rating // in force; 0 is none
	Counted string // what sums hold of it; the store's own
}

// ICPFit is whether a lead, or the account of a deal, is inside the ideal customer profile (ICP), as the CRM says it; "" where it
// says nothing.
type ICPFit string

// The fits.
const (
	InsideICP  ICPFit = "inside"
	OutsideICP ICPFit = "outside"
)

// ParseICPFit reads how CRMs say it: inside, yes, true, 1, fit; outside, no, false, 0, no fit. ok is false for anything else,
// such as a grade or a number of points, of which nobody has said from where on it is inside.
func ParseICPFit(text string) (fit ICPFit, ok bool) {
	switch strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" -_", r) }), " ") {
	case "":
		return "", true
	case "inside", "in", "inside icp", "in icp", "yes", "y", "true", "1", "fit", "icp":
		return InsideICP, true
	case "outside", "out", "outside icp", "out of icp", "no", "n", "false", "0", "no fit", "not icp", "non icp":
		return OutsideICP, true
	}
	return "", false
}

// AccountTold is the CRM's account of the lead as it tells it: an id's case counts.
func (l Lead) AccountTold() string {
	if l.AccountAs != "" {
		return l.AccountAs
	}
	return l.Account
}

// Title is the lead in a few words: company and name, else its id.
func (l Lead) Title() string {
	switch {
	case l.Company != "" && l.Name != "":
		return l.Company + " · " + l.Name
	case l.Company != "":
		return l.Company
	case l.Name != "":
		return l.Name
	case l.Email != "":
		return l.Email
	}
	return l.ID
}

// SourceName is the source as shown: "(none)" for an empty one.
func SourceName(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// FoldAccount is a company or account name as it is compared: case, blanks and legal forms do not matter.
func FoldAccount(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ' ' || r == ',' || r == '.' || r == '\t' })
	for len(words) > 1 && slices.Contains(legalForms, words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	return strings.Join(words, " ")
}

var legalForms = []string{"inc", "llc", "ltd", "limited", "gmbh", "ag", "sa", "bv", "corp", "corporation", "co", "plc", "kg", "srl", "ab",
	"oy", "as"}

// Reason is why Sales sends a lead back.
type Reason string

// ReasonKind groups reasons by what they say about the lead's source.
type ReasonKind string

// The kinds of reasons. Only source faults count against a source.
const (
	SourceFault  ReasonKind = "source fault"
	DataFault    ReasonKind = "data"
	RoutingFault ReasonKind = "routing"
	AfterContact ReasonKind = "after contact"
	OtherReason  ReasonKind = "other"
)

// ReasonInfo describes a reason.
type ReasonInfo struct {
	Reason Reason // as stored and typed: "wrong-person"
	Label  string // as shown: "wrong person"
	Kind   ReasonKind
}

// Reasons are the reasons people choose from. A CRM's other texts are kept as they are, of OtherReason.
var Reasons = []ReasonInfo{
	{"wrong-person", "wrong person", SourceFault},
	{"outside-icp", "outside ICP", SourceFault},
	{"student-competitor", "student or competitor", SourceFault},
	{"bad-contact-data", "bad contact data", DataFault},
	{"duplicate", "duplicate", DataFault},
	{"wrong-territory", "wrong territory", RoutingFault},
	{"already-customer", "already a customer", RoutingFault},
	{"no-budget", "no budget", AfterContact},
	{"no-need", "no need", AfterContact},
	{"not-ready", "not ready", AfterContact},
	{"unable-to-reach", "unable to reach", AfterContact},
}

// ParseReason finds a reason by its name or label, whatever its case and separators; ok is false for one not in the list,
// which is returned as it came.
func ParseReason(s string) (r Reason, ok bool) {
	fold := func(s string) string {
		return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ' ' || r == '-' || r == '_' }), "-")
	}
	for _, i := range Reasons {
		if f := fold(s); f == string(i.Reason) || f == fold(i.Label) {
			return i.Reason, true
		}
	}
	return Reason(strings.TrimSpace(s)), false
}

// Info is what is known of the reason.
func (r Reason) Info() ReasonInfo {
	for _, i := range Reasons {
		if i.Reason == r {
			return i
		}
	}
	return ReasonInfo{r, string(r), OtherReason}
}

// Touch is a logged call, meeting or personal mail.
type Touch struct {
	LeadID string
	At     time.Time
	Kind   string // call, meeting, mail
	By     string // a person's id, or the CRM's text
}

// TouchKinds are the kinds of touches.
var TouchKinds = []string{"call", "meeting", "mail"}
