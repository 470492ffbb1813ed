package slack

import (
	"testing"

	slackgo "github.com/slack-go/slack"

	"truce/bot/chat"
)

// Who hears a button instead of seeing what stands above it is told whose it is.
func TestButtonsSayWhoseTheyAre(t *testing.T) {
	card := chat.Card{Title: chat.T("What waits for you"), Blocks: []chat.Block{
		{Text: chat.T("⚖️ ", chat.B("D-12 · Northfield Labs"), " — ", chat.I("outside ICP"), "\nMarketing answers")},
		chat.ButtonRow(chat.Press("Uphold", "dispute.uphold", "D-12"), chat.Ask("Decline…", "dispute.decline", "D-12"),
			chat.Press("Show D-12", "dispute.show", "D-12")),
		{Text: chat.T(chat.B("L-7 · Glenrock"))}, chat.ButtonRow(chat.Press("Good", "lead.rate", "L-7 3"), chat.Press("Show", "lead.show", "L-8"),
			chat.Press("The other 20", "list.more", "home 3")),
	}}
	want := map[string]string{"Uphold": "Uphold D-12, Northfield Labs", "Decline…": "Decline D-12, Northfield Labs", "Show D-12": "",
		"Good": "Good L-7, Glenrock", "Show": "Show L-8", "The other 20": ""}
	for _, b := range drawCard(card, Options{}) {
		row, ok := b.(*slackgo.ActionBlock)
		if !ok {
			continue
		}
		for _, e := range row.Elements.ElementSet {
			button := e.(*slackgo.ButtonBlockElement)
			if said, ok := want[button.Text.Text]; !ok || button.AccessibilityLabel != said {
				t.Errorf("%q is heard as %q, want %q", button.Text.Text, button.AccessibilityLabel, said)
			}
			delete(want, button.Text.Text)
		}
	}
	if len(want) > 0 {
		t.Errorf("not drawn: %v", want)
	}
}
