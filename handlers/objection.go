package handlers

import (
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// objection logs what a buyer said and gives back the best approved answer in the same second.
func (h *Handlers) objection() Command {
	return Command{
		Name:     "objection",
		Usage:    "[what they say] | answer THEME",
		Help:     "Log what a buyer says against buying, and get the best approved answer at once.",
		Examples: []string{"objection they say we are too slow", "objection", "objection answer turnaround time"},
		Run: func(c *Call) (chat.Reply, error) {
			first, rest := cut(c.Text)
			switch {
			case c.Text == "":
				return h.objectionForm(c, truce.Objection{})
			case strings.EqualFold(first, "answer") && rest != "":
				return h.answerForm(c, rest)
			}
			return h.logObjection(c, truce.Objection{Text: c.Text})
		},
		Actions: map[string]Action{
			"objection.edit":  h.editObjection,
			"objection.undo":  h.undoObjection,
			"objection.theme": h.themeObjection,
			"answer.helped":   h.answerHelped,
			"answer.not":      h.answerNot,
		},
		Forms: map[string]Action{
			"objection":      h.objectionSent,
			"answer":         h.answerSent,
			"answer.instead": h.answerInstead,
		},
	}
}

func (h *Handlers) logObjection(c *Call, o truce.Objection) (chat.Reply, error) {
	text, err := truce.CheckText(o.Text, "objection")
	if err != nil {
		return chat.Reply{}, err
	}
	o.Text, o.AuthorID, o.LoggedBy = text, c.By.ID, c.By.ID
	if o, err = c.Tx.AddObjection(o); err != nil {
		return chat.Reply{}, err
	}
	if err := c.Tx.Audit(c.By.ID, chat.Network(c.User.ID), "objection.log", o.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return h.showObjection(c, o)
}

// showObjection is the card of an objection, with the best answer there is.
func (h *Handlers) showObjection(c *Call, o truce.Objection) (chat.Reply, error) {
	v := cards.ObjectionView{Objection: o}
	var err error
	if v.Themes, err = c.Tx.Themes(); err != nil {
		return chat.Reply{}, err
	}
	if o.ThemeID != "" {
		if v.Theme, err = c.Tx.Theme(o.ThemeID); err != nil {
			return chat.Reply{}, err
		}
		month := h.startOfMonth(c.Tx.Now)
		if v.ThisMonth, err = heardOf(c.Tx, o.ThemeID, month, c.Tx.Now.Add(time.Millisecond)); err != nil {
			return chat.Reply{}, err
		}
		if v.LastMonth, err = heardOf(c.Tx, o.ThemeID, month.AddDate(0, -1, 0), month); err != nil {
			return chat.Reply{}, err
		}
		if v.Answers, err = h.bestAnswers(c.Tx, o.ThemeID); err != nil {
			return chat.Reply{}, err
		}
		if len(v.Answers) > 0 {
			if err := c.Tx.Shown(v.Answers[0].ID, o.ID, c.By.ID); err != nil {
				return chat.Reply{}, err
			}
		}
	}
	return show(cards.Objection(v, h.opt.Location)), nil
}

// bestAnswers are the answers a rep may be shown to a theme, the best first.
func (h *Handlers) bestAnswers(tx *storage.Tx, theme string) ([]truce.Answer, error) {
	list, err := tx.Answers(theme, truce.AnswerApproved)
	if err != nil {
		return nil, err
	}
	return truce.BestAnswers(list, tx.Now), nil
}

func (h *Handlers) startOfMonth(t time.Time) time.Time {
	t = t.In(h.opt.Location)
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, h.opt.Location)
}

func (h *Handlers) objectionForm(c *Call, o truce.Objection) (chat.Reply, error) {
	themes, err := c.Tx.Themes()
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.ObjectionForm(o, themes)), nil
}

// objectionSent takes the form, of a new objection or (with its id in Arg) of an edited one.
func (h *Handlers) objectionSent(c *Call) (chat.Reply, error) {
	o := truce.Objection{}
	if c.Arg != "" {
		var err error
		if o, err = h.mine(c, c.Arg); err != nil {
			return chat.Reply{}, err
		}
	}
	text, err := truce.CheckText(c.Values["text"], "objection")
	if err != nil {
		return fault("text", truce.Sentence(err)), nil
	}
	o.Text, o.Stage, o.Competitor, o.Account = text, strings.TrimSpace(c.Values["stage"]), strings.TrimSpace(c.Values["competitor"]), strings.TrimSpace(c.Values["account"])
	if t := c.Values["theme"]; t != "" {
		theme, err := c.Tx.Theme(t)
		if err != nil {
			return fault("theme", truce.Sentence(err)), nil
		}
		o.ThemeID, o.Confidence = theme.ID, 1
	}
	if o.ID == "" {
		return h.logObjection(c, o)
	}
	return h.changeObjection(c, o, "objection.edit")
}

func (h *Handlers) changeObjection(c *Call, o truce.Objection, action string) (chat.Reply, error) {
	o.EditedAt = c.Tx.Now
	if err := c.Tx.SaveObjection(o); err != nil {
		return chat.Reply{}, err
	}
	if err := c.Tx.Audit(c.By.ID, chat.Network(c.User.ID), action, o.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	r, err := h.showObjection(c, o)
	r.Replace = true
	return r, err
}

// mine finds an objection that the person may change: their own, or one they logged for a colleague.
func (h *Handlers) mine(c *Call, id string) (truce.Objection, error) {
	o, err := c.Tx.Objection(id)
	if err != nil {
		return o, err
	}
	if o.AuthorID != c.By.ID && o.LoggedBy != c.By.ID {
		return o, truce.Errorf(truce.Forbidden, "Only the rep who logged %s can change it.", id)
	}
	return o, nil
}

func (h *Handlers) editObjection(c *Call) (chat.Reply, error) {
	o, err := h.mine(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.objectionForm(c, o)
}

// undoObjection takes an objection back; pressed again on the undone card, it restores it.
func (h *Handlers) undoObjection(c *Call) (chat.Reply, error) {
	o, err := h.mine(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if !o.UndoneAt.IsZero() {
		o.UndoneAt = time.Time{}
		return h.changeObjection(c, o, "objection.restore")
	}
	o.UndoneAt = c.Tx.Now
	if err := c.Tx.SaveObjection(o); err != nil {
		return chat.Reply{}, err
	}
	if err := c.Tx.Audit(c.By.ID, chat.Network(c.User.ID), "objection.undo", o.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return replace(cards.ObjectionUndone(o)), nil
}

func (h *Handlers) themeObjection(c *Call) (chat.Reply, error) {
	o, err := h.mine(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	theme, err := c.Tx.Theme(c.Values["value"])
	if err != nil {
		return chat.Reply{}, err
	}
	o.ThemeID, o.Confidence = theme.ID, 1
	return h.changeObjection(c, o, "objection.theme")
}

func heardOf(tx *storage.Tx, theme string, from, to time.Time) (cards.Count, error) {
	n, err := tx.HeardOf(theme, from, to)
	return cards.Count(n), err
}
