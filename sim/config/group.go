package config

import (
	"fmt"

	"ksim/sim/kafka"
)

// group is org.apache.kafka.coordinator.group.GroupConfig: what an operator may
// set for one group of the consumer protocol, share groups and streams groups.
var group = indexed(catalogue{
	software: "a group",
	rows:     groupProperties,
	parse:    parseJava,
	unknown: func(_ kafka.Version, g Property) string {
		return "Unknown group config name: " + g.Key
	},
})

// boundedBy are the rules that a broker's configuration makes for its groups.
func boundedBy(broker Set) func(*resolution) {
	return func(r *resolution) {
		for _, kind := range []string{"consumer", "share", "streams"} {
			r.inherit(broker, kind, groupIntervals)
			if groupBounds(r, broker, kind) {
				groupHeartbeats(r, kind)
			}
		}
		r.inherit(broker, "share", shareLimits)
		bounded(r, broker, "share", shareLimits)
	}
}

// groupIntervals are the times that an operator may set for one group.
var groupIntervals = []string{"heartbeat.interval.ms", "session.timeout.ms", "assignment.interval.ms"}

// shareLimits are the limits of a share group's records, likewise. Before 4.3 only the
// first may be set for one group.
var shareLimits = []string{"record.lock.duration.ms", "delivery.count.limit", "partition.max.record.locks"}

// inherit takes over the broker's values where the operator has set none.
func (r *resolution) inherit(broker Set, kind string, settings []string) {
	for _, setting := range settings {
		if name := kind + "." + setting; !r.Given(name) {
			r.values[name] = broker.String("group." + name)
		}
	}
}

// groupBounds is the first part of GroupConfig.validateValues: an operator may go as
// far as the broker lets him.
func groupBounds(r *resolution, broker Set, kind string) (ok bool) {
	before := len(r.problems)
	bounded(r, broker, kind, groupIntervals)
	return len(r.problems) == before
}

func bounded(r *resolution, broker Set, kind string, settings []string) {
	for _, setting := range settings {
		name := kind + "." + setting
		least, most := "group."+kind+".min."+setting, "group."+kind+".max."+setting
		switch {
		case !r.Given(name):
		case r.Int(name) < broker.Int(least):
			r.refuse(name+" must be greater than or equal to "+least, fmt.Sprintf("%s is %d", least, broker.Int(least)), name)
		case r.Int(name) > broker.Int(most):
			r.refuse(name+" must be less than or equal to "+most, fmt.Sprintf("%s is %d", most, broker.Int(most)), name)
		}
	}
}

// groupHeartbeats is the other part: a session is longer than the time between two
// heartbeats.
func groupHeartbeats(r *resolution, kind string) {
	session, heartbeat := kind+".session.timeout.ms", kind+".heartbeat.interval.ms"
	if r.Int(session) > 0 && r.Int(session) <= r.Int(heartbeat) {
		r.refuse(session+" must be greater than "+heartbeat, fmt.Sprintf("%s is %d, %s %d", session, r.Int(session), heartbeat, r.Int(heartbeat)), session, heartbeat)
	}
}

var groupProperties = []property{
	{name: "consumer.session.timeout.ms", kind: integer, def: "45000", min: "1", since: kafka.V(4, 0, 0),
		doc: "Milliseconds without a heartbeat after which a member is fenced."},
	{name: "consumer.heartbeat.interval.ms", kind: integer, def: "5000", min: "1", since: kafka.V(4, 0, 0),
		doc: "Milliseconds between heartbeats of the members."},
	{name: "consumer.assignment.interval.ms", kind: integer, def: "1000", min: "0", since: kafka.V(4, 3, 0),
		doc: "Milliseconds between two computations of the assignment, at least."},

	{name: "share.session.timeout.ms", kind: integer, def: "45000", min: "1", since: kafka.V(4, 0, 0),
		doc: "Milliseconds without a heartbeat after which a member of a share group is removed."},
	{name: "share.heartbeat.interval.ms", kind: integer, def: "5000", min: "1", since: kafka.V(4, 0, 0),
		doc: "Milliseconds between heartbeats of a share group's members."},
	{name: "share.assignment.interval.ms", kind: integer, def: "1000", min: "0", since: kafka.V(4, 3, 0),
		doc: "Milliseconds between two computations of a share group's assignment, at least."},
	{name: "share.record.lock.duration.ms", kind: integer, def: "30000", min: "1000", since: kafka.V(4, 0, 0),
		doc: "Milliseconds for which a delivered record is locked."},
	{name: "share.delivery.count.limit", kind: integer, def: "5", min: "2", since: kafka.V(4, 3, 0),
		doc: "How often a record is delivered before it is given up."},
	{name: "share.partition.max.record.locks", kind: integer, def: "2000", min: "100", since: kafka.V(4, 3, 0),
		doc: "Largest number of locked records of a share partition."},
	{name: "share.auto.offset.reset", kind: text, def: "latest", since: kafka.V(4, 0, 0),
		oneOf: []string{"latest", "earliest", "by_duration:PnDTnHnMn.nS"}, check: shareOffsetReset,
		doc: "Where a share group starts in a partition."},
	{name: "share.isolation.level", kind: text, def: "read_uncommitted", oneOf: []string{"read_committed", "read_uncommitted"}, since: kafka.V(4, 1, 0),
		doc: "Whether a share group gets records of open or aborted transactions."},
	{name: "share.renew.acknowledge.enable", kind: boolean, def: "true", since: kafka.V(4, 2, 0),
		doc: "Whether a share consumer may renew its lock of a record."},

	{name: "streams.session.timeout.ms", kind: integer, def: "45000", min: "1", since: kafka.V(4, 1, 0),
		doc: "Milliseconds without a heartbeat after which a member of a streams group is removed."},
	{name: "streams.heartbeat.interval.ms", kind: integer, def: "5000", min: "1", since: kafka.V(4, 1, 0),
		doc: "Milliseconds between heartbeats of a streams group's members."},
	{name: "streams.assignment.interval.ms", kind: integer, def: "1000", min: "0", since: kafka.V(4, 3, 0),
		doc: "Milliseconds between two computations of a streams group's assignment, at least."},
	{name: "streams.num.standby.replicas", kind: integer, def: "0", min: "0", since: kafka.V(4, 1, 0),
		doc: "Number of standby tasks of each task."},
	{name: "streams.initial.rebalance.delay.ms", kind: integer, def: "3000", min: "0", since: kafka.V(4, 2, 0),
		doc: "Milliseconds for which the first assignment of a streams group waits for more members."},
}

// shareOffsetReset is ShareGroupAutoOffsetResetStrategy.Validator.
func shareOffsetReset(value string) string {
	if value != "none" && offsetReset(value) == "" {
		return ""
	}
	return "Invalid value `" + value + "` for configuration share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS.>'."
}
