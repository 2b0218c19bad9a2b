// Package group is the broker's group coordinator: the classic protocol (JoinGroup,
// SyncGroup, Heartbeat, LeaveGroup) and the consumer protocol (KIP-848:
// ConsumerGroupHeartbeat), both with static members, committed offsets and failover,
// members of both in one group (the online migration), and the membership of share
// groups (KIP-932: ShareGroupHeartbeat), as GroupCoordinatorShard of Apache Kafka 4.3
// does it.
//
// One Coordinator is one shard that holds many groups. It is a state machine
// without a clock, threads or input and output: requests, timers and finished
// appends come in one at a time, in the order of virtual time, and everything
// that follows from them goes out through the Host that comes with each call.
//
// A file is a step of the protocol. Where to look:
//
//	state.go      the states of a group and the ways between them
//	reason.go     why a group rebalances, in the broker's words
//	join.go       JoinGroup: who may join, and what joining starts
//	rebalance.go  from the start of a rebalance to the end of its join phase
//	sync.go       SyncGroup: the leader's assignment and its distribution
//	heartbeat.go, leave.go, session.go, static.go, offsets.go, expire.go, failover.go
//
// and of the consumer protocol:
//
//	consumerstate.go, memberstate.go  the states of a group, and of a member
//	consumer_heartbeat.go  a heartbeat's way: who may join, what is asked in which order
//	target.go              new epochs, and what each member is to have
//	reconcile.go           a member's next step towards that
//	consumer_leave.go      leaving, and the one door out of the group
//	migration.go           a classic group becomes one of this kind, and the other way
//	consumer_classic.go    the classic requests of members that speak the classic protocol
//	consumer_session.go, consumer_static.go, consumer_offsets.go, topics.go, …
//
// moderngroup.go is what the consumer protocol and share groups have in common; of
// share groups:
//
//	sharestate.go          the states of a group
//	share_heartbeat.go     a heartbeat's way
//	share_initialize.go    partitions that have no state yet, and so are not assigned
//	share_leave.go         leaving, sessions, and the one door out of the group
package group
