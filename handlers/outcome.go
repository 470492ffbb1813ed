package handlers

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
	"truce/storage/textindex"
)

// This file is the guided interview with a customer: one question at a time, over days if need be. The inventory made of interviews is
// in inventory.go.

// outcome asks customers which outcome they bought.
func (h *Handlers) outcome() Command {
	return Command{
		Name:  "outcome",
		Usage: "interview ACCOUNT | form ACCOUNT | paste ACCOUNT | mine | brief ACCOUNT | inventory",
		Help:  "Interview customers on the outcome they bought, in their words, and see what many of them named.",
		Examples: []string{"outcome", "outcome interview Northfield Labs", "outcome paste Northfield Labs", "outcome brief Northfield Labs",
			"outcome mine"},
		Run: func(c *Call) (chat.Reply, error) {
			first, rest := cut(c.Text)
			switch strings.ToLower(first) {
			case "", "inventory":
				return h.inventory(c)
			case "interview":
				return h.interview(c, rest)
			case "form":
				return h.wholeForm(c, rest)
			case "paste":
				return ask(cards.PasteForm(rest)), nil
			case "mine":
				return h.myInterviews(c)
			case "brief":
				return h.brief(c, rest)
			}
			return chat.Reply{}, truce.Errorf(truce.Invalid, "I do not know what to do with %q. Try /outcome interview %s, or /outcome for the "+
				"inventory.", c.Text, c.Text)
		},
		Actions: map[string]Action{
			"outcome.start": func(c *Call) (chat.Reply, error) {
				return ask(cards.InterviewForm(truce.Interview{Standing: truce.IdealCustomer}, "outcome.start")), nil
			},
			"outcome.another": func(c *Call) (chat.Reply, error) {
				return replaced(h.startInterview(c, truce.Interview{Account: c.Arg, Standing: truce.IdealCustomer}))
			},
			"outcome.form":      func(c *Call) (chat.Reply, error) { return h.wholeForm(c, "") },
			"outcome.paste":     func(c *Call) (chat.Reply, error) { return ask(cards.PasteForm("")), nil },
			"outcome.mine":      h.myInterviews,
			"outcome.answer":    h.questionForm,
			"outcome.skip":      h.skipQuestion,
			"outcome.back":      h.backQuestion,
			"outcome.pause":     h.pauseInterview,
			"outcome.resume":    h.resumeInterview,
			"outcome.drop":      h.dropInterview,
			"outcome.end":       h.endQuestions,
			"outcome.finish":    h.finishInterview,
			"outcome.confirm":   h.confirmInterview,
			"outcome.who":       h.whoForm,
			"outcome.whole":     func(c *Call) (chat.Reply, error) { return h.editWhole(c) },
			"outcome.add":       h.statementForm,
			"outcome.remove":    h.removeStatement,
			"outcome.rate":      h.rateForm,
			"outcome.same":      h.sameOutcome,
			"outcome.new":       h.newOutcome,
			"outcome.group":     h.groupForm,
			"outcome.show":      func(c *Call) (chat.Reply, error) { return h.showOutcome(c, c.Arg) },
			"outcome.rename":    h.renameForm,
			"outcome.merge":     h.mergeForm,
			"outcome.split":     h.splitForm,
			"outcome.loose":     h.looseOutcomes,
			"outcome.inventory": h.inventory,
			"outcome.brief":     func(c *Call) (chat.Reply, error) { return h.brief(c, c.Arg) },
		},
		Forms: map[string]Action{
			"outcome.start":  h.startSent,
			"outcome.answer": h.questionSent,
			"outcome.who":    h.whoSent,
			"outcome.whole":  h.wholeSent,
			"outcome.paste":  h.pasteSent,
			"outcome.add":    h.statementSent,
			"outcome.rate":   h.rateSent,
			"outcome.group":  h.groupSent,
			"outcome.rename": h.renameSent,
			"outcome.merge":  h.mergeSent,
			"outcome.split":  h.splitSent,
		},
	}
}

// questions are the company's, or ours.
func (h *Handlers) questions() []string {
	if len(h.opt.Questions) > 0 {
		return h.opt.Questions
	}
	return truce.InterviewQuestions
}

// interview starts one with an account, or asks which is meant where the person has one open already.
func (h *Handlers) interview(c *Call, account string) (chat.Reply, error) {
	if account == "" {
		return ask(cards.InterviewForm(truce.Interview{Standing: truce.IdealCustomer}, "outcome.start")), nil
	}
	list, err := c.Tx.OpenInterviews(c.By.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	key := truce.FoldAccount(account)
	if list = slices.DeleteFunc(list, func(i truce.Interview) bool { return i.AccountKey != key }); len(list) > 0 {
		return show(cards.InterviewAsks(list[0].Account, list)), nil
	}
	return h.startInterview(c, truce.Interview{Account: account, Standing: truce.IdealCustomer})
}

// startInterview asks the first question; what the person was asking before waits.
func (h *Handlers) startInterview(c *Call, i truce.Interview) (chat.Reply, error) {
	var err error
	if i.Account, err = accountName(i.Account); err != nil {
		return chat.Reply{}, err
	}
	if i.Questions, err = h.guided(c); err != nil {
		return chat.Reply{}, err
	}
	i.By, i.State = c.By.ID, truce.Asking
	if i, err = c.Tx.AddInterview(i); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("interview.start", i.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	before, err := c.Tx.AskOnly(i)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.atInterview(c, i, cards.InterviewView{Before: before})
}

func accountName(s string) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", truce.Errorf(truce.Invalid, "Name the account: /outcome interview Northfield Labs.")
	case len([]rune(s)) > 200 || strings.ContainsAny(s, "\r\n"):
		return "", truce.Errorf(truce.Invalid, "Name the account in one line of at most 200 characters.")
	}
	return s, nil
}

// atInterview shows where an interview stands: the question it is at, or its end.
func (h *Handlers) atInterview(c *Call, i truce.Interview, v cards.InterviewView) (chat.Reply, error) {
	v.Interview, v.Loc, v.Elsewhere = i, h.opt.Location, c.Place.Kind != chat.DM
	switch {
	case i.State == truce.InterviewDraft:
		return show(cards.Pasted(i)), nil
	case i.State != truce.InterviewDone && i.Place < len(i.Questions):
		return show(cards.InterviewQuestion(v)), nil
	}
	data, err := c.Tx.InventoryData()
	if err != nil {
		return chat.Reply{}, err
	}
	v.Inventory = data.Take(c.Tx.Now)
	if v.Asked, err = h.heardOfMap(c, i); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.InterviewEnd(v, h.statementViews(data, v.Inventory, c,
		func(s truce.OutcomeStatement) bool { return s.InterviewID == i.ID }))), nil
}

// myInterview finds an interview of the person's own; Marketing may work at all.
func (h *Handlers) myInterview(c *Call, id string) (truce.Interview, error) {
	i, err := c.Tx.Interview(id)
	if err == nil && i.By != c.By.ID && !c.By.SpeaksForMarketing() {
		return truce.Interview{}, truce.Errorf(truce.Forbidden, "Only the one who asks, and Marketing, may work at an interview.")
	}
	return i, err
}

// questionOf reads "I-4 2": the interview and the place of the question a button or form is about.
func (h *Handlers) questionOf(c *Call) (i truce.Interview, place int, err error) {
	id, at := cut(c.Arg)
	if place, err = strconv.Atoi(at); err != nil {
		return i, 0, truce.Errorf(truce.NotFound, "There is no question %q.", at)
	}
	if i, err = h.myInterview(c, id); err == nil && (place < 0 || place >= len(i.Questions)) {
		err = truce.Errorf(truce.NotFound, "There is no question %d in %s.", place+1, i.ID)
	}
	return i, place, err
}

// heard keeps the answer to the question that is asked and asks the next one.
func (h *Handlers) heard(c *Call, i truce.Interview, text string) (chat.Reply, error) {
	text, err := truce.CheckText(text, "answer")
	if err != nil {
		return chat.Reply{}, err
	}
	answered := i.Place + 1
	i.Answer(i.Place, text, c.Tx.Now)
	i.Place++
	return h.asked(c, i, cards.InterviewView{Answered: answered})
}

// asked stores an interview that is being asked and shows where it is; what else the person was asking waits.
func (h *Handlers) asked(c *Call, i truce.Interview, v cards.InterviewView) (chat.Reply, error) {
	i.State, i.ChangedAt = truce.Asking, c.Tx.Now
	if err := c.Tx.SaveInterview(i); err != nil {
		return chat.Reply{}, err
	}
	before, err := c.Tx.AskOnly(i)
	if err != nil {
		return chat.Reply{}, err
	}
	if i.By != c.By.ID { // Marketing works at a colleague's: their own waits for nothing
		before = nil
	}
	v.Before = before
	return h.atInterview(c, i, v)
}

// listening is the interview whose answer a direct message is; ok is false where it is none.
func (h *Handlers) listening(c *Call) (i truce.Interview, ok bool, err error) {
	if c.Kind != chat.Message || c.Place.Kind != chat.DM || c.unknown {
		return i, false, nil
	}
	list, err := c.Tx.OpenInterviews(c.By.ID)
	if err != nil {
		return i, false, err
	}
	n := slices.IndexFunc(list, func(i truce.Interview) bool { return i.Listens(c.Tx.Now) })
	if n < 0 {
		return i, false, nil
	}
	return list[n], true, nil
}

// answerInterview takes a message as the answer, or as the one word that is on a button.
func (h *Handlers) answerInterview(c *Call, i truce.Interview, text string) (chat.Reply, error) {
	c.Arg = i.ID + " " + strconv.Itoa(i.Place)
	switch strings.ToLower(strings.Trim(text, " .!")) {
	case "skip":
		return unreplaced(h.skipQuestion(c))
	case "back":
		return unreplaced(h.backQuestion(c))
	case "pause":
		return unreplaced(h.pauseInterview(c))
	case "finish early":
		return unreplaced(h.endQuestions(c))
	}
	return h.heard(c, i, text)
}

// unreplaced shows below what a button would have put in the place of its message.
func unreplaced(r chat.Reply, err error) (chat.Reply, error) {
	r.Replace = false
	return r, err
}

func (h *Handlers) questionForm(c *Call) (chat.Reply, error) {
	i, place, err := h.questionOf(c)
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.AnswerQuestionForm(i, place)), nil
}

// questionSent keeps the answer to the question it was asked with, wherever the interview is by now.
func (h *Handlers) questionSent(c *Call) (chat.Reply, error) {
	i, place, err := h.questionOf(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if i.State == truce.Discarded {
		return chat.Reply{}, i.At(place)
	}
	if place == i.Place && i.Open() {
		return h.heard(c, i, c.value("text"))
	}
	text, err := truce.CheckText(c.value("text"), "answer")
	if err != nil {
		return chat.Reply{}, err
	}
	i.Answer(place, text, c.Tx.Now)
	if err := c.Tx.SaveInterview(i); err != nil {
		return chat.Reply{}, err
	}
	return h.atInterview(c, i, cards.InterviewView{Answered: place + 1})
}

func (h *Handlers) skipQuestion(c *Call) (chat.Reply, error) {
	i, place, err := h.questionOf(c)
	if err == nil {
		err = i.At(place)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	i.Place++
	return replaced(h.asked(c, i, cards.InterviewView{}))
}

func (h *Handlers) backQuestion(c *Call) (chat.Reply, error) {
	i, place, err := h.questionOf(c)
	if err == nil {
		err = i.At(place)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	i.Place = max(0, i.Place-1)
	return replaced(h.asked(c, i, cards.InterviewView{}))
}

// openOne finds an interview that can be gone on with; Arg begins with its id.
func (h *Handlers) openOne(c *Call) (truce.Interview, error) {
	id, _ := cut(c.Arg)
	i, err := h.myInterview(c, id)
	if err == nil && !i.Open() {
		err = i.At(-1)
	}
	return i, err
}

func (h *Handlers) pauseInterview(c *Call) (chat.Reply, error) {
	i, err := h.openOne(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if i.State == truce.Asking {
		i.State = truce.InterviewPaused
		if err := c.Tx.SaveInterview(i); err != nil {
			return chat.Reply{}, err
		}
	}
	return replace(cards.InterviewPaused(i)), nil
}

// resumeInterview goes on where the interview was left, also one that was discarded.
func (h *Handlers) resumeInterview(c *Call) (chat.Reply, error) {
	i, err := h.myInterview(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	switch i.State {
	case truce.InterviewDone, truce.InterviewDraft:
		return replaced(h.atInterview(c, i, cards.InterviewView{}))
	case truce.Discarded:
		if err := c.log("interview.restore", i.ID, nil); err != nil {
			return chat.Reply{}, err
		}
	}
	return replaced(h.asked(c, i, cards.InterviewView{}))
}

func (h *Handlers) dropInterview(c *Call) (chat.Reply, error) {
	i, err := h.openOne(c)
	if err != nil {
		return chat.Reply{}, err
	}
	i.State = truce.Discarded
	if err := c.Tx.SaveInterview(i); err != nil {
		return chat.Reply{}, err
	}
	return replace(cards.InterviewDiscarded(i)), c.log("interview.discard", i.ID, nil)
}

// endQuestions goes on to the outcomes, whatever was not asked.
func (h *Handlers) endQuestions(c *Call) (chat.Reply, error) {
	i, err := h.openOne(c)
	if err != nil {
		return chat.Reply{}, err
	}
	i.Place = len(i.Questions)
	return replaced(h.asked(c, i, cards.InterviewView{}))
}

// finishInterview makes it count, and passes three quotes on where they may be.
func (h *Handlers) finishInterview(c *Call) (chat.Reply, error) {
	i, err := h.openOne(c)
	if err != nil {
		return chat.Reply{}, err
	}
	i.State, i.Place, i.FinishedAt = truce.InterviewDone, len(i.Questions), c.Tx.Now
	if err := c.Tx.SaveInterview(i); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("interview.finish", i.ID, nil); err != nil {
		return chat.Reply{}, err
	}
	if err := h.passQuotes(c, i); err != nil {
		return chat.Reply{}, err
	}
	return replaced(h.atInterview(c, i, cards.InterviewView{}))
}

// passQuotes has three quotes of a finished interview go to the reps with open deals in its segment, to each once.
func (h *Handlers) passQuotes(c *Call, i truce.Interview) error {
	if i.State != truce.InterviewDone || !i.Consent {
		return nil
	}
	i, err := c.Tx.Interview(i.ID) // with its segment
	if err != nil {
		return err
	}
	reps, err := c.Tx.RepsWithOpenDeals(i.Segment)
	if err != nil {
		return err
	}
	data, err := c.Tx.InventoryData()
	if err != nil || len(i.Three(data.Statements)) == 0 {
		return err
	}
	for _, rep := range reps {
		if rep == i.By { // who asked has heard it
			continue
		}
		subject := storage.QuotesSubject(i.ID)
		err := c.Tx.Send(storage.Message{Key: string(subject) + ":" + rep, To: storage.ToPerson(rep), Subject: subject, Kind: storage.Notice,
			PersonID: rep})
		if err != nil {
			return err
		}
	}
	return nil
}

// confirmInterview takes pasted notes as they were split: the outcomes come next.
func (h *Handlers) confirmInterview(c *Call) (chat.Reply, error) {
	i, err := h.openOne(c)
	if err != nil {
		return chat.Reply{}, err
	}
	if i.State != truce.InterviewDraft {
		return chat.Reply{}, truce.Errorf(truce.Conflict, "%s was confirmed already. Nothing changed.", i.ID)
	}
	i.Place = len(i.Questions)
	return replaced(h.asked(c, i, cards.InterviewView{}))
}

func (h *Handlers) myInterviews(c *Call) (chat.Reply, error) { return h.interviewsFrom(c, 0, "") }

// interviewsFrom shows the person's open interviews from one on.
func (h *Handlers) interviewsFrom(c *Call, from int, _ string) (chat.Reply, error) {
	const atOnce = 8
	list, err := c.Tx.OpenInterviews(c.By.ID)
	if err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Interviews(page(list, from, atOnce, "outcome.mine", ""))), nil
}

// who reads the fields that say who is interviewed.
func (c *Call) who(i truce.Interview) (truce.Interview, *chat.Reply) {
	account, err := accountName(c.value("account"))
	if err != nil {
		r := fault("account", truce.Sentence(err))
		return i, &r
	}
	kind := truce.CustomerKind(cmp.Or(c.value("standing"), string(truce.IdealCustomer)))
	if kind != truce.IdealCustomer && kind != truce.LostCustomer {
		r := fault("standing", "Choose one of the two.")
		return i, &r
	}
	if e := c.value("email"); e != "" && !strings.Contains(e, "@") {
		r := fault("email", "That is no e-mail address: correct it, or leave it empty.")
		return i, &r
	}
	if segment := c.value("segment"); segment != "" || account == i.Account {
		i.Segment = segment
	} else {
		i.Segment = "" // of another account it is another one
	}
	i.Account, i.Standing, i.Who, i.WhoRole, i.WhoEmail, i.Consent = account, kind, c.value("who"), c.value("role"), c.value("email"),
		c.value("consent") == "true"
	return i, nil
}

func (h *Handlers) startSent(c *Call) (chat.Reply, error) {
	i, wrong := c.who(truce.Interview{})
	if wrong != nil {
		return *wrong, nil
	}
	return h.startInterview(c, i)
}

func (h *Handlers) whoForm(c *Call) (chat.Reply, error) {
	i, err := h.myInterview(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.InterviewForm(i, "outcome.who")), nil
}

// whoSent stores who is interviewed. What they take back of their consent is taken back where it was said.
func (h *Handlers) whoSent(c *Call) (chat.Reply, error) {
	before, err := h.myInterview(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	i, wrong := c.who(before)
	if wrong != nil {
		return *wrong, nil
	}
	if err := c.Tx.SaveInterview(i); err != nil {
		return chat.Reply{}, err
	}
	if err := c.log("interview.who", i.ID, map[string]any{"consent": i.Consent, "standing": i.Standing}); err != nil {
		return chat.Reply{}, err
	}
	switch {
	case before.Consent != i.Consent && !i.Consent, before.Consent && (before.Who != i.Who || before.WhoRole != i.WhoRole):
		err = c.Tx.RefreshQuotes(i.ID)
	}
	if err == nil && before.Consent && !i.Consent {
		err = c.Tx.TakeOffQuotes(i.ID)
	}
	if err == nil && i.Consent {
		err = h.passQuotes(c, i)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	return h.atInterview(c, i, cards.InterviewView{})
}

// wholeForm is all questions at once, of an interview that took place without Truce.
func (h *Handlers) wholeForm(_ *Call, account string) (chat.Reply, error) {
	return ask(cards.WholeInterviewForm(truce.Interview{Account: account, Standing: truce.IdealCustomer, Questions: h.questions()})), nil
}

func (h *Handlers) editWhole(c *Call) (chat.Reply, error) {
	i, err := h.myInterview(c, c.Arg)
	if err != nil {
		return chat.Reply{}, err
	}
	return ask(cards.WholeInterviewForm(i)), nil
}

// wholeSent stores all answers; of a new interview the outcomes come next.
func (h *Handlers) wholeSent(c *Call) (chat.Reply, error) {
	i := truce.Interview{Questions: h.questions(), By: c.By.ID}
	var err error
	if c.Arg != "" {
		if i, err = h.myInterview(c, c.Arg); err != nil {
			return chat.Reply{}, err
		}
		if i.State == truce.Discarded {
			return chat.Reply{}, i.At(-1)
		}
	} else {
		var wrong *chat.Reply
		if i, wrong = c.who(i); wrong != nil {
			return *wrong, nil
		}
	}
	for n := range i.Questions {
		if said, there := c.Values["q"+strconv.Itoa(n)]; there && strings.TrimSpace(said) != i.Said(n) {
			i.Answer(n, said, c.Tx.Now)
		}
	}
	if said, there := c.Values["rest"]; there {
		i.Answer(truce.RestPlace, said, c.Tx.Now)
	}
	if c.Arg == "" {
		i.Place, i.State = len(i.Questions), truce.Asking
		if i, err = c.Tx.AddInterview(i); err == nil {
			err = c.log("interview.start", i.ID, nil)
		}
		if err != nil {
			return chat.Reply{}, err
		}
		return h.asked(c, i, cards.InterviewView{})
	}
	if err := c.Tx.SaveInterview(i); err != nil {
		return chat.Reply{}, err
	}
	return h.atInterview(c, i, cards.InterviewView{})
}

// pasteSent splits notes by question, for the person to confirm.
func (h *Handlers) pasteSent(c *Call) (chat.Reply, error) {
	i, wrong := c.who(truce.Interview{By: c.By.ID, Questions: h.questions(), State: truce.InterviewDraft})
	if wrong != nil {
		return *wrong, nil
	}
	notes, err := truce.CheckText(c.value("notes"), "notes")
	if err != nil {
		return fault("notes", truce.Sentence(err)), nil
	}
	answers, rest := truce.SplitNotes(i.Questions, notes)
	for n, text := range answers {
		i.Answer(n, text, c.Tx.Now)
	}
	i.Answer(truce.RestPlace, rest, c.Tx.Now)
	if i, err = c.Tx.AddInterview(i); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Pasted(i)), c.log("interview.paste", i.ID, nil)
}

// statementViews are the outcomes that were named and fit, each with what it is or may be in the inventory.
func (h *Handlers) statementViews(d truce.InventoryData, v truce.Inventory, c *Call,
	fits func(truce.OutcomeStatement) bool) (list []cards.StatementView) {
	group := map[string]string{}
	for _, g := range d.Groupings {
		group[g.StatementID] = d.Resolve(g.OutcomeID, c.Tx.Now)
	}
	var index *textindex.Index
	for _, s := range d.Statements {
		if !s.RemovedAt.IsZero() || !fits(s) {
			continue
		}
		sv := cards.StatementView{Statement: s}
		if id := group[s.ID]; id != "" {
			if sv.Outcome, _ = v.Line(id); sv.Outcome.ID == "" { // its interview is not finished
				sv.Outcome = truce.InventoryLine{ID: id, Name: outcomeName(d, id)}
			}
		} else {
			if index == nil {
				index = alikeIndex(d, group)
			}
			if id := like(index, s); id != "" {
				l, _ := v.Line(id)
				if l.ID == "" {
					l = truce.InventoryLine{ID: id, Name: outcomeName(d, id)}
				}
				sv.Like = &l
			}
		}
		list = append(list, sv)
	}
	return list
}

// outcomeName is what an outcome of the inventory is called now.
func outcomeName(d truce.InventoryData, id string) (name string) {
	for _, n := range d.Names {
		if n.OutcomeID == id {
			name = n.Name
		}
	}
	return name
}

// alikeIndex holds what is in the inventory: each statement under its outcome, and the outcome's name.
func alikeIndex(d truce.InventoryData, group map[string]string) *textindex.Index {
	x := textindex.New(textindex.DefaultSynonyms())
	for _, s := range d.Statements {
		if id := group[s.ID]; id != "" && s.RemovedAt.IsZero() {
			x.Add(textindex.Doc{ID: s.ID, Text: s.String(), Label: id})
		}
	}
	for _, o := range d.Outcomes {
		if o.MergedInto == "" {
			x.Add(textindex.Doc{ID: o.ID, Text: outcomeName(d, o.ID), Label: o.ID})
		}
	}
	return x
}

// likeLeast is from which share of a statement's score for itself another one is proposed as the same: a person decides.
const likeLeast = 0.35

// like is the outcome of the inventory that a statement sounds like; "" where none does.
func like(x *textindex.Index, s truce.OutcomeStatement) string {
	own := "own:" + s.ID
	x.Add(textindex.Doc{ID: own, Text: s.String()})
	defer x.Remove(own)
	score, best := 0.0, textindex.Hit{}
	for _, hit := range x.Search(s.String(), 20) {
		switch {
		case hit.ID == own:
			score = hit.Score
		case best.ID == "":
			best = hit
		}
	}
	if score == 0 || best.Score < likeLeast*score {
		return ""
	}
	return best.Label
}

func (h *Handlers) brief(c *Call, account string) (chat.Reply, error) {
	account, err := accountName(account)
	if err != nil {
		return chat.Reply{}, err
	}
	data, err := c.Tx.InventoryData()
	if err != nil {
		return chat.Reply{}, err
	}
	name, list, statements := data.Of(account, c.Tx.Now)
	return show(cards.Brief(cards.BriefView{Account: name, Interviews: list, Statements: statements, By: &c.By, Loc: h.opt.Location})), nil
}
