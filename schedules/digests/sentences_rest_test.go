package digests_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/schedules/stats"
	"truce/storage"
)

// What is said of the profile in force.
var (
	profileSays = regexp.MustCompile(`^Ideal customer \(version 1\): (?:no lead qualified ([\w ]+)|no lead that qualified ([\w ]+) is decided yet: (\d+) waits? for a verdict or two business days|(\d+) of (\d+) leads? inside(?:, (\d+) not known)?` +
		`(: not judged, of too many too little is known)?)(?:; (\d+) not decided yet)?\.(?: (\d+) declared exceptions?\.)?$`)
	profileWaits = regexp.MustCompile(`^(?:(\d+) leads? waits? for a verdict or two business days\. )?Sales works leads inside more`)
	profileCell  = regexp.MustCompile(`^(?:(\d+) of (\d+)|([\d,]+) of ([\d,]+) \([\d.]+ %\)(?:, ([\d.]+) to ([\d.]+) %)?|none closed)$`)
)

// withProfile brings a profile into force before the records begin: inside are leads of the spring campaign.
func (w *world) withProfile(t *testing.T) {
	t.Helper()
	now := w.now
	w.now = w.now.AddDate(0, 0, -1000)
	payload, err := truce.Profile{Threshold: 50, Criteria: []truce.Criterion{{Attribute: "campaign", Test: truce.TestEquals,
		Texts: []string{"Spring"}, Points: 10}}}.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	write(t, w.store, func(tx *storage.Tx) error {
		_, err := tx.Propose(truce.Proposal{Kind: truce.ICPGround, Title: "x", Payload: payload}, "")
		return err
	})
	w.now = now
}

// fit is where a lead belongs by the profile: 0 inside, 1 outside, 2 not known, -1 not decided yet.
func (w *world) fit(l worldLead, asOf time.Time) int {
	var verdict time.Time
	for i, d := range w.disputes { // a dispute is a verdict, too
		if w.leads[i%len(w.leads)].ID == l.ID && !d.opened.After(asOf) {
			verdict = d.opened
		}
	}
	if len(l.outcomes) > 0 && !l.outcomes[0].At.After(asOf) {
		verdict = l.outcomes[0].At
	}
	switch {
	case verdict.IsZero() && maker().Calendar.FitBy(l.Lead, time.Time{}).After(asOf):
		return -1
	case l.Campaign == "Spring":
		return 0
	case l.Campaign == "":
		return 2
	}
	return 1
}

// TestEverySentenceOfTheProfileIsTrue reads the profile's lines of invented companies: how many are inside, not known and not decided, how
// many of a year's were won, are those of the leads by plain loops; "not judged" stands where of three in ten nothing is known.
func TestEverySentenceOfTheProfileIsTrue(t *testing.T) {
	seen := map[string]int{}
	list := []plan{{name: "few", sources: []worldSource{like("Source 0")}, perWeek: .4, weeks: 60, verdicts: .95, closes: .7},
		{name: "nobody judges", sources: []worldSource{like("Source 0")}, perWeek: 6, weeks: 30}}
	for seed := range 6 {
		list = append(list, plan{name: fmt.Sprint("profile ", seed)})
	}
	for i, p := range list {
		w := newWorld(t, 11000+uint64(i), p)
		w.withProfile(t)
		c := &reading{world: w, kind: digests.WeeklyDigest, asOf: w.now, ctx: t.Context()}
		for back := range 3 {
			c.asOf = w.now.AddDate(0, 0, -7*back)
			w.read(t, func(tx *storage.Tx) (err error) {
				if c.study, err = maker().Whole(tx, digests.Query{Kind: c.kind, AsOf: c.asOf}); err != nil || c.study.Empty() {
					return err
				}
				card := maker().WithFigures(&c.study)
				for _, b := range card.Blocks {
					if err := c.profileBlock(b, seen); err != nil {
						t.Errorf("%s, %d weeks back: %v", w.name, back, err)
					}
				}
				return nil
			})
		}
	}
	for _, what := range []string{"none decided", "inside", "not known", "not judged", "waiting", "row", "share with its interval"} {
		if seen[what] == 0 {
			t.Errorf("no digest says %q: it is not tested (%v)", what, seen)
		}
	}
}

func (c *reading) profileBlock(b chat.Block, seen map[string]int) error {
	from, to := c.period()
	var counts [3]int
	waiting := 0
	for _, l := range c.leads {
		if l.MQLAt.Before(from) || !l.MQLAt.Before(to) || l.MQLAt.After(c.asOf) {
			continue
		}
		if f := c.fit(l, c.asOf); f < 0 {
			waiting++
		} else {
			counts[f]++
		}
	}
	all := counts[0] + counts[1] + counts[2]
	text := b.Text.String()
	switch {
	case strings.HasPrefix(text, "Ideal customer ("):
		m := profileSays.FindStringSubmatch(text)
		if m == nil {
			return fmt.Errorf("nothing tests this: %s", text)
		}
		if m[4] == "" {
			seen["none decided"]++
			return holds(all == 0 && waiting == number(m[3]), "%v are decided, %d wait: %s", counts, waiting, text)
		}
		seen["inside"]++
		for what, is := range map[string]bool{"not known": m[6] != "", "not judged": m[7] != "", "waiting": m[8] != ""} {
			if is {
				seen[what]++
			}
		}
		return holds(number(m[4]) == counts[0] && number(m[5]) == all && number(m[6]) == counts[2] && number(m[8]) == waiting &&
			(m[7] != "") == (10*counts[2] > 3*all), "%v of %d, %d wait: %s", counts, all, waiting, text)
	case profileWaits.MatchString(b.Text.String()):
		return holds(number(profileWaits.FindStringSubmatch(text)[1]) == waiting, "%d wait: %s", waiting, text)
	case b.Table != nil && strings.HasPrefix(b.Table.Caption, "Ideal customer"):
		since := to.AddDate(0, 0, -364)
		for row, cells := range b.Table.Rows {
			seen["row"]++
			wins := c.among(since, to, func(l worldLead, f fate) (bool, bool) {
				return c.fit(l, c.asOf) == row && (f.won || f.lost), f.won
			})
			if err := firstError(holds(number(cells[1].Text) == counts[row], "%v: %v", counts, cells),
				ofCounts(cells[2].Text, stats.Proportion{K: counts[row], N: all}, seen), ofCounts(cells[3].Text, wins, seen)); err != nil {
				return fmt.Errorf("%s: %w", cells[0].Text, err)
			}
		}
	}
	return nil
}

// ofCounts: a share with its counts and, from ten on, its interval.
func ofCounts(text string, p stats.Proportion, seen map[string]int) error {
	m := profileCell.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("nothing tests %q", text)
	}
	if m[5] != "" {
		seen["share with its interval"]++
	}
	k, n := number(m[1]+m[3]), number(m[2]+m[4])
	return firstError(holds(k == p.K && n == p.N, "%q, and it is %d of %d", text, p.K, p.N), holds((m[3] != "") == (n >= 10), "%q of few", text))
}

// What is said of second looks.
var (
	looksCaption = regexp.MustCompile(`^Second look: given to another rep, who was told nothing of them(?:; (\d+) left out, whose rep knew)?(?:; (\d+) under way)?$`)
	looksCell    = regexp.MustCompile(`^(?:too young|(\d+) of (\d+)|([\d.]+) % \(([\d.]+) to ([\d.]+) %\), (\d+) of (\d+))$`)
)

// aLook is a second look with what came of its lead.
type aLook struct {
	truce.SecondLook
}

// drawLooks gives leads a second look, week by week, and carries them through as chance has it.
func (w *world) drawLooks(t *testing.T, r *rand.Rand, weeks int) (list []aLook) {
	t.Helper()
	now := w.now
	defer func() { w.now = now }()
	of := 0
	for back := weeks; back > 0; back-- {
		for _, kind := range []truce.SecondLookKind{truce.RejectedLook, truce.BelowLook} {
			available := 1 + r.IntN(9)
			for range min(available, 1+r.IntN(2)) {
				w.now = now.AddDate(0, 0, -7*back)
				of++
				at, l := w.now, aLook{SecondLook: truce.SecondLook{Week: truce.DateOf(w.now), Kind: kind, LeadID: fmt.Sprint("look", of), Ref: fmt.Sprint("L-9", of),
					PersonID: "P-1", Available: available, Drawn: 1}}
				write(t, w.store, func(tx *storage.Tx) (err error) {
					l.SecondLook, err = tx.AddSecondLook(l.SecondLook)
					return err
				})
				l.At = at
				if end := at.AddDate(0, 0, 1+r.IntN(100)); end.Before(now) && r.IntN(6) > 0 {
					l.EndedAt = end
				}
				if r.IntN(8) > 0 {
					l.Verdict, l.VerdictAt = []truce.Status{truce.Accepted, truce.Rejected}[r.IntN(2)], at.AddDate(0, 0, 1)
				}
				switch r.IntN(12) {
				case 0:
					l.Void = true
				case 1:
					l.Knew, l.KnewAt = "yes", at.AddDate(0, 0, 2)
				}
				write(t, w.store, func(tx *storage.Tx) error { return tx.SaveSecondLook(l.SecondLook) })
				list = append(list, l)
			}
		}
	}
	return list
}

// TestEverySentenceOfSecondLooksIsTrue holds the table of second looks of invented companies against the looks: accepted of those that are
// over and said, each week weighing as many as it was drawn of; who knew and what is under way is counted, and nothing below ten is a rate.
func TestEverySentenceOfSecondLooksIsTrue(t *testing.T) {
	cells, rates, young := 0, 0, 0
	for i, weeks := range []int{2, 5, 20, 70} {
		w := newWorld(t, 12000+uint64(i), plan{name: fmt.Sprint(weeks, " weeks of looks"), sources: []worldSource{like("Source 0")}, perWeek: 3,
			weeks: 30, verdicts: .95, closes: .7})
		looks := w.drawLooks(t, rand.New(rand.NewPCG(uint64(i), 12)), weeks)
		w.read(t, func(tx *storage.Tx) error {
			card, err := maker().Card(tx, digests.Query{Kind: digests.MonthlyDigest, AsOf: w.now}, true)
			if err != nil {
				return err
			}
			for _, b := range card.Blocks {
				if b.Table == nil || !strings.HasPrefix(b.Table.Caption, "Second look") {
					continue
				}
				knew, running := 0, 0
				for _, l := range looks {
					switch {
					case !l.Over(w.now):
						running++
					case !l.EndedAt.Before(w.now.AddDate(0, 0, -364)) && !l.Void && l.Knew == "yes":
						knew++
					}
				}
				m := looksCaption.FindStringSubmatch(b.Table.Caption)
				if m == nil || number(m[1]) != knew || number(m[2]) != running {
					t.Errorf("%s: %d knew, %d under way: %s", w.name, knew, running, b.Table.Caption)
				}
				for _, row := range b.Table.Rows {
					kind := truce.RejectedLook
					if row[0].Text == "Below the threshold" {
						kind = truce.BelowLook
					}
					for col := 1; col < 4; col++ {
						k, n, share := lookShare(looks, kind, col, w.now)
						m := looksCell.FindStringSubmatch(row[col].Text)
						if cells++; m == nil {
							t.Errorf("%s: nothing tests %q", w.name, row[col].Text)
							continue
						}
						if m[3] != "" {
							rates++
							if x, _ := fmt.Sscan(m[3], new(float64)); x != 1 || n < 10 || math.Abs(100*share-asFloat(m[3])) > .5001 ||
								asFloat(m[4]) > asFloat(m[3]) || asFloat(m[5]) < asFloat(m[3]) {
								t.Errorf("%s: %s: %q, and it is %.3f of %d", w.name, row[0].Text, row[col].Text, share, n)
							}
						}
						if m[0] == "too young" {
							young++
						}
						if number(m[1]+m[6]) != k || number(m[2]+m[7]) != n {
							t.Errorf("%s: %s: %q, and it is %d of %d", w.name, row[0].Text, row[col].Text, k, n)
						}
					}
				}
			}
			return nil
		})
	}
	if cells < 12 || rates == 0 || young == 0 {
		t.Errorf("%d cells, %d rates, %d too young: not all was tested", cells, rates, young)
	}
}

func asFloat(s string) (x float64) {
	_, _ = fmt.Sscan(s, &x)
	return x
}

// lookShare counts the looks of a kind: accepted (col 1), or, of those given 90 days ago, what came of their leads, which is nothing here.
func lookShare(looks []aLook, kind truce.SecondLookKind, col int, now time.Time) (k, n int, share float64) {
	type week struct{ k, n, of int }
	weeks := map[truce.Date]*week{}
	for _, l := range looks {
		if l.Kind != kind || !l.Over(now) || l.EndedAt.Before(now.AddDate(0, 0, -364)) || l.Void || l.Knew == "yes" || l.Verdict == truce.NoStatus ||
			col > 1 && l.Until().After(now) {
			continue
		}
		if weeks[l.Week] == nil {
			weeks[l.Week] = &week{of: l.Available}
		}
		of := weeks[l.Week]
		if of.n, n = of.n+1, n+1; col == 1 && l.Verdict == truce.Accepted {
			of.k, k = of.k+1, k+1
		}
	}
	var sum, yes float64
	for _, of := range weeks {
		weight := float64(max(of.of, of.n))
		sum, yes = sum+weight, yes+weight*float64(of.k)/float64(of.n)
	}
	if sum > 0 {
		share = yes / sum
	}
	return k, n, share
}

// taskSays is what a summary says of a task force.
var taskSays = regexp.MustCompile(`^(.+?)(?:: no meeting is to come| meets (\w+ \d+ \w+ \d+:\d+)); (?:none of its actions is open|(\d+) actions? open(?:, (\d+) overdue)?): /taskforce\.$`)

// TestEverySentenceOfTheTaskForceIsTrue draws series with meetings cancelled, actions done, dropped, due and overdue, and reads the
// summary's line as of several days: when it meets next, and how many are open and overdue, are those of then, whatever became of them
// later.
func TestEverySentenceOfTheTaskForceIsTrue(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 15))
		w := newWorld(t, 13000+seed, plan{name: fmt.Sprint("task force ", seed), sources: []worldSource{like("Source 0")}, perWeek: 3, weeks: 20,
			verdicts: .95, closes: .7})
		last := w.now
		var actions []truce.MeetingAction
		cancelled := map[time.Time]time.Time{}
		w.now = last.AddDate(0, 0, -60)
		s := truce.MeetingSeries{Name: "Task force", Day: time.Weekday(1 + r.IntN(5)), Minutes: 60 * (8 + r.IntN(8))}
		write(t, w.store, func(tx *storage.Tx) (err error) { s, err = tx.AddSeries(s); return err })
		for day := range 60 {
			w.now = last.AddDate(0, 0, day-60)
			write(t, w.store, func(tx *storage.Tx) error {
				if next, ok := s.Next(maker().Calendar, w.now); ok && r.IntN(20) == 0 && cancelled[next].IsZero() {
					m, err := tx.MeetingAt(s.ID, next)
					if err != nil {
						return err
					}
					m.CancelledAt, m.Why = w.now, "a fair"
					cancelled[next] = w.now
					return tx.SaveMeeting(m)
				}
				if r.IntN(6) == 0 {
					a, err := tx.AddMeetingAction(truce.MeetingAction{SeriesID: s.ID, Title: "Call", Due: truce.DateOf(w.now).Add(r.IntN(20))})
					actions = append(actions, a)
					return err
				}
				if n := len(actions); n > 0 && r.IntN(4) == 0 {
					a := &actions[r.IntN(n)]
					if !a.ClosedAt.IsZero() {
						return nil
					}
					a.ClosedAt, a.Dropped, a.Why = w.now, r.IntN(3) == 0, "no time"
					return tx.SaveMeetingAction(*a)
				}
				return nil
			})
		}
		w.now = last
		for _, back := range []int{0, 3, 17, 31, 50} {
			asOf := last.AddDate(0, 0, -back).Add(time.Hour)
			if back == 0 {
				asOf = last
			}
			open, overdue := 0, 0
			for _, a := range actions {
				if !a.CreatedAt.After(asOf) && (a.ClosedAt.IsZero() || a.ClosedAt.After(asOf)) {
					if open++; a.Due.Compare(truce.DateOf(asOf)) < 0 {
						overdue++
					}
				}
			}
			next := asOf
			for range 20 {
				next, _ = s.Next(maker().Calendar, next)
				if at := cancelled[next]; at.IsZero() || at.After(asOf) {
					break
				}
			}
			w.read(t, func(tx *storage.Tx) error {
				card, err := maker().Card(tx, digests.Query{Kind: digests.WeeklyDigest, AsOf: asOf}, false)
				if err != nil {
					return err
				}
				for _, text := range sentencesOf(card) {
					if !strings.HasPrefix(text, "Task force") {
						continue
					}
					m := taskSays.FindStringSubmatch(text)
					if m == nil {
						t.Errorf("%s: nothing tests %s", w.name, text)
						continue
					}
					seen[map[bool]string{true: "open", false: "none"}[open > 0]]++
					if overdue > 0 {
						seen["overdue"]++
					}
					if number(m[3]) != open || number(m[4]) != overdue || m[2] != next.Format("Mon 2 Jan 15:04") {
						t.Errorf("%s, as of %s: %d open, %d overdue, next %s: %s", w.name, asOf, open, overdue, next, text)
					}
				}
				return nil
			})
		}
	}
	if seen["open"] == 0 || seen["none"] == 0 || seen["overdue"] == 0 {
		t.Errorf("not all was tested: %v", seen)
	}
}

// restatedSays is what a digest says of an earlier one.
var restatedSays = regexp.MustCompile(`(G-\d+) \(.*?\) restated: (.*?)\.$`)

// TestEveryRestatementIsTrue sends digests, writes late leads and outcomes as chance has it, and reads the next one: each figure that is
// restated was sent so and is so now by plain loops over the rows, and no other has changed.
func TestEveryRestatementIsTrue(t *testing.T) {
	restated, same := 0, 0
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 16))
		w := newWorld(t, 14000+seed, plan{name: fmt.Sprint("restated ", seed), sources: []worldSource{like("Source 0"), like("Source 1")},
			perWeek: 3, weeks: 20, reasons: true, verdicts: .95, closes: .7})
		start := w.now
		type sent struct {
			id   string
			asOf time.Time
			was  map[string]string
		}
		var before []sent
		known := func(asOf time.Time) map[string]string {
			c := &reading{world: w, kind: digests.LeadsDigest, asOf: asOf}
			from, to := c.period()
			is := map[string]int{}
			c.among(from, to, func(l worldLead, f fate) (bool, bool) {
				is["leads"]++
				for what, yes := range map[string]bool{"accepted": f.judged && !f.back, "rejected": f.back, "won": f.won, "lost": f.lost} {
					if yes {
						is[what]++
					}
				}
				return false, false
			})
			var sum float64
			for _, l := range c.leads {
				for _, o := range l.outcomes {
					if o.Status == truce.Won && !o.At.Before(from) && o.At.Before(to) && !o.At.After(asOf) {
						is["deals"]++
						sum += float64(o.Amount.Amount)
					}
				}
			}
			text := map[string]string{"money": chat.Figure(math.RoundToEven(sum/100), "") + " EUR"}
			for _, what := range []string{"leads", "accepted", "rejected", "won", "lost", "deals"} {
				text[what] = fmt.Sprint(is[what])
			}
			return text
		}
		for week := range 5 {
			w.now = start.AddDate(0, 0, 7*week)
			for _, job := range maker().Jobs(w.store, digests.Timetable{}, slog.New(slog.DiscardHandler)) {
				if job.Name == "digest.leads" {
					if err := job.Run(t.Context(), w.now); err != nil {
						t.Fatal(err)
					}
				}
			}
			var said []string
			one := sent{asOf: w.now, was: known(w.now)}
			w.read(t, func(tx *storage.Tx) error {
				g, err := tx.LastDigest(digests.LeadsDigest)
				if err != nil {
					return err
				}
				one.id, one.asOf = g.ID, g.AsOf
				var card chat.Card
				if err := json.Unmarshal(g.Card, &card); err != nil {
					return err
				}
				said = sentencesOf(card)
				return nil
			})
			told := map[string]string{}
			for _, text := range said {
				if m := restatedSays.FindStringSubmatch(text); m != nil {
					told[m[1]] = m[2]
				}
			}
			for i, d := range before {
				is, got := known(d.asOf), map[string]string{}
				for part := range strings.SplitSeq(told[d.id], ", ") {
					if m := regexp.MustCompile(`^(\w+) (.*) to (.*)$`).FindStringSubmatch(strings.ReplaceAll(part, "\u202f", ",")); m != nil {
						got[m[1]] = m[2] + " to " + m[3]
					}
				}
				for what, now := range is {
					want := ""
					if d.was[what] != now {
						want, restated = d.was[what]+" to "+now, restated+1
					} else {
						same++
					}
					if what == "money" {
						want = strings.ReplaceAll(want, ",", "")
						got[what] = strings.ReplaceAll(got[what], ",", "")
					}
					if got[what] != want {
						t.Errorf("%s, week %d: %s of %s: %q, want %q; said is %q", w.name, week, what, d.id, got[what], want, told[d.id])
					}
				}
				before[i].was = is
			}
			before = append(before, one)
			w.late(t, r, one.asOf)
		}
	}
	if restated < 20 || same < 20 {
		t.Errorf("%d figures restated, %d the same: too few to tell", restated, same)
	}
}

// late writes leads and verdicts that came too late for the digests before.
func (w *world) late(t *testing.T, r *rand.Rand, asOf time.Time) {
	t.Helper()
	write(t, w.store, func(tx *storage.Tx) error {
		for n := range r.IntN(4) {
			at := asOf.AddDate(0, 0, -3-r.IntN(25))
			l := worldLead{Lead: truce.Lead{ID: fmt.Sprint("late", asOf.Unix(), "-", n), MQLAt: at, Source: "Source 0", Company: fmt.Sprint("Late ", asOf.Unix(), n)}}
			switch r.IntN(4) {
			case 0:
				l.outcomes = []truce.Outcome{{Status: truce.Rejected, Reason: "wrong-person", At: at.AddDate(0, 0, 1)}}
			case 1:
				l.outcomes = []truce.Outcome{{Status: truce.Accepted, At: at.AddDate(0, 0, 1)},
					{Status: truce.Won, At: at.AddDate(0, 0, 2), DealID: "deal-" + l.ID, HasAmount: true,
						Amount: truce.Money{Amount: int64(r.IntN(5_000_00)), Currency: "EUR"}}}
			}
			for i := range l.outcomes {
				l.outcomes[i].LeadID, l.outcomes[i].Origin = l.ID, truce.FromImport
			}
			if err := addLead(tx, l.Lead, l.outcomes...); err != nil {
				return err
			}
			w.leads = append(w.leads, l)
		}
		return nil
	})
}
