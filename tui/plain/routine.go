package plain

import (
	"strings"

	"ksim/sim/clock"
	"ksim/sim/trace"
	"ksim/tui/chart"
)

// routine counts what goes well and has no line of its own.
type routine struct {
	beats, polls, commits int64
	works, lines          int64
	messages              [5]int64       // sent, received, deleted, extended, otherwise
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

// message counts what becomes of a message as it should.
func (r *routine) message(e *trace.Event) {
	switch {
	case e.Type == trace.QueueSent:
		r.messages[0]++
	case e.Type == trace.QueueReceived:
		r.messages[1]++
	case e.Type == trace.QueueDeleted:
		r.messages[2]++
	case e.Type == trace.QueueExtended:
		r.messages[3]++
	default:
		r.messages[4]++
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
	for i, n := range r.messages {
		switch what := [...]string{"sent", "received", "deleted", "extended"}; {
		case n == 0:
		case i == len(what):
			s = append(s, counted(n, "more event")+" of the kinds above")
		case i > 0 && r.messages[0]+r.messages[1]+r.messages[2] > 0 && len(s) > 0:
			s = append(s, chart.Number(n)+" "+what[i])
		default:
			s = append(s, counted(n, "message")+" "+what[i])
		}
	}
	if r.lines > 0 {
		s = append(s, counted(r.lines, "more log line")+" of the kind above")
	}
	return strings.Join(s, ", ")
}
