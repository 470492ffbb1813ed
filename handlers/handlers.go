// Package handlers is what people ask of Truce: one file per command, each a Command value with its help, its actions and
// its forms. The router finds out who is asking, opens the event's transaction, and makes sure that an event seen twice is
// done once. A handler is a function of its transaction and its event: it touches nothing else, so it can be repeated,
// replayed and tested. It never knows which platform asked.
package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// Options are what the handlers need to know of the configuration.
type Options struct {
	Location *time.Location // the company's time zone
	Calendar truce.Calendar // the company's business hours
	Terms    truce.Terms    // how much time everybody has; zero is truce.NewTerms of the calendar
	Rising   Rising         // the test for what is heard more often; nil marks nothing
	Channels []string       // which channels are configured: disputes, digests, alignment, objections
	Sources  []string       // the sources of truce sync
	Reports  Reports        // makes the digests; nil leaves /digest out
	CRM      truce.CRMLinks // where the CRM shows its records; none leaves its buttons out

	Ideal     Ideal    // computes what profiles would have done; nil leaves it out
	Questions []string // asked in interviews with customers; none: ours

	RefreshPeople func() // has user groups and directories read again soon; nil where there is no platform with any
}

// Rising are the themes that are heard significantly more often at a moment, by id. Package schedules satisfies it.
type Rising func(tx *storage.Tx, at time.Time) (map[string]bool, error)

// Handlers answers events. It is a chat.Handler.
type Handlers struct {
	store    *storage.Store
	log      *slog.Logger
	opt      Options
	terms    truce.Terms
	commands []Command
	byName   map[string]*Command
	actions  map[string]Action
	looks    map[string]bool
	forms    map[string]Action
	suggest  map[string]Suggestion
	own      map[string]Action
	picks    map[string]Action
	finder   atomic.Pointer[finder] // nil until Warm
	vouch    vouching
}

// Call is one event on its way through a handler.
type Call struct {
	chat.Event
	Tx *storage.Tx
	By truce.Person // who did it
	h  *Handlers

	terms truce.Terms // those that hold

	ahead   *read // what was guessed of the text before the transaction; nil where nothing was
	unknown bool  // no platform has vouched for By yet: what they tell is kept, and nothing shown
}

// Action answers a command, a pressed button, a sent form or a shortcut, within the event's transaction.
type Action func(c *Call) (chat.Reply, error)

// Suggestion finds the options for what is being typed; it only reads.
type Suggestion func(c *Call) ([]chat.Option, error)

// Command is one thing people can type, with all that belongs to it.
type Command struct {
	Name     string
	Usage    string // "[what they say] | top | search TEXT"
	Help     string // one sentence
	Examples []string
	Allow    []truce.Role // who may; none: every full member
	Run      Action
	Reads    func(c *Call) bool // reports that this call only reads and may take long: it runs beside the writing ones
	// reports that this call only tells something: it is kept also of somebody whom no platform has vouched for yet
	Keeps   func(c *Call) bool
	Guesses bool // the text is what was said in the field: it is guessed at before the transaction

	words []string // its own, as Usage tells them

	Actions    map[string]Action // by Button.Action
	Looks      map[string]Action // by Button.Action: those that only read and may take long; they run beside the writing ones
	Forms      map[string]Action // by Form.Name
	KeepsForms []string          // those that only tell something, like Keeps
	Shortcuts  []Shortcut
	Suggest    map[string]Suggestion // by Field.Suggest
	Picks      map[string]Action     // by Field.Suggest: an option was taken into what the person is writing
	Own        map[string]Action     // by chat.Own.Name: a card that stands where many see it, as By may see it; it only reads
}

// Shortcut is something done to a message, or from anywhere (Global).
type Shortcut struct {
	Name, Title, Help string
	Global            bool
	Keeps             bool // it only tells something, like Command.Keeps
	Run               Action
}

// New makes the handlers.
func New(store *storage.Store, opt Options, log *slog.Logger) *Handlers {
	h := &Handlers{store: store, log: log, opt: opt, byName: map[string]*Command{}, actions: map[string]Action{}, looks: map[string]bool{},
		forms:   map[string]Action{},
		suggest: map[string]Suggestion{}, own: map[string]Action{}, picks: map[string]Action{}}
	h.vouch.under, h.vouch.waits = map[string]*inquiry{}, map[string]*waiting{}
	h.vouch.life, h.vouch.end = context.WithCancel(context.Background())
	if h.terms = opt.Terms; h.terms.Answer == 0 {
		h.terms = truce.NewTerms(opt.Calendar)
	}
	h.commands = []Command{h.objection(), h.field(), h.lead(), h.dispute(), h.charter(), h.icp(), h.outcome(), h.truce()}
	if opt.Reports != nil {
		h.commands = slices.Insert(h.commands, len(h.commands)-1, h.journey(), h.activity(), h.taskforce(), h.digest())
	}
	for i := range h.commands {
		c := &h.commands[i]
		c.words = c.ownWords()
		h.byName[c.Name] = c
		for name, a := range c.Actions {
			h.actions[name] = c.guard(a)
		}
		for name, a := range c.Looks {
			h.actions[name], h.looks[name] = c.guard(a), true
		}
		for name, a := range c.Forms {
			h.forms[name] = c.guard(a)
		}
		for name, s := range c.Suggest {
			h.suggest[name] = s
		}
		maps.Copy(h.own, c.Own)
		maps.Copy(h.picks, c.Picks)
	}
	return h
}

// Commands are all commands, in the order of the help.
func (h *Handlers) Commands() []Command { return h.commands }

// Catalog describes the commands and shortcuts for manifests and completion.
func (h *Handlers) Catalog() chat.Catalog {
	var cat chat.Catalog
	for _, c := range h.commands {
		cat.Commands = append(cat.Commands, chat.CommandInfo{Name: c.Name, Usage: c.Usage, Help: c.Help, Examples: c.Examples})
		for _, s := range c.Shortcuts {
			cat.Shortcuts = append(cat.Shortcuts, chat.ShortcutInfo{Name: s.Name, Title: s.Title, Help: s.Help, Global: s.Global})
		}
	}
	return cat
}

// guard lets only those in who hold one of the command's roles: asked of the store at the moment of the click.
func (c *Command) guard(a Action) Action {
	if len(c.Allow) == 0 {
		return a
	}
	return func(call *Call) (chat.Reply, error) {
		if !call.By.Has(c.Allow...) {
			return chat.Reply{}, truce.Errorf(truce.Forbidden, "Only %s may do that. Ask an admin for the role: /truce roles.", orRoles(c.Allow))
		}
		return a(call)
	}
}

func orRoles(roles []truce.Role) string {
	s := ""
	for i, r := range roles {
		switch {
		case i == 0:
			s = "a " + string(r)
		case i == len(roles)-1:
			s += " or a " + string(r)
		default:
			s += ", a " + string(r)
		}
	}
	return s
}

// show is a reply of one card that only the person sees.
func show(card chat.Card) chat.Reply { return chat.Reply{Card: &card} }

// open is a reply of one card that is nobody's secret.
func open(card chat.Card) chat.Reply { return chat.Reply{Card: &card, Open: true} }

// replaced makes a reply take the place of the message whose button was pressed.
func replaced(r chat.Reply, err error) (chat.Reply, error) {
	r.Replace = r.Card != nil
	return r, err
}

// replace is a reply that takes the place of the message whose button was pressed.
func replace(card chat.Card) chat.Reply { return chat.Reply{Card: &card, Replace: true} }

// ask is a reply that opens a form.
func ask(f chat.Form) chat.Reply { return chat.Reply{Form: &f} }

// fault is a reply to a form with one wrong answer.
func fault(field, sentence string) chat.Reply {
	return chat.Reply{Faults: []chat.Fault{{Field: field, Text: sentence}}}
}

// send writes a finished card to a person into the outbox, once by its key.
func (h *Handlers) send(c *Call, person, key string, kind storage.MessageKind, card chat.Card) error {
	body, err := json.Marshal(card)
	if err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	return c.Tx.Send(storage.Message{Key: key, To: storage.ToPerson(person), Body: body, Kind: kind, PersonID: person})
}
