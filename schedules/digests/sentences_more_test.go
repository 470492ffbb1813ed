package digests_test

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/schedules/digests"
	"truce/schedules/stats"
	"truce/storage"
)

// claimsAt is what could be claimed at an earlier look.
func (c *reading) claimsAt(day time.Time) (s digests.Study) {
	if s, ok := c.studies[day]; ok {
		return s
	}
	defer func() { c.studies[day] = s }()
	_ = c.store.View(c.ctx, func(tx *storage.Tx) (err error) {
		s, err = maker().Study(tx, digests.Query{Kind: digests.WeeklyDigest, AsOf: day.Add(9 * time.Hour)})
		return err
	})
	return s
}

// claimedSince: the digest of that day claims something that this one claims, and that of the week before did not.
func (c *reading) claimedSince(since time.Time) error {
	now, then, before := claimsOf(c.study), claimsOf(c.claimsAt(since)), claimsOf(c.claimsAt(since.AddDate(0, 0, -7)))
	for what := range now {
		if then[what] && !before[what] {
			return nil
		}
	}
	return fmt.Errorf("now %v, then %v, a week earlier %v: nothing began then", now, then, before)
}

// claimsOf is what a study claims.
func claimsOf(s digests.Study) map[string]bool {
	is := map[string]bool{}
	for kind, list := range map[string][]digests.Told{"sent back": s.Claims.SentBack, "bought": s.Claims.Bought} {
		for _, t := range list {
			if t.Ended == (truce.Date{}) {
				is[fmt.Sprint(kind, t.Name, t.Higher)] = true
			}
		}
	}
	if t := s.Claims.OverTime; t != nil && t.Ended == (truce.Date{}) {
		is[fmt.Sprint("over time", t.Higher)] = true
	}
	for what := range s.HeldNow() {
		is[what] = true
	}
	for _, p := range s.Promises {
		if p.Missed {
			is[fmt.Sprint(p.Side, p.Kind)] = true
		}
	}
	return is
}

func noLonger(c *reading, m []string) error {
	since, err := time.Parse("2 Jan 2006", m[3])
	if err != nil {
		return err
	}
	has := func(s digests.Study) bool {
		list := s.Claims.Bought
		if m[2] == "was sent back more" {
			list = s.Claims.SentBack
		}
		for _, t := range list {
			if t.Name == m[1] && t.Ended == (truce.Date{}) && t.Higher == (m[2] != "bought less") {
				return true
			}
		}
		return false
	}
	from, _ := c.period()
	return firstError(holds(!has(c.study), "it is still claimed"), holds(has(c.claimsAt(since)), "it was not claimed then"),
		holds(has(c.claimsAt(from)), "it was not claimed in the digest before"))
}

func noLongerOverTime(c *reading, m []string) error {
	t := c.study.Claims.OverTime
	return holds(t != nil && t.Ended != (truce.Date{}) && t.Higher == (m[1] == "more"), "nothing ended")
}

// soAlready: by what was known that day something that is claimed now was so already, counted by plain loops.
func soAlready(c *reading, m []string) error {
	day, err := time.Parse("2 Jan 2006", m[1])
	if err != nil {
		return err
	}
	then := *c
	then.kind, then.asOf, then.study = digests.WeeklyDigest, day, c.claimsAt(day)
	from, to := then.trail()
	for _, t := range c.study.Claims.SentBack {
		own, others := then.sentBack(t.Name, from, to, c.faultsOnly())
		if t.Ended == (truce.Date{}) && (own.Rate() > others.Rate()) == t.Higher && own.Rate() != others.Rate() {
			return nil
		}
	}
	for _, t := range c.study.Claims.Bought {
		own, others := then.bought(t.Name)
		if t.Ended == (truce.Date{}) && (own.Rate() > others.Rate()) == t.Higher && own.Rate() != others.Rate() {
			return nil
		}
	}
	for _, p := range c.study.Promises {
		if kept, _ := then.keptOf(p.Kind); p.Missed && kept.N > 0 && kept.Rate() < p.Target {
			return nil
		}
	}
	at := c.claimsAt(day)
	for what := range c.study.HeldNow() {
		if at.HeldNow()[what] {
			return nil
		}
	}
	return fmt.Errorf("nothing that is claimed was so then")
}

// claimedBefore: the digest of that day claims it, and this one does not.
func claimedBefore(c *reading, m []string) error {
	since, err := time.Parse("2 Jan 2006", m[2])
	then := c.claimsAt(since)
	return firstError(err, holds(then.HeldNow()[m[1]], "on %s it was not claimed: %v", m[2], then.HeldNow()),
		holds(!c.study.HeldNow()[m[1]], "it still is claimed"))
}

func noLongerShort(c *reading, m []string) error {
	kind := map[string]string{"first touch": "touch", "verdicts on leads": "verdict", "answers to disputes": "answer",
		"rulings": "ruling"}[m[1]]
	from, to := c.period()
	was, is := claimsOf(c.claimsAt(from)), claimsOf(c.claimsAt(to))
	what := fmt.Sprint(c.sideOf(kind), kind)
	return holds(was[what] && !is[what] || c.kind == digests.MonthlyDigest, "a period before %v, now %v", was, is)
}

// namesStages: a stage that moved besides the first, whose figures stand on the journey map.
func namesStages(*reading, []string) error { return nil }

// gotSlower: as many went on within 30 days as there are leads that closed within them, and fewer than before.
func gotSlower(c *reading, m []string) error { return gotMoved(c, m, -1) }

// gotFaster: the same, and more than before.
func gotFaster(c *reading, m []string) error { return gotMoved(c, m, 1) }

func gotMoved(c *reading, m []string, way int) error {
	count := func(end time.Time) (p stats.Proportion) {
		for _, l := range c.leads {
			if l.MQLAt.Before(end.AddDate(0, 0, -91)) || !l.MQLAt.Before(end) {
				continue
			}
			p.N++
			if at := c.closedAt(l); !at.IsZero() && !at.After(l.MQLAt.AddDate(0, 0, 30)) {
				p.K++
			}
		}
		return p
	}
	now, before := count(c.asOf.AddDate(0, 0, -30)), count(c.asOf.AddDate(0, 0, -30-91))
	return firstError(holds(cmp.Compare(now.Rate(), before.Rate()) == way, "%v, before %v", now, before),
		holds(m[1] != "consideration" || now == stats.Proportion{K: number(m[2]), N: number(m[3])} &&
			before == stats.Proportion{K: number(m[4]), N: number(m[5])}, "%v, before %v", now, before))
}

func scoreOrRating(c *reading, m []string) error {
	from, to, err := c.span(m[2])
	if err != nil {
		return err
	}
	var won, lost [2][]float64 // score, rating
	n := 0
	for _, l := range c.leads {
		f := l.fate(c.asOf)
		if l.MQLAt.Before(from) || !l.MQLAt.Before(to) || !l.HasScore || !f.won && !f.lost {
			continue
		}
		if l.rating == 0 || !l.MQLAt.Add(30*time.Hour).Before(c.closedAt(l)) {
			continue
		}
		n++
		for i, v := range []float64{l.Score, float64(l.rating)} {
			if f.won {
				won[i] = append(won[i], v)
			} else {
				lost[i] = append(lost[i], v)
			}
		}
	}
	auc := func(i int) float64 {
		sum := 0.0
		for _, a := range won[i] {
			for _, b := range lost[i] {
				switch {
				case a > b:
					sum++
				case a == b:
					sum += .5
				}
			}
		}
		return sum / float64(len(won[i])*len(lost[i]))
	}
	score, rating := auc(0), auc(1)
	err = firstError(holds(n == number(m[1]), "%d leads", n),
		holds(fmt.Sprintf("%.0f", 100*rating) == m[3] && fmt.Sprintf("%.0f", 100*score) == m[4], "ratings %.3f, score %.3f", rating, score))
	few := min(len(won[0]), len(lost[0])) < 30
	switch {
	case err != nil:
	case strings.HasPrefix(m[5], "not to be"):
		err = holds(few, "%d won and %d lost", len(won[0]), len(lost[0]))
	case m[5] == "too close to call":
		err = holds(!few, "too few")
	default:
		err = holds(!few && strings.HasPrefix(m[5], "the score") == (score > rating), "ratings %.3f, score %.3f", rating, score)
	}
	return err
}

func (c *reading) closedAt(l worldLead) time.Time {
	for _, o := range l.outcomes {
		if o.Status == truce.Won || o.Status == truce.Lost {
			return o.At
		}
	}
	return time.Time{}
}

func tooFewClosed(c *reading, m []string) error {
	from, to, err := c.span(m[2])
	won := c.among(from, to, func(l worldLead, f fate) (bool, bool) {
		return (f.won || f.lost) && l.HasScore && l.rating > 0 && l.MQLAt.Add(30*time.Hour).Before(c.closedAt(l)), f.won
	})
	return firstError(err, holds(won.N == number(m[1]) && won.K == number(m[3]) && won.N-won.K == number(m[4]), "%d of %d won", won.K, won.N),
		holds(won.N > 0, "of nothing nothing is said"),
		holds(min(won.K, won.N-won.K) < 10, "there are enough"))
}

func quarterEndsGo(c *reading, m []string) error {
	since, err := time.Parse("Jan 2006", m[6])
	if err != nil {
		return err
	}
	_, to := c.period()
	var late, other stats.Proportion
	for _, l := range c.leads {
		for _, o := range l.outcomes {
			if o.Status != truce.Won || l.ICPFit == "" || o.At.Before(since) || !o.At.Before(to) {
				continue
			}
			p := &other
			if lastFortnight(o.At) {
				p = &late
			}
			if p.N++; l.ICPFit == truce.OutsideICP {
				p.K++
			}
		}
	}
	return firstError(holds(late.N == number(m[3]) && other.N == number(m[5]), "%v, %v", late, other),
		holds((m[1] == "more") == (late.Rate() > other.Rate()), "the other way"))
}

func moneyBought(c *reading, m []string) error {
	return holds(m[3] == "Source 1", "what is known is of Source 1")
}

func insideProfile(c *reading, m []string) error {
	parts := regexp.MustCompile(shareRe + ` of the ([\d,]+) leads?`).FindStringSubmatch(m[0])
	if parts == nil {
		return nil
	}
	from, to := c.trail()
	p := c.among(from, to, func(l worldLead, _ fate) (bool, bool) { return l.ICPFit != "", l.ICPFit == truce.InsideICP })
	if p.N < 10 { // "3 of the 9"
		return nil
	}
	return firstError(holds(p.N == number(parts[2]), "%d leads", p.N), shown(p, parts[1]))
}

func disputesTook(c *reading, m []string) error {
	from, to, err := c.span(m[1])
	answered, closed := 0, 0
	within := func(t time.Time) bool { return !t.Before(from) && t.Before(to) }
	for _, d := range c.disputes {
		if within(d.answered) {
			answered++
		}
		if within(d.closed) {
			closed++
		}
	}
	return firstError(err, holds(answered == number(m[2]) && closed == number(m[3]), "%d answered, %d closed", answered, closed))
}

// caption: a table of several cohorts names each.
func caption(c *reading, m []string) error {
	if strings.HasPrefix(m[0], "[By source, the last 13 weeks") && c.study.Grown {
		return holds(strings.Contains(m[0], "old enough"), "the won are of other leads than the 13 weeks'")
	}
	if strings.HasPrefix(m[0], "[Since Truce") {
		return holds(strings.Contains(m[0], "of a year at the start, of 13 weeks now"), "the columns are of other stretches")
	}
	return nil
}

func stillOpen(c *reading, m []string) error {
	from, to := c.period()
	p := c.among(from, to, func(_ worldLead, f fate) (bool, bool) { return true, f.open })
	if m[1] == "" {
		return nil
	}
	return firstError(holds(p.K == number(m[1]) && p.N == number(m[2]), "%d of %d", p.K, p.N), holds((m[3] == "is") == (p.K == 1), "grammar"))
}

// oldEnough: four of five winners who have had the time had bought by then.
func oldEnough(c *reading, m []string) error {
	days := number(m[2])
	from, to, _ := c.old()
	by, all := 0, 0
	for _, l := range c.leads {
		if f := l.fate(c.asOf); f.won && l.MQLAt.Before(c.asOf.Truncate(24*time.Hour).AddDate(0, 0, -365)) {
			if all++; truce.DaysBetween(l.MQLAt, f.first, time.UTC) <= days {
				by++
			}
		}
	}
	span := ""
	if s, e, err := c.span(m[1]); err == nil && (!s.Equal(from) || !e.Equal(to)) {
		span = fmt.Sprintf("%s is %s to %s, the figures are of %s to %s", m[1], s, e, from, to)
	}
	return firstError(holds(span == "", "%s", span), holds(all < 20 || float64(by) >= .79*float64(all),
		"%d of %d winners had bought after %d days", by, all, days),
		holds(!to.After(c.asOf.AddDate(0, 0, -days+1)), "leads up to %s have not had %s days", to, strconv.Itoa(days)))
}

func fewerThanTen(c *reading, _ []string) error {
	won := c.among(c.asOf.AddDate(-1, 0, 0), c.asOf, func(_ worldLead, f fate) (bool, bool) { return f.won, true })
	return holds(won.N < 10, "%d have", won.N)
}

func noLosses(c *reading, _ []string) error {
	lost := c.among(c.asOf.AddDate(0, 0, -364), c.asOf, func(_ worldLead, f fate) (bool, bool) { return f.lost, true })
	return holds(lost.N == 0, "%d are", lost.N)
}

func weekFooter(c *reading, m []string) error {
	from, to := c.period()
	p := c.among(from, to, func(_ worldLead, f fate) (bool, bool) { return true, f.judged })
	open := c.among(from, to, func(_ worldLead, f fate) (bool, bool) { return true, f.open })
	return holds(p.N == number(m[1]) && p.K == number(m[2]) && open.K == number(m[3]), "%d, %d judged, %d open", p.N, p.K, open.K)
}

// oneOfMany is a plural after a single one.
var oneOfMany = regexp.MustCompile(`(?:^|[^\d,.:/-])1 (?:leads|accounts|reps|days|weeks|months|deals|orders|disputes|cases|answers|ratings|rules|sources|entries|times|people|wins|themes|others|values|customers|meetings|actions|hours)\b`)

// TestRecordsTellAtTheFirstDigest: what is so in a year of records that are imported is the headline of the first digest made of them.
func TestRecordsTellAtTheFirstDigest(t *testing.T) {
	const companies = 6
	told := 0
	for seed := range uint64(companies) {
		p := plan{name: "records", sources: []worldSource{{name: "Source 0", back: .35, won: .2, slow: 1, score: 50}, like("Source 1"),
			like("Source 2"), like("Source 3")}, perWeek: 25, weeks: 52, verdicts: .95, closes: .7}
		w := newWorld(t, 2000+4*seed, p)
		w.read(t, func(tx *storage.Tx) error {
			s, err := maker().Study(tx, digests.Query{Kind: digests.LeadsDigest, AsOf: w.now})
			if err != nil {
				return err
			}
			switch headline := maker().Show(&s).Title.String(); {
			case strings.HasPrefix(headline, "Look at Source 0: of its leads judged Sales sent back "):
				told++
			case headlined.FindString(headline) != "":
				t.Errorf("seed %d: %s", seed, headline)
			default:
				t.Logf("seed %d: %s", seed, headline)
			}
			return nil
		})
	}
	if told < 4 { // of 20 leads a week it is 68 of 100
		t.Errorf("told at once in %d of %d companies", told, companies)
	}
}

// TestAYoungQuarterIsHeldAgainstTheYear: of a quarter of which no lead is old enough, what the old ones became is read from the
// year before, not from no days at all.
func TestAYoungQuarterIsHeldAgainstTheYear(t *testing.T) {
	slow := func(name string) worldSource { return worldSource{name: name, back: .1, won: .3, slow: 3, score: 50} }
	w := newWorld(t, 3, plan{name: "slow", sources: []worldSource{slow("Source 0"), slow("Source 1")}, perWeek: 20, weeks: 100, reasons: true,
		verdicts: .95, closes: .7})
	w.read(t, func(tx *storage.Tx) error {
		to := monday.AddDate(0, 0, -7)
		s, err := maker().Whole(tx, digests.Query{Kind: digests.LeadsDigest, From: to.AddDate(0, 0, -100), To: to, AsOf: w.now})
		if err != nil {
			return err
		}
		if s.Window < 101 {
			t.Fatalf("they are old enough after %d days: nothing is tested", s.Window)
		}
		if !s.Mature.From.Before(s.Mature.To) || s.Mature.Totals.Leads == 0 {
			t.Errorf("%d leads old enough, of %s to %s", s.Mature.Totals.Leads, s.Mature.From, s.Mature.To)
		}
		return nil
	})
}

// TestOneSourceOnlyIsOneSource: of two sources of which Sales has judged one, nobody says that there is one only.
func TestOneSourceOnlyIsOneSource(t *testing.T) {
	for _, tt := range []struct {
		name   string
		second string
		want   string
	}{{"one", "Web", "One source only: nothing to compare."}, {"two, one of them judged", "Kit", "Too few leads per source to compare."}} {
		now := monday
		s := openStore(t, func() time.Time { return now })
		write(t, s, func(tx *storage.Tx) error {
			for id, source := range map[string]string{"a": "Web", "b": tt.second} {
				if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: monday.AddDate(0, 0, -5), Source: source}); err != nil {
					return err
				}
			}
			_, err := tx.AddOutcome(truce.Outcome{LeadID: "a", Status: truce.Accepted, At: monday.AddDate(0, 0, -4), Origin: truce.FromImport})
			return err
		})
		read(t, s, func(tx *storage.Tx) error {
			st, err := maker().Study(tx, digests.Query{Kind: digests.LeadsDigest, AsOf: monday})
			if err != nil {
				return err
			}
			if got := maker().Show(&st).Title.String(); got != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
			}
			return nil
		})
	}
}
