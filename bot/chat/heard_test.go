package chat

import "testing"

// TestWhoseAButtonIs: who hears a card and does not see it is told whose a button is.
func TestWhoseAButtonIs(t *testing.T) {
	card := Card{Title: T("⚖️ ", B("D-12 · Northfield Labs"), " — outside ICP · score 72"), Blocks: []Block{
		Para("One manager of each side rules by Tue."), ButtonRow(Press("Uphold", "dispute.uphold", "D-12"), Press("Open D-12", "d", "D-12"),
			Press("Ask once…", "dispute.ask", "D-12"), Button{Label: "CRM", URL: "https://crm.example"}),
		Heading("Actions"), Para("Sam, Move the call\nto 13:00"), ButtonRow(Press("Done", "done", "A-1"), Press("Show", "show", "L-9")),
		Para("Mia, One slide"), ButtonRow(Press("Done", "done", "A-2"), Press("Pause", "pause", "weekly")),
		Para("L-7 · Westbrook · Kim\u202e — new"), ButtonRow(Press("Accept", "lead.accept", "L-7 x"), Press("Done", "done", "")),
		Rule(), ButtonRow(Press("Done", "done", "A-9")),
	}}
	var heard []string
	ear := Listen(card)
	for _, b := range card.Blocks {
		ear.Block(b)
		for _, b := range b.Buttons {
			heard = append(heard, ear.Of(b))
		}
	}
	want := []string{"Uphold D-12, Northfield Labs", "", "Ask once D-12, Northfield Labs", "", "Done: Sam, Move the call", "Show L-9",
		"Done: Mia, One slide", "", "Accept L-7, Westbrook, Kim", "Done: L-7, Westbrook, Kim", "Done A-9"}
	for i, w := range want {
		if i >= len(heard) || heard[i] != w {
			t.Fatalf("button %d is heard as %q of %q, want %q", i, heard[i:min(i+1, len(heard))], heard, w)
		}
	}
}
