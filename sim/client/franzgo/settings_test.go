package franzgo

import (
	"reflect"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// TestDefaults pins what NewClient does with a group and its topics only, in the units
// of the simulator; the programs poll 500 records at a time.
func TestDefaults(t *testing.T) {
	want := &settings{
		session: 45 * clock.Second, heartbeat: 3 * clock.Second, rebalance: clock.Minute,
		balancers: []string{"cooperative-sticky"}, autoCommit: true, autoCommitInterval: 5 * clock.Second,
		fetchMaxWait: 5 * clock.Second, fetchMin: 1, fetchMax: 52428800, fetchPartition: 1048576,
		pollRecords: 500, metadataMaxAge: 5 * clock.Minute, metadataMinAge: 5 * clock.Second, retries: 20,
	}
	if got := resolved(t, nil); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

// TestGiven shows that the names that users write reach the settings: kgo's functions
// and the dotted ones.
func TestGiven(t *testing.T) {
	got := resolved(t, []config.Property{
		{Key: "SessionTimeout", Value: "10s"},
		{Key: "heartbeat.interval.ms", Value: "500"},
		{Key: "RebalanceTimeout", Value: "20s"},
		{Key: "Balancers", Value: "RangeBalancer()"},
		{Key: "BlockRebalanceOnPoll", Value: "true"},
		{Key: "DisableAutoCommit", Value: "true"},
		{Key: "auto.offset.reset", Value: "latest"},
		{Key: "ConsumeResetOffset", Value: "AtEnd"},
		{Key: "InstanceID", Value: "x"},
		{Key: "PollRecords", Value: "0"},
		{Key: "FetchMaxWait", Value: "500ms"},
	})
	if got.session != 10*clock.Second || got.heartbeat != clock.Second/2 || got.rebalance != 20*clock.Second || got.balancers[0] != "range" ||
		!got.block || got.autoCommit || !got.latest || !got.resetLatest || got.instance != "x" || got.pollRecords != 0 || got.fetchMaxWait != clock.Second/2 {
		t.Errorf("%+v", got)
	}
}

// TestDurations prints durations as Go does: the lines of a backoff have them.
func TestDurations(t *testing.T) {
	for d, want := range map[clock.Duration]string{
		250 * clock.Millisecond: "250ms", 235750: "235.75ms", clock.Second: "1s", 1250 * clock.Millisecond: "1.25s", 5 * clock.Second: "5s",
	} {
		if got := durationText(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
}

func resolved(t *testing.T, given []config.Property) *settings {
	t.Helper()
	set, problems := config.Consumer("franz-go", kafka.V(1, 22, 0), given)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return readSettings(set)
}
