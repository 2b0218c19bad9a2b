package plain

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/tui/chart"
)

// queue is an SQS queue as its events show it.
type queue struct {
	conf    *scenario.Queue
	letters map[string]*letter // messages that have been received; never iterated

	depth                               chart.Series // messages in it, by second
	waiting, inFlight                   int64
	sent, received, deleted, duplicates int64
	discarded, redriven, given          int64
	returned                            []clock.Time // when visibility timeouts were over
	again, late, dead, done             int64        // receives after the first, deletes by old handles, dead-lettered, those of them that were processed
	longest                             clock.Duration
	slowest                             *member // who had a message for that long before it deleted it
	first                               *letter // the first that was dead-lettered
	told                                map[trace.Type]int
	news                                news
}

// news is the latest receive of new messages, and how many have been told.
type news struct {
	member string
	at     clock.Time
	told   int
}

// mostNews is how many receives of new messages are told.
const mostNews = 2

// letter is a message that has been received.
type letter struct {
	name     string
	by       *member // who received it last
	at       clock.Time
	receives int
	done     int  // how often somebody has deleted it, in vain: it was processed
	given    bool // its worker has given it back
	orphan   bool // the process that had it has ended
	gone     bool // deleted
}

// held is a message in a worker's hand, and since when it has it.
type held struct {
	name string
	at   clock.Time
}

func newQueues(s *scenario.Scenario) (queues []*queue, byName map[string]*queue) {
	byName = map[string]*queue{}
	for i := range s.Queues {
		q := &queue{conf: &s.Queues[i], letters: map[string]*letter{}, told: map[trace.Type]int{}}
		queues = append(queues, q)
		byName[q.conf.Name] = q
	}
	return queues, byName
}

// worker tells whether the member receives from a queue and has no consumer.
func (m *member) worker() bool { return !m.conf.ReadsKafka() }

// has tells since when a message is in the worker's hand, if it is.
func (m *member) has(message string) (since clock.Time, has bool) {
	i := slices.IndexFunc(m.hand, func(h held) bool { return h.name == message })
	if i < 0 {
		return 0, false
	}
	return m.hand[i].at, true
}

// seeQueue takes in an event of a queue. The letter that it is about is as it was
// before a deletion: rows are made afterwards.
func (w *world) seeQueue(e *trace.Event) {
	q, m := w.queueOf[e.Queue], w.memberOf[e.Member]
	if q == nil {
		return
	}
	switch e.Type {
	case trace.QueueSent:
		q.sent++
		q.waiting++
	case trace.QueueDeduplicated:
		q.duplicates++
	case trace.QueueReceived:
		q.receive(m, e)
	case trace.QueueGivenBack:
		q.given++
		m.drop(e.Message)
		if l := q.letters[e.Message]; l != nil {
			l.given = true
		}
	case trace.QueueExpired:
		if l := q.letters[e.Message]; l == nil || !l.given {
			q.returned = append(q.returned, e.At)
		}
		q.inFlight--
		q.waiting++
	case trace.QueueDeleted:
		q.delete(m, e)
	case trace.QueueDeadLettered:
		q.dead++
		q.waiting--
		if dead := w.queueOf[e.What]; dead != nil {
			dead.waiting++
			dead.redriven++
		}
		if l := q.letters[e.Message]; l != nil {
			if l.done > 0 {
				q.done++
			}
			if q.first == nil {
				q.first = l
			}
		}
	case trace.QueueDiscarded:
		q.discarded++
		q.waiting = max(0, q.waiting-1)
	case trace.QueueDepth:
		q.waiting, q.inFlight = e.Records, e.InFlight
		q.depth = append(q.depth, chart.Point{At: e.At, Value: e.Records + e.InFlight + e.Delayed})
	}
}

func (q *queue) receive(m *member, e *trace.Event) {
	q.received++
	q.waiting--
	q.inFlight++
	if e.Receives > 1 {
		q.again++
	}
	l := q.letters[e.Message]
	if l == nil {
		l = &letter{name: e.Message}
		q.letters[e.Message] = l
	}
	l.by, l.at, l.receives, l.given, l.orphan = m, e.At, e.Receives, false, false
	if m == nil {
		return
	}
	if len(m.hand) > 0 && m.hand[0].at != e.At {
		for _, h := range m.hand { // a worker receives when it is done with what it had
			q.hold(m, e.At-h.at)
		}
		m.hand = m.hand[:0]
	}
	m.hand = append(m.hand, held{e.Message, e.At})
}

// hold notes how long a worker has had a message.
func (q *queue) hold(m *member, d clock.Duration) {
	if d > q.longest {
		q.longest, q.slowest = d, m
	}
}

func (q *queue) delete(m *member, e *trace.Event) {
	if since, has := m.holds(e.Message); has {
		q.hold(m, e.At-since)
	}
	m.drop(e.Message)
	if e.Stale {
		q.late++
	}
	l := q.letters[e.Message]
	if e.Ignored {
		if l != nil && !l.gone {
			l.done++
		}
		return
	}
	q.deleted++
	if l != nil {
		l.gone = true
	}
	if e.Stale && (l == nil || l.receives == e.Receives) {
		q.waiting--
	} else {
		q.inFlight--
	}
}

// drop takes a message out of a worker's hand.
func (m *member) drop(message string) {
	if m != nil {
		m.hand = slices.DeleteFunc(m.hand, func(h held) bool { return h.name == message })
	}
}

// orphan notes that the process has ended that had these messages.
func (w *world) orphan(m *member) {
	for _, q := range w.queues {
		for _, name := range m.left {
			if l := q.letters[name]; l != nil && l.by == m {
				l.orphan = true
			}
		}
	}
}

// holds is has for a member that may be unknown.
func (m *member) holds(message string) (clock.Time, bool) {
	if m == nil {
		return 0, false
	}
	return m.has(message)
}

// most rows of a kind that tell of a queue's messages one by one.
const mostLetters = 6

// tells counts the rows of a kind and says whether there may be another one.
func (q *queue) tells(t trace.Type, all bool, most int) bool {
	q.told[t]++
	return all || q.told[t] <= most
}
