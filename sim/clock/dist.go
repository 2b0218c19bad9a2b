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

// Draw takes a duration from the distribution, from 0 to MaxTime, rounded down
// to whole microseconds. turn is the number of draws that a Sequence has given;
// Draw counts it up.
//
// All is integer arithmetic, so that every machine draws the same. Normal and
// lognormal are Marsaglia's polar method on fractions of 31 bits; apart from
// the last microsecond, durations are off by less than 1 in 10⁶ of the
// deviation or of the value. The tails are true up to 6.5 deviations.
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

// normal never is below 0: what would be is 0.
func (d Dist) normal(s *Stream) Duration {
	z, negative := deviate(s)
	off := mulShift(uint64(d.B), z, deviateBits)
	if negative {
		return max(0, d.A-Duration(off))
	}
	return min(d.A+Duration(off), MaxTime)
}

func (d Dist) exponential(s *Stream) Duration {
	u := s.Uint64() | 1 // never 0; by inversion, -ln(u/2⁶⁴)
	return Duration(mulShift(uint64(d.A), mulShift(64<<logBits-log2(u), ln2, 64), logBits))
}

// lognormal is p50 · (p99/p50)^(z/z99): 2 to the power of a normal deviate.
func (d Dist) lognormal(s *Stream) Duration {
	const invZ99 = 1846227447 // 2³² / 2.3263478740
	if d.A <= 0 {
		return 0
	}
	z, negative := deviate(s)
	z = mulShift(z, invZ99, 32)
	spread := mulShift(log2(uint64(max(d.A, d.B)))-log2(uint64(d.A)), z, deviateBits)
	whole, fraction := int(spread>>logBits), spread&(1<<logBits-1)
	if negative {
		whole, fraction = -whole, -fraction
		if fraction != 0 {
			whole, fraction = whole-1, fraction&(1<<logBits-1)
		}
	}
	return Duration(min(mulShift(uint64(d.A), exp2(fraction), 62-whole), uint64(MaxTime)))
}
