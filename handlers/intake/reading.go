package intake

import (
	"strconv"
	"time"

	"truce"
	"truce/handlers/intake/sheet"
)

// reading makes records of the rows of one kind.
type reading interface {
	// read gives the row's record or what is wrong with it; neither where the row says that nothing has come of its lead.
	read(b *sheet.Binding, row sheet.Row) (record, *sheet.Bad)
}

// readingOf is how a kind is read.
func readingOf(k sheet.Kind, v values) (reading, error) {
	switch k {
	case sheet.Accounts:
		return accounts{v}, nil
	case sheet.Leads:
		return leads{v}, nil
	case sheet.Outcomes:
		return outcomes{v}, nil
	case sheet.Deals:
		return deals{v}, nil
	case sheet.Orders:
		return orders{v}, nil
	case sheet.Costs:
		return costs{v, map[string]bool{}}, nil
	case sheet.Activities:
		return activities{v}, nil
	case sheet.ActivityLinks:
		return activityLinks{v}, nil
	case sheet.Engagements:
		return engagements{v}, nil
	case sheet.Touches:
		return touches{v}, nil
	case sheet.People:
		return people{v}, nil
	case sheet.Answers:
		return answers{v}, nil
	}
	return nil, truce.Errorf(truce.Invalid, "There is no import of %q.", k)
}

// values is how the cells of a file are written.
type values struct {
	number  truce.NumberFormat
	dates   sheet.Dates
	started time.Time // Truce's start: leads handed off later have a clock
	preset  bool      // a CRM's own words were turned into ours: sheet.NoOutcome is no word of the file
	own     bool      // an export of ours: what only we say counts too
	exact   bool      // amounts with more decimals than their currency has are faults, not rounded
	notes   *notes    // what the summary tells; nil where nobody reads it
	now     time.Time // dates behind it are told
	json    bool      // the values came as JSON: dates may be milliseconds since 1970, as HubSpot sends them
}

// cells reads the cells of one row and keeps the first fault.
type cells struct {
	values
	b   *sheet.Binding
	row sheet.Row
	bad *sheet.Bad
}

func (c *cells) text(field string) string { return c.b.Source(field).Of(c.row) }

func (c *cells) fail(field string, err error) {
	if c.bad == nil {
		c.bad = c.b.Source(field).Bad(c.row, err)
	}
}

// ours is what only our own exports say; "" in other files, whatever their columns are called.
func (c *cells) ours(field string) string {
	if !c.own {
		return ""
	}
	return c.text(field)
}

// date is a moment in UTC, zero for an empty cell.
func (c *cells) date(field string) time.Time {
	t, _ := c.close(field)
	return t
}

// close is date, and for a cell that names no time of day the last moment of its day; an export of ours says that beside it.
func (c *cells) close(field string) (t, until time.Time) {
	text := c.text(field)
	if text == "" {
		return t, until
	}
	if (c.json || c.dates.Order == sheet.OrderMS) && (len(text) == 12 || len(text) == 13) {
		if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
			text = time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z07:00")
		}
	}
	t, until, err := c.dates.ParseClose(text)
	if err != nil {
		c.fail(field, err)
	} else if c.notes != nil && !c.now.IsZero() && t.After(c.now) {
		c.notes.later(c.b.Source(field).Column(), c.dates.Local(t), c.row.Line)
	}
	if said := c.ours("truce_until"); said != "" {
		if until, err = c.dates.Parse(said); err != nil {
			c.fail("truce_until", err)
		}
	}
	return t, until
}

// day is a day of the calendar or a whole month, see sheet.Dates.ParseDay.
func (c *cells) day(field string) (first truce.Date, days int) {
	first, days, err := c.dates.ParseDay(c.text(field))
	if err != nil {
		c.fail(field, err)
	}
	return first, days
}

// email is an address, "" for an empty cell.
func (c *cells) email(field string) string {
	a, err := sheet.ParseEmail(c.text(field))
	if err != nil {
		c.fail(field, err)
	}
	return a
}

// account is a company as it is compared, and as it stands.
func (c *cells) account() (folded, name string) {
	name = c.text("account")
	return truce.FoldAccount(name), name
}

// money is the amount with the currency beside it; an empty amount is not known, 0.0 is a known zero.
func (c *cells) money() (truce.Money, bool) { return c.moneyOf("amount") }

// moneyOf is money of a field of another name.
func (c *cells) moneyOf(field string) (truce.Money, bool) {
	text := c.text(field)
	if text == "" {
		return truce.Money{}, false
	}
	m, known, rounded, err := sheet.ParseAmount(text, c.text("currency"), c.number)
	if err == nil && rounded && c.exact {
		err = sheet.TooPrecise(text, m)
	}
	if err != nil {
		c.fail(field, err)
	} else if rounded && c.notes != nil {
		c.notes.rounded++
	}
	return m, known
}

// attributes are the columns that no field uses; nil where the row has none.
func (c *cells) attributes() map[string]string {
	var m map[string]string
	for name, value := range c.b.Attributes(c.row) {
		if m == nil {
			m = map[string]string{}
		}
		m[name] = value
	}
	return m
}
