package storage

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
)

// change makes one random change of a random lead: a new one, corrected ones, outcomes and ratings early, late and corrected.
func change(tx *Tx, r *rand.Rand) error {
	id := fmt.Sprint("lead-", r.IntN(60))
	at := testNow.Add(time.Duration(r.IntN(120*24)-60*24) * time.Hour)
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	if _, err := tx.Lead(id); err != nil || r.IntN(4) == 0 {
		_, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: at, Source: pick("Webinar", "Kit", ""), Campaign: pick("a", "b", "c"),
			Segment: pick("", "pharma", "core"),
			Score:   float64(r.IntN(5)) * 20.1, HasScore: r.IntN(2) == 0, Owner: pick("ann", "ben", "cat@example.com")})
		return err
	}
	if r.IntN(3) == 0 {
		rating := truce.RatingOf{LeadID: id, Rater: pick("ann", "ben", "cat@example.com"), Value: truce.Rating(1 + r.IntN(3)), At: at, RowAt: at}
		if r.IntN(3) == 0 {
			rating.At, rating.Hindsight = time.Time{}, r.IntN(2) == 0
		}
		_, err := tx.Rate(rating)
		return err
	}
	o := truce.Outcome{LeadID: id, DealID: pick("", "d1", "d2"), Status: truce.Statuses[r.IntN(len(truce.Statuses))], At: at,
		Reason: truce.Reason(pick("", "wrong-person", "no-budget")),
		Origin: truce.Origin(pick("import", "person", "silence"))}
	if o.Status == truce.Won && r.IntN(3) > 0 {
		o.HasAmount, o.Amount = true, truce.Money{Amount: int64(r.IntN(3) * 500), Currency: pick("USD", "EUR")}
	}
	_, err := tx.AddOutcome(o)
	return err
}

// TestRollUpsAreWhatCountingGives makes random changes, many to an event, some undone, and counts all leads anew.
func TestRollUpsAreWhatCountingGives(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 8))
			s := open(t)
			if seed > 0 { // else leads come before the roll-ups are kept
				if err := s.KeepRollUps(t.Context(), berlin); err != nil {
					t.Fatal(err)
				}
			}
			no := errors.New("no")
			for step := range 40 {
				err := s.Update(t.Context(), func(tx *Tx) error {
					for range 1 + r.IntN(12) {
						if err := change(tx, r); err != nil {
							return err
						}
						if r.IntN(5) > 0 {
							continue
						}
						err := tx.Try(func() error {
							return errors.Join(change(tx, r), change(tx, r), no)
						})
						if !errors.Is(err, no) {
							return err
						}
					}
					if r.IntN(8) == 0 {
						return no
					}
					return nil
				})
				if err != nil && !errors.Is(err, no) {
					t.Fatal(err)
				}
				if seed == 0 && step == 20 {
					if err := s.KeepRollUps(t.Context(), berlin); err != nil {
						t.Fatal(err)
					}
				}
				if step%10 != 9 || seed == 0 && step < 20 {
					continue
				}
				wrong, err := s.CheckRollUps(t.Context(), 5)
				if err != nil {
					t.Fatal(err)
				}
				if len(wrong) > 0 {
					t.Fatalf("after %d events:\n%s", step+1, strings.Join(wrong, "\n"))
				}
			}
		})
	}
}

// TestMarkDaysFromRollUpsAndFromLeads: where days wait to be counted the leads tell the same.
func TestMarkDaysFromRollUpsAndFromLeads(t *testing.T) {
	s := open(t)
	if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 5))
	update(t, s, func(tx *Tx) error {
		var errs []error
		for range 300 {
			errs = append(errs, change(tx, r))
		}
		return errors.Join(errs...)
	})
	today := truce.DayNumber(testNow, time.UTC)
	marks := func() map[MarkDay]int {
		sums := map[MarkDay]int{}
		err := s.View(t.Context(), func(tx *Tx) error {
			return tx.MarkDays(today-40, today+40, time.UTC, func(d MarkDay) {
				n := d.N
				d.N = 0
				if sums[d] += n; sums[d] == 0 {
					delete(sums, d)
				}
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		return sums
	}
	rolled := marks()
	update(t, s, func(tx *Tx) error { return tx.mark([]dirty{{byMQL, today}}, false) })
	if read := marks(); len(rolled) == 0 || !maps.Equal(rolled, read) {
		t.Errorf("the roll-ups have %d marks, the leads %d", len(rolled), len(read))
	}
}

// TestCheckRollUpsFindsWhatIsWrong breaks the roll-ups, which the check finds and a rebuild mends.
func TestCheckRollUpsFindsWhatIsWrong(t *testing.T) {
	s := open(t)
	if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	err := s.Update(t.Context(), func(tx *Tx) error {
		for range 100 {
			if err := change(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, harm := range []string{`DELETE FROM rollups WHERE kind = 'source' AND day % 3 = 0`, `UPDATE outcomes SET at = at + 86400000`,
		`UPDATE rollups SET sums = x'01' WHERE kind = 'total'`,
		`INSERT INTO rollups (kind, day, name, sums) SELECT kind, day + 9999, name, sums FROM rollups WHERE kind = 'source' LIMIT 1`} {
		if err := s.Update(t.Context(), func(tx *Tx) error { return tx.exec(harm) }); err != nil {
			t.Fatal(err)
		}
		wrong, err := s.CheckRollUps(t.Context(), 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(wrong) == 0 {
			t.Errorf("%s: nothing found", harm)
		}
		if err := s.RebuildRollUps(t.Context(), time.UTC); err != nil {
			t.Fatal(err)
		}
		if wrong, err := s.CheckRollUps(t.Context(), 3); err != nil || len(wrong) > 0 {
			t.Errorf("%s: after a rebuild %v, %v", harm, wrong, err)
		}
	}
}

// FuzzUnpack reads any bytes as sums: refused or read, never worse, and what is read is written the same.
func FuzzUnpack(f *testing.F) {
	var s truce.Sums
	s.Count(truce.Lead{Segment: "x", HasScore: true, Score: 33.3, MQLAt: testNow},
		truce.Facts{Standing: truce.Standing{State: truce.Won, At: testNow.AddDate(0, 0, 9), Stage: truce.StageOpportunity},
			Revenue: map[string]int64{"USD": 5}, Early: truce.Good}, 1, time.UTC)
	f.Add(pack(s))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := unpack(b)
		if err != nil {
			return
		}
		if again, err := unpack(pack(s)); err != nil || string(pack(again)) != string(pack(s)) {
			t.Errorf("written and read again it is not the same: %v", err)
		}
	})
}

// TestPlainLeadsAreCountedAsOthers holds the short way in which an import counts new leads against the way all others are counted.
func TestPlainLeadsAreCountedAsOthers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	plain, got, want := newPlainTally(berlin), rollSums{}, rollSums{}
	for range 500 {
		l := truce.Lead{ID: "x", MQLAt: day(r.IntN(9)).Add(time.Duration(r.IntN(24)) * time.Hour), Source: pick("", "Web", "Kit"),
			Campaign: pick("", "a", "b"), Segment: pick("", "pharma", "Web")}
		if r.IntN(9) == 0 {
			l.MQLAt = time.Date(1969, 12, 30+r.IntN(3), 12, 0, 0, 0, time.UTC)
		}
		if r.IntN(3) > 0 {
			l.Score, l.HasScore = float64(r.IntN(1001))/10, true
		}
		c := rollChange{lead: &l, k: 1}
		if !c.plain() {
			t.Fatalf("%+v is not plain", l)
		}
		plain.add(&l)
		want.add(c, berlin)
	}
	plain.into(got, plain.byDay())
	for k, s := range want {
		if got[k] == nil || !slices.Equal(pack(*got[k]), pack(*s)) {
			t.Errorf("%v is %+v, want %+v", k, got[k], s)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

// TestRollUpsOfALeadThatChangesTwiceInAnEvent: it is counted as it is in the end, also where the second change is undone.
func TestRollUpsOfALeadThatChangesTwiceInAnEvent(t *testing.T) {
	for _, undone := range []bool{false, true} {
		t.Run(fmt.Sprint("undone ", undone), func(t *testing.T) {
			s := open(t)
			if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
				t.Fatal(err)
			}
			undo := errors.New("no")
			update(t, s, func(tx *Tx) error {
				if _, err := tx.UpsertLead(truce.Lead{ID: "a", MQLAt: day(-9), Source: "s"}); err != nil {
					return err
				}
				err := tx.Try(func() error {
					_, err := tx.AddOutcome(truce.Outcome{LeadID: "a", Status: truce.Won, At: day(-1), Origin: truce.FromImport})
					if err == nil && undone {
						err = undo
					}
					return err
				})
				if errors.Is(err, undo) {
					return nil
				}
				return err
			})
			if wrong, err := s.CheckRollUps(t.Context(), 5); err != nil || len(wrong) > 0 {
				t.Errorf("%v %q", err, wrong)
			}
		})
	}
}
