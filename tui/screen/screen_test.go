package screen

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/rivo/tview"

	"ksim/internal/golden"
	"ksim/scenarios"
	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/tui/chart"
	"ksim/tui/model"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestScreens types keys and shows what is seen: testdata/screens, one subject a
// file. `open` begins, `keys` gives keys by their names, `type` a text and enter,
// `pass` lets real time pass.
func TestScreens(t *testing.T) {
	datadriven.Walk(t, "testdata/screens", func(t *testing.T, path string) {
		var b *bench
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "open":
				var name, size string
				d.ScanArgs(t, "scenario", &name)
				d.ScanArgs(t, "size", &size)
				columns, rows := sizeOf(size)
				b = open(t, name, "", columns, rows, d.HasArg("colour"), d.HasArg("ascii"))
			case "list", "notes":
				b = openOther(t, d)
			case "click":
				var x, y int
				d.ScanArgs(t, "x", &x)
				d.ScanArgs(t, "y", &y)
				b.mouse(tview.MouseLeftDown, x, y)
			case "wheel":
				var x, y int
				d.ScanArgs(t, "x", &x)
				d.ScanArgs(t, "y", &y)
				action := tview.MouseScrollDown
				if d.HasArg("up") {
					action = tview.MouseScrollUp
				}
				b.mouse(action, x, y)
			case "stage":
				b.hall = b.state.Stage()
			case "size":
				var w, h int
				d.ScanArgs(t, "w", &w)
				d.ScanArgs(t, "h", &h)
				b.screen.SetSize(w, h)
				b.draw()
			case "keys":
				for _, k := range strings.Fields(d.Input) {
					if name, times, repeated := strings.Cut(k, "*"); repeated && name != "" {
						n, _ := strconv.Atoi(times)
						b.press(slices.Repeat([]string{name}, n)...)
						continue
					}
					b.press(k)
				}
			case "type":
				b.press(append(typed(strings.TrimSpace(d.Input)), "enter")...)
			case "pass":
				var real string
				d.ScanArgs(t, "time", &real)
				passes, err := scenario.ParseDuration(real)
				if err != nil {
					t.Fatal(err)
				}
				for ; passes > 0; passes -= 30 * clock.Millisecond {
					b.view.scene.Tick(int64(min(passes, 30*clock.Millisecond)))
				}
				b.draw()
			case "file":
				var name string
				d.ScanArgs(t, "name", &name)
				return changed(string(b.state.o.Source), b.files[name])
			case "styles":
				return b.styles()
			default:
				t.Fatalf("no command %q", d.Cmd)
			}
			if d.HasArg("quiet") {
				return ""
			}
			w, _ := b.screen.Size()
			return framed(uncounted(b.text()), w)
		})
	})
}

// openOther opens the list of the library's scenarios, or the presenter's notes of one.
func openOther(t *testing.T, d *datadriven.TestData) *bench {
	t.Helper()
	var size string
	d.ScanArgs(t, "size", &size)
	columns, rows := sizeOf(size)
	if d.Cmd == "list" {
		b := open(t, "slow-upload", "", columns, rows, false, false)
		b.show(NewPicker(library(t), "slow-upload", Mono, d.HasArg("ascii")))
		return b
	}
	var name string
	d.ScanArgs(t, "scenario", &name)
	b := open(t, name, "", columns, rows, false, false)
	b.show(NewNotes(b.state, func() (model.Stage, bool) { return b.hall, b.hall.Scenario != "" }))
	return b
}

func sizeOf(text string) (w, h int) {
	columns, rows, _ := strings.Cut(text, "x")
	w, _ = strconv.Atoi(columns)
	h, _ = strconv.Atoi(rows)
	return w, h
}

// library is a few scenarios of the library as the list has them: enough to scroll, few
// enough that a new one does not change the test.
func library(t *testing.T) []Listed {
	t.Helper()
	var listed []Listed
	for _, name := range []string{"slow-upload", "commits/at-least-once-crash", "commits/at-most-once-crash", "commits/commit-rewind",
		"commits/out-of-order-commit", "rebalance/range-crash", "rebalance/crash-cooperative", "rebalance/one-each", "session/freeze-gc-pause",
		"session/heartbeat-vs-poll", "session/rule-070-edge", "sqs/sqs-extend", "sqs/sqs-loop", "sqs/sqs-scale"} {
		text, err := scenarios.Files.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		title, story := scenario.Titles(text)
		listed = append(listed, Listed{scenarios.Short(name), scenarios.Folder(name), title, story})
	}
	return listed
}

// uncounted has # for the digits of how many events there are, requests and polls too:
// a change of the engine shifts them and shows nothing of the screen. TestHeaderCounts
// has the figures.
func uncounted(text string) string {
	return counts.ReplaceAllStringFunc(text, func(found string) string { return digits.ReplaceAllString(found, "#") })
}

var (
	counts = regexp.MustCompile(`event [0-9,]+ / [0-9,]+`)
	digits = regexp.MustCompile(`[0-9]`)
)

// TestHeaderCounts shows that the header counts the events: none at the start, all at
// the end, and as many as the trace has.
func TestHeaderCounts(t *testing.T) {
	b := open(t, "range-crash", "", 120, 40, false, false)
	_, all, _ := b.state.run().Head()
	for key, want := range map[string]string{"g": "event 0 / ", "G": "event " + chart.Number(int64(all)) + " / "} {
		b.press(key)
		if want += chart.Number(int64(all)); all < 20_000 || !strings.Contains(b.text(), want) {
			t.Errorf("after %s: no %q in %s", key, want, b.text())
		}
	}
}

// Uncounted is for the tests in a real terminal.
var Uncounted = uncounted

// framed puts a frame around a screen, so that its size can be seen.
func framed(text string, w int) string {
	edge := "+" + strings.Repeat("-", w) + "+\n"
	return edge + text + edge
}

// changed is the lines of a text that another does not have.
func changed(was, is string) string {
	if is == "" {
		return "not written"
	}
	lines := strings.Split(was, "\n")
	var s strings.Builder
	n := 0
	for i, l := range strings.Split(is, "\n") {
		if n < len(lines) && lines[n] == l {
			n++
			continue
		}
		fmt.Fprintf(&s, "%d: %s\n", i+1, l)
	}
	if n < len(lines) {
		fmt.Fprintf(&s, "from %q on the old text is gone\n", lines[n])
	}
	return s.String()
}

// TestForthAndBack shows that 500 steps forward and 500 back give the same screen
// byte for byte, by each kind of step, and at each of the positions on the way.
func TestForthAndBack(t *testing.T) {
	for _, c := range []struct {
		name        string
		forth, back string
	}{{"of interest", "n", "p"}, {"single", ".", ","}} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, "slow-upload", "", 120, 40, false, false)
			b.press("8") // the log of steps is not what is compared
			type moment struct {
				seq uint64
				at  clock.Time
			}
			var seen []string
			var moments []moment
			const steps = 500
			for range steps {
				moments = append(moments, moment{b.state.seq, b.state.at})
				b.state.asked = nil
				b.draw()
				seen = append(seen, b.text())
				b.press(c.forth)
				if now := (moment{b.state.seq, b.state.at}); now == moments[len(moments)-1] {
					moments, seen = moments[:len(moments)-1], seen[:len(seen)-1]
					break
				}
			}
			if len(seen) < 20 {
				t.Fatalf("only %d steps", len(seen))
			}
			for i, want := range slices.Backward(seen) {
				b.press(c.back)
				b.state.asked = nil
				b.draw()
				if b.state.seq != moments[i].seq || b.state.at != moments[i].at {
					t.Fatalf("step %d back is at event %d, %s; there it was event %d, %s", len(seen)-i, b.state.seq, b.state.at, moments[i].seq, moments[i].at)
				}
				if got := b.text(); got != want {
					t.Fatalf("step %d looks otherwise on the way back:\n%s\nthere:\n%s", i, got, want)
				}
			}
		})
	}
}

// TestPastOfFork shows that a fork leaves the past of both runs as it was, and the
// run of the file its future too.
func TestPastOfFork(t *testing.T) {
	b := open(t, "slow-upload", "", 120, 40, false, false)
	walk := func() (all []string) {
		b.press("8", "g")
		for b.state.at < 5*clock.Minute {
			b.press("n")
			b.press("esc")
			all = append(all, strings.Join(strings.Split(b.text(), "\n")[3:], "\n"))
		}
		b.press("G")
		return append(all, b.text())
	}
	want := walk()
	b.press(append(append([]string{":"}, typed("goto 5m")...), "enter")...)
	b.press(append(append([]string{":"}, typed("crash A")...), "enter")...)
	if len(b.state.runs) != 2 || b.state.current != 1 {
		t.Fatalf("no fork: %s", b.state.message)
	}
	fork := walk()
	b.press("b")
	b.state.runs = b.state.runs[:1] // the header names forks where there are any
	again := walk()
	for i := range want {
		if again[i] != want[i] {
			t.Fatalf("the file's run has changed at step %d:\n%s\nwas\n%s", i, again[i], want[i])
		}
	}
	past := 0
	for i := 0; i < len(fork) && i < len(want) && !strings.Contains(fork[i], "A crashes"); i++ {
		past++
	}
	if past < 3 || past == len(fork) {
		t.Fatalf("%d of %d steps lie before the crash", past, len(fork))
	}
}

// TestKeyTable shows that no key has two meanings, and that the contract's are there.
func TestKeyTable(t *testing.T) {
	seen := map[string]string{}
	for _, section := range keyTable {
		for _, x := range section.bindings {
			for _, k := range x.keys {
				if seen[k] != "" {
					t.Errorf("%s: %s, and %s", k, seen[k], x.help)
				}
				seen[k] = x.help
				if e := event(k); keyName(e) != k {
					t.Errorf("the terminal calls %s %s", k, keyName(e))
				}
			}
		}
	}
	for _, k := range strings.Fields("space right n left p . , } { > < g G : / enter 1 2 3 4 5 6 7 8 tab ? esc q") {
		if seen[k] == "" {
			t.Errorf("%s does nothing", k)
		}
	}
}

// TestExport makes sure that :export hands over the run of the branch that is shown, and
// all of it, and that only :export! replaces a file.
func TestExport(t *testing.T) {
	b := open(t, "slow-upload", "", 120, 36, false, false)
	command := func(text string) { b.press(append(typed(":"+text), "enter")...) }
	command("export html a.html")
	of := b.files["a.html"]
	if !strings.HasPrefix(of, "html ") || !strings.HasSuffix(of, " true") || !strings.Contains(b.text(), "wrote a.html: html of the file") {
		t.Errorf("the run is handed over as %q\n%s", of, b.text())
	}
	command("goto 4m")
	command("crash A")
	command("export svg a.html")
	if b.files["a.html"] != of || !strings.Contains(b.text(), ":export: a.html exists") {
		t.Error("a file is replaced without being asked to")
	}
	command("export! svg a.html")
	if got := b.files["a.html"]; !strings.HasPrefix(got, "svg ") || !strings.HasSuffix(got, " true") || strings.TrimPrefix(got, "svg") == strings.TrimPrefix(of, "html") {
		t.Errorf("the fork is handed over as %q", got)
	}
}

// TestSmallWindow shows that no size is too small to say something: which size it must
// be, or from 80 columns and 24 rows on the panel that is asked for.
func TestSmallWindow(t *testing.T) {
	b := open(t, "slow-upload", "", 80, 24, false, false)
	for _, size := range [][2]int{{1, 1}, {5, 3}, {79, 24}, {80, 23}, {80, 24}, {81, 25}, {110, 32}, {159, 47}, {160, 48}, {300, 100}} {
		w, h := size[0], size[1]
		b.screen.SetSize(w, h)
		for _, k := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "z", "?", "esc", "z", "n", "esc"} { // what n has come to may ask something
			b.press(k)
			switch text := b.text(); {
			case strings.TrimSpace(text) == "":
				t.Fatalf("%d by %d: nothing is shown after %s", w, h, k)
			case w < 80 || h < 24:
				if w > 40 && !strings.Contains(text, "80 columns") {
					t.Fatalf("%d by %d: it does not say what it needs:\n%s", w, h, text)
				}
			default:
				b.showsPanel(t, k)
			}
		}
	}
}

// showsPanel checks that the key of a panel has brought it up; other keys bring none.
func (b *bench) showsPanel(t *testing.T, key string) {
	t.Helper()
	n, err := strconv.Atoi(key)
	if err != nil {
		return
	}
	if title := fmt.Sprint(n, " ", panelNames[n]); b.state.focus != panel(n) || !strings.Contains(b.text(), title) {
		t.Fatalf("%s: the key %s does not show %q:\n%s", b.state.run().Scenario().Name, key, title, b.text())
	}
}

// TestLibrary opens two scenarios of each subject of the library and goes through
// them: every panel can be drawn of every kind of group, queue and broker.
func TestLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("opens many scenarios")
	}
	opened := map[string]int{} // by folder
	for _, name := range scenarios.Names() {
		if opened[filepath.Dir(name)]++; opened[filepath.Dir(name)] > 2 {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := scenarios.Files.ReadFile(name + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			if s, _ := scenario.Load(name, text, scenario.Options{}); s == nil {
				t.Skip("it is meant to be refused")
			}
			b := open(t, name, string(text), 100, 30, false, false)
			b.press("z")
			for _, k := range strings.Fields("n n n } G p p esc 1 2 3 4 5 6 7 enter 8 ] [ g n :") {
				b.press(k)
				b.showsPanel(t, k)
			}
			if head, _, _ := strings.Cut(b.text(), "\n"); !strings.Contains(head, filepath.Base(name)) {
				t.Errorf("the header does not name %s: %s", name, head)
			}
		})
	}
}
