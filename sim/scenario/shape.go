package scenario

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/diag"
)

// shape is what a value of the file must look like. The same shapes check a
// file and make the JSON schema for editors, so that the two cannot differ.
type shape interface {
	// check reports all that is wrong with n, whose path is at, and marks the
	// values that nobody can use. It leaves numbers in n.value.
	check(l *loader, n *node, at string)
	// schema is the JSON schema of the shape.
	schema() map[string]any
}

// describe names a node's value in a message.
func (n *node) describe() string {
	switch n.kind {
	case isNull:
		return "nothing"
	case isList:
		return "a list"
	case isMap:
		return "a map"
	}
	return strconv.Quote(shorten(n.text))
}

// maxQuoted is how much of a value a message repeats.
const maxQuoted = 80

func shorten(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	return strings.ToValidUTF8(s[:maxQuoted], "") + "…"
}

// scalar reports a value that is not a scalar.
func (l *loader) scalar(n *node, at, expected string) bool {
	if n.kind == isScalar {
		return true
	}
	l.reject(n, "", "%s is %s: expected %s", at, n.describe(), expected)
	return false
}

// text is any text; numbers and booleans stand for themselves.
type text struct{ needed, oneLine bool }

func (s text) check(l *loader, n *node, at string) {
	if !l.scalar(n, at, "text") {
		return
	}
	if s.needed && strings.TrimSpace(n.text) == "" {
		l.reject(n, "", "%s is empty: expected text", at)
	}
	if s.oneLine && strings.ContainsAny(strings.TrimSpace(n.text), "\r\n") {
		l.reject(n, "", "%s has several lines: expected one", at)
	}
}

func (s text) schema() map[string]any {
	m := ofType("string", "number", "boolean")
	if s.needed {
		m["pattern"] = `\S`
	}
	return m
}

// name is text of a form, such as a topic's name.
type name struct {
	what string
	form *regexp.Regexp
	says string // the form in words
}

func (s name) check(l *loader, n *node, at string) {
	if l.scalar(n, at, s.what) && !s.form.MatchString(n.text) {
		l.reject(n, "", "%s is %s: expected %s (%s)", at, n.describe(), s.what, s.says)
	}
}

func (s name) schema() map[string]any {
	return map[string]any{"type": []string{"string", "number"}, "pattern": s.form.String()}
}

// integer is a whole number in a range.
type integer struct{ least, most int64 }

func (s integer) check(l *loader, n *node, at string) {
	expected := fmt.Sprintf("a whole number from %d to %d", s.least, s.most)
	if s.most == noLimit {
		expected = fmt.Sprintf("a whole number, at least %d", s.least)
	} else if s.most == s.least {
		expected = strconv.FormatInt(s.least, 10)
	}
	if !l.scalar(n, at, expected) {
		return
	}
	v, err := strconv.ParseInt(n.text, 10, 64)
	if err != nil || n.quoted || v < s.least || v > s.most {
		l.reject(n, quotesHint(n, err == nil), "%s is %s: expected %s", at, n.describe(), expected)
		return
	}
	n.value = v
}

// quotesHint is for text that would be right without its quotes.
func quotesHint(n *node, right bool) string {
	if n.quoted && right {
		return "write " + n.text + " without quotes"
	}
	return ""
}

func (s integer) schema() map[string]any {
	m := map[string]any{"type": "integer", "minimum": s.least}
	if s.most != noLimit {
		m["maximum"] = s.most
	}
	return m
}

// noLimit is the largest number that a figure can state.
const noLimit = 1<<63 - 1

// seed is a uint64; its bits are left in value.
type seed struct{}

func (seed) check(l *loader, n *node, at string) {
	if !l.scalar(n, at, "a whole number") {
		return
	}
	v, err := strconv.ParseUint(n.text, 10, 64)
	if err != nil || n.quoted {
		l.reject(n, quotesHint(n, err == nil), "%s is %s: expected a whole number from 0 to 18446744073709551615", at, n.describe())
		return
	}
	n.value = int64(v)
}

func (seed) schema() map[string]any { return map[string]any{"type": "integer", "minimum": 0} }

// boolean is true or false.
type boolean struct{}

func (boolean) check(l *loader, n *node, at string) {
	if n.kind == isScalar && !n.quoted && (n.text == "true" || n.text == "false") {
		if n.text == "true" {
			n.value = 1
		}
		return
	}
	hint := quotesHint(n, n.text == "true" || n.text == "false")
	switch strings.ToLower(n.text) {
	case "yes", "on", "true":
		hint = cmp.Or(hint, "did you mean true?")
	case "no", "off", "false":
		hint = cmp.Or(hint, "did you mean false?")
	}
	l.reject(n, hint, "%s is %s: expected true or false", at, n.describe())
}

func (boolean) schema() map[string]any { return ofType("boolean") }

// duration is a time span of at least least, above zero if positive; `none` is
// allowed if optional and leaves noLimit.
type duration struct {
	positive, optional bool
	least              clock.Duration
}

func (s duration) check(l *loader, n *node, at string) {
	if !l.scalar(n, at, "a duration such as 250ms or 30s") {
		return
	}
	if s.optional && n.text == "none" {
		n.value = noLimit
		return
	}
	d, f := parseDuration(n.text)
	if f == nil && s.positive && d == 0 {
		f = faultf("the duration %q is not above zero", n.text)
	}
	if f == nil && d < s.least {
		f = faultf("the duration %q is too short: expected at least %s", n.text, FormatDuration(s.least))
	}
	l.use(n, at, int64(d), f)
}

func (s duration) schema() map[string]any {
	m := map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(h|m|s|ms|us|µs))+$`}
	if s.optional {
		return anyOf(m, map[string]any{"const": "none"})
	}
	return m
}

// size is bytes.
type size struct{ positive bool }

func (s size) check(l *loader, n *node, at string) {
	if !l.scalar(n, at, "a size such as 10MB or 52428800") {
		return
	}
	v, _, f := parseSize(n.text)
	if f == nil && s.positive && v == 0 {
		f = faultf("the size %q is not above zero", n.text)
	}
	l.use(n, at, v, f)
}

func (size) schema() map[string]any {
	return anyOf(map[string]any{"type": "integer", "minimum": 0},
		map[string]any{"type": "string", "pattern": `^[0-9]+(\.[0-9]+)?([kKMGT]?B|[KMGT]iB)?$`})
}

// rateShape is records per time; the fraction is read again by who needs it.
type rateShape struct{}

func (rateShape) check(l *loader, n *node, at string) {
	if l.scalar(n, at, "a rate such as 1000/s") {
		_, f := parseRate(n.text)
		l.use(n, at, 0, f)
	}
}

func (rateShape) schema() map[string]any {
	return map[string]any{"type": "string", "pattern": `^[0-9]+(\.[0-9]+)?/(s|m|h)$`}
}

// number is a decimal number above zero.
type number struct{}

func (number) check(l *loader, n *node, at string) {
	if !l.scalar(n, at, "a number") {
		return
	}
	if digits, _, ok := decimal(n.text); !ok || digits == 0 || n.quoted {
		l.reject(n, quotesHint(n, ok && digits > 0), "%s is %s: expected a number above zero, such as 1.1", at, n.describe())
	}
}

func (number) schema() map[string]any {
	return map[string]any{"type": "number", "exclusiveMinimum": 0}
}

// word is one of a few words. feature, if any, is what supported.go calls it.
type word struct {
	feature string
	words   []string
}

func (s word) check(l *loader, n *node, at string) {
	if !l.scalar(n, at, "one of "+strings.Join(s.words, ", ")) {
		return
	}
	for _, w := range s.words {
		if n.text == w {
			l.unsupported(n.place, s.feature+"="+w, at[strings.LastIndexByte(at, '.')+1:]+" "+strconv.Quote(w))
			return
		}
	}
	expected, hint := diag.Expected(n.text, s.words)
	l.reject(n, hint, "%s is %s: %s", at, n.describe(), expected)
}

func (s word) schema() map[string]any { return map[string]any{"enum": s.words} }

// listOf is a list; a key without a value is an empty one. most 0 is no limit.
type listOf struct {
	of          shape
	least, most int
}

func (s listOf) check(l *loader, n *node, at string) {
	if n.kind != isList {
		l.reject(n, s.listHint(n), "%s is %s: expected a list", at, n.describe())
		return
	}
	if len(n.items) < s.least || s.most > 0 && len(n.items) > s.most {
		l.reject(n, "", "%s is a list of %d: expected %s", at, len(n.items), s.count())
	}
	for i, item := range n.items {
		s.of.check(l, item, at+"["+strconv.Itoa(i)+"]")
	}
}

// listHint writes a lone entry that stands in place of a list as one.
func (s listOf) listHint(n *node) string {
	if s.least > 1 {
		return ""
	}
	entry, mapping := "", false
	switch of := s.of.(type) {
	case text, name:
		entry = shorten(quotedIfNeeded(n))
	case byKind:
		if of.scalar != nil {
			entry = shorten(quotedIfNeeded(n))
		}
		mapping = of.mapping != nil
	case *object:
		entry, mapping = of.named(n), true
	case *choice:
		mapping = true
	}
	switch {
	case n.kind == isMap && mapping:
		return `each entry of a list begins with "- "`
	case n.kind == isScalar && entry != "":
		return didYouMean("[" + entry + "]")
	}
	return ""
}

func (s listOf) count() string {
	if s.least == s.most {
		return strconv.Itoa(s.least)
	}
	return "at least " + strconv.Itoa(s.least)
}

func (s listOf) schema() map[string]any {
	m := map[string]any{"type": []string{"array", "null"}, "items": s.of.schema()}
	if s.least > 0 {
		m["type"], m["minItems"] = "array", s.least
	}
	if s.most > 0 {
		m["maxItems"] = s.most
	}
	return m
}

// mapOf is a map with names of the user's as keys.
type mapOf struct {
	of    shape
	least int
}

func (s mapOf) check(l *loader, n *node, at string) {
	if n.kind != isMap {
		like := ""
		if n.kind == isScalar && topicName.form.MatchString(n.text) {
			like = " such as {" + shorten(n.text) + ": …}"
		}
		l.reject(n, "", "%s is %s: expected a map%s", at, n.describe(), like)
		return
	}
	if len(n.fields) < s.least {
		l.reject(n, "", "%s is empty", at)
	}
	l.duplicates(n, at)
	for _, f := range n.fields {
		s.of.check(l, f.value, at+"."+f.key)
	}
}

func (s mapOf) schema() map[string]any {
	m := map[string]any{"type": []string{"object", "null"}, "additionalProperties": s.of.schema()}
	if s.least > 0 {
		m["type"], m["minProperties"] = "object", s.least
	}
	return m
}

// properties is a map of configuration properties with bare values.
type properties struct{}

func (properties) check(l *loader, n *node, at string) {
	if n.kind != isMap {
		l.reject(n, "", "%s is %s: expected a map of properties", at, n.describe())
		return
	}
	l.duplicates(n, at)
	for _, f := range n.fields {
		v := f.value
		switch v.kind {
		case isNull:
			l.rejectAt(v, f.place, `write "" for an empty value`, "%s.%s has no value", at, f.key)
		case isMap:
			l.reject(v, "write the property's name in one piece, with its dots", "%s.%s is a map: expected a value", at, f.key)
		case isList:
			for _, item := range v.items {
				if item.kind != isScalar {
					hint := ""
					if item.kind == isMap {
						hint = `quote a value that contains ":"`
					}
					l.reject(v, hint, "%s.%s holds %s: expected a list of values", at, f.key, item.describe())
					break
				}
			}
		}
	}
}

func (properties) schema() map[string]any {
	scalar := []string{"string", "number", "boolean"}
	return map[string]any{"type": []string{"object", "null"}, "additionalProperties": anyOf(
		map[string]any{"type": scalar},
		map[string]any{"type": "array", "items": map[string]any{"type": scalar}})}
}

// byKind picks the shape by what is there: a scalar, a list or a map.
type byKind struct {
	scalar, list, mapping shape
	expected              string
}

func (s byKind) check(l *loader, n *node, at string) {
	var of shape
	switch n.kind {
	case isScalar:
		of = s.scalar
	case isList:
		of = s.list
	case isMap:
		of = s.mapping
	}
	if of == nil {
		hint := ""
		if list, ok := s.list.(listOf); ok {
			hint = list.listHint(n)
		}
		l.reject(n, hint, "%s is %s: expected %s", at, n.describe(), s.expected)
		return
	}
	of.check(l, n, at)
}

func (s byKind) schema() map[string]any {
	var forms []map[string]any
	for _, of := range []shape{s.scalar, s.list, s.mapping} {
		if of != nil {
			forms = append(forms, of.schema())
		}
	}
	return anyOf(forms...)
}

func ofType(names ...string) map[string]any {
	if len(names) == 1 {
		return map[string]any{"type": names[0]}
	}
	return map[string]any{"type": names}
}

func anyOf(forms ...map[string]any) map[string]any { return map[string]any{"anyOf": forms} }
