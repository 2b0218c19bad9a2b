package cli

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watcher tells of changes of files.
type Watcher interface {
	// Next waits for a change of a scenario, or of what one needs, in one of the
	// folders, and gives the files that have changed.
	Next(folders []string) (changed []string, err error)
	Close() error
}

// settle is how long it must be quiet after a change: editors write in several
// steps.
const settle = 100 * time.Millisecond

// watched is the endings of the files that count: scenarios, golden traces, and
// the durations that a scenario may read from a file.
var watched = []string{".yaml", ".yml", ".csv", ".jsonl", ".gz"}

// osWatcher watches folders, not files: editors put a new file in the old one's
// place.
type osWatcher struct{ *fsnotify.Watcher }

func watchFiles() (Watcher, error) {
	w, err := fsnotify.NewWatcher()
	return osWatcher{w}, err
}

// Next waits for a change.
func (w osWatcher) Next(folders []string) ([]string, error) {
	for _, f := range folders {
		if err := w.Add(f); err != nil {
			return nil, err
		}
	}
	var changed []string
	quiet := time.NewTimer(settle)
	defer quiet.Stop()
	for {
		select {
		case err := <-w.Errors:
			return nil, err
		case e := <-w.Events:
			if counts(e) && !slices.Contains(changed, e.Name) {
				changed = append(changed, e.Name)
			}
			quiet.Reset(settle)
		case <-quiet.C:
			if len(changed) > 0 {
				return changed, nil
			}
		}
	}
}

// counts tells whether an event is of a file that matters.
func counts(e fsnotify.Event) bool {
	return e.Op != fsnotify.Chmod && !strings.HasPrefix(filepath.Base(e.Name), ".") && slices.Contains(watched, filepath.Ext(e.Name))
}
