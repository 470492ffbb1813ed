package digests

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/schedules/stats"
	"truce/storage"
)

// This file computes what a proposal would have done over the last 13 whole weeks: said on its card, before anybody votes.

// Effect is what a proposal would have changed, in a sentence; "" where there is nothing to compute.
func (d Maker) Effect(tx *storage.Tx, k truce.ProposalKind, thing string, was, payload json.RawMessage, asOf time.Time) (string, error) {
	d, err := d.at(tx, asOf)
	if err != nil {
		return "", err
	}
	withheld, err := tx.WithheldSides(truce.Person{}) // everybody reads a proposal
	if err != nil {
		return "", err
	}
	weeks := make([]time.Time, trailWeeks+1)
	for i := range weeks {
		weeks[i] = d.Calendar.Week(asOf, i-trailWeeks)
	}
	if k == truce.CharterGround {
		return d.charterEffect(tx, was, payload, weeks, asOf, withheld)
	}
	if k == truce.RuleGround {
		return ruleEffect(tx, payload, weeks)
	}
	if k == truce.StagesGround {
		return d.stagesEffect(tx, payload, asOf)
	}
	s, ok := truce.SettingOf(thing)
	if !ok || s.Kind != k {
		return "", nil
	}
	next, err := s.With(d.Terms, payload)
	if err != nil {
		return "", err
	}
	switch s.Key {
	case "promises.mql_score", "promises.leads_per_quarter", "promises.urgent":
		return d.leadsEffect(tx, s, next, weeks)
	case "promises.icp_share":
		return d.shareEffect(tx, next.Targets.ICPShare, weeks)
	case "promises.rating_after_days":
		return "", nil
	}
	return d.timesEffect(tx, s, next, weeks, asOf, withheld)
}

// ruleEffect is how many cases a rule would have settled.
func ruleEffect(tx *storage.Tx, payload json.RawMessage, weeks []time.Time) (string, error) {
	r, err := truce.ReadRule(payload)
	if err != nil {
		return "", err
	}
	n, err := tx.DisputesAlike(r.Source, r.Reason, weeks[0], weeks[trailWeeks])
	switch {
	case err != nil || n == 0:
		return "", err
	case n == 1:
		return "In the last 13 weeks it would have settled 1 case.", nil
	}
	return fmt.Sprintf("In the last 13 weeks it would have settled %d cases.", n), nil
}

// stagesEffect is what would be on no stage any more: entries of stages that go, and open leads whose stage nobody names.
func (d Maker) stagesEffect(tx *storage.Tx, payload json.RawMessage, asOf time.Time) (string, error) {
	next, err := truce.ReadStages(payload)
	if err != nil {
		return "", err
	}
	j, err := tx.Journey(d.JourneyStages(), asOf)
	if err != nil {
		return "", err
	}
	entries, err := tx.JourneyEntries(asOf)
	if err != nil {
		return "", err
	}
	lost := map[string]int{}
	var order []string
	for _, e := range entries {
		if i := j.Find(e.Stage); i >= 0 && next.Find(j[i].Name) < 0 {
			if lost[j[i].Name]++; lost[j[i].Name] == 1 {
				order = append(order, j[i].Name)
			}
		}
	}
	var parts []string
	for _, name := range order {
		parts = append(parts, counted(lost[name], "entry", "entries")+" of "+name)
	}
	if len(parts) == 0 {
		return "", nil
	}
	return strings.Join(parts, ", ") + " would be on the map no more: kept, and back when the stage is.", nil
}

// clocksOf are the promises that a setting is about.
var clocksOf = map[string]struct {
	kinds  []truce.PromiseKind
	urgent int // 1: only those of urgent leads, -1: of all others
}{
	"promises.accept_hours":             {[]truce.PromiseKind{truce.VerdictPromise}, -1},
	"promises.accept_hours_urgent":      {[]truce.PromiseKind{truce.VerdictPromise}, 1},
	"promises.first_touch_hours":        {[]truce.PromiseKind{truce.TouchPromise}, -1},
	"promises.first_touch_hours_urgent": {[]truce.PromiseKind{truce.TouchPromise}, 1},
	"promises.answer_hours":             {[]truce.PromiseKind{truce.AnswerPromise}, 0},
	"promises.ask_once_hours":           {[]truce.PromiseKind{truce.EvidencePromise}, 0},
	"promises.rep_hours":                {[]truce.PromiseKind{truce.ReplyPromise}, 0},
	"promises.rule_hours":               {[]truce.PromiseKind{truce.RulingPromise}, 0},
}

// timesEffect is how often what was due would have been in time under other terms.
func (d Maker) timesEffect(tx *storage.Tx, s truce.Setting, next truce.Terms, weeks []time.Time, asOf time.Time,
	withheld truce.Sides) (string, error) {
	of, ok := clocksOf[s.Key]
	if !ok { // business hours, or the share that is promised of all of these
		of.kinds = []truce.PromiseKind{truce.TouchPromise, truce.VerdictPromise, truce.AnswerPromise}
	}
	lines, err := tx.PromiseLines(weeks[0], weeks[trailWeeks])
	if err != nil {
		return "", err
	}
	leads, err := tx.LeadWords(weeks[0].AddDate(-1, 0, 0), weeks[trailWeeks])
	if err != nil {
		return "", err
	}
	var now, then [trailWeeks]stats.Proportion
	for _, l := range lines {
		kind := truce.PromiseKind(l.Kind)
		urgent := d.Terms.UrgentLead(leads[l.Subject])
		if !slices.Contains(of.kinds, kind) || of.urgent != 0 && urgent != (of.urgent > 0) {
			continue
		}
		if withheld.Has(l.Side) {
			return "", nil // what so few people did is not everybody's to read
		}
		kept, due := keptAt(l, asOf)
		if !due {
			continue
		}
		week := weekOf(weeks, l.DueAt)
		now[week].N, now[week].K = now[week].N+1, now[week].K+kept
		if in, due := d.Terms.Under(next, truce.Promise{Kind: kind, StartedAt: l.StartedAt, DueAt: l.DueAt, StoppedAt: l.Ended,
			Result: truce.PromiseResult(l.Result)}, urgent, asOf); due {
			then[week].N++
			if in {
				then[week].K++
			}
		}
	}
	return keptWeeks(now, then, d.Terms.Targets.InTimeShare, next.Targets.InTimeShare, "in time"), nil
}

// weekOf is the week that a moment lies in; it lies in one.
func weekOf(weeks []time.Time, at time.Time) int {
	i, found := slices.BinarySearchFunc(weeks, at, time.Time.Compare)
	if !found {
		i--
	}
	return min(max(i, 0), trailWeeks-1)
}

// keptWeeks says in how many weeks a share would have been kept, and in how many it was as it is.
func keptWeeks(now, then [trailWeeks]stats.Proportion, target, next float64, what string) string {
	var was, would, all, old stats.Proportion
	for w := range trailWeeks {
		if then[w].N > 0 {
			would.N++
			if then[w].Rate() >= next {
				would.K++
			}
			if now[w].N > 0 && now[w].Rate() >= target {
				was.K++
			}
		}
		all.K, all.N, old.K, old.N = all.K+then[w].K, all.N+then[w].N, old.K+now[w].K, old.N+now[w].N
	}
	if all.N == 0 {
		return "Nothing of this kind was due in the last 13 weeks, so nobody can say how it would have gone."
	}
	s := fmt.Sprintf("In the last 13 weeks %d of %d would have been %s (%d as it is).", all.K, all.N, what, old.K)
	if next <= 0 {
		return s
	}
	as := ""
	if target > 0 {
		as = fmt.Sprintf(" (%d as it is)", was.K)
	}
	return fmt.Sprintf("%s The promise of %s would have been kept in %d of %s%s.", s, percentOf(next), would.K, weeksSaid(would.N), as)
}

func weeksSaid(n int) string {
	switch n {
	case 1:
		return "1 week that had any"
	case trailWeeks:
		return "13 weeks"
	}
	return fmt.Sprintf("%d weeks that had any", n)
}

func percentOf(share float64) string {
	f := truce.CharterFigure{Unit: "share"}
	return f.Shown(share, "")
}

// leadsEffect counts the leads of the weeks by what a setting says of them.
func (d Maker) leadsEffect(tx *storage.Tx, s truce.Setting, next truce.Terms, weeks []time.Time) (string, error) {
	leads, err := tx.LeadWords(weeks[0], weeks[trailWeeks])
	if err != nil {
		return "", err
	}
	var perWeek [trailWeeks]int
	scored, reach, urgent, now := 0, 0, 0, 0
	for _, l := range leads {
		perWeek[weekOf(weeks, l.MQLAt)]++
		if l.HasScore {
			scored++
			if l.Score >= next.Targets.MQLScore {
				reach++
			}
		}
		if next.UrgentLead(l) {
			urgent++
		}
		if d.Terms.UrgentLead(l) {
			now++
		}
	}
	switch {
	case len(leads) == 0:
		return "No leads are known of the last 13 weeks, so nobody can say how it would have gone.", nil
	case s.Key == "promises.mql_score":
		return fmt.Sprintf("Of %s of the last 13 weeks with a score, %d reach it. Leads below today's threshold are not known here, so a lower "+
			"one would bring more than can be said.", counted(scored, "lead", "leads"), reach), nil
	case s.Key == "promises.urgent":
		return fmt.Sprintf("Of %s of the last 13 weeks %d would have been urgent (%d as it is).", counted(len(leads), "lead", "leads"), urgent,
			now), nil
	}
	would, was := 0, 0
	for _, n := range perWeek {
		if n*trailWeeks >= next.Targets.LeadsPerQuarter {
			would++
		}
		if n*trailWeeks >= d.Terms.Targets.LeadsPerQuarter {
			was++
		}
	}
	if next.Targets.LeadsPerQuarter == 0 {
		return fmt.Sprintf("The last 13 weeks brought %s.", counted(len(leads), "lead", "leads")), nil
	}
	return fmt.Sprintf("The last 13 weeks brought %s of %d; a thirteenth of it would have been kept in %d of 13 weeks (%d as it is).",
		counted(len(leads), "lead", "leads"), next.Targets.LeadsPerQuarter, would, was), nil
}

// shareEffect is in how many weeks the share inside the ideal customer profile would have been kept.
func (d Maker) shareEffect(tx *storage.Tx, next float64, weeks []time.Time) (string, error) {
	var of [trailWeeks]stats.Proportion
	for w := range trailWeeks {
		k, n, err := tx.ICPShare(weeks[w], weeks[w+1])
		if err != nil {
			return "", err
		}
		of[w] = stats.Proportion{K: k, N: n}
	}
	return keptWeeks(of, of, d.Terms.Targets.ICPShare, next, "inside, of those that are known"), nil
}

// charterEffect says of each promise that a new charter changes, in how many weeks it would have been kept.
func (d Maker) charterEffect(tx *storage.Tx, was, payload json.RawMessage, weeks []time.Time, asOf time.Time,
	withheld truce.Sides) (string, error) {
	next, err := truce.ReadCharter(payload)
	if err != nil {
		return "", err
	}
	before := truce.Charter{}
	if was != nil {
		if before, err = truce.ReadCharter(was); err != nil {
			return "", err
		}
	}
	changed := slices.DeleteFunc(slices.Clone(next.Promises), func(p truce.CharterPromise) bool {
		return slices.Contains(before.Promises, p) || ofPeople(p.What) && withheld.Has(p.Side)
	})
	if len(changed) == 0 {
		return "", nil
	}
	would, of := make([]int, len(changed)), make([]int, len(changed))
	for w := range trailWeeks {
		found, err := d.promised(tx, changed, weeks[w], weeks[w+1], asOf)
		if err != nil {
			return "", err
		}
		for i, p := range changed {
			if m := held(p, found, trailWeeks); m.Kept != nil {
				of[i]++
				if *m.Kept {
					would[i]++
				}
			}
		}
	}
	var parts []string
	for i, p := range changed {
		f, _ := truce.CharterFigureOf(p.What)
		if of[i] > 0 {
			parts = append(parts, fmt.Sprintf("%s, %d of %s", aWeek(f, p.Target), would[i], weeksSaid(of[i])))
		}
	}
	if len(parts) == 0 {
		return "", nil
	}
	return "In how many of the last 13 weeks it would have been kept: " + strings.Join(parts, "; ") + ".", nil
}

// aWeek is what a promise asks of a single week: a share as it is, of what is counted over 13 weeks a thirteenth.
func aWeek(f truce.CharterFigure, target float64) string {
	if what, counted := strings.CutSuffix(f.Name, " in 13 weeks"); counted {
		return "a thirteenth of " + f.Shown(target, "") + " " + what
	}
	return f.Name + " " + f.Shown(target, "")
}
