package truce

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// This file is a charter's terms as people write them, a line each: "leads in 13 weeks: 600", "won revenue USD: 0 on 2026-01-01 to
// 2400000 by 2026-12-31".

// PromiseLines are a side's promises as people write them.
func (c Charter) PromiseLines(s Side) string {
	var lines []string
	for _, p := range c.Promises {
		if f, _ := CharterFigureOf(p.What); p.Side == s {
			lines = append(lines, f.Name+": "+f.Shown(p.Target, ""))
		}
	}
	return strings.Join(lines, "\n")
}

// GoalLines are the goals as people write them.
func (c Charter) GoalLines() string {
	var lines []string
	for _, g := range c.Goals {
		f, _ := GoalFigureOf(g.What)
		name, value := f.Name, func(v float64) string { return f.Shown(v, "") }
		if f.Unit == "money" {
			name += " " + g.Unit
			value = func(v float64) string {
				return strings.TrimSuffix(Money{Amount: int64(v), Currency: g.Unit}.Decimal(), ".00")
			}
		}
		lines = append(lines, fmt.Sprintf("%s: %s on %s to %s by %s", name, value(g.Start), g.Since, value(g.Target), g.By))
	}
	return strings.Join(lines, "\n")
}

// ParsePromiseLines reads what a side promises, a line each.
func ParsePromiseLines(side Side, text string) (list []CharterPromise, err error) {
	for _, line := range lines(text) {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, Errorf(Invalid, "%q: write what is promised, a colon, and how much: %s: 90 %%.", line, figureNames(CharterFigures, side)[0])
		}
		f, ok := figureNamed(CharterFigures, side, name)
		if !ok {
			return nil, Errorf(Invalid, "%q is nothing that %s can promise here. There is: %s.", strings.TrimSpace(name), side.Title(),
				strings.Join(figureNames(CharterFigures, side), ", "))
		}
		v, err := f.parse(value, "")
		if err != nil {
			return nil, err
		}
		list = append(list, CharterPromise{side, f.Key, v})
	}
	return list, nil
}

// ParseGoalLines reads the goals, a line each.
func ParseGoalLines(text string) (list []CharterGoal, err error) {
	const how = "write it as won revenue USD: 0 on 2026-01-01 to 2400000 by 2026-12-31"
	for _, line := range lines(text) {
		name, rest, ok := strings.Cut(line, ":")
		words := strings.Fields(strings.NewReplacer(" %", "%", ",", "").Replace(rest))
		if !ok || len(words) != 7 || words[1] != "on" || words[3] != "to" || words[5] != "by" {
			return nil, Errorf(Invalid, "%q: %s.", line, how)
		}
		g := CharterGoal{Since: words[2], By: words[6]}
		f, ok := figureNamed(GoalFigures, NoSide, name)
		if !ok {
			if i := strings.LastIndex(strings.TrimSpace(name), " "); i > 0 {
				name, g.Unit = strings.TrimSpace(name)[:i], strings.ToUpper(strings.TrimSpace(name)[i+1:])
				f, ok = figureNamed(GoalFigures, NoSide, name)
			}
		}
		if !ok {
			return nil, Errorf(Invalid, "%q is no goal that can be measured. There is: %s.", strings.TrimSpace(name),
				strings.Join(figureNames(GoalFigures, NoSide), ", "))
		}
		if g.What = f.Key; f.Unit != "money" {
			g.Unit = f.Unit
		}
		if g.Start, err = f.parse(words[0], g.Unit); err != nil {
			return nil, err
		}
		if g.Target, err = f.parse(words[4], g.Unit); err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, nil
}

func lines(text string) (list []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

func figureNamed(figures []CharterFigure, side Side, name string) (CharterFigure, bool) {
	fold := foldWords(name)
	i := slices.IndexFunc(figures, func(f CharterFigure) bool { return f.Side == side && (foldWords(f.Name) == fold || f.Key == fold) })
	if i < 0 {
		return CharterFigure{}, false
	}
	return figures[i], true
}

// parse reads a value of a figure: "90 %", "600", "2400000" of a currency.
func (f CharterFigure) parse(s, unit string) (float64, error) {
	s = strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(s), ",", ""), " ", "")
	percent := strings.HasSuffix(s, "%")
	s = strings.TrimSuffix(s, "%")
	if f.Unit == "money" {
		m, known, err := ParseAmount(s, unit, NumberPlain)
		if err != nil || !known {
			return 0, Errorf(Invalid, "%q is no amount of %s, such as 2400000.", s, unit)
		}
		return float64(m.Amount), nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || percent != (f.Unit == "share") {
		return 0, Errorf(Invalid, "%q: %s needs %s.", s, f.Name,
			map[string]string{"share": "a share such as 90 %", "count": "a number such as 600"}[f.Unit])
	}
	if percent {
		r, _ := new(big.Rat).SetString(s) // exactly the fraction that is written
		if r == nil {
			return 0, Errorf(Invalid, "%q is no share.", s)
		}
		v, _ = r.Quo(r, big.NewRat(100, 1)).Float64()
	}
	return v, nil
}
