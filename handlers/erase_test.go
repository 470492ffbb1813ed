package handlers_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/transcript"
	"truce/handlers/intake"
	"truce/storage"
)

// everywhere looks for words in all that Truce has: the file with its log, a backup made now, all exports, all messages that stand in
// chat but for those in the person's own chat.
func everywhere(t *testing.T, st *transcript.Stage, own string, words ...string) (found []string) {
	t.Helper()
	look := func(where string, b []byte) {
		for _, w := range words {
			if bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(w))) {
				found = append(found, w+" in "+where)
			}
		}
	}
	file := func(where, path string) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		look(where, b)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := storage.Backup(t.Context(), st.Store.Path(), backup); err != nil {
		t.Fatal(err)
	}
	file("the database", st.Store.Path())
	file("its log", st.Store.Path()+"-wal")
	file("a backup", backup)
	for _, kind := range intake.ExportKinds() {
		for _, format := range []intake.Format{intake.CSV, intake.JSONLines} {
			var b bytes.Buffer
			if _, err := intake.Export(t.Context(), st.Store, kind, format, &b); err != nil {
				t.Fatal(err)
			}
			look("the export of "+kind, b.Bytes())
		}
	}
	for id, m := range st.Stands() {
		if m.To == own {
			continue
		}
		b, err := json.Marshal(m.Card)
		if err != nil {
			t.Fatal(err)
		}
		look("the message "+id+" in "+m.To, b)
	}
	if len(found) > 0 {
		for _, w := range words {
			if where := tablesWith(t, st.Store.Path(), w); len(where) > 0 {
				found = append(found, fmt.Sprintf("%s in the columns %v", w, where))
			}
		}
	}
	return found
}

// settled waits until the file is written anew.
func settled(t *testing.T, st *transcript.Stage) {
	t.Helper()
	st.Store.Scrubbed()
}

// sums are the figures that erasing must leave as they are.
func sums(t *testing.T, st *transcript.Stage) (out []string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+st.Store.Path()+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{
		`SELECT count(*) FROM objections`, `SELECT count(*) FROM disputes WHERE state = 'closed'`, `SELECT count(*) FROM rulings`,
		`SELECT count(*) FROM ratings`,
		`SELECT count(*) FROM touches`, `SELECT count(*) FROM outcomes`, `SELECT count(*) FROM deals`, `SELECT count(*) FROM engagements`,
		`SELECT count(*) FROM engagements e JOIN leads l ON l.email_key = e.email_key`, `SELECT count(*) FROM answer_uses
			WHERE helped IS NOT NULL`,
		`SELECT group_concat(id || state || coalesce(rating, 0) || facts) FROM leads`,
	} {
		var s sql.NullString
		if err := db.QueryRow(q).Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, q+": "+s.String)
	}
	return out
}

// aCase is a conversation in which two people leave words wherever one can.
const aCase = `
lead 00Q1 source=Webinar company="Northfield Labs" name="Quincy Zobel" email=quincy@buyer.example owner=ann@example.com score=82
lead 00Q2 source=Webinar company="Eastgate Bio" owner=ann@example.com score=40
ann: /objection they say the zebrafish module is too expensive at Northfield Labs
ann: a private zebrafish thought nobody reads
time +10m
mia: /objection answer price
mia sends body="Tell them the okapi bundle pays in a year" internal="okapi margins are thin, be careful" proof="the okapi study" claim=plain
ann presses Did not help
ann sends instead="Offer the zebrafish trial to the whole lab"
ann: /dispute L-1 wrong person: the zebrafish lady left the lab in May
mia presses Ask once…
mia sends text="Which okapi person is there now?"
ann presses Answer…
ann sends text="Nobody, the zebrafish unit is closed"
mia presses Decline…
mia sends text="The okapi campaign asked for that title"
ann presses Escalate…
ann sends text="The zebrafish lady told me so herself"
sam presses Rule: uphold…
sam sends text="The lady is gone"
mona presses Rule: uphold…
mona sends text="So be it"
`

func TestErasedWordsAreNowhere(t *testing.T) {
	for _, who := range []struct {
		name, id string
		words    []string
	}{
		{"ann", "test:t:ann", []string{"zebrafish", "ann@example.com"}},
		{"mia", "test:t:mia", []string{"okapi", "mia@example.com"}},
	} {
		t.Run(who.name, func(t *testing.T) {
			st := transcript.NewStage(t, transcript.Network)
			said := st.Play(aCase)
			if err := st.Store.KeepRollUps(t.Context(), time.UTC); err != nil {
				t.Fatal(err)
			}
			if testing.Verbose() {
				t.Log(said)
			}
			for _, m := range []string{"ERROR", "fault"} {
				if strings.Contains(said, m) {
					t.Fatalf("the conversation went wrong:\n%s", said)
				}
			}
			email := who.words[1]
			at := st.Now().Add(-time.Hour)
			err := st.Store.Update(t.Context(), func(tx *storage.Tx) error {
				for _, err := range []error{
					second(tx.AddTouch(truce.Touch{LeadID: "00Q1", At: at, Kind: "call", By: strings.ToUpper(email[:1]) + email[1:]})),
					second(tx.UpsertDeal(truce.Deal{ID: "D9", AccountName: "Northfield Labs", Name: "Trial for " + email, Stage: "Won", Status: truce.Won,
						CreatedAt: at, ClosedAt: at, Owner: email})),
					second(tx.AddOutcome(truce.Outcome{LeadID: "00Q2", Status: truce.SQL, At: at, Owner: email, Origin: truce.FromImport,
						Note: "call " + email})),
					tx.SaveForm(storage.Form{PersonID: "P-6", Name: "x", Opened: json.RawMessage(`{"intro":"` + email + ` said"}`)}),
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
			if len(everywhere(t, st, "", who.words...)) < 10 {
				t.Fatal("the words are not there to begin with")
			}
			before := sums(t, st)
			r, err := st.Handlers.Handle(t.Context(), chat.Event{ID: "e1", Kind: chat.Submit, Name: "mydata.erase",
				User:   chat.User{ID: who.id, Standing: chat.Member},
				Values: map[string]string{"sure": who.name}})
			if err != nil || len(r.Faults) > 0 || r.Card == nil {
				t.Fatalf("not erased: %+v, %v", r, err)
			}
			st.Play("time +1h")
			settled(t, st)
			for _, f := range everywhere(t, st, "DM "+who.name, who.words...) {
				t.Error(f)
			}
			if after := sums(t, st); !slices.Equal(before, after) {
				t.Errorf("the figures were\n%s\nand are\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
			}
			if wrong, err := st.Store.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 {
				t.Errorf("the sums over leads: %v, %v", wrong, err)
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

func TestAnErasedLeadIsNobodyAndCounts(t *testing.T) {
	st := transcript.NewStage(t, transcript.Network)
	st.Play(aCase + `
ann: /objection Quincy Zobel says we are too slow
lead 00Q3 source=Ads company="Quincy Zobel Consulting" name="Quincy Zobel" email=Quincy@buyer.example owner=ben@example.com
adi presses nothing
`)
	words := []string{"quincy", "zobel", "+49 30 1234567"}
	at := st.Now().Add(-time.Hour)
	err := st.Store.Update(t.Context(), func(tx *storage.Tx) error {
		l, err := tx.Lead("00Q1")
		if err != nil {
			return err
		}
		l.Attrs = map[string]string{"Region": "EMEA", "Phone": "+49 30 1234567", "Alternate": "q.zobel@home.example", "Since": "2026-03-01",
			"Full": "Dr. QUINCY ZOBEL"}
		for _, err := range []error{
			second(tx.UpsertLead(l)),
			second(tx.UpsertDeal(truce.Deal{ID: "D9", AccountName: "Northfield Labs", LeadID: "00Q1", Name: "Quincy Zobel: trial", Stage: "Won",
				Status: truce.Won, CreatedAt: at, ClosedAt: at})),
			second(tx.UpsertEngagement(truce.Engagement{Email: "quincy@buyer.example", At: at, Kind: "form"})),
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
	before := sums(t, st)
	if r := st.Play("ann: /truce erase quincy@buyer.example"); !strings.Contains(r, "Only an admin") {
		t.Errorf("a rep erases a lead:\n%s", r)
	}
	if r := st.Play("adi: /truce erase quincy@buyer.example"); !strings.Contains(r, "2 leads of one address: L-1, L-3") {
		t.Fatalf("the form is\n%s", r)
	}
	if r := st.Play("adi sends sure=yes"); !strings.Contains(r, "fault in \"sure\"") {
		t.Errorf("erased without being sure:\n%s", r)
	}
	if r := st.Play("adi sends sure=l-1"); !strings.Contains(r, "Erased: who 2 leads are (L-1, L-3)") {
		t.Fatalf("the answer is\n%s", r)
	}
	st.Play("time +1h")
	settled(t, st)
	for _, f := range everywhere(t, st, "", words...) {
		t.Error(f)
	}
	if after := sums(t, st); !slices.Equal(before, after) {
		t.Errorf("the figures were\n%s\nand are\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
	err = st.Store.View(t.Context(), func(tx *storage.Tx) error {
		l, err := tx.Lead("00Q1")
		if len(l.Attrs) != 2 || l.Attrs["Region"] != "EMEA" || l.Attrs["Since"] != "2026-03-01" || l.Company != "Northfield Labs" {
			t.Errorf("of the lead is left %+v", l)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestALongExportComesWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truce.db")
	h, store := open(t, path)
	defer store.Close()
	c := &conversation{t: t, h: h}
	for i := range 60 {
		c.do(chat.Event{Kind: chat.Command, Name: "objection", Text: fmt.Sprintf("objection %d: they say we are too slow, <really> & \"truly\" "+
			"🐢, %s", i, strings.Repeat("again and ", i))})
	}
	var whole strings.Builder
	r := c.do(chat.Event{Kind: chat.Command, Name: "truce", Text: "mydata export"})
	for parts := 0; ; parts++ {
		next := ""
		for _, b := range r.Card.Blocks {
			if n := len([]rune(b.Quote)); n > 3000 {
				t.Errorf("a quote of %d characters is cut by Slack", n)
			}
			whole.WriteString(b.Quote)
			for _, button := range b.Buttons {
				next = button.Arg
			}
		}
		if next == "" {
			if parts < 3 {
				t.Errorf("60 objections came in %d parts", parts+1)
			}
			break
		}
		r = c.do(chat.Event{Kind: chat.Action, Name: "mydata.export", Arg: next})
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(whole.String()), &got); err != nil {
		t.Fatalf("the parts together are no JSON: %v", err)
	}
	if list, _ := got["objections"].([]any); len(list) != 60 {
		t.Errorf("the export holds %d of 60 objections", len(list))
	}
	// What changed meanwhile is not mixed into it.
	r = c.do(chat.Event{Kind: chat.Command, Name: "truce", Text: "mydata export"})
	next := r.Card.Blocks[len(r.Card.Blocks)-2].Buttons[0].Arg
	c.do(chat.Event{Kind: chat.Command, Name: "objection", Text: "one more: too expensive"})
	r = c.do(chat.Event{Kind: chat.Action, Name: "mydata.export", Arg: next})
	if text := chat.PlainText(*r.Card, 100); !strings.Contains(text, "It has changed since") || !strings.Contains(text, "part 1 of") {
		t.Errorf("the next part of what has changed is\n%s", text)
	}
}
