package suite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// TestEach hands over results in order, however they come: the second half of the
// work is done before the first.
func TestEach(t *testing.T) {
	const n = 64
	gate := make(chan struct{})
	var begun atomic.Int64
	var got []int
	Each(n, n, func(i int) int {
		if begun.Add(1) == n {
			close(gate)
		}
		<-gate // all run at one time
		return i * i
	}, func(i, square int) bool {
		got = append(got, square-i*i+i)
		return true
	})
	if !slices.IsSorted(got) || len(got) != n {
		t.Error(got)
	}
}

// TestEachStops begins no new work when the taker has had enough: --fail-fast.
func TestEachStops(t *testing.T) {
	var worked atomic.Int64
	enough := make(chan struct{})
	taken := 0
	Each(1000, 2, func(i int) int {
		if worked.Add(1); i > 3 {
			<-enough
		}
		return i
	}, func(i, _ int) bool {
		if taken++; i == 3 {
			close(enough)
			return false
		}
		return true
	})
	if n := worked.Load(); taken != 4 || n > 8 {
		t.Errorf("%d results were taken and %d made, want 4 and hardly more", taken, n)
	}
}

// TestEachPanics brings a panic to the caller, who can say what is at fault.
func TestEachPanics(t *testing.T) {
	defer func() {
		if r := recover(); r != "at 2" {
			t.Errorf("recovered %v", r)
		}
	}()
	Each(5, 2, func(i int) int {
		if i == 2 {
			panic("at 2")
		}
		return i
	}, func(int, int) bool { return true })
}

// TestProofsDiffer says where two traces part: --prove would be of no use if it
// could not fail.
func TestProofsDiffer(t *testing.T) {
	prove := func(other int) Proof {
		p := &proving{}
		for i := range 2000 {
			e := trace.Event{At: clock.Ms(int64(i)), Seq: uint64(i + 1), Type: trace.MemberStarted, Group: "g"}
			if i == other {
				e.Group = "h"
			}
			p.event(&e)
		}
		return *p.end()
	}
	one, same, another := prove(-1), prove(-1), prove(1500)
	if c := one.compare(same, "x.yaml"); !c.OK {
		t.Errorf("the same trace differs: %+v", c)
	}
	c := another.compare(one, "x.yaml")
	if c.OK || c.Got != "they differ between the events 1025 and 1536, up to 0m01.535 of virtual time" {
		t.Errorf("%+v", c)
	}
}

// TestFault: a scenario at which ksim itself breaks is a wrong one with a name, and
// the others go on.
func TestFault(t *testing.T) {
	o := &Options{Seconds: func() float64 { return 0 }}
	files := &Files{ReadFile: func(string) ([]byte, error) { panic("broken") }}
	src := Source{Name: "x.yaml", Text: []byte(`{ksim: 1, duration: 5s, topics: [{name: t, partitions: 1}],
groups: [{id: g, client: java, topics: [t], app: {process: {trace: a.csv}}, members: [A]}]}`), files: files}
	if r := o.Test([]Source{src}, 0); r.Outcome != Wrong || r.Fault != "broken" {
		t.Errorf("%+v", r)
	}
}

// TestFind takes files, folders, and what ksim brings along, each once.
func TestFind(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"b.yaml", "a.yml", "sub/c.yaml", "sub/values.yaml", ".git/d.yaml", "notes.txt"} {
		name := filepath.Join(dir, f)
		text := "ksim: 1\n"
		if strings.Contains(f, "values") {
			text = "image: ksim\n"
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	if err := errors.Join(os.Symlink("sub", "linked"), os.Symlink("b.yaml", "link.yaml")); err != nil {
		t.Fatal(err)
	}
	files := &Files{ReadFile: os.ReadFile, WalkDir: filepath.WalkDir}
	for _, c := range []struct{ args, want string }{
		{".", "a.yml b.yaml link.yaml sub/c.yaml"},
		{"...", "a.yml b.yaml link.yaml sub/c.yaml"},
		{"./...", "a.yml b.yaml link.yaml sub/c.yaml"},
		{"sub/... sub sub/c.yaml ./sub/c.yaml", "sub/c.yaml"},
		{"sub/values.yaml", "sub/values.yaml"}, // named: it is to be a scenario
		{"b.yaml .", "b.yaml a.yml link.yaml sub/c.yaml"},
		{"@poll-interval/six-minute-block @six-minute-block", "@poll-interval/six-minute-block @six-minute-block"},
		{"linked", "linked/c.yaml"},
		{"link.yaml", "link.yaml"},
		{"nowhere", "error: nowhere: no such file or directory"},
		{"@six-minute-blok", `error: no scenario "@six-minute-blok" (did you mean "@six-minute-block"?); ` + "`ksim list` names them all"},
	} {
		found, err := files.Find(strings.Fields(c.args))
		var names []string
		for _, s := range found {
			names = append(names, filepath.ToSlash(s.Name))
		}
		got := strings.Join(names, " ")
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.args, got, c.want)
		}
	}
	all, err := files.Find([]string{"@poll-interval/..."})
	if err != nil || len(all) < 2 || slices.ContainsFunc(all, func(s Source) bool { return !strings.HasPrefix(s.Name, "@poll-interval/") }) {
		t.Errorf("@poll-interval/...: %v %v", all, err)
	}
}

// TestNothingToRead: what cannot be read is an error with the file's name.
func TestNothingToRead(t *testing.T) {
	files := &Files{ReadFile: func(name string) ([]byte, error) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fmt.Errorf("disk on fire")}
	}}
	if _, err := files.Read("a.yaml"); err == nil || err.Error() != "a.yaml: disk on fire" {
		t.Error(err)
	}
}

// TestTooLarge: a file that is too large for a scenario is an error when it is named,
// and nothing to a search; an argument without a character names nothing.
func TestTooLarge(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := errors.Join(os.WriteFile("dump.yaml", nil, 0o644), os.WriteFile("a.yaml", nil, 0o644), os.Symlink("loop.yaml", "loop.yaml")); err != nil {
		t.Fatal(err)
	}
	files := &Files{WalkDir: filepath.WalkDir, ReadFile: func(name string) ([]byte, error) {
		switch filepath.Base(name) {
		case "dump.yaml":
			return nil, ErrTooLarge
		case "loop.yaml":
			return os.ReadFile(name)
		}
		return []byte("ksim: 1\n"), nil
	}}
	if _, err := files.Find([]string{"dump.yaml"}); err == nil || err.Error() != "dump.yaml: larger than 64 MB" {
		t.Error(err)
	}
	if _, err := files.Find([]string{"loop.yaml"}); err == nil || err.Error() != "loop.yaml: too many levels of symbolic links" {
		t.Error(err)
	}
	if _, err := files.Find([]string{""}); !errors.Is(err, errNoName) {
		t.Error(err)
	}
	if err := os.Remove("loop.yaml"); err != nil {
		t.Fatal(err)
	}
	if found, err := files.Find([]string{"."}); err != nil || len(found) != 1 || found[0].Name != "a.yaml" {
		t.Error(found, err)
	}
}

// TestKeptDetail: of a run with detail only what an expectation names is kept, for the
// rest may be most of a long run; a report still follows the life of a message.
func TestKeptDetail(t *testing.T) {
	const file = `ksim: 1
duration: 3m
queues: [{name: q, dead-letter: d, max-receive-count: 2}, {name: d}]
producers: [{queue: q, rate: 1/s, to: 1s}]
groups: [{id: w, app: {model: queue-worker, queue: q, process: 45s}, members: 2}]
expect: [{never: queue.dead-lettered}]
`
	s, found := scenario.Load("f.yaml", []byte(file), scenario.Options{})
	if found.HasErrors() {
		t.Fatal(found)
	}
	j := Simulate(s, Watch{})
	if n := len(j.Run.Events); n > 30 {
		t.Errorf("%d events are kept", n)
	}
	text := j.Verdicts[0].Text(j.Run, 120)
	for _, step := range []string{"queue.dead-lettered", "← 1m01", "queue.received", "← the scenario"} {
		if !strings.Contains(text, step) {
			t.Errorf("no %q in\n%s", step, text)
		}
	}
}
