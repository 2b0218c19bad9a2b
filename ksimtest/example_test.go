package ksimtest_test

import (
	"testing"

	"ksim/ksimtest"
)

// TestConsumerSettings is how a service's own tests look: the consumer settings that
// it is deployed with survive a slow record, and the ones it had before did not.
func TestConsumerSettings(t *testing.T) {
	ksimtest.Run(t, "testdata/slow-record.yaml")
	t.Run("of last year", func(t *testing.T) {
		ksimtest.Run(t, "testdata/slow-record.yaml",
			ksimtest.Set("groups.orders.config.max.poll.interval.ms=60000"),
			ksimtest.Set("expect=[{event: member.left, member: A, between: [1m9s, 1m11s]}, {event: commit.failed, member: A}]"))
	})
}
