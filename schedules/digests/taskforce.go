package digests

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// heardDays are the days over which an agenda counts what is heard now.
const heardDays = 28

// This file gathers the agenda of a task force out of what the company's two sides have told, seen and left undecided.

// Agenda is what the next meeting of a series is about, as of a moment: what was recorded later does not exist. With no name it is the
// oldest series that runs; where there is none, the agenda is of what there is, for a meeting nobody has called yet.
func (d Maker) Agenda(tx *storage.Tx, name string, asOf time.Time) (a truce.Agenda, s truce.MeetingSeries, err error) {
	a.AsOf = asOf
	if d, err = d.at(tx, asOf); err != nil {
		return a, s, err
	}
	s, err = tx.SeriesNamed(name, asOf)
	if err != nil && (name != "" || truce.KindOf(err) != truce.NotFound) {
		return a, s, err
	}
	var last []truce.PastItem
	since := asOf.AddDate(0, 0, -heardDays)
	if s.ID != "" {
		a.Series = s.Name
		past, err := tx.Meetings(s.ID, asOf)
		if err != nil {
			return a, s, err
		}
		a.Meeting, _ = s.Next(d.Calendar, asOf)
		for _, m := range past {
			if !m.CancelledAt.IsZero() && m.At.Equal(a.Meeting) {
				a.Meeting, _ = s.Next(d.Calendar, a.Meeting)
			}
			if m.Held(asOf) {
				since = m.At
				if last, err = tx.MeetingItems(m.ID, asOf); err != nil {
					return a, s, err
				}
			}
		}
	}
	g := gatherer{d, tx, asOf, since, nil}
	for _, part := range []func() error{g.undecided, g.field, g.promises, g.online} {
		if err := part(); err != nil {
			return a, s, err
		}
	}
	if s.ID != "" {
		if err := g.people(s); err != nil {
			return a, s, err
		}
		list, err := tx.MeetingActions(s.ID, asOf)
		if err != nil {
			return a, s, err
		}
		a.Actions, a.More = truce.Top(list)
		g.closed(list)
	}
	a.Arrange(g.matters, last)
	return a, s, nil
}

// gatherer collects the matters of an agenda.
type gatherer struct {
	Maker
	tx      *storage.Tx
	asOf    time.Time
	since   time.Time // the meeting before, or four weeks ago
	matters []truce.Matter
}

func (g *gatherer) add(wants truce.Section, kind, ref, title, why string, evidence ...string) *truce.Matter {
	g.matters = append(g.matters, truce.Matter{Wants: wants,
		AgendaItem: truce.AgendaItem{Kind: kind, Ref: ref, Title: title, Why: why, Evidence: evidence}})
	return &g.matters[len(g.matters)-1]
}

// none names what there is nothing of.
func (g *gatherer) none(kind, title, why string) { g.add(truce.ToRead, kind, "none", title, why) }

// undecided are cases at the managers, proposals that wait for a yes, and equal rulings that no rule was made of.
func (g *gatherer) undecided() error {
	before := len(g.matters)
	owed, err := g.tx.Pending(g.terms(), g.asOf)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, o := range owed {
		if o.Kind != truce.RulingPromise || seen[o.Subject] {
			continue
		}
		seen[o.Subject] = true
		c, lead := o.Case, o.Lead
		who := "One manager of each side rules"
		if o.Side == truce.TheSponsor {
			who = "The sponsor rules"
		}
		m := g.add(truce.ToDecide, "dispute", c.ID, fmt.Sprintf("%s · %s, %s", c.ID, cmp.Or(lead.Company, lead.Ref), c.Reason.Info().Label),
			cards.UntilWhen(o, who, g.asOf, g.terms())+".", c.ID, lead.Ref)
		m.Due = o.DueAt
	}
	proposals, err := g.tx.ProposalsWaitingAt(g.asOf)
	if err != nil {
		return err
	}
	for _, p := range proposals {
		var missing []string
		for _, s := range p.Needs {
			if p.Yes(s) == "" {
				missing = append(missing, s.Title())
			}
		}
		name := string(p.Kind)
		if of, ok := truce.GroundOf(p.Kind); ok {
			name = of.Name
		}
		m := g.add(truce.ToDecide, "proposal", p.ID, fmt.Sprintf("%s · %s: %s", p.ID, name, p.Title),
			fmt.Sprintf("It waits for %s since %s.", strings.Join(missing, " and "), g.Calendar.Date(p.At).Words()), p.ID)
		m.Due, _ = g.Calendar.AddDays(p.At, truce.ProposalToSponsor)
	}
	if err := g.exceptions(); err != nil {
		return err
	}
	if g.Terms.Precedents > 0 {
		ripe, err := g.tx.RuleCandidates(g.Terms, g.asOf)
		if err != nil {
			return err
		}
		for _, c := range ripe {
			g.add(truce.ToDecide, "precedent", truce.FoldText(c.Source)+"/"+string(c.Reason),
				fmt.Sprintf("A rule for %s?", about(c.Source, c.Reason)),
				fmt.Sprintf("%d equal cases, all %s.", c.N, c.Outcome), c.CaseID)
		}
	}
	if len(g.matters) == before {
		g.none("dispute", "No case, rule or proposal waits", "Nothing is undecided at the managers.")
	}
	return nil
}

// exceptions are declared exceptions of the ideal customer that run out within four weeks.
func (g *gatherer) exceptions() error {
	list, err := g.tx.Exceptions(g.asOf)
	if err != nil {
		return err
	}
	soon := g.asOf.AddDate(0, 0, heardDays)
	for _, e := range list {
		if e.Until.After(soon) {
			continue
		}
		lead, err := g.tx.Lead(e.LeadID)
		if truce.KindOf(err) == truce.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		m := g.add(truce.ToDecide, "exception", lead.Ref, fmt.Sprintf("%s · %s: an exception of the ideal customer", lead.Ref,
			cmp.Or(lead.Company, lead.Ref)),
			fmt.Sprintf("“%s” It runs out on %s: declare it again, or change the profile.", strings.TrimSuffix(e.Why, "."),
				g.Calendar.Date(e.Until).Words()), lead.Ref)
		m.Due = e.Until
	}
	return nil
}

// saying gathers records that say the same.
type saying struct {
	text             string
	ids              []string
	accounts, people map[string]bool
}

type sayings map[string]*saying

func (m sayings) add(key, text string, s storage.SaidInField) {
	if key == "" {
		return
	}
	if m[key] == nil {
		m[key] = &saying{text: text, accounts: map[string]bool{}, people: map[string]bool{}}
	}
	x := m[key]
	x.ids, x.people[s.AuthorID] = append(x.ids, s.ID), true
	if s.Account != "" {
		x.accounts[s.Account] = true
	}
}

func (x *saying) at() string {
	return fmt.Sprintf("%s, %s", counted(len(x.accounts), "account", "accounts"), counted(len(x.people), "person", "people"))
}

// field is what was heard: objections that rise or have no answer, why deals are stuck, messages, trends, competitors.
func (g *gatherer) field() error {
	end := g.asOf.Add(time.Millisecond)
	month := g.asOf.AddDate(0, 0, -heardDays)
	list, err := g.tx.SaidBetween(g.asOf.AddDate(0, 0, -trailDays), end)
	if err != nil {
		return err
	}
	known, err := g.tx.CompetitorsBefore(month)
	if err != nil {
		return err
	}
	answered, err := g.tx.AnsweredThemes(g.asOf)
	if err != nil {
		return err
	}
	themes, stuck, messages, flat, trends, rivals := sayings{}, sayings{}, sayings{}, sayings{}, sayings{}, sayings{}
	heard := 0
	for _, s := range list {
		young := !s.At.Before(month)
		if young {
			heard++
		}
		switch truce.NoteKind(s.Kind) {
		case truce.NoteObjection:
			if young {
				themes.add(s.ThemeID, s.Theme, s)
			}
		case truce.NoteStuck:
			stuck.add(truce.FoldText(s.Text), s.Text, s)
		case truce.NoteResonates:
			messages.add(truce.FoldText(s.Text), s.Text, s)
		case truce.NoteFallsFlat:
			flat.add(truce.FoldText(s.Text), s.Text, s)
		case truce.NoteTrend:
			if young {
				trends.add("trends", "", s)
			}
		}
		if rival := truce.FoldText(s.Competitor); young && rival != "" && !known[rival] {
			rivals.add(rival, strings.TrimSpace(s.Competitor), s)
		}
	}
	day := g.Calendar.Date(g.asOf)
	weeks, err := themesUntil(g.tx, day, g.loc())
	if err != nil {
		return err
	}
	rising := weeks.Rising()
	for _, id := range slices.Sorted(maps.Keys(themes)) {
		x := themes[id]
		since, up := rising[id]
		switch {
		case !answered[id] && len(x.accounts) >= truce.RequestAccounts:
			g.add(truce.ToDecide, "answer", id, fmt.Sprintf("Is %s Marketing's next piece?", x.text),
				fmt.Sprintf("Raised at %s in four weeks, and no approved answer.", x.at()), x.ids...)
		case up:
			g.add(truce.ToDiscuss, "rising", id, x.text+" is rising", fmt.Sprintf("Since %s; %s in four weeks.", since, x.at()), x.ids...)
		case !answered[id]:
			g.add(truce.ToRead, "answer", id, x.text+" has no answer yet", fmt.Sprintf("Raised at %s in four weeks.", x.at()), x.ids...)
		}
	}
	repeated := func(of sayings, wants truce.Section, kind, before, why string) {
		for _, key := range slices.Sorted(maps.Keys(of)) {
			if x := of[key]; len(x.accounts) >= manyAccounts {
				g.add(wants, kind, key, before+x.text+"”", fmt.Sprintf(why, x.at()), x.ids...)
			}
		}
	}
	repeated(stuck, truce.ToDiscuss, "stuck", "Why deals are stuck: “", "Said of %s in 13 weeks.")
	repeated(messages, truce.ToRead, "message", "A message that resonates: “", "Heard at %s in 13 weeks.")
	repeated(flat, truce.ToRead, "message", "A message that falls flat: “", "Heard at %s in 13 weeks.")
	for _, key := range slices.Sorted(maps.Keys(rivals)) {
		wants := truce.ToRead
		if x := rivals[key]; len(x.accounts) > 1 {
			wants = truce.ToDiscuss
		}
		g.add(wants, "competitor", key, "A new competitor: "+rivals[key].text,
			fmt.Sprintf("Named in the last four weeks for the first time; %s.", rivals[key].at()), rivals[key].ids...)
	}
	if x := trends["trends"]; x != nil {
		g.add(truce.ToRead, "trend", "trends", counted(len(x.ids), "market trend was noted", "market trends were noted"),
			fmt.Sprintf("%s in four weeks.", x.at()), x.ids...)
	}
	if heard == 0 {
		g.none("field", "Nothing heard in the field", "No objection and no field note in four weeks: /objection and /field take ten seconds.")
	}
	return nil
}

// promises are those that can be told to be kept less often than was promised. An agenda is read by both sides, so those of a side with
// few people are not among them.
func (g *gatherer) promises() error {
	withheld, err := g.tx.WithheldSides(truce.Person{})
	if err != nil {
		return err
	}
	s, err := g.promisesBefore(g.tx, Query{Kind: WeeklyDigest, AsOf: g.asOf, Withheld: withheld})
	if err != nil {
		return err
	}
	for _, p := range s.Promises {
		if !p.Missed {
			continue
		}
		until := ""
		if p.Was > 0 {
			until = fmt.Sprintf(" (%.0f %% until %s)", 100*p.Was, g.Calendar.Date(p.From).Words())
		}
		title := fmt.Sprintf("%s: %s in time falls short", p.Side.Title(), promiseName(p.Kind))
		why := fmt.Sprintf("Kept %d of %d in 13 weeks, %s; promised %.0f %%%s. It can be told since %s.", p.Kept.K, p.Kept.N, share(p.Kept),
			100*p.Target, until, p.Since.Words())
		if p.Worst >= 0 {
			why += fmt.Sprintf(" %s stand out: %d of %d.", weekday(p.Worst), p.ByDay[p.Worst].K, p.ByDay[p.Worst].N)
		}
		g.add(truce.ToDiscuss, "promise", string(p.Side)+"/"+p.Kind, title, why)
	}
	switch {
	case len(s.Promises) > 0:
	case withheld.Any():
		g.none("promise", "No promises here", "Fewer than five people of a side use Truce: how it kept its promises is for managers and that "+
			"side, in /digest weekly.")
	default:
		g.none("promise", "No promise has come due", "There is nothing yet to hold against what was promised.")
	}
	return nil
}

// online is what was seen: engagements and campaigns of which there were clearly more or fewer than in the four weeks before, by the level
// of claims.go over all of them.
func (g *gatherer) online() error {
	middle, from := g.asOf.AddDate(0, 0, -heardDays), g.asOf.AddDate(0, 0, -2*heardDays)
	engaged, any, err := g.tx.EngagementsMoved(from, middle, g.asOf)
	if err != nil {
		return err
	}
	campaigns, err := g.tx.CampaignsMoved(from, middle, g.asOf)
	if err != nil {
		return err
	}
	moved := func(kind, unit string, list []storage.Moved) {
		for _, m := range list {
			if p := countsP(m.Now, m.Before); p >= movedP/float64(len(engaged)+len(campaigns)) {
				continue
			}
			up := "more"
			if m.Now < m.Before {
				up = "fewer"
			}
			g.add(truce.ToRead, kind, truce.FoldText(m.Name), fmt.Sprintf("%s: %s %s", m.Name, up, unit),
				fmt.Sprintf("%d in four weeks, %d in the four before.", m.Now, m.Before), m.Name)
		}
	}
	moved("engagement", "engagements", engaged)
	moved("campaign", "leads", campaigns)
	if !any {
		g.none("engagement", "No engagement data", "Nothing seen online was brought in: truce import engagements FILE.")
	}
	return nil
}

// countsP is the two-sided probability that two counts over stretches of the same length differ so by chance: the conditional test of
// Przyborowski and Wilenski (1940), normal with a correction for continuity; 1 under 20 counts together.
func countsP(a, b int) float64 {
	n := float64(a + b)
	if n < 20 {
		return 1
	}
	return stats.TwoSidedP(max(0, math.Abs(float64(a-b))-1) / math.Sqrt(n))
}

// people are what people have put on the agenda.
func (g *gatherer) people(s truce.MeetingSeries) error {
	list, err := g.tx.AddedItems(s.ID, g.asOf)
	if err != nil {
		return err
	}
	for _, i := range list {
		by, err := g.tx.Person(i.AddedBy)
		if err != nil {
			return err
		}
		var evidence []string
		if i.Ref != "" {
			evidence = []string{i.Ref}
		}
		g.add(i.Wants, "added", i.ID, i.Title, fmt.Sprintf("Added by %s on %s.", by.Name, g.Calendar.Date(i.AddedAt).Words()), evidence...)
	}
	return nil
}

// closed are the actions done and dropped since the meeting before.
func (g *gatherer) closed(list []truce.MeetingAction) {
	var done, dropped, ids []string
	for _, a := range list {
		switch {
		case a.ClosedAt.IsZero() || a.ClosedAt.Before(g.since):
			continue
		case a.Dropped:
			dropped = append(dropped, a.Title+" ("+a.Why+")")
		default:
			done = append(done, a.Title)
		}
		ids = append(ids, a.ID)
	}
	if len(ids) == 0 {
		return
	}
	why := ""
	if len(done) > 0 {
		why = "Done: " + strings.Join(done, "; ") + "."
	}
	if len(dropped) > 0 {
		why = strings.TrimSpace(why + " Dropped: " + strings.Join(dropped, "; ") + ".")
	}
	g.add(truce.ToRead, "action", "closed", counted(len(ids), "action ended since the meeting before",
		"actions ended since the meeting before"), why, ids...)
}

type agendaItemJSON struct {
	Kind     string   `json:"kind"`
	Ref      string   `json:"ref"`
	Title    string   `json:"title"`
	Why      string   `json:"why"`
	Evidence []string `json:"evidence"`
	Carried  int      `json:"carried"`
}

type agendaActionJSON struct {
	Title   string `json:"title"`
	Owner   string `json:"owner"`
	Due     string `json:"due"`
	State   string `json:"state"`
	Carried int    `json:"carried"`
}

// AgendaJSON is an agenda as docs/taskforce.md describes it: series is "" and meeting null where there is none yet.
func (d Maker) AgendaJSON(a truce.Agenda) ([]byte, error) {
	moment := func(t time.Time) string { return t.In(d.loc()).Format(time.RFC3339) }
	items := func(list []truce.AgendaItem) []agendaItemJSON {
		out := []agendaItemJSON{}
		for _, i := range list {
			if i.Evidence == nil {
				i.Evidence = []string{}
			}
			out = append(out, agendaItemJSON(i))
		}
		return out
	}
	out := struct {
		Series  string             `json:"series"`
		Meeting *string            `json:"meeting"`
		AsOf    string             `json:"as_of"`
		Decide  []agendaItemJSON   `json:"decide"`
		Discuss []agendaItemJSON   `json:"discuss"`
		Read    []agendaItemJSON   `json:"read"`
		Actions []agendaActionJSON `json:"actions"`
	}{Series: a.Series, AsOf: a.AsOf.UTC().Format("2006-01-02T15:04:05.999Z07:00"), Decide: items(a.Decide), Discuss: items(a.Discuss),
		Read: items(a.Read), Actions: []agendaActionJSON{}}
	if !a.Meeting.IsZero() {
		at := moment(a.Meeting)
		out.Meeting = &at
	}
	for _, x := range a.Actions {
		out.Actions = append(out.Actions, agendaActionJSON{x.Title, x.Owner, x.Due.String(), x.State(d.Calendar.Date(a.AsOf)), x.Carried})
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the agenda: %w", err)
	}
	return append(text, '\n'), nil
}

// AgendaCard is an agenda that nobody works on yet.
func (d Maker) AgendaCard(a truce.Agenda, s truce.MeetingSeries) chat.Card {
	return cards.Agenda(cards.AgendaView{Series: s, At: a.Meeting, Items: a.Items(), Actions: a.Actions, More: a.More,
		Today: d.Calendar.Date(a.AsOf), Loc: d.loc()})
}
