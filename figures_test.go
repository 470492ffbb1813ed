package truce

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestEarlyRatingIsTheOwnersElseTheFirstBeforeTheClose(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	lead := Lead{ID: "a1", Owner: "Kim@quill.example", OwnerID: "P-1"}
	won, open := Standing{State: Won, At: day(10)}, Standing{State: Opportunity, At: day(10)}
	dated := func(who string, v Rating, at int) RatingOf {
		return RatingOf{Rater: who, Value: v, At: day(at), RowAt: day(20)}
	}
	undated := func(who string, v Rating, row int) RatingOf {
		return RatingOf{Rater: who, Value: v, RowAt: day(row)}
	}
	hindsight := func(who string, v Rating, row int) RatingOf {
		return RatingOf{Rater: who, Value: v, RowAt: day(row), Hindsight: true}
	}
	for _, tt := range []struct {
		name    string
		stands  Standing
		ratings []RatingOf
		want    Rating
	}{
		{"none", won, nil, 0},
		{"the first", won, []RatingOf{dated("bo", Poor, 3), dated("al", Good, 2)}, Good},
		{"the owner's, though a later one", won, []RatingOf{dated("bo", Poor, 2), dated("kim@quill.example", Good, 5), dated("P-1", Fair, 6)},
			Good},
		{"at the close, and after it", won, []RatingOf{dated("P-1", Poor, 10), dated("P-1", Poor, 11)}, 0},
		{"the owner's after the close leaves the other's", won, []RatingOf{dated("P-1", Poor, 11), dated("bo", Fair, 9)}, Fair},
		{"an open lead has no close", open, []RatingOf{dated("P-1", Poor, 11)}, Poor},
		{"undated, in a row of its own, whatever its date", won, []RatingOf{undated("P-1", Fair, 12)}, Fair},
		{"undated, in the row that closed the lead", won, []RatingOf{hindsight("P-1", Fair, 10)}, 0},
		{"two undated ones: the first row's", won, []RatingOf{undated("P-1", Poor, 7), undated("P-1", Good, 4)}, Good},
		{"of one moment the one that has a date", won, []RatingOf{undated("P-1", Poor, 4), dated("P-1", Good, 4)}, Good},
		{"of one moment by name", won, []RatingOf{dated("bo", Poor, 4), dated("al", Good, 4)}, Good},
	} {
		for range 2 { // in any order
			got, _ := EarlyRating(lead, tt.ratings, tt.stands, day(30))
			if got.Value != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, got.Value, tt.want)
			}
			slices.Reverse(tt.ratings)
		}
	}
}

func TestScoresThatDifferInTheNinthDecimalAreTwo(t *testing.T) {
	var s Sums
	for i, score := range []float64{0.123456781, 0.123456782} {
		s.Count(Lead{HasScore: true, Score: score}, Facts{Standing: Standing{State: []Status{Won, Lost}[i]}}, 1, time.UTC)
	}
	if len(s.Beliefs) != 2 {
		t.Errorf("%d different scores, want 2", len(s.Beliefs))
	}
	if mean, _ := s.MeanScore(); mean != 0.1234567815 {
		t.Errorf("mean %v", mean)
	}
}

// TestMeasuresCountTheLeadsTheyOpenTo holds both ways to a figure together, over random histories.
func TestMeasuresCountTheLeadsTheyOpenTo(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 5))
	day := func(n int) time.Time { return time.Date(2026, 3, 1+n, 0, 0, 0, 0, time.UTC) }
	var sum Figures
	rows := map[string]int{}
	const leads = 2000
	for range leads {
		c := LeadCase{Lead: Lead{MQLAt: day(0)}}
		for range r.IntN(5) {
			o := Outcome{Status: Statuses[r.IntN(len(Statuses))], At: day(r.IntN(9)), Origin: []Origin{FromImport, FromSilence}[r.IntN(4)/3],
				Reason: []Reason{"", "wrong-person", "no-budget"}[r.IntN(3)]}
			if r.IntN(2) == 0 {
				o.DealID = string(rune('a' + r.IntN(2)))
			}
			if r.IntN(8) == 0 {
				o.Elsewhere = day(r.IntN(5)) // it counts at another lead
			}
			c.Outcomes = append(c.Outcomes, o)
		}
		f := c.Facts(day(r.IntN(12)))
		sum.Count(c.Lead, f)
		for _, m := range Measures() {
			if m.Has(f) {
				rows[m.Key]++
			}
		}
	}
	for _, m := range Measures() {
		if m.N(sum) != rows[m.Key] || rows[m.Key] == 0 {
			t.Errorf("%s: %d, opening to %d leads", m.Label, m.N(sum), rows[m.Key])
		}
		if m.Label == "" || m.How == "" {
			t.Errorf("%s has no label or no definition", m.Key)
		}
	}
}
