package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// tableFile is where the result lies, from the module's root.
const tableFile = "docs/mutations.md"

// named is how many scenarios a row names.
const named = 3

// table is the document: what was broken, and which scenarios noticed.
func table(all []mutant, verdicts []verdict, scenarios int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Mutations

Does the library of scenarios notice when a mechanism is broken? Each row is ksim built with one change to its source
(`+"`internal/mutants/mutants.yaml`"+`) that deletes or reverses one mechanism, and how many of the library's %d scenarios
then no longer show what they say. Made by `+"`go run ./internal/mutants`"+`, which fails when none does.

| what is broken | file | scenarios that notice |
|---|---|---|
`, scenarios)
	for i := range all {
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", all[i].Mechanism, all[i].File, cell(&all[i], &verdicts[i]))
	}
	return b.String()
}

// cell says who notices a mutant.
func cell(m *mutant, v *verdict) string {
	switch n := len(v.noticed); {
	case v.broken != "":
		return v.broken
	case n == 0 && m.Unnoticed != "":
		return "none: " + m.Unnoticed
	case n == 0:
		return "**none**"
	case n > named:
		return fmt.Sprintf("%d: %s, …", n, strings.Join(v.noticed[:named], ", "))
	default:
		return fmt.Sprintf("%d: %s", n, strings.Join(v.noticed, ", "))
	}
}

// row is a row of the table: mechanism, file, who notices.
var row = regexp.MustCompile("(?m)^\\| (.*) \\| `(.*)` \\| (.*) \\|$")

// readTable reads the rows of the latest result.
func readTable(root string) ([][]string, error) {
	text, err := os.ReadFile(filepath.Join(root, tableFile))
	if err != nil {
		return nil, err
	}
	return row.FindAllStringSubmatch(string(text), -1), nil
}

// noticedBefore gives, by mechanism, those of the library's files that the latest result
// names.
func noticedBefore(root string, files []string) (map[string][]string, error) {
	rows, err := readTable(root)
	if err != nil {
		return nil, err
	}
	before := map[string][]string{}
	for _, r := range rows {
		_, names, _ := strings.Cut(strings.TrimSuffix(r[3], ", …"), ": ")
		named := strings.Split(names, ", ")
		for _, file := range files {
			if slices.Contains(named, nameOf(file)) {
				before[r[1]] = append(before[r[1]], file)
			}
		}
	}
	return before, nil
}
