package digests

import (
	"fmt"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
)

// The kinds of digests.
const (
	LeadsDigest   = "leads"   // the weekly lead-feedback digest, for marketers
	WeeklyDigest  = "weekly"  // the weekly alignment summary, for managers
	MineDigest    = "mine"    // what concerns one person, shown to that person only
	MonthlyDigest = "monthly" // for the sponsor
)

// Report is what a digest says, in figures. It is a pure function of the data and the moment: the same command gives the
// same bytes. Its JSON is a contract; see docs/digest-json.md.
type Report struct {
	Kind     string
	From, To time.Time // the leads that qualified in [From, To), midnights of the company's zone
	AsOf     time.Time // later events are not counted
	Location *time.Location
	*Cohort
	Predict   Predictiveness
	Costs     Spending                // what the leads cost; of no personal report
	ICP       stats.Proportion        // leads inside the ideal customer profile, of those of which it is known
	Earned    *Earnings               // what was earned in the period; nil where nobody asked
	Ends      *QuarterEnds            // what the ends of quarters go with; nil where nobody asked, or the profile is known of nothing
	Changes   []truce.ThresholdChange // in the period, of what figures rest on
	Attribute *AttributeStudy         // the leads by an attribute; nil where nobody asked
	Waiting   []truce.Pending         // of a personal report: what waits for the person
	Parts     []ReportPart            // what else blocks have to say
	Withheld  truce.Sides             // whose figures are left out for the reader
}

// ReportPart is a block's own part of a report, as it becomes JSON.
type ReportPart struct {
	Name string
	Says any
}

// NewReport reads the leads of a period and counts them by source and campaign.
func NewReport(tx *storage.Tx, kind string, from, to, asOf time.Time, loc *time.Location) (Report, error) {
	r := Report{Kind: kind, From: from, To: to, AsOf: asOf, Location: loc, Cohort: newCohort(from, to)}
	if err := fill(tx, asOf, loc, r.Cohort); err != nil {
		return r, err
	}
	r.Predict = r.Predictiveness()
	return r, nil
}

// personalReport is the report over one person's own leads, with what waits for them.
func (d Maker) personalReport(tx *storage.Tx, p truce.Person, from, to, asOf time.Time) (Report, error) {
	loc := d.loc()
	r := Report{Kind: MineDigest, From: from, To: to, AsOf: asOf, Location: loc, Cohort: newCohort(from, to)}
	r.owner = map[string]bool{}
	if p.ID != "" {
		r.owner[p.ID] = true
	}
	if p.Email != "" {
		r.owner[p.Email] = true
	}
	err := fill(tx, asOf, loc, r.Cohort)
	if err == nil {
		var people peopled
		people, err = d.holdsPeople(tx, from, to)
		people.hide(r.Cohort)
	}
	if err == nil {
		r.Waiting, err = d.waitingFor(tx, p.ID, asOf)
	}
	if err != nil {
		return r, fmt.Errorf("report to %s: %w", p.ID, err)
	}
	r.Predict = r.Predictiveness()
	return r, nil
}

// report is the figures of a whole study.
func (d Maker) report(s *Study) Report {
	r := Report{Kind: s.Kind, From: s.From, To: s.To, AsOf: s.AsOf, Location: d.loc(), Cohort: s.Period, Predict: s.Period.Predictiveness(),
		Costs: s.Spent, ICP: s.PeriodICP, Earned: &s.Earned, Withheld: s.Withheld}
	for _, c := range s.Changes {
		if !c.At.Before(s.From) {
			r.Changes = append(r.Changes, c)
		}
	}
	if !s.Ends.From.IsZero() {
		r.Ends = &s.Ends
	}
	for _, b := range blocks() {
		if b.JSON == nil {
			continue
		}
		if part := b.JSON(d, s); part != nil {
			r.Parts = append(r.Parts, ReportPart{b.Name, part})
		}
	}
	return r
}
