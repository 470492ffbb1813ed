package storage

import (
	"fmt"

	"truce"
)

const answerColumns = `a.id, a.theme_id, a.version, a.body, a.internal, a.proof, a.claim, a.state, a.owner_id, a.credit_id, a.created_at, a.approved_by,
	a.approved_at, a.review_at, a.replaces,
	(SELECT count(*) FROM answer_uses u WHERE u.answer_id = a.id AND u.helped = 1), (SELECT count(*) FROM answer_uses u WHERE u.answer_id = a.id AND u.helped IS NOT NULL)`

func scanAnswer(scan func(...any) error) (a truce.Answer, err error) {
	return a, scan(&a.ID, &a.ThemeID, &a.Version, &a.Body, &a.Internal, &a.Proof, &a.Claim, &a.State, &a.OwnerID, &a.CreditID, moment{&a.CreatedAt},
		&a.ApprovedBy, moment{&a.ApprovedAt}, moment{&a.ReviewAt}, &a.Replaces, &a.Helped, &a.Voted)
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
	return all(tx, scanAnswer, `SELECT `+answerColumns+` FROM answers a WHERE a.theme_id = ? AND a.state IN (SELECT value FROM json_each(?))
		ORDER BY a.created_at DESC, a.id`, theme, asJSON(states))
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
	err := tx.exec(`INSERT INTO answers (id, theme_id, version, body, internal, proof, claim, state, owner_id, credit_id, created_at, approved_by, approved_at, review_at, replaces)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.ThemeID, a.Version, a.Body, a.Internal, a.Proof, a.Claim, a.State, a.OwnerID, a.CreditID, millis(a.CreatedAt), a.ApprovedBy,
		millis(a.ApprovedAt), millis(a.ReviewAt), a.Replaces)
	if err != nil {
		return a, fmt.Errorf("add answer %s: %w", a.ID, err)
	}
	return a, nil
}

// SaveAnswer stores what may change of an answer.
func (tx *Tx) SaveAnswer(a truce.Answer) error {
	err := tx.exec(`UPDATE answers SET theme_id = ?, body = ?, internal = ?, proof = ?, claim = ?, state = ?, owner_id = ?, credit_id = ?, approved_by = ?,
		approved_at = ?, review_at = ? WHERE id = ?`,
		a.ThemeID, a.Body, a.Internal, a.Proof, a.Claim, a.State, a.OwnerID, a.CreditID, a.ApprovedBy, millis(a.ApprovedAt), millis(a.ReviewAt), a.ID)
	if err != nil {
		return fmt.Errorf("save answer %s: %w", a.ID, err)
	}
	return nil
}

// Shown records that a person was shown an answer to an objection.
func (tx *Tx) Shown(answer, objection, person string) error {
	return tx.exec(`INSERT INTO answer_uses (answer_id, objection_id, person_id, shown_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		answer, objection, person, millis(tx.Now))
}

// Vote records whether an answer helped the person, and what worked instead where it did not. The last word counts.
func (tx *Tx) Vote(answer, objection, person string, helped bool, instead string) error {
	return tx.exec(`INSERT INTO answer_uses (answer_id, objection_id, person_id, shown_at, helped, instead, voted_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (answer_id, objection_id, person_id) DO UPDATE SET helped = excluded.helped, instead = excluded.instead, voted_at = excluded.voted_at`,
		answer, objection, person, millis(tx.Now), helped, instead, millis(tx.Now))
}
