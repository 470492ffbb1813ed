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

// ramp is where a new installation stands, to an admin: what is open, what the next stage needs, and the button that moves on.
func ramp(r truce.Ramp, now time.Time) []chat.Block {
	at := r.At(now)
	if at >= truce.RampComparisons {
		return nil
	}
	next := at + 1
	open := "Open now: objections, notes, answers and the practices. Then come disputes and the clocks of leads, then comparisons."
	if at == truce.RampDisputes {
		open = "Open now: answers, disputes and the clocks of leads. Then come comparisons of sources, sides and times."
	}
	b := []chat.Block{chat.Heading(fmt.Sprintf("The ramp: week %d, %s", r.Week(), at)), chat.Para(open)}
	for _, c := range r.Conditions(next) {
		switch {
		case c.Done:
			b = append(b, chat.Small("✓ "+c.What))
		case c.Command != "":
			b = append(b, chat.Small("○ "+c.What+": ", chat.Code("/"+c.Command)))
		default:
			b = append(b, chat.Small("○ "+c.What))
		}
	}
	return append(b, chat.ButtonRow(chat.Press("Open "+next.String()+" now", "ramp.open", next.String())),
		chat.Small("By itself it opens once all of this holds. What is open stays open."))
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
