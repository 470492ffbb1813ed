package cards

import (
	"fmt"
	"time"

	"truce/bot/chat"
)

// ProfileReportView is the ideal customer profile in force in a digest.
type ProfileReportView struct {
	Period
	Version                               int
	Rows                                  []ProfileRowView // inside, outside, not known
	Waiting                               int
	Year                                  time.Time // since when the leads qualified whose wins are counted
	Exceptions, ExceptedWon, ExceptedLost int
	Pipeline                              []PipelineWeek // of the quarter that the period ends in
	Proposal, Title, Effect               string
}

// ProfileRowView is the leads of one fit.
type ProfileRowView struct {
	Arg   string // of the button that leads to its figures
	Name  string
	Share Share // of the period's
	Wins  Share // won of closed, of a year's
}

// unjudged reports whether too little is known of the leads for the share to be judged.
func (v ProfileReportView) unjudged() bool {
	last := v.Rows[len(v.Rows)-1].Share
	return last.N > 0 && 10*last.K > 3*last.N
}

// ProfileLine is the profile on a first screen: the share of hand-offs inside, what is open, what is proposed.
func ProfileLine(v ProfileReportView) []chat.Block {
	if len(v.Rows) < 3 {
		return nil
	}
	inside, unknown := v.Rows[0].Share, v.Rows[2].Share
	s := fmt.Sprintf(" (version %d): ", v.Version)
	switch {
	case inside.N == 0:
		s += "no lead that qualified " + v.In(v.Span()) + " is decided yet"
	default:
		s += fmt.Sprintf("%d of %s inside", inside.K, plural(inside.N, "lead", "leads"))
		if unknown.K > 0 {
			s += fmt.Sprintf(", %d not known", unknown.K)
		}
		if v.unjudged() {
			s += ": not judged, of too many too little is known"
		}
	}
	switch {
	case inside.N == 0 && v.Waiting == 0:
		s = fmt.Sprintf(" (version %d): no lead qualified %s.", v.Version, v.In(v.Span()))
	case inside.N == 0:
		s += ": " + plural(v.Waiting, "waits", "wait") + " for a verdict or two business days."
	case v.Waiting > 0:
		s += fmt.Sprintf("; %d not decided yet.", v.Waiting)
	default:
		s += "."
	}
	if v.Exceptions > 0 {
		s += " " + plural(v.Exceptions, "declared exception", "declared exceptions") + "."
	}
	list := []chat.Block{chat.Para(chat.B("Ideal customer"), s)}
	if v.Proposal != "" {
		t := chat.T(chat.B(v.Proposal), " is proposed: "+v.Title+". "+v.Effect)
		list = append(list, chat.Block{Text: t}, chat.ButtonRow(chat.Press("See "+v.Proposal, "proposal.show", v.Proposal)))
	}
	return list
}

// ProfileFigures is the profile among all figures.
func ProfileFigures(v ProfileReportView) []chat.Block {
	t := chat.Table{Caption: fmt.Sprintf("Ideal customer, version %d: leads %s; won of closed: leads from %s on", v.Version, v.In(v.Span()),
		v.Year.Format("2 Jan 2006")), Columns: []chat.Column{{Title: "Fit"}, {Title: "Leads", Number: true}, {Title: "Share"},
		{Title: "Won of closed"}}}
	for _, r := range v.Rows {
		wins := "none closed"
		if r.Wins.N > 0 {
			wins = ranged(r.Wins)
		}
		t.Rows = append(t.Rows, []chat.Cell{openCell(r.Name, r.Arg), {Text: count(r.Share.K), Value: float64(r.Share.K)}, {Text: ranged(r.Share)},
			{Text: wins}})
	}
	list := []chat.Block{chat.TableBlock(t)}
	s := "Sales works leads inside more, so a difference says little of the profile."
	if v.Waiting > 0 {
		s = plural(v.Waiting, "lead waits", "leads wait") + " for a verdict or two business days. " + s
	}
	if v.Exceptions > 0 {
		s += fmt.Sprintf(" %s: %d won, %d lost.", plural(v.Exceptions, "declared exception", "declared exceptions"), v.ExceptedWon,
			v.ExceptedLost)
	}
	list = append(list, chat.Small(s))
	list = append(list, v.pipeline()...)
	if v.Proposal != "" {
		list = append(list, chat.Para(chat.B(v.Proposal), " is proposed: "+v.Title+". "+v.Effect))
	}
	return list
}

// ranged is a share with its counts and its interval, where it may be said.
func ranged(s Share) string {
	if r := s.Range(); r != "" {
		return s.counted() + ", " + r
	}
	return s.counted()
}

// PipelineWeek is the open opportunities at the end of a week of the quarter.
type PipelineWeek struct {
	Number            int // from 1
	From              time.Time
	Open              int
	Outside           Share // of those of which it is known, without exceptions
	Unknown, Excepted int
	Arg               string // of the button that leads to its leads
}

// What a week of the open pipeline is opened as.
const (
	PipelineOpen     = "Open"
	PipelineOutside  = "Outside, of known"
	PipelineUnknown  = "Not known"
	PipelineExcepted = "Exceptions"
)

// pipeline is the share of the open pipeline that is off the profile, by week of the quarter: a table, and what it says at a look.
func (v ProfileReportView) pipeline() []chat.Block {
	t := chat.Table{Caption: "Open opportunities off the profile, at the end of each week of the quarter", Columns: []chat.Column{{Title: "Week"},
		{Title: PipelineOpen, Number: true}, {Title: PipelineOutside}, {Title: PipelineUnknown, Number: true},
		{Title: PipelineExcepted, Number: true}}}
	any := false
	for _, w := range v.Pipeline {
		outside := "none"
		if w.Outside.N > 0 {
			outside = ranged(w.Outside)
		}
		any = any || w.Open > 0
		t.Rows = append(t.Rows, []chat.Cell{openCell(fmt.Sprintf("%d, from %s", w.Number, w.From.Format("2 Jan")), w.Arg), number(w.Open),
			{Text: outside}, number(w.Unknown), number(w.Excepted)})
	}
	if !any {
		return nil
	}
	return []chat.Block{chat.TableBlock(t)}
}
