package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ksim/sim/kafka"
)

// oldestShare is the oldest broker and the oldest Java client that have share groups
// for use (KIP-932, a preview in 4.1).
var oldestShare = kafka.V(4, 1, 0)

// checkShareBrokers refuses a share group of brokers that have none.
func (l *loader) checkShareBrokers(kind *node) {
	if v := l.s.Cluster.Version; v < oldestShare {
		l.reject(kind, fmt.Sprintf("expected cluster.version %s or newer", oldestShare), "brokers %s have no share groups", v)
	}
}

// unshared are the properties that ShareConsumerConfig refuses.
var unshared = []string{"auto.offset.reset", "enable.auto.commit", "group.instance.id", "group.protocol", "group.remote.assignor",
	"heartbeat.interval.ms", "interceptor.classes", "isolation.level", "partition.assignment.strategy", "session.timeout.ms"}

// checkShare checks what a member of a share group may be: its client has a share
// consumer, its properties are those of one, and its application leaves offsets alone.
func (l *loader) checkShare(g *Group, s *setup, group, member *node) {
	if !g.Share {
		return
	}
	name := group.usable("client")
	if own := member.usable("client"); own != nil {
		name = own
	}
	if name != nil && s.client.Profile != "" && (s.client.Profile != "java" || s.client.Version < oldestShare) {
		l.reject(name, fmt.Sprintf("expected %s or newer", Client{"java", oldestShare}), "client %s has no share consumer", strconv.Quote(name.text))
	}
	for _, f := range s.given.entries() {
		switch {
		case slices.Contains(unshared, f.key):
			hint := ""
			if f.key == "auto.offset.reset" {
				hint = "group-config has share.auto.offset.reset"
			}
			l.reject(f.value, hint, "%s cannot be set when using a share group.", f.key)
		case f.key == "share.acknowledgement.mode" && strings.EqualFold(bare(f.value), "explicit"):
			l.errorAt(f.value.place, "", "share.acknowledgement.mode %q is for programs that acknowledge record by record: those of ksim acknowledge all that a poll has returned; expected implicit", "explicit")
		}
	}
	app := member.usable("app")
	if app == nil {
		app = group.usable("app")
	}
	if app == nil {
		return
	}
	switch {
	case s.app.Model != Sequential:
		l.errorAt(app.place, "", "a share group's application of this model is not yet supported: expected model: sequential")
	case s.app.Commit != CommitAuto && s.app.Commit != CommitBatch:
		l.errorAt(app.place, "", "a share consumer acknowledges all that a poll has returned: expected commit: auto (with the next poll) or batch (commitSync)")
	}
}
