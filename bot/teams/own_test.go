package teams_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/bot/teams/teamsfake"
)

// This file is about cards that many see and that are drawn anew for each of them.

// posted is a case in a channel, with one button that all see.
func posted(who ...string) chat.Card {
	return chat.Card{Summary: "D-12", Blocks: []chat.Block{chat.Para("D-12"), chat.ButtonRow(chat.Press("Uphold", "dispute.uphold", "D-12"))},
		Own: &chat.Own{Name: "dispute", Arg: "D-12", For: who}}
}

func userID(aad string) string { return "teams:" + teamsfake.Tenant + ":" + aad }

func TestACardIsDrawnForEachOfItsReaders(t *testing.T) {
	w := newWorld(t)
	members := []teamsfake.Member{{ID: annaID, AadObjectID: anna, Name: "Anna Berg", Email: "anna@quillwater.example",
		TenantID: teamsfake.Tenant},
		{ID: "29:ben", AadObjectID: "0a0a0a0a-1111-4222-8333-555555555555", Name: "Ben Ott", Email: "ben@quillwater.example",
			TenantID: teamsfake.Tenant}}
	office := &teamsfake.Office{Fake: w.fake, Endpoint: w.url}
	for _, m := range members {
		w.fake.AddMember(m)
		if _, err := office.Write(m, teamsfake.Personal(m), "help"); err != nil {
			t.Fatal(err)
		}
	}
	disputes := teamsfake.Channel("19:disputes@thread.tacv2", "Lead disputes", "")
	if err := office.Install(members[0], disputes); err != nil {
		t.Fatal(err)
	}
	card := posted(userID(anna), "slack:T1:U7", userID("99999999-1111-4222-8333-444444444444"), userID(members[1].AadObjectID))
	ref, err := w.adapter.Send(t.Context(), chat.Outgoing{Key: "k",
		To: chat.Place{ID: "teams:" + teamsfake.Tenant + ":" + disputes.ID, Kind: chat.Channel}, Card: card})
	if err != nil {
		t.Fatal(err)
	}
	stands := w.fake.In(disputes)
	msg := stands[len(stands)-1]
	if got := path(msg.Card, "refresh", "userIds"); text(got) != `["29:anna","29:ben"]` {
		t.Errorf("views of their own for %v, want the two whom Teams has shown us, who may act first", got)
	}

	w.answer(func(ev chat.Event) (chat.Reply, error) {
		if ev.Kind != chat.Look || ev.Name != "dispute" || ev.Arg != "D-12" || ev.Source.ID != ref.ID {
			t.Errorf("a look is %+v", ev)
		}
		own := posted(ev.User.ID)
		if ev.User.ID != userID(anna) {
			own.Blocks = own.Blocks[:1]
		}
		return chat.Reply{Card: &own}, nil
	})
	notes, calls := w.mem.Keys(""), len(w.fake.Calls())
	for i, wants := range []bool{true, false} {
		seen, err := office.Look(members[i], msg)
		if err != nil {
			t.Fatal(err)
		}
		if has := teamsfake.Button(seen.Card, "Uphold") != nil; has != wants {
			t.Errorf("%s sees the button: %v, want %v", members[i].Name, has, wants)
		}
		if got := path(seen.Card, "refresh", "userIds"); text(got) != fmt.Sprintf(`["%s"]`, members[i].ID) {
			t.Errorf("the card of %s refreshes itself for %v", members[i].Name, got)
		}
	}
	if got := w.mem.Keys(""); !slices.Equal(got, notes) {
		t.Errorf("looking wrote %v", got)
	}
	for _, c := range w.fake.Calls()[calls:] {
		if c.Method != http.MethodGet {
			t.Errorf("looking made %s %s", c.Method, c.Path)
		}
	}
	if strings.Contains(w.logs.String(), "level=INFO msg=event kind=look") {
		t.Error("each look is a line in the log")
	}
}

// TestALookThatFailsLeavesTheMessage: an error of the refresh is no news for the reader.
func TestALookThatFailsLeavesTheMessage(t *testing.T) {
	w := newWorld(t)
	for name, reply := range map[string]func(chat.Event) (chat.Reply, error){
		"an error":      func(chat.Event) (chat.Reply, error) { return chat.Reply{}, errors.New("disk full") },
		"nothing to it": func(chat.Event) (chat.Reply, error) { return chat.Reply{}, nil },
		"too slow":      func(chat.Event) (chat.Reply, error) { time.Sleep(4500 * time.Millisecond); return chat.Reply{}, nil },
	} {
		w.answer(reply)
		value := obj{"action": obj{"type": "Action.Execute", "verb": "look", "data": obj{"truce": obj{"o": "dispute", "g": "D-12"}}},
			"trigger": "automatic"}
		start := time.Now()
		got := w.answered(w.invoke("adaptiveCard/action", value, obj{"replyToId": "1700"}))
		if got["type"] != "application/vnd.microsoft.error" {
			t.Errorf("%s answers %v", name, got)
		}
		if took := time.Since(start); took >= 5*time.Second {
			t.Errorf("%s was answered after %s", name, took)
		}
	}
	if n := len(w.fake.Messages("")); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

func TestAtMostSixtyHaveAViewOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	office := &teamsfake.Office{Fake: w.fake, Endpoint: w.url}
	var who []string
	for i := range 70 {
		m := teamsfake.Member{ID: fmt.Sprintf("29:p%02d", i), AadObjectID: fmt.Sprintf("0a0a0a0a-1111-4222-8333-4444444444%02d", i), Name: "P"}
		who = append(who, userID(m.AadObjectID))
		if _, _, err := office.Send(office.Activity(m, teamsfake.Personal(m), "message", obj{"text": "help"})); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Second)
	}
	if _, err := w.adapter.Send(t.Context(), chat.Outgoing{Key: "k", To: chat.Place{User: who[0]}, Card: posted(who...)}); err != nil {
		t.Fatal(err)
	}
	list := w.fake.Messages("")
	ids, _ := path(list[len(list)-1].Card, "refresh", "userIds").([]any)
	if len(ids) != 60 || ids[0] != "29:p00" || ids[59] != "29:p59" {
		t.Errorf("%d people have a view of their own: %v", len(ids), ids)
	}
}
