package scenario

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ksim/sim/diag"
)

// Override is a change of the file from the command line (--set), as
// `path=value`. Lists are addressed by name, id or index; what follows
// `config.` is one property; a name with dots is quoted:
//
//	groups.s3-sink.config.max.poll.interval.ms=900000
//	groups."a.b".members.B.app.process=2ms
//	timeline.0.at=10s
//	timeline.1={at: 20s, start: A}
//
// The number after a list's last is one more entry of it.
type Override string

// overrideOption introduces overrides in messages, where a file's name would be.
const overrideOption = "--set "

func (p place) fromOverride() bool { return strings.HasPrefix(p.file, overrideOption) }

// override changes the tree before it is checked, so that what is wrong with
// the new value is reported like any other mistake, under the option's name.
func (l *loader) override(root *node, o Override) {
	p := place{file: o.label()}
	path, value, ok := o.cut()
	if !ok {
		l.errorAt(p, "", "expected path=value, such as groups.g.app.process=2ms")
		return
	}
	w := walk{l: l, root: root, place: p, value: value}
	before := l.count[diag.Error]
	w.inMap(root, path, "")
	if l.count[diag.Error] == before {
		w.reachMembers()
	}
}

// label is the option as messages show it, on one line.
func (o Override) label() string {
	if strings.ContainsFunc(string(o), func(r rune) bool { return r == '\n' || r == '\r' || r == utf8.RuneError || isControl(r) }) {
		return overrideOption + strconv.Quote(string(o))
	}
	return overrideOption + string(o)
}

// cut separates path and value at the first equals sign outside quotes; quotes
// that do not end are the path's to complain of.
func (o Override) cut() (path, value string, ok bool) {
	quoted := false
	for i, c := range []byte(o) {
		if c == '"' {
			quoted = !quoted
		}
		if c == '=' && !quoted {
			return string(o[:i]), string(o[i+1:]), true
		}
	}
	return strings.Cut(string(o), "=")
}

// walk is the way of one override through the tree.
type walk struct {
	l     *loader
	root  *node
	place place
	value string
	group *node    // that the way leads into
	steps []string // and its keys from there on
}

func (w *walk) fail(hint, format string, args ...any) {
	w.l.errorAt(w.place, hint, format, args...)
}

// segment takes the first part of a path; rest is "" at its end.
func (w *walk) segment(path string) (first, rest string, ok bool) {
	if quoted, isQuoted := strings.CutPrefix(path, `"`); isQuoted {
		first, rest, ok = strings.Cut(quoted, `"`)
		if ok = ok && first != "" && (rest == "" || rest[0] == '.' && len(rest) > 1); !ok {
			w.fail("", "the quotes in the path do not end before a dot or the equals sign")
			return "", "", false
		}
		return first, strings.TrimPrefix(rest, "."), true
	}
	first, rest, more := strings.Cut(path, ".")
	if first == "" || more && rest == "" {
		w.fail("", "the path has an empty part")
		return "", "", false
	}
	return first, rest, true
}

// inMap goes on in a map, or sets one of its keys.
func (w *walk) inMap(n *node, path, at string) {
	key, rest, ok := w.segment(path)
	if !ok {
		return
	}
	w.steps = append(w.steps, key)
	if rest != "" && (key == "config" || key == "group-config") {
		if within := w.enter(n, key, join(at, key)); within != nil {
			w.inProperties(within, rest)
		}
		return
	}
	if rest == "" {
		w.setKey(n, key, w.parsed())
		return
	}
	within := w.enter(n, key, join(at, key))
	if within == nil {
		return
	}
	if within.kind == isList {
		w.inList(within, key, rest, join(at, key))
	} else {
		w.inMap(within, rest, join(at, key))
	}
}

// inProperties sets a property, whose name is all that is left of the path.
func (w *walk) inProperties(n *node, name string) {
	if strings.HasPrefix(name, `"`) {
		rest, ok := "", false
		if name, rest, ok = w.segment(name); !ok {
			return
		}
		if rest != "" {
			w.fail("", "the path goes on after the property %q", name)
			return
		}
	}
	w.steps = append(w.steps, name)
	w.setKey(n, name, w.property())
}

// enter gives the map or list under a key; a map that is not there is made.
func (w *walk) enter(n *node, key, at string) *node {
	f := n.field(key)
	if f == nil || f.value.kind == isNull {
		if k := scenarioObject.key(key); k != nil && n == w.root {
			if _, isListKey := k.is.(listOf); isListKey {
				w.fail("", "the file has no %s", key)
				return nil
			}
		}
		made := &node{kind: isMap, place: w.place}
		w.setKey(n, key, made)
		return made
	}
	if key == "members" && f.value.kind == isScalar {
		w.expand(f)
	}
	if f.value.kind == isScalar {
		w.fail("to replace it: "+at+"={…}", "%s is %s: there is nothing in it to set", at, f.value.describe())
		return nil
	}
	return f.value
}

// expand writes `members: 3` out as maps, so that one can be addressed.
func (w *walk) expand(members *field) {
	groups := w.root.get("groups")
	if groups == nil {
		return // some other map with members
	}
	for i, names := range countedMembers(groups) {
		if groups.items[i].field("members") != members || names == nil {
			continue
		}
		list := &node{kind: isList, place: members.value.place}
		for _, name := range names {
			list.items = append(list.items, &node{kind: isScalar, place: members.value.place, text: name})
		}
		members.value = list
	}
}

// inList goes on in an entry of a list, or replaces it.
func (w *walk) inList(n *node, list, path, at string) {
	name, rest, ok := w.segment(path)
	if !ok {
		return
	}
	names := make([]string, len(n.items))
	for i, item := range n.items {
		names[i] = nameOfEntry(item)
	}
	i := slices.Index(names, name)
	if i < 0 {
		index, err := strconv.Atoi(name)
		if err == nil && index == len(n.items) && rest == "" { // one more entry
			n.items = append(n.items, &node{kind: isNull, place: w.place})
		}
		if err != nil || index < 0 || index >= len(n.items) {
			w.noEntry(name, names, at)
			return
		}
		i = index
	}
	item := n.items[i]
	if list == "groups" && at == list {
		w.group, w.steps = item, nil
	}
	switch {
	case rest == "":
		if v := w.parsed(); v != nil {
			n.items[i] = v
		}
	case item.kind == isScalar && list == "members":
		n.items[i] = &node{kind: isMap, place: item.place, fields: []field{{"name", item.place, item}}}
		w.inMap(n.items[i], rest, at+"."+name)
	case item.kind == isMap:
		w.inMap(item, rest, at+"."+name)
	default:
		w.fail("", "%s.%s is %s: there is nothing in it to set", at, name, item.describe())
	}
}

func (w *walk) noEntry(name string, names []string, at string) {
	names = slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })
	if len(names) == 0 {
		w.fail("", "%s has no entry %s: expected its number, from 0", at, strconv.Quote(name))
		return
	}
	expected, hint := diag.Expected(name, names)
	w.fail(hint, "%s has no entry %s: %s", at, strconv.Quote(name), expected)
}

// nameOfEntry is what an entry of a list is addressed by: its name or id, a
// producer's topic or queue; "" for those that have only their index.
func nameOfEntry(n *node) string {
	if n.kind == isScalar {
		return n.text
	}
	for _, key := range []string{"name", "id", "topic", "queue"} {
		if v := n.get(key); v != nil && v.kind == isScalar {
			return v.text
		}
	}
	return ""
}

// setKey replaces the value of a key, or adds the key at the end, where it
// counts more than another spelling of the same property. v is nil when it could
// not be read.
func (w *walk) setKey(n *node, key string, v *node) {
	if v == nil {
		return
	}
	if f := n.field(key); f != nil {
		f.place, f.value = w.place, v
		return
	}
	n.fields = append(n.fields, field{key, w.place, v})
}

// property reads the value as it would stand in a properties file, or as a list.
func (w *walk) property() *node {
	if strings.HasPrefix(w.value, "[") {
		return w.parsed()
	}
	if err := checkText([]byte(w.value)); err != nil {
		w.fail("", "the value %s: %s", strconv.Quote(shorten(w.value)), err.message)
		return nil
	}
	return &node{kind: isScalar, place: w.place, text: w.value}
}

// parsed reads the value as YAML; nil when it is none.
func (w *walk) parsed() *node {
	v, err := parse([]byte(w.value))
	if err != nil {
		w.fail("", "the value %s: %s", strconv.Quote(shorten(w.value)), err.message)
		return nil
	}
	if v == nil {
		v = &node{kind: isNull}
	}
	v.moveTo(w.place)
	return v
}

// moveTo gives a tree one place.
func (n *node) moveTo(p place) {
	n.place = p
	for i := range n.fields {
		n.fields[i].place = p
		n.fields[i].value.moveTo(p)
	}
	for _, item := range n.items {
		item.moveTo(p)
	}
}
