package demo

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"truce"
)

// This file is Quillwater's charter: Pat's mandate, signed by all but one, with one promise that was raised a quarter ago. It is older
// than the weeks that are told, and lived through before them.

// charterWeeks is how many weeks ago the charter began, and raisedWeeks how many its change came into force.
const (
	charterWeeks = 21
	raisedWeeks  = 12
)

// cannot is why Hugo could not sign: Pat alone reads it.
const cannot = "I cover two regions until Ines is back in spring: three business days to a first touch is not mine to promise."

// mandate lives through the charter's weeks.
func (l *past) mandate() error {
	begun := l.calendar.Week(l.now, -charterWeeks)
	terms := map[string]string{
		"why": "We win or lose a lab together. Nobody argues about a lead for longer than two days.",
		"goals": fmt.Sprintf("won revenue USD: 0 on %s to 32000000 by %s\nrepeat rate: 45 %% on %s to 55 %% by %s",
			truce.DateOf(begun), truce.DateOf(begun).Add(364), truce.DateOf(begun), truce.DateOf(begun).Add(364)),
		"marketing": "leads in 13 weeks: 580\ninside the ICP: 75 %\nanswers to disputes in time: 90 %",
		"sales":     "first touch in time: 80 %\nverdicts in time: 80 %\nnot worked, at most: 10 %",
		"sponsor":   "decisions in two business days: 100 %",
	}
	id := ""
	propose := func(why string) func() error {
		return func() error {
			terms["text"] = why
			if err := l.sends("pat", "charter.propose", "", terms); err != nil {
				return err
			}
			if id = l.button("proposal.withdraw"); id == "" {
				return errors.New("no proposal of a charter")
			}
			return nil
		}
	}
	yes := func(who string) func() error { return func() error { return l.presses(who, "proposal.agree", id) } }
	at := func(from time.Time, hours time.Duration) time.Time { return l.business(from, hours*time.Hour) }
	raised := l.calendar.Week(l.now, -raisedWeeks)
	list := []deed{
		{at(begun, 1), "Pat starts the charter", propose("One page both sides can point at.")},
		{at(begun, 2), "Sales says yes", yes("sam")},
		{at(begun, 3), "Marketing says yes", yes("mona")},
	}
	n := time.Duration(0)
	for _, p := range cast {
		switch {
		case p.role == "":
		case p.id == "hugo":
			list = append(list, deed{at(begun, 30), "Hugo cannot sign",
				func() error { return l.sends("hugo", "charter.cannot", "1", map[string]string{"text": cannot}) }})
		default:
			n++
			list = append(list, deed{at(begun, 4).Add(n * 7 * time.Minute), p.id + " signs",
				func() error { return l.presses(p.id, "charter.sign", "1") }})
		}
	}
	list = append(list,
		deed{at(raised, 2), "Pat proposes more", func() error {
			terms["sales"] = strings.Replace(terms["sales"], "first touch in time: 80 %", "first touch in time: 90 %", 1)
			return propose("Booth leads are first touched on day six: by then they have a quote from somebody else.")()
		}},
		deed{at(raised, 5), "Sales says yes", yes("sam")},
	)
	for _, d := range list {
		l.clock.pin(d.at.UTC().Truncate(time.Second))
		if err := d.do(); err != nil {
			return fmt.Errorf("%s on %s: %w", d.what, d.at.Format(time.RFC3339), err)
		}
		if err := l.program.CatchUp(l.ctx); err != nil {
			return err
		}
	}
	l.clock.pin(l.start)
	return nil
}
