package sim

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/trace"
)

// delayed is something that fell due while the process was frozen.
type delayed struct {
	message  message        // an answer, if it has an id
	timer    client.TimerID // else a client timer
	app      bool           // or the application's, of that thread
	thread   uint32
	producer bool // or the producer's
}

// freeze stops the process as SIGSTOP does: what falls due waits.
func (p *process) freeze(until clock.Time) {
	if p.state != running {
		return
	}
	now := p.w.Now()
	p.settle()
	p.app.Cut((*appPort)(p), now)
	p.state, p.thawsAt = frozen, until
	p.emit(trace.Event{Type: trace.MemberFrozen})
	p.silence = p.w.cause
	p.w.queue.Schedule(until, clock.ClassTimeline, clock.NewEvent(evThaw, p.index, p.incarnation&clock.MaxArg))
}

// thaw lets the process go on: all that fell due runs in due order, by the clock
// of now. A process that has been started anew since is another one.
func (p *process) thaw(incarnation uint32) {
	if p.state != frozen || p.incarnation&clock.MaxArg != incarnation {
		return
	}
	p.state = running
	p.emit(trace.Event{Type: trace.MemberThawed})
	if c, ok := p.consumer.(client.Thawer); ok {
		c.Thawed((*clientPort)(p), p.w.Now())
		p.proceed()
	}
	for len(p.backlog) > 0 && p.state == running {
		d := p.backlog[0]
		p.backlog = slices.Delete(p.backlog, 0, 1)
		switch {
		case d.message.id != 0:
			p.answered(&d.message)
		case d.app:
			p.fireApp(d.thread)
		case d.producer:
			p.fireProducer()
		default:
			p.fireClient(uint32(d.timer))
		}
	}
	p.proceed()
}

// forget drops a timer of the client that fell due while the process was frozen
// and has been set anew or cancelled since; forgetApp one of the application's.
func (p *process) forget(t client.TimerID) {
	p.drop(func(d delayed) bool { return !d.app && !d.producer && d.timer == t })
}

func (p *process) forgetApp(thread uint32) {
	p.drop(func(d delayed) bool { return d.app && d.thread == thread })
}

func (p *process) drop(which func(delayed) bool) {
	if len(p.backlog) > 0 {
		p.backlog = slices.DeleteFunc(p.backlog, func(d delayed) bool { return d.message.id == 0 && which(d) })
	}
}
