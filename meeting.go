package truce

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// This file is the task force: people of both sides who meet on set days, over an agenda that builds itself.

// MeetingSeries are the meetings of a task force. They are cut by the company's calendar, never by stretches of hours.
type MeetingSeries struct {
	ID        string // TF-1
	Name      string // no two running ones are called the same, compared folded
	Monthly   bool   // else weekly
	Day       time.Weekday
	Week      int      // monthly: the n-th such day of the month, 1 to 4, or 5 for the last one
	Minutes   int      // when it begins, in minutes after midnight on the company's wall clock
	Length    int      // minutes
	Chair     string   // who leads them; "" is nobody in particular
	Members   []string // people's ids
	Place     string   // where it speaks: an outbox destination; "" is to each member
	CreatedBy string
	CreatedAt time.Time
	EndedAt   time.Time // zero while it runs
}

// MeetingLength is how many minutes a meeting takes where nobody says otherwise.
const MeetingLength = 45

// LastWeek is MeetingSeries.Week for the last such day of a month.
const LastWeek = 5

// Check says what is wrong with a series, for the person who makes it.
func (s MeetingSeries) Check(cal Calendar) error {
	switch {
	case strings.TrimSpace(s.Name) == "" || len([]rune(s.Name)) > 60:
		return Errorf(Invalid, "Give the series a name of at most 60 characters, such as Task force.")
	case s.Minutes < 0 || s.Minutes >= 24*60:
		return Errorf(Invalid, "Write the time as 10:00.")
	case s.Monthly && (s.Week < 1 || s.Week > LastWeek):
		return Errorf(Invalid, "Say which of the month's days it is: first, second, third, fourth or last.")
	case !cal.Days[s.Day]:
		return Errorf(Invalid, "The company does not work on a %s: choose another day.", s.Day)
	}
	return nil
}

// When is the series' rhythm in words: "every Thursday at 10:00".
func (s MeetingSeries) When() string {
	at := fmt.Sprintf("%s at %02d:%02d", s.Day, s.Minutes/60, s.Minutes%60)
	if !s.Monthly {
		return "every " + at
	}
	return "every " + []string{"last", "first", "second", "third", "fourth", "last"}[max(0, min(s.Week, LastWeek))] + " " + at +
		" of the month"
}

// Next is the first meeting that begins after t. A day on which the company is closed moves to the next one on which it works; where
// that would be the day of the meeting after it or later, there is none that time. ok is false when ten years hold none.
func (s MeetingSeries) Next(cal Calendar, t time.Time) (at time.Time, ok bool) {
	day := cal.Date(t).Add(-62) // a moved one may belong to the month before
	for i := 0; i < searched; i++ {
		regular := s.regular(day)
		after := s.regular(regular.Add(1))
		held := regular
		for held.Compare(after) < 0 && !cal.Workday(held) {
			held = held.Add(1)
		}
		if at := held.At(s.Minutes, cal.loc()); held.Compare(after) < 0 && at.After(t) {
			return at, true
		}
		day = regular.Add(1)
	}
	return time.Time{}, false
}

// regular is the first day from d on that the rhythm alone falls on.
func (s MeetingSeries) regular(d Date) Date {
	for d.Weekday() != s.Day {
		d = d.Add(1)
	}
	for s.Monthly {
		last := d.Add(7).Month != d.Month
		if s.Week == LastWeek && last || s.Week == (d.Day-1)/7+1 {
			return d
		}
		d = d.Add(7)
	}
	return d
}

// AgendaAt is when the agenda of a meeting is posted: as work begins on the last workday before its own.
func (s MeetingSeries) AgendaAt(cal Calendar, meeting time.Time) time.Time {
	day := cal.Date(meeting).Add(-1)
	for i := 0; i < 31 && !cal.Workday(day); i++ {
		day = day.Add(-1)
	}
	return day.At(cal.Window(day).From, cal.loc())
}

// Works reports whether a person may work the items of its meetings: its members, and managers and the sponsor of any. A series that
// names nobody is open to whoever stands on a side by a role.
func (s MeetingSeries) Works(p Person) bool {
	if len(s.Members) == 0 && p.Has(Rep, Marketer) {
		return true
	}
	return p.ID != "" && (p.ID == s.Chair || slices.Contains(s.Members, p.ID)) || p.Has(SalesManager, MarketingManager, Sponsor)
}

// Leads reports whether a person may cancel its meetings and end it.
func (s MeetingSeries) Leads(p Person) bool {
	return p.ID != "" && (p.ID == s.Chair || p.ID == s.CreatedBy) || p.Has(SalesManager, MarketingManager, Sponsor, Admin)
}

// MeetingFile is a meeting with all that is shown of it.
type MeetingFile struct {
	Series  MeetingSeries
	Meeting Meeting
	Items   []PastItem
	Actions []MeetingAction // the open ones at its top
	More    int             // open ones beyond those
	Agreed  []MeetingAction // those that were agreed in it
	Present []string        // the ids of who was there
	Names   map[string]string
}

// Item finds an item by its key.
func (f MeetingFile) Item(key string) (PastItem, error) {
	for _, i := range f.Items {
		if i.Key() == key {
			return i, nil
		}
	}
	return PastItem{}, Errorf(NotFound, "That is no longer on the agenda of %s.", f.Meeting.ID)
}

// MeetingOpens is how long before a meeting begins its items can be worked.
const MeetingOpens = 15 * time.Minute

// UnderWay says why the items of a meeting cannot be worked at a moment; nil where they can.
func (m Meeting) UnderWay(now time.Time) error {
	switch {
	case !m.CancelledAt.IsZero():
		return Errorf(Conflict, "The meeting was cancelled: “%s” Nothing changed.", m.Why)
	case !m.ClosedAt.IsZero():
		return Errorf(Conflict, "The meeting is closed and its minutes are sent. Nothing changed: what is new goes on the next agenda, "+
			"/taskforce add.")
	case now.Before(m.At.Add(-MeetingOpens)):
		return Errorf(Conflict, "The meeting has not begun. Nothing changed.")
	}
	return nil
}

// Meeting is one meeting of a series.
type Meeting struct {
	ID          string // M-1
	SeriesID    string
	At          time.Time // when it begins
	PostedAt    time.Time // when its agenda was; zero: not yet
	ClosedAt    time.Time // when its minutes were; zero: not yet
	ClosedBy    string    // "" is by itself, MinutesAfter its beginning
	CancelledAt time.Time
	CancelledBy string
	Why         string // it was cancelled
	Version     int    // counts every change
	Worked      int    // marks and presences by AsOf of whoever read it: without any, it was not held
}

// MinutesAfter is how long after its beginning a meeting that nobody closes is closed.
const MinutesAfter = 2 * time.Hour

// Over reports whether a meeting is behind t, held or not.
func (m Meeting) Over(t time.Time) bool {
	return !m.CancelledAt.IsZero() && !m.CancelledAt.After(t) || !m.ClosedAt.IsZero() && !m.ClosedAt.After(t) ||
		!m.At.Add(MinutesAfter).After(t)
}

// Held reports whether a meeting that is over took place: somebody said they were there, or worked an item.
func (m Meeting) Held(t time.Time) bool {
	return m.Over(t) && (m.CancelledAt.IsZero() || m.CancelledAt.After(t)) && m.Worked > 0
}

// Section is a part of an agenda.
type Section string

// The sections, and how many items the first two hold at most.
const (
	ToDecide  Section = "decide"
	ToDiscuss Section = "discuss"
	ToRead    Section = "read"

	MostDecisions   = 3
	MostDiscussions = 4
	MostActions     = 4 // open actions at an agenda's top
)

// AgendaItem is a matter on an agenda, with why it is there and the records that say so.
type AgendaItem struct {
	Kind     string   // dispute, rule, proposal, answer, rising, stuck...
	Ref      string   // what it is about: D-9, a theme's id; with Kind it is the same matter at the next meeting
	Title    string   //
	Why      string   // why it is on the agenda
	Evidence []string // ids of records
	Carried  int      // meetings it was on the agenda of without being discussed
}

// Key is under what the same matter is known again.
func (i AgendaItem) Key() string { return i.Kind + ":" + i.Ref }

// Matter is something that could be on an agenda.
type Matter struct {
	AgendaItem
	Wants Section
	Due   time.Time // decisions: by when; the first due come first. Zero is last
}

// Mark is what became of an item in a meeting.
type Mark string

// The marks.
const (
	NotMarked Mark = ""
	Discussed Mark = "discussed"
	DecidedOn Mark = "decision" // with its words
	WithTask  Mark = "action"   // somebody does something about it
	NextTime  Mark = "next"     // carried over by a person
	Dropped   Mark = "dropped"  // with a reason
)

// Settles reports whether an item with the mark does not carry over.
func (m Mark) Settles() bool { return m != NotMarked && m != NextTime }

// PastItem is an item as it stood on the agenda of a meeting that was held, and what became of it.
type PastItem struct {
	Section
	AgendaItem
	Mark   Mark
	Text   string // the decision, or why it was dropped
	By     string // who marked it
	MarkAt time.Time
}

// Agenda is what a meeting is about. It is a pure function of data and moment.
type Agenda struct {
	Series  string    // its name; "" where there is no series yet
	Meeting time.Time // zero where there is none
	AsOf    time.Time
	Decide  []AgendaItem
	Discuss []AgendaItem
	Read    []AgendaItem
	Actions []MeetingAction // the open ones, the oldest first, at most MostActions
	More    int             // open actions beyond those
}

// matterKinds is the order of matters that nothing else tells apart.
var matterKinds = []string{"dispute", "proposal", "rule", "exception", "precedent", "answer", "added", "promise", "rising", "stuck",
	"competitor", "message", "trend", "engagement", "campaign", "action", "settled"}

// Arrange makes an agenda of matters. last is the agenda of the meeting before that was held, as it was left. What was not discussed
// there carries over and comes first; what was carried over before and is not discussed again asks to be dropped and comes last. What
// was discussed, and would come again only because it still holds, is to be read. What does not fit is to be read.
func (a *Agenda) Arrange(matters []Matter, last []PastItem) {
	before := map[string]PastItem{}
	for _, p := range last {
		if p.Section != ToRead {
			before[p.Key()] = p
		}
	}
	asks := func(m Matter) bool { return m.Carried > 1 }
	seen := map[string]bool{}
	for i := range matters {
		m := &matters[i]
		seen[m.Key()] = true
		p, was := before[m.Key()]
		switch {
		case !was:
		case !p.Mark.Settles():
			m.Carried = p.Carried + 1
			if m.Carried > 1 {
				m.Why = strings.TrimSuffix(m.Why, ".") + fmt.Sprintf(". On %d agendas and not discussed: drop it, or say why it stays.", m.Carried)
			}
		case p.Mark == Dropped && m.Wants != ToDecide:
			m.Wants, m.Why = ToRead, strings.TrimSuffix(m.Why, ".")+". Dropped at the meeting before: “"+p.Text+"”"
		case m.Wants == ToDiscuss:
			m.Wants, m.Why = ToRead, strings.TrimSuffix(m.Why, ".")+". Discussed at the meeting before; it still holds."
		}
	}
	for _, p := range last {
		if p.Section == ToDecide && !p.Mark.Settles() && !seen[p.Key()] {
			p.AgendaItem.Kind, p.Why, p.Carried = "settled", "It was on the agenda before, and no longer waits.", 0
			matters = append(matters, Matter{AgendaItem: p.AgendaItem, Wants: ToRead})
		}
	}
	rank := func(m Matter) int {
		switch {
		case asks(m):
			return 2
		case m.Carried > 0:
			return 0
		}
		return 1
	}
	due := func(m Matter) int64 {
		if m.Due.IsZero() {
			return 1<<63 - 1
		}
		return m.Due.UnixMilli()
	}
	slices.SortStableFunc(matters, func(x, y Matter) int {
		return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(due(x), due(y)),
			cmp.Compare(kindRank(x.Kind), kindRank(y.Kind)), cmp.Compare(len(y.Evidence), len(x.Evidence)), cmp.Compare(x.Ref, y.Ref))
	})
	for _, m := range matters {
		switch {
		case m.Wants == ToDecide && len(a.Decide) < MostDecisions:
			a.Decide = append(a.Decide, m.AgendaItem)
		case m.Wants == ToDiscuss && len(a.Discuss) < MostDiscussions:
			a.Discuss = append(a.Discuss, m.AgendaItem)
		default:
			if m.Wants != ToRead {
				m.Why = strings.TrimSuffix(m.Why, ".") + ". No room to " + string(m.Wants) + " it this time."
			}
			a.Read = append(a.Read, m.AgendaItem)
		}
	}
}

func kindRank(kind string) int {
	if i := slices.Index(matterKinds, kind); i >= 0 {
		return i
	}
	return len(matterKinds)
}

// Items are all items of an agenda with their sections, in its order.
func (a Agenda) Items() (list []PastItem) {
	for _, s := range []struct {
		section Section
		items   []AgendaItem
	}{{ToDecide, a.Decide}, {ToDiscuss, a.Discuss}, {ToRead, a.Read}} {
		for _, i := range s.items {
			list = append(list, PastItem{Section: s.section, AgendaItem: i})
		}
	}
	return list
}

// The states of an action.
const (
	ActionOpen    = "open"
	ActionDue     = "due"     // today
	ActionOverdue = "overdue" //
	ActionDone    = "done"
	ActionDropped = "dropped" // with a reason
)

// MeetingAction is what somebody said they would do.
type MeetingAction struct {
	ID         string
	SeriesID   string
	MeetingID  string // where it was agreed; "" outside of one
	Item       string // AgendaItem.Key of what it is about; ""
	Title      string
	OwnerID    string
	Owner      string // their name; storage reads it and never writes it
	Due        Date
	CreatedBy  string
	CreatedAt  time.Time
	ClosedAt   time.Time // zero while it is open
	ClosedBy   string
	Dropped    bool
	Why        string // it was dropped
	RemindedAt time.Time
	Carried    int // meetings held since it was agreed at which it was still open; storage counts it
}

// State is how an action stands on a day of the company's calendar.
func (a MeetingAction) State(today Date) string {
	switch {
	case !a.ClosedAt.IsZero() && a.Dropped:
		return ActionDropped
	case !a.ClosedAt.IsZero():
		return ActionDone
	case a.Due.Compare(today) < 0:
		return ActionOverdue
	case a.Due == today:
		return ActionDue
	}
	return ActionOpen
}

// MayClose says why a person may not end an action: its owner, who asked for it, and managers may.
func (a MeetingAction) MayClose(p Person) error {
	switch {
	case !a.ClosedAt.IsZero():
		return Errorf(Conflict, "%s was %s already. Nothing changed.", a.ID, a.State(Date{}))
	case p.ID != a.OwnerID && p.ID != a.CreatedBy && !p.Has(SalesManager, MarketingManager, Sponsor):
		return Errorf(Forbidden, "%s is %s's: they, who asked for it, or a manager can end it.", a.ID, cmp.Or(a.Owner, "somebody else"))
	}
	return nil
}

// Top are the open actions of a list that stand at an agenda's top, the oldest first, and how many more there are.
func Top(list []MeetingAction) (top []MeetingAction, more int) {
	for _, a := range list {
		if a.ClosedAt.IsZero() {
			top = append(top, a)
		}
	}
	slices.SortStableFunc(top, func(a, b MeetingAction) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	if n := len(top) - MostActions; n > 0 {
		return top[:MostActions], n
	}
	return top, 0
}

// AddedItem is what somebody put on the agenda.
type AddedItem struct {
	ID        string // I-1
	SeriesID  string
	Wants     Section
	Kind, Ref string // of the record it is about; "" where it is words alone
	Title     string
	AddedBy   string
	AddedAt   time.Time
	EndedAt   time.Time // discussed, or dropped
}
