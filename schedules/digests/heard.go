package digests

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is what the field heard: new objections, those that rise, why leads are stuck, what resonates.

// heardBlock says what is new in the field and what is rising; among all figures, which messages resonate.
var heardBlock = Block{
	Name:   heardRowsName,
	Early:  true, // the weeks' objections stand in other blocks too
	Gather: Maker.heard,
	Card: func(d Maker, s *Study) []chat.Block {
		fresh, up := heardViews(s)
		to := ""
		if s.AsOf.Sub(s.To) >= 7*24*time.Hour {
			to = s.To.In(d.loc()).AddDate(0, 0, -1).Format("2 Jan 2006")
		}
		return cards.FieldHeard(fresh, up, risingWeeks, to)
	},
	Figures: func(d Maker, s *Study) []chat.Block {
		var list []cards.CountOf
		for _, m := range s.Heard.Messages {
			list = append(list, cards.CountOf{Name: m.Text, N: m.MovedOn, Of: m.Accounts})
		}
		return table(cards.Messages(list, d.period(s.Query), s.Trail.span()))
	},
	Counts: func(d Maker, s *Study) (list []figure) {
		p := d.period(s.Query)
		for _, h := range s.Heard.New {
			of := p
			of.From, of.To = s.From, p.To
			list = append(list, figure{label: "“" + h.Name + "”: accounts", how: "at which it was heard since it was first.", n: h.Accounts,
				arg: of.Arg("n", heardRowsName, "m", "accounts", "y", h.ID)})
		}
		return list
	},
	Rows: Maker.heardRows,
}

// HeardStudy is what the field heard.
type HeardStudy struct {
	Volume   int // objections in the period
	New      []storage.ThemeHeard
	Rising   []RisingTheme
	Stuck    []Reasoned // why leads are stuck, from three accounts on
	Messages []Reasoned // what resonates: used with Accounts, of which MovedOn took the next step
}

// RisingTheme is a theme that can be said to be rising, counted over the last risingWeeks, and since which look.
type RisingTheme struct {
	storage.ThemeHeard
	Since truce.Date
	Times int     // heard in them, each account once a week
	Usual float64 // how often it would have been at its share of what was heard before
}

// Reasoned is a note's text with the accounts it came from.
type Reasoned struct {
	Text              string
	Accounts, MovedOn int
}

func (d Maker) heard(tx *storage.Tx, s *Study) error {
	h := &s.Heard
	end := minTime(s.To, s.AsOf.Add(time.Millisecond))
	day := d.Calendar.Date(end)
	now, err := tx.ThemesHeard(s.From, end) // what is new was first heard in the period, however long that is
	if err != nil {
		return err
	}
	themes, err := themesUntil(tx, day, d.loc())
	if err != nil {
		return err
	}
	isNew := func(t storage.ThemeHeard) bool { return !t.First.Before(s.From) && t.First.Before(s.To) }
	for _, t := range now {
		if isNew(t) {
			h.New = append(h.New, t)
		}
	}
	if rising := themes.Rising(); len(rising) > 0 {
		last := monday(day).At(0, d.loc())
		list, err := tx.ThemesHeard(monday(day).Add(-7*risingWeeks).At(0, d.loc()), last)
		if err != nil {
			return err
		}
		for _, t := range list {
			if since, ok := rising[t.ID]; ok && !isNew(t) {
				times, usual := themes.lately(t.ID)
				h.Rising = append(h.Rising, RisingTheme{t, since, times, usual})
			}
		}
	}
	if list, err := tx.Objections(s.From, minTime(s.To, end)); err != nil {
		return err
	} else {
		h.Volume = len(list)
	}
	return d.notes(tx, s, end)
}

// notes gathers the field notes of the trailing 13 weeks that say the same.
func (d Maker) notes(tx *storage.Tx, s *Study, end time.Time) error {
	list, err := tx.FieldNotes(s.Trail.From, end)
	if err != nil {
		return err
	}
	type said struct {
		text     string
		accounts map[string]time.Time // when first said of the account
	}
	gathered := map[truce.NoteKind]map[string]*said{truce.NoteStuck: {}, truce.NoteResonates: {}}
	for _, n := range list {
		m := gathered[n.Kind]
		account := truce.FoldAccount(n.Account)
		if m == nil || account == "" {
			continue
		}
		key := truce.FoldAccount(n.Text)
		if m[key] == nil {
			m[key] = &said{n.Text, map[string]time.Time{}}
		}
		if _, ok := m[key].accounts[account]; !ok {
			m[key].accounts[account] = n.CreatedAt
		}
	}
	for kind, m := range gathered {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			r := Reasoned{Text: m[key].text, Accounts: len(m[key].accounts)}
			if r.Accounts < manyAccounts {
				continue
			}
			if kind == truce.NoteStuck {
				s.Heard.Stuck = append(s.Heard.Stuck, r)
				continue
			}
			for account, at := range m[key].accounts {
				ok, err := tx.MovedOn(account, at, s.AsOf)
				if err != nil {
					return err
				}
				if ok {
					r.MovedOn++
				}
			}
			s.Heard.Messages = append(s.Heard.Messages, r)
		}
	}
	byAccounts := func(a, b Reasoned) int {
		return cmp.Or(cmp.Compare(b.Accounts, a.Accounts), cmp.Compare(a.Text, b.Text))
	}
	slices.SortFunc(s.Heard.Stuck, byAccounts)
	slices.SortFunc(s.Heard.Messages, byAccounts)
	return nil
}

func heardViews(s *Study) (fresh, up []cards.HeardView) {
	view := func(h storage.ThemeHeard) cards.HeardView {
		return cards.HeardView{Name: h.Name, Accounts: h.Accounts, Reps: h.Reps, Answered: h.Answered}
	}
	for _, h := range s.Heard.New {
		fresh = append(fresh, view(h))
	}
	for _, h := range s.Heard.Rising {
		v := view(h.ThemeHeard)
		v.Times, v.Usual = h.Times, h.Usual
		up = append(up, v)
	}
	return fresh, up
}
