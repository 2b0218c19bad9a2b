package librdkafka

import (
	"reflect"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// TestDefaults pins what a consumer does with an empty configuration: the defaults
// of CONFIGURATION.md, in the units of the simulator.
func TestDefaults(t *testing.T) {
	want := settings{
		session:            45 * clock.Second,
		heartbeat:          3 * clock.Second,
		maxPoll:            300 * clock.Second,
		autoCommit:         true,
		autoCommitInterval: 5 * clock.Second,
		autoOffsetStore:    true,
		reset:              resetLatest,
		fetchWait:          500 * clock.Millisecond,
		fetchMin:           1,
		fetchMax:           52428800,
		fetchPartition:     1048576,
		queuedMessages:     100000,
		queuedBytes:        65536000,
		fetchQueueBackoff:  clock.Second,
		fetchErrorBackoff:  500 * clock.Millisecond,
		metadataRefresh:    300 * clock.Second,
		coordinatorQuery:   600 * clock.Second,
		retryBackoff:       100 * clock.Millisecond,
		socketTimeout:      60 * clock.Second,
		readCommitted:      true,
		assignors:          []string{"range", "roundrobin"},
		retryBackoffMax:    clock.Second,

		reconnectBackoff:    100 * clock.Millisecond,
		reconnectBackoffMax: 10 * clock.Second,
	}
	for _, v := range []kafka.Version{kafka.V(2, 10, 0), kafka.V(2, 16, 0)} {
		if got := resolved(t, v, nil); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v\nwant %+v", v, got, want)
		}
	}
}

// TestGiven shows that the names that users write reach the settings: the Java
// names, and the old words of auto.offset.reset.
func TestGiven(t *testing.T) {
	got := resolved(t, kafka.V(2, 16, 0), []config.Property{
		{Key: "max.poll.interval.ms", Value: "60000"},
		{Key: "max.partition.fetch.bytes", Value: "4096"},
		{Key: "fetch.wait.max.ms", Value: "100"},
		{Key: "auto.offset.reset", Value: "smallest"},
		{Key: "group.instance.id", Value: "x"},
		{Key: "partition.assignment.strategy", Value: "roundrobin"},
		{Key: "enable.auto.commit", Value: "false"},
		{Key: "isolation.level", Value: "read_uncommitted"},
	})
	if got.maxPoll != clock.Minute || got.fetchPartition != 4096 || got.fetchWait != 100*clock.Millisecond ||
		got.reset != resetEarliest || got.instance != "x" || got.assignors[0] != "roundrobin" || got.autoCommit || got.readCommitted {
		t.Errorf("%+v", got)
	}
}

func resolved(t *testing.T, v kafka.Version, given []config.Property) settings {
	t.Helper()
	set, problems := config.Consumer("librdkafka", v, given)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return readSettings(set)
}
