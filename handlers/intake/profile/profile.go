// Package profile reads the document of an ideal customer profile: strict YAML, each fault with its line and key. The form, the file
// and the command line read a profile here and nowhere else.
package profile

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"truce"
)

// Fault is one thing that is wrong with a document.
type Fault struct {
	Line int    // from 1; 0 where none can be named
	Key  string // criteria[2].points; "" is the document
	Text string
}

// String is the fault as it is told.
func (f Fault) String() string {
	s := f.Text
	if f.Key != "" {
		s = f.Key + ": " + s
	}
	if f.Line > 0 {
		s = fmt.Sprintf("line %d: %s", f.Line, s)
	}
	return s
}

// Bounds of a document: more is a mistake, and nobody could agree on it.
const (
	maxBytes    = 1 << 20
	maxCriteria = 200
)

// Read reads a profile. It returns all faults at once; the profile is of use only where there are none.
func Read(text []byte) (p truce.Profile, faults []Fault) {
	r := &reader{}
	if len(text) > maxBytes {
		return p, []Fault{{Text: "the document is larger than 1 MB"}}
	}
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
	var doc yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return p, []Fault{{Text: "the document is empty: it needs threshold and criteria"}}
	case err != nil:
		return p, []Fault{{Line: lineOf(err), Text: "this is no YAML: " + err.Error()}}
	}
	var more yaml.Node
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return p, []Fault{{Line: more.Line, Text: "a second document: a profile is one"}}
	}
	r.document(doc.Content[0], &p)
	slices.SortStableFunc(r.faults, func(a, b Fault) int { return a.Line - b.Line })
	return p, r.faults
}

// lineOf is the line that a syntax error names, 0 where it names none.
func lineOf(err error) int {
	_, rest, ok := strings.Cut(err.Error(), "line ")
	if !ok {
		return 0
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(rest)
	}
	n, _ := strconv.Atoi(rest[:end])
	return n
}

type reader struct{ faults []Fault }

func (r *reader) fault(n *yaml.Node, key, format string, args ...any) {
	line := 0
	if n != nil {
		line = n.Line
	}
	r.faults = append(r.faults, Fault{line, key, fmt.Sprintf(format, args...)})
}

// pairs walks a mapping, by keys of a list, each once.
func (r *reader) pairs(n *yaml.Node, key string, known []string, each func(name string, value *yaml.Node, path string)) bool {
	if n.Kind != yaml.MappingNode {
		r.fault(n, key, "must be key: value pairs: %s", strings.Join(known, ", "))
		return false
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i].Value, n.Content[i+1]
		path := name
		if key != "" {
			path = key + "." + name
		}
		switch {
		case n.Content[i].Kind != yaml.ScalarNode || !slices.Contains(known, name):
			r.fault(n.Content[i], path, "is no key here; there are %s", strings.Join(known, ", "))
		case seen[name]:
			r.fault(n.Content[i], path, "comes twice")
		case value.Kind == yaml.AliasNode:
			r.fault(value, path, "is an alias (*): write the value out")
		default:
			each(name, value, path)
		}
		seen[name] = true
	}
	return true
}

func (r *reader) document(n *yaml.Node, p *truce.Profile) {
	threshold, criteria := false, false
	if !r.pairs(n, "", []string{"threshold", "criteria"}, func(name string, v *yaml.Node, path string) {
		switch name {
		case "threshold":
			threshold = true
			number, ok := r.number(v, path)
			if ok && (number < 0 || number > 100) {
				r.fault(v, path, "must be from 0 to 100: the percentage of all points from which on somebody is inside")
			}
			p.Threshold = number
		case "criteria":
			criteria = true
			if v.Kind != yaml.SequenceNode || len(v.Content) == 0 {
				r.fault(v, path, "must be a list of criteria, at least one")
				return
			}
			if len(v.Content) > maxCriteria {
				r.fault(v, path, "has more than %d criteria", maxCriteria)
				return
			}
			for i, c := range v.Content {
				r.criterion(c, fmt.Sprintf("%s[%d]", path, i+1), p)
			}
		}
	}) {
		return
	}
	if !criteria {
		r.fault(n, "criteria", "is missing")
	}
	if !threshold {
		r.fault(n, "threshold", "is missing: the percentage of all points from which on somebody is inside, such as 60")
	}
}

var criterionKeys = []string{"attribute", "equals", "one_of", "range", "contains", "exists", "points", "must", "exclude", "note"}

func (r *reader) criterion(n *yaml.Node, key string, p *truce.Profile) {
	c := truce.Criterion{Low: math.Inf(-1), High: math.Inf(1)}
	at := map[string]*yaml.Node{}
	before := len(r.faults)
	if n.Kind == yaml.AliasNode {
		r.fault(n, key, "is an alias (*): write the criterion out")
		return
	}
	if !r.pairs(n, key, criterionKeys, func(name string, v *yaml.Node, path string) {
		at[name] = v
		switch test := truce.ProfileTest(name); test {
		case truce.TestEquals, truce.TestContains:
			if text, ok := r.text(v, path); ok {
				c.Test, c.Texts = test, []string{text}
			}
		case truce.TestOneOf:
			if v.Kind != yaml.SequenceNode || len(v.Content) == 0 {
				r.fault(v, path, "must be a list of values: [DE, AT]")
				return
			}
			c.Test = test
			for i, item := range v.Content {
				if text, ok := r.text(item, fmt.Sprintf("%s[%d]", path, i+1)); ok {
					c.Texts = append(c.Texts, text)
				}
			}
		case truce.TestRange:
			if v.Kind != yaml.SequenceNode || len(v.Content) != 2 {
				r.fault(v, path, "must be two numbers: [51, 200], with null for an open end")
				return
			}
			c.Test = test
			for i, end := range []*float64{&c.Low, &c.High} {
				if item := v.Content[i]; !isNull(item) {
					if number, ok := r.number(item, fmt.Sprintf("%s[%d]", path, i+1)); ok {
						*end = number
					}
				}
			}
		case truce.TestExists:
			c.Test, c.Wanted = test, r.yes(v, path)
		}
		switch name {
		case "attribute":
			c.Attribute, _ = r.text(v, path)
		case "note":
			c.Note, _ = r.text(v, path)
		case "must":
			c.Must = r.yes(v, path)
		case "exclude":
			c.Exclude = r.yes(v, path)
		case "points":
			points, err := strconv.Atoi(v.Value)
			if v.Kind != yaml.ScalarNode || err != nil || points > 1_000_000 {
				r.fault(v, path, "must be a whole number, such as 20")
			}
			c.Points = points
		}
	}) {
		return
	}
	var tests []string
	for _, t := range truce.ProfileTests {
		if at[string(t)] != nil {
			tests = append(tests, string(t))
		}
	}
	switch {
	case len(tests) == 0:
		r.fault(n, key, "needs one of equals, one_of, range, contains, exists")
	case len(tests) > 1:
		r.fault(at[tests[1]], key+"."+tests[1], "stands beside %s: a criterion has one test; write two criteria", tests[0])
	}
	if len(r.faults) == before {
		if part, text := c.CriterionFault(); part != "" {
			line := at[part]
			if line == nil {
				line = n
			}
			r.fault(line, key+"."+part, "%s", text)
		}
	}
	p.Criteria = append(p.Criteria, c)
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// text is a value as it is written: an unquoted NO is the text "no", and 007 keeps its noughts.
func (r *reader) text(n *yaml.Node, path string) (string, bool) {
	if n.Kind != yaml.ScalarNode || isNull(n) || strings.TrimSpace(n.Value) == "" {
		r.fault(n, path, "must be a text")
		return "", false
	}
	return n.Value, true
}

func (r *reader) number(n *yaml.Node, path string) (float64, bool) {
	number, ok := truce.ParseNumber(n.Value)
	if n.Kind != yaml.ScalarNode || !ok {
		r.fault(n, path, "must be a number")
		return 0, false
	}
	return number, true
}

func (r *reader) yes(n *yaml.Node, path string) bool {
	if n.Kind == yaml.ScalarNode {
		switch n.Value {
		case "true", "True", "TRUE":
			return true
		case "false", "False", "FALSE":
			return false
		}
	}
	r.fault(n, path, "must be true or false")
	return false
}
