package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// duration is Go's time.Duration. A client's own name takes what
// time.ParseDuration reads (6s, 250ms, 1m30s), the contract's dotted name a bare
// number of milliseconds; it is kept in milliseconds.
const duration kind = "time.Duration"

// readGo reads a value as the Go compiler and time.ParseDuration would, under the
// client's own name or a dotted one.
func readGo(p *property, key, given string) (value, refusal string) {
	given = strings.TrimSpace(given)
	value = given
	switch p.kind {
	case duration:
		if key == p.name {
			value, refusal = parseGoDuration(given)
		} else {
			value, refusal = parseGoInt(given)
		}
	case integer:
		value, refusal = parseGoInt(given)
	case boolean:
		if given != "true" && given != "false" {
			refusal = "cannot use " + goConstant(given) + " as bool value in assignment"
		} else if p.inverse != "" && key == p.inverse {
			value = strconv.FormatBool(given == "false")
		}
	case list:
		value, refusal = p.goNames(splitList(given))
	default:
		if p.oneOf != nil {
			value, refusal = p.goNames([]string{given})
		}
	}
	if refusal == "" && p.check != nil {
		refusal = p.check(value)
	}
	return value, refusal
}

// goNames finds each entry among oneOf and its synonyms.
func (p *property) goNames(entries []string) (value, refusal string) {
	for i, entry := range entries {
		if at := slices.IndexFunc(p.synonyms, func(s synonym) bool { return s.value == entry }); at >= 0 {
			entries[i] = p.synonyms[at].means
		} else if !slices.Contains(p.oneOf, entry) {
			return "", fmt.Sprintf("%s has no value %q: expected one of %s", p.name, entry, strings.Join(p.words(), ", "))
		}
	}
	return strings.Join(entries, ","), ""
}

// words are the values that a property takes, its synonyms last.
func (p *property) words() []string {
	words := slices.Clone(p.oneOf)
	for _, s := range p.synonyms {
		words = append(words, s.value)
	}
	return words
}

func parseGoInt(given string) (value, refusal string) {
	n, err := strconv.ParseInt(given, 10, 64)
	if err != nil {
		return "", "cannot use " + goConstant(given) + " as int value in assignment"
	}
	return strconv.FormatInt(n, 10), ""
}

// goConstant names a constant as the compiler does.
func goConstant(text string) string {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return text + " (untyped int constant)"
	}
	if text == "true" || text == "false" {
		return text + " (untyped bool constant)"
	}
	return strconv.Quote(text) + " (untyped string constant)"
}

// goUnits are the units of a time.Duration in nanoseconds.
var goUnits = []factor{{"ns", 1, 1}, {"us", 1000, 1}, {"µs", 1000, 1}, {"ms", 1_000_000, 1}, {"s", 1_000_000_000, 1}, {"m", 60_000_000_000, 1}, {"h", 3_600_000_000_000, 1}}

// parseGoDuration gives what time.ParseDuration reads, in milliseconds.
func parseGoDuration(given string) (value, refusal string) {
	if given == "0" {
		return "0", ""
	}
	rest, sign := given, int64(1)
	if s, ok := strings.CutPrefix(rest, "-"); ok {
		rest, sign = s, -1
	}
	var nanos int64
	for first := true; first || rest != ""; first = false {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		whole, fraction, _ := strings.Cut(rest[:digits], ".")
		n, err := strconv.ParseInt("0"+whole, 10, 40)
		if err != nil || digits == 0 || whole+fraction == "" || len(fraction) > 9 || strings.Contains(fraction, ".") {
			return "", "time: invalid duration " + strconv.Quote(given)
		}
		rest = rest[digits:]
		word := rest[:len(rest)-len(strings.TrimLeft(rest, "nuµmsh"))]
		at := slices.IndexFunc(goUnits, func(f factor) bool { return f.word == word })
		switch {
		case rest == "":
			return "", fmt.Sprintf("time: missing unit in duration %q", given)
		case at < 0:
			return "", fmt.Sprintf("time: unknown unit %q in duration %q", rest, given)
		}
		rest = rest[len(word):]
		unit := goUnits[at].times
		if n > (1<<62)/unit {
			return "", "time: invalid duration " + strconv.Quote(given)
		}
		nanos += n * unit
		for _, digit := range fraction {
			unit /= 10
			nanos += int64(digit-'0') * unit
		}
		if nanos < 0 {
			return "", "time: invalid duration " + strconv.Quote(given)
		}
	}
	if nanos%1_000_000 != 0 {
		return "", fmt.Sprintf("%s is no whole number of milliseconds, which is what the protocol has", given)
	}
	return strconv.FormatInt(sign*nanos/1_000_000, 10), ""
}

// goDuration prints milliseconds as a time.Duration does.
func goDuration(millis string) string {
	n, err := strconv.ParseInt(millis, 10, 64)
	switch {
	case err != nil || n < 0:
		return millis + "ms"
	case n == 0:
		return "0s"
	case n < 1000:
		return millis + "ms"
	}
	var b strings.Builder
	hours, minutes, seconds := n/3_600_000, n/60_000%60, n%60_000
	if hours > 0 {
		fmt.Fprintf(&b, "%dh", hours)
	}
	if hours > 0 || minutes > 0 {
		fmt.Fprintf(&b, "%dm", minutes)
	}
	b.WriteString(strconv.FormatInt(seconds/1000, 10))
	if part := seconds % 1000; part > 0 {
		b.WriteString("." + strings.TrimRight(fmt.Sprintf("%03d", part), "0"))
	}
	return b.String() + "s"
}
