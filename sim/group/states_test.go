package group

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ksim/internal/golden"
)

// TestStatesDocument keeps docs/states.md what the source says: the comments of the
// states, the legal ways between those of a classic group, and the reasons.
func TestStatesDocument(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# The states of a classic group\n\n" +
		"Made from the source in `sim/group` (state.go, reason.go, consumerstate.go, memberstate.go, sharestate.go) by `go test ./sim/group -update`.\n" +
		"Each request has its answer in each state below; `-> X` are the ways out.\n")
	comments := stateComments(t, "state.go")
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

	b.WriteString("\n# The states of a group of the consumer protocol (KIP-848)\n")
	comments = stateComments(t, "consumerstate.go")
	for s := ConsumerEmpty; s <= ConsumerStable; s++ {
		fmt.Fprintf(&b, "\n## %s (consumer protocol)\n\n", s)
		writeComment(&b, comments["Consumer"+s.String()])
	}
	b.WriteString("\n# The states of a member of the consumer protocol\n\n" +
		"What a heartbeat finds, and where it takes the member.\n")
	comments = stateComments(t, "memberstate.go")
	for s, name := range []string{"MemberStable", "MemberUnrevoked", "MemberUnreleased"} {
		fmt.Fprintf(&b, "\n## %s\n\n", MemberState(s))
		writeComment(&b, comments[name])
	}

	b.WriteString("\n# The states of a share group (KIP-932)\n")
	comments = stateComments(t, "sharestate.go")
	for s := ShareEmpty; s <= ShareStable; s++ {
		fmt.Fprintf(&b, "\n## %s (share group)\n\n", s)
		writeComment(&b, comments["Share"+s.String()])
	}

	golden.File(t, filepath.Join("..", "..", "docs", "states.md"), b.String())
}

// stateComments are the comments of the constants of a file.
func stateComments(t *testing.T, file string) map[string]string {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
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
	comments := stateComments(t, "state.go")
	for s := Empty; s <= Dead; s++ {
		if len(predecessors[s]) == 0 || !strings.HasPrefix(comments[s.String()], s.String()+": ") {
			t.Errorf("%s has no way in, or no description", s)
		}
		if slices.Contains(predecessors[s], Dead) || slices.Contains(predecessors[s], s) {
			t.Errorf("%s may follow Dead or itself", s)
		}
	}
}

// A partition with two owners is what the consumer protocol exists to prevent: the
// coordinator itself must not let it pass.
func TestSecondOwner(t *testing.T) {
	defer func() {
		if r := recover(); r == nil {
			t.Error("a partition was given to a second member")
		}
	}()
	g := newConsumerGroup(0, "g")
	has := []heldPartition{{partitionID{0, 0}, 1}}
	g.add(consumerMember{id: "a", assigned: has})
	g.add(consumerMember{id: "b", assigned: has})
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
