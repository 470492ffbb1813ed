package handlers

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is about the answers: suggested by reps, written and approved by Marketing, in versions. What reps do with them is
// in answer_use.go.

// recallReach is how far back a recall tells who was shown the answer.
const recallReach = 90 * 24 * time.Hour

// answerForm opens the form for an answer to a theme: a new version of the best one in force, else the first.
func (h *Handlers) answerForm(c *Call, name string) (chat.Reply, error) {
	theme, err := h.themeNamed(c, name)
	if err != nil {
		return chat.Reply{}, err
	}
	best, err := h.bestAnswers(c.Tx, theme.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(best) > 0 {
		return ask(cards.AnswerForm(theme, best[0], best[0].ID, c.By.SpeaksForMarketing())), nil
	}
	return h.writeAnswer(c, theme)
}

// answerWrite opens the form for one more answer to a theme.
func (h *Handlers) answerWrite(c *Call) (chat.Reply, error) {
	theme, err := c.Tx.Theme(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.writeAnswer(c, theme)
}

// writeAnswer begins with what worked for a rep, where somebody said so.
func (h *Handlers) writeAnswer(c *Call, theme truce.Theme) (chat.Reply, error) {
	worked, err := c.Tx.Insteads(theme.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	var a truce.Answer
	if len(worked) > 0 && c.By.SpeaksForMarketing() {
		a.Body = worked[0]
	}
	return ask(cards.AnswerForm(theme, a, "", c.By.SpeaksForMarketing())), nil
}

// answerEdit opens the form for a new version of an answer, or for a candidate.
func (h *Handlers) answerEdit(c *Call) (chat.Reply, error) {
	a, theme, err := h.answerAndTheme(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if err := onlyMarketing(c); err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.AnswerForm(theme, a, a.ID, true)), nil
}

func (h *Handlers) answerAndTheme(c *Call, id string) (a truce.Answer, theme truce.Theme, err error) {
	if a, err = c.Tx.Answer(strings.ToUpper(id)); err == nil {
		theme, err = c.Tx.Theme(a.ThemeID)
	}
	return a, theme, err
}

func onlyMarketing(c *Call) error {
	if c.By.SpeaksForMarketing() {
		return nil
	}
	return truce.Errorf(truce.Forbidden, "Only Marketing decides about answers. Suggest yours with /objection answer and the theme.")
}

// themeNamed finds a theme by its id or name, in any case.
func (h *Handlers) themeNamed(c *Call, name string) (truce.Theme, error) {
	themes, err := c.Tx.Themes()
	if err != nil {
		return truce.Theme{}, err
	}
	if bare := truce.Bare(name); bare != name && bare != "" && // *price*, “price”
		!slices.ContainsFunc(themes, func(t truce.Theme) bool { return strings.EqualFold(t.Name, name) }) {
		name = bare
	}
	var near []truce.Theme
	for _, t := range themes {
		if strings.EqualFold(t.Name, name) || strings.EqualFold(t.ID, strings.ReplaceAll(name, " ", "-")) {
			return t, nil
		}
		if strings.Contains(strings.ToLower(t.Name), strings.ToLower(name)) {
			near = append(near, t)
		}
	}
	switch len(near) {
	case 0:
		return truce.Theme{}, truce.Errorf(truce.NotFound, "There is no theme %q. Type /objection themes to see them.", name)
	case 1:
		return near[0], nil
	}
	names := make([]string, len(near))
	for i, t := range near {
		names[i] = t.Name
	}
	return truce.Theme{}, truce.Errorf(truce.NotFound, "There is no theme %q. Did you mean %s?", name, strings.Join(names, " or "))
}

// answerSent takes the form: a first answer, a new version, or a candidate that Marketing takes up.
func (h *Handlers) answerSent(c *Call) (chat.Reply, error) {
	id, replaces := cut(c.Arg)
	theme, err := c.Tx.Theme(id)
	if err != nil {
		return chat.Reply{}, err
	}
	body, err := truce.CheckText(c.Values["body"], "answer")
	if err != nil {
		return fault("body", truce.Sentence(err)), nil
	}
	a := truce.Answer{ThemeID: theme.ID, Version: 1, Body: body, Internal: c.value("internal"), Proof: c.value("proof"),
		Claim: truce.Claim(cmp.Or(c.value("claim"), string(truce.PlainClaim))), State: truce.AnswerWaiting, OwnerID: c.By.ID}
	if !slices.Contains(truce.Claims, a.Claim) {
		return fault("claim", "Choose one of the claims."), nil
	}
	if a.ReviewAt, err = h.reviewDate(c, a.Claim); err != nil {
		return fault("review", truce.Sentence(err)), nil
	}
	if !c.By.SpeaksForMarketing() { // a suggestion: Marketing owns it once it takes it up
		a.State, a.OwnerID, a.CreditID, a.ReviewAt, replaces = truce.AnswerDraft, "", c.By.ID, time.Time{}, ""
	}
	if replaces != "" {
		if a, err = h.succeed(c, a, replaces); err != nil {
			return chat.Reply{}, err
		}
	}
	if a.ID == "" {
		a, err = c.Tx.AddAnswer(a)
	} else {
		err = c.Tx.SaveAnswer(a)
	}
	if err == nil {
		err = c.log("answer."+a.State, a.ID, nil)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	refusal := a.MayApprove(c.By)
	if refusal != nil {
		return show(cards.AnswerSaved(theme, a, truce.Sentence(refusal), 0, h.opt.Location)), nil
	}
	return h.approve(c, theme, a)
}

// reviewDate is the date in the form, which may not be later than the claim allows; zero where none was given.
func (h *Handlers) reviewDate(c *Call, claim truce.Claim) (time.Time, error) {
	if c.value("review") == "" {
		return time.Time{}, nil
	}
	d, err := truce.ParseDate(c.value("review"))
	if err != nil {
		return time.Time{}, truce.Errorf(truce.Invalid, "Write the date as 2026-12-24.")
	}
	at, last := d.At(0, h.opt.Location), c.Tx.Now.AddDate(0, 0, claim.ReviewDays())
	if at.Before(c.Tx.Now) || at.After(last) {
		return time.Time{}, truce.Errorf(truce.Invalid, "A %s claim is reviewed within %d days: choose a date from tomorrow to %s.", claim,
			claim.ReviewDays(), last.In(h.opt.Location).Format(time.DateOnly))
	}
	return at, nil
}

// succeed makes a the next version of an answer in force, or what an open candidate is now.
func (h *Handlers) succeed(c *Call, a truce.Answer, id string) (truce.Answer, error) {
	old, err := c.Tx.Answer(id)
	if err != nil {
		return a, err
	}
	a.CreditID = old.CreditID
	switch old.State {
	case truce.AnswerDraft, truce.AnswerWaiting:
		a.ID, a.Version, a.Replaces, a.CreatedAt = old.ID, old.Version, old.Replaces, old.CreatedAt
	case truce.AnswerApproved:
		a.Version, a.Replaces = old.Version+1, old.ID
	default:
		return a, truce.Errorf(truce.Conflict, "%s is %s by now. Type /objection answers to see what holds.", old.ID, old.State)
	}
	return a, nil
}

// answerApprove approves an answer that waits, or says of one in force that it is still right.
func (h *Handlers) answerApprove(c *Call) (chat.Reply, error) {
	a, theme, err := h.answerAndTheme(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	switch {
	case a.State == truce.AnswerApproved && a.ReviewAt.Sub(c.Tx.Now) > time.Duration(a.Claim.ReviewDays()-1)*24*time.Hour:
		by, err := c.Tx.Person(a.ApprovedBy)
		if err != nil {
			return chat.Reply{}, err
		}
		return chat.Reply{}, truce.Errorf(truce.Conflict, "Already approved by %s. Nothing changed.", by.Name)
	case a.State != truce.AnswerWaiting && a.State != truce.AnswerApproved:
		return chat.Reply{}, truce.Errorf(truce.Conflict, "%s is %s: nothing changed.", a.ID, a.State)
	}
	if err := a.MayApprove(c.By); err != nil {
		return chat.Reply{}, err
	}
	if a.State == truce.AnswerApproved {
		a.ReviewAt = time.Time{}
	}
	r, err := h.approve(c, theme, a)
	r.Replace = true
	return r, err
}

// approve puts an answer in force, retires the version before it, closes the request it answers, and tells those who asked.
func (h *Handlers) approve(c *Call, theme truce.Theme, a truce.Answer) (chat.Reply, error) {
	first := a.State != truce.AnswerApproved
	a.State, a.ApprovedBy, a.ApprovedAt = truce.AnswerApproved, c.By.ID, c.Tx.Now
	a.OwnerID = cmp.Or(a.OwnerID, c.By.ID)
	if a.ReviewAt.IsZero() {
		a.ReviewAt = c.Tx.Now.AddDate(0, 0, a.Claim.ReviewDays())
	}
	if err := c.Tx.SaveAnswer(a); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("answer.approved", a.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	if a.Replaces != "" && first {
		old, err := c.Tx.Answer(a.Replaces)
		if err != nil {
			return chat.Reply{}, err
		}
		old.State = truce.AnswerReplaced
		if err := c.Tx.SaveAnswer(old); err != nil {
			return chat.Reply{}, err
		}
	}
	if err := h.answerRequest(c, theme.ID, a); err != nil {
		return chat.Reply{}, err
	}
	told := 0
	if first {
		var err error
		if told, err = h.tellWhoAsked(c, theme, a); err != nil {
			return chat.Reply{}, err
		}
	}
	return show(cards.AnswerSaved(theme, a, "", told, h.opt.Location)), nil
}

// answerRequest closes the open request about the theme, where there is one: its message changes.
func (h *Handlers) answerRequest(c *Call, theme string, a truce.Answer) error {
	r, err := c.Tx.RequestOf(theme)
	if truce.KindOf(err) == truce.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	r.State, r.ClosedAt, r.AnswerID = truce.RequestAnswered, c.Tx.Now, a.ID
	return h.closeRequest(c, r)
}

func (h *Handlers) closeRequest(c *Call, r truce.Request) error {
	if err := c.Tx.SaveRequest(r); err != nil {
		return err
	}
	if err := c.log("request."+r.State, r.ID, nil); err != nil {
		return err
	}
	return c.Tx.Send(storage.Message{To: storage.ToChannel("objections"), Subject: storage.RequestSubject(r.ID), Kind: storage.CaseMessage})
}

// requestDrop sets a request aside.
func (h *Handlers) requestDrop(c *Call) (chat.Reply, error) {
	if err := onlyMarketing(c); err != nil {
		return chat.Reply{}, err
	}
	r, err := c.Tx.Request(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if r.State != truce.RequestOpen {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "%s was %s already. Nothing changed.", r.ID, r.State)
	}
	theme, err := c.Tx.Theme(r.ThemeID)
	if err != nil {
		return chat.Reply{}, err
	}
	r.State, r.ClosedAt = truce.RequestDropped, c.Tx.Now
	if err := h.closeRequest(c, r); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Request(cards.RequestView{Request: r, Theme: theme, By: c.By.Name, Now: c.Tx.Now, Loc: h.opt.Location})), nil
}

// tellWhoAsked tells each person who heard the theme and was shown no answer to it, once, and the one whose words it is.
func (h *Handlers) tellWhoAsked(c *Call, theme truce.Theme, a truce.Answer) (int, error) {
	asked, err := c.Tx.Unanswered(theme.ID, c.Tx.Now.Add(-recallReach))
	if err != nil {
		return 0, err
	}
	credited := ""
	if a.Replaces == "" { // a later version is not their words any more
		credited = a.CreditID
	}
	last := map[string]string{} // by person: the objection they hear about
	var order []string
	for _, o := range asked {
		if o.AuthorID == c.By.ID || o.AuthorID == credited {
			continue
		}
		if last[o.AuthorID] == "" {
			order = append(order, o.AuthorID)
		}
		last[o.AuthorID] = o.ID
		if err := c.Tx.Shown(a.ID, o.ID, o.AuthorID); err != nil {
			return 0, err
		}
	}
	for _, id := range order {
		if err := c.Tx.RefreshHome(id); err != nil {
			return 0, err
		}
		if err := c.notice("answer:"+a.ID+">"+id, id, cards.AnswerNews(theme, a, last[id], c.Tx.Now, h.opt.Location)); err != nil {
			return 0, err
		}
	}
	if credited != "" && credited != c.By.ID {
		return len(order), c.notice("credit:"+a.ID, credited, cards.AnswerCredit(theme, a))
	}
	return len(order), nil
}

// notice tells a person something of our own accord: once for the key, within their silence budget.
func (c *Call) notice(key, person string, card chat.Card) error {
	body, err := json.Marshal(card)
	if err != nil {
		return fmt.Errorf("write down a %s card: %w", card.Key, err)
	}
	return c.Tx.Send(storage.Message{Key: key, To: storage.ToPerson(person), Body: body, Kind: storage.Notice, PersonID: person})
}

// answerDrop sets a candidate aside.
func (h *Handlers) answerDrop(c *Call) (chat.Reply, error) {
	if err := onlyMarketing(c); err != nil {
		return chat.Reply{}, err
	}
	a, err := c.Tx.Answer(c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	if a.State != truce.AnswerDraft && a.State != truce.AnswerWaiting {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "%s is %s by now. Nothing changed.", a.ID, a.State)
	}
	a.State = truce.AnswerDropped
	if err := c.Tx.SaveAnswer(a); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("answer.dropped", a.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.AnswerDone(a.ID+" is set aside.", a)), nil
}

// recallForm asks for the reason.
func (h *Handlers) recallForm(c *Call) (chat.Reply, error) {
	a, err := h.recallable(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	people, err := c.Tx.ShownTo(a.ID, c.Tx.Now.Add(-recallReach))
	return ask(cards.RecallForm(a, len(people))), err
}

func (h *Handlers) recallSent(c *Call) (chat.Reply, error) {
	if c.value("reason") == "" {
		return fault("reason", "Say why: it is what the reps are told."), nil
	}
	return h.recall(c, c.Arg, c.value("reason"))
}

func (h *Handlers) recallable(c *Call, id string) (truce.Answer, error) {
	if err := onlyMarketing(c); err != nil {
		return truce.Answer{}, err
	}
	a, err := c.Tx.Answer(strings.ToUpper(id))
	if err != nil {
		return a, err
	}
	if a.State != truce.AnswerApproved && a.State != truce.AnswerReplaced {
		return a, truce.Errorf(truce.Conflict, "%s is %s: reps are not shown it. Nothing changed.", a.ID, a.State)
	}
	return a, nil
}

// recall withdraws an answer and tells everybody who was shown it in 90 days.
func (h *Handlers) recall(c *Call, id, reason string) (chat.Reply, error) {
	a, err := h.recallable(c, id)
	if err != nil {
		return chat.Reply{}, err
	}
	theme, err := c.Tx.Theme(a.ThemeID)
	if err != nil {
		return chat.Reply{}, err
	}
	a.State = truce.AnswerRecalled
	if err := c.Tx.SaveAnswer(a); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("answer.recalled", a.ID, reason); err != nil {
		return chat.Reply{}, err
	}
	people, err := c.Tx.ShownTo(a.ID, c.Tx.Now.Add(-recallReach))
	if err != nil {
		return chat.Reply{}, err
	}
	for _, id := range people {
		if err := c.notice("recall:"+a.ID+">"+id, id, cards.AnswerRecalled(theme, a, reason, h.opt.Location)); err != nil {
			return chat.Reply{}, err
		}
	}
	return show(cards.AnswerDone(cards.RecallSentence(a, len(people)), a)), nil
}

// answerList shows the answers of a theme, or (to Marketing) what waits in all of them.
func (h *Handlers) answerList(c *Call, from int, name string) (chat.Reply, error) {
	v := cards.AnswersView{Now: c.Tx.Now, Loc: h.opt.Location, Marketer: c.By.SpeaksForMarketing(), Names: map[string]string{}}
	var list []truce.Answer
	var err error
	switch {
	case name != "":
		if v.Theme, err = h.themeNamed(c, name); err != nil {
			return chat.Reply{}, err
		}
		list, err = h.answersOf(c, v.Theme, v.Marketer)
	case !c.By.Sees(truce.QueueSecret, false):
		return chat.Reply{}, truce.Errorf(truce.Forbidden, "What waits for Marketing is Marketing's list. Type /objection answers and a theme "+
			"to see what may be said to it.")
	default:
		if v.Requests, err = c.Tx.OpenRequests(); err == nil {
			list, err = h.answersWaiting(c)
		}
	}
	if err != nil {
		return chat.Reply{}, err
	}
	if from > 0 { // they stand before the answers
		v.Requests = nil
	}
	list, v.Page = page(list, from, maxAnswers, "objection.answers", name)
	for _, a := range list {
		l := cards.AnswerLine{Answer: a, May: a.MayApprove(c.By) == nil}
		if l.Theme, err = c.Tx.Theme(a.ThemeID); err != nil {
			return chat.Reply{}, err
		}
		for id, to := range map[string]*string{a.OwnerID: &l.Owner, a.CreditID: &l.Credit} {
			if id != "" && v.Marketer {
				p, err := c.Tx.Person(id)
				if err != nil {
					return chat.Reply{}, err
				}
				*to = p.Name
			}
		}
		v.Lines = append(v.Lines, l)
	}
	for _, r := range v.Requests {
		t, err := c.Tx.Theme(r.ThemeID)
		if err != nil {
			return chat.Reply{}, err
		}
		v.Names[r.ThemeID] = t.Name
	}
	return show(cards.Answers(v)), nil
}

// maxAnswers is how many answers a list shows at once.
const maxAnswers = 10

// answersOf are a theme's answers: those in force, and for Marketing what is open.
func (h *Handlers) answersOf(c *Call, theme truce.Theme, all bool) ([]truce.Answer, error) {
	if !all {
		return h.bestAnswers(c.Tx, theme.ID)
	}
	list, err := c.Tx.Answers(theme.ID, truce.AnswerApproved, truce.AnswerWaiting, truce.AnswerDraft)
	slices.SortStableFunc(list, func(a, b truce.Answer) int { return cmp.Compare(answerOrder(a), answerOrder(b)) })
	return list, err
}

func answerOrder(a truce.Answer) int {
	return slices.Index([]string{truce.AnswerApproved, truce.AnswerWaiting, truce.AnswerDraft}, a.State)
}

// answersWaiting is what Marketing has to do about answers: approve, review, take up.
func (h *Handlers) answersWaiting(c *Call) ([]truce.Answer, error) {
	list, err := c.Tx.AnswersIn(truce.AnswerWaiting, truce.AnswerDraft, truce.AnswerApproved)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(a truce.Answer) bool { return a.State == truce.AnswerApproved && !a.PastReview(c.Tx.Now) })
	slices.SortStableFunc(list, func(a, b truce.Answer) int {
		return cmp.Compare(slices.Index([]string{truce.AnswerWaiting, truce.AnswerApproved, truce.AnswerDraft}, a.State),
			slices.Index([]string{truce.AnswerWaiting, truce.AnswerApproved, truce.AnswerDraft}, b.State))
	})
	return list, nil
}
