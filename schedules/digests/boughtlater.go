package digests

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is the block of leads that Sales sent back and that bought later: recycled and won, to the credit of both sides. It
// stands beside the rejections that proved wrong, which are fewer: those were for a source fault, and the lead became an
// opportunity within truce.WrongWithin.

// boughtLater is what of a year of leads was sent back and bought later.
type boughtLater struct {
	Back  int // leads that somebody sent back at some time, whatever came of them
	Leads []boughtLead
	Money map[string]int64 // minor units by currency; a deal that two of the leads name counts once
}

// boughtLead is one of those that bought.
type boughtLead struct {
	Lead    truce.Lead
	Revenue map[string]int64
	At      time.Time // when it was won
}

const (
	boughtLaterLabel = "Sent back and bought later"
	boughtLaterHow   = "leads of a year that somebody at Sales sent back for whatever reason and that are won since, however long it took, " +
		"of all leads of that year ever sent back. " +
		"Both sides made these sales: Marketing found the lead, Sales sold to it."
)

var boughtLaterBlock = Block{
	Name: backRowsName,
	How:  []cards.Definition{{Label: boughtLaterLabel, How: boughtLaterHow}},
	Gather: func(d Maker, tx *storage.Tx, s *Study) (err error) {
		*kept[boughtLater](s), err = readBoughtLater(tx, s.PredictOf.From, s.PredictOf.To, s.AsOf)
		return err
	},
	Card: func(d Maker, s *Study) []chat.Block {
		if len(kept[boughtLater](s).Leads) == 0 {
			return nil
		}
		return cards.BoughtLater(d.boughtLaterView(s))
	},
	Figures: func(d Maker, s *Study) []chat.Block {
		if kept[boughtLater](s).Back == 0 {
			return nil
		}
		return cards.BoughtLater(d.boughtLaterView(s))
	},
	JSON: func(_ Maker, s *Study) any {
		b := kept[boughtLater](s)
		j := struct {
			ofJSON
			rateJSON
			Revenue map[string]int64 `json:"revenue"`
		}{ofJSON{len(b.Leads), b.Back}, proportionJSON(stats.Proportion{K: len(b.Leads), N: b.Back}), b.Money}
		if j.Revenue == nil {
			j.Revenue = map[string]int64{}
		}
		return j
	},
	Counts: func(d Maker, s *Study) []figure {
		b, p := kept[boughtLater](s), within(d.period(s.Query), s.PredictOf)
		list := []figure{{label: "Sent back by now", how: "leads of a year that somebody at Sales sent back at some time, whatever came of them.",
			n: b.Back, arg: p.Arg("n", backRowsName, "m", "back")},
			{label: boughtLaterLabel, how: boughtLaterHow, n: len(b.Leads), arg: p.Arg("n", backRowsName)}}
		if len(b.Money) > 0 {
			list = append(list, figure{label: cards.MoneyLabel + ", " + strings.ToLower(boughtLaterLabel),
				how: "a deal that two of the leads name counts once.", n: len(b.Leads), money: b.Money, arg: p.Arg("n", backRowsName)})
		}
		return list
	},
	Rows: func(d Maker, tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
		if where.Get("m") == "back" {
			return d.everSentBack(tx, r, where)
		}
		b, err := readBoughtLater(tx, r.From, r.To, r.AsOf)
		v := cards.DrillView{Period: d.period(r), Title: boughtLaterLabel, How: boughtLaterHow, Money: joined(money(b.Money))}
		var rows []cards.DrillLead
		for _, l := range pageOf(&v, "digest.rows", where, b.Leads) {
			rows = append(rows, cards.DrillLead{Ref: l.Lead.Ref, Title: l.Lead.Title(), MQLAt: l.Lead.MQLAt, Score: l.Lead.Score,
				HasScore: l.Lead.HasScore, State: string(truce.Won),
				Money: joined(money(l.Revenue))})
		}
		v.Table = cards.DrillLeads(rows, d.loc())
		return v, err
	},
}

func (d Maker) boughtLaterView(s *Study) cards.BoughtLaterView {
	b := kept[boughtLater](s)
	p := d.period(s.Query)
	v := cards.BoughtLaterView{Period: p, Year: s.PredictOf.span(), Bought: len(b.Leads), Back: b.Back, Money: roughly(b.Money)}
	if len(b.Leads) > 0 {
		of := p
		of.From, of.To = s.PredictOf.From, s.PredictOf.To
		button := toRows(backRowsName, boughtLaterLabel, of)
		v.Rows = &button
	}
	return v
}

// readBoughtLater reads the leads that qualified in [from, to), were sent back by asOf and are won at asOf; the newest first.
func readBoughtLater(tx *storage.Tx, from, to, asOf time.Time) (b boughtLater, err error) {
	back, ids, err := tx.SentBackAndWon(from, minTime(to, asOf.Add(time.Millisecond)), asOf)
	if err != nil {
		return b, err
	}
	b.Back = back
	deals := map[string]bool{}
	for _, id := range ids {
		f, err := tx.LeadFile(id)
		if err != nil {
			return b, err
		}
		st := truce.Stand(f.Outcomes, asOf)
		if st.State != truce.Won {
			continue
		}
		own := boughtLead{Lead: f.Lead, Revenue: truce.Revenue(f.Outcomes, asOf), At: st.At}
		b.Leads = append(b.Leads, own)
		counted := slices.DeleteFunc(slices.Clone(f.Outcomes), func(o truce.Outcome) bool { return o.DealID != "" && deals[o.DealID] })
		for _, o := range f.Outcomes {
			deals[o.DealID] = o.DealID != ""
		}
		for currency, amount := range truce.Revenue(counted, asOf) {
			if b.Money == nil {
				b.Money = map[string]int64{}
			}
			b.Money[currency] += amount
		}
	}
	slices.SortFunc(b.Leads, func(x, y boughtLead) int {
		return cmp.Or(y.Lead.MQLAt.Compare(x.Lead.MQLAt), cmp.Compare(x.Lead.Ref, y.Lead.Ref))
	})
	return b, nil
}

// everSentBack are the leads of a request that somebody sent back at some time.
func (d Maker) everSentBack(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	v := cards.DrillView{Period: d.period(r), Title: "Sent back by now",
		How: "leads that somebody at Sales sent back at some time, whatever came of them."}
	var rows []cards.DrillLead
	err := tx.EachLeadCase(r.From, minTime(r.To, r.AsOf.Add(time.Millisecond)), func(lc *truce.LeadCase) error {
		if slices.ContainsFunc(lc.Outcomes, func(o truce.Outcome) bool {
			return o.Status == truce.Rejected && o.Origin != truce.FromSilence && !o.At.After(r.AsOf)
		}) {
			rows = append(rows, drillLead(lc.Lead, lc.Facts(r.AsOf)))
		}
		return nil
	})
	slices.Reverse(rows)
	v.Table = cards.DrillLeads(pageOf(&v, "digest.rows", where, rows), d.loc())
	return v, err
}
