package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// leads reads leads: id and mql_at are required, what is no field of ours is kept as an attribute.
type leads struct{ values }

func (k leads) read(b *sheet.Binding, row sheet.Row) (record, *sheet.Bad) {
	c := cells{values: k.values, b: b, row: row}
	l := &lead{Lead: truce.Lead{
		ID: c.text("id"), MQLAt: c.date("mql_at"), Email: c.email("email"), Name: c.text("name"), Company: c.text("company"),
		Account: c.text("account"),
		Source:  c.text("source"), Campaign: c.text("campaign"), Segment: c.text("segment"), Product: c.text("product"), Owner: c.text("owner"),
	}}
	if into := c.text("merged_into"); into != "" && into != l.ID && l.ID != "" {
		k.notes.merge(l.ID, into)
		return &absorbed{id: l.ID, into: into}, nil
	}
	for _, id := range mergedIDs(c.text("merged_ids")) {
		if id != l.ID && l.ID != "" {
			k.notes.merge(id, l.ID)
		}
	}
	l.AttrsJSON = string(b.AppendAttributes(nil, row))
	if told := l.Account; told != "" {
		if l.Account = truce.FoldAccount(told); l.Account != told {
			l.AccountAs = told
		}
	}
	l.KnownAt = c.date("known_at")
	if fit := c.text("icp_fit"); fit != "" {
		var known bool
		if l.ICPFit, known = truce.ParseICPFit(fit); !known { // a grade, or points: nothing is lost, and nothing is made of it
			l.AttrsJSON = withAttribute(l.AttrsJSON, "icp_fit", fit)
		}
	}
	var err error
	if l.Score, l.HasScore, err = sheet.ParseScore(c.text("score"), k.number); err != nil {
		c.fail("score", err)
	}
	handed, qualified := c.date("handed_off_at"), true
	if said := c.text("qualified"); said != "" {
		if qualified, err = sheet.ParseYesNo(said); err != nil {
			c.fail("qualified", err)
		}
	}
	if c.bad != nil {
		return nil, c.bad
	}
	if !qualified {
		return (*below)(l), nil
	}
	if k.own {
		l.HandedOffAt, l.Ref, l.OwnerID = handed, c.ours("truce_ref"), c.ours("truce_owner")
		return l, nil
	}
	if handed.IsZero() {
		handed = l.MQLAt
	}
	l.HandedOffAt = k.handOff(handed)
	return l, nil
}

// withAttribute adds an attribute to an object of them.
func withAttribute(object, name, value string) string {
	pair, err := json.Marshal(map[string]string{name: value})
	if err != nil {
		return object
	}
	if object == "" || object == "{}" {
		return string(pair)
	}
	return strings.TrimSuffix(object, "}") + "," + string(pair[1:])
}

// handOff is the moment a lead's clocks begin: zero for what was handed off before Truce's start, which has none.
func (v values) handOff(at time.Time) time.Time {
	if v.started.IsZero() || at.Before(v.started) {
		return time.Time{}
	}
	return at
}

// lead is a row that brings a lead. Files store them together; see storage.Tx.UpsertLeads.
type lead storage.LeadRow

func (l *lead) save(tx *storage.Tx) (storage.Change, error) {
	err := tx.UpsertLeads([]*storage.LeadRow{(*storage.LeadRow)(l)}, false)
	return l.Change, err
}

// below is a row of a lead that the source has below its threshold. It is counted nowhere: only a second look may draw it.
type below storage.LeadRow

func (l *below) save(tx *storage.Tx) (storage.Change, error) {
	of := l.Lead
	if l.AttrsJSON != "" {
		if err := json.Unmarshal([]byte(l.AttrsJSON), &of.Attrs); err != nil {
			return "", fmt.Errorf("read the attributes of lead %s: %w", of.ID, err)
		}
	}
	return tx.UpsertBelow(of)
}

// HandOff gives the moment a lead's clocks begin that qualified at one: zero for what was handed off before Truce's start.
func HandOff(ctx context.Context, store *storage.Store) (func(at time.Time) time.Time, error) {
	started, err := startOf(ctx, store)
	return values{started: started}.handOff, err
}
