package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// costs reads what was paid for leads.
type costs struct {
	values
	seen map[string]bool // the ids given to rows without one of their own
}

// maxUnnamed is how many rows of one file may go without an id: they are remembered until its end.
const maxUnnamed = 100_000

func (k costs) read(b *sheet.Binding, row sheet.Row) (record, *sheet.Bad) {
	c := cells{values: k.values, b: b, row: row}
	paid := truce.Cost{ID: c.text("id"), Source: c.text("source"), Campaign: c.text("campaign")}
	paid.First, paid.Days = c.day("at")
	paid.Amount, _ = c.money()
	if c.bad == nil && paid.ID == "" {
		paid.ID = k.name(&c, paid)
	}
	if c.bad != nil {
		return nil, c.bad
	}
	return cost(paid), nil
}

// name makes the id of a cost that has none: the same source, campaign, date and currency again corrects it. Twice in one file
// they are two invoices or one row too many, and only the person knows.
func (k costs) name(c *cells, paid truce.Cost) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{paid.Source, paid.Campaign, paid.At(), paid.Amount.Currency}, "\x00")))
	id := "said:" + hex.EncodeToString(sum[:12])
	switch {
	case k.seen[id]:
		c.miss("id", "another row says the same source, campaign and date; add the two up, or give each row an id")
	case len(k.seen) == maxUnnamed:
		c.miss("id", "a file holds at most %d rows without an id", maxUnnamed)
	default:
		k.seen[id] = true
	}
	return id
}

type cost truce.Cost

func (c cost) save(tx *storage.Tx) (storage.Change, error) {
	change, err := tx.UpsertCost(truce.Cost(c))
	if err != nil {
		return "", fmt.Errorf("cost of %s: %w", truce.Cost(c).At(), err)
	}
	return change, nil
}
