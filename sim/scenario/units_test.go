package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/clock"
)

// TestDurationsReadBack: what FormatDuration writes is read as the same
// microsecond, so that exact times survive being printed.
func TestDurationsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := clock.Duration(rapid.Int64Range(0, int64(MaxDuration)).Draw(t, "µs"))
		text := FormatDuration(d)
		if got, f := parseDuration(text); f != nil || got != d {
			t.Fatalf("%d µs is written %q, read %d (%v)", d, text, got, f)
		}
	})
}

func TestSizesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1<<20).Draw(t, "n") * rapid.SampledFrom([]int64{1, 1000, 1024, 1 << 20, 1_000_000}).Draw(t, "unit")
		text := FormatSize(n)
		if got, _, f := parseSize(text); f != nil || got != n {
			t.Fatalf("%d bytes is written %q, read %d (%v)", n, text, got, f)
		}
	})
}

// TestSumOfParts: 1h30m is 1h and 30m, whatever the numbers.
func TestSumOfParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, sum := "", clock.Duration(0)
		for _, u := range durationUnits[:5] {
			if rapid.Bool().Draw(t, u.name) {
				n := rapid.Int64Range(0, 300).Draw(t, "n")
				text += decimalText(n, 1) + u.name
				sum += clock.Duration(n * u.of)
			}
		}
		if text == "" {
			return
		}
		if got, f := parseDuration(text); f != nil || got != sum {
			t.Fatalf("%q is read as %d µs (%v), not %d", text, got, f, sum)
		}
	})
}

// TestRatesAreExact: so many records in so much time, no rounding.
func TestRatesAreExact(t *testing.T) {
	for text, want := range map[string]Rate{
		"1000/s": {1000, clock.Second}, "0/s": {0, clock.Second}, "0.5/s": {1, 2 * clock.Second}, "30/m": {1, 2 * clock.Second},
		"1/h": {1, clock.Hour}, "1.5/s": {3, 2 * clock.Second}, "7/m": {7, clock.Minute}, "1000000/s": {1_000_000, clock.Second},
	} {
		if got, f := parseRate(text); f != nil || got != want {
			t.Errorf("%s is read as %v (%v), not %v", text, got, f, want)
		}
	}
}

// TestPlacesAreTheText: the place of each scalar and key is where its text
// stands in the file; messages would point elsewhere otherwise.
func TestPlacesAreTheText(t *testing.T) {
	files, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		root, fault := parse(src)
		if fault != nil {
			t.Fatal(fault)
		}
		checkText := func(p place, text string) {
			line := []rune(strings.Split(string(src), "\n")[p.pos.Line-1])
			rest := strings.TrimLeft(string(line[p.pos.Col-1:]), `"'`)
			if word, _, _ := strings.Cut(text, "\n"); !strings.HasPrefix(rest, word) && !strings.HasPrefix(rest, "|") {
				t.Errorf("%s:%d:%d: %q stands there, not %q", file, p.pos.Line, p.pos.Col, rest, text)
			}
		}
		var walk func(n *node)
		walk = func(n *node) {
			if n.kind == isScalar {
				checkText(n.place, n.text)
			}
			for _, item := range n.items {
				walk(item)
			}
			for _, f := range n.fields {
				checkText(f.place, f.key)
				walk(f.value)
			}
		}
		walk(root)
	}
}

// TestLimits: what is too large is refused before it costs much.
func TestLimits(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"file":  {strings.Repeat("#\n", MaxFileSize/2+1), "at most 4194304 are read"},
		"line":  {"# " + strings.Repeat("x", MaxLineLength), "longer than 20000 characters"},
		"lists": {"a: " + strings.Repeat("[\n", 100), "nested deeper than 32"},
		"maps":  {strings.Repeat("{a: \n", 100), "nested deeper than 32"},
		"words": {strings.Repeat("- 1\n", MaxTokens/2+1), "more than 400000 words and signs"},
		"keys":  {strings.Repeat("k:\n", MaxMapKeys+1), "more than 2000 keys"},
		"flow":  {"{" + strings.Repeat("k: 1,\n", MaxMapKeys+1) + "}", "more than 2000 keys"},
		"utf8":  {"a: \xff", "byte 0xff is not UTF-8"},
		"nul":   {"a: \x00", "control character 0x00"},
	} {
		if _, found := Load("x.yaml", []byte(c.src), Options{}); len(found) != 1 || !strings.Contains(found[0].Message, c.want) {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// TestByteOrderMark: some editors write one; it is no part of the first key.
func TestByteOrderMark(t *testing.T) {
	if s, found := Load("x.yaml", []byte("\xef\xbb\xbf"+completed("title: x\n")), Options{}); s == nil || s.Title != "x" {
		t.Error(found)
	}
}

// TestCarriageReturns: a file from Windows reads the same, at the same places.
func TestCarriageReturns(t *testing.T) {
	text := strings.ReplaceAll(completed("title: x\nstory: |\n  a\n  b\ntimeline:\n- {at: 1s, stop: C}\n"), "\n", "\r\n")
	_, found := Load("x.yaml", []byte(text), Options{})
	if len(found) != 1 || found[0].Pos.Line != 6 || found[0].Pos.Col != 18 {
		t.Error(found)
	}
}

// TestFindingsEnd: one mistake made a thousand times is listed some times; an
// error is never hidden behind warnings.
func TestFindingsEnd(t *testing.T) {
	text := completed("timeline:\n" + strings.Repeat("- {at: 2m, stop: A}\n", 1000) + "- {at: 1s, stop: C}\n")
	s, found := Load("x.yaml", []byte(text), Options{})
	if s != nil || len(found) != maxFindings+2 || !found.HasErrors() {
		t.Errorf("%d findings, scenario %v", len(found), s)
	}
}

// TestRefusals: a file that is meant to be refused says so even if it is.
func TestRefusals(t *testing.T) {
	text := completed("titel: x\nexpect:\n- {refused: unknown key}\n- {lost: 0}\n")
	r := Refusals("x.yaml", []byte(text), Options{})
	if len(r) != 1 || r[0].Refused != "unknown key" || r[0].Pos.Line != 3 || r[0].Source != `{refused: unknown key}` {
		t.Errorf("%+v", r)
	}
}

// TestNotRunRowsAreNames: a row of the gate that names nothing of the contract
// would never be reached.
func TestNotRunRowsAreNames(t *testing.T) {
	names := map[string]bool{}
	collect := func(o *object) {
		for _, k := range o.keys {
			names[o.name+"."+k.name] = true
			if w, ok := k.is.(word); ok {
				for _, v := range w.words {
					names[w.feature+"="+v] = true
				}
			}
		}
	}
	for _, o := range []*object{scenarioObject, clusterObject, topicObject, producerObject, groupObject, memberObject} {
		collect(o)
	}
	for _, objects := range [][]*object{models, timelineChoice.variants, narrationChoice.variants, expectChoice.variants} {
		for _, o := range objects {
			collect(o)
		}
	}
	for _, e := range eventTypes {
		names["event="+e.name] = true
	}
	for row := range notRun {
		feature, _, _ := strings.Cut(row, "=")
		if !names[row] && feature != "client" && feature != "group.protocol" && feature != "partition.assignment.strategy" {
			t.Errorf("notRun has %q, which is no name", row)
		}
	}
}
