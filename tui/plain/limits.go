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

// sessionLimit is how long the coordinator waits for the next heartbeat; 0 for
// a member that is in no group.
func sessionLimit(m *scenario.Member) clock.Duration {
	if m.Client.Profile == "" {
		return 0
	}
	return m.Config.Millis("session.timeout.ms")
}

// limitWords prints a limit with the property that sets it.
func limitWords(property string, limit clock.Duration) string {
	return lasting(limit) + " (" + property + ")"
}
