package storage

import (
	"fmt"

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
		n.ID, n.Kind, n.Guess, n.Text, n.Account, n.Competitor, n.Stage, null(n.LeadID), n.AuthorID, millis(tx.Now), millis(n.ConfirmedAt), n.Became)
	if err != nil {
		return n, fmt.Errorf("add note %s: %w", n.ID, err)
	}
	return n, nil
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
