package schedules

import (
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// Digests makes the reports that people get. It only reads: what is to be sent is written down by the jobs.
type Digests struct {
	Calendar truce.Calendar // the company's zone cuts days and weeks
	Targets  Targets
}

// Targets are what the sides have promised each other, for the summary of promises. Zero is no promise.
type Targets struct {
	LeadsPerQuarter int     // by Marketing
	ICPShare        float64 // of the leads inside the ideal customer profile
	InTimeShare     float64 // of first touches, verdicts and answers in time
}

// Request says which report, over which leads, as of when.
type Request struct {
	Kind     string
	From, To time.Time // leads that qualified in [From, To); zero is the period the kind has by itself
	AsOf     time.Time
	Person   truce.Person // of a personal report; else whoever asked
}

func (d Digests) loc() *time.Location {
	if d.Calendar.Loc == nil {
		return time.UTC
	}
	return d.Calendar.Loc
}

// Fill sets the period a kind has by itself where none was given: the last whole week before AsOf, the last whole month for
// the sponsor, 13 weeks for a person.
func (d Digests) Fill(r Request) Request {
	week := func(n int) time.Time { return d.Calendar.Week(r.AsOf, n) }
	from, to := week(-1), week(0)
	switch r.Kind {
	case MineDigest:
		from = week(-13)
	case MonthlyDigest:
		day := d.Calendar.Date(r.AsOf)
		to = truce.Date{Year: day.Year, Month: day.Month, Day: 1}.At(0, d.loc())
		before := truce.DateOf(to.In(d.loc())).Add(-1)
		from = truce.Date{Year: before.Year, Month: before.Month, Day: 1}.At(0, d.loc())
	}
	switch {
	case r.From.IsZero() && r.To.IsZero():
		r.From, r.To = from, to
	case r.From.IsZero():
		r.From = d.Calendar.Date(r.To).Add(-7).At(0, d.loc())
	case r.To.IsZero():
		r.To = d.Calendar.Date(r.AsOf).Add(1).At(0, d.loc())
	}
	return r
}

// Report is the figures of a request.
func (d Digests) Report(tx *storage.Tx, r Request) (Report, error) {
	r = d.Fill(r)
	if r.Kind == MineDigest {
		return NewPersonalReport(tx, r.Person, r.From, r.To, r.AsOf, d.loc())
	}
	return NewReport(tx, r.Kind, r.From, r.To, r.AsOf, d.loc())
}

// Card is the report of a request as its reader sees it.
func (d Digests) Card(tx *storage.Tx, r Request) (chat.Card, error) {
	r = d.Fill(r)
	report, err := d.Report(tx, r)
	if err != nil {
		return chat.Card{}, err
	}
	if report.Totals.Leads == 0 && r.Kind != MineDigest {
		first, last, ok, err := tx.LeadSpan()
		if err != nil {
			return chat.Card{}, err
		}
		return cards.NoLeads(cards.Period{Kind: r.Kind, From: r.From, To: r.To, AsOf: r.AsOf, Loc: d.loc()}, first, last, ok), nil
	}
	return cards.LeadsDigest(d.leadsView(report)), nil
}
