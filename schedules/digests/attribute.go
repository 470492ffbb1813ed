package digests

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"truce"
	"truce/bot/cards"
	"truce/bot/chat"
	"truce/schedules/stats"
	"truce/storage"
)

// This file tables leads by any attribute: our own, or a column that was imported with them. There are no roll-ups of those: it
// reads the leads of the period.

// AttributeStudy is what became of the leads of a period by an attribute.
type AttributeStudy struct {
	Name   string           // as the leads have it
	Groups []*Group         // the most leads first; the smallest ones beyond shownValues are pooled into the last
	Values int              // how many different ones there are
	Losses bool             // losses are known
	Won    stats.Proportion // leads with a value, of those won
	Other  stats.Proportion // of all others
	Others []string         // the other attributes there are
}

const (
	maxValues   = 1000 // more are no attribute to table leads by
	shownValues = 12
	sampled     = 500 // leads that are looked at for the attributes there are
)

// ownAttributes are those that are fields of ours.
var ownAttributes = []string{"source", "campaign", "segment", "product"}

// attributeOf is a lead's value of an attribute, "" for none.
func attributeOf(l truce.Lead, name string) string {
	switch name {
	case "source":
		return l.Source
	case "campaign":
		return l.Campaign
	case "segment":
		return l.Segment
	case "product":
		return l.Product
	}
	return strings.TrimSpace(l.Attrs[name])
}

// attributes are the names there are for leads of a time, ours first. Columns that hold people are none, nor those of which that
// cannot be told until an admin has said.
func (d Maker) attributes(tx *storage.Tx, r Query) ([]string, error) {
	columns, verdicts, err := d.columns(tx, r)
	return plain(columns, verdicts), err
}

// plain are our own attributes and those columns that leads may be tabled by.
func plain(columns []truce.Column, verdicts map[string]truce.ColumnVerdict) []string {
	list := slices.Clone(ownAttributes)
	for _, c := range columns {
		if verdicts[c.Name] == truce.PlainColumn {
			list = append(list, c.Name)
		}
	}
	return list
}

// columns are the attributes of the newest leads of a request, with what they hold.
func (d Maker) columns(tx *storage.Tx, r Query) ([]truce.Column, map[string]truce.ColumnVerdict, error) {
	list, err := tx.LeadColumns(r.From, minTime(r.To, r.AsOf.Add(time.Millisecond)), sampled)
	if err != nil {
		return nil, nil, err
	}
	verdicts, err := tx.JudgeColumns(list...)
	return list, verdicts, err
}

// tabled is the name of the attribute that a request's leads may be tabled by, as the leads have it, with all others there are. Its errors
// are the person's to mend: there are no tables of people, whatever the column is called.
func (d Maker) tabled(tx *storage.Tx, r Query) (name string, others []string, err error) {
	columns, verdicts, err := d.columns(tx, r)
	if err != nil {
		return "", nil, err
	}
	others, name = plain(columns, verdicts), r.By
	if !slices.Contains(others, name) {
		names := slices.Clone(others)
		for _, c := range columns {
			names = append(names, c.Name)
		}
		if i := slices.IndexFunc(names, func(n string) bool {
			return truce.SameColumn(n, name) || n == "product" && truce.SameColumn(name, "product line")
		}); i >= 0 {
			name = names[i]
		}
	}
	column, err := tx.LeadColumn(name, r.From, minTime(r.To, r.AsOf.Add(time.Millisecond)), maxValues)
	if err != nil {
		return "", nil, err
	}
	whole, err := tx.JudgeColumns(column)
	if err != nil {
		return "", nil, err
	}
	if len(column.Values) == 0 { // an admin may be asked of a column of accounts too
		if err := accountColumn(tx, &name, whole); err != nil {
			return "", nil, err
		}
	}
	own := slices.Contains(ownAttributes, name)
	switch v := whole[name]; {
	case v == truce.PeopleColumn || verdicts[name] == truce.PeopleColumn:
		return "", nil, truce.Errorf(truce.Invalid, "There are no tables of people here, so none by %q. Try one of %s.", r.By, some(others))
	case !own && (v == truce.UnsureColumn || verdicts[name] == truce.UnsureColumn):
		return "", nil, unsureColumn{name, truce.Errorf(truce.Invalid,
			"Whether %q holds names of people cannot be told from its values, and there are no tables of people here. "+
				"An admin says so once: /digest leads by %s in a chat. Till then try one of %s.", name, name, some(others))}
	}
	return name, slices.DeleteFunc(others, func(n string) bool { return n == name }), nil
}

// accountColumn judges the column of accounts that has a name, if there is one.
func accountColumn(tx *storage.Tx, name *string, verdicts map[string]truce.ColumnVerdict) error {
	columns, err := tx.AccountColumns()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(columns, func(c truce.Column) bool { return truce.SameColumn(c.Name, *name) })
	if i < 0 {
		return nil
	}
	*name = columns[i].Name
	of, err := tx.JudgeColumns(columns[i])
	verdicts[*name] = of[*name]
	return err
}

// unsureColumn says that an admin has to say whether a column holds people.
type unsureColumn struct {
	name string
	error
}

func (u unsureColumn) Unwrap() error { return u.error }

// attribute counts the leads of a request's period by its attribute. Its errors are the person's to mend.
func (d Maker) attribute(tx *storage.Tx, r Query) (*AttributeStudy, error) {
	name, others, err := d.tabled(tx, r)
	if err != nil {
		return nil, err
	}
	a := &AttributeStudy{Name: name, Others: others}
	groups := map[string]*Group{}
	leads := 0
	err = tx.EachLeadCaseWith(a.Name, r.From, minTime(r.To, r.AsOf.Add(time.Millisecond)), func(lc *truce.LeadCase) error {
		value := attributeOf(lc.Lead, a.Name)
		a.count(into(groups, value), value, lc, r.AsOf, d.loc())
		if leads++; len(groups) > maxValues {
			return truce.Errorf(truce.Invalid, "%q has more than %d different values: too many for a table. Try one of %s.", a.Name, maxValues,
				some(others))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if a.Values = len(groups); groups[truce.SourceName("")] != nil {
		a.Values--
	}
	switch {
	case leads == 0:
		return nil, truce.Errorf(truce.NotFound, "No lead qualified %s.", d.period(r).In(d.period(r).Span()))
	case a.Values == 0:
		return nil, truce.Errorf(truce.NotFound, "No lead that qualified %s has a %q. There are %s.", d.period(r).In(d.period(r).Span()), r.By,
			some(others))
	case a.Values > 20 && 2*a.Values > leads:
		return nil, truce.Errorf(truce.Invalid, "Of the leads that qualified %s nearly each has a %q of its own (%d values): too many for a "+
			"table. Try one of %s.",
			d.period(r).In(d.period(r).Span()), a.Name, a.Values, some(others))
	}
	a.Groups = cutValues(ordered(groups))
	return a, nil
}

// count counts a lead that has a value.
func (a *AttributeStudy) count(g *Group, value string, lc *truce.LeadCase, asOf time.Time, loc *time.Location) {
	f := lc.Facts(asOf)
	g.Count(lc.Lead, f, 1, loc)
	g.CountDisputes(*lc, asOf)
	if f.Open() {
		g.Waiting[truce.DaysBetween(lc.Lead.MQLAt, asOf, loc)]++
	}
	a.Losses = a.Losses || f.State == truce.Lost
	of := &a.Other
	if f.Wins() {
		of = &a.Won
	}
	if of.N++; value != "" {
		of.K++
	}
}

// StandsOut reports whether a value of an attribute would stand out of a table of leads, for those who count without a database.
func StandsOut(attribute string, leads []truce.LeadCase, asOf time.Time) bool {
	a, groups := &AttributeStudy{Name: attribute}, map[string]*Group{}
	for i := range leads {
		value := attributeOf(leads[i].Lead, attribute)
		a.count(into(groups, value), value, &leads[i], asOf, time.UTC)
	}
	a.Values, a.Groups = len(groups), cutValues(ordered(groups))
	return len(a.standouts().List) > 0
}

// late reports whether the attribute seems to have come with the wins: it is known of the won leads at least twice as often as of
// the others, so that whoever has it has won because it was written down then.
func (a *AttributeStudy) late() bool {
	return a.Won.K >= stats.MinRate && a.Other.N > 0 && a.Won.Rate() >= 2*a.Other.Rate()
}

// standouts are the values whose leads are won more, or less, often than all others together: won of closed, from
// stats.MinCompareWins closed on each side, five points and the level of claims.go over the values, where the order holds
// in every segment that is large enough. The clearest comes first. Nothing stands out of an attribute that came with the wins, or
// where no losses are known; pooled is the row of the other values, which is nobody's.
func (a *AttributeStudy) standouts() (v cards.StandoutsView) {
	if a.late() || !a.Losses {
		return v
	}
	closed := func(f truce.Figures) stats.Proportion { return stats.Proportion{K: f.Won, N: f.Won + f.Lost} }
	table, names := rates(stats.MinCompareWins, attributeP, a.Groups, closed)
	order := make([]int, len(names))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(table.Rows[i].P, table.Rows[j].P) })
	for _, i := range order {
		c := table.Rows[i]
		v.Compared = v.Compared || c.Verdict != stats.TooFew
		if c.Verdict != stats.Higher && c.Verdict != stats.Lower || nameless(names[i]) || i == a.pooled() {
			continue
		}
		if order, _ := segmentOrder(a.Groups, i, c.Verdict, closed); order == stats.DependsOnSegment {
			v.Depends = append(v.Depends, names[i])
			continue
		}
		v.List = append(v.List, cards.StandoutView{Name: names[i], Higher: c.Verdict == stats.Higher, Share: share(c.A), Others: share(c.B)})
	}
	return v
}

// pooled is the index of the row of the smallest values; -1 where all are shown.
func (a *AttributeStudy) pooled() int {
	if len(a.Groups) == shownValues && a.Values >= shownValues {
		return shownValues - 1
	}
	return -1
}

// cutValues pools the smallest groups where there are more than can be shown.
func cutValues(groups []*Group) []*Group {
	if len(groups) <= shownValues {
		return groups
	}
	shown := slices.Clone(groups[:shownValues-1])
	rest := newGroup(fmt.Sprintf("%d other values", len(groups)-len(shown)))
	for _, g := range groups[len(shown):] {
		rest.Add(g.Sums)
		for days, n := range g.Waiting {
			rest.Waiting[days] += n
		}
	}
	return append(shown, rest)
}

// some names a few of a list for a sentence.
func some(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// byAttribute is a request's leads by its attribute, as their reader sees it.
func (d Maker) byAttribute(tx *storage.Tx, r Query, whole bool) (chat.Card, error) {
	if r.Kind != LeadsDigest {
		return chat.Card{}, truce.Errorf(truce.Invalid, "Only the digest of leads can be tabled by an attribute: /digest leads by %s.", r.By)
	}
	a, err := d.attribute(tx, r)
	var unsure unsureColumn
	switch {
	case errors.As(err, &unsure) && !whole && r.Person.ID != "":
		r.By = unsure.name
		return d.askColumn(tx, r)
	case err != nil:
		return chat.Card{}, err
	}
	r.By = a.Name
	v := cards.AttributeView{Period: d.period(r), Losses: a.Losses, Values: a.Values, Standouts: a.standouts()}
	if !whole {
		v.Others = a.Others
	}
	if a.late() {
		v.Won, v.Other = share(a.Won), share(a.Other)
	}
	for i, g := range a.Groups {
		row := groupRow(g, 0)
		switch {
		case whole:
		case i == a.pooled():
			row.Arg = v.Arg("n", leadRowsName, "u", "v")
		default:
			row.Arg = v.Arg("n", leadRowsName, "v", g.Name)
		}
		v.Rows = append(v.Rows, row)
	}
	return cards.ByAttribute(v), nil
}

// askColumn asks an admin whether the values of a column name people; to others it says that one is to be asked.
func (d Maker) askColumn(tx *storage.Tx, r Query) (chat.Card, error) {
	if !r.Person.Has(truce.Admin) {
		return cards.ColumnUnsure(r.By, d.period(r).Arg()), nil
	}
	column, err := tx.LeadColumn(r.By, r.From, minTime(r.To, r.AsOf.Add(time.Millisecond)), maxValues)
	if err != nil {
		return chat.Card{}, err
	}
	return cards.ColumnAsk(r.By, slices.Sorted(maps.Keys(column.Values)), d.period(r).Arg()), nil
}
