package group

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestStatesDocument keeps docs/states.md what state.go and reason.go say: the
// comments of the states, the legal ways between them, and the reasons.
func TestStatesDocument(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# The states of a classic group\n\n" +
		"Made from `sim/group/state.go` and `sim/group/reason.go` by `go test ./sim/group -update`.\n" +
		"Each request has its answer in each state below; `-> X` are the ways out.\n")
	comments := stateComments(t)
	for s := Empty; s <= Dead; s++ {
		fmt.Fprintf(&b, "\n## %s\n\n", s)
		writeComment(&b, comments[s.String()])
		var from []string
		for _, p := range predecessors[s] {
			from = append(from, p.String())
		}
		fmt.Fprintf(&b, "\nFollows: %s.\n", strings.Join(from, ", "))
	}
	b.WriteString("\n# Why a group rebalances\n\n" +
		"| `reason` in the trace | the broker's words | method of GroupMetadataManager |\n|---|---|---|\n")
	for _, r := range reasons[ReasonNone+1:] {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.trace, r.words, r.site)
	}

	file := filepath.Join("..", "..", "docs", "states.md")
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, b.Bytes()) {
		t.Errorf("%s is not what the code says: run go test ./sim/group -update and read the difference", file)
	}
}

// stateComments are the comments of the constants of state.go.
func stateComments(t *testing.T) map[string]string {
	f, err := parser.ParseFile(token.NewFileSet(), "state.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			comments[v.Names[0].Name] = v.Doc.Text()
		}
	}
	return comments
}

// writeComment writes a comment as Markdown: what is indented is a table of text.
func writeComment(b *bytes.Buffer, comment string) {
	inTable := false
	lines := strings.Split(strings.TrimSpace(comment), "\n")
	for i, line := range lines {
		table := strings.HasPrefix(line, "\t") || line == "" && inTable && slices.ContainsFunc(lines[i:], func(l string) bool { return strings.HasPrefix(l, "\t") })
		if table != inTable {
			b.WriteString("```\n")
		}
		inTable = table
		b.WriteString(strings.TrimPrefix(line, "\t") + "\n")
	}
	if inTable {
		b.WriteString("```\n")
	}
}

// TestStates: no group comes back from the dead, and every state has a name, a
// description and a way in.
func TestStates(t *testing.T) {
	comments := stateComments(t)
	for s := Empty; s <= Dead; s++ {
		if len(predecessors[s]) == 0 || !strings.HasPrefix(comments[s.String()], s.String()+": ") {
			t.Errorf("%s has no way in, or no description", s)
		}
		if slices.Contains(predecessors[s], Dead) || slices.Contains(predecessors[s], s) {
			t.Errorf("%s may follow Dead or itself", s)
		}
	}
}

// An illegal change of state is a mistake in the coordinator and must not go
// unnoticed.
func TestIllegalStateChange(t *testing.T) {
	defer func() {
		if r := recover(); r == nil {
			t.Error("Empty -> Stable was accepted")
		}
	}()
	g := newGroup(0, "g")
	g.begin(Empty, 0)
	g.setState(Stable, 0)
}
