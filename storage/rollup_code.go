package storage

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"

	"truce"
)

// This file writes sums as bytes: variable-length integers in a fixed order, so that equal sums are equal bytes and a year of
// them is read in milliseconds. The first byte is the version of the order.

const sumsVersion = 2

var errSums = errors.New("sums that cannot be read: run truce rebuild")

type packer struct{ b []byte }

func (p *packer) num(n int64)   { p.b = binary.AppendVarint(p.b, n) }
func (p *packer) text(s string) { p.num(int64(len(s))); p.b = append(p.b, s...) }
func (p *packer) flag(on bool) {
	n := int64(0)
	if on {
		n = 1
	}
	p.num(n)
}

// unpacker reads packed sums into cells, which it uses again for the next: nothing is allocated for a row that is like those
// before it.
type unpacker struct {
	b     []byte
	at    int // what follows is still to be read; a number, because moving a slice would tell the garbage collector each time
	bad   bool
	names map[string]string // each only once

	figures figureCells
	waits   []waitCell
	reasons []countCell
	parts   []partCell
	beliefs []beliefCell
}

// figureCells are figures as they are written.
type figureCells struct {
	counts   [figureCounts]int64
	scoreSum int64
	paid     []paidCell
}

type (
	paidCell struct {
		currency    string
		leads, paid int64
	}
	waitCell  struct{ end, days, n int32 }
	countCell struct {
		name string
		n    int64
	}
	partCell struct {
		name    string
		figures figureCells
	}
	beliefCell struct {
		truce.Belief
		truce.Tally
	}
)

func newUnpacker() *unpacker { return &unpacker{names: map[string]string{}} }

// num reads a variable-length integer; most are of one byte.
func (u *unpacker) num() int64 {
	if u.at < len(u.b) && u.b[u.at] < 0x80 {
		c := int64(u.b[u.at])
		u.at++
		return c>>1 ^ -(c & 1)
	}
	n, size := binary.Varint(u.b[u.at:])
	if size <= 0 {
		u.bad, u.at = true, len(u.b)
		return 0
	}
	u.at += size
	return n
}

// length is a number of things that follow, each of a byte or more.
func (u *unpacker) length() int {
	n := u.num()
	if n < 0 || n > int64(len(u.b)-u.at) {
		u.bad, u.at = true, len(u.b)
		return 0
	}
	return int(n)
}

func (u *unpacker) text() string {
	n := u.length()
	b := u.b[u.at : u.at+n]
	u.at += n
	return u.name(b)
}

// name is a text of which each is made only once.
func (u *unpacker) name(b []byte) string {
	if s, ok := u.names[string(b)]; ok {
		return s
	}
	s := string(b)
	u.names[s] = s
	return s
}

// figureCounts is how many integers counts are.
const figureCounts = 20

// counts are the integers of figures, in the order they are written.
func counts(f *truce.Figures) []*int {
	return []*int{&f.Leads, &f.Open, &f.Rejected, &f.Recycled, &f.Won, &f.Lost, &f.Accepted, &f.SQLs, &f.Opportunities, &f.SaidAccepted,
		&f.SaidSQL, &f.SaidOpportunity,
		&f.Judged, &f.SentBack, &f.SourceFaults, &f.NoReason, &f.Scored, &f.Rated, &f.RatingSum, &f.Joined}
}

func (p *packer) figures(f truce.Figures) {
	for _, n := range counts(&f) {
		p.num(int64(*n))
	}
	p.num(f.ScoreSum)
	p.num(int64(len(f.Paid)))
	for _, currency := range slices.Sorted(maps.Keys(f.Paid)) {
		p.text(currency)
		p.num(int64(f.Paid[currency]))
		p.num(f.Revenue[currency])
	}
}

func (u *unpacker) readFigures(f *figureCells) {
	for i := range f.counts {
		f.counts[i] = u.num()
	}
	f.scoreSum = u.num()
	f.paid = f.paid[:0]
	for range u.length() {
		f.paid = append(f.paid, paidCell{u.text(), u.num(), u.num()})
	}
}

// read reads a row into the cells.
func (u *unpacker) read(b []byte) error {
	if len(b) == 0 || b[0] != sumsVersion {
		return errSums
	}
	u.b, u.at, u.bad = b, 1, false
	u.waits, u.reasons, u.beliefs = u.waits[:0], u.reasons[:0], u.beliefs[:0]
	u.readFigures(&u.figures)
	for range u.length() {
		w := waitCell{end: int32(u.num()), days: int32(u.num()), n: int32(u.num())}
		if w.end < 0 || int(w.end) > truce.JoinedEnd {
			return errSums
		}
		u.waits = append(u.waits, w)
	}
	for range u.length() {
		u.reasons = append(u.reasons, countCell{u.text(), u.num()})
	}
	n := u.length()
	for len(u.parts) < n {
		u.parts = append(u.parts, partCell{})
	}
	u.parts = u.parts[:n]
	for i := range u.parts {
		u.parts[i].name = u.text()
		u.readFigures(&u.parts[i].figures)
	}
	for range u.length() {
		b := truce.Belief{Score: u.num(), HasScore: u.num() == 1, Rating: truce.Rating(u.num()), Undated: u.num() == 1}
		u.beliefs = append(u.beliefs, beliefCell{b, truce.Tally{Won: int(u.num()), N: int(u.num())}})
	}
	if u.bad || u.at < len(u.b) {
		return errSums
	}
	return nil
}

// addTo adds what was read to figures.
func (c *figureCells) addTo(f *truce.Figures) {
	for i, n := range counts(f) {
		*n += int(c.counts[i])
	}
	f.ScoreSum += c.scoreSum
	for _, p := range c.paid {
		if f.Paid == nil {
			f.Paid = map[string]int{}
		}
		if f.Revenue == nil {
			f.Revenue = map[string]int64{}
		}
		f.Revenue[p.currency] += p.paid
		if f.Paid[p.currency] += int(p.leads); f.Paid[p.currency] == 0 { // the lead that paid has left
			delete(f.Paid, p.currency)
		}
	}
}

func pack(s truce.Sums) []byte {
	p := &packer{b: []byte{sumsVersion}}
	p.figures(s.Figures)
	waits := slices.SortedFunc(maps.Keys(s.Waits), func(a, b truce.Wait) int {
		if a.End != b.End {
			return a.End - b.End
		}
		return a.Days - b.Days
	})
	p.num(int64(len(waits)))
	for _, w := range waits {
		p.num(int64(w.End))
		p.num(int64(w.Days))
		p.num(int64(s.Waits[w]))
	}
	p.num(int64(len(s.Reasons)))
	for _, r := range slices.Sorted(maps.Keys(s.Reasons)) {
		p.text(string(r))
		p.num(int64(s.Reasons[r]))
	}
	p.num(int64(len(s.Parts)))
	for _, name := range slices.Sorted(maps.Keys(s.Parts)) {
		p.text(name)
		p.figures(s.Parts[name])
	}
	beliefs := slices.SortedFunc(maps.Keys(s.Beliefs), compareBeliefs)
	p.num(int64(len(beliefs)))
	for _, b := range beliefs {
		p.num(b.Score)
		p.flag(b.HasScore)
		p.num(int64(b.Rating))
		p.flag(b.Undated)
		p.num(int64(s.Beliefs[b].Won))
		p.num(int64(s.Beliefs[b].N))
	}
	return p.b
}

func compareBeliefs(a, b truce.Belief) int {
	pa, pb := &packer{}, &packer{}
	for _, x := range []struct {
		p *packer
		b truce.Belief
	}{{pa, a}, {pb, b}} {
		x.p.num(x.b.Score)
		x.p.flag(x.b.HasScore)
		x.p.num(int64(x.b.Rating))
		x.p.flag(x.b.Undated)
	}
	return strings.Compare(string(pa.b), string(pb.b))
}

func unpack(b []byte) (s truce.Sums, err error) { return s, unpackInto(b, &s) }

// unpackInto adds packed sums to others. On an error nothing has been added.
func unpackInto(b []byte, s *truce.Sums) error {
	u := newUnpacker()
	if err := u.read(b); err != nil {
		return err
	}
	u.figures.addTo(&s.Figures)
	for _, w := range u.waits {
		if s.Waits == nil {
			s.Waits = make(map[truce.Wait]int, len(u.waits))
		}
		s.Waits[truce.Wait{End: int(w.end), Days: int(w.days)}] += int(w.n)
	}
	for _, r := range u.reasons {
		if s.Reasons == nil {
			s.Reasons = make(map[truce.Reason]int, len(u.reasons))
		}
		s.Reasons[truce.Reason(r.name)] += int(r.n)
	}
	for i := range u.parts {
		if s.Parts == nil {
			s.Parts = make(map[string]truce.Figures, len(u.parts))
		}
		part := s.Parts[u.parts[i].name]
		u.parts[i].figures.addTo(&part)
		s.Parts[u.parts[i].name] = part
	}
	for _, c := range u.beliefs {
		if s.Beliefs == nil {
			s.Beliefs = make(map[truce.Belief]truce.Tally, len(u.beliefs))
		}
		t := s.Beliefs[c.Belief]
		t.Won, t.N = t.Won+c.Won, t.N+c.N
		s.Beliefs[c.Belief] = t
	}
	return nil
}
