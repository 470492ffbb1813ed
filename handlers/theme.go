package handlers

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage/textindex"
)

// This file is how objections are gathered: themes are proposed from what fits none, renamed and merged by Marketing.

// A proposal of a theme needs so many objections without one; so many of the newest are looked at.
const (
	leastForTheme = 3
	proposeFrom   = 300
	mostProposals = 3
)

// themeList shows the themes, and what could be tidied.
func (h *Handlers) themeList(c *Call, _ string) (chat.Reply, error) {
	v := cards.ThemesView{Marketer: c.By.SpeaksForMarketing()}
	themes, err := c.Tx.Themes()
	if err != nil {
		return chat.Reply{}, err
	}
	times, err := c.Tx.TimesHeard()
	if err != nil {
		return chat.Reply{}, err
	}
	for _, t := range themes {
		v.Rows = append(v.Rows, cards.ThemeRow{Theme: t, Times: times[t.ID]})
	}
	slices.SortStableFunc(v.Rows, func(a, b cards.ThemeRow) int { return b.Times - a.Times })
	if f := h.finder.Load(); f != nil {
		if v.Proposals, err = h.proposals(c, f); err != nil {
			return chat.Reply{}, err
		}
		for _, p := range f.themes.Merges(textindex.MergeLeast) {
			a, err := c.Tx.Theme(p.A)
			if err != nil {
				return chat.Reply{}, err
			}
			b, err := c.Tx.Theme(p.B)
			if err != nil {
				return chat.Reply{}, err
			}
			v.Merges = append(v.Merges, [2]truce.Theme{a, b})
		}
	}
	return show(cards.Themes(v)), nil
}

// proposals gathers objections without a theme that share their words.
func (h *Handlers) proposals(c *Call, f *finder) ([]cards.ThemeProposal, error) {
	list, err := c.Tx.Unthemed(proposeFrom)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	docs := make([]textindex.Doc, len(list))
	for i, o := range list {
		texts[o.ID] = o.Text
		docs[i] = textindex.Doc{ID: o.ID, Text: o.Text}
	}
	var out []cards.ThemeProposal
	for _, p := range f.themes.Propose(docs, leastForTheme) {
		if len(out) == mostProposals {
			break
		}
		row := cards.ThemeProposal{Name: p.Name, Times: len(p.IDs), Arg: strings.Join(p.IDs[:min(len(p.IDs), 100)], " ")}
		for _, id := range p.IDs[:min(len(p.IDs), 3)] {
			row.Texts = append(row.Texts, texts[id])
		}
		out = append(out, row)
	}
	return out, nil
}

// themeNew asks for the name of a proposed theme; Arg are its objections.
func (h *Handlers) themeNew(c *Call) (chat.Reply, error) {
	if err := onlyMarketing(c); err != nil {
		return chat.Reply{}, err
	}
	list, err := h.unthemed(c)
	if err != nil {
		return chat.Reply{}, err
	}
	name := ""
	if f := h.finder.Load(); f != nil {
		docs := make([]textindex.Doc, len(list))
		for i, o := range list {
			docs[i] = textindex.Doc{ID: o.ID, Text: o.Text}
		}
		if p := f.themes.Propose(docs, min(leastForTheme, len(list))); len(p) > 0 {
			name = p[0].Name
		}
	}
	return ask(cards.NewThemeForm(name, c.Arg, len(list))), nil
}

// unthemed are the objections named in Arg that still have no theme.
func (h *Handlers) unthemed(c *Call) ([]truce.Objection, error) {
	var list []truce.Objection
	for _, id := range strings.Fields(c.Arg) {
		o, err := c.Tx.Objection(id)
		if err != nil {
			return nil, err
		}
		if o.ThemeID == "" && o.UndoneAt.IsZero() {
			list = append(list, o)
		}
	}
	if len(list) == 0 {
		return nil, truce.Errorf(truce.Conflict, "All of them have a theme by now. Nothing changed.")
	}
	return list, nil
}

func (h *Handlers) themeNewSent(c *Call) (chat.Reply, error) {
	if err := onlyMarketing(c); err != nil {
		return chat.Reply{}, err
	}
	list, err := h.unthemed(c)
	if err != nil {
		return chat.Reply{}, err
	}
	name, said, err := h.freeName(c, "")
	if err != nil || said != "" {
		return fault("name", said), err
	}
	t := truce.Theme{ID: slug(name), Name: name, State: "active"}
	if old, err := c.Tx.Theme(t.ID); err == nil {
		return fault("name", fmt.Sprintf("There was a theme of that name, now part of %s. Choose another name.", old.Name)), nil
	}
	if err := c.Tx.AddTheme(t); err != nil {
		return chat.Reply{}, err
	}
	for _, o := range list {
		o.ThemeID, o.Confidence = t.ID, 1
		if err := h.saveObjection(c, o, "objection.theme"); err != nil {
			return chat.Reply{}, err
		}
	}
	if err := c.log("theme.new", t.ID, len(list)); err != nil {
		return chat.Reply{}, err
	}
	h.redefine(c, t)
	return show(cards.ThemeDone(fmt.Sprintf("%s is a theme now, with %s.", name, cards.Objections(len(list))))), nil
}

// freeName is the name in the form, or what is wrong with it.
func (h *Handlers) freeName(c *Call, but string) (name, said string, err error) {
	name = strings.Join(strings.Fields(c.Values["name"]), " ")
	if name == "" || slug(name) == "" {
		return "", "Give it a name people will know, such as Turnaround time.", nil
	}
	if len([]rune(name)) > 60 {
		return "", "At most 60 characters.", nil
	}
	themes, err := c.Tx.Themes()
	for _, t := range themes {
		if strings.EqualFold(t.Name, name) && t.ID != but {
			return "", "There is a theme of that name already. Choose another name, or merge the two.", nil
		}
	}
	return name, "", err
}

// slug is a name as an id: lower case, words joined by hyphens.
func slug(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }),
		"-")
}

// redefine teaches the classifier a theme as it is now.
func (h *Handlers) redefine(c *Call, t truce.Theme) {
	if f := h.finder.Load(); f != nil {
		c.Tx.AfterCommit(func() { f.define(t) })
	}
}

// themeEdit opens the form of a theme.
func (h *Handlers) themeEdit(c *Call) (chat.Reply, error) {
	if err := onlyMarketing(c); err != nil {
		return chat.Reply{}, err
	}
	t, err := c.Tx.Theme(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	themes, err := c.Tx.Themes()
	return ask(cards.ThemeForm(t, themes)), err
}

func (h *Handlers) themeSent(c *Call) (chat.Reply, error) {
	if into := c.value("into"); into != "" {
		return h.mergeThemes(c, c.Arg, into)
	}
	if err := onlyMarketing(c); err != nil {
		return chat.Reply{}, err
	}
	t, err := c.Tx.Theme(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	name, said, err := h.freeName(c, t.ID)
	if err != nil || said != "" {
		return fault("name", said), err
	}
	was := t.Name
	if t.Name = name; was == name {
		return show(cards.ThemeDone(name + " stays as it is.")), nil
	}
	if err := c.Tx.RenameTheme(t.ID, name); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("theme.rename", t.ID, was); err != nil {
		return chat.Reply{}, err
	}
	h.redefine(c, t)
	return show(cards.ThemeDone(was + " is called " + name + " now.")), nil
}

// themeMerge is the button on a suggested merge; Arg is "from into".
func (h *Handlers) themeMerge(c *Call) (chat.Reply, error) {
	from, into := cut(c.Arg)
	return replaced(h.mergeThemes(c, from, into))
}

func (h *Handlers) mergeThemes(c *Call, from, into string) (chat.Reply, error) {
	if err := onlyMarketing(c); err != nil {
		return chat.Reply{}, err
	}
	a, err := c.Tx.Theme(from)
	if err != nil {
		return chat.Reply{}, err
	}
	b, err := c.Tx.Theme(into)
	if err != nil {
		return chat.Reply{}, err
	}
	if a.ID == b.ID || a.ID != from {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "They are one theme already: %s. Nothing changed.", b.Name)
	}
	n, err := c.Tx.MergeThemes(a.ID, b.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	if r, err := c.Tx.RequestOf(a.ID); err == nil {
		r.State, r.ClosedAt = truce.RequestDropped, c.Tx.Now
		if err := h.closeRequest(c, r); err != nil {
			return chat.Reply{}, err
		}
	} else if truce.KindOf(err) != truce.NotFound {
		return chat.Reply{}, err
	}
	if err := c.log("theme.merge", a.ID, b.ID); err != nil {
		return chat.Reply{}, err
	}
	moved, err := c.Tx.ObjectionsOf(b.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	if f := h.finder.Load(); f != nil {
		c.Tx.AfterCommit(func() {
			a.State = "merged"
			f.define(a)
			for _, o := range moved {
				f.learn(o)
			}
		})
	}
	return show(cards.ThemeDone(fmt.Sprintf("%s is part of %s now: %s moved.", a.Name, b.Name, cards.Objections(int(n))))), nil
}
