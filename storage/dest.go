package storage

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// This file alone knows how a destination and the key of a message are written, in Go and in SQL: "person:P-1", "channel:disputes",
// "channel:disputes@slack:T1:C2", "thread:channel:disputes|dispute:D-12", "place:{...}". Databases hold them so.

// Dest is where a message goes.
type Dest string

const (
	toPerson  = "person:"
	toChannel = "channel:"
	toThread  = "thread:"
	toPlace   = "place:"
	inPlace   = "@"
	below     = "|"
)

// ToPerson is a person, wherever they can be reached.
func ToPerson(id string) Dest { return Dest(toPerson + id) }

// ToChannel is a channel of the configuration: disputes, digests, alignment, objections. Where it is not configured, the
// message goes to the people concerned.
func ToChannel(name string) Dest { return Dest(toChannel + name) }

// ToPlace is a place as JSON of a chat.Place.
func ToPlace(place any) Dest { return Dest(toPlace + asJSON(place)) }

// ToThread is the thread below the message of a subject.
func ToThread(above Dest, s Subject) Dest { return Dest(toThread + string(above) + below + string(s)) }

// In is one of the places of a channel (or of a thread in it) that has several.
func (d Dest) In(place string) Dest {
	if above, s, ok := d.Thread(); ok {
		return ToThread(above.In(place), s)
	}
	return d + Dest(inPlace+place)
}

// Person is the person it goes to.
func (d Dest) Person() (id string, ok bool) { return d.cut(toPerson) }

// cut is what stands behind a prefix, "" where it has another.
func (d Dest) cut(prefix string) (rest string, ok bool) {
	if rest, ok = strings.CutPrefix(string(d), prefix); !ok {
		return "", false
	}
	return rest, true
}

// Channel is the channel of the configuration it goes to, and where that has several places, in which of them.
func (d Dest) Channel() (name, place string, ok bool) {
	rest, ok := d.cut(toChannel)
	name, place, _ = strings.Cut(rest, inPlace)
	return name, place, ok
}

// Thread is what its thread hangs on.
func (d Dest) Thread() (above Dest, s Subject, ok bool) {
	rest, ok := d.cut(toThread)
	to, subject, _ := strings.Cut(rest, below)
	return Dest(to), Subject(subject), ok
}

// Place reads the place it goes to into a chat.Place.
func (d Dest) Place(into any) (ok bool, err error) {
	rest, ok := d.cut(toPlace)
	if !ok {
		return false, nil
	}
	if err := json.Unmarshal([]byte(rest), into); err != nil {
		return true, fmt.Errorf("read the place %s: %w", rest, err)
	}
	return true, nil
}

// IsPlace reports whether it is a place, which says more than may be logged.
func (d Dest) IsPlace() bool { return strings.HasPrefix(string(d), toPlace) }

// threads is where the destinations of all threads in a destination begin and end, in their order.
func (d Dest) threads() (from, to string) {
	return toThread + string(d) + below, toThread + string(d) + string(rune(below[0]+1))
}

// The same in SQL, of a column dest.
const (
	// laneOf is the destination with that of its thread, if it is one.
	laneOf = `CASE WHEN dest LIKE '` + toThread + `%' THEN substr(dest, length('` + toThread + `') + 1, instr(dest, '` + below +
		`') - length('` + toThread + `') - 1) ELSE dest END`

	isPerson  = `dest GLOB '` + toPerson + `*'`
	isChannel = `dest GLOB '` + toChannel + `*'`
	isPlace   = `dest GLOB '` + toPlace + `*'`
	personOf  = `substr(dest, length('` + toPerson + `') + 1)`
	placeOf   = `substr(dest, length('` + toPlace + `') + 1)`
	person1   = `'` + toPerson + `' || ?1` // ToPerson of the first and second parameter
	person2   = `'` + toPerson + `' || ?2`
)

// FannedOut is the key of a message in one of the places of its channel, BeforeFanOut the key it had.
func FannedOut(key string, to Dest) string { return key + inPlace + string(to) }

// BeforeFanOut is the same for a message in each place of a channel.
func BeforeFanOut(key string) string {
	before, _, _ := strings.Cut(key, inPlace+toChannel)
	return before
}

const digestKey = "digest:"

// DigestKey is the key of a digest for a reader; DigestOf tells which digest it is.
func DigestKey(kind string, due time.Time, to Dest) string {
	return fmt.Sprintf("%s%s:%d>%s", digestKey, kind, due.UnixMilli(), to)
}

// DigestOf is the kind of the digest whose message has the key.
func DigestOf(key string) (kind string, ok bool) {
	rest, ok := strings.CutPrefix(key, digestKey)
	kind, _, more := strings.Cut(rest, ":")
	return kind, ok && more
}
