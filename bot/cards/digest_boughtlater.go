package cards

import (
	"fmt"

	"truce/bot/chat"
)

// BoughtLaterView is what Sales sent back and what of it bought later.
type BoughtLaterView struct {
	Period
	Year         Span // when the leads qualified
	Bought, Back int
	Money        []string     // an amount for each currency
	Rows         *chat.Button // to the leads that bought; nil where none has
}

// BoughtLater says it in a line, with the way to the leads.
func BoughtLater(v BoughtLaterView) []chat.Block {
	s := fmt.Sprintf(": of %s of %s that Sales sent back, ", plural(v.Back, "lead", "leads"), v.Of(v.Year))
	switch {
	case v.Bought == 0:
		s += "none is won since."
	default:
		s += plural(v.Bought, "is", "are") + " won since, however long it took"
		if len(v.Money) > 0 {
			s += ": " + and(v.Money)
		}
		s += ". To the credit of both sides."
	}
	list := []chat.Block{chat.Para(chat.B("Sent back and bought later"), s)}
	if v.Rows != nil {
		list = append(list, chat.ButtonRow(*v.Rows))
	}
	return list
}
