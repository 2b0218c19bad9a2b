package cli

import (
	"strings"
	"unicode/utf8"
)

// narrowest is how narrow a column of a table may get.
const narrowest = 8

// textTable prints rows, the first of which is the head, in columns that are wrapped
// where the width is too small for them.
func textTable(rows [][]string, width int) string {
	columns := tableColumns(rows, width)
	var b strings.Builder
	for n, row := range rows {
		cells := make([][]string, len(row))
		lines := 1
		for i, text := range row {
			cells[i] = wrapCell(text, columns[i])
			lines = max(lines, len(cells[i]))
		}
		for k := range lines {
			line := ""
			for i, of := range cells {
				text := ""
				if k < len(of) {
					text = of[k]
				}
				line += text + strings.Repeat(" ", columns[i]-utf8.RuneCountInString(text)+2)
			}
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
		if n == 0 {
			line := ""
			for _, c := range columns {
				line += strings.Repeat("─", c) + "  "
			}
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	return b.String()
}

// tableColumns is how wide each column is: as its longest cell; where all do not fit the
// widest gets narrower that need not break a word for it, or, if each would have to,
// the widest of all.
func tableColumns(rows [][]string, width int) []int {
	columns, words := make([]int, len(rows[0])), make([]int, len(rows[0]))
	sum := 2 * (len(columns) - 1)
	for _, row := range rows {
		for i, text := range row {
			columns[i] = max(columns[i], utf8.RuneCountInString(text))
			for _, word := range strings.Fields(text) {
				words[i] = max(words[i], utf8.RuneCountInString(word))
			}
		}
	}
	for _, c := range columns {
		sum += c
	}
	for ; sum > width; sum-- {
		i := widest(columns, words)
		if i < 0 {
			i = widest(columns, nil)
		}
		if columns[i] <= narrowest {
			break
		}
		columns[i]--
	}
	return columns
}

// widest is the widest column that is wider than its longest word, −1 for none.
func widest(columns, words []int) int {
	best := -1
	for i, c := range columns {
		if (best < 0 || c > columns[best]) && (words == nil || c > max(words[i], narrowest)) {
			best = i
		}
	}
	return best
}

// wrapCell breaks a text between words into lines of at most that width; a word that
// is longer is broken too.
func wrapCell(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		rest := []rune(word)
		for ; len(rest) > width; rest = rest[width:] {
			lines = append(lines, string(rest[:width]))
		}
		line = string(rest)
	}
	return append(lines, line)
}

// markdownTable prints rows, the first of which is the head, for a Markdown file.
func markdownTable(rows [][]string) string {
	var b strings.Builder
	for n, row := range rows {
		b.WriteByte('|')
		for _, text := range row {
			b.WriteString(" " + cell(text) + " |")
		}
		b.WriteByte('\n')
		if n == 0 {
			b.WriteString("|" + strings.Repeat("---|", len(row)) + "\n")
		}
	}
	return b.String()
}
