package producer

import (
	"slices"
	"strconv"

	"ksim/sim/broker"
	"ksim/sim/clock"
)

// drawn is partitions drawn at random: one for each run of records, by block
// of draws. Each block has a random stream of its own, so that any block can be
// drawn again; how much each partition has of the blocks before it is kept.
type drawn struct {
	source     source
	partitions int32
	run        int64   // records a draw
	skip       int64   // records before record 1
	skipped    []int64 // how many of them went to each partition
	choose     chooser // immutable
	size       int64   // draws a block

	begin  int64   // the first block that is ever looked at
	before []int64 // by block from begin on and partition: draws in all blocks before it
	latest []int32 // by block from begin on: the partition drawn before it, -1 before the first
	drawn  [2]block
}

// source names the random streams of a producer.
type source struct {
	seed           uint64
	actor, purpose string
}

// block is the draws of one block, by partition. It never changes once it is made.
type block struct {
	number int64 // from 0; -1: none
	first  []int32
	at     []int32 // those of partition p are at[first[p]:first[p+1]], ascending
	last   int32
}

// blockDraws is how many draws a block has at least: more where there are many
// partitions, so that their counts stay small beside the draws.
const blockDraws = 4096

func newDrawn(s source, w broker.Writing, run int64, c chooser) *drawn {
	d := &drawn{
		source: s, partitions: w.Partitions, run: run, choose: c, size: max(blockDraws, 16*int64(w.Partitions)),
		before: make([]int64, w.Partitions), latest: []int32{-1}, drawn: [2]block{{number: -1}, {number: -1}},
	}
	d.skip, d.skipped, d.begin = w.Before, make([]int64, w.Partitions), w.Before/run/d.size
	for p := range d.skipped {
		d.skipped[p] = d.total(w.Before, int32(p))
	}
	return d
}

// UpTo counts the records k = 1 … n that go to partition p.
func (d *drawn) UpTo(n int64, p int32) int64 {
	if p >= d.partitions {
		return 0
	}
	return d.total(d.skip+n, p) - d.skipped[p]
}

// total counts the records up to n, from the first block on, that go to
// partition p.
func (d *drawn) total(n int64, p int32) int64 {
	draws, rest := n/d.run, n%d.run
	b := d.block(draws / d.size)
	at := b.of(p)
	i, hit := slices.BinarySearch(at, int32(draws%d.size))
	count := (d.before[(b.number-d.begin)*int64(d.partitions)+int64(p)] + int64(i)) * d.run
	if hit {
		count += rest
	}
	return count
}

// Next is the first record from k to last that goes to partition p, or 0.
func (d *drawn) Next(k int64, p int32, last int64) int64 {
	if p >= d.partitions || k > last || !d.choose.reaches(p) {
		return 0
	}
	draw, end := (d.skip+k-1)/d.run, (d.skip+last-1)/d.run
	b := d.block(draw / d.size)
	i, hit := slices.BinarySearch(b.of(p), int32(draw%d.size))
	if hit {
		return k
	}
	for i == len(b.of(p)) {
		if b.number == end/d.size {
			return 0
		}
		b, i = d.block(b.number+1), 0
	}
	if draw = b.number*d.size + int64(b.of(p)[i]); draw > end {
		return 0
	}
	return draw*d.run - d.skip + 1
}

// block is a block's draws: those before it are drawn first, if they never were.
func (d *drawn) block(number int64) *block {
	b := &d.drawn[number%2]
	if b.number == number {
		return b
	}
	for n := d.begin + int64(len(d.latest)) - 1; n < number; n++ {
		x := d.draw(n)
		d.drawn[n%2] = x
		row := d.before[(n-d.begin)*int64(d.partitions):]
		for p := range d.partitions {
			d.before = append(d.before, row[p]+int64(x.first[p+1]-x.first[p]))
		}
		d.latest = append(d.latest, x.last)
	}
	*b = d.draw(number)
	return b
}

// draw draws a block whose predecessors have been drawn.
func (d *drawn) draw(number int64) block {
	s := clock.NewStream(d.source.seed, d.source.actor, d.source.purpose+" "+strconv.FormatInt(number, 10))
	b := block{number: number, first: make([]int32, d.partitions+1), at: make([]int32, d.size), last: d.latest[number-d.begin]}
	places := make([]int32, d.size)
	for i := range places {
		b.last = d.choose.draw(&s, b.last)
		places[i] = b.last
		b.first[b.last+1]++
	}
	for p := range d.partitions {
		b.first[p+1] += b.first[p]
	}
	next := slices.Clone(b.first)
	for i, p := range places {
		b.at[next[p]] = int32(i)
		next[p]++
	}
	return b
}

// of is which of the block's draws are of partition p.
func (b *block) of(p int32) []int32 { return b.at[b.first[p]:b.first[p+1]] }

// Clone shares what never changes; both go on drawing for themselves.
func (d *drawn) Clone() broker.Split {
	c := *d
	c.before, c.latest = slices.Clip(d.before), slices.Clip(d.latest)
	return &c
}
