package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"truce/bot/slack/slackfake"
	"truce/bot/teams/teamsfake"
)

// TestEraseBesideARunningBot erases somebody on the command line while the bot runs in Slack and in Teams: what it posted in both
// is changed, what it remembers finds their words no more, and the file does not hold them.
func TestEraseBesideARunningBot(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	h := twoChats(t, onBoth)
	for _, w := range []teamsfake.Where{teamsfake.Personal(ritaInTeams), disputesInTeams} {
		if err := h.teams.Install(ritaInTeams, w); err != nil {
			t.Fatal(err)
		}
	}
	h.lead("A-1", "Northfield Labs")
	h.wrote(ritaInTeams, "dispute A-1 outside ICP: a quixotic academic facility")
	h.wrote(ritaInTeams, "objection their zeppelins deliver faster")
	h.named("A-2", "vespera@northfield.example", "Ofelia Quist")
	h.wrote(ritaInTeams, "dispute A-2 outside ICP: zeppelins are not for schools")
	h.OpenHome("U2")
	inSlack := func() []slackfake.Message { return h.fromBot(h.Messages("C7")) }
	h.eventually("the case in the Slack channel", func() bool { return slackSays(inSlack(), "D-1", "quixotic") })
	h.eventually("the case in the Teams channel", func() bool { _, ok := h.caseInTeams("quixotic"); return ok })
	h.eventually("the objection is found", func() bool {
		return strings.Contains(string(h.Command("U2", "C1", "/objection search zeppelins").Body), "zeppelins deliver")
	})
	h.eventually("who the lead is stands in Mark's DM or home", func() bool {
		home, err := json.Marshal(h.Home("U2"))
		return err == nil && (strings.Contains(string(home), "Ofelia") || slackSays(h.fromBot(h.DM("U2")), "Ofelia"))
	})
	erase := func(args ...string) (string, error) {
		if len(args) == 0 {
			args = []string{"rita@quillwater.example"}
		}
		cmd := exec.Command(truceBinary(t), append(append([]string{"erase"}, args...), "--yes")...)
		cmd.Env, cmd.Dir = h.env, t.TempDir()
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := erase(); err == nil || !strings.Contains(out, "D-1") {
		t.Fatalf("with an open case: %v %s", err, out)
	}
	h.eventually("the other case in the Slack channel", func() bool { return slackSays(inSlack(), "D-2", "not for schools") })
	for _, id := range []string{"D-2", "D-1"} { // the newest that has the button
		if ack := h.Press("U2", "C7", "Uphold"); ack.Status != 200 {
			t.Fatalf("Uphold %s: %d %s", id, ack.Status, ack.Body)
		}
		h.eventually(id+" is closed", func() bool { return slackSays(inSlack(), id, "upheld by Marketing") })
	}
	if out, err := erase("A-2"); err != nil {
		t.Fatalf("erase the lead: %v %s", err, out)
	}
	if out, err := erase(); err != nil || !strings.Contains(out, "Erased ") {
		t.Fatalf("%v %s\n%s", err, out, h.bot.log)
	}
	words := []string{"quixotic", "zeppelins", "vespera", "Ofelia"}
	holds := func() string {
		for _, w := range words {
			for _, channel := range []string{"C1", "C7"} {
				for _, m := range h.fromBot(h.Messages(channel)) {
					if !m.Ephemeral && slackSays([]slackfake.Message{m}, w) {
						return "Slack " + channel + ": " + w
					}
				}
			}
			for _, u := range []string{"U1", "U2"} { // in Teams, Rita's own words in her own chat stay hers
				for _, m := range h.fromBot(h.DM(u)) {
					if !m.Ephemeral && slackSays([]slackfake.Message{m}, w) {
						return "the DM of " + u + ": " + w
					}
				}
				if home, err := json.Marshal(h.Home(u)); err != nil || strings.Contains(string(home), w) {
					return "the home page of " + u + ": " + w
				}
			}
			if _, ok := saying(h.teams.In(teamsfake.Personal(markInTeams)), w); ok {
				return "Mark's chat in Teams: " + w
			}
			if _, ok := saying(h.teams.In(disputesInTeams), w); ok {
				return "Teams: " + w
			}
			if strings.Contains(string(h.Command("U2", "C1", "/objection search "+w).Body), w+" deliver") {
				return "the bot's memory: " + w
			}
		}
		return ""
	}
	h.eventually("nothing that was posted, and nothing remembered, holds the words", func() bool { return holds() == "" })
	if left := holds(); left != "" {
		t.Errorf("left in %s", left)
	}
	inFile := func() string { // the bot writes the file anew once what it has posted is changed
		for _, part := range []string{"", "-wal"} {
			raw, err := os.ReadFile(h.db + part)
			if err != nil && part == "" {
				t.Fatal(err)
			}
			for _, w := range words {
				if strings.Contains(string(raw), w) {
					return w + " in the file" + part
				}
			}
		}
		return ""
	}
	h.eventually("the file holds none of the words", func() bool { return inFile() == "" })
	if left := inFile(); left != "" {
		t.Error(left)
	}
}
