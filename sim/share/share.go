// Package share is what a share group has in flight of one partition: which
// records are acquired by whom and until when, how often each has been
// delivered, and where the group stands (KIP-932, kafka.server.share.SharePartition).
// It lives on the partition's leader and knows neither clients nor members, only
// the ids that they send.
//
// Records are ranges: a thousand records in one state cost what one costs.
package share

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// State is what has become of a record (RecordState).
type State uint8

// The states; Kafka's id 3 is reserved.
const (
	Available    State = 0 // to be delivered, again or for the first time
	Acquired     State = 1 // delivered, and locked for the member that got it
	Acknowledged State = 2 // processed
	Archived     State = 4 // given up
)

// String is the state's name in Kafka.
func (s State) String() string {
	switch s {
	case Available:
		return "AVAILABLE"
	case Acquired:
		return "ACQUIRED"
	case Acknowledged:
		return "ACKNOWLEDGED"
	}
	return "ARCHIVED"
}

// terminal tells that nothing more becomes of the record.
func (s State) terminal() bool { return s == Acknowledged || s == Archived }

// Settings are the limits of a share group.
type Settings struct {
	DeliveryLimit int            // share.delivery.count.limit: deliveries before a record is archived, from 2
	LockDuration  clock.Duration // share.record.lock.duration.ms
	MaxInFlight   int64          // share.partition.max.record.locks
	// UncountsClosed: before 4.2 a delivery that ends with its member's session does
	// not count.
	UncountsClosed bool
}

// inFlightBatch is the records [from, to), all in one state (SharePartition.InFlightBatch,
// which has states by the record where they differ; here it is cut).
type inFlightBatch struct {
	from, to int64
	state    State
	count    int        // deliveries so far
	member   string     // who has acquired them
	lock     clock.Time // until when
}

// Partition is one share-partition. Its batches lie side by side from the start
// offset (SPSO) to the end offset (SPEO), which is beyond the last that was
// acquired.
type Partition struct {
	settings Settings
	start    int64
	logStart int64 // what lies below has been deleted
	inFlight []inFlightBatch
}

// New begins a share-partition at the offset of the first record to deliver.
func New(s Settings, start int64) *Partition { return &Partition{settings: s, start: start} }

// Start is the share-partition start offset (SPSO): the first record that has not
// reached an end.
func (p *Partition) Start() int64 { return p.start }

// End is one beyond the last record that has been acquired (SPEO + 1).
func (p *Partition) End() int64 {
	if n := len(p.inFlight); n > 0 {
		return p.inFlight[n-1].to
	}
	return p.start
}

// Completed is how many records beyond the start have reached their end: what the
// lag does not count (deliveryCompleteCount).
func (p *Partition) Completed() int64 {
	var n int64
	for _, b := range p.inFlight {
		if b.state.terminal() {
			n += b.to - b.from
		}
	}
	return n
}

// Next is the first offset that may be acquired (nextFetchOffset).
func (p *Partition) Next() int64 {
	for _, b := range p.inFlight {
		if b.state == Available {
			return b.from
		}
	}
	return p.End()
}

// Room tells whether records beyond the end may be acquired.
func (p *Partition) Room() bool { return p.End()-p.start < p.settings.MaxInFlight }

// LockDue is when the next acquisition lock times out, Never when there is none.
func (p *Partition) LockDue() clock.Time {
	at := clock.Never
	for _, b := range p.inFlight {
		if b.state == Acquired {
			at = min(at, b.lock)
		}
	}
	return at
}

// Delivery is records that a member has acquired.
type Delivery struct {
	From, To int64
	Count    int // how often they have been delivered, this time included
}

// Acquire delivers up to most records below end to a member, first those that
// have come back. A record that has come back often comes in small portions, and
// on its last attempt alone, so that a poisonous one takes no others along.
func (p *Partition) Acquire(now clock.Time, member string, end, most int64) []Delivery {
	var out []Delivery
	lock := now + p.settings.LockDuration
	for i := 0; i < len(p.inFlight) && most > 0; i++ {
		b := &p.inFlight[i]
		if b.state != Available {
			continue
		}
		n := min(most, b.to-b.from, p.portion(b))
		if p.suspect(b) && len(out) > 0 {
			break
		}
		p.cut(i, b.from+n)
		b = &p.inFlight[i]
		b.state, b.member, b.lock = Acquired, member, lock
		b.count++
		out = append(out, Delivery{b.from, b.to, b.count})
		most -= n
		if p.suspected(b.count - 1) {
			most = 0
		}
	}
	from := p.End()
	if n := min(most, end-from, p.settings.MaxInFlight-(from-p.start)); n > 0 {
		p.inFlight = append(p.inFlight, inFlightBatch{from, from + n, Acquired, 1, member, lock})
		out = append(out, Delivery{from, from + n, 1})
	}
	p.join()
	return out
}

// suspectFrom is how many deliveries make a record suspect of poisoning its batch:
// half of the limit, at least 2.
func (p *Partition) suspectFrom() int { return max(2, (p.settings.DeliveryLimit+1)/2) }

func (p *Partition) suspected(count int) bool { return count >= p.suspectFrom() }

func (p *Partition) suspect(b *inFlightBatch) bool { return p.suspected(b.count) }

// portion is how many records of a batch may be delivered together: half as
// many with each delivery of a suspect one, and one on its last attempt.
func (p *Partition) portion(b *inFlightBatch) int64 {
	n := b.to - b.from
	if !p.suspect(b) {
		return n
	}
	if p.settings.DeliveryLimit > 2 && b.count == p.settings.DeliveryLimit-1 {
		return 1
	}
	return max(1, n>>(b.count-p.suspectFrom()+1))
}

// Acknowledgement is what a member says of the records [From, To).
type Acknowledgement struct {
	From, To int64
	Type     AcknowledgeType
}

// AcknowledgeType is the verdict on a record (AcknowledgeType).
type AcknowledgeType uint8

// The verdicts, by Kafka's ids.
const (
	Gap     AcknowledgeType = 0 // there is no such record
	Accept  AcknowledgeType = 1 // processed
	Release AcknowledgeType = 2 // deliver it again
	Reject  AcknowledgeType = 3 // never deliver it again
	Renew   AcknowledgeType = 4 // more time: the lock begins anew (KIP-1222)
)

// Acknowledge takes in a member's verdicts; at the first that is not its to give
// none of them counts.
func (p *Partition) Acknowledge(now clock.Time, member string, acks []Acknowledgement) kafka.ErrorCode {
	before := slices.Clone(p.inFlight)
	for _, a := range acks {
		if a.To <= p.start {
			continue // long done
		}
		if err := p.acknowledge(now, member, a); err != kafka.ErrNone {
			p.inFlight = before
			return err
		}
	}
	p.advance()
	return kafka.ErrNone
}

func (p *Partition) acknowledge(now clock.Time, member string, a Acknowledgement) kafka.ErrorCode {
	if a.To > p.End() {
		return kafka.ErrInvalidRequest
	}
	a.From = max(a.From, p.start)
	for i := p.split(a.From, a.To); i < len(p.inFlight) && p.inFlight[i].from < a.To; i++ {
		b := &p.inFlight[i]
		if b.state != Acquired || b.member != member {
			return kafka.ErrInvalidRecordState
		}
		switch a.Type {
		case Accept:
			p.settle(b, Acknowledged)
		case Release:
			p.release(b)
		case Renew:
			b.lock = now + p.settings.LockDuration
		default:
			p.settle(b, Archived)
		}
	}
	return kafka.ErrNone
}

// settle ends what becomes of a batch.
func (p *Partition) settle(b *inFlightBatch, end State) { b.state, b.member, b.lock = end, "", 0 }

// release gives a batch back: to be delivered again, or, if it has been
// delivered as often as it may be or is no longer in the log, never.
func (p *Partition) release(b *inFlightBatch) {
	if b.count >= p.settings.DeliveryLimit || b.from < p.logStart {
		p.settle(b, Archived)
		return
	}
	p.settle(b, Available)
}

// Expire releases the records whose lock is over by now, and gives their number.
func (p *Partition) Expire(now clock.Time) int64 {
	return p.releaseAll(func(b *inFlightBatch) bool { return b.lock <= now })
}

// Close releases all that a member has acquired: its session has ended.
func (p *Partition) Close(member string) int64 {
	if p.settings.UncountsClosed {
		for i := range p.inFlight {
			if b := &p.inFlight[i]; b.state == Acquired && b.member == member {
				b.count--
			}
		}
	}
	return p.releaseAll(func(b *inFlightBatch) bool { return b.member == member })
}

// Forget releases everything: the partition has another leader, which knows of no
// locks.
func (p *Partition) Forget() int64 { return p.releaseAll(func(*inFlightBatch) bool { return true }) }

func (p *Partition) releaseAll(which func(*inFlightBatch) bool) (records int64) {
	for i := range p.inFlight {
		if b := &p.inFlight[i]; b.state == Acquired && which(b) {
			records += b.to - b.from
			p.release(b)
		}
	}
	p.advance()
	return records
}

// LogStart archives what retention has deleted: available records below the
// log's start. Acquired ones are archived when they come back.
func (p *Partition) LogStart(offset int64) {
	if offset <= p.logStart {
		return
	}
	p.logStart = offset
	for i := p.split(p.start, offset); i < len(p.inFlight) && p.inFlight[i].from < offset; i++ {
		if p.inFlight[i].state == Available {
			p.settle(&p.inFlight[i], Archived)
		}
	}
	p.advance()
	if len(p.inFlight) == 0 {
		p.start = max(p.start, offset)
	}
}

// Held is how many records a member has acquired.
func (p *Partition) Held(member string) (records int64) {
	for _, b := range p.inFlight {
		if b.state == Acquired && b.member == member {
			records += b.to - b.from
		}
	}
	return records
}

// Broken says what the state must not be, "" when all is well: the batches lie side
// by side from the start, so that no record is in two hands; who has acquired records
// is known; none has been delivered more often than it may be, and no more are in
// flight than may be.
func (p *Partition) Broken() string {
	at := p.start
	for i, b := range p.inFlight {
		switch {
		case b.from != at || b.to <= b.from:
			return fmt.Sprintf("records %d to %d follow %d", b.from, b.to, at)
		case (b.state == Acquired) != (b.member != ""):
			return fmt.Sprintf("record %d is %s by %q", b.from, b.state, b.member)
		case b.count < 0 || b.count > p.settings.DeliveryLimit:
			return fmt.Sprintf("record %d has been delivered %d times of %d", b.from, b.count, p.settings.DeliveryLimit)
		case i == 0 && b.state.terminal():
			return fmt.Sprintf("the start stays at %d, which has reached its end", b.from)
		}
		at = b.to
	}
	if at-p.start > p.settings.MaxInFlight {
		return fmt.Sprintf("%d records are in flight of %d", at-p.start, p.settings.MaxInFlight)
	}
	return ""
}

// Clone is a deep copy.
func (p *Partition) Clone() *Partition {
	c := *p
	c.inFlight = slices.Clone(p.inFlight)
	return &c
}
