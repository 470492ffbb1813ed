package sheet

// The rule that keeps a spreadsheet from running a cell of ours as a formula, and its exact inverse.

import "strings"

// Guard makes a text safe to open in a spreadsheet. The rule: where a cell would begin with one of = + - @ tab CR LF (or the
// full-width forms of the first four, which East Asian spreadsheets fold), blanks and apostrophes before it aside, an apostrophe
// is put first. The same is done inside a text behind each ; tab and line end, because a spreadsheet with another list separator
// than ours begins a new cell there. Counting the apostrophes that are there already as part of the beginning is what makes
// Unguard exact.
func Guard(s string) string {
	return eachCell(s, func(cell string, first bool) string {
		if formula(cell, first) {
			return "'" + cell
		}
		return cell
	})
}

// Unguard takes off what Guard put on: Unguard(Guard(s)) is s for every s.
func Unguard(s string) string {
	if strings.IndexByte(s, '\'') < 0 {
		return s
	}
	return eachCell(s, func(cell string, first bool) string {
		if cell[0] == '\'' && formula(cell[1:], first) {
			return cell[1:]
		}
		return cell
	})
}

// eachCell puts change's text in place of every piece of s that a spreadsheet could take for a cell, its separator included.
func eachCell(s string, change func(cell string, first bool) string) string {
	var out []byte // nil while nothing has changed
	for from := 0; from < len(s); {
		to := len(s)
		if i := strings.IndexAny(s[from:], ";\t\r\n"); i >= 0 {
			to = from + i + 1
		}
		cell := change(s[from:to], from == 0)
		if out == nil && len(cell) != to-from {
			out = append(make([]byte, 0, len(s)+8), s[:from]...)
		}
		if out != nil {
			out = append(out, cell...)
		}
		from = to
	}
	if out == nil {
		return s
	}
	return string(out)
}

// formula tells whether a spreadsheet might run the cell. What begins the whole text is judged more strictly: blanks before
// and a separator in its place count there too.
func formula(cell string, first bool) bool {
	if first {
		cell = strings.TrimLeft(cell, "' ")
	} else {
		cell = strings.TrimLeft(cell, "'")
	}
	if cell == "" {
		return false
	}
	switch cell[0] {
	case '=', '+', '-', '@':
		return true
	case '\t', '\r', '\n':
		return first
	}
	return strings.HasPrefix(cell, "＝") || strings.HasPrefix(cell, "＋") || strings.HasPrefix(cell, "－") || strings.HasPrefix(cell, "＠")
}
