package truce

import (
	"cmp"
	"slices"
	"time"
)

// This file is what waits for whom until when. Cards, home pages, reminders, recaps, lists and digests all ask here, so that they agree.

// Pause is why the time of something that waits does not run; NoPause: it runs.
type Pause string

// The pauses.
const (
	NoPause     Pause = ""
	AwayPause   Pause = "away"   // the one person who is to do it is away
	NobodyPause Pause = "nobody" // nobody has the role that it takes
	NonePause   Pause = "none"   // all who could do it are away
	FullPause   Pause = "full"   // all who could answer have as many answers to give as is fair
	DataPause   Pause = "data"   // the CRM's data is too old to hold anybody to a deadline
	SoonPause   Pause = "soon"   // somebody can, and the clock is about to begin
)

// Pending is one thing that waits for somebody. Its promise says what must be done, by which side, since when, and until when;
// where no time runs DueAt is zero, and Why says so.
type Pending struct {
	Promise
	Who  []string // the people each of whom can do it
	Why  Pause
	Lead Lead      // which it is about
	Case *Dispute  // about the lead, where it is that
	Also []Promise // what the same people owe on the same lead, and which is no matter of its own

	Second *LookUnderWay // it is a second look, which only who has it is shown, as any lead
}

// First is when the first of what the wait stands for is due; zero where no time runs.
func (w Pending) First() time.Time {
	first := w.DueAt
	for _, p := range w.Also {
		if p.DueAt.Before(first) && !p.DueAt.IsZero() || first.IsZero() {
			first = p.DueAt
		}
	}
	return first
}

// For reports whether it waits for a person.
func (w Pending) For(person string) bool { return slices.Contains(w.Who, person) }

// Sooner orders waits: the first due first, those whose time does not run last, the longest waiting of them first.
func (w Pending) Sooner(v Pending) int {
	a, b := w.First(), v.First()
	switch {
	case a.IsZero() != b.IsZero() && a.IsZero():
		return 1
	case a.IsZero() != b.IsZero():
		return -1
	}
	return cmp.Or(a.Compare(b), w.StartedAt.Compare(v.StartedAt), cmp.Compare(w.Subject, v.Subject), cmp.Compare(w.Kind, v.Kind),
		cmp.Compare(w.Side, v.Side))
}

// OpenCase is a case and its lead.
type OpenCase struct {
	Dispute
	Lead Lead
}

// Affairs are what is known at a moment of all that may wait for somebody.
type Affairs struct {
	Now      time.Time
	Terms    Terms
	Promises []Promise           // that run or are paused; for a moment in the past also those that have ended since
	Leads    map[string]LeadFile // by reference: those that promises are about
	Cases    []OpenCase          // that are open, or were at the moment
	People   []Colleague         // who has a role, and whom promises name
}

// Pending is all that waits at the moment, in the order of Sooner. What is done does not wait, whoever told of it and whether or
// not anybody has stopped its clock yet.
func (a Affairs) Pending() []Pending {
	var list []Pending
	for _, p := range a.Promises {
		if f, ok := a.Leads[p.Subject]; ok && p.OnLead() && a.live(p) && f.waits(p, a.Now) {
			list = append(list, a.onLead(p, f.Lead))
		}
	}
	for _, c := range a.Cases {
		list = append(list, a.onCase(c)...)
	}
	slices.SortStableFunc(list, Pending.Sooner)
	return list
}

// CountPromises counts what a side owes now of what waits, by kind, in the order of PromiseKinds; missed are those of the last days.
func (t Terms) CountPromises(list []Pending, missed map[PromiseKind]int, side Side, now time.Time) []PromiseCount {
	var counts []PromiseCount
	for _, k := range PromiseKinds {
		n := PromiseCount{Kind: k, Side: side, Missed: missed[k]}
		for _, p := range list {
			switch {
			case p.Kind != k || p.Side != side:
			case p.Why != NoPause || p.DueAt.IsZero():
				n.Held++
			case p.DueAt.Before(now):
				n.Late++
			case t.Calendar.Between(now, p.DueAt) < t.Notice:
				n.AtRisk++
			default:
				n.OnTrack++
			}
		}
		if n.OnTrack+n.AtRisk+n.Late+n.Held+n.Missed > 0 {
			counts = append(counts, n)
		}
	}
	return counts
}

// PendingFor is what of a list waits for a person, each lead once: a case about it before a verdict, that before its first touch.
func PendingFor(list []Pending, person string) []Pending {
	var mine []Pending
	at := map[string]int{} // by lead: where it stands in mine
	for _, w := range list {
		if !w.For(person) {
			continue
		}
		i, known := at[w.Lead.ID]
		switch {
		case !known || w.Lead.ID == "":
			at[w.Lead.ID] = len(mine)
			mine = append(mine, w)
		case w.rank() < mine[i].rank():
			w.Also = append(append(w.Also, mine[i].Promise), mine[i].Also...)
			mine[i] = w
		default:
			mine[i].Also = append(append(slices.Clone(mine[i].Also), w.Promise), w.Also...)
		}
	}
	slices.SortStableFunc(mine, Pending.Sooner)
	return mine
}

// rank is which of several matters of one lead stands for all of them, the least.
func (w Pending) rank() int {
	if w.Case != nil {
		return 0
	}
	return 1 + slices.Index([]PromiseKind{VerdictPromise, TouchPromise}, w.Kind)
}

// live reports whether a promise ran, or was paused, at the moment.
func (a Affairs) live(p Promise) bool {
	return !p.StartedAt.After(a.Now) && (p.Result == Running || p.Result == Paused || p.StoppedAt.After(a.Now))
}

// paused reports whether a live promise's time stood still at the moment.
func (a Affairs) paused(p Promise) bool { return p.Result == Paused && !p.StoppedAt.After(a.Now) }

func (a Affairs) onLead(p Promise, l Lead) Pending {
	w := Pending{Promise: p, Who: []string{p.PersonID}, Lead: l}
	if a.paused(p) {
		w.DueAt, w.Why = time.Time{}, AwayPause
		if c, ok := a.colleague(p.PersonID); ok && c.There {
			w.Why = DataPause
		}
	}
	return w
}

func (a Affairs) colleague(id string) (Colleague, bool) {
	return Around{People: a.People}.colleague(id)
}

// onCase is what waits because of a case. Its state tells what is owed; of a moment before its last move, its clocks do.
func (a Affairs) onCase(c OpenCase) []Pending {
	var live []Promise
	for _, p := range a.Promises {
		if p.Subject == c.ID && a.live(p) {
			live = append(live, p)
		}
	}
	owed := c.Owed()
	if c.MovedAt.After(a.Now) {
		owed = live
		if slices.ContainsFunc(live, func(p Promise) bool { return p.Kind == EvidencePromise }) { // the answer waits for it
			owed = slices.DeleteFunc(slices.Clone(live), func(p Promise) bool { return p.Kind == AnswerPromise })
		}
	}
	var list []Pending
	for _, o := range owed {
		w := Pending{Promise: o, Lead: c.Lead, Case: &c.Dispute}
		w.StartedAt = cmp.Or(w.StartedAt, c.MovedAt)
		i := slices.IndexFunc(live, func(p Promise) bool { return p.Answers(o) })
		if i >= 0 {
			w.Promise = live[i]
		}
		w.Who = a.who(c.Dispute, w.Promise)
		if i < 0 || a.paused(live[i]) {
			w.DueAt, w.Why = time.Time{}, a.why(c.Dispute, w.Promise)
		}
		list = append(list, w)
	}
	return list
}

// who can do what is owed on a case.
func (a Affairs) who(d Dispute, p Promise) []string {
	var ids []string
	switch {
	case p.PersonID != "":
		return []string{p.PersonID}
	case p.Kind == RulingPromise:
		for _, c := range d.Rulers(p.Side, a.People, false) {
			ids = append(ids, c.ID)
		}
	case p.Kind == AnswerPromise:
		for _, c := range a.People {
			if c.Active && c.SpeaksForMarketing() && c.ID != d.OpenerID {
				ids = append(ids, c.ID)
			}
		}
	}
	return ids
}

// why the time of what is owed on a case does not run.
func (a Affairs) why(d Dispute, p Promise) Pause {
	switch p.Kind {
	case RulingPromise:
		switch {
		case len(d.Rulers(p.Side, a.People, false)) == 0:
			return NobodyPause
		case len(d.Rulers(p.Side, a.People, true)) == 0:
			return NonePause
		}
		return SoonPause
	case AnswerPromise:
		around := Around{People: a.People, Terms: a.Terms}
		speakers := around.with(Marketer, MarketingManager)
		there := slices.DeleteFunc(speakers, func(c Colleague) bool { return !c.There || c.ID == d.OpenerID })
		switch {
		case len(around.with(Marketer, MarketingManager)) == 0:
			return NobodyPause
		case len(there) == 0:
			return NonePause
		case d.answerer(around) == "":
			return FullPause
		}
		return SoonPause
	}
	if c, ok := a.colleague(p.PersonID); ok && c.There {
		return SoonPause
	}
	return AwayPause
}

// waits reports whether what was promised about the lead is still to be done, by what is known of it at a moment.
func (f LeadFile) waits(p Promise, now time.Time) bool {
	_, over := f.Overtaken(p, now)
	return !over && p.Kind != RatingPromise // that is asked for, once, and nobody owes it
}

// standsAt is where the lead stood at a moment, and until when what was logged of it counts: all of it, as of when the file was read.
func (f LeadFile) standsAt(now time.Time) (s Standing, until time.Time) {
	if !now.Before(f.Now) {
		return f.Standing, endOfTime
	}
	return Stand(f.Outcomes, now), now
}

var endOfTime = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// Overtaken reports whether a promise about the lead has been kept, or has lost its point, by what is known of the lead at a moment; and
// the promise as it ended by that.
func (f LeadFile) Overtaken(p Promise, now time.Time) (ended Promise, over bool) {
	s, until := f.standsAt(now)
	touched := slices.IndexFunc(f.Touches, func(t Touch) bool { return !t.At.After(until) })
	rated := slices.ContainsFunc(f.Ratings, func(r RatingOf) bool { return !r.When().After(until) })
	switch {
	case p.Kind == VerdictPromise && s.State != NoStatus:
		return p.Stop(p.Done(s.At), now), true
	case p.Kind == TouchPromise && touched >= 0:
		return p.Stop(p.Done(f.Touches[touched].At), now), true
	case p.Kind == TouchPromise && s.Stage > StageAccepted, p.Kind != VerdictPromise && !s.Open(), p.Kind == RatingPromise && rated:
		return p.Stop(Void, now), true
	}
	return p, false
}

// DaysLate is how many business days lie between the day on which something was due and a moment: 0 on the day itself.
func (c Calendar) DaysLate(due, now time.Time) (days int) {
	last := c.Date(now)
	for d := c.Date(due).Add(1); d.Compare(last) <= 0; d = d.Add(1) {
		if c.Workday(d) {
			days++
		}
	}
	return days
}
