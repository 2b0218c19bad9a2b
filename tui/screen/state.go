// Package screen is the terminal UI: a run that is played, stopped and stepped
// through in both directions, with the state of its groups and the reasons of what
// happens. It decides nothing of the run: what it shows is tui/model's, what it does
// to a run is an entry of a scenario's timeline.
//
// A State is changed by keys and by time alone, and draws itself into a grid of
// cells; only shell.go knows a terminal.
package screen

import (
	"fmt"

	"ksim/sim/clock"
	"ksim/sim/diag"
	"ksim/sim/scenario"
	"ksim/tui/model"
)

// Options are what the screen is given.
type Options struct {
	Source []byte // the scenario's text, to which a fork adds
	// Load reads a changed text as the scenario was read, with the same overrides.
	Load func(text []byte) (*scenario.Scenario, diag.List)
	// Save writes a branch as a scenario file, and says what it has written.
	Save func(Saved) (message string, err error)
	// Export writes a run, simulated to its end, in a format of `ksim export`; without
	// replace it refuses to when there is such a file.
	Export func(r *model.Run, format, file string, replace bool) error

	Theme Theme
	ASCII bool
}

// Saved is a branch that is to be a scenario file.
type Saved struct {
	File    string
	Replace bool // a file that is there
	// What has been done to the run: as entries of a timeline, and in words; From when on.
	Entries []string
	Done    string
	From    clock.Time
	Unsaid  []bool // the entries of the narration that are not true of it
}

// State is all that the screen shows, and where its keys have led.
type State struct {
	o       Options
	runs    []*branch // the first is the file's own
	current int
	name    string // that `:fork` has given to the fork to come

	// The moment: right after event seq, with clocks that show at.
	at      clock.Time
	seq     uint64
	playing bool
	speed   int
	singly  bool // the moment was come to by a single step: its event is shown, whatever it is

	w, h    int
	focus   panel
	shown   [slots]panel // in each slot that panels share
	zoomed  bool
	group   int
	rows    [panels]int      // the chosen line of each panel that has them
	targets [panels][]target // what a press on each line means

	mode          mode
	input         input
	overlayRow    int
	chosenChapter int
	filter        string
	kinds         shownKinds
	picked        uint64   // the event that is chosen; 0: that of the moment
	trail         []uint64 // those from which enter has led to it

	asked       *asking // the question that is open
	predictions []prediction

	message string
	wrong   bool

	wishes
	fromList, left bool

	seeking func() // what goes on when the run has been simulated further
	seen    seen
	ahead   bool // the run is not at its end yet
}

// mode is what keys mean.
type mode uint8

const (
	normal mode = iota
	commanding
	searching
	helping
	comparing
	answering // a question, in words
	scoring
	contents // the list of chapters
)

// How many steps of the engine are run in one go in the background, and at most while
// a person waits for what a key has asked for.
const (
	aheadAtOnce   = 4096
	aheadPatience = 100_000
)

// NewState is the screen of a scenario at its start, paused.
func NewState(s *scenario.Scenario, o Options) *State { return Of(model.New(s), o) }

// Of is the screen of a run at its start, paused.
func Of(r *model.Run, o Options) *State {
	st := &State{o: o, speed: normalSpeed, focus: eventsPanel}
	st.shown = [slots]panel{stateSlot: membersPanel, figureSlot: lagPanel, wordsSlot: narrationPanel}
	st.runs = []*branch{{name: "the file", run: r}}
	st.ahead = true // the first screen is there at once; what is ahead comes as time passes
	return st
}

func (s *State) branch() *branch { return s.runs[s.current] }
func (s *State) run() *model.Run { return s.branch().run }
func (s *State) end() clock.Time { return s.run().Scenario().Duration }

// ComesFromList tells that leaving this screen leads back to the list of scenarios; ctrl-c
// leaves ksim.
func (s *State) ComesFromList() { s.fromList = true }

// Left tells whether ksim is to be left with this screen.
func (s *State) Left() bool { return s.left || !s.fromList }

func (s *State) theme() Theme { return s.o.Theme }

// Resize says how large the screen is.
func (s *State) Resize(w, h int) { s.w, s.h = w, h }

// complain says in the status line why something is not done; tell what is.
func (s *State) complain(format string, args ...any) {
	s.message, s.wrong = fmt.Sprintf(format, args...), true
}

func (s *State) tell(format string, args ...any) {
	s.message, s.wrong = fmt.Sprintf(format, args...), false
}

// escape goes back by one: the question, the trail of causes, the choice, the
// enlarged panel, the filter.
func (s *State) escape() {
	switch {
	case s.playing:
		s.playing = false
	case len(s.trail) > 0:
		s.picked = s.trail[len(s.trail)-1]
		s.trail = s.trail[:len(s.trail)-1]
		s.rows[whyPanel] = 0
	case s.picked != 0:
		s.picked = 0
		s.rows[whyPanel] = 0
	case s.zoomed:
		s.zoomed = false
	case s.filter != "":
		s.filter = ""
	}
}
