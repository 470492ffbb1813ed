package transcript

import (
	"database/sql"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3" // a database is changed as no program of ours would
)

// Hostile is a text that each surface could take for something else: a formula, markup of each platform, a link, a mention, a function.
const Hostile = `=cmd|'/C calc'!A1 <script>alert(1)</script><img src=x onerror=alert(1)> <!channel> <@UEVIL> [x](https://evil.example) ` +
	`<at>all</at> {{DATE(2026-01-01T00:00:00Z, SHORT)}}`

// ours are columns with words, ids and keys of ours, by which we find what belongs together; all others hold what people and CRMs write. A
// new column is taken for one of those until it is named here.
var ours = regexp.MustCompile(`\.(id|ref|key|hash|cursor|kind|state|status|side|sides|role|type|origin|system|zone|network|standing|` +
	`currency|first_day|facts|icp_fit|rater|outcome|was_outcome|bundle|parties|claim|replaces|became|guess|subject|reminder|result|dest|place|job|` +
	`action|opened|what|keeper|needs|refused|thing|counters|successor|reopens|said|day|due|section|mark|wants|item|direction|control|week|` +
	`verdict|knew|reminded|attrs|fact|figures|card|body_json|typed|payload|was|name_key|domain|restated|stage|exit|standing|pipeline|` +
	`\w+_(id|key|by|to|whom|email))$|^(meta|migrations|counters|runs|inbox|outbox|posted|places|memory|audit|standings|identities|prefs|roles|` +
	`forms|rollups|rollup_days|thresholds|crm_\w+|imports|sync_\w+|lead_merges|clocks|people_columns)\.|^(outcomes|ratings|disputes|rulings|` +
	`signatures|second_looks|below_outcomes|people|icp_picks|answers)\.(reason|source|email|owner)$|^\w+\.(owner|manager)$`)

// Poison puts Hostile before the text of every row of every column that people or CRMs write, found in the schema: what is one word in two
// tables stays one. It gives the columns in which there was something.
func Poison(t *testing.T, path string) (columns []string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=10000&_foreign_keys=off")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	list := texts(t, db, `SELECT m.name || '.' || p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND p.type = 'TEXT' ORDER BY 1`)
	for _, column := range list {
		if ours.MatchString(column) {
			continue
		}
		table, name, _ := strings.Cut(column, ".")
		there := false
		for _, v := range texts(t, db, `SELECT DISTINCT `+name+` FROM `+table+` WHERE `+name+` <> ''`) {
			if v != "" && (v[0] == '{' || v[0] == '[') && json.Valid([]byte(v)) {
				continue
			}
			if _, err := db.Exec(`UPDATE OR IGNORE `+table+` SET `+name+` = ? WHERE `+name+` = ?`, Hostile+" "+v, v); err != nil {
				t.Fatalf("%s: %v", column, err)
			}
			there = true
		}
		if there {
			columns = append(columns, column)
		}
	}
	return columns
}

func texts(t *testing.T, db *sql.DB, query string) (list []string) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
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
