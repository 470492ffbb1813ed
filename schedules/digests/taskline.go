package digests

import (
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is the block of the task force in a weekly summary: when it meets next, and what it has asked for that is not done.

// meets is a series as the block says it.
type meets struct {
	name          string
	next          time.Time // its next meeting that is not cancelled; zero: none is to come
	open, overdue int       // actions
}

// taskForceBlock is a line for each task force that meets.
var taskForceBlock = Block{
	Name: "task_force",
	Gather: func(d Maker, tx *storage.Tx, s *Study) error {
		list, err := tx.MeetingSeries(s.AsOf)
		if err != nil {
			return err
		}
		for _, of := range list {
			m, err := d.meets(tx, of, s.AsOf)
			if err != nil {
				return err
			}
			*kept[[]meets](s) = append(*kept[[]meets](s), m)
		}
		return nil
	},
	Card: func(d Maker, s *Study) []chat.Block {
		var list []chat.Block
		for _, m := range *kept[[]meets](s) {
			list = append(list, cards.TaskForceLine(m.name, m.next, m.open, m.overdue, d.loc()))
		}
		return list
	},
}

// mostCancelled is how many meetings in a row are looked past for the next one.
const mostCancelled = 10

// meets is how a series stands at a moment.
func (d Maker) meets(tx *storage.Tx, of truce.MeetingSeries, asOf time.Time) (m meets, err error) {
	m.name = of.Name
	held, err := tx.Meetings(of.ID, asOf)
	if err != nil {
		return m, err
	}
	cancelled := map[int64]bool{}
	for _, h := range held {
		if !h.CancelledAt.IsZero() {
			cancelled[h.At.Unix()] = true
		}
	}
	after := asOf
	for range mostCancelled {
		next, ok := of.Next(d.Calendar, after)
		if !ok {
			break
		}
		if !cancelled[next.Unix()] {
			m.next = next
			break
		}
		after = next
	}
	actions, err := tx.MeetingActions(of.ID, asOf)
	today := d.Calendar.Date(asOf)
	for _, a := range actions {
		if a.ClosedAt.IsZero() {
			m.open++
			if a.Due.Compare(today) < 0 {
				m.overdue++
			}
		}
	}
	return m, err
}
