package truce

import (
	"testing"
	"time"
)

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC)
}

func TestPromiseDeadlines(t *testing.T) {
	for _, tt := range []struct {
		name        string
		kind        PromiseKind
		urgent      bool
		from        time.Time
		due, remind time.Time
	}{
		{"an answer in two days", AnswerPromise, false, at(2, 9, 0), at(3, 17, 0), at(3, 9, 0)},
		{"over the weekend", AnswerPromise, false, at(6, 15, 0), at(10, 15, 0), at(9, 15, 0)},
		{"not before ten", AnswerPromise, false, at(2, 9, 30), at(4, 10, 0), at(3, 10, 0)},
		{"a verdict in a day", VerdictPromise, true, at(2, 9, 0), at(2, 17, 0), at(2, 13, 0)},
		{"a touch in four hours: the reminder comes with it", TouchPromise, true, at(2, 9, 0), at(2, 13, 0), at(2, 9, 0)},
		{"a reply in three days", ReplyPromise, false, at(2, 9, 0), at(4, 17, 0), at(4, 9, 0)},
		{"a rating, asked for after five business days", RatingPromise, false, at(2, 9, 0), at(9, 9, 0), at(9, 9, 0)},
	} {
		p, ok := terms.Start("D-1", tt.kind, Marketing, "", tt.urgent, tt.from)
		if !ok || !p.DueAt.Equal(tt.due) || !p.RemindAt.Equal(tt.remind) {
			t.Errorf("%s: due %v, remind %v, %v; want %v, %v", tt.name, p.DueAt, p.RemindAt, ok, tt.due, tt.remind)
		}
	}
	if _, ok := NewTerms(Calendar{}).Start("D-1", AnswerPromise, Marketing, "", false, at(2, 9, 0)); ok {
		t.Error("a promise began in a calendar that is never open")
	}
}

func TestPromiseLapsesOnlyAfterAReminderInTime(t *testing.T) {
	running, _ := terms.Start("D-1", AnswerPromise, Marketing, "", false, at(2, 9, 0)) // due Tuesday 17:00
	for _, tt := range []struct {
		name      string
		delivered time.Time
		now       time.Time
		lapses    bool
		due       time.Time
	}{
		{"before its deadline", at(3, 9, 0), at(3, 16, 59), false, at(3, 17, 0)},
		{"reminded in time", at(3, 9, 0), at(3, 17, 0), true, at(3, 17, 0)},
		{"exactly four hours before", at(3, 13, 0), at(3, 17, 0), true, at(3, 17, 0)},
		{"a minute too late", at(3, 13, 1), at(3, 17, 0), false, at(4, 10, 0)},
		{"reminded after the deadline", at(4, 11, 0), at(4, 12, 0), false, at(4, 15, 0)},
		{"not reminded", time.Time{}, at(3, 17, 0), false, at(4, 13, 0)},
		{"not reminded, found after a long stop", time.Time{}, at(20, 9, 0), false, at(20, 13, 0)},
		{"reminded late, and that time has passed too", at(4, 9, 0), at(4, 16, 0), true, at(4, 13, 0)},
	} {
		p, lapses := terms.Overdue(running, tt.delivered, tt.now)
		if lapses != tt.lapses || !p.DueAt.Equal(tt.due) || !p.PromisedAt.Equal(at(3, 17, 0)) {
			t.Errorf("%s: lapses %v, due %v, promised %v; want %v, %v", tt.name, lapses, p.DueAt, p.PromisedAt, tt.lapses, tt.due)
		}
	}
}

func TestPromisePauses(t *testing.T) {
	p, _ := terms.Start("D-1", AnswerPromise, Marketing, "mia", false, at(2, 9, 0))
	p.Reminder = "sent"
	paused := terms.Pause(p, at(2, 15, 0)) // 10 of 16 hours left
	if paused.Result != Paused || paused.Left != 10*time.Hour {
		t.Fatalf("%+v", paused)
	}
	if again := terms.Pause(paused, at(3, 9, 0)); again != paused {
		t.Errorf("paused twice: %+v", again)
	}
	resumed := terms.Resume(paused, "max", at(5, 9, 0))
	if !resumed.DueAt.Equal(at(6, 11, 0)) || resumed.PersonID != "max" || resumed.Reminder != "" || resumed.Result != Running {
		t.Errorf("resumed: %+v", resumed)
	}
	if p.Done(p.DueAt) != Kept || p.Done(p.DueAt.Add(time.Millisecond)) != Late {
		t.Error("at the deadline a promise is kept, after it it is late")
	}
}

func TestUrgentLead(t *testing.T) {
	for _, tt := range []struct {
		lead Lead
		want bool
	}{
		{Lead{Source: "Evaluation kit"}, true}, {Lead{Campaign: "Demo requests"}, true}, {Lead{Campaign: "Kits for core facilities"}, true},
		{Lead{Source: "Webinar", Campaign: "Democracy of data"}, false}, {Lead{Product: "Quote"}, true}, {Lead{}, false},
	} {
		if got := terms.UrgentLead(tt.lead); got != tt.want {
			t.Errorf("%+v: %v", tt.lead, got)
		}
	}
}
