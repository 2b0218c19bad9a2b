package cli

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestTableFits: whatever is in a table, no line is wider than asked for where the
// columns can be made so narrow, and no word gets lost.
func TestTableFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-zé]{1,14}`)
		text := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(word, 0, 8).Draw(t, "words"), " ") })
		columns := rapid.IntRange(1, 5).Draw(t, "columns")
		rows := rapid.SliceOfN(rapid.SliceOfN(text, columns, columns), 1, 5).Draw(t, "rows")
		width := rapid.IntRange(columns*(narrowest+2), 120).Draw(t, "width")
		table := textTable(rows, width)
		for line := range strings.Lines(table) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Fatalf("%d columns of %d:\n%s", n, width, table)
			}
		}
		letters := func(s string) int { return len(strings.Join(strings.Fields(strings.ReplaceAll(s, "─", "")), "")) }
		want := 0
		for _, row := range rows {
			for _, c := range row {
				want += letters(c)
			}
		}
		if got := letters(table); got != want {
			t.Fatalf("%d letters of %d:\n%s", got, want, table)
		}
	})
}

// TestClientsOnATerminal: the table is as narrow as the terminal, and no Markdown.
func TestClientsOnATerminal(t *testing.T) {
	var out, errs strings.Builder
	if code := Main(&Env{Args: []string{"clients"}, Stdout: &out, Stderr: &errs, Width: 80, Getenv: func(string) string { return "" }}); code != ExitHolds {
		t.Fatal(code, errs.String())
	}
	for line := range strings.Lines(out.String()) {
		if utf8.RuneCountInString(line) > 81 || strings.Contains(line, "|") {
			t.Errorf("%q", line)
		}
	}
}
