package sim

import (
	"cmp"
	"iter"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// Sample is the figures of one instant that events do not carry.
type Sample struct {
	At     clock.Time
	Groups []GroupSample // in the scenario's order
}

// GroupSample is the figures of a group.
type GroupSample struct {
	ID         string
	Partitions []PartitionSample
	Members    []MemberSample
	Queues     []QueueSample // that its workers read
	Processed  int64         // distinct records
	Lost       int64
}

// QueueSample is what a queue holds: Waiting of it could be received now.
type QueueSample struct {
	Name           string
	Waiting, Bytes int64
	InFlight       int64
	Delayed        int64
}

// PartitionSample is one partition of a group: Committed is −1 without a commit. A
// share group's is its start offset, and Completed counts the records beyond it that
// have reached their end.
type PartitionSample struct {
	kafka.TopicPartition
	Committed, End int64
	Completed      int64
}

// Lag is the records behind.
func (p PartitionSample) Lag() int64 { return max(0, kafka.Lag(p.Committed, p.End)-p.Completed) }

// MemberSample is the figures of a member.
type MemberSample struct {
	Name                       string
	Queue                      string // that it reads, of a queue's worker
	Processed, Repeated        int64
	ClientRecords, ClientBytes int64 // fetched and not returned by poll
	BufferRecords, BufferBytes int64 // in the application's buffer
	QueueRecords, QueueBytes   int64 // of them, waiting for a worker
}

// Member gives a member's figures so far.
func (w *World) Member(name string) MemberFigures {
	p := w.process(name)
	f := p.figures
	f.LongestGap = p.longestGap(w.Now())
	return f
}

// Samples are the samples of a run, in order of time: they answer
// expect.Figures.
type Samples []Sample

// Samples are the samples taken so far.
func (w *World) Samples() Samples { return w.samples }

// at is the sample of an instant that Options.At has named.
func (s Samples) at(t clock.Time) *Sample {
	i, ok := slices.BinarySearchFunc(s, t, func(x Sample, t clock.Time) int { return cmp.Compare(x.At, t) })
	if !ok {
		panic("sim: no sample was taken at " + t.String())
	}
	return &s[i]
}

// group yields the samples of a group, of all groups when id is "".
func (s Samples) group(id string, t clock.Time) iter.Seq[*GroupSample] {
	return func(yield func(*GroupSample) bool) {
		x := s.at(t)
		for i := range x.Groups {
			if g := &x.Groups[i]; (id == "" || g.ID == id) && !yield(g) {
				return
			}
		}
	}
}

// Lag is Σ of the lags of a group's partitions, or of one of them.
func (s Samples) Lag(group string, tp kafka.TopicPartition, at clock.Time) (lag int64) {
	for g := range s.group(group, at) {
		for _, p := range g.Partitions {
			if tp == (kafka.TopicPartition{}) || p.TopicPartition == tp {
				lag += p.Lag()
			}
		}
		for _, q := range g.Queues {
			if tp != (kafka.TopicPartition{}) {
				break
			}
			lag += q.Waiting + q.InFlight + q.Delayed
		}
	}
	return lag
}

// Processed is a group's distinct records, or a member's completions.
func (s Samples) Processed(group, member string, at clock.Time) (n int64) {
	for g := range s.group(group, at) {
		if member == "" {
			n += g.Processed
		}
		for _, m := range g.Members {
			if m.Name == member {
				n += m.Processed
			}
		}
	}
	return n
}

// Repeated is how many completions were not the first of their record.
func (s Samples) Repeated(group, member string, at clock.Time) (n int64) {
	for g := range s.group(group, at) {
		for _, m := range g.Members {
			if member == "" || m.Name == member {
				n += m.Repeated
			}
		}
	}
	return n
}

// Lost is how many records are lost.
func (s Samples) Lost(group string, at clock.Time) (n int64) {
	for g := range s.group(group, at) {
		n += g.Lost
	}
	return n
}

// Buffer is what the client (of: client) or the application (app) buffers, or
// what of the latter waits for a worker (queue).
func (s Samples) Buffer(group, member, of string, at clock.Time) (records, bytes int64) {
	for g := range s.group(group, at) {
		for _, q := range g.Queues {
			if of == "queue" && (member == "" || slices.ContainsFunc(g.Members, func(m MemberSample) bool { return m.Name == member && m.Queue == q.Name })) {
				records, bytes = records+q.Waiting, bytes+q.Bytes
			}
		}
		for _, m := range g.Members {
			switch {
			case member != "" && m.Name != member:
			case of == "client":
				records, bytes = records+m.ClientRecords, bytes+m.ClientBytes
			case of == "queue":
				records, bytes = records+m.QueueRecords, bytes+m.QueueBytes
			default:
				records, bytes = records+m.BufferRecords, bytes+m.BufferBytes
			}
		}
	}
	return records, bytes
}

func (w *World) takeSample(at clock.Time) {
	s := Sample{At: at}
	for i := range w.groups {
		s.Groups = append(s.Groups, w.sampleGroup(i))
	}
	w.samples = append(w.samples, s)
}

// FinalSample takes a sample at the end of the run.
func (w *World) FinalSample() Sample {
	w.takeSample(w.end)
	return w.samples[len(w.samples)-1]
}

func (w *World) sampleGroup(i int) GroupSample {
	g := &w.groups[i]
	s := GroupSample{ID: g.id, Partitions: w.partitions(i)}
	var held []client.Range
	for k := range w.procs {
		p := &w.procs[k]
		if p.group != i {
			continue
		}
		p.settle()
		m := MemberSample{Name: p.member.Name, Processed: g.ledger.Processed(p.member.Name), Repeated: g.ledger.Repeated(p.member.Name)}
		if !p.member.ReadsKafka() {
			m.Queue = p.member.App.QueueName
		}
		if p.alive() {
			if p.consumer != nil {
				fetched, fetchedBytes := p.consumer.Buffered()
				pushed, pushedBytes := p.app.Channels(w.Now())
				m.ClientRecords, m.ClientBytes = fetched+pushed, fetchedBytes+pushedBytes
			}
			m.BufferRecords, m.BufferBytes = p.app.Buffered()
			m.QueueRecords, m.QueueBytes = p.app.Queued()
			held = p.app.Held(held)
		}
		s.Members = append(s.Members, m)
	}
	s.Processed = g.ledger.Processed("")
	s.Lost = g.missing(held)
	for _, q := range g.queues {
		s.Queues = append(s.Queues, w.sampleQueue(q))
	}
	for _, p := range s.Partitions {
		s.Lost += g.ledger.Lost(p.TopicPartition, p.Committed, held)
	}
	return s
}

// partitions is where a group stands in each partition of its topics, by topic
// and number.
func (w *World) partitions(i int) []PartitionSample {
	g := &w.groups[i]
	c := w.shards[g.shard].coordinator
	var out []PartitionSample
	for _, topic := range slices.Sorted(slices.Values(g.topics)) {
		for n := int32(0); n < w.cluster.Partitions(topic); n++ {
			tp := kafka.TopicPartition{Topic: topic, Partition: n}
			committed, ok := c.Committed(g.id, tp)
			completed := int64(0)
			if g.share {
				committed, completed, ok = w.cluster.ShareOffsets(w.Now(), g.id, tp)
			}
			if !ok {
				committed = kafka.NoOffset
			}
			out = append(out, PartitionSample{tp, committed, w.cluster.Log(tp).End(w.Now()), completed})
		}
	}
	return out
}

// emitOffsets says where each group stands, each full second.
func (w *World) emitOffsets() {
	for i := range w.groups {
		if len(w.groups[i].topics) == 0 { // it reads queues only
			continue
		}
		e := trace.Event{Type: trace.Offsets, Group: w.groups[i].id}
		for _, p := range w.partitions(i) {
			e.Committed = append(e.Committed, kafka.OffsetCommit{TopicPartition: p.TopicPartition, Offset: p.Committed})
			if p.Completed > 0 {
				e.Completed = append(e.Completed, kafka.OffsetCommit{TopicPartition: p.TopicPartition, Offset: p.Completed})
			}
			e.End = append(e.End, kafka.OffsetCommit{TopicPartition: p.TopicPartition, Offset: p.End})
		}
		w.cause = cause{}
		w.emit(e)
	}
	if at := w.Now() + clock.Second; at <= w.end {
		w.queue.Schedule(at, clock.ClassOffsets, clock.NewEvent(evOffsets, 0, 0))
	}
}
