package schedules_test

import (
	"fmt"
	"testing"
	"time"

	"truce"
	"truce/schedules"
	"truce/storage"
)

// TestPeace holds messages against their readers' hours, leave, quiet hours and budget. Monday 2 March 2026 is a workday.
func TestPeace(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range []struct {
		name  string
		now   string
		kind  storage.MessageKind
		role  truce.Role
		zone  string
		quiet string
		leave string // to
		sent  int    // today
		want  string // "" goes now
	}{
		{name: "in working hours", now: "2026-03-02 10:00", kind: storage.Notice, role: truce.Rep},
		{name: "before them", now: "2026-03-02 07:30", kind: storage.Recap, role: truce.Rep, want: "2026-03-02 09:00"},
		{name: "on a Saturday", now: "2026-03-07 10:00", kind: storage.DigestSent, role: truce.Marketer, want: "2026-03-09 09:00"},
		{name: "a reminder of a deadline is outside of it all", now: "2026-03-07 10:00", kind: storage.Reminder, role: truce.Rep, sent: 9},
		{name: "so is a case", now: "2026-03-07 23:00", kind: storage.CaseMessage, role: truce.Rep, sent: 9},
		{name: "on the reader's own clock", now: "2026-03-02 10:00", kind: storage.Notice, role: truce.Rep, zone: "America/New_York",
			want: "2026-03-02 14:00"},
		{name: "quiet hours", now: "2026-03-02 12:30", kind: storage.Notice, role: truce.Rep, quiet: "12:00-14:00", want: "2026-03-02 14:00"},
		{name: "quiet hours over midnight and into the morning", now: "2026-03-02 09:10", kind: storage.Notice, role: truce.Rep,
			quiet: "16:00-10:00", want: "2026-03-02 10:00"},
		{name: "leave", now: "2026-03-02 10:00", kind: storage.Notice, role: truce.Rep, leave: "2026-03-06 18:00", want: "2026-03-09 09:00"},
		{name: "a rep gets two a day", now: "2026-03-02 10:00", kind: storage.Notice, role: truce.Rep, sent: 2, want: "2026-03-03 09:00"},
		{name: "a marketer gets three", now: "2026-03-02 10:00", kind: storage.Notice, role: truce.Marketer, sent: 2},
		{name: "and no fourth", now: "2026-03-06 10:00", kind: storage.Notice, role: truce.Marketer, sent: 3, want: "2026-03-09 09:00"},
		{name: "a manager gets two", now: "2026-03-02 10:00", kind: storage.Notice, role: truce.SalesManager, sent: 2, want: "2026-03-03 09:00"},
		{name: "the sponsor one a week", now: "2026-03-03 10:00", kind: storage.Notice, role: truce.Sponsor, sent: 1, want: "2026-03-09 09:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now := at(tt.now)
			s := openAt(t, &now)
			var until time.Time
			err := s.Update(t.Context(), func(tx *storage.Tx) error {
				p, err := tx.AddPerson(truce.Person{Name: "Ann", Email: "ann@example.com", Zone: tt.zone})
				if err != nil {
					return err
				}
				if tt.leave != "" {
					p.LeaveFrom, p.LeaveTo = now.Add(-time.Hour), at(tt.leave)
					if err := tx.SavePerson(p); err != nil {
						return err
					}
				}
				if err := tx.GiveRole(p.ID, tt.role, "config"); err != nil {
					return err
				}
				if err := tx.SetPref(p.ID, truce.PrefQuiet, tt.quiet); err != nil {
					return err
				}
				for i := range tt.sent {
					if err := tx.Send(storage.Message{Key: fmt.Sprint(i), To: storage.ToPerson(p.ID), PersonID: p.ID, Kind: storage.Notice,
						Body: []byte("{}")}); err != nil {
						return err
					}
					m, err := tx.MessageByKey(fmt.Sprint(i))
					if err != nil {
						return err
					}
					if err := tx.SentMessage(m.ID); err != nil {
						return err
					}
				}
				until, err = schedules.Peace{Calendar: truce.NewCalendar(time.UTC)}.Hold(tx, storage.Message{To: storage.ToPerson(p.ID), Kind: tt.kind})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if !until.IsZero() {
				got = until.UTC().Format("2006-01-02 15:04")
			}
			if got != tt.want {
				t.Errorf("held until %q, want %q", got, tt.want)
			}
		})
	}
}
