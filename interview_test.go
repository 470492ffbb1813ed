package truce_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"truce"
)

func TestNotesAreSplitByQuestion(t *testing.T) {
	q := truce.InterviewQuestions
	for _, tc := range []struct {
		name, notes, rest string
		want              map[int]string
	}{
		{"numbers", "Call on Monday\n1. We outgrew the old reader.\n3) Our auditor.\nHe said no twice.\n9: Ask for repeats.", "Call on Monday",
			map[int]string{0: "We outgrew the old reader.", 2: "Our auditor.\nHe said no twice.", 8: "Ask for repeats."}},
		{"the questions' own words", "What almost stopped you?\nThat our auditor would not accept it.\nWhat were you afraid would personally " +
			"go wrong? Losing a study.", "",
			map[int]string{2: "That our auditor would not accept it.", 3: "Losing a study."}},
		{"a list inside an answer stays there", "3. Two things:\n1. the auditor\n2. the price", "",
			map[int]string{2: "Two things:\n1. the auditor\n2. the price"}},
		{"no question at all", "They were happy.\nThey reorder.", "They were happy.\nThey reorder.", nil},
		{"a word of a question is none", "1. What we do is hard.\nWhat else: nothing", "",
			map[int]string{0: "What we do is hard.\nWhat else: nothing"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			answers, rest := truce.SplitNotes(q, tc.notes)
			if rest != tc.rest {
				t.Errorf("the rest is %q, want %q", rest, tc.rest)
			}
			for i, got := range answers {
				if got != tc.want[i] {
					t.Errorf("question %d: %q, want %q", i+1, got, tc.want[i])
				}
			}
		})
	}
}

// Every word of somebody's notes is in an answer or in the rest, but for lines that repeat a question.
func FuzzNotesLoseNothing(f *testing.F) {
	f.Add("1. one\n2. two\nWhat almost stopped you? the auditor\n- * • x")
	f.Fuzz(func(t *testing.T, notes string) {
		answers, rest := truce.SplitNotes(truce.InterviewQuestions, notes)
		all := strings.Join(answers, "\n") + "\n" + rest
		for line := range strings.Lines(notes) {
			if line = strings.TrimSpace(line); !strings.ContainsAny(line, "?:.)#*•-> ") && !strings.Contains(all, line) {
				t.Errorf("%q is lost", line)
			}
		}
	})
}

var day = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// inventory is interviews told in short: "I-1 ideal glenrock: speed, audit" names two outcomes of the inventory, "?" one of no group.
func inventory(lines ...string) truce.InventoryData {
	var d truce.InventoryData
	known := map[string]bool{}
	for n, line := range lines {
		head, named, _ := strings.Cut(line, ":")
		w := strings.Fields(head)
		at := day.AddDate(0, 0, n)
		d.Interviews = append(d.Interviews, truce.Interview{ID: w[0], Standing: truce.CustomerKind(w[1]), Account: w[2], AccountKey: w[2],
			State: truce.InterviewDone, FinishedAt: at})
		for _, name := range strings.Split(named, ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			s := truce.OutcomeStatement{ID: fmt.Sprintf("S-%d", len(d.Statements)+1), InterviewID: w[0], CreatedAt: at}
			d.Statements = append(d.Statements, s)
			if name == "?" {
				continue
			}
			if !known[name] {
				known[name] = true
				d.Outcomes = append(d.Outcomes, truce.InventoryOutcome{ID: name, CreatedAt: at})
				d.Names = append(d.Names, truce.OutcomeName{OutcomeID: name, Name: name, At: at})
			}
			d.Groupings = append(d.Groupings, truce.Grouping{StatementID: s.ID, OutcomeID: name, At: at})
		}
	}
	return d
}

func says(v truce.Inventory) string {
	var b strings.Builder
	for _, l := range v.Outcomes {
		fmt.Fprintf(&b, "%s %d/%d+%d ", l.Name, l.Ideal, v.Progress.Ideal, l.Lost)
	}
	for _, l := range v.LostOnly {
		fmt.Fprintf(&b, "(%s %d) ", l.Name, l.Lost)
	}
	fmt.Fprintf(&b, "loose %d heard %v", len(v.Ungrouped), v.Heard())
	return b.String()
}

func TestTheInventoryCountsCustomers(t *testing.T) {
	later := day.AddDate(1, 0, 0)
	for _, tc := range []struct{ name, want, lines string }{
		{"the most named first; lost ones apart", "audit 2/3+1 speed 1/3+0 (price 1) loose 0 heard false",
			"I-1 ideal a: speed, audit\nI-2 ideal b: audit\nI-3 ideal c:\nI-4 lost d: audit, price"},
		{"two interviews with one customer count once", "speed 1/1+0 loose 0 heard false", "I-1 ideal a: speed\nI-2 ideal a: speed"},
		{"what is in no group counts nowhere, and is told", "speed 1/2+0 loose 1 heard false", "I-1 ideal a: speed\nI-2 ideal b: ?"},
		{"the last three named nothing new", "speed 4/4+0 loose 0 heard true",
			"I-1 ideal a: speed\nI-2 ideal b: speed\nI-3 ideal c: speed\nI-4 ideal d: speed"},
		{"of three interviews nobody can say that", "speed 3/3+0 loose 0 heard false",
			"I-1 ideal a: speed\nI-2 ideal b: speed\nI-3 ideal c: speed"},
		{"what named nothing says nothing of it", "speed 3/5+0 loose 0 heard false",
			"I-1 ideal a: speed\nI-2 ideal b: speed\nI-3 ideal c: speed\nI-4 ideal d:\nI-5 ideal e:"},
		{"what is in no group may be new", "speed 4/4+0 loose 1 heard false",
			"I-1 ideal a: speed\nI-2 ideal b: speed\nI-3 ideal c: speed\nI-4 ideal d: speed, ?"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := says(inventory(strings.Split(tc.lines, "\n")...).Take(later)); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// What is decided later is not known before.
func TestTheInventoryAsOf(t *testing.T) {
	d := inventory("I-1 ideal a: speed, fast", "I-2 ideal b: fast")
	merged := day.AddDate(0, 0, 5)
	d.Outcomes[0].MergedInto, d.Outcomes[0].MergedAt = "fast", merged
	d.Names = append(d.Names, truce.OutcomeName{OutcomeID: "fast", Name: "sooner", At: merged.Add(time.Hour)})
	for _, tc := range []struct {
		asOf time.Time
		want string
	}{
		{day.Add(-time.Hour), "loose 0 heard false"},
		{day, "fast 1/1+0 speed 1/1+0 loose 0 heard false"},
		{merged.Add(-time.Hour), "fast 2/2+0 speed 1/2+0 loose 0 heard false"},
		{merged, "fast 2/2+0 loose 0 heard false"},
		{merged.Add(time.Hour), "sooner 2/2+0 loose 0 heard false"},
	} {
		if got := says(d.Take(tc.asOf)); got != tc.want {
			t.Errorf("as of %s: got %s, want %s", tc.asOf, got, tc.want)
		}
	}
}

func rate(importance, satisfaction int) truce.OutcomeRating {
	return truce.OutcomeRating{Importance: importance, HasImportance: true, Satisfaction: satisfaction, HasSatisfaction: true}
}

func TestOpportunityIsSaidAsRanks(t *testing.T) {
	var lines []string
	for n := range 12 {
		lines = append(lines, fmt.Sprintf("I-%d ideal a%d: speed, audit, price", n+1, n+1))
	}
	d := inventory(lines...)
	for n := range 12 {
		i := fmt.Sprintf("I-%d", n+1)
		d.Ratings = append(d.Ratings, truce.AskedRating{InterviewID: i, OutcomeID: "speed", Rating: rate(10, n%3), At: day}, // 18 to 20
			truce.AskedRating{InterviewID: i, OutcomeID: "audit", Rating: rate(5, 5+n%3), At: day}) // 5
		if n < 9 {
			d.Ratings = append(d.Ratings, truce.AskedRating{InterviewID: i, OutcomeID: "price", Rating: rate(10, 0), At: day})
		}
	}
	ranks := func() string {
		s := ""
		for _, l := range d.Take(day.AddDate(1, 0, 0)).Outcomes {
			if o := l.Opportunity; o != nil {
				s += fmt.Sprintf("%s %g (%g to %g) %d-%d/%d; ", l.Name, o.Median, o.Low, o.High, o.From, o.To, o.Of)
			} else {
				s += fmt.Sprintf("%s asked %d; ", l.Name, l.Asked)
			}
		}
		return s
	}
	if got, want := ranks(), "audit 5 (5 to 5) 2-2/2; price asked 9; speed 19 (18 to 20) 1-1/2; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// The tenth is asked and does not say: nine ratings of ten asked. Nothing is the one winner by a point.
	d.Ratings = append(d.Ratings, truce.AskedRating{InterviewID: "I-10", OutcomeID: "price", At: day})
	if got, want := ranks(), "audit 5 (5 to 5) 3-3/3; price 20 (20 to 20) 1-2/3; speed 19 (18 to 20) 1-2/3; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// A lost customer's ratings do not count among those of ideal ones.
	d.Interviews[0].Standing = truce.LostCustomer
	if got, want := ranks(), "audit 5 (5 to 5) 2-2/2; price asked 9; speed 19 (18 to 20) 1-1/2; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
