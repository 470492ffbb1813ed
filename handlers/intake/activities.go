package intake

import (
	"fmt"
	"strconv"
	"strings"

	"truce"
	"truce/handlers/intake/sheet"
	"truce/storage"
)

// activities reads what either side does, to be held against what it brings.
type activities struct{ values }

func (k activities) read(b *sheet.Binding, row sheet.Row) (record, *sheet.Bad) {
	c := cells{values: k.values, b: b, row: row}
	a := truce.Activity{ID: c.text("id"), Name: c.text("name"), Kind: c.text("kind"), Owner: c.text("owner"), StartsAt: c.date("starts_at"),
		Matches: truce.ParseMatches(c.text("matches")), Motive: c.ours("truce_motive")}
	end, until := c.close("ends_at")
	if a.EndsAt = end; !until.IsZero() {
		a.EndsAt = until // a day ends with its last moment
	}
	if side := c.text("side"); side != "" {
		word, err := sheet.ParseChoice(side, string(truce.Sales), string(truce.Marketing))
		if err != nil {
			c.fail("side", err)
		}
		a.Side = truce.Side(word)
	}
	a.Cost, a.HasCost = c.moneyOf("cost")
	if closed := c.ours("truce_closed_at"); closed != "" {
		a.ClosedAt = c.date("truce_closed_at")
	}
	if c.bad == nil && !a.EndsAt.IsZero() && a.EndsAt.Before(a.StartsAt) {
		c.miss("ends_at", "it lies before starts_at")
	}
	if c.bad != nil {
		return nil, c.bad
	}
	return activity(a), nil
}

type activity truce.Activity

func (a activity) save(tx *storage.Tx) (storage.Change, error) {
	return tx.UpsertActivity(truce.Activity(a))
}

// activityLinks reads the links of the chains: what shall have come of an activity by a day.
type activityLinks struct{ values }

func (k activityLinks) read(b *sheet.Binding, row sheet.Row) (record, *sheet.Bad) {
	c := cells{values: k.values, b: b, row: row}
	l := truce.ActivityLink{Activity: c.text("activity"), What: linkWhat(c.text("what")), Unit: c.text("unit"), Of: truce.OfCampaign}
	days := 0
	l.Date, days = c.day("date")
	if c.bad == nil && days > 1 {
		c.miss("date", "a link is of one day, such as 2026-06-30")
	}
	l.Expected = k.amount(&c, "expected")
	if seen := c.ours("truce_observed"); seen != "" {
		l.Observed, l.HasSeen = k.amount(&c, "truce_observed"), true
	}
	if of := c.text("of"); of != "" {
		word, err := sheet.ParseChoice(of, string(truce.OfCampaign), string(truce.OfEngaged))
		if err != nil {
			c.fail("of", err)
		}
		l.Of = truce.LinkOf(word)
	}
	if _, known := truce.CurrencyExponent(strings.ToUpper(strings.TrimSpace(l.Unit))); c.bad == nil && l.Money() && !known {
		c.miss("unit", "%s is money: its unit is a currency such as USD or EUR", l.What)
	}
	if c.bad != nil {
		return nil, c.bad
	}
	return activityLink(l), nil
}

// amount is a plain number that is no money.
func (k activityLinks) amount(c *cells, field string) float64 {
	plain, err := k.number.Decimal(c.text(field))
	if err != nil {
		c.fail(field, err)
		return 0
	}
	n, err := strconv.ParseFloat(plain, 64)
	if err != nil || n < 0 {
		c.fail(field, fmt.Errorf("%q is not a number from 0 up", c.text(field)))
	}
	return n
}

// linkWhat is one of truce.LinkWhats where the words mean one, else the words.
func linkWhat(text string) string {
	switch w := strings.NewReplacer(" ", "_", "-", "_").Replace(truce.FoldText(text)); w {
	case "lead", "mqls", "mql":
		return "leads"
	case "sqls":
		return "sql"
	case "opportunity":
		return "opportunities"
	case "wins", "deals_won":
		return "won"
	case "meeting":
		return "meetings"
	case "leads", "accepted", "sql", "opportunities", "won", "revenue", "repeat_revenue", "meetings":
		return w
	}
	return text
}

type activityLink truce.ActivityLink

func (l activityLink) save(tx *storage.Tx) (storage.Change, error) {
	if _, err := tx.Activity(l.Activity); truce.KindOf(err) == truce.NotFound {
		return "", &fault{field: "activity", reason: ReasonUnknown,
			err: fmt.Errorf("there is no activity %q here; import activities first", l.Activity)}
	} else if err != nil {
		return "", err
	}
	return tx.UpsertActivityLink(truce.ActivityLink(l))
}

func exportActivities(tx *storage.Tx, t *table) error {
	t.begin("id", "name", "side", "kind", "owner", "cost", "currency", "starts_at", "ends_at", "matches", "truce_motive", "truce_closed_at")
	list, err := tx.Activities()
	if err != nil {
		return err
	}
	for _, a := range list {
		cost, currency := money(a.Cost, a.HasCost)
		if err := t.add(a.ID, a.Name, a.Side, a.Kind, a.Owner, cost, currency, a.StartsAt, a.EndsAt, strings.Join(a.Matches, ";"), a.Motive,
			a.ClosedAt); err != nil {
			return err
		}
	}
	return nil
}

func exportActivityLinks(tx *storage.Tx, t *table) error {
	t.begin("activity", "what", "unit", "date", "expected", "of", "truce_observed")
	list, err := tx.Activities()
	if err != nil {
		return err
	}
	links, err := tx.ActivityLinks()
	if err != nil {
		return err
	}
	for _, a := range list {
		for _, l := range links[a.ID] {
			var seen any
			if l.HasSeen {
				seen = l.Observed
			}
			if err := t.add(l.Activity, l.What, l.Unit, l.Date.String(), l.Expected, l.Of, seen); err != nil {
				return err
			}
		}
	}
	return nil
}
