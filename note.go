package truce

import "time"

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
	Became      string    // the objection or dispute it became
	UndoneAt    time.Time
}

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
