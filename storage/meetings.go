package storage

import (
	"fmt"
	"strings"
	"time"

	"truce"
)

// This file is about the task force: series of meetings, what stood on their agendas, and actions. What is read as of a moment knows
// nothing that was recorded after it.

const seriesColumns = `id, name, monthly, day, week, minutes, length, place, created_by, created_at, ended_at, chair`

func (tx *Tx) series(query string, args ...any) ([]truce.MeetingSeries, error) {
	list, err := all(tx, func(scan func(...any) error) (s truce.MeetingSeries, err error) {
		return s, scan(&s.ID, &s.Name, &s.Monthly, &s.Day, &s.Week, &s.Minutes, &s.Length, &s.Place, &s.CreatedBy, moment{&s.CreatedAt},
			moment{&s.EndedAt}, &s.Chair)
	}, `SELECT `+seriesColumns+` FROM meeting_series `+query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the series of meetings: %w", err)
	}
	for i := range list {
		err := tx.each(`SELECT person_id FROM meeting_members WHERE series_id = ? ORDER BY length(person_id), person_id`, []any{list[i].ID},
			func(scan func(...any) error) error {
				var id string
				err := scan(&id)
				list[i].Members = append(list[i].Members, id)
				return err
			})
		if err != nil {
			return nil, fmt.Errorf("read the members of %s: %w", list[i].ID, err)
		}
	}
	return list, nil
}

// MeetingSeries are the series that ran at a moment, the oldest first.
func (tx *Tx) MeetingSeries(at time.Time) ([]truce.MeetingSeries, error) {
	return tx.series(`WHERE created_at <= ? AND (ended_at IS NULL OR ended_at > ?) ORDER BY created_at, length(id), id`, millis(at),
		millis(at))
}

// SeriesByID finds a series by its id, also one that has ended.
func (tx *Tx) SeriesByID(id string) (truce.MeetingSeries, error) {
	list, err := tx.series(`WHERE id = ?`, id)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no series %s.", id)
	}
	if err != nil {
		return truce.MeetingSeries{}, err
	}
	return list[0], nil
}

// SeriesNamed finds the series that is called so at a moment; with no name the oldest that runs.
func (tx *Tx) SeriesNamed(name string, at time.Time) (truce.MeetingSeries, error) {
	list, err := tx.MeetingSeries(at)
	if err != nil {
		return truce.MeetingSeries{}, err
	}
	var names []string
	for _, s := range list {
		if name == "" || truce.FoldText(s.Name) == truce.FoldText(name) || strings.EqualFold(s.ID, name) {
			return s, nil
		}
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return truce.MeetingSeries{}, truce.Errorf(truce.NotFound,
			"There is no task force yet. Begin one: /taskforce start, or truce taskforce start --day thursday on the command line.")
	}
	return truce.MeetingSeries{}, truce.Errorf(truce.NotFound, "There is no series called %q. There is %s.", name, strings.Join(names, ", "))
}

// AddSeries stores a new series with its members, and gives it its id.
func (tx *Tx) AddSeries(s truce.MeetingSeries) (truce.MeetingSeries, error) {
	n, err := tx.next("meeting_series")
	if err != nil {
		return s, fmt.Errorf("number a series: %w", err)
	}
	// TF-1: proposals are T-1. Series of before this keep the T- they were shown with.
	if s.ID, s.CreatedAt = fmt.Sprintf("TF-%d", n), tx.Now; s.Length == 0 {
		s.Length = truce.MeetingLength
	}
	err = tx.exec(`INSERT INTO meeting_series (`+seriesColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, s.ID, s.Name, s.Monthly,
		int(s.Day), s.Week, s.Minutes, s.Length,
		s.Place, s.CreatedBy, millis(s.CreatedAt), millis(s.EndedAt), s.Chair)
	for _, p := range s.Members {
		if err == nil {
			err = tx.exec(`INSERT INTO meeting_members (series_id, person_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, s.ID, p)
		}
	}
	if err != nil {
		return s, fmt.Errorf("save series %s: %w", s.ID, err)
	}
	return s, nil
}

// EndSeries ends a series.
func (tx *Tx) EndSeries(id string) error {
	if err := tx.exec(`UPDATE meeting_series SET ended_at = ? WHERE id = ? AND ended_at IS NULL`, millis(tx.Now), id); err != nil {
		return fmt.Errorf("end series %s: %w", id, err)
	}
	return nil
}

// meetings reads meetings as of a moment.
func (tx *Tx) meetings(asOf time.Time, query string, args ...any) ([]truce.Meeting, error) {
	at := millis(asOf)
	list, err := all(tx, func(scan func(...any) error) (m truce.Meeting, err error) {
		return m, scan(&m.ID, &m.SeriesID, moment{&m.At}, moment{&m.PostedAt}, moment{&m.ClosedAt}, &m.ClosedBy, moment{&m.CancelledAt},
			&m.CancelledBy, &m.Why, &m.Version, &m.Worked)
	}, `SELECT id, series_id, at, iif(posted_at <= ?1, posted_at, NULL), iif(closed_at <= ?1, closed_at, NULL), closed_by,
		iif(cancelled_at <= ?1, cancelled_at, NULL), cancelled_by, why, version,
			(SELECT count(*) FROM meeting_presence p WHERE p.meeting_id = meetings.id AND p.at <= ?1)
			+ (SELECT count(*) FROM meeting_items i WHERE i.meeting_id = meetings.id AND i.marked_at <= ?1)
		FROM meetings `+query, append([]any{at}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read meetings: %w", err)
	}
	return list, nil
}

// Meeting finds a meeting by its id, as it is now.
func (tx *Tx) Meeting(id string) (truce.Meeting, error) {
	list, err := tx.meetings(tx.Now, `WHERE id = upper(?2)`, id)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no meeting %s.", id)
	}
	if err != nil {
		return truce.Meeting{}, err
	}
	return list[0], nil
}

// Meetings are those of a series that are known of at a moment, the oldest first; of all series where it is "".
func (tx *Tx) Meetings(series string, asOf time.Time) ([]truce.Meeting, error) {
	return tx.meetings(asOf, `WHERE (?2 = '' OR series_id = ?2) AND coalesce(posted_at, cancelled_at) <= ?1
		ORDER BY at, length(id), id`, series)
}

// OpenMeetings are the meetings whose agenda was posted and whose minutes were not.
func (tx *Tx) OpenMeetings() ([]truce.Meeting, error) {
	return tx.meetings(tx.Now, `WHERE posted_at IS NOT NULL AND closed_at IS NULL AND cancelled_at IS NULL ORDER BY at, length(id), id`)
}

// MeetingAt is the meeting of a series that begins at a moment, made where nobody has heard of it yet.
func (tx *Tx) MeetingAt(series string, at time.Time) (truce.Meeting, error) {
	list, err := tx.meetings(tx.Now, `WHERE series_id = ?2 AND at = ?3`, series, millis(at))
	if err != nil || len(list) > 0 {
		if err == nil {
			return list[0], nil
		}
		return truce.Meeting{}, err
	}
	n, err := tx.next("meetings")
	if err != nil {
		return truce.Meeting{}, fmt.Errorf("number a meeting: %w", err)
	}
	m := truce.Meeting{ID: fmt.Sprintf("M-%d", n), SeriesID: series, At: at, Version: 1}
	if err := tx.exec(`INSERT INTO meetings (id, series_id, at) VALUES (?, ?, ?)`, m.ID, series, millis(at)); err != nil {
		return m, fmt.Errorf("save meeting %s: %w", m.ID, err)
	}
	return m, nil
}

// SaveMeeting stores what has become of a meeting.
func (tx *Tx) SaveMeeting(m truce.Meeting) error {
	err := tx.exec(`UPDATE meetings SET posted_at = ?, closed_at = ?, closed_by = ?, cancelled_at = ?, cancelled_by = ?, why = ?,
		version = version + 1 WHERE id = ?`,
		millis(m.PostedAt), millis(m.ClosedAt), m.ClosedBy, millis(m.CancelledAt), m.CancelledBy, m.Why, m.ID)
	if err != nil {
		return fmt.Errorf("save meeting %s: %w", m.ID, err)
	}
	return tx.ShowMeeting(m.ID)
}

// ShowMeeting shows a meeting's agenda and its minutes as they now stand wherever they were posted.
func (tx *Tx) ShowMeeting(id string) error {
	for _, subject := range []Subject{MeetingSubject(id), MinutesSubject(id)} {
		places, err := tx.PostedEverywhere(subject)
		if err != nil {
			return err
		}
		for _, to := range places {
			if err := tx.Send(Message{To: to, Subject: subject, Kind: CaseMessage}); err != nil {
				return err
			}
		}
	}
	return nil
}

// PostMeeting posts a subject of a meeting where its series speaks: a channel, or each of its members.
func (tx *Tx) PostMeeting(s truce.MeetingSeries, subject Subject) error {
	if s.Place != "" {
		return tx.Send(Message{To: Dest(s.Place), Subject: subject, Kind: CaseMessage})
	}
	for _, p := range s.Members {
		if err := tx.Send(Message{To: ToPerson(p), Subject: subject, Kind: CaseMessage, PersonID: p}); err != nil {
			return err
		}
	}
	return nil
}

// CloseMeeting ends a meeting, and posts its minutes where it was held. by is "" where time closed it.
func (tx *Tx) CloseMeeting(m truce.Meeting, by string) error {
	m.ClosedAt, m.ClosedBy = tx.Now, by
	if err := tx.SaveMeeting(m); err != nil {
		return err
	}
	if m.Worked == 0 {
		return nil
	}
	s, err := tx.SeriesByID(m.SeriesID)
	if err != nil {
		return err
	}
	return tx.PostMeeting(s, MinutesSubject(m.ID))
}

// MeetingFile is a meeting with all that is shown of it, as it is now.
func (tx *Tx) MeetingFile(id string) (f truce.MeetingFile, err error) {
	if f.Meeting, err = tx.Meeting(id); err != nil {
		return f, err
	}
	if f.Series, err = tx.SeriesByID(f.Meeting.SeriesID); err != nil {
		return f, err
	}
	if f.Items, err = tx.MeetingItems(f.Meeting.ID, tx.Now); err != nil {
		return f, err
	}
	if f.Present, err = tx.Present(f.Meeting.ID, tx.Now); err != nil {
		return f, err
	}
	actions, err := tx.MeetingActions(f.Series.ID, tx.Now)
	if err != nil {
		return f, err
	}
	var before []truce.MeetingAction
	for _, a := range actions {
		if a.MeetingID == f.Meeting.ID {
			f.Agreed = append(f.Agreed, a)
		} else {
			before = append(before, a)
		}
	}
	f.Actions, f.More = truce.Top(before)
	ids := append([]string{f.Series.Chair, f.Meeting.CancelledBy, f.Meeting.ClosedBy}, f.Present...)
	for _, i := range f.Items {
		ids = append(ids, i.By)
	}
	f.Names = map[string]string{}
	for _, id := range ids {
		if _, ok := f.Names[id]; ok || id == "" {
			continue
		}
		p, err := tx.Person(id)
		if err != nil {
			return f, err
		}
		f.Names[id] = p.Name
	}
	return f, nil
}

// MeetingItems are what stands on a meeting's agenda, in its order, with their marks as of a moment.
func (tx *Tx) MeetingItems(meeting string, asOf time.Time) ([]truce.PastItem, error) {
	list, err := all(tx, func(scan func(...any) error) (p truce.PastItem, err error) {
		if err = scan(&p.Section, &p.Kind, &p.Ref, &p.Title, &p.Why, fromJSON{&p.Evidence}, &p.Carried, &p.Mark, &p.Text, &p.By,
			moment{&p.MarkAt}); err == nil && p.MarkAt.After(asOf) {
			p.Mark, p.Text, p.By, p.MarkAt = truce.NotMarked, "", "", time.Time{}
		}
		return p, err
	}, `SELECT section, kind, ref, title, why, evidence, carried, mark, text, marked_by, marked_at FROM meeting_items WHERE meeting_id = ?
		ORDER BY place, kind, ref`, meeting)
	if err != nil {
		return nil, fmt.Errorf("read the agenda of %s: %w", meeting, err)
	}
	return list, nil
}

// PutItems writes items at the end of a meeting's agenda; one that stands there already is left as it is.
func (tx *Tx) PutItems(meeting string, items []truce.PastItem) error {
	for _, i := range items {
		if i.Evidence == nil {
			i.Evidence = []string{}
		}
		err := tx.exec(`INSERT INTO meeting_items (meeting_id, kind, ref, section, place, title, why, evidence, carried)
			VALUES (?1, ?2, ?3, ?4, (SELECT count(*) FROM meeting_items WHERE meeting_id = ?1), ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING`,
			meeting, i.Kind, i.Ref, i.Section, i.Title, i.Why, asJSON(i.Evidence), i.Carried)
		if err != nil {
			return fmt.Errorf("write the agenda of %s: %w", meeting, err)
		}
	}
	return nil
}

// MarkItem stores what became of an item.
func (tx *Tx) MarkItem(m truce.Meeting, i truce.PastItem) error {
	err := tx.exec(`UPDATE meeting_items SET mark = ?, text = ?, marked_by = ?, marked_at = ? WHERE meeting_id = ? AND kind = ? AND ref = ?`,
		i.Mark, i.Text, i.By, millis(i.MarkAt), m.ID, i.Kind, i.Ref)
	if err == nil && i.Kind == "added" {
		var ended any
		if i.Mark.Settles() {
			ended = millis(tx.Now)
		}
		err = tx.exec(`UPDATE meeting_added SET ended_at = ? WHERE id = ?`, ended, i.Ref)
	}
	if err != nil {
		return fmt.Errorf("mark %s of %s: %w", i.Key(), m.ID, err)
	}
	return tx.ShowMeeting(m.ID)
}

// WasThere stores that somebody was at a meeting; first is false where they had said so before.
func (tx *Tx) WasThere(m truce.Meeting, person string) (first bool, err error) {
	n, err := tx.execN(`INSERT INTO meeting_presence (meeting_id, person_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, m.ID, person,
		millis(tx.Now))
	if err != nil {
		return false, fmt.Errorf("write down who was at %s: %w", m.ID, err)
	}
	if n == 0 {
		return false, nil
	}
	return true, tx.ShowMeeting(m.ID)
}

// Present are the people who said they were at a meeting, by a moment.
func (tx *Tx) Present(meeting string, asOf time.Time) ([]string, error) {
	list, err := all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) },
		`SELECT person_id FROM meeting_presence WHERE meeting_id = ? AND at <= ? ORDER BY at, person_id`, meeting, millis(asOf))
	if err != nil {
		return nil, fmt.Errorf("read who was at %s: %w", meeting, err)
	}
	return list, nil
}

// AddToAgenda stores what somebody wants on the agenda, and gives it its id.
func (tx *Tx) AddToAgenda(i truce.AddedItem) (truce.AddedItem, error) {
	n, err := tx.next("meeting_added")
	if err != nil {
		return i, fmt.Errorf("number an item: %w", err)
	}
	i.ID, i.AddedAt = fmt.Sprintf("I-%d", n), tx.Now
	err = tx.exec(`INSERT INTO meeting_added (id, series_id, wants, kind, ref, title, added_by, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		i.ID, i.SeriesID, i.Wants, i.Kind, i.Ref, i.Title, i.AddedBy, millis(i.AddedAt))
	if err != nil {
		return i, fmt.Errorf("save item %s: %w", i.ID, err)
	}
	return i, nil
}

// AddedItems are what people have put on the agenda of a series and what still waits at a moment, the oldest first.
func (tx *Tx) AddedItems(series string, asOf time.Time) ([]truce.AddedItem, error) {
	list, err := all(tx, func(scan func(...any) error) (i truce.AddedItem, err error) {
		return i, scan(&i.ID, &i.SeriesID, &i.Wants, &i.Kind, &i.Ref, &i.Title, &i.AddedBy, moment{&i.AddedAt}, moment{&i.EndedAt})
	}, `SELECT id, series_id, wants, kind, ref, title, added_by, added_at, ended_at FROM meeting_added
		WHERE series_id = ? AND added_at <= ? AND (ended_at IS NULL OR ended_at > ?) ORDER BY added_at, length(id), id`, series, millis(asOf),
		millis(asOf))
	if err != nil {
		return nil, fmt.Errorf("read what was put on the agenda: %w", err)
	}
	return list, nil
}

// AddedItem finds what somebody put on an agenda.
func (tx *Tx) AddedItem(id string) (i truce.AddedItem, err error) {
	err = tx.row(`SELECT id, series_id, wants, kind, ref, title, added_by, added_at, ended_at FROM meeting_added WHERE id = ?`, []any{id},
		&i.ID, &i.SeriesID, &i.Wants, &i.Kind, &i.Ref, &i.Title, &i.AddedBy, moment{&i.AddedAt}, moment{&i.EndedAt})
	if truce.KindOf(err) == truce.NotFound {
		err = truce.Errorf(truce.NotFound, "There is no item %s on an agenda.", id)
	}
	return i, err
}

// TakeOff takes an item that somebody added off the agendas on which it was not worked.
func (tx *Tx) TakeOff(i truce.AddedItem) error {
	err := tx.exec(`UPDATE meeting_added SET ended_at = ? WHERE id = ?`, millis(tx.Now), i.ID)
	if err == nil {
		err = tx.exec(`DELETE FROM meeting_items WHERE kind = 'added' AND ref = ? AND mark = ''`, i.ID)
	}
	if err != nil {
		return fmt.Errorf("take %s off the agenda: %w", i.ID, err)
	}
	return tx.showOpen(i.SeriesID, "")
}

// showOpen shows the meetings of a series anew that are under way, and the minutes of one.
func (tx *Tx) showOpen(series, minutes string) error {
	list, err := tx.OpenMeetings()
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.SeriesID == series && m.ID != minutes {
			if err := tx.ShowMeeting(m.ID); err != nil {
				return err
			}
		}
	}
	if minutes == "" {
		return nil
	}
	return tx.ShowMeeting(minutes)
}

const actionQuery = `SELECT a.id, a.series_id, a.meeting_id, a.item, a.title, a.owner_id, coalesce(p.name, ''), a.due, a.created_by,
	a.created_at,
		iif(a.closed_at <= ?1, a.closed_at, NULL), a.closed_by, a.dropped, a.why, a.reminded_at,
		(SELECT count(*) FROM meetings m WHERE m.series_id = a.series_id AND m.id <> a.meeting_id AND m.at > a.created_at AND m.at <= ?1
		AND (a.closed_at IS NULL OR m.at < a.closed_at)
			AND (m.closed_at <= ?1 OR m.at + 7200000 <= ?1) AND (m.cancelled_at IS NULL OR m.cancelled_at > ?1)
			AND (EXISTS (SELECT 1 FROM meeting_presence w WHERE w.meeting_id = m.id AND w.at <= ?1) OR EXISTS (SELECT 1 FROM meeting_items i
			WHERE i.meeting_id = m.id AND i.marked_at <= ?1)))
	FROM meeting_actions a LEFT JOIN people p ON p.id = a.owner_id `

func (tx *Tx) meetingActions(asOf time.Time, query string, args ...any) ([]truce.MeetingAction, error) {
	list, err := all(tx, func(scan func(...any) error) (a truce.MeetingAction, err error) {
		var due string
		if err = scan(&a.ID, &a.SeriesID, &a.MeetingID, &a.Item, &a.Title, &a.OwnerID, &a.Owner, &due, &a.CreatedBy, moment{&a.CreatedAt},
			moment{&a.ClosedAt}, &a.ClosedBy,
			&a.Dropped, &a.Why, moment{&a.RemindedAt}, &a.Carried); err == nil {
			a.Due, err = truce.ParseDate(due)
		}
		return a, err
	}, actionQuery+query, append([]any{millis(asOf)}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read the task force's actions: %w", err)
	}
	return list, nil
}

// MeetingActions are the actions of a series ("": of all) that were known of at a moment, the oldest first.
func (tx *Tx) MeetingActions(series string, asOf time.Time) ([]truce.MeetingAction, error) {
	return tx.meetingActions(asOf, `WHERE (?2 = '' OR a.series_id = ?2) AND a.created_at <= ?1
		ORDER BY a.created_at, length(a.id), a.id`, series)
}

// MeetingAction finds an action by its id, as it is now.
func (tx *Tx) MeetingAction(id string) (truce.MeetingAction, error) {
	list, err := tx.meetingActions(tx.Now, `WHERE a.id = upper(?2)`, id)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no action %s. Type /taskforce actions to see them.", id)
	}
	if err != nil {
		return truce.MeetingAction{}, err
	}
	return list[0], nil
}

// ActionsToRemind are the open actions that are due by a day, and of which nobody was reminded yet.
func (tx *Tx) ActionsToRemind(today truce.Date) ([]truce.MeetingAction, error) {
	return tx.meetingActions(tx.Now, `WHERE a.closed_at IS NULL AND a.reminded_at IS NULL AND a.due <= ?2
		ORDER BY a.created_at, length(a.id), a.id`, today.String())
}

// AddMeetingAction stores a new action, and gives it its id.
func (tx *Tx) AddMeetingAction(a truce.MeetingAction) (truce.MeetingAction, error) {
	n, err := tx.next("meeting_actions")
	if err != nil {
		return a, fmt.Errorf("number an action: %w", err)
	}
	a.ID, a.CreatedAt = fmt.Sprintf("X-%d", n), tx.Now
	err = tx.exec(`INSERT INTO meeting_actions (id, series_id, meeting_id, item, title, owner_id, due, created_by, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.SeriesID, a.MeetingID, a.Item, a.Title, a.OwnerID, a.Due.String(), a.CreatedBy, millis(a.CreatedAt))
	if err != nil {
		return a, fmt.Errorf("save action %s: %w", a.ID, err)
	}
	if err := tx.RefreshHome(a.OwnerID); err != nil {
		return a, err
	}
	return a, tx.showOpen(a.SeriesID, a.MeetingID)
}

// SaveMeetingAction stores what has become of an action.
func (tx *Tx) SaveMeetingAction(a truce.MeetingAction) error {
	err := tx.exec(`UPDATE meeting_actions SET closed_at = ?, closed_by = ?, dropped = ?, why = ?, reminded_at = ? WHERE id = ?`,
		millis(a.ClosedAt), a.ClosedBy, a.Dropped, a.Why, millis(a.RemindedAt), a.ID)
	if err != nil {
		return fmt.Errorf("save action %s: %w", a.ID, err)
	}
	if err := tx.RefreshHome(a.OwnerID); err != nil {
		return err
	}
	return tx.showOpen(a.SeriesID, a.MeetingID)
}

// This is what agendas are made of.

// SaidInField is an objection or a field note, as it was known at a moment.
type SaidInField struct {
	ID, Kind, Text    string // Kind is "objection", or the note's
	ThemeID, Theme    string
	Account, AuthorID string // the account is folded
	Competitor        string
	At                time.Time
}

// SaidBetween are the objections and confirmed field notes of [from, to) that were known of and not taken back at to, oldest first.
func (tx *Tx) SaidBetween(from, to time.Time) ([]SaidInField, error) {
	list, err := all(tx, func(scan func(...any) error) (s SaidInField, err error) {
		var known string
		err = scan(&s.ID, &s.Kind, &s.Text, &s.ThemeID, &s.Theme, &s.Account, &known, &s.AuthorID, &s.Competitor, moment{&s.At})
		if s.Account = truce.FoldAccount(s.Account); s.Account == "" {
			s.Account = known
		}
		return s, err
	}, `SELECT o.id, 'objection', o.text, o.theme_id, coalesce(t.name, o.theme_id), o.account, coalesce(l.account, ''), o.author_id,
		o.competitor, o.created_at
			FROM objections o LEFT JOIN themes t ON t.id = o.theme_id LEFT JOIN leads l ON l.id = o.lead_id
			WHERE o.created_at >= ?1 AND o.created_at < ?2 AND (o.undone_at IS NULL OR o.undone_at >= ?2)
		UNION ALL SELECT n.id, n.kind, n.text, '', '', n.account, coalesce(l.account, ''), n.author_id, n.competitor, n.created_at
			FROM notes n LEFT JOIN leads l ON l.id = n.lead_id
			WHERE n.created_at >= ?1 AND n.created_at < ?2 AND n.confirmed_at < ?2 AND (n.undone_at IS NULL OR n.undone_at >= ?2) AND n.became = ''
		ORDER BY 10, 1`, millis(from), millis(to))
	if err != nil {
		return nil, fmt.Errorf("read what was heard in the field: %w", err)
	}
	return list, nil
}

// CompetitorsBefore are the competitors, folded, that were named before a moment.
func (tx *Tx) CompetitorsBefore(t time.Time) (map[string]bool, error) {
	known := map[string]bool{}
	err := tx.each(`SELECT DISTINCT lower(trim(competitor)) FROM objections WHERE created_at < ?1 AND competitor <> ''
		UNION SELECT DISTINCT lower(trim(competitor)) FROM notes WHERE created_at < ?1 AND confirmed_at < ?1 AND competitor <> ''`,
		[]any{millis(t)}, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			known[truce.FoldText(name)] = true
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read which competitors were named: %w", err)
	}
	return known, nil
}

// AnsweredThemes are the themes that had an approved answer by a moment.
func (tx *Tx) AnsweredThemes(at time.Time) (map[string]bool, error) {
	answered := map[string]bool{}
	err := tx.each(`SELECT DISTINCT theme_id FROM answers WHERE approved_at <= ? AND state IN ('approved', 'replaced')`, []any{millis(at)},
		func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			answered[id] = true
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read which themes are answered: %w", err)
	}
	return answered, nil
}

// Moved is how often something was counted in two stretches of time.
type Moved struct {
	Name        string
	Now, Before int
}

// EngagementsMoved counts engagements by what they were, as imported by the end of the second stretch: in [middle, to), and in
// [from, middle). any is false where no engagement has ever been imported.
func (tx *Tx) EngagementsMoved(from, middle, to time.Time) (list []Moved, any bool, err error) {
	if list, err = all(tx, scanMoved, `SELECT coalesce(nullif(activity, ''), nullif(campaign, ''), kind), sum(at >= ?2), sum(at < ?2)
		FROM engagements
		WHERE at >= ?1 AND at < ?3 AND recorded_at <= ?3 GROUP BY 1 ORDER BY 1`, millis(from), millis(middle), millis(to)); err != nil {
		return nil, false, fmt.Errorf("count engagements: %w", err)
	}
	n, err := tx.count(`SELECT EXISTS (SELECT 1 FROM engagements WHERE recorded_at <= ?)`, millis(to))
	return list, n > 0, err
}

// CampaignsMoved counts the leads of campaigns in the same way, by the date they qualified.
func (tx *Tx) CampaignsMoved(from, middle, to time.Time) ([]Moved, error) {
	list, err := all(tx, scanMoved, `SELECT campaign, sum(mql_at >= ?2), sum(mql_at < ?2) FROM leads
		WHERE mql_at >= ?1 AND mql_at < ?3 AND created_at <= ?3 AND campaign <> '' GROUP BY 1 ORDER BY 1`, millis(from), millis(middle),
		millis(to))
	if err != nil {
		return nil, fmt.Errorf("count the leads of campaigns: %w", err)
	}
	return list, nil
}

func scanMoved(scan func(...any) error) (m Moved, err error) {
	return m, scan(&m.Name, &m.Now, &m.Before)
}
