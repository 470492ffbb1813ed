package digests_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// promising is a company of two sides of five in which, in each of the last 13 weeks, two leads came in on Monday at nine; one
// was first touched after 12 business hours and one after 20, of 24 that there are.
func promising(t *testing.T) *storage.Store {
	t.Helper()
	s := openStore(t, func() time.Time { return monday })
	write(t, s, func(tx *storage.Tx) error {
		for side, role := range map[truce.Side]truce.Role{truce.Sales: truce.Rep, truce.Marketing: truce.Marketer} {
			for i := range 5 {
				p, err := tx.AddPerson(truce.Person{Name: fmt.Sprint(side, i), Email: fmt.Sprintf("%s%d@quillwater.example", side, i), Side: side})
				if err != nil {
					return err
				}
				if err := tx.GiveRole(p.ID, role, "config"); err != nil {
					return err
				}
			}
		}
		for w := range 13 {
			day := truce.DateOf(monday).Add(-7*(13-w)).At(9*60, time.UTC)
			for i, hours := range []time.Duration{12, 20} {
				id := fmt.Sprint("w", w, "-", i)
				if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: day, Source: "Webinar", Score: float64(40 + 20*i), HasScore: true,
					ICPFit: []truce.ICPFit{truce.InsideICP, truce.OutsideICP}[i]}); err != nil {
					return err
				}
				l, err := tx.Lead(id)
				if err != nil {
					return err
				}
				p, _ := truce.NewTerms(truce.NewCalendar(time.UTC)).Start(l.Ref, truce.TouchPromise, truce.Sales, "", false, day)
				p.StoppedAt, _ = truce.NewCalendar(time.UTC).Add(day, hours*time.Hour)
				if p.ID, p.Result = "c"+id, truce.Kept; w == 12 && i == 1 { // the last one came too late
					p.StoppedAt, p.Result = p.DueAt.Add(time.Hour), truce.Late
				}
				if err := tx.SavePromise(p); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return s
}

// TestEffectsOfProposals says on a proposal's card how the last 13 weeks would have gone under it.
func TestEffectsOfProposals(t *testing.T) {
	s := promising(t)
	db, err := sql.Open("sqlite3", s.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i, daysAgo := range []int{3, 20, 80, 100} { // the last before the 13 weeks
		if _, err := db.Exec(`INSERT INTO disputes (id, lead_id, opener_id, source, reason, text, state, opened_at, moved_at)
			VALUES (?, 'w0-0', 'P-1', 'Webinar', 'outside-icp', '', 'open', ?, ?)`,
			fmt.Sprint("D-", i), monday.AddDate(0, 0, -daysAgo).UnixMilli(), monday.UnixMilli()); err != nil {
			t.Fatal(err)
		}
	}
	charter := func(promises ...truce.CharterPromise) json.RawMessage {
		out, _ := json.Marshal(truce.Charter{Why: "Together.", Promises: promises})
		return out
	}
	rule, _ := json.Marshal(truce.RuleTerms{Source: "Webinar", Reason: "outside-icp", Outcome: truce.Upheld, Text: "Consumer labs go back."})
	for _, tt := range []struct {
		name    string
		kind    truce.ProposalKind
		thing   string
		payload json.RawMessage
		want    string
	}{
		{"less time for the first touch", truce.LevelGround, "promises.first_touch_hours", json.RawMessage(`{"value":"16"}`),
			"In the last 13 weeks 13 of 26 would have been in time (25 as it is). The promise of 90 % would have been kept in 0 of 13 weeks (12 " +
				"as it is)."},
		{"more time for the first touch", truce.LevelGround, "promises.first_touch_hours", json.RawMessage(`{"value":"32"}`),
			"In the last 13 weeks 26 of 26 would have been in time (25 as it is). The promise of 90 % would have been kept in 13 of 13 weeks (12 " +
				"as it is)."},
		{"another share in time", truce.LevelGround, "promises.in_time_share", json.RawMessage(`{"value":"50"}`),
			"In the last 13 weeks 25 of 26 would have been in time (25 as it is). The promise of 50 % would have been kept in 13 of 13 weeks (12 " +
				"as it is)."},
		{"time for what nobody did", truce.LevelGround, "promises.answer_hours", json.RawMessage(`{"value":"8"}`),
			"Nothing of this kind was due in the last 13 weeks, so nobody can say how it would have gone."},
		{"a score threshold", truce.ThresholdGround, "promises.mql_score", json.RawMessage(`{"value":"50"}`),
			"Of 26 leads of the last 13 weeks with a score, 13 reach it. Leads below today's threshold are not known here, so a lower one would " +
				"bring more than can be said."},
		{"fewer leads", truce.LevelGround, "promises.leads_per_quarter", json.RawMessage(`{"value":"26"}`),
			"The last 13 weeks brought 26 leads of 26; a thirteenth of it would have been kept in 13 of 13 weeks (0 as it is)."},
		{"the profile's share", truce.LevelGround, "promises.icp_share", json.RawMessage(`{"value":"50"}`),
			"In the last 13 weeks 13 of 26 would have been inside, of those that are known (13 as it is). The promise of 50 % would have been " +
				"kept in 13 of 13 weeks."},
		{"a rule", truce.RuleGround, "outside-icp Webinar", rule, "In the last 13 weeks it would have settled 3 cases."},
		{"a charter", truce.CharterGround, "", charter(truce.CharterPromise{Side: truce.Sales, What: "first_touch", Target: 1},
			truce.CharterPromise{Side: truce.Marketing, What: "leads", Target: 13}),
			"In how many of the last 13 weeks it would have been kept: first touch in time 100 %, 12 of 13 weeks; a thirteenth of 13 leads, 13 of " +
				"13 weeks."},
		{"a charter of what is not measured", truce.CharterGround, "",
			charter(truce.CharterPromise{Side: truce.TheSponsor, What: "task_force", Target: 3}), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			read(t, s, func(tx *storage.Tx) error {
				got, err := maker().Effect(tx, tt.kind, tt.thing, nil, tt.payload, monday)
				if got != tt.want {
					t.Errorf("%s\nwant %s", got, tt.want)
				}
				return err
			})
		})
	}
}

// TestAChangedPromiseIsTwoRates holds the weeks before a promise was changed against what it was then, and those since against what it
// is; the change is drawn on its day.
func TestAChangedPromiseIsTwoRates(t *testing.T) {
	now := monday
	s := openStore(t, func() time.Time { return now })
	var version int
	inForce := func(daysAgo int, promises ...truce.CharterPromise) {
		t.Helper()
		now = monday.AddDate(0, 0, -daysAgo)
		payload, _ := json.Marshal(truce.Charter{Why: "Together.", Promises: promises})
		write(t, s, func(tx *storage.Tx) error {
			was, err := tx.InForce(truce.CharterGround, "", now)
			if err != nil {
				return err
			}
			p := truce.Proposal{Kind: truce.CharterGround, Title: "x", Payload: payload, Base: version}
			if was != nil {
				p.Was = was.Payload
			}
			version++
			_, err = tx.Propose(p, "")
			return err
		})
	}
	touch := func(target float64) truce.CharterPromise {
		return truce.CharterPromise{Side: truce.Sales, What: "first_touch", Target: target}
	}
	verdicts := truce.CharterPromise{Side: truce.Sales, What: "verdicts", Target: 0.5}
	inForce(150, touch(0.8), verdicts)
	inForce(28, touch(0.95), verdicts)
	now = monday
	write(t, s, func(tx *storage.Tx) error {
		for i := range 26 { // one every third day
			due := monday.AddDate(0, 0, -90+3*i)
			p := truce.Promise{ID: fmt.Sprint("c", i), Subject: fmt.Sprint("L-", i), Kind: truce.TouchPromise, Side: truce.Sales,
				StartedAt: due.Add(-time.Hour), DueAt: due, RemindAt: due, StoppedAt: due, Result: truce.Kept}
			if i%5 == 1 {
				p.Result = truce.Late
			}
			if err := tx.SavePromise(p); err != nil {
				return err
			}
		}
		return nil
	})
	read(t, s, func(tx *storage.Tx) error {
		m, err := maker().Charter(tx, monday, truce.Sides{})
		if err != nil || len(m.Promises) != 2 || len(m.Promises[0].Parts) != 2 || len(m.Promises[1].Parts) != 0 {
			t.Fatalf("%+v, %v", m, err)
		}
		var said []string
		for _, p := range m.Promises[0].Parts {
			said = append(said, fmt.Sprintf("%s to %s: %d of %d, promised %v, kept %v", p.From.Format("2 Jan"), p.To.Format("2 Jan"), *p.K, *p.N,
				p.Target, *p.Kept))
		}
		if got, want := strings.Join(said, "; "), "24 Aug to 26 Oct: 17 of 21, promised 0.8, kept true; 26 Oct to 23 Nov: 4 of 5, promised "+
			"0.95, kept false"; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		out, err := json.Marshal(m)
		if err != nil {
			return err
		}
		if !strings.Contains(string(out), `"parts":[{"from":"2026-08-24T00:00:00Z","to":"2026-10-26T09:00:00Z","target":0.8,"k":17,"n":21,`) {
			t.Errorf("%s", out)
		}
		card, err := maker().Card(tx, digests.Query{Kind: digests.WeeklyDigest, AsOf: monday}, false)
		if err != nil {
			return err
		}
		text := chat.PlainText(card, 1000)
		for _, want := range []string{"Sales: first touch in time, before 26 Oct", "Sales: first touch in time, since 26 Oct",
			"Changed in the last 13 weeks: Sales: first touch in time 80 % to 95 % (26 Oct)."} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
		return nil
	})
}

// TestPromisesOfEverySide measures ratings, conversations and the task force: what counts of each, and what does not.
func TestPromisesOfEverySide(t *testing.T) {
	s := openStore(t, func() time.Time { return monday })
	db, err := sql.Open("sqlite3", s.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	day := func(n int) any { return monday.AddDate(0, 0, n).UnixMilli() }
	do := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	for id, role := range map[string]string{"P-1": "sponsor", "P-2": "marketer", "P-3": "rep"} {
		do(`INSERT INTO people (id, name, created_at) VALUES (?, ?, 1)`, id, role)
		do(`INSERT INTO roles VALUES (?, ?, 'config', 1)`, id, role)
	}
	for i, r := range []struct {
		due, rated, stopped int // days; 0 is never
	}{{-20, -22, 0}, {-20, -18, 0}, {-20, 0, 0}, {-20, 0, -25}, {-20, -26, -25}, {-100, -101, 0}, {5, -1, 0}} {
		lead := fmt.Sprint("Q", i)
		do(`INSERT INTO leads (id, ref, mql_at, created_at, updated_at, state_at) VALUES (?, ?, ?, 1, 1, 1)`, lead, fmt.Sprint("L-", i), day(-25))
		var stopped any
		if r.stopped != 0 {
			stopped = day(r.stopped)
		}
		do(`INSERT INTO clocks (id, subject, kind, side, started_at, due_at, remind_at, stopped_at)
			VALUES (?, ?, 'rating', 'sales', ?, ?, ?, ?)`, fmt.Sprint("c", i), fmt.Sprint("L-", i), day(-30), day(r.due), day(r.due), stopped)
		if r.rated != 0 {
			do(`INSERT INTO ratings (lead_id, rater, value, at, row_at, recorded_at, dated) VALUES (?, 'P-3', 3, ?, ?, ?, ?)`, lead, day(r.rated),
				day(r.rated), day(r.rated), day(r.rated))
		}
	}
	for i, c := range []struct {
		by, kind string
		at       int
	}{{"P-2", "meeting", -10}, {"P-2", "call", -10}, {"P-3", "meeting", -11}, {"P-2", "meeting", -100}} {
		do(`INSERT INTO touches (id, lead_id, at, kind, by_whom, recorded_at) VALUES (?, 'Q0', ?, ?, ?, ?)`, fmt.Sprint("t", i), day(c.at),
			c.kind, c.by, day(c.at))
	}
	charter, _ := json.Marshal(truce.Charter{Why: "Together.",
		Promises: []truce.CharterPromise{{Side: truce.Marketing, What: "conversations", Target: 1},
			{Side: truce.Sales, What: "ratings", Target: 0.9},
			{Side: truce.TheSponsor, What: "task_force", Target: 3}}})
	write(t, s, func(tx *storage.Tx) error {
		_, err := tx.Propose(truce.Proposal{Kind: truce.CharterGround, Title: "x", Payload: charter}, "")
		return err
	})
	says := func(want string) {
		t.Helper()
		read(t, s, func(tx *storage.Tx) error {
			m, err := maker().Charter(tx, monday, truce.Sides{})
			if err != nil {
				return err
			}
			var said []string
			for _, p := range m.Promises {
				line := p.What + " not measured"
				if p.Measured != nil {
					line = fmt.Sprintf("%s %v, kept %v", p.What, *p.Measured, *p.Kept)
				}
				if p.N != nil {
					line = fmt.Sprintf("%s %d of %d, kept %v", p.What, *p.K, *p.N, *p.Kept)
				}
				said = append(said, line)
			}
			if got := strings.Join(said, "; "); got != want {
				t.Errorf("%s\nwant %s", got, want)
			}
			return nil
		})
	}
	says("conversations 1, kept true; ratings 2 of 4, kept false; task_force not measured")
	do(`INSERT INTO meeting_series (id, name, day, minutes, length, created_at) VALUES ('S-1', 'Alignment', 4, 600, 60, ?)`, day(-80))
	for i, m := range []struct {
		at        int
		cancelled any
		who       string
	}{{-70, nil, "P-1"}, {-60, nil, "P-2"}, {-50, day(-51), "P-1"}, {-20, nil, "P-1"}, {-110, nil, "P-1"}} {
		do(`INSERT INTO meetings (id, series_id, at, cancelled_at) VALUES (?, 'S-1', ?, ?)`, fmt.Sprint("M-", i), day(m.at), m.cancelled)
		do(`INSERT INTO meeting_presence (meeting_id, person_id, at) VALUES (?, ?, ?)`, fmt.Sprint("M-", i), m.who, day(m.at))
	}
	says("conversations 1, kept true; ratings 2 of 4, kept false; task_force 2, kept false")
}

// TestARaisedPromiseWasKeptBefore: 82 of 100 kept are no breach of 80 %, and none of the weeks before 90 % were promised is held
// against it. The digests, the agenda, and the summary as of earlier Mondays say so from the same day on.
func TestARaisedPromiseWasKeptBefore(t *testing.T) {
	now := monday
	s := openStore(t, func() time.Time { return now })
	promise := func(daysAgo int, target float64) {
		t.Helper()
		now = monday.AddDate(0, 0, -daysAgo)
		payload, _ := json.Marshal(truce.Charter{Why: "Together.",
			Promises: []truce.CharterPromise{{Side: truce.Sales, What: "first_touch", Target: target}}})
		write(t, s, func(tx *storage.Tx) error {
			was, err := tx.InForce(truce.CharterGround, "", now)
			if err != nil {
				return err
			}
			p := truce.Proposal{Kind: truce.CharterGround, Title: "x", Payload: payload}
			if was != nil {
				p.Was, p.Base = was.Payload, was.Version
			}
			_, err = tx.Propose(p, "")
			return err
		})
	}
	raised := 70
	promise(400, 0.8)
	promise(raised, 0.92)
	now = monday
	write(t, s, func(tx *storage.Tx) error {
		if _, err := tx.UpsertLead(truce.Lead{ID: "one", MQLAt: monday.AddDate(0, 0, -3)}); err != nil {
			return err
		}
		for i := range 2100 { // six a day
			due := monday.AddDate(0, 0, -350+i/6).Add(time.Duration(i%6) * time.Minute)
			p := truce.Promise{ID: fmt.Sprint("c", i), Subject: fmt.Sprint("L-", i), Kind: truce.TouchPromise, Side: truce.Sales,
				StartedAt: due.Add(-time.Hour), DueAt: due, RemindAt: due, StoppedAt: due, Result: truce.Kept}
			if i%50 < 9 {
				p.Result = truce.Late
			}
			if err := tx.SavePromise(p); err != nil {
				return err
			}
		}
		return nil
	})
	read(t, s, func(tx *storage.Tx) error {
		var since truce.Date
		for back := 45; back >= 0; back-- {
			look := monday.AddDate(0, 0, -7*back)
			study, err := maker().Study(tx, digests.Query{Kind: digests.WeeklyDigest, AsOf: look})
			if err != nil {
				return err
			}
			p := study.Promises[0]
			switch {
			case p.Missed && 7*back >= raised:
				t.Errorf("%s: said to be below, and 80 %% was promised", look.Format(time.DateOnly))
			case p.Missed && since == (truce.Date{}):
				since = p.Since
				if p.Since != truce.DateOf(look) {
					t.Errorf("%s: since %s", look.Format(time.DateOnly), p.Since)
				}
			case p.Missed != (since != truce.Date{}) || p.Missed && p.Since != since:
				t.Errorf("%s: missed %v since %s, it was told on %s", look.Format(time.DateOnly), p.Missed, p.Since, since)
			}
		}
		if since == (truce.Date{}) {
			t.Fatal("82 % of 92 % promised is below it, and was never said")
		}
		card, err := maker().Card(tx, digests.Query{Kind: digests.WeeklyDigest, AsOf: monday}, false)
		if err != nil {
			return err
		}
		a, _, err := maker().Agenda(tx, "", monday)
		if err != nil {
			return err
		}
		agenda, err := maker().AgendaJSON(a)
		if err != nil {
			return err
		}
		text := chat.PlainText(card, 2000) + string(agenda)
		for _, want := range []string{"80 % was promised until 14 Sep 2026, 92 % since: each week is held against what was promised in it.",
			"promised 92 % (80 % until 14 Sep 2026). It can be told since " + since.Words()} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
		return nil
	})
}

// TestTheCharterSaysBelowByEvidence: 85 of 100 kept of 90 % may be chance in a year of weekly looks, whatever one interval of 95
// % says; 60 of 100 are not. So are three of nine not enough, and of a promise of all one missing is.
func TestTheCharterSaysBelowByEvidence(t *testing.T) {
	for _, tt := range []struct {
		name      string
		target    float64
		due, late int // so many of each hundred are late
		want      string
	}{{"may be chance", .9, 200, 15, "not yet enough to tell"}, {"is not", .9, 200, 40, "below"}, {"few", .9, 9, 34, "not yet enough to tell"},
		{"all promised", 1, 20, 5, "below"}} {
		t.Run(tt.name, func(t *testing.T) {
			now := monday.AddDate(0, 0, -400)
			s := openStore(t, func() time.Time { return now })
			payload, _ := json.Marshal(truce.Charter{Why: "Together.",
				Promises: []truce.CharterPromise{{Side: truce.Sales, What: "first_touch", Target: tt.target}}})
			write(t, s, func(tx *storage.Tx) error {
				_, err := tx.Propose(truce.Proposal{Kind: truce.CharterGround, Title: "x", Payload: payload}, "")
				return err
			})
			now = monday
			write(t, s, func(tx *storage.Tx) error {
				if _, err := tx.UpsertLead(truce.Lead{ID: "one", MQLAt: monday.AddDate(0, 0, -3)}); err != nil {
					return err
				}
				for i := range tt.due {
					due := monday.Add(-time.Duration(i+1) * 88 * 24 * time.Hour / time.Duration(tt.due+1))
					p := truce.Promise{ID: fmt.Sprint("c", i), Subject: fmt.Sprint("L-", i), Kind: truce.TouchPromise, Side: truce.Sales,
						StartedAt: due.Add(-time.Hour), DueAt: due, RemindAt: due, StoppedAt: due, Result: truce.Kept}
					if i*37%100 < tt.late {
						p.Result = truce.Late
					}
					if err := tx.SavePromise(p); err != nil {
						return err
					}
				}
				return nil
			})
			read(t, s, func(tx *storage.Tx) error {
				card, err := maker().Card(tx, digests.Query{Kind: digests.WeeklyDigest, AsOf: monday}, false)
				if err != nil {
					return err
				}
				text := chat.PlainText(card, 2000)
				if i := strings.Index(text, "Sales: first touch in time"); i < 0 ||
					!strings.HasSuffix(strings.SplitN(text[i:], "\n", 2)[0], " "+tt.want) {
					t.Errorf("want %q in\n%s", tt.want, text)
				}
				return nil
			})
		})
	}
}
