package digests_test

import (
	"encoding/json"
	"fmt"
	"html"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/bot/web"
	"truce/schedules/digests"
	"truce/schedules/stats"
	"truce/storage"
)

// This file walks over all that digests show of invented companies, as text, as Markdown, as HTML, as charts and as JSON, and holds it
// against the rules of figures: no percentage of fewer than ten, money rounded half even, one plural for many and none for one, medians
// with how many they are of, the same figures on every surface.

// surface is a card of a company, by what it is.
type surface struct {
	name string
	card chat.Card
}

// surfacesOf makes every card of reports as of a moment.
func (w *world) surfacesOf(t *testing.T, asOf time.Time) (list []surface, reports map[string][]byte) {
	t.Helper()
	reports = map[string][]byte{}
	w.read(t, func(tx *storage.Tx) error {
		add := func(name string, card chat.Card, err error) error {
			if truce.KindOf(err) == truce.NotFound {
				return nil
			}
			list = append(list, surface{name, card})
			return err
		}
		quarter := digests.Query{From: asOf.AddDate(0, 0, -92).Truncate(24 * time.Hour), To: asOf.Truncate(24 * time.Hour), AsOf: asOf}
		for _, kind := range []string{digests.LeadsDigest, digests.WeeklyDigest, digests.MonthlyDigest} {
			for span, q := range map[string]digests.Query{"": {AsOf: asOf}, ", a quarter": quarter} {
				q.Kind = kind
				card, err := maker().Card(tx, q, true)
				if err := add(kind+span, card, err); err != nil {
					return err
				}
				report, err := maker().Report(tx, q)
				if err != nil {
					return err
				}
				if reports[kind+span], err = json.Marshal(report); err != nil {
					return err
				}
			}
		}
		q := digests.Query{Kind: digests.LeadsDigest, AsOf: asOf, By: "segment", From: asOf.AddDate(-1, 0, 0), To: asOf}
		card, err := maker().Card(tx, q, true)
		if err := add("by segment", card, err); err != nil {
			return err
		}
		odds, err := maker().Odds(tx, asOf)
		if err := add("odds", odds, err); err != nil {
			return err
		}
		activities, err := maker().Activities(tx, digests.ActivityRequest{From: asOf.AddDate(-1, 0, 0), To: asOf, AsOf: asOf})
		if err := add("activities", activities.Card(time.UTC), err); err != nil {
			return err
		}
		journey, err := maker().JourneyMap(tx, asOf)
		return add("journey", cards.JourneyWhole(journey), err)
	})
	return list, reports
}

var (
	tags       = regexp.MustCompile(`(?s)<(style|script|title)\b.*?</(style|script|title)>|<[^>]*>`)
	percentage = regexp.MustCompile(`[\d.]+ ?%`)
	// what may be a percentage where no ten are of anything: what was promised, what a rule says, how sure an interval is.
	constants = regexp.MustCompile(`95 % (?:\w+ )?interval|more than 30 %|90 % was promised|goal is [\d.]+ %|of 90 %`)
	broken    = regexp.MustCompile(`NaN|[+-]?\bInf\b|%!|\bnil\b|<nil>|-0 %| ,|\(\)|\.\.`)
	aMedian   = regexp.MustCompile(`.{0,20}[Mm]edian.{0,90}`)
	ofSoMany  = regexp.MustCompile(`\d+ (?:answers?|cases?|leads?|deals?|won|accounts?)|` +
		`Median days there|Days: the median of those|median of \d`)
	amountEUR = regexp.MustCompile(`([\d,]+(?:\.\d+)?) EUR`)
)

// texts are a card as it is read on paper, in a browser, and in Markdown.
func texts(t *testing.T, c chat.Card) map[string]string {
	t.Helper()
	page, err := web.Print(c, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"text": chat.PlainText(c, 10_000), "html": html.UnescapeString(tags.ReplaceAllString(string(page), " | ")),
		"markdown": chat.Markdown(c)}
}

// TestNoPercentageOfFewerThanTen: of companies where there are never ten of anything, no surface has a percentage, and no chart draws one.
func TestNoPercentageOfFewerThanTen(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() {
		seeds = 4
	}
	for seed := range seeds {
		p := plan{name: fmt.Sprint("nine leads, seed ", seed), perWeek: 1,
			sources: []worldSource{like("Source 0"), {name: "Source 1", back: .6, won: .9, slow: .3, score: 60}},
			weeks:   9, reasons: seed%2 == 0, verdicts: .95, closes: .7,
			clocks: []worldPromise{{"sales", "touch", 9, .5, 0}, {"sales", "verdict", 7, 1, 0}, {"marketing", "answer", 5, .2, 0}}}
		w := newWorld(t, 8000+seed, p)
		list, _ := w.surfacesOf(t, w.now)
		for _, s := range list {
			for of, text := range texts(t, s.card) {
				for line := range strings.Lines(text) {
					// the goals and targets of a promise stand in its row
					if bad := percentage.FindString(constants.ReplaceAllString(line, "")); bad != "" && !strings.Contains(line, "| 90 %") &&
						!regexp.MustCompile(`\b90 %`).MatchString(line) {
						t.Errorf("%s, %s, %s: %s of fewer than ten: %s", p.name, s.name, of, bad, line)
					}
				}
			}
			for _, b := range s.card.Blocks {
				if b.Chart != nil && b.Chart.Unit == "%" {
					t.Errorf("%s, %s: a chart of percentages: %q %v", p.name, s.name, b.Chart.Title, b.Chart.Series)
				}
			}
		}
	}
}

// TestFiguresOnAllSurfaces walks over companies of all kinds: nothing is broken, one is no plural, medians say of how
// many, and Markdown and HTML show the figures of the text.
func TestFiguresOnAllSurfaces(t *testing.T) {
	companies := []*world{}
	for seed := range uint64(10) {
		if seed > 2 && testing.Short() {
			break
		}
		companies = append(companies, newWorld(t, 8100+seed, plan{name: fmt.Sprint("surfaces ", seed)}))
	}
	for _, w := range companies {
		list, reports := w.surfacesOf(t, w.now)
		for _, s := range list {
			all := texts(t, s.card)
			for of, text := range all {
				for line := range strings.Lines(text) {
					if bad := broken.FindString(line); bad != "" {
						t.Errorf("%s, %s, %s: %q in %s", w.name, s.name, of, bad, line)
					}
					if bad := oneOfMany.FindString(line); bad != "" {
						t.Errorf("%s, %s, %s: %q, and one is no plural: %s", w.name, s.name, of, bad, line)
					}
					for _, m := range aMedian.FindAllString(line, -1) {
						if !ofSoMany.MatchString(m) && regexp.MustCompile(`\d`).MatchString(m) {
							t.Errorf("%s, %s, %s: a median of how many? %s", w.name, s.name, of, line)
						}
					}
				}
			}
			for _, of := range []string{"html", "markdown"} {
				if missing := lacks(all[of], all["text"]); len(missing) > 0 {
					t.Errorf("%s, %s: the text has %v, %s has not", w.name, s.name, missing, of)
				}
			}
		}
		for name, report := range reports {
			if err := w.agrees(name, report, list); err != nil {
				t.Errorf("%s, %s: %v", w.name, name, err)
			}
		}
	}
}

// lacks are the sums of money and the shares that one text has and another has not.
func lacks(text, than string) (list []string) {
	figures := regexp.MustCompile(`[\d,.]*\d (?:EUR|%)`)
	have := map[string]bool{}
	for _, f := range figures.FindAllString(text, -1) {
		have[strings.TrimLeft(f, ",.")] = true
	}
	for _, f := range figures.FindAllString(than, -1) {
		if f = strings.TrimLeft(f, ",."); !have[f] && !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	return list
}

// agrees holds a report's JSON against the rows and against what its text says.
func (w *world) agrees(name string, report []byte, list []surface) error {
	type share struct {
		K, N int
		Rate *float64
	}
	var j struct {
		From, To string
		Totals   struct{ Leads, Won int }
		Earned   *struct {
			Won, Reordered map[string]int64
			Deals          int
		}
		Promises []struct {
			share
			Side, Kind string
			Target     *float64
			Below      bool
		}
		Outcomes *struct {
			From, To, Says string
			Paired         struct{ N int }
			ScoreOfBoth    *float64 `json:"score_of_both"`
			RatingOfBoth   *float64 `json:"rating_of_both"`
		}
		Sources struct {
			Claims []struct{ What, Source, Says, Since string }
		}
	}
	if err := json.Unmarshal(report, &j); err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(s surface) bool { return s.name == name })
	if i < 0 {
		return nil
	}
	text := chat.PlainText(list[i].card, 10_000)
	var errs []error
	from, _ := time.Parse(time.DateOnly, j.From)
	to, _ := time.Parse(time.DateOnly, j.To)
	c := &reading{world: w, asOf: w.now}
	all := c.among(from, to, func(worldLead, fate) (bool, bool) { return true, false })
	errs = append(errs, holds(j.Totals.Leads == all.N, "%d leads, and there are %d", j.Totals.Leads, all.N))
	if e := j.Earned; e != nil && e.Won["EUR"] > 0 {
		want := wholeEuros(e.Won["EUR"])
		exact := exactEuros(e.Won["EUR"])
		errs = append(errs, holds(strings.Contains(text, want+" EUR") || strings.Contains(text, exact+" EUR"),
			"the JSON has %d cents, the text has no %s EUR: %v", e.Won["EUR"], want,
			amountEUR.FindAllString(text, -1)))
	}
	for _, p := range j.Promises {
		if p.Rate != nil {
			of := stats.Proportion{K: p.K, N: p.N}.Rate()
			errs = append(errs, holds(math.Abs(*p.Rate-of) < 1e-12, "%s: %v of %d of %d", p.Kind, *p.Rate, p.K, p.N))
		}
		errs = append(errs, holds(!p.Below || p.Target != nil && *p.Rate < *p.Target, "%s is below: %d of %d", p.Kind, p.K, p.N))
	}
	if o := j.Outcomes; o != nil && strings.Contains(text, "times in 100") {
		want := fmt.Sprintf("on the %d closed leads", o.Paired.N)
		say := map[string]string{"score": "the score told", "rating": "ratings told",
			"too_close": "too close to call", "too_few": "not to be compared"}
		errs = append(errs, holds(strings.Contains(strings.ReplaceAll(text, ",", ""), want), "the JSON has %s", want),
			holds(strings.Contains(text, say[o.Says]), "the JSON says %s", o.Says),
			holds(strings.Contains(text, fmt.Sprintf("%.0f times in 100, the score %.0f times", 100**o.RatingOfBoth, 100**o.ScoreOfBoth)),
				"the JSON has %.3f and %.3f", *o.RatingOfBoth, *o.ScoreOfBoth))
	}
	return firstError(errs...)
}

// wholeEuros writes cents as whole amounts, a half to the even one.
func wholeEuros(cents int64) string {
	n := cents / 100
	if rest := cents % 100; rest > 50 || rest == 50 && n%2 == 1 {
		n++
	}
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// exactEuros writes cents as they are.
func exactEuros(cents int64) string {
	return fmt.Sprintf("%s.%02d", strings.TrimSuffix(wholeEuros(cents/100*100), ".00"), cents%100)
}

// TestMoneyIsRoundedOnce: each amount of a deal on any surface is that of a deal, an order or a sum of them, as it is or rounded half even.
func TestMoneyIsRoundedOnce(t *testing.T) {
	w := newWorld(t, 8201, plan{name: "money", sources: []worldSource{{name: "Source 0", back: .7, won: .2, slow: 1, score: 50}},
		perWeek: 12, weeks: 60, reasons: true, verdicts: .95, closes: .7, later: .3})
	list, _ := w.surfacesOf(t, w.now)
	deals := map[string]bool{}
	for _, l := range w.leads {
		for _, o := range l.outcomes {
			if o.HasAmount {
				deals[wholeEuros(o.Amount.Amount)], deals[exactEuros(o.Amount.Amount)] = true, true
			}
		}
	}
	seen := 0
	for _, s := range list {
		for _, b := range s.card.Blocks {
			if b.Table == nil || !strings.HasPrefix(b.Table.Caption, "Rejections that proved wrong") {
				continue
			}
			for _, row := range b.Table.Rows {
				for _, m := range amountEUR.FindAllStringSubmatch(row[len(row)-1].Text, -1) {
					if seen++; !deals[m[1]] {
						t.Errorf("%s: %s is no deal's money, rounded half even", s.name, m[0])
					}
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no money was shown")
	}
}
