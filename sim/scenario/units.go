package scenario

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"ksim/sim/clock"
)

// Limits on what a file may state. They keep every product that a run forms
// (offset × time, record × size) within 63 bits.
const (
	MaxDuration clock.Duration = 30 * 24 * clock.Hour
	MaxSize     int64          = 1 << 50   // bytes
	MaxRate     int64          = 1_000_000 // records a second
)

// fault is why a text is not the value that is expected there.
type fault struct{ message, hint string }

func faultf(format string, args ...any) *fault { return &fault{message: fmt.Sprintf(format, args...)} }

// unit is a unit and how many of the smallest it holds.
type unit struct {
	name string
	of   int64
}

var durationUnits = []unit{
	{"h", int64(clock.Hour)}, {"m", int64(clock.Minute)}, {"s", int64(clock.Second)},
	{"ms", int64(clock.Millisecond)}, {"us", int64(clock.Microsecond)}, {"µs", int64(clock.Microsecond)},
}

var sizeUnits = []unit{
	{"B", 1}, {"KB", 1e3}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
}

// rateUnits are in microseconds.
var rateUnits = []unit{{"s", int64(clock.Second)}, {"m", int64(clock.Minute)}, {"h", int64(clock.Hour)}}

// spelled are units as people spell them out.
var spelled = map[string]string{
	"hr": "h", "hrs": "h", "hour": "h", "hours": "h",
	"min": "m", "mins": "m", "minute": "m", "minutes": "m",
	"sec": "s", "secs": "s", "second": "s", "seconds": "s",
	"msec": "ms", "millis": "ms", "millisecond": "ms", "milliseconds": "ms",
	"μs": "us", "usec": "us", "micros": "us", "microsecond": "us", "microseconds": "us", // with a Greek mu
}

// meantUnit is the unit that is meant by a name that is none, "" if unclear.
func meantUnit(units []unit, name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if short, ok := spelled[name]; ok {
		name = short
	}
	if u, ok := unitNamed(units, name); ok {
		return u.name
	}
	return ""
}

func unitNamed(units []unit, name string) (unit, bool) {
	for _, u := range units {
		if u.name == name {
			return u, true
		}
	}
	return unit{}, false
}

// parseDuration reads 250ms, 1.25ms, 30s, 6m, 1h30m: numbers with units, the
// larger unit first.
func parseDuration(text string) (clock.Duration, *fault) {
	if len(text) > maxQuoted {
		return 0, notDuration(shorten(text))
	}
	if strings.HasPrefix(text, "-") {
		return 0, faultf("the duration %q is negative", text)
	}
	if _, _, ok := decimal(text); ok {
		f := faultf("the duration %q has no unit: expected h, m, s, ms or us after the number", text)
		f.hint = fmt.Sprintf("did you mean %q, %q or %q?", text+"ms", text+"s", text+"m")
		return 0, f
	}
	if text == "" {
		return 0, notDuration(text)
	}
	var total int64
	largest := int64(MaxDuration)
	for rest := text; rest != ""; {
		var number, name string
		number, name, rest = leadingUnit(rest)
		digits, scale, ok := decimal(number)
		u, known := unitNamed(durationUnits, name)
		if !ok || !known {
			return 0, wrongPart(text, number, name, ok)
		}
		if u.of >= largest {
			f := notDuration(text)
			f.hint = "the larger unit comes first, each unit once"
			return 0, f
		}
		largest = u.of
		part, exact, fits := times(digits, u.of, scale)
		if !fits || total+part > int64(MaxDuration) {
			return 0, faultf("the duration %q is longer than %d days", text, MaxDuration/(24*clock.Hour))
		}
		if !exact {
			return 0, faultf("the duration %q is finer than a microsecond", text)
		}
		total += part
	}
	return clock.Duration(total), nil
}

func notDuration(text string) *fault {
	return faultf("%q is not a duration: expected a number with a unit, such as 250ms, 1.25ms, 30s, 6m or 1h30m", text)
}

// wrongPart says what is wrong with one number and its unit.
func wrongPart(text, number, name string, isNumber bool) *fault {
	f := notDuration(text)
	f.hint = didYouMean(meantDuration(text))
	switch {
	case len(number) > maxDigits:
		f.message = fmt.Sprintf("the duration %q has too many digits", shorten(text))
	case !isNumber:
	case name == "ns":
		f.message = fmt.Sprintf("the duration %q is finer than a microsecond", text)
	case strings.TrimSpace(name) != name || name == "":
	default:
		f.message = fmt.Sprintf("the duration %q has an unknown unit, %q: expected h, m, s, ms or us", text, name)
	}
	return f
}

// meantDuration is a duration without blanks and with its units as they are
// written, in quotes; "" when that is none either.
func meantDuration(text string) string {
	meant, number, name := "", "", ""
	for rest := strings.ReplaceAll(text, " ", ""); rest != ""; {
		number, name, rest = leadingUnit(rest)
		days, scale, whole := decimal(number)
		unit := meantUnit(durationUnits, name)
		if whole && scale == 1 && (name == "d" || name == "day" || name == "days") {
			number, unit = strconv.FormatInt(24*days, 10), "h"
		}
		if unit == "" {
			return ""
		}
		meant += number + unit
	}
	if meant == text {
		return ""
	}
	if _, wrong := parseDuration(meant); wrong != nil {
		return ""
	}
	return strconv.Quote(meant)
}

// parseSize reads bytes: 10MB, 1KiB, 52428800. bare tells that there was no unit.
func parseSize(text string) (size int64, bare bool, f *fault) {
	number, name, rest := leadingUnit(text)
	digits, scale, ok := decimal(number)
	u, known := unitNamed(sizeUnits, name)
	if name == "" {
		u, known = unit{"", 1}, true
	}
	if !ok || !known || rest != "" {
		return 0, false, notSize(text, number, name, ok && rest == "")
	}
	size, exact, fits := times(digits, u.of, scale)
	if !fits || size > MaxSize {
		return 0, false, faultf("the size %q is more than 1024 TiB", text)
	}
	if !exact {
		return 0, false, faultf("the size %q is not a whole number of bytes", text)
	}
	return size, name == "", nil
}

func notSize(text, number, name string, oneNumber bool) *fault {
	f := faultf("%q is not a size: expected bytes as a number, or with a unit, such as 10MB or 1KiB", shorten(text))
	if !oneNumber {
		return f
	}
	for _, u := range sizeUnits {
		if strings.EqualFold(u.name, strings.TrimSpace(name)) {
			f.hint = fmt.Sprintf("did you mean %q?", number+u.name)
			return f
		}
	}
	if strings.Contains("KMGT", name) {
		f.hint = fmt.Sprintf("did you mean %q or %q?", number+name+"B", number+name+"iB")
	}
	return f
}

// parseRate reads 1000/s, 0.5/s, 30/m as an exact fraction.
func parseRate(text string) (Rate, *fault) {
	number, per, slash := strings.Cut(text, "/")
	digits, scale, ok := decimal(number)
	u, known := unitNamed(rateUnits, per)
	if !ok || !slash || !known {
		f := faultf("%q is not a rate: expected records a second, minute or hour, such as 1000/s, 30/m or 0.5/s", shorten(text))
		if _, _, isNumber := decimal(strings.TrimSpace(number)); isNumber && !slash {
			f.hint = fmt.Sprintf("did you mean %q?", text+"/s")
		} else if isNumber {
			if per = meantUnit(rateUnits, per); per != "" {
				f.hint = fmt.Sprintf("did you mean %q?", strings.TrimSpace(number)+"/"+per)
			}
		}
		return Rate{}, f
	}
	if digits == 0 {
		return Rate{0, clock.Second}, nil
	}
	window, _, fits := times(scale, u.of, 1)
	if !fits {
		return Rate{}, faultf("the rate %q has too many decimals", text)
	}
	common := gcd(digits, window)
	rate := Rate{digits / common, clock.Duration(window / common)}
	if most, _, fits := times(MaxRate, int64(rate.Per), int64(clock.Second)); fits && rate.Records > most {
		return Rate{}, faultf("the rate %q is more than %d/s", text, MaxRate)
	}
	// Back to a readable window: 1000 in 1 s, not 1 in 1 ms.
	if per := int64(clock.Second); per%int64(rate.Per) == 0 {
		rate = Rate{rate.Records * (per / int64(rate.Per)), clock.Second}
	}
	if rate.Records > MaxRate {
		return Rate{}, faultf("the rate %q has too many decimals", text)
	}
	return rate, nil
}

// leadingUnit splits "1h30m" into "1", "h" and "30m".
func leadingUnit(text string) (number, name, rest string) {
	n := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if n < 0 {
		return text, "", ""
	}
	number, rest = text[:n], text[n:]
	if n = strings.IndexAny(rest, "0123456789."); n < 0 {
		return number, rest, ""
	}
	return number, rest[:n], rest[n:]
}

// maxDigits keeps digits and scale below 10^18.
const maxDigits = 18

// decimal reads digits with at most one point between them as digits/scale.
func decimal(text string) (digits, scale int64, ok bool) {
	whole, fraction, point := strings.Cut(text, ".")
	if whole == "" || point && fraction == "" || len(whole)+len(fraction) > maxDigits {
		return 0, 0, false
	}
	scale = 1
	for range fraction {
		scale *= 10
	}
	for _, c := range []byte(whole + fraction) {
		if c < '0' || c > '9' {
			return 0, 0, false
		}
		digits = digits*10 + int64(c-'0')
	}
	return digits, scale, true
}

// times gives n × unit / scale for positive numbers, whether that is a whole
// number, and whether it fits 63 bits.
func times(n, unit, scale int64) (product int64, exact, fits bool) {
	hi, lo := bits.Mul64(uint64(n), uint64(unit))
	if hi >= uint64(scale) {
		return 0, false, false
	}
	q, r := bits.Div64(hi, lo, uint64(scale))
	return int64(q), r == 0, q < 1<<63
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// FormatDuration writes a duration as a scenario file does: 1h30m, 1.25ms.
func FormatDuration(d clock.Duration) string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	if h := d / clock.Hour; h > 0 {
		fmt.Fprintf(&b, "%dh", h)
	}
	if m := d % clock.Hour / clock.Minute; m > 0 {
		fmt.Fprintf(&b, "%dm", m)
	}
	rest := d % clock.Minute
	switch {
	case rest == 0:
	case rest < clock.Second:
		b.WriteString(decimalText(int64(rest), int64(clock.Millisecond)) + "ms")
	default:
		b.WriteString(decimalText(int64(rest), int64(clock.Second)) + "s")
	}
	return b.String()
}

// decimalText writes n/scale, scale a power of ten, without trailing zeros.
func decimalText(n, scale int64) string {
	whole := strconv.FormatInt(n/scale, 10)
	if n%scale == 0 {
		return whole
	}
	fraction := strconv.FormatInt(scale+n%scale, 10)[1:]
	return whole + "." + strings.TrimRight(fraction, "0")
}

// FormatSize writes bytes with the largest unit that divides them, in steps of
// 1024 before steps of 1000.
func FormatSize(bytes int64) string {
	best := unit{"", 1}
	for _, u := range sizeUnits {
		if u.of > 1 && bytes >= u.of && bytes%u.of == 0 && (u.of > best.of || strings.Contains(u.name, "i") && !strings.Contains(best.name, "i")) {
			best = u
		}
	}
	return strconv.FormatInt(bytes/best.of, 10) + best.name
}

// ParseDuration reads a duration as the contract writes it, such as 5m30s; for
// flags of the command line.
func ParseDuration(text string) (clock.Duration, error) {
	d, wrong := parseDuration(text)
	switch {
	case wrong == nil:
		return d, nil
	case wrong.hint == "":
		return 0, errors.New(wrong.message)
	}
	return 0, fmt.Errorf("%s (%s)", wrong.message, wrong.hint)
}
