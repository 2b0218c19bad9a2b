// Package golden is for tests: the one flag, -update, that writes what they compare
// with anew, and one seed for what they draw at random.
package golden

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Update tells that what a test compares with is to be written anew.
var Update = flag.Bool("update", false, "write golden files and transcripts anew")

// Main is the TestMain of a package that has transcripts or properties. With -update
// its transcripts (datadriven's) are written anew. Its property tests (rapid's) draw
// the same inputs on every machine, so that what passes here passes there; to look
// for others, give -rapid.seed.
func Main(m *testing.M) {
	flag.Parse()
	if *Update {
		set("rewrite", "true")
	}
	if seed := flag.Lookup("rapid.seed"); seed != nil && seed.Value.String() == "0" {
		set("rapid.seed", "1")
	}
	os.Exit(m.Run())
}

// set gives another package's flag a value, if there is that package.
func set(name, value string) {
	if flag.Lookup(name) == nil {
		return
	}
	if err := flag.Set(name, value); err != nil {
		panic(err)
	}
}

// File compares with a file, or writes it.
func File(t *testing.T, path, got string) {
	t.Helper()
	if *Update {
		write(t, path, got)
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is not what is made now (-update writes it), -file +now:\n%s", path, diff)
	}
}

// Part compares the part of a file that stands between two marks, or writes it.
func Part(t *testing.T, path, begin, end, got string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	was, after, ended := strings.Cut(rest, end)
	switch {
	case !found || !ended:
		t.Fatalf("%s has no place for it", path)
	case was == got:
	case *Update:
		write(t, path, before+begin+got+end+after)
	default:
		t.Fatalf("%s is out of date: run this test with -update", path)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
