package handlers

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// Reports makes the reports that /digest shows. They only read.
type Reports interface {
	// Digest is the digest of a period; a zero period is the one the kind has by itself.
	Digest(tx *storage.Tx, p cards.Period, by truce.Person) (chat.Card, error)
	// Odds is the win rate with each objection against that without it, at a moment.
	Odds(tx *storage.Tx, asOf time.Time) (chat.Card, error)
	// Figures is everything behind a digest.
	Figures(tx *storage.Tx, p cards.Period) (chat.Card, error)
	// Outcomes is what the outcomes say of score, ratings and verdicts.
	Outcomes(tx *storage.Tx, p cards.Period) (chat.Card, error)
	// How is how the figures are computed.
	How() chat.Card
	// Drill is the records behind a figure: campaigns, why, leads, deals, or the rows of a block.
	Drill(tx *storage.Tx, p cards.Period, by truce.Person, step string, where url.Values) (chat.Card, error)
	// JourneyMap is the journey map as of a moment, with what is true beside it; JourneyStages are its stages as configured.
	JourneyMap(tx *storage.Tx, asOf time.Time) (cards.JourneyView, error)
	JourneyStages() truce.Journey
	// Activity is one activity's chain by a moment: expected beside what was seen. ActivityPast is what the company's own past says of a
	// kind, without one activity; nil where it is too little. ActivityReport is the report of the last year.
	Activity(tx *storage.Tx, a truce.Activity, asOf time.Time) ([]chat.Block, error)
	ActivityPast(tx *storage.Tx, kind, except string, asOf time.Time) (*truce.ActivityPast, error)
	ActivityReport(tx *storage.Tx, asOf time.Time) (chat.Card, error)
	// Agenda is what the next meeting of a series is about, as of a moment; "" is the oldest series that runs.
	Agenda(tx *storage.Tx, series string, asOf time.Time) (truce.Agenda, truce.MeetingSeries, error)
}

// digest shows a report now, and settles who gets which.
func (h *Handlers) digest() Command {
	return Command{
		Name:  "digest",
		Usage: "leads | weekly | mine [PERIOD] | leads by ATTRIBUTE [PERIOD] | G-7 | subscribe KIND | pause KIND | quiet 18:00-08:00",
		Help:  "The report now: what became of the leads, which promises were kept, what waits for you.",
		Examples: []string{"digest leads", "digest leads last month", "digest leads by segment", "digest weekly", "digest mine",
			"digest leads 2026-01-01 2026-04-01", "digest subscribe leads", "digest pause weekly", "digest quiet 18:00-08:00", "digest G-1"},
		Reads: func(c *Call) bool { return !digestSetting(c.Text) },
		Run: func(c *Call) (chat.Reply, error) {
			first, rest := cut(c.Text)
			rest = strings.TrimRight(rest, ".,;:!?")
			switch first = strings.ToLower(first); first {
			case "subscribe", "pause", "resume":
				return h.digestGets(c, first, rest)
			case "quiet":
				return h.digestQuiet(c, rest)
			case "":
				first = "mine"
				if c.By.SpeaksForMarketing() {
					first = "leads"
				}
				if c.By.Has(truce.SalesManager, truce.MarketingManager, truce.Sponsor) {
					first = "weekly"
				}
			}
			if id := strings.ToUpper(first); isDigest(id) && rest == "" {
				return h.openDigest(c, id)
			}
			kind, ok := digestKind(first)
			if !ok {
				return chat.Reply{}, truce.Errorf(truce.Invalid, "There is no digest %q: choose leads, weekly or mine, and if you like a period: "+
					"/digest leads last month.", first)
			}
			p := cards.Period{Kind: kind, AsOf: c.Tx.Now, Loc: h.opt.Location}
			if by, name := cut(rest); strings.EqualFold(by, "by") {
				if p.By, rest = h.attribute(p, name); p.By == "" {
					return chat.Reply{}, truce.Errorf(truce.Invalid, "By what? /digest leads by segment, by product, or by a column that was imported "+
						"with the leads.")
				}
			}
			if rest != "" {
				var err error
				if p, err = h.period(p, rest); err != nil {
					return chat.Reply{}, err
				}
			}
			return h.shown(c, p, "", nil)
		},
		Looks: map[string]Action{
			"digest.open":        func(c *Call) (chat.Reply, error) { return h.openDigest(c, c.Arg) },
			"digest.period":      h.digestPeriod,
			"digest.by":          h.digestBy,
			"digest.all":         h.digestShow(h.opt.Reports.Figures),
			"digest.outcomes":    h.digestShow(h.opt.Reports.Outcomes),
			"digest.campaigns":   h.digestDrill("campaigns"),
			"digest.why":         h.digestDrill("why"),
			"digest.leads":       h.digestDrill("leads"),
			"digest.deals":       h.digestDrill("deals"),
			"digest.rows":        h.digestDrill("rows"),
			"digest.parts":       h.digestDrill("parts"),
			"digest.column.show": h.digestColumnShow,
			"digest.how":         func(*Call) (chat.Reply, error) { return show(h.opt.Reports.How()), nil },
		},
		Actions: map[string]Action{
			"digest.column.ask":    h.digestColumnAsk,
			"digest.column.people": h.digestColumnSay(true),
			"digest.column.plain":  h.digestColumnSay(false),
			"digest.resume":        func(c *Call) (chat.Reply, error) { return h.digestGets(c, "resume", c.Arg) },
			"digest.pause":         func(c *Call) (chat.Reply, error) { return h.digestGets(c, "pause", c.Arg) },
			"digest.subscribe":     func(c *Call) (chat.Reply, error) { return h.digestGets(c, "subscribe", c.Arg) },
		},
	}
}

// digestSetting reports whether the text settles something rather than asks for a report.
func digestSetting(text string) bool {
	first, _ := cut(text)
	switch strings.ToLower(first) {
	case "subscribe", "pause", "resume", "quiet":
		return true
	}
	return false
}

// isDigest reports whether a word is the id of a sent digest.
func isDigest(s string) bool {
	rest, ok := strings.CutPrefix(s, "G-")
	return ok && rest != "" && strings.Trim(rest, "0123456789") == ""
}

// openDigest shows a sent digest as it was sent: its bytes are frozen. A personal one only to its person.
func (h *Handlers) openDigest(c *Call, id string) (chat.Reply, error) {
	g, err := c.Tx.Digest(id)
	if err != nil {
		return chat.Reply{}, err
	}
	if g.PersonID != "" && !c.By.Sees(truce.RecapSecret, g.PersonID == c.By.ID) {
		return chat.Reply{}, truce.Errorf(truce.NotFound, "There is no such digest.")
	}
	var card chat.Card
	if err := json.Unmarshal(g.Card, &card); err != nil {
		return chat.Reply{}, fmt.Errorf("read digest %s: %w", g.ID, err)
	}
	return show(card), nil
}

func digestKind(s string) (kind string, ok bool) {
	switch strings.ToLower(s) {
	case "leads", "lead", "feedback":
		return "leads", true
	case "weekly", "alignment", "summary":
		return "weekly", true
	case "mine", "recap", "me":
		return "mine", true
	case "monthly":
		return "monthly", true
	}
	return "", false
}

// digestPeriod shows the digest of another period. It never touches the message, which others may see and which is frozen.
func (h *Handlers) digestPeriod(c *Call) (chat.Reply, error) {
	p, _, err := cards.ParseArg(c.Arg, h.opt.Location)
	if err != nil {
		return chat.Reply{}, staleButton(err)
	}
	p.AsOf = c.Tx.Now
	if p, err = h.period(p, c.Values["value"]); err != nil {
		return chat.Reply{}, err
	}
	return h.shown(c, p, "", nil)
}

// digestBy tables the leads of a period by another attribute.
func (h *Handlers) digestBy(c *Call) (chat.Reply, error) {
	p, _, err := cards.ParseArg(c.Arg, h.opt.Location)
	if err != nil {
		return chat.Reply{}, staleButton(err)
	}
	p.Kind, p.By = "leads", c.Values["value"]
	if p.By == "" {
		return chat.Reply{}, staleButton(nil)
	}
	return h.shown(c, p, "", nil)
}

// attribute parts the name of an attribute, which may have blanks, from the period behind it: the longest end that is a period.
// Quotes keep a name whole.
func (h *Handlers) attribute(p cards.Period, text string) (name, period string) {
	if name := truce.Unquoted(text); name != text {
		return name, ""
	}
	if text = strings.TrimSpace(text); strings.HasPrefix(text, `"`) {
		if name, period, ok := strings.Cut(text[1:], `"`); ok {
			return strings.TrimSpace(name), strings.TrimSpace(period)
		}
	}
	words := strings.Fields(text)
	for i := 1; i < len(words); i++ {
		if _, err := h.period(p, strings.Join(words[i:], " ")); err == nil {
			return strings.Join(words[:i], " "), strings.Join(words[i:], " ")
		}
	}
	return strings.Join(words, " "), ""
}

// digestShow shows what stands behind a digest.
func (h *Handlers) digestShow(of func(*storage.Tx, cards.Period) (chat.Card, error)) Action {
	return func(c *Call) (chat.Reply, error) {
		p, _, err := cards.ParseArg(c.Arg, h.opt.Location)
		if err != nil {
			return chat.Reply{}, staleButton(err)
		}
		if p.Withheld, err = c.Tx.WithheldSides(c.By); err != nil {
			return chat.Reply{}, err
		}
		card, err := of(c.Tx, p)
		return show(card), err
	}
}

// shown is a digest of a period, or the records behind a step of it, as the one who asks may see it.
func (h *Handlers) shown(c *Call, p cards.Period, step string, where url.Values) (chat.Reply, error) {
	var err error
	if p.Withheld, err = c.Tx.WithheldSides(c.By); err != nil {
		return chat.Reply{}, err
	}
	var card chat.Card
	if step == "" {
		card, err = h.opt.Reports.Digest(c.Tx, p, c.By)
	} else {
		card, err = h.opt.Reports.Drill(c.Tx, p, c.By, step, where)
	}
	return show(card), err
}

func (h *Handlers) digestDrill(step string) Action {
	return func(c *Call) (chat.Reply, error) {
		p, where, err := cards.ParseArg(c.Arg, h.opt.Location)
		if err != nil {
			return chat.Reply{}, staleButton(err)
		}
		r, err := h.shown(c, p, step, where)
		if err == nil && r.Card != nil {
			err = c.veilRows(r.Card)
		}
		return r, err
	}
}

func staleButton(err error) error {
	return truce.Errorf(truce.Invalid, "This button is of an older digest. Ask again with /digest.%w", silent{err})
}

// silent keeps an error for the log and out of the sentence.
type silent struct{ error }

func (silent) Error() string   { return "" }
func (s silent) Unwrap() error { return s.error }

// digestGets subscribes a person to a digest, or pauses it.
func (h *Handlers) digestGets(c *Call, what, name string) (chat.Reply, error) {
	kind, ok := digestKind(strings.TrimSpace(name))
	if !ok {
		return chat.Reply{}, truce.Errorf(truce.Invalid, "Which one? /digest %s leads, /digest %s weekly or /digest %s mine.", what, what, what)
	}
	value, sentence, undo := "on", "", chat.Press("Pause it", "digest.pause", kind)
	switch {
	case what == "pause":
		value, undo = "off", chat.Press("Get it again", "digest.resume", kind)
		sentence = "Paused: " + digestName(kind) + " does not come to you any more. A channel that gets it still does."
	case what == "resume":
		value, sentence = "", "As before: "+digestName(kind)+" comes as it does by itself."
	case kind == "mine":
		sentence = "From now on I tell you on workdays at half past eight what waits for you, and nothing when nothing does."
	default:
		sentence = "Subscribed: " + digestName(kind) + " comes to you, on the same day as to the channel."
	}
	if err := c.Tx.SetPref(c.By.ID, truce.PrefDigest+kind, value); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.DigestPrefs(sentence, undo)), nil
}

func digestName(kind string) string {
	switch kind {
	case "leads":
		return "the lead-feedback digest"
	case "weekly":
		return "the alignment summary"
	case "monthly":
		return "the sponsor's month"
	}
	return "the personal recap"
}

// digestQuiet keeps hours in which Truce starts nothing by itself.
func (h *Handlers) digestQuiet(c *Call, text string) (chat.Reply, error) {
	text = strings.TrimSpace(text)
	if strings.EqualFold(text, "off") {
		if err := c.Tx.SetPref(c.By.ID, truce.PrefQuiet, ""); err != nil {
			return chat.Reply{}, err
		}
		return show(cards.DigestPrefs("No quiet hours of your own: what can wait comes in the company's working hours.",
			chat.Press("Pause the recap", "digest.pause", "mine"))), nil
	}
	if _, err := truce.ParseQuiet(text); err != nil {
		return chat.Reply{}, truce.Errorf(truce.Invalid, "Write the hours as 18:00-08:00, or off.%w", silent{err})
	}
	if err := c.Tx.SetPref(c.By.ID, truce.PrefQuiet, text); err != nil {
		return chat.Reply{}, err
	}
	return show(cards.DigestPrefs("Quiet from "+strings.Replace(text, "-", " to ", 1)+
		": what can wait, waits. Reminders of deadlines still come. /digest quiet off ends it.",
		chat.Press("Pause the recap", "digest.pause", "mine"))), nil
}

// period reads what people call a stretch of time: "last month", "this quarter", "2026", "2026-03", "Q1 2026", two dates.
func (h *Handlers) period(p cards.Period, text string) (cards.Period, error) {
	loc := h.opt.Location
	if loc == nil {
		loc = time.UTC
	}
	today := truce.DateOf(p.AsOf.In(loc))
	at := func(y int, m time.Month, d int) time.Time {
		return truce.DateOf(time.Date(y, m, d, 12, 0, 0, 0, time.UTC)).At(0, loc)
	}
	set := func(from, to time.Time) (cards.Period, error) {
		p.From, p.To = from, to
		return p, nil
	}
	quarter := func(y, q int) (cards.Period, error) {
		return set(at(y, time.Month(3*q-2), 1), at(y, time.Month(3*q+1), 1))
	}
	y, m, q := today.Year, today.Month, (int(today.Month)+2)/3
	week := func(n int) time.Time { return h.opt.Calendar.Week(p.AsOf, n) }
	words := strings.Fields(strings.NewReplacer("..", " ", ",", " ", " to ", " ").Replace(strings.ToLower(text)))
	switch strings.Join(words, " ") {
	case "last week", "week":
		return set(week(-1), week(0))
	case "this week":
		return set(week(0), week(1))
	case "13 weeks", "last 13 weeks":
		return set(week(-13), week(0))
	case "last month", "month":
		return set(at(y, m-1, 1), at(y, m, 1))
	case "this month":
		return set(at(y, m, 1), at(y, m+1, 1))
	case "last quarter", "quarter":
		return quarter(y, q-1)
	case "this quarter":
		return quarter(y, q)
	case "last year":
		return set(at(y-1, 1, 1), at(y, 1, 1))
	case "this year", "year":
		return set(at(y, 1, 1), at(y+1, 1, 1))
	}
	if len(words) == 2 {
		a, err1 := truce.ParseDate(words[0])
		b, err2 := truce.ParseDate(words[1])
		if err1 == nil && err2 == nil && a.Compare(b) < 0 {
			return set(a.At(0, loc), b.At(0, loc))
		}
		if words[0] > words[1] { // q1 2026
			words[0], words[1] = words[1], words[0]
		}
		if t, err := time.Parse("2006", words[0]); err == nil && len(words[1]) == 2 && words[1][0] == 'q' && words[1][1] >= '1' &&
			words[1][1] <= '4' {
			return quarter(t.Year(), int(words[1][1]-'0'))
		}
	}
	if len(words) == 1 {
		if t, err := time.Parse("2006-01", words[0]); err == nil {
			return set(at(t.Year(), t.Month(), 1), at(t.Year(), t.Month()+1, 1))
		}
		if t, err := time.Parse("2006", words[0]); err == nil {
			return set(at(t.Year(), 1, 1), at(t.Year()+1, 1, 1))
		}
	}
	return p, truce.Errorf(truce.Invalid, "I do not know the period %q. Try last week, this month, last quarter, 2026-03, Q1 2026, or two "+
		"dates: 2026-01-01 2026-04-01 (the second is not included).", text)
}
