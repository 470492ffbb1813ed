package cards

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// This file is what the task force asks for, and what it answers.

// SeriesFields fill the form of a new series.
type SeriesFields struct {
	Members []string      // names of who is proposed
	People  []chat.Option // who may be chosen, by name; more than fit a list are named instead
	Here    string        // the channel it is asked for in; "" is none
	Channel bool          // there is a channel for the alignment summary
	Days    [7]bool       // on which the company works
	State   string        //
	Chairs  []string      // names of who may lead it, the one who asks first
}

// SeriesForm asks for a new series of meetings.
func SeriesForm(f SeriesFields) chat.Form {
	var days, places, chairs []chat.Option
	value := ""
	for d := time.Monday; d <= time.Saturday; d++ {
		if f.Days[d] {
			days = append(days, chat.Option{Value: strconv.Itoa(int(d)), Label: d.String()})
			if value == "" || d == time.Thursday {
				value = strconv.Itoa(int(d))
			}
		}
	}
	if f.Days[time.Sunday] {
		days = append(days, chat.Option{Value: "0", Label: time.Sunday.String()})
	}
	if f.Here != "" {
		places = append(places, chat.Option{Value: "here", Label: FirstWords("This channel: "+f.Here, 70)})
	}
	if f.Channel {
		places = append(places, chat.Option{Value: "alignment", Label: "The channel of the alignment summary"})
	}
	places = append(places, chat.Option{Value: "members", Label: "A message to each member"})
	for _, name := range f.Chairs[:min(len(f.Chairs), 100)] {
		chairs = append(chairs, chat.Option{Value: FirstWords(name, 70), Label: FirstWords(name, 70)})
	}
	members := chat.Field{Name: "members", Kind: chat.Several, Label: "Members", Value: chat.Together(f.Members...), Options: f.People,
		Hint: "At least one of each side.", Required: true}
	if len(f.People) == 0 || len(f.People) > chat.MostOptions {
		members = chat.Field{Name: "members", Kind: chat.LongText, Label: "Members", Value: strings.Join(f.Members, ", "),
			Hint: "Names or e-mail addresses, with commas between; at least one of each side.", Required: true}
	}
	form := chat.Form{Name: "taskforce.start", Title: "Begin a task force", Submit: "Begin", State: f.State,
		Intro: chat.T("People of both sides who meet over an agenda that builds itself the day before: at most three to decide, four to " +
			"discuss, the rest to read."),
		Fields: []chat.Field{
			{Name: "name", Kind: chat.Line1, Label: "Name", Value: "Task force", Required: true, Max: 60},
			members,
			{Name: "every", Kind: chat.Choice, Label: "How often", Value: "week", Required: true,
				Options: []chat.Option{{Value: "week", Label: "Every week"},
					{Value: "1", Label: "First of the month"}, {Value: "2", Label: "Second of the month"}, {Value: "3", Label: "Third of the month"},
					{Value: "4", Label: "Fourth of the month"}, {Value: "5", Label: "Last of the month"}}},
			{Name: "day", Kind: chat.Choice, Label: "Day", Value: value, Required: true, Options: days},
			{Name: "at", Kind: chat.Line1, Label: "Time, on the company's clock", Value: "10:00", Required: true, Max: 5},
			{Name: "place", Kind: chat.Choice, Label: "Where agenda and minutes go", Value: places[0].Value, Required: true, Options: places},
		}}
	if len(chairs) > 0 {
		chair := chat.Field{Name: "chair", Kind: chat.Choice, Label: "Who leads it", Value: chairs[0].Value, Options: chairs}
		form.Fields = append(form.Fields[:1], append([]chat.Field{chair}, form.Fields[1:]...)...)
	}
	return form
}

// SeriesBegun says what was begun, and when the first meeting is.
func SeriesBegun(s truce.MeetingSeries, chair string, members int, first, agenda time.Time, loc *time.Location) chat.Card {
	c := chat.Card{Key: "taskforce.begun", Summary: s.Name + " begins: " + s.When() + "."}
	t := chat.T("✓ ", chat.B(s.Name), ": "+s.When()+", "+plural(members, "member", "members"))
	if chair != "" {
		t = append(t, chat.T(", led by "+chair)...)
	}
	c.Blocks = append(c.Blocks, chat.Block{Text: append(t, chat.T(".")...)})
	if first.IsZero() {
		c.Blocks = append(c.Blocks, chat.Para("The company's calendar holds no day for a first meeting."))
	} else {
		c.Blocks = append(c.Blocks, chat.Para("First on ", chat.At(first, loc, chat.DayTime), "; its agenda comes on ",
			chat.At(agenda, loc, chat.DayTime), "."))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("The agenda so far", "taskforce.agenda", s.ID),
		chat.Ask("Add an item…", "taskforce.add", s.ID), chat.Press("End the series", "taskforce.end", s.ID)),
		chat.Small("For your calendar: ", chat.Code("truce taskforce ics"), " writes the meetings of the coming year."))
	return c
}

// SeriesEnded says that a series has ended.
func SeriesEnded(s truce.MeetingSeries) chat.Card {
	return said("taskforce.ended", s.Name+" has ended: no more agendas. Its open actions stay with their owners.")
}

// said is a card of one sentence.
func said(key, sentence string) chat.Card {
	return chat.Card{Key: key, Summary: sentence, Blocks: []chat.Block{chat.Para(sentence)}}
}

// AddItemForm asks what is to be talked about. about is the record it is about, "" for none.
func AddItemForm(series []truce.MeetingSeries, text, about, state string) chat.Form {
	f := chat.Form{Name: "taskforce.add", Title: "Add to the agenda", Submit: "Add it", State: state, Fields: []chat.Field{
		{Name: "text", Kind: chat.Line1, Label: "What about", Value: FirstWords(text, 200), Required: true, Max: 200},
		{Name: "wants", Kind: chat.Radio, Label: "To", Value: "discuss", Required: true,
			Options: []chat.Option{{Value: "decide", Label: "decide"}, {Value: "discuss", Label: "discuss"}, {Value: "read", Label: "read"}}},
	}}
	if about != "" {
		f.Intro = chat.T("It will name " + about + ".")
	}
	if len(series) > 1 {
		field := chat.Field{Name: "series", Kind: chat.Choice, Label: "On whose agenda", Value: series[0].ID, Required: true}
		for _, s := range series[:min(len(series), 100)] {
			field.Options = append(field.Options, chat.Option{Value: s.ID, Label: s.Name})
		}
		f.Fields = append(f.Fields, field)
	}
	return f
}

// ItemAdded says on which agenda an item is.
func ItemAdded(i truce.AddedItem, series string, at time.Time, noRoom bool, loc *time.Location) chat.Card {
	c := chat.Card{Key: "taskforce.added", Summary: "On the agenda of " + series + ": " + i.Title}
	t := chat.T("✓ To "+string(i.Wants)+" at ", chat.B(series))
	if !at.IsZero() {
		t = append(t, chat.T(" on ", chat.At(at, loc, chat.DayTime))...)
	}
	t = append(t, chat.T(":")...)
	c.Blocks = append(c.Blocks, chat.Block{Text: t}, chat.Quote(i.Title))
	if noRoom {
		c.Blocks = append(c.Blocks, chat.Small("Its agenda is posted and full to "+string(i.Wants)+": it is among what is read."))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Undo", "taskforce.takeoff", i.ID)))
	return c
}

// ItemTakenOff says that an item is off the agenda.
func ItemTakenOff(i truce.AddedItem) chat.Card {
	c := said("taskforce.added", "Taken off the agenda again: "+i.Title)
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Add an item…", "taskforce.add", i.SeriesID)))
	return c
}

// DecisionForm asks what was decided. grounds are the kinds of common ground that it may change, as options.
func DecisionForm(i truce.PastItem, state string, grounds []chat.Option) chat.Form {
	f := TextForm("taskforce.decision", "Decision", "What was decided", "As it shall stand in the minutes.", "Write it down", state, true)
	f.Intro = chat.T(i.Title)
	if len(grounds) > 0 {
		f.Fields = append(f.Fields, chat.Field{Name: "changes", Kind: chat.Choice, Label: "Does it change what both sides have agreed?",
			Value: "no", Required: true,
			Hint:    "Then it is proposed: it holds once one manager of each side has said yes.",
			Options: append([]chat.Option{{Value: "no", Label: "No"}}, grounds...)})
	}
	return f
}

// DecisionProposed leads from a decision that changes common ground to its proposal.
func DecisionProposed(i truce.PastItem, open chat.Button) chat.Card {
	return chat.Card{Key: "taskforce.decided", Summary: "Decided: " + i.Text,
		Blocks: []chat.Block{chat.Para("✓ ", chat.B("Decided"), ", and in the minutes:"), chat.Quote(i.Text),
			chat.Para("It changes what both sides have agreed, so it holds once one manager of each side has said yes:"),
			chat.ButtonRow(open.As(chat.Primary))}}
}

// DropItemForm asks why an item is dropped.
func DropItemForm(i truce.PastItem, state string) chat.Form {
	f := TextForm("taskforce.dropitem", "Drop the item", "Because", "It stands in the minutes.", "Drop it", state, true)
	f.Intro = chat.T(i.Title)
	return f
}

// ActionForm asks for an action: who does what by when. about is the title of the item it is about; people are who may own it.
func ActionForm(about, state string, people []chat.Option, owner string, due truce.Date) chat.Form {
	f := chat.Form{Name: "taskforce.action", Title: "Action", Submit: "Agree on it", State: state, Fields: []chat.Field{
		{Name: "text", Kind: chat.Line1, Label: "What will be done", Required: true, Max: 200},
		{Name: "owner", Kind: chat.Choice, Label: "Who does it", Value: owner, Required: true, Options: people},
		{Name: "due", Kind: chat.DateOf, Label: "By", Value: due.String(), Hint: "Its owner is reminded on the day.", Required: true},
	}}
	if about != "" {
		f.Intro = chat.T(about)
	}
	return f
}

// DropActionForm asks why an action is dropped.
func DropActionForm(a truce.MeetingAction) chat.Form {
	f := TextForm("taskforce.drop", "Drop "+a.ID, "Because", "It is read at the next meeting.", "Drop it", a.ID, true)
	f.Intro = chat.T(a.Owner + ", " + a.Title)
	return f
}

// MeetingAction is an action with what can be done about it.
func MeetingAction(a truce.MeetingAction, today truce.Date) chat.Card {
	c := chat.Card{Key: "taskforce.action", Summary: a.ID + ", " + a.State(today) + ": " + a.Title, Blocks: actionBlocks(a, today, true)}
	if !a.ClosedAt.IsZero() {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("Undo", "taskforce.reopen", a.ID)))
	}
	return c
}

// MeetingActions lists open actions, the reader's own first.
func MeetingActions(own, others []truce.MeetingAction, today truce.Date, series string) chat.Card {
	c := chat.Card{Key: "taskforce.actions", Summary: plural(len(own)+len(others), "open action", "open actions") + " of the task force",
		Title: chat.T("Open actions")}
	if len(own)+len(others) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("Nothing is open. Actions are agreed on in the meeting, by an item's [Action…], or here."))
	}
	for _, part := range []struct {
		title string
		list  []truce.MeetingAction
	}{{"Yours", own}, {"Others'", others}} {
		if len(part.list) > 0 {
			c.Blocks = append(c.Blocks, chat.Heading(part.title))
		}
		for n, a := range part.list {
			if n == 8 {
				c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("and %d more", len(part.list)-n)))
				break
			}
			c.Blocks = append(c.Blocks, actionBlocks(a, today, true)...)
		}
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("New action…", "taskforce.newaction", series)))
	return c
}

// ActionsDue reminds an owner of actions on their day.
func ActionsDue(list []truce.MeetingAction, today truce.Date) chat.Card {
	c := chat.Card{Key: "taskforce.due", Summary: plural(len(list), "action of yours is due", "actions of yours are due")}
	c.Blocks = append(c.Blocks, chat.Para(chat.B("You said you would:")))
	for n, a := range list {
		if n == 10 {
			c.Blocks = append(c.Blocks, chat.Small(fmt.Sprintf("and %d more: ", len(list)-n), chat.Code("/taskforce actions")))
			break
		}
		c.Blocks = append(c.Blocks, actionBlocks(a, today, true)...)
	}
	return c
}

// CancelForm asks why a meeting is cancelled.
func CancelForm(id, name string, at time.Time, loc *time.Location) chat.Form {
	f := TextForm("taskforce.cancel", "Cancel the meeting", "Because", "Its members read it.", "Cancel it", id, true)
	f.Intro = chat.T(name+", ", chat.At(at, loc, chat.DayTime), ". What is on its agenda comes to the next one.")
	return f
}

// WasThere thanks for coming.
func WasThere(name string, at time.Time, loc *time.Location) chat.Card {
	return chat.Card{Key: "taskforce.there", Summary: "Noted: you were there.",
		Blocks: []chat.Block{chat.Para("✓ You were at "+name+" on ", chat.At(at, loc, chat.DayTime), ".")}}
}
