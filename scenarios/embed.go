// Package scenarios is the scenarios that ksim brings along: one lesson each.
// They are part of the program, so that an installed binary has them.
package scenarios

import (
	"embed"
	"io/fs"
	"path"
	"strings"
)

// Files are the scenario files.
//
//go:embed *.yaml
var Files embed.FS

// Names are the names of all scenarios, as `@name` takes them, sorted.
func Names() []string {
	var names []string
	walk(func(file string) { names = append(names, name(file)) })
	return names
}

// Find gives the file of a scenario, "" when there is none of that name.
func Find(want string) string {
	found := ""
	walk(func(file string) {
		if name(file) == want {
			found = file
		}
	})
	return found
}

func name(file string) string { return strings.TrimSuffix(path.Base(file), ".yaml") }

// walk visits the scenario files in lexical order.
func walk(visit func(file string)) {
	err := fs.WalkDir(Files, ".", func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			visit(file)
		}
		return err
	})
	if err != nil { // an embedded tree can always be read
		panic(err)
	}
}
