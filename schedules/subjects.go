package schedules

import (
	"truce"
	"truce/storage"
)

// Subjects are the renderers of everything that is said once and edited from then on.
func Subjects() map[string]Subject {
	return map[string]Subject{}
}

// WhoIsConcerned are the people who get what belongs in a channel that is not there: Marketing for disputes, digests and
// objections, the managers of both sides for the alignment summary; with nobody in Marketing, the admins.
func WhoIsConcerned(tx *storage.Tx, channel string, _ storage.Message) ([]truce.Person, error) {
	roles := []truce.Role{truce.Marketer, truce.MarketingManager}
	if channel == "alignment" {
		roles = []truce.Role{truce.SalesManager, truce.MarketingManager}
	}
	people, err := tx.PeopleWith(roles...)
	if err == nil && len(people) == 0 {
		people, err = tx.PeopleWith(truce.Admin)
	}
	return people, err
}
