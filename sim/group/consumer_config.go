package group

import (
	"slices"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/kafka/javahash"
)

// ConsumerTimes are the times of a group of the consumer protocol: the broker's, or
// those that an operator has set for the group (GroupConfig).
type ConsumerTimes struct {
	Session            clock.Duration // consumer.session.timeout.ms
	Heartbeat          clock.Duration // consumer.heartbeat.interval.ms
	AssignmentInterval clock.Duration // consumer.assignment.interval.ms; 0 before 4.3
}

// ConfigureGroup tells the times of a group. Each group needs them before its first
// heartbeat.
func (c *Coordinator) ConfigureGroup(id string, t ConsumerTimes) { c.times[id] = t }

// supportedAssignors names the broker's assignors in the order of its HashMap.
func (c *Coordinator) supportedAssignors() string {
	var names javahash.Order
	for _, name := range c.cfg.ConsumerAssignors {
		names.Add(name)
	}
	return strings.Join(slices.Collect(names.All()), ", ")
}
