package group

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// TestVectors replays what Kafka's own coordinator did and demands the same:
// answers and their order, error codes, log lines, timers, and the group after
// each step. KSIM_VECTORS names a directory of vectors; the default is testdata,
// 250 sequences of Kafka 4.3.1.
func TestVectors(t *testing.T) {
	dir := os.Getenv("KSIM_VECTORS")
	if dir == "" {
		dir = filepath.Join("testdata", "vectors")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors in %s (%v)", dir, err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			if !slices.ContainsFunc([]string{"classic", "consumer", "migration"}, func(kind string) bool { return strings.HasPrefix(name, kind) }) {
				t.Skip("not vectors of the coordinator")
			}
			replayFile(t, file)
		})
	}
}

func replayFile(t *testing.T, file string) {
	sequences, same, steps := 0, 0, 0
	shown := 0
	for line := range vectorLines(t, file) {
		sequences++
		s := newSequence(t, line)
		diff := s.replay()
		steps += len(s.Steps)
		if diff == "" {
			same++
		} else if shown++; shown <= 10 {
			t.Errorf("sequence %d: %s", s.N, diff)
		}
	}
	if same < sequences {
		t.Errorf("%d of %d sequences differ", sequences-same, sequences)
	}
	t.Logf("%d of %d sequences the same, %d steps", same, sequences, steps)
}

// vectorLines are the lines of a file, gzipped or not.
func vectorLines(t testing.TB, file string) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var r io.Reader = f
		if strings.HasSuffix(file, ".gz") {
			if r, err = gzip.NewReader(f); err != nil {
				t.Fatal(err)
			}
		}
		scan := bufio.NewScanner(r)
		scan.Buffer(nil, 64<<20)
		for scan.Scan() {
			if len(bytes.TrimSpace(scan.Bytes())) > 0 && !yield(scan.Bytes()) {
				return
			}
		}
		if err := scan.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// sequence is a line of the vectors.
type sequence struct {
	N        int
	Protocol string
	Cfg      map[string]any
	IDs      []string
	Steps    []vectorStep

	t    testing.TB
	w    *world
	ops  []string // by request id
	snap any
}

type vectorStep struct {
	I     int
	At    int64
	Op    string
	In    input
	Fired []any
	Out   []map[string]any
	Log   []string
	Snap  any
}

// input is the arguments of a step, of any operation.
type input struct {
	To        int64
	V         *int16
	Client    *string
	Member    string
	Inst      string
	Session   *int64
	Rebalance *int64
	Type      *string
	Protocols [][2]string
	Reason    string
	Gen       *int32
	Proto     string
	Assign    map[string]string
	Members   []struct{ Member, Inst, Reason string }
	Offsets   [][]any
	Topics    json.RawMessage
	Error     string

	Epoch    int32
	Owned    map[string][]int32
	Assignor string
}

func newSequence(t testing.TB, line []byte) *sequence {
	s := &sequence{t: t}
	if err := json.Unmarshal(line, s); err != nil {
		t.Fatalf("%v: %.200s", err, line)
	}
	s.w = newWorld(vectorConfig(s.Cfg))
	s.w.c.ConfigureGroup("g", vectorTimes(s.Cfg))
	s.w.uuid = func() string {
		if len(s.IDs) == 0 {
			return "no-id-left"
		}
		id := s.IDs[0]
		s.IDs = s.IDs[1:]
		return id
	}
	if s.Protocol == "classic" {
		// The vectors commit without metadata: no partition is refused.
		for i := range 6 {
			s.w.c.SetTopic(fmt.Sprint("t", i), kafka.UUID{Hi: uint64(i + 1), Lo: 1}, 1<<30)
		}
	}
	return s
}

// vectorConfig is Kafka's defaults and what the sequence sets.
func vectorConfig(set map[string]any) Config {
	get := func(name string, otherwise int64) int64 {
		if v, ok := set[name]; ok {
			return int64(v.(float64))
		}
		return otherwise
	}
	assignors := []string{"uniform", "range"}
	if list, ok := set["group.consumer.assignors"]; ok {
		assignors = strings.Split(list.(string), ",")
	}
	return Config{
		Version:                kafka.V(4, 3, 1),
		InitialRebalanceDelay:  clock.Ms(get("group.initial.rebalance.delay.ms", 3000)),
		MinSessionTimeout:      clock.Ms(get("group.min.session.timeout.ms", 6000)),
		MaxSessionTimeout:      clock.Ms(get("group.max.session.timeout.ms", 1800000)),
		MaxSize:                get("group.max.size", 1<<31-1),
		OffsetsRetention:       clock.Duration(get("offsets.retention.minutes", 10080)) * clock.Minute,
		RetentionCheckInterval: clock.Ms(get("offsets.retention.check.interval.ms", 600000)),
		OffsetMetadataMaxBytes: int32(get("offset.metadata.max.bytes", 4096)),
		ConsumerMaxSize:        get("group.consumer.max.size", 1<<31-1),
		ConsumerAssignors:      assignors,
		Migration:              vectorMigration(set),
	}
}

func vectorMigration(set map[string]any) MigrationPolicy {
	switch set["group.consumer.migration.policy"] {
	case "disabled":
		return MigrationPolicy{}
	case "upgrade":
		return MigrationPolicy{Upgrade: true}
	case "downgrade":
		return MigrationPolicy{Downgrade: true}
	}
	return MigrationPolicy{Upgrade: true, Downgrade: true}
}

func vectorTimes(set map[string]any) ConsumerTimes {
	times := ConsumerTimes{Session: 45 * clock.Second, Heartbeat: 5 * clock.Second, AssignmentInterval: clock.Second}
	for name, t := range map[string]*clock.Duration{"session.timeout": &times.Session, "heartbeat.interval": &times.Heartbeat, "assignment.interval": &times.AssignmentInterval} {
		if v, ok := set["group.consumer."+name+".ms"]; ok {
			*t = clock.Ms(int64(v.(float64)))
		}
	}
	return times
}

// replay runs the sequence and tells the first difference.
func (s *sequence) replay() string {
	for i := range s.Steps {
		step := &s.Steps[i]
		fired := s.run(step)
		if diff := s.compare(step, fired); diff != "" {
			return fmt.Sprintf("step %d (%s at %d), %s", step.I, step.Op, step.At, diff)
		}
	}
	return ""
}

// run carries one step out.
func (s *sequence) run(step *vectorStep) (fired []any) {
	w, in := s.w, &step.In
	w.replies, w.lines = nil, nil
	s.ops = append(s.ops, step.Op)
	id := kafka.RequestID(len(s.ops))
	switch step.Op {
	case "advance":
		w.advance(clock.Ms(in.To), func(id TimerID) {
			fired = append(fired, append([]any{w.now.Milliseconds()}, s.timer(id)...))
		})
	case "hold":
		w.holding = true
	case "flush":
		err, _ := kafka.ParseErrorCode(in.Error)
		w.flush(err)
	case "failover":
		w.failover()
	case "metadata":
		s.setTopics(in)
	case "commit":
		if s.Protocol != "classic" {
			// The vectors ask the coordinator itself, which does not look at topics.
			r := s.request(step.Op, in).(*kafka.OffsetCommitRequest)
			errs := make([]kafka.ErrorCode, len(r.Offsets))
			w.do(func() { w.c.commit(w, w.now, r, errs) })
			w.Reply(id, &kafka.OffsetCommitResponse{Errs: errs})
			break
		}
		w.request(id, s.request(step.Op, in))
	default:
		w.request(id, s.request(step.Op, in))
	}
	return fired
}

func (s *sequence) request(op string, in *input) kafka.Request {
	switch op {
	case "join":
		r := &kafka.JoinGroupRequest{
			APIVersion: or(in.V, 9), Group: "g", ClientID: or(in.Client, "c"), MemberID: in.Member, InstanceID: in.Inst,
			SessionTimeout: clock.Ms(or(in.Session, 45000)), RebalanceTimeout: clock.Ms(or(in.Rebalance, 300000)),
			ProtocolType: or(in.Type, "consumer"), Reason: in.Reason,
		}
		for _, p := range in.Protocols {
			r.Protocols = append(r.Protocols, kafka.GroupProtocol{Name: p[0], Metadata: p[1]})
		}
		return r
	case "sync":
		r := &kafka.SyncGroupRequest{Group: "g", MemberID: in.Member, InstanceID: in.Inst, Generation: or(in.Gen, -1),
			ProtocolType: or(in.Type, ""), Protocol: in.Proto}
		for _, member := range slices.Sorted(maps.Keys(in.Assign)) {
			r.Assignments = append(r.Assignments, kafka.MemberAssignment{MemberID: member, Assignment: in.Assign[member]})
		}
		return r
	case "heartbeat":
		return &kafka.HeartbeatRequest{Group: "g", MemberID: in.Member, InstanceID: in.Inst, Generation: or(in.Gen, -1)}
	case "leave":
		r := &kafka.LeaveGroupRequest{Group: "g"}
		for _, m := range in.Members {
			r.Members = append(r.Members, kafka.LeavingMember{MemberID: m.Member, InstanceID: m.Inst, Reason: m.Reason})
		}
		return r
	case "commit":
		return &kafka.OffsetCommitRequest{APIVersion: or(in.V, 9), Group: "g", MemberID: in.Member, InstanceID: in.Inst,
			Generation: or(in.Gen, -1), Offsets: committed(in)}
	case "fetch":
		return &kafka.OffsetFetchRequest{Group: "g", MemberID: in.Member, MemberEpoch: or(in.Gen, -1), Partitions: fetched(in)}
	case "consumer":
		return s.consumerHeartbeat(in)
	}
	s.t.Fatalf("unknown operation %s", op)
	return nil
}

func (s *sequence) consumerHeartbeat(in *input) kafka.Request {
	r := &kafka.ConsumerGroupHeartbeatRequest{Group: "g", ClientID: "c", MemberID: in.Member, MemberEpoch: in.Epoch, InstanceID: in.Inst,
		RebalanceTimeout: clock.Ms(or(in.Rebalance, -1)), Assignor: in.Assignor}
	if in.Topics != nil {
		r.Topics = []string{}
		if err := json.Unmarshal(in.Topics, &r.Topics); err != nil {
			s.t.Fatal(err)
		}
	}
	if in.Owned != nil {
		r.Owned = []kafka.TopicPartition{}
		for _, topic := range slices.Sorted(maps.Keys(in.Owned)) {
			for _, p := range in.Owned[topic] {
				r.Owned = append(r.Owned, kafka.TopicPartition{Topic: topic, Partition: p})
			}
		}
	}
	return r
}

// setTopics makes the cluster's topics what the step says; one left out is deleted.
func (s *sequence) setTopics(in *input) {
	var topics map[string]int32
	if err := json.Unmarshal(in.Topics, &topics); err != nil {
		s.t.Fatal(err)
	}
	for i := range 6 {
		name := fmt.Sprint("t", i)
		n, ok := topics[name]
		s.w.do(func() {
			if ok {
				s.w.c.SetTopic(name, kafka.UUID{Hi: uint64(i + 1), Lo: 1}, n)
			} else {
				s.w.c.DeleteTopic(s.w, s.w.now, name)
			}
		})
	}
}

func committed(in *input) []kafka.OffsetCommit {
	var list []kafka.OffsetCommit
	for _, o := range in.Offsets {
		commit := kafka.OffsetCommit{TopicPartition: kafka.TopicPartition{Topic: o[0].(string), Partition: int32(o[1].(float64))}, Offset: int64(o[2].(float64))}
		if len(o) > 3 {
			commit.MetadataLength = int32(o[3].(float64))
		}
		list = append(list, commit)
	}
	return list
}

// fetched are the partitions of a fetch, topics in order.
func fetched(in *input) []kafka.TopicPartition {
	var topics map[string][]int32
	if err := json.Unmarshal(in.Topics, &topics); err != nil {
		panic(err)
	}
	var list []kafka.TopicPartition
	for _, topic := range slices.Sorted(maps.Keys(topics)) {
		for _, p := range topics[topic] {
			list = append(list, kafka.TopicPartition{Topic: topic, Partition: p})
		}
	}
	return list
}

func or[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
