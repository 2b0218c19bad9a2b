package javaasync

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
//	                           `[broker=N] [error=CODE] …`; see response
//	run T [heartbeats]         time passes; with heartbeats, they all succeed
//	freeze T                   the process stands still until then
//	steady partitions= offsets= [at=T]  the start, which first_join.txt shows
//	gone N                     the idle connections to a broker break; `lost` instead of
//	                           an answer's arguments: its connection does
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
		maxPoll:            5 * clock.Minute,
		autoCommitInterval: 5 * clock.Second,
		retryBackoff:       100 * clock.Millisecond,
		retryBackoffMax:    clock.Second,
		reconnectBackoff:   50 * clock.Millisecond, reconnectBackoffMax: clock.Second,
		metadataMaxAge: 5 * clock.Minute,
		apiTimeout:     clock.Minute,
		fetch:          subscription.Limits{MaxWait: 500 * clock.Millisecond, MinBytes: 1, MaxBytes: 52428800, PartitionBytes: 1048576},
		maxPollRecords: 500,
		reset:          "earliest",
	}
}

func newConsumerWorld(t *testing.T, d *datadriven.TestData) *world {
	s, o := defaults(), client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Version: kafka.V(4, 1, 0), Nodes: []string{"b1:9092", "b2:9092"}}
	for _, a := range d.CmdArgs {
		value := a.Vals[0]
		switch a.Key {
		case "max-poll":
			s.maxPoll = duration(t, value)
		case "auto-commit":
			s.autoCommit, s.autoCommitInterval = true, duration(t, value)
		case "api-timeout":
			s.apiTimeout = duration(t, value)
		case "metadata-max-age":
			s.metadataMaxAge = duration(t, value)
		case "max-poll-records":
			s.maxPollRecords = integer(t, value)
		case "instance":
			s.instance = value
		case "reset":
			s.reset = value
		case "assignor":
			s.assignor = value
		case "brokers":
			o.Nodes = o.Nodes[:integer(t, value)]
		case "topics":
			o.Topics = a.Vals
		case "version":
			major, minor, _ := strings.Cut(value, ".")
			o.Version = kafka.V(int32(integer(t, major)), int32(integer(t, minor)), 0)
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
	case "gone": // the idle connections to a broker break
		w.c.Disconnected(w, w.now, int32(integer(t, d.CmdArgs[0].Key)))
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
		fmt.Fprintf(&w.out, "%s, epoch %d, current %v, target %v, buffered %d records %d bytes\n", w.c.state, w.c.epoch, w.c.current.partitions, w.c.target.partitions, records, bytes)
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

// steady goes through the start without a word: the consumer is a member of epoch 1
// with committed offsets, and has just polled without waiting.
func (w *world) steady(t *testing.T, d *datadriven.TestData) {
	var partitions, offsets string
	d.ScanArgs(t, "partitions", &partitions)
	d.ScanArgs(t, "offsets", &offsets)
	w.c.Subscribe(w, w.now)
	w.answer(t, []string{"metadata", "t=3"})
	w.c.Poll(w, w.now, clock.Millisecond, 1)
	w.answer(t, []string{"findcoordinator"})
	w.answer(t, []string{"consumergroupheartbeat", "epoch=1", "partitions=" + partitions})
	for w.c.state != stable {
		w.run(w.now + clock.Millisecond)
		if w.c.call == callNone {
			w.c.Poll(w, w.now, clock.Millisecond, 1)
		}
	}
	w.answer(t, []string{"consumergroupheartbeat", "epoch=1"})
	for len(w.requests) == 0 {
		w.run(w.now + clock.Millisecond)
		w.c.Poll(w, w.now, clock.Millisecond, 1)
	}
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
	if _, lost := args["lost"]; lost {
		w.respond(i, nil)
		return
	}
	delete(args, "broker")
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
		return &kafka.FindCoordinatorResponse{Err: code, Broker: int32(integerOr(t, args["is"], 1))}
	case *kafka.ConsumerGroupHeartbeatRequest:
		return heartbeatResponse(t, r, args, code)
	case *kafka.OffsetCommitRequest: // the error is that of each partition
		return &kafka.OffsetCommitResponse{Errs: slices.Repeat([]kafka.ErrorCode{code}, len(r.Offsets))}
	case *kafka.OffsetFetchRequest:
		return &kafka.OffsetFetchResponse{Err: code, Offsets: offsetList(t, len(r.Partitions), args["offsets"], kafka.NoOffset)}
	case *kafka.ListOffsetsRequest:
		return &kafka.ListOffsetsResponse{Offsets: offsetList(t, len(r.Partitions), args["offsets"], 0), Errs: slices.Repeat([]kafka.ErrorCode{code}, len(r.Partitions))}
	case *kafka.FetchRequest:
		return fetchResponse(t, args)
	}
	t.Fatalf("no answer for %T", r)
	return nil
}

// metadataResponse: `t=3`, three partitions that brokers 1 and 2 lead in turn.
func metadataResponse(t *testing.T, r *kafka.MetadataRequest, args map[string]string) kafka.Response {
	m := &kafka.MetadataResponse{Brokers: []int32{1, 2}}
	if args["brokers"] == "1" {
		m.Brokers = m.Brokers[:1]
	}
	for _, name := range r.Topics {
		x := kafka.TopicMetadata{Topic: name}
		n := integerOr(t, args[name], 0)
		if n == 0 {
			x.Err = kafka.ErrUnknownTopicOrPartition
		}
		for p := range n {
			x.Leaders = append(x.Leaders, int32(p%2+1))
		}
		if leader, ok := args["leader"]; ok { // of all
			x.Leaders = slices.Repeat([]int32{int32(integer(t, leader))}, int(n))
		}
		m.Topics = append(m.Topics, x)
	}
	return m
}

// heartbeatResponse: `epoch=2 [partitions=t-0,t-1] [interval=5s] [message=TEXT]`;
// `partitions=` is an assignment of nothing, without it there is none.
func heartbeatResponse(t *testing.T, r *kafka.ConsumerGroupHeartbeatRequest, args map[string]string, code kafka.ErrorCode) kafka.Response {
	h := &kafka.ConsumerGroupHeartbeatResponse{Err: code, MemberID: r.MemberID, MemberEpoch: int32(integerOr(t, args["epoch"], int64(r.MemberEpoch))), HeartbeatInterval: 5 * clock.Second}
	if code != kafka.ErrNone {
		h.Message = cmp.Or(args["message"], code.Message())
	}
	if p, ok := args["partitions"]; ok {
		h.Assigned, h.Assignment = true, kafka.DecodeAssignment(p)
	}
	return h
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
			x.From, x.To = integer(t, from), integer(t, to)
		}
		f.Partitions = append(f.Partitions, x)
	}
	slices.SortFunc(f.Partitions, func(a, b kafka.FetchedRange) int { return a.Compare(b.TopicPartition) })
	return f
}

func offsetList(t *testing.T, n int, text string, missing int64) []int64 {
	offsets := slices.Repeat([]int64{missing}, n)
	for i, f := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		offsets[i] = integer(t, f)
	}
	return offsets
}

// commitArgument reads `t-0=5 t-1=7`; nothing is a commit without arguments.
func commitArgument(t *testing.T, text string) []kafka.OffsetCommit {
	var offsets []kafka.OffsetCommit
	for _, f := range strings.Fields(text) {
		name, offset, _ := strings.Cut(f, "=")
		offsets = append(offsets, kafka.OffsetCommit{TopicPartition: kafka.DecodeAssignment(name)[0], Offset: integer(t, offset)})
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
	return clock.Duration(integer(t, whole))*unit + clock.Duration(integer(t, fraction))*unit/1000
}

func integer(t *testing.T, text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func integerOr(t *testing.T, text string, missing int64) int64 {
	if text == "" {
		return missing
	}
	return integer(t, text)
}
