package storage

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"truce"
)

// TestRuleCandidates lists what is ripe for a rule: equal rulings of people, young enough, of which no rule was made, and which
// nobody has just declined or retired one for.
func TestRuleCandidates(t *testing.T) {
	s := open(t)
	terms := truce.NewTerms(truce.NewCalendar(time.UTC))
	n, opener := 0, ""
	ruled := func(tx *Tx, source string, reason truce.Reason, outcome truce.DisputeOutcome, daysAgo ...int) error {
		for _, ago := range daysAgo {
			n++
			lead := fmt.Sprintf("Q%d", n)
			if _, err := tx.UpsertLead(truce.Lead{ID: lead, MQLAt: testNow.AddDate(0, 0, -40), Source: source}); err != nil {
				return err
			}
			at := testNow.AddDate(0, 0, -ago)
			_, err := tx.addDispute(truce.Dispute{LeadID: lead, OpenerID: opener, Source: source, Reason: reason, State: truce.DisputeClosed,
				Outcome: outcome, OpenedAt: at, ClosedAt: at, MovedAt: at})
			if err != nil {
				return err
			}
		}
		return nil
	}
	rule := func(tx *Tx, source string, state truce.ProposalState, closedAgo int) error {
		p, err := proposeRule(tx, truce.RuleTerms{Source: source, Reason: "wrong-person", Text: "back", Outcome: truce.Upheld}, "")
		if err != nil || state == truce.ProposalOpen {
			return err
		}
		before := p
		if p.State = state; state == truce.ProposalInForce || state == truce.ProposalRetired {
			p.Agreed, p.InForce = testNow.AddDate(0, 0, -90), testNow.AddDate(0, 0, -90)
		}
		if state != truce.ProposalInForce {
			p.ClosedAt = testNow.AddDate(0, 0, -closedAgo)
		}
		return tx.saveProposal(before, p, "", "", "test", "")
	}
	err := s.Update(t.Context(), func(tx *Tx) error {
		ann, err := tx.AddPerson(truce.Person{Name: "Ann", Email: "ann@quillwater.example"})
		if err != nil {
			return err
		}
		opener = ann.ID
		for _, fn := range []func() error{
			func() error { return ruled(tx, "ripe", "wrong-person", truce.Upheld, 1, 2, 29, 30) },
			func() error { return ruled(tx, "declined alike", "outside-icp", truce.Declined, 1, 2, 3) },
			func() error { return ruled(tx, "few", "wrong-person", truce.Upheld, 1, 2) },
			func() error { return ruled(tx, "old", "wrong-person", truce.Upheld, 1, 2, 31) },
			func() error { return ruled(tx, "mixed", "wrong-person", truce.Upheld, 1, 2, 3) },
			func() error { return ruled(tx, "mixed", "wrong-person", truce.Declined, 4) },
			func() error { return ruled(tx, "two reasons", "wrong-person", truce.Upheld, 1, 2) },
			func() error { return ruled(tx, "two reasons", "outside-icp", truce.Upheld, 3) },
			func() error { return ruled(tx, "silence", "wrong-person", "upheld_by_lapse", 1, 2, 3) },
			func() error { return ruled(tx, "in force", "wrong-person", truce.Upheld, 1, 2, 3) },
			func() error { return rule(tx, "in force", truce.ProposalInForce, 0) },
			func() error { return ruled(tx, "proposed", "wrong-person", truce.Upheld, 1, 2, 3) },
			func() error { return rule(tx, "proposed", truce.ProposalOpen, 0) },
			func() error { return ruled(tx, "just declined", "wrong-person", truce.Upheld, 1, 2, 3) },
			func() error { return rule(tx, "just declined", truce.ProposalDeclined, 5) },
			func() error { return ruled(tx, "retired long ago", "wrong-person", truce.Upheld, 1, 2, 3) },
			func() error { return rule(tx, "retired long ago", truce.ProposalRetired, 60) },
		} {
			if err := fn(); err != nil {
				return err
			}
		}
		got, err := tx.RuleCandidates(terms, testNow)
		if err != nil {
			return err
		}
		want := []RuleCandidate{{"ripe", "wrong-person", truce.Upheld, 4, "D-1"}, {"declined alike", "outside-icp", truce.Declined, 3, "D-5"},
			{"retired long ago", "wrong-person", truce.Upheld, 3, "D-32"}}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("ripe are\n%v\nwant\n%v", got, want)
		}
		for _, at := range []struct{ ago, want int }{{0, 1}, {59, 1}, {61, 2}, {100, 0}} {
			if n, err := tx.RulesInForce(testNow.AddDate(0, 0, -at.ago)); err != nil || n != at.want {
				t.Errorf("%d days ago %d rules were in force (%v), want %d", at.ago, n, err, at.want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRetiringIsAudited ends a rule in force: who did, when and why can be read in the rule and in the audit log.
func TestRetiringIsAudited(t *testing.T) {
	s := open(t)
	err := s.Update(t.Context(), func(tx *Tx) error {
		sam, err := tx.AddPerson(truce.Person{Name: "Sam", Email: "sam@quillwater.example"})
		if err != nil {
			return err
		}
		sam.Roles = append(sam.Roles, truce.SalesManager)
		p, err := proposeRule(tx, truce.RuleTerms{Source: "Referral", Reason: "outside-icp", Text: "back", Outcome: truce.Upheld}, sam.ID)
		if err != nil {
			return err
		}
		retire := func(by truce.Person, why string) error {
			_, err := tx.MoveProposal(p.ID, "proposal.retire", by.ID, "slack",
				func(p *truce.Proposal, _ truce.Keyholders) error { return p.Retire(by, why, tx.Now) })
			return err
		}
		if err := retire(sam, "too soon"); truce.KindOf(err) != truce.Conflict {
			t.Errorf("a rule that is only proposed was retired: %v", err)
		}
		agreed := p
		agreed.Settle(tx.Now)
		if err := tx.saveProposal(p, agreed, "", "", "test", ""); err != nil {
			return err
		}
		for range 2 {
			if _, err := tx.SettledByRule(p.ID, "", ""); err != nil {
				return err
			}
		}
		if err := retire(truce.Person{ID: "rep", Roles: []truce.Role{truce.Rep}}, "no"); truce.KindOf(err) != truce.Forbidden {
			t.Errorf("a rep retired a rule: %v", err)
		}
		if err := retire(sam, "they buy again"); err != nil {
			return err
		}
		list, err := tx.Rules()
		if err != nil {
			return err
		}
		r := list[0]
		if r.ID != "R-1" || r.State != truce.ProposalRetired || r.ClosedBy != sam.ID || r.ClosedName != "Sam" || r.Why != "they buy again" ||
			!r.ClosedAt.Equal(tx.Now) || r.Stopped != 2 {
			t.Errorf("kept is %+v", r)
		}
		if in, err := tx.RuleFor("Referral", "outside-icp"); err != nil || in != nil {
			t.Errorf("it still settles cases: %v, %v", in, err)
		}
		log, err := tx.AuditOf(r.ID)
		if err != nil {
			return err
		}
		if last := log[len(log)-1]; last.Action != "proposal.retire" || last.PersonID != sam.ID || !last.At.Equal(tx.Now) {
			t.Errorf("the log ends with %+v", last)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// proposeRule proposes a rule, as the command does.
func proposeRule(tx *Tx, terms truce.RuleTerms, by string) (truce.Proposal, error) {
	payload, err := json.Marshal(terms)
	if err != nil {
		return truce.Proposal{}, err
	}
	p, err := truce.NewProposal(truce.RuleGround, terms.Thing(), payload, nil, nil, truce.Person{ID: by})
	if err != nil {
		return p, err
	}
	return tx.Propose(p, "")
}
