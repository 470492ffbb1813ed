package truce

import (
	"encoding/json"
	"math/rand"
	"slices"
	"testing"
	"time"
)

var proposedAt = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC) // a Monday

func touchIn(hours string) json.RawMessage {
	b, _ := json.Marshal(Value{Name: "first touch", Value: hours, Unit: "h"})
	return b
}

func proposed(t *testing.T, by Person) Proposal {
	t.Helper()
	p, err := NewProposal(LevelGround, "promises.first_touch_hours", touchIn("16"), nil, touchIn("24"), by)
	if err != nil {
		t.Fatal(err)
	}
	p.ID, p.At, p.AskedAt = "T-1", proposedAt, proposedAt
	return p
}

// TestWhoSaysYes goes through companies of all sizes: two keys are two people, and a missing one is the sponsor's.
func TestWhoSaysYes(t *testing.T) {
	managers := func(sales, marketing []string) map[Side][]string {
		return map[Side][]string{Sales: sales, Marketing: marketing}
	}
	usual := Keyholders{Managers: managers([]string{"sam"}, []string{"mona"}), Sponsors: []string{"pat"}}
	tests := []struct {
		name  string
		k     Keyholders
		by    string
		yes   []string // one after the other; a trailing ! is one that is refused
		state ProposalState
		alone bool
	}{
		{"one manager of each side", usual, "mia", []string{"sam", "mona"}, ProposalInForce, false},
		{"in either order", usual, "mia", []string{"mona", "sam"}, ProposalInForce, false},
		{"one is not enough, nor twice", usual, "mia", []string{"sam", "sam!"}, ProposalOpen, false},
		{"nobody else's yes counts", usual, "mia", []string{"mia!", "pat!", "rita!"}, ProposalOpen, false},
		{"a single manager gives the yes to what they proposed", usual, "sam", []string{"sam", "mona"}, ProposalInForce, false},
		{"one of two does not", Keyholders{Managers: managers([]string{"sam", "sue"}, []string{"mona"})}, "sam", []string{"sam!", "sue", "mona"},
			ProposalInForce, false},
		{"a second manager of the same side changes nothing", Keyholders{Managers: managers([]string{"sam", "sue"}, []string{"mona"})}, "mia",
			[]string{"sam", "sue!"}, ProposalOpen, false},
		{"a side without managers is the sponsor's", Keyholders{Managers: managers(nil, []string{"mona"}), Sponsors: []string{"pat"}}, "mia",
			[]string{"mona", "pat"}, ProposalInForce, false},
		{"also where the sponsor proposes", Keyholders{Managers: managers(nil, []string{"mona"}), Sponsors: []string{"pat"}}, "pat",
			[]string{"pat", "mona"}, ProposalInForce, false},
		{"one manager of both sides holds one key", Keyholders{Managers: managers([]string{"max"}, []string{"max"}), Sponsors: []string{"pat"}},
			"mia", []string{"max", "max!", "pat"}, ProposalInForce, false},
		{"the sponsor being that one, too, a deputy holds the other",
			Keyholders{Managers: managers([]string{"max"}, []string{"max"}), Sponsors: []string{"max"}, Deputy: "dana"}, "mia",
			[]string{"max", "max!", "dana"}, ProposalInForce, false},
		{"and without a deputy they decide alone", Keyholders{Managers: managers([]string{"max"}, []string{"max"}), Sponsors: []string{"max"}},
			"mia", []string{"max"}, ProposalInForce, true},
		{"without any managers the sponsor decides alone", Keyholders{Sponsors: []string{"pat"}}, "mia", []string{"pat"}, ProposalInForce, true},
		{"or two sponsors, a key each", Keyholders{Sponsors: []string{"pat", "quinn"}}, "mia", []string{"pat", "pat!", "quinn"}, ProposalInForce,
			false},
		{"a manager of both sides beside another", Keyholders{Managers: managers([]string{"max", "sam"}, []string{"max"}),
			Sponsors: []string{"pat"}}, "mia", []string{"sam", "pat!", "max"}, ProposalInForce, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := proposed(t, Person{ID: tt.by})
			for _, who := range tt.yes {
				refused := who[len(who)-1] == '!'
				if refused {
					who = who[:len(who)-1]
				}
				if err := p.Agree(who, tt.k, proposedAt); (err != nil) != refused {
					t.Errorf("the yes of %s: %v", who, err)
				}
			}
			if p.State != tt.state || p.Alone != tt.alone {
				t.Errorf("got %s, alone %v", p.State, p.Alone)
			}
			if p.State == ProposalInForce && (p.Version != 2 || !p.InForce.Equal(proposedAt)) {
				t.Errorf("version %d since %v", p.Version, p.InForce)
			}
		})
	}
}

func TestNoEndsIt(t *testing.T) {
	k := Keyholders{Managers: map[Side][]string{Sales: {"sam"}, Marketing: {"mona"}}, Sponsors: []string{"pat"}}
	p := proposed(t, Person{ID: "mia"})
	if err := p.Decline("mona", k, " ", proposedAt); KindOf(err) != Invalid {
		t.Errorf("a no without a reason: %v", err)
	}
	if err := p.Agree("sam", k, proposedAt); err != nil {
		t.Fatal(err)
	}
	other := proposed(t, Person{ID: "mona"})
	other.ID, other.Why = "T-2", "20 is what we can keep"
	if err := p.Counter("mona", k, other, proposedAt); KindOf(err) != Invalid {
		t.Errorf("the same again is another way: %v", err)
	}
	other.Payload = touchIn("20")
	if err := p.Counter("mona", k, other, proposedAt); err != nil {
		t.Fatal(err)
	}
	if p.State != ProposalReplaced || p.ReplacedBy != "T-2" || p.Closing != other.Why {
		t.Errorf("got %s by %q: %q", p.State, p.ReplacedBy, p.Closing)
	}
	for _, err := range []error{p.Agree("mona", k, proposedAt), p.Decline("sam", k, "no", proposedAt),
		p.Withdraw("mia", false, k, "", proposedAt)} {
		if KindOf(err) != Conflict {
			t.Errorf("a card of what was replaced meanwhile: %v", err)
		}
	}
}

// TestSponsorDecides: alone only where time ran out, and never over a side that said no to what it would promise.
func TestSponsorDecides(t *testing.T) {
	k := Keyholders{Managers: map[Side][]string{Sales: {"sam"}, Marketing: {"mona"}}, Sponsors: []string{"pat"}}
	late := proposedAt.AddDate(0, 0, 8)
	p := proposed(t, Person{ID: "mia"})
	if err := p.Agree("pat", k, late); KindOf(err) != Forbidden {
		t.Errorf("before time ran out: %v", err)
	}
	p.Pass(SponsorDue, late)
	again := p
	if err := p.Agree("pat", k, late); err != nil || p.State != ProposalInForce || !p.Alone {
		t.Errorf("after it: %v, %s, alone %v", err, p.State, p.Alone)
	}
	again.Refused = []Side{Sales}
	if err := again.Agree("pat", k, late); KindOf(err) != Forbidden {
		t.Errorf("over a no of Sales: %v", err)
	}
	if err := again.Agree("sam", k, late); err != nil {
		t.Errorf("Sales may change its mind: %v", err)
	}
	if err := again.Agree("pat", k, late); err != nil || again.State != ProposalInForce {
		t.Errorf("and then the sponsor decides for Marketing: %v", err)
	}
}

func TestProposalDue(t *testing.T) {
	c := NewCalendar(time.UTC)
	k := Keyholders{Managers: map[Side][]string{Sales: {"sam"}, Marketing: {"mona"}}}
	day := func(n int) time.Time { return proposedAt.AddDate(0, 0, n) }
	p := proposed(t, Person{ID: "mia"})
	for _, tt := range []struct {
		at        time.Time
		decisions int
		want      ProposalDue
	}{{day(1), 0, NothingDue}, {day(2).Add(-time.Second), 0, NothingDue}, {day(2), 0, ReminderDue}, {day(4), 0, NothingDue},
		{day(7), 2, NothingDue}, {day(7), 1, SponsorDue}, {day(27), 0, NothingDue},
		{day(28), 0, ExpiryDue}, {day(40), 0, NothingDue}} {
		got := p.Due(c, tt.decisions, tt.at)
		if got != tt.want {
			t.Errorf("on %v: %v, want %v", tt.at, got, tt.want)
		}
		p.Pass(got, tt.at)
	}
	if p.State != ProposalExpired {
		t.Errorf("got %s", p.State)
	}
	p = proposed(t, Person{ID: "mia"})
	p.From = day(20)
	for _, who := range []string{"sam", "mona"} {
		if err := p.Agree(who, k, day(1)); err != nil {
			t.Fatal(err)
		}
	}
	if p.State != ProposalOpen || len(p.Waiting()) != 0 || p.Due(c, 0, day(19)) != NothingDue || p.Due(c, 0, day(20)) != BeginDue {
		t.Errorf("agreed for a later day: %s", p.State)
	}
}

// TestProposalsHold lets people do whatever comes to them, in any order: a proposal comes into force only by two people, or alone where
// that is allowed and said; it never leaves an end; and whoever is asked can answer.
func TestProposalsHold(t *testing.T) {
	people := []string{"sam", "sue", "mona", "mel", "max", "pat", "mia"}
	c := NewCalendar(time.UTC)
	for seed := range int64(3000) {
		r := rand.New(rand.NewSource(seed))
		some := func() (list []string) {
			for _, p := range people {
				if r.Intn(4) == 0 {
					list = append(list, p)
				}
			}
			return list
		}
		k := Keyholders{Managers: map[Side][]string{Sales: some(), Marketing: some()}, Sponsors: some()}
		if r.Intn(3) == 0 {
			k.Deputy = people[r.Intn(len(people))]
		}
		p := proposed(t, Person{ID: people[r.Intn(len(people))]})
		if r.Intn(5) == 0 {
			p.Refused = []Side{Sales}
		}
		now := proposedAt
		for range 30 {
			before := p
			who := people[r.Intn(len(people))]
			may := p.MayAnswer(who, k)
			var err error
			switch r.Intn(6) {
			case 0, 1, 2:
				if err = p.Agree(who, k, now); (err == nil) != may {
					t.Fatalf("seed %d: %s may %v, and got %v", seed, who, may, err)
				}
			case 3:
				if r.Intn(8) == 0 {
					err = p.Decline(who, k, "no", now)
				}
			default:
				now = now.Add(time.Duration(r.Intn(72)) * time.Hour)
				p.Pass(p.Due(c, r.Intn(4), now), now)
			}
			if err != nil && p.State != before.State {
				t.Fatalf("seed %d: refused, and %s became %s", seed, before.State, p.State)
			}
			if before.State != ProposalOpen && p.State != before.State {
				t.Fatalf("seed %d: %s became %s", seed, before.State, p.State)
			}
			for _, told := range p.Follows(before, who, nil, k, nil).Tell {
				t.Fatalf("seed %d: somebody who is not there is told: %v", seed, told)
			}
		}
		if p.State != ProposalInForce {
			continue
		}
		sales, marketing := p.Yes(Sales), p.Yes(Marketing)
		switch {
		case sales == "" || marketing == "":
			t.Fatalf("seed %d: in force without a yes", seed)
		case p.Alone && !slices.Contains(k.Sponsors, sales) && !slices.Contains(k.Sponsors, marketing):
			t.Fatalf("seed %d: decided alone by somebody who is no sponsor", seed)
		case sales == marketing && !p.Alone:
			t.Fatalf("seed %d: two keys of one person", seed)
		case p.Alone && p.ToSponsor.IsZero() && !k.Missing(Sales) && !k.Missing(Marketing):
			t.Fatalf("seed %d: alone, where no key was missing and time had not run out", seed)
		case slices.Contains(p.Refused, Sales) && p.Alone && !slices.Contains(k.Managers[Sales], sales):
			t.Fatalf("seed %d: decided over a no", seed)
		}
	}
}
