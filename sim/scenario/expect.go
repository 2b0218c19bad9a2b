package scenario

import (
	"slices"
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/diag"
	"ksim/sim/kafka"
)

// noOwner is the value of `is` for a partition that nobody owns.
const noOwner = "none"

// expectKinds are the kinds of the leading keys of keys_expect.go.
var expectKinds = map[string]ExpectKind{
	"event": ExpectEvent, "never": ExpectNever, "count": ExpectCount, "order": ExpectOrder,
	"lag": ExpectLag, "owner": ExpectOwner, "lost": ExpectLost, "repeated": ExpectRepeated,
	"stable": ExpectStable, "processed": ExpectProcessed, "buffer": ExpectBuffer, "refused": ExpectRefused,
}

// readExpectations reads `expect`.
func (l *loader) readExpectations(n *node) {
	if n == nil {
		return
	}
	for i, entry := range n.items {
		if entry.bad || entry.kind != isMap {
			continue
		}
		lead := expectChoice.variant(entry).keys[0].name
		if v := entry.usable(lead); v != nil {
			l.s.Expect = append(l.s.Expect, l.expectation(entry, v, expectKinds[lead], "expect["+strconv.Itoa(i)+"]"))
		}
	}
}

// expectation reads one entry, whose leading key has the value v.
func (l *loader) expectation(n, v *node, kind ExpectKind, at string) Expectation {
	e := Expectation{
		Kind: kind, Source: oneLine(n), Pos: n.place.pos,
		Window: l.window(n),
		At:     l.time(n, "at", l.s.Duration),
	}
	switch kind {
	case ExpectEvent, ExpectNever:
		e.Match = l.pattern(n, v, at)
	case ExpectCount:
		e.Match = l.pattern(n, v, at)
		e.Bound = l.bound(n, at)
	case ExpectOrder:
		for i, step := range v.items {
			e.Order = append(e.Order, l.step(step, at+".order["+strconv.Itoa(i)+"]"))
		}
	case ExpectOwner:
		l.owner(&e, n, v)
	case ExpectLost:
		l.lost(&e, n, v, at)
	case ExpectStable:
		l.stable(&e, n, v, at)
	case ExpectRefused:
		e.Refused = v.text
	case ExpectLag, ExpectRepeated, ExpectProcessed, ExpectBuffer:
		l.figure(&e, n, v, at)
	}
	return e
}

// window reads `between`.
func (l *loader) window(n *node) Window {
	w := Window{To: l.s.Duration}
	v := n.usable("between")
	if v == nil || anyBad(v.items) {
		return w
	}
	w = Window{clock.Time(v.items[0].value), clock.Time(v.items[1].value)}
	if w.To < w.From {
		l.reject(v, "", "the window ends at %s, before it begins at %s", v.items[1].text, v.items[0].text)
		return w
	}
	l.withinRun(v.items[0])
	if w.From <= l.s.Duration {
		l.withinRun(v.items[1])
	}
	return w
}

// groupOf gives a group's name, which must exist.
func (l *loader) groupOf(v *node) string {
	l.find(&l.groups, v.place, v.text)
	return v.text
}

// memberOf gives a member's name, which must exist in the group.
func (l *loader) memberOf(v *node, group string) string {
	if v == nil {
		return ""
	}
	_, known := l.find(&l.members, v.place, v.text)
	if own := l.groupOfMember[v.text]; known && own != group && l.hasGroup(group) {
		l.reject(v, "", "%s is a member of %s, not of %s", v.text, own, group)
	}
	return v.text
}

func (l *loader) hasGroup(id string) bool {
	_, known := l.groups.index[id]
	return known
}

// readBy checks that a group reads a partition's topic.
func (l *loader) readBy(group string, tp kafka.TopicPartition, v *node) {
	i := slices.IndexFunc(l.s.Groups, func(g Group) bool { return g.ID == group })
	if i >= 0 && tp.Topic != "" && !l.readersUnsure && !slices.Contains(l.s.Groups[i].Topics, tp.Topic) {
		l.reject(v, "", "%s does not read %s", group, tp.Topic)
	}
}

// figure reads what lag, repeated, processed, buffer and lost of one group have
// in common, and what lag and buffer have alone.
func (l *loader) figure(e *Expectation, n, v *node, at string) {
	e.Group = l.groupOf(v)
	e.Member = l.memberOf(n.usable("member"), e.Group)
	e.Bound = l.bound(n, at)
	switch e.Kind {
	case ExpectLag:
		e.HasWindow = n.get("between") != nil
		if e.HasWindow && n.get("at") != nil {
			l.errorAt(n.field("at").place, "", "%s has both at and between: one of them", at)
		}
		if p := n.usable("partition"); p != nil {
			e.Partition = l.partition(p)
			l.readBy(e.Group, e.Partition, p)
		}
	case ExpectBuffer:
		e.Buffer = l.text(n, "of", "")
		e.Bytes = inBytes(n)
	}
}

// limits are the keys of a figure.
var limits = []string{"exactly", "at-least", "at-most"}

// bound reads the limits of a figure, at least one of which is there.
func (l *loader) bound(n *node, at string) Bound {
	read := func(key string) *int64 {
		if v := n.usable(key); v != nil {
			return new(v.value)
		}
		return nil
	}
	b := Bound{read("exactly"), read("at-least"), read("at-most")}
	if !slices.ContainsFunc(limits, n.has) {
		l.errorAt(n.place, "", "%s has no figure: expected exactly, at-least or at-most", at)
	}
	if b.Exactly != nil && (b.AtLeast != nil || b.AtMost != nil) {
		l.errorAt(n.field("exactly").place, "", "%s has exactly beside a limit: one of them", at)
	} else if b.AtLeast != nil && b.AtMost != nil && *b.AtLeast > *b.AtMost {
		l.errorAt(n.field("at-least").place, "", "%s can never hold: at-least %d is above at-most %d", at, *b.AtLeast, *b.AtMost)
	}
	return b
}

// inBytes tells whether a buffer's figures are bytes: they are as soon as one
// has a unit; without any they are records.
func inBytes(n *node) bool {
	return slices.ContainsFunc(limits, func(key string) bool {
		v := n.usable(key)
		if v == nil {
			return false
		}
		_, bare, _ := parseSize(v.text)
		return !bare
	})
}

func (l *loader) owner(e *Expectation, n, v *node) {
	e.Partition = l.partition(v)
	e.Owner = l.text(n, "is", "")
	if g := n.usable("group"); g != nil {
		e.Group = l.groupOf(g)
		l.readBy(e.Group, e.Partition, v)
	} else if !n.has("group") && e.Partition.Topic != "" {
		e.Group = l.onlyReader(n, v, e.Partition.Topic)
	}
	is := n.usable("is")
	if is == nil || is.text == noOwner {
		return
	}
	if _, known := l.members.index[is.text]; !known && !l.members.unsure {
		expected, hint := diag.Expected(is.text, append([]string{noOwner}, l.members.names...))
		l.reject(is, hint, "no member is called %q: %s", is.text, expected)
	} else if known && l.hasGroup(e.Group) {
		l.memberOf(is, e.Group)
	}
}

// onlyReader is the one group that reads a topic.
func (l *loader) onlyReader(n, v *node, topic string) string {
	var readers []string
	for _, g := range l.s.Groups {
		if slices.Contains(g.Topics, topic) {
			readers = append(readers, g.ID)
		}
	}
	switch {
	case len(readers) == 1:
		return readers[0]
	case len(readers) > 1:
		l.errorAt(n.place, "add group: to say whose owner", "%s is read by several groups: %s", topic, strings.Join(readers, ", "))
	case !l.groups.unsure && !l.readersUnsure:
		l.errorAt(v.place, "", "no group reads %s", topic)
	}
	return ""
}

// lost reads {lost: 0} for all groups and {lost: GROUP, exactly: n} for one.
func (l *loader) lost(e *Expectation, n, v *node, at string) {
	total, err := strconv.ParseInt(v.text, 10, 64)
	if err != nil || v.quoted {
		l.figure(e, n, v, at)
		return
	}
	if total < 0 {
		l.reject(v, "", "%s.lost is %s: expected a number, at least 0, or a group", at, v.describe())
		return
	}
	e.Bound.Exactly = &total
	for _, key := range limits {
		if f := n.field(key); f != nil {
			l.errorAt(f.place, "", "%s has two figures: write {lost: GROUP, %s: …}", at, key)
		}
	}
}

func (l *loader) stable(e *Expectation, n, v *node, at string) {
	e.Group = l.groupOf(v)
	e.Within = clock.Duration(l.number(n, "within", 0))
	e.After = l.time(n, "after", 0)
	e.Window.To = l.time(n, "until", l.s.Duration)
	if e.After+e.Within > e.Window.To {
		l.errorAt(n.place, "", "%s can never hold: after + within is %s, the end %s", at, FormatDuration(e.After+e.Within), FormatDuration(e.Window.To))
	}
}
