package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/storage"
)

// TestCharterFiguresAgreeWithTheExport counts every figure that a charter can hold a side to, and every goal, anew from what
// "truce export all" writes, by the words of docs/digest-json.md and docs/import.md alone, and finds what the charter says.
func TestCharterFiguresAgreeWithTheExport(t *testing.T) {
	if testing.Short() {
		t.Skip("makes the demo's past, unless another test has")
	}
	s := newShell(t)
	if err := copyFile(demoFile(t), s.path("truce.db")); err != nil {
		t.Fatal(err)
	}
	asOf, err := time.Parse(time.RFC3339, demoNow)
	if err != nil {
		t.Fatal(err)
	}
	s.promisesEverything(asOf)
	status, out, errs := s.run("charter", "--format", "json", "--as-of", demoNow)
	if status != exitOK {
		t.Fatalf("status %d, %s", status, errs)
	}
	charter := charterJSON(t, out)
	if _, digest, _ := s.run("digest", "weekly", "--format", "json", "--as-of", demoNow); !reflect.DeepEqual(charterJSON(t, digest), charter) {
		t.Errorf("the weekly summary measures otherwise than the charter: %+v\nnot %+v", charterJSON(t, digest), charter)
	}
	if status, _, errs := s.run("export", "all", "--to", s.path("out"), "--format", "jsonl"); status != exitOK {
		t.Fatalf("status %d, %s", status, errs)
	}
	x := exportedRows{t: t, s: s, asOf: asOf, to: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		from: time.Date(2026, 8, 24, 0, 0, 0, 0, time.UTC)}
	promised := x.rows("charter")
	promised = slices.DeleteFunc(promised, func(r exportedRow) bool { return r.n("version") != 3 || r["part"] != "promise" })
	if len(charter.Promises) != len(truce.CharterFigures) || len(promised) != len(charter.Promises) {
		t.Fatalf("%d promises, %d exported, of %d that there are: %s", len(charter.Promises), len(promised), len(truce.CharterFigures), out)
	}
	for _, p := range charter.Promises {
		i := slices.IndexFunc(promised, func(r exportedRow) bool {
			return r["what"] == p.What && r["side"] == p.Side && math.Abs(r.n("target")-p.Target) < 1e-12
		})
		if i < 0 {
			t.Errorf("%s: %s, target %v is not what was exported: %v", p.Side, p.What, p.Target, promised)
		}
		k, n, counts := x.promise(p.What)
		measured, low, high := float64(k), math.NaN(), math.NaN()
		if !counts {
			measured, low, high = wilson(k, n)
		}
		kept := measured >= p.Target
		if p.What == "not_worked" {
			kept = measured <= p.Target
		}
		want := fmt.Sprintf("%d of %d: %.6f (%.6f to %.6f), kept %v", k, n, measured, low, high, kept)
		if got := fmt.Sprintf("%d of %d: %.6f (%.6f to %.6f), kept %v", p.K, p.N, p.Measured, orNaN(p.Low), orNaN(p.High), p.Kept); got != want {
			t.Errorf("%s: %s\nby the export %s", p.What, got, want)
		}
		if n == 0 && !counts || k == 0 {
			t.Errorf("%s: %d of %d tell nothing", p.What, k, n)
		}
	}
	for _, g := range charter.Goals {
		now, low, high := x.goal(g.What, g.Unit)
		want, got := fmt.Sprintf("%.6f (%.6f to %.6f)", now, low, high), fmt.Sprintf("%.6f (%.6f to %.6f)", g.Now, orNaN(g.Low), orNaN(g.High))
		if got != want {
			t.Errorf("%s: %s\nby the export %s", g.What, got, want)
		}
	}
	if len(charter.Goals) != len(truce.GoalFigures) {
		t.Errorf("%d goals of %d that there are", len(charter.Goals), len(truce.GoalFigures))
	}
	answered := map[any]bool{} // the log says who answered, never what
	for _, r := range x.rows("audit") {
		if r["action"] == "charter.answer" {
			answered[r["person"]] = true
		}
	}
	_, before, _ := s.run("charter", "--format", "json", "--as-of", asOf.Add(-time.Hour).Format(time.RFC3339))
	if c := charterJSON(t, before).Signed; c == nil || c.Yes != 11 || c.CouldNot != 1 || len(answered) != c.Yes+c.CouldNot || c.Of != 12 {
		t.Errorf("%+v signed the text before; by the log %d answered", c, len(answered))
	}
	if charter.Signed != nil {
		t.Errorf("%+v signed a text that nobody has seen", charter.Signed)
	}
}

// promisesEverything puts a charter in force that promises all that can be promised, and what is needed to measure it.
func (s *shell) promisesEverything(asOf time.Time) {
	s.t.Helper()
	targets := map[string]float64{"share": 0.8, "count": 2}
	document := truce.Charter{Why: "Everything that can be measured."}
	for _, f := range truce.CharterFigures {
		document.Promises = append(document.Promises, truce.CharterPromise{Side: f.Side, What: f.Key, Target: targets[f.Unit]})
	}
	for _, f := range truce.GoalFigures {
		g := truce.CharterGoal{What: f.Key, Unit: f.Unit, Start: 0.1, Since: "2026-09-01", Target: 0.9, By: "2027-01-01"}
		if f.Unit == "money" {
			g.Unit, g.Start, g.Target = "USD", 0, 1_000_000_00
		}
		document.Goals = append(document.Goals, g)
	}
	if err := document.Check(); err != nil {
		s.t.Fatal(err)
	}
	payload, err := json.Marshal(document)
	if err != nil {
		s.t.Fatal(err)
	}
	at := asOf.Add(-time.Minute)
	store, err := storage.Open(s.t.Context(), s.path("truce.db"), func() time.Time { return at }, testLog)
	if err != nil {
		s.t.Fatal(err)
	}
	defer store.Close()
	var pat, mia, mona truce.Person
	err = store.Update(s.t.Context(), func(tx *storage.Tx) error {
		for id, p := range map[string]*truce.Person{"pat": &pat, "mia": &mia, "mona": &mona} {
			var err error
			if *p, err = tx.PersonByEmail(id + "@quillwater.example"); err != nil {
				return err
			}
		}
		was, err := tx.InForce(truce.CharterGround, "", at)
		if err != nil {
			return err
		}
		if _, err = tx.Propose(truce.Proposal{Kind: truce.CharterGround, Title: "all", Was: was.Payload, Base: was.Version, Payload: payload,
			By: pat.ID}, ""); err != nil {
			return err
		}
		for i, kind := range []string{"meeting", "call"} { // of both the meeting alone is a conversation
			if _, err := tx.AddTouch(truce.Touch{LeadID: "Q002300", At: asOf.AddDate(0, 0, -20-i), Kind: kind, By: mia.ID}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", s.path("truce.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	exec := func(query string, args ...any) {
		s.t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			s.t.Fatal(err)
		}
	}
	day := func(n int) int64 { return asOf.AddDate(0, 0, n).UnixMilli() }
	for i, r := range []struct {
		state       string
		due, closed any
	}{{"answered", day(-30), day(-31)}, {"answered", day(-20), day(-18)}, {"open", day(-10), nil}, {"dropped", day(-9), day(-12)},
		{"open", day(3), nil}} {
		exec(`INSERT INTO requests (id, theme_id, state, asked_at, due_at, closed_at, accounts, reps, times)
			VALUES (?, ?, ?, ?, ?, ?, 3, 2, 3)`, fmt.Sprint("Q-9", i), fmt.Sprint("none", i), r.state, day(-40), r.due, r.closed)
	}
	exec(`INSERT INTO meeting_series (id, name, day, minutes, length, created_at) VALUES ('T-1', 'Alignment', 4, 600, 60, ?)`, day(-80))
	for i, m := range []struct {
		at        int
		cancelled any
		there     []string
	}{{-70, nil, []string{pat.ID, mona.ID}}, {-60, nil, []string{mona.ID}}, {-50, day(-51), []string{pat.ID}}, {-40, nil, []string{pat.ID}},
		{-30, nil, []string{pat.ID}}} {
		exec(`INSERT INTO meetings (id, series_id, at, cancelled_at) VALUES (?, 'TF-9', ?, ?)`, fmt.Sprint("M-9", i), day(m.at), m.cancelled)
		for _, p := range m.there {
			exec(`INSERT INTO meeting_presence (meeting_id, person_id, at) VALUES (?, ?, ?)`, fmt.Sprint("M-9", i), p, day(m.at))
		}
	}
	for i, r := range []string{"kept", "kept", "late", "void", "kept", "lapsed"} { // what was escalated to Pat
		exec(`INSERT INTO clocks (id, subject, kind, side, started_at, due_at, remind_at, stopped_at, result)
			VALUES (?, ?, 'ruling', 'sponsor', ?, ?, ?, ?, ?)`,
			fmt.Sprint("sponsor", i), fmt.Sprint("D-9", i), day(-20-i), day(-18-i), day(-19-i), day(-18-i), r)
	}
	for i, p := range []struct{ asked, agreed int }{{-30, -29}, {-36, -25}} { // what nobody answered: decided the next day, and after weeks
		exec(`INSERT INTO proposals (id, kind, thing, title, payload, needs, at, asked_at, state, sponsor_at, agreed_at, in_force_at, proposed_by)
			VALUES (?, 'level', ?, 'x', '{}', '["sales","marketing"]', ?, ?, 'in force', ?, ?, ?, ?)`,
			fmt.Sprint("T-9", i), fmt.Sprint("none.", i), day(p.asked-9), day(p.asked-9), day(p.asked), day(p.agreed), day(p.agreed), mia.ID)
	}
	for i, r := range []struct {
		lead, result string
		due          int
		stopped      any
	}{{"Q001990", "", -30, nil}, {"Q001991", "void", -30, day(-40)}, {"Q001992", "void", -30, day(-30)}} {
		exec(`DELETE FROM ratings WHERE lead_id = ?`, r.lead)
		exec(`INSERT INTO clocks (id, subject, kind, side, started_at, due_at, remind_at, stopped_at, result)
			SELECT ?, ref, 'rating', 'sales', ?, ?, ?, ?, ? FROM leads WHERE id = ?`,
			fmt.Sprint("rating", i), day(r.due-5), day(r.due), day(r.due), r.stopped, r.result, r.lead)
	}
}

// charterFigures are a charter as a program reads it.
type charterFigures struct {
	Signed *struct {
		Of, Yes       int
		CouldNot      int `json:"could_not"`
		VersionBefore int `json:"version_before"`
	}
	Goals []struct {
		What, Unit string
		Now        float64
		Low, High  *float64
	}
	Promises []promiseFigures
}

type promiseFigures struct {
	Side, What       string
	Target, Measured float64
	K, N             int
	Low, High        *float64
	Kept             bool
}

func charterJSON(t *testing.T, text string) charterFigures {
	t.Helper()
	var out struct{ Charter charterFigures }
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out.Charter
}

func orNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// wilson is a share with its 95 % interval by Wilson's score.
func wilson(k, n int) (rate, low, high float64) {
	const z = 1.959963984540054
	N := float64(n)
	rate = float64(k) / N
	middle, half := (rate+z*z/(2*N))/(1+z*z/N), z/(1+z*z/N)*math.Sqrt(rate*(1-rate)/N+z*z/(4*N*N))
	return rate, max(0, middle-half), min(1, middle+half)
}

// exportedRow is a line of an export.
type exportedRow map[string]any

func (r exportedRow) s(name string) string { s, _ := r[name].(string); return s }

func (r exportedRow) n(name string) float64 { n, _ := r[name].(float64); return n }

// at is a moment; zero is none.
func (r exportedRow) at(name string) time.Time {
	t, _ := time.Parse(time.RFC3339, r.s(name))
	return t
}

func (r exportedRow) amount() float64 {
	v, _ := strconv.ParseFloat(r.s("amount"), 64)
	return math.Round(v * 100)
}

// exportedRows counts from an export alone.
type exportedRows struct {
	t              *testing.T
	s              *shell
	from, to, asOf time.Time
}

func (x exportedRows) rows(kind string) (list []exportedRow) {
	x.t.Helper()
	for line := range strings.Lines(x.s.read(filepath.Join("out", kind+".jsonl"))) {
		r := exportedRow{}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			x.t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

// in reports whether a moment lies in the 13 weeks and is known.
func (x exportedRows) in(t time.Time) bool {
	return !t.Before(x.from) && t.Before(x.to) && !t.After(x.asOf)
}

// businessDays is a moment so many business days later: nobody works on Saturdays and Sundays.
func businessDays(t time.Time, n int) time.Time {
	for n > 0 {
		if t = t.AddDate(0, 0, 1); t.Weekday() != time.Saturday && t.Weekday() != time.Sunday {
			n--
		}
	}
	return t
}

// promise is how a promise was kept: k of n, or a count alone.
func (x exportedRows) promise(what string) (k, n int, counts bool) {
	tally := func(kept bool) {
		if n++; kept {
			k++
		}
	}
	clocks := map[string][2]string{"answers": {"marketing", "answer"}, "first_touch": {"sales", "touch"}, "verdicts": {"sales", "verdict"},
		"decisions": {"sponsor", "ruling"}}
	if of, ok := clocks[what]; ok {
		for _, r := range x.rows("promises") {
			if r["side"] != of[0] || r["kind"] != of[1] || !x.in(r.at("due_at")) {
				continue
			}
			switch r.s("result") {
			case "kept", "late", "lapsed":
				tally(r["result"] == "kept")
			case "running":
				if r.at("due_at").Before(x.asOf) {
					tally(false)
				}
			}
		}
	}
	marketers, sponsors := map[string]bool{}, map[string]bool{}
	for _, r := range x.rows("people") {
		id, email := r.s("truce_id"), r.s("email")
		marketers[id], sponsors[id] = strings.HasPrefix(email, "mia@") || strings.HasPrefix(email, "mona@"), strings.HasPrefix(email, "pat@")
	}
	switch what {
	case "decisions":
		for _, r := range x.rows("proposals") {
			if at := r.at("to_sponsor_at"); !at.IsZero() && x.in(at) && !r.at("agreed_at").IsZero() {
				tally(!r.at("agreed_at").After(businessDays(at, 2)))
			}
		}
	case "requests":
		for _, r := range x.rows("requests") {
			if due := r.at("due_at"); x.in(due) && r["state"] != "dropped" && (r["state"] == "answered" || due.Before(x.asOf)) {
				tally(r["state"] == "answered" && !r.at("closed_at").After(due))
			}
		}
	case "conversations":
		for _, r := range x.rows("interviews") {
			if r["state"] == "done" && x.in(r.at("finished_at")) {
				k++
			}
		}
		for _, r := range x.rows("touches") {
			if r["kind"] == "meeting" && marketers[r.s("by")] && x.in(r.at("at")) {
				k++
			}
		}
		return k, 0, true
	case "task_force":
		held := map[string]bool{}
		for _, r := range x.rows("meetings") {
			held[r.s("id")] = x.in(r.at("met_at")) && r.at("cancelled_at").IsZero()
		}
		for _, r := range x.rows("meeting_presence") {
			if sponsors[r.s("person")] && held[r.s("meeting")] {
				k++
			}
		}
		return k, 0, true
	case "leads":
		for _, r := range x.rows("leads") {
			if x.in(r.at("mql_at")) {
				k++
			}
		}
		return k, 0, true
	case "ratings":
		x.ratings(tally)
	case "icp":
		x.inside(tally)
	case "not_worked":
		x.notWorked(tally)
	}
	return k, n, false
}

// ratings: of the leads whose rating came due, those that were rated by then; those that were decided before are nobody's to rate.
func (x exportedRows) ratings(tally func(bool)) {
	lead := map[string]string{}
	for _, r := range x.rows("leads") {
		lead[r.s("truce_ref")] = r.s("id")
	}
	rated := map[string][]time.Time{}
	for _, r := range x.rows("outcomes") {
		if r.s("rating") != "" {
			at := r.at("rated_at")
			if at.IsZero() {
				at = r.at("at")
			}
			rated[r.s("lead_id")] = append(rated[r.s("lead_id")], at)
		}
	}
	for _, r := range x.rows("promises") {
		due := r.at("due_at")
		if r["kind"] != "rating" || !x.in(due) {
			continue
		}
		kept := slices.ContainsFunc(rated[lead[r.s("subject")]], func(at time.Time) bool { return !at.After(due) })
		if stopped := r.at("stopped_at"); kept || stopped.IsZero() || !stopped.Before(due) {
			tally(kept)
		}
	}
}

// inside: Quillwater's profile in force asks for the lab type alone. A fit is kept from the first verdict or two business days after the
// hand-off on.
func (x exportedRows) inside(tally func(bool)) {
	verdict := map[string]bool{}
	for _, r := range x.rows("outcomes") {
		if r.s("status") != "" && r["truce_origin"] != "silence" && !r.at("at").After(x.asOf) {
			verdict[r.s("lead_id")] = true
		}
	}
	for _, r := range x.rows("disputes") {
		verdict[r.s("lead_id")] = true
	}
	for _, r := range x.rows("leads") {
		if !x.in(r.at("mql_at")) || !verdict[r.s("id")] && businessDays(r.at("mql_at"), 2).After(x.asOf) {
			continue
		}
		known, _ := r["attributes"].(map[string]any)
		tally(known["lab type"] == "regulated lab")
	}
}

// notWorked: leads handed off with a clock whose three business days are over, with neither a touch nor a person's verdict by then.
func (x exportedRows) notWorked(tally func(bool)) {
	did := map[string][]time.Time{}
	for _, r := range x.rows("touches") {
		did[r.s("lead_id")] = append(did[r.s("lead_id")], r.at("at"))
	}
	for _, r := range x.rows("outcomes") {
		if r.s("status") != "" && r["truce_origin"] != "silence" {
			did[r.s("lead_id")] = append(did[r.s("lead_id")], r.at("at"))
		}
	}
	for _, r := range x.rows("disputes") {
		did[r.s("lead_id")] = append(did[r.s("lead_id")], r.at("opened_at"))
	}
	judged := map[string][]time.Time{}
	for _, r := range x.rows("promises") {
		if r["kind"] == "verdict" && (r["result"] == "kept" || r["result"] == "late") {
			judged[r.s("subject")] = append(judged[r.s("subject")], r.at("stopped_at"))
		}
	}
	for _, r := range x.rows("leads") {
		at := r.at("handed_off_at")
		if at.IsZero() || !x.in(r.at("mql_at")) {
			continue
		}
		deadline := businessDays(at.Truncate(24*time.Hour), 3).AddDate(0, 0, 1)
		if deadline.After(x.asOf) {
			continue
		}
		tally(!slices.ContainsFunc(append(did[r.s("id")], judged[r.s("truce_ref")]...), func(t time.Time) bool { return !t.After(deadline) }))
	}
}

// purchase is money from an account.
type purchase struct {
	at     time.Time
	amount float64
}

// closed are the deals that were won or lost by now, each once, with their accounts.
func (x exportedRows) closed(status string) map[string][]purchase {
	accountOf, closed := map[string]string{}, map[string]exportedRow{}
	for _, r := range x.rows("leads") {
		accountOf[r.s("id")] = r.s("account")
	}
	outcomes := x.rows("outcomes")
	sort.SliceStable(outcomes, func(i, j int) bool { return outcomes[i].at("at").Before(outcomes[j].at("at")) })
	for _, r := range outcomes {
		if s := r.s("status"); (s == "won" || s == "lost") && !r.at("at").After(x.asOf) {
			id := r.s("deal_id")
			if id == "" {
				id = "lead " + r.s("lead_id")
			}
			closed[id] = r
		}
	}
	list := map[string][]purchase{}
	for _, r := range x.rows("deals") {
		id := r.s("id")
		if o, ok := closed[id]; ok {
			accountOf[o.s("lead_id")] = r.s("account")
		} else if stage := strings.ToLower(r.s("stage")); stage == "closed "+status && !r.at("closed_at").After(x.asOf) {
			key := strings.ToLower(r.s("account"))
			list[key] = append(list[key], purchase{r.at("closed_at"), r.amount()})
		}
	}
	for _, o := range closed {
		if o["status"] == status {
			key := strings.ToLower(accountOf[o.s("lead_id")])
			list[key] = append(list[key], purchase{o.at("at"), o.amount()})
		}
	}
	for _, l := range list {
		sort.Slice(l, func(i, j int) bool { return l[i].at.Before(l[j].at) })
	}
	return list
}

// reorders are the orders that pay for no deal: see docs/import.md.
func (x exportedRows) reorders(won map[string][]purchase) (list map[string][]purchase, first time.Time) {
	list = map[string][]purchase{}
	orders := x.rows("orders")
	sort.SliceStable(orders, func(i, j int) bool { return orders[i].at("at").Before(orders[j].at("at")) })
	covered := map[string][]float64{}
	for _, o := range orders {
		at, amount, account := o.at("at"), o.amount(), strings.ToLower(o.s("account"))
		if first.IsZero() {
			first = at
		}
		if covered[account] == nil {
			covered[account] = make([]float64, len(won[account]))
		}
		paid := false
		for i, d := range won[account] {
			if covered[account][i] < d.amount && amount >= d.amount/2 && amount <= d.amount*3/2 && !at.Before(d.at.AddDate(0, 0, -14)) &&
				!at.After(d.at.AddDate(0, 0, 90)) {
				covered[account][i] += amount
				paid = true
				break
			}
		}
		if !paid && !at.After(x.asOf) {
			list[account] = append(list[account], purchase{at, amount})
		}
	}
	return list, first
}

// goal is where a goal stands.
func (x exportedRows) goal(what, unit string) (now, low, high float64) {
	won := x.closed("won")
	begun := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	none := math.NaN()
	between := func(list map[string][]purchase, from, to time.Time) (n int, sum float64) {
		for _, l := range list {
			for _, p := range l {
				if !p.at.Before(from) && p.at.Before(to) {
					n, sum = n+1, sum+p.amount
				}
			}
		}
		return n, sum
	}
	switch what {
	case "won_revenue":
		_, deals := between(won, begun, x.asOf.Add(time.Millisecond))
		again, _ := x.reorders(won)
		_, orders := between(again, begun, x.asOf.Add(time.Millisecond))
		return deals + orders, none, none
	case "won_deals":
		n, _ := between(won, begun, x.asOf.Add(time.Millisecond))
		return float64(n) + 0.1, none, none
	case "win_rate":
		k, _ := between(won, x.from, x.to)
		lost, _ := between(x.closed("lost"), x.from, x.to)
		return wilson(k, k+lost)
	case "lead_to_win":
		last := map[string]exportedRow{} // the newest word on each lead; won stays won
		for _, r := range x.rows("outcomes") {
			if id := r.s("lead_id"); r["status"] == "won" && !r.at("at").After(x.asOf) {
				last[id] = r
			}
		}
		k, n := 0, 0
		end := x.to.AddDate(0, 0, -180)
		for _, r := range x.rows("leads") {
			if at := r.at("mql_at"); !at.Before(end.AddDate(0, 0, -364)) && at.Before(end) {
				if n++; last[r.s("id")] != nil {
					k++
				}
			}
		}
		return wilson(k, n)
	case "repeat_rate":
		orders, known := x.reorders(won)
		k, n := 0, 0
		accounts := map[string][]time.Time{}
		for account, list := range won {
			for _, p := range list {
				accounts[account] = append(accounts[account], p.at)
			}
		}
		for account, list := range orders {
			for _, p := range list {
				if p.amount > 0 {
					accounts[account] = append(accounts[account], p.at)
				}
			}
		}
		delete(accounts, "")
		for _, bought := range accounts {
			first := slices.MinFunc(bought, time.Time.Compare)
			if first.Before(known) || first.AddDate(0, 0, 180).After(x.asOf) {
				continue
			}
			n++
			if slices.ContainsFunc(bought, func(at time.Time) bool {
				return !at.Before(first.AddDate(0, 0, 14)) && !at.After(first.AddDate(0, 0, 180))
			}) {
				k++
			}
		}
		return wilson(k, n)
	}
	x.t.Fatalf("nobody counts %s", what)
	return 0, 0, 0
}
