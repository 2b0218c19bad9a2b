package cli

import (
	"bytes"
	"testing"
)

// A long work in a pipe or in CI shows no progress bar: that it is long, and that it
// takes much memory, is said once each, and a short one is silent.
func TestPatience(t *testing.T) {
	for _, c := range []struct {
		name   string
		at     []float64
		memory []uint64
		want   string
	}{
		{"short and small", []float64{1, 9}, []uint64{1 << 20, 1<<30 - 1}, ""},
		{"long", []float64{9, 10, 60}, []uint64{0, 0, 0},
			"ksim: x: not done after 10 s: fewer records, members or partitions, or a shorter duration, take less\n"},
		{"large", []float64{1, 2}, []uint64{1 << 30, 1 << 31},
			"ksim: x: takes more than 1 GB of memory: fewer members or partitions take less\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			clock, given := append([]float64{0}, c.at...), make(chan uint64)
			e := &Env{Stderr: &out, Look: func() (<-chan uint64, func()) { return given, func() {} },
				Seconds: func() float64 {
					now := clock[0]
					clock = clock[1:]
					return now
				}}
			quit, done := make(chan struct{}), make(chan struct{})
			go func() {
				e.lookAfter("x", func() string { return smaller }, quit)
				close(done)
			}()
			for _, memory := range c.memory {
				given <- memory
			}
			close(quit)
			<-done
			if out.String() != c.want {
				t.Errorf("said %q, want %q", out.String(), c.want)
			}
		})
	}
}
