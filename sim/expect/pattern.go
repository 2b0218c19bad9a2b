package expect

import (
	"slices"
	"strconv"
	"strings"

	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// Match tells whether a pattern picks the event: the type and each field must
// be equal, the text must be contained.
func Match(p *scenario.Pattern, e *trace.Event) bool {
	if e.Type != p.Type || !strings.Contains(e.Text, p.Text) {
		return false
	}
	for _, f := range p.Fields {
		if !hasField(e, f) {
			return false
		}
	}
	return true
}

// hasField tells whether the event's field of that name equals the value. The
// order in which a file lists partitions does not matter.
func hasField(e *trace.Event, f scenario.Field) bool {
	switch want := f.Value.(type) {
	case []string:
		got, _ := field(e, f.Name).([]string)
		return slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want)))
	case []kafka.OffsetCommit:
		return slices.EqualFunc(offsets(e, f.Name), want, func(a, b kafka.OffsetCommit) bool {
			return a.TopicPartition == b.TopicPartition && a.Offset == b.Offset
		})
	case string:
		got, _ := field(e, f.Name).(string)
		return got == want || f.Name == "error" && isCode(got, want)
	default:
		return field(e, f.Name) == want
	}
}

// isCode tells whether code is what an error begins with that has its words behind a
// colon, as kgo's have: UNKNOWN_MEMBER_ID: The coordinator is not aware of this member.
func isCode(text, code string) bool {
	before, _, words := strings.Cut(text, ": ")
	return words && before == code
}

// offsets gives a field of partitions and their offsets.
func offsets(e *trace.Event, name string) []kafka.OffsetCommit {
	if name == "end" {
		return e.End
	}
	return e.Committed // of offsets; of commit.done its field is `offsets`
}

// field gives a field under its name in JSON: a string, an int64 or a
// []string; nil when events have no such field.
func field(e *trace.Event, name string) any {
	switch name {
	case "committed", "offsets", "end":
		var s []string
		for _, o := range offsets(e, name) {
			s = append(s, o.String()+": "+strconv.FormatInt(o.Offset, 10))
		}
		return s
	case "group":
		return e.Group
	case "member":
		return e.Member
	case "broker":
		return int64(e.Broker)
	case "generation":
		return int64(e.Generation)
	case "epoch":
		return int64(e.Epoch)
	case "members":
		return int64(e.Members)
	case "reason":
		return e.Reason
	case "partitions":
		names := make([]string, len(e.Partitions))
		for i, tp := range e.Partitions {
			names[i] = tp.String()
		}
		return names
	case "error":
		return e.Error
	case "level":
		return e.Level
	case "text":
		return e.Text
	case "what", "to", "timeout":
		return e.What
	case "records":
		return e.Records
	case "repeated":
		return e.Repeated
	case "queue":
		return e.Queue
	case "message":
		return e.Message
	case "receives":
		return int64(e.Receives)
	case "stale":
		return strconv.FormatBool(e.Stale)
	case "ignored":
		return strconv.FormatBool(e.Ignored)
	case "visible":
		return e.Records
	case "in-flight":
		return e.InFlight
	case "delayed":
		return e.Delayed
	}
	return nil
}

// describePattern prints a pattern as in `member.left (member A, reason …)`.
func describePattern(p *scenario.Pattern) string {
	var keys []string
	for _, f := range p.Fields {
		keys = append(keys, f.Name+" "+describeValue(f.Value))
	}
	if p.Text != "" {
		keys = append(keys, "text with "+strconv.Quote(p.Text))
	}
	if len(keys) == 0 {
		return string(p.Type)
	}
	return string(p.Type) + " (" + strings.Join(keys, ", ") + ")"
}

func describeValue(v any) string {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case []string:
		return "[" + strings.Join(v, ", ") + "]"
	case []kafka.OffsetCommit:
		return describeValue(field(&trace.Event{Committed: v}, "committed"))
	case string:
		if v != "" {
			return v
		}
	}
	return "none"
}

// differences says in which keys of the pattern an event of its type differs.
func differences(p *scenario.Pattern, e *trace.Event) string {
	var d []string
	for _, f := range p.Fields {
		if !hasField(e, f) {
			d = append(d, f.Name+" "+describeValue(field(e, f.Name)))
		}
	}
	if !strings.Contains(e.Text, p.Text) {
		d = append(d, "text "+strconv.Quote(e.Text))
	}
	return strings.Join(d, ", ")
}
