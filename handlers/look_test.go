package handlers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/transcript"
	"truce/storage"
)

// TestALookReadsAsAnyLead gives a rep a lead and a second look on one day: their home page, their list and their cards say the
// same of both but for the names, while both wait, once silence has accepted them, and when both are to be rated.
func TestALookReadsAsAnyLead(t *testing.T) {
	for _, of := range []struct {
		name    string
		touches bool // are logged here
		accept  bool // both, at once
		script  string
		line    string // what the home page says of each then; "" is nothing
	}{
		{name: "they wait", line: "Accept or reject by Tue 3 Mar 17:00."},
		{name: "touches are measured", touches: true, line: "First touch by Wed 4 Mar 17:00."},
		{name: "a day before the deadline", script: "time +24h\n", line: "Accept or reject by Tue 3 Mar 17:00."},
		{name: "silence has accepted them", script: "time +72h\n"},
		{name: "silence has accepted them, and they are to be touched", touches: true, script: "time +50h\n", line: "First touch by"},
		{name: "a touch was missed, too", touches: true, script: "time +168h\n"},
		{name: "the rep is away", script: "leave ann 2026-03-02T12:00:00Z 2026-03-20T09:00:00Z\ntime +72h\n", line: "is back"},
		{name: "the rep was away", script: "leave ann 2026-03-02T12:00:00Z 2026-03-09T09:00:00Z\ntime +169h\n", line: "Accept or reject by"},
		{name: "they are to be rated", accept: true, script: "time +240h\n", line: "N Labs"},
	} {
		t.Run(of.name, func(t *testing.T) {
			t.Parallel()
			st := giveBoth(t, of.touches)
			for _, ref := range []string{"L-1", "L-2"} {
				if of.accept {
					said(t, st, chat.Event{Kind: chat.Action, Name: "lead.accept", Arg: ref})
				}
			}
			if said := st.Play(of.script); strings.Contains(said, "! ") {
				t.Fatal(said)
			}
			home := said(t, st, chat.Event{Kind: chat.Command, Name: "truce", Text: "home"})
			one, two := about(home, "One Labs"), about(home, "Two Labs")
			if one != two || (one == "") != (of.line == "") || !strings.Contains(one, of.line) {
				t.Errorf("at home a lead reads %q and a second look %q:\n%s", one, two, home)
			}
			one = said(t, st, chat.Event{Kind: chat.Command, Name: "lead", Text: "One"})
			if two = said(t, st, chat.Event{Kind: chat.Command, Name: "lead", Text: "Two"}); plainly(one) != plainly(two) {
				t.Errorf("a lead reads\n%s\nand a second look\n%s", one, two)
			}
			for _, list := range []string{"mine", "unrated"} {
				mine := said(t, st, chat.Event{Kind: chat.Command, Name: "lead", Text: list})
				if one, two = about(mine, "One Labs"), about(mine, "Two Labs"); one != two ||
					strings.Index(mine, "Two Labs") < strings.Index(mine, "One Labs") {
					t.Errorf("in /lead %s a lead reads %q and a second look %q:\n%s", list, one, two, mine)
				}
			}
		})
	}
}

// giveBoth gives ann a lead, L-1, and a second look, L-2, at once.
func giveBoth(t *testing.T, touches bool) *transcript.Stage {
	t.Helper()
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
		if touches {
			if _, err := tx.UpsertLead(truce.Lead{ID: "another", MQLAt: tx.Now.AddDate(0, 0, -30),
				HandedOffAt: tx.Now.AddDate(0, 0, -29)}); err != nil {
				return err
			}
			if _, err := tx.AddTouch(truce.Touch{LeadID: "another", At: tx.Now.Add(-time.Hour), Kind: "call"}); err != nil {
				return err
			}
		}
		if _, err := tx.AddOutcome(truce.Outcome{LeadID: "Two", Status: truce.Rejected, Reason: "wrong-person", At: tx.Now.AddDate(0, 0, -3),
			Origin: truce.FromPerson, PersonID: ben.ID}); err != nil {
			return err
		}
		if _, err := tx.AddSecondLook(truce.SecondLook{Week: truce.DateOf(tx.Now), Kind: truce.RejectedLook, LeadID: "Two", Ref: "L-2",
			PersonID: ann.ID}); err != nil {
			return err
		}
		return tx.TendPromises(terms)
	})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// said is what ann is answered.
func said(t *testing.T, st *transcript.Stage, ev chat.Event) string {
	t.Helper()
	ev.ID, ev.User = fmt.Sprint(t.Name(), ev.Name, ev.Text, ev.Arg), chat.User{ID: "test:t:ann", Name: "ann", Standing: chat.Member}
	r, err := st.Handlers.Handle(t.Context(), ev)
	if err != nil || r.Card == nil {
		t.Fatalf("%s %s: %+v %v", ev.Name, ev.Text, r, err)
	}
	return chat.PlainText(*r.Card, 10000)
}

// about is what a text says of a lead, in the paragraphs or rows that name it.
func about(text, name string) string {
	var b strings.Builder
	sep := "\n\n"
	if strings.Contains(text, " | ") && !strings.Contains(text, "Log a touch") { // a table, not a choice
		sep = "\n"
	}
	for _, p := range strings.Split(text, sep) {
		if strings.Contains(p, name) {
			b.WriteString(plainly(p) + "\n")
		}
	}
	return b.String()
}

func plainly(s string) string {
	return strings.NewReplacer("L-1", "L-n", "L-2", "L-n", "One", "N", "Two", "N").Replace(s)
}
