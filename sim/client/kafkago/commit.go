package kafkago

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// commits is the channel of commits (Reader.commits) and the loop of the present
// generation that serves it (commitLoop). A commit belongs to no generation: one that
// comes between two of them waits, and goes out under the next one's id.
type commits struct {
	waiting []kafka.OffsetCommit // what lies in the channel
	asked   bool                 // a call of CommitMessages waits for it

	loop     bool // a loop runs
	interval bool // of CommitInterval, not of each call
	sending  bool // a commit is under way, or is tried again
	final    bool // it is the last of its generation
	reply    bool // the application waits for it
	stash    []kafka.OffsetCommit
	attempt  int
}

// The attempts of a commit and their backoff (commitOffsetsWithRetry).
const (
	commitAttempts   = 3
	commitBackoffMin = 100 * clock.Millisecond
	commitBackoffMax = 5 * clock.Second
)

// Commit is CommitMessages: of the given offsets or, when nil, of the messages that
// have been read since the latest call.
func (c *Consumer) Commit(h client.Host, now clock.Time, offsets []kafka.OffsetCommit) {
	c.settle(h)
	if offsets == nil {
		offsets = c.app.pending
	}
	c.app.pending = nil
	c.app.call = callCommit
	c.ask(h, now, offsets)
	c.proceed(h, now)
}

// ask puts a commit into the channel.
func (c *Consumer) ask(h client.Host, now clock.Time, offsets []kafka.OffsetCommit) {
	m := &c.commits
	if len(offsets) == 0 {
		c.commitReturns(h, now, nil)
		return
	}
	for _, o := range offsets {
		m.waiting = raise(m.waiting, o)
	}
	if m.asked = c.s.commitInterval == 0; !m.asked {
		c.commitReturns(h, now, nil)
	}
}

// startCommits starts the loop of a generation. What an earlier one could not commit
// is dropped.
func (c *Consumer) startCommits(h client.Host, now clock.Time) {
	c.log(h, "started commit for group %s\n", c.o.Group)
	m := &c.commits
	m.loop, m.sending, m.final, m.stash = true, false, false, nil
	if m.interval = c.s.commitInterval > 0; m.interval {
		h.Arm(timerInterval, now+c.s.commitInterval)
	}
}

// intervalTick is a tick of CommitInterval.
func (c *Consumer) intervalTick(h client.Host, now clock.Time) {
	m := &c.commits
	if !m.loop || !c.gen.running {
		return
	}
	h.Arm(timerInterval, nextTick(c.gen.started, c.s.commitInterval, now))
	if !m.sending && len(m.stash) > 0 {
		c.beginCommit(h, now)
	}
}

// serveCommits is a turn of the loop: it takes the call that waits; when the
// generation ends, it commits once more what there is, and stops.
func (c *Consumer) serveCommits(h client.Host, now clock.Time) {
	m := &c.commits
	if !m.loop || m.sending {
		return
	}
	for _, o := range m.waiting {
		m.stash = raise(m.stash, o)
	}
	m.waiting = nil
	if m.asked {
		m.asked, m.reply = false, true
		m.final = !c.gen.running
		c.beginCommit(h, now)
		return
	}
	if c.gen.running {
		return
	}
	if len(m.stash) > 0 && !m.final {
		m.final = true
		c.beginCommit(h, now)
		return
	}
	m.loop, m.stash = false, nil
	c.log(h, "stopped commit for group %s\n", c.o.Group)
}

// beginCommit begins to commit the stash (commitOffsetsWithRetry).
func (c *Consumer) beginCommit(h client.Host, now clock.Time) {
	c.commits.sending, c.commits.attempt = true, 0
	c.sendCommit(h, now)
}

func (c *Consumer) sendCommit(h client.Host, now clock.Time) {
	m := &c.commits
	if !m.sending {
		return
	}
	m.attempt++
	c.send(h, now, c.group.coordinator, request{api: apiCommit}, &kafka.OffsetCommitRequest{
		APIVersion: commitVersion,
		Group:      c.o.Group,
		MemberID:   c.group.memberID,
		Generation: c.group.generation,
		Offsets:    slices.Clone(m.stash),
	})
}

// commitAnswered ends an attempt. Any error is tried again, but not while the Reader
// closes.
func (c *Consumer) commitAnswered(h client.Host, now clock.Time, r *kafka.OffsetCommitResponse, f *failure) {
	m := &c.commits
	if f == nil {
		i := slices.IndexFunc(r.Errs, func(e kafka.ErrorCode) bool { return e != kafka.ErrNone })
		if i >= 0 {
			f = refused(r.Errs[i])
		}
	}
	if f == nil {
		c.logCommitted(h, m.stash)
	} else if m.attempt < commitAttempts && !c.group.closing {
		wait := clock.Duration(m.attempt*m.attempt) * commitBackoffMin
		h.Arm(timerRetry, now+min(wait, commitBackoffMax))
		return
	}
	m.sending = false
	if f != nil && m.interval {
		c.logError(h, "%s", f.text)
	}
	if f == nil || !m.interval {
		m.stash = nil
	}
	if m.reply {
		m.reply = false
		c.commitReturns(h, now, f)
	}
}

// commitReturns ends CommitMessages, or the ReadMessage that has called it.
func (c *Consumer) commitReturns(h client.Host, _ clock.Time, f *failure) {
	var err *client.Error
	if f != nil {
		err = &client.Error{Name: f.text, Text: f.text}
	}
	switch c.app.call {
	case callCommit:
		c.app.call = callNone
		h.Committed(err)
	case callRead:
		r := client.PollResult{Records: []client.Range{c.app.read}, OneByOne: true}
		if f != nil {
			text := "committing message: " + f.text
			r = client.PollResult{Err: &client.Error{Name: text, Text: text}}
		}
		c.polled(h, r)
	}
}

// readMessageCommits tells whether the application calls ReadMessage, and that
// commits each message before it returns it.
func (c *Consumer) readMessageCommits() bool { return c.o.AutoCommit && c.s.commitInterval == 0 }

// readMessage takes a message out of the queue and commits it; the application gets
// it when that is done.
func (c *Consumer) readMessage(h client.Host, now clock.Time, r client.Range) {
	c.remove(1)
	c.app.call, c.app.read = callRead, r
	h.Cancel(timerPoll)
	c.ask(h, now, []kafka.OffsetCommit{{TopicPartition: r.TopicPartition, Offset: r.To}})
	c.serveCommits(h, now)
}
