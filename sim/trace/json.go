package trace

import (
	"bytes"
	"encoding/json"
	"strconv"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// AppendHeader appends the first line of `--format jsonl`.
func AppendHeader(b []byte, scenario string, seed uint64, version string) []byte {
	b = append(b, `{"ksim":1,"scenario":`...)
	b = appendString(b, scenario)
	b = append(b, `,"seed":`...)
	b = strconv.AppendUint(b, seed, 10)
	b = append(b, `,"version":`...)
	b = appendString(b, version)
	return append(b, "}\n"...)
}

// AppendJSON appends the event as one line of `--format jsonl`, its fields in
// the contract's order.
func AppendJSON(b []byte, e *Event) []byte {
	b = append(b, `{"t":`...)
	b = appendMillis(b, e.At)
	b = append(b, `,"seq":`...)
	b = strconv.AppendUint(b, e.Seq, 10)
	b = append(b, `,"cause":`...)
	b = strconv.AppendUint(b, e.Cause, 10)
	b = appendText(b, "type", string(e.Type))
	if e.Type.OfQueue() {
		b = appendText(b, "queue", e.Queue)
		if e.Type != QueueDepth {
			b = appendText(b, "message", e.Message)
		}
	}
	if e.Group != "" {
		b = appendText(b, "group", e.Group)
	}
	if e.Broker != 0 {
		b = appendInt(b, "broker", int64(e.Broker))
	}
	b = appendFields(b, e)
	return append(b, "}\n"...)
}

// appendFields appends what the type carries beside the group.
func appendFields(b []byte, e *Event) []byte {
	b = appendGroupFields(b, e)
	if e.Member != "" {
		b = appendText(b, "member", e.Member)
	}
	switch e.Type {
	case MemberLeft, MemberRemoved:
		b = appendText(b, "reason", e.Reason)
	case MemberCrashed:
		if e.Reason != "" {
			b = appendText(b, "reason", e.Reason)
		}
	case PartitionsAssigned, PartitionsRevoked, PartitionsLost, PartitionLeader, RecordsTruncated, RecordsExpired, RecordsDeleted:
		b = appendPartitionFields(b, e)
	case PollExceeded:
		b = appendText(b, "text", e.Text)
	case CommitFailed, PollFailed:
		b = appendText(b, "error", e.Error)
		b = appendText(b, "text", e.Text)
	case MemberStopped:
		if e.Error != "" { // an exception ended it
			b = appendText(b, "error", e.Error)
			b = appendText(b, "text", e.Text)
		}
	case WorkStarted, WorkFinished:
		b = appendText(b, "what", e.What)
		b = appendInt(b, "records", e.Records)
	case Processed:
		b = appendInt(b, "records", e.Records)
		b = appendInt(b, "repeated", e.Repeated)
	case Log:
		b = appendText(b, "level", e.Level)
		b = appendText(b, "text", e.Text)
		if len(e.More) > 0 {
			b = appendTexts(b, "more", e.More)
		}
	case CommitDone:
		b = appendOffsets(b, "offsets", e.Committed, invalidOffset)
	case AppPoll:
		b = appendInt(b, "records", e.Records)
	case AppError:
		b = appendText(b, "what", e.What)
		b = appendPartitions(b, e.Partitions)
	case TxnInitialized, TxnBegun, TxnCommitting, TxnAborting, TxnCommitted, TxnAborted:
		b = appendText(b, "what", e.What)
		b = appendInt(b, "epoch", int64(e.Epoch))
		if e.Reason != "" {
			b = appendText(b, "reason", e.Reason)
		}
	case TopicPartitions, ProducerRate, NetRequest, NetResponse:
		b = appendText(b, "what", e.What)
		if e.Error != "" {
			b = appendText(b, "error", e.Error)
		}
	}
	return appendQueueFields(b, e)
}

// appendGroupFields writes what a group's event has before the member that it is about.
func appendGroupFields(b []byte, e *Event) []byte {
	switch e.Type {
	case GroupRebalancing:
		b = appendInt(b, "generation", int64(e.Generation))
		b = appendText(b, "reason", e.Reason)
	case GroupEpoch:
		b = appendInt(b, "epoch", int64(e.Epoch))
		b = appendText(b, "reason", e.Reason)
	case GroupStabilized:
		b = appendInt(b, "generation", int64(e.Generation))
		b = appendInt(b, "members", int64(e.Members))
	case GroupEmptied:
		b = appendInt(b, "generation", int64(e.Generation))
	case Offsets:
		b = appendOffsets(b, "committed", e.Committed, invalidOffset)
		b = appendOffsets(b, "end", e.End, 0)
		if len(e.Completed) > 0 {
			b = appendOffsets(b, "completed", e.Completed, 0)
		}
	}
	return b
}

// appendPartitionFields writes what an event of partitions has.
func appendPartitionFields(b []byte, e *Event) []byte {
	b = appendPartitions(b, e.Partitions)
	switch e.Type {
	case RecordsTruncated, RecordsExpired:
		b = appendInt(b, "records", e.Records)
	case RecordsDeleted:
		b = appendInt(b, "records", e.Records)
		b = appendOffsets(b, "start", e.End, 0)
	}
	return b
}

// appendQueueFields writes what an event of a queue has.
func appendQueueFields(b []byte, e *Event) []byte {
	switch e.Type {
	case QueueReceived, QueueExpired:
		b = appendInt(b, "receives", int64(e.Receives))
	case QueueExtended, QueueGivenBack:
		b = appendInt(b, "receives", int64(e.Receives))
		b = appendText(b, "timeout", e.What)
	case QueueDeadLettered:
		b = appendInt(b, "receives", int64(e.Receives))
		b = appendText(b, "to", e.What)
	case QueueDeleted:
		b = appendInt(b, "receives", int64(e.Receives))
		b = appendBool(b, "stale", e.Stale)
		if e.Ignored {
			b = appendBool(b, "ignored", true)
		}
	case QueueDepth:
		b = appendInt(b, "visible", e.Records)
		b = appendInt(b, "in-flight", e.InFlight)
		b = appendInt(b, "delayed", e.Delayed)
	}
	return b
}

// appendMillis writes virtual milliseconds with at most three decimals.
func appendMillis(b []byte, t clock.Time) []byte {
	b = strconv.AppendInt(b, int64(t/clock.Millisecond), 10)
	us := int64(t % clock.Millisecond)
	if us == 0 {
		return b
	}
	d := [4]byte{'.', byte('0' + us/100), byte('0' + us/10%10), byte('0' + us%10)}
	n := 4
	for d[n-1] == '0' {
		n--
	}
	return append(b, d[:n]...)
}

func appendKey(b []byte, key string) []byte {
	b = append(b, ',', '"')
	b = append(b, key...)
	return append(b, '"', ':')
}

func appendInt(b []byte, key string, v int64) []byte {
	return strconv.AppendInt(appendKey(b, key), v, 10)
}

func appendBool(b []byte, key string, v bool) []byte {
	return strconv.AppendBool(appendKey(b, key), v)
}

func appendText(b []byte, key, v string) []byte { return appendString(appendKey(b, key), v) }

// appendString quotes as JSON does, without escaping <, > and &.
func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			var q bytes.Buffer
			enc := json.NewEncoder(&q)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(s); err != nil { // a string always encodes
				panic(err)
			}
			return append(b, bytes.TrimSuffix(q.Bytes(), []byte("\n"))...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func appendTexts(b []byte, key string, texts []string) []byte {
	b = append(appendKey(b, key), '[')
	for i, text := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, text)
	}
	return append(b, ']')
}

func appendPartitions(b []byte, p []kafka.TopicPartition) []byte {
	b = append(appendKey(b, "partitions"), '[')
	for i, tp := range p {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, tp.String())
	}
	return append(b, ']')
}

// invalidOffset is how a trace writes that nothing is committed: as librdkafka does
// (RD_KAFKA_OFFSET_INVALID).
const invalidOffset = -1001

// appendOffsets writes offsets by partition; none is written for what has none.
func appendOffsets(b []byte, key string, o []kafka.OffsetCommit, none int64) []byte {
	b = append(appendKey(b, key), '{')
	for i := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, o[i].Topic...)
		b = append(b, '-')
		b = strconv.AppendInt(b, int64(o[i].Partition), 10)
		b = append(b, '"', ':')
		v := o[i].Offset
		if v < 0 {
			v = none
		}
		b = strconv.AppendInt(b, v, 10)
	}
	return append(b, '}')
}
