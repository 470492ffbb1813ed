package truce

import (
	"strings"
	"time"
)

// The settings by which a person gets digests and messages, or does not.
const (
	PrefDigest = "digest." // + kind (leads, weekly, mine, monthly): "on" subscribes, "off" pauses; "" is what the kind does by itself
	PrefQuiet  = "quiet"   // Quiet hours in which Truce starts nothing
)

// Quiet is hours of the day in which a person wants peace, in minutes after midnight on their own clock. They may reach over
// midnight. The zero Quiet is none.
type Quiet struct{ From, To int }

// ParseQuiet reads "18:00-08:00".
func ParseQuiet(s string) (Quiet, error) {
	a, b, ok := strings.Cut(s, "-")
	from, err1 := ParseMinutes(strings.TrimSpace(a))
	to, err2 := ParseMinutes(strings.TrimSpace(b))
	if !ok || err1 != nil || err2 != nil || from%1440 == to%1440 {
		return Quiet{}, Errorf(Invalid, "%q is not hours such as 18:00-08:00.", s)
	}
	return Quiet{from % 1440, to % 1440}, nil
}

// Until is when the peace around t ends, in t's own zone; ok is false where t is outside of it.
func (q Quiet) Until(t time.Time) (end time.Time, ok bool) {
	now := t.Hour()*60 + t.Minute()
	day := DateOf(t)
	switch {
	case q == Quiet{}:
		return t, false
	case q.From < q.To && now >= q.From && now < q.To, q.From > q.To && now < q.To:
		return day.At(q.To, t.Location()), true
	case q.From > q.To && now >= q.From:
		return day.Add(1).At(q.To, t.Location()), true
	}
	return t, false
}
