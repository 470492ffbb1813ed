package storage

import (
	"encoding/json"
	"fmt"
	"time"

	"truce"
)

// Digest is a digest as it was sent, frozen: later data restates it in the next one and never changes it.
type Digest struct {
	ID       string // G-1
	Kind     string
	PersonID string // of a personal one
	From, To time.Time
	AsOf     time.Time
	Headline string          // its one sentence
	Figures  json.RawMessage // the report's JSON
	Card     json.RawMessage // what was shown
	At       time.Time
	Restated json.RawMessage // the figures that a later digest restated it to; nil where none did
}

// NextDigestID draws the id of a digest that is about to be sent.
func (tx *Tx) NextDigestID() (string, error) {
	n, err := tx.next("digest")
	return fmt.Sprintf("G-%d", n), err
}

// AddDigest keeps a digest as it is sent.
func (tx *Tx) AddDigest(g Digest) error {
	err := tx.exec(`INSERT INTO digests (id, kind, person_id, from_at, to_at, as_of, headline, figures, card, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		g.ID, g.Kind, g.PersonID, millis(g.From), millis(g.To), millis(g.AsOf), g.Headline, string(g.Figures), string(g.Card), millis(tx.Now))
	if err != nil {
		return fmt.Errorf("keep digest %s: %w", g.ID, err)
	}
	return nil
}

func (tx *Tx) digests(where string, args ...any) ([]Digest, error) {
	return all(tx, func(scan func(...any) error) (g Digest, err error) {
		var figures, card, restated string
		err = scan(&g.ID, &g.Kind, &g.PersonID, moment{&g.From}, moment{&g.To}, moment{&g.AsOf}, &g.Headline, &figures, &card, moment{&g.At},
			&restated)
		if g.Figures, g.Card = json.RawMessage(figures), json.RawMessage(card); restated != "" {
			g.Restated = json.RawMessage(restated)
		}
		return g, err
	}, `SELECT id, kind, person_id, from_at, to_at, as_of, headline, figures, card, at, restated FROM digests WHERE `+where, args...)
}

// DigestsSince are the digests of a kind sent since a moment, the newest first.
func (tx *Tx) DigestsSince(kind string, since time.Time) ([]Digest, error) {
	list, err := tx.digests(`kind = ? AND at >= ? ORDER BY to_at DESC, at DESC`, kind, millis(since))
	if err != nil {
		return nil, fmt.Errorf("read the digests since %s: %w", since, err)
	}
	return list, nil
}

// Restate keeps the figures that a digest has been restated to.
func (tx *Tx) Restate(id string, figures json.RawMessage) error {
	if err := tx.exec(`UPDATE digests SET restated = ? WHERE id = ?`, string(figures), id); err != nil {
		return fmt.Errorf("restate digest %s: %w", id, err)
	}
	return nil
}

func (tx *Tx) digest(where string, args ...any) (Digest, error) {
	list, err := tx.digests(where, args...)
	switch {
	case err != nil:
		return Digest{}, fmt.Errorf("read a digest: %w", err)
	case len(list) == 0:
		return Digest{}, truce.Errorf(truce.NotFound, "There is no such digest.")
	}
	return list[0], nil
}

// Digest finds a sent digest by its id.
func (tx *Tx) Digest(id string) (Digest, error) { return tx.digest(`id = ?`, id) }

// LastDigest is the newest sent digest of a kind; truce.NotFound where there is none.
func (tx *Tx) LastDigest(kind string) (Digest, error) {
	return tx.digest(`kind = ? ORDER BY to_at DESC, at DESC LIMIT 1`, kind)
}

// digestFor is the newest sent digest that concerns a person; nil where there is none.
func (tx *Tx) digestFor(p truce.Person) (newest *truce.SentDigest, err error) {
	for _, kind := range []string{"leads", "weekly", "monthly"} {
		pref, err := tx.Pref(p.ID, truce.PrefDigest+kind)
		if err != nil {
			return nil, err
		}
		if !truce.DigestConcerns(kind, p, pref) {
			continue
		}
		g, err := tx.LastDigest(kind)
		switch {
		case truce.KindOf(err) == truce.NotFound:
		case err != nil:
			return nil, err
		case newest == nil || g.At.After(newest.At):
			newest = &truce.SentDigest{ID: g.ID, Kind: g.Kind, Headline: g.Headline, At: g.At}
		}
	}
	return newest, nil
}

// RefreshHomesOf has the home pages drawn anew of all whom a digest concerns.
func (tx *Tx) RefreshHomesOf(kind string) error {
	people, err := tx.People()
	if err != nil {
		return err
	}
	for _, p := range people {
		pref, err := tx.Pref(p.ID, truce.PrefDigest+kind)
		if err == nil && truce.DigestConcerns(kind, p, pref) {
			err = tx.RefreshHome(p.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// PrefersDigest are the ids of the active people who have set a digest to a value.
func (tx *Tx) PrefersDigest(kind, value string) ([]string, error) {
	return all(tx, func(scan func(...any) error) (id string, err error) { return id, scan(&id) },
		`SELECT p.id FROM people p JOIN prefs f ON f.person_id = p.id WHERE p.active = 1 AND f.key = ? AND f.value = ? ORDER BY p.id`,
		truce.PrefDigest+kind, value)
}
