package digests_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"truce"
	"truce/schedules/digests"
	"truce/storage"
)

// world is an invented company of which every row is known: what its digests say is held against these rows, by plain loops. Its
// numbers are drawn so that each kind of sentence comes up: sources that differ and sources that do not, kept promises and broken
// ones, reasons given or not, scores, ratings, deals outside the profile at the ends of quarters.
type world struct {
	plan
	now      time.Time
	leads    []worldLead
	clocks   []worldClock
	disputes []worldDispute
	heard    []worldHeard
	stuck    []worldNote
	orders   []truce.Order
	loc      *time.Location
	store    *storage.Store
	studies  map[time.Time]digests.Study // of earlier looks
}

type worldLead struct {
	truce.Lead
	outcomes []truce.Outcome
	rating   int // by the owner, early
}

type worldClock struct {
	side, kind, result string
	from, due, ended   time.Time
}

type worldDispute struct {
	opened, answered, closed time.Time
	outcome                  string
}

type worldHeard struct {
	theme, account, rep string
	at                  time.Time
}

type worldNote struct {
	text, account string
	at            time.Time
}

// plan is what a company's leads and promises are drawn from.
type plan struct {
	name     string
	sources  []worldSource
	perWeek  float64
	weeks    int
	stricter int            // days ago since which Sales sends back more of all
	slower   int            // days ago since which all take four times as long to close
	faster   int            // days ago since which all take a quarter as long
	reasons  bool           // rejections have reasons
	verdicts float64        // share of leads that somebody judges
	closes   float64        // share of the leads accepted that close if they do not win
	inferred bool           // nobody's verdicts are known: deals alone tell
	later    float64        // share of the leads sent back that are won later
	clocks   []worldPromise // none: as chance has it
	money    []string       // currencies that deals are in; none: EUR
	times    map[string]int // so many times as much money, by currency
	looks    int            // Mondays before the last whose summaries and feedback are read as well
}

type worldSource struct {
	name      string
	back, won float64
	slow      float64            // times as long to close
	score     float64            //
	begun     int                // days ago; 0 is ever
	until     int                // days ago, since which it is like the others; 0 is never
	segment   map[string]float64 // what is sent back, by segment, in place of back
}

type worldPromise struct {
	side, kind string
	n          int
	chance     float64
	mended     int // days ago since which all are kept
}

// like is a source of which nothing is to be said.
func like(name string) worldSource {
	return worldSource{name: name, back: .15, won: .2, slow: 1, score: 50}
}

// plans are companies that chance rarely makes.
var plans = []plan{
	{name: "one source buys less", sources: []worldSource{{name: "Source 0", back: .15, won: .03, slow: 1, score: 50}, like("Source 1"),
		like("Source 2")}, perWeek: 30, weeks: 110, reasons: true, verdicts: .95, closes: .7},
	{name: "one source buys more, and first touch comes late",
		sources: []worldSource{{name: "Source 0", back: .15, won: .6, slow: 1, score: 50}, like("Source 1"), like("Source 2")}, perWeek: 20,
		weeks: 80, reasons: true, verdicts: .95,
		closes: .7, clocks: []worldPromise{{"sales", "touch", 300, .6, 0}}},
	{name: "most leads of all are sent back", sources: []worldSource{{name: "Source 0", back: .7, won: .2, slow: 1, score: 50},
		{name: "Source 1", back: .7, won: .2, slow: 1, score: 50}}, perWeek: 20, weeks: 60, verdicts: .95, closes: .7, later: .1},
	{name: "nobody judges, nothing closes", sources: []worldSource{like("Source 0"), like("Source 1")}, perWeek: 5, weeks: 20},
	{name: "deals alone tell", sources: []worldSource{like("Source 0"), like("Source 1")}, perWeek: 20, weeks: 60, verdicts: 1, closes: .7,
		inferred: true},
	{name: "a source was bad and is like the others since",
		sources: []worldSource{{name: "Source 0", back: .7, won: .2, slow: 1, score: 50, until: 200}, like("Source 1"), like("Source 2")},
		perWeek: 20, weeks: 90, reasons: true,
		verdicts: .95, closes: .7, looks: 6},
	{name: "a promise was broken and is kept since", sources: []worldSource{like("Source 0"), like("Source 1")}, perWeek: 5, weeks: 20,
		reasons: true, verdicts: .95, closes: .7,
		clocks: []worldPromise{{"sales", "touch", 400, .5, 110}}},
	{name: "a bad source with few old leads", sources: []worldSource{{name: "Source 0", back: .5, won: .95, slow: 1, score: 50, begun: 65},
		{name: "Source 1", back: .05, won: .2, slow: 1, score: 50}, {name: "Source 2", back: .05, won: .2, slow: 1, score: 50}},
		perWeek: 30, weeks: 110, reasons: true, verdicts: .95, closes: .7},
	{name: "a bad source of which no old lead bought", sources: []worldSource{{name: "Source 0", back: .6, won: 0, slow: 1, score: 50,
		begun: 75}, {name: "Source 1", back: .05, won: .2, slow: 1, score: 50}, {name: "Source 2", back: .05, won: .2, slow: 1, score: 50}},
		perWeek: 30, weeks: 110, reasons: true, verdicts: .95, closes: .7},
	{name: "leads take longer to close", sources: []worldSource{{name: "Source 0", back: .15, won: .2, slow: .3, score: 50},
		{name: "Source 1", back: .15, won: .2, slow: .3, score: 50}}, perWeek: 30, weeks: 60, slower: 125, reasons: true,
		verdicts: .95, closes: .9},
	{name: "leads take less to close", sources: []worldSource{{name: "Source 0", back: .15, won: .2, slow: .3, score: 50},
		{name: "Source 1", back: .15, won: .2, slow: .3, score: 50}}, perWeek: 30, weeks: 60, faster: 125, reasons: true,
		verdicts: .95, closes: .9},
	{name: "Sales became stricter", sources: []worldSource{like("Source 0"), like("Source 1")}, perWeek: 30, weeks: 80, stricter: 130,
		verdicts: .95, closes: .7},
	{name: "the order turns round by segment", sources: []worldSource{{name: "Source 0", won: .2, slow: 1, score: 50,
		segment: map[string]float64{"north": .8, "south": .02}}, like("Source 1"), like("Source 2")}, perWeek: 30, weeks: 60,
		reasons: false, verdicts: .95, closes: .7},
	{name: "one source never buys", sources: []worldSource{{name: "Source 0", back: .15, won: 0, slow: 1, score: 70}, like("Source 1"),
		like("Source 2")}, perWeek: 20, weeks: 80, reasons: true, verdicts: .95, closes: .7},
}

// aPlan draws what a company is drawn from: sources that differ and that do not, kept promises and broken ones.
func aPlan(r *rand.Rand) plan {
	p := plan{reasons: r.IntN(4) > 0, verdicts: .95, closes: .7}
	noisy := r.IntN(2) > 0
	for i := range 1 + r.IntN(6) {
		p.sources = append(p.sources, like(fmt.Sprint("Source ", i)))
		if of := &p.sources[i]; noisy && r.IntN(3) == 0 {
			of.back, of.won, of.score, of.slow = .05+.7*r.Float64(), []float64{0, .05, .5}[r.IntN(3)], 20+60*r.Float64(), 1+2*r.Float64()
		}
	}
	if r.IntN(4) == 0 {
		p.sources[0].name = ""
	}
	p.perWeek = []float64{1, 5, 12, 24}[r.IntN(4)]
	p.weeks = []int{9, 40, 80, 110}[r.IntN(4)]
	if r.IntN(3) == 0 {
		p.stricter = 70
	}
	if r.IntN(5) == 0 {
		p.verdicts = .3
	}
	if r.IntN(6) == 0 {
		p.closes = 0
	}
	return p
}

// newWorld draws a company; the same seed draws the same one.
func newWorld(t testing.TB, seed uint64, p plan) *world {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 77))
	w := &world{plan: p, now: monday.AddDate(0, 0, -7*r.IntN(30)), loc: time.UTC, studies: map[time.Time]digests.Study{}}
	if p.sources == nil {
		w.plan = aPlan(r)
		w.plan.name = p.name
	}
	s, path := openAt(t, func() time.Time { return w.now })
	w.store = s
	w.drawLeads(r)
	err := s.Update(t.Context(), func(tx *storage.Tx) error {
		for _, l := range w.leads {
			if _, err := tx.UpsertLead(l.Lead); err != nil {
				return err
			}
			for _, o := range l.outcomes {
				if _, err := tx.AddOutcome(o); err != nil {
					return err
				}
			}
			if l.rating > 0 {
				if _, err := tx.Rate(truce.RatingOf{LeadID: l.ID, Rater: l.Owner, Value: truce.Rating(l.rating),
					At: l.MQLAt.Add(30 * time.Hour)}); err != nil {
					return err
				}
			}
		}
		for _, o := range w.orders {
			if _, err := tx.UpsertOrder(o); err != nil {
				return err
			}
		}
		if seed%3 == 1 {
			if _, err := tx.UpsertCost(truce.Cost{ID: "cost", First: truce.Date{Year: w.now.Year(), Month: 1, Day: 1}, Days: 31, Source: "Source 1",
				Amount: truce.Money{Amount: 1_234_567, Currency: "EUR"}}); err != nil {
				return err
			}
		}
		for _, th := range []truce.Theme{{ID: "price", Name: "Price", State: "active"}, {ID: "speed", Name: "Too slow", State: "active"},
			{ID: "new", Name: "Brand new", State: "active"}} {
			if err := tx.AddTheme(th); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.drawRest(r)
	w.write(t, path)
	if seed%4 > 0 { // as digests are made; the others are counted from the leads
		if err := s.KeepRollUps(t.Context(), w.loc); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w *world) drawLeads(r *rand.Rand) {
	p := w.plan
	for i := range int(p.perWeek * float64(p.weeks)) {
		src := p.sources[r.IntN(len(p.sources))]
		ago := r.IntN(7 * p.weeks)
		mql := w.now.Truncate(24*time.Hour).AddDate(0, 0, -ago).Add(time.Duration(6+r.IntN(12)) * time.Hour)
		if mql.After(w.now) || src.begun > 0 && ago > src.begun {
			continue
		}
		if src.until > 0 && ago < src.until {
			src.back = like("").back
		}
		l := worldLead{Lead: truce.Lead{ID: fmt.Sprintf("w%05d", i), MQLAt: mql, Source: src.name,
			Campaign: []string{"", "Spring", "Autumn"}[r.IntN(3)], Segment: []string{"north", "south"}[r.IntN(2)],
			Owner: "owner@world.example", Company: fmt.Sprint("Company ", i),
			ICPFit: []truce.ICPFit{"", truce.InsideICP, truce.InsideICP, truce.OutsideICP}[r.IntN(4)]}}
		if r.IntN(4) > 0 {
			l.Score, l.HasScore = float64(int(min(99, max(1, src.score+12*r.NormFloat64())))), true
		}
		w.fate(r, &l, src, ago)
		w.leads = append(w.leads, l)
	}
}

// fate draws what became of a lead.
func (w *world) fate(r *rand.Rand, l *worldLead, src worldSource, ago int) {
	p := w.plan
	say := func(st truce.Status, days float64, reason truce.Reason, amount int64) {
		at := l.MQLAt.Add(time.Duration(days * 24 * float64(time.Hour)))
		if at.After(w.now) {
			return
		}
		o := truce.Outcome{LeadID: l.ID, Status: st, At: at, Reason: reason, Origin: truce.FromImport}
		if amount > 0 {
			o.DealID, o.Amount, o.HasAmount = "deal-"+l.ID, truce.Money{Amount: amount, Currency: "EUR"}, true
			if len(p.money) > 0 {
				o.Amount.Currency = p.money[r.IntN(len(p.money))]
				o.Amount.Amount *= int64(max(1, p.times[o.Amount.Currency]))
			}
		}
		l.outcomes = append(l.outcomes, o)
	}
	worth := func() int64 { return int64(1_000_00 + r.IntN(900_000_00)) }
	back := src.back
	if of, ok := src.segment[l.Segment]; ok {
		back = of
	}
	if p.stricter > 0 && ago < p.stricter {
		back = min(.9, back+.35)
	}
	days := (15 + 60*r.Float64()) * src.slow
	if p.slower > 0 && ago < p.slower || p.faster > 0 && ago >= p.faster {
		days *= 4
	}
	if r.Float64() >= p.verdicts {
		return
	}
	if !p.inferred && r.Float64() < back {
		reason := truce.Reason("")
		if p.reasons {
			reason = []truce.Reason{"wrong-person", "outside-icp", "no-budget"}[r.IntN(3)]
		}
		say(truce.Rejected, 1+3*r.Float64(), reason, 0)
		if r.Float64() < p.later {
			say(truce.Won, days, "", worth())
		}
		return
	}
	if !p.inferred {
		say(truce.Accepted, 1+3*r.Float64(), "", 0)
		if r.IntN(2) == 0 {
			l.rating = 1 + r.IntN(3)
		}
	}
	if p.closes == 0 {
		return
	}
	if r.Float64() < src.won {
		say(truce.Won, days, "", worth())
	} else if r.Float64() < p.closes {
		say(truce.Lost, days, "price", 0)
	}
}

// drawRest draws what is no lead: clocks, cases, what the field heard.
func (w *world) drawRest(r *rand.Rand) {
	day := func(ago int) time.Time {
		return w.now.Truncate(24*time.Hour).AddDate(0, 0, -ago).Add(time.Duration(8+r.IntN(9)) * time.Hour)
	}
	promises := w.plan.clocks
	if promises == nil {
		for _, k := range []struct{ side, kind string }{{"sales", "touch"}, {"sales", "verdict"}, {"marketing", "answer"},
			{"sponsor", "ruling"}} {
			promises = append(promises, worldPromise{k.side, k.kind, []int{0, 4, 60, 400}[r.IntN(4)], []float64{1, .95, .9, .6}[r.IntN(4)], 0})
		}
	}
	for _, k := range promises {
		worst := time.Weekday(1 + r.IntN(7))
		for range k.n {
			ago := 1 + r.IntN(200)
			from := day(ago)
			c := worldClock{side: k.side, kind: k.kind, from: from, due: from.Add(8 * time.Hour), ended: from.Add(4 * time.Hour), result: "kept"}
			keeps := k.chance
			if from.Weekday() == worst {
				keeps /= 2
			}
			if r.Float64() > keeps && ago >= k.mended {
				c.result, c.ended = "late", from.Add(12*time.Hour)
			}
			if c.ended.Before(w.now) {
				w.clocks = append(w.clocks, c)
			}
		}
	}
	for range r.IntN(25) {
		d := worldDispute{opened: day(r.IntN(120))}
		if r.IntN(4) > 0 {
			d.answered = d.opened.Add(time.Duration(1+r.IntN(60)) * time.Hour)
			d.closed, d.outcome = d.answered, []string{"upheld", "declined", "upheld_by_lapse"}[r.IntN(3)]
		}
		if d.opened.Before(w.now) && d.closed.Before(w.now) {
			w.disputes = append(w.disputes, d)
		}
	}
	rises := r.IntN(2)
	for ago := range 400 {
		for range r.IntN(3) {
			w.heard = append(w.heard, worldHeard{"price", fmt.Sprint("firm ", r.IntN(80)), fmt.Sprint("P-", 1+r.IntN(3)), day(ago + 1)})
		}
		if rises > 0 && ago < 35 || ago%20 == 0 {
			for range 1 + 2*rises {
				w.heard = append(w.heard, worldHeard{"speed", fmt.Sprint("firm ", r.IntN(80)), fmt.Sprint("P-", 1+r.IntN(3)), day(ago + 1)})
			}
		}
	}
	for range r.IntN(3) {
		w.heard = append(w.heard, worldHeard{"new", fmt.Sprint("firm ", r.IntN(80)), "P-1", day(2 + r.IntN(4))})
	}
	for i := range r.IntN(8) {
		w.stuck = append(w.stuck, worldNote{"no validation data", fmt.Sprint("Firm ", i), day(3 + r.IntN(40))})
	}
}

// write puts into the database what no method of the store writes with a date of its own.
func (w *world) write(t testing.TB, path string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	batch, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	do := func(query string, args ...any) {
		t.Helper()
		if _, err := batch.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	ms := func(t time.Time) any {
		if t.IsZero() {
			return nil
		}
		return t.UnixMilli()
	}
	for i, c := range w.clocks {
		do(`INSERT INTO clocks (id, subject, kind, side, person_id, started_at, due_at, remind_at, stopped_at, result)
			VALUES (?, ?, ?, ?, '', ?, ?, ?, ?, ?)`, fmt.Sprint("c", i), fmt.Sprint("L-", i), c.kind, c.side,
			ms(c.from), ms(c.due), ms(c.from), ms(c.ended), c.result)
	}
	for i, d := range w.disputes {
		state := "closed"
		if d.closed.IsZero() {
			state = "open"
		}
		do(`INSERT INTO disputes (id, lead_id, source, reason, text, opener_id, state, outcome, opened_at, answered_at, closed_at)
			VALUES (?, ?, 'Source 1', 'wrong-person', 'no', 'P-1', ?, ?, ?, ?, ?)`,
			fmt.Sprint("D-", i+1), w.leads[i%len(w.leads)].ID, state, d.outcome, ms(d.opened), ms(d.answered), ms(d.closed))
	}
	for i, h := range w.heard {
		do(`INSERT INTO objections (id, theme_id, confidence, text, account, author_id, logged_by, created_at)
			VALUES (?, ?, 1, 'they say', ?, ?, ?, ?)`, fmt.Sprint("O-", i), h.theme, h.account, h.rep, h.rep, ms(h.at))
	}
	for i, n := range w.stuck {
		do(`INSERT INTO notes (id, kind, text, account, author_id, created_at, confirmed_at) VALUES (?, 'stuck', ?, ?, 'P-1', ?, ?)`,
			fmt.Sprint("N-", i), n.text, n.account, ms(n.at), ms(n.at))
	}
	if err := batch.Commit(); err != nil {
		t.Fatal(err)
	}
}
