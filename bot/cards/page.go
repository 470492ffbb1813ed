package cards

import (
	"fmt"

	"truce/bot/chat"
)

// Page is which rows of a list are shown.
type Page struct {
	List  string // its name, with Rest what the button carries
	Rest  string // what else tells which list it is
	From  int    // the number of the first row shown, from 0
	Shown int
	Of    int
	Next  *chat.Button // instead of List: leads on to the rest, without its label
}

// Caption is a list's heading, with which rows of how many are shown where they are not all.
func (p Page) Caption(heading string) string {
	switch {
	case p.Shown >= p.Of:
		return heading
	case p.Shown == 0: // the list has become shorter since the button
		return fmt.Sprintf("%s: no more of %d", heading, p.Of)
	case p.Shown == 1:
		return fmt.Sprintf("%s, the last of %d", heading, p.Of)
	}
	return fmt.Sprintf("%s, %d to %d of %d", heading, p.From+1, p.From+p.Shown, p.Of)
}

// More leads on to the rows after those shown; nothing where there are none.
func (p Page) More() []chat.Block {
	left := p.Of - p.From - p.Shown
	if left <= 0 {
		return nil
	}
	label := fmt.Sprintf("The other %d", left)
	if p.From > 0 {
		label = fmt.Sprintf("%d more", left)
	}
	if p.Next != nil {
		b := *p.Next
		b.Label = label
		return []chat.Block{chat.ButtonRow(b)}
	}
	return []chat.Block{chat.ButtonRow(chat.Press(label, "list.more", fmt.Sprintf("%s %d %s", p.List, p.From+p.Shown, p.Rest)))}
}
