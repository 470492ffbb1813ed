package chat

import (
	"fmt"
	"strings"
	"time"
)

// Card is what Truce says: the same for every platform, which draws it in its own way. It survives JSON, because
// finished cards wait in the outbox.
type Card struct {
	Key     string  `json:"key,omitempty"`     // which kind of card this is ("objection.logged"); for tests and metadata, never shown
	Summary string  `json:"summary"`           // the card in one line: notifications, screen readers, fallback text. Required
	Title   Text    `json:"title,omitempty"`   // may be empty
	Blocks  []Block `json:"blocks,omitempty"`  //
	Footer  Text    `json:"footer,omitempty"`  // small print: definitions, why this came, [Pause]
	Private string  `json:"private,omitempty"` // why only the reader sees it; "" shows the platform's own words
	Own     *Own    `json:"own,omitempty"`     // where many see it: how to get it as one of them may see it
	// leads to its parts one by one; shown only where the platform left something out, or rows that it cannot press
	Parts *Button `json:"parts,omitempty"`
}

// Own says that a card which many see has another look for some of them: the buttons that are theirs. Platforms that can draw a
// message for each reader (Teams, the local workspace) ask for it with a Look event; on the others all see the card as it was sent.
type Own struct {
	Name string   `json:"name"`          // Event.Name of the Look: "dispute"
	Arg  string   `json:"arg,omitempty"` // Event.Arg; an id, never trusted
	For  []string `json:"for,omitempty"` // the User.IDs, on all networks, of those who see another one; who may act stands first
}

// Block is one part of a card. Exactly one field is set.
type Block struct {
	Heading string   `json:"heading,omitempty"`
	Text    Text     `json:"text,omitempty"`    // a paragraph; line breaks are kept
	Quote   string   `json:"quote,omitempty"`   // what a person wrote; shown set off, never interpreted
	Facts   []Fact   `json:"facts,omitempty"`   // label and value
	Table   *Table   `json:"table,omitempty"`   //
	Chart   *Chart   `json:"chart,omitempty"`   //
	Buttons []Button `json:"buttons,omitempty"` // in one row
	Select  *Select  `json:"select,omitempty"`  // a choice that acts at once
	Note    Text     `json:"note,omitempty"`    // smaller and paler than a paragraph
	Divider bool     `json:"divider,omitempty"`
}

// Constructors for blocks, so that a card reads as what it shows.
func Heading(s string) Block             { return Block{Heading: s} }
func Para(parts ...any) Block            { return Block{Text: T(parts...)} }
func Quote(s string) Block               { return Block{Quote: s} }
func FactList(f ...Fact) Block           { return Block{Facts: f} }
func Small(parts ...any) Block           { return Block{Note: T(parts...)} }
func ButtonRow(b ...Button) Block        { return Block{Buttons: b} }
func TableBlock(t Table) Block           { return Block{Table: &t} }
func ChartBlock(c Chart) Block           { return Block{Chart: &c} }
func SelectBlock(s Select) Block         { return Block{Select: &s} }
func Rule() Block                        { return Block{Divider: true} }
func FactOf(label string, v ...any) Fact { return Fact{Label: label, Value: T(v...)} }

// Fact is a label with its value.
type Fact struct {
	Label string `json:"label"`
	Value Text   `json:"value"`
}

// Table is rows under named columns. An adapter cuts what its platform cannot hold and then offers More.
type Table struct {
	Caption string   `json:"caption"` // what the table shows; also for screen readers. Required
	Columns []Column `json:"columns"`
	Rows    [][]Cell `json:"rows"`           // each as long as Columns
	More    *Button  `json:"more,omitempty"` // "Show all", where there is more than is shown
}

// Column heads a column.
type Column struct {
	Title  string `json:"title"`
	Number bool   `json:"number,omitempty"` // aligned right, sorted by Cell.Value
	Spare  bool   `json:"spare,omitempty"`  // the first to be left out where there is no room for all; one press away there
}

// Cell is one field of a table.
type Cell struct {
	Text   string  `json:"text"`             // as shown: "38 %"
	Value  float64 `json:"value,omitempty"`  // for sorting, in a Number column
	Button *Button `json:"button,omitempty"` // pressing the text does this; where a platform cannot, it is plain text
	// Trend are shares of 1 by stretch of time, the oldest first, at most MostTrend, drawn small before the text; one below 0 is of too few
	// to say.
	Trend []float64 `json:"trend,omitempty"`
}

// MostTrend is of how many stretches a trend is at most.
const MostTrend = 52

// trendSteps are the heights of a trend where it is written in characters.
const trendSteps = "▁▂▃▄▅▆▇█"

// Words are what a cell shows where nothing can be drawn: its trend as bars of eight heights, a dot for too few, and its text.
func (c Cell) Words() string {
	var b strings.Builder
	steps := []rune(trendSteps)
	for _, v := range c.Trend[:min(len(c.Trend), MostTrend)] {
		if !(v >= 0) { // not a number is too few, too
			b.WriteString("·")
			continue
		}
		b.WriteRune(steps[min(int(min(v, 1)*float64(len(steps))), len(steps)-1)])
	}
	if b.Len() > 0 && c.Text != "" {
		b.WriteString(" ")
	}
	return b.String() + c.Text
}

// ChartKind is the shape of a chart.
type ChartKind string

// The kinds of charts that all platforms can draw.
const (
	Bar  ChartKind = "bar"  // horizontal bars, a group per category
	Line ChartKind = "line" // one line a series, categories along the axis
)

// AllFigures is the button to everything behind a report, and the heading under which it follows for those who cannot press one: on
// paper it begins a page of its own.
const AllFigures = "All figures"

// Chart is drawn by the platform where it can; otherwise its figures are shown as a table.
type Chart struct {
	Kind       ChartKind `json:"kind"`
	Title      string    `json:"title"` // at most 50 characters
	Categories []string  `json:"categories"`
	Series     []Series  `json:"series"`          // each with one value per category; at most 6
	Unit       string    `json:"unit,omitempty"`  // "%", "leads", "days"
	Marks      []Mark    `json:"marks,omitempty"` // changed thresholds: drawn where the platform can, else said in a note
}

// Series is one set of values of a chart.
type Series struct {
	Name   string    `json:"name"`
	Values []float64 `json:"values"`
}

// Words are the marks as they are said below a chart: "W46: threshold 60 to 70".
func (c Chart) Words() []string {
	var list []string
	for _, m := range c.Marks {
		list = append(list, m.Category+": "+m.Text)
	}
	return list
}

// Mark is a moment on a line chart: "threshold 60 to 70".
type Mark struct {
	Category string `json:"category"`
	Text     string `json:"text"`
}

// Style is the weight of a button.
type Style string

// The styles. Platforms without a style for it show a plain button.
const (
	Plainly Style = ""
	Primary Style = "primary"
	Danger  Style = "danger"
)

// Button does something when pressed: it makes an Action event, or opens a link.
type Button struct {
	Label   string `json:"label"`             // at most 30 characters show everywhere
	Action  string `json:"action,omitempty"`  // the name in Event.Name: "dispute.uphold"
	Arg     string `json:"arg,omitempty"`     // comes back in Event.Arg; an id, at most 1,000 characters; never trusted
	Form    bool   `json:"form,omitempty"`    // the answer is a Form; platforms that must know beforehand (Teams) do
	Style   Style  `json:"style,omitempty"`   //
	Confirm string `json:"confirm,omitempty"` // asked before it is done, where the platform can ask
	URL     string `json:"url,omitempty"`     // https only; instead of Action
}

// Press is a button that acts at once.
func Press(label, action, arg string) Button { return Button{Label: label, Action: action, Arg: arg} }

// Ask is a button that opens a form.
func Ask(label, action, arg string) Button {
	return Button{Label: label, Action: action, Arg: arg, Form: true}
}

// As gives the button a style.
func (b Button) As(s Style) Button { b.Style = s; return b }

// Select is a choice in a message that acts as soon as it is made: Event.Values["value"] holds the Option.Value.
type Select struct {
	Label   string   `json:"label"`
	Action  string   `json:"action"`
	Arg     string   `json:"arg,omitempty"`
	Options []Option `json:"options"` // at most 100
	Value   string   `json:"value,omitempty"`
}

// Option is one choice.
type Option struct {
	Value string `json:"value"`           // at most 75 characters
	Label string `json:"label"`           // at most 75 characters
	Hint  string `json:"hint,omitempty"`  //
	Group string `json:"group,omitempty"` // options of a group stand together, in order
}

// Text is a run of spans.
type Text []Span

// SpanKind is how a span is meant.
type SpanKind string

// The kinds of spans.
const (
	PlainSpan   SpanKind = ""
	BoldSpan    SpanKind = "b"
	ItalicSpan  SpanKind = "i"
	CodeSpan    SpanKind = "code"
	LinkSpan    SpanKind = "link"    // Text shown, URL (https) opened
	MentionSpan SpanKind = "mention" // Text is the name; Users the person's ids on all networks
	TimeSpan    SpanKind = "time"    // Time, shown in the reader's zone where the platform can, else in Zone
)

// Span is a piece of text with one meaning.
type Span struct {
	Kind  SpanKind   `json:"kind,omitempty"`
	Text  string     `json:"text,omitempty"`
	URL   string     `json:"url,omitempty"`
	Users []string   `json:"users,omitempty"`
	Time  time.Time  `json:"time,omitzero"`
	Zone  string     `json:"zone,omitempty"` // IANA name; "" is UTC
	Form  TimeFormat `json:"form,omitempty"`
}

// TimeFormat is how much of a moment is shown.
type TimeFormat string

// The formats, here as on 2 January 2006 15:04.
const (
	DayTime TimeFormat = ""     // "Mon 2 Jan 15:04"
	Day     TimeFormat = "day"  // "2 Jan 2006"
	Clock   TimeFormat = "time" // "15:04"
)

// T makes a text of strings (plain), Spans and Texts; anything else is printed plain.
func T(parts ...any) Text {
	var t Text
	for _, p := range parts {
		switch p := p.(type) {
		case nil:
		case string:
			if p != "" {
				t = append(t, Span{Text: p})
			}
		case Span:
			t = append(t, p)
		case Text:
			t = append(t, p...)
		default:
			t = append(t, Span{Text: fmt.Sprint(p)})
		}
	}
	return t
}

// B is bold, I italic, Code fixed-width.
func B(s string) Span    { return Span{Kind: BoldSpan, Text: s} }
func I(s string) Span    { return Span{Kind: ItalicSpan, Text: s} }
func Code(s string) Span { return Span{Kind: CodeSpan, Text: s} }

// Link shows text and opens url, which must be https.
func Link(text, url string) Span { return Span{Kind: LinkSpan, Text: text, URL: url} }

// Mention names a person; where one of their ids is of the platform, they are notified.
func Mention(name string, users ...string) Span {
	return Span{Kind: MentionSpan, Text: name, Users: users}
}

// At is a moment; loc is the zone used where the platform does not know the reader's.
func At(t time.Time, loc *time.Location, f TimeFormat) Span {
	zone := ""
	if loc != nil && loc != time.UTC {
		zone = loc.String()
	}
	return Span{Kind: TimeSpan, Time: t.UTC(), Zone: zone, Form: f}
}

// Format is a TimeSpan in its own zone, as text.
func (s Span) Format() string {
	loc := time.UTC
	if s.Zone != "" {
		if l, err := time.LoadLocation(s.Zone); err == nil {
			loc = l
		}
	}
	t := s.Time.In(loc)
	switch s.Form {
	case Day:
		return t.Format("2 Jan 2006")
	case Clock:
		return t.Format("15:04")
	default:
		return t.Format("Mon 2 Jan 15:04")
	}
}

// AnsweredPrivately stands where all can read that somebody asked, when the answer is for them alone.
func AnsweredPrivately() Card {
	const s = "I answered you privately."
	return Card{Key: "aside", Summary: s, Blocks: []Block{Small(s)}}
}
