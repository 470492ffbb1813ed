package sheet

// Dates as people and systems write them. No format is guessed where two would fit.

import (
	"strconv"
	"strings"
	"time"

	"truce"
)

// DateOrder is the order of day and month in dates with slashes.
type DateOrder string

// The orders. With OrderTold a date with slashes or dashes is taken only where a single order fits (25/12/2026).
const (
	OrderTold DateOrder = ""
	OrderDMY  DateOrder = "dmy"
	OrderMDY  DateOrder = "mdy"
	OrderYMD  DateOrder = "ymd"
	OrderMS   DateOrder = "ms" // milliseconds since 1970 are taken too; JSON may hold them anyway
)

// ParseDateOrder reads what --date was given.
func ParseDateOrder(text string) (DateOrder, error) {
	switch o := DateOrder(strings.ToLower(strings.TrimSpace(text))); o {
	case OrderTold, OrderDMY, OrderMDY, OrderYMD, OrderMS:
		return o, nil
	}
	return "", truce.Errorf(truce.Invalid, "--date is dmy (25/12/2026), mdy (12/25/2026), ymd (2026/12/25) or ms (milliseconds since 1970), "+
		"not %q.", text)
}

// Dates reads dates. The zero Dates takes UTC for dates without a zone and no order for granted.
type Dates struct {
	Order    DateOrder
	Location *time.Location // of dates that name no zone; nil is UTC
}

// Local is a moment in the zone of dates that name none.
func (d Dates) Local(t time.Time) time.Time {
	if d.Location == nil {
		return t.UTC()
	}
	return t.In(d.Location)
}

// Parse reads a date, with or without a time of day, into UTC; a date alone is its first moment in Location. It takes
//
//	2026-01-02  2026-01-02 15:04[:05[.999]]  2026-01-02T15:04:05Z  ...+01:00  2026/01/02
//	02.01.2026 [15:04]  1/2/2026 and 1-2-2026 by Order  Jan 2, 2026  2 January 2026  02-Jan-2026  3:04 PM
//	20260102  Fri, 02 Jan 2026 15:04:05 GMT
//
// Numbers of days (spreadsheets) or seconds are refused by name, as are years of two digits and days that do not exist.
func (d Dates) Parse(text string) (time.Time, error) {
	t, _, err := d.parse(text)
	return t, err
}

// ParseClose reads when something ended. Of a date alone, until is the last moment of that day, before which it did; else it is zero.
func (d Dates) ParseClose(text string) (t, until time.Time, err error) {
	t, timed, err := d.parse(text)
	if err != nil || timed {
		return t, until, err
	}
	location := d.Location
	if location == nil {
		location = time.UTC
	}
	return t, truce.DateOf(t.In(location)).Add(1).At(0, location).Add(-time.Millisecond).UTC(), nil
}

// parse is Parse; timed says that the text names a time of day.
func (d Dates) parse(text string) (t time.Time, timed bool, err error) {
	s := strings.TrimSpace(text)
	p := dateParser{rest: s}
	if err := d.date(&p, s); err != nil {
		return t, false, err
	}
	location := d.Location
	if location == nil {
		location = time.UTC
	}
	if timed = p.rest != ""; timed {
		zone, ok := p.clock()
		if !ok {
			return t, false, notADate(s)
		}
		if zone != nil {
			location = zone
		}
	}
	if p.year < 1970 || p.year > 2199 {
		return t, false, faulty(ReasonDate, "%q has the year %d, which cannot be meant", cut(s), p.year)
	}
	if p.month < 1 || p.month > 12 || p.day < 1 || p.day > daysIn(p.year, p.month) {
		return t, false, faulty(ReasonDate, "%q is a day that does not exist%s", cut(s), d.orderHint(p))
	}
	return time.Date(p.year, time.Month(p.month), p.day, p.hour, p.minute, p.second, p.nano, location).UTC(), timed, nil
}

// ParseDay reads a day of the calendar, or a whole month: 2026-03, 2026/03, 03/2026, Mar 2026, March 2026. A date with a time of
// day is the day it is in Location. days is 1, or how many days the month has; first is its first one.
func (d Dates) ParseDay(text string) (first truce.Date, days int, err error) {
	p := dateParser{rest: strings.TrimSpace(text)}
	if p.wholeMonth() {
		if p.year < 1970 || p.year > 2199 || p.month < 1 || p.month > 12 {
			return first, 0, faulty(ReasonDate, "%q is a month that does not exist", cut(text))
		}
		return truce.Date{Year: p.year, Month: time.Month(p.month), Day: 1}, daysIn(p.year, p.month), nil
	}
	t, err := d.Parse(text)
	if err != nil {
		return first, 0, err
	}
	if d.Location != nil {
		t = t.In(d.Location)
	}
	return truce.DateOf(t), 1, nil
}

// wholeMonth reads a month and its year, and reports whether that is all there is.
func (p *dateParser) wholeMonth() bool {
	var ok bool
	if p.month, ok = p.monthName(); ok {
		p.skip(" .-")
	} else {
		var n int
		if p.month, n = p.number(); n == 4 {
			p.year = p.month
			if !p.take('-') && !p.take('/') {
				return false
			}
			p.month, n = p.number()
			return n > 0 && n <= 2 && p.rest == ""
		}
		if n == 0 || n > 2 || !p.take('/') {
			return false
		}
	}
	year, n := p.number()
	p.year = year
	return n == 4 && p.rest == ""
}

func (d Dates) orderHint(p dateParser) string {
	if p.slashed && d.Order != OrderTold && d.Order != OrderMS && p.day >= 1 && p.day <= 12 {
		return "; it was read with --date " + string(d.Order)
	}
	return ""
}

func notADate(s string) error {
	if digits := strings.TrimLeft(s, "0123456789"); digits == "" || strings.HasPrefix(digits, ".") &&
		strings.Trim(digits[1:], "0123456789") == "" {
		switch whole := len(s) - len(digits); {
		case whole == 5:
			return faulty(ReasonDate, "%q is a spreadsheet's number of a day, not a date; give the column a date format and export it again", cut(s))
		case whole == 10 || whole == 13:
			return faulty(ReasonDate, "%q is a count of seconds, not a date; export the column as a date", cut(s))
		}
	}
	return faulty(ReasonDate, "%q is not a date; write it like 2026-01-02 or 2026-01-02 15:04", cut(s))
}

// dateParser takes a text apart from left to right.
type dateParser struct {
	rest                       string
	year, month, day           int
	hour, minute, second, nano int
	slashed                    bool
}

// date reads the day, its month and year.
func (d Dates) date(p *dateParser, s string) error {
	if s == "" {
		return faulty(ReasonDate, "there is no date")
	}
	p.weekday()
	if p.compact() { // 20260102
		return nil
	}
	if month, ok := p.monthName(); ok { // Jan 2, 2026
		p.month = month
		p.skip(" .-")
		day, n := p.number()
		p.skip(" ,-")
		year, digits := p.number()
		if n == 0 || n > 2 {
			return notADate(s)
		}
		p.day, p.year = day, year
		return fourDigits(digits, s)
	}
	first, n := p.number()
	if n == 0 || n > 4 || p.rest == "" {
		return notADate(s)
	}
	sep := p.rest[0]
	p.rest = p.rest[1:]
	if sep == ' ' || sep == '-' || sep == '.' {
		if sep == '.' {
			p.skip(" ")
		}
		if month, ok := p.monthName(); ok && n <= 2 { // 2 January 2026, 02-Jan-2026, 2. Jan 2026
			p.skip(" .,-")
			year, digits := p.number()
			p.day, p.month, p.year = first, month, year
			return fourDigits(digits, s)
		}
	}
	second, n2 := p.number()
	if sep != '-' && sep != '/' && sep != '.' || n2 == 0 || n2 > 2 || p.rest == "" || p.rest[0] != sep {
		return notADate(s)
	}
	p.rest = p.rest[1:]
	third, n3 := p.number()
	if n == 4 {
		if n3 == 0 || n3 > 2 {
			return notADate(s)
		}
		p.year, p.month, p.day = first, second, third
		return nil
	}
	if n > 2 {
		return notADate(s)
	}
	if err := fourDigits(n3, s); err != nil {
		return err
	}
	p.year, p.slashed = third, true
	return d.dayAndMonth(p, sep, first, second, s)
}

// dayAndMonth decides which of two numbers is the day.
func (d Dates) dayAndMonth(p *dateParser, sep byte, first, second int, s string) error {
	dmy := sep == '.' // nobody writes months first with points
	switch {
	case dmy:
	case d.Order == OrderDMY:
		dmy = true
	case d.Order == OrderMDY:
	case d.Order == OrderYMD:
		return faulty(ReasonDate, "%q does not begin with the year, as --date ymd says", cut(s))
	case first > 12 && second <= 12:
		dmy = true
	case second > 12 && first <= 12, first == second:
	case first > 12:
		return faulty(ReasonDate, "%q is a day that does not exist", cut(s))
	default:
		return faulty(ReasonDate, "%q can be read in two ways; say --date dmy or --date mdy", cut(s))
	}
	p.day, p.month = second, first
	if dmy {
		p.day, p.month = first, second
	}
	return nil
}

func fourDigits(digits int, s string) error {
	switch digits {
	case 4:
		return nil
	case 2:
		return faulty(ReasonDate, "%q has a year of two digits; write four", cut(s))
	}
	return notADate(s)
}

// clock reads the time of day and, if there is one, the zone, to the end of the text.
func (p *dateParser) clock() (*time.Location, bool) {
	if p.rest[0] == 'T' || p.rest[0] == 't' {
		p.rest = p.rest[1:]
	} else if !p.skip(" ,") {
		return nil, false
	}
	var n, n2 int
	p.hour, n = p.number()
	if n == 0 || n > 2 || !p.take(':') {
		return nil, false
	}
	p.minute, n2 = p.number()
	if n2 != 2 {
		return nil, false
	}
	if p.take(':') {
		var n3 int
		if p.second, n3 = p.number(); n3 != 2 {
			return nil, false
		}
		if p.take('.') || p.take(',') {
			if !p.fraction() {
				return nil, false
			}
		}
	}
	p.skip(" \u00a0\u202f")
	if !p.halfOfDay() || p.hour > 23 || p.minute > 59 || p.second > 59 {
		return nil, false
	}
	p.skip(" ")
	return p.zone()
}

func (p *dateParser) fraction() bool {
	digits := p.rest[:len(p.rest)-len(strings.TrimLeft(p.rest, "0123456789"))]
	if digits == "" || len(digits) > 9 {
		return false
	}
	p.rest = p.rest[len(digits):]
	p.nano, _ = strconv.Atoi((digits + "00000000")[:9])
	return true
}

// halfOfDay takes AM or PM, if there is one; false if it does not fit the hour.
func (p *dateParser) halfOfDay() bool {
	lower := strings.ToLower(p.rest)
	for _, half := range []struct {
		text string
		add  int
	}{{"a.m.", 0}, {"p.m.", 12}, {"am", 0}, {"pm", 12}} {
		if strings.HasPrefix(lower, half.text) {
			if p.hour < 1 || p.hour > 12 {
				return false
			}
			p.hour = p.hour%12 + half.add
			p.rest = p.rest[len(half.text):]
			return true
		}
	}
	return true
}

// zone reads what is left: nothing, Z, UTC, GMT or an offset.
func (p *dateParser) zone() (*time.Location, bool) {
	switch strings.ToUpper(p.rest) {
	case "":
		return nil, true
	case "Z", "UTC", "GMT":
		return time.UTC, true
	}
	p.rest = strings.TrimPrefix(strings.TrimPrefix(p.rest, "UTC"), "GMT")
	if p.rest == "" || p.rest[0] != '+' && p.rest[0] != '-' {
		return nil, false
	}
	sign := 1
	if p.rest[0] == '-' {
		sign = -1
	}
	p.rest = p.rest[1:]
	hours, n := p.number()
	minutes, n2 := 0, 2
	switch {
	case n == 4:
		hours, minutes = hours/100, hours%100
	case n > 2 || n == 0:
		return nil, false
	case p.take(':'):
		minutes, n2 = p.number()
	}
	if n2 != 2 || p.rest != "" || hours > 14 || minutes > 59 {
		return nil, false
	}
	return time.FixedZone("", sign*(hours*3600+minutes*60)), true
}

// compact reads the eight digits of a year, month and day, with nothing more of a number behind them.
func (p *dateParser) compact() bool {
	rest := strings.TrimLeft(p.rest, "0123456789")
	if len(p.rest)-len(rest) != 8 || rest != "" && rest[0] != ' ' && rest[0] != 'T' {
		return false
	}
	n, _ := strconv.Atoi(p.rest[:8])
	p.year, p.month, p.day, p.rest = n/10000, n/100%100, n%100, rest
	return true
}

// weekday passes the English name of a day, whole or its first three letters, and what follows it. It is not held against the date.
func (p *dateParser) weekday() {
	end := strings.IndexAny(p.rest, ", ")
	if end < 3 {
		return
	}
	word := strings.ToLower(p.rest[:end])
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := strings.ToLower(d.String()); word == name || word == name[:3] {
			p.rest = strings.TrimLeft(p.rest[end:], ", ")
			return
		}
	}
}

// number reads digits, at most six of them, and says how many.
func (p *dateParser) number() (value, digits int) {
	for digits < len(p.rest) && digits < 6 && p.rest[digits] >= '0' && p.rest[digits] <= '9' {
		value = value*10 + int(p.rest[digits]-'0')
		digits++
	}
	p.rest = p.rest[digits:]
	return value, digits
}

func (p *dateParser) take(c byte) bool {
	if p.rest != "" && p.rest[0] == c {
		p.rest = p.rest[1:]
		return true
	}
	return false
}

// skip passes any of the characters and says whether there was one.
func (p *dateParser) skip(any string) bool {
	rest := strings.TrimLeft(p.rest, any)
	skipped := len(rest) < len(p.rest)
	p.rest = rest
	return skipped
}

// monthName reads an English month, whole or its first three letters.
func (p *dateParser) monthName() (int, bool) {
	end := 0
	for end < len(p.rest) && (p.rest[end]|0x20 >= 'a' && p.rest[end]|0x20 <= 'z') {
		end++
	}
	if end < 3 {
		return 0, false
	}
	word := strings.ToLower(p.rest[:end])
	for m := time.January; m <= time.December; m++ {
		name := strings.ToLower(m.String())
		if word == name || word == name[:3] || word == "sept" && m == time.September {
			p.rest = p.rest[end:]
			return int(m), true
		}
	}
	return 0, false
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
