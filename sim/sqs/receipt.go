package sqs

import (
	"fmt"

	"ksim/sim/clock"
)

// Holds tells whether a handle is that of a flight that is not over.
func (q *Queue) Holds(r Receipt) bool {
	e := &q.entries[r.place]
	return e.state == InFlight && e.Receives == r.receive
}

// Outcome is what DeleteMessage has done.
type Outcome uint8

// The outcomes; all of them but Refused are the same success to the caller.
const (
	Removed Outcome = iota
	Already         // the message had gone before
	Ignored         // the handle is old: the message has been received again since
	Refused         // the handle is old, and the queue says so (FIFO)
)

// Delete is DeleteMessage. By an old handle a standard queue deletes only what
// nobody has received since, and says success either way; a FIFO queue refuses.
func (q *Queue) Delete(h Host, now clock.Time, r Receipt) (Outcome, *Error) {
	e := &q.entries[r.place]
	switch latest := e.Receives == r.receive; {
	case e.state == Deleted && (latest || !q.settings.FIFO):
		return Already, nil
	case q.settings.FIFO && !q.Holds(r):
		return Refused, &Error{"InvalidParameterValue", fmt.Sprintf("Value %s for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.", r)}
	case e.state.gone():
		return Already, nil
	case !latest && !q.settings.StaleDeletes:
		return Ignored, nil
	}
	q.become(h, r.place, Deleted)
	q.serve(h, now) // in a FIFO queue its group may be free now
	return Removed, nil
}

// ChangeVisibility is ChangeMessageVisibility: the flight ends so long after now,
// whatever was said before. At 0 the message is given back at once.
func (q *Queue) ChangeVisibility(h Host, now clock.Time, r Receipt, timeout clock.Duration) *Error {
	if err := q.MayChange(now, r, timeout); err != nil {
		return err
	}
	if timeout == 0 {
		q.become(h, r.place, Visible)
		q.serve(h, now)
		return nil
	}
	q.hide(r.place, now+timeout)
	return nil
}

// MayChange is the error with which ChangeVisibility would be refused, nil if it would
// not.
func (q *Queue) MayChange(now clock.Time, r Receipt, timeout clock.Duration) *Error {
	if !q.Holds(r) {
		return &Error{"MessageNotInflight", "The specified message isn't in flight."}
	}
	if now+timeout-q.entries[r.place].received > MaxVisibility {
		return &Error{"InvalidParameterValue", fmt.Sprintf("Value %d for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [%d seconds]", timeout/clock.Second, MaxVisibility/clock.Second)}
	}
	return nil
}
