package schedules

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/storage"
)

// This file is what time asks of answers: requests to Marketing for themes that enough accounts have raised, and reviews that
// are due.

// Requests asks Marketing for answers, and owners for reviews, each working day.
type Requests struct {
	Store *storage.Store
	Terms truce.Terms
	Log   *slog.Logger
}

// reviewAhead is how long before an answer's review its owner hears of it.
const reviewAhead = 7 * 24 * time.Hour

// Once chooses and sends the day's requests and reminders of reviews, once for the due moment.
func (r Requests) Once(ctx context.Context, due time.Time) error {
	if !r.Terms.Calendar.Workday(r.Terms.Calendar.Date(due)) {
		return nil
	}
	var candidates []truce.Request
	err := r.Store.View(ctx, func(tx *storage.Tx) (err error) {
		candidates, err = r.candidates(tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("find the themes to ask about: %w", err)
	}
	return r.Store.Update(ctx, func(tx *storage.Tx) error {
		if ok, err := tx.Claim("requests", due); err != nil || !ok {
			return err
		}
		asked, err := tx.RequestsAsked(tx.Now.AddDate(0, 0, -7))
		if err != nil {
			return err
		}
		for _, q := range truce.ChooseRequests(candidates, int(asked)) {
			if err := r.ask(tx, q); err != nil {
				return err
			}
		}
		return r.reviews(tx)
	})
}

// candidates are the themes without an answer in force and without an open request, as the last 30 days heard them. A request
// that was set aside is not made again before the theme was heard at more accounts.
func (r Requests) candidates(tx *storage.Tx) ([]truce.Request, error) {
	return tx.RequestsHeard(func(q truce.Request) (bool, error) {
		if q.Accounts < truce.RequestAccounts || q.People < truce.RequestPeople {
			return false, nil
		}
		return r.wanted(tx, q)
	})
}

func (r Requests) wanted(tx *storage.Tx, q truce.Request) (bool, error) {
	answers, err := tx.Answers(q.ThemeID, truce.AnswerApproved)
	if err != nil {
		return false, err
	}
	if len(truce.BestAnswers(answers, tx.Now)) > 0 {
		return false, nil
	}
	last, err := tx.LastRequest(q.ThemeID)
	switch {
	case truce.KindOf(err) == truce.NotFound:
		return true, nil
	case err != nil:
		return false, err
	}
	return last.State == truce.RequestAnswered || last.State == truce.RequestDropped && q.Accounts > last.Accounts, nil
}

func (r Requests) ask(tx *storage.Tx, q truce.Request) error {
	due, ok := r.Terms.Calendar.Deadline(tx.Now, truce.RequestHours)
	if !ok {
		return fmt.Errorf("the calendar has no working hours")
	}
	q.DueAt = due
	_, err := tx.AskForAnswer(q, "", "")
	return err
}

// reviews reminds owners, once for each date.
func (r Requests) reviews(tx *storage.Tx) error {
	list, err := tx.AnswersIn(truce.AnswerApproved)
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.OwnerID == "" || a.ReviewAt.IsZero() || a.ReviewAt.Sub(tx.Now) > reviewAhead {
			continue
		}
		theme, err := tx.Theme(a.ThemeID)
		if err != nil {
			return err
		}
		body, err := json.Marshal(cards.ReviewDue(theme, a, r.Terms.Calendar.Loc))
		if err != nil {
			return err
		}
		err = tx.Send(storage.Message{Key: "review:" + a.ID + ":" + a.ReviewAt.Format(time.DateOnly), To: storage.ToPerson(a.OwnerID), Body: body,
			Kind: storage.Notice, PersonID: a.OwnerID})
		if err != nil {
			return err
		}
	}
	return nil
}
