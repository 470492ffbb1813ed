package digests

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"truce"
	"truce/schedules/stats"
)

// This file writes a report as JSON, by docs/digest-json.md. Counts are integers and 0 is a count; rates are unrounded
// fractions, null where they cannot be.

type reportJSON struct {
	Kind           string              `json:"kind"`
	From           string              `json:"from"`
	To             string              `json:"to"`
	AsOf           string              `json:"as_of"`
	Totals         figuresJSON         `json:"totals"`
	BySource       []figuresJSON       `json:"by_source"`
	ByCampaign     []figuresJSON       `json:"by_campaign"`
	ByAttribute    []figuresJSON       `json:"by_attribute,omitempty"`
	Predictiveness *predictivenessJSON `json:"predictiveness,omitempty"`
	Earned         *earnedJSON         `json:"earned,omitempty"`
	InsideICP      *ofJSON             `json:"inside_icp,omitempty"`
	QuarterEnds    *quarterEndsJSON    `json:"quarter_ends,omitempty"`
	Changes        []changeJSON        `json:"changes,omitempty"`
	Waiting        *[]waitingJSON      `json:"waiting,omitempty"`
	Withheld       []string            `json:"withheld,omitempty"`
}

type figuresJSON struct {
	Source         *string             `json:"source,omitempty"`
	Campaign       *string             `json:"campaign,omitempty"`
	Attribute      string              `json:"attribute,omitempty"`
	Value          *string             `json:"value,omitempty"`
	Leads          int                 `json:"leads"`
	Open           int                 `json:"open"`
	Accepted       int                 `json:"accepted"`
	Rejected       int                 `json:"rejected"`
	SQL            int                 `json:"sql"`
	Opportunities  int                 `json:"opportunities"`
	Won            int                 `json:"won"`
	Lost           int                 `json:"lost"`
	Recycled       int                 `json:"recycled"`
	Joined         int                 `json:"joined,omitempty"`
	Revenue        map[string]int64    `json:"revenue"`
	MeanScore      *float64            `json:"mean_score"`
	MeanRating     *float64            `json:"mean_rating"`
	DisputesOpened int                 `json:"disputes_opened"`
	DisputesUpheld int                 `json:"disputes_upheld"`
	WinRate        *float64            `json:"win_rate"`
	WinRateLow     *float64            `json:"win_rate_low"`
	WinRateHigh    *float64            `json:"win_rate_high"`
	LeadToWinRate  *float64            `json:"lead_to_win_rate"`
	WinWithin      map[string]rateJSON `json:"win_within"`
	Cost           map[string]int64    `json:"cost,omitempty"`
	CostPerWon     map[string]float64  `json:"cost_per_won,omitempty"`
	NotWorked      *notWorkedJSON      `json:"not_worked,omitempty"`
}

// notWorkedJSON is null but for n 0 where it is not measured.
type notWorkedJSON struct {
	K *int `json:"k"`
	N int  `json:"n"`
	rateJSON
}

type rateJSON struct {
	Rate *float64 `json:"rate"`
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
}

type areaJSON struct {
	N    int      `json:"n"`
	AUC  *float64 `json:"auc"`
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
}

type contestJSON struct {
	N          int      `json:"n"`
	Difference *float64 `json:"difference"`
	Low        *float64 `json:"low"`
	High       *float64 `json:"high"`
	P          *float64 `json:"p"`
}

type predictivenessJSON struct {
	Score  areaJSON    `json:"score"`
	Rating areaJSON    `json:"rating"`
	Paired contestJSON `json:"paired"`
}

type changeJSON struct {
	At     string `json:"at"`
	Key    string `json:"key"`
	Name   string `json:"name"`
	Was    string `json:"was"`
	Became string `json:"became"`
}

type waitingJSON struct {
	Kind    string  `json:"kind"`
	Subject string  `json:"subject"`
	Due     *string `json:"due"` // null where no time runs
	Overdue bool    `json:"overdue"`
	Paused  string  `json:"paused,omitempty"`
}

func groupJSON(g *Group) figuresJSON {
	f := g.Figures
	j := figuresJSON{Leads: f.Leads, Open: f.Open, Accepted: f.Accepted, Rejected: f.Rejected, SQL: f.SQLs, Opportunities: f.Opportunities,
		Won:  f.Won,
		Lost: f.Lost, Joined: f.Joined, Recycled: f.Recycled, Revenue: f.Revenue, DisputesOpened: f.DisputesOpened,
		DisputesUpheld: f.DisputesUpheld}
	if j.Revenue == nil {
		j.Revenue = map[string]int64{}
	}
	if m, ok := f.MeanScore(); ok {
		j.MeanScore = &m
	}
	if m, ok := f.MeanRating(); ok {
		j.MeanRating = &m
	}
	if closed := (stats.Proportion{K: f.Won, N: f.Won + f.Lost}); closed.N > 0 {
		rate, i := closed.Rate(), closed.Interval()
		j.WinRate, j.WinRateLow, j.WinRateHigh = &rate, &i.Low, &i.High
	}
	if f.Leads > 0 {
		rate := float64(f.Won) / float64(f.Leads)
		j.LeadToWinRate = &rate
	}
	if g.Work.Any() {
		p := notWorked(g.Work)
		if j.NotWorked = (&notWorkedJSON{N: p.N, rateJSON: proportionJSON(p)}); p.N > 0 {
			j.NotWorked.K = &p.K
		}
	}
	j.WinWithin = map[string]rateJSON{}
	incidence := g.Incidence()
	for _, days := range stats.WinHorizons() {
		var r rateJSON
		if e := incidence.At(float64(days)); e.Known {
			r = rateJSON{&e.Rate, &e.Interval.Low, &e.Interval.High}
		}
		j.WinWithin[strconv.Itoa(days)] = r
	}
	return j
}

func (j *figuresJSON) cost(amounts map[string]int64) {
	j.Cost, j.CostPerWon = amounts, costPerWon(amounts, j.Won)
}

// proportionJSON is a proportion with its interval, nothing of none.
func proportionJSON(p stats.Proportion) rateJSON {
	if p.N == 0 {
		return rateJSON{}
	}
	rate, i := p.Rate(), p.Interval()
	return rateJSON{&rate, &i.Low, &i.High}
}

func (p Predictiveness) json() *predictivenessJSON {
	area := func(a Area) areaJSON {
		if !a.OK {
			return areaJSON{N: a.N}
		}
		return areaJSON{a.N, &a.Area, &a.Interval.Low, &a.Interval.High}
	}
	j := &predictivenessJSON{Score: area(p.Score), Rating: area(p.Rating), Paired: contestJSON{N: p.Paired.N}}
	if c := p.Paired; c.OK {
		j.Paired = contestJSON{c.N, &c.Difference, &c.Interval.Low, &c.Interval.High, &c.P}
	}
	return j
}

// MarshalJSON writes the report in its documented form.
func (r Report) MarshalJSON() ([]byte, error) {
	rows := func(groups []*Group, costs map[string]map[string]int64, name func(*figuresJSON, *string)) []figuresJSON {
		list := make([]figuresJSON, len(groups))
		for i, g := range groups {
			list[i] = groupJSON(g)
			list[i].cost(costs[g.Name])
			name(&list[i], &g.Name)
		}
		return list
	}
	j := reportJSON{Kind: r.Kind, From: r.day(r.From), To: r.day(r.To), AsOf: r.AsOf.UTC().Format(time.RFC3339Nano),
		Totals:     groupJSON(r.Totals),
		BySource:   rows(r.BySource(), r.Costs.BySource, func(j *figuresJSON, s *string) { j.Source = s }),
		ByCampaign: rows(r.ByCampaign(), r.Costs.ByCampaign, func(j *figuresJSON, s *string) { j.Campaign = s })}
	if a := r.Attribute; a != nil {
		j.ByAttribute = rows(a.Groups, nil, func(j *figuresJSON, s *string) { j.Attribute, j.Value = a.Name, s })
	}
	j.Totals.cost(r.Costs.All)
	j.Withheld = r.Withheld.Names()
	if r.Kind == MineDigest {
		list := []waitingJSON{}
		for _, w := range r.Waiting {
			j := waitingJSON{Kind: string(w.Kind), Subject: w.Subject, Paused: string(w.Why)}
			if w.Why == truce.NoPause {
				due := w.DueAt.UTC().Format(time.RFC3339)
				j.Due, j.Overdue = &due, w.DueAt.Before(r.AsOf)
			}
			list = append(list, j)
		}
		j.Waiting = &list
	} else {
		j.Predictiveness = r.Predict.json()
		if r.Earned != nil {
			j.Earned = r.Earned.json()
		}
		if r.ICP.N > 0 {
			inside := ofJSON(r.ICP)
			j.InsideICP = &inside
		}
		for _, c := range r.Changes {
			j.Changes = append(j.Changes, changeJSON{c.At.UTC().Format(time.RFC3339Nano), c.Key, c.Name, c.Was, c.Became})
		}
		if r.Ends != nil {
			j.QuarterEnds = r.Ends.json(r.day, truce.DateOf(r.From.In(r.Location)), truce.DateOf(r.To.In(r.Location)))
		}
	}
	text, err := json.Marshal(j)
	for _, p := range r.Parts {
		says, e := json.Marshal(map[string]any{p.Name: p.Says})
		if err = errors.Join(err, e); err == nil {
			text = append(append(text[:len(text)-1], ','), says[1:]...)
		}
	}
	return text, err
}

// day is a moment as a date of the company's zone where it is a midnight there, else in full.
func (r Report) day(t time.Time) string {
	if l := t.In(r.Location); l.Equal(truce.DateOf(l).At(0, r.Location)) {
		return l.Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339)
}
