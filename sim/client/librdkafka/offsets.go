package librdkafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// commits is the commits under way and the auto-commit timer.
type commits struct {
	waiting  int      // without a result yet, deferred ones too (wait_commit_cnt)
	deferred []commit // until a coordinator is there
	auto     autoCommit
}

// autoCommit is the timer of auto.commit.interval.ms. It ticks from the start of
// the handle, whatever the application does; only a tick that may find something to
// commit is set.
type autoCommit struct {
	phase clock.Time // of the latest tick that was set
	news  bool       // an offset has been stored since the latest tick, or a commit has failed
}

// commit is one OffsetCommit op (RD_KAFKA_OP_OFFSET_COMMIT).
type commit struct {
	purpose commitPurpose
	offsets []kafka.OffsetCommit // nil: what is stored
	retryAt clock.Time           // while deferred
	retried bool                 // has been deferred once already
	giveUp  clock.Time           // when it is not deferred any more, 0 before it has been
	// waitUntil is how long a commit waits that was made without a coordinator; 0:
	// one that was sent to it, and waits in the retry queue of its connection.
	waitUntil clock.Time
}

type commitPurpose uint8

const (
	commitManual     commitPurpose = iota // the application waits for it
	commitAuto                            // "cgrp auto commit timer"
	commitUnassigned                      // "unassigned partitions"
)

// store notes that all records below offset have been handed to the application
// (rd_kafka_offset_store0).
func (c *Consumer) store(tp kafka.TopicPartition, offset int64) {
	p := c.assignment.find(tp)
	if p == nil || !c.s.autoOffsetStore {
		return
	}
	p.stored = offset
	c.commits.auto.news = true
}

// stored is the offsets that have been stored and not committed.
func (c *Consumer) stored() []kafka.OffsetCommit {
	var offsets []kafka.OffsetCommit
	for i := range c.assignment.parts {
		if p := &c.assignment.parts[i]; p.stored > p.committed {
			offsets = append(offsets, kafka.OffsetCommit{TopicPartition: p.TopicPartition, Offset: p.stored})
		}
	}
	return offsets
}

// commit is rd_kafka_cgrp_offsets_commit.
func (c *Consumer) commit(h client.Host, now clock.Time, k commit) {
	c.commits.waiting++
	if k.offsets == nil && len(c.assignment.parts) > 0 {
		if c.group.lost {
			c.commitEnds(h, now, k, nameAssignmentLost, localTexts[nameAssignmentLost])
			return
		}
		k.offsets = c.stored()
	}
	switch {
	case c.group.fatal:
		c.commitEnds(h, now, k, nameFatal, localTexts[nameFatal])
	case len(k.offsets) == 0:
		c.commitEnds(h, now, k, nameNoOffset, localTexts[nameNoOffset])
	case c.coordinator.broker == 0:
		k.waitUntil = now + c.s.session
		c.deferCommit(h, now, k, nameWaitCoordinator, localTexts[nameWaitCoordinator])
	default:
		c.sendCommit(h, now, k)
	}
}

func (c *Consumer) sendCommit(h client.Host, now clock.Time, k commit) {
	c.send(h, now, c.coordinator.broker, request{api: apiCommit, commit: k}, &kafka.OffsetCommitRequest{
		APIVersion: commitVersion(c.o.Version),
		Group:      c.o.Group,
		MemberID:   c.group.memberID,
		InstanceID: c.s.instance,
		Generation: c.group.generation,
		Offsets:    k.offsets,
	})
}

// commitAnswered is rd_kafka_cgrp_op_handle_OffsetCommit.
func (c *Consumer) commitAnswered(h client.Host, now clock.Time, k commit, err kafka.ErrorCode) {
	g := &c.group
	if c.o.Version < lostSince && (err == kafka.ErrUnknownMemberID || err == kafka.ErrIllegalGeneration) {
		c.commitEnds(h, now, k, errorName(err), errorText(err))
		return
	}
	switch err {
	case kafka.ErrNone:
		for _, o := range k.offsets {
			if p := c.assignment.find(o.TopicPartition); p != nil {
				p.committed = o.Offset
			}
		}
		c.commitEnds(h, now, k, "", "")
		return
	case kafka.ErrUnknownMemberID, kafka.ErrStaleMemberEpoch:
		if c.s.consumerProtocol {
			c.expedite(now)
			if err == kafka.ErrStaleMemberEpoch && k.purpose != commitManual && c.deferStale(now, k) {
				return
			}
			break
		}
		g.memberID = ""
		c.revokeAllMaybe(h, now, true, whyCommitUnknown)
	case kafka.ErrIllegalGeneration:
		if !g.rebalancing() || c.o.Version < keptGenerationSince { // else a new generation is on its way
			g.generation = -1
			c.revokeAllMaybe(h, now, true, whyCommitIllegal)
		}
	case kafka.ErrFencedInstanceID:
		c.fail(commitFatalText(err), err)
	case kafka.ErrCoordinatorLoadInProgress, kafka.ErrUnknownTopicOrPartition, kafka.ErrRequestTimedOut:
		k.retryAt = now + c.s.retryBackoff
		c.commits.deferred = append(c.commits.deferred, k)
		return
	case kafka.ErrNotCoordinator, kafka.ErrCoordinatorNotAvailable, errTransport:
		c.queryCoordinator(h, now)
		c.deferCommit(h, now, k, errorName(err), errorText(err))
		return
	}
	c.commitEnds(h, now, k, errorName(err), errorText(err))
}

// deferCommit keeps a commit until there is a coordinator, once
// (rd_kafka_cgrp_defer_offset_commit).
func (c *Consumer) deferCommit(h client.Host, now clock.Time, k commit, name, text string) {
	if k.retried {
		c.commitEnds(h, now, k, name, text)
		return
	}
	k.retried, k.retryAt = true, now
	c.commits.deferred = append(c.commits.deferred, k)
}

// deferStale keeps an automatic commit until the member knows its epoch, for a
// session's time at most (rd_kafka_cgrp_consumer_defer_offset_commit).
func (c *Consumer) deferStale(now clock.Time, k commit) bool {
	if k.giveUp == 0 {
		k.giveUp = now + c.s.session
	}
	if now >= k.giveUp {
		return false
	}
	k.retryAt = now
	c.commits.deferred = append(c.commits.deferred, k)
	return true
}

// resendCommits sends the deferred commits whose time has come.
func (c *Consumer) resendCommits(h client.Host, now clock.Time) {
	waiting := c.commits.deferred
	c.commits.deferred = nil
	for _, k := range waiting {
		if k.retryAt > now {
			c.commits.deferred = append(c.commits.deferred, k)
			continue
		}
		c.sendCommit(h, now, k)
	}
}

// expireCommits ends the commits that have waited for a coordinator for a session's
// time (rd_kafka_cgrp_timeout_scan).
func (c *Consumer) expireCommits(h client.Host, now clock.Time) {
	for {
		i := slices.IndexFunc(c.commits.deferred, func(k commit) bool { return k.waitUntil != 0 && k.waitUntil <= now })
		if i < 0 {
			return
		}
		k := c.commits.deferred[i]
		c.commits.deferred = slices.Delete(c.commits.deferred, i, i+1)
		c.commitEnds(h, now, k, nameWaitCoordinator, localTexts[nameWaitCoordinator])
	}
}

// commitEnds gives the result to whoever waits for it. name is "" for success. An
// automatic commit's failure shows nowhere: the wrapper gives it to on_commit.
func (c *Consumer) commitEnds(h client.Host, now clock.Time, k commit, name, text string) {
	c.commits.waiting--
	if name != "" && name != nameNoOffset {
		c.commits.auto.news = true
	}
	if k.purpose == commitManual && c.app.call == callCommit {
		c.app.call = callNone
		if c.app.within != callNone {
			c.app.call = callListener
		}
		var err *client.Error
		if name != "" {
			err = &client.Error{Name: name, Text: commitText(text)}
		}
		h.Committed(err)
	}
	c.serveAssignment(h, now)
}

// autoCommit is a tick of the auto-commit timer
// (rd_kafka_cgrp_offset_commit_tmr_cb).
func (c *Consumer) autoCommit(h client.Host, now clock.Time) {
	a := &c.commits.auto
	a.phase = now
	if !c.mayAutoCommit() {
		return
	}
	a.news = false
	if !c.group.lost && !c.group.fatal {
		if offsets := c.stored(); len(offsets) > 0 {
			c.commit(h, now, commit{purpose: commitAuto, offsets: offsets})
		}
	}
}

// mayAutoCommit: not during a rebalance, as the generation is about to change.
func (c *Consumer) mayAutoCommit() bool {
	return c.group.join == steady || c.o.Version < steadyCommitsSince
}

// armAutoCommit sets the next tick, if there is or will be something to commit.
func (c *Consumer) armAutoCommit(h client.Host, now clock.Time) {
	a := &c.commits.auto
	if c.timers[timerAutoCommit] != clock.Never || !c.s.autoCommit || c.s.autoCommitInterval <= 0 || !c.mayAutoCommit() {
		return
	}
	if a.news || len(c.handed.records) > 0 {
		c.set(h, timerAutoCommit, tickFrom(a.phase, c.s.autoCommitInterval, now+clock.Microsecond))
	}
}

// dropDeferred abandons the commits that wait for a coordinator.
func (c *Consumer) dropDeferred(h client.Host, now clock.Time) {
	waiting := slices.Clone(c.commits.deferred)
	c.commits.deferred = nil
	for _, k := range waiting {
		c.commitEnds(h, now, k, nameWaitCoordinator, localTexts[nameWaitCoordinator])
	}
}
