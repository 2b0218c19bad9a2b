package scenario

import (
	"strings"
	"testing"
)

// TestAppendTimeline shows that a timeline grows by an entry whatever way it is
// written, that nothing else changes, and that the result loads with the new action
// as its last one.
func TestAppendTimeline(t *testing.T) {
	const head = "ksim: 1\nduration: 5m\ntopics:\n  - {name: t, partitions: 2}\n"
	const tail = "groups:\n  - {id: g, client: java@4.1, topics: [t], app: {model: sequential, process: 1ms}, members: [A, B]}\n"
	const entry = "{at: 2m, crash: A}"
	for _, c := range []struct{ name, before, after string }{
		{"none", "", ""},
		{"list", "timeline:\n  - {at: 1m, crash: B}   # so\n\n# about the groups\n", "timeline:\n  - {at: 1m, crash: B}   # so\n  - {at: 2m, crash: A}\n\n# about the groups\n"},
		{"flush", "timeline:\n- at: 1m\n  crash: B\n", "timeline:\n- at: 1m\n  crash: B\n- {at: 2m, crash: A}\n"},
		{"brackets", "timeline: [{at: 1m, crash: B}]\n", "timeline: [{at: 1m, crash: B}, {at: 2m, crash: A}]\n"},
		{"two lines", "timeline: [\n  {at: 1m, crash: B},\n  ]\n", ""},
		{"empty brackets", "timeline: []\n", "timeline: [{at: 2m, crash: A}]\n"},
		{"only the key", "timeline:\n", "timeline:\n  - {at: 2m, crash: A}\n"},
	} {
		src := head + c.before + tail
		got, err := AppendTimeline([]byte(src), []string{entry})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if want := head + c.after + tail; c.after != "" && string(got) != want {
			t.Errorf("%s:\n%s\nexpected\n%s", c.name, got, want)
		}
		was, _ := Load("x.yaml", []byte(src), Options{})
		s, found := Load("x.yaml", got, Options{})
		if s == nil {
			t.Fatalf("%s: %v\n%s", c.name, found, got)
		}
		n := len(s.Timeline)
		before := 0
		if was != nil {
			before = len(was.Timeline)
		}
		if n != before+1 || s.Timeline[n-1].Kind != ActCrash || s.Timeline[n-1].Member != "A" {
			t.Errorf("%s: the timeline is %v", c.name, s.Timeline)
		}
	}
	if _, err := AppendTimeline([]byte("{ksim: 1, duration: 5m}\n"), []string{entry}); err == nil || !strings.Contains(err.Error(), "no place") {
		t.Errorf("a file in one line: %v", err)
	}
}
