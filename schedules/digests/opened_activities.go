package digests

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"truce"
	"truce/bot/cards"
	"truce/storage"
)

// This file opens what was seen of activities: each figure that Truce counts leads to exactly the leads, meetings or orders of
// it. What a person counted by hand opens to nothing: Truce has no records of it.

const (
	endlessLabel = "Spend without an end"
	endlessHow   = "what activities cost that have begun, are not closed, and whose chain ends in no revenue and no stated motive."
	linkHow      = "leads of the activity's campaigns that qualified since it began, or leads that it engaged since, as they stood at the " +
		"end of the link's day."
)

// opens is a link's name as a figure, and what its button carries.
func (l LinkStudy) opens(a truce.Activity) (label string, arg []string) {
	arg = []string{"n", endsOfActivitiesName, "j", a.ID, "h", l.What, "d", l.Date.String(), "k", strconv.Itoa(l.Place)}
	return fmt.Sprintf("%s · %s by %s", a.Name, linkName(l.ActivityLink), l.Date.Words()), arg
}

// counts are the figures of what the block says.
func (v *ended) counts(p cards.Period) (list []figure) {
	for _, due := range v.due {
		l := due.link
		if !l.SeenByUs {
			continue
		}
		label, arg := l.opens(due.activity)
		f := figure{label: label, how: linkHow, n: l.cases, arg: p.Arg(arg...)}
		if l.Money() {
			f.money = map[string]int64{currencyOf(l.Unit): l.money}
		}
		if list = append(list, f); l.Of > 0 {
			list = append(list, figure{label: label + ", of", how: linkHow, n: l.Of, arg: p.Arg(append(arg, "m", "of")...)})
		}
	}
	if len(v.endless) > 0 {
		f := figure{label: endlessLabel, how: endlessHow, n: len(v.endless), arg: p.Arg("n", endsOfActivitiesName, "m", "endless")}
		if cost := costOf(v.endless); len(cost) > 0 {
			f.money = cost
		}
		list = append(list, f)
	}
	return list
}

// costOf is what activities cost, by currency.
func costOf(list []truce.Activity) map[string]int64 {
	cost := map[string]int64{}
	for _, a := range list {
		if a.HasCost {
			cost[a.Cost.Currency] += a.Cost.Amount
		}
	}
	return cost
}

// activityRows are the records behind what was seen of a link (h, by a day d, at a place k) of an activity (j), those they are counted
// among (m "of"), or the activities without an end.
func (d Maker) activityRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	if where.Get("m") == "endless" {
		return d.endlessRows(tx, r, where)
	}
	v := cards.DrillView{Period: d.period(r)}
	a, err := tx.Activity(where.Get("j"))
	if err != nil {
		return v, err
	}
	s, err := d.links(tx, a, r.AsOf)
	if err != nil {
		return v, err
	}
	i := slices.IndexFunc(s.Links, func(l LinkStudy) bool {
		return l.Due && l.Computed() && l.What == where.Get("h") && l.Date.String() == where.Get("d") &&
			(where.Get("k") == "" || where.Get("k") == strconv.Itoa(l.Place)) // buttons of earlier versions have no place
	})
	if i < 0 { // it was taken back
		return v, errOldButton
	}
	s.Links = s.Links[i : i+1]
	s.Links[0].records = &linkRecords{}
	if s, err = d.seen(tx, s, r.AsOf); err != nil {
		return v, err
	}
	l := s.Links[0]
	v.Title, _ = l.opens(a)
	v.How, v.Of = linkHow, fmt.Sprintf("Seen by %s", l.Date.Words())
	if where.Get("m") == "of" {
		v.Title += ", of"
		d.linkLeads(&v, where, l, l.records.of)
		return v, nil
	}
	if l.Money() {
		v.Money = truce.Money{Amount: l.money, Currency: currencyOf(l.Unit)}.String()
	}
	if l.What == "repeat_revenue" {
		return v, d.linkOrders(tx, &v, where, l.records.orders)
	}
	d.linkLeads(&v, where, l, l.records.cases)
	return v, nil
}

// linkLeads lists leads that a link counts; of meetings a lead as often as it met.
func (d Maker) linkLeads(v *cards.DrillView, where url.Values, l LinkStudy, list []linkCase) {
	slices.Reverse(list)
	var rows []cards.DrillLead
	for _, c := range pageOf(v, "digest.rows", where, list) {
		row := drillLead(c.lead, c.facts)
		if !c.met.IsZero() {
			row.State, row.Reason = "met on "+c.met.In(d.loc()).Format("2 Jan 2006"), ""
		}
		if l.Money() { // other currencies are not what was expected
			row.Money = truce.Money{Amount: c.facts.Revenue[currencyOf(l.Unit)], Currency: currencyOf(l.Unit)}.String()
		}
		rows = append(rows, row)
	}
	v.Table = cards.DrillLeads(rows, d.loc())
}

// linkOrders lists what accounts have ordered again.
func (d Maker) linkOrders(tx *storage.Tx, v *cards.DrillView, where url.Values, list []truce.Sale) error {
	slices.SortStableFunc(list, func(a, b truce.Sale) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.DealID, b.DealID)) })
	var rows []cards.DrillSale
	for _, o := range pageOf(v, "digest.rows", where, list) {
		row, err := drillSale(tx, o)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	v.Table = cards.DrillSales(rows, d.loc(), "")
	return nil
}

// endlessRows are the activities to which nobody has said an end.
func (d Maker) endlessRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	v := cards.DrillView{Period: d.period(r), Title: endlessLabel, How: endlessHow, Of: "Activities"}
	known, err := tx.Activities()
	if err != nil {
		return v, err
	}
	chains, err := tx.ActivityLinks()
	list := slices.DeleteFunc(known, func(a truce.Activity) bool { return !isEndless(a, chains[a.ID], r.AsOf) })
	v.Money = joined(money(costOf(list)))
	var rows []cards.DrillActivity
	for _, a := range pageOf(&v, "digest.rows", where, list) {
		row := cards.DrillActivity{ID: a.ID, Name: a.Name, Began: a.StartsAt}
		if a.HasCost {
			row.Cost = a.Cost.String()
		}
		rows = append(rows, row)
	}
	v.Table = cards.DrillActivities(rows, d.loc())
	return v, err
}
