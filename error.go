// Package truce is the domain: leads and what became of them, objections and their answers, disputes and their clocks, the
// people of both sides and what each may do. It knows no SQL, no chat platform and no clock; time comes in as a parameter.
package truce

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Kind is what an error means to the one who caused it.
type Kind string

// The kinds. Internal is every error that is not an *Error.
const (
	Internal  Kind = "internal"
	Invalid   Kind = "invalid"   // what was said cannot be: say it differently
	NotFound  Kind = "not found" // there is no such thing
	Forbidden Kind = "forbidden" // there is, but not for this person
	Conflict  Kind = "conflict"  // somebody or something was faster; nothing changed
)

// Error is a failure that a person can do something about. Its text is a sentence shown as it is, with the next step in it.
type Error struct {
	Kind Kind
	Text string
	Err  error // what lies beneath; for the log, never shown

	format string // with args, where a moment among them reads otherwise in another zone
	args   []any
}

// ClockTime is a moment in a sentence: "at 15:04", or on another day than Now "on Mon 2 Jan, 15:04". It stands in the zone Loc, or in the
// reader's: see SentenceIn.
type ClockTime struct {
	At, Now time.Time
	Loc     *time.Location
}

// String is the moment as it reads.
func (c ClockTime) String() string {
	at := c.At.In(c.Loc)
	if DateOf(at) == DateOf(c.Now.In(c.Loc)) {
		return "at " + at.Format("15:04")
	}
	return "on " + at.Format("Mon 2 Jan, 15:04")
}

func (e *Error) Error() string { return e.Text }
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error of a kind. A %w in format is kept for the log.
func Errorf(k Kind, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	e := &Error{Kind: k, Text: err.Error(), Err: errors.Unwrap(err)}
	if slices.ContainsFunc(args, func(a any) bool { _, ok := a.(ClockTime); return ok }) {
		e.format, e.args = format, args
	}
	return e
}

// KindOf is the kind of the first *Error in err's chain, Internal where there is none, "" for nil.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Kind
	default:
		return Internal
	}
}

// Sentence is what a person is shown of err: the text of its *Error, "" where it holds none.
func Sentence(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Text
	}
	return ""
}

// SentenceIn is Sentence with its moments in the zone of its reader; nil leaves them in the company's.
func SentenceIn(err error, zone *time.Location) string {
	var e *Error
	if zone == nil || !errors.As(err, &e) || e.format == "" {
		return Sentence(err)
	}
	args := slices.Clone(e.args)
	for i, a := range args {
		if c, ok := a.(ClockTime); ok {
			c.Loc = zone
			args[i] = c
		}
	}
	return fmt.Errorf(e.format, args...).Error()
}
