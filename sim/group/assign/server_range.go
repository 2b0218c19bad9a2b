package assign

import "slices"

// ServerRange is the broker's range (org.apache.kafka.coordinator.group.assignor,
// RangeAssignor): each topic in contiguous blocks to its subscribers, static members
// first by instance id, then by member id. It does not look at who has what.
// When all are taken to subscribe to the same topics, those of the first count for
// everybody.
func ServerRange(topics []ServerTopic, members []ServerMember, homogeneous bool) []Target {
	order := serverOrder(members)
	subscribed := func(m int) []int {
		if homogeneous {
			m = order[0]
		}
		return members[m].Topics
	}
	subscribers := make([]int32, len(topics))
	for m := range members {
		for _, t := range subscribed(m) {
			subscribers[t]++
		}
	}
	next := make([]int32, len(topics))
	served := make([]int32, len(topics))
	targets := make([]Target, len(members))
	for _, m := range order {
		targets[m] = Target{}
		for _, t := range subscribed(m) {
			size := topics[t].Partitions / subscribers[t]
			if served[t] < topics[t].Partitions%subscribers[t] {
				size++
			}
			served[t]++
			if size == 0 {
				continue
			}
			block := make([]int32, size)
			for i := range block {
				block[i] = next[t] + int32(i)
			}
			next[t] += size
			targets[m] = append(targets[m], TopicShare{t, block})
		}
	}
	return targets
}

// serverOrder is the members as range goes through them.
func serverOrder(members []ServerMember) []int {
	order := make([]int, len(members))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := &members[a], &members[b]
		return byInstanceThenID(&Member{ID: x.ID, InstanceID: x.InstanceID}, &Member{ID: y.ID, InstanceID: y.InstanceID})
	})
	return order
}
