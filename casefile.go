package truce

import "time"

// CaseFile is a case with all that is shown of it.
type CaseFile struct {
	Dispute
	Lead       Lead
	Now        time.Time // when it was read
	Pending    []Pending // what waits because of it
	Precedents Precedents
	Bundle     []string      // the cases of its bundle that wait for Marketing, itself among them
	Rule       *Rule         // for its source and reason: in force, or proposed
	Took       time.Duration // business time until Marketing answered
	SentBack   bool          // the lead went back by it
	Fit        *KeptFit      // what the ideal customer profile says of the lead; nil where none is in force
}

// Unanswerable reports whether the case waits for Marketing, and nobody is there in Marketing at all.
func (f CaseFile) Unanswerable() bool {
	return f.State == DisputeOpen && len(f.Pending) > 0 && f.Pending[0].Why == NobodyPause
}

// LeadFile is a lead with all that is shown of it.
type LeadFile struct {
	Lead
	Outcomes []Outcome
	Ratings  []RatingOf
	Touches  []Touch
	Disputes []Dispute
	Now      time.Time // when it was read
	Pending  []Pending // what waits about the lead itself
	Fit      *KeptFit  // what the ideal customer profile says of it; nil where none is in force, or nobody asked
	Except   string    // the declared exception in words; "" is none

	Second *SecondLook // the second look at it, once that is over; nil where there was none
}

// Blocking is the case that stands in the way of another one about the lead by a person: one that is open, one of the person's own, or one
// that settled the lead, which is re-opened instead. A case that was withdrawn settles nothing, nor does one that ended by silence once
// the lead is worked again.
func (f LeadFile) Blocking(by Person) (d Dispute, ok bool) {
	for _, d := range f.Disputes {
		switch {
		case !d.Closed(), d.OpenerID == by.ID:
			return d, true
		case d.Outcome == Withdrawn, d.Outcome == KeptByOwner && by.ID == f.OwnerID, d.Outcome == UpheldByLapse && f.State != Rejected &&
			f.State != Recycled:
			continue
		}
		return d, true
	}
	return d, false
}

// InTheWay says why a case keeps a person from opening another one about its lead.
func (d Dispute) InTheWay(t Terms, by Person, now time.Time) error {
	switch {
	case !d.Closed():
		return Errorf(Conflict, "%s is about this lead already. /dispute show %s says how it stands.", d.ID, d.ID)
	case d.MayReopen(t, by, now) == nil:
		return Errorf(Conflict, "%s was about this lead and is closed: %s. With new evidence you can re-open it once: /dispute show %s.", d.ID,
			d.Ended(), d.ID)
	case d.OpenerID == by.ID, d.Outcome == KeptByOwner, d.Round > 1, now.After(d.ClosedAt.AddDate(0, 0, t.ReopenDays)):
		return Errorf(Conflict, "%s was about this lead and is closed: %s. It cannot be disputed again.", d.ID, d.Ended())
	case d.Outcome.Upheld():
		return Errorf(Conflict, "%s has settled this lead: %s. With new evidence Marketing can re-open it once.", d.ID, d.Ended())
	}
	return Errorf(Conflict, "%s has settled this lead: %s. With new evidence the rep who opened it can re-open it once.", d.ID, d.Ended())
}

// MayDecide says why a person may not accept, reject or touch a lead, nil where they may: its owner may, the managers of
// Sales, and anybody in Sales where it has no owner.
func (l Lead) MayDecide(by Person) error {
	switch {
	case by.TeamSide() != Sales:
		return Errorf(Forbidden, "Sales accepts and rejects leads. Marketing sees what became of them in /digest leads.")
	case l.OwnerID != "" && l.OwnerID != by.ID && !by.Manages(Sales):
		return Errorf(Forbidden, "%s has an owner: that rep accepts or rejects it, or a manager of Sales.", l.Ref)
	}
	return nil
}

// MayAccept says why a person cannot accept a lead now.
func (f LeadFile) MayAccept(by Person) error {
	if f.State == Accepted && !f.BySilence && f.OwnerID != "" && f.OwnerID != by.ID && by.TeamSide() == Sales {
		return Errorf(Conflict, "%s was accepted already, by its owner. Nothing changed.", f.Ref)
	}
	if err := f.MayDecide(by); err != nil {
		return err
	}
	switch {
	case f.Stage >= StageOpportunity:
		return Errorf(Conflict, "%s is further on already. Nothing changed.", f.Ref)
	case f.State == Rejected:
		return Errorf(Conflict, "%s was rejected. Nothing changed.", f.Ref)
	case f.State == SQL, f.State == Accepted && !f.BySilence && f.OwnerID == by.ID:
		return Errorf(Conflict, "%s is accepted already. Nothing changed.", f.Ref)
	}
	if f.State == Recycled {
		for _, o := range f.Outcomes {
			if o.Status == Recycled && o.Origin == FromDispute && o.PersonID == by.ID { // by a rule
				return Errorf(Conflict, "You sent %s back (%s): it goes to another rep.", f.Ref, o.Note)
			}
		}
		for _, d := range f.Disputes {
			if d.OpenerID == by.ID && d.Closed() && d.Outcome.Upheld() {
				return Errorf(Conflict, "You sent %s back (%s): it goes to another rep, or back to you only with new evidence.", f.Ref, d.ID)
			}
		}
	}
	return nil
}

// MayReject says why a person cannot reject a lead now.
func (l Lead) MayReject(by Person) error {
	if err := l.MayDecide(by); err != nil {
		return err
	}
	switch {
	case l.Stage >= StageOpportunity:
		return Errorf(Conflict, "%s has become an opportunity: it is won or lost now, not rejected.", l.Ref)
	case l.State == Rejected:
		return Errorf(Conflict, "%s was rejected already. Nothing changed.", l.Ref)
	case l.State == Recycled:
		return Errorf(Conflict, "%s was recycled already. Nothing changed.", l.Ref)
	}
	return nil
}

// RejectedAs is what a rejection for a reason makes of a lead: one that was worked first, and failed for a reason that
// only contact shows, goes back to nurture.
func (l Lead) RejectedAs(r Reason) Status {
	if r.Info().Kind == AfterContact && l.Stage >= StageAccepted {
		return Recycled
	}
	return Rejected
}

// ShownAtOnce is how many things a message or a home page shows at once, each with its buttons.
const ShownAtOnce = 8

// Item is one thing that waits for a person, with all that is shown of it: its case or its lead.
type Item struct {
	Pending
	Case *CaseFile
	Lead *LeadFile
}

// Desk is what waits for a person.
type Desk struct {
	Now      time.Time
	Items    []Item         // in the order of Pending.Sooner, the first of them with their files
	Count    int            // of all
	Proposed []ProposalFile // which wait for the person's yes
	Sign     int            // the text of the charter that the person has not answered to yet; 0 is none
	Waiting  int            // cases that wait for Marketing, to those who answer them; to somebody else in it
	Mine     []CaseFile     // the person's own open cases that wait for others, the longest waiting first
	Unrated  []Lead
	Of       DeskCounts  // of all, where the lists above and below hold the first ones
	Drafts   int         // the person's notes of the last DraftDays that are not filed
	Nobodys  []Lead      // leads without an owner, to managers of Sales
	Stale    time.Time   // since when the CRM's data is missing, to Sales and admins; zero: it is not
	Digest   *SentDigest // the newest that concerns the person; nil: none. It waits for nobody
	Recycled []Lead      // recycled ones that wait for another rep, to managers of Sales

	Steps   []FirstStep     // the first ones, to admins, until all are taken
	Ramp    *Ramp           // to admins, until everything is open
	Actions []MeetingAction // of the task force, that the person has to do by today

	Came     []CameAnswer    // answers to what the person had logged when there was none, the newest first
	Answers  *AnswersWaiting // what waits for Marketing about answers, to those who speak for it; nil: nothing
	Promises []PromiseCount  // what the sides owe that the person manages
	CouldNot int             // how many could not sign the charter and have no word of the sponsor yet, to the sponsor
}

// CameDays are how many days an answer stands on the home pages of those who had asked for it.
const CameDays = 7

// CameAnswer is an answer that somebody waited for.
type CameAnswer struct {
	Answer
	Theme     string // its name
	Objection string // the newest that the person had logged without an answer
}

// AnswersWaiting is what waits for Marketing about answers.
type AnswersWaiting struct {
	Requests   []Request         // the first due first, at most ShownAtOnce
	Themes     map[string]string // names of the requests' themes, by id
	Of         int               // requests in all
	Approve    int               // answers that wait for an approver
	Review     int               // approved ones whose review is due
	Candidates int
}

// Any reports whether anything waits.
func (a AnswersWaiting) Any() bool { return a.Of+a.Approve+a.Review+a.Candidates > 0 }

// MissedDays are how many days back a page counts the promises that a side has missed, by the day they were due.
const MissedDays = 7

// MissedFrom is the company's midnight from which on a page counts what was missed by now.
func (c Calendar) MissedFrom(now time.Time) time.Time {
	return c.Date(now).Add(-MissedDays).At(0, c.loc())
}

// PromiseCount is how many promises of one kind a side has under way.
type PromiseCount struct {
	Kind    PromiseKind
	Side    Side
	OnTrack int
	AtRisk  int // less business time is left than a reminder's
	Late    int
	Held    int // whose time does not run
	Missed  int // of the last MissedDays days, kept late or not at all
}

// DeskCounts are how many there are of what a desk shows the first ones of.
type DeskCounts struct{ Mine, Unrated, Nobodys, Recycled int }
