package scenario

import (
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/internal/golden"
)

func TestMain(m *testing.M) { golden.Main(m) }

// completed appends the required parts that a case leaves out, after the case's
// own lines, so that its places stay as written.
func completed(text string) string {
	for _, part := range []struct{ key, text string }{
		{"ksim", "ksim: 1\n"},
		{"duration", "duration: 1m\n"},
		{"topics", "topics: [{name: events, partitions: 4}, {name: orders, partitions: 2}]\n"},
		{"groups", "groups:\n- {id: g, client: java@4.1, topics: [events], members: [A, B]}\n"},
	} {
		if !strings.HasPrefix(text, part.key+":") && !strings.Contains(text, "\n"+part.key+":") {
			text = strings.TrimSuffix(text, "\n") + "\n" + part.text
		}
	}
	return text
}

// TestMessages is what users are told about their files: each case is a file,
// or with `part` some lines of one, and all that is said about it. `set`
// arguments are --set options.
func TestMessages(t *testing.T) {
	datadriven.Walk(t, "testdata/messages", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			text, options := withoutOptions(d.Input + "\n")
			if d.Cmd == "part" {
				text = completed(text)
			} else if d.Cmd != "file" {
				d.Fatalf(t, "unknown command %s", d.Cmd)
			}
			s, found := Load("x.yaml", []byte(text), Options{ReadFile: readTestFile, Set: options})
			if (s == nil) != found.HasErrors() {
				t.Errorf("%s: a scenario beside errors, or neither", d.Pos)
			}
			if len(found) == 0 {
				return "ok\n"
			}
			return found.Error() + "\n"
		})
	})
}

func withoutOptions(input string) (text string, options []Override) {
	for line := range strings.Lines(input) {
		if option, ok := strings.CutPrefix(line, "--set "); ok {
			options = append(options, Override(strings.TrimSuffix(option, "\n")))
		} else {
			text += line
		}
	}
	return text, options
}

func readTestFile(name string) ([]byte, error) {
	switch name {
	case "good.csv":
		return []byte("seconds,note\n1.5s,first\n\n# pause\n2s\n"), nil
	case "bad.csv":
		return []byte("1s\n2 seconds\n"), nil
	}
	return nil, os.ErrNotExist
}
