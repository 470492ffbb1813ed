package digests

import (
	"slices"
	"time"

	"truce"
	"truce/storage"
)

// This file knows what was promised when: a promise that was raised is held against no week in which less was promised.

// targets is what was promised at each moment up to a look.
type targets struct {
	terms    truce.Terms                        // that hold at the look
	versions []storage.CharterVersion           // the newest first
	changes  map[string][]truce.ThresholdChange // of settings, by key, the first one first
}

func (d Maker) targets(tx *storage.Tx, asOf time.Time) (h targets, err error) {
	h.terms, h.changes = d.Terms, map[string][]truce.ThresholdChange{}
	if h.versions, err = tx.CharterVersions(asOf); err != nil {
		return h, err
	}
	list, err := tx.ThresholdChanges(time.Time{}, asOf.Add(time.Millisecond))
	for _, c := range list {
		h.changes[c.Key] = append(h.changes[c.Key], c)
	}
	return h, err
}

// inTime is the share in time that was promised at a moment of clocks of one kind; 0 is none.
func (h targets) inTime(k clockKind) func(at time.Time) float64 {
	return func(at time.Time) float64 {
		if t, ok := h.charter(at, func(what string) bool { return inTime[what] == k }); ok {
			return t
		}
		return h.termsAt("promises.in_time_share", at).InTimeShare
	}
}

// icp is the share inside the profile that was promised at a moment; 0 is none.
func (h targets) icp(at time.Time) float64 {
	if t, ok := h.charter(at, func(what string) bool { return what == "icp" }); ok {
		return t
	}
	return h.termsAt("promises.icp_share", at).ICPShare
}

// charter is the target of a promise of the charter in force at a moment.
func (h targets) charter(at time.Time, is func(what string) bool) (float64, bool) {
	v := slices.IndexFunc(h.versions, func(v storage.CharterVersion) bool { return !v.InForce.After(at) })
	if v < 0 {
		return 0, false
	}
	p := slices.IndexFunc(h.versions[v].Promises, func(p truce.CharterPromise) bool { return is(p.What) })
	if p < 0 {
		return 0, false
	}
	return h.versions[v].Promises[p].Target, true
}

// termsAt are the targets with what one setting was at a moment; what was never changed is what it is.
func (h targets) termsAt(key string, at time.Time) truce.Targets {
	changes := h.changes[key]
	if len(changes) == 0 {
		return h.terms.Targets
	}
	value := changes[0].Was
	for _, c := range changes {
		if !c.At.After(at) {
			value = c.Became
		}
	}
	s, _ := truce.SettingOf(key)
	t, err := s.Read(h.terms, value)
	if err != nil { // it was read when it was written down; what cannot be read any more changes nothing
		return h.terms.Targets
	}
	return t.Targets
}

// changed is when within (from, to) a target last became what it is at the end, and what it was before; zero where it was so all the time.
func (h targets) changed(of func(at time.Time) float64, from, to time.Time) (was float64, at time.Time) {
	var moments []time.Time
	for _, v := range h.versions {
		moments = append(moments, v.InForce)
	}
	for _, list := range h.changes {
		for _, c := range list {
			moments = append(moments, c.At)
		}
	}
	for _, m := range moments {
		before := m.Add(-time.Millisecond)
		if m.After(from) && m.Before(to) && m.After(at) && of(before) != of(m) {
			was, at = of(before), m
		}
	}
	return was, at
}
