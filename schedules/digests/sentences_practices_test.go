package digests_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/schedules/stats"
	"truce/storage"
)

// What is said of objections and wins.
var (
	oddsSay  = regexp.MustCompile(`^“(.+)” at (\w+) goes with a (higher|lower) win rate: (?:([\d.]+ %)|(\d+)) of the ([\d,]+) won \(.*\), against (?:([\d.]+ %)|(\d+)) of the ([\d,]+) without it \(.*?\)\.(?: (?:Since|So already by what was known on) \d+ \w+ \d+; still so\.)?$`)
	oddsElse = regexp.MustCompile(`^(?:What objections go with|\[Won with an objection and without it: .*\]|No objection goes with a win rate that differs beyond chance\. .*|What goes with something need not come of it\. .*|Too few deals have closed since: .*|Name the stage and the account when you log one: .*)$`)
	oddsWas  = regexp.MustCompile(`“(.+)” at (\w+) went with a (?:higher|lower) win rate.* It ended on \d+ \w+ \d+\.$`)
	oddsRow  = regexp.MustCompile(`^(?:[\d.]+ % \()?(\d+) of (\d+)\)?$`)
)

// logged is an objection of the odds' world: each account has one or two of one stage.
type logged struct {
	theme, account, rep string
	at                  time.Time
}

// logObjections has objections heard at the accounts of leads between their qualifying and their close; with a leaning, “Price” is heard
// more where they are lost.
func (w *world) logObjections(t *testing.T, r *rand.Rand, path string, leaning float64) (list []logged) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`DELETE FROM objections`); err != nil {
		t.Fatal(err)
	}
	for _, l := range w.leads {
		f := l.fate(w.now)
		if l.MQLAt.Before(w.now.AddDate(0, 0, -300)) || r.IntN(4) == 0 {
			continue
		}
		for range 1 + r.IntN(2) {
			o := logged{theme: []string{"price", "speed", "new"}[r.IntN(3)], account: l.Company, rep: fmt.Sprint("P-", 1+r.IntN(2)),
				at: l.MQLAt.Add(time.Duration(r.IntN(40*24)) * time.Hour)}
			if f.lost && r.Float64() < leaning {
				o.theme = "price"
			}
			if o.at.After(w.now) {
				continue
			}
			list = append(list, o)
			if _, err := db.Exec(`INSERT INTO objections (id, theme_id, confidence, text, stage, account, author_id, logged_by, created_at)
				VALUES (?, ?, 1, 'they say', 'evaluation', ?, ?, ?, ?)`, fmt.Sprint("O-", len(list)), o.theme, o.account, o.rep, o.rep,
				o.at.UnixMilli()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return list
}

// oddsOf counts, by plain loops, the accounts that have closed after a theme was logged there, and those after another one was and it
// never.
func (w *world) oddsOf(list []logged, theme string) (with, without stats.Proportion) {
	first := map[string]map[bool]time.Time{} // by account: when the theme was logged first, and another one
	for _, o := range list {
		if first[o.account] == nil {
			first[o.account] = map[bool]time.Time{}
		}
		if at, ok := first[o.account][o.theme == theme]; !ok || o.at.Before(at) {
			first[o.account][o.theme == theme] = o.at
		}
	}
	for _, l := range w.leads {
		since, ok := first[l.Company][true]
		into := &with
		if !ok {
			since, ok = first[l.Company][false]
			into = &without
		}
		closed := (&reading{world: w}).closedAt(l)
		if !ok || closed.IsZero() || !closed.After(since) || closed.After(w.now) {
			continue
		}
		if into.N++; l.fate(w.now).won {
			into.K++
		}
	}
	return with, without
}

// TestEverySentenceOfObjectionsAndWinsIsTrue reads the card of what objections go with in invented companies: the shares are those of the
// rows, in the direction said; where none is said to go with anything, none clearly does; too few are too few.
func TestEverySentenceOfObjectionsAndWinsIsTrue(t *testing.T) {
	names := map[string]string{"Price": "price", "Too slow": "speed", "Brand new": "new"}
	said, silent, few := 0, 0, 0
	for i, leaning := range []float64{0, .9, 0, .9, 0} {
		p := plan{name: fmt.Sprint("odds ", i), sources: []worldSource{like("Source 0"), like("Source 1")}, perWeek: 15, weeks: 60, reasons: true,
			verdicts: .95, closes: .7}
		if i == 4 {
			p.perWeek = .5
		}
		w := newWorld(t, 5000+uint64(i), p)
		list := w.logObjections(t, rand.New(rand.NewPCG(uint64(i), 5)), w.store.Path(), leaning)
		w.read(t, func(tx *storage.Tx) error {
			card, err := maker().Odds(tx, w.now)
			if err != nil {
				return err
			}
			text := strings.Join(sentencesOf(card), "\n")
			told := map[string]bool{}
			for _, s := range sentencesOf(card) {
				m := oddsSay.FindStringSubmatch(s)
				if was := oddsWas.FindStringSubmatch(s); was != nil { // what is claimed no more stands in no other sentence
					if strings.Contains(text, fmt.Sprintf("“%s” at %s goes with", was[1], was[2])) {
						t.Errorf("%s: it ended and is so: %s", w.name, text)
					}
					continue
				}
				if m == nil {
					if !oddsElse.MatchString(s) {
						t.Errorf("%s: nothing tests this sentence: %s", w.name, s)
					}
					continue
				}
				said, told[names[m[1]]] = said+1, true
				with, without := w.oddsOf(list, names[m[1]])
				if err := firstError(holds(with.N == number(m[6]) && without.N == number(m[9]), "it is %v, without %v", with, without),
					shown(with, m[4]+m[5]), shown(without, m[7]+m[8]),
					holds((with.Rate() > without.Rate()) == (m[3] == "higher"), "the other way"),
					holds(stats.FisherP(with, without) < .01, "chance explains it")); err != nil {
					t.Errorf("%s: %s: %v", w.name, s, err)
				}
			}
			rows := 0
			for _, b := range card.Blocks {
				if b.Table == nil {
					continue
				}
				for _, row := range b.Table.Rows {
					rows++
					with, without := w.oddsOf(list, names[row[0].Text])
					for cell, is := range map[int]stats.Proportion{2: with, 4: without} {
						m := oddsRow.FindStringSubmatch(row[cell].Text)
						if m == nil || number(m[1]) != is.K || number(m[2]) != is.N {
							t.Errorf("%s: %s: %q, and it is %v", w.name, row[0].Text, row[cell].Text, is)
						}
					}
				}
			}
			none, nothing := strings.Contains(text, "No objection goes with a win rate that differs"), strings.Contains(text, "Too few deals have closed")
			for _, theme := range names {
				with, without := w.oddsOf(list, theme)
				if none && min(with.N, without.N) >= stats.MinCompareWins && stats.FisherP(with, without) < 1e-6 {
					t.Errorf("%s: %s differs: %v, without %v; said is %s", w.name, theme, with, without, text)
				}
				if nothing && min(with.N, without.N) >= stats.MinCompareWins {
					t.Errorf("%s: of %s there are %v and %v; said is %s", w.name, theme, with, without, text)
				}
			}
			switch {
			case nothing:
				few++
			case none:
				silent++
			}
			if nothing == (rows > 0) || none && len(told) > 0 {
				t.Errorf("%s: %d rows, told of %v: %s", w.name, rows, told, text)
			}
			return nil
		})
	}
	if said == 0 || silent == 0 || few == 0 {
		t.Errorf("said of something %d times, of nothing %d, of too few %d: not all was tested", said, silent, few)
	}
}

// What is said of the leads that an activity engaged.
var (
	wentOn  = regexp.MustCompile(`Of the same source, segment and month, engaged leads went on to (buy|become SQL|meet) (more|less) often \((-?\d+) to (-?\d+) points\)\.`)
	engaged = regexp.MustCompile(`(bought|SQL|met) (\d+) of (\d+) engaged, (\d+) of (\d+) others \((-?\d+) to (-?\d+) points\)`)
	beside  = regexp.MustCompile(`; (\d+) of (\d+) engaged leads have others beside them\.`)
	scored  = regexp.MustCompile(`Engaged leads scored (higher|lower) beforehand`)
)

// TestEverySentenceOfActivitiesIsTrue reads the report on activities of invented companies: "more often" has a range above nothing and the
// larger share of the counts beside it, "cannot be told apart" stands alone, "none" has none, "scored higher" did.
func TestEverySentenceOfActivitiesIsTrue(t *testing.T) {
	said, silent, none, high := 0, 0, 0, 0
	for i, leaning := range []float64{0, .8, 0, .8, -1} {
		w := newWorld(t, 6000+4*uint64(i), plan{name: fmt.Sprint("activities ", i), sources: []worldSource{like("Source 0"), like("Source 1")},
			perWeek: 20, weeks: 100, reasons: true, verdicts: .95, closes: .7})
		r := rand.New(rand.NewPCG(uint64(i), 6))
		scores := map[bool][]float64{}
		write(t, w.store, func(tx *storage.Tx) error {
			for _, name := range []string{"Webinar series", "Trade fair"} {
				if _, err := tx.UpsertActivity(truce.Activity{ID: name, Name: name, Side: truce.Marketing, Kind: "event",
					Matches: []string{strings.ToLower(name)}, StartsAt: w.now.AddDate(-2, 0, 0), Motive: "to be seen"}); err != nil {
					return err
				}
			}
			for _, l := range w.leads {
				f := l.fate(w.now)
				chance := .3
				if leaning > 0 && f.won {
					chance = leaning
				}
				if leaning > 0 && i == 3 && l.HasScore && l.Score > 60 {
					chance = .9
				}
				is := leaning >= 0 && r.Float64() < chance
				if !is {
					scores[false] = append(scores[false], l.Score)
					continue
				}
				scores[true] = append(scores[true], l.Score)
				if _, err := tx.UpsertEngagement(truce.Engagement{ID: "e" + l.ID, LeadID: l.ID, At: l.MQLAt.Add(24 * time.Hour), Kind: "webinar",
					Activity: "Webinar series"}); err != nil {
					return err
				}
			}
			return nil
		})
		w.read(t, func(tx *storage.Tx) error {
			report, err := maker().Activities(tx, digests.ActivityRequest{From: w.now.AddDate(-1, 0, 0), To: w.now, AsOf: w.now})
			if err != nil {
				return err
			}
			for _, s := range sentencesOf(report.Card(time.UTC)) {
				shares := map[string][]string{}
				for _, m := range engaged.FindAllStringSubmatch(s, -1) {
					shares[map[string]string{"bought": "buy", "SQL": "become SQL", "met": "meet"}[m[1]]] = m
					if number(m[2]) > number(m[3]) || number(m[4]) > number(m[5]) || number(m[3]) == 0 || number(m[5]) == 0 {
						t.Errorf("%s: more than there are, or none: %s", w.name, s)
					}
				}
				for _, m := range wentOn.FindAllStringSubmatch(s, -1) {
					said++
					of, ok := shares[m[1]]
					if !ok {
						t.Errorf("%s: no counts beside it: %s", w.name, s)
						continue
					}
					own := stats.Proportion{K: number(of[2]), N: number(of[3])}
					others := stats.Proportion{K: number(of[4]), N: number(of[5])}
					if (own.Rate() > others.Rate()) != (m[2] == "more") || signed(m[3]) < 0 || signed(m[3]) > signed(m[4]) {
						t.Errorf("%s: %v and %v: %s", w.name, own, others, s)
					}
				}
				if m := beside.FindStringSubmatch(s); m != nil && number(m[1]) > number(m[2]) {
					t.Errorf("%s: %s", w.name, s)
				}
				if m := scored.FindStringSubmatch(s); m != nil {
					if high++; (mean(scores[true]) > mean(scores[false])) != (m[1] == "higher") {
						t.Errorf("%s: %.1f and %.1f: %s", w.name, mean(scores[true]), mean(scores[false]), s)
					}
				}
				if strings.Contains(s, "cannot be told apart") {
					if silent++; wentOn.MatchString(s) {
						t.Errorf("%s: both: %s", w.name, s)
					}
				}
				if strings.Contains(s, "No engagement names it") || strings.Contains(s, "It engaged none") {
					none++
				}
			}
			return nil
		})
	}
	if said == 0 || silent == 0 || none == 0 || high == 0 {
		t.Errorf("said %d times, apart %d, none %d, scored %d: not all was tested", said, silent, none, high)
	}
}

func signed(s string) int {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		return -number(rest)
	}
	return number(s)
}

// What is said of a charter.
var (
	goalSays = regexp.MustCompile(`^(Won revenue|Won deals|Win rate|Lead-to-win rate): (\d+ of \d+|.*?)(?: \(([\d.]+) % to ([\d.]+) %\))?(; the goal is | of )(.*) by 1 Jan 2027(?:; on the way it would be (.*) by now)?\.$`)
	kept     = regexp.MustCompile(`^(?:(\d+) of (\d+)|([\d.]+) %|–|([\d,]+))$`)
)

// withCharter brings a charter into force before the world's records begin.
func (w *world) withCharter(t *testing.T) {
	t.Helper()
	now := w.now
	w.now = w.now.AddDate(0, 0, -1000)
	payload, err := json.Marshal(truce.Charter{Why: "Together.",
		Goals: []truce.CharterGoal{{What: "won_deals", Unit: "count", Since: "2020-01-01", Target: 900, By: "2027-01-01"},
			{What: "win_rate", Unit: "share", Start: .2, Since: "2020-01-01", Target: .4, By: "2027-01-01"}},
		Promises: []truce.CharterPromise{{Side: truce.Sales, What: "first_touch", Target: .9}, {Side: truce.Sales, What: "verdicts", Target: .9},
			{Side: truce.Marketing, What: "answers", Target: .9}, {Side: truce.Marketing, What: "leads", Target: 150}}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, w.store, func(tx *storage.Tx) error {
		_, err := tx.Propose(truce.Proposal{Kind: truce.CharterGround, Title: "x", Payload: payload}, "")
		return err
	})
	w.now = now
}

// TestEverySentenceOfACharterIsTrue reads the charter of invented companies: each promise's share, mark and day are those of the clocks,
// each goal's those of the deals, and below ten both are counts.
func TestEverySentenceOfACharterIsTrue(t *testing.T) {
	list := []plan{plans[1], plans[6], {name: "few", sources: []worldSource{like("Source 0")}, perWeek: .4, weeks: 40, verdicts: .95, closes: .7}}
	for seed := range 5 {
		list = append(list, plan{name: fmt.Sprint("charter ", seed)})
	}
	seen := map[string]int{}
	for i, p := range list {
		w := newWorld(t, 7000+uint64(i), p)
		w.withCharter(t)
		c := &reading{world: w, kind: digests.WeeklyDigest, asOf: w.now, ctx: t.Context()}
		w.read(t, func(tx *storage.Tx) error {
			m, err := maker().Charter(tx, w.now, truce.Sides{})
			if err != nil || m == nil {
				return fmt.Errorf("no charter: %w", err)
			}
			for _, b := range cards.CharterPromises(*m, nil, nil, nil) {
				for _, row := range b.Table.Rows {
					if err := c.charterRow(row, seen); err != nil {
						t.Errorf("%s: %v: %v", w.name, row, err)
					}
				}
			}
			for _, b := range cards.CharterGoals(*m) {
				if err := c.charterGoal(b.Text.String(), seen); err != nil {
					t.Errorf("%s: %s: %v", w.name, b.Text, err)
				}
			}
			return nil
		})
	}
	for _, what := range []string{"✓", "below", "not yet enough to tell", "not measured", "few", "share", "deals", "few closed", "rate"} {
		if seen[what] == 0 {
			t.Errorf("no charter says %q: it is not tested (%v)", what, seen)
		}
	}
}

// charterRow holds a promise's row against the clocks.
func (c *reading) charterRow(row []chat.Cell, seen map[string]int) error {
	_, name, _ := strings.Cut(row[0].Text, ": ")
	mark := row[3].Text
	seen[mark]++
	from, to := c.trail()
	if name == "leads in 13 weeks" {
		all := c.among(from, to, func(worldLead, fate) (bool, bool) { return true, false })
		return holds(number(row[1].Text) == all.N && (mark == "✓") == (all.N >= 150), "it is %d", all.N)
	}
	p, _ := c.keptOf(map[string]string{"first touch in time": "touch", "verdicts in time": "verdict", "answers to disputes in time": "answer"}[name])
	m := kept.FindStringSubmatch(row[1].Text)
	switch {
	case m == nil:
		return fmt.Errorf("what is %q?", row[1].Text)
	case p.N == 0:
		return holds(row[1].Text == "–" && mark == "not measured", "nothing was due")
	case p.N < 10:
		seen["few"]++
		return firstError(holds(number(m[1]) == p.K && number(m[2]) == p.N, "it is %v", p), holds((mark == "✓") == (p.Rate() >= .9), "it is %v", p))
	}
	seen["share"]++
	return firstError(holds(m[3] == fmt.Sprint(math.Round(1000*p.Rate())/10), "it is %v", p), holds((mark == "✓") == (p.Rate() >= .9), "it is %v", p),
		holds(mark != "below" || c.claims(name), "chance explains it: %v", p), holds(mark != "above", "more is better"))
}

// claims reports whether the digest of then says that a promise is kept too rarely.
func (c *reading) claims(name string) bool {
	for _, p := range c.claimsAt(c.asOf).Promises {
		if p.Missed && map[string]string{"touch": "first touch in time", "verdict": "verdicts in time",
			"answer": "answers to disputes in time"}[string(p.Kind)] == name {
			return true
		}
	}
	return false
}

// charterGoal holds a goal's line against the deals closed.
func (c *reading) charterGoal(text string, seen map[string]int) error {
	m := goalSays.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("nothing tests it")
	}
	from, to := c.trail()
	var p stats.Proportion
	won := 0
	for _, l := range c.leads {
		f, at := l.fate(c.asOf), c.closedAt(l)
		if f.won && !at.After(c.asOf) {
			won++
		}
		if !at.Before(from) && at.Before(to) && (f.won || f.lost) {
			if p.N++; f.won {
				p.K++
			}
		}
	}
	switch {
	case m[1] == "Won deals":
		seen["deals"]++
		return holds(number(m[2]) == won, "it is %d", won)
	case p.N == 0:
		return holds(m[2] == "not measured", "nothing closed")
	case p.N < 10:
		seen["few closed"]++
		return holds(m[2] == fmt.Sprintf("%d of %d", p.K, p.N) && m[3] == "", "it is %v", p)
	}
	seen["rate"]++
	in := stats.Wilson(p.K, p.N)
	tenth := func(x float64) string { return fmt.Sprint(math.Round(1000*x) / 10) }
	return holds(m[2] == tenth(p.Rate())+" %" && m[3] == tenth(in.Low) && m[4] == tenth(in.High), "it is %v", p)
}
