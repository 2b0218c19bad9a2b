package java

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/kafka"
)

// revokeWithdrawn is the cooperative part of onJoinComplete (KIP-429): what the
// new assignment withholds is revoked while it still counts as assigned, and
// another round follows in which it can be given to its new owner.
func (c *Consumer) revokeWithdrawn(h client.Host, assigned, owned, added []kafka.TopicPartition) {
	revoked := without(owned, assigned)
	c.info(h, "Updating assignment with"+
		"\n\tAssigned partitions:                       "+c.list(assigned)+
		"\n\tCurrent owned partitions:                  "+c.list(owned)+
		"\n\tAdded partitions (assigned - owned):       "+c.list(added)+
		"\n\tRevoked partitions (owned - assigned):     "+c.list(revoked))
	if len(revoked) == 0 {
		return
	}
	c.invokeRevoked(h, revoked)
	c.requestRejoin(h, "need to revoke partitions and re-join",
		fmt.Sprintf("need to revoke partitions %s as indicated by the current assignment and re-join", bracketed(revoked)))
}

// invokeAssigned calls onPartitionsAssigned, also for nothing
// (ConsumerRebalanceListenerInvoker).
func (c *Consumer) invokeAssigned(h client.Host, p []kafka.TopicPartition) {
	c.info(h, "Adding newly assigned partitions: "+c.list(p))
	h.Callback(client.Assigned, p)
}

// invokeRevoked calls onPartitionsRevoked.
func (c *Consumer) invokeRevoked(h client.Host, p []kafka.TopicPartition) {
	c.info(h, "Revoke previously assigned partitions "+c.list(p))
	h.Callback(client.Revoked, p)
}

// invokeLost calls onPartitionsLost.
func (c *Consumer) invokeLost(h client.Host, p []kafka.TopicPartition) {
	c.info(h, "Lost previously assigned partitions "+c.list(p))
	h.Callback(client.Lost, p)
}

// without is the partitions of p that are not in minus.
func without(p, minus []kafka.TopicPartition) []kafka.TopicPartition {
	out := make([]kafka.TopicPartition, 0, len(p))
	for _, tp := range p {
		if !slices.Contains(minus, tp) {
			out = append(out, tp)
		}
	}
	return out
}
