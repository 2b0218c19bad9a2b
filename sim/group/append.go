package group

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// appendKind is what the coordinator does when an append has ended.
type appendKind uint8

const (
	appendCreated     appendKind = iota // the record of a new group
	appendEmptied                       // the record of a group without members
	appendAssignment                    // the leader's assignment
	appendReplacement                   // a static member's new id
	appendDowngraded                    // a group that was of the consumer protocol; nothing waits
)

// waitingAppend is an append to __consumer_offsets whose end matters. Which fields
// count depends on its kind.
type waitingAppend struct {
	id         AppendID
	kind       appendKind
	group      uint32
	request    kafka.RequestID // the JoinGroup that waits
	version    int16           // of that JoinGroup
	generation int32
	memberID   string
	clientID   string
	leader     string // before the replacement
	before     member // the replaced member
	record     groupRecord
}

// write appends a group's record; w says what waits for it.
func (c *Coordinator) write(h Host, g *classicGroup, record groupRecord, w waitingAppend) {
	c.lastAppend++
	record.append = c.lastAppend
	w.id, w.group, w.record = c.lastAppend, g.index, record
	c.waiting = append(c.waiting, w)
	g.stored = append(g.stored, record)
	h.Append(w.id)
}

func (c *Coordinator) storeCreated(h Host, g *classicGroup, request kafka.RequestID) {
	c.write(h, g, groupRecord{since: g.since}, waitingAppend{kind: appendCreated, request: request})
}

func (c *Coordinator) storeEmptied(h Host, g *classicGroup) {
	c.write(h, g, g.record(), waitingAppend{kind: appendEmptied})
}

func (c *Coordinator) storeAssignment(h Host, g *classicGroup, leader *member, record groupRecord) {
	c.write(h, g, record, waitingAppend{kind: appendAssignment,
		generation: g.generation, memberID: leader.id, clientID: leader.process})
}

func (c *Coordinator) storeReplacement(h Host, g *classicGroup, request kafka.RequestID, r *kafka.JoinGroupRequest, before member, m *member, leader string) {
	c.write(h, g, g.record(), waitingAppend{kind: appendReplacement,
		request: request, version: min(r.APIVersion, joinVersion(c.cfg.Version)), memberID: m.id, before: before, leader: leader})
}

// Appended says that an append is replicated, or why it failed. Appends that
// nobody waits for, or that an unloaded coordinator began, are ignored.
func (c *Coordinator) Appended(h Host, now clock.Time, id AppendID, err kafka.ErrorCode) {
	i := slices.IndexFunc(c.waiting, func(w waitingAppend) bool { return w.id == id })
	if i < 0 {
		return
	}
	w := c.waiting[i]
	c.waiting = slices.Delete(c.waiting, i, i+1)
	c.ended(h, now, &w, err)
}

func (c *Coordinator) ended(h Host, now clock.Time, w *waitingAppend, err kafka.ErrorCode) {
	g := c.groups[w.group]
	g.settle(w.id, err == kafka.ErrNone)
	switch w.kind {
	case appendCreated:
		if err != kafka.ErrNone {
			c.notCreated(h, g, err)
		}
	case appendEmptied:
		if err != kafka.ErrNone {
			h.Log("WARN", fmt.Sprintf("Failed to write empty metadata for group %s: %s", g.id, AnswerFor(err).Message()))
		}
	case appendAssignment:
		c.assignmentStored(h, now, g, w, err)
	case appendReplacement:
		c.replacementStored(h, now, g, w, err)
	}
}

// notCreated takes a group back whose first record was not written: the runtime
// returns to the state before it. Whoever has come to join or to sync meanwhile is
// told, too.
func (c *Coordinator) notCreated(h Host, g *classicGroup, err kafka.ErrorCode) {
	h.Log("WARN", fmt.Sprintf("Failed to write empty metadata for group %s: %s", g.id, err.Message()))
	for i := range g.slots {
		m := &g.slots[i]
		if m.role != roleMember {
			continue
		}
		g.endJoin(h, m, "", AnswerFor(err))
		if m.awaitingSync != 0 {
			refuseSync(h, m.awaitingSync, AnswerFor(err))
		}
	}
	h.Cancel(g.timer(TimerJoin))
	h.Cancel(g.timer(TimerSync))
	g.discard()
	c.offsets[g.index] = nil
}

// AnswerFor is what a client is told when an append has failed
// (CoordinatorOperationExceptionHelper).
func AnswerFor(err kafka.ErrorCode) kafka.ErrorCode {
	switch err {
	case kafka.ErrUnknownTopicOrPartition, kafka.ErrNotEnoughReplicas, kafka.ErrRequestTimedOut:
		return kafka.ErrCoordinatorNotAvailable
	case kafka.ErrNotLeaderOrFollower, kafka.ErrKafkaStorageError:
		return kafka.ErrNotCoordinator
	case kafka.ErrMessageTooLarge, kafka.ErrRecordListTooLarge, kafka.ErrInvalidFetchSize:
		return kafka.ErrUnknownServerError
	case kafka.ErrNetworkException:
		return kafka.ErrCoordinatorLoadInProgress
	}
	return err
}
