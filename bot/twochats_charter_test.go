package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"truce/bot/slack/slackfake"
	"truce/bot/teams/teamsfake"
)

// TestCharterInTwoChats goes the whole way of a charter with the built program: the sponsor starts it on Slack, one key of each
// side puts it in force, eight are asked to sign and one cannot, a promise of each side is changed by two keys, on Slack and in
// Teams at the same moment, and the change is drawn from that day on.
func TestCharterInTwoChats(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	mail := func(names ...string) string {
		return strings.Join(names, "@quillwater.example,") + "@quillwater.example"
	}
	h := twoChats(t, "TRUCE_ROLES_SPONSOR="+mail("pat"), "TRUCE_ROLES_SALES_MANAGERS="+mail("sam"),
		"TRUCE_ROLES_MARKETING_MANAGERS="+mail("mona"), "TRUCE_ROLES_REPS="+mail("rita", "ann", "ben", "cat"))
	for id, name := range map[string]string{"U3": "Pat", "U4": "Sam", "U5": "Ann", "U6": "Ben", "U7": "Cat"} {
		h.AddUser(slackfake.User{ID: id, Name: name, Email: strings.ToLower(name) + "@quillwater.example", Zone: "Europe/Berlin"})
	}
	mona := teamsfake.Member{ID: "29:mona", Name: "Mona", AadObjectID: "0d0d0d0d-1111-4222-8333-444444444444",
		Email: "mona@quillwater.example", TenantID: teamsfake.Tenant, UserRole: "user"}
	h.teams.AddMember(mona)
	if err := h.teams.Install(mona, teamsfake.Personal(mona)); err != nil {
		t.Fatal(err)
	}
	h.wrote(mona, "home")
	slackDo := func(ack slackfake.Ack) {
		t.Helper()
		if ack.Status != 200 {
			t.Fatalf("Slack is answered %d %s\n%s", ack.Status, ack.Body, h.bot.log)
		}
	}
	for _, user := range []string{"U2", "U3", "U4", "U5", "U6", "U7"} {
		slackDo(h.Command(user, "C1", "/truce help")) // so they are known
	}
	h.lead("A-1", "Northfield Labs")
	terms := map[string]string{"why": "We win or lose a lab together.", "goals": "", "marketing": "leads in 13 weeks: 600",
		"sales": "first touch in time: 90 %", "sponsor": "decisions in two business days: 100 %"}
	proposes := func(command, id string) {
		t.Helper()
		slackDo(h.Command("U3", "C1", command))
		ack, faults := h.Submit("U3", terms)
		if slackDo(ack); len(faults) > 0 {
			t.Fatalf("%s: %v", command, faults)
		}
		h.eventually("Mona is asked in Teams", func() bool {
			_,
				ok := saying(h.teams.In(teamsfake.Personal(mona)), id, "Waiting for a yes")
			return ok
		})
	}
	// keys are turned on Slack by Sam and in Teams by Mona, both at the same moment.
	keys := func(id string) {
		t.Helper()
		slackDo(h.Command("U4", "C1", "/truce proposals"))
		slackDo(h.Press("U4", "C1", "See "+id))
		asked, _ := saying(h.teams.In(teamsfake.Personal(mona)), id, "Waiting for a yes")
		var both sync.WaitGroup
		both.Go(func() {
			if ack := h.Press("U4", "C1", "Yes"); ack.Status != 200 {
				t.Errorf("Sam's yes is answered %d %s", ack.Status, ack.Body)
			}
		})
		both.Go(func() {
			if _, err := h.teams.Press(mona, asked, "Yes"); err != nil {
				t.Errorf("Mona's yes: %v", err)
			}
		})
		both.Wait()
		h.eventually(id+" is in force, and both see it", func() bool {
			_, ok := saying(h.teams.In(teamsfake.Personal(mona)), id, "in force")
			return ok && slackSays(h.fromBot(h.DM("U4")), id, "in force")
		})
	}
	proposes("/charter start", "T-1")
	keys("T-1")

	const cannot = "I cover two territories."
	for _, user := range []string{"U1", "U2", "U3", "U4", "U5", "U7"} {
		slackDo(h.Command(user, "C1", "/charter sign"))
		slackDo(h.Press(user, "C1", "I sign"))
	}
	h.pressed(mona, h.wrote(mona, "charter sign"), "I sign")
	slackDo(h.Command("U6", "C1", "/charter sign"))
	slackDo(h.Press("U6", "C1", "I cannot sign this, because…"))
	if ack, faults := h.Submit("U6", map[string]string{"text": cannot}); ack.Status != 200 || len(faults) > 0 {
		t.Fatalf("%d %v", ack.Status, faults)
	}
	h.eventually("Pat reads why", func() bool { return slackSays(h.fromBot(h.DM("U3")), "Ben", cannot) })
	card := h.wrote(mona, "charter")
	if said := teamsfake.Text(card.Card); !strings.Contains(said, "7 of 8 signed, 1 could not") || strings.Contains(said, cannot) {
		t.Errorf("in Teams /charter says %s", said)
	}
	if ack := h.Command("U5", "C1", "/charter"); !strings.Contains(string(ack.Body), "7 of 8 signed, 1 could not") ||
		strings.Contains(string(ack.Body), cannot) {
		t.Errorf("on Slack /charter says %s", ack.Body)
	}

	terms["marketing"], terms["sales"] = "leads in 13 weeks: 500", "first touch in time: 85 %"
	proposes("/charter propose", "T-2")
	keys("T-2")
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(truceBinary(t), args...)
		cmd.Env, cmd.Dir = h.env, t.TempDir()
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("truce %s: %v", strings.Join(args, " "), err)
		}
		return string(out)
	}
	out := run("charter", "--format", "json")
	if c := charterJSON(t, out); len(c.Promises) != 3 || c.Promises[0].Target != 500 || c.Promises[1].Target != 0.85 || c.Signed == nil ||
		c.Signed.Yes != 7 || c.Signed.CouldNot != 1 {
		t.Errorf("the charter after the change: %s", out)
	}
	now := time.Now()
	drawn := fmt.Sprintf("leads in 13 weeks 600 to 500 (%s)", now.UTC().Format("2 Jan"))
	if out := strings.Join(strings.Fields(run("digest", "weekly", "--as-of", now.AddDate(0, 0, 7).Format(time.DateOnly))),
		" "); !strings.Contains(out, drawn) || !strings.Contains(out, "Sales: first touch in time 90 % to 85 %") {
		t.Errorf("the next weekly summary does not draw %q:\n%s", drawn, out)
	}
	if out := run("digest", "weekly", "--as-of", now.AddDate(0, 0, -7).Format(time.DateOnly)); strings.Contains(out, "600 to 500") {
		t.Errorf("a summary of before the change draws it:\n%s", out)
	}
	folder := filepath.Join(t.TempDir(), "all")
	run("export", "all", "--to", folder, "--format", "jsonl")
	if grep, err := exec.Command("grep", "-r", cannot, folder).CombinedOutput(); err == nil {
		t.Errorf("why somebody could not sign leaves the house: %s", grep)
	}
}
