package assign

// RoundRobin is the Java RoundRobinAssignor: all partitions, by topic and number,
// one by one to the members in turn, static ones first by instance id, then by
// member id. A member that does not subscribe the topic is passed over.
func RoundRobin(topics []Topic, members []Member) []Assigned {
	g := newGroup(topics, members)
	return g.assigned(g.roundRobinIn(g.sortedMembers(byInstanceThenID)))
}

// roundRobinIn deals out partitions to members in the given order.
func (g *group) roundRobinIn(order []int) [][]int {
	owned := make([][]int, len(g.members))
	turn := 0
	for p, t := range g.topicOf {
		for !g.subscribed[order[turn]][t] {
			turn = (turn + 1) % len(order)
		}
		m := order[turn]
		owned[m] = append(owned[m], p)
		turn = (turn + 1) % len(order)
	}
	return owned
}
