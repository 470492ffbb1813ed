package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"truce"
	"truce/bot/demo"
	"truce/bot/web"
	"truce/storage"
)

// cameLater is what has come since the past of a demo ended.
type cameLater struct{ leads, verdicts, deals, won, orders, objections, opened, closed, held int }

func countLater(t *testing.T, store *storage.Store, since, now time.Time) (n cameLater) {
	t.Helper()
	err := store.View(t.Context(), func(tx *storage.Tx) error {
		err := tx.EachLeadCase(time.Unix(0, 0), now.Add(time.Millisecond), func(c *truce.LeadCase) error {
			if c.Lead.MQLAt.After(since) {
				n.leads++
			}
			for _, o := range c.Outcomes {
				switch {
				case !o.At.After(since):
				case o.Status == truce.Won:
					n.won++
				case o.Status == truce.Opportunity:
					n.deals++
				case o.Status == truce.Accepted || o.Status == truce.Rejected:
					n.verdicts++
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for state, k := range states(t, tx) {
			if n.opened += k; state == string(truce.Upheld) || state == string(truce.Declined) {
				n.closed += k
			}
		}
		list, err := tx.Objections(since, now)
		if err != nil {
			return err
		}
		n.objections = len(list)
		if err := tx.EachOrder(now, func(o truce.Order) error {
			if o.At.After(since) {
				n.orders++
			}
			return nil
		}); err != nil {
			return err
		}
		m, err := tx.MeetingSeries(now)
		if err != nil || len(m) == 0 {
			return err
		}
		meetings, err := tx.Meetings(m[0].ID, now)
		for _, m := range meetings {
			if m.At.After(since) && m.Held(now) {
				n.held++
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestTheDemoLivesOn moves the clock of a demo on by two weeks: leads, verdicts, deals and objections go on arriving and cases go on being
// settled by the colleagues. A demo that is stopped and started again each day has lived through the same.
func TestTheDemoLivesOn(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("makes a demo and lives through six weeks of it")
	}
	now := time.Date(2026, 3, 4, 10, 30, 0, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "demo.db")
	p := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", path, "--now", now.Format(time.RFC3339), "--leads", "600")
	if status := p.stop(t, os.Interrupt); status != exitOK {
		t.Fatalf("the demo ended with status %d: %s", status, p.log)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const days = 14
	live := func(restarts bool, by *reader) cameLater {
		path := filepath.Join(t.TempDir(), "demo.db")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		log := slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelWarn}))
		clock := demo.NewClock(func() time.Time { return now })
		store, err := storage.Open(t.Context(), path, clock.Now, log)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		var before cameLater
		var advance func(time.Duration)
		for day := range days {
			if day == 0 || restarts {
				if _, advance, err = liveApp(t.Context(), store, clock, web.Story{}, log); err != nil {
					t.Fatal(err)
				}
			}
			if day == 0 {
				before = countLater(t, store, now, clock.Now())
				if before.leads+before.verdicts+before.objections > 0 {
					t.Errorf("something has come before the clock went on: %+v", before)
				}
			}
			if by != nil {
				by.judges(store)
			}
			advance(24 * time.Hour)
		}
		if by != nil {
			by.isHeard(store)
		} else if said.Len() > 0 {
			t.Errorf("the colleagues could not do what they do: %s", &said)
		}
		got := countLater(t, store, now, clock.Now())
		got.opened, got.closed = got.opened-before.opened, got.closed-before.closed
		return got
	}
	got := live(false, nil)
	// 600 leads a year are eleven a week.
	if got.leads < 12 || got.verdicts < 12 || got.deals < 2 || got.objections != 10 || got.opened < 3 || got.closed < 3 || got.held != 2 {
		t.Errorf("in two weeks came %+v", got)
	}
	if again := live(true, nil); again != got {
		t.Errorf("with a start each day %+v, in one go %+v", again, got)
	}
	live(false, &reader{t: t, said: map[string]truce.Status{}})
}

// reader is somebody who judges the demo's newest leads each day before the CRM does.
type reader struct {
	t    *testing.T
	said map[string]truce.Status // of each lead; "" is a rating and no verdict
}

// judges takes a third of the leads that wait, sends a third back, and rates the rest.
func (r *reader) judges(store *storage.Store) {
	err := store.Update(r.t.Context(), func(tx *storage.Tx) error {
		fresh := map[string]truce.Status{}
		err := tx.EachLeadCase(tx.Now.AddDate(0, 0, -30), tx.Now, func(c *truce.LeadCase) error {
			_, done := r.said[c.Lead.ID]
			switch {
			case done || len(c.Disputes) > 0:
				return nil
			case len(c.Outcomes)+len(c.Ratings) == 0:
				fresh[c.Lead.ID] = []truce.Status{truce.Accepted, truce.Rejected, ""}[len(r.said)%3]
			case truce.Stand(c.Outcomes, tx.Now).State == truce.Accepted:
				fresh[c.Lead.ID] = truce.Accepted // the CRM said so, and the reader says it too
			default:
				return nil
			}
			r.said[c.Lead.ID] = fresh[c.Lead.ID]
			return nil
		})
		for lead, status := range fresh {
			if err != nil {
				return err
			}
			if status == "" {
				_, err = tx.Rate(truce.RatingOf{LeadID: lead, Rater: "P-1", Value: truce.Good, At: tx.Now})
				continue
			}
			_, err = tx.AddOutcome(truce.Outcome{LeadID: lead, Status: status, At: tx.Now, Origin: truce.FromPerson, PersonID: "P-1"})
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// isHeard looks whether what the reader said stands.
func (r *reader) isHeard(store *storage.Store) {
	more := 0
	err := store.View(r.t.Context(), func(tx *storage.Tx) error {
		for lead, said := range r.said {
			outcomes, err := tx.LeadOutcomes(lead)
			if err != nil {
				return err
			}
			ratings, err := tx.LeadRatings(lead)
			if err != nil {
				return err
			}
			if said == "" && (len(ratings) != 1 || ratings[0].Rater != "P-1") {
				r.t.Errorf("of %s, which the reader rated, the ratings are %+v", lead, ratings)
			}
			for _, o := range outcomes {
				switch {
				case o.Origin != truce.FromImport || said == "":
				case said == truce.Rejected || o.Status.Stage() <= truce.StageAccepted:
					r.t.Errorf("of %s, which the reader said is %s, the CRM said %s", lead, said, o.Status)
				default:
					more++
				}
			}
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if more == 0 || len(r.said) < 6 {
		r.t.Errorf("of %d leads were judged, and of no lead that the reader took did the CRM tell a deal", len(r.said))
	}
}
