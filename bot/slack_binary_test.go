package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/slack"
	"truce/bot/slack/slackfake"
	"truce/storage"
)

// This file has whole conversations between a fake Slack and the built binary, over both transports: what a company would see
// if its Slack behaved, and misbehaved, as ours does.

// office is a company's Slack with the binary installed in it.
type office struct {
	*slackfake.Fake
	t    *testing.T
	mode string
	db   string
	env  []string
	bot  *process
}

// moveIn starts the binary in a fake Slack and waits until it is ready. Rita (U1) is the admin and a rep, Mark (U2) is in
// Marketing.
func moveIn(t *testing.T, mode string, env ...string) *office {
	t.Helper()
	o := newOffice(t, mode, env...)
	o.start()
	return o
}

// newOffice is a Slack in which the binary does not run yet.
func newOffice(t *testing.T, mode string, env ...string) *office {
	t.Helper()
	o := &office{Fake: slackfake.New(), t: t, mode: mode, db: filepath.Join(t.TempDir(), "truce.db")}
	t.Cleanup(o.Close)
	o.env = append([]string{"TRUCE_SLACK_MODE=" + mode, "TRUCE_SLACK_BOT_TOKEN=" + o.BotToken, "TRUCE_SLACK_API_URL=" + o.APIURL(),
		// of two the later counts
		"TRUCE_STORAGE_PATH=" + o.db, "TRUCE_HTTP_LISTEN=127.0.0.1:0", "TRUCE_ROLES_ADMINS=rita@quillwater.example",
		"TRUCE_ROLES_MARKETERS=mark@quillwater.example"}, slices.Concat(atAnyHour, env)...)
	if mode == slack.ModeHTTP {
		o.env = append(o.env, "TRUCE_SLACK_SIGNING_SECRET="+o.SigningSecret)
	} else {
		o.env = append(o.env, "TRUCE_SLACK_APP_TOKEN="+o.AppToken)
	}
	return o
}

// start starts the binary, and returns when its /readyz says so.
func (o *office) start() {
	o.t.Helper()
	o.bot = start(o.t, o.env, "run")
	if o.mode == slack.ModeHTTP {
		o.BotURL = "http://" + o.bot.addr
	}
	o.eventually("/readyz answers 200", func() bool {
		res, err := http.Get("http://" + o.bot.addr + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// restart ends the binary, by a signal that it can or cannot hear, and starts it again on the same database.
func (o *office) restart(sig os.Signal) {
	o.t.Helper()
	o.bot.stop(o.t, sig)
	o.start()
}

// eventually waits for what another process does in its own time.
func (o *office) eventually(what string, is func() bool) {
	o.t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			o.t.Fatalf("not within 10 s: %s\n%s", what, o.bot.log)
		}
	}
}

// beside works on the database beside the running binary, as the command line does.
func (o *office) beside(fn func(tx *storage.Tx) error) {
	o.t.Helper()
	store, err := storage.Open(o.t.Context(), o.db, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		o.t.Fatal(err)
	}
	defer store.Close()
	if err := store.Update(o.t.Context(), fn); err != nil {
		o.t.Fatal(err)
	}
}

// say writes a message into the outbox beside the running binary.
func (o *office) say(to func(tx *storage.Tx) (storage.Dest, error), text string) {
	o.t.Helper()
	body, err := json.Marshal(chat.Card{Key: "test", Summary: text, Blocks: []chat.Block{chat.Para(text)}})
	if err != nil {
		o.t.Fatal(err)
	}
	o.beside(func(tx *storage.Tx) error {
		dest, err := to(tx)
		if err != nil {
			return err
		}
		return tx.Send(storage.Message{Key: "test:" + text, To: dest, Body: body, Kind: storage.CaseMessage})
	})
}

func personBy(email string) func(tx *storage.Tx) (storage.Dest, error) {
	return func(tx *storage.Tx) (storage.Dest, error) {
		p, err := tx.PersonByEmail(email)
		return storage.ToPerson(p.ID), err
	}
}

func toChannel(role string) func(tx *storage.Tx) (storage.Dest, error) {
	return func(*storage.Tx) (storage.Dest, error) { return storage.ToChannel(role), nil }
}

// stored counts objections by their text.
func (o *office) stored() map[string]int {
	o.t.Helper()
	return storedIn(o.t, o.db)
}

// having counts messages whose text holds part.
func having(list []slackfake.Message, part string) int {
	n := 0
	for _, m := range list {
		if strings.Contains(m.Text, part) {
			n++
		}
	}
	return n
}

// fromBot are the messages that the bot wrote.
func (o *office) fromBot(list []slackfake.Message) []slackfake.Message {
	var out []slackfake.Message
	for _, m := range list {
		if m.User == o.BotUser {
			out = append(out, m)
		}
	}
	return out
}

// slashForm is a command as Slack posts it; the same trigger is the same delivery.
func (o *office) slashForm(user, trigger, text string) url.Values {
	return url.Values{"command": {"/objection"}, "text": {text}, "team_id": {o.Team}, "channel_id": {"C1"}, "channel_name": {"general"},
		"user_id": {user}, "user_name": {"rita"}, "trigger_id": {trigger}, "response_url": {o.APIURL()}}
}

// again delivers a command under a trigger that may have been used: over HTTP with the very same bytes and signature.
func (o *office) again(user, trigger, text string, signed time.Time) slackfake.Ack {
	o.t.Helper()
	form := o.slashForm(user, trigger, text)
	if o.mode != slack.ModeHTTP {
		payload := map[string]any{}
		for k := range form {
			payload[k] = form.Get(k)
		}
		return o.Envelope("slash_commands", payload)
	}
	body := form.Encode()
	req, err := http.NewRequestWithContext(o.t.Context(), http.MethodPost, o.BotURL+"/slack/commands", strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	slackfake.Sign(req, o.SigningSecret, body, signed)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return slackfake.Ack{Status: res.StatusCode, Body: raw}
}

func bothTransports(t *testing.T, test func(t *testing.T, mode string)) {
	truceBinary(t) // built once, before the clock of either runs
	for _, mode := range []string{slack.ModeHTTP, slack.ModeSocket} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			test(t, mode)
		})
	}
}

func TestSlackTalksToTheBinary(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	bothTransports(t, func(t *testing.T, mode string) {
		o := moveIn(t, mode)
		t.Run("a command is answered in the response itself", func(t *testing.T) {
			ack := o.Command("U1", "C1", "/objection they say we are too slow")
			if ack.Status != http.StatusOK || !strings.Contains(string(ack.Body), `"response_type":"ephemeral"`) ||
				!strings.Contains(string(ack.Body), "they say we are too slow") {
				t.Errorf("got %d %s", ack.Status, ack.Body)
			}
			if n := len(o.Messages("C1")); n != 0 {
				t.Errorf("%d messages in the channel", n)
			}
		})
		t.Run("a form shows what is wrong beside the field, then takes it", func(t *testing.T) {
			o.Command("U1", "C1", "/objection")
			if o.Modal("U1") == nil {
				t.Fatal("no form")
			}
			if _, faults := o.Submit("U1", map[string]string{"text": " ", "account": "Northfield Labs"}); faults["text"] == "" || len(faults) != 1 {
				t.Errorf("an empty objection: faults %v", faults)
			}
			if o.Modal("U1") == nil {
				t.Fatal("the form closed on a fault")
			}
			before := len(o.Seen("U1")) + len(o.fromBot(o.DM("U1")))
			if ack, faults := o.Submit("U1", map[string]string{"text": "their validation takes nine months",
				"account": "Northfield Labs"}); ack.Status != 200 || len(faults) != 0 {
				t.Errorf("got %d, faults %v", ack.Status, faults)
			}
			if o.Modal("U1") != nil {
				t.Error("the form is still open")
			}
			o.eventually("the form is confirmed", func() bool { return len(o.Seen("U1"))+len(o.fromBot(o.DM("U1"))) == before+1 })
		})
		t.Run("a direct message gets exactly one message back", func(t *testing.T) {
			before := len(o.fromBot(o.DM("U2")))
			ack, ts := o.Write("U2", "the lab manager liked the new kit")
			if ack.Status != http.StatusOK {
				t.Fatalf("got %d", ack.Status)
			}
			o.eventually("an answer in the DM", func() bool { return len(o.fromBot(o.DM("U2"))) > before })
			o.Event(slackfake.DirectMessage("U2", "D2", ts, "the lab manager liked the new kit")) // Slack delivers it again under another event id
			time.Sleep(100 * time.Millisecond)
			if n := len(o.fromBot(o.DM("U2"))) - before; n != 1 {
				t.Errorf("%d messages in answer", n)
			}
		})
		t.Run("the same delivery is done once, also after a restart", func(t *testing.T) {
			const text = "their purchasing wants net 60"
			signed := time.Now()
			first := o.again("U1", "trigger.once", text, signed)
			if first.Status != 200 || !strings.Contains(string(first.Body), text) {
				t.Fatalf("got %d %s", first.Status, first.Body)
			}
			check := func(when string) {
				t.Helper()
				if ack := o.again("U1", "trigger.once", text, signed); ack.Status != 200 || string(ack.Body) != string(first.Body) {
					t.Errorf("%s: got %d\n%s\nwant\n%s", when, ack.Status, ack.Body, first.Body)
				}
				if n := o.stored()[text]; n != 1 {
					t.Errorf("%s: stored %d times", when, n)
				}
			}
			check("at once")
			o.restart(os.Kill)
			check("after a kill")
			o.restart(os.Interrupt)
			check("after a stop")
		})
		t.Run("what waits in the outbox is delivered once, whatever Slack answers first", func(t *testing.T) {
			o.Fail("chat.postMessage", slackfake.Fault{Status: http.StatusTooManyRequests, RetryAfter: 1})
			o.say(personBy("mark@quillwater.example"), "after a 429")
			o.eventually("delivery after a 429", func() bool { return having(o.DM("U2"), "after a 429") == 1 })
			posts := len(o.Calls("chat.postMessage"))
			o.Fail("chat.postMessage", slackfake.Fault{Status: http.StatusInternalServerError})
			o.say(personBy("rita@quillwater.example"), "after a 500")
			o.eventually("the attempt that fails", func() bool { return len(o.Calls("chat.postMessage")) > posts })
			o.Fail("chat.postMessage", slackfake.Fault{Status: http.StatusInternalServerError, After: true})
			o.say(personBy("mark@quillwater.example"), "whose answer was lost")
			o.eventually("the outbox is empty", func() bool {
				var at time.Time
				o.beside(func(tx *storage.Tx) (err error) { at, err = tx.NextWaiting(); return err })
				return at.IsZero()
			})
			if n := having(o.DM("U1"), "after a 500"); n != 1 {
				t.Errorf("the message that Slack refused with a 500 stands there %d times", n)
			}
			if n := having(o.DM("U2"), "whose answer was lost"); n != 1 {
				t.Errorf("the message whose answer was lost stands there %d times", n)
			}
			if len(o.Calls("conversations.history")) == 0 {
				t.Error("nobody looked whether it stood there already")
			}
		})
		if log := o.bot.log.String(); strings.Contains(log, o.BotToken) || strings.Contains(log, o.SigningSecret) ||
			strings.Contains(log, o.AppToken) || strings.Contains(log, "net 60") {
			t.Error("a secret, or what a rep typed, is in the log")
		}
	})
}

// TestAChannelThatIsNotThere: what belongs in a channel goes to the people concerned; where an admin can mend it, they hear
// how, once.
func TestAChannelThatIsNotThere(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	bothTransports(t, func(t *testing.T, mode string) {
		o := moveIn(t, mode, "TRUCE_CHANNELS_DISPUTES=#lead-disputes")
		o.AddChannel(slackfake.Channel{ID: "C7", Name: "lead-disputes", Private: true, Members: []string{"U2"}}) // without the bot
		for _, user := range []string{"U1", "U2"} {
			o.Command(user, "C1", "/truce help")
		}
		o.say(toChannel("disputes"), "case one")
		o.say(toChannel("disputes"), "case two")
		o.say(toChannel("objections"), "no such channel is configured")
		for _, text := range []string{"case one", "case two", "no such channel is configured"} {
			o.eventually(text+" reaches Marketing", func() bool { return having(o.DM("U2"), text) == 1 })
			if n := having(o.DM("U1"), text); n != 0 {
				t.Errorf("%q went to the admin too", text)
			}
		}
		o.eventually("the admin hears the remedy", func() bool { return having(o.DM("U1"), "/invite @Truce") == 1 })
		time.Sleep(100 * time.Millisecond)
		if n := len(o.fromBot(o.DM("U1"))); n != 1 {
			t.Errorf("the admin got %d messages", n)
		}
		if n := len(o.Messages("C7")); n != 0 {
			t.Errorf("%d messages in a channel without the bot", n)
		}
	})
}

// TestGuestsAreTurnedAway: guests and people of other organisations get one polite sentence, and nothing of theirs is kept.
func TestGuestsAreTurnedAway(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	o := moveIn(t, slack.ModeHTTP)
	o.AddUser(slackfake.User{ID: "U7", Name: "Gus", Email: "gus@agency.example", Restricted: true})
	o.AddUser(slackfake.User{ID: "U8", Name: "Uma", Email: "uma@agency.example", Ultra: true})
	o.AddUser(slackfake.User{ID: "U9", Name: "Otto", Email: "otto@elsewhere.example", Team: "T9", Stranger: true})
	for _, user := range []string{"U7", "U8", "U9"} {
		text := "what " + user + " heard"
		ack := o.Command(user, "C1", "/objection "+text)
		if ack.Status != http.StatusOK || !strings.Contains(string(ack.Body), "full members of this workspace only") {
			t.Errorf("%s: %d %s", user, ack.Status, ack.Body)
		}
		o.Write(user, text)
		o.eventually("a polite answer to "+user, func() bool { return having(o.fromBot(o.DM(user)), "full members of this workspace only") == 1 })
		if o.stored()[text] != 0 {
			t.Errorf("what %s wrote is stored", user)
		}
	}
	o.beside(func(tx *storage.Tx) error {
		for _, user := range []string{"slack:T1:U7", "slack:T1:U8", "slack:T1:U9"} {
			if p, err := tx.PersonByUser(user); truce.KindOf(err) != truce.NotFound {
				return fmt.Errorf("%s became %+v (%v)", user, p, err)
			}
		}
		return nil
	})
}

// TestRequestsThatAreNotSlacks changes nothing for whoever cannot sign, or is late.
func TestRequestsThatAreNotSlacks(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the bot")
	}
	o := moveIn(t, slack.ModeHTTP)
	post := func(path, body string, sign func(r *http.Request)) int {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, o.BotURL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		sign(req)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode >= 400 && strings.Contains(string(answer), "v0=") {
			t.Errorf("a signature in the answer: %s", answer)
		}
		return res.StatusCode
	}
	body := o.slashForm("U1", "trigger.9", "forged").Encode()
	signed := func(at time.Time, secret, of string) func(r *http.Request) {
		return func(r *http.Request) { slackfake.Sign(r, secret, of, at) }
	}
	for _, tt := range []struct {
		name, path, body string
		sign             func(r *http.Request)
		want             int
	}{
		{"no signature", "/slack/commands", body, func(*http.Request) {}, 401},
		{"another secret", "/slack/commands", body, signed(time.Now(), "guessed", body), 401},
		{"another body", "/slack/commands", body, signed(time.Now(), o.SigningSecret, body+"&"), 401},
		{"six minutes old", "/slack/commands", body, signed(time.Now().Add(-6*time.Minute), o.SigningSecret, body), 401},
		{"six minutes ahead", "/slack/commands", body, signed(time.Now().Add(6*time.Minute), o.SigningSecret, body), 401},
		{"broken JSON", "/slack/events", "{", signed(time.Now(), o.SigningSecret, "{"), 400},
		{"an event nobody knows", "/slack/events", `{"type":"event_callback","event_id":"E","event":{"type":"yodel"}}`,
			signed(time.Now(), o.SigningSecret, `{"type":"event_callback","event_id":"E","event":{"type":"yodel"}}`), 200},
		{"more than a mebibyte", "/slack/events", strings.Repeat("x", 1<<20+1), func(*http.Request) {}, 413},
	} {
		if got := post(tt.path, tt.body, tt.sign); got != tt.want {
			t.Errorf("%s: status %d, want %d", tt.name, got, tt.want)
		}
	}
	if n := len(o.stored()); n != 0 {
		t.Errorf("%d objections stored", n)
	}
}

// TestCheckOnlineOnGroups: a handle that no group has gives nobody a role, and nothing else would say so.
func TestCheckOnlineOnGroups(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the binary")
	}
	o := newOffice(t, slack.ModeHTTP, "TRUCE_SLACK_USER_GROUPS=true", "TRUCE_ROLES_MARKETERS=group:marketing, group:marketnig",
		"TRUCE_ROLES_SALES_MANAGERS=group:@empty")
	check := func() string {
		cmd := exec.Command(truceBinary(t), "check", "--online")
		cmd.Env, cmd.Dir = o.env, t.TempDir()
		out, err := cmd.Output()
		if err == nil {
			t.Errorf("it is content:\n%s", out)
		}
		return string(out)
	}
	if out := check(); !strings.Contains(out, "FAIL slack: user group @marketing: ") ||
		!strings.Contains(out, "Add the scope usergroups:read") {
		t.Errorf("without the scope it says\n%s", out)
	}
	o.Grant("usergroups:read")
	o.SetGroup(slackfake.Group{ID: "S1", Handle: "marketing", Users: []string{"U2"}})
	o.SetGroup(slackfake.Group{ID: "S2", Handle: "empty", Users: []string{}})
	out := check()
	for _, want := range []string{"ok   slack: user group @marketing: 1 in it, each a marketer",
		"FAIL slack: user group @marketnig: there is no such group, so it makes nobody marketer",
		"FAIL slack: user group @empty: has no members, so it makes nobody sales manager"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
}
