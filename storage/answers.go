package storage

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"truce"
)

// How often an answer helped is read in the same pass: an answer is shown often.
const answerColumns = `a.id, a.theme_id, a.version, a.body, a.internal, a.proof, a.claim, a.state, a.owner_id, a.credit_id, a.created_at,
	a.approved_by, a.approved_at, a.review_at, a.replaces,
	(SELECT json_array(coalesce(sum(u.helped), 0), count(u.helped), count(*)) FROM answer_uses u WHERE u.answer_id = a.id)`

func scanAnswer(scan func(...any) error) (a truce.Answer, err error) {
	var uses [3]int
	err = scan(&a.ID, &a.ThemeID, &a.Version, &a.Body, &a.Internal, &a.Proof, &a.Claim, &a.State, &a.OwnerID, &a.CreditID,
		moment{&a.CreatedAt},
		&a.ApprovedBy, moment{&a.ApprovedAt}, moment{&a.ReviewAt}, &a.Replaces, fromJSON{&uses})
	a.Helped, a.Voted, a.Shown = uses[0], uses[1], uses[2]
	return a, err
}

// Answer finds an answer by its id.
func (tx *Tx) Answer(id string) (truce.Answer, error) {
	list, err := all(tx, scanAnswer, `SELECT `+answerColumns+` FROM answers a WHERE a.id = ?`, id)
	if err == nil && len(list) == 0 {
		err = truce.Errorf(truce.NotFound, "There is no answer %s.", id)
	}
	if err != nil {
		return truce.Answer{}, err
	}
	return list[0], nil
}

// Answers are a theme's answers in one of the states, newest first.
func (tx *Tx) Answers(theme string, states ...string) ([]truce.Answer, error) {
	list, err := all(tx, scanAnswer, `SELECT `+answerColumns+` FROM answers a WHERE a.theme_id = ? AND a.state IN (SELECT value
		FROM json_each(?))`, theme, asJSON(states))
	slices.SortFunc(list, func(a, b truce.Answer) int { // here: opening SQLite's sorter costs each /objection twenty times the query
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

// AddAnswer stores a new answer and gives it an id, unless it brings the one it had in an export of ours.
func (tx *Tx) AddAnswer(a truce.Answer) (truce.Answer, error) {
	if a.ID != "" {
		if err := tx.take("answer", "A-", a.ID); err != nil {
			return a, err
		}
	} else {
		n, err := tx.next("answer")
		if err != nil {
			return a, err
		}
		a.ID = fmt.Sprintf("A-%d", n)
	}
	a.CreatedAt = tx.Now
	err := tx.exec(`INSERT INTO answers (id, theme_id, version, body, internal, proof, claim, state, owner_id, credit_id, created_at,
		approved_by, approved_at, review_at, replaces)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.ThemeID, a.Version, a.Body, a.Internal, a.Proof, a.Claim, a.State, a.OwnerID, a.CreditID, millis(a.CreatedAt), a.ApprovedBy,
		millis(a.ApprovedAt), millis(a.ReviewAt), a.Replaces)
	if err != nil {
		return a, fmt.Errorf("add answer %s: %w", a.ID, err)
	}
	return a, tx.refreshMarketing()
}

// SaveAnswer stores what may change of an answer.
func (tx *Tx) SaveAnswer(a truce.Answer) error {
	err := tx.exec(`UPDATE answers SET theme_id = ?, body = ?, internal = ?, proof = ?, claim = ?, state = ?, owner_id = ?, credit_id = ?,
		approved_by = ?,
		approved_at = ?, review_at = ? WHERE id = ?`,
		a.ThemeID, a.Body, a.Internal, a.Proof, a.Claim, a.State, a.OwnerID, a.CreditID, a.ApprovedBy, millis(a.ApprovedAt), millis(a.ReviewAt),
		a.ID)
	if err != nil {
		return fmt.Errorf("save answer %s: %w", a.ID, err)
	}
	return tx.refreshMarketing()
}

// Shown records that a person was shown an answer to an objection.
func (tx *Tx) Shown(answer, objection, person string) error {
	return tx.exec(`INSERT INTO answer_uses (answer_id, objection_id, person_id, shown_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		answer, objection, person, millis(tx.Now))
}

// Vote records whether an answer helped the person, and what worked instead where it did not. The last word counts, once for each
// use that the person was really shown: whatever else a press names counts as one and the same use.
func (tx *Tx) Vote(answer, objection, person string, helped bool, instead string) error {
	n, err := tx.count(`SELECT count(*) FROM answer_uses WHERE answer_id = ? AND objection_id = ? AND person_id = ?`, answer, objection,
		person)
	if err != nil {
		return err
	}
	if n == 0 {
		objection = ""
	}
	return tx.exec(`INSERT INTO answer_uses (answer_id, objection_id, person_id, shown_at, helped, instead, voted_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (answer_id, objection_id, person_id) DO UPDATE
		SET helped = excluded.helped, instead = excluded.instead, voted_at = excluded.voted_at`,
		answer, objection, person, millis(tx.Now), helped, instead, millis(tx.Now))
}

// AnswersIn are all answers in one of the states, oldest first.
func (tx *Tx) AnswersIn(states ...string) ([]truce.Answer, error) {
	return all(tx, scanAnswer, `SELECT `+answerColumns+` FROM answers a WHERE a.state IN (SELECT value FROM json_each(?))
		ORDER BY a.created_at, a.id`, asJSON(states))
}

// ShownTo are the ids of the people who were shown an answer since t.
func (tx *Tx) ShownTo(answer string, t time.Time) ([]string, error) {
	return all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) },
		`SELECT DISTINCT person_id FROM answer_uses WHERE answer_id = ? AND shown_at >= ? ORDER BY person_id`, answer, millis(t))
}

// Unanswered are the objections of a theme since t whose author was shown no answer to them, oldest first.
func (tx *Tx) Unanswered(theme string, t time.Time) ([]truce.Objection, error) {
	return all(tx, scanObjection, `SELECT `+objectionColumns+` FROM objections o WHERE theme_id = ? AND created_at >= ? AND undone_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM answer_uses u WHERE u.objection_id = o.id AND u.person_id = o.author_id) ORDER BY created_at, id`, theme,
		millis(t))
}

// Insteads are what people said worked instead of the answers to a theme, newest first.
func (tx *Tx) Insteads(theme string) ([]string, error) {
	return tx.texts(`SELECT u.instead FROM answer_uses u JOIN answers a ON a.id = u.answer_id WHERE a.theme_id = ? AND u.instead <> ''
			ORDER BY u.voted_at DESC`, theme)
}
