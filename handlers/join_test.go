package handlers_test

import (
	"context"
	"database/sql"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/handlers"
	"truce/storage"
)

// This file is about somebody who is met twice: once under an e-mail address, and once where the platform could not say who it is.

const (
	ghostID = "teams:t:ghost"
	twice   = "P-4711" // the id of the second person: it occurs nowhere else
)

// ghost is Rita in Teams, of whom the roster says that she is a member and no more; ritaThere is she once it gives her address.
var (
	rita      = chat.User{ID: "slack:T1:U1", Name: "Rita", Email: "rita@example.com", Standing: chat.Member}
	ghost     = chat.User{ID: ghostID, Name: "Rita R.", Standing: chat.Member}
	ritaThere = chat.User{ID: ghostID, Name: "Rita R.", Email: "Rita@example.com", Standing: chat.Member}
)

// metTwice is a database in which Rita on Slack and the ghost in Teams have both done what people do.
func metTwice(t *testing.T, path string) (*conversation, *storage.Store) {
	t.Helper()
	h, store := open(t, path)
	t.Cleanup(func() { store.Close() })
	if err := store.KeepRollUps(t.Context(), time.UTC); err != nil {
		t.Fatal(err)
	}
	c := &conversation{t: t, h: h}
	c.do(chat.Event{Kind: chat.Command, Name: "objection", Text: "they say we are too expensive", User: rita})
	err := store.Update(t.Context(), func(tx *storage.Tx) error {
		if _, err := tx.AddPerson(truce.Person{ID: "P-4710", Name: "Nobody"}); err != nil { // the next one is P-4711
			return err
		}
		for _, id := range []string{"A-1", "A-2"} {
			if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: tx.Now.Add(-time.Hour), HandedOffAt: tx.Now.Add(-time.Hour), Source: "Webinar",
				Company: "Labs " + id}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range []chat.Event{
		{Kind: chat.Message, Text: "a thought about prices"},
		{Kind: chat.Command, Name: "objection", Text: "they say the validation takes a year"},
		{Kind: chat.HomeOpened},
		{Kind: chat.Command, Name: "dispute", Text: "A-1 outside ICP: a core facility"},
		{Kind: chat.Action, Name: "lead.accept", Arg: "L-2"},
		{Kind: chat.Action, Name: "lead.rate", Arg: "L-2 good"},
		{Kind: chat.Command, Name: "objection"},
		{Kind: chat.Dismiss, Name: "objection", Values: map[string]string{"text": "half a thought"}},
		{Kind: chat.Command, Name: "truce", Text: "away 2026-08-03 to 2026-08-14"},
	} {
		ev.User = ghost
		c.do(ev)
	}
	err = store.Update(t.Context(), func(tx *storage.Tx) error { // what takes too long to come to in a conversation
		for _, err := range []error{
			tx.GiveRole(twice, truce.Marketer, "admin"), tx.GiveRole(twice, truce.Rep, "admin"),
			tx.SetPref(twice, "theirs", "1"), tx.SetPref(twice, "both", "ghost"), tx.SetPref("P-1", "both", "rita"),
			tx.Send(storage.Message{Key: "notice>" + twice, To: storage.ToPerson(twice), PersonID: twice, Body: []byte(`{"summary":"x"}`),
				Kind: storage.Notice}),
			tx.Send(storage.Message{To: storage.ToPerson(twice), Subject: "told:D-1/1/" + twice, Kind: storage.CaseMessage}),
			tx.SetPosted(storage.HomeSubject(twice), storage.ToPerson(twice), chat.Ref{ID: "1"}),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, s := range []string{
		`INSERT INTO answer_uses (answer_id, objection_id, person_id, shown_at, helped, instead, voted_at)
			VALUES ('A-1', '', 'P-4711', 1, 1, 'theirs', 2), ('A-2', '', 'P-4711', 1, 0, 'voted', 2), ('A-2', '', 'P-1', 1, NULL, '', NULL)`,
		`INSERT INTO digests (id, kind, person_id, from_at, to_at, as_of, figures, card, at)
			VALUES ('G-9', 'recap', 'P-4711', 0, 1, 1, '{}', '{}', 1)`,
		`INSERT INTO proposals (id, kind, thing, title, payload, proposed_by, at, needs, state, asked_at)
			VALUES ('R-9', 'rule', 'outside-icp Webinar', 'x', '{}', 'P-4711', 1, '["sales","marketing"]', 'proposed', 1)`,
		`INSERT INTO votes (id, proposal_id, side, person_id, said, at) VALUES ('v-9', 'R-9', 'sales', 'P-4711', 'yes', 1)`,
	} {
		if _, err := raw.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	return c, store
}

// held is how much is held of the people with the ids, by kind.
func held(t *testing.T, store *storage.Store, ids ...string) map[string]int {
	t.Helper()
	sum := map[string]int{}
	err := store.View(t.Context(), func(tx *storage.Tx) error {
		for _, id := range ids {
			one, err := tx.CountHeld(id)
			if err != nil {
				return err
			}
			for kind, n := range one {
				sum[kind] += n
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestWhoeverWasMetTwiceIsOnePerson(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truce.db")
	c, store := metTwice(t, path)
	if where := tablesWith(t, path, twice); len(where) < 12 {
		t.Fatalf("the second person stands in %v only", where)
	}
	before := held(t, store, "P-1", twice)
	before["settings"]-- // one that both had
	r := c.do(chat.Event{Kind: chat.Command, Name: "dispute", Text: "mine", User: ritaThere})
	if after := held(t, store, "P-1"); !maps.Equal(after, before) {
		t.Errorf("of the two together were held %v, of the one are %v", before, after)
	}
	if n := held(t, store, twice); slices.Max(slices.Collect(maps.Values(n))) > 0 {
		t.Errorf("of the other one are held %v", n)
	}
	if said := chat.PlainText(*r.Card, 100); !strings.Contains(said, "D-1") {
		t.Errorf("as one person she has no case:\n%s", said)
	}
	// What is left is the log's own account of it, and keys, which are read by nobody.
	for _, where := range tablesWith(t, path, twice) {
		if !slices.Contains([]string{"audit.detail", "outbox.key", "inbox.reply"}, where) {
			t.Errorf("%s still stands in %s", twice, where)
		}
	}
	err := store.View(t.Context(), func(tx *storage.Tx) error {
		p, err := tx.PersonByUser(ghostID)
		if err != nil {
			return err
		}
		if p.ID != "P-1" || p.Email != "rita@example.com" || p.Name != "Rita" || len(p.Users) != 2 || !p.Has(truce.Marketer) ||
			p.LeaveFrom.IsZero() {
			t.Errorf("she is %+v", p)
		}
		f, err := tx.LeadFileByRef("L-2")
		if err != nil {
			return err
		}
		if f.OwnerID != p.ID || f.Rating != truce.Good || len(f.Ratings) != 1 || f.Ratings[0].Rater != p.ID {
			t.Errorf("the lead she took is %+v", f)
		}
		if v, _ := tx.Pref(p.ID, "both"); v != "rita" {
			t.Errorf("a setting that both had is %q", v)
		}
		log, err := tx.AuditOf(p.ID)
		if i := slices.IndexFunc(log, func(e storage.AuditEntry) bool { return e.Action == "person.joined" }); i < 0 {
			t.Errorf("the log does not say it: %+v", log)
		} else if got := string(log[i].Detail); !strings.Contains(got, twice) || !strings.Contains(got, `"disputes":1`) ||
			log[i].Network != "teams" {
			t.Errorf("the log says %s on %s", got, log[i].Network)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if wrong, err := store.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 {
		t.Errorf("the sums over leads: %v, %v", wrong, err)
	}
	// She acts as one from both sides, and on nobody's behalf.
	if r := c.do(chat.Event{Kind: chat.Action, Name: "dispute.withdraw", Arg: "D-1", User: rita}); r.Card == nil ||
		!strings.Contains(chat.PlainText(*r.Card, 100), "withdrawn") {
		t.Errorf("from Slack she cannot withdraw the case of Teams: %+v", r)
	}
}

// TestNobodyIsJoinedWithoutAVerifiedAddress: a name, or an address nobody vouches for, joins nobody.
func TestNobodyIsJoinedWithoutAVerifiedAddress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truce.db")
	c, store := metTwice(t, path)
	for _, u := range []chat.User{
		{ID: ghostID, Name: "Rita", Email: "rita@example.com"},                         // the platform does not say whether a member
		{ID: ghostID, Name: "Rita", Email: "rita@example.com", Standing: chat.Outside}, // of another organisation
		{ID: ghostID, Name: "Rita", Standing: chat.Member},
	} {
		c.do(chat.Event{Kind: chat.Command, Name: "dispute", Text: "mine", User: u})
		err := store.View(t.Context(), func(tx *storage.Tx) error {
			p, err := tx.PersonByUser(ghostID)
			if p.ID != twice {
				t.Errorf("%+v is %s", u, p.ID)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestAMappedAccountBringsWhatItDid: the configuration says whose account it is; what was done with it before is theirs.
func TestAMappedAccountBringsWhatItDid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truce.db")
	_, store := metTwice(t, path)
	if err := handlers.SetRoster(context.Background(), store, "config",
		[]handlers.Member{{Email: "rita@example.com", Users: []string{ghostID}}}); err != nil {
		t.Fatal(err)
	}
	err := store.View(t.Context(), func(tx *storage.Tx) error {
		p, err := tx.PersonByUser(ghostID)
		if err != nil {
			return err
		}
		mine, err := tx.DisputesOf(p.ID, 10)
		if p.ID != "P-1" || len(mine) != 1 {
			t.Errorf("the account is %s's, with %d cases", p.ID, len(mine))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
