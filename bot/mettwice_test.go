package main

import (
	"net/http"
	"strings"
	"testing"

	"truce/bot/teams/teamsfake"
	"truce/storage"
)

// TestARosterThatCannotBeRead: somebody writes in Teams while the roster is down, and is a second person; the next look at the
// accounts joins her with the one of Slack, with what she did.
func TestARosterThatCannotBeRead(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	h := twoChats(t, onBoth)
	h.Command("U1", "C1", "/truce help")
	h.lead("A-1", "Northfield Labs")
	h.teams.Fail(teamsfake.Fault{Match: func(_, path string) bool { return strings.Contains(path, "/members/") }, Status: http.StatusInternalServerError})
	if said := teamsfake.Text(h.wrote(ritaInTeams, "dispute A-1 outside ICP: an academic core facility").Card); !strings.Contains(said, "D-1 is open") {
		t.Fatalf("dispute in Teams answers %q", said)
	}
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
	n, opener := people()
	if n != 3 {
		t.Fatalf("there are %d people, want Rita, Mark, and Rita once more: %s", n, h.bot.log)
	}
	if ack := h.Command("U1", "C1", "/truce refresh"); !strings.Contains(string(ack.Body), "reading people") {
		t.Fatalf("refresh: %s", ack.Body)
	}
	h.eventually("Rita is one person", func() bool { n, _ := people(); return n == 2 })
	if _, now := people(); now == opener {
		t.Errorf("the case is still %s's", now)
	}
	h.onePersonOn("rita@quillwater.example", "slack", "teams")
	if ack := h.Command("U1", "C1", "/dispute mine"); !strings.Contains(string(ack.Body), "D-1") {
		t.Errorf("on Slack her cases are %s", ack.Body)
	}
	if said := teamsfake.Text(h.wrote(ritaInTeams, "dispute mine").Card); !strings.Contains(said, "D-1") {
		t.Errorf("in Teams her cases are %q", said)
	}
}
