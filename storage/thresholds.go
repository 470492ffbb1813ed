package storage

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"truce"
)

// KeepThresholds writes down the thresholds that the bot works with from now on, those that are new or differ from before, and
// tells what has changed. The first value of a threshold is no change.
func (tx *Tx) KeepThresholds(list []truce.Threshold) (changed []truce.ThresholdChange, err error) {
	before, err := tx.thresholds(tx.Now)
	if err != nil {
		return nil, err
	}
	last := map[string]truce.ThresholdChange{}
	for _, c := range before {
		last[c.Key] = c
	}
	for _, t := range list {
		was, known := last[t.Key]
		if known && sameThreshold(t.Key, was.Became, t.Value) {
			continue
		}
		if err := tx.exec(`INSERT INTO thresholds (id, at, key, name, value) VALUES (?, ?, ?, ?, ?)`, tx.newID(), millis(tx.Now), t.Key, t.Name,
			t.Value); err != nil {
			return nil, fmt.Errorf("keep threshold %s: %w", t.Key, err)
		}
		c := truce.ThresholdChange{At: tx.Now, Key: t.Key, Name: t.Name, Was: was.Became, Became: t.Value}
		if known {
			changed = append(changed, c)
		}
		if err := tx.Audit("", "", "threshold.set", t.Key, c); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

// sameThreshold reports whether two texts say the same: "Mon-Fri" is "mon-fri".
func sameThreshold(key, a, b string) bool {
	if a == b {
		return true
	}
	s, ok := truce.SettingOf(key)
	if !ok {
		return false
	}
	x, err1 := s.Parse(a, truce.Terms{})
	y, err2 := s.Parse(b, truce.Terms{})
	return err1 == nil && err2 == nil && x == y
}

// ThresholdChanges are the thresholds that came to have another value, the terms of the charter that did, and the lead definition rules
// that came into force or were retired, in [from, to), the first one first.
func (tx *Tx) ThresholdChanges(from, to time.Time) ([]truce.ThresholdChange, error) {
	list, err := tx.thresholds(to.Add(-time.Millisecond))
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(c truce.ThresholdChange) bool { return c.Was == "" })
	rules, err := tx.rules(`AND in_force_at IS NOT NULL AND in_force_at < ? ORDER BY in_force_at, id`, millis(to))
	if err != nil {
		return nil, fmt.Errorf("read which rules came into force: %w", err)
	}
	for _, r := range rules {
		c := truce.ThresholdChange{At: r.InForceAt, Key: r.ID, Name: fmt.Sprintf("rule %s (%s, %s)", r.ID, truce.SourceName(r.Source),
			r.Reason.Info().Label), Became: "in force"}
		list = append(list, c)
		if c.At, c.Became = r.ClosedAt, "retired"; r.State == truce.ProposalRetired && c.At.Before(to) {
			list = append(list, c)
		}
	}
	charter, err := tx.charterChanges(to)
	if err != nil {
		return nil, err
	}
	list = append(list, charter...)
	list = slices.DeleteFunc(list, func(c truce.ThresholdChange) bool { return c.At.Before(from) })
	slices.SortStableFunc(list, func(a, b truce.ThresholdChange) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Key, b.Key)) })
	return list, nil
}

// charterChanges are the terms of the charter that came to be others before a moment.
func (tx *Tx) charterChanges(to time.Time) (list []truce.ThresholdChange, err error) {
	versions, err := tx.VersionsOf(truce.CharterGround, to.Add(-time.Millisecond))
	if err != nil {
		return nil, fmt.Errorf("read how the charter changed: %w", err)
	}
	for _, v := range versions {
		if v.Version == 1 {
			continue
		}
		for _, d := range v.Differences() {
			c := truce.ThresholdChange{At: v.InForce, Key: v.ID, Name: d.What, Was: d.Was, Became: d.Becomes}
			switch {
			case d.What == "why": // a text is no term
				continue
			case d.Was == "":
				c.Became = "new: " + d.Becomes
			case d.Becomes == "":
				c.Was, c.Became = "", "no longer promised"
			}
			list = append(list, c)
		}
	}
	return list, nil
}

// thresholds is the whole history up to a moment, the first row first, with what was there before each.
func (tx *Tx) thresholds(until time.Time) ([]truce.ThresholdChange, error) {
	list, err := all(tx, func(scan func(...any) error) (c truce.ThresholdChange, err error) {
		return c, scan(moment{&c.At}, &c.Key, &c.Name, &c.Became, &c.Was)
	}, `SELECT at, key, name, value, coalesce(lag(value) OVER (PARTITION BY key ORDER BY at, id), '') FROM thresholds WHERE at <= ?
		ORDER BY at, id`, millis(until))
	if err != nil {
		return nil, fmt.Errorf("read how thresholds changed: %w", err)
	}
	return list, nil
}
