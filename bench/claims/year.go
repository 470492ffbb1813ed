package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/schedules/ideal"
	"truce/schedules/stats"
	"truce/storage"
)

// This file sends flat companies through the digests week by week, as they happen: what comes in a week is written, the sums are kept,
// and the digests of the Monday are made with all figures. Everything that can be claimed is looked for, also what only those see who ask.

// kindsOf are the kinds of claims, those of first screens first.
var kindsOf = []string{"sent back", "bought", "over time", "half sent back", "promise", "rising", "quarter ends", "score", "slower",
	"weekday", "bought again", "odds", "attribute", "activity", "evidence"}

const firstScreen = 9 // of them

// claimedKinds are those that a company read in a year.
type claimedKinds map[string]bool

func (c claimedKinds) any(kinds []string) bool {
	for _, k := range kinds {
		if c[k] {
			return true
		}
	}
	return false
}

// String is the kinds; "nothing" is none.
func (c claimedKinds) String() string {
	var list []string
	for _, k := range kindsOf {
		if c[k] {
			list = append(list, k)
		}
	}
	return cmp.Or(strings.Join(list, ", "), "nothing")
}

// size is how large a company is.
type size struct {
	sources int
	perWeek float64
}

func sizes() (list []size) {
	for _, s := range []int{4, 8, 12} {
		for _, p := range []float64{8, 20, 40} {
			list = append(list, size{s, p})
		}
	}
	return list
}

// chosenSizes is the sizes of -sizes, in their order.
func chosenSizes() ([]size, error) {
	if *of == "" {
		return sizes(), nil
	}
	var list []size
	for text := range strings.SplitSeq(*of, ",") {
		var s size
		if _, err := fmt.Sscanf(text, "%dx%g", &s.sources, &s.perWeek); err != nil || !slices.Contains(sizes(), s) {
			return nil, fmt.Errorf("-sizes: %q is no size; write 4, 8 or 12 sources x 8, 20 or 40 leads a week, as in 4x20,12x40", text)
		}
		list = append(list, s)
	}
	return list, nil
}

// aYear is a company that had its year: a line of the file of -out.
type aYear struct {
	size
	seed    uint64
	company int
}

// years sends so many companies of each size through a year of digests, a company of each size in turn, so that a run that is cut short
// has as many of each. It says on standard error how each fared.
func years(ctx context.Context, n int, until time.Duration) error {
	start := time.Now()
	found, err := yearsBefore(*out)
	if err != nil {
		return err
	}
	chosen, err := chosenSizes()
	if err != nil {
		return err
	}
	for i := range n {
		for _, s := range chosen {
			is := aYear{s, *seed, i + 1}
			if _, done := found[is]; done || until > 0 && time.Since(start) > until {
				continue
			}
			if found[is], err = companyOf(is).year(ctx); err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "%.0f min: %d sources, %.0f leads a week, company %d: %s\n", time.Since(start).Minutes(), s.sources, s.perWeek,
				i+1, found[is])
			if err := keepYear(*out, is, found[is]); err != nil {
				return err
			}
		}
	}
	return printYears(found)
}

// yearsBefore reads the companies of a run before.
func yearsBefore(path string) (map[aYear]claimedKinds, error) {
	found := map[aYear]claimedKinds{}
	if path == "" {
		return found, nil
	}
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("read the companies before: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		var is aYear
		rest, kinds, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		_, err := fmt.Sscanf(rest, "seed %d company %d sources %d leads %g", &is.seed, &is.company, &is.sources, &is.perWeek)
		if err != nil || !ok {
			return nil, fmt.Errorf("%s: a line is not of this program: %q", path, line)
		}
		claimed := claimedKinds{}
		for kind := range strings.SplitSeq(kinds, ", ") {
			claimed[kind] = slices.Contains(kindsOf, kind)
		}
		found[is] = claimed
	}
	return found, nil
}

func keepYear(path string, is aYear, claimed claimedKinds) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("keep a company: %w", err)
	}
	_, err = fmt.Fprintf(f, "seed %d company %d sources %d leads %g: %s\n", is.seed, is.company, is.sources, is.perWeek, claimed)
	return errors.Join(err, f.Close())
}

// printYears says by size, and of all, how many companies read a false claim, each with its interval.
func printYears(found map[aYear]claimedKinds) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Years of companies in which nothing differs, through the digests of 52 Mondays, with a false claim\n\n")
	fmt.Fprintln(w, "sources\tleads a week\tcompanies\tfirst screen\tinterval\tanywhere\tinterval\twrong source\tinterval\tof which kinds")
	row := func(name string, list []claimedKinds) {
		fmt.Fprintf(w, "%s\t%d", name, len(list))
		for _, of := range [][]string{kindsOf[:firstScreen], kindsOf, {"sent back", "bought"}} {
			k := 0
			for _, c := range list {
				if c.any(of) {
					k++
				}
			}
			in := stats.Wilson(k, len(list))
			fmt.Fprintf(w, "\t%d = %.1f %%\t%.0f to %.0f %%", k, 100*float64(k)/float64(max(1, len(list))), 100*in.Low, 100*in.High)
		}
		var which []string
		for _, kind := range kindsOf {
			k := 0
			for _, c := range list {
				if c[kind] {
					k++
				}
			}
			if k > 0 {
				which = append(which, fmt.Sprintf("%s %d", kind, k))
			}
		}
		fmt.Fprintf(w, "\t%s\n", strings.Join(which, ", "))
	}
	of := func(belongs func(size) bool) (list []claimedKinds) {
		for is, claimed := range found {
			if belongs(is.size) {
				list = append(list, claimed)
			}
		}
		return list
	}
	for _, s := range sizes() {
		row(fmt.Sprintf("%d\t%.0f", s.sources, s.perWeek), of(func(t size) bool { return t == s }))
	}
	for _, n := range []int{4, 8, 12} {
		row(fmt.Sprintf("%d\tall", n), of(func(t size) bool { return t.sources == n }))
	}
	for _, n := range []float64{8, 20, 40} {
		row(fmt.Sprintf("all\t%.0f", n), of(func(t size) bool { return t.perWeek == n }))
	}
	row("all\tall", of(func(size) bool { return true }))
	return w.Flush()
}

// year is which kinds a company reads in the digests of its second year.
func (c *company) year(ctx context.Context) (claimedKinds, error) {
	dir, err := os.MkdirTemp("", "claims")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	now := first.At(0, time.UTC)
	path := filepath.Join(dir, "truce.db")
	store, err := storage.Open(ctx, path, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer store.Close()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	leads := c.draw(history + looks)
	y := c.newYear(leads)
	if err := store.Update(ctx, y.begin); err != nil {
		return nil, err
	}
	maker := digests.Maker{Calendar: truce.NewCalendar(time.UTC), Terms: truce.NewTerms(truce.NewCalendar(time.UTC))}
	maker.Terms.Targets = truce.Targets{InTimeShare: .9}
	claimed := claimedKinds{}
	written := 0
	for look := history; look < history+looks; look++ {
		now = first.Add(7*(look+1)).At(9*60, time.UTC)
		from, to := written, look+1
		if err := store.Update(ctx, func(tx *storage.Tx) error { return y.write(tx, from, to) }); err != nil {
			return nil, fmt.Errorf("write until week %d: %w", look, err)
		}
		if err := y.insert(db, from, to); err != nil {
			return nil, err
		}
		written = to
		if err := store.KeepRollUps(ctx, time.UTC); err != nil {
			return nil, err
		}
		if err := store.View(ctx, func(tx *storage.Tx) error { return read(tx, maker, now, claimed) }); err != nil {
			return nil, fmt.Errorf("read the digests of week %d: %w", look, err)
		}
	}
	return claimed, nil
}

// read makes the digests of a Monday and notes what they claim.
func read(tx *storage.Tx, maker digests.Maker, now time.Time, claimed claimedKinds) error {
	s, err := maker.Study(tx, digests.Query{Kind: digests.WeeklyDigest, AsOf: now})
	if err != nil {
		return err
	}
	for _, t := range s.Claims.SentBack {
		claimed["sent back"] = claimed["sent back"] || t.Ended == (truce.Date{})
	}
	for _, t := range s.Claims.Bought {
		claimed["bought"] = claimed["bought"] || t.Ended == (truce.Date{})
	}
	if t := s.Claims.OverTime; t != nil && t.Ended == (truce.Date{}) {
		claimed["over time"] = true
	}
	for _, p := range s.Promises {
		claimed["promise"] = claimed["promise"] || p.Missed
		claimed["weekday"] = claimed["weekday"] || p.Missed && p.Worst >= 0
	}
	is := func(v stats.Verdict) bool { return v == stats.Higher || v == stats.Lower }
	claimed["rising"] = claimed["rising"] || len(s.Heard.Rising) > 0
	claimed["quarter ends"] = claimed["quarter ends"] || is(s.Ends.Wins.Verdict)
	claimed["bought again"] = claimed["bought again"] || is(s.Ends.Repeat.Verdict)
	text := chat.PlainText(maker.Show(&s), 10000)
	for what, says := range map[string]string{"score": "told winners from losers better", "slower": "Slower",
		"half sent back": "ends back more than half"} {
		claimed[what] = claimed[what] || strings.Contains(text, says)
	}
	if !asks(now) {
		return nil
	}
	return asked(tx, maker, now, claimed)
}

// asks reports whether on a day what only those see who ask is looked at: every eighth week.
func asks(now time.Time) bool {
	_, week := now.ISOWeek()
	return week%8 == 0
}

// asked makes the reports that only those see who ask for them.
func asked(tx *storage.Tx, maker digests.Maker, now time.Time, claimed claimedKinds) error {
	for _, by := range []string{"segment", "product", "region"} {
		card, err := maker.Card(tx, digests.Query{Kind: digests.LeadsDigest, By: by, From: now.AddDate(-1, 0, 0), To: now, AsOf: now}, false)
		if err != nil && truce.KindOf(err) != truce.NotFound {
			return err
		}
		claimed["attribute"] = claimed["attribute"] || strings.Contains(chat.PlainText(card, 10000), " win rate: ")
	}
	odds, err := maker.Odds(tx, now)
	if err != nil {
		return err
	}
	claimed["odds"] = claimed["odds"] || strings.Contains(chat.PlainText(odds, 10000), " win rate: ")
	report, err := maker.Activities(tx, digests.ActivityRequest{From: now.AddDate(-1, 0, 0), To: now, AsOf: now})
	if err != nil {
		return err
	}
	text := chat.PlainText(report.Card(time.UTC), 10000)
	claimed["activity"] = claimed["activity"] || strings.Contains(text, "engaged leads went on to")
	e, err := (&ideal.Judge{Calendar: maker.Calendar}).Evidence(tx, now)
	for _, v := range e.Values {
		claimed["evidence"] = claimed["evidence"] || v.Verdict == ideal.HeldUp
	}
	return err
}

// happens is what comes in at a moment.
type happens struct {
	at     time.Time
	tx     func(tx *storage.Tx) error
	insert string
	args   []any
}

// companyYear is all that happens in a company, by week.
type companyYear struct {
	*company
	weeks  [][]happens
	n      int
	leads  []known
	clocks []clock
	heard  []heard
	// What counted.go has worked out, kept.
	way    map[string][][2]int64
	looks  map[truce.Date]seenAt
	oddsAt map[truce.Date][]digests.Odds
	closes map[string][]digests.Closed
	dues   map[string]*[history + looks][7]stats.Proportion // by promise, week due and weekday begun
	weekly *heardWeeks
}

// known is what is known of a lead, clock of a promise, heard of an objection: the same as is written, for those who count without a
// database.
type (
	known struct {
		truce.Lead
		lead
		outcomes []truce.Outcome
		rating   truce.Rating
		rated    time.Time
		orders   []truce.Order
		engaged  *truce.Engagement
	}
	clock struct {
		kind      string
		from, due time.Time
		kept      bool
	}
	heard struct {
		digests.Heard
		week int
	}
)

func (y *companyYear) add(h happens) {
	if week := (truce.DayNumber(h.at, time.UTC) - first.Number()) / 7; week >= 0 && week < len(y.weeks) {
		y.weeks[week] = append(y.weeks[week], h)
	}
}

func (y *companyYear) begin(tx *storage.Tx) error {
	for i := range 15 {
		if err := tx.AddTheme(truce.Theme{ID: fmt.Sprint("theme", i), Name: fmt.Sprint("Theme ", i), State: "active"}); err != nil {
			return err
		}
	}
	_, err := tx.UpsertActivity(truce.Activity{ID: "A1", Name: "Webinar series", Side: truce.Marketing, Kind: "webinar",
		Matches: []string{"webinar series"}, StartsAt: first.At(0, time.UTC),
		EndsAt: first.Add(7*(history+looks)).At(0, time.UTC), Motive: "to be seen"})
	return err
}

// write writes what happens in the weeks [from, to).
func (y *companyYear) write(tx *storage.Tx, from, to int) error {
	for _, h := range slices.Concat(y.weeks[from:to]...) {
		if h.tx != nil {
			if err := h.tx(tx); err != nil {
				return err
			}
		}
	}
	return nil
}

// insert writes of them what no method of the store writes with a date of its own.
func (y *companyYear) insert(db *sql.DB, from, to int) error {
	batch, err := db.Begin()
	if err != nil {
		return err
	}
	for _, h := range slices.Concat(y.weeks[from:to]...) {
		if h.insert != "" {
			if _, err := batch.Exec(h.insert, h.args...); err != nil {
				_ = batch.Rollback()
				return fmt.Errorf("insert: %w", err)
			}
		}
	}
	return batch.Commit()
}

// newYear draws what happens beside the leads: ratings, orders, promises, objections, engagements, none of which goes with anything.
func (c *company) newYear(leads []lead) *companyYear {
	y := &companyYear{company: c, weeks: make([][]happens, history+looks)}
	for i, l := range leads {
		y.lead(i, l)
	}
	for week := range history + looks {
		day := func() time.Time {
			return first.Add(7*week+c.r.IntN(5)).At(9*60+c.r.IntN(8*60), time.UTC)
		}
		for _, k := range []struct{ side, kind string }{{"sales", "touch"}, {"sales", "verdict"}, {"marketing", "answer"}} {
			for range c.poisson(c.perWeek) {
				from := day()
				ended, result := from.Add(3*time.Hour), "kept"
				if c.r.Float64() >= .9 {
					ended, result = from.Add(9*time.Hour), "late"
				}
				y.n++
				y.clocks = append(y.clocks, clock{k.kind, from, from.Add(8 * time.Hour), result == "kept"})
				y.add(happens{at: ended, insert: `INSERT INTO clocks (id, subject, kind, side, started_at, due_at, remind_at, stopped_at, result)
					VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
					args: []any{fmt.Sprint("c", y.n), fmt.Sprint("X-", y.n), k.kind, k.side, from.UnixMilli(), from.Add(8 * time.Hour).UnixMilli(),
						from.UnixMilli(), ended.UnixMilli(), result}})
			}
		}
		for i := range 15 {
			for range c.poisson(c.perWeek / 2 / float64(i+2)) {
				y.n++
				at, stage, account := day(), []string{"discovery", "evaluation"}[c.r.IntN(2)], y.someAccount(leads, week)
				theme, rep := fmt.Sprint("theme", i), fmt.Sprint("P-", 1+c.r.IntN(3))
				y.heard = append(y.heard, heard{digests.Heard{Theme: theme, Stage: stage, Rep: rep, Unit: account, At: at}, week})
				y.add(happens{at: at, insert: `INSERT INTO objections (id, theme_id, confidence, text, stage, account, author_id, logged_by, created_at)
					VALUES (?, ?, 1, 'they say', ?, ?, ?, ?, ?)`,
					args: []any{fmt.Sprint("O-", y.n), theme, stage, account, rep, fmt.Sprint("P-", 1), at.UnixMilli()}})
			}
		}
	}
	return y
}

// someAccount is the company of a lead of the last weeks.
func (y *companyYear) someAccount(leads []lead, week int) string {
	for range 50 {
		i := y.r.IntN(len(leads))
		if w := leads[i].day / 7; w <= week && w > week-13 {
			return fmt.Sprintf("Company %d", i)
		}
	}
	return "Company 0"
}

// lead draws what is known of a lead beside its fate.
func (y *companyYear) lead(i int, l lead) {
	r := y.r
	at := func(day int) time.Time { return first.Add(l.day+day).At(10*60, time.UTC) }
	id := fmt.Sprintf("lead-%06d", i)
	as := truce.Lead{ID: id, MQLAt: at(0), Source: fmt.Sprintf("Source %02d", l.source),
		Segment: []string{"north", "south", "east"}[r.IntN(3)], Product: []string{"kit", "reader"}[r.IntN(2)],
		Company: fmt.Sprintf("Company %d", i), Owner: "owner@example.com",
		Attrs: map[string]string{"region": fmt.Sprint("region ", r.IntN(6)), "size": []string{"small", "medium", "large"}[r.IntN(3)]},
		Score: math.Round(min(99, max(1, 50+15*r.NormFloat64()))), HasScore: true,
		ICPFit: []truce.ICPFit{truce.InsideICP, truce.InsideICP, truce.OutsideICP}[r.IntN(3)]}
	y.leads = append(y.leads, known{Lead: as, lead: l})
	is := &y.leads[len(y.leads)-1]
	y.add(happens{at: at(0), tx: func(tx *storage.Tx) error { _, err := tx.UpsertLead(as); return err }})
	say := func(day int, o truce.Outcome) {
		o.LeadID, o.At, o.Origin = id, at(day), truce.FromImport
		is.outcomes = append(is.outcomes, o)
		y.add(happens{at: at(day), tx: func(tx *storage.Tx) error { _, err := tx.AddOutcome(o); return err }})
	}
	if r.IntN(4) == 0 {
		e := truce.Engagement{ID: "e" + id, LeadID: id, At: at(r.IntN(20)), Kind: "webinar", Activity: "Webinar series"}
		is.engaged = &e
		y.add(happens{at: e.At, tx: func(tx *storage.Tx) error { _, err := tx.UpsertEngagement(e); return err }})
	}
	switch {
	case l.judged == 0:
	case l.back:
		say(l.judged, truce.Outcome{Status: truce.Rejected, Reason: "wrong-person"})
	default:
		say(l.judged, truce.Outcome{Status: truce.Accepted})
		rating := truce.RatingOf{LeadID: id, Rater: as.Owner, Value: truce.Rating(1 + r.IntN(3)), At: at(l.judged + 1)}
		is.rating, is.rated = rating.Value, rating.At
		y.add(happens{at: rating.At, tx: func(tx *storage.Tx) error { _, err := tx.Rate(rating); return err }})
		if l.closed == 0 {
			return
		}
		if r.IntN(2) == 0 {
			say(l.judged+(l.closed-l.judged)/2, truce.Outcome{Status: truce.SQL})
		}
		end := truce.Outcome{Status: truce.Lost, DealID: "deal-" + id}
		if l.won {
			end = truce.Outcome{Status: truce.Won, DealID: "deal-" + id, HasAmount: true,
				Amount: truce.Money{Amount: int64(1_000_00 + r.IntN(9_000_00)), Currency: "EUR"}}
			if r.IntN(2) == 0 {
				o := truce.Order{ID: "order-" + id, Account: truce.FoldAccount(as.Company), AccountName: as.Company,
					At: at(l.closed + 20 + r.IntN(150)), Amount: end.Amount}
				is.orders = append(is.orders, o)
				y.add(happens{at: o.At, tx: func(tx *storage.Tx) error { _, err := tx.UpsertOrder(o); return err }})
			}
		}
		say(l.closed, end)
	}
}
