package librdkafka

import "ksim/sim/kafka"

// The releases in which behaviour changed, each with where that is said. What changed
// in a property's name, default or bounds is in sim/config.
var (
	// pollDeadlineSince: "This release adds support for max.poll.interval.ms
	// (KIP-62)", release notes of 1.0.0. The versions before have no poll deadline
	// at all, only heartbeats in the background, and JoinGroup v0, in which the
	// session timeout is the rebalance timeout too.
	pollDeadlineSince = kafka.V(1, 0, 0)

	// blockedPollSince: "max.poll.interval.ms now correctly handles blocking poll
	// calls, allowing a longer poll timeout than the max poll interval", release notes
	// of 1.1.0. Before, the deadline also runs while the application is inside poll().
	blockedPollSince = kafka.V(1, 1, 0)

	// memberIDsSince: JoinGroup v5, with which static membership (KIP-345, release
	// notes of 1.4.0) came; below v4 the broker does not ask a member to come again
	// with an id (KIP-394).
	memberIDsSince = kafka.V(1, 4, 0)

	// sessionCheckSince: the consumer enforces session.timeout.ms itself
	// (rd_kafka_cgrp_session_timeout_check, issue 2631, 1.4.0); until then only the
	// coordinator looks after the session.
	sessionCheckSince = kafka.V(1, 4, 0)

	// missingTopicsSince: rd_kafka_propagate_consumer_topic_errors, 1.5.0. Before,
	// a subscribed topic that is not there is waited for in silence.
	missingTopicsSince = kafka.V(1, 5, 0)

	// lostSince: "The consumer assignment and consumer group implementations have
	// been decoupled", release notes of 1.6.0, which brought cooperative-sticky
	// (KIP-429) and with it assignments that are lost. Before, on_revoke is called
	// for those too, a commit goes to the broker however late it is, and its
	// refusal changes nothing in the client.
	lostSince = kafka.V(1, 6, 0)

	// resetErrorSince: "The consumer error raised by auto.offset.reset=error now has
	// error-code set to ERR__AUTO_OFFSET_RESET", release notes of 1.6.1.
	resetErrorSince = kafka.V(1, 6, 1)

	// resetBrokerSince and resetEpochSince: what the line of an offset reset names. The
	// broker in the sources of 1.9.0; the leader epoch since positions have one
	// (KIP-320, release notes of 2.1.0).
	resetBrokerSince = kafka.V(1, 9, 0)
	resetEpochSince  = kafka.V(2, 1, 0)

	// steadyCommitsSince: "the timed auto committer is only employed in the steady
	// state when no rebalances are taking places", release notes of 1.7.0.
	steadyCommitsSince = kafka.V(1, 7, 0)

	// refusedBeatsCount: a heartbeat that is answered REBALANCE_IN_PROGRESS renews the
	// session, as it does on the broker (pull request 3435, 1.8.0). Before, a member
	// that is slow to serve a rebalance finds its own session timed out.
	refusedBeatsCount = kafka.V(1, 8, 0)

	// consumerPollsSince: only a poll that can bring messages counts for
	// max.poll.interval.ms (pull request 4176, 2.1.0). Before, a poll of any queue
	// does, the queue of logs for instance.
	consumerPollsSince = kafka.V(2, 1, 0)

	// keptGenerationSince: a commit that is refused with ILLEGAL_GENERATION while the
	// member rebalances costs it nothing: a new generation is on its way (pull request
	// 4908, 2.10.0). From 1.6 on until then it loses its assignment.
	keptGenerationSince = kafka.V(2, 10, 0)

	// earlyAccessUntil and previewUntil: "KIP-848: Early Access: This should be used
	// only for evaluation and must not be used in production", release notes of
	// 2.4.0; the words of rd_kafka_cgrp_new are Preview from 2.10, and the release
	// notes of 2.12.0 have "General Availability".
	earlyAccessUntil = kafka.V(2, 10, 0)
	previewUntil     = kafka.V(2, 12, 0)

	// leaveLater: in the consumer protocol a member that has missed its poll deadline
	// leaves only when the application has given its partitions back. Runs of 2.14.0
	// and 2.15.0, and a recording of 2.16.1.
	leaveLater = kafka.V(2, 15, 0)

	// lostCommits: offsets of an assignment that is lost are not committed when the
	// application gives it back. Earlier versions take it for an ordinary one by
	// then: rd_kafka_cgrp_unassign of 1.6 to 2.15 clears the mark, and a recording of
	// 2.16.1 shows no commit.
	lostCommits = kafka.V(2, 16, 0)
)

// joinVersion and commitVersion are the versions of JoinGroup and OffsetCommit that
// a release speaks (rd_kafka_JoinGroupRequest, rd_kafka_OffsetCommitRequest).
func joinVersion(v kafka.Version) int16 {
	switch {
	case v < pollDeadlineSince:
		return 0
	case v < memberIDsSince:
		return 2
	}
	return 5
}

func commitVersion(v kafka.Version) int16 {
	switch {
	case v < memberIDsSince:
		return 2
	case v < kafka.V(2, 4, 0): // v9 came with KIP-848
		return 7
	}
	return 9
}
