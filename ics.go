package truce

import (
	"fmt"
	"strings"
	"time"
)

// ICS is the series' meetings of the year after asOf as an iCalendar file (RFC 5545), one event each: so holidays on which one moves,
// and the changes of the clock, are right in every calendar program without a table of time zones. The same series, calendar and
// moment give the same bytes. cancelled are the beginnings of those that do not take place.
func (s MeetingSeries) ICS(cal Calendar, asOf time.Time, cancelled []time.Time) string {
	var b strings.Builder
	line := func(name, value string) {
		l := name + ":" + value
		for len(l) > 75 { // octets; a rune is not cut
			n := 75
			for n > 0 && l[n]&0xC0 == 0x80 {
				n--
			}
			b.WriteString(l[:n] + "\r\n")
			l = " " + l[n:]
		}
		b.WriteString(l + "\r\n")
	}
	stamp := func(t time.Time) string { return t.UTC().Format("20060102T150405Z") }
	text := strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace
	line("BEGIN", "VCALENDAR")
	line("VERSION", "2.0")
	line("PRODID", "-//Truce//Task force//EN")
	line("CALSCALE", "GREGORIAN")
	line("METHOD", "PUBLISH")
	line("X-WR-CALNAME", text(s.Name))
	off := map[int64]bool{}
	for _, t := range cancelled {
		off[t.UnixMilli()] = true
	}
	length := s.Length
	if length == 0 {
		length = MeetingLength
	}
	for at, ok := s.Next(cal, asOf); ok && at.Before(asOf.AddDate(1, 0, 0)); at, ok = s.Next(cal, at) {
		line("BEGIN", "VEVENT")
		line("UID", fmt.Sprintf("%s-%s@truce", s.ID, cal.Date(at)))
		line("DTSTAMP", stamp(s.CreatedAt))
		line("DTSTART", stamp(at))
		line("DTEND", stamp(at.Add(time.Duration(length)*time.Minute)))
		line("SUMMARY", text(s.Name))
		line("DESCRIPTION", text("Truce posts the agenda the day before: at most three to decide, four to discuss, the rest to read."))
		if off[at.UnixMilli()] {
			line("STATUS", "CANCELLED")
			line("SEQUENCE", "1")
		}
		line("END", "VEVENT")
	}
	line("END", "VCALENDAR")
	return b.String()
}
