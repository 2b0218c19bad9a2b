package app

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// job is a piece of work for a worker: a record, or the upload of a buffer.
type job struct {
	records []client.Range
	number  int64      // in the order of hand-over
	end     clock.Time // of the step that runs
	step    clock.Duration
	steps   int // that are left, the running one included
	slow    bool
	begun   Cause // the event of its begin, if there was one
	fate    fate
	tries   tries
	session int64 // of handlers: the one that it came with
}

// size is the number of records and of bytes.
func (j *job) size() (records, bytes int64) { return sizeOf(j.records) }

func sizeOf(ranges []client.Range) (records, bytes int64) {
	for _, r := range ranges {
		records += r.Len()
		bytes += r.Len() * r.Size
	}
	return records, bytes
}

// without takes the ranges of partitions out of a buffer in place, and gives their
// size.
func without(ranges []client.Range, partitions []kafka.TopicPartition) (rest []client.Range, records, bytes int64) {
	rest = slices.DeleteFunc(ranges, func(r client.Range) bool {
		goes := slices.Contains(partitions, r.TopicPartition)
		if goes {
			records += r.Len()
			bytes += r.Len() * r.Size
		}
		return goes
	})
	return rest, records, bytes
}

// beginUpload begins with a buffer.
func (j *job) beginUpload(h Host, now clock.Time, a *scenario.App) {
	n, _ := j.size()
	h.Emit(trace.Event{Type: trace.WorkStarted, What: "upload", Records: n})
	j.begun = h.Cause()
	j.end = now + h.Draw(&a.Upload)
}

// endUpload completes the records of a buffer.
func (j *job) endUpload(h Host) {
	n, _ := j.size()
	h.Blame(j.begun)
	h.Emit(trace.Event{Type: trace.WorkFinished, What: "upload", Records: n})
	for _, r := range j.records {
		h.Completed(r)
	}
}

// beginRecord begins with a record, which the first `slow` action that waits hits.
func (j *job) beginRecord(h Host, a *scenario.App, slow *[]clock.Duration) {
	_, _, j.fate = handling(a, j.records[0], 1)
	if len(*slow) == 0 {
		j.step = h.Draw(&a.Process)
		return
	}
	j.step, j.slow = (*slow)[0], true
	*slow = slices.Delete(*slow, 0, 1)
	h.Emit(trace.Event{Type: trace.WorkStarted, What: "slow", Records: 1})
	j.begun = h.Cause()
}

// endRecord ends the work on a record. Again: it is poisonous and is tried once more,
// until the job's end. Alive is false when the program has crashed.
func (j *job) endRecord(h Host, now clock.Time, a *scenario.App) (again, alive bool) {
	if j.slow { // the next try is none
		h.Blame(j.begun)
		h.Emit(trace.Event{Type: trace.WorkFinished, What: "slow", Records: 1})
		j.slow = false
	}
	switch r := j.records[0]; {
	case j.fate == processed:
		h.Completed(r)
	case j.tries.again(&a.Poison, r):
		j.steps, j.end = 1, now+a.Poison.Backoff+h.Draw(&a.Process)
		return true, true
	default:
		return false, reject(h, a, r, j.fate)
	}
	return false, true
}

// pool is workers and the queue before them.
type pool struct {
	workers int
	room    int64 // how many jobs may wait; Unbounded: any number
	busy    []job // by end, then number
	waiting []job
	handed  int64
}

func newPool(a *scenario.App) pool { return pool{workers: a.Workers, room: a.Queue} }

// full tells that one more job would have to wait outside.
func (p *pool) full() bool {
	return len(p.busy) >= p.workers && p.room != scenario.Unbounded && int64(len(p.waiting)) >= p.room
}

// put hands a job over.
func (p *pool) put(records ...client.Range) {
	p.handed++
	p.waiting = append(p.waiting, job{records: records, number: p.handed})
}

// begin gives waiting jobs to idle workers.
func (p *pool) begin(start func(*job)) {
	for len(p.waiting) > 0 && len(p.busy) < p.workers {
		j := p.waiting[0]
		p.waiting = slices.Delete(p.waiting, 0, 1)
		start(&j)
		p.work(j)
	}
}

// work puts a job among those that are worked on.
func (p *pool) work(j job) {
	i, _ := slices.BinarySearchFunc(p.busy, j, func(a, b job) int {
		if a.end < b.end || a.end == b.end && a.number < b.number {
			return -1
		}
		return 1
	})
	p.busy = slices.Insert(p.busy, i, j)
}

// ended takes out the next job whose step has ended by now.
func (p *pool) ended(now clock.Time) (job, bool) {
	if len(p.busy) == 0 || p.busy[0].end > now {
		return job{}, false
	}
	j := p.busy[0]
	p.busy = slices.Delete(p.busy, 0, 1)
	return j, true
}

// release lets the worker of a job go that waits for something else than time.
func (p *pool) release(number int64) {
	p.busy = slices.DeleteFunc(p.busy, func(j job) bool { return j.number == number })
}

// next is when a step ends, Never when nobody works.
func (p *pool) next() clock.Time {
	if len(p.busy) == 0 {
		return clock.Never
	}
	return p.busy[0].end
}

// idle tells that there is nothing to do.
func (p *pool) idle() bool { return len(p.busy) == 0 && len(p.waiting) == 0 }

// held appends the records of all jobs.
func (p *pool) held(to []client.Range) []client.Range {
	for _, jobs := range [][]job{p.busy, p.waiting} {
		for i := range jobs {
			to = append(to, jobs[i].records...)
		}
	}
	return to
}

// queued is what waits for a worker.
func (p *pool) queued() (records, bytes int64) {
	for i := range p.waiting {
		n, size := p.waiting[i].size()
		records, bytes = records+n, bytes+size
	}
	return records, bytes
}

// drop takes the records of some partitions out of the queue, and gives their
// number.
func (p *pool) drop(partitions []kafka.TopicPartition) (records int64) {
	for i := range p.waiting {
		rest, gone, _ := without(slices.Clone(p.waiting[i].records), partitions)
		p.waiting[i].records = rest
		records += gone
	}
	p.waiting = slices.DeleteFunc(p.waiting, func(j job) bool { return len(j.records) == 0 })
	return records
}

func (p *pool) clear() { p.busy, p.waiting = nil, nil }

// clone copies what the pool shares with no other; the ranges of a job are never
// changed in place.
func (p *pool) clone() pool {
	c := *p
	c.busy, c.waiting = slices.Clone(p.busy), slices.Clone(p.waiting)
	return c
}

// watermarks say how far each partition is done without a gap
// (commit: contiguous).
type watermarks []mark

type mark struct {
	tp        kafka.TopicPartition
	delivered int64 // the next offset that poll will return
	committed int64
}

// deliver notes what poll has returned.
func (w *watermarks) deliver(ranges []client.Range) {
	for _, r := range ranges {
		i := slices.IndexFunc(*w, func(m mark) bool { return m.tp == r.TopicPartition })
		if i < 0 {
			*w = append(*w, mark{r.TopicPartition, r.To, r.From})
			continue
		}
		(*w)[i].delivered = r.To
	}
}

// giveBack notes that poll has not returned those records but the first ones.
func (w watermarks) giveBack(ranges []client.Range, keep int64) {
	for _, r := range ranges {
		kept := min(keep, r.Len())
		keep -= kept
		if i := slices.IndexFunc(w, func(m mark) bool { return m.tp == r.TopicPartition }); i >= 0 && kept < r.Len() {
			w[i].delivered = min(w[i].delivered, r.From+kept)
		}
	}
}

// forget drops what is known of partitions that have gone.
func (w *watermarks) forget(partitions []kafka.TopicPartition) {
	*w = slices.DeleteFunc(*w, func(m mark) bool { return slices.Contains(partitions, m.tp) })
}

// rise gives the offsets below which nothing is unfinished, where they have risen
// since the last time.
func (w *watermarks) rise(unfinished []client.Range) []kafka.OffsetCommit {
	var out []kafka.OffsetCommit
	for i := range *w {
		m := &(*w)[i]
		at := m.delivered
		for _, r := range unfinished {
			if r.TopicPartition == m.tp {
				at = min(at, r.From)
			}
		}
		if at > m.committed {
			m.committed = at
			out = append(out, kafka.OffsetCommit{TopicPartition: m.tp, Offset: at})
		}
	}
	slices.SortFunc(out, func(a, b kafka.OffsetCommit) int { return a.Compare(b.TopicPartition) })
	return out
}

// after is the commit that says that everything up to these records is done.
func after(records []client.Range) []kafka.OffsetCommit {
	var out []kafka.OffsetCommit
	for _, r := range records {
		i := slices.IndexFunc(out, func(o kafka.OffsetCommit) bool { return o.TopicPartition == r.TopicPartition })
		if i < 0 {
			out = append(out, kafka.OffsetCommit{TopicPartition: r.TopicPartition, Offset: r.To})
			continue
		}
		out[i].Offset = max(out[i].Offset, r.To)
	}
	slices.SortFunc(out, func(a, b kafka.OffsetCommit) int { return a.Compare(b.TopicPartition) })
	return out
}
