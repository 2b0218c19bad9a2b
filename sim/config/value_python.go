package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// pythonic completes rows whose names are Python's keyword arguments by the same
// names with dots, which the contract takes for every client.
func pythonic(rows []property) []property {
	for i := range rows {
		if dotted := strings.ReplaceAll(rows[i].name, "_", "."); dotted != rows[i].name {
			rows[i].borrowed = append(rows[i].borrowed, dotted)
		}
	}
	return rows
}

// pythonName is a key as it reaches the constructor.
func pythonName(key string) string { return strings.ReplaceAll(key, ".", "_") }

// pythonStrings prints strings as Python prints those of a list.
func pythonStrings(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "'" + n + "'"
	}
	return strings.Join(quoted, ", ")
}

// parsePython reads a value. The Python clients check hardly a type: a text where
// they count fails somewhere in an expression, so the words are ksim's own where
// no class has some.
func parsePython(p *property, given string) (value, refusal string) {
	value = strings.TrimSpace(given)
	switch p.kind {
	case callback:
		return "", fmt.Sprintf("%s is an object, which no text stands for", p.name)
	case boolean:
		if value = strings.ToLower(value); value != "true" && value != "false" {
			return "", fmt.Sprintf("%s is %q: expected true or false", p.name, given)
		}
		return value, ""
	case integer:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 {
			return "", fmt.Sprintf("%s is %q: expected a whole number, not negative", p.name, given)
		}
		value = strconv.FormatInt(n, 10)
		if p.check != nil {
			return value, p.check(value)
		}
		return value, ""
	case double:
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return "", fmt.Sprintf("%s is %q: expected a number", p.name, given)
		}
		return value, ""
	case list:
		return pythonList(p, value), ""
	}
	for _, s := range p.synonyms {
		if s.value == value {
			return s.means, ""
		}
	}
	if p.check != nil {
		return value, p.check(value)
	}
	if p.oneOf != nil && !slices.Contains(p.oneOf, value) {
		return "", fmt.Sprintf("%s is %q: expected one of %s", p.name, value, strings.Join(p.oneOf, ", "))
	}
	return value, ""
}

// pythonList reads entries between commas, each by its synonym; of a class with
// its modules the last name counts.
func pythonList(p *property, value string) string {
	entries := splitList(value)
	for i, entry := range entries {
		last := entry[strings.LastIndexByte(entry, '.')+1:]
		for _, s := range p.synonyms {
			if s.value == last {
				entries[i] = s.means
			}
		}
	}
	return strings.Join(entries, ",")
}
