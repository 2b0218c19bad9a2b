package group

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// shareCrowd is members of a share group that join, leave, die and come back.
type shareCrowd struct {
	w       *world
	epochs  []int32 // by member; 0: not in the group
	request kafka.RequestID
}

func newShareCrowd(t *rapid.T) *shareCrowd {
	w := newWorld(Config{Version: rapid.SampledFrom([]kafka.Version{kafka.V(4, 1, 0), kafka.V(4, 3, 0)}).Draw(t, "broker"),
		OffsetsRetention: clock.Hour, RetentionCheckInterval: clock.Hour, ShareMaxSize: 100, ShareInitialization: clock.Millisecond})
	w.c.ConfigureShareGroup("g", ShareTimes{Session: 20 * clock.Second, Heartbeat: 5 * clock.Second,
		AssignmentInterval: clock.Duration(rapid.IntRange(0, 2).Draw(t, "interval")) * clock.Second})
	w.c.SetTopic("t0", kafka.UUID{Lo: 1}, int32(rapid.IntRange(1, 6).Draw(t, "partitions")))
	return &shareCrowd{w: w, epochs: make([]int32, rapid.IntRange(1, 8).Draw(t, "members"))}
}

// heartbeat sends a member's heartbeat; one that is not in the group joins.
func (c *shareCrowd) heartbeat(m int, epoch int32) {
	r := &kafka.ShareGroupHeartbeatRequest{Group: "g", ClientID: fmt.Sprint("m", m), MemberID: fmt.Sprint("m", m), MemberEpoch: epoch}
	if epoch == epochJoin {
		r.Topics = []string{"t0"}
	}
	c.request++
	c.w.replies = nil
	c.w.request(c.request, r)
	answer := c.w.replies[0].r.(*kafka.ShareGroupHeartbeatResponse)
	c.epochs[m] = 0
	if answer.Err == kafka.ErrNone && epoch != epochLeave {
		c.epochs[m] = answer.MemberEpoch
	}
}

func (c *shareCrowd) step(t *rapid.T) {
	m := rapid.IntRange(0, len(c.epochs)-1).Draw(t, "who")
	switch rapid.IntRange(0, 7).Draw(t, "what") {
	case 0:
		c.w.advance(c.w.now+clock.Ms(rapid.Int64Range(1, 25_000).Draw(t, "by")), func(TimerID) {})
	case 1:
		c.heartbeat(m, epochLeave)
	case 2:
		c.w.c.SetTopic("t0", kafka.UUID{Lo: 1}, c.w.c.topics.partitions("t0")+1)
	case 3:
		c.w.failover()
	case 4:
		c.heartbeat(m, rapid.Int32Range(1, 9).Draw(t, "wrong epoch"))
	default:
		c.heartbeat(m, c.epochs[m])
	}
}

// Whatever members do, nobody is ahead of the group, each has a session, and a copy
// goes on as its original does. Once they do as they are told, they come to rest: loads
// differ by one partition at most, and every partition has the same number of sharers.
func TestShareGroupProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newShareCrowd(t)
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			c.step(t)
			c.check(t)
		}
		before, _ := c.w.c.ShareGroup("g")
		clone := shareCrowd{w: c.w.clone(), epochs: append([]int32(nil), c.epochs...)}
		clone.heartbeat(0, clone.epochs[0])
		if after, _ := c.w.c.ShareGroup("g"); !cmp.Equal(before, after) {
			t.Fatalf("the copy changed its original:\n%s", cmp.Diff(before, after))
		}
		for range 8 {
			c.w.advance(c.w.now+3*clock.Second, func(TimerID) {})
			for m := range c.epochs {
				c.heartbeat(m, c.epochs[m])
			}
		}
		c.checkRest(t)
	})
}

func (c *shareCrowd) check(t *rapid.T) {
	v, _ := c.w.c.ShareGroup("g")
	sessions := 0
	for _, timer := range c.w.timers {
		if timer.id.Kind == TimerShareSession {
			sessions++
		}
	}
	if sessions != len(v.Members) {
		t.Fatalf("%d sessions of %d members", sessions, len(v.Members))
	}
	for _, m := range v.Members {
		if m.Epoch > v.TargetEpoch || v.TargetEpoch > v.Epoch {
			t.Fatalf("%s is in epoch %d, the assignment of %d, the group of %d", m.ID, m.Epoch, v.TargetEpoch, v.Epoch)
		}
	}
}

func (c *shareCrowd) checkRest(t *rapid.T) {
	v, _ := c.w.c.ShareGroup("g")
	sharers := map[int32]int{}
	least, most := 1<<30, 0
	for _, m := range v.Members {
		least, most = min(least, len(m.Assigned)), max(most, len(m.Assigned))
		for _, p := range m.Assigned {
			sharers[p.Partition]++
		}
	}
	partitions := int(c.w.c.topics.partitions("t0"))
	want := (len(v.Members) + partitions - 1) / partitions
	for p := range int32(partitions) {
		if sharers[p] != want {
			t.Fatalf("partition %d has %d sharers, want %d", p, sharers[p], want)
		}
	}
	if most-least > 1 {
		t.Fatalf("members have between %d and %d partitions", least, most)
	}
}
