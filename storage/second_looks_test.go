package storage

import (
	"testing"
	"time"

	"truce"
)

// A look whose lead was merged away is about to end: until then the rep's other looks are there.
func TestALookWhoseLeadIsGoneHidesNoOther(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		rep, err := tx.AddPerson(truce.Person{Name: "Rita", Email: "rita@example.com", Roles: []truce.Role{truce.Rep}, Active: true})
		if err != nil {
			return err
		}
		if _, err := tx.UpsertLead(truce.Lead{ID: "there", MQLAt: day(1), Company: "Northfield Labs"}); err != nil {
			return err
		}
		for _, id := range []string{"gone", "there"} {
			if _, err := tx.AddSecondLook(truce.SecondLook{Week: truce.DateOf(day(7)), Kind: truce.RejectedLook, LeadID: id, Ref: "L-" + id,
				PersonID: rep.ID}); err != nil {
				return err
			}
		}
		list, err := tx.LooksUnderWay(truce.NewTerms(truce.NewCalendar(time.UTC)), rep.ID)
		if err != nil || len(list) != 1 || list[0].Lead.ID != "there" || list[0].Look.Ref != "L-there" {
			t.Errorf("under way are %+v, %v", list, err)
		}
		over, err := tx.TendLooks()
		if err == nil && (len(over) != 1 || over[0].Ref != "L-gone" || !over[0].Void) {
			t.Errorf("over are %+v", over)
		}
		return err
	})
}
