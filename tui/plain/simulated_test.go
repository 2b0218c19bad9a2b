package plain

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"ksim/sim"
	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// file is a scenario as a user would write it: a line of sample traffic, then
// what a test adds.
func file(duration, groups, timeline string) string {
	s := "ksim: 1\nduration: " + duration + "\ntopics: [{name: t, partitions: 2}]\nproducers: [{topic: t, rate: 10/s}]\ngroups:\n" + groups
	if timeline != "" {
		s += "\ntimeline:\n" + timeline
	}
	return s
}

// simulated runs a scenario file and gives the text, without the figures that
// only the command line has.
func simulated(t *testing.T, name, src string, until clock.Time, set ...scenario.Override) string {
	t.Helper()
	s, found := scenario.Load(name, []byte(src), scenario.Options{BaseName: "simulated", Set: set})
	if len(set) > 0 && len(found) > 0 || s == nil {
		t.Fatal(set, found)
	}
	var b strings.Builder
	w := New(&b, s, Options{All: true})
	world := sim.New(s, sim.Options{Sink: sink(w.Event), Until: until})
	for world.Step() {
	}
	sum := Summary{End: world.End()}
	for _, m := range world.Look().Members {
		sum.Members = append(sum.Members, MemberFigures{InGroup: m.ID != ""})
	}
	if err := w.Finish(sum); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

type sink func(*trace.Event)

func (s sink) Event(e *trace.Event) { s(e) }

// commands are the command lines that a text offers, as a shell reads them: the
// words after `ksim`.
func commands(t *testing.T, text string) [][]string {
	t.Helper()
	_, offered, _ := strings.Cut(text, "Try:\n")
	var all [][]string
	for line := range strings.Lines(offered) {
		if strings.HasPrefix(line, "  # ") {
			continue
		}
		out, err := exec.Command("sh", "-c", `ksim() { printf '%s\n' "$@"; }; `+line).Output()
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"))
	}
	return all
}

var evictionRow = regexp.MustCompile(`(?m)^ *[0-9hm.]+ ✗ `)

// evictions counts the rows of evictions.
func evictions(text string) int { return len(evictionRow.FindAllString(text, -1)) }

// TestLeaving: a member that closes its consumer is not one whose client has
// given it up, whether it was asked to stop or an exception ended it; one that
// is stuck when it is asked to stop is.
func TestLeaving(t *testing.T) {
	const (
		none  = `  - {id: g, client: java, topics: [t], config: {auto.offset.reset: none}, members: [A]}`
		java  = `  - {id: g, client: java, topics: [t], config: {auto.offset.reset: earliest, max.poll.interval.ms: 30000}, members: [A, B]}`
		rdk   = `  - {id: g, client: librdkafka, topics: [t], config: {auto.offset.reset: earliest, max.poll.interval.ms: 45000}, members: [A, B]}`
		three = `  - {id: g, client: librdkafka, topics: [t], config: {auto.offset.reset: earliest}, members: [A, B, C]}`
		stuck = "  - {at: 20s, slow: {A: 80s}}\n  - {at: 25s, stop: A}"
	)
	for _, c := range []struct {
		name, groups, timeline string
		evicted                int
		says                   string
	}{
		{"an exception", none, "", 0, "A ended after an exception: NoOffsetForPartitionException"},
		{"java, stopped", java, "  - {at: 60s, stop: B}", 0, "Nothing was evicted"},
		{"java, stopped while stuck", java, stuck, 1, "A called no poll()"},
		{"librdkafka, stopped", rdk, "  - {at: 60s, stop: B}", 0, "Nothing was evicted"},
		{"librdkafka, stopped with nothing", three, "  - {at: 60s, stop: C}", 0, "Nothing was evicted"},
		{"librdkafka, stopped while stuck", rdk, stuck, 1, "A called no poll()"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := simulated(t, "f.yaml", file("3m", c.groups, c.timeline), 0)
			if n := evictions(text); n != c.evicted || !strings.Contains(text, c.says) {
				t.Errorf("%d evictions, want %d, and %q in:\n%s", n, c.evicted, c.says, text)
			}
		})
	}
}

// TestNothingToGiveBack: Java before 2.4 calls its program back before the first
// rebalance too, when there is nothing; nobody may be said to have given back all.
func TestNothingToGiveBack(t *testing.T) {
	src := strings.Replace(file("30s", "  - {id: g, client: java@2.3, topics: [t], members: [A, B]}", ""), "ksim: 1\n", "ksim: 1\ncluster: {version: '2.8'}\n", 1)
	text := simulated(t, "f.yaml", src, 0)
	if !strings.Contains(text, "A and B are asked to give back what they have: nothing") || strings.Contains(text, "give back all") {
		t.Error(text)
	}
}

// TestOwnersWithoutRevocations: some clients tell their program what it has now and
// never what it has given up; no two members may be said to have one partition.
func TestOwnersWithoutRevocations(t *testing.T) {
	for _, client := range []string{"kafkajs", "kafka-go"} {
		text := simulated(t, "f.yaml", file("1m", "  - {id: g, client: "+client+", topics: [t], members: [A, {name: B, start: 20s}]}", "  - {at: 50s, rate: {t: 1/s}}"), 0)
		said := regexp.MustCompile(`2 members: A has t-([0-9 ]+), B has t-([0-9 ]+)`).FindStringSubmatch(text)
		if said == nil || strings.ContainsAny(strings.ReplaceAll(said[1], " ", ""), strings.ReplaceAll(said[2], " ", "")) {
			t.Errorf("%s: %q are the partitions of both members", client, said)
		}
	}
}

// TestCrashBeforeJoin: nobody can notice that a process has gone of which the
// coordinator has never heard.
func TestCrashBeforeJoin(t *testing.T) {
	const group = `  - {id: g, client: java, topics: [t], config: {auto.offset.reset: earliest}, members: [A, {name: B, start: 5s}]}`
	for at, says := range map[string]string{
		"5004ms": "B crashed at 0m05.004, before it had joined the group.",
		"5009ms": "B crashed at 0m05.009, and to the end the coordinator did not notice",
		"5006ms": "B crashed at 0m05.006, before it had joined the group.",
		"2ms":    "A crashed at 0m00.002, before it had joined the group.",
		"1s":     "A crashed at 0m01.000, and to the end the coordinator did not notice",
	} {
		text := simulated(t, "f.yaml", file("20s", group, "  - {at: "+at+", crash: "+says[:1]+"}"), 0)
		if !strings.Contains(text, says) {
			t.Errorf("no %q in:\n%s", says, text)
		}
	}
}

// TestActionsInVain: the trace is silent about actions that find nothing to act
// on; the text is not.
func TestActionsInVain(t *testing.T) {
	const groups = `  - {id: g, client: java, topics: [t], config: {auto.offset.reset: earliest}, members: [A, B, {name: C, start: 50s}]}`
	text := simulated(t, "f.yaml", file("60s", groups, `
  - {at: 10s, crash: A}
  - {at: 12s, stop: A}
  - {at: 13s, start: A}
  - {at: 14s, start: A}
  - {at: 20s, freeze: B, for: 10s}
  - {at: 25s, freeze: B, for: 1s}
  - {at: 30s, slow: {C: 1s}}
  - {at: 40s, crash: B}
  - {at: 40s, start: B}
  - {at: 51s, slow: {A: 5s}}
  - {at: 52s, stop: A}
  - {at: 53s, start: A}
  - {at: 60s, stop: C}`), 0)
	var got []string
	for line := range strings.Lines(text) {
		if before, _, ok := strings.Cut(line, ", nothing happens"); ok {
			words := strings.Fields(before)
			got = append(got, words[0]+" "+strings.TrimLeft(before[len(words[0]):], " ┊│‖┃"))
		}
	}
	want := "0m12.000 stop A: it is not running|0m14.000 start A: it is running|" +
		"0m25.000 freeze B: it stands still already|0m30.000 slow C: it is not running"
	if strings.Join(got, "|") != want {
		t.Errorf("got %q in:\n%s", got, text)
	}
}

// TestUntilAStamp: a run that ends at the time of a row shows the row, be it in
// the midst of a millisecond.
func TestUntilAStamp(t *testing.T) {
	src := "cluster: {latency: 1.3ms}\n" + file("40s", `  - {id: g, client: java, topics: [t], config: {session.timeout.ms: 10000}, members: [A, B]}`, "  - {at: 12001.7ms, crash: B}")
	text := simulated(t, "f.yaml", src, 0)
	rows := 0
	for line := range strings.Lines(text) {
		stamp, _, _ := strings.Cut(line, " ")
		until, err := scenario.ParseDuration(stamp + "s")
		if err != nil || strings.Contains(line, "the run ends") || until == 0 {
			continue
		}
		rows++
		found := 0
		for again := range strings.Lines(simulated(t, "f.yaml", src, until)) {
			if strings.HasPrefix(again, stamp) && !strings.Contains(again, "the run ends") {
				found++
			}
		}
		if found == 0 {
			t.Errorf("--until %ss does not show: %s", stamp, line)
		}
	}
	if rows < 5 {
		t.Errorf("%d rows in:\n%s", rows, text)
	}
}

// TestStamp: minutes up to an hour, then hours, and never before the instant.
func TestStamp(t *testing.T) {
	for at, want := range map[clock.Time]string{
		0: "0m00.000", 1: "0m00.001", clock.Ms(3): "0m00.003", clock.Hour - 1: "1h00m00.000",
		clock.Ms(450_397): "7m30.397", clock.Ms(3_599_999): "59m59.999", clock.Hour + clock.Ms(64_001): "1h01m04.001",
		30 * 24 * clock.Hour: "720h00m00.000", 11*clock.Hour + 25*clock.Minute: "11h25m00.000",
	} {
		if got := stamp(at); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}

// TestPool: uploads in threads beside the loop do not keep it from polling, several
// run at a time, and each ends after its own time.
func TestPool(t *testing.T) {
	text := simulated(t, "f.yaml", file("40s", `  - id: g
    client: librdkafka
    topics: [t]
    config: {auto.offset.reset: earliest}
    app: {model: buffer-flush, flush-records: 50, upload: {sequence: [12s, 3s]}, upload-mode: pool}
    members: [A]`, ""), 0)
	for _, says := range []string{"A's pool begins an upload of 50 records\n", "is done after 3 s", "is done after 12 s"} {
		if !strings.Contains(text, says) {
			t.Errorf("no %q in:\n%s", says, text)
		}
	}
	if strings.Contains(text, "no poll() until") {
		t.Errorf("the loop polls:\n%s", text)
	}
}

// TestWorkerBegins: of a queue with workers it is one of these that is slow, not a pool.
func TestWorkerBegins(t *testing.T) {
	text := simulated(t, "f.yaml", file("40s", `  - id: g
    client: librdkafka
    topics: [t]
    config: {auto.offset.reset: earliest}
    app: {model: worker-queue, process: 10ms}
    members: [A]`, "  - {at: 10s, slow: {A: 5s}}\n"), 0)
	if !strings.Contains(text, "A's worker begins a slow record\n") {
		t.Errorf("no worker begins in:\n%s", text)
	}
}

// TestStoryIsMarkdown: bold words come without their asterisks.
func TestStoryIsMarkdown(t *testing.T) {
	text := simulated(t, "f.yaml", "story: \"**Watch:** the lag.\"\n"+file("10s", "  - {id: g, client: java, topics: [t], members: [A]}", ""), 0)
	if !strings.Contains(text, "\nWatch: the lag.\n") {
		t.Errorf("no story in:\n%s", text)
	}
}

// TestAiokafkaLeaves: aiokafka says neither that it gives its partitions back when it is
// closed nor that it was polled too late. One that stops in time just leaves.
func TestAiokafkaLeaves(t *testing.T) {
	groups := `  - id: g
    client: aiokafka
    topics: [t]
    config: {auto_offset_reset: earliest, max_poll_interval_ms: 10000}
    app: {process: 1ms, commit: batch}
    members: [A]`
	for timeline, says := range map[string]string{
		"  - {at: 20s, stop: A}\n":                                "A leaves the group",
		"  - {at: 20s, slow: {A: 40s}}\n  - {at: 25s, stop: A}\n": "A's client leaves the group: no poll() within 10 s",
	} {
		text := simulated(t, "f.yaml", file("90s", groups, timeline), 0)
		if !strings.Contains(text, says) {
			t.Errorf("no %q in:\n%s", says, text)
		}
	}
}
