package suite

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"ksim/scenarios"
)

// Find reads the scenarios that arguments name, each once, in the order of the
// arguments and, within a folder, of the paths: a file; a folder with all below it
// (`dir` and `dir/...` are the same); `@name`, `@folder/...` and `@...` of those that
// ksim brings along; `-`, standard input.
func (f *Files) Find(args []string) ([]Source, error) {
	var all []Source
	seen := map[string]bool{}
	add := func(s ...Source) {
		for _, x := range s {
			key := x.Name
			if x.path != "" {
				key = filepath.Clean(x.path)
			}
			if !seen[key] {
				seen[key] = true
				all = append(all, x)
			}
		}
	}
	for _, arg := range args {
		found, err := f.find(arg)
		if err != nil {
			return nil, err
		}
		add(found...)
	}
	return all, nil
}

// find reads what one argument names.
func (f *Files) find(arg string) ([]Source, error) {
	if own, ok := strings.CutPrefix(arg, "@"); ok && (own == "..." || strings.HasSuffix(own, "/...")) {
		return f.findOwn(arg, strings.TrimSuffix(strings.TrimSuffix(own, "..."), "/"))
	}
	if arg == "" {
		return nil, errNoName
	}
	if arg == "-" || strings.HasPrefix(arg, "@") {
		s, err := f.Read(arg)
		return []Source{s}, err
	}
	found, isFolder, err := f.walk(f.followed(folder(arg)))
	if err == nil && isFolder && len(found) == 0 {
		err = fmt.Errorf("%s: there is no scenario in it (a file *.yaml with the key ksim)", arg)
	}
	return found, err
}

// followed is a folder behind a link, written so that a walk enters it; all else
// stays as it is.
func (f *Files) followed(root string) string {
	link := false
	f.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
		link = err == nil && d.Type()&fs.ModeSymlink != 0
		return fs.SkipAll
	})
	if !link {
		return root
	}
	if _, err := f.ReadFile(root); err == nil {
		return root
	}
	return root + string(filepath.Separator)
}

// findOwn reads the scenarios of a folder ("": of all) that ksim brings along.
func (f *Files) findOwn(arg, folder string) ([]Source, error) {
	var found []Source
	for _, name := range scenarios.Names() {
		if folder == "" || strings.HasPrefix(name, folder+"/") {
			s, err := f.readOwn(name)
			if err != nil {
				return nil, err
			}
			found = append(found, s)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no scenario matches %q; `ksim list` names them all", arg)
	}
	return found, nil
}

// walk reads a file whatever it is, or the scenarios of a folder.
func (f *Files) walk(root string) (found []Source, isFolder bool, err error) {
	err = f.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return unreadable(path, err)
		case d.IsDir():
			isFolder = isFolder || path == root
			if path != root && skipped(d.Name()) {
				return fs.SkipDir
			}
			return nil
		case path != root && (!slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(path)) || skipped(d.Name())):
			return nil
		}
		s, err := f.Read(path)
		if path != root && errors.Is(err, ErrTooLarge) {
			return nil // somebody's data
		}
		if err == nil && (path == root || isScenario(s.Text)) {
			found = append(found, s)
		}
		return err
	})
	return found, isFolder, err
}

// skipped tells whether a search passes over a name: what is hidden, and what
// others' packages are unpacked into.
func skipped(name string) bool {
	return strings.HasPrefix(name, ".") || name == "node_modules" || name == "vendor"
}

// scenarioKey is how a scenario tells itself from other YAML files in a folder.
var scenarioKey = regexp.MustCompile(`(?m)^(\{[ \t]*)?["']?ksim["']?[ \t]*:`)

func isScenario(text []byte) bool { return scenarioKey.Match(text) }

// Folders are the folders in which files that the arguments name may change: those
// of the files, and folders with all below them.
func (f *Files) Folders(args []string) ([]string, error) {
	var folders []string
	for _, arg := range args {
		if arg == "-" || strings.HasPrefix(arg, "@") {
			continue
		}
		root := f.followed(folder(arg))
		err := f.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return unreadable(path, err)
			case !d.IsDir() && path == root:
				folders = append(folders, filepath.Dir(path))
			case d.IsDir() && path != root && skipped(d.Name()):
				return fs.SkipDir
			case d.IsDir():
				folders = append(folders, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return folders, nil
}

// folder takes the dots off `dir/...`.
func folder(arg string) string {
	if arg == "..." || strings.HasSuffix(filepath.ToSlash(arg), "/...") {
		return filepath.Clean(strings.TrimSuffix(arg, "...") + ".")
	}
	return arg
}
