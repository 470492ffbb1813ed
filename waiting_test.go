package truce

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// said is what waits for a person, in a line: what, about what, until when.
func said(list []Pending, person string) string {
	var s []string
	for _, p := range PendingFor(list, person) {
		line := p.Subject + " " + string(p.Kind)
		for _, o := range p.Also {
			line += "+" + string(o.Kind)
		}
		s = append(s, line+map[bool]string{true: " " + string(p.Why)}[p.Why != NoPause])
	}
	return strings.Join(s, ", ")
}

func leadAffairs(l LeadFile, promises ...Promise) Affairs {
	l.Lead.ID, l.Ref, l.Now = "x1", "L-1", monday
	for i := range promises {
		promises[i].ID, promises[i].Subject, promises[i].PersonID = fmt.Sprint(i), "L-1", "ann"
		promises[i].StartedAt = monday.Add(-time.Hour)
	}
	return Affairs{Now: monday, Terms: terms, Promises: promises, Leads: map[string]LeadFile{"L-1": l}}
}

// TestWhatIsDoneDoesNotWait: whoever logged it, and whether or not a clock was stopped since.
func TestWhatIsDoneDoesNotWait(t *testing.T) {
	verdict, touch, rating := Promise{Kind: VerdictPromise, DueAt: monday.Add(time.Hour)},
		Promise{Kind: TouchPromise, DueAt: monday.Add(3 * time.Hour)}, Promise{Kind: RatingPromise, DueAt: monday.Add(9 * time.Hour)}
	paused := verdict
	paused.Result, paused.StoppedAt = Paused, monday.Add(-time.Minute)
	for _, tt := range []struct {
		name string
		a    Affairs
		want string
	}{
		{"a lead counts once", leadAffairs(LeadFile{}, verdict, touch, rating), "L-1 verdict+touch"},
		{"the call is logged", leadAffairs(LeadFile{Touches: []Touch{{At: monday.Add(-time.Minute)}}}, verdict, touch), "L-1 verdict"},
		{"accepted", leadAffairs(LeadFile{Lead: Lead{Standing: Standing{State: Accepted, Stage: StageAccepted}}}, verdict, touch), "L-1 touch"},
		{"further on", leadAffairs(LeadFile{Lead: Lead{Standing: Standing{State: SQL, Stage: StageSQL}}}, verdict, touch), ""},
		{"rejected", leadAffairs(LeadFile{Lead: Lead{Standing: Standing{State: Rejected}}}, verdict, touch), ""},
		{"a rating is owed by nobody", leadAffairs(LeadFile{Lead: Lead{Standing: Standing{State: Accepted, Stage: StageAccepted}}}, rating), ""},
		{"its owner is away", leadAffairs(LeadFile{}, paused), "L-1 verdict away"},
		{"the data is too old", func() Affairs {
			a := leadAffairs(LeadFile{}, paused)
			a.People = []Colleague{{Person: Person{ID: "ann", Active: true}, There: true}}
			return a
		}(), "L-1 verdict data"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := said(tt.a.Pending(), "ann"); got != tt.want {
				t.Errorf("waits %q, want %q", got, tt.want)
			}
		})
	}
}

// TestWhyNoTimeRuns: past ten answers each, with everybody away, with nobody there at all: each is said as it is.
func TestWhyNoTimeRuns(t *testing.T) {
	d := NewDispute(lead(), "outside-icp", "x", ann, monday)
	d.ID = "D-1"
	marketer := func(id string, there bool, answers int) Colleague {
		return Colleague{Person: Person{ID: id, Active: true, Roles: []Role{Marketer}}, There: there, Answers: answers}
	}
	for _, tt := range []struct {
		name   string
		people []Colleague
		want   Pause
	}{
		{"nobody has the role", nil, NobodyPause},
		{"all are away", []Colleague{marketer("mia", false, 0)}, NonePause},
		{"ten each", []Colleague{marketer("mia", true, 10), marketer("max", true, 11)}, FullPause},
		{"one is away, the other full", []Colleague{marketer("mia", true, 10), marketer("max", false, 0)}, FullPause},
		{"one has room", []Colleague{marketer("mia", true, 10), marketer("max", true, 9)}, SoonPause},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := Affairs{Now: monday, Terms: terms, People: tt.people, Cases: []OpenCase{{Dispute: d}}}
			got := a.Pending()
			if len(got) != 1 || got[0].Why != tt.want || !got[0].DueAt.IsZero() {
				t.Errorf("waits %+v, want the pause %q and no date", got, tt.want)
			}
		})
	}
}

func TestDaysLate(t *testing.T) {
	c := NewCalendar(time.UTC)
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		due, now time.Time
		want     int
	}{
		{at(26, 10), at(26, 16), 0}, {at(26, 10), at(27, 9), 1}, {at(26, 10), at(29, 12), 1}, {at(26, 10), at(30, 8), 2},
		{at(30, 8), at(26, 10), 0},
	} {
		if got := c.DaysLate(tt.due, tt.now); got != tt.want {
			t.Errorf("due %v, now %v: %d days late, want %d", tt.due, tt.now, got, tt.want)
		}
	}
}

// history is a lead's life as a plain list of what was done when, and a case's: what waits is found again by reading the list from its
// beginning, without promises, clocks or states that anybody kept.
type history struct {
	at   []time.Time
	what []string
}

func (h *history) add(at time.Time, what string) {
	h.at, h.what = append(h.at, at), append(h.what, what)
}

// owes reads the list up to a moment.
func (h history) owes(now time.Time) string {
	verdict, touch := false, false
	turn := ""
	for i, what := range h.what {
		if h.at[i].After(now) {
			break
		}
		switch what {
		case "handed over":
			verdict, touch = true, true
		case "call":
			touch = false
		case "accept":
			verdict = false
		case "reject", "won":
			verdict, touch = false, false
		case "dispute": // it is the verdict; the case's question comes first
			verdict, touch, turn = false, false, "mia answer"
		case "ask":
			turn = "ann evidence"
		case "provide":
			turn = "mia answer"
		case "decline":
			turn = "ann reply"
		case "settled":
			turn = ""
		}
	}
	var s []string
	if turn != "" {
		s = append(s, turn)
	}
	switch {
	case verdict && touch:
		s = append(s, "ann verdict+touch")
	case verdict:
		s = append(s, "ann verdict")
	case touch:
		s = append(s, "ann touch")
	}
	return strings.Join(s, ", ")
}

// TestPendingEqualsAPlainRecomputation lives through random histories and asks, of each moment of them, from the present and from the
// end, what waited: both times it is what the plain list says.
func TestPendingEqualsAPlainRecomputation(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 13))
		var h history
		now := monday
		f := LeadFile{Lead: Lead{ID: "x1", Ref: "L-1", OwnerID: "ann"}}
		var promises []Promise
		var c *OpenCase
		state := func(at time.Time) Affairs {
			f.Now = now
			f.Standing = Stand(f.Outcomes, endOfTime)
			a := Affairs{Now: at, Terms: terms, Promises: promises, Leads: map[string]LeadFile{"L-1": f}}
			if c != nil {
				a.Cases = []OpenCase{*c}
			}
			return a
		}
		stop := func(how PromiseResult, kinds ...PromiseKind) {
			for i, p := range promises {
				if slices.Contains(kinds, p.Kind) && (p.Result == Running || p.Result == Paused) {
					promises[i].Result, promises[i].StoppedAt = how, now
				}
			}
		}
		begin := func(subject string, k PromiseKind, side Side, who string) {
			p, _ := terms.Start(subject, k, side, who, false, now)
			p.ID = fmt.Sprint(len(promises))
			promises = append(promises, p)
		}
		check := func(at time.Time) {
			t.Helper()
			got := state(at).Pending()
			var s []string
			for _, who := range []string{"mia", "ann"} {
				for _, p := range PendingFor(got, who) {
					line := who + " " + string(p.Kind)
					for _, o := range p.Also {
						line += "+" + string(o.Kind)
					}
					s = append(s, line)
				}
			}
			if want := h.owes(at); strings.Join(s, ", ") != want {
				t.Fatalf("seed %d at %v of %v: waits %q, want %q after %q", seed, at, now, strings.Join(s, ", "), want, h.what)
			}
		}
		h.add(now, "handed over")
		begin("L-1", TouchPromise, Sales, "ann")
		begin("L-1", VerdictPromise, Sales, "ann")
		var moments []time.Time
		for range 12 {
			moments = append(moments, now)
			check(now)
			now = now.Add(time.Duration(1+r.IntN(300)) * time.Minute)
			stops := r.IntN(2) == 0 // or nobody has stopped the clock yet: an import told it, and reads its own date
			s := Stand(f.Outcomes, now)
			outcome := func(st Status) {
				f.Outcomes = append(f.Outcomes, Outcome{LeadID: "x1", Status: st, At: now, Origin: FromImport})
			}
			switch d := r.IntN(9); {
			case d == 0 && s.Open():
				h.add(now, "call")
				f.Touches = append(f.Touches, Touch{At: now})
				if stops {
					stop(Kept, TouchPromise)
				}
			case d == 1 && s.State == NoStatus && c == nil:
				h.add(now, "accept")
				outcome(Accepted)
				if stops {
					stop(Kept, VerdictPromise)
				}
			case d == 2 && s.Open() && c == nil:
				h.add(now, map[bool]string{true: "won", false: "reject"}[s.State == Accepted])
				outcome(map[bool]Status{true: Won, false: Rejected}[s.State == Accepted])
				if stops {
					stop(Kept, VerdictPromise, TouchPromise)
				}
			case d == 3 && s.Open() && c == nil:
				h.add(now, "dispute")
				dispute := NewDispute(Lead{ID: "x1", Ref: "L-1"}, "outside-icp", "x", ann, now)
				dispute.ID = "D-1"
				c = &OpenCase{dispute, f.Lead}
				stop(Kept, VerdictPromise)
				stop(Void, TouchPromise)
				begin("D-1", AnswerPromise, Marketing, "mia")
			case d == 4 && c != nil && c.State == DisputeOpen && c.Question == "":
				h.add(now, "ask")
				c.State, c.Question, c.MovedAt = DisputeAsked, "?", now
				stop(Paused, AnswerPromise)
				begin("D-1", EvidencePromise, Sales, "ann")
			case d == 5 && c != nil && c.State == DisputeAsked:
				h.add(now, "provide")
				c.State, c.MovedAt = DisputeOpen, now
				stop(Kept, EvidencePromise)
				for i, p := range promises {
					if p.Kind == AnswerPromise && p.Result == Paused {
						promises[i].Result = Void // another clock goes on: the past must still be told from the list
						promises[i].StoppedAt = now
					}
				}
				begin("D-1", AnswerPromise, Marketing, "mia")
			case d == 6 && c != nil && c.State == DisputeOpen:
				h.add(now, "decline")
				c.State, c.MovedAt = DisputeDeclined, now
				stop(Kept, AnswerPromise)
				begin("D-1", ReplyPromise, Sales, "ann")
			case d == 7 && c != nil && c.State != DisputeClosed:
				h.add(now, "settled")
				c.State, c.MovedAt = DisputeClosed, now
				stop(Kept, AnswerPromise, EvidencePromise, ReplyPromise)
			}
		}
		check(now)
		for _, at := range moments {
			check(at)
		}
	}
}
