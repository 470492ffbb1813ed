package digests_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// caseMove is a move of a case, with the step that it is logged as.
type caseMove struct {
	step truce.Step
	make func(d *truce.Dispute, t truce.Terms, now time.Time) error
}

// caseMoves are the moves of a case's life by their names in a test.
func caseMoves(people map[string]truce.Person) map[string]caseMove {
	rule := func(id string, side truce.Side, uphold bool) caseMove {
		return caseMove{truce.Step{Action: "dispute.rule", By: id, Did: truce.RulingPromise, Side: side},
			func(d *truce.Dispute, t truce.Terms, now time.Time) error {
				_, err := d.Rule(t, people[id], uphold, "", now)
				return err
			}}
	}
	lapse := func(kind truce.PromiseKind, side truce.Side) caseMove {
		return caseMove{truce.Step{Action: "lapse", Did: kind, Side: side, Lapsed: true}, func(d *truce.Dispute, _ truce.Terms, now time.Time) error {
			if !d.Lapse(kind, now) {
				return fmt.Errorf("%s does not lapse", kind)
			}
			return nil
		}}
	}
	by := func(action, id string, kind truce.PromiseKind, side truce.Side,
		make func(d *truce.Dispute, t truce.Terms, now time.Time) error) caseMove {
		return caseMove{truce.Step{Action: "dispute." + action, By: id, Did: kind, Side: side}, make}
	}
	return map[string]caseMove{
		"uphold": by("uphold", "mia", truce.AnswerPromise, truce.Marketing, func(d *truce.Dispute, t truce.Terms, now time.Time) error {
			return d.Uphold(t, people["mia"], "", now)
		}),
		"decline": by("decline", "mia", truce.AnswerPromise, truce.Marketing, func(d *truce.Dispute, t truce.Terms, now time.Time) error {
			return d.Decline(t, people["mia"], "no", now)
		}),
		"ask": by("ask", "mia", "", "", func(d *truce.Dispute, t truce.Terms, now time.Time) error {
			return d.Ask(t, people["mia"], "who?", now)
		}),
		"provide": by("provide", "ann", truce.EvidencePromise, truce.Sales, func(d *truce.Dispute, t truce.Terms, now time.Time) error {
			return d.Provide(t, people["ann"], "Kim", now)
		}),
		"accept": by("accept", "ann", truce.ReplyPromise, truce.Sales, func(d *truce.Dispute, t truce.Terms, now time.Time) error {
			return d.Accept(t, people["ann"], now)
		}),
		"escalate": by("escalate", "ann", truce.ReplyPromise, truce.Sales, func(d *truce.Dispute, t truce.Terms, now time.Time) error {
			return d.Escalate(t, people["ann"], "look again", now)
		}),
		"escalate wordless": by("escalate", "ann", truce.ReplyPromise, truce.Sales, func(d *truce.Dispute, t truce.Terms, now time.Time) error {
			return d.Escalate(t, people["ann"], "", now)
		}),
		"withdraw": by("withdraw", "ann", "", "", func(d *truce.Dispute, t truce.Terms, now time.Time) error {
			return d.Withdraw(t, people["ann"], now)
		}),
		"reopen": by("reopen", "ann", "", "", func(d *truce.Dispute, t truce.Terms, now time.Time) error {
			return d.Reopen(t, people["ann"], "new", now)
		}),
		"reopen by Marketing": by("reopen", "max", "", "", func(d *truce.Dispute, t truce.Terms, now time.Time) error {
			return d.Reopen(t, people["max"], "new", now)
		}),
		"sales upholds": rule("sam", truce.Sales, true), "sales declines": rule("sam", truce.Sales, false),
		"marketing upholds": rule("mona", truce.Marketing, true), "marketing declines": rule("mona", truce.Marketing, false),
		"sponsor upholds": rule("pat", truce.TheSponsor, true),
		"no answer":       lapse(truce.AnswerPromise, truce.Marketing), "no evidence": lapse(truce.EvidencePromise, truce.Sales),
		"no reply": lapse(truce.ReplyPromise, truce.Sales), "no ruling": lapse(truce.RulingPromise, truce.Sales),
	}
}

// caseLives are lives of cases that pass through every state, and a second round.
var caseLives = []string{
	"", "uphold", "decline, accept", "decline, no reply", "ask, provide, uphold", "ask, no evidence, no answer", "no answer", "withdraw",
	"decline, escalate", "decline, escalate, sales upholds", "decline, escalate wordless, sales upholds, marketing upholds",
	"decline, escalate, marketing declines, sales declines", "decline, escalate, sales upholds, marketing declines, sponsor upholds",
	"decline, escalate, no ruling, sponsor upholds", "decline, escalate, no ruling, no ruling", "decline, escalate, withdraw",
	"decline, accept, reopen, uphold", "uphold, reopen by Marketing, decline, escalate, sales upholds, marketing upholds",
	"decline, accept, reopen, no answer", "uphold, reopen by Marketing, no answer", "no answer, reopen by Marketing, decline, accept",
	"withdraw, reopen, decline, escalate, no ruling, sponsor upholds", "decline, escalate, sales declines, marketing declines, reopen, no answer",
}

// TestACaseReadsAsItStood makes a digest after each move of many cases, and the same digests again, as of those moments, once all moves
// were made: what was escalated, ruled, re-opened or closed later is not in them.
func TestACaseReadsAsItStood(t *testing.T) {
	now := monday.AddDate(0, 0, -40).Add(10 * time.Hour)
	s, path := openAt(t, func() time.Time { return now })
	people := caseCast(t, path)
	d, terms := maker(), truce.NewTerms(truce.NewCalendar(time.UTC))
	cases := make([]truce.Dispute, len(caseLives))
	for i := range caseLives {
		write(t, s, func(tx *storage.Tx) error {
			l := truce.Lead{ID: fmt.Sprint("lead", i), MQLAt: now.Add(-time.Hour), Source: []string{"Webinar", "Fair"}[i%2]}
			if _, err := tx.UpsertLead(l); err != nil {
				return err
			}
			lead, err := tx.Lead(l.ID)
			if err != nil {
				return err
			}
			c := truce.NewDispute(lead, "wrong-person", "no", people["ann"], now)
			cases[i], err = tx.OpenDispute(terms, c, "")
			return err
		})
	}
	moves := caseMoves(people)
	say := func(at time.Time) (text string) {
		read(t, s, func(tx *storage.Tx) error {
			for _, kind := range []string{digests.WeeklyDigest, digests.LeadsDigest} {
				st, err := d.Study(tx, digests.Query{Kind: kind, AsOf: at})
				if err != nil {
					return err
				}
				text += fmt.Sprintf("%+v, %d settled\n", st.Disputes, st.Settled) + chat.PlainText(d.Show(&st), 100000)
				var owed []string
				for _, o := range st.Owed {
					owed = append(owed, fmt.Sprintf("%s: %s %s", o.Subject, o.Side, o.Kind))
				}
				slices.Sort(owed)
				text += strings.Join(owed, "\n")
			}
			return nil
		})
		return text
	}
	var moments []time.Time
	var said []string
	for step := range 7 {
		for i, life := range caseLives {
			list := strings.Split(life, ", ")
			if life == "" || step >= len(list) {
				continue
			}
			now = now.Add(37 * time.Minute)
			m, ok := moves[list[step]]
			if !ok {
				t.Fatalf("no move %q", list[step])
			}
			write(t, s, func(tx *storage.Tx) error {
				before, err := tx.Dispute(cases[i].ID)
				if err != nil {
					return err
				}
				after := before
				if err := m.make(&after, terms, now); err != nil {
					return fmt.Errorf("%s: %s: %w", life, list[step], err)
				}
				_, err = tx.MoveDispute(terms, before, after, m.step)
				return err
			})
			if len(moments)%3 == 0 || step > 3 {
				moments, said = append(moments, now.Add(time.Minute)), append(said, "")
				said[len(said)-1] = say(moments[len(moments)-1])
			} else {
				moments, said = append(moments, time.Time{}), append(said, "")
			}
		}
		now = now.AddDate(0, 0, 3)
	}
	now = monday.Add(30 * 24 * time.Hour)
	for i, at := range moments {
		if at.IsZero() {
			continue
		}
		if again := say(at); again != said[i] {
			t.Fatalf("as of %s:\n%s", at, firstDifference(said[i], again))
		}
	}
}

// firstDifference is the lines in which two texts begin to differ.
func firstDifference(was, is string) string {
	a, b := strings.Split(was, "\n"), strings.Split(is, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "it was\n" + strings.Join(a[i:min(i+4, len(a))], "\n") + "\nand is\n" + strings.Join(b[i:min(i+4, len(b))], "\n")
		}
	}
	return fmt.Sprintf("%d lines, then %d", len(a), len(b))
}

// caseCast is who plays in cases.
func caseCast(t *testing.T, path string) map[string]truce.Person {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	people := map[string]truce.Person{}
	for id, roles := range map[string][]truce.Role{"ann": {truce.Rep}, "mia": {truce.Marketer}, "max": {truce.Marketer},
		"sam": {truce.SalesManager}, "mona": {truce.MarketingManager}, "pat": {truce.Sponsor}} {
		people[id] = truce.Person{ID: id, Name: id, Active: true, Roles: roles}
		if _, err := db.Exec(`INSERT INTO people (id, name, created_at) VALUES (?1, ?1, 0)`, id); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(`INSERT INTO identities (user_id, person_id, name, seen_at) VALUES ('web:' || ?1, ?1, ?1, 1)`,
			id); err != nil {
			t.Fatal(err)
		}
		for _, r := range roles {
			if _, err := db.Exec(`INSERT INTO roles VALUES (?, ?, 'config', 1)`, id, r); err != nil {
				t.Fatal(err)
			}
		}
	}
	return people
}
