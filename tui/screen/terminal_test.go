package screen_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"ksim/tui/screen"
)

// terminal is a real one: tmux's, with ksim in it.
type terminal struct {
	t      *testing.T
	socket string
}

func (x *terminal) tmux(args ...string) string {
	x.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", x.socket, "-f", os.DevNull}, args...)...).CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// shows waits until the terminal shows some words.
func (x *terminal) shows(words string) string {
	x.t.Helper()
	var text string
	x.waits(func(now string) bool {
		text = now
		return strings.Contains(text, words)
	})
	if !strings.Contains(text, words) {
		x.t.Fatalf("the terminal does not show %q:\n%s", words, text)
	}
	return text
}

// begin builds ksim and opens a real terminal with a shell in it.
func begin(t *testing.T) (x *terminal, ksim string) {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed: no real terminal to drive")
	}
	if testing.Short() {
		t.Skip("builds ksim")
	}
	dir, err := os.MkdirTemp("", "ksim") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	ksim = filepath.Join(dir, "ksim")
	if out, err := exec.Command("go", "build", "-o", ksim, "ksim/cmd/ksim").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	x = &terminal{t, filepath.Join(dir, "tmux")}
	x.tmux("new-session", "-d", "-x", "80", "-y", "24", "cd "+dir+" && env LC_ALL=C.UTF-8 XDG_RUNTIME_DIR="+filepath.Join(dir, "run")+" PS1='ready> ' sh -i")
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", x.socket, "kill-server").Run() })
	x.shows("ready>")
	return x, ksim
}

// TestRealTerminal drives ksim in a real terminal: the screen opens by itself, plays, is
// resized, leaves for the shell by ctrl-z and comes back, and leaves the terminal as it
// was; the list opens a scenario and is come back to; colours only where they are wanted.
func TestRealTerminal(t *testing.T) {
	x, ksim := begin(t)
	x.tmux("send-keys", ksim+" run @slow-upload", "Enter")
	x.shows("⏸ 0m00.000   ×1   event 0 / ")
	if !strings.Contains(x.tmux("capture-pane", "-p", "-e"), "\x1b[38;") {
		t.Error("there is no colour")
	}
	x.tmux("send-keys", "n", "n", "space")
	x.shows("▶ 0m0")
	x.tmux("send-keys", "space", ":", "goto 7m31s", "Enter")
	x.shows("⏸ 7m31.000")
	x.tmux("send-keys", "C-z")
	x.shows("Stopped")
	x.tmux("send-keys", "fg", "Enter")
	x.shows("⏸ 7m31.000")
	x.tmux("resize-window", "-x", "120", "-y", "40")
	x.shows("─ 3 Partitions ──")
	x.tmux("resize-window", "-x", "60", "-y", "20")
	x.shows("needs 80")
	x.tmux("send-keys", "q")
	x.shows("ready>")
	x.tmux("send-keys", "clear; stty -a | grep -c ' echo '; echo done", "Enter")
	x.shows("1\ndone")

	x.tmux("resize-window", "-x", "80", "-y", "24")
	x.tmux("send-keys", "clear; NO_COLOR=1 "+ksim, "Enter")
	x.shows("which one?")
	if strings.Contains(x.tmux("capture-pane", "-p", "-e"), "\x1b[38;") {
		t.Error("there is colour with NO_COLOR")
	}
	x.tmux("send-keys", "/", "two members", "Enter", "Enter")
	x.shows("q list")
	x.tmux("send-keys", "q")
	x.shows("enter open")
	x.tmux("send-keys", "q")
	x.shows("ready>")
}

// TestNotesFollow shows the presenter's notes on a second terminal: they follow the
// first one, and are by themselves when it has gone.
func TestNotesFollow(t *testing.T) {
	x, ksim := begin(t)
	x.tmux("send-keys", ksim+" present @slow-upload", "Enter")
	x.shows("⏸ 0m00.000   ×1   event 0 / ")
	x.tmux("send-keys", ":", "goto 7m10s", "Enter")
	x.shows("⏸ 7m10.000")
	x.tmux("new-window", "env LC_ALL=C.UTF-8 XDG_RUNTIME_DIR="+filepath.Join(filepath.Dir(x.socket), "run")+" "+ksim+" present @slow-upload --notes")
	x.shows("✓ follows the other terminal")
	x.shows("7m10.000 of 15m")
	x.tmux("send-keys", "-t", ":0", "n")
	x.shows("The question that is open")
	x.tmux("send-keys", "-t", ":0", "1")
	x.shows("they say: the broker")
	x.tmux("send-keys", "-t", ":0", "q")
	x.shows("by itself")
	x.tmux("send-keys", "n")
	x.shows("0m00.000 of 15m")
}

// TestSameScripts plays scripts of testdata/screens, which TestScreens types into the
// simulated terminal, in a real one, and expects the same screens.
func TestSameScripts(t *testing.T) {
	x, ksim := begin(t)
	for _, script := range []string{"story-80x24", "story-120x40", "learn", "search", "fork-told"} {
		opened := false
		datadriven.RunTest(t, filepath.Join("testdata", "screens", script), func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "open":
				if opened {
					x.tmux("send-keys", "C-c")
					x.shows("ready>")
				}
				opened = true
				var name, size string
				d.ScanArgs(t, "scenario", &name)
				d.ScanArgs(t, "size", &size)
				w, h, _ := strings.Cut(size, "x")
				x.tmux("resize-window", "-x", w, "-y", h)
				x.tmux("send-keys", "clear; rm -f *.yaml; "+ksim+" run @"+name+" --no-color", "Enter")
				x.shows("⏸ 0m00.000")
				x.settles()
			case "keys":
				for _, k := range strings.Fields(d.Input) {
					name, times, repeated := strings.Cut(k, "*")
					if !repeated || name == "" {
						name, times = k, "1"
					}
					n, _ := strconv.Atoi(times)
					for range n {
						x.types(name)
					}
				}
			case "type":
				x.tmux("send-keys", "-l", strings.TrimSpace(d.Input))
				x.types("enter")
			default:
				return d.Expected // for the simulated terminal only
			}
			if d.HasArg("quiet") {
				return ""
			}
			return x.becomes(d.Expected)
		})
		x.tmux("send-keys", "C-c")
		x.shows("ready>")
	}
}

// types presses one key, by the name that the key table has for it.
func (x *terminal) types(key string) {
	x.t.Helper()
	names := map[string]string{"space": "Space", "enter": "Enter", "esc": "Escape", "tab": "Tab", "backtab": "BTab", "left": "Left",
		"right": "Right", "up": "Up", "down": "Down", "home": "Home", "end": "End", "pgup": "PPage", "pgdn": "NPage", "backspace": "BSpace"}
	name := names[key]
	if letter, ok := strings.CutPrefix(key, "ctrl-"); ok {
		name = "C-" + letter
	}
	if name == "" {
		x.tmux("send-keys", "-l", key)
		return
	}
	x.tmux("send-keys", name)
	if key == "esc" { // what follows at once would be a key with alt
		time.Sleep(150 * time.Millisecond)
	}
}

// settles waits until the run is simulated to its end.
func (x *terminal) settles() {
	x.t.Helper()
	x.waits(func(text string) bool {
		head, _, _ := strings.Cut(text, "\n")
		return !strings.HasSuffix(strings.TrimRight(head, " "), "%")
	})
}

// becomes waits until the terminal shows a screen with its frame, and gives what it shows.
func (x *terminal) becomes(framed string) string {
	x.t.Helper()
	edge, _, _ := strings.Cut(framed, "\n")
	var last string
	x.waits(func(text string) bool {
		var b strings.Builder
		b.WriteString(edge + "\n")
		for line := range strings.Lines(text) {
			b.WriteString(strings.TrimRight(line, " \n") + "\n")
		}
		b.WriteString(edge + "\n")
		last = screen.Uncounted(b.String())
		return last == framed
	})
	return last
}

// waits looks at the terminal until it shows what is wanted, or for a minute, as a busy machine may need.
func (x *terminal) waits(wanted func(text string) bool) {
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !wanted(x.tmux("capture-pane", "-p")) {
		select {
		case <-deadline.C:
			return
		case <-ticker.C:
		}
	}
}
