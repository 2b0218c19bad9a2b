package group

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// crowd is members of the consumer protocol that mostly do as they are told, and a
// coordinator that must cope with all of them.
type crowd struct {
	w       *world
	members []crowdMember
	request kafka.RequestID
}

// crowdMember is what a member believes.
type crowdMember struct {
	id, instance string
	in           bool
	epoch        int32
	owned        []kafka.TopicPartition
}

func newCrowd(t *rapid.T) *crowd {
	w := newWorld(Config{Version: rapid.SampledFrom([]kafka.Version{kafka.V(4, 1, 0), kafka.V(4, 3, 0)}).Draw(t, "broker"),
		OffsetsRetention: clock.Hour, RetentionCheckInterval: clock.Hour, ConsumerMaxSize: 100, ConsumerAssignors: []string{"uniform", "range"}})
	w.c.ConfigureGroup("g", ConsumerTimes{Session: 20 * clock.Second, Heartbeat: 5 * clock.Second,
		AssignmentInterval: clock.Duration(rapid.IntRange(0, 2).Draw(t, "interval")) * clock.Second})
	c := &crowd{w: w}
	for i := range rapid.IntRange(1, 5).Draw(t, "members") {
		m := crowdMember{id: fmt.Sprint("m", i)}
		if rapid.IntRange(0, 2).Draw(t, "static") == 0 {
			m.instance = fmt.Sprint("i", i)
		}
		c.members = append(c.members, m)
	}
	c.setTopic("t0", int32(rapid.IntRange(1, 9).Draw(t, "partitions")))
	c.setTopic("t1", int32(rapid.IntRange(1, 3).Draw(t, "partitions")))
	return c
}

func (c *crowd) setTopic(name string, partitions int32) {
	c.w.c.SetTopic(name, kafka.UUID{Hi: uint64(name[1])}, partitions)
}

// heartbeat sends a member's heartbeat and takes over what it is told; a member that
// is not in the group joins.
func (c *crowd) heartbeat(m *crowdMember, change func(*kafka.ConsumerGroupHeartbeatRequest)) {
	r := &kafka.ConsumerGroupHeartbeatRequest{Group: "g", ClientID: m.id, MemberID: m.id, InstanceID: m.instance, RebalanceTimeout: -1,
		MemberEpoch: m.epoch, Owned: append([]kafka.TopicPartition{}, m.owned...)}
	if !m.in {
		r.MemberEpoch, r.RebalanceTimeout, r.Topics, r.Owned = 0, 10*clock.Second, []string{"t0", "t1"}, []kafka.TopicPartition{}
	}
	if change != nil {
		change(r)
	}
	c.request++
	c.w.replies = nil
	c.w.request(c.request, r)
	answer := c.w.replies[0].r.(*kafka.ConsumerGroupHeartbeatResponse)
	switch {
	case answer.Err == kafka.ErrNone && answer.MemberEpoch >= 0:
		// Who begins a group with nothing subscribed is in epoch 0, and goes on as one that
		// joins.
		m.in, m.epoch = answer.MemberEpoch > 0, answer.MemberEpoch
		if answer.Assigned {
			m.owned = answer.Assignment
		}
	case answer.Err == kafka.ErrUnreleasedInstanceID, answer.Err == kafka.ErrInvalidRequest:
	default:
		m.in, m.epoch, m.owned = false, 0, nil
	}
}

// step is something that happens.
func (c *crowd) step(t *rapid.T) {
	m := &c.members[rapid.IntRange(0, len(c.members)-1).Draw(t, "who")]
	switch rapid.IntRange(0, 11).Draw(t, "what") {
	case 0:
		c.w.advance(c.w.now+clock.Ms(rapid.Int64Range(1, 25_000).Draw(t, "by")), func(TimerID) {})
	case 1:
		if m.in {
			c.heartbeat(m, func(r *kafka.ConsumerGroupHeartbeatRequest) { r.MemberEpoch, r.Owned = epochLeave, nil })
			m.in, m.epoch, m.owned = false, 0, nil
		}
	case 2:
		if m.in && m.instance != "" {
			c.heartbeat(m, func(r *kafka.ConsumerGroupHeartbeatRequest) { r.MemberEpoch, r.Owned = epochLeaveStatic, nil })
			m.in, m.epoch, m.owned = false, 0, nil
			m.id += "'"
		}
	case 3: // dishonest: other partitions than it has
		c.heartbeat(m, func(r *kafka.ConsumerGroupHeartbeatRequest) {
			r.Owned = []kafka.TopicPartition{{Topic: "t0", Partition: rapid.Int32Range(0, 9).Draw(t, "lie")}}
		})
	case 4:
		c.heartbeat(m, func(r *kafka.ConsumerGroupHeartbeatRequest) { r.Topics = [][]string{{"t0"}, {"t1"}, {}}[c.request%3] })
	case 5:
		c.heartbeat(m, func(r *kafka.ConsumerGroupHeartbeatRequest) { r.Assignor = []string{"uniform", "range"}[c.request%2] })
	case 6:
		c.setTopic("t0", c.w.c.topics.partitions("t0")+1)
	case 7:
		c.w.failover()
	default:
		c.heartbeat(m, nil)
	}
}

// check holds what must hold at any instant.
func (c *crowd) check(t *rapid.T) {
	v, ok := c.w.c.ConsumerGroup("g")
	if !ok {
		return
	}
	g := c.w.c.consumer("g")
	held := 0
	owners := map[kafka.TopicPartition]string{}
	for _, m := range v.Members {
		if m.Epoch > v.TargetEpoch || v.TargetEpoch > v.Epoch {
			t.Fatalf("%s is in epoch %d, the assignment of %d, the group of %d", m.ID, m.Epoch, v.TargetEpoch, v.Epoch)
		}
		if (m.State == MemberUnrevoked) != (len(m.Revoking) > 0) && m.Epoch != epochLeaveStatic {
			t.Fatalf("%s is %s and gives up %v", m.ID, m.State, m.Revoking)
		}
		for _, p := range slices.Concat(m.Assigned, m.Revoking) {
			if owner, taken := owners[p.TopicPartition]; taken {
				t.Fatalf("%s is owned by %s and %s", p.TopicPartition, owner, m.ID)
			}
			owners[p.TopicPartition] = m.ID
			held++
		}
		if !g.member(m.ID).sessionArmed {
			t.Fatalf("%s has no session", m.ID)
		}
	}
	if held != len(g.held) {
		t.Fatalf("members hold %d partitions, the group's books say %d", held, len(g.held))
	}
	for _, timer := range c.w.timers {
		if timer.id.OfMember() && g.slots[timer.id.Member].role == roleFree {
			t.Fatalf("timer %s of nobody", timer.id.Kind)
		}
	}
}

// Whatever members do, honest or not: a partition has one owner at any instant, nobody
// is ahead of the group, and a copy goes on as its original does.
func TestConsumerGroupProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCrowd(t)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			c.step(t)
			c.check(t)
		}
		before, _ := c.w.c.ConsumerGroup("g")
		clone := *c
		clone.w, clone.members = c.w.clone(), slices.Clone(c.members)
		for i := range clone.members {
			clone.heartbeat(&clone.members[i], nil)
		}
		if after, _ := c.w.c.ConsumerGroup("g"); !cmp.Equal(before, after) {
			t.Fatalf("the copy changed its original:\n%s", cmp.Diff(before, after))
		}
	})
}

// Members that all do as they are told come to rest, each partition with one of those
// that subscribe it: no order of heartbeats leaves one waiting for ever.
func TestConsumerGroupComesToRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCrowd(t)
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			c.step(t)
		}
		// A new epoch is computed by whether the group was of one mind before the request
		// (see settle): with mixed subscriptions that may leave a partition to a member
		// that does not want it, in Kafka too, until there is another epoch.
		for i := range c.members {
			c.heartbeat(&c.members[i], func(r *kafka.ConsumerGroupHeartbeatRequest) { r.Topics = []string{"t0", "t1"} })
		}
		for range 12 {
			c.w.advance(c.w.now+3*clock.Second, func(TimerID) {})
			for i := range c.members {
				c.heartbeat(&c.members[i], nil)
			}
		}
		v, _ := c.w.c.ConsumerGroup("g")
		if v.State != ConsumerStable {
			t.Fatalf("the group is %s:\n%+v", v.State, v.Members)
		}
		owned := 0
		for _, m := range v.Members {
			owned += len(m.Assigned)
		}
		var wanted int32
		for _, topic := range c.w.c.consumer("g").subscribed() {
			wanted += c.w.c.topics.partitions(topic)
		}
		if int32(owned) != wanted {
			t.Fatalf("%d of %d partitions have an owner", owned, wanted)
		}
	})
}
