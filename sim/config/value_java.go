package config

import (
	"slices"
	"strconv"
	"strings"
)

// parseJava reads a value as ConfigDef.parseType does and checks it as the
// property's validator does; a refusal is the text of the ConfigException.
func parseJava(p *property, given string) (value, refusal string) {
	parsed, why := parseJavaType(p.kind, strings.TrimSpace(given))
	if why != "" {
		return "", javaRefusal(given, p.name, why)
	}
	value = parsed
	if p.oneOf != nil && p.check == nil {
		value, why = p.enumerated(parsed)
	} else {
		why = p.refuse(parsed)
	}
	if why != "" {
		return "", javaRefusal(parsed, p.name, why)
	}
	return value, ""
}

// javaRefusal is the text of org.apache.kafka.common.config.ConfigException.
func javaRefusal(value, name, why string) string {
	return "Invalid value " + value + " for configuration " + name + ": " + why
}

// parseJavaType gives the value in Java's own form.
func parseJavaType(k kind, given string) (value, why string) {
	switch k {
	case boolean:
		if value = strings.ToLower(given); value != "true" && value != "false" {
			return "", "Expected value to be either true or false"
		}
		return value, ""
	case short:
		return parseJavaNumber(given, 16, "SHORT")
	case integer:
		return parseJavaNumber(given, 32, "INT")
	case long:
		return parseJavaNumber(given, 64, "LONG")
	case double:
		if _, err := strconv.ParseFloat(given, 64); err != nil {
			return "", "Not a number of type DOUBLE"
		}
		return given, ""
	case list:
		return strings.Join(splitList(given), ","), ""
	default:
		return given, ""
	}
}

func parseJavaNumber(given string, bits int, javaType string) (value, why string) {
	n, err := strconv.ParseInt(given, 10, bits)
	if err != nil {
		return "", "Not a number of type " + javaType
	}
	return strconv.FormatInt(n, 10), ""
}

// refuse says why a well-formed value is not allowed (ConfigDef.Range,
// NonEmptyString and the properties' own validators).
func (p *property) refuse(value string) string {
	switch {
	case p.check != nil:
		return p.check(value)
	case p.min != "" && less(value, p.min):
		return "Value must be at least " + p.min
	case p.max != "" && less(p.max, value):
		return "Value must be no more than " + p.max
	}
	return ""
}

// less compares two numbers of the same property. Values of type double are
// only ever compared, never computed with.
func less(a, b string) bool {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	if errX == nil && errY == nil {
		return x < y
	}
	f, _ := strconv.ParseFloat(a, 64)
	g, _ := strconv.ParseFloat(b, 64)
	return f < g
}

// enumerated gives an entry of oneOf in its own case (ConfigDef.ValidString,
// CaseInsensitiveValidString, ValidList).
func (p *property) enumerated(value string) (canonical, why string) {
	entries := []string{value}
	if p.kind == list {
		entries = splitList(value)
	}
	for i, entry := range entries {
		at := slices.IndexFunc(p.oneOf, func(allowed string) bool {
			return allowed == entry || p.anyCase && strings.EqualFold(allowed, entry)
		})
		if at < 0 && p.anyCase {
			return "", "String must be one of (case insensitive): " + strings.ToUpper(strings.Join(p.oneOf, ", "))
		}
		if at < 0 {
			return "", "String must be one of: " + strings.Join(p.oneOf, ", ")
		}
		entries[i] = p.oneOf[at]
	}
	return strings.Join(entries, ","), ""
}

// nonEmpty is ConfigDef.NonEmptyString.
func nonEmpty(value string) string {
	if value == "" {
		return "String must be non-empty"
	}
	return ""
}
