package digests_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/bot/golden"
	"truce/schedules/digests"
	"truce/storage"
)

// monday is when the digests of the golden files are read.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// quillwater is a company of eight reps and four marketers, with findings planted in its year and, beside them, differences
// that are none: ratings given too late, an order that turns round by segment, a large change of few leads.
func quillwater(t testing.TB, now func() time.Time) (*storage.Store, string) {
	t.Helper()
	at := now()
	if quillwaters[at] == nil {
		s, path := buildQuillwater(t, func() time.Time { return at })
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		quillwaters[at] = file
	}
	return openCopy(t, quillwaters[at], now)
}

// quillwaters are the company's file, by when it was built: each test begins with a copy.
var quillwaters = map[time.Time][]byte{}

func buildQuillwater(t testing.TB, now func() time.Time) (*storage.Store, string) {
	t.Helper()
	s, path := openAt(t, now)
	r := rand.New(rand.NewPCG(20, 26))
	type source struct {
		name, campaign string
		n              int
		score          float64
		back           float64
		reason         truce.Reason
		won            map[string]float64 // by segment
		mix            float64            // share of leads in core facilities
	}
	sources := []source{
		{"Webinar", "Faster panels", 520, 62, 0.12, "no-need", map[string]float64{"core facility": 0.05, "pharma": 0.16}, 0.8},
		{"Trade show", "Spring proteomics", 480, 58, 0.13, "no-budget", map[string]float64{"core facility": 0.03, "pharma": 0.12}, 0.3},
		{"Content syndication", "Whitepaper network", 412, 81, 0.38, "wrong-person", nil, 0.5},
		{"Paid search", "", 380, 55, 0.14, "wrong-person", map[string]float64{"core facility": 0.05, "pharma": 0.1}, 0.5},
		{"Evaluation kit", "Core facility kit", 290, 44, 0.15, "outside-icp", map[string]float64{"core facility": 0.08, "pharma": 0.1}, 0.9},
		{"Referral", "", 190, 66, 0.08, "no-need", map[string]float64{"core facility": 0.09, "pharma": 0.15}, 0.5},
		{"Distributor", "", 90, 50, 0.15, "wrong-territory", map[string]float64{"core facility": 0.05, "pharma": 0.08}, 0.5},
	}
	err := s.Update(t.Context(), func(tx *storage.Tx) error {
		for _, p := range []struct {
			name string
			role truce.Role
		}{{"Ann", truce.Rep}, {"Ben", truce.Rep}, {"Cat", truce.Rep}, {"Mia", truce.Marketer}, {"Sam", truce.SalesManager},
			{"Mona", truce.MarketingManager}, {"Pat", truce.Sponsor}} {
			added, err := tx.AddPerson(truce.Person{Name: p.name, Email: p.name + "@quillwater.example"})
			if err != nil {
				return err
			}
			if err := tx.GiveRole(added.ID, p.role, "config"); err != nil {
				return err
			}
		}
		n := 0
		for _, src := range sources {
			for range src.n * 14 / 12 {
				n++
				ago := 1 + r.IntN(425)
				mql := monday.Truncate(24*time.Hour).AddDate(0, 0, -ago).Add(time.Duration(8+r.IntN(9)) * time.Hour)
				segment := "pharma"
				if r.Float64() < src.mix {
					segment = "core facility"
				}
				l := truce.Lead{ID: fmt.Sprintf("Q%04d", n), MQLAt: mql, Source: src.name, Campaign: src.campaign, Segment: segment,
					Company: fmt.Sprintf("Lab %d", n), HasScore: true,
					Owner: []string{"ann", "ben", "cat"}[n%3] + "@quillwater.example"}
				wins := r.Float64() < src.won[segment]
				worth := 0.0
				if wins {
					worth = 9
				}
				l.Score = float64(int(min(99, max(5, src.score+worth+11*r.NormFloat64()))))
				if _, err := tx.UpsertLead(l); err != nil {
					return err
				}
				say := func(st truce.Status, after int, reason truce.Reason, amount int64) error {
					at := mql.Add(time.Duration(after*24+3) * time.Hour)
					if at.After(monday) {
						return nil
					}
					o := truce.Outcome{LeadID: l.ID, Status: st, At: at, Reason: reason, Origin: truce.FromImport}
					if amount > 0 {
						o.DealID, o.Amount, o.HasAmount = "deal-"+l.ID, truce.Money{Amount: amount, Currency: "USD"}, true
					}
					_, err := tx.AddOutcome(o)
					return err
				}
				if !wins && r.Float64() < src.back {
					reason := src.reason
					if r.IntN(3) == 0 {
						reason = "outside-icp"
					}
					if err := say(truce.Rejected, 1+r.IntN(3), reason, 0); err != nil {
						return err
					}
					continue
				}
				verdict := 1 + r.IntN(4)
				if err := say(truce.Accepted, verdict, "", 0); err != nil {
					return err
				}
				good := truce.Rating(1 + r.IntN(3))
				if wins && r.IntN(4) == 0 {
					good = truce.Good
				}
				if at := mql.AddDate(0, 0, 6); at.Before(monday) && r.IntN(3) > 0 {
					if _, err := tx.Rate(truce.RatingOf{LeadID: l.ID, Rater: l.Owner, Value: good, At: at}); err != nil {
						return err
					}
				}
				if at := mql.AddDate(0, 0, 160); wins && at.Before(monday) { // when everybody knew: hindsight, not used
					if _, err := tx.Rate(truce.RatingOf{LeadID: l.ID, Rater: l.Owner, Value: truce.Good, At: at}); err != nil {
						return err
					}
				}
				var err error
				switch days := 30 + r.IntN(110); {
				case wins:
					err = say(truce.Won, days, "", int64(6_000_000+r.IntN(3_000_000)))
				case r.IntN(4) == 0:
					err = say(truce.Lost, 20+r.IntN(60), "price", 0)
				case r.IntN(3) == 0:
					err = say(truce.SQL, 8, "", 0)
				}
				if err != nil {
					return err
				}
			}
		}
		for _, th := range []truce.Theme{{ID: "turnaround-time", Name: "Turnaround time", State: "active"},
			{ID: "ffpe", Name: "validated on FFPE?", State: "active"}} {
			if err := tx.AddTheme(th); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	ms := func(t time.Time) any {
		if t.IsZero() {
			return nil
		}
		return t.UnixMilli()
	}
	heard := func(n int, theme, rep string, ago int, account string) {
		do(`INSERT INTO objections (id, theme_id, confidence, text, account, author_id, logged_by, created_at)
			VALUES (?, ?, 1, 'they say', ?, ?, ?, ?)`,
			fmt.Sprint("O-", n), theme, account, rep, rep, ms(monday.AddDate(0, 0, -ago)))
	}
	for i := range 14 {
		heard(i, "turnaround-time", fmt.Sprint("P-", 1+i%3), 1+i*2%27, fmt.Sprint("lab ", i))
	}
	heard(50, "turnaround-time", "P-1", 40, "lab 3")
	heard(51, "turnaround-time", "P-2", 45, "lab 4")
	heard(52, "turnaround-time", "P-3", 50, "lab 5")
	for i := range 3 {
		heard(60+i, "ffpe", fmt.Sprint("P-", 1+i%2), 2+i, fmt.Sprint("institute ", i))
	}
	for i, account := range []string{"Lab 20", "Lab 21", "Lab 22", "Lab 23"} {
		do(`INSERT INTO notes (id, kind, text, account, author_id, created_at, confirmed_at)
			VALUES (?, 'stuck', 'no validation data', ?, 'P-1', ?, ?)`, fmt.Sprint("N-", i), account,
			ms(monday.AddDate(0, 0, -9)), ms(monday.AddDate(0, 0, -9)))
	}
	for i := range 14 { // disputes
		opened := monday.AddDate(0, 0, -12+i%5).Add(time.Duration(i) * 11 * time.Minute)
		answered, closed, state, outcome := opened.Add(3*time.Hour), opened.Add(3*time.Hour), "closed", "upheld"
		switch {
		case i == 12:
			answered, closed, state, outcome = time.Time{}, time.Time{}, "open", ""
		case i == 13:
			closed, state, outcome = time.Time{}, "escalated", ""
		case i%4 == 1:
			outcome = "declined"
		}
		do(`INSERT INTO disputes (id, lead_id, source, reason, text, opener_id, state, outcome, opened_at, answered_at, closed_at)
			VALUES (?, ?, 'Content syndication', 'wrong-person', 'no', 'P-1', ?, ?, ?, ?, ?)`,
			fmt.Sprint("D-", i), fmt.Sprintf("Q%04d", 1100+i), state, outcome, ms(opened), ms(answered), ms(closed))
	}
	clock := func(id, subject, kind, side, person string, from, due, ended time.Time, result string) {
		do(`INSERT INTO clocks (id, subject, kind, side, person_id, started_at, due_at, remind_at, stopped_at, result)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, id, subject, kind, side, person,
			ms(from), ms(due), ms(from), ms(ended), result)
	}
	for i := range 400 {
		from := monday.AddDate(0, 0, -3-i*85/400).Add(time.Hour)
		if from.Weekday() == time.Saturday || from.Weekday() == time.Sunday {
			continue
		}
		chance := 0.9
		if from.Weekday() == time.Tuesday {
			chance = 0.5
		}
		for _, k := range []struct {
			kind, side string
			chance     float64
		}{{"touch", "sales", chance}, {"verdict", "sales", 0.95}, {"answer", "marketing", 0.97}} {
			if k.kind == "answer" && i%6 > 0 {
				continue
			}
			result := "kept"
			if r.Float64() > k.chance {
				result = "late"
			}
			clock(fmt.Sprint(k.kind, i), fmt.Sprint("L-", i), k.kind, k.side, "", from, from.Add(24*time.Hour), from.Add(20*time.Hour), result)
		}
	}
	clock("open1", "D-12", "answer", "marketing", "P-4", monday.AddDate(0, 0, -4), monday.Add(6*time.Hour), time.Time{}, "")
	clock("open2", "D-13", "ruling", "sales", "", monday.AddDate(0, 0, -4), monday.Add(27*time.Hour), time.Time{}, "")
	clock("open3", "D-13", "ruling", "marketing", "", monday.AddDate(0, 0, -4), monday.Add(27*time.Hour), time.Time{}, "")
	clock("open4", "L-7", "verdict", "sales", "P-1", monday.AddDate(0, 0, -4), monday.Add(-time.Hour), time.Time{}, "")
	clock("open5", "L-9", "touch", "sales", "P-1", monday.AddDate(0, 0, -1), monday.Add(3*time.Hour), time.Time{}, "")
	return s, path
}

// imported is what came in at quillwater in the last days.
func imported(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	came := func(id, kind, origin string, ago, added, changed, rejected int, complete bool) {
		_, err := db.Exec(`INSERT INTO imports (id, kind, origin, name, at, rows, added, changed, unchanged, rejected, complete)
			VALUES (?, ?, ?, 'out.csv', ?, ?, ?, ?, 0, ?, ?)`,
			id, kind, origin, monday.AddDate(0, 0, -ago).UnixMilli(), added+changed+rejected, added, changed, rejected, complete)
		if err != nil {
			t.Fatal(err)
		}
	}
	came("i1", "outcomes", "file", 3, 96, 0, 0, true)
	came("i2", "leads", "file", 3, 40, 12, 2, true)
	came("i3", "leads", "hook", 2, 4, 1, 0, true)
	came("i4", "touches", "file", 2, 1200, 0, 0, false)
	came("i5", "leads", "file", 10, 7, 0, 0, true)
	came("i6", "leads", "file", 0, 5, 0, 0, true) // this morning: it is in next week's digest
}

func maker() digests.Maker {
	terms := truce.NewTerms(truce.NewCalendar(time.UTC))
	terms.Targets = truce.Targets{LeadsPerQuarter: 600, InTimeShare: 0.9}
	return digests.Maker{Calendar: terms.Calendar, Terms: terms}
}

// TestDigestsFromRollUps makes every digest from the leads and from the roll-ups: they say the same.
func TestDigestsFromRollUps(t *testing.T) {
	s, _ := quillwater(t, func() time.Time { return monday })
	d := maker()
	say := func() (list []string) {
		err := s.View(t.Context(), func(tx *storage.Tx) error {
			for _, kind := range []string{digests.LeadsDigest, digests.WeeklyDigest, digests.MonthlyDigest} {
				for _, period := range [][2]int{{0, 0}, {-91, 0}, {-400, -30}} {
					req := digests.Query{Kind: kind, AsOf: monday}
					if period[0] != 0 {
						req.From, req.To = monday.AddDate(0, 0, period[0]).Truncate(24*time.Hour), monday.AddDate(0, 0, period[1]).Truncate(24*time.Hour)
					}
					card, err := d.Card(tx, req, true)
					if err != nil {
						return err
					}
					report, err := d.Report(tx, req)
					if err != nil {
						return err
					}
					text, err := json.Marshal(report)
					if err != nil {
						return err
					}
					list = append(list, chat.PlainText(card, 100), string(text))
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	raw := say()
	if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
		t.Fatal(err)
	}
	err := s.View(t.Context(), func(tx *storage.Tx) error {
		if ok, err := tx.RolledUp(monday, time.UTC); err != nil || !ok {
			t.Errorf("the roll-ups are not used: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range say() {
		if got != raw[i] {
			t.Errorf("from the roll-ups:\n%s\nfrom the leads:\n%s", got, raw[i])
		}
	}
}

// TestDigestsAsRead holds every digest as its reader sees it. Read them as that reader, on a Monday morning.
func TestDigestsAsRead(t *testing.T) {
	s, path := quillwater(t, func() time.Time { return monday })
	imported(t, path)
	d := maker()
	err := s.View(t.Context(), func(tx *storage.Tx) error {
		ann, err := tx.PersonByEmail("ann@quillwater.example")
		if err != nil {
			return err
		}
		for _, kind := range []string{digests.LeadsDigest, digests.WeeklyDigest, digests.MonthlyDigest, digests.MineDigest} {
			req := digests.Query{Kind: kind, AsOf: monday, Person: ann}
			card, err := d.Card(tx, req, false)
			if err != nil {
				return err
			}
			golden.Check(t, kind+".txt", chat.PlainText(card, 100))
			again, err := d.Card(tx, req, false)
			if err != nil {
				return err
			}
			if chat.Markdown(card) != chat.Markdown(again) {
				t.Errorf("%s: the same data and moment gave another card", kind)
			}
		}
		all, err := d.All(tx, digests.Query{Kind: digests.LeadsDigest, From: monday.AddDate(0, 0, -91).Truncate(24 * time.Hour),
			To: monday.Truncate(24 * time.Hour), AsOf: monday})
		if err != nil {
			return err
		}
		golden.Check(t, "figures.txt", chat.PlainText(all, 100))
		outcomes, err := d.Outcomes(tx, cards.Period{Kind: digests.WeeklyDigest, AsOf: monday, Loc: time.UTC})
		if err != nil {
			return err
		}
		golden.Check(t, "outcomes.txt", chat.PlainText(outcomes, 100))
		golden.Check(t, "how.txt", chat.PlainText(d.How(), 100))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
