package truce

import (
	"cmp"
	"encoding/json"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// This file is the second look: each week a lot gives a few leads that were sent back, or that never qualified, to another rep of the
// same team as ordinary leads, without a word of what was said of them. It tells bad leads from bad follow-up, and nothing of a person.

// SecondLookGround is whether second looks are drawn: both sides agree on it.
const SecondLookGround ProposalKind = "second look"

// SecondLookValue is the payload of its proposals: on, or none.
func SecondLookValue(on bool) Value {
	v := Value{Name: "second look"}
	if on {
		v.Value = "on"
	}
	return v
}

// SecondLookOn reports whether a version says that second looks are drawn; nil is none.
func SecondLookOn(p *Proposal) bool { return p != nil && readValue(p.Payload).Value == "on" }

func secondLookGround() Ground {
	return Ground{Kind: SecondLookGround, Name: "second look", Configured: true,
		Check: func(_ string, payload json.RawMessage) error {
			if v := readValue(payload).Value; v != "on" && v != "" {
				return Errorf(Invalid, "A second look is on or none.")
			}
			return nil
		},
		Differs: func(_ string, was, payload json.RawMessage) []Difference {
			return []Difference{{What: "second look", Was: readValue(was).String(), Becomes: readValue(payload).String()}}
		},
	}
}

// SecondLookKind is what a lead was before a second look.
type SecondLookKind string

// The kinds.
const (
	RejectedLook SecondLookKind = "rejected" // sent back for a fault of its source
	BelowLook    SecondLookKind = "below"    // below the threshold: it never qualified
)

// How many are drawn of a week, and for how long a look is followed.
const (
	RejectedLooks  = 2
	BelowLooks     = 1
	SecondLookDays = 90
)

// SecondLook is one of them.
type SecondLook struct {
	ID        string // S-1
	Week      Date   // the Monday whose lot drew it
	Kind      SecondLookKind
	LeadID    string
	Ref       string
	PersonID  string
	Reason    Reason // for which the lead had been sent back
	Available int    // of how many of its kind and week it was drawn
	Drawn     int    // how many were drawn of them
	At        time.Time
	Verdict   Status // Accepted, Rejected; NoStatus is none yet
	VerdictAt time.Time
	Said      Reason // of a no
	Note      string
	Rating    Rating
	Touch     string // the first that was logged
	TouchedAt time.Time
	Reminded  LookReminders
	EndedAt   time.Time
	Void      bool   // it was not carried through
	Knew      string // yes, no; "" is not answered
	KnewAt    time.Time
}

// Over reports whether a look had ended by a moment: only then is it seen by anybody.
func (l SecondLook) Over(at time.Time) bool { return !l.EndedAt.IsZero() && !l.EndedAt.After(at) }

// Until is when a look ends that nobody ends before.
func (l SecondLook) Until() time.Time { return l.At.AddDate(0, 0, SecondLookDays) }

// Due reports whether a look is to end now: its rep said no, or its time is over.
func (l SecondLook) Due(now time.Time) bool {
	return l.EndedAt.IsZero() && (l.Verdict == Rejected || !now.Before(l.Until()))
}

// LookReminders say when a look reminded of what it would owe if it were an ordinary lead, by kind; zero where it never did and is not to.
// A kind that is not in it is still to be reminded of.
type LookReminders map[PromiseKind]time.Time

// as is the key under which is noted that a reminder was drawn anew when what it reminds of lapsed or began to stand still.
func (k PromiseKind) as(r PromiseResult) PromiseKind { return k + " " + PromiseKind(r) }

// LookUnderWay is a look that is not over, with its lead, and what its rep would owe on the lead if it were an ordinary one.
type LookUnderWay struct {
	Look SecondLook
	Lead Lead
	Owed []Promise
	Why  Pause // why the time of what is paused does not run
	Anew bool  // something runs again that stood still: what was said of it before says so no more
}

// Standstill is a time in which no promise runs: its person is away, or the CRM's data is too old. To is zero where it goes on.
type Standstill struct{ From, To time.Time }

// Owed is what the rep of an ordinary lead would owe, by terms, to show a look beside those: nobody is held to it, and no figure knows
// of it. touches is whether first touches are measured; stills are the times in which an ordinary promise would have stood still, in any
// order.
func (l SecondLook) Owed(of Lead, t Terms, by Person, touches bool, stills []Standstill, now time.Time) []Promise {
	of.OwnerID = by.ID
	owed := t.LeadPromises(of, l.At, touches)
	for i, p := range owed {
		for _, s := range union(stills) {
			if from := Later(s.From, l.At); !s.From.After(now) && from.Before(p.DueAt) && (s.To.IsZero() || s.To.After(l.At)) {
				p = t.Pause(p, from)
				if !s.To.IsZero() && !s.To.After(now) {
					p = t.Resume(p, by.ID, s.To)
				}
			}
		}
		owed[i] = p
	}
	return owed
}

// union are standstills in their order, those that touch made one.
func union(list []Standstill) (out []Standstill) {
	list = slices.SortedFunc(slices.Values(list), func(a, b Standstill) int { return a.From.Compare(b.From) })
	for _, s := range list {
		last := len(out) - 1
		switch {
		case last < 0 || !out[last].To.IsZero() && s.From.After(out[last].To):
			out = append(out, s)
		case s.To.IsZero() || out[last].To.IsZero():
			out[last].To = time.Time{}
		default:
			out[last].To = Later(out[last].To, s.To)
		}
	}
	return out
}

// Reminding are those of what a look would owe of which its rep is to be reminded now: what an ordinary lead would remind of.
func (w LookUnderWay) Reminding(now time.Time) (list []Promise) {
	f := w.Veiled(now)
	for _, p := range w.Owed {
		if _, done := w.Look.Reminded[p.Kind]; done || p.Result != Running || p.RemindAt.After(now) {
			continue
		}
		if _, over := f.Overtaken(p, now); !over {
			list = append(list, p)
		}
	}
	return list
}

// Outdated are the kinds of what a look reminded of that has lapsed, or stands still, and whose reminders do not say so yet.
func (w LookUnderWay) Outdated(now time.Time) (list []PromiseKind) {
	for _, p := range w.Owed {
		r := w.Ended(p, now).Result
		if _, noted := w.Look.Reminded[p.Kind.as(r)]; !noted && !w.Look.Reminded[p.Kind].IsZero() && (r == Lapsed || r == Paused) {
			list = append(list, p.Kind)
		}
	}
	return list
}

// Remind is a look as it is noted once its rep has been reminded, at now, of all that is to be reminded of.
func (w LookUnderWay) Remind(now time.Time) SecondLook {
	l := w.Look
	l.Reminded = LookReminders{}
	maps.Copy(l.Reminded, w.Look.Reminded)
	for _, p := range w.Reminding(now) {
		if l.Reminded[p.Kind] = now; p.Kind == RatingPromise { // asked for, once
			l.Reminded[p.Kind] = time.Time{}
		}
		delete(l.Reminded, p.Kind.as(Lapsed))
		delete(l.Reminded, p.Kind.as(Paused))
	}
	for _, k := range w.Outdated(now) {
		for _, p := range w.Owed {
			if p.Kind == k {
				l.Reminded[k.as(w.Ended(p, now).Result)] = time.Time{}
			}
		}
	}
	return l
}

// Ended is what a look would owe as it stands now: kept, late, lapsed, or still to be done.
func (w LookUnderWay) Ended(p Promise, now time.Time) Promise {
	if l := w.Look; p.Kind == VerdictPromise && l.Verdict != NoStatus && (p.Result != Running || !l.VerdictAt.After(p.DueAt)) {
		return p.DoneOnLead(l.VerdictAt, now)
	} else if p.Kind == VerdictPromise {
		if p.Result == Running && !p.DueAt.After(now) {
			return p.Stop(Lapsed, p.DueAt)
		}
		return p
	}
	if p, over := w.Veiled(now).Overtaken(p, now); over {
		return p
	}
	if p.Result == Running && !p.DueAt.After(now) {
		return p.Stop(Lapsed, p.DueAt)
	}
	return p
}

// Veiled is the lead of a look as its rep sees it until it is over: a new one, of which nobody has said anything and that has no score.
// Silence accepts it as it would any other, for the eye: their verdict is still to come, and the look has none.
func (w LookUnderWay) Veiled(now time.Time) LeadFile {
	l, of := w.Look, w.Lead
	f := LeadFile{Now: now, Lead: Lead{ID: of.ID, Ref: of.Ref, MQLAt: of.MQLAt, Email: of.Email, Name: of.Name, Company: of.Company,
		Account: of.Account, AccountAs: of.AccountAs,
		Source: of.Source, Campaign: of.Campaign, Segment: of.Segment, Product: of.Product, OwnerID: l.PersonID, HandedOffAt: l.At,
		Rating: l.Rating}}
	for _, p := range w.Owed {
		if p.Kind == VerdictPromise && p.Result == Running && !p.DueAt.After(now) && (l.Verdict == NoStatus || l.VerdictAt.After(p.DueAt)) {
			f.Outcomes = append(f.Outcomes, Outcome{LeadID: of.ID, Status: Accepted, At: p.DueAt, Origin: FromSilence})
		}
	}
	if l.Verdict != NoStatus {
		f.Outcomes = append(f.Outcomes, Outcome{LeadID: of.ID, Status: l.Verdict, At: l.VerdictAt, Reason: l.Said, Note: l.Note,
			Origin:   FromPerson,
			PersonID: l.PersonID})
	}
	f.Standing = Stand(f.Outcomes, now)
	if l.Rating != 0 {
		f.Ratings = []RatingOf{{LeadID: of.ID, Rater: l.PersonID, Value: l.Rating, At: l.VerdictAt}}
	}
	if l.Touch != "" {
		f.Touches = []Touch{{LeadID: of.ID, At: l.TouchedAt, Kind: l.Touch, By: l.PersonID}}
	}
	return f
}

// Pending is what a look asks of its rep, as any new lead would, in the order of Sooner.
func (w LookUnderWay) Pending(now time.Time) (list []Pending) {
	f := w.Veiled(now)
	for _, p := range w.Owed {
		if p.Result == Running && !p.DueAt.After(now) || !f.waits(p, now) {
			continue // its time is over: silence has accepted the lead, and a touch that was missed is not asked for again
		}
		wait := Pending{Promise: p, Who: []string{w.Look.PersonID}, Lead: f.Lead, Second: &w}
		if p.Result == Paused {
			wait.DueAt, wait.Why = time.Time{}, w.Why
		}
		list = append(list, wait)
	}
	slices.SortStableFunc(list, Pending.Sooner)
	return list
}

// Judge is the verdict of the look's rep.
func (l *SecondLook) Judge(v Status, why Reason, note string, now time.Time) error {
	if l.Verdict != NoStatus {
		return Errorf(Conflict, "%s was %s already. Nothing changed.", l.Ref, l.Verdict)
	}
	l.Verdict, l.VerdictAt, l.Said, l.Note = v, now, why, note
	return nil
}

// Answer is what its rep says when asked, once, whether they knew what had been said of the lead.
func (l *SecondLook) Answer(by Person, knew bool, now time.Time) error {
	switch {
	case l.PersonID != by.ID || l.EndedAt.IsZero():
		return Errorf(Forbidden, "Only who had the second look says whether they knew.")
	case l.Knew != "":
		return Errorf(Conflict, "You have said so already. Nothing changed.")
	}
	l.Knew, l.KnewAt = "no", now
	if knew {
		l.Knew = "yes"
	}
	return nil
}

// LookCandidate is a lead that may be looked at again.
type LookCandidate struct {
	Lead     Lead
	Kind     SecondLookKind
	Reason   Reason
	Rejecter string   // who sent it back; "" where it is not known
	Reps     []string // of the same team, who may be given it
}

// noSecondLook are the reasons after which nobody looks again, though they are faults of the source.
var noSecondLook = []Reason{"student-competitor"}

// MayLookAgain reports whether a lead sent back for a reason can be given to another rep: for a fault of its source, unless that says the
// person is no buyer at all, and never where the person wants no contact or nobody can be told who it is.
func MayLookAgain(l Lead, r Reason) bool {
	return (r == "" || r.Info().Kind == SourceFault && !slices.Contains(noSecondLook, r)) && !OptedOut(l.Attrs) &&
		(l.Email != "" || l.Name != "")
}

// OptedOut reports whether an attribute says that a person wants no contact, by the names that CRMs use.
func OptedOut(attrs map[string]string) bool {
	for name, v := range attrs {
		n := strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }),
			"")
		if !slices.ContainsFunc([]string{"optout", "optedout", "unsubscribed", "donotcontact", "donotcall", "donotemail"},
			func(s string) bool { return strings.Contains(n, s) }) {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "", "no", "false", "0", "n", "none":
		default:
			return true
		}
	}
	return false
}

// DrawLooks draws the looks of a week by its lot: as many of each kind as there are to be, or all there are. A rep has no second one while
// others have fewer; open is how many each has. The same week and candidates draw the same.
func DrawLooks(week Date, list []LookCandidate, open map[string]int) (looks []SecondLook) {
	h := fnv.New64a()
	h.Write([]byte("second look " + week.String()))
	lot := rand.New(rand.NewPCG(h.Sum64(), 1))
	has := map[string]int{}
	for id, n := range open {
		has[id] = n
	}
	for _, k := range []struct {
		kind SecondLookKind
		n    int
	}{{RejectedLook, RejectedLooks}, {BelowLook, BelowLooks}} {
		var of []LookCandidate
		for _, c := range list {
			if c.Kind == k.kind && len(c.Reps) > 0 {
				of = append(of, c)
			}
		}
		slices.SortFunc(of, func(a, b LookCandidate) int { return cmp.Compare(a.Lead.ID, b.Lead.ID) })
		lot.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
		drawn := min(k.n, len(of))
		for _, c := range of[:drawn] {
			reps := slices.Sorted(slices.Values(c.Reps))
			lot.Shuffle(len(reps), func(i, j int) { reps[i], reps[j] = reps[j], reps[i] })
			rep := slices.MinFunc(reps, func(a, b string) int { return cmp.Compare(has[a], has[b]) })
			has[rep]++
			looks = append(looks, SecondLook{Week: week, Kind: c.Kind, LeadID: c.Lead.ID, Ref: c.Lead.Ref, PersonID: rep, Reason: c.Reason,
				Available: len(of), Drawn: drawn})
		}
	}
	return looks
}
