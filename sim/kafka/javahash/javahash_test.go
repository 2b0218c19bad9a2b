package javahash

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The hashes were printed by java.lang.String.hashCode; the last keys pin that it
// counts UTF-16 units, not bytes or code points.
func TestStringHash(t *testing.T) {
	for _, c := range []struct {
		key  string
		want int32
	}{
		{"", 0}, {"a", 97}, {"my-group", -1906497762},
		{"h\u00e9llo", 103094734}, {"\U0001f600x", 54959989}, {"\uffff", 65535},
	} {
		if got := StringHash(c.key); got != c.want {
			t.Errorf("StringHash(%q) = %d, Java says %d", c.key, got, c.want)
		}
	}
}

// The orders were printed by java.util.HashMap: five keys in one table, keys whose
// hashes are equal, a table that grows, one that was large before, and keys that
// come back.
func TestOrderIsJavas(t *testing.T) {
	expect := func(o *Order, want string) {
		t.Helper()
		got := slices.Collect(o.All())
		if diff := cmp.Diff(strings.Fields(want), got); diff != "" {
			t.Errorf("order (-java +got):\n%s", diff)
		}
	}
	filled := func(keys string) *Order {
		var o Order
		for _, key := range strings.Fields(keys) {
			o.Add(key)
		}
		return &o
	}
	expect(filled("m1 m2 m3 m10 zeta alpha"), "zeta m1 m2 m3 alpha m10")
	expect(filled("AaBB x BBBB AaAa BBAa"), "x AaBB BBBB AaAa BBAa")

	o := filled("")
	for i := range 12 {
		o.Add(fmt.Sprint("consumer-", i))
	}
	expect(o, `consumer-11 consumer-10 consumer-9 consumer-8 consumer-7 consumer-6
		consumer-5 consumer-4 consumer-3 consumer-2 consumer-1 consumer-0`)
	o.Add("consumer-12") // the thirteenth key doubles the table
	expect(o, `consumer-11 consumer-10 consumer-6 consumer-5 consumer-4 consumer-3
		consumer-2 consumer-1 consumer-12 consumer-0 consumer-9 consumer-8 consumer-7`)
	for i := range 11 {
		o.Remove(fmt.Sprint("consumer-", i))
	}
	expect(o, "consumer-11 consumer-12")
	o.Add("consumer-3")
	o.Add("Aa")
	o.Add("BB")
	expect(o, "Aa BB consumer-11 consumer-3 consumer-12")
}

// computeIfAbsent puts a key before the others of its bucket, and lets the table be
// too full until it is called again. The orders were printed by java.util.HashMap.
func TestComputeIfAbsent(t *testing.T) {
	var o Order
	expect := func(want string) {
		t.Helper()
		if diff := cmp.Diff(strings.Fields(want), slices.Collect(o.All())); diff != "" {
			t.Errorf("order (-java +got):\n%s", diff)
		}
	}
	for _, key := range strings.Fields("AaBB x BBBB AaAa BBAa") {
		o.ComputeIfAbsent(key)
	}
	expect("x BBAa AaAa BBBB AaBB")

	o = Order{}
	for i := range 13 {
		o.ComputeIfAbsent(fmt.Sprint("consumer-", i))
	}
	expect(`consumer-11 consumer-10 consumer-9 consumer-8 consumer-7 consumer-6 consumer-5
		consumer-4 consumer-3 consumer-2 consumer-12 consumer-1 consumer-0`)
	if o.ComputeIfAbsent("consumer-0") {
		t.Error("a key that was there is reported as new")
	}
	expect(`consumer-11 consumer-10 consumer-6 consumer-5 consumer-4 consumer-3 consumer-2
		consumer-12 consumer-1 consumer-0 consumer-9 consumer-8 consumer-7`)
}

// Keys take whatever hash they are given: here that of java.lang.Integer.
func TestKeysOfAnotherType(t *testing.T) {
	var k Keys[int]
	for _, n := range []int{40, 8, 1, 24, 17} {
		k.Add(n, int32(n))
	}
	k.Remove(8, 8)
	k.Add(8, 8)
	var got []int
	for i := range k.Len() {
		got = append(got, k.At(i))
	}
	if diff := cmp.Diff([]int{1, 17, 40, 24, 8}, got); diff != "" {
		t.Errorf("order (-java +got):\n%s", diff)
	}
}

// A HashMap as the Java documentation describes it, one list per bucket, must
// agree with Order after any history; clones must not feel what happens later.
func TestOrderIsThatOfBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o Order
		buckets := make([][]string, initialCapacity)
		size := 0
		place := func(key string) *[]string { return &buckets[spread(StringHash(key))%uint32(len(buckets))] }
		for range rapid.IntRange(0, 120).Draw(t, "operations") {
			key := rapid.StringMatching(`[a-c]{1,4}`).Draw(t, "key")
			before, clone := slices.Collect(o.All()), o.Clone()
			i := slices.Index(*place(key), key)
			if rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
				if o.Remove(key) != (i >= 0) {
					t.Fatalf("Remove(%q) with the key at %d", key, i)
				}
				if i >= 0 {
					*place(key) = slices.Delete(*place(key), i, i+1)
					size--
				}
			} else {
				if o.Add(key) != (i < 0) {
					t.Fatalf("Add(%q) with the key at %d", key, i)
				}
				if i < 0 {
					*place(key) = append(*place(key), key)
					size++
				}
			}
			if size*4 > len(buckets)*3 {
				old := slices.Concat(buckets...)
				buckets = make([][]string, 2*len(buckets))
				for _, k := range old {
					*place(k) = append(*place(k), k)
				}
			}
			want := slices.Concat(buckets...)
			if got := slices.Collect(o.All()); !slices.Equal(got, want) || o.Len() != size {
				t.Fatalf("order %q, %d keys; buckets hold %q", got, o.Len(), want)
			}
			for at, k := range want {
				if o.At(at) != k || !o.Has(k) {
					t.Fatalf("At(%d) = %q, Has(%q) = %v", at, o.At(at), k, o.Has(k))
				}
			}
			if got := slices.Collect(clone.All()); !slices.Equal(got, before) {
				t.Fatalf("a clone changed: %q, was %q", got, before)
			}
		}
	})
}

// BenchmarkAdd is the cost of a group of 1000 members coming together.
func BenchmarkAdd(b *testing.B) {
	var keys []string
	for i := range 1000 {
		keys = append(keys, fmt.Sprintf("consumer-%d-3f2a9c", i))
	}
	for b.Loop() {
		var o Order
		for _, k := range keys {
			o.Add(k)
		}
	}
}
