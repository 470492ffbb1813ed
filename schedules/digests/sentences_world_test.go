package digests_test

import (
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"truce"
	"truce/storage"
)

// world is an invented company of which every row is known: what its digests say is held against these rows, by plain loops. Its
// numbers are drawn so that each kind of sentence comes up: sources that differ and sources that do not, kept promises and broken
// ones, reasons given or not, scores, ratings, deals outside the profile at the ends of quarters.
type world struct {
	now      time.Time
	leads    []worldLead
	clocks   []worldClock
	disputes []worldDispute
	heard    []worldHeard
	stuck    []worldNote
	orders   []truce.Order
	loc      *time.Location
	store    *storage.Store
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

// newWorld draws a company; the same seed draws the same one.
func newWorld(t testing.TB, seed uint64) *world {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 77))
	w := &world{now: monday.AddDate(0, 0, -7*r.IntN(30)), loc: time.UTC}
	path := filepath.Join(t.TempDir(), "truce.db")
	s, err := storage.Open(t.Context(), path, func() time.Time { return w.now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	w.store = s
	w.drawLeads(r)
	err = s.Update(t.Context(), func(tx *storage.Tx) error {
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
				if _, err := tx.Rate(truce.RatingOf{LeadID: l.ID, Rater: l.Owner, Value: truce.Rating(l.rating), At: l.MQLAt.Add(30 * time.Hour)}); err != nil {
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
			if _, err := tx.UpsertCost(truce.Cost{ID: "cost", First: truce.Date{Year: w.now.Year(), Month: 1, Day: 1}, Days: 31, Source: "Source 1", Amount: truce.Money{Amount: 1_234_567, Currency: "EUR"}}); err != nil {
				return err
			}
		}
		for _, th := range []truce.Theme{{ID: "price", Name: "Price", State: "active"}, {ID: "speed", Name: "Too slow", State: "active"}, {ID: "new", Name: "Brand new", State: "active"}} {
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
	return w
}

func (w *world) drawLeads(r *rand.Rand) {
	type source struct {
		name            string
		share           float64
		back, won, slow float64
		score           float64
	}
	reasons := r.IntN(4) > 0
	noisy := r.IntN(2) > 0
	var sources []source
	for i := range 1 + r.IntN(6) {
		sources = append(sources, source{fmt.Sprint("Source ", i), .2 + r.Float64(), .15, .2, 1, 50})
		if of := &sources[i]; noisy && r.IntN(3) == 0 {
			of.back, of.won, of.score, of.slow = .05+.7*r.Float64(), []float64{0, .05, .5}[r.IntN(3)], 20+60*r.Float64(), 1+2*r.Float64()
		}
	}
	if r.IntN(4) == 0 {
		sources[0].name = ""
	}
	perWeek := []float64{1, 5, 15, 30}[r.IntN(4)]
	weeks := []int{9, 40, 80, 110}[r.IntN(4)]
	stricter := r.IntN(3) == 0 // Sales sends back more of all since ten weeks
	judged, closes := r.IntN(5) > 0, r.IntN(6) > 0
	for i := range int(perWeek * float64(weeks)) {
		src := sources[r.IntN(len(sources))]
		ago := r.IntN(7 * weeks)
		mql := w.now.Truncate(24*time.Hour).AddDate(0, 0, -ago).Add(time.Duration(6+r.IntN(12)) * time.Hour)
		if mql.After(w.now) {
			continue
		}
		l := worldLead{Lead: truce.Lead{ID: fmt.Sprintf("w%05d", i), MQLAt: mql, Source: src.name, Campaign: []string{"", "Spring", "Autumn"}[r.IntN(3)], Segment: []string{"north", "south"}[r.IntN(2)],
			Owner: "owner@world.example", Company: fmt.Sprint("Company ", i), ICPFit: []truce.ICPFit{"", truce.InsideICP, truce.InsideICP, truce.OutsideICP}[r.IntN(4)]}}
		if r.IntN(4) > 0 {
			l.Score, l.HasScore = float64(int(min(99, max(1, src.score+12*r.NormFloat64())))), true
		}
		say := func(st truce.Status, days float64, reason truce.Reason, amount int64) {
			at := mql.Add(time.Duration(days * 24 * float64(time.Hour)))
			if at.After(w.now) {
				return
			}
			o := truce.Outcome{LeadID: l.ID, Status: st, At: at, Reason: reason, Origin: truce.FromImport}
			if amount > 0 {
				o.DealID, o.Amount, o.HasAmount = "deal-"+l.ID, truce.Money{Amount: amount, Currency: "EUR"}, true
			}
			l.outcomes = append(l.outcomes, o)
		}
		back := src.back
		if stricter && ago < 70 {
			back = min(.9, back+.35)
		}
		reason := truce.Reason("")
		if reasons {
			reason = []truce.Reason{"wrong-person", "outside-icp", "no-budget"}[r.IntN(3)]
		}
		switch x := r.Float64(); {
		case !judged && r.IntN(3) > 0: // nobody says anything
		case x < .05:
		case r.Float64() < back:
			say(truce.Rejected, 1+3*r.Float64(), reason, 0)
		default:
			say(truce.Accepted, 1+3*r.Float64(), "", 0)
			if r.IntN(2) == 0 {
				l.rating = 1 + r.IntN(3)
			}
			if !closes {
				break
			}
			days := (15 + 60*r.Float64()) * src.slow
			if r.Float64() < src.won {
				say(truce.Won, days, "", int64(1_000_00+r.IntN(900_000_00)))
			} else if r.IntN(3) > 0 {
				say(truce.Lost, days, "price", 0)
			}
		}
		w.leads = append(w.leads, l)
	}
}

// drawRest draws what is no lead: clocks, cases, what the field heard.
func (w *world) drawRest(r *rand.Rand) {
	day := func(ago int) time.Time {
		return w.now.Truncate(24*time.Hour).AddDate(0, 0, -ago).Add(time.Duration(8+r.IntN(9)) * time.Hour)
	}
	for _, k := range []struct{ side, kind string }{{"sales", "touch"}, {"sales", "verdict"}, {"marketing", "answer"}, {"sponsor", "ruling"}} {
		n, chance, worst := []int{0, 4, 60, 400}[r.IntN(4)], []float64{1, .95, .9, .6}[r.IntN(4)], time.Weekday(1+r.IntN(7))
		for range n {
			from := day(1 + r.IntN(200))
			c := worldClock{side: k.side, kind: k.kind, from: from, due: from.Add(8 * time.Hour), ended: from.Add(4 * time.Hour), result: "kept"}
			keeps := chance
			if from.Weekday() == worst {
				keeps /= 2
			}
			if r.Float64() > keeps {
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
		do(`INSERT INTO clocks (id, subject, kind, side, person_id, started_at, due_at, remind_at, stopped_at, result) VALUES (?, ?, ?, ?, '', ?, ?, ?, ?, ?)`, fmt.Sprint("c", i), fmt.Sprint("L-", i), c.kind, c.side,
			ms(c.from), ms(c.due), ms(c.from), ms(c.ended), c.result)
	}
	for i, d := range w.disputes {
		state := "closed"
		if d.closed.IsZero() {
			state = "open"
		}
		do(`INSERT INTO disputes (id, lead_id, source, reason, text, opener_id, state, outcome, opened_at, answered_at, closed_at) VALUES (?, ?, 'Source 1', 'wrong-person', 'no', 'P-1', ?, ?, ?, ?, ?)`,
			fmt.Sprint("D-", i+1), w.leads[i%len(w.leads)].ID, state, d.outcome, ms(d.opened), ms(d.answered), ms(d.closed))
	}
	for i, h := range w.heard {
		do(`INSERT INTO objections (id, theme_id, confidence, text, account, author_id, logged_by, created_at) VALUES (?, ?, 1, 'they say', ?, ?, ?, ?)`, fmt.Sprint("O-", i), h.theme, h.account, h.rep, h.rep, ms(h.at))
	}
	for i, n := range w.stuck {
		do(`INSERT INTO notes (id, kind, text, account, author_id, created_at, confirmed_at) VALUES (?, 'stuck', ?, ?, 'P-1', ?, ?)`, fmt.Sprint("N-", i), n.text, n.account, ms(n.at), ms(n.at))
	}
	if err := batch.Commit(); err != nil {
		t.Fatal(err)
	}
}
