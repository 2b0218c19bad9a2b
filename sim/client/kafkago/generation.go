package kafkago

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// generation is what runs from one assignment to the next rebalance (Generation).
type generation struct {
	running    bool // not ending
	partitions []kafka.TopicPartition
	started    clock.Time // the tickers count from here

	beating  bool // a heartbeat has no answer yet
	beats    bool // the heartbeat's goroutine has not ended
	request  *kafka.HeartbeatRequest
	watching bool  // the watcher has no answer yet
	watched  []int // partitions of each topic at the start; nil before the first answer
}

// startGeneration starts the goroutines of a generation, and with them new readers:
// what the old ones have left in the queue is of no use any more (Reader.subscribe).
func (c *Consumer) startGeneration(h client.Host, now clock.Time, partitions []kafka.TopicPartition, offsets []int64) {
	g := &c.group
	g.step = consuming
	c.gen = generation{running: true, beats: true, started: now, partitions: partitions,
		request: &kafka.HeartbeatRequest{Group: c.o.Group, MemberID: g.memberID, Generation: g.generation}}
	c.log(h, "started heartbeat for group, %s [%s]", c.o.Group, goDuration(c.s.heartbeat))
	if g.closing { // nobody has taken the generation
		c.endGeneration(h, now)
		return
	}
	h.Arm(timerBeat, now+c.s.heartbeat)
	if c.s.watchPartitions {
		c.startWatch(h, now)
	}
	c.takeBack(h)
	c.queue.version++
	starts := make([]kafka.OffsetCommit, len(partitions))
	for i, tp := range partitions {
		starts[i] = kafka.OffsetCommit{TopicPartition: tp, Offset: offsets[i]}
		if offsets[i] < 0 {
			starts[i].Offset = c.startOffset()
		}
	}
	slices.SortFunc(starts, func(a, b kafka.OffsetCommit) int { return a.Compare(b.TopicPartition) })
	sorted := make([]kafka.TopicPartition, len(starts))
	for i := range starts {
		sorted[i] = starts[i].TopicPartition
	}
	c.logSubscribed(h, starts)
	h.Callback(client.Assigned, sorted)
	c.startReaders(h, now, starts)
	c.startCommits(h, now)
}

// tick is a tick of the heartbeat's ticker.
func (c *Consumer) tick(h client.Host, now clock.Time) {
	g := &c.gen
	if !g.beats {
		return
	}
	h.Arm(timerBeat, nextTick(g.started, c.s.heartbeat, now))
	if g.running && !g.beating {
		g.beating = true
		c.send(h, now, c.group.coordinator, request{api: apiHeartbeat}, g.request)
	}
}

// nextTick is the first tick after now of a ticker that counts from start.
func nextTick(start clock.Time, every clock.Duration, now clock.Time) clock.Time {
	return start + ((now-start)/every+1)*every
}

// heartbeatAnswered ends the generation on any error.
func (c *Consumer) heartbeatAnswered(h client.Host, now clock.Time, r *kafka.HeartbeatResponse, f *failure) {
	c.gen.beating = false
	if f != nil || r.Err != kafka.ErrNone {
		c.endGeneration(h, now)
	}
	if !c.gen.running {
		c.stopHeartbeat(h)
	}
}

func (c *Consumer) stopHeartbeat(h client.Host) {
	if c.gen.beats && !c.gen.beating {
		c.gen.beats = false
		h.Cancel(timerBeat)
		c.log(h, "stopped heartbeat for group %s\n", c.o.Group)
	}
}

// startWatch starts a watcher a topic (partitionWatcher), all of which ask together
// here.
func (c *Consumer) startWatch(h client.Host, now clock.Time) {
	for _, t := range c.o.Topics {
		c.log(h, "started partition watcher for group, %s, topic %s [%s]", c.o.Group, t, goDuration(c.s.watchInterval))
	}
	c.watch(h, now)
}

// watch asks for the partitions.
func (c *Consumer) watch(h client.Host, now clock.Time) {
	g := &c.gen
	if !g.running {
		return
	}
	h.Arm(timerWatch, nextTick(g.started, c.s.watchInterval, now))
	if !g.watching {
		g.watching = true
		c.send(h, now, c.group.coordinator, request{api: apiWatch}, &kafka.MetadataRequest{Topics: c.o.Topics})
	}
}

// partitionsWatched ends the generation when a topic has another number of
// partitions than at its start.
func (c *Consumer) partitionsWatched(h client.Host, now clock.Time, r *kafka.MetadataResponse, f *failure) {
	g := &c.gen
	g.watching = false
	if !g.running {
		return
	}
	var counts []int
	if f == nil {
		for i := range r.Topics {
			counts = append(counts, len(r.Topics[i].Leaders))
		}
	}
	switch {
	case f != nil && g.watched == nil:
		c.logError(h, "Problem getting partitions during startup, %s\n, Returning and setting up nextGeneration", f.text)
	case f != nil:
		c.logError(h, "Problem getting partitions while checking for changes, %s", f.text)
	case g.watched == nil:
		g.watched = counts
		return
	case slices.Equal(g.watched, counts):
		return
	default:
		c.log(h, "Partition changes found, rebalancing group: %s.", c.o.Group)
	}
	c.endGeneration(h, now)
}

// endGeneration closes the generation: each of its goroutines comes to its end. The
// application is not asked.
func (c *Consumer) endGeneration(h client.Host, now clock.Time) {
	g := &c.gen
	if !g.running {
		return
	}
	g.running = false
	h.Cancel(timerInterval)
	h.Cancel(timerWatch)
	if c.s.watchPartitions {
		for _, t := range c.o.Topics {
			c.log(h, "stopped partition watcher for group, %s, topic %s", c.o.Group, t)
		}
	}
	c.stopHeartbeat(h)
	c.cancelReaders(h, now)
}

// generationEnds goes on when all goroutines of a closed generation have ended: the
// readers end with the answer that they wait for, which may take MaxWait.
func (c *Consumer) generationEnds(h client.Host, now clock.Time) {
	if c.group.step != consuming || c.gen.running || c.gen.beats || c.gen.watching || c.commits.loop || c.readersLeft() {
		return
	}
	c.readers = nil
	if c.group.closing {
		c.leave(h, now)
		return
	}
	c.nextGeneration(h, now)
}

// Close is Reader.Close: the generation ends, the member leaves. A join that waits is
// waited for.
func (c *Consumer) Close(h client.Host, now clock.Time) {
	c.settle(h)
	c.takeBack(h)
	c.app.call = callClose
	c.group.closing = true
	h.Cancel(timerPoll)
	switch c.group.step {
	case backingOff:
		c.closed(h)
		return
	case consuming:
		c.endGeneration(h, now)
	}
	c.proceed(h, now)
}

// closed ends Close().
func (c *Consumer) closed(h client.Host) {
	for t := timerPoll; t <= timerRequests; t++ {
		h.Cancel(t)
	}
	c.expiry = clock.Never
	c.inflight, c.queue = nil, queue{version: c.queue.version}
	c.group.step = stopped
	c.app.call = callNone
	h.Closed()
}
