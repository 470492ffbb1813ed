package digests

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"truce"
	"truce/bot/cards"
	"truce/storage"
)

// This file restates what was sent: a figure of a digest of the last 13 weeks that later data has changed is said once in the next one.

// restated is a digest with the figures that are to be said of it anew.
type restated struct {
	said cards.RestatedDigest
	is   []byte // all of them as they are known now, to be kept
}

// restatable are the figures of a digest that are restated, by their places in its JSON (docs/digest-json.md).
type restatable struct {
	Totals struct {
		Leads    int `json:"leads"`
		Accepted int `json:"accepted"`
		Rejected int `json:"rejected"`
		Won      int `json:"won"`
		Lost     int `json:"lost"`
	} `json:"totals"`
	Earned *earnedThen `json:"earned"` // nil: it was not asked for
}

// earnedThen is what was closed in the period of a digest.
type earnedThen struct {
	Won      map[string]int64 `json:"won"`
	Deals    int              `json:"deals"`
	Reorders int              `json:"reorders"`
}

// restated are the digests of a kind, sent in the last 13 weeks, whose figures differ by more than their rounding from what was last said
// of them: each at its own moment, as it is known now.
func (d Maker) restated(tx *storage.Tx, kind string) (list []restated, err error) {
	sent, err := tx.DigestsSince(kind, tx.Now.AddDate(0, 0, -trailDays))
	if err != nil {
		return nil, err
	}
	for _, g := range sent {
		var was restatable
		text := g.Figures
		if len(g.Restated) > 0 {
			text = g.Restated
		}
		if err := json.Unmarshal(text, &was); err != nil {
			return nil, fmt.Errorf("read digest %s: %w", g.ID, err)
		}
		is, err := d.known(tx, g, was.Earned != nil)
		if err != nil {
			return nil, fmt.Errorf("count digest %s anew: %w", g.ID, err)
		}
		figures := differences(was, is)
		if len(figures) == 0 {
			continue
		}
		r := restated{said: cards.RestatedDigest{ID: g.ID, Of: cards.Span{From: g.From, To: g.To}, Figures: figures}}
		if r.is, err = json.Marshal(is); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// known is a sent digest's figures at its own moment, as they are known now.
func (d Maker) known(tx *storage.Tx, g storage.Digest, earned bool) (is restatable, err error) {
	report, err := NewReport(tx, g.Kind, g.From, g.To, g.AsOf, d.loc())
	if err != nil {
		return is, err
	}
	t := groupJSON(report.Totals)
	is.Totals.Leads, is.Totals.Accepted, is.Totals.Rejected, is.Totals.Won, is.Totals.Lost = t.Leads, t.Accepted, t.Rejected, t.Won, t.Lost
	if !earned {
		return is, nil
	}
	sales, err := d.earned(tx, Query{From: g.From, To: g.To, AsOf: g.AsOf})
	is.Earned = &earnedThen{}
	for _, s := range sales {
		if is.Earned.Won = sum(is.Earned.Won, s); s.Reorder {
			is.Earned.Reorders++
		} else {
			is.Earned.Deals++
		}
	}
	return is, err
}

// differences are the figures that read differently.
func differences(was, is restatable) (list []cards.Restatement) {
	add := func(name, was, is string) {
		if was != is {
			list = append(list, cards.Restatement{Name: name, Was: was, Is: is})
		}
	}
	a, b := was.Totals, is.Totals
	for _, n := range []struct {
		name    string
		was, is int
	}{{"leads", a.Leads, b.Leads}, {"accepted", a.Accepted, b.Accepted}, {"rejected", a.Rejected, b.Rejected}, {"won", a.Won, b.Won},
		{"lost", a.Lost, b.Lost}} {
		add(n.name, strconv.Itoa(n.was), strconv.Itoa(n.is))
	}
	if was.Earned == nil || is.Earned == nil {
		return list
	}
	add("deals", strconv.Itoa(was.Earned.Deals), strconv.Itoa(is.Earned.Deals))
	add("orders", strconv.Itoa(was.Earned.Reorders), strconv.Itoa(is.Earned.Reorders))
	currencies := slices.Sorted(maps.Keys(was.Earned.Won))
	for c := range is.Earned.Won {
		if _, ok := was.Earned.Won[c]; !ok {
			currencies = append(currencies, c)
		}
	}
	slices.Sort(currencies)
	for _, c := range currencies {
		one := func(amount int64) string {
			return cmp.Or(joined(roughly(map[string]int64{c: amount})), truce.Money{Currency: c}.String())
		}
		add("money", one(was.Earned.Won[c]), one(is.Earned.Won[c]))
	}
	return list
}
