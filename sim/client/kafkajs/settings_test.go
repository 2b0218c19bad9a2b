package kafkajs

import (
	"testing"

	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// TestDefaults pins what a consumer does without any option: the defaults of
// kafkajs 2.2, in the units of the simulator.
func TestDefaults(t *testing.T) {
	want := settings{
		session:        30 * clock.Second,
		heartbeat:      3 * clock.Second,
		rebalance:      clock.Minute,
		autoCommit:     true,
		fetchWait:      5 * clock.Second,
		fetchMin:       1,
		fetchMax:       10485760,
		fetchPartition: 1048576,
		metadataMaxAge: 5 * clock.Minute,
		requestTimeout: 30 * clock.Second,
		retry:          retrySettings{initial: 300 * clock.Millisecond, most: 30 * clock.Second, factor: 200, multiplier: 2000, retries: 5},
	}
	if got := resolved(t, nil); got != want {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

// TestGiven shows that the names that users write reach the settings: kafkajs's own
// and the dotted ones.
func TestGiven(t *testing.T) {
	got := resolved(t, []config.Property{
		{Key: "session.timeout.ms", Value: "10000"},
		{Key: "heartbeatInterval", Value: "500"},
		{Key: "rebalance.timeout.ms", Value: "20000"},
		{Key: "auto.offset.reset", Value: "earliest"},
		{Key: "enable.auto.commit", Value: "false"},
		{Key: "autoCommitThreshold", Value: "100"},
		{Key: "auto.commit.interval.ms", Value: "7000"},
		{Key: "fetch.max.wait.ms", Value: "500"},
		{Key: "max.partition.fetch.bytes", Value: "4096"},
		{Key: "enforceRequestTimeout", Value: "false"},
		{Key: "retry.multiplier", Value: "1.5"},
	})
	if got.session != 10*clock.Second || got.heartbeat != clock.Second/2 || got.rebalance != 20*clock.Second || !got.fromBeginning ||
		got.autoCommit || got.autoCommitThreshold != 100 || got.autoCommitInterval != 7*clock.Second || got.fetchWait != clock.Second/2 ||
		got.fetchPartition != 4096 || got.requestTimeout != clock.Never || got.retry.multiplier != 1500 {
		t.Errorf("%+v", got)
	}
}

func resolved(t *testing.T, given []config.Property) settings {
	t.Helper()
	set, problems := config.Consumer("kafkajs", kafka.V(2, 2, 0), given)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return readSettings(set)
}

// TestRoundRobin holds the assigner to its rules: members by id, partitions as they
// are listed, all topics in one row, nothing for those who come too late.
func TestRoundRobin(t *testing.T) {
	topics := []kafka.TopicMetadata{
		{Topic: "t", Leaders: []int32{1, 1, 1, 1}, Order: []int32{1, 3, 2, 0}},
		{Topic: "a", Leaders: []int32{1}},
	}
	members := []kafka.JoinGroupMember{{MemberID: "C"}, {MemberID: "A"}, {MemberID: "B"}}
	got := roundRobin(topics, members)
	want := []kafka.MemberAssignment{{MemberID: "A", Assignment: "t-1,t-0"}, {MemberID: "B", Assignment: "t-3,a-0"}, {MemberID: "C", Assignment: "t-2"}}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got[i], want[i])
		}
	}
	if got := roundRobin(topics[1:], members); len(got) != 1 || got[0].MemberID != "A" {
		t.Errorf("one partition for three members: %v", got)
	}
}
