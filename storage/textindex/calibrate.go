package textindex

import "math"

// The calibration (Platt 1999: a logistic curve over the classifier's own figures) was fitted on the dev part of the corpora
// and on the built-in phrases held out in five folds; `go test -run Calibration -fit` prints it anew.
const (
	calibrateBase  = -1.35
	calibrateShare = 0.89 // of the logit of the first share
	calibrateKnown = 1.15 // of the part of the text that is known
)

// evidence is what the calibration looks at: the logit of the first share, and how much of the text is known.
func evidence(p []float64, known float64) [2]float64 {
	first := min(max(p[0], 1e-6), 1-1e-6)
	return [2]float64{math.Log(first / (1 - first)), known}
}

// calibrate gives ranked guesses confidences that mean what they say; those after the first share what is left.
func calibrate(g Guesses, p []float64, known float64) {
	e := evidence(p, known)
	z := calibrateBase + calibrateShare*e[0] + calibrateKnown*e[1]
	first := 1 / (1 + math.Exp(-z))
	if known == 0 || len(g) == 1 { // nothing to tell labels apart by
		first = 1 / float64(len(g)+1)
	}
	rest := 1 - p[0]
	for i := range g {
		switch {
		case i == 0:
			g[i].Confidence = first
		case rest <= 0:
			g[i].Confidence = 0
		default:
			g[i].Confidence = min((1-first)*p[i]/rest, first)
		}
	}
}
