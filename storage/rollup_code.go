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

const sumsVersion = 1

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

type unpacker struct {
	b   []byte
	bad bool
}

func (u *unpacker) num() int64 {
	n, size := binary.Varint(u.b)
	if size <= 0 {
		u.bad, u.b = true, nil
		return 0
	}
	u.b = u.b[size:]
	return n
}

func (u *unpacker) int() int { return int(u.num()) }

// length is a number of things that follow, each of a byte or more.
func (u *unpacker) length() int {
	n := u.num()
	if n < 0 || n > int64(len(u.b)) {
		u.bad, u.b = true, nil
		return 0
	}
	return int(n)
}

func (u *unpacker) text() string {
	n := u.length()
	s := string(u.b[:n])
	u.b = u.b[n:]
	return s
}

// counts are the integers of figures, in the order they are written.
func counts(f *truce.Figures) []*int {
	return []*int{&f.Leads, &f.Open, &f.Rejected, &f.Recycled, &f.Won, &f.Lost, &f.Accepted, &f.SQLs, &f.Opportunities, &f.SaidAccepted, &f.SaidSQL, &f.SaidOpportunity,
		&f.Judged, &f.SentBack, &f.SourceFaults, &f.NoReason, &f.Scored, &f.Rated, &f.RatingSum}
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

func (u *unpacker) figures() (f truce.Figures) {
	for _, n := range counts(&f) {
		*n = u.int()
	}
	f.ScoreSum = u.num()
	for range u.length() {
		if f.Paid == nil {
			f.Paid, f.Revenue = map[string]int{}, map[string]int64{}
		}
		currency := u.text()
		f.Paid[currency] = u.int()
		f.Revenue[currency] = u.num()
	}
	return f
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

// unpackInto adds packed sums to others, without making them first. On an error some may have been added.
func unpackInto(b []byte, s *truce.Sums) error {
	if len(b) == 0 || b[0] != sumsVersion {
		return errSums
	}
	u := &unpacker{b: b[1:]}
	s.Figures.Merge(u.figures(), 1)
	if n := u.length(); n > 0 {
		if s.Waits == nil {
			s.Waits = make(map[truce.Wait]int, n)
		}
		for range n {
			w := truce.Wait{End: u.int(), Days: u.int()}
			if w.End < 0 || w.End >= len(truce.Statuses) {
				return errSums
			}
			s.Waits[w] += u.int()
		}
	}
	if n := u.length(); n > 0 {
		if s.Reasons == nil {
			s.Reasons = make(map[truce.Reason]int, n)
		}
		for range n {
			r := truce.Reason(u.text())
			s.Reasons[r] += u.int()
		}
	}
	if n := u.length(); n > 0 {
		if s.Parts == nil {
			s.Parts = make(map[string]truce.Figures, n)
		}
		for range n {
			name := u.text()
			part := s.Parts[name]
			part.Merge(u.figures(), 1)
			s.Parts[name] = part
		}
	}
	if n := u.length(); n > 0 {
		if s.Beliefs == nil {
			s.Beliefs = make(map[truce.Belief]truce.Tally, n)
		}
		for range n {
			b := truce.Belief{Score: u.num(), HasScore: u.num() == 1, Rating: truce.Rating(u.num()), Undated: u.num() == 1}
			t := s.Beliefs[b]
			t.Won, t.N = t.Won+u.int(), t.N+u.int()
			s.Beliefs[b] = t
		}
	}
	if u.bad || len(u.b) > 0 {
		return errSums
	}
	return nil
}
