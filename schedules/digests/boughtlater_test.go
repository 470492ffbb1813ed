package digests_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// TestSentBackAndBoughtLater gives leads histories at random and counts by hand which of those ever sent back are won now: card, JSON
// and the records behind the figure say the same, and a deal that two leads name brings its money once.
func TestSentBackAndBoughtLater(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	r := rand.New(rand.NewPCG(13, 5))
	back, bought, money := 0, 0, int64(0)
	write(t, s, func(tx *storage.Tx) error {
		for i := range 120 {
			id, at := fmt.Sprintf("Q%d", i), noon.AddDate(0, 0, -10-r.IntN(300))
			if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: at, Source: "Webinar", Company: id}); err != nil {
				return err
			}
			say := func(st truce.Status, days int, o truce.Outcome) error {
				o.LeadID, o.Status, o.At = id, st, at.AddDate(0, 0, days)
				if o.Origin == "" {
					o.Origin = truce.FromImport
				}
				_, err := tx.AddOutcome(o)
				return err
			}
			sent := r.IntN(3) == 0
			silent := !sent && r.IntN(4) == 0
			if sent || silent {
				o := truce.Outcome{Reason: "no-budget"}
				if silent {
					o.Origin = truce.FromSilence
				}
				if err := say(truce.Rejected, 2, o); err != nil {
					return err
				}
			}
			won := r.IntN(3) == 0
			if won {
				if err := say(truce.Won, 9, truce.Outcome{DealID: "deal " + id, Amount: truce.Money{Amount: 1000, Currency: "USD"},
					HasAmount: true}); err != nil {
					return err
				}
			}
			if sent {
				if back++; won {
					bought, money = bought+1, money+1000
				}
			}
		}
		return nil
	})
	if bought < 5 {
		t.Fatalf("only %d of %d bought: the data say nothing", bought, back)
	}
	d := maker()
	read(t, s, func(tx *storage.Tx) error {
		report, err := d.Report(tx, digests.Query{Kind: digests.LeadsDigest, AsOf: noon})
		if err != nil {
			return err
		}
		text, err := json.Marshal(report)
		if err != nil {
			return err
		}
		var got struct {
			Later struct {
				K, N    int
				Revenue map[string]int64
			} `json:"sent_back_bought_later"`
		}
		if err := json.Unmarshal(text, &got); err != nil {
			return err
		}
		if l := got.Later; l.K != bought || l.N != back || l.Revenue["USD"] != money {
			t.Errorf("%+v, want %d of %d and %d", l, bought, back, money)
		}
		card, err := d.Card(tx, digests.Query{Kind: digests.LeadsDigest, AsOf: noon}, false)
		if err != nil {
			return err
		}
		want := fmt.Sprintf("of %d leads of the last year that Sales sent back, %d are won since, however long it took: %d USD.", back, bought,
			money/100)
		if said := strings.Join(strings.Fields(chat.PlainText(card, 100)), " "); !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
		pressed := false
		for _, b := range card.Blocks {
			for _, button := range b.Buttons {
				if button.Action != "digest.rows" {
					continue
				}
				pressed = true
				if rows := rowsBehind(t, d, tx, button); rows != bought {
					t.Errorf("%d leads behind the figure, want %d", rows, bought)
				}
			}
		}
		if !pressed {
			t.Error("nothing leads to the leads")
		}
		return nil
	})
}

// rowsBehind presses a button of a digest and counts the records it leads to.
func rowsBehind(t *testing.T, d digests.Maker, tx *storage.Tx, b chat.Button) int {
	t.Helper()
	p, where, err := cards.ParseArg(b.Arg, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	card, err := d.Drill(tx, p, truce.Person{}, strings.TrimPrefix(b.Action, "digest."), where)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(chat.PlainText(card, 100)), " ")
	if m := regexp.MustCompile(`The newest \d+ of ([\d,]+)\.`).FindStringSubmatch(text); m != nil {
		n := 0
		if _, err := fmt.Sscan(strings.ReplaceAll(m[1], ",", ""), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, block := range card.Blocks {
		if block.Table != nil {
			return len(block.Table.Rows)
		}
	}
	return 0
}

// TestTheTimeBeforeIsOfEqualAge lets a company be the same in all its weeks, each lead judged and won after some time: no stretch looks
// like a fall of the one before.
func TestTheTimeBeforeIsOfEqualAge(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	write(t, s, func(tx *storage.Tx) error {
		for day := range 500 {
			id, at := fmt.Sprintf("Q%d", day), noon.AddDate(0, 0, -1-day)
			if _, err := tx.UpsertLead(truce.Lead{ID: id, MQLAt: at, Source: "Webinar", Company: id}); err != nil {
				return err
			}
			for days, st := range map[int]truce.Status{3: truce.Accepted, 8: truce.SQL, 15: truce.Opportunity, 40: truce.Won} {
				if day+1 < days {
					continue
				}
				if _, err := tx.AddOutcome(truce.Outcome{LeadID: id, Status: st, At: at.AddDate(0, 0, days), Origin: truce.FromImport}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	read(t, s, func(tx *storage.Tx) error {
		card, err := maker().All(tx, digests.Query{Kind: digests.LeadsDigest, From: noon.Truncate(24*time.Hour).AddDate(0, 0, -28),
			To: noon.Truncate(24 * time.Hour), AsOf: noon})
		if err != nil {
			return err
		}
		found := false
		for _, b := range card.Blocks {
			if b.Table == nil || !strings.HasPrefix(b.Table.Caption, "Against the time before") {
				continue
			}
			found = true
			for _, row := range b.Table.Rows {
				if len(row) != 4 || row[1].Text != row[2].Text || row[1].Text != row[3].Text {
					t.Errorf("a company that never changes: %+v", row)
				}
			}
			if len(b.Table.Rows) < 3 {
				t.Errorf("%d counts", len(b.Table.Rows))
			}
		}
		if !found {
			t.Error("no table")
		}
		return nil
	})
}
