package ideal

import (
	"encoding/json"
	"slices"
	"time"

	"truce"
	"truce/schedules/stats"
)

// The JSON of this file is a contract, see docs/icp.md.

const dayForm, momentForm = time.DateOnly, "2006-01-02T15:04:05.999Z07:00"

type rateJSON struct {
	K    int      `json:"k"`
	N    int      `json:"n"`
	Rate *float64 `json:"rate"` // null of nothing
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
}

func rate(p stats.Proportion) rateJSON {
	j := rateJSON{K: p.K, N: p.N}
	if p.N > 0 {
		r, i := p.Rate(), p.Interval()
		j.Rate, j.Low, j.High = &r, &i.Low, &i.High
	}
	return j
}

type rowJSON struct {
	Leads     int              `json:"leads"`
	Share     rateJSON         `json:"share"`
	Won       int              `json:"won"`
	Lost      int              `json:"lost"`
	WinRate   rateJSON         `json:"win_rate"`
	LeadToWin rateJSON         `json:"lead_to_win"`
	SentBack  rateJSON         `json:"sent_back"`
	Revenue   map[string]int64 `json:"revenue"`
	Repeat    rateJSON         `json:"repeat"`
}

// JSON is the replay as a document. Days are those of loc.
func (r Replay) JSON(loc *time.Location) ([]byte, error) {
	row := func(i int) rowJSON {
		row := r.Rows[i]
		return rowJSON{Leads: row.Leads, Share: rate(r.Share(row)), Won: row.Won, Lost: row.Lost, WinRate: rate(row.WinRate()),
			LeadToWin: rate(row.LeadToWin()),
			SentBack:  rate(row.Back()), Revenue: row.Revenue, Repeat: rate(row.Repeat)}
	}
	type against struct {
		BecameInside  *int `json:"became_inside"` // null where no profile is in force
		BecameOutside *int `json:"became_outside"`
	}
	doc := struct {
		Profile    truce.Profile `json:"profile"`
		From       string        `json:"from"`
		To         string        `json:"to"`
		AsOf       string        `json:"as_of"`
		Leads      int           `json:"leads"`
		KnownLater int           `json:"known_later"`
		Inside     rowJSON       `json:"inside"`
		Outside    rowJSON       `json:"outside"`
		Unknown    rowJSON       `json:"unknown"`
		Against    against       `json:"against_in_force"`
		Refused    []string      `json:"refused_customers"`
	}{Profile: r.Profile, From: r.From.In(loc).Format(dayForm), To: r.To.In(loc).Format(dayForm), AsOf: r.AsOf.UTC().Format(momentForm),
		Leads: r.Leads, KnownLater: r.KnownLater,
		Inside: row(0), Outside: row(1), Unknown: row(2), Refused: append([]string{}, r.Refused...)}
	if r.Against != nil {
		doc.Against = against{&r.Against.BecameInside, &r.Against.BecameOutside}
	}
	return json.MarshalIndent(doc, "", "  ")
}

type halfJSON struct {
	K1         int      `json:"k1"`
	N1         int      `json:"n1"`
	K0         int      `json:"k0"`
	N0         int      `json:"n0"`
	Difference *float64 `json:"difference"` // null where a side is empty
	Low        *float64 `json:"low"`
	High       *float64 `json:"high"`
	Q          *float64 `json:"q"`
}

func half(h Half) halfJSON {
	j := halfJSON{K1: h.With.K, N1: h.With.N, K0: h.Without.K, N0: h.Without.N}
	if h.Tested {
		j.Difference, j.Low, j.High, j.Q = &h.Difference, &h.Interval.Low, &h.Interval.High, &h.Q
	}
	return j
}

// JSON is the evidence as a document.
func (e Evidence) JSON() ([]byte, error) {
	type value struct {
		Attribute string      `json:"attribute"`
		Value     string      `json:"value"`
		Older     halfJSON    `json:"older"`
		Newer     halfJSON    `json:"newer"`
		Verdict   HalfVerdict `json:"verdict"`
		Within    string      `json:"not_within,omitempty"`
	}
	doc := struct {
		AsOf   string   `json:"as_of"`
		Values []value  `json:"values"`
		Left   []string `json:"left_out,omitempty"`
	}{AsOf: e.AsOf.UTC().Format(momentForm), Values: []value{}, Left: append(slices.Clone(e.People), e.Unsure...)}
	for _, v := range e.Values {
		doc.Values = append(doc.Values, value{v.Attribute, v.Value, half(v.Older), half(v.Newer), v.Verdict, v.Within})
	}
	return json.MarshalIndent(doc, "", "  ")
}
