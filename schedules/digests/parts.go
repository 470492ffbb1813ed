package digests

import (
	"net/url"
	"strconv"

	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file shows a digest part by part, for platforms that have no room for the ways down from all its rows: Slack draws one
// table a message whose rows can be pressed, and a card in Teams holds 28 KB.

// byParts lists the parts of a digest's first screen, of all figures (w) or of what the outcomes say (o), or shows the one with a
// number (i).
func (d Maker) byParts(tx *storage.Tx, r Query, where url.Values) (chat.Card, error) {
	p := d.period(r)
	var whole chat.Card
	var err error
	switch {
	case where.Has("w"):
		whole, err = d.All(tx, r)
	case where.Has("o"):
		whole, err = d.Outcomes(tx, p)
	default:
		whole, err = d.Card(tx, r, false)
	}
	if err != nil {
		return chat.Card{}, err
	}
	back := pairs(where, "w", "o")
	var list []cards.Part
	for i, b := range whole.Blocks {
		name, rows := "", 0
		var next []chat.Block // the way down from a chart stands below it
		switch {
		case b.Table != nil:
			name, rows = b.Table.Caption, len(b.Table.Rows)
		case b.Chart != nil:
			name, rows = b.Chart.Title, len(b.Chart.Categories)
			if i+1 < len(whole.Blocks) && len(whole.Blocks[i+1].Buttons) == 1 {
				next = whole.Blocks[i+1 : i+2]
			}
		default:
			continue
		}
		if where.Get("i") == strconv.Itoa(i) {
			if b.Table != nil { // its name is the title already
				t := *b.Table
				t.Caption = "Press a row to open it"
				b = chat.TableBlock(t)
			}
			return cards.OnePart(p, name, append([]chat.Block{b}, next...), p.Arg(back...)), nil
		}
		list = append(list, cards.Part{Name: name, Rows: rows, Arg: p.Arg(append([]string{"i", strconv.Itoa(i)}, back...)...)})
	}
	if where.Has("i") {
		return chat.Card{}, errOldButton
	}
	return cards.Parts(p, whole.Title, list), nil
}
