package clocktest

// Tally proves that two engines have done the same work: it counts the events
// and sums them up, once regardless of their order and once depending on it.
type Tally struct {
	Fired uint64
	Sum   uint32 // of what Note was given
	Order uint32 // of Sum after each event
}

// Note takes in one event.
func (t *Tally) Note(v uint32) {
	t.Fired++
	t.Sum += v
	t.Order += t.Sum
}

// lcg is the generator of the workloads' starts and latencies, which other
// languages can follow.
func lcg(x uint32) uint32 { return x*1664525 + 1013904223 }

// seed is where each workload's generator starts.
const seed = 12345
