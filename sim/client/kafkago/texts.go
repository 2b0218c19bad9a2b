package kafkago

import (
	"fmt"
	"strconv"
	"strings"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// log prints a line to ReaderConfig.Logger, logError one to ErrorLogger. The words
// stand where they are printed, as in kafka-go; some lines end with a line feed.
func (c *Consumer) log(h client.Host, format string, args ...any) {
	h.Log("INFO", fmt.Sprintf(format, args...))
}

func (c *Consumer) logError(h client.Host, format string, args ...any) {
	h.Log("ERROR", fmt.Sprintf(format, args...))
}

// humanOffset is toHumanOffset.
func humanOffset(offset int64) string {
	switch offset {
	case firstOffset:
		return "first offset"
	case lastOffset:
		return "last offset"
	}
	return strconv.FormatInt(offset, 10)
}

// logSubscribed tells the generation's partitions with their offsets, as fmt prints a
// map: sorted.
func (c *Consumer) logSubscribed(h client.Host, starts []kafka.OffsetCommit) {
	entries := make([]string, len(starts))
	for i, s := range starts {
		entries[i] = fmt.Sprintf("{topic:%s partition:%d}:%d", s.Topic, s.Partition, s.Offset)
	}
	c.log(h, "subscribed to topics and partitions: map[%s]", strings.Join(entries, " "))
}

// logAssignments tells what the leader has decided, member by member and topic by
// topic. kafka-go goes over maps: its order is chance.
func (c *Consumer) logAssignments(h client.Host, shares []share) {
	for _, s := range shares {
		for i := 0; i < len(s.partitions); {
			topic := s.partitions[i].Topic
			var numbers []int32
			for ; i < len(s.partitions) && s.partitions[i].Topic == topic; i++ {
				numbers = append(numbers, s.partitions[i].Partition)
			}
			c.log(h, "assigned member/topic/partitions %s/%s/%v", s.memberID, topic, numbers)
		}
	}
}

// logCommitted tells a commit, topic by topic.
func (c *Consumer) logCommitted(h client.Host, offsets []kafka.OffsetCommit) {
	var b strings.Builder
	topic := ""
	for i, o := range offsets {
		if o.Topic != topic || i == 0 {
			if topic = o.Topic; i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString("\ttopic: " + topic)
		}
		fmt.Fprintf(&b, "\n\t\tpartition %d: %d", o.Partition, o.Offset)
	}
	c.log(h, "committed offsets for group %s: \n%s", c.o.Group, b.String())
}

// goDuration prints as time.Duration.String does.
func goDuration(d clock.Duration) string {
	if d < clock.Second {
		return trim(d, clock.Millisecond) + "ms"
	}
	text := ""
	if d >= clock.Hour {
		text += strconv.FormatInt(int64(d/clock.Hour), 10) + "h"
	}
	if d >= clock.Minute {
		text += strconv.FormatInt(int64(d%clock.Hour/clock.Minute), 10) + "m"
	}
	return text + trim(d%clock.Minute, clock.Second) + "s"
}

// trim is a decimal number of units without zeros at its end.
func trim(d, unit clock.Duration) string {
	text := strconv.FormatInt(int64(d/unit), 10)
	if rest := d % unit; rest > 0 {
		fraction := strconv.FormatInt(int64(unit+rest), 10)[1:]
		text += "." + strings.TrimRight(fraction, "0")
	}
	return text
}
