package handlers_test

import (
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/transcript"
	"truce/storage"
)

// TestALookReadsAsAnyLead gives a rep a lead and a second look on one day: their home page and their cards are the same but for
// the names, as long as both wait.
func TestALookReadsAsAnyLead(t *testing.T) {
	st := transcript.NewStage(t, transcript.Network)
	st.Play("ann presses nothing\nben presses nothing\n")
	terms := truce.NewTerms(truce.NewCalendar(time.UTC))
	err := st.Store.Update(t.Context(), func(tx *storage.Tx) error {
		ann, err := tx.PersonByUser("test:t:ann")
		if err != nil {
			return err
		}
		ben, err := tx.PersonByUser("test:t:ben")
		if err != nil {
			return err
		}
		for _, name := range []string{"One", "Two"} {
			l := truce.Lead{ID: name, MQLAt: tx.Now.Add(-time.Hour), HandedOffAt: tx.Now, Company: name + " Labs", Source: "Webinar",
				Owner: "ann@example.com"}
			if name == "Two" {
				l.Owner, l.HandedOffAt, l.Score, l.HasScore = "ben@example.com", tx.Now.AddDate(0, 0, -9), 71, true
			}
			if _, err := tx.UpsertLead(l); err != nil {
				return err
			}
		}
		two, err := tx.Lead("Two")
		if err != nil {
			return err
		}
		if _, err := tx.AddOutcome(truce.Outcome{LeadID: "Two", Status: truce.Rejected, Reason: "wrong-person", At: tx.Now.AddDate(0, 0, -3),
			Origin: truce.FromPerson, PersonID: ben.ID}); err != nil {
			return err
		}
		if _, err := tx.AddSecondLook(truce.SecondLook{Week: truce.DateOf(tx.Now), Kind: truce.RejectedLook, LeadID: "Two", Ref: two.Ref,
			PersonID: ann.ID, At: tx.Now}); err != nil {
			return err
		}
		return tx.TendPromises(terms)
	})
	if err != nil {
		t.Fatal(err)
	}
	said := func(command, text, name string) string {
		ev := chat.Event{ID: t.Name() + command + text, Kind: chat.Command, Name: command, Text: text,
			User: chat.User{ID: "test:t:ann", Name: "ann", Standing: chat.Member}}
		r, err := st.Handlers.Handle(t.Context(), ev)
		if err != nil || r.Card == nil {
			t.Fatalf("/%s %s: %+v %v", command, text, r, err)
		}
		text = chat.PlainText(*r.Card, 10000)
		if command == "truce" { // its own part of the page
			_, text, _ = strings.Cut(text, name+" Labs")
			text, _, _ = strings.Cut(text, " Labs")
		}
		return text
	}
	ref := func(s string) string { // L-1 and L-2
		return strings.NewReplacer("L-1", "L-n", "L-2", "L-n", "One", "N", "Two", "N").Replace(s)
	}
	for _, command := range [][2]string{{"lead", "One"}, {"truce", "home"}} {
		one := said(command[0], command[1], "One")
		two := said(command[0], strings.ReplaceAll(command[1], "One", "Two")+strings.Repeat(" ", 1), "Two")
		if one, two = ref(one), ref(two); command[0] == "lead" && one != two {
			t.Errorf("a lead reads\n%s\nand a second look\n%s", one, two)
		} else if line := func(s string) string { l, _, _ := strings.Cut(strings.TrimSpace(s), "\n\n"); return l }; command[0] == "truce" &&
			(line(one) != line(two) || strings.Contains(two, "silence")) {
			t.Errorf("at home a lead reads\n%s\nand a second look\n%s", line(one), line(two))
		}
	}
}
