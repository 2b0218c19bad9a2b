// Package assign holds the assignors as pure functions: those that a group's leader
// runs in the classic protocol, and those that the broker runs in the consumer
// protocol (KIP-848; server.go).
//
// The leader's go from partition counts and subscriptions to the partitions of each
// member, the same to the last tie-break as the Java client 4.3
// (AbstractPartitionAssignor and its subclasses).
//
//   - range deals out each topic by itself, in contiguous blocks. It does not
//     look at who owns what, so one member more or less moves most partitions.
//   - roundrobin deals out all partitions of all topics like cards. It does not
//     look at who owns what either.
//   - sticky balances the number of partitions, and moves as few as it can. What
//     a member owns it reads from the user data, where the member's own assignor
//     has put its last assignment.
//   - cooperative-sticky decides like sticky, from the owned partitions in the
//     subscription. A partition that must move is given to nobody at first: its
//     owner gives it up, and the rebalance that follows hands it out.
//
// The broker's are uniform, which balances the number of partitions and moves as few
// as it finds, and its own range.
//
// librdkafka has its own range, roundrobin and cooperative-sticky, which differ in
// order and ties: librdkafka.go and librdkafka_sticky.go.
//
// Racks are left out: neither brokers nor topics have any here, and without them
// the rack-aware branches of the Java assignors decide nothing.
package assign
