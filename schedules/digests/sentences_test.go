package digests_test

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/schedules/stats"
	"truce/storage"
)

// TestEverySentenceIsTrue reads every sentence of every digest of invented companies and holds its words against the rows: a headline's
// names and shares, "below", "all else", "none", "since", counts. A sentence that no template knows fails too: who writes one says here
// what makes it true.
func TestEverySentenceIsTrue(t *testing.T) {
	seeds := uint64(40)
	if testing.Short() {
		seeds = 7
	}
	seen := make([]int, len(templates))
	for seed := range seeds {
		newWorld(t, seed, plan{name: fmt.Sprint("seed ", seed)}).hold(t, seen)
	}
	if testing.Short() {
		return
	}
	for i, p := range plans {
		newWorld(t, 1000+uint64(i), p).hold(t, seen)
	}
	for i, tt := range templates {
		if !tt.rare && seen[i] == 0 {
			t.Errorf("no digest says %s: nothing was tested", tt.re)
		}
	}
}

// hold reads the digests of a company, and of the Mondays before its last where its plan says so.
func (w *world) hold(t *testing.T, seen []int) {
	t.Helper()
	for back := range w.looks + 1 {
		for _, kind := range []string{digests.LeadsDigest, digests.WeeklyDigest, digests.MonthlyDigest} {
			if back > 0 && kind == digests.MonthlyDigest {
				continue
			}
			c := &reading{world: w, kind: kind, asOf: w.now.AddDate(0, 0, -7*back), ctx: t.Context()}
			w.read(t, func(tx *storage.Tx) (err error) {
				if c.study, err = maker().Whole(tx, digests.Query{Kind: kind, AsOf: c.asOf}); err != nil || c.study.Empty() {
					return err
				}
				card := maker().WithFigures(&c.study)
				c.source = headlined.FindString(card.Title.String())
				for _, text := range sentencesOf(card) {
					if err := c.parse(text, seen); err != nil {
						t.Errorf("%s, %d weeks back, %s: %v\n\tin: %s", w.name, back, kind, err, text)
					}
				}
				return nil
			})
		}
	}
}

// headlined is the source that a headline names.
var headlined = regexp.MustCompile(`Source \d|\(none\)|$`)

// sentencesOf are the paragraphs of a card, captions too.
func sentencesOf(c chat.Card) (list []string) {
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	add(c.Title.String())
	for _, b := range c.Blocks {
		add(b.Text.String())
		add(b.Note.String())
		if b.Table != nil {
			add("[" + b.Table.Caption + "]")
			for _, row := range b.Table.Rows {
				if strings.HasPrefix(b.Table.Caption, "Promises of ") {
					add(row[0].Text + "|" + row[1].Text + "|" + row[2].Text + "|" + row[3].Text)
				}
			}
		}
		if b.Chart != nil {
			add("[" + b.Chart.Title + "]")
		}
	}
	add(c.Footer.String())
	return list
}

// reading is a digest while its sentences are held against the rows.
type reading struct {
	*world
	kind   string
	asOf   time.Time
	study  digests.Study
	source string // that the headline names
	ctx    context.Context
}

func (w *world) read(t testing.TB, fn func(tx *storage.Tx) error) {
	t.Helper()
	if err := w.store.View(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// parse takes a paragraph apart by the templates and checks each.
func (c *reading) parse(text string, seen []int) error {
	if bad := oneOfMany.FindString(text); bad != "" {
		return fmt.Errorf("%q: one is no plural", bad)
	}
	rest := text
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		best, match := -1, []string(nil)
		for i, tt := range templates {
			if m := tt.compiled.FindStringSubmatch(rest); m != nil && (best < 0 || len(m[0]) > len(match[0])) {
				best, match = i, m
			}
		}
		if best < 0 || match[0] == "" {
			return fmt.Errorf("nothing tests this sentence: %s", rest)
		}
		seen[best]++
		if is := templates[best].is; is != nil {
			if err := is(c, match); err != nil {
				return fmt.Errorf("%s: %w", match[0], err)
			}
		}
		rest = rest[len(match[0]):]
	}
	return nil
}

// period is what the digest is about.
func (c *reading) period() (from, to time.Time) {
	day := c.asOf.Truncate(24 * time.Hour)
	if c.kind == digests.MonthlyDigest {
		to = time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
		return to.AddDate(0, -1, 0), to
	}
	for to = day; to.Weekday() != time.Monday; {
		to = to.AddDate(0, 0, -1)
	}
	return to.AddDate(0, 0, -7), to
}

// trail is the 13 weeks up to the period's end.
func (c *reading) trail() (from, to time.Time) {
	_, to = c.period()
	return to.AddDate(0, 0, -91), to
}

// span reads "the last 13 weeks", "the year to 31 Oct 2026".
func (c *reading) span(s string) (from, to time.Time, err error) {
	_, to = c.period()
	name, end, dated := strings.Cut(s, " to ")
	if dated {
		day, e := time.Parse("2 Jan 2006", end)
		if e != nil {
			return from, to, e
		}
		to = day.AddDate(0, 0, 1)
	}
	switch {
	case strings.HasSuffix(name, "13 weeks"):
		return to.AddDate(0, 0, -91), to, nil
	case strings.HasSuffix(name, "year"):
		return to.AddDate(0, 0, -364), to, nil
	}
	return from, to, fmt.Errorf("what span is %q?", s)
}

// fate is what became of a lead by a moment, by looking at its outcomes one after the other.
type fate struct {
	judged, back, fault, won, lost, open bool
	was                                  bool      // it was sent back, whatever came of it since
	first                                time.Time // of the win
}

func (l worldLead) fate(asOf time.Time) (f fate) {
	f.open = true
	for _, o := range l.outcomes { // as drawn: a verdict, then at most one close
		if o.At.After(asOf) {
			continue
		}
		switch o.Status {
		case truce.Rejected:
			f.judged, f.back, f.was, f.open = true, true, true, false
			f.fault = o.Reason == "wrong-person" || o.Reason == "outside-icp"
		case truce.Accepted:
			f.judged = true
		case truce.Won:
			f.won, f.judged, f.back, f.fault, f.open, f.first = true, true, false, false, false, o.At
		case truce.Lost:
			f.lost, f.judged, f.open = true, true, false
		}
	}
	return f
}

// among counts leads that qualified in [from, to).
func (c *reading) among(from, to time.Time, of func(l worldLead, f fate) (counts, hit bool)) (p stats.Proportion) {
	for _, l := range c.leads {
		if l.MQLAt.Before(from) || !l.MQLAt.Before(to) || l.MQLAt.After(c.asOf) {
			continue
		}
		if counts, hit := of(l, l.fate(c.asOf)); counts {
			if p.N++; hit {
				p.K++
			}
		}
	}
	return p
}

// faultsOnly reports whether only rejections for a source fault count: most of 13 weeks have a reason.
func (c *reading) faultsOnly() bool {
	from, to := c.trail()
	without := c.among(from, to, func(l worldLead, f fate) (bool, bool) {
		return f.back, !slices.ContainsFunc(l.outcomes, func(o truce.Outcome) bool { return o.Reason != "" })
	})
	return !(without.N > 0 && 2*without.K >= without.N)
}

// sentBack is how many of the leads judged that qualified in [from, to) were sent back, of a source and of all others; "" is all.
func (c *reading) sentBack(source string, from, to time.Time, faults bool) (own, others stats.Proportion) {
	of := func(mine bool) stats.Proportion {
		return c.among(from, to, func(l worldLead, f fate) (bool, bool) {
			return f.judged && (truce.SourceName(l.Source) == source) == mine, f.back && (!faults || f.fault)
		})
	}
	return of(true), of(false)
}

// old is when the leads qualified that are old enough to tell, as the footer says, and after how many days.
func (c *reading) old() (from, to time.Time, days int) {
	return c.study.Mature.From, c.study.Mature.To, c.study.Window
}

func (c *reading) bought(source string) (own, others stats.Proportion) {
	from, to, _ := c.old()
	of := func(mine bool) stats.Proportion {
		return c.among(from, to, func(l worldLead, f fate) (bool, bool) { return (truce.SourceName(l.Source) == source) == mine, f.won })
	}
	return of(true), of(false)
}

// shown reports whether a share is written as a digest writes it.
func shown(p stats.Proportion, as string) error {
	want := fmt.Sprintf("%d of %d", p.K, p.N)
	if p.N >= 10 {
		x := 100 * p.Rate()
		want = fmt.Sprintf("%.0f %%", x)
		if x > 0 && x < 9.95 && math.Abs(x-math.Round(x)) > 0.049 {
			want = fmt.Sprintf("%.1f %%", x)
		}
	}
	if as != want {
		return fmt.Errorf("%q, and it is %s (%d of %d)", as, want, p.K, p.N)
	}
	return nil
}

// number reads a count as digests write it.
func number(s string) int {
	n, _ := strconv.Atoi(strings.NewReplacer(",", "", "\u202f", "", " ", "").Replace(s))
	return n
}

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

func holds(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}

// template is a sentence of a digest, and when it is true.
type template struct {
	re       string
	is       func(c *reading, m []string) error
	rare     bool // it need not come up in the invented companies; goldens have it
	compiled *regexp.Regexp
}

func init() {
	for i := range templates {
		templates[i].compiled = regexp.MustCompile("^(?:" + templates[i].re + ")")
	}
}
