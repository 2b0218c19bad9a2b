package clock

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// Stream is a sequence of random numbers: the permuted congruential generator
// PCG-DXSM of M. E. O'Neill, with 128 bits of state. It is plain data, so that a
// copy of it goes on as the original would.
type Stream struct{ hi, lo uint64 }

// NewStream gives the stream of one actor for one purpose. The streams of a seed
// are told apart by these names alone: to add an actor, or to draw more often
// for one purpose, changes no other stream.
func NewStream(seed uint64, actor, purpose string) Stream {
	b := binary.BigEndian.AppendUint64(nil, seed)
	b = binary.BigEndian.AppendUint64(b, uint64(len(actor))) // where the actor ends
	b = append(append(b, actor...), purpose...)
	sum := sha256.Sum256(b)
	return Stream{hi: binary.BigEndian.Uint64(sum[:]), lo: binary.BigEndian.Uint64(sum[8:])}
}

// Uint64 draws from all 64-bit numbers.
func (s *Stream) Uint64() uint64 {
	const (
		factorHi, factorLo = 0x2360ed051fc65da4, 0x4385df649fccf645
		termHi, termLo     = 0x5851f42d4c957f2d, 0x14057b7ef767814f
		outFactor          = 0xda942042e4dd58b5
	)
	hi, lo := bits.Mul64(s.lo, factorLo)
	hi += s.hi*factorLo + s.lo*factorHi
	lo, carry := bits.Add64(lo, termLo, 0)
	hi, _ = bits.Add64(hi, termHi, carry)
	s.hi, s.lo = hi, lo

	hi = (hi ^ hi>>32) * outFactor
	return (hi ^ hi>>48) * (lo | 1)
}

// Below draws from 0 to n-1, each equally likely. It panics if n is 0.
func (s *Stream) Below(n uint64) uint64 {
	if n == 0 {
		panic("clock: Below(0)")
	}
	// The high half of a product with n, unless the low half is one of the
	// 2^64 mod n that would make some results likelier (D. Lemire's method).
	for {
		hi, lo := bits.Mul64(s.Uint64(), n)
		if lo >= -n%n {
			return hi
		}
	}
}
