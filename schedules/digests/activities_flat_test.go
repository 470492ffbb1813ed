package digests_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// manyActivities is a company with six activities in a year of 600 leads. What becomes of a lead goes with its source and its month, and
// with nothing that the activities do, but for the first of them: effect is what being engaged by it adds to the chance of buying. With
// immortal, leads are engaged at any time while they are looked at, so who lives longer is engaged more often.
func manyActivities(seed uint64, effect float64, immortal bool) func(tx *storage.Tx) error {
	return func(tx *storage.Tx) error {
		const activities = 6
		r := rand.New(rand.NewPCG(seed, 18))
		share := [activities]float64{}
		for k := range share {
			share[k] = 0.08 + 0.3*r.Float64()
			name := fmt.Sprint("Activity ", k)
			a := truce.Activity{ID: fmt.Sprint("A", k), Name: name, Side: truce.Marketing, Matches: []string{name}}
			if _, err := tx.UpsertActivity(a); err != nil {
				return err
			}
		}
		for i := range 600 {
			source, at := r.IntN(3), time.Date(2025, 1, 1+r.IntN(364), 10, 0, 0, 0, time.UTC)
			chance := []float64{0.1, 0.2, 0.35}[source] + 0.1*float64(at.Month()-1)/12 // a season: who comes late in the year buys more
			engaged := [activities]bool{}
			for k := range engaged {
				engaged[k] = r.Float64() < share[k]*[]float64{0.5, 1, 1.5}[source] // and the sources that buy are engaged more
			}
			wins := r.Float64() < chance || engaged[0] && r.Float64() < effect
			l := truce.Lead{ID: fmt.Sprintf("L%d", i), MQLAt: at, Source: fmt.Sprint("source ", source), Segment: []string{"x", "y"}[r.IntN(2)],
				Account: fmt.Sprint("firm ", i), Company: fmt.Sprint("Firm ", i), Score: 50 + 10*r.NormFloat64(), HasScore: true}
			var outcomes []truce.Outcome
			end := 35 + r.IntN(170)
			if immortal {
				end = 5 + r.IntN(200)
			}
			if wins || r.Float64() < 0.3 {
				outcomes = append(outcomes, truce.Outcome{Status: truce.SQL, At: at.AddDate(0, 0, end-1-r.IntN(min(end-1, 60)))})
			}
			if wins {
				outcomes = append(outcomes, truce.Outcome{Status: truce.Won, At: at.AddDate(0, 0, end)})
			} else if r.Float64() < 0.4 {
				outcomes = append(outcomes, truce.Outcome{Status: truce.Lost, At: at.AddDate(0, 0, end)})
			}
			if err := addLead(tx, l, outcomes...); err != nil {
				return err
			}
			if r.Float64() < 0.3 {
				if _, err := tx.AddTouch(truce.Touch{LeadID: l.ID, At: at.AddDate(0, 0, 10+r.IntN(90)), Kind: "meeting"}); err != nil {
					return err
				}
			}
			for k := range engaged {
				when := r.IntN(29)
				if immortal {
					when = r.IntN(200)
				}
				if !engaged[k] || immortal && len(outcomes) > 0 && when >= end {
					continue
				}
				if _, err := tx.UpsertEngagement(truce.Engagement{ID: fmt.Sprint("e", k, l.ID), LeadID: l.ID, At: at.AddDate(0, 0, when),
					Kind: "attended", Activity: fmt.Sprint("Activity ", k)}); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// TestFlatCompaniesClaimNothing: of 200 companies whose activities do nothing, half of them with engagements that only the long-lived have,
// fewer than one report in twenty claims anything, and an effect that is there is found.
func TestFlatCompaniesClaimNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("makes hundreds of companies")
	}
	t.Parallel()
	claims := func(seed uint64, effect float64, immortal bool) (told int) {
		store := activityStore(t, manyActivities(seed, effect, immortal))
		text := chat.PlainText(reportOn(t, store, aYear()).Card(time.UTC), 200)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		return strings.Count(text, "engaged leads went on to")
	}
	flat, immortal, found, besides := 0, 0, 0, 0
	const companies, planted = 100, 20
	for seed := range uint64(companies) {
		if claims(1000+seed, 0, false) > 0 {
			flat++
		}
		if claims(2000+seed, 0, true) > 0 {
			immortal++
		}
	}
	for seed := range uint64(planted) {
		switch n := claims(3000+seed, 0.5, false); {
		case n > 1:
			found, besides = found+1, besides+1
		case n == 1:
			found++
		}
	}
	t.Logf("false: %d of %d flat companies, %d of %d with immortal time; planted: found in %d of %d, with another in %d", flat, companies,
		immortal, companies, found, planted, besides)
	if flat+immortal >= 2*companies/20 {
		t.Errorf("%d of %d flat companies and %d of %d with immortal time claim something", flat, companies, immortal, companies)
	}
	if found < planted*3/4 {
		t.Errorf("an effect that is there is found in %d of %d companies", found, planted)
	}
}
