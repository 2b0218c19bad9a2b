package screen

import "github.com/gdamore/tcell/v2"

// The colours are those of Okabe and Ito, which people with every kind of colour
// vision tell apart; the terminal's own foreground and background stay.
var (
	skyBlue    = tcell.NewRGBColor(86, 180, 233)
	green      = tcell.NewRGBColor(0, 158, 115)
	orange     = tcell.NewRGBColor(230, 159, 0)
	vermillion = tcell.NewRGBColor(230, 97, 20)
	purple     = tcell.NewRGBColor(204, 121, 167)
)

// theme is what a terminal makes of each look.
type theme [looks]tcell.Style

// newTheme is the theme with colours or without: then by bold, dim, underlined and
// reverse alone.
func newTheme(colour bool) *theme {
	base := tcell.StyleDefault
	t := &theme{
		plain: base, faint: base.Dim(true), strong: base.Bold(true), heading: base.Dim(true), focused: base.Bold(true),
		good: base, warning: base.Bold(true), trouble: base.Bold(true), rebalance: base, filled: base, saying: base,
		chosen: base.Reverse(true), matching: base.Underline(true),
	}
	if colour {
		t[focused] = base.Bold(true).Foreground(skyBlue)
		t[good] = base.Foreground(green)
		t[warning] = base.Foreground(orange)
		t[trouble] = base.Bold(true).Foreground(vermillion)
		t[rebalance] = base.Foreground(skyBlue)
		t[filled] = base.Foreground(green)
		t[saying] = base.Foreground(purple)
		t[matching] = base.Underline(true).Foreground(orange)
	}
	return t
}
