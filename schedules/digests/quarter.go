package digests

import (
	"cmp"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file asks what the ends of quarters go with: whether more of what is won then is outside the ideal customer profile, and
// whether customers outside it buy again.

// endsBlock is the finding, where it may be said unasked, on the first screens of managers and sponsor; both comparisons among all
// figures.
var endsBlock = Block{
	Name:     endRowsName,
	Compares: true,
	How: []cards.Definition{
		{Label: "Quarter ends", How: "won deals outside the ideal customer profile, of those of which it is known, closed on one of the last " +
			"14 days of a calendar quarter against those closed on other days, in this quarter and the eight before it; and customers won at " +
			"least 180 days ago that bought again within 180 days, outside and inside. Goes with, not because of: product lines and seasons are " +
			"not taken out."},
	},
	Gather: func(d Maker, tx *storage.Tx, s *Study) error {
		if s.whole {
			return d.ends(tx, s)
		}
		return d.endsAtOnce(tx, s)
	},
	Card: func(d Maker, s *Study) []chat.Block {
		if v := d.endsView(s); v.Clear {
			return cards.QuarterEnd(v, d.period(s.Query))
		}
		return nil
	},
	Buttons: func(d Maker, s *Study) []chat.Button {
		if s.Ends.Clear() {
			return []chat.Button{cards.QuarterEndButton(d.period(s.Query))}
		}
		return nil
	},
	Figures: func(d Maker, s *Study) []chat.Block {
		return cards.QuarterEnds(d.endsView(s), d.period(s.Query))
	},
	Rows: Maker.endRows,
	Counts: func(d Maker, s *Study) []figure {
		if !s.Ends.Clear() {
			return nil
		}
		return endFigures(s.Ends, d.period(s.Query))
	},
}

// QuarterEnds holds the deals won in the last two weeks of a quarter against those won on its other days, and the customers outside
// the ideal customer profile against those inside. Both comparisons are one family, of those of them that have stats.MinRate on
// each side; nothing is claimed below that, under five points or above the level of claims.go (stats.Compare) at a weekly look, and what
// was claimed stays so until it differs by less than five points (held.go).
// A difference goes with the end of a quarter and need not come of it; product lines and seasons are not taken out.
type QuarterEnds struct {
	From, To time.Time // the deals closed in it: the quarter that the report's period ends in, and quartersBack before it

	// Wins: won deals outside the profile, of those of which it is known (ideal.Judge.SaleFits). A: closed on one of the last
	// truce.QuarterEndDays days of a calendar quarter of the company's zone (truce.Date.EndsQuarter); B: closed on another day.
	Wins stats.Comparison
	// Repeat: accounts that have bought again, of all those won long enough ago to tell (storage.Tx.Repeats, truce.Repeats), by
	// the same word on the profile. A: outside; B: inside.
	Repeat stats.Comparison

	held, repeatHeld holds // what was claimed of both at weekly looks; the verdicts above are what still is
}

// Clear reports whether the end of a quarter differs from other days so that a first screen says it unasked.
func (q QuarterEnds) Clear() bool {
	return q.Wins.Verdict == stats.Higher || q.Wins.Verdict == stats.Lower
}

// quartersBack is how many whole quarters are looked at: two years, so that each season is in it twice.
const quartersBack = 8

// quarterEnds reads what the ends of quarters up to a moment go with, at it and at the weekly looks before. The cost grows with the deals
// won in four years.
func (d Maker) quarterEnds(tx *storage.Tx, to, asOf time.Time, repeats []storage.AccountRepeat) (q QuarterEnds, err error) {
	looks := mondaysUntil(d.Calendar.Date(minTime(to, asOf)))
	later := mondaysUntil(d.Calendar.Date(asOf)) // who bought again is counted as of asOf, whenever the period ended
	first, _ := d.quarters(looks.first.At(0, d.loc()), asOf)
	q.From, q.To = d.quarters(to, asOf)
	won, fits, err := d.quarterWins(tx, minTime(first, q.From), q.To, asOf)
	if err != nil {
		return q, err
	}
	customers := make([]truce.Sale, len(repeats))
	for i, r := range repeats {
		customers[i].Account = r.Account
	}
	again, err := d.saleFits(tx, customers, asOf)
	if err != nil {
		return q, err
	}
	late := make([]bool, len(won))
	for i, sale := range won {
		late[i] = d.Calendar.Date(sale.At).EndsQuarter()
	}
	at := func(from, to, asOf time.Time) (stats.Comparison, stats.Comparison) {
		var of, repeat stats.Pair
		for i, sale := range won {
			if fits[i] == "" || sale.At.Before(from) || !sale.At.Before(to) {
				continue
			}
			side := &of.B
			if late[i] {
				side = &of.A
			}
			tally(side, fits[i] == truce.OutsideICP)
		}
		for i, r := range repeats {
			switch {
			case r.Tells.After(asOf):
			case again[i] == truce.OutsideICP:
				tally(&repeat.A, r.Again)
			case again[i] == truce.InsideICP:
				tally(&repeat.B, r.Again)
			}
		}
		return EndsOf(of, repeat)
	}
	q.Wins, q.Repeat = at(q.From, q.To, asOf)
	sees := map[truce.Date][2]seen{}
	for _, m := range []mondays{looks, later} {
		for look := range m.n {
			day := m.at(look)
			if _, ok := sees[day]; ok {
				continue
			}
			moment := day.At(0, d.loc())
			from, to := d.quarters(moment, moment)
			w, r := at(from, to, moment)
			sees[day] = [2]seen{SeenOf(w), SeenOf(r)}
		}
	}
	for i, of := range []struct {
		looks mondays
		c     *stats.Comparison
		held  *holds
	}{{looks, &q.Wins, &q.held}, {later, &q.Repeat, &q.repeatHeld}} {
		*of.held = of.looks.hold(func(_ int, day truce.Date) seen { return sees[day][i] })
		of.c.Verdict = of.held.verdict(of.c.Verdict, slightly(of.c.Difference))
	}
	return q, nil
}

// EndsOf compares won deals outside the profile at the ends of quarters (A) with other days (B), and who bought again outside (A) and
// inside (B) it.
func EndsOf(wins, again stats.Pair) (won, repeat stats.Comparison) {
	family := stats.Compare(stats.MinRate, quarterP, []stats.Pair{wins, again})
	return family[0], family[1]
}

// quarters are the days whose deals are looked at, of a period that ends at a moment.
func (d Maker) quarters(to, asOf time.Time) (from, end time.Time) {
	last := d.Calendar.Date(minTime(to, asOf.Add(time.Millisecond)).Add(-time.Millisecond))
	return monthsBack(last.Quarter(), 3*quartersBack).At(0, d.loc()), last.Add(1).At(0, d.loc())
}

// quarterWins are the deals won in [from, to), with what is known of the profile of each.
func (d Maker) quarterWins(tx *storage.Tx, from, to, asOf time.Time) ([]truce.Sale, []truce.ICPFit, error) {
	won, err := tx.Closings(truce.Won, from, to, asOf)
	if err != nil {
		return nil, nil, err
	}
	fits, err := d.saleFits(tx, won, asOf)
	return won, fits, err
}

// endFigures are the figures of the sentence.
func endFigures(q QuarterEnds, p cards.Period) (list []figure) {
	for _, of := range []struct {
		row, name string
		stats.Proportion
	}{{"late", "in a quarter's last two weeks", q.Wins.A}, {"other", "on other days", q.Wins.B}} {
		list = append(list, figure{label: "Outside the ICP, won " + of.name, n: of.K, arg: p.Arg("n", endRowsName, "y", of.row, "m", "k")},
			figure{label: "Deals won " + of.name, n: of.N, arg: p.Arg("n", endRowsName, "y", of.row, "m", "n")})
	}
	for _, of := range []struct {
		fit truce.ICPFit
		stats.Proportion
	}{{truce.OutsideICP, q.Repeat.A}, {truce.InsideICP, q.Repeat.B}} {
		for _, f := range repeated(of.Proportion, p, "i", string(of.fit)) {
			f.label += ", " + string(of.fit)
			list = append(list, f)
		}
	}
	return list
}

// quarterEndDeals are the deals won outside the profile in the last two weeks of quarters, one step below the figure.
func (d Maker) quarterEndDeals(tx *storage.Tx, r Query) (chat.Card, error) {
	from, to := d.quarters(r.To, r.AsOf)
	won, fits, err := d.quarterWins(tx, from, to, r.AsOf)
	if err != nil {
		return chat.Card{}, err
	}
	repeats, err := tx.Repeats(r.AsOf)
	if err != nil {
		return chat.Card{}, err
	}
	again := map[string]string{}
	for _, a := range repeats {
		again[a.Account] = map[bool]string{true: "yes", false: "no"}[a.Again]
	}
	v := cards.DrillView{Period: d.period(r), Title: "Quarter-end deals outside the ICP", Since: from}
	var rows []cards.DrillDeal
	for i, s := range slices.Backward(won) {
		if fits[i] != truce.OutsideICP || !d.Calendar.Date(s.At).EndsQuarter() {
			continue
		}
		if v.Total++; v.Total > listedLeads {
			continue
		}
		row := cards.DrillDeal{At: s.At, Again: cmp.Or(again[s.Account], "not known")}
		if again[s.Account] == "" && s.At.Add(truce.RepeatAge).After(r.AsOf) {
			row.Again = "too early to tell"
		}
		if s.Paid {
			row.Money = s.Amount.String()
		}
		if row.Name, row.Lead, err = dealName(tx, s); err != nil {
			return chat.Card{}, err
		}
		rows = append(rows, row)
	}
	v.Table = cards.DrillDeals(rows, d.loc())
	return cards.Drill(v), nil
}

// dealName is what a won deal is called, and the reference of the lead it came from; "" where it came from none that is here.
func dealName(tx *storage.Tx, s truce.Sale) (name, lead string, err error) {
	if len(s.LeadIDs) > 0 && s.LeadIDs[0] != "" {
		l, err := tx.Lead(s.LeadIDs[0])
		switch {
		case err == nil:
			name, lead = l.Ref+" "+l.Title(), l.Ref
		case truce.KindOf(err) != truce.NotFound:
			return "", "", err
		}
	}
	if d, err := tx.Deal(s.DealID); err == nil {
		name = cmp.Or(name, d.Name, d.AccountName)
	} else if truce.KindOf(err) != truce.NotFound {
		return "", "", err
	}
	return cmp.Or(name, s.DealID), lead, nil
}

func tally(p *stats.Proportion, yes bool) {
	if p.N++; yes {
		p.K++
	}
}

// wonAtOnce is with how many deals won in two years whoever asks for the summary can wait for the ends of quarters: well under a
// second. Of a larger company the scheduled summary tells it, and all figures do.
const wonAtOnce = 10_000

// endsAtOnce is ends where it takes no time.
func (d Maker) endsAtOnce(tx *storage.Tx, s *Study) error {
	from, _ := d.quarters(s.To, s.AsOf)
	if n, err := tx.WonSince(from, wonAtOnce+1); err != nil || n > wonAtOnce {
		return err
	}
	return d.ends(tx, s)
}

// ends fills in what the ends of quarters go with, and who bought again. Where the profile is known of nothing it reads nothing.
func (d Maker) ends(tx *storage.Tx, s *Study) error {
	known, err := d.knowsICP(tx, s.AsOf)
	if err != nil || !known {
		return err
	}
	if err := again(tx, s); err != nil {
		return err
	}
	s.Ends, err = d.quarterEnds(tx, s.To, s.AsOf, s.repeats)
	return err
}

// again fills in who bought again, unless it is there.
func again(tx *storage.Tx, s *Study) (err error) {
	if s.repeats != nil {
		return nil
	}
	if s.repeats, err = tx.Repeats(s.AsOf); err != nil {
		return err
	}
	for _, r := range s.repeats {
		tally(&s.Repeat, r.Again)
	}
	return nil
}

// quarterEndsJSON is the ends of quarters, by docs/digest-json.md.
type quarterEndsJSON struct {
	From string `json:"from"`
	To   string `json:"to"`
	Won  struct {
		Late   partJSON   `json:"quarter_end"`
		Other  partJSON   `json:"other_days"`
		Claim  claimJSON  `json:"claim"`
		Claims []heldJSON `json:"claims"`
	} `json:"won_outside_icp"`
	Again struct {
		Outside partJSON   `json:"outside_icp"`
		Inside  partJSON   `json:"inside_icp"`
		Claim   claimJSON  `json:"claim"`
		Claims  []heldJSON `json:"claims"`
	} `json:"bought_again"`
}

// partJSON is k of n with its interval.
type partJSON struct {
	ofJSON
	rateJSON
}

// claimJSON is what may be said of the first of two proportions beside the second: higher, lower, too_close or too_few.
type claimJSON struct {
	Says string   `json:"says"`
	P    *float64 `json:"p"`
	Q    *float64 `json:"q"`
}

func (q QuarterEnds) json(day func(time.Time) string, from, to truce.Date) *quarterEndsJSON {
	j := &quarterEndsJSON{From: day(q.From), To: day(q.To)}
	part := func(p stats.Proportion) partJSON { return partJSON{ofJSON(p), proportionJSON(p)} }
	claim := func(c stats.Comparison) claimJSON {
		j := claimJSON{Says: map[stats.Verdict]string{stats.Higher: "higher", stats.Lower: "lower", stats.TooClose: "too_close",
			stats.TooFew: "too_few"}[c.Verdict]}
		if c.Verdict != stats.TooFew {
			j.P, j.Q = &c.P, &c.Q
		}
		return j
	}
	j.Won.Late, j.Won.Other, j.Won.Claim = part(q.Wins.A), part(q.Wins.B), claim(q.Wins)
	j.Again.Outside, j.Again.Inside, j.Again.Claim = part(q.Repeat.A), part(q.Repeat.B), claim(q.Repeat)
	j.Won.Claims, j.Again.Claims = q.held.json(higher, from, to), q.repeatHeld.json(higher, from, to)
	return j
}
