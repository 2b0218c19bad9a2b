package franzgo

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// metadata is what the client knows of the cluster.
type metadata struct {
	topics []kafka.TopicMetadata
	at     clock.Time // when it was refreshed
	known  bool
	loads  bool // offsets are looked for after the refresh
	ready  int  // sources that have become ready, so far
}

// anyBroker is the broker that is asked what all of them know: the first one, until
// it does not answer.
func (c *Consumer) anyBroker() int32 { return c.seed%int32(max(len(c.o.Nodes), 1)) + 1 }

// leaderless is the pause before metadata in which a partition has no leader is
// asked for again.
const leaderless = 250 * clock.Millisecond

// requestMetadata asks for the topics, unless that is under way.
func (c *Consumer) requestMetadata(h client.Host) {
	if !c.pending(func(r kafka.Request) bool { _, ok := r.(*kafka.MetadataRequest); return ok }) {
		c.send(h, request{broker: c.anyBroker(), body: &kafka.MetadataRequest{Topics: c.o.Topics}})
	}
}

// metadataArrived takes an answer. A leader that sees new partitions rejoins
// (findNewAssignments).
func (c *Consumer) metadataArrived(h client.Host, now clock.Time, r *kafka.MetadataResponse) {
	before := c.metadata
	c.metadata.topics, c.metadata.at, c.metadata.known = nil, now, true
	for _, t := range r.Topics {
		if t.Err == kafka.ErrNone {
			c.metadata.topics = append(c.metadata.topics, t)
		}
	}
	for i := range c.sources {
		c.sources[i].failed = false
	}
	for i := range c.cursors {
		x := &c.cursors[i]
		if leader := c.metadata.leader(x.tp); leader != x.leader && !c.buffered(x) {
			x.leader, x.used = leader, false
		}
		if x.leader == 0 {
			h.Arm(timerMetadata, now+leaderless)
		}
	}
	if !before.known {
		if !c.closing {
			c.begin(h, now)
		}
		return
	}
	if c.manage.leads && c.rejoin == "" && before.fewer(&c.metadata) {
		c.rejoin = "rejoining because we are the leader and noticed some topics have new partitions"
	}
	if c.metadata.loads {
		c.metadata.loads = false
		c.load(h, now)
	}
	c.fetch(h, now)
	c.noticeRejoin(h, now)
}

// fewer tells whether a topic has more partitions in later metadata.
func (m *metadata) fewer(later *metadata) bool {
	return slices.ContainsFunc(later.topics, func(t kafka.TopicMetadata) bool {
		return slices.ContainsFunc(m.topics, func(x kafka.TopicMetadata) bool {
			return x.Topic == t.Topic && len(x.Leaders) < len(t.Leaders)
		})
	})
}

// counts is the topics with their numbers of partitions, by name.
func (m *metadata) counts() []assign.Topic { return assign.Counts(m.topics) }

// leader is the broker that leads a partition, 0 when unknown or none.
func (m *metadata) leader(tp kafka.TopicPartition) int32 { return kafka.LeaderOf(m.topics, tp) }
