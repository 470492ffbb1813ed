package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// Handle answers an event: once, however often it comes. The error says that nothing was stored.
func (h *Handlers) Handle(ctx context.Context, ev chat.Event) (reply chat.Reply, err error) {
	start := h.store.Now()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic in event %s: %v\n%s", ev.ID, v, debug.Stack())
		}
		reply = h.handled(ctx, ev, reply, err, start)
	}()
	// A caller's time-out must not undo what others share the transaction with.
	ctx = context.WithoutCancel(ctx)
	if ev.Kind == chat.Told {
		return chat.Reply{}, h.told(ctx, ev.User)
	}
	coming := ev.Kind == chat.Joined || ev.Kind == chat.Left // of the bot: whoever brought it is shown nothing of others
	var why error
	if ev.User.Standing == chat.Unknown && ev.User.ID != "" && !coming {
		if known := readable(ev); h.writes(known) { // most are known: they are looked up where the event is handled
			if reply, err = h.once(ctx, known, from{known: true}); !errors.Is(err, errUnknown) {
				return reply, err
			}
		}
	}
	if ev.User, why, err = h.who(ctx, ev); err != nil {
		return chat.Reply{}, err
	}
	unknown := ev.User.Standing == chat.Unknown && !coming
	if unknown {
		if card := h.asksHelp(ev); card != nil {
			return open(*card), nil
		}
		if !h.keeps(ev) {
			return h.putOff(ev, why), nil
		}
	}
	ev = readable(ev)
	if ev.Kind == chat.Suggest {
		return h.suggestions(ctx, ev)
	}
	if ev.Kind == chat.Look {
		return h.ownCard(ctx, ev)
	}
	if ev.ID == "" {
		return chat.Reply{}, errors.New("an event without an id")
	}
	if h.reads(ev) {
		return h.look(ctx, ev)
	}
	return h.once(ctx, ev, from{why: why, unknown: unknown, coming: coming})
}

// errUnknown ends the event of somebody who is not known to be a member, or to be none.
var errUnknown = errors.New("it is not known who this is")

// writes reports an event that is handled once, in the writer's transaction.
func (h *Handlers) writes(ev chat.Event) bool {
	return ev.ID != "" && ev.Kind != chat.Suggest && ev.Kind != chat.Look && !h.reads(ev)
}

// from is what is known of whom an event comes from before it is handled.
type from struct {
	why     error // what the platform said instead of who an unknown person is
	unknown bool
	coming  bool // it is of the bot's own coming or going
	known   bool // only of somebody who is known, as the platform said last who they are: errUnknown otherwise, and nothing is done
}

// once handles an event that was not handled yet; a repetition gets the answer of the first time.
func (h *Handlers) once(ctx context.Context, ev chat.Event, of from) (reply chat.Reply, err error) {
	ahead := h.readAhead(ev)
	err = h.store.Update(ctx, func(tx *storage.Tx) error {
		ev := ev
		var is storage.Known
		var err error
		if !of.coming || ev.User.Standing == chat.Member {
			if is, err = tx.Known(ev.User.ID); err != nil {
				return err
			}
		}
		if of.known {
			ev.User.Email = "" // nobody vouches for it
			ev.User.Standing = chat.Standing(is.Standing.Is)
			if !settled(ev.User.Standing, is.Person.ID != "") {
				return errUnknown
			}
		}
		stored, seen, err := tx.Seen(ev.ID)
		if err != nil {
			return err
		}
		if seen {
			reply = chat.Reply{}
			return json.Unmarshal(stored, &reply)
		}
		var by truce.Person
		var refusal *chat.Reply
		if !of.coming || ev.User.Standing == chat.Member {
			if by, refusal, err = h.whoIs(tx, ev.User, is); err != nil {
				return err
			}
		}
		if refusal != nil {
			if reply = *refusal; ev.Kind == chat.Pick {
				reply = fault("", refusal.Card.Summary)
			}
		} else if reply, err = h.attempt(&Call{Event: ev, Tx: tx, By: by, h: h, ahead: ahead, unknown: of.unknown}); err != nil {
			return err
		}
		if of.unknown && reply.Card == nil && ev.Kind != chat.Dismiss { // it could not be kept as it stands
			reply = h.putOff(ev, of.why)
			return nil
		}
		if len(reply.Faults) > 0 {
			return nil // nothing was done: sent again, the form is judged again
		}
		return tx.Done(ev.ID, reply)
	})
	return reply, err
}

// handled logs an event, and keeps what was typed where it failed.
func (h *Handlers) handled(ctx context.Context, ev chat.Event, reply chat.Reply, err error, start time.Time) chat.Reply {
	if err != nil && !errors.Is(err, context.Canceled) {
		ref := reference(ev.ID)
		h.log.Error("event failed", "id", ev.ID, "kind", ev.Kind, "name", ev.Name, "ref", ref, "error", err)
		reply = show(cards.Trouble(ref, typed(ev)))
		if h.saveTyped(ctx, ev) {
			reply = show(cards.TroubleWithForm(ref, typed(ev), ev.Name, ev.Arg))
		}
	}
	level := slog.LevelInfo
	if ev.Kind == chat.Look { // each time a message is on somebody's screen
		level = slog.LevelDebug
	}
	h.log.Log(ctx, level, "event", "id", ev.ID, "kind", ev.Kind, "name", ev.Name, "user", ev.User.ID, "took", h.store.Now().Sub(start))
	return reply
}

// attempt runs the event's handler. What a person did wrong becomes an answer, and what the handler had written by then is
// undone; any other error undoes the whole event.
func (h *Handlers) attempt(c *Call) (reply chat.Reply, err error) {
	if c.terms, err = c.Tx.Terms(h.terms); err != nil {
		return reply, err
	}
	err = c.Tx.Try(func() error {
		reply, err = h.route(c)
		return err
	})
	if c.unknown { // what they told is kept; nothing of what it leads to is shown
		switch kind := truce.KindOf(err); {
		case err != nil && kind == truce.Internal:
			return reply, err
		case err != nil || len(reply.Faults) > 0 || reply.Form != nil:
			return chat.Reply{}, c.keepForms(&chat.Reply{}, true)
		case c.Kind == chat.Dismiss:
			return chat.Reply{}, c.keepForms(&chat.Reply{}, false)
		}
		reply = show(cards.KeptUntilVouched(typed(c.Event)))
		return reply, c.keepForms(&reply, false)
	}
	if said := truce.SentenceIn(err, zone(c.By)); said != "" && truce.KindOf(err) != truce.Internal {
		reply = refuse(c.Event, said)
		if err := c.giveBackRest(); err != nil {
			return reply, err
		}
		if c.Kind == chat.Action { // its buttons may be spent
			if _, err := c.redrawn(false); err != nil {
				return reply, err
			}
		}
		return reply, c.keepForms(&reply, true)
	}
	if err == nil {
		err = c.keepForms(&reply, false)
	}
	if err == nil && c.cuts(reply.Form) {
		err = c.giveBack(0)
	}
	return reply, err
}

// redrawn has the message whose button was pressed drawn anew, where it is one that shows how things stand; false: it is none. With
// person only one that stands with a person, because what happened has those in channels drawn anyway.
func (c *Call) redrawn(person bool) (bool, error) {
	subject, to, err := c.Tx.SubjectAt(c.Source.ID)
	if _, personal := to.Person(); err != nil || subject == "" || person && !personal {
		return false, err
	}
	return true, c.Tx.Send(storage.Message{To: to, Subject: subject, Kind: storage.CaseMessage})
}

// look answers an event that only reads, beside the writer.
func (h *Handlers) look(ctx context.Context, ev chat.Event) (reply chat.Reply, err error) {
	by, refusal := truce.Person{}, (*chat.Reply)(nil)
	err = h.store.Update(ctx, func(tx *storage.Tx) (err error) {
		is, err := tx.Known(ev.User.ID)
		if err == nil {
			by, refusal, err = h.whoIs(tx, ev.User, is)
		}
		return err
	})
	if err != nil {
		return chat.Reply{}, err
	}
	if refusal != nil {
		return *refusal, nil
	}
	err = h.store.View(ctx, func(tx *storage.Tx) error {
		terms, err := tx.Terms(h.terms)
		if err != nil {
			return err
		}
		reply, err = h.route(&Call{Event: ev, Tx: tx, By: by, terms: terms, h: h})
		return err
	})
	if said := truce.SentenceIn(err, zone(by)); said != "" && truce.KindOf(err) != truce.Internal {
		return refuse(ev, said), h.store.Update(ctx, func(tx *storage.Tx) error {
			return (&Call{Event: ev, Tx: tx, By: by, h: h}).giveBackRest()
		})
	}
	if c := (&Call{Event: ev, By: by, h: h}); err == nil && c.cuts(reply.Form) {
		return reply, h.store.Update(ctx, func(tx *storage.Tx) error {
			c.Tx = tx
			return c.giveBack(0)
		})
	}
	return reply, err
}

// giveBackRest sends what does not fit beside a refusal of what somebody typed.
func (c *Call) giveBackRest() error {
	if c.Kind != chat.Command && c.Kind != chat.Message {
		return nil
	}
	return c.giveBack(1)
}

// giveBack sends what somebody typed, from a part on.
func (c *Call) giveBack(from int) error {
	parts := cards.GivenBackParts(c.Text)
	for i := from; i < len(parts); i++ {
		if err := c.h.send(c, c.By.ID, fmt.Sprintf("back:%s:%d", c.ID, i), storage.ReplyTo,
			cards.GivenBack(parts[i], i, len(parts))); err != nil {
			return err
		}
	}
	return nil
}

// cuts reports a form that opens for a long text and has no room for the end of it.
func (c *Call) cuts(f *chat.Form) bool {
	const long, end = 140, 30 // what is shorter finds room in every form
	r := []rune(strings.TrimSpace(c.Text))
	if f == nil || len(r) <= long || c.Kind != chat.Command && c.Kind != chat.Message {
		return false
	}
	last := strings.Join(strings.Fields(string(r[len(r)-end:])), " ")
	for _, field := range f.Fields {
		if strings.Contains(strings.Join(strings.Fields(field.Value), " "), last) {
			return false
		}
	}
	return true
}

// readable is an event without texts that are empty to the eye.
func readable(ev chat.Event) chat.Event {
	if truce.Blank(ev.Text) {
		ev.Text = ""
	}
	for k, v := range ev.Values {
		if v != "" && truce.Blank(v) {
			ev.Values = maps.Clone(ev.Values)
			ev.Values[k] = ""
		}
	}
	return ev
}

func (h *Handlers) reads(ev chat.Event) bool {
	if ev.Kind == chat.Action {
		return h.looks[ev.Name]
	}
	if ev.Kind != chat.Command {
		return false
	}
	cmd, text := h.find(ev.Name, ev.Text)
	return cmd != nil && cmd.Reads != nil && cmd.Reads(&Call{Event: chat.Event{Kind: ev.Kind, Name: cmd.Name, Text: text}, h: h})
}

// route finds the handler.
func (h *Handlers) route(c *Call) (chat.Reply, error) {
	switch c.Kind {
	case chat.Command:
		return h.command(c)
	case chat.Action:
		if a := h.actions[c.Name]; a != nil {
			return a(c)
		}
		return chat.Reply{}, truce.Errorf(truce.NotFound, "This button is of an older version and does nothing any more. Type /truce help to "+
			"see what there is.")
	case chat.Submit:
		if f := h.forms[c.Name]; f != nil {
			return f(c)
		}
		return chat.Reply{}, truce.Errorf(truce.NotFound, "This form is of an older version. Type /truce help to see what there is.")
	case chat.Shortcut:
		for _, cmd := range h.commands {
			for _, s := range cmd.Shortcuts {
				if s.Name == c.Name {
					return cmd.guard(s.Run)(c)
				}
			}
		}
		return h.help(c)
	case chat.Pick:
		if p := h.picks[c.Name]; p != nil {
			return p(c)
		}
		return chat.Reply{}, nil
	case chat.Message:
		return h.message(c)
	case chat.HomeOpened:
		return h.home(c)
	case chat.Joined, chat.Left:
		return h.presence(c)
	}
	return chat.Reply{}, nil // a form that was dismissed, or a kind of a later version
}

// command runs what was typed: "/objection x", "/truce objection x", or help on either.
func (h *Handlers) command(c *Call) (chat.Reply, error) {
	cmd, text := h.find(c.Name, c.Text)
	if cmd == nil {
		return h.unknown(c)
	}
	c.Name, c.Text = cmd.Name, text
	if strings.EqualFold(text, "help") && cmd.Name != "truce" {
		return open(cards.CommandHelp(info(*cmd))), nil
	}
	return cmd.guard(cmd.Run)(c)
}

// find resolves a command's name; for "truce" the first word of the text may name another command.
func (h *Handlers) find(name, text string) (*Command, string) {
	text = strings.TrimSpace(text)
	if name == "truce" {
		first, rest := cut(truce.Unquoted(text))
		if cmd := h.byName[strings.ToLower(strings.TrimLeft(truce.Bare(first), "/"))]; cmd != nil && cmd.Name != "truce" {
			return cmd, cmd.plain(rest)
		}
	}
	cmd := h.byName[strings.ToLower(name)]
	if cmd == nil {
		return nil, text
	}
	return cmd, cmd.plain(text)
}

// plain is a text behind a command as it is meant: “mine”, drafts. and «Northfield Labs» are that word and that name. Where the
// text is what was said in the field it stays as it is, unless a word of the command's is all of it.
func (cmd *Command) plain(text string) string {
	if word := strings.ToLower(truce.Bare(text)); cmd.knows(word) {
		return word
	}
	if cmd.Guesses {
		return text
	}
	text = truce.Unquoted(text)
	first, rest := cut(text)
	word := truce.Bare(first)
	if word == first && truce.Unquoted(rest) == rest || !cmd.knows(strings.ToLower(word)) {
		return text
	}
	return strings.TrimSpace(word + " " + truce.Unquoted(rest))
}

var (
	usageWord = regexp.MustCompile(`\b[a-z]+\b`)
	inBracket = regexp.MustCompile(`\[[^]]*\]`)
)

// knows reports whether a word is one of the command's own, as its usage tells them.
func (cmd *Command) knows(word string) bool { return slices.Contains(cmd.words, word) }

// ownWords are the words of the command's usage.
func (cmd *Command) ownWords() []string {
	usage := cmd.Usage
	if cmd.Guesses { // there the brackets hold what they say
		usage = inBracket.ReplaceAllString(usage, "")
	}
	return usageWord.FindAllString(usage, -1)
}

// whoIs finds or makes the person behind a platform's user. People are joined by an e-mail address the platform verified,
// never by name. is is what there is of the user. The refusal is for those who may not use Truce.
func (h *Handlers) whoIs(tx *storage.Tx, u chat.User, is storage.Known) (truce.Person, *chat.Reply, error) {
	if u.ID == "" {
		return truce.Person{}, nil, errors.New("an event without a user")
	}
	if is.Standing.News(string(u.Standing), tx.Now) {
		if err := tx.Heard(u.ID, string(u.Standing)); err != nil {
			return truce.Person{}, nil, err
		}
	}
	if u.Standing.Refused() {
		r := show(cards.MembersOnly())
		return truce.Person{}, &r, nil
	}
	email := ""
	if u.Standing == chat.Member {
		email = truce.FoldEmail(u.Email)
	}
	p := is.Person
	var err error
	if p.ID == "" {
		p, err = newcomer(tx, u, email)
		return p, nil, err
	}
	if p, err = tx.Vouched(p, email, u.ID); err != nil {
		return p, nil, err
	}
	changed := p.Refresh(u.Name, u.Zone)
	if !p.Active {
		if err := tx.Audit("", chat.Network(u.ID), "person.returned", p.ID, u.ID); err != nil {
			return p, nil, err
		}
		p.Active, changed = true, true
	}
	if changed {
		if err := tx.SavePerson(p); err != nil {
			return p, nil, err
		}
	}
	if !is.Away {
		return p, nil, nil
	}
	return p, nil, tx.SeenUser(u.ID)
}

// newcomer joins a platform's user whom we have not seen to the person with the e-mail address, or to a new one.
func newcomer(tx *storage.Tx, u chat.User, email string) (truce.Person, error) {
	p, err := tx.PersonByEmail(email)
	if truce.KindOf(err) == truce.NotFound {
		p, err = tx.AddPerson(truce.Person{Name: u.Name, Email: email})
	}
	if err != nil {
		return p, err
	}
	changed := p.Refresh(u.Name, u.Zone)
	if !p.Active {
		p.Active, changed = true, true
	}
	if changed {
		if err := tx.SavePerson(p); err != nil {
			return p, err
		}
	}
	if err := tx.Identify(p.ID, u.ID, u.Name, string(u.Standing)); err != nil {
		return p, err
	}
	if err := tx.Audit("", chat.Network(u.ID), "person.identified", p.ID, u.ID); err != nil {
		return p, err
	}
	return tx.Person(p.ID)
}

// zone is the zone in which a person reads the clock, nil where none is known.
func zone(p truce.Person) *time.Location {
	if p.Zone == "" {
		return nil
	}
	loc, err := time.LoadLocation(p.Zone)
	if err != nil {
		return nil
	}
	return loc
}

// refuse shows a sentence where the person looks: beside the form it belongs to, or as a message that gives back what was
// typed.
func refuse(ev chat.Event, sentence string) chat.Reply {
	if ev.Kind == chat.Submit || ev.Kind == chat.Pick { // a card would go into what the person is writing
		return fault("", sentence)
	}
	said := longQuote.ReplaceAllStringFunc(sentence, func(q string) string { // the whole of it stands below
		return string([]rune(q)[:80]) + "…\""
	})
	return show(cards.Refusal(said, typed(ev)))
}

// longQuote is a quotation that is no name of anything: somebody pasted a text where one is asked for.
var longQuote = regexp.MustCompile(`"(?:[^"\\]|\\.){120,}"`)

// typed is what a person would lose if it were not shown again.
func typed(ev chat.Event) string {
	if ev.Kind == chat.Command || ev.Kind == chat.Message {
		return ev.Text
	}
	longest := ""
	for _, v := range ev.Values {
		if len(v) > len(longest) {
			longest = v
		}
	}
	return longest
}

// reference is a short name for an event, the same in the log and on the screen.
func reference(id string) string {
	sum := sha256.Sum256([]byte(id))
	return base32.StdEncoding.EncodeToString(sum[:])[:4]
}

// cut splits the first word off.
func cut(text string) (first, rest string) {
	return truce.CutWord(text)
}

func info(c Command) chat.CommandInfo {
	return chat.CommandInfo{Name: c.Name, Usage: c.Usage, Help: c.Help, Examples: c.Examples}
}
