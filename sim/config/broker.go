package config

import (
	"fmt"
	"slices"

	"ksim/sim/kafka"
)

// broker is kafka.server.KafkaConfig.
var broker = indexed(catalogue{
	software: "the broker",
	rows:     slices.Concat(brokerGroups, brokerLog, brokerServer, brokerSecurity()),
	parse:    parseJava,
	unknown: func(v kafka.Version, g Property) string {
		return fmt.Sprintf("a %s broker has no property %q", v, g.Key)
	},
	rules: []func(*resolution){brokerGroupBounds, brokerGroupProtocols, brokerRetention},
})

// brokerSecurity is what brokers have of the clients' properties of security.
func brokerSecurity() []property {
	clientsOnly := []string{"security.protocol", "sasl.mechanism", "sasl.oauthbearer.header.urlencode"}
	return slices.DeleteFunc(slices.Clone(javaSecurity), func(p property) bool { return slices.Contains(clientsOnly, p.name) })
}

// brokerGroupBounds is the constructor of GroupCoordinatorConfig: an interval
// lies between its own bounds, and heartbeats are more frequent than sessions.
func brokerGroupBounds(r *resolution) {
	for _, kind := range []string{"consumer", "share", "streams"} {
		prefix := "group." + kind + "."
		for _, interval := range []string{"heartbeat.interval.ms", "session.timeout.ms", "assignment.interval.ms"} {
			value, least, most := prefix+interval, prefix+"min."+interval, prefix+"max."+interval
			r.atLeast(most, least)
			r.atLeast(value, least)
			if r.Int(value) > r.Int(most) {
				r.refuse(value+" must be less than or equal to "+most, "", value, most)
			}
		}
		heartbeat, session := prefix+"heartbeat.interval.ms", prefix+"session.timeout.ms"
		if r.Int(heartbeat) > 0 && r.Int(heartbeat) >= r.Int(session) {
			r.refuse(heartbeat+" must be less than "+session, "", heartbeat, session)
		}
	}
}

// brokerGroupProtocols is GroupCoordinatorConfig.rebalanceProtocols: the classic
// protocol cannot be left out.
func brokerGroupProtocols(r *resolution) {
	const name = "group.coordinator.rebalance.protocols"
	if r.Given(name) && !slices.Contains(r.List(name), "classic") {
		r.refuse("Disabling the 'classic' protocol is not supported.", "", name)
	}
}

// atLeast refuses a value below that of least.
func (r *resolution) atLeast(name, least string) {
	if r.Int(name) < r.Int(least) {
		r.refuse(name+" must be greater than or equal to "+least, "", name, least)
	}
}

// brokerRetention is KafkaConfig.logRetentionTimeMillis: the finest unit that
// is given counts, and any negative number is no limit.
func brokerRetention(r *resolution) {
	const name = "log.retention.ms"
	retention, from := r.Int("log.retention.hours"), "log.retention.hours"
	retention *= 60 * 60 * 1000
	if r.Given("log.retention.minutes") {
		retention, from = r.Int("log.retention.minutes")*60*1000, "log.retention.minutes"
	}
	if r.Given(name) {
		retention, from = r.Int(name), name
	}
	if retention == 0 {
		r.refuse("log.retention.ms must be unlimited (-1) or, equal or greater than 1", "", from)
	}
	r.values[name] = fmt.Sprint(max(retention, -1))
}
