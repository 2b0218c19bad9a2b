package scenario

import (
	"path"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/diag"
)

// Options are what the caller knows beside the file.
type Options struct {
	// Set are changes of the file from the command line, in their order.
	Set []Override
	// BaseName is the scenario's name when the file gives none; "" takes it from
	// the file's name.
	BaseName string
	// ReadFile reads a file that the scenario names, such as {trace: file.csv};
	// relative names are relative to the scenario's folder, which is for the
	// caller to know. Without it such files are an error.
	ReadFile func(name string) ([]byte, error)
}

// Load reads a scenario. file is its name for messages. The Scenario is nil
// when the list has errors; beside a Scenario the list has warnings at most.
// Findings stand in the order of their places, those of overrides last.
func Load(file string, src []byte, o Options) (*Scenario, diag.List) {
	l := newLoader(file, o)
	root := l.read(src)
	if root != nil {
		l.scenario(root)
	}
	found := l.findings()
	if found.HasErrors() {
		return nil, found
	}
	return l.s, found
}

// Refusals gives the `refused` expectations of a file that Load refuses: it is
// meant to be refused with these words.
func Refusals(file string, src []byte, o Options) []Expectation {
	l := newLoader(file, o)
	root := l.read(src)
	if root == nil {
		return nil
	}
	var refusals []Expectation
	entries := root.get("expect")
	if entries == nil {
		return nil
	}
	for _, n := range entries.items {
		if words := n.usable("refused"); words != nil && words.kind == isScalar {
			refusals = append(refusals, Expectation{Kind: ExpectRefused, Refused: words.text, Source: oneLine(n), Pos: n.place.pos})
		}
	}
	return refusals
}

// Titles gives the title and the story of a file, also of one that Load refuses.
func Titles(src []byte) (title, story string) {
	root, err := parse(src)
	if err != nil || root == nil {
		return "", ""
	}
	text := func(key string) string {
		if v := root.get(key); v != nil && v.kind == isScalar {
			return strings.TrimSpace(v.text)
		}
		return ""
	}
	return text("title"), text("story")
}

// loader is the reading of one file.
type loader struct {
	file      string
	options   Options
	s         *Scenario
	inFile    diag.List
	elsewhere diag.List                // overrides and files that the scenario names
	count     [2]int                   // findings by severity
	reported  map[diag.Diagnostic]bool // what several members share is reported once

	foreign []*node // options of the file that a client set by an override does not have

	topics    namespace
	producers namespace
	queues    namespace
	groups    namespace
	members   namespace

	sameName       map[string]int // producers without a name that share a topic, beyond the first
	readersUnsure  bool           // the topics of some group are wrong or unknown
	brokerUnsure   bool           // some of the broker's properties are
	brokerConfig   *node          // the broker's properties, as given
	groupOfMember  map[string]string
	mostPartitions []int32                     // of each topic, at the end of the run
	actionPlaces   []place                     // of the timeline's actions
	traces         map[string][]clock.Duration // files that {trace: …} has read
}

func newLoader(file string, o Options) *loader {
	return &loader{file: file, options: o, s: &Scenario{File: file}, reported: map[diag.Diagnostic]bool{}, groupOfMember: map[string]string{}, sameName: map[string]int{}}
}

// read parses the file, applies the overrides and checks the shape of all; nil
// when there is nothing to go on with.
func (l *loader) read(src []byte) *node {
	root, err := parse(src)
	if err != nil {
		l.errorAt(place{pos: err.pos}, "", "%s", err.message)
		return nil
	}
	top := place{pos: diag.Pos{Line: 1, Col: 1}}
	if root == nil || root.kind == isNull {
		l.errorAt(top, `a scenario begins with "ksim: 1"`, "the file is empty")
		return nil
	}
	if root.kind != isMap {
		l.errorAt(root.place, `a scenario begins with "ksim: 1"`, "the file is %s: expected a map with ksim, duration, topics, groups, …", root.describe())
		return nil
	}
	for i := range l.options.Set {
		l.override(root, l.options.Set[i])
	}
	scenarioObject.check(l, root, "")
	return root
}

// scenario fills in the Scenario from a tree whose shape has been checked.
func (l *loader) scenario(root *node) {
	s := l.s
	s.Name = l.text(root, "name", l.baseName())
	s.Title = strings.TrimSpace(l.text(root, "title", ""))
	s.Story = l.text(root, "story", "")
	s.Seed = uint64(l.number(root, "seed", 1))
	s.Duration = clock.Duration(l.number(root, "duration", int64(MaxDuration)))
	l.cluster(root)
	l.readQueues(root)
	l.readTopics(root)
	l.readProducers(root)
	l.readGroups(root.get("groups"))
	l.readTimeline(root)
	l.readNarration(root.get("narration"))
	l.readExpectations(root.get("expect"))
}

func (l *loader) baseName() string {
	if l.options.BaseName != "" {
		return l.options.BaseName
	}
	base := path.Base(l.file)
	return strings.TrimSuffix(strings.TrimSuffix(base, ".yaml"), ".yml")
}

// text, number and flag give the value of a key that has been checked.

func (l *loader) text(n *node, key, otherwise string) string {
	if v := n.usable(key); v != nil {
		return v.text
	}
	return otherwise
}

func (l *loader) number(n *node, key string, otherwise int64) int64 {
	if v := n.usable(key); v != nil {
		return v.value
	}
	return otherwise
}

func (l *loader) flag(n *node, key string, otherwise bool) bool {
	if v := n.usable(key); v != nil {
		return v.value != 0
	}
	return otherwise
}

// time is number for a time of the run; one beyond its end is warned of.
func (l *loader) time(n *node, key string, otherwise clock.Time) clock.Time {
	v := n.usable(key)
	if v == nil {
		return otherwise
	}
	l.withinRun(v)
	return clock.Time(v.value)
}

func (l *loader) withinRun(v *node) {
	if clock.Time(v.value) > l.s.Duration {
		l.warnAt(v.place, "", "%s is after the end of the run (duration %s)", v.text, FormatDuration(l.s.Duration))
	}
}
