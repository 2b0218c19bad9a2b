// Package words is how the Java consumer of either group protocol prints what its
// lines have in common: the prefix, brokers, partitions, positions.
package words

import (
	"fmt"
	"strings"

	"ksim/sim/client"
	"ksim/sim/client/java/subscription"
	"ksim/sim/kafka"
)

// Words prints the lines of one consumer. Immutable.
type Words struct {
	Options  client.Options
	Instance string // group.instance.id
	Reset    string // auto.offset.reset
	Share    bool   // it is a share consumer's
}

// Log prints a line with the consumer's prefix (LogContext).
func (w *Words) Log(h client.Host, level, text string) {
	prefix := "[Consumer "
	if w.Share {
		prefix = "[ShareConsumer "
	}
	if w.Instance != "" {
		prefix += "instanceId=" + w.Instance + ", "
	}
	h.Log(level, prefix+"clientId="+w.Options.ClientID+", groupId="+w.Options.Group+"] "+text)
}

// Info prints a line of level INFO.
func (w *Words) Info(h client.Host, text string) { w.Log(h, "INFO", text) }

func (w *Words) since(major, minor int32) bool { return w.Options.Version >= kafka.V(major, minor, 0) }

// since40 tells a client that prints collections with brackets and whether a
// broker is fenced.
func (w *Words) since40() bool { return w.since(4, 0) }

// Node prints a broker (org.apache.kafka.common.Node) under an id.
func (w *Words) Node(broker, id int32) string {
	fenced := ""
	if w.since40() {
		fenced = " isFenced: false"
	}
	return fmt.Sprintf("%s (id: %d rack: null%s)", w.Options.Nodes[broker-1], id, fenced)
}

// Coordinator prints the coordinator, which has a connection of its own.
func (w *Words) Coordinator(broker int32) string {
	if broker == 0 {
		return "null"
	}
	return w.Node(broker, kafka.CoordinatorNodeID(broker))
}

// leader prints Metadata.LeaderAndEpoch.
func (w *Words) leader(broker int32) string {
	if broker == 0 { // a partition that its metadata does not show yet
		return "currentLeader=LeaderAndEpoch{leader=Optional.empty, epoch=absent}}"
	}
	node := w.Node(broker, broker)
	if w.since(2, 6) {
		node = "Optional[" + node + "]"
	}
	return "currentLeader=LeaderAndEpoch{leader=" + node + ", epoch=0}}"
}

// position prints SubscriptionState.FetchPosition.
func (w *Words) position(p *subscription.Partition, epoch string) string {
	return fmt.Sprintf("FetchPosition{offset=%d, offsetEpoch=%s, %s", p.Position, epoch, w.leader(p.Leader))
}

// Committed prints the committed offset at which a partition starts, or that it has
// none. Since 3.7 the first line comes from a class that both protocols share, without
// a prefix.
func (w *Words) Committed(h client.Host, p *subscription.Partition) {
	epoch := "Optional.empty"
	if p.WithEpoch {
		epoch = "Optional[0]"
	}
	text := "Setting offset for partition " + p.String() + " to the committed offset " + w.position(p, epoch)
	switch {
	case p.Step == subscription.NeedsReset:
		if w.since(2, 4) {
			w.Info(h, "Found no committed offset for partition "+p.String())
		}
	case w.since(3, 7):
		h.Log("INFO", text)
	case w.since(2, 3):
		w.Info(h, text)
	}
}

// ResetPosition prints what the reset policy has given.
func (w *Words) ResetPosition(h client.Host, p *subscription.Partition) {
	switch {
	case w.since(2, 7):
		w.Info(h, "Resetting offset for partition "+p.String()+" to position "+w.position(p, "Optional.empty")+".")
	case w.since(1, 0):
		w.Info(h, fmt.Sprintf("Resetting offset for partition %s to offset %d.", p, p.Position))
	}
}

// OutOfRange prints that a position is not in the log, and what follows.
func (w *Words) OutOfRange(h client.Host, p *subscription.Partition) {
	then := "resetting offset"
	if w.Reset == "none" {
		then = "raising error to the application since no reset policy is configured"
	}
	switch {
	case w.since(2, 3):
		w.Info(h, w.outOfRange(p)+", "+then)
	case w.since(1, 0):
		w.Info(h, fmt.Sprintf("Fetch offset %d is out of range for partition %s, %s", p.Position, p, then))
	default:
		h.Log("INFO", fmt.Sprintf("Fetch offset %d is out of range for partition %s, %s", p.Position, p, then))
	}
}

func (w *Words) outOfRange(p *subscription.Partition) string {
	return "Fetch position " + w.position(p, "Optional.empty") + " is out of range for partition " + p.String()
}

// NoPosition is what poll() throws for partitions that auto.offset.reset=none
// leaves without a position.
func (w *Words) NoPosition(s *subscription.State, tps []kafka.TopicPartition) *client.Error {
	for _, tp := range tps {
		if p := s.Find(tp); p.OutOfRange {
			return &client.Error{Name: "OffsetOutOfRangeException", Text: w.outOfRange(p), Fatal: true}
		}
	}
	return &client.Error{Name: "NoOffsetForPartitionException", Text: "Undefined offset with no reset policy for partitions: " + w.List(tps), Fatal: true}
}

// List prints partitions: with brackets since 4.0.
func (w *Words) List(p []kafka.TopicPartition) string {
	text := Bracketed(p)
	if w.since40() {
		return text
	}
	return text[1 : len(text)-1]
}

// Bracketed prints partitions as Java prints a collection.
func Bracketed(p []kafka.TopicPartition) string {
	s := make([]string, len(p))
	for i, tp := range p {
		s[i] = tp.String()
	}
	return "[" + strings.Join(s, ", ") + "]"
}

// Offsets prints a map of offsets as Java does.
func Offsets(offsets []kafka.OffsetCommit) string {
	s := make([]string, len(offsets))
	for i, o := range offsets {
		s[i] = fmt.Sprintf("%s=OffsetAndMetadata{offset=%d, leaderEpoch=0, metadata=''}", o.TopicPartition, o.Offset)
	}
	return "{" + strings.Join(s, ", ") + "}"
}

// Invoke calls a method of the application's rebalance listener
// (ConsumerRebalanceListenerInvoker). Before 2.4 there was no onPartitionsLost:
// what is lost was revoked.
func (w *Words) Invoke(h client.Host, kind client.Callback, p []kafka.TopicPartition) (returned bool) {
	if !w.since(2, 4) {
		return w.invokeBefore24(h, kind, p)
	}
	text := [...]string{
		client.Assigned: "Adding newly assigned partitions: ",
		client.Revoked:  "Revoke previously assigned partitions ",
		client.Lost:     "Lost previously assigned partitions ",
	}
	w.Info(h, text[kind]+w.List(p))
	return h.Callback(kind, p)
}

func (w *Words) invokeBefore24(h client.Host, kind client.Callback, p []kafka.TopicPartition) bool {
	text := "Setting newly assigned partitions " + Bracketed(p)
	if kind != client.Assigned {
		kind, text = client.Revoked, "Revoking previously assigned partitions "+Bracketed(p)
	}
	if w.since(1, 0) {
		w.Info(h, text)
	} else {
		h.Log("INFO", text+" for group "+w.Options.Group)
	}
	return h.Callback(kind, p)
}
