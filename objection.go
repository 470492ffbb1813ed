package truce

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxText is the most characters of a captured text; longer ones are refused with all they held given back.
const MaxText = 3000

// Theme is what objections are gathered under.
type Theme struct {
	ID         string // turnaround-time
	Name       string // Turnaround time
	State      string // active, proposed, merged
	MergedInto string
	CreatedAt  time.Time
}

// Objection is what a buyer said against buying, as a rep logged it.
type Objection struct {
	ID         string // O-1
	ThemeID    string // "" is not decided yet
	Confidence float64
	Text       string
	Stage      string
	Competitor string
	Account    string
	LeadID     string
	AuthorID   string // whose experience it is
	LoggedBy   string // who typed it
	CreatedAt  time.Time
	EditedAt   time.Time
	UndoneAt   time.Time
}

// CheckText refuses a text that cannot be kept; what names it in the sentence ("objection").
func CheckText(text, what string) (string, error) {
	text = strings.TrimSpace(text)
	switch n := utf8.RuneCountInString(text); {
	case Blank(text):
		return "", Errorf(Invalid, "The %s is empty: write what was said.", what)
	case n > MaxText:
		return "", Errorf(Invalid, "That is %d characters, and %d are the most that fit. Shorten the %s and send it again.", n, MaxText, what)
	}
	return text, nil
}

// Claim is what an answer asserts: it decides who must approve it and how long it may go without review.
type Claim string

// The claim classes.
const (
	PlainClaim       Claim = "plain"
	PriceClaim       Claim = "price"
	CompetitorClaim  Claim = "competitor"
	TechnicalClaim   Claim = "technical"
	PerformanceClaim Claim = "performance"
	RegulatoryClaim  Claim = "regulatory"
)

// Claims are all classes, in the order they are offered.
var Claims = []Claim{PlainClaim, PriceClaim, CompetitorClaim, TechnicalClaim, PerformanceClaim, RegulatoryClaim}

// ReviewDays is how many days an approved answer of the class stands before it must be looked at again.
func (c Claim) ReviewDays() int {
	switch c {
	case PriceClaim, CompetitorClaim:
		return 90
	case RegulatoryClaim:
		return 365
	}
	return 180
}

// NeedsApprover reports whether somebody other than the writer must approve an answer of the class.
func (c Claim) NeedsApprover() bool {
	return c == PerformanceClaim || c == RegulatoryClaim || c == CompetitorClaim
}

// The states of an answer.
const (
	AnswerDraft    = "draft"    // a candidate: nobody is shown it as an answer
	AnswerWaiting  = "waiting"  // for an approver
	AnswerApproved = "approved" // shown to reps
	AnswerReplaced = "replaced" // a newer version is approved
	AnswerRecalled = "recalled" // withdrawn; who was shown it is told
	AnswerDropped  = "dropped"  // a candidate that Marketing does not use
)

// Answer is what to say to an objection.
type Answer struct {
	ID         string
	ThemeID    string
	Version    int
	Body       string
	Internal   string // for us only, never said to a customer
	Proof      string // where it stands: a document, a page
	Claim      Claim
	State      string
	OwnerID    string
	CreditID   string // the rep whose words it came from
	CreatedAt  time.Time
	ApprovedBy string
	ApprovedAt time.Time
	ReviewAt   time.Time
	Replaces   string
	Helped     int // of Voted
	Voted      int
	Shown      int // how many times a person was shown it
}

// Overdue reports whether the answer's review date has passed at t.
func (a Answer) Overdue(t time.Time) bool { return !a.ReviewAt.IsZero() && t.After(a.ReviewAt) }

// PastReview reports whether the answer is in force and its review waits for Marketing at t.
func (a Answer) PastReview(t time.Time) bool { return a.State == AnswerApproved && a.Overdue(t) }

// Hidden reports whether the answer may not be shown to reps at t: not approved, or a regulatory claim past its review.
func (a Answer) Hidden(t time.Time) bool {
	return a.State != AnswerApproved || a.Claim == RegulatoryClaim && a.Overdue(t)
}

// MayApprove is nil when p may approve the answer: a marketer, and for classes that need an approver somebody other than
// its owner and than the rep whose words it is.
func (a Answer) MayApprove(p Person) error {
	switch {
	case !p.SpeaksForMarketing():
		return Errorf(Forbidden, "Marketing approves answers. Your text is kept as a draft, and Marketing sees it.")
	case a.Claim.NeedsApprover() && (p.ID == a.OwnerID || p.ID == a.CreditID):
		return Errorf(Forbidden, "A %s claim needs somebody other than its writer to approve it. It waits for another marketer.", a.Claim)
	}
	return nil
}

// Better reports whether a is to be shown before b at t: approved and current first, then the better record (share that
// helped, with one vote added on each side so that 1 of 1 does not beat 9 of 10), then the newer.
func (a Answer) Better(b Answer, t time.Time) bool {
	if x, y := a.Overdue(t), b.Overdue(t); x != y {
		return y
	}
	x, y := float64(a.Helped+1)/float64(a.Voted+2), float64(b.Helped+1)/float64(b.Voted+2)
	if x != y {
		return x > y
	}
	return a.ApprovedAt.After(b.ApprovedAt)
}

// BestAnswers are those of the list that a rep may be shown at t, the best first.
func BestAnswers(list []Answer, t time.Time) []Answer {
	var shown []Answer
	for _, a := range list {
		if !a.Hidden(t) {
			shown = append(shown, a)
		}
	}
	slices.SortStableFunc(shown, func(a, b Answer) int {
		switch {
		case a.Better(b, t):
			return -1
		case b.Better(a, t):
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	return shown
}
