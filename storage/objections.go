package storage

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"truce"
)

const objectionColumns = `id, theme_id, confidence, text, stage, competitor, account, lead_id, author_id, logged_by, created_at, edited_at, undone_at`

func scanObjection(scan func(...any) error) (o truce.Objection, err error) {
	return o, scan(&o.ID, &o.ThemeID, &o.Confidence, &o.Text, &o.Stage, &o.Competitor, &o.Account, text{&o.LeadID}, &o.AuthorID, &o.LoggedBy,
		moment{&o.CreatedAt}, moment{&o.EditedAt}, moment{&o.UndoneAt})
}

// AddObjection stores a new objection and gives it an id.
func (tx *Tx) AddObjection(o truce.Objection) (truce.Objection, error) {
	n, err := tx.next("objection")
	if err != nil {
		return o, err
	}
	o.ID, o.CreatedAt = fmt.Sprintf("O-%d", n), tx.Now
	err = tx.exec(`INSERT INTO objections (id, theme_id, confidence, text, stage, competitor, account, lead_id, author_id, logged_by,
		created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		o.ID, o.ThemeID, o.Confidence, o.Text, o.Stage, o.Competitor, o.Account, null(o.LeadID), o.AuthorID, o.LoggedBy, millis(tx.Now))
	if err != nil {
		return o, fmt.Errorf("add objection %s: %w", o.ID, err)
	}
	return o, nil
}

// SaveObjection stores what may change of an objection.
func (tx *Tx) SaveObjection(o truce.Objection) error {
	err := tx.exec(`UPDATE objections SET theme_id = ?, confidence = ?, text = ?, stage = ?, competitor = ?, account = ?, lead_id = ?,
		author_id = ?,
		edited_at = ?, undone_at = ? WHERE id = ?`,
		o.ThemeID, o.Confidence, o.Text, o.Stage, o.Competitor, o.Account, null(o.LeadID), o.AuthorID, millis(o.EditedAt), millis(o.UndoneAt),
		o.ID)
	if err != nil {
		return fmt.Errorf("save objection %s: %w", o.ID, err)
	}
	return nil
}

// Objection finds one by its id, undone ones too.
func (tx *Tx) Objection(id string) (truce.Objection, error) {
	list, err := all(tx, scanObjection, `SELECT `+objectionColumns+` FROM objections WHERE id = ?`, id)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no objection %s.", id)
	}
	if err != nil {
		return truce.Objection{}, err
	}
	return list[0], nil
}

// Objections are those logged in [from, to), not undone, oldest first.
func (tx *Tx) Objections(from, to time.Time) ([]truce.Objection, error) {
	return all(tx, scanObjection, `SELECT `+objectionColumns+` FROM objections WHERE created_at >= ? AND created_at < ? AND undone_at IS NULL
		ORDER BY created_at, id`, millis(from), millis(to))
}

// FirstObjection is when the first objection of all was logged; ok is false where none was.
func (tx *Tx) FirstObjection() (at time.Time, ok bool, err error) {
	err = tx.row(`SELECT min(created_at) FROM objections WHERE undone_at IS NULL`, nil, moment{&at})
	return at, !at.IsZero(), err
}

// Heard is how often and by how many a theme was heard.
type Heard struct{ Times, People, Accounts int }

// HeardOf counts the objections of a theme in [from, to), undone ones aside, and the accounts as HeardBy does.
func (tx *Tx) HeardOf(theme string, from, to time.Time) (h Heard, err error) {
	t, err := tx.tallyOf(theme, from, to)
	if err == nil && t != nil {
		h, err = tx.goOn(t, theme, to)
	} else if err == nil {
		t = &tally{people: map[string]bool{}, accounts: map[string]bool{}}
		err = tx.tally(t, theme, from, to)
		h = Heard{Times: t.times, People: len(t.people), Accounts: len(t.accounts)}
	}
	if err != nil {
		return h, fmt.Errorf("count what was heard of theme %s: %w", theme, err)
	}
	return h, nil
}

// tally adds to a tally what was heard of a theme in [from, to).
func (tx *Tx) tally(t *tally, theme string, from, to time.Time) error {
	const where = ` FROM objections o WHERE o.theme_id = ? AND o.created_at >= ? AND o.created_at < ? AND o.undone_at IS NULL`
	args, unnamed := []any{theme, millis(from), millis(to)}, false
	// An index holds all of this; what names no account is looked up only where there is some.
	err := tx.each(`SELECT o.author_id, o.account, count(*)`+where+` GROUP BY o.author_id, o.account`, args, func(scan func(...any) error) error {
		var author, named string
		var n int
		if err := scan(&author, &named, &n); err != nil {
			return err
		}
		t.times += n
		t.people[author] = true
		if account := truce.FoldAccount(named); account != "" {
			t.accounts[account] = true
		} else {
			unnamed = true
		}
		return nil
	})
	if err != nil || !unnamed {
		return err
	}
	known, err := tx.texts(`SELECT DISTINCT l.account FROM leads l WHERE l.account <> '' AND l.id IN (SELECT o.lead_id`+where+
		` AND trim(o.account, ' .,' || char(9)) = '')`, args...)
	for _, account := range known {
		t.accounts[account] = true
	}
	return err
}

// EachObjection calls fn for every objection that counts, oldest first: for the index in memory.
func (tx *Tx) EachObjection(fn func(truce.Objection) error) error {
	return tx.each(`SELECT `+objectionColumns+` FROM objections WHERE undone_at IS NULL ORDER BY created_at, id`, nil,
		func(scan func(...any) error) error {
			o, err := scanObjection(scan)
			if err != nil {
				return err
			}
			return fn(o)
		})
}

// Themes are the active themes by name.
func (tx *Tx) Themes() ([]truce.Theme, error) {
	m, err := tx.memo()
	if err != nil {
		return nil, err
	}
	if m != nil && m.themes != nil {
		return slices.Clone(m.themes), nil
	}
	list, err := all(tx, scanTheme, `SELECT id, name, state, merged_into, created_at FROM themes WHERE state = 'active'`)
	slices.SortStableFunc(list, func(a, b truce.Theme) int { return cmp.Compare(a.Name, b.Name) }) // see Answers
	if m != nil && err == nil {
		m.themes = slices.Clone(list)
	}
	return list, err
}

// Theme finds a theme by its id, following merges.
func (tx *Tx) Theme(id string) (truce.Theme, error) {
	for range 10 {
		list, err := all(tx, scanTheme, `SELECT id, name, state, merged_into, created_at FROM themes WHERE id = ?`, id)
		if err != nil {
			return truce.Theme{}, err
		}
		if len(list) == 0 {
			break
		}
		if list[0].State != "merged" {
			return list[0], nil
		}
		id = list[0].MergedInto
	}
	return truce.Theme{}, truce.Errorf(truce.NotFound, "There is no theme %q.", id)
}

func scanTheme(scan func(...any) error) (t truce.Theme, err error) {
	return t, scan(&t.ID, &t.Name, &t.State, text{&t.MergedInto}, moment{&t.CreatedAt})
}

// AddTheme stores a theme unless one of its id exists.
func (tx *Tx) AddTheme(t truce.Theme) error {
	return tx.exec(`INSERT INTO themes (id, name, state, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, t.ID, t.Name, t.State,
		millis(tx.Now))
}

// LastObjection is the newest objection a person logged that counts; truce.NotFound where there is none.
func (tx *Tx) LastObjection(person string) (truce.Objection, error) {
	list, err := all(tx, scanObjection, `SELECT `+objectionColumns+` FROM objections WHERE author_id = ? AND undone_at IS NULL
		ORDER BY created_at DESC, id DESC LIMIT 1`, person)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no objection yet.")
	}
	if err != nil {
		return truce.Objection{}, err
	}
	return list[0], nil
}

// Named are the accounts and competitors that objections and notes have named, as they were written last.
func (tx *Tx) Named() (accounts, competitors []string, err error) {
	one := func(column string) ([]string, error) {
		return tx.texts(`SELECT DISTINCT ` + column + ` FROM (SELECT ` + column + `, undone_at FROM objections UNION ALL SELECT ` + column + `, undone_at FROM notes
				WHERE confirmed_at IS NOT NULL)
			WHERE ` + column + ` <> '' AND undone_at IS NULL ORDER BY 1`)
	}
	if accounts, err = one("account"); err != nil {
		return nil, nil, fmt.Errorf("read the accounts named: %w", err)
	}
	if competitors, err = one("competitor"); err != nil {
		return nil, nil, fmt.Errorf("read the competitors named: %w", err)
	}
	return accounts, competitors, nil
}

// CompanyOf finds the first of the folded names (truce.FoldAccount) that is the account of a lead, as the CRM writes it; ""
// where none is.
func (tx *Tx) CompanyOf(folded []string) (string, error) {
	for _, key := range folded {
		var name string
		err := tx.row(`SELECT CASE WHEN company <> '' THEN company ELSE account END FROM leads WHERE account = ? AND account <> ''
			ORDER BY mql_at DESC LIMIT 1`, []any{key}, &name)
		switch {
		case err == nil:
			return name, nil
		case truce.KindOf(err) != truce.NotFound:
			return "", fmt.Errorf("look for the account %q: %w", key, err)
		}
	}
	return "", nil
}
