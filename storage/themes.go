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

// TimesHeard is how often each theme was logged in all, by its id; "" are those without a theme.
func (tx *Tx) TimesHeard() (map[string]int, error) {
	m := map[string]int{}
	err := tx.each(`SELECT theme_id, count(*) FROM objections WHERE undone_at IS NULL GROUP BY theme_id`, nil,
		func(scan func(...any) error) error {
			var id string
			var n int
			err := scan(&id, &n)
			m[id] = n
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("count the objections by theme: %w", err)
	}
	return m, nil
}

// Unthemed are the newest objections without a theme, at most n.
func (tx *Tx) Unthemed(n int) ([]truce.Objection, error) {
	return all(tx, scanObjection, `SELECT `+objectionColumns+` FROM objections WHERE theme_id = '' AND undone_at IS NULL
		ORDER BY created_at DESC, id DESC LIMIT ?`, n)
}

// ObjectionsOf are all objections of a theme that count, oldest first.
func (tx *Tx) ObjectionsOf(theme string) ([]truce.Objection, error) {
	return all(tx, scanObjection, `SELECT `+objectionColumns+` FROM objections WHERE theme_id = ? AND undone_at IS NULL
		ORDER BY created_at, id`, theme)
}
