package cards

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// SourcesView is the leads by source, and what stands out of them.
type SourcesView struct {
	Period
	Finding  Finding
	Source   *SourceRow // the row the finding names
	Rows     []SourceRow
	All      SourceRow
	Rates    Span // what the rates rest on
	OldSpan  Span // when the leads qualified that are old enough to tell
	Window   int  // days after which leads are old enough to tell; 0 is not known
	AllWhy   bool // every rejection counts, because no reasons are given
	Verdicts bool // somebody's verdicts on leads are known
	Losses   bool // losses are known
	Young    bool // the period is so short ago that open leads say nothing
	Week     WeekView
	Open     chat.Button // leads to what the digest says in sentences
}

// SourceRow is one line of the table by source.
type SourceRow struct {
	Arg               string // of the button that leads to its figures
	Name              string
	Leads, Open       int // in the weeks the rates rest on
	Judged            int
	SentBack          Share // of the judged
	Old, Won          int   // leads old enough to tell, and those of them that won
	WonShare          Share
	Cost              []string // what those old enough cost, an amount for each currency; nil is not known
	Reason            string   // the most frequent one
	ReasonN, ReasonOf int
	MeanScore         float64
	Scored            int
}

// WeekView is the week's own counts.
type WeekView struct {
	Leads, Low, High                  int // Low to High is the usual range, where known
	Usual                             bool
	Judged, Open                      int
	Won                               int
	Settled, Upheld, Declined, Lapsed int
	Median                            float64 // business hours to an answer
	MedianN                           int
	Deals, Orders                     int      // closed in the period, whoever brought them
	Revenue                           []string // theirs
}

// ImportView is what all imports of a kind have brought.
type ImportView struct {
	Kind                              string // leads, outcomes...
	Added, Changed, Rejected, Stopped int    // rows; Stopped are imports that were cut off and not run again
}

// HeardView is an objection as the digest mentions it.
type HeardView struct {
	Name           string
	Accounts, Reps int
	Answered       bool
	Times          int     // of a rising one: how often it was heard, each account once a week
	Usual          float64 // how often it would have been at its share of what was heard before
}

// Evidence is why the headline names the source it names.
func Evidence(v SourcesView) []chat.Block {
	if e := v.evidence(); e != "" {
		return []chat.Block{chat.Para(e)}
	}
	return nil
}

// Sources is the chart and the table of the sources.
func Sources(v SourcesView) (list []chat.Block) {
	if ch, ok := v.chart(); ok {
		list = append(list, chat.ChartBlock(ch))
	}
	return append(list, chat.TableBlock(v.table()))
}

// SourceWays are the ways down from the sources: those of the one that the finding names, where it names one.
func SourceWays(v SourcesView) []chat.Block {
	arg := v.Arg()
	if v.Source != nil {
		arg = v.Arg("s", v.Source.Name)
	}
	return []chat.Block{chat.ButtonRow(chat.Press("Why Sales said no", "digest.why", arg),
		chat.Press("The campaigns", "digest.campaigns", arg), chat.Press("The leads", "digest.leads", arg), v.Open, outcomesButton(v.Period))}
}

// LeadsTail is what a notification says after the headline.
func LeadsTail(v SourcesView) string {
	return v.Name() + ": " + plural(v.Week.Leads, "lead", "leads") + "."
}

func (v SourcesView) evidence() string {
	var parts []string
	if e := v.Finding.Evidence(); e != "" {
		parts = append(parts, e)
	}
	if f := v.Finding; f.Top && math.Round(f.Score) > math.Round(f.OtherScore) {
		parts = append(parts, fmt.Sprintf("Those old enough score %.0f on average, those of all others %.0f.", f.Score, f.OtherScore))
	}
	if r := v.Source; r != nil {
		if v.Verdicts && r.Judged > 0 {
			why := ""
			if !v.AllWhy {
				why = ", for a source fault," // before the leads: they are judged for nothing
			}
			s := fmt.Sprintf("%s Sales sent back%s %s of the %s it judged", v.since(), why, r.SentBack, plural(r.Judged, "lead", "leads"))
			if rg := r.SentBack.Range(); rg != "" {
				s += " (" + rg
				if v.Finding.Kind == SentBackMost {
					s += "; all other sources " + v.Finding.Others.String()
				}
				s += ")"
			}
			if r.ReasonOf > 1 && 2*r.ReasonN > r.ReasonOf {
				s += fmt.Sprintf(", mostly %s (%d of %d)", r.Reason, r.ReasonN, r.ReasonOf)
			}
			parts = append(parts, s+".")
		}
		if v.Window > 0 && r.Old > 0 {
			switch {
			case r.Won == 0 && v.Finding.Kind == NeverBought: // the headline has said it
			case r.Won == 0:
				parts = append(parts, fmt.Sprintf("Of its %s old enough to tell, none has won.", plural(r.Old, "lead", "leads")))
			case r.WonShare.Range() == "":
				parts = append(parts, fmt.Sprintf("Of its leads old enough to tell, %s won.", r.WonShare))
			default:
				parts = append(parts, fmt.Sprintf("Of its %s old enough to tell, %s won (%s).", plural(r.Old, "lead", "leads"), r.WonShare,
					r.WonShare.Range()))
			}
			if len(r.Cost) > 0 {
				parts = append(parts, "Those old enough cost "+and(r.Cost)+".")
			}
		}
	}
	return strings.Join(parts, " ")
}

func (v SourcesView) since() string { return upperFirst(v.In(v.Rates)) }

// backLabel is what the rejections that count against a source are called: where reasons are given, only some of those sent back.
func (v SourcesView) backLabel() string {
	if v.AllWhy {
		return truce.CountedSentBack.Label
	}
	return truce.CountedSourceFault.Label
}

// OldLabel heads the leads that are old enough to tell whether they buy.
const OldLabel = "Old enough"

// charted is how many sources a chart holds.
const charted = 8

func (v SourcesView) chart() (chat.Chart, bool) {
	c := chat.Chart{Kind: chat.Bar, Title: v.backLabel() + " of the judged, and won of the leads old enough", Unit: "%",
		Series: []chat.Series{{Name: lowerFirst(v.backLabel())}, {Name: "won"}}}
	back := v.Verdicts && slices.ContainsFunc(v.Rows, func(r SourceRow) bool { return r.SentBack.charts() })
	old := slices.ContainsFunc(v.Rows, func(r SourceRow) bool { return r.WonShare.charts() })
	if !back && !old {
		return c, false
	}
	for _, r := range v.Rows {
		if back && !r.SentBack.charts() || old && !r.WonShare.charts() || len(c.Categories) == charted {
			continue
		}
		c.Categories = append(c.Categories, r.Name)
		c.Series[0].Values = append(c.Series[0].Values, rate(r.SentBack))
		c.Series[1].Values = append(c.Series[1].Values, rate(r.WonShare))
	}
	if !back {
		c.Title, c.Series = "Won, of the leads old enough to tell", c.Series[1:]
	} else if !old {
		c.Title, c.Series = v.backLabel()+", of the leads judged", c.Series[:1]
	}
	return c, len(c.Categories) > 1
}

// charts reports whether a share may be drawn: under 10 only counts are said.
func (s Share) charts() bool { return s.N >= 10 }

// rate is a share in per cent, rounded as it is shown.
func rate(s Share) float64 {
	if s.N == 0 {
		return 0
	}
	return rounded(100 * float64(s.K) / float64(s.N))
}

func (v SourcesView) table() chat.Table {
	caption := "By source, " + v.Of(v.Rates)
	if v.Window > 0 {
		caption += "; old enough and won: leads of " + v.Of(v.OldSpan)
	}
	t := chat.Table{Caption: caption, Columns: []chat.Column{{Title: "Source"}, counted(truce.CountedLeads),
		spare(counted(truce.CountedOpen))}}
	if v.Verdicts {
		t.Columns = append(t.Columns, spare(counted(truce.CountedJudged)), chat.Column{Title: v.backLabel(), Number: true})
	}
	if v.Window > 0 {
		t.Columns = append(t.Columns, chat.Column{Title: OldLabel, Number: true}, counted(truce.CountedWon))
	}
	for _, r := range append(slices.Clone(v.Rows), v.All) {
		won := r.WonShare.cell()
		if r.Old > 0 && r.Won > 0 && r.WonShare.N >= 10 {
			won.Text = count(r.Won) + " (" + won.Text + ")"
		}
		row := []chat.Cell{openCell(r.Name, r.Arg), number(r.Leads), number(r.Open)}
		if v.Verdicts {
			row = append(row, number(r.Judged), r.SentBack.cell())
		}
		if v.Window > 0 {
			row = append(row, number(r.Old), won)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Week is a period's own counts in a line. rates is what the median answer rests on; verdicts says that anybody's are known.
func Week(v Period, rates Span, verdicts bool, w WeekView) []chat.Block {
	t := chat.T(chat.B(v.Name()+":"), " "+plural(w.Leads, "lead", "leads"))
	if w.Usual {
		t = append(t, chat.T(fmt.Sprintf(" (usual %s to %s)", count(w.Low), count(w.High)))...)
	}
	if verdicts {
		t = append(t, chat.T(fmt.Sprintf(", %s judged", count(w.Judged)))...)
	}
	if w.Won > 0 {
		t = append(t, chat.T(fmt.Sprintf(", %s of them won", count(w.Won)))...)
	}
	if w.Settled > 0 {
		s := fmt.Sprintf(", %s settled (%d upheld, %d declined", plural(w.Settled, "dispute", "disputes"), w.Upheld, w.Declined)
		if w.Lapsed > 0 {
			s += fmt.Sprintf(", %d by silence", w.Lapsed)
		}
		if w.MedianN > 0 {
			s += "; median of " + plural(w.MedianN, "answer", "answers")
			if !v.Is(rates) {
				s += " " + v.In(rates)
			}
			s += ": " + hours(w.Median)
		}
		t = append(t, chat.T(s+")")...)
	}
	if len(w.Revenue) > 0 {
		var sold []string
		if w.Deals > 0 {
			sold = append(sold, plural(w.Deals, "deal won", "deals won"))
		}
		if w.Orders > 0 {
			sold = append(sold, plural(w.Orders, "order paid", "orders paid"))
		}
		t = append(t, chat.T("; "+and(sold)+", "+and(w.Revenue))...)
	}
	return []chat.Block{{Text: append(t, chat.T(".")...)}}
}

// Imported says in one line what came in: imports send nobody a notice.
func Imported(imports []ImportView) []chat.Block {
	if len(imports) == 0 {
		return nil // the footer says what the digest rests on
	}
	t := chat.T(chat.B("Imported:"))
	for i, k := range imports {
		s := " " + k.Kind + " " + count(k.Added) + " new"
		if k.Changed > 0 {
			s += ", " + count(k.Changed) + " changed"
		}
		if k.Rejected > 0 {
			s += ", " + count(k.Rejected) + " rejected"
		}
		if k.Stopped > 0 {
			s += ", " + plural(k.Stopped, "import was cut off: run it again", "imports were cut off: run them again")
		}
		if i > 0 {
			s = " ·" + s
		}
		t = append(t, chat.T(s)...)
	}
	return []chat.Block{{Text: append(t, chat.T(".")...)}}
}

// FieldHeard says what the field heard for the first time, and what it hears more often: risingWeeks to a day, "" where they are the
// last ones.
func FieldHeard(fresh, rising []HeardView, risingWeeks int, risingTo string) []chat.Block {
	var t chat.Text
	if len(fresh) > 0 {
		t = append(t, chat.T(chat.B("New in the field"))...)
		for i, h := range fresh[:min(3, len(fresh))] {
			s := fmt.Sprintf(" “%s” (%s, %s", h.Name, plural(h.Accounts, "account", "accounts"), plural(h.Reps, "rep", "reps"))
			if !h.Answered {
				s += "; no answer yet"
			}
			if s += ")"; i > 0 {
				s = ";" + s
			}
			t = append(t, chat.T(s)...)
		}
	}
	if len(rising) > 0 {
		if len(t) > 0 {
			t = append(t, chat.T(" · ")...)
		}
		in := fmt.Sprintf(" in %d weeks", risingWeeks)
		if risingTo != "" {
			in = fmt.Sprintf(" in the %d weeks to %s", risingWeeks, risingTo)
		}
		t = append(t, chat.T(chat.B("Rising"))...)
		for i, h := range rising[:min(3, len(rising))] {
			s := fmt.Sprintf(" %s (heard %s%s from %s; %s would be as in the half year before)", h.Name, plural(h.Times, "time", "times"), in,
				plural(h.Accounts, "account", "accounts"), chat.Figure(math.Round(h.Usual), ""))
			if i > 0 {
				s = "," + s
			}
			t = append(t, chat.T(s)...)
		}
	}
	if len(t) == 0 {
		return nil
	}
	return []chat.Block{{Text: t}}
}

// OwedView is what Marketing owes.
type OwedView struct {
	Disputes int // that wait for its answer
	NextDue  time.Time
	Unmet    int // themes heard at three accounts or more without an approved answer
}

// MarketingOwes says it in a line.
func MarketingOwes(v OwedView, asOf time.Time, cal truce.Calendar) []chat.Block {
	if v.Disputes == 0 && v.Unmet == 0 {
		return nil
	}
	t := chat.T(chat.B("Marketing owes"))
	if v.Disputes > 0 {
		t = append(t, chat.T(" "+plural(v.Disputes, "dispute", "disputes"))...)
		switch {
		case v.NextDue.IsZero(): // no time runs
		case v.NextDue.Before(asOf):
			t = append(append(append(t, chat.T(" (the first ")...), late(v.NextDue, asOf, cal)...), chat.T(")")...)
		default:
			t = append(t, chat.T(" (next due ", chat.At(v.NextDue, cal.Loc, chat.DayTime), ")")...)
		}
	}
	if v.Unmet > 0 {
		s := " " + plural(v.Unmet, "answer", "answers")
		if v.Disputes > 0 {
			s = " ·" + s
		}
		t = append(t, chat.T(s)...)
	}
	return []chat.Block{{Text: t}}
}

// LeadsFooter says what the lead-feedback digest counts.
func LeadsFooter(v SourcesView) chat.Text {
	s := "Leads by the date they qualified"
	if v.Young {
		s += fmt.Sprintf("; %s of the %s of %s %s still open: young cohorts are not bad ones", count(v.Week.Open), count(v.Week.Leads),
			map[bool]string{true: "last week", false: v.String()}[v.Name() == "Last week"],
			map[bool]string{true: "is", false: "are"}[v.Week.Open == 1])
	}
	s += "."
	if v.Window > 0 {
		s += fmt.Sprintf(" Old enough to tell are the leads of %s: after %d days four of five winners had bought.", v.Of(v.OldSpan), v.Window)
	} else {
		s += " Fewer than ten leads have won so far: too few to say after how long a lead is old enough to tell."
	}
	if !v.Losses && v.Week.Leads > 0 {
		s += " No lost deals are recorded: a lead without a deal is open, not lost."
	}
	if v.AllWhy && v.All.SentBack.K > 0 {
		s += " Your CRM gives no reasons for rejections, so every one counts."
	}
	return chat.T(s)
}

func lowerFirst(s string) string {
	if s == "" || s[0] < 'A' || s[0] > 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// Upper begins a phrase with a capital, as it heads a column.
func Upper(s string) string { return upperFirst(s) }

func upperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
