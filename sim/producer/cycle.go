package producer

import (
	"slices"

	"ksim/sim/broker"
)

// cycle is keys in turn: record k has the key (k−1) mod n. It never changes.
type cycle struct {
	n  int64
	at [][]int64 // by partition: which of a turn's n records it gets, ascending
}

func newCycle(places []int32, partitions int32) *cycle {
	c := &cycle{n: int64(len(places)), at: make([][]int64, partitions)}
	for i, p := range places {
		c.at[p] = append(c.at[p], int64(i))
	}
	return c
}

// UpTo counts the records k = 1 … n that go to partition p.
func (c *cycle) UpTo(n int64, p int32) int64 {
	if int(p) >= len(c.at) {
		return 0
	}
	rest, _ := slices.BinarySearch(c.at[p], n%c.n)
	return n/c.n*int64(len(c.at[p])) + int64(rest)
}

// Next is the first record from k to last that goes to partition p, or 0.
func (c *cycle) Next(k int64, p int32, last int64) int64 {
	if int(p) >= len(c.at) || len(c.at[p]) == 0 {
		return 0
	}
	turn, rest := (k-1)/c.n, (k-1)%c.n
	i, _ := slices.BinarySearch(c.at[p], rest)
	if i == len(c.at[p]) {
		turn, i = turn+1, 0
	}
	if k = turn*c.n + c.at[p][i] + 1; k > last {
		return 0
	}
	return k
}

// Clone is the cycle itself.
func (c *cycle) Clone() broker.Split { return c }
