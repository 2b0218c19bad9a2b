package words

import (
	"fmt"
	"strconv"
	"strings"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// The words of a member that names itself, as that of a group of the consumer protocol
// and that of a share group do (AbstractHeartbeatRequestManager,
// CoordinatorRequestManager).

// NewMemberID is Uuid.randomUuid: the client makes its member id itself, a random
// UUID that does not begin with a dash.
func NewMemberID(r *clock.Stream) string {
	for {
		if id := kafka.RandomUUID(r).String(); id[0] != '-' {
			return id
		}
	}
}

// PollTimeout is what the background thread logs at the poll deadline.
const PollTimeout = "Consumer poll timeout has expired. This means the time between subsequent calls to poll() was longer than the configured max.poll.interval.ms, which typically implies that the poll loop is spending too much time processing messages. You can address this either by increasing max.poll.interval.ms or by reducing the maximum size of batches returned in poll() with max.poll.records."

// PollLate prints that a poll comes after the deadline; it counts whole milliseconds.
func (w *Words) PollLate(h client.Host, late clock.Duration, memberID string) {
	w.Log(h, "WARN", "Time between subsequent calls to poll() was longer than the configured max.poll.interval.ms, exceeded approximately by "+Millis(late)+" ms. Member "+memberID+" will rejoin the group now.")
}

// HeartbeatRetries prints that the connection of a heartbeat broke.
func (w *Words) HeartbeatRetries(h client.Host, request string, backoff clock.Duration) {
	w.Info(h, request+" failed because of the retriable exception. Will retry in "+Millis(backoff)+" ms: null")
}

// CoordinatorFound prints FindCoordinatorResponseData.Coordinator.
func (w *Words) CoordinatorFound(h client.Host, broker int32) {
	host, port, _ := strings.Cut(w.Options.Nodes[broker-1], ":")
	w.Info(h, fmt.Sprintf("Discovered group coordinator Coordinator(key='%s', nodeId=%d, host='%s', port=%s, errorCode=0, errorMessage='')", w.Options.Group, broker, host, port))
}

// CoordinatorLost prints that the coordinator is looked for anew
// (markCoordinatorUnknown).
func (w *Words) CoordinatorLost(h client.Host, broker int32, cause string) {
	w.Info(h, "Group coordinator "+w.Coordinator(broker)+" is unavailable or invalid due to cause: "+cause+". Rediscovery will be attempted.")
}

// Millis prints a time in whole milliseconds.
func Millis(d clock.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
