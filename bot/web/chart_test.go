package web

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"truce/bot/chat"
)

// lightness is how light a colour looks, from 0 to 100 (CIE L*).
func lightness(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(c uint64) float64 {
		v := float64(c&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	y := 0.2126*linear(n>>16) + 0.7152*linear(n>>8) + 0.0722*linear(n)
	return 116*math.Cbrt(y) - 16
}

// Series that stand beside each other are told apart without colours.
func TestColoursOfChartsDifferInLightness(t *testing.T) {
	css, err := os.ReadFile("static/base.css")
	if err != nil {
		t.Fatal(err)
	}
	themes := 0
	for line := range strings.Lines(string(css)) {
		colours := regexp.MustCompile(`--s\d: #([0-9a-f]{6})`).FindAllStringSubmatch(line, -1)
		if len(colours) == 0 {
			continue
		}
		themes++
		for i := 1; i < len(colours); i++ {
			a, b := lightness(t, colours[i-1][1]), lightness(t, colours[i][1])
			if math.Abs(a-b) < 12 {
				t.Errorf("s%d (%.0f) and s%d (%.0f) are as light as each other", i-1, a, i, b)
			}
		}
	}
	if themes < 2 {
		t.Errorf("%d themes with colours, want light and dark", themes)
	}
}

func TestNamesOfBarsStandWholeAboveThem(t *testing.T) {
	svg := string(bars(chat.Chart{Title: "t", Categories: []string{"Content syndication, second half"},
		Series: []chat.Series{{Name: "sent back", Values: []float64{38}}}}))
	if !strings.Contains(svg, ">Content syndication, second half</text>") {
		t.Errorf("the name is cut: %s", svg)
	}
	if name, bar := regexp.MustCompile(`class="name" x="0" y="(\d+)"`).FindStringSubmatch(svg),
		regexp.MustCompile(`<rect class="s0" x="0" y="(\d+)"`).FindStringSubmatch(svg); name == nil || bar == nil || len(name[1]) > len(bar[1]) ||
		name[1] >= bar[1] && len(name[1]) == len(bar[1]) {
		t.Errorf("the name (%v) does not stand above its bar (%v)", name, bar)
	}
}
