package sim

import (
	"testing"

	"ksim/sim/clock"
)

// share.auto.offset.reset takes durations as Java prints them, which nothing else in
// a file does.
func TestISODuration(t *testing.T) {
	for text, want := range map[string]clock.Duration{
		"PT30S": 30 * clock.Second, "PT0.5S": 500 * clock.Millisecond, "P1DT2H3M4S": 26*clock.Hour + 3*clock.Minute + 4*clock.Second, "PT0S": 0, "pt15m": 15 * clock.Minute,
	} {
		if got := isoDuration(text); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}
