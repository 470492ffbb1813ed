package storage

import (
	"fmt"
	"strings"
	"time"

	"truce"
)

// This file is what the chat needs of activities beside what is imported.

// NextActivityID numbers an activity that is said in chat: ACT-1.
func (tx *Tx) NextActivityID() (string, error) {
	for {
		n, err := tx.next("activities")
		if err != nil {
			return "", fmt.Errorf("number an activity: %w", err)
		}
		id := fmt.Sprintf("ACT-%d", n)
		if _, err := tx.Activity(id); truce.KindOf(err) == truce.NotFound { // a file may use the same
			return id, nil
		} else if err != nil {
			return "", err
		}
	}
}

// ActivityNamed finds an activity by its id or its name, compared folded.
func (tx *Tx) ActivityNamed(name string) (truce.Activity, error) {
	list, err := tx.Activities()
	if err != nil {
		return truce.Activity{}, err
	}
	var found []truce.Activity
	folded := truce.FoldText(name)
	for _, a := range list {
		if a.ID == name || strings.EqualFold(a.ID, name) {
			return a, nil
		}
		if truce.FoldText(a.Name) == folded {
			return a, nil
		}
		if folded != "" && strings.Contains(truce.FoldText(a.Name), folded) {
			found = append(found, a)
		}
	}
	switch len(found) {
	case 0:
		if bare := truce.Bare(name); bare != name && bare != "" { // (ACT-1), #ACT-1
			return tx.ActivityNamed(bare)
		}
		return truce.Activity{}, truce.Errorf(truce.NotFound, "There is no activity %q. /activity list shows them, /activity add makes one.",
			name)
	case 1:
		return found[0], nil
	}
	var names []string
	for _, a := range found[:min(len(found), 5)] {
		names = append(names, a.Name)
	}
	return truce.Activity{}, truce.Errorf(truce.Invalid, "Several activities are called like that: %s. Say which.", strings.Join(names, ", "))
}

// LinksOf is the chain of an activity.
func (tx *Tx) LinksOf(activity string) ([]truce.ActivityLink, error) {
	list, err := all(tx, scanLink, `SELECT `+linkColumns+` FROM activity_links WHERE activity_id = ? ORDER BY place, day, what`, activity)
	if err != nil {
		return nil, fmt.Errorf("read the chain of %s: %w", activity, err)
	}
	return list, nil
}

// RemoveLink takes a link out of its chain.
func (tx *Tx) RemoveLink(l truce.ActivityLink) error {
	if err := tx.exec(`DELETE FROM activity_links WHERE activity_id = ? AND what = ? AND day = ? AND place = ?`, l.Activity, l.What,
		l.Date.String(), l.Place); err != nil {
		return fmt.Errorf("remove the %s of %s: %w", l.What, l.Activity, err)
	}
	return nil
}

// LinksToTell are the links whose day is over and of which nobody was told yet, by activity, those of days from first on.
func (tx *Tx) LinksToTell(first, today truce.Date) ([]truce.ActivityLink, error) {
	list, err := all(tx, scanLink, `SELECT `+linkColumns+` FROM activity_links WHERE told_at IS NULL AND day >= ? AND day < ?
		ORDER BY activity_id, place, day, what`, first.String(), today.String())
	if err != nil {
		return nil, fmt.Errorf("read the links that have come due: %w", err)
	}
	return list, nil
}

// LinkTold notes that somebody was told of a link.
func (tx *Tx) LinkTold(l truce.ActivityLink) error {
	if err := tx.exec(`UPDATE activity_links SET told_at = ? WHERE activity_id = ? AND what = ? AND day = ? AND place = ?`, millis(tx.Now),
		l.Activity, l.What, l.Date.String(), l.Place); err != nil {
		return fmt.Errorf("note what was told of %s: %w", l.Activity, err)
	}
	return nil
}

// CampaignSize is a campaign of leads: how many of a stretch of time, and when the first and the last qualified.
type CampaignSize struct {
	Name        string
	Source      string // of most of its leads, the first by name where it is a draw
	Leads       int
	First, Last time.Time
}

// CampaignsSince are the campaigns of leads that qualified from a moment on, the largest first.
func (tx *Tx) CampaignsSince(from time.Time) ([]CampaignSize, error) {
	list, err := all(tx, func(scan func(...any) error) (c CampaignSize, err error) {
		return c, scan(&c.Name, &c.Source, &c.Leads, moment{&c.First}, moment{&c.Last})
	}, `SELECT campaign, source, sum(n), min(first), max(last) FROM (SELECT campaign, source, count(*) n, min(mql_at) first, max(mql_at) last
		FROM leads
			WHERE mql_at >= ? AND campaign <> '' GROUP BY campaign, source ORDER BY campaign, n DESC, source)
		GROUP BY campaign ORDER BY sum(n) DESC, campaign LIMIT 200`, millis(from))
	if err != nil {
		return nil, fmt.Errorf("list the campaigns: %w", err)
	}
	return list, nil
}
