package cards

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// This file is how the task force's agendas, minutes and actions look.

// OwnMeeting is a meeting as one of its readers may see it: chat.Own.Name.
const OwnMeeting = "meeting"

// AgendaView is an agenda, and the meeting that works on it where there is one.
type AgendaView struct {
	Series  truce.MeetingSeries // zero: there is none yet
	At      time.Time           // when the meeting begins; zero: nobody has called one
	Items   []truce.PastItem
	Actions []truce.MeetingAction
	More    int
	Today   truce.Date
	Loc     *time.Location

	Meeting truce.Meeting // zero: nothing is worked on yet
	Agreed  []truce.MeetingAction
	Names   map[string]string // of who was there and who marked, by id
	Present []string          // ids
	Open    bool              // it has begun and is not over: items have buttons
	May     bool              // the reader may work the items
	Now     time.Time
}

// MeetingView is a meeting as it is shown at a moment; may says that the reader may work its items.
func MeetingView(f truce.MeetingFile, may bool, now time.Time, cal truce.Calendar) AgendaView {
	return AgendaView{Series: f.Series, At: f.Meeting.At, Items: f.Items, Actions: f.Actions, More: f.More, Today: cal.Date(now), Loc: cal.Loc,
		Meeting: f.Meeting,
		Agreed:  f.Agreed, Names: f.Names, Present: f.Present, Open: f.Meeting.UnderWay(now) == nil && !f.Meeting.PostedAt.IsZero(), May: may,
		Now: now}
}

// MeetingPosted is a meeting's agenda where many read it: its members have the buttons, others read.
func MeetingPosted(v AgendaView, readers []truce.Person) chat.Card {
	v.May = true
	c := Agenda(v)
	if v.Meeting.ClosedAt.IsZero() {
		c.Own = own(OwnMeeting, v.Meeting.ID, readers, v.Series.Works)
	}
	return c
}

// Agenda is an agenda, or a meeting that is under way.
func Agenda(v AgendaView) chat.Card {
	c := chat.Card{Key: "taskforce.agenda"}
	name := v.Series.Name
	switch {
	case v.Series.ID == "":
		name = "Task force"
		c.Blocks = append(c.Blocks, chat.Para("There is no task force yet: this is what its agenda would be. A manager, the sponsor or an "+
			"admin begins one: ", chat.Code("/taskforce start"), "."))
		if v.May {
			c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Begin a task force…", "taskforce.start", "").As(chat.Primary)))
		}
	case v.At.IsZero():
		c.Blocks = append(c.Blocks, chat.Para("The company's calendar holds no day for its next meeting."))
	}
	c.Title = chat.T(name)
	if !v.At.IsZero() {
		c.Title = chat.T(name+" · ", chat.At(v.At, v.Loc, chat.DayTime))
	}
	m := v.Meeting
	over := m.ID != "" && !m.ClosedAt.IsZero()
	switch {
	case m.ID != "" && !m.CancelledAt.IsZero():
		c.Summary = name + ": the meeting is cancelled"
		c.Blocks = append(c.Blocks, chat.Para(chat.B("Cancelled"),
			" by "+v.Names[m.CancelledBy]+": “"+m.Why+"” What was on its agenda comes to the next one."))
		if v.May && m.At.After(v.Now) {
			c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Hold it after all", "taskforce.hold", m.ID)))
		}
		return c
	case over && m.Worked == 0:
		c.Summary = name + ": not held"
		c.Blocks = append(c.Blocks, chat.Para(chat.B("Not held"),
			": nobody said they were there, and no item was worked. What was on its agenda comes to the next one."))
		return c
	case over:
		return closed(v, c, name)
	}
	if chair := v.Names[v.Series.Chair]; chair != "" {
		c.Blocks = append(c.Blocks, chat.Small(chair+" leads it."))
	}
	decide, discuss, read := inSection(v.Items, truce.ToDecide), inSection(v.Items, truce.ToDiscuss), inSection(v.Items, truce.ToRead)
	c.Summary = fmt.Sprintf("%s: %d to decide, %d to discuss, %d to read", name, len(decide), len(discuss), len(read))
	if len(v.Actions) > 0 {
		c.Blocks = append(c.Blocks, chat.Heading(fmt.Sprintf("Open actions (%d)", len(v.Actions)+v.More)))
		for _, a := range v.Actions {
			c.Blocks = append(c.Blocks, actionBlocks(a, v.Today, v.May)...)
		}
		if v.More > 0 {
			c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("%d more: ", v.More), chat.Code("/taskforce actions")))
		}
	}
	for _, s := range []struct {
		title string
		items []truce.PastItem
		none  string
	}{{"Decide", decide, "Nothing waits for a decision."}, {"Discuss", discuss, "Nothing stands out."}} {
		c.Blocks = append(c.Blocks, chat.Heading(fmt.Sprintf("%s (%d)", s.title, len(s.items))))
		if len(s.items) == 0 {
			c.Blocks = append(c.Blocks, chat.Para(s.none))
		}
		for _, i := range s.items {
			c.Blocks = append(c.Blocks, itemBlocks(v, i)...)
		}
	}
	c.Blocks = append(c.Blocks, chat.Heading(fmt.Sprintf("Read (%d)", len(read))))
	var lines []any
	for n, i := range read {
		if n > 0 {
			lines = append(lines, "\n")
		}
		lines = append(lines, chat.B(i.Title), ": "+i.Why)
	}
	if len(lines) > 0 {
		c.Blocks = append(c.Blocks, chat.Para(lines...))
	}
	if m.ID == "" {
		if v.May && v.Series.ID != "" {
			c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Add an item…", "taskforce.add", v.Series.ID),
				chat.Press("Actions", "taskforce.actions", v.Series.ID)))
		}
		return c
	}
	if v.Open {
		if len(v.Present) > 0 {
			c.Blocks = append(c.Blocks, chat.Small("There: "+names(v.Present, v.Names)))
		}
		if v.May {
			c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("I was there", "taskforce.there", m.ID).As(chat.Primary),
				chat.Ask("Add an item…", "taskforce.add", v.Series.ID),
				chat.Press("Close, send the minutes", "taskforce.close", m.ID)))
		}
	} else if v.May {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Add an item…", "taskforce.add", v.Series.ID),
			chat.Ask("Cancel the meeting…", "taskforce.cancel", m.ID)))
	}
	c.Footer = chat.T("At most three to decide and four to discuss; what is not discussed comes once more. Minutes come when it is closed, " +
		"or two hours after it began.")
	return c
}

func inSection(list []truce.PastItem, s truce.Section) (of []truce.PastItem) {
	for _, i := range list {
		if i.Section == s {
			of = append(of, i)
		}
	}
	return of
}

func names(ids []string, by map[string]string) string {
	var list []string
	for _, id := range ids {
		list = append(list, by[id])
	}
	return strings.Join(list, ", ")
}

func carried(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return ", carried once"
	case 2:
		return ", carried twice"
	}
	return fmt.Sprintf(", carried %d times", n)
}

// itemBlocks is one matter: why it is there, and what can be done or was done about it.
func itemBlocks(v AgendaView, i truce.PastItem) []chat.Block {
	why := i.Why
	if n := len(i.Evidence); n > 0 {
		shown := i.Evidence[:min(n, 4)]
		why += " See " + strings.Join(shown, ", ")
		if n > len(shown) {
			why += fmt.Sprintf(" and %d more", n-len(shown))
		}
		why += "."
	}
	list := []chat.Block{chat.Para(chat.B(i.Title), carried(i.Carried), "\n", chat.I(why))}
	switch {
	case i.Mark != truce.NotMarked:
		list = append(list, chat.Small(append([]any{"✓ "}, becameOf(v, i)...)...))
		if v.Open && v.May {
			list = append(list, chat.ButtonRow(chat.Press("Undo", "taskforce.undo", v.Meeting.ID+" "+i.Key())))
		}
	case v.Open && v.May:
		arg := v.Meeting.ID + " " + i.Key()
		row := []chat.Button{chat.Press("Discussed", "taskforce.discussed", arg), chat.Ask("Decision…", "taskforce.decision", arg),
			chat.Ask("Action…", "taskforce.action", arg)}
		if i.Carried > 1 {
			row = append(row, chat.Ask("Drop, because…", "taskforce.dropitem", arg))
		} else {
			row = append(row, chat.Press("Next time", "taskforce.next", arg))
		}
		list = append(list, chat.ButtonRow(row...))
	}
	if b, ok := opens(i.AgendaItem); ok && i.Mark == truce.NotMarked {
		if last := &list[len(list)-1]; len(last.Buttons) > 0 {
			last.Buttons = append(last.Buttons, b)
		} else if v.Meeting.ID != "" {
			list = append(list, chat.ButtonRow(b))
		}
	}
	return list
}

// opens leads from a matter to its record.
func opens(i truce.AgendaItem) (chat.Button, bool) {
	switch i.Kind {
	case "dispute":
		return chat.Press("Open "+i.Ref, "dispute.show", i.Ref), i.Ref != "none"
	case "proposal", "rule": // of agendas from before rules were proposals
		return chat.Press("See "+i.Ref, "proposal.show", i.Ref), true
	}
	return chat.Button{}, false
}

// becameOf is what became of an item, in words.
func becameOf(v AgendaView, i truce.PastItem) []any {
	by := ""
	if n := v.Names[i.By]; n != "" {
		by = " (" + n + ")"
	}
	switch i.Mark {
	case truce.DecidedOn:
		return []any{chat.B("Decided"), ": “" + i.Text + "”" + by}
	case truce.WithTask:
		return []any{chat.B("Action"), ": " + i.Text + by}
	case truce.NextTime:
		return []any{"Next time" + by}
	case truce.Dropped:
		return []any{"Dropped: “" + i.Text + "”" + by}
	}
	return []any{"Discussed" + by}
}

func actionBlocks(a truce.MeetingAction, today truce.Date, may bool) []chat.Block {
	when := "due " + a.Due.Words()
	switch a.State(today) {
	case truce.ActionDue:
		when = "due today"
	case truce.ActionOverdue:
		when = "overdue since " + a.Due.Words()
	case truce.ActionDone:
		return []chat.Block{chat.Para("✓ ", chat.B(a.Owner), ", "+a.Title+", done")}
	case truce.ActionDropped:
		return []chat.Block{chat.Para(chat.B(a.Owner), ", "+a.Title+", dropped: “"+a.Why+"”")}
	}
	list := []chat.Block{chat.Para(chat.B(a.Owner), ", "+a.Title+", "+when+carried(a.Carried))}
	if may {
		list = append(list, chat.ButtonRow(chat.Press("Done", "taskforce.done", a.ID), chat.Ask("Drop, because…", "taskforce.drop", a.ID)))
	}
	return list
}

// closed is what stands in an agenda's place once the meeting is over: what came of it, and the way to its minutes.
func closed(v AgendaView, c chat.Card, name string) chat.Card {
	c.Summary = name + ": held, " + v.brought()
	c.Blocks = append(c.Blocks, chat.Para(chat.B("Held"), ": "+v.brought()+"."),
		chat.ButtonRow(chat.Press("Minutes", "taskforce.minutes", v.Meeting.ID)))
	return c
}

// brought says in a line what a meeting has brought.
func (v AgendaView) brought() string {
	decided := 0
	for _, i := range v.Items {
		if i.Mark == truce.DecidedOn {
			decided++
		}
	}
	return plural(decided, "decision", "decisions") + ", " + plural(len(v.Agreed), "action", "actions")
}

// Minutes are what a meeting that was held has brought.
func Minutes(v AgendaView) chat.Card {
	name := v.Series.Name
	c := chat.Card{Key: "taskforce.minutes", Title: chat.T("Minutes · "+name+" · ", chat.At(v.At, v.Loc, chat.DayTime)),
		Summary: name + ", minutes: " + v.brought()}
	by := func(marks ...truce.Mark) (list []truce.PastItem) {
		for _, i := range v.Items {
			if slices.Contains(marks, i.Mark) && (i.Mark != truce.NotMarked || i.Section != truce.ToRead) {
				list = append(list, i)
			}
		}
		return list
	}
	if len(v.Present) > 0 {
		c.Blocks = append(c.Blocks, chat.Para(chat.B("There: "), names(v.Present, v.Names)))
	} else {
		c.Blocks = append(c.Blocks, chat.Para("Nobody pressed “I was there”."))
	}
	part := func(title string, items []truce.PastItem) {
		if len(items) == 0 {
			return
		}
		c.Blocks = append(c.Blocks, chat.Heading(title))
		for _, i := range items {
			c.Blocks = append(c.Blocks, chat.Para(append([]any{chat.B(i.Title), "\n"}, becameOf(v, i)...)...))
		}
	}
	part("Decided", by(truce.DecidedOn))
	if len(v.Agreed) > 0 {
		c.Blocks = append(c.Blocks, chat.Heading("Actions"))
		for _, a := range v.Agreed {
			c.Blocks = append(c.Blocks, actionBlocks(a, v.Today, true)...)
		}
	}
	part("Discussed", by(truce.Discussed, truce.WithTask))
	part("Dropped", by(truce.Dropped))
	if open := by(truce.NextTime, truce.NotMarked); len(open) > 0 {
		var titles []string
		for _, i := range open {
			titles = append(titles, i.Title)
		}
		c.Blocks = append(c.Blocks, chat.Heading("Next time"), chat.Para(strings.Join(titles, "\n")))
	}
	if v.Meeting.At.Add(PresenceAfter).After(v.Now) {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("I was there", "taskforce.there", v.Meeting.ID)))
	}
	return c
}

// PresenceAfter is how long after a meeting people can still say that they were there.
const PresenceAfter = 14 * 24 * time.Hour
