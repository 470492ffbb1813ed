package stats

// Is an objection heard more often than before, or are there only more people listening?

import "gonum.org/v1/gonum/mathext"

// When an objection is called rising: at least so many accounts and reps in the later period, and a p value below MaxRisingP.
// Both periods have RisingPeriodDays days.
const (
	MinRisingAccounts = 5
	MinRisingReps     = 3
	MaxRisingP        = 0.01
	RisingPeriodDays  = 28
)

// Heard is what one period of RisingPeriodDays brought of one objection.
type Heard struct {
	Accounts int // distinct accounts that raised it
	Reps     int // distinct people who logged it
	Loggers  int // distinct people who logged anything: how many were listening
}

// Rising reports whether accounts per active logger have gone up, by the thresholds above. An objection without a period
// before it to compare with (nobody logged anything then) is not rising; it may be new.
func Rising(now, before Heard) bool {
	return now.Accounts >= MinRisingAccounts && now.Reps >= MinRisingReps && RisingP(now, before) < MaxRisingP
}

// RisingP returns the one-sided p value of "accounts per active logger have not gone up". If both counts are Poisson with the
// same rate per logger, the later one, given their sum n, is binomial with p = loggers now / (loggers now + before), and the p
// value is its exact upper tail,
//
//	P(X >= accounts now) = I_p(accounts now, accounts before + 1)
//
// (Przyborowski and Wilenski, Biometrika 1940;31:313-323; the tail by the incomplete beta function, Abramowitz and Stegun
// 1964, 26.5.24.) The test is conservative: it errs less often than its level. One-sided, because falling objections are no
// news. 1 where nobody was listening in one of the periods.
func RisingP(now, before Heard) float64 {
	now.mustBePossible()
	before.mustBePossible()
	if now.Loggers == 0 || before.Loggers == 0 || now.Accounts == 0 {
		return 1
	}
	share := float64(now.Loggers) / float64(now.Loggers+before.Loggers)
	return mathext.RegIncBeta(float64(now.Accounts), float64(before.Accounts+1), share)
}

// RateRatio returns how many times as often it is heard per logger, with the exact 95 % interval: Clopper and Pearson's for
// the binomial share s of RisingP, carried to the ratio by s/(1-s) · loggers before / loggers now (Biometrika 1934;26:404-413).
// ok is false if nothing was heard before or nobody was listening: there is no ratio to nothing.
func RateRatio(now, before Heard) (ratio float64, interval Interval, ok bool) {
	now.mustBePossible()
	before.mustBePossible()
	if before.Accounts == 0 || now.Loggers == 0 || before.Loggers == 0 {
		return 0, Interval{}, false
	}
	x, y := float64(now.Accounts), float64(before.Accounts)
	exposure := float64(before.Loggers) / float64(now.Loggers)
	if now.Accounts > 0 {
		low := mathext.InvRegIncBeta(x, y+1, 0.025)
		interval.Low = low / (1 - low) * exposure
	}
	high := mathext.InvRegIncBeta(x+1, y, 0.975)
	interval.High = high / (1 - high) * exposure
	return x / y * exposure, interval, true
}

func (h Heard) mustBePossible() {
	if h.Accounts < 0 || h.Reps < 0 || h.Loggers < 0 {
		panic("stats: negative count of what was heard")
	}
}
