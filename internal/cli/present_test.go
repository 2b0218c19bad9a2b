package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestStageFolder makes sure that what a screen shows is written only where nobody else
// reads it, or leads it away: among everybody's temporary files the folder may be there
// already, and be somebody else's.
func TestStageFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders have no such permissions there")
	}
	root := t.TempDir()
	for name, prepare := range map[string]func(folder string) error{
		"none":         func(string) error { return nil },
		"one's own":    func(folder string) error { return os.Mkdir(folder, 0o700) },
		"everybody's":  func(folder string) error { return os.Mkdir(folder, 0o700) },
		"a link to it": func(folder string) error { return os.Symlink(root, folder) },
	} {
		folder := filepath.Join(root, name)
		if err := prepare(folder); err != nil {
			t.Fatal(err)
		}
		if name == "everybody's" { // whatever the umask
			if err := os.Chmod(folder, 0o777); err != nil {
				t.Fatal(err)
			}
		}
		w := stageWriter{file: filepath.Join(folder, "present.json")}
		if err, refused := w.begin(), name == "everybody's" || name == "a link to it"; (err != nil) != refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}
