// Package clock is ksim's virtual time: the total order of everything that
// happens in a run, cancellable and re-armable timers, and the seeded random
// streams of the actors.
//
// Nothing in this package reads the wall clock, starts a goroutine or iterates
// over a map: the same calls give the same order on every machine.
package clock

import "strconv"

// Time is virtual time in microseconds since the start of the scenario.
//
// Microseconds, not nanoseconds: the finest figure that a scenario or a trace
// can state is a microsecond (three decimals of a millisecond), Kafka's own
// timers tick in milliseconds, and the smaller range leaves room for the class
// of an event in the same 64-bit sort key. The range is ±73,000 years, of which
// scenarios may use MaxTime.
type Time int64

// Duration is a span of virtual time in microseconds.
type Duration = Time

// Units of virtual time.
const (
	Microsecond Duration = 1
	Millisecond          = 1000 * Microsecond
	Second               = 1000 * Millisecond
	Minute               = 60 * Second
	Hour                 = 60 * Minute
)

// MaxTime is the latest instant that the queue accepts: 2^56 µs, over two
// thousand years. Never stands for "no deadline" and sorts after it.
const (
	MaxTime Time = 1 << 56
	Never   Time = 1<<62 - 1
)

// Ms gives n milliseconds.
func Ms(n int64) Duration { return Duration(n) * Millisecond }

// Milliseconds rounds down to whole milliseconds, as Kafka's clocks do.
func (t Time) Milliseconds() int64 { return int64(t) / int64(Millisecond) }

// String prints minutes, seconds and milliseconds, as `7m30.397`, from an hour on
// `1h05m00.000`; microseconds only when there are any.
func (t Time) String() string {
	if t < 0 {
		return "-" + (-t).String()
	}
	h, m, s, us := t/Hour, t%Hour/Minute, t%Minute/Second, t%Second
	var b []byte
	if h > 0 {
		b = append(strconv.AppendInt(b, int64(h), 10), 'h')
		if m < 10 {
			b = append(b, '0')
		}
	}
	b = strconv.AppendInt(b, int64(m), 10)
	b = append(b, 'm')
	if s < 10 {
		b = append(b, '0')
	}
	b = strconv.AppendInt(b, int64(s), 10)
	b = append(b, '.')
	digits, v := 3, int64(us)/1000
	if us%1000 != 0 {
		digits, v = 6, int64(us)
	}
	str := strconv.FormatInt(v, 10)
	for i := len(str); i < digits; i++ {
		b = append(b, '0')
	}
	return string(append(b, str...))
}
