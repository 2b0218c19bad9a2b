package sarama

import (
	"reflect"
	"strings"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// TestDefaults pins what a group does with NewConfig() and the cluster's Version, in
// the units of the simulator.
func TestDefaults(t *testing.T) {
	want := &settings{
		session: 10 * clock.Second, heartbeat: 3 * clock.Second, rebalance: clock.Minute,
		retryMax: 4, retryBackoff: 2 * clock.Second,
		autoCommit: true, autoCommitInterval: clock.Second, commitRetries: 3,
		resetInvalid: true, strategies: []string{"range"},
		fetchMaxWait: 500 * clock.Millisecond, fetchMin: 1, fetchMax: 52428800, fetchPartition: 1048576,
		channel: 256, maxProcessing: 100 * clock.Millisecond, consumerRetry: 2 * clock.Second,
		metadataRetries: 3, metadataBackoff: 250 * clock.Millisecond, metadataAge: 10 * clock.Minute,
		readTimeout: 30 * clock.Second, version: kafka.V(3, 6, 0),
	}
	if got := resolved(t, nil); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

// TestGiven shows that the names that users write reach the settings: the fields of
// Config and the dotted ones.
func TestGiven(t *testing.T) {
	got := resolved(t, []config.Property{
		{Key: "session.timeout.ms", Value: "20000"},
		{Key: "Consumer.Group.Heartbeat.Interval", Value: "500ms"},
		{Key: "Consumer.Group.Rebalance.Retry.Max", Value: "1"},
		{Key: "auto.offset.reset", Value: "earliest"},
		{Key: "Consumer.Offsets.AutoCommit.Enable", Value: "false"},
		{Key: "Consumer.Group.InstanceId", Value: "x"},
		{Key: "Consumer.Return.Errors", Value: "true"},
		{Key: "ChannelBufferSize", Value: "0"},
		{Key: "request.timeout.ms", Value: "5000"},
		{Key: "Version", Value: "2.4.1"},
	})
	if got.session != 20*clock.Second || got.heartbeat != clock.Second/2 || got.retryMax != 1 || !got.oldest || got.autoCommit || got.instance != "x" ||
		!got.returnErrors || got.channel != 0 || got.readTimeout != 5*clock.Second || got.version != kafka.V(2, 4, 1) {
		t.Errorf("%+v", got)
	}
}

// TestJoinVersions: Config.Version decides which JoinGroup is sent, and whether
// requests carry reasons (KIP-800).
func TestJoinVersions(t *testing.T) {
	for version, want := range map[string]int16{"0.10.2.0": 1, "0.11.0.0": 2, "1.0.0": 2, "2.0.0": 3, "2.2.0": 4, "2.3.0": 5, "2.4.0": 6, "2.8.0": 7, "3.1.0": 7, "3.2.0": 8, "4.1.0": 8} {
		s := &settings{version: parseVersion(version)}
		if got := s.joinVersion(); got != want || s.reasons() != (want == 8) {
			t.Errorf("%s sends version %d, reasons %t; want %d", version, got, s.reasons(), want)
		}
	}
}

// TestBalance holds the leader's plan to the strategies' own rules: range rounds
// each topic's shares, so that the first member has the odd one, roundrobin all partitions in turn.
func TestBalance(t *testing.T) {
	topics := []assign.Topic{{Name: "t", Partitions: 3}, {Name: "u", Partitions: 1}}
	m := kafka.EncodeSubscription(kafka.Subscription{Topics: []string{"t", "u"}, Generation: -1})
	members := []kafka.JoinGroupMember{{MemberID: "B", Metadata: m}, {MemberID: "A", Metadata: m}}
	for strategy, want := range map[string]string{
		"range":      "A: t-0,t-1,u-0 B: t-2",
		"roundrobin": "A: t-0,t-2 B: t-1,u-0",
		"sticky":     "A: t-0,t-2 B: t-1,u-0",
	} {
		var got []string
		for _, a := range balance(strategy, topics, members) {
			got = append(got, a.MemberID+": "+a.Assignment)
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s: %s, want %s", strategy, got, want)
		}
	}
}

func resolved(t *testing.T, given []config.Property) *settings {
	t.Helper()
	set, problems := config.Consumer("sarama", kafka.V(1, 61, 0), given)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return readSettings(set)
}
