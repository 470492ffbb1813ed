package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file is what the columns of leads and accounts hold, to tell those of people from all others.

// KnownPeople are the names and addresses of all people and owners: what a column of people is told by.
func (tx *Tx) KnownPeople() (*truce.KnownPeople, error) {
	known := &truce.KnownPeople{}
	// Owners who are no people here are found in their index one after the other: there are few, of many leads.
	err := tx.each(`WITH RECURSIVE owners(owner) AS (
			SELECT min(owner) FROM leads INDEXED BY leads_owner_text WHERE owner <> '' AND owner_id IS NULL
			UNION ALL SELECT (SELECT min(l.owner) FROM leads l INDEXED BY leads_owner_text WHERE l.owner > owners.owner AND l.owner <> ''
			AND l.owner_id IS NULL) FROM owners WHERE owner IS NOT NULL)
		SELECT name FROM people WHERE email <> '' OR active = 1 UNION SELECT email FROM people UNION SELECT owner FROM owners
		WHERE owner IS NOT NULL UNION SELECT DISTINCT owner FROM deals`,
		nil, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			known.Add(name)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read who is known by name: %w", err)
	}
	return known, nil
}

// LeadColumn is what the leads that qualified in [from, to) say in a field of ours (source, campaign, segment, product) or in an attribute;
// of n different values at most.
func (tx *Tx) LeadColumn(name string, from, to time.Time, n int) (truce.Column, error) {
	of, args := `(SELECT a.value FROM json_each(leads.attrs) a WHERE a.key = ?)`, []any{name}
	switch name {
	case "source", "campaign", "segment", "product":
		of, args = name, nil
	}
	list, err := tx.columns(`SELECT ?, trim(v), count(*), sum(trim(v) = name OR lower(trim(v)) = email_key) FROM (SELECT `+of+
		` AS v, name, email_key FROM leads WHERE mql_at >= ? AND mql_at < ?)
		WHERE trim(v) <> '' GROUP BY 2 LIMIT ?`, append(append([]any{name}, args...), millis(from), millis(to), n)...)
	if err != nil || len(list) == 0 {
		return truce.Column{Name: name}, err
	}
	return list[0], nil
}

// LeadColumns are the attributes that the newest leads which qualified in [from, to) have, by name: of n of them.
func (tx *Tx) LeadColumns(from, to time.Time, n int) ([]truce.Column, error) {
	return tx.columns(`SELECT a.key, trim(a.value), count(*), sum(trim(a.value) = l.name OR lower(trim(a.value)) = l.email_key)
		FROM (SELECT attrs, name, email_key FROM leads WHERE mql_at >= ? AND mql_at < ? ORDER BY mql_at DESC LIMIT ?) l, json_each(l.attrs) a
		GROUP BY 1, 2 ORDER BY 1`,
		millis(from), millis(to), n)
}

// FixedColumns are the columns that every digest is by (source, campaign, segment), as the n newest leads which qualified in
// [from, to) have them.
func (tx *Tx) FixedColumns(from, to time.Time, n int) ([]truce.Column, error) {
	query := `WITH newest AS (SELECT source, campaign, segment, name, email_key FROM leads WHERE mql_at >= ? AND mql_at < ?
		ORDER BY mql_at DESC LIMIT ?)`
	for i, column := range []string{"campaign", "segment", "source"} {
		if i > 0 {
			query += ` UNION ALL`
		}
		query += ` SELECT '` + column + `' AS of, trim(` + column + `), count(*), sum(trim(` + column + `) = name OR lower(trim(` + column +
			`)) = email_key) FROM newest WHERE trim(` + column + `) <> '' GROUP BY 1, 2`
	}
	return tx.columns(query+` ORDER BY 1`, millis(from), millis(to), n)
}

// AccountColumns are the attributes of all accounts, by name.
func (tx *Tx) AccountColumns() ([]truce.Column, error) {
	return tx.columns(`SELECT attribute, trim(value), count(*), 0 FROM account_values GROUP BY 1, 2 ORDER BY 1`)
}

// columns reads rows of a column's name, a value, how many have it, and of how many it is their own lead; those of a column together.
func (tx *Tx) columns(query string, args ...any) (list []truce.Column, err error) {
	err = tx.each(query, args, func(scan func(...any) error) error {
		var name, value string
		var n, own int
		if err := scan(&name, &value, &n, &own); err != nil {
			return err
		}
		if len(list) == 0 || list[len(list)-1].Name != name {
			list = append(list, truce.Column{Name: name, Values: map[string]int{}})
		}
		c := &list[len(list)-1]
		c.Values[value] += n
		c.Own += own
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what columns hold: %w", err)
	}
	return list, nil
}

// JudgeColumns says of each column by its name whether it holds people: as its values say, and where these do not tell, as an admin said.
// What an admin called people stays so.
func (tx *Tx) JudgeColumns(columns ...truce.Column) (map[string]truce.ColumnVerdict, error) {
	known, err := tx.KnownPeople()
	if err != nil {
		return nil, err
	}
	said := map[string]bool{}
	err = tx.each(`SELECT name, people FROM people_columns`, nil, func(scan func(...any) error) error {
		var name string
		var people bool
		err := scan(&name, &people)
		said[name] = people
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what was said of columns: %w", err)
	}
	verdicts := map[string]truce.ColumnVerdict{}
	for _, c := range columns {
		v := c.Judge(known)
		switch people, ok := said[truce.FoldColumn(c.Name)]; {
		case ok && people:
			v = truce.PeopleColumn
		case ok && v == truce.UnsureColumn:
			v = truce.PlainColumn
		}
		verdicts[c.Name] = v
	}
	return verdicts, nil
}

// DecideColumn keeps what an admin says of a column: whether its values name people.
func (tx *Tx) DecideColumn(name string, people bool, by, network string) error {
	action := "column.plain"
	if people {
		action = "column.people"
	}
	name = truce.FoldColumn(name)
	err := tx.exec(`INSERT INTO people_columns (name, people, decided_by, decided_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET people = excluded.people, decided_by = excluded.decided_by, decided_at = excluded.decided_at`, name,
		people, by, millis(tx.Now))
	if err != nil {
		return fmt.Errorf("keep what column %q holds: %w", name, err)
	}
	return tx.Audit(by, network, action, name, nil)
}
