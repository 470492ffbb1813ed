package cards

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"truce/bot/chat"
)

// This file holds what all digests share: shares as they may be said, the one sentence at the top, buttons.

// Share is k of n with its 95 % interval.
type Share struct {
	K, N      int
	Low, High float64
}

// String is as much as may be said at its size: "3 of 9", "38 %".
func (s Share) String() string {
	if s.N < 10 {
		return fmt.Sprintf("%d of %d", s.K, s.N)
	}
	return percent(float64(s.K) / float64(s.N))
}

// counted is the counts, with the rate where it may be said: "3 of 9", "12 of 40 (30 %)".
func (s Share) counted() string {
	if s.N < 10 {
		return s.String()
	}
	return fmt.Sprintf("%s of %s (%s)", count(s.K), count(s.N), s)
}

// Range is the interval: "29 to 48 %"; "" where only counts may be said.
func (s Share) Range() string {
	if s.N < 10 {
		return ""
	}
	return between(s.Low, s.High)
}

func (s Share) cell() chat.Cell {
	if s.N == 0 {
		return chat.Cell{Text: "–"}
	}
	return chat.Cell{Text: s.String(), Value: 100 * float64(s.K) / float64(s.N)}
}

// Rate is a rate with its interval: "1.2 % (0.1 to 5.8 %)".
func Rate(rate, low, high float64) string {
	return percent(rate) + " (" + between(low, high) + ")"
}

func between(low, high float64) string {
	return strings.TrimSuffix(percent(low), " %") + " to " + percent(high)
}

// percent writes a fraction as people read it; small ones keep a decimal.
func percent(f float64) string {
	return strconv.FormatFloat(rounded(100*f), 'f', -1, 64) + " %"
}

// rounded is a percentage as it is shown, in words and in charts alike: one decimal below ten, else none.
func rounded(p float64) float64 {
	if p < 9.95 {
		return math.RoundToEven(10*p) / 10
	}
	return math.RoundToEven(p)
}

// FindingKind is what the one sentence at the top says.
type FindingKind string

// The findings, as the rule prefers them. See schedules: the rule that chooses.
const (
	PromiseGap   FindingKind = "promise gap"  // a promise is kept less often than was promised
	NeverBought  FindingKind = "never bought" // none of a source's leads that are old enough has won
	SentBackMost FindingKind = "sent back"    // Sales sends a source's leads back more often than all others'
	BoughtLeast  FindingKind = "bought least" //
	BoughtMost   FindingKind = "bought most"  //
	SentBackMore FindingKind = "sent back up" // than in the weeks before
	SentBackLess FindingKind = "sent back down"
	SentBackAll  FindingKind = "sent back all" // more than half of all leads judged, whatever their source
	TooFew       FindingKind = "too few"       // leads for anything to stand out
	OneSource    FindingKind = "one source"    // there is nothing to compare
	NothingFound FindingKind = "nothing"
	Listening    FindingKind = "listening" // a new installation compares nothing yet
)

// Finding is what stands out, if anything does.
type Finding struct {
	Kind       FindingKind
	Name       string // of the source or the promise
	Side       string // of the promise
	Share      Share
	Others     Share
	Target     float64
	Was        float64   // another target of the promise, that held within the 13 weeks; 0 is none
	Until      time.Time // that day
	Day        string    // the weekday on which a promise is broken: "Tuesdays"; "" is no one day
	DayShare   Share
	DayOnly    bool      // on the other days it is kept as often as was promised
	Top        bool      // its leads have the highest scores
	Score      float64   // on average, of its leads that are old enough to tell; 0 is not known, as is OtherScore
	OtherScore float64   // of all others
	Flips      []string  // segments in which the order of the sources turns round: why none is named
	Fine       bool      // of a promise gap: the share of leads inside the profile is what Marketing promised
	Fault      bool      // of leads sent back: only those for a source fault are counted
	Verdicts   bool      // somebody's verdicts on leads are known
	Also       string    // what else stands out, as a Clause
	AlsoFrom   time.Time // since when, as Since
	AlsoBefore bool      // as Before
	Judged     Share     // of all leads judged, those sent back: the level, where no source differs
	Past       string    // the stretch before, as a sentence names it: "the 13 weeks before"
	Since      time.Time // the first weekly look that told it, before this one; zero: it is new
	Before     bool      // Since is the first look that is played over: it was so already by what was known then
	Ended      []Ended   // what was said until this digest
	More       []string  // what else is claimed, of all leads, each with its date
	Sources    int       // of too few: those that have leads
	Opens      time.Time // of listening: the day from which on something is compared; zero: it is not known yet
	Weeks      int       // of too few: after how many weeks a clear difference could be told; 0 is not known
}

// Ended is that something which was said of a source is so no more.
type Ended struct {
	Name   string
	What   FindingKind
	Since  time.Time
	Silent bool   // there are no leads of it any more to be judged: that is no change for the better
	Said   string // of what is no source: what was claimed, as "Sales sent back more than half of the leads it judged"
}

// Dated is since when something is claimed.
type Dated struct {
	Since  time.Time // the first weekly look that told it, before this one; zero: it is new, or nothing is claimed
	Before bool      // Since is the first look that is played over
}

// after is a text and behind it the date.
func (d Dated) after(text string) string {
	return strings.TrimRight(text+" "+stillSo(d.Since, d.Before), " ")
}

func (e Ended) String() string {
	said, since := e.Said, e.Since.Format("2 Jan 2006")
	switch {
	case said != "":
	case e.What == SentBackMore:
		said = "Sales sent back more than before"
	case e.What == SentBackLess:
		said = "Sales sent back less than before"
	case e.What == BoughtLeast:
		said = e.Name + " bought less than the others"
	case e.What == BoughtMost:
		said = e.Name + " bought more than the others"
	case e.What == PromiseGap:
		said = e.Name + " fell short of what was promised"
	default:
		said = e.Name + " was sent back more than the others"
	}
	switch {
	case e.Silent && e.Name != "":
		return fmt.Sprintf("Not to be seen any more: %s (since %s). None of its newer leads can tell.", said, since)
	case e.Silent:
		return fmt.Sprintf("Not to be seen any more: %s (since %s). Too few are left to tell.", said, since)
	}
	return fmt.Sprintf("No longer so: %s (since %s).", said, since)
}

// SaidWithDate is the finding in one sentence, with since when it is said.
func (f Finding) SaidWithDate() string { return Dated{f.Since, f.Before}.after(f.Headline()) }

// Headline is the finding in one sentence.
func (f Finding) Headline() string {
	switch f.Kind {
	case PromiseGap:
		s := "The gap is " + f.Name
		switch {
		case f.Day != "" && f.DayOnly:
			s += " on " + f.Day
		case f.Day != "":
			s += ", most of all on " + f.Day
		}
		if f.Fine {
			s += "; leads inside the ICP are as promised"
		}
		return s + "."
	case NeverBought:
		s := "Look at " + f.Name + ": "
		if f.Top {
			s += "highest scores, and "
		}
		return s + fmt.Sprintf("none of its %s leads old enough to tell has bought.", count(f.Share.N))
	case SentBackMost:
		return fmt.Sprintf("Look at %s: of its leads judged Sales sent back %s%s, %s of all others.", f.Name, f.Share,
			map[bool]string{true: " for a source fault"}[f.Fault], f.Others)
	case BoughtLeast:
		return fmt.Sprintf("Look at %s: %s of its leads old enough to tell bought, %s of all others.", f.Name, f.Share, f.Others)
	case BoughtMost:
		return fmt.Sprintf("%s sells more often: %s of its leads old enough to tell bought, %s of all others.", f.Name, f.Share, f.Others)
	case SentBackMore:
		return fmt.Sprintf("Sales sends back more than in %s: %s of the leads it judged, up from %s.", f.past(), f.Share, f.Others)
	case SentBackLess:
		return fmt.Sprintf("Sales sends back less than in %s: %s of the leads it judged, down from %s.", f.past(), f.Share, f.Others)
	case SentBackAll:
		return fmt.Sprintf("Sales sends back more than half: %s of the %s it judged, whatever the source.", f.Share,
			plural(f.Share.N, "lead", "leads"))
	case TooFew:
		if f.Sources > 1 {
			return "Too few leads per source to compare."
		}
		return "Too few leads to tell anything yet."
	case OneSource:
		return "One source only: nothing to compare."
	case Listening:
		return "Truce listens: it compares nothing yet."
	}
	return "Nothing stands out."
}

// Clause is the headline as the end of a sentence that has begun: names, of sources and of the sides, keep their letters.
func (f Finding) Clause() string {
	switch s := f.Headline(); f.Kind {
	case BoughtMost, SentBackMore, SentBackLess, SentBackAll:
		return s
	default:
		return lowerFirst(s)
	}
}

func (f Finding) past() string { return cmp.Or(f.Past, "the time before") }

// Evidence is why the headline says what it says, since when it does, and what it says no more.
func (f Finding) Evidence() string {
	parts := make([]string, 0, 3)
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if f.Also == "" {
		add(f.why())
	}
	add(stillSo(f.Since, f.Before))
	if f.Was > 0 {
		add(fmt.Sprintf("%s was promised until %s, %s since: each week is held against what was promised in it.", percent(f.Was),
			f.Until.Format("2 Jan 2006"), percent(f.Target)))
	}
	if f.Also != "" {
		add(strings.TrimSuffix(f.why()+" "+stillSo(f.AlsoFrom, f.AlsoBefore), " "))
	}
	for _, said := range f.More {
		add(said)
	}
	for _, e := range f.Ended {
		add(e.String())
	}
	return strings.Join(parts, " ")
}

// stillSo says since which look something is claimed; "" where it is new.
func stillSo(since time.Time, before bool) string {
	switch {
	case since.IsZero():
		return ""
	case before:
		return "So already by what was known on " + since.Format("2 Jan 2006") + "; still so."
	}
	return "Since " + since.Format("2 Jan 2006") + "; still so."
}

func (f Finding) why() string {
	switch {
	case f.Kind == Listening && f.Opens.IsZero():
		return "First answers, then disputes, then comparisons: an admin's home says what is missing. The figures below are counts."
	case f.Kind == Listening:
		return "Sources, sides and times are compared from " + f.Opens.Format("2 Jan 2006") + " on. The figures below are counts."
	case f.Kind == PromiseGap && f.Also != "":
		return "Also: " + f.Also
	case f.Kind == TooFew && f.Weeks > 0:
		return fmt.Sprintf("At so many leads a week a source that is clearly worse could be told from the others after some %s. Until then the "+
			"table shows counts.",
			plural(f.Weeks, "week", "weeks"))
	case f.Kind == TooFew:
		return "A source is compared with the others once Sales has judged leads of both. Until then the table shows counts."
	case f.Kind == NothingFound && len(f.Flips) > 0:
		return "No source is better or worse than the others in every segment: the order turns round in " + and(f.Flips) +
			". It depends on the segment."
	case f.Kind == NothingFound && !f.Verdicts:
		return "No source's leads buy more or less often than the others' by more than chance explains. Nobody's verdicts on leads are known."
	case f.Kind == NothingFound:
		s := "No source differs from the others, and no rate from " + f.past() + ", by more than chance explains over a year of digests."
		if f.Judged.N > 0 {
			s += fmt.Sprintf(" Of all sources together Sales sent back %s.", f.Judged.counted())
		}
		return s
	}
	return ""
}

func and(list []string) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// DigestView is a digest: one sentence, and below it what its blocks say.
type DigestView struct {
	Period
	Sent
	Data    DataView
	Key     string
	Finding Finding
	Tail    string // what a notification says after the headline
	Blocks  []chat.Block
	Figures []chat.Block  // everything else, for readers who cannot press a button
	Other   bool          // other periods can be asked for
	Buttons []chat.Button // under it
	Footer  chat.Text     // what it counts
}

// Digest is a digest's card.
func Digest(v DigestView) chat.Card {
	c := chat.Card{Key: v.Key, Title: chat.T(v.Finding.Headline()), Summary: strings.TrimSuffix(v.Finding.Headline()+" "+v.Tail, " ")}
	c.Blocks = append(c.Blocks, v.Sent.blocks(v.Loc)...)
	c.Blocks = append(c.Blocks, v.Data.blocks(v.Loc)...)
	c.Blocks = append(c.Blocks, v.Blocks...)
	c.Blocks = append(c.Blocks, v.Figures...)
	if v.Other {
		c.Blocks = append(c.Blocks, PeriodSelect(v.Period))
	}
	c.Blocks = append(c.Blocks, digestButtons(v.Period, v.Buttons...))
	c.Parts = partsButton(v.Period, false)
	c.Footer = append(v.Footer, v.Data.text(v.Period)...)
	c.Footer = append(c.Footer, v.Sent.mark()...)
	return c
}

// FigureButtons lead to everything behind a digest.
func FigureButtons(p Period, outcomes bool, open chat.Button) []chat.Button {
	list := []chat.Button{chat.Press(chat.AllFigures, "digest.all", p.Arg()), open}
	if outcomes {
		list = append(list, outcomesButton(p))
	}
	return list
}

// Why is the sentence or two below a headline.
func Why(f Finding) []chat.Block {
	if e := f.Evidence(); e != "" {
		return []chat.Block{chat.Para(e)}
	}
	return nil
}

// NoLeads says that there is nothing to report, and where leads are.
func NoLeads(p Period, first, last time.Time, any bool) chat.Card {
	c := chat.Card{Key: "digest.empty", Summary: "No leads qualified " + p.In(p.Span()) + "."}
	if !any {
		c.Summary = "There are no leads yet."
		c.Blocks = append(c.Blocks, chat.Para(chat.B("There are no leads yet. "), "Bring in your CRM's export and ask again:"),
			chat.Para(chat.Code("truce import leads leads.csv"), " and then ", chat.Code("truce import outcomes outcomes.csv")))
		return c
	}
	known := chat.T("The ones I know qualified from ", chat.At(first, p.Loc, chat.Day), " to ", chat.At(last, p.Loc, chat.Day), ".")
	if first.In(p.Loc).Format(time.DateOnly) == last.In(p.Loc).Format(time.DateOnly) {
		known = chat.T("The ones I know qualified on ", chat.At(first, p.Loc, chat.Day), ".")
	}
	c.Blocks = append(c.Blocks, chat.Para(chat.B("No leads qualified "+p.In(p.Span())+". "), known))
	return c
}

// Sent says of a digest that was sent what a reader wants to know of it: its id, whether it is late, what has changed since
// the one before.
type Sent struct {
	ID       string
	Late     bool
	Due      time.Time
	Restated []RestatedDigest // earlier ones that later data has changed, the newest first
}

// RestatedDigest is an earlier digest, by its id and the days it was about, with the figures that later data has changed.
type RestatedDigest struct {
	ID      string
	Of      Span
	Figures []Restatement
}

// Restatement is a figure as it was said and as it is known now.
type Restatement struct{ Name, Was, Is string }

// restatedLines is how many digests are restated in lines of their own.
const restatedLines = 4

func (s Sent) blocks(loc *time.Location) (list []chat.Block) {
	if s.Late {
		list = append(list, chat.Small("Late: this was due ", chat.At(s.Due, loc, chat.DayTime), "."))
	}
	for _, d := range s.Restated[:min(restatedLines, len(s.Restated))] {
		var parts []string
		for _, r := range d.Figures {
			parts = append(parts, fmt.Sprintf("%s %s to %s", r.Name, r.Was, r.Is))
		}
		of := Period{From: d.Of.From, To: d.Of.To, AsOf: d.Of.To.AddDate(1, 0, 0), Loc: loc}
		list = append(list, chat.Small(fmt.Sprintf("%s (%s) restated: %s.", d.ID, of, strings.Join(parts, ", "))))
	}
	if more := len(s.Restated) - restatedLines; more > 0 {
		list = append(list, chat.Small(plural(more, "earlier digest", "earlier digests")+
			" of the last 13 weeks changed as well: ask for their periods with /digest."))
	}
	return list
}

// mark ends a footer with the id by which a sent digest is found again.
func (s Sent) mark() chat.Text {
	if s.ID == "" {
		return nil
	}
	return chat.T(" " + s.ID + ".")
}

// digestButtons are the buttons under every digest. A sent one can be paused by those who get it.
func digestButtons(p Period, more ...chat.Button) chat.Block {
	return chat.ButtonRow(append(more, chat.Press("How this is computed", "digest.how", p.Kind),
		chat.Press("Pause my copy", "digest.pause", p.Kind))...)
}

// PeriodSelect lets the reader look at another period.
func PeriodSelect(p Period) chat.Block {
	return chat.SelectBlock(chat.Select{Label: "Other period", Action: "digest.period", Arg: p.Arg(), Options: []chat.Option{
		{Value: "last week", Label: "last week"}, {Value: "this week", Label: "this week"}, {Value: "13 weeks", Label: "last 13 weeks"},
		{Value: "last month", Label: "last month"}, {Value: "this quarter", Label: "this quarter"},
		{Value: "last quarter", Label: "last quarter"},
		{Value: "this year", Label: "this year"}}})
}

func number(n int) chat.Cell { return chat.Cell{Text: count(n), Value: float64(n)} }

func count(n int) string { return chat.Figure(float64(n), "") }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

func hours(h float64) string {
	switch {
	case h < 1:
		return fmt.Sprintf("%.0f business minutes", 60*h)
	case h < 9.95:
		return fmt.Sprintf("%.1f business hours", h)
	}
	return fmt.Sprintf("%.0f business hours", h)
}
