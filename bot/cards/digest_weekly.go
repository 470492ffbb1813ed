package cards

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"truce"
	"truce/bot/chat"
)

// SidesView is how both sides kept what they promised.
type SidesView struct {
	Period
	Rates    Span   // what the promises rest on
	Promised int    // leads that Marketing promised in them; 0 is no promise
	Trail    int    // leads in them
	LeadsArg string // of the button that leads to their figures
	Sides    []SideView
}

// SideView is one side's line of promises.
type SideView struct {
	Side      string
	Arg       string // of the button that leads to all its promises
	Promises  []PromiseView
	NotWorked Share // of Sales, the leads that were not worked in three business days; of none: not measured
	Withheld  bool  // what its people did is not for this reader
}

// PromiseView is how a kind of promise was kept.
type PromiseView struct {
	Arg      string // of the button that leads to its figures
	Kind     string
	Name     string
	Plain    bool // a share as it is, not of what was kept in time
	Kept     Share
	Target   float64 // 0 is none
	Was      float64 // another target that held within the 13 weeks, until a day; 0 is none
	Until    string  // that day
	Verdict  string  // met, within, missed, few, unjudged
	Day      string  // the weekday that stands out: "Tuesdays"
	DayShare Share
	Weeks    []float64 // shares of 1 that were kept, by week, the oldest first; below 0 is of too few
}

// PredictView is what the outcomes say of score and ratings.
type PredictView struct {
	Of              string // the leads it is about: "the last year"
	Shown           bool   // 10 won and 10 lost with both
	N               int    // closed leads that both judged beforehand
	Won, Lost       int
	ByScore         float64 // how often the score names the won one of a won and a lost lead, of 1; ties count half
	ByRating        float64
	Verdict         string // few, close, score, rating
	ScoreN, RatingN int
	Undated         int
	Dated           Dated // of the verdict
}

// StuckView is the open leads at a stage.
type StuckView struct {
	Arg   string // of the button that leads to its leads
	Stage string
	Leads int
	Days  float64
}

// MovedView is a stage that leads leave more slowly, or faster, than before.
type MovedView struct {
	Stage          string
	Faster         bool
	Onward, Before Share // of the leads that came to it in 13 weeks, those that went on within Days; and the same, 13 weeks earlier
	Days           int
	Why            string // what reps say of leads that are stuck there; "" is nothing
	Accounts       int
	Since          time.Time // as of Dated
	Already        bool
}

// Decision is something a manager has to decide.
type Decision struct {
	Text   string
	Due    time.Time // zero: none
	Since  time.Time // it has waited; zero: not said
	Button chat.Button
}

// Sides are the promises, a row for each: side and promise, kept, target, and where it stands.
func Sides(v SidesView) []chat.Block {
	t := chat.Table{Caption: "Promises of " + v.Of(v.Rates),
		Columns: []chat.Column{{Title: "Promise"}, {Title: "Kept", Number: true}, {Title: "Target", Number: true}, {Title: "Stands"}}}
	for _, s := range v.Sides {
		for _, r := range v.side(s) {
			t.Rows = append(t.Rows, []chat.Cell{openCell(s.Side+": "+r[0], r[4]), {Text: r[1]}, {Text: r[2]}, {Text: r[3]}})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return []chat.Block{chat.TableBlock(t)}
}

// OutcomesSay is what the outcomes say of score and ratings. all adds what only a careful reader asks: of which ratings the day is
// not known.
func OutcomesSay(v PredictView, all bool) []chat.Block {
	s := v.Sentence()
	if all {
		s = v.allOf()
	}
	if s == "" {
		return nil
	}
	return []chat.Block{chat.Para(chat.B("What the outcomes say"), ": "+s)}
}

// Moved are the stages of the journey map that leads leave more slowly or faster than before: the first of each with its figures, others
// by name.
func Moved(p Period, list []MovedView) (b []chat.Block) {
	first := map[bool]int{}
	var others []string
	for _, v := range list {
		if first[v.Faster]++; first[v.Faster] > 1 {
			others = append(others, map[bool]string{true: "faster ", false: "slower "}[v.Faster]+v.Stage)
			continue
		}
		b = append(b, v.line(p))
	}
	if len(others) > 0 {
		b = append(b, chat.Small("Also "+join(others)+"."))
	}
	return b
}

func (v MovedView) line(p Period) chat.Block {
	when := "Slower"
	if v.Faster {
		when = "Faster"
	}
	if p.AsOf.Sub(p.To) >= 7*24*time.Hour {
		when += " today" // it is of the 13 weeks up to now, not to the period's end
	}
	t := fmt.Sprintf(": %s. Of the leads that came to it in 13 weeks %s went on within %d days, %s in the 13 weeks before.", v.Stage,
		v.Onward.counted(), v.Days, v.Before.counted())
	if v.Why != "" {
		t += fmt.Sprintf(" “%s”, reps say there (%s).", v.Why, plural(v.Accounts, "account", "accounts"))
	}
	return chat.Para(chat.B(when), Dated{Since: v.Since, Before: v.Already}.after(t))
}

// Decide are decisions, numbered, each with the button that leads to it.
func Decide(list []Decision, more int, asOf time.Time, cal truce.Calendar) []chat.Block {
	b := []chat.Block{chat.Para(chat.B("Decide"))}
	for i, d := range list {
		t := chat.T(fmt.Sprintf("%d. %s", i+1, d.Text))
		switch {
		case d.Due.IsZero():
		case d.Due.Before(asOf):
			t = append(append(t, chat.T(", ")...), late(d.Due, asOf, cal)...)
		default:
			t = append(t, chat.T(" by ", chat.At(d.Due, cal.Loc, chat.DayTime))...)
		}
		if !d.Since.IsZero() {
			t = append(t, chat.T(" since ", chat.At(d.Since, cal.Loc, chat.Day))...)
		}
		if i == len(list)-1 && more > 0 {
			t = append(t, chat.T(fmt.Sprintf(" · and %d more", more))...)
		}
		b = append(b, chat.Block{Text: t})
		if d.Button.Action != "" {
			b = append(b, chat.ButtonRow(d.Button))
		}
	}
	return b
}

// side is a side's rows: promise, kept, target, where it stands, and the way to its figures.
func (v SidesView) side(s SideView) (rows [][5]string) {
	if s.Side == "Marketing" {
		r := [5]string{"leads", count(v.Trail), "", "", v.LeadsArg}
		if v.Promised > 0 {
			r[2], r[3] = count(v.Promised), "below"
			if v.Trail >= v.Promised {
				r[3] = "✓"
			}
		}
		rows = append(rows, r)
	}
	var rest []PromiseView
	for _, p := range s.Promises {
		if p.Kept.N == 0 && s.NotWorked.N > 0 {
			continue // what was worked is known from verdicts, and said below
		}
		if p.quiet() {
			rest = append(rest, p)
		} else {
			rows = append(rows, p.row())
		}
	}
	if len(rest) == 1 {
		rows = append(rows, rest[0].row())
	} else if len(rest) > 1 {
		n, kinds := 0, make([]string, 0, len(rest))
		for _, p := range rest {
			n, kinds = n+p.Kept.N, append(kinds, p.Kind)
		}
		rows = append(rows, [5]string{"all else in time", fmt.Sprintf("%d of %d", n, n), "", "",
			s.Arg + "&y=" + url.QueryEscape(strings.Join(kinds, ","))})
	}
	if s.NotWorked.K > 0 {
		rows = append(rows, [5]string{"not worked in 3 days", fmt.Sprintf("%s of %s", count(s.NotWorked.K), count(s.NotWorked.N)), "", "",
			v.LeadsArg})
	}
	if s.Withheld {
		rows = append(rows, [5]string{"promises in time", "withheld", "", "under five people"})
	}
	return rows
}

// SidesWithheld says whose figures are left out, and who sees them.
func SidesWithheld(s truce.Sides) []chat.Block {
	if !s.Any() {
		return nil
	}
	names := and(s.Names())
	return []chat.Block{chat.Small("Fewer than five people are in " + names +
		", so what they did (promises kept, time to answer, leads not worked) is shown to managers and to " + names + " only.")}
}

// quiet reports whether a promise is one of few, and all of them kept: nothing that a first screen need spell out.
func (p PromiseView) quiet() bool {
	return !p.Plain && p.Kept.N > 0 && p.Kept.N < 10 && p.Kept.K == p.Kept.N
}

// row is the promise as a row: its name, kept, target, where it stands.
func (p PromiseView) row() [5]string {
	r := [5]string{p.Name + " in time", "not measured", "", "", p.Arg}
	if p.Plain {
		r[0] = p.Name
	}
	if p.Kept.N == 0 {
		return r
	}
	r[1] = p.Kept.String()
	if p.Kept.N >= 10 && p.Target > 0 {
		r[2] = percent(p.Target)
		if p.Was > 0 {
			r[2] += " (" + percent(p.Was) + " until " + p.Until + ")"
		}
	}
	r[3] = map[string]string{"met": "✓", "within": "not yet enough to tell", "missed": "below",
		"unjudged": "not judged: of more than 30 % of the leads it is not known"}[p.Verdict]
	if p.Day != "" {
		r[3] += fmt.Sprintf("; %s %s", p.Day, p.DayShare)
	}
	return r
}

// Sentence is what a manager can use of the comparison of score and rating.
func (p PredictView) Sentence() string { return p.Dated.after(p.said()) }

func (p PredictView) said() string {
	const worked = ", among leads that were worked."
	both := fmt.Sprintf("on the %s closed leads of %s that have both, ratings tell a won one from a lost one "+
		"%.0f times in 100, the score %.0f times", count(p.N), p.Of, 100*p.ByRating, 100*p.ByScore)
	switch {
	case !p.Shown && p.N == 0:
		return ""
	case !p.Shown:
		return fmt.Sprintf("%s of %s with both a score and a rating beforehand, %d won and %d lost: too few to compare them (10 of each).",
			plural(p.N, "closed lead", "closed leads"), p.Of, p.Won, p.Lost)
	case p.Verdict == "few":
		return both + ": not to be compared yet (30 won and 30 lost)" + worked
	case p.Verdict == "close":
		return both + ": too close to call" + worked
	case p.Verdict == "score":
		return both + ": the score told winners from losers better" + worked
	}
	return both + ": the reps' ratings told winners from losers better" + worked
}

// DecisionsWait is what a notification says after the headline.
func DecisionsWait(n int) string { return plural(n, "decision waits.", "decisions wait.") }

// WeeklyFooter says what the summary counts.
func WeeklyFooter(p Period, w WeekView) chat.Text {
	s := fmt.Sprintf("%s: %s", p.Name(), plural(w.Leads, "lead", "leads"))
	if w.Usual {
		s += fmt.Sprintf(" (usual %s to %s)", count(w.Low), count(w.High))
	}
	return chat.T(s + fmt.Sprintf(", %s judged, %s open. Promises by the date they were due.", count(w.Judged), count(w.Open)))
}

// TaskForceLine is when a task force meets next, and how many of its actions are open; next is zero where no meeting is to come.
func TaskForceLine(name string, next time.Time, open, overdue int, loc *time.Location) chat.Block {
	t := chat.T(chat.B(name))
	if next.IsZero() {
		t = append(t, chat.T(": no meeting is to come")...)
	} else {
		t = append(t, chat.T(" meets ", chat.At(next, loc, chat.DayTime))...)
	}
	switch {
	case open == 0:
		t = append(t, chat.T("; none of its actions is open: ")...)
	case overdue > 0:
		t = append(t, chat.T("; "+plural(open, "action", "actions")+" open, "+count(overdue)+" overdue: ")...)
	default:
		t = append(t, chat.T("; "+plural(open, "action", "actions")+" open: ")...)
	}
	return chat.Block{Text: append(t, chat.T(chat.Code("/taskforce"), ".")...)}
}
