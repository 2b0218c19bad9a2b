package kafkajs

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// commitByHand is a commitOffsets() of the application, called from within its
// handler.
type commitByHand struct {
	offsets []kafka.OffsetCommit
	retrier retrier
}

// Commit is consumer.commitOffsets(): of the given offsets or, when nil, of all
// with which the handler has been called (Runner.commitOffsets).
func (c *Consumer) Commit(h client.Host, now clock.Time, offsets []kafka.OffsetCommit) {
	if offsets == nil {
		offsets = c.handedOffsets(h)
	}
	if !c.runner.running || len(offsets) == 0 {
		h.Committed(nil)
		return
	}
	c.app.call = callCommit
	c.app.commit = commitByHand{offsets: offsets, retrier: c.newRetrier(h.Rand())}
	c.sendCommit(h, now, request{purpose: commitManual, offsets: offsets})
}

// handedOffsets is the offsets after the messages with which the handler has been
// called, as far as they are not committed.
func (c *Consumer) handedOffsets(h client.Host) []kafka.OffsetCommit {
	after := make([]kafka.OffsetCommit, 0, len(c.offsets.parts))
	for i := range c.offsets.parts {
		p := &c.offsets.parts[i]
		offset := p.resolved
		if c.worker.step == atHandler && c.worker.called && p.TopicPartition == c.worker.batch.TopicPartition {
			begun, _ := h.Taken()
			offset = c.worker.batch.after(max(begun, 1))
		}
		if offset >= 0 && offset != p.committed {
			after = append(after, kafka.OffsetCommit{TopicPartition: p.TopicPartition, Offset: offset})
		}
	}
	return after
}

// commitEnds gives the result to the application. What may be tried again is, for
// as long as the consumer runs.
func (c *Consumer) commitEnds(h client.Host, now clock.Time, f *failure) {
	if c.app.call != callCommit {
		return
	}
	if f != nil && c.runner.running {
		wait, last := c.again(h.Rand(), &c.app.commit.retrier, f)
		if last == nil {
			h.Arm(timerCommit, now+wait)
			return
		}
		c.app.call = callNone
		h.Committed(&client.Error{Name: last.name, Text: last.text})
		return
	}
	c.app.call = callNone
	h.Committed(nil)
}

// commitAgain sends the application's commit once more.
func (c *Consumer) commitAgain(h client.Host, now clock.Time) {
	if c.app.call == callCommit {
		c.sendCommit(h, now, request{purpose: commitManual, offsets: c.app.commit.offsets})
	}
}
