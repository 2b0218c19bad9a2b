package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ksim/sim/diag"
	"ksim/sim/kafka"
)

var librdkafkaConsumer = indexed(catalogue{
	software: "librdkafka",
	rows:     slices.Concat(librdkafkaProperties, librdkafkaSecurity, librdkafkaProducer),
	parse:    parseLibrdkafka,
	unknown:  librdkafkaUnknown,
	remark:   librdkafkaRemark,
	rules: []func(*resolution){librdkafkaSizes, librdkafkaFetchMin, librdkafkaPollInterval, librdkafkaConsumerProtocol,
		librdkafkaReconnect, librdkafkaStrategies, librdkafkaMetadataAge, librdkafkaWarnings},
})

// librdkafkaRemark warns of what the library accepts from a consumer without
// using it (rd_kafka_anyconf_warn_deprecated), and of names that are Java's.
func librdkafkaRemark(r *resolution, p *property, g Property) {
	warning := Problem{Severity: diag.Warning, Property: g}
	switch {
	case slices.Contains(p.borrowed, g.Key):
		warning.Message = r.catalogue.unknown(r.version, g)
		warning.Hint = fmt.Sprintf("taken as %q, librdkafka's own name", p.name)
	case p.side == producerSide:
		warning.Message = fmt.Sprintf("Configuration property %s is a producer property and will be ignored by this consumer instance", p.name)
	case p.side == shareSide:
		warning.Message = fmt.Sprintf("librdkafka accepts %s and ignores it: only share consumers use it", p.name)
	default:
		return
	}
	r.problems = append(r.problems, warning)
}

// librdkafkaSizes keeps request, fetch and response sizes in order; those that
// are not given follow (rd_kafka_conf_finalize).
func librdkafkaSizes(r *resolution) {
	largest, fetch := r.Int("message.max.bytes"), r.Int("fetch.max.bytes")
	if !r.Given("fetch.max.bytes") {
		fetch = max(min(fetch, r.Int("queued.max.messages.kbytes")*1024), largest)
		r.values["fetch.max.bytes"] = strconv.FormatInt(fetch, 10)
	} else if fetch < largest {
		r.refuse("`fetch.max.bytes` must be >= `message.max.bytes`", fmt.Sprintf("message.max.bytes is %d", largest), "fetch.max.bytes")
	}
	receive := r.Int("receive.message.max.bytes")
	if !r.Given("receive.message.max.bytes") {
		r.values["receive.message.max.bytes"] = strconv.FormatInt(max(receive, fetch+512), 10)
	} else if receive < fetch+512 {
		r.refuse("`receive.message.max.bytes` must be >= `fetch.max.bytes` + 512", fmt.Sprintf("fetch.max.bytes is %d", fetch), "receive.message.max.bytes")
	}
}

// librdkafkaFetchMin is the bound of ordinary consumers since share consumers
// have a wider one.
func librdkafkaFetchMin(r *resolution) {
	if n := r.Int("fetch.min.bytes"); n < 1 || n > 100_000_000 {
		r.refuse(`Configuration property "fetch.min.bytes" value is outside allowed range 1..100000000`, "", "fetch.min.bytes")
	}
}

func librdkafkaPollInterval(r *resolution) {
	if r.version < kafka.V(1, 0, 0) || r.isConsumerProtocol() && r.version >= kafka.V(2, 10, 0) {
		return
	}
	poll, session := r.Int("max.poll.interval.ms"), r.Int("session.timeout.ms")
	if poll < session {
		option, value := "max.poll.interval.ms", session
		if r.Given(option) {
			option, value = "session.timeout.ms", poll
		}
		r.refuseDefault(option, value, "`max.poll.interval.ms`must be >= `session.timeout.ms`",
			fmt.Sprintf("max.poll.interval.ms is %d, session.timeout.ms %d", poll, session),
			"max.poll.interval.ms", "session.timeout.ms")
	}
}

// librdkafkaConsumerProtocol refuses what the broker decides in the consumer
// protocol; versions before 2.10 ignored it.
func librdkafkaConsumerProtocol(r *resolution) {
	if !r.isConsumerProtocol() || r.version < kafka.V(2, 10, 0) {
		return
	}
	where := "`group.protocol=consumer`"
	if r.version >= kafka.V(2, 15, 0) {
		where += " or share consumer"
	}
	for _, name := range []string{"session.timeout.ms", "heartbeat.interval.ms"} {
		r.refuse("`"+name+"` is not supported for "+where+". It is defined broker side", "", name)
	}
	r.refuse("`group.protocol.type` is not supported for "+where, "", "group.protocol.type")
	r.refuse("`partition.assignment.strategy` is not supported for `group.protocol=consumer`. Use `group.remote.assignor` instead", "",
		"partition.assignment.strategy")
}

func librdkafkaReconnect(r *resolution) {
	if r.version < kafka.V(1, 0, 0) || r.Int("reconnect.backoff.max.ms") >= r.Int("reconnect.backoff.ms") {
		return
	}
	lower := "`reconnect.backoff.ms`"
	if r.version < kafka.V(2, 8, 0) {
		lower = "`reconnect.max.ms`"
	}
	r.refuse("`reconnect.backoff.max.ms` must be >= "+lower, "", "reconnect.backoff.max.ms", "reconnect.backoff.ms")
}

// librdkafkaStrategies is rd_kafka_assignors_init: known names, and either
// eager ones or the cooperative one.
func librdkafkaStrategies(r *resolution) {
	const strategy = "partition.assignment.strategy"
	known := []string{"range", "roundrobin"}
	if r.version >= kafka.V(1, 6, 0) {
		known = append(known, "cooperative-sticky")
	}
	cooperative, eager := false, false
	names := librdkafkaAssignors(r.String(strategy))
	for _, name := range names {
		if !slices.Contains(known, name) {
			r.refuse("Unsupported partition.assignment.strategy: "+name, "expected one of "+strings.Join(known, ", "), strategy)
			return
		}
		cooperative = cooperative || name == "cooperative-sticky"
		eager = eager || name != "cooperative-sticky"
	}
	if cooperative && eager {
		r.refuse("All partition.assignment.strategy ("+r.String(strategy)+") assignors must have the same protocol type, "+
			"online migration between assignors with different protocol types is not supported", "", strategy)
		return
	}
	if r.Given(strategy) {
		r.values[strategy] = strings.Join(names, ",")
	}
}

// librdkafkaAssignors is how rd_kafka_assignors_init reads the list: it skips blanks
// and commas before a name, and takes the name up to the next comma, blanks too. One
// that is named again is there already.
func librdkafkaAssignors(text string) []string {
	var names []string
	for text != "" {
		var name string
		name, text, _ = strings.Cut(strings.TrimLeft(text, " \t,"), ",")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// librdkafkaMetadataAge keeps metadata for three refreshes unless told otherwise.
func librdkafkaMetadataAge(r *resolution) {
	refresh := r.Int("topic.metadata.refresh.interval.ms")
	if r.Given("topic.metadata.refresh.interval.ms") && !r.Given("metadata.max.age.ms") && refresh > 0 {
		r.values["metadata.max.age.ms"] = strconv.FormatInt(3*refresh, 10)
	}
}

// librdkafkaWarnings are the library's lines CONFWARN about values that work
// badly together.
func librdkafkaWarnings(r *resolution) {
	wait, socket := r.Int("fetch.wait.max.ms"), r.Int("socket.timeout.ms")
	if r.version >= kafka.V(1, 0, 0) && wait+1000 > socket {
		r.warn(fmt.Sprintf("Configuration property `fetch.wait.max.ms` (%d) should be set lower than `socket.timeout.ms` (%d) by at least 1000ms "+
			"to avoid blocking and timing out sub-sequent requests", wait, socket), "", "fetch.wait.max.ms", "socket.timeout.ms")
	}
	first, most := r.Int("retry.backoff.ms"), r.Int("retry.backoff.max.ms")
	if r.version >= kafka.V(2, 3, 0) && first > most {
		r.warn(fmt.Sprintf("Configuration `retry.backoff.ms` with value %d is greater than configuration `retry.backoff.max.ms` with value %d. "+
			"A static backoff with value `retry.backoff.max.ms` will be applied.", first, most), "", "retry.backoff.ms", "retry.backoff.max.ms")
	}
}
