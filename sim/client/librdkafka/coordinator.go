package librdkafka

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// coordinator is what is known of the group's coordinator. While it is unknown
// the group's state is query-coord or wait-coord, else up.
type coordinator struct {
	broker int32      // 0: unknown
	asking bool       // FindCoordinator has no answer yet
	next   clock.Time // earliest instant of the next query
}

// coordinatorRetry is the least time between two queries while the coordinator is
// unknown (rd_kafka_cgrp_serve).
const coordinatorRetry = 500 * clock.Millisecond

// bootstrap is the broker that is asked while no other is known.
const bootstrap = 1

// serveCoordinator looks for the coordinator: while it is unknown, and from time
// to time afterwards.
func (c *Consumer) serveCoordinator(h client.Host, now clock.Time) {
	k := &c.coordinator
	if k.asking || now < k.next {
		return
	}
	k.next = now + coordinatorRetry
	if k.broker != 0 {
		k.next = now + c.s.coordinatorQuery
	}
	c.queryCoordinator(h, now)
}

// queryCoordinator is rd_kafka_cgrp_coord_query.
func (c *Consumer) queryCoordinator(h client.Host, now clock.Time) {
	if c.coordinator.asking {
		return
	}
	c.coordinator.asking = true
	c.send(h, now, c.anyBroker(now), request{api: apiFindCoordinator}, &kafka.FindCoordinatorRequest{Group: c.o.Group})
}

// coordinatorFound is rd_kafka_cgrp_handle_FindCoordinator. A failed query leaves
// a coordinator that is known in its place.
func (c *Consumer) coordinatorFound(now clock.Time, r *kafka.FindCoordinatorResponse) {
	k := &c.coordinator
	k.asking = false
	if r.Err != kafka.ErrNone {
		return
	}
	if !c.reachable(r.Broker, now) { // wait-broker-transport
		return
	}
	k.broker = r.Broker
	k.next = now + c.s.coordinatorQuery
}

// anyBroker is a broker to ask what every broker knows: the first whose connection is
// up, or may be tried, and if there is none the first of all.
func (c *Consumer) anyBroker(now clock.Time) int32 {
	for _, b := range c.metadata.brokers {
		if c.reachable(b, now) {
			return b
		}
	}
	if len(c.metadata.brokers) > 0 {
		return c.metadata.brokers[0]
	}
	return bootstrap
}
