package teams

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
)

// accentHex is the colour behind the icon.
const accentHex = "#1F5E63"

var accent = color.NRGBA{R: 0x1f, G: 0x5e, B: 0x63, A: 0xff}

// icons draws the two icons of the app package, a white flag: 192 by 192 pixels in colour, 32 by 32 white on nothing.
func icons() (colored, outline []byte, err error) {
	if colored, err = drawFlag(192, &accent, 0.18); err != nil {
		return nil, nil, err
	}
	outline, err = drawFlag(32, nil, 0.02)
	return colored, outline, err
}

// drawFlag draws the flag on a ground (nil is transparent), leaving a margin of that share of the side. Each pixel is sampled 8 by 8
// times, for smooth edges.
func drawFlag(side int, ground *color.NRGBA, margin float64) ([]byte, error) {
	const samples = 8
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			hits := 0
			for sy := range samples {
				for sx := range samples {
					u := (float64(x) + (float64(sx)+.5)/samples) / float64(side)
					v := (float64(y) + (float64(sy)+.5)/samples) / float64(side)
					if inFlag((u-margin)/(1-2*margin), (v-margin)/(1-2*margin)) {
						hits++
					}
				}
			}
			share := float64(hits) / (samples * samples)
			c := color.NRGBA{R: 0xff, G: 0xff, B: 0xff, A: uint8(math.Round(255 * share))}
			if ground != nil {
				mix := func(under uint8) uint8 { return uint8(math.Round(255*share + float64(under)*(1-share))) }
				c = color.NRGBA{R: mix(ground.R), G: mix(ground.G), B: mix(ground.B), A: 0xff}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("draw icon: %w", err)
	}
	return b.Bytes(), nil
}

// inFlag is the shape in the unit square: a pole, and a cloth that waves.
func inFlag(u, v float64) bool {
	if u >= 0.16 && u <= 0.25 && v >= 0.02 && v <= 0.98 {
		return true
	}
	wave := 0.05 * math.Sin((u-0.25)/0.65*2*math.Pi)
	return u > 0.25 && u <= 0.9 && v >= 0.10+wave && v <= 0.56+wave
}
