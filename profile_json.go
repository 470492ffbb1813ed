package truce

import (
	"encoding/json"
	"fmt"
	"math"
)

// profileJSON is a profile as JSON: the document of docs/icp.md in JSON's own words.
type profileJSON struct {
	Threshold float64         `json:"threshold"`
	Criteria  []criterionJSON `json:"criteria"`
}

type criterionJSON struct {
	Attribute string       `json:"attribute"`
	Equals    *string      `json:"equals,omitempty"`
	OneOf     []string     `json:"one_of,omitempty"`
	Range     *[2]*float64 `json:"range,omitempty"`
	Contains  *string      `json:"contains,omitempty"`
	Exists    *bool        `json:"exists,omitempty"`
	Points    int          `json:"points,omitempty"`
	Must      bool         `json:"must,omitempty"`
	Exclude   bool         `json:"exclude,omitempty"`
	Note      string       `json:"note,omitempty"`
}

// MarshalJSON writes the profile's document.
func (p Profile) MarshalJSON() ([]byte, error) {
	doc := profileJSON{Threshold: p.Threshold, Criteria: []criterionJSON{}}
	for _, c := range p.Criteria {
		j := criterionJSON{Attribute: c.Attribute, Points: c.Points, Must: c.Must, Exclude: c.Exclude, Note: c.Note}
		first := ""
		if len(c.Texts) > 0 {
			first = c.Texts[0]
		}
		switch c.Test {
		case TestEquals:
			j.Equals = &first
		case TestContains:
			j.Contains = &first
		case TestOneOf:
			j.OneOf = c.Texts
		case TestExists:
			j.Exists = &c.Wanted
		case TestRange:
			j.Range = &[2]*float64{}
			for i, n := range []float64{c.Low, c.High} {
				if !math.IsInf(n, 0) {
					j.Range[i] = &n
				}
			}
		}
		doc.Criteria = append(doc.Criteria, j)
	}
	return json.Marshal(doc)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Profile) UnmarshalJSON(text []byte) error {
	var doc profileJSON
	if err := json.Unmarshal(text, &doc); err != nil {
		return fmt.Errorf("read a profile: %w", err)
	}
	*p = Profile{Threshold: doc.Threshold}
	for _, j := range doc.Criteria {
		c := Criterion{Attribute: j.Attribute, Points: j.Points, Must: j.Must, Exclude: j.Exclude, Note: j.Note}
		switch {
		case j.Equals != nil:
			c.Test, c.Texts = TestEquals, []string{*j.Equals}
		case j.Contains != nil:
			c.Test, c.Texts = TestContains, []string{*j.Contains}
		case j.Exists != nil:
			c.Test, c.Wanted = TestExists, *j.Exists
		case j.Range != nil:
			c.Test, c.Low, c.High = TestRange, math.Inf(-1), math.Inf(1)
			if j.Range[0] != nil {
				c.Low = *j.Range[0]
			}
			if j.Range[1] != nil {
				c.High = *j.Range[1]
			}
		default:
			c.Test, c.Texts = TestOneOf, j.OneOf
		}
		p.Criteria = append(p.Criteria, c)
	}
	return nil
}
