package export

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"

	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// writeCSV writes a line for each partition of each group and each full second.
func writeCSV(x *work, w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write([]string{"seconds", "group", "topic", "partition", "committed", "end", "lag"})
	for i := range x.offsets {
		e := &x.offsets[i]
		for n, end := range e.End {
			committed := ""
			if c := e.Committed[n].Offset; c >= 0 {
				committed = strconv.FormatInt(c, 10)
			}
			out.Write([]string{
				seconds(e), e.Group, end.Topic, strconv.Itoa(int(end.Partition)), committed,
				strconv.FormatInt(end.Offset, 10), strconv.FormatInt(e.PartitionLag(n), 10),
			})
		}
	}
	out.Flush()
	return out.Error()
}

// seconds is when an `offsets` event is: always at a full second.
func seconds(e *trace.Event) string { return strconv.FormatInt(e.At.Milliseconds()/1000, 10) }

// metric is a family of gauges.
type metric struct {
	name, help string
	samples    func(x *work, at *atSecond, sample func(labels string, value int64))
}

// atSecond is the `offsets` events of one second.
type atSecond struct {
	seconds int64
	groups  []*trace.Event
}

// metrics are those of kafka-exporter that a run has figures for, with its names and
// labels. Two things are not as there: what a group has never committed counts from the
// start of the log (there it is -1), and a group without any commit has its lag too.
var metrics = []metric{
	{"kafka_consumergroup_current_offset", "Committed offset of a group in a partition; -1: none.", func(x *work, at *atSecond, sample func(string, int64)) {
		for _, e := range at.groups {
			for _, c := range e.Committed {
				sample(labels("consumergroup", e.Group, "topic", c.Topic, "partition", strconv.Itoa(int(c.Partition))), max(c.Offset, -1))
			}
		}
	}},
	{"kafka_consumergroup_current_offset_sum", "Committed offsets of a group in a topic, all partitions.", func(x *work, at *atSecond, sample func(string, int64)) {
		for _, e := range at.groups {
			perTopic(e, func(n int) int64 { return max(e.Committed[n].Offset, 0) }, sample)
		}
	}},
	{"kafka_consumergroup_lag", "Lag of a group in a partition, from the start of the log where nothing is committed.", func(x *work, at *atSecond, sample func(string, int64)) {
		for _, e := range at.groups {
			for n, c := range e.End {
				sample(labels("consumergroup", e.Group, "topic", c.Topic, "partition", strconv.Itoa(int(c.Partition))), e.PartitionLag(n))
			}
		}
	}},
	{"kafka_consumergroup_lag_sum", "Lag of a group in a topic, all partitions.", func(x *work, at *atSecond, sample func(string, int64)) {
		for _, e := range at.groups {
			perTopic(e, func(n int) int64 { return e.PartitionLag(n) }, sample)
		}
	}},
	{"kafka_topic_partition_current_offset", "End of the log of a partition.", func(x *work, at *atSecond, sample func(string, int64)) {
		seen := map[kafka.TopicPartition]bool{}
		for _, e := range at.groups {
			for _, c := range e.End {
				if !seen[c.TopicPartition] {
					seen[c.TopicPartition] = true
					sample(labels("topic", c.Topic, "partition", strconv.Itoa(int(c.Partition))), c.Offset)
				}
			}
		}
	}},
	{"kafka_topic_partitions", "Partitions of a topic.", func(x *work, at *atSecond, sample func(string, int64)) {
		seen := map[string]bool{}
		for _, e := range at.groups {
			perTopicOnce(e, seen, sample)
		}
	}},
}

// perTopic sums over the partitions of each topic of a group, which are sorted.
func perTopic(e *trace.Event, of func(n int) int64, sample func(string, int64)) {
	for n := 0; n < len(e.End); {
		topic, sum := e.End[n].Topic, int64(0)
		for ; n < len(e.End) && e.End[n].Topic == topic; n++ {
			sum += of(n)
		}
		sample(labels("consumergroup", e.Group, "topic", topic), sum)
	}
}

// perTopicOnce counts the partitions of the topics that no other group has had.
func perTopicOnce(e *trace.Event, seen map[string]bool, sample func(string, int64)) {
	for n := 0; n < len(e.End); {
		topic, first := e.End[n].Topic, n
		for n < len(e.End) && e.End[n].Topic == topic {
			n++
		}
		if !seen[topic] {
			seen[topic] = true
			sample(labels("topic", topic), int64(n-first))
		}
	}
}

// writeOpenMetrics writes the same figures for Prometheus (promtool tsdb
// create-blocks-from openmetrics): family by family, within it series by series, as
// the format asks for, each in order of time.
func writeOpenMetrics(x *work, w io.Writer) error {
	out := bufio.NewWriter(w)
	times := x.atSeconds()
	for i := range metrics {
		m := &metrics[i]
		var order []string
		series := map[string][]byte{}
		for k := range times {
			at := &times[k]
			m.samples(x, at, func(labels string, value int64) {
				line, known := series[labels]
				if !known {
					order = append(order, labels)
				}
				line = append(line, m.name...)
				line = append(line, labels...)
				line = append(line, ' ')
				line = strconv.AppendInt(line, value, 10)
				line = append(line, ' ')
				line = strconv.AppendInt(line, x.Epoch+at.seconds, 10)
				series[labels] = append(line, '\n')
			})
		}
		if len(order) == 0 {
			continue
		}
		out.WriteString("# TYPE " + m.name + " gauge\n# HELP " + m.name + " " + m.help + "\n")
		for _, labels := range order {
			out.Write(series[labels])
		}
	}
	out.WriteString("# EOF\n")
	return out.Flush()
}

// atSeconds gathers the `offsets` events by their second.
func (x *work) atSeconds() []atSecond {
	var all []atSecond
	for i := range x.offsets {
		e := &x.offsets[i]
		s := e.At.Milliseconds() / 1000
		if len(all) == 0 || all[len(all)-1].seconds != s {
			all = append(all, atSecond{seconds: s})
		}
		last := &all[len(all)-1]
		last.groups = append(last.groups, e)
	}
	return all
}

// labels writes names and values as the format has them.
func labels(pairs ...string) string {
	b := []byte{'{'}
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, pairs[i]...)
		b = append(b, '=', '"')
		for _, c := range []byte(pairs[i+1]) {
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			default:
				b = append(b, c)
			}
		}
		b = append(b, '"')
	}
	return string(append(b, '}'))
}
