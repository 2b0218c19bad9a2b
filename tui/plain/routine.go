package plain

import (
	"strings"

	"ksim/sim/clock"
	"ksim/sim/trace"
)

// routine counts what goes well and has no line of its own.
type routine struct {
	beats, polls, commits int64
	works, lines          int64
	longest               clock.Duration // of works
}

// count takes in a detail event.
func (r *routine) count(e *trace.Event) {
	switch {
	case e.Type == trace.NetResponse && e.What == "Heartbeat":
		r.beats++
	case e.Type == trace.AppPoll:
		r.polls++
	case e.Type == trace.CommitDone:
		r.commits++
	}
}

// fold counts a work that went well.
func (r *routine) fold(took clock.Duration) {
	r.works++
	r.longest = max(r.longest, took)
}

// text prints the counts; "" when there are none.
func (r *routine) text() string {
	var s []string
	if r.beats > 0 {
		s = append(s, "♥ "+counted(r.beats, "heartbeat")+" answered")
	}
	switch {
	case r.polls > 0:
		s = append(s, counted(r.polls, "poll"))
	case r.beats > 0:
		s = append(s, "no poll")
	}
	if r.commits > 0 {
		s = append(s, counted(r.commits, "commit")+" accepted")
	}
	if r.works > 0 {
		s = append(s, counted(r.works, "upload")+" done, the longest in "+lasting(r.longest))
	}
	if r.lines > 0 {
		s = append(s, counted(r.lines, "more log line")+" of the kind above")
	}
	return strings.Join(s, ", ")
}
