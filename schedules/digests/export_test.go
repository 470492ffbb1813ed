package digests

import (
	"truce/bot/cards"
	"truce/bot/chat"
)

// WithFigures is a whole study as the card of its kind with all figures: what Card makes of it, without another study.
func (d Maker) WithFigures(s *Study) chat.Card {
	return d.card(s, cards.Sent{}, append([]chat.Block{chat.Heading(chat.AllFigures)}, d.figureBlocks(s)...))
}

// Empty reports whether there is nothing to report.
func (s *Study) Empty() bool { return s.empty() }

// HeldNow is what is claimed of all leads and deals by a fixed p, as its end would be said.
func (s *Study) HeldNow() map[string]bool {
	said := map[string]bool{}
	add := func(l holds, of func(bool) string) {
		if h, ok := l.now(); ok {
			said[of(h.Higher)] = true
		}
	}
	weekly := *s
	weekly.Kind = WeeklyDigest // whose first screen makes all of them
	for _, l := range weekly.heldOfAll() {
		add(l.holds, l.said)
	}
	return said
}
