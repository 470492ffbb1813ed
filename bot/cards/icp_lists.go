package cards

import (
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// This file is the two lists of best customers, unseen by each other until both are there.

// ListsBegin says what the two lists are, and begins them.
func ListsBegin(may bool) chat.Card {
	c := chat.Card{Key: "icp.lists", Summary: "Two lists, unseen by each other.", Title: chat.T("Two lists, unseen by each other"),
		Blocks: []chat.Block{
			chat.Para("Two people of each side name their ten best customers and ten they would rather not have, each with a reason. Nobody sees " +
				"the other side's until both are there, or five business days are over."),
			chat.Para("Then both see where they agree, next to what each customer bought, and beside ten customers drawn by a lot."),
		}}
	if may {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Begin", "icp.begin", "").As(chat.Primary)))
	}
	return c
}

// ListsAsk asks a manager for their side's list.
func ListsAsk(r truce.ListRound, by string, loc *time.Location) chat.Card {
	s := by + " asks: whom do you want as customers? Your side's ten best and ten you would rather not have, unseen by the other side."
	return chat.Card{Key: "icp.lists", Summary: s, Blocks: []chat.Block{chat.Para(s),
		chat.Small("Open to both sides when both are there, at the latest ", chat.At(r.DueAt, loc, chat.DayTime), "."),
		chat.ButtonRow(chat.Ask("Name them…", "icp.pick", r.ID).As(chat.Primary))}}
}

// ListsView is a round that is not open yet, for one person.
type ListsView struct {
	Round truce.ListRound
	By    truce.Person
	Has   map[truce.Side]int // people of each side
	Loc   *time.Location
}

// ListsWait says how far a round has come: who is missing, never what was named.
func ListsWait(v ListsView) chat.Card {
	c := chat.Card{Key: "icp.lists", Summary: "Two lists are under way.", Title: chat.T("Two lists, unseen by each other")}
	for _, s := range []truce.Side{truce.Sales, truce.Marketing} {
		c.Blocks = append(c.Blocks, chat.Para(chat.B(s.Title()),
			fmt.Sprintf(": %d of %d have sent theirs.", v.Round.Sent(s), max(1, min(truce.ListPickers, v.Has[s])))))
	}
	c.Blocks = append(c.Blocks, chat.Small("Open to both sides when both are there, at the latest ",
		chat.At(v.Round.DueAt, v.Loc, chat.DayTime), "."))
	var row []chat.Button
	if side := v.By.TeamSide(); side != truce.NoSide {
		switch {
		case v.Round.Of(v.By.ID) != nil:
			c.Blocks = append(c.Blocks, chat.Para("✓ Yours is there. You can change it until both are open."))
			row = append(row, chat.Ask("Change mine…", "icp.pick", v.Round.ID))
		case v.Round.Sent(side) < truce.ListPickers:
			row = append(row, chat.Ask("Name them…", "icp.pick", v.Round.ID).As(chat.Primary))
		}
	}
	if v.Round.Sent(truce.Sales) > 0 && v.Round.Sent(truce.Marketing) > 0 &&
		(v.Round.StartedBy == v.By.ID || v.By.Has(truce.SalesManager, truce.MarketingManager, truce.Sponsor)) {
		row = append(row, chat.Press("Open them now", "icp.open", v.Round.ID))
	}
	if len(row) > 0 {
		c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	}
	return c
}

// pickLines are picks as the form takes them, as many whole lines as it holds.
func pickLines(list []truce.Pick) string {
	const most = 2900
	var b strings.Builder
	for _, p := range list[:min(len(list), truce.ListLength)] {
		line := p.Account + ": " + p.Reason + "\n"
		if b.Len()+len(line) > most {
			break
		}
		b.WriteString(line)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// ListForm asks for a person's list.
func ListForm(round string, mine truce.PickList) chat.Form {
	hint := "At most ten, one a line, why after a colon: Northfield Labs: reorders every quarter"
	return chat.Form{Name: "icp.pick", Title: "Whom do you want?", Submit: "Send mine", State: round,
		Intro: chat.T("The other side sees it when theirs is there, too."), Fields: []chat.Field{
			{Name: "best", Kind: chat.LongText, Label: "Ten best customers", Hint: hint, Value: pickLines(mine.Best), Required: true},
			{Name: "dead", Kind: chat.LongText, Label: "Ten you would rather not have",
				Hint: "What they cost, after a colon: Silverton: 41 support visits, no reorder", Value: pickLines(mine.Dead), Required: true},
		}}
}

// picked are the customers of picks in a line.
func picked(list []truce.Pick) string {
	s := make([]string, len(list))
	for i, p := range list {
		s[i] = p.Account
	}
	return strings.Join(s, ", ")
}

// agreed is the headline of two lists.
func agreed(o truce.Overlap) string {
	return fmt.Sprintf("You agree on %d of %d best customers.", len(o.Both), o.Of)
}

// ListsOpened says that both lists are open, and where they agree.
func ListsOpened(r truce.ListRound, o truce.Overlap, may bool) chat.Card {
	c := chat.Card{Key: "icp.opened", Summary: agreed(o), Blocks: []chat.Block{chat.Para(chat.B(agreed(o)))}}
	if len(o.Both) > 0 {
		c.Blocks = append(c.Blocks, chat.Para("Both: "+picked(o.Both)+"."))
	}
	for _, s := range []truce.Side{truce.Sales, truce.Marketing} {
		if r.Sent(s) == 0 {
			c.Blocks = append(c.Blocks, chat.Para(s.Title()+" sent no list in five business days."))
		}
	}
	row := []chat.Button{chat.Press("See both lists", "icp.overlap", r.ID).As(chat.Primary)}
	if may {
		row = append(row, chat.Press("Start a profile", "icp.draft", ""), chat.Press("Lists anew", "icp.begin", ""))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(row...))
	return c
}

// OverlapView is both lists next to the books.
type OverlapView struct {
	Round   truce.ListRound
	Overlap truce.Overlap
	Books   map[string]truce.Booked // by folded name
	Loc     *time.Location
}

// bookLine is what the books say of a customer.
func bookLine(b truce.Booked) string {
	var s []string
	switch {
	case b.Won > 0:
		s = append(s, plural(b.Won, "deal won", "deals won"))
		if b.Orders > 0 {
			s = append(s, plural(b.Orders, "order", "orders"))
		} else {
			s = append(s, "no order since")
		}
		if b.Months > 0 {
			s = append(s, plural(b.Months, "month active", "months active"))
		}
	case b.Lost > 0:
		s = append(s, plural(b.Lost, "deal lost", "deals lost"))
	}
	if b.SentBack > 0 {
		s = append(s, plural(b.SentBack, "lead sent back", "leads sent back"))
	}
	if b.Top {
		s = append(s, "in the fifth that paid most")
	}
	if len(s) == 0 {
		return "nothing in the books"
	}
	return strings.Join(s, ", ")
}

// ListsOverlap is both lists, once they are open: where the sides agree, where one's best is the other's dead weight, and what
// the best have in common that customers drawn by a lot have not.
func ListsOverlap(v OverlapView) chat.Card {
	o := v.Overlap
	c := chat.Card{Key: "icp.overlap", Summary: agreed(o), Title: chat.T(agreed(o))}
	row := func(p truce.Pick, how string) []chat.Cell {
		b, known := v.Books[p.Key()]
		said := "not known by that name"
		if known {
			said = bookLine(b)
		}
		return []chat.Cell{{Text: p.Account}, {Text: how}, {Text: p.Reason}, {Text: said}}
	}
	t := chat.Table{Caption: "Both lists", Columns: []chat.Column{{Title: "Customer"}, {Title: "Whose"}, {Title: "Why"}, {Title: "The books"}}}
	for _, p := range o.Both {
		t.Rows = append(t.Rows, row(p, "best for both"))
	}
	for _, s := range []truce.Side{truce.Sales, truce.Marketing} {
		for _, p := range o.Clash[s] {
			t.Rows = append(t.Rows, row(p, "best for "+s.Title()+", dead weight for "+s.Other().Title()))
		}
	}
	for _, s := range []truce.Side{truce.Sales, truce.Marketing} {
		for _, p := range o.Only[s] {
			t.Rows = append(t.Rows, row(p, "best for "+s.Title()+" only"))
		}
	}
	for _, p := range o.DeadBoth {
		t.Rows = append(t.Rows, row(p, "dead weight for both"))
	}
	if len(t.Rows) > 0 {
		c.Blocks = append(c.Blocks, chat.TableBlock(t))
	}
	if common := v.common(); len(common) > 0 {
		k := chat.Table{Caption: "What your best have in common",
			Columns: []chat.Column{{Title: "Attribute"}, {Title: "Best"}, {Title: "Dead weight"}, {Title: "By a lot"}}}
		of := func(k, n int) chat.Cell {
			if n == 0 {
				return chat.Cell{Text: "not known"}
			}
			return chat.Cell{Text: fmt.Sprintf("%d of %d", k, n)}
		}
		for _, m := range common {
			k.Rows = append(k.Rows, []chat.Cell{{Text: m.Attribute + " = " + m.Value}, of(m.Best, m.BestOf), of(m.Dead, m.DeadOf),
				of(m.Control, m.ControlOf)})
		}
		c.Blocks = append(c.Blocks, chat.TableBlock(k), chat.Small("What customers drawn by a lot have as often is not what makes your best. "+
			"Lists of ten are counts, no test."))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Start a profile", "icp.draft", "").As(chat.Primary),
		chat.Press("The profile", "icp.show", "")))
	return c
}

// common is what the best of either side share.
func (v OverlapView) common() []truce.Common {
	const most = 5
	var best, dead []string
	for _, s := range []truce.Side{truce.Sales, truce.Marketing} {
		for _, p := range v.Round.SideList(s, true) {
			best = append(best, p.Key())
		}
		for _, p := range v.Round.SideList(s, false) {
			dead = append(dead, p.Key())
		}
	}
	return truce.CommonValues(uniq(best), uniq(dead), v.Round.Control, v.Books, most)
}

func uniq(keys []string) (list []string) {
	seen := map[string]bool{}
	for _, k := range keys {
		if !seen[k] {
			seen[k], list = true, append(list, k)
		}
	}
	return list
}
