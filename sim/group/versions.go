package group

import "ksim/sim/kafka"

// Versions of requests that change what the coordinator does. Client and broker
// settle on the newest that both know.
const (
	joinKnownID        = 4 // JoinGroup, KIP-394: dynamic members must come back with the id they are given
	joinSkipAssignment = 9 // JoinGroup, KIP-814: a replaced static leader is told that nothing is to assign
	commitGroupUnknown = 9 // OffsetCommit, KIP-848: GROUP_ID_NOT_FOUND
	commitMemberEpoch  = 9 // OffsetCommit, KIP-848: members of the consumer protocol may commit
)

// rejoinEpoch is the epoch that a member of the classic protocol must have reached in a
// group of the consumer protocol: since 4.3, when targets may come later than epochs,
// the one for which there are targets.
func (g *consumerGroup) rejoinEpoch(broker kafka.Version) int32 {
	if broker >= kafka.V(4, 3, 0) {
		return g.targetEpoch
	}
	return g.epoch
}

// refusesClassic tells whether a broker that allows no migration refuses members of
// the classic protocol. Before 4.3 they might join all the same.
func refusesClassic(broker kafka.Version) bool { return broker >= kafka.V(4, 3, 0) }

// strictReconciliation tells whether a broker lets a member of the consumer protocol
// have only what it subscribes at the moment, whatever its target says, and gives a
// member back at once what it was about to give up.
func strictReconciliation(broker kafka.Version) bool { return broker >= kafka.V(4, 2, 0) }

// joinVersion is the newest JoinGroup that a broker knows, as far as it matters
// here.
func joinVersion(broker kafka.Version) int16 {
	switch {
	case broker >= kafka.V(3, 2, 0):
		return joinSkipAssignment
	case broker >= kafka.V(2, 2, 0):
		return joinSkipAssignment - 1
	}
	return joinKnownID - 1
}

// commitVersion is the newest OffsetCommit that a broker knows, as far as it
// matters here. The coordinator before 4.0 never answered GROUP_ID_NOT_FOUND.
func commitVersion(broker kafka.Version) int16 {
	if broker >= kafka.V(4, 0, 0) {
		return commitGroupUnknown
	}
	return commitGroupUnknown - 1
}
