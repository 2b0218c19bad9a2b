// Package template is the scenarios that `ksim new` begins a file with: each runs as
// it is, and says in comments what to change.
package template

import (
	"embed"
	"strings"
)

//go:embed files/*.yaml
var files embed.FS

// Default is the template of those who name none.
const Default = "poll-interval"

// Names are the names of the templates, sorted.
func Names() []string {
	entries, err := files.ReadDir("files")
	if err != nil { // an embedded tree can always be read
		panic(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// Text is a template for a file of that name, as a shell reads it; "" when there
// is none of its name.
func Text(name, file string) string {
	text, err := files.ReadFile("files/" + name + ".yaml")
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(string(text), " FILE ", " "+file+" ")
}

// Title is what a template shows.
func Title(name string) string {
	_, rest, _ := strings.Cut(Text(name, ""), "\ntitle: ")
	title, _, _ := strings.Cut(rest, "\n")
	return title
}
