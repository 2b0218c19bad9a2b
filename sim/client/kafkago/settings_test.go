package kafkago

import (
	"reflect"
	"strings"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// TestDefaults pins what a Reader does with an empty ReaderConfig, in the units of
// the simulator; MaxWait is that of the recordings' programs.
func TestDefaults(t *testing.T) {
	want := settings{
		session:       30 * clock.Second,
		heartbeat:     3 * clock.Second,
		rebalance:     30 * clock.Second,
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
	if got := resolved(t, nil); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

// TestGiven shows that the names that users write reach the settings: the fields of
// ReaderConfig and the dotted ones.
func TestGiven(t *testing.T) {
	got := resolved(t, []config.Property{
		{Key: "SessionTimeout", Value: "10s"},
		{Key: "heartbeat.interval.ms", Value: "500"},
		{Key: "rebalance.timeout.ms", Value: "20000"},
		{Key: "auto.offset.reset", Value: "latest"},
		{Key: "CommitInterval", Value: "1s"},
		{Key: "fetch.max.wait.ms", Value: "10000"},
		{Key: "GroupBalancers", Value: "roundrobin"},
		{Key: "WatchPartitionChanges", Value: "true"},
		{Key: "MaxAttempts", Value: "0"},
	})
	if got.session != 10*clock.Second || got.heartbeat != clock.Second/2 || got.rebalance != 20*clock.Second || got.startFirst ||
		got.commitInterval != clock.Second || got.fetchWait() != 9*clock.Second || len(got.balancers) != 1 || !got.watchPartitions || got.maxAttempts != 3 {
		t.Errorf("%+v", got)
	}
}

func resolved(t *testing.T, given []config.Property) settings {
	t.Helper()
	set, problems := config.Consumer("kafka-go", kafka.V(0, 4, 0), given)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return readSettings(set)
}

// TestBalancers holds the balancers to what recordings show: blocks of the partitions
// as they are listed, the larger ones not first, and no look at other topics.
func TestBalancers(t *testing.T) {
	topics := []kafka.TopicMetadata{
		{Topic: "t", Leaders: []int32{1, 1, 1, 1}, Order: []int32{1, 3, 2, 0}},
		{Topic: "u", Leaders: []int32{1, 1}},
	}
	both := kafka.EncodeSubscription(kafka.Subscription{Topics: []string{"t", "u"}, Generation: -1})
	one := kafka.EncodeSubscription(kafka.Subscription{Topics: []string{"t"}, Generation: -1})
	members := []kafka.JoinGroupMember{{MemberID: "C", Metadata: both}, {MemberID: "A", Metadata: one}, {MemberID: "B", Metadata: both}}
	for name, c := range map[string]struct {
		balancer func([]kafka.JoinGroupMember, []kafka.TopicMetadata) []share
		want     string
	}{
		"range":      {rangeBalancer, "A: t-1 B: t-3,u-0 C: t-2,t-0,u-1"},
		"roundrobin": {roundRobinBalancer, "A: t-1,t-0 B: t-3,u-0 C: t-2,u-1"},
	} {
		var got []string
		for _, s := range c.balancer(members, topics) {
			got = append(got, s.memberID+": "+kafka.EncodeAssignment(s.partitions))
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestDurations prints durations as the real lines do.
func TestDurations(t *testing.T) {
	for d, want := range map[clock.Duration]string{
		clock.Second: "1s", 3500 * clock.Millisecond: "3.5s", 90 * clock.Second: "1m30s", 250 * clock.Millisecond: "250ms", clock.Hour: "1h0m0s",
	} {
		if got := goDuration(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
}
