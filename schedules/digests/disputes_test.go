package digests_test

import (
	"database/sql"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// Cases are told by reason and source with how they ended, and how long they took in business hours, which are counted here minute
// by minute.
func TestDisputesByReasonAndSource(t *testing.T) {
	s, path := openAt(t, func() time.Time { return noon })
	write(t, s, func(tx *storage.Tx) error {
		_, err := tx.UpsertLead(truce.Lead{ID: "l1", MQLAt: noon.AddDate(0, 0, -90)})
		return err
	})
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`INSERT INTO people (id, name, created_at) VALUES ('P-1', 'Ann', 0)`); err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		m, err := time.Parse("2 Jan 15:04 2006", text+" 2026")
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	ms := func(m time.Time) any {
		if m.IsZero() {
			return nil
		}
		return m.UnixMilli()
	}
	var answer, closing []float64
	for i, c := range []struct {
		source, reason           string
		state, outcome           string
		opened, answered, closed string
		escalated                bool
	}{
		{"Webinar", "wrong-person", "closed", "upheld", "4 May 10:00", "4 May 12:30", "4 May 12:30", false},
		{"Webinar", "wrong-person", "closed", "declined", "8 May 16:00", "11 May 10:00", "12 May 09:30", true}, // over a weekend
		{"Webinar", "duplicate", "closed", "upheld_by_lapse", "11 May 10:00", "", "13 May 10:00", false},
		{"Fair", "wrong-person", "closed", "withdrawn", "12 May 20:00", "", "13 May 09:10", false},
		{"", "wrong-person", "closed", "declined_by_lapse", "14 May 09:00", "14 May 09:20", "20 May 09:00", true},
		{"Fair", "duplicate", "open", "", "28 May 10:00", "", "", false},
		{"Fair", "duplicate", "closed", "upheld", "2 Jan 10:00", "2 Jan 11:00", "2 Jan 11:00", false},  // before the 13 weeks
		{"Fair", "duplicate", "closed", "upheld", "29 May 10:00", "2 Jun 11:00", "2 Jun 11:00", false}, // answered after the moment of the report
	} {
		escalation := ""
		if c.escalated {
			escalation = "no"
		}
		if _, err := db.Exec(`INSERT INTO disputes (id, lead_id, source, reason, text, opener_id, state, outcome, opened_at, answered_at,
			closed_at, escalation) VALUES (?, 'l1', ?, ?, 'no', 'P-1', ?, ?, ?, ?, ?, ?)`,
			fmt.Sprint("D-", i), c.source, c.reason, c.state, c.outcome, ms(at(c.opened)), ms(at(c.answered)), ms(at(c.closed)),
			escalation); err != nil {
			t.Fatal(err)
		}
		took := func(list *[]float64, end time.Time) {
			if end.IsZero() || end.After(noon) || end.Before(noon.AddDate(0, 0, -91)) {
				return
			}
			n := 0
			for m := at(c.opened); m.Before(end); m = m.Add(time.Minute) {
				if day := m.Weekday(); day != time.Saturday && day != time.Sunday && m.Hour() >= 9 && m.Hour() < 17 {
					n++
				}
			}
			*list = append(*list, float64(n)/60)
		}
		took(&answer, at(c.answered))
		took(&closing, at(c.closed))
	}
	read(t, s, func(tx *storage.Tx) error {
		study, err := maker().Whole(tx, digests.Query{Kind: digests.LeadsDigest, From: noon.AddDate(0, 0, -7), To: noon, AsOf: noon})
		if err != nil {
			return err
		}
		d := study.Disputes
		if got, want := fmt.Sprint(d.ByReason), "[{wrong person 4 1 1 1 1 0 2} {duplicate 3 0 0 1 0 2 0}]"; got != want {
			t.Errorf("by reason %s, want %s", got, want)
		}
		if got, want := fmt.Sprint(d.BySource), "[{Fair 3 0 0 0 1 2 0} {Webinar 3 1 1 1 0 0 1} {(none) 1 0 0 1 0 0 1}]"; got != want {
			t.Errorf("by source %s, want %s", got, want)
		}
		// answers 0:20, 2:00, 2:30; closes 0:10, 2:30, 9:30, 16:00, 32:00
		for _, tt := range []struct {
			name         string
			got          digests.Times
			all          []float64
			median, high float64
		}{{"answers", d.Answer, answer, 2, 2 + 0.8*0.5}, {"closes", d.Close, closing, 9.5, 16 + 0.6*16}} {
			if tt.got.N != len(tt.all) || math.Abs(tt.got.Median-tt.median) > 1e-9 || math.Abs(tt.got.High-tt.high) > 1e-9 {
				t.Errorf("%s: %+v of %v, want median %v and 90th percentile %v", tt.name, tt.got, tt.all, tt.median, tt.high)
			}
		}
		return nil
	})
	blocks := cards.DisputesBecame(cards.DisputesView{Reasons: []cards.DisputeRow{{Name: "duplicate", Opened: 3, Lapsed: 1}},
		Answer: cards.TimesView{N: 3, Median: 2, High: 2.4}, Close: cards.TimesView{N: 1, Median: 0.5, High: 0.5}}, cards.Period{Loc: time.UTC},
		cards.Span{})
	text := strings.Join(strings.Fields(chat.PlainText(chat.Card{Blocks: blocks}, 200)), " ")
	for _, want := range []string{"Reason Opened Upheld Declined By silence",
		"answered after a median of 2.0 business hours (3 answers)",
		"closed after a median of 30 business minutes (1 case), each from its opening"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
}
