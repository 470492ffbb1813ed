package digests

import (
	"fmt"
	"slices"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// This file is the block of decisions: what waits for one.

// decideBlock is at most three of them, with the buttons that lead to each.
var decideBlock = Block{
	Name:   "decide",
	Gather: Maker.toDecide,
	Card: func(d Maker, s *Study) []chat.Block {
		list, more := firstDecisions(s)
		switch {
		case len(list) > 0:
			return cards.Decide(list, more, s.AsOf, d.Calendar)
		case s.Kind == WeeklyDigest:
			return []chat.Block{chat.Para("Nothing waits for a decision.")}
		}
		return nil
	},
	Early: true, // a notification says how many wait
}

// toDecide reads the proposals that wait for a yes, and the rules that could be made.
func (d Maker) toDecide(tx *storage.Tx, s *Study) (err error) {
	open, err := tx.ProposalsWaitingAt(s.AsOf)
	if err != nil {
		return err
	}
	open = slices.DeleteFunc(open, func(p truce.Proposal) bool { return len(p.Waiting()) == 0 })
	if kept[waitingProposals](s).list, err = tx.ProposalFiles(open); err != nil {
		return err
	}
	if d.Terms.Precedents > 0 {
		s.Ripe, err = tx.RuleCandidates(d.Terms, s.AsOf)
	}
	return err
}

// waitingProposals are the proposals that wait for a yes.
type waitingProposals struct{ list []truce.ProposalFile }

// firstDecisions are the decisions shown, at most three, and how many more there are.
func firstDecisions(s *Study) (list []cards.Decision, more int) {
	list = decisions(s)
	if n := len(list); n > 3 {
		return list[:3], n - 3
	}
	return list, 0
}

// decisions are what waits for a decision: rulings, the first due first, proposals that wait for a yes, then rules that could be made.
func decisions(s *Study) (list []cards.Decision) {
	seen := map[string]bool{}
	for _, o := range s.Owed {
		if o.Kind != truce.RulingPromise || seen[o.Subject] {
			continue
		}
		seen[o.Subject] = true
		who := "one manager of each side rules"
		if o.Side == truce.TheSponsor {
			who = "the sponsor rules"
		}
		list = append(list, cards.Decision{Text: o.Subject + ": " + who, Due: o.DueAt,
			Button: chat.Press("Open "+o.Subject, "dispute.show", o.Subject)})
	}
	for _, f := range kept[waitingProposals](s).list {
		list = append(list, cards.Decision{Text: f.ID + " (" + f.Title + "), waiting for " + cards.ProposalView{ProposalFile: f}.Missing(),
			Since:  f.At,
			Button: chat.Press("See "+f.ID, "proposal.show", f.ID)})
	}
	for _, c := range s.Ripe {
		list = append(list, cards.Decision{Text: fmt.Sprintf("%s: %d equal cases, all %s", about(c.Source, c.Reason), c.N, c.Outcome),
			Button: chat.Ask("Make it a rule", "rule.propose", c.CaseID)})
	}
	return list
}

// about is what a rule is about, in the words of the reasons' list.
func about(source string, reason truce.Reason) string {
	return truce.SourceName(source) + ", " + reason.Info().Label
}
