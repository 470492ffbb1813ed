package storage

import (
	"fmt"
	"slices"
	"time"

	"truce"
)

// This file is about the entries of the journey map, and what was settled of its stages.

const entryColumns = `id, stage, kind, text, author_id, created_at, removed_at, removed_by`

func scanEntry(scan func(...any) error) (e truce.JourneyEntry, err error) {
	return e, scan(&e.ID, &e.Stage, &e.Kind, &e.Text, &e.AuthorID, moment{&e.CreatedAt}, moment{&e.RemovedAt}, &e.RemovedBy)
}

// AddJourneyEntry stores a new entry with what it cites, and gives it an id.
func (tx *Tx) AddJourneyEntry(e truce.JourneyEntry) (truce.JourneyEntry, error) {
	n, err := tx.next("journey")
	if err != nil {
		return e, err
	}
	e.ID, e.CreatedAt = fmt.Sprintf("J-%d", n), tx.Now
	err = tx.exec(`INSERT INTO journey_entries (id, stage, kind, text, author_id, created_at) VALUES (?, ?, ?, ?, ?, ?)`, e.ID, e.Stage,
		e.Kind, e.Text, e.AuthorID, millis(tx.Now))
	if err != nil {
		return e, fmt.Errorf("add journey entry %s: %w", e.ID, err)
	}
	return e, tx.CiteJourney(e.ID, e.AuthorID, e.Cites...)
}

// CiteJourney adds what an entry cites; what it cites already stays as it was.
func (tx *Tx) CiteJourney(entry, person string, refs ...string) error {
	for _, ref := range refs {
		err := tx.exec(`INSERT INTO journey_cites (entry_id, ref, person_id, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, entry, ref, person,
			millis(tx.Now))
		if err != nil {
			return fmt.Errorf("have journey entry %s cite %s: %w", entry, ref, err)
		}
	}
	return nil
}

// SaveJourneyEntry stores what may change of an entry: its stage, its kind, its words, and that it was taken off the map.
func (tx *Tx) SaveJourneyEntry(e truce.JourneyEntry) error {
	err := tx.exec(`UPDATE journey_entries SET stage = ?, kind = ?, text = ?, removed_at = ?, removed_by = ? WHERE id = ?`, e.Stage, e.Kind,
		e.Text, millis(e.RemovedAt), e.RemovedBy, e.ID)
	if err != nil {
		return fmt.Errorf("save journey entry %s: %w", e.ID, err)
	}
	return nil
}

// JourneyEntry finds an entry by its id, also one that was taken off the map.
func (tx *Tx) JourneyEntry(id string) (truce.JourneyEntry, error) {
	list, err := all(tx, scanEntry, `SELECT `+entryColumns+` FROM journey_entries WHERE id = ?`, id)
	switch {
	case err != nil:
		return truce.JourneyEntry{}, fmt.Errorf("read journey entry %s: %w", id, err)
	case len(list) == 0:
		return truce.JourneyEntry{}, truce.Errorf(truce.NotFound, "There is no entry %s on the journey map.", id)
	}
	cites, err := tx.journeyCites(tx.Now)
	list[0].Cites = cites[id]
	return list[0], err
}

// JourneyEntries are the entries on the map at a moment with what they cited then, the oldest first.
func (tx *Tx) JourneyEntries(at time.Time) ([]truce.JourneyEntry, error) {
	list, err := all(tx, scanEntry, `SELECT `+entryColumns+` FROM journey_entries WHERE created_at <= ?1 AND (removed_at IS NULL
		OR removed_at > ?1) ORDER BY created_at, length(id), id`, millis(at))
	if err != nil {
		return nil, fmt.Errorf("read the journey map: %w", err)
	}
	cites, err := tx.journeyCites(at)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Cites = cites[list[i].ID]
	}
	return list, nil
}

func (tx *Tx) journeyCites(at time.Time) (map[string][]string, error) {
	cites := map[string][]string{}
	err := tx.each(`SELECT entry_id, ref FROM journey_cites WHERE at <= ? ORDER BY at, ref`, []any{millis(at)},
		func(scan func(...any) error) error {
			var id, ref string
			if err := scan(&id, &ref); err != nil {
				return err
			}
			cites[id] = append(cites[id], ref)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read what the journey map cites: %w", err)
	}
	return cites, nil
}

// SettleStage stores who looks after a stage of the journey map and what a buyer does when it is over: a new version of it.
func (tx *Tx) SettleStage(s truce.JourneyStage) error {
	err := tx.exec(`INSERT INTO journey_stages (id, stage, exit, owner_id, person_id, at) VALUES (?, ?, ?, ?, ?, ?)`, tx.newID(), s.Name,
		s.Exit, s.OwnerID, s.By, millis(tx.Now))
	if err != nil {
		return fmt.Errorf("settle the stage %s: %w", s.Name, err)
	}
	return nil
}

// Journey is the map as it is configured, or as both sides agreed on by a moment, with what was settled of its stages by then.
func (tx *Tx) Journey(configured truce.Journey, at time.Time) (truce.Journey, error) {
	agreed, err := tx.InForce(truce.StagesGround, "", at)
	if err != nil {
		return nil, fmt.Errorf("read the stages that were agreed on: %w", err)
	}
	if agreed != nil {
		s, err := truce.ReadStages(agreed.Payload)
		if err != nil {
			return nil, err
		}
		if configured, err = s.Journey(); err != nil {
			return nil, fmt.Errorf("read the stages of %s: %w", agreed.ID, err)
		}
	}
	list, err := all(tx, func(scan func(...any) error) (s truce.JourneyStage, err error) {
		return s, scan(&s.Name, &s.Exit, &s.OwnerID, &s.By, moment{&s.Since})
	}, `SELECT stage, exit, owner_id, person_id, at FROM journey_stages WHERE at <= ? ORDER BY at, id`, millis(at))
	if err != nil {
		return nil, fmt.Errorf("read the stages of the journey map: %w", err)
	}
	j := slices.Clone(configured)
	for _, s := range list {
		if i := j.Find(s.Name); i >= 0 { // by the name it has, or had then
			j[i].Exit, j[i].OwnerID, j[i].By, j[i].Since = s.Exit, s.OwnerID, s.By, s.Since
		}
	}
	return j, nil
}
