package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"

	"truce/handlers/intake"
	"truce/handlers/intake/sheet"
)

// This file is what an import says while it runs and in the end.

// countingReader counts what was read of a file.
type countingReader struct {
	r io.Reader
	n atomic.Int64
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// importListener tells the person at the terminal.
type importListener struct {
	w       io.Writer
	rejects *rejectsFile // nil: none are kept
	read    *countingReader
	now     func() time.Time
	start   time.Time
	told    time.Time
	bar     *progressbar.ProgressBar // nil where stderr is no terminal
}

// tellEvery is how often progress is said where no bar can be drawn.
const tellEvery = 10 * time.Second

func newImportListener(p *program, rejects *rejectsFile, read *countingReader, size int64) *importListener {
	l := &importListener{w: p.stderr, rejects: rejects, read: read, now: p.now, start: p.now(), told: p.now()}
	if size > 0 && terminal(p.stderr) {
		l.bar = progressbar.NewOptions64(size, progressbar.OptionSetWriter(p.stderr), progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetDescription("import"))
	}
	return l
}

// terminal reports whether w is a screen that a line can be redrawn on.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && info.Mode()&os.ModeDevice != 0
}

func (l *importListener) Rejected(row sheet.Row, bad *sheet.Bad) error {
	if l.bar != nil {
		l.bar.Clear()
	}
	if _, err := fmt.Fprintf(l.w, "import: %s\n", oneLine(bad.Error())); err != nil {
		return err
	}
	if l.rejects == nil {
		return nil
	}
	return l.rejects.add(row)
}

// Progress redraws the bar, or says a line now and then.
func (l *importListener) Progress(s intake.Summary) {
	if l.read == nil {
		return
	}
	now := l.now()
	rate := float64(s.Rows) / max(now.Sub(l.start).Seconds(), 0.001)
	switch {
	case l.bar != nil:
		l.bar.Describe(fmt.Sprintf("%d rows, %.0f/s", s.Rows, rate))
		l.bar.Set64(min(l.read.n.Load(), l.bar.GetMax64()-1))
	case now.Sub(l.told) >= tellEvery:
		l.told = now
		fmt.Fprintf(l.w, "import: %d rows so far, %.0f a second\n", s.Rows, rate)
	}
}

func (l *importListener) done() {
	if l.bar != nil {
		l.bar.Finish()
	}
}

// oneLine keeps outside text from breaking the line or steering the terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

// summaryText is what became of the rows, for stdout.
func summaryText(s intake.Summary) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s: %d new, %d changed, %d unchanged, %d rejected\n", s.Rows, s.Kind, s.Added, s.Changed, s.Unchanged, s.Rejected)
	for _, r := range s.ByReason() {
		fmt.Fprintf(&b, "  rejected, %s: %d\n", r, s.Reasons[r])
	}
	if s.Reasons[sheet.ReasonChoice] > 0 {
		fmt.Fprintln(&b, `  where a word of yours means one of ours, say so: --value "status:Parked=recycled"`)
	}
	if s.Nothing > 0 {
		fmt.Fprintf(&b, "  %d rows say nothing that counts: %s\n", s.Nothing, nothing(s.Kind))
	}
	for _, l := range []struct {
		what string
		list []intake.Named
	}{{"deals taken as open, by their stage", s.OpenIn}, {"owners whom Truce does not know by e-mail address", s.Owners}} {
		if len(l.list) > 0 {
			fmt.Fprintf(&b, "  %s: %s\n", l.what, named(l.list))
		}
	}
	return b.String()
}

// named are the first few names, with their rows.
func named(list []intake.Named) string {
	const most = 5
	names := make([]string, 0, most)
	for _, o := range list[:min(len(list), most)] {
		names = append(names, fmt.Sprintf("%s (%d)", oneLine(o.Name), o.Rows))
	}
	text := strings.Join(names, ", ")
	if n := len(list); n > most {
		text += fmt.Sprintf(" and %d more", n-most)
	}
	return text
}

// nothing is why a sound row of a kind may bring nothing.
func nothing(k sheet.Kind) string {
	if k == sheet.Touches {
		return "automatic mail, tasks and notes are no touches"
	}
	return "nothing has come of their lead yet"
}
