package digests

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file is activities as people work on them in chat: one activity's chain as it stands, what the company's own past offers for it,
// and the message on the day of a link.

// chain is an activity with what was seen of its links by a moment. Engaged leads are not held beside others: that takes a report.
func (d Maker) chain(tx *storage.Tx, a truce.Activity, asOf time.Time) (ActivityStudy, error) {
	s, err := d.links(tx, a, asOf)
	if err != nil {
		return s, err
	}
	return d.seen(tx, s, asOf)
}

// links is an activity with its links, nothing seen of them yet.
func (d Maker) links(tx *storage.Tx, a truce.Activity, asOf time.Time) (ActivityStudy, error) {
	s := ActivityStudy{Activity: a}
	links, err := tx.LinksOf(a.ID)
	for _, l := range links {
		s.Links = append(s.Links, LinkStudy{ActivityLink: l, Due: !l.Date.Add(1).At(0, d.loc()).After(asOf.Add(time.Millisecond))})
	}
	return s, err
}

// seen is an activity with what was seen of the links it comes with.
func (d Maker) seen(tx *storage.Tx, s ActivityStudy, asOf time.Time) (ActivityStudy, error) {
	list, err := d.allSeen(tx, []ActivityStudy{s}, asOf)
	return list[0], err
}

// allSeen is seen of several activities, by one reading of the leads.
func (d Maker) allSeen(tx *storage.Tx, list []ActivityStudy, asOf time.Time) ([]ActivityStudy, error) {
	report := ActivityReport{ActivityRequest: ActivityRequest{AsOf: asOf}, Activities: list}
	words := make([][]string, len(list))
	for i, s := range list {
		words[i] = s.Words()
	}
	match, due := newMatcher(words), d.toObserve(&report)
	firsts := newFirstEngaged(newRoll(), list, due)
	if err := firsts.read(tx, match); err != nil {
		return list, err
	}
	return report.Activities, d.observe(tx, &report, match, due, firsts)
}

// Activity is one activity's chain as blocks: expected against what was seen by a moment.
func (d Maker) Activity(tx *storage.Tx, a truce.Activity, asOf time.Time) ([]chat.Block, error) {
	s, err := d.chain(tx, a, asOf)
	if err != nil {
		return nil, fmt.Errorf("see what came of %s: %w", a.ID, err)
	}
	return s.chainBlocks(), nil
}

// ActivityReport is the whole report of the last year, as a card.
func (d Maker) ActivityReport(tx *storage.Tx, asOf time.Time) (chat.Card, error) {
	to := d.Calendar.Date(asOf).Add(1)
	from := truce.Date{Year: to.Year - 1, Month: to.Month, Day: to.Day}
	r, err := d.Activities(tx, ActivityRequest{From: from.At(0, d.loc()), To: to.At(0, d.loc()), AsOf: asOf})
	return r.Card(d.loc()), err
}

// pastOfKind is the least number of leads that a past is offered from.
const pastOfKind = 20

// ActivityPast is what the company's own past says of a kind of activity: of the leads of its earlier activities of the kind, and of the
// source of its name, that qualified in the year before the last one is old enough to tell. It is nil where there are too few.
func (d Maker) ActivityPast(tx *storage.Tx, kind, except string, asOf time.Time) (*truce.ActivityPast, error) {
	word := singular(kind)
	if word == "" {
		return nil, nil
	}
	known, err := tx.Activities()
	if err != nil {
		return nil, err
	}
	campaigns := map[string]bool{}
	for _, a := range known {
		if a.ID != except && singular(a.Kind) == word {
			for _, w := range a.Words() {
				campaigns[w] = true
			}
		}
	}
	until := d.Calendar.Date(asOf).Add(-WindowDays)
	from := until.Add(-365)
	p := &truce.ActivityPast{Kind: kind, From: from, To: until.Add(-1), Days: WindowDays, Revenue: map[string]int64{}}
	byDay := map[int]int{}
	err = tx.EachLeadCase(from.At(0, d.loc()), until.At(0, d.loc()), func(c *truce.LeadCase) error {
		if singular(c.Lead.Source) != word && !campaigns[truce.FoldText(c.Lead.Campaign)] {
			return nil
		}
		end := c.Lead.MQLAt.Add(WindowDays * 24 * time.Hour)
		f := c.Facts(end)
		p.Leads++
		for into, yes := range map[*int]bool{&p.Accepted: f.Stage >= truce.StageAccepted, &p.SQL: f.Stage >= truce.StageSQL,
			&p.Opportunities: f.Stage >= truce.StageOpportunity,
			&p.Won:           f.Wins()} {
			if yes {
				*into++
			}
		}
		if f.Wins() {
			byDay[int(f.At.Sub(c.Lead.MQLAt).Hours()/24)]++
		}
		for currency, amount := range f.Revenue {
			p.Revenue[currency] += amount
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look what came of earlier activities of the kind %q: %w", kind, err)
	}
	if p.Leads < pastOfKind {
		return nil, nil
	}
	share := stats.Wilson(p.Won, p.Leads)
	p.Low, p.High = share.Low, share.High
	var counts []stats.DayCount
	for day, n := range byDay {
		counts = append(counts, stats.DayCount{Day: day, Cause: causeWon, N: n})
	}
	p.MedianDays, _ = stats.DaysQuantile(counts, causeWon, 0.5)
	return p, nil
}

// singular is a kind or a source as they are compared: folded, without the plural's s.
func singular(s string) string { return strings.TrimSuffix(truce.FoldText(s), "s") }

// tellFor is for how many days after its day an owner is still told of a link: a file of past activities tells nobody.
const tellFor = 14

// dueLetter is what an owner is told of the links of one activity whose day is over.
type dueLetter struct {
	owner string
	links []truce.ActivityLink
	card  chat.Card
}

// activitiesDue tells the owners of activities what came of the links whose day is over, and asks for what only they can see.
func (m convener) activitiesDue(ctx context.Context, due time.Time) error {
	var letters []dueLetter
	err := m.store.View(ctx, func(tx *storage.Tx) (err error) {
		letters, err = m.dueLetters(tx)
		return err
	})
	if err != nil || len(letters) == 0 {
		return err
	}
	return m.store.Update(ctx, func(tx *storage.Tx) error {
		if ok, err := tx.Claim("activities", due); err != nil || !ok {
			return err
		}
		for _, l := range letters {
			for _, link := range l.links {
				if err := tx.LinkTold(link); err != nil {
					return err
				}
			}
			if l.owner == "" {
				continue
			}
			body, err := json.Marshal(l.card)
			if err != nil {
				return fmt.Errorf("write what came due: %w", err)
			}
			key := fmt.Sprintf("activity:%s/%d", l.links[0].Activity, due.UnixMilli())
			if err := tx.Send(storage.Message{Key: key, To: storage.ToPerson(l.owner), PersonID: l.owner, Body: body,
				Kind: storage.Notice}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (m convener) dueLetters(tx *storage.Tx) (letters []dueLetter, err error) {
	today := m.Calendar.Date(tx.Now)
	list, err := tx.LinksToTell(today.Add(-tellFor), today)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(list); {
		n := i
		for n < len(list) && list[n].Activity == list[i].Activity {
			n++
		}
		links := list[i:n]
		i = n
		a, err := tx.Activity(links[0].Activity)
		if truce.KindOf(err) == truce.NotFound {
			continue // it may come yet
		}
		if err != nil {
			return nil, err
		}
		l := dueLetter{links: links}
		if l.owner, err = ownerOf(tx, a); err != nil {
			return nil, err
		}
		s, err := m.chain(tx, a, tx.Now)
		if err != nil {
			return nil, err
		}
		var ask bool
		var lines []string
		for _, of := range s.Links {
			if slices.ContainsFunc(links, of.Same) {
				lines = append(lines, of.words())
				ask = ask || of.Seen == nil
			}
		}
		l.card = cards.ActivityDue(a, lines, ask)
		letters = append(letters, l)
	}
	return letters, nil
}

// ownerOf is the person who owns an activity, "" where nobody is known by what it says.
func ownerOf(tx *storage.Tx, a truce.Activity) (string, error) {
	p, err := tx.PersonByEmail(truce.FoldEmail(a.Owner))
	if truce.KindOf(err) == truce.NotFound {
		p, err = tx.Person(a.Owner)
	}
	if truce.KindOf(err) == truce.NotFound || err == nil && !p.Active {
		return "", nil
	}
	return p.ID, err
}

// words are a link's expected and seen figures in a line.
func (l LinkStudy) words() string {
	s := fmt.Sprintf("%s: %s expected by %s", linkName(l.ActivityLink), plainNumber(l.Expected), l.Date.Words())
	if l.Seen == nil {
		return s + "; only you can say what you saw"
	}
	s += ", " + plainNumber(*l.Seen) + " seen"
	if l.Usual != nil {
		s += fmt.Sprintf(" (%s to %s would be usual", plainNumber(l.Usual.Low), plainNumber(l.Usual.High))
		if l.Of > 0 {
			s += " of " + counted(l.Of, "lead", "leads")
		}
		s += ")"
	}
	if word := l.verdictWords(); word != "" {
		s += ": " + word
	}
	return s
}

// verdictWords is how what was seen stands to what was expected. That chance explains a difference does not make it what was expected: of
// 800,000 expected and 282,000 seen from three deals nobody can tell.
func (l LinkStudy) verdictWords() string {
	if l.Verdict == LinkAsExpected && l.Seen != nil && *l.Seen != l.Expected {
		return "chance explains the difference"
	}
	return [...]string{"", "under", "as expected", "over"}[l.Verdict]
}

// dueDays is how far back the digests look for links whose day has come.
const dueDays = 7

// ended is what the digests say of activities: links that came due in the last days, and the spend without an end.
type ended struct {
	due     []dueLink
	endless []truce.Activity
	any     bool
}

type dueLink struct {
	activity truce.Activity
	link     LinkStudy
}

// activitiesBlock is what activities were to bring by the last days and brought, and the spend that has no end.
var activitiesBlock = Block{
	Name: endsOfActivitiesName,
	How: []cards.Definition{
		{Label: "Activities that have come due", How: "links of activities whose day was over within the week before (of a longer or an " +
			"earlier period: within it): what was expected beside what Truce counts, with the interval of the number of cases. Over and " +
			"under are said where the interval leaves the expected figure out."},
		{Label: endlessLabel, How: endlessHow},
	},
	Gather: func(d Maker, tx *storage.Tx, s *Study) error {
		v := kept[ended](s)
		known, err := tx.Activities()
		if err != nil || len(known) == 0 {
			return err
		}
		chains, err := tx.ActivityLinks()
		if err != nil {
			return err
		}
		v.any = true
		first, end := d.dueIn(s.Query)
		within := func(l truce.ActivityLink) bool { return l.Date.Compare(first) >= 0 && l.Date.Compare(end) < 0 }
		var due []ActivityStudy
		for _, a := range known {
			if isEndless(a, chains[a.ID], s.AsOf) {
				v.endless = append(v.endless, a)
			}
			if !slices.ContainsFunc(chains[a.ID], within) {
				continue
			}
			study, err := d.links(tx, a, s.AsOf)
			if err != nil {
				return err
			}
			due = append(due, study)
		}
		if due, err = d.allSeen(tx, due, s.AsOf); err != nil {
			return err
		}
		for _, study := range due {
			for _, l := range study.Links {
				if within(l.ActivityLink) {
					v.due = append(v.due, dueLink{study.Activity, l})
				}
			}
		}
		return nil
	},
	Card: func(_ Maker, s *Study) []chat.Block { return kept[ended](s).blocks() },
	JSON: func(_ Maker, s *Study) any {
		v := kept[ended](s)
		if !v.any {
			return nil
		}
		return v.json()
	},
	Counts: func(d Maker, s *Study) []figure { return kept[ended](s).counts(d.period(s.Query)) },
	Rows: func(d Maker, tx *storage.Tx, r Query, where url.Values) (cards.DrillView, error) {
		return d.activityRows(tx, r, where)
	},
}

// dueIn are the days [first, end) whose links a report tells. That of a week tells the seven days before it is read, that of a longer
// period its own until it is read; that of a period long over tells its own alone, as its other figures.
func (d Maker) dueIn(r Query) (first, end truce.Date) {
	from, to, today := d.Calendar.Date(r.From), d.Calendar.Date(r.To), d.Calendar.Date(r.AsOf)
	switch {
	case today.Number()-to.Number() >= dueDays:
		return from, to
	case to.Number()-from.Number() <= dueDays:
		return today.Add(-dueDays), today
	}
	return from, today
}

// isEndless reports whether an activity has begun, is not closed, and nobody has said to what end.
func isEndless(a truce.Activity, links []truce.ActivityLink, asOf time.Time) bool {
	return a.ClosedAt.IsZero() && !a.HasEnd(links) && !a.StartsAt.After(asOf)
}

func (v *ended) blocks() (list []chat.Block) {
	var lines []any
	for n, l := range v.due {
		if n == 5 {
			lines = append(lines, fmt.Sprintf("\nand %d more: /activity list", len(v.due)-n))
			break
		}
		if n > 0 {
			lines = append(lines, "\n")
		}
		lines = append(lines, chat.B(l.activity.Name), " · "+l.link.words())
	}
	if len(lines) > 0 {
		list = append(list, chat.Heading("Activities that have come due"), chat.Para(lines...))
	}
	if len(v.endless) > 0 {
		list = append(list, chat.Para(ActivityReport{Endless: v.endless}.endless()))
	}
	return list
}

type dueJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	linkJSON
	Verdict string `json:"verdict"`
}

func (v *ended) json() any {
	out := struct {
		Due        []dueJSON `json:"due"`
		WithoutEnd struct {
			Count int              `json:"count"`
			Cost  map[string]int64 `json:"cost"`
		} `json:"without_end"`
	}{Due: []dueJSON{}}
	for _, l := range v.due {
		j := dueJSON{ID: l.activity.ID, Name: l.activity.Name, linkJSON: linkJSON{What: l.link.What, Unit: l.link.Unit,
			Date: l.link.Date.String(), Expected: l.link.Expected, Observed: l.link.Seen},
			Verdict: [...]string{"", "under", "as expected", "over"}[l.link.Verdict]}
		if l.link.Usual != nil {
			j.Low, j.High = &l.link.Usual.Low, &l.link.Usual.High
		}
		out.Due = append(out.Due, j)
	}
	out.WithoutEnd.Count, out.WithoutEnd.Cost = len(v.endless), costOf(v.endless)
	return out
}
