package storage

import (
	"fmt"
	"time"

	"truce"
)

const noteColumns = `id, kind, guess, text, account, competitor, stage, lead_id, author_id, created_at, confirmed_at, became, undone_at`

func scanNote(scan func(...any) error) (n truce.Note, err error) {
	return n, scan(&n.ID, &n.Kind, &n.Guess, &n.Text, &n.Account, &n.Competitor, &n.Stage, text{&n.LeadID}, &n.AuthorID, moment{&n.CreatedAt},
		moment{&n.ConfirmedAt}, &n.Became, moment{&n.UndoneAt})
}

// AddNote stores a new note and gives it an id.
func (tx *Tx) AddNote(n truce.Note) (truce.Note, error) {
	i, err := tx.next("note")
	if err != nil {
		return n, err
	}
	n.ID, n.CreatedAt = fmt.Sprintf("N-%d", i), tx.Now
	err = tx.exec(`INSERT INTO notes (id, kind, guess, text, account, competitor, stage, lead_id, author_id, created_at, confirmed_at, became)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		n.ID, n.Kind, n.Guess, n.Text, n.Account, n.Competitor, n.Stage, null(n.LeadID), n.AuthorID, millis(tx.Now), millis(n.ConfirmedAt),
		n.Became)
	if err != nil {
		return n, fmt.Errorf("add note %s: %w", n.ID, err)
	}
	return n, tx.RefreshHome(n.AuthorID) // drafts wait there
}

// Note finds a note by its id.
func (tx *Tx) Note(id string) (truce.Note, error) {
	list, err := all(tx, scanNote, `SELECT `+noteColumns+` FROM notes WHERE id = ?`, id)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no note %s.", id)
	}
	if err != nil {
		return truce.Note{}, err
	}
	return list[0], nil
}

// SaveNote stores what may change of a note.
func (tx *Tx) SaveNote(n truce.Note) error {
	err := tx.exec(`UPDATE notes SET kind = ?, text = ?, account = ?, competitor = ?, stage = ?, lead_id = ?, confirmed_at = ?, became = ?,
		undone_at = ? WHERE id = ?`,
		n.Kind, n.Text, n.Account, n.Competitor, n.Stage, null(n.LeadID), millis(n.ConfirmedAt), n.Became, millis(n.UndoneAt), n.ID)
	if err != nil {
		return fmt.Errorf("save note %s: %w", n.ID, err)
	}
	return tx.RefreshHome(n.AuthorID)
}

// isDraft is a note that is neither filed nor thrown away.
const isDraft = `confirmed_at IS NULL AND undone_at IS NULL`

// Drafts are a person's unconfirmed notes of [from, to), newest first.
func (tx *Tx) Drafts(person string, from, to time.Time) ([]truce.Note, error) {
	return all(tx, scanNote, `SELECT `+noteColumns+` FROM notes WHERE `+isDraft+
		` AND author_id = ? AND created_at >= ? AND created_at < ? ORDER BY created_at DESC, id DESC`, person, millis(from), millis(to))
}

// RecentNotes are the newest confirmed notes but those that became objections, at most n.
func (tx *Tx) RecentNotes(n int) ([]truce.Note, error) {
	return all(tx, scanNote, `SELECT `+noteColumns+` FROM notes WHERE confirmed_at IS NOT NULL AND undone_at IS NULL AND became = ''
		ORDER BY confirmed_at DESC, id DESC LIMIT ?`, n)
}

// EachNote calls fn for every confirmed note, oldest first: for the classifier in memory.
func (tx *Tx) EachNote(fn func(truce.Note) error) error {
	return tx.each(`SELECT `+noteColumns+` FROM notes WHERE confirmed_at IS NOT NULL AND undone_at IS NULL
		ORDER BY confirmed_at, id`, nil, func(scan func(...any) error) error {
		n, err := scanNote(scan)
		if err != nil {
			return err
		}
		return fn(n)
	})
}
