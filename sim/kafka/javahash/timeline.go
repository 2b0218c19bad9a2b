package javahash

import (
	"iter"
	"slices"
	"sort"
)

// Timeline is the key set of a TimelineHashMap<String, …>, in which the broker's
// coordinator keeps the members of a group (org.apache.kafka.timeline,
// BaseHashTable). Its order is that of slots, chosen by the highest bits of a
// multiplied hashCode, and inside one slot the latest key comes first. The zero
// value is empty and ready to use; a copy of the struct shares memory: use Clone.
type Timeline struct {
	entries []timelineEntry // as Kafka iterates them
	bits    uint            // log2 of the number of slots; 0 before the first key
}

type timelineEntry struct {
	key  string
	hash uint64 // the highest bits choose the slot
}

// Add puts key in, and reports false if it was there already. The table doubles
// before it would be more than three quarters full with one key more, even when the
// key is there already; slots keep their order, as one bit more of each hash counts.
func (t *Timeline) Add(key string) bool {
	t.bits = max(t.bits, 1)
	if (len(t.entries)+1)*3 > 4<<t.bits {
		t.bits++
		slices.SortStableFunc(t.entries, func(a, b timelineEntry) int { return int(t.slot(a.hash)) - int(t.slot(b.hash)) })
	}
	if t.Has(key) {
		return false
	}
	hash := timelineHash(key)
	at, _ := t.within(hash)
	t.entries = slices.Insert(t.entries, at, timelineEntry{key, hash})
	return true
}

// Remove takes key out, and reports false if it was not there.
func (t *Timeline) Remove(key string) bool {
	if i := t.find(key); i >= 0 {
		t.entries = slices.Delete(t.entries, i, i+1)
		return true
	}
	return false
}

// Has tells whether key is in.
func (t *Timeline) Has(key string) bool { return t.find(key) >= 0 }

// Len is the number of keys.
func (t *Timeline) Len() int { return len(t.entries) }

// All iterates over the keys. The Timeline must not change meanwhile.
func (t *Timeline) All() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range t.entries {
			if !yield(t.entries[i].key) {
				return
			}
		}
	}
}

// Clone is an independent copy.
func (t *Timeline) Clone() Timeline { return Timeline{slices.Clone(t.entries), t.bits} }

// find is the place of key in the iteration, or -1.
func (t *Timeline) find(key string) int {
	if len(t.entries) == 0 {
		return -1
	}
	for i, end := t.within(timelineHash(key)); i < end; i++ {
		if t.entries[i].key == key {
			return i
		}
	}
	return -1
}

// within is the range of entries in the slot of hash.
func (t *Timeline) within(hash uint64) (from, to int) {
	slot := t.slot(hash)
	from = sort.Search(len(t.entries), func(i int) bool { return t.slot(t.entries[i].hash) >= slot })
	for to = from; to < len(t.entries) && t.slot(t.entries[to].hash) == slot; to++ {
	}
	return from, to
}

func (t *Timeline) slot(hash uint64) uint64 { return hash >> (64 - t.bits) }

// timelineHash is BaseHashTable.findSlot before its shift: Fibonacci hashing.
func timelineHash(key string) uint64 {
	return uint64(int64(StringHash(key))) * 0x9e3779b97f4a7c15
}
