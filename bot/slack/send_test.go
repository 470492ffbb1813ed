package slack_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/chat/chattest"
	"truce/bot/golden"
	"truce/bot/slack"
	"truce/bot/slack/slackfake"
)

var channelC1 = chat.Place{ID: "slack:T1:C1", Kind: chat.Channel, Name: "general"}

func note(s string) chat.Card { return chat.Card{Summary: s, Blocks: []chat.Block{chat.Para(s)}} }

func TestSend(t *testing.T) {
	b := newBench(t, desk)
	ctx := context.Background()
	ref, err := b.adapter.Send(ctx, chat.Outgoing{Key: "dispute/D-12", To: channelC1, Card: note("D-12")})
	if err != nil || ref.Place.ID != "slack:T1:C1" || ref.ID == "" {
		t.Fatalf("got %+v, %v", ref, err)
	}
	if m := last(b.Messages("C1")); m.Text != "D-12" || m.Metadata["event_type"] != "truce_message" ||
		strings.Contains(jsonOf(m.Metadata), "D-12") {
		t.Errorf("got %+v", m)
	}
	again, err := b.adapter.Send(ctx, chat.Outgoing{Key: "dispute/D-12", To: channelC1, Card: note("D-12 upheld"), Edit: ref})
	if err != nil || again.ID != ref.ID {
		t.Fatalf("edit: got %+v, %v", again, err)
	}
	if list := b.Messages("C1"); len(list) != 1 || list[0].Text != "D-12 upheld" || list[0].Edits != 1 {
		t.Errorf("got %+v", list)
	}
	thread := channelC1
	thread.Thread = ref.ID
	b.adapter.Send(ctx, chat.Outgoing{Key: "x", To: thread, Card: note("in the thread")})
	if m := last(b.Messages("C1")); m.Thread != ref.ID {
		t.Errorf("got %+v", m)
	}
	ref, err = b.adapter.Send(ctx, chat.Outgoing{Key: "y", To: chat.Place{Kind: chat.DM, User: "slack:T1:U1"}, Card: note("to you")})
	if err != nil || ref.Place.ID != "slack:T1:D1" || last(b.DM("U1")).Text != "to you" {
		t.Errorf("got %+v, %v", ref, err)
	}
	for _, c := range b.Calls("chat.postMessage") {
		if c.Args["unfurl_links"] != false || c.Args["unfurl_media"] != false {
			t.Errorf("previews are not off: %v", c.Args)
		}
	}
}

func TestSendTroubles(t *testing.T) {
	dm := chat.Place{Kind: chat.DM, User: "slack:T1:U1"}
	tests := []struct {
		name    string
		to      chat.Place
		edit    chat.Ref
		prepare func(*bench)
		want    chat.Trouble
		remedy  string
		after   time.Duration
	}{
		{name: "too many requests", to: channelC1, prepare: fails("chat.postMessage", slackfake.Fault{Status: 429, RetryAfter: 7}),
			want: chat.Later, after: 7 * time.Second},
		{name: "a server error may have posted", to: channelC1, prepare: fails("chat.postMessage", slackfake.Fault{Status: 503}),
			want: chat.Unclear},
		{name: "a broken connection may have posted", to: channelC1, prepare: fails("chat.postMessage", slackfake.Fault{Cut: true, After: true}),
			want: chat.Unclear},
		{name: "fatal_error may have posted", to: channelC1, prepare: fails("chat.postMessage", slackfake.Fault{Error: "fatal_error"}),
			want: chat.Unclear},
		{name: "an edit can be done again", to: channelC1, edit: chat.Ref{Place: channelC1, ID: "1.1"},
			prepare: fails("chat.update", slackfake.Fault{Status: 500}), want: chat.Later},
		{name: "opening a DM can be done again", to: dm, prepare: fails("conversations.open", slackfake.Fault{Status: 500}), want: chat.Later},
		{name: "no Slack at all", to: channelC1, prepare: func(b *bench) { b.Fake.Close() }, want: chat.Later},
		{name: "not a member", to: chat.Place{ID: "slack:T1:C2", Name: "lead-disputes"},
			prepare: func(b *bench) { b.AddChannel(slackfake.Channel{ID: "C2"}) }, want: chat.NotMember,
			remedy: "Type /invite @Truce in #lead-disputes."},
		{name: "a private channel it cannot see", to: chat.Place{ID: "slack:T1:C9"}, want: chat.NotMember,
			remedy: "Type /invite @Truce in the channel."},
		{name: "archived", to: chat.Place{ID: "slack:T1:C3", Name: "old"},
			prepare: func(b *bench) { b.AddChannel(slackfake.Channel{ID: "C3", Archived: true}) }, want: chat.Gone,
			remedy: "Choose another channel: #old is archived."},
		{name: "a message that is gone", to: channelC1, edit: chat.Ref{Place: channelC1, ID: "1.1"}, want: chat.Gone},
		{name: "a private answer cannot be edited by id", to: channelC1, edit: chat.Ref{Place: channelC1, ID: "ephemeral:1.1"}, want: chat.Gone},
		{name: "nobody", to: chat.Place{User: "slack:T1:U99"}, want: chat.Unreachable},
		{name: "deactivated", to: chat.Place{User: "slack:T1:U8"}, prepare: func(b *bench) { b.AddUser(slackfake.User{ID: "U8", Deleted: true}) },
			want: chat.Unreachable},
		{name: "another network's person", to: chat.Place{User: "teams:x:y"}, want: chat.Unreachable},
		{name: "revoked", to: channelC1, prepare: fails("chat.postMessage", slackfake.Fault{Error: "token_revoked"}), want: chat.Unauthorized,
			remedy: "Install the Slack app again and write the new bot token into slack.bot_token."},
		{name: "a missing scope is named", to: dm, prepare: func(b *bench) { b.Revoke("im:write") }, want: chat.Unauthorized,
			remedy: "Add the scope im:write to the Slack app (OAuth & Permissions) and install it again."},
		{name: "what will never be taken", to: channelC1, prepare: fails("chat.postMessage", slackfake.Fault{Error: "restricted_action"}),
			want: chat.Refused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, desk)
			if tt.prepare != nil {
				tt.prepare(b)
			}
			_, err := b.adapter.Send(context.Background(), chat.Outgoing{Key: "k", To: tt.to, Card: note("x"), Edit: tt.edit})
			var se *chat.SendError
			if !errors.As(err, &se) || se.Trouble != tt.want || se.Remedy != tt.remedy && tt.remedy != "" || se.RetryAfter != tt.after {
				t.Errorf("got %+v, want %s %q after %v", se, tt.want, tt.remedy, tt.after)
			}
			if err != nil && strings.Contains(err.Error(), "xoxb") {
				t.Errorf("the token is in the error: %v", err)
			}
		})
	}
}

func fails(method string, f slackfake.Fault) func(*bench) {
	return func(b *bench) { b.Fail(method, f) }
}

// An answer of Slack's that was lost: in a DM the message is found by its key; in a channel, whose history the app may not
// read, it is posted with a word of warning.
func TestSendAgain(t *testing.T) {
	b := newBench(t, desk).run()
	ctx := context.Background()
	for to, want := range map[chat.Place]int{{Kind: chat.DM, User: "slack:T1:U1"}: 1, channelC1: 2} {
		out := chat.Outgoing{Key: "recap/1", To: to, Card: note("recap")}
		b.Fail("chat.postMessage", slackfake.Fault{Cut: true, After: true})
		_, err := b.adapter.Send(ctx, out)
		if chat.TroubleOf(err) != chat.Unclear {
			t.Fatalf("got %v", err)
		}
		out.Again = true
		ref, err := b.adapter.Send(ctx, out)
		_, channel, _ := strings.Cut(strings.TrimPrefix(ref.Place.ID, "slack:"), ":")
		list := b.Messages(channel)
		if err != nil || len(list) != want || last(list).TS != ref.ID {
			t.Errorf("%s: got %+v, %v; %d messages stand there, want %d", channel, ref, err, len(list), want)
		}
		if warned := strings.Contains(jsonOf(last(list).Blocks), "may repeat"); warned != (want == 2) {
			t.Errorf("%s: warned %t", channel, warned)
		}
	}
}

// Slack takes one message a second in a channel; the adapter waits, and says Later where it may not.
func TestSendPace(t *testing.T) {
	b := newBench(t, desk)
	b.Strict = true
	for i := range 3 {
		if _, err := b.adapter.Send(context.Background(), chat.Outgoing{To: channelC1, Card: note("x")}); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err := b.adapter.Send(ctx, chat.Outgoing{To: channelC1, Card: note("x")})
	if chat.TroubleOf(err) != chat.Later {
		t.Errorf("got %v", err)
	}
}

// A Slack that refuses its data blocks gets plain ones; the chart as a picture where files:write was granted.
func TestSendPlain(t *testing.T) {
	card := chat.Card{Summary: "Digest", Blocks: []chat.Block{
		chat.ChartBlock(chat.Chart{Kind: chat.Bar, Title: "Sent back", Categories: []string{"Webinar", "Booth"},
			Series: []chat.Series{{Name: "Sent back", Values: []float64{12, 38}}}, Unit: "%"}),
		chat.TableBlock(chat.Table{Caption: "Sources", Columns: []chat.Column{{Title: "Source"}, {Title: "Leads", Number: true}},
			Rows: [][]chat.Cell{{{Text: "Webinar"}, {Text: "420", Value: 420}}}}),
	}}
	for _, granted := range []bool{false, true} {
		b := newBench(t, desk)
		b.OldBlocks = true
		if granted {
			b.Scopes = append(slices.Clone(b.Scopes), "files:write")
		}
		b.run()
		if _, err := b.adapter.Send(context.Background(), chat.Outgoing{To: channelC1, Card: card}); err != nil {
			t.Fatal(err)
		}
		got := jsonOf(last(b.Messages("C1")).Blocks)
		if strings.Contains(got, "slack_file") != granted || strings.Contains(got, "Booth           38") == granted ||
			!strings.Contains(got, "Webinar    420") {
			t.Errorf("files:write %t: got %s", granted, got)
		}
		if granted {
			id := last(b.Calls("files.completeUploadExternal")).Args["files"].([]any)[0].(map[string]any)["id"].(string)
			if f := b.File(id); !f.Complete || !strings.HasPrefix(string(f.Data), "\x89PNG") {
				t.Errorf("got file %s, %d bytes, complete %t", f.Name, len(f.Data), f.Complete)
			}
		}
	}
}

func TestDirectory(t *testing.T) {
	b := newBench(t, desk).run()
	ctx := context.Background()
	b.AddUser(slackfake.User{ID: "U7", Name: "Gone", Deleted: true})
	u, err := b.adapter.LookUp(ctx, "slack:T1:U2")
	if want := (chat.User{ID: "slack:T1:U2", Name: "Mark", Email: "mark@quillwater.example", Zone: "America/New_York",
		Standing: chat.Member}); err != nil || u != want {
		t.Errorf("got %+v, %v", u, err)
	}
	for _, id := range []string{"slack:T1:U7", "slack:T1:U404", "teams:a:b"} {
		if _, err := b.adapter.LookUp(ctx, id); truce.KindOf(err) != truce.NotFound {
			t.Errorf("%s: got %v", id, err)
		}
	}
	if _, err := b.adapter.Members(ctx, "marketing"); err == nil || !strings.Contains(err.Error(), "usergroups:read") {
		t.Errorf("without the scope: got %v", err)
	}
	b.Scopes = append(slices.Clone(b.Scopes), "usergroups:read")
	b.Groups["S1"] = &slackfake.Group{ID: "S1", Handle: "marketing", Users: []string{"U2"}}
	for _, name := range []string{"marketing", "@marketing", "S1"} {
		if ids, err := b.adapter.Members(ctx, name); err != nil || !slices.Equal(ids, []string{"slack:T1:U2"}) {
			t.Errorf("%s: got %v, %v", name, ids, err)
		}
	}
	if _, err := b.adapter.Members(ctx, "sales"); !errors.Is(err, chat.ErrNoSuchGroup) {
		t.Errorf("got %v", err)
	}
	if err := b.adapter.SetHome(ctx, "slack:T1:U1", note("Nothing waits")); err != nil ||
		!strings.Contains(jsonOf(b.Home("U1")), "Nothing waits") {
		t.Errorf("home: got %v, %v", b.Home("U1"), err)
	}
}

func TestCheck(t *testing.T) {
	b := makeBench(t, slack.ModeSocket, &chattest.Memory{}, desk)
	b.AddUser(slackfake.User{ID: "U3", Name: "Gast", Restricted: true})
	for _, c := range []slackfake.Channel{
		{ID: "C2", Name: "lead-disputes", Private: true, Members: []string{"UBOT", "U1", "U2"}},
		{ID: "C3", Name: "disputes-open", Members: []string{"UBOT"}},
		{ID: "C4", Name: "disputes-guests", Private: true, Members: []string{"UBOT", "U1", "U3"}},
		{ID: "C5", Name: "news", Members: []string{"U1"}},
		{ID: "C6", Name: "disputes-shared", Private: true, Shared: true, Members: []string{"UBOT"}},
		{ID: "C7", Name: "attic", Archived: true, Members: []string{"UBOT"}},
	} {
		b.AddChannel(c)
	}
	b.Revoke("im:write")
	var places []chat.Place
	for _, c := range []string{"C2", "C3", "C4", "C5", "C6", "C7", "C404"} {
		places = append(places, chat.Place{ID: "slack:T1:" + c, Kind: chat.Channel})
	}
	var got strings.Builder
	for _, f := range b.adapter.Check(context.Background(), places) {
		mark := "ok  "
		if !f.OK {
			mark = "FAIL"
		}
		got.WriteString(mark + " " + f.What + ": " + f.Detail + "\n")
		if f.OK != (f.Remedy == "") {
			t.Errorf("%+v: a remedy belongs to what is wrong, and only there", f)
		}
	}
	golden.Check(t, "check.txt", []byte(got.String()))
}

// The answer to a command cannot be drawn again when Slack refuses it: the first card with data blocks goes by the response
// URL, later ones as what Slack took.
func TestDataInCommands(t *testing.T) {
	for _, old := range []bool{false, true} {
		mem := &chattest.Memory{}
		b := makeBench(t, slack.ModeHTTP, mem, func(context.Context, chat.Event) (chat.Reply, error) {
			card := samples()["digest"]
			return chat.Reply{Card: &card}, nil
		})
		b.OldBlocks = old
		b.Command("U1", "C1", "/digest leads")
		b.until("the card", func() bool { return len(b.Seen("U1")) == 2 })
		if first := b.Seen("U1")[0]; first.Text == "" || len(first.Blocks) > 0 {
			t.Errorf("got %+v", first)
		}
		b.until("the knowledge", func() bool { raw, _ := mem.Get(context.Background(), "native"); return raw != nil })
		ack := b.Command("U1", "C1", "/digest leads")
		if n := len(b.Seen("U1")); n != 3 || strings.Contains(string(ack.Body), "data_table") == old ||
			!strings.Contains(string(ack.Body), "Webinar") {
			t.Errorf("old %t: %d messages; got %s", old, n, ack.Body)
		}
	}
}

// An adapter that runs has asked Slack before the first answer: that holds the card itself, drawn as this Slack takes it.
func TestDataIsAskedForAtTheStart(t *testing.T) {
	for _, tt := range []struct {
		name   string
		old    bool
		unable bool // a Slack without blocks.validate
		native bool
		seen   int
	}{
		{name: "a Slack with charts and tables", native: true, seen: 1},
		{name: "one without", old: true, seen: 1},
		{name: "one that cannot be asked", unable: true, native: true, seen: 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := makeBench(t, slack.ModeHTTP, &chattest.Memory{}, func(context.Context, chat.Event) (chat.Reply, error) {
				card := samples()["digest"]
				return chat.Reply{Card: &card}, nil
			})
			b.OldBlocks = tt.old
			if tt.unable {
				b.Fail("blocks.validate", slackfake.Fault{Error: "unknown_method", Times: 9})
			}
			b.run()
			b.until("Slack was asked", func() bool { return len(b.Calls("blocks.validate")) == 1 })
			if !tt.unable {
				b.until("the knowledge", func() bool { raw, _ := b.mem.Get(context.Background(), "native"); return raw != nil })
			}
			b.Command("U1", "C1", "/digest leads")
			b.until("the card", func() bool { return len(b.Seen("U1")) == tt.seen })
			if got := jsonOf(last(b.Seen("U1")).Blocks); strings.Contains(got, "data_table") != tt.native || !strings.Contains(got, "Webinar") {
				t.Errorf("got %s", got)
			}
		})
	}
}

// Slack takes two charts in a message; what the third shows comes as figures.
func TestManyCharts(t *testing.T) {
	card := chat.Card{Summary: "Charts"}
	for _, name := range []string{"One", "Two", "Three"} {
		card.Blocks = append(card.Blocks, chat.ChartBlock(chat.Chart{Kind: chat.Bar, Title: name, Categories: []string{"Webinar"},
			Series: []chat.Series{{Name: "Leads", Values: []float64{7}}}}))
	}
	m := slack.RenderMessage(card, slack.Options{})
	checkDrawn(t, m)
	if got := jsonOf(m.Blocks); strings.Count(got, "data_visualization") != 2 || !strings.Contains(got, "Three") {
		t.Errorf("got %s", got)
	}
}

// A message that may stand there already waits until it can be looked for.
func TestSendAgainWaitsToLook(t *testing.T) {
	b := newBench(t, desk).run()
	b.Fail("conversations.history", slackfake.Fault{Status: 429, RetryAfter: 60})
	_, err := b.adapter.Send(context.Background(), chat.Outgoing{Key: "recap/1", To: chat.Place{Kind: chat.DM, User: "slack:T1:U1"},
		Card: note("recap"), Again: true})
	var se *chat.SendError
	if !errors.As(err, &se) || se.Trouble != chat.Later || se.RetryAfter != time.Minute || len(b.Calls("chat.postMessage")) != 0 {
		t.Errorf("got %v; %d posted", err, len(b.Calls("chat.postMessage")))
	}
}
