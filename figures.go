package truce

import (
	"cmp"
	"math"
	"strings"
	"time"
)

// Figures are the counts of a group of leads at a moment: the one definition of every count that digests show.
//
// Leads = Open + Rejected + Recycled + Won + Lost + Joined, which are the states in force: a deal that several leads name is won
// or lost once, and the others of them have joined it. Accepted, SQLs and Opportunities are the stages reached: a later stage
// implies the earlier ones, and what came about by silence proves none.
type Figures struct {
	Leads, Open, Rejected, Recycled, Won, Lost int
	Joined                                     int // ended with a deal that counts at another lead
	Accepted, SQLs, Opportunities              int
	SaidAccepted, SaidSQL, SaidOpportunity     int              // of these, said outright; the others are inferred from a later stage
	Judged                                     int              // accepted or sent back by somebody's decision: what acceptance rests on
	SentBack                                   int              // of the judged, rejected by somebody's decision and in force
	SourceFaults                               int              // of the sent back, for a reason that counts against the source
	NoReason                                   int              // of the sent back, without a reason of the list
	Revenue                                    map[string]int64 // minor units won, by currency; never added across currencies
	Paid                                       map[string]int   // leads that have brought an amount, 0 too, by currency
	Scored                                     int
	ScoreSum                                   int64 // in billionths of a point, so that sums do not depend on their order
	Rated                                      int
	RatingSum                                  int
	DisputesOpened                             int
	DisputesUpheld                             int // by a person; a lapse is no verdict on the lead
}

// LeadCase is one lead with all that is known of it, before a moment and after.
type LeadCase struct {
	Lead     Lead // ID, MQLAt, Source, Campaign, Segment, Product, Score, Owner, OwnerID are read
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

// Facts are what figures count of one lead at a moment. Things dated later are not in them.
type Facts struct {
	Standing
	Joined  bool   // it is won or lost only by deals that count at other leads
	Reason  Reason // given with the outcome in force
	Said    Said
	Revenue map[string]int64 // see Revenue
	Rating  Rating           // in force; 0 is none
	Early   Rating           // given before the outcome was known, see EarlyRating; 0 is none
	Undated bool             // the early rating has no date of its own
	Fault   bool             // somebody rejected it for a source fault, whatever came of it later
	Wrong   bool             // and was wrong: it became an opportunity within WrongWithin
	Course  []Turn           // filled in only where the days' zone is known: see LeadCase.Course
}

// WrongWithin is the time in which a rejection proves wrong, if the lead becomes an opportunity.
const WrongWithin = 90 * 24 * time.Hour

// Said is which stages somebody named outright; a stage that only a later one implies is inferred.
type Said uint8

// The stages that can be said.
const (
	SaidAccepted Said = 1 << iota
	SaidSQL
	SaidOpportunity
)

// Facts computes what is to be counted of the lead at asOf.
func (c LeadCase) Facts(asOf time.Time) Facts {
	f := Facts{Standing: Stand(c.Outcomes, asOf), Revenue: Revenue(c.Outcomes, asOf)}
	f.Joined = (f.State == Won || f.State == Lost) && !counts(c.Outcomes, f.State, asOf)
	for _, o := range c.Outcomes {
		if o.At.After(asOf) {
			continue
		}
		if o.Status == f.State && o.At.Equal(f.At) && o.Reason > f.Reason {
			f.Reason = o.Reason // of two deals that ended alike at one moment, one and always the same
		}
		if o.Origin == FromSilence {
			continue
		}
		switch o.Status {
		case Accepted:
			f.Said |= SaidAccepted
		case SQL:
			f.Said |= SaidSQL
		case Opportunity:
			f.Said |= SaidOpportunity
		case Rejected:
			if o.Reason.Info().Kind == SourceFault {
				f.Fault, f.Wrong = true, f.Wrong || c.provedWrong(o, asOf)
			}
		}
	}
	if r, ok := RatingInForce(c.Ratings, asOf); ok {
		f.Rating = r.Value
	}
	if r, ok := EarlyRating(c.Lead, c.Ratings, f.Standing, asOf); ok {
		f.Early, f.Undated = r.Value, r.At.IsZero()
	}
	return f
}

// Wins reports whether the lead counts as a win: it is won, by a deal that counts at this lead.
func (f Facts) Wins() bool { return f.State == Won && !f.Joined }

// sentBack reports whether somebody rejected the lead, and that is in force.
func (f Facts) sentBack() bool { return f.State == Rejected && !f.BySilence }

// counts reports whether a lead that ended so has a deal, in force, of that end which counts at this lead.
func counts(outcomes []Outcome, end Status, asOf time.Time) bool {
	for i, o := range outcomes {
		if o.Status == end && !o.At.After(asOf) && o.Counts(asOf) && inForceOfDeal(outcomes, i, asOf) {
			return true
		}
	}
	return false
}

// provedWrong reports whether the lead became an opportunity within WrongWithin of a rejection.
func (c LeadCase) provedWrong(rejected Outcome, asOf time.Time) bool {
	for _, o := range c.Outcomes {
		if (o.Status == Opportunity || o.Status == Won) && o.At.After(rejected.At) && o.At.Sub(rejected.At) <= WrongWithin && !o.At.After(asOf) {
			return true
		}
	}
	return false
}

// Most is the largest of the amounts, whatever its currency: an order for lists, no sum.
func Most(amounts map[string]int64) (most int64) {
	for _, n := range amounts {
		most = max(most, n)
	}
	return most
}

// Add counts one lead as it stood at asOf.
func (f *Figures) Add(c LeadCase, asOf time.Time) {
	f.Count(c.Lead, c.Facts(asOf))
	f.CountDisputes(c, asOf)
}

// CountDisputes counts the disputes of one lead as they stood at asOf.
func (f *Figures) CountDisputes(c LeadCase, asOf time.Time) {
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

// Count counts the facts of one lead; disputes are counted apart.
func (f *Figures) Count(l Lead, s Facts) {
	f.Leads++
	switch s.State {
	case Won, Lost:
		switch {
		case s.Joined:
			f.Joined++
		case s.State == Won:
			f.Won++
		default:
			f.Lost++
		}
	case Rejected:
		f.Rejected++
	case Recycled:
		f.Recycled++
	default:
		f.Open++
	}
	for _, st := range []struct {
		stage             Stage
		said              Said
		reached, outright *int
	}{{StageAccepted, SaidAccepted, &f.Accepted, &f.SaidAccepted}, {StageSQL, SaidSQL, &f.SQLs, &f.SaidSQL},
		{StageOpportunity, SaidOpportunity, &f.Opportunities, &f.SaidOpportunity}} {
		if s.Stage >= st.stage {
			*st.reached++
		}
		if s.Said&st.said != 0 {
			*st.outright++
		}
	}
	back := s.sentBack()
	if back || s.Stage >= StageAccepted {
		f.Judged++
	}
	if back {
		f.SentBack++
		switch s.Reason.Info().Kind {
		case SourceFault:
			f.SourceFaults++
		case OtherReason:
			f.NoReason++
		}
	}
	for currency, amount := range s.Revenue {
		if f.Revenue == nil {
			f.Revenue = map[string]int64{}
		}
		f.Revenue[currency] += amount
		f.Paid = bump(f.Paid, currency, 1)
	}
	if l.HasScore {
		f.Scored++
		f.ScoreSum += Billionths(l.Score)
	}
	if s.Rating != 0 {
		f.Rated++
		f.RatingSum += int(s.Rating)
	}
}

// Billionths is a score as it is counted and summed: fine enough to keep apart the probabilities that models give, and coarse
// enough for the scores of ninety million leads in an integer.
func Billionths(score float64) int64 { return int64(math.Round(score * 1e9)) }

// Merge adds the counts of another group k times; -1 takes them away.
func (f *Figures) Merge(g Figures, k int) {
	f.Leads += k * g.Leads
	f.Open += k * g.Open
	f.Rejected += k * g.Rejected
	f.Recycled += k * g.Recycled
	f.Won += k * g.Won
	f.Lost += k * g.Lost
	f.Joined += k * g.Joined
	f.Accepted += k * g.Accepted
	f.SQLs += k * g.SQLs
	f.Opportunities += k * g.Opportunities
	f.SaidAccepted += k * g.SaidAccepted
	f.SaidSQL += k * g.SaidSQL
	f.SaidOpportunity += k * g.SaidOpportunity
	f.Judged += k * g.Judged
	f.SentBack += k * g.SentBack
	f.SourceFaults += k * g.SourceFaults
	f.NoReason += k * g.NoReason
	f.Scored += k * g.Scored
	f.Rated += k * g.Rated
	f.RatingSum += k * g.RatingSum
	f.DisputesOpened += k * g.DisputesOpened
	f.DisputesUpheld += k * g.DisputesUpheld
	f.ScoreSum += int64(k) * g.ScoreSum
	for currency, amount := range g.Revenue {
		if f.Revenue == nil {
			f.Revenue = map[string]int64{}
		}
		f.Revenue[currency] += int64(k) * amount
	}
	for currency, n := range g.Paid {
		f.Paid = bump(f.Paid, currency, k*n)
	}
}

// MeanScore is the mean score of the leads that have one; ok is false where none has.
func (f Figures) MeanScore() (mean float64, ok bool) {
	if f.Scored == 0 {
		return 0, false
	}
	return float64(f.ScoreSum) / 1e9 / float64(f.Scored), true
}

// MeanRating is the mean rating in force (good 3, fair 2, poor 1) of the leads that have one; ok is false where none has.
func (f Figures) MeanRating() (mean float64, ok bool) {
	if f.Rated == 0 {
		return 0, false
	}
	return float64(f.RatingSum) / float64(f.Rated), true
}

// Revenue is what the deals of a lead have brought at asOf, in minor units by currency: the amounts of the deals of which
// won is the outcome in force and counts at this lead. Deals without an amount add nothing.
func Revenue(outcomes []Outcome, asOf time.Time) map[string]int64 {
	var sum map[string]int64
	for i, o := range outcomes {
		if o.Status != Won || !o.HasAmount || o.At.After(asOf) || !o.Counts(asOf) || !inForceOfDeal(outcomes, i, asOf) {
			continue
		}
		if sum == nil {
			sum = map[string]int64{}
		}
		sum[o.Amount.Currency] += o.Amount.Amount
	}
	return sum
}

// inForceOfDeal reports whether outcomes[i] is the one in force among those of its deal.
func inForceOfDeal(outcomes []Outcome, i int, asOf time.Time) bool {
	o := outcomes[i]
	for _, p := range outcomes {
		if p.DealID == o.DealID && !p.At.After(asOf) && p.over(o) && !p.ended(outcomes, asOf) {
			return false
		}
	}
	return true
}

// RatingInForce is the newest rating at asOf: by its own date, or by the date of the row that brought it. Of one moment, see tie.
func RatingInForce(ratings []RatingOf, asOf time.Time) (in RatingOf, ok bool) {
	for _, r := range ratings {
		if r.When().After(asOf) {
			continue
		}
		if !ok || r.When().After(in.When()) || r.When().Equal(in.When()) && r.tie(in) < 0 {
			in, ok = r, true
		}
	}
	return in, ok
}

// EarlyRating is the rating that may be held against the score as a prediction: the owner's, else the first one, among those
// that were given before the lead was won or lost. A rating dated at or after the close, and one without a date in the row
// that closed the lead, is hindsight. An undated one in a row of its own is used; it shows in Facts.Undated.
func EarlyRating(l Lead, ratings []RatingOf, s Standing, asOf time.Time) (early RatingOf, ok bool) {
	closed := s.State == Won || s.State == Lost
	owners := func(r RatingOf) bool {
		return r.Rater != "" && (r.Rater == l.OwnerID || strings.EqualFold(r.Rater, l.Owner)) // an e-mail address has no case
	}
	for _, r := range ratings {
		switch {
		case r.When().After(asOf), r.Hindsight, closed && !r.At.IsZero() && !r.At.Before(s.At):
			continue
		case !ok, owners(r) && !owners(early):
		case owners(r) != owners(early), r.When().After(early.When()), r.When().Equal(early.When()) && r.tie(early) > 0:
			continue
		}
		early, ok = r, true
	}
	return early, ok
}

// tie orders two ratings of one moment, so that the order in which they came does not matter: the raters by name, then one with a
// date of its own before one that only has its row's, foresight before hindsight.
func (r RatingOf) tie(o RatingOf) int {
	trust := func(r RatingOf) int {
		switch {
		case r.Hindsight:
			return 2
		case r.At.IsZero():
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(r.Rater, o.Rater), cmp.Compare(trust(r), trust(o)))
}
