package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// parseLibrdkafka reads a value as rd_kafka_conf_set does; a refusal is its
// error string without the line's end.
func parseLibrdkafka(p *property, given string) (value, refusal string) {
	for _, s := range p.synonyms {
		if strings.EqualFold(s.value, strings.TrimLeft(given, " ")) {
			return s.means, ""
		}
	}
	switch {
	case p.kind == callback:
		return "", fmt.Sprintf("Property %q must be set through dedicated .._set_..() function", p.name)
	case p.kind == boolean:
		return parseLibrdkafkaBool(p, given)
	case p.kind == integer:
		return parseLibrdkafkaInt(p, given)
	case p.kind == double:
		return parseLibrdkafkaDouble(p, given)
	case p.oneOf != nil:
		return parseLibrdkafkaEnum(p, given)
	case given == "":
		return p.def, "" // rd_kafka_conf_set unsets a string by the empty one
	}
	return strings.TrimLeft(given, " "), ""
}

func parseLibrdkafkaBool(p *property, given string) (value, refusal string) {
	switch strings.ToLower(given) {
	case "true", "t", "1":
		return "true", ""
	case "false", "f", "0":
		return "false", ""
	case "":
		return "", fmt.Sprintf("Bool configuration property %q cannot be set to empty value", p.name)
	}
	return "", fmt.Sprintf("Expected bool value for %q: true or false", p.name)
}

// cNumber is what strtol with base 0 reads of a text: decimal, octal after 0,
// hexadecimal after 0x.
var cNumber = regexp.MustCompile(`^[ \t]*([+-]?(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*))`)

// parseLibrdkafkaInt reads a number of C's type int. The library takes the
// digits that a text begins with and ignores the rest, so that 30s is 30 ms;
// the contract has a wrong unit be an error.
func parseLibrdkafkaInt(p *property, given string) (value, refusal string) {
	if given == "" {
		return "", fmt.Sprintf("Integer configuration property %q cannot be set to empty value", p.name)
	}
	match := cNumber.FindStringSubmatch(given)
	if match == nil {
		return "", fmt.Sprintf("Invalid value for configuration property %q", p.name)
	}
	n, err := strconv.ParseInt(match[1], 0, 64)
	if err != nil {
		return "", fmt.Sprintf("Invalid value for configuration property %q", p.name)
	}
	if rest := strings.TrimSpace(given[len(match[0]):]); rest != "" {
		return "", fmt.Sprintf("librdkafka would read %q as %d and ignore the rest", given, n)
	}
	value = strconv.FormatInt(int64(int32(n)), 10) // C's int wraps around
	return p.within(value)
}

func parseLibrdkafkaDouble(p *property, given string) (value, refusal string) {
	if _, err := strconv.ParseFloat(given, 64); err != nil {
		return "", fmt.Sprintf("Invalid value for configuration property %q", p.name)
	}
	return p.within(given)
}

// within refuses a number outside the property's range.
func (p *property) within(value string) (string, string) {
	if less(value, p.min) || less(p.max, value) {
		return "", fmt.Sprintf("Configuration property %q value %s is outside allowed range %s..%s", p.name, value, p.min, p.max)
	}
	return value, ""
}

// parseLibrdkafkaEnum finds each entry among oneOf, whatever its case.
func parseLibrdkafkaEnum(p *property, given string) (value, refusal string) {
	if given == "" {
		return "", fmt.Sprintf("Configuration property %q cannot be set to empty value", p.name)
	}
	entries := []string{strings.TrimLeft(given, " ")}
	if p.kind == list {
		entries = splitList(given)
	}
	for i, entry := range entries {
		at := slices.IndexFunc(p.oneOf, func(allowed string) bool { return strings.EqualFold(allowed, entry) })
		if at < 0 {
			return "", fmt.Sprintf("Invalid value %q for configuration property %q", entry, p.name)
		}
		entries[i] = p.oneOf[at]
	}
	return strings.Join(entries, ","), ""
}
