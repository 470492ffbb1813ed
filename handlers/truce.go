package handlers

import (
	"cmp"
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// truce is the command that leads to all others.
func (h *Handlers) truce() Command {
	return h.withProposals(Command{
		Name: "truce",
		Usage: "help | home | status | mine | mydata | proposals | propose [WHAT VALUE] | second look | away DATE to DATE | back | roles | " +
			"role NAME ROLE | deputy NAME | erase LEAD | any other command without its slash",
		Help: "Help, what waits for you, what yours led to, and a way to every other command.",
		Examples: []string{"truce help", "truce home", "truce mine", "truce mydata", "truce proposals",
			"truce propose time to the first touch 16", "truce second look", "truce away 2026-08-03 to 2026-08-14", "truce back", "truce roles",
			"truce role mia marketer"},
		Run: func(c *Call) (chat.Reply, error) {
			switch strings.ToLower(c.Text) {
			case "":
				return h.overview(c)
			case "help":
				return h.help(c)
			case "mine":
				return h.ledTo(c)
			case "mydata", "my data":
				return h.myData(c)
			case "mydata export":
				return h.heldExport(c)
			case "mydata erase":
				return h.eraseForm(c)
			case "roles":
				return h.rolesList(c)
			case "home":
				return h.home(c)
			case "status":
				return h.status(c)
			case "proposals":
				return h.listProposals(c, 0, "")
			case "back":
				return h.back(c)
			case "refresh":
				return h.refresh(c)
			}
			switch first, rest := cut(c.Text); strings.ToLower(first) {
			case "help":
				if cmd, _ := h.find(strings.ToLower(strings.TrimPrefix(truce.Bare(rest), "/")), ""); cmd != nil {
					return open(cards.CommandHelp(info(*cmd))), nil
				}
				return h.help(c)
			case "away":
				return h.away(c, rest)
			case "role":
				return h.roleChange(c, rest)
			case "deputy":
				return h.deputy(c, rest)
			case "propose":
				if about, what := cut(rest); strings.EqualFold(about, "second") {
					_, value := cut(what)
					return h.secondLook(c, cmp.Or(value, "on"))
				}
				return h.proposeSetting(c, rest)
			case "second":
				_, value := cut(rest)
				return h.secondLook(c, value)
			case "erase":
				return h.leadEraseForm(c, rest)
			}
			return h.unknown(c)
		},
		Actions: map[string]Action{
			"command.open":  h.meantCommand,
			"form.continue": h.continueForm,
			"mydata.show":   h.heldShow,
			"mydata.export": h.heldExport,
			"mydata.erase":  h.eraseForm,
			"role.give":     h.roleOf(h.giveRole),
			"role.take":     h.roleOf(h.takeRole),
			"deputy.of":     h.deputyOf,
			"home.steps":    h.hideSteps,
			"home.show":     h.home,
			"ramp.open":     h.openRamp,

			"second.propose": func(c *Call) (chat.Reply, error) { return h.secondLook(c, c.Arg) },
			"second.knew":    h.secondKnew,
		},
		Looks: map[string]Action{"list.more": h.listMore},
		Forms: map[string]Action{"mydata.erase": h.eraseSent, "lead.erase": h.leadEraseSent, "second.propose": h.secondProposed},
	})
}

func (h *Handlers) help(c *Call) (chat.Reply, error) {
	return open(cards.Help(h.Catalog())), nil
}

// overview is the help, below what came of what the person told.
func (h *Handlers) overview(c *Call) (chat.Reply, error) {
	led, err := c.Tx.LedTo(c.By.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	card := cards.Help(h.Catalog())
	card.Blocks = append(cards.Led(cards.LedView(led)), card.Blocks...)
	return show(card), nil
}

// unknown says what was not understood and what is near.
func (h *Handlers) unknown(c *Call) (chat.Reply, error) {
	first, rest := cut(c.Text)
	if c.Name != "truce" {
		first, rest = c.Name, c.Text
	}
	if cmd, rest := h.mistyping("/" + strings.TrimPrefix(first, "/") + " " + rest); cmd != nil {
		return show(cards.Meant(first, cmd.Name, rest)), nil
	}
	return chat.Reply{}, truce.Errorf(truce.NotFound, "I do not know %q. Type /truce help to see what there is.", first)
}

// presence is about the bot being added somewhere, or removed: from a conversation, by a person for themselves, or from a whole
// workspace.
func (h *Handlers) presence(c *Call) (chat.Reply, error) {
	if c.Kind == chat.Joined {
		if err := c.Tx.SetPlace(c.Place.ID, c.Place, true); err != nil {
			return chat.Reply{}, err
		}
		r := show(cards.Welcome(h.Catalog()))
		r.Public = true
		return r, nil
	}
	switch {
	case !c.Place.IsZero():
		if err := c.Tx.SetPlace(c.Place.ID, c.Place, false); err != nil {
			return chat.Reply{}, err
		}
		if c.Place.Kind == chat.DM && c.User.ID != "" {
			return chat.Reply{}, c.Tx.Unreachable(c.User.ID)
		}
	case c.Arg != "":
		if err := c.Tx.ForgetPlaces(c.Arg + ":"); err != nil {
			return chat.Reply{}, err
		}
		if err := c.Tx.UnreachableAll(c.Arg + ":"); err != nil {
			return chat.Reply{}, err
		}
		return chat.Reply{}, c.Tx.Audit("", chat.Network(c.Arg), "app.removed", c.Arg, nil)
	}
	return chat.Reply{}, nil
}
