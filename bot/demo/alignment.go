package demo

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"truce"
	"truce/bot/demo/quillwater"
	"truce/storage"
)

// This file is alignment as a routine at Quillwater: a task force that has met three times and meets again on the next workday,
// its actions, the second look, and four activities that are asked to what end.

// alignment tells of the task force and the second look.
func (l *past) alignment() {
	l.secondLooks()
	l.taskForce()
	l.activities()
	l.journeyMap()
}

// eve is when the task force meets next: on the workday after the present, so that its agenda was posted this morning.
func (l *past) eve() truce.Date {
	t, ok := l.calendar.AddDays(l.calendar.StartOfDay(l.now), 1)
	if !ok {
		panic("demo: a calendar without workdays")
	}
	return l.calendar.Date(t)
}

// taskForce meets three times. One action is on time, one is overdue and was carried twice, one is new; a fourth is done.
func (l *past) taskForce() {
	next := l.eve()
	meets := func(weeks int, clock time.Duration) time.Time {
		return next.Add(-7*weeks).At(10*60, time.UTC).Add(clock)
	}
	series := ""
	l.at(meets(4, 4*time.Hour), "Pat begins the task force", func() error {
		err := l.sends("pat", "taskforce.start", "", map[string]string{"name": "Task force",
			"members": "Sam Okafor, Mona Lindqvist, Pat Rivera, Ann Keller, Mia Tanaka", "chair": "Mona Lindqvist",
			"at": "10:00", "day": fmt.Sprint(int(next.Weekday())), "every": "week", "place": "alignment"})
		if series = l.button("taskforce.add"); err == nil && series == "" {
			err = errors.New("no series")
		}
		return err
	})
	act := func(t time.Time, who, owner, title string, due truce.Date) {
		l.at(t, who+" asks for an action", func() error {
			id, err := l.personOf(owner)
			if err != nil || series == "" {
				return err
			}
			return l.sends(who, "taskforce.action", series, map[string]string{"text": title, "owner": id, "due": due.String()})
		})
	}
	const (
		forecast = "Move the Tuesday forecast call to 13:00, after the morning's leads"
		ffpe     = "Write the FFPE validation answer with R&D"
		slides   = "One slide for booth staff: what makes a lead ours"
		lists    = "Send Sales the Lunch and learn guest list"
	)
	for week := 3; week >= 1; week-- {
		for i, who := range []string{"sam", "mona", "pat", "ann", "mia"} {
			if who == "pat" && week == 2 { // on a plane
				continue
			}
			l.at(meets(week, time.Duration(i)*time.Minute), who+" is there", func() error {
				m, err := l.meeting(series)
				if err != nil || m.ID == "" {
					return err
				}
				return l.presses(who, "taskforce.there", m.ID)
			})
		}
		l.at(meets(week, 20*time.Minute), "the first item is talked about", func() error { return l.discusses(series) })
		l.at(meets(week, 55*time.Minute), "Mona closes the meeting", func() error {
			m, err := l.meeting(series)
			if err != nil || m.ID == "" {
				return err
			}
			return l.presses("mona", "taskforce.close", m.ID)
		})
	}
	act(meets(3, 31*time.Minute), "mona", "sam", forecast, next.Add(-8))
	act(meets(3, 32*time.Minute), "sam", "mia", lists, next.Add(-15))
	act(meets(2, 30*time.Minute), "sam", "mona", ffpe, next.Add(7))
	act(meets(1, 30*time.Minute), "mona", "mia", slides, next.Add(3))
	l.at(meets(2, -90*time.Minute), "Mia has sent the list", func() error { return l.ends("mia", lists) })
	l.at(l.day(1, "15:10"), "Ann puts a matter on the agenda", func() error {
		return l.says("ann", "", "/taskforce add discuss Two buyers asked for a price per kit, not per reader: who answers?")
	})
}

// personOf is our id of one of the cast.
func (l *stage) personOf(cast string) (id string, err error) {
	err = l.store.View(l.ctx, func(tx *storage.Tx) error {
		p, err := tx.PersonByEmail(cast + quillwater.Domain)
		id = p.ID
		return err
	})
	return id, err
}

// meeting is the newest meeting of a series whose agenda was posted, where it is open.
func (l *stage) meeting(series string) (m truce.Meeting, err error) {
	err = l.store.View(l.ctx, func(tx *storage.Tx) error {
		list, err := tx.Meetings(series, tx.Now)
		if n := len(list); err == nil && series != "" && n > 0 && list[n-1].ClosedAt.IsZero() {
			m = list[n-1]
		}
		return err
	})
	return m, err
}

// discusses marks the first item of the open meeting.
func (l *stage) discusses(series string) error {
	m, err := l.meeting(series)
	if err != nil || m.ID == "" {
		return err
	}
	var items []truce.PastItem
	err = l.store.View(l.ctx, func(tx *storage.Tx) (err error) { items, err = tx.MeetingItems(m.ID, tx.Now); return err })
	if err != nil || len(items) == 0 {
		return err
	}
	return l.presses("mona", "taskforce.discussed", m.ID+" "+items[0].Key())
}

// ends marks an action of that title as done.
func (l *past) ends(who, title string) error {
	var list []truce.MeetingAction
	err := l.store.View(l.ctx, func(tx *storage.Tx) (err error) { list, err = tx.MeetingActions("", tx.Now); return err })
	for _, a := range list {
		if err == nil && a.Title == title {
			return l.presses(who, "taskforce.done", a.ID)
		}
	}
	return err
}

// secondLooks are on for the last weeks. One is over: its rep said no as well, and had not known the lead.
func (l *past) secondLooks() {
	id := ""
	on := l.day(17, "10:40")
	l.at(on, "Mia proposes second looks", func() error {
		err := l.sends("mia", "second.propose", "", map[string]string{"value": "on",
			"text": "Are the leads bad, or is the follow-up? Two leads a week tell, and nobody is named."})
		id = l.button("proposal.withdraw")
		return err
	})
	l.at(on.Add(50*time.Minute), "Sales says yes", func() error { return l.presses("sam", "proposal.agree", id) })
	l.at(on.Add(80*time.Minute), "Marketing says yes", func() error { return l.presses("mona", "proposal.agree", id) })
	who, look := "", truce.SecondLook{}
	l.at(l.day(6, "11:35"), "a second look is over", func() error {
		err := l.store.View(l.ctx, func(tx *storage.Tx) error {
			list, err := tx.OpenSecondLooks()
			if err != nil || len(list) == 0 {
				return err
			}
			look = list[0]
			p, err := tx.Person(look.PersonID)
			who, _, _ = strings.Cut(p.Email, "@")
			return err
		})
		if err != nil || who == "" {
			return err
		}
		return l.sends(who, "lead.reject", look.Ref, map[string]string{"reason": "wrong-person", "note": "Writes about assays, buys none."})
	})
	l.at(l.day(4, "14:40"), "whether they knew", func() error {
		if who == "" {
			return nil
		}
		return l.presses(who, "second.knew", look.ID+" no")
	})
}

// activities are asked to what end: a webinar that falls short, a trade show, a call blitz that worked, and 41,000 USD without an end.
func (l *past) activities() {
	first := func(days int) string { return truce.DateOf(l.now.AddDate(0, 0, -days)).String() }
	due := func(n int) string { return truce.DateOf(l.day(n, "12:00")).String() }
	type link struct{ what, expected, unit, date string }
	for i, a := range []struct {
		who                              string
		name, kind, side, cost, campaign string
		matches                          string
		starts                           string
		links                            []link
	}{
		{"mia", "Faster panels webinars", "webinar", "marketing", "19000 USD", "Faster panels", "", first(300),
			[]link{{"leads", "170", "", due(12)}, {"accepted", "145", "", due(11)}, {"won", "34", "", due(4)},
				{"revenue", "3200000", "USD", due(3)}}},
		{"noor", "Spring proteomics booth", "trade show", "marketing", "", "Spring proteomics", quillwater.BoothDemo, first(300),
			[]link{{"leads", "140", "", due(12)}, {"won", "9", "", due(4)}, {"revenue", "800000", "USD", due(2)}}},
		{"sam", "Call blitz, lapsed labs", "call blitz", "sales", "6000 USD", "Outbound", "", first(300),
			[]link{{"accepted", "60", "", due(9)}, {"won", "3", "", due(3)}, {"revenue", "250000", "USD", due(2)}}},
		{"noor", "Keynote dinner, Basel", "customer dinner", "marketing", "41000 USD", "", "Keynote dinner", first(40), nil},
	} {
		at := l.day(28-2*i, "13:40")
		id := ""
		l.at(at, a.name, func() error {
			err := l.sends(a.who, "activity.add", "", map[string]string{"name": a.name, "kind": a.kind, "side": a.side, "cost": a.cost,
				"campaign": a.campaign, "matches": a.matches, "starts": a.starts, "ends": first(31)})
			if id = l.button("activity.link"); err == nil && id == "" {
				err = errors.New("no activity")
			}
			return err
		})
		for j, k := range a.links {
			l.at(at.Add(time.Duration(j+1)*4*time.Minute), "to what end: "+k.what, func() error {
				return l.sends(a.who, "activity.link", id, map[string]string{"what": k.what, "expected": k.expected, "unit": k.unit, "date": k.date,
					"of": "campaign"})
			})
		}
	}
}

// journeyMap is put together by both sides: what buyers ask and what stops them, shown by what was heard where something was.
func (l *past) journeyMap() {
	for i, e := range []struct {
		who, stage, kind, text string
		theme                  string // of which the first objections show it
		answers                string // the entry that it answers
	}{
		{"mia", "awareness", "question", "Who else measures this panel from 25 microlitres?", "", ""},
		{"ann", "consideration", "question", "Is it fast enough for a batch that is waiting?", "turnaround-time", ""},
		{"mia", "consideration", "content", "Reportable on the same day: the timing sheet of three labs", "", "J-2"},
		{"ben", "evaluation", "barrier", "Validating on our own samples takes a quarter that nobody has", "switching-effort", ""},
		{"ann", "evaluation", "helps", "An evaluation kit on their own samples, with our scientist beside them", "", ""},
		{"sam", "decision", "barrier", "The group's tender comes first, and the budget after it", "budget-timing", ""},
		{"mona", "decision", "driver", "Nobody wants to be the one who stopped a running study", "", ""},
		{"ben", "onboarding", "question", "Who trains the second operator?", "", ""},
		{"noor", "renewal", "driver", "A new lot must not mean a new validation", "", ""},
	} {
		l.at(l.day(19-i, "15:20"), e.who+" adds to the journey map", func() error {
			shown := strings.Fields(e.answers)
			err := l.store.View(l.ctx, func(tx *storage.Tx) error {
				if e.theme == "" { // assumed, until somebody hears it, unless it answers what stands there
					return nil
				}
				heard, err := tx.ObjectionsOf(e.theme)
				for _, o := range heard[:min(2, len(heard))] {
					shown = append(shown, o.ID)
				}
				return err
			})
			if err != nil {
				return err
			}
			return l.sends(e.who, "journey.entry", "", map[string]string{"stage": e.stage, "kind": e.kind, "text": e.text,
				"evidence": strings.Join(shown, " ")})
		})
	}
}
