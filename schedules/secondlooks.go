package schedules

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// SecondLooks draws the second looks of a week and ends those that are over.
type SecondLooks struct {
	Store *storage.Store
	Terms truce.Terms
}

// Weekly draws the looks of a week on its first working day, once, among what the week before it sent back, where both sides have
// agreed on that.
func (s SecondLooks) Weekly(ctx context.Context, due time.Time) error {
	if !s.Terms.Calendar.Workday(s.Terms.Calendar.Date(due)) {
		return nil
	}
	from, to := s.Terms.Calendar.Week(due, -1), s.Terms.Calendar.Week(due, 0)
	return s.Store.Update(ctx, func(tx *storage.Tx) error {
		on, err := tx.SecondLooksOn(tx.Now)
		if err != nil || !on {
			return err
		}
		if ok, err := tx.Claim("second looks", to); err != nil || !ok {
			return err
		}
		list, err := tx.LookCandidates(from, to)
		if err != nil {
			return err
		}
		open, err := tx.OpenSecondLooks()
		if err != nil {
			return err
		}
		has := map[string]int{}
		for _, l := range open {
			has[l.PersonID]++
		}
		for _, l := range truce.DrawLooks(s.Terms.Calendar.Date(to), list, has) {
			if err := s.give(tx, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// give gives a lead to its rep as a manager of Sales would.
func (s SecondLooks) give(tx *storage.Tx, l truce.SecondLook) error {
	l, err := tx.AddSecondLook(l)
	if err != nil {
		return err
	}
	if err := tx.Audit("", "", "secondlook.give", l.ID, map[string]string{"lead": l.Ref}); err != nil {
		return err
	}
	of, err := tx.LookedAt(l)
	if err != nil {
		return err
	}
	return s.tell(tx, l, "given:"+l.Ref+":"+l.ID, cards.LeadGiven(of))
}

func (s SecondLooks) tell(tx *storage.Tx, l truce.SecondLook, key string, card chat.Card) error {
	body, err := json.Marshal(card)
	if err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	return tx.Send(storage.Message{Key: key, To: storage.ToPerson(l.PersonID), Body: body, Kind: storage.Notice, PersonID: l.PersonID})
}

// Tend ends the looks that are over, and asks each rep once whether they knew; who has one that ended before its time is told, unless it
// ended because they left.
func (s SecondLooks) Tend(ctx context.Context) error {
	return s.Store.Update(ctx, func(tx *storage.Tx) error {
		over, err := tx.TendLooks()
		if err != nil {
			return err
		}
		for _, l := range over {
			of, err := tx.LookedAt(l)
			gone := truce.KindOf(err) == truce.NotFound
			switch {
			case err != nil && !gone:
				return err
			case l.Void:
				if p, err := tx.Person(l.PersonID); err != nil || !p.Active {
					if err != nil {
						return err
					}
					continue
				}
				if err := s.tell(tx, l, "given:"+l.Ref+":"+l.ID+":void", cards.SecondLookVoid(l, gone)); err != nil {
					return err
				}
				continue
			case l.Verdict == truce.NoStatus:
				continue
			}
			if err := s.tell(tx, l, "given:"+l.Ref+":"+l.ID+":over", cards.SecondLookOver(l, of)); err != nil {
				return err
			}
		}
		return nil
	})
}
