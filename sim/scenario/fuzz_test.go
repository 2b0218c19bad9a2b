package scenario

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ksim/sim/diag"
)

// FuzzLoad: whatever a file or an option holds, reading it ends without a
// panic; each finding has a place in the file or an option's name; a scenario
// comes with no errors and no scenario with some; and reading again finds the
// same.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src, "groups.named.members.x-1.app.flush-records=3")
	}
	for _, src := range []string{
		"", "\xef\xbb\xbfksim: 1\n", "a: \xff", "a: \x00", "\t", "[", "{a: {b: [", "? a", "- - -", "a:\r\n  b: c\r", "'", "%YAML", "...",
		"a: |\n  x\n b", "ksim: 1\nduration: 1s\ntopics: [{name: t}]\ngroups: [{id: g, members: 1}]\n", "a: !!binary x", "a: &a [*a]",
		"{ksim: 1, groups: [{members: [~, {}]}], expect: [~, {order: [~]}], timeline: [~, {slow: ~}]}",
	} {
		f.Add([]byte(src), "")
	}
	for _, set := range []string{"a", "a=", "a.b.c=1", `"a.b".c=[`, "groups.0.members.A.config.x.y=z", "groups.0={}", "groups=[1, ~]", "topics.0.0=1", "expect.0.order.0.event=log", "x.members.A=1"} {
		f.Add([]byte("ksim: 1\nduration: 1s\ntopics: [{name: t}]\ngroups: [{id: g, client: java, topics: [t], members: 2}]\nx: {members: 3}\n"), set)
	}
	f.Fuzz(func(t *testing.T, src []byte, set string) {
		var o Options
		if set != "" {
			o.Set = []Override{Override(set)}
		}
		s, found := Load("f.yaml", src, o)
		if (s == nil) != found.HasErrors() {
			t.Fatalf("scenario %v beside:\n%v", s, found)
		}
		checkPlaces(t, src, found)
		again, foundAgain := Load("f.yaml", src, o)
		if !reflect.DeepEqual(found, foundAgain) || !reflect.DeepEqual(s, again) {
			t.Fatalf("read again, it says\n%v\ninstead of\n%v", foundAgain, found)
		}
		Refusals("f.yaml", src, o)
	})
}

func checkPlaces(t *testing.T, src []byte, found diag.List) {
	lines := strings.Count(string(src), "\n") + strings.Count(string(src), "\r") + 2
	last := diag.Pos{}
	for _, d := range found {
		if d.Message == "" || strings.ContainsAny(d.Message, "\n\r") {
			t.Errorf("a message of other than one line: %q", d.Message)
		}
		if strings.HasPrefix(d.File, overrideOption) {
			continue
		}
		if d.Pos.Line < 1 || d.Pos.Col < 1 || d.Pos.Line > lines {
			t.Errorf("no such place in %d lines: %v", lines, d)
		}
		if d.Pos.Line < last.Line || d.Pos.Line == last.Line && d.Pos.Col < last.Col {
			t.Errorf("out of order: %v", d)
		}
		last = d.Pos
	}
}
