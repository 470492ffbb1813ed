package storage

import (
	"fmt"

	"truce"
)

// This file has messages to people drawn anew that show how something stood when they were sent: what a case asked of somebody, and what
// they were reminded of. Their buttons are spent once it has moved on.

// refreshTold has what people were told of a case drawn anew.
func (tx *Tx) refreshTold(d truce.Dispute) error {
	from, to := toldFrom(d.ID)
	return tx.redraw(`subject >= ? AND subject < ? AND `+isPerson, from, to)
}

// refreshPosted has what stands of a subject with people drawn anew.
func (tx *Tx) refreshPosted(subject Subject) error {
	return tx.redraw(`subject = ? AND `+isPerson, subject)
}

func (tx *Tx) redraw(where string, args ...any) error {
	type posted struct {
		subject Subject
		to      Dest
	}
	list, err := all(tx, func(scan func(...any) error) (p posted, err error) { return p, scan(&p.subject, &p.to) },
		`SELECT subject, dest FROM posted WHERE `+where+` ORDER BY subject, dest`, args...)
	if err != nil {
		return fmt.Errorf("find messages that are outdated: %w", err)
	}
	for _, p := range list {
		if err := tx.Send(Message{To: p.to, Subject: p.subject, Kind: CaseMessage}); err != nil {
			return err
		}
	}
	return nil
}

// drawnAnew are the subjects whose messages show how things stand.
var drawnAnew = []SubjectKind{AboutTold, AboutReminder, AboutDispute, AboutProposal, AboutRequest}

// SubjectAt is the subject that stands in the message with a platform's id, and where; "" where none is shown there that is ever drawn
// anew.
func (tx *Tx) SubjectAt(message string) (subject Subject, to Dest, err error) {
	if message == "" {
		return "", "", nil
	}
	err = tx.row(`SELECT subject, dest FROM posted WHERE json_extract(ref, '$.id') = ? AND `+kindOf+` IN (SELECT value FROM json_each(?))
		ORDER BY at DESC LIMIT 1`, []any{message, asJSON(drawnAnew)}, &subject, &to)
	if truce.KindOf(err) == truce.NotFound {
		return "", "", nil
	}
	return subject, to, err
}
