package clock

// Class orders what happens at one instant, as the scenario file's contract fixes it.
// Within a class, what was scheduled first happens first.
type Class uint8

// The classes, in the order in which one instant runs them.
const (
	ClassTimeline Class = iota // actions of the scenario file, in file order
	ClassLog                   // records appended to logs
	ClassMessage               // requests and responses arriving
	ClassTimer                 // timers, in the order in which they were set
	ClassOffsets               // the `offsets` events of each full second
	ClassSample                // samples that expectations take (`at:`)
	classes
)
