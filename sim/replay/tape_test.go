package replay

import (
	"slices"
	"testing"

	"ksim/sim"
	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/scenario/scenariotest"
	"ksim/sim/trace"
)

// lines is a trace as bytes.
type lines []byte

// Event takes in the next event.
func (l *lines) Event(e *trace.Event) { *l = trace.AppendJSON(*l, e) }

func text(events []trace.Event) string {
	var l lines
	for i := range events {
		l.Event(&events[i])
	}
	return string(l)
}

// whole is a tape that has been run to its end, in uneven portions.
func whole(s *scenario.Scenario) *Tape {
	t := New(s)
	for n := 1; t.Advance(n); n = n*3%1000 + 1 {
	}
	return t
}

// TestAround shows that the stretches of a tape are the whole run with its detail,
// without a gap or a repetition.
func TestAround(t *testing.T) {
	s := scenariotest.Load(t, "slow-upload")
	var want lines
	sim.New(s, sim.Options{Sink: &want, Detail: true}).Run()
	tape := whole(s)
	var got []trace.Event
	_, last, _ := tape.Head()
	for seq := uint64(1); seq <= last; seq = got[len(got)-1].Seq + 1 {
		got = append(got, tape.Around(seq)...)
	}
	if text(got) != string(want) {
		t.Fatal("the stretches are not the run")
	}
	if len(tape.marks) < 2 {
		t.Fatal("the run fits into one stretch: it shows nothing")
	}
}

// TestBackAndForth shows that the world at an event is the same whichever way one
// comes to it: what it does next, with all detail, is.
func TestBackAndForth(t *testing.T) {
	s := scenariotest.Load(t, "slow-upload")
	tape := whole(s)
	_, last, _ := tape.Head()
	from := func(seq uint64) string {
		var l lines
		w := tape.World(seq).Clone(&l)
		w.Watch(true)
		for range 200 {
			w.Step()
		}
		return string(l)
	}
	asked := []uint64{0, 1, 2, 5, last / 3, last / 2, last/2 + 1, last - 300, last - 1, last}
	want := map[uint64]string{}
	for _, seq := range asked {
		want[seq] = from(seq)
	}
	for _, seq := range slices.Backward(asked) {
		if from(seq) != want[seq] {
			t.Fatalf("from event %d on the run is another when one comes back to it", seq)
		}
	}
}

// TestFork shows that what is done in a fork is as if the file had said it, that
// its past is the tape's, and that the tape itself is untouched.
func TestFork(t *testing.T) {
	s := scenariotest.Load(t, "slow-upload")
	tape := whole(s)
	untouched := text(tape.Shown())
	for _, share := range []uint64{0, 3, 50, 99} {
		_, last, _ := tape.Head()
		fork, err := tape.Fork(last*share/100, scenario.Action{Kind: scenario.ActFreeze, Member: "A", For: 20 * clock.Second})
		if err != nil {
			t.Fatal(err)
		}
		for fork.Advance(1000) {
		}
		var want lines
		sim.New(fork.Scenario(), sim.Options{Sink: &want}).Run()
		if text(fork.Shown()) != string(want) {
			t.Errorf("forked at %d %%: the fork is not what its scenario says", share)
		}
		if text(tape.Shown()) != untouched || len(s.Timeline) != 0 {
			t.Fatalf("forked at %d %%: the tape has changed", share)
		}
		if fork.World(1).Now() != tape.World(1).Now() {
			t.Errorf("forked at %d %%: the beginnings differ", share)
		}
	}
	if _, err := tape.Fork(1<<60, scenario.Action{Kind: scenario.ActCrash, Member: "A"}); err == nil {
		t.Error("something was done after the end")
	}
}

// TestForkOfFork shows that what is done at the point where a fork begins, or later
// than its event, is done after what made the fork, and at its own time.
func TestForkOfFork(t *testing.T) {
	tape := whole(scenariotest.Load(t, "slow-upload"))
	_, last, _ := tape.Head()
	seq := last / 3
	crash, err := tape.Fork(seq, scenario.Action{Kind: scenario.ActCrash, Member: "A"})
	if err != nil {
		t.Fatal(err)
	}
	later := tape.World(seq).Now() + 30*clock.Second + 1
	both, err := crash.Fork(seq, scenario.Action{Kind: scenario.ActStart, Member: "A", At: later})
	if err != nil {
		t.Fatal(err)
	}
	done := both.Scenario().Timeline
	if len(done) != 2 || done[0].Kind != scenario.ActCrash || done[1].Kind != scenario.ActStart {
		t.Fatalf("the timeline is %v", done)
	}
	if want := (later + clock.Millisecond) / clock.Millisecond * clock.Millisecond; done[1].At != want {
		t.Errorf("it is started at %s, not at %s", done[1].At, want)
	}
	for both.Advance(1000) {
	}
	var want lines
	sim.New(both.Scenario(), sim.Options{Sink: &want}).Run()
	if text(both.Shown()) != string(want) {
		t.Error("the fork of the fork is not what its scenario says")
	}
}
