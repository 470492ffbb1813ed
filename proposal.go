package truce

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
)

// This file is about proposals, the one way to change common ground: who may say yes to one, and what becomes of it as people answer
// or stay silent. What a kind of ground is about (a profile, the charter, a service level) is its payload, a JSON document that only
// the kind reads: see Grounds.

// ProposalState is how far a proposal has come.
type ProposalState string

// The states of a proposal.
const (
	ProposalOpen      ProposalState = "proposed"
	ProposalInForce   ProposalState = "in force"
	ProposalDeclined  ProposalState = "declined"
	ProposalWithdrawn ProposalState = "withdrawn"
	ProposalReplaced  ProposalState = "replaced" // by a counter-proposal, or by a newer version
	ProposalExpired   ProposalState = "expired"
	ProposalRetired   ProposalState = "retired" // it was in force
)

// The times of a proposal that nobody answers, in business days from the day it was proposed.
const (
	ProposalReminder  = 2  // whoever may say yes is reminded, once
	ProposalToSponsor = 5  // the sponsor may decide
	ProposalExpiry    = 20 // it expires, and can be opened again
	// SponsorDecisions is how many proposals come to the sponsor in a calendar month because nobody answered.
	SponsorDecisions = 2
)

// Vote is what one person said to a proposal for one side: a yes, a no, or only an argument for whoever decides.
type Vote struct {
	Side     Side
	PersonID string
	Said     VoteSaid
	Text     string
	At       time.Time
}

// VoteSaid is what a vote says.
type VoteSaid string

// What votes say.
const (
	SaidYes      VoteSaid = "yes"
	SaidNo       VoteSaid = "no"
	SaidArgument VoteSaid = "argument"
)

// Proposal is a change of common ground, and once it is in force a version of it.
type Proposal struct {
	ID      string // T-1
	Kind    ProposalKind
	Thing   string          // what of the kind: the key of a service level, a journey stage; "" where the kind is one thing
	Title   string          // names the change in a line: "first touch 24 h to 16 h"
	Was     json.RawMessage // the payload it differs from; nil where nothing was in force
	Payload json.RawMessage
	Effect  string // what it would have changed, computed when it was proposed; "" where there is nothing to compute
	Why     string
	By      string // "" is the configuration
	At      time.Time
	Needs   []Side    // whose yes it takes
	From    time.Time // the day named in it; zero is the moment of the last yes
	Base    int       // the version it changes; 0 is none
	Version int       // its own, from the last yes on

	State     ProposalState
	Votes     []Vote
	Refused   []Side // sides that said no to the same before: the sponsor does not decide over them
	Alone     bool   // the sponsor, or the deputy, decided it alone
	AskedAt   time.Time
	Reminded  time.Time
	ToSponsor time.Time // when it came to the sponsor because nobody had answered
	Agreed    time.Time // when the last yes was given
	InForce   time.Time // from when on it holds: not before Agreed
	ClosedAt  time.Time
	ClosedBy  string
	Closing   string // why it was declined, withdrawn or retired

	Counters   string // the proposal it is another way of
	ReplacedBy string // the proposal that took its place
	Reopens    string // the expired one that it is again
	Stopped    int    // of a rule: cases it has made unnecessary
}

// Keyholders are the people who may say yes.
type Keyholders struct {
	Managers map[Side][]string
	Sponsors []string
	Deputy   string // holds a missing key, named by the sponsor; "" is nobody
}

// Missing reports whether a side has no manager of its own: none at all, or only the one whom the other side has, too.
func (k Keyholders) Missing(s Side) bool {
	m := k.Managers[s]
	return len(m) == 0 || len(m) == 1 && slices.Equal(m, k.Managers[s.Other()])
}

// Of are the people who hold a side's key: its managers, and where it is missing the sponsors and the deputy.
func (k Keyholders) Of(s Side) []string {
	list := slices.Clone(k.Managers[s])
	if k.Missing(s) {
		list = append(list, k.Sponsors...)
		if k.Deputy != "" {
			list = append(list, k.Deputy)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Two reports whether two people can say yes, one for each side.
func (k Keyholders) Two() bool {
	sales, marketing := k.Of(Sales), k.Of(Marketing)
	return len(sales) > 0 && len(marketing) > 0 && !(len(sales) == 1 && slices.Equal(sales, marketing))
}

// Yes is who said yes for a side; "" is nobody yet.
func (p Proposal) Yes(s Side) string {
	for _, v := range p.Votes {
		if v.Side == s && v.Said == SaidYes {
			return v.PersonID
		}
	}
	return ""
}

// Argument is what a side said for whoever decides; "" where it gave none.
func (p Proposal) Argument(s Side) string {
	for i := len(p.Votes) - 1; i >= 0; i-- {
		if v := p.Votes[i]; v.Side == s && v.Text != "" {
			return v.Text
		}
	}
	return ""
}

// Waiting are the sides whose yes is missing, in the order of Needs.
func (p Proposal) Waiting() (list []Side) {
	if p.State != ProposalOpen || !p.Agreed.IsZero() {
		return nil
	}
	for _, s := range p.Needs {
		if p.Yes(s) == "" {
			list = append(list, s)
		}
	}
	return list
}

// Turns are the sides for which a person may say yes or no now. Two keys are two people: who said yes for one side does not for the
// other, and who proposed does not for a side that has another manager.
func (p Proposal) Turns(by string, k Keyholders) (list []Side) {
	for _, s := range p.Waiting() {
		holders := k.Of(s)
		manages := slices.Contains(k.Managers[s], by)
		if !slices.Contains(holders, by) || p.said(by, SaidYes) || slices.Contains(p.Refused, s) && !manages { // nobody stands in over a no
			continue
		}
		others := slices.DeleteFunc(holders, func(id string) bool { return id == by })
		if p.By == by && len(others) > 0 && (len(p.Needs) == 1 || manages) {
			continue
		}
		list = append(list, s)
	}
	return list
}

func (p Proposal) said(by string, what VoteSaid) bool {
	return slices.ContainsFunc(p.Votes, func(v Vote) bool { return v.PersonID == by && v.Said == what })
}

// Decides reports whether a person may decide a proposal alone: a sponsor, once nobody has answered for five business days, but never
// over a side that said no to the same thing it would be bound by.
func (p Proposal) Decides(by string, k Keyholders) bool {
	if p.ToSponsor.IsZero() || !slices.Contains(k.Sponsors, by) || len(p.Waiting()) == 0 {
		return false
	}
	return !slices.ContainsFunc(p.Waiting(), func(s Side) bool { return slices.Contains(p.Refused, s) })
}

// MayAnswer reports whether a person may say yes or no now, in either way.
func (p Proposal) MayAnswer(by string, k Keyholders) bool {
	return len(p.Turns(by, k)) > 0 || p.Decides(by, k)
}

// refuse says why a person cannot answer a proposal now.
func (p Proposal) refuse(by string, k Keyholders) error {
	switch {
	case p.State == ProposalReplaced && p.ReplacedBy != "":
		return Errorf(Conflict, "%s was replaced by %s meanwhile: look at that one. Nothing changed.", p.ID, p.ReplacedBy)
	case p.State == ProposalInForce:
		return Errorf(Conflict, "%s is in force already. Nothing changed.", p.ID)
	case p.State != ProposalOpen:
		return Errorf(Conflict, "%s was %s already. Nothing changed.", p.ID, p.State)
	case !p.Agreed.IsZero():
		return Errorf(Conflict, "%s is agreed already. Nothing changed.", p.ID)
	case p.said(by, SaidYes):
		return Errorf(Conflict, "You have said yes to %s already; the other side is next. Nothing changed.", p.ID)
	}
	for _, s := range p.Needs {
		if p.Yes(s) != "" && slices.Contains(k.Managers[s], by) {
			return Errorf(Conflict, "%s has said yes to %s already. Nothing changed.", s.Title(), p.ID)
		}
	}
	if p.By == by {
		return Errorf(Forbidden, "You proposed %s: somebody else gives the yes. Two keys are two people.", p.ID)
	}
	if !p.ToSponsor.IsZero() && slices.Contains(k.Sponsors, by) {
		return Errorf(Forbidden, "A side said no to this before: nobody decides over what it would promise. Propose another way.")
	}
	return Errorf(Forbidden, "%s takes a yes from one manager of each side it binds. Say what you think in its thread.", p.ID)
}

// Agree is a yes. The last one that it takes agrees it: from then on, or from the day named in it, it is in force.
func (p *Proposal) Agree(by string, k Keyholders, now time.Time) error {
	turns := p.Turns(by, k)
	if len(turns) == 0 && !p.Decides(by, k) {
		return p.refuse(by, k)
	}
	p.Votes = slices.Clone(p.Votes)
	say := func(s Side) {
		p.Votes = append(p.Votes, Vote{Side: s, PersonID: by, Said: SaidYes, At: now})
	}
	if p.Decides(by, k) { // time ran out
		for _, s := range p.Waiting() {
			say(s)
		}
		p.Alone = true
	} else {
		say(turns[0])
		for _, s := range p.Waiting() { // a key that nobody else holds: the sponsor decides it alone
			if slices.Contains(k.Sponsors, by) && k.Missing(s) && slices.Equal(k.Of(s), []string{by}) && !slices.Contains(p.Refused, s) {
				say(s)
				p.Alone = true
			}
		}
	}
	if len(p.Waiting()) == 0 {
		p.Settle(now)
	}
	return nil
}

// Settle agrees what takes nobody's yes, or the last one: it is in force from now on, or from the day named in it.
func (p *Proposal) Settle(now time.Time) {
	p.Agreed, p.Version, p.InForce = now, p.Base+1, now
	if p.From.After(now) {
		p.InForce = p.From
		return
	}
	p.State = ProposalInForce
}

// Decline is a no, with its reason: one is enough.
func (p *Proposal) Decline(by string, k Keyholders, why string, now time.Time) error {
	if !p.MayAnswer(by, k) {
		return p.refuse(by, k)
	}
	why, err := CheckText(why, "reason")
	if err != nil {
		return err
	}
	sides := p.Turns(by, k)
	if len(sides) == 0 {
		sides = []Side{TheSponsor}
	}
	p.Votes = append(slices.Clone(p.Votes), Vote{Side: sides[0], PersonID: by, Said: SaidNo, Text: why, At: now})
	p.State, p.ClosedAt, p.ClosedBy, p.Closing = ProposalDeclined, now, by, why
	return nil
}

// Counter is a no that opens the next: what ends by it is replaced by another way.
func (p *Proposal) Counter(by string, k Keyholders, other Proposal, now time.Time) error {
	if SameJSON(p.Payload, other.Payload) {
		return Errorf(Invalid, "That is what %s says already: change something, or say yes.", p.ID)
	}
	if err := p.Decline(by, k, other.Why, now); err != nil {
		return err
	}
	p.State, p.ReplacedBy = ProposalReplaced, other.ID
	return nil
}

// Argue keeps what a side says for whoever decides; the last word of each side counts.
func (p *Proposal) Argue(by Person, text string, now time.Time) error {
	var side Side
	switch {
	case len(p.Waiting()) == 0:
		return Errorf(Conflict, "%s waits for nobody any more. Nothing changed.", p.ID)
	case by.Manages(Sales) && by.TeamSide() != Marketing:
		side = Sales
	case by.Manages(Marketing):
		side = Marketing
	default:
		return Errorf(Forbidden, "A manager of each side gives its argument. Tell yours about %s.", p.ID)
	}
	text, err := CheckText(text, "argument")
	if err != nil {
		return err
	}
	p.Votes = append(slices.Clone(p.Votes), Vote{Side: side, PersonID: by.ID, Said: SaidArgument, Text: text, At: now})
	return nil
}

// Withdraw takes a proposal back: who made it may, and where they have left, anybody who holds a key.
func (p *Proposal) Withdraw(by string, proposerLeft bool, k Keyholders, why string, now time.Time) error {
	switch {
	case p.State != ProposalOpen || !p.Agreed.IsZero():
		return p.refuse(by, k)
	case p.By != by && !(proposerLeft && (slices.Contains(k.Of(Sales), by) || slices.Contains(k.Of(Marketing), by) ||
		slices.Contains(k.Sponsors, by))):
		return Errorf(Forbidden, "Who proposed %s withdraws it.", p.ID)
	}
	p.State, p.ClosedAt, p.ClosedBy, p.Closing = ProposalWithdrawn, now, by, why
	return nil
}

// MayRetire reports whether a person may end what is in force: it holds as long as both sides agree.
func (p Proposal) MayRetire(by Person) bool {
	g, ok := GroundOf(p.Kind)
	return p.State == ProposalInForce && ok && g.Retires && by.Has(SalesManager, MarketingManager, Sponsor)
}

// Retire ends what is in force.
func (p *Proposal) Retire(by Person, why string, now time.Time) error {
	switch {
	case p.State == ProposalOpen:
		return Errorf(Conflict, "%s is not in force yet: say no to it instead.", p.ID)
	case p.State != ProposalInForce:
		return Errorf(Conflict, "%s was %s already. Nothing changed.", p.ID, p.State)
	case !p.MayRetire(by):
		if g, _ := GroundOf(p.Kind); g.Retires {
			return Errorf(Forbidden, "A manager of either side retires %s. Tell yours about it.", p.ID)
		}
		return Errorf(Forbidden, "%s is changed by a new proposal, not retired.", p.ID)
	}
	why, err := CheckText(why, "reason")
	if err != nil {
		return err
	}
	p.State, p.Closing, p.ClosedAt, p.ClosedBy = ProposalRetired, why, now, by.ID
	return nil
}

// Rebase puts a proposal on what came into force meanwhile: it is read against that from now on, and everybody is asked again.
func (p *Proposal) Rebase(inForce Proposal, now time.Time) {
	p.Base, p.Was, p.Votes, p.AskedAt, p.Reminded, p.ToSponsor = inForce.Version, inForce.Payload, nil, now, time.Time{}, time.Time{}
	if p.Kind == ICPGround { // it was computed against another version
		p.Effect = ""
	}
}

// ProposalDue is what time asks of a proposal.
type ProposalDue int

// What time asks.
const (
	NothingDue ProposalDue = iota
	ReminderDue
	SponsorDue
	ExpiryDue
	BeginDue // the day named in it has come
)

// Due is what a proposal is due for at a moment. decisions is how many came to the sponsor this calendar month: the third waits for the
// next one. Days are counted from when it was last asked about.
func (p Proposal) Due(c Calendar, decisions int, now time.Time) ProposalDue {
	if p.State != ProposalOpen {
		return NothingDue
	}
	if !p.Agreed.IsZero() {
		if now.Before(p.InForce) {
			return NothingDue
		}
		return BeginDue
	}
	passed := func(days int) bool {
		at, ok := c.AddDays(p.AskedAt, days)
		return ok && !now.Before(at)
	}
	switch {
	case passed(ProposalExpiry):
		return ExpiryDue
	case p.ToSponsor.IsZero() && passed(ProposalToSponsor) && decisions < SponsorDecisions:
		return SponsorDue
	case p.Reminded.IsZero() && p.ToSponsor.IsZero() && passed(ProposalReminder):
		return ReminderDue
	}
	return NothingDue
}

// Pass is what becomes of a proposal by what it is due for.
func (p *Proposal) Pass(due ProposalDue, now time.Time) {
	switch due {
	case ReminderDue:
		p.Reminded = now
	case SponsorDue:
		p.ToSponsor = now
	case ExpiryDue:
		p.State, p.ClosedAt = ProposalExpired, now
	case BeginDue:
		p.State = ProposalInForce
	}
}

// ProposalChange is what follows from a move of a proposal.
type ProposalChange struct {
	Proposal Proposal
	Ended    *Proposal // the version it takes the place of, as that is from now on
	Begins   bool      // it comes into force now
	Tell     []Told    // whose yes is asked for, or who hears how it ended; once each
}

// Follows is what follows from the move that made p of before, by the person by ("" is time). inForce is the version in force of the
// same thing, nil where there is none. everybody are the active people.
func (p Proposal) Follows(before Proposal, by string, inForce *Proposal, k Keyholders, everybody []Person) ProposalChange {
	c := ProposalChange{Proposal: p}
	there := func(id string) bool {
		return slices.ContainsFunc(everybody, func(q Person) bool { return q.ID == id && q.Active })
	}
	told := map[string]bool{by: true, "": true}
	tell := func(as Hearing, ids ...string) {
		for _, id := range ids {
			if !told[id] && there(id) {
				told[id] = true
				c.Tell = append(c.Tell, Told{id, as})
			}
		}
	}
	c.Begins = p.State == ProposalInForce && before.State != ProposalInForce
	if c.Begins && inForce != nil && inForce.ID != p.ID {
		ended := *inForce
		ended.State, ended.ReplacedBy, ended.ClosedAt = ProposalReplaced, p.ID, p.InForce
		c.Ended = &ended
	}
	if len(p.Waiting()) > 0 {
		asked := before.State != ProposalOpen || !p.AskedAt.Equal(before.AskedAt) || !p.Reminded.Equal(before.Reminded)
		switch {
		case !p.ToSponsor.Equal(before.ToSponsor):
			tell(HearsTurn, k.Sponsors...)
		case asked:
			for _, s := range p.Waiting() {
				for _, id := range k.Of(s) {
					if p.MayAnswer(id, k) {
						tell(HearsTurn, id)
					}
				}
			}
		}
		return c
	}
	if p.State != before.State || p.Agreed != before.Agreed { // it ended, or is agreed
		tell(HearsEnd, p.By)
		for _, v := range p.Votes {
			tell(HearsNews, v.PersonID)
		}
	}
	return c
}

// SameJSON reports whether two documents say the same, however they are written.
func SameJSON(a, b json.RawMessage) bool {
	fold := func(m json.RawMessage) []byte {
		var v any
		if json.Unmarshal(m, &v) != nil {
			return m
		}
		out, _ := json.Marshal(v) // keys in order; what was read can be written
		return out
	}
	return bytes.Equal(fold(a), fold(b))
}

// ProposalFile is a proposal with what is said of it besides.
type ProposalFile struct {
	Proposal
	Keys     Keyholders
	Proposer string // the name of who proposed it
}
