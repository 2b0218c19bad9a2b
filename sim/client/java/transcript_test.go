package java

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/internal/golden"
	"ksim/sim/client"
	"ksim/sim/client/java/subscription"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestTranscripts plays inputs to a consumer and compares all that its host saw,
// one file a behaviour, in the words of the real client.
//
//	new KEY=VALUE…             a consumer; the defaults are in newConsumerWorld
//	subscribe, poll, commit    the application's calls; poll has timeout=, commit
//	close                      may name offsets in its input
//	answer [at=T]              each line answers the oldest request of a kind,
//	                           `[broker=N] [error=CODE] …`, see response; `lost`
//	                           is none: its connection has broken
//	gone N                     broker N has closed idle connections
//	run T [heartbeats]         time passes; with heartbeats, they all succeed
//	freeze T                   the process stands still until then
//	steady partitions= offsets= [at=T]  the start, which first_join.txt shows
//	timers, state, positions   what the consumer is at
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		if !strings.HasSuffix(path, ".txt") {
			return
		}
		var w *world
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "new" {
				w = newConsumerWorld(t, d)
				return ""
			}
			w.play(t, d)
			return w.printed()
		})
	})
}

// defaults is what a consumer does with an empty configuration, but for
// enable.auto.commit, which is off.
func defaults() settings {
	return settings{
		session: 45 * clock.Second, heartbeat: 3 * clock.Second, maxPoll: 5 * clock.Minute,
		autoCommitInterval: 5 * clock.Second,
		retryBackoff:       100 * clock.Millisecond,
		retryBackoffMax:    clock.Second,
		reconnectBackoff:   50 * clock.Millisecond,

		reconnectBackoffMax: clock.Second,
		requestTimeout:      30 * clock.Second,
		metadataMaxAge:      5 * clock.Minute,
		apiTimeout:          clock.Minute,
		fetch:               subscription.Limits{MaxWait: 500 * clock.Millisecond, MinBytes: 1, MaxBytes: 52428800, PartitionBytes: 1048576},
		maxPollRecords:      500,
		reset:               "earliest",
		assignors:           []string{"range"},
	}
}

func newConsumerWorld(t *testing.T, d *datadriven.TestData) *world {
	s, o := defaults(), client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Version: kafka.V(4, 1, 0), Nodes: []string{"b1:9092", "b2:9092"}}
	for _, a := range d.CmdArgs {
		value := a.Vals[0]
		switch a.Key {
		case "session":
			s.session = duration(t, value)
		case "max-poll":
			s.maxPoll = duration(t, value)
		case "auto-commit":
			s.autoCommit, s.autoCommitInterval = true, duration(t, value)
		case "brokers":
			o.Nodes = o.Nodes[:number(t, value)]
		case "request-timeout":
			s.requestTimeout = duration(t, value)
		case "api-timeout":
			s.apiTimeout = duration(t, value)
		case "metadata-max-age":
			s.metadataMaxAge = duration(t, value)
		case "max-poll-records":
			s.maxPollRecords = number(t, value)
		case "instance":
			s.instance = value
		case "reset":
			s.reset = value
		case "assignors":
			s.assignors = a.Vals
		case "topics":
			o.Topics = a.Vals
		case "version":
			major, minor, _ := strings.Cut(value, ".")
			o.Version = kafka.V(int32(number(t, major)), int32(number(t, minor)), 0)
		default:
			t.Fatalf("%s: what is %s?", d.Pos, a.Key)
		}
	}
	return newWorld(s, o)
}

// play gives the consumer one input.
func (w *world) play(t *testing.T, d *datadriven.TestData) {
	if d.HasArg("at") {
		var at string
		d.ScanArgs(t, "at", &at)
		if d.Cmd == "answer" { // messages come before the timers of their instant
			w.run(duration(t, at) - clock.Microsecond)
			w.now = duration(t, at)
		} else {
			w.run(duration(t, at))
		}
	}
	switch d.Cmd {
	case "subscribe":
		w.c.Subscribe(w, w.now)
	case "steady":
		w.steady(t, d)
	case "poll":
		timeout := "1s"
		d.MaybeScanArgs(t, "timeout", &timeout)
		w.c.Poll(w, w.now, duration(t, timeout), 1)
	case "commit":
		w.c.Commit(w, w.now, commitArgument(t, d.Input))
	case "gone":
		w.c.Disconnected(w, w.now, int32(number(t, d.CmdArgs[0].Key)))
	case "close":
		w.c.Close(w, w.now)
	case "answer":
		for line := range strings.Lines(d.Input) {
			w.answer(t, strings.Fields(line))
		}
	case "run":
		w.beats = d.HasArg("heartbeats")
		w.run(duration(t, d.CmdArgs[0].Key))
		w.beats = false
	case "freeze": // what falls due meanwhile runs at the end, by the clock of then
		w.now = duration(t, d.CmdArgs[0].Key)
		w.run(w.now)
	case "timers":
		w.printTimers()
	case "state":
		records, bytes := w.c.Buffered()
		fmt.Fprintf(&w.out, "%s (%s), %s, buffered %d records %d bytes\n", w.c.state, w.c.stateWhy, w.c.generation, records, bytes)
	case "positions":
		fmt.Fprintln(&w.out, "positions", commitText(w.c.Positions(nil)))
	default:
		t.Fatalf("%s: no such command", d.Pos)
	}
}

// printTimers writes down the timers as they will fire.
func (w *world) printTimers() {
	left := w.timers
	for w.armed() > 0 {
		t := w.due()
		fmt.Fprintln(&w.out, timerNames[t], w.timers[t].at)
		w.timers[t] = timer{}
	}
	w.timers = left
}

// steady goes through the start without a word: the consumer is a follower of
// generation 1 with committed offsets, and has just polled without waiting.
func (w *world) steady(t *testing.T, d *datadriven.TestData) {
	var partitions, offsets string
	d.ScanArgs(t, "partitions", &partitions)
	d.ScanArgs(t, "offsets", &offsets)
	w.c.Subscribe(w, w.now)
	w.answer(t, []string{"metadata", "t=3", "brokers=" + strconv.Itoa(len(w.c.o.Nodes))})
	w.c.Poll(w, w.now, clock.Millisecond, 1)
	w.answer(t, []string{"findcoordinator"})
	w.answer(t, []string{"joingroup", "id=A-1", "generation=1", "leader=B-1"})
	w.answer(t, []string{"syncgroup", "partitions=" + partitions})
	w.answer(t, []string{"offsetfetch", "offsets=" + offsets})
	w.run(w.now + clock.Millisecond)
	w.out.Reset()
}

// answer answers the oldest request of a kind: `joingroup key=value…`.
func (w *world) answer(t *testing.T, words []string) {
	args := make(map[string]string)
	for _, a := range words[1:] {
		k, v, _ := strings.Cut(a, "=")
		args[k] = v
	}
	w.requests = slices.DeleteFunc(w.requests, w.givenUp)
	i := slices.IndexFunc(w.requests, func(s sent) bool {
		return kind(s.request) == words[0] && (args["broker"] == "" || args["broker"] == strconv.Itoa(int(s.broker)))
	})
	if i < 0 {
		t.Fatalf("no %s is waiting", words[0])
	}
	delete(args, "broker")
	if _, lost := args["lost"]; lost {
		w.respond(i, nil)
		return
	}
	w.respond(i, response(t, w.requests[i].request, args))
}

// givenUp tells that the consumer has closed the connection that the answer would
// come over.
func (w *world) givenUp(s sent) bool {
	return !slices.ContainsFunc(w.c.inflight, func(q request) bool { return q.id == s.id })
}

// response makes the answer that the arguments describe.
func response(t *testing.T, r kafka.Request, args map[string]string) kafka.Response {
	code := kafka.ErrNone
	if name, ok := args["error"]; ok {
		if code, ok = kafka.ParseErrorCode(name); !ok {
			t.Fatalf("no error %s", name)
		}
	}
	switch r := r.(type) {
	case *kafka.MetadataRequest:
		return metadataResponse(t, r, args)
	case *kafka.FindCoordinatorRequest: // `is=2`
		return &kafka.FindCoordinatorResponse{Err: code, Broker: int32(numberOr(t, args["is"], 1))}
	case *kafka.JoinGroupRequest:
		return joinResponse(t, r, args, code)
	case *kafka.SyncGroupRequest:
		return &kafka.SyncGroupResponse{Err: code, Assignment: args["partitions"]}
	case *kafka.HeartbeatRequest:
		return &kafka.HeartbeatResponse{Err: code}
	case *kafka.LeaveGroupRequest:
		return &kafka.LeaveGroupResponse{Err: code}
	case *kafka.OffsetCommitRequest: // the error is that of each partition
		return &kafka.OffsetCommitResponse{Errs: slices.Repeat([]kafka.ErrorCode{code}, len(r.Offsets))}
	case *kafka.OffsetFetchRequest:
		return &kafka.OffsetFetchResponse{Err: code, Offsets: offsetList(t, len(r.Partitions), args["offsets"], kafka.NoOffset)}
	case *kafka.ListOffsetsRequest:
		l := &kafka.ListOffsetsResponse{Offsets: offsetList(t, len(r.Partitions), args["offsets"], 0)}
		if code != kafka.ErrNone { // that of each partition
			l.Errs = slices.Repeat([]kafka.ErrorCode{code}, len(r.Partitions))
		}
		return l
	case *kafka.FetchRequest:
		return fetchResponse(t, args)
	}
	t.Fatalf("no answer for %T", r)
	return nil
}

// metadataResponse: `t=3`, three partitions that brokers 1 and 2 lead in turn, or
// `t=2,1,-1`, the leader of each.
func metadataResponse(t *testing.T, r *kafka.MetadataRequest, args map[string]string) kafka.Response {
	m := &kafka.MetadataResponse{Brokers: []int32{1, 2}}
	if args["brokers"] != "" {
		m.Brokers = m.Brokers[:number(t, args["brokers"])]
	}
	for _, name := range r.Topics {
		x := kafka.TopicMetadata{Topic: name}
		if strings.Contains(args[name], ",") {
			for leader := range strings.SplitSeq(args[name], ",") {
				x.Leaders = append(x.Leaders, int32(number(t, leader)))
			}
			m.Topics = append(m.Topics, x)
			continue
		}
		n := numberOr(t, args[name], 0)
		if n == 0 {
			x.Err = kafka.ErrUnknownTopicOrPartition
		}
		for p := range n {
			x.Leaders = append(x.Leaders, int32(p%2+1))
		}
		m.Topics = append(m.Topics, x)
	}
	return m
}

// joinResponse: `id=A-1 generation=1 [leader=B-1] [protocol=sticky]`; as leader with
// `members=A-1,B-1`, all with the same subscription, and perhaps `skip`.
func joinResponse(t *testing.T, r *kafka.JoinGroupRequest, args map[string]string, code kafka.ErrorCode) kafka.Response {
	j := &kafka.JoinGroupResponse{Err: code, MemberID: args["id"], Generation: int32(numberOr(t, args["generation"], -1)), Protocol: args["protocol"], Leader: args["leader"]}
	if j.Protocol == "" {
		j.Protocol = r.Protocols[0].Name
	}
	if j.MemberID == "" {
		j.MemberID = r.MemberID
	}
	if j.Leader == "" {
		j.Leader = j.MemberID
	}
	_, j.SkipAssignment = args["skip"]
	if members, ok := args["members"]; ok {
		for id := range strings.SplitSeq(members, ",") {
			j.Members = append(j.Members, kafka.JoinGroupMember{MemberID: id, Metadata: r.Protocols[0].Metadata})
		}
	}
	return j
}

// fetchResponse: `t-0=0..100 t-1=0..50`, records of 100 bytes, or
// `t-0=OFFSET_OUT_OF_RANGE`.
func fetchResponse(t *testing.T, args map[string]string) kafka.Response {
	f := &kafka.FetchResponse{}
	for name, value := range args {
		x := kafka.FetchedRange{TopicPartition: kafka.DecodeAssignment(name)[0], Size: 100}
		if code, ok := kafka.ParseErrorCode(value); ok {
			x.Err = code
		} else {
			from, to, _ := strings.Cut(value, "..")
			x.From, x.To = number(t, from), number(t, to)
		}
		f.Partitions = append(f.Partitions, x)
	}
	slices.SortFunc(f.Partitions, func(a, b kafka.FetchedRange) int { return a.Compare(b.TopicPartition) })
	return f
}

func offsetList(t *testing.T, n int, text string, missing int64) []int64 {
	offsets := slices.Repeat([]int64{missing}, n)
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

func numberOr(t *testing.T, text string, missing int64) int64 {
	if text == "" {
		return missing
	}
	return number(t, text)
}
