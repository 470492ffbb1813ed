package digests

import (
	"truce"
	"truce/schedules/stats"
)

// This file writes into the JSON what a digest's sentences claim, so that who reads the one reads what the other says.

// saidJSON is a claim with its date, by docs/digest-json.md.
type saidJSON struct {
	What   string  `json:"what"`
	Source *string `json:"source,omitempty"`
	Says   string  `json:"says"`
	Since  string  `json:"since"`
	Ended  *string `json:"ended"`
	Own    ofJSON  `json:"own"`
	Others ofJSON  `json:"others"`
}

func (t Told) json(what string) saidJSON {
	j := saidJSON{What: what, Says: "lower", Since: t.Since.String(), Own: ofJSON(t.Own), Others: ofJSON(t.Others)}
	if t.Higher {
		j.Says = "higher"
	}
	if t.Ended != (truce.Date{}) {
		ended := t.Ended.String()
		j.Ended = &ended
	}
	return j
}

// claimsJSON are the claims of sources and of all leads over time that hold, and those that ended in the period.
func claimsJSON(s *Study) any {
	if s.Kind == MineDigest {
		return nil
	}
	from, to := truce.DateOf(s.From.In(s.loc)), truce.DateOf(s.To.In(s.loc))
	list := []saidJSON{}
	for _, of := range []struct {
		what string
		told []Told
	}{{"sent_back", s.Claims.SentBack}, {"bought", s.Claims.Bought}} {
		for _, t := range append(current(of.told), endedIn(of.told, from, to)...) {
			j := t.json(of.what)
			j.Source = &t.Name
			list = append(list, j)
		}
	}
	if t := s.Claims.OverTime; t != nil && (t.Ended == (truce.Date{}) || len(endedIn([]Told{*t}, from, to)) > 0) {
		list = append(list, t.json("sent_back_over_time"))
	}
	for _, h := range s.Claims.Half.json(higher, from, to) {
		t := s.Trail.Totals.Figures
		list = append(list, saidJSON{What: "sent_back_over_half", Says: h.Says, Since: h.Since, Ended: h.Ended,
			Own: ofJSON{t.SentBack, t.Judged}})
	}
	return map[string]any{"claims": list}
}

// promiseJSON is a promise by its clocks in the trailing weeks.
type promiseJSON struct {
	Side  string `json:"side"`
	Kind  string `json:"kind"`
	Since string `json:"since,omitempty"`
	partJSON
	Target *float64 `json:"target"`
	Below  bool     `json:"below"`
}

func promisesJSON(s *Study) any {
	list := []promiseJSON{}
	for _, p := range s.Promises {
		j := promiseJSON{Side: string(p.Side), Kind: p.Kind, partJSON: partJSON{ofJSON(p.Kept), proportionJSON(p.Kept)}, Below: p.Missed}
		if p.Target > 0 {
			j.Target = &p.Target
		}
		if p.Missed {
			j.Since = p.Since.String()
		}
		list = append(list, j)
	}
	if len(list) == 0 || s.Kind == MineDigest {
		return nil
	}
	return list
}

// outcomesJSON is what is said of score and ratings, over the year that it is asked of.
type outcomesJSON struct {
	From string `json:"from"`
	To   string `json:"to"`
	*predictivenessJSON
	ScoreOf  *float64   `json:"score_of_both"`
	RatingOf *float64   `json:"rating_of_both"`
	Says     string     `json:"says"`
	Claims   []heldJSON `json:"claims"`
}

func (d Maker) outcomesJSON(s *Study) any {
	if s.Kind == MineDigest || !s.Predict.Paired.OK {
		return nil
	}
	p, held := s.Predict, kept[predicted](s)
	j := outcomesJSON{From: s.PredictOf.From.In(s.loc).Format("2006-01-02"), To: s.PredictOf.To.In(s.loc).Format("2006-01-02"),
		predictivenessJSON: p.json(), Says: map[stats.Verdict]string{stats.Higher: "score", stats.Lower: "rating", stats.TooClose: "too_close",
			stats.TooFew: "too_few"}[held.verdict(p.Verdict(), slightly(p.Paired.Difference))],
		Claims: held.json(func(score bool) string { return map[bool]string{true: "score", false: "rating"}[score] },
			truce.DateOf(s.From.In(s.loc)), truce.DateOf(s.To.In(s.loc)))}
	if p.Paired.A.Shown() {
		j.ScoreOf, j.RatingOf = &p.Paired.A.Area, &p.Paired.B.Area
	}
	return j
}
