package storage

import (
	"fmt"
	"time"

	"truce"
)

// This file is about the terms that hold: what the configuration says, and over it what both sides agreed on in chat.

func init() {
	for _, k := range []truce.ProposalKind{truce.LevelGround, truce.ThresholdGround, truce.HoursGround} {
		begins[k] = (*Tx).settingBegins
	}
	begins[truce.SourceGround] = (*Tx).sourceBegins
}

// AgreedSettings are the versions of the settings that were agreed on in chat.
func (tx *Tx) AgreedSettings() (truce.Agreed, error) {
	list, err := tx.proposals(`WHERE kind IN ('level', 'threshold', 'hours') AND in_force_at IS NOT NULL
		ORDER BY in_force_at DESC, version DESC`)
	if err != nil {
		return nil, fmt.Errorf("read what was agreed on: %w", err)
	}
	a := truce.Agreed{}
	for _, p := range list {
		a[p.Thing] = append(a[p.Thing], p)
	}
	return a, nil
}

// Terms are the configured terms with what both sides agreed on by now.
func (tx *Tx) Terms(configured truce.Terms) (truce.Terms, error) {
	return tx.TermsAt(configured, tx.Now)
}

// TermsAt are the configured terms with what held at a moment. Terms that hold already are as good as the configured ones.
func (tx *Tx) TermsAt(configured truce.Terms, at time.Time) (truce.Terms, error) {
	m, err := tx.memo()
	if err != nil {
		return configured, err
	}
	var a truce.Agreed
	if m != nil {
		a = m.agreed
	}
	if a == nil {
		if a, err = tx.AgreedSettings(); err != nil {
			return configured, err
		}
		if m != nil {
			m.agreed = a
		}
	}
	if len(a) == 0 {
		return configured, nil
	}
	return a.Terms(configured, at), nil
}

// settingBegins notes the day of an agreed setting where figures look for changes of what they rest on.
func (tx *Tx) settingBegins(p truce.Proposal) error {
	s, ok := truce.SettingOf(p.Thing)
	if !ok {
		return fmt.Errorf("%s changes %q, which is no setting", p.ID, p.Thing)
	}
	was, became := p.Values()
	known, err := tx.count(`SELECT count(*) FROM thresholds WHERE key = ? AND at <= ?`, s.Key, millis(p.InForce))
	if err != nil {
		return err
	}
	if known == 0 { // nothing was noted of the configuration yet: it was so since the beginning
		if err := tx.noteThreshold(p.InForce.Add(-time.Millisecond), s, was.String()); err != nil {
			return err
		}
	}
	return tx.noteThreshold(p.InForce, s, became.String())
}

func (tx *Tx) noteThreshold(at time.Time, s truce.Setting, value string) error {
	if err := tx.exec(`INSERT INTO thresholds (id, at, key, name, value) VALUES (?, ?, ?, ?, ?)`, tx.newID(), millis(at), s.Key, s.Name,
		value); err != nil {
		return fmt.Errorf("keep threshold %s: %w", s.Key, err)
	}
	return nil
}

// LeadWords are, by their references, the leads that qualified in [from, to), with what tells whether they are urgent and with
// their scores; nothing else of them is read.
func (tx *Tx) LeadWords(from, to time.Time) (map[string]truce.Lead, error) {
	list, err := all(tx, func(scan func(...any) error) (l truce.Lead, err error) {
		var score *float64
		if err = scan(&l.Ref, moment{&l.MQLAt}, &l.Source, &l.Campaign, &l.Product, &score); score != nil {
			l.Score, l.HasScore = *score, true
		}
		return l, err
	}, `SELECT ref, mql_at, source, campaign, product, score FROM leads WHERE mql_at >= ? AND mql_at < ?`, millis(from), millis(to))
	if err != nil {
		return nil, fmt.Errorf("read the words of leads: %w", err)
	}
	m := make(map[string]truce.Lead, len(list))
	for _, l := range list {
		m[l.Ref] = l
	}
	return m, nil
}

// sourceBegins gives leads the source that both sides agreed on; whatever an import says of it later changes nothing.
func (tx *Tx) sourceBegins(p truce.Proposal) error {
	sources := truce.ReadSources(p.Payload)
	for _, ref := range sources.Refs() {
		f, err := tx.LeadFileByRef(ref)
		if truce.KindOf(err) == truce.NotFound { // erased meanwhile
			continue
		}
		if err != nil {
			return err
		}
		l := f.Lead
		l.Source = sources[ref]
		if err := tx.SaveLead(l); err != nil {
			return err
		}
		if err := tx.Audit("", "", "lead.source", ref, map[string]string{"was": f.Source, "is": l.Source, "proposal": p.ID}); err != nil {
			return err
		}
	}
	return nil
}
