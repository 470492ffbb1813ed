package chat

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Ear knows, while a card is drawn from its top, what somebody hears of a button who does not see what stands above it:
// "Uphold D-12, Northfield Labs". Make one with Listen, give it each block as it is drawn.
type Ear struct {
	about    string          // the matter that the next buttons are of: "D-12, Northfield Labs"
	above    string          // the line right above them
	repeated map[string]bool // labels that a card has more than once
}

// maxHeard is how long what is heard may be: Slack's limit for an accessibility label.
const maxHeard = 75

// matterID is how a case, a lead, a rule or another record of ours is named.
var matterID = regexp.MustCompile(`\b[A-Z]{1,2}-\d+\b`)

// Listen begins at the top of a card.
func Listen(c Card) *Ear {
	e, seen := &Ear{repeated: map[string]bool{}}, map[string]bool{}
	for _, b := range c.Blocks {
		for _, b := range b.Buttons {
			e.repeated[b.Label], seen[b.Label] = seen[b.Label], true
		}
	}
	e.about = matter(c.Title)
	return e
}

// Block goes on past a block.
func (e *Ear) Block(b Block) {
	switch {
	case len(b.Text) > 0:
		if line := matter(b.Text); line != "" {
			e.above = line
			if matterID.MatchString(firstLine(b.Text)) {
				e.about = line
			}
		}
	case b.Heading != "", b.Divider:
		e.above = ""
	}
}

// Of is what is heard of a button: its label and whose it is; "" where the label says all there is to say.
func (e *Ear) Of(b Button) string {
	label := strings.TrimSuffix(strings.TrimSpace(b.Label), "…")
	if b.URL != "" || label == "" {
		return ""
	}
	ids := matterID.FindAllString(b.Arg, -1)
	for _, id := range ids {
		switch {
		case strings.Contains(label, id):
			return ""
		case e.about == id || strings.HasPrefix(e.about, id+","):
			return Shorten(label+" "+e.about, maxHeard)
		}
	}
	switch {
	case e.repeated[b.Label] && e.above != "":
		return Shorten(label+": "+e.above, maxHeard)
	case len(ids) > 0:
		return Shorten(label+" "+ids[0], maxHeard)
	}
	return ""
}

// Shorten cuts a text to at most n characters (code points, as Slack counts), the last then being an ellipsis.
func Shorten(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return strings.TrimRightFunc(string(r[:n-1]), unicode.IsSpace) + "…"
}

func firstLine(t Text) string {
	var b strings.Builder
	for _, s := range t {
		if s.Kind == TimeSpan {
			b.WriteString(s.Format())
		} else {
			b.WriteString(s.Text)
		}
	}
	line, _, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(b.String(), "")), "\n")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || slices.Contains(bidi, r) {
			return -1
		}
		return r
	}, line)
}

// bidi are characters that turn the direction of what follows: they would say a name backwards.
var bidi = []rune{0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069}

// matter is what a line is about: "D-12, Northfield Labs" of "⚖️ D-12 · Northfield Labs — outside ICP".
func matter(t Text) string {
	line, _, _ := strings.Cut(firstLine(t), " — ")
	line = strings.TrimLeftFunc(line, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.ReplaceAll(line, " · ", ", ")
}
