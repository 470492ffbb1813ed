package truce

import (
	"slices"
	"testing"
	"time"
)

// What follows from a move is read off the case, and off who is there: no store is needed to see it.
func TestWhatFollowsFromAMove(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	terms := NewTerms(NewCalendar(time.UTC))
	person := func(id string, there bool, roles ...Role) Colleague {
		return Colleague{Person: Person{ID: id, Active: true, Roles: roles}, There: there}
	}
	rep := person("rep", true)
	lead := Lead{ID: "a", Ref: "L-1", OwnerID: "rep"}
	open := NewDispute(lead, "outside-icp", "so", rep.Person, now)
	open.ID, open.Bundle = "D-1", "D-1"
	asked, declined, upheld := open, open, open
	mia := person("mia", true, Marketer)
	if err := asked.Ask(terms, mia.Person, "who?", now); err != nil {
		t.Fatal(err)
	}
	if err := declined.Decline(terms, mia.Person, "no", now); err != nil {
		t.Fatal(err)
	}
	if err := upheld.Uphold(terms, mia.Person, "", now); err != nil {
		t.Fatal(err)
	}
	escalated := declined
	if err := escalated.Escalate(terms, rep.Person, "", now); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		before, after Dispute
		step          Step
		people        []Colleague
		state         DisputeState
		tell          []Told
		runs          []string // of which promises, by whom
	}{
		{"opened: the marketer who owes the fewest answers", Dispute{}, open, Step{Action: "dispute.open", By: "rep"},
			[]Colleague{{Person: Person{ID: "m1", Active: true, Roles: []Role{Marketer}}, There: true, Answers: 2}, mia}, DisputeOpen, nil,
			[]string{"answer mia"}},
		{"opened: the one who has the bundle already", Dispute{}, open, Step{Action: "dispute.open", By: "rep"},
			[]Colleague{{Person: Person{ID: "m1", Active: true, Roles: []Role{Marketer}}, There: true, Answers: 2, Bundle: true}, mia}, DisputeOpen,
			nil, []string{"answer m1"}},
		{"opened: nobody in Marketing, and admins hear of it", Dispute{}, open, Step{Action: "dispute.open", By: "rep"},
			[]Colleague{person("ada", true, Admin)}, DisputeOpen, []Told{{"ada", HearsNews}}, nil},
		{"opened: the only marketer is away", Dispute{}, open, Step{Action: "dispute.open", By: "rep"},
			[]Colleague{person("mia", false, Marketer)}, DisputeOpen, nil, nil},
		{"asked: the rep's clock", open, asked, Step{Action: "dispute.ask", By: "mia"}, []Colleague{mia, rep}, DisputeAsked,
			[]Told{{"rep", HearsEnd}}, []string{"evidence rep"}},
		{"declined while the rep is away: the clock waits", open, declined, Step{Action: "dispute.decline", By: "mia"},
			[]Colleague{mia, person("rep", false)},
			DisputeDeclined, []Told{{"rep", HearsEnd}}, nil},
		{"escalated: both sides' managers", declined, escalated, Step{Action: "dispute.escalate", By: "rep"},
			[]Colleague{rep, person("sam", true, SalesManager), person("max", true, MarketingManager)}, DisputeEscalated,
			[]Told{{"sam", HearsTurn}, {"max", HearsTurn}}, []string{"ruling ", "ruling "}},
		{"escalated: a side without a manager who may rule leads to the sponsor", declined, escalated,
			Step{Action: "dispute.escalate", By: "rep"},
			[]Colleague{rep, person("sam", true, SalesManager), person("mia", true, MarketingManager), person("sue", true, Sponsor)}, DisputeSponsor,
			[]Told{{"sue", HearsTurn}}, []string{"ruling "}},
		{"at the sponsor's, and there is none: admins", declined, escalated, Step{Action: "dispute.escalate", By: "rep"},
			[]Colleague{rep, person("ada", true, Admin)}, DisputeSponsor, []Told{{"ada", HearsNews}}, nil},
		{"upheld: the rep hears of it", open, upheld, Step{Action: "dispute.uphold", By: "mia", Did: AnswerPromise, Side: Marketing},
			[]Colleague{mia, rep}, DisputeClosed,
			[]Told{{"rep", HearsEnd}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := Around{Now: now, Terms: terms, People: c.people, Lead: lead}
			got := c.after.Opens(c.step, a)
			if c.before.ID != "" {
				got = c.after.Consequences(c.before, c.step, a)
			}
			var runs []string
			for _, p := range got.Promises {
				if p.Result == Running {
					runs = append(runs, string(p.Kind)+" "+p.PersonID)
				}
			}
			if got.Case.State != c.state || !slices.Equal(got.Tell, c.tell) || !slices.Equal(runs, c.runs) {
				t.Errorf("state %s, told %v, runs %q, want %s, %v, %q", got.Case.State, got.Tell, runs, c.state, c.tell, c.runs)
			}
			if got.Log.State != got.Case.State || got.Log.Version != got.Case.Version {
				t.Errorf("logged as %+v", got.Log)
			}
		})
	}
	c := upheld.Consequences(open, Step{Action: "dispute.uphold", By: "mia"}, Around{Now: now, Terms: terms, Lead: lead})
	if o := c.Lead.Outcome; o == nil || o.Status != Recycled || o.Origin != FromDispute || o.Note != "D-1" || c.Lead.Owner == nil ||
		*c.Lead.Owner != "" {
		t.Errorf("upheld, and the lead: %+v", c.Lead)
	}
}
