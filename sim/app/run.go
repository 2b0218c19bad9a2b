package app

import (
	"iter"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// run is the records of one poll result on their way through the application's
// handler, one after the other. A stretch of records that take equally long is
// one segment with one timer.
type run struct {
	left     []client.Range // records not ended yet, in order
	oneByOne bool           // each was a poll of its own
	taken    int64          // records of the result begun in earlier segments
	latest   clock.Time     // when the latest of them began

	// The running segment: the first n records of left, each taking `each`
	// from start on. n = 0: none runs.
	n       int64
	each    clock.Duration
	start   clock.Time
	settled int64 // of them, already reported as completed
	slow    bool  // the segment is one record that a `slow` action hit
	fate    fate  // of the segment's records
}

// load takes a poll's result.
func (r *run) load(p client.PollResult) {
	r.left = append(r.left[:0], p.Records...)
	r.oneByOne, r.taken = p.OneByOne, 0
}

// remaining is how many records have not ended yet.
func (r *run) remaining() int64 {
	var n int64
	for _, x := range r.left {
		n += x.Len()
	}
	return n
}

// longestSegment is longer than any run: what would end later is begun in parts.
const longestSegment = 10_000 * clock.Hour

// begin starts a segment of at most n records.
func (r *run) begin(now clock.Time, n int64, each clock.Duration, slow bool) {
	if each > 0 {
		n = min(n, int64(max(1, longestSegment/each)))
	}
	r.n, r.each, r.start, r.settled, r.slow, r.fate = n, each, now, 0, slow, processed
}

// work begins the next segment, of at most n records that are handled alike: of one
// where each may take a different time, or where a `slow` action waits, which hits it.
func (r *run) work(h Host, now clock.Time, a *scenario.App, slow *[]clock.Duration, n int64) {
	n, d, f := handling(a, r.left[0], n)
	switch {
	case len(*slow) > 0:
		r.begin(now, 1, (*slow)[0], true)
		*slow = slices.Delete(*slow, 0, 1)
		h.Emit(trace.Event{Type: trace.WorkStarted, What: "slow", Records: 1})
	case d.IsFixed():
		r.begin(now, n, d.A, false)
	default:
		r.begin(now, 1, h.Draw(d), false)
	}
	r.fate = f
}

// endSlow tells of the end of a record that a `slow` action hit.
func (r *run) endSlow(h Host) {
	if r.slow {
		h.Emit(trace.Event{Type: trace.WorkFinished, What: "slow", Records: 1})
		r.slow = false
	}
}

// end is when the running segment ends.
func (r *run) end() clock.Time { return r.start + clock.Duration(r.n)*r.each }

// begun is how many records of the segment have begun at now.
func (r *run) begun(now clock.Time) int64 {
	if r.n == 0 {
		return 0
	}
	if r.each == 0 {
		return r.n
	}
	return min(r.n, int64((now-r.start)/r.each)+1)
}

// ended is how many records of the segment have ended at now.
func (r *run) ended(now clock.Time) int64 {
	if r.each == 0 {
		return r.n
	}
	return min(r.n, int64((now-r.start)/r.each))
}

// settle hands out the records of the segment that have been processed by now, each
// once.
func (r *run) settle(now clock.Time, completed func(client.Range)) {
	if r.n == 0 || r.fate != processed {
		return
	}
	ended := r.ended(now)
	n := ended - r.settled
	for x := range r.beyond(r.settled) {
		if n <= 0 {
			break
		}
		x.To = min(x.To, x.From+n)
		n -= x.Len()
		completed(x)
	}
	r.settled = ended
}

// beyond is what is left without its first records.
func (r *run) beyond(first int64) iter.Seq[client.Range] {
	return func(yield func(client.Range) bool) {
		skip := first
		for _, x := range r.left {
			k := min(skip, x.Len())
			skip -= k
			if x.From += k; x.Len() > 0 && !yield(x) {
				return
			}
		}
	}
}

// cut shortens the segment to the records begun by now.
func (r *run) cut(now clock.Time) { r.n = r.begun(now) }

// since is when the latest record begun by now did begin.
func (r *run) since(now clock.Time) clock.Time {
	if b := r.begun(now); b > 0 {
		return r.start + clock.Duration(b-1)*r.each
	}
	return r.latest
}

// take removes the first n records of left and hands each stretch to f.
func (r *run) take(n int64, f func(client.Range)) {
	for n > 0 {
		x := &r.left[0]
		k := min(n, x.Len())
		part := *x
		part.To = part.From + k
		f(part)
		n -= k
		if x.From += k; x.From == x.To {
			r.left = slices.Delete(r.left, 0, 1)
		}
	}
}

// drop takes away all but the first records, and tells how many went.
func (r *run) drop(keep int64) (dropped int64) {
	for i := range r.left {
		x := &r.left[i]
		if keep < x.Len() {
			dropped += x.Len() - keep
			x.To = x.From + keep
		}
		keep -= x.Len()
	}
	r.left = slices.DeleteFunc(r.left, func(x client.Range) bool { return x.Len() == 0 })
	return dropped
}
