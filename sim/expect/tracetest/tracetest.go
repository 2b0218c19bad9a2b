// Package tracetest reads events from lines of JSON, as `--format jsonl` writes
// them, so that tests can begin from a text that people read.
package tracetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// line is an event in JSON.
type line struct {
	T                                         json.Number
	Seq, Cause                                uint64
	Type                                      trace.Type
	Group, Member, Reason, Error, Level, Text string
	What                                      string
	Broker, Generation                        int32
	Members                                   int
	Records, Repeated                         int64
	Partitions                                []string
	Committed, Offsets, End                   map[string]int64
}

// Events reads one event a line. An event without `seq` gets the number after
// that of the line before; empty lines and the header are passed over.
func Events(text string) ([]trace.Event, error) {
	var events []trace.Event
	var seq uint64
	n := 0
	for s := range strings.Lines(text) {
		n++
		if s = strings.TrimSpace(s); s == "" || strings.HasPrefix(s, `{"ksim"`) {
			continue
		}
		var l line
		d := json.NewDecoder(strings.NewReader(s))
		d.DisallowUnknownFields()
		if err := d.Decode(&l); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		ms, err := l.T.Float64()
		if err != nil {
			return nil, fmt.Errorf("line %d: t: %w", n, err)
		}
		if l.Seq == 0 {
			l.Seq = seq + 1
		}
		seq = l.Seq
		events = append(events, l.event(clock.Time(ms*1000+0.5)))
	}
	return events, nil
}

func (l *line) event(at clock.Time) trace.Event {
	e := trace.Event{
		At: at, Seq: l.Seq, Cause: l.Cause, Type: l.Type, Group: l.Group, Member: l.Member, Broker: l.Broker,
		Generation: l.Generation, Members: l.Members, Reason: l.Reason, Error: l.Error, Level: l.Level, Text: l.Text,
		What: l.What, Records: l.Records, Repeated: l.Repeated,
		Partitions: kafka.DecodeAssignment(strings.Join(l.Partitions, ",")),
		Committed:  offsets(l.Committed), End: offsets(l.End),
	}
	if l.Offsets != nil {
		e.Committed = offsets(l.Offsets)
	}
	return e
}

// offsets sorts by partition; what is below 0 is no offset.
func offsets(m map[string]int64) []kafka.OffsetCommit {
	var o []kafka.OffsetCommit
	for _, name := range slices.Sorted(maps.Keys(m)) {
		o = append(o, kafka.OffsetCommit{TopicPartition: kafka.DecodeAssignment(name)[0], Offset: max(m[name], kafka.NoOffset)})
	}
	slices.SortFunc(o, func(a, b kafka.OffsetCommit) int { return a.TopicPartition.Compare(b.TopicPartition) })
	return o
}
