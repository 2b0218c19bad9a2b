package export

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ksim/internal/golden"
	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/tui/model"
)

func load(t *testing.T, file string) *scenario.Scenario {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimSuffix(filepath.Base(file), ".yaml")
	s, found := scenario.Load(name, text, scenario.Options{BaseName: name})
	if s == nil {
		t.Fatal(found)
	}
	return s
}

// made is a scenario's run in a format.
func made(t *testing.T, s *scenario.Scenario, format string) string {
	t.Helper()
	f, ok := ByName(format)
	if !ok {
		t.Fatalf("no format %q", format)
	}
	var out bytes.Buffer
	if err := Write(&out, f, model.New(s), Options{Version: "test"}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// passing is what says nothing in a golden file, and changes with any detail of the
// engine or of the page: numbers of events, style, script, the data of the frames.
var passing = regexp.MustCompile(`(?s) data-s="\d+"|"cause":\d+,"seq":\d+,|<style>/\* The colours.*?</style>|<script.*?</script>|sha256-.*?&#39;`)

// TestGolden keeps what each format comes to for a small run as files that can be
// read, but for the recording, which shows the screen and changes with it.
func TestGolden(t *testing.T) {
	for i := range Formats {
		f := &Formats[i]
		if f.Name == "cast" {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			text := made(t, load(t, "testdata/small.yaml"), f.Name)
			golden.File(t, "testdata/small"+f.Extensions[0], passing.ReplaceAllString(text, ""))
		})
	}
}

// TestDeterminism makes each format twice: the same run gives the same bytes.
func TestDeterminism(t *testing.T) {
	for i := range Formats {
		f := &Formats[i]
		first := made(t, load(t, "testdata/small.yaml"), f.Name)
		if again := made(t, load(t, "testdata/small.yaml"), f.Name); again != first {
			t.Errorf("%s differs from one time to the next", f.Name)
		}
	}
}

// TestFork exports what was tried in the terminal UI, with every format: its past is
// another run's.
func TestFork(t *testing.T) {
	r := model.New(load(t, "testdata/slow-upload.yaml"))
	at := 4 * clock.Minute
	fork, err := r.Fork(r.At(at), scenario.Action{At: at, Kind: scenario.ActCrash, Member: "A"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range Formats {
		f := &Formats[i]
		var out bytes.Buffer
		if err := Write(&out, f, fork, Options{}); err != nil {
			t.Error(err)
		}
		if text := out.String(); f.Name != "csv" && f.Name != "openmetrics" && !strings.Contains(text, "crash") {
			t.Errorf("%s: nothing of the crash", f.Name)
		}
	}
}

func TestMain(m *testing.M) { golden.Main(m) }
