package screen

import (
	"strings"
	"testing"
	"time"

	"ksim/sim/clock"
)

// many is a scenario with 200 members.
func many() string {
	var s strings.Builder
	s.WriteString("ksim: 1\nduration: 10m\ntopics:\n  - {name: events, partitions: 400}\nproducers:\n  - {topic: events, rate: 2000/s}\n")
	s.WriteString("groups:\n  - id: many\n    client: java@4.1\n    topics: [events]\n    app: {model: sequential, process: 1ms, commit: batch}\n    members: 200\n")
	return s.String()
}

// BenchmarkNext holds the key for the next event on slow-upload: a frame must not
// take more than 16 ms.
func BenchmarkNext(b *testing.B) { benchmark(b, open(b, "slow-upload", "", 120, 40, true, false), "n") }

// BenchmarkSingle holds the key for single events.
func BenchmarkSingle(b *testing.B) {
	benchmark(b, open(b, "slow-upload", "", 120, 40, true, false), ".")
}

// BenchmarkMembers scrolls through 200 members, and plays.
func BenchmarkMembers(b *testing.B) {
	x := open(b, "many", many(), 200, 60, true, false)
	for x.state.Simulate() {
	}
	x.press(append(append([]string{":"}, typed("goto 2m")...), "enter", "1")...)
	b.Run("scroll", func(b *testing.B) { benchmark(b, x, "j") })
	b.Run("step", func(b *testing.B) { benchmark(b, x, "n") })
	b.Run("single", func(b *testing.B) { benchmark(b, x, ".") })
	b.Run("play", func(b *testing.B) {
		frames(b, func() {
			x.state.playing = true
			x.state.Tick(33_000)
			x.draw()
			if x.state.at >= x.state.end() {
				x.press("g")
			}
		})
	})
	b.Run("filter", func(b *testing.B) {
		x.press("/")
		for b.Loop() {
			x.press("m", "backspace", "a")
			x.press("ctrl-u")
		}
	})
}

// benchmark holds a key; at the end it goes back to the start.
func benchmark(b *testing.B, x *bench, key string) {
	frames(b, func() {
		before := x.state.seq
		x.press(key)
		if key != "j" && x.state.seq == before {
			x.press("g")
		}
	})
}

// frames makes frames, and gives the longest beside the mean.
func frames(b *testing.B, one func()) {
	var longest time.Duration
	for b.Loop() {
		begun := time.Now()
		one()
		longest = max(longest, time.Since(begun))
	}
	b.ReportMetric(float64(longest.Microseconds())/1000, "ms/longest")
}

// BenchmarkOpen is the time from a loaded scenario to its first frame.
func BenchmarkOpen(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"slow-upload", ""}, {"many", many()}, {"hour", hour}} {
		b.Run(c.name, func(b *testing.B) {
			x := open(b, c.name, c.text, 120, 40, true, false)
			x.settles = false
			s := x.state.run().Scenario()
			for b.Loop() {
				x.show(NewState(s, x.state.o))
			}
		})
	}
}

// BenchmarkBack goes to places all over an hour of three members, mostly backwards, by
// :goto, by the keys and by the ruler: a frame must not take more than 100 ms.
func BenchmarkBack(b *testing.B) {
	x := open(b, "hour", hour, 120, 40, true, false)
	x.press("G")
	b.Run("goto", func(b *testing.B) {
		t := x.state.end()
		frames(b, func() {
			if t -= 97 * clock.Second; t < 0 {
				t += x.state.end()
			}
			x.state.goTo(t)
			x.draw()
		})
	})
	b.Run("previous", func(b *testing.B) {
		frames(b, func() {
			if x.press("p"); x.state.seq == 0 {
				x.press("G")
			}
		})
	})
	b.Run("single", func(b *testing.B) {
		x.press("G")
		frames(b, func() {
			if x.press(","); x.state.seq == 0 {
				x.press("G")
			}
		})
	})
}

// hour is an hour of three members and eleven million events.
const hour = `ksim: 1
duration: 1h
topics: [{name: events, partitions: 6}]
producers: [{topic: events, rate: 2000/s}]
groups: [{id: g, client: java@4.1, topics: [events], app: {model: sequential, process: 1ms, commit: batch}, members: 3}]
timeline: [{at: 10m, crash: A}, {at: 20m, start: A}, {at: 30m, freeze: B, for: 60s}]
`
