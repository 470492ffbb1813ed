// Package slackfake is a Slack for tests: a stateful Web API with strict scopes, rate limits and injectable faults, Socket
// Mode, signed HTTP deliveries, triggers and response URLs that expire, and a check of Block Kit's limits. People act through
// methods (Command, Press, Submit...), and what each of them sees can be asked.
//
// It is a stand-in written from Slack's documentation, not Slack: what passes here may still fail there. It knows nothing of
// Truce.
package slackfake

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fake is one workspace with one app in it. Fields may be changed before the first request; methods at any time.
type Fake struct {
	Team          string // "T1"
	BotUser       string // "UBOT"
	BotToken      string
	AppToken      string
	SigningSecret string
	Scopes        []string // granted to the bot token
	BotURL        string   // deliveries go to BotURL/slack/... as signed HTTP; "" sends them over Socket Mode
	Strict        bool     // chat.postMessage answers 429 to a second message in a channel within a second
	OldBlocks     bool     // this Slack knows no data_table and no data_visualization
	Now           func() time.Time

	server *httptest.Server

	mu        sync.Mutex
	serial    int
	Users     map[string]*User
	Channels  map[string]*Channel
	Groups    map[string]*Group
	views     map[string]*View
	stacks    map[string][]string // user -> ids of the open modals, the top last
	homes     map[string]*View
	triggers  map[string]*trigger
	responses map[string]*responseURL
	seen      map[string][]*Message // user -> ephemeral messages, in order
	faults    map[string][]Fault
	calls     []Call
	files     map[string]*File
	lastPost  map[string]time.Time
	conns     []*connection
	waiting   map[string]chan Ack
	opened    chan struct{} // a token for each Socket Mode connection that was greeted
}

// User is a person or bot.
type User struct {
	ID, Name, Email, Zone, Team string
	Restricted, Ultra, Stranger bool
	Deleted, Bot                bool
	dm                          string // the DM's channel, once opened
}

// Channel is a conversation.
type Channel struct {
	ID, Name                  string
	Private, Archived, Shared bool
	IM                        string // the user, for a DM
	Members                   []string
	Messages                  []*Message
}

// Group is a user group.
type Group struct {
	ID, Handle string
	Users      []string
}

// Message is a message that stands in a channel, or that one person sees (Ephemeral).
type Message struct {
	Channel, TS, Thread, User string
	Text                      string
	Blocks                    []any
	Metadata                  map[string]any
	Ephemeral                 bool
	Edits                     int
}

// View is a modal or a home page.
type View struct {
	ID, User, Hash string
	View           map[string]any
	Updates        int
}

// File is an uploaded file.
type File struct {
	ID, Name string
	Data     []byte
	Complete bool
}

// Fault makes calls of a method fail.
type Fault struct {
	Status     int           // an HTTP status instead of an answer
	Error      string        // Slack's error
	RetryAfter int           // seconds, with Status 429
	Delay      time.Duration // before the answer
	After      bool          // the call takes effect, and then fails
	Cut        bool          // the connection breaks instead of an answer
	Times      int           // how often; 0 is once
}

// Call is one request that the bot made.
type Call struct {
	Method string
	Args   map[string]any
	Token  string // "header", "body", or "" for none
}

type trigger struct {
	user string
	at   time.Time
	used bool
}

type responseURL struct {
	user, channel string
	message       *Message // the message acted on; nil for a command
	posts         int
	at            time.Time
}

// New starts a workspace T1 with the bot, Rita (U1), Mark (U2), and the public channel C1 "general" with all of them in it.
func New() *Fake {
	f := &Fake{
		Team: "T1", BotUser: "UBOT", BotToken: "xoxb-fake", AppToken: "xapp-fake", SigningSecret: "8f742231b10e8888abcd99yyyzzz85a5",
		Scopes: strings.Split("commands,chat:write,app_mentions:read,im:history,im:write,users:read,users:read.email,channels:read,groups:read",
			","),
		Now: time.Now, Users: map[string]*User{}, Channels: map[string]*Channel{}, Groups: map[string]*Group{},
		views: map[string]*View{}, stacks: map[string][]string{}, homes: map[string]*View{}, triggers: map[string]*trigger{},
		responses: map[string]*responseURL{}, seen: map[string][]*Message{}, faults: map[string][]Fault{}, files: map[string]*File{},
		lastPost: map[string]time.Time{}, waiting: map[string]chan Ack{}, opened: make(chan struct{}, 64),
	}
	for _, u := range []User{
		{ID: "UBOT", Name: "Truce", Bot: true},
		{ID: "U1", Name: "Rita", Email: "rita@quillwater.example", Zone: "Europe/Berlin"},
		{ID: "U2", Name: "Mark", Email: "mark@quillwater.example", Zone: "America/New_York"},
	} {
		f.AddUser(u)
	}
	f.Channels["C1"] = &Channel{ID: "C1", Name: "general", Members: []string{"UBOT", "U1", "U2"}}
	// Set before it listens: a bot of an earlier test may still be calling an address that is used again.
	f.server = httptest.NewUnstartedServer(f.routes())
	f.server.Start()
	return f
}

// Close ends all connections.
func (f *Fake) Close() {
	f.Disconnect("")
	f.server.CloseClientConnections()
	f.server.Close()
}

// APIURL is the Web API's address.
func (f *Fake) APIURL() string { return f.server.URL + "/api/" }

// AddUser adds a person; an empty Team is the workspace's own.
func (f *Fake) AddUser(u User) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if u.Team == "" {
		u.Team = f.Team
	}
	f.Users[u.ID] = &u
}

// AddChannel adds a channel.
func (f *Fake) AddChannel(c Channel) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Channels[c.ID] = &c
}

// SetGroup adds a user group, or changes it; with nil Users it does not exist any more.
func (f *Fake) SetGroup(g Group) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.Groups[g.ID] = &g; g.Users == nil {
		delete(f.Groups, g.ID)
	}
}

// Fail makes the next calls of a method fail.
func (f *Fake) Fail(method string, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range max(fault.Times, 1) {
		f.faults[method] = append(f.faults[method], fault)
	}
}

// Heal ends all faults: those that no call has met yet too, of which a method that is seldom called may have many.
func (f *Fake) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.faults)
}

// Grant gives the bot token a scope.
func (f *Fake) Grant(scope string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Scopes = append(slices.Clone(f.Scopes), scope)
}

// Revoke takes a scope from the bot token.
func (f *Fake) Revoke(scope string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Scopes = slices.DeleteFunc(slices.Clone(f.Scopes), func(s string) bool { return s == scope })
}

// Calls returns the bot's calls of a method, all methods for "".
func (f *Fake) Calls(method string) []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Call
	for _, c := range f.calls {
		if method == "" || c.Method == method {
			out = append(out, c)
		}
	}
	return out
}

// Messages returns what stands in a channel.
func (f *Fake) Messages(channel string) []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.Channels[channel]
	if c == nil {
		return nil
	}
	return copies(c.Messages)
}

// DM returns what stands in the DM between a user and the bot.
func (f *Fake) DM(user string) []Message { return f.Messages(f.dmOf(user)) }

// Seen returns the ephemeral messages a user sees.
func (f *Fake) Seen(user string) []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return copies(f.seen[user])
}

func copies(list []*Message) []Message {
	out := make([]Message, len(list))
	for i, m := range list {
		out[i] = *m
	}
	return out
}

// Home returns a user's home page, nil where none was published.
func (f *Fake) Home(user string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	if v := f.homes[user]; v != nil {
		return maps.Clone(v.View)
	}
	return nil
}

// Modal returns the modal a user sees, nil where none is open.
func (f *Fake) Modal(user string) *View {
	f.mu.Lock()
	defer f.mu.Unlock()
	if v := f.top(user); v != nil {
		c := *v
		return &c
	}
	return nil
}

func (f *Fake) top(user string) *View {
	if s := f.stacks[user]; len(s) > 0 {
		return f.views[s[len(s)-1]]
	}
	return nil
}

// File returns an uploaded file.
func (f *Fake) File(id string) *File {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.files[id]
}

// dmOf opens the DM between a user and the bot.
func (f *Fake) dmOf(user string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.openDM(user)
}

func (f *Fake) openDM(user string) string {
	u := f.Users[user]
	if u == nil {
		return ""
	}
	if u.dm == "" {
		u.dm = "D" + strings.TrimPrefix(user, "U")
		f.Channels[u.dm] = &Channel{ID: u.dm, Name: "directmessage", IM: user, Private: true, Members: []string{user, f.BotUser}}
	}
	return u.dm
}

// next is a number no one else gets.
func (f *Fake) next() int { f.serial++; return f.serial }

// ts is a new message's time and name.
func (f *Fake) ts() string { return fmt.Sprintf("%d.%06d", f.Now().Unix(), f.next()) }

// trigger makes a trigger id for a user.
func (f *Fake) trigger(user string) string {
	id := fmt.Sprintf("trigger.%d", f.next())
	f.triggers[id] = &trigger{user: user, at: f.Now()}
	return id
}

// responseURL makes a response URL.
func (f *Fake) responseURL(r responseURL) string {
	id := fmt.Sprint(f.next())
	r.at = f.Now()
	f.responses[id] = &r
	return f.server.URL + "/respond/" + id
}

func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", f.serveAPI)
	mux.HandleFunc("POST /respond/{id}", f.serveRespond)
	mux.HandleFunc("POST /upload/{id}", f.serveUpload)
	mux.HandleFunc("/link", f.serveSocket)
	return mux
}

// serveRespond takes a post to a response URL: five times within thirty minutes.
func (f *Fake) serveRespond(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Type    string `json:"response_type"`
		Replace bool   `json:"replace_original"`
		Delete  bool   `json:"delete_original"`
		Thread  string `json:"thread_ts"`
		Text    string `json:"text"`
		Blocks  []any  `json:"blocks"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		writeJSON(w, map[string]any{"ok": false, "error": "invalid_payload"})
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if fault, ok := f.fault("response_url"); ok {
		w.WriteHeader(max(fault.Status, 404))
		writeJSON(w, map[string]any{"ok": false, "error": fault.Error})
		return
	}
	u := f.responses[r.PathValue("id")]
	switch {
	case u == nil:
		writeJSON(w, map[string]any{"ok": false, "error": "invalid_url"})
		return
	case u.posts >= 5:
		writeJSON(w, map[string]any{"ok": false, "error": "used_url"})
		return
	case f.Now().Sub(u.at) > 30*time.Minute:
		w.WriteHeader(404)
		writeJSON(w, map[string]any{"ok": false, "error": "expired_url"})
		return
	}
	if faults := f.checkBlocks(body.Blocks, message); len(faults) > 0 {
		w.WriteHeader(400)
		writeJSON(w, map[string]any{"ok": false, "error": "invalid_blocks", "response_metadata": map[string]any{"messages": faults}})
		return
	}
	u.posts++
	if body.Replace && u.message != nil {
		u.message.Text, u.message.Blocks = body.Text, body.Blocks
		u.message.Edits++
	} else {
		f.show(u.user, u.channel, body.Thread, body.Type, body.Text, body.Blocks)
	}
	w.Write([]byte("ok"))
}

// show puts a reply where it is seen.
func (f *Fake) show(user, channel, thread, kind, text string, blocks []any) *Message {
	m := &Message{Channel: channel, TS: f.ts(), Thread: thread, User: f.BotUser, Text: text, Blocks: blocks, Ephemeral: kind != "in_channel"}
	if m.Ephemeral {
		f.seen[user] = append(f.seen[user], m)
	} else if c := f.Channels[channel]; c != nil {
		c.Messages = append(c.Messages, m)
	}
	return m
}

func (f *Fake) fault(method string) (Fault, bool) {
	list := f.faults[method]
	if len(list) == 0 {
		return Fault{}, false
	}
	f.faults[method] = list[1:]
	return list[0], true
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}
