package scenario

import (
	"slices"
	"strconv"
	"strings"

	"ksim/sim/diag"
)

// object is a map with keys of the contract.
type object struct {
	name string // what supported.go and the schema call it
	doc  string
	keys []key
	open []string // the keys that are checked elsewhere: fields of events
}

// key is one key of an object.
type key struct {
	name     string
	is       shape
	doc      string // with the default
	required bool
}

func (o *object) names() []string {
	names := make([]string, len(o.keys))
	for i := range o.keys {
		names[i] = o.keys[i].name
	}
	return names
}

func (o *object) key(name string) *key {
	for i := range o.keys {
		if o.keys[i].name == name {
			return &o.keys[i]
		}
	}
	return nil
}

// phrase is the key's description within a sentence.
func (k *key) phrase() string {
	return strings.ToLower(k.doc[:1]) + strings.TrimSuffix(k.doc[1:], ".")
}

func (o *object) check(l *loader, n *node, at string) { o.checkAmong(nil, l, n, at) }

// checkAmong is check for one of the objects of a choice, which may be nil.
func (o *object) checkAmong(c *choice, l *loader, n *node, at string) {
	if n.kind != isMap {
		l.reject(n, didYouMean(o.named(n)), "%s is %s: expected a map with %s", orFile(at), n.describe(), o.some())
		return
	}
	l.duplicates(n, at)
	var unknown []*field
	severed := false
	for i := range n.fields {
		f := &n.fields[i]
		k := o.key(f.key)
		if k == nil {
			if !slices.Contains(o.open, f.key) && !(severed && f.isSevered()) {
				unknown = append(unknown, f)
			}
			severed = severed || f.isSevered()
			continue
		}
		l.unsupported(f.place, o.name+"."+k.name, strconv.Quote(k.name))
		l.checkValue(f, k.is, join(at, k.name))
	}
	missing := o.missing(n)
	for _, f := range unknown {
		missing = l.unknownKey(n, f, o, c, missing, at)
	}
	for _, k := range missing {
		l.errorAt(n.place, "", "%s lacks %q: %s", orFile(at), k.name, k.phrase())
	}
}

// isSevered tells what is probably the rest of a text whose comma ended the
// entry before it, as in {say: first, then second}.
func (f *field) isSevered() bool {
	return f.value.kind == isNull && (strings.Contains(f.key, " ") || f.key != "" && f.key[0] >= '0' && f.key[0] <= '9')
}

// missing lists the required keys that the map does not have.
func (o *object) missing(n *node) []*key {
	var missing []*key
	for i := range o.keys {
		if k := &o.keys[i]; k.required && n.field(k.name) == nil {
			missing = append(missing, k)
		}
	}
	return missing
}

// named writes a name that stands in place of a map as one, "" if it is none.
func (o *object) named(n *node) string {
	if k := o.keys[0]; k.name != "name" || !k.required || n.kind != isScalar {
		return ""
	}
	return "{name: " + shorten(quotedIfNeeded(n)) + "}"
}

// didYouMean is a hint at what to write, "" for nothing.
func didYouMean(what string) string {
	if what == "" {
		return ""
	}
	return "did you mean " + what + "?"
}

// checkValue checks the value of a key. A list or map without a value is empty,
// as when all its entries are commented out; a scalar must be there.
func (l *loader) checkValue(f *field, is shape, at string) {
	if f.value.kind != isNull {
		is.check(l, f.value, at)
		return
	}
	switch s := is.(type) {
	case listOf:
		if s.least == 0 {
			return
		}
	case mapOf:
		if s.least == 0 {
			return
		}
	case properties, *object, appShape:
		return
	}
	l.rejectAt(f.value, f.place, "", "%s has no value", at)
}

// unknownKey reports a key that the object does not have. It gives those of the
// missing keys that it cannot stand for: a misspelt key is not missing too.
func (l *loader) unknownKey(n *node, f *field, o *object, among *choice, missing []*key, at string) []*key {
	names := append(o.names(), o.open...)
	if lead := n.get(o.keys[0].name); len(o.open) > 0 && lead != nil && eventNamed(lead.text) != nil {
		names = append(o.names(), eventNamed(lead.text).fieldNames()...)
	}
	expected, hint := diag.Expected(f.key, names)
	meant := diag.Nearest(f.key, names)
	if hint == "" {
		hint = among.whose(f.key, o)
	}
	if hint == "" && f.isSevered() {
		hint = "quote a value that contains a comma"
	}
	if hint == "" && len(missing) == 1 {
		meant = missing[0].name
		hint = strconv.Quote(meant) + " is missing"
	}
	if meant != "" {
		n.meant = append(n.meant, meant)
	}
	l.rejectAt(f.value, f.place, hint, "unknown key %q in %s: %s", shorten(f.key), orFile(at), expected)
	return slices.DeleteFunc(missing, func(k *key) bool { return k.name == meant })
}

// duplicates reports keys that stand twice in a map.
func (l *loader) duplicates(n *node, at string) {
	first := make(map[string]place, len(n.fields))
	for _, f := range n.fields {
		if p, twice := first[f.key]; twice {
			l.errorAt(f.place, "", "key %q stands twice in %s, first in line %d", shorten(f.key), orFile(at), p.pos.Line)
			continue
		}
		first[f.key] = f.place
	}
}

// some names a few of the keys, for a message.
func (o *object) some() string {
	names := o.names()
	text := ""
	for i, n := range names[:min(3, len(names))] {
		if i > 0 {
			text += ", "
		}
		text += n
	}
	if len(names) > 3 {
		text += ", …"
	}
	return text
}

// schema refers to the object's definition, which definitions collects.
func (o *object) schema() map[string]any {
	return reference(o.name)
}

// choice is a map that is one of several objects, told apart by the first key
// of each, of which exactly one must be there.
type choice struct {
	name, doc string
	lead      string // what the leading key is called in messages
	variants  []*object
}

func (c *choice) leads() []string {
	names := make([]string, len(c.variants))
	for i, v := range c.variants {
		names[i] = v.keys[0].name
	}
	return names
}

// variant gives the object whose leading key is there, nil when there is none
// or more than one.
func (c *choice) variant(n *node) *object {
	var found *object
	for _, v := range c.variants {
		if n.field(v.keys[0].name) != nil {
			if found != nil {
				return nil
			}
			found = v
		}
	}
	return found
}

func (c *choice) check(l *loader, n *node, at string) {
	if n.kind != isMap {
		l.reject(n, "", "%s is %s: expected a map", at, n.describe())
		return
	}
	if v := c.variant(n); v != nil {
		v.checkAmong(c, l, n, at)
		return
	}
	c.explain(l, n, at)
}

// whose says which other objects have a key that an object of the choice lacks;
// of one that takes the fields of events, those that take them too.
func (c *choice) whose(key string, o *object) string {
	if c == nil {
		return ""
	}
	var leads []string
	for _, v := range c.variants {
		if v.key(key) != nil && (len(v.open) > 0) == (len(o.open) > 0) {
			leads = append(leads, v.keys[0].name)
		}
	}
	if len(leads) == 0 {
		return ""
	}
	return "it goes with " + strings.Join(leads, ", ")
}

// explain says why a map is none of the objects.
func (c *choice) explain(l *loader, n *node, at string) {
	leads := c.leads()
	var present []field
	for _, f := range n.fields {
		if slices.Contains(leads, f.key) {
			present = append(present, f)
		}
	}
	if len(present) > 1 {
		l.rejectAt(n, present[1].place, "", "%s has both %q and %q: one %s an entry", at, present[0].key, present[1].key, c.lead)
		return
	}
	for _, f := range n.fields {
		if expected, hint := diag.Expected(f.key, leads); hint != "" && !c.hasKey(f.key) {
			l.rejectAt(n, f.place, hint, "unknown %s %q in %s: %s", c.lead, shorten(f.key), at, expected)
			return
		}
	}
	expected, _ := diag.Expected("", leads)
	for _, f := range n.fields {
		if !c.hasKey(f.key) {
			l.rejectAt(n, f.place, "", "unknown %s %q in %s: %s", c.lead, shorten(f.key), at, expected)
			return
		}
	}
	l.reject(n, "", "%s has no %s: %s", at, c.lead, expected)
}

// hasKey tells whether any variant has the key.
func (c *choice) hasKey(name string) bool {
	for _, v := range c.variants {
		if v.key(name) != nil || slices.Contains(v.open, name) {
			return true
		}
	}
	return false
}

func (c *choice) schema() map[string]any {
	return reference(c.name)
}

// join appends a key to a path.
func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// orFile names the top of the file in messages.
func orFile(at string) string {
	if at == "" {
		return "the scenario"
	}
	return at
}
