// Package javahash reproduces the iteration order of java.util.HashMap, which
// leaks into what Kafka's users see: who leads a group next, the member order of
// a JoinGroup response, the sticky assignors' tie-breaks.
//
// The order is that of hash buckets, ascending, and of insertion inside one
// bucket. Java turns a bucket of more than eight keys into a tree; that is not
// reproduced, as real keys do not collide so often.
package javahash

import (
	"iter"
	"slices"
	"sort"
)

// initialCapacity is the number of buckets of a HashMap that holds its first key.
const initialCapacity = 16

// StringHash is String.hashCode: h = 31·h + c over the UTF-16 units c, modulo 2³².
func StringHash(s string) int32 {
	var h uint32
	for _, r := range s {
		if r >= 0x10000 { // a surrogate pair is two units
			r -= 0x10000
			h = 31*h + 0xd800 + uint32(r>>10)
			r = 0xdc00 + r&0x3ff
		}
		h = 31*h + uint32(r)
	}
	return int32(h)
}

// Order is the key set of a HashMap<String, …>. The zero value is empty and ready
// to use. A copy of the struct shares memory with the original: use Clone.
type Order struct{ keys Keys[string] }

// Add puts key in, and reports false if it was there already.
func (o *Order) Add(key string) bool { return o.keys.Add(key, StringHash(key)) }

// ComputeIfAbsent puts key in as HashMap.computeIfAbsent does: unlike Add, at the
// head of its bucket, and growing a table too full only at the next call.
func (o *Order) ComputeIfAbsent(key string) bool {
	return o.keys.computeIfAbsent(key, StringHash(key))
}

// Remove takes key out, and reports false if it was not there.
func (o *Order) Remove(key string) bool { return o.keys.Remove(key, StringHash(key)) }

// Has tells whether key is in.
func (o *Order) Has(key string) bool { return o.keys.find(key, StringHash(key)) >= 0 }

// Len is the number of keys.
func (o *Order) Len() int { return o.keys.Len() }

// At is the key at place i of the iteration, from 0 to Len()-1.
func (o *Order) At(i int) string { return o.keys.At(i) }

// All iterates over the keys. The Order must not change meanwhile.
func (o *Order) All() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range o.Len() {
			if !yield(o.At(i)) {
				return
			}
		}
	}
}

// Clone is an independent copy.
func (o *Order) Clone() Order {
	return Order{Keys[string]{slices.Clone(o.keys.entries), o.keys.capacity}}
}

// Keys is the key set of a HashMap whose keys have another hashCode, which the
// caller computes: the same for the same key each time.
type Keys[K comparable] struct {
	entries  []entry[K] // as Java iterates them
	capacity uint32     // buckets, a power of two; 0 before the first key
}

type entry[K comparable] struct {
	key  K
	hash uint32 // the low bits choose the bucket
}

// Sized are the keys of a HashMap that was made for an initial capacity: the next
// power of two is the number of its buckets.
func Sized[K comparable](capacity int) Keys[K] {
	k := Keys[K]{capacity: 1}
	for int(k.capacity) < capacity {
		k.capacity *= 2
	}
	return k
}

// CopySize is the initial capacity of a HashSet that copies n keys of another
// collection: for one key more than there are.
func CopySize(n int) int { return max(n*4/3+1, initialCapacity) }

// Add puts key in, and reports false if it was there already. Like Java's, the
// table doubles when it is more than three quarters full.
func (k *Keys[K]) Add(key K, hashCode int32) bool {
	added := k.insert(key, hashCode, false)
	k.grow()
	return added
}

func (k *Keys[K]) computeIfAbsent(key K, hashCode int32) bool {
	k.grow()
	return k.insert(key, hashCode, true)
}

// insert puts key at the head or the tail of its bucket.
func (k *Keys[K]) insert(key K, hashCode int32, head bool) bool {
	if k.find(key, hashCode) >= 0 {
		return false
	}
	if k.capacity == 0 {
		k.capacity = initialCapacity
	}
	hash := spread(hashCode)
	at, tail := k.bucket(hash)
	if !head {
		at = tail
	}
	k.entries = slices.Insert(k.entries, at, entry[K]{key, hash})
	return true
}

// grow doubles a table that is more than three quarters full.
func (k *Keys[K]) grow() {
	if k.capacity == 0 || len(k.entries)*4 <= int(k.capacity)*3 {
		return
	}
	k.capacity *= 2
	slices.SortStableFunc(k.entries, func(a, b entry[K]) int {
		return int(a.hash&(k.capacity-1)) - int(b.hash&(k.capacity-1))
	})
}

// Remove takes key out, and reports false if it was not there. The table never
// shrinks, so it remembers how large it once was.
func (k *Keys[K]) Remove(key K, hashCode int32) bool {
	if i := k.find(key, hashCode); i >= 0 {
		k.entries = slices.Delete(k.entries, i, i+1)
		return true
	}
	return false
}

// Len is the number of keys.
func (k *Keys[K]) Len() int { return len(k.entries) }

// At is the key at place i of the iteration, from 0 to Len()-1.
func (k *Keys[K]) At(i int) K { return k.entries[i].key }

// find is the place of key in the iteration, or -1.
func (k *Keys[K]) find(key K, hashCode int32) int {
	if len(k.entries) == 0 {
		return -1
	}
	for i, end := k.bucket(spread(hashCode)); i < end; i++ {
		if k.entries[i].key == key {
			return i
		}
	}
	return -1
}

// bucket is the range of entries that share the bucket of hash.
func (k *Keys[K]) bucket(hash uint32) (from, to int) {
	mask := k.capacity - 1
	from = sort.Search(len(k.entries), func(i int) bool { return k.entries[i].hash&mask >= hash&mask })
	for to = from; to < len(k.entries) && k.entries[to].hash&mask == hash&mask; to++ {
	}
	return from, to
}

// spread is HashMap.hash: it mixes the high half of a hashCode into the low half.
func spread(hashCode int32) uint32 {
	h := uint32(hashCode)
	return h ^ h>>16
}
