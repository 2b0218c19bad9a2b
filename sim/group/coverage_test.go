package group

import (
	"fmt"
	"path/filepath"
	"testing"

	"ksim/internal/golden"
)

// coverage is what transcripts and vectors have shown.
type coverage struct {
	pairs   map[string]bool // state and request
	reasons [reasonCount]bool
}

// request notes a request and the state in which it finds the group.
func (c *coverage) request(w *world, group, request string) {
	state := "no group"
	if v, ok := w.c.Group(group); ok {
		state = v.State.String()
	} else if v, ok := w.c.ConsumerGroup(group); ok {
		state = "consumer group " + v.State.String()
	} else if v, ok := w.c.ShareGroup(group); ok {
		state = "share group " + v.State.String()
	} else if w.c.phase != active {
		state = "not here"
	}
	c.note(state + ", " + request)
}

// reason notes why the groups rebalance.
func (c *coverage) reason(w *world) {
	for _, g := range w.c.groups {
		c.reasons[g.reason] = true
	}
}

func (c *coverage) note(pair string) {
	if c.pairs == nil {
		c.pairs = map[string]bool{}
	}
	c.pairs[pair] = true
}

// TestCoverage demands that the transcripts, which people read, show every reason
// to rebalance and every request in every state.
func TestCoverage(t *testing.T) {
	if *golden.Update {
		t.Skip("the transcripts are being written")
	}
	seen := &coverage{}
	files, err := filepath.Glob(filepath.Join("testdata", "[cs]*", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts (%v)", err)
	}
	for _, f := range files {
		runTranscript(t, f, seen)
	}
	for r := ReasonNone + 1; r < reasonCount; r++ {
		if !seen.reasons[r] {
			t.Errorf("no transcript rebalances because of %q", reasons[r].words)
		}
	}
	states := append([]string{"no group", "not here"}, stateNames[:Dead]...)
	for _, state := range states {
		for _, request := range []string{"join", "sync", "heartbeat", "leave", "commit", "txn-commit", "fetch"} {
			if pair := fmt.Sprintf("%s, %s", state, request); !seen.pairs[pair] {
				t.Errorf("no transcript shows: %s", pair)
			}
		}
	}
	for state := ShareEmpty; state <= ShareStable; state++ {
		for _, request := range []string{"share", "commit", "fetch", "join", "consumer"} {
			if pair := fmt.Sprintf("share group %s, %s", state, request); !seen.pairs[pair] {
				t.Errorf("no transcript shows: %s", pair)
			}
		}
	}
	for _, state := range consumerStateNames {
		for _, request := range []string{"consumer", "commit", "txn-commit", "fetch", "heartbeat", "join"} {
			if pair := fmt.Sprintf("consumer group %s, %s", state, request); !seen.pairs[pair] {
				t.Errorf("no transcript shows: %s", pair)
			}
		}
	}
}
