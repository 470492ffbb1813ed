package truce

import (
	"slices"
	"strings"
	"time"
)

// Note is what somebody told the bot in free text: a private draft until its kind is confirmed.
type Note struct {
	ID          string // N-1
	Kind        NoteKind
	Guess       NoteKind
	Text        string
	Account     string
	Competitor  string
	Stage       string
	LeadID      string
	AuthorID    string
	CreatedAt   time.Time
	ConfirmedAt time.Time // zero: a draft, counted nowhere
	Became      string    // the objection or dispute it became, or the notes it was split into
	UndoneAt    time.Time
}

// DraftDays is how long an unconfirmed note is offered to its author. Afterwards it is kept, and shown when asked for.
const DraftDays = 7

// Draft reports whether the note is nobody's but its author's: neither confirmed nor taken back.
func (n Note) Draft() bool { return n.ConfirmedAt.IsZero() && n.UndoneAt.IsZero() }

// NoteKind is what a note is about.
type NoteKind string

// The kinds of notes.
const (
	NoteUnknown    NoteKind = ""
	NoteObjection  NoteKind = "objection"
	NoteResonates  NoteKind = "resonates"
	NoteFallsFlat  NoteKind = "falls flat"
	NoteStuck      NoteKind = "stuck"
	NoteTrend      NoteKind = "trend"
	NoteCompetitor NoteKind = "competitor"
	NoteWin        NoteKind = "win"
	NoteLead       NoteKind = "lead problem"
	NoteQuestion   NoteKind = "question"
)

// NoteKinds are all kinds, in the order they are offered.
var NoteKinds = []NoteKind{NoteObjection, NoteResonates, NoteFallsFlat, NoteStuck, NoteTrend, NoteCompetitor, NoteWin, NoteLead,
	NoteQuestion}

// ParseNoteKind reads a kind as a button or a form carries it.
func ParseNoteKind(s string) (NoteKind, error) {
	k := NoteKind(strings.ToLower(strings.TrimSpace(s)))
	if slices.Contains(NoteKinds, k) {
		return k, nil
	}
	return "", Errorf(Invalid, "There is no kind of note %q: choose one of the list.", s)
}

// Title is the kind as it is written on a button.
func (k NoteKind) Title() string {
	switch k {
	case NoteObjection:
		return "Objection"
	case NoteResonates:
		return "Message that resonates"
	case NoteFallsFlat:
		return "Message that falls flat"
	case NoteStuck:
		return "Stuck, and why"
	case NoteTrend:
		return "Market trend"
	case NoteCompetitor:
		return "Competitor"
	case NoteWin:
		return "Win story"
	case NoteLead:
		return "Lead problem"
	case NoteQuestion:
		return "Question"
	}
	return "Not decided"
}
