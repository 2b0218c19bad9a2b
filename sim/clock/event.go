package clock

// Event says what happens, to whom: plain data of 8 bytes, so that pending
// events can be copied, compared, hashed and printed. What a kind means, and
// what its argument is, belongs to the package that schedules it.
type Event struct {
	bits uint64 // from the high end: actor 32, argument 24, kind 8
}

// MaxArg is the largest argument of an event.
const MaxArg = 1<<24 - 1

// NewEvent makes an event; it panics if arg is above MaxArg.
func NewEvent(kind uint8, actor, arg uint32) Event {
	if arg > MaxArg {
		panic("clock: argument of an event above MaxArg")
	}
	return Event{uint64(actor)<<32 | uint64(arg)<<8 | uint64(kind)}
}

// Kind is what happens.
func (e Event) Kind() uint8 { return uint8(e.bits) }

// Actor is to whom it happens: the index of a member, a broker, a partition, …
func (e Event) Actor() uint32 { return uint32(e.bits >> 32) }

// Arg is the kind's own argument, at most MaxArg.
func (e Event) Arg() uint32 { return uint32(e.bits) >> 8 }
