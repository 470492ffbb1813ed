package sheet

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"truce"
)

func TestDates(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text  string
		order DateOrder
		want  string // RFC 3339 in UTC, or a part of the message
	}{
		{"2026-01-02", OrderTold, "2026-01-01T23:00:00Z"},
		{"2026-07-02", OrderTold, "2026-07-01T22:00:00Z"},
		{"2018-02-26 19:58:54", OrderTold, "2018-02-26T18:58:54Z"},
		{"2018-02-26 19:58", OrderTold, "2018-02-26T18:58:00Z"},
		{"2018-02-26T19:58:54Z", OrderTold, "2018-02-26T19:58:54Z"},
		{"2018-02-26t19:58:54.123456789+02:00", OrderTold, "2018-02-26T17:58:54.123456789Z"},
		{"2018-02-26T19:58:54.000+0000", OrderTold, "2018-02-26T19:58:54Z"},
		{"2018-02-26 19:58:54 UTC", OrderTold, "2018-02-26T19:58:54Z"},
		{"2018-02-26 19:58:54 GMT+2", OrderTold, "2018-02-26T17:58:54Z"},
		{"2018-02-26 19:58:54 -05", OrderTold, "2018-02-27T00:58:54Z"},
		{"2026/01/02", OrderTold, "2026-01-01T23:00:00Z"},
		{"2026/01/02", OrderDMY, "2026-01-01T23:00:00Z"},
		{"02.01.2026", OrderTold, "2026-01-01T23:00:00Z"},
		{"2.1.2026 08:05", OrderMDY, "2026-01-02T07:05:00Z"},
		{"1/2/2026", OrderMDY, "2026-01-01T23:00:00Z"},
		{"1/2/2026", OrderDMY, "2026-01-31T23:00:00Z"},
		{"1-2-2026", OrderDMY, "2026-01-31T23:00:00Z"},
		{"25/12/2026", OrderTold, "2026-12-24T23:00:00Z"},
		{"12/25/2026", OrderTold, "2026-12-24T23:00:00Z"},
		{"5/5/2026", OrderTold, "2026-05-04T22:00:00Z"},
		{"1/2/2026, 3:04 PM", OrderMDY, "2026-01-02T14:04:00Z"},
		{"1/2/2026 12:00 AM", OrderMDY, "2026-01-01T23:00:00Z"},
		{"1/2/2026 12:30:10 p.m.", OrderMDY, "2026-01-02T11:30:10Z"},
		{"Jan 2, 2026", OrderTold, "2026-01-01T23:00:00Z"},
		{"January 2, 2026 3:04 PM", OrderTold, "2026-01-02T14:04:00Z"},
		{"2 January 2026", OrderTold, "2026-01-01T23:00:00Z"},
		{"2. Sept. 2026", OrderTold, "2026-09-01T22:00:00Z"},
		{"02-Jan-2026", OrderTold, "2026-01-01T23:00:00Z"},
		{" 2026-01-02 ", OrderTold, "2026-01-01T23:00:00Z"},
		{"20260102", OrderTold, "2026-01-01T23:00:00Z"},
		{"20260102 15:04", OrderMDY, "2026-01-02T14:04:00Z"},
		{"Fri, 02 Jan 2026 15:04:05 GMT", OrderTold, "2026-01-02T15:04:05Z"},
		{"Friday, January 2, 2026", OrderTold, "2026-01-01T23:00:00Z"},
		{"fri 2.1.2026", OrderTold, "2026-01-01T23:00:00Z"},
		{"2024-02-29", OrderTold, "2024-02-28T23:00:00Z"},

		{"1/2/2026", OrderTold, `"1/2/2026" can be read in two ways; say --date dmy or --date mdy`},
		{"12/25/2026", OrderDMY, "is a day that does not exist"},
		{"13/1/2026", OrderMDY, "is a day that does not exist; it was read with --date mdy"},
		{"13/13/2026", OrderTold, "is a day that does not exist"},
		{"1/2/2026", OrderYMD, "does not begin with the year"},
		{"2026-02-29", OrderTold, "is a day that does not exist"},
		{"2026-13-01", OrderTold, "is a day that does not exist"},
		{"1/2/26", OrderMDY, "has a year of two digits; write four"},
		{"Jan 2, 26", OrderTold, "has a year of two digits; write four"},
		{"0001-01-01", OrderTold, "has the year 1, which cannot be meant"},
		{"9999-12-31", OrderTold, "has the year 9999"},
		{"02012026", OrderTold, "has the year 201, which cannot be meant"},
		{"20261301", OrderTold, "is a day that does not exist"},
		{"202601021", OrderTold, "is not a date"},
		{"Fri,", OrderTold, "is not a date"},
		{"Fri", OrderTold, "is not a date"},
		{"45631", OrderTold, "a spreadsheet's number of a day"},
		{"45631.5", OrderTold, "a spreadsheet's number of a day"},
		{"1700000000000", OrderTold, "a count of seconds"},
		{"yesterday", OrderTold, `"yesterday" is not a date; write it like 2026-01-02 or 2026-01-02 15:04`},
		{"2026-01-02 25:00", OrderTold, "is not a date"},
		{"2026-01-02 15:04 CET", OrderTold, "is not a date"},
		{"2026-01-02 15:04 tomorrow", OrderTold, "is not a date"},
		{"2026-01-02x", OrderTold, "is not a date"},
		{"2026-01/02", OrderTold, "is not a date"},
		{"13:00 PM", OrderTold, "is not a date"},
		{"", OrderTold, "there is no date"},
	} {
		at, err := Dates{Order: c.order, Location: berlin}.Parse(c.text)
		got := at.Format(time.RFC3339Nano)
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != c.want || err != nil && !strings.Contains(got, c.want) {
			t.Errorf("%q %s: got %s, want %s", c.text, c.order, got, c.want)
		}
		if err != nil {
			if reason, _ := reasonOf(err, ""); reason != ReasonDate {
				t.Errorf("%q: reason is %q", c.text, reason)
			}
		}
	}
}

func TestDaysAndMonths(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2026-03": "2026-03-01 31", "2026/2": "2026-02-01 28", "02/2024": "2024-02-01 29", "Mar 2026": "2026-03-01 31",
		" September 2026 ": "2026-09-01 30",
		"2026-03-05":       "2026-03-05 1", "5.3.2026": "2026-03-05 1", "2026-03-31T23:30:00Z": "2026-04-01 1", "Mar 5, 2026": "2026-03-05 1",
		"2026-13": "is a month that does not exist", "1026-03": "is a month that does not exist", "March": "is not a date",
		"2026": "is not a date", "2026-": "is not a date",
		"1/2/2026": "two ways", "": "there is no date",
	} {
		first, days, err := Dates{Location: berlin}.ParseDay(text)
		got := fmt.Sprint(first, " ", days)
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != want || err != nil && !strings.Contains(got, want) {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestScores(t *testing.T) {
	for _, c := range []struct {
		text   string
		format truce.NumberFormat
		want   float64
		known  bool
		fault  string
	}{
		{text: "", known: false},
		{text: "0", want: 0, known: true},
		{text: "100.0", want: 100, known: true},
		{text: "72.5", want: 72.5, known: true},
		{text: "72,5", format: truce.NumberEU, want: 72.5, known: true},
		{text: "-0", want: 0, known: true},
		{text: "9.3e-05", want: 9.3e-05, known: true}, // as programs write small probabilities
		{text: "8.25E+1", want: 82.5, known: true},
		{text: "1e-400", want: 0, known: true},
		{text: "1e3", fault: `"1e3" is not a number from 0 to 100`},
		{text: "1e", fault: `"1e" is not a number from 0 to 100`},
		{text: "0x1p3", fault: `"0x1p3" is not a number from 0 to 100`},
		{text: "1_0e1", fault: `"1_0e1" is not a number from 0 to 100`},
		{text: "inf", fault: `"inf" is not a number from 0 to 100`},
		{text: "abc", fault: `"abc" is not a number from 0 to 100`},
		{text: "101", fault: `"101" is not a number from 0 to 100`},
		{text: "-1", fault: `"-1" is not a number from 0 to 100`},
		{text: "85%", fault: `"85%" is not a number from 0 to 100`},
		{text: "NaN", fault: "is not a number from 0 to 100"},
		{text: "72,5", fault: "--number eu"},
	} {
		got, known, err := ParseScore(c.text, c.format)
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%q: got %v, want %s", c.text, err, c.fault)
			}
			continue
		}
		if err != nil || got != c.want || known != c.known {
			t.Errorf("%q: got %v %v %v", c.text, got, known, err)
		}
	}
}

func TestRatings(t *testing.T) {
	for text, want := range map[string]int{"good": 3, " Fair ": 2, "1": 1, "3.0": 3, "2.00": 2, "2.5": 0, "4": 0, "3.": 3, ".0": 0, "": 0} {
		if got, err := ParseRating(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: got %d, %v, want %d", text, got, err, want)
		}
	}
}

func TestChoices(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Won", "won"}, {" SQL ", "sql"}, {"Closed", `!"Closed" is not one of accepted, rejected, sql, opportunity, won, lost, recycled`},
		{"oportunity", "did you mean opportunity?"}, {"", "there is no value"},
	} {
		got, err := ParseStatus(c.text)
		if err != nil {
			got = "!" + err.Error()
		}
		if got != c.want && !(err != nil && strings.Contains(got, c.want)) {
			t.Errorf("%q: got %s, want %s", c.text, got, c.want)
		}
	}
	for text, want := range map[string]int{"good": 3, "Fair": 2, "POOR": 1, "3": 3, "2": 2, "1": 1, "4": 0, "ok": 0} {
		if got, err := ParseRating(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("rating %q: got %d, %v", text, got, err)
		}
	}
}

func TestEmails(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "",
		"ann@example.com":                   "ann@example.com",
		" Ann@Example.com ":                 "Ann@Example.com",
		"mailto:ann@example.com":            "ann@example.com",
		"Ann O <ann@example.com>":           "ann@example.com",
		"a@x.com, b@y.com":                  "a@x.com",
		"a@x.com;b@y.com":                   "a@x.com",
		"o'neil+x@sub.example.co":           "o'neil+x@sub.example.co",
		"jürgen@müller.de":                  "jürgen@müller.de",
		"ann":                               "!",
		"ann@":                              "!",
		"@x.com":                            "!",
		"a@b@c.com":                         "!",
		"a b@x.com":                         "!",
		"a@.com":                            "!",
		"a@x..com":                          "!",
		"a@x.com\x00":                       "!",
		strings.Repeat("a", 250) + "@x.com": "!",
	} {
		got, err := ParseEmail(text)
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%q: got %q %v, want %q", text, got, err, want)
		}
	}
}

func TestAmountsSayWhyInThisPackagesReasons(t *testing.T) {
	_, _, _, err := ParseAmount("1,234", "USD", truce.NumberPlain)
	if reason, text := reasonOf(err, ""); reason != ReasonAmount || !strings.Contains(text, "--number us") {
		t.Errorf("got %q %q", reason, text)
	}
}
