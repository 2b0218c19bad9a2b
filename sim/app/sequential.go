package app

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
)

// sequential polls, processes each record in turn, and commits.
type sequential struct {
	loop
	last     client.Range // the record whose commit runs (commit: record)
	uncommit int64        // records since the last commit (one-by-one clients)
	tried    int64        // how often the refused commit has been tried again
	pending  bool         // a batch commit is due when the run has ended
	single   bool         // each record is work of its own (fan-out)
}

// Start begins the loop.
func (s *sequential) Start(h Host, now clock.Time) {
	s.begin(now)
	s.next(h)
}

// next polls for as much as may be processed before something else is due.
func (s *sequential) next(h Host) {
	switch {
	case s.app.Commit == scenario.CommitRecord, s.app.Commit == scenario.CommitBefore, s.single, s.apart():
		s.most = 1
	case s.app.Commit == scenario.CommitBatch:
		s.most = s.app.Batch - s.uncommit
	}
	s.poll(h)
}

// Polled takes what poll() has returned.
func (s *sequential) Polled(h Host, now clock.Time, r client.PollResult) {
	if s.ended(h, r.Err) || s.starting(h, now, &r) {
		return
	}
	if r.Len() == 0 {
		s.next(h)
		return
	}
	s.run.load(r)
	if s.stopping && r.OneByOne { // this poll had begun; there is no other
		s.dropRest(h, 1)
	}
	s.pending = s.app.Commit == scenario.CommitBatch
	if s.app.Commit == scenario.CommitBefore {
		s.commit(h)
		return
	}
	s.work(h, now)
}

// work begins the next records, or does what follows the last one.
func (s *sequential) work(h Host, now clock.Time) {
	left := s.run.remaining()
	if left > 0 && s.stopping && (!s.app.Drain && !s.run.oneByOne) {
		s.dropRest(h, 0) // drain: false abandons the rest of the batch
		left = 0
	}
	if left == 0 {
		s.finish(h)
		return
	}
	if s.single || s.app.Commit == scenario.CommitRecord {
		left = 1
	}
	s.segment(h, now, left)
}

// finish is the end of a batch: the commit that is due, else the next poll.
func (s *sequential) finish(h Host) {
	due := s.pending
	if s.run.oneByOne {
		due = s.app.Commit == scenario.CommitBatch && s.uncommit >= s.app.Batch
	}
	s.pending = false
	if due {
		s.uncommit = 0
		s.commit(h)
		return
	}
	s.next(h)
}

// Timer ends the running stretch of records.
func (s *sequential) Timer(h Host, now clock.Time) {
	if s.woken(h) || s.retried(h, now) {
		return
	}
	done, f, lives := s.run.settled, s.run.fate, true
	s.uncommit += s.endSegment(h, func(r client.Range) {
		s.last = r
		if f != processed {
			lives = reject(h, s.app, r, f)
			return
		}
		skip := min(done, r.Len()) // Settle has reported these
		done -= skip
		if r.From += skip; r.Len() > 0 {
			h.Completed(r)
		}
	})
	if !lives {
		return
	}
	if s.app.Commit == scenario.CommitRecord && (f != unrouted || s.app.Unknown != scenario.UnknownIgnore) {
		s.commit(h)
		return
	}
	s.work(h, now)
}

// commit commits the record just processed, or all that poll() has returned.
func (s *sequential) commit(h Host) {
	if s.app.Commit != scenario.CommitRecord {
		h.Commit(nil)
		return
	}
	h.Commit([]kafka.OffsetCommit{{TopicPartition: s.last.TopicPartition, Offset: s.last.To}})
}

// Committed goes on after a commit, whether it succeeded or not in the end.
func (s *sequential) Committed(h Host, now clock.Time, err *client.Error) {
	if s.ended(h, err) {
		return
	}
	if err != nil && s.tried < s.app.Retries {
		s.tried++
		s.commit(h)
		return
	}
	s.tried = 0
	s.work(h, now)
}

// Settle reports the records of the running stretch that have ended by now.
func (s *sequential) Settle(h Host, now clock.Time) { s.run.settle(now, h.Completed) }

// Held appends the records in hand that have not been completed.
func (s *sequential) Held(to []client.Range) []client.Range {
	return slices.AppendSeq(to, s.run.beyond(s.run.settled))
}

// Clone is a deep copy.
func (s *sequential) Clone() App {
	c := *s
	c.loop = s.clone()
	return &c
}
