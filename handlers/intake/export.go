package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// This file writes what import reads: files of our own fields, which imported into an empty database (preset truce) give the
// same one again, and with them what is only ever exported.

// Format is how an export is written.
type Format string

// The formats.
const (
	CSV       Format = "csv"   // opened by a spreadsheet it runs nothing
	JSONLines Format = "jsonl" // one object a line, without empty values
)

// ExportKinds are what can be exported: first what can be imported again, in the order in which that is done.
func ExportKinds() []string {
	var list []string
	for _, k := range sheet.Kinds() {
		list = append(list, string(k))
	}
	return append(list, storage.Records()...)
}

// Export writes everything of a kind, as it is in one moment.
func Export(ctx context.Context, store *storage.Store, kind string, format Format, w io.Writer) (rows int, err error) {
	err = store.View(ctx, func(tx *storage.Tx) (err error) { rows, err = ExportIn(tx, kind, format, w); return err })
	return rows, err
}

// ExportIn writes everything of a kind as the transaction sees it: several kinds in one fit together.
func ExportIn(tx *storage.Tx, kind string, format Format, w io.Writer) (rows int, err error) {
	t := &table{format: format, w: w}
	switch sheet.Kind(kind) {
	case sheet.People:
		err = exportPeople(tx, t)
	case sheet.Accounts:
		err = exportAccounts(tx, t)
	case sheet.Leads:
		err = exportLeads(tx, t)
	case sheet.Touches:
		err = exportTouches(tx, t)
	case sheet.Engagements:
		err = exportEngagements(tx, t)
	case sheet.Deals:
		err = exportDeals(tx, t)
	case sheet.Outcomes:
		err = exportOutcomes(tx, t)
	case sheet.Orders:
		err = exportOrders(tx, t)
	case sheet.Costs:
		err = exportCosts(tx, t)
	case sheet.Activities:
		err = exportActivities(tx, t)
	case sheet.ActivityLinks:
		err = exportActivityLinks(tx, t)
	case sheet.Answers:
		err = exportAnswers(tx, t)
	default:
		columns := storage.RecordColumns(kind)
		if columns == nil {
			return 0, truce.Errorf(truce.Invalid, "There is no export of %q; it is one of %s, verdicts or all.", kind,
				strings.Join(ExportKinds(), ", "))
		}
		t.begin(columns...)
		err = tx.EachRecord(kind, func(values []any) error { return t.add(values...) })
	}
	if err == nil {
		err = t.flush()
	}
	if err != nil {
		return t.rows, fmt.Errorf("export %s: %w", kind, err)
	}
	return t.rows, nil
}

// table writes rows in either format.
type table struct {
	format  Format
	w       io.Writer
	columns []string
	csv     *sheet.Writer
	lines   *sheet.Lines
	cells   []string
	object  bytes.Buffer
	rows    int
}

func (t *table) begin(columns ...string) {
	t.columns = columns
	if t.format == JSONLines {
		t.lines = sheet.NewLines(t.w)
		return
	}
	t.csv = sheet.NewWriter(t.w, columns...)
}

// add writes a row: string kinds, int, float64, bool, time.Time, map[string]string (JSON Lines only) or nil for each column.
func (t *table) add(values ...any) error {
	t.rows++
	if t.csv != nil {
		t.cells = t.cells[:0]
		for _, v := range values {
			t.cells = append(t.cells, cell(v))
		}
		return t.csv.Write(t.cells...)
	}
	t.object.Reset()
	t.object.WriteByte('{')
	for i, v := range values {
		text := cell(v)
		var value any = text
		switch v := v.(type) {
		case float64, int, int64:
			value = json.Number(text)
		case map[string]string:
			if len(v) > 0 {
				value, text = v, "{}"
			}
		}
		if text == "" {
			continue
		}
		b, err := json.Marshal(value)
		if err != nil {
			return err
		}
		if t.object.Len() > 1 {
			t.object.WriteByte(',')
		}
		fmt.Fprintf(&t.object, "%q:%s", t.columns[i], b)
	}
	t.object.WriteByte('}')
	return t.lines.Write(json.RawMessage(t.object.Bytes()))
}

func (t *table) flush() error {
	if t.lines != nil {
		return t.lines.Flush()
	}
	return t.csv.Flush()
}

// cell is a value as it stands in a file; what is not known is empty.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format("2006-01-02T15:04:05.999Z07:00")
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case map[string]string:
		return ""
	}
	return fmt.Sprint(v) // our string kinds: a status, a reason
}

func money(m truce.Money, known bool) (amount, currency any) {
	if !known {
		return nil, nil
	}
	return m.Decimal(), m.Currency
}

func exportPeople(tx *storage.Tx, t *table) error {
	roles, err := tx.RolesFrom(rolesFrom) // those that the configuration or a user group gives come from there again
	if err != nil {
		return err
	}
	t.begin("email", "name", "side", "role", "manager", "time_zone", "truce_id", "truce_active", "truce_leave_from", "truce_leave_to")
	return tx.EachPerson(func(p truce.Person) error {
		var held []string
		for _, r := range roles[p.ID] {
			held = append(held, string(r))
		}
		slices.Sort(held)
		return t.add(p.Email, p.Name, p.Side, strings.Join(held, ";"), p.ManagerID, p.Zone, p.ID, p.Active, p.LeaveFrom, p.LeaveTo)
	})
}

func exportLeads(tx *storage.Tx, t *table) error {
	own := []string{"id", "mql_at", "email", "name", "company", "account", "source", "campaign", "score", "owner", "segment", "product",
		"icp_fit", "handed_off_at", "truce_ref", "truce_owner"}
	var names []string
	columns := slices.Clone(own)
	if t.format == JSONLines {
		columns = append(columns, "attributes")
	} else {
		var err error
		if names, err = tx.LeadAttributes(); err != nil {
			return err
		}
		for _, n := range names {
			columns = append(columns, sheet.Leads.AttributeColumn(n))
		}
	}
	t.begin(columns...)
	row := make([]any, 0, len(columns))
	return tx.EachLead(func(l truce.Lead) error {
		var score any
		if l.HasScore {
			score = l.Score
		}
		row = append(row[:0], l.ID, l.MQLAt, l.Email, l.Name, l.Company, l.AccountTold(), l.Source, l.Campaign, score, l.Owner, l.Segment,
			l.Product, l.ICPFit, l.HandedOffAt, l.Ref, l.OwnerID)
		if t.format == JSONLines {
			row = append(row, l.Attrs)
		}
		for _, n := range names {
			row = append(row, l.Attrs[n])
		}
		return t.add(row...)
	})
}

func exportTouches(tx *storage.Tx, t *table) error {
	t.begin("lead_id", "at", "kind", "by")
	return tx.EachTouch(func(c truce.Touch) error { return t.add(c.LeadID, c.At, c.Kind, c.By) })
}

func exportEngagements(tx *storage.Tx, t *table) error {
	t.begin("id", "lead_id", "email", "at", "kind", "activity", "campaign")
	return tx.EachEngagement(time.UnixMilli(-1<<60), time.UnixMilli(1<<60), func(e truce.Engagement) error {
		return t.add(e.ID, e.LeadID, e.Email, e.At, e.Kind, e.Activity, e.Campaign)
	})
}

func exportDeals(tx *storage.Tx, t *table) error {
	t.begin("id", "account", "lead_id", "name", "stage", "created_at", "closed_at", "amount", "currency", "owner", "product", "reason",
		"icp_fit", "truce_until")
	return tx.EachDeal(time.UnixMilli(1<<60), func(d truce.Deal) error {
		amount, currency := money(d.Amount, d.HasAmount)
		return t.add(d.ID, d.AccountName, d.LeadID, d.Name, d.Stage, d.CreatedAt, d.ClosedAt, amount, currency, d.Owner, d.Product, d.Reason,
			d.ICPFit, d.ClosedUntil)
	})
}

// exportOutcomes writes outcomes and, each in a row of its own, ratings.
func exportOutcomes(tx *storage.Tx, t *table) error {
	t.begin("lead_id", "deal_id", "status", "at", "amount", "currency", "reason", "owner", "rating", "rated_at", "truce_origin",
		"truce_person", "truce_note", "truce_hindsight", "truce_until")
	err := tx.EachOutcome(func(o truce.Outcome) error {
		amount, currency := money(o.Amount, o.HasAmount)
		return t.add(o.LeadID, o.DealID, o.Status, o.At, amount, currency, o.Reason, o.Owner, nil, nil, o.Origin, o.PersonID, o.Note, nil,
			o.Until)
	})
	if err != nil {
		return err
	}
	return tx.EachRating(func(r truce.RatingOf) error {
		var hindsight any
		if r.Hindsight {
			hindsight = true
		}
		return t.add(r.LeadID, nil, nil, r.RowAt, nil, nil, nil, r.Rater, r.Value.String(), r.At, nil, nil, nil, hindsight, nil)
	})
}

func exportOrders(tx *storage.Tx, t *table) error {
	t.begin("id", "account", "at", "amount", "currency", "product")
	return tx.EachOrder(time.UnixMilli(1<<60), func(o truce.Order) error {
		return t.add(o.ID, o.AccountName, o.At, o.Amount.Decimal(), o.Amount.Currency, o.Product)
	})
}

func exportCosts(tx *storage.Tx, t *table) error {
	t.begin("id", "source", "campaign", "at", "amount", "currency")
	from, to := storage.AllCosts()
	return tx.EachCost(from, to, func(c truce.Cost) error {
		return t.add(c.ID, c.Source, c.Campaign, c.At(), c.Amount.Decimal(), c.Amount.Currency)
	})
}

func exportAnswers(tx *storage.Tx, t *table) error {
	t.begin("id", "theme", "text", "proof", "internal", "claim", "owner", "status", "approved_at", "approved_by", "review_at", "truce_version",
		"truce_credit", "truce_replaces")
	return tx.EachAnswer(func(a truce.Answer, theme string) error {
		return t.add(a.ID, theme, a.Body, a.Proof, a.Internal, a.Claim, a.OwnerID, a.State, a.ApprovedAt, a.ApprovedBy, a.ReviewAt, a.Version,
			a.CreditID, a.Replaces)
	})
}

// Systems are those for which verdicts can be exported.
func Systems() []string { return []string{"salesforce", "hubspot"} }

// ExportVerdicts writes what people said here of leads as an update file for their CRM, under columns that it has or that
// docs/import.md says how to make.
func ExportVerdicts(ctx context.Context, store *storage.Store, system string, w io.Writer) (rows int, err error) {
	t := &table{format: CSV, w: w}
	switch system {
	case "salesforce": // Data Loader, operation Update: API names
		t.begin("Id", "Truce_Verdict__c", "Truce_Verdict_Date__c", "Truce_Reason__c", "Truce_Rating__c", "Truce_Dispute__c")
	case "hubspot": // import of contacts by Record ID: property labels
		t.begin("Record ID", "Truce verdict", "Truce verdict date", "Truce reason", "Truce rating", "Truce dispute")
	default:
		return 0, truce.Errorf(truce.Invalid, "Verdicts are exported --for %s, not %q.", strings.Join(Systems(), " or "), system)
	}
	err = store.View(ctx, func(tx *storage.Tx) error {
		return tx.EachVerdict(func(v storage.Verdict) error {
			var reason any
			if v.Reason != "" {
				reason = v.Reason.Info().Label
			}
			return t.add(v.LeadID, v.Status, v.At, reason, v.Rating.String(), v.Dispute)
		})
	})
	if err == nil {
		err = t.flush()
	}
	if err != nil {
		return t.rows, fmt.Errorf("export verdicts for %s: %w", system, err)
	}
	return t.rows, nil
}
