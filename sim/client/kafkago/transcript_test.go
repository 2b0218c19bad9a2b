package kafkago

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/internal/golden"
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestTranscripts plays inputs to a consumer and compares all that its host saw,
// one file a behaviour. The times and the order of what kafka-go does are those of
// recordings of the real client, or of its source.
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata/transcripts", func(t *testing.T, path string) {
		var w *world
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "new" {
				w = newWorld(t, d)
				return ""
			}
			w.play(t, d)
			return w.printed()
		})
	})
}

// world is a fake host around one consumer: it keeps the clock, the timers and the
// requests without an answer, and writes down all that it is asked.
type world struct {
	c   *Consumer
	now clock.Time
	out strings.Builder

	timers   [client.MaxTimers]clock.Time // Never when not set
	requests []sent
	lastID   kafka.RequestID

	taken int64 // what Taken answers
	since clock.Time
}

// sent is a request without an answer yet.
type sent struct {
	id      kafka.RequestID
	request kafka.Request
}

var timerNames = [...]string{
	timerPoll:     "poll",
	timerBeat:     "beat",
	timerGroup:    "group",
	timerRetry:    "retry",
	timerInterval: "interval",
	timerReaders:  "readers",
	timerWatch:    "watch",
	timerRequests: "requests",
}

// defaults is kafka-go's defaults but for the figures that the recordings use.
func defaults() settings {
	return settings{
		session:       6 * clock.Second,
		heartbeat:     clock.Second,
		rebalance:     9 * clock.Second,
		joinBackoff:   5 * clock.Second,
		queueCapacity: 100,
		minBytes:      1,
		maxBytes:      1000000,
		maxWait:       500 * clock.Millisecond,
		backoffMin:    100 * clock.Millisecond,
		backoffMax:    clock.Second,
		maxAttempts:   3,
		startFirst:    true,
		watchInterval: 5 * clock.Second,
		balancers:     []string{"range", "roundrobin"},
	}
}

// newWorld reads `new key=value…`.
func newWorld(t *testing.T, d *datadriven.TestData) *world {
	s, o := defaults(), client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Version: kafka.V(0, 4, 0)}
	for _, a := range d.CmdArgs {
		value := a.Vals[0]
		switch a.Key {
		case "topics":
			o.Topics = a.Vals
		case "read-message":
			o.AutoCommit = value == "true"
		case "interval":
			s.commitInterval = duration(t, value)
		case "capacity":
			s.queueCapacity = number(t, value)
		case "max-wait":
			s.maxWait = duration(t, value)
		case "watch":
			s.watchPartitions, s.watchInterval = true, duration(t, value)
		case "start":
			s.startFirst = value == "first"
		case "nodes":
			o.Nodes = a.Vals
		default:
			t.Fatalf("%s: what is %s?", d.Pos, a.Key)
		}
	}
	return makeWorld(s, o)
}

func makeWorld(s settings, o client.Options) *world {
	w := &world{c: newConsumer(s, o)}
	for i := range w.timers {
		w.timers[i] = clock.Never
	}
	return w
}

// play gives the consumer one input.
func (w *world) play(t *testing.T, d *datadriven.TestData) {
	if d.HasArg("at") {
		var at string
		d.ScanArgs(t, "at", &at)
		if d.Cmd == "arrive" { // messages come before the timers of their instant
			w.run(duration(t, at) - clock.Microsecond)
			w.now = duration(t, at)
		} else {
			w.run(duration(t, at))
		}
	}
	switch d.Cmd {
	case "subscribe":
		w.c.Subscribe(w, w.now)
	case "joined": // a follower that fetches from committed offsets, blocked in a poll
		w.joined(t, d)
	case "run":
		w.run(duration(t, d.CmdArgs[0].Key))
	case "taken":
		w.taken = number(t, d.CmdArgs[0].Key)
		w.since = w.now
	case "poll":
		most, timeout := "1000", "100s"
		d.MaybeScanArgs(t, "most", &most)
		d.MaybeScanArgs(t, "timeout", &timeout)
		w.c.Poll(w, w.now, duration(t, timeout), number(t, most))
	case "commit":
		w.c.Commit(w, w.now, commitArgument(t, d.Input))
	case "interrupt":
		w.c.Interrupt(w, w.now)
	case "close":
		w.c.Close(w, w.now)
	case "answer", "arrive":
		for line := range strings.Lines(d.Input) {
			w.answer(t, strings.Fields(line))
		}
	case "freeze": // until: timers that fall due meanwhile fire at the end
		w.now = duration(t, d.CmdArgs[0].String())
		w.run(w.now)
	case "readers": // so many of them begin to fetch
		w.begin(t, int(number(t, d.CmdArgs[0].Key)))
	case "positions":
		fmt.Fprintln(&w.out, "positions", offsetsText(w.c.Positions(nil)))
	case "buffered":
		records, bytes := w.c.Buffered()
		fmt.Fprintf(&w.out, "%d records, %d bytes\n", records, bytes)
	default:
		t.Fatalf("%s: no such command", d.Pos)
	}
}

// joined goes through the start, which the file startup shows, without a word.
func (w *world) joined(t *testing.T, d *datadriven.TestData) {
	var partitions, offsets string
	d.ScanArgs(t, "partitions", &partitions)
	d.ScanArgs(t, "offsets", &offsets)
	w.c.Subscribe(w, w.now)
	w.answer(t, []string{"findcoordinator"})
	w.answer(t, []string{"apiversions"})
	w.answer(t, []string{"joingroup", "id=A-1", "generation=1", "leader=B-1"})
	w.answer(t, []string{"syncgroup", "partitions=" + partitions})
	w.answer(t, []string{"offsetfetch", "offsets=" + offsets})
	w.begin(t, len(w.c.readers))
	w.c.Poll(w, w.now, 100*clock.Second, 1000)
	w.out.Reset()
}

// begin answers what that many readers ask before they fetch.
func (w *world) begin(t *testing.T, readers int) {
	for range readers {
		w.answer(t, []string{"metadata", "partitions=6"})
	}
	for range 4 * readers {
		w.answer(t, []string{"listoffsets", "offsets=0"})
	}
}

// run lets time pass and fires the timers that fall due, in their order.
func (w *world) run(until clock.Time) {
	for {
		first := 0
		for i := range w.timers {
			if w.timers[i] < w.timers[first] {
				first = i
			}
		}
		if w.timers[first] > until {
			break
		}
		w.now = max(w.now, w.timers[first])
		w.timers[first] = clock.Never
		w.see("timer %s", timerNames[first])
		w.c.Timer(w, w.now, client.TimerID(first))
	}
	w.now = max(w.now, until)
}

// answer answers the oldest request of a kind: `join key=value…`.
func (w *world) answer(t *testing.T, words []string) {
	args := make(map[string]string)
	for _, a := range words[1:] {
		k, v, _ := strings.Cut(a, "=")
		args[k] = v
	}
	i := slices.IndexFunc(w.requests, func(s sent) bool { return kind(s.request) == words[0] })
	if i < 0 {
		t.Fatalf("no %s is waiting", words[0])
	}
	s := w.requests[i]
	w.requests = slices.Delete(w.requests, i, i+1)
	w.c.Response(w, w.now, s.id, response(t, s.request, args))
}

// kind is the short name of a request.
func kind(r kafka.Request) string {
	name := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", r), "*kafka."), "Request")
	return strings.ToLower(name)
}

// response makes the answer that the arguments describe.
func response(t *testing.T, r kafka.Request, args map[string]string) kafka.Response {
	code := kafka.ErrNone
	if name, ok := args["error"]; ok {
		if code, ok = kafka.ParseErrorCode(name); !ok {
			t.Fatalf("no error %s", name)
		}
	}
	if _, ok := args["disconnected"]; ok {
		return nil
	}
	switch r := r.(type) {
	case *kafka.MetadataRequest:
		return metadataResponse(t, r, args)
	case *kafka.ApiVersionsRequest:
		return &kafka.ApiVersionsResponse{}
	case *kafka.FindCoordinatorRequest:
		return &kafka.FindCoordinatorResponse{Err: code, Broker: 1}
	case *kafka.JoinGroupRequest:
		return joinResponse(t, r, args, code)
	case *kafka.SyncGroupRequest:
		return &kafka.SyncGroupResponse{Err: code, Assignment: args["partitions"]}
	case *kafka.HeartbeatRequest:
		return &kafka.HeartbeatResponse{Err: code}
	case *kafka.LeaveGroupRequest:
		return &kafka.LeaveGroupResponse{}
	case *kafka.OffsetCommitRequest:
		errs := make([]kafka.ErrorCode, len(r.Offsets))
		for i := range errs {
			errs[i] = code
		}
		return &kafka.OffsetCommitResponse{Errs: errs}
	case *kafka.OffsetFetchRequest:
		return &kafka.OffsetFetchResponse{Err: code, Offsets: offsetList(t, len(r.Partitions), args["offsets"], kafka.NoOffset)}
	case *kafka.ListOffsetsRequest:
		last := int64(1000)
		if !r.Latest {
			last = 0
		}
		return &kafka.ListOffsetsResponse{Offsets: offsetList(t, len(r.Partitions), args[latest(r)], last)}
	case *kafka.FetchRequest:
		return fetchResponse(t, args, code)
	}
	t.Fatalf("no answer for %T", r)
	return nil
}

// latest is the argument that gives an end of a log: `first=5` or `last=70`.
func latest(r *kafka.ListOffsetsRequest) string {
	if r.Latest {
		return "last"
	}
	return "first"
}

// metadataResponse: `partitions=3`, all led by `leader=1`, listed in `order=1,0,2`.
func metadataResponse(t *testing.T, r *kafka.MetadataRequest, args map[string]string) kafka.Response {
	leader := int64(1)
	if l, ok := args["leader"]; ok {
		leader = number(t, l)
	}
	m := &kafka.MetadataResponse{Brokers: []int32{1}}
	if args["brokers"] == "2" {
		m.Brokers = []int32{1, 2}
	}
	for _, name := range r.Topics {
		x := kafka.TopicMetadata{Topic: name}
		if args["partitions"] == "0" {
			x.Err = kafka.ErrUnknownTopicOrPartition
		}
		for range number(t, args["partitions"]) {
			x.Leaders = append(x.Leaders, int32(leader))
		}
		for p := range strings.SplitSeq(args["order"], ",") {
			if p != "" {
				x.Order = append(x.Order, int32(number(t, p)))
			}
		}
		m.Topics = append(m.Topics, x)
	}
	return m
}

// joinResponse: `id=A-1 generation=1 [leader=B-1]`; as leader with `members=A-1,B-1`.
func joinResponse(t *testing.T, r *kafka.JoinGroupRequest, args map[string]string, code kafka.ErrorCode) kafka.Response {
	j := &kafka.JoinGroupResponse{Err: code, MemberID: args["id"], Generation: -1, Protocol: r.Protocols[0].Name, Leader: args["leader"]}
	if j.MemberID == "" {
		j.MemberID = r.MemberID
	}
	if g, ok := args["generation"]; ok {
		j.Generation = int32(number(t, g))
	}
	if j.Leader == "" {
		j.Leader = j.MemberID
	}
	if members, ok := args["members"]; ok {
		for id := range strings.SplitSeq(members, ",") {
			m := kafka.DecodeSubscription(r.Protocols[0].Metadata)
			if id != j.MemberID { // the others own nothing
				m.Owned, m.Generation = nil, -1
			}
			j.Members = append(j.Members, kafka.JoinGroupMember{MemberID: id, Metadata: kafka.EncodeSubscription(m)})
		}
	}
	return j
}

// fetchResponse: `t-0=0..100 t-1=0..50`, or `t-0=OFFSET_OUT_OF_RANGE`.
func fetchResponse(t *testing.T, args map[string]string, _ kafka.ErrorCode) kafka.Response {
	f := &kafka.FetchResponse{}
	for name, value := range args {
		tp := kafka.DecodeAssignment(name)[0]
		if code, ok := kafka.ParseErrorCode(value); ok {
			f.Partitions = append(f.Partitions, kafka.FetchedRange{TopicPartition: tp, Err: code})
			continue
		}
		from, to, _ := strings.Cut(value, "..")
		f.Partitions = append(f.Partitions, kafka.FetchedRange{TopicPartition: tp, From: number(t, from), To: number(t, to), Size: 100})
	}
	slices.SortFunc(f.Partitions, func(a, b kafka.FetchedRange) int { return a.Compare(b.TopicPartition) })
	return f
}

func offsetList(t *testing.T, n int, text string, missing int64) []int64 {
	offsets := make([]int64, n)
	for i := range offsets {
		offsets[i] = missing
	}
	for i, f := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		offsets[i] = number(t, f)
	}
	return offsets
}

// commitArgument reads `t-0=5 t-1=7`; nothing is a commit without arguments.
func commitArgument(t *testing.T, text string) []kafka.OffsetCommit {
	var offsets []kafka.OffsetCommit
	for _, f := range strings.Fields(text) {
		name, offset, _ := strings.Cut(f, "=")
		offsets = append(offsets, kafka.OffsetCommit{TopicPartition: kafka.DecodeAssignment(name)[0], Offset: number(t, offset)})
	}
	return offsets
}

// duration reads `1.5s` or `70ms`.
func duration(t *testing.T, text string) clock.Duration {
	unit, digits := clock.Second, strings.TrimSuffix(text, "s")
	if d, ok := strings.CutSuffix(text, "ms"); ok {
		unit, digits = clock.Millisecond, d
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	fraction = (fraction + "000")[:3]
	return clock.Duration(number(t, whole))*unit + clock.Duration(number(t, fraction))*unit/1000
}

func number(t *testing.T, text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// see writes down what the host saw, and when.
func (w *world) see(format string, args ...any) {
	fmt.Fprintf(&w.out, "%s %s\n", w.now, fmt.Sprintf(format, args...))
}

func (w *world) printed() string {
	text := w.out.String()
	w.out.Reset()
	return cmp.Or(text, "ok\n")
}

// The fake host.

func (w *world) Send(broker int32, r kafka.Request) kafka.RequestID {
	w.lastID++
	w.requests = append(w.requests, sent{w.lastID, r})
	w.see("send to %d: %s", broker, requestText(r))
	return w.lastID
}

func (w *world) Arm(t client.TimerID, at clock.Time) {
	w.timers[t] = at
	w.see("arm %s %s", timerNames[t], at)
}

func (w *world) Cancel(t client.TimerID) {
	if w.timers[t] != clock.Never {
		w.timers[t] = clock.Never
		w.see("cancel %s", timerNames[t])
	}
}

func (w *world) Log(level, text string) { w.see("log %s %s", level, text) }
func (w *world) Emit(e trace.Event)     { w.see("emit %s %s %s", e.Type, e.Error, e.Text) }
func (w *world) BlameApp()              { w.see("blame the application") }
func (w *world) Closed()                { w.see("closed") }

func (w *world) Callback(kind client.Callback, partitions []kafka.TopicPartition) {
	names := [...]string{client.Assigned: "assigned", client.Revoked: "revoked", client.Lost: "lost"}
	w.see("callback %s %v", names[kind], partitions)
}

func (w *world) Polled(r client.PollResult) {
	w.taken = 0
	switch {
	case r.Err != nil:
		w.see("polled %s: %s%s", r.Err.Name, r.Err.Text, fatal(r.Err))
	case r.Len() == 0:
		w.see("polled nothing")
	default:
		var ranges []string
		for _, x := range r.Records {
			ranges = append(ranges, fmt.Sprintf("%s[%d,%d)", x.TopicPartition, x.From, x.To))
		}
		w.taken, w.since = 1, w.now
		w.see("polled %s", strings.Join(ranges, " "))
	}
}

func (w *world) Committed(err *client.Error) {
	if err == nil {
		w.see("committed")
		return
	}
	w.see("commit failed, %s: %s%s", err.Name, err.Text, fatal(err))
}

func (w *world) Taken() (int64, clock.Time) { return w.taken, w.since }
func (w *world) Cut()                       { w.see("cut") }
func (w *world) Rand() *clock.Stream        { return nil }

func fatal(e *client.Error) string {
	if e.Fatal {
		return " (fatal)"
	}
	return ""
}

// requestText prints the fields of a request that matter.
func requestText(r kafka.Request) string {
	switch r := r.(type) {
	case *kafka.MetadataRequest:
		return fmt.Sprintf("Metadata %v", r.Topics)
	case *kafka.JoinGroupRequest:
		return fmt.Sprintf("JoinGroup member=%q instance=%q session=%s rebalance=%s protocols=%v", r.MemberID, r.InstanceID, r.SessionTimeout, r.RebalanceTimeout, r.Protocols)
	case *kafka.SyncGroupRequest:
		return fmt.Sprintf("SyncGroup member=%q generation=%d assignments=%v", r.MemberID, r.Generation, r.Assignments)
	case *kafka.HeartbeatRequest:
		return fmt.Sprintf("Heartbeat member=%q generation=%d", r.MemberID, r.Generation)
	case *kafka.LeaveGroupRequest:
		return fmt.Sprintf("LeaveGroup %+v", r.Members)
	case *kafka.OffsetCommitRequest:
		return fmt.Sprintf("OffsetCommit member=%q generation=%d %s", r.MemberID, r.Generation, offsetsText(r.Offsets))
	case *kafka.OffsetFetchRequest:
		return fmt.Sprintf("OffsetFetch %v", r.Partitions)
	case *kafka.ListOffsetsRequest:
		return fmt.Sprintf("ListOffsets %v latest=%v", r.Partitions, r.Latest)
	case *kafka.FetchRequest:
		var parts []string
		for _, p := range r.Partitions {
			parts = append(parts, fmt.Sprintf("%s@%d", p.TopicPartition, p.Offset))
		}
		return "Fetch " + strings.Join(parts, " ")
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", r), "*kafka.")
}

func offsetsText(offsets []kafka.OffsetCommit) string {
	var parts []string
	for _, o := range offsets {
		parts = append(parts, fmt.Sprintf("%s@%d", o.TopicPartition, o.Offset))
	}
	return strings.Join(parts, " ")
}
