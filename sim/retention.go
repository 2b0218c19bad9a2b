package sim

import (
	"slices"

	"ksim/sim/broker"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// retention is when a topic's records go: by the topic's own properties, or else
// the brokers', of which the finer unit wins (LogConfig, ServerLogConfigs).
func retention(c *scenario.Cluster, t *scenario.Topic) broker.Retention {
	r := broker.Retention{
		Time:         brokerTime(&c.Config, "log.retention.ms", "log.retention.minutes", "log.retention.hours"),
		Bytes:        c.Config.Int("log.retention.bytes"),
		SegmentTime:  brokerTime(&c.Config, "log.roll.ms", "", "log.roll.hours"),
		SegmentBytes: c.Config.Int("log.segment.bytes"),
	}
	if t.Config.Given("retention.ms") {
		r.Time = t.Config.Millis("retention.ms")
	}
	if t.Config.Given("retention.bytes") {
		r.Bytes = t.Config.Int("retention.bytes")
	}
	if t.Config.Given("segment.ms") {
		r.SegmentTime = t.Config.Millis("segment.ms")
	}
	if t.Config.Given("segment.bytes") {
		r.SegmentBytes = t.Config.Int("segment.bytes")
	}
	policy := c.Config.List("log.cleanup.policy")
	if t.Config.Given("cleanup.policy") {
		policy = t.Config.List("cleanup.policy")
	}
	if !slices.Contains(policy, "delete") { // compaction takes no record that a group would miss
		r.Time, r.Bytes = -1, -1
	}
	return r
}

// brokerTime is a time that the brokers' configuration has in up to three units.
func brokerTime(c *config.Set, millis, minutes, hours string) clock.Duration {
	if c.String(millis) != "" {
		return c.Millis(millis)
	}
	unit, n := 60*clock.Minute, int64(0)
	if minutes != "" && c.String(minutes) != "" {
		unit, n = clock.Minute, c.Int(minutes)
	} else {
		n = c.Int(hours)
	}
	if n < 0 {
		return -1
	}
	return clock.Duration(min(n, int64(longest/unit))) * unit
}

// longest is longer than any run.
const longest = clock.MaxTime / 8

// scheduleRetention sets the first look for old segments, if a topic can have any.
func (w *World) scheduleRetention() {
	c := &w.scenario.Cluster.Config
	for i := range w.scenario.Topics {
		r := retention(&w.scenario.Cluster, &w.scenario.Topics[i])
		if r.Deletes(w.end) {
			w.scheduleRetain(c.Millis("log.initial.task.delay.ms"))
			return
		}
	}
}

func (w *World) scheduleRetain(at clock.Time) {
	if at <= w.end {
		w.queue.Schedule(at, clock.ClassTimeline, clock.NewEvent(evRetention, 0, 0))
	}
}

// retain deletes old segments and sets the next look (LogManager.cleanupLogs).
func (w *World) retain() {
	for _, d := range w.cluster.Retain((*brokerPort)(w), w.Now()) {
		w.cause = cause{}
		w.emit(trace.Event{Type: trace.RecordsDeleted, Partitions: []kafka.TopicPartition{d.TopicPartition}, Records: d.Records,
			End: []kafka.OffsetCommit{{TopicPartition: d.TopicPartition, Offset: d.Start}}})
	}
	w.scheduleRetain(w.Now() + max(clock.Millisecond, w.scenario.Cluster.Config.Millis("log.retention.check.interval.ms")))
}
