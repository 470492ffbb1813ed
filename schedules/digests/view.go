package digests

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file puts a study into the plain values that cards show.

func (d Maker) period(r Request) cards.Period {
	return cards.Period{Kind: r.Kind, From: r.From, To: r.To, AsOf: r.AsOf, Loc: d.loc(), By: r.By}
}

// money writes the amounts of all currencies, each for itself.
func money(m map[string]int64) []string {
	var list []string
	for _, currency := range slices.Sorted(maps.Keys(m)) {
		list = append(list, truce.Money{Amount: m[currency], Currency: currency}.String())
	}
	return list
}

// roughly writes amounts without their minor units, for a sentence.
func roughly(m map[string]int64) []string {
	var list []string
	for _, currency := range slices.Sorted(maps.Keys(m)) {
		whole := truce.Money{Amount: m[currency], Currency: currency}.String()
		if i := strings.LastIndexByte(whole, '.'); i > 0 {
			whole = whole[:i] + " " + currency
		}
		list = append(list, whole)
	}
	return list
}

func joined(list []string) string {
	s := ""
	for i, v := range list {
		if i > 0 {
			s += ", "
		}
		s += v
	}
	return s
}

// span is the stretch of a cohort.
func (c *Cohort) span() cards.Span { return cards.Span{From: c.From, To: c.To} }

// trailing reports whether the rates rest on more than the period itself.
func (s *Study) trailing() bool { return !s.Trail.From.Equal(s.From) }

// past is what the stretch before the rates' own is called.
func (s *Study) past() string {
	switch days := int((s.Trail.To.Sub(s.Trail.From) + 12*time.Hour) / (24 * time.Hour)); days { // an hour more or less is the clocks'
	case trailDays:
		return "the 13 weeks before"
	case 364, 365, 366:
		return "the year before"
	default:
		return fmt.Sprintf("the %d days before", days)
	}
}

// known reports whether leads are known from a cohort's first day on: a count of leads that nobody imported is none.
func (s *Study) known(c *Cohort) bool {
	return !s.First.IsZero() && s.First.Before(c.From.AddDate(0, 0, 1))
}

// changes are what has changed in the weeks that the rates rest on.
func (d Maker) changes(s *Study) []cards.Changed {
	var list []cards.Changed
	for _, c := range s.Changes {
		list = append(list, cards.Changed{At: c.At, Text: c.String()})
	}
	return list
}

// leadWeeks are the leads of the 13 weeks up to the period's end, with the changes that fall into each. Weeks before the first lead
// that is known are left out.
func (d Maker) leadWeeks(s *Study) []cards.WeekOf {
	end := d.Calendar.Date(s.To)
	list := make([]cards.WeekOf, trailWeeks)
	for i, n := range s.LeadWeeks {
		list[i] = cards.WeekOf{First: end.Add(-7*(trailWeeks-i)).At(0, d.loc()), Leads: n}
	}
	for _, c := range d.changes(s) {
		if w := weekBefore(truce.DayNumber(c.At, d.loc()), truce.DayNumber(s.To, d.loc())); w >= 0 && w < trailWeeks {
			week := &list[trailWeeks-1-w]
			week.Changes = append(week.Changes, c)
		}
	}
	return slices.DeleteFunc(list, func(w cards.WeekOf) bool { return s.First.IsZero() || !w.First.AddDate(0, 0, 7).After(s.First) })
}

func (d Maker) weekView(s *Study) cards.WeekView {
	f := s.Period.Totals.Figures
	w := cards.WeekView{Leads: f.Leads, Judged: f.Judged, Open: f.Open, Won: f.Won, Upheld: s.Disputes.Upheld, Declined: s.Disputes.Declined, Lapsed: s.Disputes.Lapsed,
		Median: s.Disputes.Answer.Median, MedianN: s.Disputes.Answer.N, Revenue: roughly(s.Earned.Won)}
	w.Settled = w.Upheld + w.Declined + w.Lapsed
	if s.trailing() && weekly(s) && slices.ContainsFunc(s.Weeks, func(n int) bool { return n > 0 }) {
		weeks := s.Weeks[slices.IndexFunc(s.Weeks, func(n int) bool { return n > 0 }):] // from the first week that had any
		w.Low, w.High, w.Usual = stats.UsualRange(weeks)
	}
	return w
}

// weekly reports whether the period is a week, to which the usual range of weeks belongs.
func weekly(s *Study) bool {
	days := s.To.Sub(s.From).Hours() / 24
	return days > 6.9 && days < 7.1
}

func (d Maker) sourceRow(s *Study, name string, trail, mature *Group) cards.SourceRow {
	r := cards.SourceRow{Name: name}
	if trail != nil {
		back := s.sentBack(trail.Figures).K
		r.Leads, r.Open, r.Judged = trail.Leads, trail.Open, trail.Judged
		r.SentBack = share(stats.Proportion{K: back, N: trail.Judged})
		r.ReasonOf = back
		for _, reason := range slices.Sorted(maps.Keys(trail.Reasons)) {
			if i := reason.Info(); trail.Reasons[reason] > r.ReasonN && (i.Kind == truce.SourceFault || s.AllReasons && reason != "") {
				r.Reason, r.ReasonN = i.Label, trail.Reasons[reason]
			}
		}
		r.MeanScore, _ = trail.MeanScore()
		r.Scored = trail.Scored
	}
	if mature != nil {
		r.Old, r.Won = mature.Leads, mature.Won
		r.WonShare = share(stats.Proportion{K: mature.Won, N: mature.Leads})
		if c := s.Costs; c.Old && c.From.Equal(s.Mature.From) && c.To.Equal(s.Mature.To) { // of the same leads
			for _, p := range c.BySource {
				if p.Name == name {
					r.Cost = roughly(p.Cost)
				}
			}
		}
	}
	return r
}

// importViews are imports by what they were of: leads first, then by name.
func importViews(list []storage.Import) (views []cards.ImportView) {
	for _, i := range list {
		at := slices.IndexFunc(views, func(v cards.ImportView) bool { return v.Kind == i.Kind })
		if at < 0 {
			at = len(views)
			views = append(views, cards.ImportView{Kind: i.Kind})
		}
		v := &views[at]
		v.Added, v.Changed, v.Rejected = v.Added+i.Added, v.Changed+i.Changed, v.Rejected+i.Rejected
		switch {
		case !i.Complete:
			v.Stopped++
		case i.Origin == "file":
			v.Stopped = 0 // it was run again
		}
	}
	slices.SortFunc(views, func(a, b cards.ImportView) int {
		if (a.Kind == "leads") != (b.Kind == "leads") {
			return map[bool]int{true: -1, false: 1}[a.Kind == "leads"]
		}
		return cmp.Compare(a.Kind, b.Kind)
	})
	return views
}

func (d Maker) leadsView(s *Study) cards.LeadsView {
	v := cards.LeadsView{Period: d.period(s.Request), Finding: s.leadsFinding(), Data: d.dataView(s), Rates: s.Trail.span(), OldSpan: s.Mature.span(), AllWhy: s.AllReasons, Week: d.weekView(s),
		Verdicts: s.verdicts(), Losses: s.losses(), Changes: d.changes(s)}
	v.Young = v.Week.Open > 0 && s.AsOf.Sub(s.To) < 60*24*time.Hour
	if s.Grown {
		v.Window = s.Window
	}
	names := map[string]bool{}
	for _, g := range append(s.Trail.BySource(), s.Mature.BySource()...) {
		if names[g.Name] {
			continue
		}
		names[g.Name] = true
		v.Rows = append(v.Rows, d.sourceRow(s, g.Name, s.Trail.sources[g.Name], s.Mature.sources[g.Name]))
	}
	slices.SortStableFunc(v.Rows, func(a, b cards.SourceRow) int { return cmp.Compare(b.Leads, a.Leads) })
	v.All = d.sourceRow(s, "All", s.Trail.Totals, s.Mature.Totals)
	for i, r := range v.Rows {
		if v.Finding.Name != "" && r.Name == v.Finding.Name {
			v.Source = &v.Rows[i]
		}
	}
	v.Imports = importViews(s.Imports)
	v.New, v.Rising = heardViews(s)
	if p := v.Period; p.AsOf.Sub(s.To) >= 7*24*time.Hour {
		v.RisingIn = ", the four weeks to " + s.To.In(d.loc()).AddDate(0, 0, -1).Format("2 Jan 2006") + ":"
	}
	for _, o := range s.Owed {
		if o.Kind == "answer" {
			if v.Owed++; v.Owed == 1 {
				v.NextDue = o.Due
			}
		}
	}
	for _, h := range append(slices.Clone(s.Heard.New), rising(s)...) {
		if !h.Answered && h.Accounts >= 3 && h.Reps >= 2 {
			v.Unmet++
		}
	}
	return v
}

func rising(s *Study) (list []storage.ThemeHeard) {
	for _, t := range s.Heard.Rising {
		list = append(list, t.ThemeHeard)
	}
	return list
}

func heardViews(s *Study) (fresh, up []cards.HeardView) {
	view := func(h storage.ThemeHeard) cards.HeardView {
		return cards.HeardView{Name: h.Name, Accounts: h.Accounts, Reps: h.Reps, Answered: h.Answered}
	}
	for _, h := range s.Heard.New {
		fresh = append(fresh, view(h))
	}
	for _, h := range rising(s) {
		up = append(up, view(h))
	}
	return fresh, up
}

// against is how a share stands to what was promised; "" where nothing was, or where there are too few to say.
func against(p stats.Proportion, target float64) string {
	if target > 0 {
		switch p.AgainstTarget(target) {
		case stats.TargetMet:
			return "met"
		case stats.TargetWithin:
			return "within"
		case stats.TargetMissed:
			return "missed"
		}
	}
	return ""
}

// icpPromise is Marketing's promise of leads inside the ideal customer profile.
func (d Maker) icpPromise(s *Study) cards.PromiseView {
	return cards.PromiseView{Name: "inside the ICP", Plain: true, Kept: share(s.ICP), Target: d.Targets.ICPShare, Verdict: against(s.ICP, d.Targets.ICPShare)}
}

func (d Maker) promiseView(p PromiseStudy) cards.PromiseView {
	v := cards.PromiseView{Name: promiseName(p.Kind), Kept: share(p.Kept), Target: p.Target}
	v.Verdict = against(p.Kept, p.Target)
	if p.Worst >= 0 && v.Verdict == "missed" {
		day := p.ByDay[p.Worst]
		v.Day, v.DayShare = weekday(p.Worst), share(day)
	}
	return v
}

func (d Maker) predictView(s *Study) cards.PredictView {
	p := s.Predict
	v := cards.PredictView{Of: d.period(s.Request).Of(s.PredictOf.span()), N: p.Paired.N, Won: p.Paired.A.Positives, Lost: p.Paired.A.Negatives, ScoreN: p.Score.N, RatingN: p.Rating.N, Undated: p.Undated}
	if !p.Paired.OK {
		return v
	}
	v.Score, v.Rating = p.Paired.A.Area, p.Paired.B.Area
	v.Shown = p.Paired.A.Shown()
	switch p.Paired.Claim() {
	case stats.TooFew:
		v.Verdict = "few"
	case stats.TooClose:
		v.Verdict = "close"
	case stats.Higher:
		v.Verdict = "score"
	case stats.Lower:
		v.Verdict = "rating"
	}
	return v
}

func (d Maker) weeklyView(s *Study) cards.WeeklyView {
	v := cards.WeeklyView{Period: d.period(s.Request), Finding: s.alignmentFinding(), Data: d.dataView(s), Rates: s.Trail.span(), Leads: d.weekView(s), Predict: d.predictView(s),
		Trail: s.Trail.Totals.Leads, Ends: s.Ends.view(), Changes: d.changes(s)}
	if d.Targets.LeadsPerQuarter > 0 && s.trailing() {
		v.Promised = d.Targets.LeadsPerQuarter
	}
	marketing, sales, sponsor := cards.SideView{Side: "Marketing"}, cards.SideView{Side: "Sales"}, cards.SideView{Side: "The sponsor"}
	for _, p := range s.Promises {
		side := &sponsor
		switch p.Side {
		case truce.Sales:
			side = &sales
		case truce.Marketing:
			side = &marketing
		}
		side.Promises = append(side.Promises, d.promiseView(p))
	}
	if s.ICP.N > 0 || d.Targets.ICPShare > 0 {
		marketing.Promises = append([]cards.PromiseView{d.icpPromise(s)}, marketing.Promises...)
	}
	if !slices.ContainsFunc(s.Promises, func(p PromiseStudy) bool { return p.Kind == "touch" }) {
		sales.Promises = append(sales.Promises, cards.PromiseView{Name: "first touch"}) // reads "not measured"
	}
	sales.NotWorked = share(notWorked(s.Trail.Totals.Work))
	v.Sides = []cards.SideView{marketing, sales}
	if len(sponsor.Promises) > 0 {
		v.Sides = append(v.Sides, sponsor)
	}
	if st := stuckViews(s); len(st) > 0 {
		worst := slices.MaxFunc(st, func(a, b cards.StuckView) int { return cmp.Compare(float64(a.Leads)*a.Days, float64(b.Leads)*b.Days) })
		if len(s.Heard.Stuck) > 0 {
			worst.Why, worst.Accounts = s.Heard.Stuck[0].Text, s.Heard.Stuck[0].Accounts
		}
		v.Stuck = &worst
	}
	v.Decide, v.More = firstDecisions(s)
	return v
}

// firstDecisions are the decisions shown, at most three, and how many more there are.
func firstDecisions(s *Study) (list []cards.Decision, more int) {
	list = decisions(s)
	if n := len(list); n > 3 {
		return list[:3], n - 3
	}
	return list, 0
}

// decisions are what waits for a decision: rulings, the first due first, rules that wait for a key, then rules that could be made.
func decisions(s *Study) (list []cards.Decision) {
	seen := map[string]bool{}
	for _, o := range s.Owed {
		if o.Kind != "ruling" || seen[o.Subject] {
			continue
		}
		seen[o.Subject] = true
		who := "one manager of each side rules"
		if o.Side == "sponsor" {
			who = "the sponsor rules"
		}
		list = append(list, cards.Decision{Text: o.Subject + ": " + who, Due: o.Due, Button: chat.Press("Open "+o.Subject, "dispute.show", o.Subject)})
	}
	for _, r := range s.Proposed {
		list = append(list, cards.Decision{Text: "Rule " + r.ID + " (" + about(r.Source, r.Reason) + "), waiting for " + keysMissing(r), Since: r.ProposedAt,
			Button: chat.Press("See "+r.ID, "rule.show", r.ID)})
	}
	for _, c := range s.Ripe {
		list = append(list, cards.Decision{Text: fmt.Sprintf("%s: %d equal cases, all %s", about(c.Source, c.Reason), c.N, c.Outcome), Button: chat.Ask("Make it a rule", "rule.propose", c.CaseID)})
	}
	return list
}

// about is what a rule is about, in the words of the reasons' list.
func about(source string, reason truce.Reason) string {
	return truce.SourceName(source) + ", " + reason.Info().Label
}

// keysMissing are the sides that have not said yes to a proposed rule.
func keysMissing(r truce.Rule) string {
	var sides []string
	for _, s := range []truce.Side{truce.Sales, truce.Marketing} {
		if r.Keys[s] == "" {
			sides = append(sides, s.Title())
		}
	}
	return strings.Join(sides, " and ")
}

func stuckViews(s *Study) (list []cards.StuckView) {
	for _, st := range s.Stuck {
		list = append(list, cards.StuckView{Stage: st.Name, Leads: st.Leads, Days: st.Days})
	}
	return list
}

// figuresView is everything behind a digest.
func (d Maker) figuresView(s *Study) cards.FiguresView {
	v := cards.FiguresView{Period: d.period(s.Request), Rates: s.Trail.span(), Year: s.PredictOf.span(), Predict: d.predictView(s), Faults: s.Faults, WrongN: s.WrongN, Repeat: repeat(s.Repeat.K, s.Repeat.N), Losses: s.losses(), Stuck: stuckViews(s),
		StaleAfter: s.staleAfter()}
	for _, g := range []struct {
		name string
		rows []*Group
	}{{"Source", s.Period.BySource()}, {"Campaign", pooled(s.Period.BySource(), s.Period.ByCampaign())}, {"Segment", s.Period.BySegment()}} {
		if len(g.rows) < 2 && g.name != "Source" {
			continue
		}
		t := cards.GroupTable{Name: g.name}
		for _, row := range g.rows {
			t.Rows = append(t.Rows, groupRow(row, v.StaleAfter))
		}
		v.Groups = append(v.Groups, t)
	}
	v.Costs, v.Sales, v.Odds, v.Answers = s.Costs.view(), s.Earned.view(), oddsViews(s.Odds), answerViews(s.Answers)
	v.ICP, v.Ends, v.Weeks = s.icpView(), s.Ends.view(), d.leadWeeks(s)
	for _, p := range s.Promises {
		pv := d.promiseView(p)
		pv.Name = p.Side.Title() + ": " + pv.Name
		v.Promises = append(v.Promises, pv)
	}
	if s.Predict.Score.AUC.Shown() {
		for _, t := range s.Predict.Deciles {
			v.Deciles = append(v.Deciles, cards.DecileView{From: t.From, To: t.To, Won: share(t.Won)})
		}
	}
	v.Disputes = s.Disputes.view()
	v.Wrong, v.HighLost = doubtViews(s.Wrong), doubtViews(s.HighLost)
	for _, m := range s.Heard.Messages {
		v.Messages = append(v.Messages, cards.CountOf{Name: m.Text, N: m.MovedOn, Of: m.Accounts})
	}
	now, before, year := s.Period.Totals.Figures, s.Before.Totals.Figures, s.YearAgo.Totals.Figures
	if s.known(s.Before) {
		v.Before = s.Before.span()
	}
	if s.To.Sub(s.From) <= 364*24*time.Hour && s.known(s.YearAgo) { // longer ones would overlap
		v.YearAgo = s.YearAgo.span()
	}
	for _, c := range []cards.ChangeView{{Name: "Leads", Now: now.Leads, Before: before.Leads, Year: year.Leads}, {Name: "Judged", Now: now.Judged, Before: before.Judged, Year: year.Judged},
		{Name: "Sent back", Now: now.SentBack, Before: before.SentBack, Year: year.SentBack}, {Name: "SQLs", Now: now.SQLs, Before: before.SQLs, Year: year.SQLs},
		{Name: "Opportunities", Now: now.Opportunities, Before: before.Opportunities, Year: year.Opportunities}, {Name: "Won", Now: now.Won, Before: before.Won, Year: year.Won},
		{Name: "Objections", Now: s.Heard.Volume, Before: s.Heard.Past}} {
		if c.Now > 0 || c.Before > 0 && s.known(s.Before) {
			v.Change = append(v.Change, c)
		}
	}
	return v
}

func doubtViews(list []Doubt) (out []cards.DoubtView) {
	for _, d := range list {
		v := cards.DoubtView{Ref: d.Ref, Title: d.Title, Money: joined(money(d.Revenue)), Button: chat.Press(d.Ref, "lead.show", d.Ref)}
		if d.HasScore {
			v.Score = chat.Figure(d.Score, "")
		}
		out = append(out, v)
	}
	return out
}

// pooledUnder is the leads a campaign needs to stand alone.
const pooledUnder = 30

// pooled puts small campaigns into one row. Where all are small they stay, because the row would be the whole.
func pooled(_ []*Group, groups []*Group) []*Group {
	rest := newGroup("campaigns under 30 leads")
	var list []*Group
	for _, g := range groups {
		if g.Leads >= pooledUnder {
			list = append(list, g)
			continue
		}
		rest.Add(g.Sums)
		rest.Work.Add(g.Work)
		for days, n := range g.Waiting {
			rest.Waiting[days] += n
		}
	}
	switch {
	case len(list) == 0:
		return groups
	case rest.Leads > 0:
		list = append(list, rest)
	}
	return list
}

// staleAfter is the days after which an open lead is stale: twice the median of those who bought, of a year of leads; 0 where fewer
// than ten have. Rates of what has closed flatter a source whose losses are never closed.
func (s *Study) staleAfter() int {
	days, ok := stats.DaysQuantile(s.PredictOf.Totals.dayCounts(), causeWon, 0.5)
	if !ok || s.PredictOf.Totals.Won < stats.MinRate {
		return 0
	}
	return max(1, 2*days)
}

// stale is how many leads have been open for more than so many days; 0 days: not known.
func (g *Group) stale(after int) (n int) {
	for days, leads := range g.Waiting {
		if after > 0 && days > after {
			n += leads
		}
	}
	return n
}

func groupRow(g *Group, staleAfter int) cards.GroupRow {
	f := g.Figures
	r := cards.GroupRow{Name: g.Name, Leads: f.Leads, Open: f.Open, Rejected: f.Rejected, Recycled: f.Recycled, Accepted: f.Accepted, SQL: f.SQLs, Opps: f.Opportunities,
		Won: f.Won, Lost: f.Lost, Inferred: f.Accepted - f.SaidAccepted, Accept: share(stats.Proportion{K: f.Judged - f.SentBack, N: f.Judged}),
		Win: share(stats.Proportion{K: f.Won, N: f.Won + f.Lost}), Stale: g.stale(staleAfter),
		Due: g.Work.Any(), NotWorked: share(notWorked(g.Work)), Revenue: joined(money(f.Revenue))}
	in := g.Incidence()
	if e := in.At(90); e.Known && f.Leads >= stats.MinRate {
		r.Within = fmt.Sprintf("%.1f (%.1f–%.1f)", 100*e.Rate, 100*e.Interval.Low, 100*e.Interval.High)
	} else if !e.Known {
		r.Within = "–" // too young
	}
	if days, ok := stats.DaysQuantile(g.dayCounts(), causeWon, 0.5); ok {
		r.Median = fmt.Sprint(days)
	}
	return r
}

func weekday(day int) string {
	return []string{"Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"}[day]
}

// monthlyView is the sponsor's month beside the baseline.
func (d Maker) monthlyView(s *Study, base Baseline, has bool) cards.MonthlyView {
	v := cards.MonthlyView{Period: d.period(s.Request), Finding: s.alignmentFinding(), Data: d.dataView(s), Rates: s.Trail.span(), Week: d.weekView(s), Ends: s.Ends.view(), Changes: d.changes(s)}
	now := d.baseline(s)
	then := func(f func(Baseline) string) string {
		if !has {
			return ""
		}
		return f(base)
	}
	for _, f := range []struct {
		name string
		of   func(Baseline) string
	}{{"Median days to win", func(b Baseline) string { return days(b.DaysToWin) }}, {"Cost per won deal", func(b Baseline) string { return b.Cost }},
		{"Repeat rate", func(b Baseline) string { return repeat(b.Repeat, b.RepeatOf) }}, {"Disputes settled without a meeting", func(b Baseline) string { return fmt.Sprint(b.Settled) }},
		{"Rules in force", func(b Baseline) string { return fmt.Sprint(b.Rules) }}} {
		v.Facts = append(v.Facts, cards.SinceView{Name: f.name, Then: then(f.of), Now: f.of(now)})
	}
	v.Decide, v.More = firstDecisions(s)
	return v
}

// repeat is the repeat rate in words; "" is not measured.
func repeat(again, of int) string {
	if of == 0 {
		return ""
	}
	p := stats.Proportion{K: again, N: of}
	if p.N < stats.MinRate {
		return share(p).String()
	}
	return fmt.Sprintf("%s (%d of %d)", share(p), again, of)
}

func days(n int) string {
	if n < 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// Baseline is what the sponsor's figures were at the start, frozen.
type Baseline struct {
	DaysToWin int `json:"days_to_win"` // median among the leads won; -1 is not measured
	Settled   int `json:"settled"`     // disputes that people settled between rep and Marketing
	Rules     int `json:"rules"`
	Repeat    int `json:"repeat"` // accounts that ordered again, of RepeatOf old enough
	RepeatOf  int `json:"repeat_of"`

	Cost string `json:"cost_per_won,omitempty"` // per won deal, in words; "" is not measured
}

func (d Maker) baseline(s *Study) Baseline {
	b := Baseline{DaysToWin: -1, Settled: s.Settled, Rules: s.Rules, Repeat: s.Repeat.K, RepeatOf: s.Repeat.N, Cost: s.Costs.perWon()}
	if n, ok := stats.DaysQuantile(s.PredictOf.Totals.dayCounts(), causeWon, 0.5); ok {
		b.DaysToWin = n
	}
	return b
}
