package app

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/internal/golden"
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestTranscripts plays a consumer's answers and the scenario's actions to an
// application and compares all that it does, one file a behaviour.
//
//	new MODEL KEY=VALUE…      an application, started
//	polled [one-by-one]       poll() returns what the input says, or error=NAME [fatal]
//	committed [error=NAME]    the commit ends; closed: close() ends
//	run T                     time passes
//	thaw T                    it did not for the process, which was frozen
//	stop, slow D, cut, settle what the engine asks of it
//	callback KIND             the rebalance listener, with partitions in the input
//	received, deleted, given-back, extended, enqueued
//	                          a request to the queue ends: messages as q-17 or, received
//	                          for the third time, q-17x3; error=NAME
//	ask                       Taken, Held, Buffered, LongestGap
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		if !strings.HasSuffix(path, ".txt") {
			return
		}
		var w *world
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "new" {
				w = &world{app: New(settings(t, d))}
				w.app.Start(w, 0)
			} else {
				w.play(t, d)
			}
			text := w.out.String()
			w.out.Reset()
			return cmp.Or(text, "ok\n")
		})
	})
}

// settings reads `MODEL KEY=VALUE…`; the limits of buffer-flush have none.
func settings(t *testing.T, d *datadriven.TestData) *scenario.App {
	a := &scenario.App{Batch: 500, PollTimeout: clock.Second}
	commits := map[string]scenario.Commit{
		"auto": scenario.CommitAuto, "record": scenario.CommitRecord, "batch": scenario.CommitBatch,
		"before": scenario.CommitBefore, "none": scenario.CommitNone,
	}
	switch d.CmdArgs[0].Key {
	case "buffer-flush":
		a.Model, a.Commit = scenario.BufferFlush, scenario.CommitBatch
	case "worker-queue":
		a.Model, a.Commit = scenario.WorkerQueue, scenario.CommitRecord
	case "router":
		a.Model, a.Commit, a.Drain = scenario.Router, scenario.CommitRecord, true
	case "queue-worker":
		a.Model, a.Commit, a.QueueName = scenario.QueueWorker, scenario.CommitNone, "q"
		a.ReceiveMax, a.IdleBackoff, a.ErrorBackoff, a.Visibility = 1, 100*clock.Millisecond, clock.Second, 30*clock.Second
	case "fan-out":
		a.Model, a.Commit, a.Drain, a.QueueName = scenario.FanOut, scenario.CommitRecord, true, "q"
		a.Tasks, a.Enqueue = 1, clock.Fixed(10*clock.Millisecond)
	case "transactional":
		a.Model, a.Commit, a.Batch = scenario.Transactional, scenario.CommitNone, 0
	default:
		a.Drain = true
	}
	a.Queue, a.Poison.Backoff, a.Poison.Restart, a.Startup.Restart = scenario.Unbounded, clock.Second, 5*clock.Second, clock.Never
	for _, x := range d.CmdArgs[1:] {
		value := x.Vals[0]
		switch x.Key {
		case "process":
			a.Process = clock.Fixed(duration(t, value))
		case "process-in-turn":
			a.Process = clock.Dist{Kind: clock.Sequence}
			for _, v := range x.Vals {
				a.Process.Values = append(a.Process.Values, duration(t, v))
			}
		case "commit":
			a.Commit = commits[value]
		case "batch":
			a.Batch = number(t, value)
		case "commit-retries":
			a.Retries = number(t, value)
		case "drain":
			a.Drain = value == "true"
		case "flush-records":
			a.FlushRecords = number(t, value)
		case "flush-size":
			a.FlushSize = number(t, value)
		case "flush-age":
			a.FlushAge = duration(t, value)
		case "age-check":
			a.AgeOnPoll = value == "poll"
		case "upload":
			a.Upload = clock.Fixed(duration(t, value))
		case "pool":
			a.Pool, a.Workers = true, int(number(t, value))
		case "workers":
			a.Workers = int(number(t, value))
		case "queue":
			a.Queue = number(t, value)
		case "when-full":
			a.WhenFull = map[string]scenario.WhenFull{"block": scenario.WhenFullBlock, "pause": scenario.WhenFullPause, "pause-and-block": scenario.WhenFullPauseAndBlock}[value]
		case "commit-on":
			a.CommitOn = map[string]scenario.CommitOn{"submit": scenario.CommitOnSubmit, "complete": scenario.CommitOnComplete, "contiguous": scenario.CommitOnContiguous}[value]
		case "upload-in-turn":
			a.Upload = clock.Dist{Kind: clock.Sequence}
			for _, v := range x.Vals {
				a.Upload.Values = append(a.Upload.Values, duration(t, v))
			}
		case "contiguous":
			a.Contiguous = value == "true"
		case "shared":
			a.Shared, a.Hops, a.IdleSleep = true, 1, duration(t, value)
		case "hops":
			a.Hops = int(number(t, value))
		case "routes":
			for _, v := range x.Vals {
				a.Routes = append(a.Routes, scenario.Route{Topic: v, Process: clock.Fixed(10 * clock.Millisecond)})
			}
		case "unknown":
			a.Unknown = map[string]scenario.Unknown{"warn-and-commit": scenario.UnknownWarnAndCommit, "ignore": scenario.UnknownIgnore, "crash": scenario.UnknownCrash}[value]
		case "poison-every":
			a.Poison.Every = number(t, value)
		case "poison":
			a.Poison.Action = map[string]scenario.PoisonAction{"error-topic": scenario.PoisonErrorTopic, "skip": scenario.PoisonSkip, "retry": scenario.PoisonRetry, "crash": scenario.PoisonCrash}[value]
		case "attempts":
			a.Poison.Attempts = number(t, value)
		case "startup":
			a.Startup.Wait = duration(t, value)
		case "discard":
			a.Startup.Discard = value == "true"
		case "drain-for":
			a.Shutdown = scenario.Shutdown{Given: true, Leave: true, Drain: duration(t, value), Flush: a.Shutdown.Flush}
		case "flush-for":
			a.Shutdown = scenario.Shutdown{Given: true, Leave: true, Drain: a.Shutdown.Drain, Flush: duration(t, value)}
		case "leave":
			a.Shutdown.Given, a.Shutdown.Leave = true, value == "true"
		case "receive-max":
			a.ReceiveMax = int(number(t, value))
		case "error-backoff":
			a.ErrorBackoff = clock.Never
		case "wait-time":
			a.WaitTime = duration(t, value)
		case "extend-every":
			a.ExtendEvery = duration(t, value)
		case "tasks":
			a.Tasks = number(t, value)
		case "handler":
			a.Ranges = value == "range"
		case "on-revoke":
			a.OnRevoke = map[string]scenario.OnRevoke{"keep": scenario.OnRevokeKeep, "drop": scenario.OnRevokeDrop, "flush": scenario.OnRevokeFlush}[value]
		default:
			t.Fatalf("%s: what is %s?", d.Pos, x.Key)
		}
	}
	return a
}

// world is the application's host: it writes down all that it is asked.
type world struct {
	app   App
	now   clock.Time
	timer clock.Time // 0 when not set
	pool  clock.Time // the workers'; 0 when not set
	drawn int
	out   strings.Builder
}

func (w *world) play(t *testing.T, d *datadriven.TestData) {
	switch d.Cmd {
	case "polled":
		w.app.Polled(w, w.now, client.PollResult{Records: ranges(t, d.Input), OneByOne: d.HasArg("one-by-one"), Err: failure(t, d)})
	case "committed":
		w.app.Committed(w, w.now, failure(t, d))
	case "transacted":
		w.app.(Producing).Transacted(w, w.now, failure(t, d))
	case "closed":
		w.app.Closed(w, w.now)
	case "run":
		w.run(duration(t, d.CmdArgs[0].Key))
	case "thaw":
		w.now = duration(t, d.CmdArgs[0].Key)
		w.run(w.now)
	case "stop":
		w.app.Stop(w, w.now)
	case "slow":
		w.app.Slow(w, w.now, duration(t, d.CmdArgs[0].Key))
	case "cut":
		w.app.Cut(w, w.now)
	case "settle":
		w.app.Settle(w, w.now)
	case "callback":
		kind := map[string]client.Callback{"assigned": client.Assigned, "revoked": client.Revoked, "lost": client.Lost}[d.CmdArgs[0].Key]
		if !w.app.Callback(w, w.now, kind, kafka.DecodeAssignment(d.Input)) {
			w.see("the listener goes on")
		}
	case "ask":
		taken, since := w.app.Taken(w.now)
		records, bytes := w.app.Buffered()
		queued, _ := w.app.Queued()
		fmt.Fprintf(&w.out, "taken %d, the latest at %s; held%s; buffered %d records %d bytes; longest gap %s\n",
			taken, since, rangesText(w.app.Held(nil)), records, bytes, w.app.LongestGap())
		if queued > 0 {
			fmt.Fprintf(&w.out, "%d queued\n", queued)
		}
	default:
		if !w.playQueue(t, d) {
			t.Fatalf("%s: no such command", d.Pos)
		}
	}
}

// run fires the application's timer as it falls due.
func (w *world) run(until clock.Time) {
	for {
		switch {
		case w.pool != 0 && w.pool <= until && (w.timer == 0 || w.pool <= w.timer):
			w.now, w.pool = max(w.now, w.pool), 0
			w.app.Workers(w, w.now)
		case w.timer != 0 && w.timer <= until:
			w.now, w.timer = max(w.now, w.timer), 0
			w.app.Timer(w, w.now)
		default:
			w.now = until
			return
		}
	}
}

// failure reads `error=NAME [fatal]`.
func failure(t *testing.T, d *datadriven.TestData) *client.Error {
	var name string
	d.MaybeScanArgs(t, "error", &name)
	if name == "" {
		return nil
	}
	return &client.Error{Name: name, Fatal: d.HasArg("fatal")}
}

// ranges reads `t-0=0..5`, records of 100 bytes, or `t-0=0..5x20` of 20.
func ranges(t *testing.T, text string) (out []client.Range) {
	for _, f := range strings.Fields(text) {
		name, offsets, _ := strings.Cut(f, "=")
		offsets, size, given := strings.Cut(offsets, "x")
		if !given {
			size = "100"
		}
		from, to, _ := strings.Cut(offsets, "..")
		out = append(out, client.Range{TopicPartition: kafka.DecodeAssignment(name)[0], From: number(t, from), To: number(t, to), Size: number(t, size)})
	}
	return out
}

func rangesText(ranges []client.Range) string {
	var b strings.Builder
	for _, r := range ranges {
		fmt.Fprintf(&b, " %s[%d,%d)", r.TopicPartition, r.From, r.To)
	}
	return b.String()
}

func (w *world) see(format string, args ...any) {
	fmt.Fprintf(&w.out, "%s %s\n", w.now, fmt.Sprintf(format, args...))
}

func (w *world) Poll(timeout clock.Duration, most int64) {
	if most == mostAtOnce {
		w.see("poll for %s", timeout)
		return
	}
	w.see("poll for %s, at most %d records", timeout, most)
}

func (w *world) Commit(offsets []kafka.OffsetCommit) {
	if offsets == nil {
		w.see("commit")
		return
	}
	var text []string
	for _, o := range offsets {
		text = append(text, fmt.Sprintf("%s@%d", o.TopicPartition, o.Offset))
	}
	w.see("commit %s", strings.Join(text, " "))
}

func (w *world) InitTransactions()  { w.see("initTransactions") }
func (w *world) Send(n, size int64) { w.see("send %d records of %d bytes", n, size) }
func (w *world) AbortTransaction()  { w.see("abortTransaction") }
func (w *world) ForceHeartbeat()    { w.see("heartbeat") }
func (w *world) Rewind()            { w.see("seek to what is committed") }
func (w *world) Released(n int64)   { w.see("released %d records", n) }

func (w *world) SendOffsets(offsets []kafka.OffsetCommit) {
	text := ""
	for _, o := range offsets {
		text += fmt.Sprintf(" %s@%d", o.TopicPartition, o.Offset)
	}
	w.see("sendOffsetsToTransaction%s", text)
}

func (w *world) CommitTransaction(records []client.Range) {
	w.see("commitTransaction%s", rangesText(records))
}

func (w *world) CallbackReturned() { w.see("the listener returns") }

func (w *world) Close()  { w.see("close") }
func (w *world) Exit()   { w.see("exit") }
func (w *world) Pause()  { w.see("pause") }
func (w *world) Resume() { w.see("resume") }

func (w *world) Crash(reason string, restart clock.Duration) {
	if restart == clock.Never {
		w.see("crash: %s", reason)
		return
	}
	w.see("crash: %s, again after %s", reason, restart)
}

func (w *world) ArmWorkers(at clock.Time) {
	if w.pool = at; at == clock.Never {
		w.pool = 0
	}
}

func (w *world) Log(level, text string) { w.see("%s %s", level, text) }

func (w *world) Arm(at clock.Time) {
	w.timer = at
	w.see("works until %s", at)
}

func (w *world) Cancel() { w.timer = 0 }

func (w *world) Cause() Cause             { return Cause{} }
func (w *world) Blame(Cause)              {}
func (w *world) Emit(e trace.Event)       { w.see("%s %s, %d records", e.Type, e.What, e.Records) }
func (w *world) Completed(r client.Range) { w.see("completed%s", rangesText([]client.Range{r})) }
func (w *world) GaveUp(records int64) {
	if records > 0 {
		w.see("gave up %d records", records)
	}
}

func (w *world) Draw(d *clock.Dist) clock.Duration { return d.Draw(nil, &w.drawn) }

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
