package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// This file walks from an empty database to a journey map of six stages, each with an entry that cites what shows it, and to four
// activities with chains, as two people of each side, with what docs/journey.md and docs/activities.md say.

// TestTheJourneyFromEmptyInTwoChats has Sales on Slack and Marketing in Teams, and then the other way round.
func TestTheJourneyFromEmptyInTwoChats(t *testing.T) {
	for name, teams := range map[string][]string{"Marketing in Teams": {"mia", "mona"}, "Sales in Teams": {"ann", "sam"}} {
		t.Run(name, func(t *testing.T) {
			walkTheJourney(t, walksInTwoChats(t, teams...), time.Now().UTC())
		})
	}
}

func TestTheJourneyFromEmptyInTheBrowser(t *testing.T) {
	w := walksInBrowser(t)
	now, err := time.Parse(time.RFC3339, demoNow)
	if err != nil {
		t.Fatal(err)
	}
	walkTheJourney(t, w, now)
	w.leaves()
}

func walkTheJourney(t *testing.T, w walk, now time.Time) {
	day := func(ahead int) string { return now.AddDate(0, 0, ahead).Format(time.DateOnly) }
	leads, outcomes := []string{"id,mql_at,source,campaign,company,owner"}, []string{"lead_id,at,status,deal_id,amount,currency"}
	for i := range 60 { // webinars of last year, of which one in five bought
		id := fmt.Sprintf("Q%03d", i)
		leads = append(leads, fmt.Sprintf("%s,%s,Webinar,Panels %d,Firm %03d,ann@quillwater.example", id, day(-200-2*i), i%3, i))
		if i%2 == 0 {
			outcomes = append(outcomes, fmt.Sprintf("%s,%s,accepted,,,", id, day(-199-2*i)))
		}
		if i%5 == 0 {
			outcomes = append(outcomes, fmt.Sprintf("%s,%s,won,D%03d,20000,USD", id, day(-100-i), i))
		}
	}
	w.imports("leads", leads...)
	w.imports("outcomes", outcomes...)
	walkTheStages(w)
	walkTheEntries(t, w)
	walkTheEnds(w)
	walkTheActivities(t, w, day)
	w.documented(t, "journey.md", "activities.md", "outcomes.md")
}

// walkTheStages gives a stage another name, by two keys.
func walkTheStages(w walk) {
	w.types("ann", "/journey")
	w.says("ann", "Nobody has put anything on it yet.", "Renewal")
	w.types("ann", "/journey stages")
	w.sends("ann", "stages", "awareness: said prospecting\nconsideration: leads mql, accepted; said discovery\n"+
		"trial (was evaluation): leads sql; said evaluation\ndecision: leads opportunity; deals open\nonboarding\nrenewal: said reorder",
		"text", "a trial is what they call it")
	agree(w, "T-1", "stage evaluation to trial")
}

// walkTheEntries puts an entry on each stage, from wherever it was heard.
func walkTheEntries(t *testing.T, w walk) {
	const heard = "their safety officer asked whether our kit is on the list"
	w.types("mia", heard)
	w.says("mia", "Until then it is a private draft")
	w.uses("mia", "journey.add", heard)
	w.sends("mia", "stage", "awareness", "kind", "question")
	w.says("mia", "On the map · awareness · question", "J-1, N-")

	w.types("ann", "/field they loved the slide on repeat runs, it clicked at once")
	w.presses("ann", "File it", "they loved the slide on repeat runs")
	w.presses("ann", "To the journey map…", "they loved the slide on repeat runs")
	w.sends("ann", "stage", "consideration", "kind", "helps")
	w.says("ann", "On the map · consideration · helps", "J-2, N-")

	w.types("ann", "/objection they say our validation takes too long")
	w.presses("ann", "To the journey map…", "they say our validation takes too long")
	w.sends("ann", "stage", "trial", "kind", "barrier")
	w.says("ann", "On the map · trial · barrier", "J-3, O-1")

	w.types("sam", "/journey add decision barrier nobody signs in December")
	w.says("sam", "On the map · decision · barrier", "assumed")
	w.types("sam", "/journey decision")
	w.presses("sam", "I have heard it…", "is assumed: nobody has shown yet")
	w.sends("sam", "evidence", "our budget closes on the 15th, they said at Firm 003")
	w.says("sam", "The words it came from are kept as N-")

	w.types("mona", "/outcome interview Firm 000")
	w.presses("mona", "Who is it…", "1 of 9 ·")
	w.sends("mona", "who", "Dr. Amsel", "role", "lab head", "consent", "true")
	w.presses("mona", "Finish early", "quotes allowed")
	w.presses("mona", "Outcome…", "All asked · I-1")
	w.sends("mona", "direction", "shorten", "measure", "the time", "object", "until a new user runs it alone",
		"quote", "In the second week she ran it without us.")
	w.presses("mona", "To the journey map…", "In the second week she ran it without us.")
	w.sends("mona", "stage", "onboarding", "kind", "helps")
	w.says("mona", "On the map · onboarding · helps", "S-1")

	w.types("mona", "/journey add")
	w.sends("mona", "text", "The reorder page: https://quillwater.example/reorder", "stage", "renewal", "kind", "content")
	w.says("mona", "On the map · renewal · content", "link")

	var drawn struct {
		Stages []struct {
			Name    string
			Entries []struct {
				Cites   []string
				Assumed bool
			}
		}
	}
	out := w.truce("journey", "--format", "json")
	if err := json.Unmarshal([]byte(out), &drawn); err != nil || len(drawn.Stages) != 6 {
		t.Fatalf("%v: %s", err, out)
	}
	for _, s := range drawn.Stages {
		if len(s.Entries) != 1 || s.Entries[0].Assumed || len(s.Entries[0].Cites) == 0 {
			t.Errorf("stage %s has %+v", s.Name, s.Entries)
		}
	}
	if out := w.truce("journey", "--format", "html"); !strings.Contains(out, "nobody signs in December") {
		t.Error("the poster lacks an entry")
	}
}

// walkTheEnds agrees on what ends two stages, by command and from the stage.
func walkTheEnds(w walk) {
	w.types("ann", "/journey propose trial they have run their own samples")
	w.sends("ann", "text", "a demo is ours, not theirs")
	agree(w, "T-2", "trial is over when")
	w.types("mia", "/journey decision")
	w.presses("mia", "Propose its end…", "Journey map · Decision")
	w.sends("mia", "exit", "have named the day of the first delivery")
	agree(w, "T-3", "decision is over when")
	w.types("ann", "/journey trial")
	w.says("ann", "Journey map · Trial", "they have run their own samples", "they say our validation takes too long")
	w.presses("ann", "I look after it", "Journey map · Trial")
	w.says("ann", "Journey map · Trial", "Looks after it", "Ann")
}

// walkTheActivities keeps two activities of each side: one with a chain from the company's own past, one that its owner saw the end of
// and closed, one with a chain of its own, and one that cost money and has no end.
func walkTheActivities(t *testing.T, w walk, day func(ahead int) string) {
	w.types("mia", "/activity")
	w.presses("mia", "Add an activity…", "No activity is known yet.")
	w.sends("mia", "name", "Faster panels", "kind", "webinar", "side", "marketing", "cost", "8,000 USD", "starts", day(-3),
		"matches", "Faster panels")
	w.says("mia", "Faster panels · 8,000 USD", "To what end? Nobody has said yet.")
	w.presses("mia", "Add a link…", "Faster panels · 8,000 USD")
	w.sends("mia", "what", "leads", "expected", "40", "date", day(30))
	w.presses("mia", "Use these", "Faster panels · 8,000 USD")
	w.says("mia", "Faster panels · 8,000 USD", "accepted", "deals", "revenue (USD)", "Close it")

	w.types("ann", "/activity add")
	w.sends("ann", "name", "Call blitz", "kind", "call blitz", "side", "sales", "cost", "", "starts", day(-9), "ends", day(-5))
	w.presses("ann", "Add a link…", "Call blitz")
	w.sends("ann", "what", "words", "words", "calls held", "expected", "100", "unit", "calls", "date", day(-1))
	w.types("ann", "/activity link Call blitz")
	w.sends("ann", "what", "meetings", "expected", "3", "date", day(60))
	w.types("ann", "/activity close Call blitz")
	w.says("ann", "Call blitz has no end yet")
	w.types("ann", "/activity observe Call blitz")
	w.sends("ann", "seen", "120")
	w.says("ann", "calls held (calls)", "120", "over")
	w.presses("ann", "Money cannot be said…", "calls held (calls)")
	w.sends("ann", "text", "Who is called once a year stays a customer.")
	w.presses("ann", "Close it", "Why money cannot be said")
	w.says("ann", "Call blitz", "Closed")

	w.types("sam", "/activity add")
	w.sends("sam", "name", "Days in the field", "kind", "field day", "side", "sales", "cost", "2000 USD", "starts", day(-20))
	w.presses("sam", "Add a link…", "Days in the field")
	w.sends("sam", "what", "revenue", "expected", "90000", "date", day(120))
	w.says("sam", "Days in the field", "revenue (USD)", "90,000")

	w.types("mona", "/activity add")
	w.sends("mona", "name", "Keynote dinner", "kind", "dinner", "side", "marketing", "cost", "41000 USD", "starts", day(-15))
	w.types("mona", "/activity close Keynote dinner")
	w.says("mona", "Keynote dinner has no end yet")
	w.types("mona", "/activity")
	w.says("mona", "Keynote dinner", "Faster panels", "Days in the field", "Call blitz")
	w.types("mia", "/activity link Call blitz")
	w.says("mia", "Call blitz is Ann", "they or a manager change it")

	var report struct {
		Activities []struct {
			Name  string
			Links []struct {
				What               string
				Expected, Observed *float64
			}
		}
		Without struct {
			Count int
			Cost  map[string]int64
		} `json:"without_end"`
	}
	out := w.truce("activity", "report", "--from", day(-365), "--format", "json")
	if err := json.Unmarshal([]byte(out), &report); err != nil || len(report.Activities) != 4 || report.Without.Count != 1 ||
		report.Without.Cost["USD"] != 41_000_00 {
		t.Fatalf("%v: %s", err, out)
	}
	i := slices.IndexFunc(report.Activities, func(a struct {
		Name  string
		Links []struct {
			What               string
			Expected, Observed *float64
		}
	}) bool {
		return a.Name == "Call blitz"
	})
	if links := report.Activities[i].Links; len(links) != 2 || links[0].Observed == nil || *links[0].Observed != 120 {
		t.Errorf("the report says %s", out)
	}
}
