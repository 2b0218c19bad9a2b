package screen

import (
	"fmt"
	"strings"
	"testing"
)

// TestModes types one script at each size in colour, without, and in ASCII: colour must
// tell nothing that words and signs do not, so that the text is the same, and ASCII has
// nothing but ASCII, at the same places.
func TestModes(t *testing.T) {
	script := [][]string{{"n", "n", "n"}, {"tab"}, {"enter"}, {"k", "enter"}, {"esc"}, {"}", "}"}, {"6", "k", "k"}, {"z"}, {"z", "f"}, {"?"}, {"esc"}, {"c"},
		{"esc", "8"}, append(append([]string{":"}, typed("goto 7m")...), "enter"), {"n"}, {"2"}, {"enter"},
		append(append([]string{":"}, typed("crash A")...), "enter"), append(append([]string{":"}, typed("forks")...), "enter"), {"esc", "G"}}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			colour := open(t, "slow-upload", "", size[0], size[1], true, false)
			without := open(t, "slow-upload", "", size[0], size[1], false, false)
			ascii := open(t, "slow-upload", "", size[0], size[1], false, true)
			for i, keys := range script {
				for _, b := range []*bench{colour, without, ascii} {
					b.press(keys...)
				}
				text := without.text()
				if colour.text() != text {
					t.Fatalf("step %d, %v: in colour\n%s\nwithout\n%s", i, keys, colour.text(), text)
				}
				if !strings.Contains(colour.styles(), "#") || strings.Contains(without.styles(), "#") {
					t.Errorf("step %d, %v: colours: %s\nwithout: %s", i, keys, colour.styles(), without.styles())
				}
				plain := ascii.text()
				for y, l := range strings.Split(plain, "\n") {
					for _, r := range l {
						if r > 0x7e || r < ' ' {
							t.Fatalf("step %d, %v: %q in line %d: %s", i, keys, r, y, l)
						}
					}
				}
				if a, b := translated(text, plain); a != b {
					t.Fatalf("step %d, %v: in ASCII\n%s\nexpected\n%s", i, keys, b, a)
				}
			}
		})
	}
}

// translated is the lines of a screen with the signs of ASCII, and those lines of
// another: but for charts, which ASCII draws otherwise.
func translated(text, plain string) (wanted, got string) {
	var a, b strings.Builder
	lines := strings.Split(plain, "\n")
	for y, l := range strings.Split(text, "\n") {
		if strings.ContainsFunc(l, func(r rune) bool {
			return r >= 0x2800 && r < 0x2900 || r >= '▁' && r <= '▇' || r == '┤' || r == '┼' || r == '↻'
		}) {
			continue
		}
		for _, r := range l {
			a.WriteString(inASCII(string(r), 1))
		}
		a.WriteByte('\n')
		b.WriteString(lines[y] + "\n")
	}
	return a.String(), b.String()
}
