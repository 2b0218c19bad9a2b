package kafkago

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// reader reads one partition on a connection of its own: it fetches, puts what comes
// into the queue, message by message, and fetches again (reader.run).
type reader struct {
	kafka.TopicPartition
	step     readStep
	offset   int64 // the next to be fetched; firstOffset and lastOffset before the start is known
	leader   int32
	first    int64 // of the log, while the start is looked for
	last     int64
	seeking  bool // the start is checked once more (Conn.Seek)
	attempts int  // to begin, in a row
	errors   int  // of fetches, in a row
	wakes    clock.Time

	sending  []client.Range // fetched, and not in the queue yet
	deadline clock.Time     // when the latest fetch would have ended without data
}

// firstOffset and lastOffset are StartOffset's values.
const (
	firstOffset = -2
	lastOffset  = -1
)

// readStep is what a reader waits for.
type readStep uint8

const (
	lookingUp    readStep = iota // the partition's leader
	readingFirst                 // the log's first offset
	readingLast                  // and the one after its last
	fetching                     // Fetch
	blocked                      // room in the queue
	released                     // nothing: it has room again, and goes on at once
	sleeping                     // a backoff
	recovering                   // the log's offsets, after a fetch beyond them
	gone                         // it has ended
)

// startOffset is StartOffset.
func (c *Consumer) startOffset() int64 {
	if c.s.startFirst {
		return firstOffset
	}
	return lastOffset
}

// reader is the present reader of a partition; nil when there is none of that
// version.
func (c *Consumer) reader(tp kafka.TopicPartition, version int64) *reader {
	i := slices.IndexFunc(c.readers, func(r reader) bool { return r.TopicPartition == tp })
	if i < 0 || version != c.queue.version {
		return nil
	}
	return &c.readers[i]
}

// startReaders starts a reader a partition (Reader.start).
func (c *Consumer) startReaders(h client.Host, now clock.Time, starts []kafka.OffsetCommit) {
	c.readers, c.queue.blocked = nil, nil
	for _, s := range starts {
		c.readers = append(c.readers, reader{TopicPartition: s.TopicPartition, offset: s.Offset})
	}
	for i := range c.readers {
		c.initialize(h, now, &c.readers[i])
	}
}

// cancelReaders ends the readers: at once those that wait for the queue or for a
// backoff, the others when they have their answer (Reader.unsubscribe).
func (c *Consumer) cancelReaders(h client.Host, now clock.Time) {
	c.queue.blocked = nil
	for i := range c.readers {
		switch rd := &c.readers[i]; rd.step {
		case blocked, released, sleeping:
			rd.step, rd.sending = gone, nil
		}
	}
	c.armReaders(h, now)
}

// readersLeft tells whether some reader has not ended.
func (c *Consumer) readersLeft() bool {
	return slices.ContainsFunc(c.readers, func(r reader) bool { return r.step != gone })
}

// initialize looks for the leader, then for the start (reader.initialize).
func (c *Consumer) initialize(h client.Host, now clock.Time, rd *reader) {
	c.log(h, "initializing kafka reader for partition %d of %s starting at offset %s", rd.Partition, rd.Topic, humanOffset(rd.offset))
	rd.step, rd.seeking = lookingUp, false
	c.lookUp(h, now, rd, 1)
}

// lookUp asks one of ReaderConfig.Brokers for the leader.
func (c *Consumer) lookUp(h client.Host, now clock.Time, rd *reader, broker int32) {
	c.send(h, now, broker, request{api: apiLookup, partition: rd.TopicPartition}, &kafka.MetadataRequest{Topics: []string{rd.Topic}})
}

// readOffsets asks for the first offset of the log, then for the last
// (Conn.ReadOffsets).
func (c *Consumer) readOffsets(h client.Host, now clock.Time, rd *reader) {
	if rd.step != recovering {
		rd.step = readingFirst
	}
	c.list(h, now, rd, apiFirst)
}

func (c *Consumer) list(h client.Host, now clock.Time, rd *reader, which api) {
	c.send(h, now, rd.leader, request{api: which, partition: rd.TopicPartition},
		&kafka.ListOffsetsRequest{Partitions: []kafka.TopicPartition{rd.TopicPartition}, Latest: which == apiLast})
}

// readerAnswered goes on with a reader. One whose generation has ended is gone.
func (c *Consumer) readerAnswered(h client.Host, now clock.Time, rd *reader, q request, r kafka.Response, f *failure) {
	if !c.gen.running {
		rd.step = gone
		return
	}
	if f == nil {
		f = refused(partitionError(r, rd.TopicPartition))
	}
	switch q.api {
	case apiFetch:
		r, _ := r.(*kafka.FetchResponse)
		c.fetched(h, now, rd, r, f)
	case apiLookup:
		r, _ := r.(*kafka.MetadataResponse)
		if f == connectionLost && int(q.broker) < len(c.o.Nodes) {
			c.lookUp(h, now, rd, q.broker+1)
			return
		}
		c.lookedUp(h, now, rd, r, f)
	default:
		r, _ := r.(*kafka.ListOffsetsResponse)
		c.offsetsRead(h, now, rd, q.api, r, f)
	}
}

// partitionError is the error that an answer has for a partition.
func partitionError(r kafka.Response, tp kafka.TopicPartition) kafka.ErrorCode {
	switch r := r.(type) {
	case *kafka.FetchResponse:
		for _, x := range r.Partitions {
			if x.TopicPartition == tp && x.Err != kafka.ErrNone {
				return x.Err
			}
		}
	case *kafka.ListOffsetsResponse:
		return r.Err(0)
	}
	return kafka.ErrNone
}

// lookedUp connects to the leader. One that is not there yet is looked for again.
func (c *Consumer) lookedUp(h client.Host, now clock.Time, rd *reader, r *kafka.MetadataResponse, f *failure) {
	if f != nil {
		c.initializeFailed(h, now, rd, f)
		return
	}
	rd.leader = -1
	if t := r.Topics[0]; int(rd.Partition) < len(t.Leaders) {
		rd.leader = t.Leaders[rd.Partition]
	}
	if rd.leader <= 0 {
		c.initializeFailed(h, now, rd, refused(kafka.ErrUnknownTopicOrPartition))
		return
	}
	c.readOffsets(h, now, rd)
}

// offsetsRead takes an end of the log. With both of them the start is known, and
// checked once more as the connection is set to it (Conn.Seek).
func (c *Consumer) offsetsRead(h client.Host, now clock.Time, rd *reader, which api, r *kafka.ListOffsetsResponse, f *failure) {
	switch {
	case f != nil && rd.step == recovering:
		c.logError(h, "the kafka reader got an error while attempting to determine whether it was reading before the first offset or after the last offset of partition %d of %s: %s", rd.Partition, rd.Topic, f.text)
		c.beginAnew(h, now, rd)
		return
	case f != nil:
		c.initializeFailed(h, now, rd, f)
		return
	case which == apiFirst:
		rd.first = r.Offsets[0]
		if rd.step != recovering {
			rd.step = readingLast
		}
		c.list(h, now, rd, apiLast)
		return
	}
	rd.last = r.Offsets[0]
	switch {
	case rd.step == recovering:
		c.recover(h, now, rd)
	case !rd.seeking:
		c.seek(h, now, rd)
	case rd.offset < rd.first || rd.offset > rd.last:
		c.initializeFailed(h, now, rd, refused(kafka.ErrOffsetOutOfRange))
	default:
		rd.attempts, rd.errors = 0, 0
		c.sendFetch(h, now, rd)
	}
}

// seek sets the start.
func (c *Consumer) seek(h client.Host, now clock.Time, rd *reader) {
	switch {
	case rd.offset == lastOffset:
		rd.offset = rd.last
	case rd.offset < rd.first:
		rd.offset = rd.first
	}
	c.log(h, "the kafka reader for partition %d of %s is seeking to offset %s", rd.Partition, rd.Topic, humanOffset(rd.offset))
	rd.seeking = true
	c.readOffsets(h, now, rd)
}

// initializeFailed tries again later; after MaxAttempts the application is told.
func (c *Consumer) initializeFailed(h client.Host, now clock.Time, rd *reader, f *failure) {
	outOfRange := f.code == kafka.ErrOffsetOutOfRange
	switch {
	case outOfRange && c.s.outOfRangeError:
		c.sendError(h, f)
		rd.step = gone
		return
	case outOfRange || rd.attempts < c.s.maxAttempts:
		c.logError(h, "error initializing the kafka reader for partition %d of %s: %s", rd.Partition, rd.Topic, f.text)
	default:
		c.sendError(h, f)
	}
	c.beginAnew(h, now, rd)
}

// beginAnew waits for another attempt to begin.
func (c *Consumer) beginAnew(h client.Host, now clock.Time, rd *reader) {
	rd.attempts++
	rd.leader = 0
	c.sleep(h, now, rd, rd.attempts)
}

// sleep waits for a time that grows with the square of the attempts (backoff).
func (c *Consumer) sleep(h client.Host, now clock.Time, rd *reader, attempts int) {
	rd.step = sleeping
	rd.wakes = now + max(clock.Millisecond, min(clock.Duration(attempts*attempts)*c.s.backoffMin, c.s.backoffMax))
	c.armReaders(h, now)
}

// wakeReaders ends the backoffs that are over.
func (c *Consumer) wakeReaders(h client.Host, now clock.Time) {
	for i := range c.readers {
		rd := &c.readers[i]
		switch {
		case rd.step != sleeping || rd.wakes > now:
		case rd.leader == 0:
			c.initialize(h, now, rd)
		default:
			c.sendFetch(h, now, rd)
		}
	}
	c.armReaders(h, now)
}

// armReaders sets the timer for the first that wakes.
func (c *Consumer) armReaders(h client.Host, now clock.Time) {
	first := clock.Never
	for i := range c.readers {
		if rd := &c.readers[i]; rd.step == sleeping {
			first = min(first, rd.wakes)
		}
	}
	if first == clock.Never {
		h.Cancel(timerReaders)
		return
	}
	h.Arm(timerReaders, max(first, now))
}

// sendFetch fetches from the present offset (reader.read).
func (c *Consumer) sendFetch(h client.Host, now clock.Time, rd *reader) {
	rd.step = fetching
	wait := c.s.fetchWait()
	rd.deadline = now + wait
	c.send(h, now, rd.leader, request{api: apiFetch, partition: rd.TopicPartition}, &kafka.FetchRequest{
		MaxWait:    wait,
		MinBytes:   c.s.minBytes,
		MaxBytes:   c.s.maxBytes,
		Partitions: []kafka.FetchPartition{{TopicPartition: rd.TopicPartition, Offset: rd.offset, MaxBytes: c.s.maxBytes}},
	})
}

// fetched puts the messages into the queue.
func (c *Consumer) fetched(h client.Host, now clock.Time, rd *reader, r *kafka.FetchResponse, f *failure) {
	if f != nil {
		c.fetchFailed(h, now, rd, f)
		return
	}
	for _, x := range r.Partitions {
		if x.TopicPartition == rd.TopicPartition {
			rd.sending = append(rd.sending, client.Range{TopicPartition: x.TopicPartition, From: x.From, To: x.To, Size: x.Size})
			rd.offset = x.To
		}
	}
	c.push(h, now, rd)
}

// batchSent fetches again. A batch whose end comes after the fetch's deadline, also
// because the queue was full, counts as timed out.
func (c *Consumer) batchSent(h client.Host, now clock.Time, rd *reader) {
	rd.errors = 0
	if now > rd.deadline {
		c.log(h, "no messages received from kafka within the allocated time for partition %d of %s at offset %s: %s", rd.Partition, rd.Topic, humanOffset(rd.offset), errorText(kafka.ErrRequestTimedOut))
	}
	c.sendFetch(h, now, rd)
}

// readersGoOn lets those fetch again whose last message has found room.
func (c *Consumer) readersGoOn(h client.Host, now clock.Time) {
	for i := range c.readers {
		if c.readers[i].step == released {
			c.batchSent(h, now, &c.readers[i])
		}
	}
}

// fetchFailed does what each error of a fetch asks for (reader.run).
func (c *Consumer) fetchFailed(h client.Host, now clock.Time, rd *reader, f *failure) {
	switch f.code {
	case kafka.ErrUnknownTopicOrPartition:
		c.logError(h, "failed to read from current broker %v for partition %d of %s at offset %s: %s", c.o.Nodes, rd.Partition, rd.Topic, humanOffset(rd.offset), f.text)
		c.beginAnew(h, now, rd)
	case kafka.ErrNotLeaderOrFollower:
		c.logError(h, "failed to read from current broker for partition %d of %s at offset %s: %s", rd.Partition, rd.Topic, humanOffset(rd.offset), f.text)
		c.beginAnew(h, now, rd)
	case kafka.ErrOffsetOutOfRange:
		rd.step = recovering
		c.readOffsets(h, now, rd)
	case kafka.ErrNone: // of the connection
		c.logError(h, "the kafka reader got an unknown error reading partition %d of %s at offset %s: %s", rd.Partition, rd.Topic, humanOffset(rd.offset), f.text)
		c.beginAnew(h, now, rd)
	default:
		c.sendError(h, f)
		rd.errors++
		c.sleep(h, now, rd, rd.errors)
	}
}

// recover goes on after a fetch beyond the log: from its first offset, or from where
// it was, later.
func (c *Consumer) recover(h client.Host, now clock.Time, rd *reader) {
	switch {
	case rd.offset < rd.first:
		c.logError(h, "the kafka reader is reading before the first offset for partition %d of %s, skipping from offset %s to %d (%d messages)", rd.Partition, rd.Topic, humanOffset(rd.offset), rd.first, rd.first-rd.offset)
		rd.offset, rd.errors = rd.first, 0
		c.sendFetch(h, now, rd)
	case rd.offset < rd.last:
		rd.errors = 0
		c.sendFetch(h, now, rd)
	default:
		c.logError(h, "the kafka reader is reading passed the last offset for partition %d of %s at offset %s", rd.Partition, rd.Topic, humanOffset(rd.offset))
		rd.errors++
		c.sleep(h, now, rd, rd.errors)
	}
}

// sendError makes the next FetchMessage return an error. It goes the way of the
// messages in kafka-go; here it overtakes them, and is lost when nobody waits.
func (c *Consumer) sendError(h client.Host, f *failure) {
	if c.app.call == callPoll {
		c.polled(h, client.PollResult{Err: &client.Error{Name: f.text, Text: f.text}})
	}
}
