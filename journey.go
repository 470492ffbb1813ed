package truce

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// This file is about the journey map: the stages of a customer's way, what is known of each, and which leads, deals and words of the
// field belong to it.

// JourneyStage is a stage of the customer's way, and what of the company's records belongs to it.
type JourneyStage struct {
	Name    string
	Leads   []Stage  // open leads at these stages are in it; none: no lead is
	Deals   []string // open deals at these stages, as the CRM says them; OpenDeals is every open deal that no stage names
	Said    []string // what people call it when they log an objection or a note, beside its name
	Exit    string   // what a buyer does when the stage is over; "" is not agreed yet
	OwnerID string   // who looks after it; "" is nobody
	Since   time.Time
	By      string // who set Exit and OwnerID last; "" is nobody
}

// OpenDeals names every open deal whose stage no journey stage names.
const OpenDeals = "open"

// DefaultJourney is the map before anybody has changed it: without leads and deals before a lead qualifies, and after a sale.
func DefaultJourney() []JourneyStage {
	return []JourneyStage{
		{Name: "awareness", Said: []string{"prospecting"}},
		{Name: "consideration", Leads: []Stage{StageMQL, StageAccepted}, Said: []string{"discovery"}},
		{Name: "evaluation", Leads: []Stage{StageSQL}},
		{Name: "decision", Leads: []Stage{StageOpportunity}, Deals: []string{OpenDeals}, Said: []string{"negotiation", "purchase"}},
		{Name: "onboarding"},
		{Name: "renewal", Said: []string{"reorder"}},
	}
}

// StageNames are the stages of leads as a configuration names them.
var StageNames = []string{StageMQL: "mql", StageAccepted: "accepted", StageSQL: "sql", StageOpportunity: "opportunity"}

// ParseStage reads a stage of leads.
func ParseStage(s string) (Stage, error) {
	if i := slices.Index(StageNames, strings.ToLower(strings.TrimSpace(s))); i >= 0 {
		return Stage(i), nil
	}
	return 0, Errorf(Invalid, "%q is not a stage of leads: mql, accepted, sql or opportunity", s)
}

// Journey is the map: its stages in the order of the customer's way.
type Journey []JourneyStage

// Find is the place of the stage that a name means: its own, or what people call it; -1 is none.
func (j Journey) Find(name string) int {
	name = FoldText(name)
	if name == "" {
		return -1
	}
	for i, s := range j {
		if FoldText(s.Name) == name {
			return i
		}
	}
	for i, s := range j {
		if slices.ContainsFunc(s.Said, func(w string) bool { return FoldText(w) == name }) {
			return i
		}
	}
	return -1
}

// OfLead is the place of the stage that a lead is in by how far it has come; -1 is none. Whether it is open is not asked.
func (j Journey) OfLead(s Stage) int {
	return slices.IndexFunc(j, func(js JourneyStage) bool { return slices.Contains(js.Leads, s) })
}

// OfDeal is the place of the stage that an open deal is in by its own stage; -1 is none.
func (j Journey) OfDeal(stage string) int {
	stage = FoldText(stage)
	named := func(word string) int {
		return slices.IndexFunc(j, func(js JourneyStage) bool {
			return slices.ContainsFunc(js.Deals, func(d string) bool { return FoldText(d) == word })
		})
	}
	if i := named(stage); i >= 0 && stage != "" {
		return i
	}
	return named(OpenDeals)
}

// Reached is when a lead first came to a stage of leads, or to a later one, by its own dates and by somebody's doing; zero is never.
func Reached(outcomes []Outcome, qualified time.Time, s Stage) (at time.Time) {
	if s == StageMQL {
		return qualified
	}
	for _, o := range outcomes {
		if o.Origin != FromSilence && o.Status.Stage() >= s && (at.IsZero() || o.At.Before(at)) {
			at = o.At
		}
	}
	if !at.IsZero() && at.Before(qualified) {
		return qualified
	}
	return at
}

// Entered is when a lead came into the stage; zero is never, or that no lead is in it.
func (s JourneyStage) Entered(outcomes []Outcome, qualified time.Time) time.Time {
	if len(s.Leads) == 0 {
		return time.Time{}
	}
	return Reached(outcomes, qualified, slices.Min(s.Leads))
}

// Left is when a lead went on from the stage: it came to a later stage of leads, or bought where there is none; zero is never.
func (s JourneyStage) Left(outcomes []Outcome, qualified time.Time) (at time.Time) {
	if len(s.Leads) == 0 {
		return at
	}
	if last := slices.Max(s.Leads); last < StageOpportunity {
		return Reached(outcomes, qualified, last+1)
	}
	for _, o := range outcomes {
		if o.Status == Won && o.Origin != FromSilence && (at.IsZero() || o.At.Before(at)) {
			at = o.At
		}
	}
	if !at.IsZero() && at.Before(qualified) {
		return qualified
	}
	return at
}

// EntryKind is what an entry of the map is.
type EntryKind string

// The kinds of entries, in the order in which they are read.
const (
	JourneyQuestion EntryKind = "question" // what buyers ask themselves
	JourneyDriver   EntryKind = "driver"   // what drives them, what they feel
	JourneyBarrier  EntryKind = "barrier"  // what stops them
	JourneyHelps    EntryKind = "helps"    // what helps them on
	JourneyContent  EntryKind = "content"  // what there is for them: a page, a paper, an answer
)

// EntryKinds are all kinds.
var EntryKinds = []EntryKind{JourneyQuestion, JourneyDriver, JourneyBarrier, JourneyHelps, JourneyContent}

// ParseEntryKind reads a kind, also in the plural.
func ParseEntryKind(s string) (EntryKind, error) {
	word := strings.TrimSuffix(FoldText(s), "s")
	for _, k := range EntryKinds {
		if word == strings.TrimSuffix(string(k), "s") {
			return k, nil
		}
	}
	return "", Errorf(Invalid, "There is no kind of entry %q: choose question, driver, barrier, helps or content.", s)
}

// Title heads the entries of a kind.
func (k EntryKind) Title() string {
	switch k {
	case JourneyQuestion:
		return "What buyers ask"
	case JourneyDriver:
		return "What drives them"
	case JourneyBarrier:
		return "What stops them"
	case JourneyHelps:
		return "What helps them on"
	case JourneyContent:
		return "What we have for it"
	}
	return string(k)
}

// JourneyEntry is one thing that is known, or assumed, of a stage.
type JourneyEntry struct {
	ID        string // J-1
	Stage     string // the stage's name
	Kind      EntryKind
	Text      string
	Cites     []string // what it came from: O-12, N-3, A-7, D-1, I-7, S-3, an entry that it answers (J-2), or a link
	AuthorID  string
	CreatedAt time.Time
	RemovedAt time.Time // zero while it stands
	RemovedBy string
}

// Assumed reports whether nothing shows that the entry is so.
func (e JourneyEntry) Assumed() bool { return len(e.Cites) == 0 }

var (
	citeLike = regexp.MustCompile(`^(?:[A-Z]{1,3}-\d+|quote:\d{1,20})$`)
	linkLike = regexp.MustCompile(`https://[^\s<>"]+`)
)

// ParseCites reads references and links from a text, each once: "O-12, N-3 https://example.com/page". What is neither is a fault.
func ParseCites(text string) (cites []string, err error) {
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\t' }) {
		ref := w
		if !linkLike.MatchString(w) {
			ref = strings.ToUpper(w)
			if !citeLike.MatchString(ref) {
				return nil, Errorf(Invalid, "%q is neither a reference such as O-12, N-3 or A-7 nor a link that begins with https.", w)
			}
		}
		if !slices.Contains(cites, ref) {
			cites = append(cites, ref)
		}
	}
	return cites, nil
}

// LinksIn are the links of a text.
func LinksIn(text string) []string { return linkLike.FindAllString(text, -1) }

// GapKind is what a stage of the map lacks.
type GapKind string

// The gaps, in the order in which they are told.
const (
	GapSlower   GapKind = "slower"   // it got slower, and nobody has said why
	GapAnswer   GapKind = "answer"   // its objection heard most has no approved answer
	GapContent  GapKind = "content"  // a question that no content answers
	GapAssumed  GapKind = "assumed"  // a barrier that is only assumed
	GapExit     GapKind = "exit"     // no exit criterion
	GapUnlooked GapKind = "unlooked" // nothing is known of it yet
)

// JourneyGap is something a stage lacks, as a suggestion that leads on.
type JourneyGap struct {
	Kind GapKind
	Text string
	Ref  string // what it is about: a theme's id, an entry
	// Asked is since when interviews ask about an entry that is assumed; zero is that they do not.
	Asked time.Time
}

// MostAsked is how many questions of the map interviews ask at once, besides the company's own: nobody answers twenty.
const MostAsked = 3

// MapQuestion is what interviews ask because an entry of the map is only assumed.
type MapQuestion struct {
	EntryID  string // J-3
	Question string
	PersonID string // who had it asked
	At       time.Time
	EndedAt  time.Time // zero while it is asked
}

// AskAbout is the question that finds out whether an entry is so, without putting it into anybody's mouth.
func (e JourneyEntry) AskAbout() string {
	switch e.Kind {
	case JourneyQuestion:
		return "At the time of " + e.Stage + ": what did you ask yourself?"
	case JourneyBarrier:
		return "At the time of " + e.Stage + ": what almost stopped you?"
	case JourneyDriver:
		return "At the time of " + e.Stage + ": what drove you on, and what worried you?"
	}
	return "At the time of " + e.Stage + ": what helped you on?"
}
