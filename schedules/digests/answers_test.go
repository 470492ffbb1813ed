package digests_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"truce"
	"truce/schedules/digests"
	"truce/storage"
)

// An answer is named from three accounts on; an account counts once, and its next step only after it was shown.
func TestAnswersAndTheNextStep(t *testing.T) {
	s, path := openAt(t, func() time.Time { return noon })
	day := func(n int) time.Time { return noon.AddDate(0, 0, -n) }
	write(t, s, func(tx *storage.Tx) error {
		if err := tx.AddTheme(truce.Theme{ID: "slow", Name: "Turnaround time", State: "active"}); err != nil {
			return err
		}
		for i, at := range []int{5, 60, 0} { // after it was shown; before; a deal without a date of opening
			d := truce.Deal{ID: fmt.Sprint("d", i), Account: fmt.Sprint("lab ", i), Stage: "offer", Status: truce.Opportunity, CreatedAt: day(at)}
			if i == 2 {
				d.Stage, d.Status, d.CreatedAt, d.ClosedAt = "won", truce.Won, day(40), day(3)
			}
			if _, err := tx.UpsertDeal(d); err != nil {
				return err
			}
		}
		if _, err := tx.UpsertLead(truce.Lead{ID: "l3", MQLAt: day(50), Company: "Lab 3"}); err != nil {
			return err
		}
		_, err := tx.AddOutcome(truce.Outcome{LeadID: "l3", Status: truce.SQL, At: day(9), Origin: truce.FromImport})
		return err
	})
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	do(`INSERT INTO people (id, name, created_at) VALUES ('P-1', 'Ann', 0), ('P-2', 'Ben', 0)`)
	for id, state := range map[string]string{"A-1": "approved", "A-2": "approved", "A-3": "recalled"} {
		do(`INSERT INTO answers (id, theme_id, version, body, state, owner_id, created_at) VALUES (?, 'slow', 1, ?, ?, 'P-1', 0)`, id,
			"Ask how often they repeat today. "+id, state)
	}
	shown := func(n int, answer, account, lead, rep string, ago int, helped any) {
		do(`INSERT OR IGNORE INTO objections (id, theme_id, text, account, lead_id, author_id, logged_by, created_at) VALUES (?, 'slow', 'they say', ?, nullif(?, ''), ?, ?, ?)`, fmt.Sprint("O-", n), account, lead, rep, rep, day(ago).UnixMilli())
		do(`INSERT INTO answer_uses (answer_id, objection_id, person_id, shown_at, helped) VALUES (?, ?, ?, ?, ?)`, answer, fmt.Sprint("O-", n),
			rep, day(ago).UnixMilli(), helped)
	}
	shown(1, "A-1", "Lab 0", "", "P-1", 30, 1)        // a deal is opened 25 days later
	shown(2, "A-1", "Lab 1", "", "P-1", 30, 0)        // its deal is older
	shown(3, "A-1", "Lab 2 Inc.", "", "P-1", 30, nil) // its deal is won later
	shown(4, "A-1", "", "l3", "P-1", 30, 1)           // the lead's account; an SQL later
	shown(5, "A-1", "lab 0", "", "P-2", 2, nil)       // again: the account counts from the first time
	shown(6, "A-1", "", "", "P-2", 2, 1)              // of no account: in neither
	shown(7, "A-1", "Lab 9", "", "P-2", 100, 1)       // too long ago
	shown(8, "A-2", "Lab 0", "", "P-1", 30, 1)        // two accounts: not named
	shown(9, "A-2", "Lab 1", "", "P-1", 30, 1)
	for i := range 4 {
		shown(20+i, "A-3", fmt.Sprint("Lab ", i), "", "P-1", 30, 1) // recalled
	}
	read(t, s, func(tx *storage.Tx) error {
		study, err := maker().Whole(tx, digests.Query{Kind: digests.LeadsDigest, From: day(7), To: noon, AsOf: noon})
		if err != nil {
			return err
		}
		if got, want := fmt.Sprint(study.Answers), "[{A-1 Turnaround time Ask how often they repeat today. A-1 4 3 {2 3}}]"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		return nil
	})
}
