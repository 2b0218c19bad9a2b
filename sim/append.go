package sim

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/group"
	"ksim/sim/kafka"
)

// Append begins an append to __consumer_offsets, or joins the one that lingers.
func (g *groupPort) Append(id group.AppendID) {
	if len(g.appends) == 0 {
		if g.flush == (clock.Timer{}) {
			g.flush = g.w.queue.NewTimer(clock.NewEvent(evAppend, g.index, 0))
		}
		g.flushWhen, g.since = g.w.cause, g.w.Now()
		g.w.queue.Arm(g.flush, g.since+g.linger+g.w.cluster.OffsetsDelay(g.partition))
	}
	g.appends = append(g.appends, id)
}

// appended is when the append that runs is replicated, if its replicas are there:
// else it waits for them, at most offsets.commit.timeout.ms.
func (s *shard) appended() {
	w := s.w
	switch err := w.cluster.OffsetsError(s.partition); {
	case err != kafka.ErrRequestTimedOut:
		s.endAppend(err)
	case w.Now() < s.since+s.timeout:
		w.queue.Arm(s.flush, s.since+s.timeout)
	default:
		s.endAppend(err)
	}
}

// replicate ends an append that has waited for a replica, if nothing keeps it any
// more.
func (s *shard) replicate() {
	if len(s.appends) > 0 && s.w.Now() >= s.since+s.linger {
		s.appended()
	}
}

// endAppend lets what waits for the append go on.
func (s *shard) endAppend(err kafka.ErrorCode) {
	w, appends, held := s.w, s.appends, s.held
	s.appends, s.held = nil, nil
	w.queue.Cancel(s.flush)
	h := (*groupPort)(s)
	for _, id := range appends {
		if id != 0 {
			w.cause = s.flushWhen
			s.coordinator.Appended(h, w.Now(), id, err)
		}
	}
	for _, r := range held {
		if err != kafka.ErrNone {
			r.r = refusal(w.messages.slots[slotOf(r.to)].request, r.r, group.AnswerFor(err))
		}
		w.reply(r.to, r.r, r.cause)
	}
}

// refusal is the answer to a request whose records, or those before it, were not
// replicated.
func refusal(q kafka.Request, r kafka.Response, err kafka.ErrorCode) kafka.Response {
	switch q := q.(type) {
	case *kafka.HeartbeatRequest:
		return &kafka.HeartbeatResponse{Err: err}
	case *kafka.LeaveGroupRequest:
		return &kafka.LeaveGroupResponse{Err: err}
	case *kafka.OffsetCommitRequest:
		errs := make([]kafka.ErrorCode, len(q.Offsets))
		for i := range errs {
			errs[i] = err
		}
		return &kafka.OffsetCommitResponse{Errs: errs}
	case *kafka.TxnOffsetCommitRequest:
		return &kafka.TxnOffsetCommitResponse{Errs: slices.Repeat([]kafka.ErrorCode{err}, len(q.Offsets))}
	}
	return r
}
