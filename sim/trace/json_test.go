package trace

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ksim/internal/golden"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// filled is an event with every field set: a line shows which of them its type
// carries, and in which order.
func filled(typ Type) Event {
	partitions := []kafka.TopicPartition{{Topic: "t", Partition: 0}, {Topic: "t-x", Partition: 11}}
	return Event{
		At: 14*clock.Second + 500*clock.Microsecond, Seq: 812, Cause: 7, Type: typ,
		Group: "orders", Member: "A", Generation: 3, Epoch: 4, Members: 2, Reason: "member-left",
		Partitions: partitions, Error: "CommitFailedException", Level: "WARN", Text: "a line", What: "upload",
		Records: 50, Repeated: 4,
		Committed: []kafka.OffsetCommit{{TopicPartition: partitions[0], Offset: kafka.NoOffset}, {TopicPartition: partitions[1], Offset: 12}},
		End:       []kafka.OffsetCommit{{TopicPartition: partitions[0], Offset: 0}, {TopicPartition: partitions[1], Offset: 30}},
		Queue:     "tasks", Message: "tasks-17", Receives: 3, Stale: true, Ignored: true, InFlight: 5, Delayed: 6,
	}
}

// TestLines pins the line of every type there is: other programs read them. The
// types come from the source, so that a new one cannot be forgotten here.
func TestLines(t *testing.T) {
	b := AppendHeader(nil, `rolling "deploy"`, 18446744073709551615, "0.1.0")
	for _, typ := range types(t) {
		e := filled(typ)
		b = AppendJSON(b, &e)
		if !json.Valid(b[strings.LastIndexByte(string(b[:len(b)-1]), '\n')+1:]) {
			t.Errorf("%s is no JSON", typ)
		}
	}
	golden.File(t, "testdata/lines.jsonl", string(b))
}

// types is the value of every constant of type Type, in the order of the source.
func types(t *testing.T) (all []Type) {
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == "Type" {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, Type(value))
		}
		return true
	})
	return all
}

// TestSparse pins what becomes of fields that are not set: the ones that a type
// always carries are there, empty; group, member, broker and error are left out.
func TestSparse(t *testing.T) {
	var b []byte
	for _, e := range []Event{
		{Type: GroupRebalancing, Group: "g"},
		{Type: PartitionsRevoked, Group: "g", Member: "A"},
		{Type: Offsets, Group: "g"},
		{Type: MemberCrashed, Group: "g", Member: "A"},
		{Type: MemberStopped, Group: "g", Member: "A"},
		{Type: Log, Broker: 2, Level: "INFO", Text: "a broker's line"},
		{Type: NetRequest, What: "Heartbeat"},
		{Type: TopicPartitions, What: "t 4"},
	} {
		b = AppendJSON(b, &e)
	}
	golden.File(t, "testdata/sparse.jsonl", string(b))
}

// TestTime: milliseconds with as many decimals as there are, at most three.
func TestTime(t *testing.T) {
	for at, want := range map[clock.Time]string{
		0: "0", 1: "0.001", 10: "0.01", 100: "0.1", 120: "0.12", 123: "0.123",
		14 * clock.Second: "14000", 14*clock.Second + 50: "14000.05", clock.MaxTime: "72057594037927.936",
	} {
		line := string(AppendJSON(nil, &Event{At: at, Type: GroupEmptied}))
		if !strings.HasPrefix(line, `{"t":`+want+`,"seq"`) {
			t.Errorf("%d µs: %s", at, line)
		}
	}
}

// TestEscaping: any text comes back as it was, and what JSON lets pass stands as it
// is, in texts that need escaping elsewhere too.
func TestEscaping(t *testing.T) {
	got := string(AppendJSON(nil, &Event{Type: Log, Text: "a \"quoted\" <tag> & a\ttab\\"}))
	if want := `"text":"a \"quoted\" <tag> & a\ttab\\"}`; !strings.Contains(got, want) {
		t.Fatalf("%s, want %s", got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		var back struct{ Text string }
		if err := json.Unmarshal(AppendJSON(nil, &Event{Type: Log, Text: text}), &back); err != nil || back.Text != text {
			t.Fatalf("%q comes back as %q, %v", text, back.Text, err)
		}
	})
}
