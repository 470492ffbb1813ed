package chat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Handler takes events. The reply can always be shown, also beside an error: an error says that nothing was stored, so a
// transport that repeats should be told to.
type Handler interface {
	Handle(ctx context.Context, ev Event) (Reply, error)
}

// HandlerFunc is a function as a Handler.
type HandlerFunc func(ctx context.Context, ev Event) (Reply, error)

// Handle calls f.
func (f HandlerFunc) Handle(ctx context.Context, ev Event) (Reply, error) { return f(ctx, ev) }

// Adapter is one chat platform. What it can do beyond this is said by the optional interfaces below.
type Adapter interface {
	// Name is the network: the prefix of all its ids ("slack").
	Name() string
	// Run takes events from the platform and gives them to h until ctx ends. It returns after all that it started has
	// ended; a nil error means that ctx ended it.
	Run(ctx context.Context, h Handler) error
	// Send posts a message, or edits one, and returns where it stands. A failure is a *SendError where the adapter knows
	// what it means.
	Send(ctx context.Context, m Outgoing) (Ref, error)
}

// Outgoing is one message on its way.
type Outgoing struct {
	Key   string // the same for each attempt at the same message: recognisably the same if it arrives twice
	To    Place  //
	Card  Card   //
	Edit  Ref    // the message to change; zero posts a new one
	Again bool   // an earlier attempt has an unknown outcome: look for it first where the platform can
}

// Mounter is an adapter that receives over HTTP, on the address all share.
type Mounter interface {
	// Mount adds the adapter's routes; h takes their events. Called once, before Run.
	Mount(mux *http.ServeMux, h Handler)
}

// Readier is an adapter that can tell whether it is connected; nil is ready.
type Readier interface{ Ready() error }

// Homer is an adapter with a home page per person.
type Homer interface {
	SetHome(ctx context.Context, user string, card Card) error
}

// Directory is an adapter that can say who a user is.
type Directory interface {
	// LookUp fills in what the platform knows of the user id: name, verified e-mail, zone, standing.
	LookUp(ctx context.Context, user string) (User, error)
}

// Lister is an adapter that can tell of everybody in whole pages, which costs far less than asking for one after the other.
type Lister interface {
	// Everybody calls fn for each page of users, bots left out; one that was deactivated has the standing Former. It paces itself.
	Everybody(ctx context.Context, fn func([]User) error) error
}

// ErrDeactivated is in the chain of LookUp's error where the platform says that the account was deactivated or deleted: the
// person has left. Without it a user who is not found may only have removed the app.
var ErrDeactivated = errors.New("the account is deactivated")

// Finder is an adapter that can find a user by their verified e-mail address, also one who has never written to the bot.
type Finder interface {
	// FindByEmail returns the user. ErrNoSuchUser where nobody has the address.
	FindByEmail(ctx context.Context, email string) (User, error)
}

// ErrNoSuchUser says that nobody has an e-mail address.
var ErrNoSuchUser = errors.New("no such user")

// Grouper is an adapter with user groups.
type Grouper interface {
	// Members returns the User.IDs in a group named by handle or id. NoSuchGroup where it does not exist.
	Members(ctx context.Context, group string) ([]string, error)
	// GroupRemedy says what to do about a group that could not be read (err), or has nobody in it (nil).
	GroupRemedy(err error) string
}

// Checker is an adapter that can check its own installation online.
type Checker interface {
	Check(ctx context.Context, channels []Place) []Finding
}

// Finding is one thing found by a check, with its remedy.
type Finding struct {
	OK     bool
	What   string // "slack: bot token"
	Detail string // what was found
	Remedy string // what to do; "" where OK
}

// Catalog is what people can do, for manifests, completion and help: made from the handlers' one list of commands.
type Catalog struct {
	Commands  []CommandInfo
	Shortcuts []ShortcutInfo
}

// CommandInfo describes a command.
type CommandInfo struct {
	Name     string // "objection"
	Usage    string // "[what they say] | top | new | search TEXT | answer THEME"
	Help     string // one sentence
	Examples []string
}

// ShortcutInfo describes a shortcut on a message, or (Global) from anywhere.
type ShortcutInfo struct {
	Name   string // Event.Name
	Title  string // at most 24 characters
	Help   string
	Global bool
}

// ErrNoSuchGroup says that a user group does not exist.
var ErrNoSuchGroup = errors.New("no such user group")

// Trouble says what a failed Send means for the message.
type Trouble string

// The troubles, and what delivery does about each.
const (
	Later        Trouble = "later"        // not delivered; try again, after RetryAfter
	Unclear      Trouble = "unclear"      // may have been delivered: try again with Again set
	Refused      Trouble = "refused"      // the platform will never take this card; do not try again
	NotMember    Trouble = "not member"   // the bot is not in the channel: tell the person concerned, send to them
	Gone         Trouble = "gone"         // the place or message is no more
	Unreachable  Trouble = "unreachable"  // the person blocked or never installed the bot: mark, stop
	Unauthorized Trouble = "unauthorized" // token or permission: tell an admin, try again later
)

// SendError is why a message was not sent.
type SendError struct {
	Trouble    Trouble
	RetryAfter time.Duration // with Later; 0 leaves it to the sender
	Remedy     string        // one sentence for the person who can mend it: "Type /invite @Truce in #lead-disputes."
	Err        error
}

func (e *SendError) Error() string { return fmt.Sprintf("%s: %v", e.Trouble, e.Err) }
func (e *SendError) Unwrap() error { return e.Err }

// TroubleOf is the Trouble of an error of Send; Unclear where the adapter did not say.
func TroubleOf(err error) Trouble {
	var se *SendError
	if errors.As(err, &se) {
		return se.Trouble
	}
	return Unclear
}

// Memory is what an adapter may remember across restarts: conversation references, its own message history. Keys are the
// adapter's own; each adapter sees only its own. A Put has been committed when it returns.
type Memory interface {
	// Get returns the value, or nil where there is none.
	Get(ctx context.Context, key string) ([]byte, error)
	Put(ctx context.Context, key string, value []byte) error
	Delete(ctx context.Context, key string) error
	// Scan calls fn for each key with the prefix, in the order of the keys, until fn fails. fn must not call the Memory.
	Scan(ctx context.Context, prefix string, fn func(key string, value []byte) error) error
}
