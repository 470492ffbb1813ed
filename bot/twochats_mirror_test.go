package main

import (
	"fmt"
	"strings"
	"testing"

	"truce/bot/slack/slackfake"
	"truce/bot/teams/teamsfake"
	"truce/storage"
)

// This file has what twochats_test.go has the other way round: the rep in Teams, Marketing on Slack; and what each reader of a message
// in a Teams channel sees of it.

const onBoth = "TRUCE_CHANNELS_DISPUTES=slack:#lead-disputes,teams:19:disputes@thread.tacv2"

var disputesInTeams = teamsfake.Channel("19:disputes@thread.tacv2", "Lead disputes", "")

// caseIn is the newest message about D-1 in the Teams channel that has a case's own message, rather than a step.
func (h *house) caseInTeams(parts ...string) (teamsfake.Message, bool) {
	return saying(h.teams.In(disputesInTeams), append([]string{"D-1", "Northfield Labs"}, parts...)...)
}

// TestTheMirrorCase: a rep in Teams opens a case, Marketing declines it on Slack, the rep takes it to the managers from Teams.
func TestTheMirrorCase(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	h := twoChats(t, onBoth)
	personal := teamsfake.Personal(ritaInTeams)
	for _, w := range []teamsfake.Where{personal, disputesInTeams} {
		if err := h.teams.Install(ritaInTeams, w); err != nil {
			t.Fatal(err)
		}
	}
	h.lead("A-1", "Northfield Labs")
	if said := teamsfake.Text(h.wrote(ritaInTeams, "dispute A-1 outside ICP: an academic core facility").Card); !strings.Contains(said,
		"D-1 is open") {
		t.Fatalf("dispute in Teams answers %q", said)
	}
	inSlack := func() []slackfake.Message { return h.fromBot(h.Messages("C7")) }
	h.eventually("the case in the Slack channel", func() bool { return slackSays(inSlack(), "D-1", "Northfield Labs", "Uphold") })
	h.eventually("the case in the Teams channel", func() bool { _, ok := h.caseInTeams("Uphold"); return ok })

	if ack := h.Press("U2", "C7", "Decline…"); ack.Status != 200 || h.Modal("U2") == nil {
		t.Fatalf("Decline… on Slack: %d %s\n%s", ack.Status, ack.Body, h.bot.log)
	}
	if ack, faults := h.Submit("U2", map[string]string{"text": "They order through a consortium now."}); ack.Status != 200 || len(faults) > 0 {
		t.Fatalf("the form on Slack: %d %v", ack.Status, faults)
	}
	h.eventually("the message in the Teams channel says so", func() bool {
		_, ok := h.caseInTeams("Marketing declined:", "They order through a consortium now.")
		return ok
	})
	h.eventually("the step stands below it", func() bool {
		_, ok := saying(h.teams.In(disputesInTeams), "Marketing declines. The rep accepts that")
		return ok
	})
	var told teamsfake.Message
	h.eventually("the rep hears in Teams, with the buttons that are hers", func() bool {
		var ok bool
		told, ok = saying(h.teams.In(personal), "Marketing declined your case", "Accept that", "Escalate…")
		return ok
	})
	if slackSays(h.fromBot(h.DM("U1")), "Marketing declined your case") {
		t.Error("the rep hears it on Slack too")
	}

	// The dialog of a button, as Teams opens it: task/fetch, then task/submit.
	opened, err := h.teams.Press(ritaInTeams, told, "Accept that")
	if err != nil {
		t.Fatal(err)
	}
	if said := fmt.Sprint(opened["value"]); !strings.Contains(said, "Done.") { // the message itself is drawn anew
		t.Errorf("Accept that answers %v", opened)
	}
	h.eventually("the message on Slack closes", func() bool { return slackSays(inSlack(), "D-1", "declined by Marketing") })
	h.eventually("the message in Teams closes", func() bool { _, ok := h.caseInTeams("declined by Marketing"); return ok })
	h.eventually("her own message says so, and asks her nothing more", func() bool {
		own, ok := saying(h.teams.In(personal), "declined by Marketing and accepted by the rep", "They order through a consortium now.")
		return ok && own.ID == told.ID && !strings.Contains(teamsfake.Text(own.Card), "Accept that")
	})
	h.beside(func(tx *storage.Tx) error {
		log, err := tx.AuditOf("D-1")
		var on []string
		for _, e := range log {
			on = append(on, e.Network+" "+e.Action)
		}
		if got := strings.Join(on, ", "); got != "teams dispute.open, slack dispute.decline, teams dispute.accept" {
			t.Errorf("the log says %s", got)
		}
		return err
	})
	h.onePersonOn("rita@quillwater.example", "slack", "teams") // Slack knows her by her address, and she never wrote there
	h.onePersonOn("mark@quillwater.example", "slack")
}

// TestEachReaderSeesTheirOwnButtons: one message in a Teams channel; Marketing sees what Marketing may do, the rep what the rep may, and
// a colleague no buttons.
func TestEachReaderSeesTheirOwnButtons(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	nora := teamsfake.Member{ID: "29:nora", Name: "Nora", AadObjectID: "0d0d0d0d-1111-4222-8333-444444444444",
		Email: "nora@quillwater.example", TenantID: teamsfake.Tenant, UserRole: "user"}
	h := twoChats(t, onBoth)
	h.teams.AddMember(nora)
	if err := h.teams.Install(ritaInTeams, disputesInTeams); err != nil {
		t.Fatal(err)
	}
	for _, m := range []teamsfake.Member{ritaInTeams, markInTeams, nora} {
		h.wrote(m, "help")
	}
	h.lead("A-1", "Northfield Labs")
	h.wrote(ritaInTeams, "dispute A-1 outside ICP: an academic core facility")
	var posted teamsfake.Message
	h.eventually("the case in the Teams channel", func() bool {
		var ok bool
		posted, ok = h.caseInTeams("Uphold")
		return ok
	})
	sees := func(m teamsfake.Member, want ...string) teamsfake.Message {
		t.Helper()
		own, err := h.teams.Look(m, posted)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(teamsfake.Text(own.Card), "Northfield Labs") {
			t.Errorf("%s sees %s", m.Name, teamsfake.Text(own.Card))
		}
		for _, title := range []string{"Uphold", "Decline…", "Ask once…", "Withdraw", "Re-open…", "Say why…"} {
			has := teamsfake.Button(own.Card, title) != nil
			wants := strings.Contains(strings.Join(want, " "), title)
			if has != wants {
				t.Errorf("%s sees %q: %v, want %v", m.Name, title, has, wants)
			}
		}
		return own
	}
	sees(ritaInTeams, "Withdraw")
	sees(nora, "Uphold", "Decline…", "Ask once…") // without a side she may not ask for the case: the message stands as it was sent
	own := sees(markInTeams, "Uphold", "Decline…", "Ask once…")
	h.pressed(markInTeams, own, "Uphold")
	h.eventually("the message is closed for all", func() bool {
		m, ok := h.caseInTeams("upheld by Marketing")
		posted = m
		return ok
	})
	sees(nora, "Re-open…", "Say why…")
	sees(ritaInTeams)
	sees(markInTeams, "Say why…", "Re-open…")
}
