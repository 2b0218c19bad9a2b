package librdkafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// queue is the single consumer queue to which all partitions' queues, the group's
// ops and the log are forwarded (rkcg_q), in order of arrival.
type queue struct {
	items          []item
	records, bytes int64
}

// item is a stretch of message ops, or, if op is set, one op of another kind.
type item struct {
	records client.Range
	op      *op // immutable
}

// op is anything in the queue that is no message (rd_kafka_op_t).
type op struct {
	kind        opKind
	partitions  []kafka.TopicPartition // of a rebalance
	incremental bool                   // it leaves the rest of the assignment alone
	err         client.Error
	event       trace.Type // recorded when the application gets the error
	level       string     // of a log line
	text        string
}

// opKind is the type of an op (rd_kafka_op_type_t).
type opKind uint8

const (
	opError  opKind = iota // CONSUMER_ERR
	opLog                  // LOG
	opAssign               // REBALANCE, assign
	opRevoke               // REBALANCE, revoke
)

// mostStretches bounds the stretches of one result: the rest comes with the next
// poll, at the same instant.
const mostStretches = 256

func (q *queue) push(x op) { q.items = append(q.items, item{op: &x}) }

// pushError queues an error that is recorded nowhere but in the application.
func (q *queue) pushError(name, text string) {
	q.push(op{kind: opError, err: client.Error{Name: name, Text: text}, event: trace.PollFailed})
}

// pushRecords queues a stretch of messages; one that goes on where the latest ends
// is made one with it.
func (q *queue) pushRecords(r client.Range) {
	q.records += r.Len()
	q.bytes += r.Len() * r.Size
	if n := len(q.items); n > 0 {
		last := &q.items[n-1]
		if last.op == nil && last.records.TopicPartition == r.TopicPartition && last.records.To == r.From && last.records.Size == r.Size {
			last.records.To = r.To
			return
		}
	}
	q.items = append(q.items, item{records: r})
}

func (q *queue) front() (item, bool) {
	if len(q.items) == 0 {
		return item{}, false
	}
	return q.items[0], true
}

func (q *queue) pop() {
	if x := &q.items[0]; x.op == nil {
		q.records -= x.records.Len()
		q.bytes -= x.records.Len() * x.records.Size
	}
	q.items = q.items[1:]
}

// take removes at most most records from the head, up to the next op.
func (q *queue) take(most int64) []client.Range {
	var taken []client.Range
	for most > 0 && len(taken) < mostStretches && len(q.items) > 0 && q.items[0].op == nil {
		x := &q.items[0].records
		r := *x
		r.To = min(r.To, r.From+most)
		most -= r.Len()
		taken = append(taken, r)
		if r.To == x.To {
			q.pop()
			continue
		}
		x.From = r.To
		q.records -= r.Len()
		q.bytes -= r.Len() * r.Size
	}
	return taken
}

// unread puts records back at the head.
func (q *queue) unread(records []client.Range) {
	if len(records) == 0 {
		return
	}
	back := queue{}
	for _, r := range records {
		back.pushRecords(r)
	}
	q.items = append(back.items, q.items...)
	q.records += back.records
	q.bytes += back.bytes
}

// purge drops all records: they belong to an assignment that is over
// (rd_kafka_op_version_outdated).
func (q *queue) purge() {
	q.items = slices.DeleteFunc(q.items, func(x item) bool { return x.op == nil })
	q.records, q.bytes = 0, 0
}

// purgeOf drops the records of some partitions.
func (q *queue) purgeOf(tps []kafka.TopicPartition) {
	kept := queue{}
	for _, x := range q.items {
		switch {
		case x.op != nil:
			kept.items = append(kept.items, x)
		case !slices.Contains(tps, x.records.TopicPartition):
			kept.pushRecords(x.records)
		}
	}
	*q = kept
}

// rebalances tells whether a rebalance waits for the application.
func (q *queue) rebalances() bool {
	for i := range q.items {
		if o := q.items[i].op; o != nil && (o.kind == opAssign || o.kind == opRevoke) {
			return true
		}
	}
	return false
}

// serveLogs lets the goroutine that polls the logs print them, wherever the
// application is (go.logs.channel.enable).
func (c *Consumer) serveLogs(h client.Host) {
	if !c.s.logsChannel {
		return
	}
	isLog := func(x item) bool { return x.op != nil && x.op.kind == opLog }
	for _, x := range c.queue.items {
		if isLog(x) {
			h.Log(x.op.level, x.op.text)
		}
	}
	c.queue.items = slices.DeleteFunc(slices.Clone(c.queue.items), isLog)
}

// log queues a line for the logger, which the application's thread calls when it
// polls (the Python wrapper's logger=).
func (c *Consumer) log(level, facility, text string) {
	c.queue.push(op{kind: opLog, level: level, text: facility + " [" + c.o.ClientID + "#consumer-1] [thrd:main]: " + text})
}
