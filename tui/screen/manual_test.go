package screen

import (
	"fmt"
	"strings"
	"testing"

	"ksim/internal/golden"
)

// TestManual keeps docs/screen.md true: its keys and commands are those of the tables.
func TestManual(t *testing.T) {
	var b strings.Builder
	cell := func(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
	for _, s := range keyTable {
		fmt.Fprintf(&b, "\n### %s\n\n| key | |\n|---|---|\n", s.title)
		for _, x := range s.bindings {
			fmt.Fprintf(&b, "| `%s` | %s |\n", strings.Join(keysShown(x.keys), "` `"), cell(x.help))
		}
	}
	b.WriteString("\n### Commands\n\n| command | |\n|---|---|\n")
	for _, c := range commands {
		if c.help != "" {
			fmt.Fprintf(&b, "| `:%s` | %s |\n", strings.TrimSpace(c.name+" "+c.usage), cell(c.help))
		}
	}
	b.WriteString("\n### In the list of scenarios\n\n| key | |\n|---|---|\n")
	for _, x := range pickerKeys {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.Join(keysShown(x.keys), "` `"), cell(x.help))
	}
	golden.Part(t, "../../docs/screen.md", "<!-- keys: made by go test ./tui/screen -update -->\n", "<!-- end of keys -->", b.String())
}
