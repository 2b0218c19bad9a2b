package group

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// topics is what the coordinator knows of the cluster's topics (CoordinatorMetadataImage).
// A topic keeps its number for good.
type topics struct {
	list   []assign.ServerTopic
	names  []string
	number map[string]int32
}

// partitionID is a partition with the number of its topic.
type partitionID struct{ topic, partition int32 }

// find is the number of a topic that exists.
func (t *topics) find(name string) (int32, bool) {
	n, ok := t.number[name]
	return n, ok && t.list[n].Partitions > 0
}

// of gives a partition its number. The topic may be gone: members still hold what
// they had of it.
func (t *topics) of(tp kafka.TopicPartition) (partitionID, bool) {
	n, ok := t.number[tp.Topic]
	return partitionID{n, tp.Partition}, ok
}

// partitions is how many a topic has; none when it does not exist.
func (t *topics) partitions(name string) int32 {
	if n, ok := t.find(name); ok {
		return t.list[n].Partitions
	}
	return 0
}

// set notes the partitions of a topic.
func (t *topics) set(name string, id kafka.UUID, partitions int32) {
	n, ok := t.number[name]
	if !ok {
		n = int32(len(t.list))
		t.list = append(t.list, assign.ServerTopic{ID: id})
		t.names = append(t.names, name)
		t.number[name] = n
	}
	t.list[n].Partitions = partitions
}

// name gives a partition its name back.
func (t *topics) name(p partitionID) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: t.names[p.topic], Partition: p.partition}
}

// hash stands for all that the broker compares of the topics with these names: ids
// and partitions (Utils.computeGroupHash, which sums up other bytes). Topics that do
// not exist do not count; of no topics it is 0.
func (t *topics) hash(names []string) uint64 {
	var hash uint64
	for _, name := range names {
		n, ok := t.find(name)
		if !ok {
			continue
		}
		topic := &t.list[n]
		for _, word := range []uint64{topic.ID.Hi, topic.ID.Lo, uint64(topic.Partitions)} {
			hash = (hash ^ word) * 0x9e3779b97f4a7c15
			hash ^= hash >> 29
		}
	}
	return hash
}

// clone is an independent copy.
func (t *topics) clone() topics {
	c := topics{list: slices.Clone(t.list), names: slices.Clone(t.names), number: make(map[string]int32, len(t.number))}
	for i, name := range c.names {
		c.number[name] = int32(i)
	}
	return c
}

// SetTopic tells of a topic: it is new, or its partitions have become more. Groups
// of the consumer protocol and share groups that subscribe it look at it with the next heartbeat of
// any member (GroupMetadataManager.onMetadataUpdate).
func (c *Coordinator) SetTopic(name string, id kafka.UUID, partitions int32) {
	if c.topics.partitions(name) == partitions {
		return
	}
	c.topics.set(name, id, partitions)
	c.topicChanged(name)
}

// DeleteTopic tells that a topic is gone. Its committed offsets go at once, of all
// groups (OffsetMetadataManager.onTopicsDeleted).
func (c *Coordinator) DeleteTopic(h Host, _ clock.Time, name string) {
	n, ok := c.topics.find(name)
	if !ok {
		return
	}
	id := c.topics.list[n].ID
	c.topics.set(name, id, 0)
	c.topicChanged(name)
	tombstones := 0
	for i := range c.offsets {
		before := len(c.offsets[i])
		c.offsets[i] = slices.DeleteFunc(c.offsets[i], func(o committedOffset) bool { return o.Topic == name })
		tombstones += before - len(c.offsets[i])
	}
	h.Log("INFO", fmt.Sprintf("Generated %d tombstone records in 0 milliseconds while deleting offsets for topics [DeletedTopic[id=%s, name=%s]].", tombstones, id, name))
	if tombstones > 0 {
		h.Append(0)
	}
}

// topicChanged makes the groups that subscribe a topic look at it.
func (c *Coordinator) topicChanged(name string) {
	for _, g := range c.consumers {
		if g.exists && g.subscribes(name) {
			g.refresh = true
		}
	}
	for _, g := range c.shares {
		if g.exists && g.subscribes(name) {
			g.refresh = true
		}
	}
}

// distinct sorts names and drops repetitions: a set of topics.
func distinct(names []string) []string {
	set := slices.Clone(names)
	slices.SortFunc(set, strings.Compare)
	return slices.Compact(set)
}
