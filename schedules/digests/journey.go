package digests

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is what is true now beside each stage of the journey map: a pure function of the data and a moment.

// The measures of the journey map.
const (
	JourneyWeeks  = 13 // of leads that came to a stage, of what was heard there, and back to what it is held against
	JourneyWindow = 30 // days that a lead has to go on from a stage, so that all are of one age

	day = 24 * time.Hour
)

// JourneyReport is the map with what is true beside it.
type JourneyReport struct {
	AsOf     time.Time
	Stages   []StageReport
	Unplaced int // objections of the last 13 weeks of which nobody can say at which stage they were heard
}

// StageReport is one stage.
type StageReport struct {
	truce.JourneyStage
	Owner      string // the name of who looks after it
	Entries    []truce.JourneyEntry
	Leads      int
	Deals      int
	Days, Then MedianDays       // that those in it have been in it: now, and 13 weeks before as it stood then
	Onward     stats.Proportion // of those that came to it in 13 weeks, who went on within JourneyWindow days
	Before     stats.Proportion // the same, 13 weeks earlier
	Pace       Pace
	held       holds // what was claimed of its pace at weekly looks; higher is that more went on
	Objections []StageHeard
	Stuck      []Reasoned // why, from three accounts on
	Messages   []Reasoned // what resonates there
	Gaps       []truce.JourneyGap
}

// Measured reports whether leads or deals are in the stage at all, by its configuration.
func (s StageReport) Measured() bool { return len(s.JourneyStage.Leads)+len(s.JourneyStage.Deals) > 0 }

// MedianDays is a median, of so many.
type MedianDays struct {
	Days float64
	N    int // 0: there is none
}

// Pace is how a stage goes against 13 weeks before.
type Pace int

// The paces.
const (
	SamePace Pace = iota // too close to call, or too few
	SlowerPace
	FasterPace
)

// StageHeard is how often a theme was heard at a stage.
type StageHeard struct {
	Theme, Name string
	Count       int
	Accounts    int
	Rising      bool
	Answered    bool // by an approved answer
}

// Journey is the map as of a moment.
func (d Maker) Journey(tx *storage.Tx, asOf time.Time) (JourneyReport, error) {
	j, err := tx.Journey(d.JourneyStages(), asOf)
	if err != nil {
		return JourneyReport{}, err
	}
	r := JourneyReport{AsOf: asOf}
	for _, s := range j {
		r.Stages = append(r.Stages, StageReport{JourneyStage: s})
	}
	entries, err := tx.JourneyEntries(asOf)
	if err != nil {
		return r, err
	}
	for _, e := range entries {
		if i := j.Find(e.Stage); i >= 0 {
			r.Stages[i].Entries = append(r.Stages[i].Entries, e)
		}
	}
	for i := range r.Stages {
		s := &r.Stages[i]
		slices.SortStableFunc(s.Entries, func(a, b truce.JourneyEntry) int {
			return cmp.Compare(slices.Index(truce.EntryKinds, a.Kind), slices.Index(truce.EntryKinds, b.Kind))
		})
		if s.OwnerID == "" {
			continue
		}
		p, err := tx.Person(s.OwnerID)
		if err != nil && truce.KindOf(err) != truce.NotFound {
			return r, err
		}
		if s.Owner = p.Name; !p.Active {
			s.Owner = ""
		}
	}
	where, err := d.stageFigures(tx, &r, j)
	if err != nil {
		return r, fmt.Errorf("count what is at each stage: %w", err)
	}
	if err := d.stageWords(tx, &r, j, where); err != nil {
		return r, fmt.Errorf("gather what was heard at each stage: %w", err)
	}
	asks, err := tx.MapAsks(asOf)
	if err != nil {
		return r, err
	}
	for i := range r.Stages {
		r.Stages[i].gaps(asks)
	}
	return r, nil
}

// JourneyStages are the stages of the map as configured, else the usual ones.
func (d Maker) JourneyStages() truce.Journey {
	if len(d.Stages) == 0 {
		return truce.DefaultJourney()
	}
	return d.Stages
}

// whereabouts are the leads of accounts and ids of which something was heard, so that it can be said at which stage.
type whereabouts struct {
	ids      map[string]bool
	accounts map[string]bool
	account  map[string]string // by lead
	leads    map[string][]stood
}

// stood is a lead and what became of it.
type stood struct {
	at       time.Time
	outcomes []truce.Outcome
}

// at is the stage that a lead, or an account by its newest lead, was at; -1 where nobody knows.
func (w whereabouts) at(j truce.Journey, lead, account string, t time.Time) int {
	list := w.leads["l"+lead]
	if lead == "" || len(list) == 0 {
		list = w.leads["a"+truce.FoldAccount(account)]
	}
	var newest *stood
	for i := range list {
		if s := &list[i]; !s.at.After(t) && (newest == nil || s.at.After(newest.at)) {
			newest = s
		}
	}
	if newest == nil {
		return -1
	}
	st := truce.Stand(newest.outcomes, t)
	if !st.Open() {
		return -1
	}
	return j.OfLead(st.Stage)
}

// staging counts what is at each stage, now and 13 weeks before.
type staging struct {
	*JourneyReport
	journey   truce.Journey
	then      time.Time
	where     whereabouts
	loc       *time.Location
	now, past [][]float64                // by stage: the days that each has been in it
	went      []map[int]stats.Proportion // by stage and the day they came: those who went on within JourneyWindow days
}

// stageFigures counts leads and deals at each stage, now and 13 weeks before.
func (d Maker) stageFigures(tx *storage.Tx, r *JourneyReport, j truce.Journey) (whereabouts, error) {
	s := staging{JourneyReport: r, journey: j, then: r.AsOf.Add(-JourneyWeeks * 7 * day), now: make([][]float64, len(j)),
		past: make([][]float64, len(j)), loc: d.loc(),
		where: whereabouts{map[string]bool{}, map[string]bool{}, map[string]string{}, map[string][]stood{}}}
	for range j {
		s.went = append(s.went, map[int]stats.Proportion{})
	}
	w := s.where
	if err := w.wanted(tx, j, s.then, r.AsOf); err != nil {
		return w, err
	}
	end := r.AsOf.Add(time.Millisecond)
	if len(w.accounts) > 0 {
		err := tx.EachLeadMark(s.then.Add(-365*day), end, func(m storage.LeadMark) error {
			if m.Account != "" && w.accounts[m.Account] {
				w.account[m.ID] = m.Account
			}
			return nil
		})
		if err != nil {
			return w, err
		}
	}
	if err := tx.EachLeadCase(time.UnixMilli(-1<<60), end, s.lead); err != nil {
		return w, err
	}
	for i := range r.Stages {
		r.Stages[i].Leads = len(s.now[i])
	}
	if err := tx.EachDeal(end, s.deal); err != nil {
		return w, err
	}
	s.judge()
	return w, nil
}

// came counts one that came to a stage: how many went on within JourneyWindow days, of those of 13 weeks old enough for it,
// and of the 13 weeks before; and by the day it came, for the looks before. left is zero for one that did not go on.
func (s *staging) came(i int, came, left time.Time) {
	stage := &s.Stages[i]
	if came.IsZero() {
		return
	}
	one := stats.Proportion{N: 1}
	if !left.IsZero() && !left.After(came.Add(JourneyWindow*day)) {
		one.K = 1
	}
	n := truce.DayNumber(came, s.loc)
	s.went[i][n] = s.went[i][n].Plus(one)
	for _, c := range []struct {
		end  time.Time
		into *stats.Proportion
	}{{s.AsOf.Add(-JourneyWindow * day), &stage.Onward}, {s.then.Add(-JourneyWindow * day), &stage.Before}} {
		if !came.Before(c.end.Add(-JourneyWeeks*7*day)) && came.Before(c.end) {
			*c.into = c.into.Plus(one)
		}
	}
}

func (s *staging) lead(c *truce.LeadCase) error {
	qualified := c.Lead.MQLAt
	if account, wanted := s.where.account[c.Lead.ID]; wanted || s.where.ids[c.Lead.ID] {
		one := stood{qualified, slices.Clone(c.Outcomes)}
		s.where.leads["l"+c.Lead.ID] = append(s.where.leads["l"+c.Lead.ID], one)
		if wanted {
			s.where.leads["a"+account] = append(s.where.leads["a"+account], one)
		}
	}
	for _, m := range []struct {
		at   time.Time
		into [][]float64
	}{{s.AsOf, s.now}, {s.then, s.past}} {
		if qualified.After(m.at) {
			continue
		}
		st := truce.Stand(c.Outcomes, m.at)
		i := s.journey.OfLead(st.Stage)
		if !st.Open() || i < 0 {
			continue
		}
		m.into[i] = append(m.into[i], wholeDays(m.at.Sub(s.journey[i].Entered(c.Outcomes, qualified))))
	}
	for i, stage := range s.journey {
		if len(stage.Leads) > 0 {
			s.came(i, stage.Entered(c.Outcomes, qualified), stage.Left(c.Outcomes, qualified))
		}
	}
	return nil
}

func (s *staging) deal(deal truce.Deal) error {
	open := func(at time.Time) bool {
		return !deal.Opened().After(at) && (deal.Status == truce.Opportunity || deal.ClosedAt.After(at))
	}
	name := deal.Stage
	if deal.Status != truce.Opportunity {
		name = "" // where it was before it closed nobody has kept
	}
	i := s.journey.OfDeal(name)
	if i < 0 {
		return nil
	}
	alone := len(s.journey[i].Leads) == 0 // otherwise its leads are measured
	if open(s.AsOf) {
		s.Stages[i].Deals++
		if alone {
			s.now[i] = append(s.now[i], wholeDays(s.AsOf.Sub(deal.Opened())))
		}
	}
	if !alone {
		return nil
	}
	if open(s.then) {
		s.past[i] = append(s.past[i], wholeDays(s.then.Sub(deal.Opened())))
	}
	var won time.Time
	if deal.Status == truce.Won {
		won = deal.ClosedAt
	}
	s.came(i, deal.Opened(), won)
	return nil
}

// judge says how long they have been in each stage, and which stages go slower or faster than 13 weeks before.
func (s *staging) judge() {
	for i := range s.Stages {
		stage := &s.Stages[i]
		for _, m := range []struct {
			of   []float64
			into *MedianDays
		}{{s.now[i], &stage.Days}, {s.past[i], &stage.Then}} {
			if days, ok := stats.Median(m.of); ok {
				*m.into = MedianDays{days, len(m.of)}
			}
		}
	}
	s.paces()
}

// paces says which stages go slower or faster: what was claimed at a weekly look and still is so, played over from the days they came.
func (s *staging) paces() {
	looks := mondaysUntil(truce.DateOf(s.AsOf.In(s.loc)))
	sees := make([][]seen, looks.n)
	sum := func(i, from, to int) (p stats.Proportion) {
		for n := from; n < to; n++ {
			p = p.Plus(s.went[i][n])
		}
		return p
	}
	for look := range sees {
		end := looks.at(look).Number() - JourneyWindow
		stages := make([]StageReport, len(s.Stages))
		for i := range stages {
			stages[i].Onward, stages[i].Before = sum(i, end-7*JourneyWeeks, end), sum(i, end-14*JourneyWeeks, end-7*JourneyWeeks)
		}
		JudgePaces(stages)
		for _, stage := range stages {
			sees[look] = append(sees[look], stage.Seen())
		}
	}
	for i := range s.Stages {
		stage := &s.Stages[i]
		stage.held = looks.hold(func(look int, _ truce.Date) seen { return sees[look][i] })
		switch stage.held.says(slightly(stage.Onward.Rate() - stage.Before.Rate())) {
		case stats.Lower:
			stage.Pace = SlowerPace
		case stats.Higher:
			stage.Pace = FasterPace
		}
	}
}

// Seen is what a look sees of a stage whose pace was judged.
func (s StageReport) Seen() Seen {
	of := seen{leans: leaning(s.Onward, s.Before)}
	if s.Pace != SamePace {
		of.claim = of.leans
	}
	return of
}

// JudgePaces fills in the pace of stages by how many went on, now and before, as one look by itself would claim it.
func JudgePaces(stages []StageReport) {
	compared := 0
	for _, stage := range stages {
		if stage.Onward.N > 0 && stage.Before.N > 0 {
			compared++
		}
	}
	for i := range stages {
		stage := &stages[i]
		if stage.Onward.N == 0 || stage.Before.N == 0 || stats.TwoProportionP(stage.Onward, stage.Before) > paceP/float64(compared) ||
			leaning(stage.Onward, stage.Before) == stats.TooClose {
			continue
		}
		if stage.Pace = SlowerPace; stage.Onward.Rate() > stage.Before.Rate() {
			stage.Pace = FasterPace
		}
	}
}

// wholeDays is a length in whole days.
func wholeDays(d time.Duration) float64 { return float64(max(0, d) / (24 * time.Hour)) }

// wanted are the leads and accounts of which something was heard at a stage that nobody named.
func (w whereabouts) wanted(tx *storage.Tx, j truce.Journey, from, to time.Time) error {
	want := func(stage, lead, account string) {
		if j.Find(stage) >= 0 {
			return
		}
		if lead != "" {
			w.ids[lead] = true
		}
		if a := truce.FoldAccount(account); a != "" {
			w.accounts[a] = true
		}
	}
	said, err := tx.Objections(from, to.Add(time.Millisecond))
	if err != nil {
		return err
	}
	for _, o := range said {
		want(o.Stage, o.LeadID, o.Account)
	}
	notes, err := tx.FieldNotes(from, to.Add(time.Millisecond))
	if err != nil {
		return err
	}
	for _, n := range notes {
		want(n.Stage, n.LeadID, n.Account)
	}
	return nil
}

// stageWords gathers what was heard at each stage in the last 13 weeks.
func (d Maker) stageWords(tx *storage.Tx, r *JourneyReport, j truce.Journey, w whereabouts) error {
	from, to := r.AsOf.Add(-JourneyWeeks*7*24*time.Hour), r.AsOf.Add(time.Millisecond)
	place := func(stage, lead, account string, at time.Time) int {
		if i := j.Find(stage); i >= 0 {
			return i
		}
		return w.at(j, lead, account, at)
	}
	names, err := tx.ThemeNames()
	if err != nil {
		return err
	}
	heard, err := tx.ThemesHeard(from, to)
	if err != nil {
		return err
	}
	answered := map[string]bool{}
	for _, t := range heard {
		if answered[t.ID] = t.Answered; !t.Answered {
			continue
		}
		list, err := tx.Answers(t.ID, truce.AnswerApproved)
		if err != nil {
			return err
		}
		answered[t.ID] = slices.ContainsFunc(list, func(a truce.Answer) bool { return !a.ApprovedAt.After(r.AsOf) && !a.Hidden(r.AsOf) })
	}
	rising, err := d.Rising(tx, to)
	if err != nil {
		return err
	}
	said, err := tx.Objections(from, to)
	if err != nil {
		return err
	}
	type tally struct {
		n        int
		accounts map[string]bool
	}
	tallies := make([]map[string]*tally, len(j))
	for i := range tallies {
		tallies[i] = map[string]*tally{}
	}
	for _, o := range said {
		i := place(o.Stage, o.LeadID, o.Account, o.CreatedAt)
		if i < 0 {
			r.Unplaced++
			continue
		}
		if o.ThemeID == "" {
			continue
		}
		t := tallies[i][o.ThemeID]
		if t == nil {
			t = &tally{accounts: map[string]bool{}}
			tallies[i][o.ThemeID] = t
		}
		t.n++
		if a := truce.FoldAccount(o.Account); a != "" {
			t.accounts[a] = true
		}
	}
	for i := range tallies {
		for _, id := range slices.Sorted(maps.Keys(tallies[i])) {
			t := tallies[i][id]
			r.Stages[i].Objections = append(r.Stages[i].Objections,
				StageHeard{Theme: id, Name: cmp.Or(names[id], id), Count: t.n, Accounts: len(t.accounts), Rising: rising[id], Answered: answered[id]})
		}
		slices.SortStableFunc(r.Stages[i].Objections, func(a, b StageHeard) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count),
				cmp.Compare(a.Name, b.Name))
		})
	}
	return d.stageNotes(tx, r, from, to, place)
}

// stageNotes gathers the notes that say the same of three accounts or more: why leads are stuck, what resonates.
func (d Maker) stageNotes(tx *storage.Tx, r *JourneyReport, from, to time.Time,
	place func(stage, lead, account string, at time.Time) int) error {
	notes, err := tx.FieldNotes(from, to)
	if err != nil {
		return err
	}
	type key struct {
		stage int
		kind  truce.NoteKind
		text  string
	}
	type told struct {
		text     string
		accounts map[string]time.Time
	}
	gathered := map[key]*told{}
	var order []key
	for _, n := range notes {
		account := truce.FoldAccount(n.Account)
		if n.Kind != truce.NoteStuck && n.Kind != truce.NoteResonates || account == "" {
			continue
		}
		i := place(n.Stage, n.LeadID, n.Account, n.CreatedAt)
		if i < 0 {
			continue
		}
		k := key{i, n.Kind, truce.FoldAccount(n.Text)}
		if gathered[k] == nil {
			gathered[k] = &told{n.Text, map[string]time.Time{}}
			order = append(order, k)
		}
		if _, ok := gathered[k].accounts[account]; !ok {
			gathered[k].accounts[account] = n.CreatedAt
		}
	}
	for _, k := range order {
		t := gathered[k]
		one := Reasoned{Text: t.text, Accounts: len(t.accounts)}
		if one.Accounts < manyAccounts {
			continue
		}
		s := &r.Stages[k.stage]
		if k.kind == truce.NoteStuck {
			s.Stuck = append(s.Stuck, one)
			continue
		}
		for account, at := range t.accounts {
			ok, err := tx.MovedOn(account, at, r.AsOf)
			if err != nil {
				return err
			}
			if ok {
				one.MovedOn++
			}
		}
		s.Messages = append(s.Messages, one)
	}
	for i := range r.Stages {
		byAccounts := func(a, b Reasoned) int {
			return cmp.Or(cmp.Compare(b.Accounts, a.Accounts), cmp.Compare(a.Text, b.Text))
		}
		slices.SortFunc(r.Stages[i].Stuck, byAccounts)
		slices.SortFunc(r.Stages[i].Messages, byAccounts)
	}
	return nil
}

// gaps are what the stage lacks, each a suggestion.
func (s *StageReport) gaps(asks []truce.MapQuestion) {
	add := func(kind truce.GapKind, ref, format string, args ...any) {
		g := truce.JourneyGap{Kind: kind, Ref: ref, Text: fmt.Sprintf(format, args...)}
		for _, q := range asks {
			if kind == truce.GapAssumed && q.EntryID == ref {
				g.Asked, g.Text = q.At, g.Text+" Interviews ask it: “"+q.Question+"”"
			}
		}
		s.Gaps = append(s.Gaps, g)
	}
	if s.Pace == SlowerPace && len(s.Stuck) == 0 {
		add(truce.GapSlower, s.Name, "It got slower, and nobody has said why: ask whoever has a lead here.")
	}
	if len(s.Objections) > 0 && !s.Objections[0].Answered {
		o := s.Objections[0]
		add(truce.GapAnswer, o.Theme, "“%s” is heard most here (%s) and has no approved answer.", o.Name, counted(o.Count, "time", "times"))
	}
	if len(s.Entries) == 0 && s.Exit == "" && len(s.Objections) == 0 {
		add(truce.GapUnlooked, s.Name, "Nobody has said anything of it yet: what do buyers ask here?")
		return
	}
	for _, e := range s.Entries {
		if e.Kind == truce.JourneyQuestion && !slices.ContainsFunc(s.Entries, func(c truce.JourneyEntry) bool {
			return c.Kind == truce.JourneyContent && slices.Contains(c.Cites, e.ID)
		}) {
			add(truce.GapContent, e.ID, "Nothing we have answers “%s”.", e.Text)
		}
	}
	for _, e := range s.Entries {
		if e.Kind == truce.JourneyBarrier && e.Assumed() {
			add(truce.GapAssumed, e.ID, "“%s” is assumed: nobody has shown yet that buyers say so.", e.Text)
		}
	}
	if s.Exit == "" {
		add(truce.GapExit, s.Name, "It has no exit criterion: what does a buyer do when it is over?")
	}
}

type journeyJSON struct {
	AsOf   string             `json:"as_of"`
	Stages []journeyStageJSON `json:"stages"`
}

type journeyStageJSON struct {
	Name    string             `json:"name"`
	Owner   *string            `json:"owner"`
	Exit    *string            `json:"exit"`
	Entries []journeyEntryJSON `json:"entries"`
	Facts   struct {
		Leads      int                    `json:"leads"`
		Deals      int                    `json:"deals"`
		MedianDays *float64               `json:"median_days"`
		Onward     onwardJSON             `json:"onward"`
		Objections []journeyObjectionJSON `json:"objections"`
		Stuck      []journeyStuckJSON     `json:"stuck"`
	} `json:"facts"`
	Gaps []journeyGapJSON `json:"gaps"`
}

type journeyEntryJSON struct {
	Kind    truce.EntryKind `json:"kind"`
	Text    string          `json:"text"`
	Cites   []string        `json:"cites"`
	Assumed bool            `json:"assumed"`
}

type onwardJSON struct {
	K int `json:"k"`
	N int `json:"n"`
	rateJSON
}

type journeyObjectionJSON struct {
	Theme string `json:"theme"`
	Count int    `json:"count"`
}

type journeyStuckJSON struct {
	Why      string `json:"why"`
	Accounts int    `json:"accounts"`
}

type journeyGapJSON struct {
	Kind truce.GapKind `json:"kind"`
	Text string        `json:"text"`
}

// JSON is the map by docs/journey.md.
func (r JourneyReport) JSON() ([]byte, error) {
	out := journeyJSON{AsOf: r.AsOf.UTC().Format("2006-01-02T15:04:05.999Z07:00"), Stages: []journeyStageJSON{}}
	text := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	for _, s := range r.Stages {
		j := journeyStageJSON{Name: s.Name, Owner: text(s.Owner), Exit: text(s.Exit), Entries: []journeyEntryJSON{}, Gaps: []journeyGapJSON{}}
		for _, e := range s.Entries {
			j.Entries = append(j.Entries, journeyEntryJSON{e.Kind, e.Text, append([]string{}, e.Cites...), e.Assumed()})
		}
		f := &j.Facts
		f.Leads, f.Deals, f.Onward = s.Leads, s.Deals, onwardJSON{s.Onward.K, s.Onward.N, proportionJSON(s.Onward)}
		if s.Days.N > 0 {
			f.MedianDays = &s.Days.Days
		}
		f.Objections, f.Stuck = []journeyObjectionJSON{}, []journeyStuckJSON{}
		for _, o := range s.Objections {
			f.Objections = append(f.Objections, journeyObjectionJSON{o.Name, o.Count})
		}
		for _, w := range s.Stuck {
			f.Stuck = append(f.Stuck, journeyStuckJSON{w.Text, w.Accounts})
		}
		for _, g := range s.Gaps {
			j.Gaps = append(j.Gaps, journeyGapJSON{g.Kind, g.Text})
		}
		out.Stages = append(out.Stages, j)
	}
	b, err := json.MarshalIndent(out, "", "  ")
	return append(b, '\n'), err
}

// JourneyMap is the map as of a moment, to be shown.
func (d Maker) JourneyMap(tx *storage.Tx, asOf time.Time) (cards.JourneyView, error) {
	r, err := d.Journey(tx, asOf)
	if err != nil {
		return cards.JourneyView{}, err
	}
	v := cards.JourneyView{AsOf: asOf, Unplaced: r.Unplaced, Weeks: JourneyWeeks, Window: JourneyWindow, Loc: d.loc()}
	for _, s := range r.Stages {
		one := cards.StageView{Name: s.Name, Owner: s.Owner, Exit: s.Exit, Entries: s.Entries, Measured: s.Measured(), Leads: s.Leads,
			Deals: s.Deals, Gaps: s.Gaps,
			Onward: share(s.Onward), Before: share(s.Before), Pace: [...]string{"", "slower", "faster"}[s.Pace]}
		if s.Days.N > 0 {
			one.Days, one.DaysNow, one.DaysOf = plainNumber(s.Days.Days), int(s.Days.Days+0.5), s.Days.N
		}
		if s.Then.N > 0 {
			one.Then, one.DaysThen, one.ThenOf = plainNumber(s.Then.Days), int(s.Then.Days+0.5), s.Then.N
		}
		for _, o := range s.Objections {
			one.Objections = append(one.Objections, cards.StageObjection{Name: o.Name, Times: o.Count, Rising: o.Rising, Answered: o.Answered})
		}
		for _, w := range s.Stuck {
			one.Stuck = append(one.Stuck, cards.CountOf{Name: w.Text, N: w.Accounts})
		}
		for _, m := range s.Messages {
			one.Messages = append(one.Messages, cards.CountOf{Name: m.Text, N: m.MovedOn, Of: m.Accounts})
		}
		v.Stages = append(v.Stages, one)
	}
	return v, nil
}
