package scenario

import "ksim/sim/clock"

// PollLimit is how long the member's client waits for the next poll before it gives
// the member up (max.poll.interval.ms); 0 where the client has no such limit.
func (m *Member) PollLimit() clock.Duration {
	switch m.Client.Profile {
	case "java", "librdkafka", "kafka-python", "aiokafka":
		return m.Config.Millis("max.poll.interval.ms")
	}
	return 0
}

// SessionLimit is how long the coordinator waits for a member's next heartbeat, with
// the property that says so: the client's, or in the consumer protocol and in share
// groups the broker's; 0 for a member that is in no group.
func (g *Group) SessionLimit(m *Member) (property string, limit clock.Duration) {
	return g.brokerOr(m, "session.timeout.ms")
}

// HeartbeatInterval is how long a member's client waits from one heartbeat to the
// next, with the property that says so; 0 for a member that is in no group.
func (g *Group) HeartbeatInterval(m *Member) (property string, interval clock.Duration) {
	return g.brokerOr(m, "heartbeat.interval.ms")
}

// brokerOr is a member's time of that name: its client's own, but in the consumer
// protocol and in share groups what the broker has for the group.
func (g *Group) brokerOr(m *Member, name string) (property string, time clock.Duration) {
	own := ""
	switch {
	case m.Client.Profile == "":
		return "", 0
	case g.Share:
		own = "share." + name
	case m.ConsumerProtocol():
		own = "consumer." + name
	default:
		return name, m.Config.Millis(name)
	}
	if g.Config.Given(own) {
		return own, g.Config.Millis(own)
	}
	return "group." + own, g.Config.Millis(own)
}
