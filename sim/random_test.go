package sim

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/scenario"
)

// TestRandomScenarios runs scenarios that nobody has thought of: any client,
// assignor and protocol, with the engine's invariants checked after each event
// and those of the protocol over the trace. What is committed once it has been
// processed is never lost, and the account of completions adds up. The smallest
// scenario that fails is left as a file. `.ci/run` makes more runs.
func TestRandomScenarios(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawScenario(t)
		if why := broken(text); why != "" {
			file := leave(t, text)
			t.Fatalf("%s\nthe scenario is in %s; to see it and to judge it again:\n  go run ./cmd/ksim run %[2]s --check\n  KSIM_SCENARIOS=%[2]s go test ./sim -run TestScenariosThatFailed\n%s", why, file, text)
		}
	})
}

// TestScenariosThatFailed runs what has been found wrong once, and the files that
// KSIM_SCENARIOS matches.
func TestScenariosThatFailed(t *testing.T) {
	files, err := filepath.Glob("testdata/random/failed/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("there are none", err)
	}
	if more := os.Getenv("KSIM_SCENARIOS"); more != "" {
		if files, err = filepath.Glob(more); err != nil || len(files) == 0 {
			t.Fatalf("KSIM_SCENARIOS: no file matches %s: %v", more, err)
		}
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if why := broken(string(text)); why != "" {
				t.Errorf("%s: %s", file, why)
			}
		})
	}
}

// leave writes a failing scenario to a file: of the runs that shrink a failure the
// last is the smallest. Processes that draw from different seeds have a file each.
func leave(t *rapid.T, text string) string {
	file := filepath.Join(os.TempDir(), fmt.Sprintf("ksim-%s-%s.yaml", t.Name(), flag.Lookup("rapid.seed").Value))
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Log(err)
	}
	return file
}

// broken runs a scenario and tells what must not happen and did, "" if nothing.
func broken(text string) (why string) {
	s, found := scenario.Load("random.yaml", []byte(text), scenario.Options{})
	if found.HasErrors() {
		return fmt.Sprint(found)
	}
	defer func() {
		if r := recover(); r != nil {
			why = fmt.Sprint(r)
			if _, crashed := r.(error); crashed {
				why += "\n" + string(debug.Stack())
			}
		}
	}()
	groups := describe(text)
	watch := make(watchers, len(groups))
	for i, x := range groups {
		watch[i] = newWatcher(i, s.Groups[i].ID, x)
	}
	w := New(s, Options{Sink: watch, Detail: true, Check: true})
	for i := range watch {
		watch[i].world = w
	}
	w.Run()
	for i := range watch {
		if watch[i].broken != "" {
			return watch[i].broken
		}
	}
	for i, g := range w.FinalSample().Groups {
		if g.Lost != 0 && !mayLose(groups[i]) {
			return fmt.Sprintf("%d records of %s are lost", g.Lost, g.ID)
		}
		var completions, repeated int64
		for _, m := range g.Members {
			completions, repeated = completions+m.Processed, repeated+m.Repeated
		}
		if completions-repeated != g.Processed {
			return fmt.Sprintf("%d completions, %d of them repeated, %d distinct records", completions, repeated, g.Processed)
		}
	}
	return ""
}

// randomScenario is what is known of a group in a scenario file, by its words.
type randomScenario struct {
	text        string // the file without the other groups
	client      string
	cooperative bool // partitions move in two steps
	consumer    bool // KIP-848
	workers     bool // the application commits from beside its poll loop
	contiguous  bool // and only what has nothing unfinished below
}

// describe reads a scenario file as drawScenario writes it, group by group.
func describe(text string) []*randomScenario {
	head, groups, _ := strings.Cut(text, "  - id: ")
	groups, tail, _ := strings.Cut(groups, "timeline:")
	if tail != "" {
		tail = "timeline:" + tail
	}
	var all []*randomScenario
	for group := range strings.SplitSeq(groups, "  - id: ") {
		x := &randomScenario{text: head + "  - id: " + group + tail}
		_, after, _ := strings.Cut(x.text, "client: ")
		after, _, _ = strings.Cut(after, "\n")
		x.client, _, _ = strings.Cut(after, "@")
		x.cooperative = x.has("CooperativeSticky") || x.has("cooperative-sticky")
		x.consumer = x.has("group.protocol: consumer")
		x.workers = x.has("worker-queue") || x.has("upload-mode: pool")
		x.contiguous = x.has("contiguous")
		all = append(all, x)
	}
	return all
}

// has tells whether words stand in the file.
func (x *randomScenario) has(words string) bool { return strings.Contains(x.text, words) }

// number is the one that follows those words, 0 if they are not there.
func (x *randomScenario) number(words string) (n int) {
	_, after, _ := strings.Cut(x.text, words)
	fmt.Sscanf(after, "%d", &n)
	return n
}

// static tells whether a member has a group.instance.id.
func (x *randomScenario) static(member string) bool {
	_, after, _ := strings.Cut(x.text, "{name: "+member+",")
	line, _, _ := strings.Cut(after, "\n")
	return strings.Contains(line, "group.instance.id")
}
