package chat

import (
	"slices"
	"strings"
)

// MostOptions is how many options a Several field has at most: what every platform takes.
const MostOptions = 100

// Together writes the values that are chosen in a Several field as one: a line each, so none may hold an end of line.
func Together(values ...string) string { return strings.Join(values, "\n") }

// Apart reads what Together has written, each value once. An answer comes from outside: whoever takes it checks each.
func Apart(s string) []string {
	var out []string
	for v := range strings.Lines(s) {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// Form asks for something: a modal on Slack, a dialog on Teams, a dialog element in the browser.
type Form struct {
	Name   string  `json:"name"`            // Event.Name when it is sent
	Title  string  `json:"title"`           // at most 24 characters
	Intro  Text    `json:"intro,omitempty"` // above the fields
	Fields []Field `json:"fields"`
	Submit string  `json:"submit"`          // the label of the button that sends it, at most 24 characters
	State  string  `json:"state,omitempty"` // carried: comes back in Event.Arg, at most 2,000 characters; never trusted
}

// FieldKind is what a field takes.
type FieldKind string

// The kinds of fields.
const (
	Line1    FieldKind = "text"     // one line
	LongText FieldKind = "long"     // several lines
	Choice   FieldKind = "choice"   // one of Options, in a list
	Radio    FieldKind = "radio"    // one of at most 10 Options, all visible
	Search   FieldKind = "search"   // one of what Suggest finds; Options may hold the first ones
	DateOf   FieldKind = "date"     // YYYY-MM-DD
	Number   FieldKind = "number"   //
	Check    FieldKind = "check"    // a yes or no; "true" when ticked
	Several  FieldKind = "several"  // as many of Options as one likes, at most MostOptions; Value and the answer are as Together writes them
	ReadOnly FieldKind = "readonly" // Value is shown and cannot be changed
)

// Field is one question of a form.
type Field struct {
	Name     string    `json:"name"`
	Kind     FieldKind `json:"kind"`
	Label    string    `json:"label"`
	Hint     string    `json:"hint,omitempty"`
	Value    string    `json:"value,omitempty"` // filled in beforehand
	Required bool      `json:"required,omitempty"`
	Max      int       `json:"max,omitempty"` // characters; 0 is 3,000
	Options  []Option  `json:"options,omitempty"`
	Suggest  string    `json:"suggest,omitempty"` // Search: Event.Name of the Suggest event: "leads", "themes"
}
