package digests

import (
	"net/url"
	"time"

	"truce"
	"truce/storage"
)

// This file keeps the blocks of sources, campaigns and segments from becoming tables of people: whoever maps a column of names as one of
// them gets one row for all, nothing is claimed of its values, and none of them opens.

// peopled are which of source, campaign and segment hold people, as the newest leads have them.
type peopled map[string]bool

// unnamed is the one row that stands for all people of a column.
const unnamed = "(people: not shown)"

// holdsPeople tells which of the columns that blocks are by hold people, of the newest leads of a stretch.
func (d Maker) holdsPeople(tx *storage.Tx, from, to time.Time) (peopled, error) {
	columns, err := tx.FixedColumns(from, to, sampled)
	if err != nil {
		return nil, err
	}
	verdicts, err := tx.JudgeColumns(columns...)
	p := peopled{}
	for name, v := range verdicts {
		p[name] = v == truce.PeopleColumn
	}
	return p, err
}

// hide puts the groups of columns that hold people into one.
func (p peopled) hide(c *Cohort) {
	for name, groups := range map[string]map[string]*Group{"source": c.sources, "campaign": c.campaign, "segment": c.segments} {
		if !p[name] || len(groups) == 0 {
			continue
		}
		all := newGroup(unnamed)
		for name, g := range groups {
			all.Add(g.Sums)
			all.Work.Add(g.Work)
			for days, n := range g.Waiting {
				all.Waiting[days] += n
			}
			delete(groups, name)
		}
		groups[unnamed] = all
	}
}

// refuse says no to whoever asks for the leads of one of them.
func (p peopled) refuse(where url.Values) error {
	for key, name := range map[string]string{"s": "source", "x": "source", "c": "campaign", "g": "segment"} {
		if p[name] && where.Has(key) && where.Get(key) != unnamed {
			return truce.Errorf(truce.Invalid, "There are no tables of people here, and the %s of your leads holds names of people. Map another "+
				"column of your CRM as %s.", name, name)
		}
	}
	return nil
}
