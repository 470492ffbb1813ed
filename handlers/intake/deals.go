package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// This file reads what is known besides leads and their outcomes: deals, orders, engagements, touches.

// deals reads opportunities, those that reps found alone included.
type deals struct{ values }

func (k deals) read(b *sheet.Binding, row sheet.Row) (record, *sheet.Bad) {
	c := cells{values: k.values, b: b, row: row}
	d := truce.Deal{ID: c.text("id"), LeadID: c.text("lead_id"), Name: c.text("name"), Stage: c.text("stage"), CreatedAt: c.date("created_at"),
		Owner: c.text("owner"), Product: c.text("product")}
	if k.preset && d.Stage == sheet.NoOutcome { // deleted there
		return nil, nil
	}
	d.Account, d.AccountName = c.account()
	d.Status = truce.StageStatus(d.Stage)
	if closed, until := c.close("closed_at"); d.Status.Ends() {
		d.ClosedAt, d.ClosedUntil = closed, until
	}
	d.Amount, d.HasAmount = c.money()
	if reason := c.text("reason"); reason != "" {
		d.Reason, _ = truce.ParseReason(reason)
	}
	switch {
	case d.Status.Ends() && d.ClosedAt.IsZero():
		c.miss("closed_at", "the deal is %s but does not say when; it needs a closed_at", d.Status)
	case d.Opened().IsZero():
		c.miss("created_at", "an open deal needs the date it was opened, created_at")
	}
	d.ICPFit, _ = truce.ParseICPFit(c.text("icp_fit")) // of a grade nothing is made
	if c.bad != nil {
		return nil, c.bad
	}
	return deal(d), nil
}

// miss is the fault of a value that the others make necessary.
func (c *cells) miss(field, format string, args ...any) {
	if c.bad == nil {
		c.bad = &sheet.Bad{Line: c.row.Line, Column: c.b.Source(field).Column(), Reason: sheet.ReasonMissing, Text: fmt.Sprintf(format, args...),
			Kept: c.row.Raw != nil}
	}
}

type deal truce.Deal

func (d deal) save(tx *storage.Tx) (_ storage.Change, err error) {
	if d.LeadID, err = tx.Survivor(d.LeadID); err != nil {
		return "", err
	}
	return tx.UpsertDeal(truce.Deal(d))
}

// orders reads paid orders.
type orders struct{ values }

func (k orders) read(b *sheet.Binding, row sheet.Row) (record, *sheet.Bad) {
	c := cells{values: k.values, b: b, row: row}
	o := truce.Order{ID: c.text("id"), At: c.date("at"), Product: c.text("product")}
	o.Account, o.AccountName = c.account()
	o.Amount, _ = c.money()
	if c.bad != nil {
		return nil, c.bad
	}
	return order(o), nil
}

type order truce.Order

func (o order) save(tx *storage.Tx) (storage.Change, error) { return tx.UpsertOrder(truce.Order(o)) }

// engagements reads what prospects did with Marketing.
type engagements struct{ values }

func (k engagements) read(b *sheet.Binding, row sheet.Row) (record, *sheet.Bad) {
	c := cells{values: k.values, b: b, row: row}
	e := truce.Engagement{ID: c.text("id"), LeadID: c.text("lead_id"), Email: truce.FoldEmail(c.email("email")), At: c.date("at"),
		Kind:     c.text("kind"),
		Activity: c.text("activity"), Campaign: c.text("campaign")}
	if c.bad != nil {
		return nil, c.bad
	}
	if e.ID == "" { // the same engagement again is not a second one
		sum := sha256.Sum256([]byte(strings.Join([]string{e.LeadID, e.Email, e.At.UTC().Format("20060102150405.000"), e.Kind, e.Activity,
			e.Campaign}, "\x00")))
		e.ID = "said:" + hex.EncodeToString(sum[:12])
	}
	return engagement(e), nil
}

type engagement truce.Engagement

func (e engagement) save(tx *storage.Tx) (_ storage.Change, err error) {
	if e.LeadID, err = tx.Survivor(e.LeadID); err != nil {
		return "", err
	}
	if e.LeadID != "" && e.Email == "" {
		if err := needLead(tx, e.LeadID); err != nil {
			return "", err
		}
	}
	return tx.UpsertEngagement(truce.Engagement(e))
}

// needLead is the fault of a row that speaks of a lead we do not know.
func needLead(tx *storage.Tx, id string) error {
	known, err := tx.HasLead(id)
	if err == nil && !known {
		err = unknownLead(id)
	}
	return err
}

// touches reads logged calls, meetings and personal mails.
type touches struct{ values }

// noTouch is what CRMs log beside touches. Automatic mail is the point: a machine's mail is nobody's first touch.
var noTouch = []string{"automatic mail", "automated email", "marketing email", "sequence email", "list email", "mass email", "task",
	"to do", "note", "deadline", "other"}

func (k touches) read(b *sheet.Binding, row sheet.Row) (record, *sheet.Bad) {
	c := cells{values: k.values, b: b, row: row}
	t := truce.Touch{LeadID: c.text("lead_id"), At: c.date("at"), By: c.text("by")}
	kind := c.text("kind")
	if _, err := sheet.ParseChoice(kind, noTouch...); err == nil && c.bad == nil {
		return nil, nil
	}
	var err error
	t.Kind, err = sheet.ParseChoice(kind, "call", "meeting", "mail", "personal mail", "email")
	switch {
	case err != nil:
		c.fail("kind", errors.New("\""+kind+"\" is not one of call, meeting, mail (written by a person)"))
	case t.Kind == "personal mail" || t.Kind == "email":
		t.Kind = "mail"
	}
	if c.bad != nil {
		return nil, c.bad
	}
	return touch(t), nil
}

type touch truce.Touch

func (t touch) save(tx *storage.Tx) (_ storage.Change, err error) {
	if t.LeadID, err = tx.Survivor(t.LeadID); err != nil {
		return "", err
	}
	if err := needLead(tx, t.LeadID); err != nil {
		return "", err
	}
	return tx.AddTouch(truce.Touch(t))
}
