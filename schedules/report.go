package schedules

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
)

// Report is what a digest says, in figures. It is a pure function of the data and the moment: the same command gives the
// same bytes. Its JSON is a contract; see docs/digest-json.md.
type Report struct {
	Kind       string
	From, To   time.Time // the leads that qualified in [From, To), midnights of the company's zone
	AsOf       time.Time // later events are not counted
	Location   *time.Location
	Totals     truce.Figures
	BySource   []Group // most leads first, then by name
	ByCampaign []Group
}

// Group is the figures of the leads that share a source or a campaign.
type Group struct {
	Name string // "(none)" for an empty one
	truce.Figures
}

// NewReport reads the leads of a period and counts them by source and campaign.
func NewReport(tx *storage.Tx, kind string, from, to, asOf time.Time, loc *time.Location) (Report, error) {
	r := Report{Kind: kind, From: from, To: to, AsOf: asOf, Location: loc}
	sources, campaigns := map[string]*truce.Figures{}, map[string]*truce.Figures{}
	err := tx.EachLeadCase(from, to, func(c *truce.LeadCase) error {
		var one truce.Figures
		one.Add(*c, asOf)
		r.Totals.Merge(one)
		into(sources, c.Lead.Source).Merge(one)
		into(campaigns, c.Lead.Campaign).Merge(one)
		return nil
	})
	if err != nil {
		return r, err
	}
	r.BySource, r.ByCampaign = groups(sources), groups(campaigns)
	return r, nil
}

func into(m map[string]*truce.Figures, name string) *truce.Figures {
	f := m[truce.SourceName(name)]
	if f == nil {
		f = &truce.Figures{}
		m[truce.SourceName(name)] = f
	}
	return f
}

func groups(m map[string]*truce.Figures) []Group {
	list := make([]Group, 0, len(m))
	for name, f := range m {
		list = append(list, Group{name, *f})
	}
	slices.SortFunc(list, func(a, b Group) int { return cmp.Or(cmp.Compare(b.Leads, a.Leads), cmp.Compare(a.Name, b.Name)) })
	return list
}

// figuresJSON is a group's figures as JSON: counts are integers, rates unrounded fractions, null where they cannot be.
type figuresJSON struct {
	Source         *string          `json:"source,omitempty"`
	Campaign       *string          `json:"campaign,omitempty"`
	Leads          int              `json:"leads"`
	Open           int              `json:"open"`
	Accepted       int              `json:"accepted"`
	Rejected       int              `json:"rejected"`
	SQL            int              `json:"sql"`
	Opportunities  int              `json:"opportunities"`
	Won            int              `json:"won"`
	Lost           int              `json:"lost"`
	Recycled       int              `json:"recycled"`
	Revenue        map[string]int64 `json:"revenue"`
	MeanScore      *float64         `json:"mean_score"`
	MeanRating     *float64         `json:"mean_rating"`
	DisputesOpened int              `json:"disputes_opened"`
	DisputesUpheld int              `json:"disputes_upheld"`
	WinRate        *float64         `json:"win_rate"`
	WinRateLow     *float64         `json:"win_rate_low"`
	WinRateHigh    *float64         `json:"win_rate_high"`
	LeadToWinRate  *float64         `json:"lead_to_win_rate"`
}

func toJSON(f truce.Figures) figuresJSON {
	j := figuresJSON{Leads: f.Leads, Open: f.Open, Accepted: f.Accepted, Rejected: f.Rejected, SQL: f.SQLs, Opportunities: f.Opportunities, Won: f.Won,
		Lost: f.Lost, Recycled: f.Recycled, Revenue: f.Revenue, DisputesOpened: f.DisputesOpened, DisputesUpheld: f.DisputesUpheld}
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
	return j
}

// MarshalJSON writes the report in its documented form.
func (r Report) MarshalJSON() ([]byte, error) {
	rows := func(groups []Group, name func(*figuresJSON, *string)) []figuresJSON {
		list := make([]figuresJSON, len(groups))
		for i, g := range groups {
			list[i] = toJSON(g.Figures)
			name(&list[i], &g.Name)
		}
		return list
	}
	return json.Marshal(struct {
		Kind       string        `json:"kind"`
		From       string        `json:"from"`
		To         string        `json:"to"`
		AsOf       string        `json:"as_of"`
		Totals     figuresJSON   `json:"totals"`
		BySource   []figuresJSON `json:"by_source"`
		ByCampaign []figuresJSON `json:"by_campaign"`
	}{r.Kind, r.day(r.From), r.day(r.To), r.AsOf.UTC().Format(time.RFC3339), toJSON(r.Totals),
		rows(r.BySource, func(j *figuresJSON, s *string) { j.Source = s }), rows(r.ByCampaign, func(j *figuresJSON, s *string) { j.Campaign = s })})
}

// day is a moment as a date of the company's zone where it is a midnight there, else in full.
func (r Report) day(t time.Time) string {
	if l := t.In(r.Location); l.Equal(truce.DateOf(l).At(0, r.Location)) {
		return l.Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339)
}
