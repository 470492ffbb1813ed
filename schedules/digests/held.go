package digests

import (
	"math"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/schedules/stats"
)

// This file keeps what was claimed by a small p. Such a claim is judged at weekly looks, each on a Monday, by what was known then, and
// they are played over again from a fixed one on, like those of sources (claims_weeks.go). A claim that was made stays made, with the
// look it was made at, until what it rests on differs by less than five points the same way; then its end is said. It is one rule for
// all kinds with a level of their own in claims.go, and a pure function of the data and a moment.

// Held is a claim with its dates.
type Held struct {
	Higher bool       // which way
	Since  truce.Date // the look at which it could be made
	Before bool       // that is the first look played over: it was so already by what was known then
	Ended  truce.Date // the look at which it was so no more; zero while it is
	Silent bool       // it ended because too few were left to tell
}

// holds is the claims of one comparison, the oldest first: at most the last one still is so.
type holds []Held

// seen is what a look sees of a comparison: what may be claimed by its level, and which way it leans, by five points or more and
// whatever chance says of it. Both are stats.Higher or stats.Lower, or anything else for neither.
type seen struct{ claim, leans stats.Verdict }

// Seen is the same for those who count without a database (bench/claims).
type Seen = seen

// SeenOf is what a look sees of two proportions.
func SeenOf(c stats.Comparison) seen { return seen{c.Verdict, leaning(c.A, c.B)} }

// leaning is which way two proportions differ by stats.MinPoints or more; stats.TooFew where one is of fewer than stats.MinRate.
func leaning(a, b stats.Proportion) stats.Verdict {
	higher, ok := differs(a, b)
	switch {
	case min(a.N, b.N) < stats.MinRate:
		return stats.TooFew
	case !ok:
		return stats.TooClose
	case higher:
		return stats.Higher
	}
	return stats.Lower
}

// mondays are the weekly looks before the end of a day: all those of the running calendar year and the one before.
type mondays struct {
	first truce.Date
	n     int
}

func mondaysUntil(day truce.Date) mondays {
	end := monday(day)
	first := monday(truce.Date{Year: end.Year - looksBack, Month: time.January, Day: 1})
	return mondays{first, (end.Number()-first.Number())/7 + 1}
}

func (m mondays) at(look int) truce.Date { return m.first.Add(7 * look) }

// hold plays looks over and says what was claimed at them.
func (m mondays) hold(see func(look int, day truce.Date) seen) (list holds) {
	claimed := func(v stats.Verdict) bool { return v == stats.Higher || v == stats.Lower }
	for look := range m.n {
		day := m.at(look)
		of := see(look, day)
		if h, ok := list.now(); ok {
			if of.leans != h.verdict() {
				list[len(list)-1].Ended, list[len(list)-1].Silent = day, of.leans == stats.TooFew
			}
			continue
		}
		if claimed(of.claim) && of.claim == of.leans {
			list = append(list, Held{Higher: of.claim == stats.Higher, Since: day, Before: look == 0})
		}
	}
	return list
}

// HeldAt is what is claimed on a day, and was: of its looks, each of which is a Monday.
func HeldAt(day truce.Date, see func(day truce.Date) Seen) []Held {
	return mondaysUntil(day).hold(func(_ int, day truce.Date) seen { return see(day) })
}

// now is the claim that still is made.
func (l holds) now() (h Held, ok bool) {
	if len(l) == 0 || l[len(l)-1].Ended != (truce.Date{}) {
		return h, false
	}
	return l[len(l)-1], true
}

// says is what is claimed at a digest's moment, of figures of its own days: nothing where they do not lean the way that was claimed, so
// that no sentence says what its own numbers deny.
func (l holds) says(leans stats.Verdict) stats.Verdict {
	if h, ok := l.now(); ok && h.verdict() == leans {
		return leans
	}
	return stats.TooClose
}

// verdict is what is claimed instead of what one moment alone would: nothing that was not told at a look, and whatever still is so.
func (l holds) verdict(alone, leans stats.Verdict) stats.Verdict {
	if v := l.says(leans); v != stats.TooClose || alone != stats.TooFew {
		return v
	}
	return alone
}

// endedIn are the claims that ended at a look in a digest's period, but where the same is claimed again.
func (l holds) endedIn(from, to truce.Date) (ended holds) {
	now, still := l.now()
	for _, h := range l {
		if h.Ended != (truce.Date{}) && h.Ended.Compare(from) > 0 && h.Ended.Compare(to) <= 0 && !(still && now.Higher == h.Higher) {
			ended = append(ended, h)
		}
	}
	return ended
}

func (h Held) verdict() stats.Verdict {
	if h.Higher {
		return stats.Higher
	}
	return stats.Lower
}

// slightly is which way a difference goes, however small.
func slightly(d float64) stats.Verdict {
	switch {
	case math.IsNaN(d) || d == 0:
		return stats.TooClose
	case d > 0:
		return stats.Higher
	}
	return stats.Lower
}

// dated is since when a claim is made, as a card says it; nothing where it is new.
func (s *Study) dated(l holds) (d cards.Dated) {
	if h, ok := l.now(); ok {
		if since := h.Since.At(0, s.loc); since.Before(s.To) {
			d.Since, d.Before = since, h.Before
		}
	}
	return d
}

// ended is what was claimed until this digest. said is the claim, as "the score told winners from losers better".
func (s *Study) ended(l holds, said func(higher bool) string) (list []cards.Ended) {
	for _, h := range l.endedIn(truce.DateOf(s.From.In(s.loc)), truce.DateOf(s.To.In(s.loc))) {
		list = append(list, cards.Ended{Said: said(h.Higher), Since: h.Since.At(0, s.loc), Silent: h.Silent})
	}
	return list
}

// namedHolds are the claims of one comparison with their words.
type namedHolds struct {
	holds
	said func(higher bool) string
}

// heldOfAll are the claims of all leads and deals by a fixed p that a digest's first screen makes.
func (s *Study) heldOfAll() (list []namedHolds) {
	either := func(yes, no string) func(bool) string {
		return func(is bool) string { return map[bool]string{true: yes, false: no}[is] }
	}
	half := "Sales sent back more than half of the leads it judged"
	list = append(list, namedHolds{s.Claims.Half, either(half, half)})
	for _, st := range *kept[moved](s) {
		left, than := "leads left "+st.Name+" ", " than before"
		list = append(list, namedHolds{st.held, either(left+"faster"+than, left+"more slowly"+than)})
	}
	const told, ends = " told winners from losers better", " wins outside the ICP"
	if s.Kind == WeeklyDigest {
		list = append(list, namedHolds{kept[predicted](s).holds, either("the score"+told, "the reps' ratings"+told)})
	}
	if s.Kind != LeadsDigest {
		list = append(list, namedHolds{s.Ends.held, either("quarter ends went with more"+ends, "quarter ends went with fewer"+ends)})
	}
	return list
}

// endedOfAll is what was claimed of all leads and deals until this digest: below the headline, where nothing is cut.
func (s *Study) endedOfAll() (list []cards.Ended) {
	for _, of := range s.heldOfAll() {
		list = append(list, s.ended(of.holds, of.said)...)
	}
	return list
}

// higher says which way in JSON.
func higher(is bool) string { return map[bool]string{true: "higher", false: "lower"}[is] }

// heldJSON is a claim with its dates, by docs/digest-json.md.
type heldJSON struct {
	Says  string  `json:"says"`
	Since string  `json:"since"`
	Ended *string `json:"ended"`
}

// json is the claim that holds, and those that ended in a digest's period.
func (l holds) json(says func(higher bool) string, from, to truce.Date) []heldJSON {
	list := slices.Clone(l.endedIn(from, to))
	if h, ok := l.now(); ok {
		list = append(list, h)
	}
	out := []heldJSON{}
	for _, h := range list {
		j := heldJSON{Says: says(h.Higher), Since: h.Since.String()}
		if h.Ended != (truce.Date{}) {
			ended := h.Ended.String()
			j.Ended = &ended
		}
		out = append(out, j)
	}
	return out
}
