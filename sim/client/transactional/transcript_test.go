package transactional

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/internal/golden"
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestTranscripts plays an application and brokers to a producer, one file a
// behaviour.
//
//	new [library=PROFILE] [v1] [anonymous] [one-fence] [block=MS]
//	                                 v1: before 4.0; anonymous: without KIP-447
//	init, send N, commit, abort      the application's calls
//	offsets P=OFFSET…                sendOffsetsToTransaction, generation 3
//	answer ID [error=NAME] [id=ID] [epoch=E] [leaders=1,2] [broker=B] [broken]
//	run MS                           time passes
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata/transcripts", func(t *testing.T, path string) {
		var w *world
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "new" {
				w = newWorld(t, d)
				return ""
			}
			w.play(t, d)
			w.p = w.p.Clone() // a copy goes on alike
			text := w.out.String()
			w.out.Reset()
			if text == "" {
				return "ok\n"
			}
			return text
		})
	})
}

// world is the producer's host: it writes down all that it is asked.
type world struct {
	p     *Producer
	v1    bool
	now   clock.Time
	timer clock.Time // 0 when not set
	sent  []kafka.Request
	out   strings.Builder
}

func newWorld(t *testing.T, d *datadriven.TestData) *world {
	profile, version := argument(t, d, "library", "java"), kafka.V(4, 1, 0)
	var given []config.Property
	if profile == "java" {
		given = []config.Property{{Key: "max.block.ms", Value: argument(t, d, "block", "60000")}}
	} else {
		version = kafka.V(99, 0, 0)
	}
	cfg, problems := config.TransactionalProducer(profile, version, given)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return &world{v1: d.HasArg("v1"), p: New(cfg, Options{TransactionalID: "g-A", Output: "out", Library: Libraries[profile], EpochPerTransaction: !d.HasArg("v1"),
		WithMember: !d.HasArg("anonymous"), OneFence: d.HasArg("one-fence"), Nodes: []string{"kafka-1:9092", "kafka-2:9092"}})}
}

func (w *world) play(t *testing.T, d *datadriven.TestData) {
	switch d.Cmd {
	case "init":
		w.p.InitTransactions(w, w.now)
	case "send":
		w.p.Send(w, w.now, number(t, d.CmdArgs[0].Key), 100)
	case "offsets":
		var offsets []kafka.OffsetCommit
		for _, x := range d.CmdArgs {
			offsets = append(offsets, kafka.OffsetCommit{TopicPartition: kafka.DecodeAssignment(x.Key)[0], Offset: number(t, x.Vals[0])})
		}
		w.p.SendOffsets(w, w.now, offsets, Member{Group: "g", MemberID: "A-1", Generation: 3})
	case "commit":
		w.p.Commit(w, w.now)
	case "abort":
		w.p.Abort(w, w.now)
	case "answer":
		id := number(t, d.CmdArgs[0].Key)
		w.p.Response(w, w.now, kafka.RequestID(id), w.answer(t, d, w.sent[id-1]))
	case "run":
		until := clock.Ms(number(t, d.CmdArgs[0].Key))
		for w.timer != 0 && w.timer <= until {
			w.now, w.timer = w.timer, 0
			w.p.Timer(w, w.now)
		}
		w.now = until
	default:
		d.Fatalf(t, "no such command")
	}
}

func (w *world) answer(t *testing.T, d *datadriven.TestData, r kafka.Request) kafka.Response {
	if d.HasArg("broken") {
		return nil
	}
	err, ok := kafka.ParseErrorCode(argument(t, d, "error", "NONE"))
	if !ok {
		d.Fatalf(t, "no such error")
	}
	epoch := int16(number(t, argument(t, d, "epoch", "0")))
	broker := int32(number(t, argument(t, d, "broker", "1")))
	switch r := r.(type) {
	case *kafka.MetadataRequest:
		m := kafka.TopicMetadata{Topic: "out", Err: err}
		for _, leader := range strings.Split(argument(t, d, "leaders", "1"), "/") {
			m.Leaders = append(m.Leaders, int32(number(t, leader)))
		}
		return &kafka.MetadataResponse{Topics: []kafka.TopicMetadata{m}}
	case *kafka.FindCoordinatorRequest:
		return &kafka.FindCoordinatorResponse{Err: err, Broker: broker}
	case *kafka.InitProducerIDRequest:
		return &kafka.InitProducerIDResponse{Err: err, ProducerID: 7, Epoch: epoch}
	case *kafka.AddPartitionsToTxnRequest:
		return &kafka.AddPartitionsToTxnResponse{Err: err}
	case *kafka.AddOffsetsToTxnRequest:
		return &kafka.AddOffsetsToTxnResponse{Err: err}
	case *kafka.EndTxnRequest:
		if w.v1 {
			return &kafka.EndTxnResponse{Err: err, ProducerID: -1, Epoch: -1}
		}
		return &kafka.EndTxnResponse{Err: err, ProducerID: number(t, argument(t, d, "id", "7")), Epoch: epoch}
	case *kafka.ProduceRequest:
		errs := make([]kafka.ErrorCode, len(r.Batches))
		errs[0] = err
		return &kafka.ProduceResponse{Errs: errs}
	case *kafka.TxnOffsetCommitRequest:
		errs := make([]kafka.ErrorCode, len(r.Offsets))
		errs[0] = err
		return &kafka.TxnOffsetCommitResponse{Errs: errs}
	}
	t.Fatalf("no answer to %T", r)
	return nil
}

func (w *world) see(format string, args ...any) {
	fmt.Fprintf(&w.out, "%s %s\n", w.now, fmt.Sprintf(format, args...))
}

func (w *world) Send(broker int32, r kafka.Request) kafka.RequestID {
	w.sent = append(w.sent, r)
	text := ""
	switch r := r.(type) {
	case *kafka.FindCoordinatorRequest:
		text = " of " + r.Group + r.Transactional
	case *kafka.AddPartitionsToTxnRequest:
		text = " " + fmt.Sprint(r.Partitions)
	case *kafka.ProduceRequest:
		for _, b := range r.Batches {
			text += fmt.Sprintf(" %s×%d", b.TopicPartition, b.Records)
		}
	case *kafka.TxnOffsetCommitRequest:
		text = fmt.Sprintf(" %s of member %q, generation %d", r.Offsets[0].TopicPartition, r.MemberID, r.Generation)
	case *kafka.EndTxnRequest:
		text = fmt.Sprintf(" commit %t, epoch %d", r.Commit, r.Epoch)
	}
	w.see("%d to broker %d: %s%s", len(w.sent), broker, r.Name(), text)
	return kafka.RequestID(len(w.sent))
}

func (w *world) Arm(at clock.Time)      { w.timer = at }
func (w *world) Cancel()                { w.timer = 0 }
func (w *world) Log(level, text string) { w.see("%s %s", level, text) }

func (w *world) Transacted(err *client.Error) {
	if err == nil {
		w.see("done")
		return
	}
	w.see("%s, fatal %t: %s", err.Name, err.Fatal, err.Text)
}

func argument(t *testing.T, d *datadriven.TestData, key, missing string) string {
	value := missing
	d.MaybeScanArgs(t, key, &value)
	return value
}

func number(t *testing.T, text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
