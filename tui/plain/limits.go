package plain

import (
	"ksim/sim/clock"
	"ksim/sim/scenario"
)

// pollLimit is how long the member's client waits for the next poll before it
// gives the member up; 0 where the client has no such limit.
func pollLimit(m *scenario.Member) clock.Duration {
	switch m.Client.Profile {
	case "java", "librdkafka", "kafka-python", "aiokafka":
		return m.Config.Millis("max.poll.interval.ms")
	}
	return 0
}

// sessionLimit is how long the coordinator waits for the next heartbeat, with the
// property that says so: the client's, or in the consumer protocol and in share groups the broker's; 0 for
// a member that is in no group.
func sessionLimit(g *scenario.Group, m *scenario.Member) (property string, limit clock.Duration) {
	const own = "consumer.session.timeout.ms"
	switch {
	case m.Client.Profile == "":
		return "", 0
	case g.Share:
		const shared = "share.session.timeout.ms"
		if g.Config.Given(shared) {
			return shared, g.Config.Millis(shared)
		}
		return "group." + shared, g.Config.Millis(shared)
	case !m.ConsumerProtocol():
		return "session.timeout.ms", m.Config.Millis("session.timeout.ms")
	case g.Config.Given(own):
		return own, g.Config.Millis(own)
	}
	return "group." + own, g.Config.Millis(own)
}

// sessionWords prints a member's session with the property that sets it.
func sessionWords(m *member) string { return limitWords(sessionLimit(m.group.conf, m.conf)) }

// limitWords prints a limit with the property that sets it.
func limitWords(property string, limit clock.Duration) string {
	return lasting(limit) + " (" + property + ")"
}
