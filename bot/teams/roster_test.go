package teams_test

import (
	"fmt"
	"strings"
	"testing"

	"truce/bot/chat"
	"truce/bot/teams/teamsfake"
)

// TestEverybodyInPages reads the rosters of the teams whole pages at a time: members with their address, guests without, nobody twice.
func TestEverybodyInPages(t *testing.T) {
	w := newWorld(t)
	w.toAnna(chat.Card{})
	for i := range 4 {
		w.fake.AddMember(teamsfake.Member{ID: fmt.Sprint("29:m", i), AadObjectID: fmt.Sprintf("aad-%d", i), Name: fmt.Sprint("Member ", i),
			Email: fmt.Sprintf("M%d@Quillwater.example", i), TenantID: teamsfake.Tenant, UserRole: "user"})
	}
	w.fake.AddMember(teamsfake.Member{ID: "29:g", AadObjectID: "aad-guest", Name: "Gus", Email: "gus@else.example", TenantID: teamsfake.Tenant,
		UserRole: "guest"})
	before := len(w.fake.Calls())
	said, pages := map[string]chat.User{}, 0
	err := w.adapter.Everybody(t.Context(), func(users []chat.User) error {
		pages++
		for _, u := range users {
			if _, twice := said[u.ID]; twice {
				t.Errorf("%s is told twice", u.ID)
			}
			said[u.ID] = u
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(said) != 6 || pages != 3 || len(w.fake.Calls())-before != 3 {
		t.Errorf("%d people in %d pages by %d requests", len(said), pages, len(w.fake.Calls())-before)
	}
	if u := said[tenantPrefix+"aad-2"]; u.Standing != chat.Member || u.Email != "m2@quillwater.example" || u.Name != "Member 2" {
		t.Errorf("a member: %+v", u)
	}
	if u := said[tenantPrefix+"aad-guest"]; u.Standing != chat.Guest || u.Email != "" {
		t.Errorf("a guest: %+v", u)
	}
	w.fake.Fail(teamsfake.Fault{Status: 500, Match: func(_, path string) bool { return strings.Contains(path, "pagedmembers") }})
	if err := w.adapter.Everybody(t.Context(), func([]chat.User) error { return nil }); err == nil {
		t.Error("an outage reads like an empty tenant")
	}
	w.fake.Fail(teamsfake.Fault{Status: 403, Match: func(_, path string) bool { return strings.Contains(path, "pagedmembers") }})
	if err := w.adapter.Everybody(t.Context(), func([]chat.User) error { return nil }); err != nil {
		t.Errorf("a team that the app was removed from: %v", err)
	}
}

// TestAFieldThatSuggestsSaysWhyItIsEmpty holds that somebody whom no roster has vouched for reads why nothing is found.
func TestAFieldThatSuggestsSaysWhyItIsEmpty(t *testing.T) {
	w := newWorld(t)
	w.answer(func(ev chat.Event) (chat.Reply, error) {
		return chat.Reply{Faults: []chat.Fault{{Text: "I cannot see yet whether you are a full member."}}}, nil
	})
	got := text(w.answered(w.invoke("application/search", obj{"queryText": "fast", "dataset": "leads"}, nil)))
	if !strings.Contains(got, "I cannot see yet") {
		t.Errorf("while typing: %s", got)
	}
	got = text(w.answered(w.invoke("composeExtension/query", obj{"commandId": "answers", "parameters": []obj{{"name": "q", "value": "fast"}}},
		nil)))
	if !strings.Contains(got, "I cannot see yet") || !strings.Contains(got, `"message"`) {
		t.Errorf("in the message extension: %s", got)
	}
}
