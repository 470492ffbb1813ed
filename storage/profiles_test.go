package storage_test

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"truce"
	"truce/storage"
)

// TestTheConfiguredProfileIsVersionOne: a company that writes icp.profile into its configuration starts, has version 1, and keeps it at
// the next start; another file then is what version 1 says, as long as nobody has agreed on one in chat.
func TestTheConfiguredProfileIsVersionOne(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "truce.db"), func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	pharma := truce.Profile{Threshold: 60, Criteria: []truce.Criterion{{Attribute: "segment", Test: truce.TestEquals, Texts: []string{"pharma"},
		Points: 40}}}
	biotech := truce.Profile{Threshold: 60, Criteria: []truce.Criterion{{Attribute: "segment", Test: truce.TestEquals,
		Texts: []string{"biotech"}, Points: 40}}}
	for _, at := range []struct {
		file    truce.Profile
		changed bool
	}{{pharma, true}, {pharma, false}, {biotech, true}} {
		err := s.Update(t.Context(), func(tx *storage.Tx) error {
			changed, err := tx.KeepProfile(at.file)
			if err != nil {
				return err
			}
			list, err := tx.Profiles(nil, tx.Now)
			if err != nil {
				return err
			}
			if changed != at.changed || len(list) != 1 || list[0].Version != 1 ||
				list[0].Profile.Criteria[0].Texts[0] != at.file.Criteria[0].Texts[0] {
				t.Errorf("kept %v: changed %v, versions %+v", at.file.Criteria[0].Texts, changed, list)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
