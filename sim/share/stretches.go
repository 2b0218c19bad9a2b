package share

import "slices"

// split cuts stretches so that from and to are borders, and gives the index of
// the one that begins at from.
func (p *Partition) split(from, to int64) int {
	for i := 0; i < len(p.inFlight); i++ {
		for _, at := range []int64{from, to} {
			if s := p.inFlight[i]; s.from < at && at < s.to {
				p.cut(i, at)
			}
		}
	}
	i, _ := slices.BinarySearchFunc(p.inFlight, from, func(s stretch, at int64) int {
		switch {
		case s.from < at:
			return -1
		case s.from > at:
			return 1
		}
		return 0
	})
	return i
}

// cut makes two stretches of one; a border that is there already stays.
func (p *Partition) cut(i int, at int64) {
	s := p.inFlight[i]
	if at <= s.from || at >= s.to {
		return
	}
	rest := s
	rest.from = at
	p.inFlight[i].to = at
	p.inFlight = slices.Insert(p.inFlight, i+1, rest)
}

// join makes one of neighbours that do not differ.
func (p *Partition) join() {
	if len(p.inFlight) == 0 {
		return
	}
	last := 0
	for _, s := range p.inFlight[1:] {
		l := &p.inFlight[last]
		if l.state == s.state && l.count == s.count && l.member == s.member && l.lock == s.lock {
			l.to = s.to
			continue
		}
		last++
		p.inFlight[last] = s
	}
	p.inFlight = p.inFlight[:last+1]
}

// advance moves the start over the records that have reached their end.
func (p *Partition) advance() {
	n := 0
	for n < len(p.inFlight) && p.inFlight[n].state.terminal() {
		p.start = p.inFlight[n].to
		n++
	}
	p.inFlight = slices.Delete(p.inFlight, 0, n)
	p.join()
}
