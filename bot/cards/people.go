package cards

import (
	"strings"

	"truce"
	"truce/bot/chat"
)

// PersonLeft tells a manager that somebody's account was deactivated, and what became of all that waited for them.
func PersonLeft(p truce.Person, h truce.HandedOver) chat.Card {
	c := chat.Card{Key: "person.left", Summary: p.Name + " has left; nothing waited for them."}
	if !h.Any() {
		c.Blocks = append(c.Blocks, chat.Para(chat.B(p.Name), "'s account was deactivated. Nothing waited for them."))
		return c
	}
	c.Summary = p.Name + " has left. What waited for them is handed over."
	c.Blocks = append(c.Blocks, chat.Para(chat.B(p.Name), "'s account was deactivated. What waited for them is handed over:"))
	if len(h.Cases) > 0 {
		to := "The rep's part in these cases is yours, or another sales manager's, now: "
		if h.To == "" {
			to = "Nobody can speak for the rep in these cases; name a sales manager: "
		}
		c.Blocks = append(c.Blocks, chat.Para(to+some(h.Cases)+"."), chat.ButtonRow(shows("dispute.show", h.Cases)...))
	}
	if len(h.Answers) > 0 {
		c.Blocks = append(c.Blocks, chat.Para("Somebody else in Marketing answers "+some(h.Answers)+"."),
			chat.ButtonRow(shows("dispute.show", h.Answers)...))
	}
	if len(h.Leads) > 0 {
		c.Blocks = append(c.Blocks, chat.Para("These leads waited for a verdict or a first touch and are nobody's now; the first to accept one "+
			"owns it: "+some(h.Leads)+"."),
			chat.ButtonRow(shows("lead.show", h.Leads)...))
	}
	return c
}

const fewShown = 4 // buttons in a row that stay readable everywhere

// some names things, the first twenty of many.
func some(ids []string) string {
	const most = 20
	if len(ids) > most {
		return strings.Join(ids[:most], ", ") + ", and " + chat.Figure(float64(len(ids)-most), "") + " more"
	}
	return strings.Join(ids, ", ")
}

func shows(action string, ids []string) []chat.Button {
	var row []chat.Button
	for _, id := range ids[:min(len(ids), fewShown)] {
		row = append(row, chat.Press("Show "+id, action, id))
	}
	return row
}

// GroupTrouble tells an admin that roles cannot be read from a user group, and what would mend it.
func GroupTrouble(group string, roles []truce.Role, remedy string) chat.Card {
	var names []string
	for _, r := range roles {
		names = append(names, string(r))
	}
	s := "I cannot read the user group " + group + ", which gives the role " + strings.Join(names, " and ") + ". " + remedy
	return chat.Card{Key: "group.trouble", Summary: s, Blocks: []chat.Block{chat.Para(s)}}
}

// Refreshing confirms that people are being read again.
func Refreshing() chat.Card {
	s := "I am reading people, user groups and who has left again. It takes some seconds."
	return chat.Card{Key: "people.refreshing", Summary: s, Blocks: []chat.Block{chat.Para(s)}}
}
