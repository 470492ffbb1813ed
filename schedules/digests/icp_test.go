package digests_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"truce"
	"truce/bot/chat"
	"truce/schedules/digests"
	"truce/storage"
)

// TestInsideTheICP counts leads and sales inside the ideal customer profile, and holds them against loops over everything.
func TestInsideTheICP(t *testing.T) {
	s := openStore(t, func() time.Time { return noon })
	r := rand.New(rand.NewPCG(69, 1))
	c := randomCompany(t, s, r)
	ids := []string{}
	for id := range c.leads {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	write(t, s, func(tx *storage.Tx) error {
		for _, id := range ids {
			l := c.leads[id]
			l.ICPFit = []truce.ICPFit{"", truce.InsideICP, truce.InsideICP, truce.OutsideICP}[r.IntN(4)]
			if _, err := tx.UpsertLead(l); err != nil {
				return err
			}
			c.leads[id] = l
		}
		for i := range 50 {
			l := truce.Lead{ID: fmt.Sprint("more", i), MQLAt: noon.AddDate(0, 0, -1-i*3),
				ICPFit: []truce.ICPFit{truce.InsideICP, truce.OutsideICP}[i%3/2]}
			if _, err := tx.UpsertLead(l); err != nil {
				return err
			}
			c.leads[l.ID] = l
		}
		again := c.leads[ids[0]]
		again.ICPFit = "" // an import without the column takes nothing away
		_, err := tx.UpsertLead(again)
		return err
	})
	from, to := noon.AddDate(0, 0, -200).Truncate(24*time.Hour), noon.Truncate(24*time.Hour)
	in := func(t time.Time) bool { return !t.Before(from) && t.Before(to) }
	var inside, known int
	for _, l := range c.leads {
		if in(l.MQLAt) && l.ICPFit != "" {
			if known++; l.ICPFit == truce.InsideICP {
				inside++
			}
		}
	}
	fit := func(account, lead string) truce.ICPFit {
		mates := slices.DeleteFunc(c.mates(account, lead), func(l truce.Lead) bool { return l.ICPFit == "" })
		if len(mates) == 0 {
			return ""
		}
		return slices.MaxFunc(mates, func(a, b truce.Lead) int { return cmp.Or(a.MQLAt.Compare(b.MQLAt), cmp.Compare(a.ID, b.ID)) }).ICPFit
	}
	want := struct {
		inside, known int
		money, all    map[string]int64
	}{money: map[string]int64{}, all: map[string]int64{}}
	sell := func(f truce.ICPFit, m truce.Money, paid bool) {
		if f == "" {
			return
		}
		if want.known++; paid {
			want.all[m.Currency] += m.Amount
		}
		if f != truce.InsideICP {
			return
		}
		if want.inside++; paid {
			want.money[m.Currency] += m.Amount
		}
	}
	for _, d := range c.deals {
		if in(d.ClosedAt) && d.Status == truce.Won {
			sell(fit(c.account(d), d.LeadID), d.Amount, d.HasAmount)
		}
	}
	read(t, s, func(tx *storage.Tx) error {
		orders, err := tx.Reorders(from, to, noon) // has a test of its own
		if err != nil {
			return err
		}
		for _, o := range orders {
			sell(fit(o.Account, ""), o.Amount, true)
		}
		rep, err := maker().Report(tx, digests.Query{Kind: digests.LeadsDigest, From: from, To: to, AsOf: noon})
		if err != nil {
			return err
		}
		got := rep.Earned.ICP
		if rep.ICP.K != inside || rep.ICP.N != known || fmt.Sprint(got) != fmt.Sprint(digests.ICPSales{Inside: want.inside, Known: want.known,
			Money: want.money, KnownMoney: want.all}) || want.known < 10 {
			t.Errorf("%v and %v, want %d of %d and %v", rep.ICP, got, inside, known, want)
		}
		text, err := json.Marshal(rep)
		if says := fmt.Sprintf(`"inside_icp":{"k":%d,"n":%d}`, inside, known); err != nil || !strings.Contains(string(text), says) ||
			!strings.Contains(string(text), `"inside_icp":{"sales":`) {
			t.Errorf("no %s in %s, %v", says, text, err)
		}
		d := maker()
		d.Terms.Targets.ICPShare = 0.75
		for _, kind := range []string{digests.WeeklyDigest, digests.LeadsDigest} {
			card, err := d.Card(tx, digests.Query{Kind: kind, From: from, To: to, AsOf: noon}, true)
			if err != nil {
				return err
			}
			text := strings.Join(strings.Fields(chat.PlainText(card, 100)), " ")
			share := fmt.Sprintf("%.0f %%", 100*float64(inside)/float64(known))
			for _, says := range map[string][]string{digests.WeeklyDigest: {"inside the ICP " + share + " 75 %"},
				digests.LeadsDigest: {"Ideal customer profile: " + share + " of the " + fmt.Sprint(known) + " leads"}}[kind] {
				if !strings.Contains(text, says) {
					t.Errorf("no %q in %s", says, text)
				}
			}
		}
		return nil
	})
}
