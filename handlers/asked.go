package handlers

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
)

// This file is what people ask for without a command: "show me my disputes", "who owns L-12?", "what about Northfield Labs?", "undo that".

// asking is how a request begins, as spoken gives it: what stands behind it is what is wanted.
var asking = regexp.MustCompile(`^(?:(?:so|and|ok|okay|now|hey|hi|hello) )*` +
	`(?:(?:can|could|would|will|may) (?:you|i|we) |(?:i|we) (?:want|need|would like)(?: to)? |id like(?: to)? |let me |lets )?` +
	`(?:(?:show|give|send|get|list|open|see|display|find|read|view|fetch|print|check|look up|look at|look for|search for|search|bring up|` +
	`pull up|bring|pull|tell|where is|where are|what is|what are|what about|what|whats|how about|who is|who owns|who has|whose is|` +
	`any news on|any news about|anything on|status of|about|zeig|zeige|was ist mit) )` +
	`(?:(?:me|us|mir|uns) )?(?:about |with |on |up |for )?`)

// requests are the lists and reports that people ask for by what they are called, without an article, and the command that shows them.
var requests = calledBy(map[string]string{
	"lead mine":         "leads|my leads|open leads|my open leads|leads of mine|lead list|my lead list|meine leads|mes leads|mis leads",
	"lead unrated":      "unrated leads|my unrated leads|leads to rate",
	"lead nobody":       "leads without owner|leads without an owner|unowned leads|nobodys leads",
	"dispute list":      "disputes|cases|open disputes|open cases|dispute list|case list",
	"objection answers": "missing answers|open answers|candidates|answers to approve",
	"dispute mine":      "my disputes|my cases|my open disputes|my open cases|meine fälle",
	"dispute overdue":   "overdue disputes|overdue cases|late disputes|late cases|overdue|late",
	"dispute rules":     "rules|our rules",
	"objection top":     "objections|top objections|top objections this week|objections this month|most heard objections|what buyers say",
	"objection new":     "new objections|latest objections|recent objections|newest objections",
	"objection themes":  "themes|objection themes|answers|approved answers|list of answers",
	"field drafts":      "drafts|my drafts|my notes",
	"field recent":      "notes|field notes|recent notes|latest notes|recent field notes",
	"digest mine":       "recap|my recap|my digest|my numbers|my figures|my number|my number this month|my numbers this month|my month",
	"digest leads":      "lead digest|lead feedback|lead-feedback|lead report|leads report|lead quality|source report|sources",
	"digest weekly": "report|reports|weekly|weekly report|weekly digest|weekly summary|summary|alignment summary|numbers|figures|" +
		"this week",
	"digest monthly":    "monthly|monthly report|monthly digest|monthly summary",
	"charter":           "charter|our charter|promises|our promises",
	"icp":               "icp|ideal customer|ideal customer profile|our icp|customer profile",
	"journey":           "journey map|customer journey",
	"taskforce":         "agenda|task force|next meeting|next agenda",
	"taskforce actions": "actions|my actions|open actions",
	"activity":          "activities|our activities",
	"truce proposals":   "open proposals",
	"truce status":      "status|sync|backup|backups|version|health|is everything ok|is everything okay|everything ok|how is the sync|setup",
})

// howGoing asks for a report: of what is ours, or of one's own.
var howGoing = regexp.MustCompile(`^(?:so )?(?:how (?:am|are|is|did|do) (i|we|things|it|sales|marketing) (?:doing|do|going|performing)|` +
	`how many (leads|disputes|cases) (?:do|have|are) (?:i|we|there)(?: (?:have|got|open))?)` +
	`(?: (?:now|today|so far|this week|this month|this quarter|this year))?$`)

// awayTold is somebody who says that they will not be there.
var awayTold = regexp.MustCompile(`^(?:hi |hello |hey )?(?:im|i am|ill be|i will be|i shall be|ich bin|i have|je suis|estoy) ` +
	`(?:(?:going|on|in|out|of|im|den|en|de|off|away|my|a|an|annual|parental) )*` +
	`(?:vacations?|holidays?|leave|ooo|office|away|sick|urlaub|ferien|vacances|vacaciones|pto|day off|week off)` +
	`(?: (?:next|this|from|until|till|on|tomorrow|today|for|the|nächste|ab|bis)\b.*)?$`)

// toldToDo begins what is told to somebody who works for one: "pause the digest".
var toldToDo = regexp.MustCompile(`^(?:pause|stop|subscribe|unsubscribe|send|sign|start|export|erase|delete) `)

// asksForTruce reports a text that is no answer to a question of an interview under way: a reference alone, a list, what waits.
func asksForTruce(text string) bool {
	said := spoken(text)
	return caseOrLead.MatchString(truce.Bare(text)) || requested(said) != "" && len(strings.Fields(said)) > 1 ||
		slices.ContainsFunc(waitsAsked, func(r *regexp.Regexp) bool { return r.MatchString(said) })
}

var opensQuestion = regexp.MustCompile(`^(?:who|what|whats|which|when|why|how|is everything|are there|did anybody|does anybody)\b`)

// shortQuestion reports a few words that ask something: whoever asked it can say that a buyer did.
func shortQuestion(text string) bool {
	said := spoken(text)
	return strings.HasSuffix(strings.TrimSpace(text), "?") && opensQuestion.MatchString(said) && len(strings.Fields(said)) <= 6
}

var (
	// regrets want the last thing that one logged changed or taken back.
	regrets = set(`undo|undo that|undo it|undo this|undo the last one|take it back|take that back|delete that|delete it|delete this|
		remove that|remove it|remove this|cancel that|cancel it|cancel this|cancel|thats wrong|that is wrong|that was wrong|wrong|
		wrong one|oops|my mistake|
		that was a mistake|edit that|edit it|edit this|change that|change it|change this|correct that|correct it|
		i made a mistake|rückgängig|annuler|deshacer`)
	// tellsOff is what people say to a bot that was of no help.
	tellsOff = set(`stop|stop it|stop that|go away|shut up|leave me alone|be quiet|useless|you are useless|youre useless|
		this is useless|stupid|stupid bot|this is stupid|bad bot|you suck|this sucks|wtf|i hate this|i hate you|this does not work|
		this doesnt work|it does not work|it doesnt work|
		not helpful|that is not helpful|that did not help|no help`)
)

// glossary has the short words of the trade that people ask about.
var glossary = map[string]string{
	"mql": "MQL: a lead that Marketing has qualified and hands over to Sales. From that day its promises run.",
	"sql": "SQL: a lead that Sales has qualified after talking to them. It comes before the opportunity.",
}

var meaningAsked = regexp.MustCompile(`^(?:so |and )?(?:what is|whats|what are|what does|what do|explain|define|was ist|was bedeutet)` +
	`(?: (?:a|an|the|ein|eine))? (.+?)(?: (?:mean|means|stand for|here))?$`)

// calledBy turns a list of what each command is called by around.
func calledBy(ways map[string]string) map[string]string {
	m := map[string]string{}
	for command, list := range ways {
		for said := range set(list) {
			m[said] = command
		}
	}
	return m
}

// wanted is what a request asks for, without how it begins and an article: "my disputes" of "can you show me my disputes". asks: it
// begins like a request.
func wanted(said string) (want string, asks bool) {
	want = said
	if begins := asking.FindString(said + " "); begins != "" {
		want, asks = strings.TrimSpace(strings.TrimPrefix(said+" ", begins)), true
	}
	for _, article := range []string{"the ", "a ", "an ", "all ", "our ", "die ", "der ", "das "} {
		if rest, ok := strings.CutPrefix(want, article); ok && requests[want] == "" {
			want = rest
		}
	}
	return want, asks
}

// requested is the command that a text asks for; "" is none.
func requested(said string) string {
	want, _ := wanted(said)
	if command := requests[want]; command != "" {
		return command
	}
	if m := howGoing.FindStringSubmatch(said); m != nil {
		switch {
		case m[2] == "leads":
			return "lead mine"
		case m[2] != "":
			return "dispute list"
		case m[1] == "i":
			return "digest mine"
		}
		return "digest weekly"
	}
	return ""
}

// pleasantry reads a text that is made of greetings, thanks and assents alone. only: it is; greets: nothing but greetings.
func pleasantry(said string) (only, greets bool) {
	words := strings.Fields(said)
	greets = true
	for i := 0; i < len(words); {
		n := min(5, len(words)-i)
		for ; n > 0; n-- {
			phrase := strings.Join(words[i:i+n], " ")
			if polite := thanks[phrase] || assents[phrase]; polite || greetings[phrase] {
				greets = greets && !polite
				break
			}
		}
		if n == 0 {
			return false, false
		}
		i += n
	}
	return len(words) > 0, greets
}

// explained is what a word means that people ask about: the help of a command, or a sentence. nil: it is not known.
func (h *Handlers) explained(said string) *chat.Card {
	m := meaningAsked.FindStringSubmatch(said)
	if m == nil {
		return nil
	}
	if s := glossary[strings.TrimSuffix(m[1], "s")]; s != "" {
		c := cards.Said(s)
		return &c
	}
	for _, name := range []string{m[1], strings.TrimSuffix(m[1], "s"), strings.ReplaceAll(m[1], " ", "")} {
		if cmd, _ := h.find(name, ""); cmd != nil {
			c := cards.CommandHelp(info(*cmd))
			return &c
		}
	}
	return nil
}

var (
	anAnswer      = regexp.MustCompile(`(?i)\bA-\d+\b`)
	leadAndReason = regexp.MustCompile(`(?i)^(L-\d+)[,:]?\s+(.{3,40})$`) // "L-12 wrong person"
	aReference    = regexp.MustCompile(`(?i)\b[LDRT]-\d+\b`)
	// aDeed begins a text that wants something done with what it names, or known of it.
	aDeed = regexp.MustCompile(`^(?:accept|reject|rate|uphold|decline|withdraw|escalate|take|call|touch|log|update|change|edit|approve|rule|` +
		`assign|give|who|what|whats|why|when|where|how|is|has|did|does|whose|which)\b`)
)

// mostAsked is how many words a request about one lead or case has at most: what is longer tells something.
const mostAsked = 8

// about shows the lead, case or proposal that a short request or question names; without one, the company or buyer. No card: it is none.
func (h *Handlers) about(c *Call) (chat.Reply, error) {
	said := spoken(c.Text)
	want, asks := wanted(said)
	if list := aReference.FindAllString(c.Text, 2); len(list) == 1 && (asks ||
		aDeed.MatchString(said)) && len(strings.Fields(said)) <= mostAsked {
		return h.namedSo(c, list[0])
	}
	if m := leadAndReason.FindStringSubmatch(strings.TrimSpace(c.Text)); m != nil {
		if _, ok := truce.ParseReason(m[2]); ok && h.byName["dispute"] != nil {
			return open(cards.HowTo("dispute "+m[1]+" "+m[2], true, info(*h.byName["dispute"]))), nil
		}
	}
	if list := anAnswer.FindAllString(c.Text, 2); len(list) == 1 && (asks || aDeed.MatchString(said) || said == strings.ToLower(list[0])) {
		run := *c
		run.Kind, run.Name, run.Text = chat.Command, "objection", "answers"
		return h.command(&run)
	}
	if want == "" || len(strings.Fields(want)) > maxNameWords {
		return chat.Reply{}, nil
	}
	if asks || strings.HasSuffix(strings.TrimSpace(c.Text), "?") {
		if r, err := h.namedSo(c, want); err != nil || r.Card != nil {
			return r, err
		}
	}
	return h.themeCalled(c, want)
}

// themeCalled shows what is approved about a theme that is called by its name and nothing else: "price", "answer to price".
func (h *Handlers) themeCalled(c *Call, want string) (chat.Reply, error) {
	var kept []string
	for _, w := range strings.Fields(want) {
		if !slices.Contains([]string{"answer", "answers", "objection", "objections", "to", "for", "on", "about", "the"}, w) {
			kept = append(kept, w)
		}
	}
	themes, err := c.Tx.Themes()
	if err != nil {
		return chat.Reply{}, err
	}
	name := strings.Join(kept, " ")
	i := slices.IndexFunc(themes, func(t truce.Theme) bool { return spoken(t.Name) == name })
	if i < 0 {
		return chat.Reply{}, nil
	}
	v := cards.DraftView{Note: truce.Note{Text: c.Text, AuthorID: c.By.ID}, Theme: themes[i], Now: c.Tx.Now, Loc: h.opt.Location}
	if v.Answers, err = h.bestAnswers(c.Tx, v.Theme.ID); err != nil {
		return chat.Reply{}, err
	}
	if len(v.Answers) > 0 {
		if err := c.Tx.Shown(v.Answers[0].ID, "", c.By.ID); err != nil {
			return chat.Reply{}, err
		}
	}
	return show(cards.Question(v)), nil
}

// tellAway offers to note the days on which somebody will not be there: one press where they said which.
func (h *Handlers) tellAway(c *Call) (chat.Reply, error) {
	cmd := h.byName["truce"]
	if cmd == nil {
		return chat.Reply{}, nil
	}
	said, today := spoken(c.Text), h.terms.Calendar.Date(c.Tx.Now)
	day := func(n int) string { return today.Add(n).String() }
	monday := (7-int(today.Weekday()))%7 + 1 // days until the next one, at least one
	from, to, sure := day(monday), day(monday+4), strings.Contains(said, "next week")
	switch {
	case strings.Contains(said, "tomorrow"):
		from, to, sure = day(1), day(1), true
	case strings.HasSuffix(said, "today"):
		from, to, sure = day(0), day(0), true
	}
	return open(cards.HowTo("truce away "+from+" to "+to, sure, info(*cmd))), nil
}

// lastRemembered is how far back "undo that" reaches.
const lastRemembered = 24 * time.Hour

// lastLogged shows what the person logged last and has not taken back, with its Edit and Undo.
func (h *Handlers) lastLogged(c *Call) (chat.Reply, error) {
	ids, err := c.Tx.Logged(c.By.ID, c.Tx.Now.Add(-lastRemembered))
	if err != nil {
		return chat.Reply{}, err
	}
	for _, id := range ids {
		if strings.HasPrefix(id, "O-") {
			o, err := c.Tx.Objection(id)
			if err != nil {
				return chat.Reply{}, err
			}
			if o.UndoneAt.IsZero() {
				return h.showObjection(c, o)
			}
			continue
		}
		n, err := c.Tx.Note(id)
		if err != nil {
			return chat.Reply{}, err
		}
		if n.UndoneAt.IsZero() && n.Became == "" {
			return h.showNote(c, n)
		}
	}
	return show(cards.NothingToUndo()), nil
}
