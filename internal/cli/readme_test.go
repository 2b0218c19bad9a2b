package cli

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
)

// ksim runs the command line in process and gives what it prints.
func ksim(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(&Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		ReadFile: os.ReadFile, Getenv: func(string) string { return "" },
	})
	return out.String(), errs.String(), code
}

// TestReadmePicture keeps the picture in the README true: it is what the first
// command there prints, without the story.
func TestReadmePicture(t *testing.T) {
	generated(t, "../../README.md", "<!-- picture: made by go test ./internal/cli -update -->\n```\n", "```\n<!-- end of picture -->", picture)
}

// TestClientsTable keeps docs/clients.md true: its table is what `ksim clients`
// prints.
func TestClientsTable(t *testing.T) {
	generated(t, "../../docs/clients.md", "<!-- table: made by go test ./internal/cli -update -->\n", "<!-- end of table -->", func(t *testing.T) string {
		out, errs, code := ksim(t, "clients")
		if code != ExitHolds {
			t.Fatal(code, errs)
		}
		return out
	})
}

// generated compares the part of a file between two marks with what it should
// be, or, with -update, writes it.
func generated(t *testing.T, file, begin, end string, part func(*testing.T) string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for it", file)
	}
	want := before + begin + part(t) + end + after
	if want == string(text) {
		return
	}
	if !*update {
		t.Fatalf("%s is out of date: go test ./internal/cli -update", file)
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
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
