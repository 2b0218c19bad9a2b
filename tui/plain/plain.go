// Package plain is the text output of a run: a header, one line for each event
// of interest in fixed columns, the narration, and a summary. It is made from
// the scenario and the trace alone and writes as the events come.
//
// What is routine is folded: joins, revocations and assignments of one
// rebalance into one line each; heartbeats, polls, commits and further uploads
// into counts.
package plain

import (
	"io"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// LeastWidth is the least number of columns that the text takes.
const LeastWidth = 80

// Options are how the text looks.
type Options struct {
	Colour  bool
	ASCII   bool
	Width   int    // columns: 0 is 120, less than 80 is 80
	All     bool   // every log line, every upload, every member in the table
	Version string // of ksim, for the header
	Args    string // what followed `ksim run FILE`, such as `--seed 7`
}

// Summary is what is known at the end and is not in events. Without Members the
// table is left out.
type Summary struct {
	End     clock.Time
	Members []MemberFigures // of all groups, in the scenario's order
	Lost    []int64         // records lost, by group in the scenario's order
}

// MemberFigures are the figures of one member over the whole run.
type MemberFigures struct {
	Records    int64 // completed by its handlers, repetitions included
	Repeated   int64 // of them, those that a member of the group had completed before
	Polls      int64
	LongestGap clock.Duration // between two polls
	Commits    int64          // accepted
	InGroup    bool           // at the end, the coordinator knows a member of this client.id
}

// Writer writes a run.
type Writer struct {
	page      page
	columns   columns
	scenario  *scenario.Scenario
	o         Options
	world     world
	narration narration
	actions   actions
	logs      logs
	routine   routine

	now    clock.Time // of the events in moment
	moment []trace.Event
	open   []*row        // not written yet, in order of time: later events may still join them
	latest *row          // the row opened last
	marks  map[mark]bool // those written
}

// New begins the text with its header.
func New(w io.Writer, s *scenario.Scenario, o Options) *Writer {
	if o.Width == 0 {
		o.Width = 120
	}
	o.Width = max(o.Width, LeastWidth)
	p := &Writer{
		page: newPage(w, o), scenario: s, o: o, world: newWorld(s), narration: newNarration(s), actions: newActions(s),
		logs: logs{all: o.All, shown: map[string]int{}}, latest: &row{}, marks: map[mark]bool{},
	}
	p.columns = newColumns(&p.world, s.Duration, o.Width)
	p.columns.snapshot(p.latest, &p.world)
	p.header()
	return p
}

// Event takes in the next event. The event is not kept.
func (p *Writer) Event(e *trace.Event) {
	if e.At != p.now {
		p.endMoment()
		p.now = e.At
	}
	if e.Type.Detail() && (!e.Type.OfQueue() || e.Type == trace.QueueDepth) || e.Type == trace.Offsets || e.Type == trace.Processed {
		p.world.see(e)
		p.routine.count(e)
		return
	}
	p.moment = append(p.moment, *e)
}

// endMoment makes rows of what happened at one instant.
func (p *Writer) endMoment() {
	if len(p.moment) == 0 {
		return
	}
	p.writeClosed()
	p.actUntil(p.now)
	p.sayUntil(p.now)
	idle := p.idle()
	var rows []*row
	for i := range p.moment {
		if r := p.tell(&p.moment[i]); r != nil && !slices.Contains(rows, r) {
			rows = append(rows, r)
		}
	}
	p.moment = p.moment[:0]
	if alone := p.logs.attach(rows); alone != nil {
		p.place(&row{at: p.now, until: p.now, logs: alone})
	}
	p.stillIdle(idle)
}

// tell gives the row that tells of an event, with what the narration has to say
// of it; nil when there is neither.
func (p *Writer) tell(e *trace.Event) *row {
	says := p.narration.on(e)
	var r *row
	if e.Type == trace.Log {
		p.logs.take(e)
	} else {
		p.world.see(e)
		r = p.newRow(e)
	}
	if r == nil && says == nil {
		return nil
	}
	if r == nil {
		r = &row{at: e.At, until: e.At}
	}
	r.says = says
	return p.place(r)
}

// sayUntil says what the narration has for the times up to an instant.
func (p *Writer) sayUntil(at clock.Time) {
	for _, n := range p.narration.until(at) {
		p.place(&row{at: n.At, until: n.At, says: []*scenario.Narration{n}})
	}
}

// place lets a row join the open one of its group, or opens it; it gives the
// row that now tells of the event.
func (p *Writer) place(r *row) *row {
	for _, o := range p.open {
		if o.group == r.group && o.join(r) {
			p.columns.snapshot(o, &p.world)
			return o
		}
		o.closed = o.closed || o.group == r.group || r.at-o.until > inTurn
	}
	p.placeRoutine(r)
	p.columns.snapshot(r, &p.world)
	p.open = append(p.open, r)
	p.latest = r
	return r
}

// writeClosed writes the rows that nothing can join any more, up to the first
// one that is still open: rows stand in order of time.
func (p *Writer) writeClosed() {
	for len(p.open) > 0 && p.open[0].closed {
		p.writeRow(p.open[0])
		p.open = p.open[1:]
	}
}

// placeRoutine puts the counts of a long quiet stretch before a row.
func (p *Writer) placeRoutine(r *row) {
	quiet := r.at - p.latest.until
	if text := p.routine.text(); text != "" && quiet >= max(5*clock.Second, p.scenario.Duration/60) {
		p.open = append(p.open, &row{
			mark: markRoutine, after: "in " + lasting(quiet) + ": " + text, lives: p.latest.lives, closed: true,
		})
	}
	p.routine = routine{}
}

// Finish writes what is still open, and the summary. The error is the first one
// of the underlying writer.
func (p *Writer) Finish(s Summary) error {
	p.endMoment()
	if s.End == 0 {
		s.End = p.now
	}
	p.actUntil(s.End + clock.Microsecond)
	p.sayUntil(s.End)
	p.place(&row{at: s.End, until: s.End, after: "the run ends"})
	for _, r := range p.open {
		p.writeRow(r)
	}
	p.open = nil
	p.summary(&s)
	return p.page.flush()
}
