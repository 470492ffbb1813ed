package truce_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"truce"
)

// TestARefusalReadsItsReadersClock: a moment in a sentence stands in the zone of whoever reads it, with its day where that is another one
// there.
func TestARefusalReadsItsReadersClock(t *testing.T) {
	zone := func(name string) *time.Location {
		t.Helper()
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return loc
	}
	now := time.Date(2026, 11, 30, 17, 30, 0, 0, time.UTC)
	at := func(hours int) truce.ClockTime {
		return truce.ClockTime{At: now.Add(time.Duration(-hours) * time.Hour), Now: now, Loc: zone("Europe/Berlin")}
	}
	beneath := errors.New("beneath")
	refused := func(at truce.ClockTime) error {
		return fmt.Errorf("decide: %w", truce.Errorf(truce.Conflict, "Already declined by %s %s: see 100 %%.%w", "Marketing", at, beneath))
	}
	for _, c := range []struct {
		name, want string
		err        error
		reader     *time.Location
	}{
		{"the company's zone where the reader's is not known", "Already declined by Marketing at 15:30: see 100 %.beneath", refused(at(3)), nil},
		{"six hours behind", "Already declined by Marketing at 09:30: see 100 %.beneath", refused(at(3)), zone("America/New_York")},
		{"yesterday in Berlin", "Already declined by Marketing on Sun 29 Nov, 20:30: see 100 %.beneath", refused(at(22)), zone("Europe/Berlin")},
		{"today for one, yesterday for another", "Already declined by Marketing on Mon 30 Nov, 23:30: see 100 %.beneath", refused(at(3)),
			zone("Asia/Tokyo")},
		{"no moment in it", "No such case.", truce.Errorf(truce.NotFound, "No such case."), zone("Asia/Tokyo")},
		{"nothing to tell a person", "", beneath, zone("Asia/Tokyo")},
	} {
		if got := truce.SentenceIn(c.err, c.reader); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if err := refused(at(3)); !errors.Is(err, beneath) || truce.KindOf(err) != truce.Conflict {
		t.Errorf("%v is no conflict, or hides what lies beneath", err)
	}
}
