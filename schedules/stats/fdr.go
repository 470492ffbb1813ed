package stats

import (
	"cmp"
	"slices"
)

// Many tests read together, where no one looks every week: for weekly looks see the claims.

// BenjaminiHochberg returns the q value of each p value, in the order given: the smallest false discovery rate at which the
// step-up procedure would claim it,
//
//	q(i) = min over j >= i of p(j)·m/j, p sorted ascending, at most 1
//
// (Benjamini and Hochberg, JRSS B 1995;57:289-300.) Equal p values have equal q values.
func BenjaminiHochberg(p []float64) []float64 {
	m := len(p)
	order := make([]int, m)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	q := make([]float64, m)
	least := 1.0
	for rank := m; rank >= 1; rank-- {
		i := order[rank-1]
		least = min(least, p[i]*float64(m)/float64(rank))
		q[i] = least
	}
	return q
}
