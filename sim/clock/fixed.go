package clock

import "math/bits"

// Fixed-point functions: numbers are integers in units of a power of 1/2.
const (
	logBits     = 32                 // of log2's result and exp2's argument
	deviateBits = 28                 // of deviate's result
	ln2         = 0xb17217f7d1cf79ac // in units of 2⁻⁶⁴
)

// mulShift is a·b / 2^shift, rounded down, or the largest number if that is more.
func mulShift(a, b uint64, shift int) uint64 {
	hi, lo := bits.Mul64(a, b)
	switch {
	case shift >= 64:
		return hi >> (shift - 64)
	case shift < 0 || hi>>shift != 0:
		return 1<<64 - 1
	default:
		return hi<<(64-shift) | lo>>shift
	}
}

// log2 is the binary logarithm of x > 0, in units of 2^-logBits: the whole part
// is x's length, and squaring what is left tells one more bit at a time.
func log2(x uint64) uint64 {
	whole := bits.Len64(x) - 1
	m := x << (63 - whole) // 1 ≤ m < 2, in units of 2⁻⁶³
	log := uint64(whole)
	for range logBits {
		hi, lo := bits.Mul64(m, m)
		log <<= 1
		if hi>>63 == 1 {
			m, log = hi, log|1
		} else {
			m = hi<<1 | lo>>63
		}
	}
	return log
}

// exp2 is 2^x in units of 2⁻⁶², for x from 0 to 1 in units of 2^-logBits, by the
// series of e^(x ln 2).
func exp2(x uint64) uint64 {
	y := mulShift(x, ln2, 64+logBits-62)
	sum, term := uint64(0), uint64(1<<62)
	for k := uint64(1); term != 0; k++ {
		sum += term
		term = mulShift(term, y, 62) / k
	}
	return sum
}

// InversePower is n^−x in units of 2⁻⁶², for n ≥ 1 and x in units of 2^-logBits,
// below 2^(logBits+5): the weight of the n-th key of Zipf's law with that
// exponent.
func InversePower(n, x uint64) uint64 {
	power := mulShift(log2(n), x, logBits) // of 2
	whole, fraction := power>>logBits, power%(1<<logBits)
	if fraction > 0 { // 2^−(w+f) = 2^(1−f) / 2^(w+1)
		whole, fraction = whole+1, 1<<logBits-fraction
	}
	return exp2(fraction) >> whole
}

// sqrt is the square root, rounded down.
func sqrt(x uint64) uint64 {
	root := uint64(0)
	for bit := uint64(1 << 31); bit != 0; bit >>= 1 {
		if try := root | bit; try*try <= x {
			root = try
		}
	}
	return root
}

// deviate draws the size and the sign of a standard normal deviate, the size in
// units of 2^-deviateBits, by G. Marsaglia's polar method. It is off by less than
// 3·10⁻⁵, and by less than 10⁻⁶ but for one draw in ten million.
func deviate(s *Stream) (size uint64, negative bool) {
	for {
		// A point in the square from -1 to 1, in units of 2⁻³¹.
		draw := s.Uint64()
		x, y := int64(int32(draw>>32)), int64(int32(draw))
		r := uint64(x*x) + uint64(y*y) // in units of 2⁻⁶²
		if r == 0 || r >= 1<<62 {
			continue
		}
		// x √(-2 ln r / r), with the root taken of the whole square.
		ln := mulShift(62<<logBits-log2(r), ln2, 64)
		hi, lo := bits.Mul64(uint64(x*x), 2*ln<<(2*deviateBits-logBits))
		square, _ := bits.Div64(hi, lo, r)
		return sqrt(square), x < 0
	}
}
