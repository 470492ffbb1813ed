package digests_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/schedules/stats"
)

const (
	shareRe = `(\d+ of \d+|[\d.]+ %)`
	spanRe  = `((?:the )?(?:last 13 weeks|last year|13 weeks to \d+ \w+ \d+|year to \d+ \w+ \d+))`
	nameRe  = `(Source \d|\(none\))`
	dateRe  = `(\d+ \w+ \d{4})`
)

// templates are the sentences of digests.
var templates = []template{
	// Headlines.
	{re: `(?:Look|look) at ` + nameRe + `: (highest scores, and )?none of its ([\d,]+) leads old enough to tell has bought\.`,
		is: neverBought},
	{re: `(?:Look|look) at ` + nameRe + `: of its leads judged Sales sent back ` + shareRe + `( for a source fault)?, ` + shareRe +
		` of all others\.`, is: wentBack},
	{re: `(?:Look|look) at ` + nameRe + `: ` + shareRe + ` of its leads old enough to tell bought, ` + shareRe + ` of all others\.`,
		is: boughtOf(false)},
	{re: nameRe + ` sells more often: ` + shareRe + ` of its leads old enough to tell bought, ` + shareRe + ` of all others\.`,
		is: boughtOf(true)},
	{re: `Sales sends back (more|less) than in (.*?): ` + shareRe + ` of the leads it judged, (up|down) from ` + shareRe + `\.`, is: overTime},
	{re: `Sales sends back more than half: ` + shareRe + ` of the ([\d,]+) leads? it judged, whatever the source\.`, is: moreThanHalf},
	{re: `Too few leads per source to compare\.`, is: func(c *reading, _ []string) error { return tooFew(c, true) }},
	{re: `Too few leads to tell anything yet\.`, is: func(c *reading, _ []string) error { return tooFew(c, false) }},
	{re: `One source only: nothing to compare\.`, is: func(c *reading, _ []string) error {
		from, to := c.trail()
		of := map[string]bool{}
		c.among(from, to, func(l worldLead, _ fate) (bool, bool) { of[truce.SourceName(l.Source)] = true; return true, false })
		return holds(len(c.judgedBySource()) == 1 && len(of) == 1, "%d sources have judged leads, %d leads", len(c.judgedBySource()), len(of))
	}},
	{re: `Nothing stands out\.`, is: couldStandOut},
	{re: `The gap is (first touch|verdicts on leads|answers to disputes|rulings)(?:(, most of all)? on (\w+)s)?(; leads inside the ICP are as promised)?\.`, is: theGap},
	// Below the headline.
	{re: `Those old enough score (\d+) on average, those of all others (\d+)\.`, is: meanScores},
	{re: `Also:`},
	{re: `Since ` + dateRe + `; still so\.`, is: sinceThen},
	{re: `So already by what was known on ` + dateRe + `; still so\.`, is: soAlready},
	{re: `No longer so: (first touch|verdicts on leads|answers to disputes|rulings) fell short of what was promised \(since ` + dateRe +
		`\)\.`, is: noLongerShort},
	{re: `No longer so: ` + nameRe + ` (was sent back more|bought less|bought more) than the others \(since ` + dateRe + `\)\.`, is: noLonger},
	{re: `Not to be seen any more: ` + nameRe + ` (was sent back more|bought less|bought more) than the others \(since ` + dateRe +
		`\)\. None of its newer leads can tell\.`, rare: true},
	{re: `No longer so: Sales sent back (more|less) than before \(since ` + dateRe + `\)\.`, is: noLongerOverTime},
	{re: `No longer so: (Sales sent back more than half of the leads it judged|leads left \w+ (?:faster|more slowly) than before|` +
		`(?:the score|the reps' ratings) told winners from losers better|quarter ends went with (?:more|fewer) wins outside the ICP|` +
		`customers outside the ICP bought again (?:more|less) often than those inside) \(since ` + dateRe + `\)\.`, rare: true, is: claimedBefore},
	{re: `Not to be seen any more: ([\w ']+) \(since ` + dateRe + `\)\. Too few are left to tell\.`, rare: true, is: claimedBefore},
	{re: `At so many leads a week a source that is clearly worse could be told from the others after some (\d+) weeks?\. Until then the table shows counts\.`},
	{re: `A source is compared with the others once Sales has judged leads of both\. Until then the table shows counts\.`},
	{re: `No source is better or worse than the others in every segment: the order turns round in (.*)\. It depends on the segment\.`,
		rare: true},
	{re: `No source's leads buy more or less often than the others' by more than chance explains\. Nobody's verdicts on leads are known\.`,
		is: noVerdicts},
	{re: `No source differs from the others, and no rate from .*?, by more than chance explains over a year of digests\.`, is: noneDiffers},
	{re: `Of all sources together Sales sent back (?:(\d+ of \d+)|([\d,]+) of ([\d,]+) \(([\d.]+ %)\))\.`, is: levelOfAll},
	{re: `In ` + spanRe + ` Sales sent back(, for a source fault,)? ` + shareRe +
		` of the ([\d,]+) leads? it judged(?: \([\d.]+ to [\d.]+ %(?:; all other sources ` + shareRe +
		`)?\))?(?:, mostly [\w ]+ \((\d+) of (\d+)\))?\.`, is: sentBackOf},
	{re: `Of its ([\d,]+) leads? old enough to tell, none has won\.`, is: oldNone},
	{re: `Of its leads old enough to tell, ` + shareRe + ` won\.`, is: oldWon},
	{re: `Of its ([\d,]+) leads? old enough to tell, ([\d.]+ %) won \([\d.]+ to [\d.]+ %\)\.`,
		is: func(c *reading, m []string) error { return oldWon(c, []string{m[0], m[2]}) }},
	{re: `Those old enough cost [\d,]+ EUR\.`, rare: true},
	// The week.
	{re: `(?:Last week|\w+ \d{4}): ([\d,]+) leads?(?: \(usual ([\d,]+) to ([\d,]+)\))?(?:, ([\d,]+) judged)?(?:, ([\d,]+) of them won)?(?:, (\d+) disputes? settled \((\d+) upheld, (\d+) declined(?:, (\d+) by silence)?(?:; median of \d+ answers?(?: in [\w ]+)?: [\w. ]+)?\))?(?:; (?:([\d,]+) deals? won)?(?: and )?(?:([\d,]+) orders? paid)?, ([\d,]+) EUR)?\.`, is: theWeek},
	{re: `New in the field “([^”]+)” \((\d+) accounts?, (\d+) reps?(?:; no answer yet)?\)(?:; “[^”]+” \(\d+ accounts?, \d+ reps?(?:; no answer yet)?\))*`, is: newInField},
	{re: `(?:· )?Rising ([\w ]+) \(heard (\d+) times? in 8 weeks from (\d+) accounts?; (\d+) would be as in the half year before\)`,
		is: risingTheme},
	{re: `Marketing owes (?:\d+ disputes?(?: \((?:next due|the first was due) [^)]*\))?)?(?: · )?(?:(\d+) answers?)?`},
	{re: `Sent back and bought later: of ([\d,]+) leads? of ` + spanRe + ` that Sales sent back, none is won since\.`,
		is: func(c *reading, m []string) error { return boughtLater(c, m[1], m[2], "0") }},
	{re: `Sent back and bought later: of ([\d,]+) leads? of ` + spanRe +
		` that Sales sent back, (\d+) (?:is|are) won since, however long it took(?:: ([\d,]+) EUR)?\. To the credit of both sides\.`,
		is: func(c *reading, m []string) error {
			return firstError(boughtLater(c, m[1], m[2], m[3]), c.boughtFor(m[2], m[4]))
		}},
	// The summary.
	{re: `(Marketing|Sales|The sponsor): ([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)`, is: sideRow},
	{re: `Slower(?: today)?: (\w+)\. Of the leads that came to it in 13 weeks ([\d,]+) of ([\d,]+) \([\d.]+ %\) went on within 30 days, ([\d,]+) of ([\d,]+) \([\d.]+ %\) in the 13 weeks before\.(?: “.+”, reps say there \(\d+ accounts?\)\.)?`, is: gotSlower},
	{re: `Faster(?: today)?: (\w+)\. Of the leads that came to it in 13 weeks ([\d,]+) of ([\d,]+) \([\d.]+ %\) went on within 30 days, ([\d,]+) of ([\d,]+) \([\d.]+ %\) in the 13 weeks before\.`, is: gotFaster},
	{re: `Also (?:(?:slower|faster) \w+(?:, | and )?)+\.`, rare: true, is: namesStages},
	{re: `Nothing waits for a decision\.`},
	{re: `Decide`, rare: true}, {re: `\d\. .*`, rare: true},
	{re: `What the outcomes say: `},
	{re: `(?:O|o)n the ([\d,]+) closed leads of ` + spanRe +
		` that have both, ratings tell a won one from a lost one (\d+) times in 100, the score (\d+) times: (not to be compared yet \(30 won and 30 lost\)|too close to call|the score told winners from losers better|the reps' ratings told winners from losers better), among leads that were worked\.`, is: scoreOrRating},
	{re: `([\d,]+) closed leads? of ` + spanRe +
		` with both a score and a rating beforehand, (\d+) won and (\d+) lost: too few to compare them \(10 of each\)\.`, is: tooFewClosed},
	{re: `Quarter ends go with (more|fewer) wins outside the ICP: ` + shareRe +
		` of the ([\d,]+) won in a quarter's last two weeks(?: \([\d.]+ to [\d.]+ %\))?, ` + shareRe +
		` of the ([\d,]+) others since (\w+ \d{4})(?: \(.*?\))?\.`, rare: true, is: quarterEndsGo},
	{re: `Bought again: .*?\.`, rare: true},
	{re: `Quarter ends go with (more|fewer) wins outside the ICP\.`, rare: true},
	{re: `Quarter ends and other days: not yet enough to tell them apart\.`}, {re: `Too few deals to compare quarter ends with other days\.`},
	{re: `Who buys again: (not yet enough to tell|too few to compare)\.`, rare: true},
	{re: `Customers outside bought again (more|less) often than those inside\.`, rare: true},
	{re: `A difference is named from 10 on each side, 5 points, and where chance makes one as large in one of a thousand looks at most\.`},
	{re: `What leads cost.*`, rare: true},
	{re: `([\d,]+) EUR bought ([\d,]+) leads? of ` + nameRe + `(?:: none has won|: ([\d,]+) won(?:, [\d,]+ EUR each)?)?\.`, rare: true,
		is: moneyBought},
	{re: `Influenced: a touch came before ` + shareRe + ` of the ([\d,]+) won deals?, and before ` + shareRe + ` of the ([\d,]+) lost ones?\.`,
		rare: true},
	{re: `Influenced: a touch came before (\d+) of the (\d+) won deals?, and before (\d+) of the (\d+) lost ones?\.`, rare: true},
	{re: `Influenced: .*\.`},
	{re: `Touches: the leads of a deal, and those of its account within 180 days of its opening\. Sourced: the account's last source before its first sales activity\.`},
	{re: `Ideal customer profile: (?:[^.]|\.\d)*\. Those of which the CRM does not say it are left out\.`, is: insideProfile},
	{re: `Repeat rate: .*`, rare: true},
	{re: `Disputes in ` + spanRe +
		` were (?:answered after a median of [\w. ]+? \((?:nine of ten within [\w. ]+?; )?(\d+) answers?\))?(?: and )?(?:closed after a median of [\w. ]+? \((?:nine of ten within [\w. ]+?; )?(\d+) cases?\))?, each from its opening\.`, is: disputesTook},
	{re: `Not measured: .*`},
	{re: `No objection goes with a win rate that differs beyond chance\. .*`, rare: true},
	{re: `What goes with something need not come of it\. .*`, rare: true},
	// Captions.
	{re: `\[.*\]`, is: caption},
	// Footers.
	{re: `Leads by the date they qualified(?:; ([\d,]+) of the ([\d,]+) of (?:last week|.*?) (is|are) still open: young cohorts are not bad ones)?\.`, is: stillOpen},
	{re: `Old enough to tell are the leads of (.*?): after (\d+) days four of five winners had bought\.`, is: oldEnough},
	{re: `Fewer than ten leads have won so far: too few to say after how long a lead is old enough to tell\.`, is: fewerThanTen},
	{re: `No lost deals are recorded: a lead without a deal is open, not lost\.`, is: noLosses},
	{re: `Your CRM gives no reasons for rejections, so every one counts\.`,
		is: func(c *reading, _ []string) error { return holds(!c.faultsOnly(), "most rejections have one") }},
	{re: `Not held against your CRM's own list yet\.`}, {re: `Promises by the date they were due\.`},
	{re: `Last week: ([\d,]+) leads?(?: \(usual .*?\))?, ([\d,]+) judged, ([\d,]+) open\.`, is: weekFooter},
	{re: `What has changed since Truce began; other things changed too, so this says nothing of why\.`},
}

func neverBought(c *reading, m []string) error {
	own, others := c.bought(m[1])
	return firstError(holds(own.N == number(m[3]) && own.K == 0, "it is %d of %d", own.K, own.N),
		holds(own.N >= 60, "60 is the least that never says something of"),
		holds(others.K > 0, "none of the others has bought either"),
		holds(m[2] == "" || c.topScore() == m[1], "the highest scores are of %s", c.topScore()))
}

func meanScores(c *reading, m []string) error {
	name := c.topScore()
	from, to, _ := c.old()
	var sum, n [2]float64
	for _, l := range c.leads {
		if l.HasScore && !l.MQLAt.Before(from) && l.MQLAt.Before(to) {
			of := 1
			if truce.SourceName(l.Source) == name {
				of = 0
			}
			sum[of], n[of] = sum[of]+l.Score, n[of]+1
		}
	}
	said := fmt.Sprintf("%.0f %.0f", sum[0]/n[0], sum[1]/n[1])
	return firstError(holds(said == m[1]+" "+m[2], "they are %s", said), holds(n[0] >= 30 && n[1] >= 30, "of %g and %g", n[0], n[1]))
}

// topScore is the source whose leads old enough have the highest mean score, of those with 30 scored.
func (c *reading) topScore() (best string) {
	from, to, _ := c.old()
	sum, n := map[string]float64{}, map[string]int{}
	for _, l := range c.leads {
		if l.HasScore && !l.MQLAt.Before(from) && l.MQLAt.Before(to) {
			sum[truce.SourceName(l.Source)] += l.Score
			n[truce.SourceName(l.Source)]++
		}
	}
	top := -1.0
	for name, k := range n {
		if x := sum[name] / float64(k); k >= 30 && x > top {
			best, top = name, x
		}
	}
	return best
}

func wentBack(c *reading, m []string) error {
	from, to := c.trail()
	own, others := c.sentBack(m[1], from, to, m[3] != "")
	return firstError(shown(own, m[2]), shown(others, m[4]), holds(own.Rate() > others.Rate(), "it is not more"),
		holds((m[3] != "") == c.faultsOnly(), "the faults alone count, or they do not"))
}

func boughtOf(more bool) func(c *reading, m []string) error {
	return func(c *reading, m []string) error {
		own, others := c.bought(m[1])
		return firstError(shown(own, m[2]), shown(others, m[3]),
			holds((own.Rate() > others.Rate()) == more && own.Rate() != others.Rate(), "it is the other way"))
	}
}

func overTime(c *reading, m []string) error {
	from, to := c.trail()
	own, _ := c.sentBack("no such source", from, to, false)
	_, now := c.sentBack("no such source", from, to, false)
	_, before := c.sentBack("no such source", from.AddDate(0, 0, -91), from, false)
	return firstError(holds(own.N == 0, "no such source"), shown(now, m[3]), shown(before, m[5]),
		holds((m[1] == "more") == (now.Rate() > before.Rate()) && (m[1] == "more") == (m[4] == "up"), "the other way"))
}

// judgedBySource is how many judged leads of 13 weeks each source has, as known at the look.
func (c *reading) judgedBySource() (list []int) {
	_, to := c.trail()
	to = to.AddDate(0, 0, -int(to.Weekday()+6)%7) // whole weeks
	from := to.AddDate(0, 0, -91)
	n := map[string]int{}
	for _, l := range c.leads {
		if !l.MQLAt.Before(from) && l.MQLAt.Before(to) && l.fate(to.Add(-time.Millisecond)).judged {
			n[truce.SourceName(l.Source)]++
		}
	}
	for _, k := range n {
		list = append(list, k)
	}
	slices.Sort(list)
	slices.Reverse(list)
	return list
}

func tooFew(c *reading, several bool) error {
	n := c.judgedBySource()
	switch {
	case several && len(n) == 0, !several && len(n) > 1:
		return fmt.Errorf("%d sources have judged leads", len(n))
	case len(n) > 1 && n[0] >= 26:
		return fmt.Errorf("a source has %d judged leads in 13 weeks", n[0])
	}
	return nil
}

// couldStandOut: there is something to compare, and enough of it.
func couldStandOut(c *reading, _ []string) error {
	n := c.judgedBySource()
	return holds(len(n) > 1 && n[0] >= 26, "of sources with judged leads %v: nothing could", n)
}

// noneDiffers: whoever counts finds nothing that no year of looks explains.
func noneDiffers(c *reading, _ []string) error {
	from, to := c.trail()
	for _, name := range c.names() {
		if name == "(none)" {
			continue
		}
		if own, others := c.sentBack(name, from, to, c.faultsOnly()); own.Rate() > others.Rate()+.05 && stats.FisherP(own, others) < 1e-7 {
			return fmt.Errorf("%s differs: %v against %v", name, own, others)
		}
	}
	return nil
}

func (c *reading) names() (list []string) {
	for _, l := range c.leads {
		if name := truce.SourceName(l.Source); !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

func noVerdicts(c *reading, _ []string) error {
	from, to := c.trail()
	said := c.among(from, to, func(l worldLead, f fate) (bool, bool) {
		return slices.ContainsFunc(l.outcomes, func(o truce.Outcome) bool { return o.Status == truce.Accepted || o.Status == truce.Rejected }),
			false
	})
	return holds(said.N == 0, "of %d a verdict is known", said.N)
}

func sinceThen(c *reading, m []string) error {
	since, err := time.Parse("2 Jan 2006", m[1])
	_, to := c.period()
	return firstError(err, holds(since.Weekday() == time.Monday, "looks are on Mondays"), holds(since.Before(to), "it is new"),
		c.claimedSince(since))
}

func theGap(c *reading, m []string) error {
	kind := map[string]string{"first touch": "touch", "verdicts on leads": "verdict", "answers to disputes": "answer",
		"rulings": "ruling"}[m[1]]
	p, days := c.keptOf(kind)
	err := holds(p.N > 0 && p.Rate() < .9, "%d of %d kept", p.K, p.N)
	if m[3] == "" || err != nil {
		return err
	}
	var own, rest stats.Proportion
	for day, k := range days {
		if time.Weekday(day).String() == m[3] {
			own = k
		} else {
			rest = rest.Plus(k)
		}
	}
	if own.Rate() >= rest.Rate() {
		return fmt.Errorf("%s: %v, other days %v", m[3], own, rest)
	}
	return holds((m[2] == "") == (rest.Rate() >= .9), "the other days keep %d of %d", rest.K, rest.N)
}

// keptOf is how promises of a kind due in the 13 weeks were kept, and by the weekday they began.
func (c *reading) keptOf(kind string) (all stats.Proportion, days [7]stats.Proportion) {
	from, to := c.trail()
	for _, k := range c.clocks {
		if k.kind != kind || k.due.Before(from) || !k.due.Before(to) {
			continue
		}
		one := stats.Proportion{N: 1}
		if k.result == "kept" {
			one.K = 1
		}
		all = all.Plus(one)
		days[k.from.Weekday()] = days[k.from.Weekday()].Plus(one)
	}
	return all, days
}

func sentBackOf(c *reading, m []string) error {
	from, to, err := c.span(m[1])
	if err != nil {
		return err
	}
	own, others := c.sentBack(c.headlined(), from, to, m[2] != "")
	if err := firstError(shown(own, m[3]), holds(own.N == number(m[4]), "%d judged", own.N)); err != nil {
		return err
	}
	if m[5] != "" {
		err = shown(others, m[5])
	}
	if n := number(m[7]); err == nil && m[7] != "" {
		err = firstError(holds(n == own.K, "%d were sent back", own.K), holds(2*number(m[6]) > n, "mostly is more than half"))
	}
	return err
}

// headlined is the source that the digest's headline names.
func (c *reading) headlined() string { return c.source }

func oldNone(c *reading, m []string) error {
	own, _ := c.bought(c.headlined())
	return holds(own.N == number(m[1]) && own.K == 0, "%d of %d", own.K, own.N)
}

func oldWon(c *reading, m []string) error {
	own, _ := c.bought(c.headlined())
	return shown(own, m[1])
}

func theWeek(c *reading, m []string) error {
	from, to := c.period()
	leads := c.among(from, to, func(_ worldLead, f fate) (bool, bool) { return true, f.judged })
	won := c.among(from, to, func(_ worldLead, f fate) (bool, bool) { return f.won, true })
	var upheld, declined, lapsed int
	for _, d := range c.disputes {
		if d.closed.Before(from) || !d.closed.Before(to) {
			continue
		}
		switch d.outcome {
		case "upheld":
			upheld++
		case "declined":
			declined++
		default:
			lapsed++
		}
	}
	deals, money := 0, int64(0)
	for _, l := range c.leads {
		for _, o := range l.outcomes {
			if o.Status == truce.Won && !o.At.Before(from) && o.At.Before(to) {
				deals, money = deals+1, money+o.Amount.Amount
			}
		}
	}
	n := func(i int) int { return number(m[i]) }
	return firstError(holds(n(1) == leads.N, "%d leads", leads.N), holds(m[4] == "" || n(4) == leads.K, "%d judged", leads.K),
		holds(n(5) == won.N, "%d won", won.N),
		holds(n(6) == upheld+declined+lapsed && n(7) == upheld && n(8) == declined && n(9) == lapsed, "%d upheld, %d declined, %d by silence",
			upheld, declined, lapsed),
		holds(n(10) == deals, "%d deals", deals), holds(m[12] == "" || number(m[12]) == halfEven(money), "%d cents", money))
}

// halfEven is an amount in whole units.
func halfEven(cents int64) int {
	n := cents / 100
	if rest := cents % 100; rest > 50 || rest == 50 && n%2 == 1 {
		n++
	}
	return int(n)
}

func newInField(c *reading, m []string) error {
	from, to := c.period()
	accounts, first := map[string]bool{}, to
	for _, h := range c.heard {
		if name := map[string]string{"price": "Price", "speed": "Too slow", "new": "Brand new"}[h.theme]; name == m[1] && h.at.Before(to) {
			first = minOf(first, h.at)
			accounts[h.account] = true
		}
	}
	return firstError(holds(!first.Before(from), "it was first heard on %s", first),
		holds(len(accounts) == number(m[2]), "%d accounts", len(accounts)))
}

func minOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// risingTheme: its share of what is heard, each account once a week, is larger than in the half year before, and the counts are right.
func risingTheme(c *reading, m []string) error {
	_, to := c.period()
	for to.Weekday() != time.Monday {
		to = to.AddDate(0, 0, -1)
	}
	theme := map[string]string{"Price": "price", "Too slow": "speed", "Brand new": "new"}[m[1]]
	accounts := map[string]bool{}
	count := func(from, to time.Time) (own, all float64) {
		seen := map[string]bool{}
		for _, h := range c.heard {
			once := fmt.Sprintf("%s, %s, %d", h.theme, h.account, to.Sub(h.at)/(7*24*time.Hour))
			if h.at.Before(from) || !h.at.Before(to) {
				continue
			}
			if h.theme == theme {
				accounts[h.account] = true
			}
			if seen[once] {
				continue
			}
			seen[once] = true
			if all++; h.theme == theme {
				own++
			}
		}
		return own, all
	}
	before, allBefore := count(to.AddDate(0, 0, -56-182), to.AddDate(0, 0, -56))
	clear(accounts)
	now, all := count(to.AddDate(0, 0, -56), to)
	return firstError(holds(now/all > before/allBefore, "%v of %v, before %v of %v", now, all, before, allBefore),
		holds(number(m[2]) == int(now), "%v times", now),
		holds(number(m[3]) == len(accounts), "%d accounts", len(accounts)),
		holds(number(m[4]) == int(math.Round(all*before/allBefore)), "%v as before", all*before/allBefore),
		holds(number(m[2]) > number(m[4]), "that is no rise"))
}

func moreThanHalf(c *reading, m []string) error {
	from, to := c.trail()
	_, all := c.sentBack("no such source", from, to, false)
	return firstError(shown(all, m[1]), holds(all.N == number(m[2]) && 2*all.K > all.N, "%v", all))
}

func levelOfAll(c *reading, m []string) error {
	from, to := c.trail()
	_, all := c.sentBack("no such source", from, to, false)
	if m[1] != "" {
		return shown(all, m[1])
	}
	return firstError(shown(all, m[4]), holds(all.K == number(m[2]) && all.N == number(m[3]), "%v", all))
}

func boughtLater(c *reading, n, span, k string) error {
	from, to, err := c.span(span)
	back := c.among(from, to, func(_ worldLead, f fate) (bool, bool) { return f.was, f.won })
	return firstError(err, holds(back.N == number(n) && back.K == number(k), "%d of %d", back.K, back.N))
}

// boughtFor: the money is that of the deals of those that were sent back and are won, each rounded once they are added up.
func (c *reading) boughtFor(span, said string) error {
	from, to, err := c.span(span)
	var sum float64
	c.among(from, to, func(l worldLead, f fate) (bool, bool) {
		if f.was && f.won {
			for _, o := range l.outcomes {
				if o.Status == truce.Won {
					sum += float64(o.Amount.Amount)
				}
			}
		}
		return false, false
	})
	return firstError(err, holds(float64(number(said)) == math.RoundToEven(sum/100), "it is %.2f EUR", sum/100))
}

// sideRow holds a row of a side's promises: name, kept, target, where it stands.
func sideRow(c *reading, m []string) error {
	side := map[string]string{"Marketing": "marketing", "Sales": "sales", "The sponsor": "sponsor"}[m[1]]
	kinds := map[string]string{"first touch": "touch", "verdicts on leads": "verdict", "answers to disputes": "answer", "rulings": "ruling"}
	name, _, timed := strings.Cut(m[2], " in time")
	said := m[3]
	if m[4] != "" {
		said += " of " + m[4]
	}
	if word, day, hasDay := strings.Cut(m[5], "; "); word == "✓" {
		said += " ✓"
	} else if word != "" {
		said += ", " + word
		if hasDay {
			said += " (" + day + ")"
		}
	}
	p, _ := c.keptOf(kinds[name])
	switch {
	case m[2] == "all else in time":
		var k, n, all int
		fmt.Sscanf(m[3], "%d of %d", &k, &n)
		for _, kind := range []string{"touch", "verdict", "answer", "ruling"} {
			if q, _ := c.keptOf(kind); c.sideOf(kind) == side && q.N < 10 && q.K == q.N {
				all += q.N
			}
		}
		return holds(k == n && n == all, "it is %d", all)
	case timed && m[3] == "not measured":
		return holds(p.N == 0, "%d were due", p.N)
	case timed:
		return promiseLine(c, kinds[name], p, said)
	case m[2] == "leads":
		from, to := c.trail()
		all := c.among(from, to, func(worldLead, fate) (bool, bool) { return true, false })
		return firstError(holds(side == "marketing", "leads are Marketing's"), holds(number(m[3]) == all.N, "it is %d", all.N))
	case m[2] == "not worked in 3 days":
		return holds(side == "sales", "leads are worked by Sales")
	case m[2] == "inside the ICP":
		return holds(side == "marketing", "%s is Marketing's", m[2])
	}
	return fmt.Errorf("nothing tests %q", m[2])
}

func (c *reading) sideOf(kind string) string {
	for _, k := range c.clocks {
		if k.kind == kind {
			return k.side
		}
	}
	return ""
}

// promiseLine checks "78 % of 90 %, below (Tuesdays 51 %)".
func promiseLine(c *reading, kind string, p stats.Proportion, said string) error {
	said, day, hasDay := strings.Cut(strings.TrimSuffix(said, ")"), " (")
	as, word, _ := strings.Cut(said, " of 90 %")
	if err := shown(p, as); err != nil {
		return err
	}
	met := p.Rate() >= .9
	switch strings.TrimSpace(word) {
	case "✓":
		if !met {
			return fmt.Errorf("it is not met")
		}
	case ", below", ", not yet enough to tell":
		if met {
			return fmt.Errorf("it is met")
		}
	case "":
		if p.N >= 10 {
			return fmt.Errorf("nothing is said of %d of %d", p.K, p.N)
		}
	default:
		return fmt.Errorf("what is %q?", word)
	}
	if hasDay {
		name, as, _ := strings.Cut(day, "s ")
		_, days := c.keptOf(kind)
		for i, d := range days {
			if time.Weekday(i).String() == name {
				return shown(d, as)
			}
		}
		return fmt.Errorf("what day is %q?", day)
	}
	return nil
}
