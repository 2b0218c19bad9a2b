package javashare

import (
	"fmt"
	"testing"

	"ksim/internal/golden"
	"ksim/sim/client"
	"ksim/sim/client/clienttest"
	"ksim/sim/config"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestTranscripts holds each behaviour against a file that tells it line by line;
// clienttest.Transcripts says how to read them.
func TestTranscripts(t *testing.T) {
	clienttest.Transcripts(t, "java", func(s config.Set, o client.Options) *clienttest.World {
		c := New(s, o)
		return &clienttest.World{Consumer: c, TimerNames: []string{timerApp: "app", timerBackground: "background", timerMetadata: "metadata"},
			State: func() string {
				return fmt.Sprintf("%s, epoch %d, %v, to acknowledge %v", c.state, c.epoch, c.assigned, c.batch)
			}}
	})
}
