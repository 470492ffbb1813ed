package truce

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file is the charter: what both sides and the sponsor promise each other, and the goals they share. Its text and its terms are
// versions of one proposal's kind; who signed it is kept beside it.

// Charter is one version's document.
type Charter struct {
	Why      string           `json:"why"` // three sentences at most
	Goals    []CharterGoal    `json:"goals"`
	Promises []CharterPromise `json:"promises"`
}

// CharterGoal is a shared goal: a figure that is to come from a value on a day to another by a day. Shares are fractions; money is in
// minor units of the currency that is its unit.
type CharterGoal struct {
	What   string  `json:"what"` // a key of GoalFigures
	Unit   string  `json:"unit"` // an ISO 4217 currency, "share" or "count"
	Start  float64 `json:"start"`
	Since  string  `json:"since"` // the day of Start, 2026-01-01
	Target float64 `json:"target"`
	By     string  `json:"by"`
}

// CharterPromise is what one side promises; a share is a fraction.
type CharterPromise struct {
	Side   Side    `json:"side"`
	What   string  `json:"what"` // a key of CharterFigures
	Target float64 `json:"target"`
}

// CharterFigure is a figure that Truce measures and a charter can promise or aim at.
type CharterFigure struct {
	Key    string
	Side   Side // who promises it; "" for goals
	Name   string
	Unit   string // "share" or "count"; "money" for goals
	AtMost bool   // less is better
	Sums   bool   // of goals: it adds up from the first day on; else it is a rate of the 13 weeks before a moment
}

// CharterFigures are what can be promised, by side.
var CharterFigures = []CharterFigure{
	{Key: "leads", Side: Marketing, Name: "leads in 13 weeks", Unit: "count"},
	{Key: "icp", Side: Marketing, Name: "inside the ICP", Unit: "share"},
	{Key: "answers", Side: Marketing, Name: "answers to disputes in time", Unit: "share"},
	{Key: "requests", Side: Marketing, Name: "answers to requests in time", Unit: "share"},
	{Key: "conversations", Side: Marketing, Name: "customer conversations in 13 weeks", Unit: "count"},
	{Key: "first_touch", Side: Sales, Name: "first touch in time", Unit: "share"},
	{Key: "verdicts", Side: Sales, Name: "verdicts in time", Unit: "share"},
	{Key: "ratings", Side: Sales, Name: "ratings in time", Unit: "share"},
	{Key: "not_worked", Side: Sales, Name: "not worked, at most", Unit: "share", AtMost: true},
	{Key: "decisions", Side: TheSponsor, Name: "decisions in two business days", Unit: "share"},
	{Key: "task_force", Side: TheSponsor, Name: "task forces attended in 13 weeks", Unit: "count"},
}

// GoalFigures are what can be a goal.
var GoalFigures = []CharterFigure{
	{Key: "won_revenue", Name: "won revenue", Unit: "money", Sums: true},
	{Key: "won_deals", Name: "won deals", Unit: "count", Sums: true},
	{Key: "win_rate", Name: "win rate", Unit: "share"},
	{Key: "lead_to_win", Name: "lead-to-win rate", Unit: "share"},
	{Key: "repeat_rate", Name: "repeat rate", Unit: "share"},
}

// CharterFigureOf is a figure of a promise by its key.
func CharterFigureOf(key string) (CharterFigure, bool) { return figureOf(CharterFigures, key) }

// GoalFigureOf is a figure of a goal by its key.
func GoalFigureOf(key string) (CharterFigure, bool) { return figureOf(GoalFigures, key) }

func figureOf(list []CharterFigure, key string) (CharterFigure, bool) {
	i := slices.IndexFunc(list, func(f CharterFigure) bool { return f.Key == key })
	if i < 0 {
		return CharterFigure{Key: key, Name: key}, false
	}
	return list[i], true
}

// ExampleCharter is where a sponsor begins: complete, and modest.
func ExampleCharter(today Date, currency string) Charter {
	year := func(n int) string { return Date{Year: today.Year + n, Month: time.January, Day: 1}.String() }
	return Charter{
		Why:   "We win or lose a customer together. Nobody argues about a lead for longer than two days.",
		Goals: []CharterGoal{{"won_revenue", currency, 0, year(0), 240000000, year(1)}, {"repeat_rate", "share", 0.35, year(0), 0.45, year(1)}},
		Promises: []CharterPromise{{Marketing, "leads", 600}, {Marketing, "icp", 0.75}, {Marketing, "answers", 0.9},
			{Sales, "first_touch", 0.9}, {Sales, "verdicts", 0.9}, {Sales, "not_worked", 0.05}, {TheSponsor, "decisions", 1},
			{TheSponsor, "task_force", 3}},
	}
}

// Check says what is wrong with a charter.
func (c Charter) Check() error {
	if why, err := CheckText(c.Why, "why"); err != nil {
		return Errorf(Invalid, "Say in three sentences at most why there is a charter.")
	} else if n := sentences(why); n > 3 {
		return Errorf(Invalid, "That is %d sentences: three are the most that people read before they sign.", n)
	}
	if len(c.Promises) == 0 {
		return Errorf(Invalid, "A charter without a promise binds nobody: give one a side at least.")
	}
	seen := map[string]bool{}
	for _, p := range c.Promises {
		f, ok := CharterFigureOf(p.What)
		switch {
		case !ok || f.Side != p.Side:
			return Errorf(Invalid, "%q is nothing that %s can promise here. There is: %s.", p.What, p.Side.Title(),
				strings.Join(figureNames(CharterFigures, p.Side), ", "))
		case seen[p.What]:
			return Errorf(Invalid, "%q is promised twice.", f.Name)
		case !(p.Target >= 0) || math.IsInf(p.Target, 0) || f.Unit == "share" && p.Target > 1 || f.Unit == "count" &&
			p.Target != math.Trunc(p.Target):
			return Errorf(Invalid, "%q needs %s, such as %s.", f.Name,
				map[string]string{"share": "a share of 0 to 100 %", "count": "a whole number"}[f.Unit],
				map[string]string{"share": "90 %", "count": "600"}[f.Unit])
		}
		seen[p.What] = true
	}
	for _, g := range c.Goals {
		f, ok := GoalFigureOf(g.What)
		from, err1 := ParseDate(g.Since)
		by, err2 := ParseDate(g.By)
		switch {
		case !ok:
			return Errorf(Invalid, "%q is no goal that can be measured. There is: %s.", g.What, strings.Join(figureNames(GoalFigures, NoSide), ", "))
		case err1 != nil || err2 != nil || by.Compare(from) <= 0:
			return Errorf(Invalid, "The goal %q needs a first day and a later last one, as 2026-01-01.", f.Name)
		case f.Unit == "money" && len(g.Unit) != 3, f.Unit != "money" && g.Unit != f.Unit:
			return Errorf(Invalid, "The goal %q needs its unit: a currency such as USD, or none for shares and counts.", f.Name)
		case f.Unit == "share" && !(g.Start >= 0 && g.Start <= 1 && g.Target >= 0 && g.Target <= 1):
			return Errorf(Invalid, "The goal %q needs shares of 0 to 100 %%.", f.Name)
		case seen["goal "+g.What+g.Unit]:
			return Errorf(Invalid, "The goal %q is there twice.", f.Name)
		}
		seen["goal "+g.What+g.Unit] = true
	}
	return nil
}

func sentences(s string) int {
	n := 0
	for _, part := range strings.FieldsFunc(s+" ", func(r rune) bool { return r == '.' || r == '!' || r == '?' }) {
		if strings.TrimSpace(part) != "" {
			n++
		}
	}
	return n
}

func figureNames(list []CharterFigure, side Side) (names []string) {
	for _, f := range list {
		if f.Side == side {
			names = append(names, f.Name)
		}
	}
	return names
}

// SameText reports whether two charters have the same text: why, and what is aimed at and promised. Their terms, the targets and days,
// may differ: a change of those is told, not signed.
func (c Charter) SameText(o Charter) bool {
	text := func(c Charter) string {
		s := strings.Join(strings.Fields(c.Why), " ")
		var list []string
		for _, g := range c.Goals {
			list = append(list, "goal "+g.What+" "+g.Unit)
		}
		for _, p := range c.Promises {
			list = append(list, string(p.Side)+" "+p.What)
		}
		slices.Sort(list)
		return s + "\n" + strings.Join(list, "\n")
	}
	return text(c) == text(o)
}

// ReadCharter reads a charter's payload.
func ReadCharter(payload json.RawMessage) (c Charter, err error) {
	if err := json.Unmarshal(payload, &c); err != nil {
		return c, fmt.Errorf("read a charter: %w", err)
	}
	return c, nil
}

// Shown is a value of a figure as people read it.
func (f CharterFigure) Shown(v float64, unit string) string {
	switch f.Unit {
	case "share":
		return strconv.FormatFloat(math.Round(v*1000)/10, 'f', -1, 64) + " %"
	case "money":
		return Money{Amount: int64(math.Round(v)), Currency: unit}.String()
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// charterGround is the charter as common ground: the sponsor proposes, and each side whose promises change says yes.
func charterGround() Ground {
	read := func(m json.RawMessage) (c Charter) {
		if m != nil {
			c, _ = ReadCharter(m) // Check has read it
		}
		return c
	}
	return Ground{Kind: CharterGround, Name: "charter", Proposes: []Role{Sponsor},
		Check: func(_ string, payload json.RawMessage) error {
			c, err := ReadCharter(payload)
			if err != nil {
				return Errorf(Invalid, "That is no charter: %w", err)
			}
			return c.Check()
		},
		Differs: func(_ string, was, payload json.RawMessage) []Difference { return read(payload).differs(read(was)) },
		Needs: func(was, payload json.RawMessage) (sides []Side) {
			before, after := read(was), read(payload)
			for _, s := range []Side{Sales, Marketing} {
				if !slices.Equal(before.of(s), after.of(s)) {
					sides = append(sides, s)
				}
			}
			return sides
		},
	}
}

// Ordered is the charter with its promises in the order in which they read: Marketing's, Sales', the sponsor's.
func (c Charter) Ordered() Charter {
	var list []CharterPromise
	for _, f := range CharterFigures {
		for _, p := range c.Promises {
			if p.What == f.Key {
				list = append(list, p)
			}
		}
	}
	c.Promises = list
	return c
}

// of are a side's promises, by what.
func (c Charter) of(s Side) (list []CharterPromise) {
	for _, p := range c.Promises {
		if p.Side == s {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b CharterPromise) int { return strings.Compare(a.What, b.What) })
	return list
}

func (c Charter) differs(was Charter) (list []Difference) {
	if c.Why != was.Why {
		list = append(list, Difference{"why", was.Why, c.Why})
	}
	terms := func(c Charter) (keys []string, names, values map[string]string) {
		names, values = map[string]string{}, map[string]string{}
		for _, g := range c.Goals {
			f, _ := GoalFigureOf(g.What)
			k := "goal " + g.What + g.Unit
			keys, names[k] = append(keys, k), f.Name
			values[k] = fmt.Sprintf("%s by %s (from %s on %s)", f.Shown(g.Target, g.Unit), DayWords(g.By), f.Shown(g.Start, g.Unit), DayWords(g.Since))
		}
		for _, s := range []Side{Marketing, Sales, TheSponsor} {
			for _, p := range c.Promises {
				if f, _ := CharterFigureOf(p.What); p.Side == s {
					k := p.What
					keys, names[k], values[k] = append(keys, k), sideName(s)+": "+f.Name, f.Shown(p.Target, "")
				}
			}
		}
		return keys, names, values
	}
	keys, names, now := terms(c)
	wasKeys, wasNames, before := terms(was)
	for _, k := range keys {
		if before[k] != now[k] {
			list = append(list, Difference{names[k], before[k], now[k]})
		}
	}
	for _, k := range wasKeys {
		if now[k] == "" {
			list = append(list, Difference{wasNames[k], before[k], ""})
		}
	}
	return list
}

// sideName begins a line.
func sideName(s Side) string {
	if s == TheSponsor {
		return "Sponsor"
	}
	return s.Title()
}

// Signature is what one person said to a charter's text.
type Signature struct {
	PersonID string
	Version  int // of the text: the first version that has it
	AskedAt  time.Time
	Reminded time.Time
	Signed   time.Time
	CouldNot time.Time
	Reason   string // for the sponsor alone
	Answer   string // the sponsor's, for the person alone
	Told     int    // the newest version whose terms they were told of
}

// Answered reports whether the person has signed or said that they cannot.
func (s Signature) Answered() bool { return !s.Signed.IsZero() || !s.CouldNot.IsZero() }

// SignaturesShown is from how many signers on the company's count is shown.
const SignaturesShown = 5

// SignReminder is after how many business days somebody is reminded to sign, once.
const SignReminder = 5

// Signed is the company's count; people who left are not in it.
type Signed struct {
	Of            int `json:"of"`
	Yes           int `json:"yes"`
	CouldNot      int `json:"could_not"`
	VersionBefore int `json:"version_before"` // signed the text before this one, and have not answered to this
}

// Signs reports whether a person is asked to sign: members of both sides, and the sponsor.
func (p Person) Signs() bool {
	return p.Active && p.Has(Rep, Marketer, SalesManager, MarketingManager, Sponsor)
}

// CountSigned counts signatures among people: those of the text version, and of the text before it.
func CountSigned(people []Person, now, before map[string]Signature) (s Signed) {
	for _, p := range people {
		if !p.Signs() {
			continue
		}
		s.Of++
		sig := now[p.ID]
		switch {
		case !sig.Signed.IsZero():
			s.Yes++
		case !sig.CouldNot.IsZero():
			s.CouldNot++
		case !before[p.ID].Signed.IsZero():
			s.VersionBefore++
		}
	}
	return s
}

// Shown reports whether the count is shown to the company.
func (s Signed) Shown() bool { return s.Yes >= SignaturesShown }

// Line is the company's line.
func (s Signed) Line() string {
	if !s.Shown() {
		return "signing is under way"
	}
	t := fmt.Sprintf("%d of %d signed", s.Yes, s.Of)
	if s.CouldNot > 0 {
		t += fmt.Sprintf(", %d could not", s.CouldNot)
	}
	if s.VersionBefore > 0 {
		t += fmt.Sprintf(", %d signed the version before", s.VersionBefore)
	}
	return t
}

// CharterMeasured is a charter with its figures at a moment.
type CharterMeasured struct {
	Version  int
	InForce  time.Time
	Signed   *Signed // nil while it is not shown
	Why      string
	Goals    []GoalMeasured
	Promises []PromiseMeasured
}

// GoalMeasured is where a goal stands. Now is nil where it is not measured; Low and High belong to it, and K of N where it is a share. Line
// is where it would be by now on the way from start to target.
type GoalMeasured struct {
	CharterGoal
	K, N                 *int
	Now, Low, High, Line *float64
}

// PromiseMeasured is how a promise was kept. K of N are nil where it is not measured, N where it is no share.
type PromiseMeasured struct {
	CharterPromise
	K, N                *int
	Measured, Low, High *float64
	Kept                *bool         // by the measured value itself
	Short               bool          // it can be told that it falls short; what cannot may be chance
	Withheld            bool          // it is measured, but not for this reader
	Parts               []PromisePart // before and since the day of its target, where that lies within the 13 weeks
}

// PromisePart is a promise in [From, To), against the target of then.
type PromisePart struct {
	From, To time.Time
	PromiseMeasured
}

// MarshalJSON writes the charter by docs/digest-json.md.
func (m CharterMeasured) MarshalJSON() ([]byte, error) {
	type goal struct {
		What   string   `json:"what"`
		Unit   string   `json:"unit"`
		Start  float64  `json:"start"`
		Target float64  `json:"target"`
		By     string   `json:"by"`
		K      *int     `json:"k"`
		N      *int     `json:"n"`
		Now    *float64 `json:"now"`
		Low    *float64 `json:"low"`
		High   *float64 `json:"high"`
		Line   *float64 `json:"line"`
	}
	type part struct {
		From     time.Time `json:"from"`
		To       time.Time `json:"to"`
		Target   float64   `json:"target"`
		K        *int      `json:"k"`
		N        *int      `json:"n"`
		Measured *float64  `json:"measured"`
		Kept     *bool     `json:"kept"`
	}
	type promise struct {
		Side     Side     `json:"side"`
		What     string   `json:"what"`
		Target   float64  `json:"target"`
		K        *int     `json:"k"`
		N        *int     `json:"n"`
		Measured *float64 `json:"measured"`
		Low      *float64 `json:"low"`
		High     *float64 `json:"high"`
		Kept     *bool    `json:"kept"`
		Withheld bool     `json:"withheld,omitempty"`
		Parts    []part   `json:"parts,omitempty"`
	}
	goals, promises := []goal{}, []promise{}
	for _, g := range m.Goals {
		goals = append(goals, goal{g.What, g.Unit, g.Start, g.Target, g.By, g.K, g.N, g.Now, g.Low, g.High, g.Line})
	}
	for _, p := range m.Promises {
		var parts []part
		for _, of := range p.Parts {
			parts = append(parts, part{of.From.UTC(), of.To.UTC(), of.Target, of.K, of.N, of.Measured, of.Kept})
		}
		promises = append(promises, promise{p.Side, p.What, p.Target, p.K, p.N, p.Measured, p.Low, p.High, p.Kept, p.Withheld, parts})
	}
	return json.Marshal(struct {
		Version  int       `json:"version"`
		Signed   *Signed   `json:"signed"`
		Goals    []goal    `json:"goals"`
		Promises []promise `json:"promises"`
	}{m.Version, m.Signed, goals, promises})
}

// GoalLine is where a goal would be on a straight line from its start to its target at a day; beyond its days it stays at their ends.
func (g CharterGoal) GoalLine(day Date) float64 {
	from, _ := ParseDate(g.Since)
	by, _ := ParseDate(g.By)
	share := float64(day.Number()-from.Number()) / float64(max(1, by.Number()-from.Number()))
	return g.Start + (g.Target-g.Start)*min(1, max(0, share))
}

// DayWords is a day as it is kept, 2026-10-26, as people write it: "26 Oct 2026"; what is no day stays as it is.
func DayWords(day string) string {
	d, err := ParseDate(day)
	if err != nil {
		return day
	}
	return d.Words()
}
