package group

import (
	"fmt"
	"maps"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/kafka/javahash"
)

// modernGroup is what groups have in common whose assignments the broker makes:
// those of the consumer protocol and share groups (ModernGroup).
type modernGroup struct {
	index  uint32 // in the timers' ids
	id     string
	exists bool // false: deleted, or of another kind; the index stays its own

	epoch       int32      // of the group: grows with every change of members or topics
	targetEpoch int32      // the group's epoch for which the targets were computed
	targetAt    clock.Time // when they were; never if they were not
	topicsHash  uint64     // of the subscribed topics, as of the last epoch
	refresh     bool       // the topics may have changed since

	members     javahash.Timeline // ids of the members, in Kafka's order
	subscribers map[string]int    // members by topic that they subscribe
	homogeneous bool              // all members subscribe to the same topics; see settle

	unwritten bool // there is something to append to the log
}

// never is before any virtual time.
const never clock.Time = -1

// newModernGroup is a group that does not exist yet.
func newModernGroup(index uint32, id string) modernGroup {
	return modernGroup{index: index, id: id, targetAt: never, subscribers: map[string]int{}, homogeneous: true}
}

// begin makes the group exist, without members.
func (g *modernGroup) begin(broker kafka.Version) {
	g.exists = true
	if broker >= kafka.V(4, 3, 0) {
		g.epoch, g.targetEpoch = 1, 1
	}
}

// write appends what has changed to the log.
func (g *modernGroup) write(h Host) {
	if g.unwritten {
		g.unwritten = false
		h.Append(0)
	}
}

// subscribes tells whether a member subscribes to the topic.
func (g *modernGroup) subscribes(topic string) bool { return g.subscribers[topic] > 0 }

// subscribed are the names to which members subscribe, sorted.
func (g *modernGroup) subscribed() []string { return slices.Sorted(maps.Keys(g.subscribers)) }

// resubscribe notes that a member subscribes to other topics.
func (g *modernGroup) resubscribe(was, is []string) {
	for _, name := range was {
		if g.subscribers[name]--; g.subscribers[name] == 0 {
			delete(g.subscribers, name)
		}
	}
	for _, name := range is {
		g.subscribers[name]++
	}
}

// settle notes whether all members subscribe to the same topics. Kafka does so when
// a new epoch begins, and once a request is done: an assignment between takes the
// group for what it was before the request.
func (g *modernGroup) settle() {
	g.homogeneous = true
	for _, name := range g.subscribed() {
		if g.subscribers[name] != g.members.Len() {
			g.homogeneous = false
		}
	}
}

// mayCompute tells whether new targets are due: there is a newer epoch than theirs,
// and, since 4.3, the assignment interval is over.
func (g *modernGroup) mayCompute(now clock.Time, interval clock.Duration) bool {
	return g.epoch > g.targetEpoch && (interval <= 0 || g.targetAt == never || now >= g.targetAt+interval)
}

// computed notes that there are targets for the group's epoch.
func (g *modernGroup) computed(h Host, now clock.Time, assignor string) {
	g.targetEpoch, g.targetAt = g.epoch, now
	g.unwritten = true
	h.Log("INFO", fmt.Sprintf("[GroupId %s] Computed a new target assignment for epoch %d with '%s' assignor in 0ms.", g.id, g.epoch, assignor))
}

func (g *modernGroup) clone() modernGroup {
	c := *g
	c.members = g.members.Clone()
	c.subscribers = maps.Clone(g.subscribers)
	return c
}

// epochCause is why the group's epoch grows.
type epochCause struct{ reason, memberID, clientID string }

// bumpEpoch is the only way to a new epoch of the group. Why and by whom is for the
// trace.
func (c *Coordinator) bumpEpoch(h Host, g *modernGroup, why epochCause) {
	g.settle()
	g.topicsHash = c.topics.hash(g.subscribed())
	g.epoch++
	g.unwritten = true
	h.Emit(Event{Kind: EpochBumped, Group: g.id, Epoch: g.epoch, MemberID: why.memberID, ClientID: why.clientID, Reason: why.reason})
	if c.cfg.Version < kafka.V(4, 1, 0) {
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Bumped group epoch to %d.", g.id, g.epoch))
		return
	}
	h.Log("INFO", fmt.Sprintf("[GroupId %s] Bumped group epoch to %d with metadata hash %d.", g.id, g.epoch, int64(g.topicsHash)))
}

// topicsChanged tells whether the topics that the group subscribes are not those of
// its epoch any more.
func (c *Coordinator) topicsChanged(g *modernGroup) bool {
	return c.topics.hash(g.subscribed()) != g.topicsHash
}
