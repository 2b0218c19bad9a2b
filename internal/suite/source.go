package suite

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"ksim/scenarios"
	"ksim/sim/diag"
	"ksim/sim/scenario"
)

// Files is the outside that scenarios are read from.
type Files struct {
	ReadFile func(name string) ([]byte, error)
	WalkDir  func(root string, visit fs.WalkDirFunc) error
	Stdin    func() ([]byte, error) // for `-`; may be nil
}

// Source is a scenario file that has been read and not been parsed.
type Source struct {
	Name string // as messages show it: a path, @name or <stdin>
	Base string // the scenario's `name` where the file gives none
	Text []byte

	path  string // of a file on disk, else ""
	files *Files
}

// Read finds one scenario: a file, `@name` among those that ksim brings along, or
// `-`, standard input.
func (f *Files) Read(arg string) (Source, error) {
	if arg == "-" && f.Stdin != nil {
		text, err := f.Stdin()
		if err != nil {
			err = fmt.Errorf("<stdin>: %w", err)
		}
		return Source{Name: "<stdin>", Base: "stdin", Text: text, files: f}, err
	}
	if name, ok := strings.CutPrefix(arg, "@"); ok {
		return f.readOwn(name)
	}
	if arg == "" {
		return Source{}, errNoName
	}
	text, err := f.ReadFile(arg)
	if err != nil {
		return Source{}, unreadable(arg, err)
	}
	base := strings.TrimSuffix(filepath.Base(arg), filepath.Ext(arg))
	return Source{Name: arg, Base: base, Text: text, path: arg, files: f}, nil
}

// readOwn reads a scenario that ksim brings along.
func (f *Files) readOwn(name string) (Source, error) {
	switch found := scenarios.Find(name); len(found) {
	case 0:
		hint := ""
		if near := diag.Nearest(name, shortAndLong()); near != "" {
			hint = fmt.Sprintf(" (did you mean %q?)", "@"+near)
		}
		return Source{}, fmt.Errorf("no scenario %q%s; `ksim list` names them all", "@"+name, hint)
	case 1:
		text, err := scenarios.Files.ReadFile(found[0])
		return Source{Name: "@" + name, Base: path.Base(strings.TrimSuffix(found[0], ".yaml")), Text: text, files: f}, err
	default:
		for i := range found {
			found[i] = "@" + strings.TrimSuffix(found[i], ".yaml")
		}
		return Source{}, fmt.Errorf("several scenarios are called %q: %s", "@"+name, strings.Join(found, ", "))
	}
}

// shortAndLong are all names that `@name` takes, without their folders first.
func shortAndLong() []string {
	long := scenarios.Names()
	names := make([]string, len(long), 2*len(long))
	for i, n := range long {
		names[i] = scenarios.Short(n)
	}
	return append(names, long...)
}

// ErrTooLarge is what ReadFile says of a file that is too large to be a scenario.
var ErrTooLarge = errors.New("larger than 64 MB")

// errNoName is the error of an argument without a character.
var errNoName = errors.New(`"" names no file: expected a scenario, a folder or @NAME`)

// unreadable is the error of a file, without the system call that failed.
func unreadable(name string, err error) error {
	if path := new(fs.PathError); errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%s: %w", filepath.Clean(name), err)
}

// Load parses and checks the scenario, with changes as `--set` takes them. The
// Scenario is nil when the findings have errors.
func (s *Source) Load(set []string) (*scenario.Scenario, diag.List) {
	return scenario.Load(s.Name, s.Text, s.options(set))
}

// Refusals are the `refused` expectations of a file that Load refuses.
func (s *Source) Refusals(set []string) []scenario.Expectation {
	return scenario.Refusals(s.Name, s.Text, s.options(set))
}

func (s *Source) options(set []string) scenario.Options {
	o := scenario.Options{BaseName: s.Base, ReadFile: func(name string) ([]byte, error) {
		if s.path != "" && !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(s.path), name)
		}
		return s.files.ReadFile(name)
	}}
	for _, x := range set {
		o.Set = append(o.Set, scenario.Override(x))
	}
	return o
}
