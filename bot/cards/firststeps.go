package cards

import (
	"fmt"
	"time"

	"truce"
	"truce/bot/chat"
)

// firstSteps is the checklist of an admin: what is done in a line, what is not with the button that does it.
func firstSteps(steps []truce.FirstStep) []chat.Block {
	if len(steps) == 0 {
		return nil
	}
	done := 0
	for _, s := range steps {
		if s.Done {
			done++
		}
	}
	b := []chat.Block{chat.Heading(fmt.Sprintf("First steps: %d of %d", done, len(steps)))}
	for i, s := range steps {
		if s.Done {
			b = append(b, chat.Small(fmt.Sprintf("✓ %d. %s", i+1, s.What)))
			continue
		}
		b = append(b, chat.Para(fmt.Sprintf("%d. %s", i+1, s.What)), chat.ButtonRow(chat.Ask("/"+s.Command, "command.open", s.Command)))
	}
	return append(b, chat.Small("Only admins see this list. Nobody else is asked for anything by it."),
		chat.ButtonRow(chat.Press("Put it away", "home.steps", "")))
}

// dueActions are the actions of the task force that a person has to do by today.
func dueActions(list []truce.MeetingAction, today truce.Date, loc *time.Location) []chat.Block {
	if len(list) == 0 {
		return nil
	}
	b := []chat.Block{chat.Heading("Your actions of the task force")}
	for _, a := range list {
		when := chat.T(chat.B(a.Title), " · due today")
		if a.Due.Compare(today) < 0 {
			when = chat.T(chat.B(a.Title), " · was due ", chat.At(a.Due.At(12*60, loc), loc, chat.Day))
		}
		b = append(b, chat.Block{Text: when}, chat.ButtonRow(chat.Press("Done", "taskforce.done", a.ID),
			chat.Ask("Drop, because…", "taskforce.drop", a.ID)))
	}
	return b
}
