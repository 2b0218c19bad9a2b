package javashare

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"ksim/sim/client"
	"ksim/sim/client/clienttest"
	"ksim/sim/config"
)

var update = flag.Bool("update", false, "rewrite the transcripts")

func TestMain(m *testing.M) {
	flag.Parse()
	if *update {
		if err := flag.Set("rewrite", "true"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

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
