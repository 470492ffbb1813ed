package storage

import (
	"fmt"
	"slices"
	"time"

	"truce"
)

// This file keeps how far a new installation has come on the ramp.

// rampKey is where the moment is kept at which a stage opened.
func rampKey(s truce.RampStage) string { return "ramp " + s.String() }

// RampAt is where the installation stands on the ramp at a moment, as far as the moments of its stages say; what the next one
// needs is not read.
func (tx *Tx) RampAt(t truce.Terms, at time.Time) (r truce.Ramp, err error) {
	r.Terms, r.Today, r.Opened = t.Ramp, t.Calendar.Date(at), map[truce.RampStage]time.Time{}
	read := func(key string) (moment time.Time, err error) {
		text, err := tx.Meta(key)
		if err != nil || text == "" {
			return moment, err
		}
		if moment, err = time.Parse(time.RFC3339, text); err != nil {
			err = fmt.Errorf("read %s: %w", key, err)
		}
		return moment, err
	}
	if t.Ramp.Disputes <= 1 && t.Ramp.Comparisons <= 1 { // there is no ramp
		return r, nil
	}
	installed, err := read("installed_at")
	if err != nil || installed.IsZero() {
		return r, err
	}
	r.Installed = t.Calendar.Date(installed)
	for _, s := range []truce.RampStage{truce.RampDisputes, truce.RampComparisons} {
		if r.Opened[s], err = read(rampKey(s)); err != nil {
			return r, err
		}
	}
	return r, nil
}

// Ramp is where the installation stands now, and what the next stage needs.
func (tx *Tx) Ramp(t truce.Terms) (r truce.Ramp, err error) {
	if r, err = tx.RampAt(t, tx.Now); err != nil || r.At(tx.Now) >= truce.RampDisputes {
		return r, err
	}
	if r.Signed, err = tx.signedByBoth(); err != nil {
		return r, err
	}
	profiles, err := tx.Profiles(t.ICP.Configured, tx.Now)
	if err != nil {
		return r, err
	}
	rules, err := tx.count(`SELECT count(*) FROM proposals WHERE kind = 'rule' AND state = 'in force' AND in_force_at <= ?`, millis(tx.Now))
	r.Defined = len(profiles) > 0 || rules > 0
	return r, err
}

// signedByBoth reports whether two people, one for each side's key, have signed the charter in force.
func (tx *Tx) signedByBoth() (bool, error) {
	versions, err := tx.CharterVersions(tx.Now)
	if err != nil || len(versions) == 0 {
		return false, err
	}
	said, err := tx.SignaturesOf(versions[0].Text, tx.Now)
	if err != nil {
		return false, err
	}
	keys, err := tx.Keyholders()
	if err != nil {
		return false, err
	}
	signed := func(s truce.Side) []string {
		return slices.DeleteFunc(keys.Of(s), func(id string) bool { return said[id].Signed.IsZero() })
	}
	sales, marketing := signed(truce.Sales), signed(truce.Marketing)
	return len(sales) > 0 && len(marketing) > 0 && (len(sales) > 1 || len(marketing) > 1 || sales[0] != marketing[0]), nil
}

// TendRamp opens the stage whose time has come.
func (tx *Tx) TendRamp(t truce.Terms) error {
	r, err := tx.Ramp(t)
	if err != nil {
		return err
	}
	if s, ok := r.Due(tx.Now); ok {
		return tx.OpenRamp(s, "", "")
	}
	return nil
}

// OpenRamp opens a stage from now on; by is the admin who moved on, "" is time.
func (tx *Tx) OpenRamp(s truce.RampStage, by, network string) error {
	if err := tx.SetMeta(rampKey(s), tx.Now.UTC().Format(time.RFC3339)); err != nil {
		return fmt.Errorf("open %s: %w", s, err)
	}
	if err := tx.Audit(by, network, "ramp.open", s.String(), nil); err != nil {
		return err
	}
	admins, err := tx.PeopleWith(truce.Admin)
	if err != nil {
		return err
	}
	for _, p := range admins {
		if err := tx.RefreshHome(p.ID); err != nil {
			return err
		}
	}
	return nil
}
