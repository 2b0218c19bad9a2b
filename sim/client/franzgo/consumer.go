// Package franzgo is the group consumer of twmb/franz-go (kgo 1.22) in the classic
// protocol, as one event-driven state machine.
//
// Its goroutines, one file a duty: the manage loop, which joins and syncs
// (manage.go, join.go) and runs one session after the other (session.go) with its
// heartbeat loop (heartbeat.go) and the callbacks (revoke.go); commits and the
// autocommit loop (commit.go, autocommit.go); the committed offsets and where to
// begin (offsets.go); one source a broker, which fetches (source.go); the metadata
// loop (metadata.go); what a GroupTransactSession asks of it (transaction.go). The application polls (poll.go) and closes (close.go). With
// BlockRebalanceOnPoll callbacks wait at a gate (gate.go). The words of every line
// are in texts.go, as kgo.BasicLogger prints them.
//
// The program around it sets its own callbacks, as those of the recordings do: the
// library's own OnPartitionsRevoked, which commits, is not there.
//
// Left out: KIP-848, share groups, regular expressions,
// followers, OffsetForLeaderEpoch.
package franzgo

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// The client's timers.
const (
	timerPoll      client.TimerID = iota // the context of the running poll ends
	timerHeartbeat                       // the heartbeat loop's timer
	timerFast                            // a cooperative session's early heartbeat
	timerBackoff                         // the manage loop goes on after an error
	timerCommit                          // the autocommit loop's ticker
	timerMetadata                        // MetadataMaxAge is over
	timerRetry                           // a request to the coordinator is tried again
	timerUnstable                        // committed offsets are asked for again
)

// Consumer is one kgo.Client with a group.
type Consumer struct {
	s *settings      // immutable
	o client.Options // immutable

	polling bool // a poll waits
	closing bool
	gate    gate

	manage    manage
	member    string // the member id, "" before it has one
	generated int32  // the generation, −1 before the first
	session   session
	heartbeat heartbeat
	rejoin    string // rejoinCh: why to leave the session, "" for not

	unstable     []kafka.TopicPartition // their offsets wait for an open transaction
	nowAssigned  []kafka.TopicPartition
	lastAssigned []kafka.TopicPartition
	fetching     []kafka.TopicPartition // a cancelled fetch of offsets was for these

	commits     commits
	auto        autocommit
	uncommitted []uncommitted

	metadata    metadata
	coordinator int32 // its broker, 0 when unknown
	seed        int32 // which broker is asked what all of them know
	retry       retry

	cursors []cursor
	sources []source
	paused  []kafka.TopicPartition
	fake    *client.Error // an error that the next poll returns

	transact transact

	inflight []request
}

// New makes a consumer that has not been started.
func New(cfg config.Set, o client.Options) *Consumer { return newConsumer(readSettings(cfg), o) }

func newConsumer(s *settings, o client.Options) *Consumer {
	return &Consumer{s: s, o: o, generated: -1}
}

// Subscribe is NewClient: the metadata is asked for, and then the group managed.
func (c *Consumer) Subscribe(h client.Host, now clock.Time) {
	c.info(h, "immediate metadata update triggered", "why", "querying metadata for consumer initialization")
	c.requestMetadata(h)
	h.Arm(timerMetadata, now+c.s.metadataMaxAge)
}

// Response handles an answer.
func (c *Consumer) Response(h client.Host, now clock.Time, id kafka.RequestID, r kafka.Response) {
	i := slices.IndexFunc(c.inflight, func(q request) bool { return q.id == id })
	if i < 0 {
		return // of a fetch that was cancelled
	}
	q := c.inflight[i]
	c.inflight = slices.Delete(c.inflight, i, i+1)
	if r == nil {
		c.connectionDied(h, now, q)
		return
	}
	c.handle(h, now, q, r)
}

// handle gives an answer to who waits for it.
func (c *Consumer) handle(h client.Host, now clock.Time, q request, r kafka.Response) {
	switch r := r.(type) {
	case *kafka.MetadataResponse:
		c.metadataArrived(h, now, r)
	case *kafka.FindCoordinatorResponse:
		c.coordinatorFound(h, now, r)
	case *kafka.JoinGroupResponse:
		c.joined(h, now, q, r)
	case *kafka.SyncGroupResponse:
		c.synced(h, now, q, r)
	case *kafka.HeartbeatResponse:
		c.heartbeatAnswered(h, now, q, r.Err)
	case *kafka.OffsetCommitResponse:
		c.committed(h, now, q, r)
	case *kafka.OffsetFetchResponse:
		c.offsetsFetched(h, now, q, r)
	case *kafka.ListOffsetsResponse:
		c.offsetsListed(h, now, q, r)
	case *kafka.FetchResponse:
		c.fetched(h, now, q.broker, r)
	case *kafka.LeaveGroupResponse:
		c.left(h)
	}
}

// Timer handles a timer.
func (c *Consumer) Timer(h client.Host, now clock.Time, t client.TimerID) {
	switch t {
	case timerPoll:
		c.pollTimedOut(h)
	case timerHeartbeat, timerFast:
		c.heartbeatDue(h, now)
	case timerBackoff:
		c.backedOff(h, now)
	case timerCommit:
		c.autocommitTick(h, now)
	case timerMetadata:
		c.requestMetadata(h)
		h.Arm(timerMetadata, now+c.s.metadataMaxAge)
	case timerRetry:
		c.retryNow(h, now)
	case timerUnstable:
		c.fetchOffsets(h, c.unstable)
	}
}

// Buffered is what has been fetched and not polled.
func (c *Consumer) Buffered() (records, bytes int64) {
	for i := range c.sources {
		for _, r := range c.sources[i].buffer {
			records += r.Len()
			bytes += r.Len() * r.Size
		}
	}
	return records, bytes
}

// Positions appends the position of each partition that has one.
func (c *Consumer) Positions(to []kafka.OffsetCommit) []kafka.OffsetCommit {
	for i := range c.cursors {
		if x := &c.cursors[i]; x.set {
			to = append(to, kafka.OffsetCommit{TopicPartition: x.tp, Offset: x.offset})
		}
	}
	return to
}

// Clone is a deep copy; settings, options and messages are immutable and shared.
func (c *Consumer) Clone() client.Consumer {
	d := *c
	d.unstable = slices.Clone(c.unstable)
	d.nowAssigned = slices.Clone(c.nowAssigned)
	d.lastAssigned = slices.Clone(c.lastAssigned)
	d.fetching = slices.Clone(c.fetching)
	d.session.added = slices.Clone(c.session.added)
	d.session.lost = slices.Clone(c.session.lost)
	d.commits.waiting = slices.Clone(c.commits.waiting)
	d.uncommitted = slices.Clone(c.uncommitted)
	d.cursors = slices.Clone(c.cursors)
	d.sources = slices.Clone(c.sources)
	d.paused = slices.Clone(c.paused)
	for i := range d.sources {
		d.sources[i].buffer = slices.Clone(c.sources[i].buffer)
	}
	d.inflight = slices.Clone(c.inflight)
	return &d
}
