package main

import (
	"net/http"
	"strings"
	"testing"

	"truce/bot/teams/teamsfake"
	"truce/storage"
)

// TestARosterThatCannotBeRead: of whom Teams does not say who they are, nothing is done and nothing shown, and what they typed comes
// back; as soon as the roster can be read they are the person of Slack.
func TestARosterThatCannotBeRead(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	h := twoChats(t, onBoth)
	h.Command("U1", "C1", "/truce help")
	h.lead("A-1", "Northfield Labs")
	h.teams.Fail(teamsfake.Fault{Match: func(_, path string) bool { return strings.Contains(path, "/members/") },
		Status: http.StatusInternalServerError})
	const words = "dispute A-1 outside ICP: an academic core facility"
	if said := teamsfake.Text(h.wrote(ritaInTeams, words).Card); !strings.Contains(said, "I cannot see yet") ||
		!strings.Contains(said, "an academic core facility") {
		t.Fatalf("dispute in Teams answers %q", said)
	}
	h.eventually("she is let in", func() bool { return strings.Contains(teamsfake.Text(h.wrote(ritaInTeams, words).Card), "D-1") })
	people := func() (n int, opener string) {
		h.beside(func(tx *storage.Tx) error {
			list, err := tx.People()
			if err != nil {
				return err
			}
			d, err := tx.Dispute("D-1")
			n, opener = len(list), d.OpenerID
			return err
		})
		return n, opener
	}
	h.eventually("Rita is one person", func() bool { n, _ := people(); return n == 2 })
	h.onePersonOn("rita@quillwater.example", "slack", "teams")
	if ack := h.Command("U1", "C1", "/dispute mine"); !strings.Contains(string(ack.Body), "D-1") {
		t.Errorf("on Slack her cases are %s", ack.Body)
	}
	if said := teamsfake.Text(h.wrote(ritaInTeams, "dispute mine").Card); !strings.Contains(said, "D-1") {
		t.Errorf("in Teams her cases are %q", said)
	}
}
