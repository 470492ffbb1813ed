package handlers_test

import (
	"fmt"
	"strings"
	"testing"

	"truce"
	"truce/bot/chat"
	"truce/bot/transcript"
	"truce/storage"
)

// TestAQuotedMessageThatCannotBeKept opens the form, as the workspace and every platform show it: filled with what can be taken,
// with why, and for whom.
func TestAQuotedMessageThatCannotBeKept(t *testing.T) {
	st := transcript.NewStage(t, transcript.Network)
	st.Play("ann presses nothing\nben presses nothing\n")
	long := "It begins with the pelican. " + strings.Repeat("x ", truce.MaxText)
	for name, tt := range map[string]struct{ text, why, filled string }{
		"too long":    {long, "Its beginning stands below", "It begins with the pelican."},
		"only a file": {" \n", "a file or a picture", ""},
	} {
		r, err := st.Handlers.Handle(t.Context(), chat.Event{ID: name, Kind: chat.Shortcut, Name: "objection.log",
			User:   chat.User{ID: "test:t:ann", Name: "ann", Standing: chat.Member},
			Quoted: &chat.Quoted{Text: tt.text, Author: chat.User{ID: "test:t:ben", Name: "ben"}}})
		if err != nil || r.Form == nil {
			t.Fatalf("%s: %+v %v", name, r, err)
		}
		if !strings.Contains(r.Form.Intro.String(), tt.why) {
			t.Errorf("%s: it says %q", name, r.Form.Intro.String())
		}
		for _, f := range r.Form.Fields {
			if f.Name == "text" && (!strings.HasPrefix(f.Value, tt.filled) || len([]rune(f.Value)) > truce.MaxText || tt.text != long &&
				f.Value != "") {
				t.Errorf("%s: the field holds %.60q", name, f.Value)
			}
			if f.Name == "for" && !strings.EqualFold(f.Value, "ben") {
				t.Errorf("%s: it is for %q", name, f.Value)
			}
		}
	}
}

// TestWordsOfCommandsInQuotes types each command's own words, and names, as people paste and end them: they mean the same.
func TestWordsOfCommandsInQuotes(t *testing.T) {
	st := transcript.NewStage(t, transcript.Network)
	st.Play("ann presses nothing\nmia presses nothing\nsam presses nothing\n" +
		"lead L1 source=Webinar company=\"Northfield Labs\" owner=ann@example.com\n")
	n := 0
	answer := func(who, name, text string) string {
		n++
		r, err := st.Handlers.Handle(t.Context(), chat.Event{ID: fmt.Sprint("test:", n), Kind: chat.Command, Name: name, Text: text,
			User: chat.User{ID: "test:t:" + who, Name: who, Standing: chat.Member}})
		switch {
		case err != nil:
			t.Fatal(err)
		case r.Form != nil:
			return "form " + r.Form.Name
		case r.Card != nil:
			said, _, _ := strings.Cut(chat.PlainText(*r.Card, 10000), "Your text, to copy")
			return strings.TrimSpace(said)
		}
		return ""
	}
	for _, tt := range []struct{ who, name, before, word string }{
		{"ann", "digest", "", "leads"}, {"ann", "digest", "", "mine"}, {"ann", "digest", "leads by ", "source"},
		{"ann", "digest", "leads ", "last month"},
		{"ann", "truce", "", "help"}, {"ann", "truce", "", "home"}, {"ann", "truce", "", "mine"}, {"ann", "truce", "", "mydata"},
		{"ann", "truce", "", "proposals"}, {"ann", "truce", "", "back"}, {"ann", "truce", "", "lead"},
		{"ann", "journey", "", "evaluation"}, {"ann", "objection", "", "top"}, {"ann", "objection", "", "new"},
		{"ann", "objection", "", "answers"}, {"ann", "objection", "", "themes"}, {"ann", "objection", "top by ", "account"},
		{"ann", "field", "", "drafts"}, {"ann", "field", "", "recent"}, {"ann", "activity", "", "list"}, {"ann", "activity", "", "add"},
		{"sam", "taskforce", "", "actions"}, {"sam", "taskforce", "", "agenda"}, {"sam", "charter", "", "history"},
		{"mia", "outcome", "", "mine"}, {"mia", "outcome", "", "inventory"}, {"ann", "icp", "", "history"},
		{"ann", "icp", "check ", "Northfield Labs"}, {"ann", "icp", "account ", "Northfield Labs"}, {"ann", "icp", "", "Northfield Labs"},
		{"ann", "lead", "", "mine"}, {"ann", "lead", "", "nobody"}, {"ann", "lead", "", "Northfield Labs"}, {"ann", "dispute", "", "list"},
		{"ann", "dispute", "", "rules"},
	} {
		want := answer(tt.who, tt.name, tt.before+tt.word)
		for _, form := range []string{"“%s”", "„%s“", "«%s»", "« %s ».", "`%s`", "*%s*", "**%s**", "_%s_", "~%s~", "```%s```", "*“%s”*",
			"%s.", "%s,", "%s!"} {
			if strings.HasPrefix(form, "%s") && strings.Contains(tt.word, "Labs") {
				continue // what follows a name may be a part of it
			}
			typed := tt.before + fmt.Sprintf(form, tt.word)
			if got := answer(tt.who, tt.name, typed); got != want {
				t.Errorf("/%s %s:\n%.300s\nand not as without quotes:\n%.300s", tt.name, typed, got, want)
			}
		}
	}
	if got := answer("ann", "truce", "away until “2026-03-12”."); !strings.Contains(got, "away") || strings.Contains(got, "Say from when") {
		t.Errorf("away until “2026-03-12”.: %s", got)
	}
	err := st.Store.View(t.Context(), func(tx *storage.Tx) error {
		list, err := tx.Objections(tx.Now.AddDate(-1, 0, 0), tx.Now.AddDate(1, 0, 0))
		if len(list) > 0 {
			t.Errorf("%d objections were logged of words of the command", len(list))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestIdsAsPeoplePasteThem types each id and name that a command takes with what chats and people put around it: it means the same.
func TestIdsAsPeoplePasteThem(t *testing.T) {
	st := transcript.NewStage(t, transcript.Network)
	st.Play(forgedWorld)
	n := 0
	answer := func(who string, kind chat.Kind, name, text string) string {
		n++
		r, err := st.Handlers.Handle(t.Context(), chat.Event{ID: fmt.Sprint("test:", n), Kind: kind, Name: name, Text: text,
			User: chat.User{ID: "test:t:" + who, Name: who, Standing: chat.Member}})
		switch {
		case err != nil:
			t.Fatal(err)
		case r.Form != nil:
			said := "form " + r.Form.Name + " " + r.Form.State
			for _, f := range r.Form.Fields {
				said += fmt.Sprintf(" %s=%q", f.Name, f.Value)
			}
			return said
		case r.Card != nil:
			said, _, _ := strings.Cut(chat.PlainText(*r.Card, 10000), "Your text, to copy")
			return r.Card.Key + strings.TrimSpace(said)
		}
		return ""
	}
	for _, tt := range []struct{ who, name, before, id, after string }{
		{"ann", "lead", "", "L-1", ""}, {"ann", "lead", "", "L1", ""}, {"ann", "lead", "", "kim@northfield.example", ""},
		{"ann", "dispute", "show ", "D-1", ""}, {"ann", "dispute", "", "D-1", ""}, {"ann", "dispute", "", "L-1", ""},
		{"ann", "dispute", "", "L2", ""}, {"ann", "dispute", "", "kim@northfield.example", " wrong person: again"},
		{"ann", "icp", "check ", "L-2", ""}, {"ann", "icp", "check ", "Glenrock", ""}, {"ann", "journey", "", "evaluation", ""},
		{"sam", "icp", "except ", "L-2", " they asked for it"},
		{"mia", "objection", "answer ", "turnaround time", ""}, {"ann", "objection", "answers ", "turnaround time", ""},
		{"ann", "truce", "", "proposals", ""}, {"adi", "truce", "erase lead ", "L-2", ""}, {"adi", "truce", "role ", "Ann", " rep"},
		{"ann", "activity", "", "ACT-1", ""}, {"ann", "activity", "", "Spring booth", ""}, {"mia", "outcome", "brief ", "Glenrock", ""},
		{"sam", "dispute", "retire ", "R-9", " it is over"}, {"ann", "truce", "", "lead L-1", ""}, {"ann", "truce", "lead ", "L-1", ""},
	} {
		want := answer(tt.who, chat.Command, tt.name, tt.before+tt.id+tt.after)
		if strings.HasPrefix(want, "refusal") && !strings.Contains(want, "R-9") {
			t.Logf("/%s %s%s%s is refused: %.200s", tt.name, tt.before, tt.id, tt.after, want)
		}
		for _, form := range []string{"*%s*", "**%s**", "_%s_", "`%s`", "~%s~", "```%s```", "“%s”", "(%s)", "*%s*,", "%s\u200b"} {
			if form == "(%s)" && tt.name == "outcome" {
				continue // a name that nobody has to know yet: brackets may be a part of it
			}
			typed := tt.before + fmt.Sprintf(form, tt.id) + tt.after
			if got := answer(tt.who, chat.Command, tt.name, typed); got != want {
				t.Errorf("/%s %s:\n%.400s\nand not as without marks:\n%.400s", tt.name, typed, got, want)
			}
		}
		if typed := tt.before + "#" + tt.id + tt.after; strings.Contains(tt.id, "-") && !strings.Contains(tt.id, " ") {
			if got := answer(tt.who, chat.Command, tt.name, typed); got != want {
				t.Errorf("/%s %s:\n%.400s\nand not as without #:\n%.400s", tt.name, typed, got, want)
			}
		}
	}
}
