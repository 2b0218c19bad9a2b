package group

import (
	"fmt"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// silent is a host that only draws ids.
type silent struct{ ids int }

func (*silent) Arm(TimerID, clock.Time)               {}
func (*silent) Cancel(TimerID)                        {}
func (*silent) Reply(kafka.RequestID, kafka.Response) {}
func (*silent) Append(AppendID)                       {}
func (*silent) Log(string, string)                    {}
func (*silent) Emit(Event)                            {}

func (h *silent) NewUUID() string {
	h.ids++
	return fmt.Sprintf("3439c5eb-6eae-42a6-9cdf-%012d", h.ids)
}

// stableGroup is a group of so many members, and a heartbeat of each.
func stableGroup(members int) (*Coordinator, []*kafka.HeartbeatRequest) {
	h, c := &silent{}, New(Config{MaxSessionTimeout: clock.Hour, MaxSize: 1 << 30})
	for i := range members {
		c.Join(h, 0, kafka.RequestID(i+1), &kafka.JoinGroupRequest{Group: "g", ClientID: "consumer",
			SessionTimeout: clock.Minute, RebalanceTimeout: clock.Minute, ProtocolType: consumerType, Protocols: benchProtocols})
	}
	for v, _ := c.Group("g"); v.State == PreparingRebalance; v, _ = c.Group("g") {
		c.Fire(h, 0, c.groups[0].timer(TimerJoin))
	}
	v, _ := c.Group("g")
	var beats []*kafka.HeartbeatRequest
	for _, m := range v.Members {
		beats = append(beats, &kafka.HeartbeatRequest{Group: "g", MemberID: m.ID, Generation: v.Generation})
	}
	c.Sync(h, 0, 1, &kafka.SyncGroupRequest{Group: "g", MemberID: v.Leader, Generation: v.Generation})
	c.Appended(h, 0, c.lastAppend, kafka.ErrNone)
	return c, beats
}

var benchProtocols = []kafka.GroupProtocol{{Name: "range", Metadata: "t0;"}}

// BenchmarkHeartbeat is what a steady group does most of all.
func BenchmarkHeartbeat(b *testing.B) {
	for _, n := range []int{1, 100, 10000} {
		b.Run(fmt.Sprintf("N=%d", n), func(b *testing.B) {
			c, beats := stableGroup(n)
			b.ReportAllocs()
			h := &silent{}
			for i := 0; b.Loop(); i++ {
				c.Heartbeat(h, clock.Time(i), 1, beats[i%n])
			}
		})
	}
}

// Heartbeats are most of the events of a long run: they must leave no garbage.
func TestHeartbeatDoesNotAllocate(t *testing.T) {
	c, beats := stableGroup(10)
	h := &silent{}
	if n := testing.AllocsPerRun(100, func() { c.Heartbeat(h, 1, 1, beats[3]) }); n != 0 {
		t.Errorf("a heartbeat allocates %v times", n)
	}
}

// BenchmarkRebalance is one rebalance of a whole group: everybody joins and syncs.
func BenchmarkRebalance(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprintf("N=%d", n), func(b *testing.B) {
			c, beats := stableGroup(n)
			for b.Loop() {
				rebalance(c, beats)
			}
		})
	}
}

func rebalance(c *Coordinator, beats []*kafka.HeartbeatRequest) {
	h := &silent{}
	v := c.groups[0]
	join := kafka.JoinGroupRequest{Group: "g", SessionTimeout: clock.Minute, RebalanceTimeout: clock.Minute,
		ProtocolType: consumerType, Protocols: benchProtocols}
	leader := join
	leader.MemberID = v.leader
	c.Join(h, 0, 1, &leader)
	for i, beat := range beats {
		if beat.MemberID != v.leader {
			follower := join
			follower.MemberID = beat.MemberID
			c.Join(h, 0, kafka.RequestID(i+2), &follower)
		}
	}
	for i, beat := range beats {
		c.Sync(h, 0, kafka.RequestID(i+1), &kafka.SyncGroupRequest{Group: "g", MemberID: beat.MemberID, Generation: v.generation})
	}
	c.Appended(h, 0, c.lastAppend, kafka.ErrNone)
}
