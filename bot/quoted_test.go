package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"truce/bot/teams/teamsfake"
)

// TestLogAsObjectionOpensItsForm has "Log as objection" be pressed on a message that is too long, and on one that holds only a
// file, in Slack and in Teams: a form opens that says why and holds what can be taken, and what is sent with it is logged.
func TestLogAsObjectionOpensItsForm(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	h := twoChats(t, onBoth)
	if err := h.teams.Install(ritaInTeams, teamsfake.Personal(ritaInTeams)); err != nil {
		t.Fatal(err)
	}
	h.wrote(ritaInTeams, "help")
	long := "It begins with the pelican. " + strings.Repeat("They say it is far too slow for them. ", 120)
	for _, tt := range []struct{ name, text, why, filled, sent string }{
		{"too long", long, "Its beginning stands below", "It begins with the pelican.", "slower than a pelican"},
		{"only a file", "", "it holds a file or a picture", "", "a picture of a pangolin"},
	} {
		ts := h.Say("U2", "C1", tt.text)
		if ack := h.MessageShortcut("U1", "C1", ts, "objection.log"); ack.Status != http.StatusOK {
			t.Fatalf("%s: %d %s", tt.name, ack.Status, ack.Body)
		}
		h.eventually(tt.name+": the form in Slack", func() bool { return h.Modal("U1") != nil })
		view, err := json.Marshal(h.Modal("U1").View)
		if said := string(view); err != nil || !strings.Contains(said, tt.why) || !strings.Contains(said, tt.filled) {
			t.Errorf("%s: the form in Slack says %.1500s", tt.name, said)
		}
		if ack, faults := h.Submit("U1", map[string]string{"text": tt.sent + " in Slack"}); ack.Status != http.StatusOK || len(faults) > 0 {
			t.Errorf("%s: sent in Slack: %d %v", tt.name, ack.Status, faults)
		}
		h.eventually(tt.name+": logged from Slack", func() bool {
			return strings.Contains(string(h.Command("U2", "C1", "/objection search "+tt.sent).Body), tt.sent+" in Slack")
		})
		content := "<p>" + tt.text + "</p>"
		if tt.text == "" {
			content = `<attachment id="f1"></attachment>`
		}
		where := teamsfake.Channel("19:field@thread.tacv2", "Field", "")
		fetch := map[string]any{"commandId": "objection.log", "commandContext": "message",
			"messagePayload": map[string]any{"id": "1699", "createdDateTime": time.Now().UTC().Format(time.RFC3339),
				"from": map[string]any{"user": map[string]any{"id": markInTeams.AadObjectID, "displayName": "Mark"}},
				"body": map[string]any{"contentType": "html", "content": content}}}
		status, answer, err := h.teams.Send(h.teams.Activity(ritaInTeams, where, "invoke",
			map[string]any{"name": "composeExtension/fetchTask", "value": fetch}))
		card, err2 := json.Marshal(answer)
		if said := string(card); err != nil || err2 != nil || status != http.StatusOK || !strings.Contains(said, tt.why) ||
			!strings.Contains(said, tt.filled) {
			t.Fatalf("%s: the form in Teams: %d %v %.1500s", tt.name, status, err, said)
		}
		data := submitData(answer)
		if data == nil {
			t.Fatalf("%s: the form in Teams cannot be sent: %.1500s", tt.name, card)
		}
		data["field-text"] = tt.sent + " in Teams"
		status, answer, err = h.teams.Send(h.teams.Activity(ritaInTeams, where, "invoke",
			map[string]any{"name": "composeExtension/submitAction", "value": map[string]any{"commandId": "objection.log", "data": data}}))
		if err != nil || status != http.StatusOK {
			t.Errorf("%s: sent in Teams: %d %v %v", tt.name, status, err, answer)
		}
		h.eventually(tt.name+": logged from Teams", func() bool {
			return strings.Contains(string(h.Command("U2", "C1", "/objection search "+tt.sent).Body), tt.sent+" in Teams")
		})
	}
}

// submitData is what the first button of a dialog's card sends.
func submitData(v any) map[string]any {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if d := submitData(x); d != nil {
				return d
			}
		}
	case map[string]any:
		if actions, ok := v["actions"].([]any); ok && len(actions) > 0 {
			if first, ok := actions[0].(map[string]any); ok && first["type"] == "Action.Submit" {
				data, _ := first["data"].(map[string]any)
				return data
			}
		}
		for _, x := range v {
			if d := submitData(x); d != nil {
				return d
			}
		}
	}
	return nil
}
