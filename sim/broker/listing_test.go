package broker

import (
	"slices"
	"testing"
)

// TestListed holds the order of partitions in metadata to what a 4.1 broker gave:
// the lines `found topic/partition` of recordings of kafka-go.
func TestListed(t *testing.T) {
	for n, want := range map[int][]int32{
		4: {1, 3, 2, 0},
		6: {1, 3, 2, 5, 0, 4},
	} {
		parts := slices.Repeat([]listing{{leader: 1, replicas: []int32{1}, isrs: []int32{1}}}, n)
		if got := listed(parts); !slices.Equal(got, want) {
			t.Errorf("%d partitions: %v, want %v", n, got, want)
		}
	}
}

// TestListedAll shows that no partition is lost, whatever the table's size.
func TestListedAll(t *testing.T) {
	for n := range 200 {
		parts := slices.Repeat([]listing{{leader: 2, replicas: []int32{2, 3}, isrs: []int32{2}}}, n)
		got := listed(parts)
		slices.Sort(got)
		for p := range n {
			if len(got) != n || got[p] != int32(p) {
				t.Fatalf("%d partitions: %v", n, got)
			}
		}
	}
}
