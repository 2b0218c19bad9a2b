package sim

import (
	"math/bits"
	"strconv"

	"ksim/sim/clock"
	"ksim/sim/producer"
	"ksim/sim/scenario"
)

// queueProducer is a producer that sends to a queue: record k = 1, 2, … is in it at
// origin + k/rate.
type queueProducer struct {
	conf    *scenario.Producer
	queue   int
	rate    scenario.Rate
	origin  clock.Time
	k       int64          // records since origin
	before  int64          // and before it
	changes uint32         // of its rate
	keys    *producer.Keys // message groups; nil: all records are one group
}

// addQueueProducer begins a producer of a queue.
func (w *World) addQueueProducer(i int) {
	p := &w.scenario.Producers[i]
	w.senders = append(w.senders, queueProducer{conf: p, queue: w.queueIndex(p.Queue), rate: p.Rate, origin: p.From,
		keys: producer.NewKeys(p, w.scenario.Seed)})
	w.scheduleSend(len(w.senders) - 1)
}

// scheduleSend sets when the next record is sent, if there is one up to the end.
func (w *World) scheduleSend(i int) {
	s := &w.senders[i]
	if s.rate.Records == 0 {
		return
	}
	hi, lo := bits.Mul64(uint64(s.k+1), uint64(s.rate.Per))
	if hi >= uint64(s.rate.Records) {
		return // in more than the time that there is
	}
	after, rest := bits.Div64(hi, lo, uint64(s.rate.Records))
	if rest > 0 {
		after++
	}
	if after > uint64(clock.MaxTime) {
		return
	}
	if at := s.origin + clock.Time(after); at <= s.conf.To && at <= w.end {
		w.queue.Schedule(at, clock.ClassLog, clock.NewEvent(evSend, uint32(i), s.changes&clock.MaxArg))
	}
}

// sendDue sends a producer's next record, unless its rate has changed since.
func (w *World) sendDue(i, changes uint32) {
	s := &w.senders[i]
	if s.changes&clock.MaxArg != changes {
		return
	}
	s.k++
	number := s.before + s.k
	group := s.conf.Name
	if s.keys != nil {
		group = s.keys.Of(number)
	}
	w.sendMessage(s.queue, nobody, s.conf.Size, group, s.conf.Name+"-"+strconv.FormatInt(number, 10))
	w.scheduleSend(int(i))
}

// setSendRate changes a producer's rate now; its records are counted from 1 again.
func (w *World) setSendRate(name string, r scenario.Rate) {
	for i := range w.senders {
		if s := &w.senders[i]; s.conf.Name == name {
			s.before, s.k, s.origin, s.rate = s.before+s.k, 0, max(w.Now(), s.conf.From), r
			s.changes++
			w.scheduleSend(i)
		}
	}
}
