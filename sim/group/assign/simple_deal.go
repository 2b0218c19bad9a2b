package assign

import "slices"

// dealing is one distribution of partitions among members that all subscribe to them.
// Members are numbers from 0.
type dealing struct {
	partitions []shared
	sharers    map[shared][]int // by partition, in the order in which they got it
	has        [][]shared       // by member, likewise
	desired    []int            // by member: how many partitions it is to have
	most       int              // sharers of a partition
}

func (d *dealing) give(member int, p shared) {
	d.has[member] = append(d.has[member], p)
	d.sharers[p] = append(d.sharers[p], member)
}

func (d *dealing) take(member int, p shared) {
	d.has[member] = slices.DeleteFunc(d.has[member], func(o shared) bool { return o == p })
	d.sharers[p] = slices.DeleteFunc(d.sharers[p], func(o int) bool { return o == member })
}

func (d *dealing) unfilled(member int) bool { return len(d.has[member]) < d.desired[member] }

func (d *dealing) open(p shared) bool { return len(d.sharers[p]) < d.most }

func (d *dealing) shares(member int, p shared) bool { return slices.Contains(d.sharers[p], member) }

// trimMembers takes from members that have more than they are to have
// (revokeOverfilledMembers).
func (d *dealing) trimMembers() {
	for m := range d.has {
		for len(d.has[m]) > d.desired[m] {
			d.take(m, d.has[m][0])
		}
	}
}

// trimPartitions takes partitions from the first of too many sharers
// (revokeOversharedPartitions).
func (d *dealing) trimPartitions() {
	for _, p := range d.partitions {
		for len(d.sharers[p]) > d.most {
			d.take(d.sharers[p][0], p)
		}
	}
}

// fill goes through the partitions and gives what is open to the members in turn that
// lack something (assignRemainingPartitions).
func (d *dealing) fill() {
	next := 0
	for _, p := range d.partitions {
		for tried := 0; tried < len(d.has) && d.open(p); tried++ {
			m := next
			next = (next + 1) % len(d.has)
			if d.unfilled(m) && !d.shares(m, p) {
				d.give(m, p)
				tried = -1
			}
		}
	}
}

// exchange helps members for whom only partitions are left that they share already:
// another gives them one of its own, and takes the open place.
func (d *dealing) exchange() {
	for m := range d.has {
		for d.unfilled(m) && d.exchangeFor(m) {
		}
	}
}

func (d *dealing) exchangeFor(member int) bool {
	for _, open := range d.partitions {
		if !d.open(open) {
			continue
		}
		for _, p := range d.partitions {
			if d.shares(member, p) {
				continue
			}
			for _, other := range d.sharers[p] {
				if !d.shares(other, open) {
					d.take(other, p)
					d.give(other, open)
					d.give(member, p)
					return true
				}
			}
		}
	}
	return false
}
