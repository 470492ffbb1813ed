package truce

import (
	"strings"
	"time"
)

// This file is about promises: what somebody owes by when. A promise runs in business hours, waits while the one who owes
// it is away, and ends kept, late or lapsed, but never lapses without a reminder that arrived in time.

// PromiseKind is what is owed.
type PromiseKind string

// The kinds of promises.
const (
	OwnerPromise    PromiseKind = "owner"    // the lead's owner says whether Marketing is to decide on a colleague's case
	AnswerPromise   PromiseKind = "answer"   // Marketing answers a dispute
	EvidencePromise PromiseKind = "evidence" // the rep answers Marketing's question
	ReplyPromise    PromiseKind = "reply"    // the rep accepts a decline, or escalates it
	RulingPromise   PromiseKind = "ruling"   // a manager, or the sponsor, rules
	VerdictPromise  PromiseKind = "verdict"  // the owner accepts or rejects a lead
	TouchPromise    PromiseKind = "touch"    // the owner touches a lead for the first time
	RatingPromise   PromiseKind = "rating"   // the owner is asked for a rating, once; nobody breaks it
)

// PromiseKinds are the kinds that can be broken, as a page of a side lists them: about leads first, then about cases.
var PromiseKinds = []PromiseKind{VerdictPromise, TouchPromise, OwnerPromise, AnswerPromise, EvidencePromise, ReplyPromise, RulingPromise}

// PromiseResult is how a promise ended.
type PromiseResult string

// The results.
const (
	Running PromiseResult = ""
	Paused  PromiseResult = "paused" // the one who owes it is away, or somebody else must act first; Left is what is left
	Kept    PromiseResult = "kept"
	Late    PromiseResult = "late"
	Lapsed  PromiseResult = "lapsed" // silence moved the case
	Void    PromiseResult = "void"   // not owed any more, through nobody's doing
)

// OnLead reports whether the promise is about a lead; else it is about a case.
func (p Promise) OnLead() bool {
	return p.Kind == VerdictPromise || p.Kind == TouchPromise || p.Kind == RatingPromise
}

// TheSponsor is the side of the sponsor's own promises and rulings.
const TheSponsor Side = "sponsor"

// Promise is what a side, and where known a person, owes on a case or a lead.
type Promise struct {
	ID         string
	Subject    string // D-1, or L-1
	Kind       PromiseKind
	Side       Side
	PersonID   string // "" is anybody of the side
	StartedAt  time.Time
	DueAt      time.Time
	PromisedAt time.Time     // DueAt as it was at first: it moves when a reminder comes late
	Left       time.Duration // business time left of a paused one
	RemindAt   time.Time
	Reminder   string // the outbox key of its reminder; "" is not reminded yet
	StoppedAt  time.Time
	Result     PromiseResult
}

// Terms are how much time everybody has, in business hours.
type Terms struct {
	Calendar      Calendar
	Answer        time.Duration // Marketing answers a dispute
	Owner         time.Duration // the lead's owner says whether a colleague's case goes to Marketing
	Evidence      time.Duration // the rep answers a question
	Reply         time.Duration // the rep accepts a decline or escalates
	Ruling        time.Duration // a manager or the sponsor rules
	Verdict       time.Duration // accept or reject a lead
	UrgentVerdict time.Duration // the same for a demo, quote or kit request
	Touch         time.Duration // first touch
	UrgentTouch   time.Duration // the same for a demo, quote or kit request
	Notice        time.Duration // nothing lapses without a reminder delivered this long before
	RatingAfter   int           // business days after the hand-off in which a rating is asked for, once
	Urgent        []string      // words in a lead's source, campaign or product that make it urgent
	MostAnswers   int           // running answer promises of one answerer
	DisputeDays   int           // business days after the hand-off in which a lead can be disputed
	DataDays      int           // calendar days for disputes about data and routing
	ReopenDays    int           // calendar days in which a closed case can be re-opened
	BundleDays    int           // business days in which like cases are one bundle
	PrecedentDay  int           // calendar days in which rulings count as precedents
	StaleAfter    time.Duration // by the clock: older data from the CRM pauses reminders and clocks about leads; 0 never does
	Precedents    int           // equal rulings that make a rule worth proposing
	ICP           ICPTerms
	Targets       Targets // how much is promised
	Ramp          RampTerms
}

// NewTerms are the defaults.
func NewTerms(c Calendar) Terms {
	return Terms{Calendar: c, Answer: 16 * time.Hour, Owner: 8 * time.Hour, Evidence: 16 * time.Hour, Reply: 24 * time.Hour,
		Ruling:  16 * time.Hour,
		Verdict: 16 * time.Hour, UrgentVerdict: 8 * time.Hour, Touch: 24 * time.Hour, UrgentTouch: 4 * time.Hour, Notice: 4 * time.Hour,
		RatingAfter: 5, Urgent: []string{"demo", "quote", "kit"}, MostAnswers: 10, DisputeDays: 10, DataDays: 30, ReopenDays: 30, BundleDays: 5,
		PrecedentDay: 30, Precedents: 3, StaleAfter: 24 * time.Hour}
}

// For is the business time of a promise of a kind.
func (t Terms) For(k PromiseKind, urgent bool) time.Duration {
	switch k {
	case AnswerPromise:
		return t.Answer
	case OwnerPromise:
		return t.Owner
	case EvidencePromise:
		return t.Evidence
	case ReplyPromise:
		return t.Reply
	case RulingPromise:
		return t.Ruling
	case VerdictPromise:
		if urgent {
			return t.UrgentVerdict
		}
		return t.Verdict
	case TouchPromise:
		if urgent {
			return t.UrgentTouch
		}
		return t.Touch
	}
	return 0
}

// Start makes a promise that begins at from. ok is false when the calendar has no business hours to run it in.
func (t Terms) Start(subject string, k PromiseKind, side Side, person string, urgent bool, from time.Time) (p Promise, ok bool) {
	p = Promise{Subject: subject, Kind: k, Side: side, PersonID: person, StartedAt: from}
	if k == RatingPromise {
		at, ok := t.Calendar.AddDays(from, t.RatingAfter)
		if !ok {
			return p, false
		}
		p.DueAt = at.UTC()
		p.RemindAt = p.DueAt
		return p, true
	}
	return p, t.run(&p, t.For(k, urgent), from)
}

// run sets when a promise with d of business time left is due, and when to remind of it: with half of its time left, but
// never later than the notice allows.
func (t Terms) run(p *Promise, d time.Duration, from time.Time) bool {
	due, ok := t.Calendar.Deadline(from, d)
	if !ok {
		return false
	}
	p.DueAt, p.PromisedAt, p.Left = due.UTC(), due.UTC(), 0
	remind, ok := t.Calendar.Add(p.DueAt, -max(t.Notice, min(d/2, 8*time.Hour)))
	if !ok || remind.Before(from) {
		remind = from
	}
	p.RemindAt = remind.UTC()
	return true
}

// Under is whether a promise that ran under t would have been kept under other terms, and whether it would be due by a moment. For how long
// it was paused is known from its deadline: so much later it would have been due under the other terms, too.
func (t Terms) Under(next Terms, p Promise, urgent bool, at time.Time) (kept, due bool) {
	first, ok := t.Calendar.Deadline(p.StartedAt, t.For(p.Kind, urgent))
	if !ok {
		return false, false
	}
	later := max(0, t.Calendar.Between(first, p.DueAt))
	end, ok := next.Calendar.Deadline(p.StartedAt, next.For(p.Kind, urgent)+later)
	switch {
	case !ok:
		return false, false
	case p.Result == Kept || p.Result == Late:
		return !p.StoppedAt.After(end), true
	case p.Result == Lapsed:
		return false, true
	}
	return false, end.Before(at)
}

// Pause stops a running promise for a while; what is left of its time is kept.
func (t Terms) Pause(p Promise, now time.Time) Promise {
	if p.Result != Running {
		return p
	}
	p.Left, p.Result, p.StoppedAt = max(0, t.Calendar.Between(now, p.DueAt)), Paused, now
	return p
}

// Resume lets a paused promise run on, owed by person, with a reminder of its own.
func (t Terms) Resume(p Promise, person string, now time.Time) Promise {
	if p.Result != Paused {
		return p
	}
	p.Result, p.StoppedAt, p.Reminder, p.PersonID = Running, time.Time{}, "", person
	if !t.run(&p, p.Left, now) {
		p.Result, p.StoppedAt = Void, now
	}
	return p
}

// Stop ends a promise. Done tells whether it was kept: at the deadline itself it still is.
func (p Promise) Stop(r PromiseResult, now time.Time) Promise {
	p.Result, p.StoppedAt = r, now
	return p
}

// Done is the result of doing what was promised at a moment.
func (p Promise) Done(at time.Time) PromiseResult {
	if at.After(p.DueAt) {
		return Late
	}
	return Kept
}

// Overdue decides what becomes of a promise whose deadline has come. It lapses if its reminder arrived, at delivered, in
// good time; else the deadline moves, and where no reminder has arrived (a zero delivered), one is due now.
func (t Terms) Overdue(p Promise, delivered, now time.Time) (next Promise, lapses bool) {
	if p.Result != Running || now.Before(p.DueAt) {
		return p, false
	}
	if delivered.IsZero() {
		if due, ok := t.Calendar.Deadline(now, t.Notice); ok {
			p.DueAt, p.RemindAt = due.UTC(), now
			return p, false
		}
		return p.Stop(Void, now), false
	}
	if t.Calendar.Between(delivered, p.DueAt) >= t.Notice {
		return p, true
	}
	due, ok := t.Calendar.Deadline(delivered, t.Notice)
	if !ok || !due.After(p.DueAt) {
		return p, true
	}
	p.DueAt = due.UTC()
	return p, !now.Before(p.DueAt)
}

// UrgentLead reports whether a lead is a demo, quote or kit request, by the words of its source, campaign or product: those are
// touched and judged sooner.
func (t Terms) UrgentLead(l Lead) bool {
	words := " " + foldWords(l.Campaign+" "+l.Source+" "+l.Product) + " "
	for _, w := range t.Urgent {
		if w = foldWords(w); w != "" && (strings.Contains(words, " "+w+" ") || strings.Contains(words, " "+w+"s ")) {
			return true
		}
	}
	return false
}
