package transactional

import (
	"testing"

	"ksim/sim/kafka"
)

// TestSince holds what the versions of libraries can do to the releases in which they
// learned it.
func TestSince(t *testing.T) {
	for _, c := range []struct {
		library        Library
		version        kafka.Version
		epochs, member bool
	}{
		{Java, kafka.V(2, 4, 0), false, false},
		{Java, kafka.V(2, 5, 0), false, true},
		{Java, kafka.V(3, 9, 0), false, true},
		{Java, kafka.V(4, 0, 0), true, true},
		{Librdkafka, kafka.V(1, 5, 0), false, false},
		{Librdkafka, kafka.V(2, 16, 0), false, true},
		{KafkaPython, kafka.V(3, 0, 0), false, true},
		{Aiokafka, kafka.V(0, 14, 0), false, false},
		{FranzGo, kafka.V(1, 22, 0), true, true},
		{Sarama, kafka.V(1, 61, 0), false, false},
		{Kafkajs, kafka.V(2, 2, 0), false, false},
	} {
		if got := c.library.EpochPerTransaction(c.version); got != c.epochs {
			t.Errorf("library %d at %s: an epoch for each transaction %t", c.library, c.version, got)
		}
		if got := c.library.WithMember(c.version); got != c.member {
			t.Errorf("library %d at %s: tells its member %t", c.library, c.version, got)
		}
	}
}
