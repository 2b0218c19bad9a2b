package screen

import (
	"math"
	"testing"

	"github.com/gdamore/tcell/v2"
)

// linear is a colour's red, green and blue as light.
func linear(c tcell.Color) (rgb [3]float64) {
	r, g, b := c.RGB()
	for i, v := range []int32{r, g, b} {
		x := float64(v) / 255
		if x <= 0.04045 {
			rgb[i] = x / 12.92
		} else {
			rgb[i] = math.Pow((x+0.055)/1.055, 2.4)
		}
	}
	return rgb
}

// luminance is the relative luminance of WCAG 2.
func luminance(c [3]float64) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

// contrast is the ratio of WCAG 2.
func contrast(a, b [3]float64) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// The colours as people without the receptors for red, or for green, see them, on
// linear light (Viénot, Brettel and Mollon 1999).
var visions = map[string][3][3]float64{
	"normal":       {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.11238, 0.88762, 0}, {0.11238, 0.88762, 0}, {0.00401, -0.00401, 1}},
	"deuteranopia": {{0.29275, 0.70725, 0}, {0.29275, 0.70725, 0}, {-0.02234, 0.02234, 1}},
}

func seenAs(c [3]float64, m [3][3]float64) (out [3]float64) {
	for i := range out {
		out[i] = min(max(m[i][0]*c[0]+m[i][1]*c[1]+m[i][2]*c[2], 0), 1)
	}
	return out
}

// lab is a colour in CIE L*a*b*, where distance is about what the eye sees of it.
func lab(c [3]float64) [3]float64 {
	x := (0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.95047
	y := 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
	z := (0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.08883
	f := func(t float64) float64 {
		if t > 0.008856 {
			return math.Cbrt(t)
		}
		return 7.787*t + 16.0/116
	}
	return [3]float64{116*f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))}
}

func distance(a, b [3]float64) float64 {
	x, y := lab(a), lab(b)
	return math.Sqrt((x[0]-y[0])*(x[0]-y[0]) + (x[1]-y[1])*(x[1]-y[1]) + (x[2]-y[2])*(x[2]-y[2]))
}

// TestPalettes shows that each colour can be read on the backgrounds that a theme is for,
// and that no two of them look alike, also to those who see no red or no green: a
// distance of 2.3 can just be noticed.
func TestPalettes(t *testing.T) {
	const readable, apart = 4.5, 12
	backgrounds := map[Theme][]tcell.Color{
		Dark:  {tcell.NewRGBColor(0, 0, 0), tcell.NewRGBColor(0x1e, 0x1e, 0x1e), tcell.NewRGBColor(0x28, 0x2c, 0x34)},
		Light: {tcell.NewRGBColor(255, 255, 255), tcell.NewRGBColor(0xfd, 0xf6, 0xe3)},
	}
	for name, p := range palettes {
		colours := map[string]tcell.Color{"rebalance": p.rebalance, "good": p.good, "warning": p.warning, "trouble": p.trouble, "saying": p.saying}
		for a, x := range colours {
			for _, background := range backgrounds[name] {
				if c := contrast(linear(x), linear(background)); c < readable {
					t.Errorf("%s: %s has a contrast of %.1f on #%06x, expected %.1f", name, a, c, background.Hex(), readable)
				}
			}
			for b, y := range colours {
				for vision, m := range visions {
					if d := distance(seenAs(linear(x), m), seenAs(linear(y), m)); a < b && d < apart {
						t.Errorf("%s, %s: %s and %s are %.1f apart, expected %d", name, vision, a, b, d, apart)
					}
				}
			}
		}
	}
}
