package pull

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/handlers/intake"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// said is a source that answers what it was given, and whether it was heard to its end.
type said struct {
	text string
	err  error
}

func (s *said) Ask(context.Context, time.Time, *slog.Logger) (*Rows, error) {
	return &Rows{ReadCloser: io.NopCloser(strings.NewReader(s.text))}, s.err
}
func (s *said) Try(context.Context) error { return nil }

// told is a listener that keeps what it is told.
type told []string

func (t *told) Rejected(_ sheet.Row, bad *sheet.Bad) error { *t = append(*t, bad.Error()); return nil }
func (t *told) Progress(intake.Summary)                    {}

// bench is a database with a clock, and sources that say what they are told to.
type bench struct {
	t     *testing.T
	store *storage.Store
	now   time.Time
	told  told
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	store, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "truce.db"), func() time.Time { return b.now },
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b.store = store
	return b
}

// run takes what a source of a kind says.
func (b *bench) run(kind sheet.Kind, text string) intake.Summary {
	b.t.Helper()
	b.told = nil
	s := Source{Name: "crm_" + string(kind), Asker: &said{text: text}, Timeout: time.Minute,
		Options: intake.Options{Kind: kind, Dates: sheet.Dates{Location: time.UTC}}}
	got, err := Run(b.t.Context(), b.store, s, false, &b.told, slog.New(slog.DiscardHandler))
	if err != nil {
		b.t.Fatal(err)
	}
	return got.Summary
}

func (b *bench) view(fn func(tx *storage.Tx) error) {
	b.t.Helper()
	if err := b.store.View(b.t.Context(), fn); err != nil {
		b.t.Fatal(err)
	}
}

// TestRowsWaitForTheirLeads: what comes before its lead is not lost, whatever it is and however it is written.
func TestRowsWaitForTheirLeads(t *testing.T) {
	const lead = "id,mql_at\n7,2026-03-01\n"
	for _, c := range []struct {
		name  string
		kind  sheet.Kind
		text  string
		waits int
		there func(tx *storage.Tx) (bool, error)
	}{
		{"an outcome of a table", sheet.Outcomes, "lead_id;status;at;reason\n7;rejected;\"2026-03-02\";\"no\nneed; none\"\n", 1,
			func(tx *storage.Tx) (bool, error) {
				l, err := tx.LeadOutcomes("7")
				return err == nil && len(l) == 1 && l[0].Status == truce.Rejected && l[0].Reason == "no\nneed; none", err
			}},
		{"an outcome in JSON", sheet.Outcomes, `[{"lead_id":7,"status":"won","deal_id":"D","at":"2026-03-02","amount":5,"currency":"EUR"}]`, 1,
			func(tx *storage.Tx) (bool, error) {
				l, err := tx.LeadOutcomes("7")
				return err == nil && len(l) == 1 && l[0].Amount.Amount == 500, err
			}},
		{"a touch", sheet.Touches, "lead_id,at,kind\n7,2026-03-02T10:00:00Z,call\n", 1, func(tx *storage.Tx) (bool, error) {
			l, err := tx.LeadTouches("7")
			return len(l) == 1, err
		}},
		{"an engagement", sheet.Engagements, "lead_id,at,kind\n7,2026-03-02,visit\n", 1, func(tx *storage.Tx) (bool, error) {
			l, err := tx.LeadEngagements(truce.Lead{ID: "7"})
			return len(l) == 1, err
		}},
		// deals are kept at once
		{"a deal", sheet.Deals, "id,stage,lead_id,created_at,closed_at\nD,won,7,2026-03-01,2026-03-02\n", 0, func(tx *storage.Tx) (bool, error) {
			l, err := tx.LeadOutcomes("7")
			return len(l) == 2, err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			if got := b.run(c.kind, c.text); got.Waiting != c.waits || got.Rejected > 0 || got.Rows != 1 || len(b.told) > 0 {
				t.Errorf("before its lead: %+v, told %q", got, b.told)
			}
			b.now = b.now.Add(24 * time.Hour)
			if got := b.run(c.kind, ""); got.Waiting != c.waits {
				t.Errorf("the day after: %+v", got)
			}
			if c.waits > 0 { // the same again waits once
				if got := b.run(c.kind, c.text); got.Waiting != c.waits {
					t.Errorf("again: %+v", got)
				}
			}
			b.run(sheet.Leads, lead)
			if got := b.run(c.kind, ""); got.Waiting != 0 || got.Added != c.waits || len(b.told) > 0 {
				t.Errorf("its lead has come: %+v, told %q", got, b.told)
			}
			b.view(func(tx *storage.Tx) error {
				ok, err := c.there(tx)
				if !ok {
					t.Error("it is not there")
				}
				return err
			})
			if got := b.run(c.kind, ""); got.Rows != 0 {
				t.Errorf("once more: %+v", got)
			}
		})
	}
}

// TestWaitingRowsInTheirOrder: of two rows of one thing the later one is right, and what the source says anew is right over both.
func TestWaitingRowsInTheirOrder(t *testing.T) {
	b := newBench(t)
	b.run(sheet.Outcomes, "lead_id,status,at,reason\n7,rejected,2026-03-01,first\n")
	b.run(sheet.Outcomes, "status,at,lead_id,reason\nrejected,2026-03-02,7,second\n")
	b.run(sheet.Outcomes, "lead_id,status,at,reason\n7,rejected,2026-03-01,first\n")
	b.run(sheet.Leads, "id,mql_at\n7,2026-03-01\n")
	if got := b.run(sheet.Outcomes, "lead_id,status,at\n7,accepted,soon\n"); got.Rows != 3 || got.Rejected != 1 || len(b.told) != 1 {
		t.Errorf("%+v, told %q", got, b.told)
	}
	b.view(func(tx *storage.Tx) error {
		l, err := tx.LeadOutcomes("7")
		if len(l) != 1 || l[0].Reason != "first" {
			t.Errorf("%+v", l)
		}
		return err
	})
}

// TestRowsWaitThirtyDays: on the 31st day a row is told and let go.
func TestRowsWaitThirtyDays(t *testing.T) {
	b := newBench(t)
	b.run(sheet.Outcomes, "lead_id,status,at\n7,won,2026-03-01\n")
	b.now = b.now.Add(storage.WaitsFor - time.Minute)
	if got := b.run(sheet.Outcomes, "lead_id,status,at\n8,won,2026-03-01\n"); got.Waiting != 2 || got.Rejected != 0 {
		t.Errorf("on the 30th day: %+v", got)
	}
	b.now = b.now.Add(time.Minute)
	got := b.run(sheet.Outcomes, "")
	if got.Waiting != 1 || got.Rejected != 1 || got.Reasons[intake.ReasonUnknown] != 1 || len(b.told) != 1 ||
		!strings.Contains(b.told[0], `came on 2026-03-02 and speaks of the lead "7"`) {
		t.Errorf("on the 31st day: %+v, told %q", got, b.told)
	}
	if got := b.run(sheet.Outcomes, ""); got.Rejected != 0 || got.Waiting != 1 {
		t.Errorf("after it: %+v", got)
	}
}

// TestARowFindsTheLeadThatItsWasMergedInto: a row waits for a lead that never comes, because the CRM has merged it meanwhile, twice.
func TestARowFindsTheLeadThatItsWasMergedInto(t *testing.T) {
	b := newBench(t)
	b.run(sheet.Outcomes, "lead_id,status,at,reason\n7,rejected,2026-03-02,no need\n")
	b.run(sheet.Touches, "lead_id,at,kind\n7,2026-03-02T10:00:00Z,call\n")
	b.run(sheet.Leads, "id,mql_at\n8,2026-03-01\n9,2026-03-01\n")
	if err := b.store.Update(t.Context(), func(tx *storage.Tx) error {
		if _, err := tx.MergeLead("7", "8"); err != nil {
			return err
		}
		_, err := tx.MergeLead("8", "9")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []sheet.Kind{sheet.Outcomes, sheet.Touches} {
		if got := b.run(kind, ""); got.Waiting != 0 || got.Added != 1 || len(b.told) > 0 {
			t.Errorf("%s: %+v, told %q", kind, got, b.told)
		}
	}
	b.view(func(tx *storage.Tx) error {
		outcomes, err := tx.LeadOutcomes("9")
		if err != nil {
			return err
		}
		touches, err := tx.LeadTouches("9")
		if len(outcomes) != 1 || outcomes[0].Reason != "no-need" || len(touches) != 1 {
			t.Errorf("the survivor has %+v and %+v", outcomes, touches)
		}
		return err
	})
}
