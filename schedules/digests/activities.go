package digests

import (
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
)

// This file holds activities against what they were to bring, and the leads they engaged beside others of the same source, segment
// and month.

// The landmark rule's usual lengths, in days.
const (
	LandmarkDays = 30
	WindowDays   = 180
)

// ActivityRequest asks for a report on activities.
type ActivityRequest struct {
	From, To time.Time // by the date the leads qualified, which are held beside each other
	AsOf     time.Time
	Landmark truce.Landmark // zero is the usual one
}

// ActivityReport is what activities were to bring and brought.
type ActivityReport struct {
	ActivityRequest
	Activities []ActivityStudy
	Endless    []truce.Activity // of Activities, those whose chain has no end
}

// ActivityStudy is one activity.
type ActivityStudy struct {
	truce.Activity
	Links               []LinkStudy
	Won, SQL, Meeting   Engaged
	NamesNoEngagement   bool // no engagement names it: there are no engaged leads to look at
	EngagedInTheseDates int  // leads it engaged before their landmark, of those looked at
}

// LinkStudy is one link and what was seen of it.
type LinkStudy struct {
	truce.ActivityLink
	Due      bool
	Seen     *float64 // nil: not due yet, or not for Truce to see
	Usual    *stats.Interval
	Of       int // the leads it is counted among; of money and leads themselves 0
	Verdict  LinkVerdict
	SeenByUs bool // computed, not told by its owner

	cases   int          // what of its kind was counted: leads, meetings, orders
	money   int64        // in minor units, of a link that counts money
	records *linkRecords // filled in where they are asked for; nil: they are not
}

// linkRecords are what a link counts, record by record.
type linkRecords struct {
	of, cases []linkCase
	orders    []truce.Sale
}

// linkCase is a lead as it stood at the end of a link's day.
type linkCase struct {
	lead  truce.Lead
	facts truce.Facts
	met   time.Time // of a meeting
}

// LinkVerdict is how what was seen stands to what was expected.
type LinkVerdict int

// The verdicts: within the interval of what was seen the two cannot be told apart.
const (
	LinkUnknown LinkVerdict = iota
	LinkUnder
	LinkAsExpected
	LinkOver
)

// Engaged is leads engaged by an activity beside others of the same source, segment and month, by whether something came of them after
// the landmark.
type Engaged struct {
	stats.Stratified
	OK       bool // something is left to compare
	TooYoung int
	Kept     stats.Proportion // engaged leads at the landmark that are in strata with both groups
	Scores   [2]stats.Scores  // of the others, of the engaged
	Apart    float64          // of the mean scores, in pooled standard deviations
	Judged   bool             // Apart is known
}

// The outcomes that engaged leads are looked at for.
const (
	wonAfter = iota
	sqlAfter
	metAfter
	outcomesAfter
)

// watched is a lead that is looked at, as far as the comparison needs it.
type watched struct {
	landmark, end int64 // milliseconds
	stratum       int32
	score         float64
	hasScore      bool
	out           bool // of another period, or not the first of its account
	young, ended  bool
	at            [outcomesAfter]int64 // first; 0 is never
}

const noTime = 0

// Activities reports on all activities that went on at some time from the beginning of the period to the report's moment.
func (d Maker) Activities(tx *storage.Tx, r ActivityRequest) (ActivityReport, error) {
	if r.Landmark == (truce.Landmark{}) {
		r.Landmark = truce.Landmark{Days: LandmarkDays, Window: WindowDays}
	}
	report := ActivityReport{ActivityRequest: r}
	known, err := tx.Activities()
	if err != nil {
		return report, err
	}
	chains, err := tx.ActivityLinks()
	if err != nil {
		return report, err
	}
	var words [][]string
	for _, a := range known {
		if !a.Goes(r.From, r.AsOf) {
			continue
		}
		s := ActivityStudy{Activity: a}
		for _, l := range chains[a.ID] {
			s.Links = append(s.Links, LinkStudy{ActivityLink: l, Due: !l.Date.Add(1).At(0, d.loc()).After(r.AsOf.Add(time.Millisecond))})
		}
		if !a.HasEnd(chains[a.ID]) {
			report.Endless = append(report.Endless, a)
		}
		report.Activities = append(report.Activities, s)
		words = append(words, a.Words())
	}
	if len(report.Activities) == 0 {
		return report, nil
	}
	match, due := newMatcher(words), d.toObserve(&report)
	engaged, err := d.engaged(tx, &report, match, due)
	if err != nil {
		return report, fmt.Errorf("hold engaged leads beside others: %w", err)
	}
	if err := d.observe(tx, &report, match, due, engaged); err != nil {
		return report, fmt.Errorf("see what came of activities: %w", err)
	}
	return report, nil
}

// matcher finds the activities that a word of an engagement or a campaign is one of, folded.
type matcher struct {
	of    map[string][]int
	cache map[string][]int // by the word as it stands
}

func newMatcher(words [][]string) matcher {
	m := matcher{map[string][]int{}, map[string][]int{}}
	for i, list := range words {
		for _, w := range list {
			m.of[w] = append(m.of[w], i)
		}
	}
	return m
}

func (m matcher) find(text string) []int {
	if text == "" {
		return nil
	}
	found, ok := m.cache[text]
	if !ok {
		if found = m.of[truce.FoldText(text)]; len(m.cache) < 100_000 {
			m.cache[text] = found
		}
	}
	return found
}

// names reports whether a text is a word of any activity.
func (m matcher) names(text string) bool { return len(m.find(text)) > 0 }

// either calls fn once for each activity that one of two texts names.
func (m matcher) either(a, b string, fn func(activity int)) {
	first := m.find(a)
	for _, i := range first {
		fn(i)
	}
next:
	for _, i := range m.find(b) {
		for _, j := range first {
			if i == j {
				continue next
			}
		}
		fn(i)
	}
}

// engaged holds the leads that each activity engaged before their landmark beside others, and says when each activity engaged a lead first,
// where a link that is due asks: a large company's leads and engagements are gone over once for both.
func (d Maker) engaged(tx *storage.Tx, report *ActivityReport, match matcher, due observing) (*firstEngaged, error) {
	r := report.ActivityRequest
	w := newWatching(r, d.loc())
	firsts := newFirstEngaged(w.roll, report.Activities, due)
	from, to, last := r.From, r.To, r.To.Add(time.Duration(r.Landmark.Days)*24*time.Hour)
	before := last
	if due.ofEngaged {
		from, to, before = ever, truce.Later(to, due.until), truce.Later(last, due.until)
	}
	if err := tx.EachLeadMark(from, to, w.lead); err != nil {
		return nil, err
	}
	if err := tx.EachOutcomesOf(w.outcomes); err != nil {
		return nil, err
	}
	err := tx.EachMeeting(r.From, r.To, func(lead string, at time.Time) error {
		if i, ok := w.byID[lead]; ok && !at.After(r.AsOf) {
			first(&w.leads[i].at[metAfter], at.UnixMilli())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	by := make([]places, len(report.Activities)) // which leads an activity engaged before their landmark
	for i := range by {
		by[i] = newPlaces(len(w.leads))
	}
	named := make([]bool, len(report.Activities))
	err = tx.EachEngagementOf(match.names, before, func(e truce.Engagement) error {
		compared := e.At.Before(last)
		match.either(e.Activity, e.Campaign, func(a int) {
			if firsts.add(e, a); compared {
				named[a] = true
				w.engagedBy(e, by[a])
			}
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for a := range report.Activities {
		s := &report.Activities[a]
		s.NamesNoEngagement = !named[a]
		s.EngagedInTheseDates = by[a].count()
		s.compare(w, by[a])
	}
	return firsts, nil
}

func (s *ActivityStudy) compare(w *watching, engaged places) {
	for outcome, into := range []*Engaged{wonAfter: &s.Won, sqlAfter: &s.SQL, metAfter: &s.Meeting} {
		*into = compareEngaged(w.leads, engaged, outcome, len(w.strata))
	}
}

// Tells reports whether a report would say anything of the leads that its only activity engaged, for those who count without a database.
func (r ActivityRequest) Tells(leads []storage.LeadMark, outcomes map[string][]truce.Outcome, engagements []truce.Engagement) bool {
	r.Landmark = truce.Landmark{Days: LandmarkDays, Window: WindowDays}
	w := newWatching(r, time.UTC)
	for _, l := range leads {
		if w.lead(l) != nil || w.outcomes(l.ID, outcomes[l.ID]) != nil {
			return false
		}
	}
	report, engaged := ActivityReport{ActivityRequest: r, Activities: make([]ActivityStudy, 1)}, newPlaces(len(w.leads))
	for _, e := range engagements {
		w.engagedBy(e, engaged)
	}
	s := &report.Activities[0]
	s.compare(w, engaged)
	return slices.ContainsFunc([]*Engaged{&s.Won, &s.SQL, &s.Meeting}, func(e *Engaged) bool { return e.told(report.tests()) })
}

// places is a set of numbers, a bit each: of a million leads and a hundred activities, 12 MB.
type places []uint64

func newPlaces(n int) places { return make(places, (n+63)/64) }

func (p places) add(i int)      { p[i/64] |= 1 << (i % 64) }
func (p places) has(i int) bool { return p[i/64]&(1<<(i%64)) != 0 }

func (p places) count() (n int) {
	for _, w := range p {
		n += bits.OnesCount64(w)
	}
	return n
}

// roll numbers leads, and finds them by id and by e-mail address: of millions it must be small.
type roll struct {
	ids     []string
	byID    map[string]int32
	byEmail map[string]int32 // the newest lead of an address
	before  []int32          // the lead of the same address before each; -1 is none
}

func newRoll() *roll { return &roll{byID: map[string]int32{}, byEmail: map[string]int32{}} }

func (r *roll) enter(m storage.LeadMark) {
	n, before := int32(len(r.ids)), int32(-1)
	if m.Email != "" {
		if i, ok := r.byEmail[m.Email]; ok {
			before = i
		}
		r.byEmail[m.Email] = n
	}
	r.byID[m.ID] = n
	r.ids, r.before = append(r.ids, m.ID), append(r.before, before)
}

// reached calls fn with the leads that an engagement names, by id and by address: one that it names both ways twice.
func (r *roll) reached(e truce.Engagement, fn func(lead int32)) {
	if e.LeadID != "" {
		if i, ok := r.byID[e.LeadID]; ok {
			fn(i)
		}
	}
	if e.Email == "" {
		return
	}
	if i, ok := r.byEmail[e.Email]; ok {
		for ; i >= 0; i = r.before[i] {
			fn(i)
		}
	}
}

// watching is the leads of a report from their landmark on, one of each account.
type watching struct {
	ActivityRequest
	*roll
	loc              *time.Location
	leads            []watched // in the order of the roll
	accounts, emails map[string]struct{}
	strata           map[stratum]int32
}

type stratum struct {
	source, segment string
	year            int
	month           time.Month
}

func newWatching(r ActivityRequest, loc *time.Location) *watching {
	return &watching{ActivityRequest: r, roll: newRoll(), loc: loc, accounts: map[string]struct{}{}, emails: map[string]struct{}{},
		strata: map[stratum]int32{}}
}

func (v *watching) lead(m storage.LeadMark) error {
	v.enter(m)
	if m.MQLAt.Before(v.From) || !m.MQLAt.Before(v.To) || !v.first(m) {
		v.leads = append(v.leads, watched{out: true, landmark: math.MinInt64})
		return nil
	}
	lead := truce.Lead{MQLAt: m.MQLAt}
	w := watched{landmark: v.Landmark.At(lead).UnixMilli(), end: v.Landmark.End(lead).UnixMilli(), score: m.Score, hasScore: m.HasScore}
	w.young = w.end > v.AsOf.UnixMilli()
	s := stratum{source: m.Source, segment: m.Segment}
	s.year, s.month, _ = m.MQLAt.In(v.loc).Date()
	n, ok := v.strata[s]
	if !ok {
		n = int32(len(v.strata))
		v.strata[s] = n
	}
	w.stratum = n
	v.leads = append(v.leads, w)
	return nil
}

// first reports whether a lead is the first of its account, else of its address, before anything else is left out.
func (v *watching) first(m storage.LeadMark) bool {
	seen, key := v.accounts, m.Account
	if key == "" {
		if seen, key = v.emails, m.Email; key == "" {
			return true
		}
	}
	_, was := seen[key]
	seen[key] = struct{}{}
	return !was
}

// outcomes says of a lead when it came first to what is watched for, and whether it was over at its landmark.
func (v *watching) outcomes(lead string, outcomes []truce.Outcome) error {
	i, ok := v.byID[lead]
	if !ok || v.leads[i].out || v.leads[i].young {
		return nil
	}
	w := &v.leads[i]
	w.ended = !truce.Stand(outcomes, time.UnixMilli(w.landmark)).Open()
	for _, o := range outcomes {
		if o.Origin == truce.FromSilence || o.At.After(v.AsOf) {
			continue
		}
		if o.Status.Stage() >= truce.StageSQL {
			first(&w.at[sqlAfter], o.At.UnixMilli())
		}
		if o.Status == truce.Won {
			first(&w.at[wonAfter], o.At.UnixMilli())
		}
	}
	return nil
}

// engagedBy adds the leads that an engagement reached before their landmark.
func (v *watching) engagedBy(e truce.Engagement, to places) {
	at := e.At.UnixMilli()
	v.reached(e, func(lead int32) {
		if at < v.leads[lead].landmark {
			to.add(int(lead))
		}
	})
}

// first keeps the earlier of two moments.
func first(at *int64, t int64) {
	if *at == noTime || t < *at {
		*at = t
	}
}

func compareEngaged(leads []watched, engaged places, outcome, strata int) Engaged {
	var e Engaged
	tables := make([]stats.Stratum, strata)
	in := func(i int) bool { // at the landmark it was open, and the outcome was still to come
		w := &leads[i]
		return !w.out && !w.young && !w.ended && (w.at[outcome] == noTime || w.at[outcome] > w.landmark)
	}
	for i := range leads {
		w := &leads[i]
		if w.young {
			e.TooYoung++
		}
		if !in(i) {
			continue
		}
		group := &tables[w.stratum].Unexposed
		if engaged.has(i) {
			group = &tables[w.stratum].Exposed
			e.Kept.N++
		}
		group.N++
		if w.at[outcome] != noTime && w.at[outcome] <= w.end {
			group.K++
		}
	}
	present := tables[:0:0]
	for _, t := range tables {
		if t.Exposed.N+t.Unexposed.N > 0 {
			present = append(present, t)
		}
	}
	e.Stratified, e.OK = stats.MantelHaenszel(present)
	for i := range leads {
		w := &leads[i]
		if !in(i) || !tables[w.stratum].Both() {
			continue
		}
		group := 0
		if engaged.has(i) {
			group = 1
			e.Kept.K++
		}
		if w.hasScore {
			e.Scores[group].Add(w.score)
		}
	}
	e.Apart, e.Judged = stats.StandardizedDifference(e.Scores[1], e.Scores[0])
	return e
}

// observe counts what came of the links that are due, as it stood at the end of their day.
func (d Maker) observe(tx *storage.Tx, report *ActivityReport, match matcher, w observing, engaged *firstEngaged) error {
	if len(w.links) == 0 {
		return nil
	}
	tallies := make([]linkTally, len(w.links))
	for i, at := range w.links {
		tallies[i] = linkTally{accounts: map[string]bool{}, records: report.Activities[at.activity].Links[at.link].records}
	}
	met := map[string][]time.Time{}
	if w.ofMeetings {
		err := tx.EachMeeting(w.since, w.until, func(lead string, at time.Time) error {
			met[lead] = append(met[lead], at)
			return nil
		})
		if err != nil {
			return err
		}
	}
	ends := make([]time.Time, len(w.links))
	for i, at := range w.links {
		ends[i] = d.endOf(report.Activities[at.activity].Links[at.link].Date)
	}
	err := eachThatMayCount(tx, w, match, engaged, func(c *truce.LeadCase, campaigns []int, by []engagedBy) {
		var facts truce.Facts // at the end of the link before: links of one day have the same
		var known time.Time
		for i, at := range w.links {
			s := &report.Activities[at.activity]
			l := &s.Links[at.link]
			if !l.counts(&s.Activity, &c.Lead, campaigns, at.activity, by, ends[i]) {
				continue
			}
			if !ends[i].Equal(known) {
				facts, known = c.Facts(ends[i]), ends[i]
			}
			tallies[i].add(l, c, facts, met[c.Lead.ID], s.StartsAt, ends[i])
		}
	})
	if err != nil {
		return err
	}
	for i, at := range w.links {
		s := &report.Activities[at.activity]
		l := &s.Links[at.link]
		if l.What == "repeat_revenue" {
			if err := d.reordered(tx, s.StartsAt, l, &tallies[i]); err != nil {
				return err
			}
		}
		l.see(tallies[i])
	}
	return nil
}

// manyEngaged is of how many engaged leads on it is quicker to read all leads in their order than to look up each of these.
const manyEngaged = 50_000

// eachThatMayCount calls fn for the leads that links may count, with the activities of their campaign and those that engaged them: of
// a large company's leads most often only few are of an activity.
func eachThatMayCount(tx *storage.Tx, w observing, match matcher, engaged *firstEngaged,
	fn func(c *truce.LeadCase, campaigns []int, by []engagedBy)) error {
	visit := func(c *truce.LeadCase) error {
		campaigns, by := match.find(c.Lead.Campaign), engaged.of(c.Lead.ID)
		if len(campaigns)+len(by) > 0 {
			fn(c, campaigns, by)
		}
		return nil
	}
	if engaged.leads >= manyEngaged {
		return tx.EachLeadCase(w.since, w.until, visit)
	}
	all, err := tx.Campaigns(w.since, w.until)
	if err != nil {
		return err
	}
	campaigns := slices.DeleteFunc(all, func(c string) bool { return len(match.find(c)) == 0 })
	return tx.EachLeadCaseOf(campaigns, engaged.all(), w.since, w.until, visit)
}

// observing is which links are to be computed, and of which leads.
type observing struct {
	links                 []linkPlace
	since, until          time.Time // the leads of campaigns that are counted
	ofEngaged, ofMeetings bool
}

// linkPlace is where a link stands in a report.
type linkPlace struct{ activity, link int }

// toObserve judges the links that somebody has counted, and gathers those to be computed.
func (d Maker) toObserve(report *ActivityReport) observing {
	var w observing
	for a := range report.Activities {
		s := &report.Activities[a]
		for i := range s.Links {
			l := &s.Links[i]
			switch {
			case !l.Due:
			case !l.Computed():
				if l.HasSeen {
					seen := l.Observed
					l.Seen = &seen
					l.judge()
				}
			default:
				w.links = append(w.links, linkPlace{a, i})
				w.ofEngaged = w.ofEngaged || l.ActivityLink.Of == truce.OfEngaged
				w.ofMeetings = w.ofMeetings || l.What == "meetings"
				if s.StartsAt.Before(w.since) || len(w.links) == 1 {
					w.since = s.StartsAt
				}
				if end := d.endOf(l.Date).Add(time.Millisecond); end.After(w.until) {
					w.until = end
				}
			}
		}
	}
	if w.since.IsZero() || w.ofEngaged { // whom an activity engages may have qualified long before
		w.since = ever
	}
	return w
}

// reordered adds to a link what the accounts it counts have ordered again.
func (d Maker) reordered(tx *storage.Tx, since time.Time, l *LinkStudy, to *linkTally) error {
	end := d.endOf(l.Date)
	orders, err := tx.Reorders(since, end.Add(time.Millisecond), end)
	if err != nil {
		return err
	}
	for _, o := range orders {
		if to.accounts[o.Account] && o.Amount.Currency == currencyOf(l.Unit) {
			to.cases++
			to.money += o.Amount.Amount
			if to.records != nil {
				to.records.orders = append(to.records.orders, o)
			}
		}
	}
	return nil
}

// engagedBy is when an activity engaged a lead first.
type engagedBy struct {
	activity int
	at       time.Time
}

// ever is before anything was.
var ever = time.UnixMilli(-1 << 60)

// firstEngaged notes when each activity, once it had begun, engaged a lead first, before a moment: by the lead's id or its e-mail address.
type firstEngaged struct {
	observing
	*roll
	activities []ActivityStudy
	by         [][]engagedBy // as far as the roll; made with the first engagement
	leads      int           // that were engaged
}

func newFirstEngaged(r *roll, activities []ActivityStudy, due observing) *firstEngaged {
	return &firstEngaged{observing: due, roll: r, activities: activities}
}

// add notes an engagement, once all leads are on the roll.
func (f *firstEngaged) add(e truce.Engagement, activity int) {
	if !f.ofEngaged || !e.At.Before(f.until) || e.At.Before(f.activities[activity].StartsAt) {
		return
	}
	if f.by == nil {
		f.by = make([][]engagedBy, len(f.ids))
	}
	f.reached(e, func(lead int32) {
		list := f.by[lead]
		switch i := slices.IndexFunc(list, func(of engagedBy) bool { return of.activity == activity }); {
		case i < 0:
			if len(list) == 0 {
				f.leads++
			}
			f.by[lead] = append(list, engagedBy{activity, e.At})
		case e.At.Before(list[i].at):
			list[i].at = e.At
		}
	})
}

// read goes over leads and engagements for this alone.
func (f *firstEngaged) read(tx *storage.Tx, match matcher) error {
	if !f.ofEngaged {
		return nil
	}
	err := tx.EachLeadMark(ever, f.until, func(m storage.LeadMark) error { f.enter(m); return nil })
	if err != nil {
		return err
	}
	return tx.EachEngagementOf(match.names, f.until, func(e truce.Engagement) error {
		match.either(e.Activity, e.Campaign, func(a int) { f.add(e, a) })
		return nil
	})
}

// of are the activities that engaged a lead.
func (f *firstEngaged) of(lead string) []engagedBy {
	if i, ok := f.byID[lead]; ok && f.by != nil {
		return f.by[i]
	}
	return nil
}

// all are the ids of the leads that were engaged.
func (f *firstEngaged) all() []string {
	var ids []string
	for i, list := range f.by {
		if len(list) > 0 {
			ids = append(ids, f.ids[i])
		}
	}
	return ids
}

// endOf is the last moment of a day of the company's zone.
func (d Maker) endOf(day truce.Date) time.Time {
	return day.Add(1).At(0, d.loc()).Add(-time.Millisecond)
}

// counts reports whether a lead is one of those that a link is counted among.
func (l *LinkStudy) counts(a *truce.Activity, lead *truce.Lead, campaigns []int, activity int, by []engagedBy, end time.Time) bool {
	if l.ActivityLink.Of == truce.OfEngaged {
		i := slices.IndexFunc(by, func(e engagedBy) bool { return e.activity == activity })
		return i >= 0 && !by[i].at.After(end)
	}
	for _, i := range campaigns {
		if i == activity {
			return !lead.MQLAt.After(end) && !lead.MQLAt.Before(a.StartsAt)
		}
	}
	return false
}

// linkTally is what a link has come to.
type linkTally struct {
	leads, cases int
	money        int64
	accounts     map[string]bool // of the leads that were won
	records      *linkRecords    // nil: only their number is asked for
}

func (t *linkTally) add(l *LinkStudy, c *truce.LeadCase, f truce.Facts, met []time.Time, since, end time.Time) {
	var of linkCase
	if t.leads++; t.records != nil {
		of = linkCase{lead: c.Lead, facts: f}
		t.records.of = append(t.records.of, of)
	}
	one := func(yes bool) {
		if !yes {
			return
		}
		if t.cases++; t.records != nil {
			t.records.cases = append(t.records.cases, of)
		}
	}
	switch l.What {
	case "leads":
		one(true)
	case "accepted":
		one(f.Stage >= truce.StageAccepted)
	case "sql":
		one(f.Stage >= truce.StageSQL)
	case "opportunities":
		one(f.Stage >= truce.StageOpportunity)
	case "won":
		one(f.Wins())
	case "revenue":
		one(f.Wins())
		t.money += f.Revenue[currencyOf(l.Unit)]
	case "repeat_revenue":
		if f.State == truce.Won && c.Lead.Account != "" {
			t.accounts[c.Lead.Account] = true
		}
	case "meetings":
		for _, at := range met {
			of.met = at
			one(!at.After(end) && !at.Before(since))
		}
	}
}

// currencyOf is the currency of a unit such as "USD" or "usd".
func currencyOf(unit string) string { return strings.ToUpper(strings.TrimSpace(unit)) }

// major is an amount in the currency's own unit, as links are written: 340000 for 340,000.00 USD.
func major(m truce.Money) float64 {
	f, _ := strconv.ParseFloat(m.Decimal(), 64) // our own digits
	return f
}

// see puts what was counted beside what was expected, with the interval of the number of cases: of leads that reached a stage
// Wilson's share of all of them; of leads, meetings and orders, which have no whole, the Poisson distribution's score interval. Money
// is that many times what a case brought.
func (l *LinkStudy) see(t linkTally) {
	seen := float64(t.cases)
	var usual stats.Interval
	switch l.What {
	case "leads", "meetings", "repeat_revenue":
		usual = stats.PoissonScore(t.cases)
	default:
		l.Of = t.leads
		share := stats.Wilson(t.cases, t.leads)
		usual = stats.Interval{Low: share.Low * float64(t.leads), High: share.High * float64(t.leads)}
	}
	l.Seen, l.Usual, l.SeenByUs, l.cases, l.money = &seen, &usual, true, t.cases, t.money
	if l.Money() {
		money := major(truce.Money{Amount: t.money, Currency: currencyOf(l.Unit)})
		if l.Seen = &money; t.cases == 0 {
			l.Usual = nil // of nothing it cannot be said what one would have brought
		} else {
			each := money / float64(t.cases)
			l.Usual = &stats.Interval{Low: usual.Low * each, High: usual.High * each}
		}
	}
	l.judge()
}

func (l *LinkStudy) judge() {
	switch {
	case l.Usual == nil && l.SeenByUs && *l.Seen == 0 && l.Expected > 0:
		l.Verdict = LinkUnder
	case l.Usual == nil && *l.Seen < l.Expected:
		l.Verdict = LinkUnder
	case l.Usual == nil && *l.Seen > l.Expected:
		l.Verdict = LinkOver
	case l.Usual == nil || l.Usual.Contains(l.Expected):
		l.Verdict = LinkAsExpected
	case l.Expected > l.Usual.High:
		l.Verdict = LinkUnder
	default:
		l.Verdict = LinkOver
	}
}

type activityReportJSON struct {
	From       string         `json:"from"`
	To         string         `json:"to"`
	AsOf       string         `json:"as_of"`
	Activities []activityJSON `json:"activities"`
	WithoutEnd struct {
		Count int              `json:"count"`
		Cost  map[string]int64 `json:"cost"`
	} `json:"without_end"`
}

type activityJSON struct {
	ID      string           `json:"id"`
	Name    string           `json:"name"`
	Cost    map[string]int64 `json:"cost"`
	Links   []linkJSON       `json:"links"`
	Engaged struct {
		LandmarkDays int         `json:"landmark_days"`
		WindowDays   int         `json:"window_days"`
		Won          engagedJSON `json:"won"`
		SQL          engagedJSON `json:"sql"`
		Meeting      engagedJSON `json:"meeting"`
	} `json:"engaged"`
}

type linkJSON struct {
	What     string   `json:"what"`
	Unit     string   `json:"unit"`
	Date     string   `json:"date"`
	Expected float64  `json:"expected"`
	Observed *float64 `json:"observed"`
	Low      *float64 `json:"low"`
	High     *float64 `json:"high"`
}

type engagedJSON struct {
	Strata         int      `json:"strata"`
	Dropped        int      `json:"dropped"`
	TooYoung       int      `json:"too_young"`
	N1             int      `json:"n1"`
	Events1        int      `json:"events1"`
	N0             int      `json:"n0"`
	Events0        int      `json:"events0"`
	RiskDifference *float64 `json:"risk_difference"`
	Low            *float64 `json:"low"`
	High           *float64 `json:"high"`
	P              *float64 `json:"p"`
	Score1         *float64 `json:"score1"`
	Score0         *float64 `json:"score0"`
	Kept           *float64 `json:"kept"`
}

// JSON is the report by docs/digest-json.md.
func (r ActivityReport) JSON(loc *time.Location) ([]byte, error) {
	out := activityReportJSON{From: truce.DateOf(r.From.In(loc)).String(), To: truce.DateOf(r.To.In(loc)).String(),
		AsOf:       r.AsOf.UTC().Format("2006-01-02T15:04:05.999Z07:00"),
		Activities: []activityJSON{}}
	out.WithoutEnd.Count, out.WithoutEnd.Cost = len(r.Endless), costOf(r.Endless)
	for _, s := range r.Activities {
		a := activityJSON{ID: s.ID, Name: s.Name, Cost: map[string]int64{}, Links: []linkJSON{}}
		if s.HasCost {
			a.Cost[s.Cost.Currency] = s.Cost.Amount
		}
		for _, l := range s.Links {
			j := linkJSON{What: l.What, Unit: l.Unit, Date: l.Date.String(), Expected: l.Expected, Observed: l.Seen}
			if l.Usual != nil {
				j.Low, j.High = &l.Usual.Low, &l.Usual.High
			}
			a.Links = append(a.Links, j)
		}
		a.Engaged.LandmarkDays, a.Engaged.WindowDays = r.Landmark.Days, r.Landmark.Window
		a.Engaged.Won, a.Engaged.SQL, a.Engaged.Meeting = s.Won.json(), s.SQL.json(), s.Meeting.json()
		out.Activities = append(out.Activities, a)
	}
	b, err := json.MarshalIndent(out, "", "  ")
	return append(b, '\n'), err
}

func (e Engaged) json() engagedJSON {
	j := engagedJSON{Strata: e.Strata, Dropped: e.Dropped, TooYoung: e.TooYoung, N1: e.Exposed.N, Events1: e.Exposed.K, N0: e.Unexposed.N,
		Events0: e.Unexposed.K}
	if e.Kept.N > 0 {
		kept := e.Kept.Rate()
		j.Kept = &kept
	}
	if !e.OK {
		return j
	}
	difference, low, high, p := e.Difference, e.Interval.Low, e.Interval.High, e.P
	j.RiskDifference, j.Low, j.High, j.P = &difference, &low, &high, &p
	for i, into := range []**float64{&j.Score0, &j.Score1} {
		if mean, ok := e.Scores[i].Mean(); ok {
			*into = &mean
		}
	}
	return j
}

// MayTell reports whether a sentence may be said of engaged leads at all, before the claims budget is asked: enough leads and events,
// and no higher score beforehand (docs/activities.md).
func (e Engaged) MayTell() bool {
	return e.OK && min(e.Exposed.N, e.Unexposed.N) >= 20 && e.Exposed.K+e.Unexposed.K >= 5 && !e.ScoredHigher()
}

// told reports whether something is said of them, in a report of so many comparisons.
func (e Engaged) told(tests int) bool { return e.MayTell() && e.P <= activityP/float64(tests) }

// ScoredHigher reports whether the two groups' mean scores lie 0.2 standard deviations or more apart: what came of them says little then.
func (e Engaged) ScoredHigher() bool { return e.Judged && math.Abs(e.Apart) >= 0.2 }
