package clocktest

import "ksim/sim/clock"

// ProduceConsume is the workload W3: 100 producers that send 10 messages to one
// of 600 partitions every 10 ms, and 100 consumers that fetch from 6 of them
// every 100 ms; every leg on the network takes 1 ms.
type ProduceConsume struct {
	Tally
	ends, positions [600]int64 // of each partition
	batches         [100]uint32
	fetched         [100]int64
	consumed        int64
}

// The kinds of its events.
const (
	ProduceSent uint8 = iota
	ProduceArrived
	FetchSent
	FetchArrived
	FetchReturned
)

// Start is when, in milliseconds, each of the 200 actors begins, and with what
// kind of event: the producers, then the consumers.
func (w *ProduceConsume) Start() (at [200]int64, kind [200]uint8) {
	x := uint32(seed)
	for i := range at {
		x = lcg(x)
		at[i] = int64(x >> 8 % 10)
		if i >= 100 {
			at[i], kind[i] = int64(x>>8%100), FetchSent
		}
	}
	return at, kind
}

// Step lets an event happen to an actor, and gives the next: in how many
// milliseconds, and what.
func (w *ProduceConsume) Step(kind uint8, actor uint32) (after int64, next uint8) {
	switch kind {
	case ProduceSent:
		return 1, ProduceArrived
	case ProduceArrived:
		batch := w.batches[actor]
		w.batches[actor]++
		w.ends[(actor*6+batch)%600] += 10
		return 9, ProduceSent
	case FetchSent:
		return 1, FetchArrived
	case FetchArrived:
		n := int64(0)
		for p := actor * 6; p < actor*6+6; p++ {
			n += w.ends[p] - w.positions[p]
			w.positions[p] = w.ends[p]
		}
		w.fetched[actor] = n
		return 1, FetchReturned
	default:
		w.consumed += w.fetched[actor]
		return 98, FetchSent
	}
}

func (w *ProduceConsume) note(at clock.Time, e clock.Event) {
	w.Note(uint32(at.Milliseconds()) ^ (e.Actor()<<3 | uint32(e.Kind())))
}

// ProduceConsumeOnQueue makes the workload on a queue and gives a function that
// runs it up to, and without, a time.
func ProduceConsumeOnQueue() (*Tally, func(end clock.Time)) {
	w, q := new(ProduceConsume), new(clock.Queue)
	at, kind := w.Start()
	for i := range at {
		q.Schedule(clock.Ms(at[i]), clock.ClassMessage, clock.NewEvent(kind[i], uint32(i%100), 0))
	}
	return &w.Tally, func(end clock.Time) {
		for q.Ready(end - 1) {
			_, e := q.Take()
			after, next := w.Step(e.Kind(), e.Actor())
			q.Schedule(q.Now()+clock.Ms(after), clock.ClassMessage, clock.NewEvent(next, e.Actor(), 0))
			w.note(q.Now(), e)
		}
	}
}

// ProduceConsumeOnOracle is ProduceConsumeOnQueue for the oracle.
func ProduceConsumeOnOracle() (*Tally, func(end clock.Time)) {
	w, o := new(ProduceConsume), new(Oracle)
	at, kind := w.Start()
	for i := range at {
		o.Schedule(clock.Ms(at[i]), clock.ClassMessage, clock.NewEvent(kind[i], uint32(i%100), 0))
	}
	return &w.Tally, func(end clock.Time) {
		for {
			_, e, ok := o.Next(end - 1)
			if !ok {
				return
			}
			after, next := w.Step(e.Kind(), e.Actor())
			o.Schedule(o.Now()+clock.Ms(after), clock.ClassMessage, clock.NewEvent(next, e.Actor(), 0))
			w.note(o.Now(), e)
		}
	}
}
