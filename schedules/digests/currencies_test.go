package digests_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"truce"
	"truce/bot/chat"
	"truce/storage"
)

// severalCurrencies is a company whose deals, orders and costs are in three currencies, in one of which there is so many times as much.
func severalCurrencies(t *testing.T, seed uint64, times map[string]int) *world {
	t.Helper()
	p := plan{name: fmt.Sprint("currencies ", seed), sources: []worldSource{{name: "Source 0", back: .5, won: .3, slow: 1, score: 50},
		like("Source 1"), like("Source 2")}, perWeek: 12, weeks: 70, reasons: true, verdicts: .95, closes: .7, later: .2,
		money: []string{"EUR", "USD", "CHF"}, times: times}
	w := newWorld(t, 3*seed+100, p)
	write(t, w.store, func(tx *storage.Tx) error {
		for i, currency := range []string{"EUR", "USD", "EUR", "CHF"} {
			for month := range 12 {
				if _, err := tx.UpsertCost(truce.Cost{ID: fmt.Sprint("cost", i, month), First: truce.DateOf(w.now.AddDate(0, -month-1, 0)), Days: 28,
					Source: fmt.Sprint("Source ", i%3), Amount: truce.Money{Amount: int64(123_456 * (i + 1) * max(1, times[currency])),
						Currency: currency}}); err != nil {
					return err
				}
			}
		}
		for i, l := range w.leads {
			for _, o := range l.outcomes {
				at := o.At.AddDate(0, 0, 40+i%90)
				if o.Status != truce.Won || i%3 > 0 || at.After(w.now) {
					continue
				}
				order := truce.Order{ID: "order-" + l.ID, Account: truce.FoldAccount(l.Company), AccountName: l.Company, At: at,
					Amount: truce.Money{Amount: int64(777_77+i) * int64(max(1, times[o.Amount.Currency])), Currency: o.Amount.Currency}}
				if _, err := tx.UpsertOrder(order); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err := w.store.KeepRollUps(t.Context(), w.loc); err != nil {
		t.Fatal(err)
	}
	return w
}

// moneyOf are the figures in a currency on all surfaces, by surface: those of texts as they are written, those of JSON by their key.
func (w *world) moneyOf(t *testing.T, currency string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	figure := regexp.MustCompile(`[\d,]*\d(?:\.\d+)? ` + currency)
	list, reports := w.surfacesOf(t, w.now)
	for _, s := range list {
		// Which rejections that proved wrong are shown goes by the number before the currency, for there are no rates to go by: each figure
		// there is a deal's own, and TestMoneyIsRoundedOnce holds it.
		s.card.Blocks = slices.DeleteFunc(s.card.Blocks, func(b chat.Block) bool {
			return b.Table != nil && strings.HasPrefix(b.Table.Caption, "Rejections that proved wrong")
		})
		for of, text := range texts(t, s.card) {
			found[s.name+", "+of] = figure.FindAllString(text, -1)
		}
	}
	var walk func(into *[]string, path string, v any)
	walk = func(into *[]string, path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, of := range v {
				walk(into, path+"."+key, of)
			}
			if v["currency"] == currency {
				*into = append(*into, fmt.Sprint(path, v["amount"], v["cost"]))
			}
		case []any:
			for i, of := range v {
				walk(into, fmt.Sprint(path, i), of)
			}
		case float64:
			if regexp.MustCompile(`\.` + currency + `\b`).MatchString(path) {
				*into = append(*into, fmt.Sprint(path, " ", v))
			}
		}
	}
	for name, report := range reports {
		var v any
		if err := json.Unmarshal(report, &v); err != nil {
			t.Fatal(err)
		}
		var figures []string
		walk(&figures, "", v)
		found[name+", JSON"] = figures
	}
	for _, figures := range found {
		slices.Sort(figures)
	}
	return found
}

// TestAFigureIsOfOneCurrency walks over all surfaces of companies of three currencies: where the amounts of one are seven times as
// large, no figure of another one moves, in no sum, no mean, no cost of a deal, as text, HTML, Markdown and JSON; and its own all do.
func TestAFigureIsOfOneCurrency(t *testing.T) {
	seeds := uint64(3)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		w, more := severalCurrencies(t, seed, nil), severalCurrencies(t, seed, map[string]int{"USD": 7})
		for _, currency := range []string{"EUR", "CHF", "USD"} {
			was, is := w.moneyOf(t, currency), more.moneyOf(t, currency)
			figures, moved := 0, 0
			for surface, list := range was {
				figures += len(list)
				if slices.Equal(list, is[surface]) {
					continue
				}
				if moved++; currency != "USD" {
					t.Errorf("seed %d, %s: %s moved with the dollars:\n%q\n%q", seed, surface, currency, list, is[surface])
				}
			}
			if figures < 50 || currency == "USD" && moved < 10 {
				t.Errorf("seed %d, %s: %d figures, %d surfaces moved: nothing was tested", seed, currency, figures, moved)
			}
		}
	}
}
