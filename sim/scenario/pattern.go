package scenario

import (
	"slices"
	"strconv"
	"strings"

	"ksim/sim/diag"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// step reads an entry of `order`: a type of event, or a map with `event`.
func (l *loader) step(n *node, at string) Pattern {
	v := n
	if n.kind == isMap {
		v = n.usable("event")
	}
	if v == nil || v.bad || v.kind != isScalar {
		return Pattern{}
	}
	return l.pattern(n, v, at)
}

// pattern reads the event type v and those keys of n that are fields of events.
func (l *loader) pattern(n, v *node, at string) Pattern {
	p := Pattern{Type: trace.Type(v.text)}
	t := l.eventType(v)
	if t == nil {
		return p
	}
	for i := range n.fields {
		f := &n.fields[i]
		if !slices.Contains(eventFieldNames, f.key) {
			continue // a key of the entry itself, or reported
		}
		field := t.field(f.key)
		switch {
		case field == nil:
			expected, hint := diag.Expected(f.key, t.fieldNames())
			l.errorAt(f.place, hint, "%s has no field %q: %s", t.name, f.key, expected)
		case f.value.kind == isNull:
			l.rejectAt(f.value, f.place, "", "%s.%s has no value", at, f.key)
		case f.key == "text":
			if l.scalar(f.value, at+".text", "words that the text contains") {
				p.Text = f.value.text
			}
		default:
			if value := l.fieldValue(field, f.value, at+"."+f.key); value != nil {
				p.Fields = append(p.Fields, Field{f.key, value})
			}
		}
	}
	return p
}

// eventType gives the type that a value names; it reports an unknown one.
func (l *loader) eventType(v *node) *eventType {
	t := eventNamed(v.text)
	if t == nil && strings.HasPrefix(v.text, "txn.") {
		l.errorAt(v.place, "", "event type %q is not yet supported", v.text)
	} else if t == nil {
		expected, hint := diag.Expected(v.text, eventNames())
		l.reject(v, hint, "there is no event type %q: %s", shorten(v.text), expected)
	} else {
		l.unsupported(v.place, "event="+t.name, "event type "+strconv.Quote(t.name))
	}
	return t
}

// fieldValue reads what a field must equal, nil when it is wrong.
func (l *loader) fieldValue(f *eventField, n *node, at string) any {
	switch f.kind {
	case numberField, brokerField:
		integer{0, noLimit}.check(l, n, at)
		if f.kind == brokerField && !n.bad && n.value > int64(l.s.Cluster.Brokers) {
			l.reject(n, "", "there is no broker %d: the cluster has %d, numbered from 1", n.value, l.s.Cluster.Brokers)
		}
		if n.bad {
			return nil
		}
		return n.value
	case partitionsField:
		return l.partitionNames(n, at)
	case offsetsField:
		return l.offsets(n, at)
	}
	if !l.scalar(n, at, "text") {
		return nil
	}
	switch f.kind {
	case groupField:
		l.find(&l.groups, n.place, n.text)
	case memberField:
		l.find(&l.members, n.place, n.text)
	case queueField:
		l.find(&l.queues, n.place, n.text)
	}
	if len(f.words) > 0 {
		word{words: f.words}.check(l, n, at)
	}
	return n.text
}

// partitionNames reads a list of partitions, such as [events-0, events-1].
func (l *loader) partitionNames(n *node, at string) any {
	listOf{of: partitionName}.check(l, n, at)
	if n.bad || anyBad(n.items) {
		return nil
	}
	names := make([]string, len(n.items))
	for i, item := range n.items {
		names[i] = item.text
		l.partition(item)
	}
	return names
}

// offsets reads a map such as {events-0: 149797}.
func (l *loader) offsets(n *node, at string) any {
	mapOf{of: integer{-1001, noLimit}}.check(l, n, at)
	if n.bad {
		return nil
	}
	var offsets []kafka.OffsetCommit
	for _, f := range n.fields {
		name := &node{kind: isScalar, place: f.place, text: f.key}
		if partitionName.check(l, name, at); name.bad || f.value.bad {
			return nil
		}
		offsets = append(offsets, kafka.OffsetCommit{TopicPartition: l.partition(name), Offset: max(f.value.value, kafka.NoOffset)})
	}
	slices.SortFunc(offsets, func(a, b kafka.OffsetCommit) int { return a.Compare(b.TopicPartition) })
	return offsets
}
