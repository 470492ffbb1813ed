package cards

import (
	"fmt"
	"time"

	"truce/bot/chat"
)

// This file shows what the ends of quarters go with: deals outside the ideal customer profile, and customers who do or do not buy
// again.

// QuarterEndsView is two comparisons with what may be said of each: the share of won deals outside the ideal customer profile, and
// of old enough accounts that bought again. Claims are of the first share beside the second: higher, lower, close or few.
type QuarterEndsView struct {
	LateArg, OtherArg, OutsideArg, InsideArg string // of the buttons that lead to the rows' figures
	Span                                     Span   // when the deals closed
	Late, Other                              Share
	Claim                                    string
	Clear                                    bool // strong enough to be said unasked, on a first screen
	Outside, Inside                          Share
	AgainClaim                               string
	Dated, AgainDated                        Dated   // of the first claim, and of the second
	Ended                                    []Ended // what was claimed of the second until this digest
}

// sentence is a clear finding: what goes with the end of a quarter, and beside it who bought again.
func (v QuarterEndsView) sentence(loc *time.Location) chat.Text {
	s := fmt.Sprintf(" go with %s wins outside the ICP: %s won in a quarter's last two weeks",
		map[bool]string{true: "more", false: "fewer"}[v.Claim == "higher"], v.Late.ofAll())
	if r := v.Late.Range(); r != "" {
		s += " (" + r + ")"
	}
	s = v.Dated.after(s + fmt.Sprintf(", %s others since %s.", v.Other.ofAll(), v.Span.From.In(loc).Format("Jan 2006")))
	if v.Outside.N > 0 && v.Inside.N > 0 {
		outside, inside, end := v.Outside.ofAll(), v.Inside.ofAll(), ""
		switch v.AgainClaim {
		case "close":
			end = ": not yet enough to tell"
		case "few": // no rates side by side, which would compare them
			outside, inside, end = v.Outside.counts(), v.Inside.counts(), ": too few to compare"
		}
		s = v.AgainDated.after(s + fmt.Sprintf(" Bought again: %s customers outside, %s inside%s.", outside, inside, end))
	}
	return chat.T(chat.B("Quarter ends"), s)
}

// verdict is what may be said of the table of both comparisons.
func (v QuarterEndsView) verdict() string {
	s := v.Dated.after(map[string]string{"higher": "Quarter ends go with more wins outside the ICP.",
		"lower": "Quarter ends go with fewer wins outside the ICP.",
		"close": "Quarter ends and other days: not yet enough to tell them apart.",
		"few":   "Too few deals to compare quarter ends with other days."}[v.Claim])
	if v.Outside.N > 0 && v.Inside.N > 0 {
		s += map[string]string{"higher": " Customers outside bought again more often than those inside.",
			"lower": " Customers outside bought again less often than those inside.", "close": " Who buys again: not yet enough to tell.",
			"few": " Who buys again: too few to compare."}[v.AgainClaim]
		s = v.AgainDated.after(s)
	}
	for _, e := range v.Ended {
		s += " " + e.String()
	}
	return s
}

// counts is a share without its rate: "3 of 22".
func (s Share) counts() string { return count(s.K) + " of " + count(s.N) }

// QuarterEnd is the finding in a sentence, for a first screen.
func QuarterEnd(v QuarterEndsView, p Period) []chat.Block {
	return []chat.Block{{Text: v.sentence(p.Loc)}}
}

// QuarterEnds are the finding, its figures and the way to its deals; nothing where the profile is known of no deal.
func QuarterEnds(v QuarterEndsView, p Period) []chat.Block {
	if v.Late.N+v.Other.N == 0 {
		return nil
	}
	t := chat.Table{Caption: "Quarter ends and the ideal customer profile: deals won since " + v.Span.From.In(p.Loc).Format("2 Jan 2006"),
		Columns: []chat.Column{{Title: "What"}, {Title: "Number", Number: true}, {Title: "Of", Number: true}, {Title: "Share", Number: true},
			{Title: "95 % interval", Number: true}}}
	for _, r := range []struct {
		name  string
		share Share
		arg   string
	}{{"Outside the ICP, of deals won in a quarter's last two weeks", v.Late, v.LateArg},
		{"Outside the ICP, of deals won on other days", v.Other, v.OtherArg},
		{"Bought again, of customers outside won at least 180 days ago", v.Outside, v.OutsideArg},
		{"Bought again, of customers inside won at least 180 days ago", v.Inside, v.InsideArg}} {
		if r.share.N > 0 {
			t.Rows = append(t.Rows, []chat.Cell{openCell(r.name, r.arg), number(r.share.K), number(r.share.N), r.share.cell(),
				{Text: r.share.Range()}})
		}
	}
	return []chat.Block{chat.TableBlock(t), chat.Small(v.verdict() + " " + familyNote), chat.ButtonRow(QuarterEndButton(p))}
}

// The rules by which the rows of a table are compared, to stand beside it: of shares, and of win rates.
const (
	familyNote = "A difference is named from 10 on each side, 5 points, and where chance makes one as large in one of a thousand looks at " +
		"most."
	winsNote = "A difference is named from 20 closed on each side, 5 points, and where chance makes one as large among all rows in one or " +
		"two of a thousand looks at most."
)

// QuarterEndButton leads to the deals.
func QuarterEndButton(p Period) chat.Button {
	return chat.Press("Quarter-end deals", "digest.deals", p.Arg())
}

// DrillDeal is a won deal in a drill-down.
type DrillDeal struct {
	Name, Lead string // Lead is the reference of the one it came from; "" is none
	At         time.Time
	Money      string
	Again      string // "yes", "no", "too early to tell", "not known"
}

// DrillDeals is a table of won deals, each leading to its lead where it has one.
func DrillDeals(rows []DrillDeal, loc *time.Location) chat.Table {
	t := chat.Table{Caption: "Won outside the ICP in a quarter's last two weeks, newest first",
		Columns: []chat.Column{{Title: "Deal"}, {Title: "Won on"}, {Title: "Amount", Number: true}, {Title: "Bought again"}}}
	for _, r := range rows {
		name := chat.Cell{Text: r.Name}
		if r.Lead != "" {
			b := chat.Press(r.Lead, "lead.show", r.Lead)
			name.Button = &b
		}
		t.Rows = append(t.Rows, []chat.Cell{name, {Text: r.At.In(loc).Format("2 Jan 2006")}, {Text: r.Money}, {Text: r.Again}})
	}
	return t
}
