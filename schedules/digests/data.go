package digests

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/storage"
)

// This file finds out what the figures of a digest rest on.

// DataStudy is when data came in, and what came of holding it against the CRM's own list, as was known at the report's moment.
type DataStudy struct {
	Held  storage.Reconciliation // the last; a zero At: there was none
	Leads storage.Import         // the last whole import of leads
	Stale time.Time              // since when outcomes are missing; zero: they are not
}

func (d Maker) data(tx *storage.Tx, s *Study) (err error) {
	if s.Data.Held, err = tx.LastReconciliation(s.AsOf); err != nil {
		return err
	}
	if s.Data.Leads, err = tx.LastImport("leads", s.AsOf); err != nil {
		return err
	}
	s.Data.Stale, err = tx.Stale(d.Terms, s.AsOf)
	return err
}

func (d Maker) dataView(s *Study) cards.DataView {
	v := cards.DataView{Imported: s.Data.Leads.At, File: s.Data.Leads.Name, Stale: s.Data.Stale}
	h := s.Data.Held
	if h.At.IsZero() {
		return v
	}
	v.Held = &cards.HeldAgainst{At: h.At, Here: h.Here, File: h.File}
	if !h.From.IsZero() {
		v.Held.Span = cards.Span{From: truce.DateOf(h.From.In(d.loc())).At(0, d.loc()), To: truce.DateOf(h.To.In(d.loc())).Add(1).At(0, d.loc())}
	}
	// The most frequent reason first; equal ones by name, so that the same data gives the same bytes.
	names := slices.SortedFunc(maps.Keys(h.Why), func(a, b string) int { return cmp.Or(cmp.Compare(h.Why[b], h.Why[a]), cmp.Compare(a, b)) })
	for _, name := range names {
		v.Held.Why = append(v.Held.Why, cards.CountOf{Name: name, N: h.Why[name]})
	}
	return v
}
