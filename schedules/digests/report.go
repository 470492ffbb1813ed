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
	Waiting   []Waiting               // of a personal report: what waits for the person
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

// NewPersonalReport is the report over one person's own leads, with what waits for them.
func NewPersonalReport(tx *storage.Tx, p truce.Person, from, to, asOf time.Time, loc *time.Location) (Report, error) {
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
		r.Waiting, err = waitingFor(tx, p, asOf)
	}
	if err != nil {
		return r, fmt.Errorf("report to %s: %w", p.ID, err)
	}
	r.Predict = r.Predictiveness()
	return r, nil
}

// beside fills in what a report says beside its leads.
func (d Maker) beside(tx *storage.Tx, rep *Report) (err error) {
	if err = d.countWorked(tx, rep.Cohort, rep.AsOf); err != nil {
		return err
	}
	if rep.Costs, err = d.spending(tx, rep.From, rep.To, rep.AsOf); err != nil {
		return err
	}
	earned, err := d.earnings(tx, Request{From: rep.From, To: rep.To, AsOf: rep.AsOf})
	if err != nil {
		return fmt.Errorf("add up what was earned: %w", err)
	}
	rep.Earned = &earned
	if rep.ICP.K, rep.ICP.N, err = tx.ICPShare(rep.From, minTime(rep.To, rep.AsOf.Add(time.Millisecond))); err != nil {
		return err
	}
	if rep.Changes, err = tx.ThresholdChanges(rep.From, minTime(rep.To, rep.AsOf.Add(time.Millisecond))); err != nil {
		return err
	}
	if known, err := tx.KnowsICP(); err != nil || !known {
		return err
	}
	repeats, err := tx.Repeats(rep.AsOf)
	if err != nil {
		return err
	}
	ends, err := d.quarterEnds(tx, rep.To, rep.AsOf, repeats)
	rep.Ends = &ends
	return err
}
