package teams_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/teams/teamsfake"
)

func (w *world) pressing(action, arg string, more obj) obj {
	return w.invoke("adaptiveCard/action", obj{"action": obj{"type": "Action.Execute", "verb": action,
		"data": obj{"truce": obj{"a": action, "g": arg}}}, "trigger": "manual"}, more)
}

var errStore = errors.New("disk full")

func TestAButtonThatReplacesItsCard(t *testing.T) {
	w := newWorld(t)
	ref, err := w.adapter.Send(t.Context(), w.toAnna(chat.Card{Summary: "D-12 is open"}))
	if err != nil {
		t.Fatal(err)
	}
	w.answer(func(chat.Event) (chat.Reply, error) {
		return chat.Reply{Card: &chat.Card{Summary: "D-12 is upheld", Blocks: []chat.Block{chat.Para("upheld")}}, Replace: true}, nil
	})
	got := w.answered(w.pressing("dispute.uphold", "D-12", obj{"replyToId": ref.ID}))
	if got["statusCode"] != 200.0 || got["type"] != "application/vnd.microsoft.card.adaptive" ||
		!strings.Contains(text(got["value"]), "upheld") {
		t.Errorf("answer = %s", text(got))
	}
	ev := w.one()
	if ev.Kind != chat.Action || ev.Name != "dispute.uphold" || ev.Arg != "D-12" || ev.Source.ID != ref.ID ||
		ev.Source.Place.ID != ref.Place.ID {
		t.Errorf("event = %+v", ev)
	}
	w.eventually("the message changes for everybody", func() bool {
		m := w.fake.Messages(personal)
		return len(m) == 1 && m[0].Edits == 1 && strings.Contains(text(m[0].Card), "upheld")
	})
}

func TestAButtonWithAnAnswerBesideItsCard(t *testing.T) {
	private := func(chat.Event) (chat.Reply, error) {
		return chat.Reply{Card: &chat.Card{Summary: "four like it", Blocks: []chat.Block{chat.Para("four like it")}}}, nil
	}
	t.Run("in a personal chat it is a message", func(t *testing.T) {
		w := newWorld(t)
		w.answer(private)
		press := w.pressing("dispute.precedents", "D-12", nil)
		if got := w.answered(press); got["type"] != "application/vnd.microsoft.activity.message" {
			t.Errorf("answer = %s", text(got))
		}
		w.answered(press) // delivered twice
		if got := w.fake.Messages(personal); len(got) != 1 || !strings.Contains(text(got[0].Card), "four like it") {
			t.Errorf("messages = %+v", got)
		}
	})
	t.Run("in a channel it goes to the person", func(t *testing.T) {
		w := newWorld(t)
		w.fake.AddMember(teamsfake.Member{ID: annaID, AadObjectID: anna})
		w.answer(private)
		w.answered(w.inChannel(w.pressing("dispute.precedents", "D-12", nil)))
		if got := w.fake.Messages(""); len(got) != 1 || got[0].Conversation != personal {
			t.Errorf("messages = %+v", got)
		}
	})
	t.Run("who cannot be written to sees it in the card's place", func(t *testing.T) {
		w := newWorld(t)
		w.answer(private)
		got := w.answered(w.inChannel(w.pressing("dispute.precedents", "D-12", nil)))
		if !strings.Contains(text(got["value"]), "four like it") || len(w.fake.Messages("")) != 0 {
			t.Errorf("answer = %s", text(got))
		}
	})
	t.Run("what all may see is a message in the thread", func(t *testing.T) {
		w := newWorld(t)
		w.answer(func(chat.Event) (chat.Reply, error) {
			return chat.Reply{Card: &chat.Card{Summary: "for all"}, Public: true}, nil
		})
		w.answered(w.inChannel(w.pressing("dispute.precedents", "D-12", nil)))
		if got := w.fake.Messages(""); len(got) != 1 || got[0].Conversation != channel+";messageid=1700" {
			t.Errorf("messages = %+v", got)
		}
	})
}

func TestAFailedButtonSaysSo(t *testing.T) {
	w := newWorld(t)
	w.answer(func(chat.Event) (chat.Reply, error) {
		return chat.Reply{Card: &chat.Card{Summary: "Something went wrong (ref 7K2Q)"}}, errStore
	})
	got := w.answered(w.pressing("dispute.uphold", "D-12", nil))
	if got["statusCode"] != 500.0 || path(got, "value", "message") != "Something went wrong (ref 7K2Q)" {
		t.Errorf("answer = %s", text(got))
	}
	got = w.answered(w.invoke("adaptiveCard/action", obj{"action": obj{"data": obj{"other": "bot"}}}, nil))
	if got["statusCode"] != 400.0 {
		t.Errorf("somebody else's button: %s", text(got))
	}
}

var form = chat.Form{Name: "dispute.new", Title: "Dispute a lead", Submit: "Open it", State: "L-42", Fields: []chat.Field{
	{Name: "reason", Kind: chat.Choice, Label: "Reason", Required: true, Options: []chat.Option{{Value: "icp", Label: "Outside ICP"}}},
	{Name: "why", Kind: chat.LongText, Label: "Why?", Required: true},
	{Name: "score", Kind: chat.Number, Label: "Score"},
	{Name: "share", Kind: chat.Check, Label: "Share"},
}}

// submitted is what Teams sends when the dialog's button is pressed, with answers added to the button's own data.
func submitted(card any, values obj) obj {
	data := obj{}
	for k, v := range path(card, "actions", 0, "data").(map[string]any) {
		data[k] = v
	}
	for k, v := range values {
		data["field-"+k] = v
	}
	return data
}

func TestADialogFromOpeningToSending(t *testing.T) {
	w := newWorld(t)
	w.answer(func(ev chat.Event) (chat.Reply, error) {
		switch {
		case ev.Kind == chat.Action:
			return chat.Reply{Form: &form}, nil
		case len(ev.Values["why"]) < 10:
			return chat.Reply{Faults: []chat.Fault{{Field: "why", Text: "Say it in ten letters or more."}, {Text: "Nothing was stored."}}}, nil
		case ev.Values["why"] == "the store is broken":
			return chat.Reply{}, errStore
		}
		return chat.Reply{Card: &chat.Card{Summary: "D-13 is open", Title: chat.T("D-13 is open"),
			Blocks: []chat.Block{chat.ButtonRow(chat.Press("Undo", "dispute.withdraw", "D-13"), chat.Ask("Edit", "dispute.edit", "D-13"))}}}, nil
	})
	opened := w.answered(w.invoke("task/fetch", obj{"data": obj{"msteams": obj{"type": "task/fetch"},
		"truce": obj{"a": "dispute.ask", "g": "L-42"}}}, nil))
	card := path(opened, "task", "value", "card", "content")
	if path(opened, "task", "type") != "continue" || path(opened, "task", "value", "title") != "Dispute a lead" ||
		len(find(card, "type", "Input.Text")) != 1 {
		t.Fatalf("opened = %s", text(opened))
	}
	if ev := w.one(); ev.Kind != chat.Action || ev.Name != "dispute.ask" || ev.Arg != "L-42" {
		t.Errorf("event = %+v", ev)
	}

	again := w.answered(w.invoke("task/submit", obj{"data": submitted(card,
		obj{"reason": "icp", "why": "no", "score": 82.5, "share": "true"})}, nil))
	ev := w.one()
	want := map[string]string{"reason": "icp", "why": "no", "score": "82.5", "share": "true"}
	if ev.Kind != chat.Submit || ev.Name != "dispute.new" || ev.Arg != "L-42" || len(ev.Values) != len(want) {
		t.Errorf("event = %+v", ev)
	}
	for k, v := range want {
		if ev.Values[k] != v {
			t.Errorf("%s = %q, want %q", k, ev.Values[k], v)
		}
	}
	card = path(again, "task", "value", "card", "content")
	if got := find(card, "id", "field-why"); len(got) != 1 || got[0]["value"] != "no" {
		t.Errorf("what was typed is lost: %v", got)
	}
	if s := text(card); !strings.Contains(s, "ten letters or more") || !strings.Contains(s, "Nothing was stored") ||
		strings.Index(s, `"field-why"`) > strings.Index(s, "ten letters") {
		t.Errorf("the fault is not beside its field: %s", s)
	}
	if got := find(card, "id", "field-score"); len(got) != 1 || got[0]["value"] != 82.5 {
		t.Errorf("score = %v", got)
	}

	broken := w.answered(w.invoke("task/submit", obj{"data": submitted(card, obj{"why": "the store is broken", "share": "false"})}, nil))
	if s := text(broken); !strings.Contains(s, "Something went wrong") || !strings.Contains(s, "the store is broken") {
		t.Errorf("after an error what was typed is lost: %s", s)
	}
	if ev := w.one(); ev.Values["share"] != "" {
		t.Errorf("a toggle that is off reads %q", ev.Values["share"])
	}

	done := w.answered(w.invoke("task/submit", obj{"data": submitted(card, obj{"why": "an academic core facility"})}, nil))
	card = path(done, "task", "value", "card", "content")
	if path(done, "task", "type") != "continue" || !strings.Contains(text(card), "D-13 is open") ||
		len(find(card, "type", "Action.Execute")) != 0 {
		t.Errorf("done = %s (dialogs know no Action.Execute)", text(done))
	}
	w.seen()
	// A button in the dialog comes as task/submit too.
	w.answered(w.invoke("task/submit", obj{"data": obj{"truce": obj{"a": "dispute.withdraw", "g": "D-13"}}}, nil))
	if ev := w.one(); ev.Kind != chat.Action || ev.Name != "dispute.withdraw" {
		t.Errorf("event = %+v", ev)
	}
}

func TestAnExpiredFormGivesBackWhatWasTyped(t *testing.T) {
	w := newWorld(t)
	w.answer(func(chat.Event) (chat.Reply, error) {
		return chat.Reply{Faults: []chat.Fault{{Field: "why", Text: "Too short."}}}, nil
	})
	got := w.answered(w.invoke("task/submit", obj{"data": obj{"truce": obj{"f": "dispute.new", "k": "000000000000000000000000"},
		"field-why": "my words"}}, nil))
	if s := text(got); !strings.Contains(s, "my words") || !strings.Contains(s, "Too short.") {
		t.Errorf("answer = %s", s)
	}
}

func TestAFormInAMessage(t *testing.T) {
	w := newWorld(t)
	w.answer(func(ev chat.Event) (chat.Reply, error) {
		switch {
		case ev.Kind == chat.Command:
			return chat.Reply{Form: &form}, nil
		case ev.Values["why"] == "":
			return chat.Reply{Faults: []chat.Fault{{Field: "why", Text: "Say why."}}}, nil
		}
		return chat.Reply{Card: &chat.Card{Summary: "D-13 is open"}}, nil
	})
	w.deliver(w.said("dispute"), 200)
	msg := w.fake.Messages(personal)[0]
	send := func(values obj) obj {
		return w.answered(w.invoke("adaptiveCard/action", obj{"action": obj{"type": "Action.Execute", "data": submitted(msg.Card, values)}},
			obj{"replyToId": msg.ID}))
	}
	if s := text(send(obj{"reason": "icp"})); !strings.Contains(s, "Say why.") || !strings.Contains(s, `"value":"icp"`) {
		t.Errorf("answer = %s", s)
	}
	if got := send(obj{"why": "because"}); !strings.Contains(text(got["value"]), "D-13 is open") {
		t.Errorf("answer = %s", text(got))
	}
	w.eventually("the form has given way to its answer", func() bool {
		m := w.fake.Messages(personal)
		return len(m) == 1 && strings.Contains(text(m[0].Card), "D-13 is open")
	})
	// Clients that know only Action.Submit send a message instead.
	w.seen()
	act := w.activity("message", obj{"value": submitted(msg.Card, obj{"why": "because"}), "replyToId": msg.ID})
	w.deliver(act, 200)
	if ev := w.one(); ev.Kind != chat.Submit || ev.Values["why"] != "because" || ev.Source.ID != msg.ID {
		t.Errorf("event = %+v", ev)
	}
}

func TestMessageExtensions(t *testing.T) {
	w := newWorld(t)
	reply := func(ev chat.Event) (chat.Reply, error) {
		if ev.Kind == chat.Suggest {
			return chat.Reply{Options: []chat.Option{{Value: "A-1", Label: "Time to *reportable* result <b>", Hint: "Turnaround time"}}}, nil
		}
		if ev.Kind == chat.Shortcut {
			f := form
			f.Fields = []chat.Field{{Name: "why", Kind: chat.LongText, Label: "What did they say?", Value: ev.Quoted.Text}}
			return chat.Reply{Form: &f}, nil
		}
		return chat.Reply{Card: &chat.Card{Summary: "Logged"}}, nil
	}
	w.answer(reply)
	payload := obj{"id": "1699", "createdDateTime": "2026-11-20T09:30:00.000Z",
		"from": obj{"user": obj{"id": strings.ToUpper(anna), "displayName": "Anna Berg"}},
		"body": obj{"contentType": "html", "content": "<div><p>They say &amp; mean:&nbsp;<b>too " +
			"slow</b><br>twice</p><ul><li>one</li><li>two</li></ul><attachment id=\"x\"></attachment><img alt=\"🙂\" " +
			"src=\"https://x.example\"></div>"}}
	opened := w.answered(w.inChannel(w.invoke("composeExtension/fetchTask",
		obj{"commandId": "log-objection", "commandContext": "message", "messagePayload": payload}, nil)))
	ev := w.one()
	if ev.Kind != chat.Shortcut || ev.Name != "log-objection" || ev.Quoted == nil || ev.Source.ID != "1699" {
		t.Fatalf("event = %+v", ev)
	}
	if want := "They say & mean: too slow\ntwice\n- one\n- two\n🙂"; ev.Quoted.Text != want {
		t.Errorf("quoted %q, want %q", ev.Quoted.Text, want)
	}
	if ev.Quoted.Author.ID != "teams:"+teamsfake.Tenant+":"+anna || !ev.Quoted.At.Equal(time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)) {
		t.Errorf("quoted = %+v", ev.Quoted)
	}
	if keys := w.mem.Keys("conversation/"); len(keys) != 0 {
		t.Errorf("a conversation the bot may not be in is remembered: %v", keys)
	}
	card := path(opened, "task", "value", "card", "content")
	got := w.answered(w.inChannel(w.invoke("composeExtension/submitAction",
		obj{"commandId": "log-objection", "data": submitted(card, obj{"why": "too slow"})}, nil)))
	if path(got, "task", "type") != "continue" || !strings.Contains(text(got), "Logged") {
		t.Errorf("answer = %s", text(got))
	}
	w.seen()

	found := w.answered(w.invoke("composeExtension/query", obj{"commandId": "answers", "parameters": []obj{{"name": "text", "value": "slow"}},
		"queryOptions": obj{"skip": 0, "count": 25}}, nil))
	if ev := w.one(); ev.Kind != chat.Suggest || ev.Name != "answers" || ev.Text != "slow" {
		t.Errorf("event = %+v", ev)
	}
	preview := path(found, "composeExtension", "attachments", 0, "preview", "content", "title")
	if path(found, "composeExtension", "type") != "result" || preview != "Time to *reportable* result &lt;b&gt;" {
		t.Errorf("found = %s", text(found))
	}
	t.Run("one is taken", func(t *testing.T) {
		tap := path(found, "composeExtension", "attachments", 0, "preview", "content", "tap")
		if path(tap, "type") != "invoke" {
			t.Fatalf("what was found cannot be taken: %s", text(found))
		}
		took := w.answered(w.inChannel(w.invoke("composeExtension/selectItem", path(tap, "value"), nil)))
		if ev := w.one(); ev.Kind != chat.Pick || ev.Name != "answers" || ev.Arg != "A-1" {
			t.Errorf("event = %+v", ev)
		}
		if path(took, "composeExtension", "type") != "result" ||
			!strings.Contains(text(path(took, "composeExtension", "attachments", 0, "content")), "Logged") {
			t.Errorf("into the message goes %s", text(took))
		}
		w.answer(func(chat.Event) (chat.Reply, error) {
			return chat.Reply{Faults: []chat.Fault{{Text: "Recalled."}}}, nil
		})
		if took := w.answered(w.invoke("composeExtension/selectItem", path(tap, "value"), nil)); path(took, "composeExtension",
			"type") != "message" || path(took, "composeExtension", "text") != "Recalled." {
			t.Errorf("of an answer that is none any more goes %s", text(took))
		}
		if took := w.answered(w.invoke("composeExtension/selectItem", obj{"made": "up"}, nil)); path(took, "composeExtension",
			"type") != "message" {
			t.Errorf("of nothing of ours goes %s", text(took))
		}
		w.answer(reply)
		w.seen()
	})
	w.answered(w.invoke("composeExtension/query", obj{"commandId": "answers", "parameters": []obj{{"name": "initialRun", "value": "true"}}},
		nil))
	if ev := w.one(); ev.Text != "" {
		t.Errorf("the first look searches for %q", ev.Text)
	}
	ahead := w.answered(w.invoke("application/search", obj{"queryText": "north", "queryOptions": obj{"skip": 0, "top": 15},
		"dataset": "leads"}, nil))
	if ev := w.one(); ev.Name != "leads" || ev.Text != "north" {
		t.Errorf("event = %+v", ev)
	}
	if path(ahead, "type") != "application/vnd.microsoft.search.searchResponse" || path(ahead, "value", "results", 0, "value") != "A-1" {
		t.Errorf("ahead = %s", text(ahead))
	}
}

func TestUnknownInvokes(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"", "signin/verifyState", "fileConsent/invoke", "made/up"} {
		w.deliver(w.invoke(name, obj{}, nil), http.StatusNotImplemented)
	}
	for _, name := range []string{"adaptiveCard/action", "task/fetch", "task/submit", "composeExtension/fetchTask",
		"composeExtension/submitAction", "composeExtension/query", "application/search"} {
		for _, value := range []any{nil, "text", []any{1}, 7, obj{}, obj{"data": "x", "action": 7}} {
			w.deliver(w.invoke(name, value, nil), 200)
		}
	}
}

func TestASlowHandlerIsNotWaitedFor(t *testing.T) {
	if testing.Short() {
		t.Skip("waits four seconds")
	}
	w := newWorld(t)
	w.deliver(w.said("hello"), 200)
	release := make(chan struct{})
	w.answer(func(chat.Event) (chat.Reply, error) {
		<-release
		return chat.Reply{Card: &chat.Card{Summary: "late"}}, nil
	})
	start := time.Now()
	got := w.answered(w.invoke("task/submit", obj{"data": obj{"truce": obj{"a": "slow"}}}, nil))
	if took := time.Since(start); took > 5*time.Second || path(got, "task", "type") != "message" {
		t.Errorf("after %v: %s", took, text(got))
	}
	close(release)
	w.eventually("the answer comes as a message", func() bool { return len(w.fake.Messages(personal)) == 2 })
}

func TestPeopleReadTheSentenceOfAnError(t *testing.T) {
	w := newWorld(t)
	w.answer(func(chat.Event) (chat.Reply, error) {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "Already upheld by Marketing at 13:20. Nothing changed.")
	})
	got := w.answered(w.pressing("dispute.uphold", "D-12", nil))
	if path(got, "value", "message") != "Already upheld by Marketing at 13:20. Nothing changed." {
		t.Errorf("answer = %s", text(got))
	}
}

// TestAFieldThatSuggests begins with what is found without a word typed, and shows what it holds also where that is not among it.
func TestAFieldThatSuggests(t *testing.T) {
	w := newWorld(t)
	found := []chat.Option{{Value: "L-1", Label: "L-1 · Northfield Labs"}, {Value: "L-2", Label: "L-2 · Ardmore Bio"}}
	w.answer(func(ev chat.Event) (chat.Reply, error) {
		switch {
		case ev.Kind == chat.Suggest && ev.Name == "leads" && ev.Text == "" && ev.User.ID == userID(anna):
			return chat.Reply{Options: found}, nil
		case ev.Kind == chat.Submit && ev.Values["lead"] == "":
			return chat.Reply{Faults: []chat.Fault{{Field: "lead", Text: "Choose a lead."}}}, nil
		case ev.Kind == chat.Submit:
			return chat.Reply{Faults: []chat.Fault{{Field: "lead", Text: "Two leads match."}}}, nil
		}
		return chat.Reply{Form: &chat.Form{Name: "lead.find", Title: "Find a lead", Submit: "Show it",
			Fields: []chat.Field{{Name: "lead", Kind: chat.Search, Suggest: "leads", Label: "Lead", Required: true}}}}, nil
	})
	press := obj{"data": obj{"msteams": obj{"type": "task/fetch"}, "truce": obj{"a": "lead.find"}}}
	choices := func(answer obj) string {
		t.Helper()
		sets := find(answer, "type", "Input.ChoiceSet")
		if len(sets) != 1 {
			t.Fatalf("%d lists in %s", len(sets), text(answer))
		}
		var values []string
		for _, c := range sets[0]["choices"].([]any) {
			values = append(values, path(c, "value").(string))
		}
		return strings.Join(values, " ") + " = " + fmt.Sprint(sets[0]["value"])
	}
	opened := w.answered(w.invoke("task/fetch", press, nil))
	if got := choices(opened); got != "L-1 L-2 = <nil>" {
		t.Errorf("it begins with %s", got)
	}
	send := func(lead string) obj {
		data := find(opened, "type", "Action.Submit")[0]["data"].(map[string]any)
		return w.answered(w.invoke("task/submit", obj{"data": obj{"truce": data["truce"], "field-lead": lead}}, nil))
	}
	if got := choices(send("Northfield")); got != "Northfield L-1 L-2 = Northfield" {
		t.Errorf("what was written is shown as %s", got)
	}
	w.mu.Lock()
	found = nil
	w.mu.Unlock()
	empty := w.answered(w.invoke("task/fetch", press, nil))
	if got := choices(empty); got != "truce:nothing = <nil>" {
		t.Errorf("with nothing to suggest it begins with %s", got)
	}
	if got := text(send("truce:nothing")); !strings.Contains(got, "Choose a lead.") {
		t.Errorf("the choice of nothing is taken as %s", got)
	}
}

// Teams writes what is chosen of several in one value, with commas between: names that hold commas come back whole.
func TestAFieldThatTakesSeveral(t *testing.T) {
	w := newWorld(t)
	several := chat.Form{Name: "taskforce.start", Title: "Begin", State: "S", Fields: []chat.Field{{Name: "members", Kind: chat.Several,
		Label: "Members", Value: chat.Together("Keller, Ann", "Sam"), Required: true, Options: []chat.Option{
			{Value: "Keller, Ann", Label: "Keller, Ann"}, {Value: "Mona & Co", Label: "Mona"}, {Value: "Sam", Label: "Sam"}}}}}
	w.answer(func(ev chat.Event) (chat.Reply, error) {
		if ev.Kind == chat.Action {
			return chat.Reply{Form: &several}, nil
		}
		return chat.Reply{Faults: []chat.Fault{{Field: "members", Text: "Name somebody of Sales, too."}}}, nil
	})
	opened := w.answered(w.invoke("task/fetch", obj{"data": obj{"msteams": obj{"type": "task/fetch"},
		"truce": obj{"a": "taskforce.start"}}}, nil))
	card := path(opened, "task", "value", "card", "content")
	if in := find(card, "id", "several-members"); len(in) != 1 || in[0]["isMultiSelect"] != true || in[0]["value"] != "Keller%2C+Ann,Sam" {
		t.Fatalf("drawn as %s", text(card))
	}
	w.one()
	data := submitted(card, nil)
	data["several-members"] = "Keller%2C+Ann,Mona+%26+Co"
	again := w.answered(w.invoke("task/submit", obj{"data": data}, nil))
	if got := w.one().Values["members"]; got != chat.Together("Keller, Ann", "Mona & Co") {
		t.Errorf("arrives as %q", got)
	}
	card = path(again, "task", "value", "card", "content")
	if in := find(card, "id", "several-members"); len(in) != 1 || in[0]["value"] != "Keller%2C+Ann,Mona+%26+Co" {
		t.Errorf("what was chosen is lost beside the fault: %s", text(card))
	}
}
