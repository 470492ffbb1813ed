package digests_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/bot/golden"
	"truce/schedules/digests"
	"truce/storage"
)

// TestOddsAgainstBruteForce holds the win rates with and without an objection against the definition, read unit by unit.
func TestOddsAgainstBruteForce(t *testing.T) {
	shown := 0
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(68, seed))
		units := 60 + r.IntN(200)
		var heard []digests.Heard
		closes := map[string][]digests.Closed{}
		for range 200 + r.IntN(700) {
			heard = append(heard, digests.Heard{Theme: fmt.Sprint("t", r.IntN(4)), Stage: fmt.Sprint("s", r.IntN(2)),
				Rep: fmt.Sprint("r", r.IntN(7)), Unit: fmt.Sprint("u", r.IntN(units)),
				At: noon.Add(-time.Duration(r.IntN(300)) * 24 * time.Hour)})
		}
		heard = append(heard, digests.Heard{Theme: "t0", Stage: "s0", Rep: "only this one", Unit: "u1", At: noon.AddDate(0, 0, -299)})
		for u := range units {
			day := -320
			for range r.IntN(4) {
				day += r.IntN(150)
				closes[fmt.Sprint("u", u)] = append(closes[fmt.Sprint("u", u)], digests.Closed{At: noon.AddDate(0, 0, day), Won: r.IntN(3) == 0})
			}
		}
		got := digests.OddsOf(heard, func(unit string) []digests.Closed { return closes[unit] })
		want := map[string]string{}
		for _, theme := range []string{"t0", "t1", "t2", "t3"} {
			for _, stage := range []string{"s0", "s1"} {
				counts := func(rep string) bool { // logs both kinds at this stage
					this := slices.ContainsFunc(heard, func(h digests.Heard) bool { return h.Rep == rep && h.Stage == stage && h.Theme == theme })
					other := slices.ContainsFunc(heard, func(h digests.Heard) bool { return h.Rep == rep && h.Stage == stage && h.Theme != theme })
					return this && other
				}
				good := map[string]bool{}
				for _, h := range heard {
					if _, ok := good[h.Rep]; !ok {
						good[h.Rep] = counts(h.Rep)
					}
				}
				var with, without, withWon, withoutWon int
				for u := range units {
					unit := fmt.Sprint("u", u)
					ever := false
					var since, other []time.Time
					for _, h := range heard {
						if h.Unit != unit {
							continue
						}
						ever = ever || h.Theme == theme
						if h.Stage == stage && good[h.Rep] && h.Theme == theme {
							since = append(since, h.At)
						}
						if h.Stage == stage && good[h.Rep] && h.Theme != theme {
							other = append(other, h.At)
						}
					}
					n, won := &with, &withWon
					switch {
					case len(since) == 0 && ever, len(since) == 0 && len(other) == 0:
						continue
					case len(since) == 0:
						since, n, won = other, &without, &withoutWon
					}
					first := slices.MinFunc(since, time.Time.Compare)
					after := slices.DeleteFunc(slices.Clone(closes[unit]), func(c digests.Closed) bool { return !c.At.After(first) })
					if len(after) > 0 {
						if *n++; after[0].Won {
							*won++
						}
					}
				}
				if with >= 20 && without >= 20 {
					want[theme+stage] = fmt.Sprintf("%d of %d, %d of %d", withWon, with, withoutWon, without)
				}
			}
		}
		said := map[string]string{}
		for _, o := range got {
			said[o.Theme+o.Stage] = fmt.Sprintf("%d of %d, %d of %d", o.A.K, o.A.N, o.B.K, o.B.N)
		}
		if shown += len(want); fmt.Sprint(said) != fmt.Sprint(want) {
			t.Fatalf("seed %d: %v\nwant %v", seed, said, want)
		}
	}
	if shown < 20 {
		t.Errorf("only %d comparisons were tried", shown)
	}
}

// TestObjectionsGoWithWinRates plays a year in which one objection halves the wins, and one is heard of those who win anyway.
func TestObjectionsGoWithWinRates(t *testing.T) {
	s, path := openAt(t, func() time.Time { return noon })
	start := noon.AddDate(0, 0, -200)
	write(t, s, func(tx *storage.Tx) error {
		for _, name := range []string{"Ann", "Ben"} {
			if _, err := tx.AddPerson(truce.Person{Name: name, Email: name + "@x.example"}); err != nil {
				return err
			}
		}
		for _, th := range []truce.Theme{{ID: "slow", Name: "Turnaround time", State: "active"}, {ID: "price", Name: "Price", State: "active"},
			{ID: "lots", Name: "Lot changes", State: "active"}} {
			if err := tx.AddTheme(th); err != nil {
				return err
			}
		}
		for i := range 150 {
			status, stage := truce.Lost, "lost"
			if i%50 < map[int]int{0: 10, 1: 30, 2: 30}[i/50] { // slow 10, price 30, lots 30 of 50
				status, stage = truce.Won, "won"
			}
			d := truce.Deal{ID: fmt.Sprint("d", i), Account: fmt.Sprint("account ", i), Stage: stage, Status: status,
				CreatedAt: start.AddDate(0, 0, -9), ClosedAt: start.AddDate(0, 0, 30+i%40)}
			if _, err := tx.UpsertDeal(d); err != nil {
				return err
			}
		}
		return nil
	})
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i := range 150 {
		_, err := db.Exec(`INSERT INTO objections (id, theme_id, confidence, text, stage, account, author_id, logged_by, created_at)
			VALUES (?, ?, 1, 'they say', 'Evaluation', ?, ?, 'P-1', ?)`,
			fmt.Sprint("O-", i), []string{"slow", "price", "lots"}[i/50], fmt.Sprintf("Account %d GmbH", i), fmt.Sprint("P-", 1+i%2),
			start.UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
	}
	read(t, s, func(tx *storage.Tx) error {
		card, err := maker().Odds(tx, noon)
		if err != nil {
			return err
		}
		golden.Check(t, "odds.txt", chat.PlainText(card, 110))
		study, err := maker().Whole(tx, digests.Query{Kind: digests.LeadsDigest, AsOf: noon})
		if err != nil || len(study.Odds) != 3 {
			t.Errorf("%+v, %v", study.Odds, err)
		}
		past, err := maker().Odds(tx, start.AddDate(0, 0, 20)) // nothing had closed
		if err == nil {
			golden.Check(t, "odds_none.txt", chat.PlainText(past, 110))
		}
		return err
	})
}
