package digests_test

import (
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

// longPeriod is the text of the leads of [from, to) as of a moment, with all figures.
func longPeriod(t *testing.T, s *storage.Store, from, to, asOf time.Time) (text string) {
	t.Helper()
	read(t, s, func(tx *storage.Tx) error {
		card, err := maker().Card(tx, digests.Query{Kind: digests.LeadsDigest, From: from, To: to, AsOf: asOf}, true)
		text = chat.PlainText(card, 1000)
		return err
	})
	return text
}

// What is new in the field of a long period was first heard in it, and counts where it was heard in all of it: not in its last four weeks
// alone, in which it may be silent again.
func TestNewInTheFieldCountsItsWholePeriod(t *testing.T) {
	now := noon.AddDate(0, 0, -120)
	s := openStore(t, func() time.Time { return now })
	var ann truce.Person
	write(t, s, func(tx *storage.Tx) (err error) {
		ann, err = tx.AddPerson(truce.Person{Name: "Ann", Email: "ann@example.com"})
		return err
	})
	for i, days := range []int{120, 110, 100, 10} {
		now = noon.AddDate(0, 0, -days)
		write(t, s, func(tx *storage.Tx) error {
			if i == 0 {
				for n := range 60 {
					if _, err := tx.UpsertLead(truce.Lead{ID: fmt.Sprint("l", n), MQLAt: now.AddDate(0, 0, n), Source: "Fair"}); err != nil {
						return err
					}
				}
			}
			log := func(theme, account string) error {
				_, err := tx.AddObjection(truce.Objection{ThemeID: theme, Text: "they say", Account: account, AuthorID: ann.ID, LoggedBy: ann.ID})
				return err
			}
			if i < 3 {
				if err := log("compliance", fmt.Sprint("Lab ", i)); err != nil {
					return err
				}
			}
			return log("price", fmt.Sprint("Firm ", i))
		})
	}
	now = noon
	text := longPeriod(t, s, noon.AddDate(0, 0, -150), noon.AddDate(0, 0, 1), noon)
	said := cut(text, "New in the field", "\n")
	for _, want := range []string{"(4 accounts, 1 rep", "(3 accounts, 1 rep"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q does not say %q", said, want)
		}
	}
}

// A quarter that is long over is read by what is known now: who bought again is counted now, so it is told as it can be told now, and not
// "not yet enough" beside 14 % and 57 %.
func TestWhoBuysAgainIsToldOfWhatItCounts(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	sell(t, s, func(day time.Time) bool { return day.YearDay()%4 < 2 })
	write(t, s, func(tx *storage.Tx) error { // a lead of the quarter
		_, err := tx.UpsertLead(truce.Lead{ID: "old", MQLAt: noon.AddDate(-1, -6, 0), Source: "Fair"})
		return err
	})
	to := noon.AddDate(-1, -5, 0) // none of the 700 customers was old enough then
	text := longPeriod(t, s, to.AddDate(0, -3, 0), to, noon)
	said := cut(text, "Quarter ends and the ideal customer profile", "\n\n[How")
	if strings.Contains(said, "Who buys again: not yet enough to tell") || !strings.Contains(said, "Customers outside bought again less often") {
		t.Errorf("of customers counted as of now it says\n%s", said)
	}
	var report struct {
		QuarterEnds struct {
			Again struct {
				Claim struct{ Says string }
			} `json:"bought_again"`
		} `json:"quarter_ends"`
	}
	read(t, s, func(tx *storage.Tx) error {
		r, err := maker().Report(tx, digests.Query{Kind: digests.LeadsDigest, From: to.AddDate(0, -3, 0), To: to, AsOf: noon})
		if err != nil {
			return err
		}
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &report)
	})
	if says := report.QuarterEnds.Again.Claim.Says; says != "lower" {
		t.Errorf("the JSON says %q", says)
	}
}

// A report of a quarter tells the links of activities that came due in it, whenever it is read; that of last week those of the seven days
// before.
func TestActivitiesComeDueInTheirPeriod(t *testing.T) {
	now := activityNow // a Monday
	s := activityStore(t, func(tx *storage.Tx) error {
		for i, due := range []time.Time{now.AddDate(0, 0, -2), now.AddDate(0, 0, -20), now.AddDate(0, -6, 0)} {
			a := truce.Activity{ID: fmt.Sprint("A", i), Name: fmt.Sprint("Fair ", i), Kind: "fairs", StartsAt: now.AddDate(-1, 0, 0)}
			if err := tx.SaveActivity(a); err != nil {
				return err
			}
			link := truce.ActivityLink{Activity: a.ID, What: "leads", Unit: "leads", Expected: 5, Date: truce.DateOf(due)}
			if _, err := tx.UpsertActivityLink(link); err != nil {
				return err
			}
			if err := addLead(tx, truce.Lead{ID: fmt.Sprint("l", i), MQLAt: due, Source: "Fair"}); err != nil {
				return err
			}
		}
		return nil
	})
	month := func(back int) time.Time { return time.Date(2026, time.Month(11-back), 1, 0, 0, 0, 0, time.UTC) }
	for name, tt := range map[string]struct {
		from, to time.Time
		want     string
	}{
		"last week":     {now.Truncate(24*time.Hour).AddDate(0, 0, -7), now.Truncate(24 * time.Hour), "Fair 0"},
		"half a year":   {month(6), month(0).AddDate(0, 1, 0), "Fair 2 Fair 1 Fair 0"},
		"a quarter ago": {month(7), month(4), "Fair 2"},
		"two weeks ago": {now.Truncate(24*time.Hour).AddDate(0, 0, -21), now.Truncate(24*time.Hour).AddDate(0, 0, -14), "Fair 1"},
		"none then":     {month(4), month(2), ""},
	} {
		text := longPeriod(t, s, tt.from, tt.to, now)
		said := cut(text, "Activities that have come due", "[How")
		var got []string
		for i := range 3 {
			if name := fmt.Sprint("Fair ", i); strings.Contains(said, name+" · ") {
				got = append([]string{name}, got...)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v came due, want %s", name, got, tt.want)
		}
	}
}
