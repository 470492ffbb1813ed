package digests_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/schedules/stats"
	"truce/storage"
)

// What is said of a stage of the journey map, and of the sponsor's figures.
var (
	thereNow  = regexp.MustCompile(`^([\d,]+) leads?, ([\d,]+) deals?$`)
	beenThere = regexp.MustCompile(`^([\d.]+) days \(median of ([\d,]+)\)(?:, 13 weeks before ([\d.]+) days \(median of ([\d,]+)\))?$`)
	wentOnSay = regexp.MustCompile(`^(\d+) of (\d+)(?: \([\d.]+ %\))?(?: \(.*?\))?(?:; before (\d+) of (\d+).*)?$`)
	paceSays  = regexp.MustCompile(`^(Slower|Faster) than before\. \w+\. (?:([\d.]+ %)|(\d+ of \d+)) went on within 30 days \(.*?\), ` +
		`(?:([\d.]+ %)|(\d+ of \d+)) in the 13 weeks before\.$`)
	sponsors = regexp.MustCompile(`^(?:(\d+) \((\d+) won with a lead\)|[\d.]+ % \([\d.]+ to [\d.]+ %; (\d+) of (\d+)\)|(\d+) of (\d+)|(\d+))$`)
)

// TestEverySentenceOfTheJourneyIsTrue reads the map of invented companies: how many are at the stage that leads are at, for how long, how
// many went on, now and 13 weeks before, and that it is slower or faster, are those of the rows by plain loops.
func TestEverySentenceOfTheJourneyIsTrue(t *testing.T) {
	list := []plan{plans[1], plans[9],
		{name: "few", sources: []worldSource{like("Source 0")}, perWeek: .5, weeks: 40, verdicts: .95, closes: .7}}
	for seed := range 4 {
		list = append(list, plan{name: fmt.Sprint("journey ", seed)})
	}
	seen := map[string]int{}
	for i, p := range list {
		w := newWorld(t, 9000+uint64(i), p)
		c := &reading{world: w, kind: digests.WeeklyDigest, asOf: w.now, ctx: t.Context()}
		w.read(t, func(tx *storage.Tx) error {
			v, err := maker().JourneyMap(tx, w.now)
			if err != nil {
				return err
			}
			for _, b := range cards.JourneyStage(v, "consideration").Blocks {
				for _, f := range b.Facts {
					if err := c.stageFact(f.Label, f.Value.String(), seen); err != nil {
						t.Errorf("%s: %s: %s: %v", w.name, f.Label, f.Value, err)
					}
				}
				if m := paceSays.FindStringSubmatch(b.Text.String()); m != nil {
					seen["pace"]++
					now, before := c.wentOn(w.now), c.wentOn(w.now.AddDate(0, 0, -91))
					if err := firstError(shown(now, m[2]+m[3]), shown(before, m[4]+m[5]),
						holds((m[1] == "Slower") == (now.Rate() < before.Rate()), "%v, before %v", now, before),
						holds(stats.FisherP(now, before) < .001, "chance explains it: %v, before %v", now, before)); err != nil {
						t.Errorf("%s: %s: %v", w.name, b.Text, err)
					}
				}
			}
			return nil
		})
	}
	for _, what := range []string{"there", "been", "been before", "went", "went before", "pace"} {
		if seen[what] == 0 {
			t.Errorf("no map says %q: it is not tested (%v)", what, seen)
		}
	}
}

// wentOn is how many of the leads that qualified in the 13 weeks that ended 30 days before a moment closed within 30 days.
func (c *reading) wentOn(at time.Time) (p stats.Proportion) {
	end := at.AddDate(0, 0, -30)
	for _, l := range c.leads {
		if !l.MQLAt.Before(end.AddDate(0, 0, -91)) && l.MQLAt.Before(end) {
			p.N++
			if closed := c.closedAt(l); !closed.IsZero() && !closed.After(l.MQLAt.AddDate(0, 0, 30)) {
				p.K++
			}
		}
	}
	return p
}

// stands is how long the leads that are open at a moment, and neither sent back nor closed, had been there.
func (c *reading) stands(at time.Time) (days []float64) {
	for _, l := range c.leads {
		if !l.MQLAt.After(at) && l.fate(at).open {
			days = append(days, math.Floor(at.Sub(l.MQLAt).Hours()/24))
		}
	}
	return days
}

func (c *reading) stageFact(label, text string, seen map[string]int) error {
	days := func(s string, of []float64) error {
		x, err := strconv.ParseFloat(s, 64)
		slices.Sort(of)
		want := 0.0
		if n := len(of); n > 0 {
			want = (of[(n-1)/2] + of[n/2]) / 2
		}
		return firstError(err, holds(math.Abs(x-want) <= .5, "the median is %v", want))
	}
	now, then := c.stands(c.asOf), c.stands(c.asOf.AddDate(0, 0, -91))
	switch label {
	case "There now":
		seen["there"]++
		m := thereNow.FindStringSubmatch(text)
		return holds(m != nil && number(m[1]) == len(now), "there are %d", len(now))
	case "Have been there":
		m := beenThere.FindStringSubmatch(text)
		if m == nil {
			return fmt.Errorf("nothing tests it")
		}
		seen["been"]++
		err := firstError(days(m[1], now), holds(number(m[2]) == len(now), "of %d", len(now)))
		if m[3] != "" {
			seen["been before"]++
			err = firstError(err, days(m[3], then), holds(number(m[4]) == len(then), "before of %d", len(then)))
		}
		return err
	case "Went on":
		m := wentOnSay.FindStringSubmatch(text)
		if m == nil {
			return fmt.Errorf("nothing tests it")
		}
		seen["went"]++
		p, before := c.wentOn(c.asOf), c.wentOn(c.asOf.AddDate(0, 0, -91))
		err := holds(number(m[1]) == p.K && number(m[2]) == p.N, "it is %v", p)
		if m[4] != "" {
			seen["went before"]++
			err = firstError(err, holds(number(m[3]) == before.K && number(m[4]) == before.N, "before it is %v", before))
		}
		return err
	}
	return nil
}

// TestTheSponsorsFiguresAreTrue reads the sponsor's table of invented companies: what is now is counted of the closes, orders and cases of
// the 13 weeks by plain loops.
func TestTheSponsorsFiguresAreTrue(t *testing.T) {
	seen := map[string]int{}
	for i := range 6 {
		p := plan{name: fmt.Sprint("sponsor ", i)}
		if i < 2 {
			p = plans[i]
		}
		w := newWorld(t, 9100+uint64(i), p)
		c := &reading{world: w, kind: digests.MonthlyDigest, asOf: w.now, ctx: t.Context()}
		w.read(t, func(tx *storage.Tx) error {
			card, err := maker().Card(tx, digests.Query{Kind: digests.MonthlyDigest, AsOf: w.now}, false)
			if err != nil {
				return err
			}
			for _, b := range card.Blocks {
				if b.Table == nil || !strings.HasPrefix(b.Table.Caption, "Since Truce") {
					continue
				}
				for _, row := range b.Table.Rows {
					if err := c.sponsorRow(row, seen); err != nil {
						t.Errorf("%s: %v: %v", w.name, row, err)
					}
				}
			}
			return nil
		})
	}
	for _, what := range []string{"Median days to win, deals by their close", "Win rate, deals by their close"} {
		if seen[what] == 0 {
			t.Errorf("no month says %q: it is not tested (%v)", what, seen)
		}
	}
}

func (c *reading) sponsorRow(row []chat.Cell, seen map[string]int) error {
	name, text := row[0].Text, row[len(row)-1].Text
	m := sponsors.FindStringSubmatch(text)
	if text == "not measured" || m == nil {
		return nil
	}
	from, to := c.trail()
	var days []float64
	var p stats.Proportion
	for _, l := range c.leads {
		at, f := c.closedAt(l), l.fate(c.asOf)
		if at.Before(from) || !at.Before(to) || !f.won && !f.lost {
			continue
		}
		if p.N++; f.won {
			p.K++
			days = append(days, at.Truncate(24*time.Hour).Sub(l.MQLAt.Truncate(24*time.Hour)).Hours()/24)
		}
	}
	switch name {
	case "Median days to win, deals by their close":
		seen[name]++
		slices.Sort(days)
		n := len(days)
		return firstError(holds(number(m[2]) == n, "of %d", n), holds(n > 0 && math.Abs(float64(number(m[1]))-(days[(n-1)/2]+days[n/2])/2) <= .5,
			"the median of %v", days))
	case "Win rate, deals by their close":
		seen[name]++
		k, n := number(m[3]+m[5]), number(m[4]+m[6])
		return holds(k == p.K && n == p.N, "it is %v", p)
	}
	return nil
}
