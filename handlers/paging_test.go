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

// TestEveryListIsAllThere gives each list sixty rows and presses "more" until there is none: every row is found once, and no page is taken
// for the whole.
func TestEveryListIsAllThere(t *testing.T) {
	st := transcript.NewStage(t, transcript.Network)
	st.Play("ann presses nothing\nmia presses nothing\nsam presses nothing\nben presses nothing\n")
	const rows = 60
	terms := truce.NewTerms(truce.NewCalendar(time.UTC))
	fill(t, st, terms, rows)
	if err := st.Handlers.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		who, command, text string
		row                string // of each row, with its number
		extra              int    // how much more often a row may be named on its page
	}{
		{"ben", "lead", "mine", "Mine %03d", 0},
		{"ann", "lead", "unrated", "Rate %03d", 0},
		{"sam", "lead", "nobody", "Nobody %03d", 0},
		{"ann", "lead", "many@buyer.example", "Many %03d", 0},
		{"mia", "dispute", "list", "Case %03d", 0},
		{"ann", "dispute", "mine", "Case %03d", 0},
		{"mia", "dispute", "rules", "Rule %03d", 0},
		{"mia", "dispute", "overdue", "Case %03d", 0},
		{"sam", "truce", "proposals", "Proposal %03d", 0},
		{"ann", "objection", "new", "objection %03d", 0},
		{"ann", "objection", "search slow quartz readers", "objection %03d", 0},
		{"ann", "objection", "top by account", "Account %03d", 0},
		{"mia", "objection", "answers", "answer %03d", 0},
		{"mia", "objection", "answers price", "answer %03d", 0},
		{"ann", "field", "drafts", "draft %03d", 0},
		{"ann", "field", "recent", "note %03d", 0},
		{"mia", "outcome", "", "Outcome %03d", 0},
		{"ben", "list.more", "outcome.lost 0", "Lost %03d", 0}, // stands below the others
		{"mia", "outcome", "mine", "Open %03d", 0},
		{"ben", "truce", "home", "Mine %03d", 0},
		{"ann", "list.more", "home.mine 0", "Case %03d", 0}, // stand below what waits for the person
		{"ann", "list.more", "home.unrated 0", "Rate %03d", 0},
		{"sam", "list.more", "home.recycled 0", "Recycled %03d", 0},
		{"mia", "list.more", "journey.stage 0 barrier evaluation", "barrier %03d", 0}, // each stage has several lists
		{"ben", "digest", "mine", "Mine %03d", 0},
	} {
		t.Run(tt.command+" "+tt.text, func(t *testing.T) {
			ev := chat.Event{Kind: chat.Command, Name: tt.command, Text: tt.text}
			if tt.command == "list.more" {
				ev = chat.Event{Kind: chat.Action, Name: tt.command, Arg: tt.text}
			}
			said, pages := walk(t, st, tt.who, ev)
			if pages < 2 {
				t.Errorf("all of %d on one page:\n%.2000s", rows, said)
			}
			for i := range rows {
				if n := strings.Count(said, fmt.Sprintf(tt.row, i)); n != 1 {
					t.Fatalf("row %d is there %d times, after %d pages:\n%.3000s", i, n, pages, said)
				}
			}
		})
	}
}

// TestHomeAndStagesLeadToTheRest: a home page and a stage of the journey show the first rows of each list, the longest waiting
// first, and say how many more there are.
func TestHomeAndStagesLeadToTheRest(t *testing.T) {
	st := transcript.NewStage(t, transcript.Network)
	st.Play("ann presses nothing\nmia presses nothing\nsam presses nothing\nben presses nothing\n")
	fill(t, st, truce.NewTerms(truce.NewCalendar(time.UTC)), 60)
	for _, tt := range []struct {
		who, command, text, first, label, arg string
	}{
		{"ann", "truce", "home", "Case 000", "The other 55", "home.mine 5 "},
		{"ann", "truce", "home", "Rate 059", "The other 55", "home.unrated 5 "},
		{"sam", "truce", "home", "Recycled 000", "The other 55", "home.recycled 5 "},
		{"sam", "truce", "home", "Nobody 059", "The other 55", "lead.nobody 5 "},
		{"mia", "journey", "evaluation", "barrier 000", "The other 54", "journey.stage 6 barrier evaluation"},
	} {
		ev := chat.Event{ID: t.Name() + tt.arg, Kind: chat.Command, Name: tt.command, Text: tt.text,
			User: chat.User{ID: "test:t:" + tt.who, Name: tt.who, Standing: chat.Member}}
		r, err := st.Handlers.Handle(t.Context(), ev)
		if err != nil || r.Card == nil {
			t.Fatal(r, err)
		}
		found := false
		for _, b := range r.Card.Blocks {
			for _, button := range b.Buttons {
				found = found || button.Label == tt.label && button.Arg == tt.arg
			}
		}
		if said := chat.PlainText(*r.Card, 10000); !found || !strings.Contains(said, tt.first) {
			t.Errorf("/%s %s of %s: no button %q to %q, or no %s:\n%s", tt.command, tt.text, tt.who, tt.label, tt.arg, tt.first, said)
		}
	}
}

// walk asks, and presses what leads on until nothing does.
func walk(t *testing.T, st *transcript.Stage, who string, ev chat.Event) (said string, pages int) {
	t.Helper()
	ev.User = chat.User{ID: "test:t:" + who, Name: who, Standing: chat.Member}
	for pages = 0; ; pages++ {
		if pages > 30 {
			t.Fatal("it leads on for ever")
		}
		ev.ID = fmt.Sprint(t.Name(), pages)
		r, err := st.Handlers.Handle(t.Context(), ev)
		if err != nil || r.Card == nil {
			t.Fatalf("page %d: %+v, %v", pages, r, err)
		}
		said += chat.PlainText(*r.Card, 10000)
		next := ""
		for _, b := range r.Card.Blocks {
			for _, button := range b.Buttons {
				if button.Action == "list.more" && next == "" {
					next = button.Arg
				}
			}
		}
		if next == "" {
			return said, pages + 1
		}
		ev.Kind, ev.Name, ev.Arg = chat.Action, "list.more", next
	}
}

func fill(t *testing.T, st *transcript.Stage, terms truce.Terms, rows int) {
	t.Helper()
	err := st.Store.Update(t.Context(), func(tx *storage.Tx) error {
		people := map[string]truce.Person{}
		for _, name := range []string{"ann", "ben", "mia"} {
			p, err := tx.PersonByUser("test:t:" + name)
			if err != nil {
				return err
			}
			people[name] = p
		}
		if err := tx.AddTheme(truce.Theme{ID: "price", Name: "Price", State: "active"}); err != nil {
			return err
		}
		for i := range rows {
			for _, err := range []error{
				fillLeads(tx, people, terms, i),
				fillInterviews(tx, people["mia"].ID, i),
				second(tx.Propose(truce.Proposal{Kind: truce.RuleGround, Thing: fmt.Sprint("rule", i), Title: fmt.Sprintf("Rule %03d", i),
					By: people["mia"].ID, Needs: []truce.Side{truce.Sales},
					Payload: fmt.Appendf(nil, `{"source":"Rule %03d","reason":"wrong-person","outcome":"upheld"}`, i)}, "test")),
				second(tx.Propose(truce.Proposal{Kind: "promise", Thing: fmt.Sprint("x", i), Title: fmt.Sprintf("Proposal %03d", i),
					Payload: []byte("{}"), By: people["mia"].ID, Needs: []truce.Side{truce.Sales}}, "test")),
				second(tx.AddObjection(truce.Objection{ThemeID: "price", Text: fmt.Sprintf("too slow quartz readers, objection %03d", i),
					Account: fmt.Sprintf("Account %03d", i), AuthorID: people["ann"].ID, LoggedBy: people["ann"].ID})),
				second(tx.AddAnswer(truce.Answer{ThemeID: "price", Body: fmt.Sprintf("This is answer %03d.", i), State: truce.AnswerWaiting,
					OwnerID: people["mia"].ID})),
				second(tx.AddJourneyEntry(truce.JourneyEntry{Stage: "evaluation", Kind: truce.JourneyBarrier, Text: fmt.Sprintf("barrier %03d", i),
					AuthorID: people["mia"].ID})),
				second(tx.AddNote(truce.Note{Text: fmt.Sprintf("this is draft %03d", i), AuthorID: people["ann"].ID})),
				second(tx.AddNote(truce.Note{Text: fmt.Sprintf("this is note %03d", i), Kind: truce.NoteTrend, AuthorID: people["ann"].ID,
					ConfirmedAt: tx.Now})),
			} {
				if err != nil {
					return err
				}
			}
		}
		return tx.TendPromises(terms)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// fillInterviews has a customer and a lost one name an outcome each, and leaves an interview open.
func fillInterviews(tx *storage.Tx, by string, i int) error {
	for _, of := range []struct {
		name string
		kind truce.CustomerKind
	}{{"Outcome", truce.IdealCustomer}, {"Lost", truce.LostCustomer}} {
		v, err := tx.AddInterview(truce.Interview{Account: fmt.Sprintf("%s customer %d", of.kind, i), Standing: of.kind, By: by,
			State: truce.InterviewDone, StartedAt: tx.Now, FinishedAt: tx.Now})
		if err != nil {
			return err
		}
		s, err := tx.AddStatement(truce.OutcomeStatement{InterviewID: v.ID, Direction: "shorten", Measure: "the time",
			Object: fmt.Sprint("until result ", i)})
		if err != nil {
			return err
		}
		id, err := tx.AddInventoryOutcome(fmt.Sprintf("%s %03d", of.name, i), by)
		if err != nil {
			return err
		}
		if err := tx.GroupStatement(s.ID, id, by); err != nil {
			return err
		}
	}
	_, err := tx.AddInterview(truce.Interview{Account: fmt.Sprintf("Open %03d", i), Standing: truce.IdealCustomer, By: by,
		State: truce.InterviewPaused, Questions: []string{"What did you buy?"}, StartedAt: tx.Now})
	return err
}

func fillLeads(tx *storage.Tx, people map[string]truce.Person, terms truce.Terms, i int) error {
	lead := func(kind, email, owner string) (truce.Lead, error) {
		id := fmt.Sprintf("%s%03d", kind, i)
		at := tx.Now.Add(-time.Duration(i) * time.Hour)
		if kind == "Rate" { // old enough to be asked for
			at = at.AddDate(0, 0, -7)
		}
		_, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: at, HandedOffAt: at, Email: email, Company: fmt.Sprintf("%s %03d", kind, i),
			Source: "Webinar",
			Owner:  owner})
		if err != nil {
			return truce.Lead{}, err
		}
		return tx.Lead(id)
	}
	if _, err := lead("Mine", "", "ben@example.com"); err != nil {
		return err
	}
	if _, err := lead("Nobody", "", ""); err != nil {
		return err
	}
	if _, err := lead("Many", "many@buyer.example", "cat@example.com"); err != nil {
		return err
	}
	unrated, err := lead("Rate", "", "ann@example.com")
	if err != nil {
		return err
	}
	if _, err := tx.AddOutcome(truce.Outcome{LeadID: unrated.ID, Status: truce.Accepted, At: tx.Now, Origin: truce.FromPerson,
		PersonID: people["ann"].ID}); err != nil {
		return err
	}
	recycled, err := lead("Recycled", "", "")
	if err != nil {
		return err
	}
	if _, err := tx.AddOutcome(truce.Outcome{LeadID: recycled.ID, Status: truce.Recycled, At: tx.Now, Origin: truce.FromPerson,
		PersonID: people["ann"].ID}); err != nil {
		return err
	}
	disputed, err := lead("Case", "", "ann@example.com")
	if err != nil {
		return err
	}
	d, err := tx.OpenDispute(terms, truce.NewDispute(disputed, "wrong-person", "no", people["ann"], tx.Now), "test")
	if err != nil {
		return err
	}
	list, err := tx.OpenPromises(d.ID) // as if its first deadline were past, and had moved
	if err != nil {
		return err
	}
	if len(list) == 0 { // past ten answers of each marketer
		return tx.SavePromise(truce.Promise{Subject: d.ID, Kind: truce.AnswerPromise, Side: truce.Marketing, PersonID: people["mia"].ID,
			StartedAt: tx.Now.Add(-time.Hour),
			DueAt:     tx.Now.Add(time.Hour), PromisedAt: tx.Now.Add(-time.Minute), RemindAt: tx.Now.Add(time.Hour)})
	}
	list[0].PromisedAt = tx.Now.Add(-time.Minute)
	return tx.SavePromise(list[0])
}
