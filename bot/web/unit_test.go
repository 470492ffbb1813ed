package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"truce/bot/cards/gallery"
	"truce/bot/chat"
	"truce/bot/chat/chattest"
)

func TestOnlyPagesOfOurOwnOnThisMachine(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	host := strings.TrimPrefix(w.URL, "http://")
	for _, c := range []struct {
		name, method, path string
		headers            map[string]string
		want               int
	}{
		{"as it is", "GET", "/", nil, 200},
		{"localhost", "GET", "/", map[string]string{"Host": "localhost:8080"}, 200},
		{"IPv6", "GET", "/", map[string]string{"Host": "[::1]:8080"}, 200},
		{"another host", "GET", "/", map[string]string{"Host": "evil.example"}, 403},
		{"a host that begins well", "GET", "/", map[string]string{"Host": "127.0.0.1.evil.example"}, 403},
		{"another machine's address", "GET", "/", map[string]string{"Host": "10.0.0.1"}, 403},
		{"no host", "GET", "/", map[string]string{"Host": "-"}, 403},
		{"foreign origin", "POST", "/as/ann/say", map[string]string{"Origin": "https://evil.example"}, 403},
		{"origin null", "POST", "/as/ann/say", map[string]string{"Origin": "null"}, 403},
		{"another port", "POST", "/as/ann/say", map[string]string{"Origin": "http://127.0.0.1:1"}, 403},
		{"cross-site", "POST", "/as/ann/say", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"foreign origin reading", "GET", "/as/ann/dm", map[string]string{"Origin": "https://evil.example"}, 403},
		{"cross-site read by a script", "GET", "/as/ann/dm", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors",
			"Sec-Fetch-Dest": "image"}, 403},
		{"a link followed", "GET", "/as/ann/dm", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
			"Sec-Fetch-Dest": "document"}, 200},
		{"two in one window", "GET", "/both?left=/as/ann/dm&right=/as/mara/c/lead-disputes", nil, 200},
		{"another site in one window", "GET", "/both?left=/as/ann/dm&right=https://evil.example/as/ann/dm", nil, 404},
		{"another site without a scheme", "GET", "/both?left=//evil.example/as/ann/dm&right=/as/ann/dm", nil, 404},
		{"nobody in one window", "GET", "/both?left=/as/ann/dm&right=/as/nobody/dm", nil, 404},
		{"in a frame of ours", "GET", "/as/ann/dm", map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate",
			"Sec-Fetch-Dest": "iframe"}, 200},
		{"in a frame", "GET", "/as/ann/dm", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
			"Sec-Fetch-Dest": "iframe"}, 403},
		{"own origin without a gesture", "POST", "/as/ann/say", map[string]string{"Origin": "http://" + host, "Sec-Fetch-Site": "same-origin"},
			400},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, err := http.DefaultTransport.RoundTrip(mustRequest(t, c.method, w.URL+c.path, c.headers))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != c.want {
				t.Errorf("status %d, want %d", resp.StatusCode, c.want)
			}
			if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("policy %q", csp)
			}
			if p := resp.Header.Get("Referrer-Policy"); p != "same-origin" { // "no-referrer" shuts out Firefox: see Guard
				t.Errorf("referrer policy %q", p)
			}
		})
	}
	if n := len(w.h.all()); n != 0 {
		t.Errorf("%d events reached the handler", n)
	}
}

func TestWhoSeesWhat(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	w.say(t, "ann", "lead-disputes", "for the members")
	w.say(t, "ann", "lead-disputes", "/objection only for ann")
	w.say(t, "ann", "dm-ann", "only with the bot")
	for _, c := range []struct {
		path   string
		status int
		has    []string
		not    []string
	}{
		{"/as/ann/c/lead-disputes", 200, []string{"for the members", "only for ann", "Only visible to you"}, []string{"only with the bot"}},
		{"/as/mara/c/lead-disputes", 200, []string{"for the members"}, []string{"only for ann"}},
		{"/as/ben/c/lead-disputes", 404, nil, []string{"for the members"}},
		{"/as/ben/dm", 200, nil, []string{"only with the bot", "lead-disputes"}},
		{"/as/nobody/dm", 404, nil, nil},
		{"/as/ben/stream?place=lead-disputes", 404, nil, nil},
		{"/as/ben/stream?place=dm-ann", 404, nil, nil},
	} {
		status, body := w.get(t, c.path)
		if status != c.status {
			t.Errorf("%s: status %d, want %d", c.path, status, c.status)
		}
		for _, s := range c.has {
			if !strings.Contains(body, s) {
				t.Errorf("%s lacks %q", c.path, s)
			}
		}
		for _, s := range c.not {
			if strings.Contains(body, s) {
				t.Errorf("%s shows %q", c.path, s)
			}
		}
	}
	secret := w.book.page("ann", "lead-disputes", "", 0).messages[1].ID
	for _, form := range []map[string]string{
		{"place": "lead-disputes", "text": "let me in"},
		{"place": "dm-ann", "text": "let me in"},
		{"place": "nowhere", "text": "let me in"},
	} {
		if status, _ := w.post(t, "/as/ben/say", form); status != 403 {
			t.Errorf("Ben may write to %s: status %d", form["place"], status)
		}
	}
	before := len(w.h.all())
	if status, _ := w.post(t, "/as/mara/act", map[string]string{"place": "lead-disputes", "message": secret,
		"press": "a=objection.undo&g=O-1"}); status != 404 {
		t.Errorf("Mara presses a button she cannot see: status %d", status)
	}
	if n := len(w.h.all()); n != before {
		t.Error("the press reached the handler")
	}
}

func TestOneGestureIsOneEvent(t *testing.T) {
	mem := &chattest.Memory{}
	w := newWorld(t, mem)
	again := map[string]string{"place": "dm-ann", "text": "they wait for validation", "gesture": "the-same-gesture"}
	_, first := w.post(t, "/as/ann/say", again)
	_, second := w.post(t, "/as/ann/say", again)
	if len(w.h.all()) != 1 {
		t.Errorf("%d events", len(w.h.all()))
	}
	if strip(first) != strip(second) {
		t.Errorf("the repetition is answered otherwise:\n%s\n%s", first, second)
	}
	if n := len(w.book.page("ann", "dm-ann", "", 0).messages); n != 2 {
		t.Errorf("%d messages, want what Ann said and the answer", n)
	}
	w2 := newWorld(t, mem) // also after a restart
	w2.post(t, "/as/ann/say", again)
	if len(w2.h.all()) != 0 || len(w2.book.page("ann", "dm-ann", "", 0).messages) != 2 {
		t.Error("after a restart the repetition is done again")
	}
	again["text"] = "they wait for validation data"
	w2.post(t, "/as/ann/say", again)
	if len(w2.h.all()) != 1 {
		t.Error("other words under the same key are lost")
	}
	if a, b := w.h.all()[0].ID, w2.h.all()[0].ID; a == b || !strings.HasPrefix(a, "web:demo:ann:the-same-gesture") {
		t.Errorf("ids %s, %s", a, b)
	}
}

var keyInput = regexp.MustCompile(`name="gesture" value="[^"]*"`)

func strip(html string) string { return keyInput.ReplaceAllString(html, "") }

func TestWhatIsNotStoredIsNotAcknowledged(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	w.mem.Fail()
	status, body := w.post(t, "/as/ann/say", map[string]string{"place": "sales-floor", "text": "hello"})
	if status != 503 || !strings.Contains(body, "nothing was stored") {
		t.Errorf("status %d: %s", status, body)
	}
	if n := len(w.book.page("ann", "sales-floor", "", 0).messages); n != 0 {
		t.Error("it is shown all the same")
	}
	if _, err := w.Send(context.Background(), chat.Outgoing{To: chat.Place{ID: "web:demo:sales-floor"},
		Card: chat.Card{Summary: "x"}}); chat.TroubleOf(err) != chat.Later {
		t.Errorf("Send: %v", err)
	}
}

func TestRestartKeepsAll(t *testing.T) {
	mem := &chattest.Memory{}
	w := newWorld(t, mem)
	ctx := context.Background()
	w.say(t, "ann", "lead-disputes", "hello")
	ref, err := w.Send(ctx, chat.Outgoing{Key: "k1", To: chat.Place{ID: "web:demo:lead-disputes"}, Card: disputeCard("")})
	if err != nil {
		t.Fatal(err)
	}
	w.post(t, "/as/mara/say", map[string]string{"place": "lead-disputes", "thread": ref.ID, "text": "in the thread"})
	if _, err := w.Send(ctx, chat.Outgoing{Edit: ref, Card: disputeCard("Marketing")}); err != nil {
		t.Fatal(err)
	}
	if err := w.SetHome(ctx, "web:demo:ann", homeCard("Ann")); err != nil {
		t.Fatal(err)
	}
	_, before := w.get(t, "/as/ann/c/lead-disputes?thread="+ref.ID)
	w2 := newWorld(t, mem)
	_, after := w2.get(t, "/as/ann/c/lead-disputes?thread="+ref.ID)
	if strip(before) != strip(after) {
		t.Errorf("before and after a restart differ")
	}
	for _, want := range []string{"hello", "upheld", "(edited)", "in the thread", "1 reply"} {
		if !strings.Contains(strings.ToLower(after), want) {
			t.Errorf("after the restart there is no %q", want)
		}
	}
	if again, err := w2.Send(ctx, chat.Outgoing{Key: "k1", To: chat.Place{ID: "web:demo:lead-disputes"}, Card: disputeCard("")}); err != nil ||
		again.ID != ref.ID {
		t.Errorf("the same key again: %v, %v, want %v", again, err, ref)
	}
	w2.say(t, "ann", "lead-disputes", "the newest")
	msgs := w2.book.page("ann", "lead-disputes", "", 0).messages
	if last := msgs[len(msgs)-1]; last.Text != "the newest" || len(msgs) != 3 {
		t.Errorf("after the restart the order is lost: %+v", last)
	}
}

func TestSend(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	ctx := context.Background()
	card := chat.Card{Summary: "A reminder", Blocks: []chat.Block{chat.Para("A reminder")}}
	ref, err := w.Send(ctx, chat.Outgoing{Key: "a", To: chat.Place{User: "web:demo:ann"}, Card: card})
	if err != nil || ref.Place.ID != "web:demo:dm-ann" || ref.Place.Kind != chat.DM {
		t.Fatalf("a DM by user: %+v, %v", ref, err)
	}
	for _, c := range []struct {
		name string
		m    chat.Outgoing
		want chat.Trouble
	}{
		{"nobody", chat.Outgoing{To: chat.Place{User: "web:demo:zoe"}}, chat.Unreachable},
		{"another network's user", chat.Outgoing{To: chat.Place{User: "slack:T1:U1"}}, chat.Unreachable},
		{"no such channel", chat.Outgoing{To: chat.Place{ID: "web:demo:gone"}}, chat.Gone},
		{"another network's channel", chat.Outgoing{To: chat.Place{ID: "slack:T1:sales-floor"}}, chat.Gone},
		{"a lost thread", chat.Outgoing{To: chat.Place{ID: "web:demo:sales-floor", Thread: "9"}}, chat.Gone},
		{"an edit of nothing", chat.Outgoing{Edit: chat.Ref{ID: "9999999999"}}, chat.Gone},
	} {
		c.m.Card = card
		if _, err := w.Send(ctx, c.m); chat.TroubleOf(err) != c.want || err == nil {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	said := w.book.page("ann", "dm-ann", "", 0).messages
	if len(said) != 1 {
		t.Errorf("%d messages", len(said))
	}
	w.say(t, "ann", "sales-floor", "mine")
	mine := w.book.page("ann", "sales-floor", "", 0).messages[0].ID
	if _, err := w.Send(ctx, chat.Outgoing{Edit: chat.Ref{ID: mine}, Card: card}); chat.TroubleOf(err) != chat.Gone {
		t.Errorf("what a person wrote was edited: %v", err)
	}
	rev := w.book.rev
	if _, err := w.Send(ctx, chat.Outgoing{Edit: ref, Card: card}); err != nil || w.book.rev != rev {
		t.Errorf("the same card again is a change: %v", err)
	}
}

func TestEventsAsTheHandlerGetsThem(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	w.say(t, "ann", "sales-floor", "plain talk between people")
	if len(w.h.all()) != 0 {
		t.Error("what people say to each other reached the handler")
	}
	w.say(t, "ann", "sales-floor", "Hey @truce, they wait for FFPE data")
	if ev := w.h.last(t); ev.Kind != chat.Message || ev.Text != "Hey they wait for FFPE data" || ev.Place.Kind != chat.Channel ||
		ev.Place.Name != "sales-floor" {
		t.Errorf("mention: %+v", ev)
	}
	w.say(t, "ann", "dm-ann", "line one\nline two \x07")
	if ev := w.h.last(t); ev.Text != "line one\nline two" || ev.User.Standing != chat.Member || ev.User.Email != "ann@quillwater.example" ||
		!ev.At.Equal(w.clock.now()) {
		t.Errorf("DM: %+v", ev)
	}
	w.say(t, "ann", "dm-ann", "//home is a path")
	if ev := w.h.last(t); ev.Kind != chat.Message {
		t.Errorf("a path is a command: %+v", ev)
	}
	w.say(t, "ann", "dm-ann", "/OBJECTION\nthey\nshout")
	if ev := w.h.last(t); ev.Kind != chat.Command || ev.Name != "objection" || ev.Text != "they\nshout" {
		t.Errorf("command: %+v", ev)
	}
	card := w.book.page("ann", "dm-ann", "", 0)
	id := card.messages[len(card.messages)-1].ID
	w.post(t, "/as/ann/act", map[string]string{"place": "dm-ann", "message": id,
		"press": url.Values{"a": {"objection.theme"}, "g": {"O-1"}, "v": {"price"}}.Encode()})
	if ev := w.h.last(t); ev.Kind != chat.Action || ev.Name != "objection.theme" || ev.Arg != "O-1" || ev.Values["value"] != "price" ||
		ev.Source.ID != id {
		t.Errorf("select: %+v", ev)
	}
	said := w.book.page("ben", "sales-floor", "", 0).messages[0].ID
	w.post(t, "/as/ben/shortcut", map[string]string{"place": "sales-floor", "message": said, "name": "log_objection"})
	if ev := w.h.last(t); ev.Kind != chat.Shortcut || ev.Quoted.Text != "plain talk between people" || ev.Quoted.Author.ID != "web:demo:ann" ||
		ev.User.ID != "web:demo:ben" {
		t.Errorf("shortcut: %+v", ev)
	}
	_, body := w.get(t, "/as/ann/suggest?name=leads&q=NORD")
	if ev := w.h.last(t); ev.Kind != chat.Suggest || ev.Text != "NORD" || !strings.Contains(body, "Core facility &lt;Nord&gt;") ||
		strings.Contains(body, "<Nord>") {
		t.Errorf("suggest: %+v: %s", ev, body)
	}
	for asked, want := range map[string]string{"guest": "Full members only.", "zzz": "Nothing found. Keep typing."} { // why there is nothing
		if _, body := w.get(t, "/as/ann/suggest?name=leads&q="+asked); !strings.Contains(body, want) {
			t.Errorf("suggest %s: %s, want %q", asked, body, want)
		}
	}
	w.h.err = errors.New("the disk is full")
	if _, body := w.get(t, "/as/ann/suggest?name=leads&q=nord"); !strings.Contains(body, "I could not look just now") {
		t.Errorf("suggest while nothing works: %s", body)
	}
	w.h.err = nil
	w.get(t, "/as/ann/home")
	if ev := w.h.last(t); ev.Kind != chat.HomeOpened || ev.Place.ID != "web:demo:dm-ann" {
		t.Errorf("home: %+v", ev)
	}
	ids := map[string]bool{}
	for _, ev := range w.h.all() {
		if ids[ev.ID] || !strings.HasPrefix(ev.ID, "web:") {
			t.Errorf("id %q is not of its own", ev.ID)
		}
		ids[ev.ID] = true
	}
}

func TestFormFaultsStandBesideTheirFields(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	form := map[string]string{"place": "dm-ann", "name": "objection", "state": "s-1", "field": "text\x1ftheme", "required": "text",
		"v.text": "  ", "v.theme": ""}
	_, body := w.post(t, "/as/ann/form", form)
	if len(w.h.all()) != 0 || !strings.Contains(body, `hx-target="#fault-aa"`) || !strings.Contains(body, "Please fill this in.") {
		t.Errorf("an empty required field: %s", body)
	}
	form["v.text"] = "x"
	_, body = w.post(t, "/as/ann/form", form)
	if !regexp.MustCompile(`#fault-ab"[^>]*>Choose a theme`).MatchString(body) ||
		!regexp.MustCompile(`#fault-aa"[^>]*></hx`).MatchString(body) {
		t.Errorf("the handler's fault: %s", body)
	}
	form["v.theme"] = "price"
	_, body = w.post(t, "/as/ann/form", form)
	if !strings.Contains(body, `hx-target="#dialogs"`) || !strings.Contains(body, "Logged as") {
		t.Errorf("a right form: %s", body)
	}
}

func TestOutsideTextIsText(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	evil := `</form><script>alert(1)</script><img src=x onerror=alert(1)> "quoted' {{.}} <hx-partial hx-target="body">`
	card := chat.Card{Summary: evil, Title: chat.T(evil, chat.B(evil), chat.I(evil), chat.Code(evil), chat.Link(evil, "javascript:alert(1)"),
		chat.Link(evil, `https://e.example/"><script>`), chat.Mention(evil)), Private: evil,
		Blocks: []chat.Block{chat.Heading(evil), chat.Quote(evil), chat.FactList(chat.FactOf(evil, evil)), chat.Small(evil),
			chat.ButtonRow(chat.Button{Label: evil, Action: evil, Arg: evil, Confirm: evil}, chat.Button{Label: evil, URL: "javascript:alert(1)"}),
			chat.SelectBlock(chat.Select{Label: evil, Action: evil, Options: []chat.Option{{Value: evil, Label: evil, Hint: evil, Group: evil}}}),
			chat.TableBlock(chat.Table{Caption: evil, Columns: []chat.Column{{Title: evil}}, Rows: [][]chat.Cell{{{Text: evil}}}}),
			chat.ChartBlock(chat.Chart{Title: evil, Unit: evil, Categories: []string{evil},
				Series: []chat.Series{{Name: evil, Values: []float64{1}}, {Name: evil, Values: []float64{2}}},
				Marks:  []chat.Mark{{Category: evil, Text: evil}}}),
			chat.ChartBlock(chat.Chart{Kind: chat.Line, Title: evil, Unit: evil, Categories: []string{evil, "b"},
				Series: []chat.Series{{Name: evil, Values: []float64{1, 2}}}, Marks: []chat.Mark{{Category: evil, Text: evil}}})},
		Footer: chat.T(evil)}
	if _, err := w.Send(context.Background(), chat.Outgoing{To: chat.Place{User: "web:demo:ann"}, Card: card}); err != nil {
		t.Fatal(err)
	}
	if err := w.SetHome(context.Background(), "web:demo:ann", card); err != nil {
		t.Fatal(err)
	}
	w.say(t, "ann", "dm-ann", evil)
	for _, path := range []string{"/as/ann/dm", "/as/ann/dm?text=" + url.QueryEscape(evil), "/as/ann/home"} {
		_, body := w.get(t, path)
		for _, bad := range []string{"<script>alert", "<img", `="javascript:`, "<hx-partial", " style="} {
			if strings.Contains(body, bad) {
				t.Errorf("%s lets %s through", path, bad)
			}
		}
		if strings.Count(body, "<script") != 3 {
			t.Errorf("%s has %d scripts", path, strings.Count(body, "<script"))
		}
	}
}

func TestStreamBringsWhatWasMissed(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	w.say(t, "ann", "sales-floor", "one")
	w.say(t, "ann", "sales-floor", "two")
	w.say(t, "ann", "sales-floor", "/objection private")
	id, data := w.firstEvent(t, "ben", "sales-floor", "")
	if id != "3" || !strings.Contains(data, ">one<") || !strings.Contains(data, ">two<") || strings.Contains(data, "private") {
		t.Errorf("from the beginning: id %s: %s", id, data)
	}
	if _, data := w.firstEvent(t, "ben", "sales-floor", "1"); strings.Contains(data, ">one<") || !strings.Contains(data, ">two<") {
		t.Errorf("after the first: %s", data)
	}
}

func TestUnread(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	unread := func(as, place string) int { return w.book.unread(as, place) }
	w.say(t, "ann", "sales-floor", "one")
	w.say(t, "ann", "sales-floor", "two")
	if got := unread("ben", "sales-floor"); got != 2 {
		t.Errorf("Ben: %d unread, want 2", got)
	}
	if got := unread("ann", "sales-floor"); got != 0 {
		t.Errorf("Ann: %d unread of her own", got)
	}
	_, page := w.get(t, "/as/ben/dm")
	if !strings.Contains(page, "2 unread") {
		t.Error("the mark is missing beside the channel")
	}
	if _, page := w.get(t, "/as/ben/c/sales-floor"); strings.Count(page, `class="line new"`) != 0 {
		t.Error("a first visit has no line above what is new")
	}
	if got := unread("ben", "sales-floor"); got != 0 {
		t.Errorf("after a look: %d", got)
	}
	root := w.book.page("ann", "sales-floor", "", 0).messages[0].ID
	w.post(t, "/as/ben/say", map[string]string{"place": "sales-floor", "thread": root, "text": "a reply"})
	if a, m := unread("ann", "sales-floor"), unread("mara", "sales-floor"); a != 1 || m != 2 {
		t.Errorf("after a reply Ann has %d, want 1 (her thread); Mara %d, want 2 (not hers)", a, m)
	}
	w.say(t, "ann", "sales-floor", "three")
	if _, page := w.get(t, "/as/ben/c/sales-floor"); strings.Count(page, `class="line new"`) != 1 {
		t.Error("the line above what is new is missing")
	}
}

func TestLongHistoryBeginsWithItsEnd(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	for i := range shown + 5 {
		w.say(t, "ann", "sales-floor", fmt.Sprintf("message %d.", i))
	}
	_, body := w.get(t, "/as/ben/c/sales-floor")
	if strings.Contains(body, "message 4.") || !strings.Contains(body, "message 5.") || !strings.Contains(body, "Show earlier messages") {
		t.Error("a page shows the last messages and offers the earlier ones")
	}
	_, body = w.get(t, "/as/ben/c/sales-floor?n=400")
	if !strings.Contains(body, "message 0.") || strings.Contains(body, "Show earlier messages") {
		t.Error("the earlier ones are not there")
	}
}

func TestNextMonday(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ now, want string }{
		{"2026-11-23T08:59:00", "2026-11-23T09:00:00"}, {"2026-11-23T09:00:00", "2026-11-30T09:00:00"},
		{"2026-11-29T23:00:00", "2026-11-30T09:00:00"},
		{"2026-03-28T12:00:00", "2026-03-30T09:00:00"},
	} {
		now, err := time.ParseInLocation("2006-01-02T15:04:05", c.now, berlin)
		if err != nil {
			t.Fatal(err)
		}
		if got := nextMonday(now).Format("2006-01-02T15:04:05"); got != c.want {
			t.Errorf("after %s: %s, want %s", c.now, got, c.want)
		}
	}
}

func TestVendoredFilesAreWhatTheySay(t *testing.T) {
	note, err := os.ReadFile("static/VENDORED.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"htmx.min.js", "hx-sse.min.js"} {
		data, err := os.ReadFile(filepath.Join("static", name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		if !strings.Contains(string(note), name+" | ") || !strings.Contains(string(note), hex.EncodeToString(sum[:])) {
			t.Errorf("%s is not the file VENDORED.md names", name)
		}
	}
}

func TestFirstPagesAreLight(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	size := func(path string) int {
		_, body := w.get(t, path)
		n := len(body)
		for _, m := range regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`).FindAllStringSubmatch(body, -1) {
			_, file := w.get(t, m[1])
			n += len(file)
		}
		return n
	}
	for path, most := range map[string]int{"/": 150_000, "/as/ann/dm": 150_000} {
		n := size(path)
		t.Logf("%s: %d bytes with all it loads", path, n)
		if n > most {
			t.Errorf("%s takes %d bytes, more than %d", path, n, most)
		}
	}
}

func TestSeedIsSaidOnce(t *testing.T) {
	mem := &chattest.Memory{}
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	lines := []Line{{Key: "1", Persona: "ben", Channel: "sales-floor", Text: "Anyone heard of Competitor X?", At: at}}
	for range 2 {
		w := newWorld(t, mem)
		if err := w.Seed(context.Background(), lines...); err != nil {
			t.Fatal(err)
		}
		if msgs := w.book.page("ann", "sales-floor", "", 0).messages; len(msgs) != 1 || !msgs[0].At.Equal(at) {
			t.Errorf("seeded %+v", msgs)
		}
	}
	if err := newWorld(t, mem).Seed(context.Background(), Line{Persona: "ben", Channel: "lead-disputes", Text: "x"}); err == nil {
		t.Error("Ben speaks where he is not a member")
	}
}

func TestMessageSurvivesJSON(t *testing.T) {
	c := digestCard()
	data, err := json.Marshal(message{ID: "1", Card: &c})
	if err != nil {
		t.Fatal(err)
	}
	var m message
	if err := json.Unmarshal(data, &m); err != nil || !sameCard(m.Card, &c) {
		t.Errorf("differs: %v", err)
	}
}

func FuzzGestures(f *testing.F) {
	f.Add("dm-ann", "", "/objection x", "abcdefgh")
	f.Add("sales-floor", "9", "@truce hi\x00", "a")
	w := newWorld(f, &chattest.Memory{})
	w.say(f, "ann", "dm-ann", "/objection they are slow")
	f.Fuzz(func(t *testing.T, place, thread, text, key string) {
		form := url.Values{"place": {place}, "thread": {thread}, "text": {text}, "gesture": {key}, "press": {text}, "message": {thread},
			"name": {text}, "field": {text}, "v." + text: {key}}
		for _, path := range []string{"say", "act", "form", "shortcut"} {
			resp, err := http.PostForm(w.URL+"/as/ann/"+path, form)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode == 500 {
				t.Errorf("%s: 500", path)
			}
		}
	})
}

// The name of a record would break at its hyphen, a date between its words.
func TestNamesOfRecordsStayOnOneLine(t *testing.T) {
	for text, whole := range map[string]bool{"L-2386": true, "D-12": true, "23 Nov 2026": true, "Content syndication": false,
		"L-2386 Northfield": false} {
		if got := table(chat.Table{Columns: []chat.Column{{Title: "Lead"}}, Rows: [][]chat.Cell{{{Text: text}}}}).Rows[0][0].Whole; got != whole {
			t.Errorf("%q stays on one line: %v", text, got)
		}
	}
}

// TestHostileTextInEveryCard sends every card of the gallery with the nastiest content: none of it is markup of the page, whichever
// field of whichever card it stands in.
func TestHostileTextInEveryCard(t *testing.T) {
	if testing.Short() {
		t.Skip("draws some hundred pages")
	}
	t.Parallel()
	w := newWorld(t, &chattest.Memory{})
	drawn := 0
	for _, i := range gallery.Items {
		for seed := range uint64(2) {
			p := i.Nasty(seed)
			if p.Card == nil {
				continue
			}
			err := w.SetHome(context.Background(), "web:demo:ann", *p.Card)
			if err != nil && strings.Contains(err.Error(), "json: unsupported value") { // infinity, which no page is kept with
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			drawn++
			_, body := w.get(t, "/as/ann/home")
			for _, bad := range []string{"<at>", "<b>&amp;", `href="https://evil`, "<!channel>", "<@U1>"} {
				if strings.Contains(body, bad) {
					t.Errorf("%s lets %s through", i.Name, bad)
				}
			}
			if n := strings.Count(body, "<script"); n != 3 {
				t.Errorf("%s has %d scripts", i.Name, n)
			}
		}
	}
	if drawn < len(gallery.Items) {
		t.Errorf("only %d cards of %d kinds were drawn", drawn, len(gallery.Items))
	}
}

// A field that takes several comes back with each that was ticked; one that does not, with one.
func TestAFieldThatTakesSeveral(t *testing.T) {
	w := newWorld(t, &chattest.Memory{})
	send := func(form map[string]string) chat.Event {
		t.Helper()
		for k, v := range map[string]string{"place": "dm-ann", "name": "objection", "state": "s-1", "field": "leads\x1ftext", "v.text": "x"} {
			form[k] = v
		}
		if status, body := w.post(t, "/as/ann/form", form); status != 200 {
			t.Fatalf("status %d: %s", status, body)
		}
		return w.h.last(t)
	}
	if ev := send(map[string]string{"several": "leads", "v.leads": "L-1\x1fL-3"}); ev.Values["leads"] != chat.Together("L-1", "L-3") {
		t.Errorf("two ticked arrive as %q", ev.Values["leads"])
	}
	if ev := send(map[string]string{"several": "leads", "v.leads": "L-1\nL-2\x1fL-3"}); ev.Values["leads"] != "L-3" {
		t.Errorf("a forged value with a line end arrives as %q", ev.Values["leads"])
	}
	if ev := send(map[string]string{"v.leads": "L-1\x1fL-3"}); ev.Values["leads"] != "L-1" {
		t.Errorf("two values of a field that takes one arrive as %q", ev.Values["leads"])
	}
	var out bytes.Buffer
	w.Adapter.render(&out, "field", vField{Field: chat.Field{Name: "leads", Kind: chat.Several, Label: "Leads", Value: "L-2",
		Options: []chat.Option{{Value: "L-1", Label: "One"}, {Value: "L-2", Label: "Two", Hint: "Webinar"}}}, DOM: "field-0", Asks: true})
	if s := out.String(); strings.Count(s, `type="checkbox"`) != 2 || strings.Count(s, " checked") != 1 ||
		!strings.Contains(s, `value="L-2" checked`) || !strings.Contains(s, "<legend>Leads") {
		t.Errorf("drawn as %s", s)
	}
}
