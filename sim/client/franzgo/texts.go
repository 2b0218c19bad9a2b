package franzgo

import (
	"fmt"
	"strings"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// info prints a line as kgo.BasicLogger does: the message, then its keys and
// values.
func (c *Consumer) info(h client.Host, message string, keyvals ...string) {
	c.logLine(h, "INFO", message, keyvals...)
}

func (c *Consumer) logLine(h client.Host, level, message string, keyvals ...string) {
	for i := 0; i+1 < len(keyvals); i += 2 {
		separator := ", "
		if i == 0 {
			separator = "; "
		}
		message += separator + keyvals[i] + ": " + keyvals[i+1]
	}
	h.Log(level, message)
}

// descriptions are kerr's words for errors, where they are not the protocol's.
var descriptions = map[kafka.ErrorCode]string{
	kafka.ErrUnknownMemberID:     "The coordinator is not aware of this member.",
	kafka.ErrRebalanceInProgress: "The group is rebalancing, so a rejoin is needed.",
	kafka.ErrIllegalGeneration:   "Specified group generation id is not valid.",
}

// errorText is a kerr.Error as text: its name and description.
func errorText(code kafka.ErrorCode) string {
	words, ok := descriptions[code]
	if !ok {
		words = code.Message()
	}
	return code.String() + ": " + words
}

// text is an error of a session.
func (e *groupError) text() string {
	if e.leaving {
		return "context canceled"
	}
	return errorText(e.code)
}

// durationText is a time.Duration of a backoff, below a minute, as text.
func durationText(d clock.Duration) string {
	if d < clock.Second {
		return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%03d", d.Milliseconds(), d%clock.Millisecond), "0"), ".") + "ms"
	}
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%06d", d/clock.Second, d%clock.Second), "0"), ".") + "s"
}

// partitionsText is partitions, in order, as kgo prints a map of them:
// events[0 3 4], orders[1].
func partitionsText(tps []kafka.TopicPartition) string {
	var topics []string
	for i := 0; i < len(tps); {
		var numbers []string
		topic := tps[i].Topic
		for ; i < len(tps) && tps[i].Topic == topic; i++ {
			numbers = append(numbers, fmt.Sprint(tps[i].Partition))
		}
		topics = append(topics, topic+"["+strings.Join(numbers, " ")+"]")
	}
	return strings.Join(topics, ", ")
}
