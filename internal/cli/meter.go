package cli

import (
	"fmt"
	"sync"
	"time"
)

// meter tells on standard error how far a work of many runs has come, if a person
// watches and it takes longer than progressAfter.
type meter struct {
	e     *Env
	what  string
	total int
	since float64

	lock  sync.Mutex
	done  int
	shown bool

	quit     chan struct{}
	patience func() // ends what is said where there is no line
	ended    sync.WaitGroup
}

// meterEvery is how often the line is drawn anew.
const meterEvery = 200 * time.Millisecond

// meter begins to tell; end ends it.
func (e *Env) meter(what string, total int) *meter {
	m := &meter{e: e, what: what, total: total, since: e.Seconds(), quit: make(chan struct{})}
	m.patience = e.patience(what, m.far)
	if e.StderrTerminal {
		m.ended.Go(m.tell)
	}
	return m
}

func (m *meter) tell() {
	tick := time.NewTicker(meterEvery)
	defer tick.Stop()
	for {
		select {
		case <-m.quit:
			return
		case <-tick.C:
			m.draw()
		}
	}
}

// far says how much is done.
func (m *meter) far() string {
	m.lock.Lock()
	defer m.lock.Unlock()
	return fmt.Sprintf("%d of %d", m.done, m.total)
}

func (m *meter) draw() {
	m.lock.Lock()
	defer m.lock.Unlock()
	if took := m.e.Seconds() - m.since; took > progressAfter {
		m.shown = true
		fmt.Fprintf(m.e.Stderr, "\r\x1b[K%s: %d of %d, %.0f s", m.what, m.done, m.total, took)
	}
}

// one counts a run that is done.
func (m *meter) one() {
	m.lock.Lock()
	m.done++
	m.lock.Unlock()
}

// aside runs what writes to the terminal, out of the line's way.
func (m *meter) aside(write func()) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.shown {
		fmt.Fprint(m.e.Stderr, "\r\x1b[K")
		m.shown = false
	}
	write()
}

// end takes the line away.
func (m *meter) end() {
	close(m.quit)
	m.patience()
	m.ended.Wait()
	m.aside(func() {})
}
