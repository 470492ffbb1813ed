package truce

import (
	"cmp"
	"strings"
	"time"
)

// Deal is an opportunity of the CRM and how it ended: one that grew from a lead, or one that a rep found alone.
type Deal struct {
	ID          string // the CRM's, case-sensitive
	Account     string // folded: what joins leads, deals and orders
	AccountName string // as the CRM says it
	LeadID      string // "" where no lead is named
	Name        string
	Stage       string // as the CRM says it
	Status      Status // Opportunity while it is open, Won or Lost
	CreatedAt   time.Time
	ClosedAt    time.Time // zero while it is open; what a CRM expects is no close
	ClosedUntil time.Time // of a close without a time: the last moment of its day; else zero
	Amount      Money
	HasAmount   bool
	Owner       string // as the CRM says it
	Product     string
	Reason      Reason // why it was lost
	ICPFit      ICPFit // of its account, where the CRM says it of the deal
	RecordedAt  time.Time
}

// StageStatus is what a deal's stage means: the usual words for the two ends, alone or before what a company adds to them ("Closed
// Won - New Business"), anything else is open.
func StageStatus(stage string) Status {
	words := strings.FieldsFunc(strings.ToLower(stage), func(r rune) bool { return strings.ContainsRune(" -_/:", r) })
	if len(words) > 2 && words[0] == "closed" {
		words = words[:2]
	}
	switch strings.Join(words, " ") {
	case "won", "closed won", "closedwon":
		return Won
	case "lost", "closed lost", "closedlost":
		return Lost
	}
	return Opportunity
}

// OutcomesOf are what the deal says of a lead of its; of several leads each is told all of it, and one of them counts
// (Outcome.Counts).
func (d Deal) OutcomesOf(lead string) []Outcome {
	o := Outcome{LeadID: lead, DealID: d.ID, Owner: d.Owner, Origin: FromImport}
	var list []Outcome
	if !d.CreatedAt.IsZero() {
		opened := o
		opened.Status, opened.At = Opportunity, d.CreatedAt
		if d.Status == Opportunity {
			opened.Amount, opened.HasAmount = d.Amount, d.HasAmount
		}
		list = append(list, opened)
	}
	if d.Status.Ends() {
		o.Status, o.At, o.Until, o.Amount, o.HasAmount, o.Reason = d.Status, d.ClosedAt, d.ClosedUntil, d.Amount, d.HasAmount, d.Reason
		list = append(list, o)
	}
	return list
}

// Said reports whether an outcome of a lead is as this deal says it.
func (d Deal) Said(o Outcome) bool {
	for _, s := range d.OutcomesOf(o.LeadID) {
		if o.DealID == s.DealID && o.Status == s.Status && o.At.Equal(s.At) && o.Origin == FromImport {
			return true
		}
	}
	return false
}

// Over is the deal with what it leaves empty as it was known before: a file without the column takes nothing away. The stage and
// the close are always the newest.
func (d Deal) Over(before Deal) Deal {
	if d.Account == "" {
		d.Account, d.AccountName = before.Account, before.AccountName
	}
	if d.CreatedAt.IsZero() {
		d.CreatedAt = before.CreatedAt
	}
	if !d.HasAmount {
		d.Amount, d.HasAmount = before.Amount, before.HasAmount
	}
	d.LeadID, d.Name, d.Owner = cmp.Or(d.LeadID, before.LeadID), cmp.Or(d.Name, before.Name), cmp.Or(d.Owner, before.Owner)
	d.Product, d.ICPFit = cmp.Or(d.Product, before.Product), cmp.Or(d.ICPFit, before.ICPFit)
	return d
}

// AccountWindow is how far a lead and an opportunity of one account may lie apart and still belong together.
const AccountWindow = 180 * 24 * time.Hour

// Joins reports whether a lead belongs to the deal: it is the deal's own, or it is of the same account and qualified within
// AccountWindow of the opportunity, before or after.
func (d Deal) Joins(l Lead) bool {
	if d.LeadID != "" && d.LeadID == l.ID {
		return true
	}
	apart := d.Opened().Sub(l.MQLAt)
	return d.Account != "" && d.Account == l.Account && apart <= AccountWindow && apart >= -AccountWindow
}

// Reaches are the dates between which a lead of the deal's account must have qualified for a deal that names no lead to reach
// it: AccountWindow around its opening, and not after its close, which no later lead can have led to.
func (d Deal) Reaches() (from, to time.Time) {
	from, to = d.Opened().Add(-AccountWindow), d.Opened().Add(AccountWindow)
	if closed := cmp.Or(d.ClosedUntil, d.ClosedAt); !closed.IsZero() && closed.Before(to) {
		to = closed
	}
	return from, to
}

// Opened is when the opportunity began: its close where nothing else is known.
func (d Deal) Opened() time.Time {
	if d.CreatedAt.IsZero() {
		return d.ClosedAt
	}
	return d.CreatedAt
}

// Order is a paid order of an account: repeat business counts, not one-off deals.
type Order struct {
	ID          string
	Account     string // folded
	AccountName string
	At          time.Time
	Amount      Money
	Product     string
	RecordedAt  time.Time
}

// Engagement is something a prospect did with Marketing: a visit, a download, an event.
type Engagement struct {
	ID         string
	LeadID     string // or the e-mail address, which may be of several leads
	Email      string // folded
	At         time.Time
	Kind       string
	Activity   string // what it was done with: the page, the white paper
	Campaign   string
	RecordedAt time.Time
}
