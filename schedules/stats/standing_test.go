package stats

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// bySegment makes a row whose total is the sum of its segments.
func bySegment(segments map[string]Proportion) Row {
	r := Row{Segments: segments}
	for _, p := range segments {
		r.Total = r.Total.Plus(p)
	}
	return r
}

func TestCompareRows(t *testing.T) {
	even := bySegment(map[string]Proportion{"lab": {12, 100}, "clinic": {12, 100}})
	for _, c := range []struct {
		name            string
		rows            []Row
		highest, lowest Standing
	}{
		{
			name:    "no rows",
			highest: Standing{Row: -1}, lowest: Standing{Row: -1},
		}, {
			name:    "all alike",
			rows:    []Row{even, even, even},
			highest: Standing{Row: -1}, lowest: Standing{Row: -1},
		}, {
			name:    "one is sent back more in every segment",
			rows:    []Row{even, bySegment(map[string]Proportion{"lab": {40, 100}, "clinic": {36, 100}, "other": {0, 19}}), even},
			highest: Standing{Row: 1, Order: OrderHolds, Checked: 2}, lowest: Standing{Row: -1},
		}, {
			name:    "a row without segments",
			rows:    []Row{{Total: Proportion{0, 100}}, even, even, even},
			highest: Standing{Row: -1}, lowest: Standing{Row: 0, Order: OrderHolds},
		}, {
			name: "a segment with five others in it is not looked at, however large the row's own part",
			rows: []Row{bySegment(map[string]Proportion{"lab": {30, 100}, "clinic": {40, 100}}), even, even,
				bySegment(map[string]Proportion{"rare": {2, 5}, "clinic": {12, 100}})},
			highest: Standing{Row: 0, Order: OrderHolds, Checked: 2}, lowest: Standing{Row: -1},
		}, {
			name: "the same with the row's own part in that segment",
			rows: []Row{bySegment(map[string]Proportion{"rare": {30, 100}, "clinic": {40, 100}}), even, even,
				bySegment(map[string]Proportion{"rare": {5, 5}, "clinic": {12, 100}})},
			highest: Standing{Row: 0, Order: OrderHolds, Checked: 1}, lowest: Standing{Row: -1},
		}, {
			name:    "two share the place",
			rows:    []Row{even, even, {Total: Proportion{60, 100}}, {Total: Proportion{60, 100}}},
			highest: Standing{Row: -1}, lowest: Standing{Row: -1},
		}, {
			name: "a small row with a wild rate is no rival",
			rows: []Row{even, {Total: Proportion{9, 9}}, {Total: Proportion{60, 100}}, even},
			// row 2 against the others: far higher
			highest: Standing{Row: 2, Order: OrderHolds}, lowest: Standing{Row: -1},
		}, {
			name: "above all the others together in each segment, but not above the next row",
			rows: []Row{
				bySegment(map[string]Proportion{"lab": {70, 100}, "clinic": {40, 100}}),
				bySegment(map[string]Proportion{"lab": {55, 100}, "clinic": {45, 100}}),
				even, even,
			},
			highest: Standing{Row: 0, Order: DependsOnSegment, Checked: 2, Flips: []string{"clinic"}}, lowest: Standing{Row: -1},
		},
	} {
		got := CompareRows(MinCompare, 0.1, c.rows)
		check := func(which string, got, want Standing) {
			if got.Row != want.Row || got.Order != want.Order || got.Checked != want.Checked || !slices.Equal(got.Flips, want.Flips) {
				t.Errorf("%s, %s: %+v, want %+v", c.name, which, got, want)
			}
		}
		check("highest", got.Highest, c.highest)
		check("lowest", got.Lowest, c.lowest)
	}
}

// TestSimpson: Charig et al., BMJ 1986;292:879-882, kidney stones: open surgery is the better treatment for small stones and
// for large ones, and the worse in total. Counts are failures, so the total's order is the one that must not be named.
func TestSimpson(t *testing.T) {
	surgery := map[string]Proportion{"small": {6, 87}, "large": {71, 263}}
	nephrolithotomy := map[string]Proportion{"small": {36, 270}, "large": {25, 80}}
	if a, b := bySegment(surgery).Total.Rate(), bySegment(nephrolithotomy).Total.Rate(); a <= b {
		t.Fatalf("in total %v and %v", a, b)
	}
	order, flips := SegmentOrder(surgery, nephrolithotomy, Higher)
	if order != DependsOnSegment || !slices.Equal(flips, []string{"large", "small"}) {
		t.Errorf("%v %v", order, flips)
	}
	if order, _ := SegmentOrder(surgery, nephrolithotomy, Lower); order != OrderHolds {
		t.Errorf("the other way round: %v", order)
	}
	if order, _ := SegmentOrder(surgery, nephrolithotomy, TooClose); order != NoOrder {
		t.Errorf("no direction: %v", order)
	}
}

// TestSegmentOrderNeedsTwenty: nineteen on either side are not looked at; equal rates are no reversal.
func TestSegmentOrderNeedsTwenty(t *testing.T) {
	for _, c := range []struct {
		a, b Proportion
		want Order
	}{
		{Proportion{0, 19}, Proportion{20, 20}, OrderHolds}, {Proportion{0, 20}, Proportion{19, 19}, OrderHolds},
		{Proportion{0, 20}, Proportion{1, 20}, DependsOnSegment}, {Proportion{0, 20}, Proportion{0, 50}, OrderHolds},
	} {
		if got, _ := SegmentOrder(map[string]Proportion{"s": c.a}, map[string]Proportion{"s": c.b}, Higher); got != c.want {
			t.Errorf("%v %v: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// TestFlatNoise: eight equal sources, thirteen weeks of 40 leads, 2,000 times: a source is named in at most one of ten, the
// level of MaxQ; and a source that is sent back three times as often is nearly always found.
func TestFlatNoise(t *testing.T) {
	const runs = 2000
	draw := func(r *rand.Rand, n int, rate float64) (p Proportion) {
		for range n {
			p.N++
			if r.Float64() < rate {
				p.K++
			}
		}
		return p
	}
	var alarms, found int
	for run := range runs {
		r := seeded(uint64(1000 + run))
		rows := make([]Row, 8)
		for i := range rows {
			rows[i].Total = draw(r, 65, 0.13)
		}
		if flat := CompareRows(MinCompare, 0.1, rows); flat.Highest.Row >= 0 || flat.Lowest.Row >= 0 {
			alarms++
		}
		rows[3].Total = draw(r, 65, 0.38)
		if CompareRows(MinCompare, 0.1, rows).Highest.Row == 3 {
			found++
		}
	}
	if alarms > runs/10 {
		t.Errorf("%d false alarms in %d", alarms, runs)
	}
	if found < runs*95/100 {
		t.Errorf("found %d of %d", found, runs)
	}
	t.Logf("false alarms %.1f %%, found %.1f %%", float64(alarms)/runs*100, float64(found)/runs*100)
}

// TestCompareRowsIgnoresTheOrderOfRows: a permutation of the rows names the same one.
func TestCompareRowsIgnoresTheOrderOfRows(t *testing.T) {
	r := seeded(5)
	for range 200 {
		rows := make([]Row, 2+r.IntN(6))
		for i := range rows {
			segments := map[string]Proportion{}
			for _, s := range []string{"a", "b", "c"} {
				p := Proportion{N: r.IntN(60)}
				p.K = r.IntN(p.N + 1)
				segments[s] = p
			}
			rows[i] = bySegment(segments)
		}
		first := CompareRows(MinCompare, 0.1, rows)
		turned := append(slices.Clone(rows[1:]), rows[0])
		second := CompareRows(MinCompare, 0.1, turned)
		for _, pair := range [][2]Standing{{first.Highest, second.Highest}, {first.Lowest, second.Lowest}} {
			a, b := pair[0], pair[1]
			if (a.Row < 0) != (b.Row < 0) || a.Order != b.Order || !slices.Equal(a.Flips, b.Flips) {
				t.Fatalf("%+v and %+v", a, b)
			}
			if a.Row >= 0 && (rows[a.Row].Total != turned[b.Row].Total || !maps.Equal(rows[a.Row].Segments, turned[b.Row].Segments)) {
				t.Fatalf("%+v and %+v are different rows", a, b)
			}
		}
	}
}
