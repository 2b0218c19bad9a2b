// Package producer decides which partition each record of a producer goes to:
// keys (in turn, or drawn with weights), the partitioners that hash them, and
// those that do without.
//
// Where record k goes is a pure function of the producer, the seed and k, so
// that a log stays arithmetic: a Split counts the records of a partition
// without making one of them.
package producer

import (
	"ksim/sim/broker"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
)

// Partitioner is the partitioner of one producer, with its keys.
type Partitioner struct {
	kind    scenario.Partitioner
	keys    *keyring // nil without keys
	seed    uint64
	name    string         // of the producer: its draws are its own
	batch   int64          // records that fill a batch (batch.size)
	linger  clock.Duration // after which one goes that is not full
	perSend bool           // KIP-480: a partition for each batch that is sent, never twice the same
}

// uniformSticky is the version since which the sticky partitioner goes by the
// bytes that it has given to a partition (KIP-794), not by batches (KIP-480).
var uniformSticky = kafka.V(3, 3, 0)

// New makes the partitioner of a producer: a Java client as old as the brokers.
func New(p *scenario.Producer, v kafka.Version, seed uint64) *Partitioner {
	size := max(1, p.Size)
	return &Partitioner{
		kind: p.Partitioner, keys: newKeyring(&p.Keys), seed: seed, name: p.Name,
		batch: max(1, (p.Config.Int("batch.size")+size-1)/size), linger: p.Config.Millis("linger.ms"), perSend: v < uniformSticky,
	}
}

// Split says where the records go of a producer that knows so many partitions.
func (p *Partitioner) Split(w broker.Writing) broker.Split {
	switch {
	case p.kind == scenario.Sticky:
		return p.sticky(w)
	case p.kind == scenario.RoundRobin || p.keys == nil:
		return broker.InTurn(w.Partitions)
	case p.keys.cumulative == nil:
		return newCycle(p.keys.places(p.kind, w.Partitions), w.Partitions)
	}
	return newDrawn(p.stream("keys"), w, 1, p.keys.chooser(p.kind, w.Partitions))
}

// sticky is the partitioner that fills a batch before it draws another
// partition. Without load, the adaptive choice of KIP-794 is a uniform one.
func (p *Partitioner) sticky(w broker.Writing) broker.Split {
	run, c := p.batch, &uniform{partitions: w.Partitions, other: p.perSend}
	if p.perSend && w.Records > 0 { // what comes while the batch lingers goes with it
		run = min(run, int64(p.linger)*w.Records/int64(w.Per)+1)
	}
	return newDrawn(p.stream("sticky"), w, run, c)
}

func (p *Partitioner) stream(purpose string) source {
	return source{p.seed, "producer " + p.name, purpose}
}
