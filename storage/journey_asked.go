package storage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"truce"
)

// This file is about what the journey map has interviews ask, and about the words of interviews on the map.

// AskInInterviews has interviews that begin from now on ask about an entry of the map, in place of what they asked about it before.
func (tx *Tx) AskInInterviews(q truce.MapQuestion) error {
	err := tx.exec(`INSERT INTO journey_asked (entry_id, question, person_id, at) VALUES (?, ?, ?, ?) ON CONFLICT (entry_id) DO UPDATE
		SET question = excluded.question, person_id = excluded.person_id, at = excluded.at, ended_at = NULL`, q.EntryID, q.Question, q.PersonID,
		millis(tx.Now))
	if err != nil {
		return fmt.Errorf("have interviews ask about %s: %w", q.EntryID, err)
	}
	return nil
}

// AskNoMore ends what interviews ask about an entry of the map.
func (tx *Tx) AskNoMore(entry string) error {
	if err := tx.exec(`UPDATE journey_asked SET ended_at = ? WHERE entry_id = ? AND ended_at IS NULL`, millis(tx.Now), entry); err != nil {
		return fmt.Errorf("ask no more about %s: %w", entry, err)
	}
	return nil
}

// MapQuestions are all that interviews were ever asked to ask about entries of the map, the oldest first.
func (tx *Tx) MapQuestions() ([]truce.MapQuestion, error) {
	list, err := all(tx, func(scan func(...any) error) (q truce.MapQuestion, err error) {
		return q, scan(&q.EntryID, &q.Question, &q.PersonID, moment{&q.At}, moment{&q.EndedAt})
	}, `SELECT entry_id, question, person_id, at, ended_at FROM journey_asked ORDER BY at, length(entry_id), entry_id`)
	if err != nil {
		return nil, fmt.Errorf("read what interviews ask of the journey map: %w", err)
	}
	return list, nil
}

// MapAsks are those that interviews ask at a moment: of entries on the map that nothing shows yet.
func (tx *Tx) MapAsks(at time.Time) ([]truce.MapQuestion, error) {
	list, err := tx.MapQuestions()
	if err != nil || len(list) == 0 {
		return nil, err
	}
	entries, err := tx.JourneyEntries(at)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(q truce.MapQuestion) bool {
		return q.At.After(at) || !q.EndedAt.IsZero() && !q.EndedAt.After(at) ||
			!slices.ContainsFunc(entries, func(e truce.JourneyEntry) bool { return e.ID == q.EntryID && e.Assumed() })
	}), nil
}

// takenBackWords stand on the map in place of what somebody said who may not be quoted any more.
const takenBackWords = "(taken back by whoever said it)"

// TakeOffQuotes takes off the map what stands there in the words of an interview whose quotes may not be shown any more, and the words
// with it. An entry that only cites the interview, in words of its own, stays.
func (tx *Tx) TakeOffQuotes(interview string) error {
	said, err := tx.texts(`SELECT text FROM interview_answers WHERE interview_id = ?1 UNION SELECT quote FROM outcome_statements WHERE interview_id = ?1`, interview)
	if err != nil {
		return fmt.Errorf("read what was said in %s: %w", interview, err)
	}
	entries, err := all(tx, scanEntry, `SELECT `+entryColumns+` FROM journey_entries WHERE id IN (SELECT entry_id FROM journey_cites
		WHERE ref = ?1 OR ref IN (SELECT id FROM outcome_statements WHERE interview_id = ?1))`, interview)
	if err != nil {
		return fmt.Errorf("find what the map has of %s: %w", interview, err)
	}
	for _, e := range entries {
		if !slices.ContainsFunc(said, func(s string) bool { return sharesWords(e.Text, s) }) {
			continue
		}
		if e.Text = takenBackWords; e.RemovedAt.IsZero() {
			e.RemovedAt = tx.Now
		}
		if err := tx.SaveJourneyEntry(e); err != nil {
			return err
		}
	}
	return nil
}

// sharesWords reports whether four words in a row of one text stand in the other, or all of a shorter one.
func sharesWords(a, b string) bool {
	const run = 4
	x, y := strings.Fields(truce.FoldText(a)), strings.Fields(truce.FoldText(b))
	n := min(run, len(x), len(y))
	if n == 0 {
		return false
	}
	for i := 0; i+n <= len(x); i++ {
		for j := 0; j+n <= len(y); j++ {
			if slices.Equal(x[i:i+n], y[j:j+n]) {
				return true
			}
		}
	}
	return false
}
