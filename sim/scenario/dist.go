package scenario

import (
	"strings"

	"ksim/sim/clock"
	"ksim/sim/diag"
)

// distShape is a duration that may vary: 120ms, or a map with one of the forms
// of distForms.
type distShape struct{}

// distForms are the ways in which a duration varies.
var distForms = &choice{name: "distribution", lead: "form", doc: "A duration that varies, drawn as work begins.",
	variants: []*object{
		{name: "distribution-normal", doc: "Normal.", keys: []key{
			{"normal", listOf{duration{}, 2, 2}, "[mean, standard deviation]", true}}},
		{name: "distribution-uniform", doc: "Uniform.", keys: []key{
			{"uniform", listOf{duration{}, 2, 2}, "[smallest, largest]", true}}},
		{name: "distribution-exponential", doc: "Exponential.", keys: []key{
			{"exponential", duration{}, "The mean.", true}}},
		{name: "distribution-lognormal", doc: "Lognormal.", keys: []key{
			{"lognormal", lognormalObject, "{p50: 80ms, p99: 2s}", true}}},
		{name: "distribution-sequence", doc: "In turn, again from the start.", keys: []key{
			{"sequence", listOf{of: duration{}, least: 1}, "The durations.", true}}},
		{name: "distribution-trace", doc: "In turn from a file, again from the start.", keys: []key{
			{"trace", text{}, "A CSV file with a duration at the start of each line.", true}}},
	}}

var lognormalObject = &object{name: "lognormal", doc: "By two percentiles.", keys: []key{
	{"p50", duration{positive: true}, "The median.", true},
	{"p99", duration{positive: true}, "99 of 100 are shorter.", true},
}}

func (distShape) check(l *loader, n *node, at string) {
	if n.kind != isMap {
		if l.scalar(n, at, "a duration such as 120ms, or a map such as {normal: [120ms, 20ms]}") {
			duration{}.check(l, n, at)
		}
		return
	}
	distForms.check(l, n, at)
	if n.bad {
		return
	}
	if u := n.usable("uniform"); u != nil && !anyBad(u.items) && u.items[1].value < u.items[0].value {
		l.reject(u, "", "%s: uniform's largest duration, %s, is below its smallest, %s", at, u.items[1].text, u.items[0].text)
	}
	if q := n.usable("lognormal"); q != nil {
		p50, p99 := q.usable("p50"), q.usable("p99")
		if p50 != nil && p99 != nil && p99.value < p50.value {
			l.reject(q, "", "%s: lognormal's p99, %s, is below its p50, %s", at, p99.text, p50.text)
		}
	}
}

func (distShape) schema() map[string]any { return anyOf(duration{}.schema(), distForms.schema()) }

func anyBad(nodes []*node) bool {
	for _, n := range nodes {
		if n.bad {
			return true
		}
	}
	return false
}

// dist reads a duration that may vary and has been checked; nil is 0.
func (l *loader) dist(n *node) clock.Dist {
	if n == nil {
		return clock.Fixed(0)
	}
	if n.kind == isScalar {
		return clock.Fixed(clock.Duration(n.value))
	}
	if v := n.usable("normal"); v != nil {
		return clock.Dist{Kind: clock.Normal, A: clock.Duration(v.items[0].value), B: clock.Duration(v.items[1].value)}
	}
	if v := n.usable("uniform"); v != nil {
		return clock.Dist{Kind: clock.Uniform, A: clock.Duration(v.items[0].value), B: clock.Duration(v.items[1].value)}
	}
	if v := n.usable("exponential"); v != nil {
		return clock.Dist{Kind: clock.Exponential, A: clock.Duration(v.value)}
	}
	if v := n.usable("lognormal"); v != nil {
		return clock.Dist{Kind: clock.Lognormal, A: clock.Duration(l.number(v, "p50", 0)), B: clock.Duration(l.number(v, "p99", 0))}
	}
	if v := n.usable("sequence"); v != nil {
		d := clock.Dist{Kind: clock.Sequence}
		for _, item := range v.items {
			d.Values = append(d.Values, clock.Duration(item.value))
		}
		return d
	}
	if v := n.usable("trace"); v != nil {
		return clock.Dist{Kind: clock.Sequence, Values: l.readTrace(v)}
	}
	return clock.Fixed(0)
}

// readTrace reads the durations of a CSV file: the first column of each line.
// Empty lines, lines that begin with # and a heading are passed over.
func (l *loader) readTrace(n *node) []clock.Duration {
	if values, ok := l.traces[n.text]; ok {
		return values
	}
	if l.options.ReadFile == nil {
		l.reject(n, "", "trace: %q cannot be read here", n.text)
		return nil
	}
	src, err := l.options.ReadFile(n.text)
	if err != nil {
		l.reject(n, "", "trace %q: %v", n.text, err)
		return nil
	}
	if len(src) > MaxFileSize {
		l.reject(n, "", "trace: %q has more than %d bytes", n.text, MaxFileSize)
		return nil
	}
	var values []clock.Duration
	for i, line := range strings.Split(string(src), "\n") {
		cell, _, _ := strings.Cut(line, ",")
		cell = strings.Trim(cell, " \t\r\"")
		if cell == "" || cell[0] == '#' {
			continue
		}
		d, f := parseDuration(cell)
		if f != nil && len(values) == 0 && !strings.ContainsAny(cell[:1], "0123456789-") {
			continue // the heading
		}
		if f != nil {
			l.errorAt(place{n.text, diag.Pos{Line: i + 1, Col: 1}}, f.hint, "%s", f.message)
			n.bad = true
			return nil
		}
		values = append(values, d)
	}
	if len(values) == 0 {
		l.reject(n, "", "trace: %q has no durations", n.text)
	}
	if l.traces == nil {
		l.traces = map[string][]clock.Duration{}
	}
	l.traces[n.text] = values
	return values
}
