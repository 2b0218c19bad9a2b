package screen

import (
	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/tui/model"
)

// A moment is a number of an event and a time: of events by their numbers, of what is
// said between two events by its time.

// speeds are virtual time per real time, in tenths; 0 is the fastest: the whole run in
// ten seconds.
var speeds = []int64{1, 2, 5, 10, 20, 50, 100, 300, 600, 3000, 6000, 36000, 0}

// normalSpeed is ×1 in speeds.
const normalSpeed = 3

// wholeRun is how many seconds a run takes at the fastest speed.
const wholeRun = 10

// moveTo shows another moment.
func (s *State) moveTo(seq uint64, at clock.Time) {
	s.seq, s.at = seq, at
	s.picked, s.trail, s.rows[whyPanel], s.rows[narrationPanel] = 0, nil, 0, 0
	s.asked, s.singly = nil, false
}

// goTo shows the state at an instant.
func (s *State) goTo(t clock.Time) {
	t = min(t, s.end())
	s.playing = false
	far := func() bool {
		at, _, ended := s.run().Head()
		return at > t || ended
	}
	if !s.reaches(far, func() { s.goTo(t) }) {
		return
	}
	if t == 0 {
		s.moveTo(0, 0)
		return
	}
	s.moveTo(s.run().At(t), t)
}

func (s *State) goToPicked() {
	if s.picked == 0 {
		s.complain("no event is chosen: 6 goes to the events, j and k choose one")
		return
	}
	seq := s.picked
	s.playing = false
	s.moveTo(seq, s.run().Time(seq))
}

// reaches runs the engine on until it is far enough, for as long as a person waits
// without a thought. If that is too short, it goes on as time passes, and again is
// called then; any key ends it.
func (s *State) reaches(far func() bool, again func()) bool {
	for range aheadPatience / aheadAtOnce {
		if far() {
			return true
		}
		s.ahead = s.run().Advance(aheadAtOnce)
	}
	if far() {
		return true
	}
	at, _, _ := s.run().Head()
	s.seeking = again
	s.tell("the run is simulated on: %s of %s; any key stops", model.ClockText(at), scenario.FormatDuration(s.end()))
	return false
}

// stops gives what a step stops at: where a filter is set, only at what it lets through.
func (s *State) stops(step model.Step) model.Step {
	return func(e *model.Entry) bool { return step(e) && s.passes(e) }
}

// forth steps to the next stop, and to what is said before it.
func (s *State) forth(step model.Step, withSaid bool) {
	s.playing = false
	r := s.run()
	found := func() bool { return r.Foresees(s.seq, s.stops(step)) }
	if !s.reaches(found, func() { s.forth(step, withSaid) }) {
		return
	}
	seq, ok := r.Next(s.seq, s.stops(step))
	if withSaid && s.filter == "" {
		for _, x := range r.Said()[r.SaidUntil(s.seq, s.at):] {
			if ok && x.Seq >= seq {
				break
			}
			if x.On == "" && x.Heard() {
				s.moveTo(x.Seq, x.At)
				s.ask(&x)
				return
			}
		}
	}
	if !ok {
		s.tell("no such event follows; G goes to the end of the run")
		if withSaid {
			s.showScore()
		}
		return
	}
	s.moveTo(seq, r.Time(seq))
	s.askNow()
}

// back steps to the stop before, or to what was said after it.
func (s *State) back(step model.Step, withSaid bool) {
	s.playing = false
	r, stops := s.run(), s.stops(step)
	seq, ok := s.seq, false
	if e, shown := r.Entry(seq); shown && s.at > e.At && stops(e) {
		ok = true
	} else {
		seq, ok = r.Previous(seq, stops)
	}
	if withSaid && s.filter == "" {
		said := r.Said()[:r.SaidUntil(s.seq, s.at)]
		for i := len(said) - 1; i >= 0; i-- {
			x := &said[i]
			if x.Seq < seq || x.Seq == seq && ok && x.At <= r.Time(seq) {
				break
			}
			if x.On == "" && x.Heard() && (x.Seq != s.seq || x.At < s.at) {
				s.moveTo(x.Seq, x.At)
				return
			}
		}
	}
	if !ok {
		seq = 0
	}
	s.moveTo(seq, r.Time(seq))
}

func (s *State) singleForth() {
	s.playing = false
	seq, ok := s.run().Single(s.seq)
	if !ok {
		s.tell("this is the last event of the run")
		return
	}
	s.moveTo(seq, s.run().Time(seq))
	s.singly = true
	s.askNow()
}

func (s *State) singleBack() {
	s.playing = false
	if s.seq > 0 {
		seq := s.seq - 1
		s.moveTo(seq, s.run().Time(seq))
		s.singly = seq > 0
	}
}

func (s *State) togglePlay() {
	if !s.playing && s.at >= s.end() {
		s.tell("this is the end of the run: g goes to the start")
		return
	}
	s.playing = !s.playing
	if s.playing {
		s.picked, s.trail, s.singly = 0, nil, false
	}
}

func (s *State) changeSpeed(by int) {
	s.speed = min(max(s.speed+by, 0), len(speeds)-1)
}

// Tick lets so many microseconds of real time pass. It tells whether there is
// anything new to draw.
func (s *State) Tick(real int64) bool {
	changed := false
	if again := s.seeking; again != nil {
		s.seeking, s.message = nil, ""
		again()
		return true
	}
	if s.Simulate() {
		changed = true
	}
	if !s.playing {
		return changed
	}
	to := s.at + clock.Duration(real*speeds[s.speed]/10)
	if speeds[s.speed] == 0 {
		to = s.at + clock.Duration(real)*s.end()/(wholeRun*clock.Second)
	}
	s.play(min(to, s.end(), s.known(to)))
	return true
}

// Simulate runs the run shown on in the background by a few milliseconds' work; false
// when there is nothing left to do.
func (s *State) Simulate() bool {
	was := s.ahead
	if s.ahead {
		s.ahead = s.run().Advance(aheadAtOnce)
	}
	return was
}

// known is an instant up to which the run can be played without waiting: that one, or
// what has been simulated so far.
func (s *State) known(to clock.Time) clock.Time {
	for range aheadPatience / aheadAtOnce {
		if at, _, ended := s.run().Head(); at > to || ended {
			return to
		}
		s.ahead = s.run().Advance(aheadAtOnce)
	}
	at, _, _ := s.run().Head()
	return max(s.at, min(to, at-1))
}

// play goes on to an instant, or to the question before it.
func (s *State) play(to clock.Time) {
	r := s.run()
	seq := max(r.At(to), s.seq)
	for _, x := range r.Said()[r.SaidUntil(s.seq, s.at):r.SaidUntil(seq, to)] {
		if x.Asks() {
			s.moveTo(x.Seq, x.At)
			s.ask(&x)
			return
		}
	}
	s.seq, s.at = seq, to
	if to == s.end() {
		s.playing = false
		s.showScore()
	}
}

// Busy tells whether time changes anything on the screen.
func (s *State) Busy() bool { return s.playing || s.ahead || s.seeking != nil }

// turnGroup chooses the group whose figures are shown.
func (s *State) turnGroup(by int) {
	if n := len(s.run().Scenario().Groups); n > 0 {
		s.group = (s.group + by + n) % n
		s.rows[partitionsPanel] = 0
	}
}

// groupOf is the chosen group as the file has it.
func (s *State) groupOf() *scenario.Group { return &s.run().Scenario().Groups[s.group] }
