package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"truce/bot/slack"
	"truce/bot/slack/slackfake"
	"truce/bot/teams/teamsfake"
	"truce/storage"
)

// TestSeventyMembersThenAGuest restarts the bot while Slack is slow to say who anybody is and lists nobody: seventy members whom
// it knows are answered at once, and the guest who types next is shown nothing of others.
func TestSeventyMembersThenAGuest(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	o := moveIn(t, slack.ModeHTTP)
	for i := range 70 {
		o.AddUser(slackfake.User{ID: fmt.Sprintf("UM%02d", i), Name: fmt.Sprint("Member ", i),
			Email: fmt.Sprintf("member%d@quillwater.example", i), Zone: "UTC"})
	}
	o.AddUser(slackfake.User{ID: "UG", Name: "Gus Guest", Email: "gus@else.example", Zone: "UTC", Restricted: true})
	o.Command("U1", "C1", "/objection a quixotic price")
	for i := range 70 {
		o.Command(fmt.Sprintf("UM%02d", i), "C1", "/objection new")
	}
	known := 0
	o.beside(func(tx *storage.Tx) error {
		people, err := tx.People()
		known = len(people)
		return err
	})
	if known < 71 {
		t.Fatalf("%d people are known", known)
	}
	o.Fail("users.info", slackfake.Fault{Delay: 5 * time.Second, Times: 1 << 20})
	o.Fail("users.list", slackfake.Fault{Status: 500, Times: 1 << 20})
	o.restart(syscall.SIGTERM)
	for i := range 70 {
		began := time.Now()
		if ack := o.Command(fmt.Sprintf("UM%02d", i), "C1", "/objection new"); !strings.Contains(string(ack.Body), "quixotic") {
			t.Errorf("member %d after %s: %s", i, time.Since(began), ack.Body)
		}
	}
	for _, line := range []string{"/objection new", "/objection search quixotic", "/dispute list", "/lead mine", "/digest leads",
		"/truce home"} {
		if ack := o.Command("UG", "C1", line); strings.Contains(string(ack.Body), "quixotic") ||
			!strings.Contains(string(ack.Body), "full member") {
			t.Errorf("the guest types %s: %s", line, ack.Body)
		}
	}
	for _, field := range []string{"leads", "objections", "answers", "themes"} { // a form of an hour ago may still be open
		payload := fmt.Sprintf(`{"type":"block_suggestion","team":{"id":%q},"user":{"id":"UG","team_id":%[1]q},"action_id":%q,"block_id":%[2]q,"value":"quixotic"}`, o.Team, field)
		ack := o.Post("interactions", "application/x-www-form-urlencoded", "payload="+url.QueryEscape(payload))
		if said := string(ack.Body); strings.Contains(said, "quixotic") || !strings.Contains(said, "full member") {
			t.Errorf("the guest searches %s: %s", field, said)
		}
	}
}

// TestRostersThatDoNotAnswer has Teams' rosters be slow, fail, refuse and throttle: who is known is answered at once; who is not waits a
// moment and is shown nothing, and what they tell is kept.
func TestRostersThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	h := twoChats(t, onBoth)
	for _, m := range []teamsfake.Member{ritaInTeams, markInTeams} {
		if err := h.teams.Install(m, teamsfake.Personal(m)); err != nil {
			t.Fatal(err)
		}
		h.wrote(m, "help")
	}
	h.lead("A-1", "Northfield Labs")
	h.wrote(ritaInTeams, "objection a quixotic price")
	for i, fault := range []teamsfake.Fault{{Wait: 8 * time.Second}, {Status: 500},
		{Status: 403, Body: `{"error":{"code":"BotNotInConversationRoster"}}`}, {Status: 429, Header: http.Header{"Retry-After": {"60"}}}} {
		name := fmt.Sprintf("nobody%d", i)
		nora := teamsfake.Member{ID: "29:" + name, Name: "Nora", AadObjectID: fmt.Sprintf("0d0d0d0d-1111-4222-8333-44444444444%d", i),
			Email: name + "@quillwater.example", TenantID: teamsfake.Tenant, UserRole: "guest"}
		h.teams.AddMember(nora)
		fault.Match = func(_, path string) bool { return strings.Contains(path, "/members/") && strings.Contains(path, name) }
		for range 40 {
			h.teams.Fail(fault)
		}
		for _, text := range []string{"lead A-1", "objection new", "objection search quixotic", "dispute list"} {
			said := teamsfake.Text(h.wrote(nora, text).Card)
			if strings.Contains(said, "Northfield") || strings.Contains(said, "quixotic price") || !strings.Contains(said, "full member") {
				t.Errorf("%+v: %s answers %s", fault, text, said)
			}
		}
		for _, search := range []string{"objections", "answers"} {
			act := h.teams.Activity(nora, teamsfake.Personal(nora), "invoke", map[string]any{"name": "composeExtension/query",
				"value": map[string]any{"commandId": search, "parameters": []any{map[string]any{"name": "query", "value": "quixotic"}}}})
			status, answer, err := h.teams.Send(act)
			if said := fmt.Sprint(answer); err != nil || status != http.StatusOK || strings.Contains(said, "quixotic") ||
				!strings.Contains(said, "full member; try again in a minute") {
				t.Errorf("%+v: she searches %s: %d %v %v", fault, search, status, answer, err)
			}
		}
		if said := teamsfake.Text(h.wrote(nora, "objection they order through a consortium").Card); strings.Contains(said, "quixotic") {
			t.Errorf("%+v: what was told answers %s", fault, said)
		}
		began := time.Now()
		if said := teamsfake.Text(h.wrote(ritaInTeams, "objection new").Card); !strings.Contains(said, "quixotic") {
			t.Errorf("%+v: a known person is answered %s after %s", fault, said, time.Since(began))
		}
	}
}
