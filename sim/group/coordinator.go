package group

import (
	"fmt"
	"maps"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Coordinator is one shard of a broker's group coordinator.
type Coordinator struct {
	cfg        Config
	phase      phase
	groups     []*classicGroup          // by index
	consumers  []*consumerGroup         // by index; a group is of one protocol at a time
	shares     []*shareGroup            // by index, likewise
	offsets    []groupOffsets           // by index: committed, whatever the protocol
	byID       map[string]uint32        // every group id that was ever used
	times      map[string]ConsumerTimes // by group id
	shareTimes map[string]ShareTimes    // by group id
	topics     topics
	pending    []pendingOffsets // of open transactions
	waiting    []waitingAppend
	lastAppend AppendID
}

// phase is whether the shard is on this broker (CoordinatorRuntime).
type phase uint8

const (
	active phase = iota
	loading
	unloaded
)

// New makes a coordinator without groups, ready to serve. Load, at the start,
// also sets its retention job going.
func New(cfg Config) *Coordinator {
	return &Coordinator{cfg: cfg, byID: map[string]uint32{}, times: map[string]ConsumerTimes{}, shareTimes: map[string]ShareTimes{}, topics: topics{number: map[string]int32{}}}
}

// NewUnloaded makes what a broker is for the groups that it does not coordinate:
// every request is answered NOT_COORDINATOR.
func NewUnloaded(cfg Config) *Coordinator {
	c := New(cfg)
	c.phase = unloaded
	return c
}

// Clone is a deep copy: the world is copied for stepping back.
func (c *Coordinator) Clone() *Coordinator {
	n := *c
	n.groups = make([]*classicGroup, len(c.groups))
	for i, g := range c.groups {
		n.groups[i] = g.clone()
	}
	n.consumers = make([]*consumerGroup, len(c.consumers))
	for i, g := range c.consumers {
		n.consumers[i] = g.clone()
	}
	n.shares = make([]*shareGroup, len(c.shares))
	for i, g := range c.shares {
		n.shares[i] = g.clone()
	}
	n.offsets = make([]groupOffsets, len(c.offsets))
	for i, o := range c.offsets {
		n.offsets[i] = slices.Clone(o)
	}
	n.byID = maps.Clone(c.byID)
	n.times = maps.Clone(c.times)
	n.shareTimes = maps.Clone(c.shareTimes)
	n.topics = c.topics.clone()
	n.pending = slices.Clone(c.pending)
	for i := range n.pending {
		n.pending[i].offsets = slices.Clone(c.pending[i].offsets)
	}
	n.waiting = slices.Clone(c.waiting)
	return &n
}

// Fire runs a timer that is due. The host has unset it.
func (c *Coordinator) Fire(h Host, now clock.Time, t TimerID) {
	switch t.Kind {
	case TimerJoin:
		c.joinTimerFired(h, now, c.groups[t.Group])
	case TimerSync:
		c.syncTimerFired(h, now, c.groups[t.Group])
	case TimerSession:
		c.sessionTimerFired(h, now, c.groups[t.Group], t.Member)
	case TimerExpireOffsets:
		c.expireOffsets(h, now)
	case TimerConsumerSession:
		c.consumerSessionFired(h, now, c.consumers[t.Group], t.Member)
	case TimerConsumerRebalance:
		c.revocationFired(h, now, c.consumers[t.Group], t.Member)
	case TimerConsumerJoin:
		c.classicJoinFired(h, now, c.consumers[t.Group], t.Member)
	case TimerConsumerSync:
		c.classicSyncFired(h, now, c.consumers[t.Group], t.Member)
	case TimerShareSession:
		c.shareSessionFired(h, c.shares[t.Group], t.Member)
	case TimerShareInitialized:
		c.sharesInitialized(c.shares[t.Group])
	default:
		panic(fmt.Sprintf("group: no timer of kind %d", t.Kind))
	}
}

// lookup is the classic group with the id, or nil when there is none.
func (c *Coordinator) lookup(id string) *classicGroup {
	if i, ok := c.byID[id]; ok && c.groups[i].exists {
		return c.groups[i]
	}
	return nil
}

// consumer is the group of the consumer protocol with the id, or nil when there is
// none.
func (c *Coordinator) consumer(id string) *consumerGroup {
	if i, ok := c.byID[id]; ok && c.consumers[i].exists {
		return c.consumers[i]
	}
	return nil
}

// index is the group id's number. A group that existed before has its old one, as
// timers of its former members may still run.
func (c *Coordinator) index(id string) uint32 {
	i, ok := c.byID[id]
	if !ok {
		i = uint32(len(c.groups))
		c.groups = append(c.groups, newGroup(i, id))
		c.consumers = append(c.consumers, newConsumerGroup(i, id))
		c.shares = append(c.shares, newShareGroup(i, id))
		c.offsets = append(c.offsets, nil)
		c.byID[id] = i
	}
	return i
}

// create makes an empty classic group.
func (c *Coordinator) create(id string, now clock.Time) *classicGroup {
	g := c.groups[c.index(id)]
	g.begin(Empty, now)
	return g
}

// unavailable is the answer to requests while the shard is not active here, or
// NONE (CoordinatorRuntime, GroupCoordinatorService).
func (c *Coordinator) unavailable() kafka.ErrorCode {
	switch c.phase {
	case loading:
		return kafka.ErrCoordinatorLoadInProgress
	case unloaded:
		return kafka.ErrNotCoordinator
	}
	return kafka.ErrNone
}
