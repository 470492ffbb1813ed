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
func (d Maker) request(p cards.Period, by truce.Person) Request {
	return d.Fill(Request{Kind: p.Kind, From: p.From, To: p.To, AsOf: p.AsOf, By: p.By, Person: by, Withheld: p.Withheld})
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
	v := cards.OutcomesView{Period: d.period(s.Request), Year: s.PredictOf.span(), Predict: d.predictView(&s), Deciles: s.deciles(d.period(s.Request))}
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

// Drill is the records behind a figure: step is campaigns, why, leads, or deals (of the ends of quarters); where names the source (s), the campaign (c), the
// reason (r) and the value (v) of the period's attribute they share. They are the leads that the rates of the digest rest on.
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
	case "deals":
		return d.quarterEndDeals(tx, r)
	case "rows":
		return d.rows(tx, r, where)
	}
	if day := d.Calendar.Date(r.To).Add(-trailDays).At(0, d.loc()); day.Before(r.From) && r.By == "" {
		r.From = day
	}
	p = d.period(r)
	v := cards.DrillView{Period: p}
	c := newCohort(r.From, r.To)
	var leads []cards.DrillLead
	reasons := map[truce.Reason]int{}
	bought := Paid{Name: cmp.Or(where.Get("c"), where.Get("s"))}
	err = tx.EachLeadCaseWith(r.By, r.From, minTime(r.To, r.AsOf.Add(time.Millisecond)), func(lc *truce.LeadCase) error {
		l, f := lc.Lead, lc.Facts(r.AsOf)
		back := f.State == truce.Rejected && !f.BySilence
		if !c.holds(l.MQLAt) || where.Has("s") && truce.SourceName(l.Source) != where.Get("s") || where.Has("c") && truce.SourceName(l.Campaign) != where.Get("c") ||
			where.Has("r") && (!back || string(f.Reason) != where.Get("r")) || where.Has("v") && truce.SourceName(attributeOf(l, r.By)) != where.Get("v") {
			return nil
		}
		if bought.Leads++; f.Wins() {
			bought.Won++
		}
		if back {
			reasons[f.Reason]++
		}
		if step == "campaigns" {
			into(c.campaign, l.Campaign).Count(l, f, 1, d.loc())
			return nil
		}
		leads = append(leads, drillLead(l, f))
		return nil
	})
	if err != nil {
		return chat.Card{}, err
	}
	people.hide(c)
	if step == "campaigns" && !r.Withheld.Sales {
		err = d.worked(tx, r.From, r.To, r.AsOf, func(h storage.HandedOff, w truce.Work) {
			if g := c.campaign[truce.SourceName(h.Campaign)]; g != nil && (!where.Has("s") || truce.SourceName(h.Source) == where.Get("s")) {
				g.Work.Add(w)
			}
		})
		if err != nil {
			return chat.Card{}, err
		}
	}
	if !where.Has("r") && !where.Has("v") {
		if bought.Cost, err = d.paidOf(tx, r, where.Get("s"), where.Get("c")); err != nil {
			return chat.Card{}, err
		}
		if len(bought.Cost) > 0 {
			v.Bought = bought.view().SoFar()
		}
	}
	of := ""
	for _, k := range []string{"s", "c", "v"} {
		if where.Has(k) {
			of += " · " + where.Get(k)
		}
	}
	arg := func(more ...string) string {
		for _, k := range []string{"s", "c", "r", "v"} {
			if where.Has(k) {
				more = append([]string{k, where.Get(k)}, more...)
			}
		}
		return p.Arg(more...)
	}
	switch step {
	case "campaigns":
		v.Title = "Campaigns" + of
		var rows []cards.DrillGroup
		for _, g := range ordered(c.campaign) {
			f := g.Figures
			rows = append(rows, cards.DrillGroup{Name: g.Name, Leads: f.Leads, Judged: f.Judged, SentBack: share(stats.Proportion{K: f.SentBack, N: f.Judged}), Fault: share(stats.Proportion{K: f.SourceFaults, N: f.Judged}), Won: f.Won, Due: g.Work.Any(),
				NotWorked: share(notWorked(g.Work)), Arg: arg("n", leadRowsName, "c", g.Name)})
		}
		v.Table = cards.DrillGroups(pageOf(&v, "digest."+step, where, rows))
	case "why":
		v.Title = "Why Sales said no" + of
		var rows []cards.DrillReason
		for reason, n := range reasons {
			i := reason.Info()
			rows = append(rows, cards.DrillReason{Label: cmp.Or(i.Label, "no reason given"), Kind: string(i.Kind), N: n, Arg: arg("r", string(reason))})
		}
		slices.SortFunc(rows, func(a, b cards.DrillReason) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Label, b.Label)) })
		v.Total, v.Table = len(rows), cards.DrillReasons(rows)
	case "leads":
		v.Title = "Leads" + of
		if where.Has("r") {
			v.Title = "Sent back, " + cmp.Or(truce.Reason(where.Get("r")).Info().Label, "no reason given") + of
		}
		slices.SortFunc(leads, func(a, b cards.DrillLead) int { return cmp.Or(b.MQLAt.Compare(a.MQLAt), cmp.Compare(a.Ref, b.Ref)) })
		v.Table = cards.DrillLeads(pageOf(&v, "digest."+step, where, leads), d.loc())
	default:
		return chat.Card{}, errOldButton
	}
	if step != "leads" {
		v.Back = append(v.Back, chat.Press("The leads", "digest.leads", arg()))
	}
	if step != "why" {
		v.Back = append(v.Back, chat.Press("Why Sales said no", "digest.why", arg()))
	}
	return cards.Drill(v), nil
}
