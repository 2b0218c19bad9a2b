package assign

import "slices"

// balance moves partitions to members that have fewer. What has been moved for
// nothing, as the result is no better, is moved back.
func (a *general) balance(unassigned, all []int, initializing bool) {
	owned := make([][]int, len(a.owned))
	for m := range owned {
		owned[m] = slices.Clone(a.owned[m])
	}
	before := a.imbalance()
	a.reassign(unassigned)
	if moved := a.reassign(all); moved && !initializing && a.imbalance() >= before {
		a.owned = owned
	}
}

// maxPasses ends a walk in circles. The Java client has no such limit, and four
// members with four topics can be enough to send it round for ever; assignments
// that it does finish take a few passes.
const maxPasses = 100

// reassign goes through the partitions until a whole pass moves none of them, or
// all is balanced, and tells whether it has moved any.
func (a *general) reassign(list []int) (moved bool) {
	again := true
	for pass := 0; again && pass < maxPasses; pass++ {
		again = false
		for _, p := range list {
			if a.balanced() {
				break
			}
			if to, ok := a.betterOwner(p); ok {
				a.move(p, to)
				moved, again = true, true
			}
		}
	}
	return moved
}

// betterOwner finds a member that has at least two partitions less than the owner
// of p: the one that owned it before if possible, else the least loaded.
func (a *general) betterOwner(p int) (int, bool) {
	load := len(a.owned[a.owner[p]])
	if old := a.previous[p].member; old != none && load > len(a.owned[old])+1 {
		return old, true
	}
	topic := a.topicOf[p]
	for _, m := range a.topics[topic].subscribers {
		if load > len(a.owned[m])+1 {
			return a.leastLoaded(topic), true
		}
	}
	return none, false
}

// move gives p to a member, or in its place another partition of the topic that
// had been moved the other way.
func (a *general) move(p, to int) {
	p = a.moves.instead(a.topicOf[p], p, a.owner[p], to)
	a.moves.record(a.topicOf[p], a.partitions[p], p, a.owner[p], to)
	a.give(p, to)
}

// balanced tells whether no member could get a partition from one that has more, by
// the gap at least.
func (a *general) balanced() bool {
	if len(a.owned[a.byLoad[0]]) >= len(a.owned[a.byLoad[len(a.byLoad)-1]])-1 {
		return true
	}
	most := make([]int, len(a.topics)) // partitions of the topic's most loaded owner
	for p, m := range a.owner {
		most[a.topicOf[p]] = max(most[a.topicOf[p]], len(a.owned[m]))
	}
	for _, m := range a.byLoad {
		if len(a.owned[m]) == a.capacity[m] {
			// Not always all that it subscribes: betterOwner may have given it back
			// what it no longer does.
			continue
		}
		for t, subscribed := range a.subscribed[m] {
			if subscribed && len(a.owned[m])+a.gap <= most[t] {
				return false
			}
		}
	}
	return true
}

// imbalance is the sum of the differences between any two members' loads.
func (a *general) imbalance() int {
	sum := 0
	for i, m := range a.byLoad {
		// byLoad ascends: m is above all those before it.
		for _, less := range a.byLoad[:i] {
			sum += len(a.owned[m]) - len(a.owned[less])
		}
	}
	return sum
}
