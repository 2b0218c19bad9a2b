package chart

import (
	"math/bits"
	"strconv"

	"ksim/sim/clock"
)

// Number prints n with a comma between thousands: 147,106.
func Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	first := (len(digits)-1)%3 + 1
	s := sign + digits[:first]
	for i := first; i < len(digits); i += 3 {
		s += "," + digits[i:i+3]
	}
	return s
}

// Short prints n in at most five columns, as axes want it: 900, 1.5k, 250k, 3M.
// What does not fit is cut, not rounded.
func Short(n int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if n < u.size {
			continue
		}
		whole, tenth := n/u.size, n%u.size/(u.size/10)
		s := strconv.FormatInt(whole, 10)
		if tenth > 0 && whole < 100 {
			s += "." + strconv.FormatInt(tenth, 10)
		}
		return s + u.name
	}
	return strconv.FormatInt(n, 10)
}

// scale is a·b/c rounded to the nearest, for a, b ≥ 0 and c > 0: the product
// may exceed 64 bits, the result must not.
func scale(a, b, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	lo, carry := bits.Add64(lo, uint64(c)/2, 0)
	q, _ := bits.Div64(hi+carry, lo, uint64(c))
	return int64(q)
}

// Lasting prints how long something takes: 250 ms, 59.999 s, and from 1000 s on as a
// clock does.
func Lasting(d clock.Duration) string {
	d -= d % clock.Millisecond
	switch {
	case d < clock.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d >= 1000*clock.Second:
		return Clock(d - d%clock.Second)
	}
	s := strconv.FormatInt(int64(d/clock.Second), 10)
	if ms := d % clock.Second; ms > 0 {
		s += "." + strconv.FormatInt(1000+ms.Milliseconds(), 10)[1:]
	}
	return s + " s"
}
