package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/web"
	"truce/handlers"
	"truce/schedules/digests"
	"truce/storage"
)

// This file is page one: what the company's own data say, and four things to try. Every figure is counted from the
// database, once, when its past has been made; none is written here.

const storyKey = "demo_story"

// writeStory counts what page one tells and keeps it in the database. invited is the lead that may be disputed; "" is none.
func writeStory(ctx context.Context, store *storage.Store, now time.Time, invited string) error {
	var f storyFigures
	err := store.View(ctx, func(tx *storage.Tx) (err error) {
		f, err = countStory(tx, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("count what page one tells: %w", err)
	}
	text, err := json.Marshal(f.story(invited))
	if err != nil {
		return fmt.Errorf("write page one: %w", err)
	}
	return store.Update(ctx, func(tx *storage.Tx) error { return tx.SetMeta(storyKey, string(text)) })
}

// ReadStory is page one as it was counted; without sentences where there is none.
func ReadStory(ctx context.Context, store *storage.Store) (story web.Story, err error) {
	err = store.View(ctx, func(tx *storage.Tx) error {
		v, err := tx.Meta(storyKey)
		if err != nil || v == "" {
			return err
		}
		return json.Unmarshal([]byte(v), &story)
	})
	return story, err
}

// storyFigures are the figures behind page one.
type storyFigures struct {
	leads     int
	source    *truce.Figures   // of the source with the highest mean score
	name      string           // of that source
	paid      map[string]int64 // for its leads, by currency
	old, won  int              // of its leads that are old enough to tell
	campaign  *regretted       // whose leads bought most often after they were sent back
	theme     storage.ThemeHeard
	before    storage.Heard
	themeWhen string
}

// regretted is a campaign whose leads were sent back, and what they bought later.
type regretted struct {
	name         string
	figures      truce.Figures
	back, bought int
	revenue      map[string]int64
	buyers       map[string]time.Time // account -> when it bought
	again        int                  // of the buyers, how many have ordered since
}

// fewLeads is below which a source or a campaign is no story.
const fewLeads = 30

func countStory(tx *storage.Tx, now time.Time) (f storyFigures, err error) {
	sources, campaigns := map[string]*truce.Figures{}, map[string]*regretted{}
	first, last, _, err := tx.LeadSpan()
	if err != nil {
		return f, err
	}
	err = tx.EachLeadCase(first, last.Add(time.Millisecond), func(c *truce.LeadCase) error {
		f.leads++
		s := sources[c.Lead.Source]
		if s == nil {
			s = &truce.Figures{}
			sources[c.Lead.Source] = s
		}
		s.Add(*c, now)
		r := campaigns[c.Lead.Campaign]
		if r == nil {
			r = &regretted{name: c.Lead.Campaign, revenue: map[string]int64{}, buyers: map[string]time.Time{}}
			campaigns[c.Lead.Campaign] = r
		}
		r.add(c, now)
		return nil
	})
	if err != nil {
		return f, err
	}
	maker := Config().Digests()
	study, err := maker.Study(tx, digests.Query{Kind: digests.LeadsDigest, AsOf: now})
	if err != nil {
		return f, err
	}
	best := -1.0
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		if mean, ok := sources[name].MeanScore(); ok && mean > best && sources[name].Leads >= min(fewLeads, f.leads/20) {
			best, f.name, f.source = mean, name, sources[name]
		}
	}
	for _, g := range study.Mature.BySource() {
		if g.Name == f.name {
			f.old, f.won = g.Leads, g.Won
		}
	}
	report, err := maker.Report(tx, digests.Query{Kind: digests.LeadsDigest, From: Calendar().StartOfDay(first),
		To: Calendar().StartOfDay(now).AddDate(0, 0, 1), AsOf: now})
	if err != nil {
		return f, err
	}
	f.paid = report.Costs.BySource[f.name]
	for _, name := range slices.Sorted(maps.Keys(campaigns)) {
		if r := campaigns[name]; r.bought > 0 && (f.campaign == nil || r.bought > f.campaign.bought) {
			f.campaign = r
		}
	}
	if r := f.campaign; r != nil {
		again := map[string]bool{}
		err = tx.EachOrder(now, func(o truce.Order) error {
			if won, ours := r.buyers[o.Account]; ours && o.At.After(won) {
				again[o.Account] = true
			}
			return nil
		})
		if r.again = len(again); err != nil {
			return f, err
		}
	}
	return f, f.hear(tx, now)
}

// add counts a lead; one that was sent back by somebody and won later is regretted.
func (r *regretted) add(c *truce.LeadCase, now time.Time) {
	r.figures.Add(*c, now)
	var back time.Time
	for _, o := range c.Outcomes {
		if o.Status == truce.Rejected && o.Origin != truce.FromSilence && !o.At.After(now) {
			back = o.At
		}
	}
	if back.IsZero() {
		return
	}
	r.back++
	if s := truce.Stand(c.Outcomes, now); s.State == truce.Won && s.At.After(back) {
		r.bought++
		if c.Lead.Account != "" {
			r.buyers[c.Lead.Account] = s.At
		}
		for currency, amount := range truce.Revenue(c.Outcomes, now) {
			r.revenue[currency] += amount
		}
	}
}

// hear finds the theme heard most this month, and how it was the month before.
func (f *storyFigures) hear(tx *storage.Tx, now time.Time) error {
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	before := month.AddDate(0, -1, 0)
	f.themeWhen = "this month by %d reps, %d the month before"
	if now.Day() <= 8 { // a young month has nothing to say yet
		month = now.AddDate(0, 0, -28)
		before = month.AddDate(0, 0, -28)
		f.themeWhen = "in four weeks by %d reps, %d in the four before"
	}
	list, err := tx.ThemesHeard(month, now)
	if err != nil || len(list) == 0 {
		return err
	}
	f.theme = slices.MaxFunc(list, func(a, b storage.ThemeHeard) int { return cmp.Compare(a.Times, b.Times) })
	f.before, err = tx.HeardOf(f.theme.ID, before, month)
	return err
}

// story says the figures in sentences.
func (f storyFigures) story(invited string) web.Story {
	s := web.Story{Title: "Quillwater Assays: both sides are right, about different leads.",
		Note: "Quillwater Assays, its people and its figures are invented. Every figure here is counted from the demo's own data, as of the " +
			"day it was made."}
	if f.source != nil {
		mean, _ := f.source.MeanScore()
		line := fmt.Sprintf("%d leads of %s: the highest score (%.0f)", f.source.Leads, strings.ToLower(f.name), mean)
		if len(f.paid) > 0 {
			line = strings.Join(amounts(f.paid), " and ") + " bought " + line
		}
		if f.source.Judged > 0 {
			line += fmt.Sprintf(", %.0f %% of those judged sent back", 100*float64(f.source.SentBack)/float64(f.source.Judged))
		}
		switch {
		case f.old > 0 && f.won == 0:
			line += fmt.Sprintf(", none of the %d old enough to tell has bought", f.old)
		case f.old > 0:
			line += fmt.Sprintf(", %d of the %d old enough to tell have bought", f.won, f.old)
		}
		s.Sentences = append(s.Sentences, "Sales is right: "+line+".")
	}
	if r := f.campaign; r != nil {
		line := fmt.Sprintf("Sales sent back %d of %d leads of %q", r.back, r.figures.Leads, r.name)
		if mean, ok := r.figures.MeanScore(); ok {
			line += fmt.Sprintf(" (score %.0f)", math.Round(mean))
		}
		line += fmt.Sprintf("; %d of them bought later", r.bought)
		for _, amount := range amounts(r.revenue) {
			line += ", " + amount
		}
		if r.again > 0 {
			line += fmt.Sprintf(", and %d have reordered", r.again)
		}
		s.Sentences = append(s.Sentences, "Marketing is right: "+line+".")
	}
	if f.theme.Times > 0 {
		s.Sentences = append(s.Sentences, fmt.Sprintf("And what buyers ask has changed: %q was heard %d times "+f.themeWhen+".",
			strings.ToLower(f.theme.Name), f.theme.Times, f.theme.Reps, f.before.Times))
	}
	s.Try = append(s.Try, web.Try{Text: "Be a rep between two calls: log what a buyer said, and have the answer in the same second.",
		Persona: "ann",
		Command: "/objection they say we take twice as long as Competitor X at Northfield Labs"})
	if invited != "" {
		s.Try = append(s.Try, web.Try{Text: "Dispute a lead that no buyer would be, and see it arrive at Mia's: four like it, all upheld. " +
			"Uphold it, and propose the rule.", Persona: "ann", Beside: "mia", BesideChannel: "lead-disputes",
			Command: "/dispute " + invited + " outside ICP: a freelance writer, no lab"})
	}
	s.Try = append(s.Try, web.Try{Text: "Be the sales manager: read the week in one screen, and open any figure down to one lead.",
		Persona: "sam", Command: "/digest weekly"})
	s.Try = append(s.Try, web.Try{Text: "Be the marketing manager on the eve of the task force: what is to be decided and why, and an " +
		"action that was carried twice. At ten on the next workday its items have buttons: move the clock on.", Persona: "mona",
		Command: "/taskforce"})
	return s
}

func amounts(m map[string]int64) (list []string) {
	for _, currency := range slices.Sorted(maps.Keys(m)) {
		list = append(list, truce.Money{Amount: m[currency], Currency: currency}.String())
	}
	return list
}

// Playable leaves out what cannot be tried.
func Playable(s web.Story, h *handlers.Handlers) web.Story {
	s.Try = slices.DeleteFunc(s.Try, func(t web.Try) bool {
		name, _, _ := strings.Cut(strings.TrimPrefix(t.Command, "/"), " ")
		return !slices.ContainsFunc(h.Commands(), func(c handlers.Command) bool { return c.Name == name })
	})
	return s
}
