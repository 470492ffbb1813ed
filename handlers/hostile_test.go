package handlers_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"truce/bot/chat"
	"truce/bot/slack"
	"truce/bot/teams"
	"truce/bot/transcript"
)

// TestHostileTextOnEverySurface puts a text that each surface could take for something else into every column that people and CRMs write,
// found in the schema, and into every field of every form; then everybody types every command and presses every action that there is, and
// all that is shown is drawn for Slack and for Teams, and as Markdown: nothing of it is live anywhere.
func TestHostileTextOnEverySurface(t *testing.T) {
	if testing.Short() {
		t.Skip("some thousand cards")
	}
	t.Parallel()
	st := transcript.NewStage(t, transcript.Network)
	st.Play(forgedWorld)
	h := &hostility{t: t, st: st, forms: map[string]chat.Form{}, faults: map[string]bool{}}
	shown := st.Pressable()
	columns := transcript.Poison(t, st.Store.Path())
	for _, name := range []string{"leads.company", "leads.source", "leads.campaign", "objections.text", "notes.text", "disputes.text",
		"themes.name", "answers.body", "meeting_actions.title", "journey_entries.text", "activities.name", "people.name"} {
		if !slices.Contains(columns, name) {
			t.Errorf("nothing was put into %s", name)
		}
	}
	for _, who := range []string{"ann", "mia", "sam", "mona", "pat", "adi"} {
		for line := range strings.Lines(forgedWorld) {
			if _, typed, ok := strings.Cut(line, ": /"); ok {
				name, text, _ := strings.Cut(strings.TrimSpace(typed), " ")
				h.event(who, chat.Event{Kind: chat.Command, Name: name, Text: text})
			}
		}
		for _, c := range st.Handlers.Commands() {
			for _, name := range slices.Concat(slices.Sorted(maps.Keys(c.Actions)), slices.Sorted(maps.Keys(c.Looks))) {
				ev := shown[name]
				if arg, ok := forgedArgs[name]; ok {
					ev.Arg = arg
				}
				h.event(who, chat.Event{Kind: chat.Action, Name: name, Arg: ev.Arg, Place: ev.Place})
			}
		}
		for _, name := range slices.Sorted(maps.Keys(h.forms)) {
			f := h.forms[name]
			values := filledIn(f)
			for _, fd := range f.Fields {
				if v := values[fd.Name]; v == "forged" || v == fd.Value && len(fd.Options) == 0 && fd.Kind != chat.DateOf && fd.Kind != chat.Number {
					values[fd.Name] = transcript.Hostile
				}
			}
			h.event(who, chat.Event{Kind: chat.Submit, Name: name, Arg: f.State, Values: values})
		}
		h.event(who, chat.Event{Kind: chat.HomeOpened})
	}
	if h.cards < 500 || h.with < 200 {
		t.Errorf("%d cards and forms, %d with the text: the world has become small", h.cards, h.with)
	}
	t.Logf("%d columns, %d forms, %d cards and forms drawn, %d of them with the text: %s", len(columns), len(h.forms), h.cards, h.with,
		strings.Join(columns, " "))
}

type hostility struct {
	t           *testing.T
	st          *transcript.Stage
	n           int
	cards, with int
	forms       map[string]chat.Form
	faults      map[string]bool
}

func (h *hostility) event(who string, ev chat.Event) {
	h.n++
	ev.ID = fmt.Sprintf("hostile-%d", h.n)
	ev.User = chat.User{ID: "test:t:" + who, Name: who, Standing: chat.Member}
	what := fmt.Sprintf("%s %s %.40s", ev.Kind, ev.Name, ev.Text+ev.Arg)
	reply, err := h.st.Handlers.Handle(h.t.Context(), ev)
	if err != nil {
		h.fault(what, "fails: %v", err)
	}
	if reply.Form != nil {
		if _, ok := h.forms[reply.Form.Name]; !ok {
			h.forms[reply.Form.Name] = *reply.Form
		}
		h.look(what+", the form on Slack", slack.RenderForm(*reply.Form))
		if raw, err := teams.RenderForm(*reply.Form); err != nil {
			h.fault(what, "the form on Teams: %v", err)
		} else {
			h.look(what+", the form on Teams", raw)
		}
	}
	if reply.Card == nil {
		return
	}
	for _, opt := range []slack.Options{{Team: "T1"}, {Team: "T1", Plain: true}} {
		m := slack.RenderMessage(*reply.Card, opt)
		h.look(what+", on Slack", m)
		if live := liveText.FindString(m.Text); live != "" {
			h.fault(what, "live in Slack's text: %s", live)
		}
	}
	raw, err := teams.RenderCard(*reply.Card)
	if err != nil {
		h.fault(what, "on Teams: %v", err)
	} else {
		h.look(what+", on Teams", raw)
	}
	if live := liveMarkdown.FindString(chat.Markdown(*reply.Card)); live != "" {
		h.fault(what, "live in Markdown: %s", live)
	}
}

// fault tells a fault once.
func (h *hostility) fault(what, form string, args ...any) {
	if text := fmt.Sprintf(form, args...); !h.faults[text] {
		h.faults[text] = true
		h.t.Errorf("%s: %s", what, text)
	}
}

var (
	liveText     = regexp.MustCompile(`<!channel>|<@UEVIL>|<https://evil`)
	liveMarkdown = regexp.MustCompile(`[^\\]\[x\]\(https://evil|[^\\]<(script|img|at|!channel)`)
	liveFunction = regexp.MustCompile(`\{\{DATE\(2026-01-01`)
)

// look walks what a platform gets: what it reads as markup holds nothing live, and no address is the hostile one.
func (h *hostility) look(what string, made any) {
	raw, err := json.Marshal(made)
	if err != nil {
		h.fault(what, "%v", err)
		return
	}
	if h.cards++; strings.Contains(string(raw), "evil.example") {
		h.with++
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		h.fault(what, "%v", err)
		return
	}
	h.walk(what, v)
}

func (h *hostility) walk(what string, v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			h.walk(what, e)
		}
	case map[string]any:
		kind, _ := v["type"].(string)
		for name, e := range v {
			s, ok := e.(string)
			switch {
			case !ok:
				h.walk(what, e)
			case strings.Contains(name, "url") && strings.Contains(s, "evil"):
				h.fault(what, "an address: %s", s)
			case kind == "mrkdwn" && liveText.MatchString(s):
				h.fault(what, "live in mrkdwn: %s", liveText.FindString(s))
			case kind == "TextRun" || name == "text" && kind == "TextBlock" || name == "title" || name == "value" && kind == "":
				if liveFunction.MatchString(s) {
					h.fault(what, "a function in %s %s: %.200s", kind, name, s)
				}
				if kind == "TextBlock" && liveMarkdown.MatchString(s) {
					h.fault(what, "live in a TextBlock: %s", liveMarkdown.FindString(s))
				}
			}
			if kind == "mention" && strings.Contains(s, "<at>all") {
				h.fault(what, "a mention: %s", s)
			}
		}
	}
}
