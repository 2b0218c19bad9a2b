package screen_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		text := x.tmux("capture-pane", "-p")
		if strings.Contains(text, words) {
			return text
		}
		select {
		case <-deadline.C:
			x.t.Fatalf("the terminal does not show %q:\n%s", words, text)
		case <-ticker.C:
		}
	}
}

// TestRealTerminal drives ksim in a real terminal: the screen opens by itself, steps,
// plays, is resized, leaves for the shell by ctrl-z and comes back, and leaves the
// terminal as it was.
func TestRealTerminal(t *testing.T) {
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
	ksim := filepath.Join(dir, "ksim")
	if out, err := exec.Command("go", "build", "-o", ksim, "ksim/cmd/ksim").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	x := &terminal{t, filepath.Join(dir, "tmux")}
	x.tmux("new-session", "-d", "-x", "80", "-y", "24", "env LC_ALL=C.UTF-8 PS1='ready> ' sh -i")
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", x.socket, "kill-server").Run() })
	x.shows("ready>")
	x.tmux("send-keys", ksim+" run @slow-upload", "Enter")
	x.shows("⏸ 0m00.000   ×1   event 0 / 69,210")
	x.tmux("send-keys", "n", "n", "n", "n", "n")
	first := x.shows("A begins an upload of 5,999 records: no poll() until it is done")
	if want := golden(t, "story-80x24", "n n n n n"); first != want {
		t.Errorf("the terminal shows\n%s\nand the simulated one\n%s", first, want)
	}
	x.tmux("send-keys", "p", "space")
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
	x.tmux("send-keys", "stty -a | grep -c ' echo '; echo done", "Enter")
	x.shows("1\ndone")
}

// golden is the screen behind some keys in a file of testdata/screens.
func golden(t *testing.T, file, keys string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "screens", file))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := bytes.Cut(raw, []byte("\n"+keys+"\n"))
	if !found {
		t.Fatalf("%s has no keys %q", file, keys)
	}
	edge := []byte("+" + strings.Repeat("-", 80) + "+\n")
	_, rest, _ = bytes.Cut(rest, edge)
	screen, _, _ := bytes.Cut(rest, edge)
	return fmt.Sprint(string(screen))
}
