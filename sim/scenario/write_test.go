package scenario

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ksim/scenarios"
	"ksim/sim/config"
	"ksim/sim/diag"
)

// TestWritten shows that every file of the library, written out anew, means the same
// as before: a fork that was made with --set is saved like that.
func TestWritten(t *testing.T) {
	for _, name := range scenarios.Names() {
		src, err := scenarios.Files.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		was, _ := Load(name, src, Options{BaseName: "x"})
		if was == nil {
			continue // it is meant to be refused
		}
		text, err := Written(name, src, Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		is, found := Load(name, text, Options{BaseName: "x"})
		if is == nil {
			t.Fatalf("%s: %v\n%s", name, found, text)
		}
		if d := otherMeaning(was, is); d != "" {
			t.Errorf("%s means something else:\n%s\nas\n%s", name, d, text)
		}
	}
}

// TestWrittenWithOverrides shows that overrides are in the text, and that what they
// dropped is not.
func TestWrittenWithOverrides(t *testing.T) {
	src, err := scenarios.Files.ReadFile("rebalance/range-crash.yaml")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{BaseName: "x", Set: []Override{"groups.data-processors.client=kafkajs", "groups.data-processors.app.process=2ms", "duration=90s"}}
	was, found := Load("x", src, o)
	if was == nil {
		t.Fatal(found)
	}
	text, err := Written("x", src, o)
	if err != nil {
		t.Fatal(err)
	}
	is, found := Load("x", text, Options{BaseName: "x"})
	if is == nil || found.HasErrors() {
		t.Fatalf("%v\n%s", found, text)
	}
	if d := otherMeaning(was, is); d != "" {
		t.Errorf("it means something else:\n%s\nas\n%s", d, text)
	}
}

// otherMeaning is in what two scenarios differ, but for the places in their files.
func otherMeaning(a, b *Scenario) string {
	return cmp.Diff(a, b, cmp.Exporter(func(reflect.Type) bool { return true }), cmp.Comparer(sameRows), cmp.FilterPath(func(p cmp.Path) bool {
		t := p.Last().Type()
		return t == reflect.TypeFor[diag.Pos]() || t.Kind() == reflect.Func || p.Last().String() == ".Source"
	}, cmp.Ignore()))
}

// sameRows tells whether two sets of properties have the same values; an empty one is
// of what reads no topic.
func sameRows(a, b config.Set) bool {
	if none := (config.Set{}); reflect.DeepEqual(a, none) || reflect.DeepEqual(b, none) {
		return reflect.DeepEqual(a, b)
	}
	return reflect.DeepEqual(a.Rows(), b.Rows())
}

// TestReplaceAndDrop shows that other lines stay as they are, comments too.
func TestReplaceAndDrop(t *testing.T) {
	const src = "# mine\nksim: 1\ntitle: one   # so\nstory: >-\n  two\n  three\n\n# about time\nduration: 5m\nexpect:\n  # first\n  - {lost: 0}\n  # second\n  - event: member.left\n    member: A\n  # third\n  - {never: commit.failed}\n\n# the end\n"
	text, err := ReplaceKey([]byte(src), "title", "a fork: of it")
	if err == nil {
		text, err = ReplaceKey(text, "story", "four\n\nfive")
	}
	if err == nil {
		text, err = ReplaceKey(text, "seed", "7")
	}
	if err == nil {
		text, err = DropEntries(text, "expect", []bool{false, true, false})
	}
	const want = "# mine\nksim: 1\nseed: 7\ntitle: \"a fork: of it\"\nstory: |-\n  four\n\n  five\n\n# about time\nduration: 5m\nexpect:\n  # first\n  - {lost: 0}\n  # second\n  # third\n  - {never: commit.failed}\n\n# the end\n"
	if err != nil || string(text) != want {
		t.Errorf("%v\n%s\nexpected\n%s", err, text, want)
	}
	text, err = DropEntries(text, "expect", []bool{true, true})
	if err != nil || strings.Contains(string(text), "expect") {
		t.Errorf("%v\n%s", err, text)
	}
	if _, err := DropEntries([]byte("ksim: 1\nexpect: [{lost: 0}, {never: commit.failed}]\n"), "expect", []bool{true, false}); err == nil {
		t.Error("entries in brackets cannot be taken out line by line")
	}
}
