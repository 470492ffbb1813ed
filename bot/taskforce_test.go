package main

import (
	"strings"
	"testing"
)

func TestTaskForceOnTheCommandLine(t *testing.T) {
	s := newShell(t)
	for _, step := range []struct {
		args   string
		status int
		says   string
	}{
		{"taskforce ics", exitUsage, "truce taskforce start"},
		{"taskforce start --day someday", exitUsage, "write a day of the week"},
		{"taskforce start --day thursday --at noon", exitUsage, "write the time as 10:00"},
		{"taskforce start --day thursday --member nobody@example.com", exitUsage, "nobody"},
		{"taskforce start --day thursday", exitOK, "Task force begins: TF-1"},
		{"taskforce start --day friday", exitUsage, "give this one another --name"},
		{"taskforce start --name Review --every month --day tuesday --week last --at 15:30", exitOK, "Review begins: TF-2"},
		{"taskforce agenda --series review --format json", exitOK, `"series": "Review"`},
		{"taskforce ics --series Review", exitOK, "BEGIN:VEVENT"},
	} {
		status, out, errs := s.run(strings.Fields(step.args)...)
		if status != step.status || !strings.Contains(out+errs, step.says) {
			t.Errorf("truce %s: status %d, want %d with %q:\n%s%s", step.args, status, step.status, step.says, out, errs)
		}
	}
}
