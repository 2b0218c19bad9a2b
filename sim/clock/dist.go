package clock

// Dist is a duration that may vary: drawn as work begins, from the stream of
// the actor that works. The zero value is always 0.
type Dist struct {
	Kind   DistKind
	A, B   Duration   // constant: A; normal: mean, deviation; uniform: from, to; exponential: mean; lognormal: p50, p99
	Values []Duration // sequence and trace: in turn, again from the start
}

// DistKind is a form of varying duration.
type DistKind uint8

// The forms of the contract.
const (
	Constant DistKind = iota
	Normal
	Uniform
	Exponential
	Lognormal
	Sequence
)

// Fixed is a duration that does not vary.
func Fixed(d Duration) Dist { return Dist{Kind: Constant, A: d} }

// IsFixed tells whether every draw is the same.
func (d Dist) IsFixed() bool { return d.Kind == Constant }

// Draw takes a duration from the distribution, rounded down to microseconds,
// from 0 to MaxTime. turn counts the draws that a Sequence has given; other
// forms leave it alone.
//
// All is integer arithmetic, so that every machine draws the same. Apart from
// the rounding, a draw is off by less than 3·10⁻⁵ of the deviation (lognormal:
// of that of the logarithm), an exponential one by less than 10⁻⁹ of the mean.
// No tail ends before 6 deviations.
func (d Dist) Draw(s *Stream, turn *int) Duration {
	switch d.Kind {
	case Normal:
		return d.normal(s)
	case Uniform:
		return d.A + Duration(s.Below(uint64(d.B-d.A)+1))
	case Exponential:
		return d.exponential(s)
	case Lognormal:
		return d.lognormal(s)
	case Sequence:
		v := d.Values[*turn%len(d.Values)]
		*turn++
		return v
	default:
		return d.A
	}
}

// normal is never below 0: what would be is 0.
func (d Dist) normal(s *Stream) Duration {
	z, negative := deviate(s)
	off := Duration(mulShift(uint64(d.B), z, deviateBits))
	if negative {
		return max(d.A-off, 0)
	}
	return min(d.A+off, MaxTime)
}

// exponential is by inversion: -mean · ln u, u from 0 to 1.
func (d Dist) exponential(s *Stream) Duration {
	u := s.Uint64() | 1 // in units of 2⁻⁶⁴; never 0
	ln := mulShift(64<<logBits-log2(u), ln2, 64)
	return min(Duration(mulShift(uint64(d.A), ln, logBits)), MaxTime)
}

// lognormal is p50 · (p99/p50)^(z/z99), z being a standard normal deviate and
// z99 the one that 99 of 100 are below. Without a p50 it is 0.
func (d Dist) lognormal(s *Stream) Duration {
	const perZ99 = 1846227447 // 2³² / 2.3263478740
	if d.A <= 0 {
		return 0
	}
	z, negative := deviate(s)
	ratio := log2(uint64(max(d.A, d.B))) - log2(uint64(d.A))
	power := int64(mulShift(ratio, mulShift(z, perZ99, 32), deviateBits))
	if negative {
		power = -power
	}
	whole, fraction := int(power>>logBits), uint64(power)%(1<<logBits)
	return Duration(min(mulShift(uint64(d.A), exp2(fraction), 62-whole), uint64(MaxTime)))
}
