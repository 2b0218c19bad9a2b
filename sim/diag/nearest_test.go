package diag

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestNearest: the hint is worth its place only if it names what was meant, and
// nothing when nothing is near.
func TestNearest(t *testing.T) {
	names := []string{"members", "member", "session.timeout.ms", "max.poll.interval.ms", "A", "B", "stop", "start"}
	for word, want := range map[string]string{
		"memebers":             "members", // swapped
		"member":               "member",
		"Members":              "members", // case
		"session_timeout_ms":   "session.timeout.ms",
		"sesion.timout.ms":     "session.timeout.ms",
		"max.poll.intervall":   "max.poll.interval.ms",
		"C":                    "", // one letter for another is another name
		"":                     "",
		"strat":                "start",
		"stp":                  "stop",
		"partitions":           "",
		strings.Repeat("x", 9): "",
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("nearest to %q is %q, not %q", word, got, want)
		}
	}
}

// TestNearestToItself: a name is nearest to itself, and stays the answer after
// one change if it is long enough.
func TestNearestToItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z]{6,30}`).Draw(t, "name")
		i := rapid.IntRange(0, len(name)-1).Draw(t, "at")
		for _, word := range []string{name, name[:i] + name[i+1:], name[:i] + "#" + name[i:]} {
			if got := Nearest(word, []string{name}); got != name {
				t.Fatalf("nearest to %q is %q, not %q", word, got, name)
			}
		}
	})
}

// TestDistanceIsSymmetric catches a row that is read before it is written.
func TestDistanceIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.StringN(0, 12, 20).Draw(t, "a"), rapid.StringN(0, 12, 20).Draw(t, "b")
		if there, back := distance(a, b), distance(b, a); there != back || (there == 0) != (a == b) {
			t.Fatalf("%q to %q is %d, back %d", a, b, there, back)
		}
	})
}

// TestExpected: the list is short beside a hint, whole without one.
func TestExpected(t *testing.T) {
	names := []string{"start", "stop", "crash", "freeze", "slow"}
	for word, want := range map[string]string{
		"strat": `expected one of start, stop, crash, … did you mean "start"?`,
		"kill":  `expected one of start, stop, crash, freeze, slow `,
	} {
		if expected, hint := Expected(word, names); expected+" "+hint != want {
			t.Errorf("%q: %s %s", word, expected, hint)
		}
	}
}

// TestListReads: one finding a line, in the order of places, warnings told from
// errors.
func TestListReads(t *testing.T) {
	l := List{
		{File: "a.yaml", Pos: Pos{10, 1}, Message: "third"},
		{File: "a.yaml", Pos: Pos{2, 5}, Severity: Warning, Message: "second", Hint: "why"},
		{File: "a.yaml", Pos: Pos{2, 3}, Severity: Warning, Message: "first"},
	}
	if l.HasErrors() != true || l[1:].HasErrors() {
		t.Error("a warning is no error")
	}
	l.Sort()
	want := "a.yaml:2:3: warning: first\na.yaml:2:5: warning: second (why)\na.yaml:10:1: error: third"
	if l.Error() != want {
		t.Errorf("got\n%s", l.Error())
	}
}
