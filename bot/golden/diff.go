package golden

import (
	"fmt"
	"strings"
)

const (
	context  = 2         // lines shown before and after a change
	most     = 60        // lines shown of a difference; the rest is counted
	tooLarge = 4_000_000 // pairs of lines to compare, above which the changed part is shown as one
)

// Difference shows how got differs from want, line by line: "-" begins what was, "+" what is.
func Difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	before := 0
	for before < len(a) && before < len(b) && a[before] == b[before] {
		before++
	}
	after := 0
	for after < len(a)-before && after < len(b)-before && a[len(a)-1-after] == b[len(b)-1-after] {
		after++
	}
	edits := edited(a[before:len(a)-after], b[before:len(b)-after])
	// What is the same around them, for context.
	var list []edit
	for _, line := range a[:before] {
		list = append(list, edit{' ', line})
	}
	list = append(list, edits...)
	for _, line := range a[len(a)-after:] {
		list = append(list, edit{' ', line})
	}
	shown := make([]bool, len(list))
	for i, e := range list {
		if e.sign == ' ' {
			continue
		}
		for j := max(0, i-context); j <= min(len(list)-1, i+context); j++ {
			shown[j] = true
		}
	}
	var out strings.Builder
	n, line, left := 0, 1, 0
	for i, e := range list {
		switch {
		case shown[i] && n >= most:
			left++
		case shown[i]:
			if i == 0 || !shown[i-1] {
				fmt.Fprintf(&out, "@@ line %d\n", line)
			}
			fmt.Fprintf(&out, "%c %s\n", e.sign, e.line)
			n++
		}
		if e.sign != '+' {
			line++
		}
	}
	if left > 0 {
		fmt.Fprintf(&out, "and %d lines more\n", left)
	}
	return out.String()
}

// edit is a line that stays (' '), goes ('-') or comes ('+').
type edit struct {
	sign byte
	line string
}

// edited is how a becomes b, by their longest common subsequence of lines.
func edited(a, b []string) (list []edit) {
	i, j := 0, 0
	if len(a)*len(b) <= tooLarge {
		common := make([][]int32, len(a)+1)
		for i := range common {
			common[i] = make([]int32, len(b)+1)
		}
		for i := len(a) - 1; i >= 0; i-- {
			for j := len(b) - 1; j >= 0; j-- {
				if a[i] == b[j] {
					common[i][j] = common[i+1][j+1] + 1
				} else {
					common[i][j] = max(common[i+1][j], common[i][j+1])
				}
			}
		}
		for i < len(a) && j < len(b) {
			switch {
			case a[i] == b[j]:
				list = append(list, edit{' ', a[i]})
				i, j = i+1, j+1
			case common[i+1][j] >= common[i][j+1]:
				list = append(list, edit{'-', a[i]})
				i++
			default:
				list = append(list, edit{'+', b[j]})
				j++
			}
		}
	}
	for ; i < len(a); i++ {
		list = append(list, edit{'-', a[i]})
	}
	for ; j < len(b); j++ {
		list = append(list, edit{'+', b[j]})
	}
	return list
}
