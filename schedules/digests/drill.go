package digests

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file answers what people press under a digest: source -> campaigns -> leads, reasons -> leads, a lead.

// request is a card's period as a request, with the period the kind has by itself where none is given.
func (d Maker) request(p cards.Period, by truce.Person) Query {
	return d.Fill(Query{Kind: p.Kind, From: p.From, To: p.To, AsOf: p.AsOf, By: p.By, Person: by, Withheld: p.Withheld})
}

// Digest is the digest of a period for the one who asks.
func (d Maker) Digest(tx *storage.Tx, p cards.Period, by truce.Person) (chat.Card, error) {
	return d.Card(tx, d.request(p, by), false)
}

// Figures is everything behind a digest.
func (d Maker) Figures(tx *storage.Tx, p cards.Period) (chat.Card, error) {
	return d.All(tx, d.request(p, truce.Person{}))
}

// Outcomes is what the outcomes say of score, ratings and verdicts.
func (d Maker) Outcomes(tx *storage.Tx, p cards.Period) (chat.Card, error) {
	s, err := d.Study(tx, d.request(p, truce.Person{}))
	if err != nil {
		return chat.Card{}, err
	}
	if !slices.Contains(firstScreens[s.Kind], &outcomesBlock) { // else it is there
		if err := d.predictedBefore(tx, &s); err != nil {
			return chat.Card{}, err
		}
	}
	v := cards.OutcomesView{Period: d.period(s.Query), Year: s.PredictOf.span(), Predict: d.predictView(&s),
		Deciles: s.deciles(d.period(s.Query))}
	for _, b := range doubtful {
		if b.Gather != nil && !slices.Contains(firstScreens[s.Kind], b) { // else it is there
			if err := b.Gather(d, tx, &s); err != nil {
				return chat.Card{}, err
			}
		}
		v.Doubtful = append(v.Doubtful, b.Figures(d, &s)...)
	}
	return cards.Outcomes(v), nil
}

// listedLeads is how many leads a drill-down shows.
const listedLeads = 20

// Drill is the records behind a figure: step is campaigns, why, leads, rows, or deals (of the ends of quarters); where names the
// source (s), the campaign (c), the reason (r) and the value (v) of the period's attribute they share. They are the leads that the
// rates of the digest rest on.
func (d Maker) Drill(tx *storage.Tx, p cards.Period, by truce.Person, step string, where url.Values) (chat.Card, error) {
	r := d.request(p, by)
	d, err := d.at(tx, minTime(r.To.Add(-time.Millisecond), r.AsOf))
	if err != nil {
		return chat.Card{}, err
	}
	if r.By != "" { // an old button, or a forged one, leads to no table of people either
		if _, _, err := d.tabled(tx, r); err != nil {
			return chat.Card{}, err
		}
	}
	people, err := d.holdsPeople(tx, d.Calendar.Date(r.To).Add(-trailDays).At(0, d.loc()), minTime(r.To, r.AsOf.Add(time.Millisecond)))
	if err == nil {
		err = people.refuse(where)
	}
	if err != nil {
		return chat.Card{}, err
	}
	switch step {
	case "parts":
		return d.byParts(tx, r, where)
	case "deals":
		return d.quarterEndDeals(tx, r)
	case "rows":
		return d.rows(tx, r, where)
	}
	if day := d.Calendar.Date(r.To).Add(-trailDays).At(0, d.loc()); day.Before(r.From) && r.By == "" {
		r.From = day
	}
	o := opening{Maker: d, Query: r, step: step, where: where, period: d.period(r), cohort: newCohort(r.From, r.To),
		reasons: map[truce.Reason]int{},
		bought:  Paid{Name: cmp.Or(where.Get("c"), where.Get("s"))}}
	if err := tx.EachLeadCaseWith(r.By, r.From, minTime(r.To, r.AsOf.Add(time.Millisecond)), o.lead); err != nil {
		return chat.Card{}, err
	}
	people.hide(o.cohort)
	if err := o.more(tx); err != nil {
		return chat.Card{}, err
	}
	v, err := o.view()
	if err != nil {
		return chat.Card{}, err
	}
	return cards.Drill(v), nil
}

// opening is a drill-down being made.
type opening struct {
	Maker
	Query
	step    string
	where   url.Values
	period  cards.Period
	cohort  *Cohort
	leads   []cards.DrillLead
	reasons map[truce.Reason]int
	bought  Paid
}

// lead counts a lead that is asked for, or lists it.
func (o *opening) lead(lc *truce.LeadCase) error {
	l, f := lc.Lead, lc.Facts(o.AsOf)
	back := f.State == truce.Rejected && !f.BySilence
	not := func(key, is string) bool { return o.where.Has(key) && is != o.where.Get(key) }
	if !o.cohort.holds(l.MQLAt) || not("s", truce.SourceName(l.Source)) || not("c", truce.SourceName(l.Campaign)) ||
		o.where.Has("r") && !back || not("r", string(f.Reason)) || not("v", truce.SourceName(attributeOf(l, o.By))) {
		return nil
	}
	if o.bought.Leads++; f.Wins() {
		o.bought.Won++
	}
	if back {
		o.reasons[f.Reason]++
	}
	if o.step == "campaigns" {
		into(o.cohort.campaign, l.Campaign).Count(l, f, 1, o.loc())
		return nil
	}
	o.leads = append(o.leads, drillLead(l, f))
	return nil
}

// more adds the work on the leads of each campaign, and what they cost.
func (o *opening) more(tx *storage.Tx) error {
	if o.step == "campaigns" && !o.Withheld.Sales {
		err := o.worked(tx, o.From, o.To, o.AsOf, func(h storage.HandedOff, w truce.Work) {
			g := o.cohort.campaign[truce.SourceName(h.Campaign)]
			if g != nil && (!o.where.Has("s") || truce.SourceName(h.Source) == o.where.Get("s")) {
				g.Work.Add(w)
			}
		})
		if err != nil {
			return err
		}
	}
	if o.where.Has("r") || o.where.Has("v") {
		return nil
	}
	var err error
	o.bought.Cost, err = o.paidOf(tx, o.Query, o.where.Get("s"), o.where.Get("c"))
	return err
}

// arg is the argument of a button that leads on, with what is asked for so far.
func (o *opening) arg(more ...string) string {
	for _, k := range []string{"s", "c", "r", "v"} {
		if o.where.Has(k) {
			more = append([]string{k, o.where.Get(k)}, more...)
		}
	}
	return o.period.Arg(more...)
}

func (o *opening) view() (cards.DrillView, error) {
	v := cards.DrillView{Period: o.period}
	if len(o.bought.Cost) > 0 {
		v.Bought = o.bought.view().SoFar()
	}
	of := ""
	for _, k := range []string{"s", "c", "v"} {
		if o.where.Has(k) {
			of += " · " + o.where.Get(k)
		}
	}
	switch o.step {
	case "campaigns":
		v.Title = "Campaigns" + of
		v.Table = cards.DrillGroups(pageOf(&v, "digest."+o.step, o.where, o.campaigns()))
	case "why":
		v.Title = "Why Sales said no" + of
		var rows []cards.DrillReason
		for reason, n := range o.reasons {
			i := reason.Info()
			rows = append(rows, cards.DrillReason{Label: cmp.Or(i.Label, "no reason given"), Kind: string(i.Kind), N: n,
				Arg: o.arg("r", string(reason))})
		}
		slices.SortFunc(rows, func(a, b cards.DrillReason) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Label, b.Label)) })
		v.Total, v.Table = len(rows), cards.DrillReasons(rows)
	case "leads":
		v.Title = "Leads" + of
		if o.where.Has("r") {
			v.Title = "Sent back, " + cmp.Or(truce.Reason(o.where.Get("r")).Info().Label, "no reason given") + of
		}
		slices.SortFunc(o.leads, func(a, b cards.DrillLead) int { return cmp.Or(b.MQLAt.Compare(a.MQLAt), cmp.Compare(a.Ref, b.Ref)) })
		v.Table = cards.DrillLeads(pageOf(&v, "digest."+o.step, o.where, o.leads), o.loc())
	default:
		return v, errOldButton
	}
	if o.step != "leads" {
		v.Back = append(v.Back, chat.Press("The leads", "digest.leads", o.arg()))
	}
	if o.step != "why" {
		v.Back = append(v.Back, chat.Press("Why Sales said no", "digest.why", o.arg()))
	}
	return v, nil
}

func (o *opening) campaigns() []cards.DrillGroup {
	var rows []cards.DrillGroup
	for _, g := range ordered(o.cohort.campaign) {
		f := g.Figures
		rows = append(rows, cards.DrillGroup{Name: g.Name, Leads: f.Leads, Judged: f.Judged, Won: f.Won, Due: g.Work.Any(),
			SentBack:  share(stats.Proportion{K: f.SentBack, N: f.Judged}),
			Fault:     share(stats.Proportion{K: f.SourceFaults, N: f.Judged}),
			NotWorked: share(notWorked(g.Work)), Arg: o.arg("n", leadRowsName, "c", g.Name)})
	}
	return rows
}
