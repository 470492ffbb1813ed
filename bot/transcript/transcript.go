// Package transcript runs written conversations against the real handlers, schedules and delivery on a real SQLite file, and
// holds what Truce says against what the script says it says. It is for tests only: a script is a test that anybody can
// read, and the golden file of what people see. Run tests with -update to write the answers anew, then read the diff.
//
// A script is lines of text. Lines that begin with "  |" are Truce's answers; all others are said or done:
//
//	# a comment
//	zone Europe/Berlin              the company's, for the whole script (default: UTC)
//	start 2026-03-02T09:00:00Z      the clock, before anything else (default: Monday 2 March 2026, 09:00 UTC)
//	ann: /objection too slow        a command
//	ann: they liked the demo        a message to the bot
//	ann in #general: /help          the same in a channel
//	ann presses Undo                the newest button of that label that ann can see
//	ann presses old Undo            the same of messages that have changed since: a click that comes too late
//	ann presses old Yes of T-1      the same of a button that is about T-1
//	ann chooses Price               an option of the newest choice ann can see, by its label
//	ann sends text="too slow" theme=price     the form that is open for ann
//	ann dismisses text="half a sen"           the open form is closed without sending it
//	ann uses objection.log on "text"          a shortcut on a message
//	ann opens home
//	time +90m                       the clock moves on; what is due happens (also "time 2026-03-03T10:00:00Z")
//	jump +20h                       the same, but Truce was not running meanwhile
//	lead L1 source=Webinar company="Northfield Labs" owner=ann@example.com score=82   a lead is handed over (handed=no: it
//	                                came before Truce did; mql=TIME: it qualified then)
//	outcome L1 status=won amount=100 currency=USD   the CRM tells an outcome of it
//	touch L1 call                   the CRM tells that its owner called
//	role mia - marketer             somebody loses a role ("+ marketer": gets it)
//	person ben.two@example.com Ben Two        somebody whom no platform has shown yet
//	leave ann 2026-03-03T09:00:00Z 2026-03-05T09:00:00Z   somebody is away
//	installed                       Truce was installed now: its ramp begins
//	close disputes                  a channel is not configured any more
//	lose mia, find mia              the platform refuses messages to somebody, and takes them again
//	log D-1                         the audit log of a case, a lead or a rule
//	digests                         from here on digests come on their schedule, and people's peace is kept
//	gone ben                        ben's account is deactivated, and Truce notices
//	again                           the last thing is delivered a second time by the platform
package transcript

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/golden"
	"truce/handlers"
	"truce/schedules"
	"truce/schedules/delivery"
	"truce/schedules/digests"
	"truce/schedules/ideal"
	"truce/storage"
)

// Cast are the people of every script: name, roles.
var Cast = []struct {
	Name  string
	Roles []truce.Role
}{
	{"ann", []truce.Role{truce.Rep}}, {"ben", []truce.Role{truce.Rep}}, {"cat", []truce.Role{truce.Rep}},
	{"mia", []truce.Role{truce.Marketer}}, {"max", []truce.Role{truce.Marketer}},
	{"sam", []truce.Role{truce.SalesManager}}, {"mona", []truce.Role{truce.MarketingManager}},
	{"pat", []truce.Role{truce.Sponsor}}, {"adi", []truce.Role{truce.Admin}},
}

// Network is the name under which the scripts' adapter works; a test runs the same scripts under others.
const Network = "test"

// Run runs each script that matches the pattern as a subtest.
func Run(t *testing.T, pattern string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts match %s (%v)", pattern, err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got := Play(t, string(want), Network)
			if got == string(want) {
				return
			}
			if golden.Updating() {
				if err := os.WriteFile(f, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("%s: what Truce says has changed (run with -update and read the diff):\n%s", f, golden.Difference(string(want), got))
		})
	}
}

// Play runs a script on a fresh database and returns it with the answers as they are now.
func Play(t *testing.T, script, network string) string {
	t.Helper()
	loc := time.UTC
	for line := range strings.Lines(script) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "zone "); ok {
			var err error
			if loc, err = time.LoadLocation(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	return NewStageIn(t, network, loc).Play(script)
}

// Play goes on with a script.
func (st *Stage) Play(script string) string {
	var out strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "  |") {
			continue
		}
		out.WriteString(line + "\n")
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		st.said = nil
		if err := st.do(line); err != nil {
			st.say("ERROR " + err.Error())
		}
		st.deliver()
		for _, s := range st.said {
			for l := range strings.Lines(s) {
				out.WriteString(strings.TrimRight("  | "+strings.TrimRight(l, "\n"), " ") + "\n")
			}
		}
	}
	return out.String()
}

// Stage is a Truce with a cast and a clock of its own.
type Stage struct {
	T        *testing.T
	Store    *storage.Store
	Handlers *handlers.Handlers
	Delivery *delivery.Delivery
	Heard    func(ev chat.Event, done bool) // called before the handlers answer an event, and when they have; may be nil

	mu       sync.Mutex
	now      time.Time
	network  string
	said     []string
	seen     map[string][]message // by person, oldest first
	ever     map[string][]message // the same, with what has changed since
	forms    map[string]chat.Form
	last     *chat.Event
	events   int
	sent     int
	closed   map[string]bool // channels that are not configured
	lost     map[string]bool // users the platform cannot reach
	gone     map[string]bool // users whose account was deactivated
	terms    truce.Terms
	calendar truce.Calendar
	loop     *schedules.Loop
	stands   map[string]Standing // by the message's id
}

// Standing is a delivered message as it stands now.
type Standing struct {
	To   string // #disputes, DM ann
	Card chat.Card
}

// Stands are all delivered messages, as the platform shows them now.
func (st *Stage) Stands() map[string]Standing {
	st.mu.Lock()
	defer st.mu.Unlock()
	return maps.Clone(st.stands)
}

// message is a card somebody can see, and where.
type message struct {
	ref   chat.Ref
	card  chat.Card
	place chat.Place
}

// NewStage is a stage on which nothing was said yet.
func NewStage(t *testing.T, network string) *Stage { return NewStageIn(t, network, time.UTC) }

// NewStageIn is a stage of a company in a zone.
func NewStageIn(t *testing.T, network string, loc *time.Location) *Stage {
	st := &Stage{T: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), network: network, seen: map[string][]message{},
		ever: map[string][]message{}, forms: map[string]chat.Form{}, lost: map[string]bool{}, closed: map[string]bool{},
		stands: map[string]Standing{}}
	ctx := t.Context()
	log := slog.New(slog.DiscardHandler)
	if testing.Verbose() {
		log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	var err error
	if st.Store, err = storage.Open(ctx, filepath.Join(t.TempDir(), "truce.db"), st.Now, log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Store.Close(); err != nil {
			t.Error(err)
		}
	})
	calendar := truce.NewCalendar(loc)
	terms := truce.NewTerms(calendar)
	terms.Targets.InTimeShare, terms.Ramp = 0.9, truce.NewRampTerms() // the ramp begins with "installed"
	st.terms, st.calendar = terms, calendar
	maker := digests.Maker{Calendar: calendar, Terms: terms}
	st.loop = &schedules.Loop{Jobs: append(schedules.Jobs(st.Store, terms, log), maker.MeetingJobs(st.Store, log)...), Store: st.Store,
		Log: log}
	st.Handlers = handlers.New(st.Store, handlers.Options{Location: loc, Calendar: calendar, Terms: terms, Rising: maker.Rising,
		Reports: maker, Ideal: ideal.Desk{Calendar: calendar}}, log)
	channel := func(_ *storage.Tx, role string) ([]chat.Place, error) {
		st.mu.Lock()
		defer st.mu.Unlock()
		if st.closed[role] {
			return nil, nil
		}
		return []chat.Place{{ID: network + ":t:" + role, Kind: chat.Channel, Name: role}}, nil
	}
	st.Delivery = &delivery.Delivery{Store: st.Store, Adapters: map[string]chat.Adapter{network: st}, Channel: channel,
		Subjects: delivery.Subjects(terms),
		Concerns: delivery.WhoIsConcerned, Lanes: 1, Log: log}
	err = st.Store.Update(ctx, func(tx *storage.Tx) error {
		for _, c := range Cast {
			p, err := tx.AddPerson(truce.Person{Name: strings.ToUpper(c.Name[:1]) + c.Name[1:], Email: c.Name + "@example.com"})
			if err != nil {
				return err
			}
			if err := tx.Identify(p.ID, st.user(c.Name), p.Name, "member"); err != nil {
				return err
			}
			for _, r := range c.Roles {
				if err := tx.GiveRole(p.ID, r, "config"); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil {
		err = handlers.Seed(ctx, st.Store)
	}
	if err == nil {
		err = st.Handlers.Warm(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// Now is the stage's clock.
func (st *Stage) Now() time.Time {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.now
}

func (st *Stage) user(name string) string { return st.network + ":t:" + name }

func (st *Stage) say(s string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.said = append(st.said, s)
}

// do runs one line.
func (st *Stage) do(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "zone": // read before the stage is set
		return nil
	case "digests": // from here on they come on schedule, and people's peace is kept
		return st.sendDigests()
	case "start":
		return st.start(rest)
	case "time":
		return st.pass(rest)
	case "jump":
		return st.jump(rest)
	case "lead", "outcome", "touch", "role", "leave", "log", "person", "backup":
		return st.told(word, rest)
	case "installed":
		return st.Store.Update(st.T.Context(), func(tx *storage.Tx) error {
			return tx.SetMeta("installed_at",
				tx.Now.UTC().Format(time.RFC3339))
		})
	case "close":
		st.mu.Lock()
		st.closed[rest] = true
		st.mu.Unlock()
		return nil
	case "lose", "find":
		st.mu.Lock()
		st.lost[rest] = word == "lose"
		st.mu.Unlock()
		return nil
	case "gone":
		return st.leaves(rest)
	case "again":
		if st.last == nil {
			return fmt.Errorf("nothing was said yet")
		}
		return st.event(*st.last)
	}
	if name, ok := strings.CutSuffix(word, ":"); ok {
		return st.typed(name, chat.Place{ID: st.network + ":t:dm-" + name, Kind: chat.DM, Name: "Truce"}, rest)
	}
	verb, rest, _ := strings.Cut(rest, " ")
	switch verb {
	case "in":
		channel, text, ok := strings.Cut(rest, ": ")
		if !ok {
			return fmt.Errorf("in #channel: TEXT")
		}
		channel = strings.TrimPrefix(channel, "#")
		return st.typed(word, chat.Place{ID: st.network + ":t:" + channel, Kind: chat.Channel, Name: channel}, text)
	case "presses":
		return st.press(word, rest)
	case "chooses":
		return st.choose(word, rest)
	case "sends":
		return st.send(word, chat.Submit, rest)
	case "dismisses":
		return st.send(word, chat.Dismiss, rest)
	case "opens":
		return st.event(st.by(word, chat.Event{Kind: chat.HomeOpened}))
	case "uses":
		name, text, _ := strings.Cut(rest, " on ")
		return st.event(st.by(word, chat.Event{Kind: chat.Shortcut, Name: name, Quoted: &chat.Quoted{Text: strings.Trim(text, `"`)}}))
	}
	return fmt.Errorf("this line says nothing I know: %s", line)
}

func (st *Stage) by(name string, ev chat.Event) chat.Event {
	st.events++
	ev.ID = fmt.Sprintf("%s:event-%d", st.network, st.events)
	ev.User = chat.User{ID: st.user(name), Name: strings.ToUpper(name[:1]) + name[1:], Email: name + "@example.com", Standing: chat.Member}
	if ev.Place.IsZero() {
		ev.Place = chat.Place{ID: st.network + ":t:dm-" + name, Kind: chat.DM, Name: "Truce"}
	}
	ev.At = st.Now()
	return ev
}

func (st *Stage) typed(name string, place chat.Place, text string) error {
	ev := chat.Event{Kind: chat.Message, Text: text, Place: place}
	if cmd, ok := strings.CutPrefix(text, "/"); ok {
		ev.Kind = chat.Command
		ev.Name, ev.Text, _ = strings.Cut(cmd, " ")
		ev.Text = strings.ReplaceAll(ev.Text, `\n`, "\n")
	}
	return st.event(st.by(name, ev))
}

// event hands an event to the handlers and shows the reply.
func (st *Stage) event(ev chat.Event) error {
	st.last = &ev
	if st.Heard != nil {
		st.Heard(ev, false)
	}
	reply, err := st.Handlers.Handle(st.T.Context(), ev)
	if st.Heard != nil {
		st.Heard(ev, true)
	}
	if err != nil {
		st.say("FAILED " + err.Error())
	}
	name := ev.User.ID[strings.LastIndex(ev.User.ID, ":")+1:]
	if reply.Form != nil {
		st.forms[name] = *reply.Form
		st.say(formText(*reply.Form))
	}
	for _, f := range reply.Faults {
		st.say(fmt.Sprintf("fault in %q: %s", f.Field, f.Text))
	}
	if reply.Card != nil {
		if ev.Kind == chat.Submit {
			delete(st.forms, name)
		}
		m := message{ref: chat.Ref{ID: fmt.Sprintf("reply-%d", st.events)}, card: *reply.Card, place: ev.Place}
		head := ""
		switch {
		case reply.Replace:
			head = "(replaces the message)\n"
			if !ev.Source.IsZero() {
				m.ref = ev.Source
			}
		case reply.Public:
			head = "(everyone sees this)\n"
		}
		st.show(name, m)
		if reply.Replace || reply.Public {
			for other := range st.seen {
				if other != name && slices.ContainsFunc(st.seen[other], func(o message) bool { return o.ref == m.ref }) {
					st.show(other, m)
				}
			}
		}
		st.say(head + chat.PlainText(*reply.Card, 100))
	}
	return nil
}

// show puts a card before a person: in the place of the message it replaces, else as the newest.
func (st *Stage) show(name string, m message) {
	st.ever[name] = append(st.ever[name], m)
	st.seen[name] = append(slices.DeleteFunc(st.seen[name], func(o message) bool { return o.ref == m.ref }), m)
}

func formText(f chat.Form) string {
	var b strings.Builder
	fmt.Fprintf(&b, "form %q\n", f.Title)
	if len(f.Intro) > 0 {
		fmt.Fprintf(&b, "  %s\n", chat.PlainText(chat.Card{Summary: "x", Blocks: []chat.Block{{Text: f.Intro}}}, 100))
	}
	for _, fd := range f.Fields {
		must := ""
		if fd.Required {
			must = " (required)"
		}
		fmt.Fprintf(&b, "  %s: %s%s = %q\n", fd.Name, fd.Label, must, fd.Value)
	}
	fmt.Fprintf(&b, "  [%s]", f.Submit)
	return b.String()
}

func (st *Stage) press(name, label string) error {
	list, of := st.seen[name], ""
	if l, ok := strings.CutPrefix(label, "old "); ok {
		list = st.ever[name]
		label, of, _ = strings.Cut(l, " of ")
	}
	for _, m := range slices.Backward(list) {
		for _, b := range buttons(m.card) {
			if b.Label == label && b.URL == "" && (of == "" || b.Arg == of) {
				return st.event(st.by(name, chat.Event{Kind: chat.Action, Name: b.Action, Arg: b.Arg, Source: m.ref, Place: m.place}))
			}
		}
	}
	return fmt.Errorf("%s sees no button %q", name, label)
}

// buttons are all buttons of a card, also those in its tables.
func buttons(c chat.Card) (list []chat.Button) {
	for _, b := range c.Blocks {
		list = append(list, b.Buttons...)
		if b.Table != nil {
			for _, row := range b.Table.Rows {
				for _, cell := range row {
					if cell.Button != nil {
						list = append(list, *cell.Button)
					}
				}
			}
			if b.Table.More != nil {
				list = append(list, *b.Table.More)
			}
		}
	}
	return list
}

func (st *Stage) choose(name, label string) error {
	for _, m := range slices.Backward(st.seen[name]) {
		for _, b := range m.card.Blocks {
			if b.Select == nil {
				continue
			}
			for _, o := range b.Select.Options {
				if o.Label == label {
					return st.event(st.by(name, chat.Event{Kind: chat.Action, Name: b.Select.Action, Arg: b.Select.Arg,
						Values: map[string]string{"value": o.Value},
						Source: m.ref, Place: m.place}))
				}
			}
		}
	}
	return fmt.Errorf("%s sees no choice %q", name, label)
}

func (st *Stage) send(name string, kind chat.Kind, rest string) error {
	f, ok := st.forms[name]
	if !ok {
		return fmt.Errorf("no form is open for %s", name)
	}
	values := map[string]string{}
	for _, fd := range f.Fields {
		values[fd.Name] = fd.Value
	}
	for k, v := range pairs(rest) {
		if _, ok := values[k]; !ok {
			return fmt.Errorf("the form %q has no field %q", f.Title, k)
		}
		values[k] = v
	}
	return st.event(st.by(name, chat.Event{Kind: kind, Name: f.Name, Arg: f.State, Values: values}))
}

// pairs reads a=x b="y z"; \n in quotes begins a line.
func pairs(s string) map[string]string {
	m := map[string]string{}
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		key, rest, ok := strings.Cut(s, "=")
		if !ok {
			break
		}
		var v string
		if strings.HasPrefix(rest, `"`) {
			v, s, _ = strings.Cut(rest[1:], `"`)
			v = strings.ReplaceAll(v, `\n`, "\n")
		} else {
			v, s, _ = strings.Cut(rest, " ")
		}
		m[strings.TrimSpace(key)] = v
	}
	return m
}

// deliver empties the outbox.
func (st *Stage) deliver() {
	for range 20 {
		n, err := st.Delivery.Once(st.T.Context())
		if err != nil {
			st.say("DELIVERY FAILED " + err.Error())
			return
		}
		if n == 0 {
			return
		}
	}
}

// Name makes the stage a chat.Adapter.
func (st *Stage) Name() string { return st.network }

// Run has nothing to receive.
func (st *Stage) Run(ctx context.Context, _ chat.Handler) error { <-ctx.Done(); return nil }

// Send shows a delivered message in the transcript.
func (st *Stage) Send(_ context.Context, m chat.Outgoing) (chat.Ref, error) {
	if _, err := json.Marshal(m.Card); err != nil {
		return chat.Ref{}, &chat.SendError{Trouble: chat.Refused, Err: err}
	}
	st.mu.Lock()
	if m.To.User != "" && st.lost[m.To.User[strings.LastIndex(m.To.User, ":")+1:]] {
		st.mu.Unlock()
		return chat.Ref{}, &chat.SendError{Trouble: chat.Later, RetryAfter: 10 * time.Minute, Err: errors.New("lost")}
	}
	st.sent++
	ref := chat.Ref{ID: fmt.Sprintf("message-%d", st.sent), Place: m.To}
	st.mu.Unlock()
	where := "#" + m.To.Name
	name := ""
	if m.To.User != "" {
		name = m.To.User[strings.LastIndex(m.To.User, ":")+1:]
		where = "DM " + name
	}
	switch {
	case !m.Edit.IsZero():
		ref = m.Edit
		where += " (edited)"
	case m.To.Thread != "":
		where += " (in the thread)"
	}
	st.mu.Lock()
	st.stands[ref.ID] = Standing{To: strings.TrimSuffix(where, " (edited)"), Card: m.Card}
	st.mu.Unlock()
	text := "→ " + where + "\n" + chat.PlainText(m.Card, 100)
	st.say(strings.ReplaceAll(text, "\n", "\n  "))
	msg := message{ref: ref, card: m.Card, place: ref.Place}
	for _, c := range Cast {
		if name == "" || name == c.Name {
			st.mu.Lock()
			st.show(c.Name, msg)
			st.mu.Unlock()
		}
	}
	return ref, nil
}
