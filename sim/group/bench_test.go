package group

import (
	"fmt"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// silent is a host that does nothing.
type silent struct{}

func (silent) Arm(TimerID, clock.Time)               {}
func (silent) Cancel(TimerID)                        {}
func (silent) Reply(kafka.RequestID, kafka.Response) {}
func (silent) Append(AppendID)                       {}
func (silent) NewUUID() string                       { return "3439c5eb-6eae-42a6-9cdf-317698676177" }
func (silent) Log(string, string)                    {}
func (silent) Emit(Event)                            {}

// stableGroup is a group of so many members, and a heartbeat of each.
func stableGroup(members int) (*Coordinator, []*kafka.HeartbeatRequest) {
	w := newWorld(Config{MaxSessionTimeout: clock.Hour, MaxSize: 1 << 30})
	n := 0
	w.uuid = func() string { n++; return fmt.Sprintf("3439c5eb-6eae-42a6-9cdf-%012d", n) }
	var c *Coordinator = w.c
	var beats []*kafka.HeartbeatRequest
	for i := range members {
		c.Join(silentIDs{w}, 0, kafka.RequestID(i+1), &kafka.JoinGroupRequest{Group: "g", ClientID: "consumer",
			SessionTimeout: clock.Minute, RebalanceTimeout: clock.Minute, ProtocolType: consumerType, Protocols: []kafka.GroupProtocol{{Name: "range", Metadata: "t0;"}}})
	}
	c.groups[0].initial = initialDelay{}
	c.Fire(silent{}, 0, c.groups[0].timer(TimerJoin))
	v, _ := c.Group("g")
	for _, m := range v.Members {
		beats = append(beats, &kafka.HeartbeatRequest{Group: "g", MemberID: m.ID, Generation: v.Generation})
	}
	leader := &kafka.SyncGroupRequest{Group: "g", MemberID: v.Leader, Generation: v.Generation}
	c.Sync(silent{}, 0, 1, leader)
	c.Appended(silent{}, 0, c.lastAppend, kafka.ErrNone)
	return c, beats
}

// silentIDs draws the ids of a world and does nothing else.
type silentIDs struct{ *world }

func (silentIDs) Arm(TimerID, clock.Time)               {}
func (silentIDs) Cancel(TimerID)                        {}
func (silentIDs) Reply(kafka.RequestID, kafka.Response) {}
func (silentIDs) Append(AppendID)                       {}
func (silentIDs) Log(string, string)                    {}
func (silentIDs) Emit(Event)                            {}

// BenchmarkHeartbeat is what a steady group does most of all.
func BenchmarkHeartbeat(b *testing.B) {
	for _, n := range []int{1, 100, 10000} {
		b.Run(fmt.Sprintf("N=%d", n), func(b *testing.B) {
			c, beats := stableGroup(n)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				c.Heartbeat(silent{}, clock.Time(i), 1, beats[i%n])
			}
		})
	}
}

// Heartbeats are most of the events of a long run: they must leave no garbage.
func TestHeartbeatDoesNotAllocate(t *testing.T) {
	c, beats := stableGroup(10)
	var h Host = silent{}
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
	h := silent{}
	v := c.groups[0]
	join := kafka.JoinGroupRequest{Group: "g", SessionTimeout: clock.Minute, RebalanceTimeout: clock.Minute,
		ProtocolType: consumerType, Protocols: []kafka.GroupProtocol{{Name: "range", Metadata: "t0;"}}}
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
