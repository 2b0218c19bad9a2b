package config

import (
	"slices"
	"strconv"
	"strings"

	"ksim/sim/diag"
	"ksim/sim/kafka"
)

// unknownHint says what may have been meant by a name that this version does
// not have; other is the name's row in other versions, or nil.
func (c *catalogue) unknownHint(v kafka.Version, key string, other *property) string {
	switch {
	case other != nil && v < other.since:
		return "new in version " + other.since.String()
	case other != nil:
		return "gone since version " + other.until.String()
	}
	names := c.namesIn(v)
	for _, name := range names {
		if squeeze(name) == squeeze(key) {
			return "the property is written " + strconv.Quote(name)
		}
	}
	if where := elsewhere(c, key); where != "" {
		return where
	}
	return diag.DidYouMean(key, names)
}

// namesIn lists the names that the version has.
func (c *catalogue) namesIn(v kafka.Version) []string {
	var names []string
	for _, name := range c.names {
		if _, present := c.property(v, name); present {
			names = append(names, name)
		}
	}
	return names
}

// squeeze is a name without separators and case, so that session_timeout_ms and
// sessionTimeoutMs are found to mean session.timeout.ms.
func squeeze(name string) string {
	return strings.ToLower(strings.NewReplacer(".", "", "_", "", "-", "").Replace(name))
}

// valueHint says how a number with a unit is written bare, or what is near.
func valueHint(p *property, key, given string) string {
	if p.oneOf != nil {
		return diag.DidYouMean(given, p.oneOf)
	}
	if _, err := strconv.ParseInt(given, 10, 64); err == nil && p.kind == duration {
		return "a bare number would be nanoseconds: write " + goDuration(given)
	}
	u := unitOf(key)
	if u.name == "" && p.kind != duration {
		u = p.unit()
	}
	amount, ok := inUnit(strings.TrimSpace(given), u)
	if !ok {
		return ""
	}
	return u.name + ", bare: " + strconv.FormatInt(amount, 10)
}

// unit is what a property's bare number counts, as its name's end tells.
type unit struct {
	suffix string
	name   string
	words  []factor // the units that people write, in this one
}

type factor struct {
	word         string
	times, parts int64 // one word is times/parts of the unit
}

var units = []unit{
	{"ms", "milliseconds", []factor{{"ms", 1, 1}, {"s", 1000, 1}, {"m", 60_000, 1}, {"h", 3_600_000, 1}, {"d", 86_400_000, 1}}},
	{"seconds", "seconds", []factor{{"ms", 1, 1000}, {"s", 1, 1}, {"m", 60, 1}, {"h", 3600, 1}, {"d", 86_400, 1}}},
	{"minutes", "minutes", []factor{{"s", 1, 60}, {"m", 1, 1}, {"h", 60, 1}, {"d", 1440, 1}}},
	{"hours", "hours", []factor{{"m", 1, 60}, {"h", 1, 1}, {"d", 24, 1}}},
	{"kbytes", "kilobytes", []factor{{"kB", 1, 1}, {"KB", 1, 1}, {"KiB", 1, 1}, {"MB", 1024, 1}, {"MiB", 1024, 1}, {"GB", 1 << 20, 1}, {"GiB", 1 << 20, 1}}},
	{"bytes", "bytes", []factor{{"B", 1, 1}, {"kB", 1000, 1}, {"KB", 1000, 1}, {"KiB", 1024, 1}, {"MB", 1e6, 1}, {"MiB", 1 << 20, 1}, {"GB", 1e9, 1}, {"GiB", 1 << 30, 1}}},
}

// unit tells the unit of a property: its own name's, or that of the Java property
// to which it answers.
func (p *property) unit() unit {
	for _, name := range append([]string{p.name}, p.borrowed...) {
		if u := unitOf(name); u.name != "" {
			return u
		}
	}
	return unit{}
}

// unitOf tells the unit that a name ends with; the zero unit has no words.
func unitOf(name string) unit {
	suffix := name[strings.LastIndexByte(name, '.')+1:]
	for _, u := range units {
		if u.suffix == suffix {
			return u
		}
	}
	return unit{}
}

// inUnit reads `30s` or `1h30m` as a whole number of the unit.
func inUnit(given string, u unit) (amount int64, ok bool) {
	for given != "" {
		digits := len(given) - len(strings.TrimLeft(given, "0123456789"))
		n, err := strconv.ParseInt(given[:digits], 10, 32)
		if err != nil {
			return 0, false
		}
		given = strings.TrimSpace(given[digits:])
		word := given[:len(given)-len(strings.TrimLeft(given, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
		f := u.factor(word)
		if f == nil || n*f.times%f.parts != 0 {
			return 0, false
		}
		amount += n * f.times / f.parts
		given = strings.TrimSpace(given[len(word):])
		ok = true
	}
	return amount, ok
}

func (u unit) factor(word string) *factor {
	for i := range u.words {
		if u.words[i].word == word {
			return &u.words[i]
		}
	}
	return nil
}

// elsewhere says whose property a name is, if not c's.
func elsewhere(c *catalogue, name string) string {
	isConsumer := slices.Contains(consumerCatalogues(), c)
	if isConsumer && (javaProducer.index[name] != nil && javaConsumer.index[name] == nil || slices.Contains(c.producer, pythonName(name))) {
		return "a property of the producer"
	}
	for _, other := range consumerCatalogues() {
		if other == c || other.index[name] == nil {
			continue
		}
		if isConsumer {
			return "a property of " + other.software
		}
		return "a property of the consumer: it belongs under a group's config"
	}
	for _, place := range []struct {
		catalogue *catalogue
		hint      string
	}{
		{broker, "a property of the broker: it belongs under the cluster's config"},
		{topic, "a property of a topic: it belongs under the topic's config"},
		{group, "a property that brokers keep for a group: it belongs under group-config"},
	} {
		if place.catalogue != c && place.catalogue.index[name] != nil {
			return place.hint
		}
	}
	return ""
}
