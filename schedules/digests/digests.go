// Package digests makes the reports that people get and the jobs that send them. A digest is a pure function of the data and a
// moment: the same request gives the same bytes.
package digests

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/storage"
)

// Maker makes the reports that people get. It only reads: what is to be sent is written down by the jobs.
type Maker struct {
	Calendar truce.Calendar // the company's zone cuts days and weeks
	Terms    truce.Terms    // as configured; zero Precedents proposes no rules
	Stages   truce.Journey  // of the journey map, as configured; none are the usual ones
}

// Query says which report, over which leads, as of when.
type Query struct {
	Kind     string
	From, To time.Time // leads that qualified in [From, To); zero is the period the kind has by itself
	AsOf     time.Time
	By       string       // the attribute to table the leads by, instead of the digest; "" is none
	Person   truce.Person // of a personal report; else whoever asked

	Withheld truce.Sides // whose figures are left out because the reader is not to see them
}

func (d Maker) loc() *time.Location {
	if d.Calendar.Loc == nil {
		return time.UTC
	}
	return d.Calendar.Loc
}

// at is the maker with the terms that held at a moment.
func (d Maker) at(tx *storage.Tx, t time.Time) (Maker, error) {
	held := d.Terms
	held.Calendar = d.Calendar
	held, err := tx.TermsAt(held, t)
	d.Terms, d.Calendar = held, held.Calendar
	return d, err
}

// Fill sets the period a kind has by itself where none was given: the last whole week before AsOf, the last whole month for
// the sponsor, 13 weeks for a person.
func (d Maker) Fill(r Query) Query {
	week := func(n int) time.Time { return d.Calendar.Week(r.AsOf, n) }
	from, to := week(-1), week(0)
	switch r.Kind {
	case MineDigest:
		from = week(-13)
	case LeadsDigest:
		if r.By != "" { // a week is too small to be cut up
			from = week(-13)
		}
	case MonthlyDigest:
		day := d.Calendar.Date(r.AsOf)
		to = truce.Date{Year: day.Year, Month: day.Month, Day: 1}.At(0, d.loc())
		before := truce.DateOf(to.In(d.loc())).Add(-1)
		from = truce.Date{Year: before.Year, Month: before.Month, Day: 1}.At(0, d.loc())
	}
	switch {
	case r.From.IsZero() && r.To.IsZero():
		r.From, r.To = from, to
	case r.From.IsZero():
		r.From = d.Calendar.Date(r.To).Add(-7).At(0, d.loc())
	case r.To.IsZero():
		r.To = d.Calendar.Date(r.AsOf).Add(1).At(0, d.loc())
	}
	return r
}

// Report is the figures of a request.
func (d Maker) Report(tx *storage.Tx, r Query) (Report, error) {
	r = d.Fill(r)
	if r.Kind == MineDigest {
		return d.personalReport(tx, r.Person, r.From, r.To, r.AsOf)
	}
	s, err := d.Whole(tx, r)
	if err != nil {
		return Report{}, err
	}
	rep := d.report(&s)
	if r.By != "" {
		rep.Attribute, err = d.attribute(tx, r)
	}
	return rep, err
}

// Card is the report of a request as its reader sees it. A whole one holds all figures, for those who cannot press buttons.
func (d Maker) Card(tx *storage.Tx, r Query, whole bool) (chat.Card, error) {
	r = d.Fill(r)
	if r.Kind == MineDigest {
		return d.mine(tx, r)
	}
	if r.By != "" {
		return d.byAttribute(tx, r, whole)
	}
	s, err := d.study(tx, r, whole || r.Kind == MonthlyDigest)
	if err != nil {
		return chat.Card{}, err
	}
	if s.empty() {
		first, last, ok, err := tx.LeadSpan()
		if err != nil {
			return chat.Card{}, err
		}
		return cards.NoLeads(d.period(s.Query), first, last, ok), nil
	}
	var figures []chat.Block
	if whole {
		figures = append([]chat.Block{chat.Heading(chat.AllFigures)}, d.figureBlocks(&s)...)
	}
	c := d.card(&s, cards.Sent{}, figures)
	if whole {
		c.Blocks = slices.DeleteFunc(c.Blocks, func(b chat.Block) bool { return len(b.Buttons) > 0 || b.Select != nil })
	}
	return c, nil
}

// Show is a study as the card that its readers get.
func (d Maker) Show(s *Study) chat.Card { return d.card(s, cards.Sent{}, nil) }

// empty reports whether there is nothing to report.
func (s *Study) empty() bool {
	return s.Period.Totals.Leads+s.Trail.Totals.Leads+len(s.Promises)+len(s.Owed)+s.Heard.Volume == 0
}

// card is a study as the card of its kind.
func (d Maker) card(s *Study, sent cards.Sent, figures []chat.Block) chat.Card {
	p := d.period(s.Query)
	v := cards.DigestView{Period: p, Sent: sent, Data: d.dataView(s), Key: "digest." + s.Kind, Figures: figures,
		Other: s.Kind != MonthlyDigest}
	blocks, buttons := d.cardBlocks(s)
	switch s.Kind {
	case LeadsDigest:
		of := d.sourcesView(s)
		v.Finding, v.Footer = of.Finding, cards.LeadsFooter(of)
		v.Tail = cards.LeadsTail(of)
	case WeeklyDigest:
		v.Finding, v.Buttons, v.Footer = s.alignmentFinding(), cards.FigureButtons(p, true, indexButton(p, false)),
			cards.WeeklyFooter(p, d.weekView(s))
		list, more := firstDecisions(s)
		v.Tail = cards.DecisionsWait(len(list) + more)
	case MonthlyDigest:
		v.Finding, v.Buttons = s.alignmentFinding(), cards.FigureButtons(p, false, indexButton(p, false))
		v.Footer = chat.T("What has changed since Truce began; other things changed too, so this says nothing of why.")
	}
	if s.Kind != LeadsDigest {
		v.Blocks = cards.Why(v.Finding)
	}
	v.Blocks, v.Buttons = append(v.Blocks, blocks...), append(v.Buttons, buttons...)
	return cards.Digest(v)
}

// All is a card of everything behind a digest.
func (d Maker) All(tx *storage.Tx, r Query) (chat.Card, error) {
	s, err := d.Whole(tx, r)
	if err != nil {
		return chat.Card{}, err
	}
	names, err := d.attributes(tx, s.Query)
	if err != nil {
		return chat.Card{}, err
	}
	return cards.AllFigures(d.period(s.Query), d.figureBlocks(&s), names, indexButton(d.period(s.Query), true)), nil
}

// baselineKey is where the figures of the start are kept, frozen.
const baselineKey = "baseline"

func readBaseline(tx *storage.Tx) (b Baseline, ok bool, err error) {
	text, err := tx.Meta(baselineKey)
	if err != nil || text == "" {
		return b, false, err
	}
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return b, false, fmt.Errorf("read the baseline: %w", err)
	}
	return b, true, nil
}
