package plain

import (
	"fmt"
	"strconv"

	"ksim/sim/clock"
	"ksim/sim/trace"
	"ksim/tui/chart"
)

// ofQueue tells what becomes of a message: the first receives, and whatever is not as
// it should be. The rest is counted; nil then.
func (p *Writer) ofQueue(r *row, m *member, e *trace.Event) *row {
	q := p.world.queueOf[e.Queue]
	if q == nil {
		return nil
	}
	tells := func(most int) bool { return q.tells(e.Type, p.o.All, most) }
	r.state = depthWords(q.waiting, q.inFlight)
	switch e.Type {
	case trace.QueueReceived:
		return p.ofReceive(r, q, e)
	case trace.QueueExpired:
		if !tells(mostLetters) {
			break
		}
		r.kind, r.mark, r.messages = kindReturned, markReturned, []string{e.Message}
		r.after = returnWords(q, m, e)
		return r
	case trace.QueueGivenBack:
		if tells(mostLetters) {
			r.mark, r.cell, r.one, r.after = markRefused, "back", " cannot process "+e.Message, " and gives it back: it is visible again in "+e.What+" (ChangeMessageVisibility)"
			return r
		}
	case trace.QueueDeleted:
		if e.Stale && tells(mostLetters) {
			return r.lateDelete(q, m, e)
		}
	case trace.QueueDeadLettered:
		if tells(mostLetters) {
			return r.deadLetter(q, e)
		}
	case trace.QueueDeduplicated:
		if tells(2) {
			r.one, r.after = " sends a task again, "+e.Message, ": "+e.Queue+" has had it within 5 minutes, and nobody will receive it twice"
			return r
		}
	case trace.QueueDiscarded:
		if tells(mostLetters) {
			r.mark, r.members, r.after = markRefused, nil, e.Message+" is too old: SQS deletes it, unprocessed"
			return r
		}
	}
	p.routine.message(e)
	return nil
}

// depthWords is what a queue holds, short enough for a column.
func depthWords(waiting, inFlight int64) string {
	short := func(n int64) string {
		if n >= 1000 {
			return strconv.FormatInt(n/1000, 10) + "k"
		}
		return strconv.FormatInt(max(0, n), 10)
	}
	return short(waiting) + " wait " + short(inFlight) + " out"
}

// ofReceive tells of a receive: the first ones, and those of a message that somebody
// else has had.
func (p *Writer) ofReceive(r *row, q *queue, e *trace.Event) *row {
	r.kind = kindReceived
	if e.Receives == 1 {
		if e.At != q.news.at || e.Member != q.news.member { // the messages of one receive have one row
			q.news = news{e.Member, e.At, q.news.told + 1}
		}
		if q.news.told > mostNews && !p.o.All {
			p.routine.message(e)
			return nil
		}
		r.cell, r.one, r.messages = "has", " receives ", []string{e.Message}
		if q.news.told == 1 {
			r.after = ": for " + lasting(q.conf.Visibility) + " nobody else can (visibility-timeout)"
		}
		return r
	}
	if !q.tells(e.Type, p.o.All, mostLetters) {
		p.routine.message(e)
		return nil
	}
	r.cell, r.one, r.messages = "has", " receives ", []string{e.Message}
	r.after = ", for the " + ordinal(e.Receives) + " time"
	var others []string
	for _, other := range p.world.members {
		if _, has := other.has(e.Message); has && other != r.members[0] && other.running {
			others = append(others, other.conf.Name)
		}
	}
	if len(others) > 0 {
		r.after += ": " + list(others, 3) + verb(len(others), " works", " work") + " on it too"
	}
	return r
}

// returnWords says how a message came to be visible again.
func returnWords(q *queue, m *member, e *trace.Event) string {
	l := q.letters[e.Message]
	if l == nil || m == nil {
		return ""
	}
	s := ", " + lasting(e.At-l.at) + " after " + m.conf.Name + "'s receive"
	_, has := m.has(e.Message)
	switch {
	case l.given:
	case l.orphan:
		s += "; that process has gone"
	case has && m.frozen != clock.Never:
		s += "; " + m.conf.Name + " stands still"
	case has:
		s += "; " + m.conf.Name + " is not done and is not told"
	}
	return s
}

// lateDelete tells of a delete after the visibility timeout.
func (r *row) lateDelete(q *queue, m *member, e *trace.Event) *row {
	r.mark, r.cell = markRefused, "late"
	other := ""
	l := q.letters[e.Message]
	if l != nil && l.by != nil && l.by != m {
		other = l.by.conf.Name
	}
	switch {
	case e.Ignored && l != nil && l.gone:
		r.one, r.after = " is done and deletes "+e.Message, ": SQS says success, but it has gone already"
	case e.Ignored && other != "":
		r.one, r.after = " is done and deletes "+e.Message, ": SQS says success and does nothing, as "+other+" has received it since"
	case e.Ignored:
		r.one, r.after = " is done and deletes "+e.Message, ": SQS says success and does nothing, as it has been received again since"
	case other != "":
		r.one, r.after = " deletes "+e.Message+" by an old handle", ": it is gone, though "+other+" has it"
	default:
		r.mark, r.cell = markNone, "done"
		r.one, r.after = " deletes "+e.Message+" late, and in time", ": nobody has received it since it was visible again"
	}
	return r
}

// deadLetter tells of a message that goes to the dead-letter queue.
func (r *row) deadLetter(q *queue, e *trace.Event) *row {
	r.mark, r.members = markDead, nil
	r.after = fmt.Sprintf("%s has been received %s, as often as it may be (max-receive-count): this receive moves it to %s", e.Message, often(e.Receives), e.What)
	if l := q.letters[e.Message]; l != nil && l.done > 0 {
		r.tail = ", though it has been processed " + often(l.done)
	}
	return r
}

// often says how many times.
func often(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return chart.Number(int64(n)) + " times"
}

// ordinal is which time it is: 2nd, 3rd, 4th.
func ordinal(n int) string {
	suffix := "th"
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		suffix = "st"
	case n%10 == 2:
		suffix = "nd"
	case n%10 == 3:
		suffix = "rd"
	}
	return chart.Number(int64(n)) + suffix
}

// ofWorker puts what is done to a worker's process into words; false where a
// consumer's words will do.
func (r *row) ofWorker(m *member, e *trace.Event) bool {
	left := ""
	if n := len(m.left); n > 0 {
		left = ": " + list(m.left, 3) + verb(n, " stays", " stay") + " in flight"
	}
	switch e.Type {
	case trace.MemberStopped:
		r.cell, r.one, r.many, r.after = "ends", " ends", " end", left
	case trace.MemberCrashed:
		r.mark, r.cell, r.one, r.many, r.after = markCrashed, "dead", " crashes (kill -9)", " crash (kill -9)", left
		if e.Reason != "" {
			r.one, r.many = " ends without closing ("+e.Reason+")", " end without closing ("+e.Reason+")"
		}
	case trace.MemberFrozen:
		r.mark, r.cell, r.one, r.many = markFrozen, "still", " stands still (SIGSTOP, a long GC)", " stand still (SIGSTOP, a long GC)"
		if len(m.hand) > 0 {
			r.after = ": the timeout of what it has runs on"
		}
	case trace.MemberIsolated:
		r.mark, r.cell, r.one, r.many = markFrozen, "alone", " is cut off from SQS", " are cut off from SQS"
		r.after = ": packets are dropped both ways"
	case trace.MemberReached:
		r.cell, r.one, r.many = "back", " can reach SQS again", " can reach SQS again"
		r.after = ": TCP sends what is lost at its next retransmission"
	default:
		return false
	}
	return true
}
