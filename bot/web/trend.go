package web

import (
	"fmt"
	"math"
	"strings"

	"truce/bot/chat"
)

// This file draws a trend beside a figure: a bar for each stretch, the oldest first.

// The size of a trend, in its own units: a bar and the gap after it, and the height of a whole one.
const (
	trendBar  = 5
	trendGap  = 2
	trendHigh = 18
	trendLow  = 1.5 // a bar of nothing is seen all the same
)

// vTrend is a trend as it is drawn.
type vTrend struct {
	Wide, High int
	Bars       []vTrendBar
	Heard      string // what is heard instead
}

// vTrendBar is a bar; of too few to say there is a dot.
type vTrendBar struct {
	X, W         int
	Middle, Y, H float64
	Few          bool
}

func trend(values []float64) *vTrend {
	if values = values[:min(len(values), chat.MostTrend)]; len(values) == 0 {
		return nil
	}
	t := &vTrend{Wide: len(values)*(trendBar+trendGap) - trendGap, High: trendHigh}
	heard := make([]string, len(values))
	for i, v := range values {
		bar := vTrendBar{X: i * (trendBar + trendGap), W: trendBar, Few: !(v >= 0)}
		bar.Middle = float64(bar.X) + trendBar/2.0
		bar.H = trendLow
		if !bar.Few {
			bar.H = math.Round(10*max(trendLow, trendHigh*min(v, 1))) / 10
		}
		bar.Y = trendHigh - bar.H
		t.Bars = append(t.Bars, bar)
		if heard[i] = fmt.Sprintf("%.0f %%", 100*min(v, 1)); bar.Few {
			heard[i] = "too few"
		}
	}
	t.Heard = "By week, the oldest first: " + strings.Join(heard, ", ")
	return t
}
