package franzgo

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// cursor is an assigned partition (kgo's cursor): where it is read from.
type cursor struct {
	tp     kafka.TopicPartition
	leader int32
	offset int64 // the next that a poll returns
	set    bool  // it has an offset
	used   bool  // it is in a fetch, or in the buffer
	latest bool  // its offset is looked for at the log's end, not at its start
	loads  bool  // its offset is to be looked for
}

// cursor is the cursor of a partition, nil if it is not assigned.
func (c *Consumer) cursor(tp kafka.TopicPartition) *cursor {
	i := slices.IndexFunc(c.cursors, func(x cursor) bool { return x.tp == tp })
	if i < 0 {
		return nil
	}
	return &c.cursors[i]
}

func isOffsetFetch(r kafka.Request) bool {
	_, ok := r.(*kafka.OffsetFetchRequest)
	return ok
}

// forgetOffsetFetch ends the asking for committed offsets, with its session.
func (c *Consumer) forgetOffsetFetch(h client.Host) {
	c.forget(isOffsetFetch)
	c.unstable = nil
	h.Cancel(timerUnstable)
}

// fetchOffsets asks for committed offsets. Those that an open transaction is about to
// move are waited for, as long as that takes: at worst until it is aborted for its age.
func (c *Consumer) fetchOffsets(h client.Host, tps []kafka.TopicPartition) {
	c.ask(h, request{body: &kafka.OffsetFetchRequest{Group: c.o.Group, Partitions: tps, RequireStable: true}})
}

// offsetsFetched begins where the group has committed, or where ConsumeStartOffset
// says.
func (c *Consumer) offsetsFetched(h client.Host, now clock.Time, q request, r *kafka.OffsetFetchResponse) {
	if c.moved(h, now, q, r.Err) {
		return
	}
	if r.Err == kafka.ErrUnstableOffsetCommit {
		c.unstable = q.body.(*kafka.OffsetFetchRequest).Partitions
		tp := c.unstable[0]
		c.info(h, "fetch offsets failed with retryable partition error, waiting 1s and retrying", "group", c.o.Group, "topic", tp.Topic, "partition", fmt.Sprint(tp.Partition), "err", errorText(r.Err))
		h.Arm(timerUnstable, now+clock.Second)
		return
	}
	if r.Err != kafka.ErrNone {
		c.logLine(h, "ERROR", "fetch offsets failed with group-level error", "group", c.o.Group, "err", errorText(r.Err))
		c.loopErred(h, now, &groupError{code: r.Err})
		return
	}
	c.fetching = nil
	asked := q.body.(*kafka.OffsetFetchRequest).Partitions
	c.info(h, "assigning partitions", "why", "newly fetched offsets for group "+c.o.Group, "how", "assigning everything new, keeping current assignment", "input", partitionsText(asked))
	for i, tp := range asked {
		x := cursor{tp: tp, leader: c.metadata.leader(tp), offset: r.Offsets[i], set: r.Offsets[i] >= 0, latest: c.s.latest}
		x.loads = !x.set
		if x.set {
			c.bookFetched(tp, r.Offsets[i])
		}
		c.cursors = slices.DeleteFunc(c.cursors, func(y cursor) bool { return y.tp == tp })
		c.cursors = append(c.cursors, x)
	}
	c.loadAfterMetadata(h, now, "loading offsets in new session from assign")
}

// loadAfterMetadata looks for offsets, after the metadata has been refreshed if it
// is older than MetadataMinAge.
func (c *Consumer) loadAfterMetadata(h client.Host, now clock.Time, why string) {
	if now-c.metadata.at >= c.s.metadataMinAge {
		c.info(h, "metadata update triggered", "why", why)
		c.metadata.loads = true
		c.requestMetadata(h)
		return
	}
	c.load(h, now)
}

// load asks the leaders for the ends of the logs that are needed, and lets fetch
// what has an offset.
func (c *Consumer) load(h client.Host, now clock.Time) {
	for _, latest := range []bool{false, true} {
		var leaders []int32
		for i := range c.cursors {
			if x := &c.cursors[i]; x.loads && x.latest == latest && x.leader != 0 && !slices.Contains(leaders, x.leader) {
				leaders = append(leaders, x.leader)
			}
		}
		for _, leader := range leaders {
			var tps []kafka.TopicPartition
			for i := range c.cursors {
				if x := &c.cursors[i]; x.loads && x.latest == latest && x.leader == leader && !c.listing(x.tp) {
					tps = append(tps, x.tp)
				}
			}
			if len(tps) > 0 {
				c.send(h, request{broker: leader, body: &kafka.ListOffsetsRequest{Partitions: tps, Latest: latest}})
			}
		}
	}
	c.fetch(h, now)
}

// listing tells whether the offset of a partition is asked for.
func (c *Consumer) listing(tp kafka.TopicPartition) bool {
	return c.pending(func(r kafka.Request) bool {
		l, ok := r.(*kafka.ListOffsetsRequest)
		return ok && slices.Contains(l.Partitions, tp)
	})
}

// offsetsListed sets the offsets that have been looked for.
func (c *Consumer) offsetsListed(h client.Host, now clock.Time, q request, r *kafka.ListOffsetsResponse) {
	for i, tp := range q.body.(*kafka.ListOffsetsRequest).Partitions {
		x := c.cursor(tp)
		switch {
		case x == nil || !x.loads:
		case r.Err(i) != kafka.ErrNone:
			c.metadata.loads = true
			h.Arm(timerMetadata, now+c.backoff(h, 1))
		default:
			x.offset, x.set, x.loads = r.Offsets[i], true, false
		}
	}
	c.fetch(h, now)
}

// unassignAll stops fetching altogether.
func (c *Consumer) unassignAll() {
	c.stopFetching()
	c.cursors, c.sources = nil, nil
}

// unassign stops fetching some partitions. What is in flight or buffered, of all
// partitions, is fetched again.
func (c *Consumer) unassign(h client.Host, now clock.Time, lost []kafka.TopicPartition) {
	c.stopFetching()
	c.cursors = slices.DeleteFunc(c.cursors, func(x cursor) bool { return slices.Contains(lost, x.tp) })
	c.load(h, now)
}

// stopFetching ends the consumer session (stopSession): fetches are cancelled and
// buffers dropped.
func (c *Consumer) stopFetching() {
	c.forget(func(r kafka.Request) bool {
		switch r.(type) {
		case *kafka.FetchRequest, *kafka.ListOffsetsRequest:
			return true
		}
		return false
	})
	for i := range c.sources {
		c.sources[i] = source{broker: c.sources[i].broker, start: c.sources[i].start}
	}
	for i := range c.cursors {
		c.cursors[i].used = false
	}
}
