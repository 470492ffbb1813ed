// Package chat holds the neutral words in which Truce and the people it talks to exchange things: what a person did
// (Event), what Truce says (Card), what it asks (Form), and what an adapter to a chat platform must be able to do.
//
// It imports nothing of ours and knows no platform: Slack, Teams and the local workspace are dialects of these words. All
// strings in it are plain text; whoever renders them escapes them for its place.
package chat

import (
	"strings"
	"time"
)

// Kind says what a person did.
type Kind string

// The kinds of events. In brackets: what Event.Name holds.
const (
	Command  Kind = "command"  // typed a command [its name without slash and prefix: "objection"]
	Action   Kind = "action"   // pressed a button or chose from a Select [Button.Action]
	Submit   Kind = "submit"   // sent a form [Form.Name]
	Dismiss  Kind = "dismiss"  // closed a form without sending it [Form.Name]; Values hold what was typed, where known
	Message  Kind = "message"  // wrote to the bot in a DM, or mentioned it [""]
	Shortcut Kind = "shortcut" // used "Log as ..." on a message or a global shortcut [its name]; Quoted holds the message
	Suggest  Kind = "suggest"  // is typing in a field that suggests [Field.Suggest]; Text holds what was typed so far
	// took one of the Options of a search into what they are writing [the search's name]; Arg holds its Value, the reply's card is
	// what goes in
	Pick       Kind = "pick"
	Look       Kind = "look"        // the platform asks for a message's card as User may see it [Own.Name]; nobody did anything
	HomeOpened Kind = "home opened" // opened the bot's home page [""]
	Joined     Kind = "joined"      // the bot was added to Place [""]
	Left       Kind = "left"        // the bot was removed from Place, or the app was uninstalled [""]
	Told       Kind = "told"        // the platform tells of itself who User is now: nobody did anything [""]
)

// Event is something a person did, once. Trigger ids, response URLs and tokens stay in the adapter.
type Event struct {
	ID   string // the platform's id of this delivery, prefixed with the network; the idempotency key
	Kind Kind   // what was done
	Name string // which command, action, form...; see Kind
	Text string // what was typed, as plain text (entities decoded, the bot's own mention removed)
	// what the pressed button (Button.Arg) or the form (Form.State) carried; of Left without a Place: the workspace, "slack:T1"
	Arg      string
	Values   map[string]string // a form's answers by Field.Name; a chosen option's Value; "" for an empty one, "true" or "" for a Check
	User     User              // who did it
	Place    Place             // where
	Source   Ref               // the message whose button was pressed or that a shortcut was used on; zero where there is none
	Mentions []User            // whom Text mentions, each as "@" and Name in it, where the platform says who that is
	Quoted   *Quoted           // for message shortcuts: what was said there
	At       time.Time         // when, by the platform's clock; zero where it does not say
}

// Quoted is a message somebody else wrote, on which a shortcut was used.
type Quoted struct {
	Text   string
	Author User
	At     time.Time
}

// Standing says what a platform vouches for about a user.
type Standing string

// The standings. Only full members may use Truce; the others are told so politely. Unknown is not a member.
const (
	Member  Standing = "member"  // a full member of the workspace or tenant; Email is verified
	Guest   Standing = "guest"   // invited with limits
	Outside Standing = "outside" // of another organisation, in a shared channel
	Former  Standing = "left"    // the account was deactivated
	Unknown Standing = ""        // the platform did not say; the adapter's Directory can be asked
)

// Refused reports whether a platform has said of somebody that they are no full member.
func (s Standing) Refused() bool { return s != Member && s != Unknown }

// User is a person as one platform knows them.
type User struct {
	ID       string   // "network:tenant:user"; opaque to all but the adapter
	Name     string   // for show only
	Email    string   // verified by the platform; "" where not known
	Zone     string   // IANA name of the person's time zone; "" where not known
	Standing Standing // what the platform says now; Unknown leaves it to what it said last
}

// PlaceKind tells a private conversation from one that others see.
type PlaceKind string

// The kinds of places.
const (
	DM      PlaceKind = "dm"      // one person and the bot
	Channel PlaceKind = "channel" // a channel of a workspace or team
	Group   PlaceKind = "group"   // a group chat
)

// Place is a conversation, or a thread in it.
type Place struct {
	ID     string    `json:"id,omitempty"`     // "network:tenant:conversation"; opaque to all but the adapter
	Kind   PlaceKind `json:"kind,omitempty"`   //
	Name   string    `json:"name,omitempty"`   // for show only: "lead-disputes"
	Thread string    `json:"thread,omitempty"` // the thread's key within the conversation; "" for the conversation itself
	User   string    `json:"user,omitempty"`   // with ID "": the DM between the bot and this User.ID; the adapter opens it
}

// IsZero reports whether p names no place.
func (p Place) IsZero() bool { return p.ID == "" && p.User == "" }

// Network is the name of the adapter that serves the place: what stands before the first colon of its id.
func (p Place) Network() string {
	if p.ID == "" {
		return Network(p.User)
	}
	return Network(p.ID)
}

// Network is the name of the adapter that an id of a user, place or message belongs to.
func Network(id string) string {
	name, _, _ := strings.Cut(id, ":")
	return name
}

// Ref names a message that was sent, so that it can be edited or answered in its thread.
type Ref struct {
	Place Place  `json:"place,omitzero"`
	ID    string `json:"id,omitempty"` // opaque to all but the adapter; "" is no message
}

// IsZero reports whether r names no message.
func (r Ref) IsZero() bool { return r.ID == "" }

// Reply is the answer to an event. The zero Reply acknowledges and shows nothing.
type Reply struct {
	Card    *Card    // what to show
	Form    *Form    // the form to open, or (after a Submit) to show instead of the sent one
	Faults  []Fault  // after a Submit: what is wrong, by field; the form stays open with all that was typed
	Options []Option // after a Suggest
	Public  bool     // everybody in the place sees the card; otherwise only the person
	Open    bool     // the card is nobody's secret: where the question stood openly, the answer may; to a command it is private all the same
	Replace bool     // the card takes the place of the message the event came from (Event.Source), for all who see it
}

// Fault is one wrong answer in a form.
type Fault struct {
	Field string // Field.Name; "" for the form as a whole
	Text  string // one sentence that says what to do
}
