package kafkapython

import (
	"fmt"

	"ksim/sim/kafka"
)

// dialect is what differs between the versions of the client.
type dialect struct {
	// keepsPositions: a partition that stays assigned through an eager rebalance
	// goes on where it was, paused if it was; before 3.0 it starts again from the
	// committed offset.
	keepsPositions bool
	// parksPaused: what has been fetched outlasts a pause; before 3.0 it is dropped,
	// and fetched again.
	parksPaused bool
	// tellsLost: on_partitions_lost is called when the generation is gone; before
	// 3.0 on_partitions_revoked, as always.
	tellsLost bool
	// revokesAtClose: close() calls the listener.
	revokesAtClose bool
	// wakesOften: the heartbeat thread looks at the poll deadline each
	// retry_backoff_ms, and not only when a heartbeat is due.
	wakesOften bool
	// oneCommitError: every refused commit raises the same exception, and the
	// client says nothing of it in its log.
	oneCommitError bool
	// blamesPolling: a commit that the coordinator refuses raises an exception that
	// speaks of max_poll_interval_ms, whatever the reason; before 2.3.
	blamesPolling bool
	quietLeave    bool // nothing is logged of a LeaveGroup that succeeds
	// oldJoin: a poll that has to join waits for it past its timeout, the join is
	// logged when the assignment is there and by the generation's number only, most
	// of what goes wrong in it not at all, and a lost generation takes the member id
	// with it. A heartbeat thread starts with the first join.
	oldJoin        bool
	warnsRebalance bool // a rebalance is logged as a warning
	joinVersion    int16
	commitVersion  int16
	pollTimeout    string // what is logged at the poll deadline
}

// dialectOf gives the dialect of a version.
func dialectOf(v kafka.Version) dialect {
	switch {
	case v < kafka.V(2, 1, 0):
		return dialect{wakesOften: true, oneCommitError: true, blamesPolling: true, quietLeave: true, oldJoin: true, warnsRebalance: true,
			joinVersion: 2, commitVersion: 2, pollTimeout: "Heartbeat poll expired, leaving group"}
	case v < kafka.V(2, 3, 0):
		return dialect{warnsRebalance: true, blamesPolling: true, joinVersion: 5, commitVersion: 7, pollTimeout: "Heartbeat poll expired, leaving group"}
	case v < kafka.V(3, 0, 0):
		return dialect{warnsRebalance: true, joinVersion: 5, commitVersion: 7, pollTimeout: pollTimeoutText}
	}
	return dialect{keepsPositions: true, parksPaused: true, tellsLost: true, revokesAtClose: true, joinVersion: 7, commitVersion: 8, pollTimeout: pollTimeoutText}
}

// leaving is the line before a LeaveGroup.
func (d *dialect) leaving(group, member string) string {
	if d.oldJoin {
		return fmt.Sprintf("Leaving consumer group (%s).", group)
	}
	return fmt.Sprintf("Leaving consumer group %s (member %s).", group, member)
}

// rebalancing is the line about a heartbeat that was answered by
// REBALANCE_IN_PROGRESS.
func (d *dialect) rebalancing(group string) (level, text string) {
	if d.warnsRebalance {
		return "WARNING", fmt.Sprintf("Heartbeat failed for group %s because it is rebalancing", group)
	}
	return "INFO", fmt.Sprintf("Group %s is rebalancing; rejoining.", group)
}

// joinedText is the line about a join that has succeeded.
func (d *dialect) joinedText(group string, g generation) string {
	if d.oldJoin {
		return fmt.Sprintf("Successfully joined group %s with generation %d", group, g.id)
	}
	return fmt.Sprintf("Successfully joined group %s %s", group, g)
}

// errorName is the class of the exception for a code. Three of them have got
// shorter names since 2.0.
func (d *dialect) errorName(code kafka.ErrorCode) string {
	if d.oldJoin {
		switch code {
		case kafka.ErrCoordinatorLoadInProgress:
			return "GroupLoadInProgressError"
		case kafka.ErrCoordinatorNotAvailable:
			return "GroupCoordinatorNotAvailableError"
		case kafka.ErrNotCoordinator:
			return "NotCoordinatorForGroupError"
		}
	}
	if name, ok := errorNames[code]; ok {
		return name
	}
	return "UnknownError"
}

// errorText prints the exception for a code (BrokerResponseError.__str__).
func (d *dialect) errorText(code kafka.ErrorCode, argument string) string {
	text := fmt.Sprintf("[Error %d] %s", code, d.errorName(code))
	if argument != "" {
		text += ": " + argument
	}
	return text
}
