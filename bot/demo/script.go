package demo

import (
	"time"

	"truce"
	"truce/bot/demo/quillwater"
	"truce/storage"
)

// This file says what the people of the demo have done in the past weeks, and when. The words are in words.go.

// script writes down all deeds of the past.
func (l *past) script() {
	l.answers()
	l.objections()
	l.talk()
	l.disputes()
	l.ideal()
	l.alignment()
	// Everybody has read what was said up to the evening before last; the rest is new to them.
	for _, p := range cast {
		if p.played {
			l.at(l.day(2, "18:10"), p.id+" reads", func() error { return l.reads(p.id) })
		}
	}
}

// answers are written and approved by Marketing in the first days.
func (l *past) answers() {
	for i, a := range answers {
		t := l.business(l.start, time.Hour+time.Duration(i)*50*time.Minute)
		l.at(t, "answer to "+a.theme, func() error {
			return l.sends(a.by, "answer", a.theme, map[string]string{"body": a.body, "proof": a.proof, "internal": a.internal, "claim": a.claim})
		})
	}
}

// objections are logged by the reps. The one about turnaround time is heard more often since a competitor's launch; the one about FFPE
// is new, and nobody has an answer.
func (l *past) objections() {
	launch := l.launch()
	last := l.calendar.Week(l.now, 0) // the end of the last whole week
	votes := map[string][]bool{}
	for _, a := range answers {
		votes[a.theme] = a.votes
	}
	log := func(t time.Time, o objection) {
		l.at(t, o.who+" hears about "+o.theme, func() error {
			err := l.sends(o.who, "objection", "", map[string]string{"text": o.text, "theme": o.theme, "account": o.account, "stage": o.stage,
				"competitor": o.competitor})
			arg := l.button("answer.helped")
			v := votes[o.theme]
			if err != nil || arg == "" || len(v) == 0 {
				return err
			}
			votes[o.theme] = v[1:]
			if v[0] {
				return l.presses(o.who, "answer.helped", arg)
			}
			return l.sends(o.who, "answer.instead", arg, map[string]string{"instead": o.instead})
		})
	}
	for i, o := range turnaroundHeard {
		switch {
		case i < 2:
			log(l.spread(i, 2, launch.AddDate(0, 0, -29), launch.AddDate(0, 0, -22)), o)
		case i < 4:
			log(l.spread(i-2, 2, launch.AddDate(0, 0, -6), launch), o)
		case i < 16:
			log(l.spread(i-4, 12, launch, last), o)
		default:
			log(l.spread(i-16, 2, l.business(last, -4*time.Hour), l.ago(time.Hour)), o)
		}
	}
	for i, o := range objections {
		log(l.spread(i, len(objections), l.business(l.start, 16*time.Hour), l.ago(2*time.Hour)), o)
	}
	for i, o := range ffpeHeard {
		log(l.spread(i, len(ffpeHeard), l.calendar.Week(l.now, -1).Add(24*time.Hour), last), o)
	}
}

// launch is when the competitor's product came out: with the month, so that "this month" is since then; four weeks ago
// where the month is young.
func (l *past) launch() time.Time {
	day := l.calendar.StartOfDay(l.now)
	if day.Day() > 8 {
		return day.AddDate(0, 0, 1-day.Day())
	}
	return day.AddDate(0, 0, -28)
}

// talk is what people write to each other, and to Truce in their own words.
func (l *past) talk() {
	for _, s := range talk {
		l.at(l.day(s.daysAgo, s.clock), s.who+" writes", func() error { return l.says(s.who, s.place, s.text) })
	}
	l.at(l.business(l.launch(), 90*time.Minute), "dev writes", func() error {
		return l.says("dev", "general", "Competitor X launched their benchtop reader today. Their one number is \"first result in 40 "+
			"minutes\". Expect calls.")
	})
}

// disputes are cases of every kind: four alike that were all upheld, one that waits for the managers, one for Mia today, one
// for the rep, and some that ended in other ways.
func (l *past) disputes() {
	for i, days := range []int{19, 15, 11, 7} {
		who := []string{"carla", "finn", "grace", "hugo"}[i]
		opened := l.day(days, []string{"10:40", "14:05", "09:50", "15:30"}[i])
		d := l.opens(opened, who, "Content syndication", "outside-icp", outside[i])
		l.moves(l.business(opened, time.Duration(70+35*i)*time.Minute), d, "mia", "dispute.uphold", "", "")
		l.moves(l.business(opened, time.Duration(75+35*i)*time.Minute), d, "mia", "dispute.why", upheld[i], "")
	}
	// Declined, and the rep took the answer.
	d := l.opens(l.day(26, "11:15"), "dev", "Paid search", "wrong-person",
		"The lab manager who signed up left in spring; the successor has no idea what it was about.")
	l.moves(l.day(26, "16:20"), d, "mia", "dispute.decline",
		"The successor runs the same platform and asked for the kit list on Monday: see the second form fill.", "")
	l.moves(l.day(25, "10:05"), d, "dev", "dispute.accept", "", "")
	// Asked once, answered, upheld.
	d = l.opens(l.day(19, "09:35"), "elif", "Trade show", "bad-contact-data", "Mail bounces and the switchboard does not know the name.")
	l.moves(l.day(19, "13:10"), d, "mia", "dispute.ask", "Which spelling did you ask for? The badge scan reads Müller-Haas.", "")
	l.moves(l.day(18, "09:20"), d, "elif", "dispute.provide", "Both spellings, and the institute's directory: nobody of that name.", "")
	l.moves(l.day(18, "11:45"), d, "mia", "dispute.uphold", "", "")
	// Escalated, and both managers agreed to decline.
	d = l.opens(l.day(15, "10:10"), "ben", "Webinar", "outside-icp", "Twelve people, no core lab, they send everything out.")
	l.moves(l.day(15, "15:40"), d, "mia", "dispute.decline", "They hired a lab head in June and asked for a quote in the webinar chat.", "")
	l.moves(l.day(14, "09:30"), d, "ben", "dispute.escalate", "The quote was for a contract lab, not for themselves.", "")
	l.moves(l.day(14, "14:00"), d, "sam", "dispute.rule", "The lab head is real. Call her once, then we know.", "decline")
	l.moves(l.day(13, "10:50"), d, "mona", "dispute.rule", "Agreed. We will hand over the chat transcript with leads like this one.",
		"decline")
	// Withdrawn.
	d = l.opens(l.day(11, "14:25"), "ann", "Referral", "duplicate", "Same person as a lead from August.")
	l.moves(l.day(11, "15:05"), d, "ann", "dispute.withdraw", "", "")
	// What waits now: for both managers, for the rep, for Mia today.
	d = l.opens(l.ago(22*time.Hour), "ben", "Evaluation kit", "outside-icp",
		"A reference lab of a hospital group: they buy only through the group's tender, and that was last year.")
	l.moves(l.ago(14*time.Hour), d, "mia", "dispute.decline",
		"The tender has an opening clause for pilots under 100,000 USD, and they asked for exactly that.", "")
	l.moves(l.ago(5*time.Hour), d, "ben", "dispute.escalate", "I called procurement: the clause was closed in September.", "")
	d = l.opens(l.ago(14*time.Hour+20*time.Minute), "ann", "Webinar", "wrong-person",
		"A field application scientist of an instrument vendor, not a buyer.")
	l.moves(l.ago(6*time.Hour), d, "mia", "dispute.decline",
		"She moved in May and now runs the assay group there: the profile on the form is the old one.", "")
	due := l.calendar.Date(l.now).At(15*60, time.UTC)
	if !l.calendar.Open(l.now) || l.calendar.Between(l.now, due) < time.Hour {
		due = l.business(l.now, 2*time.Hour)
	}
	l.opens(l.business(due, -16*time.Hour), "grace", "Trade show", "student-competitor",
		"A master's student collecting prices for a thesis; said so on the phone.")
	// And the lead that the reader is invited to dispute.
	l.invited = l.company.Take(quillwater.Want{Source: "Content syndication", From: l.ago(40 * time.Hour), To: l.ago(2 * time.Hour),
		Owner: "ann"})
}

// openCase is a case of the story, once it was opened.
type openCase struct{ id string }

// opens disputes a lead of a source that qualified in the days before.
func (l *past) opens(t time.Time, who, source string, reason truce.Reason, text string) *openCase {
	c := l.company.Take(quillwater.Want{Source: source, From: l.business(t, -40*time.Hour), To: l.business(t, -time.Hour), Owner: who,
		Reason: reason})
	d := &openCase{}
	if c == nil {
		return d
	}
	c.Touches = append(c.Touches, truce.Touch{LeadID: c.Lead.ID, At: l.business(c.Lead.MQLAt, 40*time.Minute), Kind: "call", By: c.Lead.Owner})
	l.at(t, who+" disputes "+c.Lead.ID, func() error {
		if err := l.sends(who, "dispute.open", l.ref(c), map[string]string{"reason": string(reason), "text": text}); err != nil {
			return err
		}
		return l.store.View(l.ctx, func(tx *storage.Tx) error {
			list, err := tx.LeadDisputes(c.Lead.ID)
			if err == nil && len(list) > 0 {
				d.id = list[0].ID
			}
			return err
		})
	})
	return d
}

// moves takes a case one step on; what is written with it, if anything, and for a ruling which way it goes.
func (l *past) moves(t time.Time, d *openCase, who, action, text, way string) {
	l.at(t, who+" "+action, func() error {
		switch {
		case d.id == "": // a company too small to have such a lead
			return nil
		case way != "":
			return l.sends(who, action, d.id+" "+way, map[string]string{"text": text})
		case text != "":
			return l.sends(who, action, d.id, map[string]string{"text": text})
		}
		return l.presses(who, action, d.id)
	})
}
