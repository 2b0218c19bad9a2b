package group

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"ksim/internal/golden"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestTranscripts runs testdata/classic, consumer and share: one behaviour of the coordinator a file,
// told as a story. A command is a request, or what happens around the
// coordinator; below it stands everything that the coordinator asked its host
// for, in order. Requests (#1) and ids (a-1) are numbered from 1.
//
//	new initial-delay=3s …      a broker starts; its properties
//	join, sync, heartbeat, leave, commit, fetch   requests of group g, or group=…
//	advance by=3s               time passes, timers fire
//	hold, flush [error=…]       appends wait; they are replicated, or fail
//	consumer member=A epoch=0 topics=t0 owned=…   a heartbeat of the consumer protocol: none is no partition
//	share member=A epoch=0 topics=t0   a heartbeat in a share group
//	topic name=t0 partitions=6  the cluster changes; 0 partitions: the topic is gone
//	unload, loading, load, failover   the coordinator moves
//	show                        the group as it is
func TestTranscripts(t *testing.T) {
	for _, protocol := range []string{"classic", "consumer", "share"} {
		datadriven.Walk(t, filepath.Join("testdata", protocol), func(t *testing.T, path string) {
			runTranscript(t, path, &coverage{})
		})
	}
}

func runTranscript(t *testing.T, path string, seen *coverage) {
	s := &story{seen: seen}
	datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
		return s.command(t, d)
	})
}

// story is a transcript as it runs.
type story struct {
	w        *world
	seen     *coverage
	b        strings.Builder
	requests kafka.RequestID
}

// command carries one command out and gives what it says.
func (s *story) command(t *testing.T, d *datadriven.TestData) string {
	s.b.Reset()
	if d.Cmd == "new" {
		s.start(t, d)
		return s.b.String()
	}
	w := s.w
	switch d.Cmd {
	case "advance":
		w.advance(w.now+duration(t, d, "by", 0), func(id TimerID) {
			fmt.Fprintf(&s.b, "%s: %s fires\n", w.now, w.name(id))
			s.seen.reason(w)
		})
	case "hold":
		w.holding = true
	case "flush":
		err, ok := kafka.ParseErrorCode(text(d, "error", "NONE"))
		if !ok {
			d.Fatalf(t, "unknown error")
		}
		w.flush(err)
	case "unload":
		w.unload()
	case "loading":
		w.c.StartLoading()
	case "load":
		w.c.Load(w, w.now)
	case "failover":
		w.c.cfg.MaxSize = number(t, d, "max-size", w.c.cfg.MaxSize)
		w.failover()
	case "topic":
		s.setTopic(t, d)
	case "marker":
		var committed []kafka.OffsetCommit
		w.do(func() {
			committed = w.c.CompleteTransaction(w, text(d, "group", "g"), number(t, d, "producer", 7), d.HasArg("commit"))
		})
		fmt.Fprintf(&s.b, "committed %v\n", committed)
	case "show":
		s.show(text(d, "group", "g"))
	default:
		s.requests++
		fmt.Fprintf(&s.b, "#%d\n", s.requests)
		r := parseRequest(t, d)
		s.seen.request(w, text(d, "group", "g"), d.Cmd)
		w.request(s.requests, r)
	}
	s.seen.reason(w)
	return s.b.String()
}

func (s *story) start(t *testing.T, d *datadriven.TestData) {
	cfg := Config{
		Version:                brokerVersion(t, d),
		InitialRebalanceDelay:  duration(t, d, "initial-delay", 3*clock.Second),
		MinSessionTimeout:      duration(t, d, "min-session", 6*clock.Second),
		MaxSessionTimeout:      duration(t, d, "max-session", 30*clock.Minute),
		MaxSize:                number(t, d, "max-size", 1<<31-1),
		OffsetsRetention:       duration(t, d, "retention", 7*24*clock.Hour),
		RetentionCheckInterval: duration(t, d, "retention-check", 10*clock.Minute),
		OffsetMetadataMaxBytes: int32(number(t, d, "metadata-max", 4096)),
		ConsumerMaxSize:        number(t, d, "consumer-max-size", 1<<31-1),
		ConsumerAssignors:      list(d, "assignors", "uniform", "range"),
		Migration:              MigrationPolicy{Upgrade: !d.HasArg("no-upgrade"), Downgrade: !d.HasArg("no-downgrade")},
		ShareMaxSize:           number(t, d, "share-max-size", 200),
		ShareInitialization:    10 * clock.Millisecond,
	}
	s.requests = 0
	s.w = newWorld(cfg)
	s.w.tell = func(format string, args ...any) { fmt.Fprintf(&s.b, format+"\n", args...) }
	s.w.c.ConfigureGroup("g", ConsumerTimes{Session: duration(t, d, "session", 45*clock.Second), Heartbeat: 5 * clock.Second, AssignmentInterval: duration(t, d, "assignment-interval", 0)})
	s.w.c.ConfigureShareGroup("g", ShareTimes{Session: duration(t, d, "session", 45*clock.Second), Heartbeat: 5 * clock.Second, AssignmentInterval: duration(t, d, "assignment-interval", 0)})
	s.w.c.SetTopic("t0", kafka.UUID{Lo: 1}, 4)
	s.w.c.SetTopic("t1", kafka.UUID{Lo: 2}, 4)
}

func (s *story) setTopic(t *testing.T, d *datadriven.TestData) {
	name, n := text(d, "name", "t0"), int32(number(t, d, "partitions", 0))
	s.w.do(func() {
		if n == 0 {
			s.w.c.DeleteTopic(s.w, s.w.now, name)
		} else {
			s.w.c.SetTopic(name, kafka.UUID{Lo: 9}, n)
		}
	})
}

func brokerVersion(t *testing.T, d *datadriven.TestData) kafka.Version {
	major, minor, _ := strings.Cut(text(d, "broker", "4.3"), ".")
	return kafka.V(int32(parseNumber(t, d, major)), int32(parseNumber(t, d, minor)), 0)
}

// show prints the group and the timers that run.
func (s *story) show(group string) {
	if v, ok := s.w.c.ConsumerGroup(group); ok {
		s.showConsumer(v)
		return
	}
	if v, ok := s.w.c.ShareGroup(group); ok {
		s.showShare(v)
		return
	}
	v, ok := s.w.c.Group(group)
	if !ok {
		fmt.Fprintf(&s.b, "%s: no group %s\n", s.w.now, group)
		return
	}
	fmt.Fprintf(&s.b, "%s: %s generation=%d", s.w.now, v.State, v.Generation)
	for _, f := range [][2]string{{"type", v.ProtocolType}, {"protocol", v.Protocol}, {"leader", v.Leader},
		{"pending-join", strings.Join(v.PendingJoin, ",")}, {"pending-sync", strings.Join(v.PendingSync, ",")}} {
		if f[1] != "" {
			fmt.Fprintf(&s.b, " %s=%s", f[0], f[1])
		}
	}
	s.b.WriteByte('\n')
	for _, m := range v.Members {
		fmt.Fprintf(&s.b, "  %s", m.ID)
		for _, f := range []struct {
			on   bool
			text string
		}{{m.New, "new"}, {m.AwaitingJoin, "awaits join"}, {m.AwaitingSync, "awaits sync"}, {m.Assignment != "", "has " + m.Assignment}} {
			if f.on {
				fmt.Fprintf(&s.b, ", %s", f.text)
			}
		}
		s.b.WriteByte('\n')
	}
	s.showTimers()
}

func (s *story) showConsumer(v ConsumerView) {
	fmt.Fprintf(&s.b, "%s: %s epoch=%d assignment-epoch=%d\n", s.w.now, v.State, v.Epoch, v.TargetEpoch)
	for _, m := range v.Members {
		fmt.Fprintf(&s.b, "  %s epoch=%d %s has %s", m.ID, m.Epoch, m.State, ownedText(m.Assigned))
		if len(m.Revoking) > 0 {
			fmt.Fprintf(&s.b, " gives up %s", ownedText(m.Revoking))
		}
		fmt.Fprintf(&s.b, " target %s\n", listText(m.Target))
	}
	s.showTimers()
}

func (s *story) showShare(v ShareView) {
	fmt.Fprintf(&s.b, "%s: %s epoch=%d assignment-epoch=%d\n", s.w.now, v.State, v.Epoch, v.TargetEpoch)
	for _, m := range v.Members {
		fmt.Fprintf(&s.b, "  %s epoch=%d has %s\n", m.ID, m.Epoch, listText(m.Assigned))
	}
	s.showTimers()
}

func ownedText(list []OwnedPartition) string {
	var names []kafka.TopicPartition
	for _, p := range list {
		names = append(names, p.TopicPartition)
	}
	return listText(names)
}

func (s *story) showTimers() {
	for _, timer := range s.w.inOrder() {
		fmt.Fprintf(&s.b, "  timer %s at %s\n", s.w.name(timer.id), timer.at)
	}
}

// parseRequest reads a request.
func parseRequest(t *testing.T, d *datadriven.TestData) kafka.Request {
	group, member, instance := text(d, "group", "g"), text(d, "member", ""), text(d, "instance", "")
	if group == "none" {
		group = ""
	}
	generation := int32(number(t, d, "generation", -1))
	version := int16(number(t, d, "version", 9))
	switch d.Cmd {
	case "share":
		r := &kafka.ShareGroupHeartbeatRequest{Group: group, ClientID: text(d, "client", member), MemberID: member,
			MemberEpoch: int32(number(t, d, "epoch", 0)), Topics: list(d, "topics")}
		if r.Topics == nil && r.MemberEpoch == epochJoin {
			r.Topics = []string{"t0"}
		}
		if text(d, "topics", "") == "none" {
			r.Topics = nil
		}
		return r
	case "join":
		r := &kafka.JoinGroupRequest{
			APIVersion: version, Group: group, ClientID: text(d, "client", "c"), MemberID: member, InstanceID: instance,
			SessionTimeout: duration(t, d, "session", 10*clock.Second), RebalanceTimeout: duration(t, d, "rebalance", time60s),
			ProtocolType: text(d, "type", "consumer"), Reason: strings.ReplaceAll(text(d, "reason", ""), "_", " "),
		}
		for _, p := range list(d, "protocols", "range:t0") {
			name, metadata, _ := strings.Cut(p, ":")
			r.Protocols = append(r.Protocols, kafka.GroupProtocol{Name: name, Metadata: metadata + ";"})
		}
		return r
	case "sync":
		r := &kafka.SyncGroupRequest{Group: group, MemberID: member, InstanceID: instance, Generation: generation,
			ProtocolType: text(d, "type", ""), Protocol: text(d, "protocol", "")}
		for _, a := range list(d, "assign") {
			id, assignment, _ := strings.Cut(a, ":")
			r.Assignments = append(r.Assignments, kafka.MemberAssignment{MemberID: id, Assignment: assignment})
		}
		return r
	case "heartbeat":
		return &kafka.HeartbeatRequest{Group: group, MemberID: member, InstanceID: instance, Generation: generation}
	case "leave":
		r := &kafka.LeaveGroupRequest{Group: group}
		for _, m := range list(d, "members", member) {
			id, instance, _ := strings.Cut(m, ":")
			r.Members = append(r.Members, kafka.LeavingMember{MemberID: id, InstanceID: instance, Reason: strings.ReplaceAll(text(d, "reason", ""), "_", " ")})
		}
		return r
	case "commit":
		r := &kafka.OffsetCommitRequest{APIVersion: version, Group: group, MemberID: member, InstanceID: instance, Generation: generation}
		for _, o := range list(d, "offsets", "t0-0:42") {
			f := append(strings.Split(o, ":"), "0")
			r.Offsets = append(r.Offsets, kafka.OffsetCommit{TopicPartition: partition(t, d, f[0]), Offset: parseNumber(t, d, f[1]), MetadataLength: int32(parseNumber(t, d, f[2]))})
		}
		return r
	case "txn-commit":
		r := &kafka.TxnOffsetCommitRequest{Producing: kafka.Producing{ProducerID: number(t, d, "producer", 7)}, Group: group, MemberID: member, InstanceID: instance, Generation: generation}
		for _, o := range list(d, "offsets", "t0-0:42") {
			name, offset, _ := strings.Cut(o, ":")
			r.Offsets = append(r.Offsets, kafka.OffsetCommit{TopicPartition: partition(t, d, name), Offset: parseNumber(t, d, offset)})
		}
		return r
	case "fetch":
		r := &kafka.OffsetFetchRequest{Group: group, MemberID: member, MemberEpoch: generation, RequireStable: d.HasArg("stable")}
		for _, p := range list(d, "partitions", "t0-0") {
			r.Partitions = append(r.Partitions, partition(t, d, p))
		}
		return r
	}
	if d.Cmd == "consumer" {
		return consumerRequest(t, d, group, member, instance)
	}
	d.Fatalf(t, "unknown command %s", d.Cmd)
	return nil
}

// consumerRequest reads a heartbeat of the consumer protocol. What it does not name
// has not changed; one that joins says everything.
func consumerRequest(t *testing.T, d *datadriven.TestData, group, member, instance string) kafka.Request {
	r := &kafka.ConsumerGroupHeartbeatRequest{Group: group, ClientID: text(d, "client", member), MemberID: member, InstanceID: instance,
		MemberEpoch: int32(number(t, d, "epoch", 0)), RebalanceTimeout: -1, Assignor: text(d, "assignor", "")}
	if r.MemberEpoch == epochJoin {
		r.RebalanceTimeout, r.Topics, r.Owned = time60s, []string{"t0"}, []kafka.TopicPartition{}
	}
	if v := text(d, "rebalance", ""); v != "" {
		r.RebalanceTimeout = duration(t, d, "rebalance", 0)
	}
	if topics := list(d, "topics"); topics != nil {
		r.Topics = topics
	}
	if text(d, "topics", "") == "none" {
		r.Topics = []string{}
	}
	if owned := list(d, "owned"); owned != nil {
		r.Owned = []kafka.TopicPartition{}
		for _, p := range owned {
			if p != "none" {
				r.Owned = append(r.Owned, partition(t, d, p))
			}
		}
	}
	return r
}

const time60s = 60 * clock.Second

// list are the values of an argument.
func list(d *datadriven.TestData, key string, otherwise ...string) []string {
	for _, a := range d.CmdArgs {
		if a.Key == key {
			return a.Vals
		}
	}
	return otherwise
}

func text(d *datadriven.TestData, key, otherwise string) string {
	return list(d, key, otherwise)[0]
}

func duration(t *testing.T, d *datadriven.TestData, key string, otherwise clock.Duration) clock.Duration {
	v := text(d, key, "")
	if v == "" {
		return otherwise
	}
	n, err := time.ParseDuration(v)
	if err != nil {
		d.Fatalf(t, "%v", err)
	}
	return clock.Duration(n / time.Microsecond)
}

func number(t *testing.T, d *datadriven.TestData, key string, otherwise int64) int64 {
	v := text(d, key, "")
	if v == "" {
		return otherwise
	}
	return parseNumber(t, d, v)
}

func parseNumber(t *testing.T, d *datadriven.TestData, v string) int64 {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		d.Fatalf(t, "%v", err)
	}
	return n
}

func partition(t *testing.T, d *datadriven.TestData, v string) kafka.TopicPartition {
	topic, n, _ := strings.Cut(v, "-")
	return kafka.TopicPartition{Topic: topic, Partition: int32(parseNumber(t, d, n))}
}
