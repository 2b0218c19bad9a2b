package java

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// TestDefaults pins what a consumer does with an empty configuration: the defaults
// of ConsumerConfig since 3.0, in the units of the simulator.
func TestDefaults(t *testing.T) {
	want := defaults()
	want.autoCommit, want.reset = true, "latest"
	want.assignors = []string{"range", "cooperative-sticky"}
	for _, v := range []kafka.Version{kafka.V(3, 5, 0), kafka.V(4, 1, 0)} {
		want.retryBackoffMax = clock.Second
		if v < kafka.V(3, 7, 0) {
			want.retryBackoffMax = want.retryBackoff // no growth before KIP-580
		}
		if diff := cmp.Diff(want, resolved(t, v), cmp.AllowUnexported(settings{})); diff != "" {
			t.Errorf("%s: -want +got\n%s", v, diff)
		}
	}
}

// TestGiven shows that what users write reaches the settings, assignors by the
// names that go into a JoinGroup.
func TestGiven(t *testing.T) {
	got := resolved(t, kafka.V(4, 1, 0),
		config.Property{Key: "max.poll.interval.ms", Value: "60000"},
		config.Property{Key: "max.poll.records", Value: "7"},
		config.Property{Key: "enable.auto.commit", Value: "false"},
		config.Property{Key: "group.instance.id", Value: "x"},
		config.Property{Key: "partition.assignment.strategy", Value: "org.apache.kafka.clients.consumer.StickyAssignor, org.apache.kafka.clients.consumer.RoundRobinAssignor"},
	)
	if got.maxPoll != clock.Minute || got.maxPollRecords != 7 || got.autoCommit || got.instance != "x" || !cmp.Equal(got.assignors, []string{"sticky", "roundrobin"}) {
		t.Errorf("%+v", got)
	}
}

func resolved(t *testing.T, v kafka.Version, given ...config.Property) settings {
	t.Helper()
	set, problems := config.Consumer("java", v, given)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return *readSettings(set)
}
