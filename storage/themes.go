package storage

import (
	"fmt"

	"truce"
)

// AllThemes are the themes in any state, by name: merged ones too.
func (tx *Tx) AllThemes() ([]truce.Theme, error) {
	return all(tx, scanTheme, `SELECT id, name, state, merged_into, created_at FROM themes ORDER BY name, id`)
}

// RenameTheme gives a theme another name; its id stays.
func (tx *Tx) RenameTheme(id, name string) error {
	if err := tx.exec(`UPDATE themes SET name = ? WHERE id = ?`, name, id); err != nil {
		return fmt.Errorf("rename theme %s: %w", id, err)
	}
	return nil
}

// MergeThemes makes one theme part of another, with all its objections and answers, and tells how many objections moved.
func (tx *Tx) MergeThemes(from, into string) (int64, error) {
	n, err := tx.execN(`UPDATE objections SET theme_id = ? WHERE theme_id = ?`, into, from)
	if err == nil {
		err = tx.exec(`UPDATE answers SET theme_id = ? WHERE theme_id = ?`, into, from)
	}
	if err == nil {
		err = tx.exec(`UPDATE themes SET merged_into = ? WHERE merged_into = ?`, into, from)
	}
	if err == nil {
		err = tx.exec(`UPDATE themes SET state = 'merged', merged_into = ? WHERE id = ?`, into, from)
	}
	if err != nil {
		return n, fmt.Errorf("merge theme %s into %s: %w", from, into, err)
	}
	return n, nil
}
