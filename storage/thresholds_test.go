package storage

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"truce"
)

// TestThresholdsAreKept starts the bot with settings that stay, change and change back; rules come into force and are retired beside
// it. Each change has its date, and nothing is a change that only begins.
func TestThresholdsAreKept(t *testing.T) {
	start := time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)
	now := start
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "t.db"), func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	set := func(day int, score string, more ...truce.Threshold) (changed []truce.ThresholdChange) {
		t.Helper()
		now = start.AddDate(0, 0, day)
		update(t, s, func(tx *Tx) (err error) {
			changed, err = tx.KeepThresholds(append(more, truce.Threshold{Key: "promises.mql_score", Name: "score threshold", Value: score}))
			return err
		})
		return changed
	}
	promise := truce.Threshold{Key: "promises.icp_share", Name: "share promised", Value: "75 %"}
	if got := set(0, "50"); len(got) != 0 {
		t.Errorf("the first start changed %v", got)
	}
	if got := set(5, "50", promise); len(got) != 0 { // a version that knows one more
		t.Errorf("a restart changed %v", got)
	}
	if got := fmt.Sprint(set(11, "60", promise)); !strings.Contains(got, "score threshold 50 to 60") {
		t.Errorf("a lower threshold changed %s", got)
	}
	set(20, "50", promise)
	update(t, s, func(tx *Tx) error {
		sam, err := tx.AddPerson(truce.Person{Name: "Sam", Email: "sam@quillwater.example"})
		if err != nil {
			return err
		}
		for i, state := range []truce.ProposalState{truce.ProposalInForce, truce.ProposalRetired, truce.ProposalDeclined, truce.ProposalOpen} {
			p, err := proposeRule(tx, truce.RuleTerms{Source: fmt.Sprint("S", i), Reason: "outside-icp", Text: "back", Outcome: truce.Upheld},
				sam.ID)
			if err != nil {
				return err
			}
			before := p
			switch p.State = state; state {
			case truce.ProposalInForce, truce.ProposalRetired:
				p.InForce = start.AddDate(0, 0, 12+i)
			}
			if state == truce.ProposalRetired || state == truce.ProposalDeclined {
				p.ClosedAt, p.ClosedBy = start.AddDate(0, 0, 25), sam.ID
			}
			if err := tx.saveProposal(before, p, sam.ID, "", "test", ""); err != nil {
				return err
			}
		}
		return nil
	})
	err = s.View(t.Context(), func(tx *Tx) error {
		for _, c := range []struct {
			from, to int
			want     string
		}{
			{-10, 11, ""},
			{11, 12, "12: score threshold 50 to 60"},
			{12, 30, "13: rule R-1 (S0, outside ICP) in force|14: rule R-2 (S1, outside ICP) in force|21: score threshold 60 to 50|26: rule R-2 " +
				"(S1, outside ICP) retired"},
			{0, 14, "12: score threshold 50 to 60|13: rule R-1 (S0, outside ICP) in force|14: rule R-2 (S1, outside ICP) in force"},
		} {
			list, err := tx.ThresholdChanges(start.AddDate(0, 0, c.from), start.AddDate(0, 0, c.to))
			if err != nil {
				return err
			}
			var got []string
			for _, ch := range list {
				got = append(got, fmt.Sprintf("%d: %s", ch.At.Day(), ch))
			}
			if got := strings.Join(got, "|"); got != c.want {
				t.Errorf("from day %d to %d: %s, want %s", c.from, c.to, got, c.want)
			}
		}
		log, err := tx.AuditOf("promises.mql_score")
		if err != nil || len(log) != 3 || log[1].Action != "threshold.set" || !strings.Contains(string(log[1].Detail), `"60"`) {
			t.Errorf("the audit log has %d entries of the score threshold, want 3: %+v %v", len(log), log, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
