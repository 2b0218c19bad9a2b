package scenario

import (
	"ksim/sim/clock"
)

// The limits of Amazon SQS.
const (
	mostVisibility = 12 * clock.Hour
	mostDelay      = 15 * clock.Minute
	mostWait       = 20 * clock.Second
)

// readQueues reads `queues`.
func (l *loader) readQueues(root *node) {
	l.queues.what, l.queues.unsure = "queue", root.unsure("queues")
	n := root.get("queues")
	if n == nil {
		return
	}
	for _, q := range n.items {
		name := q.usable("name")
		if name == nil {
			l.queues.unsure = true
		} else if !l.queues.add(name.text) {
			l.reject(name, "", "a queue is called %q already", name.text)
		} else {
			l.s.Queues = append(l.s.Queues, l.queue(q, name.text))
		}
	}
	for _, q := range n.items {
		dead := q.usable("dead-letter")
		if dead != nil {
			l.deadLetter(q, dead)
		} else if most := q.field("max-receive-count"); most != nil {
			l.errorAt(most.place, "", "max-receive-count counts only with dead-letter: %s", "name a queue for what was received too often")
		}
	}
}

// queue reads one queue whose name is new.
func (l *loader) queue(n *node, name string) Queue {
	q := Queue{
		Name: name, FIFO: l.flag(n, "fifo", false), DeadLetter: l.text(n, "dead-letter", ""),
		Visibility: l.atMost(n, "visibility-timeout", 30*clock.Second, mostVisibility),
		Delay:      l.atMost(n, "delay", 0, mostDelay),
		Pos:        n.place.pos,
	}
	if q.DeadLetter != "" {
		q.MaxReceives = int(l.number(n, "max-receive-count", 10))
	}
	if f := n.field("false-empty"); f != nil {
		q.FalseEmpty = uint64(f.value.value)
		if q.FIFO {
			l.errorAt(f.place, "", "false-empty is for standard queues: a FIFO queue finds what there is")
		}
	}
	if f := n.field("stale-delete"); f != nil {
		q.StaleDeletes = f.value.text == "deletes"
		if q.FIFO {
			l.errorAt(f.place, "", "stale-delete is for standard queues: a FIFO queue refuses old handles")
		}
	}
	return q
}

// atMost is number for a duration that the service limits.
func (l *loader) atMost(n *node, key string, otherwise, most clock.Duration) clock.Duration {
	v := n.usable(key)
	if v == nil {
		return otherwise
	}
	if clock.Duration(v.value) > most {
		l.reject(v, "", "%s is %s: Amazon SQS allows at most %s", key, v.text, FormatDuration(most))
	}
	return clock.Duration(v.value)
}

// deadLetter checks a queue's dead-letter queue: another one of the same type.
func (l *loader) deadLetter(n, dead *node) {
	if _, ok := l.find(&l.queues, dead.place, dead.text); !ok {
		return
	}
	if dead.text == l.text(n, "name", "") {
		l.reject(dead, "", "the dead-letter queue of %s is %s itself: expected another queue", dead.text, dead.text)
		return
	}
	fifo := l.flag(n, "fifo", false)
	for i := range l.s.Queues {
		q := &l.s.Queues[i]
		if q.Name != dead.text || q.FIFO == fifo || n.unsure("fifo") {
			continue
		}
		if fifo {
			l.reject(dead, "add fifo: true to "+q.Name, "the dead-letter queue of a FIFO queue must be one too: %s is a standard queue", q.Name)
		} else {
			l.reject(dead, "", "the dead-letter queue of a standard queue must be one too: %s is a FIFO queue", q.Name)
		}
	}
}

// queueNamed is the queue of that name, nil when there is none.
func (l *loader) queueNamed(name string) *Queue {
	for i := range l.s.Queues {
		if l.s.Queues[i].Name == name {
			return &l.s.Queues[i]
		}
	}
	return nil
}

// queueWorker reads the app of a model queue-worker.
func (l *loader) queueWorker(a *App, n *node) {
	a.Model, a.Commit = QueueWorker, CommitNone
	a.QueueName = l.text(n, "queue", "")
	a.IdleBackoff = clock.Duration(l.number(n, "idle-backoff", int64(100*clock.Millisecond)))
	if a.ErrorBackoff = clock.Duration(l.number(n, "error-backoff", int64(clock.Second))); a.ErrorBackoff == noLimit {
		a.ErrorBackoff = clock.Never
	}
	a.ReceiveMax = int(l.number(n, "receive-max", 1))
	a.WaitTime = l.atMost(n, "wait-time", 0, mostWait)
	q := l.queueNamed(a.QueueName)
	if q != nil {
		a.Visibility = q.Visibility
	}
	if a.IdleBackoff == 0 && a.WaitTime == 0 && l.s.Cluster.Latency == 0 {
		l.errorAt(n.place, "", "the worker would receive without end at one instant: expected idle-backoff, wait-time or cluster.latency above 0s")
	}
	if every := n.usable("extend-every"); every != nil && every.value != noLimit {
		a.ExtendEvery = clock.Duration(every.value)
		if q != nil && a.ExtendEvery >= q.Visibility {
			l.warnAt(every.place, "", "extend-every %s comes too late: a message of %s is visible again after %s", every.text, q.Name, FormatDuration(q.Visibility))
		}
	}
	if f := n.field("startup"); f != nil {
		l.warnAt(f.place, "", "startup has no effect with a queue-worker: it has no partitions to wait for")
	}
	if f := n.usable("poison").field("offset"); f != nil {
		l.warnAt(f.place, "use every: a message's number counts", "offset has no effect with a queue-worker: the messages of a queue have none")
	}
	for _, key := range []string{"flush", "leave"} {
		if f := n.usable("shutdown").field(key); f != nil {
			l.warnAt(f.place, "", "shutdown.%s has no effect with a queue-worker: it has no producer and no group", key)
		}
	}
}

// fanOut reads the app of a model fan-out.
func (l *loader) fanOut(a *App, n *node, client Client) {
	a.Model, a.Drain = FanOut, true
	a.Commit = commitNamed(l.text(n, "commit", "record"))
	a.Batch = defaultBatch(client)
	a.QueueName = l.text(n, "queue", "")
	a.Tasks = l.number(n, "tasks-per-record", 1)
	a.Enqueue = clock.Fixed(10 * clock.Millisecond)
	if v := n.usable("enqueue"); v != nil {
		a.Enqueue = l.dist(v)
	}
}

// warnOfConsumer warns of what only members with a consumer have. What a group says
// may be for others of its members.
func (l *loader) warnOfConsumer(group, member *node) {
	said := []*node{group, member}
	if member.get("app").has("model") {
		said = said[1:]
	}
	for _, n := range said {
		for _, key := range []string{"client", "topics", "config", "group-config"} {
			if f := n.field(key); f != nil && !f.place.fromOverride() {
				l.warnAt(f.place, "", "%s has no effect with model queue-worker: it does not read Kafka", key)
			}
		}
	}
}
