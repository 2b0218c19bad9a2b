package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// tool finds a program that opens what is exported: in the folder that .ci/run installs
// such things in (KSIM_TOOLS), or on the machine.
func tool(t *testing.T, inTools, name, how string) string {
	t.Helper()
	if folder := os.Getenv("KSIM_TOOLS"); folder != "" {
		if file := filepath.Join(folder, inTools); exists(file) {
			return file
		}
	}
	if name != "" {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	t.Skip(how)
	return ""
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// python runs a script with a package that must be there.
func python(t *testing.T, pkg, script string, args ...string) string {
	t.Helper()
	program := tool(t, "python/bin/python", "python3", "no python3 on this machine")
	if exec.Command(program, "-c", "import "+pkg).Run() != nil {
		t.Skipf("no Python package %s (.ci/run installs it)", pkg)
	}
	return output(t, program, append([]string{"-c", script}, args...)...)
}

func output(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return string(out)
}

// TestOpenMetricsWithPrometheusClient has the metrics read by the library of the
// Prometheus project, which is strict about the order of samples and about the end.
func TestOpenMetricsWithPrometheusClient(t *testing.T) {
	file, _ := slowUpload(t, "openmetrics")
	got := python(t, "prometheus_client", `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
for f in parse(open(sys.argv[1]).read()):
    s = f.samples[-1]
    print(f.name, f.type, len(f.samples), sorted(s.labels), s.value, s.timestamp)
`, file)
	for _, want := range []string{
		"kafka_consumergroup_lag gauge 2700 ['consumergroup', 'partition', 'topic'] 12000 900",
		"kafka_consumergroup_lag_sum gauge 900 ['consumergroup', 'topic'] 36000 900",
		"kafka_topic_partition_current_offset gauge 2700 ['partition', 'topic'] 12000 900",
		"kafka_topic_partitions gauge 900 ['topic'] 3 900",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// TestOpenMetricsWithPromtool makes blocks of Prometheus's database from the metrics,
// as a user does who looks at them in Grafana.
func TestOpenMetricsWithPromtool(t *testing.T) {
	program := tool(t, "promtool", "promtool", "no promtool on this machine (Debian: apt-get install prometheus)")
	file, _ := slowUpload(t, "openmetrics")
	data := filepath.Join(t.TempDir(), "data")
	output(t, program, "tsdb", "create-blocks-from", "openmetrics", file, data)
	if got := output(t, program, "tsdb", "list", data); !strings.Contains(got, "10800") {
		t.Errorf("the blocks have not all 10,800 samples:\n%s", got)
	}
}

// TestCastWithAsciinema plays the recording to its end as fast as it can.
func TestCastWithAsciinema(t *testing.T) {
	program := tool(t, "python/bin/asciinema", "asciinema", "no asciinema on this machine (.ci/run installs it)")
	file, text := slowUpload(t, "cast")
	got := output(t, program, "cat", file)
	for _, want := range []string{"slow-upload", "max.poll.interval.ms"} {
		if !strings.Contains(got, want) {
			t.Errorf("the recording never shows %q", want)
		}
	}
	markers, last := 0, 0.0
	for i, line := range strings.Split(strings.TrimSpace(text), "\n")[1:] {
		var event []any
		if err := json.Unmarshal([]byte(line), &event); err != nil || len(event) != 3 {
			t.Fatalf("line %d: %v", i+2, err)
		}
		if at := event[0].(float64); at < last {
			t.Errorf("line %d goes back in time", i+2)
		} else {
			last = at
		}
		if event[1] == "m" {
			markers++
		}
	}
	if markers < 10 || last > 180 {
		t.Errorf("%d markers, %.0f s", markers, last)
	}
}

// TestMermaidInChromium has Mermaid itself draw the diagram.
func TestMermaidInChromium(t *testing.T) {
	script := tool(t, "node_modules/mermaid/dist/mermaid.min.js", "", "no Mermaid in KSIM_TOOLS (.ci/run installs it)")
	b := newBrowser(t)
	library, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"testdata/slow-upload.yaml", "testdata/small.yaml"} {
		text, _ := json.Marshal(made(t, load(t, s), "mermaid"))
		page := `<!DOCTYPE html><meta charset="utf-8"><body><div id="it"></div><script>` + string(library) + `</script><script>
window.drawn = (async () => { mermaid.initialize({startOnLoad: false}); const x = await mermaid.render("d", ` + string(text) + `);
document.getElementById("it").innerHTML = x.svg; return document.querySelectorAll("#it .messageText").length + " " + document.querySelectorAll("#it .noteText").length; })();</script>`
		file := filepath.Join(t.TempDir(), "mermaid.html")
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		b.open(file, 1200, 1400)
		var messages, notes int
		words := strings.Fields(b.eval("window.drawn"))
		if len(words) == 2 {
			messages, _ = strconv.Atoi(words[0])
			notes, _ = strconv.Atoi(words[1])
		}
		if messages < 8 || notes < 10 {
			t.Errorf("%s: drawn %v", s, words)
		}
		b.picture("mermaid-" + strings.TrimSuffix(filepath.Base(s), ".yaml"))
	}
}

// TestMarkdownWithMarkdownIt reads the transcript as GitHub's kind of readers do:
// nothing of the run may turn into markup.
func TestMarkdownWithMarkdownIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "small.md")
	if err := os.WriteFile(file, []byte(made(t, load(t, "testdata/small.yaml"), "markdown")), 0o644); err != nil {
		t.Fatal(err)
	}
	got := python(t, "markdown_it", `
import sys
from markdown_it import MarkdownIt
tokens = MarkdownIt().enable("table").parse(open(sys.argv[1]).read())
print([t.tag for t in tokens if t.type == "heading_open"], len([t for t in tokens if t.type == "table_open"]),
      len([t for t in tokens if t.type == "fence"]) > 5, [t.content for t in tokens if t.type == "html_block"])
print([t.content for t in tokens if t.type == "inline"][0])
`, file)
	if want := "['h1', 'h2', 'h2', 'h2', 'h2'] 1 True []"; !strings.Contains(got, want) {
		t.Errorf("expected %s in\n%s", want, got)
	}
}

// TestPerfetto checks what Perfetto's importer of Chrome's JSON asks for. Its own trace
// processor is in no package registry, so this is the format's description by hand.
func TestPerfetto(t *testing.T) {
	_, text := slowUpload(t, "perfetto")
	var got struct {
		TraceEvents []struct {
			Name, Ph, Cat, ID, S string
			Ts, Dur              *int64
			Pid, Tid             *int
			Args                 map[string]any
		}
	}
	d := json.NewDecoder(strings.NewReader(text))
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	phases := map[string]int{}
	ends := map[[2]int]int64{}
	for i, e := range got.TraceEvents {
		phases[e.Ph]++
		if e.Name == "" || e.Ts == nil || e.Pid == nil || e.Tid == nil || *e.Ts < 0 || *e.Ts > 900e6 {
			t.Fatalf("event %d lacks something: %+v", i, e)
		}
		switch e.Ph {
		case "X": // on one track slices do not overlap but nest; ours follow each other
			track := [2]int{*e.Pid, *e.Tid}
			if e.Dur == nil || *e.Dur <= 0 || *e.Ts < ends[track] {
				t.Errorf("event %d: %+v", i, e)
			} else {
				ends[track] = *e.Ts + *e.Dur
			}
		case "b", "e":
			if e.ID == "" || e.Cat == "" {
				t.Errorf("event %d: %+v", i, e)
			}
		case "i":
			if e.S != "t" {
				t.Errorf("event %d: %+v", i, e)
			}
		case "C":
			if _, number := e.Args["records"].(float64); !number {
				t.Errorf("event %d: %+v", i, e)
			}
		case "M":
		default:
			t.Errorf("event %d: phase %q", i, e.Ph)
		}
	}
	if phases["C"] != 3600 || phases["X"] < 10 || phases["b"] != 3 || phases["e"] != 3 || phases["i"] < 40 {
		t.Errorf("phases %v", phases)
	}
}

// TestCSV reads the table back.
func TestCSV(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader([]byte(made(t, load(t, "testdata/small.yaml"), "csv")))).ReadAll()
	if err != nil || len(rows) != 1+30*2*2 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}
