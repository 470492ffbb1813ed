package digests

import (
	"cmp"
	"slices"
	"time"

	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file says what became of the accounts that answers were shown for.

// answersBlock is a table among all figures.
var answersBlock = Block{
	Name:   answerRowsName,
	Gather: func(d Maker, tx *storage.Tx, s *Study) (err error) { s.Answers, err = d.answersUsed(tx, s); return err },
	Figures: func(d Maker, s *Study) []chat.Block {
		return table(cards.AnswersUsed(answerViews(s.Answers, within(d.period(s.Query), s.Trail)), d.period(s.Query), s.Trail.span()))
	},
	Rows: Maker.answerRows,
}

// AnswerUse is an approved answer as it was used: the accounts whose objection it was shown for in the trailing 13 weeks, and
// how many of them took their next step after the first time (storage.Tx.MovedOn). It says nothing of what the others, whom no
// answer was shown for, did.
type AnswerUse struct {
	ID                string
	Theme, Body       string
	Accounts, MovedOn int
	Helped            stats.Proportion // by the word of those who got it, each showing by itself
}

// manyAccounts is from how many accounts on a message, an answer or a reason is named.
const manyAccounts = 3

// answersUsed are the answers shown for manyAccounts accounts or more, the most accounts first.
func (d Maker) answersUsed(tx *storage.Tx, s *Study) (list []AnswerUse, err error) {
	shown, err := tx.AnswersShown(s.Trail.From, minTime(s.To, s.AsOf.Add(time.Millisecond)))
	if err != nil {
		return nil, err
	}
	for len(shown) > 0 {
		end := slices.IndexFunc(shown, func(a storage.AnswerShown) bool { return a.ID != shown[0].ID })
		if end < 0 {
			end = len(shown)
		}
		use := AnswerUse{ID: shown[0].ID, Theme: shown[0].Theme, Body: shown[0].Body}
		first := map[string]time.Time{}
		for _, a := range shown[:end] {
			if _, ok := first[a.Account]; !ok {
				first[a.Account] = a.At
			}
			if a.Voted {
				use.Helped.N++
			}
			if a.Helped {
				use.Helped.K++
			}
		}
		shown = shown[end:]
		if use.Accounts = len(first); use.Accounts < manyAccounts {
			continue
		}
		for account, at := range first {
			ok, err := tx.MovedOn(account, at, s.AsOf)
			if err != nil {
				return nil, err
			}
			if ok {
				use.MovedOn++
			}
		}
		list = append(list, use)
	}
	slices.SortStableFunc(list, func(a, b AnswerUse) int { return cmp.Compare(b.Accounts, a.Accounts) })
	return list, nil
}

func answerViews(list []AnswerUse, p cards.Period) (views []cards.AnswerUseView) {
	for _, a := range list {
		views = append(views, cards.AnswerUseView{Arg: p.Arg("n", answerRowsName, "y", a.ID), Theme: a.Theme, Said: a.Body, Accounts: a.Accounts,
			MovedOn: a.MovedOn, Helped: share(a.Helped)})
	}
	return views
}
