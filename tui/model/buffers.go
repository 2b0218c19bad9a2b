package model

import (
	"ksim/sim"
	"ksim/sim/clock"
	"ksim/tui/chart"
)

// BufferKind is where records wait.
type BufferKind uint8

// The places where records wait.
const (
	ClientBuffer BufferKind = iota // fetched, and not handed out by poll
	AppBuffer                      // in the application's buffer
	WorkQueue                      // of them, waiting for a worker
	bufferKinds
)

// buffers is what was sampled of one member's.
type buffers [bufferKinds]chart.Series

// sampleBuffers notes how full the members' buffers are.
func (r *Run) sampleBuffers(s *sim.Sample) {
	n := 0
	for i := range s.Groups {
		for k := range s.Groups[i].Members {
			if n == len(r.buffers) {
				r.buffers = append(r.buffers, buffers{})
			}
			m, b := &s.Groups[i].Members[k], &r.buffers[n]
			for kind, bytes := range [bufferKinds]int64{ClientBuffer: m.ClientBytes, AppBuffer: m.BufferBytes, WorkQueue: m.QueueBytes} {
				b[kind] = append(b[kind], chart.Point{At: s.At, Value: bytes})
			}
			n++
		}
	}
}

// Buffer is how many bytes lie in a buffer of a member, up to an instant.
func (r *Run) Buffer(member string, kind BufferKind, until clock.Time) chart.Series {
	n := 0
	for i := range r.Scenario().Groups {
		members := r.Scenario().Groups[i].Members
		for k := range members {
			if members[k].Name == member {
				if n >= len(r.buffers) {
					return nil
				}
				return before(r.buffers[n][kind], until)
			}
			n++
		}
	}
	return nil
}
