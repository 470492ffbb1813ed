package digests

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
)

// Study is everything that stands behind a digest: the week's counts, and beside them what a week is too small to tell.
// Rates rest on the trailing 13 weeks, wins on cohorts that are old enough.
type Study struct {
	Query
	Period     *Cohort                 // the leads the digest is about
	Before     *Cohort                 // the stretch of the same length before it; of whole months, as many months. Counted by comparedBlock
	YearAgo    *Cohort                 // the same days a year earlier, likewise
	Trail      *Cohort                 // 13 weeks up to the period's end; the period itself where it is longer
	TrailPast  *Cohort                 // the 13 weeks (or the period's length) before those
	Mature     *Cohort                 // a year of leads that are old enough to tell whether they buy
	Window     int                     // days after which they are: the 80th percentile of days to win, at most a year
	Grown      bool                    // Window is known: ten or more were won
	Weeks      []int                   // leads per week in the 13 weeks before the period
	LeadWeeks  []int                   // leads per week in the 13 weeks up to its end
	Changes    []truce.ThresholdChange // of what figures rest on, in the weeks that the rates rest on
	AllReasons bool                    // no reasons are given, so every rejection counts against its source
	Claims     Claims                  // what may be claimed of sources, and of all leads over time
	Predict    Predictiveness          // over a year of leads
	PredictOf  *Cohort
	Wrong      []Doubt // rejections for a source fault that proved wrong, the newest first
	WrongN     int     // how many there are
	Faults     int     // rejections for a source fault they are among
	HighLost   []Doubt // the highest scores among those lost
	Stuck      []StuckStage
	Disputes   DisputeStudy
	Promises   []PromiseStudy
	Heard      HeardStudy
	Earned     Earnings
	Owed       []truce.Pending
	Settled    int                     // disputes that rep and Marketing settled between themselves, in the period
	Rules      int                     // lead definitions in force
	Ripe       []storage.RuleCandidate // equal rulings of which no rule was made yet
	Data       DataStudy
	First      time.Time        // when the first lead of all qualified
	Imports    []storage.Import // that ended in the period
	// of the trailing weeks' leads of which the CRM says whether they are inside the ideal customer profile, those that are
	ICP      stats.Proportion
	icpDue   WeekDue // the same, each held against what was promised then
	Costs    CostStudy
	Targets  truce.Targets          // that held at its end
	promised []truce.CharterPromise // of the charter in force then; nil where there is none
	Ends     QuarterEnds            // of the weekly summary, where it takes no time; else only Whole fills it in

	loc    *time.Location       // the company's
	people peopled              // which of the columns that blocks are by hold people
	whole  bool                 // all figures are wanted
	kept   map[reflect.Type]any // what blocks have gathered, see kept

	ramp truce.Ramp // of a new installation: it compares nothing yet

	base    Baseline // the sponsor's figures at the start
	hasBase bool     // they are known

	// What only Whole fills in, with the rest of Earned.
	Spent     Spending         // in the period
	ICPOpen   int              // leads of the trailing weeks of which a profile in force cannot tell
	PeriodICP stats.Proportion // ICP, of the period's leads
	Repeat    stats.Proportion // accounts that bought again, of those old enough
	repeats   []storage.AccountRepeat
	Odds      []Odds
	Answers   []AnswerUse
}

const (
	trailWeeks = 13
	trailDays  = 7 * trailWeeks
	listed     = 5
)

// Study gathers what a digest says on its first screen. It reads the leads of at most three years.
func (d Maker) Study(tx *storage.Tx, r Query) (Study, error) {
	return d.study(tx, r, r.Kind == MonthlyDigest) // the sponsor's month is of everything
}

func (d Maker) study(tx *storage.Tx, r Query, whole bool) (Study, error) {
	r = d.Fill(r)
	d, err := d.at(tx, minTime(r.To.Add(-time.Millisecond), r.AsOf))
	if err != nil {
		return Study{}, err
	}
	s := Study{Query: r, Period: newCohort(r.From, r.To), whole: whole, loc: d.loc(), Targets: d.Terms.Targets}
	if s.ramp, err = tx.RampAt(d.Terms, r.AsOf); err != nil {
		return s, err
	}
	if err := s.mandate(tx); err != nil {
		return s, err
	}
	from, to := d.Calendar.Date(r.From), d.Calendar.Date(r.To)
	span := max(1, int(truce.DayNumber(r.To, d.loc())-truce.DayNumber(r.From, d.loc())))
	at := func(day truce.Date) time.Time { return day.At(0, d.loc()) }
	trail := max(span, trailDays)
	s.Before = newCohort(at(from.Add(-span)), r.From).only(totalsOnly)
	s.YearAgo = newCohort(at(from.Add(-364)), at(to.Add(-364))).only(totalsOnly) // whole weeks, so that weekdays match
	// a month is held against a month, a quarter against a quarter
	if months := wholeMonths(from, to); months > 0 {
		s.Before = newCohort(at(monthsBack(from, months)), r.From).only(totalsOnly)
		s.YearAgo = newCohort(at(monthsBack(from, 12)), at(monthsBack(to, 12))).only(totalsOnly)
	}
	s.Trail = newCohort(at(to.Add(-trail)), r.To).only(sourcesOnly)
	s.TrailPast = newCohort(at(to.Add(-2*trail)), s.Trail.From).only(totalsOnly)
	s.PredictOf = newCohort(at(to.Add(-max(trail, 364))), r.To).only(totalsOnly)
	today := d.Calendar.Date(r.AsOf)
	if last := to.Add(stats.WindowCap); last.Compare(today) < 0 {
		today = last // of a period long past: what its own time has to tell
	}
	grown := newCohort(at(today.Add(-3*365)), at(today.Add(-stats.WindowCap))).only(totalsOnly)
	recent := newCohort(grown.To, at(today.Add(1))).only(totalsOnly)
	s.Weeks, s.LeadWeeks = make([]int, trailWeeks), make([]int, trailWeeks)
	if err := d.around(tx, &s, grown, recent); err != nil {
		return s, err
	}
	if grown.Totals.Won < stats.MinRate {
		grown = recent // a young company has only its fast winners to go by
	}
	s.Window, s.Grown = stats.Window(grown.Totals.dayCounts(), causeWon)
	s.Window, s.Grown = max(1, s.Window), s.Grown && grown.Totals.Won >= stats.MinRate
	old := today.Add(-s.Window)
	if old.Compare(to) > 0 {
		old = to // what qualified after a period says nothing of it
	}
	s.Mature = newCohort(at(old.Add(-364)), at(old)).only(sourcesOnly)
	if span > trailDays && from.Compare(old) < 0 { // else none of them is old enough, and the year before tells
		s.Mature = newCohort(r.From, minTime(r.To, at(old))).only(sourcesOnly)
	}
	if s.Grown {
		if err := fill(tx, r.AsOf, d.loc(), s.Mature); err != nil {
			return s, err
		}
	}
	if s.people, err = d.holdsPeople(tx, s.Trail.From, minTime(r.To, r.AsOf.Add(time.Millisecond))); err != nil {
		return s, err
	}
	for _, c := range []*Cohort{s.Period, s.Trail, s.Mature} {
		s.people.hide(c)
	}
	s.Predict = s.PredictOf.Predictiveness()
	s.weighReasons()
	if s.Claims, err = d.claims(tx, r, s.AllReasons); err != nil {
		return s, err
	}
	if s.people["source"] {
		s.Claims.SentBack, s.Claims.Bought = nil, nil
	}
	if s.First, _, _, err = tx.LeadSpan(); err != nil {
		return s, err
	}
	if err = d.data(tx, &s); err == nil {
		err = d.gather(tx, &s)
	}
	if err != nil {
		return s, fmt.Errorf("study from %s: %w", s.From.Format(time.DateOnly), err)
	}
	return s, nil
}

// wholeMonths is how many months of the calendar [from, to) is; 0 where it is not whole ones.
func wholeMonths(from, to truce.Date) int {
	if from.Day != 1 || to.Day != 1 {
		return 0
	}
	return 12*(to.Year-from.Year) + int(to.Month) - int(from.Month)
}

// monthsBack is the first of a month n months before that of a date.
func monthsBack(d truce.Date, n int) truce.Date {
	return truce.DateOf(time.Date(d.Year, d.Month-time.Month(n), 1, 12, 0, 0, 0, time.UTC))
}

// Whole is a study with all figures, also those that no digest shows by itself.
func (d Maker) Whole(tx *storage.Tx, r Query) (Study, error) { return d.study(tx, r, true) }

// around counts the cohorts, and what is seen only beside them: the weeks before, the leads that stand still, the doubts.
func (d Maker) around(tx *storage.Tx, s *Study, more ...*Cohort) error {
	cohorts := append([]*Cohort{s.Period, s.Trail, s.TrailPast, s.PredictOf}, more...)
	rolled, err := tx.RolledUp(s.AsOf, d.loc())
	if err != nil {
		return err
	}
	stuck := stages{}
	if rolled && midnight(s.From, d.loc()) && midnight(s.To, d.loc()) {
		err = d.rolledAround(tx, s, cohorts, stuck)
	} else {
		err = gather(tx, s.AsOf, d.loc(), func(lc *truce.LeadCase, f truce.Facts) {
			s.countWeek(truce.DayNumber(lc.Lead.MQLAt, d.loc()), 1, d.loc())
			s.doubt(lc, f)
			if f.Open() {
				since := f.At
				if f.State == truce.NoStatus {
					since = lc.Lead.MQLAt
				}
				stuck.add(f.Stage, truce.DaysBetween(since, s.AsOf, d.loc()), 1)
			}
		}, cohorts...)
	}
	s.Stuck = stuck.list(s.verdicts())
	return err
}

// rolledAround is around from the roll-ups.
func (d Maker) rolledAround(tx *storage.Tx, s *Study, cohorts []*Cohort, stuck stages) error {
	if err := fill(tx, s.AsOf, d.loc(), cohorts...); err != nil {
		return err
	}
	from, today := truce.DayNumber(s.From, d.loc()), truce.DayNumber(s.AsOf, d.loc())
	weeks, err := tx.RollUps(storage.RollTotal, from-trailDays, truce.DayNumber(s.To, d.loc()))
	if err != nil {
		return err
	}
	for _, g := range weeks {
		for _, day := range g.Days {
			s.countWeek(day.Day, day.Leads, d.loc())
		}
	}
	open, err := tx.RollUps(storage.RollOpen, today-3*365, today+1)
	if err != nil {
		return err
	}
	for _, g := range open {
		stage, err := strconv.Atoi(g.Name)
		if err != nil {
			return fmt.Errorf("count the leads that stand still: %w", err)
		}
		for _, d := range g.Days {
			stuck.add(truce.Stage(stage), today-d.Day, d.Leads)
		}
	}
	faults, err := tx.RollUps(storage.RollFault, truce.DayNumber(s.PredictOf.From, d.loc()), truce.DayNumber(s.PredictOf.To, d.loc()))
	if err != nil {
		return err
	}
	for _, g := range faults {
		s.Faults, s.WrongN = s.Faults+g.Leads, s.WrongN+g.Opportunities
	}
	wrong, err := tx.WrongRejections(s.PredictOf.From, s.PredictOf.To, listed)
	if err != nil {
		return err
	}
	lost, err := tx.HighestLost(s.PredictOf.From, s.PredictOf.To, listed)
	if err != nil {
		return err
	}
	s.Wrong, s.HighLost = doubtsOf(wrong), doubtsOf(lost)
	return nil
}

// countWeek counts leads that qualified on a day into the weeks before the period and those up to its end.
func (s *Study) countWeek(day, leads int, loc *time.Location) {
	if w := weekBefore(day, truce.DayNumber(s.From, loc)); w >= 0 && w < trailWeeks {
		s.Weeks[trailWeeks-1-w] += leads
	}
	if w := weekBefore(day, truce.DayNumber(s.To, loc)); w >= 0 && w < trailWeeks {
		s.LeadWeeks[trailWeeks-1-w] += leads
	}
}

// weekBefore is how many whole weeks before a day another one lies: 0 is the week just before it, negative is after.
func weekBefore(day, from int) int {
	if day >= from {
		return -1
	}
	return (from - day - 1) / 7
}

// weighReasons decides whether reasons tell rejections apart.
func (s *Study) weighReasons() {
	t := s.Trail.Totals.Figures
	s.AllReasons = t.SentBack > 0 && 2*t.NoReason >= t.SentBack
}

// sentBack is what counts against a source, of its judged leads.
func (s *Study) sentBack(f truce.Figures) stats.Proportion {
	if s.AllReasons {
		return stats.Proportion{K: f.SentBack, N: f.Judged}
	}
	return stats.Proportion{K: f.SourceFaults, N: f.Judged}
}

func wonOf(f truce.Figures) stats.Proportion { return stats.Proportion{K: f.Won, N: f.Leads} }

// verdicts reports whether anybody's verdict on leads is known: that all judged leads are inferred from deals is none.
func (s *Study) verdicts() bool {
	return s.Trail.Totals.SaidAccepted+s.Trail.Totals.SentBack > 0
}

// losses reports whether any loss is known. Without, a lead that has no deal is open, and won of closed says nothing.
func (s *Study) losses() bool {
	return s.PredictOf.Totals.Lost+s.Period.Totals.Lost+s.Mature.Totals.Lost > 0
}

// rates compares a rate among groups of at least minimum.
func rates(minimum int, level float64, groups []*Group, of func(truce.Figures) stats.Proportion) (stats.Table, []string) {
	var rows []stats.Row
	var names []string
	for _, g := range groups {
		row := stats.Row{Total: of(g.Figures), Segments: map[string]stats.Proportion{}}
		for name, f := range g.Parts {
			row.Segments[name] = of(f)
		}
		rows, names = append(rows, row), append(names, g.Name)
	}
	return stats.CompareRows(minimum, level, rows), names
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
