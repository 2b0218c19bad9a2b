package sim

import (
	"fmt"

	"ksim/sim/clock"
	"ksim/sim/scenario"
)

// brokerState is one broker as a process.
type brokerState struct {
	id   int32
	rand clock.Stream // of the member ids that it hands out
}

func newBroker(id int32, s *scenario.Scenario) brokerState {
	return brokerState{id: id, rand: clock.NewStream(s.Seed, fmt.Sprintf("broker-%d", id), "uuid")}
}

// address is how clients print the broker.
func (b *brokerState) address() string { return fmt.Sprintf("kafka-%d:9092", b.id) }
