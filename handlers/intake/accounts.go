package intake

import (
	"time"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// accounts reads companies: an id is required, what is no field of ours is kept as an attribute.
type accounts struct{ values }

func (k accounts) read(b *sheet.Binding, row sheet.Row) (record, *sheet.Bad) {
	c := cells{values: k.values, b: b, row: row}
	a := &account{Account: truce.Account{ID: c.text("id"), Name: c.text("name"), Domain: c.text("domain")}, knownAt: c.date("known_at")}
	for name, value := range b.Attributes(row) {
		a.Values = append(a.Values, truce.Known{Attribute: name, Value: value})
	}
	if c.bad != nil {
		return nil, c.bad
	}
	if a.knownAt.IsZero() && k.own {
		a.knownAt = storage.Always
	}
	return a, nil
}

type account struct {
	truce.Account
	knownAt time.Time
}

func (a *account) save(tx *storage.Tx) (storage.Change, error) {
	return tx.UpsertAccount(a.Account, a.knownAt)
}

// exportAccounts writes a row of each account for every moment at which something of it became known, the first of them first.
func exportAccounts(tx *storage.Tx, t *table) error {
	columns := []string{"id", "name", "domain", "known_at"}
	var names []string
	if t.format == JSONLines {
		columns = append(columns, "attributes")
	} else {
		var err error
		if names, err = tx.AccountAttributes(); err != nil {
			return err
		}
		for _, n := range names {
			columns = append(columns, sheet.Accounts.AttributeColumn(n))
		}
	}
	t.begin(columns...)
	return tx.EachAccount(func(a truce.Account) error {
		for i, at := range a.Moments() {
			attrs := map[string]string{}
			for _, k := range a.Values {
				if k.At.Equal(at) {
					attrs[k.Attribute] = k.Value
				}
			}
			row := []any{a.ID, nil, nil, at}
			if i == 0 {
				row[1], row[2] = a.Name, a.Domain
			}
			if t.format == JSONLines {
				row = append(row, attrs)
			}
			for _, n := range names {
				row = append(row, attrs[n])
			}
			if err := t.add(row...); err != nil {
				return err
			}
		}
		return nil
	})
}
