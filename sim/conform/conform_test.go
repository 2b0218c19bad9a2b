package conform

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ksim/internal/golden"
	"ksim/sim"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// lines is a sink that keeps the trace as lines of JSON.
type lines struct{ text []byte }

func (l *lines) Event(e *trace.Event) { l.text = trace.AppendJSON(l.text, e) }

// simulate runs a scenario file and gives its trace.
func simulate(t *testing.T, file string, o sim.Options) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, found := scenario.Load(file, text, scenario.Options{})
	if found.HasErrors() {
		t.Fatal(found)
	}
	out := &lines{text: trace.AppendHeader(nil, s.Name, s.Seed, "test")}
	o.Sink = out
	sim.New(s, o).Run()
	return out.text
}

// recordings are the names of all recorded scenarios.
func recordings(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.obs.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no recordings", err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".obs.jsonl")
	}
	return files
}

// heartbeat is the scenario's heartbeat.interval.ms: how late a member may learn
// of something is not part of the comparison.
func heartbeat(t *testing.T, name string) float64 {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`heartbeat\.interval\.ms: (\d+)`).FindSubmatch(text)
	switch {
	case m == nil && loose(name):
		return 5000 // group.consumer.heartbeat.interval.ms
	case m == nil:
		return 3000
	}
	n, _ := strconv.ParseFloat(string(m[1]), 64)
	return n
}

// floors is how well two recordings of one scenario agree.
func floors(t *testing.T) map[string]float64 {
	t.Helper()
	text, err := os.ReadFile("testdata/floor.txt")
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]float64{}
	for l := range strings.Lines(string(text)) {
		f := strings.Fields(l)
		m[f[0]], _ = strconv.ParseFloat(f[2], 64)
	}
	return m
}

func judge(t *testing.T, name string) verdict {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".obs.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	real, err := parse(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	got, err := parse(simulate(t, "testdata/"+name+".yaml", sim.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if loose(name) {
		countOnly(real)
		countOnly(got)
	}
	return compare(real, got, heartbeat(t, name))
}

// loose tells whether only the number of partitions counts: in the consumer protocol
// who gets which goes by the hash of random member ids.
func loose(name string) bool { return strings.Contains(name, "kip848") }

// countOnly takes the names from partitions.
func countOnly(list []observation) {
	for i := range list {
		list[i].Partitions = slices.Repeat([]string{"any"}, len(list[i].Partitions))
	}
}

// TestRecordings holds ksim to the truth: each recorded scenario, simulated,
// must give the events that the real broker and clients gave.
func TestRecordings(t *testing.T) {
	floor := floors(t)
	var sum float64
	var all []float64
	names := recordings(t)
	for _, name := range names {
		v := judge(t, name)
		sum += v.fidelity
		all = append(all, v.errors...)
		good := v.fidelity >= 0.94 || len(v.missing) <= 1 && len(v.invented) <= 1
		if f, ok := floor[name]; ok && v.fidelity >= f {
			good = true
		}
		if !good || v.lagError > 0.10 {
			t.Errorf("%s: fidelity %.3f, lag error %.3f\n  missing %q\n  invented %q", name, v.fidelity, v.lagError, v.missing, v.invented)
		}
	}
	if mean := sum / float64(len(names)); mean < 0.97 {
		t.Errorf("mean fidelity is %.3f, want at least 0.97", mean)
	}
	if m := median(all); m > 50 {
		t.Errorf("median time error is %.0f ms, want at most 50 ms", m)
	}
}

func judgeWords(t *testing.T, name string) words {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".raw.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	real, err := realKinds(raw, markerOf(name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	got, err := parse(simulate(t, "testdata/"+name+".yaml", sim.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	return compareWords(real, simKinds(got, markerOf(name)))
}

// TestWords holds the log lines to the real ones: the kinds that client and
// broker print, all recordings together.
func TestWords(t *testing.T) {
	var sum words
	for _, name := range recordings(t) {
		w := judgeWords(t, name)
		sum.hit, sum.real, sum.printed = sum.hit+w.hit, sum.real+w.real, sum.printed+w.printed
		if w.recall() < 0.9 || w.precision() < 0.9 {
			t.Logf("%s: recall %.3f precision %.3f\n  missing %q\n  invented %q", name, w.recall(), w.precision(), w.missing, w.invented)
		}
	}
	if sum.recall() < 0.9 || sum.precision() < 0.9 {
		t.Errorf("log words: recall %.3f, precision %.3f, want 0.9", sum.recall(), sum.precision())
	}
}

// TestInvariants runs every recorded scenario with the engine's own checks after
// each event.
func TestInvariants(t *testing.T) {
	for _, name := range recordings(t) {
		simulate(t, "testdata/"+name+".yaml", sim.Options{Check: true})
	}
}

// TestSameBytes is determinism: two runs, with one processor and with four, give
// the same bytes.
func TestSameBytes(t *testing.T) {
	for _, name := range recordings(t) {
		file := "testdata/" + name + ".yaml"
		procs := runtime.GOMAXPROCS(1)
		one := simulate(t, file, sim.Options{Detail: true})
		runtime.GOMAXPROCS(4)
		four := simulate(t, file, sim.Options{Detail: true})
		runtime.GOMAXPROCS(procs)
		if !bytes.Equal(one, four) {
			t.Errorf("%s: two runs differ", name)
		}
	}
}

// TestFidelityTable keeps docs/fidelity.md true: the table in it is made here.
func TestFidelityTable(t *testing.T) {
	golden.Part(t, "../../docs/fidelity.md", "<!-- table: made by go test ./sim/conform -update -->\n", "<!-- end of table -->", fidelityTable(t))
}

func fidelityTable(t *testing.T) string {
	var b strings.Builder
	floor := floors(t)
	b.WriteString("| recording | fidelity | two real runs | matched | observed | simulated | median | largest | lag error | words: recall | precision |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	var all []float64
	var sum float64
	names := recordings(t)
	for _, name := range names {
		v, w := judge(t, name), judgeWords(t, name)
		twice := "–" // recorded once
		if f, ok := floor[name]; ok {
			twice = fmt.Sprintf("%.3f", f)
		}
		sum += v.fidelity
		all = append(all, v.errors...)
		fmt.Fprintf(&b, "| %s | %.3f | %s | %d | %d | %d | %.0f ms | %.0f ms | %.3f | %.3f | %.3f |\n", name, v.fidelity, twice, v.matched, v.observed, v.simulated,
			median(v.errors), slices.Max(append(v.errors, 0)), v.lagError, w.recall(), w.precision())
	}
	fmt.Fprintf(&b, "\nMean fidelity %.3f; median time error over all matched events together %.0f ms.\n", sum/float64(len(names)), median(all))
	return b.String()
}
