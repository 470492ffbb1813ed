package storage

import (
	"encoding/json"
	"fmt"
	"time"

	"truce"
)

// Form is one that a person opened and has not sent.
type Form struct {
	PersonID string
	Name     string
	State    string
	Opened   json.RawMessage   // as it was opened
	Typed    map[string]string // by field; nil is nothing typed
	At       time.Time         // of the last change
}

func scanForm(scan func(...any) error) (f Form, err error) {
	var opened string
	err = scan(&f.PersonID, &f.Name, &f.State, &opened, fromJSON{&f.Typed}, moment{&f.At})
	if opened != "" { // kept of a form that had been sent by then, from a second window
		f.Opened = json.RawMessage(opened)
	}
	return f, err
}

const formColumns = `person_id, name, state, opened, typed, at`

// Form finds a form that a person opened and has not sent; truce.NotFound where there is none.
func (tx *Tx) Form(person, name, state string) (Form, error) {
	list, err := all(tx, scanForm, `SELECT `+formColumns+` FROM forms WHERE person_id = ? AND name = ? AND state = ?`, person, name, state)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no such form.")
	}
	if err != nil {
		return Form{}, err
	}
	return list[0], nil
}

// Forms are a person's forms that hold typed text, newest first.
func (tx *Tx) Forms(person string) ([]Form, error) {
	return all(tx, scanForm, `SELECT `+formColumns+` FROM forms WHERE person_id = ? AND typed <> '' ORDER BY at DESC, name, state`, person)
}

// SaveForm keeps a form and what was typed into it.
func (tx *Tx) SaveForm(f Form) error {
	typed := ""
	if len(f.Typed) > 0 {
		typed = asJSON(f.Typed)
	}
	err := tx.exec(`INSERT INTO forms (person_id, name, state, opened, typed, at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (person_id, name, state) DO UPDATE SET opened = excluded.opened, typed = excluded.typed, at = excluded.at`,
		f.PersonID, f.Name, f.State, string(f.Opened), typed, millis(tx.Now))
	if err != nil {
		return fmt.Errorf("keep the form %s of %s: %w", f.Name, f.PersonID, err)
	}
	return nil
}

// ForgetForm drops a form that was sent, and those of the person that are older than t.
func (tx *Tx) ForgetForm(person, name, state string, t time.Time) error {
	err := tx.exec(`DELETE FROM forms WHERE person_id = ? AND (name = ? AND state = ? OR at < ?)`, person, name, state, millis(t))
	if err != nil {
		return fmt.Errorf("forget the form %s of %s: %w", name, person, err)
	}
	return nil
}
