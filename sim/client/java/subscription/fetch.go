package subscription

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// chunk is what one fetch has brought for one partition (CompletedFetch).
type chunk struct {
	tp       kafka.TopicPartition
	from, to int64
	size     int64 // bytes a record
}

// Limits is the properties that a Fetch carries.
type Limits struct {
	MaxWait                      clock.Duration
	MinBytes, MaxBytes           int64
	PartitionBytes               int64 // max.partition.fetch.bytes
	SkipsBrokersWithBufferedData bool  // since 4.0, KAFKA-17182
	KeepsPaused                  bool  // what has been fetched outlasts a pause: since 2.4, KAFKA-7548
}

// ReadLimits takes them from a resolved configuration.
func ReadLimits(s config.Set) Limits {
	return Limits{
		MaxWait: s.Millis("fetch.max.wait.ms"), MinBytes: s.Int("fetch.min.bytes"),
		MaxBytes: s.Int("fetch.max.bytes"), PartitionBytes: s.Int("max.partition.fetch.bytes"),
	}
}

// Fetch is a request to one broker.
type Fetch struct {
	Broker  int32
	Request *kafka.FetchRequest
}

// Fetches makes one Fetch for every broker that leads a partition to be fetched
// and has none in flight. A partition with buffered records is left out, since
// 4.0 with all others of its broker.
func (s *State) Fetches(l *Limits, inFlight func(broker int32) bool) []Fetch {
	var out []Fetch
	for _, broker := range s.AllLeaders() {
		if inFlight(broker) {
			continue
		}
		r := &kafka.FetchRequest{MaxWait: l.MaxWait, MinBytes: l.MinBytes, MaxBytes: l.MaxBytes}
		for i := range s.parts {
			p := &s.parts[i]
			if p.Leader != broker || !p.fetchable() {
				continue
			}
			if s.buffered(p.TopicPartition) {
				if l.SkipsBrokersWithBufferedData {
					r.Partitions = nil
					break
				}
				continue
			}
			r.Partitions = append(r.Partitions, kafka.FetchPartition{TopicPartition: p.TopicPartition, Offset: p.Position, MaxBytes: l.PartitionBytes})
		}
		if len(r.Partitions) > 0 {
			out = append(out, Fetch{broker, r})
		}
	}
	return out
}

// fetchable tells whether a partition may be fetched and returned.
func (p *Partition) fetchable() bool { return !p.Paused && p.valid() }

// valid tells whether what has been fetched of a partition may still be returned.
func (p *Partition) valid() bool { return p.Step == Positioned && !p.Revoking && !p.AwaitsCallback }

func (s *State) buffered(tp kafka.TopicPartition) bool {
	return slices.ContainsFunc(s.buffer, func(b chunk) bool { return b.tp == tp })
}

// Receive takes a Fetch response into the buffer and gives the partitions whose
// position was out of range, which need a reset now. A partition that its broker
// does not lead is fetched no more until metadata tells its leader (Leaderless).
func (s *State) Receive(r *kafka.FetchResponse) (outOfRange []kafka.TopicPartition) {
	for _, f := range r.Partitions {
		p := s.Find(f.TopicPartition)
		if p == nil || p.Step != Positioned {
			continue // revoked or reset meanwhile
		}
		switch f.Err {
		case kafka.ErrNone:
			s.buffer = append(s.buffer, chunk{f.TopicPartition, f.From, f.To, f.Size})
		case kafka.ErrOffsetOutOfRange:
			p.Step, p.OutOfRange = NeedsReset, true
			outOfRange = append(outOfRange, f.TopicPartition)
		default:
			p.Leader = 0
		}
	}
	return outOfRange
}

// Collect takes at most left records from the buffer, chunk by chunk in arrival
// order, and moves the positions on (FetchCollector.collectFetch). A chunk that
// ends exactly with the last record asked for stays, empty, until the next
// attempt to read past its end. Chunks of paused partitions go to the end of the
// buffer, or are dropped, to be fetched again.
func (s *State) Collect(left int64, l *Limits) []client.Range {
	var out, paused = []client.Range(nil), []chunk(nil)
	for left > 0 && len(s.buffer) > 0 {
		b := &s.buffer[0]
		p := s.Find(b.tp)
		if p == nil || !p.valid() || p.Position != b.from || p.Paused {
			if p != nil && p.Paused && l.KeepsPaused {
				paused = append(paused, *b)
			}
			s.buffer = slices.Delete(s.buffer, 0, 1)
			continue
		}
		n := min(left, b.to-b.from)
		if n > 0 {
			out = append(out, client.Range{TopicPartition: b.tp, From: b.from, To: b.from + n, Size: b.size})
			b.from += n
			p.Position += n
			p.WithEpoch = true
			s.moveToEnd(b.tp)
		}
		if left -= n; left > 0 {
			s.buffer = slices.Delete(s.buffer, 0, 1)
		}
	}
	s.buffer = append(s.buffer, paused...)
	return out
}

// moveToEnd makes a partition the last to be fetched (movePartitionToEnd).
func (s *State) moveToEnd(tp kafka.TopicPartition) {
	i := slices.IndexFunc(s.parts, func(p Partition) bool { return p.TopicPartition == tp })
	p := s.parts[i]
	s.parts = append(slices.Delete(s.parts, i, i+1), p)
}

// Buffered is what has been fetched and not returned.
func (s *State) Buffered() (records, bytes int64) {
	for _, b := range s.buffer {
		records += b.to - b.from
		bytes += (b.to - b.from) * b.size
	}
	return records, bytes
}
