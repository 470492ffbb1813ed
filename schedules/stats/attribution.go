package stats

// Dividing money among touches so that not a cent is lost or made.

import (
	"cmp"
	"math/bits"
	"slices"
)

// TouchModel is how an amount is credited to the touches before it.
type TouchModel int

const (
	FirstTouch TouchModel = iota // all to the earliest
	LastTouch                    // all to the latest
	Linear                       // the same to each
)

// Attribute divides an amount in minor units among a number of touches, earliest first; the parts sum to the amount exactly.
// Linear gives cents that do not divide to the earliest touches, one each. An amount without touches has no parts (nil) and
// is the caller's to show as unattributed. A refund is a negative amount and mirrors its sale.
func Attribute(amount int64, touches int, model TouchModel) []int64 {
	switch {
	case touches < 0 || model < FirstTouch || model > Linear:
		panic("stats: an unknown touch model, or fewer than no touches")
	case touches == 0:
		return nil
	}
	weights := make([]int64, touches)
	switch model {
	case FirstTouch:
		weights[0] = 1
	case LastTouch:
		weights[touches-1] = 1
	case Linear:
		for i := range weights {
			weights[i] = 1
		}
	}
	parts, _ := Split(amount, weights)
	return parts
}

// Split divides an amount in proportion to weights so that the parts sum to it exactly, by largest remainder: each gets its
// share rounded towards zero, and the units left over go one each to the largest remainders, the earlier first among equals
// (Hamilton's method; Balinski and Young, Fair Representation 1982, 3). No part is a whole unit from its share, and nothing
// goes to a weight of 0. Products are taken in 128 bits. ok is false if the weights are none or all 0. A negative weight or a
// sum of weights beyond 64 bits panics.
func Split(amount int64, weights []int64) (parts []int64, ok bool) {
	var total uint64
	for _, w := range weights {
		var carry uint64
		if total, carry = bits.Add64(total, uint64(w), 0); w < 0 || carry > 0 {
			panic("stats: weights are negative or too large")
		}
	}
	if total == 0 {
		return nil, false
	}
	size := uint64(amount)
	if amount < 0 {
		size = -size
	}
	parts = make([]int64, len(weights))
	remainders := make([]uint64, len(weights))
	order := make([]int, len(weights))
	left := size
	for i, w := range weights {
		high, low := bits.Mul64(size, uint64(w))
		part, remainder := bits.Div64(high, low, total)
		parts[i], remainders[i], order[i] = int64(part), remainder, i
		left -= part
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(remainders[j], remainders[i]) })
	for _, i := range order[:left] { // fewer than there are remainders above 0
		parts[i]++
	}
	if amount < 0 {
		for i := range parts {
			parts[i] = -parts[i]
		}
	}
	return parts, true
}
