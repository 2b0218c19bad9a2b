package scenario

import "ksim/sim/diag"

// namespace is the names of one kind of thing, in file order.
type namespace struct {
	what   string // "topic"
	names  []string
	index  map[string]int
	unsure bool // some names are wrong or unknown: do not report others as unknown
}

// add takes a name; false if it is taken.
func (s *namespace) add(name string) bool {
	if s.index == nil {
		s.index = map[string]int{}
	}
	if _, taken := s.index[name]; taken {
		return false
	}
	s.index[name] = len(s.names)
	s.names = append(s.names, name)
	return true
}

// find gives the index of a name; it reports one that does not exist.
func (l *loader) find(s *namespace, p place, name string) (int, bool) {
	i, ok := s.index[name]
	if !ok && !s.unsure && !l.full() {
		expected, hint := diag.Expected(name, s.names)
		l.errorAt(p, hint, "no %s is called %q: %s", s.what, shorten(name), expected)
	}
	return i, ok
}
