package share

import "slices"

// split cuts batches so that from and to are borders, and gives the index of
// the one that begins at from.
func (p *Partition) split(from, to int64) int {
	for i := 0; i < len(p.inFlight); i++ {
		for _, at := range []int64{from, to} {
			if b := p.inFlight[i]; b.from < at && at < b.to {
				p.cut(i, at)
			}
		}
	}
	i, _ := slices.BinarySearchFunc(p.inFlight, from, func(b inFlightBatch, at int64) int {
		switch {
		case b.from < at:
			return -1
		case b.from > at:
			return 1
		}
		return 0
	})
	return i
}

// cut makes two batches of one; a border that is there already stays.
func (p *Partition) cut(i int, at int64) {
	b := p.inFlight[i]
	if at <= b.from || at >= b.to {
		return
	}
	rest := b
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
	for _, b := range p.inFlight[1:] {
		l := &p.inFlight[last]
		if l.state == b.state && l.count == b.count && l.member == b.member && l.lock == b.lock {
			l.to = b.to
			continue
		}
		last++
		p.inFlight[last] = b
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
