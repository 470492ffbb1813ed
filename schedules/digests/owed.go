package digests

import (
	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is the block of what Marketing owes.

// owedBlock is a line.
var owedBlock = Block{
	Name:  "owed",
	Early: true, // what is to be decided is among it
	Gather: func(d Maker, tx *storage.Tx, s *Study) (err error) {
		s.Owed, err = tx.Pending(d.terms(), s.AsOf)
		return err
	},
	Card: func(d Maker, s *Study) []chat.Block {
		var v cards.OwedView
		for _, o := range s.Owed {
			if o.Kind == truce.AnswerPromise {
				if v.Disputes++; v.NextDue.IsZero() {
					v.NextDue = o.DueAt
				}
			}
		}
		v.Unmet = len(unmet(s))
		return cards.MarketingOwes(v, s.AsOf, d.Calendar)
	},
	Counts: func(d Maker, s *Study) []figure {
		n, p := 0, d.period(s.Query)
		for _, o := range s.Owed {
			if o.Kind == truce.AnswerPromise {
				n++
			}
		}
		return []figure{{label: "Disputes that wait for Marketing's answer", n: n, arg: p.Arg("n", "owed", "m", "cases")},
			{label: "Objections that wait for an answer", how: unmetHow, n: len(unmet(s)), arg: p.Arg("n", "owed")}}
	},
	Rows: Maker.owedRows,
}
