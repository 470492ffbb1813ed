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
