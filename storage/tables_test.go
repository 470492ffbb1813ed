package storage

import (
	"database/sql"
	"slices"
	"strings"
	"testing"
)

// schema is a fresh database, to be looked at from outside.
func schema(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", dsn(open(t).Path(), "mode=ro"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func strs(t *testing.T, db *sql.DB, query string, args ...any) (list []string) {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// TestTheCatalogueKnowsEveryTable fails when a migration adds a table, or a column with text, that no entry of tables.go speaks of:
// erasing somebody, joining two people and showing what is kept would pass it by.
func TestTheCatalogueKnowsEveryTable(t *testing.T) {
	db := schema(t)
	for _, fault := range uncatalogued(t, db, tables) {
		t.Error(fault)
	}
	if t.Failed() {
		t.Log("Say in storage/tables.go what it holds of people: plain where it holds nothing of them.")
	}
	for _, of := range tables {
		for _, h := range of.held {
			if !strings.Contains(h.query, "FROM "+of.name) {
				t.Errorf("%q in the entry of %s reads another table", h.kind, of.name)
			}
		}
	}
}

func uncatalogued(t *testing.T, db *sql.DB, tables []table) (faults []string) {
	t.Helper()
	there := strs(t, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	for _, name := range there {
		i := slices.IndexFunc(tables, func(e table) bool { return e.name == name })
		if i < 0 {
			faults = append(faults, "no entry for the table "+name)
			continue
		}
		known := tables[i].columns()
		for _, c := range strs(t, db, `SELECT name FROM pragma_table_xinfo(?) WHERE type NOT IN ('INTEGER', 'REAL')`, name) {
			if !slices.Contains(known, c) {
				faults = append(faults, "the entry of "+name+" does not say what its column "+c+" holds of people")
			}
		}
		all := strs(t, db, `SELECT name FROM pragma_table_xinfo(?)`, name)
		for j, c := range known {
			if slices.Contains(known[:j], c) {
				faults = append(faults, "the entry of "+name+" names the column "+c+" twice")
			}
			if !slices.Contains(all, c) {
				faults = append(faults, "the entry of "+name+" names a column "+c+", which is not there")
			}
		}
		isID := func(c string) bool {
			return slices.ContainsFunc(tables[i].ids, func(id idColumn) bool { return id.name == c })
		}
		for _, c := range strs(t, db, `SELECT "from" FROM pragma_foreign_key_list(?) WHERE "table" = 'people'`, name) {
			if !isID(c) {
				faults = append(faults, name+"."+c+" refers to people, and is not among the ids of its entry")
			}
		}
		for _, c := range strs(t, db, `SELECT name FROM pragma_table_xinfo(?)`, name) { // by its name
			looks := c == "rater" || c == "by_whom" || strings.HasSuffix(c, "_by") || strings.Contains(c, "person_id") ||
				slices.Contains([]string{"author_id", "owner_id", "opener_id", "manager_id", "credit_id", "rep_id", "marketer_id", "asker_id", "by_id",
					"to_id"}, c)
			if looks && !isID(c) {
				faults = append(faults, name+"."+c+" is called like a person, and is not among the ids of its entry")
			}
		}
		for _, id := range tables[i].ids {
			if id.erased == "" {
				faults = append(faults, "the entry of "+name+" does not say what erasing does to "+id.name)
			}
			unique := strs(t, db, `SELECT DISTINCT l.name FROM pragma_index_list(?1) l, pragma_index_info(l.name) c WHERE l."unique" = 1
				AND c.name = ?2`, name, id.name)
			if once := len(unique) > 0 && name != "people"; once != id.once {
				faults = append(faults, "the entry of "+name+" is wrong about whether a person is there once only, by "+id.name)
			}
		}
	}
	for _, e := range tables {
		if !slices.Contains(there, e.name) {
			faults = append(faults, "the entry of "+e.name+" is of no table")
		}
	}
	return faults
}

// The check itself: what a migration to come might add is noticed.
func TestTheCatalogueNoticesWhatIsNew(t *testing.T) {
	s := open(t)
	if err := s.exec(`CREATE TABLE visits (id TEXT PRIMARY KEY, rep_id TEXT NOT NULL, said TEXT NOT NULL) STRICT;
		ALTER TABLE proposals ADD COLUMN seconded_by TEXT NOT NULL DEFAULT '';
		ALTER TABLE leads ADD COLUMN phone TEXT NOT NULL DEFAULT '';
		ALTER TABLE costs ADD COLUMN person_id INTEGER REFERENCES people (id)`); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", dsn(s.Path(), "mode=ro"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	got := uncatalogued(t, db, tables)
	for _, want := range []string{"no entry for the table visits",
		"the entry of proposals does not say what its column seconded_by holds of people",
		"the entry of leads does not say what its column phone holds of people",
		"costs.person_id refers to people, and is not among the ids of its entry"} {
		if !slices.Contains(got, want) {
			t.Errorf("nothing says %q: %q", want, got)
		}
	}
	less := slices.DeleteFunc(slices.Clone(tables), func(e table) bool { return e.name == "notes" })
	if got := uncatalogued(t, db, less); !slices.Contains(got, "no entry for the table notes") {
		t.Errorf("a removed entry is not missed: %q", got)
	}
}

// columns are the columns with text that an entry names, each once.
func (t table) columns() (names []string) {
	for _, s := range []string{t.plain, t.owners, t.buyers, t.within, t.made} {
		names = append(names, strings.Fields(s)...)
	}
	for _, c := range t.ids {
		names = append(names, c.name)
	}
	for i, w := range t.words {
		if i == 0 || t.words[i-1].column != w.column {
			names = append(names, w.column)
		}
	}
	return names
}
