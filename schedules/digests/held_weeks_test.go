package digests_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// heldCompany is a company of one source, ten leads a week for two and a half years, in which something differs for a while.
type heldCompany struct {
	name        string
	says, ended string // the claim, and its end
	from, until int    // weeks in which it is so
	stays       bool   // two years that it was so outlive the summaries that are read
	leads       func(r *rand.Rand, differs bool, i int, at time.Time) (truce.Lead, []truce.Outcome, truce.Rating)
}

func heldCompanies() []heldCompany {
	const day = 24 * time.Hour
	sqlAfter := func(r *rand.Rand, at time.Time, share float64) (list []truce.Outcome) {
		if r.Float64() < share {
			list = append(list, truce.Outcome{Status: truce.SQL, At: at.Add(5 * day)})
		}
		return list
	}
	return []heldCompany{
		{"a stage is slower", `Slower: \w+\. .*? in the 13 weeks before\.`, `leads left \w+ more slowly than before`, 70, 200, false,
			func(r *rand.Rand, differs bool, _ int, at time.Time) (l truce.Lead, list []truce.Outcome, _ truce.Rating) {
				return l, sqlAfter(r, at, map[bool]float64{true: .42, false: .72}[differs]), 0
			}},
		{"the score tells better", `the score told winners from losers better, among leads that were worked\.`,
			`the score told winners from losers better`, 36, 62, false,
			func(r *rand.Rand, differs bool, _ int, at time.Time) (l truce.Lead, list []truce.Outcome, rating truce.Rating) {
				status, won := truce.Lost, r.IntN(2) == 0
				if won {
					status = truce.Won
				}
				l.HasScore, l.Score = true, float64(30+r.IntN(40))
				if differs && won {
					l.Score += 12
				}
				list = []truce.Outcome{{Status: truce.Accepted, At: at.Add(day)}, {Status: status, At: at.Add(30 * day)}}
				return l, list, truce.Rating(1 + r.IntN(3))
			}},
		{"more than half is sent back", `Sales sends back more than half: .*? it judged, whatever the source\.`,
			`Sales sent back more than half of the leads it judged`, 70, 100, false,
			func(r *rand.Rand, differs bool, _ int, at time.Time) (l truce.Lead, list []truce.Outcome, _ truce.Rating) {
				o := truce.Outcome{Status: truce.Accepted, At: at.Add(2 * day)}
				if r.Float64() < map[bool]float64{true: .66, false: .47}[differs] {
					o.Status, o.Reason = truce.Rejected, "wrong-person"
				}
				return l, []truce.Outcome{o}, 0
			}},
		{"quarter ends", `Quarter ends go with more wins outside the ICP: .*? others since \w+ \d+\.`,
			`quarter ends went with more wins outside the ICP`, 36, 200, true,
			func(r *rand.Rand, differs bool, _ int, at time.Time) (l truce.Lead, list []truce.Outcome, _ truce.Rating) {
				closed := at.Add(20 * day)
				if l.ICPFit = truce.InsideICP; r.Float64() < map[bool]float64{true: .5, false: .2}[differs && lastFortnight(closed)] {
					l.ICPFit = truce.OutsideICP
				}
				return l, []truce.Outcome{{Status: truce.Accepted, At: at.Add(day)}, {Status: truce.Won, At: closed, DealID: "D" + at.String()}}, 0
			}},
	}
}

// TestEveryClaimOfAFirstScreenKeepsItsDate reads the summaries of a year and more, Monday by Monday: a claim with a fixed p, once made, is
// made each week with the date it began, though chance alone would explain some weeks of it, until one summary says that it is no longer
// so.
func TestEveryClaimOfAFirstScreenKeepsItsDate(t *testing.T) {
	for _, of := range heldCompanies() {
		t.Run(of.name, func(t *testing.T) { t.Parallel(); of.keepsItsDate(t) })
	}
}

func (of heldCompany) store(t *testing.T) (*storage.Store, time.Time) {
	first := time.Date(2024, 7, 1, 9, 0, 0, 0, time.UTC)
	now := first.AddDate(0, 0, 7*130)
	s := openStore(t, func() time.Time { return now })
	r := rand.New(rand.NewPCG(14, uint64(len(of.name))))
	write(t, s, func(tx *storage.Tx) error {
		for i := range 130 * 10 {
			week := i / 10
			at := first.AddDate(0, 0, 7*week).Add(time.Duration(i%10) * 13 * time.Hour)
			l, outcomes, rating := of.leads(r, week >= of.from && week < of.until, i, at)
			l.ID, l.Company, l.Source, l.MQLAt, l.Owner = fmt.Sprint("L", i), fmt.Sprint("Lab ", i), "Webinar", at, "rep@example.com"
			if err := addLead(tx, l, outcomes...); err != nil {
				return err
			}
			if rating == 0 {
				continue
			}
			if _, err := tx.Rate(truce.RatingOf{LeadID: l.ID, Rater: l.Owner, Value: rating, At: at.AddDate(0, 0, 2)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := s.KeepRollUps(t.Context(), time.UTC); err != nil {
		t.Fatal(err)
	}
	return s, first
}

func (of heldCompany) keepsItsDate(t *testing.T) {
	s, first := of.store(t)
	says, since := regexp.MustCompile(of.says), regexp.MustCompile(`^ ?Since (\d+ \w+ \d+); still so\.`)
	ended := regexp.MustCompile(`No longer so: ` + of.ended + ` \(since (\d+ \w+ \d+)\)\.`)
	began, weeks, ends := "", 0, 0
	for week := 54; week < 130; week++ {
		asOf := first.AddDate(0, 0, 7*week)
		text := ""
		read(t, s, func(tx *storage.Tx) error {
			c, err := maker().Card(tx, digests.Query{Kind: digests.WeeklyDigest, AsOf: asOf}, false)
			text = strings.Join(strings.Fields(chat.PlainText(c, 4000)), " ")
			return err
		})
		is, date := says.FindStringIndex(text), ""
		if is != nil {
			weeks++
			if m := since.FindStringSubmatch(text[is[1]:]); m != nil {
				date = m[1]
			}
		}
		over := ended.FindStringSubmatch(text)
		look := asOf.Format("2 Jan 2006")
		switch {
		case is != nil && began == "" && date == "":
			began = look // it is new
		case is != nil && began == "":
			t.Fatalf("%s: it was never said before, and is so since %s:\n%s", look, date, text)
		case is != nil && date != began:
			t.Fatalf("%s: since %q, it was said on %s first:\n%s", look, date, began, text)
		case is == nil && began != "" && (over == nil || over[1] != began):
			t.Fatalf("%s: said since %s, and it ends without a word:\n%s", look, began, text)
		case is == nil && began != "":
			began = ""
			ends++
		case is == nil && over != nil:
			t.Fatalf("%s: it ends again:\n%s", look, text)
		}
	}
	if weeks < 8 || ends != 1 && !of.stays {
		t.Errorf("said in %d weeks, ended %d times: want many, and once", weeks, ends)
	}
}
