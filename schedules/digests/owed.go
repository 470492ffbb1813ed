package digests

import (
	"slices"

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
		heard := slices.Clone(s.Heard.New)
		for _, h := range s.Heard.Rising {
			heard = append(heard, h.ThemeHeard)
		}
		for _, h := range heard {
			if !h.Answered && h.Accounts >= 3 && h.Reps >= 2 {
				v.Unmet++
			}
		}
		return cards.MarketingOwes(v, s.AsOf, d.Calendar)
	},
}
