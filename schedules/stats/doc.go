// Package stats holds the pure statistics behind Truce's digests: intervals for rates, comparisons that refuse to claim
// too much, cumulative incidence with competing events, areas under the ROC curve, rising counts, quantiles, and
// attribution to the cent.
//
// It knows nothing of leads, chat, storage or clocks and imports nothing of ours: numbers in, numbers and typed verdicts
// out. Each figure has one definition here, with its formula and source in the doc comment. The functions are
// deterministic, keep no state, start no goroutine, and are safe for concurrent use; those that take histograms cost what
// the histogram holds, not what it counts.
//
// Rates, probabilities, points and intervals are fractions (0.38, not 38). All intervals are 95 %. No result is NaN or
// infinite, so every one survives JSON; what cannot be computed is said by an ok or a verdict. Impossible arguments (more
// successes than trials, a negative count) are a programmer's mistake and panic: a digest that fails is noticed, a wrong
// one is believed.
package stats
