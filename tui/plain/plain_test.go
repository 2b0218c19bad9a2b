package plain

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"ksim/internal/golden"
	"ksim/sim/clock"
	"ksim/sim/trace"

	"pgregory.net/rapid"
)

func write(t *testing.T, r run, o Options) string {
	t.Helper()
	if o.Version == "" {
		o.Version = "0.1.0"
	}
	var b bytes.Buffer
	w := New(&b, r.scenario, o)
	for i := range r.events {
		w.Event(&r.events[i])
	}
	if err := w.Finish(r.summary); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestOutput keeps whole outputs: each file is to be read as its reader would.
func TestOutput(t *testing.T) {
	slow := recorded(t, "librdkafka-slow-upload", MemberFigures{Records: 1200, Repeated: 534, Polls: 1800, LongestGap: clock.Ms(12_001)})
	crash := recorded(t, "java-crash-range",
		MemberFigures{Records: 1238, Polls: 60, LongestGap: clock.Ms(1003), Commits: 22},
		MemberFigures{Records: 439, Polls: 25, LongestGap: clock.Ms(1001), Commits: 9},
		MemberFigures{Records: 1241, Polls: 61, LongestGap: clock.Ms(1002), Commits: 23})
	late := recorded(t, "java-max-poll",
		MemberFigures{Records: 3140, Polls: 90, LongestGap: clock.Ms(1010), Commits: 60},
		MemberFigures{Records: 1300, Polls: 44, LongestGap: clock.Ms(18_010), Commits: 21})
	freeze := recorded(t, "java-freeze",
		MemberFigures{Records: 1683, Polls: 80, LongestGap: clock.Ms(1004), Commits: 41},
		MemberFigures{Records: 1062, Polls: 51, LongestGap: clock.Ms(12_095), Commits: 24},
		MemberFigures{Records: 1709, Polls: 82, LongestGap: clock.Ms(1004), Commits: 42})
	for _, c := range []struct {
		name string
		run  run
		o    Options
	}{
		{"six-minutes", sixMinutes(t), Options{}},
		{"six-minutes-ascii", sixMinutes(t), Options{ASCII: true}},
		{"six-minutes-80", sixMinutes(t), Options{Width: 80}},
		{"six-minutes-colour", sixMinutes(t), Options{Colour: true}},
		{"many-uploads", manyUploads(t), Options{}},
		{"librdkafka-slow-upload", slow, Options{}},
		{"java-crash-range", crash, Options{}},
		{"java-crash-range-all", crash, Options{All: true}},
		{"java-crash-range-80", crash, Options{Width: 80}},
		{"java-max-poll", late, Options{}},
		{"java-freeze", freeze, Options{}},
		{"three-groups", threeGroups(t), Options{}},
		{"three-groups-80", threeGroups(t), Options{Width: 80}},
		{"forty-members", fortyMembers(t), Options{}},
		{"restarted", restarted(t), Options{}},
		{"unnoticed", unnoticed(t), Options{}},
		{"empty", (&composed{}).finish(load(t, "empty"), MemberFigures{}), Options{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := write(t, c.run, c.o)
			golden.File(t, "testdata/"+c.name+".txt", got)
			shape(t, got, c.o)
		})
	}
}

// shape: whatever is written keeps to the width, has no spaces at the ends of
// lines, and no more than ASCII if asked so.
func shape(t *testing.T, text string, o Options) {
	t.Helper()
	width := o.Width
	if width == 0 {
		width = 120
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if !o.Colour && utf8.RuneCountInString(line) > width && !strings.HasPrefix(line, "  ksim run ") {
			t.Errorf("%d columns: %s", utf8.RuneCountInString(line), line)
		}
		if strings.HasSuffix(line, " ") {
			t.Errorf("spaces at the end: %q", line)
		}
		if o.ASCII && strings.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
			t.Errorf("not ASCII: %s", line)
		}
	}
}

// TestColourSaysNothingMore: without its codes the coloured text is the plain one.
func TestColourSaysNothingMore(t *testing.T) {
	plain, coloured := write(t, sixMinutes(t), Options{}), write(t, sixMinutes(t), Options{Colour: true})
	var b strings.Builder
	for i, s := range strings.Split(coloured, "\x1b[") {
		if i > 0 {
			s = s[strings.IndexByte(s, 'm')+1:]
		}
		b.WriteString(s)
	}
	if b.String() != plain {
		t.Error("the coloured text differs in more than colour")
	}
}

// TestStreams: rows come out while the run goes on, so that a long run can be
// watched, and never out of order.
func TestStreams(t *testing.T) {
	r := sixMinutes(t)
	w := New(&bytes.Buffer{}, r.scenario, Options{})
	for i := range r.events {
		w.Event(&r.events[i])
		if len(w.open) > 4 {
			t.Fatalf("%d rows wait at %s", len(w.open), r.events[i].At)
		}
		for k := 1; k < len(w.open); k++ {
			if w.open[k].at < w.open[k-1].at && w.open[k].mark != markRoutine {
				t.Fatalf("rows out of order at %s", r.events[i].At)
			}
		}
	}
}

// TestUnknownEvents: types and names that this package does not know are shown
// or passed over, never a panic: traces grow.
func TestUnknownEvents(t *testing.T) {
	r := sixMinutes(t)
	var b bytes.Buffer
	w := New(&b, r.scenario, Options{})
	w.Event(&trace.Event{Type: "member.danced", Group: "s3-sink", Member: "A"})
	w.Event(&trace.Event{Type: trace.MemberLeft, Group: "s3-sink", Member: "nobody"})
	w.Event(&trace.Event{Type: trace.GroupStabilized, Group: "no-such-group"})
	if err := w.Finish(Summary{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "member.danced") {
		t.Error(b.String())
	}
}

// TestAnyTrace: whatever happens in whatever order, there is no panic, lines
// keep to the width and instants never go back.
func TestAnyTrace(t *testing.T) {
	s := load(t, "three-groups")
	types := []trace.Type{
		trace.GroupRebalancing, trace.GroupStabilized, trace.GroupEmptied, trace.GroupEpoch, trace.MemberLeft, trace.MemberRemoved,
		trace.MemberFenced, trace.MemberStarted, trace.MemberStopped, trace.MemberCrashed, trace.MemberFrozen, trace.MemberThawed,
		trace.PartitionsAssigned, trace.PartitionsRevoked, trace.PartitionsLost, trace.PollExceeded, trace.PollFailed, trace.CommitFailed,
		trace.WorkStarted, trace.WorkFinished, trace.Log, trace.TopicPartitions, trace.ProducerRate, trace.NetResponse, trace.AppPoll,
		trace.MemberIsolated, trace.MemberReached, trace.BrokerFailed, trace.BrokerFenced, trace.BrokerReturned, trace.PartitionLeader,
		trace.GroupCoordinator, trace.RecordsTruncated, trace.RecordsExpired, trace.RecordsDeleted,
	}
	members := []string{"", "A", "B", "C", "D", "E"}
	groups := []string{"", "billing", "billing", "shipping", "shipping", "audit"}
	rapid.Check(t, func(r *rapid.T) {
		o := Options{Width: rapid.IntRange(0, 200).Draw(r, "width"), ASCII: rapid.Bool().Draw(r, "ascii"), All: rapid.Bool().Draw(r, "all")}
		var b bytes.Buffer
		w := New(&b, s, o)
		at := clock.Time(0)
		for range rapid.IntRange(0, 60).Draw(r, "events") {
			at += clock.Time(rapid.SampledFrom([]int64{0, 0, 1000, 40_000, 3_000_000}).Draw(r, "later"))
			who := rapid.IntRange(0, 5).Draw(r, "who")
			w.Event(&trace.Event{
				At: at, Type: rapid.SampledFrom(types).Draw(r, "type"), Group: groups[who], Member: members[who],
				Reason: rapid.SampledFrom([]string{"", trace.ReasonSessionTimeout, trace.ReasonMemberJoined}).Draw(r, "reason"),
				Broker: rapid.Int32Range(0, 2).Draw(r, "broker"), Records: rapid.Int64Range(0, 3).Draw(r, "records"),
				What: "Heartbeat", Level: "WARN", Text: rapid.StringN(0, 200, -1).Draw(r, "text"),
				Partitions: even("orders", 4, 2, rapid.IntRange(0, 1).Draw(r, "part")),
			})
		}
		if err := w.Finish(Summary{End: at}); err != nil {
			r.Fatal(err)
		}
		width, latest := max(cmp.Or(o.Width, 120), 80), ""
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if utf8.RuneCountInString(line) > width && !strings.HasPrefix(line, "  ksim run ") {
				r.Fatalf("%d columns: %s", utf8.RuneCountInString(line), line)
			}
			if stamp := regexp.MustCompile(`^ *(\d+m\d\d\.\d{3}) `).FindStringSubmatch(line); stamp != nil {
				if now := fmt.Sprintf("%12s", stamp[1]); now < latest {
					r.Fatalf("%s after %s", now, latest)
				} else {
					latest = now
				}
			}
		}
	})
}

type brokenPipe struct{}

var errPipe = errors.New("broken pipe")

func (brokenPipe) Write([]byte) (int, error) { return 0, errPipe }

// TestWriteError: the caller learns that the reader has gone.
func TestWriteError(t *testing.T) {
	r := sixMinutes(t)
	w := New(brokenPipe{}, r.scenario, Options{})
	if err := w.Finish(r.summary); !errors.Is(err, errPipe) {
		t.Errorf("got %v", err)
	}
}

// TestUnmarked: Markdown's stars are not shown, those of code are.
func TestUnmarked(t *testing.T) {
	const story = "**Watch:** until then *no* partition; `gather(polling, *workers, x=True)`: 2 * 3 * 4"
	if got, want := Unmarked(story), "Watch: until then no partition; `gather(polling, *workers, x=True)`: 2 * 3 * 4"; got != want {
		t.Errorf("%q, expected %q", got, want)
	}
}
