package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ksim/internal/golden"
	"ksim/internal/seeds"
)

// ksim runs the command line in process and gives what it prints.
func ksim(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(&Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		ReadFile: os.ReadFile, WalkDir: filepath.WalkDir, Getenv: func(string) string { return "" },
		Seconds: func() float64 { return 0 },
	})
	return out.String(), errs.String(), code
}

// TestReadmePicture keeps the picture in the README true: it is what the first
// command there prints, without the story.
func TestReadmePicture(t *testing.T) {
	golden.Part(t, "../../README.md", "<!-- picture: made by go test ./internal/cli -update -->\n```\n", "```\n<!-- end of picture -->", picture(t))
}

// TestClientsTable keeps docs/clients.md true: its table is what `ksim clients
// --markdown` prints.
func TestClientsTable(t *testing.T) {
	out, errs, code := ksim(t, "clients", "--markdown")
	if code != ExitHolds {
		t.Fatal(code, errs)
	}
	golden.Part(t, "../../docs/clients.md", "<!-- table: made by go test ./internal/cli -update -->\n", "<!-- end of table -->", out)
}

// TestCatalogue keeps scenarios/README.md true: it is what `ksim list --markdown`
// prints.
func TestCatalogue(t *testing.T) {
	out, errs, code := ksim(t, "list", "--markdown")
	if code != ExitHolds {
		t.Fatal(code, errs)
	}
	if strings.Contains(out, "|  |") {
		t.Error("a scenario has no title or no story")
	}
	golden.File(t, "../../scenarios/README.md", out)
}

// TestSeeds keeps docs/seeds.md true: its tables are what `ksim seeds` prints. Every
// claim of the seeds is measured, or says why it is not.
func TestSeeds(t *testing.T) {
	all, err := seeds.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		for _, c := range d.Claims {
			if len(c.Shows) == 0 && c.Because == "" {
				t.Errorf("%s has neither a scenario nor a reason", c.ID)
			}
		}
	}
	out, errs, code := ksim(t, "seeds")
	if code != ExitHolds {
		t.Error(code, errs, "a scenario does not show what it is to show: look for FAILS")
	}
	golden.Part(t, "../../docs/seeds.md", "<!-- tables: made by go test ./internal/cli -update -->\n", "<!-- end of tables -->", out)
}

// picture is the run from its columns to its sentences; of the second round,
// which repeats the first, only the beginning.
func picture(t *testing.T) string {
	out, errs, code := ksim(t, "run", "@slow-upload", "--width", "118")
	if code != ExitHolds {
		t.Fatal(code, errs)
	}
	lines := strings.SplitAfter(out, "\n")
	at := func(part string) int {
		return slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, part) })
	}
	again := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "upload") && strings.Contains(l, "again: no poll()") })
	shown := append(slices.Clone(lines[at("what happened"):again+1]), "      …\n\n")
	shown = append(shown, lines[at("lag of s3-sink"):at("Try:")]...)
	return strings.TrimRight(strings.Join(shown, ""), "\n") + "\n"
}
