package truce

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestCriterion holds what each test makes of values.
func TestCriterion(t *testing.T) {
	inf := math.Inf(1)
	size := Criterion{Test: TestRange, Low: 51, High: 200}
	from := Criterion{Test: TestRange, Low: 1000, High: inf}
	for _, tt := range []struct {
		c     Criterion
		value string
		want  Verdict
	}{
		{Criterion{Test: TestEquals, Texts: []string{"NO"}}, "no", VerdictHolds},
		{Criterion{Test: TestEquals, Texts: []string{"Core  Facility"}}, " core facility ", VerdictHolds},
		{Criterion{Test: TestEquals, Texts: []string{"a"}}, "b", VerdictFails},
		{Criterion{Test: TestEquals, Texts: []string{"a"}}, "  ", VerdictUnknown},
		{Criterion{Test: TestOneOf, Texts: []string{"DE", "AT"}}, "at", VerdictHolds},
		{Criterion{Test: TestOneOf, Texts: []string{"DE", "AT"}}, "ch", VerdictFails},
		{Criterion{Test: TestContains, Texts: []string{"Bio"}}, "antibiotics", VerdictHolds},
		{Criterion{Test: TestContains, Texts: []string{"Bio"}}, "", VerdictUnknown},
		{Criterion{Test: TestExists, Wanted: true}, "", VerdictFails},
		{Criterion{Test: TestExists, Wanted: true}, "x", VerdictHolds},
		{Criterion{Test: TestExists}, " ", VerdictHolds},
		{Criterion{Test: TestExists}, "x", VerdictFails},
		{size, "51", VerdictHolds},
		{size, "200", VerdictHolds},
		{size, "50.9", VerdictFails},
		{size, "201", VerdictFails},
		{size, "51-200", VerdictHolds},
		{size, "60 – 80", VerdictHolds},
		{size, "11-50", VerdictFails},
		{size, "201-500", VerdictFails},
		{size, "11-60", VerdictUnknown},
		{size, "100-500", VerdictUnknown},
		{size, "10-500", VerdictUnknown}, // around it: it only overlaps
		{size, "200-51", VerdictUnknown},
		{size, "many", VerdictUnknown},
		{size, "100 people", VerdictUnknown},
		{size, "", VerdictUnknown},
		{from, "1,200", VerdictHolds},
		{from, "1'200", VerdictHolds},
		{from, "1 200", VerdictHolds},
		{from, "1,200-5,000", VerdictHolds},
		{from, "1.200.000", VerdictHolds},
		{from, "1,234,567.5", VerdictHolds},
		{from, "1.200", VerdictFails},
		{from, "999,5", VerdictFails},
		{from, "-5", VerdictFails},
		{from, "1,20,300", VerdictUnknown},
		{from, "Inf", VerdictUnknown},
		{from, "1e9", VerdictUnknown},
		{from, ".", VerdictUnknown},
	} {
		if got := tt.c.Of(tt.value); got != tt.want {
			t.Errorf("%+v of %q is %d, want %d", tt.c, tt.value, got, tt.want)
		}
	}
}

// TestProfileFit holds musts, exclusions, tiers and the threshold.
func TestProfileFit(t *testing.T) {
	segment := Criterion{Attribute: "segment", Test: TestEquals, Texts: []string{"pharma"}, Points: 40}
	region := Criterion{Attribute: "Region", Test: TestOneOf, Texts: []string{"DE", "AT"}, Points: 20}
	tier1 := Criterion{Attribute: "employees", Test: TestRange, Low: 500, High: math.Inf(1), Points: 30}
	tier2 := Criterion{Attribute: "Employees", Test: TestRange, Low: 50, High: math.Inf(1), Points: 10}
	must := Criterion{Attribute: "lab", Test: TestEquals, Texts: []string{"yes"}, Must: true}
	student := Criterion{Attribute: "email kind", Test: TestEquals, Texts: []string{"student"}, Exclude: true}
	for _, tt := range []struct {
		name             string
		criteria         []Criterion
		threshold        float64
		values           map[string]string
		fit              ICPFit
		met, open, total int
		decides          string
	}{
		{"all hold", []Criterion{segment, region}, 60, map[string]string{"segment": "Pharma", "region": "de"}, InsideICP, 60, 0, 60, ""},
		{"just reached", []Criterion{segment, region}, 66, map[string]string{"segment": "pharma", "region": "fr"}, InsideICP, 40, 0, 60, ""},
		{"just missed", []Criterion{segment, region}, 67, map[string]string{"segment": "pharma", "region": "fr"}, OutsideICP, 40, 0, 60, ""},
		{"open", []Criterion{segment, region}, 70, map[string]string{"segment": "pharma"}, UnknownICP, 40, 20, 60, "Region"},
		{"open, but it cannot matter", []Criterion{segment, region}, 60, map[string]string{"segment": "pharma"}, InsideICP, 40, 20, 60, ""},
		{"open, and not enough", []Criterion{segment, region}, 60, map[string]string{"segment": "food"}, OutsideICP, 0, 20, 60, ""},
		{"the best tier counts", []Criterion{tier1, tier2}, 100, map[string]string{"employees": "600"}, InsideICP, 30, 0, 30, ""},
		{"the lower tier", []Criterion{tier1, tier2}, 50, map[string]string{"employees": "60"}, OutsideICP, 10, 0, 30, ""},
		{"between tiers", []Criterion{tier1, tier2}, 50, map[string]string{"employees": "200-900"}, UnknownICP, 10, 20, 30, "employees"},
		{"a must is missed", []Criterion{segment, must}, 10, map[string]string{"segment": "pharma", "lab": "no"}, OutsideICP, 40, 0, 40, ""},
		{"a must is unknown", []Criterion{segment, must}, 10, map[string]string{"segment": "pharma"}, UnknownICP, 40, 0, 40, "lab"},
		{"excluded", []Criterion{segment, student}, 10, map[string]string{"segment": "pharma", "email_kind": "Student"}, OutsideICP, 40, 0, 40,
			""},
		{"exclusion unknown", []Criterion{segment, student}, 10, map[string]string{"segment": "pharma"}, UnknownICP, 40, 0, 40, "email kind"},
		{"only a must", []Criterion{must}, 60, map[string]string{"lab": "yes"}, InsideICP, 0, 0, 0, ""},
		{"only an exclusion", []Criterion{student}, 60, map[string]string{"email kind": "work"}, InsideICP, 0, 0, 0, ""},
		{"a must met by another tier", []Criterion{{Attribute: "lab", Test: TestEquals, Texts: []string{"own"}, Points: 20, Must: true},
			{Attribute: "lab", Test: TestEquals, Texts: []string{"shared"}, Points: 5}},
			20, map[string]string{"lab": "shared"}, InsideICP, 5, 0, 20, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := Profile{tt.threshold, tt.criteria}.Of(valuesOf(tt.values))
			if f.Fit != tt.fit || f.Met != tt.met || f.Open != tt.open || f.Total != tt.total || f.Decides != tt.decides {
				t.Errorf("got %s %d+%d of %d by %q", f.Fit, f.Met, f.Open, f.Total, f.Decides)
			}
		})
	}
	f := Profile{70, []Criterion{segment, tier1, region}}.Of(valuesOf(map[string]string{"segment": "food", "employees": "900"}))
	if want := "fit 30 of 90 points, 20 open: segment ✗, employees ✓, Region ?"; f.String() != want {
		t.Errorf("%q, want %q", f, want)
	}
}

func valuesOf(m map[string]string) func(string) string {
	return func(name string) string {
		for k, v := range m {
			if FoldAttribute(k) == FoldAttribute(name) {
				return v
			}
		}
		return ""
	}
}

// TestAnEmptyFieldNeverImprovesAFit empties fields of random people under random profiles: nobody comes inside by it, and no points
// are gained. "exists: false" asks for an empty field and is left out.
func TestAnEmptyFieldNeverImprovesAFit(t *testing.T) {
	inside := 0
	for seed := range uint64(20000) {
		r := rand.New(rand.NewPCG(seed, 17))
		names := []string{"a", "b", "c", "d"}
		words := []string{"x", "y", "xy", "5", "15", "3-7", "1-30", ""}
		p := Profile{Threshold: float64(r.IntN(101))}
		for range 1 + r.IntN(6) {
			c := Criterion{Attribute: names[r.IntN(4)], Test: ProfileTests[r.IntN(5)], Texts: []string{words[r.IntN(7)]}, Low: float64(r.IntN(10)),
				High: float64(10 + r.IntN(20)), Wanted: true}
			switch r.IntN(5) {
			case 0:
				c.Exclude = true
				if c.Test == TestExists {
					c.Test = TestEquals // an exclusion of whoever has a value asks for an empty one too
				}
			case 1:
				c.Must = true
				fallthrough
			default:
				c.Points = r.IntN(5) * 10
			}
			p.Criteria = append(p.Criteria, c)
		}
		values := map[string]string{}
		for _, n := range names {
			values[n] = words[r.IntN(len(words))]
		}
		before := p.Of(valuesOf(values))
		for _, n := range names {
			less := map[string]string{}
			for k, v := range values {
				less[k] = v
			}
			less[n] = ""
			after := p.Of(valuesOf(less))
			if after.Fit == InsideICP && before.Fit != InsideICP || after.Met > before.Met || after.Total != before.Total {
				t.Fatalf("seed %d: without %s %+v, with it %+v", seed, n, after, before)
			}
		}
		if before.Fit == InsideICP {
			inside++
		}
		// Whatever fills what is open, the points come to something between worst and best, and inside and outside stay.
		full := map[string]string{}
		for k, v := range values {
			if full[k] = v; v == "" {
				full[k] = words[r.IntN(5)]
			}
		}
		if exists(p) {
			continue // a field that is filled may meet it
		}
		after := p.Of(valuesOf(full))
		if after.Met < before.Met || after.Met > before.Met+before.Open {
			t.Fatalf("seed %d: %+v became %+v", seed, before, after)
		}
		if before.Fit != UnknownICP && after.Fit != before.Fit {
			t.Fatalf("seed %d: %+v became %+v by what was not known", seed, before, after)
		}
	}
	if inside < 1000 {
		t.Errorf("only %d of 20000 are inside: the test shows little", inside)
	}
}

func exists(p Profile) bool {
	for _, c := range p.Criteria {
		if c.Test == TestExists {
			return true
		}
	}
	return false
}

// TestCriterionFaults holds what cannot be a criterion.
func TestCriterionFaults(t *testing.T) {
	ok := Criterion{Attribute: "industry", Test: TestEquals, Texts: []string{"x"}, Points: 1}
	for i, tt := range []struct {
		change func(*Criterion)
		key    string
	}{
		{func(c *Criterion) {}, ""}, {func(c *Criterion) { c.Attribute = " " }, "attribute"},
		{func(c *Criterion) { c.Attribute = "Customer_Since" }, "attribute"},
		{func(c *Criterion) { c.Attribute = "Score" }, "attribute"}, {func(c *Criterion) { c.Points = 0 }, "points"},
		{func(c *Criterion) { c.Points = -1 }, "points"},
		{func(c *Criterion) { c.Exclude = true }, "points"}, {func(c *Criterion) { c.Points, c.Must = 0, true }, ""},
		{func(c *Criterion) { c.Test, c.Low = TestRange, 1 }, "range"},
	} {
		c := ok
		tt.change(&c)
		if key, text := c.CriterionFault(); key != tt.key || (key == "") != (text == "") {
			t.Error(fmt.Sprint(i), key, text)
		}
	}
}
