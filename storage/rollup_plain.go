package storage

import (
	"maps"
	"slices"
	"strings"
	"time"

	"truce"
)

// plainTally adds up leads of which nothing is known but that they came. They are the bulk of an import, and a cell of them
// takes a few bytes where a truce.Sums takes a thousand.
type plainTally struct {
	loc   *time.Location
	ids   map[string]uint32 // of sources, campaigns and segments
	names []string
	cells map[plainKey]plainSums
}

// plainKey names sums of leads: a row of the roll-ups, or a segment within it. It is one word, because a million leads are
// looked up by seven of these each.
type plainKey uint64

// plainKind is which roll-up a key is of.
type plainKind uint64

const (
	plainTotal plainKind = iota
	plainSource
	plainCampaign
	plainSegment
)

// maxNames is how many names a tally takes: fewer than it can tell apart by what a transaction may bring.
const maxNames = 1<<21 - 1<<17

// plainKeyOf packs a key: day 20 bits, kind 2, name 21, part 21. part is 0 for the row itself, else one more than the segment's id.
func plainKeyOf(day int, kind plainKind, name, part uint32) plainKey {
	return plainKey(uint64(day+1<<19)<<44 | uint64(kind)<<42 | uint64(name)<<21 | uint64(part))
}

func (k plainKey) day() int        { return int(k>>44) - 1<<19 }
func (k plainKey) kind() plainKind { return plainKind(k >> 42 & 3) }
func (k plainKey) name() uint32    { return uint32(k >> 21 & (1<<21 - 1)) }
func (k plainKey) part() uint32    { return uint32(k & (1<<21 - 1)) }

type plainSums struct {
	leads, scored int32
	score         int64 // in millionths
}

func newPlainTally(loc *time.Location) *plainTally {
	return &plainTally{loc: loc, ids: map[string]uint32{}, cells: map[plainKey]plainSums{}}
}

func (p *plainTally) id(name string) uint32 {
	id, ok := p.ids[name]
	if !ok {
		id = uint32(len(p.names))
		name = strings.Clone(name) // it may be a piece of a file's row
		p.names = append(p.names, name)
		p.ids[name] = id
	}
	return id
}

// full reports whether no more leads should be added.
func (p *plainTally) full() bool { return len(p.cells) > laterMost || len(p.names) > maxNames }

// add counts a lead.
func (p *plainTally) add(l *truce.Lead) {
	one := plainSums{leads: 1}
	if l.HasScore {
		one.scored, one.score = 1, truce.Billionths(l.Score)
	}
	day := truce.DayNumber(l.MQLAt, p.loc)
	source, segment := p.id(l.Source), p.id(l.Segment)
	p.count(plainKeyOf(day, plainTotal, 0, 0), one)
	p.count(plainKeyOf(day, plainSource, source, 0), one)
	p.count(plainKeyOf(day, plainCampaign, p.id(l.Campaign), 0), one)
	p.count(plainKeyOf(day, plainSegment, segment, 0), one)
	if l.Segment != "" {
		p.count(plainKeyOf(day, plainTotal, 0, segment+1), one)
		p.count(plainKeyOf(day, plainSource, source, segment+1), one)
	}
}

func (p *plainTally) count(k plainKey, one plainSums) {
	s := p.cells[k]
	p.cells[k] = plainSums{s.leads + one.leads, s.scored + one.scored, s.score + one.score}
}

func (s plainSums) figures() truce.Figures {
	return truce.Figures{Leads: int(s.leads), Open: int(s.leads), Scored: int(s.scored), ScoreSum: s.score}
}

// byDay are the cells' keys, the first day first.
func (p *plainTally) byDay() []plainKey { return slices.Sorted(maps.Keys(p.cells)) }

// into adds cells to the sums that reports read.
func (p *plainTally) into(sums rollSums, keys []plainKey) {
	kinds := [...]string{plainTotal: RollTotal, plainSource: RollSource, plainCampaign: RollCampaign, plainSegment: RollSegment}
	for _, k := range keys {
		f := p.cells[k].figures()
		name := ""
		if k.kind() != plainTotal {
			name = p.names[k.name()]
		}
		s := sums.of(kinds[k.kind()], name, k.day())
		if k.part() > 0 {
			if s.Parts == nil {
				s.Parts = map[string]truce.Figures{}
			}
			segment := p.names[k.part()-1]
			part := s.Parts[segment]
			part.Merge(f, 1)
			s.Parts[segment] = part
			continue
		}
		s.Figures.Merge(f, 1)
		if k.kind() == plainTotal { // nothing has become of them: they stand at the first stage since the day they came
			sums.of(RollOpen, stageName(truce.StageMQL), k.day()).Leads += f.Leads
		}
	}
}
