package handlers

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage/textindex"
)

// This file is what people say to a colleague: a greeting, thanks, a question. It is answered, and never kept as something heard in the
// field.

// spoken is a text as it is compared with what people say: its words in lower case, without marks and without whom it is said to.
func spoken(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '’' && r != '-'
	})
	var kept []string
	for _, w := range words {
		w = withoutApostrophes.Replace(w)
		if w = strings.Trim(w, "-"); w != "" && !slices.Contains([]string{"truce", "bot", "please", "pls", "bitte"}, w) {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

var withoutApostrophes = strings.NewReplacer("'", "", "’", "")

// What people say, as spoken gives it.
var (
	greetings = set(`are you there|you there|anybody there|anyone there|are you awake|are you alive|are you working|is this working|is this thing on|are you a bot|are you human|ping|test|testing|test test|
		this is a test|just testing|just a test|hi|hello|hey|hiya|heya|yo|howdy|hi there|hello there|hey there|hi all|hello all|hi everyone|hi team|hello team|morning|good morning|good day|good afternoon|good evening|
		how are you|hi how are you|hello how are you|hey how are you|whats up|hallo|moin|servus|guten morgen|guten tag|guten abend|grüezi|bonjour|salut|bonsoir|coucou|hola|buenos dias|buenos días|buenas|
		buenas tardes|ciao|buongiorno|olá|hej|привет|こんにちは`)
	// ownWords are what /truce takes behind it and nobody notes of a customer: said alone, they mean the command.
	ownWords = set(`mine|mydata|my data|mydata export|mydata erase|proposals|status|roles|second look`)
	thanks   = set(`thanks|thank you|thx|tnx|ty|cheers|many thanks|thanks a lot|thanks so much|thanks very much|thank you so much|thank you very much|great thanks|ok thanks|okay thanks|perfect thanks|
		cool thanks|thanks mate|thanks again|much appreciated|appreciate it|i appreciate it|danke|vielen dank|danke schön|danke dir|besten dank|merci|merci beaucoup|gracias|muchas gracias|grazie|obrigado|tack`)
	assents = set(`ok|i love you|love you|you are great|youre great|you are the best|youre the best|well done|okay|k|kk|fine|great|cool|perfect|nice|good|super|wow|lol|haha|got it|sounds good|all right|alright|understood|noted|will do|see you|bye|goodbye|good night|have a nice day|
		have a nice weekend|never mind|nevermind|no problem|youre welcome|done|well done|good job|good bot|love it|awesome|amazing|brilliant|excellent|verstanden|alles klar|passt|tschüss|d accord|vale|de acuerdo`)
	answers   = set(`yes|no|yep|yeah|nope|sure|maybe|yes do|ja|nein|oui|non|si|sí|both|neither|the first|the second`)
	helpAsked = set(`i dont understand|i do not understand|i dont get it|i dont understand this|i dont know|im confused|i am confused|what do you mean|what does that mean|what does this mean|huh|what|
		pardon|explain|explain this|help|help me|i need help|need help|can you help|can you help me|could you help me|can somebody help|help us|what can you do|what do you do|what are you|who are you|what is this|
		what is truce|whats this|whats truce|how does this work|how does it work|how do you work|how do i start|how to start|where do i start|start|get started|commands|menu|what can i say|what can i type|
		what can i do|what can i do here|i am lost|im lost|i am stuck|im stuck|hilfe|hilf mir|ich brauche hilfe|was kannst du|aide|aidez-moi|aide-moi|ayuda|ayúdame|aiuto`)
	waitsAsked = []*regexp.Regexp{
		regexp.MustCompile(`^(so |and )?(what|whats|anything|is anything|is there anything|show me what|tell me what|who)( else)?( is| are)? (waits|waiting|due|pending|open|overdue|left|new)( to do)?( for| on| from)?( me| us)?( today| now| this week)?$`),
		regexp.MustCompile(`^(what|is there anything|anything) (do|must|should|have|can|that|which|for)? ?i? ?(have |need |must |should |got )?(to )?(do|answer|decide|me)( today| now| next| this week)?$`),
		regexp.MustCompile(`^(what do i owe|do i owe anything|am i late|am i behind|whats on my plate|whats next|what next|what now)( today| now)?$`),
		regexp.MustCompile(`^((show |list )?(me )?my )?(todo|todos|to do|to-do|to-dos|tasks|inbox|open items|home)( list)?$`),
		regexp.MustCompile(`^(was wartet( auf mich)?|was steht an|was muss ich tun|was ist offen|quest-ce qui mattend|que tengo pendiente|qué tengo pendiente)$`),
	}
	howAsked = regexp.MustCompile(`^(so |and |hi |hey |hello )?(how|where|what) (do|can|should|would|could|must|might) (i|we|one|you)\b|^(so |and )?how to\b|^(can|may|could|would|will) (i|we|you)\b|^(id like|i would like|i want|i need|want|need) to\b|^(what is|whats) the command\b|^wie (kann|mache|melde|bekomme) ich\b`)
)

func set(list string) map[string]bool {
	m := map[string]bool{}
	for s := range strings.SplitSeq(list, "|") {
		m[strings.TrimSpace(s)] = true
	}
	return m
}

// topic is something people ask how to do: a word of each list stands in the question. Example is the command, as it is typed; it can be
// done as it stands, or opens its form.
type topic struct {
	words   [][]string
	example string
	done    bool
}

func about(example string, words ...string) topic {
	t := topic{example: example}
	for _, w := range words {
		t.words = append(t.words, strings.Split(w, "|"))
	}
	return t
}

func does(command string, words ...string) topic {
	t := about(command, words...)
	t.done = true
	return t
}

// topics are looked through in this order.
var topics = []topic{
	does("dispute list", "uphold|decline|decide|rule|settle|answer", "dispute|disputes|case|cases"),
	does("dispute mine", "see|find|show|follow|check", "dispute|disputes|case|cases"),
	about("dispute L-12 outside ICP: an academic core facility", "dispute|contest|challenge|appeal"),
	about("dispute L-12 outside ICP: an academic core facility", "send|give|hand|reject|complain", "back|bad|wrong", "lead|leads"),
	does("lead mine", "my|mine", "lead|leads"),
	does("lead unrated", "rate|rating|score", "lead|leads"),
	about("lead L-12", "accept|reject|find|see|open|look|show|touch|take|get|search", "lead|leads|company|account|contact"),
	about("objection answer turnaround time", "write|add|propose|approve|suggest|change|edit|improve", "answer|answers"),
	about("objection search validation", "find|search|see|look|show|read", "objection|objections|answer|answers"),
	about("objection they say we are too slow", "log|record|report|note|file|enter|tell|add|capture|submit|raise|register|write|make",
		"objection|objections"),
	about("field the repeat-rate page made them call back", "log|record|report|note|file|enter|tell|add|capture|submit|share|write|leave|pass",
		"note|notes|feedback|field|heard|trend|win"),
	does("charter sign", "sign|accept", "charter|promise|promises"),
	does("charter", "see|read|show|find|change|signed|who", "charter|promise|promises"),
	about("digest pause weekly", "unsubscribe|pause|stop", "digest|digests|report|reports|mails|summary|weekly"),
	about("digest subscribe leads", "subscribe|every", "digest|digests|report|reports|mails|summary"),
	does("digest leads", "see|get|read|open|run|show|make|find", "digest|digests|report|reports|summary|figures|numbers|funnel"),
	about("truce away 2026-08-03 to 2026-08-14", "away|holiday|holidays|vacation|leave|absent|absence"),
	about("truce role mia marketer", "role|roles|permission|permissions"),
	does("truce mydata", "delete|erase|remove|export|see|download", "data"),
	about("outcome interview Northfield Labs", "interview|interviews"),
	about("icp check Northfield Labs", "icp|ideal|profile|fit"),
	does("taskforce", "agenda|taskforce|meeting|minutes"),
	does("activity add", "activity|activities|webinar|webinars|fair|fairs|campaign|campaigns"),
	does("journey", "journey|stage|stages"),
}

// topicOf finds the command that a question asks for.
func (h *Handlers) topicOf(said string) (t topic, cmd *Command) {
	words := strings.Fields(said)
	for _, t := range topics {
		if slices.ContainsFunc(t.words, func(any []string) bool {
			return !slices.ContainsFunc(any, func(w string) bool { return slices.Contains(words, w) })
		}) {
			continue
		}
		name, _ := cut(t.example)
		if cmd := h.byName[name]; cmd != nil {
			return t, cmd
		}
	}
	return topic{}, nil
}

// talk answers what is said to a colleague: nil where a text is not that. It looks at the words only, so it can be asked before it is
// known who said them.
func (h *Handlers) talk(text string) Action {
	said := spoken(text)
	if only, greets := pleasantry(said); only && greets {
		return h.greet
	} else if only {
		return func(*Call) (chat.Reply, error) { return chat.Reply{}, nil }
	}
	switch {
	case ownWords[said]:
		return func(c *Call) (chat.Reply, error) {
			c.Kind, c.Name, c.Text = chat.Command, "truce", said
			return h.command(c)
		}
	case requested(said) != "":
		return h.request
	case regrets[said]:
		return h.lastLogged
	case tellsOff[said]:
		return func(*Call) (chat.Reply, error) { return show(cards.NoHelp()), nil }
	case awayTold.MatchString(said):
		return h.tellAway
	case answers[said]:
		return func(*Call) (chat.Reply, error) { return show(cards.NothingAsked()), nil }
	case helpAsked[said], said == "" && strings.Trim(text, "? ") == "":
		return h.help
	case said == "" && strings.ContainsFunc(text, unicode.IsLetter): // our name and nothing else
		return h.greet
	case slices.ContainsFunc(waitsAsked, func(r *regexp.Regexp) bool { return r.MatchString(said) }):
		return h.home
	case howAsked.MatchString(said), toldToDo.MatchString(said) && len(strings.Fields(said)) <= mostAsked,
		shortQuestion(text) && h.explained(said) == nil:
		if t, cmd := h.topicOf(said); cmd != nil {
			return func(*Call) (chat.Reply, error) { return open(cards.HowTo(t.example, t.done, info(*cmd))), nil }
		}
	case wordless(said) && !strings.ContainsFunc(text, otherScript):
		return func(*Call) (chat.Reply, error) { return show(cards.NotUnderstood()), nil }
	}
	if card := h.explained(said); card != nil {
		return func(*Call) (chat.Reply, error) { return open(*card), nil }
	}
	if name, ok := strings.CutPrefix(said, "help "); ok {
		name = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "me "), "with "), "on ")
		if cmd, _ := h.find(strings.TrimSuffix(name, "s"), ""); cmd != nil {
			return func(*Call) (chat.Reply, error) { return open(cards.CommandHelp(info(*cmd))), nil }
		}
	}
	return nil
}

// wordless reports a text in which there is nothing to read: less than two letters in a row, or one word without a vowel.
func wordless(said string) bool {
	words := strings.Fields(said)
	longest := 0
	for _, w := range words {
		longest = max(longest, len(strings.TrimFunc(w, unicode.IsDigit)))
	}
	return longest < 2 || len(words) == 1 && longest < 20 && !strings.ContainsAny(said, "aeiouyäöüáéíóúàèìòùâêîôû") &&
		!strings.ContainsFunc(said, unicode.IsDigit)
}

// otherScript reports a letter that is not Latin: of these, one may be a word.
func otherScript(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) }

// greet says hello, and what waits.
func (h *Handlers) greet(c *Call) (chat.Reply, error) {
	r, err := h.home(c)
	if err == nil && r.Card != nil {
		r.Card.Blocks = append(r.Card.Blocks, chat.Small(cards.Hint))
	}
	return r, err
}

var caseOrLead = regexp.MustCompile(`(?i)^[LDRT]-\d+$`)

// named shows what a text of nothing but a name means: a lead, a case, a rule, a company or a buyer. No card: it is none.
func (h *Handlers) named(c *Call) (chat.Reply, error) { return h.namedSo(c, c.Text) }

func (h *Handlers) namedSo(c *Call, text string) (chat.Reply, error) {
	said := truce.Bare(text)
	switch {
	case caseOrLead.MatchString(said):
		switch id := strings.ToUpper(said); id[0] {
		case 'D':
			return h.showDispute(c, id)
		case 'R', 'T':
			return h.showProposal(c, id, false)
		}
		return h.findLead(c, said)
	case len(strings.Fields(said)) > maxNameWords || said == "" || strings.ContainsAny(said, "?!\n"):
		return chat.Reply{}, nil
	}
	leads, err := c.Tx.FindLeads(said)
	if err == nil && len(leads) == 0 {
		leads, err = h.calledSo(c, said)
	}
	switch {
	case err != nil:
		return chat.Reply{}, err
	case len(leads) == 0:
		return h.colleagueNamed(c, said)
	case len(leads) == 1:
		return h.showLead(c, leads[0].Ref, false)
	}
	return h.leadsFound(c, 0, said)
}

// colleagueNamed says who a colleague is of whom a text is the whole name. No card: it is none.
func (h *Handlers) colleagueNamed(c *Call, name string) (chat.Reply, error) {
	people, err := c.Tx.People()
	if err != nil {
		return chat.Reply{}, err
	}
	for _, p := range people {
		if truce.FoldText(p.Name) == truce.FoldText(name) && len(p.Roles) > 0 {
			return show(cards.Colleague(p)), nil
		}
	}
	return chat.Reply{}, nil
}

// calledSo are the leads of whom, or of whose company, a text is a word or the name: not only its beginning.
func (h *Handlers) calledSo(c *Call, name string) ([]truce.Lead, error) {
	leads, err := c.Tx.RecallLeads(name)
	if err != nil {
		return nil, err
	}
	asked := words(name)
	return slices.DeleteFunc(leads, func(l truce.Lead) bool {
		held := words(l.Company + " " + l.Account + " " + l.Name)
		return slices.ContainsFunc(asked, func(w string) bool { return !slices.Contains(held, w) })
	}), nil
}

// questioned answers a question from the approved answers. Nothing is kept of it until its asker says so. No card: it is no question of
// one's own side.
func (h *Handlers) questioned(c *Call) (chat.Reply, error) {
	if len(c.Text) > cards.Carried || !textindex.IsQuestion(c.Text) && !shortQuestion(c.Text) || len(h.parts(c.Text)) > 1 {
		return chat.Reply{}, nil
	}
	v := cards.DraftView{Note: truce.Note{Text: c.Text, AuthorID: c.By.ID}, Now: c.Tx.Now, Loc: h.opt.Location}
	if err := h.answerQuestion(c, &v); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.Question(v)), nil
}

// noteOf keeps a text that was only answered so far: with "question" before it as one to Marketing, else as a draft.
func (h *Handlers) noteOf(c *Call) (chat.Reply, error) {
	kind, text := cut(c.Arg)
	if kind != string(truce.NoteQuestion) {
		return replaced(h.takeNote(c, text, ""))
	}
	n, err := h.withNames(c, truce.Note{Text: text, AuthorID: c.By.ID, Guess: truce.NoteQuestion})
	if err != nil {
		return chat.Reply{}, err
	}
	if n, err = c.Tx.AddNote(n); err != nil {
		return chat.Reply{}, err
	}
	return replaced(h.fileNote(c, n, truce.NoteQuestion))
}

// request runs the command that a text asks for in other words.
func (h *Handlers) request(c *Call) (chat.Reply, error) {
	run := *c
	run.Kind = chat.Command
	run.Name, run.Text = cut(requested(spoken(c.Text)))
	return h.command(&run)
}

// meantCommand runs a command that was offered; Arg is its name and what stands behind it.
func (h *Handlers) meantCommand(c *Call) (chat.Reply, error) {
	run := *c
	run.Kind, run.Values = chat.Command, nil
	run.Name, run.Text = cut(c.Arg)
	run.Arg = ""
	return h.command(&run)
}

// nearest is the command or one of its sub-commands that a mistyped word may mean: one letter wrong in short words, two in long ones.
func (h *Handlers) nearest(word string) *Command {
	word = strings.ToLower(strings.Trim(word, "/:,"))
	if len(word) < 3 {
		return nil
	}
	var best *Command
	least := 3
	for i := range h.commands {
		cmd := &h.commands[i]
		if d := truce.Misspelt(word, cmd.Name); d < least && d <= 1+min(1, len(cmd.Name)/5) {
			best, least = cmd, d
		}
	}
	return best
}

// mistyping is what a text with a mistyped command may mean: the command, and what stands behind it. nil: it is a sentence.
func (h *Handlers) mistyping(text string) (*Command, string) {
	first, rest := cut(text)
	_, slash := strings.CutPrefix(first, "/")
	cmd := h.nearest(first)
	if cmd == nil {
		return nil, ""
	}
	if word, behind := cut(rest); word != "" { // "dispte lst"
		if sub := nearSub(cmd, word); sub != "" && (slash || meant(cmd, strings.TrimSpace(sub+" "+behind))) {
			return cmd, strings.TrimSpace(sub + " " + behind)
		}
	}
	if strings.EqualFold(strings.Trim(first, "/:,"), cmd.Name) || !slash && !meant(cmd, rest) && !noOtherWord(first, cmd) {
		return nil, ""
	}
	return cmd, rest
}

// noOtherWord reports a mistyped first word that can be nothing but a command that takes a sentence: "objecton price", unlike "leads".
func noOtherWord(first string, cmd *Command) bool {
	return cmd.Guesses && len(cmd.Name) > 7 && !strings.EqualFold(strings.TrimSuffix(strings.Trim(first, "/:,"), "s"), cmd.Name)
}

// nearSub is the sub-command that a word is but for one letter; "" where there is none.
func nearSub(cmd *Command, word string) string {
	for _, alternative := range strings.Split(cmd.Usage, " | ") {
		if sub, _ := cut(alternative); sub == strings.ToLower(sub) && len(sub) > 3 && truce.Misspelt(strings.ToLower(word), sub) == 1 {
			return sub
		}
	}
	return ""
}

// ourName is how people write to us where the platform has no mention for it.
var ourName = regexp.MustCompile(`(?i)(?:^|\s)@truce\b[,:]?`)

// politeEnd is what stands behind a command that is asked for kindly.
var politeEnd = regexp.MustCompile(`(?i),?\s+(please|pls|bitte|thanks|thank you)[.!]*$`)

// addressed takes off what stands before what is said to us: a comma behind our name, a greeting before a command. It reports whether
// there was any.
func (h *Handlers) addressed(text string) (string, bool) {
	text = strings.TrimSpace(text)
	unnamed := ourName.ReplaceAllString(text, " ")
	bare := strings.TrimLeft(unnamed, " \t\u00a0,;:!")
	was := bare != text
	if first, rest := cut(bare); rest != "" && greetings[spoken(first)] {
		rest = strings.TrimLeft(rest, " ,;:.!–—-")
		if name, behind := cut(rest); spoken(name) == "" && behind != "" { // "hello truce, dispute list please"
			rest = behind
		}
		rest = strings.TrimSpace(politeEnd.ReplaceAllString(rest, ""))
		word, _ := cut(rest)
		if cmd, _ := h.find(strings.TrimSuffix(strings.ToLower(strings.TrimPrefix(word, "/")), ":"), ""); cmd != nil {
			return rest, true
		}
	}
	return cmp.Or(bare, text), was && bare != ""
}
