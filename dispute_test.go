package truce

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	terms  = NewTerms(NewCalendar(time.UTC))
	ann    = Person{ID: "ann", Roles: []Role{Rep}}
	ben    = Person{ID: "ben"}
	mia    = Person{ID: "mia", Roles: []Role{Marketer}}
	max1   = Person{ID: "max", Roles: []Role{Marketer}}
	sam    = Person{ID: "sam", Roles: []Role{SalesManager}}
	mona   = Person{ID: "mona", Roles: []Role{MarketingManager}}
	pat    = Person{ID: "pat", Roles: []Role{Sponsor}}
	both   = Person{ID: "both", Roles: []Role{SalesManager, MarketingManager}}
	cast   = []Person{ann, ben, mia, max1, sam, mona, pat, both}
)

func lead() Lead {
	return Lead{ID: "a1", Ref: "L-1", Source: "Webinar", HandedOffAt: monday, MQLAt: monday}
}

func opened() Dispute {
	d := NewDispute(lead(), "outside-icp", "a core facility", ann, monday)
	d.ID = "D-1"
	return d
}

// play makes moves one after the other and fails the test at the first that is refused.
func play(t *testing.T, moves ...func(d *Dispute) error) Dispute {
	t.Helper()
	d := opened()
	for i, m := range moves {
		if err := m(&d); err != nil {
			t.Fatalf("move %d: %v", i, err)
		}
	}
	return d
}

func uphold(by Person) func(*Dispute) error {
	return func(d *Dispute) error { return d.Uphold(terms, by, "", monday) }
}
func decline(by Person) func(*Dispute) error {
	return func(d *Dispute) error { return d.Decline(terms, by, "no", monday) }
}
func askOnce(by Person) func(*Dispute) error {
	return func(d *Dispute) error { return d.Ask(terms, by, "who?", monday) }
}
func provide(by Person) func(*Dispute) error {
	return func(d *Dispute) error { return d.Provide(terms, by, "Kim", monday) }
}
func accept(by Person) func(*Dispute) error {
	return func(d *Dispute) error { return d.Accept(terms, by, monday) }
}
func escalate(by Person) func(*Dispute) error {
	return func(d *Dispute) error { return d.Escalate(terms, by, "", monday) }
}
func withdraw(by Person) func(*Dispute) error {
	return func(d *Dispute) error { return d.Withdraw(terms, by, monday) }
}
func reopen(by Person, at time.Time) func(*Dispute) error {
	return func(d *Dispute) error { return d.Reopen(terms, by, "new", at) }
}
func rule(by Person, up bool) func(*Dispute) error {
	return func(d *Dispute) error { _, err := d.Rule(terms, by, up, "", monday); return err }
}
func lapse(k PromiseKind) func(*Dispute) error {
	return func(d *Dispute) error {
		if !d.Lapse(k, monday) {
			return fmt.Errorf("%s did not lapse", k)
		}
		return nil
	}
}

func TestDisputeLife(t *testing.T) {
	type moves = []func(*Dispute) error
	for _, tt := range []struct {
		name    string
		moves   moves
		state   DisputeState
		outcome DisputeOutcome
		owed    string // who owes what
	}{
		{"opened", nil, DisputeOpen, "", "marketing answer"},
		{"upheld", moves{uphold(mia)}, DisputeClosed, Upheld, ""},
		{"upheld by a manager", moves{uphold(mona)}, DisputeClosed, Upheld, ""},
		{"asked", moves{askOnce(mia)}, DisputeAsked, "", "sales evidence ann"},
		{"asked and answered", moves{askOnce(mia), provide(ann)}, DisputeOpen, "", "marketing answer"},
		{"asked, upheld before the answer", moves{askOnce(mia), uphold(max1)}, DisputeClosed, Upheld, ""},
		{"asked, silence", moves{askOnce(mia), lapse(EvidencePromise)}, DisputeOpen, "", "marketing answer"},
		{"silence of Marketing", moves{lapse(AnswerPromise)}, DisputeClosed, UpheldByLapse, ""},
		{"declined", moves{decline(mia)}, DisputeDeclined, "", "sales reply ann"},
		{"declined and accepted", moves{decline(mia), accept(ann)}, DisputeClosed, Declined, ""},
		{"declined, silence", moves{decline(mia), lapse(ReplyPromise)}, DisputeClosed, Declined, ""},
		{"escalated", moves{decline(mia), escalate(ann)}, DisputeEscalated, "", "sales ruling, marketing ruling"},
		{"one manager ruled", moves{decline(mia), escalate(ann), rule(sam, true)}, DisputeEscalated, "", "marketing ruling"},
		{"managers agree to uphold", moves{decline(mia), escalate(ann), rule(sam, true), rule(mona, true)}, DisputeClosed, Upheld, ""},
		{"managers agree to decline", moves{decline(mia), escalate(ann), rule(mona, false), rule(sam, false)}, DisputeClosed, Declined, ""},
		{"managers differ", moves{decline(mia), escalate(ann), rule(mona, false), rule(sam, true)}, DisputeSponsor, "", "sponsor ruling"},
		{"silence of the managers", moves{decline(mia), escalate(ann), lapse(RulingPromise)}, DisputeSponsor, "", "sponsor ruling"},
		{"the sponsor upholds", moves{decline(mia), escalate(ann), lapse(RulingPromise), rule(pat, true)}, DisputeClosed, Upheld, ""},
		{"silence of the sponsor", moves{decline(mia), escalate(ann), lapse(RulingPromise), lapse(RulingPromise)}, DisputeClosed, DeclinedByLapse,
			""},
		{"withdrawn", moves{decline(mia), escalate(ann), withdraw(ann)}, DisputeClosed, Withdrawn, ""},
		{"re-opened", moves{decline(mia), accept(ann), reopen(ann, monday.AddDate(0, 0, 30))}, DisputeOpen, "", "marketing answer"},
		{"re-opened by Marketing", moves{uphold(mia), reopen(max1, monday)}, DisputeOpen, "", "marketing answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := play(t, tt.moves...)
			var owed []string
			for _, p := range d.Owed() {
				owed = append(owed, strings.TrimSpace(fmt.Sprintf("%s %s %s", p.Side, p.Kind, p.PersonID)))
			}
			if got := strings.Join(owed, ", "); d.State != tt.state || d.Outcome != tt.outcome || got != tt.owed {
				t.Errorf("%s %q, owed %q; want %s %q, owed %q", d.State, d.Outcome, got, tt.state, tt.outcome, tt.owed)
			}
		})
	}
}

func TestDisputeRefuses(t *testing.T) {
	type moves = []func(*Dispute) error
	for _, tt := range []struct {
		name  string
		moves moves
		move  func(*Dispute) error
		kind  Kind
		said  string
	}{
		{"a rep does not answer", nil, uphold(ben), Forbidden, "Marketing answers"},
		{"a manager of Sales does not answer", nil, decline(sam), Forbidden, "Marketing answers"},
		{"the second click", moves{uphold(mia)}, uphold(max1), Conflict, "Already upheld by Marketing at 09:00. Nothing changed."},
		{"a click on a declined one", moves{decline(mia)}, uphold(max1), Conflict, "Already declined by Marketing"},
		{"no second question", moves{askOnce(mia), provide(ann)}, askOnce(max1), Conflict, "asked once already"},
		{"decline while the rep answers", moves{askOnce(mia)}, decline(max1), Conflict, "waits for the rep"},
		{"somebody else's answer", moves{askOnce(mia)}, provide(ben), Forbidden, "Only the rep"},
		{"somebody else accepts", moves{decline(mia)}, accept(ben), Forbidden, "Only the rep"},
		{"somebody else escalates", moves{decline(mia)}, escalate(sam), Forbidden, "Only the rep"},
		{"escalate what is open", nil, escalate(ann), Conflict, "waits for Marketing"},
		{"withdraw twice", moves{withdraw(ann)}, withdraw(ann), Conflict, "Already withdrawn by the rep"},
		{"the answerer does not rule", moves{decline(mona), escalate(ann)}, rule(mona, false), Forbidden, "a party"},
		{"a rep does not rule", moves{decline(mia), escalate(ann)}, rule(ben, true), Forbidden, "One manager of each side"},
		{"a side rules once", moves{decline(mia), escalate(ann), rule(sam, true)}, rule(sam, false), Conflict, "Sales has ruled already"},
		{"one person is not both keys", moves{decline(mia), escalate(ann), rule(both, true)}, rule(both, true), Forbidden,
			"two different people"},
		{"managers do not rule for the sponsor", moves{decline(mia), escalate(ann), lapse(RulingPromise)}, rule(sam, true), Forbidden,
			"waits for the sponsor"},
		{"the sponsor does not rule for managers", moves{decline(mia), escalate(ann)}, rule(pat, true), Forbidden, "One manager of each side"},
		{"re-open twice", moves{withdraw(ann), reopen(ann, monday), withdraw(ann)}, reopen(ann, monday), Conflict, "once"},
		{"re-open late", moves{withdraw(ann)}, reopen(ann, monday.AddDate(0, 0, 31)), Conflict, "within 30 days"},
		{"re-open what is open", nil, reopen(ann, monday), Conflict, "is open"},
		{"the rep does not re-open an upheld one", moves{uphold(mia)}, reopen(ann, monday), Forbidden, "only Marketing"},
		{"another rep does not re-open", moves{withdraw(ann)}, reopen(ben, monday), Forbidden, "Only the rep"},
		{"an empty reason", nil, func(d *Dispute) error { return d.Decline(terms, mia, "  ", monday) }, Invalid, "empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := play(t, tt.moves...)
			before := fmt.Sprintf("%+v", d)
			err := tt.move(&d)
			if KindOf(err) != tt.kind || !strings.Contains(Sentence(err), tt.said) {
				t.Errorf("%v (%s), want %s with %q", err, KindOf(err), tt.kind, tt.said)
			}
			if after := fmt.Sprintf("%+v", d); after != before {
				t.Errorf("a refused move changed the case:\n%s\n%s", before, after)
			}
		})
	}
}

// TestDisputeNeverImpossible makes random moves by random people, and checks after each what must always hold.
func TestDisputeNeverImpossible(t *testing.T) {
	seen := map[DisputeOutcome]int{}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		d := opened()
		var story []string
		for range 60 {
			by, before := cast[r.IntN(len(cast))], d
			moves := []func(*Dispute) error{uphold(by), decline(by), askOnce(by), provide(by), accept(by), escalate(by), rule(by, r.IntN(2) == 0),
				rule(by, r.IntN(2) == 0)}
			if r.IntN(20) == 0 {
				moves = append(moves, withdraw(by), reopen(by, monday))
			}
			if r.IntN(10) == 0 {
				moves = []func(*Dispute) error{lapse(AnswerPromise), lapse(EvidencePromise), lapse(ReplyPromise), lapse(RulingPromise),
					reopen(by, monday)}
			}
			n := r.IntN(len(moves))
			err := moves[n](&d)
			story = append(story, fmt.Sprintf("%s %d -> %s %s (%v)", by.ID, n, d.State, d.Outcome, err))
			if err := impossible(before, d, err); err != "" {
				t.Fatalf("seed %d: %s\n%s", seed, err, strings.Join(story, "\n"))
			}
		}
		seen[d.Outcome]++
	}
	for _, o := range []DisputeOutcome{Upheld, UpheldByLapse, Declined, DeclinedByLapse, Withdrawn} {
		if seen[o] == 0 {
			t.Errorf("no sequence of moves ended %s: the test does not reach it", o)
		}
	}
}

// impossible says what must never be after a move; "" where all is well.
func impossible(before, d Dispute, err error) string {
	_, sponsor := d.RulingOf(TheSponsor)
	sides := map[Side]int{}
	people := map[string]int{}
	for _, r := range d.Rulings {
		sides[r.Side]++
		people[r.PersonID]++
		if d.Party(r.PersonID) {
			return r.PersonID + " is a party and has ruled"
		}
	}
	switch {
	case err != nil && (d.Version != before.Version || d.State != before.State || d.Outcome != before.Outcome):
		return "a refused move changed the case"
	case err == nil && d.Version != before.Version+1:
		return "a move was not counted"
	case !slices.Contains(DisputeStates, d.State):
		return "no such state"
	case d.Closed() != (d.Outcome != NoOutcome), d.Closed() != !d.ClosedAt.IsZero():
		return "closed without an outcome, or the other way round"
	case d.Closed() == (len(d.Owed()) > 0):
		return "a closed case owes something, or an open one nothing"
	case d.Round > 2 || d.Round < 1:
		return "more than two rounds"
	case before.Closed() && !d.Closed() && d.Round != before.Round+1:
		return "open again without being re-opened"
	case (d.State == DisputeDeclined || d.State == DisputeEscalated) && d.AnsweredBy == "":
		return "declined by nobody"
	case d.AnsweredBy == d.OpenerID:
		return "answered by the one who opened it"
	case sponsor && !d.Closed():
		return "the sponsor has ruled and it is not closed"
	case sides[Sales] > 1 || sides[Marketing] > 1 || sides[TheSponsor] > 1:
		return "a side has ruled twice"
	case len(people) != len(d.Rulings):
		return "one person has ruled for two"
	}
	return ""
}

func TestMayOpen(t *testing.T) {
	opportunity := lead()
	opportunity.Stage = StageOpportunity
	imported := Lead{Ref: "L-2", MQLAt: monday.AddDate(-1, 0, 0), CreatedAt: monday}
	for _, tt := range []struct {
		name   string
		lead   Lead
		reason Reason
		by     Person
		at     time.Time
		said   string // "" is allowed
	}{
		{"at once", lead(), "outside-icp", ann, monday, ""},
		{"a member without a role", lead(), "outside-icp", ben, monday, ""},
		{"the tenth business day", lead(), "outside-icp", ann, monday.AddDate(0, 0, 14), ""},
		{"a minute later", lead(), "outside-icp", ann, monday.AddDate(0, 0, 14).Add(time.Minute), "within 10 business days of the hand-off"},
		{"data has 30 days", lead(), "duplicate", ann, monday.AddDate(0, 0, 30), ""},
		{"and no more", lead(), "wrong-territory", ann, monday.AddDate(0, 0, 30).Add(time.Minute), "within 30 days"},
		{"Marketing does not dispute", lead(), "duplicate", mia, monday, "Sales' way"},
		{"never an opportunity", opportunity, "duplicate", ann, monday, "opportunity"},
		{"imported history counts from its import", imported, "no-need", ann, monday.AddDate(0, 0, 14), ""},
		{"and says so", imported, "no-need", ann, monday.AddDate(0, 0, 15), "of its import"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := terms.MayOpen(tt.lead, tt.reason, tt.by, tt.at)
			if (err == nil) != (tt.said == "") || !strings.Contains(Sentence(err), tt.said) {
				t.Errorf("%v, want %q", err, tt.said)
			}
		})
	}
}

func TestGuessReason(t *testing.T) {
	for _, tt := range []struct {
		said, reason, rest string
		ok                 bool
	}{
		{"outside ICP: academic core facility", "outside-icp", "academic core facility", true},
		{"outside-icp", "outside-icp", "", true},
		{"Wrong person, he left in May", "wrong-person", "he left in May", true},
		{"OUTSIDE ICP", "outside-icp", "", true},
		{"already a customer of the old line", "already-customer", "of the old line", true},
		{"she is a student", "student-competitor", "she is a student", true},
		{"the mail bounced", "bad-contact-data", "the mail bounced", true},
		{"not my region, give it to Ben", "wrong-territory", "not my region, give it to Ben", true},
		{"too small for us", "outside-icp", "too small for us", true},
		{"no budget and no need", "no-budget", "and no need", true},
		{"they have no budget, and are students", "no-budget", "they have no budget, and are students", true},
		{"it is a duplicate or in the wrong territory", "", "it is a duplicate or in the wrong territory", false},
		{"they were rude", "", "they were rude", false},
		{"", "", "", false},
	} {
		reason, rest, ok := GuessReason(tt.said)
		if string(reason) != tt.reason || rest != tt.rest || ok != tt.ok {
			t.Errorf("%q: %q, %q, %v; want %q, %q, %v", tt.said, reason, rest, ok, tt.reason, tt.rest, tt.ok)
		}
	}
}

func FuzzGuessReason(f *testing.F) {
	for _, s := range []string{"outside ICP: x", "wrong–person", "", "\xff", "no budget no need", "a.b-c_d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		reason, rest, ok := GuessReason(s)
		if ok && reason.Info().Kind == OtherReason {
			t.Errorf("%q: a reason nobody knows: %q", s, reason)
		}
		if !ok && rest != s {
			t.Errorf("%q was not given back: %q", s, rest)
		}
	})
}
