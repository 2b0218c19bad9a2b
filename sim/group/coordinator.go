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
	groups     []*classicGroup   // by index
	byID       map[string]uint32 // every group id that was ever used
	partitions map[string]int32  // of each topic that exists
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
	return &Coordinator{cfg: cfg, byID: map[string]uint32{}, partitions: map[string]int32{}}
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
	n.byID = maps.Clone(c.byID)
	n.partitions = maps.Clone(c.partitions)
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
	default:
		panic(fmt.Sprintf("group: no timer of kind %d", t.Kind))
	}
}

// lookup is the group with the id, or nil when there is none.
func (c *Coordinator) lookup(id string) *classicGroup {
	if i, ok := c.byID[id]; ok && c.groups[i].exists {
		return c.groups[i]
	}
	return nil
}

// create makes an empty group. A group that existed before gets its old index
// again, as timers of its former members may still run.
func (c *Coordinator) create(id string, now clock.Time) *classicGroup {
	if i, ok := c.byID[id]; ok {
		c.groups[i].begin(Empty, now)
		return c.groups[i]
	}
	g := newGroup(uint32(len(c.groups)), id)
	g.begin(Empty, now)
	c.groups = append(c.groups, g)
	c.byID[id] = g.index
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
