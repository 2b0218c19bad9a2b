package suite

import (
	"ksim/sim"
	"ksim/sim/clock"
	"ksim/sim/expect"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// Watch is how a run is watched. The zero Watch runs a scenario to its end and
// judges it.
type Watch struct {
	Show    func(*trace.Event) // each event in turn; nil: nobody looks
	Detail  bool               // Show gets detail events too
	Queues  bool               // and without it those of queues
	Until   clock.Time         // the end, if before the scenario's; 0: no
	Check   bool               // check the engine's invariants
	Args    string             // what must follow `ksim run FILE` to repeat the run
	Advance func(*sim.World)   // runs the world to its end; nil: World.Run
}

// Judged is a run with the answers to what its scenario expects of it.
type Judged struct {
	World    *sim.World
	Run      expect.Run
	Verdicts []expect.Verdict
	Unjudged int // expectations that look beyond Watch.Until
}

// Failed tells whether an expectation failed.
func (j *Judged) Failed() bool {
	for i := range j.Verdicts {
		if !j.Verdicts[i].OK {
			return true
		}
	}
	return false
}

// Simulate runs a scenario and judges it.
func Simulate(s *scenario.Scenario, o Watch) *Judged {
	end := s.Duration
	if o.Until > 0 {
		end = min(end, o.Until)
	}
	detail := o.Detail || o.Queues && len(s.Queues) > 0 || expect.NeedsDetail(s.Expect)
	judged := expect.Within(s.Expect, s.Duration, end)
	r := &recording{hidden: detail && !o.Detail, keep: len(s.Expect) > 0, offsets: expect.NeedsOffsets(s.Expect), queues: o.Queues, show: o.Show}
	if r.show == nil {
		r.show = func(*trace.Event) {}
	}
	r.hide.Next = r.show
	if detail {
		keeps := map[trace.Type]bool{}
		wanted := expect.Keeps(s.Expect)
		r.kept.Next = func(e *trace.Event) { r.events = append(r.events, *e) }
		r.kept.Hides = func(t trace.Type) bool {
			keep, known := keeps[t]
			if !known {
				keep = !t.Detail() || wanted(t)
				keeps[t] = keep
			}
			return !keep
		}
	}
	w := sim.New(s, sim.Options{Sink: r, Detail: detail, Until: o.Until, Check: o.Check, At: expect.Samples(judged, end)})
	if o.Advance != nil {
		o.Advance(w)
	} else {
		w.Run()
	}
	run := expect.Run{Scenario: s, Events: r.events, Figures: w.Samples(), End: end, Args: o.Args}
	return &Judged{World: w, Run: run, Verdicts: expect.Judge(judged, run), Unjudged: len(s.Expect) - len(judged)}
}

// recording is the sink of a run: it shows events, and keeps them when there
// are expectations to judge. The offsets of each second, most of a long run,
// are kept only if one speaks of them; so is every kind of detail.
type recording struct {
	hidden  bool // detail is recorded and not shown
	keep    bool
	offsets bool
	queues  bool // those of queues are shown
	show    func(*trace.Event)
	hide    trace.Hide
	kept    trace.Hide // what of detail is kept, its Next nil without
	events  []trace.Event
}

// Event takes in the next event.
func (r *recording) Event(e *trace.Event) {
	switch {
	case !r.keep, e.Type == trace.Offsets && !r.offsets:
	case r.kept.Next == nil:
		r.events = append(r.events, *e)
	default:
		x := *e
		r.kept.Event(&x)
	}
	switch {
	case !r.hidden:
		r.show(e)
	case r.queues && e.Type.OfQueue():
		x := *e
		r.hide.Event(e) // which keeps the chain of causes
		r.show(&x)
	default:
		r.hide.Event(e)
	}
}
