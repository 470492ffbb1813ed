package cards

import (
	"strings"

	"truce"
	"truce/bot/chat"
)

// Carried is the longest text that a button carries.
const Carried = 900

// Hint is what may be said next, below a greeting.
const Hint = "Tell me what a buyer said, or ask me: \"how do I dispute a lead?\". \"help\" lists all I know."

// NothingAsked answers a yes or a no that nothing was asked for.
func NothingAsked() chat.Card {
	return Said("I did not ask anything that words can answer: press the button under my message. \"what waits for me?\" shows what is open.")
}

// NotUnderstood asks what a text means in which there is nothing to read.
func NotUnderstood() chat.Card {
	return Said("I cannot read that. Tell me in a few words what a buyer said, or \"help\" for what I can do. Nothing was kept.")
}

// Said is one sentence.
func Said(s string) chat.Card {
	return chat.Card{Key: "talk", Summary: s, Blocks: []chat.Block{chat.Para(s)}}
}

// Colleague says who a colleague is.
func Colleague(p truce.Person) chat.Card {
	roles := make([]string, len(p.Roles))
	for i, r := range p.Roles {
		roles[i] = string(r)
	}
	return Said(p.Name + ": " + strings.Join(roles, ", ") + ".")
}

// NothingToUndo answers who wants something taken back where there is nothing of theirs.
func NothingToUndo() chat.Card {
	return Said("You have logged nothing since yesterday that could be taken back. Edit and Undo stand below each thing that you log.")
}

// NoHelp answers who is angry.
func NoHelp() chat.Card {
	s := "Sorry, that was no help. Nothing was kept of it. Tell me in a few words what you wanted, and I look for it, or see all I can do."
	return chat.Card{Key: "talk", Summary: s, Blocks: []chat.Block{chat.Para(s),
		chat.ButtonRow(chat.Ask("All I can do", "command.open", "truce help"))}}
}

// HowTo names the one command that does what was asked for, with its example. done: the example can be done as it stands.
func HowTo(example string, done bool, cmd chat.CommandInfo) chat.Card {
	c := chat.Card{Key: "talk", Summary: "Type /" + example + "."}
	said := chat.T("Type ", chat.Code("/"+example), ".")
	if cmd.Name != "truce" { // the others do one thing each
		said = append(said, chat.T("\n"+cmd.Help)...)
	}
	c.Blocks = []chat.Block{{Text: said}}
	if done {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("/"+example, "command.open", example)))
	} else if cmd.Name != "truce" {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Open /"+cmd.Name, "command.open", cmd.Name)))
	}
	c.Blocks = append(c.Blocks, chat.Small("More examples: ", chat.Code("/"+cmd.Name+" help"), "."))
	return c
}

// Meant offers the command that was mistyped.
func Meant(typed, name, rest string) chat.Card {
	line := strings.TrimSpace(name + " " + rest)
	label := "/" + line
	if r := []rune(label); len(r) > 30 {
		label = string(r[:29]) + "…"
	}
	s := "I do not know \"" + typed + "\". Did you mean " + label + "?"
	c := chat.Card{Key: "talk", Summary: s, Blocks: []chat.Block{chat.Para("I do not know ", chat.Code(typed), ". Did you mean ",
		chat.Code("/"+line), "?")}}
	if len(line) <= Carried {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask(label, "command.open", line).As(chat.Primary)))
	}
	return c
}

// Question answers what a colleague asked. Nothing is kept of it until they say so.
func Question(v DraftView) chat.Card {
	c := chat.Card{Key: "question"}
	c.Blocks, c.Summary = answered(v)
	if len(v.Note.Text) > Carried {
		return c
	}
	row := []chat.Button{chat.Press("Ask Marketing", "note.of", string(truce.NoteQuestion)+" "+v.Note.Text),
		chat.Press("A buyer asked it", "objection.instead", v.Note.Text),
		chat.Press("Keep it as a note", "note.of", "note "+v.Note.Text)}
	c.Blocks = append(c.Blocks, chat.ButtonRow(row...), chat.Small("Nothing was kept."))
	return c
}
