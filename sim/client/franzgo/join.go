package franzgo

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// joinVersion is the JoinGroup version that the client sends.
const joinVersion = 9

// join is joinAndSync: commits in flight are waited for, and new ones wait until
// the sync is answered.
func (c *Consumer) join(h client.Host, now clock.Time, why string) {
	c.enter(locking, why)
	c.manage.joined = why
	c.locked(h, now)
}

// locked sends JoinGroup as soon as no commit is in flight.
func (c *Consumer) locked(h client.Host, _ clock.Time) {
	if c.manage.step != locking || c.commits.flying > 0 {
		return
	}
	c.info(h, "joining group", "group", c.o.Group)
	c.sendJoin(h)
}

// sendJoin sends JoinGroup.
func (c *Consumer) sendJoin(h client.Host) {
	c.enter(joining, "JoinGroup is sent")
	c.rejoin, c.manage.leads = "", false
	r := &kafka.JoinGroupRequest{
		APIVersion: joinVersion, Group: c.o.Group, ClientID: c.o.ClientID, MemberID: c.member, InstanceID: c.s.instance,
		SessionTimeout: c.s.session, RebalanceTimeout: c.s.rebalance, ProtocolType: "consumer", Reason: c.manage.joined,
	}
	for _, name := range c.s.balancers {
		r.Protocols = append(r.Protocols, kafka.GroupProtocol{Name: name, Metadata: c.subscription(name)})
	}
	c.ask(h, request{body: r})
}

// joined goes on after JoinGroup (handleJoinResp): SyncGroup follows, from the
// leader with everybody's assignment.
func (c *Consumer) joined(h client.Host, now clock.Time, q request, r *kafka.JoinGroupResponse) {
	switch {
	case c.manage.step != joining:
		return
	case r.Err == kafka.ErrMemberIDRequired:
		c.member = r.MemberID
		c.info(h, "join returned MemberIDRequired, rejoining with response's MemberID", "group", c.o.Group, "member_id", r.MemberID)
		c.sendJoin(h)
		return
	case r.Err == kafka.ErrUnknownMemberID:
		c.member = ""
		c.info(h, "join returned UnknownMemberID, rejoining without a member id", "group", c.o.Group)
		c.sendJoin(h)
		return
	case c.moved(h, now, q, r.Err):
		return
	case r.Err != kafka.ErrNone:
		c.logLine(h, "WARN", "join group failed", "group", c.o.Group, "err", errorText(r.Err))
		c.failed(h, now, &groupError{code: r.Err})
		c.unlock(h)
		return
	}
	c.member, c.generated = r.MemberID, r.Generation
	c.protocolChosen(h, r.Protocol)
	sync := &kafka.SyncGroupRequest{
		Group: c.o.Group, MemberID: c.member, InstanceID: c.s.instance,
		Generation: c.generated, ProtocolType: "consumer", Protocol: r.Protocol,
	}
	if r.Leader == r.MemberID {
		sync.Assignments = c.lead(h, r)
	} else {
		c.info(h, "joined", "group", c.o.Group, "member_id", r.MemberID, "instance_id", c.instanceText(), "generation", fmt.Sprint(r.Generation), "leader", "false")
	}
	c.enter(syncing, "SyncGroup is sent")
	c.info(h, "syncing", "group", c.o.Group, "protocol_type", "consumer", "protocol", r.Protocol)
	c.ask(h, request{body: sync})
}

// protocolChosen notes whether the group is cooperative; one that was and is not
// any more has everything revoked before the session begins.
func (c *Consumer) protocolChosen(h client.Host, name string) {
	m := &c.manage
	cooperative := name == cooperativeSticky
	switch {
	case !cooperative && m.cooperative:
		c.info(h, "group protocol downgraded from cooperative to eager; all partitions will be revoked before consuming resumes from committed offsets")
		m.downgraded = true
	case cooperative:
		m.downgraded = false
	}
	m.cooperative, m.strategy = cooperative, name
}

// lead balances the group. A static leader that has returned keeps its plan for
// itself (KIP-814), and rejoins when it was told something else.
func (c *Consumer) lead(h client.Host, r *kafka.JoinGroupResponse) []kafka.MemberAssignment {
	c.manage.leads = true
	c.info(h, "joined, balancing group", "group", c.o.Group, "member_id", r.MemberID, "instance_id", c.instanceText(),
		"generation", fmt.Sprint(r.Generation), "balance_protocol", r.Protocol, "leader", "true")
	c.info(h, "balancing group as leader")
	plan := c.balance(h, r)
	var out []kafka.MemberAssignment
	var text []string
	for _, a := range plan {
		text = append(text, a.MemberID+"{"+partitionsText(sorted(a.Partitions))+"}")
		out = append(out, kafka.MemberAssignment{MemberID: a.MemberID, Assignment: kafka.EncodeAssignment(a.Partitions)})
		if r.SkipAssignment && a.MemberID == r.MemberID {
			c.manage.skipped, c.manage.skips = sorted(a.Partitions), true
		}
	}
	c.info(h, "balanced", "plan", strings.Join(text, ", "))
	if r.SkipAssignment {
		return nil
	}
	return out
}

// synced ends joinAndSync: a session begins.
func (c *Consumer) synced(h client.Host, now clock.Time, q request, r *kafka.SyncGroupResponse) {
	switch {
	case c.manage.step != syncing:
		return
	case r.Err == kafka.ErrRebalanceInProgress:
		c.info(h, "sync failed with RebalanceInProgress, rejoining", "group", c.o.Group)
		c.sendJoin(h)
		return
	case c.moved(h, now, q, r.Err):
		return
	case r.Err != kafka.ErrNone:
		c.logLine(h, "WARN", "sync group failed", "group", c.o.Group, "err", errorText(r.Err))
		c.failed(h, now, &groupError{code: r.Err})
		c.unlock(h)
		return
	}
	c.nowAssigned = sorted(kafka.DecodeAssignment(r.Assignment))
	c.info(h, "synced", "group", c.o.Group, "assigned", partitionsText(c.nowAssigned))
	if c.manage.skips && !slices.Equal(c.manage.skipped, c.nowAssigned) {
		c.rejoin = "instance group leader restarted and was reassigned old plan, our topic interests changed and we must rejoin to force a rebalance"
	}
	c.manage.skipped, c.manage.skips = nil, false
	c.manage.rejoinOwed = false
	c.enter(inSession, "SyncGroup is answered")
	c.beginSession(h, now)
	c.unlock(h)
}

// instanceText is the instance id as Go prints a pointer to it.
func (c *Consumer) instanceText() string {
	if c.s.instance == "" {
		return "<nil>"
	}
	return c.s.instance
}
