package javashare

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// acquisition is ShareConsumeRequestManager: the sessions with the brokers, what has
// been acquired, and the verdicts that are still to be sent.
type acquisition struct {
	sessions []session
	buffer   []client.Range               // acquired, and not returned by poll
	batch    []client.Range               // returned by the latest poll, and not acknowledged
	acks     []kafka.ShareAcknowledgement // to be sent
	wanted   bool                         // a poll has found the buffer empty
	release  bool                         // close(): the sessions are to end
	retryAt  clock.Time                   // after an error
	failed   *client.Error                // the first refusal since commitSync began
}

// session is a share session with one broker: one request at a time.
type session struct {
	broker int32
	epoch  int32
	busy   bool
	carry  []kafka.ShareAcknowledgement // of the request that runs; immutable
	closed bool
}

// accept acknowledges what the latest poll has returned (implicit acknowledgement).
func (c *Consumer) accept() {
	for _, r := range c.batch {
		c.acks = append(c.acks, kafka.ShareAcknowledgement{TopicPartition: r.TopicPartition, From: r.From, To: r.To, Type: kafka.AcknowledgeAccept})
	}
	c.batch = nil
}

// runSessions sends to each broker what there is to send: verdicts go with a fetch
// when more records are wanted, and by themselves when not.
func (c *Consumer) runSessions(h client.Host, now clock.Time) {
	if now < c.retryAt && !c.release {
		return
	}
	missing := false
	for _, tp := range c.assigned {
		if broker := c.metadata.leader(tp); broker != 0 {
			c.session(broker)
		} else {
			missing = true
		}
	}
	if missing {
		c.requestMetadata(h, now)
	}
	for i := range c.sessions {
		if s := &c.sessions[i]; !s.busy && !s.closed {
			c.runSession(h, s)
		}
	}
}

func (c *Consumer) runSession(h client.Host, s *session) {
	led := slices.DeleteFunc(slices.Clone(c.assigned), func(tp kafka.TopicPartition) bool { return c.metadata.leader(tp) != s.broker })
	acks := c.acksFor(s.broker)
	switch {
	case c.release:
		s.closed = true
		if s.epoch > 0 {
			c.acknowledgeWith(h, s, acks, kafka.ShareSessionClose)
		}
	case c.wanted && len(c.buffer) == 0 && len(led) > 0:
		if s.epoch == kafka.ShareSessionOpen {
			acks = nil // what they are about ended with the session before
		}
		s.busy, s.carry = true, acks
		c.send(h, s.broker, apiShareFetch, &kafka.ShareFetchRequest{
			Group: c.o.Group, MemberID: c.memberID, SessionEpoch: s.epoch, MaxWait: c.s.maxWait, MaxBytes: c.s.maxBytes,
			MaxRecords: c.s.maxPollRecords, Partitions: led, Acknowledgements: acks,
		})
		s.epoch++
		c.drop(acks)
	case len(acks) > 0 && s.epoch > 0:
		c.acknowledgeWith(h, s, acks, s.epoch)
		s.epoch++
	case len(acks) > 0:
		c.drop(acks)
	}
}

func (c *Consumer) acknowledgeWith(h client.Host, s *session, acks []kafka.ShareAcknowledgement, epoch int32) {
	s.busy, s.carry = true, acks
	c.send(h, s.broker, apiShareAcknowledge, &kafka.ShareAcknowledgeRequest{Group: c.o.Group, MemberID: c.memberID, SessionEpoch: epoch, Acknowledgements: acks})
	c.drop(acks)
}

// session finds or begins the session with a broker.
func (c *Consumer) session(broker int32) *session {
	for i := range c.sessions {
		if c.sessions[i].broker == broker {
			return &c.sessions[i]
		}
	}
	c.sessions = append(c.sessions, session{broker: broker})
	return &c.sessions[len(c.sessions)-1]
}

// acksFor are the verdicts on partitions that a broker leads.
func (c *Consumer) acksFor(broker int32) (acks []kafka.ShareAcknowledgement) {
	for _, a := range c.acks {
		if c.metadata.leader(a.TopicPartition) == broker {
			acks = append(acks, a)
		}
	}
	return acks
}

func (c *Consumer) drop(acks []kafka.ShareAcknowledgement) {
	c.acks = slices.DeleteFunc(c.acks, func(a kafka.ShareAcknowledgement) bool { return slices.Contains(acks, a) })
}

// fetched takes the answer to ShareFetch. Records of partitions that are not assigned
// any more go back at once.
func (c *Consumer) fetched(h client.Host, now clock.Time, q request, r *kafka.ShareFetchResponse) {
	s := c.session(q.broker)
	if r.Err != kafka.ErrNone {
		c.sessionBroken(h, now, q.broker)
		return
	}
	s.busy, s.carry = false, nil
	c.noteAcknowledged(h, r.Acknowledged)
	for _, x := range r.Partitions {
		switch {
		case x.Err != kafka.ErrNone:
			c.retryAt = now + c.s.retryBackoff
			c.requestMetadata(h, now)
		case slices.Contains(c.assigned, x.TopicPartition):
			c.buffer = append(c.buffer, client.Range{TopicPartition: x.TopicPartition, From: x.From, To: x.To, Size: x.Size})
			c.wanted = false
		default:
			c.acks = append(c.acks, kafka.ShareAcknowledgement{TopicPartition: x.TopicPartition, From: x.From, To: x.To, Type: kafka.AcknowledgeRelease})
		}
	}
}

// acknowledged takes the answer to ShareAcknowledge.
func (c *Consumer) acknowledged(h client.Host, q request, r *kafka.ShareAcknowledgeResponse) {
	s := c.session(q.broker)
	if r.Err != kafka.ErrNone {
		c.refused(h, r.Err)
		s.epoch = kafka.ShareSessionOpen
	}
	s.busy, s.carry = false, nil
	c.noteAcknowledged(h, r.Acknowledged)
}

// noteAcknowledged looks how verdicts have fared.
func (c *Consumer) noteAcknowledged(h client.Host, list []kafka.ShareAcknowledged) {
	for _, a := range list {
		if a.Err != kafka.ErrNone {
			c.refused(h, a.Err)
		}
	}
}

// refused notes that verdicts have not been taken: commitSync tells it; without it
// only an acknowledgement commit callback would.
func (c *Consumer) refused(h client.Host, err kafka.ErrorCode) {
	name := "KafkaException"
	switch err {
	case kafka.ErrInvalidRecordState:
		name = "InvalidRecordStateException"
	case kafka.ErrShareSessionNotFound:
		name = "ShareSessionNotFoundException"
	case kafka.ErrNotLeaderOrFollower:
		name = "NotLeaderOrFollowerException"
	}
	e := &client.Error{Name: name, Text: err.Message()}
	if c.call == callCommit {
		if c.failed == nil {
			c.failed = e
		}
		return
	}
	h.Emit(trace.Event{Type: trace.CommitFailed, Error: e.Name, Text: e.Text})
}

// sessionBroken begins the session with a broker anew: nobody knows of the old one.
func (c *Consumer) sessionBroken(h client.Host, now clock.Time, broker int32) {
	s := c.session(broker)
	if len(s.carry) > 0 {
		c.refused(h, kafka.ErrShareSessionNotFound)
	}
	s.epoch, s.busy, s.carry = kafka.ShareSessionOpen, false, nil
	c.retryAt = now + c.s.retryBackoff
	c.requestMetadata(h, now)
}
