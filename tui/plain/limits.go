package plain

import "ksim/sim/clock"

// sessionWords prints a member's session with the property that sets it.
func sessionWords(m *member) string { return limitWords(m.group.conf.SessionLimit(m.conf)) }

// limitWords prints a limit with the property that sets it.
func limitWords(property string, limit clock.Duration) string {
	return lasting(limit) + " (" + property + ")"
}
