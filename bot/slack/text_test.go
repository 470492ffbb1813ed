package slack

import (
	"slices"
	"testing"

	"truce/bot/chat"
)

func TestMentionsAreNamedAsTheTextNamesThem(t *testing.T) {
	name := func(id string) string { return map[string]string{"U2": "Mark Orr"}[id] }
	const s = "for <@U2> and <@W3|ben> in <#C1|sales>, not <@nobody> &lt;@U9&gt;"
	want := []chat.User{{ID: "slack:T1:U2", Name: "Mark Orr"}, {ID: "slack:T1:W3", Name: "ben"}}
	if got := mentions("T1", s, name); !slices.Equal(got, want) {
		t.Errorf("mentions of %q: %v; want %v", s, got, want)
	}
}
