package clock

import "math/bits"

// key is the time and the class of an event in one number, ordered as the two.
// The wheel reads it as six digits of ten bits, enough for MaxTime.
type key int64

const (
	classBits = 3
	digitBits = 10
	digits    = 1 << digitBits // values of a digit
	levels    = 6
)

func keyOf(at Time, c Class) key { return key(at)<<classBits | key(c) }

func (k key) time() Time   { return Time(k >> classBits) }
func (k key) class() Class { return Class(k & (1<<classBits - 1)) }

// digit gives a digit; level 0 is the lowest. The mask tells the compiler that
// no shift is beyond the key's 64 bits.
func (k key) digit(level uint) uint { return uint(k>>(level*digitBits&63)) % digits }

// level gives the level of the highest digit that is not 0, or 0. (A byte is
// what is cheap to divide.)
func (k key) level() uint { return uint(uint8(bits.Len64(uint64(k)|1)-1) / digitBits) }

// with gives the least key that has the digit, and k's digits above it.
func (k key) with(level, digit uint) key {
	shift := level * digitBits & 63
	return k&^(digits<<shift-1) | key(digit)<<shift
}

// wheel is a hierarchical timing wheel: a slot for each value of each digit of
// a key. An entry lies at the level of the highest digit in which its key
// differs from the position, in the slot of that digit. So at any time all
// entries of one key lie in one slot, first in first out; level 0 holds one
// key a slot; and the slot of the position itself is empty above level 0.
//
// A slot is a list of blocks of entries, so that entries move down the levels
// by sequential reads and writes. A list is named by the index of its first
// entry, 0 for none.
type wheel struct {
	position key                         // at or before every entry
	entries  []entry                     // in blocks; the first block is none, but see fire
	links    []link                      // one for each block
	unused   uint32                      // list of blocks
	summary  [levels]uint64              // a bit for each word of occupied that is not 0
	occupied [levels][digits / 64]uint64 // a bit for each slot that is not empty
	slots    [levels * digits]slot
}

// blockLen is a power of 2. Block b begins at entries[b*blockLen].
const blockLen = 128

// slot is what lies in a slot. The zero value is an empty one.
type slot struct {
	only key    // the key of all entries, or several
	head uint32 // index of the first entry
	tail uint32 // index after the last entry; a multiple of blockLen if its block is full
}

const several key = -1

// link describes a block that is full, or that lies in a list that has been
// taken out of its slot.
type link struct {
	next uint32 // rest of the list
	end  uint32 // index after the block's last entry
}

// entry is a queued event. That of a timer has the timer's slot for its event.
type entry struct {
	key   key
	event Event
}

// extend puts an entry into a slot that is empty or whose last block is full.
func (w *wheel) extend(s *slot, level, digit uint, e entry) {
	at := w.spare()
	if full := s.tail; full != 0 {
		w.links[full/blockLen-1] = link{next: at, end: full}
	} else {
		s.head, s.only = at, e.key
		w.occupied[level][digit/64] |= 1 << (digit % 64)
		w.summary[level] |= 1 << (digit / 64)
	}
	if s.only != e.key {
		s.only = several
	}
	s.tail = at + 1
	w.entries[at] = e
}

// spare gives the index of an empty block.
func (w *wheel) spare() uint32 {
	if at := w.unused; at != 0 {
		w.unused = w.links[at/blockLen].next
		return at
	}
	if len(w.entries) == 0 {
		w.entries = make([]entry, blockLen, 8*blockLen)
		w.links = make([]link, 1, 8)
	}
	at := uint32(len(w.entries))
	w.entries = append(w.entries, make([]entry, blockLen)...)
	w.links = append(w.links, link{})
	return at
}

// take empties a slot and gives its list.
func (w *wheel) take(level, digit uint) uint32 {
	s := &w.slots[level*digits+digit]
	head := s.head
	w.links[(s.tail-1)/blockLen] = link{end: s.tail}
	*s = slot{}
	if w.occupied[level][digit/64] &^= 1 << (digit % 64); w.occupied[level][digit/64] == 0 {
		w.summary[level] &^= 1 << (digit / 64)
	}
	return head
}

// block gives the entries of a taken list that lie in its first block.
func (w *wheel) block(list uint32) []entry {
	return w.entries[list:w.links[list/blockLen].end]
}

// free gives the first block of a taken list back and returns what follows it.
func (w *wheel) free(list uint32) (next uint32) {
	b := list / blockLen
	next = w.links[b].next
	w.links[b].next = w.unused
	w.unused = b * blockLen
	return next
}

// prepend puts a taken list of the position's own key before what its slot at
// level 0 holds.
func (w *wheel) prepend(list uint32) {
	last := list
	for w.links[last/blockLen].next != 0 {
		last = w.links[last/blockLen].next
	}
	digit := w.position.digit(0)
	s := &w.slots[digit]
	if s.tail == 0 {
		*s = slot{only: w.position, tail: w.links[last/blockLen].end}
		w.occupied[0][digit/64] |= 1 << (digit % 64)
		w.summary[0] |= 1 << (digit / 64)
	}
	w.links[last/blockLen].next = s.head
	s.head = list
}

// first finds the slot of the least keys. Every slot that is not empty is after
// the position, and those of lower levels come before those of higher ones.
func (w *wheel) first() (level, digit uint, ok bool) {
	for level := range w.summary {
		if words := w.summary[level]; words != 0 {
			word := bits.TrailingZeros64(words) % (digits / 64)
			return uint(level), uint(word*64 + bits.TrailingZeros64(w.occupied[level][word])), true
		}
	}
	return 0, 0, false
}
