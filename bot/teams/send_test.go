package teams_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"truce/bot/chat"
	"truce/bot/teams/teamsfake"
)

const (
	tenantPrefix = "teams:" + teamsfake.Tenant + ":"
	annaUser     = tenantPrefix + anna
)

// toAnna is a message to her, whom the bot has heard from.
func (w *world) toAnna(card chat.Card) chat.Outgoing {
	w.t.Helper()
	w.fake.AddMember(teamsfake.Member{ID: annaID, AadObjectID: anna, Name: "Anna Berg", Email: "Anna.Berg@Quillwater.example",
		UserPrincipalName: "anna@quillwater.example", TenantID: teamsfake.Tenant, UserRole: "user"})
	w.answer(func(chat.Event) (chat.Reply, error) { return chat.Reply{}, nil })
	w.deliver(w.inChannel(w.said("hello")), 200)
	w.seen()
	return chat.Outgoing{Key: "k1", To: chat.Place{User: annaUser}, Card: card}
}

// eventually waits for what happens after an answer was given.
func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	for range 200 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Errorf("%s: did not happen; logs:\n%s", what, w.logs)
}

var note = chat.Card{Summary: "a note", Blocks: []chat.Block{chat.Para("a note")}}

func TestSendToAPerson(t *testing.T) {
	w := newWorld(t)
	out := w.toAnna(note)
	ref, err := w.adapter.Send(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if ref.Place.ID != tenantPrefix+personal || ref.Place.Kind != chat.DM || ref.ID == "" {
		t.Errorf("ref = %+v", ref)
	}
	w.pass(time.Minute)
	if _, err := w.adapter.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	opened := 0
	for _, c := range w.fake.Calls() {
		if c.Path == "/v3/conversations" {
			opened++
		}
	}
	if opened != 1 {
		t.Errorf("the chat was opened %d times", opened)
	}
	edited, err := w.adapter.Send(t.Context(), chat.Outgoing{Edit: ref, Card: chat.Card{Summary: "changed"}})
	if err != nil || edited.ID != ref.ID {
		t.Errorf("edit: %+v, %v", edited, err)
	}
	if m := w.fake.Messages(personal); len(m) != 2 || m[0].Edits != 1 || m[0].Activity["summary"] != "changed" {
		t.Errorf("messages = %+v", m)
	}
}

func TestSendToAPersonKnownFromElsewhere(t *testing.T) {
	w := newWorld(t)
	w.toAnna(note)
	w.fake.AddMember(teamsfake.Member{ID: "29:mia", AadObjectID: "5b5b5b5b-1111-4222-8333-444444444444"})
	ref, err := w.adapter.Send(t.Context(), chat.Outgoing{To: chat.Place{User: tenantPrefix + "5b5b5b5b-1111-4222-8333-444444444444"},
		Card: note})
	if err != nil || ref.ID == "" {
		t.Errorf("%+v, %v", ref, err)
	}
	_, err = w.adapter.Send(t.Context(), chat.Outgoing{To: chat.Place{User: tenantPrefix + "6c6c6c6c-1111-4222-8333-444444444444"},
		Card: note})
	if chat.TroubleOf(err) != chat.Unreachable {
		t.Errorf("somebody without the app: %v", err)
	}
}

func TestSendToAChannel(t *testing.T) {
	w := newWorld(t)
	w.toAnna(note)
	place := chat.Place{ID: tenantPrefix + channel, Kind: chat.Channel, Name: "lead-disputes"}
	ref, err := w.adapter.Send(t.Context(), chat.Outgoing{To: place, Card: note})
	if err != nil {
		t.Fatal(err)
	}
	if ref.Place.Thread == "" || ref.ID == "" {
		t.Fatalf("ref = %+v: a new message begins a thread", ref)
	}
	reply, err := w.adapter.Send(t.Context(), chat.Outgoing{To: ref.Place, Card: note})
	if err != nil {
		t.Fatal(err)
	}
	msgs := w.fake.Messages("")
	if len(msgs) != 2 || msgs[0].Conversation != msgs[1].Conversation || reply.Place.Thread != ref.Place.Thread {
		t.Errorf("messages = %+v", msgs)
	}
	if _, err := w.adapter.Send(t.Context(), chat.Outgoing{Edit: ref, Card: note}); err != nil {
		t.Errorf("edit: %v", err)
	}
	if _, err := w.adapter.Send(t.Context(), chat.Outgoing{To: chat.Place{ID: "teams:other-tenant:19:x@thread.tacv2", Kind: chat.Channel},
		Card: note}); chat.TroubleOf(err) != chat.Gone {
		t.Errorf("another tenant's channel: %v", err)
	}
	if _, err := w.adapter.Send(t.Context(), chat.Outgoing{To: chat.Place{ID: "teams::#lead-disputes", Kind: chat.Channel,
		Name: "lead-disputes"}, Card: note}); chat.TroubleOf(err) != chat.NotMember {
		t.Errorf("a channel known by its name alone: %v", err)
	}
	// A channel nobody has spoken in yet is reached through the same region.
	if _, err := w.adapter.Send(t.Context(), chat.Outgoing{To: chat.Place{ID: tenantPrefix + "19:new@thread.tacv2", Kind: chat.Channel},
		Card: note}); err != nil {
		t.Errorf("a channel without a reference: %v", err)
	}
	if _, err := w.adapter.Send(t.Context(), chat.Outgoing{To: chat.Place{ID: tenantPrefix + "19:a/../b?x=1#y", Kind: chat.Group},
		Card: note}); err != nil {
		t.Errorf("an id with a slash: %v", err)
	}
	calls := w.fake.Calls()
	if got := calls[len(calls)-1].Path; !strings.Contains(got, "a%2F..%2Fb%3Fx=1%23y") {
		t.Errorf("path = %s", got)
	}
}

// TestAChannelConfiguredByItsName: names are read from the teams that the app was added to, since activities do not hold them.
func TestAChannelConfiguredByItsName(t *testing.T) {
	w := newWorld(t)
	w.toAnna(note)
	byName := func(name string) chat.Outgoing {
		return chat.Outgoing{To: chat.Place{ID: "teams::" + name, Kind: chat.Channel, Name: name}, Card: note}
	}
	if _, err := w.adapter.Send(t.Context(), byName("Lead disputes")); chat.TroubleOf(err) != chat.NotMember {
		t.Errorf("before the app is in any team: %v", err)
	}
	w.fake.AddChannel("19:team@thread.tacv2", channel, "")
	w.fake.AddChannel("19:team@thread.tacv2", "19:disputes@thread.tacv2", "Lead Disputes")
	w.deliver(w.inChannel(w.activity("conversationUpdate", obj{"membersAdded": []obj{{"id": teamsfake.BotID}}})), 200)
	w.pass(10 * time.Second)
	for name, want := range map[string]string{"lead disputes": "19:disputes@thread.tacv2", "General": channel} {
		ref, err := w.adapter.Send(t.Context(), byName(name))
		if err != nil || ref.Place.ID != tenantPrefix+want || ref.Place.Name != name {
			t.Errorf("%s: %+v, %v", name, ref, err)
		}
	}
	if _, err := w.adapter.Send(t.Context(), byName("Elsewhere")); chat.TroubleOf(err) != chat.NotMember {
		t.Errorf("a name that no team has: %v", err)
	}
	asked := 0
	for _, c := range w.fake.Calls() {
		if strings.HasSuffix(c.Path, "/conversations") && strings.HasPrefix(c.Path, "/v3/teams/") {
			asked++
		}
	}
	if asked != 2 { // before it had the channels, and after
		t.Errorf("the team was asked %d times for its channels", asked)
	}
	found := w.adapter.Check(t.Context(), []chat.Place{byName("Lead disputes").To, byName("Elsewhere").To})
	if n := len(found); !found[n-2].OK || found[n-1].OK || found[n-1].Remedy == "" {
		t.Errorf("check says %+v", found)
	}
}

func TestWhatAFailureMeans(t *testing.T) {
	coded := func(code string) string { return `{"error":{"code":"` + code + `","message":"no"}}` }
	after := http.Header{"Retry-After": {"90"}}
	for _, c := range []struct {
		name    string
		faults  []teamsfake.Fault
		channel bool
		edit    bool
		want    chat.Trouble // "" is success
		calls   int          // requests to the activities, 0 for any number
	}{
		{"throttled for a moment", []teamsfake.Fault{{Status: 429, Header: http.Header{"Retry-After": {"1"}}}}, false, false, "", 2},
		{"throttled without saying for how long", []teamsfake.Fault{{Status: 429}, {Status: 429}}, false, false, "", 3},
		{"throttled for long", []teamsfake.Fault{{Status: 429, Header: after}}, false, false, chat.Later, 1},
		{"precondition failed", []teamsfake.Fault{{Status: 412}}, false, false, "", 2},
		{"bad gateway", []teamsfake.Fault{{Status: 502}}, false, false, "", 2},
		{"gateway timeout", []teamsfake.Fault{{Status: 504}}, false, false, "", 2},
		{"bad gateway to the end", []teamsfake.Fault{{Status: 502}, {Status: 502}, {Status: 502}, {Status: 502}}, false, false, chat.Unclear, 4},
		{"blocked by the person", []teamsfake.Fault{{Status: 403,
			Body: `{"error":{"code":"ConversationBlockedByUser"},"subCode":"MessageWritesBlocked"}`}}, false, false, chat.Unreachable, 1},
		{"not installed", []teamsfake.Fault{{Status: 400, Body: coded("ServiceError")}}, false, false, chat.Unreachable, 1},
		{"a card Teams does not take", []teamsfake.Fault{{Status: 400, Body: coded("BadSyntax")}}, false, false, "", 2},
		{"too large", []teamsfake.Fault{{Status: 413, Body: coded("MessageSizeTooBig")}}, false, false, "", 2},
		{"too large, and plain too", []teamsfake.Fault{{Status: 413, Body: coded("MessageSizeTooBig")},
			{Status: 413, Body: coded("MessageSizeTooBig")}}, false, false, "", 3},
		{"nothing is taken", []teamsfake.Fault{{Status: 400, Body: coded("BadSyntax")}, {Status: 400, Body: coded("BadSyntax")},
			{Status: 400, Body: coded("BadSyntax")}}, false, false, chat.Refused, 3},
		{"the conversation is no more", []teamsfake.Fault{{Status: 404, Body: coded("ConversationNotFound")}}, false, false, chat.Gone, 1},
		{"not in the channel", []teamsfake.Fault{{Status: 403, Body: coded("BotNotInConversationRoster")}}, true, false, chat.NotMember, 1},
		{"a server error may have arrived", []teamsfake.Fault{{Status: 500}}, false, false, chat.Unclear, 1},
		{"a cut connection may have arrived", []teamsfake.Fault{{Cut: true, After: true}}, false, false, chat.Unclear, 1},
		{"an edit that failed can be repeated", []teamsfake.Fault{{Status: 500}}, false, true, chat.Later, 1},
		{"an edit of what was deleted", []teamsfake.Fault{{Status: 404}}, false, true, chat.Gone, 1},
		{"the token was refused once", []teamsfake.Fault{{Status: 401}}, false, false, "", 2},
		{"the token was refused twice", []teamsfake.Fault{{Status: 401}, {Status: 401}}, false, false, chat.Unauthorized, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			out := w.toAnna(note)
			ref, err := w.adapter.Send(t.Context(), out) // opens the chat
			if err != nil {
				t.Fatal(err)
			}
			before := len(w.fake.Calls())
			if c.channel {
				out.To = chat.Place{ID: tenantPrefix + channel, Kind: chat.Channel, Thread: "1700"}
			}
			if c.edit {
				out.Edit = ref
			}
			w.fake.Fail(c.faults...)
			_, err = w.adapter.Send(t.Context(), out)
			got := chat.Trouble("")
			if err != nil {
				got = chat.TroubleOf(err)
			}
			if got != c.want {
				t.Errorf("got %q (%v), want %q", got, err, c.want)
			}
			if n := len(w.fake.Calls()) - before; c.calls != 0 && n != c.calls {
				t.Errorf("%d requests, want %d", n, c.calls)
			}
			if c.name == "throttled for long" && err.(*chat.SendError).RetryAfter != 90*time.Second {
				t.Errorf("retry after %v", err.(*chat.SendError).RetryAfter)
			}
		})
	}
}

func TestAnUnreachablePersonIsTriedOnce(t *testing.T) {
	w := newWorld(t)
	out := w.toAnna(note)
	if _, err := w.adapter.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	w.fake.Fail(teamsfake.Fault{Status: 403, Body: `{"error":{"code":"Forbidden"},"subCode":"MessageWritesBlocked"}`})
	for range 3 {
		if _, err := w.adapter.Send(t.Context(), out); chat.TroubleOf(err) != chat.Unreachable {
			t.Errorf("got %v", err)
		}
	}
	sent := func() int {
		n := 0
		for _, c := range w.fake.Calls() {
			if c.Method == http.MethodPost {
				n++
			}
		}
		return n
	}
	calls := sent()
	if _, err := w.adapter.Send(t.Context(), chat.Outgoing{To: chat.Place{ID: tenantPrefix + personal, Kind: chat.DM},
		Card: note}); chat.TroubleOf(err) != chat.Unreachable {
		t.Errorf("by the place: %v", err)
	}
	if got := sent(); got != calls || calls != 3 {
		t.Errorf("%d requests, then %d", calls, got)
	}
	w.deliver(w.said("I am back"), 200)
	if _, err := w.adapter.Send(t.Context(), out); err != nil {
		t.Errorf("after they wrote: %v", err)
	}
}

func TestARepeatSaysThatItMayBeOne(t *testing.T) {
	w := newWorld(t)
	out := w.toAnna(note)
	out.Again = true
	if _, err := w.adapter.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if m := w.fake.Messages(personal); !strings.Contains(text(m[0].Card), "You may see this twice") {
		t.Errorf("card = %s", text(m[0].Card))
	}
}

func TestTheTokenIsKeptAndRenewed(t *testing.T) {
	w := newWorld(t)
	out := w.toAnna(note)
	send := func() {
		t.Helper()
		w.pass(2 * time.Second)
		if _, err := w.adapter.Send(t.Context(), out); err != nil {
			t.Fatal(err)
		}
	}
	send()
	send()
	if got := w.fake.Tokens(); got != 1 {
		t.Errorf("%d tokens for two messages", got)
	}
	w.pass(56 * time.Minute)
	send()
	if got := w.fake.Tokens(); got != 2 {
		t.Errorf("%d tokens: it should have been renewed before its end", got)
	}
	w.fake.RevokeToken()
	send()
	if got := w.fake.Tokens(); got != 3 {
		t.Errorf("%d tokens after a revocation", got)
	}
	w.fake.FailToken(&teamsfake.Fault{Status: 401, Body: `{"error":"invalid_client","error_description":"AADSTS7000222: expired"}`})
	w.fake.RevokeToken()
	_, err := w.adapter.Send(t.Context(), out)
	if chat.TroubleOf(err) != chat.Unauthorized || !strings.Contains(err.Error(), "AADSTS7000222") {
		t.Errorf("got %v", err)
	}
	w.fake.FailToken(&teamsfake.Fault{Status: 503, Body: `{}`})
	if _, err := w.adapter.Send(t.Context(), out); chat.TroubleOf(err) != chat.Later {
		t.Errorf("got %v", err)
	}
}

func TestTeamsLimitsForOneConversation(t *testing.T) {
	w := newWorld(t)
	out := w.toAnna(note)
	if _, err := w.adapter.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	sent, seconds := 0, 0
	var firstTwo int
	for ; seconds < 30; seconds++ {
		for {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond) // do not wait: the clock stands still
			_, err := w.adapter.Send(ctx, out)
			cancel()
			if chat.TroubleOf(err) == chat.Later && err != nil {
				break
			}
			if err != nil && !strings.Contains(err.Error(), "context deadline") {
				t.Fatal(err)
			}
			sent++
			if sent > 100 {
				t.Fatal("no limit at all")
			}
		}
		if seconds == 1 {
			firstTwo = sent
		}
		w.pass(time.Second)
	}
	if firstTwo > 8 || sent > 60 || sent < 30 {
		t.Errorf("%d in two seconds (at most 8), %d in thirty (at most 60)", firstTwo, sent)
	}
}

func TestLookUp(t *testing.T) {
	w := newWorld(t)
	w.toAnna(note)
	got, err := w.adapter.LookUp(t.Context(), annaUser)
	want := chat.User{ID: annaUser, Name: "Anna Berg", Email: "anna.berg@quillwater.example", Standing: chat.Member}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, c := range []struct {
		name   string
		change func(*teamsfake.Member)
		want   chat.Standing
		email  string
	}{
		{"a guest", func(m *teamsfake.Member) { m.UserRole = "guest" }, chat.Guest, ""},
		{"a guest by their name", func(m *teamsfake.Member) { m.UserPrincipalName = "anna_x.example#EXT#@quillwater.example" }, chat.Guest, ""},
		{"of another tenant", func(m *teamsfake.Member) { m.TenantID = "bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee" }, chat.Outside, ""},
		{"without a mailbox", func(m *teamsfake.Member) { m.Email = "" }, chat.Member, "anna@quillwater.example"},
	} {
		m := teamsfake.Member{ID: annaID, AadObjectID: anna, Name: "Anna Berg", Email: "anna.berg@quillwater.example",
			UserPrincipalName: "anna@quillwater.example", TenantID: teamsfake.Tenant, UserRole: "user"}
		c.change(&m)
		w.fake.AddMember(m)
		if got, err := w.adapter.LookUp(t.Context(), annaUser); err != nil || got.Standing != c.want || got.Email != c.email {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
	if _, err := w.adapter.LookUp(t.Context(), tenantPrefix+"nobody"); err == nil {
		t.Error("nobody was found")
	}
}

// TestAnEventWaitsForNobody: who somebody is is not asked while they wait; what the activity itself says stands in the event.
func TestAnEventWaitsForNobody(t *testing.T) {
	w := newWorld(t)
	w.fake.AddMember(teamsfake.Member{ID: annaID, AadObjectID: anna, Name: "Anna Berg", Email: "anna.berg@quillwater.example",
		TenantID: teamsfake.Tenant, UserRole: "user"})
	w.deliver(w.said("hello"), 200)
	if u := w.one().User; u.Standing != chat.Unknown || u.Email != "" || u.Zone != "America/New_York" {
		t.Errorf("user = %+v", u)
	}
	for _, c := range w.fake.Calls() {
		if strings.Contains(c.Path, "/members/") {
			t.Errorf("the roster was asked: %s", c.Path)
		}
	}
	if u, err := w.adapter.LookUp(t.Context(), annaUser); err != nil || u.Standing != chat.Member {
		t.Errorf("asked, it says %+v, %v", u, err)
	}
}

func TestTheHomeCardIsKeptUpToDate(t *testing.T) {
	w := newWorld(t)
	w.answer(func(chat.Event) (chat.Reply, error) { return chat.Reply{Card: &chat.Card{Summary: "two wait"}}, nil })
	if err := w.adapter.SetHome(t.Context(), annaUser, note); err != nil {
		t.Errorf("nobody asked for a home card: %v", err)
	}
	w.deliver(w.said("home"), 200)
	if err := w.adapter.SetHome(t.Context(), annaUser, chat.Card{Summary: "one waits"}); err != nil {
		t.Fatal(err)
	}
	if m := w.fake.Messages(personal); len(m) != 1 || m[0].Activity["summary"] != "one waits" {
		t.Errorf("messages = %+v", m)
	}
}

func TestCheck(t *testing.T) {
	w := newWorld(t)
	w.toAnna(note)
	findings := w.adapter.Check(t.Context(), []chat.Place{{ID: tenantPrefix + channel, Name: "lead-disputes"},
		{ID: tenantPrefix + "19:other", Name: "digests"}, {ID: "slack:T:C", Name: "elsewhere"}})
	if len(findings) != 4 || !findings[0].OK || !findings[1].OK || !findings[2].OK || findings[3].OK || findings[3].Remedy == "" {
		t.Errorf("findings = %+v", findings)
	}
	w.fake.MetadataDown(true)
	w.start()
	w.fake.FailToken(&teamsfake.Fault{Status: 401, Body: `{"error":"invalid_client"}`})
	for _, f := range w.adapter.Check(t.Context(), nil) {
		if f.OK || f.Remedy == "" {
			t.Errorf("finding = %+v", f)
		}
	}
	if err := w.adapter.Ready(); err == nil {
		t.Error("ready without keys")
	}
}
