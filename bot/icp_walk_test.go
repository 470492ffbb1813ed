package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// This file walks from an empty database to an ideal customer profile in force and three interviews, as two people of each side, with
// what docs/icp.md and docs/outcomes.md say.

// TestTheIdealCustomerFromEmptyInTwoChats has Sales on Slack and Marketing in Teams, and then the other way round.
func TestTheIdealCustomerFromEmptyInTwoChats(t *testing.T) {
	for name, teams := range map[string][]string{"Marketing in Teams": {"mia", "mona"}, "Sales in Teams": {"ann", "sam"}} {
		t.Run(name, func(t *testing.T) {
			walkToAProfile(t, walksInTwoChats(t, teams...), time.Now().UTC())
		})
	}
}

func TestTheIdealCustomerFromEmptyInTheBrowser(t *testing.T) {
	w := walksInBrowser(t)
	now, err := time.Parse(time.RFC3339, demoNow)
	if err != nil {
		t.Fatal(err)
	}
	walkToAProfile(t, w, now)
	w.leaves()
}

func walkToAProfile(t *testing.T, w walk, now time.Time) {
	importBooks(w, now)
	w.types("ann", "/icp")
	w.says("ann", "No profile is in force yet. Begin with /icp start", "segment = pharma (more often)", "held up")
	walkTheLists(w)
	walkTheForm(t, w)
	walkTheDocument(w)
	walkTheFits(t, w)
	walkTheInterviews(t, w)
	w.documented(t, "icp.md", "outcomes.md")
}

// importBooks brings in 160 companies that bought: of pharma most bought again, of academia few. So the books have something to say.
func importBooks(w walk, now time.Time) {
	day := func(ago int) string { return now.AddDate(0, 0, -ago).Format(time.DateOnly) }
	named := []string{"Northfield Labs", "Glenrock Core", "Silverton", "Eastlake", "Thornbury", "Oakridge Pharma"}
	accounts, deals := []string{"id,name,segment,employees"}, []string{"id,stage,account,amount,currency,created_at,closed_at"}
	orders, leads := []string{"id,account,at,amount,currency"}, []string{"id,mql_at,source,account,company,owner"}
	for i := range 160 {
		id, name, segment := fmt.Sprintf("AC%03d", i), fmt.Sprintf("Firm %03d", i), []string{"pharma", "academia"}[i%2]
		if i < len(named) {
			name = named[i]
		}
		accounts = append(accounts, fmt.Sprintf("%s,%s,%s,%d", id, name, segment, 20+50*(i%7)))
		closed := 900 - 4*i // days ago: the youngest is older than 180
		deals = append(deals, fmt.Sprintf("D%03d,won,%s,10000,USD,%s,%s", i, id, day(closed+60), day(closed)))
		if again := i % 20; segment == "pharma" && again != 0 || segment == "academia" && again == 1 {
			orders = append(orders, fmt.Sprintf("R%03d,%s,%s,1200,USD", i, id, day(closed-120)))
		}
		if i%3 == 0 {
			leads = append(leads, fmt.Sprintf("Q%03d,%s,Webinar,%s,%s,ann@quillwater.example", i, day(30+i), id, name))
		}
	}
	w.imports("accounts", accounts...)
	w.imports("leads", leads...)
	w.imports("deals", deals...)
	w.imports("orders", orders...)
}

// walkTheLists has two people of each side name their best and their dead weight, unseen by the other side until both are there.
func walkTheLists(w walk) {
	w.types("ann", "/icp start")
	w.presses("ann", "Begin", "Two lists, unseen by each other")
	w.says("ann", "Sales: 0 of 2 have sent theirs.")
	for _, manager := range []string{"sam", "mona"} {
		w.says(manager, "whom do you want as customers?")
	}
	w.presses("ann", "Name them…", "Two lists, unseen by each other")
	w.sends("ann", "best", "Northfield Labs: reorders every quarter\nSilverton: three deals", "dead",
		"Glenrock Core: buys through a consortium")
	w.says("ann", "Sales: 1 of 2 have sent theirs.", "Yours is there")
	w.types("mia", "/icp start")
	w.presses("mia", "Name them…", "Two lists, unseen by each other")
	w.sends("mia", "best", "Northfield Labs: a reference\nGlenrock Core: both reordered", "dead", "Silverton: 41 support visits")
	w.presses("sam", "Name them…", "whom do you want as customers?")
	w.sends("sam", "best", "Northfield Labs: they take our calls\nOakridge Pharma: one contract", "dead", "Eastlake: no budget of their own")
	w.lacks("mia", "three deals")
	w.lacks("ann", "both reordered")
	w.presses("mona", "Name them…", "whom do you want as customers?")
	w.sends("mona", "best", "Northfield Labs: they speak for us\nThornbury: a study of two years", "dead", "Silverton: no reorder")
	for _, who := range []string{"ann", "sam", "mia", "mona"} {
		w.says(who, "You agree on 1 of 3 best customers.", "Both: Northfield Labs.")
	}
	w.presses("sam", "See both lists", "You agree on 1 of 3")
	w.says("sam", "best for both", "best for Sales, dead weight for Marketing", "1 deal won", "What your best have in common")
}

// walkTheForm writes the first profile criterion by criterion, and both keys put it in force.
func walkTheForm(t *testing.T, w walk) {
	w.presses("mia", "Start a profile", "You agree on 1 of 3")
	w.presses("mia", "Add a criterion…", "Your draft of the ideal customer")
	w.sends("mia", "attribute", "segment", "test", "one_of", "value", "pharma, biotech", "counts", "points", "points", "40", "note",
		"it held up in the books", "threshold", "60")
	w.says("mia", "is pharma or biotech", "40 points", "Inside from 24 of 40 points")
	w.presses("mia", "What would it have done?", "Your draft of the ideal customer")
	w.says("mia", "Last year it would have counted 27 of 54 leads as inside")
	w.presses("mia", "Propose it…", "Last year it would have counted")
	w.sends("mia", "text", "what nine of our ten best have in common")
	agree(w, "T-1", "Last year it would have counted 27 of 54 leads as inside")
	w.types("ann", "/icp")
	w.says("ann", "Version 1, in force since", "agreed by Sam", "segment", "held up")
	file := filepath.Join(t.TempDir(), "profile.yaml")
	if err := os.WriteFile(file, []byte(w.truce("icp", "show", "--format", "yaml")), 0o600); err != nil {
		t.Fatal(err)
	}
	w.truce("icp", "check", file)
	var replay struct {
		Leads  int
		Inside struct{ Leads int }
	}
	if out := w.truce("icp", "replay", file, "--format", "json"); json.Unmarshal([]byte(out), &replay) != nil || replay.Leads != 54 ||
		replay.Inside.Leads != 27 {
		t.Errorf("the replay says %s", out)
	}
	if out := w.truce("icp", "evidence"); !strings.Contains(out, "held up") {
		t.Errorf("the evidence says %s", out)
	}
}

// agree has one manager of each side say yes, where they are asked, to a proposal that shows its effect before the vote.
func agree(w walk, id, effect string) {
	for i, manager := range []string{"sam", "mona"} {
		w.says(manager, id+" ·", effect)
		w.presses(manager, "Yes", id+" ·")
		if i == 0 {
			w.says("sam", id+" ·", "Sales has said yes.")
		}
	}
	w.says("sam", id+" ·", "— in force")
}

// walkTheDocument changes the profile by a document behind the command: its faults come with line and key, and nothing is lost.
func walkTheDocument(w walk) {
	w.types("sam", "/icp propose threshold: 60\ncriteria:\n  - {attribute: segment, one_of: [pharma], points: many}")
	w.says("sam", "This is no profile yet. Nothing is lost", "line 3: criteria[1].points")
	w.presses("sam", "Mend it…", "This is no profile yet")
	w.sends("sam", "yaml", "threshold: 60\ncriteria:\n  - {attribute: segment, one_of: [pharma], points: 40}\n"+
		"  - {attribute: employees, range: [50, null], points: 20}")
	w.says("sam", "Your draft of the ideal customer", "from 50", "20 points")
	w.presses("sam", "Propose it…", "Your draft of the ideal customer")
	w.sends("sam", "text", "one bench is no customer")
	agree(w, "T-2", "Last year it would have counted")
	w.types("mona", "/icp history")
	w.says("mona", "Version 2", "Version 1")
}

// walkTheFits asks what the profile makes of a lead and of a company, and excepts one.
func walkTheFits(t *testing.T, w walk) {
	w.types("ann", "/icp check Q003")
	w.says("ann", "Outside by version 2", "segment ✗")
	w.types("mia", "/icp Northfield Labs")
	w.says("mia", "by version 2", "segment ✓")
	w.types("mia", "/icp account Northfield Labs")
	w.says("mia", "1 won, 0 lost, 0 open")
	w.types("sam", "/icp except Q003 a reference for the new market")
	w.says("sam", "is a declared exception until")
	var fit struct {
		Fit              string
		Met, Open, Total int
		Criteria         []struct{ Attribute string }
	}
	out := w.truce("icp", "check", "Q003", "--format", "json")
	if err := json.Unmarshal([]byte(out), &fit); err != nil || fit.Fit != "outside" || fit.Total != 60 || len(fit.Criteria) != 2 {
		t.Errorf("%v: %s", err, out)
	}
}

// walkTheInterviews interviews three: one with a pause, a step back, what was skipped and the program ended in between; one beside it;
// one of notes.
func walkTheInterviews(t *testing.T, w walk) {
	w.types("mia", "/outcome")
	w.says("mia", "No interview yet.")
	w.types("mia", "/outcome interview Northfield Labs")
	w.says("mia", "1 of 9 ·", "I-1 · Northfield Labs")
	w.types("mia", "We outgrew the old reader.")
	w.says("mia", "2 of 9 ·")
	w.presses("mia", "Skip", "2 of 9 ·")
	w.says("mia", "3 of 9 ·")
	w.types("mia", "That our auditor would not accept it.")
	w.says("mia", "4 of 9 ·")
	w.types("mia", "back")
	w.says("mia", "You have:", "That our auditor would not accept it.")
	w.types("mia", "That our auditor would not accept a new reader in mid-study.")
	w.says("mia", "4 of 9 ·", "in mid-study")
	w.presses("mia", "Who is it…", "4 of 9 ·")
	w.sends("mia", "who", "Dr. Amsel", "role", "lab head", "consent", "true", "segment", "pharma")
	w.says("mia", "Dr. Amsel, lab head, ideal customer, quotes allowed")
	w.types("mia", "pause")
	w.says("mia", "I-1 · Northfield Labs waits at question 4 of 9")
	w.restart()
	w.types("mia", "/outcome mine")
	w.presses("mia", "Go on", "I-1 · Northfield Labs · question 4 of 9")
	w.types("mia", "Losing a study in the middle.")
	w.says("mia", "5 of 9 ·", "I-1 · Northfield Labs")

	w.types("mona", "/outcome interview Glenrock Core")
	w.says("mona", "1 of 9 ·", "I-2 · Glenrock Core")
	w.types("mona", "They had a recall in spring.")
	w.says("mona", "2 of 9 ·", "They had a recall in spring.")
	w.restart() // in the middle of both: the next message is the next answer
	w.types("mona", "skip")
	w.says("mona", "3 of 9 ·", "I-2")
	w.types("mia", "The finance lead, of the repeats.")
	w.says("mia", "6 of 9 ·", "The finance lead, of the repeats.")
	finish(w, "mia", "I-1", "6 of 9 ·", "the time", "until a result is reportable", "A new one")
	finish(w, "mona", "I-2", "3 of 9 ·", "the time", "until a result is reportable", "The same")

	w.types("ann", "/outcome paste Silverton")
	w.sends("ann", "account", "Silverton", "standing", "lost", "notes",
		"What were you personally afraid would go wrong? Nothing works on the day of the audit.")
	w.presses("ann", "It is right", "Your notes, by question")
	w.says("ann", "All asked · I-3")
	w.presses("ann", "Finish", "All asked · I-3")
	w.says("ann", "Finished · I-3")
	w.types("sam", "/outcome")
	w.says("sam", "2 of 15 to 20 ideal customers, 1 of 5 lost ones.", "Shorten the time until a result is reportable")
	var inventory struct {
		Interviews int
		Outcomes   []struct{ Named struct{ K, N int } }
	}
	out := w.truce("outcome", "inventory", "--format", "json")
	if err := json.Unmarshal([]byte(out), &inventory); err != nil || inventory.Interviews != 3 || len(inventory.Outcomes) != 1 ||
		inventory.Outcomes[0].Named.K != 2 || inventory.Outcomes[0].Named.N != 2 {
		t.Errorf("%v: %s", err, out)
	}
	if out := w.truce("outcome", "brief", "Northfield Labs"); !strings.Contains(out, "in mid-study") ||
		strings.Contains(out, "would not accept it") {
		t.Errorf("the brief says %s", out)
	}
}

// finish ends an interview early with one outcome, which is confirmed to be a new one or one of the inventory.
func finish(w walk, who, id, on, measure, object, as string) {
	w.presses(who, "Finish early", on)
	w.says(who, "All asked · "+id)
	w.presses(who, "Outcome…", "All asked · "+id)
	w.sends(who, "direction", "shorten", "measure", measure, "object", object, "quote", "If a batch fails I lose the day.")
	w.presses(who, as, "All asked · "+id)
	w.says(who, "All asked · "+id, "In the inventory as")
	w.presses(who, "Finish", "All asked · "+id)
	w.says(who, "Finished · "+id)
}
