package config

import (
	"fmt"
	"strconv"

	"ksim/sim/kafka"
)

var franzGoConsumer = indexed(catalogue{
	software: "franz-go",
	rows:     franzGoProperties,
	read:     readGo,
	unknown:  franzGoUnknown,
	rules:    []func(*resolution){franzGoHeartbeat, franzGoAutocommit, franzGoMetadataAge, franzGoReset},
})

// franzGoUnknown says that there is no such option, in the compiler's words for a
// name of that form, and what there is instead of what other clients have.
func franzGoUnknown(v kafka.Version, g Property) string {
	message := fmt.Sprintf("franz-go %s has no option %q", v, g.Key)
	switch {
	case g.Key == "max.poll.interval.ms":
		return message + ": it has no poll deadline, a program that does not poll keeps its partitions"
	case g.Key == "group.protocol" || g.Key == "ServerSideBalancer":
		return message + ": its part of the consumer protocol is not yet supported"
	case g.Key != "" && g.Key[0] >= 'A' && g.Key[0] <= 'Z':
		return message + ": undefined: kgo." + g.Key
	}
	return message
}

// franzGoAtLeast is a bound of a duration that NewClient checks (cfg.validate), in
// milliseconds.
func franzGoAtLeast(name string, least int64) func(string) string {
	return func(value string) string {
		if n, _ := strconv.ParseInt(value, 10, 64); n < least {
			return fmt.Sprintf("%s %s is less than allowed %s", name, goDuration(value), goDuration(strconv.FormatInt(least, 10)))
		}
		return ""
	}
}

// franzGoNumber is a bound of a number.
func franzGoNumber(name string, least int64) func(string) string {
	return func(value string) string {
		if n, _ := strconv.ParseInt(value, 10, 64); n < least {
			return fmt.Sprintf("%s %d is less than allowed %d", name, n, least)
		}
		return ""
	}
}

func franzGoMaxAge(value string) string {
	if n, _ := strconv.ParseInt(value, 10, 64); n > 3_600_000 {
		return "metadata max age " + goDuration(value) + " is larger than allowed 1h0m0s"
	}
	return ""
}

func franzGoInstance(id string) string {
	if id == "" {
		return "invalid empty InstanceID"
	}
	return ""
}

func franzGoHeartbeat(r *resolution) {
	if r.Int("HeartbeatInterval") > r.Int("SessionTimeout") {
		r.refuseHeartbeat("HeartbeatInterval", "SessionTimeout",
			fmt.Sprintf("heartbeat interval %s is erroneously larger than the session timeout %s", goDuration(r.String("HeartbeatInterval")), goDuration(r.String("SessionTimeout"))), "")
	}
}

func franzGoAutocommit(r *resolution) {
	disabled, greedy, marks := !r.Bool("enable.auto.commit"), r.Bool("GreedyAutoCommit"), r.Bool("AutoCommitMarks")
	switch {
	case disabled && greedy:
		r.refuse("cannot both disable autocommitting and enable greedy autocommitting", "", "GreedyAutoCommit")
	case disabled && marks:
		r.refuse("cannot both disable autocommitting and enable marked autocommitting", "", "AutoCommitMarks")
	case greedy && marks:
		r.refuse("cannot enable both greedy autocommitting and marked autocommitting", "", "GreedyAutoCommit")
	}
}

func franzGoMetadataAge(r *resolution) {
	if r.Int("MetadataMaxAge") < r.Int("MetadataMinAge") {
		r.refuse(fmt.Sprintf("metadata max age %s is erroneously less than metadata min age %s", goDuration(r.String("MetadataMaxAge")), goDuration(r.String("MetadataMinAge"))),
			"", "MetadataMaxAge", "MetadataMinAge")
	}
}

// franzGoReset lets auto.offset.reset mean both options, as it does for the clients
// that have it: where to start, and where to go on.
func franzGoReset(r *resolution) {
	if g, ok := r.given["ConsumeStartOffset"]; ok && g.Key == "auto.offset.reset" && !r.Given("ConsumeResetOffset") {
		r.values["ConsumeResetOffset"] = r.String("ConsumeStartOffset")
	}
}
