package digests_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// TestAgendasAreWhatWasKnown builds the agenda of a week out of what the field told, what people added and what was agreed, and again
// after later facts: an agenda as of a moment does not change.
func TestAgendasAreWhatWasKnown(t *testing.T) {
	wednesday := time.Date(2026, 11, 4, 12, 0, 0, 0, time.UTC)
	now := wednesday.AddDate(0, 0, -14)
	store := openStore(t, func() time.Time { return now })
	update := func(fn func(tx *storage.Tx) error) {
		t.Helper()
		if err := store.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	d := digests.Maker{Calendar: truce.NewCalendar(time.UTC)}
	agenda := func(asOf time.Time) (a truce.Agenda, js, text string) {
		t.Helper()
		err := store.View(t.Context(), func(tx *storage.Tx) error {
			var s truce.MeetingSeries
			var err error
			if a, s, err = d.Agenda(tx, "", asOf); err != nil {
				return err
			}
			out, err := d.AgendaJSON(a)
			js, text = string(out), chat.Markdown(d.AgendaCard(a, s))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return a, js, text
	}

	_, js, text := agenda(now)
	for _, want := range []string{`"series": ""`, `"meeting": null`, `"decide": []`, `"discuss": []`, `"actions": []`, "No engagement data",
		"Nothing heard in the field"} {
		if !strings.Contains(js, want) {
			t.Errorf("of nothing the agenda says\n%s\nwant in it %s", js, want)
		}
	}
	if !strings.Contains(text, "/taskforce start") {
		t.Errorf("without a series the agenda does not say how to begin:\n%s", text)
	}

	var ann, max truce.Person
	var series truce.MeetingSeries
	heard := func(tx *storage.Tx, theme, account, rival string, by truce.Person) error {
		_, err := tx.AddObjection(truce.Objection{ThemeID: theme, Text: "x", Account: account, Competitor: rival, AuthorID: by.ID,
			LoggedBy: by.ID, Confidence: 1})
		return err
	}
	update(func(tx *storage.Tx) (err error) {
		if ann, err = tx.AddPerson(truce.Person{Name: "Ann", Email: "ann@example.com"}); err != nil {
			return err
		}
		if max, err = tx.AddPerson(truce.Person{Name: "Max", Email: "max@example.com"}); err != nil {
			return err
		}
		if err := tx.AddTheme(truce.Theme{ID: "ffpe", Name: "FFPE validation", State: "active"}); err != nil {
			return err
		}
		if series, err = tx.AddSeries(truce.MeetingSeries{Name: "Task force", Day: time.Thursday, Minutes: 600, Members: []string{ann.ID, max.ID},
			CreatedBy: ann.ID}); err != nil {
			return err
		}
		for i := range 4 {
			if err := heard(tx, "ffpe", fmt.Sprintf("Lab %d", i), []string{"Vantor", "Vantor", "", ""}[i], ann); err != nil {
				return err
			}
			n, err := tx.AddNote(truce.Note{Kind: truce.NoteStuck, Text: "Waits for validation data", Account: fmt.Sprintf("Lab %d", i),
				AuthorID: ann.ID})
			if err != nil {
				return err
			}
			n.ConfirmedAt = tx.Now
			if err := tx.SaveNote(n); err != nil {
				return err
			}
		}
		for i := range 6 {
			if _, err := tx.AddMeetingAction(truce.MeetingAction{SeriesID: series.ID, Title: fmt.Sprintf("Task %d", i), OwnerID: max.ID,
				Due: truce.Date{Year: 2026, Month: 11, Day: 2 + i}, CreatedBy: ann.ID}); err != nil {
				return err
			}
		}
		_, err = tx.AddToAgenda(truce.AddedItem{SeriesID: series.ID, Wants: truce.ToDiscuss, Title: "Webinar leads since the new title",
			AddedBy: max.ID})
		return err
	})
	now = wednesday
	a, js, text := agenda(wednesday)
	if got := refsOf(a.Decide) + "|" + refsOf(a.Discuss); got != "ffpe|I-1 waits for validation data vantor" {
		t.Errorf("to decide and to discuss: %s\n%s", got, text)
	}
	if len(a.Actions) != 4 || a.More != 2 {
		t.Errorf("%d actions at the top, %d more; want 4 and 2", len(a.Actions), a.More)
	}
	for _, want := range []string{`"series": "Task force"`, `"meeting": "2026-11-05T10:00:00Z"`, `"as_of": "2026-11-04T12:00:00Z"`,
		`"title": "Is FFPE validation Marketing's next piece?"`,
		"\"title\": \"Task 0\",\n      \"owner\": \"Max\",\n      \"due\": \"2026-11-02\",\n      \"state\": \"overdue\",\n      \"carried\": 0",
		`"state": "due"`, `"carried": 0`} {
		if !strings.Contains(js, want) {
			t.Errorf("the agenda says\n%s\nwant in it %s", js, want)
		}
	}

	// The meeting is held, one item discussed; what comes later changes nothing of what was known on Wednesday.
	now = time.Date(2026, 11, 5, 10, 10, 0, 0, time.UTC)
	update(func(tx *storage.Tx) error {
		m, err := tx.MeetingAt(series.ID, time.Date(2026, 11, 5, 10, 0, 0, 0, time.UTC))
		if err != nil {
			return err
		}
		m.PostedAt = tx.Now
		if err := tx.SaveMeeting(m); err != nil {
			return err
		}
		if err := tx.PutItems(m.ID, a.Items()); err != nil {
			return err
		}
		i := a.Items()[1] // what Max added
		i.Mark, i.By, i.MarkAt = truce.Discussed, ann.ID, tx.Now
		if err := tx.MarkItem(m, i); err != nil {
			return err
		}
		x, err := tx.MeetingAction("X-1")
		if err != nil {
			return err
		}
		x.ClosedAt, x.ClosedBy = tx.Now, max.ID
		if err := tx.SaveMeetingAction(x); err != nil {
			return err
		}
		return heard(tx, "ffpe", "Lab 9", "", max)
	})
	if _, again, _ := agenda(wednesday); again != js {
		t.Errorf("the agenda as of Wednesday has changed:\n%s\nit was\n%s", again, js)
	}
	now = now.AddDate(0, 0, 6)
	a, _, text = agenda(now)
	if got := refsOf(a.Decide) + "|" + refsOf(a.Discuss); got != "ffpe|vantor waits for validation data" &&
		got != "ffpe|waits for validation data vantor" {
		t.Errorf("a week later to decide and to discuss: %s\n%s", got, text)
	}
	if a.Decide[0].Carried != 1 || a.Actions[0].Title != "Task 1" || a.Actions[0].Carried != 1 {
		t.Errorf("what was left carries over: %+v %+v", a.Decide, a.Actions)
	}
	if !strings.Contains(text, "1 action ended since the meeting before") {
		t.Errorf("what was done is not to be read:\n%s", text)
	}
}

func refsOf(list []truce.AgendaItem) string {
	var refs []string
	for _, i := range list {
		refs = append(refs, i.Ref)
	}
	return strings.Join(refs, " ")
}

// TestAnAgendaIsSilentOnFewPeople: both sides read an agenda, so how a side of fewer than five keeps its promises is not on it.
func TestAnAgendaIsSilentOnFewPeople(t *testing.T) {
	w := newWorld(t, 3, plan{name: "first touch is late", sources: []worldSource{like("Source 0")}, perWeek: 1, weeks: 9,
		clocks: []worldPromise{{"sales", "touch", 400, .5, 0}}})
	join := func(n int) {
		t.Helper()
		err := w.store.Update(t.Context(), func(tx *storage.Tx) error {
			for i := range n {
				if _, err := tx.AddPerson(truce.Person{Name: fmt.Sprint("Rep ", i), Email: fmt.Sprintf("rep%d.%d@example.com", n, i),
					Roles: []truce.Role{truce.Rep}, Active: true}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	onAgenda := func() (list []string, text string) {
		t.Helper()
		w.read(t, func(tx *storage.Tx) error {
			a, s, err := maker().Agenda(tx, "", w.now)
			if err != nil {
				return err
			}
			for _, i := range a.Items() {
				if i.Kind == "promise" && i.Ref != "" {
					list = append(list, i.Title)
				}
			}
			text = chat.Markdown(maker().AgendaCard(a, s))
			return nil
		})
		return list, text
	}
	join(4)
	if list, text := onAgenda(); strings.Contains(strings.Join(list, " "), "falls short") ||
		!strings.Contains(text, "Fewer than five people") {
		t.Errorf("with four reps the agenda says %q:\n%s", list, text)
	}
	join(1)
	if list, text := onAgenda(); !strings.Contains(strings.Join(list, " "), "Sales: first touch in time falls short") {
		t.Errorf("with five reps the agenda says %q:\n%s", list, text)
	}
}
