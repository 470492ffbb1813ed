package ideal_test

import (
	"testing"
	"time"

	"truce"
	"truce/schedules/ideal"
	"truce/storage"
)

// TestFitsOfAllLeadsAreThoseOfEach holds what is read of all leads at once, also without the outcomes of most, against what each lead's
// own page says.
func TestFitsOfAllLeadsAreThoseOfEach(t *testing.T) {
	versions := []truce.ProfileVersion{
		{Profile: prof, Version: 2, From: start.AddDate(1, 0, 0)},
		{Profile: truce.Profile{Threshold: 20, Criteria: prof.Criteria[2:]}, Version: 1, From: start.AddDate(0, 3, 0)}}
	cal := truce.NewCalendar(time.UTC)
	for seed := range uint64(4) {
		c := random(seed, 60, 300)
		for i := range c.accounts {
			if seed%2 == 0 { // then no account changes, and most outcomes need not be read
				c.accounts[i].sizeAt = time.Time{}
			}
		}
		s := c.store(t)
		err := s.Update(t.Context(), func(tx *storage.Tx) error {
			for i, l := range c.leads {
				lead, err := tx.Lead(l.id)
				if err == nil && i%10 == 0 {
					lead.Attrs = map[string]string{"Region": "US"}
					_, err = tx.UpsertLead(lead)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []time.Time{asOf, start.AddDate(1, 2, 3), c.leads[7].at.Add(time.Hour)} {
			err := s.View(t.Context(), func(tx *storage.Tx) error { return sameFits(t, tx, cal, versions, at) })
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func sameFits(t *testing.T, tx *storage.Tx, cal truce.Calendar, versions []truce.ProfileVersion, at time.Time) error {
	type said struct {
		ideal.Kept
		won, lost bool
	}
	all := map[string]said{}
	j := &ideal.Judge{Calendar: cal}
	err := j.EachKept(tx, versions, start, at.Add(time.Millisecond), at, func(l *storage.LeadKnown, k ideal.Kept) error {
		f := l.Facts(at)
		all[l.Lead.ID] = said{k, f.Wins(), f.State == truce.Lost && !f.Joined}
		own, err := tx.KeptFitBy(versions, l.Lead, truce.Terms{Calendar: cal}, at)
		if err != nil || own == nil || k.Version == 0 {
			return err
		}
		if own.Counts == k.Waiting || own.Counts && own.Fit.Fit != k.Fit || own.Version != k.Version {
			t.Errorf("at %s lead %s is %+v among all, %+v by itself", at, l.Lead.ID, k, own)
		}
		return nil
	})
	if err != nil {
		return err
	}
	n := 0
	err = j.EachFit(tx, versions, start, at.Add(time.Millisecond), at, func(l *storage.LeadKnown, k ideal.Kept) error {
		n++
		f := l.Facts(at)
		if got := (said{k, f.Wins(), f.State == truce.Lost && !f.Joined}); got != all[l.Lead.ID] {
			t.Errorf("at %s lead %s is %+v without most outcomes, %+v with all", at, l.Lead.ID, got, all[l.Lead.ID])
		}
		return nil
	})
	if n == 0 || n != len(all) {
		t.Errorf("%d leads at %s, %d with all outcomes", n, at, len(all))
	}
	return err
}
