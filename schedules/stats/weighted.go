package stats

// Sample is some of one week, place or kind, drawn of Of.
type Sample struct {
	Proportion
	Of int
}

// Weighted is the share of all that samples were drawn of: each sample counts for as many as it was drawn of, not for as many as were
// drawn (Horvitz and Thompson, JASA 1952;47:663-685). The interval is Wilson's for Kish's effective number of observations
// (sum of weights squared over sum of squares; Survey Sampling, 1965, 11.7), which is n where all weigh the same. N is how many
// were observed.
type Weighted struct {
	K, N             int
	Share, Low, High float64
}

// NewWeighted weighs samples; those without an observation tell nothing and are left out.
func NewWeighted(list []Sample) Weighted {
	var w Weighted
	var sum, squares, yes float64
	for _, s := range list {
		if s.N == 0 {
			continue
		}
		each := float64(max(s.Of, s.N)) / float64(s.N)
		w.K, w.N = w.K+s.K, w.N+s.N
		sum += each * float64(s.N)
		squares += each * each * float64(s.N)
		yes += each * float64(s.K)
	}
	if w.N == 0 {
		w.High = 1
		return w
	}
	w.Share = yes / sum
	i := score(w.Share, sum*sum/squares)
	w.Low, w.High = i.Low, i.High
	if w.K == 0 {
		w.Low = 0
	}
	if w.K == w.N {
		w.High = 1
	}
	return w
}
