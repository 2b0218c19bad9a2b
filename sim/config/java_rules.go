package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ksim/sim/kafka"
)

var javaConsumer = indexed(catalogue{
	software: "the Java client",
	rows:     slices.Concat(javaProperties, javaSecurity),
	parse:    parseJava,
	unknown:  javaUnknown,
	rules: []func(*resolution){javaGroupProtocol, javaHeartbeat, javaRequestTimeout, javaGroupID, javaInstanceID,
		javaAssignors, javaRetryBackoff, javaReconnectBackoff, javaSecurityProtocol},
})

var javaShareConsumer = indexed(catalogue{
	software: "the Java share consumer",
	rows:     slices.Concat(javaProperties, javaSecurity),
	parse:    parseJava,
	unknown:  javaUnknown,
	rules:    []func(*resolution){javaRequestTimeout, javaGroupID, javaRetryBackoff, javaReconnectBackoff, javaSecurityProtocol},
})

// javaUnknown quotes what the client logs of a name that it does not know
// (AbstractConfig.logUnused); the client goes on without it, the contract does not.
func javaUnknown(v kafka.Version, g Property) string {
	var line string
	switch {
	case v < kafka.V(0, 10, 1):
		line = fmt.Sprintf("The configuration %s = %s was supplied but isn't a known config.", g.Key, g.Value)
	case v < kafka.V(3, 3, 0):
		line = fmt.Sprintf("The configuration '%s' was supplied but isn't a known config.", g.Key)
	default:
		line = fmt.Sprintf("These configurations '[%s]' were supplied but are not used yet.", g.Key)
	}
	return fmt.Sprintf("java %s has no property %q and would only log: %s", v, g.Key, line)
}

// isConsumerProtocol tells group.protocol=consumer (KIP-848).
func (r *resolution) isConsumerProtocol() bool { return r.String("group.protocol") == "consumer" }

// javaGroupProtocol is ConsumerConfig.checkUnsupportedConfigsPostProcess: some
// properties belong to one of the two group protocols only.
func javaGroupProtocol(r *resolution) {
	if r.isConsumerProtocol() && r.version >= kafka.V(4, 0, 0) {
		r.refuseTogether("CONSUMER", "partition.assignment.strategy", "heartbeat.interval.ms", "session.timeout.ms", "share.acknowledgement.mode")
	}
	if !r.isConsumerProtocol() && r.version >= kafka.V(3, 9, 0) {
		r.refuseTogether("CLASSIC", "group.remote.assignor", "share.acknowledgement.mode")
	}
}

// refuseTogether refuses those of names that were given, in one message.
func (r *resolution) refuseTogether(protocol string, names ...string) {
	given := slices.DeleteFunc(names, func(name string) bool { _, ok := r.given[name]; return !ok })
	if len(given) > 0 {
		r.refuse(strings.Join(given, ", ")+" cannot be set when group.protocol="+protocol, "", given...)
	}
}

// javaHeartbeat is the check of org.apache.kafka.clients.consumer.internals.Heartbeat.
func javaHeartbeat(r *resolution) {
	if !r.isConsumerProtocol() && r.Int("heartbeat.interval.ms") >= r.Int("session.timeout.ms") {
		r.refuseHeartbeat("heartbeat.interval.ms", "session.timeout.ms", "Heartbeat must be set lower than the session timeout",
			fmt.Sprintf("heartbeat.interval.ms is %d, session.timeout.ms %d", r.Int("heartbeat.interval.ms"), r.Int("session.timeout.ms")))
	}
	if r.Int("heartbeat.interval.ms") < 0 && r.version >= kafka.V(2, 4, 0) {
		r.refuse(fmt.Sprintf("Invalid negative timeout %d", r.Int("heartbeat.interval.ms")), "heartbeat.interval.ms is not negative", "heartbeat.interval.ms")
	}
}

// javaRequestTimeout is KafkaConsumer's constructor before KIP-266.
func javaRequestTimeout(r *resolution) {
	const above = 10_000 // the default request timeout is so much longer than the default session
	request := r.Int("request.timeout.ms")
	if r.version < kafka.V(2, 0, 0) && (request <= r.Int("session.timeout.ms") || request <= r.Int("fetch.max.wait.ms")) {
		r.refuseDefault("request.timeout.ms", max(r.Int("session.timeout.ms"), r.Int("fetch.max.wait.ms"))+above,
			"request.timeout.ms should be greater than session.timeout.ms and fetch.max.wait.ms",
			fmt.Sprintf("request.timeout.ms is %d, session.timeout.ms %d, fetch.max.wait.ms %d", request, r.Int("session.timeout.ms"), r.Int("fetch.max.wait.ms")),
			"request.timeout.ms", "session.timeout.ms", "fetch.max.wait.ms")
	}
}

// javaGroupID refuses a blank group.id (GroupRebalanceConfig).
func javaGroupID(r *resolution) {
	if r.Given("group.id") && r.String("group.id") == "" && r.version >= kafka.V(4, 0, 0) {
		r.refuse("The configured group.id should not be an empty string or whitespace.", "", "group.id")
	}
}

var instanceID = regexp.MustCompile(`^[a-zA-Z0-9._-]*$`)

// javaInstanceID is JoinGroupRequest.validateGroupInstanceId.
func javaInstanceID(r *resolution) {
	id := r.String("group.instance.id")
	why := ""
	switch {
	case !r.Given("group.instance.id"):
		return
	case id == "":
		why = "the empty string is not allowed"
	case id == "." || id == "..":
		why = "'" + id + "' is not allowed"
	case len(id) > 249:
		why = "the length of '" + id + "' is longer than the max allowed length 249"
	case !instanceID.MatchString(id):
		why = "'" + id + "' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
	default:
		return
	}
	r.refuse("Group instance id is invalid: "+why, "", "group.instance.id")
}

// assignor is one that comes with the Java client.
type assignor struct {
	class, name string
	since       kafka.Version
}

var javaAssignorClasses = []assignor{
	{javaRange, "range", 0},
	{javaRoundRobin, "roundrobin", 0},
	{javaSticky, "sticky", kafka.V(0, 11, 0)},
	{javaCooperativeSticky, "cooperative-sticky", kafka.V(2, 4, 0)},
}

// javaAssignors is ConsumerPartitionAssignor.getAssignorInstances: it takes
// classes only, so a short name, such as librdkafka's, ends the program.
func javaAssignors(r *resolution) {
	const strategy = "partition.assignment.strategy"
	if r.isConsumerProtocol() {
		return
	}
	classes := r.List(strategy)
	if len(classes) == 0 {
		r.refuse("Must configure at least one partition assigner class name to partition.assignment.strategy configuration property", "", strategy)
	}
	for i, class := range classes {
		missing := class + " ClassNotFoundException exception occurred"
		if r.version < kafka.V(0, 10, 1) {
			missing = class + " ClassNotFoundException exception occured"
		}
		a := r.javaAssignor(class)
		switch {
		case a == nil:
			r.refuse(missing, "expected one of "+strings.Join(r.javaAssignorNames(), ", "), strategy)
			return
		case class != a.class:
			r.refuse(missing, "did you mean "+strconv.Quote(a.class)+"?", strategy)
			return
		case slices.Contains(classes[:i], class) && r.version >= kafka.V(3, 1, 0):
			r.refuse(fmt.Sprintf("The assignor name: '%s' is used in more than one assignor: %s, %s", a.name, class, class), "", strategy)
			return
		}
	}
}

// javaAssignor finds the assignor that is meant by its class, or by a shorter
// name; nil when there is none.
func (r *resolution) javaAssignor(name string) *assignor {
	for i := range javaAssignorClasses {
		a := &javaAssignorClasses[i]
		if r.version < a.since {
			continue
		}
		simple := a.class[strings.LastIndexByte(a.class, '.')+1:]
		if name == a.class || name == a.name || name == simple {
			return a
		}
	}
	return nil
}

func (r *resolution) javaAssignorNames() []string {
	var classes []string
	for _, a := range javaAssignorClasses {
		if r.version >= a.since {
			classes = append(classes, a.class)
		}
	}
	return classes
}

// javaRetryBackoff is CommonClientConfigs.warnDisablingExponentialBackoff.
func javaRetryBackoff(r *resolution) {
	if r.version < kafka.V(3, 7, 0) {
		return
	}
	for _, p := range [][2]string{
		{"retry.backoff.ms", "retry.backoff.max.ms"},
		{"socket.connection.setup.timeout.ms", "socket.connection.setup.timeout.max.ms"},
	} {
		if first, most := r.Int(p[0]), r.Int(p[1]); first > most {
			r.warn(fmt.Sprintf("Configuration '%s' with value '%d' is greater than configuration '%s' with value '%d'. A static backoff with value '%d' will be applied.",
				p[0], first, p[1], most, most), "", p[0], p[1])
		}
	}
}

// javaReconnectBackoff is CommonClientConfigs.postProcessReconnectBackoffConfigs:
// whoever sets only the first pause has no growing one.
func javaReconnectBackoff(r *resolution) {
	if r.Given("reconnect.backoff.ms") && !r.Given("reconnect.backoff.max.ms") && r.version >= kafka.V(0, 11, 0) {
		r.values["reconnect.backoff.max.ms"] = r.String("reconnect.backoff.ms")
	}
}

var positiveDuration = regexp.MustCompile(`^by_duration:(?i)P(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]{0,9})?S)?)?$`)

// offsetReset is AutoOffsetResetStrategy.Validator; by_duration takes what
// java.time.Duration reads and is not negative.
func offsetReset(value string) string {
	last := value[max(0, len(value)-1):]
	switch {
	case value == "earliest", value == "latest", value == "none":
		return ""
	case positiveDuration.MatchString(value) && last != "P" && last != "T":
		return ""
	}
	return fmt.Sprintf("Invalid value `%s` for configuration auto.offset.reset. The value must be either 'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'.", value)
}

// javaSecurityProtocol is SecurityProtocol.forName, which was all the check
// before 3.3.
func javaSecurityProtocol(r *resolution) {
	name := strings.ToUpper(r.String("security.protocol"))
	if r.version < kafka.V(3, 3, 0) && !slices.Contains(securityProtocols, name) {
		r.refuse("No enum constant org.apache.kafka.common.security.auth.SecurityProtocol."+name,
			"expected one of "+strings.Join(securityProtocols, ", "), "security.protocol")
	}
}
