package suite

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"ksim/sim/clock"
	"ksim/sim/expect"
	"ksim/sim/trace"
)

// Proof is a digest of a run's whole trace, detail too: a hash of each stretch
// of events, so that two proofs which differ say where.
type Proof struct {
	hashes [][sha256.Size]byte
	ends   []clock.Time // of each stretch's last event
	Events int
}

// stretch is how many events one hash covers.
const stretch = 512

// Prove runs a source and gives the proof of it; the empty one when the file is
// not one that runs.
func (o *Options) Prove(src *Source) Proof {
	s, _ := src.Load(o.Set)
	if s == nil {
		return Proof{}
	}
	if o.Seed != nil {
		s.Seed = *o.Seed
	}
	p := &proving{}
	Simulate(s, Watch{Detail: true, Show: p.event})
	return *p.end()
}

// proving makes a proof, event by event.
type proving struct {
	Proof
	lines bytes.Buffer
	line  []byte
	last  clock.Time
}

func (p *proving) event(e *trace.Event) {
	p.line = trace.AppendJSON(p.line[:0], e)
	p.lines.Write(p.line)
	p.last = e.At
	if p.Events++; p.Events%stretch == 0 {
		p.close()
	}
}

func (p *proving) close() {
	p.hashes = append(p.hashes, sha256.Sum256(p.lines.Bytes()))
	p.ends = append(p.ends, p.last)
	p.lines.Reset()
}

// end closes the last stretch.
func (p *proving) end() *Proof {
	p.close()
	return &p.Proof
}

// compare gives the check that two runs of a scenario had the same bytes.
func (p *Proof) compare(other Proof, file string) expect.Report {
	c := expect.Report{OK: true, Source: "the same bytes with another GOMAXPROCS", File: file}
	for i := range p.hashes {
		if i < len(other.hashes) && p.hashes[i] == other.hashes[i] {
			continue
		}
		c.OK = false
		c.Want = fmt.Sprintf("two runs with the same trace; the first has %d events", other.Events)
		c.Got = fmt.Sprintf("they differ between the events %d and %d, up to %s of virtual time", i*stretch+1, min((i+1)*stretch, p.Events), p.ends[i])
		c.Open = "ksim run " + expect.Quote(file) + " --format jsonl --detail"
		return c
	}
	return c
}
