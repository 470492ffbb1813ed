package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

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
		l.bar = progressbar.NewOptions64(size, progressbar.OptionSetWriter(p.stderr), progressbar.OptionSetPredictTime(true),
			progressbar.OptionFullWidth(),
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
	if err != nil || info.Mode()&os.ModeCharDevice == 0 || info.Mode()&os.ModeDevice == 0 {
		return false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	return err == nil && width > 0 // some say that they are nothing wide
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
	fmt.Fprintf(&b, "%s: %d new, %d changed, %d unchanged, %d rejected\n", s.Kind.Counted(s.Rows), s.Added, s.Changed, s.Unchanged, s.Rejected)
	for _, r := range s.ByReason() {
		fmt.Fprintf(&b, "  rejected, %s: %d\n", r, s.Reasons[r])
	}
	if s.Reasons[sheet.ReasonChoice] > 0 {
		fmt.Fprintln(&b, `  where a word of yours means one of ours, say so: --value "status:Parked=recycled"`)
	}
	if s.Waiting > 0 {
		fmt.Fprintf(&b, "  waiting for their leads, and tried again with each run: %d\n", s.Waiting)
	}
	if n := s.Nothing - s.NotYet; n > 0 { // those that are not there yet have a line of their own
		fmt.Fprintf(&b, "  %s: %s\n", oneOr(n, "1 row says nothing that counts", "%d rows say nothing that counts"), nothing(s.Kind))
	}
	if s.Merged > 0 {
		fmt.Fprintf(&b, "  %d merged into others, as the file says: each counts once\n", s.Merged)
	}
	if s.NotYet > 0 {
		fmt.Fprintf(&b, "  %s of this stage is empty\n", oneOr(s.NotYet, "1 row is not there yet: its date",
			"%d rows are not there yet: their date"))
	}
	b.WriteString(takenText(s.Taken))
	for _, c := range s.Columns {
		if c.Words != "" {
			fmt.Fprintf(&b, "  the column %s is not read as %s: none of its words is one (%s); where it is one, say what they mean: --value %s\n",
				oneLine(c.Column), c.Field,
				oneLine(c.Words), sheet.ShellPair(c.Field+":"+strings.Split(c.Words, ", ")[0], "good"))
			continue
		}
		fmt.Fprintf(&b, "  %s rejected for the column %s, which was read as %s by its name: --map %s= leaves it out\n", rows(c.Rejected),
			oneLine(c.Column), c.Field, c.Field)
	}
	if s.Rounded > 0 {
		one := "1 amount has more decimals than its currency and was rounded (--exact rejects it instead)"
		fmt.Fprintf(&b, "  %s\n", oneOr(s.Rounded, one, "%d amounts have more decimals than their currency and were rounded (--exact rejects "+
			"them instead)"))
	}
	for _, f := range s.Future {
		have := "have"
		if f.Rows == 1 {
			have = "has"
		}
		fmt.Fprintf(&b, "  %s: %s %s a date that has not come yet, the latest %s in line %d; taken as it stands\n", oneLine(f.Column),
			rows(f.Rows), have, f.Last.Format("2006-01-02"), f.Line)
	}
	if len(s.Owners) > 0 {
		fmt.Fprintf(&b, "  owners whom Truce does not know by e-mail address: %s\n", named(s.Owners))
	}
	return b.String()
}

// takenText lists what the file's words were taken for, each field's most frequent first, those without a rule before the others.
func takenText(list []intake.Taken) string {
	const most = 20
	var b strings.Builder
	for _, noRule := range []bool{true, false} {
		told, more := 0, 0
		for _, t := range list {
			if t.NoRule != noRule {
				continue
			}
			if told++; told > most {
				more++
				continue
			}
			fmt.Fprintf(&b, "  %s: %s as %s", oneLine(t.Word), rows(t.Rows), t.As)
			switch {
			case t.NoRule:
				fmt.Fprintf(&b, " (no rule for it); if it means something else: --value %s", sheet.ShellPair(t.Field+":"+t.Word, "won"))
			case t.By != "":
				fmt.Fprintf(&b, " (by %s)", oneLine(t.By))
			}
			b.WriteByte('\n')
		}
		if more > 0 {
			fmt.Fprintf(&b, "  and %d words more\n", more)
		}
	}
	return b.String()
}

func rows(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// oneOr is a sentence about one, or about as many as there are.
func oneOr(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, n)
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
