package assign

import "slices"

// ServerRange is the broker's range (org.apache.kafka.coordinator.group.assignor,
// RangeAssignor): each topic in contiguous blocks to its subscribers, static members
// first by instance id, then by member id. It does not look at who has what.
func ServerRange(topics []ServerTopic, members []ServerMember, _ bool) []Target {
	subscribers := make([]int32, len(topics))
	for i := range members {
		for _, t := range members[i].Topics {
			subscribers[t]++
		}
	}
	next := make([]int32, len(topics))
	served := make([]int32, len(topics))
	targets := make([]Target, len(members))
	for _, m := range serverOrder(members) {
		targets[m] = Target{}
		for _, t := range members[m].Topics {
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
