package clock

import "math/bits"

// key is the time and the class of an event in one number, ordered as the two.
type key int64

const classBits = 3

func keyOf(at Time, c Class) key { return key(at)<<classBits | key(c) }

func (k key) time() Time   { return Time(k >> classBits) }
func (k key) class() Class { return Class(k & (1<<classBits - 1)) }

// The wheel reads a key as six digits of ten bits: enough for MaxTime.
const (
	digitBits = 10
	digits    = 1 << digitBits
	levels    = 6
)

// wheel is a hierarchical timing wheel: a slot for each value of each digit of
// a key. An entry lies at the level of the highest digit in which its key
// differs from the position, in the slot of that digit. So at any time all
// entries of one key lie in one slot, first in first out; level 0 holds one
// key a slot; and the slot of the position itself is empty above level 0.
//
// A slot is a list of blocks of entries rather than of entries, so that entries
// move down the levels by sequential reads and writes.
type wheel struct {
	position key
	entries  []entry                     // in blocks of blockLen; the first block is none
	links    []link                      // one for each block
	unused   uint32                      // list of blocks
	summary  [levels]uint64              // a bit for each word of occupied that is not 0
	occupied [levels][digits / 64]uint64 // a bit for each slot that is not empty
	slots    [levels * digits]slot
}

// slot is what lies in a slot. The zero value is an empty one.
type slot struct {
	only key    // the key of all entries, or several
	head uint32 // index of the first entry
	tail uint32 // index after the last entry; of no entry if the block is full
}

const several key = -1

// link is what follows a block that is full or no longer filled.
type link struct {
	next uint32 // index of the next block's first entry; 0 for none
	end  uint32 // index after the last entry of the block
}

// blockLen is a power of 2; the first entry of block b is entries[b*blockLen].
const blockLen = 128

// entry is a queued event; of a timer, its slot in the place of the actor.
type entry struct {
	key   key
	event Event
}

// levelOf gives the highest digit that is not 0, or 0.
func levelOf(k key) uint {
	return uint(uint8(bits.Len64(uint64(k)|1)-1) / digitBits)
}

// extend is put for a slot that is empty or whose last block is full.
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
		w.entries = make([]entry, blockLen, 64*blockLen)
		w.links = make([]link, 1, 64)
	}
	at := uint32(len(w.entries))
	w.entries = append(w.entries, make([]entry, blockLen)...)
	w.links = append(w.links, link{})
	return at
}

// take empties a slot and gives the index of its first entry.
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
func (w *wheel) block(head uint32) []entry {
	return w.entries[head:w.links[head/blockLen].end]
}

// free gives the first block of a taken list back and returns what follows it.
func (w *wheel) free(head uint32) (next uint32) {
	b := head / blockLen
	next = w.links[b].next
	w.links[b].next = w.unused
	w.unused = b * blockLen
	return next
}

// prepend puts a taken list of the position's own key before what its slot at
// level 0 holds.
func (w *wheel) prepend(head uint32) {
	last := head
	for w.links[last/blockLen].next != 0 {
		last = w.links[last/blockLen].next
	}
	digit := uint(w.position) % digits
	s := &w.slots[digit]
	if s.tail == 0 {
		*s = slot{only: w.position, tail: w.links[last/blockLen].end}
		w.occupied[0][digit/64] |= 1 << (digit % 64)
		w.summary[0] |= 1 << (digit / 64)
	}
	w.links[last/blockLen].next = s.head
	s.head = head
}

// first finds the first slot that is not empty, or none. Lower levels come
// first, and what has passed is empty.
func (w *wheel) first() (level, digit uint, ok bool) {
	for level := range w.summary {
		if words := w.summary[level]; words != 0 {
			word := bits.TrailingZeros64(words) % (digits / 64)
			return uint(level), uint(word*64 + bits.TrailingZeros64(w.occupied[level][word])), true
		}
	}
	return 0, 0, false
}

// base is the least key of a slot after the position.
func (w *wheel) base(level, digit uint) key {
	shift := level * digitBits & 63
	return w.position&^(1<<digitBits<<shift-1) | key(digit<<shift)
}
