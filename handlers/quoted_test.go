package handlers_test

import (
	"strings"
	"testing"

	"truce"
	"truce/bot/chat"
	"truce/bot/transcript"
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
