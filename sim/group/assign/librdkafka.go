package assign

import "cmp"

// LibrdkafkaRange is librdkafka's range. It differs from the Java client's in the
// place of static members only: by their instance ids among themselves, but by
// member id beside dynamic ones (rd_kafka_group_member_cmp).
func LibrdkafkaRange(topics []Topic, members []Member) []Assigned {
	g := newGroup(topics, members)
	return g.assigned(g.rangeIn(g.sortedMembers(librdkafkaOrder)))
}

// LibrdkafkaRoundRobin is librdkafka's roundrobin, which differs from the Java
// client's as its range does.
func LibrdkafkaRoundRobin(topics []Topic, members []Member) []Assigned {
	g := newGroup(topics, members)
	return g.assigned(g.roundRobinIn(g.sortedMembers(librdkafkaOrder)))
}

// librdkafkaOrder is no total order when static and dynamic members mix: what its
// sort makes of a circle is then chance there, and HashMap order here.
func librdkafkaOrder(a, b *Member) int {
	if a.InstanceID != "" && b.InstanceID != "" {
		return cmp.Compare(a.InstanceID, b.InstanceID)
	}
	return byID(a, b)
}
