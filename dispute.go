package truce

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// This file is the life of a dispute as pure moves. Each checks who may and whether the case is there yet, and changes the
// case; what follows for clocks, leads and messages is read off the case before and after. Nothing here knows a store.

// DisputeState is whose turn it is.
type DisputeState string

// The states.
const (
	DisputeOwner     DisputeState = "owner"     // the lead's owner says whether Marketing is to decide: somebody else opened it
	DisputeOpen      DisputeState = "open"      // Marketing answers
	DisputeAsked     DisputeState = "asked"     // the rep answers Marketing's question
	DisputeDeclined  DisputeState = "declined"  // the rep accepts that, or escalates
	DisputeEscalated DisputeState = "escalated" // one manager of each side rules
	DisputeSponsor   DisputeState = "sponsor"   // the sponsor rules
	DisputeClosed    DisputeState = "closed"
)

// DisputeStates are all states.
var DisputeStates = []DisputeState{DisputeOwner, DisputeOpen, DisputeAsked, DisputeDeclined, DisputeEscalated, DisputeSponsor,
	DisputeClosed}

// DisputeOutcome is how a closed case ended.
type DisputeOutcome string

// The outcomes. Those by lapse are nobody's verdict on the lead.
const (
	NoOutcome       DisputeOutcome = ""
	Upheld          DisputeOutcome = "upheld"
	UpheldByLapse   DisputeOutcome = "upheld_by_lapse"
	Declined        DisputeOutcome = "declined"
	DeclinedByLapse DisputeOutcome = "declined_by_lapse" // the sponsor was silent: Marketing's answer stands
	Withdrawn       DisputeOutcome = "withdrawn"
	KeptByOwner     DisputeOutcome = "kept" // the lead's owner keeps it: Marketing was never asked
)

// Upheld reports whether the rep was right, or nobody said otherwise in time.
func (o DisputeOutcome) Upheld() bool { return o == Upheld || o == UpheldByLapse }

// Ruling is what a manager or the sponsor decided about an escalated case.
type Ruling struct {
	Side     Side // Sales, Marketing or TheSponsor
	PersonID string
	Uphold   bool
	Text     string
	At       time.Time
}

// Dispute is a lead sent back as a small case.
type Dispute struct {
	ID         string // D-1
	LeadID     string
	Source     string
	Reason     Reason
	Text       string // what the rep says
	OpenerID   string
	OwnerID    string // whose lead it was when the case was opened; "" is nobody's
	State      DisputeState
	Outcome    DisputeOutcome
	OpenedAt   time.Time // of the round
	Round      int       // 2 once it was re-opened
	Question   string    // Marketing's one question
	Evidence   string    // what the rep added
	Answer     string    // Marketing's, in its own words
	AnsweredBy string
	AnsweredAt time.Time
	Escalation string // why the rep escalated
	ClosedAt   time.Time
	ClosedBy   string // "" is nobody: silence
	MovedAt    time.Time
	Version    int      // counts every change
	Bundle     string   // the first of the cases that get one answer; its own id where it is the first
	Parties    []string // who opened or answered it, in any round
	Rulings    []Ruling // of this round
	Was        Decided  // what people had decided when it was re-opened
	Stood      bool     // Was stands: silence ended the case the second time
}

// Decided is how people settled a case; the zero value where they did not.
type Decided struct {
	Outcome    DisputeOutcome
	OpenedAt   time.Time
	Answer     string
	AnsweredBy string
	AnsweredAt time.Time
	Escalation string
	ClosedAt   time.Time
	ClosedBy   string
}

// NewDispute opens a case of a lead. Where the lead is somebody else's, that rep is asked first.
func NewDispute(l Lead, reason Reason, text string, by Person, now time.Time) Dispute {
	d := Dispute{LeadID: l.ID, Source: l.Source, Reason: reason, Text: text, OpenerID: by.ID, OwnerID: l.OwnerID, State: DisputeOpen,
		OpenedAt: now, MovedAt: now,
		Round: 1, Version: 1, Parties: []string{by.ID}}
	if l.OwnerID != "" && l.OwnerID != by.ID {
		d.State = DisputeOwner
	}
	return d
}

// ByOwner reports whether the lead's owner opened the case.
func (d Dispute) ByOwner() bool {
	return d.OwnerID != "" && len(d.Parties) > 0 && d.Parties[0] == d.OwnerID
}

// Party reports whether a person opened or answered the case. A party never rules on it.
func (d Dispute) Party(id string) bool { return slices.Contains(d.Parties, id) }

// Closed reports whether the case is over.
func (d Dispute) Closed() bool { return d.State == DisputeClosed }

// Settled reports whether people closed the case on its merits: what precedents are made of.
func (d Dispute) Settled() bool { return d.Closed() && (d.Outcome == Upheld || d.Outcome == Declined) }

// RulingOf is the ruling of a side in this round.
func (d Dispute) RulingOf(s Side) (Ruling, bool) {
	i := slices.IndexFunc(d.Rulings, func(r Ruling) bool { return r.Side == s })
	if i < 0 {
		return Ruling{}, false
	}
	return d.Rulings[i], true
}

// Said is what was written beside the reason; "" where the reason is all that was said.
func (d Dispute) Said() string {
	if said := foldWords(d.Text); said == foldWords(d.Reason.Info().Label) || said == foldWords(string(d.Reason)) {
		return ""
	}
	return d.Text
}

// Owed is what is owed in the state the case is in: by which side, and by whom where it is one person.
func (d Dispute) Owed() []Promise {
	switch d.State {
	case DisputeOwner:
		return []Promise{{Subject: d.ID, Kind: OwnerPromise, Side: Sales, PersonID: d.OwnerID}}
	case DisputeOpen:
		return []Promise{{Subject: d.ID, Kind: AnswerPromise, Side: Marketing}}
	case DisputeAsked:
		return []Promise{{Subject: d.ID, Kind: EvidencePromise, Side: Sales, PersonID: d.OpenerID}}
	case DisputeDeclined:
		return []Promise{{Subject: d.ID, Kind: ReplyPromise, Side: Sales, PersonID: d.OpenerID}}
	case DisputeEscalated:
		var list []Promise
		for _, s := range []Side{Sales, Marketing} {
			if _, ruled := d.RulingOf(s); !ruled {
				list = append(list, Promise{Subject: d.ID, Kind: RulingPromise, Side: s})
			}
		}
		return list
	case DisputeSponsor:
		return []Promise{{Subject: d.ID, Kind: RulingPromise, Side: TheSponsor}}
	}
	return nil
}

// MayOpen says why a lead cannot be disputed for a reason, nil where it can.
func (t Terms) MayOpen(l Lead, reason Reason, by Person, now time.Time) error {
	switch {
	case by.TeamSide() != Sales:
		return Errorf(Forbidden, "Disputes are Sales' way to send a lead back. Marketing answers them: /dispute list shows what is open.")
	case l.Stage >= StageOpportunity:
		return Errorf(Conflict, "%s has become an opportunity, or was lost as one: its quality is settled by the deal. A lead can be disputed "+
			"until then.", l.Ref)
	}
	from, since := l.HandedOffAt, "the hand-off"
	if from.IsZero() { // it came before Truce did, or no hand-off is known
		from, since = l.MQLAt, "the day it qualified"
		if l.CreatedAt.After(from) {
			from, since = l.CreatedAt, "its import"
		}
	}
	loc := t.Calendar.loc()
	if k := reason.Info().Kind; k == DataFault || k == RoutingFault {
		if last := from.AddDate(0, 0, t.DataDays); now.After(last) {
			return Errorf(Conflict, "Data and routing can be disputed within %d days of %s; for %s that ended on %s. Tell Marketing with /field "+
				"instead.",
				t.DataDays, since, l.Ref, last.In(loc).Format("2 Jan 2006"))
		}
		return nil
	}
	if last, ok := t.Calendar.AddDays(from, t.DisputeDays); ok && now.After(last) {
		return Errorf(Conflict, "A lead can be disputed within %d business days of %s; for %s that ended on %s. Only wrong data or routing can "+
			"be disputed for %d days.",
			t.DisputeDays, since, l.Ref, last.In(loc).Format("2 Jan 2006"), t.DataDays)
	}
	return nil
}

// refuse says why a move does not fit the state: mostly that somebody was faster.
func (d Dispute) refuse(t Terms, now time.Time) error {
	at := ClockTime{d.MovedAt, now, t.Calendar.loc()}
	what := ""
	switch d.State {
	case DisputeOwner:
		what = "It waits for the lead's owner"
	case DisputeOpen:
		what = "It waits for Marketing"
	case DisputeAsked:
		return Errorf(Conflict, "Marketing asked %s; it waits for the rep. Nothing changed.", at)
	case DisputeDeclined:
		return Errorf(Conflict, "Already declined by Marketing %s. Nothing changed.", at)
	case DisputeEscalated:
		what = "It waits for one manager of each side"
	case DisputeSponsor:
		what = "It waits for the sponsor"
	case DisputeClosed:
		return Errorf(Conflict, "Already %s %s. Nothing changed.", d.Ended(), at)
	}
	return Errorf(Conflict, "%s. Nothing changed.", what)
}

// Ended is how and by whom a closed case ended: "upheld by Marketing".
func (d Dispute) Ended() string {
	by := "Marketing"
	if len(d.Rulings) > 0 {
		by = "both sides' managers"
		if _, ok := d.RulingOf(TheSponsor); ok {
			by = "the sponsor"
		}
	}
	if d.Stood {
		d.Stood = false
		return d.Ended() + ", which stands: re-opened, nobody settled it in time"
	}
	switch {
	case d.Outcome == KeptByOwner:
		return "kept by the lead's owner"
	case d.Outcome == Upheld:
		return "upheld by " + by
	case d.Outcome == UpheldByLapse:
		return "upheld by lapse, as Marketing had not answered"
	case d.Outcome == Declined && len(d.Rulings) == 0 && d.ClosedBy == "":
		return "declined by Marketing and accepted by silence"
	case d.Outcome == Declined && len(d.Rulings) == 0:
		return "declined by Marketing and accepted by the rep"
	case d.Outcome == Declined:
		return "declined by " + by
	case d.Outcome == DeclinedByLapse:
		return "declined, as the sponsor had not ruled and Marketing's answer stands"
	case d.Outcome == Withdrawn:
		return "withdrawn by the rep"
	}
	return "closed"
}

// answers says why a person may not answer for Marketing, nil where they may.
func (d Dispute) answers(by Person) error {
	switch {
	case !by.SpeaksForMarketing():
		return Errorf(Forbidden, "Marketing answers disputes. Ask an admin for the role if that is you.")
	case by.ID == d.OpenerID:
		return Errorf(Forbidden, "You opened %s: somebody else in Marketing answers it.", d.ID)
	}
	return nil
}

func (d *Dispute) moved(now time.Time) {
	d.MovedAt = now
	d.Version++
}

func (d *Dispute) party(id string) {
	if !d.Party(id) {
		d.Parties = append(slices.Clone(d.Parties), id)
	}
}

func (d *Dispute) close(o DisputeOutcome, by string, now time.Time) {
	d.State, d.Outcome, d.ClosedAt, d.ClosedBy = DisputeClosed, o, now, by
	d.moved(now)
}

// Uphold is Marketing agreeing with the rep, in words or without. It may also do so while it waits for an answer of the rep.
func (d *Dispute) Uphold(t Terms, by Person, text string, now time.Time) error {
	if err := d.answers(by); err != nil {
		return err
	}
	if d.State != DisputeOpen && d.State != DisputeAsked {
		return d.refuse(t, now)
	}
	d.Answer, d.AnsweredBy, d.AnsweredAt = strings.TrimSpace(text), by.ID, now
	d.party(by.ID)
	d.close(Upheld, by.ID, now)
	return nil
}

// Explain adds to a case that a marketer upheld why: once, by the one who upheld it.
func (d *Dispute) Explain(t Terms, by Person, text string, now time.Time) error {
	switch {
	case d.AnsweredBy != by.ID || d.Outcome != Upheld:
		return Errorf(Forbidden, "Whoever upheld %s can say why.", d.ID)
	case d.Answer != "":
		return d.refuse(t, now)
	}
	text, err := CheckText(text, "reason")
	if err != nil {
		return err
	}
	d.Answer = text
	d.Version++
	return nil
}

// Decline is Marketing disagreeing, and saying why.
func (d *Dispute) Decline(t Terms, by Person, text string, now time.Time) error {
	if err := d.answers(by); err != nil {
		return err
	}
	if d.State != DisputeOpen {
		return d.refuse(t, now)
	}
	text, err := CheckText(text, "reason")
	if err != nil {
		return err
	}
	d.State, d.Answer, d.AnsweredBy, d.AnsweredAt = DisputeDeclined, text, by.ID, now
	d.party(by.ID)
	d.moved(now)
	return nil
}

// Ask is Marketing's one question; its own clock waits for the answer.
func (d *Dispute) Ask(t Terms, by Person, text string, now time.Time) error {
	if err := d.answers(by); err != nil {
		return err
	}
	if d.State != DisputeOpen {
		return d.refuse(t, now)
	}
	if d.Question != "" {
		return Errorf(Conflict, "Marketing has asked once already: uphold %s, or decline it with a reason.", d.ID)
	}
	text, err := CheckText(text, "question")
	if err != nil {
		return err
	}
	d.State, d.Question = DisputeAsked, text
	d.moved(now)
	return nil
}

// opens says why a person may not act as the rep whose case it is.
func (d Dispute) opens(by Person, what string) error {
	if by.ID != d.OpenerID {
		return Errorf(Forbidden, "Only the rep who opened %s can %s.", d.ID, what)
	}
	return nil
}

// Provide is the rep's answer to the question.
func (d *Dispute) Provide(t Terms, by Person, text string, now time.Time) error {
	if err := d.opens(by, "answer the question"); err != nil {
		return err
	}
	if d.State != DisputeAsked {
		return d.refuse(t, now)
	}
	text, err := CheckText(text, "answer")
	if err != nil {
		return err
	}
	d.State, d.Evidence = DisputeOpen, text
	d.moved(now)
	return nil
}

// Accept is the rep accepting a decline.
func (d *Dispute) Accept(t Terms, by Person, now time.Time) error {
	if err := d.opens(by, "accept the answer"); err != nil {
		return err
	}
	if d.State != DisputeDeclined {
		return d.refuse(t, now)
	}
	d.close(Declined, by.ID, now)
	return nil
}

// Escalate takes a declined case to one manager of each side.
func (d *Dispute) Escalate(t Terms, by Person, text string, now time.Time) error {
	if err := d.opens(by, "escalate it"); err != nil {
		return err
	}
	if d.State != DisputeDeclined {
		return d.refuse(t, now)
	}
	d.State, d.Escalation = DisputeEscalated, strings.TrimSpace(text)
	d.moved(now)
	return nil
}

// RulesAs is the side for which a person may rule on the case now; the error says why there is none.
func (d Dispute) RulesAs(t Terms, by Person, now time.Time) (Side, error) {
	if d.State != DisputeEscalated && d.State != DisputeSponsor {
		return "", d.refuse(t, now)
	}
	if d.Party(by.ID) {
		return "", Errorf(Forbidden, "You are a party to %s, because you opened or answered it: somebody else rules.", d.ID)
	}
	if d.State == DisputeSponsor {
		if !by.Has(Sponsor) {
			return "", Errorf(Forbidden, "%s waits for the sponsor now. Nothing changed.", d.ID)
		}
		return TheSponsor, nil
	}
	var ruled error
	for _, s := range []Side{Sales, Marketing} {
		if !by.Manages(s) {
			continue
		}
		if r, ok := d.RulingOf(s); ok {
			ruled = Errorf(Conflict, "%s has ruled already, %s. Nothing changed.", s.Title(), ClockTime{r.At, now, t.Calendar.loc()})
			continue
		}
		if r, ok := d.RulingOf(s.Other()); ok && r.PersonID == by.ID {
			return "", Errorf(Forbidden, "You have ruled for %s: two different people must agree.", s.Other().Title())
		}
		return s, nil
	}
	if ruled != nil {
		return "", ruled
	}
	return "", Errorf(Forbidden, "One manager of each side rules on %s.", d.ID)
}

// Rule is a manager's or the sponsor's ruling. Two managers who agree close the case; if they do not, the sponsor decides.
func (d *Dispute) Rule(t Terms, by Person, uphold bool, text string, now time.Time) (Side, error) {
	side, err := d.RulesAs(t, by, now)
	if err != nil {
		return "", err
	}
	d.Rulings = append(slices.Clone(d.Rulings), Ruling{side, by.ID, uphold, strings.TrimSpace(text), now})
	outcome := Declined
	if uphold {
		outcome = Upheld
	}
	if side == TheSponsor {
		d.close(outcome, by.ID, now)
		return side, nil
	}
	other, both := d.RulingOf(side.Other())
	switch {
	case both && other.Uphold == uphold:
		d.close(outcome, by.ID, now)
	case both:
		d.ToSponsor(now)
	default:
		d.moved(now)
	}
	return side, nil
}

// ToSponsor hands an escalated case on: the managers did not agree, did not rule in time, or a side has nobody who may.
func (d *Dispute) ToSponsor(now time.Time) {
	d.State = DisputeSponsor
	d.moved(now)
}

// Withdraw is the rep taking a case back, at any time before it is closed.
func (d *Dispute) Withdraw(t Terms, by Person, now time.Time) error {
	if err := d.opens(by, "withdraw it"); err != nil {
		return err
	}
	if d.Closed() {
		return d.refuse(t, now)
	}
	d.close(Withdrawn, by.ID, now)
	return nil
}

// MayReopen says why a person cannot open a closed case again: the rep can where it was not upheld, Marketing where it was.
func (d Dispute) MayReopen(t Terms, by Person, now time.Time) error {
	last := d.ClosedAt.AddDate(0, 0, t.ReopenDays)
	switch {
	case !d.Closed():
		return Errorf(Conflict, "%s is open: add what is new in its thread. Nothing changed.", d.ID)
	case d.Outcome == KeptByOwner:
		return Errorf(Forbidden, "The lead's owner keeps it: %s stays closed. Talk to them in its thread.", d.ID)
	case d.Round > 1:
		return Errorf(Conflict, "%s was re-opened once already, and once is all there is.", d.ID)
	case now.After(last):
		return Errorf(Conflict, "A case can be re-opened within %d days; for %s that ended on %s.", t.ReopenDays, d.ID,
			last.In(t.Calendar.loc()).Format("2 Jan 2006"))
	case d.Outcome.Upheld() && (!by.SpeaksForMarketing() || by.ID == d.OpenerID):
		return Errorf(Forbidden, "%s was upheld: only Marketing can re-open it, with new evidence.", d.ID)
	case !d.Outcome.Upheld() && by.ID != d.OpenerID:
		return Errorf(Forbidden, "Only the rep who opened %s can re-open it.", d.ID)
	}
	return nil
}

// Reopen opens a closed case once more, with new evidence. It then takes the same way again.
func (d *Dispute) Reopen(t Terms, by Person, evidence string, now time.Time) error {
	if err := d.MayReopen(t, by, now); err != nil {
		return err
	}
	evidence, err := CheckText(evidence, "evidence")
	if err != nil {
		return err
	}
	if d.Evidence != "" {
		evidence = d.Evidence + "\n" + evidence
	}
	if d.Settled() {
		d.Was = Decided{d.Outcome, d.OpenedAt, d.Answer, d.AnsweredBy, d.AnsweredAt, d.Escalation, d.ClosedAt, d.ClosedBy}
	}
	d.Answer, d.AnsweredBy, d.AnsweredAt, d.Escalation, d.Rulings = "", "", time.Time{}, "", nil
	d.State, d.Outcome, d.Round, d.Evidence = DisputeOpen, NoOutcome, d.Round+1, evidence
	d.ClosedAt, d.ClosedBy, d.OpenedAt = time.Time{}, "", now
	d.party(by.ID)
	d.moved(now)
	return nil
}

// OwnerAgrees is the lead's owner, or a manager of Sales for them, letting Marketing decide on a case that somebody else opened.
func (d *Dispute) OwnerAgrees(t Terms, by Person, now time.Time) error {
	if err := d.owns(t, by, now); err != nil {
		return err
	}
	d.toMarketing(now)
	return nil
}

// OwnerKeeps is the lead's owner, or a manager of Sales for them, keeping a lead that somebody else would send back.
func (d *Dispute) OwnerKeeps(t Terms, by Person, text string, now time.Time) error {
	if err := d.owns(t, by, now); err != nil {
		return err
	}
	text, err := CheckText(text, "reason")
	if err != nil {
		return err
	}
	d.Answer = text
	d.close(KeptByOwner, by.ID, now)
	return nil
}

// owns says why a person may not speak for the lead's owner, nil where they may.
func (d Dispute) owns(t Terms, by Person, now time.Time) error {
	switch {
	case by.ID != d.OwnerID && (!by.Manages(Sales) || by.ID == d.OpenerID):
		return Errorf(Forbidden, "The lead's owner says whether %s goes to Marketing, or a manager of Sales who did not open it.", d.ID)
	case d.State != DisputeOwner:
		return d.refuse(t, now)
	}
	return nil
}

// toMarketing hands a case on that waited for the lead's owner.
func (d *Dispute) toMarketing(now time.Time) {
	d.State = DisputeOpen
	d.moved(now)
}

// stand ends a case that silence closes the second time as people had decided it.
func (d *Dispute) stand() {
	if d.Was.Outcome == NoOutcome || !d.Closed() {
		return
	}
	w := d.Was
	d.Outcome, d.Answer, d.AnsweredBy, d.AnsweredAt, d.Escalation = w.Outcome, w.Answer, w.AnsweredBy, w.AnsweredAt, w.Escalation
	d.OpenedAt, d.ClosedAt, d.ClosedBy, d.Rulings, d.Stood = w.OpenedAt, w.ClosedAt, w.ClosedBy, nil, true
}

// Lapse is what silence does when a promise of the kind and side has lapsed: it moves the case, never the evidence. What people had
// decided before a case was re-opened stands.
func (d *Dispute) Lapse(k PromiseKind, now time.Time) bool {
	switch {
	case k == OwnerPromise && d.State == DisputeOwner:
		d.toMarketing(now)
	case k == AnswerPromise && d.State == DisputeOpen:
		d.close(UpheldByLapse, "", now)
	case k == EvidencePromise && d.State == DisputeAsked:
		d.State = DisputeOpen
		d.moved(now)
	case k == ReplyPromise && d.State == DisputeDeclined:
		d.close(Declined, "", now)
	case k == RulingPromise && d.State == DisputeEscalated:
		d.ToSponsor(now)
	case k == RulingPromise && d.State == DisputeSponsor:
		d.close(DeclinedByLapse, "", now)
	default:
		return false
	}
	d.stand()
	return true
}

// SentBackAs is what becomes of a lead that is sent back for the reason: rejected where it can never be one of ours, else
// recycled: to nurture, or to another rep.
func (r Reason) SentBackAs() Status {
	switch r {
	case "student-competitor", "duplicate", "already-customer":
		return Rejected
	}
	return Recycled
}

// reasonWords are what people write for a reason, beside its name.
var reasonWords = []struct {
	words  string
	reason Reason
}{
	{"wrong contact", "wrong-person"}, {"not the decision maker", "wrong-person"}, {"wrong role", "wrong-person"},
	{"no decision maker", "wrong-person"},
	{"icp", "outside-icp"}, {"not a fit", "outside-icp"}, {"bad fit", "outside-icp"}, {"no fit", "outside-icp"}, {"too small", "outside-icp"},
	{"too big", "outside-icp"},
	{"wrong company", "outside-icp"}, {"academic", "outside-icp"},
	{"student", "student-competitor"}, {"competitor", "student-competitor"},
	{"bad data", "bad-contact-data"}, {"bounced", "bad-contact-data"}, {"bounces", "bad-contact-data"}, {"wrong number", "bad-contact-data"},
	{"wrong email", "bad-contact-data"}, {"wrong e-mail", "bad-contact-data"}, {"wrong phone", "bad-contact-data"},
	{"contact data", "bad-contact-data"},
	{"dupe", "duplicate"}, {"double", "duplicate"}, {"already have", "duplicate"},
	{"territory", "wrong-territory"}, {"not my region", "wrong-territory"}, {"wrong region", "wrong-territory"},
	{"wrong country", "wrong-territory"},
	{"existing customer", "already-customer"}, {"is a customer", "already-customer"}, {"customer already", "already-customer"},
	{"budget", "no-budget"}, {"no money", "no-budget"},
	{"no interest", "no-need"}, {"not interested", "no-need"}, {"does not need", "no-need"},
	{"too early", "not-ready"}, {"not yet", "not-ready"}, {"next year", "not-ready"},
	{"unreachable", "unable-to-reach"}, {"no answer", "unable-to-reach"}, {"cannot reach", "unable-to-reach"},
	{"can't reach", "unable-to-reach"}, {"no reply", "unable-to-reach"},
}

// GuessReason finds the reason in what a person typed, by its name or by words people use for it, wherever it stands; ok is
// false where none is found or the text could mean several. rest is what was said beside a reason that the text began with.
func GuessReason(text string) (reason Reason, rest string, ok bool) {
	for n, end := range wordEnds(text) {
		begin := foldWords(text[:end])
		for _, i := range Reasons {
			if begin == foldWords(string(i.Reason)) || begin == foldWords(i.Label) {
				return i.Reason, strings.TrimLeftFunc(text[end:], func(r rune) bool { return aroundWord(r) || unicode.Is(unicode.Pd, r) }), true
			}
		}
		if n == 4 {
			break
		}
	}
	folded := " " + foldWords(text) + " "
	var found []Reason
	for _, i := range Reasons {
		if strings.Contains(folded, " "+foldWords(i.Label)+" ") && !slices.Contains(found, i.Reason) {
			found = append(found, i.Reason)
		}
	}
	if len(found) == 0 {
		for _, w := range reasonWords {
			if strings.Contains(folded, " "+foldWords(w.words)+" ") && !slices.Contains(found, w.reason) {
				found = append(found, w.reason)
			}
		}
	}
	if len(found) != 1 {
		return "", text, false
	}
	return found[0], text, true
}

// wordEnds are where the words of a text end, one after the other.
func wordEnds(text string) (ends []int) {
	in := false
	for i, r := range text {
		if out := betweenWords(r); out && in {
			ends = append(ends, i)
			in = false
		} else if !out {
			in = true
		}
	}
	if in {
		ends = append(ends, len(text))
	}
	return ends
}

// betweenWords is what stands between words: spaces, dashes, and marks of any script.
func betweenWords(r rune) bool {
	return r != '\'' && r != '’' && aroundWord(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune("_/", r)
}

// foldWords is a text as words are compared: lower case, one blank between them, no marks around them.
func foldWords(s string) string {
	words := strings.FieldsFunc(strings.ReplaceAll(strings.ToLower(s), "’", "'"), betweenWords)
	for i, w := range words {
		words[i] = strings.Trim(w, "'")
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}
