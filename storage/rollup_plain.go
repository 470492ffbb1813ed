package storage

import (
	"cmp"
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

// plainKey names sums of leads: a row of the roll-ups, or with part a segment within it.
type plainKey struct {
	day        int32
	name, part uint32 // part is 0 for the row itself, else one more than the segment's id
	kind       plainKind
}

type plainKind uint8

const (
	plainTotal plainKind = iota
	plainSource
	plainCampaign
	plainSegment
)

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

// add counts a lead.
func (p *plainTally) add(l truce.Lead) {
	one := plainSums{leads: 1}
	if l.HasScore {
		one.scored, one.score = 1, truce.Millionths(l.Score)
	}
	day := int32(truce.DayNumber(l.MQLAt, p.loc))
	source, segment := p.id(l.Source), p.id(l.Segment)
	p.count(plainKey{day: day, kind: plainTotal}, one)
	p.count(plainKey{day: day, kind: plainSource, name: source}, one)
	p.count(plainKey{day: day, kind: plainCampaign, name: p.id(l.Campaign)}, one)
	p.count(plainKey{day: day, kind: plainSegment, name: segment}, one)
	if l.Segment != "" {
		p.count(plainKey{day: day, kind: plainTotal, part: segment + 1}, one)
		p.count(plainKey{day: day, kind: plainSource, name: source, part: segment + 1}, one)
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
func (p *plainTally) byDay() []plainKey {
	keys := make([]plainKey, 0, len(p.cells))
	for k := range p.cells {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b plainKey) int { return cmp.Compare(a.day, b.day) })
	return keys
}

// into adds cells to the sums that reports read.
func (p *plainTally) into(sums rollSums, keys []plainKey) {
	kinds := [...]string{plainTotal: RollTotal, plainSource: RollSource, plainCampaign: RollCampaign, plainSegment: RollSegment}
	for _, k := range keys {
		f := p.cells[k].figures()
		name := ""
		if k.kind != plainTotal {
			name = p.names[k.name]
		}
		s := sums.of(kinds[k.kind], name, int(k.day))
		if k.part > 0 {
			if s.Parts == nil {
				s.Parts = map[string]truce.Figures{}
			}
			part := s.Parts[p.names[k.part-1]]
			part.Merge(f, 1)
			s.Parts[p.names[k.part-1]] = part
			continue
		}
		s.Figures.Merge(f, 1)
		if k.kind == plainTotal { // nothing has become of them: they stand at the first stage since the day they came
			sums.of(RollOpen, stageName(truce.StageMQL), int(k.day)).Leads += f.Leads
		}
	}
}
