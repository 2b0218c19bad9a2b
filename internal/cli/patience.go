package cli

import (
	"fmt"
	"runtime/metrics"
	"sync"
	"time"
)

// Where nobody watches a progress bar, a long work says so once on standard error
// after patienceAfter seconds, and once when it has taken memoryAfter bytes.
const (
	patienceAfter = 10
	memoryAfter   = 1 << 30
)

// smaller is what takes less time.
const smaller = "fewer records, members or partitions, or a shorter duration, take less"

// patience looks after a work, named by what, until end is called; far says what is
// to be said of its time.
func (e *Env) patience(what string, far func() string) (end func()) {
	if e.StderrTerminal || e.Look == nil {
		return func() {}
	}
	quit := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() { e.lookAfter(what, far, quit) })
	return func() {
		close(quit)
		ended.Wait()
	}
}

// lookAfter says each of the two things once.
func (e *Env) lookAfter(what string, far func() string, quit <-chan struct{}) {
	looks, stop := e.Look()
	defer stop()
	since, slow, large := e.Seconds(), false, false
	for {
		select {
		case <-quit:
			return
		case memory := <-looks:
			if took := e.Seconds() - since; took >= patienceAfter && !slow {
				slow = true
				fmt.Fprintf(e.Stderr, "ksim: %s: not done after %.0f s: %s\n", what, took, far())
			}
			if memory >= memoryAfter && !large {
				large = true
				fmt.Fprintf(e.Stderr, "ksim: %s: takes more than %d GB of memory: fewer members or partitions take less\n", what, memoryAfter>>30)
			}
		}
	}
}

// looks gives, several times a second, how many bytes this process has from the
// operating system.
func looks() (memory <-chan uint64, stop func()) {
	tick, given, quit := time.NewTicker(meterEvery), make(chan uint64), make(chan struct{})
	go func() {
		taken := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
			}
			metrics.Read(taken)
			select {
			case <-quit:
				return
			case given <- taken[0].Value.Uint64() - taken[1].Value.Uint64():
			}
		}
	}()
	return given, func() {
		tick.Stop()
		close(quit)
	}
}
