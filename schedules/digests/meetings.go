package digests

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/schedules"
	"truce/storage"
)

// This file does what time asks of task forces: agendas the day before, items that open, minutes two hours after, and reminders of
// actions on their day.

// MeetingJobs are the jobs of task forces, and of activities whose day has come.
func (d Maker) MeetingJobs(store *storage.Store, log *slog.Logger) []schedules.Job {
	every, err := schedules.Parse("* * * * *", d.loc())
	if err != nil {
		panic(err) // our own line
	}
	mornings, err := schedules.Parse("20 9 * * *", d.loc())
	if err != nil {
		panic(err)
	}
	m := convener{d, store, log}
	return []schedules.Job{{Name: "taskforce", Spec: every, Run: func(ctx context.Context, _ time.Time) error { return m.once(ctx) }},
		{Name: "activities", Spec: mornings, Run: m.activitiesDue}}
}

type convener struct {
	Maker
	store *storage.Store
	log   *slog.Logger
}

// called is a meeting whose agenda is due, with its agenda.
type called struct {
	series truce.MeetingSeries
	agenda truce.Agenda
}

// once does what is due now. Each thing is done once because the meeting's or the action's own state says so.
func (m convener) once(ctx context.Context) error {
	var due []called
	err := m.store.View(ctx, func(tx *storage.Tx) (err error) {
		due, err = m.due(tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("make agendas: %w", err)
	}
	for _, c := range due {
		if err := m.store.Update(ctx, func(tx *storage.Tx) error { return m.post(tx, c) }); err != nil {
			return fmt.Errorf("post the agenda of %s: %w", c.series.ID, err)
		}
	}
	return m.store.Update(ctx, func(tx *storage.Tx) error {
		if err := m.hold(tx); err != nil {
			return err
		}
		return m.remind(tx)
	})
}

// due are the meetings whose agenda is to be posted now.
func (m convener) due(tx *storage.Tx) (list []called, err error) {
	running, err := tx.MeetingSeries(tx.Now)
	if err != nil {
		return nil, err
	}
	for _, s := range running {
		at, ok := s.Next(m.Calendar, tx.Now)
		if !ok || s.AgendaAt(m.Calendar, at).After(tx.Now) {
			continue
		}
		known, err := tx.Meetings(s.ID, tx.Now)
		if err != nil {
			return nil, err
		}
		if posted(known, at) {
			continue
		}
		a, s, err := m.Agenda(tx, s.ID, tx.Now)
		if err != nil {
			return nil, err
		}
		list = append(list, called{s, a})
	}
	return list, nil
}

// posted reports whether the meeting at a moment is known of: its agenda is posted, or it is cancelled.
func posted(known []truce.Meeting, at time.Time) bool {
	for _, m := range known {
		if m.At.Equal(at) {
			return true
		}
	}
	return false
}

// post writes an agenda down, and posts it.
func (m convener) post(tx *storage.Tx, c called) error {
	meeting, err := tx.MeetingAt(c.series.ID, c.agenda.Meeting)
	if err != nil || !meeting.PostedAt.IsZero() || !meeting.CancelledAt.IsZero() {
		return err
	}
	if err := tx.PutItems(meeting.ID, c.agenda.Items()); err != nil {
		return err
	}
	meeting.PostedAt = tx.Now
	if err := tx.SaveMeeting(meeting); err != nil {
		return err
	}
	return tx.PostMeeting(c.series, storage.MeetingSubject(meeting.ID))
}

// hold opens the items of meetings that begin, and closes those that nobody has closed.
func (m convener) hold(tx *storage.Tx) error {
	open, err := tx.OpenMeetings()
	if err != nil {
		return err
	}
	for _, meeting := range open {
		begins := meeting.At.Add(-truce.MeetingOpens)
		switch {
		case meeting.Over(tx.Now):
			if err := tx.CloseMeeting(meeting, ""); err != nil {
				return err
			}
			if err := tx.Audit("", "", "taskforce.close", meeting.ID, nil); err != nil {
				return err
			}
		case !begins.After(tx.Now):
			first, err := tx.Claim("taskforce.begins:"+meeting.ID, meeting.At)
			if err != nil {
				return err
			}
			if first {
				if err := tx.ShowMeeting(meeting.ID); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// remind tells owners of their actions on their day, in business hours.
func (m convener) remind(tx *storage.Tx) error {
	if !m.Calendar.Open(tx.Now) {
		return nil
	}
	today := m.Calendar.Date(tx.Now)
	list, err := tx.ActionsToRemind(today)
	if err != nil || len(list) == 0 {
		return err
	}
	mine := map[string][]truce.MeetingAction{}
	var owners []string
	for _, a := range list {
		if mine[a.OwnerID] == nil {
			owners = append(owners, a.OwnerID)
		}
		mine[a.OwnerID] = append(mine[a.OwnerID], a)
		a.RemindedAt = tx.Now
		if err := tx.SaveMeetingAction(a); err != nil {
			return err
		}
	}
	for _, id := range owners {
		body, err := json.Marshal(cards.ActionsDue(mine[id], today))
		if err != nil {
			return fmt.Errorf("write what is due: %w", err)
		}
		err = tx.Send(storage.Message{Key: fmt.Sprintf("actions:%s/%d", id, tx.Now.UnixMilli()), To: storage.ToPerson(id), PersonID: id,
			Body: body, Kind: storage.Reminder})
		if err != nil {
			return err
		}
	}
	return nil
}
