package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// This file holds a CRM's list of leads against ours and says why the counts differ.

// Reconciled is what became of the comparison. Of the leads here only those count that qualified in the span of the file, or
// are in it. Here is InBoth and the lists of what is only here; File is InBoth and the lists of what is only in the file.
type Reconciled struct {
	Here, File, InBoth int
	From, To           time.Time // the first and the last MQL date of the file
	Differences        []Difference
	Left               []storage.GoneLead // all that truce sync found gone from the CRM, kept or not; not among the differences

	Sources []truce.SourceChange // leads with another source in the file, or in their CRM, than here: it is locked
}

// Difference is a lead, or a row, that only one side has.
type Difference struct {
	ID     string
	Line   int // in the file; 0 where it is only here
	Why    Why
	Detail string // for people: the other lead, the fault
}

// Why is why only one side has a lead.
type Why string

// The reasons, in the order in which they are told.
const (
	WhyMerged   Why = "merged"   // the other side has a lead with the same address under another id
	WhyTest     Why = "test"     // it looks like a test
	WhyBelow    Why = "below"    // it is below the threshold: counted nowhere
	WhyRejected Why = "rejected" // the row cannot be imported as it is
	WhyTwice    Why = "twice"    // the file has the id before
	WhyMissing  Why = "missing"  // it was never imported
	WhyGone     Why = "gone"     // it is here and no longer in the file
)

// Whys are all reasons.
var Whys = []Why{WhyMerged, WhyTest, WhyBelow, WhyRejected, WhyTwice, WhyMissing, WhyGone}

// Count is how many differences have the reason.
func (r Reconciled) Count(why Why) (n int) {
	for _, d := range r.Differences {
		if d.Why == why {
			n++
		}
	}
	return n
}

// fileLead is what is remembered of a row of the file.
type fileLead struct {
	line  int
	email string // folded
	test  bool

	source string
}

// Reconcile reads the file to its end and compares it with what is here. It changes no lead; what came of it is remembered for the
// digests. Its memory grows with the file.
func (f *File) Reconcile(ctx context.Context, store *storage.Store) (Reconciled, error) {
	var r Reconciled
	if f.opts.Kind != sheet.Leads {
		return r, truce.Errorf(truce.Invalid, "Only leads are reconciled, not %s.", f.opts.Kind)
	}
	inFile := map[string]fileLead{}
	byEmail := map[string]string{} // of the file: an id with the address
	for {
		row, err := f.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return r, err
		}
		r.File++
		bad := row.Bad
		var rec record
		if bad == nil {
			rec, bad = f.read(row)
		}
		if bad != nil {
			id := ""
			if row.Bad == nil {
				id = f.binding.Load().Source("id").Of(row)
			}
			bad.Item = row.Item
			r.Differences = append(r.Differences, Difference{id, row.Line, WhyRejected, bad.Error()})
			continue
		}
		if a, ok := rec.(*absorbed); ok {
			r.Differences = append(r.Differences, Difference{a.id, row.Line, WhyMerged, "in the file; it was merged into " + a.into})
			continue
		}
		if b, ok := rec.(*below); ok {
			r.Differences = append(r.Differences, Difference{b.ID, row.Line, WhyBelow, "in the file; it has not qualified"})
			continue
		}
		l := rec.(*lead)
		if was, twice := inFile[l.ID]; twice {
			r.Differences = append(r.Differences, Difference{l.ID, row.Line, WhyTwice, fmt.Sprintf("as in line %d", was.line)})
			continue
		}
		fl := fileLead{row.Line, truce.FoldEmail(l.Email), looksLikeTest(l.Lead), l.Source}
		inFile[l.ID] = fl
		if fl.email != "" {
			byEmail[fl.email] = l.ID
		}
		if r.From.IsZero() || l.MQLAt.Before(r.From) {
			r.From = l.MQLAt
		}
		if l.MQLAt.After(r.To) {
			r.To = l.MQLAt
		}
	}
	rejected := map[string]bool{} // rows that are faulty now may have been taken before
	for _, d := range r.Differences {
		rejected[d.ID] = d.Why == WhyRejected
	}
	err := store.View(ctx, func(tx *storage.Tx) error {
		var err error
		if r.Left, err = tx.GoneLeads(); err != nil {
			return err
		}
		if err = r.compare(tx, inFile, byEmail, rejected, f.notes.survivors()); err != nil {
			return err
		}
		noted, err := tx.SourceChanges()
		r.addSources(noted)
		return err
	})
	slices.SortFunc(r.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(slices.Index(Whys, a.Why), slices.Index(Whys, b.Why)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.ID, b.ID))
	})
	if err != nil {
		return r, err
	}
	why := map[string]int{}
	for _, d := range r.Differences {
		why[string(d.Why)]++
	}
	return r, store.Update(ctx, func(tx *storage.Tx) error {
		return tx.AddReconciliation(storage.Reconciliation{Name: f.opts.Name, Here: r.Here, File: r.File, Both: r.InBoth, From: r.From, To: r.To,
			Why: why})
	})
}

// addSources adds what truce sync has noted to what the file says: where both speak of a lead, with what was proposed.
func (r *Reconciled) addSources(noted []truce.SourceChange) {
	at := make(map[string]int, len(r.Sources))
	for i, c := range r.Sources {
		at[c.LeadID] = i
	}
	for _, n := range noted {
		if i, ok := at[n.LeadID]; !ok {
			r.Sources = append(r.Sources, n)
		} else if r.Sources[i].Now == n.Now {
			r.Sources[i] = n
		}
	}
	slices.SortFunc(r.Sources, func(a, b truce.SourceChange) int { return cmp.Compare(a.LeadID, b.LeadID) })
}

func (r *Reconciled) compare(tx *storage.Tx, inFile map[string]fileLead, byEmail map[string]string, rejected map[string]bool,
	survivors map[string]string) error {
	here := map[string]string{} // the file's addresses that are here, and whose they are
	both := map[string]bool{}
	err := tx.EachLead(func(l truce.Lead) error {
		email := truce.FoldEmail(l.Email)
		if _, ok := byEmail[email]; ok && email != "" {
			here[email] = l.ID
		}
		if _, ok := inFile[l.ID]; ok {
			r.Here++
			r.InBoth++
			both[l.ID] = true
			if said := inFile[l.ID].source; said != "" && l.Source != "" && said != l.Source {
				r.Sources = append(r.Sources, truce.SourceChange{LeadID: l.ID, Ref: l.Ref, Was: l.Source, Now: said})
			}
			return nil
		}
		if l.MQLAt.Before(r.From) || l.MQLAt.After(r.To) || r.To.IsZero() || rejected[l.ID] {
			return nil
		}
		r.Here++
		d := Difference{ID: l.ID, Why: WhyGone, Detail: "only here"}
		if into := survivors[l.ID]; into != "" {
			d.Why, d.Detail = WhyMerged, "here; the file says that it was merged into "+into
		} else if other, ok := byEmail[email]; ok && email != "" {
			d.Why, d.Detail = WhyMerged, "here; the file has its address under "+other
		} else if looksLikeTest(l) {
			d.Why, d.Detail = WhyTest, "only here, and looks like a test"
		}
		r.Differences = append(r.Differences, d)
		return nil
	})
	if err != nil {
		return err
	}
	for id, fl := range inFile {
		if both[id] {
			continue
		}
		d := Difference{ID: id, Line: fl.line, Why: WhyMissing, Detail: "only in the file; import it"}
		into, err := tx.Survivor(id)
		if err != nil {
			return err
		}
		if into == id && survivors[id] != "" {
			into = survivors[id]
		}
		if into != id {
			d.Why, d.Detail = WhyMerged, "in the file; it was merged into "+into
		} else if other, ok := here[fl.email]; ok && fl.email != "" {
			d.Why, d.Detail = WhyMerged, "in the file; its address is here under "+other
		} else if fl.test {
			d.Why, d.Detail = WhyTest, "only in the file, and looks like a test"
		}
		r.Differences = append(r.Differences, d)
	}
	return nil
}

// looksLikeTest reports whether somebody tried a form: the word test in the name, or an address that RFC 2606 reserves.
func looksLikeTest(l truce.Lead) bool {
	for _, text := range []string{l.Name, l.Company} {
		for _, word := range strings.FieldsFunc(strings.ToLower(text),
			func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
			if word == "test" || word == "tester" || word == "testing" {
				return true
			}
		}
	}
	local, domain, _ := strings.Cut(truce.FoldEmail(l.Email), "@")
	if local == "test" || strings.HasPrefix(local, "test+") || strings.HasSuffix(local, "+test") {
		return true
	}
	return slices.Contains([]string{"example.com", "example.org", "example.net", "test.com"}, domain) || strings.HasSuffix(domain, ".test") ||
		strings.HasSuffix(domain, ".invalid")
}
