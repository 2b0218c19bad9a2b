// Package config is the catalogue of real configuration properties: what each
// client version, the broker, a topic and a group know, with the real names,
// aliases, types, ranges and defaults, and the rules that the real thing
// enforces at start, in its own words.
package config

import (
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/diag"
	"ksim/sim/kafka"
)

// Property is one `key: value` as the user wrote it: the bare value, as it
// would stand in a properties file.
type Property struct {
	Key, Value string
	IsList     bool     // written as a list, whose entries Value joins by commas
	Pos        diag.Pos // of the key
	ValuePos   diag.Pos
}

// Problem is a property that the real software would refuse (or, as a warning,
// accept and ignore), at the key's place or, if OfValue, at the value's.
type Problem struct {
	Severity diag.Severity
	Property Property
	OfValue  bool
	Message  string // the real software's own words where it has some
	Hint     string // "nearest is …", or ""

	// Default is an option that was not given and whose default is in the way of
	// the one that was, with a value that goes with it; Key is "" where there is none.
	Default Property
}

// Set is a resolved configuration: every property of the catalogue with its
// value, given or default. It never changes, so copies may share it.
//
// The getters take any name that the software itself accepts, and panic on a
// name or a type that the catalogue does not have, which is a programmer's
// mistake. A property that is in the catalogue but not in this version reads as
// what such a version does without it; null reads as 0, false, "" or nil.
type Set struct {
	catalogue *catalogue
	version   kafka.Version
	values    map[string]string   // by canonical name, where not the default
	given     map[string]Property // by canonical name, as the user wrote it
}

// Int gives a whole number.
func (s Set) Int(name string) int64 {
	text := s.String(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic("config: " + name + " is not a whole number: " + text)
	}
	return n
}

// forever is longer than any run, and short enough that sums of a few and a time
// of the run stay below clock.MaxTime: Long.MAX_VALUE is how Java writes "never".
const forever = clock.MaxTime / 8

// Millis gives a property of milliseconds as virtual time.
func (s Set) Millis(name string) clock.Duration {
	most := forever.Milliseconds()
	return clock.Ms(max(-most, min(s.Int(name), most)))
}

// Seconds gives a number of seconds as a duration, bounded like Millis.
func (s Set) Seconds(name string) clock.Duration {
	most := forever.Milliseconds() / 1000
	return clock.Ms(max(-most, min(s.Int(name), most)) * 1000)
}

// Bool gives a boolean.
func (s Set) Bool(name string) bool {
	switch text := s.String(name); text {
	case "true":
		return true
	case "false", "":
		return false
	default:
		panic("config: " + name + " is not a boolean: " + text)
	}
}

// String gives any property as text: enumerated values in the software's own
// case, numbers in decimal.
func (s Set) String(name string) string {
	p, present := s.catalogue.property(s.version, name)
	if p == nil {
		panic("config: " + s.catalogue.software + " has no property " + name)
	}
	if value, ok := s.values[p.name]; ok {
		return value
	}
	if !present {
		return p.before
	}
	return p.defaultIn(s.version)
}

// List gives a comma-separated property's entries, none when it is empty.
func (s Set) List(name string) []string { return splitList(s.String(name)) }

// Given tells whether the user set the property, by whichever of its names.
func (s Set) Given(name string) bool {
	p, _ := s.catalogue.property(s.version, name)
	if p == nil {
		panic("config: " + s.catalogue.software + " has no property " + name)
	}
	_, given := s.given[p.name]
	return given
}

// splitList separates at commas and drops blanks around the entries, as
// ConfigDef and librdkafka do.
func splitList(text string) []string {
	if text == "" {
		return nil
	}
	entries := strings.Split(text, ",")
	for i := range entries {
		entries[i] = strings.TrimSpace(entries[i])
	}
	return entries
}
