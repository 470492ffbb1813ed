// Package schedules does what time asks for: it says when something is due, runs jobs, watches over promises and asks
// Marketing for answers. A job computes in a View of the store and claims its run in one Update, so that it happens once and is
// not lost by a restart. The package knows no chat platform, and nothing of what people ask for (package handlers); the time
// comes from an injected clock. Reports are made in its folder digests, messages leave by its folder delivery.
package schedules

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"truce"
)

// Spec is a cron line on a place's wall clock: "0 9 * * 1" is Monday at nine there, in summer and in winter. A time that
// the change to summer time skips is due at the moment of the change, one that the change back shows twice at its first
// showing, so every local day has exactly its runs. The zero Spec is never due.
//
// The parser and the search are robfig/cron's, on a clock face without jumps; by itself that library skips 02:30 on the
// spring day, runs it twice on the autumn day and, where the change is half an hour, misses its own line.
type Spec struct {
	line string
	face *cron.SpecSchedule // in UTC, which stands in for the place's clock face
	loc  *time.Location
}

// longest is the most we read of a cron line, in bytes.
const longest = 200

// Parse reads a cron line of five fields (minute, hour, day of the month, month, day of the week with Sunday as 0) or one
// of @hourly, @daily, @weekly, @monthly, @yearly. It refuses what would surprise: a zone inside the line, @every (it
// drifts with each restart), steps beyond their field, days that never come. The errors are for the person who wrote the
// line. A nil loc is UTC.
func Parse(line string, loc *time.Location) (Spec, error) {
	if loc == nil {
		loc = time.UTC
	}
	line = strings.TrimSpace(line)
	switch {
	case len(line) > longest:
		return Spec{}, fmt.Errorf("longer than %d characters", longest)
	case strings.Contains(line, "TZ="): // its parser panics on some of these
		return Spec{}, fmt.Errorf("%q: a time zone does not belong here, it has its own key", line)
	case strings.HasPrefix(line, "@every"):
		return Spec{}, fmt.Errorf("%q: @every is not supported, write a time such as %q (Mondays at nine)", line, "0 9 * * 1")
	}
	if err := checkSteps(line); err != nil {
		return Spec{}, fmt.Errorf("%q: %w", line, err)
	}
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor).Parse(line)
	if err != nil {
		return Spec{}, fmt.Errorf("%q is not a cron line such as %q (minute, hour, day, month, weekday; Sunday is 0): %w", line, "0 9 * * 1", err)
	}
	face, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return Spec{}, fmt.Errorf("%q is not supported, write a time such as %q", line, "0 9 * * 1")
	}
	face.Location = time.UTC
	s := Spec{line, face, loc}
	if s.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Spec{}, fmt.Errorf("%q never comes", line)
	}
	return s, nil
}

// checkSteps refuses "*/70" minutes, which the parser reads as "once an hour".
func checkSteps(line string) error {
	most := []int{59, 23, 31, 12, 6}
	for i, field := range strings.Fields(line) {
		if i >= len(most) {
			break // the parser counts the fields
		}
		for part := range strings.SplitSeq(field, ",") {
			if _, step, ok := strings.Cut(part, "/"); ok {
				if n, err := strconv.Atoi(step); err == nil && n > most[i] {
					return fmt.Errorf("the step /%d is more than the field's greatest value, %d", n, most[i])
				}
			}
		}
	}
	return nil
}

// String is the line as it was written.
func (s Spec) String() string { return s.line }

// IsZero reports whether s is the zero Spec, that of a schedule which is switched off.
func (s Spec) IsZero() bool { return s.face == nil }

// Next is the first due moment after t, in the place's zone; the zero time for the zero Spec.
func (s Spec) Next(t time.Time) time.Time {
	if s.IsZero() {
		return time.Time{}
	}
	t = t.In(s.loc)
	for face := truce.Face(t); ; {
		if face = s.nextFace(face); face.IsZero() {
			return face
		}
		if at := truce.OnWall(face, s.loc); at.After(t) {
			return at
		}
	}
}

// nextFace asks the library once more where it gives up after five years: around 2100 eight years pass between two 29ths
// of February, the longest wait a cron line can ask for.
func (s Spec) nextFace(face time.Time) time.Time {
	for range 2 {
		if next := s.face.Next(face); !next.IsZero() {
			return next
		}
		face = face.AddDate(5, 0, 0)
	}
	return time.Time{}
}

// Due is what was missed: the due moments after last and not after now, oldest first, of these only the newest n. However
// long ago last was (the zero time for "never ran"), the work stays bounded, because it looks back from now.
func (s Spec) Due(last, now time.Time, n int) []time.Time {
	if s.IsZero() || n <= 0 || !last.Before(now) {
		return nil
	}
	for back := time.Duration(min(n, 1e6)) * time.Minute; ; back *= 2 {
		from := now.Add(-back)
		if from.Before(last) {
			from = last
		}
		var due []time.Time
		for at := s.Next(from); !at.IsZero() && !at.After(now); at = s.Next(at) {
			if due = append(due, at); len(due) > n {
				due = due[1:]
			}
		}
		if len(due) == n || from.Equal(last) || back > maxBack {
			return due
		}
	}
}

// maxBack keeps the doubling in Due from running over; a century ago nothing was due.
const maxBack = 100 * 366 * 24 * time.Hour
