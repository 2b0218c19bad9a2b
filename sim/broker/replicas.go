package broker

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
)

// replicas is what the controller knows of a partition
// (org.apache.kafka.metadata.PartitionRegistration). It changes only by
// Cluster.Fence, Cluster.Unfence and Cluster.ElectPreferred.
type replicas struct {
	assigned []int32 // in assignment order: the first is the preferred leader
	leader   int32   // NoLeader: none
	last     int32   // the latest leader that there was
	epoch    int32   // of the leader
	isr      []int32 // in assignment order; never empty
}

// NoLeader is the leader of a partition that has none.
const NoLeader int32 = -1

// place deals out the replicas of a partition, one after the other from its own
// number on (StripedReplicaPlacer, which begins at a random broker).
func (c *Cluster) place(partition, factor int32) replicas {
	var r replicas
	for i := range min(factor, c.cfg.Brokers) {
		r.assigned = append(r.assigned, (partition+i)%c.cfg.Brokers+1)
	}
	r.isr = slices.Clone(r.assigned)
	r.leader, r.last = r.assigned[0], r.assigned[0]
	// A topic that is made while brokers are away begins without them.
	alive := func(b int32) bool { return !c.nodes[b-1].fenced }
	if up := keep(r.isr, alive); len(up) > 0 {
		r.isr, r.leader, r.last = up, up[0], up[0]
	} else {
		r.isr, r.leader = r.isr[:1], NoLeader
	}
	return r
}

func keep(brokers []int32, want func(int32) bool) []int32 {
	var out []int32
	for _, b := range brokers {
		if want(b) {
			out = append(out, b)
		}
	}
	return out
}

func (r *replicas) clone() replicas {
	c := *r
	c.isr = slices.Clone(r.isr)
	return c
}

// node is a broker as controller and clients find it.
type node struct {
	down   bool       // its process is dead
	since  clock.Time // when it died
	fenced bool       // the controller has noticed, or it is not back yet
}

// Move is a partition that has another leader.
type Move struct {
	Topic     string // OffsetsTopic for the coordinators
	Partition int32
	From, To  int32 // NoLeader: none
	Epoch     int32
	// Lost is the records that the new leader does not have: what was acknowledged
	// and not replicated.
	Lost int64
	// GaveUp is the records that producers have tried to write in vain, for
	// delivery.timeout.ms or more often than retries allows.
	GaveUp int64
}

// OffsetsTopic is the topic whose partitions the coordinators run on.
const OffsetsTopic = "__consumer_offsets"

// TransactionsTopic is the one that the transaction coordinators run on.
const TransactionsTopic = "__transaction_state"

// Fail is the death of a broker's process (kill -9). Nobody but its clients
// notices yet: what it leads is not to be had, and what it follows is not
// replicated until the controller fences it.
func (c *Cluster) Fail(h Host, now clock.Time, broker int32) {
	c.nodes[broker-1].down, c.nodes[broker-1].since = true, now
	for slot := range c.parked {
		if f := &c.parked[slot]; f.id != 0 && f.broker == broker {
			c.unpark(uint32(slot))
			h.DisarmFetch(uint32(slot))
		}
	}
	c.endShareSessions(broker)
	c.eachLog(func(t *topic, l *Log) { c.moveHighWatermark(h, now, t, l) })
}

// Fence is the controller's decision that a broker is gone
// (ReplicationControlManager.handleBrokerFenced): each partition that it led gets
// the first of its in-sync replicas that lives, or, if there is none, no leader.
func (c *Cluster) Fence(h Host, now clock.Time, broker int32) []Move {
	c.nodes[broker-1].fenced = true
	return c.elect(h, now, func(t *topic, l *Log) {
		if l.leader == broker {
			if rest := keep(l.isr, func(b int32) bool { return b != broker }); len(rest) > 0 {
				l.isr = rest
			}
			c.electLeader(t, l)
			return
		}
		if i := slices.Index(l.isr, broker); i >= 0 && len(l.isr) > 1 {
			l.isr = slices.Delete(l.isr, i, i+1)
		}
	})
}

// Returned tells that a broker's process runs again. The controller does not use
// it yet.
func (c *Cluster) Returned(broker int32) { c.nodes[broker-1].down = false }

// Unfence is the return of a broker (handleBrokerUnfenced): partitions without a
// leader get it if they may, and it follows the others; it is in sync again with
// its first fetch that has reached the leader's end.
func (c *Cluster) Unfence(h Host, now clock.Time, broker int32) []Move {
	c.nodes[broker-1].fenced = false
	return c.elect(h, now, func(t *topic, l *Log) {
		if !slices.Contains(l.assigned, broker) {
			return
		}
		if l.leader == NoLeader {
			c.electLeader(t, l)
		}
		if l.leader != NoLeader { // also to those that have come back before it
			l.isr = keep(l.assigned, func(b int32) bool { return c.alive(b) || slices.Contains(l.isr, b) })
		}
	})
}

// ElectPreferred gives leadership back to the preferred replicas that are in sync
// (maybeBalancePartitionLeaders).
func (c *Cluster) ElectPreferred(h Host, now clock.Time) []Move {
	return c.elect(h, now, func(t *topic, l *Log) {
		if first := l.assigned[0]; l.leader != first && slices.Contains(l.isr, first) && c.alive(first) {
			l.leader = first
			l.epoch++
		}
	})
}

func (c *Cluster) alive(broker int32) bool { return !c.nodes[broker-1].fenced }

// electLeader picks a leader (PartitionChangeBuilder.electLeader): the first in-sync
// replica that lives; with unclean.leader.election.enable any replica that lives.
func (c *Cluster) electLeader(t *topic, l *Log) {
	l.epoch++
	l.leader = NoLeader
	if in := keep(l.isr, c.alive); len(in) > 0 {
		l.leader = in[0]
		return
	}
	if out := keep(l.assigned, c.alive); t.cfg.Unclean && len(out) > 0 {
		l.leader, l.isr = out[0], out[:1]
	}
}

// elect lets change act on every partition and says which got another leader.
func (c *Cluster) elect(h Host, now clock.Time, change func(*topic, *Log)) []Move {
	var moves []Move
	c.eachLog(func(t *topic, l *Log) {
		from, isr := l.leader, slices.Clone(l.isr)
		change(t, l)
		m := Move{Topic: t.name, Partition: l.partition, From: from, To: l.leader, Epoch: l.epoch}
		if l.leader != NoLeader && l.leader != l.last {
			m.Lost = c.truncate(l, l.last, slices.Contains(isr, l.leader))
			l.last = l.leader
		}
		m.GaveUp = c.moveHighWatermark(h, now, t, l)
		if l.leader != from || m.GaveUp > 0 {
			moves = append(moves, m)
		}
	})
	return moves
}

// eachLog visits every partition: the topics in their order, then
// __consumer_offsets and __transaction_state.
func (c *Cluster) eachLog(visit func(*topic, *Log)) {
	for i := range c.topics {
		for p := range c.topics[i].logs {
			visit(&c.topics[i], &c.topics[i].logs[p])
		}
	}
	for p := range c.offsets.logs {
		visit(&c.offsets, &c.offsets.logs[p])
	}
	for p := range c.txns.logs {
		visit(&c.txns, &c.txns.logs[p])
	}
}

// Broken says what a partition's state must not be, "" when all is well: its
// in-sync replicas are some of its replicas, the leader is one of them and is not
// known to be gone, and the log does not begin behind its end.
func (c *Cluster) Broken(now clock.Time) string {
	broken := ""
	c.eachLog(func(t *topic, l *Log) {
		outside := func(b int32) bool { return !slices.Contains(l.assigned, b) }
		switch {
		case broken != "":
		case len(l.isr) == 0 || slices.ContainsFunc(l.isr, outside):
			broken = fmt.Sprintf("%s-%d has in-sync replicas %v of %v", t.name, l.partition, l.isr, l.assigned)
		case l.leader != NoLeader && (!slices.Contains(l.isr, l.leader) || !c.alive(l.leader)):
			broken = fmt.Sprintf("%s-%d is led by %d, which is fenced or not in sync", t.name, l.partition, l.leader)
		case l.start > 0 && l.start > l.End(now) && !l.cut:
			broken = fmt.Sprintf("%s-%d begins at %d and ends at %d", t.name, l.partition, l.start, l.End(now))
		}
	})
	return broken
}
