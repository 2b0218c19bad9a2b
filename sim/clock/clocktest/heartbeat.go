package clocktest

import "ksim/sim/clock"

// Heartbeat is the workload W1: members that send a heartbeat every 3 s. It
// arrives 1 ms later and sets the member's session timer anew, 45 s from then;
// the response arrives another 1 ms later. W1u is the same with random legs of
// 1000 to 2023 µs.
//
// H is what an engine keeps in a member to find its session timer.
type Heartbeat[H any] struct {
	Tally
	Members []Member[H]
	micros  bool
}

// Member is the state that an event touches.
type Member[H any] struct {
	Session     H
	Last        clock.Time // when a heartbeat arrived
	Sent, Acked uint32
	rng         uint32
}

// The times of a Heartbeat.
const (
	HeartbeatInterval = 3 * clock.Second
	SessionTimeout    = 45 * clock.Second

	// HeartbeatWarmUp is how long the queue's content takes to settle, that of
	// engines included that leave cancelled timers in it.
	HeartbeatWarmUp = 16 * HeartbeatInterval
)

// The kinds of its events.
const (
	HeartbeatSent uint8 = iota
	HeartbeatArrived
	ResponseArrived
	SessionExpired
)

// NewHeartbeat makes n members: of W1, or of W1u, which counts in microseconds.
func NewHeartbeat[H any](n int, micros bool) *Heartbeat[H] {
	w := &Heartbeat[H]{Members: make([]Member[H], n), micros: micros}
	x := uint32(seed)
	for i := range w.Members {
		x = lcg(x)
		w.Members[i].rng = x
	}
	return w
}

// Start is when a member sends its first heartbeat.
func (w *Heartbeat[H]) Start(member int) clock.Time {
	x := clock.Time(w.Members[member].rng >> 8)
	if w.micros {
		return x % HeartbeatInterval
	}
	return clock.Ms(int64(x % clock.Time(HeartbeatInterval.Milliseconds())))
}

func (w *Heartbeat[H]) leg(m *Member[H]) clock.Duration {
	if !w.micros {
		return clock.Millisecond
	}
	m.rng = lcg(m.rng)
	return clock.Millisecond + clock.Time(m.rng>>16%1024)
}

func (w *Heartbeat[H]) note(at clock.Time, e clock.Event) {
	if !w.micros {
		at = clock.Time(at.Milliseconds())
	}
	w.Note(uint32(at) ^ (e.Actor()<<2 | uint32(e.Kind())))
}

// begin schedules what an engine starts with.
func (w *Heartbeat[H]) begin(schedule func(clock.Time, clock.Class, clock.Event), newTimer func(clock.Event) H, arm func(H, clock.Time)) {
	for i := range w.Members {
		schedule(w.Start(i), clock.ClassMessage, clock.NewEvent(HeartbeatSent, uint32(i), 0))
	}
	for i := range w.Members {
		w.Members[i].Session = newTimer(clock.NewEvent(SessionExpired, uint32(i), 0))
		arm(w.Members[i].Session, SessionTimeout)
	}
}

// HeartbeatOnQueue makes n members on a queue and gives a function that runs
// them up to, and without, a time.
func HeartbeatOnQueue(n int, micros bool) (*Tally, func(end clock.Time)) {
	w, q := NewHeartbeat[clock.Timer](n, micros), new(clock.Queue)
	w.begin(q.Schedule, q.NewTimer, q.Arm)
	return &w.Tally, func(end clock.Time) { runHeartbeat(w, q, end) }
}

func runHeartbeat(w *Heartbeat[clock.Timer], q *clock.Queue, end clock.Time) {
	for q.Ready(end - 1) {
		_, e := q.Take()
		now, id := q.Now(), e.Actor()
		m := &w.Members[id]
		switch e.Kind() {
		case HeartbeatSent:
			m.Sent++
			q.Schedule(now+w.leg(m), clock.ClassMessage, clock.NewEvent(HeartbeatArrived, id, 0))
			q.Schedule(now+HeartbeatInterval, clock.ClassMessage, e)
		case HeartbeatArrived:
			m.Last = now
			q.Arm(m.Session, now+SessionTimeout)
			q.Schedule(now+w.leg(m), clock.ClassMessage, clock.NewEvent(ResponseArrived, id, 0))
		case ResponseArrived:
			m.Acked++
		default:
			panic("clocktest: a session has expired")
		}
		w.note(now, e)
	}
}

// HeartbeatOnOracle is HeartbeatOnQueue for the oracle.
func HeartbeatOnOracle(n int, micros bool) (*Tally, func(end clock.Time)) {
	w, o := NewHeartbeat[OracleTimer](n, micros), new(Oracle)
	w.begin(o.Schedule, o.NewTimer, o.Arm)
	return &w.Tally, func(end clock.Time) { runHeartbeatOracle(w, o, end) }
}

func runHeartbeatOracle(w *Heartbeat[OracleTimer], o *Oracle, end clock.Time) {
	for {
		_, e, ok := o.Next(end - 1)
		if !ok {
			return
		}
		now, id := o.Now(), e.Actor()
		m := &w.Members[id]
		switch e.Kind() {
		case HeartbeatSent:
			m.Sent++
			o.Schedule(now+w.leg(m), clock.ClassMessage, clock.NewEvent(HeartbeatArrived, id, 0))
			o.Schedule(now+HeartbeatInterval, clock.ClassMessage, e)
		case HeartbeatArrived:
			m.Last = now
			o.Arm(m.Session, now+SessionTimeout)
			o.Schedule(now+w.leg(m), clock.ClassMessage, clock.NewEvent(ResponseArrived, id, 0))
		case ResponseArrived:
			m.Acked++
		default:
			panic("clocktest: a session has expired")
		}
		w.note(now, e)
	}
}
