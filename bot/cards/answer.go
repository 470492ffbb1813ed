package cards

import (
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// answerBlocks are an answer as a rep sees it, with the buttons that make its record. more is how many others there are.
func answerBlocks(a truce.Answer, objection string, more int, now time.Time, loc *time.Location) []chat.Block {
	blocks := answerText(a, now, loc)
	arg := strings.TrimSpace(a.ID + " " + objection)
	row := []chat.Button{chat.Press("Helped", "answer.helped", arg).As(chat.Primary), chat.Ask("Did not help", "answer.not", arg)}
	if more > 0 {
		row = append(row, chat.Press(fmt.Sprintf("%d more", more), "answer.more", arg))
	}
	return append(blocks, chat.ButtonRow(row...))
}

// answerText is what an answer says, in a block of its own that copies whole, and beneath it what it rests on.
func answerText(a truce.Answer, now time.Time, loc *time.Location) []chat.Block {
	head := chat.T(chat.B("Say this"))
	if a.Overdue(now) {
		head = chat.T(chat.B("Past its review"), " since ", chat.At(a.ReviewAt, loc, chat.Day), ": check it before you say it")
	}
	blocks := []chat.Block{{Text: head}, chat.Para(a.Body), chat.Small("Approved ", chat.At(a.ApprovedAt, loc, chat.Day), record(a), ".")}
	if a.Proof != "" {
		blocks = append(blocks, chat.Small("Proof: "+a.Proof))
	}
	if a.Internal != "" {
		blocks = append(blocks, chat.Small("For you only, not for the customer: "+a.Internal))
	}
	return blocks
}

// AnswerToSend is an answer as it goes into a message that others read: its words and what proves them, nothing internal.
func AnswerToSend(a truce.Answer, theme truce.Theme) chat.Card {
	c := chat.Card{Key: "answer.send", Summary: theme.Name + ": " + a.Body, Blocks: []chat.Block{chat.Small(theme.Name), chat.Para(a.Body)}}
	if a.Proof != "" {
		c.Blocks = append(c.Blocks, chat.Para("Proof: "+a.Proof))
	}
	return c
}

// record is how often an answer helped those who said whether it did.
func record(a truce.Answer) string {
	switch {
	case a.Voted == 0:
		return ""
	case a.Voted == 1 && a.Helped == 1:
		return ", helped the one time it was judged"
	}
	return fmt.Sprintf(", helped %d of %s", a.Helped, plural(a.Voted, "time", "times"))
}

// noAnswer says what happens where there is nothing to say yet.
func noAnswer(v ObjectionView, loc *time.Location) chat.Text {
	t := chat.T("No approved answer yet; ", ordinal(v.ThisMonth.People), " to ask this month. ")
	if v.Asked.ID != "" {
		return append(t, chat.T("It is in Marketing's queue, ", dueWhen(v.Asked.DueAt, v.Now, loc), "; you will hear from me.")...)
	}
	return append(t, chat.T(fmt.Sprintf("Marketing sees it, and is asked for one when %d accounts and %d reps have heard it; you will hear "+
		"from me.",
		truce.RequestAccounts, truce.RequestPeople))...)
}

// MoreAnswers are the other answers to the same objection.
func MoreAnswers(theme truce.Theme, list []truce.Answer, objection string, now time.Time, loc *time.Location) chat.Card {
	c := chat.Card{Key: "answer.more", Summary: "What else to say to " + theme.Name + ".", Title: chat.T("What else to say to " + theme.Name)}
	if len(list) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("There is nothing else that may be said today."))
	}
	for _, a := range list {
		c.Blocks = append(c.Blocks, answerBlocks(a, objection, 0, now, loc)...)
	}
	return c
}

// AnswerForm asks for an answer to a theme: a first one, or (replaces) a new version of one. request is the request to
// Marketing that it answers, "" where there is none.
func AnswerForm(theme truce.Theme, now truce.Answer, replaces string, marketer bool) chat.Form {
	claims := make([]chat.Option, len(truce.Claims))
	for i, c := range truce.Claims {
		claims[i] = chat.Option{Value: string(c), Label: string(c), Hint: fmt.Sprintf("review after %d days", c.ReviewDays())}
		if c.NeedsApprover() {
			claims[i].Hint += ", needs a second person to approve"
		}
	}
	claim := now.Claim
	if claim == "" {
		claim = truce.PlainClaim
	}
	f := chat.Form{Name: "answer", Title: "Answer", Submit: "Save and approve", State: strings.TrimSpace(theme.ID + " " + replaces),
		Intro: chat.T("What reps are to say to ", chat.B(theme.Name), ", in words they can use on a call."),
		Fields: []chat.Field{
			{Name: "body", Kind: chat.LongText, Label: "Say this", Value: now.Body, Required: true, Max: truce.MaxText},
			{Name: "proof", Kind: chat.Line1, Label: "Proof and sources", Hint: "A document with its version, a page", Value: now.Proof, Max: 500},
			{Name: "internal", Kind: chat.LongText, Label: "For reps only, never said to a customer", Value: now.Internal, Max: truce.MaxText},
			{Name: "claim", Kind: chat.Choice, Label: "What it claims", Required: true, Value: string(claim), Options: claims},
			{Name: "review", Kind: chat.DateOf, Label: "Review by", Hint: "Empty: as the claim asks for"},
		}}
	if !marketer {
		f.Submit = "Suggest it"
	}
	return f
}

// AnswerSaved says what became of an answer that was written or approved.
func AnswerSaved(theme truce.Theme, a truce.Answer, refusal string, told int, loc *time.Location) chat.Card {
	c := chat.Card{Key: "answer.saved"}
	switch {
	case a.State == truce.AnswerApproved:
		c.Summary = "Approved: the answer to " + theme.Name + "."
		c.Blocks = append(c.Blocks, chat.Para(chat.B("✓ Approved"), " as the answer to ", chat.B(theme.Name), ". Review by ",
			chat.At(a.ReviewAt, loc, chat.Day), ". ", toldReps(told)))
	default:
		c.Summary = "Kept as " + a.ID + ". " + refusal
		c.Blocks = append(c.Blocks, chat.Para("Kept as "+a.ID+". "+refusal))
	}
	c.Blocks = append(c.Blocks, chat.Quote(a.Body))
	return c
}

func toldReps(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "The one rep who asked hears of it."
	}
	return fmt.Sprintf("The %d reps who asked hear of it.", n)
}

// AnswerNews tells a rep that what they asked for is there.
func AnswerNews(theme truce.Theme, a truce.Answer, objection string, now time.Time, loc *time.Location) chat.Card {
	c := chat.Card{Key: "answer.news", Summary: "There is an answer to " + theme.Name + ", which you heard: " + a.Body,
		Blocks: []chat.Block{chat.Para("You heard ", chat.B(theme.Name), " when there was no answer. Now there is one.")},
		Footer: chat.T("You get this once, because you logged " + objection + ".")}
	c.Blocks = append(c.Blocks, answerBlocks(a, objection, 0, now, loc)...)
	return c
}

// AnswerCredit tells a rep that their words became an answer.
func AnswerCredit(theme truce.Theme, a truce.Answer) chat.Card {
	s := "Your words are now an answer to " + theme.Name + "."
	return chat.Card{Key: "answer.credit", Summary: s, Blocks: []chat.Block{chat.Para(chat.B(s), " It carries your name for Marketing."),
		chat.Quote(a.Body)},
		Footer: chat.T("You get this once, because you told me what worked.")}
}

// AnswerRecalled tells whoever was shown an answer not to use it any more.
func AnswerRecalled(theme truce.Theme, a truce.Answer, reason string, loc *time.Location) chat.Card {
	return chat.Card{Key: "answer.recalled", Summary: "Do not use this answer to " + theme.Name + " any more: " + reason,
		Blocks: []chat.Block{chat.Para(chat.B("Do not say this any more"), " about ", chat.B(theme.Name), ": "+reason), chat.Quote(a.Body)},
		Footer: chat.T("You get this because you were shown it in the last 90 days. /objection gives you the answer that holds now.")}
}

// AnswerLine is one answer in Marketing's list.
type AnswerLine struct {
	Answer truce.Answer
	Theme  truce.Theme
	Owner  string // name; "" where nobody owns it yet
	Credit string // whose words it is
	May    bool   // the reader may approve it as it is
}

// AnswersView is Marketing's list of answers: of one theme, or what waits in all of them.
type AnswersView struct {
	Theme    truce.Theme // zero: all
	Lines    []AnswerLine
	Page     Page
	Requests []truce.Request
	Names    map[string]string // of themes, by id
	Now      time.Time
	Loc      *time.Location
	Marketer bool
}

// Answers lists answers with what can be done about each.
func Answers(v AnswersView) chat.Card {
	c := chat.Card{Key: "answers", Title: chat.T("What waits for Marketing")}
	if v.Theme.ID != "" {
		c.Title = chat.T("Answers to " + v.Theme.Name)
	}
	for _, r := range v.Requests {
		c.Blocks = append(c.Blocks, requestLine(r, v.Names[r.ThemeID], v.Now, v.Loc)...)
	}
	for _, l := range v.Lines {
		c.Blocks = append(c.Blocks, answerLine(l, v)...)
	}
	if v.Page.Shown < v.Page.Of {
		c.Title = chat.T(v.Page.Caption(c.Title.String()))
	}
	c.Blocks = append(c.Blocks, v.Page.More()...)
	if len(c.Blocks) == 0 {
		c.Blocks = append(c.Blocks, chat.Para("Nothing waits: no request, no candidate, nothing to approve or to review."))
		if v.Theme.ID != "" {
			c.Blocks[0] = chat.Para("There is no answer yet.")
		}
	}
	if v.Theme.ID != "" {
		c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Write another", "answer.write", v.Theme.ID)))
	}
	c.Summary = c.Title.String() + "."
	return c
}

// requestLine is a request to Marketing in one line, with what can be done about it.
func requestLine(r truce.Request, theme string, now time.Time, loc *time.Location) []chat.Block {
	return []chat.Block{chat.Para(chat.B("Asked for: "+theme),
		fmt.Sprintf(" · %s, %s · ", plural(r.Accounts, "account", "accounts"), plural(r.People, "rep", "reps")), dueWhen(r.DueAt, now, loc)),
		chat.ButtonRow(chat.Ask("Write the answer", "answer.write", r.ThemeID), chat.Press("Not now", "request.drop", r.ID))}
}

// stateLine says where an answer stands, in words.
func stateLine(l AnswerLine, v AnswersView) chat.Text {
	a := l.Answer
	by := ""
	if l.Owner != "" {
		by = ", owner " + l.Owner
	}
	if l.Credit != "" {
		by += ", words of " + l.Credit
	}
	switch {
	case a.State == truce.AnswerApproved && a.Hidden(v.Now):
		return chat.T(chat.B("Hidden"), ": its review was due ", chat.At(a.ReviewAt, v.Loc, chat.Day), by)
	case a.PastReview(v.Now):
		return chat.T(chat.B("Past its review"), " since ", chat.At(a.ReviewAt, v.Loc, chat.Day), by)
	case a.State == truce.AnswerApproved:
		return chat.T(chat.B("Approved"), " ", chat.At(a.ApprovedAt, v.Loc, chat.Day), ", "+shown(a.Shown), record(a), ", review by ",
			chat.At(a.ReviewAt, v.Loc, chat.Day), by)
	case a.State == truce.AnswerWaiting:
		return chat.T(chat.B("Waits for a second person"), ": a "+string(a.Claim)+" claim", by)
	}
	return chat.T(chat.B("Candidate"), by)
}

func shown(n int) string {
	if n == 0 {
		return "not shown yet"
	}
	return "shown " + times(n)
}

func answerLine(l AnswerLine, v AnswersView) []chat.Block {
	a := l.Answer
	head := chat.T(chat.Code(a.ID), " ")
	if v.Theme.ID == "" {
		head = append(head, chat.T(chat.B(l.Theme.Name), " · ")...)
	}
	if a.Version > 1 {
		head = append(head, chat.T(fmt.Sprintf("version %d · ", a.Version))...)
	}
	blocks := []chat.Block{{Text: append(head, stateLine(l, v)...)}, chat.Quote(a.Body)}
	if a.Proof != "" {
		blocks = append(blocks, chat.Small("Proof: "+a.Proof))
	}
	if a.Internal != "" {
		blocks = append(blocks, chat.Small("For reps only: "+a.Internal))
	}
	if !v.Marketer {
		return blocks
	}
	var row []chat.Button
	switch {
	case a.State == truce.AnswerDraft: // nobody has said what it claims: that is asked before it can be approved
		row = []chat.Button{chat.Ask("Review and approve", "answer.edit", a.ID).As(chat.Primary), chat.Press("Not this one", "answer.drop", a.ID)}
	case a.State == truce.AnswerWaiting && l.May:
		row = []chat.Button{chat.Press("Approve", "answer.approve", a.ID).As(chat.Primary), chat.Ask("Edit", "answer.edit", a.ID),
			chat.Press("Not this one", "answer.drop", a.ID)}
	case a.State == truce.AnswerWaiting:
		row = []chat.Button{chat.Ask("Edit", "answer.edit", a.ID), chat.Press("Not this one", "answer.drop", a.ID)}
	case a.Overdue(v.Now) && l.May:
		row = []chat.Button{chat.Press("Still right", "answer.approve", a.ID).As(chat.Primary), chat.Ask("New version", "answer.edit", a.ID),
			chat.Ask("Recall", "answer.recall", a.ID).As(chat.Danger)}
	default:
		row = []chat.Button{chat.Ask("New version", "answer.edit", a.ID), chat.Ask("Recall", "answer.recall", a.ID).As(chat.Danger)}
	}
	return append(blocks, chat.ButtonRow(row...))
}

// RecallForm asks why an answer is withdrawn.
func RecallForm(a truce.Answer, people int) chat.Form {
	return chat.Form{Name: "answer.recall", Title: "Recall " + a.ID, Submit: "Recall", State: a.ID,
		Intro:  chat.T("Nobody is shown it any more, and " + persons(people) + " shown it in the last 90 days hear why."),
		Fields: []chat.Field{{Name: "reason", Kind: chat.Line1, Label: "Why?", Required: true, Max: 500}}}
}

// RecallSentence says what a recall did.
func RecallSentence(a truce.Answer, people int) string {
	switch people {
	case 0:
		return a.ID + " is recalled. Nobody was shown it in the last 90 days."
	case 1:
		return a.ID + " is recalled. The one person who was shown it in the last 90 days is told why."
	}
	return fmt.Sprintf("%s is recalled. The %d people who were shown it in the last 90 days are told why.", a.ID, people)
}

func persons(n int) string {
	if n == 1 {
		return "the one person who was"
	}
	return fmt.Sprintf("the %d people who were", n)
}

// AnswerDone says what was done with an answer in Marketing's list.
func AnswerDone(sentence string, a truce.Answer) chat.Card {
	return chat.Card{Key: "answer.done", Summary: sentence, Blocks: []chat.Block{chat.Para(sentence), chat.Quote(a.Body)}}
}

// InsteadForm asks what worked where an answer did not.
func InsteadForm(arg string) chat.Form {
	return chat.Form{Name: "answer.instead", Title: "What worked instead?", Submit: "Send", State: arg,
		Fields: []chat.Field{{Name: "instead", Kind: chat.LongText, Label: "What worked instead?",
			Hint: "It becomes a candidate answer with your name on it. Leave empty if nothing did.", Max: truce.MaxText}}}
}

// Voted thanks for a vote with what it did.
func Voted(a truce.Answer, helped, instead bool) chat.Card {
	s := fmt.Sprintf("Noted: it helped %d of %s.", a.Helped, plural(a.Voted, "time", "times"))
	switch {
	case instead:
		s += " What worked for you is now a candidate answer with your name on it."
	case !helped:
		s += " Marketing sees that it did not help."
	}
	return chat.Card{Key: "answer.voted", Summary: s, Blocks: []chat.Block{chat.Para(s)}}
}

// RequestView is a request to Marketing as its message shows it.
type RequestView struct {
	Request truce.Request
	Theme   truce.Theme
	Said    []string // what buyers said, newest first
	Worked  string   // what worked for a rep; "" where nobody said
	Answer  truce.Answer
	By      string // who answered or dropped it
	Now     time.Time
	Loc     *time.Location
	Money   string // the open pipeline, as written
}

// Request is the one message of a request to Marketing, edited when it is answered.
func Request(v RequestView) chat.Card {
	r := v.Request
	c := chat.Card{Key: "request", Summary: "Reps need an answer to " + v.Theme.Name + "."}
	switch r.State {
	case truce.RequestAnswered:
		c.Summary = "Answered: " + v.Theme.Name + "."
		c.Blocks = append(c.Blocks, chat.Para(chat.B(v.Theme.Name), " is ", chat.B("answered"), " by "+v.By+"."), chat.Quote(v.Answer.Body))
		return c
	case truce.RequestDropped:
		c.Summary = "Set aside: " + v.Theme.Name + "."
		c.Blocks = append(c.Blocks, chat.Para(chat.B(v.Theme.Name), " was set aside by "+v.By+". It comes back if it is heard at more accounts."))
		return c
	}
	facts := fmt.Sprintf("%s, %s, %s in %d days", plural(r.Accounts, "account", "accounts"), plural(r.People, "rep", "reps"), times(r.Times),
		truce.RequestDays)
	if v.Money != "" {
		facts += " · " + v.Money + " open there"
	}
	c.Blocks = append(c.Blocks, chat.Para(chat.B("Reps need an answer: "+v.Theme.Name)),
		chat.Para(facts+" · waiting for Marketing, ", dueWhen(r.DueAt, v.Now, v.Loc)))
	for _, s := range v.Said {
		c.Blocks = append(c.Blocks, chat.Quote(s))
	}
	if v.Worked != "" {
		c.Blocks = append(c.Blocks, chat.Para("What worked for a rep, as a draft:"), chat.Quote(v.Worked))
	}
	c.Blocks = append(c.Blocks, chat.ButtonRow(chat.Ask("Write the answer", "answer.write", r.ThemeID).As(chat.Primary),
		chat.Press("Not now", "request.drop", r.ID)))
	return c
}

// ReviewDue reminds an answer's owner of its review.
func ReviewDue(theme truce.Theme, a truce.Answer, loc *time.Location) chat.Card {
	s := "Your answer to " + theme.Name + " is due for review."
	if a.Claim == truce.RegulatoryClaim {
		s += " It is a regulatory claim: reps do not see it until you have looked at it."
	}
	row := []chat.Button{chat.Ask("New version", "answer.edit", a.ID)}
	if !a.Claim.NeedsApprover() { // otherwise somebody else must look, in Marketing's list
		row = append([]chat.Button{chat.Press("Still right", "answer.approve", a.ID).As(chat.Primary)}, row...)
	}
	return chat.Card{Key: "answer.review", Summary: s, Blocks: []chat.Block{chat.Para(s), chat.Quote(a.Body), chat.ButtonRow(row...)},
		Footer: chat.T("You get this once, because you own the answer.")}
}

// AnswerAsked says that Marketing was asked for an answer to a theme: now, or before.
func AnswerAsked(theme truce.Theme, q truce.Request, now bool, at time.Time, loc *time.Location) chat.Card {
	said := "Marketing was asked for an answer already"
	if now {
		said = "✓ Marketing is asked for an answer"
	}
	c := chat.Card{Key: "request.asked", Summary: said + ": " + theme.Name + "."}
	t := append(chat.T(chat.B(said), " to “"+theme.Name+"” ("+q.ID+"), "), dueWhen(q.DueAt, at, loc)...)
	c.Blocks = append(c.Blocks, chat.Block{Text: append(t, chat.T(".")...)}, chat.ButtonRow(chat.Ask("Write an answer…", "journey.answer",
		theme.ID)))
	return c
}
