package stats

// Naming the highest and the lowest row of a table, and refusing to where segments disagree (Simpson's paradox).

import (
	"maps"
	"slices"
)

// Row is one line of a table of rates, with its parts by segment. Rows share no member.
type Row struct {
	Total    Proportion
	Segments map[string]Proportion // may be nil; what has no segment is in Total only
}

// Order says whether segments agree with the order of two totals.
type Order int

const (
	NoOrder          Order = iota // there is nothing to check: no row stands out
	OrderHolds                    // in every segment large enough, or there is none
	DependsOnSegment              // reversed in at least one segment
)

// Standing is the row that may be named highest, or lowest, and whether it may.
type Standing struct {
	Row     int      // index of the row; -1 if none stands out
	Order   Order    // name it only if OrderHolds
	Checked int      // segments that were large enough to look at
	Flips   []string // segments in which the order is reversed, sorted
}

// Table is a table of rates compared.
type Table struct {
	Rows            []Comparison // each row (A) against all the others together (B), in the order given
	Highest, Lowest Standing
}

// CompareRows compares each row with all the others together and finds the rows that may be named highest and lowest. For
// "sent back" the highest is the worst.
//
// A row stands out if its Verdict is Higher (Lower) and no other row of at least minimum has so high (low) a rate. It may be
// named if the order then holds in every segment in which both sides have MinSegment: against all the others together, for
// that is what the sentence says, and against the next row, which it claims to beat (Simpson, JRSS B 1951;13:238-241). Where
// a segment shows equal rates the order is not reversed.
func CompareRows(minimum int, level float64, rows []Row) Table {
	all := Row{Segments: map[string]Proportion{}}
	for _, r := range rows {
		all.Total = all.Total.Plus(r.Total)
		for s, p := range r.Segments {
			all.Segments[s] = all.Segments[s].Plus(p)
		}
	}
	pairs := make([]Pair, len(rows))
	for i, r := range rows {
		pairs[i] = Pair{A: r.Total, B: all.Total.Minus(r.Total)}
	}
	t := Table{Rows: Compare(minimum, level, pairs)}
	t.Highest = standing(rows, all, t.Rows, minimum, Higher)
	t.Lowest = standing(rows, all, t.Rows, minimum, Lower)
	return t
}

// standing finds the row furthest out in the direction of want and checks it by segment.
func standing(rows []Row, all Row, compared []Comparison, minimum int, want Verdict) Standing {
	none := Standing{Row: -1}
	first, next := -1, -1
	for i, r := range rows {
		switch {
		case r.Total.N < minimum:
		case first < 0 || beyond(r.Total, rows[first].Total, want):
			first, next = i, first
		case next < 0 || beyond(r.Total, rows[next].Total, want):
			next = i
		}
	}
	if first < 0 || compared[first].Verdict != want {
		return none
	}
	if next >= 0 && !beyond(rows[first].Total, rows[next].Total, want) {
		return none // two rows share the place
	}
	others := map[string]Proportion{}
	for s, p := range all.Segments {
		others[s] = p.Minus(rows[first].Segments[s])
	}
	checked, flips := reversed(rows[first].Segments, others, want)
	if next >= 0 {
		alsoChecked, alsoFlips := reversed(rows[first].Segments, rows[next].Segments, want)
		checked, flips = union(checked, alsoChecked), union(flips, alsoFlips)
	}
	s := Standing{Row: first, Order: OrderHolds, Checked: len(checked), Flips: flips}
	if len(flips) > 0 {
		s.Order = DependsOnSegment
	}
	return s
}

// SegmentOrder checks one comparison by segment: a against b, where direction (Higher or Lower) is the order of their totals.
// Any other direction is NoOrder.
func SegmentOrder(a, b map[string]Proportion, direction Verdict) (order Order, flips []string) {
	if direction != Higher && direction != Lower {
		return NoOrder, nil
	}
	if _, flips = reversed(a, b, direction); len(flips) > 0 {
		return DependsOnSegment, flips
	}
	return OrderHolds, nil
}

// reversed returns the segments where both sides have MinSegment, and those of them where a is not on the side of b that want says.
func reversed(a, b map[string]Proportion, want Verdict) (checked, flips []string) {
	for _, s := range slices.Sorted(maps.Keys(a)) {
		if a[s].N < MinSegment || b[s].N < MinSegment {
			continue
		}
		checked = append(checked, s)
		if beyond(b[s], a[s], want) {
			flips = append(flips, s)
		}
	}
	return checked, flips
}

// beyond reports whether a's rate is strictly further in the direction of want than b's, in whole numbers: kA/nA > kB/nB.
func beyond(a, b Proportion, want Verdict) bool {
	left, right := int64(a.K)*int64(b.N), int64(b.K)*int64(a.N)
	if want == Lower {
		left, right = right, left
	}
	return left > right
}

// union returns the members of both, sorted, each once; nil for none.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
