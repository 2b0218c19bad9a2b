package java

import (
	"fmt"

	"ksim/sim/client"
	"ksim/sim/client/java/words"
	"ksim/sim/kafka"
)

// revokeWithdrawn is the cooperative part of onJoinComplete (KIP-429): what the
// new assignment withholds is revoked while it still counts as assigned, and
// another round follows in which it can be given to its new owner. False while the
// listener goes on.
func (c *Consumer) revokeWithdrawn(h client.Host, partitions, assigned, owned, added []kafka.TopicPartition) bool {
	revoked := kafka.Without(owned, assigned)
	c.info(h, "Updating assignment with"+
		"\n\tAssigned partitions:                       "+c.words.List(assigned)+
		"\n\tCurrent owned partitions:                  "+c.words.List(owned)+
		"\n\tAdded partitions (assigned - owned):       "+c.words.List(added)+
		"\n\tRevoked partitions (owned - assigned):     "+c.words.List(revoked))
	if len(revoked) == 0 {
		return true
	}
	if !c.words.Invoke(h, client.Revoked, revoked) {
		c.listening = listening{call: c.call, then: thenAssign, partitions: partitions, added: added, revoked: revoked}
		c.call = callNone
		return false
	}
	c.rejoinAfterRevoking(h, revoked)
	return true
}

// rejoinAfterRevoking asks for the round in which what was given up can be assigned.
func (c *Consumer) rejoinAfterRevoking(h client.Host, revoked []kafka.TopicPartition) {
	c.requestRejoin(h, "need to revoke partitions and re-join",
		fmt.Sprintf("need to revoke partitions %s as indicated by the current assignment and re-join", words.Bracketed(revoked)))
}
