package handlers

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is what is asked of the objections: the most heard, the new ones, those like a text.

// topDays is the period that "top" compares with the one before it.
const topDays = 28

// newDays is how far back "new" looks where no date is given.
const newDays = 7

// dimensions are what objections can be counted by.
var dimensions = []string{"theme", "stage", "segment", "competitor", "account"}

// sub is a sub-command of /objection.
type sub func(c *Call, rest string) (chat.Reply, error)

var answerID = regexp.MustCompile(`(?i)^A-\d+$`)

// subcommand finds the sub-command that a text may mean. A word counts only as the whole text, or as the first word of what
// looks like it: "new regulations stop them" is an objection.
func (h *Handlers) subcommand(c *Call) (sub, string) {
	first, rest := cut(c.Text)
	switch first = strings.ToLower(first); {
	case first == "top" && (rest == "" || dimension(rest) != ""):
		return begun(h.topObjections), dimension(rest)
	case first == "new" && (rest == "" || strings.HasPrefix(strings.ToLower(rest), "since ")):
		return begun(h.newObjections), rest
	case first == "search" && rest != "":
		return begun(h.searchObjections), rest
	case first == "search" && rest == "":
		return func(*Call, string) (chat.Reply, error) {
			return chat.Reply{}, truce.Errorf(truce.Invalid, "Say what to look for, as in /objection search validation.")
		}, ""
	case first == "answer" && rest != "":
		return h.answerForm, rest
	case first == "answer": // of what is not said: those there are
		return begun(h.answerList), ""
	case first == "answers":
		return begun(h.answerList), rest
	case first == "themes" && rest == "":
		return h.themeList, ""
	case first == "recall":
		if id, why := cut(rest); answerID.MatchString(id) {
			return func(c *Call, _ string) (chat.Reply, error) {
				if why == "" {
					return chat.Reply{}, truce.Errorf(truce.Invalid, "Say why: /objection recall %s and the reason, which the reps are told.",
						strings.ToUpper(id))
				}
				return h.recall(c, id, why)
			}, rest
		}
	}
	return nil, ""
}

func dimension(s string) string {
	s = truce.Bare(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "by "))
	for _, d := range dimensions {
		if s == d || s == d+"s" {
			return d
		}
	}
	return ""
}

// objectionReads reports the sub-commands that only read, and may read much.
func (h *Handlers) objectionReads(c *Call) bool {
	first, rest := cut(c.Text)
	switch strings.ToLower(first) {
	case "top", "new", "themes":
		s, _ := h.subcommand(c)
		return s != nil
	case "search":
		return rest != ""
	}
	return false
}

// orLog does a sub-command. Where what was typed may have been an objection all the same (it asks for something that is not
// there, or it searches) it offers to log it.
func (h *Handlers) orLog(c *Call, s sub, rest string) (chat.Reply, error) {
	typed := c.Text
	first, _ := cut(typed)
	r, err := s(c, rest)
	if !strings.Contains(typed, " ") || len(typed) > 1000 || err == nil &&
		!slices.Contains([]string{"search", "top", "new"}, strings.ToLower(first)) {
		return r, err
	}
	if said := truce.Sentence(err); truce.KindOf(err) == truce.NotFound && said != "" {
		r, err = show(cards.Refusal(said, "")), nil
	}
	if r.Card != nil {
		card := *r.Card
		card.Blocks = append(slices.Clone(card.Blocks), chat.ButtonRow(chat.Press("Log it as an objection", "objection.instead", typed)))
		r.Card = &card
	}
	return r, err
}

const (
	maxFound  = 15  // objections of a list at once
	mostAlike = 200 // that are looked at as being like one
)

// begun is a list from its beginning.
func begun(l list) sub {
	return func(c *Call, rest string) (chat.Reply, error) { return l(c, 0, rest) }
}

// topObjections counts the last four weeks and the four before, by theme or something else.
func (h *Handlers) topObjections(c *Call, at int, by string) (chat.Reply, error) {
	if by = dimension(by); by == "" {
		by = "theme"
	}
	end := c.Tx.Now.Add(time.Millisecond)
	from := truce.DateOf(c.Tx.Now.In(h.opt.Location)).Add(-topDays).At(0, h.opt.Location)
	before := truce.DateOf(c.Tx.Now.In(h.opt.Location)).Add(-2*topDays).At(0, h.opt.Location)
	v := cards.TopView{By: by, Dimensions: dimensions, Days: topDays, Odds: h.opt.Reports != nil}
	now, err := c.Tx.HeardBy(by, from, end)
	if err != nil {
		return chat.Reply{}, err
	}
	was, err := c.Tx.HeardBy(by, before, from)
	if err != nil {
		return chat.Reply{}, err
	}
	past := map[string]int{}
	for _, r := range was {
		past[r.Key] = r.Times
	}
	rising := map[string]bool{}
	if by == "theme" && h.opt.Rising != nil {
		if rising, err = h.opt.Rising(c.Tx, c.Tx.Now); err != nil {
			return chat.Reply{}, fmt.Errorf("find what rises: %w", err)
		}
	}
	now, v.Page = page(now, at, maxListed, "objection.top", by)
	for _, r := range now {
		v.Rows = append(v.Rows, cards.TopRow{Key: r.Key, Name: r.Name, Times: r.Times, Before: past[r.Key], Reps: r.People, Accounts: r.Accounts,
			Answered: r.Answered, Rising: rising[r.Key]})
	}
	return show(cards.Top(v)), nil
}

// newObjections lists what was logged since a date, newest first.
func (h *Handlers) newObjections(c *Call, at int, rest string) (chat.Reply, error) {
	today := truce.DateOf(c.Tx.Now.In(h.opt.Location))
	since := today.Add(-newDays)
	if _, day := cut(rest); day != "" {
		d, err := truce.ParseDate(day)
		if err != nil {
			return chat.Reply{}, truce.Errorf(truce.NotFound, "%q is not a date: write /objection new since 2026-12-24.", day)
		}
		since = d
	}
	from := since.At(0, h.opt.Location)
	list, err := c.Tx.Objections(from, c.Tx.Now.Add(time.Millisecond))
	if err != nil {
		return chat.Reply{}, err
	}
	slices.Reverse(list)
	rows, p := page(list, at, maxFound, "objection.new", rest)
	return h.listed(c, cards.FoundView{Title: fmt.Sprintf("New since %s: %d", from.Format("2 Jan 2006"), len(list)), Page: p,
		Empty: "Nothing was logged since then. Be the first: /objection and what they say."}, rows)
}

// searchObjections finds the objections nearest in meaning, and what may be said to them.
func (h *Handlers) searchObjections(c *Call, at int, text string) (chat.Reply, error) {
	list, err := h.alike(c, text, "")
	if err != nil {
		return chat.Reply{}, err
	}
	rows, p := page(list, at, maxFound, "objection.search", text)
	return h.listed(c, cards.FoundView{Title: "Objections like \"" + text + "\"", Page: p, Empty: "Nobody has logged anything like it."}, rows)
}

// likeObjections shows the objections nearest to one.
func (h *Handlers) likeObjections(c *Call, at int, id string) (chat.Reply, error) {
	o, err := c.counted(id)
	if err != nil {
		return chat.Reply{}, err
	}
	list, err := h.alike(c, o.Text, o.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	rows, p := page(list, at, maxFound, "objection.like", id)
	return h.listed(c, cards.FoundView{Title: "Most like what you logged", Page: p,
		Empty: "Nobody has logged anything like it: you are the first."}, rows)
}

// alike are the objections nearest to a text, but the one itself.
func (h *Handlers) alike(c *Call, text, but string) ([]truce.Objection, error) {
	f := h.finder.Load()
	if f == nil {
		return nil, truce.Errorf(truce.Conflict, "I have just started and am still reading what was logged. Try again in a moment.")
	}
	var list []truce.Objection
	for _, hit := range f.objections.Search(text, mostAlike) {
		o, err := c.Tx.Objection(hit.ID)
		if truce.KindOf(err) == truce.NotFound || hit.ID == but || !o.UndoneAt.IsZero() {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

// listed shows objections with their themes; who logged them is not shown.
func (h *Handlers) listed(c *Call, v cards.FoundView, list []truce.Objection) (chat.Reply, error) {
	names, err := h.themeNames(c.Tx)
	if err != nil {
		return chat.Reply{}, err
	}
	for _, o := range list {
		v.Rows = append(v.Rows, cards.FoundRow{Objection: o, Theme: names[o.ThemeID]})
	}
	v.Loc = h.opt.Location
	return show(cards.Found(v)), nil
}

// heardOf shows one line of "top": what was said lately and what may be said to it. what is "theme price".
func (h *Handlers) heardOf(c *Call, at int, what string) (chat.Reply, error) {
	by, key := cut(what)
	from := truce.DateOf(c.Tx.Now.In(h.opt.Location)).Add(-topDays).At(0, h.opt.Location)
	if dimension(by) == "" {
		return chat.Reply{}, truce.Errorf(truce.NotFound, "This button is of an older version. Type /objection top.")
	}
	list, err := c.Tx.ObjectionsBy(by, key, from, c.Tx.Now.Add(time.Millisecond))
	if err != nil {
		return chat.Reply{}, err
	}
	name := key
	if len(list) > 0 { // as it is written, not as it is counted
		name = map[string]string{"competitor": list[0].Competitor, "account": list[0].Account}[by]
	}
	v := cards.FoundView{Title: fmt.Sprintf("%s, the last %d days", cards.KeyName(by, cmp.Or(name, key)), topDays),
		Empty: "Nothing in the last weeks."}
	if by == "theme" && key != "" {
		t, err := c.Tx.Theme(key)
		if err != nil {
			return chat.Reply{}, err
		}
		v.Title = fmt.Sprintf("%s, the last %d days", t.Name, topDays)
		best, err := h.bestAnswers(c.Tx, t.ID)
		if err != nil {
			return chat.Reply{}, err
		}
		if len(best) > 0 && at == 0 {
			if err := c.Tx.Shown(best[0].ID, "", c.By.ID); err != nil {
				return chat.Reply{}, err
			}
			v.Answer, v.Others = &best[0], len(best)-1
		}
		if at == 0 {
			v.ThemeID = t.ID
		}
	}
	v.Now = c.Tx.Now
	list, v.Page = page(list, at, maxFound, "objection.heard", what)
	return h.listed(c, v, list)
}
