package storage

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
)

// firstRows are facts as the first schema held them; every later version has carried them along.
const firstRows = `
INSERT INTO meta VALUES ('installed_at', '2026-01-05T09:00:00Z');
INSERT INTO people (id, name, email, side, created_at)
VALUES ('P-1', 'Rita Vogel', 'rita@example.com', 'sales', 1767600000000), ('P-2', 'Mia Brandt', 'mia@example.com', 'marketing',
1767600000000);
INSERT INTO identities (user_id, person_id, name, standing, seen_at) VALUES ('slack:T1:U1', 'P-1', 'Rita', 'full', 1767600000000);
INSERT INTO roles VALUES ('P-1', 'rep', 'config', 1767600000000), ('P-2', 'marketer', 'config', 1767600000000);
INSERT INTO leads (id, ref, mql_at, email, email_key, company, account, source, score, owner, owner_id, handed_off_at, created_at,
updated_at, state, state_at, stage)
  VALUES ('00Q1', 'L-1', 1767700000000, 'a@kestrel.example', 'a@kestrel.example', 'Kestrel Foods', 'kestrel foods', 'Webinar', 82.5,
'rita@example.com', 'P-1', 1767700000000, 1767700000000, 1767700000000, 'won', 1770000000000, 3),
         ('00Q2', 'L-2', 1767800000000, '', '', 'Ardmore Bio', 'ardmore bio', 'Trade show', NULL, '', NULL, 1767800000000, 1767800000000,
1767800000000, 'rejected', 1768000000000, 0);
INSERT INTO outcomes (lead_id, deal_id, status, at, amount, currency, reason, origin, recorded_at)
  VALUES ('00Q1', '', 'accepted', 1767800000000, NULL, '', '', 'import', 1767800000000), ('00Q1', 'D1', 'won', 1770000000000, 1250000,
'EUR', '', 'import', 1770000000000),
         ('00Q2', '', 'rejected', 1768000000000, NULL, '', 'outside ICP', 'person', 1768000000000);
INSERT INTO ratings (lead_id, rater, value, at, row_at, recorded_at, dated)
VALUES ('00Q1', 'P-1', 3, 1768000000000, 1768000000000, 1768000000000, 1768000000000);
INSERT INTO touches (id, lead_id, at, kind, recorded_at) VALUES ('t1', '00Q1', 1767790000000, 'call', 1767790000000);
INSERT INTO themes (id, name, created_at) VALUES ('turnaround-time', 'Turnaround time', 1767600000000);
INSERT INTO objections (id, theme_id, text, author_id, logged_by, created_at)
VALUES ('O-1', 'turnaround-time', 'you are too slow', 'P-1', 'P-1', 1768000000000);
INSERT INTO rules (id, source, reason, text, state, proposed_by, proposed_at, keys, in_force_at, stopped)
  VALUES ('R-1', 'Webinar', 'outside-icp', 'Consumer labs go back.', 'in force', 'P-2', 1768000000000, '{"sales":"P-1","marketing":"P-2"}',
1768100000000, 7),
         ('R-2', 'Trade show', 'wrong-person', 'Students go back.', 'proposed', 'P-2', 1768200000000, '{"sales":"P-1"}', NULL, 0);
INSERT INTO audit (id, at, person_id, action, subject) VALUES ('a1', 1768050000000, 'P-1', 'rule.agree', 'R-1');
INSERT INTO posted (subject, dest, ref, at) VALUES ('rule:R-2', 'channel:disputes', '{}', 1768200000000);
INSERT INTO counters (name, n) VALUES ('rule', 2);
`

// TestADatabaseOfEachEarlierVersionIsBroughtUpToDate makes the database as each step left it, with facts in it, and starts with it.
func TestADatabaseOfEachEarlierVersionIsBroughtUpToDate(t *testing.T) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Join(t.TempDir(), "base.db")
	db, err := sql.Open("sqlite3", "file:"+base+"?_foreign_keys=on")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(text string, args ...any) {
		t.Helper()
		if _, err := db.Exec(text, args...); err != nil {
			t.Fatal(err)
		}
	}
	do(`CREATE TABLE migrations (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT`)
	for i, f := range files {
		text, err := fs.ReadFile(migrations, f)
		if err != nil {
			t.Fatal(err)
		}
		do(string(text))
		do(`INSERT INTO migrations VALUES (?, 1)`, filepath.Base(f))
		if i == 0 {
			do(firstRows)
		}
		path := filepath.Join(t.TempDir(), fmt.Sprintf("after-%d.db", i))
		do(`VACUUM INTO ?`, path)
		t.Run(filepath.Base(f), func(t *testing.T) { upgrades(t, path, len(files)-1-i) })
	}
}

// databaseBefore is a database as it was before a step, and where it lies.
func databaseBefore(t *testing.T, step string) (string, *sql.DB) {
	t.Helper()
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "before.db")
	db, err := sql.Open("sqlite3", "file:"+path+"?_foreign_keys=on")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	do := func(text string, args ...any) {
		t.Helper()
		if _, err := db.Exec(text, args...); err != nil {
			t.Fatal(err)
		}
	}
	do(`CREATE TABLE migrations (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT`)
	for _, f := range files {
		if filepath.Base(f) >= step {
			break
		}
		text, err := fs.ReadFile(migrations, f)
		if err != nil {
			t.Fatal(err)
		}
		do(string(text))
		do(`INSERT INTO migrations VALUES (?, 1)`, filepath.Base(f))
	}
	return path, db
}

// TestChainsOfAnEarlierVersionAreKept starts with links that an earlier version stored: they stand in their order, what was told of them
// is not told again, and the same day takes the leads engaged beside those of the campaign.
func TestChainsOfAnEarlierVersionAreKept(t *testing.T) {
	path, db := databaseBefore(t, "0471")
	if _, err := db.Exec(`INSERT INTO activity_links (activity_id, what, day, place, unit, expected, of, observed, recorded_at, told_at)
		VALUES ('A', 'leads', '2026-03-02', 2, 'leads', 30, 'campaign', NULL, 5, 7),
		('A', 'badge scans', '2026-03-02', 1, 'scans', 120, 'engaged', 90, 5, NULL)`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	s, err := reopen(t, path)
	if err != nil {
		t.Fatal(err)
	}
	day := truce.Date{Year: 2026, Month: 3, Day: 2}
	at := time.UnixMilli(5).UTC()
	had := []truce.ActivityLink{
		{Activity: "A", Place: 1, What: "badge scans", Unit: "scans", Date: day, Expected: 120, Of: truce.OfEngaged, Observed: 90, HasSeen: true,
			RecordedAt: at},
		{Activity: "A", Place: 2, What: "leads", Unit: "leads", Date: day, Expected: 30, Of: truce.OfCampaign, RecordedAt: at}}
	err = s.Update(t.Context(), func(tx *Tx) error {
		links, err := tx.LinksOf("A")
		if err != nil || !slices.Equal(links, had) {
			t.Errorf("the chain: %+v, %v", links, err)
		}
		if links, err = tx.LinksToTell(day, day.Add(1)); err != nil || !slices.Equal(links, had[:1]) {
			t.Errorf("to tell: %+v, %v", links, err)
		}
		change, err := tx.UpsertActivityLink(truce.ActivityLink{Activity: "A", What: "leads", Unit: "leads", Date: day, Expected: 9,
			Of: truce.OfEngaged})
		if err != nil || change != Added {
			t.Errorf("leads engaged: %s, %v", change, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAccountsOfAnEarlierVersionAreFoldedAsNewOnes starts with the database of the step before companies had their names, with accounts
// whose ids are names as people write them, and deals that name them otherwise.
func TestAccountsOfAnEarlierVersionAreFoldedAsNewOnes(t *testing.T) {
	path, db := databaseBefore(t, "0360")
	do := func(text string, args ...any) {
		t.Helper()
		if _, err := db.Exec(text, args...); err != nil {
			t.Fatal(err)
		}
	}
	ids := []string{"Müller GmbH", "acme.", "Öl, Inc.", "001Ab"}
	for i, id := range ids {
		do(`INSERT INTO accounts (id, name, name_key, domain, recorded_at) VALUES (?, ?, ?, ?, 1)`, id, fmt.Sprint("Firm ", i),
			fmt.Sprint("firm ", i), "")
	}
	for i, told := range []string{"MÜLLER gmbh", "Acme, Inc.", "ÖL", "001ab"} {
		at := testNow.AddDate(0, -2, 0)
		do(`INSERT INTO leads (id, ref, mql_at, company, account, created_at, updated_at, state, state_at, stage)
			VALUES (?, ?, ?, ?, ?, 1, 1, 'open', 1, 0)`, fmt.Sprint("lead", i), fmt.Sprint("L-", i), at.UnixMilli(), fmt.Sprint("Firm ", i),
			fmt.Sprint("firm ", i))
		do(`INSERT INTO deals (id, account, account_name, stage, status, opened_at, recorded_at) VALUES (?, ?, ?, 'new', 'opportunity', ?, 1)`,
			fmt.Sprint("deal", i), truce.FoldAccount(told), told, at.AddDate(0, 0, 20).UnixMilli())
	}
	db.Close()
	for range 2 { // the second start finds nothing to do
		s, err := reopen(t, path)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.View(t.Context(), func(tx *Tx) error {
			for i, id := range ids {
				keys, err := tx.keysOfAccount(truce.FoldAccount(id))
				if err != nil {
					return err
				}
				if want := []string{truce.FoldAccount(id), fmt.Sprint("firm ", i)}; !slices.Equal(keys, want) {
					t.Errorf("account %q goes by %q, want %q", id, keys, want)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
}

// upgrades starts with a database that lacks some steps.
func upgrades(t *testing.T, path string, lacks int) {
	if steps, err := Pending(t.Context(), path); err != nil || len(steps) != lacks {
		t.Fatalf("pending: %v, %v", steps, err)
	}
	s, err := Open(t.Context(), path, func() time.Time { return testNow }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.PrepareRollUps(t.Context(), time.UTC); err != nil {
		t.Fatal(err)
	}
	if err := s.CountRollUps(t.Context()); err != nil {
		t.Fatal(err)
	}
	if wrong, err := s.CheckFile(t.Context(), 5); err != nil || len(wrong) > 0 {
		t.Errorf("the file: %v, %v", wrong, err)
	}
	if wrong, err := s.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 {
		t.Errorf("the sums: %v, %v", wrong, err)
	}
	if steps, err := Pending(context.Background(), path); err != nil || len(steps) != 0 {
		t.Errorf("still pending: %v, %v", steps, err)
	}
	err = s.View(t.Context(), func(tx *Tx) error {
		won, err := tx.Lead("00Q1")
		if err != nil {
			return err
		}
		if won.State != truce.Won || won.Company != "Kestrel Foods" || !won.HasScore || won.Score != 82.5 {
			t.Errorf("the lead: %+v", won)
		}
		o, err := tx.Objection("O-1")
		if err != nil {
			return err
		}
		if o.Text != "you are too slow" {
			t.Errorf("the objection: %+v", o)
		}
		in, err := tx.RuleFor("Webinar", "outside-icp")
		if err != nil || in == nil || in.ID != "R-1" || in.State != truce.ProposalInForce || in.Stopped != 7 ||
			in.InForceAt.UnixMilli() != 1768100000000 || in.Text != "Consumer labs go back." {
			t.Errorf("the rule in force: %+v, %v", in, err)
		}
		was, err := tx.Proposal("R-1")
		if err != nil || was.Version != 1 || was.Yes(truce.Sales) != "P-1" || was.Yes(truce.Marketing) != "P-2" ||
			was.Votes[0].At.UnixMilli() != 1768050000000 {
			t.Errorf("its history: %+v, %v", was, err)
		}
		terms := truce.NewTerms(truce.NewCalendar(time.UTC))
		terms.Ramp = truce.NewRampTerms()
		if r, err := tx.RampAt(terms, tx.Now); err != nil || r.At(tx.Now) != truce.RampComparisons {
			t.Errorf("an installation that upgrades has its ramp behind it: %+v, %v", r, err)
		}
		waits, err := tx.OpenProposals()
		if err != nil || len(waits) != 1 || waits[0].ID != "R-2" || fmt.Sprint(waits[0].Waiting()) != "[marketing]" {
			t.Errorf("the rule that waits: %+v, %v", waits, err)
		}
		if posted, err := tx.PostedEverywhere(ProposalSubject("R-2")); err != nil || len(posted) != 1 {
			t.Errorf("its message stands in %v, %v", posted, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	backup := path + ".backup"
	if err := Backup(t.Context(), path, backup); err != nil {
		t.Fatal(err)
	}
	if v, err := Verify(t.Context(), backup); err != nil || v.Older || v.Leads != 2 {
		t.Errorf("a backup of it: %+v, %v", v, err)
	}
}

func TestABackupOfANewerTruceIsRefusedByName(t *testing.T) {
	s := open(t)
	if err := s.Update(t.Context(), func(tx *Tx) error {
		return tx.exec(`INSERT INTO migrations (name, at) VALUES ('9000_later.sql', 1)`)
	}); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"backup": Backup(t.Context(), s.path, s.path+".backup"),
		"verify": func() error { _, err := Verify(t.Context(), s.path); return err }(),
		"check":  func() error { _, err := Pending(t.Context(), s.path); return err }(),
		"start":  func() error { _, err := reopen(t, s.path); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), "9000_later.sql") || !strings.Contains(err.Error(), "newer Truce") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if left, err := filepath.Glob(s.path + ".backup*"); err != nil ||
		slices.ContainsFunc(left, func(f string) bool { _, err := os.Stat(f); return err == nil }) {
		t.Errorf("a refused backup left %v", left)
	}
}
