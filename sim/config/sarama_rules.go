package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ksim/sim/kafka"
)

var saramaConsumer = indexed(catalogue{
	software: "sarama",
	rows:     saramaProperties,
	read:     readGo,
	unknown:  saramaUnknown,
	rules:    []func(*resolution){saramaHeartbeat, saramaStrategies, saramaWarnings},
})

// saramaUnknown says that the Config struct has no such field, in the compiler's
// words for a name of that form, and what there is instead of what other clients
// have.
func saramaUnknown(v kafka.Version, g Property) string {
	message := fmt.Sprintf("sarama %s has no option %q", v, g.Key)
	switch g.Key {
	case "max.poll.interval.ms":
		return message + ": it has no poll deadline, a handler may take for ever until the group rebalances"
	case "max.poll.records":
		return message + ": its handlers are given one message after the other (ChannelBufferSize is what waits before each)"
	case "group.protocol":
		return message + ": it speaks the classic protocol only"
	}
	if at := strings.LastIndexByte(g.Key, '.'); at > 0 && g.Key[0] >= 'A' && g.Key[0] <= 'Z' {
		return fmt.Sprintf("%s: config.%s undefined (type has no field or method %s)", message, g.Key, g.Key[at+1:])
	}
	return message
}

// saramaRefusal is the text of a ConfigurationError.
func saramaRefusal(why string) string { return "kafka: invalid configuration (" + why + ")" }

// saramaAtLeast is a bound that Config.Validate checks, in its words.
func saramaAtLeast(words string, least int64) func(string) string {
	return func(value string) string {
		if n, _ := strconv.ParseInt(value, 10, 64); n < least {
			return saramaRefusal(words)
		}
		return ""
	}
}

// saramaVersion is ParseKafkaVersion.
func saramaVersion(value string) string {
	parts := strings.Split(value, ".")
	for _, part := range parts {
		if n, err := strconv.ParseUint(part, 10, 8); err != nil || n > 99 {
			return fmt.Sprintf("invalid version `%s`", value)
		}
	}
	if want := 3; len(parts) != want && !(parts[0] == "0" && len(parts) == want+1) {
		return fmt.Sprintf("invalid version `%s`", value)
	}
	return ""
}

// saramaInstance is validateGroupInstanceId.
func saramaInstance(id string) string {
	switch {
	case id == "":
		return ""
	case id == "." || id == "..":
		return saramaRefusal(`Group instance id cannot be "." or ".."`)
	case len(id) > 249:
		return saramaRefusal("Group instance id cannot be longer than 249, characters: " + id)
	case !instanceID.MatchString(id):
		return saramaRefusal("Group instance id " + id + " is illegal, it contains a character other than, '.', '_' and '-'")
	}
	return ""
}

func saramaHeartbeat(r *resolution) {
	const heartbeat, session = "Consumer.Group.Heartbeat.Interval", "Consumer.Group.Session.Timeout"
	if r.Int(heartbeat) >= r.Int(session) {
		r.refuseHeartbeat(heartbeat, session, saramaRefusal(heartbeat+" must be < "+session),
			fmt.Sprintf("they are %s and %s", goDuration(r.String(heartbeat)), goDuration(r.String(session))))
	}
}

// saramaStrategies is the check of Config.Validate and selectRebalanceProtocol.
func saramaStrategies(r *resolution) {
	const strategies = "Consumer.Group.Rebalance.GroupStrategies"
	names := r.List(strategies)
	if len(names) == 0 {
		r.refuse(saramaRefusal(strategies+" or Consumer.Group.Rebalance.Strategy must not be empty"), "", strategies)
	}
	switch {
	case !slices.Contains(names, "cooperative-sticky"):
	case r.version < kafka.V(1, 61, 0):
		r.refuse(fmt.Sprintf("sarama %s has no cooperative rebalances", r.version), "new in version 1.61", strategies)
	default:
		r.refuse("cooperative-sticky is not yet supported for sarama", "expected range, roundrobin or sticky", strategies)
	}
}

// saramaWarnings are lines that Validate logs.
func saramaWarnings(r *resolution) {
	if r.Int("Consumer.MaxWaitTime") < 100 {
		r.warn("Consumer.MaxWaitTime is very low, which can cause high CPU and network usage. See documentation for details.", "", "Consumer.MaxWaitTime")
	}
}
