package group

import (
	"fmt"
	"strings"
)

// assignmentText is the broker's DEBUG line about a member's step.
func (c *Coordinator) assignmentText(g *consumerGroup, m *consumerMember) string {
	return fmt.Sprintf("[GroupId %s] Member %s new assignment state: epoch=%d, previousEpoch=%d, state=%s, assignedPartitions=%s and revokedPartitions=%s.",
		g.id, m.id, m.epoch, m.previous, m.state, c.partitionsText(m.assigned), c.partitionsText(m.revoking))
}

// partitionsText prints partitions with the ids of their topics.
func (c *Coordinator) partitionsText(held []heldPartition) string {
	list := make([]string, len(held))
	for i, p := range held {
		list[i] = fmt.Sprintf("%s-%d", c.topics.list[p.topic].ID, p.partition)
	}
	return "[" + strings.Join(list, ", ") + "]"
}
