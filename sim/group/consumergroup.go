package group

import (
	"maps"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka/javahash"
)

// consumerGroup is a group of the consumer protocol (ConsumerGroup, KIP-848). All of
// it is written to the log with each change, so nothing is lost when the coordinator
// moves.
type consumerGroup struct {
	index  uint32 // in the timers' ids
	id     string
	exists bool // false: deleted, or not of this protocol; the index stays its own

	epoch       int32      // of the group: grows with every change of members or topics
	targetEpoch int32      // the group's epoch for which the targets were computed
	targetAt    clock.Time // when they were; never if they were not
	topicsHash  uint64     // of the subscribed topics, as of the last epoch
	refresh     bool       // the topics may have changed since

	slots      []consumerMember // by slot number
	free       []uint32
	byID       map[string]uint32 // ids in all roles
	byInstance map[string]string // member ids of static members
	members    javahash.Timeline // ids of the members, in Kafka's order
	preferred  preferredAssignors

	subscribers map[string]int // members by topic that they subscribe
	homogeneous bool           // all members subscribe to the same topics; see settle

	unwritten bool // there is something to append to the log

	// held are the partitions that some member has or has yet to give up: nobody
	// else can be assigned them (ConsumerGroup.currentPartitionEpoch).
	held map[partitionID]string
}

// never is before any virtual time.
const never clock.Time = -1

// newConsumerGroup is a group that does not exist yet.
func newConsumerGroup(index uint32, id string) *consumerGroup {
	return &consumerGroup{index: index, id: id, targetAt: never,
		subscribers: map[string]int{}, homogeneous: true, byID: map[string]uint32{}, byInstance: map[string]string{}, held: map[partitionID]string{}}
}

// discard forgets everything about the group but the timers that still run.
func (g *consumerGroup) discard() {
	left := *g
	*g = *newConsumerGroup(g.index, g.id)
	g.slots, g.free, g.byID = left.slots, left.free, left.byID
	for i := range g.slots {
		if m := &g.slots[i]; m.role != roleFree {
			g.letGo(m)
		}
	}
}

// write appends what has changed to the log.
func (g *consumerGroup) write(h Host) {
	if g.unwritten {
		g.unwritten = false
		h.Append(0)
	}
}

// subscribes tells whether a member subscribes to the topic.
func (g *consumerGroup) subscribes(topic string) bool { return g.subscribers[topic] > 0 }

// subscribed are the names to which members subscribe, sorted.
func (g *consumerGroup) subscribed() []string { return slices.Sorted(maps.Keys(g.subscribers)) }

// resubscribe notes that a member subscribes to other topics.
func (g *consumerGroup) resubscribe(was, is []string) {
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
func (g *consumerGroup) settle() {
	g.homogeneous = true
	for _, name := range g.subscribed() {
		if g.subscribers[name] != g.members.Len() {
			g.homogeneous = false
		}
	}
}

// allMembers are the slots of the members in Kafka's order, as they are now.
func (g *consumerGroup) allMembers() []uint32 {
	slots := make([]uint32, 0, g.members.Len())
	for id := range g.members.All() {
		slots = append(slots, g.byID[id])
	}
	return slots
}

func (g *consumerGroup) clone() *consumerGroup {
	c := *g
	c.slots = slices.Clone(g.slots)
	c.free = slices.Clone(g.free)
	c.byID = maps.Clone(g.byID)
	c.byInstance = maps.Clone(g.byInstance)
	c.members = g.members.Clone()
	c.preferred = g.preferred.clone()
	c.subscribers = maps.Clone(g.subscribers)
	c.held = maps.Clone(g.held)
	return &c
}
