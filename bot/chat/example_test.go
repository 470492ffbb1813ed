package chat_test

import (
	"fmt"

	"truce/bot/chat"
)

// A card is said once, in words of no platform; each platform draws it its own way, and this is how a terminal does.
func ExamplePlainText() {
	card := chat.Card{Key: "lead:L-12", Summary: "L-12 waits for you", Blocks: []chat.Block{
		chat.Heading("L-12 · Northfield Labs"),
		chat.Para("Accept or reject by ", chat.B("Tue 3 Mar 17:00"), "."),
		chat.ButtonRow(chat.Press("Accept", "lead.accept", "L-12"), chat.Press("Reject…", "lead.reject", "L-12")),
	}}
	fmt.Println(chat.PlainText(card, 60))
	// Output:
	// L-12 · Northfield Labs
	// ----------------------
	//
	// Accept or reject by Tue 3 Mar 17:00.
	//
	// [Accept] [Reject…]
}
