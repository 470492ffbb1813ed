package storage

import "truce"

// WithheldSides are the sides whose figures a person does not see because fewer than five of its people use Truce. The zero
// person is whoever reads a channel.
func (tx *Tx) WithheldSides(p truce.Person) (truce.Sides, error) {
	people, err := tx.People()
	if err != nil {
		return truce.Sides{}, err
	}
	sizes := map[truce.Side]int{}
	for _, p := range people {
		if p.Active {
			sizes[p.TeamSide()]++
		}
	}
	return p.WithheldSides(sizes), nil
}
