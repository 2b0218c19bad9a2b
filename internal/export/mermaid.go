package export

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"ksim/tui/model"
)

// writeMermaid writes the diagram in Mermaid's language for sequence diagrams.
func writeMermaid(x *work, w io.Writer) error {
	d := x.diagram()
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "---\ntitle: %s\n---\nsequenceDiagram\n", mermaidTitle(strings.TrimSpace(x.s.Name+"  "+x.s.Title)))
	for i := range d.lanes {
		fmt.Fprintf(out, "    participant p%d as %s<br/>%s\n", i, mermaidText(d.lanes[i].name), mermaidText(d.lanes[i].kind))
	}
	if len(d.lanes) == 0 { // there is nobody to write a note over
		return out.Flush()
	}
	over := fmt.Sprintf("p0,p%d", len(d.lanes)-1)
	if len(d.lanes) == 1 {
		over = "p0"
	}
	for i := range d.rows {
		r := &d.rows[i]
		text := mermaidText(r.text)
		switch {
		case r.kind == sent && d.lanes[r.lane].member == "":
			fmt.Fprintf(out, "    p%d-->>p%d: %s\n", r.lane, r.to, text)
		case r.kind == sent:
			fmt.Fprintf(out, "    p%d->>p%d: %s\n", r.lane, r.to, text)
		case r.kind == said:
			fmt.Fprintf(out, "    Note over %s: “%s”\n", over, text)
		case r.kind == folded:
			fmt.Fprintf(out, "    Note over %s: … %s\n", over, text)
		case r.lane < 0:
			fmt.Fprintf(out, "    Note over %s: %s %s\n", over, model.ClockText(r.at), text)
		default:
			fmt.Fprintf(out, "    Note over p%d: %s<br/>%s %s\n", r.lane, model.ClockText(r.at), strings.TrimSpace(r.tone.Sign()), text)
		}
	}
	if d.rest > 0 {
		fmt.Fprintf(out, "    Note over %s: %d more are left out\n", over, d.rest)
	}
	return out.Flush()
}

// mermaidLetters is how long a line of a note gets.
const mermaidLetters = 56

// mermaidText is a text in which nothing means anything to Mermaid, in lines.
func mermaidText(s string) string {
	lines := lettersWrapped(s, mermaidLetters)
	for i := range lines {
		lines[i] = mermaidLine(lines[i])
	}
	return strings.Join(lines, "<br/>")
}

func mermaidLine(s string) string {
	return strings.NewReplacer("#", "#35;", ";", "#59;", "<", "#lt;", ">", "#gt;", "\n", " ", "\r", " ", "%", "#37;", "{", "#123;", "}", "#125;").Replace(s)
}

// mermaidTitle is a text as YAML's double quotes have it, without what Mermaid takes
// for markup in a title.
func mermaidTitle(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "<", "‹", ">", "›", "&", "and").Replace(strings.TrimSpace(s)) + `"`
}
