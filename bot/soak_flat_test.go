package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// This file is the part of the soak that looks at what the bot holds while it lives on.

// heldAt is what the bot holds at a moment.
type heldAt struct {
	at                        time.Duration
	memory, files, goroutines float64 // kB
}

// live lets the bot live on without a kill, and holds that memory, descriptors and goroutines stay what they were after a tenth of
// the time, and after minutes that they are what a bot holds that has just started with the same data.
func (s *soak) live(whole time.Duration) {
	if whole <= 0 {
		return
	}
	began := time.Now()
	var first heldAt
	var later []heldAt
	for since := time.Duration(0); since < whole; since = time.Since(began) {
		time.Sleep(min(10*time.Second, whole/20))
		h := s.holds()
		if h.at = since; since < whole/10 {
			first.memory, first.files, first.goroutines = max(first.memory, h.memory), max(first.files, h.files), max(first.goroutines, h.goroutines)
			continue
		}
		later = append(later, h)
		if h.memory > first.memory*3/2+20_000 || h.files > first.files+50 || h.goroutines > first.goroutines+50 {
			s.t.Errorf("after %v the bot holds %+v; in the first tenth of the time %+v", since, h, first)
			return
		}
	}
	last := later[len(later)-1]
	s.t.Logf("%v: in the first tenth at most %.0f kB, %.0f descriptors, %.0f goroutines; in the end %.0f, %.0f, %.0f", whole, first.memory,
		first.files, first.goroutines, last.memory, last.files, last.goroutines)
	if whole < 5*time.Minute { // a slope of seconds says nothing
		return
	}
	of := func(get func(heldAt) float64) float64 { return slope(later, get) * float64(time.Hour) }
	s.t.Logf("by the hour %+.0f kB, %+.1f descriptors, %+.1f goroutines, with all that was written",
		of(func(h heldAt) float64 { return h.memory }), of(func(h heldAt) float64 { return h.files }),
		of(func(h heldAt) float64 { return h.goroutines }))
	// What grows with what was written is there again after a start: the index of texts. What is not there again was never given back.
	s.kill()
	time.Sleep(time.Minute)
	anew := s.holds()
	s.t.Logf("a minute after a start with the same data %.0f kB, %.0f descriptors, %.0f goroutines", anew.memory, anew.files, anew.goroutines)
	if last.memory > anew.memory*5/4+10_000 || last.files > anew.files+20 || last.goroutines > anew.goroutines+20 {
		s.t.Errorf("after %v the bot holds %+v, after a start with the same data %+v", whole, last, anew)
	}
}

// slope is by how much a figure grows in a nanosecond: the line of least squares.
func slope(list []heldAt, get func(heldAt) float64) float64 {
	var n, x, y, xx, xy float64
	for _, h := range list {
		n, x, y, xx, xy = n+1, x+float64(h.at), y+get(h), xx+float64(h.at)*float64(h.at), xy+float64(h.at)*get(h)
	}
	if d := n*xx - x*x; d != 0 {
		return (n*xy - x*y) / d
	}
	return 0
}

// holds asks the system, and the bot's own figures, what the bot holds.
func (s *soak) holds() (h heldAt) {
	dir := fmt.Sprintf("/proc/%d/", s.bot.cmd.Process.Pid)
	status, err := os.ReadFile(dir + "status")
	if err != nil {
		s.t.Skip("there is no /proc to read the bot's memory from")
	}
	for line := range strings.Lines(string(status)) {
		fmt.Sscanf(line, "VmRSS: %f kB", &h.memory)
	}
	open, _ := os.ReadDir(dir + "fd")
	h.files = float64(len(open))
	if m := regexp.MustCompile(`msg=metrics listen=(\S+)`).FindStringSubmatch(s.bot.log.String()); m != nil {
		h.goroutines = figure(scrape(s.t, m[1]), "go_goroutines")
	}
	return h
}

// beside_ is what goes on beside the bot all the while: lists are imported, digests read, backups made, the sums counted anew.
func (s *soak) beside_(ctx context.Context) {
	dir := filepath.Dir(s.db)
	if err := os.Mkdir(filepath.Join(dir, "kept"), 0o700); err != nil {
		s.t.Error(err)
		return
	}
	for i := 0; ctx.Err() == nil; i++ {
		list := filepath.Join(dir, "leads.csv")
		var b strings.Builder
		b.WriteString("id,mql_at,email,source\n")
		for n := range 50 {
			fmt.Fprintf(&b, "soak%d,2026-01-%02d,p%d@x.example,Fair %d\n", n+50*(i%20), 1+n%28, n, i%3)
		}
		if err := os.WriteFile(list, []byte(b.String()), 0o600); err != nil {
			s.t.Error(err)
			return
		}
		args := [][]string{{"import", "leads", list}, {"digest", "weekly"}, {"digest", "leads"},
			{"backup", "--keep", "2", filepath.Join(dir, "kept")}, {"rebuild"}}[i%5]
		cmd := exec.CommandContext(ctx, truceBinary(s.t), args...)
		cmd.Env = s.env
		if out, err := cmd.CombinedOutput(); err != nil && ctx.Err() == nil {
			s.t.Errorf("truce %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		select {
		case <-ctx.Done():
		case <-time.After(3 * time.Second):
		}
	}
}
