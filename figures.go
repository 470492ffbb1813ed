package truce

import "time"

// Figures are the counts of a group of leads at a moment: the one definition of every count that digests show.
//
// Leads = Open + Rejected + Recycled + Won + Lost, which are the states in force. Accepted, SQLs and Opportunities are the
// stages reached: a later stage implies the earlier ones, and what came about by silence proves none.
type Figures struct {
	Leads, Open, Rejected, Recycled, Won, Lost int
	Accepted, SQLs, Opportunities              int
	Revenue                                    map[string]int64 // minor units won, by currency; never added across currencies
	Scored                                     int
	ScoreSum                                   float64
	Rated                                      int
	RatingSum                                  int
	DisputesOpened                             int
	DisputesUpheld                             int // by a person; a lapse is no verdict on the lead
}

// LeadCase is one lead with all that is known of it at AsOf and later; later things are not counted.
type LeadCase struct {
	Lead     Lead // Source, Campaign, Score, Owner are read
	Outcomes []Outcome
	Ratings  []RatingOf
	Disputes []DisputeMark
}

// DisputeMark is what figures need to know of a dispute.
type DisputeMark struct {
	OpenedAt time.Time
	ClosedAt time.Time // zero while it is open
	Upheld   bool      // by a person
}

// Add counts one lead as it stood at asOf.
func (f *Figures) Add(c LeadCase, asOf time.Time) {
	s := Stand(c.Outcomes, asOf)
	f.Leads++
	switch s.State {
	case Won:
		f.Won++
	case Lost:
		f.Lost++
	case Rejected:
		f.Rejected++
	case Recycled:
		f.Recycled++
	default:
		f.Open++
	}
	if s.Stage >= StageAccepted {
		f.Accepted++
	}
	if s.Stage >= StageSQL {
		f.SQLs++
	}
	if s.Stage >= StageOpportunity {
		f.Opportunities++
	}
	for currency, amount := range Revenue(c.Outcomes, asOf) {
		if f.Revenue == nil {
			f.Revenue = map[string]int64{}
		}
		f.Revenue[currency] += amount
	}
	if c.Lead.HasScore {
		f.Scored++
		f.ScoreSum += c.Lead.Score
	}
	if r, ok := RatingInForce(c.Ratings, asOf); ok {
		f.Rated++
		f.RatingSum += int(r.Value)
	}
	for _, d := range c.Disputes {
		if d.OpenedAt.After(asOf) {
			continue
		}
		f.DisputesOpened++
		if d.Upheld && !d.ClosedAt.IsZero() && !d.ClosedAt.After(asOf) {
			f.DisputesUpheld++
		}
	}
}

// Merge adds the counts of another group.
func (f *Figures) Merge(g Figures) {
	f.Leads += g.Leads
	f.Open += g.Open
	f.Rejected += g.Rejected
	f.Recycled += g.Recycled
	f.Won += g.Won
	f.Lost += g.Lost
	f.Accepted += g.Accepted
	f.SQLs += g.SQLs
	f.Opportunities += g.Opportunities
	f.Scored += g.Scored
	f.ScoreSum += g.ScoreSum
	f.Rated += g.Rated
	f.RatingSum += g.RatingSum
	f.DisputesOpened += g.DisputesOpened
	f.DisputesUpheld += g.DisputesUpheld
	for currency, amount := range g.Revenue {
		if f.Revenue == nil {
			f.Revenue = map[string]int64{}
		}
		f.Revenue[currency] += amount
	}
}

// MeanScore is the mean score of the leads that have one; ok is false where none has.
func (f Figures) MeanScore() (mean float64, ok bool) {
	if f.Scored == 0 {
		return 0, false
	}
	return f.ScoreSum / float64(f.Scored), true
}

// MeanRating is the mean rating in force (good 3, fair 2, poor 1) of the leads that have one; ok is false where none has.
func (f Figures) MeanRating() (mean float64, ok bool) {
	if f.Rated == 0 {
		return 0, false
	}
	return float64(f.RatingSum) / float64(f.Rated), true
}

// Revenue is what the deals of a lead have brought at asOf, in minor units by currency: the amounts of the deals of which
// won is the outcome in force. Deals without an amount add nothing.
func Revenue(outcomes []Outcome, asOf time.Time) map[string]int64 {
	deals := map[string][]Outcome{}
	for _, o := range outcomes {
		deals[o.DealID] = append(deals[o.DealID], o)
	}
	var sum map[string]int64
	for _, list := range deals {
		if Stand(list, asOf).State != Won {
			continue
		}
		for _, o := range list {
			if o.Status == Won && o.HasAmount {
				if sum == nil {
					sum = map[string]int64{}
				}
				sum[o.Amount.Currency] += o.Amount.Amount
			}
		}
	}
	return sum
}

// RatingInForce is the newest rating at asOf: by its own date, or by the date of the row that brought it.
func RatingInForce(ratings []RatingOf, asOf time.Time) (in RatingOf, ok bool) {
	for _, r := range ratings {
		if r.When().After(asOf) {
			continue
		}
		if !ok || r.When().After(in.When()) || r.When().Equal(in.When()) && r.Rater < in.Rater {
			in, ok = r, true
		}
	}
	return in, ok
}
