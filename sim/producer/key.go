package producer

import (
	"ksim/sim/clock"
	"ksim/sim/scenario"
)

// Keys gives the key of each record of a producer, where the key itself matters
// and not the partition that it leads to.
type Keys struct {
	ring   *keyring
	stream clock.Stream
}

// NewKeys are the keys of a producer; nil without any.
func NewKeys(p *scenario.Producer, seed uint64) *Keys {
	ring := newKeyring(&p.Keys)
	if ring == nil {
		return nil
	}
	return &Keys{ring, clock.NewStream(seed, p.Name, "keys")}
}

// Of is the key of record k, counted from 1. Those that are drawn must be asked for
// in order.
func (k *Keys) Of(record int64) string {
	if k.ring.cumulative == nil {
		return k.ring.name(int((record - 1) % int64(k.ring.count)))
	}
	return k.ring.name(draw(k.ring.cumulative, &k.stream))
}

// Clone is a deep copy.
func (k *Keys) Clone() *Keys {
	if k == nil {
		return nil
	}
	c := *k
	return &c
}
