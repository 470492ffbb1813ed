package handlers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// objection logs what a buyer said and gives back the best approved answer in the same second.
func (h *Handlers) objection() Command {
	return Command{
		Name:  "objection",
		Usage: "[what they say] | top | new | search TEXT | answer THEME | answers | themes | recall ANSWER WHY",
		Help:  "Log what a buyer says against buying, and get the best approved answer at once.",
		Examples: []string{"objection they say we are too slow", "objection", "objection for @ben they want net 60", "objection top",
			"objection new since 2026-01-15", "objection search validation", "objection answer turnaround time"},
		Guesses: true,
		Keeps: func(c *Call) bool {
			sub, _ := h.subcommand(c)
			return c.Text != "" && sub == nil && !strings.EqualFold(c.Text, "help")
		},
		KeepsForms: []string{"objection"},
		Reads:      h.objectionReads,
		Run: func(c *Call) (chat.Reply, error) {
			if c.Text == "" {
				return h.objectionForm(c, truce.Objection{})
			}
			if sub, rest := h.subcommand(c); sub != nil {
				return h.orLog(c, sub, rest)
			}
			if wordless(spoken(c.Text)) && !strings.ContainsFunc(c.Text, otherScript) {
				return chat.Reply{}, truce.Errorf(truce.Invalid, "I can read nothing in %q. Write what they said, as in /objection they say we are "+
					"too slow. Nothing was logged.", c.Text)
			}
			o, who, err := h.onBehalf(c, truce.Objection{Text: c.Text})
			if err != nil {
				return chat.Reply{}, err
			}
			reply, err := h.logObjection(c, o)
			if err == nil && len(who) > 1 {
				reply.Card, err = h.askWhose(c, *reply.Card, who)
			}
			return reply, err
		},
		Actions: map[string]Action{
			"objection.edit":    h.editObjection,
			"objection.undo":    h.undoObjection,
			"objection.theme":   h.themeObjection,
			"objection.of":      h.objectionOf,
			"objection.instead": func(c *Call) (chat.Reply, error) { return replaced(h.logObjection(c, truce.Objection{Text: c.Arg})) },
			"objection.top": func(c *Call) (chat.Reply, error) {
				return replaced(h.topObjections(c, 0, cmp.Or(c.Values["value"], c.Arg)))
			},
			"objection.heard": func(c *Call) (chat.Reply, error) { return h.heardOf(c, 0, c.Arg) },
			"objection.odds": func(c *Call) (chat.Reply, error) {
				if h.opt.Reports == nil {
					return chat.Reply{}, staleButton(nil)
				}
				card, err := h.opt.Reports.Odds(c.Tx, c.Tx.Now)
				return show(card), err
			},
			"objection.like": func(c *Call) (chat.Reply, error) { return h.likeObjections(c, 0, c.Arg) },
			"answer.helped":  h.answerHelped,
			"answer.not":     h.answerNot,
			"answer.more":    h.answerMore,
			"answer.write":   h.answerWrite,
			"answer.edit":    h.answerEdit,
			"answer.approve": h.answerApprove,
			"answer.drop":    h.answerDrop,
			"answer.recall":  h.recallForm,
			"request.drop":   h.requestDrop,
			"theme.new":      h.themeNew,
			"theme.edit":     h.themeEdit,
			"theme.merge":    h.themeMerge,
		},
		Forms: map[string]Action{
			"objection":      h.objectionSent,
			"answer":         h.answerSent,
			"answer.instead": h.answerInstead,
			"answer.recall":  h.recallSent,
			"theme":          h.themeSent,
			"theme.new":      h.themeNewSent,
		},
		Suggest: map[string]Suggestion{"objections": h.suggestObjections, "answers": h.suggestAnswers, "themes": h.suggestThemes},
		Picks:   map[string]Action{"answers": h.pickAnswer},
		Shortcuts: []Shortcut{
			{Name: "objection.log", Title: "Log as objection", Help: "Log this message as what a buyer says against buying.", Keeps: true,
				Run: h.quotedObjection},
			{Name: "objection.new", Title: "Log an objection", Help: "Log what a buyer says against buying.", Global: true,
				Run: func(c *Call) (chat.Reply, error) { return h.objectionForm(c, truce.Objection{}) }},
		},
	}
}

// quotedObjection logs a message somebody wrote, as the experience of its author where that is a colleague.
func (h *Handlers) quotedObjection(c *Call) (chat.Reply, error) {
	if c.Quoted == nil {
		return h.objectionForm(c, truce.Objection{})
	}
	o := truce.Objection{Text: c.Quoted.Text}
	author, err := c.Tx.PersonByUser(c.Quoted.Author.ID)
	switch {
	case err == nil:
		o.AuthorID = author.ID
	case truce.KindOf(err) != truce.NotFound:
		return chat.Reply{}, err
	}
	if why := unreadable(c.Quoted.Text, "an objection"); why != "" {
		return h.longQuoted(c, o, author, why)
	}
	return h.logObjection(c, o)
}

// longQuoted opens the form with what can be taken of a quoted message that cannot be logged as it is.
func (h *Handlers) longQuoted(c *Call, o truce.Objection, author truce.Person, why string) (chat.Reply, error) {
	if o.AuthorID == c.By.ID {
		o.AuthorID = ""
	}
	o.Text = beginning(o.Text)
	reply, err := h.objectionForm(c, o)
	if err != nil {
		return reply, err
	}
	reply.Form.Intro = append(chat.T(why+"\n"), reply.Form.Intro...)
	for i, f := range reply.Form.Fields {
		if f.Name == "for" && o.AuthorID != "" {
			reply.Form.Fields[i].Value = author.Name
		}
	}
	return reply, nil
}

// unreadable says why a quoted message cannot be kept as it stands; "" where it can.
func unreadable(text, what string) string {
	switch n := utf8.RuneCountInString(strings.TrimSpace(text)); {
	case n == 0:
		return "I can read no text in that message: it holds a file or a picture. Write what was said."
	case n > truce.MaxText:
		return fmt.Sprintf("That message has %d characters, and %s holds %d. Its beginning stands below: keep what matters. The message itself "+
			"stays where it is.", n, what, truce.MaxText)
	}
	return ""
}

// beginning is as much of a text as a field takes.
func beginning(text string) string {
	r := []rune(strings.TrimSpace(text))
	return strings.TrimSpace(string(r[:min(len(r), truce.MaxText)]))
}

// onBehalf takes "for @ben" off the beginning of a text. A name that nobody has stays in the text; of one that several have,
// whose it is remains to be asked.
func (h *Handlers) onBehalf(c *Call, o truce.Objection) (_ truce.Objection, who []truce.Person, err error) {
	rest, ok := strings.CutPrefix(o.Text, "for @")
	if !ok {
		return o, nil, nil
	}
	words := strings.Fields(rest)
	for n := min(3, len(words)-1); n >= 1; n-- { // "@Ben Ortiz" before "@Ben"
		name := strings.TrimRight(strings.Join(words[:n], " "), ":,")
		found, err := h.colleagues(c, name)
		if truce.KindOf(err) == truce.NotFound {
			continue
		}
		if err != nil {
			return o, nil, err
		}
		if o.Text = strings.Join(words[n:], " "); len(found) == 1 {
			o.AuthorID = found[0].ID
		}
		return o, found, nil
	}
	return o, nil, nil
}

// askWhose asks above the card of an objection that was just logged which of several people of one name it is of. It is stored
// already, as the experience of whoever typed it.
func (h *Handlers) askWhose(c *Call, card chat.Card, who []truce.Person) (*chat.Card, error) {
	o, err := c.Tx.LastObjection(c.By.ID)
	if err != nil {
		return nil, err
	}
	card = cards.WhoseObjection(card, o, who)
	return &card, nil
}

// objectionOf says whose experience an objection is; Arg is "O-12 P-3".
func (h *Handlers) objectionOf(c *Call) (chat.Reply, error) {
	id, person := cut(c.Arg)
	o, err := h.mine(c, id)
	if err != nil {
		return chat.Reply{}, err
	}
	p, err := c.Tx.Person(person)
	if err != nil {
		return chat.Reply{}, err
	}
	o.AuthorID = p.ID
	return h.changeObjection(c, o, "objection.edit")
}

// logObjection stores an objection with what can be told from its words: a theme where that is sure, names that are known.
func (h *Handlers) logObjection(c *Call, o truce.Objection) (chat.Reply, error) {
	text, err := truce.CheckText(o.Text, "objection")
	if err != nil {
		return chat.Reply{}, err
	}
	o.Text, o.LoggedBy = text, c.By.ID
	o.AuthorID = cmp.Or(o.AuthorID, c.By.ID)
	if o.ThemeID == "" {
		c.guessTheme(&o)
	}
	if err := c.guessNames(&o); err != nil {
		return chat.Reply{}, err
	}
	if o, err = c.Tx.AddObjection(o); err != nil {
		return chat.Reply{}, err
	}
	c.learn(o)
	if err := c.log("objection.log", o.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return h.showObjection(c, o)
}

// showObjection is the card of an objection, with the best answer there is.
func (h *Handlers) showObjection(c *Call, o truce.Objection) (chat.Reply, error) {
	v := cards.ObjectionView{Objection: o, Reader: c.By.ID}
	var err error
	if v.Themes, err = c.Tx.Themes(); err != nil {
		return chat.Reply{}, err
	}
	if err := h.namesOf(c, &v); err != nil {
		return chat.Reply{}, err
	}
	if o.ThemeID == "" {
		guess := o
		for _, id := range c.guessTheme(&guess) {
			if i := slices.IndexFunc(v.Themes, func(t truce.Theme) bool { return t.ID == id }); i >= 0 {
				v.Likely = append(v.Likely, v.Themes[i])
			} else if t, err := c.Tx.Theme(id); err == nil { // merged meanwhile
				v.Likely = append(v.Likely, t)
			}
		}
		return show(cards.Objection(v, h.opt.Location)), nil
	}
	if i := slices.IndexFunc(v.Themes, func(t truce.Theme) bool { return t.ID == o.ThemeID }); i >= 0 {
		v.Theme = v.Themes[i]
	} else if v.Theme, err = c.Tx.Theme(o.ThemeID); err != nil { // merged or set aside meanwhile
		return chat.Reply{}, err
	}
	month := h.startOfMonth(c.Tx.Now)
	if v.ThisMonth, err = countOf(c.Tx, o.ThemeID, month, c.Tx.Now.Add(time.Millisecond)); err != nil {
		return chat.Reply{}, err
	}
	if v.LastMonth, err = countOf(c.Tx, o.ThemeID, month.AddDate(0, -1, 0), month); err != nil {
		return chat.Reply{}, err
	}
	if v.Answers, err = h.bestAnswers(c.Tx, o.ThemeID); err != nil {
		return chat.Reply{}, err
	}
	v.Now = c.Tx.Now
	if v.Asked, err = c.Tx.RequestOf(o.ThemeID); err != nil && truce.KindOf(err) != truce.NotFound {
		return chat.Reply{}, err
	}
	if len(v.Answers) > 0 {
		if err := c.Tx.Shown(v.Answers[0].ID, o.ID, c.By.ID); err != nil {
			return chat.Reply{}, err
		}
	}
	return show(cards.Objection(v, h.opt.Location)), nil
}

// namesOf fills in whose experience an objection is, who typed it and which lead it belongs to.
func (h *Handlers) namesOf(c *Call, v *cards.ObjectionView) error {
	if v.Objection.AuthorID != v.Objection.LoggedBy {
		author, err := c.Tx.Person(v.Objection.AuthorID)
		if err != nil {
			return err
		}
		typist, err := c.Tx.Person(v.Objection.LoggedBy)
		if err != nil {
			return err
		}
		v.Author, v.Typist = author.Name, typist.Name
	}
	if v.Objection.LeadID != "" {
		l, err := c.Tx.Lead(v.Objection.LeadID)
		if err != nil && truce.KindOf(err) != truce.NotFound {
			return err
		}
		v.Lead = l.Ref
	}
	return nil
}

func (h *Handlers) startOfMonth(t time.Time) time.Time {
	t = t.In(h.opt.Location)
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, h.opt.Location)
}

// objectionForm opens the form: of a new objection with the account and stage of the person's last one, or of a stored one.
func (h *Handlers) objectionForm(c *Call, o truce.Objection) (chat.Reply, error) {
	themes, err := c.Tx.Themes()
	if err != nil {
		return chat.Reply{}, err
	}
	f := cards.ObjectionFields{Objection: o, Themes: themes}
	if o.ID == "" {
		last, err := c.Tx.LastObjection(c.By.ID)
		if err != nil && truce.KindOf(err) != truce.NotFound {
			return chat.Reply{}, err
		}
		if c.Tx.Now.Sub(last.CreatedAt) < lastCarriesOver {
			f.Objection.Account, f.Objection.Stage = cmp.Or(o.Account, last.Account), cmp.Or(o.Stage, last.Stage)
		}
	}
	if o.LeadID != "" {
		l, err := c.Tx.Lead(o.LeadID)
		if err != nil && truce.KindOf(err) != truce.NotFound {
			return chat.Reply{}, err
		}
		f.Lead = l.Ref
	}
	if o.AuthorID != "" && o.AuthorID != o.LoggedBy {
		p, err := c.Tx.Person(o.AuthorID)
		if err != nil {
			return chat.Reply{}, err
		}
		if f.For, err = h.callName(c, p); err != nil {
			return chat.Reply{}, err
		}
	}
	return ask(cards.ObjectionForm(f)), nil
}

// lastCarriesOver is how long account and stage of the last objection are offered for the next: one visit, not last month's.
const lastCarriesOver = 7 * 24 * time.Hour

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
	o.Text, o.Stage, o.Competitor, o.Account = text, c.value("stage"), c.value("competitor"), c.value("account")
	for field, set := range map[string]func(string) error{
		"theme": func(id string) error {
			theme, err := c.Tx.Theme(id)
			if err == nil && theme.ID != o.ThemeID {
				o.ThemeID, o.Confidence = theme.ID, 1
			}
			return err
		},
		"lead": func(query string) error {
			l, err := h.oneLead(c, query)
			o.LeadID, o.Account = l.ID, cmp.Or(o.Account, l.Company)
			return err
		},
		"for": func(name string) error {
			found, err := h.colleagues(c, name)
			if err == nil && len(found) > 1 {
				err = truce.WhichPerson(name, found)
			}
			if err == nil {
				o.AuthorID = found[0].ID
			}
			return err
		},
	} {
		if v := c.value(field); v != "" {
			if err := set(v); truce.KindOf(err) == truce.Internal {
				return chat.Reply{}, err
			} else if err != nil {
				return fault(field, truce.Sentence(err)), nil
			}
		}
	}
	if o.ID == "" {
		return h.logObjection(c, o)
	}
	if c.value("theme") == "" {
		o.ThemeID, o.Confidence = "", 0
		c.guessTheme(&o)
	}
	if c.value("lead") == "" {
		o.LeadID = ""
	}
	if c.value("for") == "" {
		o.AuthorID = o.LoggedBy
	}
	return h.changeObjection(c, o, "objection.edit")
}

// value is a form's answer without the blanks around it.
func (c *Call) value(field string) string { return strings.TrimSpace(c.Values[field]) }

// oneLead finds the lead that a person means; several or none is theirs to mend.
func (h *Handlers) oneLead(c *Call, query string) (truce.Lead, error) {
	found, err := c.Tx.FindLeads(query)
	switch {
	case err != nil:
		return truce.Lead{}, err
	case len(found) == 0:
		return truce.Lead{}, truce.Errorf(truce.NotFound, "There is no lead %q. Try its id in the CRM, its e-mail address, or our reference, "+
			"such as L-12.", query)
	case len(found) > 1:
		var refs []string
		for _, l := range found[:min(len(found), 5)] {
			refs = append(refs, l.Ref)
		}
		return truce.Lead{}, truce.Errorf(truce.Invalid, "%q is %d leads. Which one: %s?", query, len(found), strings.Join(refs, ", "))
	}
	return found[0], nil
}

// colleagues are those whom a name, first name, e-mail address or @mention means: one at least. Whom the platform said a mention
// to be needs no name.
func (h *Handlers) colleagues(c *Call, name string) ([]truce.Person, error) {
	name = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), "@"))
	for _, m := range c.Mentions {
		if !strings.EqualFold(m.Name, name) || slices.ContainsFunc(c.Mentions,
			func(o chat.User) bool { return o.ID != m.ID && strings.EqualFold(o.Name, name) }) {
			continue
		}
		p, err := c.Tx.PersonByUser(m.ID)
		if err == nil && p.Active {
			return []truce.Person{p}, nil
		}
		if err != nil && truce.KindOf(err) != truce.NotFound {
			return nil, err
		}
	}
	people, err := c.Tx.People()
	if err != nil {
		return nil, err
	}
	found := truce.PeopleCalled(people, name)
	if len(found) == 0 {
		found = truce.PeopleCalled(people, truce.Bare(name))
	}
	if len(found) == 0 {
		return nil, truce.Errorf(truce.NotFound, "I know no colleague %q. Write the name as it is shown in the chat, or the e-mail address.",
			name)
	}
	return found, nil
}

// callName is how a person is written so that only they are meant.
func (h *Handlers) callName(c *Call, p truce.Person) (string, error) {
	people, err := c.Tx.People()
	if err != nil {
		return "", err
	}
	if len(truce.PeopleCalled(people, p.Name)) == 1 {
		return p.Name, nil
	}
	return p.Address(), nil
}

func (h *Handlers) changeObjection(c *Call, o truce.Objection, action string) (chat.Reply, error) {
	o.EditedAt = c.Tx.Now
	if err := h.saveObjection(c, o, action); err != nil {
		return chat.Reply{}, err
	}
	r, err := h.showObjection(c, o)
	r.Replace = true
	return r, err
}

func (h *Handlers) saveObjection(c *Call, o truce.Objection, action string) error {
	if err := c.Tx.SaveObjection(o); err != nil {
		return err
	}
	c.learn(o)
	return c.log(action, o.ID, nil)
}

// counted finds an objection of which anybody may read: one that was taken back is there for those alone who logged it.
func (c *Call) counted(id string) (truce.Objection, error) {
	o, err := c.Tx.Objection(id)
	if err == nil && !o.UndoneAt.IsZero() && o.AuthorID != c.By.ID && o.LoggedBy != c.By.ID {
		return truce.Objection{}, truce.Errorf(truce.NotFound, "There is no objection %s any more: it was taken back.", id)
	}
	return o, err
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
	if err := h.saveObjection(c, o, "objection.undo"); err != nil {
		return chat.Reply{}, err
	}
	return replace(cards.ObjectionUndone(o)), nil
}

// themeObjection sets the theme that a person chose: by a button ("O-1 price" in Arg) or in the list.
func (h *Handlers) themeObjection(c *Call) (chat.Reply, error) {
	id, chosen := cut(c.Arg)
	o, err := h.mine(c, id)
	if err != nil {
		return chat.Reply{}, err
	}
	theme, err := c.Tx.Theme(cmp.Or(c.Values["value"], chosen))
	if err != nil {
		return chat.Reply{}, err
	}
	o.ThemeID, o.Confidence = theme.ID, 1
	return h.changeObjection(c, o, "objection.theme")
}

func countOf(tx *storage.Tx, theme string, from, to time.Time) (cards.Count, error) {
	n, err := tx.HeardOf(theme, from, to)
	return cards.Count(n), err
}
