package handlers

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"truce"
	"truce/bot/chat"
	"truce/storage"
	"truce/storage/textindex"
)

// This file is what the handlers know of texts: which theme an objection is about, which objections are like it, of what kind
// a note is, which accounts and competitors it names. It lives in memory, is filled from the store beside the running bot
// (Warm), and is kept up to date by each event after its commit. Before it is filled nothing is guessed: people are asked.

// finder guesses and finds. Safe for concurrent use.
type finder struct {
	themes     *textindex.Classifier
	kinds      textindex.Kinds
	objections *textindex.Index

	mu          sync.RWMutex
	accounts    map[string]string // as folded -> as written
	competitors map[string]string
}

// Seed stores the themes that a fresh installation starts with, once: what a company renamed or merged since stays so.
func Seed(ctx context.Context, store *storage.Store) error {
	return store.Update(ctx, func(tx *storage.Tx) error {
		done, err := tx.Meta("themes_seeded")
		if err != nil || done != "" {
			return err
		}
		for _, l := range textindex.DefaultThemes() {
			if err := tx.AddTheme(truce.Theme{ID: l.ID, Name: l.Name, State: "active"}); err != nil {
				return fmt.Errorf("seed theme %s: %w", l.ID, err)
			}
		}
		return tx.SetMeta("themes_seeded", tx.Now.Format("2006-01-02"))
	})
}

// Warm fills the memory of texts from the store, while events already come in. It returns when all is known.
func (h *Handlers) Warm(ctx context.Context) error {
	var themes []truce.Theme
	err := h.store.View(ctx, func(tx *storage.Tx) (err error) {
		themes, err = tx.AllThemes()
		return err
	})
	if err != nil {
		return fmt.Errorf("read the themes: %w", err)
	}
	unknown := slices.DeleteFunc(textindex.DefaultThemes(), func(l textindex.Label) bool { // what is stored is defined once, as it is stored
		return slices.ContainsFunc(themes, func(t truce.Theme) bool { return t.ID == l.ID })
	})
	synonyms := textindex.DefaultSynonyms()
	f := &finder{themes: textindex.NewClassifier(synonyms, unknown...), kinds: textindex.NewKinds(synonyms),
		objections: textindex.New(synonyms), accounts: map[string]string{}, competitors: map[string]string{}}
	for _, t := range themes {
		f.define(t)
	}
	h.finder.Store(f) // from here on events are learned as they come
	if err := f.objections.Load(func() ([]textindex.Doc, error) {
		return h.texts(ctx,
			func(truce.Objection) bool { return true })
	}); err != nil {
		return fmt.Errorf("read the objections: %w", err)
	}
	if err := f.themes.Load(func() ([]textindex.Doc, error) { return h.texts(ctx, chosen) }); err != nil {
		return fmt.Errorf("read the themes people chose: %w", err)
	}
	if err := f.kinds.Load(func() ([]textindex.Doc, error) { return h.notes(ctx) }); err != nil {
		return fmt.Errorf("read the notes: %w", err)
	}
	return h.store.View(ctx, func(tx *storage.Tx) error {
		accounts, competitors, err := tx.Named()
		for _, a := range accounts {
			f.name(a, "")
		}
		for _, c := range competitors {
			f.name("", c)
		}
		return err
	})
}

// chosen reports that a person set or confirmed the theme: what there is to learn from.
func chosen(o truce.Objection) bool { return o.ThemeID != "" && o.Confidence == 1 }

func (h *Handlers) texts(ctx context.Context, want func(truce.Objection) bool) (docs []textindex.Doc, err error) {
	err = h.store.View(ctx, func(tx *storage.Tx) error {
		docs = nil
		return tx.EachObjection(func(o truce.Objection) error {
			if want(o) {
				docs = append(docs, textindex.Doc{ID: o.ID, Text: o.Text, Label: o.ThemeID})
			}
			return nil
		})
	})
	return docs, err
}

func (h *Handlers) notes(ctx context.Context) (docs []textindex.Doc, err error) {
	err = h.store.View(ctx, func(tx *storage.Tx) error {
		docs = nil
		return tx.EachNote(func(n truce.Note) error {
			docs = append(docs, textindex.Doc{ID: n.ID, Text: n.Text, Label: string(n.Kind)})
			return nil
		})
	})
	return docs, err
}

// learnNote brings the memory up to date with a note as it is now.
func (f *finder) learnNote(n truce.Note) {
	if n.ConfirmedAt.IsZero() || !n.UndoneAt.IsZero() {
		f.kinds.Forget(n.ID)
		return
	}
	f.kinds.Learn(textindex.Doc{ID: n.ID, Text: n.Text, Label: string(n.Kind)})
	f.name(n.Account, n.Competitor)
}

// define makes the classifier guess a theme by its name (beside what it ships with for it), or never again.
func (f *finder) define(t truce.Theme) {
	if t.State != "active" {
		f.themes.Retire(t.ID)
		return
	}
	label := textindex.Label{ID: t.ID, Name: t.Name, Phrases: []string{t.Name}}
	for _, l := range textindex.DefaultThemes() {
		if l.ID == t.ID {
			label.Phrases = append(label.Phrases, l.Phrases...)
		}
	}
	f.themes.Define(label)
}

// learn brings the memory up to date with an objection as it is now.
func (f *finder) learn(o truce.Objection) {
	if !o.UndoneAt.IsZero() {
		f.objections.Remove(o.ID)
		f.themes.Forget(o.ID)
		return
	}
	f.objections.Add(textindex.Doc{ID: o.ID, Text: o.Text, Label: o.ThemeID})
	if chosen(o) {
		f.themes.Learn(textindex.Doc{ID: o.ID, Text: o.Text, Label: o.ThemeID})
	} else {
		f.themes.Forget(o.ID)
	}
	f.name(o.Account, o.Competitor)
}

func (f *finder) name(account, competitor string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if key := truce.FoldAccount(account); key != "" {
		f.accounts[key] = account
	}
	if key := truce.FoldAccount(competitor); key != "" {
		f.competitors[key] = competitor
	}
}

// learn is done after the commit of the event.
func (c *Call) learn(o truce.Objection) {
	if f := c.h.finder.Load(); f != nil {
		c.Tx.AfterCommit(func() { f.learn(o) })
	}
}

// read is what was guessed of a text.
type read struct {
	text   string
	themes textindex.Guesses
	kinds  textindex.Guesses
}

// readAhead guesses what an event's text is about before its transaction, so that the others who write do not wait for it.
func (h *Handlers) readAhead(ev chat.Event) *read {
	f := h.finder.Load()
	if f == nil {
		return nil
	}
	text, kinds := "", true
	switch ev.Kind {
	case chat.Command:
		if cmd, rest := h.find(ev.Name, ev.Text); cmd != nil && cmd.Guesses {
			text, kinds = rest, cmd.Name != "objection" // that one says what kind it is
		}
	case chat.Submit:
		text = ev.Values["text"]
	case chat.Message:
		text = ev.Text
	case chat.Shortcut:
		if ev.Quoted != nil {
			text = ev.Quoted.Text
		}
	}
	text, err := truce.CheckText(text, "text")
	if err != nil {
		return nil
	}
	return f.read(text, kinds)
}

// read guesses the theme, and the kind where it is asked for. A competitor that is only named is a field of its own, not the
// theme: where the text names one, the theme is guessed from the rest, and if the rest does not tell, neither does the name.
func (f *finder) read(text string, kinds bool) *read {
	r := &read{text: text, themes: f.themes.Guess(text)}
	if kinds {
		r.kinds = f.kinds.Guess(text)
	}
	if two := f.apart(text); two != nil {
		r.themes = two
		return r
	}
	rest := f.withoutCompetitors(text)
	if rest == text {
		return r
	}
	masked := f.themes.Guess(rest)
	if _, sure := masked.Confident(textindex.Threshold); sure {
		r.themes = masked
		return r
	}
	if g, sure := r.themes.Confident(textindex.Threshold); sure && len(masked) > 0 && masked[0].Label != g.Label {
		r.themes = textindex.Guesses{{Label: masked[0].Label, Confidence: masked[0].Confidence},
			{Label: g.Label, Confidence: masked[0].Confidence}}
	}
	return r
}

// apart are the two themes of a text that says two things, as in "no money this year, too pricey": which one it is counted as is asked.
// nil: it says one thing, as far as is known.
func (f *finder) apart(text string) textindex.Guesses {
	if !divided(text) {
		return nil
	}
	parts := clause.Split(text, maxClauses+1)
	if len(parts) < 2 || len(parts) > maxClauses {
		return nil
	}
	var found textindex.Guesses
	for _, p := range parts {
		if g, sure := f.themes.Guess(p).Confident(textindex.Threshold); sure &&
			!slices.ContainsFunc(found, func(o textindex.Guess) bool { return o.Label == g.Label }) {
			found = append(found, g)
		}
	}
	if len(found) != 2 {
		return nil
	}
	for i := range found {
		found[i].Confidence = 0.5
	}
	return found
}

// clause is what stands between the things that a short text says.
var clause = regexp.MustCompile(`\s*[,;]\s+|\.\s+|\s+(?:and|plus|besides|und|et|y)\s+`)

// divided reports whether there may be a clause to find: most texts have none, and looking for one costs as much as guessing.
func divided(text string) bool {
	if strings.ContainsAny(text, ",;.") {
		return true
	}
	for w := range strings.FieldsSeq(text) {
		switch w {
		case "and", "plus", "besides", "und", "et", "y":
			return true
		}
	}
	return false
}

// maxClauses is in how many parts a text is looked at: a longer one is a story, not two reasons.
const maxClauses = 3

// placeholder is how people write about a competitor they do not name: "Competitor X".
var placeholder = regexp.MustCompile(`\b[Cc]ompetitor [A-Z]\b`)

// withoutCompetitors is a text without the names of known competitors.
func (f *finder) withoutCompetitors(text string) string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	for _, s := range spans(text) {
		if _, ok := f.competitors[s.folded]; ok {
			text = strings.Replace(text, s.written, "", 1)
		}
	}
	if !strings.Contains(text, "ompetitor ") {
		return text
	}
	return placeholder.ReplaceAllString(text, "")
}

// guess is what is known of a text: guessed ahead where that was this text. Nil before the memory is filled.
func (c *Call) guess(text string) *read {
	if c.ahead != nil && c.ahead.text == text {
		return c.ahead
	}
	if f := c.h.finder.Load(); f != nil {
		return f.read(text, true)
	}
	return nil
}

// guessTheme fills in the theme where it is sure of it; otherwise it returns the likeliest, for buttons.
func (c *Call) guessTheme(o *truce.Objection) []string {
	r := c.guess(o.Text)
	if r == nil {
		return nil
	}
	if g, sure := r.themes.Confident(textindex.Threshold); sure {
		o.ThemeID, o.Confidence = g.Label, min(g.Confidence, 0.99) // 1 is for what a person chose
		return nil
	}
	return likely(r.themes, 2)
}

// likelyFrom is how many times as likely as pure chance a guess must be to be offered on a button.
const likelyFrom = 2.5

// fewest is how many labels there are at least: of guesses that were narrowed down to two, either is likely.
const fewest = 9

// likely are the labels worth a button, at most n: of a text in an unknown language none is.
func likely(g textindex.Guesses, n int) []string {
	if len(g) == 0 || g[0].Confidence < likelyFrom/float64(max(len(g), fewest)) {
		return nil
	}
	return g.Top(n)
}

// maxNameWords is the most words a name is looked for in; maxNames how many places of a text are tried.
const (
	maxNameWords = 5
	maxNames     = 24
)

// guessNames fills in an account and a competitor that the text names, where they are known.
func (c *Call) guessNames(o *truce.Objection) error {
	f := c.h.finder.Load()
	if f == nil {
		return nil
	}
	if o.Competitor == "" && strings.Contains(o.Text, "ompetitor ") {
		o.Competitor = placeholder.FindString(o.Text)
	}
	f.mu.RLock()
	list := spans(o.Text)
	for _, s := range list {
		if name, ok := f.competitors[s.folded]; ok && o.Competitor == "" {
			o.Competitor = name
		}
	}
	for _, s := range list {
		if name, ok := f.accounts[s.folded]; ok && o.Account == "" && s.folded != truce.FoldAccount(o.Competitor) {
			o.Account = name
		}
	}
	f.mu.RUnlock()
	if o.Account != "" {
		return nil
	}
	var unknown []string
	for _, s := range list {
		if s.folded != truce.FoldAccount(o.Competitor) {
			unknown = append(unknown, s.folded)
		}
	}
	var err error
	o.Account, err = c.Tx.CompanyOf(unknown)
	return err
}

// span is a run of words that may be a name.
type span struct{ written, folded string }

// spans are the runs of words in a text that may be names, the longest first: those that begin with a capital letter or a
// digit, or stand behind a word such as "at". A single word counts only with a capital letter, and not where a sentence
// begins.
func spans(text string) []span {
	fields := strings.Fields(text)
	var out []span
	starts, sentence := 0, true
	for i, w := range fields {
		first := []rune(strings.TrimLeftFunc(w, notName) + " ")[0]
		capital := unicode.IsUpper(first) || unicode.IsDigit(first)
		named := i > 0 && slices.Contains([]string{"at", "from", "with", "for", "vs", "vs.", "than", "like", "by"}, strings.ToLower(fields[i-1]))
		if (capital || named) && starts < maxNames {
			starts++
			for n := min(maxNameWords, len(fields)-i); n >= 1; n-- {
				if n == 1 && (!capital || sentence) {
					break
				}
				s := strings.TrimFunc(strings.Join(fields[i:i+n], " "), notName)
				if folded := truce.FoldAccount(s); len(folded) > 2 {
					out = append(out, span{s, folded})
				}
			}
		}
		sentence = strings.ContainsAny(fields[i][len(fields[i])-1:], ".!?")
	}
	slices.SortStableFunc(out, func(a, b span) int { return strings.Count(b.folded, " ") - strings.Count(a.folded, " ") })
	return out
}

func notName(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
