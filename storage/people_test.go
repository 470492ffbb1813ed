package storage

import (
	"fmt"
	"slices"
	"testing"

	"truce"
)

// People are listed as they are counted: P-2 before P-10, so that cards and messages name them in an order one expects.
func TestPeopleInOrder(t *testing.T) {
	s := open(t)
	want := make([]string, 12)
	err := s.Update(t.Context(), func(tx *Tx) error {
		for i := range want {
			p, err := tx.AddPerson(truce.Person{Name: "Kim", Email: fmt.Sprintf("kim%d@lab.example", i)})
			if err != nil {
				return err
			}
			want[i] = p.ID
			if err := tx.GiveRole(p.ID, truce.Marketer, "config"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(tx *Tx) error {
		for name, list := range map[string]func() ([]truce.Person, error){
			"everybody of a name":      tx.People,
			"everybody who has a role": func() ([]truce.Person, error) { return tx.PeopleWith(truce.Marketer) },
		} {
			people, err := list()
			if err != nil {
				return err
			}
			var got []string
			for _, p := range people {
				got = append(got, p.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", name, got, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
