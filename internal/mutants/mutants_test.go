package main

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

const root = "../.."

// TestMutants keeps the list from rotting: a change to the source must not leave a
// mutant behind that no longer finds its place, or that is no Go.
func TestMutants(t *testing.T) {
	all, err := mutants()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 25 {
		t.Errorf("%d mutants, expected at least 25", len(all))
	}
	seen := map[string]bool{}
	for i := range all {
		m := &all[i]
		if m.Mechanism == "" || strings.Contains(m.Mechanism, "|") || seen[m.Mechanism] {
			t.Errorf("mechanism %q: expected words of its own, without |", m.Mechanism)
		}
		seen[m.Mechanism] = true
		text, err := m.apply(root)
		if err != nil {
			t.Errorf("%s: %v", m.Mechanism, err)
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), m.File, text, parser.SkipObjectResolution); err != nil {
			t.Errorf("%s: %v", m.Mechanism, err)
		}
	}
}

// TestTable fails when mutants have been added, changed or taken away since
// docs/mutations.md was made, or when one of them survived then.
func TestTable(t *testing.T) {
	all, err := mutants()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readTable(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(all) {
		t.Fatalf("%s has %d mutants, the list %d: go run ./internal/mutants", tableFile, len(rows), len(all))
	}
	for i, row := range rows {
		if row[1] != all[i].Mechanism || row[2] != all[i].File {
			t.Errorf("%s names %q of %s where the list has %q of %s: go run ./internal/mutants", tableFile, row[1], row[2], all[i].Mechanism, all[i].File)
		}
		if row[3] == "**none**" {
			t.Errorf("no scenario notices: %s", row[1])
		}
	}
}

// TestRead takes a mutant for noticed only by scenarios that fail, and a run that
// broke off for none that has passed.
func TestRead(t *testing.T) {
	v, ok := read([]byte(`{"scenarios": [{"file": "scenarios/a.yaml", "outcome": "held"}, {"file": "scenarios/lag/b.yaml", "outcome": "failed"},
		{"file": "scenarios/c.yaml", "outcome": "wrong"}]}`))
	if !ok || len(v.scenarios) != 3 || strings.Join(v.noticed, " ") != "b c" || !v.notices() {
		t.Errorf("got %+v %t", v, ok)
	}
	if _, ok := read([]byte(`panic: `)); ok {
		t.Error("a panic was taken for a result")
	}
}
