package cards

import (
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// LedView is what came of what a person told.
type LedView struct{ Credited, Answered, Upheld, Rules, Helped, Voted int }

// Led says what came of what a person told; nil where nothing did yet.
func Led(v LedView) []chat.Block {
	var t []string
	add := func(n int, one, many string) {
		switch {
		case n == 1:
			t = append(t, one)
		case n > 1:
			t = append(t, fmt.Sprintf(many, n))
		}
	}
	add(v.Answered, "a theme you raised got an answer", "%d themes you raised got an answer")
	add(v.Credited, "an approved answer has your words", "%d approved answers have your words")
	add(v.Upheld, "a dispute of yours was upheld", "%d disputes of yours were upheld")
	add(v.Rules, "a rule in force rests on one of your cases", "%d rules in force rest on your cases")
	if v.Voted > 0 {
		t = append(t, fmt.Sprintf("your answers helped %d of %s", v.Helped, plural(v.Voted, "time", "times")))
	}
	if len(t) == 0 {
		return nil
	}
	return []chat.Block{chat.Para(chat.B("What yours led to: "), strings.Join(t, " · "), ".")}
}

// Mine is what came of what a person told, as a card of its own. Only that person sees it.
func Mine(v LedView) chat.Card {
	c := chat.Card{Key: "mine", Summary: "What yours led to.", Blocks: Led(v)}
	if len(c.Blocks) == 0 {
		c.Blocks = []chat.Block{chat.Para("Nothing yet that I know of. You hear from me when an answer to what you logged is approved, or a " +
			"case of yours is decided.")}
	}
	c.Footer = chat.T("Only you see this.")
	return c
}

// HeldKind is how much is held of one kind.
type HeldKind struct {
	Name string
	N    int
}

// MyData says what is held of a person.
func MyData(name, email string, kinds []HeldKind) chat.Card {
	c := chat.Card{Key: "mydata", Summary: "What Truce keeps about you.", Title: chat.T("What I keep about you")}
	c.Blocks = append(c.Blocks, chat.FactList(chat.FactOf("Name", name), chat.FactOf("E-mail", email)))
	t := chat.Table{Caption: "Records", Columns: []chat.Column{{Title: "What"}, {Title: "How many", Number: true}}}
	for _, k := range kinds {
		cell := chat.Cell{Text: k.Name}
		if k.N > 0 {
			b := chat.Press(k.Name, "mydata.show", k.Name+":0")
			cell.Button = &b
		}
		t.Rows = append(t.Rows, []chat.Cell{cell, number(k.N)})
	}
	c.Blocks = append(c.Blocks, chat.TableBlock(t), chat.ButtonRow(chat.Press("Export", "mydata.export", ""),
		chat.Ask("Erase…", "mydata.erase", "").As(chat.Danger)))
	c.Footer = chat.T("Only you see this. Leads and what became of them are the CRM's; erasing removes you from them.")
	return c
}

// HeldRecord is one thing held of a person.
type HeldRecord struct {
	Kind, Where, Text string
	At                time.Time
}

// Held lists records of one kind.
func Held(kind string, list []HeldRecord, from, total int, loc *time.Location) chat.Card {
	c := chat.Card{Key: "mydata.held", Summary: "Your " + kind + ".", Title: chat.T(fmt.Sprintf("Your %s: %d", kind, total))}
	t := chat.Table{Caption: fmt.Sprintf("%d to %d", min(from+1, total), from+len(list)),
		Columns: []chat.Column{{Title: "Where"}, {Title: "When"}, {Title: "What"}}}
	for _, r := range list {
		when := ""
		if !r.At.IsZero() {
			when = r.At.In(loc).Format("2 Jan 2006")
		}
		t.Rows = append(t.Rows, []chat.Cell{{Text: r.Where}, {Text: when}, {Text: r.Text}})
	}
	c.Blocks = append(c.Blocks, chat.TableBlock(t))
	if from+len(list) < total {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press("More", "mydata.show", fmt.Sprintf("%s:%d", kind, from+len(list)))))
	}
	return c
}

// Export is a part of everything held of a person, to copy, as JSON: the quotes of all parts, one after the other, are the whole.
// sum tells whether the next part is of the same whole; changed says that this is the first part instead of a later one.
func Export(quotes []string, part, parts int, sum string, changed bool) chat.Card {
	c := chat.Card{Key: "mydata.export", Summary: "Everything I keep about you, as JSON.", Title: chat.T("Everything I keep about you")}
	if parts > 1 {
		c.Summary = fmt.Sprintf("Everything I keep about you, as JSON: part %d of %d.", part+1, parts)
		c.Title = chat.T(fmt.Sprintf("Everything I keep about you: part %d of %d", part+1, parts))
	}
	if changed {
		c.Blocks = append(c.Blocks, chat.Para("It has changed since that part was shown, so here is the first part of it as it is now."))
	}
	for _, q := range quotes {
		c.Blocks = append(c.Blocks, chat.Quote(q))
	}
	if part+1 < parts {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Press(fmt.Sprintf("Part %d of %d", part+2, parts), "mydata.export",
			fmt.Sprintf("%d:%s", part+1, sum))))
	}
	if parts > 1 {
		c.Blocks = append(c.Blocks, chat.Small("All parts one after the other are one JSON document."))
	}
	return c
}

// EraseForm asks whether a person really wants to be erased.
func EraseForm(name string) chat.Form {
	return chat.Form{Name: "mydata.erase", Title: "Erase my data", Submit: "Erase for good",
		Intro: chat.T("Your name, addresses, settings, drafts and every word you wrote go, here and in the messages I posted. What remains " +
			"counts under nobody's name. It cannot be undone."),
		Fields: []chat.Field{{Name: "sure", Kind: chat.Line1, Label: "To go on, write your name: " + name, Required: true, Max: 200}}}
}

// ErasedCard says what was erased.
func ErasedCard(messages int) chat.Card {
	s := "You are erased. "
	if messages > 0 {
		s += fmt.Sprintf("%s I posted with your words %s edited now. ", plural(messages, "message", "messages"),
			map[bool]string{true: "is", false: "are"}[messages == 1])
	}
	return chat.Card{Key: "mydata.erased", Summary: s, Blocks: []chat.Block{chat.Para(chat.B(s),
		"What you wrote to me yourself stands in your own chat, where you can delete it. If you write to me again, I will not know you. ",
		"Where the configuration or the CRM names you, ask an admin to take you out there, or the next start or import brings the name back.")}}
}

// EraseLeadForm asks an admin whether somebody is really to be erased: the lead asked for, and the others with their address.
func EraseLeadForm(ref string, others []string) chat.Form {
	whose := "Lead " + ref + "."
	if len(others) > 0 {
		whose = fmt.Sprintf("%d leads of one address: %s, %s.", 1+len(others), ref, strings.Join(others[:min(len(others), 9)], ", "))
	}
	return chat.Form{Name: "lead.erase", Title: "Erase a lead's person", Submit: "Erase for good", State: ref,
		Intro: chat.T(whose + " Name, address and whatever in the CRM's columns says who it is go, here and in the messages I posted. What " +
			"became of the lead " +
			"stays and counts. It cannot be undone, and the next import brings it back unless the CRM has forgotten it too."),
		Fields: []chat.Field{{Name: "sure", Kind: chat.Line1, Label: "To go on, write " + ref, Required: true, Max: 200}}}
}

// ErasedLeadCard says what was erased.
func ErasedLeadCard(refs []string, messages int) chat.Card {
	s := fmt.Sprintf("Erased: who %s is.", strings.Join(refs, ", "))
	if len(refs) > 1 {
		s = fmt.Sprintf("Erased: who %d leads are (%s).", len(refs), strings.Join(refs[:min(len(refs), 10)], ", "))
	}
	more := "What became of it counts as before."
	if messages > 0 {
		more += fmt.Sprintf(" %s in chat %s edited now.", plural(messages, "message", "messages"),
			map[bool]string{true: "is", false: "are"}[messages == 1])
	}
	return chat.Card{Key: "lead.erased", Summary: s, Blocks: []chat.Block{chat.Para(chat.B(s), " ", more,
		" Let the CRM forget it too, or the next import brings it back; older backups hold it still.")}}
}

// ErasedMessage stands where a message stood that held what was erased since.
func ErasedMessage() chat.Card {
	const s = "What stood here was erased."
	return chat.Card{Key: "erased", Summary: s, Blocks: []chat.Block{chat.Small(s)}}
}

// PersonRoles is a person with roles and who gave each.
type PersonRoles struct {
	Person truce.Person
	Roles  []string // "marketer (config)"
}

// RolesCard lists who may do what.
func RolesCard(list []PersonRoles) chat.Card {
	c := chat.Card{Key: "roles", Summary: "Who may do what.", Title: chat.T("Roles")}
	t := chat.Table{Caption: "People with a role, and who gave it",
		Columns: []chat.Column{{Title: "Name"}, {Title: "E-mail"}, {Title: "Roles"}}}
	for _, p := range list {
		t.Rows = append(t.Rows, []chat.Cell{{Text: p.Person.Name}, {Text: p.Person.Email}, {Text: strings.Join(p.Roles, ", ")}})
	}
	c.Blocks = append(c.Blocks, chat.TableBlock(t), chat.Para("Give one: ", chat.Code("/truce role mia marketer"), ". Take one: ",
		chat.Code("/truce role mia not marketer"), "."),
		chat.Small("Members without a role may capture, rate and dispute."))
	return c
}

// WhichForRole asks whom of several people of one name a role is to be given to, or taken from.
func WhichForRole(said string, role truce.Role, take bool, found []truce.Person) chat.Card {
	action, what := "role.give", "Nobody was given a role yet."
	if take {
		action, what = "role.take", "Nobody lost a role yet."
	}
	s := fmt.Sprintf("%d colleagues are called %q. Which one, and %s? %s", len(found), said, role, what)
	return chat.Card{Key: "role.which", Summary: s, Blocks: []chat.Block{chat.Para(s),
		which(found, action, func(p truce.Person) string { return p.ID + " " + string(role) })}}
}

// WhichDeputy asks whom of several people of one name the sponsor means.
func WhichDeputy(said string, found []truce.Person) chat.Card {
	s := fmt.Sprintf("%d colleagues are called %q. Which one? Nobody was named deputy yet.", len(found), said)
	return chat.Card{Key: "deputy.which", Summary: s, Blocks: []chat.Block{chat.Para(s),
		which(found, "deputy.of", func(p truce.Person) string { return p.ID })}}
}

// which lists people of one name by what tells them apart, each with a button.
func which(found []truce.Person, action string, arg func(truce.Person) string) chat.Block {
	t := chat.Table{Caption: "Which one?", Columns: []chat.Column{{Title: "Address"}, {Title: "Name"}, {Title: "Roles"}}}
	for _, p := range found {
		b := chat.Press(p.Address(), action, arg(p))
		var roles []string
		for _, r := range p.Roles {
			roles = append(roles, string(r))
		}
		t.Rows = append(t.Rows, []chat.Cell{{Text: p.Address(), Button: &b}, {Text: p.Name}, {Text: strings.Join(roles, ", ")}})
	}
	return chat.TableBlock(t)
}

// RoleChanged confirms a change of roles.
func RoleChanged(sentence string) chat.Card {
	return chat.Card{Key: "role", Summary: sentence, Blocks: []chat.Block{chat.Para("✓ " + sentence)}}
}
