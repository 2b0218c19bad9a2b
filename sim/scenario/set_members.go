package scenario

import (
	"slices"
	"strings"
)

// reachMembers lets an override of a group's key count for the members too that
// set the key themselves. A member goes over its group, so that an override of
// what every member sets would change nothing, which nobody means; a member that
// differs from the others on purpose keeps what it says. Either is said once. What
// an earlier override gives a member stays.
func (w *walk) reachMembers() {
	if w.group == nil || len(w.steps) == 0 || w.steps[0] == "members" {
		return
	}
	members := w.group.get("members")
	if members == nil || members.kind != isList {
		return
	}
	for _, path := range leaves(w.group, w.steps) {
		var own []*node
		var names []string
		for _, m := range members.items {
			if f, _ := ownField(m, path); f != nil && !f.place.fromOverride() {
				own, names = append(own, m), append(names, nameOfEntry(m))
			}
		}
		what := strings.Join(path, ".")
		switch {
		case len(own) == 0:
		case len(own) < len(members.items):
			w.l.warnAt(w.place, "for a member: --set groups."+nameOfEntry(w.group)+".members."+names[0]+"."+what+"=…",
				"%s %s itself and keeps it: a member goes over its group", whoSets(names), what)
		default:
			for _, m := range own {
				f, within := ownField(m, path)
				key := f.key
				within.fields = slices.DeleteFunc(within.fields, func(f field) bool { return f.key == key })
			}
			w.l.warnAt(w.place, "", "%s %s itself; what the file says there is dropped for this", whoSets(names), what)
		}
	}
}

// whoSets begins a sentence about the members that set a key.
func whoSets(names []string) string {
	const most = 4
	if len(names) == 1 {
		return "member " + names[0] + " sets"
	}
	if len(names) > most {
		return "each of the members " + strings.Join(names[:most], ", ") + ", … sets"
	}
	return "each of the members " + strings.Join(names, ", ") + " sets"
}

// leaves are the paths, from the group on, of what an override has set: one, or of
// a map the paths of its entries.
func leaves(group *node, path []string) [][]string {
	n := group
	var is shape = groupObject
	for _, key := range path {
		n, is = n.get(key), innerOf(is, key)
	}
	if n == nil || n.kind != isMap || is == nil {
		return [][]string{path}
	}
	var all [][]string
	for _, f := range n.fields {
		all = append(all, leaves(group, append(slices.Clone(path), f.key))...)
	}
	return all
}

// innerOf is inner, with an app, whose keys are those of some model.
func innerOf(is shape, key string) shape {
	switch s := is.(type) {
	case appShape:
		for _, m := range models {
			if within := inner(m, key); within != nil {
				return within
			}
		}
	case *object:
		if k := s.key(key); k != nil {
			switch k.is.(type) {
			case *object, mapOf, properties, appShape:
				return k.is
			}
		}
	case mapOf:
		return inner(is, key)
	}
	return nil
}

// ownField finds what a member itself says at a path, and the map that it stands
// in; a property also by its other spelling.
func ownField(member *node, path []string) (f *field, within *node) {
	within = member
	for i, key := range path {
		if within == nil || within.kind != isMap {
			return nil, nil
		}
		if f = within.field(key); f == nil && path[0] == "config" && i > 0 {
			f = property(within, key)
		}
		if f == nil {
			return nil, nil
		}
		if i < len(path)-1 {
			within = f.value
		}
	}
	return f, within
}
