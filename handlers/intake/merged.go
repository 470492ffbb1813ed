package intake

import (
	"context"
	"maps"
	"slices"
	"strings"

	"truce/storage"
)

// This file makes one lead of those that a CRM has merged: by a record's own list of what it absorbed, or by the absorbed record's word of
// what it is now. A chain may be told whole or link by link, and in any order.

// absorbed is a row of a lead that the CRM has merged into another one: it brings no lead.
type absorbed struct{ id, into string }

func (*absorbed) save(*storage.Tx) (storage.Change, error) { return storage.Unchanged, nil }

// mergedIDs reads a list of records as CRMs write it: parted by semicolons, commas or blanks.
func mergedIDs(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool {
		return r == ';' || r == ',' || r == '|' || r == ' ' || r == '\n' || r == '\t' || r == '[' || r == ']' || r == '"'
	})
}

// merge notes that a lead was merged into another one.
func (n *notes) merge(id, into string) {
	if n == nil {
		return
	}
	if n.merged == nil {
		n.merged = map[string]string{}
	}
	if had := n.merged[id]; had == "" || had == into {
		n.merged[id] = into
		return
	}
	// Two records name it: one of them is a link of the chain, which says itself what it became.
	n.also = append(n.also, [2]string{id, into})
}

// survivors is each absorbed lead and what it has become in the end. Of a circle, which no CRM makes, nobody is absorbed.
func (n *notes) survivors() map[string]string {
	ends := map[string]string{}
	next := func(id string) []string {
		var list []string
		if into := n.merged[id]; into != "" {
			list = append(list, into)
		}
		for _, p := range n.also {
			if p[0] == id {
				list = append(list, p[1])
			}
		}
		return list
	}
	var end func(id string, seen map[string]bool) string
	end = func(id string, seen map[string]bool) string { // the last of all that can be reached
		if seen[id] {
			return ""
		}
		seen[id] = true
		steps := next(id)
		if len(steps) == 0 {
			return id
		}
		for _, s := range steps {
			if e := end(s, seen); e != "" {
				return e
			}
		}
		return ""
	}
	for id := range n.merged {
		if e := end(id, map[string]bool{}); e != "" && e != id {
			ends[id] = e
		}
	}
	return ends
}

// mergeAll makes one lead of each chain, once all rows are stored. Leads of which the survivor is not known here stay as they are
// until it is.
func (f *File) mergeAll(ctx context.Context, store *storage.Store, s *Summary) error {
	ends := f.notes.survivors()
	const some = 50 // in a transaction
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(ends)), some) {
		n := 0
		err := store.Update(ctx, func(tx *storage.Tx) error {
			n = 0
			for _, id := range ids {
				merged, err := tx.MergeLead(id, ends[id])
				if err != nil {
					return err
				}
				if merged {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		s.Merged += n
	}
	return nil
}
