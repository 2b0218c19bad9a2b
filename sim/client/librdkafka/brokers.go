package librdkafka

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
)

// lostBroker is a broker whose connection has broken and could not be opened again
// so far (rd_kafka_broker_t in state DOWN or TRY_CONNECT).
type lostBroker struct {
	broker  int32
	failed  int        // attempts
	retryAt clock.Time // reconnect.backoff.ms: no attempt before
}

// reachable tells whether a broker may be asked: its connection is up, or it is time
// to try again.
func (c *Consumer) reachable(broker int32, now clock.Time) bool {
	i := slices.IndexFunc(c.lost, func(l lostBroker) bool { return l.broker == broker })
	return i < 0 || now >= c.lost[i].retryAt
}

// brokerUp notes an answer.
func (c *Consumer) brokerUp(broker int32) {
	if len(c.lost) > 0 {
		c.lost = slices.DeleteFunc(c.lost, func(l lostBroker) bool { return l.broker == broker })
	}
}

// brokerDown notes a connection that has broken, or could not be opened
// (rd_kafka_broker_fail, rd_kafka_broker_update_reconnect_backoff).
func (c *Consumer) brokerDown(now clock.Time, broker int32) {
	i := slices.IndexFunc(c.lost, func(l lostBroker) bool { return l.broker == broker })
	if i < 0 {
		i = len(c.lost)
		c.lost = append(c.lost, lostBroker{broker: broker})
	}
	l := &c.lost[i]
	wait := c.s.reconnectBackoff
	for n := 0; n < l.failed && wait < c.s.reconnectBackoffMax; n++ {
		wait *= 2
	}
	l.failed++
	l.retryAt = now + min(wait, c.s.reconnectBackoffMax)
}

// logBroken prints what the threads of a broker say when the peer closes their
// connections, and once, at the next attempt, that none can be opened: librdkafka
// suppresses lines that are alike.
func (c *Consumer) logBroken(now clock.Time, broker int32) {
	name := c.o.Nodes[broker-1]
	i := slices.IndexFunc(c.lost, func(l lostBroker) bool { return l.broker == broker })
	switch {
	case i < 0:
		const broken = "Disconnected: connection closed by peer: receive 0 after POLLIN (after %sms in state UP)"
		up := ms(now - c.started)
		c.logThread("INFO", facFail, fmt.Sprintf("%s/%d", name, broker), fmt.Sprintf("%s/%d: "+broken, name, broker, up))
		if c.coordinator.broker == broker {
			c.logThread("INFO", facFail, threadCoordinator, fmt.Sprintf(threadCoordinator+": %s: "+broken, name, up))
		}
	case c.lost[i].failed == 1:
		c.logThread("ERROR", facFail, name+"/bootstrap", fmt.Sprintf("%s/bootstrap: Connect to ipv4#%s failed: Connection refused (after 0ms in state CONNECT)", name, name))
	}
}

// logTimedOut prints that the answers of a broker are overdue
// (rd_kafka_broker_timeout_scan).
func (c *Consumer) logTimedOut(q request, overdue int) {
	name := c.o.Nodes[q.broker-1]
	thread, who := fmt.Sprintf("%s/%d", name, q.broker), fmt.Sprintf("%s/%d", name, q.broker)
	if q.api.toCoordinator() {
		thread, who = threadCoordinator, threadCoordinator+": "+name
	}
	c.logThread("WARNING", "REQTMOUT", thread, fmt.Sprintf("%s: Timed out %d in-flight, 0 retry-queued, 0 out-queue, 0 partially-sent requests", who, overdue))
}

// toCoordinator tells whether a request goes over the group's own connection.
func (a api) toCoordinator() bool {
	switch a {
	case apiMetadata, apiFindCoordinator, apiListOffsets, apiFetch:
		return false
	}
	return true
}

const (
	facFail           = "FAIL"
	threadCoordinator = "GroupCoordinator"
)

// logThread is a line of a broker's thread.
func (c *Consumer) logThread(level, facility, thread, text string) {
	c.queue.push(op{kind: opLog, level: level, text: facility + " [" + c.o.ClientID + "#consumer-1] [thrd:" + thread + "]: " + text})
}

// Disconnected is the end of a broker's connections that nothing waits for.
func (c *Consumer) Disconnected(h client.Host, now clock.Time, broker int32) {
	c.enter(h, now)
	if c.reachable(broker, now) {
		c.logBroken(now, broker)
		c.connectionLost(h, now, broker)
	}
	c.proceed(h, now)
}
