package digests

import (
	"fmt"
	"slices"
	"time"

	"truce"
	"truce/storage"
)

// This file lets the cost of an activity take the place of the costs of its campaigns: nothing is counted twice.

// spent is an activity's cost over its days.
type spent struct {
	words      []string
	first, end truce.Date // [first, end)
	cost       truce.Money
	id         string
}

func (s spent) names(c truce.Cost) bool {
	return c.Campaign != "" && slices.Contains(s.words, truce.FoldText(c.Campaign))
}

// eachCost is tx.EachCost with activities: on an activity's days the costs of its campaigns give way to its own, which is shared among
// them as those costs were. An activity whose campaigns no cost names changes nothing here.
func eachCost(tx *storage.Tx, loc *time.Location, from, to truce.Date, fn func(truce.Cost) error) error {
	known, err := tx.Activities()
	if err != nil {
		return err
	}
	var list []spent
	for _, a := range known {
		if !a.HasCost || a.StartsAt.IsZero() {
			continue
		}
		s := spent{words: a.Words(), first: truce.DateOf(a.StartsAt.In(loc)), cost: a.Cost, id: a.ID}
		last := s.first
		if !a.EndsAt.IsZero() {
			last = truce.DateOf(a.EndsAt.In(loc))
		}
		s.end = last.Add(1)
		list = append(list, s)
	}
	if len(list) == 0 {
		return tx.EachCost(from, to, fn)
	}
	err = tx.EachCost(from, to, func(c truce.Cost) error {
		pieces := []truce.Cost{c}
		for _, s := range list {
			if s.names(c) {
				pieces = without(pieces, s)
			}
		}
		for _, p := range pieces {
			if p.First.Add(p.Days).Compare(from) <= 0 || p.First.Compare(to) >= 0 {
				continue
			}
			if err := fn(p); err != nil {
				return err
			}
		}
		return nil
	})
	for _, s := range list {
		if err != nil {
			return err
		}
		if s.first.Compare(to) < 0 && s.end.Compare(from) > 0 {
			err = s.share(tx, fn)
		}
	}
	return err
}

// without are costs without what falls on an activity's days.
func without(pieces []truce.Cost, s spent) (left []truce.Cost) {
	for _, c := range pieces {
		end := c.First.Add(c.Days)
		before, after := earlierDate(end, s.first), laterDate(c.First, s.end)
		if before.Compare(end) >= 0 || after.Compare(c.First) <= 0 { // they do not meet
			left = append(left, c)
			continue
		}
		for _, part := range [][2]truce.Date{{c.First, before}, {after, end}} {
			if n := part[1].Number() - part[0].Number(); n > 0 {
				p := c
				p.First, p.Days, p.Amount.Amount = part[0], n, c.Within(part[0], part[1])
				left = append(left, p)
			}
		}
	}
	return left
}

// share gives an activity's cost to the sources and campaigns whose costs it replaces, as those were.
func (s spent) share(tx *storage.Tx, fn func(truce.Cost) error) error {
	type place struct{ source, campaign string }
	replaced := map[place]int64{}
	var order []place
	total := int64(0)
	err := tx.EachCost(s.first, s.end, func(c truce.Cost) error {
		if !s.names(c) {
			return nil
		}
		p := place{c.Source, c.Campaign}
		if _, ok := replaced[p]; !ok {
			order = append(order, p)
		}
		n := max(0, c.Within(s.first, s.end))
		replaced[p] += n
		total += n
		return nil
	})
	if err != nil {
		return fmt.Errorf("find the costs that %s replaces: %w", s.id, err)
	}
	left := s.cost.Amount
	for i, p := range order {
		part := left
		if i < len(order)-1 {
			part = s.cost.Amount / int64(len(order))
			if total > 0 {
				part = int64(float64(s.cost.Amount) * float64(replaced[p]) / float64(total))
			}
		}
		left -= part
		c := truce.Cost{ID: s.id, Source: p.source, Campaign: p.campaign, First: s.first, Days: s.end.Number() - s.first.Number(),
			Amount: truce.Money{Amount: part, Currency: s.cost.Currency}}
		if err := fn(c); err != nil {
			return err
		}
	}
	return nil
}
