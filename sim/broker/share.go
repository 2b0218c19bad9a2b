package broker

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/share"
)

// ShareConfig is what the brokers read of a share group's configuration.
type ShareConfig struct {
	Settings share.Settings
	Reset    ShareReset
	Ago      clock.Duration // of ResetAgo
}

// ShareReset is where a share group begins in a partition (share.auto.offset.reset).
type ShareReset uint8

// The ways to begin.
const (
	ResetLatest   ShareReset = iota
	ResetEarliest            // the log's start
	ResetAgo                 // by_duration: the first record since then
)

// shares is what the brokers keep of share groups (SharePartitionManager). Of each
// partition its leader keeps the state; the share coordinator, to which changes are
// written, is as good as there: writing takes no time.
type shares struct {
	configs    map[string]ShareConfig // by group
	partitions []sharePartition       // in order of first use
	sessions   []shareSession
}

// sharePartition is a share group's state in a partition.
type sharePartition struct {
	group  string
	tp     kafka.TopicPartition
	leader int32 // that keeps the state
	state  *share.Partition
}

// shareSession is a member's session with a broker (ShareSession).
type shareSession struct {
	broker        int32
	group, member string
	epoch         int32 // of the next request
}

func (s *shares) clone() shares {
	c := shares{configs: s.configs, partitions: slices.Clone(s.partitions), sessions: slices.Clone(s.sessions)}
	for i := range c.partitions {
		c.partitions[i].state = c.partitions[i].state.Clone()
	}
	return c
}

// ConfigureShare tells the configuration of a share group, before it is used.
func (c *Cluster) ConfigureShare(group string, cfg ShareConfig) {
	if c.shares.configs == nil {
		c.shares.configs = map[string]ShareConfig{}
	}
	c.shares.configs[group] = cfg
}

// share is a group's state in a partition, as it is now: made when it is first asked
// for, on the partition's leader.
func (c *Cluster) share(now clock.Time, group string, tp kafka.TopicPartition) *share.Partition {
	l := c.Log(tp)
	i := slices.IndexFunc(c.shares.partitions, func(p sharePartition) bool { return p.group == group && p.tp == tp })
	if i < 0 {
		cfg := c.shares.configs[group]
		i = len(c.shares.partitions)
		c.shares.partitions = append(c.shares.partitions, sharePartition{group: group, tp: tp, leader: l.leader, state: share.New(cfg.Settings, l.begin(now, &cfg))})
	}
	p := &c.shares.partitions[i]
	if p.leader != l.leader {
		p.leader = l.leader
		p.state.Forget()
	}
	p.state.LogStart(l.start)
	p.state.Expire(now)
	return p.state
}

// begin is where a share group begins in the log.
func (l *Log) begin(now clock.Time, cfg *ShareConfig) int64 {
	switch cfg.Reset {
	case ResetEarliest:
		return l.start
	case ResetAgo:
		return max(l.start, l.End(max(0, now-cfg.Ago)))
	}
	return l.End(now)
}

// ShareOffsets tells where a share group stands in a partition: its start offset
// (SPSO), and how many records beyond it have reached their end; false before anybody
// has fetched there.
func (c *Cluster) ShareOffsets(now clock.Time, group string, tp kafka.TopicPartition) (start, completed int64, ok bool) {
	if !slices.ContainsFunc(c.shares.partitions, func(p sharePartition) bool { return p.group == group && p.tp == tp }) {
		return 0, 0, false
	}
	p := c.share(now, group, tp)
	return p.Start(), p.Completed(), true
}

// Starts appends where each share group begins in each partition, in the order of first
// use, to which nothing is added in between.
func (c *Cluster) Starts(to []int64) []int64 {
	for i := range c.shares.partitions {
		to = append(to, c.shares.partitions[i].state.Start())
	}
	return to
}

// BrokenShare says what a share group's state must not be, "" when all is well.
func (c *Cluster) BrokenShare() string {
	for i := range c.shares.partitions {
		p := &c.shares.partitions[i]
		if broken := p.state.Broken(); broken != "" {
			return fmt.Sprintf("share group %s, %s: %s", p.group, p.tp, broken)
		}
	}
	return ""
}

// ShareAcknowledge answers acknowledgements without a fetch. The end of a session
// releases what the member has not acknowledged.
func (c *Cluster) ShareAcknowledge(h Host, now clock.Time, broker int32, id kafka.RequestID, r *kafka.ShareAcknowledgeRequest) {
	response := &kafka.ShareAcknowledgeResponse{Err: c.shareSession(h, now, broker, r.Group, r.MemberID, r.SessionEpoch)}
	if response.Err == kafka.ErrNone {
		response.Acknowledged = c.acknowledge(h, now, broker, r.Group, r.MemberID, r.Acknowledgements)
	}
	if r.SessionEpoch == kafka.ShareSessionClose {
		c.closeShareSession(h, now, broker, r.Group, r.MemberID)
	}
	h.Reply(id, response)
}

// acknowledge hands acknowledgements to the partitions, each of which takes all of
// its own or none.
func (c *Cluster) acknowledge(h Host, now clock.Time, broker int32, group, member string, acks []kafka.ShareAcknowledgement) (out []kafka.ShareAcknowledged) {
	for len(acks) > 0 {
		tp := acks[0].TopicPartition
		var own []share.Acknowledgement
		var rest []kafka.ShareAcknowledgement
		for _, a := range acks {
			if a.TopicPartition == tp {
				own = append(own, share.Acknowledgement{From: a.From, To: a.To, Type: share.AcknowledgeType(a.Type)})
			} else {
				rest = append(rest, a)
			}
		}
		acks = rest
		err := c.unreadable(broker, c.Log(tp))
		if err == kafka.ErrNone {
			err = c.share(now, group, tp).Acknowledge(now, member, own)
			c.reconsiderShare(h, now, group, tp)
		}
		out = append(out, kafka.ShareAcknowledged{TopicPartition: tp, Err: err})
	}
	return out
}
