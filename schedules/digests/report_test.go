package digests_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"truce"
	"truce/schedules/digests"
	"truce/storage"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// plain is a lead as a test's own bookkeeping knows it.
type plain struct {
	lead     truce.Lead
	outcomes []truce.Outcome
	ratings  []truce.RatingOf
}

// randomLeads writes leads with all kinds of outcomes and ratings, corrections among them, and keeps its own account.
func randomLeads(t testing.TB, s *storage.Store, r *rand.Rand, n int) []*plain {
	t.Helper()
	sources, reasons := []string{"Webinar", "Trade show", "", "Paid search"}, []truce.Reason{"wrong-person", "no-budget", "odd", ""}
	var list []*plain
	err := s.Update(t.Context(), func(tx *storage.Tx) error {
		list = nil
		for i := range n {
			p := &plain{lead: truce.Lead{ID: fmt.Sprintf("x%05d", i*7919%100000), MQLAt: noon.Add(-time.Duration(r.IntN(100*24)) * time.Hour),
				Source:   sources[r.IntN(4)],
				Campaign: fmt.Sprint("c", r.IntN(5)), Owner: "owner"}}
			if r.IntN(5) > 0 {
				p.lead.Score, p.lead.HasScore = float64(r.IntN(11))*10, true
			}
			if _, err := tx.UpsertLead(p.lead); err != nil {
				return err
			}
			for range r.IntN(4) {
				o := truce.Outcome{LeadID: p.lead.ID, Status: truce.Statuses[r.IntN(7)],
					At: p.lead.MQLAt.Add(time.Duration(r.IntN(80*24)-24) * time.Hour), Origin: truce.FromImport,
					Reason: reasons[r.IntN(4)]}
				if r.IntN(6) == 0 {
					o.Origin = truce.FromSilence
				}
				if o.Status == truce.Won {
					o.DealID, o.HasAmount, o.Amount = fmt.Sprint("d", i, "-", r.IntN(2)), true,
						truce.Money{Amount: int64(r.IntN(1000)), Currency: []string{"USD", "EUR"}[r.IntN(2)]}
				}
				if _, err := tx.AddOutcome(o); err != nil {
					return err
				}
				if o.Origin == truce.FromSilence && slices.ContainsFunc(p.outcomes, func(old truce.Outcome) bool {
					return old.DealID == o.DealID && old.Status == o.Status && old.Origin != truce.FromSilence
				}) {
					continue // silence takes the place of nothing that was said
				}
				p.outcomes = append(slices.DeleteFunc(p.outcomes, func(old truce.Outcome) bool {
					return old.DealID == o.DealID &&
						old.Status == o.Status
				}), o)
			}
			for _, rater := range []string{"owner", "other", "third"} {
				if r.IntN(2) == 0 {
					continue
				}
				rating := truce.RatingOf{LeadID: p.lead.ID, Rater: rater, Value: truce.Rating(1 + r.IntN(3)),
					RowAt: p.lead.MQLAt.Add(time.Duration(r.IntN(60*24)) * time.Hour)}
				if rating.At = rating.RowAt; r.IntN(4) == 0 {
					rating.At, rating.Hindsight = time.Time{}, r.IntN(2) == 0
				}
				if _, err := tx.Rate(rating); err != nil {
					return err
				}
				p.ratings = append(p.ratings, rating)
			}
			list = append(list, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// state is the outcome in force, found by sorting: what silence wrote only where nobody has said anything.
func (p *plain) state(asOf time.Time) (in truce.Outcome) {
	rank := map[truce.Status]int{truce.Won: 7, truce.Lost: 6, truce.Opportunity: 5, truce.SQL: 4, truce.Accepted: 3, truce.Rejected: 2,
		truce.Recycled: 1}
	var known []truce.Outcome
	for _, o := range p.outcomes {
		if !o.At.After(asOf) {
			known = append(known, o)
		}
	}
	if said := slices.DeleteFunc(slices.Clone(known), func(o truce.Outcome) bool { return o.Origin == truce.FromSilence }); len(said) > 0 {
		known = said
	}
	if len(known) == 0 {
		return in
	}
	slices.SortFunc(known, func(a, b truce.Outcome) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return rank[a.Status] - rank[b.Status]
	})
	return known[len(known)-1]
}

type tally struct {
	leads, won, lost, rejected, recycled, accepted, sql, opportunities int
	scores                                                             []float64
	ratings                                                            []float64
	revenue                                                            map[string]int64
}

// count counts a lead in the plainest way.
func (y *tally) count(p *plain, asOf time.Time) {
	y.leads++
	switch p.state(asOf).Status {
	case truce.Won:
		y.won++
	case truce.Lost:
		y.lost++
	case truce.Rejected:
		y.rejected++
	case truce.Recycled:
		y.recycled++
	}
	depth := 0
	deals := map[string]truce.Outcome{}
	for _, o := range p.outcomes {
		if o.At.After(asOf) {
			continue
		}
		if o.Origin != truce.FromSilence {
			depth = max(depth, map[truce.Status]int{truce.Accepted: 1, truce.SQL: 2, truce.Opportunity: 3, truce.Won: 3, truce.Lost: 3}[o.Status])
		}
		if was, ok := deals[o.DealID]; !ok || (&plain{outcomes: []truce.Outcome{was, o}}).state(asOf) == o {
			deals[o.DealID] = o
		}
	}
	for i, n := range []*int{&y.accepted, &y.sql, &y.opportunities} {
		if depth > i {
			*n++
		}
	}
	for _, o := range deals {
		if o.Status == truce.Won && o.HasAmount {
			y.revenue[o.Amount.Currency] += o.Amount.Amount
		}
	}
	if p.lead.HasScore {
		y.scores = append(y.scores, p.lead.Score)
	}
	var newest *truce.RatingOf
	for i := range p.ratings {
		if r := &p.ratings[i]; !r.RowAt.After(asOf) && (newest == nil || r.RowAt.After(newest.RowAt) || r.RowAt.Equal(newest.RowAt) &&
			r.Rater < newest.Rater) {
			newest = r
		}
	}
	if newest != nil {
		y.ratings = append(y.ratings, float64(newest.Value))
	}
}

func mean(list []float64) float64 {
	sum := 0.0
	for _, v := range list {
		sum += v
	}
	return sum / float64(len(list))
}

// early is the rating held against the score: by the owner, else the first, before the close or undated in its own row.
func (p *plain) early(closed time.Time, asOf time.Time) (v float64, ok bool) {
	var fit []truce.RatingOf
	for _, r := range p.ratings {
		if r.RowAt.After(asOf) || r.At.IsZero() && r.Hindsight || !r.At.IsZero() && !r.At.Before(closed) {
			continue
		}
		fit = append(fit, r)
	}
	slices.SortFunc(fit, func(a, b truce.RatingOf) int {
		if o := (b.Rater == "owner"); o != (a.Rater == "owner") {
			if o {
				return 1
			}
			return -1
		}
		return a.RowAt.Compare(b.RowAt)
	})
	if len(fit) == 0 {
		return 0, false
	}
	return float64(fit[0].Value), true
}

// pairs counts how often a winner had the higher value, over all pairs.
func pairs(won, lost []float64) float64 {
	sum := 0.0
	for _, w := range won {
		for _, l := range lost {
			switch {
			case w > l:
				sum++
			case w == l:
				sum += 0.5
			}
		}
	}
	return sum / float64(len(won)*len(lost))
}

// TestReportAgainstPlainCounting holds the JSON against counts made in the plainest way from the test's own account.
func TestReportAgainstPlainCounting(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			s := openStore(t, func() time.Time { return noon })
			if seed%2 == 0 { // from the roll-ups, where the moment allows
				if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
					t.Fatal(err)
				}
			}
			leads := randomLeads(t, s, r, 300)
			from, to := noon.AddDate(0, 0, -80).Truncate(24*time.Hour), noon.AddDate(0, 0, -10).Truncate(24*time.Hour)
			for _, asOf := range []time.Time{noon.AddDate(1, 0, 0), noon, noon.AddDate(0, 0, -40)} {
				var report digests.Report
				err := s.View(t.Context(), func(tx *storage.Tx) (err error) {
					report, err = digests.NewReport(tx, digests.LeadsDigest, from, to, asOf, time.UTC)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				check(t, report, leads, from, to, asOf)
			}
		})
	}
}

func check(t *testing.T, report digests.Report, leads []*plain, from, to, asOf time.Time) {
	t.Helper()
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Source, Campaign                                                         string
		Leads, Open, Won, Lost, Rejected, Recycled, Accepted, SQL, Opportunities int
		Revenue                                                                  map[string]int64
		MeanScore                                                                *float64 `json:"mean_score"`
		MeanRating                                                               *float64 `json:"mean_rating"`
	}
	var got struct {
		Totals         row
		BySource       []row `json:"by_source"`
		ByCampaign     []row `json:"by_campaign"`
		Predictiveness struct {
			Score, Rating struct {
				N   int
				AUC *float64
			}
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]*tally{}
	var wonScore, lostScore, wonRating, lostRating []float64
	for _, p := range leads {
		if p.lead.MQLAt.Before(from) || !p.lead.MQLAt.Before(to) || p.lead.MQLAt.After(asOf) {
			continue
		}
		source := p.lead.Source
		if source == "" {
			source = "(none)"
		}
		for _, key := range []string{"", "s" + source, "c" + p.lead.Campaign} {
			if want[key] == nil {
				want[key] = &tally{revenue: map[string]int64{}}
			}
			want[key].count(p, asOf)
		}
		o := p.state(asOf)
		rating, rated := p.early(o.At, asOf)
		switch o.Status {
		case truce.Won:
			if p.lead.HasScore {
				wonScore = append(wonScore, p.lead.Score)
			}
			if rated {
				wonRating = append(wonRating, rating)
			}
		case truce.Lost:
			if p.lead.HasScore {
				lostScore = append(lostScore, p.lead.Score)
			}
			if rated {
				lostRating = append(lostRating, rating)
			}
		}
	}
	rows := map[string]row{"": got.Totals}
	for _, r := range got.BySource {
		rows["s"+r.Source] = r
	}
	for _, r := range got.ByCampaign {
		rows["c"+r.Campaign] = r
	}
	if len(rows) != len(want) {
		t.Errorf("%d rows, want %d", len(rows), len(want))
	}
	for key, w := range want {
		g := rows[key]
		open := w.leads - w.won - w.lost - w.rejected - w.recycled
		if g.Leads != w.leads || g.Open != open || g.Won != w.won || g.Lost != w.lost || g.Rejected != w.rejected || g.Recycled != w.recycled ||
			g.Accepted != w.accepted || g.SQL != w.sql || g.Opportunities != w.opportunities {
			t.Errorf("as of %s, row %q: got %+v, want %+v", asOf, key, g, *w)
		}
		for c, n := range w.revenue {
			if g.Revenue[c] != n {
				t.Errorf("row %q: %d %s, want %d", key, g.Revenue[c], c, n)
			}
		}
		near(t, key+" mean score", g.MeanScore, len(w.scores) > 0, mean(w.scores))
		near(t, key+" mean rating", g.MeanRating, len(w.ratings) > 0, mean(w.ratings))
	}
	p := got.Predictiveness
	if p.Score.N != len(wonScore)+len(lostScore) || p.Rating.N != len(wonRating)+len(lostRating) {
		t.Errorf("as of %s: scores of %d and ratings of %d closed leads; want %d and %d", asOf, p.Score.N, p.Rating.N,
			len(wonScore)+len(lostScore), len(wonRating)+len(lostRating))
	}
	near(t, "area of the score", p.Score.AUC, len(wonScore) > 1 && len(lostScore) > 1, pairs(wonScore, lostScore))
	near(t, "area of the rating", p.Rating.AUC, len(wonRating) > 1 && len(lostRating) > 1, pairs(wonRating, lostRating))
}

func near(t *testing.T, what string, got *float64, there bool, want float64) {
	t.Helper()
	if (got != nil) != there || there && math.Abs(*got-want) > 1e-9 {
		t.Errorf("%s: got %v, want %v (there: %v)", what, got, want, there)
	}
}

// TestTheJSONCountsWhatIsMeasured holds the keys of the JSON against the measures that cards and drill-downs share.
func TestTheJSONCountsWhatIsMeasured(t *testing.T) {
	s, _ := quillwater(t, func() time.Time { return monday })
	err := s.View(t.Context(), func(tx *storage.Tx) error {
		report, err := maker().Report(tx, digests.Query{Kind: digests.LeadsDigest, From: monday.AddDate(-1, 0, 0).Truncate(24 * time.Hour),
			To: monday.Truncate(24 * time.Hour), AsOf: monday})
		if err != nil {
			return err
		}
		text, err := json.Marshal(report)
		if err != nil {
			return err
		}
		var got struct{ Totals map[string]json.RawMessage }
		if err := json.Unmarshal(text, &got); err != nil {
			return err
		}
		found := 0
		for _, m := range truce.Measures() {
			if n, ok := got.Totals[m.Key]; ok {
				if found++; string(n) != fmt.Sprint(m.N(report.Totals.Figures)) {
					t.Errorf("%s: %s in the JSON, %d measured", m.Key, n, m.N(report.Totals.Figures))
				}
			}
		}
		if found < 9 {
			t.Errorf("only %d measures are in the JSON: %s", found, text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
