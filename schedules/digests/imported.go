package digests

import (
	"cmp"
	"slices"

	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is the block of imports: they send nobody a notice.

// importedBlock says in a line what came in.
var importedBlock = Block{
	Name: "imported",
	Gather: func(_ Maker, tx *storage.Tx, s *Study) (err error) {
		s.Imports, err = tx.ImportsSince(s.From, minTime(s.To, s.AsOf))
		return err
	},
	Card: func(_ Maker, s *Study) []chat.Block { return cards.Imported(importViews(s.Imports)) },
}

// importViews are imports by what they were of: leads first, then by name.
func importViews(list []storage.Import) (views []cards.ImportView) {
	for _, i := range list {
		at := slices.IndexFunc(views, func(v cards.ImportView) bool { return v.Kind == i.Kind })
		if at < 0 {
			at = len(views)
			views = append(views, cards.ImportView{Kind: i.Kind})
		}
		v := &views[at]
		v.Added, v.Changed, v.Rejected = v.Added+i.Added, v.Changed+i.Changed, v.Rejected+i.Rejected
		switch {
		case !i.Complete:
			v.Stopped++
		case i.Origin != "hook":
			v.Stopped = 0 // it was run again
		}
	}
	slices.SortFunc(views, func(a, b cards.ImportView) int {
		if (a.Kind == "leads") != (b.Kind == "leads") {
			return map[bool]int{true: -1, false: 1}[a.Kind == "leads"]
		}
		return cmp.Compare(a.Kind, b.Kind)
	})
	return views
}
