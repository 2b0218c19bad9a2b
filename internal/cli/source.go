package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"ksim/scenarios"
	"ksim/sim/diag"
	"ksim/sim/scenario"
)

// source is a scenario file's name, as messages show it, and its text.
type source struct {
	name string
	text []byte
	base string // the file's base name without its ending: the default `name`
}

// read finds a scenario: a file, `@name` among those that ksim brings along, or
// `-`, standard input.
func (e *Env) read(arg string) (source, error) {
	if arg == "-" {
		text, err := readLimited(e.Stdin)
		if err != nil {
			err = fmt.Errorf("<stdin>: %w", err)
		}
		return source{"<stdin>", text, "stdin"}, err
	}
	if name, ok := strings.CutPrefix(arg, "@"); ok {
		file := scenarios.Find(name)
		if file == "" {
			return source{}, fmt.Errorf("no scenario %q%s; `ksim list` names them all", arg, nearest(name))
		}
		text, err := scenarios.Files.ReadFile(file)
		return source{"@" + name, text, path.Base(strings.TrimSuffix(file, ".yaml"))}, err
	}
	text, err := e.ReadFile(arg)
	if err != nil {
		if path := new(fs.PathError); errors.As(err, &path) {
			err = path.Err
		}
		return source{}, fmt.Errorf("%s: %w", arg, err)
	}
	return source{arg, text, strings.TrimSuffix(filepath.Base(arg), filepath.Ext(arg))}, nil
}

func nearest(name string) string {
	if n := diag.Nearest(name, scenarios.Names()); n != "" {
		return fmt.Sprintf(" (did you mean %q?)", "@"+n)
	}
	return ""
}

// load reads and checks a scenario, and writes what is wrong with it or odd.
func (e *Env) load(arg string, set []string, findings io.Writer) (*scenario.Scenario, error) {
	src, err := e.read(arg)
	if err != nil {
		return nil, err
	}
	o := scenario.Options{BaseName: src.base, ReadFile: func(name string) ([]byte, error) {
		if !filepath.IsAbs(name) && arg != "-" && !strings.HasPrefix(arg, "@") {
			name = filepath.Join(filepath.Dir(arg), name)
		}
		return e.ReadFile(name)
	}}
	for _, s := range set {
		o.Set = append(o.Set, scenario.Override(s))
	}
	s, found := scenario.Load(src.name, src.text, o)
	printFindings(findings, found)
	if found.HasErrors() {
		return nil, exitError{ExitWrong}
	}
	return s, nil
}

// sortedNames are the names of the scenarios that ksim brings along.
func sortedNames() []string { return slices.Sorted(slices.Values(scenarios.Names())) }
