package truce

import (
	"cmp"
	"slices"
	"time"
)

// This file is what follows from a move of a case, whoever made it: a person who pressed a button or time that passed. Promises end and
// begin, the lead goes back or returns, the log is written, and those concerned hear of it. It is read off the case before and after, and
// off who is there; the store carries it out.

// Step says how a case moved: by whom, and which promise that was.
type Step struct {
	Action  string      // dispute.uphold
	By      string      // "" is silence
	Network string      // from where
	Did     PromiseKind // the promise that was fulfilled by it, or that lapsed; "" for none
	Side    Side        // whose promise
	Lapsed  bool        // silence moved the case
}

// StepTaken is what the audit log holds of a step of a case.
type StepTaken struct {
	Version int            `json:"version"`
	State   DisputeState   `json:"state"`
	Outcome DisputeOutcome `json:"outcome,omitempty"`
	Side    Side           `json:"side,omitempty"`
	Uphold  bool           `json:"uphold,omitempty"`
	Text    string         `json:"text,omitempty"`
}

// Colleague is a person as a case finds them.
type Colleague struct {
	Person
	There   bool // can act and be reminded: active, not on leave, on a platform that takes messages
	Answers int  // answers to cases that they owe, and whose time runs
	Bundle  bool // one of these is to the case's own bundle
}

// Around is what a case finds when it moves.
type Around struct {
	Now       time.Time
	Terms     Terms
	People    []Colleague          // everybody active who has a role, in the order they are asked; and whom the case waits for
	Promises  []Promise            // of the case, running or paused, the oldest first
	Delivered map[string]time.Time // by promise: when its first reminder arrived, where silence moved the case
	Lead      Lead
	Worked    bool // somebody accepted, touched or rated the lead
	SentBack  bool // the lead went back by this case before
}

func (a Around) colleague(id string) (Colleague, bool) {
	i := slices.IndexFunc(a.People, func(c Colleague) bool { return c.ID == id })
	if i < 0 {
		return Colleague{}, false
	}
	return a.People[i], true
}

func (a Around) with(roles ...Role) []Colleague {
	return slices.DeleteFunc(slices.Clone(a.People), func(c Colleague) bool { return !c.Active || !c.Has(roles...) })
}

// Consequences are what follows from a move.
type Consequences struct {
	Case     Dispute   // as it is kept: the move may have led further than it went
	Promises []Promise // that began, or changed
	Lead     LeadChange
	Log      StepTaken
	Homes    []string // people whose home pages may show something else now
	Tell     []Told   // who hears of it, once each
}

// Hearing is why somebody hears of a move.
type Hearing int

// The reasons to hear.
const (
	HearsEnd  Hearing = iota // it answers what they did
	HearsTurn                // a clock waits for them
	HearsNews                // something that they should know
)

// Told is one person who hears of a move.
type Told struct {
	PersonID string
	As       Hearing
}

// LeadChange is what becomes of a lead. The fields are in the order in which they are done.
type LeadChange struct {
	Begin   bool          // its clocks begin, where time has not come to it yet: what is done at once is a promise kept, too
	Restart bool          // where a verdict is still missing, its time begins anew
	Outcome *Outcome      // becomes known of it
	Done    []PromiseKind // promises about it that this ends
	Void    bool          // the others are not owed any more
	Owner   *string       // whose it is from now on: "" is nobody's
}

// Any reports whether anything becomes of the lead.
func (c LeadChange) Any() bool {
	return c.Begin || c.Restart || c.Outcome != nil || len(c.Done) > 0 || c.Void || c.Owner != nil
}

// judged is what disputing a lead is: the verdict on it. Its other promises wait with it.
var judged = LeadChange{Begin: true, Done: []PromiseKind{VerdictPromise}, Void: true}

// Opens is what follows from opening a case: its clock starts where somebody can answer, disputing the lead is the verdict on it, and
// where Marketing has nobody at all, admins hear of it.
func (d Dispute) Opens(s Step, a Around) Consequences {
	c := Consequences{Case: d, Promises: d.settle(Step{}, a), Log: d.logged(s, d.Text), Lead: judged}
	switch {
	case d.State == DisputeOwner: // nobody has judged the lead whose it is
		c.Lead, c.Tell = LeadChange{}, []Told{{d.OwnerID, HearsTurn}}
	case len(a.with(Marketer, MarketingManager)) == 0:
		c.Tell = telling(a.with(Admin), HearsNews)
	}
	return c
}

// Consequences are what follows from the move that made d of before.
func (d Dispute) Consequences(before Dispute, s Step, a Around) Consequences {
	for _, side := range []Side{Sales, Marketing} { // nobody is left who may rule for a side: the sponsor decides
		if _, ruled := d.RulingOf(side); d.State == DisputeEscalated && !ruled && len(d.Rulers(side, a.People, false)) == 0 {
			d.State = DisputeSponsor
		}
	}
	if before.Closed() && !d.Closed() { // a bundle of its own: its time begins anew
		d.Bundle = d.ID
	}
	c := Consequences{Case: d, Promises: d.settle(s, a), Log: d.logged(s, d.said(before))}
	switch {
	case d.Closed() && !before.Closed():
		c.Lead = d.settlesLead(s, a)
	case before.State == DisputeOwner && s.By != "": // its owner sends it back, too
		c.Lead = judged
	case before.State == DisputeOwner && d.State == DisputeOpen: // what is owed about the lead waits for the case
		c.Lead.Void = true
	}
	c.Homes = []string{d.OpenerID, s.By}
	for _, d := range []Dispute{before, d} {
		for _, o := range d.Owed() {
			if o.Kind == RulingPromise {
				for _, p := range d.Rulers(o.Side, a.People, false) {
					c.Homes = append(c.Homes, p.ID)
				}
			}
		}
	}
	c.Tell = d.tells(before, s, a, c.Promises)
	return c
}

// Tend is what a case's promises become as people come and go: it changes nothing where nothing is to be changed.
func (d Dispute) Tend(a Around) []Promise { return d.settle(Step{}, a) }

// Rulers are the people who may rule on a case for a side: its managers, or the sponsors, but no party to the case, and nobody who has
// ruled for the other side. With there, only those who can act now.
func (d Dispute) Rulers(side Side, people []Colleague, there bool) []Colleague {
	role := map[Side]Role{Sales: SalesManager, Marketing: MarketingManager, TheSponsor: Sponsor}[side]
	other, _ := d.RulingOf(side.Other())
	return slices.DeleteFunc(slices.Clone(people), func(c Colleague) bool {
		return !c.Active || !c.Has(role) || there && !c.There || d.Party(c.ID) || side != TheSponsor && other.PersonID == c.ID
	})
}

// logged is what the audit log holds of a step.
func (d Dispute) logged(s Step, text string) StepTaken {
	taken := StepTaken{Version: d.Version, State: d.State, Outcome: d.Outcome, Side: s.Side, Text: text}
	if r, ok := d.RulingOf(s.Side); ok && s.Did == RulingPromise {
		taken.Uphold = r.Uphold
	}
	return taken
}

// said is what was written with the step that made d of before.
func (d Dispute) said(before Dispute) string {
	switch {
	case len(d.Rulings) > len(before.Rulings):
		return d.Rulings[len(d.Rulings)-1].Text
	case d.Question != before.Question:
		return d.Question
	case d.Evidence != before.Evidence:
		return d.Evidence
	case d.Escalation != before.Escalation && d.Escalation != "":
		return d.Escalation
	case d.Answer != before.Answer:
		return d.Answer
	}
	return ""
}

// tells lets those hear whose turn it is, or whose case it was. changed are the promises that the step changed.
func (d Dispute) tells(before Dispute, s Step, a Around, changed []Promise) []Told {
	opener := []Told{{d.OpenerID, HearsEnd}}
	switch {
	case d.Closed() && before.Closed():
	case d.Closed():
		var told []Told
		if s.By != d.OpenerID {
			told = opener
		}
		if o := d.OwnerID; o != "" && o != d.OpenerID && o != s.By && !d.ByOwner() { // what a colleague started about their lead
			told = append(told, Told{o, HearsNews})
		}
		return told
	case d.State == before.State:
	case d.State == DisputeOpen && before.State == DisputeOwner:
		return opener
	case d.State == DisputeAsked, d.State == DisputeDeclined:
		return opener
	case d.State == DisputeOpen && before.Closed() && s.By != d.OpenerID: // Marketing re-opened it
		return opener
	case d.State == DisputeOpen && before.State == DisputeAsked: // the answer came, or will not come
		for _, p := range a.after(changed) {
			if p.Kind == AnswerPromise && p.PersonID != "" {
				return []Told{{p.PersonID, HearsTurn}}
			}
		}
	case d.State == DisputeEscalated:
		return append(telling(d.Rulers(Sales, a.People, false), HearsTurn), telling(d.Rulers(Marketing, a.People, false), HearsTurn)...)
	case d.State == DisputeSponsor:
		if rulers := d.Rulers(TheSponsor, a.People, false); len(rulers) > 0 {
			return telling(rulers, HearsTurn)
		}
		return telling(a.with(Admin), HearsNews) // somebody must name one
	}
	return nil
}

// after are the promises of the case that run or are paused after some have changed.
func (a Around) after(changed []Promise) []Promise {
	list := slices.Clone(a.Promises)
	for _, c := range changed {
		if i := slices.IndexFunc(list, func(p Promise) bool { return p.ID == c.ID && c.ID != "" }); i >= 0 {
			list[i] = c
		} else {
			list = append(list, c)
		}
	}
	return slices.DeleteFunc(list, func(p Promise) bool { return p.Result != Running && p.Result != Paused })
}

func telling(people []Colleague, as Hearing) []Told {
	var list []Told
	for _, p := range people {
		list = append(list, Told{p.ID, as})
	}
	return list
}

// settlesLead is what the end of a case does to its lead: upheld, it goes back and leaves its owner; else it is its owner's again, where a
// verdict is still missing its time begins anew, and where it had gone back by this case, it returns.
//
// Silence never takes a lead that somebody has worked, gives none back that people sent back, and leaves what it finds where people had
// decided before.
func (d Dispute) settlesLead(s Step, a Around) LeadChange {
	if d.Stood || s.Lapsed && d.Outcome.Upheld() && a.Worked {
		return LeadChange{}
	}
	if d.Outcome.Upheld() {
		origin := FromDispute
		if d.Outcome == UpheldByLapse {
			origin = FromSilence
		}
		c := a.Lead.GoesBack(d.Reason, origin, s.By, d.ID, a.Now)
		if a.SentBack && a.Lead.State == c.Outcome.Status && !a.Lead.BySilence { // it went back when it was upheld first, and stayed there
			c.Outcome = nil
		}
		return c
	}
	c := LeadChange{Restart: true}
	if !s.Lapsed && a.SentBack && (a.Lead.State == Rejected || a.Lead.State == Recycled) {
		c.Outcome = &Outcome{LeadID: a.Lead.ID, Status: Accepted, At: a.Now, Origin: FromDispute, PersonID: s.By, Note: d.ID}
		if a.Lead.OwnerID == "" {
			c.Owner = &d.OpenerID
		}
	}
	return c
}

// GoesBack is what becomes of a lead that goes back for a reason. note is the case or the rule that settled it. A recycled one has no owner
// any more: it goes to another rep.
func (l Lead) GoesBack(reason Reason, origin Origin, by, note string, now time.Time) LeadChange {
	c := LeadChange{Outcome: &Outcome{LeadID: l.ID, Status: reason.SentBackAs(), At: now, Reason: reason, Note: note, Origin: origin,
		PersonID: by},
		Done: []PromiseKind{VerdictPromise, TouchPromise, RatingPromise}}
	if c.Outcome.Status == Recycled && l.OwnerID != "" {
		c.Owner = new(string)
	}
	return c
}

// settle makes the promises of a case those that its state asks for; it returns those that change.
func (d Dispute) settle(s Step, a Around) []Promise {
	var changed []Promise
	owed := d.Owed()
	for _, p := range a.Promises {
		if slices.ContainsFunc(owed, p.Answers) {
			continue
		}
		var next Promise
		switch {
		case p.Kind == AnswerPromise && d.State == DisputeAsked:
			next = a.Terms.Pause(p, a.Now)
		case p.Kind == s.Did && s.Lapsed: // of two managers both may have been silent, or one not reminded in time
			next = a.lapsed(p)
		case p.Kind == s.Did && p.Side == s.Side && !s.Lapsed && p.Result == Paused:
			next = p.Stop(Kept, a.Now)
		case p.Kind == s.Did && p.Side == s.Side && !s.Lapsed:
			next = p.Stop(p.Done(a.Now), a.Now)
		default:
			next = p.Stop(Void, a.Now)
		}
		if next != p {
			changed = append(changed, next)
		}
	}
	for _, o := range owed {
		if next, ok := d.settleOne(o, a); ok {
			changed = append(changed, next)
		}
	}
	return changed
}

// Answers reports whether a promise is the one that is owed.
func (p Promise) Answers(owed Promise) bool {
	return p.Kind == owed.Kind && p.Side == owed.Side && (owed.PersonID == "" || owed.PersonID == p.PersonID)
}

// lapsed ends a promise that silence has overtaken: lapsed, where its own deadline has come after a reminder in time.
func (a Around) lapsed(p Promise) Promise {
	next, lapses := a.Terms.Overdue(p, a.Delivered[p.ID], a.Now)
	if !lapses {
		return p.Stop(Void, a.Now)
	}
	return next.Stop(Lapsed, a.Now)
}

// settleOne sees to one promise that is owed: it runs while somebody who can keep it is there, and is paused else.
func (d Dispute) settleOne(o Promise, a Around) (next Promise, changed bool) {
	var p Promise
	for _, have := range a.Promises {
		if have.Answers(o) {
			p = have
		}
	}
	who, there := d.whoOwes(o, p, a)
	next = p
	switch {
	case p.ID == "" && !there && o.PersonID == "": // kept without a clock until somebody is there
		return p, false
	case p.ID == "":
		var ok bool
		if next, ok = a.Terms.Start(d.ID, o.Kind, o.Side, cmp.Or(who, o.PersonID), false, a.Now); !ok {
			return p, false
		}
		if !there {
			next = a.Terms.Pause(next, a.Now)
		}
	case p.Result == Paused && there:
		next = a.Terms.Resume(p, who, a.Now)
	case p.Result == Running && !there:
		next = a.Terms.Pause(p, a.Now)
	case p.Result == Running && p.PersonID != who: // somebody stands in, with a reminder of their own
		next = a.Terms.Resume(a.Terms.Pause(p, a.Now), who, a.Now)
	}
	return next, next != p
}

// whoOwes is the person a promise is owed by ("" for any manager of the side), and whether anybody who can keep it is there.
func (d Dispute) whoOwes(o, now Promise, a Around) (who string, there bool) {
	switch o.Kind {
	case AnswerPromise:
		if p, ok := a.colleague(now.PersonID); ok && now.Result == Running && p.There && p.SpeaksForMarketing() {
			return p.ID, true
		}
		who = d.answerer(a)
		return who, who != ""
	case RulingPromise:
		return "", len(d.Rulers(o.Side, a.People, true)) > 0
	}
	p, _ := a.colleague(o.PersonID)
	return o.PersonID, p.There
}

// answerer is the marketer who is to answer a case: the one who has its bundle already, else the one who owes the fewest answers; managers
// only where there is no marketer. "" where nobody is there, or everybody there has as many as is fair.
func (d Dispute) answerer(a Around) string {
	for _, role := range []Role{Marketer, MarketingManager} {
		people := slices.DeleteFunc(a.with(role), func(c Colleague) bool { return !c.There || c.ID == d.OpenerID })
		if len(people) == 0 {
			continue
		}
		best, least := "", a.Terms.MostAnswers
		for _, p := range people {
			switch {
			case p.Answers >= a.Terms.MostAnswers:
			case p.Bundle:
				return p.ID
			case p.Answers < least:
				best, least = p.ID, p.Answers
			}
		}
		return best
	}
	return ""
}

// LeadPromises are the promises of its owner that begin with a lead at a moment: its first touch, where touches are logged at all and none
// of it is, a verdict, and a rating.
func (t Terms) LeadPromises(l Lead, from time.Time, touches bool) []Promise {
	var list []Promise
	for _, k := range []PromiseKind{TouchPromise, VerdictPromise, RatingPromise} {
		if p, ok := t.Start(l.Ref, k, Sales, l.OwnerID, t.UrgentLead(l), from); ok && (k != TouchPromise || touches) {
			list = append(list, p)
		}
	}
	return list
}

// DoneOnLead ends a promise about a lead by what was done at a moment: kept or late. One that nobody breaks is void.
func (p Promise) DoneOnLead(at, now time.Time) Promise {
	result := p.Done(at)
	switch {
	case p.Kind == RatingPromise:
		result = Void
	case p.Result == Paused:
		result = Kept
	}
	return p.Stop(result, now)
}
