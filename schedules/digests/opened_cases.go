package digests

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/schedules/ideal"
	"truce/schedules/stats"
	"truce/storage"
)

// This file opens the figures that count disputes, promises, objections, accounts, and leads by the ideal customer profile.

// caseFigures are the figures of disputes: label and definition, and whether a case is one. Those under an s or y are of cases
// opened in the days that rates rest on, the others of the period.
var caseFigures = []struct {
	key, label, how string
	has             func(l storage.DisputeLine, outcome truce.DisputeOutcome, known func(time.Time) bool) bool
}{
	{"opened", "Opened", "by the day they were opened.", func(storage.DisputeLine, truce.DisputeOutcome,
		func(time.Time) bool) bool {
		return true
	}},
	{"upheld", "Upheld", "by a person.", func(_ storage.DisputeLine, o truce.DisputeOutcome, _ func(time.Time) bool) bool {
		return o == truce.Upheld
	}},
	{"declined", "Declined", "by a person.", func(_ storage.DisputeLine, o truce.DisputeOutcome, _ func(time.Time) bool) bool {
		return o == truce.Declined
	}},
	{"lapsed", "By silence", "upheld or declined by nobody's decision: it says nothing of the lead.",
		func(_ storage.DisputeLine, o truce.DisputeOutcome, _ func(time.Time) bool) bool {
			return o != truce.NoOutcome && o != truce.Upheld && o != truce.Declined && o != truce.Withdrawn && o != truce.KeptByOwner
		}},
	{"withdrawn", "Withdrawn", "by whoever opened them, or kept by the lead's owner.",
		func(_ storage.DisputeLine, o truce.DisputeOutcome, _ func(time.Time) bool) bool {
			return o == truce.Withdrawn || o == truce.KeptByOwner
		}},
	{"still_open", "Still open", "neither ruled, withdrawn, nor ended by silence.",
		func(_ storage.DisputeLine, o truce.DisputeOutcome, _ func(time.Time) bool) bool {
			return o == truce.NoOutcome
		}},
	{"escalated", "Of all, escalated", "to the managers or the sponsor; they stand among the others too.",
		func(l storage.DisputeLine, _ truce.DisputeOutcome, _ func(time.Time) bool) bool { return l.Escalated }},
	{"ended", "Settled", "upheld, declined, or ended by silence.",
		func(_ storage.DisputeLine, o truce.DisputeOutcome, _ func(time.Time) bool) bool {
			return o != truce.NoOutcome && o != truce.Withdrawn && o != truce.KeptByOwner
		}},
	{"settled", "Settled without a meeting", "upheld or declined by Marketing, without going to the managers.",
		func(l storage.DisputeLine, o truce.DisputeOutcome, _ func(time.Time) bool) bool {
			return !l.Escalated && (o == truce.Upheld || o == truce.Declined)
		}},
	{"answered", "Answered", "in the days that rates rest on.",
		func(l storage.DisputeLine, _ truce.DisputeOutcome, known func(time.Time) bool) bool {
			return known(l.AnsweredAt)
		}},
	{"closed", "Closed", "in the days that rates rest on.",
		func(l storage.DisputeLine, _ truce.DisputeOutcome, known func(time.Time) bool) bool {
			return known(l.ClosedAt)
		}},
}

// disputed is a figure of disputes; of a stretch by when they were opened, or ended in the case of settled ones.
func disputed(key string, n int, p cards.Period, more ...string) figure {
	for _, f := range caseFigures {
		if f.key == key {
			return figure{label: f.label, how: f.how, n: n, arg: p.Arg(append([]string{"n", caseRowsName, "m", key}, more...)...)}
		}
	}
	panic("no figure of disputes " + key)
}

// caseRows opens a row of disputes, or one of its figures: of those opened in the request's stretch, or (e) ended in it.
func (d Maker) caseRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	p := d.period(r)
	lines, err := tx.DisputeLines(r.From, r.AsOf.Add(time.Millisecond))
	if err != nil {
		return cards.DrillView{}, err
	}
	within := func(t time.Time) bool { return !t.IsZero() && !t.After(r.AsOf) && !t.Before(r.From) && t.Before(r.To) }
	outcome := func(l storage.DisputeLine) truce.DisputeOutcome {
		if l.ClosedAt.IsZero() || l.ClosedAt.After(r.AsOf) {
			return truce.NoOutcome
		}
		return truce.DisputeOutcome(l.Outcome)
	}
	of := func(key string) (list []storage.DisputeLine, label, how string) {
		for _, f := range caseFigures {
			if f.key != key {
				continue
			}
			for _, l := range lines {
				dated := within(l.OpenedAt)
				if where.Has("e") {
					dated = within(l.ClosedAt)
				}
				dated = dated || key == "answered" || key == "closed"
				if dated && f.has(l, outcome(l), within) && (!where.Has("s") || truce.SourceName(l.Source) == where.Get("s")) &&
					(!where.Has("y") || l.Reason.Info().Label == where.Get("y")) {
					list = append(list, l)
				}
			}
			return list, f.label, f.how
		}
		return nil, "", ""
	}
	title := "Disputes"
	if name := where.Get("s") + where.Get("y"); name != "" {
		title += " · " + name
	}
	if !where.Has("m") {
		var list []figure
		for _, f := range caseFigures[:7] {
			cases, _, _ := of(f.key)
			list = append(list, disputed(f.key, len(cases), p, pairs(where, "s", "y", "e")...))
		}
		return figuresOpened(p, where, title, list), nil
	}
	cases, label, how := of(where.Get("m"))
	if label == "" {
		return cards.DrillView{}, errOldButton
	}
	v := cards.DrillView{Period: p, Title: title + " · " + strings.ToLower(label), How: how, Of: "Disputes " + p.In(p.Span())}
	slices.Reverse(cases)
	shown := pageOf(&v, "digest.rows", where, cases)
	if !r.Person.Sees(truce.CaseSecret, false) {
		return casesHidden(v), nil
	}
	var rows []cards.DrillCase
	for _, l := range shown {
		stands := string(outcome(l))
		if stands == "" {
			stands = "open"
		}
		rows = append(rows, cards.DrillCase{ID: l.ID, Reason: l.Reason.Info().Label, Source: truce.SourceName(l.Source), OpenedAt: l.OpenedAt,
			Stands: stands})
	}
	v.Table = cards.DrillCases(rows, d.loc())
	return v, nil
}

// pairs are what a button carries of some keys, for another one.
func pairs(where url.Values, keys ...string) (list []string) {
	for _, k := range keys {
		if where.Has(k) {
			list = append(list, k, where.Get(k))
		}
	}
	return list
}

// promiseRows opens a row of promises of a side (z) and of kinds (y), or their kept (m=kept), late and due ones.
func (d Maker) promiseRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	side := truce.Side(where.Get("z"))
	if r.Withheld.Has(side) {
		return cards.DrillView{}, truce.Errorf(truce.Forbidden,
			"Fewer than five people are in %s, so what they promised and did is shown to managers and to %s only.", side.Title(), side.Title())
	}
	lines, err := tx.PromiseLines(r.From, r.To)
	if err != nil {
		return cards.DrillView{}, err
	}
	kinds := strings.Split(where.Get("y"), ",")
	rows := map[string][]cards.DrillPromise{}
	for _, l := range slices.Backward(lines) {
		kept, due := keptAt(l, r.AsOf)
		if !due || l.Side != side || where.Get("y") != "" && !slices.Contains(kinds, l.Kind) {
			continue
		}
		row := cards.DrillPromise{Subject: l.Subject, Kind: promiseName(l.Kind), Due: l.DueAt, Ended: l.Ended, Kept: kept == 1}
		if l.Ended.After(r.AsOf) || l.Result == "lapsed" {
			row.Ended = time.Time{}
		}
		rows["due"] = append(rows["due"], row)
		if row.Kept {
			rows["kept"] = append(rows["kept"], row)
		} else {
			rows["late"] = append(rows["late"], row)
			if !l.Ended.IsZero() && !l.Ended.After(r.AsOf) { // what is late and still owed is not given up
				rows["missed"] = append(rows["missed"], row)
			}
		}
	}
	p := d.period(r)
	title := side.Title() + ": promises"
	if len(kinds) == 1 && kinds[0] != "" {
		title = side.Title() + ": " + promiseName(kinds[0])
	}
	const how = "by the day they were due, in business hours; what was paused, or not owed any more, is left out."
	if !where.Has("m") {
		var list []figure
		for _, m := range []struct{ key, label string }{{"kept", "Kept"}, {"late", "Not in time"}, {"due", "Due"}} {
			list = append(list, figure{label: m.label, how: how, n: len(rows[m.key]),
				arg: p.Arg(append([]string{"n", promiseRowsName, "m", m.key}, pairs(where, "z", "y")...)...)})
		}
		return figuresOpened(p, where, title, list), nil
	}
	v := cards.DrillView{Period: p, Title: title + ", " + where.Get("m"), How: how, Of: "Promises due " + p.In(p.Span())}
	v.Table = cards.DrillPromises(pageOf(&v, "digest.rows", where, rows[where.Get("m")]), d.loc())
	return v, nil
}

// heardRows opens the objections of the period (m=logged), or the accounts at which a theme (y) was heard (m=accounts).
func (d Maker) heardRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	p := d.period(r)
	end := minTime(r.To, r.AsOf.Add(time.Millisecond))
	names, err := tx.ThemeNames()
	if err != nil {
		return cards.DrillView{}, err
	}
	v := cards.DrillView{Period: p, Title: "Objections logged", How: "by the day they were logged, undone ones aside.",
		Of: "Logged " + p.In(p.Span())}
	if where.Get("m") == "accounts" {
		first := map[string]time.Time{}
		err := tx.EachHeardAccount(r.From, end, func(theme, account string, at time.Time) {
			if theme == where.Get("y") && (first[account].IsZero() || at.Before(first[account])) {
				first[account] = at
			}
		})
		var list []cards.DrillAccount
		for account, at := range first {
			list = append(list, cards.DrillAccount{Name: account, At: at})
		}
		slices.SortFunc(list, func(a, b cards.DrillAccount) int { return strings.Compare(a.Name, b.Name) })
		v.Title, v.How = "Accounts: “"+names[where.Get("y")]+"”", "accounts at which it was heard in these days; “Acme” and “ACME GmbH” are one."
		v.Table = cards.DrillAccounts(pageOf(&v, "digest.rows", where, list), "First heard on", "", d.loc())
		return v, err
	}
	list, err := tx.Objections(r.From, end)
	slices.Reverse(list)
	var rows []cards.DrillHeard
	for _, o := range pageOf(&v, "digest.rows", where, list) {
		rows = append(rows, cards.DrillHeard{ID: o.ID, Theme: names[o.ThemeID], Account: o.Account, At: o.CreatedAt})
	}
	v.Table = cards.DrillObjections(rows, d.loc())
	return v, err
}

// answerRows opens an answer (y): the accounts it was shown for, those that took the next step, the showings of which somebody said whether
// it helped.
func (d Maker) answerRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	p := d.period(r)
	shown, err := tx.AnswersShown(r.From, minTime(r.To, r.AsOf.Add(time.Millisecond)))
	if err != nil {
		return cards.DrillView{}, err
	}
	first := map[string]time.Time{}
	lists := map[string][]cards.DrillAccount{}
	title := "Answer"
	for _, a := range shown {
		if a.ID != where.Get("y") {
			continue
		}
		title = a.Theme
		if _, ok := first[a.Account]; !ok {
			first[a.Account] = a.At
		}
		if a.Voted {
			lists["voted"] = append(lists["voted"], cards.DrillAccount{Name: a.Account, At: a.At,
				What: map[bool]string{true: "helped", false: "did not help"}[a.Helped]})
		}
		if a.Helped {
			lists["helped"] = append(lists["helped"], cards.DrillAccount{Name: a.Account, At: a.At, What: "helped"})
		}
	}
	for account, at := range first {
		moved, err := tx.MovedOn(account, at, r.AsOf)
		if err != nil {
			return cards.DrillView{}, err
		}
		row := cards.DrillAccount{Name: account, At: at, What: map[bool]string{true: "took the next step", false: "–"}[moved]}
		if lists["accounts"] = append(lists["accounts"], row); moved {
			lists["moved"] = append(lists["moved"], row)
		}
	}
	figures := []struct{ key, label, how string }{{"accounts", "Used with accounts", "accounts for whose objection it was shown."},
		{"moved", "Took the next step", "of them: a lead became an SQL, an opportunity or a customer, or a deal was opened or won, after the " +
			"first showing."},
		{"helped", "Helped", "showings of which whoever got it said that it helped."},
		{"voted", "Said whether it helped", "showings of which whoever got it said so."}}
	if !where.Has("m") {
		var list []figure
		for _, f := range figures {
			list = append(list, figure{label: f.label, how: f.how, n: len(lists[f.key]),
				arg: p.Arg("n", answerRowsName, "m", f.key, "y", where.Get("y"))})
		}
		return figuresOpened(p, where, title, list), nil
	}
	list := lists[where.Get("m")]
	slices.SortFunc(list, func(a, b cards.DrillAccount) int { return strings.Compare(a.Name, b.Name) })
	v := cards.DrillView{Period: p, Title: title, Of: "Answers shown " + p.In(p.Span())}
	for _, f := range figures {
		if f.key == where.Get("m") {
			v.Title, v.How = title+" · "+strings.ToLower(f.label), f.how
		}
	}
	v.Table = cards.DrillAccounts(pageOf(&v, "digest.rows", where, list), "First shown on", "What came of it", d.loc())
	return v, nil
}

const repeatHow = "accounts won at least 180 days ago, and whether they bought again 14 to 180 days after their first purchase."

// repeated are the figures of a repeat rate.
func repeated(p stats.Proportion, of cards.Period, more ...string) []figure {
	arg := func(m string) string { return of.Arg(append([]string{"n", repeatRowsName, "m", m}, more...)...) }
	return []figure{{label: "Bought again", how: repeatHow, n: p.K, arg: arg("again")},
		{label: "Accounts old enough to tell", n: p.N, arg: arg("all")}}
}

// repeatRows opens the repeat rate: the accounts that are old enough (m=all), those that bought again, and both by the profile (i).
func (d Maker) repeatRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	repeats, err := tx.Repeats(r.AsOf)
	if err != nil {
		return cards.DrillView{}, err
	}
	var fits []truce.ICPFit
	if where.Has("i") {
		customers := make([]truce.Sale, len(repeats))
		for i, a := range repeats {
			customers[i].Account = a.Account
		}
		if fits, err = d.saleFits(tx, customers, r.AsOf); err != nil {
			return cards.DrillView{}, err
		}
	}
	var list []cards.DrillAccount
	for i, a := range repeats {
		if (where.Get("m") != "again" || a.Again) && (fits == nil || string(fits[i]) == where.Get("i")) {
			list = append(list, cards.DrillAccount{Name: a.Account, At: a.Won, What: map[bool]string{true: "bought again", false: "–"}[a.Again]})
		}
	}
	if !where.Has("m") {
		var p stats.Proportion
		for i, a := range repeats {
			if fits == nil || string(fits[i]) == where.Get("i") {
				tally(&p, a.Again)
			}
		}
		return figuresOpened(d.period(r), where, "Repeat rate", repeated(p, d.period(r), pairs(where, "i")...)), nil
	}
	v := cards.DrillView{Period: d.period(r), Title: "Bought again", How: repeatHow, Of: "Of all accounts"}
	v.Table = cards.DrillAccounts(pageOf(&v, "digest.rows", where, list), "Won on", "Bought again", d.loc())
	return v, nil
}

// profileRows opens the leads of a request by the ideal customer profile: of a fit (i), those that are decided (m=decided), that wait, or
// that are won or lost. Leads of a company that never had a profile are told by the CRM's word.
func (d Maker) profileRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	if where.Has("q") {
		return d.pipelineRows(tx, r, where)
	}
	p := d.period(r)
	versions, err := tx.Profiles(d.Terms.ICP.Configured, r.AsOf)
	if err != nil {
		return cards.DrillView{}, err
	}
	lists := map[string][]cards.DrillLead{}
	to := minTime(r.To, r.AsOf.Add(time.Millisecond))
	add := func(l truce.Lead, f truce.Facts, fit truce.ICPFit, waiting bool) {
		row := drillLead(l, f)
		if waiting {
			lists["waiting"] = append(lists["waiting"], row)
			return
		}
		lists["decided"] = append(lists["decided"], row)
		if fit == truce.InsideICP || fit == truce.OutsideICP {
			lists["known"] = append(lists["known"], row)
		}
		if where.Has("i") && string(fit) != where.Get("i") {
			return
		}
		lists["fit"] = append(lists["fit"], row)
		if f.Wins() {
			lists["won"] = append(lists["won"], row)
		}
		if closedAlone(f) {
			lists["closed"] = append(lists["closed"], row)
		}
	}
	if len(versions) == 0 || !versions[len(versions)-1].From.Before(to) {
		err = tx.EachLeadFit(r.From, to, func(l truce.Lead, fit truce.ICPFit) { add(l, truce.Facts{}, fit, false) })
	} else {
		err = d.judge().EachKept(tx, versions, r.From, to, r.AsOf, func(l *storage.LeadKnown, k ideal.Kept) error {
			fit := k.Fit
			if !slices.Contains(ideal.Fits[:], fit) {
				fit = ideal.Fits[2]
			}
			add(l.Lead, l.Facts(r.AsOf), fit, k.Waiting)
			return nil
		})
	}
	if err != nil {
		return cards.DrillView{}, err
	}
	const how = "by the version of the profile in force at hand-off, and what was known at the first verdict or two business days later."
	figures := []leadList{{"fit", "Leads"}, {"decided", "Of leads decided"}, {"won", "Won"}, {"closed", "Closed"},
		{"known", "Of leads of which it is known"}, {"waiting", "Not decided yet"}}
	if !where.Has("m") {
		var list []figure
		for _, f := range figures[:2] {
			list = append(list, figure{label: f.label, how: how, n: len(lists[f.key]),
				arg: p.Arg(append([]string{"n", profileRowsName, "m", f.key}, pairs(where, "i")...)...)})
		}
		if year := where.Get("o"); year != "" { // win rates are of a year
			since, err := truce.ParseDate(year)
			if err != nil {
				return cards.DrillView{}, errOldButton
			}
			older := r
			older.From = since.At(0, d.loc())
			of := d.period(older)
			for _, f := range figures[2:4] {
				v, err := d.profileRows(tx, older, url.Values{"m": {f.key}, "i": where["i"]})
				if err != nil {
					return v, err
				}
				list = append(list, figure{label: f.label + ", leads of a year", how: how, n: v.Total,
					arg: of.Arg("n", profileRowsName, "m", f.key, "i", where.Get("i"))})
			}
		}
		return figuresOpened(p, where, "Ideal customer: "+where.Get("i"), list), nil
	}
	return d.leadsOpened(p, "Ideal customer", how, where, figures, lists), nil
}

// leadList names one of several lists of leads that a figure opens to.
type leadList struct{ key, label string }

// leadsOpened is the list that a button asks for (m), the newest first; of a fit, where it says one (i).
func (d Maker) leadsOpened(p cards.Period, title, how string, where url.Values, names []leadList,
	lists map[string][]cards.DrillLead) cards.DrillView {
	v := cards.DrillView{Period: p, Title: title, How: how}
	for _, f := range names {
		if f.key == where.Get("m") {
			v.Title += " · " + strings.ToLower(f.label)
		}
	}
	if where.Has("i") {
		v.Title += " · " + where.Get("i")
	}
	list := lists[where.Get("m")]
	slices.Reverse(list)
	v.Table = cards.DrillLeads(pageOf(&v, "digest.rows", where, list), d.loc())
	return v
}

// pipelineRows opens the leads that were open opportunities at the end of a week of the quarter, which begins on a day (q).
func (d Maker) pipelineRows(tx *storage.Tx, r Query, where url.Values) (v cards.DrillView, err error) {
	p, to := d.period(r), minTime(r.To, r.AsOf.Add(time.Millisecond))
	weeks := d.quarterWeeks(to)
	week := slices.IndexFunc(weeks, func(w openWeek) bool { return d.Calendar.Date(w.From).String() == where.Get("q") })
	if week < 0 {
		return v, errOldButton
	}
	versions, err := tx.Profiles(d.Terms.ICP.Configured, r.AsOf)
	if err != nil {
		return v, err
	}
	declared, err := tx.Exceptions(r.AsOf)
	if err != nil {
		return v, err
	}
	lists := map[string][]cards.DrillLead{}
	since := d.Calendar.Date(to.Add(-time.Millisecond)).Add(1-profileYear).At(0, d.loc())
	err = d.judge().EachKept(tx, versions, since, to, r.AsOf, func(l *storage.LeadKnown, k ideal.Kept) error {
		if k.Waiting || openIn(l, weeks[week:week+1]) == 0 {
			return nil
		}
		of := []string{"open"}
		switch {
		case slices.ContainsFunc(declared, func(e truce.Exception) bool { return e.LeadID == l.Lead.ID }):
			of = append(of, "excepted")
		case k.Fit == truce.InsideICP:
			of = append(of, "known")
		case k.Fit == truce.OutsideICP:
			of = append(of, "known", "outside")
		default:
			of = append(of, "unknown")
		}
		for _, key := range of {
			lists[key] = append(lists[key], drillLead(l.Lead, l.Facts(r.AsOf)))
		}
		return nil
	})
	if err != nil {
		return v, err
	}
	const how = "leads of the year that were open opportunities at the end of the week; exceptions stand apart."
	title := "Open opportunities, week from " + weeks[week].From.Format("2 Jan")
	figures := []leadList{{"open", cards.PipelineOpen}, {"outside", cards.PipelineOutside},
		{"known", "Of which it is known"}, {"unknown", cards.PipelineUnknown}, {"excepted", cards.PipelineExcepted}}
	if !where.Has("m") {
		var list []figure
		for _, f := range figures {
			list = append(list, figure{label: f.label, how: how, n: len(lists[f.key]),
				arg: p.Arg("n", profileRowsName, "q", where.Get("q"), "m", f.key)})
		}
		return figuresOpened(p, where, title, list), nil
	}
	return d.leadsOpened(p, title, how, where, figures, lists), nil
}

// owedRows opens what Marketing owes: the cases that wait for its answer (m=cases), and themes without an answer.
func (d Maker) owedRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	s := Study{Query: r, Trail: newCohort(r.From, r.To)}
	err := d.heard(tx, &s)
	if err == nil {
		s.Owed, err = tx.Pending(d.terms(), r.AsOf)
	}
	if err != nil {
		return cards.DrillView{}, err
	}
	v := cards.DrillView{Period: d.period(r), Title: "Marketing owes: answers to disputes", Of: "Open"}
	if where.Get("m") != "cases" {
		v.Title, v.How, v.Of = "Marketing owes: answers to objections", unmetHow, "Heard"
		var rows []cards.DrillHeard
		for _, h := range pageOf(&v, "digest.rows", where, unmet(&s)) {
			rows = append(rows, cards.DrillHeard{ID: h.ID, Theme: h.Name, At: h.First})
		}
		v.Table = cards.DrillObjections(rows, d.loc())
		return v, nil
	}
	var cases []cards.DrillCase
	for _, o := range s.Owed {
		if o.Kind != truce.AnswerPromise {
			continue
		}
		c, err := tx.Dispute(o.Subject)
		if err != nil {
			return v, err
		}
		cases = append(cases, cards.DrillCase{ID: c.ID, Reason: c.Reason.Info().Label, Source: truce.SourceName(c.Source), OpenedAt: c.OpenedAt,
			Stands: string(c.State)})
	}
	shown := pageOf(&v, "digest.rows", where, cases)
	if !r.Person.Sees(truce.CaseSecret, false) {
		return casesHidden(v), nil
	}
	v.Table = cards.DrillCases(shown, d.loc())
	return v, nil
}

const unmetHow = "objections that are new or rising, from three accounts and two people on, without an approved answer."

// unmet are they.
func unmet(s *Study) (list []storage.ThemeHeard) {
	heard := slices.Clone(s.Heard.New)
	for _, h := range s.Heard.Rising {
		heard = append(heard, h.ThemeHeard)
	}
	return slices.DeleteFunc(heard, func(h storage.ThemeHeard) bool { return h.Answered || h.Accounts < 3 || h.Reps < 2 })
}

// endRows opens a row of the ends of quarters (y): what is outside the profile (m=k), and all of it (m=n).
func (d Maker) endRows(tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
	row := where.Get("y")
	if row == "outside" || row == "inside" {
		return d.repeatRows(tx, r, url.Values{"i": {row}})
	}
	from, to := d.quarters(r.To, r.AsOf)
	won, fits, err := d.quarterWins(tx, from, to, r.AsOf)
	if err != nil {
		return cards.DrillView{}, err
	}
	lists := map[string][]truce.Sale{}
	for i, s := range won {
		if fits[i] == "" || d.Calendar.Date(s.At).EndsQuarter() != (row == "late") {
			continue
		}
		if lists["n"] = append(lists["n"], s); fits[i] == truce.OutsideICP {
			lists["k"] = append(lists["k"], s)
		}
	}
	p := d.period(r)
	title := map[string]string{"late": "Won in a quarter's last two weeks", "other": "Won on other days"}[row]
	if !where.Has("m") {
		return figuresOpened(p, where, title, []figure{{label: "Outside the ICP", n: len(lists["k"]),
			arg: p.Arg("n", endRowsName, "y", row, "m", "k")},
			{label: "Deals of which the profile is known", n: len(lists["n"]), arg: p.Arg("n", endRowsName, "y", row, "m", "n")}}), nil
	}
	v := cards.DrillView{Period: p, Title: title, Since: from}
	list := lists[where.Get("m")]
	slices.Reverse(list)
	var rows []cards.DrillSale
	for _, s := range pageOf(&v, "digest.rows", where, list) {
		row, err := drillSale(tx, s)
		if err != nil {
			return v, err
		}
		rows = append(rows, row)
	}
	v.Table = cards.DrillSales(rows, d.loc(), "")
	return v, nil
}
