package sqs

import (
	"maps"
	"slices"

	"ksim/sim/clock"
)

// groups is the message groups of a FIFO queue. Messages of a group are received
// in order, and while one of them is in flight no other is, by anybody.
type groups struct {
	all   []group
	index map[string]int // by MessageGroupId; never iterated
	free  heap[head]     // groups that may be received from; one may stand here more than once

	// A queue looks for free groups among its first messages only. Those of places
	// below the horizon are looked at; within counts those that are still there.
	horizon int
	within  int
}

// group is one message group: the places of its messages in order, the first ones
// of which may have gone.
type group struct {
	places   []int
	first    int
	inFlight int
}

// head is a group and the place of its first message.
type head struct{ place, group int }

func (x head) before(other head) bool { return x.place < other.place }

// of is the number of a group.
func (g *groups) of(name string) int {
	i, known := g.index[name]
	if !known {
		i = len(g.all)
		g.index[name] = i
		g.all = append(g.all, group{})
	}
	return i
}

func (g *groups) clone() groups {
	c := *g
	c.all, c.index, c.free = slices.Clone(g.all), maps.Clone(g.index), slices.Clone(g.free)
	for i := range c.all {
		c.all[i].places = slices.Clone(c.all[i].places)
	}
	return c
}

// line puts a new message behind the others of its group.
func (q *Queue) line(i int) {
	of := q.groups.of(q.entries[i].Group)
	q.entries[i].group = of
	q.groups.all[of].places = append(q.groups.all[of].places, i)
	q.look()
}

// look moves the horizon as far as it may be.
func (q *Queue) look() {
	g := &q.groups
	for g.within < searchedForGroups && g.horizon < len(q.entries) {
		i := g.horizon
		g.horizon++
		if !q.entries[i].state.gone() {
			g.within++
			q.offer(q.entries[i].group)
		}
	}
}

// first is the place of a group's first message that is still there.
func (q *Queue) first(of int) (int, bool) {
	g := &q.groups.all[of]
	for g.first < len(g.places) && q.entries[g.places[g.first]].state.gone() {
		g.first++
	}
	if g.first == len(g.places) {
		return 0, false
	}
	return g.places[g.first], true
}

// mayReceive tells whether a group has something to receive, and where it begins.
func (q *Queue) mayReceive(of int) (int, bool) {
	i, ok := q.first(of)
	return i, ok && q.groups.all[of].inFlight == 0 && q.entries[i].state == Visible && i < q.groups.horizon
}

// offer lets a group be found if it may be received from.
func (q *Queue) offer(of int) {
	if i, ok := q.mayReceive(of); ok {
		q.groups.free.push(head{i, of})
	}
}

// regroup is what a message's change of state means to its group.
func (q *Queue) regroup(i int, from, to State) {
	of := q.entries[i].group
	if from == InFlight {
		q.groups.all[of].inFlight--
	}
	if to == InFlight {
		q.groups.all[of].inFlight++
		return
	}
	if to.gone() && i < q.groups.horizon {
		q.groups.within--
		q.look()
	}
	q.offer(of)
}

// takeGroups receives up to most messages: as many as it has of the group whose first
// message is the oldest, then of the next.
func (q *Queue) takeGroups(h Host, now clock.Time, most int) []Delivery {
	var got []Delivery
	for len(got) < most && !q.full() && len(q.groups.free) > 0 {
		x := q.groups.free.pop()
		if i, ok := q.mayReceive(x.group); ok && i == x.place { // else it was, when it was put here
			got = q.takeGroup(h, now, x.group, most, got)
		}
	}
	return got
}

// takeGroup receives of one group, until one of its messages has to wait. Where the
// first one goes to the dead-letter queue another group may be the next.
func (q *Queue) takeGroup(h Host, now clock.Time, of, most int, got []Delivery) []Delivery {
	before := len(got)
	for k := q.groups.all[of].first; k < len(q.groups.all[of].places) && len(got) < most && !q.full(); k++ {
		i := q.groups.all[of].places[k]
		switch state := q.entries[i].state; {
		case state.gone():
			continue
		case state != Visible || i >= q.groups.horizon:
			return got
		}
		if got = q.deliver(h, now, i, got); len(got) == before {
			return got
		}
	}
	return got
}
