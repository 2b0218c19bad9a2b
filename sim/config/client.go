package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ksim/sim/diag"
	"ksim/sim/kafka"
)

// profile is a client that ksim knows by name.
type profile struct {
	name   string
	oldest kafka.Version // that ksim runs as itself
	newest kafka.Version
	lines  []line // of releases, oldest first
}

// line is the releases major.first to major.last.
type line struct{ major, first, last int32 }

// profiles in the contract's order, with the releases that there are.
var profiles = []profile{
	{"java", kafka.V(0, 9, 0), kafka.V(4, 1, 0), []line{{0, 9, 11}, {1, 0, 1}, {2, 0, 8}, {3, 0, 9}, {4, 0, 3}}},
	{"librdkafka", kafka.V(0, 11, 0), kafka.V(2, 16, 0), []line{{0, 8, 9}, {0, 11, 11}, {1, 0, 9}, {2, 0, 16}}},
	{"kafka-python", kafka.V(2, 0, 0), kafka.V(3, 0, 0), []line{{1, 0, 4}, {2, 0, 3}, {3, 0, 0}}},
	{"aiokafka", kafka.V(0, 8, 0), kafka.V(0, 14, 0), []line{{0, 1, 14}}},
	{"franz-go", kafka.V(1, 22, 0), kafka.V(1, 22, 0), []line{{0, 6, 11}, {1, 0, 22}}},
	{"sarama", kafka.V(1, 60, 0), kafka.V(1, 61, 0), []line{{1, 20, 61}}},
	{"kafka-go", kafka.V(0, 4, 0), kafka.V(0, 4, 0), []line{{0, 1, 4}}},
	{"kafkajs", kafka.V(2, 2, 0), kafka.V(2, 2, 0), []line{{1, 0, 16}, {2, 0, 2}}},
}

// RunsAs is the version as which ksim runs a client: its own, or the oldest or the
// newest whose behaviour ksim knows.
func RunsAs(name string, v kafka.Version) kafka.Version {
	i := slices.IndexFunc(profiles, func(p profile) bool { return p.name == name })
	switch p := &profiles[i]; {
	case v < p.oldest:
		return p.oldest
	case v/1_000 > p.newest/1_000: // another patch is no other version
		return p.newest
	}
	return v
}

// Profiles lists the clients' names in the contract's order.
func Profiles() []string {
	names := make([]string, len(profiles))
	for i, p := range profiles {
		names[i] = p.name
	}
	return names
}

// UnknownClient says why a client cannot be meant.
type UnknownClient struct {
	Message string // what is wrong, and what is expected
	Hint    string // the nearest name, or ""
}

// Error is the message with the hint.
func (u *UnknownClient) Error() string {
	if u.Hint == "" {
		return u.Message
	}
	return u.Message + " (" + u.Hint + ")"
}

// ParseClient reads `profile` or `profile@version`, such as java, java@4.1,
// java@0.10.0 or librdkafka@2.10. Without a version it is the newest known.
func ParseClient(text string) (name string, v kafka.Version, err *UnknownClient) {
	name, version, versioned := strings.Cut(text, "@")
	for i := range profiles {
		if p := &profiles[i]; p.name == name {
			if !versioned {
				return name, p.newest, nil
			}
			v, err = p.parseVersion(version)
			return name, v, err
		}
	}
	expected, hint := diag.Expected(name, Profiles())
	if name == "" && versioned {
		return "", 0, &UnknownClient{fmt.Sprintf("client %q has no name before its version: %s", text, expected), hint}
	}
	if hint == "" {
		hint = versionHint(text)
	}
	if hint == "" {
		hint = madeOf(name)
	}
	return "", 0, &UnknownClient{fmt.Sprintf("unknown client %q: %s", name, expected), hint}
}

// packages is the names under which people know what is made of a client, or the client
// itself: of what they install or import.
var packages = []struct{ name, profile string }{
	{"kafka-clients", "java"}, {"spring", "java"}, {"spring-kafka", "java"}, {"kafka-connect", "java"},
	{"confluent", "librdkafka"}, {"confluent-kafka", "librdkafka"}, {"confluent-kafka-python", "librdkafka"}, {"confluent-kafka-go", "librdkafka"},
	{"confluent-kafka-dotnet", "librdkafka"}, {"confluent-kafka-javascript", "librdkafka"}, {"node-rdkafka", "librdkafka"},
	{"rdkafka", "librdkafka"}, {"rust-rdkafka", "librdkafka"}, {"php-rdkafka", "librdkafka"},
	{"kgo", "franz-go"}, {"twmb", "franz-go"}, {"segmentio", "kafka-go"}, {"shopify", "sarama"}, {"ibm", "sarama"},
	{"node", "kafkajs"}, {"nodejs", "kafkajs"},
}

// madeOf is the hint for a name that is not a client's and stands for one.
func madeOf(name string) string {
	name = strings.ToLower(strings.NewReplacer("_", "-", ".", "-", " ", "-").Replace(name))
	for _, x := range packages {
		if x.name == name {
			return fmt.Sprintf("%s has the consumer of %q", name, x.profile)
		}
	}
	return ""
}

// versionHint is for a version that is not separated by @: "java 4.1".
func versionHint(text string) string {
	for i := range profiles {
		rest, ok := strings.CutPrefix(text, profiles[i].name)
		version := strings.TrimLeft(rest, " :-_=v")
		if ok && version != "" && version[0] >= '0' && version[0] <= '9' {
			return "did you mean " + strconv.Quote(profiles[i].name+"@"+version) + "?"
		}
	}
	return ""
}

// parseVersion reads major.minor with or without a patch; in 0.10.2.1 the
// fourth number is the patch of Kafka's old scheme and decides nothing.
func (p *profile) parseVersion(text string) (kafka.Version, *UnknownClient) {
	if text == "" {
		return 0, &UnknownClient{fmt.Sprintf("client %q has no version after @: expected %s", p.name+"@", p.versions()),
			fmt.Sprintf("%s alone is %s", p.name, p.newest)}
	}
	var n [4]int32
	parts := strings.Split(text, ".")
	if len(parts) < 2 || len(parts) > 4 || len(parts) == 4 && parts[0] != "0" {
		return 0, p.unknownVersion(text, "a version has the form 4.1")
	}
	for i, part := range parts {
		number, err := strconv.ParseUint(part, 10, 9)
		if err != nil {
			return 0, p.unknownVersion(text, "a version has the form 4.1")
		}
		n[i] = int32(number)
	}
	for _, l := range p.lines {
		if n[0] == l.major && n[1] >= l.first && n[1] <= l.last {
			return kafka.V(n[0], n[1], n[2]), nil
		}
	}
	return 0, p.unknownVersion(text, "")
}

func (p *profile) unknownVersion(text, hint string) *UnknownClient {
	return &UnknownClient{fmt.Sprintf("there is no %s %s: expected %s", p.name, text, p.versions()), hint}
}

// versions names the releases that are known.
func (p *profile) versions() string {
	ranges := make([]string, len(p.lines))
	for i, l := range p.lines {
		ranges[i] = fmt.Sprintf("%d.%d", l.major, l.first)
		if l.last > l.first {
			ranges[i] += fmt.Sprintf(" to %d.%d", l.major, l.last)
		}
	}
	return strings.Join(ranges, ", ")
}

// Compatible says why the client cannot talk to the broker, "" when it can.
//
// Kafka 4.0 dropped the protocol versions that only Java clients below 2.1
// need, and Java clients from 4.0 on those that only brokers below 2.1 need;
// what the other clients of 2021 speak was kept (KIP-896), not JoinGroup v0, the only
// one of librdkafka below 1.0. Java clients below 0.10.2
// cannot ask a broker what it speaks (KIP-97), so they need one that is not
// older than themselves.
func Compatible(profile string, client, broker kafka.Version) string {
	if profile == "librdkafka" && client < kafka.V(1, 0, 0) && broker >= kafka.V(4, 0, 0) {
		return fmt.Sprintf("librdkafka %s is too old for a %s broker: Kafka 4.0 removed the version of JoinGroup of librdkafka below 1.0 (KIP-896)", client, broker)
	}
	if profile != "java" {
		return ""
	}
	switch v4, v21 := kafka.V(4, 0, 0), kafka.V(2, 1, 0); {
	case broker >= v4 && client < v21:
		return fmt.Sprintf("java %s is too old for a %s broker: Kafka 4.0 removed the protocol versions of Java clients below 2.1 (KIP-896)", client, broker)
	case client >= v4 && broker < v21:
		return fmt.Sprintf("java %s is too new for a %s broker: Java clients from 4.0 on need a broker of 2.1 or newer (KIP-896)", client, broker)
	case client < kafka.V(0, 10, 2) && broker < client:
		return fmt.Sprintf("java %s is too new for a %s broker: Java clients below 0.10.2 need a broker that is not older than themselves (KIP-97)", client, broker)
	}
	return ""
}
