package producer

import (
	"slices"
	"strconv"

	"ksim/sim/clock"
	"ksim/sim/scenario"
)

// keyring is the keys of a producer. It never changes.
type keyring struct {
	names []string // nil: key-0, key-1, …
	count int
	// cumulative weights of the keys, by which they are drawn; nil: in turn.
	cumulative []uint64
}

func newKeyring(k *scenario.Keys) *keyring {
	switch k.Kind {
	case scenario.KeysInTurn:
		return &keyring{names: k.Names, count: len(k.Names)}
	case scenario.KeysWeighted:
		r := &keyring{names: k.Names, count: len(k.Names)}
		r.weigh(func(i int) uint64 { return uint64(k.Weights[i]) })
		return r
	case scenario.KeysZipf:
		r := &keyring{count: int(k.Count)}
		r.weigh(func(i int) uint64 { return clock.InversePower(uint64(i+1), k.Exponent) >> zipfShift })
		return r
	}
	return nil
}

// zipfShift leaves room to add a million weights.
const zipfShift = 20

func (r *keyring) weigh(weight func(int) uint64) {
	r.cumulative = make([]uint64, r.count)
	sum := uint64(0)
	for i := range r.cumulative {
		sum += weight(i)
		r.cumulative[i] = sum
	}
}

func (r *keyring) name(i int) string {
	if r.names == nil {
		return "key-" + strconv.Itoa(i)
	}
	return r.names[i]
}

// places is the partition of each key.
func (r *keyring) places(kind scenario.Partitioner, partitions int32) []int32 {
	place := byMurmur2
	if kind == scenario.CRC32 {
		place = byCRC32
	}
	out := make([]int32, r.count)
	for i := range out {
		out[i] = place(r.name(i), partitions)
	}
	return out
}

// chooser draws keys and gives their partitions.
func (r *keyring) chooser(kind scenario.Partitioner, partitions int32) chooser {
	return &weighted{cumulative: r.cumulative, places: r.places(kind, partitions)}
}

// chooser draws a partition; latest is the one before. It never changes.
type chooser interface {
	draw(s *clock.Stream, latest int32) int32
	// reaches tells whether the partition is ever drawn.
	reaches(partition int32) bool
}

// weighted draws a key by weight.
type weighted struct {
	cumulative []uint64
	places     []int32
}

func (w *weighted) draw(s *clock.Stream, _ int32) int32 { return w.places[draw(w.cumulative, s)] }

// draw draws a key by weight.
func draw(cumulative []uint64, s *clock.Stream) int {
	r := s.Below(cumulative[len(cumulative)-1])
	i, found := slices.BinarySearch(cumulative, r)
	if found { // a key has what is below its sum; those of no weight are passed over
		for i++; cumulative[i] == r; i++ {
		}
	}
	return i
}

func (w *weighted) reaches(partition int32) bool { return slices.Contains(w.places, partition) }

// uniform draws any partition, or any but the latest.
type uniform struct {
	partitions int32
	other      bool
}

func (u *uniform) draw(s *clock.Stream, latest int32) int32 {
	if !u.other || latest < 0 || u.partitions == 1 {
		return int32(s.Below(uint64(u.partitions)))
	}
	p := int32(s.Below(uint64(u.partitions - 1)))
	if p >= latest {
		p++
	}
	return p
}

func (u *uniform) reaches(partition int32) bool { return partition < u.partitions }
