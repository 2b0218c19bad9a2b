// Package scenarios is the scenarios that ksim brings along: one lesson each, in
// folders by subject. They are part of the program, so that an installed binary
// has them.
package scenarios

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Files are the scenario files: a folder a subject.
//
//go:embed *.yaml */*.yaml
var Files embed.FS

// Names are the names of all scenarios with their folders, as in
// `poll-interval/six-minute-block`: those without a folder first, then sorted.
func Names() []string {
	var names []string
	err := fs.WalkDir(Files, ".", func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimSuffix(file, ".yaml"))
		}
		return err
	})
	if err != nil { // an embedded tree can always be read
		panic(err)
	}
	slices.SortStableFunc(names, func(a, b string) int { return strings.Compare(Folder(a), Folder(b)) })
	return names
}

// Folder is the folder of a scenario of that name, "" at the top.
func Folder(name string) string {
	if dir := path.Dir(name); dir != "." {
		return dir
	}
	return ""
}

// Short is the shortest name by which `@name` finds a scenario: without its folder
// unless another one is called the same.
func Short(name string) string {
	if base := path.Base(name); len(Find(base)) == 1 {
		return base
	}
	return name
}

// Find gives the files that a name may mean: with its folder one, without it
// those of that name in all folders.
func Find(name string) []string {
	var found []string
	for _, n := range Names() {
		switch {
		case n == name:
			return []string{n + ".yaml"}
		case path.Base(n) == name:
			found = append(found, n+".yaml")
		}
	}
	return found
}
