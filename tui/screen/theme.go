package screen

import "github.com/gdamore/tcell/v2"

// Theme is which colours are used. The terminal's own foreground and background stay,
// so a theme is for a dark background, or for a light one.
type Theme string

// The themes.
const (
	Dark  Theme = "dark"
	Light Theme = "light"
	Mono  Theme = "none" // bold, dim, underlined and reverse alone
)

// Themes are all of them.
var Themes = []Theme{Dark, Light, Mono}

// palette is the colours of a theme. They are Okabe's and Ito's, whom people with every
// kind of colour vision tell apart, for a light background the same hues darker. A test
// computes their contrast, and what of it is left without red or green.
type palette struct{ rebalance, good, warning, trouble, saying tcell.Color }

var palettes = map[Theme]palette{
	Dark: {
		rebalance: tcell.NewRGBColor(86, 180, 233),  // sky blue
		good:      tcell.NewRGBColor(20, 175, 130),  // bluish green
		warning:   tcell.NewRGBColor(240, 180, 30),  // orange
		trouble:   tcell.NewRGBColor(240, 115, 40),  // vermillion
		saying:    tcell.NewRGBColor(225, 160, 205), // reddish purple
	},
	Light: {
		rebalance: tcell.NewRGBColor(0, 100, 170),
		good:      tcell.NewRGBColor(0, 112, 75),
		warning:   tcell.NewRGBColor(145, 95, 0),
		trouble:   tcell.NewRGBColor(130, 0, 20),
		saying:    tcell.NewRGBColor(126, 40, 110),
	},
}

// styles is what a terminal makes of each look.
type styles [looks]tcell.Style

// stylesOf is the looks in a theme.
func stylesOf(t Theme) *styles {
	base := tcell.StyleDefault
	s := &styles{
		plain: base, faint: base.Dim(true), strong: base.Bold(true), heading: base.Dim(true), focused: base.Bold(true),
		good: base, warning: base.Bold(true), trouble: base.Bold(true), rebalance: base, filled: base, saying: base,
		chosen: base.Reverse(true), matching: base.Underline(true),
	}
	p, coloured := palettes[t]
	if !coloured {
		return s
	}
	s[focused] = base.Bold(true).Foreground(p.rebalance)
	s[good] = base.Foreground(p.good)
	s[warning] = base.Foreground(p.warning)
	s[trouble] = base.Bold(true).Foreground(p.trouble)
	s[rebalance] = base.Foreground(p.rebalance)
	s[filled] = base.Foreground(p.good)
	s[saying] = base.Foreground(p.saying)
	s[matching] = base.Underline(true).Foreground(p.warning)
	return s
}
