package digests

import (
	"cmp"
	"fmt"
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

// Attributes that name people: by one of these words wherever it stands in the name, or by the whole name. There are no tables
// of people.
var (
	personalWords = []string{"owner", "rep", "email", "e-mail", "phone", "mobile", "salesperson", "sdr", "bdr", "assignee"}
	personalNames = []string{"name", "full name", "first name", "last name", "contact name", "person", "user", "assigned to", "created by"}
)

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

// attributes are the names there are for leads of a time, ours first.
func (d Maker) attributes(tx *storage.Tx, r Request) ([]string, error) {
	names, err := tx.AttributeNames(r.From, minTime(r.To, r.AsOf.Add(time.Millisecond)), sampled)
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, namesPeople)
	return append(slices.Clone(ownAttributes), names...), nil
}

// namesPeople reports whether an attribute is of people by its name.
func namesPeople(attribute string) bool {
	words := nameWords(attribute)
	return slices.Contains(personalNames, strings.Join(words, " ")) || slices.ContainsFunc(words, func(w string) bool { return slices.Contains(personalWords, w) })
}

// nameWords are the words of a name: "Lead Type" and "lead_type" are one.
func nameWords(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '_' || r == '.' })
}

func sameName(a, b string) bool { return slices.Equal(nameWords(a), nameWords(b)) }

// attribute counts the leads of a request's period by its attribute. Its errors are the person's to mend.
func (d Maker) attribute(tx *storage.Tx, r Request) (*AttributeStudy, error) {
	names, err := d.attributes(tx, r)
	if err != nil {
		return nil, err
	}
	a := &AttributeStudy{Name: r.By}
	if namesPeople(a.Name) {
		return nil, truce.Errorf(truce.Invalid, "There are no tables of people here, so none by %q. Try one of %s.", a.Name, some(names))
	}
	if !slices.Contains(names, a.Name) {
		if i := slices.IndexFunc(names, func(n string) bool {
			return sameName(n, a.Name) || n == "product" && sameName(a.Name, "product line")
		}); i >= 0 {
			a.Name = names[i]
		}
	}
	groups := map[string]*Group{}
	people, leads := 0, 0
	err = tx.EachLeadCaseWith(a.Name, r.From, minTime(r.To, r.AsOf.Add(time.Millisecond)), func(lc *truce.LeadCase) error {
		value := attributeOf(lc.Lead, a.Name)
		g := into(groups, value)
		if leads++; len(groups) > maxValues {
			return truce.Errorf(truce.Invalid, "%q has more than %d different values: too many for a table. Try one of %s.", a.Name, maxValues, some(names))
		}
		if strings.Contains(value, "@") {
			people++
		}
		f := lc.Facts(r.AsOf)
		g.Count(lc.Lead, f, 1, d.loc())
		g.CountDisputes(*lc, r.AsOf)
		if f.Open() {
			g.Waiting[truce.DaysBetween(lc.Lead.MQLAt, r.AsOf, d.loc())]++
		}
		a.Losses = a.Losses || f.State == truce.Lost
		of := &a.Other
		if f.Wins() {
			of = &a.Won
		}
		if of.N++; value != "" {
			of.K++
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
		return nil, truce.Errorf(truce.NotFound, "No lead that qualified %s has a %q. There are %s.", d.period(r).In(d.period(r).Span()), r.By, some(names))
	case 2*people > leads:
		return nil, truce.Errorf(truce.Invalid, "%q holds addresses of people, and there are no tables of people here. Try one of %s.", a.Name, some(names))
	case a.Values > 20 && 2*a.Values > leads:
		return nil, truce.Errorf(truce.Invalid, "Of the leads that qualified %s nearly each has a %q of its own (%d values): too many for a table. Try one of %s.",
			d.period(r).In(d.period(r).Span()), a.Name, a.Values, some(names))
	}
	a.Groups = cutValues(ordered(groups))
	a.Others = slices.DeleteFunc(names, func(n string) bool { return n == a.Name })
	return a, nil
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
func (d Maker) byAttribute(tx *storage.Tx, r Request, whole bool) (chat.Card, error) {
	if r.Kind != LeadsDigest {
		return chat.Card{}, truce.Errorf(truce.Invalid, "Only the digest of leads can be tabled by an attribute: /digest leads by %s.", r.By)
	}
	a, err := d.attribute(tx, r)
	if err != nil {
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
		if i != a.pooled() && !whole {
			row.Arg = v.Arg("v", g.Name)
		}
		v.Rows = append(v.Rows, row)
	}
	return cards.ByAttribute(v), nil
}
