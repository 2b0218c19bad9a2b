package expect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ksim/internal/golden"
	"ksim/sim/clock"
	"ksim/sim/expect/tracetest"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { golden.Main(m) }

// figures is what a test's run says beside events: for each question a figure
// that holds all the time, or one that grows by so much a second. It refuses
// to answer for instants that were not to be sampled.
type figures struct {
	t        *testing.T
	constant map[string]int64
	perSec   map[string]int64
	sampled  []clock.Time
}

func (f *figures) at(at clock.Time, question ...string) int64 {
	f.t.Helper()
	if !slices.Contains(f.sampled, at) {
		f.t.Fatalf("%v was asked for at %s, which Samples did not name", question, at)
	}
	q := strings.Join(question, " ")
	return f.constant[q] + f.perSec[q]*int64(at/clock.Second)
}

func (f *figures) Lag(group string, tp kafka.TopicPartition, at clock.Time) int64 {
	if tp.Topic == "" {
		return f.at(at, "lag", group)
	}
	return f.at(at, "lag", group, tp.String())
}

func (f *figures) Processed(group, member string, at clock.Time) int64 {
	return f.at(at, "processed", group+member)
}

func (f *figures) Repeated(group, member string, at clock.Time) int64 {
	return f.at(at, "repeated", group+member)
}

func (f *figures) Lost(group string, at clock.Time) int64 { return f.at(at, "lost", group) }

func (f *figures) Buffer(group, member, of string, at clock.Time) (records, bytes int64) {
	return f.at(at, "records", group+member, of), f.at(at, "bytes", group+member, of)
}

// set reads lines such as `lag processors = 100 + 50/s`.
func (f *figures) set(text string) error {
	f.constant, f.perSec = map[string]int64{}, map[string]int64{}
	for line := range strings.Lines(text) {
		question, figure, _ := strings.Cut(strings.TrimSpace(line), " = ")
		for term := range strings.SplitSeq(figure, " + ") {
			digits, grows := strings.CutSuffix(term, "/s")
			n, err := strconv.ParseInt(digits, 10, 64)
			if err != nil {
				return err
			}
			if grows {
				f.perSec[question] = n
			} else {
				f.constant[question] = n
			}
		}
	}
	return nil
}

// TestTranscripts judges expectations over small runs. The commands:
//
//	scenario           a scenario file without `expect`
//	events [end=40s]   the run's events, one JSON object a line
//	figures            what the engine would answer, see figures.set
//	expect             entries of `expect`, one a line; prints the verdicts
//	samples            entries of `expect`; prints the instants to be sampled
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var file string
		f := &figures{t: t}
		run := Run{Figures: f}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			f.t = t
			switch d.Cmd {
			case "scenario":
				file = d.Input
				run.Scenario = load(t, file, "")
				run.End = run.Scenario.Duration
				return "runs for " + run.Scenario.Duration.String() + "\n"
			case "events":
				var err error
				if run.Events, err = tracetest.Events(d.Input); err != nil {
					d.Fatalf(t, "%v", err)
				}
				run.End = run.Scenario.Duration
				if d.HasArg("end") {
					var seconds int
					d.ScanArgs(t, "end", &seconds)
					run.End = clock.Time(seconds) * clock.Second
				}
				return fmt.Sprintf("%d events to %s\n", len(run.Events), run.End)
			case "figures":
				if err := f.set(d.Input); err != nil {
					d.Fatalf(t, "%v", err)
				}
				return ""
			case "samples":
				var s []string
				for _, at := range Samples(load(t, file, d.Input).Expect, run.End) {
					s = append(s, at.String())
				}
				return strings.Join(s, " ") + "\n"
			case "expect":
				run.Scenario = load(t, file, d.Input)
				f.sampled = Samples(run.Scenario.Expect, run.End)
				var b strings.Builder
				for _, v := range Judge(run.Scenario.Expect, run) {
					b.WriteString(v.Text(run, 0))
				}
				return b.String()
			}
			d.Fatalf(t, "unknown command %s", d.Cmd)
			return ""
		})
	})
}

// load reads a scenario with the given entries of `expect`.
func load(t *testing.T, file, entries string) *scenario.Scenario {
	t.Helper()
	if entries != "" {
		file += "\nexpect:\n"
		for line := range strings.Lines(entries) {
			file += "  - " + line
		}
	}
	s, found := scenario.Load("demo.yaml", []byte(file), scenario.Options{})
	if s == nil {
		t.Fatal(found)
	}
	return s
}

// TestFormsAgree: over any run, `never` is the contrary of `event`, and both
// agree with `count`; an order of one entry is an event.
func TestFormsAgree(t *testing.T) {
	types := []trace.Type{trace.MemberLeft, trace.GroupRebalancing, trace.CommitFailed}
	rapid.Check(t, func(t *rapid.T) {
		var events []trace.Event
		at := clock.Time(0)
		for i := range rapid.IntRange(0, 30).Draw(t, "events") {
			at += clock.Time(rapid.Int64Range(0, 2000).Draw(t, "gap"))
			events = append(events, trace.Event{
				At: at, Seq: uint64(i + 1), Type: rapid.SampledFrom(types).Draw(t, "type"),
				Member: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "member"),
			})
		}
		e := scenario.Expectation{
			Match: scenario.Pattern{Type: rapid.SampledFrom(types).Draw(t, "sought")},
			Bound: scenario.Bound{AtLeast: new(int64(1))},
		}
		e.Window.From = clock.Time(rapid.Int64Range(0, 30_000).Draw(t, "from"))
		e.Window.To = e.Window.From + clock.Time(rapid.Int64Range(0, 30_000).Draw(t, "length"))
		if rapid.Bool().Draw(t, "of A") {
			e.Match.Fields = []scenario.Field{{Name: "member", Value: "A"}}
		}
		e.Order = []scenario.Pattern{e.Match}
		run := Run{Scenario: &scenario.Scenario{Duration: clock.Minute}, Events: events, End: clock.Minute}
		var ok [4]bool
		for i, kind := range []scenario.ExpectKind{scenario.ExpectEvent, scenario.ExpectNever, scenario.ExpectCount, scenario.ExpectOrder} {
			e.Kind = kind
			v := Judge([]scenario.Expectation{e}, run)[0]
			ok[i] = v.OK
			if v.OK && v.Text(run, 0) == "" || !v.OK && !strings.Contains(v.Text(run, 0), "  want  ") {
				t.Fatalf("no text: %+v", v)
			}
		}
		if ok[0] == ok[1] || ok[0] != ok[2] || ok[0] != ok[3] {
			t.Fatalf("event, never, count, order: %v", ok)
		}
	})
}

// TestFields: what the trace prints under a name is what an expectation finds
// under it.
func TestFields(t *testing.T) {
	e := trace.Event{
		Type: trace.MemberRemoved, Group: "g", Member: "A", Broker: 2, Generation: 3, Epoch: 8, Members: 4, Reason: "r", Error: "e",
		Level: "INFO", Text: "words", What: "w", Records: 5, Repeated: 6,
		Queue: "q", Message: "q-1", Receives: 2, Stale: true, InFlight: 11, Delayed: 12,
		Partitions: []kafka.TopicPartition{{Topic: "events", Partition: 10}, {Topic: "events", Partition: 2}},
		Committed:  []kafka.OffsetCommit{{TopicPartition: kafka.TopicPartition{Topic: "events"}, Offset: 7, MetadataLength: 9}},
	}
	for _, f := range []scenario.Field{
		{Name: "group", Value: "g"}, {Name: "member", Value: "A"}, {Name: "broker", Value: int64(2)},
		{Name: "generation", Value: int64(3)}, {Name: "epoch", Value: int64(8)}, {Name: "members", Value: int64(4)},
		{Name: "reason", Value: "r"}, {Name: "error", Value: "e"}, {Name: "level", Value: "INFO"}, {Name: "text", Value: "words"},
		{Name: "what", Value: "w"}, {Name: "records", Value: int64(5)}, {Name: "repeated", Value: int64(6)},
		{Name: "queue", Value: "q"}, {Name: "message", Value: "q-1"}, {Name: "receives", Value: int64(2)},
		{Name: "stale", Value: "true"}, {Name: "ignored", Value: "false"}, {Name: "to", Value: "w"}, {Name: "timeout", Value: "w"},
		{Name: "visible", Value: int64(5)}, {Name: "in-flight", Value: int64(11)}, {Name: "delayed", Value: int64(12)},
		{Name: "partitions", Value: []string{"events-2", "events-10"}},
		{Name: "committed", Value: []kafka.OffsetCommit{{TopicPartition: kafka.TopicPartition{Topic: "events"}, Offset: 7}}},
	} {
		if !hasField(&e, f) {
			t.Errorf("%s is not %v but %v", f.Name, f.Value, field(&e, f.Name))
		}
	}
	for _, f := range []scenario.Field{
		{Name: "member", Value: "B"}, {Name: "generation", Value: "3"}, {Name: "partitions", Value: []string{"events-2"}},
		{Name: "end", Value: []kafka.OffsetCommit{{Offset: 7}}}, {Name: "nothing", Value: "x"},
	} {
		if hasField(&e, f) {
			t.Errorf("%s is %v", f.Name, f.Value)
		}
	}
}

// An error that brings its words along (kgo's do) is named by its code alone, too; by
// a part of a code it is not, and no other field by its beginning.
func TestErrorByItsCode(t *testing.T) {
	e := &trace.Event{Type: trace.CommitFailed, Error: "UNKNOWN_MEMBER_ID: The coordinator is not aware of this member.", Member: "A: b"}
	for _, c := range []struct {
		field, value string
		matches      bool
	}{
		{"error", "UNKNOWN_MEMBER_ID", true},
		{"error", "UNKNOWN_MEMBER_ID: The coordinator is not aware of this member.", true},
		{"error", "UNKNOWN_MEMBER", false},
		{"error", "UNKNOWN_MEMBER_ID: The", false},
		{"member", "A", false},
	} {
		p := &scenario.Pattern{Type: trace.CommitFailed, Fields: []scenario.Field{{Name: c.field, Value: c.value}}}
		if Match(p, e) != c.matches {
			t.Errorf("%s %q: matches is %v", c.field, c.value, !c.matches)
		}
	}
}
