package handlers

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
	"truce/storage/textindex"
)

// This file finds things while they are being typed: in fields that suggest, and in the searches of a message extension.

const suggested = 10

// suggestions only read. Guests and strangers are suggested nothing: what is known here is internal.
func (h *Handlers) suggestions(ctx context.Context, ev chat.Event) (reply chat.Reply, err error) {
	s := h.suggest[ev.Name]
	if s == nil {
		return chat.Reply{}, nil
	}
	err = h.store.View(ctx, func(tx *storage.Tx) error {
		by, ok, err := reader(tx, ev.User)
		switch {
		case err != nil:
		case !ok: // why there is nothing
			reply = fault("", cards.MembersAlone)
		default:
			c := &Call{Event: ev, Tx: tx, By: by, h: h}
			if c.terms, err = tx.Terms(h.terms); err == nil {
				reply.Options, err = s(c)
			}
		}
		return err
	})
	return reply, err
}

// reader is the person behind a platform's user who only reads: nobody becomes known by it. A member whom we have not seen is the
// zero Person; ok is false for guests and strangers.
func reader(tx *storage.Tx, u chat.User) (by truce.Person, ok bool, err error) {
	if u.Standing != chat.Member {
		return by, false, nil
	}
	by, err = tx.PersonByUser(u.ID)
	if truce.KindOf(err) == truce.NotFound {
		return truce.Person{}, true, nil
	}
	return by, err == nil, err
}

// suggestObjections finds what was logged like a text; with no text the newest. Who logged it is not shown.
func (h *Handlers) suggestObjections(c *Call) ([]chat.Option, error) {
	var list []truce.Objection
	var err error
	if strings.TrimSpace(c.Text) == "" {
		if list, err = c.Tx.Objections(c.Tx.Now.AddDate(0, 0, -topDays), c.Tx.Now.Add(time.Millisecond)); err != nil {
			return nil, err
		}
		slices.Reverse(list)
		list = list[:min(len(list), suggested)]
	} else if h.finder.Load() != nil { // else it is still being filled
		if list, err = h.alike(c, c.Text, ""); err != nil {
			return nil, err
		}
	}
	names, err := h.themeNames(c.Tx)
	var o []chat.Option
	for _, x := range list {
		hint := x.CreatedAt.In(h.opt.Location).Format("2 Jan 2006")
		if n := names[x.ThemeID]; n != "" {
			hint = n + " · " + hint
		}
		o = append(o, chat.Option{Value: x.ID, Label: cut75(x.Text), Hint: hint})
	}
	return o, err
}

// suggestAnswers finds approved answers: those to what the text sounds like, and those that hold its words. With no text, all.
func (h *Handlers) suggestAnswers(c *Call) ([]chat.Option, error) {
	all, err := c.Tx.AnswersIn(truce.AnswerApproved)
	if err != nil {
		return nil, err
	}
	names, err := h.themeNames(c.Tx)
	if err != nil {
		return nil, err
	}
	theme := ""
	if f := h.finder.Load(); f != nil && strings.TrimSpace(c.Text) != "" {
		if g, sure := f.read(c.Text, false).themes.Confident(textindex.Threshold); sure {
			theme = g.Label
		}
	}
	asked := words(c.Text)
	fits := func(a truce.Answer) int {
		n, held := 0, words(names[a.ThemeID]+" "+a.Body)
		for _, w := range asked {
			if slices.ContainsFunc(held, func(x string) bool { return strings.HasPrefix(x, w) }) {
				n++
			}
		}
		if theme != "" && a.ThemeID == theme {
			n += 2
		}
		return n
	}
	best := truce.BestAnswers(all, c.Tx.Now)
	if len(asked) > 0 {
		best = slices.DeleteFunc(best, func(a truce.Answer) bool { return fits(a) == 0 })
		slices.SortStableFunc(best, func(a, b truce.Answer) int { return cmp.Compare(fits(b), fits(a)) })
	}
	var o []chat.Option
	for _, a := range best[:min(len(best), suggested)] {
		o = append(o, chat.Option{Value: a.ID, Label: cut75(names[a.ThemeID]), Hint: a.Body})
	}
	return o, nil
}

// pickAnswer gives an answer to put into a message, and counts it as shown: who used it hears when it is recalled. One that is not
// approved any more is not given.
func (h *Handlers) pickAnswer(c *Call) (chat.Reply, error) {
	a, err := c.Tx.Answer(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if a.State != truce.AnswerApproved {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "This answer is not approved any more. Search again for the one that is.")
	}
	theme, err := c.Tx.Theme(a.ThemeID)
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.AnswerToSend(a, theme)), c.Tx.Shown(a.ID, "", c.By.ID)
}

// suggestThemes finds themes by the beginnings of their words.
func (h *Handlers) suggestThemes(c *Call) ([]chat.Option, error) {
	themes, err := c.Tx.Themes()
	if err != nil {
		return nil, err
	}
	asked := words(c.Text)
	var o []chat.Option
	for _, t := range themes {
		held := words(t.Name)
		missing := func(w string) bool {
			return !slices.ContainsFunc(held, func(x string) bool { return strings.HasPrefix(x, w) })
		}
		if !slices.ContainsFunc(asked, missing) {
			o = append(o, chat.Option{Value: t.ID, Label: cut75(t.Name)})
		}
	}
	return o[:min(len(o), 100)], nil
}

func (h *Handlers) themeNames(tx *storage.Tx) (map[string]string, error) {
	themes, err := tx.AllThemes()
	names := map[string]string{}
	for _, t := range themes {
		names[t.ID] = t.Name
	}
	return names, err
}

// words are the words of a text, in lower case.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}
